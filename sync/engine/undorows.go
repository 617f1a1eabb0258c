package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"syncline/store"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
	"syncline/sync/source"
)

// An undo takes rows out of the source again that the run added, and puts those
// back that it deleted. Both go the way of every write to the source: a row
// that anybody changed since is not as it is expected and stays.

// undoneRow is the reason of a pair whose row was taken out because the run that
// added it was undone.
const undoneRow = "its row was added by a run that was undone, and is taken out again"

// watch begins to note which cells that the sync does not map are filled in the
// rows that a run added.
func (u *undoer) watch(ctx context.Context, runID string) error {
	keys, err := u.Store.AddedRows(ctx, runID)
	u.watched = make(map[string][]string, len(keys))
	for _, key := range keys {
		u.watched[key] = nil
	}
	return err
}

// noteFilled notes the filled cells of a row that are not among those that the
// sync reads, where the row is watched.
func (j *job) noteFilled(row record.Row) {
	if _, ok := j.watched[row.Key]; !ok {
		return
	}
	var filled []string
	for _, column := range sortedNames(row.Fields) {
		if !slices.Contains(j.mapping.Cells, column) && !row.Fields[column].Empty() && !j.fills(column) {
			filled = append(filled, column)
		}
	}
	j.watched[row.Key] = filled
}

// addedRow plans to take out a row that the run added, if it is as the run left
// it.
func (u *undoer) addedRow(ctx context.Context, it plan.Item, trail store.Trail) error {
	wrote := make(record.Values)
	for _, a := range trail {
		if a.Side == plan.Source && a.Field != "" {
			wrote[a.Field] = mapping.Value(a.After)
		}
	}
	row, there := u.rows[it.RowKey]
	why := u.of(trail[0]).lost
	if why == "" {
		why = u.rowStays(row, there, wrote)
	}
	if !u.of(trail[0]).whole(it.RecordID) {
		it.LinkID = 0
	}
	if why != "" {
		it.Reason = why
		return u.add(ctx, it)
	}
	it.Kind, it.Fate, it.Reason = plan.ItemSourceDelete, plan.FateUpdated, "added by the run that was undone: the row is taken out again"
	for _, c := range u.schema.source.Columns {
		it.Edits = append(it.Edits, plan.Edit{Field: c.Name, Action: plan.EditSource, Old: mapping.Text(wrote[c.Name]), Reason: it.Reason})
	}
	return u.add(ctx, it)
}

// rowStays says why a row that a run added is not taken out, "" where it is.
func (u *undoer) rowStays(row store.RowSeen, there bool, wrote record.Values) string {
	switch {
	case !there:
		return "the row that this run added is not in the source any more"
	case row.Copies > 1:
		return fmt.Sprintf("added by this run, but %d rows have the key %q now: they stay", row.Copies, row.Key)
	case !u.schema.source.Abilities.Delete:
		return "the row was added to the source by this run and stays, because no rows can be deleted there: " + u.schema.source.Abilities.Why
	}
	for _, column := range sortedNames(row.Raw) {
		if _, ours := wrote[column]; !ours && u.fills(column) {
			continue // the source's own number
		}
		if now := row.Raw[column]; now.String() != wrote[column].String() {
			return fmt.Sprintf("added by this run, but %s was edited in the source since and is %q: the row stays", column, now)
		}
	}
	if filled := u.watched[row.Key]; len(filled) > 0 {
		return fmt.Sprintf("added by this run, but %s was filled in since: the row stays", strings.Join(filled, ", "))
	}
	return ""
}

// deletedRow plans to put back a row that the run deleted, with all its cells.
func (u *undoer) deletedRow(ctx context.Context, it plan.Item, trail store.Trail) error {
	_, there := u.rows[it.RowKey]
	var cells []plan.Edit
	var lost []string
	_, byRow := u.Source.(source.Rowwise)
	_, piecewise := u.Source.(source.Piecewise)
	for _, a := range trail {
		if a.Side != plan.Source || a.Action != plan.OpDelete || a.Field == "" {
			continue
		}
		if mapping.Value(a.Before).Empty() && (!byRow || piecewise) { // a database fills what is left out
			continue
		}
		if !slices.ContainsFunc(u.schema.source.Columns, func(c source.Column) bool { return c.Name == a.Field }) {
			lost = append(lost, a.Field)
		}
		cells = append(cells, plan.Edit{Field: a.Field, Action: plan.EditSource, New: a.Before})
	}
	if pair := u.of(trail[0]); !pair.whole(it.RecordID) || pair.row != trail[0].RowKey {
		it.LinkID, it.RowKey = 0, trail[0].RowKey // what its record goes on with stays
	}
	switch {
	case u.keyMoved != "":
		it.Reason = u.keyMoved
	case there:
		it.Reason = "the row was deleted by this run, and a row with its key is in the source again: it stays as it is"
	case !u.schema.source.Abilities.Insert:
		it.Reason = "the row was deleted by this run and can't be put back, because the source takes no new rows: " + u.schema.source.Abilities.Why
	case len(lost) > 0:
		it.Reason = fmt.Sprintf("the row was deleted by this run and can't be put back as it was, because the source has no column %s any more: its cells are kept in the run's history", strings.Join(lost, ", "))
	default:
		it.Kind, it.Fate, it.Reason = plan.ItemSourceCreate, plan.FateCreated, "deleted by the run that was undone: the row is put back"
		it.Edits = cells
		for i := range it.Edits {
			it.Edits[i].Reason = it.Reason
		}
	}
	return u.add(ctx, it)
}

// rowTakenBack is what an undo took back of a whole row of the source: its
// addition or its deletion.
func rowTakenBack(undone []store.Undone) (store.Undone, bool) {
	for _, u := range undone {
		if u.Property == "" && u.Side == plan.Source {
			return u, true
		}
	}
	return store.Undone{}, false
}

// asItWas reports whether a row still holds the cells that it held when it was
// put back.
func asItWas(u store.Undone, row store.RowSeen) bool {
	for column, was := range u.Raw {
		if now, ok := row.Raw[column]; ok && now.String() != was.String() {
			return false
		}
	}
	return true
}
