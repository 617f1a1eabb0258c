package engine

import (
	"context"
	"fmt"
	"time"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/merge"
	"syncline/sync/record"
)

// pullWhole reads all records by the list, which is consistent with writes.
// Which of them pass a filter only the search can tell.
func (j *job) pullWhole(ctx context.Context) error {
	filtered := len(j.Definition.HubSpot.Filter) > 0
	if err := j.knowInList(ctx); err != nil {
		return err
	}
	asked := j.Client.Date()
	if filtered {
		if err := j.searchScope(ctx); err != nil {
			return err
		}
	}
	doubtful := map[string]time.Time{}
	after := ""
	for {
		page, err := j.Client.List(ctx, j.schema.object.Name, hubspot.ListRequest{After: after, Limit: listPage, Properties: j.mapping.Properties})
		if err != nil {
			return err
		}
		scope := j.listScope(page.Records)
		if filtered {
			if scope, err = j.scopeOf(ctx, page.Records, asked, doubtful); err != nil {
				return err
			}
		}
		if err := j.seeRecords(ctx, page.Records, scope); err != nil {
			return err
		}
		if after = page.After; after == "" {
			break
		}
	}
	if err := j.findGone(ctx); err != nil {
		return err
	}
	return j.settleScope(ctx, doubtful)
}

// searchScope notes the records that the search shows to pass the filter.
func (j *job) searchScope(ctx context.Context) error {
	return j.walk(ctx, j.scope(), []string{"hs_object_id", j.schema.object.ModifiedProperty}, func(found []record.Record) error {
		updated := make(map[string]time.Time, len(found))
		for _, r := range found {
			updated[r.ID] = r.Updated
		}
		return j.Store.PassFilter(ctx, updated)
	})
}

// scopeOf tells which records of a page pass the filter, and notes those of
// which the index of the search may know an older state.
func (j *job) scopeOf(ctx context.Context, records []record.Record, asked time.Time, doubtful map[string]time.Time) (map[string]bool, error) {
	ids := make([]string, 0, len(records))
	for _, r := range records {
		ids = append(ids, r.ID)
	}
	passing, err := j.Store.Passing(ctx, ids)
	if err != nil {
		return nil, err
	}
	scope := make(map[string]bool, len(records))
	for _, r := range records {
		at, ok := passing[r.ID]
		scope[r.ID] = ok && (j.filterList == nil || j.inList[r.ID])
		if ok && !at.Equal(r.Updated) || !ok && r.Updated.After(asked.Add(-overlap)) {
			doubtful[r.ID] = r.Updated
		}
	}
	return scope, nil
}

// The index of the search is behind by seconds; it is asked again a few times.
const scopeTries = 6

// settleScope asks the search again about records that it may not know in
// their present state, until it does.
func (j *job) settleScope(ctx context.Context, doubtful map[string]time.Time) error {
	for try := range scopeTries {
		if len(doubtful) == 0 {
			return nil
		}
		if try > 0 {
			if err := j.wait(ctx, time.Duration(1<<try)*time.Second, "HubSpot's search to know the latest edits"); err != nil {
				return err
			}
		}
		if err := j.askScope(ctx, doubtful); err != nil {
			return err
		}
	}
	if len(doubtful) > 0 {
		j.notes = append(j.notes, fmt.Sprintf("HubSpot's search does not know the latest state of %d records yet, so whether they pass the filter is as it was before: reconcile again in a few minutes.", len(doubtful)))
	}
	return nil
}

// askScope asks about a hundred records at a time and takes out of doubtful
// those that the index knows as they are.
func (j *job) askScope(ctx context.Context, doubtful map[string]time.Time) error {
	ids := make([]string, 0, len(doubtful))
	for id := range doubtful {
		ids = append(ids, id)
	}
	for len(ids) > 0 {
		n := min(listPage, len(ids))
		these := hubspot.Filter{Property: "hs_object_id", Operator: "IN", Values: ids[:n]}
		// First who passes, then what the index knows: what becomes known in between is asked again.
		passing, err := j.indexed(ctx, both(j.scope(), these))
		if err != nil {
			return err
		}
		known, err := j.indexed(ctx, [][]hubspot.Filter{{these}})
		if err != nil {
			return err
		}
		for _, id := range ids[:n] {
			at, passes := passing[id]
			if !known[id].Equal(doubtful[id]) || passes && !at.Equal(doubtful[id]) {
				continue
			}
			if err := j.Store.SetScope(ctx, j.sync.ID, id, passes && (j.filterList == nil || j.inList[id])); err != nil {
				return err
			}
			delete(doubtful, id)
		}
		ids = ids[n:]
	}
	return nil
}

// indexed is when the records that pass were changed, as the index knows it.
func (j *job) indexed(ctx context.Context, groups [][]hubspot.Filter) (map[string]time.Time, error) {
	at := make(map[string]time.Time)
	err := j.walk(ctx, groups, []string{"hs_object_id", j.schema.object.ModifiedProperty}, func(found []record.Record) error {
		for _, r := range found {
			at[r.ID] = r.Updated
		}
		return nil
	})
	return at, err
}

// field compares one field of a pair. What a run would do about a difference is
// told with it.
func (c *comparer) field(f *mapping.Field, pair store.Pair) (DifferentField, bool) {
	src, rem := pair.Row.Values[f.Property], pair.Record.Values[f.Property]
	d := DifferentField{Field: f.Column(), Property: f.Property, Direction: f.Direction, Source: mapping.Text(src), HubSpot: mapping.Text(rem)}
	if cell := pair.Row.Raw[f.Column()]; f.Column() != "" && cell.String() != src.String() {
		d.Cell = mapping.Text(cell)
	}
	if problem := pair.Row.Problems[f.Property]; problem != "" {
		d.Reason = problem
		return d, true
	}
	if f.Merge.Same(src, rem) || f.Further(src, pair.Record.Values) {
		return d, false
	}
	baseSrc, baseRem := c.baseOf(pair.Base, f.Property)
	does := merge.Resolve(f.Merge, merge.State{Source: src, HubSpot: rem, BaseSource: baseSrc, BaseHubSpot: baseRem, SourceTime: pair.Row.Modified})
	d.Drift, d.Reason = does.Action == merge.Drift, does.Reason.Sentence()
	if owner := c.owner(f, src, rem); owner != nil && f.Merge.Blank(*owner) && !f.Merge.BlankClears {
		// An empty value of the side that a field flows from asks for nothing; one that was emptied since
		// both sides agreed, or a change on the other side, is told.
		if does.Action == merge.Adopt || does.Action == merge.None && does.Reason == merge.Unchanged {
			return d, false
		}
	}
	switch {
	case d.Drift:
		d.Reason = "Drift: " + d.Reason
	case does.Action == merge.None && does.Reason == merge.Unchanged:
		d.Reason = "Both sides were left different when they last agreed, and nothing changed since."
	}
	return d, true
}

// owner is the value of the side that a one-way field flows from; nil for a
// two-way one.
func (c *comparer) owner(f *mapping.Field, src, rem record.Value) *record.Value {
	switch f.Direction {
	case definition.ToHubSpot:
		return &src
	case definition.FromHubSpot:
		return &rem
	case definition.TwoWay:
	}
	return nil
}
