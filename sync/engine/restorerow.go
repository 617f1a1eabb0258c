package engine

import (
	"context"
	"fmt"
	"slices"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
	"syncline/sync/source"
)

// restoreRow plans a row that is put back into the source: the cells that it had, and of what
// was edited in HubSpot alone since they agreed, where that flows to the source, what HubSpot
// holds now. What was edited in the row and never sent is an edit still, as is what both sides
// edited: nothing is agreed on by putting such a cell back.
func (p *planner) restoreRow(ctx context.Context, it plan.Item, pair store.Pair, choice int64, why string) error {
	if !p.schema.source.Abilities.Insert || pair.Row == nil {
		p.keepRow(it.RowKey)
		it.Kind, it.Fate, it.Reason = plan.ItemConflict, plan.FateConflict, "the row can't be put back, because the source takes no new rows here: decide otherwise"
		return p.add(ctx, it)
	}
	it.Kind, it.Fate, it.Reason = plan.ItemSourceCreate, plan.FateCreated, why
	it.Edits = append(it.Edits, plan.Edit{Action: plan.EditRule, Choice: choice, Reason: why})
	written := make(map[string]bool)
	put := func(e plan.Edit) {
		if written[e.Field] = true; !mapping.Value(e.New).Empty() || e.Property != "" {
			e.Action, e.Reason = plan.EditSource, why
			it.Edits = append(it.Edits, e)
		}
	}
	for i := range p.mapping.Fields {
		f := &p.mapping.Fields[i]
		if f.Column() == "" || written[f.Column()] {
			continue
		}
		if !p.tookOver(f, pair) {
			put(plan.Edit{Field: f.Column(), New: mapping.Text(pair.Row.Raw[f.Column()])})
			continue
		}
		rem := pair.Record.Values[f.Property]
		cell, err := p.cell(f, rem)
		if err != nil {
			it.Kind, it.Fate, it.Reason, it.Edits = plan.ItemInvalid, plan.FateFailed, fmt.Sprintf("%s: %v", f.Title(), err), nil
			p.keepRow(it.RowKey)
			return p.add(ctx, it)
		}
		put(plan.Edit{Field: f.Column(), Property: f.Property, HubSpot: mapping.Text(rem), New: mapping.Text(cell)})
	}
	for _, key := range p.Definition.Source.Key {
		if !written[key] {
			put(plan.Edit{Field: key, New: mapping.Text(pair.Row.Raw[key])})
		}
	}
	rest, err := p.deletedCells(ctx, pair)
	if err != nil {
		return err
	}
	for _, column := range sortedNames(rest) {
		if !written[column] {
			put(plan.Edit{Field: column, New: mapping.Text(rest[column])})
		}
	}
	return p.add(ctx, it)
}

// tookOver reports whether a row that is put back gets HubSpot's value of a field: it was
// edited there alone since they agreed, or they never agreed and the row had none.
func (p *planner) tookOver(f *mapping.Field, pair store.Pair) bool {
	src, rem := pair.Row.Values[f.Property], pair.Record.Values[f.Property]
	if f.Direction == definition.ToHubSpot || pair.Row.Problems[f.Property] != "" {
		return false
	}
	baseSrc, baseRem := p.baseOf(pair.Base, f.Property)
	if baseSrc == nil {
		return src.Empty() && pair.Row.Raw[f.Column()].Empty() && !rem.Empty()
	}
	return f.Rule.Same(src, *baseSrc) && !f.Rule.Same(rem, *baseRem) && (!rem.Empty() || f.Merge.BlankClears)
}

// deletedCells are the cells of the columns that the sync does not map, of a row that a run
// deleted: the trail keeps them, as long as it is kept.
func (p *planner) deletedCells(ctx context.Context, pair store.Pair) (record.Values, error) {
	if pair.Link.Why != rowDeleted {
		return nil, nil
	}
	trail, err := p.Store.WrittenTo(ctx, p.sync.ID, pair.Link.RowKey, pair.Link.RecordID, 0)
	if err != nil {
		return nil, err
	}
	cells := make(record.Values)
	for _, a := range trail {
		switch {
		case a.Side != plan.Source || a.Action != plan.OpDelete:
		case a.Field == "":
			clear(cells) // a later deletion than the one before
		case slices.ContainsFunc(p.schema.source.Columns, func(c source.Column) bool { return c.Name == a.Field && c.Fills == "" }):
			cells[a.Field] = mapping.Value(a.Before)
		}
	}
	return cells, nil
}
