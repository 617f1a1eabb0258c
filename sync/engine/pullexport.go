package engine

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/record"
)

const (
	// exportAge is how old an export may be that a pull which was cut off goes on with: what
	// changed since is searched.
	exportAge = 6 * time.Hour
	// exportPatience is how long an export is waited for. HubSpot writes one at a time, and
	// another one may be before it.
	exportPatience = 30 * time.Minute
	// archivedPages is how many pages of archived records are looked at after an export. What
	// lies beyond is found by the next reading of all.
	archivedPages = 5
	// manyRecent is how many records that changed right before an export are searched rather
	// than counted: five calls.
	manyRecent = 5 * searchPage
)

var (
	errInexact = errors.New("HubSpot's export does not show what its API does")
	errLate    = fmt.Errorf("HubSpot did not have the export ready within %d minutes", int(exportPatience.Minutes()))
)

// pullExport reads all records by an export, and what changed since it was started
// by a search. Where it does not give what the list does, the list is read.
func (j *job) pullExport(ctx context.Context) error {
	err := j.pullExported(ctx)
	if err == nil || ctx.Err() != nil || !gaveUp(err) {
		return err
	}
	j.reading.Way, j.reading.Refused = ByList, strings.TrimPrefix(err.Error(), "hubspot: ")
	j.note("HubSpot's export was not used, and its records were listed %d at a time: %s.", listPage, j.reading.Refused)
	j.reads("Reading " + strings.ToLower(j.schema.object.Label))
	return j.listRecords(ctx, nil)
}

// reads shows what the pull does.
func (j *job) reads(what string) {
	j.Progress.change(func(s *Snapshot) { s.Search.What = what })
}

func (j *job) pullExported(ctx context.Context) (err error) {
	dir, remove, err := j.Store.ScratchFolder()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	x, since, err := j.obtainExport(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	j.at("export-fetched")
	j.reads("Reading " + strings.ToLower(j.schema.object.Label))
	if err := j.prove(ctx, x, since); err != nil {
		return err
	}
	if err := x.Records(importPage, func(records []record.Record) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return j.seeAll(ctx, records)
	}); err != nil {
		return err
	}
	j.at("export-read")
	archived, err := j.archivedMeanwhile(ctx)
	if err != nil {
		return err
	}
	merged, err := j.changedMeanwhile(ctx, since)
	if err != nil {
		return err
	}
	return j.allSeen(ctx, archived+merged)
}

// exportLag is how long before an export was started a change lies that it surely
// shows, unless HubSpot makes it of an index that is far behind.
const exportLag = time.Minute

// changedMeanwhile searches what changed since an export was started, with the
// overlap before it, and returns how many records were merged. Of very many that
// changed long enough before it, such as those that were just imported, it compares
// only the number; then the next pull searches from there.
func (j *job) changedMeanwhile(ctx context.Context, since time.Time) (merged int, err error) {
	search := func(w window) error {
		j.window = w
		return j.searchChanged(ctx, func(found []record.Record) error {
			ids, err := j.notKnown(ctx, found)
			if err != nil {
				return err
			}
			return j.readAgain(ctx, ids, func(ctx context.Context, records []record.Record) error {
				n, err := j.seeMerging(ctx, records)
				merged += n
				return err
			})
		})
	}
	from, to := since.Add(-overlap), since.Add(-exportLag)
	recent, err := j.Store.RecentRecords(ctx, j.sync.ID, from, to)
	if err != nil {
		return 0, err
	}
	j.mark = j.Client.Date()
	if recent.Count <= manyRecent {
		err = search(window{from: from, to: j.mark})
		return merged, err
	}
	if err := search(window{from: to, to: j.mark}); err != nil {
		return merged, err
	}
	// Those that changed since have been read, and count no more.
	if recent, err = j.Store.RecentRecords(ctx, j.sync.ID, from, to); err != nil {
		return merged, err
	}
	before := window{from: from, to: to}
	page, err := j.Client.Search(ctx, j.schema.object.Name, hubspot.SearchRequest{
		Groups: [][]hubspot.Filter{{before.filter(j.schema.object.ModifiedProperty)}}, Properties: []string{"hs_object_id"}, Limit: 1})
	switch {
	case err != nil:
	case page.Total != recent.Count:
		err = search(before)
	default:
		j.mark = since
	}
	return merged, err
}

