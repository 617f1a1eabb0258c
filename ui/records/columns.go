package records

import (
	"strings"

	"syncline/sync/record"
	"syncline/ui/widgets/grid"
)

func (s *Screen) showColumns() {
	cols := []grid.Column{{ID: "hs_object_id", Title: s.object.LabelSingular, Width: 190, Grow: 2, Lead: true, Sortable: !s.object.NoSearch}}
	for _, name := range s.columns {
		p, _ := s.recs.Property(name)
		c := grid.Column{ID: name, Title: p.Label, Width: 150, Grow: 1, Min: 90, Sortable: !s.object.NoSearch}
		switch {
		case p.Type == record.TypeNumber && !p.External:
			c.Align = grid.Right
		case p.Type == record.TypeDateTime, p.Type == record.TypeDate:
			c.Width, c.Grow, c.Align = 120, 0, grid.Right
		}
		cols = append(cols, c)
	}
	s.grid.SetColumns(cols...)
	s.showSort()
}

// choices are properties to choose from.
func choices(all []record.Property) []choice {
	out := make([]choice, len(all))
	for i, p := range all {
		out[i] = choice{p.Name, p.Label, p.Name}
	}
	return out
}

// showSort marks the column by which the records are sorted. Members of a list come by their ids.
func (s *Screen) showSort() {
	sort := s.sort
	if s.segment != nil {
		sort = ""
	}
	s.grid.SetSorted(strings.TrimPrefix(sort, "-"), strings.HasPrefix(sort, "-"))
}

func (s *Screen) pickProperty(title, now string, do func(string)) {
	if s.recs != nil {
		s.pickOne(title, choices(s.recs.Filterable()), now, do)
	}
}

func (s *Screen) chooseColumns() {
	if s.recs == nil {
		return
	}
	recs := s.recs
	s.pickSeveral("Columns", "Show these", choices(recs.Properties), s.columns, func(names []string) {
		if s.recs != recs {
			return
		}
		if len(names) == 0 {
			names = recs.UsualColumns()
		}
		s.columns = names
		s.w.Fyne.Preferences().SetStringList(prefColumns+recs.Object.ID, names)
		s.showColumns()
		s.search()
	})
}
