package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/merge"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// What is written is read back with its history, because an edit that a person
// makes in the round trip between our read and our write is written over:
// HubSpot has no conditional write. Such an edit is not lost, but waits in
// Review. What a run leaves unread is read by the next one.

const (
	// verifyShare is the share of the day's calls that reading back may take.
	verifyShare = 0.02
	// dailyLeast is the daily limit of the smallest account, for portals that
	// don't tell theirs (§10 of the facts: Free and Starter).
	dailyLeast = 250_000
	// A sample is one batch in twenty.
	sampleEvery = 20 * batchSize
)

// verify reads back what this run wrote, as far as the definition and the
// day's limit allow.
func (j *job) verify(ctx context.Context, pl plan.Plan) error {
	j.Progress.change(func(s *Snapshot) { s.Phase = PhaseVerify })
	return j.readBack(ctx, pl)
}

// lookBack reads back what earlier runs have left unread, before anything is
// planned on top of it.
func (j *job) lookBack(ctx context.Context) error { return j.readBack(ctx, plan.Plan{}) }

// readBack walks the operations that are to be read back, several pages at once.
func (j *job) readBack(ctx context.Context, pl plan.Plan) error {
	before := j.Client.Traffic().Total
	defer func() { j.verifying += j.Client.Traffic().Total - before }()
	young, err := j.Store.DoubtfulRecords(ctx, j.sync.ID, j.now().Add(-landsLater))
	if err != nil {
		return err
	}
	if j.doubted, err = j.Store.DoubtfulRecords(ctx, j.sync.ID, time.Time{}); err != nil {
		return err
	}
	group, gctx := errgroup.WithContext(ctx)
	err = j.readPagesBack(gctx, pl.ID != "", young, newTeam(group, j.Client.InFlight), func(ops []store.Op) error { return j.verifyOps(gctx, pl, ops) })
	if werr := group.Wait(); werr != nil {
		return werr
	}
	return err
}

// readPagesBack gives the team the pages of operations that are read back: of
// this run's own all that there is a budget for, or a sample; of what earlier
// ones left all. young are the records of which a request may still be under
// way.
func (j *job) readPagesBack(ctx context.Context, ownRun bool, young map[string]bool, t *team, read func([]store.Op) error) error {
	budget, seen, after := j.verifyBudget(), 0, int64(0)
	for {
		ops, err := j.Store.OpsToVerify(ctx, j.sync.ID, after, batchSize)
		if err != nil || len(ops) == 0 {
			return err
		}
		after = ops[len(ops)-1].ID
		page := ops[:0]
		for _, op := range ops {
			// A request that is still under way may undo what is found in order now.
			if !young[op.RecordID] {
				page = append(page, op)
			}
		}
		seen += len(ops)
		inSample := seen <= batchSize || (seen-1)%sampleEvery < batchSize
		switch {
		case (ownRun && j.Definition.Verify == definition.VerifySample || budget <= 0) && !inSample:
			continue // the next run reads it
		default:
			budget -= callsToVerify(page)
			err = t.do(ctx, func() error { return read(page) })
		}
		if err != nil {
			return err
		}
	}
}

// verifyOps reads back a page of operations: updates and archives with their
// history; of what was created it is enough to see whether anybody changed it
// since.
func (j *job) verifyOps(ctx context.Context, pl plan.Plan, ops []store.Op) error {
	creates, updates, archives := byKind(ops)
	for page := range slices.Chunk(archives, historyPage) {
		if err := j.verifyArchives(ctx, pl, page); err != nil {
			return err
		}
	}
	if len(creates) > 0 {
		if err := j.verifyPage(ctx, pl, creates, nil); err != nil {
			return err
		}
	}
	for page := range slices.Chunk(updates, historyPage) {
		if err := j.verifyPage(ctx, pl, page, sorted(names(page...))); err != nil {
			return err
		}
	}
	return nil
}

// callsToVerify is how many calls verifyOps makes.
func callsToVerify(ops []store.Op) int {
	creates, updates, archives := byKind(ops)
	return min(1, len(creates)) + batchesOf(len(updates), historyPage) + batchesOf(len(archives), historyPage)
}

