package engine

import (
	"context"
	"errors"
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
	version, err := j.Source.Version(ctx)
	if err != nil {
		return err
	}
	var mixed []store.Op
	written := version == ops[0].After
	if !written && version != ops[0].Before {
		if written, mixed, err = j.rowsTell(ctx, ops); err != nil {
			return err
		}
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
		// The base is what we wrote: what a person made of it since is an edit.
		res := source.Outcome{State: source.Done, Now: op.Fields}
		if it.Kind == plan.ItemSourceDelete {
			res.Now = op.Pre // with the whole row since the intent was kept
		}
		there, err := j.holdsNow(ctx, pl, it)
		if err != nil {
			return err
		}
		ends = append(ends, j.written(pl, it, op, res, there))
	}
	for chunk := range slices.Chunk(ends, 500) {
		if err := j.finish(ctx, chunk); err != nil {
			return err
		}
	}
	return nil
}

// rowsTell looks through the source for what the rows of operations hold: our
// values, the old ones, or a mixture that only people can have made. More rows of
// ours than old ones show that the file was replaced.
func (j *job) rowsTell(ctx context.Context, ops []store.Op) (written bool, mixed []store.Op, err error) {
	byKey := make(map[string]store.Op, len(ops))
	for _, op := range ops {
		byKey[op.RowKey] = op
	}
	ours, old := 0, 0
	for row, err := range j.Source.Rows(ctx, time.Time{}) {
		var bad *source.RowError
		if err != nil && !errors.As(err, &bad) {
			return false, nil, err
		}
		op, ok := byKey[row.Key]
		if !ok {
			continue
		}
		delete(byKey, row.Key)
		if err != nil {
			continue
		}
		switch all, none := j.rowHolds(row, op); {
		case all:
			ours++
		case none:
			old++
		default:
			mixed = append(mixed, op)
		}
	}
	for _, op := range byKey { // not in the source
		switch op.Kind {
		case plan.OpDelete:
			ours++
		case plan.OpCreate:
			old++
		}
	}
	return ours > old, mixed, nil
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
