package merge

import (
	"strings"
	"time"
	"unicode"

	"syncline/sync/definition"
	"syncline/sync/record"
)

// Side is one side of a sync.
type Side string

// The sides.
const (
	Source  Side = "source"
	HubSpot Side = "hubspot"
)

// Other returns the opposite side.
func (s Side) Other() Side {
	if s == Source {
		return HubSpot
	}
	return Source
}

// Field is what the field map says about the field, as far as it decides a
// merge.
type Field struct {
	Rule      record.Rule
	Direction definition.Direction // never ""
	Policy    definition.Policy    // "" is review
	// BlankClears is `blank: clear`: an emptied value empties the other side.
	BlankClears bool
	// Multi marks a ';'-joined multi-select, which is merged as a set.
	Multi bool
}

// State is what is known about one field of one linked pair.
type State struct {
	// Source and HubSpot are the values now, both in the property's form: the
	// source's after its transforms. Absent means that it was not read.
	Source, HubSpot record.Value
	// BaseSource and BaseHubSpot are what each side held when they last agreed,
	// in the same form; nil if they never did.
	BaseSource, BaseHubSpot *record.Value
	// SourceTime and HubSpotTime are when each value was changed, on one clock;
	// zero if that is not known. They are not the time of reading.
	SourceTime, HubSpotTime time.Time
	// SourceSince is the earliest that the source's value can have been changed,
	// where SourceTime is only the latest; zero if SourceTime is its time.
	SourceSince time.Time
	// Skew is how far the two times may be off against each other.
	Skew time.Duration
	// OpenConflict says that the field waits in the review queue.
	OpenConflict bool
	// Settled is a person's choice that has not been carried out yet.
	Settled *Choice
}

// Action is what a Decision does.
type Action string

// The actions.
const (
	None      Action = "none"       // nothing, and the base stays
	Adopt     Action = "adopt"      // writes nothing; the base becomes what both sides hold
	ToHubSpot Action = "to-hubspot" // writes HubSpot
	ToSource  Action = "to-source"  // writes the source
	ToBoth    Action = "to-both"    // writes both: a merged set, or a person's choice
	Conflict  Action = "conflict"   // writes nothing; waits in the review queue
	Drift     Action = "drift"      // writes nothing, the base stays; is reported
)

// Decision is what becomes of a field. Any action but Conflict closes a
// conflict that was open.
type Decision struct {
	Action Action
	// Value is what to write, in the property's form. It is Text("") to clear,
	// never null or absent.
	Value record.Value
	// SourceValue is what ToBoth writes to the source. It differs from Value
	// only when a base is restored whose sides differed.
	SourceValue record.Value
	Reason      Reason
}

// ForHubSpot returns what the decision writes to HubSpot, if it does.
func (d Decision) ForHubSpot() (record.Value, bool) {
	if d.Action == ToHubSpot || d.Action == ToBoth {
		return d.Value, true
	}
	return record.Value{}, false
}

// ForSource returns what the decision writes to the source, if it does.
func (d Decision) ForSource() (record.Value, bool) {
	switch d.Action {
	case ToSource:
		return d.Value, true
	case ToBoth:
		return d.SourceValue, true
	}
	return record.Value{}, false
}

// Resolve decides one field. It is a pure function of its arguments; the rules
// stand at the top of the package.
func Resolve(f Field, s State) Decision {
	p := newPair(f, s)
	switch {
	case s.Settled != nil:
		return p.settle(*s.Settled)
	case s.OpenConflict:
		return p.stillOpen()
	case p.source.unread:
		return Decision{Action: None, Reason: SourceNotRead}
	case p.hubspot.unread:
		return Decision{Action: None, Reason: HubSpotNotRead}
	case !p.agreed:
		return p.firstRun()
	default:
		return p.laterRun()
	}
}

// end is one side of the field as Resolve sees it.
type end struct {
	side    Side
	now     record.Value
	base    record.Value
	changed bool // since its own base
	empty   bool
	unread  bool // absent, although something is known to have been there
	says    bool // changed to something that means something to the other side
}

