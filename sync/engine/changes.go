package engine

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/record"
)

// window is the part of time in which a pull looks for changes: closed, by
// HubSpot's clock, and far enough back for what the index shows late.
type window struct {
	from, to time.Time
	moved    []string // records within it that changed after our own write of them
}

func (w window) filter(property string) hubspot.Filter {
	return hubspot.Filter{Property: property, Operator: "BETWEEN", Value: strconv.FormatInt(w.from.UnixMilli(), 10), HighValue: strconv.FormatInt(w.to.UnixMilli(), 10)}
}

// cheapest chooses how HubSpot is read with the fewest calls: all records, or
// those that changed in a window. Whatever is written over is read again right
// before, so this decides only what there is to do.
func (j *job) cheapest(ctx context.Context, records int) error {
	j.window = window{from: j.sync.Watermark.Add(-overlap), to: j.mark}
	if len(j.Definition.HubSpot.Filter) > 0 {
		return nil // what passes it, only a search tells: see pullScoped
	}
	recent, err := j.Store.RecentRecords(ctx, j.sync.ID, j.window.from, j.window.to)
	if err != nil || recent.Count <= searchPage {
		return err
	}
	page, err := j.Client.Search(ctx, j.schema.object.Name, hubspot.SearchRequest{
		Groups: [][]hubspot.Filter{{j.window.filter(j.schema.object.ModifiedProperty)}}, Properties: []string{"hs_object_id"}, Limit: 1})
	if err != nil {
		return err
	}
	whole, err := j.readBackWhole(ctx)
	if err != nil {
		return err
	}
	foreign := page.Total - recent.Count - len(recent.Moved)
	if whole && foreign == 0 && len(recent.Moved)/listPage < recent.Count/searchPage {
		// No record changed in the window that is not known to have. An edit of one of them that the
		// index showed too late is newer than when that one was last seen to be as it was: when it was
		// read back, or when it changed. Only what came after the earliest of these is left to look for.
		j.window.from, j.window.moved = recent.Stood, recent.Moved
		if j.mark.Sub(recent.Last) < overlap {
			// The index may not show everything yet: the next pull counts once more.
			if settled := recent.First.Add(overlap); settled.Before(j.mark) {
				j.mark = settled
			}
		}
		return nil
	}
	j.full = records/listPage < page.Total/searchPage+max(foreign, 0)/listPage
	return nil
}

// readBackWhole reports whether everything that earlier runs wrote was read
// back, so that an edit made after a write of ours, while its run went on, is
// known.
func (j *job) readBackWhole(ctx context.Context) (bool, error) {
	if j.Definition.Verify == definition.VerifyNone || j.Definition.Verify == definition.VerifySample {
		return false, nil
	}
	due, err := j.Store.OpsToVerify(ctx, j.sync.ID, 0, 1)
	return len(due) == 0, err
}

// pullChanged searches what changed in the window and reads it again, because
// search tells which and batch/read tells what.
func (j *job) pullChanged(ctx context.Context) error {
	if len(j.Definition.HubSpot.Filter) > 0 {
		return j.pullScoped(ctx)
	}
	if err := j.readAgain(ctx, j.window.moved, j.seeAll); err != nil {
		return err
	}
	return j.searchChanged(ctx, func(found []record.Record) error {
		ids, err := j.notKnown(ctx, found)
		if err != nil {
			return err
		}
		return j.readAgain(ctx, ids, j.seeAll)
	})
}

// searchChanged searches what changed in the window, in scope or not.
func (j *job) searchChanged(ctx context.Context, page func([]record.Record) error) error {
	filter := j.window.filter(j.schema.object.ModifiedProperty)
	return j.walk(ctx, [][]hubspot.Filter{{filter}}, []string{"hs_object_id", j.schema.object.ModifiedProperty}, page)
}

// readAgain reads records by id, and finds out what became of those that don't
// answer. see keeps what was read.
func (j *job) readAgain(ctx context.Context, ids []string, see func(context.Context, []record.Record) error) error {
	for some := range slices.Chunk(ids, listPage) {
		got, err := j.Client.BatchRead(ctx, j.schema.object.Name, hubspot.BatchReadRequest{IDs: some, Properties: j.mapping.Properties})
		if err != nil {
			return err
		}
		if err := see(ctx, got.Records); err != nil {
			return err
		}
		if err := j.classify(ctx, some, got); err != nil {
			return err
		}
		if err := j.followMerges(ctx, got.Records); err != nil {
			return err
		}
	}
	return nil
}

// followMerges lets the rows of records that were merged follow them to those that
// say so: what a search for changes shows is only what lives on.
func (j *job) followMerges(ctx context.Context, records []record.Record) error {
	into := make(map[string]record.Record)
	for _, r := range records {
		for _, id := range strings.Split(r.Properties[mapping.Merged].String(), ";") {
			if id != "" && id != r.ID {
				into[id] = r
			}
		}
	}
	if len(into) == 0 {
		return nil
	}
	ids := slices.Sorted(maps.Keys(into))
	linked, err := j.Store.LinkedAmong(ctx, j.sync.ID, ids)
	if err != nil {
		return err
	}
	named, err := j.Store.NamedAmong(ctx, j.sync.PortalID, j.sync.Object, ids)
	if err != nil {
		return err
	}
	for _, id := range named {
		if err := j.Store.FollowMerge(ctx, j.sync.PortalID, j.sync.Object, id, into[id].ID); err != nil {
			return err
		}
	}
	for _, id := range linked {
		if err := j.merged(ctx, id, into[id].ID, []record.Record{into[id]}); err != nil {
			return err
		}
	}
	return nil
}

// notKnown leaves out the records that the overlap only shows again.
func (j *job) notKnown(ctx context.Context, found []record.Record) ([]string, error) {
	ids := make([]string, 0, len(found))
	for _, r := range found {
		ids = append(ids, r.ID)
	}
	known, err := j.Store.KnownAt(ctx, j.sync.ID, ids)
	if err != nil {
		return nil, err
	}
	changed := ids[:0]
	for _, r := range found {
		if at, ok := known[r.ID]; !ok || !at.Equal(r.Updated) {
			changed = append(changed, r.ID)
		}
	}
	return changed, nil
}