func byKind(ops []store.Op) (creates, updates, archives []store.Op) {
	if len(ops) > 0 && !slices.ContainsFunc(ops, func(op store.Op) bool { return op.Kind != plan.OpCreate }) {
		return ops, nil, nil // most pages are, and operations are large
	}
	for _, op := range ops {
		switch op.Kind {
		case plan.OpCreate:
			creates = append(creates, op)
		case plan.OpArchive:
			archives = append(archives, op)
		default:
			updates = append(updates, op)
		}
	}
	return creates, updates, archives
}

// verifyBudget is how many calls may be made for reading back.
func (j *job) verifyBudget() int {
	switch j.Definition.Verify {
	case definition.VerifyAll:
		return int(^uint(0) >> 1)
	case definition.VerifyNone:
		return 0
	}
	daily := j.Client.Traffic().Daily
	most := dailyLeast
	if daily.Known {
		most = daily.Max
	}
	return int(verifyShare*float64(most)) - j.verifying
}

// verifyCalls is how many calls reading back is going to take, for a plan's
// forecast.
func (j *job) verifyCalls(creates, updates, archives int) int {
	calls := batchesOf(creates, batchSize) + batchesOf(updates, historyPage) + batchesOf(archives, historyPage)
	switch j.Definition.Verify {
	case definition.VerifyNone:
		return 0
	case definition.VerifySample:
		return min(calls, batchesOf(creates+updates+archives, sampleEvery)*batchSize/historyPage)
	}
	return min(calls, j.verifyBudget())
}

func opIDs(ops []store.Op) []int64 {
	ids := make([]int64, 0, len(ops))
	for _, op := range ops {
		ids = append(ids, op.ID)
	}
	return ids
}

func (j *job) verifyPage(ctx context.Context, pl plan.Plan, ops []store.Op, history []string) error {
	ids := make([]string, 0, len(ops))
	for _, op := range ops {
		ids = append(ids, op.RecordID)
	}
	// A property is asked for too, since which record a merged one lives on as is told only then.
	req := hubspot.BatchReadRequest{IDs: ids, History: history, Properties: []string{"hs_object_id"}}
	got, err := j.Client.BatchRead(ctx, j.schema.object.Name, req)
	if err != nil {
		return err
	}
	records := make(map[string]record.Record, len(got.Records))
	for _, rec := range got.Records {
		records[rec.ID] = rec
	}
	if gone := slices.DeleteFunc(slices.Clone(got.Missing), func(id string) bool { return got.Moved[id] != "" }); len(gone) > 0 && history != nil {
		// Whoever archived a record right after our write has not seen what we displaced either.
		was, err := j.Client.BatchRead(ctx, j.schema.object.Name, hubspot.BatchReadRequest{IDs: gone, History: history, Archived: true})
		if err != nil {
			return err
		}
		for _, rec := range was.Records {
			records[rec.ID] = rec
		}
	}
	for _, op := range ops {
		if history == nil {
			break
		}
		rec := records[op.RecordID]
		if into := got.Moved[op.RecordID]; into != "" {
			rec = records[into]
			j.noteMerged(op, rec)
		}
		if err := j.verifyOp(ctx, pl, op, rec); err != nil {
			return err
		}
	}
	updated := make(map[string]time.Time, len(records))
	for id, rec := range records {
		updated[id] = rec.Updated
	}
	return j.Store.ReadBack(ctx, j.sync.ID, opIDs(ops), ids, updated, got.ServerTime)
}

// noteMerged says of a record that was merged right after our write whether the
// history of the one that it lives on as tells what the write fell upon. That of
// the record which is merged into another is not kept by it.
func (j *job) noteMerged(op store.Op, survivor record.Record) {
	for _, name := range sorted(names(op)) {
		if _, told := j.ours(survivor.History[name], op, name); told {
			return
		}
	}
	j.note("The record %s was merged in HubSpot into %s before what was written to it was read back, and the history does not tell any more whether somebody's edit of the same moment was written over.", op.RecordID, survivor.ID)
}

// names are the properties that operations wrote.
func names(ops ...store.Op) map[string]bool {
	all := make(map[string]bool)
	for _, op := range ops {
		for name := range op.Fields {
			all[name] = true
		}
	}
	return all
}

