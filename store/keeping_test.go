package store_test

import (
	"fmt"
	"testing"
	"time"

	"syncline/store"
	"syncline/sync/plan"
)

// planOf keeps a plan of so many items in a state.
func (w *world) planOf(id string, state plan.State, made time.Time, items int) {
	w.t.Helper()
	ctx := w.t.Context()
	ok(w.t, w.NewPlan(ctx, plan.Plan{ID: id, SyncID: w.sync.ID, Kind: plan.KindSync, Made: made}))
	all := make([]plan.Item, items)
	for i := range all {
		all[i] = plan.Item{N: i + 1, Kind: plan.ItemCreate, Fate: plan.FateCreated, RowKey: fmt.Sprint(i)}
	}
	ok(w.t, w.AddItems(ctx, id, all))
	ok(w.t, w.FreezePlan(ctx, id, "", struct{}{}))
	ok(w.t, w.SetPlanState(ctx, id, state))
}

func (w *world) itemsOf(id string) int {
	w.t.Helper()
	return len(must[[]int](w.t)(w.ItemIDs(w.t.Context(), id, store.ItemFilter{})))
}

// The rows of applied plans go slice by slice when their time has come; the plan
// stays, and what waits for an answer keeps its rows.
func TestTheRowsOfAppliedPlansGoByTheRule(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	const many = 5000
	long, late := time.Now().AddDate(0, 0, -100), time.Now().AddDate(0, 0, -10)
	w.planOf("old", plan.Applied, long, many)
	w.planOf("asked", plan.Applied, long, 3)
	w.planOf("late", plan.Applied, late, 3)
	w.planOf("waits", plan.Ready, long, 3)
	ok(t, w.StartRun(ctx, store.Run{ID: "run", SyncID: w.sync.ID, Kind: plan.KindRun, PlanID: "asked", Started: long}))
	ok(t, w.BeginBatch(ctx, []store.Op{{RunID: "run", SyncID: w.sync.ID, PlanID: "asked", N: 1, Side: plan.HubSpot, Kind: plan.OpCreate, RowKey: "1", Batch: "b", TraceID: "t", Sent: long}}))
	if more := must[bool](t)(w.Tidy(ctx)); more {
		t.Error("something goes after 100 days, though a year was promised")
	}
	ok(t, w.SetKeeping(ctx, store.Keeping{PlanRows: 90}))
	slices := 0
	for before := many; must[bool](t)(w.Tidy(ctx)); slices++ {
		now := w.itemsOf("old")
		if before-now > many/2 {
			t.Errorf("%d rows went at once", before-now)
		}
		before = now
	}
	if slices < 3 {
		t.Errorf("all went in %d slices", slices)
	}
	for id, want := range map[string]int{"old": 0, "asked": 3, "late": 3, "waits": 3} {
		p := must[plan.Plan](t)(w.Plan(ctx, id))
		if got := w.itemsOf(id); got != want || p.Bare != (id == "old") {
			t.Errorf("%s has %d rows, want %d; bare: %t", id, got, want, p.Bare)
		}
	}
	ok(t, w.SetKeeping(ctx, store.Keeping{}))
	if more := must[bool](t)(w.Tidy(ctx)); more {
		t.Error("something goes, though all is kept for ever")
	}
}

// Large plans that nobody applied don't hold up the next plan: they go in slices
// too, and altogether.
func TestPlansThatNobodyAppliedGoInSlices(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	for i := range 5 {
		w.planOf(fmt.Sprintf("plan-%d", i), plan.Ready, time.UnixMilli(int64(i+1)), 5000)
	}
	slices := 0
	for ; must[bool](t)(w.Tidy(ctx)); slices++ {
	}
	if slices < 3 {
		t.Errorf("all went in %d slices", slices)
	}
	if _, err := w.Plan(ctx, "plan-0"); err == nil || w.itemsOf("plan-0") > 0 {
		t.Error("the oldest is still there")
	}
	if got := w.itemsOf("plan-4"); got != 5000 {
		t.Errorf("the newest has %d rows", got)
	}
}
