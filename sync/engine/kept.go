package engine

import (
	"context"
	"fmt"

	"syncline/store"
	"syncline/sync/mapping"
	"syncline/sync/merge"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// HubSpot takes some values without an error and keeps what it has: of a property
// that another one governs, say, or that a workflow sets back at once. Nothing agreed
// then and nothing was decided for good, so the field waits for a person as long as
// both sides differ.

// sparingKept turns the edits of an item of which HubSpot kept its own value into
// conflicts. What of them was to follow in the source does not.
func (j *job) sparingKept(ctx context.Context, pl plan.Plan, it plan.Item, rec record.Record) (plan.Item, error) {
	kept := make(map[string]string) // property -> what is the matter
	for _, e := range it.Edits {
		f := j.mapping.ByProperty[e.Property]
		if f == nil || e.Action != plan.EditHubSpot {
			continue
		}
		now := known(held(rec.Properties, e.Property, mapping.Value(e.New)))
		if !f.Rule.Same(now, mapping.Value(e.New)) && f.Rule.Same(now, mapping.Value(e.HubSpot)) {
			kept[e.Property] = fmt.Sprintf("HubSpot was sent %q for %s, took it without an error, and kept its own value.", f.Shown(mapping.Value(e.New)), f.Title())
		}
	}
	if len(kept) == 0 {
		return it, nil
	}
	edits := make([]plan.Edit, 0, len(it.Edits))
	var conflicts []store.Conflict
	for _, e := range it.Edits {
		why := kept[e.Property]
		switch {
		case why == "":
		case e.Action == plan.EditSource && pl.Kind != plan.KindUndo:
			continue
		case e.Action != plan.EditHubSpot:
		case pl.Kind == plan.KindUndo:
			e.Action, e.Reason, e.New = plan.EditLeft, why, nil
			it.Fate, it.Reason = plan.FateFailed, why
		default:
			e.Action, e.Reason, e.Cause = plan.EditConflict, why, plan.CauseKept
			c := j.conflictOf(it, e)
			c.Seen = j.runID // what was decided before is decided no more
			conflicts = append(conflicts, c)
			it.Reason = why
		}
		edits = append(edits, e)
	}
	it.Edits = edits
	if err := j.Store.PutConflicts(ctx, j.runID, conflicts); err != nil {
		return it, err
	}
	return it, j.Store.ReplaceEdits(ctx, pl.ID, it.N, edits)
}

// keptOpen leaves a conflict about a value that HubSpot kept, or about what may be another
// row, what it is, as long as both sides are what they were then.
func keptOpen(f *mapping.Field, d merge.Decision, state merge.State, open *store.Conflict, e *plan.Edit) {
	if d.Action == merge.Conflict && open != nil && (open.Cause == plan.CauseKept || open.Cause == plan.CauseAnotherRow) && e.Cause == "" &&
		f.Rule.Same(state.Source, record.Text(open.Source)) && f.Rule.Same(state.HubSpot, record.Text(open.HubSpot)) {
		e.Cause, e.Reason = open.Cause, open.Reason
	}
}
