package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
)

const (
	listPage   = 100 // HubSpot's most (§3.1)
	searchPage = 200 // HubSpot's most (§4.2)

	// overlap is read again before the watermark, because the search index lags; with 15
	// minutes nothing was missed in the measurements even with a heavy tail.
	overlap = 15 * time.Minute
	// A pull of all records finds what search can't show: archived, merged and never indexed
	// ones. It is done daily, every twentieth run, and whenever it costs little.
	sweepEvery = 24 * time.Hour
	sweepRuns  = 20
	cheapSweep = 5000 // records: 50 calls
)

// pullBoth reads both sides into the workspace.
func (j *job) pullBoth(ctx context.Context) error {
	defer func() {
		j.noteReading()
		if j.noZone {
			j.notes = append(j.notes, fmt.Sprintf("The column “%s” has times without a zone: say zone: (such as Europe/Berlin) under source; until then, newest is not decided by them.", j.Definition.Source.Modified))
		}
	}()
	j.tally = mapping.Tally{}
	if len(j.rebase) > 0 {
		if err := j.Store.ForgetRecords(ctx, j.sync.ID); err != nil {
			return err
		}
		j.sync.Watermark = time.Time{}
	}
	if j.untrusted {
		j.sync.Watermark = time.Time{} // and so all is read
	}
	var err error
	if j.pull, err = j.Store.BeginPull(ctx, j.sync.ID); err != nil {
		return err
	}
	j.mark, j.began = j.Client.Date(), j.now().Truncate(time.Millisecond) // as observations are kept
	if err := j.followJournal(ctx); err != nil {
		return err
	}
	if j.noticed, err = j.Store.LastNotice(ctx); err != nil {
		return err
	}
	tally, err := j.Store.Tally(ctx, j.sync.ID)
	if err != nil {
		return err
	}
	j.rowsKnown = tally.Rows
	if err := j.knowInList(ctx); err != nil {
		return err
	}
	j.full = j.filterList != nil || j.journalGap || j.sync.Watermark.IsZero() || tally.Records <= cmp.Or(j.SmallSync, cheapSweep) ||
		j.now().Sub(j.sync.FullAt) >= sweepEvery || j.sync.Runs-j.sync.FullRun >= sweepRuns
	j.Progress.change(func(s *Snapshot) { s.Phase = PhasePull })
	j.at("pull")
	if j.Definition.Associate != nil || j.Definition.Deliver != nil {
		return j.pullSource(ctx) // the records are those of other syncs, and of the parts; or there are none
	}
	if !j.full {
		// What the rows are going to need tells how HubSpot is read with the fewest calls.
		if err := j.pullSource(ctx); err != nil {
			return err
		}
		choose := j.cheapest
		if j.byJournal {
			choose = j.changedByJournal
		}
		if err := choose(ctx, tally.Records); err != nil {
			return err
		}
		return j.pullRecords(ctx)
	}
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() error { return j.pullSource(ctx) })
	both.Go(func() error { return j.pullRecords(ctx) })
	return both.Wait()
}

// pullSource reads the source, and follows the rows that were merged there.
func (j *job) pullSource(ctx context.Context) error {
	if err := j.pullRows(ctx); err != nil {
		return err
	}
	return j.followRows(ctx)
}

// pullRecords reads HubSpot: all records, or those changed since the watermark.
func (j *job) pullRecords(ctx context.Context) error {
	if j.making {
		return nil // there are none
	}
	lane := func(state, what string) {
		j.Progress.change(func(s *Snapshot) {
			s.Search.State, s.Search.What = state, what
			s.Search.told(j.now())
		})
	}
	lane("working", "Reading "+strings.ToLower(j.schema.object.Label))
	var err error
	switch {
	case j.full && len(j.Definition.HubSpot.Filter) > 0:
		err = j.pullFiltered(ctx)
	case j.filterList != nil:
		err = j.pullListed(ctx)
	case j.full:
		err = j.pullList(ctx)
	default:
		changed := j.pullChanged
		if j.byJournal {
			changed = j.pullTold
		}
		if err = changed(ctx); err == nil {
			err = j.pullNoticed(ctx)
		}
	}
	if err == nil && j.full {
		err = j.tellReading(ctx)
	}
	if err == nil && j.full {
		err = j.findGone(ctx)
	}
	if err == nil {
		err = j.lookAtNamed(ctx)
	}
	if err == nil && !j.full && j.Definition.Delete.RecordGone != "ignore" {
		err = j.lookAgain(ctx)
	}
	if err != nil {
		lane("stopped", err.Error())
		return err
	}
	lane("done", "")
	return nil
}

