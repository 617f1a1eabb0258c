package review

import (
	"context"
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/widgets/grid"
)

// picker lists the records that a row may belong to, under the row itself, so
// that a person sees in which of them it is.
type picker struct {
	s    *Screen
	of   app.Candidates
	grid *grid.Grid
	take *widgets.Button
}

// pickedColumns is how many fields the list has room for.
const pickedColumns = 3

// candidates fills box with the list when it is read.
func (s *Screen) candidates(c app.Conflict, box *fyne.Container) {
	shell.Load(s.w, func(ctx context.Context) (app.Candidates, error) { return s.w.App.CandidatesOf(ctx, c) }, func(of app.Candidates) {
		now, ok := s.currentConflict()
		if !ok || now.ID != c.ID || len(of.Records) == 0 {
			return
		}
		s.pick = newPicker(s, of)
		height := look.GridHeader + float32(len(of.Records)+1)*look.RowComfortable
		box.Objects = []fyne.CanvasObject{
			widgets.NewFlushCard(container.New(layouts.Tall(min(height, 320)), s.pick.grid)),
			widgets.NewRow(8, s.pick.take)}
		s.detail.Refresh()
	}, nil)
}

func newPicker(s *Screen, of app.Candidates) *picker {
	p := &picker{s: s, of: of}
	p.take = widgets.NewButton(widgets.Plain, "link", "", p.chosen)
	p.take.Key = "Enter"
	cols := []grid.Column{{ID: "name", Title: "Record", Width: 150, Grow: 1, Lead: true}, {ID: "agrees", Title: "Agrees", Width: 90}}
	for _, f := range of.Fields[:min(len(of.Fields), pickedColumns)] {
		cols = append(cols, grid.Column{ID: f, Title: f, Width: 120, Grow: 1})
	}
	p.grid = grid.New(look.RowComfortable, cols...)
	p.grid.Length = func() int { return len(of.Records) + 1 }
	p.grid.Cell = p.cell
	p.grid.OnSelected = func(int) { p.allow() }
	p.grid.OnActivated = func(int) { p.chosen() }
	p.grid.OnKey = func(e *fyne.KeyEvent) bool {
		if e.Name != fyne.KeyEscape {
			return false
		}
		s.list.Focus() // back to the conflicts
		return true
	}
	p.grid.Select(1) // the one that agrees most
	p.allow()
	return p
}

// at is the record of a line; false for the row itself, which stands first.
func (p *picker) at(line int) (app.Candidate, bool) {
	if line < 1 || line > len(p.of.Records) {
		return app.Candidate{}, false
	}
	return p.of.Records[line-1], true
}

func (p *picker) cell(line, col int) grid.Cell {
	x, ok := p.at(line)
	if !ok {
		x = p.of.Row
	}
	switch {
	case col == 0 && !ok:
		return grid.Cell{Text: x.Name, Second: "the row", Icon: look.Source.Icon(), IconInk: look.Source.Text()}
	case col == 0:
		return grid.Cell{Text: x.Name, Second: x.Record, Icon: look.HubSpot.Icon(), IconInk: look.HubSpot.Text()}
	case col == 1 && !ok:
		return grid.Cell{}
	case col == 1:
		return grid.Cell{Text: fmt.Sprintf("%d of %d", x.Agrees, x.Of), Style: grid.Label}
	}
	value := x.Values[col-2]
	switch {
	case value == "":
		return grid.Cell{Text: "no value", Style: grid.Faint}
	case ok && value == p.of.Row.Values[col-2]:
		return grid.Cell{Text: value, Style: grid.Strong}
	}
	return grid.Cell{Text: value}
}

// allow says which record the button takes.
func (p *picker) allow() {
	x, ok := p.at(p.grid.Current())
	if !ok {
		p.take.SetText("This is the row’s record")
		p.take.SetReason("Choose one of the records first")
		return
	}
	p.take.SetText("Record " + x.Record + " is the row’s")
	p.take.SetReason("")
}

func (p *picker) focus() { p.grid.Focus() }

// chosen decides for the record of the current line.
func (p *picker) chosen() {
	if x, ok := p.at(p.grid.Current()); ok {
		p.s.takeRecord(x.Record)
	}
}

// countRuled says how many decisions about whole rows go on to hold.
func (s *Screen) countRuled() {
	shell.LoadKept(s.w, &s.inForce, s.w.App.RuledRows, func(rows []app.RuledRow) {
		s.ruled.SetText("Decisions in force")
		s.ruled.SetReason("")
		if len(rows) > 0 {
			s.ruled.SetText(look.Count(len(rows), "decision", "decisions") + " in force")
		} else {
			s.ruled.SetReason("No row is left out or kept apart by a decision")
		}
		s.header.Refresh()
	}, nil)
}

