package suggest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"syncline/sync/hubspot"
	"syncline/sync/source"
)

// Association is a proposed line from a column to the records of another
// object type, which its cells name.
type Association struct {
	Field  string
	To     string // "companies"
	Match  string // the property that finds the record
	Split  string // what parts several in one cell, "" for one a cell
	Reason string // why, as a sentence without a full stop
}

// Associations proposes at most one column for each object type: the one whose
// cells are web addresses or domains for companies, the one whose cells are
// e-mail addresses for contacts. object is the sync's own type, which is not
// associated with itself here, and its own addresses are left to the field map.
// A column in taken takes no part. The result is in the order of the columns.
func Associations(columns []source.Column, object string, taken []string) []Association {
	var out []Association
	for _, t := range hubspot.OfferedTypes() {
		if t.Name == object || t.Domain == "" && t.Email == "" {
			continue // nothing in a cell tells that it names one
		}
		best, most := Association{}, 0
		for _, c := range columns {
			if slices.Contains(taken, c.Name) {
				continue
			}
			if a, rank := associate(c, t); rank > most {
				best, most = a, rank
			}
		}
		if most > 0 {
			out = append(out, best)
		}
	}
	at := func(a Association) int {
		return slices.IndexFunc(columns, func(c source.Column) bool { return c.Name == a.Field })
	}
	slices.SortStableFunc(out, func(a, b Association) int { return at(a) - at(b) })
	return out
}

// associate is the proposal for one column, and how good it is: 0 for none.
func associate(c source.Column, to hubspot.ObjectType) (Association, int) {
	split, parts := Split(c.Samples)
	a := Association{Field: c.Name, To: to.Name, Split: split}
	several := ""
	if split != "" {
		several = fmt.Sprintf(", several in a cell with “%s” between them", split)
	}
	names := spellOf(c.Name).words
	switch shape := shapeOf(parts, c.Type); {
	case to.Domain != "" && shape == shapeURL && !sameHost(parts):
		a.Match, a.Reason = to.Domain, "The values are "+urlWords(parts)+several+", which name companies by their domain"
		if has(names, "domain", "company", "account", "firma", "organization", "organisation") {
			return a, 2
		}
		return a, 1
	case to.Email != "" && shape == shapeEmail && !has(names, "owner", "manager", "rep", "agent", "assignee", "user", "seller"):
		a.Match, a.Reason = to.Email, "The values are e-mail addresses"+several+", which name contacts"
		return a, 1
	}
	return Association{}, 0
}

// AssociationKey is the property by which the values of a column most likely
// find records of a type, of those that are usual there; "" where none is.
func AssociationKey(c source.Column, to string) string {
	_, parts := Split(c.Samples)
	t, _ := hubspot.FindObjectType(to)
	switch shape := shapeOf(parts, c.Type); {
	case NamesRecordID(c.Name):
		return "hs_object_id"
	case t.Domain != "" && (shape == shapeURL || shape == shapeNone):
		return t.Domain
	}
	if usual := AssociationKeys(to); len(usual) > 0 {
		return usual[len(usual)-1]
	}
	return ""
}

// AssociationKeys are the properties by which records of a type are usually
// known, the surest first.
func AssociationKeys(to string) []string {
	t, _ := hubspot.FindObjectType(to)
	return t.Keys
}

// Split finds what parts several domains or addresses in one cell, and returns
// all parts of the samples. It is "" where each cell names one.
func Split(samples []string) (mark string, parts []string) {
	for _, mark := range []string{";", ",", "|"} {
		parts = parts[:0]
		several := false
		for _, s := range samples {
			found := strings.Split(s, mark)
			several = several || len(found) > 1
			for _, one := range found {
				if one = strings.TrimSpace(one); one != "" {
					parts = append(parts, one)
				}
			}
		}
		if shape := shapeOf(parts, ""); several && (shape == shapeURL || shape == shapeEmail) {
			return mark, parts
		}
	}
	return "", samples
}

// sameHost reports whether web addresses lead to one site only, as those of
// profiles and pictures do.
func sameHost(addresses []string) bool {
	hosts := map[string]bool{}
	for _, a := range addresses {
		if a = strings.ToLower(strings.TrimSpace(a)); a == "" {
			continue
		}
		if !strings.Contains(a, "://") {
			a = "//" + a
		}
		if u, err := url.Parse(a); err == nil {
			hosts[strings.TrimPrefix(u.Host, "www.")] = true
		}
	}
	return len(hosts) == 1 && len(addresses) > 1
}

func urlWords(parts []string) string {
	if slices.ContainsFunc(parts, func(s string) bool { return strings.ContainsAny(s, "/:") }) {
		return "web addresses"
	}
	return "domains"
}

func has(words []string, any ...string) bool {
	return slices.ContainsFunc(any, func(w string) bool { return slices.Contains(words, w) })
}