// pullList reads all records: by an export where that is the better way, else by the
// list.
func (j *job) pullList(ctx context.Context) error {
	var err error
	if j.Pull == PullExport {
		if err = j.choosePull(0); err == nil {
			err = j.listRecords(ctx, nil)
		}
	} else {
		err = j.listRecords(ctx, j.choosePull)
	}
	if errors.Is(err, errByExport) {
		err = j.pullExport(ctx)
	}
	if err == nil {
		err = j.Store.ForgetPullExport(ctx, j.sync.ID)
	}
	return err
}

// listRecords walks the list, which is consistent with writes and has no cap. long, if
// not nil, is asked of a long list whether to walk it.
func (j *job) listRecords(ctx context.Context, long func(records int) error) error {
	if j.Pull == PullList {
		long = nil
	}
	j.listed = j.now()
	err := j.Client.ListWide(ctx, j.schema.object.Name, hubspot.ListRequest{Limit: listPage, Properties: j.mapping.Properties, Long: long}, func(records []record.Record) error {
		return j.seeRecords(ctx, records, nil)
	})
	if err != nil {
		j.listed = time.Time{}
	}
	return err
}

// pullFiltered walks the records in scope by id, so that neither the cap of
// 10,000 nor edits during the walk lose any. Search is behind: what it shows of
// a record as it was before it was last seen, or written by us, would look like
// an edit back to that.
func (j *job) pullFiltered(ctx context.Context) error {
	return j.walk(ctx, j.scope(), j.mapping.Properties, func(records []record.Record) error {
		ids := make([]string, 0, len(records))
		for _, r := range records {
			ids = append(ids, r.ID)
		}
		known, err := j.Store.KnownAt(ctx, j.sync.ID, ids)
		if err != nil {
			return err
		}
		stale := ids[:0]
		records = slices.DeleteFunc(records, func(r record.Record) bool {
			at, seen := known[r.ID]
			old := seen && (at.IsZero() || r.Updated.Before(at)) // zero: it moved since, which search may not show
			if old {
				stale = append(stale, r.ID)
			}
			return old
		})
		if err := j.seeListed(ctx, records); err != nil {
			return err
		}
		return j.readAgain(ctx, stale, j.seeListed)
	})
}

// walk searches all that pass the groups by ascending id.
func (j *job) walk(ctx context.Context, groups [][]hubspot.Filter, properties []string, page func([]record.Record) error) error {
	return j.Client.SearchAll(ctx, j.schema.object.Name, hubspot.SearchRequest{Groups: groups, Properties: properties, Limit: searchPage}, page)
}

// both adds filters to every group; without groups they are the only one.
func both(groups [][]hubspot.Filter, more ...hubspot.Filter) [][]hubspot.Filter {
	if len(groups) == 0 {
		return [][]hubspot.Filter{more}
	}
	all := make([][]hubspot.Filter, 0, len(groups))
	for _, g := range groups {
		all = append(all, append(append([]hubspot.Filter{}, g...), more...))
	}
	return all
}

// scope is the definition's filter.
func (j *job) scope() [][]hubspot.Filter {
	var groups [][]hubspot.Filter
	for _, g := range j.Definition.HubSpot.Filter {
		var filters []hubspot.Filter
		for _, f := range g {
			filters = append(filters, hubspot.Filter{Property: f.Property, Operator: f.Operator, Value: f.Value, HighValue: f.HighValue, Values: f.Values})
		}
		groups = append(groups, filters)
	}
	return groups
}

