package plan

import (
	"context"
	"errors"

	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/sync/engine"
	"syncline/sync/plan"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/widgets/grid"
	"syncline/ui/wording"
)

// becomesWidth is how wide the dialog of values is.
const becomesWidth float32 = 720

// showValues shows what each value of a property becomes, with how often. Rows are
// taken out of the plan, or put back, by what they change.
func (s *Screen) showValues(property, title string) {
	shell.LoadKept(s.w, &s.values, func(ctx context.Context) ([]app.Becoming, error) { return s.w.App.Becomes(ctx, s.view.ID, property) }, func(all []app.Becoming) {
		s.openValues(property, title, all)
	}, nil)
}

func (s *Screen) openValues(property, title string, all []app.Becoming) {
	changed := map[int]bool{} // those whose rows are taken out or put back here
	g := grid.New(look.RowCompact,
		grid.Column{ID: "take", Check: true, Width: 36, Fixed: true},
		grid.Column{ID: "n", Title: "Rows", Width: 76, Align: grid.Right},
		grid.Column{ID: "from", Title: "There now", Width: 200, Grow: 1, Lead: true},
		grid.Column{ID: "to", Title: "Becomes", Width: 200, Grow: 1})
	g.Length = func() int { return len(all) }
	g.Cell = func(row, col int) grid.Cell { return s.becomesCell(all[row], changed[row], col) }
	d := widgets.NewDialog("What each value of "+title+" becomes", look.Count(len(all), "change", "changes")+" in this plan, the most frequent first", nil)
	other := widgets.NewButton(widgets.Plain, "edit", "Write another value…", func() {
		if row := g.Current(); row >= 0 && row < len(all) && len(changed) == 0 {
			d.Close()
			s.writeAnother(property, title, all[row])
		}
	})
	if !s.applied && !s.undoes() && len(all) > 0 {
		d.Sub += " · a tick taken away takes its rows out of the plan"
		g.OnActivated = func(int) { other.Tapped(nil) }
		g.OnChecked = func(row int) {
			if changed[row] = !changed[row]; !changed[row] {
				delete(changed, row)
			}
			g.RefreshRow(row)
			d.Primary.SetText(takeWords(all, changed))
			other.SetReason("")
			if len(changed) > 0 {
				other.SetReason("Take the rows out first, or put the ticks back")
			}
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
	if g.OnActivated != nil {
		d.Others = append(d.Others, other)
	}
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

// another is the dialog that asks for another value than the one that a plan writes to many rows.
type another struct {
	s               *Screen
	property, title string
	b               app.Becoming
	d               *widgets.Dialog
	entry           *widgets.Entry
	problem         *widgets.Paragraph
	keep            *widgets.Button
}

// writeAnother asks for another value than the one that a plan writes to many rows, and puts it
// into all of them. The values come back when it is kept or given up.
func (s *Screen) writeAnother(property, title string, b app.Becoming) {
	rows := look.Count(len(b.Items), "row", "rows")
	a := &another{s: s, property: property, title: title, b: b, entry: widgets.NewEntry("no value: the field is emptied"), problem: widgets.NewParagraph("", look.Small, look.Failed.Text())}
	a.entry.SetText(b.To)
	a.problem.Hide()
	a.d = widgets.NewDialog("What is written to "+rows, "Each of them gets the same value · the change is a new revision of the plan, with a hash of its own",
		widgets.NewColumn(4, widgets.NewRow(8, widgets.NewLabel(title, look.Strong, look.T1), widgets.NewFlowTag(b.Side == plan.Source, s.source)), a.entry,
			widgets.NewLine("There now: "+wording.OrNothing(b.From), look.Caption, look.T3), a.problem))
	a.keep = widgets.NewButton(widgets.Primary, "check", "Keep for "+rows, a.put)
	a.mayKeep(b.To)
	a.entry.OnChanged = a.mayKeep
	a.d.Width, a.d.First, a.d.OnCancel = 560, a.entry, a.back
	a.d.Primary, a.d.Others = a.keep, []*widgets.Button{widgets.NewButton(widgets.Plain, "", "Cancel", a.d.Cancel)}
	a.d.Open(s.w.Win.Canvas())
}

// back shows the values again.
func (a *another) back() { a.s.showValues(a.property, a.title) }

func (a *another) mayKeep(text string) {
	reason := ""
	if text == a.b.To {
		reason = "Nothing is changed"
	}
	a.keep.SetReason(reason)
}

// put puts the value into all rows, or says why they can't have it. Who closes the dialog
// meanwhile is not led back to the values.
func (a *another) put() {
	s, put := a.s, plan.Put{Side: a.b.Side, Property: a.property, Value: a.entry.Text}
	a.keep.SetReason("Asking HubSpot whether it would take this")
	closed := false
	a.d.OnCancel = func() {
		closed = true
		s.grid.Focus()
	}
	var refused *engine.PutError
	shell.InOrder(s.w, func(ctx context.Context) (v app.PlanView, err error) {
		if err = s.w.App.EditItems(ctx, s.view.ID, a.b.Items, put); errors.As(err, &refused) {
			return v, nil
		}
		if err != nil {
			return v, err
		}
		return s.w.App.PlanView(ctx, s.view.ID)
	}, func(v app.PlanView) {
		if refused != nil {
			a.refuse(refused.Err)
			return
		}
		s.took(v)
		s.filter()
		if !closed {
			a.d.Close()
			a.back()
		}
	}, func(err error) {
		if !closed {
			a.d.Close()
		}
		s.reload(err)
	})
}

// refuse shows why the rows can't have the value.
func (a *another) refuse(err error) {
	e := app.Explain(err)
	said := wording.SentenceCase(wording.JoinSentences(e.What, e.Do))
	a.problem.SetText(said)
	a.problem.Show()
	a.entry.SetProblem(said)
	a.mayKeep(a.entry.Text)
	a.d.OnCancel = a.back
	a.d.Refresh()
}
