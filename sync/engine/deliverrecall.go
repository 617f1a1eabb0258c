package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// touched says of notes why they are not taken back, by id: they are gone, or a person
// changed what they hold.
func (f *files) touched(ctx context.Context, ids []string) (why map[string]string, err error) {
	got, err := f.Client.BatchRead(ctx, "notes", hubspot.BatchReadRequest{IDs: ids, Properties: []string{"hs_note_body", "hs_attachment_ids"}, History: []string{"hs_note_body", "hs_attachment_ids"}})
	if err != nil {
		return nil, err
	}
	why = make(map[string]string)
	there := make(map[string]bool, len(got.Records))
	for _, r := range got.Records {
		there[r.ID] = true
		for _, name := range []string{"hs_note_body", "hs_attachment_ids"} {
			if len(r.History[name]) > 1 {
				why[r.ID] = "its note was changed in HubSpot since: it stays, with the file"
			}
		}
	}
	for _, id := range ids {
		if !there[id] && !slices.Contains(got.Unaccounted, id) {
			why[id] = noteGone
		}
	}
	return why, nil
}

const noteGone = "its note is not in HubSpot any more"

// recallCalls is how many calls it takes to take notes and files back.
func recallCalls(n int) int { return n + 2*batchesOf(n, historyPage) }

// recallGuards ask a person before anything is taken back.
func recallGuards(n int) []Guard {
	if n == 0 {
		return nil
	}
	return []Guard{{Name: "archives", Count: n, Detail: fmt.Sprintf("It would archive %s that the run made, and delete the files that it uploaded and that no other row has: a deleted file can't be restored.", counted(n, "note"))}}
}

// recalls plans the undo of a run that attached files.
func (u *undoer) recalls(ctx context.Context, f *files, runID string) error {
	var made []store.Audit
	var keys, ids []string
	for a, err := range u.Store.AuditOf(ctx, runID) {
		if err != nil {
			return err
		}
		if a.Action == plan.OpDeliver && a.Property == "" && (len(u.part.Rows) == 0 || slices.Contains(u.part.Rows, a.RowKey)) {
			made, keys, ids = append(made, a), append(keys, a.RowKey), append(ids, a.RecordID)
		}
	}
	known, err := u.Store.Deliveries(ctx, u.sync.ID, keys)
	if err != nil {
		return err
	}
	why, err := f.touched(ctx, ids)
	if err != nil {
		return err
	}
	for _, a := range made {
		it := u.item(a)
		it.Kind, it.Fate = plan.ItemSkip, plan.FateSkipped
		switch was := known[a.RowKey]; {
		case was.State == plan.DeliveryUndone:
			it.Reason = "it was taken back already"
		case was.RemoteID != a.RecordID:
			it.Reason = "the row was sent once more since: undo that run"
		case why[a.RecordID] != "":
			it.Reason = why[a.RecordID]
		default:
			it.Kind, it.Fate, it.Reason = plan.ItemRecall, plan.FateUpdated, "the run attached it: its note is archived, and the file deleted if the run uploaded it and no other row has it"
		}
		if err := u.add(ctx, it); err != nil {
			return err
		}
	}
	return nil
}

// sendRecalls takes notes back, and the files that only they had.
func (j *job) sendRecalls(ctx context.Context, pl plan.Plan, items []plan.Item) (again int, err error) {
	f := j.recipient.(*files) // nothing else plans them
	var ids []string
	for _, it := range items {
		ids = append(ids, it.RecordID)
	}
	why, err := f.touched(ctx, ids)
	if err != nil {
		return 0, err
	}
	var ops []store.Op
	var over []store.Outcome
	ids = ids[:0]
	for _, it := range items {
		if w := why[it.RecordID]; w != "" && w != noteGone {
			o := j.outcome(pl, it)
			o.Fate, o.Reason = plan.FateSkipped, w
			over = append(over, o)
			continue
		}
		ids = append(ids, it.RecordID)
		ops = append(ops, store.Op{PlanID: pl.ID, N: it.N, Side: plan.HubSpot, Kind: plan.OpRecall, RowKey: it.RowKey, RecordID: it.RecordID, Fields: record.Values{}, Pre: record.Values{}})
	}
	if err := j.finish(ctx, over); err != nil || len(ops) == 0 {
		return 0, err
	}
	if err := j.beginBatch(ctx, ops); err != nil {
		return 0, err
	}
	err = j.Client.BatchArchive(ctx, "notes", ids)
	j.at("answered")
	switch {
	case err == nil:
		return 0, j.recalled(ctx, ops)
	case hubspot.Unknown(err):
		return j.settle(ctx, ops, err)
	}
	return 0, errors.Join(err, j.finish(ctx, dropped(ops, err)))
}

// settleRecalls finds out what became of notes that were to be archived.
func (j *job) settleRecalls(ctx context.Context, ops []store.Op, why error) (again int, err error) {
	f, ok := j.recipient.(*files)
	if !ok {
		return 0, j.finish(ctx, dropped(ops, why))
	}
	var ids []string
	for _, op := range ops {
		ids = append(ids, op.RecordID)
	}
	state, err := f.touched(ctx, ids)
	if err != nil {
		return 0, err
	}
	var gone, left []store.Op
	for _, op := range ops {
		if state[op.RecordID] == noteGone {
			gone = append(gone, op)
		} else {
			left = append(left, op)
		}
	}
	if err := j.finish(ctx, dropped(left, why)); err != nil {
		return 0, err
	}
	return len(left), j.recalled(ctx, gone)
}

// recalled ends operations whose notes are archived: files go that only they had.
func (j *job) recalled(ctx context.Context, ops []store.Op) error {
	var keys, fileIDs []string
	for _, op := range ops {
		keys = append(keys, op.RowKey)
	}
	known, err := j.Store.Deliveries(ctx, j.sync.ID, keys)
	if err != nil {
		return err
	}
	for _, d := range known {
		fileIDs = append(fileIDs, d.FileID)
	}
	free, err := j.Store.FreeFiles(ctx, j.sync.ID, fileIDs, keys)
	if err != nil {
		return err
	}
	ended := make(map[string]string, len(free))
	for _, id := range free {
		err := j.Client.DeleteFile(ctx, id)
		switch {
		case err == nil:
			ended[id] = "its note was archived and its file deleted"
			err = j.Store.ForgetUpload(ctx, j.sync.ID, id)
		case hubspot.Refused(err) && !fatal(err):
			ended[id] = fmt.Sprintf("its note was archived; its file stays, because HubSpot did not delete it: %v", err)
			err = nil
		}
		if err != nil {
			return err // the operations stay open, and the next run goes on here
		}
	}
	var outcomes []store.Outcome
	for _, op := range ops {
		was := known[op.RowKey]
		why := ended[was.FileID]
		if why == "" {
			why = "its note was archived; its file stays, because it was there before or another row has it"
		}
		was.State = plan.DeliveryUndone
		outcomes = append(outcomes, store.Outcome{Op: op, State: plan.OpDone, PlanID: op.PlanID, N: op.N, Fate: plan.FateUpdated, Reason: why, Delivery: &was,
			Audit: []store.Audit{{RowKey: op.RowKey, RecordID: op.RecordID, Side: plan.HubSpot, Action: plan.OpRecall, Why: why}}})
	}
	return j.finish(ctx, outcomes)
}
