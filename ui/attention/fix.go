package attention

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/wording"
)

// fixer is the card in which a cell of the current failed row is corrected.
type fixer struct {
	s    *attention
	root *widgets.Card
	body *fyne.Container

	row     int
	failed  app.FailedRow
	field   int // of failed.Cells
	which   *widgets.Select
	entry   *widgets.Entry
	keep    *widgets.Button
	take    *widgets.Button
	back    *widgets.Button
	problem *widgets.Paragraph
}

func newFixer(s *attention) *fixer {
	f := &fixer{s: s, body: widgets.NewColumn(8)}
	f.which = widgets.NewSelect(nil, -1, f.choose)
	f.entry = widgets.NewEntry("no value: the field is emptied")
	f.entry.OnChanged = func(string) { f.allow() }
	f.entry.OnSubmitted = func(string) {
		if !f.keep.Disabled() {
			f.correct(f.entry.Text)
		}
	}
	f.keep = widgets.NewButton(widgets.Plain, "check", "Keep", func() { f.correct(f.entry.Text) })
	f.take = widgets.NewButton(widgets.Plain, "", "", f.suggested)
	f.take.Small, f.take.Key = true, "S"
	f.back = widgets.NewButton(widgets.Quiet, "undo", "Take the correction back", f.uncorrect)
	f.back.Small = true
	f.problem = widgets.NewParagraph("", look.Small, look.Failed.Text())
	f.root = widgets.NewCard(f.body)
	return f
}

// set shows the cells of another row.
func (f *fixer) set(row int, a app.FailedRow) {
	c, ok := f.cell()
	typed := f.entry.Text
	unkept := ok && a.ID == f.failed.ID && typed != c.Becomes() // the row is read again meanwhile
	if a.ID != f.failed.ID {
		f.field = 0
	}
	f.row, f.failed = row, a
	words := make([]string, len(a.Cells))
	for i, c := range a.Cells {
		words[i] = c.Field
	}
	f.which.SetOptions(words, min(f.field, len(words)-1))
	f.show()
	if unkept {
		f.entry.SetText(typed)
	}
}

// clear shows no row: the list has moved to one that is not read yet.
func (f *fixer) clear() {
	if f.failed.ID == 0 {
		return
	}
	f.failed, f.field = app.FailedRow{}, 0
	f.body.Objects = nil
	f.root.Refresh()
}

func (f *fixer) cell() (app.FailedCell, bool) {
	if f.field < 0 || f.field >= len(f.failed.Cells) {
		return app.FailedCell{}, false
	}
	return f.failed.Cells[f.field], true
}

func (f *fixer) choose(i int) {
	f.field = i
	f.show()
}

// show lays the card out for the chosen cell.
func (f *fixer) show() {
	f.problem.SetText("")
	f.problem.Hide()
	c, ok := f.cell()
	if !ok {
		why := "Its cells can’t be corrected here: correct the row in the source, then retry."
		f.body.Objects = []fyne.CanvasObject{widgets.NewParagraph(why, look.Body, look.T2)}
		f.root.Refresh()
		return
	}
	f.entry.SetText(c.Becomes())
	line := container.NewBorder(nil, nil, container.New(layouts.SideRoom{After: 12}, f.which), container.New(layouts.SideRoom{Before: 8}, f.keep), f.entry)
	now := "In the source: " + wording.OrNothing(c.Now)
	if c.Corrected != nil && !c.Lapsed {
		now += " · your correction counts instead, as long as that cell stays so"
	}
	if c.Lapsed {
		now += " · the cell was changed since you corrected it, so your correction counts no more"
	}
	f.body.Objects = []fyne.CanvasObject{line, widgets.NewLine(now, look.Small, look.T2)}
	acts := widgets.NewRow(8)
	if c.Suggested != "" && c.Becomes() != c.Suggested {
		f.take.SetText("Take “" + cutTo(c.Suggested, 40) + "”: " + c.Why)
		acts.Add(f.take)
	}
	if n := f.s.group.Suggested; n > 1 {
		all := widgets.NewButton(widgets.Plain, "", "Take all "+look.Number(n)+" suggested values", f.s.takeAll)
		all.Small, all.Key = true, "A"
		acts.Add(all)
	}
	if c.Corrected != nil {
		acts.Add(f.back)
	}
	if len(acts.Objects) > 0 {
		f.body.Add(acts)
	}
	f.body.Add(f.problem)
	f.allow()
	f.root.Refresh()
	f.s.right.Refresh()
}

// cutTo shortens a text for a button.
func cutTo(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

func (f *fixer) allow() {
	c, ok := f.cell()
	reason := ""
	if !ok || f.entry.Text == c.Becomes() {
		reason = "The value is not changed"
	}
	f.keep.SetReason(reason)
}

// edit gives the field the keyboard.
func (f *fixer) edit() {
	if _, ok := f.cell(); ok {
		f.s.w.Win.Canvas().Focus(f.entry)
	}
}

// suggested takes what would do in the chosen cell.
func (f *fixer) suggested() {
	if c, ok := f.cell(); ok && c.Suggested != "" {
		f.correct(c.Suggested)
	}
}

// correct keeps a value beside the source and goes on with the next row.
func (f *fixer) correct(value string) {
	c, ok := f.cell()
	if !ok {
		return
	}
	f.change(func(ctx context.Context, id int64) error { return f.s.w.App.Correct(ctx, id, c.Field, value) }, true)
}

// uncorrect lets the cell count again.
func (f *fixer) uncorrect() {
	if c, ok := f.cell(); ok {
		f.change(func(ctx context.Context, id int64) error { return f.s.w.App.Uncorrect(ctx, id, c.Field) }, false)
	}
}

// change changes the row that is shown as it is asked for, wherever the list has
// moved by the time it is done.
func (f *fixer) change(do func(ctx context.Context, id int64) error, next bool) {
	row, id := f.row, f.failed.ID
	shell.InOrder(f.s.w, func(ctx context.Context) ([]app.FailedRow, error) {
		if err := do(ctx, id); err != nil {
			return nil, err
		}
		return f.s.w.App.FailedByID(ctx, []int64{id})
	}, func(now []app.FailedRow) {
		if len(now) != 1 || row >= len(f.s.pages.IDs) || f.s.pages.IDs[row] != id {
			return // another group is shown by now
		}
		f.s.pages.Put(row, now[0])
		f.s.list.RefreshRow(row)
		switch {
		case f.failed.ID != id:
			return // somebody has gone on
		case next && row+1 < len(f.s.pages.IDs):
			f.s.list.Select(row + 1)
		default:
			f.show() // what was typed is kept, or was taken back
			f.set(row, now[0])
		}
		if f.s.w.Current() == shell.Screen(f.s) {
			f.s.list.Focus()
		}
	}, func(err error) {
		if f.failed.ID != id { // its field is not on the screen any more
			f.s.w.Fail(err)
			return
		}
		e := app.Explain(err)
		f.problem.SetText(wording.SentenceCase(wording.JoinSentences(e.What, e.Do)))
		f.problem.Show()
		f.root.Refresh()
		f.s.right.Refresh()
	})
}
