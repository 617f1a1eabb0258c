package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"syncline/store"
	"syncline/sync/plan"
	"syncline/sync/record"
	"syncline/sync/source"
)

// errNotReplaced is what is known of a write to the source that was not done.
var errNotReplaced = errors.New("the program ended before the source was written")

// settleSource ends writes to the source whose outcome was not kept. The
// source's version is the quick way to tell; where somebody has written it
// since, its rows tell. A file is replaced as a whole, so one row of ours
// shows that all of them were written.
func (j *job) settleSource(ctx context.Context, ops []store.Op) error {
	if by, ok := j.Source.(source.Piecewise); ok {
		return j.settleLate(ctx, by, ops, errNotReplaced)
	}
	written, mixed, err := j.sourceCame(ctx, ops)
	if err != nil {
		return err
	}
	if !written {
		if err := j.askAbout(ctx, mixed); err != nil {
			return err
		}
		// A cell that holds what we would have written equals the record and is adopted by the next
		// pull; another one is a person's edit.
		return j.finish(ctx, dropped(ops, errNotReplaced))
	}
	var ends []store.Outcome
	for _, op := range ops {
		pl, it, err := j.item(ctx, op)
		if err != nil {
			return err
		}
		if it.RowKey == "" {
			it.RowKey = op.RowKey // the source gave it one
		}
		// The base is what we wrote: what a person made of it since is an edit.
		res := source.Outcome{State: source.Done, Now: op.Fields}
		if it.Kind == plan.ItemSourceDelete {
			res.Now = op.Pre // with the whole row since the intent was kept
		}
		left := cellsLeft(it, op)
		written := sparing(it, left)
		there, err := j.holdsNow(ctx, pl, written)
		if err != nil {
			return err
		}
		end := j.written(pl, written, op, res, there)
		if len(left) > 0 {
			leaveOut(&end, it, left)
		}
		ends = append(ends, end)
	}
	for chunk := range slices.Chunk(ends, 500) {
		if err := j.finish(ctx, chunk); err != nil {
			return err
		}
	}
	return nil
}

// cellsLeft are the columns of an update that its operation did not write, since
// the source could not take their values.
func cellsLeft(it plan.Item, op store.Op) map[string]error {
	if op.Kind != plan.OpUpdate {
		return nil
	}
	left := make(map[string]error)
	for _, e := range it.Edits {
		if _, wrote := op.Fields[e.Field]; !wrote && e.Action == plan.EditSource {
			left[e.Field] = fmt.Errorf("%s could not be written to the source while the other cells of its row were; the next run tries it again", e.Field)
		}
	}
	return left
}

// sourceCame tells what became of writes to the source that were made at once;
// mixed are those whose rows only people can have brought to what they are.
func (j *job) sourceCame(ctx context.Context, ops []store.Op) (written bool, mixed []store.Op, err error) {
	if by, ok := j.Source.(source.Rowwise); ok {
		return j.rowsCame(ctx, by, ops)
	}
	version, err := j.Source.Version(ctx)
	switch {
	case err != nil:
		return false, nil, err
	case version == ops[0].After:
		return true, nil, nil
	case version == ops[0].Before:
		return false, nil, nil
	}
	return j.rowsTell(ctx, ops)
}

// rowsTell looks through the source for what the rows of operations hold: our
// values, the old ones, or a mixture that only people can have made. More rows of
// ours than old ones show that the file was replaced.
func (j *job) rowsTell(ctx context.Context, ops []store.Op) (written bool, mixed []store.Op, err error) {
	byKey := opsByRow(ops)
	var t rowTale
	for row, err := range j.Source.Rows(ctx, time.Time{}) {
		var bad *source.RowError
		if err != nil && !errors.As(err, &bad) {
			return false, nil, err
		}
		if err != nil {
			delete(byKey, row.Key)
			continue
		}
		t.hear(j, row, byKey)
	}
	written, mixed = t.end(byKey)
	return written, mixed, nil
}

func opsByRow(ops []store.Op) map[string]store.Op {
	byKey := make(map[string]store.Op, len(ops))
	for _, op := range ops {
		byKey[op.RowKey] = op
	}
	return byKey
}

// rowTale counts what rows tell of writes to them.
type rowTale struct {
	ours, old int
	mixed     []store.Op
}

// hear looks at one row, and takes its operation off those that are left.
func (t *rowTale) hear(j *job, row record.Row, left map[string]store.Op) {
	op, ok := left[row.Key]
	if !ok {
		return
	}
	delete(left, row.Key)
	switch all, none := j.rowHolds(row, op); {
	case all:
		t.ours++
	case none:
		t.old++
	default:
		t.mixed = append(t.mixed, op)
	}
}

// end counts those whose rows are not there.
func (t *rowTale) end(left map[string]store.Op) (written bool, mixed []store.Op) {
	for _, op := range left {
		switch op.Kind {
		case plan.OpDelete:
			t.ours++
		case plan.OpCreate:
			t.old++
		}
	}
	return t.ours > t.old, t.mixed
}

// rowHolds reports whether a row holds all that an operation wrote, or nothing
// of it, among the cells that it changes.
func (j *job) rowHolds(row record.Row, op store.Op) (all, none bool) {
	if op.Kind == plan.OpDelete {
		return false, true
	}
	all, none = true, true
	for column, sent := range op.Fields {
		if op.Kind != plan.OpCreate && j.sameCell(column, sent, op.Pre[column]) {
			continue
		}
		is := j.sameCell(column, row.Fields[column], sent)
		all, none = all && is, none && !is
	}
	return all, none
}

// askAbout opens conflicts about rows of which it can't be told whether they
// were written and edited since, or never written.
func (j *job) askAbout(ctx context.Context, ops []store.Op) error {
	var conflicts []store.Conflict
	for _, op := range ops {
		_, it, err := j.item(ctx, op)
		if err != nil {
			return err
		}
		for _, e := range it.Edits {
			if e.Action != plan.EditSource {
				continue
			}
			e.Cause, e.Reason = plan.CauseUnclear, "The program ended while the source was written, and its row holds a part of what was to be written: it can't be told who wrote what"
			conflicts = append(conflicts, j.conflictOf(it, e))
		}
	}
	return j.Store.PutConflicts(ctx, j.runID, conflicts)
}

// sameCell compares two cells by what they mean for their property.
func (j *job) sameCell(column string, a, b record.Value) bool {
	if a.String() == b.String() {
		return true
	}
	for i := range j.mapping.Fields {
		f := &j.mapping.Fields[i]
		if f.Column() != column {
			continue
		}
		x, err := f.ToProperty(record.Values{column: a}, j.mapping.Env)
		if err != nil {
			return false
		}
		y, err := f.ToProperty(record.Values{column: b}, j.mapping.Env)
		return err == nil && f.Rule.Same(x, y)
	}
	return false
}
