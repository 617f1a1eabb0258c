package sets

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/sync/plan"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/widgets/graph"
	"syncline/ui/wording"
)

// Screen is a set as one job: a diagram of its syncs and associations with
// what each would do or did, one plan that is approved once, one run, one undo.
type Screen struct {
	w     *Room
	path  string
	state app.SetState
	known bool             // state was read
	undo  *app.SetPlanView // the plan of an undo, while it is shown
	taken app.SetWork      // the work that made that plan
	job   *app.SetJob      // under way; nil else
	snap  app.SetSnapshot  // of job
	ended *setEnd          // what the last job came to, until the next one begins
	read  shell.Turns      // how the set stands
	cards []setPart        // what the diagram's cards stand for
	rails []*widgets.GuardRail

	header *widgets.Header
	notes  *fyne.Container
	graph  *graph.Graph
	pane   *fyne.Container
	budget *shell.BudgetPanel
	guards *fyne.Container
	footer *widgets.PlanFooter
	apply  *widgets.Button
	foot   *fyne.Container
	stop   *widgets.Button
	root   *fyne.Container
}

// setEnd is what a job came to.
type setEnd struct {
	work app.SetWork
	res  app.SetResult
	err  error
}

// OpenSet shows the set at path. A set that is at work is shown as it works.
func (w *Room) OpenSet(path string) *Screen {
	s := w.sets[path]
	if s == nil {
		s = newSetScreen(w, path)
		w.sets[path] = s
	}
	w.Open(s)
	return s
}

func newSetScreen(w *Room, path string) *Screen {
	s := &Screen{w: w, path: path, header: widgets.NewHeader("Set", ""), graph: graph.New(), budget: shell.NewBudgetPanel()}
	s.header.OnBack = s.back
	s.graph.Titles = [3]string{"Your rows", "In HubSpot", "Associations"}
	s.graph.OnSelected = func(int) { s.fillPane() }
	s.graph.OnOpened = s.openCard
	s.notes = widgets.NewPaddedColumn(8, look.PageMargin, 12)
	s.pane = widgets.NewColumn(0)
	s.guards = widgets.NewColumn(8)
	s.apply = widgets.NewButton(widgets.Primary, "run", "", s.confirm)
	s.footer = widgets.NewPlanFooter(s.apply)
	s.stop = widgets.NewButton(widgets.Danger, "stop", "Stop", func() {
		if s.job != nil {
			s.stop.SetReason("Stopping after the batch under way")
			s.job.Cancel()
		}
	})
	split := widgets.NewSplit(container.NewVScroll(s.graph), container.NewVScroll(s.pane), w.PaneWidth(shell.PrefExplanation, look.ExplanationWidth))
	split.Least, split.Rest = look.ExplanationSlim, 560
	split.OnResized = w.KeepPane(shell.PrefExplanation)
	s.foot = widgets.NewColumn(0, widgets.NewSeparator(), container.New(guardRoom{}, s.guards), container.New(layouts.Margin(look.PageMargin, 10), s.footer))
	s.root = container.NewBorder(widgets.NewColumn(0, s.header, s.notes), s.foot, nil, nil, split)
	s.notes.Hide()
	s.foot.Hide()
	return s
}

// State is how the set stands; false until it was read.
func (s *Screen) State() (app.SetState, bool) { return s.state, s.known }

// Working reports whether a job of the set is under way.
func (s *Screen) Working() bool { return s.job != nil }

// Stop presses the button that stops the job.
func (s *Screen) Stop() { s.stop.Tapped(nil) }

// Content implements shell.Screen.
func (s *Screen) Content() fyne.CanvasObject { return s.root }

// Head implements shell.Screen.
func (s *Screen) Head() *widgets.Header { return s.header }

// Focus implements shell.Screen.
func (s *Screen) Focus() {
	if s.job != nil {
		widgets.FocusOn(s.stop)
		return
	}
	widgets.FocusOn(s.graph)
}

// Fit lets the guard rails do with less room.
func (s *Screen) Fit(compact bool) {
	for _, g := range s.rails {
		g.Compact = compact
		g.Refresh()
	}
	s.root.Refresh()
}

// back leads from the plan of an undo to the set, and from the set to Home.
func (s *Screen) back() {
	if s.undo != nil && s.job == nil {
		s.undo = nil
		s.fill()
		return
	}
	s.w.GoTo(shell.PlaceHome)
}

