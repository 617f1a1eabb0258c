package mapping

import (
	"fmt"
	"slices"
	"strings"

	"syncline/sync/definition"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// Folded is the form in which HubSpot tells values of unique properties apart:
// without case, and without space around them.
func Folded(v record.Value) string { return strings.ToLower(record.Trimmed(v.String())) }

// RowUnique gives a row's value of each unique property that the sync writes.
func (m *FieldMap) RowUnique(values record.Values) []string {
	all := make([]string, len(m.unique))
	for i, f := range m.unique {
		all[i] = Folded(values[f.Property])
	}
	return all
}

// RecordUnique gives a record's values of each unique property that the sync
// writes.
func (m *FieldMap) RecordUnique(properties record.Values) [][]string {
	all := make([][]string, len(m.unique))
	for i, f := range m.unique {
		all[i] = []string{Folded(properties[f.Property])}
		if name := f.further(); name != "" {
			for _, v := range strings.Split(properties[name].String(), ";") {
				if v = Folded(record.Text(v)); v != "" {
					all[i] = append(all[i], v)
				}
			}
		}
	}
	return all
}

// Claim is a unique value that edits give to a record.
type Claim struct {
	Nth    int // among the unique properties, as in RowUnique
	Field  *Field
	Value  record.Value
	Folded string
}

// Claims are the unique values that edits write.
func (m *FieldMap) Claims(edits []plan.Edit) []Claim {
	var all []Claim
	for i, f := range m.unique {
		for _, e := range edits {
			if v := Value(e.New); e.Action == plan.EditHubSpot && e.Property == f.Property && !v.Empty() {
				all = append(all, Claim{Nth: i, Field: f, Value: v, Folded: Folded(v)})
			}
		}
	}
	return all
}

// Identifies reports whether a property names the record that a row is about: a
// contact's address, or a match key that HubSpot keeps unique.
func (m *FieldMap) Identifies(property string) bool {
	f := m.ByProperty[property]
	return f != nil && (f.kind == kindEmail || f.Schema.Unique && f.key && slices.ContainsFunc(m.Definition.HubSpot.Match, func(k definition.MatchKey) bool { return k.Property == property }))
}

// Lacking says which properties a new record must have and edits do not give
// it, "" where none is missing.
func (m *FieldMap) Lacking(edits []plan.Edit) string {
	var all []string
	for _, group := range m.Object.Required {
		given := slices.ContainsFunc(edits, func(e plan.Edit) bool {
			return e.Action == plan.EditHubSpot && slices.Contains(group, e.Property) && !Value(e.New).Empty()
		})
		if !given {
			all = append(all, fmt.Sprintf("HubSpot makes no record without %s, and the row has none: fill it, or map a column to it", strings.Join(m.labels(group), " or ")))
		}
	}
	return strings.Join(all, "; ")
}

// labels are what HubSpot calls mapped properties, and the names of others.
func (m *FieldMap) labels(names []string) []string {
	all := slices.Clone(names)
	for i, name := range names {
		if f := m.ByProperty[name]; f != nil && f.Schema.Label != "" {
			all[i] = f.Schema.Label
		}
	}
	return all
}
