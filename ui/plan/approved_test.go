package plan

import (
	"fmt"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"syncline/app"
	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/plan"
	"syncline/ui/look"
)

// written is what the workspace says was written so far.
func (b *bench) written() int {
	b.Helper()
	runs, err := b.W.App.Runs(b.Context(), 0, -1)
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for _, r := range runs {
		n += r.Counts.Created + r.Counts.Updated + r.Counts.Archived
	}
	return n
}

// Run on the card of a sync that never ran makes a plan and shows it; nothing
// is written before somebody approves what is shown.
func TestRunShowsWhatItWouldWrite(t *testing.T) {
	b := withSample(t, look.Light)
	b.Tap("Run")
	p := b.plan("the plan")
	b.Settle()
	if runs, err := b.W.App.Runs(t.Context(), 0, -1); err != nil || len(runs) != 0 {
		t.Fatalf("%d runs, %v: something was written that nobody approved", len(runs), err)
	}
	if p.applied || p.apply.Text != "Apply 184 changes" {
		t.Errorf("the plan's button says %q", p.apply.Text)
	}
}

// What was taken out of a plan stays out: for whoever leaves the plan and
// presses Run, and for whoever starts the program again.
func TestRowsTakenOutStayOut(t *testing.T) {
	for name, leave := range map[string]func(*bench) *bench{
		"after leaving the plan": func(b *bench) *bench { return b },
		"after a restart":        func(b *bench) *bench { return &bench{b.Restart()} },
	} {
		t.Run(name, func(t *testing.T) {
			b := withSample(t, look.Light)
			b.Tap("Preview")
			p := b.plan("the plan")
			b.Until("the first row", func() bool { _, ok := p.pages.At(0); return ok })
			out, _ := p.pages.At(0)
			p.toggle(0)
			b.Settle()
			b = leave(b)
			b.Home()
			b.Tap("Run")
			again := b.plan("the plan")
			b.Settle()
			if again.view.ID != p.view.ID || again.apply.Text != "Apply 183 changes" {
				t.Fatalf("Run opened %s with %q, what waited is %s", again.view.ID, again.apply.Text, p.view.ID)
			}
			b.Tap("Apply 183 changes")
			b.Ran("the run")
			if n := b.written(); n != 183 {
				t.Errorf("%d rows were written, 183 were approved", n)
			}
			items, err := b.W.App.Store.ItemsByID(t.Context(), again.view.ID, []int{out.N})
			if err != nil || len(items) != 1 || items[0].Came() != plan.FateSkipped {
				t.Errorf("the row that was taken out came to %+v, %v", items, err)
			}
		})
	}
}

// A plan that is no longer what the field map says is not offered: Run makes
// the one that is.
func TestRunOfAChangedSyncMakesAnotherPlan(t *testing.T) {
	b := withSample(t, look.Light)
	b.Tap("Preview")
	p := b.plan("the plan")
	path := p.view.Sync.Path
	d, err := definition.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	d.Fields = d.Fields[:len(d.Fields)-1]
	if _, err := b.W.App.Save(&app.Draft{Definition: d}); err != nil {
		t.Fatal(err)
	}
	b.Home()
	b.Tap("Run")
	b.Until("a new plan", func() bool { q, ok := b.W.Current().(*Screen); return ok && q.view.ID != p.view.ID })
	if n := b.written(); n != 0 {
		t.Errorf("%d rows were written", n)
	}
}

// A run that did not end goes on with what was approved, and with nothing that
// came to the source since.
func TestResumeWritesWhatWasApproved(t *testing.T) {
	b := withSample(t, look.Light)
	b.Tap("Preview")
	p := b.plan("the plan")
	b.Until("the first row", func() bool { _, ok := p.pages.At(0); return ok })
	p.toggle(0)
	b.Settle()
	// The run that was stopped before it wrote anything.
	s, run := b.W.App.Store, "run-stopped"
	for _, err := range []error{
		s.StartRun(t.Context(), store.Run{ID: run, SyncID: p.view.SyncID, PlanID: p.view.ID, Kind: plan.KindRun, Started: time.Now()}),
		s.SetPlanState(t.Context(), p.view.ID, plan.Applying),
		s.EndRun(t.Context(), run, plan.RunStopped, "stopped by the user", time.Now(), struct{}{}, struct{}{}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	d, err := definition.Load(p.view.Sync.Path)
	if err != nil {
		t.Fatal(err)
	}
	appendRow(t, d.SourcePath())
	b.Home()
	b.Tap("Resume")
	b.Ran("the run")
	if n := b.written(); n != 183 {
		t.Errorf("%d rows were written, 183 were approved", n)
	}
	b.Home()
	if found := b.Button("Resume"); found != nil {
		t.Error("what has ended can be resumed")
	}
}

// appendRow gives a workbook one more row, like its last one with another key.
func appendRow(t *testing.T, path string) {
	t.Helper()
	book, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	sheet := book.GetSheetName(0)
	rows, err := book.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	last := rows[len(rows)-1]
	last[0] = "9" + last[0]
	if err := book.SetSheetRow(sheet, fmt.Sprintf("A%d", len(rows)+1), &last); err != nil {
		t.Fatal(err)
	}
	if err := book.Save(); err != nil {
		t.Fatal(err)
	}
}

// A job of the window that would write what no plan shows is refused.
func TestNoRunWithoutAPlan(t *testing.T) {
	b := withSample(t, look.Light)
	cards, err := b.W.App.Cards(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.W.App.Start(t.Context(), app.Work{Kind: app.JobRun, Path: cards[0].Path, Confirmed: true}); err == nil {
		t.Error("a run was begun without a plan that somebody saw")
	}
}

// The button that makes a plan and the one that applies it stand at the same place:
// a second click is none on what nobody has seen.
func TestASecondClickAppliesNothing(t *testing.T) {
	b := withSample(t, look.Light)
	now := time.Now()
	b.W.Now = func() time.Time { return now }
	b.Tap("Preview")
	p := b.plan("the plan")
	p.w.FirstLook = FirstLook
	now = now.Add(FirstLook / 2)
	p.apply.Tapped(nil)
	b.Settle()
	if b.W.Current() != p {
		t.Fatal("a plan was applied that nobody could have seen")
	}
	now = now.Add(FirstLook)
	b.Tap("Apply")
	b.Ran("the run")
}
