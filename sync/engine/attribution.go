package engine

import (
	"context"
	"slices"
	"strconv"

	"syncline/store"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// HubSpot keeps no identity of a request, so a write of ours is told from
// everybody else's by the history of the property: by who wrote (our app), what
// was written, and by its place: it came after the version of the record that
// was read right before the write. Times are HubSpot's own throughout; this
// computer's clock plays no part.

// since returns the entries of a property's history that came after the version
// that an operation rests on, the newest first. whole is false where the
// history does not reach back that far, so that nothing can be concluded from
// what it lacks.
func since(history []record.Version, op store.Op, property string) (after []record.Version, whole bool) {
	for i, v := range history {
		if v.At.Before(op.Version) || (v.At.Equal(op.Version) && v.Value.String() == op.Pre[property].String()) {
			return history[:i], true
		}
	}
	// A property that had no value may never have been written before.
	return history, op.Pre[property].Empty()
}

// byUs reports whether an entry can be of our app.
func (j *job) byUs(v record.Version) bool {
	if app := j.Client.AppID(); app != 0 && v.SourceID != "" && v.SourceID != strconv.FormatInt(app, 10) {
		return false
	}
	switch v.SourceType {
	case "INTEGRATION", "API", "INTEGRATIONS_PLATFORM", "":
		return true
	}
	return false
}

// ours finds the newest entry that an operation made in a property's history.
func (j *job) ours(history []record.Version, op store.Op, property string) (record.Version, bool) {
	after, _ := since(history, op, property)
	if i := j.oursIn(after, op, property); i >= 0 {
		return after[i], true
	}
	return record.Version{}, false
}

func (j *job) oursIn(after []record.Version, op store.Op, property string) int {
	for i, v := range after {
		if j.byUs(v) && j.sameValue(property, v.Value, op.Fields[property]) {
			return i
		}
	}
	return -1
}

func (j *job) sameValue(property string, a, b record.Value) bool {
	if f := j.mapping.ByProperty[property]; f != nil {
		return f.Rule.Same(a, b)
	}
	return a.String() == b.String()
}

// displacedBy returns the newest edit of somebody else that an operation wrote
// over: one between the version that it rests on and what it wrote. others are
// all our operations on the record where one of them may have arrived late, and
// so more than once: then the latest arrival counts, and what we wrote in between
// is nobody's edit.
func (j *job) displacedBy(history []record.Version, op store.Op, property string, others []store.Op) (record.Version, bool) {
	after, _ := since(history, op, property)
	i := j.oursIn(after, op, property)
	if i < 0 {
		return record.Version{}, false
	}
	if len(others) == 0 {
		for k := len(after) - 1; k > i; k-- {
			if j.byUs(after[k]) && j.sameValue(property, after[k].Value, op.Fields[property]) {
				i = k // the first arrival: later entries of the same value are of later operations
				break
			}
		}
	}
	for _, v := range after[i+1:] {
		if j.sameValue(property, v.Value, op.Fields[property]) || j.sameValue(property, v.Value, op.Pre[property]) {
			continue
		}
		if f := j.mapping.ByProperty[property]; f != nil && v.Value.Empty() && j.byUs(v) && f.Retreats(op.Pre[property], op.Fields[property]) {
			continue // the first half of a step back
		}
		if j.byUs(v) && slices.ContainsFunc(others, func(o store.Op) bool {
			sent, ok := o.Fields[property]
			return ok && j.sameValue(property, v.Value, sent)
		}) {
			continue
		}
		return v, true
	}
	return record.Version{}, false
}

// landing is what became of an update of unknown outcome.
type landing int

const (
	lost    landing = iota // it did not take effect
	arrived                // it did
	alike                  // it is not seen, but the record holds the same
	unclear                // the history does not tell
)

// landed finds out what became of an update. A batch is applied per record, so
// one field of ours in the history shows that all of them arrived; fields whose
// value was there already leave no trace.
func (j *job) landed(op store.Op, rec record.Record) landing {
	same, whole := true, true
	for name, sent := range op.Fields {
		after, all := since(rec.History[name], op, name)
		if j.oursIn(after, op, name) >= 0 {
			return arrived
		}
		whole = whole && all
		same = same && j.sameValue(name, rec.Properties[name], sent)
	}
	switch {
	case same:
		return alike // whoever wrote it, both sides agree
	case whole:
		return lost
	}
	return unclear
}

// unclear ends an update of which it can't be told whether it took effect:
// repeating it could write over an edit, so a person decides.
func (j *job) unclear(ctx context.Context, pl plan.Plan, it plan.Item, op store.Op, rec record.Record) (store.Outcome, error) {
	now := j.mapping.RecordValues(rec.Properties)
	var conflicts []store.Conflict
	for _, e := range it.Edits {
		if e.Action != plan.EditHubSpot || j.sameValue(e.Property, now[e.Property], mapping.Value(e.New)) {
			continue
		}
		e.Cause, e.HubSpot = plan.CauseUnclear, mapping.Text(now[e.Property])
		e.Reason = "HubSpot did not answer a write of this value, and its history does not tell whether it took effect"
		conflicts = append(conflicts, j.conflictOf(it, e))
	}
	op.Doubt = true // it may yet
	o := j.outcome(pl, it)
	o.Op, o.State, o.Err = op, plan.OpDropped, "it can't be told whether it took effect"
	o.Record = &store.RecordSeen{ID: rec.ID, Values: now, Updated: rec.Updated, Read: j.now()}
	o.Fate, o.Reason = plan.FateConflict, "it can't be told what became of a write"
	return o, j.Store.PutConflicts(ctx, j.runID, conflicts)
}

// inDoubt ends operations that are found not to have happened, though a
// request of them may still be under way.
func inDoubt(ops []store.Op, why error) []store.Outcome {
	outcomes := dropped(ops, why)
	for i := range outcomes {
		outcomes[i].Op.Doubt = true
	}
	return outcomes
}
