package plan

import (
	"cmp"
	"context"
	"strings"

	"fyne.io/fyne/v2"

	"syncline/app"
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

// keepEdits makes the edits part of the plan. What HubSpot would refuse stays in
// the dialog, with the reason.
func (s *Screen) keepEdits(d *widgets.Dialog, row int, it plan.Item, cells []*cellEdit) {
	type put struct {
		cell  *cellEdit
		value string
	}
	var puts []put
	for _, c := range cells {
		if c.entry.Text != str(c.edit.New) {
			puts = append(puts, put{c, c.entry.Text})
		}
	}
	d.Primary.SetReason("Asking HubSpot whether it would take this")
	type outcome struct {
		item   plan.Item
		done   []put
		failed *put
		err    error
	}
	shell.InOrder(s.w, func(ctx context.Context) (outcome, error) {
		o := outcome{item: it}
		for _, p := range puts {
			now, err := s.w.App.EditItem(ctx, s.view.ID, it.N, p.cell.edit.Target(), p.cell.edit.Property, p.value)
			if err != nil {
				o.failed, o.err = &p, err
				return o, nil
			}
			o.item, o.done = now, append(o.done, p)
		}
		return o, nil
	}, func(o outcome) {
		for _, p := range o.done {
			value := p.value
			p.cell.edit.New = &value
			p.cell.problem.Hide()
			p.cell.entry.SetProblem("")
		}
		if len(o.done) > 0 {
			s.pages.Put(row, o.item)
			s.grid.RefreshRow(row)
			s.selected(row)
			s.restamp()
		}
		if o.failed == nil {
			d.Close()
			s.grid.Focus()
			return
		}
		e := app.Explain(o.err)
		said := wording.SentenceCase(wording.JoinSentences(e.What, e.Do))
		o.failed.cell.problem.SetText(said)
		o.failed.cell.problem.Show()
		o.failed.cell.entry.SetProblem(said)
		s.mayKeep(d, cells)
		d.Refresh()
		s.w.Win.Canvas().Focus(fyne.Focusable(o.failed.cell.entry))
	}, s.reload)
}

// restamp reads which revision the plan is at now.
func (s *Screen) restamp() {
	shell.Load(s.w, func(ctx context.Context) (app.Stamp, error) { return s.w.App.PlanStamp(ctx, s.view.ID) }, s.stamped, nil)
}
