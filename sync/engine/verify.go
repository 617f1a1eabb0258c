package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/merge"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// A sample of the updated records is read back: one batch in twenty, so that
// it costs at most a twentieth of the calls. A run of few updates is read back
// whole, which is one call.
const sampleEvery = 20 * batchSize

// verify reads a sample of the updated records back with their history. An
// edit that a person made between our read and our write was displaced, since
// HubSpot has no conditional write: it is not lost, but waits in Review.
func (j *job) verify(ctx context.Context, pl plan.Plan) error {
	if pl.Kind == plan.KindUndo {
		return nil
	}
	j.Progress.change(func(s *Snapshot) { s.Phase = PhaseVerify })
	var few, sample []store.Op
	seen := 0
	for op, err := range j.Store.Ops(ctx, j.runID) {
		if err != nil {
			return err
		}
		if op.Side != plan.HubSpot || op.Kind != plan.OpUpdate || op.State != plan.OpDone {
			continue
		}
		if seen++; seen <= historyPage {
			few = append(few, op)
		}
		if seen > batchSize && (seen-1)%sampleEvery < historyPage {
			sample = append(sample, op)
		}
	}
	if seen <= historyPage {
		sample = few
	}
	for chunk := range slices.Chunk(sample, historyPage) {
		if err := j.verifyChunk(ctx, pl, chunk); err != nil {
			return err
		}
	}
	return nil
}

func (j *job) verifyChunk(ctx context.Context, pl plan.Plan, ops []store.Op) error {
	ids := make([]string, 0, len(ops))
	for _, op := range ops {
		ids = append(ids, op.RecordID)
	}
	got, err := j.Client.BatchRead(ctx, j.schema.object.Name, hubspot.BatchReadRequest{IDs: ids, History: j.mappedNames()})
	if err != nil {
		return err
	}
	records := make(map[string]record.Record, len(got.Records))
	for _, rec := range got.Records {
		records[rec.ID] = rec
	}
	for _, op := range ops {
		if err := j.verifyOp(ctx, pl, op, records[op.RecordID]); err != nil {
			return err
		}
	}
	return nil
}

// verifyOp opens a conflict for each edit that the operation displaced.
func (j *job) verifyOp(ctx context.Context, pl plan.Plan, op store.Op, rec record.Record) error {
	var conflicts []store.Conflict
	for i := range j.mapping.Fields {
		f := &j.mapping.Fields[i]
		sent, ok := op.Fields[f.Property]
		if !ok {
			continue
		}
		lost, ok := j.overwritten(rec.History[f.Property], sent, op, f.Property)
		if !ok {
			continue
		}
		why := fmt.Sprintf("%s was set to %q in HubSpot (%s) while this run wrote %q over it", f.Title(), lost.Value, strings.ToLower(lost.SourceType), sent)
		if f.Conflict == definition.TakeSource {
			j.notes = append(j.notes, fmt.Sprintf("Record %s: %s, as the field's rule wants.", rec.ID, why))
			continue
		}
		pre := op.Pre[f.Property].String()
		conflicts = append(conflicts, store.Conflict{SyncID: j.sync.ID, RowKey: op.RowKey, RecordID: op.RecordID, Name: op.RowKey, Field: f.Column(), Property: f.Property,
			Cause: plan.CauseDisplaced, Reason: why, Base: &pre, Source: sent.String(), HubSpot: lost.Value.String()})
	}
	if len(conflicts) == 0 {
		return nil
	}
	it, err := j.Store.ItemsByID(ctx, op.PlanID, []int{op.N})
	if err != nil {
		return err
	}
	for i := range conflicts {
		conflicts[i].Name = it[0].Name
	}
	if err := j.Store.PutConflicts(ctx, j.runID, conflicts); err != nil {
		return err
	}
	return j.finish(ctx, []store.Outcome{{PlanID: pl.ID, N: op.N, Fate: plan.FateConflict, Reason: conflicts[0].Reason}})
}

// displaced plans a field with a conflict about a displaced edit. Both sides
// hold what we wrote, until a person takes the edit back or lets it go. It
// returns false when somebody changed the field since, which is then decided
// as usual.
func (p *planner) displaced(it *plan.Item, f *mapping.Field, pair store.Pair, src, rem record.Value, open *store.Conflict) (bool, error) {
	e := plan.Edit{Field: f.Column(), Property: f.Property, Reason: open.Reason, Source: mapping.Text(src), HubSpot: mapping.Text(rem), Choice: open.ID}
	if !f.Rule.Same(src, rem) || !f.Rule.Same(src, record.Text(open.Source)) {
		p.outdated = append(p.outdated, open.ID)
		return false, nil
	}
	var back record.Value
	switch {
	case open.State != plan.ConflictDecided:
		e.Action, e.Cause, e.Choice, e.Agreed, e.BaseRem, e.HubSpot = plan.EditConflict, plan.CauseDisplaced, 0, true, open.Base, &open.HubSpot
		it.Edits = append(it.Edits, e)
		p.wait(p.conflict(it, e))
		return true, nil
	case open.Choice == plan.ChooseHubSpot:
		back = record.Text(open.HubSpot)
	case open.Choice == plan.ChooseBase && open.Base != nil:
		back = record.Text(*open.Base)
	case open.Choice == plan.ChooseValue:
		back = record.Text(open.Value)
	default: // source, skip: what we wrote stays
		e.Action, e.Reason = plan.EditAdopt, "decided in Review: what the run wrote stays"
		it.Edits = append(it.Edits, e)
		return true, nil
	}
	e.Reason = "decided in Review: the edit that was written over is restored"
	d := merge.Decision{Action: merge.ToHubSpot, Value: back, SourceValue: back}
	if f.Direction == definition.TwoWay {
		d.Action = merge.ToBoth
	}
	return true, p.decide(it, f, pair, e, d)
}

// overwritten finds the entry before ours that is neither what we believed was
// there nor ours.
func (j *job) overwritten(history []record.Version, sent record.Value, op store.Op, name string) (record.Version, bool) {
	f := j.mapping.ByProperty[name]
	if f == nil {
		return record.Version{}, false
	}
	mine, ok := j.ours(history, sent, op.Sent, f.Rule)
	if !ok {
		return record.Version{}, false
	}
	for _, v := range history {
		if v.At.Before(mine.At) {
			return v, !f.Rule.Same(v.Value, op.Pre[name]) && !f.Rule.Same(v.Value, sent)
		}
	}
	return record.Version{}, false
}