// ruledScreen lists the rows that a decision keeps out of the sync, as one with
// another, or apart from a record, run after run. They can be released.
type ruledScreen struct {
	w       *shell.Window
	header  *widgets.Header
	release *widgets.Button
	grid    *grid.Grid
	rows    []app.RuledRow
	ticked  map[app.RuledRow]bool
	read    shell.Turns
	root    fyne.CanvasObject
}

func newRuledScreen(w *shell.Window) *ruledScreen {
	s := &ruledScreen{w: w, header: widgets.NewHeader("Decisions in force", ""), ticked: map[app.RuledRow]bool{}}
	s.header.OnBack = func() { w.GoTo(shell.PlaceReview) }
	s.release = widgets.NewButton(widgets.Primary, "undo", "Release", s.releaseTicked)
	s.header.Primary = s.release
	s.grid = grid.New(look.RowComfortable,
		grid.Column{ID: "take", Check: true, Width: 36, Fixed: true},
		grid.Column{ID: "name", Title: "Row", Width: 220, Grow: 1, Lead: true},
		grid.Column{ID: "what", Title: "What holds", Width: 300, Grow: 2},
		grid.Column{ID: "sync", Title: "Sync", Width: 200, Grow: 1},
		grid.Column{ID: "when", Title: "Decided", Width: 150})
	s.grid.Length = func() int { return len(s.rows) }
	s.grid.Cell = s.cell
	s.grid.OnChecked = func(row int) {
		s.ticked[s.rows[row]] = !s.ticked[s.rows[row]]
		s.grid.RefreshRow(row)
		s.allow()
	}
	s.grid.AllChecked = func() grid.Check {
		switch n := s.count(); {
		case len(s.rows) == 0:
			return grid.NoCheck
		case n == 0:
			return grid.Unchecked
		case n == len(s.rows):
			return grid.Checked
		}
		return grid.SomeChecked
	}
	s.grid.OnCheckedAll = func(on bool) {
		for _, r := range s.rows {
			s.ticked[r] = on
		}
		s.grid.Refresh()
		s.allow()
	}
	s.grid.Empty = widgets.NewEmptyState("keep-apart", "No decision goes on to hold", "When you leave a row out, or keep a row and a record apart, that is remembered for every run and listed here.", nil)
	s.root = container.NewBorder(s.header, nil, nil, nil, s.grid)
	return s
}

func (s *ruledScreen) Content() fyne.CanvasObject { return s.root }
func (s *ruledScreen) Head() *widgets.Header      { return s.header }
func (s *ruledScreen) Focus()                     { s.grid.Focus() }

func (s *ruledScreen) Show() {
	shell.LoadKept(s.w, &s.read, s.w.App.RuledRows, func(rows []app.RuledRow) {
		s.rows, s.ticked = rows, map[app.RuledRow]bool{}
		s.header.SetState(look.Count(len(rows), "row is", "rows are") + " treated as you decided, run after run")
		s.grid.Refresh()
		s.grid.Select(0)
		s.allow()
	}, nil)
}

func (s *ruledScreen) cell(row, col int) grid.Cell {
	r := s.rows[row]
	switch col {
	case 0:
		if s.ticked[r] {
			return grid.Cell{Check: grid.Checked}
		}
		return grid.Cell{Check: grid.Unchecked}
	case 1:
		if r.Name == "" || r.Name == r.RowKey {
			return grid.Cell{Text: r.RowKey}
		}
		return grid.Cell{Text: r.Name, Second: r.RowKey}
	case 2:
		return grid.Cell{Text: app.RulingWords(r)}
	case 3:
		return grid.Cell{Text: r.SyncName, Style: grid.Label}
	}
	if r.Decided.IsZero() {
		return grid.Cell{Text: "not known", Style: grid.Faint}
	}
	return grid.Cell{Text: look.When(r.Decided, s.w.Now()), Style: grid.Label, Second: r.Person}
}

func (s *ruledScreen) count() int {
	n := 0
	for _, on := range s.ticked {
		if on {
			n++
		}
	}
	return n
}

func (s *ruledScreen) allow() {
	n := s.count()
	s.release.SetText("Release " + look.Count(n, "row", "rows"))
	s.release.SetReason("")
	if n == 0 {
		s.release.SetText("Release")
		s.release.SetReason("Tick the rows to release first")
	}
	s.header.Refresh()
}

// releaseTicked takes the decisions about the ticked rows back.
func (s *ruledScreen) releaseTicked() {
	var rows []app.RuledRow
	for _, r := range s.rows {
		if s.ticked[r] {
			rows = append(rows, r)
		}
	}
	shell.InOrder(s.w, func(ctx context.Context) (struct{}, error) { return struct{}{}, s.w.App.Release(ctx, rows) }, func(struct{}) {
		s.w.Toast(look.Create, look.Count(len(rows), "row is", "rows are")+" released: the next plan looks at them as if nothing had been decided", "", nil)
		s.Show()
	}, nil)
}
