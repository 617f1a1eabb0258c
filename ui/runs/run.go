package runs

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/sync/engine"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/wording"
)

// Screen shows work under way: a preview being made, or a run.
type Screen struct {
	w    *Room
	job  *app.Job
	name string

	header *widgets.Header
	stop   *widgets.Button
	fates  *widgets.FatesLine
	lanes  [3]*widgets.Lane
	budget *shell.BudgetPanel
	first  *firstRows
	notes  *fyne.Container
	root   fyne.CanvasObject
	again  func() // does the same work once more
	ended  bool
}

// Start starts background work and shows it.
func (w *Room) Start(x app.Work, name string) {
	w.WhenKept(func() { w.begin(x, name) })
}

func (w *Room) begin(x app.Work, name string) {
	if s := w.working[x.Key()]; s != nil {
		w.Open(s) // it is at work already: its screen tells, and can stop it
		return
	}
	// The work outlives the screen, but not the window.
	j, err := w.App.Start(w.Ctx, x)
	if err != nil {
		w.Fail(err)
		return
	}
	s := newRunScreen(w, j, name)
	s.again = func() { w.Start(x, name) }
	w.working[x.Key()] = s
	w.WorkBegun(shell.UnderWay{Key: x.Key(), Title: s.title("A plan is being made", "A run is under way", "An undo is under way"), Screen: s})
	w.follow(s, func() {
		delete(w.working, x.Key())
		w.WorkEnded(x.Key())
	})
}

// follow shows a job until it ends, and then what it came to. ended is called
// on the UI thread before that.
func (w *Room) follow(s *Screen, ended func()) {
	j := s.job
	w.Open(s)
	shell.Follow(w, j.Done(), j.Progress.Snapshot, s.progress, func() {
		res, err := j.Result()
		ended()
		s.done(res, err)
	})
}

func newRunScreen(w *Room, j *app.Job, name string) *Screen {
	s := &Screen{w: w, job: j, name: name}
	s.header = widgets.NewHeader(s.title("Making the plan", "Running", "Undoing"), "Connecting")
	s.header.OnBack = func() { w.GoTo(shell.PlaceHome) }
	s.stop = widgets.NewButton(widgets.Danger, "stop", "Stop", func() {
		s.stop.SetReason("Stopping after the batch under way")
		j.Cancel()
	})
	s.header.Buttons = []*widgets.Button{s.stop}
	s.fates = widgets.NewFatesLine()
	s.fates.Planned = j.Kind.Plans()
	s.lanes = [3]*widgets.Lane{widgets.NewLane("search", "Search"), widgets.NewLane("records", "Batch"), widgets.NewLane("association", "Associations")}
	s.notes = widgets.NewColumn(8)
	s.budget, s.first = shell.NewBudgetPanel(), newFirstRows()
	work := widgets.NewColumn(12, widgets.NewCard(s.fates), s.lanes[0], s.lanes[1], s.lanes[2], s.notes, s.first.root)
	body := widgets.NewPaddedColumn(12, 24, 16, container.New(&layouts.Sidebar{Width: 292, Gap: 16, Below: 900}, work, s.budget.Root))
	s.root = container.NewBorder(s.header, nil, nil, nil, container.NewVScroll(body))
	return s
}

// title is what the screen is called, by what the job does.
func (s *Screen) title(preview, run, undo string) string {
	word := run
	switch s.job.Kind {
	case app.JobPreview, app.JobRedo, app.JobRetry, app.JobPreviewUndo:
		word = preview
	case app.JobRun:
	}
	if s.job.Undoes {
		word = undo
	}
	if s.name != "" {
		return word + ": " + s.name
	}
	return word
}

// Job is the work that the screen shows.
func (s *Screen) Job() *app.Job { return s.job }

// Ended reports whether the work is over and what it came to is shown.
func (s *Screen) Ended() bool { return s.ended }

// Stop presses the button that stops the work.
func (s *Screen) Stop() { s.stop.Tapped(nil) }

// Content implements shell.Screen.
func (s *Screen) Content() fyne.CanvasObject { return s.root }

// Head implements shell.Screen.
func (s *Screen) Head() *widgets.Header { return s.header }

// Show implements shell.Screen.
func (s *Screen) Show() {}

// Focus implements shell.Screen.
func (s *Screen) Focus() { widgets.FocusOn(s.stop) }

