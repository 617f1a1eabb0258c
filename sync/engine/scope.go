package engine

import (
	"context"
	"slices"
	"time"

	"syncline/sync/hubspot"
	"syncline/sync/record"
)

// Only a search tells whether a record passes the definition's filter, and its index
// is behind: what it says counts for the record as it knew it. Of one that changed
// since, the next pull asks again.

// seeAll keeps records that are in scope.
func (j *job) seeAll(ctx context.Context, records []record.Record) error {
	return j.seeRecords(ctx, records, nil)
}

// pullScoped searches what changed in the window, and then which of it passes the
// filter: what the index comes to show in between is the next pull's business, and
// not out of scope.
func (j *job) pullScoped(ctx context.Context) error {
	if err := j.askAgain(ctx); err != nil {
		return err
	}
	var changed, known []string
	shown := make(map[string]time.Time) // when they changed, by the index
	err := j.searchChanged(ctx, func(found []record.Record) error {
		for _, r := range found {
			shown[r.ID] = r.Updated
		}
		ids, err := j.notKnown(ctx, found)
		changed = append(changed, ids...)
		known = append(known, slices.DeleteFunc(idsOf(found), func(id string) bool { return slices.Contains(ids, id) })...)
		return err
	})
	if err != nil || len(shown) == 0 {
		return err
	}
	scope := make(map[string]bool)
	filter := j.window.filter(j.schema.object.ModifiedProperty)
	if err := j.walk(ctx, both(j.scope(), filter), []string{"hs_object_id"}, func(found []record.Record) error {
		for _, r := range found {
			scope[r.ID] = true
		}
		return nil
	}); err != nil {
		return err
	}
	// What is known as it is was read before the index showed it so, or written by us: then
	// nobody told yet whether it passes.
	for some := range slices.Chunk(known, searchPage) {
		in, err := j.Store.InScopeAmong(ctx, j.sync.ID, some)
		if err != nil {
			return err
		}
		for _, id := range some {
			if in[id] != scope[id] {
				changed = append(changed, id)
			}
		}
	}
	return j.readAgain(ctx, changed, func(ctx context.Context, records []record.Record) error {
		return j.seeScoped(ctx, records, shown, scope)
	})
}

func idsOf(records []record.Record) []string {
	ids := make([]string, len(records))
	for i, r := range records {
		ids[i] = r.ID
	}
	return ids
}

// seeScoped keeps records that changed. Of those that would leave the scope, or of
// which the index shows something older, it asks once more.
func (j *job) seeScoped(ctx context.Context, records []record.Record, shown map[string]time.Time, scope map[string]bool) error {
	var out, behind []string
	for _, r := range records {
		if !r.Updated.Equal(shown[r.ID]) {
			behind = append(behind, r.ID)
		}
		if !scope[r.ID] {
			out = append(out, r.ID)
		}
	}
	in, err := j.Store.InScopeAmong(ctx, j.sync.ID, out)
	if err != nil {
		return err
	}
	again, err := j.passing(ctx, slices.DeleteFunc(out, func(id string) bool { return !in[id] && !slices.Contains(behind, id) }))
	if err != nil {
		return err
	}
	for id := range again {
		scope[id] = true
	}
	if err := j.seeRecords(ctx, records, scope); err != nil {
		return err
	}
	return j.Store.RecordsMoved(ctx, j.sync.ID, behind)
}

// seeFound keeps records that were read by id, such as the survivors of merges. With a
// filter they are in scope only if a search shows it; else the next pull asks again.
func (j *job) seeFound(ctx context.Context, records []record.Record) error {
	if len(j.Definition.HubSpot.Filter) == 0 || len(records) == 0 {
		return j.seeListed(ctx, records)
	}
	shown, err := j.passing(ctx, idsOf(records))
	if err != nil {
		return err
	}
	return j.seeShown(ctx, records, shown)
}

// seeShown keeps records that were read after a search was asked whether they pass the
// filter. Of those that it did not show as they are, the next pull asks again.
func (j *job) seeShown(ctx context.Context, records []record.Record, shown map[string]time.Time) error {
	scope := make(map[string]bool)
	var behind []string
	for _, r := range records {
		at, in := shown[r.ID]
		scope[r.ID] = in
		if !in || !at.Equal(r.Updated) {
			behind = append(behind, r.ID)
		}
	}
	if err := j.seeRecords(ctx, records, scope); err != nil {
		return err
	}
	return j.Store.RecordsMoved(ctx, j.sync.ID, behind)
}

// askAgain asks of records that an earlier pull read by id whether they pass the filter.
// Of one that the search does not show though the index had the time to, it does not:
// from then on an edit tells that it may.
func (j *job) askAgain(ctx context.Context) error {
	asked, read, err := j.Store.OutsideYet(ctx, j.sync.ID)
	if err != nil || len(asked) == 0 {
		return err
	}
	shown, err := j.passing(ctx, asked)
	if err != nil {
		return err
	}
	var in, out []string
	for _, id := range asked {
		if _, passes := shown[id]; passes {
			in = append(in, id)
		} else if j.now().Sub(read[id]) > overlap {
			out = append(out, id)
		}
	}
	if err := j.readAgain(ctx, in, func(ctx context.Context, records []record.Record) error { return j.seeShown(ctx, records, shown) }); err != nil {
		return err
	}
	return j.readAgain(ctx, out, func(ctx context.Context, records []record.Record) error {
		return j.seeRecords(ctx, records, map[string]bool{})
	})
}

// passing asks which of some records pass the filter, by what the index knows now, and
// when these changed by it.
func (j *job) passing(ctx context.Context, ids []string) (map[string]time.Time, error) {
	shown := make(map[string]time.Time)
	if j.inList == nil {
		if err := j.knowInList(ctx); err != nil {
			return nil, err
		}
	}
	for some := range slices.Chunk(ids, listPage) {
		page, err := j.Client.Search(ctx, j.schema.object.Name, hubspot.SearchRequest{
			Groups: both(j.scope(), hubspot.Filter{Property: "hs_object_id", Operator: "IN", Values: some}), Properties: []string{"hs_object_id", j.schema.object.ModifiedProperty}, Limit: searchPage})
		if err != nil {
			return nil, err
		}
		for _, r := range page.Records {
			if j.filterList == nil || j.inList[r.ID] {
				shown[r.ID] = r.Updated
			}
		}
	}
	return shown, nil
}
