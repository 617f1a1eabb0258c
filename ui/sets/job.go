package sets

import (
	"context"
	"errors"
	"fmt"

	"fyne.io/fyne/v2"

	"syncline/app"
	"syncline/sync/engine"
	"syncline/sync/plan"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/wording"
)

// setTitle is what work on a set is called while it is under way.
func setTitle(x app.SetWork) string {
	switch x.Kind {
	case app.SetPreview:
		return "Making the plan"
	case app.SetPreviewUndo:
		return "Planning the undo"
	case app.SetUndo:
		return "Undoing"
	case app.SetRun:
	}
	return "Running"
}

func wasStopped(err error) bool { return errors.Is(err, context.Canceled) }

// preview makes a new plan of the set. What was taken out of the one that waits,
// or edited in it, is taken over unless a person says otherwise.
func (s *Screen) preview() {
	x := app.SetWork{Kind: app.SetPreview, Path: s.path}
	changed := 0
	if s.state.Plan != nil {
		for _, m := range s.state.Plan.Members {
			if m.Revision > 0 {
				changed++
			}
		}
	}
	if changed == 0 {
		s.start(x)
		return
	}
	over := x
	over.Instead = s.state.PlanID
	d := widgets.NewConfirm("You changed the plan that waits", fmt.Sprintf("You took rows out of %s of this set, or edited what they write. The new plan takes that over and says what it could not.", look.Count(changed, "plan", "plans")),
		"Take it over", false, func() { s.start(over) })
	d.Width = 520
	d.Others = append(d.Others, widgets.NewButton(widgets.Plain, "", "Start afresh", func() {
		d.Close()
		s.start(x)
	}))
	d.Open(s.w.Win.Canvas())
}

// previewUndo shows what undoing the last run of the set puts back.
func (s *Screen) previewUndo() {
	if s.state.Last != nil {
		s.start(app.SetWork{Kind: app.SetPreviewUndo, Path: s.path, Arg: s.state.Last.ID})
	}
}

// redo makes the plan that offers again what the undo of the last run took back.
func (s *Screen) redo() {
	if s.state.Last != nil {
		s.start(app.SetWork{Kind: app.SetPreview, Path: s.path, Redo: s.state.Last.ID})
	}
}

// resume goes on with the run that did not end, with what was approved for it.
func (s *Screen) resume() {
	r := s.state.Unfinished
	if r.Kind == plan.KindUndo {
		s.start(app.SetWork{Kind: app.SetUndo, Path: s.path, Arg: r.UndoOf, Plan: r.Plan, Confirmed: true})
		return
	}
	s.start(app.SetWork{Kind: app.SetRun, Path: s.path, Arg: r.Plan, Confirmed: true})
}

// confirm applies the plan on the screen; in a production portal the dialog
// names it.
func (s *Screen) confirm() {
	v := s.shown()
	if v == nil {
		return
	}
	x := app.SetWork{Kind: app.SetRun, Path: s.path, Arg: v.ID, Confirmed: len(s.rails) > 0}
	if s.undoes() {
		x.Kind, x.Arg, x.Plan = app.SetUndo, v.UndoOf, v.ID
	}
	for _, m := range v.Members {
		if wording.PortalMeaning(m.Portal.Kind, m.Portal.AccountType) != look.Production {
			continue
		}
		d := widgets.NewConfirm("Apply to "+m.Portal.Name+"?", s.footer.Writes+". "+s.footer.Costs+".", s.apply.Text, false, func() { s.start(x) })
		d.Portal, d.Note = look.Production, m.Portal.Name
		d.Open(s.w.Win.Canvas())
		return
	}
	s.start(x)
}

// start begins work on the set and shows how far it is, when everything is kept
// that was decided and changed before.
func (s *Screen) start(x app.SetWork) {
	s.w.WhenKept(func() { s.begin(x) })
}