// pair is the field with both its ends.
type pair struct {
	field           Field
	state           State
	source, hubspot end
	agreed          bool // there is a base
}

// equal reports whether both sides hold the same now.
func (p pair) equal() bool { return p.field.same(p.source.now, p.hubspot.now) }

func newPair(f Field, s State) pair {
	p := pair{field: f, state: s, agreed: s.BaseSource != nil && s.BaseHubSpot != nil}
	look := func(side Side, now record.Value, base *record.Value) end {
		e := end{side: side, now: now, empty: f.blank(now)}
		if base != nil {
			e.unread = now.State() == record.Absent && !f.blank(*base)
		}
		if p.agreed {
			e.base = *base
			e.changed = !f.same(now, *base)
			e.says = e.changed && (!e.empty || f.BlankClears)
		}
		return e
	}
	p.source = look(Source, s.Source, s.BaseSource)
	p.hubspot = look(HubSpot, s.HubSpot, s.BaseHubSpot)
	return p
}

// owner returns the side that a one-way field flows from, and the other one.
func (p pair) owner() (owner, other end, oneWay bool) {
	switch p.field.Direction {
	case definition.ToHubSpot:
		return p.source, p.hubspot, true
	case definition.FromHubSpot:
		return p.hubspot, p.source, true
	}
	return end{}, end{}, false
}

// writable reports whether the direction lets the side be written.
func (p pair) writable(s Side) bool {
	owner, _, oneWay := p.owner()
	return !oneWay || owner.side != s
}

func (p pair) firstRun() Decision {
	if p.equal() {
		return Decision{Action: Adopt, Reason: FirstRunSame}
	}
	if owner, _, oneWay := p.owner(); oneWay {
		if owner.empty {
			return Decision{Action: Adopt, Reason: pick(owner.side, FirstRunSourceNothing, FirstRunHubSpotNothing)}
		}
		return p.flow(owner, pick(owner.side, FirstRunToHubSpot, FirstRunFromHubSpot))
	}
	switch {
	case p.hubspot.empty:
		return p.flow(p.source, FirstRunHubSpotEmpty)
	case p.source.empty:
		return p.flow(p.hubspot, FirstRunSourceEmpty)
	}
	return p.byPolicy(FirstRunDiffers)
}

func (p pair) laterRun() Decision {
	switch {
	case !p.source.changed && !p.hubspot.changed:
		return Decision{Action: None, Reason: Unchanged}
	case p.equal() && p.source.changed && p.hubspot.changed:
		return Decision{Action: Adopt, Reason: SameEdit}
	case p.equal():
		return Decision{Action: Adopt, Reason: AgreeNow}
	}
	if owner, other, oneWay := p.owner(); oneWay {
		return p.laterOneWay(owner, other)
	}
	switch {
	case p.source.says && p.hubspot.says:
		return p.bothChanged(BothChanged)
	case p.source.says:
		return p.flow(p.source, p.editReason(p.source, SourceChanged, HubSpotChanged))
	case p.hubspot.says:
		return p.flow(p.hubspot, p.editReason(p.hubspot, SourceChanged, HubSpotChanged))
	case p.source.changed:
		return Decision{Action: None, Reason: SourceBlankIgnored}
	default:
		return Decision{Action: None, Reason: HubSpotBlankIgnored}
	}
}

func (p pair) laterOneWay(owner, other end) Decision {
	switch {
	case owner.says && other.says:
		return p.bothChanged(pick(owner.side, BothChangedToHubSpot, BothChangedFromHubSpot))
	case owner.says:
		return p.flow(owner, p.editReason(owner, SourceChangedOneWay, HubSpotChangedOneWay))
	case other.changed:
		return Decision{Action: Drift, Reason: pick(other.side, SourceDrift, HubSpotDrift)}
	default:
		return Decision{Action: None, Reason: pick(owner.side, SourceBlankIgnored, HubSpotBlankIgnored)}
	}
}

