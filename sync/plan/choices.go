package plan

// Option is one way to settle a conflict, in words for people.
type Option struct {
	Choice Choice
	Word   string // of a button or a list: "Keep the record"
	Does   string // what the next run does, as a sentence
}

// The ways to settle a conflict about a field.
var fieldOptions = []Option{
	{ChooseSource, "Source taken", "HubSpot gets the source's value."},
	{ChooseHubSpot, "HubSpot taken", "The source gets HubSpot's value."},
	{ChooseBase, "Back to base", "Both sides get back what they last agreed on."},
	{ChooseValue, "Edited", "Both sides get the value that was typed."},
	{ChooseSkip, "Both stay as they are", "Neither side is written until one of them changes again."},
}

// backwardsOptions settle a lifecycle stage that would move back.
var backwardsOptions = []Option{
	{ChooseSource, "Source taken", "HubSpot's stage is emptied and then set to the source's, in two steps, since HubSpot moves a stage forward only."},
	{ChooseHubSpot, "HubSpot taken", "HubSpot keeps its stage; the source gets it where the field flows there."},
	{ChooseBase, "Back to base", "Both sides get back what they last agreed on; in HubSpot the stage is emptied first where that is a step back."},
	{ChooseValue, "Edited", "Both sides get the value that was typed; in HubSpot the stage is emptied first where that is a step back."},
	{ChooseSkip, "Both stay as they are", "Neither side is written until one of them changes again."},
}

// keptOptions settle a value that HubSpot did not take.
var keptOptions = []Option{
	{ChooseSource, "Source taken", "HubSpot is sent the source's value once more; where it keeps its own again, that is asked again."},
	{ChooseHubSpot, "HubSpot taken", "HubSpot keeps its value; the source gets it where the field flows there."},
	{ChooseBase, "Back to base", "Both sides get back what they last agreed on."},
	{ChooseValue, "Edited", "Both sides get the value that was typed."},
	{ChooseSkip, "Both stay as they are", "Neither side is written until one of them changes again."},
}

// keyOptions settle what HubSpot holds of a row's key: a row under another key
// would be another row, so that only the source can change it.
var keyOptions = []Option{
	{ChooseSource, "Source taken", "HubSpot gets the row's key where the field flows there; the row keeps it."},
	{ChooseSkip, "Both stay as they are", "Neither side is written until one of them changes again."},
}

// displacedOptions settle an edit that was written over in the last round trip.
var displacedOptions = []Option{
	{ChooseSource, "Keep what the run wrote", "What the run wrote stays on both sides."},
	{ChooseHubSpot, "Bring the edit back", "The edit that was written over is restored."},
	{ChooseBase, "Back to base", "Both sides get what stood there before the edit and the run."},
	{ChooseValue, "Edited", "Both sides get the value that was typed."},
	{ChooseSkip, "Both stay as they are", "What the run wrote stays on both sides."},
}

// overwrittenOptions settle an edit in the source that was written over in the
// last round trip.
var overwrittenOptions = []Option{
	{ChooseSource, "Bring the edit back", "The edit in the source that was written over is restored."},
	{ChooseHubSpot, "Keep what the run wrote", "What the run wrote stays on both sides."},
	{ChooseBase, "Back to base", "Both sides get what stood there before the edit and the run."},
	{ChooseValue, "Edited", "Both sides get the value that was typed."},
	{ChooseSkip, "Both stay as they are", "What the run wrote stays on both sides."},
}

