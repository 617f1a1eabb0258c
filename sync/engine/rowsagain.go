package engine

import (
	"context"

	"syncline/store"
	"syncline/sync/mapping"
	"syncline/sync/plan"
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

// rowsAgain reads the source again where it is not what the plan was made of,
// and leaves the rows out that are not as the plan took them to be.
func (j *job) rowsAgain(ctx context.Context, pl plan.Plan, summary Summary) error {
	version, err := j.Source.Version(ctx)
	if err != nil || (summary.Source != "" && version == summary.Source) {
		return err
	}
	left, err := j.Store.Todo(ctx, pl.ID, 0, 1, plan.ItemCreate, plan.ItemUpdate)
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
	return j.pages(ctx, pl, 500, func(items []plan.Item) error { return j.leaveMoved(ctx, pl, items) }, plan.ItemCreate, plan.ItemUpdate)
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
