package runs

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/sync/engine"
	"syncline/sync/plan"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/widgets/grid"
	"syncline/ui/wording"
)

// runsShown is how many of the newest runs the history lists.
const runsShown = 500

// runs is the history. A run of a set is one line, which opens to those of its syncs.
type runs struct {
	w       *Room
	header  *widgets.Header
	grid    *grid.Grid
	undo    *widgets.Button
	again   *widgets.Button
	open    *widgets.Button
	report  *widgets.Button
	all     []app.HistoryEntry
	lines   []line
	opened  map[string]bool // runs of sets whose parts are listed
	reading shell.Turns
	root    fyne.CanvasObject
}

// line is a line of the history: a run of a sync, or the run of a set.
type line struct {
	run  app.RunCard
	set  *app.SetRunView // nil for the run of a sync
	part bool            // the run is part of that of the set above
}

func (l line) id() string {
	if l.set != nil {
		return l.set.ID
	}
	return l.run.ID
}

// NewHistory makes the screen that lists the runs.
func NewHistory(w *Room) shell.Screen {
	s := &runs{w: w, header: widgets.NewHeader("Runs", ""), opened: map[string]bool{}}
	s.undo = widgets.NewButton(widgets.Danger, "undo", "Undo this run", s.previewUndo)
	s.report = widgets.NewButton(widgets.Plain, "file", "Report", s.openReport)
	s.open = widgets.NewButton(widgets.Plain, "open", "See every change", s.openChanges)
	s.again = widgets.NewButton(widgets.Plain, "retry", "Do it again", s.redo)
	s.header.Buttons = []*widgets.Button{s.open, s.report, s.again, s.undo}
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
	s.grid.Length = func() int { return len(s.lines) }
	s.grid.Cell = s.cell
	s.grid.OnSelected = func(int) { s.allow() }
	s.grid.OnActivated = func(int) { s.openChanges() }
	s.grid.Empty = widgets.NewEmptyState("runs", "No run yet", "When a plan is applied, it appears here with every change, and can be undone.", nil)
	s.root = container.NewBorder(s.header, nil, nil, nil, s.grid)
	s.header.Menu = s.menu()
	return s
}

// Rows are the runs of syncs that are listed, also those whose set is closed, the newest
// line first.
func (s *runs) Rows() (rows []app.RunCard) {
	for _, e := range s.all {
		if e.Set != nil {
			rows = append(rows, e.Set.Runs...)
		} else {
			rows = append(rows, e.Run)
		}
	}
	return rows
}

func (s *runs) Content() fyne.CanvasObject { return s.root }
func (s *runs) Head() *widgets.Header      { return s.header }
func (s *runs) Focus()                     { s.grid.Focus() }

func (s *runs) Show() {
	shell.LoadNewest(s.w, &s.reading, func(ctx context.Context) ([]app.HistoryEntry, error) { return s.w.App.History(ctx, runsShown) }, func(all []app.HistoryEntry) {
		if len(all) > 0 && (len(s.all) == 0 || newest(all) != newest(s.all)) {
			s.grid.Select(-1) // what just ran is what a person comes for
		}
		s.all = all
		n := len(s.Rows())
		s.header.SetState(look.Count(n, "run", "runs") + " in this workspace")
		s.list(0)
	}, nil)
}

func newest(all []app.HistoryEntry) string {
	if all[0].Set != nil {
		return all[0].Set.ID
	}
	return all[0].Run.ID
}

// list lists what is there; the run that was chosen stays so, else the line at a place
// is.
func (s *runs) list(otherwise int) {
	was := ""
	if l, ok := s.current(); ok {
		was = l.id()
	}
	s.lines = s.lines[:0]
	for _, e := range s.all {
		if e.Set == nil {
			s.lines = append(s.lines, line{run: e.Run})
			continue
		}
		s.lines = append(s.lines, line{set: e.Set})
		if s.opened[e.Set.ID] {
			for _, r := range e.Set.Runs {
				s.lines = append(s.lines, line{run: r, part: true})
			}
		}
	}
	s.grid.Refresh()
	for i, l := range s.lines {
		if l.id() == was {
			otherwise = i
		}
	}
	s.grid.Select(otherwise)
	s.allow()
}

// what a line's numbers are of: the run of a sync, or that of a set.
func (l line) facts() (state plan.RunState, who string, started, ended time.Time, c engine.Counts, calls int) {
	if l.set != nil {
		return l.set.State, l.set.Person, l.set.Started, l.set.Ended, l.set.Counts, l.set.Calls
	}
	return l.run.State, l.run.Person, l.run.Started, l.run.Ended, l.run.Counts, l.run.Calls.Total
}

// name is what was run.
func (s *runs) name(l line) grid.Cell {
	if l.set == nil {
		c := grid.Cell{Text: l.run.SyncName, Second: l.run.ID}
		if l.run.Kind == plan.KindUndo {
			c.Second = "Undo of " + l.run.UndoOf
		}
		switch {
		case l.part:
			c.Indent = 1
		case l.run.SetID != "":
			c.Second += " · in a set"
		}
		return c
	}
	c := grid.Cell{Text: l.set.Name, Second: "Set of " + look.Count(len(l.set.Runs), "run", "runs"), Icon: "chevron-right", IconInk: look.T2}
	if s.opened[l.set.ID] {
		c.Icon = "chevron-down"
	}
	if l.set.Kind == plan.KindUndo {
		c.Second = "Undo of " + l.set.UndoOf
		if l.set.Part != "" {
			c.Second = "Undo of a part: " + l.set.Part
		}
	}
	return c
}

