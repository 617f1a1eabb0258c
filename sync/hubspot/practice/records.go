package practice

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// symbol is an interned property name: a record refers to its properties by
// number, so that a hundred thousand records share the names.
type symbol uint32

type symbols struct {
	text []string
	of   map[string]symbol
}

func (s *symbols) init() { s.of = make(map[string]symbol) }

func (s *symbols) intern(name string) symbol {
	if n, ok := s.of[name]; ok {
		return n
	}
	n := symbol(len(s.text))
	s.text = append(s.text, name)
	s.of[name] = n
	return n
}

// source is who wrote a value, as property history tells it.
type source struct {
	Type, ID, Label string
	UserID          int64
}

func (p *Portal) sourceID(s source) uint32 {
	if i := slices.Index(p.sources, s); i >= 0 {
		return uint32(i)
	}
	p.sources = append(p.sources, s)
	return uint32(len(p.sources) - 1)
}

// cell is the present value of one property with its past.
type cell struct {
	name   symbol
	source uint32
	at     int64 // epoch ms
	value  string
	older  *version
}

type version struct {
	value  string
	at     int64
	source uint32
	older  *version
}

// state is all that can change about a record. States are immutable, so that
// the search index can hold on to an old one for nothing.
type state struct {
	cells      []cell // by symbol
	modified   int64  // epoch ms
	archivedAt int64  // epoch ms, 0 = live
	seq        uint64
}

// object is a record.
type object struct {
	*state    // the truth
	kind      *kind
	id        uint64
	created   int64 // epoch ms
	creator   uint32
	indexed   *state // what search believes; nil = not there yet
	edges     []edge // by (type, id) of the other end
	merged    []uint64
	secondary []string // further e-mail addresses of a contact
}

func (o *object) live() bool { return o.archivedAt == 0 }

func (o *object) idText() string { return strconv.FormatUint(o.id, 10) }

func (s *state) cell(name symbol) *cell {
	i, ok := slices.BinarySearchFunc(s.cells, name, func(c cell, n symbol) int { return int(c.name) - int(n) })
	if !ok {
		return nil
	}
	return &s.cells[i]
}

// stored is a value that was written, "" if none.
func (s *state) stored(name symbol) string {
	if c := s.cell(name); c != nil {
		return c.value
	}
	return ""
}

// value is what a read of the property gives; ok is false for no value.
func (p *Portal) value(o *object, s *state, name symbol) (string, bool) {
	if f := o.kind.computed[name]; f != nil {
		v := f(p, o, s)
		return v, v != ""
	}
	c := s.cell(name)
	if c == nil {
		return "", false
	}
	if c.value == "" && p.opt.Switches.ClearedReadsNull {
		return "", false
	}
	return c.value, true
}

// text is value for a name, "" if there is none.
func (p *Portal) text(o *object, name string) string {
	n, ok := p.names.of[name]
	if !ok {
		return ""
	}
	v, _ := p.value(o, o.state, n)
	return v
}

// assignment is a validated, normalised value for a property.
type assignment struct {
	name  symbol
	value string
}

// assign gives the record a new state with the values set. Values that are
// already there leave no trace, unless the switch says they touch the date.
func (p *Portal) assign(o *object, set []assignment, by uint32) {
	now := p.millis()
	next := &state{modified: o.modified, archivedAt: o.archivedAt}
	changed := p.opt.Switches.RewriteTouches && len(set) > 0
	next.cells = make([]cell, len(o.cells), len(o.cells)+len(set))
	copy(next.cells, o.cells)
	var told []Event
	for _, a := range set {
		i, ok := slices.BinarySearchFunc(next.cells, a.name, func(c cell, n symbol) int { return int(c.name) - int(n) })
		if !ok {
			next.cells = slices.Insert(next.cells, i, cell{name: a.name, source: by, at: now, value: a.value})
			changed = true
			if a.value == "" { // it reads "" from now on, which is no other value
				continue
			}
			told = append(told, Event{Kind: ValueSet, Property: p.names.text[a.name], After: a.value, Person: p.inPerson(by)})
			continue
		}
		c := &next.cells[i]
		if c.value == a.value {
			continue
		}
		told = append(told, Event{Kind: ValueSet, Property: p.names.text[a.name], Before: c.value, After: a.value, Person: p.inPerson(by)})
		c.older = &version{c.value, c.at, c.source, c.older}
		c.value, c.at, c.source = a.value, now, by
		changed = true
	}
	if !changed {
		return
	}
	next.modified = max(now, o.modified)
	p.publish(o, next)
	slices.SortFunc(told, func(a, b Event) int { return strings.Compare(a.Property, b.Property) })
	for _, e := range told {
		p.tell(e, o)
	}
}

// publish makes a state the truth and sends it on its way to the index.
func (p *Portal) publish(o *object, next *state) {
	p.seq++
	next.seq = p.seq
	o.state = next
	at := p.reindex(o)
	if o.kind.objects[o.id] == o {
		p.changes.record(p, o, next, at)
	} else {
		p.changes.gone(p, o, next, at)
	}
}

// touch moves the modified date for a reason outside the properties.
func (p *Portal) touch(o *object) {
	next := *o.state
	next.modified = max(p.millis(), o.modified)
	p.publish(o, &next)
}

// setArchived archives or restores.
func (p *Portal) setArchived(o *object, archived, person bool) {
	next := *o.state
	happened := Event{Kind: RecordRestored, Person: person}
	if archived || !p.opt.Switches.RestoresKeepDate {
		next.modified = max(p.millis(), o.modified)
	}
	if archived {
		next.archivedAt = p.millis()
		o.kind.live--
		happened.Kind = RecordArchived
	} else {
		next.archivedAt = 0
		o.kind.live++
	}
	p.publish(o, &next)
	p.tell(happened, o)
}

// newObject makes a live record; its values follow by assign.
func (p *Portal) newObject(k *kind, id uint64, created int64, by uint32) *object {
	p.seq++
	o := &object{kind: k, id: id, created: created, creator: by}
	o.state = &state{modified: p.millis(), seq: p.seq}
	k.insert(o)
	k.live++
	return o
}

// instant writes a time as HubSpot does: UTC, milliseconds only if there are any.
func instant(ms int64) string {
	return string(appendInstant(nil, ms))
}

func appendInstant(b []byte, ms int64) []byte {
	t := time.UnixMilli(ms).UTC()
	if ms%1000 == 0 {
		return t.AppendFormat(b, "2006-01-02T15:04:05Z")
	}
	return t.AppendFormat(b, "2006-01-02T15:04:05.000Z")
}
