package engine

import (
	"context"
	"maps"
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
	var ids []string
	shown := make(map[string]time.Time) // when they changed, by the index
	err := j.searchChanged(ctx, func(found []record.Record) error {
		changed, err := j.notKnown(ctx, found)
		if err != nil {
			return err
		}
		ids = append(ids, changed...)
		for _, r := range found {
			shown[r.ID] = r.Updated
		}
		return nil
	})
	if err != nil || len(ids) == 0 {
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
	return j.readAgain(ctx, ids, func(ctx context.Context, records []record.Record) error {
		return j.seeScoped(ctx, records, shown, scope)
	})
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
	maps.Copy(scope, again)
	if err := j.seeRecords(ctx, records, scope); err != nil {
		return err
	}
	return j.Store.RecordsMoved(ctx, j.sync.ID, behind)
}

// seeFound keeps records that were read by id, such as the survivors of merges. With a
// filter they are in scope only if a search shows it; else the next pull asks again.
func (j *job) seeFound(ctx context.Context, records []record.Record) error {
	if len(j.Definition.HubSpot.Filter) == 0 || len(records) == 0 {
		return j.seeAll(ctx, records)
	}
	ids := make([]string, len(records))
	for i, r := range records {
		ids[i] = r.ID
	}
	scope, err := j.passing(ctx, ids)
	if err != nil {
		return err
	}
	if err := j.seeRecords(ctx, records, scope); err != nil {
		return err
	}
	return j.Store.RecordsMoved(ctx, j.sync.ID, slices.DeleteFunc(ids, func(id string) bool { return scope[id] }))
}

// passing asks which of some records pass the filter, by what the index knows now.
func (j *job) passing(ctx context.Context, ids []string) (map[string]bool, error) {
	scope := make(map[string]bool)
	for some := range slices.Chunk(ids, listPage) {
		page, err := j.Client.Search(ctx, j.schema.object.Name, hubspot.SearchRequest{
			Groups: both(j.scope(), hubspot.Filter{Property: "hs_object_id", Operator: "IN", Values: some}), Properties: []string{"hs_object_id"}, Limit: searchPage})
		if err != nil {
			return nil, err
		}
		for _, r := range page.Records {
			scope[r.ID] = true
		}
	}
	return scope, nil
}
