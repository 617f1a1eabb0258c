package engine

import (
	"context"
	"slices"

	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// A plan that is applied later than it was made, or gone on with after an
// interruption, holds values of rows that the source may have changed since.
// They are never sent: the row is left out, and the next plan decides about it by
// what it holds then. After an interruption that is the plan of the same run.

const (
	rowMoved = "the row was changed in the source after the plan was made, so nothing was written: the next plan decides about it anew"
	rowLeft  = "the row left the source after the plan was made, so nothing was written: the next plan decides about it anew"
	rowBack  = "its row is back in the source, so its record stays as it is"
)

// The same holds for what records held: of a record that moved since nothing is
// brought to the source.
const (
	recordMoved = "the record was changed in HubSpot after the plan was made, so nothing was written: the next plan decides about it anew"
	recordGone  = "the record is not in HubSpot any more as the plan saw it, so nothing was brought to its row: the next plan decides about it anew"
	recordLeft  = "the record is not in HubSpot any more, so no row is made for it"
)

// rowsAgain reads the source again where it is not what the plan was made of,
// and leaves the rows out that are not as the plan took them to be.
func (j *job) rowsAgain(ctx context.Context, pl plan.Plan, summary Summary) error {
	version, err := j.Source.Version(ctx)
	if err != nil || (summary.Source != "" && version == summary.Source) {
		return err
	}
	left, err := j.Store.Todo(ctx, pl.ID, 0, 1, plan.ItemCreate, plan.ItemUpdate, plan.ItemEdges, plan.ItemEdgeRow, plan.ItemDeliver)
	if err != nil || len(left) == 0 {
		return err
	}
	earlier := max(j.pull, j.sync.Pull)
	if j.pull, err = j.Store.BeginPull(ctx, j.sync.ID); err != nil {
		return err
	}
	j.rowsPull, j.planPull = j.pull, earlier
	if err := j.pullRows(ctx); err != nil {
		return err
	}
	return j.pages(ctx, pl, 500, func(items []plan.Item) error { return j.leaveMoved(ctx, pl, items) }, plan.ItemCreate, plan.ItemUpdate, plan.ItemDeliver)
}

// leaveMoved ends the items of a page whose rows moved.
func (j *job) leaveMoved(ctx context.Context, pl plan.Plan, items []plan.Item) error {
	keys := make([]string, 0, len(items))
	for _, it := range items {
		keys = append(keys, it.RowKey)
	}
	rows, err := j.Store.RowsSeen(ctx, j.sync.ID, keys)
	if err != nil {
		return err
	}
	done, err := j.Store.DoneSides(ctx, pl.ID, numbers(items))
	if err != nil {
		return err
	}
	var outcomes []store.Outcome
	for _, it := range items {
		if done[it.N][plan.HubSpot] {
			continue // what is left of it goes to the source, which looks for itself
		}
		row, there := rows[it.RowKey]
		if why := j.movedRow(it, row, there); why != "" {
			o := j.outcome(pl, it)
			o.Fate, o.Reason, o.Aside = plan.FateSkipped, why, true
			outcomes = append(outcomes, o)
		}
	}
	return j.finish(ctx, outcomes)
}

// movedRow says why an item can't be sent by what its row holds now, "" where it
// can.
func (j *job) movedRow(it plan.Item, row store.RowSeen, there bool) string {
	for _, e := range it.Edits {
		switch {
		case e.Action != plan.EditHubSpot:
			continue
		case e.Ruling == plan.RuleFlag && there:
			return rowBack
		case e.Ruling == plan.RuleFlag:
			continue
		case !there:
			return rowLeft
		}
		f := j.mapping.ByProperty[e.Property]
		if f != nil && !f.Rule.Same(row.Values[e.Property], mapping.Value(e.Source)) || len(row.Problems) > 0 || (&planner{job: j}).unclear(&row) {
			return rowMoved
		}
	}
	return ""
}

// recordsAgain reads the records again whose values a plan of an earlier moment would
// bring to the source, or of which only a search told, or that were last read before this
// run, and leaves out what is not as the plan took it to be.
func (j *job) recordsAgain(ctx context.Context, pl plan.Plan, items []plan.Item) ([]plan.Item, error) {
	if pl.Kind == plan.KindUndo {
		return items, nil
	}
	asked := make(map[int]bool)
	now := make(map[string]record.Values)
	for page := range slices.Chunk(items, batchSize) {
		var ids []string
		for _, it := range page {
			if j.mayBeStale(it) {
				asked[it.N] = true
				ids = append(ids, it.RecordID)
			}
		}
		if len(ids) == 0 {
			continue
		}
		got, err := j.Client.BatchRead(ctx, j.schema.object.Name, hubspot.BatchReadRequest{IDs: ids, Properties: j.mapping.Properties})
		if err != nil {
			return nil, err
		}
		for _, rec := range got.Records {
			now[rec.ID] = j.mapping.RecordValues(rec.Properties)
		}
		var lost []string // no pull of changes tells that they are gone
		for _, it := range page {
			if err := j.keepMatch(ctx, it, got.Moved); err != nil {
				return nil, err
			}
			if asked[it.N] && slices.Contains(got.Missing, it.RecordID) {
				lost = append(lost, it.RecordID)
			}
		}
		if len(lost) > 0 {
			if err := j.classify(ctx, lost, hubspot.BatchReadResult{Missing: lost}); err != nil {
				return nil, err
			}
		}
	}
	var left []plan.Item
	for _, it := range items {
		if asked[it.N] {
			var err error
			if it, err = j.sparingMoved(ctx, pl, it, now[it.RecordID]); err != nil {
				return nil, err
			}
		}
		if it.Has(plan.EditSource) {
			left = append(left, it)
		}
	}
	return left, nil
}

// mayBeStale reports whether an item brings the source what its record may not hold
// any more. The index shows for a while what a record was, and records that are gone;
// and a pull of changes shows nothing at all of a record that is gone, of which the
// workspace then holds what an earlier pull saw, that came to no end.
func (j *job) mayBeStale(it plan.Item) bool {
	if it.RecordID == "" || !j.reread && len(j.Definition.HubSpot.Filter) == 0 && !it.ReadAt.Before(j.began) {
		return false
	}
	return it.Kind == plan.ItemSourceCreate || slices.ContainsFunc(it.Edits, func(e plan.Edit) bool { return brings(it, e) })
}

// brings reports whether an edit brings the source what the record held when
// the plan was made.
func brings(it plan.Item, e plan.Edit) bool {
	return e.Action == plan.EditSource && e.Property != "" && e.Ruling == plan.RuleNone && it.Kind != plan.ItemSourceDelete && !bothSides(it, e.Property)
}

// sparingMoved takes out of an item what it would bring of a record that holds
// something else by now. Where a person approved the plan it waits for one, as
// what moves before it is written to HubSpot does; else the next plan decides. now is nil where the record did not answer: what it held last
// nobody can see, so it brings nothing, and the next plan finds out more. A row is made
// whole or not at all.
func (j *job) sparingMoved(ctx context.Context, pl plan.Plan, it plan.Item, now record.Values) (plan.Item, error) {
	var conflicts []store.Conflict
	var kept []plan.Edit
	for _, e := range it.Edits {
		f := j.mapping.ByProperty[e.Property]
		if f == nil || !brings(it, e) || now != nil && f.Rule.Same(now[e.Property], mapping.Value(e.HubSpot)) {
			kept = append(kept, e)
			continue
		}
		if j.goesOn || !j.reread || now == nil {
			continue
		}
		e.Action, e.HubSpot, e.Cause, e.New = plan.EditConflict, mapping.Text(now[e.Property]), plan.CauseMoved, nil
		e.Reason = "HubSpot changed after the plan was made, so nothing was written"
		conflicts, kept = append(conflicts, j.conflictOf(it, e)), append(kept, e)
	}
	o := j.outcome(pl, it)
	switch {
	case it.Kind == plan.ItemSourceCreate && now == nil:
		o.Fate, o.Reason = plan.FateSkipped, recordLeft
		return plan.Item{}, j.finish(ctx, []store.Outcome{o})
	case len(conflicts) == 0 && len(kept) == len(it.Edits):
		return it, nil
	case it.Kind == plan.ItemSourceCreate:
		o.Fate, o.Reason = plan.FateSkipped, recordMoved
		return plan.Item{}, j.finish(ctx, []store.Outcome{o})
	}
	it.Edits = kept
	if err := j.Store.PutConflicts(ctx, j.runID, conflicts); err != nil {
		return it, err
	}
	if err := j.Store.ReplaceEdits(ctx, pl.ID, it.N, kept); err != nil || it.Has(plan.EditSource) {
		return it, err
	}
	if o.Fate, o.Reason = fateOf(it, plan.FateConflict), reasonOf(kept); len(conflicts) == 0 {
		o.Fate, o.Reason, o.Aside = fateOf(it, plan.FateSkipped), recordMoved, true
		if now == nil {
			o.Reason = recordGone
		}
		if it.Has(plan.EditHubSpot) {
			o.Fate = fateOf(it, plan.FateUpdated)
		}
	}
	j.listInPart(&o, it)
	return it, j.finish(ctx, []store.Outcome{o})
}
