package runs

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/sync/plan"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/widgets/grid"
	"syncline/ui/wording"
)

// runsShown is how many of the newest runs the history lists.
const runsShown = 500

// runs is the history.
type runs struct {
	w      *Room
	header *widgets.Header
	grid   *grid.Grid
	read   shell.Turns
	undo   *widgets.Button
	again  *widgets.Button
	open   *widgets.Button
	report *widgets.Button
	rows   []app.RunCard
	root   fyne.CanvasObject
}

// NewHistory makes the screen that lists the runs.
func NewHistory(w *Room) shell.Screen {
	s := &runs{w: w, header: widgets.NewHeader("Runs", "")}
	s.undo = widgets.NewButton(widgets.Danger, "undo", "Undo this run", s.previewUndo)
	s.report = widgets.NewButton(widgets.Plain, "file", "Report", s.openReport)
	s.open = widgets.NewButton(widgets.Plain, "open", "See every change", s.openChanges)
	s.again = widgets.NewButton(widgets.Plain, "retry", "Do it again", s.redo)
	s.header.Buttons = []*widgets.Button{s.open, s.report, s.again, s.undo}
	s.header.Menu = []*fyne.MenuItem{fyne.NewMenuItem("Check a report…", w.Rooms.CheckReport)}
	s.grid = grid.New(look.RowComfortable,
		grid.Column{ID: "sync", Title: "Sync", Width: 240, Grow: 2, Lead: true},
		grid.Column{ID: "state", Title: "State", Width: 130},
		grid.Column{ID: "when", Title: "Started", Width: 140},
		grid.Column{ID: "took", Title: "Took", Width: 90, Align: grid.Right},
		grid.Column{ID: "created", Title: "Created", Width: 80, Align: grid.Right},
		grid.Column{ID: "updated", Title: "Updated", Width: 80, Align: grid.Right},
		grid.Column{ID: "conflict", Title: "Conflicts", Width: 80, Align: grid.Right},
		grid.Column{ID: "failed", Title: "Failed", Width: 70, Align: grid.Right},
		grid.Column{ID: "calls", Title: "Calls", Width: 70, Align: grid.Right},
	)
	s.grid.Length = func() int { return len(s.rows) }
	s.grid.Cell = s.cell
	s.grid.OnSelected = func(int) { s.allow() }
	s.grid.OnActivated = func(int) { s.openChanges() }
	s.grid.Empty = widgets.NewEmptyState("runs", "No run yet", "When a plan is applied, it appears here with every change, and can be undone.", nil)
	s.root = container.NewBorder(s.header, nil, nil, nil, s.grid)
	return s
}

// Rows are the runs that are listed, the newest first.
func (s *runs) Rows() []app.RunCard { return s.rows }

func (s *runs) Content() fyne.CanvasObject { return s.root }
func (s *runs) Head() *widgets.Header      { return s.header }
func (s *runs) Focus()                     { s.grid.Focus() }

func (s *runs) Show() {
	shell.LoadNewest(s.w, &s.read, func(ctx context.Context) ([]app.RunCard, error) { return s.w.App.Runs(ctx, 0, runsShown) }, func(rows []app.RunCard) {
		s.rows = rows
		s.header.SetState(look.Count(len(rows), "run", "runs") + " in this workspace")
		s.grid.Refresh()
		if len(rows) > 0 {
			s.grid.Select(0)
		}
		s.allow()
	}, nil)
}

func (s *runs) cell(row, col int) grid.Cell {
	r := s.rows[row]
	number := func(n int) grid.Cell {
		if n == 0 {
			return grid.Cell{Text: "0", Style: grid.Faint}
		}
		return grid.Cell{Text: look.Number(n)}
	}
	switch col {
	case 0:
		what := r.ID
		if r.Kind == plan.KindUndo {
			what = "Undo of " + r.UndoOf
		}
		if r.SetID != "" {
			what += " · in a set"
		}
		return grid.Cell{Text: r.SyncName, Second: what}
	case 1:
		return stateCell(r)
	case 2:
		return grid.Cell{Text: look.When(r.Started, s.w.Now())}
	case 3:
		if r.Ended.IsZero() {
			return grid.Cell{Text: "–", Style: grid.Faint}
		}
		return grid.Cell{Text: look.Took(r.Ended.Sub(r.Started))}
	case 4:
		return number(r.Counts.Created)
	case 5:
		return number(r.Counts.Updated)
	case 6:
		return number(r.Counts.Conflict)
	case 7:
		return number(r.Counts.Failed)
	}
	return number(r.Calls.Total)
}

func stateCell(r app.RunCard) grid.Cell { return wording.StateTag(r.State) }

func (s *runs) current() (app.RunCard, bool) {
	i := s.grid.Current()
	if i < 0 || i >= len(s.rows) {
		return app.RunCard{}, false
	}
	return s.rows[i], true
}

func (s *runs) allow() {
	r, ok := s.current()
	if !ok {
		for _, b := range []*widgets.Button{s.open, s.report, s.again, s.undo} {
			b.SetReason("Choose a run first")
		}
		return
	}
	s.open.SetReason("")
	s.report.SetReason("")
	s.undo.SetReason("")
	s.undo.SetText("Undo this run")
	if r.Kind == plan.KindUndo {
		s.undo.SetText("Undo this undo")
	}
	if r.State != plan.RunDone {
		s.undo.SetReason("This run did not end: resume it from Home, then undo")
	}
	s.again.SetReason("")
	switch {
	case r.Kind == plan.KindUndo:
		s.again.SetReason("Choose the run that was undone")
	case r.Undone == 0:
		s.again.SetReason("Nothing of this run is taken back by an undo")
	}
}

// redo makes the plan that offers again what undos of a run took back.
func (s *runs) redo() {
	if r, ok := s.current(); ok {
		s.w.Start(app.Work{Kind: app.JobRedo, Arg: r.ID}, r.SyncName)
	}
}

func (s *runs) openChanges() {
	if r, ok := s.current(); ok && r.PlanID != "" {
		s.w.Rooms.Plan(r.PlanID, app.Part{})
	}
}

func (s *runs) openReport() {
	if r, ok := s.current(); ok {
		s.w.OpenReport(r.ID)
	}
}

// previewUndo shows what undoing the run would put back, what it would archive,
// and what stays and why. Nothing is restored before that is approved.
func (s *runs) previewUndo() {
	if r, ok := s.current(); ok {
		s.w.Start(app.Work{Kind: app.JobPreviewUndo, Arg: r.ID}, r.SyncName)
	}
}
