package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/record"
)

// A sample of the updated records is read back: one batch in twenty, so that
// it costs at most a twentieth of the calls.
const sampleEvery = 20 * batchSize

// verify reads a sample of the updated records back with their history. An
// edit that a person made between our read and our write was displaced, since
// HubSpot has no conditional write: it is reported with its value, not lost.
func (j *job) verify(ctx context.Context, plan store.Plan) error {
	if plan.Kind == "undo" {
		return nil
	}
	j.Progress.change(func(s *Snapshot) { s.Phase = PhaseVerify })
	sample := make(map[string]store.Op)
	seen := 0
	for op, err := range j.Store.Ops(ctx, j.runID) {
		if err != nil {
			return err
		}
		if op.Side != "hubspot" || op.Kind != "update" || op.State != "done" {
			continue
		}
		seen++
		if seen > batchSize && (seen-1)%sampleEvery < historyPage {
			sample[op.RecordID] = op
		}
	}
	ids := make([]string, 0, len(sample))
	for id := range sample {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for chunk := range slices.Chunk(ids, historyPage) {
		if err := j.verifyChunk(ctx, chunk, sample); err != nil {
			return err
		}
	}
	return nil
}

func (j *job) verifyChunk(ctx context.Context, ids []string, sample map[string]store.Op) error {
	got, err := j.Client.BatchRead(ctx, j.schema.object.Name, hubspot.BatchReadRequest{IDs: ids, History: j.mappedNames()})
	if err != nil {
		return err
	}
	for _, rec := range got.Records {
		op := sample[rec.ID]
		for name, sent := range op.Fields {
			if lost, ok := j.overwritten(rec.History[name], sent, op, name); ok {
				j.notes = append(j.notes, fmt.Sprintf("%s of record %s was set to %q by someone (%s) just before this run wrote %q: set it back in HubSpot if theirs is right.",
					name, rec.ID, lost.Value, strings.ToLower(lost.SourceType), sent))
			}
		}
	}
	return nil
}

// overwritten finds the entry before ours that is neither what we believed was
// there nor ours.
func (j *job) overwritten(history []record.Version, sent record.Value, op store.Op, name string) (record.Version, bool) {
	f := j.mapping.byProperty[name]
	if f == nil {
		return record.Version{}, false
	}
	mine, ok := j.ours(history, sent, op.Sent, f.rule)
	if !ok {
		return record.Version{}, false
	}
	for _, v := range history {
		if v.At.Before(mine.At) {
			return v, !f.rule.Same(v.Value, op.Pre[name]) && !f.rule.Same(v.Value, sent)
		}
	}
	return record.Version{}, false
}
