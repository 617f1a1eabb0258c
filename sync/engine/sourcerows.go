package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"syncline/store"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
	"syncline/sync/source"
)

// A source that is written row by row is written in batches, each with an intent
// and an outcome of its own. A row that moved since it was read goes back to
// resolve in the same run, as a record that moved does.

// rowsLeft is what a batch leaves to be done later in the same run.
type rowsLeft struct {
	moved []plan.Item // to be decided anew
	more  bool        // something is still to be written as it is
}

// writeRows brings what flows to such a source into it.
func (j *job) writeRows(ctx context.Context, pl plan.Plan, by source.Rowwise) error {
	for round := range resolveRounds {
		items, err := j.dueAtSource(ctx, pl)
		if err != nil || len(items) == 0 {
			return err
		}
		var all rowsLeft
		for some := range slices.Chunk(items, by.Batch()) {
			left, err := j.replaceSource(ctx, pl, some, round+1 < resolveRounds)
			if errors.Is(err, source.ErrMoved) { // another one was faster, as the source found out at the commit
				all.more = true
				continue
			}
			if err != nil {
				return err
			}
			all.moved, all.more = append(all.moved, left.moved...), all.more || left.more
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		if len(all.moved) == 0 && !all.more {
			return nil
		}
		if err := j.decideRowsAgain(ctx, pl, by, all.moved); err != nil {
			return err
		}
	}
	return j.changedAgain()
}

// leaves leaves an item that the source did not take for later in the run, if it may
// be: it is decided anew, or goes on without the cells that moved.
func (j *job) leaves(ctx context.Context, pl plan.Plan, it plan.Item, res source.Outcome, again bool, left *rowsLeft) (bool, error) {
	switch {
	case !again || res.State != source.Moved:
		return false, nil
	case j.decidesAgain(pl, it):
		left.moved = append(left.moved, it)
		return true, nil
	case it.Kind != plan.ItemUpdate || !movedInPart(it, res.Now):
		return false, nil
	}
	left.more = true
	return true, j.spareMovedCells(ctx, pl, it, res.Now)
}

// decidesAgain reports whether an item whose row moved may be decided anew, which
// takes a source of which single rows are read. A plan that a person saw is never
// changed into another one, and what is half written goes to a person too.
func (j *job) decidesAgain(pl plan.Plan, it plan.Item) bool {
	_, byRow := j.Source.(source.Rowwise)
	return byRow && !j.reread && pl.Kind != plan.KindUndo && it.Kind == plan.ItemUpdate && !it.Has(plan.EditHubSpot) &&
		!slices.ContainsFunc(it.Edits, func(e plan.Edit) bool { return e.Ruling != plan.RuleNone })
}

// movedCell reports whether the cell of an edit is not what the plan took it to be.
func movedCell(e plan.Edit, now record.Values) bool {
	return e.Action == plan.EditSource && now[e.Field].String() != mapping.Value(e.Old).String()
}

// movedInPart reports whether some cells of an item moved and others did not.
func movedInPart(it plan.Item, now record.Values) bool {
	return now != nil && slices.ContainsFunc(it.Edits, func(e plan.Edit) bool { return movedCell(e, now) }) &&
		slices.ContainsFunc(it.Edits, func(e plan.Edit) bool { return e.Action == plan.EditSource && !movedCell(e, now) })
}

// spareMovedCells takes out of an item the cells that moved: they wait for a person,
// or of an undo stay as somebody edited them. The others are still to be written.
func (j *job) spareMovedCells(ctx context.Context, pl plan.Plan, it plan.Item, now record.Values) error {
	var conflicts []store.Conflict
	edits := slices.Clone(it.Edits)
	for i, e := range edits {
		switch {
		case !movedCell(e, now):
			continue
		case pl.Kind == plan.KindUndo:
			e.Action, e.Reason, e.New = plan.EditLeft, fmt.Sprintf("%s was edited since and stays %q", e.Field, now[e.Field]), nil
		default:
			e = j.cellMoved(e, now)
			conflicts = append(conflicts, j.conflictOf(it, e))
			e.Action, e.New = plan.EditConflict, nil
		}
		edits[i] = e
	}
	if err := j.Store.PutConflicts(ctx, j.runID, conflicts); err != nil {
		return err
	}
	return j.Store.ReplaceEdits(ctx, pl.ID, it.N, edits)
}

// cellMoved is an edit of a cell that moved, with what stands there now, as the
// conflict that it becomes.
func (j *job) cellMoved(e plan.Edit, now record.Values) plan.Edit {
	e.Cause, e.Reason = plan.CauseMoved, "The source changed after the plan was made, so nothing was written"
	if f := j.mapping.ByProperty[e.Property]; f != nil && now != nil {
		if v, err := f.ToProperty(now, j.mapping.Env); err == nil {
			e.Source = mapping.Text(v)
		}
	}
	return e
}

// decideRowsAgain decides anew about rows that moved. What that brings to HubSpot
// is written there; what it brings to the source is still to be written.
func (j *job) decideRowsAgain(ctx context.Context, pl plan.Plan, by source.Rowwise, moved []plan.Item) error {
	if len(moved) == 0 {
		return nil
	}
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