// seeOutside keeps a page of the list beside what the pull has seen: records
// that it did not show are out of scope where there is a filter.
func (j *job) seeOutside(ctx context.Context, pull int64, records []record.Record) error {
	seen := make([]store.RecordSeen, 0, len(records))
	for _, r := range records {
		seen = append(seen, j.recordSeen(r, !j.filtered()))
	}
	return j.Store.SeeMore(ctx, j.sync.ID, pull, seen)
}

func (j *job) recordSeen(r record.Record, inScope bool) store.RecordSeen {
	values := j.mapping.RecordValues(r.Properties)
	return store.RecordSeen{ID: r.ID, Hash: j.mapping.Hash(values), Values: values, Updated: r.Updated, Read: j.now(),
		InScope: inScope, Match: j.mapping.RecordMatch(r.Properties), Unique: j.mapping.RecordUnique(r.Properties), SyncKey: r.Properties[SyncKeyProperty].String()}
}

// seeRecords keeps a page of records; scope nil means that all are in scope.
func (j *job) seeRecords(ctx context.Context, records []record.Record, scope map[string]bool) error {
	seen := make([]store.RecordSeen, 0, len(records))
	for _, r := range records {
		seen = append(seen, j.recordSeen(r, scope == nil || scope[r.ID]))
	}
	if err := j.Store.SeeRecords(ctx, j.sync.ID, j.pull, seen); err != nil {
		return err
	}
	j.at("records-page")
	traffic := j.Client.Traffic()
	j.Progress.change(func(s *Snapshot) {
		s.Search.Done += len(records)
		s.Search.Calls = j.callsNow().Total - j.calls.Total
		s.Traffic = traffic
	})
	return j.breaker()
}

