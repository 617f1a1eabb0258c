package plan

// LinkState is the state of the remembered pair of a row and a record.
type LinkState string

// The states of a link.
const (
	LinkActive  LinkState = "active"
	LinkPending LinkState = "pending" // its create is under way
	LinkFrozen  LinkState = "frozen"  // out of syncing until a person has looked
	LinkTomb    LinkState = "tomb"    // its record was archived by a run
)

// OpKind is what an operation does to a record or row.
type OpKind string

// The kinds of operations.
const (
	OpCreate  OpKind = "create"
	OpUpdate  OpKind = "update"
	OpArchive OpKind = "archive"
	OpDelete  OpKind = "delete" // of a row
	// Of two records:
	OpAssociate  OpKind = "associate"
	OpDissociate OpKind = "dissociate"
	OpDeliver    OpKind = "deliver" // a row to what is no record
	OpRecall     OpKind = "recall"  // what was delivered is taken back
)

// DeliveryState is what is known of the delivery of a row.
type DeliveryState string

// The states of a delivery.
const (
	DeliverySent  DeliveryState = "sent"  // it arrived
	DeliveryAgain DeliveryState = "again" // a person asked for it once more
	// DeliveryDoubtful is one of which nobody can tell whether it arrived.
	DeliveryDoubtful DeliveryState = "doubtful"
	DeliveryUndone   DeliveryState = "undone" // it was taken back
)

// OpState is the state of an operation in the journal.
type OpState string

// The states of an operation.
const (
	OpSent    OpState = "sent"    // its outcome is not known
	OpDone    OpState = "done"    // it took effect
	OpFailed  OpState = "failed"  // it was refused
	OpDropped OpState = "dropped" // it is known not to have happened
)

// ConflictState is the state of a conflict.
type ConflictState string

// The states of a conflict.
const (
	ConflictOpen    ConflictState = "open"    // waits for a person
	ConflictDecided ConflictState = "decided" // waits for the run that carries it out
	ConflictClosed  ConflictState = "closed"
)

// Choice is how a person settles a conflict.
type Choice string

// The choices. What each means for a conflict about a whole row is told by
// Cause.Options.
const (
	ChooseSource  Choice = "source"
	ChooseHubSpot Choice = "hubspot"
	ChooseBase    Choice = "base"
	ChooseValue   Choice = "value" // one of neither side, or a record's id
	ChooseSkip    Choice = "skip"  // both sides stay as they are
	ChooseApart   Choice = "apart" // a row gets a record of its own
)

// Known reports whether c is one of the choices.
func (c Choice) Known() bool {
	switch c {
	case ChooseSource, ChooseHubSpot, ChooseBase, ChooseValue, ChooseSkip, ChooseApart:
		return true
	}
	return false
}

// Cause groups the conflicts of the review queue that can be settled alike.
type Cause string

// The causes of conflicts about a field.
const (
	CauseFirstRun     Cause = "first-run"      // the sides differ and never agreed
	CauseFirstRunCase Cause = "first-run-case" // likewise, in case and spaces only
	CauseBothChanged  Cause = "both-changed"
	CauseCleared      Cause = "cleared" // one side was emptied, the other edited
	CauseCase         Cause = "case"
	CauseBackwards    Cause = "backwards"   // a lifecycle stage would move back, which HubSpot ignores
	CauseKept         Cause = "kept"        // HubSpot took a value without an error and kept its own
	CauseKey          Cause = "row-key"     // HubSpot holds another value of what a row is known by
	CauseAnotherRow   Cause = "another-row" // rows are known by another key since, and this one may be another row
	CauseMoved        Cause = "moved"       // a side changed between the plan and its application
	CauseDisplaced    Cause = "displaced"   // an edit was written over in the last round trip
	CauseOverwritten  Cause = "overwritten" // likewise, in the source
	CauseUnclear      Cause = "unclear"     // what became of a write of ours can't be told
	CauseRestored     Cause = "restored"    // the workspace is an old copy: what it remembers does not count
)

// The causes of conflicts about a whole row or record (property "").
const (
	CauseSeveral       Cause = "identity-several"       // several records have the row's match value
	CauseShared        Cause = "identity-shared"        // several rows have the same match value
	CauseCopies        Cause = "same-key"               // several rows have the same key, and do not agree
	CauseTaken         Cause = "identity-taken"         // the record belongs to another row
	CauseChosen        Cause = "identity-chosen"        // the record that a person chose for the row is not there
	CauseMerged        Cause = "identity-merged"        // the record was merged into that of another row
	CauseOther         Cause = "identity-other"         // the record bears the row's key, and holds something else
	CauseSuccessor     Cause = "identity-successor"     // the record was archived, another one has the row's match value now
	CauseGoneAndEdited Cause = "gone-and-edited"        // the row left the source, its record was edited since
	CauseRecordGone    Cause = "record-gone-and-edited" // the record was archived, its row was edited since
	CauseArchivedOver  Cause = "displaced-by-archive"   // the record was edited in the last round trip before we archived it
	CauseReturned      Cause = "returned"               // the row came back after its record was archived
	CauseEdgeRemoved   Cause = "association-removed"    // an association that the source has was removed in HubSpot
	CauseLimit         Cause = "limit"                  // no conflict: HubSpot has no room for the association, which waits
	CausePrimary       Cause = "primary-changed"        // another record was made the primary one in HubSpot
	CauseAppeared      Cause = "appeared"               // a record for the row is there that the plan did not know of; the next run decides
)

// Identity reports whether the conflict is about which record a row belongs to.
func (c Cause) Identity() bool {
	switch c {
	case CauseSeveral, CauseShared, CauseTaken, CauseOther, CauseChosen, CauseMerged, CauseSuccessor:
		return true
	}
	return false
}

// Displaced reports whether the conflict is about an edit that a write of ours
// fell upon within its last round trip.
func (c Cause) Displaced() bool {
	return c == CauseDisplaced || c == CauseOverwritten || c == CauseArchivedOver
}

// RunState is how a run ended, or that it has not.
type RunState string

// The states of a run.
const (
	RunPlanned     RunState = "planned" // of a result: a plan was made, nothing was written
	RunRunning     RunState = "running"
	RunDone        RunState = "done"
	RunStopped     RunState = "stopped" // by a guard rail or by a person
	RunFailed      RunState = "failed"
	RunInterrupted RunState = "interrupted" // its process ended
)

// Gone is what became of a record that is no longer there, "" where it is.
type Gone string

// What becomes of records.
const (
	GoneArchived Gone = "archived"
	GoneErased   Gone = "erased"
	GoneMerged   Gone = "merged"
)

// Class tells failed rows apart by who stopped them.
type Class string

// The classes of failed rows.
const (
	ClassInvalid Class = "invalid" // stopped by Syncline before anything was sent
	ClassRefused Class = "refused" // by HubSpot or by the source
	ClassBlocked Class = "blocked" // something else must happen first
)

// EdgeState is what is remembered of an association from when both sides last
// agreed on it.
type EdgeState string

// The states of a remembered association.
const (
	EdgeNone     EdgeState = ""         // nothing is remembered of it
	EdgeMade     EdgeState = "made"     // this sync made it
	EdgeFound    EdgeState = "found"    // it was there already, or somebody made it again
	EdgeDeclined EdgeState = "declined" // a person left it removed
	EdgeUndone   EdgeState = "undone"   // an undo took it back
	EdgeRestored EdgeState = "restored" // this sync had made and removed it, and an undo brought it back
)

// Held reports whether both sides have had the association.
func (s EdgeState) Held() bool { return s == EdgeMade || s == EdgeFound || s == EdgeRestored }
