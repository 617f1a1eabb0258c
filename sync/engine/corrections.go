package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// corrections are what people put in the place of cells, beside the source.
type corrections struct {
	byRow  map[string][]store.Correction
	taken  []store.Correction // the source holds the corrected value now
	lapsed []store.Correction // the cell was changed to something else
}

// correct is a row with the cells that people corrected, as long as those
// still hold what the person saw. The row itself stays as it is.
func (j *job) correct(row record.Row) record.Values {
	cells, own := row.Fields, false
	if len(j.fixes.byRow[row.Key]) == 0 {
		return cells
	}
	j.noting.Lock()
	defer j.noting.Unlock()
	for _, c := range j.fixes.byRow[row.Key] {
		now := row.Fields[c.Field].String()
		switch {
		case now == c.Value:
			j.fixes.taken = append(j.fixes.taken, c)
		case now != c.Cell:
			j.fixes.lapsed = append(j.fixes.lapsed, c)
		default:
			if !own {
				cells, own = maps.Clone(row.Fields), true
			}
			cells[c.Field] = record.Text(c.Value)
		}
	}
	return cells
}

// endCorrections keeps which corrections count no longer, and says it of those
// that a person may still think of.
func (p *planner) endCorrections(ctx context.Context) error {
	const most = 20
	for i, c := range p.fixes.lapsed {
		if i == most {
			p.notes = append(p.notes, fmt.Sprintf("%d more corrections lapsed in the same way.", len(p.fixes.lapsed)-most))
			break
		}
		p.notes = append(p.notes, fmt.Sprintf("Your correction of %s in row %s lapsed: the cell was changed in the source since, and its new value counts.", c.Field, c.RowKey))
	}
	return p.Store.EndCorrections(ctx, p.fixes.taken, p.fixes.lapsed)
}

// leftAlone makes an item of a row that a person gave up, and whose cells are
// still those.
func (p *planner) leftAlone(it *plan.Item) bool {
	why, gaveUp := p.gaveUp[it.RowKey]
	if gaveUp {
		p.keepRow(it.RowKey)
		it.Kind, it.Fate, it.Reason = plan.ItemSkip, plan.FateSkipped, "given up, and not tried until the row changes in the source: "+why
	}
	return gaveUp
}

// writeBack adds to a pair the cells that a person corrected and that the
// source may be given: those of fields that flow to it too, once both sides
// agree on the corrected value.
func (p *planner) writeBack(it *plan.Item, pair store.Pair) {
	for _, c := range p.fixes.byRow[pair.Link.RowKey] {
		cell := pair.Row.Raw[c.Field]
		if cell.String() != c.Cell || !p.schema.source.Abilities.Update {
			continue
		}
		for i := range p.mapping.Fields {
			f := &p.mapping.Fields[i]
			if f.Column() != c.Field || f.Direction == definition.ToHubSpot {
				continue
			}
			src, rem := pair.Row.Values[f.Property], pair.Record.Values[f.Property]
			sent, written, open := edits(it, f.Property)
			if written || open || !sent && !f.Merge.Same(src, rem) {
				continue
			}
			value := c.Value
			it.Edits = append(it.Edits, plan.Edit{Field: c.Field, Property: f.Property, Action: plan.EditSource, Reason: "your correction is written to the source",
				Source: mapping.Text(src), HubSpot: mapping.Text(rem), Old: mapping.Text(cell), New: &value})
			break
		}
	}
}

// edits tells what an item does about a property.
func edits(it *plan.Item, property string) (sent, written, open bool) {
	for _, e := range it.Edits {
		if e.Property != property {
			continue
		}
		sent = sent || e.Action == plan.EditHubSpot
		written = written || e.Action == plan.EditSource
		open = open || e.Action == plan.EditConflict
	}
	return sent, written, open
}

// suggest keeps beside the rows that failed in this run the values that would
// do, where they are certain.
func (j *job) suggest(ctx context.Context) error {
	found := make(map[int64][]byte)
	for row, err := range j.Store.Unsuggested(ctx, j.sync.ID, j.runID) {
		if err != nil {
			return err
		}
		all := j.mapping.Suggest(row.Cells)
		if len(all) == 0 {
			continue
		}
		doc, err := json.Marshal(all)
		if err != nil {
			return err
		}
		found[row.ID] = doc
	}
	return j.Store.Suggest(ctx, found)
}

