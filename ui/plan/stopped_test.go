package plan

import (
	"strings"
	"testing"
	"time"

	"syncline/app"
	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/plan"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/shell/shelltest"
)

// stopped is a window whose sync has a run that was stopped after a part of its
// rows, as the workspace keeps it.
func stopped(t *testing.T) (*bench, app.PlanView) {
	t.Helper()
	b := withSample(t, look.Light)
	b.Tap("Preview")
	p := b.plan("the plan").view
	s := b.W.App.Store
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
	b.Home()
	return b, p
}

// Home, the history and the list of changes say of a run that did not end what
// is still to do, and count nothing as done that was not.
func TestAStoppedRunSaysWhatIsStillToDo(t *testing.T) {
	b, p := stopped(t)
	home := shelltest.Texts(b.W.ScreenOf(shell.PlaceHome).Content())
	if !strings.Contains(home, "184 still to do") || strings.Contains(home, "0 pending") || b.Button("Resume") == nil {
		t.Errorf("Home says\n%s", home)
	}
	b.Picture("home-stopped", 1280, 800)
	b.W.Rooms.Plan(p.ID, app.Part{})
	s := b.plan("the changes")
	b.Settle()
	b.Picture("changes-stopped", 1280, 800)
	it, ok := s.pages.At(0)
	if !ok || s.fate(it) != look.ToDo {
		t.Errorf("the first row counts as %v", s.fate(it))
	}
	shown := shelltest.Texts(s.chips.Container)
	if !strings.Contains(shown, "To do") {
		t.Errorf("the chips are\n%s", shown)
	}
}
