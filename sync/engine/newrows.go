package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/transform"
)

// records plans rows for the records that have none.
func (p *planner) records(ctx context.Context) error {
	for r, err := range p.Store.UnlinkedRecords(ctx, p.sync.ID) {
		if err != nil {
			return err
		}
		if p.spoken[r.ID] {
			continue // it waits for a person to say whose it is
		}
		it, err := p.sourceCreate(r)
		if err != nil {
			return err
		}
		if it, err = p.keyIsFree(ctx, it); err == nil {
			it, err = p.madeOnce(ctx, it)
		}
		if err != nil {
			return err
		}
		if err := p.add(ctx, it); err != nil {
			return err
		}
	}
	return nil
}

// keyIsFree leaves out a new row whose key is that of a row of another record,
// also of one that has left the source, or of a row that stands in the source
// and has no record yet: two records would be one row.
func (p *planner) keyIsFree(ctx context.Context, it plan.Item) (plan.Item, error) {
	if it.Kind != plan.ItemSourceCreate || it.RowKey == "" {
		return it, nil
	}
	holder, err := p.Store.LinkedRecord(ctx, p.sync.ID, it.RowKey)
	switch {
	case err == nil && holder == it.RecordID:
		return it, nil
	case err == nil:
		it.Reason = fmt.Sprintf("the row %s belongs to the record %s, so none is added for this one: give it another key", it.RowKey, holder)
	case !errors.Is(err, store.ErrNotFound):
		return it, err
	default:
		rows, err := p.Store.RowsSeen(ctx, p.sync.ID, []string{it.RowKey})
		if _, there := rows[it.RowKey]; err != nil || !there {
			return it, err
		}
		it.Reason = fmt.Sprintf("the source has a row %s already, of which nothing says that it is of this record: give the record another key, or the two the same match value", it.RowKey)
	}
	// The key is another row's: what is said or decided of that row is not said of this record.
	it.Kind, it.Fate, it.Edits, it.RowKey = plan.ItemSkip, plan.FateSkipped, nil, ""
	return it, nil
}

// madeOnce leaves out a record that bears our key of a row which has another record:
// a request of ours made it that arrived after the row's own record had given its key
// away, as one does that is merged. Two rows would be one customer.
func (p *planner) madeOnce(ctx context.Context, it plan.Item) (plan.Item, error) {
	if it.Kind != plan.ItemSourceCreate || p.mapping.SyncKey == "" {
		return it, nil
	}
	if bears, err := p.Store.BearsKey(ctx, p.sync.ID, it.RecordID); err != nil || !bears {
		return it, err
	}
	if p.keyHolders == nil {
		var err error
		if p.keyHolders, err = p.Store.KeyHolders(ctx, p.sync.ID); err != nil {
			return it, err
		}
	}
	held, ok := p.keyHolders[it.RecordID]
	if !ok {
		return it, nil
	}
	it.Kind, it.Fate, it.Edits, it.RowKey = plan.ItemSkip, plan.FateSkipped, nil, ""
	it.Reason = fmt.Sprintf("it bears Syncline's key of the row %s, whose record is %s, so no row is added: HubSpot made it of a request that arrived late; merge the two there, or archive this one", held.RowKey, held.RecordID)
	return it, nil
}

func (p *planner) sourceCreate(r store.RecordSeen) (plan.Item, error) {
	it := plan.Item{Kind: plan.ItemSourceCreate, Fate: plan.FateCreated, Reason: "no row matches this record", RecordID: r.ID, ReadAt: r.Read, Name: p.nameOf(nil, &r)}
	var keys []string
	for i := range p.mapping.Fields {
		f := &p.mapping.Fields[i]
		v := r.Values[f.Property]
		if f.Direction == definition.ToHubSpot && f.Column() != "" {
			it.Edits = append(it.Edits, plan.Edit{Field: f.Column(), Property: f.Property, Action: plan.EditAdopt, HubSpot: mapping.Text(v), Reason: "the row is made without it"})
		}
		if f.Direction == definition.ToHubSpot || f.Column() == "" || v.Empty() {
			continue
		}
		cell, err := p.cell(f, v)
		if err != nil {
			it.Kind, it.Fate, it.Reason = plan.ItemInvalid, plan.FateFailed, fmt.Sprintf("%s: %v", f.Column(), err)
			return it, nil
		}
		it.Edits = append(it.Edits, plan.Edit{Field: f.Column(), Property: f.Property, Action: plan.EditSource, HubSpot: mapping.Text(v), New: mapping.Text(cell), Reason: "new row"})
	}
	open := false // the source itself fills what is missing of the key
	for _, key := range p.Definition.Source.Key {
		n := len(keys)
		for _, e := range it.Edits {
			if e.Field == key && e.Action == plan.EditSource {
				keys = append(keys, mapping.Value(e.New).String())
			}
		}
		open = open || n == len(keys) && p.fills(key)
	}
	key, ok := record.KeyOf(keys...)
	if open && len(it.Edits) > 0 {
		return it, nil
	}
	if !ok || len(keys) < len(p.Definition.Source.Key) {
		it.Kind, it.Fate, it.Reason, it.Edits = plan.ItemSkip, plan.FateSkipped, fmt.Sprintf("the record has no value for the row's key %s", quoted(p.Definition.Source.Key)), nil
		return it, nil
	}
	it.RowKey = key
	return it, nil
}

// fills reports whether the source itself gives a column its value in new rows.
func (j *job) fills(column string) bool {
	return slices.ContainsFunc(j.schema.source.Columns, func(c source.Column) bool { return c.Name == column && c.Fills != "" })
}

// cell is a compared value in the form in which the source keeps it.
func (p *planner) cell(f *mapping.Field, v record.Value) (record.Value, error) {
	if f.InSourceForm {
		return v, nil
	}
	cell, err := f.ToCell(v, p.mapping.Env)
	if err == nil && !f.Holds(cell, v, p.mapping.Env) {
		p.tally.Note(f.Title(), v.String(), transform.RemarkCoarse)
	}
	return cell, err
}