func (s *runs) cell(row, col int) grid.Cell {
	l := s.lines[row]
	state, who, started, ended, counts, calls := l.facts()
	switch col {
	case 0:
		return s.name(l)
	case 1:
		return wording.StateTag(state)
	case 2:
		c := grid.Cell{Text: look.When(started, s.w.Now())}
		if who != "" {
			c.Second = "by " + who
		}
		return c
	case 3:
		if ended.IsZero() {
			return grid.Cell{Text: "–", Style: grid.Faint}
		}
		return grid.Cell{Text: look.Took(ended.Sub(started))}
	}
	n := []int{counts.Created, counts.Updated, counts.Conflict, counts.Failed, calls}[col-4]
	if n == 0 {
		return grid.Cell{Text: "0", Style: grid.Faint}
	}
	return grid.Cell{Text: look.Number(n)}
}

func (s *runs) current() (line, bool) {
	i := s.grid.Current()
	if i < 0 || i >= len(s.lines) {
		return line{}, false
	}
	return s.lines[i], true
}

// menu is what else can be done.
func (s *runs) menu() []*fyne.MenuItem {
	items := []*fyne.MenuItem{fyne.NewMenuItem("Check a report…", s.w.Rooms.CheckReport)}
	if l, ok := s.current(); ok && l.set != nil && s.undo.Reason == "" {
		v := l.set
		items = append([]*fyne.MenuItem{fyne.NewMenuItem("Undo a part of this run…", func() { s.w.Rooms.UndoSetPart(v.Path, v.ID) }), fyne.NewMenuItemSeparator()}, items...)
	}
	return items
}

// allow says what can be done with the line that is chosen, and why the rest can't.
func (s *runs) allow() {
	l, ok := s.current()
	if !ok {
		for _, b := range []*widgets.Button{s.open, s.report, s.again, s.undo} {
			b.SetReason("Choose a run first")
		}
		return
	}
	s.open.SetReason("")
	s.report.SetReason("")
	s.open.SetText("See every change")
	undo, again := reasons(l.run.Kind, l.run.State, l.run.Undone, "resume it from Home, then undo")
	s.undo.SetText("Undo this run")
	switch {
	case l.set != nil:
		undo, again = reasons(l.set.Kind, l.set.State, l.set.Undone, "open the set from Home and resume it, then undo")
		if l.set.Kind == plan.KindUndo {
			undo = "“Do it again” on the run that was undone offers it once more"
		}
		s.open.SetText("Show its syncs")
		if s.opened[l.set.ID] {
			s.open.SetText("Hide its syncs")
		}
		if len(l.set.Runs) == 0 {
			s.open.SetReason("None of its syncs began")
		}
	case l.run.Kind == plan.KindUndo:
		s.undo.SetText("Undo this undo")
	}
	s.undo.SetReason(undo)
	s.again.SetReason(again)
	s.header.Menu = s.menu()
	s.header.Refresh()
}

// reasons say why a run can't be undone, and why not done again; "" where it can.
func reasons(kind plan.Purpose, state plan.RunState, undone int, first string) (undo, again string) {
	if state != plan.RunDone {
		undo = "This run did not end: " + first
	}
	switch {
	case kind == plan.KindUndo:
		again = "Choose the run that was undone"
	case undone == 0:
		again = "Nothing of this run is taken back by an undo"
	}
	return undo, again
}

// redo makes the plan that offers again what undos of a run took back.
func (s *runs) redo() {
	l, ok := s.current()
	switch {
	case !ok:
	case l.set != nil:
		s.w.Rooms.RedoSet(l.set.Path, l.set.ID)
	default:
		s.w.Start(app.Work{Kind: app.JobRedo, Arg: l.run.ID}, l.run.SyncName)
	}
}

// openChanges shows what a run changed; that of a set opens to the runs of its syncs, or
// closes.
func (s *runs) openChanges() {
	l, ok := s.current()
	switch {
	case !ok:
	case l.set != nil:
		s.opened[l.set.ID] = !s.opened[l.set.ID]
		s.list(0)
	case l.run.PlanID != "":
		s.w.Rooms.Plan(l.run.PlanID, app.Part{})
	}
}

func (s *runs) openReport() {
	l, ok := s.current()
	switch {
	case !ok:
	case l.set != nil:
		s.w.Rooms.SetReport(l.set.ID)
	default:
		s.w.OpenReport(l.run.ID)
	}
}

// previewUndo shows what undoing the run would put back, what it would archive,
// and what stays and why. Nothing is restored before that is approved.
func (s *runs) previewUndo() {
	l, ok := s.current()
	switch {
	case !ok:
	case l.set != nil:
		s.w.Rooms.UndoSet(l.set.Path, l.set.ID)
	default:
		s.w.Start(app.Work{Kind: app.JobPreviewUndo, Arg: l.run.ID}, l.run.SyncName)
	}
}
