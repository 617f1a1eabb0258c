// Package plan is the vocabulary of what a run does: plans and their items,
// edits of a field or of an edge, fates, sides, choices and states. It is
// pure: the store keeps these things, the engine makes them, and the screens
// and commands read them.
package plan

import (
	"encoding/json"
	"time"
)

// Side is one of the two ends of a sync.
type Side string

// The sides.
const (
	HubSpot Side = "hubspot"
	Source  Side = "source"
)

// Fate is what became of a row or record: each that takes part has exactly one.
type Fate string

// The fates.
const (
	FateCreated   Fate = "created"
	FateUpdated   Fate = "updated"
	FateUnchanged Fate = "unchanged"
	FateConflict  Fate = "conflict"
	FateSkipped   Fate = "skipped"
	FateFailed    Fate = "failed"
)

// FateAssociated is what becomes of an item about associations alone that
// writes: its row has a fate of its own, so that this is that of no row.
const FateAssociated Fate = "associated"

// FateToDo stands in place of a fate where a plan was begun with and an item of
// it was not reached. Only a run that did not end has such items.
const FateToDo Fate = "to-do"

// Kind is what a plan's item does.
type Kind string

// The kinds of plan items.
const (
	ItemCreate       Kind = "create"        // a record for a row
	ItemUpdate       Kind = "update"        // writes to either side, and fields agreed on the way
	ItemLink         Kind = "link"          // nothing to write: both sides agree, or bases move
	ItemSourceCreate Kind = "source-create" // a row for a record
	ItemArchive      Kind = "archive"       // the record of a row that left the source
	ItemSourceDelete Kind = "source-delete" // the row of a record that left HubSpot
	ItemConflict     Kind = "conflict"      // nothing to write: all that changed waits for a person
	ItemSkip         Kind = "skip"
	ItemInvalid      Kind = "invalid" // stopped by Syncline before anything was sent
	// ItemEdges is about associations of a row's record. The row has another item, or
	// needs none; it is counted there.
	ItemEdges Kind = "edges"
	// ItemEdgeRow is a row that is an association, see definition.Associate.
	ItemEdgeRow Kind = "edge-row"
	// ItemDeliver is a row that is delivered to what is no record, see definition.Deliver.
	ItemDeliver Kind = "deliver"
	// ItemRecall takes back what was delivered of a row.
	ItemRecall Kind = "recall"
)

// Writes reports whether items of the kind write to a side; only those can be
// taken out of a plan.
func (k Kind) Writes() bool {
	switch k {
	case ItemCreate, ItemUpdate, ItemSourceCreate, ItemSourceDelete, ItemArchive, ItemEdges, ItemEdgeRow, ItemDeliver, ItemRecall:
		return true
	case ItemLink, ItemConflict, ItemSkip, ItemInvalid:
	}
	return false
}

// Action is what an Edit does.
type Action string

// The actions of an Edit.
const (
	EditAdopt    Action = "adopt"    // both sides hold the same: the base moves
	EditHubSpot  Action = "hubspot"  // New is written to the record
	EditSource   Action = "source"   // New is written to the row
	EditConflict Action = "conflict" // waits for a person
	EditDrift    Action = "drift"    // the side that does not own the field changed; left alone
	EditKeep     Action = "keep"     // a person decided to leave both sides as they are
	EditLeft     Action = "left"     // both sides stay as they are for now: an undo took the edit back, or keeps what was edited since
	EditRule     Action = "rule"     // a decision about the whole row, see Ruling; Property is ""
	EditWait     Action = "wait"     // an association waits for a record that is not there
	EditForget   Action = "forget"   // an association is remembered no more: neither side has it, or it was never ours
)

// Edge is an association of the item's record: what an edit, a conflict, an
// audit entry or a failed row is about where it is not about a field. A pair
// with two labels is two edges.
type Edge struct {
	Object   string `json:"o"`           // object type id of the other end
	Record   string `json:"r,omitempty"` // the other end; "" while it waits for its record
	Row      string `json:"k,omitempty"` // the other end's row in the sync that Record comes from
	Category string `json:"c,omitempty"` // HUBSPOT_DEFINED, USER_DEFINED, INTEGRATOR_DEFINED
	Type     int    `json:"t,omitempty"` // HubSpot's association type id
	Label    string `json:"l,omitempty"` // for people
	// Line names the part of the definition that it comes from.
	Line string `json:"n,omitempty"`
	// FromRow is what names the record at its beginning, where that is not the item's
	// own; Record is then the other end as ever.
	FromRow string `json:"f,omitempty"`
	// Pair tells that nothing joined the two records before.
	Pair bool `json:"p,omitempty"`
	// Both tells that it is the same association from either end.
	Both bool `json:"b,omitempty"`
	// Kept tells of one that is removed that something else asks for the two records.
	Kept bool `json:"s,omitempty"`
}

// Text is the other end as the source names it, with the label, for people.
func (e Edge) Text() string {
	text := e.Row
	if text == "" {
		text = e.Record
	}
	if e.Label != "" {
		text += " (" + e.Label + ")"
	}
	return text
}

