package runs

import (
	"strings"
	"testing"

	"syncline/app"
	"syncline/sync/engine"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/shell/shelltest"
)

// A plan that is ready while nobody looks says what it would do: nothing is
// created, and nothing of it looks done.
func TestAPlanMadeUnattendedPromisesAndClaimsNothing(t *testing.T) {
	b := withSample(t, look.Light)
	b.Tap("Preview")
	s := b.W.Current().(*Screen)
	b.W.GoTo(shell.PlaceRuns)
	b.Until("the plan", func() bool { return s.ended })
	toast := b.W.LastToast()
	if toast == nil || toast.Meaning == look.Create || !strings.Contains(toast.Text, "Nothing written yet") {
		t.Errorf("the toast is %+v", toast)
	}
	b.W.Open(s)
	b.Settle()
	b.Picture("plan-ready-unattended", 1280, 800)
	shown := shelltest.Texts(s.Content())
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

// The screen of a run that a person stops shows what was written and offers to
// go on.
func TestTheScreenOfAStoppedRun(t *testing.T) {
	b := withSample(t, look.Light)
	b.Tap("Preview")
	b.Planned("the plan")
	s := newRunScreen(b.room(), &app.Job{Work: app.Work{Kind: app.JobRun}, Name: "Customers"}, "Customers")
	again := false
	s.again = func() { again = true }
	b.W.Open(s)
	s.stopped(engine.Result{Counts: engine.Counts{Read: 100000, Created: 26300, ToDo: 73700}})
	b.Picture("run-stopped", 1280, 800)
	shown := shelltest.Texts(s.Content())
	for _, want := range []string{"Stopped: Customers", "26,300 written · 73,700 still to do", "73,700"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the screen does not say %q:\n%s", want, shown)
		}
	}
	if s.fates.ToDo() != 73700 {
		t.Errorf("to do: %d", s.fates.ToDo())
	}
	b.Tap("Resume")
	if !again {
		t.Error("Resume does nothing")
	}
}