func (s *Screen) begin(x app.SetWork) {
	if s.job != nil {
		return
	}
	j, err := s.w.App.StartSet(s.w.Ctx, x)
	if err != nil {
		s.w.Fail(err)
		return
	}
	s.job, s.snap, s.ended = j, app.SetSnapshot{}, nil
	s.w.WorkBegun(shell.UnderWay{Key: s.path, Title: setTitle(x), OfSet: true, Screen: s})
	s.stop.SetReason("")
	s.header.State = "Connecting"
	s.graph.Select(-1)
	s.fill()
	if s.w.Current() == shell.Screen(s) {
		s.Focus()
	}
	shell.Follow(s.w, j.Done(), j.Progress.Snapshot, s.progress, func() {
		res, err := j.Result()
		s.done(x, res, err)
	})
}

// progress shows a snapshot.
func (s *Screen) progress(p app.SetSnapshot) {
	if s.job == nil {
		return
	}
	s.snap = p
	if p.At < len(p.Members) {
		m := p.Members[p.At]
		s.header.SetState(fmt.Sprintf("%s of %s: %s · %s", look.Number(p.At+1), look.Number(len(p.Members)), s.nameOf(p.At), progressWords(m.Progress)))
		s.budget.Set(m.Progress.Traffic)
	}
	s.fillGraph()
	s.fillPane()
}

// nameOf is the name of the member at a place in the order of the work.
func (s *Screen) nameOf(i int) string {
	if s.job != nil && s.job.Kind.Undoes() {
		return s.snap.Members[i].Document // of an undo it is the sync's name
	}
	if i < len(s.state.Syncs) {
		return s.state.Syncs[i].Definition.Name
	}
	return ""
}

// progressWords say what a member does at this moment.
func progressWords(p engine.Snapshot) string {
	switch {
	case p.Waiting != "":
		return "waiting for " + p.Waiting
	case p.Phase == engine.PhasePull && p.Rows > 0:
		return fmt.Sprintf("reading %s rows, %s records", look.Number(p.Rows), look.Number(p.Search.Done))
	case p.Phase == "":
		return "connecting"
	}
	return string(p.Phase)
}

// done shows what the job came to.
func (s *Screen) done(x app.SetWork, res app.SetResult, err error) {
	s.job = nil
	s.w.WorkEnded(s.path)
	s.ended = &setEnd{x, res, err}
	s.w.RefreshStatus()
	told := ""
	switch {
	case s.ended.stopped():
	case err != nil || res.State == plan.RunFailed:
		told = res.Set + ": it did not come to its end"
	case x.Kind == app.SetPreviewUndo && res.Plan != "":
		s.undo, s.taken = &app.SetPlanView{}, x
		s.undo.ID = res.Plan
		told = "Nothing restored yet: the plan that undoes " + res.Set + " is ready"
	case x.Kind == app.SetPreview && res.Plan != "":
		told = "Nothing written yet: the plan of " + res.Set + " is ready"
	case x.Kind == app.SetUndo && res.State == plan.RunDone:
		s.undo = nil
		told = res.Set + " is undone"
	case res.State == plan.RunDone:
		told = res.Set + " is done"
	}
	if told != "" {
		s.w.Fyne.SendNotification(fyne.NewNotification("Syncline", told))
	}
	if s.w.Current() == shell.Screen(s) {
		s.Show()
		s.Focus()
		return
	}
	if told != "" {
		s.w.Toast(look.Neutral, told, "Open", func() { s.w.Open(s) })
	}
	if s.w.At(shell.PlaceHome) {
		s.w.Current().Show()
	}
}

// errorPanel says why a job ended before its end, with the way out.
func (s *Screen) errorPanel(err error, name string) fyne.CanvasObject {
	e := app.Explain(err)
	what := e.What
	if name != "" {
		what = name + ": " + what
	}
	var actions []*widgets.Button
	if e.Kind == app.SignIn {
		actions = append(actions, widgets.NewButton(widgets.Plain, "connections", "Open Connections", func() { s.w.GoTo(shell.PlaceConnections) }))
	}
	rest := ""
	if s.ended != nil {
		for _, n := range s.ended.res.Notes {
			rest = wording.JoinSentences(rest, n)
		}
	}
	title := what
	text := wording.JoinSentences(e.Means, e.Do, rest)
	if look.Strong.Width(title) > 480 {
		title, text = "It did not come to its end", wording.JoinSentences(what, text)
	}
	s.w.Note(e)
	return widgets.NewErrorPanel(title, text, e.CorrelationID, actions...)
}