// editReason is the reason for a one-sided edit's flow.
func (p pair) editReason(e end, source, hubspot Reason) Reason {
	if e.empty {
		return pick(e.side, SourceCleared, HubSpotCleared)
	}
	return pick(e.side, source, hubspot)
}

// bothChanged settles two edits that differ: by merging sets, by the policy, or
// not at all.
func (p pair) bothChanged(conflict Reason) Decision {
	if p.field.Multi {
		if d, ok := p.mergeSets(); ok {
			return d
		}
	}
	return p.byPolicy(conflict)
}

func (p pair) byPolicy(conflict Reason) Decision {
	var winner end
	var reason Reason
	switch p.field.Policy {
	case definition.TakeSource:
		winner, reason = p.source, SourceWins
	case definition.TakeHubSpot:
		winner, reason = p.hubspot, HubSpotWins
	case definition.Newest:
		side, known := p.state.Newest()
		if !known {
			return Decision{Action: Conflict, Reason: NewestUnknown}
		}
		winner, reason = p.source, SourceNewer
		if side == HubSpot {
			winner, reason = p.hubspot, HubSpotNewer
		}
	default:
		return Decision{Action: Conflict, Reason: conflict}
	}
	if !p.writable(winner.side.Other()) {
		return Decision{Action: Drift, Reason: pick(winner.side, SourceWinsDrift, HubSpotWinsDrift)}
	}
	return p.flow(winner, reason)
}

// minSkew is the least distance of two times of change that tells their order:
// HubSpot and most sources keep them to the second or the millisecond, and
// writes take a moment to be stamped.
const minSkew = 2 * time.Second

// Newest returns the side that was changed last, if that is certain.
func (s State) Newest() (Side, bool) {
	if s.SourceTime.IsZero() || s.HubSpotTime.IsZero() {
		return "", false
	}
	since := s.SourceSince
	if since.IsZero() {
		since = s.SourceTime
	}
	apart := max(minSkew, 2*s.Skew.Abs())
	switch {
	case since.Sub(s.HubSpotTime) > apart:
		return Source, true
	case s.HubSpotTime.Sub(s.SourceTime) > apart:
		return HubSpot, true
	}
	return "", false
}

// flow writes from's value to the other side.
func (p pair) flow(from end, why Reason) Decision {
	d := Decision{Action: ToHubSpot, Value: p.field.toWrite(from.now), Reason: why}
	if from.side == HubSpot {
		d.Action = ToSource
	}
	return d
}

// toWrite gives an empty value the one form that clears: HubSpot ignores null.
func (f Field) toWrite(v record.Value) record.Value {
	if f.blank(v) {
		return record.Text("")
	}
	return v
}

// Same reports whether two values are the same for a merge: under the field's
// rule, and all blank ones are.
func (f Field) Same(a, b record.Value) bool { return f.same(a, b) }

// Blank reports whether a person sees nothing in the value.
func (f Field) Blank(v record.Value) bool { return f.blank(v) }

// same is sameness under the field's rule; blank values are all the same.
func (f Field) same(a, b record.Value) bool {
	return f.Rule.Same(a, b) || f.blank(a) && f.blank(b)
}

// blank reports whether a person sees nothing in the value: a cell of spaces,
// a set of no options and markup around nothing are as empty as "".
func (f Field) blank(v record.Value) bool {
	if v.Empty() {
		return true
	}
	alnum := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	if f.Rule.Compare != record.CompareHTML && strings.ContainsFunc(v.String(), alnum) {
		return false // the usual case, and canonical forms take time
	}
	return strings.TrimSpace(v.String()) == "" || f.Rule.Canonical(v).Empty()
}

// pick chooses between the source's and HubSpot's wording of a reason.
func pick(s Side, source, hubspot Reason) Reason {
	if s == Source {
		return source
	}
	return hubspot
}