// rowOptions say what each choice means for a conflict about a whole row. In
// all of them the source's choice believes the source (the row counts, or is
// gone), HubSpot's believes HubSpot, the base's goes back to before, and the
// last leaves both sides alone. A choice that a cause lacks can't settle it.
var rowOptions = map[Cause][]Option{
	CauseGoneAndEdited: {
		{ChooseSource, "Archive it anyway", "The row is gone, so its record is archived."},
		{ChooseHubSpot, "Keep the record", "The record stays as it is, and the row is forgotten."},
		{ChooseBase, "Bring the row back", "The row is put back into the source, with what HubSpot holds now."},
		{ChooseSkip, "Keep the record", "The record stays as it is, and the row is forgotten."},
	},
	CauseRecordGone: {
		{ChooseSource, "Create it anew", "The row counts, so a new record is created for it."},
		{ChooseHubSpot, "Delete the row anyway", "The record is gone, so the row is deleted from the source, or marked, as the sync says."},
		{ChooseBase, "Leave the row out", "The row stays as it is, and goes on to be synced if its record is restored in HubSpot."},
		{ChooseSkip, "Leave the row out", "The row stays as it is, and goes on to be synced if its record is restored in HubSpot."},
	},
	CauseReturned: {
		{ChooseSource, "Create it anew", "The row counts, so a new record is created for it."},
		{ChooseHubSpot, "Leave the row out", "The record stays archived; the row goes on to be synced if the record is restored in HubSpot."},
		{ChooseBase, "Leave the row out", "The record stays archived; the row goes on to be synced if the record is restored in HubSpot."},
		{ChooseSkip, "Leave the row out", "The record stays archived; the row goes on to be synced if the record is restored in HubSpot."},
	},
	CauseArchivedOver: {
		{ChooseSource, "Leave it archived", "The record stays archived, and the edit with it."},
		{ChooseHubSpot, "Wait for its return", "Restore the record in HubSpot, which no program can: once it is back it stays, with the edit."},
		{ChooseBase, "Leave it archived", "The record stays archived, and the edit with it."},
		{ChooseSkip, "Leave it archived", "The record stays archived, and the edit with it."},
	},
	CauseSuccessor: {
		{ChooseSource, "Keep apart", "The row is not synced with the new record, now or later."},
		{ChooseHubSpot, "Follow the successor", "The row goes on with the new record."},
		{ChooseBase, "Keep apart", "The row is not synced with the new record, now or later."},
		{ChooseSkip, "Keep apart", "The row is not synced with the new record, now or later."},
	},
	CauseMerged: {
		{ChooseSource, "Keep apart", "The row gets a record of its own again, without a value that HubSpot keeps unique and the other one holds."},
		{ChooseHubSpot, "Follow the survivor", "The two rows count as one: the survivor's row leads, this one is skipped."},
		{ChooseBase, "Unlink", "The row is left out and the survivor stays with its own row."},
		{ChooseSkip, "Unlink", "The row is left out and the survivor stays with its own row."},
	},
	CauseShared: {
		{ChooseSource, "Use this row", "The rows count as one: this one leads (of several chosen, the first), the others are skipped."},
		{ChooseHubSpot, "They are one", "The rows count as one: the first leads, the others are skipped."},
		{ChooseBase, "Leave this row out", "The row is not synced, and no longer stands in the others' way."},
		{ChooseApart, "They are different", "The row gets a record of its own, without the value that they share if HubSpot keeps it unique."},
		{ChooseSkip, "Leave this row out", "The row is not synced, and no longer stands in the others' way."},
	},
	CauseCopies: {
		{ChooseSource, "Use the first row", "The rows count as one: the first leads, the others are skipped as long as all of them stay as they are."},
		{ChooseHubSpot, "Leave the rows out", "None of the rows is synced, and a record that one of them has stays as it is."},
		{ChooseBase, "Leave the rows out", "None of the rows is synced, and a record that one of them has stays as it is."},
		{ChooseSkip, "Leave the rows out", "None of the rows is synced, and a record that one of them has stays as it is."},
	},
	CauseSeveral: {
		{ChooseSource, "A record of its own", "None of the records is the row's: a new one is created for it."},
		{ChooseHubSpot, "The oldest record", "The oldest of the records is the row's."},
		{ChooseValue, "This record", "The chosen record is the row's."},
		{ChooseBase, "Leave this row out", "The row is not synced."},
		{ChooseApart, "A record of its own", "None of the records is the row's: a new one is created for it."},
		{ChooseSkip, "Leave this row out", "The row is not synced."},
	},
	CauseTaken: {
		{ChooseSource, "It is this row's", "The record goes on with this row; the row that had it, where it is still there, counts as one with this one and is skipped."},
		{ChooseHubSpot, "It stays where it is", "The two rows count as one: the row that has the record leads, this one is skipped."},
		{ChooseBase, "Leave this row out", "The row is not synced; the record stays with the row that has it."},
		{ChooseApart, "They are different", "The row gets a record of its own, without the value that they share if HubSpot keeps it unique."},
		{ChooseSkip, "Leave this row out", "The row is not synced; the record stays with the row that has it."},
	},
	CauseChosen: {
		{ChooseSource, "Match it anew", "What was said of the row and the record is taken back: the row is matched like any other, and gets a new record where none matches."},
		{ChooseHubSpot, "Leave this row out", "The row is not synced."},
		{ChooseBase, "Leave this row out", "The row is not synced."},
		{ChooseSkip, "Leave this row out", "The row is not synced."},
	},
	CauseOther: {
		{ChooseSource, "It is this row's", "The record is the row's; where they differ, the rules of the fields decide."},
		{ChooseHubSpot, "They are different", "The record stays as it is; a new one is created for the row."},
		{ChooseBase, "Leave this row out", "The row is not synced, and the record stays as it is."},
		{ChooseSkip, "Leave this row out", "The row is not synced, and the record stays as it is."},
	},
}

// edgeOptions settle conflicts about an association.
var edgeOptions = map[Cause][]Option{
	CauseEdgeRemoved: {
		{ChooseSource, "Associate again", "The association is made again, as the source says."},
		{ChooseHubSpot, "Leave it removed", "The association stays removed, as long as the source says the same."},
		{ChooseBase, "Associate again", "The association is made again, as it was when both sides agreed."},
		{ChooseSkip, "Leave it removed", "The association stays removed, as long as the source says the same."},
	},
	CausePrimary: {
		{ChooseSource, "Take the source’s", "The record that the source names becomes the primary one."},
		{ChooseBase, "Take the source’s", "The record that the source names becomes the primary one."},
		{ChooseHubSpot, "Keep HubSpot’s", "The primary one stays as it is in HubSpot, as long as the source says the same."},
		{ChooseSkip, "Keep HubSpot’s", "The primary one stays as it is in HubSpot, as long as the source says the same."},
	},
}