// progress shows a snapshot.
func (s *Screen) progress(p engine.Snapshot) {
	if s.ended {
		return
	}
	now := s.w.Now()
	state := wording.SentenceCase(string(p.Phase))
	switch {
	case p.Waiting != "":
		state = "Waiting for " + p.Waiting
	case p.Phase == engine.PhasePull && p.Rows > 0:
		state = fmt.Sprintf("Reading: %s rows, %s records", look.Number(p.Rows), look.Number(p.Search.Done))
	}
	if !p.Started.IsZero() {
		state += " · " + look.Took(now.Sub(p.Started))
	}
	s.header.SetState(state)
	s.lanes[0].Set(laneStatus(p.Search, "records", now))
	s.lanes[1].Set(laneStatus(p.Batch, "records", now))
	if edges := laneStatus(p.Associations, "associations", now); p.Associations.State != "" {
		s.lanes[2].Set(edges)
	} else {
		s.lanes[2].Set(widgets.LaneStatus{State: widgets.LaneIdle, Word: "None in this sync", Rate: "–"})
	}
	s.budget.Set(p.Traffic)
	s.showCounts(p.Counts)
	if s.job.Kind.Plans() {
		s.first.set(p.First)
	}
}

func (s *Screen) showCounts(c engine.Counts) {
	if c.Read == 0 {
		return
	}
	s.fates.Set(wording.MeaningCounts(c), c.Read)
}

// laneStatus is a lane as its card shows it.
func laneStatus(l engine.Lane, unit string, now time.Time) widgets.LaneStatus {
	st := widgets.LaneStatus{State: wording.LaneState(l.State), Word: l.What, Done: l.Done, Total: l.Total, Rate: "–", RateUnit: unit + " a second"}
	if st.Word == "" {
		st.Word = map[widgets.LaneState]string{widgets.LaneIdle: "Idle", widgets.LaneDone: "Done"}[st.State]
	}
	if l.Done > 0 || l.Total > 0 {
		st.Progress = look.Number(l.Done)
		if l.Total > 0 {
			st.Progress += " of " + look.Number(l.Total)
		}
	}
	if l.Calls > 0 {
		st.Calls = look.Number(l.Calls) + " calls"
	}
	if !l.Ended.IsZero() {
		now = l.Ended // the rate of the whole stays
	}
	if !l.Since.IsZero() {
		took := now.Sub(l.Since).Seconds()
		if (took > 0.5 || !l.Ended.IsZero() && took > 0) && l.Done > l.Before {
			rate := float64(l.Done-l.Before) / took
			st.Rate = look.Number(int(math.Ceil(rate)))
			if l.Total > l.Done && rate > 0 && st.State == widgets.LaneWorking {
				st.Left = look.Took(time.Duration(float64(l.Total-l.Done) / rate * float64(time.Second)))
			}
		}
	}
	return st
}

// done shows what the job came to.
func (s *Screen) done(res engine.Result, err error) {
	s.ended = true
	s.stop.SetReason("It has ended")
	s.budget.Ended()
	s.w.RefreshStatus()
	var guard *engine.GuardError
	switch {
	case errors.As(err, &guard):
		s.showPlan(guard.PlanID, "is stopped by a guard rail")
		return
	case errors.Is(err, context.Canceled):
		s.stopped(res)
		return
	case err != nil:
		s.showCounts(res.Counts)
		s.failed(err)
		return
	case s.job.Kind.Plans():
		s.header.SetState("Nothing is written yet: " + wouldChange(res.Counts))
		s.notes.Objects = nil
		for _, n := range res.Notes {
			s.notes.Add(widgets.NewInfoBox(n))
		}
		s.showPlan(res.PlanID, "is ready", res.Notes...)
		return
	}
	c := res.Counts
	s.header.Title = s.title("Done", "Done", "Undone")
	s.header.State = fmt.Sprintf("%s rows read · %s calls", look.Number(c.Read), look.Number(res.Calls.Total))
	if began := s.job.Progress.Snapshot().Started; !began.IsZero() {
		s.header.State += " · took " + look.Took(s.w.Now().Sub(began))
	}
	s.header.Buttons = []*widgets.Button{
		widgets.NewButton(widgets.Plain, "runs", "See every change", func() { s.w.Rooms.Plan(res.PlanID, app.Part{}) }),
		widgets.NewButton(widgets.Plain, "file", "Report", func() { s.w.OpenReport(res.RunID) })}
	s.header.Primary = widgets.NewButton(widgets.Primary, "home", "Back to Home", func() { s.w.GoTo(shell.PlaceHome) })
	if c.Conflict > 0 {
		s.header.Primary = widgets.NewButton(widgets.Primary, "review", "Decide "+look.Count(c.Conflict, "conflict", "conflicts"), func() { s.w.GoTo(shell.PlaceReview) })
	}
	s.header.Refresh()
	s.showCounts(c)
	s.budget.Came(res.Calls)
	if c.Failed > 0 {
		s.notes.Add(widgets.NewNotice(look.Failed, "", look.Count(c.Failed, "row failed", "rows failed"), "Nothing was written for them, and nothing is lost. Each is listed with its reason.",
			widgets.NewButton(widgets.Plain, "", "Open needs attention", s.w.Rooms.Attention)))
	}
	for _, n := range res.Notes {
		s.notes.Add(widgets.NewInfoBox(n))
	}
	s.notes.Refresh()
	s.w.Fyne.SendNotification(fyne.NewNotification("Syncline", fmt.Sprintf("%s created, %s updated, %s", look.Number(c.Created), look.Number(c.Updated), look.Count(c.Conflict, "conflict", "conflicts"))))
}

