package plan

import (
	"context"
	"slices"

	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/sync/plan"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/widgets/grid"
	"syncline/ui/wording"
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

// becomesWidth is how wide the dialog of values is.
const becomesWidth float32 = 720

// showValues shows what each value of a property becomes, with how often. Rows are
// taken out of the plan, or put back, by what they change.
func (s *Screen) showValues(property, title string) {
	shell.LoadKept(s.w, &s.values, func(ctx context.Context) ([]app.Becoming, error) { return s.w.App.Becomes(ctx, s.view.ID, property) }, func(all []app.Becoming) {
		s.openValues(title, all)
	}, nil)
}

func (s *Screen) openValues(title string, all []app.Becoming) {
	changed := map[int]bool{} // those whose rows are taken out or put back here
	g := grid.New(look.RowCompact,
		grid.Column{ID: "take", Check: true, Width: 36, Fixed: true},
		grid.Column{ID: "n", Title: "Rows", Width: 76, Align: grid.Right},
		grid.Column{ID: "from", Title: "There now", Width: 200, Grow: 1, Lead: true},
		grid.Column{ID: "to", Title: "Becomes", Width: 200, Grow: 1})
	g.Length = func() int { return len(all) }
	g.Cell = func(row, col int) grid.Cell { return s.becomesCell(all[row], changed[row], col) }
	d := widgets.NewDialog("What each value of "+title+" becomes", look.Count(len(all), "change", "changes")+" in this plan, the most frequent first", nil)
	if !s.applied && !s.undoes() {
		d.Sub += " · a tick taken away takes its rows out of the plan"
		g.OnChecked = func(row int) {
			if changed[row] = !changed[row]; !changed[row] {
				delete(changed, row)
			}
			g.RefreshRow(row)
			d.Primary.SetText(takeWords(all, changed))
		}
	}
	g.Empty = widgets.NewEmptyState("unchanged", "No value is written", "This plan writes nothing to it.", nil)
	d.Content = container.New(layouts.Tall(min(look.GridHeader+float32(max(len(all), 4))*look.RowCompact, s.w.Win.Canvas().Size().Height-260)), widgets.NewFlushCard(g))
	d.Width = min(becomesWidth, s.w.Win.Canvas().Size().Width-80)
	d.OnCancel = s.grid.Focus
	d.Primary = widgets.NewButton(widgets.Primary, "", takeWords(all, changed), func() {
		d.Close()
		s.grid.Focus()
		for row := range changed {
			s.exclude(all[row].Items, !out(all[row]))
		}
	})
	d.Others = []*widgets.Button{widgets.NewButton(widgets.Plain, "", "Cancel", d.Cancel)}
	d.Open(s.w.Win.Canvas())
	g.Select(0)
	g.Focus()
}

// out reports whether all rows of a change are taken out of the plan.
func out(b app.Becoming) bool { return b.Out == len(b.Items) }

// takeWords say what the dialog's button does.
func takeWords(all []app.Becoming, changed map[int]bool) string {
	rows := 0
	for row := range changed {
		rows += len(all[row].Items)
	}
	if rows == 0 {
		return "Close"
	}
	return "Change the plan for " + look.Count(rows, "row", "rows")
}

func (s *Screen) becomesCell(b app.Becoming, changed bool, col int) grid.Cell {
	switch col {
	case 0:
		switch {
		case s.applied || s.undoes():
			return grid.Cell{}
		case out(b) != changed:
			return grid.Cell{Check: grid.Unchecked}
		case b.Out > 0 && !changed:
			return grid.Cell{Check: grid.SomeChecked}
		}
		return grid.Cell{Check: grid.Checked}
	case 1:
		return grid.Cell{Text: look.Number(len(b.Items)), Style: grid.Label}
	case 2:
		return grid.Cell{Text: wording.OrNothing(b.From), Style: grid.Label}
	}
	c := grid.Cell{Text: wording.OrNothing(b.To)}
	if b.Side == plan.Source {
		c.Icon, c.IconInk = look.Source.Icon(), look.Source.Text()
	}
	return c
}

// ChooseColumns presses the button that asks which properties are shown.
func (s *Screen) ChooseColumns() { s.chooseColumns() }

// Values asks of which property it shall be shown what each value becomes.
func (s *Screen) Values() {
	lines := make([]widgets.PickLine, len(s.view.Columns))
	for i, c := range s.view.Columns {
		lines[i] = widgets.PickLine{Text: c.Title, Note: look.Count(c.Changes, "change", "changes"), Also: c.Property}
	}
	widgets.PickOne(s.w.Win.Canvas(), "What each value becomes: of which field?", lines, -1, func(i int) {
		s.showValues(s.view.Columns[i].Property, s.view.Columns[i].Title)
	})
}