// Show reads how the set stands now.
func (s *Screen) Show() {
	undo := ""
	if s.undo != nil {
		undo = s.undo.ID
	}
	type read struct {
		state app.SetState
		undo  *app.SetPlanView
	}
	shell.LoadKept(s.w, &s.read, func(ctx context.Context) (r read, err error) {
		if r.state, err = s.w.App.SetState(ctx, s.path); err != nil || undo == "" {
			return r, err
		}
		v, err := s.w.App.SetPlan(ctx, undo)
		r.undo = &v
		return r, err
	}, func(r read) {
		s.state, s.undo, s.known = r.state, r.undo, true
		s.fill()
	}, s.broken)
}

// broken says what is wrong with the set's documents.
func (s *Screen) broken(err error) {
	e := app.Explain(err)
	s.notes.Objects = []fyne.CanvasObject{widgets.NewErrorPanel("This set can’t be read", wording.JoinSentences(e.What, e.Means, e.Do), e.CorrelationID,
		widgets.NewButton(widgets.Plain, "retry", "Read again", s.Show))}
	s.notes.Show()
	s.known = false
	s.graph.Set(nil, nil)
	s.pane.Objects = nil
	s.pane.Refresh()
	s.foot.Hide()
	s.header.State, s.header.Primary, s.header.Buttons = s.path, nil, nil
	s.header.Refresh()
	s.root.Refresh()
}

// PortalID is the id of the portal that the set writes to, 0 where it is not known.
func (s *Screen) PortalID() int64 {
	for _, y := range s.state.Syncs {
		if y.Card != nil {
			return y.Card.PortalID
		}
	}
	return 0
}

// shown is the plan on the screen: that of an undo, or the one that waits.
func (s *Screen) shown() *app.SetPlanView {
	if s.undo != nil {
		return s.undo
	}
	return s.state.Plan
}

// undoes reports whether the plan on the screen takes a run back.
func (s *Screen) undoes() bool { return s.undo != nil }

// interrupted is the run that can be gone on with, nil where there is none or
// it is at work.
func (s *Screen) interrupted() bool {
	return s.job == nil && s.undo == nil && s.state.Unfinished != nil
}

// fill shows what is known.
func (s *Screen) fill() {
	if !s.known {
		return
	}
	s.w.Changed(s)
	s.fillHead()
	s.fillNotes()
	s.fillGraph()
	s.fillPane()
	s.fillFoot()
	s.root.Refresh()
}

// fillHead says in which state the set is, and what can be done.
func (s *Screen) fillHead() {
	h, v := s.header, s.state
	h.Title, h.Primary, h.Buttons, h.Menu = v.Name, nil, nil, nil
	preview := widgets.NewButton(widgets.Plain, "preview", "Preview", s.preview)
	switch {
	case s.job != nil:
		h.Title = setTitle(s.job.SetWork) + ": " + v.Name
		h.Buttons = []*widgets.Button{s.stop}
	case s.undoes():
		h.Title = "Undo: " + v.Name
		h.State = fmt.Sprintf("Nothing has been restored yet · previewed %s as %s", look.WhenInside(s.undo.Made, s.w.Now()), s.undo.ID)
		if part := s.taken.Part.Text(); part != "" {
			h.State = "Only " + part + " · nothing has been restored yet"
		}
		h.Buttons = []*widgets.Button{widgets.NewButton(widgets.Plain, "retry", "Make a new plan", func() { s.start(s.taken) })}
	case s.interrupted():
		h.State = unfinishedWords(v, s.w.Now())
		preview.SetText("Preview again")
		h.Buttons = []*widgets.Button{preview}
		h.Primary = widgets.NewButton(widgets.Primary, "run", "Resume", s.resume)
		if v.Unfinished.Plan == "" {
			h.Buttons, h.Primary = nil, preview
			preview.Kind = widgets.Primary
		}
	case v.Plan != nil:
		h.State = fmt.Sprintf("Previewed %s as %s · nothing is written yet", look.WhenInside(v.Plan.Made, s.w.Now()), v.Plan.ID)
		preview.Icon = "retry"
		preview.SetText("Make a new plan")
		h.Buttons = append(s.lastButtons(), preview)
	default:
		h.State = restWords(v, s.w.Now())
		h.Buttons, h.Primary = s.lastButtons(), preview
		preview.Kind = widgets.Primary
	}
	if s.job == nil {
		if s.canUndoPart() {
			h.Menu = append(h.Menu, fyne.NewMenuItem("Undo a part of the last run…", func() { s.askPart(s.state.Last.ID) }))
		}
		h.Menu = append(h.Menu, fyne.NewMenuItem("Remove from Home…", func() { s.w.Rooms.RemoveSet(s.path, v.Name) }))
	}
	h.Refresh()
}

