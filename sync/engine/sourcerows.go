package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"syncline/store"
	"syncline/sync/plan"
	"syncline/sync/record"
	"syncline/sync/source"
)

// A source that is written row by row is written in batches, each with an intent
// and an outcome of its own. A row that moved since it was read goes back to
// resolve in the same run, as a record that moved does.

// writeRows brings what flows to such a source into it.
func (j *job) writeRows(ctx context.Context, pl plan.Plan, by source.Rowwise) error {
	for round := range resolveRounds {
		items, err := j.dueAtSource(ctx, pl)
		if err != nil || len(items) == 0 {
			return err
		}
		var moved []plan.Item
		for some := range slices.Chunk(items, by.Batch()) {
			more, err := j.replaceSource(ctx, pl, some, round+1 < resolveRounds)
			if err != nil {
				return err
			}
			moved = append(moved, more...)
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		if len(moved) == 0 {
			return nil
		}
		if err := j.decideRowsAgain(ctx, pl, by, moved); err != nil {
			return err
		}
	}
	return nil
}

// decidesAgain reports whether an item whose row moved may be decided anew. A plan
// that a person saw is never changed into another one, and what is half written
// goes to a person too.
func (j *job) decidesAgain(pl plan.Plan, it plan.Item) bool {
	return !j.reread && pl.Kind != plan.KindUndo && it.Kind == plan.ItemUpdate && !it.Has(plan.EditHubSpot) &&
		!slices.ContainsFunc(it.Edits, func(e plan.Edit) bool { return e.Ruling != plan.RuleNone })
}

// decideRowsAgain decides anew about rows that moved. What that brings to HubSpot
// is written there; what it brings to the source is still to be written.
func (j *job) decideRowsAgain(ctx context.Context, pl plan.Plan, by source.Rowwise, moved []plan.Item) error {
	keys := make([]string, 0, len(moved))
	for _, it := range moved {
		keys = append(keys, it.RowKey)
	}
	rows, err := by.RowsOf(ctx, keys)
	if err != nil {
		return err
	}
	if err := j.seeRows(ctx, rows); err != nil {
		return err
	}
	toHubSpot := false
	for _, it := range moved {
		if _, there := rows[it.RowKey]; !there {
			o := j.outcome(pl, it)
			o.Fate, o.Reason, o.Aside = plan.FateSkipped, rowLeft, true
			if err := j.finish(ctx, []store.Outcome{o}); err != nil {
				return err
			}
			continue
		}
		fresh, err := j.replan(ctx, pl, it, nil)
		if err != nil {
			return err
		}
		toHubSpot = toHubSpot || fresh.Has(plan.EditHubSpot)
	}
	if toHubSpot {
		return j.updates(ctx, pl)
	}
	return nil
}

// seeRows keeps rows that were read once more.
func (j *job) seeRows(ctx context.Context, rows map[string]record.Row) error {
	p := &pulledPage{}
	for _, row := range rows {
		p.read, p.bad, p.hashes = append(p.read, row), append(p.bad, nil), append(p.hashes, nil)
	}
	for i := range p.read {
		p.rows = append(p.rows, j.seen(p, i))
	}
	reading, err := j.Store.ReadSomeRows(ctx, j.sync.ID, max(j.pull, j.sync.Pull), j.madeOf())
	if err != nil {
		return err
	}
	return reading.See(ctx, p.rows, nil, func(i int) store.RowSeen { return j.seen(p, i) })
}

// errSourceBusy says that it can't be told yet what became of a write.
var errSourceBusy = errors.New("the database is still carrying out what was sent to it: run again in a minute")

// rowsCame tells what became of a batch of writes to such a source: by the
// source's own word where it has one, else by its rows. A batch takes effect as a
// whole, so one row of ours shows that all were written.
func (j *job) rowsCame(ctx context.Context, by source.Rowwise, ops []store.Op) (written bool, mixed []store.Op, err error) {
	came, err := by.CameOf(ctx, ops[0].After)
	if err != nil {
		return false, nil, err
	}
	switch came {
	case source.CameTrue:
		return true, nil, nil
	case source.CameNothing:
		return false, nil, nil
	case source.CameOpen:
		return false, nil, fmt.Errorf("%s: %w", j.schema.source.Location, errSourceBusy)
	}
	byKey := opsByRow(ops)
	keys := make([]string, 0, len(byKey))
	for key := range byKey {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	rows, err := by.RowsOf(ctx, keys)
	if err != nil {
		return false, nil, err
	}
	var t rowTale
	for _, row := range rows {
		t.hear(j, row, byKey)
	}
	written, mixed = t.end(byKey)
	return written, mixed, nil
}
