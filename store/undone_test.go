package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"syncline/store"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// What a run wrote is read in pages of pairs, each pair whole and once.
func TestTrailsArePagesOfWholePairs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	ok(t, w.NewPlan(ctx, plan.Plan{ID: "p", SyncID: w.sync.ID, Kind: plan.KindSync, Made: time.Now()}))
	ok(t, w.StartRun(ctx, store.Run{ID: "r", SyncID: w.sync.ID, PlanID: "p", Kind: plan.KindRun, Started: time.Now()}))
	text := "v"
	var outcomes []store.Outcome
	for _, property := range []string{"email", "phone"} { // the second values come after all of the first
		for n := range 25 {
			key := fmt.Sprint(n)
			outcomes = append(outcomes, store.Outcome{State: plan.OpDone, Link: &store.Link{RowKey: key, RecordID: "1" + key}, Source: record.Values{}, HubSpot: record.Values{},
				Audit: []store.Audit{{RowKey: key, RecordID: "1" + key, Side: plan.HubSpot, Field: property, Property: property, Action: plan.OpUpdate, After: &text}}})
		}
	}
	must[map[plan.Fate]int](t)(w.FinishBatch(ctx, w.sync.ID, "r", func(v record.Values) []byte { return []byte(v.JSON()) }, outcomes))
	seen := map[string]bool{}
	pages := 0
	for after := int64(0); ; pages++ {
		trails := must[[]store.Trail](t)(w.Trails(ctx, "r", after, 10, store.Part{}))
		if len(trails) == 0 {
			break
		}
		for _, trail := range trails {
			if len(trail) != 2 || seen[trail[0].RowKey] || trail[0].LinkID <= after {
				t.Fatalf("after %d: %+v", after, trail)
			}
			seen[trail[0].RowKey] = true
			after = trail[0].LinkID
		}
	}
	if len(seen) != 25 || pages != 3 {
		t.Errorf("%d pairs in %d pages", len(seen), pages)
	}
	if some := must[[]store.Trail](t)(w.Trails(ctx, "r", 0, 10, store.Part{Rows: []string{"7", "12"}})); len(some) != 2 {
		t.Errorf("%d pairs of two rows", len(some))
	}
}

// A sync's card shows no plan of an undo: it would be taken for what the sync
// would do.
func TestThePlanOfAnUndoDoesNotWaitAtItsSync(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	ok(t, w.NewPlan(ctx, plan.Plan{ID: "u", SyncID: w.sync.ID, Kind: plan.KindUndo, UndoOf: "r", Made: time.Now()}))
	ok(t, w.FreezePlan(ctx, "u", "", struct{}{}))
	if pl, err := w.LastPlan(ctx, w.sync.ID, plan.Ready); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("%v, %v", pl.ID, err)
	}
}
