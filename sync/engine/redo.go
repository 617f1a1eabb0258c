package engine

import (
	"context"
	"fmt"

	"syncline/store"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// What an undo took back stays so: its rows and fields are skipped, with the
// undo as the reason, until their value changes in the source again or a person
// lets the run be done again.

// Redo lets what undos took back of a run, or what one undo took back, be
// planned again. Nothing is written: the next plan offers it.
func (e *Engine) Redo(ctx context.Context, runID string) error {
	j, release, err := e.begin(ctx)
	if err != nil {
		return err
	}
	defer release()
	run, err := j.runOf(ctx, runID)
	if err != nil {
		return err
	}
	n, err := j.Store.Redo(ctx, j.sync.ID, run.ID)
	if err != nil {
		return err
	}
	for _, id := range []string{run.ID, run.UndoOf} {
		edges, err := j.Store.RedoEdges(ctx, j.sync.ID, id)
		if err != nil {
			return err
		}
		n += int(edges)
	}
	parts, err := j.Store.RunParts(ctx, run.ID)
	if err != nil {
		return err
	}
	for _, part := range parts { // records that were made for its associations
		made, err := j.Store.Redo(ctx, part.SyncID, part.ID)
		if err != nil {
			return err
		}
		n += made
	}
	if n == 0 {
		return &SetupError{Kind: "plan", Msg: fmt.Sprintf("nothing of the run %s is taken back, so there is nothing to do again: only what an undo took back, and what did not change since, can be", runID)}
	}
	return nil
}

// again is the base of a field that may be done again after an undo: the side
// on which it was taken back is the one that shall follow. Of a field that was
// taken back on both sides nothing is known any more.
func again(undone []store.Undone, f *mapping.Field, src, rem record.Value, baseSrc, baseRem *record.Value) (*record.Value, *record.Value) {
	if baseSrc == nil || baseRem == nil || !f.Rule.Same(src, *baseSrc) || !f.Rule.Same(rem, *baseRem) {
		return baseSrc, baseRem // a side changed since
	}
	var hub, row bool
	for _, u := range undone {
		if u.Property == f.Property && u.Again {
			hub = hub || u.Side == plan.HubSpot
			row = row || u.Side == plan.Source
		}
	}
	switch {
	case hub && row:
		return nil, nil
	case hub:
		return &rem, &rem
	case row:
		return &src, &src
	}
	return baseSrc, baseRem
}

// takenBack tells of a field on which the sides differ because of an undo, and
// of which neither side changed since.
func (p *planner) takenBack(it *plan.Item, f *mapping.Field, undone []store.Undone, src, rem record.Value) {
	for _, u := range undone {
		if u.Property != f.Property || f.Rule.Same(src, rem) {
			continue
		}
		it.Edits = append(it.Edits, plan.Edit{Field: f.Column(), Property: f.Property, Action: plan.EditLeft, Reason: staysUndone(u),
			Source: mapping.Text(src), HubSpot: mapping.Text(rem)})
		return
	}
}

// takenAway says why no record is made for a row: an undo took away the one
// that a run had made, and the row has not changed since. "" means that it is
// offered again.
func takenAway(u store.Unlinked) string {
	for _, back := range u.Undone {
		if back.Property != "" || back.Again {
			continue
		}
		for column, was := range back.Raw {
			if now, ok := u.Row.Raw[column]; ok && now.String() != was.String() {
				return ""
			}
		}
		return staysUndone(back)
	}
	return ""
}

// staysUndone is the reason of what an undo took back.
func staysUndone(u store.Undone) string {
	return fmt.Sprintf("taken back by the undo %s of the run %s: it stays so until the value changes in the source, or the run is done again", u.UndoID, u.RunID)
}