// Retry tries failed rows again, with what people corrected of them, and
// leaves all others as they are: it makes a plan, takes the other rows out of it
// and applies it.
func (e *Engine) Retry(ctx context.Context, keys []string) (Result, error) {
	wanted := make(map[string]bool, len(keys))
	for _, key := range keys {
		wanted[key] = true
	}
	return e.some(ctx, func(context.Context, *job) (func(plan.Item) bool, error) {
		return func(it plan.Item) bool { return wanted[it.RowKey] }, nil
	}, true)
}

// JoinWaiting makes the associations that the last run let wait for their records and
// that can be made by now, and leaves all else as it is. Where there are none, it
// makes no run.
func (e *Engine) JoinWaiting(ctx context.Context) (Result, error) {
	return e.some(ctx, func(ctx context.Context, j *job) (func(plan.Item) bool, error) {
		all, err := j.Store.AttentionOf(ctx, j.sync.ID)
		waits := make(map[waitsFor]bool)
		for _, x := range all {
			if x.Edge != nil && x.GivenUp.IsZero() {
				waits[waitsFor{x.RowKey, x.Edge.Line, x.Edge.FromRow, x.Edge.Row, x.Edge.Label}] = true
			}
		}
		return func(it plan.Item) bool {
			return !slices.ContainsFunc(it.Edits, func(e plan.Edit) bool {
				return e.Writes() && (e.Edge == nil || !e.Associates() || !waits[waitsFor{it.RowKey, e.Edge.Line, e.Edge.FromRow, e.Edge.Row, e.Edge.Label}])
			})
		}, err
	}, false)
}

// waitsFor is an association that waits, as its row names it.
type waitsFor struct{ row, line, from, to, label string }

// some makes a plan, takes out of it what is not wanted, and applies it. What a person
// named is a run even where nothing is to be written, and brings along the records that
// are made for its associations.
func (e *Engine) some(ctx context.Context, choose func(context.Context, *job) (func(plan.Item) bool, error), named bool) (Result, error) {
	j, release, err := e.begin(ctx)
	if err != nil {
		return Result{}, err
	}
	defer release()
	if resumed, err := j.resume(ctx); err != nil {
		return resumed, err
	}
	wanted, err := choose(ctx, j)
	if err != nil {
		return j.result(plan.RunFailed, ""), err
	}
	pl, err := j.makePlan(ctx)
	if err != nil {
		return j.result(plan.RunFailed, ""), err
	}
	n, err := j.takeOut(ctx, pl.ID, wanted)
	if err != nil {
		return j.result(plan.RunFailed, pl.ID), err
	}
	if n == 0 && !named {
		return j.result(plan.RunDone, ""), j.Store.OutdatePlans(ctx, j.sync.ID, "")
	}
	if !named {
		summary, err := summaryOf(pl)
		if err != nil {
			return j.result(plan.RunFailed, pl.ID), err
		}
		for _, part := range summary.Parts {
			if part == "" {
				continue
			}
			if _, err := j.takeOut(ctx, part, func(plan.Item) bool { return false }); err != nil {
				return j.result(plan.RunFailed, pl.ID), err
			}
		}
	}
	if pl, err = j.Store.Plan(ctx, pl.ID); err != nil {
		return j.result(plan.RunFailed, ""), err
	}
	j.retrying = true
	return j.carryOut(ctx, pl)
}

// takeOut takes out of a plan what is not wanted, and returns how many items are left
// that come to something.
func (j *job) takeOut(ctx context.Context, planID string, wanted func(plan.Item) bool) (left int, err error) {
	var others []int
	for it, err := range j.Store.Items(ctx, planID) {
		switch {
		case err != nil:
			return 0, err
		case !it.Kind.Writes():
		case !wanted(it):
			others = append(others, it.N)
		case it.Has(plan.EditAdopt) || slices.ContainsFunc(it.Edits, plan.Edit.Writes):
			left++
		}
	}
	if len(others) == 0 {
		return left, nil
	}
	return left, j.Store.ExcludeItems(ctx, planID, others, true)
}
