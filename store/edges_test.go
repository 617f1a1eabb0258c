package store_test

import (
	"slices"
	"testing"

	"syncline/store"
	"syncline/sync/plan"
)

// Whatever this sync or somebody made, and what an undo brought back, is there for
// whoever asks what rows share, what a record holds and what an undo takes back.
func TestWhateverIsHeldOfAnAssociationCountsEverywhere(t *testing.T) {
	t.Parallel()
	for _, state := range []plan.EdgeState{plan.EdgeMade, plan.EdgeFound, plan.EdgeDeclined, plan.EdgeUndone, plan.EdgeRestored} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ctx := t.Context()
			edge := func(row string, state plan.EdgeState) store.Edge {
				return store.Edge{RowKey: row, Line: "l", From: "1", Object: "0-2", To: "2", Category: "HUBSPOT_DEFINED", Type: 279, State: state, Run: "of " + row}
			}
			keep := func(e store.Edge) {
				t.Helper()
				must[map[plan.Fate]int](t)(w.FinishBatch(ctx, w.sync.ID, "run", hash, []store.Outcome{{Edges: []store.Edge{e}}}))
			}
			keep(edge("a", state))
			shared := must[[]store.Edge](t)(w.SharedEdges(ctx, w.sync.ID, edge("b", plan.EdgeMade)))
			if got := len(shared) == 1; got != state.Held() {
				t.Errorf("another row's is shared: %v", got)
			}
			held := must[map[string][]store.Edge](t)(w.HeldEdges(ctx, w.sync.ID, []string{"1"}))
			if got := len(held["1"]) == 1; got != state.Held() {
				t.Errorf("it is held: %v", got)
			}
			lines := must[map[string]store.EdgeLine](t)(w.EdgeLines(ctx, w.sync.ID))
			if got := lines["l"].Held == 1; got != state.Held() {
				t.Errorf("it counts: %v", got)
			}
			keep(edge("b", plan.EdgeUndone))
			all := must[map[string][]store.Edge](t)(w.EdgesOf(ctx, w.sync.ID, []string{"a"}))["a"]
			if !slices.ContainsFunc(all, func(e store.Edge) bool {
				return (e.State == plan.EdgeUndone && e.Run == "of b") == state.Held()
			}) {
				t.Errorf("an undo took it back for another row: %+v", all)
			}
		})
	}
}
