package simulation_test

import (
	"context"
	"math/rand/v2"
	"slices"

	"syncline/store"
	"syncline/sync/definition"
)

// correction is what a person put in the place of a cell, beside the file.
type correction struct {
	seq         int
	key, column string
	cell, value string
}

// broken is an address that HubSpot would refuse, as people type them.
func broken(address string) string { return "<" + address + ">;" }

// address types the address of a row: where people make mistakes, some of them are broken.
func (w *world) typedAddress() string {
	a := w.address(w.typed("m"))
	if w.mistakes && w.serial%3 == 0 {
		return broken(a)
	}
	return a
}

// correct puts addresses in the place of broken ones, for rows that need attention.
func (w *world) correct(r *rand.Rand) {
	w.review(func(ctx context.Context, db *store.Store) error {
		all, err := db.AttentionOf(ctx, 1)
		if err != nil {
			return err
		}
		for _, a := range all {
			pair, err := db.SeenPair(ctx, 1, a.RowKey, "")
			if err != nil || pair.Row == nil || !chance(r, 0.6) {
				continue
			}
			cell := pair.Row.Raw["mail"].String()
			if len(cell) < 3 || broken(cell[1:len(cell)-2]) != cell {
				continue
			}
			c := correction{w.ghost.next(), a.RowKey, "mail", cell, w.address(w.typed("k"))}
			if err := db.Correct(ctx, store.Correction{SyncID: 1, RowKey: c.key, Field: c.column, Value: c.value, Cell: c.cell, By: "me"}); err != nil {
				return err
			}
			w.corrections = append(w.corrections, c)
			w.trace("== corrected: row %s %s, which is %q, counts as %q", c.key, c.column, c.cell, c.value)
		}
		return nil
	})
}

// corrected returns the correction that counts for a cell since an event: made on
// what the cell held then, and not followed by another one.
func (w *world) corrected(row *thing, f field, since int) (correction, bool) {
	for _, c := range slices.Backward(w.corrections) {
		if c.key == row.key && c.column == f.column && row.cell(f.column).everHeld(f, c.cell, max(c.seq, since)) {
			return c, true
		}
	}
	return correction{}, false
}

// everCorrected reports whether a person put a value in the place of a row's cell.
func (w *world) everCorrected(row *thing, f field, value string) bool {
	return slices.ContainsFunc(w.corrections, func(c correction) bool { return c.key == row.key && c.column == f.column && f.same(c.value, value) })
}

// countsAs is what a cell of a row counts as: what a person put in its place, as long
// as it is what that person saw.
func (w *world) countsAs(row *thing, f field) string { return w.countedAs(row, f, w.ghost.seq) }

// countedAs is what it counted as at an event.
func (w *world) countedAs(row *thing, f field, seq int) string {
	held := row.cell(f.column).at(seq)
	for _, c := range slices.Backward(w.corrections) {
		if c.seq <= seq && c.key == row.key && c.column == f.column && c.cell == held {
			return c.value
		}
	}
	return held
}

// judgeCorrection: once both sides hold what a person put in the place of a cell,
// the cell holds it too, where the field flows to it.
func (w *world) judgeCorrection(row, rec *thing, f field) {
	c, ok := w.corrected(row, f, w.ghost.seq)
	if ok && f.direction != definition.ToHubSpot && row.cell(f.column).now() == c.cell && f.same(rec.cell(f.column).now(), c.value) {
		w.ghost.fail("I4: row %s, %s: the correction %q is in HubSpot and was not written back over %q", row.key, f.column, c.value, c.cell)
	}
}