func sorted(names map[string]bool) []string {
	all := make([]string, 0, len(names))
	for name := range names {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// verifyOp opens a conflict for each edit that the operation displaced.
func (j *job) verifyOp(ctx context.Context, pl plan.Plan, op store.Op, rec record.Record) error {
	var conflicts []store.Conflict
	var others []store.Op
	if j.doubted[op.RecordID] {
		var err error
		if others, err = j.Store.OpsOnRecord(ctx, j.sync.ID, op.RecordID); err != nil {
			return err
		}
	}
	for name, sent := range op.Fields {
		lost, ok := j.displacedBy(rec.History[name], op, name, others)
		if !ok {
			continue
		}
		title, column, takesSource := name, name, false
		if f := j.mapping.ByProperty[name]; f != nil {
			title, column, takesSource = f.Title(), f.Column(), f.Conflict == definition.TakeSource
		}
		why := fmt.Sprintf("%s was set to %q%s while a run wrote %q over it", title, lost.Value, author(lost), sent)
		if takesSource {
			j.note("Record %s: %s, as the field's rule wants.", rec.ID, why)
			continue
		}
		pre := op.Pre[name].String()
		conflicts = append(conflicts, store.Conflict{SyncID: j.sync.ID, RowKey: op.RowKey, RecordID: op.RecordID, Name: op.RowKey, Field: column, Property: name,
			Cause: plan.CauseDisplaced, Reason: why, Base: &pre, Source: sent.String(), HubSpot: lost.Value.String(), RemMeta: byWhom(lost, sent)})
	}
	if len(conflicts) == 0 {
		return nil
	}
	if it, err := j.Store.ItemsByID(ctx, op.PlanID, []int{op.N}); err != nil {
		return err
	} else if len(it) > 0 {
		for i := range conflicts {
			conflicts[i].Name = it[0].Name
		}
	}
	if err := j.Store.PutConflicts(ctx, op.RunID, conflicts); err != nil {
		return err
	}
	if op.PlanID != pl.ID {
		return nil // of an earlier run, whose fates have been told
	}
	return j.finish(ctx, []store.Outcome{{PlanID: pl.ID, N: op.N, Fate: plan.FateConflict, Reason: conflicts[0].Reason}})
}

// Editor is who made the edit that a write of ours fell upon, as far as
// HubSpot's history tells.
type Editor struct {
	At time.Time `json:"at"` // HubSpot's time of the edit
	By string    `json:"by"` // such as "in HubSpot by user 123" or "by Mailchimp"
}

// EditorOf returns who made the edit that a conflict about a displaced edit is
// about; nil where the conflict is another one, or nobody knows.
func EditorOf(c store.Conflict) *Editor {
	var v struct {
		At                  time.Time
		Source, Label, User string
	}
	if !c.Cause.Displaced() || json.Unmarshal([]byte(c.RemMeta), &v) != nil || v.At.IsZero() {
		return nil
	}
	return &Editor{At: v.At, By: who(record.Version{SourceType: v.Source, Label: v.Label, UserID: v.User})}
}

// byWhom is the author and the time of an edit as a conflict keeps them, with
// what was written over it.
func byWhom(v record.Version, sent record.Value) string {
	b, _ := json.Marshal(map[string]any{"wrote": sent.String(), "at": v.At.UTC(), "source": v.SourceType, "label": v.Label, "user": v.UserID}) // plain values: can't fail
	return string(b)
}

// displaced plans a field with a conflict about a displaced edit. HubSpot holds
// what we wrote, until a person takes the edit back or lets it go. It returns
// false when somebody changed the property since, which is then decided as
// usual.
func (p *planner) displaced(it *plan.Item, f *mapping.Field, pair store.Pair, src, rem record.Value, open *store.Conflict) (bool, error) {
	e := plan.Edit{Field: f.Column(), Property: f.Property, Reason: open.Reason, Source: mapping.Text(src), HubSpot: mapping.Text(rem), Choice: open.ID}
	moved := !f.Rule.Same(rem, record.Text(wrote(open)))
	if moved && open.State != plan.ConflictDecided {
		p.outdated = append(p.outdated, open.ID)
		return false, nil
	}
	var back record.Value
	switch {
	case moved || open.State != plan.ConflictDecided || !f.Rule.Same(src, record.Text(open.Source)):
		// Of a decision this is a new question where a side is not what it was made on.
		e.Action, e.Cause, e.Choice, e.Agreed, e.BaseRem = plan.EditConflict, plan.CauseDisplaced, 0, true, open.Base
		meta := open.RemMeta
		if moved {
			meta = rewrote(meta, rem)
		} else {
			e.HubSpot = &open.HubSpot
		}
		it.Edits = append(it.Edits, e)
		c := p.conflict(it, e)
		c.RemMeta = meta
		p.wait(c)
		return true, nil
	case open.Choice == plan.ChooseHubSpot:
		back = record.Text(open.HubSpot)
	case open.Choice == plan.ChooseBase && open.Base != nil:
		back = record.Text(*open.Base)
	case open.Choice == plan.ChooseValue:
		back = record.Text(open.Value)
	case f.Rule.Same(src, rem):
		e.Action, e.Reason = plan.EditAdopt, "decided in Review: what the run wrote stays"
		it.Edits = append(it.Edits, e)
		return true, nil
	case open.Choice == plan.ChooseSource && f.Direction != definition.FromHubSpot:
		e.Reason = "decided in Review: the source replaces what the run wrote"
		return true, p.decide(it, f, pair, e, merge.Decision{Action: merge.ToHubSpot, Value: src, SourceValue: src})
	default:
		e.Action, e.Reason = plan.EditKeep, "decided in Review: what the run wrote stays"
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

// overwrittenRow plans a field with a conflict about an edit that a write to the
// source fell upon: displaced with the sides exchanged. The source holds what we
// wrote, until a person takes the edit back or lets it go.
func (p *planner) overwrittenRow(it *plan.Item, f *mapping.Field, pair store.Pair, src, rem record.Value, open *store.Conflict) (bool, error) {
	e := plan.Edit{Field: f.Column(), Property: f.Property, Reason: open.Reason, Source: mapping.Text(src), HubSpot: mapping.Text(rem), Choice: open.ID}
	moved := !f.Rule.Same(src, record.Text(wrote(open)))
	if moved && open.State != plan.ConflictDecided {
		p.outdated = append(p.outdated, open.ID)
		return false, nil
	}
	var back record.Value
	switch {
	case moved || open.State != plan.ConflictDecided || !f.Rule.Same(rem, record.Text(open.HubSpot)):
		e.Action, e.Cause, e.Choice, e.Agreed, e.BaseSrc = plan.EditConflict, plan.CauseOverwritten, 0, true, open.Base
		meta := open.RemMeta
		if moved {
			meta = rewrote(meta, src)
		} else {
			e.Source = &open.Source
		}
		it.Edits = append(it.Edits, e)
		c := p.conflict(it, e)
		c.Base, c.RemMeta = open.Base, meta
		p.wait(c)
		return true, nil
	case open.Choice == plan.ChooseSource:
		back = record.Text(open.Source)
	case open.Choice == plan.ChooseBase && open.Base != nil:
		back = record.Text(*open.Base)
	case open.Choice == plan.ChooseValue:
		back = record.Text(open.Value)
	case f.Rule.Same(src, rem):
		e.Action, e.Reason = plan.EditAdopt, "decided in Review: what the run wrote stays"
		it.Edits = append(it.Edits, e)
		return true, nil
	default:
		e.Action, e.Reason = plan.EditKeep, "decided in Review: what the run wrote stays"
		it.Edits = append(it.Edits, e)
		return true, nil
	}
	e.Reason = "decided in Review: the edit that was written over is restored"
	d := merge.Decision{Action: merge.ToSource, Value: back, SourceValue: back}
	if f.Direction == definition.TwoWay {
		d.Action = merge.ToBoth
	}
	return true, p.decide(it, f, pair, e, d)
}

// wrote is what the run wrote over the edit that a conflict is about.
func wrote(c *store.Conflict) string {
	var meta struct{ Wrote *string }
	if json.Unmarshal([]byte(c.RemMeta), &meta) == nil && meta.Wrote != nil {
		return *meta.Wrote
	}
	return c.Source
}

// rewrote is the account of who wrote what, with what HubSpot holds now in the
// place of what the run wrote.
func rewrote(meta string, now record.Value) string {
	var all map[string]any
	if json.Unmarshal([]byte(meta), &all) != nil || all == nil {
		all = make(map[string]any)
	}
	all["wrote"] = now.String()
	b, _ := json.Marshal(all) // what was read as JSON: can't fail
	return string(b)
}