// Edit is what a plan does with one field or, where Edge is set, with one
// association. Values are nil where there is none.
type Edit struct {
	Field    string  `json:"f,omitempty"`
	Property string  `json:"p"`
	Edge     *Edge   `json:"e,omitempty"`
	Action   Action  `json:"a"`
	Reason   string  `json:"why,omitempty"`
	Cause    Cause   `json:"c,omitempty"` // groups conflicts
	Source   *string `json:"s,omitempty"` // the row's value, in the form in which both sides are compared
	HubSpot  *string `json:"h,omitempty"` // the record's
	BaseSrc  *string `json:"bs,omitempty"`
	BaseRem  *string `json:"bh,omitempty"`
	Agreed   bool    `json:"ag,omitempty"` // there is a base
	Old      *string `json:"o,omitempty"`  // what stands in the target, in the target's form
	New      *string `json:"n,omitempty"`  // what is written to the target, in its form
	Choice   int64   `json:"ch,omitempty"` // the decided conflict that this carries out
	Decided  string  `json:"dc,omitempty"` // what was decided there, see store.Conflict.Decision
	Ruling   Ruling  `json:"ru,omitempty"` // what it leaves behind
	Lead     string  `json:"ld,omitempty"` // the row or record that the ruling names
}

// Writes reports whether the edit writes to a side.
func (e Edit) Writes() bool { return e.Action == EditHubSpot || e.Action == EditSource }

// Subject is what the edit is about among those of its item: the property, or
// the part of the definition that asks for associations.
func (e Edit) Subject() string {
	if e.Edge != nil {
		return "associations " + e.Edge.Line
	}
	return e.Property
}

// Associates reports whether the edit makes an association.
func (e Edit) Associates() bool { return e.Edge != nil && e.Action == EditHubSpot && e.New != nil }

// Dissociates reports whether the edit removes one.
func (e Edit) Dissociates() bool { return e.Edge != nil && e.Action == EditHubSpot && e.New == nil }

// Target is the side that the edit writes to, "" where it writes nothing.
func (e Edit) Target() Side {
	switch e.Action {
	case EditHubSpot:
		return HubSpot
	case EditSource:
		return Source
	case EditAdopt, EditConflict, EditDrift, EditKeep, EditLeft, EditRule, EditWait, EditForget:
	}
	return ""
}

// Item is one line of a plan.
type Item struct {
	N        int
	Kind     Kind
	Fate     Fate
	Reason   string
	LinkID   int64
	RowKey   string
	RecordID string
	Line     int
	Name     string
	Edits    []Edit
	ReadAt   time.Time // when the record's values were read
	Excluded bool
	Done     Fate   // the fate it came to when applied, "" = not applied
	Outcome  string // why, where it is not the planned one
}

// Came is the fate that the item came to: the outcome where it was applied,
// skipped where it was taken out, the planned fate elsewhere.
func (it Item) Came() Fate {
	switch {
	case it.Done != "":
		return it.Done
	case it.Excluded && it.Fate != FateConflict: // what waits in Review goes on to wait
		return FateSkipped
	}
	return it.Fate
}

// Reached is what became of the item in a run of its plan: what it came to, or
// that it is still to do.
func (it Item) Reached() Fate {
	if it.Done == "" && !it.Excluded {
		return FateToDo
	}
	return it.Came()
}

// Why is the reason of the fate that the item came to.
func (it Item) Why() string {
	switch {
	case it.Done != "" && it.Outcome != "":
		return it.Outcome
	case it.Done == "" && it.Excluded:
		return "taken out of the plan"
	}
	return it.Reason
}

// Has reports whether one of the item's edits has the action.
func (it Item) Has(action Action) bool {
	for _, e := range it.Edits {
		if e.Action == action {
			return true
		}
	}
	return false
}

// Purpose is what a plan, or the run that applies it, is for.
type Purpose string

// The purposes of plans and runs.
const (
	KindSync Purpose = "sync" // of a plan: both sides shall agree
	KindRun  Purpose = "run"  // of a run: it applies such a plan
	KindUndo Purpose = "undo" // of either: an earlier run is reverted
)

// State is how far a plan is.
type State string

// The states of a plan.
const (
	Making   State = "making"   // its items are being written
	Ready    State = "ready"    // frozen and hashed: it may be applied
	Applying State = "applying" // a run has begun with it
	Applied  State = "applied"  // a run has ended it
	Stale    State = "stale"    // what is left of it is planned anew
)

// Plan is a list of changes that a run would make.
type Plan struct {
	ID     string
	SyncID int64
	Kind   Purpose // sync, undo
	UndoOf string
	State  State
	Made   time.Time
	Pull   int64
	Hash   string // of all that was decided, when it was frozen; see Seal
	// Revision counts what people changed since, RevisedHash is the hash of the last of these.
	Revision    int
	RevisedHash string
	// Bare says that its rows are kept no longer, or not all of them.
	Bare bool
	// Summary is the engine's: counts, guard rails, estimates.
	Summary json.RawMessage
}

// Revised is the hash of the plan as it is now: a run that applies it is bound
// to it.
func (p Plan) Revised() string {
	if p.Revision > 0 {
		return p.RevisedHash
	}
	return p.Hash
}
