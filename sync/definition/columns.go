package definition

import (
	"slices"

	"syncline/sync/record"
)

// Columns are the columns of the source that the sync looks at or writes, each
// once, sorted.
func (d *Definition) Columns() []string {
	all := append(slices.Clone(d.Source.Key), d.Source.Modified)
	if f := d.Delete.FlagRow; f != nil {
		all = append(all, f.Field)
	}
	for _, k := range d.HubSpot.Match {
		all = append(all, k.Field)
	}
	all = append(all, d.AssociationColumns()...)
	all = append(all, d.DeliverColumns()...)
	for _, f := range d.Fields {
		all = append(all, f.Field)
		for _, s := range append(slices.Clone(f.ToHubSpot), f.FromHubSpot...) {
			all = append(all, s.Columns()...)
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	return slices.DeleteFunc(all, func(name string) bool { return name == "" })
}

// NumberMarks are the signs in which the fields of each column read its numbers,
// where they are not HubSpot's own.
func (d *Definition) NumberMarks() map[string][]record.NumberMarks {
	all := map[string][]record.NumberMarks{}
	for _, f := range d.Fields {
		for _, s := range f.ToHubSpot {
			if marks, other := s.NumberMarks(); other && f.Field != "" && f.Flows(ToHubSpot) {
				all[f.Field] = append(all[f.Field], marks)
			}
		}
	}
	return all
}