// wouldChange says what a plan would do, as long as nothing of it is done.
func wouldChange(c engine.Counts) string {
	return fmt.Sprintf("%s would be created, %s would be updated", look.Number(c.Created), look.Number(c.Updated))
}

// stopped shows what the job had done when a person stopped it. What was
// approved can be gone on with.
func (s *Screen) stopped(res engine.Result) {
	c := res.Counts
	s.header.Buttons = nil
	if s.job.Kind.Plans() {
		s.header.Title, s.header.State = s.title("No plan was made", "", ""), "You stopped it; nothing was written"
		s.header.Primary = widgets.NewButton(widgets.Primary, "retry", "Preview again", s.again)
		s.header.Refresh()
		return
	}
	s.showCounts(c)
	s.header.Title = s.title("", "Stopped", "Stopped")
	s.header.State = fmt.Sprintf("%s written · %s still to do", look.Number(c.Created+c.Updated), look.Number(c.ToDo))
	if res.PlanID != "" {
		s.header.Buttons = []*widgets.Button{widgets.NewButton(widgets.Plain, "runs", "See every change", func() { s.w.Rooms.Plan(res.PlanID, app.Part{}) })}
	}
	s.header.Primary = widgets.NewButton(widgets.Primary, "run", "Resume", s.again)
	s.header.Refresh()
	s.notes.Add(widgets.NewInfoBox("What was written is kept. Resume goes on with what is left of what you approved, now or later from Home."))
	s.notes.Refresh()
}

// showPlan opens the plan that came of the job. Whoever has left the screen is
// told instead: a plan that comes of itself would get keys meant for another
// screen.
func (s *Screen) showPlan(planID, what string, notes ...string) {
	if s.w.Current() == shell.Screen(s) {
		s.w.Rooms.Plan(planID, s.job.Part, notes...)
		return
	}
	m := look.Neutral // it is no success yet: nothing is written
	if what != "is ready" {
		m = look.Conflict
	}
	s.header.Title = s.title("The plan "+what, "The plan "+what, "The plan "+what)
	s.header.Primary = widgets.NewButton(widgets.Primary, "preview", "Open the plan", func() { s.w.Rooms.Plan(planID, s.job.Part, notes...) })
	s.header.Refresh()
	told := "Nothing written yet: the plan of " + s.name + " " + what
	s.w.Toast(m, told, "Open", func() { s.w.Rooms.Plan(planID, s.job.Part, notes...) })
	s.w.Fyne.SendNotification(fyne.NewNotification("Syncline", told))
}

// failed shows why the job ended before its end.
func (s *Screen) failed(err error) {
	e := app.Explain(err)
	s.header.Title, s.header.State = s.title("No plan was made", "Stopped", "Stopped"), ""
	s.header.Refresh()
	// What was approved is what is run again: a plan, where there was one.
	word, again := "Preview again", s.again
	switch {
	case s.job.Undoes:
		word = "Undo again"
	case s.job.Kind == app.JobRun:
		word = "Run again"
	}
	var setup *engine.SetupError
	if s.job.Kind == app.JobRun && errors.As(err, &setup) && setup.Kind == "plan" {
		word, again = "Make a new plan", func() { s.w.Rooms.Preview(s.job.Path, s.name) } // that one can't be run any more
	}
	actions := []*widgets.Button{widgets.NewButton(widgets.Plain, "retry", word, again)}
	if e.Kind == app.SignIn {
		actions = append(actions, widgets.NewButton(widgets.Plain, "connections", "Open Connections", func() { s.w.GoTo(shell.PlaceConnections) }))
	}
	var copied *app.CopyError
	if errors.As(err, &copied) {
		actions = []*widgets.Button{widgets.NewButton(widgets.Plain, "copy", "Make it a sync of its own", func() {
			s.w.Do(func(ctx context.Context) error { _, err := s.w.App.NewID(ctx, copied.Path); return err }, s.again)
		})}
	}
	s.notes.Add(widgets.NewErrorPanel(e.What, wording.JoinSentences(e.Means, e.Do), e.CorrelationID, actions...))
	s.notes.Refresh()
	s.w.Note(e)
}
