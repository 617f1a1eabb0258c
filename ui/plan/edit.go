package plan

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"

	"fyne.io/fyne/v2"

	"syncline/app"
	"syncline/sync/engine"
	"syncline/sync/plan"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/wording"
)

// edited reports whether a person changed a value that the item writes.
func edited(it plan.Item) bool {
	for _, e := range it.Edits {
		if e.Writes() && strings.HasPrefix(e.Reason, "edited in the plan") {
			return true
		}
	}
	return false
}

// editable reports whether values of the row can be edited. An undo puts back
// what was there, and nothing else.
func (s *Screen) editable(it plan.Item) bool {
	return !s.applied && !s.undoes() && it.Kind.Writes()
}

// cellEdit is a field of the dialog that edits what a row gets.
type cellEdit struct {
	edit    plan.Edit
	entry   *widgets.Entry
	problem *widgets.Paragraph
}

// editRow asks for other values than those that the plan writes to the current
// row; property has the keyboard first, "" means the first field.
func (s *Screen) editRow(property string) {
	row := s.grid.Current()
	it, ok := s.pages.At(row)
	if !ok || !s.editable(it) {
		return
	}
	form := widgets.NewColumn(14)
	var cells []*cellEdit
	d := widgets.NewDialog("What is written to "+it.Name, rowKey(it)+" · each change is a new revision of the plan, with a hash of its own", form)
	d.Width = 560
	for _, e := range it.Edits {
		if !e.Writes() {
			continue
		}
		c := &cellEdit{edit: e, entry: widgets.NewEntry("no value: the field is emptied"), problem: widgets.NewParagraph("", look.Small, look.Failed.Text())}
		c.entry.SetText(str(e.New))
		c.problem.Hide()
		was := "New there"
		if old := str(e.Old); old != "" || it.Kind != plan.ItemCreate {
			was = "There now: " + wording.OrNothing(old)
		}
		head := widgets.NewRow(8, widgets.NewLabel(cmp.Or(e.Field, e.Property), look.Strong, look.T1), widgets.NewFlowTag(e.Action == plan.EditSource, s.source))
		form.Add(widgets.NewColumn(4, head, c.entry, widgets.NewLine(was, look.Caption, look.T3), c.problem))
		c.entry.OnChanged = func(string) { s.mayKeep(d, cells) }
		cells = append(cells, c)
		if d.First == nil || e.Property == property {
			d.First = c.entry
		}
	}
	if len(cells) == 0 {
		return
	}
	d.Primary = widgets.NewButton(widgets.Primary, "check", "Keep in the plan", func() { s.keepEdits(d, row, it, cells) })
	d.Others = []*widgets.Button{widgets.NewButton(widgets.Plain, "", "Cancel", d.Cancel)}
	d.OnCancel = s.grid.Focus
	s.mayKeep(d, cells)
	d.Open(s.w.Win.Canvas())
}

// mayKeep says whether there is anything to keep.
func (s *Screen) mayKeep(d *widgets.Dialog, cells []*cellEdit) {
	reason := "Nothing is changed"
	for _, c := range cells {
		if c.entry.Text != str(c.edit.New) {
			reason = ""
		}
	}
	d.Primary.SetReason(reason)
}

// keepEdits makes the edits part of the plan, all or none of them. What HubSpot
// would refuse stays in the dialog, with the reason. Whoever cancels meanwhile gets
// none of them, wherever they are.
func (s *Screen) keepEdits(d *widgets.Dialog, row int, it plan.Item, cells []*cellEdit) {
	var puts []plan.Put
	var of []*cellEdit
	for _, c := range cells {
		if c.entry.Text != str(c.edit.New) {
			puts, of = append(puts, plan.Put{Side: c.edit.Target(), Property: c.edit.Property, Value: c.entry.Text}), append(of, c)
		}
	}
	d.Primary.SetReason("Asking HubSpot whether it would take this")
	// Either it is kept first or a person cancels first: both look at it.
	var first atomic.Bool
	ctx, cancel := context.WithCancel(s.w.Ctx)
	d.OnCancel = func() {
		if first.Swap(true) {
			s.takeBack(row, it, puts)
		}
		cancel()
		s.grid.Focus()
	}
	shell.InOrder(s.w, func(context.Context) (o edit, err error) {
		o, err = s.edit(ctx, it.N, puts)
		switch {
		case err != nil && ctx.Err() != nil:
			return edit{cancelled: true}, nil
		case err != nil || o.refused != nil:
			return o, err
		case first.Swap(true):
			return s.edit(s.w.Ctx, it.N, asBefore(it, puts))
		}
		return o, nil
	}, func(o edit) {
		defer cancel()
		switch {
		case o.refused != nil && ctx.Err() == nil:
			s.refuse(d, cells, of[slices.Index(puts, o.refused.Put)], o.refused.Err)
		case o.refused == nil && !o.cancelled:
			s.edited(row, o)
			if ctx.Err() == nil {
				d.Close()
				s.grid.Focus()
			}
		}
	}, func(err error) {
		defer cancel()
		if ctx.Err() == nil {
			d.Close()
		}
		s.reload(err)
	})
}

// edit is what came of editing a row.
type edit struct {
	item      plan.Item
	stamp     app.Stamp
	refused   *engine.PutError
	cancelled bool
}

// edit puts values into a row of the plan.
func (s *Screen) edit(ctx context.Context, n int, puts []plan.Put) (o edit, err error) {
	o.item, err = s.w.App.EditItem(ctx, s.view.ID, n, puts...)
	if errors.As(err, &o.refused) {
		return o, nil
	}
	if err == nil {
		o.stamp, err = s.w.App.PlanStamp(s.w.Ctx, s.view.ID)
	}
	return o, err
}

// asBefore are the values that an item wrote in the place of these.
func asBefore(it plan.Item, puts []plan.Put) []plan.Put {
	before := slices.Clone(puts)
	for i := range before {
		for _, e := range it.Edits {
			if e.Target() == before[i].Side && e.Property == before[i].Property {
				before[i].Value = str(e.New)
			}
		}
	}
	return before
}

// takeBack makes a row again what it was before values were put into it.
func (s *Screen) takeBack(row int, was plan.Item, puts []plan.Put) {
	shell.InOrder(s.w, func(ctx context.Context) (edit, error) { return s.edit(ctx, was.N, asBefore(was, puts)) }, func(o edit) { s.edited(row, o) }, s.reload)
}

// edited shows a row as it is with its edits.
func (s *Screen) edited(row int, o edit) {
	s.stamped(o.stamp)
	if now, ok := s.pages.At(row); !ok || now.N != o.item.N {
		return // other rows are listed by now
	}
	s.pages.Put(row, o.item)
	s.grid.RefreshRow(row)
	if s.grid.Current() == row {
		s.selected(row)
	}
}

// refuse says at its field why a value is not taken. Those beside it were not
// taken either.
func (s *Screen) refuse(d *widgets.Dialog, cells []*cellEdit, bad *cellEdit, err error) {
	for _, c := range cells {
		c.problem.Hide()
		c.entry.SetProblem("")
	}
	e := app.Explain(err)
	said := wording.SentenceCase(wording.JoinSentences(e.What, e.Do))
	bad.problem.SetText(said)
	bad.problem.Show()
	bad.entry.SetProblem(said)
	s.mayKeep(d, cells)
	d.Refresh()
	s.w.Win.Canvas().Focus(fyne.Focusable(bad.entry))
}