// lastButtons are what can be done with the last run.
func (s *Screen) lastButtons() []*widgets.Button {
	if s.state.Last == nil {
		return nil
	}
	id := s.state.Last.ID
	undo := widgets.NewButton(widgets.Plain, "undo", "Undo the last run", s.previewUndo)
	if s.state.Undo != nil {
		undo = widgets.NewButton(widgets.Plain, "retry", "Do it again", s.redo)
	}
	return []*widgets.Button{widgets.NewButton(widgets.Plain, "file", "Report", func() { s.w.OpenReport(id) }), undo}
}

// unfinishedWords say where a run stopped.
func unfinishedWords(v app.SetState, now time.Time) string {
	word := map[plan.RunState]string{plan.RunStopped: "Stopped", plan.RunFailed: "Failed"}[v.Unfinished.State]
	if word == "" {
		word = "Did not end"
	}
	if v.Unfinished.Kind == plan.KindUndo {
		return fmt.Sprintf("The undo of the last run: %s · begun %s", strings.ToLower(word), look.WhenInside(v.Unfinished.Started, now))
	}
	ended := make(map[int64]bool)
	for _, r := range v.Last.Runs {
		ended[r.SyncID] = r.State == plan.RunDone
	}
	done := 0
	for _, ok := range ended {
		if ok {
			done++
		}
	}
	return fmt.Sprintf("%s · begun %s · %s of %s done", word, look.WhenInside(v.Unfinished.Started, now), look.Number(done), look.Count(len(v.Syncs), "sync", "syncs"))
}

// restWords say how a set stands of which nothing waits to be approved.
func restWords(v app.SetState, now time.Time) string {
	switch {
	case v.Last == nil && v.Changed:
		return "Changed since its preview · never run"
	case v.Last == nil:
		return look.Count(len(v.Syncs), "sync", "syncs") + " as one job · never run"
	case v.Undo != nil:
		return "Undone " + look.WhenInside(v.Undo.Started, now) + " · nothing of it is done again until its rows change"
	}
	text := "Last run " + look.WhenInside(v.Last.Started, now)
	if !v.Last.Ended.IsZero() {
		text += " · " + look.Took(v.Last.Ended.Sub(v.Last.Started))
	}
	return text + " · " + look.Count(v.Last.Calls, "call", "calls")
}

// forgotten reports whether what the last job came to is no news any more: a
// plan was made, and a run that did not end is there since.
func (s *Screen) forgotten() bool {
	return s.ended.work.Kind.Plans() && s.ended.err == nil && s.ended.res.State != plan.RunFailed
}

// stopped reports whether a person stopped the job.
func (e *setEnd) stopped() bool {
	return wasStopped(e.err) || slices.ContainsFunc(e.res.Members, func(m app.MemberResult) bool { return wasStopped(m.Err) })
}

// fillNotes says over the diagram what a person must know now.
func (s *Screen) fillNotes() {
	s.notes.Objects = nil
	switch {
	case s.job != nil:
	case s.ended != nil && s.ended.stopped() && s.ended.work.Kind.Plans():
		s.notes.Add(widgets.NewNotice(look.Neutral, "pause", "No plan was made: you stopped it", "Nothing was written. Preview begins anew."))
	case s.ended != nil && s.ended.err != nil && !s.ended.stopped():
		s.notes.Add(s.errorPanel(s.ended.err, ""))
	case s.ended != nil && !s.forgotten():
		for _, m := range s.ended.res.Members {
			if m.Err != nil && m.Kind() != app.Guarded && !wasStopped(m.Err) {
				s.notes.Add(s.errorPanel(m.Err, m.Result.Sync))
				break
			}
		}
		if s.interrupted() && len(s.notes.Objects) == 0 {
			s.notes.Add(widgets.NewNotice(look.Neutral, "pause", "What was written is kept", "Resume goes on with what is left of what you approved, now or later from Home."))
		}
	case s.interrupted():
		text := "Resume goes on with what is left of what was approved, with no row lost or doubled."
		if s.state.Unfinished.Plan == "" {
			text = "It was begun without a plan. Preview the set again to see what is left."
		}
		title := "The last run did not end"
		if s.state.Unfinished.Kind == plan.KindUndo {
			title = "The undo of the last run did not end"
		}
		if s.state.Unfinished.Error != "" {
			text = wording.SentenceCase(s.state.Unfinished.Error) + ". " + text
		}
		s.notes.Add(widgets.NewNotice(look.Conflict, "pause", title, text))
	case s.state.Changed && s.undo == nil:
		s.notes.Add(widgets.NewInfoBox("A document was changed since the last preview, or one of the plans was applied by itself. Preview the set again to see what it does now."))
	}
	if len(s.notes.Objects) == 0 {
		s.notes.Hide()
		return
	}
	s.notes.Show()
}