// obtainExport fetches the export that an earlier pull has started, or starts one.
// Its id is kept before it is waited for. since is HubSpot's time right before it was
// started.
func (j *job) obtainExport(ctx context.Context, dir string) (x *hubspot.Export, since time.Time, err error) {
	j.reads("Waiting for HubSpot’s export of " + strings.ToLower(j.schema.object.Label))
	patience, cancel := context.WithTimeoutCause(ctx, exportPatience, errLate)
	defer cancel()
	late := func(err error) error {
		if err != nil && patience.Err() != nil && ctx.Err() == nil {
			return errLate
		}
		return err
	}
	req := j.exportRequest("Syncline pull")
	asked := hex.EncodeToString(mapping.Digest(req.ObjectType.ID + "\x00" + strings.Join(req.Properties, "\x00")))
	was, err := j.Store.PullExport(ctx, j.sync.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, since, err
	}
	if was.Asked == asked && j.Client.Date().Sub(was.Since) < exportAge {
		x, err = j.Client.FetchExport(patience, was.ID, req, dir)
		if err = late(err); err == nil || !gaveUp(err) || hubspot.IsScopes(err) {
			return x, was.Since, err
		}
	}
	was = store.PullExport{Asked: asked, Since: j.Client.Date()}
	if was.ID, err = j.Client.StartExport(patience, req); err != nil {
		return nil, since, late(err)
	}
	j.at("export-started")
	if err := j.Store.KeepPullExport(ctx, j.sync.ID, was); err != nil {
		return nil, since, err
	}
	j.at("export-kept")
	x, err = j.Client.FetchExport(patience, was.ID, req, dir)
	return x, was.Since, late(err)
}

// archivedMeanwhile finds the records that an export shows and that are archived by
// now, and returns how many there were.
func (j *job) archivedMeanwhile(ctx context.Context) (n int, err error) {
	enough := errors.New("enough")
	pages := 0
	err = j.Client.ListAll(ctx, j.schema.object.Name, hubspot.ListRequest{Limit: listPage, Properties: []string{"hs_object_id"}, Archived: true}, func(records []record.Record) error {
		known, err := j.Store.KnownAt(ctx, j.sync.ID, idsOf(records))
		if err != nil {
			return err
		}
		n += len(known)
		if err := j.readAgain(ctx, slices.Sorted(maps.Keys(known)), j.seeAll); err != nil {
			return err
		}
		if pages++; pages == archivedPages {
			return enough
		}
		return nil
	})
	if errors.Is(err, enough) {
		err = nil
	}
	return n, err
}

// seeMerging keeps records, and that those are gone which were merged into them, of
// which it returns the number.
func (j *job) seeMerging(ctx context.Context, records []record.Record) (n int, err error) {
	if err := j.seeAll(ctx, records); err != nil {
		return 0, err
	}
	into := make(map[string]string)
	for _, r := range records {
		for _, id := range strings.Split(r.Properties[mapping.Merged].String(), ";") {
			if id != "" && id != r.ID {
				into[id] = r.ID
			}
		}
	}
	known, err := j.Store.KnownAt(ctx, j.sync.ID, slices.Sorted(maps.Keys(into)))
	for id := range known {
		if err := j.Store.MarkGone(ctx, j.sync.ID, j.pull, id, "merged", into[id]); err != nil {
			return n, err
		}
		n++
	}
	return n, err
}

// allSeen compares how many records a pull has seen with how many HubSpot counts,
// which may still count some that are gone: an export that lacks records must not
// make them look gone.
func (j *job) allSeen(ctx context.Context, gone int) error {
	page, err := j.Client.Search(ctx, j.schema.object.Name, hubspot.SearchRequest{Properties: []string{"hs_object_id"}, Limit: 1})
	if err != nil {
		return err
	}
	seen, err := j.Store.SeenBy(ctx, j.sync.ID, j.pull)
	if err == nil && seen+gone < page.Total {
		err = fmt.Errorf("%w: it has %d records, and there are %d", errInexact, seen, page.Total)
	}
	return err
}
