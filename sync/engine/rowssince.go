package engine

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"time"

	"syncline/store"
	"syncline/sync/record"
	"syncline/sync/source"
)

// A source whose rows have a time of change is asked for the newer ones whole, and
// for the keys of the others. The time is an accelerator and nobody's word: it is
// asked for from some time before the newest that was read, since rows that are
// committed late have old times; a row that this workspace does not know as it is
// gets read by its key; and once a day all rows are read, for those that somebody
// changed without a new time.

// rowsSince is the time from which on rows are read whole; zero is all of them.
func (j *job) rowsSince(ctx context.Context, reading *store.Reading) (time.Time, error) {
	began := j.now()
	reading.Reached.Whole = began
	before := reading.Before
	if j.untrusted || j.dates() || before.Newest.IsZero() || j.rowsKnown == 0 || j.rowsKnown <= cmp.Or(j.SmallSync, cheapSweep) || began.Sub(before.Whole) >= sweepEvery || began.Before(before.Whole) {
		return time.Time{}, nil
	}
	by, ok := j.Source.(source.Sparing)
	if !ok {
		return time.Time{}, nil
	}
	if ok, err := by.Spares(ctx); err != nil || !ok {
		return time.Time{}, err
	}
	reading.Reached.Whole = before.Whole
	newest := before.Newest
	if newest.After(began) { // by a clock that is ahead, or a day that is yet to come
		newest = began
	}
	return newest.Add(-overlap), nil
}

// rowsFrom streams the rows of the source, those changed before since only by
// their keys.
func (j *job) rowsFrom(ctx context.Context, since time.Time) iter.Seq2[record.Row, error] {
	if by, ok := j.Source.(source.Sparing); ok && !since.IsZero() {
		return by.RowsSince(ctx, since)
	}
	return j.Source.Rows(ctx, time.Time{})
}

// readSpared reads the rows of a page whole that were spared and are not known as
// they are, and drops those that are gone by now.
func (j *job) readSpared(ctx context.Context, p *pulledPage, known []store.Known) ([]store.Known, error) {
	var keys []string
	for i, row := range p.read {
		if row.Spared && known[i].ID == 0 {
			keys = append(keys, row.Key)
		}
	}
	if len(keys) == 0 {
		return known, nil
	}
	type reading struct {
		row record.Row
		bad *source.RowError
	}
	found := make(map[string]reading, len(keys))
	for row, err := range j.Source.(source.Sparing).RowsByKey(ctx, keys) {
		var bad *source.RowError
		if err != nil && !errors.As(err, &bad) {
			return nil, err
		}
		if bad != nil && !j.concerns(bad) {
			bad = nil
		}
		found[row.Key] = reading{row, bad}
	}
	kept := 0
	for i, row := range p.read {
		now := reading{row, p.bad[i]}
		if row.Spared && known[i].ID == 0 {
			var there bool
			if now, there = found[row.Key]; !there {
				continue
			}
		}
		p.read[kept], p.bad[kept], p.hashes[kept], known[kept] = now.row, now.bad, p.hashes[i], known[i]
		kept++
	}
	p.read, p.bad, p.hashes = p.read[:kept], p.bad[:kept], p.hashes[:kept]
	return known[:kept], nil
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
