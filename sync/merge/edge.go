package merge

import "syncline/sync/plan"

// EdgeAction is what becomes of an association.
type EdgeAction int

// The actions on an association.
const (
	EdgeLeave    EdgeAction = iota // all is as it shall be, or nobody asks for it
	EdgeAdd                        // it is made
	EdgeRemove                     // it is removed
	EdgeAdopt                      // it is there: remembered as found
	EdgeForget                     // it is remembered no more
	EdgeDecline                    // it is remembered as declined
	EdgeConflict                   // a person decides whether it is made again
)

// Edge decides about one association, three-way: whether the source wants it,
// what is remembered, and whether HubSpot has it. Associations flow to HubSpot
// only. remove is whether those that the source no longer has are removed,
// which holds for those that this sync made. decision is a person's decision on
// an association that was removed in HubSpot: take the source's word, or
// HubSpot's; neither waits.
func Edge(want bool, was plan.EdgeState, have, remove bool, decision EdgeDecision) EdgeAction {
	switch {
	case want && have:
		if was == plan.EdgeMade || was == plan.EdgeFound {
			return EdgeLeave
		}
		return EdgeAdopt
	case want:
		switch was {
		case plan.EdgeNone:
			return EdgeAdd
		case plan.EdgeDeclined, plan.EdgeUndone:
			return EdgeLeave
		}
		switch decision {
		case EdgeTakeSource:
			return EdgeAdd
		case EdgeTakeHubSpot:
			return EdgeDecline
		}
		return EdgeConflict
	case was == plan.EdgeNone:
		return EdgeLeave
	case have && was == plan.EdgeMade && remove:
		return EdgeRemove
	case have && was == plan.EdgeRestored:
		return EdgeLeave // what an undo brought back stays until the source changes
	case have && was == plan.EdgeMade:
		return EdgeLeave // it stays ours: whether it goes is for the definition to say
	}
	return EdgeForget
}

// EdgeDecision is which side a person believes.
type EdgeDecision int

// The decisions about an association.
const (
	EdgeUndecided EdgeDecision = iota
	EdgeTakeSource
	EdgeTakeHubSpot
)