// findGone asks for the linked records that a pull of all did not show.
func (j *job) findGone(ctx context.Context) error {
	ids, err := j.Store.Unseen(ctx, j.sync.ID, j.pull)
	if err != nil {
		return err
	}
	for len(ids) > 0 {
		n := min(listPage, len(ids))
		got, err := j.Client.BatchRead(ctx, j.schema.object.Name, hubspot.BatchReadRequest{IDs: ids[:n], Properties: j.mapping.Properties})
		if err != nil {
			return err
		}
		// They exist: with a filter they left its scope, without one they came
		// behind the walk.
		scope := map[string]bool(nil)
		if j.filtered() {
			scope = map[string]bool{}
		}
		if err := j.seeRecords(ctx, asked(ids[:n], got.Records), scope); err != nil {
			return err
		}
		if err := j.classify(ctx, ids[:n], got); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

// lookAtNamed asks what became of records that decisions name and that no link
// has: one may have been merged into another, which the decision is about then,
// or be gone, or be hidden by the filter.
func (j *job) lookAtNamed(ctx context.Context) error {
	ids, err := j.Store.NamedRecords(ctx, j.sync.ID, j.pull)
	if err != nil {
		return err
	}
	for chunk := range slices.Chunk(ids, listPage) {
		got, err := j.Client.BatchRead(ctx, j.schema.object.Name, hubspot.BatchReadRequest{IDs: chunk, Properties: j.mapping.Properties})
		if err != nil {
			return err
		}
		if err := j.seeOutside(ctx, j.pull, got.Records); err != nil {
			return err
		}
		if err := j.classify(ctx, chunk, got); err != nil {
			return err
		}
	}
	return nil
}

// lookAgain reads the records that are known to be gone once more, where their
// rows would be deleted or marked for that and this pull does not read all:
// one that was restored must not go on to count as gone.
func (j *job) lookAgain(ctx context.Context) error {
	ids, err := j.Store.GoneRecords(ctx, j.sync.ID)
	if err != nil {
		return err
	}
	for chunk := range slices.Chunk(ids, listPage) {
		got, err := j.Client.BatchRead(ctx, j.schema.object.Name, hubspot.BatchReadRequest{IDs: chunk, Properties: j.mapping.Properties})
		if err != nil {
			return err
		}
		if err := j.seeFound(ctx, asked(chunk, got.Records)); err != nil {
			return err
		}
	}
	return nil
}

// asked keeps the records that answer under the id that was asked for; the
// others are survivors of merges.
func asked(ids []string, records []record.Record) []record.Record {
	want := make(map[string]bool, len(ids))
	for _, id := range ids {
		want[id] = true
	}
	var same []record.Record
	for _, r := range records {
		if want[r.ID] {
			same = append(same, r)
		}
	}
	return same
}

// classify finds out what became of records that did not answer: merged into
// another one, archived, or erased. Of ids that the answer passes over nothing
// is concluded.
func (j *job) classify(ctx context.Context, ids []string, got hubspot.BatchReadResult) error {
	var lost []string
	for _, id := range got.Missing {
		if into := got.Moved[id]; into == "" {
			lost = append(lost, id)
		}
	}
	for _, id := range ids {
		if into := got.Moved[id]; into != "" {
			if err := j.merged(ctx, id, into, got.Records); err != nil {
				return err
			}
		}
	}
	if len(lost) == 0 {
		return nil
	}
	archived, err := j.Client.BatchRead(ctx, j.schema.object.Name, hubspot.BatchReadRequest{IDs: lost, Archived: true})
	if err != nil {
		return err
	}
	found := make(map[string]bool)
	for _, r := range archived.Records {
		found[r.ID] = true
	}
	for _, id := range lost {
		how := plan.GoneErased
		if found[id] {
			how = plan.GoneArchived
		}
		if err := j.Store.MarkGone(ctx, j.sync.ID, max(j.pull, j.sync.Pull), id, how, ""); err != nil {
			return err
		}
	}
	return nil
}

// holderOf returns the row that a record is linked to, or that the plan which is
// being carried out has matched with it; "" is a new row.
func (j *job) holderOf(ctx context.Context, recordID string) (string, error) {
	holder, err := j.Store.RecordHolder(ctx, j.sync.ID, recordID)
	if errors.Is(err, store.ErrNotFound) && j.applying != "" {
		return j.Store.PlannedFor(ctx, j.applying, recordID)
	}
	return holder, err
}

// merged follows a record that was merged into another one: the link moves to
// the survivor, unless another row holds that already, which a person must see.
func (j *job) merged(ctx context.Context, id, into string, got []record.Record) error {
	survivor := asked([]string{into}, got)
	through := []string{id} // by way of which others may have come to it too
	for _, r := range survivor {
		through = append(through, strings.Split(r.Properties[mapping.Merged].String(), ";")...)
	}
	if err := j.Store.MergesLedTo(ctx, j.sync.ID, into, through); err != nil {
		return err
	}
	if err := j.Store.FollowMerge(ctx, j.sync.PortalID, j.sync.Object, id, into); err != nil {
		return err
	}
	_, err := j.holderOf(ctx, into)
	if err == nil {
		return j.Store.MarkGone(ctx, j.sync.ID, max(j.pull, j.sync.Pull), id, plan.GoneMerged, into)
	}
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	linked, err := j.Store.LinkedAmong(ctx, j.sync.ID, []string{id})
	if err != nil {
		return err
	}
	if err := j.Store.RelinkRecord(ctx, j.sync.ID, id, into); err != nil {
		return err
	}
	if err := j.Store.MarkGone(ctx, j.sync.ID, max(j.pull, j.sync.Pull), id, plan.GoneMerged, into); err != nil {
		return err
	}
	if len(linked) > 0 {
		j.note("The record %s was merged in HubSpot and lives on as %s; its row follows it.", id, into)
	} else {
		j.note("The record %s was merged in HubSpot and lives on as %s; what was decided about it holds for that one.", id, into)
	}
	return j.seeFound(ctx, survivor)
}
