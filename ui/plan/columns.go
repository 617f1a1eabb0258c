package plan

import (
	"slices"

	"syncline/app"
	"syncline/ui/look"
	"syncline/ui/widgets"
	"syncline/ui/widgets/grid"
)

// prefColumns are the properties that are shown of a sync's plans, with its id.
const prefColumns = "plan.columns."

func (s *Screen) prefColumns() string { return prefColumns + s.view.Sync.UID }

// startColumns are those that were chosen for the sync and change in this plan, or
// else the ones that change most.
func (s *Screen) startColumns() {
	for _, name := range s.w.Fyne.Preferences().StringList(s.prefColumns()) {
		if i := slices.IndexFunc(s.view.Columns, func(c app.PlanColumn) bool { return c.Property == name }); i >= 0 {
			s.columns = append(s.columns, s.view.Columns[i])
		}
	}
	if len(s.columns) == 0 {
		s.columns = s.view.Columns[:min(len(s.view.Columns), shownColumns)]
	}
}

// showColumns shows the row's fate and name, and the chosen properties.
func (s *Screen) showColumns() {
	cols := []grid.Column{
		{ID: "take", Check: true, Width: 36, Fixed: true},
		{ID: app.OrderFate, Title: "", Width: 40, Fixed: true, Sortable: true},
		{ID: app.OrderName, Title: "Row", Width: 210, Grow: 1, Lead: true, Sortable: true},
	}
	for _, p := range s.columns {
		cols = append(cols, grid.Column{ID: p.Property, Title: p.Title, Width: 150, Min: 90, Grow: 1, Sortable: true})
	}
	s.grid.SetColumns(cols...)
	s.grid.SetSorted(s.order.By, s.order.Descending)
}

// chooseColumns asks which properties are shown.
func (s *Screen) chooseColumns() {
	lines := make([]widgets.PickLine, len(s.view.Columns))
	var on []int
	for i, c := range s.view.Columns {
		lines[i] = widgets.PickLine{Text: c.Title, Note: look.Count(c.Changes, "change", "changes"), Also: c.Property}
	}
	for _, c := range s.columns {
		on = append(on, slices.IndexFunc(s.view.Columns, func(x app.PlanColumn) bool { return x.Property == c.Property }))
	}
	widgets.PickSeveral(s.w.Win.Canvas(), "Columns", "Show these", lines, on, func(picked []int) {
		s.columns = nil
		var names []string
		for _, i := range picked {
			s.columns = append(s.columns, s.view.Columns[i])
			names = append(names, s.view.Columns[i].Property)
		}
		s.w.Fyne.Preferences().SetStringList(s.prefColumns(), names)
		if len(names) == 0 {
			s.startColumns()
		}
		if s.order.By != app.OrderName && s.order.By != app.OrderFate && !slices.Contains(names, s.order.By) {
			s.order = app.ItemOrder{}
		}
		s.showColumns()
		s.filter()
		s.grid.Focus()
	})
}

// sorted lists the rows in another order.
func (s *Screen) sorted(by string, descending bool) {
	s.order = app.ItemOrder{By: by, Descending: descending}
	s.filter()
}

// ChooseColumns presses the button that asks which properties are shown.
func (s *Screen) ChooseColumns() { s.chooseColumns() }
