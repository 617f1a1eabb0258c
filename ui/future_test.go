package ui

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"syncline/app"
	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/plan"
	"syncline/ui/look"
)

// texts are all words that an object shows.
func texts(o fyne.CanvasObject) string {
	if !o.Visible() {
		return ""
	}
	var inside []fyne.CanvasObject
	switch o := o.(type) {
	case *canvas.Text:
		return o.Text + "\n"
	case *fyne.Container:
		inside = o.Objects
	case fyne.Widget:
		inside = test.WidgetRenderer(o).Objects()
	}
	var all strings.Builder
	for _, child := range inside {
		all.WriteString(texts(child))
	}
	return all.String()
}

// A plan that is ready while nobody looks says what it would do: nothing is
// created, and nothing of it looks done.
func TestAPlanMadeUnattendedPromisesAndClaimsNothing(t *testing.T) {
	b := withSample(t, look.Light)
	b.tap("Preview")
	s := b.w.current.(*runScreen)
	b.w.goTo(placeRuns)
	b.until("the plan", func() bool { return s.ended })
	toast := b.w.layer.Toast()
	if toast == nil || toast.Meaning == look.Create || !strings.Contains(toast.Text, "Nothing written yet") {
		t.Errorf("the toast is %+v", toast)
	}
	b.w.open(s)
	b.settle()
	b.picture("plan-ready-unattended", 1280, 800)
	shown := texts(s.content())
	for _, past := range []string{"Created", "Updated", " created"} {
		if strings.Contains(strings.ReplaceAll(shown, "would be created", ""), past) {
			t.Errorf("the screen of a plan says %q:\n%s", past, shown)
		}
	}
	for _, future := range []string{"Would create", "Would update", "Nothing is written yet: 100 would be created, 84 would be updated"} {
		if !strings.Contains(shown, future) {
			t.Errorf("the screen of a plan does not say %q:\n%s", future, shown)
		}
	}
}

// stopped is a window whose sync has a run that was stopped after a part of its
// rows, as the workspace keeps it.
func stopped(t *testing.T) (*bench, app.PlanView) {
	t.Helper()
	b := withSample(t, look.Light)
	b.tap("Preview")
	p := b.plan("the plan").view
	s := b.w.app.Store
	counts := engine.Counts{Read: p.Summary.Counts.Read, Unchanged: p.Summary.Counts.Unchanged}
	counts.ToDo = counts.Read - counts.Unchanged
	for _, err := range []error{
		s.StartRun(t.Context(), store.Run{ID: "run-stopped", SyncID: p.SyncID, PlanID: p.ID, Kind: plan.KindRun, Started: time.Now()}),
		s.SetPlanState(t.Context(), p.ID, plan.Applying),
		s.EndRun(t.Context(), "run-stopped", plan.RunStopped, "stopped by the user", time.Now(), counts, struct{}{}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	b.home()
	return b, p
}

// Home, the history and the list of changes say of a run that did not end what
// is still to do, and count nothing as done that was not.
func TestAStoppedRunSaysWhatIsStillToDo(t *testing.T) {
	b, p := stopped(t)
	home := texts(b.w.home.content())
	if !strings.Contains(home, "184 still to do") || strings.Contains(home, "0 pending") || b.button("Resume") == nil {
		t.Errorf("Home says\n%s", home)
	}
	b.picture("home-stopped", 1280, 800)
	b.w.openPlan(p.ID)
	s := b.plan("the changes")
	b.settle()
	b.picture("changes-stopped", 1280, 800)
	it, ok := s.pages.at(0)
	if !ok || s.fate(it) != look.ToDo {
		t.Errorf("the first row counts as %v", s.fate(it))
	}
	shown := texts(s.chips.Container)
	if !strings.Contains(shown, "To do") {
		t.Errorf("the chips are\n%s", shown)
	}
}

// The screen of a run that a person stops shows what was written and offers to
// go on.
func TestTheScreenOfAStoppedRun(t *testing.T) {
	b := withSample(t, look.Light)
	b.tap("Preview")
	b.plan("the plan")
	s := newRunScreen(b.w, &app.Job{Work: app.Work{Kind: app.JobRun}, Name: "Customers"}, "Customers")
	again := false
	s.again = func() { again = true }
	b.w.open(s)
	s.stopped(engine.Result{Counts: engine.Counts{Read: 100000, Created: 26300, ToDo: 73700}})
	b.picture("run-stopped", 1280, 800)
	shown := texts(s.content())
	for _, want := range []string{"Stopped: Customers", "26,300 written · 73,700 still to do", "73,700"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the screen does not say %q:\n%s", want, shown)
		}
	}
	if s.fates.ToDo() != 73700 {
		t.Errorf("to do: %d", s.fates.ToDo())
	}
	b.tap("Resume")
	if !again {
		t.Error("Resume does nothing")
	}
}
