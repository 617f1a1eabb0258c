package definition

import (
	"slices"
	"strings"
)

// Pair is one line of a value map: a field's value and the property's value.
type Pair struct{ Field, Property string }

// ValueMap translates a field's values into a property's and back. It keeps
// the order it was written in, does not change, and is safe for concurrent
// use. A nil map translates nothing.
type ValueMap struct {
	pairs    []Pair
	to, from lookup
}

// NewValueMap returns the map of these pairs. Where a value stands in several
// of them, the first one counts.
func NewValueMap(pairs ...Pair) *ValueMap {
	m := &ValueMap{pairs: slices.Clone(pairs), to: newLookup(), from: newLookup()}
	for _, p := range pairs {
		m.to.add(p.Field, p.Property)
		m.from.add(p.Property, p.Field)
	}
	return m
}

// Pairs returns the lines of the map in their order.
func (m *ValueMap) Pairs() []Pair {
	if m == nil {
		return nil
	}
	return slices.Clone(m.pairs)
}

// To returns the property's value for a field's. A value that is written
// differently only in case and surrounding spaces is found too, unless the map
// has several of those.
func (m *ValueMap) To(v string) (string, bool) {
	if m == nil {
		return "", false
	}
	return m.to.find(v)
}

// From returns the field's value for a property's, found like To.
func (m *ValueMap) From(v string) (string, bool) {
	if m == nil {
		return "", false
	}
	return m.from.find(v)
}

// Equal reports whether both maps have the same lines in the same order.
func (m *ValueMap) Equal(o *ValueMap) bool {
	if m == nil || o == nil {
		return m == o
	}
	return slices.Equal(m.pairs, o.pairs)
}

// ambiguous returns the pairs whose property value an earlier pair has too, so
// that the way back does not know which field value is meant.
func (m *ValueMap) ambiguous() []int {
	var out []int
	first := map[string]bool{}
	for i, p := range m.Pairs() {
		if first[p.Property] {
			out = append(out, i)
		}
		first[p.Property] = true
	}
	return out
}

// lookup finds a value exactly, or else by its folded form.
type lookup struct {
	exact  map[string]string
	folded map[string]string
	many   map[string]bool // folded forms that several values share
}

func newLookup() lookup {
	return lookup{exact: map[string]string{}, folded: map[string]string{}, many: map[string]bool{}}
}

func (l lookup) add(key, value string) {
	if _, ok := l.exact[key]; ok {
		return
	}
	l.exact[key] = value
	f := fold(key)
	if _, ok := l.folded[f]; ok {
		l.many[f] = true
		return
	}
	l.folded[f] = value
}

func (l lookup) find(key string) (string, bool) {
	if v, ok := l.exact[key]; ok {
		return v, true
	}
	f := fold(key)
	if l.many[f] {
		return "", false
	}
	v, ok := l.folded[f]
	return v, ok
}

func fold(s string) string { return strings.ToLower(strings.TrimSpace(s)) }
