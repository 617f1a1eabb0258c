package merge_test

import (
	"testing"

	"pgregory.net/rapid"

	"syncline/sync/merge"
	"syncline/sync/plan"
)

// An association that a person removed is never made again without a decision,
// one that this sync did not make is never removed, and two looks at the same
// state write nothing the second time.
func TestAssociationsAreDecidedAsSets(t *testing.T) {
	t.Parallel()
	states := []plan.EdgeState{plan.EdgeNone, plan.EdgeMade, plan.EdgeFound, plan.EdgeDeclined, plan.EdgeUndone, plan.EdgeRestored}
	rapid.Check(t, func(t *rapid.T) {
		want, have, remove := rapid.Bool().Draw(t, "want"), rapid.Bool().Draw(t, "have"), rapid.Bool().Draw(t, "remove")
		was := rapid.SampledFrom(states).Draw(t, "was")
		choice := rapid.SampledFrom([]merge.EdgeDecision{merge.EdgeUndecided, merge.EdgeTakeSource, merge.EdgeTakeHubSpot}).Draw(t, "choice")
		got := merge.Edge(want, was, have, remove, choice)
		if got == merge.EdgeAdd && (have || !want) {
			t.Fatal("an association is made that is there, or that nobody wants")
		}
		if got == merge.EdgeAdd && was != plan.EdgeNone && choice != merge.EdgeTakeSource {
			t.Fatal("what a person removed is made again unasked")
		}
		if got == merge.EdgeRemove && (want || was != plan.EdgeMade || !remove || !have) {
			t.Fatal("an association is removed that is wanted, not ours, or not to be removed")
		}
		if want && !have && was.Held() && choice == merge.EdgeUndecided && got != merge.EdgeConflict {
			t.Fatal("what was removed in HubSpot is passed over")
		}
		next, there := was, have
		switch got {
		case merge.EdgeAdd:
			next, there = plan.EdgeMade, true
		case merge.EdgeRemove:
			next, there = plan.EdgeNone, false
		case merge.EdgeAdopt:
			next = plan.EdgeFound
		case merge.EdgeForget:
			next = plan.EdgeNone
		case merge.EdgeDecline:
			next = plan.EdgeDeclined
		}
		again := merge.Edge(want, next, there, remove, merge.EdgeUndecided)
		if got != merge.EdgeConflict && again != merge.EdgeLeave {
			t.Fatalf("after %d comes %d: it does not come to rest", got, again)
		}
	})
}
