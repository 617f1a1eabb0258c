package engine

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"syncline/store"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
	"syncline/sync/source"
)

// A row goes with its record only if all of it is what it was when both last
// agreed: a note in a column that the sync does not map is an edit too, and
// nobody else has it.

// deletesRows reports whether the sync deletes rows whose records are gone.
func (j *job) deletesRows() bool { return j.Definition.Delete.RecordGone == "delete" }

// wholeOf identifies what the hash of a whole row is made of, "" where none is
// kept.
func (j *job) wholeOf() string {
	if !j.deletesRows() {
		return ""
	}
	return hex.EncodeToString(mapping.Digest(strings.Join(j.mapping.Cells, "\x00") + "\x00\x00" + j.Definition.Source.Modified))
}

// rowTouched tells of a row whose record is gone what was edited in it since
// they agreed, as the conflict that it becomes; false where all of it is what it
// was.
func (p *planner) rowTouched(it plan.Item, pair store.Pair, what string) (c store.Conflict, touched bool) {
	whole := store.Whole(pair.Row.Raw, pair.Row.Changed.Rest)
	c = store.Conflict{RowKey: it.RowKey, Cause: plan.CauseRecordGone, Seen: hex.EncodeToString(p.mapping.Hash(pair.Row.Values)) + " " + hex.EncodeToString(whole)}
	edited, shown := p.edited(pair.Base.Source, pair.Row.Values)
	switch {
	case len(edited) > 0:
		base := pair.Base.Source[edited[0].Property].String()
		c.Field, c.Base, c.Source = edited[0].Column(), &base, shown
		c.Reason = fmt.Sprintf("the record %s, but %s was edited in the source since", what, edited[0].Title())
	case pair.Base.Whole == nil || whole == nil:
		c.Reason = fmt.Sprintf("the record %s, and it is not known what its whole row held when both last agreed, so it can't be told whether somebody edited it since", what)
	case !bytes.Equal(whole, pair.Base.Whole):
		c.Reason = fmt.Sprintf("the record %s, but its row was edited since they agreed, in a column that is not mapped or in the form of a value", what)
	default:
		return c, false
	}
	return c, true
}

// sparingTouched ends the items whose rows would be deleted and are not what
// the deletion rests on, in a cell that it does not name, and returns the others.
func (j *job) sparingTouched(ctx context.Context, pl plan.Plan, items []plan.Item, outcomes []source.Outcome) ([]plan.Item, error) {
	var keys []string
	var links, choices []int64
	for i, it := range items {
		if it.Kind == plan.ItemSourceDelete && outcomes[i].State == source.Done {
			keys, links, choices = append(keys, it.RowKey), append(links, it.LinkID), append(choices, choiceIn(it))
		}
	}
	if len(keys) == 0 || pl.Kind == plan.KindUndo { // an undo expects every cell
		return items, nil
	}
	seen, err := j.Store.RowsSeen(ctx, j.sync.ID, keys)
	if err != nil {
		return nil, err
	}
	rests, err := j.restsOn(ctx, links, choices)
	if err != nil {
		return nil, err
	}
	var left []plan.Item
	var ends []store.Outcome
	for i, it := range items {
		if it.Kind != plan.ItemSourceDelete || outcomes[i].State != source.Done {
			left = append(left, it)
			continue
		}
		row, ok := seen[it.RowKey]
		rest := j.rest(outcomes[i].Now)
		whole := hex.EncodeToString(store.Whole(j.cellsOf(record.Row{Fields: outcomes[i].Now}), rest))
		if was := rests(it); ok && row.Changed.Rest == rest && (was == "" || was == whole) {
			left = append(left, it)
			continue
		}
		end, err := j.rowStays(ctx, j.outcome(pl, it), it)
		if err != nil {
			return nil, err
		}
		ends = append(ends, end)
	}
	return left, j.finish(ctx, ends)
}

// restsOn tells of the deletion of a row by what hash of the whole row it was
// planned: by what a person saw who decided, else by what both sides agreed on; ""
// where that is not known. What was last seen of the row may be newer.
func (j *job) restsOn(ctx context.Context, links, choices []int64) (func(plan.Item) string, error) {
	bases, err := j.Store.Bases(ctx, links)
	if err != nil {
		return nil, err
	}
	all, err := j.Store.Conflicts(ctx, slices.DeleteFunc(choices, func(id int64) bool { return id == 0 }))
	if err != nil {
		return nil, err
	}
	shown := make(map[int64]string, len(all))
	for _, c := range all {
		_, shown[c.ID], _ = strings.Cut(c.Seen, " ")
	}
	return func(it plan.Item) string {
		if id := choiceIn(it); id != 0 {
			return shown[id]
		}
		return hex.EncodeToString(bases[it.LinkID].Whole)
	}, nil
}

// choiceIn is the conflict whose decision an item carries out, 0 for none.
func choiceIn(it plan.Item) int64 {
	for _, e := range it.Edits {
		if e.Choice != 0 {
			return e.Choice
		}
	}
	return 0
}

// rowStays ends the item of a row that was edited between the plan and its
// deletion.
func (j *job) rowStays(ctx context.Context, o store.Outcome, it plan.Item) (store.Outcome, error) {
	o.Fate, o.Reason = plan.FateConflict, "the record is gone, but its row was edited after the plan was made, so it was not deleted"
	c := store.Conflict{SyncID: j.sync.ID, RowKey: it.RowKey, RecordID: it.RecordID, Name: it.Name, Cause: plan.CauseRecordGone, Reason: o.Reason}
	return o, j.Store.PutConflicts(ctx, j.runID, []store.Conflict{c})
}
