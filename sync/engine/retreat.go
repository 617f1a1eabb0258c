package engine

import (
	"context"
	"fmt"
	"slices"

	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/merge"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// A lifecycle stage moves forward only: HubSpot takes a step back without an
// error and keeps what it has. The plan says so, and the step is taken where a
// person decided it: the stage is emptied and then set, in two calls.

// retreat turns a decision that would move a lifecycle stage back into a
// conflict of its own cause, which lasts as long as both sides differ.
func retreat(f *mapping.Field, d merge.Decision, state merge.State, open *store.Conflict, e *plan.Edit) merge.Decision {
	back := f.Retreats(state.HubSpot, state.Source)
	if v, ok := d.ForHubSpot(); ok && state.Settled == nil && f.Retreats(state.HubSpot, v) {
		d = merge.Decision{Action: merge.Conflict}
		back = true
	} else if d.Action != merge.Conflict || open == nil || open.Cause != plan.CauseBackwards {
		return d
	}
	e.Cause = plan.CauseBackwards
	if back {
		e.Reason = fmt.Sprintf("%s would move back from %q to %q, and HubSpot moves a lifecycle stage forward only. You decide: to take the source's value, it is emptied first and then set.",
			f.Title(), f.Shown(state.HubSpot), f.Shown(state.Source))
	}
	return d
}

// retreats are the lifecycle stages that an item moves back.
func (j *job) retreats(it plan.Item) (properties []string) {
	for _, e := range it.Edits {
		if f := j.mapping.ByProperty[e.Property]; f != nil && e.Action == plan.EditHubSpot && f.Retreats(mapping.Value(e.Old), mapping.Value(e.New)) {
			properties = append(properties, e.Property)
		}
	}
	return properties
}

// reach is how many calls the reading and writing of a batch take.
func (j *job) reach(items []plan.Item) int {
	if slices.ContainsFunc(items, func(it plan.Item) bool { return len(j.retreats(it)) > 0 }) {
		return 3
	}
	return 2
}

// stepBack empties the lifecycle stages that a batch moves back.
func (j *job) stepBack(ctx context.Context, b *breath) error {
	var inputs []hubspot.UpdateInput
	for i, it := range b.items {
		empty := record.Values{}
		for _, property := range j.retreats(it) {
			if !b.ops[i].Pre[property].Empty() {
				empty[property] = record.Text("")
			}
		}
		if len(empty) > 0 {
			inputs = append(inputs, hubspot.UpdateInput{ID: it.RecordID, Properties: empty, TraceID: b.ops[i].TraceID})
			b.ops[i].Doubt = true // until it is set: another attempt must know that the stage is empty by us
		}
	}
	if len(inputs) == 0 {
		return nil
	}
	j.noting.Lock()
	if j.emptiedStages == nil {
		j.emptiedStages = make(map[string]bool)
	}
	for _, in := range inputs {
		j.emptiedStages[in.ID] = true
	}
	j.noting.Unlock()
	_, err := j.Client.BatchUpdate(ctx, j.schema.object.Name, inputs)
	j.at("stepped back")
	return err
}

// steppedBack reports whether a stage is empty because this run, or one that was
// stopped, emptied it to set the one of an edit.
func (j *job) steppedBack(ctx context.Context, it plan.Item, e plan.Edit, now record.Value) bool {
	f := j.mapping.ByProperty[e.Property]
	if f == nil || !now.Empty() || !f.Retreats(mapping.Value(e.Old), mapping.Value(e.New)) {
		return false
	}
	j.noting.Lock()
	here := j.emptiedStages[it.RecordID]
	j.noting.Unlock()
	if here {
		return true
	}
	ops, err := j.Store.OpsOnRecord(ctx, j.sync.ID, it.RecordID)
	return err == nil && slices.ContainsFunc(ops, func(op store.Op) bool {
		sent, ok := op.Fields[e.Property]
		return ok && op.PlanID != "" && op.Doubt && f.Rule.Same(sent, mapping.Value(e.New)) && f.Retreats(op.Pre[e.Property], sent)
	})
}

// certain ends the doubt about the operations of a batch that HubSpot answered.
func (b *breath) certain() {
	for i := range b.ops {
		b.ops[i].Doubt = false
	}
}