// Options returns the ways to settle a conflict of the cause, in the order in
// which they are offered.
func (c Cause) Options() []Option {
	if all, ok := rowOptions[c]; ok {
		return all
	}
	if all, ok := edgeOptions[c]; ok {
		return all
	}
	switch c {
	case CauseDisplaced:
		return displacedOptions
	case CauseOverwritten:
		return overwrittenOptions
	case CauseBackwards:
		return backwardsOptions
	case CauseKept:
		return keptOptions
	case CauseKey:
		return keyOptions
	}
	return fieldOptions
}

// Option returns what a choice means for the cause; false where it can't
// settle such a conflict.
func (c Cause) Option(choice Choice) (Option, bool) {
	for _, o := range c.Options() {
		if o.Choice == choice {
			return o, true
		}
	}
	return Option{}, false
}

// causeWords are what is the matter, in a few words. About a field they stand
// beside its name; about a whole row they have a title of their own.
var causeWords = map[Cause]struct{ title, why string }{
	CauseFirstRun:      {"", "Differs on the first run"},
	CauseFirstRunCase:  {"", "Only case or spaces differ"},
	CauseBothChanged:   {"", "Both sides changed it"},
	CauseCleared:       {"", "Emptied on one side"},
	CauseCase:          {"", "Only case or spaces differ"},
	CauseBackwards:     {"", "A lifecycle stage would move back"},
	CauseKept:          {"", "HubSpot kept its own value"},
	CauseKey:           {"", "Another key in HubSpot"},
	CauseAnotherRow:    {"", "It may be another row"},
	CauseMoved:         {"", "Changed during the run"},
	CauseDisplaced:     {"", "An edit was written over"},
	CauseOverwritten:   {"", "An edit in the source was written over"},
	CauseUnclear:       {"", "What became of a write is not known"},
	CauseRestored:      {"", "The workspace is an old copy"},
	CauseSeveral:       {"Several records for a row", "They have the same match value"},
	CauseShared:        {"Rows that share a key", "They have the same match value"},
	CauseCopies:        {"Rows with the same key", "They do not agree"},
	CauseTaken:         {"Record of another row", "It is linked already"},
	CauseOther:         {"Record with other contents", "It bears this row's key"},
	CauseChosen:        {"Chosen record is gone", "It was archived, or merged with another row’s"},
	CauseMerged:        {"Merged in HubSpot", "The record lives on in another row's"},
	CauseSuccessor:     {"Archived and made anew", "A new record has the row's match value"},
	CauseGoneAndEdited: {"Row left the source", "Edited in HubSpot since"},
	CauseRecordGone:    {"Record left HubSpot", "Edited in the source since"},
	CauseArchivedOver:  {"Archived over an edit", "It was edited right before"},
	CauseReturned:      {"Row came back", "Its record was archived"},
	CauseEdgeRemoved:   {"Association removed", "It was removed in HubSpot, and the source still has it"},
	CausePrimary:       {"Another primary", "HubSpot has another record as the primary one"},
}

// Words say the cause in a few words: what it is about ("" for a field, whose
// name says it) and what is the matter.
func (c Cause) Words() (title, why string) {
	w, ok := causeWords[c]
	if !ok { // of a newer version
		return "", string(c)
	}
	return w.title, w.why
}

// Causes returns every cause, those about fields first.
func Causes() []Cause {
	return []Cause{CauseFirstRun, CauseFirstRunCase, CauseBothChanged, CauseCleared, CauseCase, CauseBackwards, CauseKept, CauseKey, CauseAnotherRow, CauseMoved, CauseDisplaced, CauseOverwritten, CauseUnclear, CauseRestored,
		CauseSeveral, CauseShared, CauseCopies, CauseTaken, CauseOther, CauseChosen, CauseMerged, CauseSuccessor, CauseGoneAndEdited, CauseArchivedOver, CauseRecordGone, CauseReturned,
		CauseEdgeRemoved, CausePrimary}
}

// Ruling is what a settled conflict, or an edit about a row that lost its other
// end, leaves behind.
type Ruling string

// The rulings.
const (
	RuleNone   Ruling = ""
	RuleOut    Ruling = "out"    // the row is not synced
	RuleSame   Ruling = "same"   // the row counts as one with another, which Lead names
	RuleApart  Ruling = "apart"  // the row gets a record of its own
	RuleFirst  Ruling = "first"  // of the rows with this key the first leads, as long as they are what Lead says
	RuleTwin   Ruling = "twin"   // the row counts as one with another one of the same key
	RuleWait   Ruling = "wait"   // the row waits for its record to be restored
	RuleForget Ruling = "forget" // the pair is synced no more; both sides stay
	RuleNot    Ruling = "not"    // the record that Lead names is not the row's, now or later
	RuleAnew   Ruling = "anew"   // the row has another record from now on: what was agreed with the old one counts no more
	RuleFlag   Ruling = "flag"   // the edit marks a record or row whose other end is gone
	RuleUnflag Ruling = "unflag" // the mark is taken back, or is not ours any more
)
