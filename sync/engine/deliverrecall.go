package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// touched says of notes why they are not taken back, by id: they are gone, or somebody
// changed something of them since they were made, any property or what they hang on.
func (f *files) touched(ctx context.Context, ids []string, made map[string]store.Attachment) (why map[string]string, err error) {
	var names []string
	for _, p := range f.ofNotes {
		names = append(names, p.Name)
	}
	hangs, err := f.hangsOn(ctx, ids)
	if err != nil {
		return nil, err
	}
	why = make(map[string]string)
	for page := range slices.Chunk(ids, historyPage) {
		got, err := f.Client.BatchRead(ctx, "notes", hubspot.BatchReadRequest{IDs: page, History: names})
		if err != nil {
			return nil, err
		}
		there := make(map[string]bool, len(got.Records))
		for _, r := range got.Records {
			there[r.ID] = true
			if label := f.editedIn(r); label != "" {
				why[r.ID] = fmt.Sprintf("%s of its note was changed in HubSpot since: it stays, with the file", label)
			} else if on := hangs[r.ID]; len(on) != 1 || made[r.ID].RecordID != "" && on[0] != f.of.ID+" "+made[r.ID].RecordID {
				why[r.ID] = "its note was associated with something else in HubSpot, or with nothing any more: it stays, with the file"
			}
		}
		for _, id := range page {
			switch {
			case there[id]:
			case slices.Contains(got.Unaccounted, id):
				why[id] = "HubSpot's answer passed over its note, so it stays, with the file"
			default:
				why[id] = noteGone
			}
		}
	}
	return why, nil
}

// settled is how long after a note was made versions of ours are still those of its making.
const settled = 2 * time.Second

// editedIn names a property of a note that has another version than that of its making, ""
// where none has. What only HubSpot can write is no edit.
func (f *files) editedIn(r record.Record) string {
	app := f.Client.AppID()
	for _, p := range f.ofNotes {
		for _, v := range r.History[p.Name] {
			ours := integration(v) && (app == 0 || v.SourceID == "" || v.SourceID == strconv.FormatInt(app, 10))
			if p.Writable() && v.SourceType != "CALCULATED" && !(ours && v.At.Before(r.Created.Add(settled))) {
				return p.Label
			}
		}
	}
	return ""
}

// hangsOn are the records that each note is associated with, as far as this connection may see,
// by object type and id.
func (f *files) hangsOn(ctx context.Context, ids []string) (map[string][]string, error) {
	on := make(map[string][]string, len(ids))
	for _, t := range f.noteEnds() {
		got, err := f.Client.BatchReadAssociations(ctx, "notes", t.Path(), ids)
		switch {
		case t.ID != f.of.ID && (hubspot.IsForbidden(err) || hubspot.IsUnknownPair(err)):
			continue // not for this connection, or not in this portal
		case err != nil:
			return nil, err
		}
		for _, e := range got.Edges {
			on[e.From] = append(on[e.From], t.ID+" "+e.To)
		}
		for _, x := range got.Failures {
			if !hubspot.IsNotFound(x.Err) { // a note that is gone is told by reading it
				return nil, fmt.Errorf("what the notes hang on could not be read: %w", x.Err)
			}
		}
	}
	return on, nil
}

// noteEnds are the object types that a note can be associated with, and that of the files.
func (f *files) noteEnds() []hubspot.ObjectType {
	notes, _ := hubspot.FindObjectType("notes")
	ends := endsOf(notes)
	if !slices.ContainsFunc(ends, func(t hubspot.ObjectType) bool { return t.ID == f.of.ID }) {
		ends = append(ends, f.of)
	}
	return ends
}

const noteGone = "its note is not in HubSpot any more"

// recallCalls is how many calls it takes to take notes and files back.
func (f *files) recallCalls(n int) int {
	return n + 3*batchesOf(n, historyPage) + (1+batchesOf(n, historyPage))*len(f.noteEnds())
}

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
	var ids []string
	for a, err := range u.Store.AuditOf(ctx, runID) {
		if err != nil {
			return err
		}
		if a.Action == plan.OpDeliver && a.Property == "" && (len(u.part.Rows) == 0 || slices.Contains(u.part.Rows, a.RowKey)) {
			made, ids = append(made, a), append(ids, a.RecordID)
		}
	}
	notes, err := u.Store.Attachments(ctx, u.sync.ID, ids)
	if err != nil {
		return err
	}
	why, err := f.touched(ctx, ids, notes)
	if err != nil {
		return err
	}
	for _, a := range made {
		it := u.item(a)
		it.Kind, it.Fate = plan.ItemSkip, plan.FateSkipped
		switch {
		case notes[a.RecordID].Gone:
			it.Reason = "it was taken back already"
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
	notes, err := j.Store.Attachments(ctx, j.sync.ID, ids)
	if err != nil {
		return 0, err
	}
	why, err := f.touched(ctx, ids, notes)
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
	state, err := f.touched(ctx, ids, nil)
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
	var keys, ids, fileIDs []string
	for _, op := range ops {
		keys, ids = append(keys, op.RowKey), append(ids, op.RecordID)
	}
	known, err := j.Store.Deliveries(ctx, j.sync.ID, keys)
	if err != nil {
		return err
	}
	notes, err := j.Store.Attachments(ctx, j.sync.ID, ids)
	if err != nil {
		return err
	}
	for _, a := range notes {
		fileIDs = append(fileIDs, a.FileID)
	}
	ended, err := j.deleteFree(ctx, fileIDs, ids)
	if err != nil {
		return err // the operations stay open, and the next run goes on here
	}
	var outcomes []store.Outcome
	for _, op := range ops {
		a := notes[op.RecordID]
		why := ended[a.FileID]
		if why == "" {
			why = "its note was archived; its file stays, because it was there before or another row has it"
		}
		a.NoteID, a.RowKey, a.Gone = op.RecordID, op.RowKey, true
		o := store.Outcome{Op: op, State: plan.OpDone, PlanID: op.PlanID, N: op.N, Fate: plan.FateUpdated, Reason: why, Attachment: &a,
			Audit: []store.Audit{{RowKey: op.RowKey, RecordID: op.RecordID, Side: plan.HubSpot, Action: plan.OpRecall, Why: why}}}
		if was, ok := known[op.RowKey]; ok && was.RemoteID == op.RecordID { // else the row was sent once more since
			was.State = plan.DeliveryUndone
			o.Delivery = &was
		}
		outcomes = append(outcomes, o)
	}
	return j.finish(ctx, outcomes)
}

// deleteFree deletes those of the files that no note has other than those named, and says what
// became of each.
func (j *job) deleteFree(ctx context.Context, fileIDs, notes []string) (ended map[string]string, err error) {
	free, err := j.Store.FreeFiles(ctx, j.sync.ID, fileIDs, notes)
	if err != nil {
		return nil, err
	}
	ended = make(map[string]string, len(free))
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
			return nil, err
		}
	}
	return ended, nil
}
