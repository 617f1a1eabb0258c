package engine

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// archives archives the records of rows that left the source, or those that an
// undone run made. There is one way to it: a record is read with its history,
// and archived in the next call, if nothing about it changed since we wrote it.
func (j *job) archives(ctx context.Context, pl plan.Plan) error {
	looks := &sightings{job: j, plan: pl}
	all, _, err := j.Store.Work(ctx, pl.ID)
	if err != nil {
		return err
	}
	due, err := j.Store.Todo(ctx, pl.ID, 0, 1, plan.ItemArchive)
	if err != nil || len(due) == 0 {
		return err
	}
	if all > batchSize { // fewer are looked at again in less
		if err := j.wait(ctx, dateStep, "HubSpot's clock to pass what was just written"); err != nil {
			return err
		}
	}
	return j.batchesOf(ctx, pl, lookPage, func(ctx context.Context, pl plan.Plan, items []plan.Item) (int, error) {
		return j.archivePage(ctx, pl, items, looks)
	}, plan.ItemArchive)
}

// archivePage looks at what hangs on a page of records, and archives it in
// batches.
func (j *job) archivePage(ctx context.Context, pl plan.Plan, items []plan.Item, looks *sightings) (again int, err error) {
	if items, err = j.withdrawn(ctx, pl, items, looks); err != nil || len(items) == 0 {
		return 0, err
	}
	for pass := 1; len(items) > 0; pass++ {
		ids := make([]string, 0, len(items))
		for _, it := range items {
			ids = append(ids, it.RecordID)
		}
		s, err := j.associations(ctx, ids)
		if err != nil {
			return again, err
		}
		s.together = pass < patience
		var late []plan.Item
		for batch := range slices.Chunk(items, batchSize) {
			if batch, err = j.withdrawn(ctx, pl, batch, looks); err != nil {
				return again, err
			}
			if len(batch) == 0 {
				continue
			}
			n, put, err := j.sendArchives(ctx, pl, batch, s)
			again, late = again+n, append(late, put...)
			if err != nil {
				return again, err
			}
		}
		items = late
	}
	return again, nil
}

// dateStep is the step of the clock that HubSpot's answers tell (the header Date).
// A record of which an association went less than this before a look at what hangs
// on it counts as changed after it, and the look, a call for each object type, is
// taken again.
const dateStep = time.Second

// patience is how often what hangs on records that changed meanwhile is looked at
// for all of them together; after that each batch looks for itself.
const patience = 3

// sendArchives carries out one batch, the reading and the archiving as one unit
// for every limit. What is late is to be looked at again first.
func (j *job) sendArchives(ctx context.Context, pl plan.Plan, items []plan.Item, s sight) (again int, late []plan.Item, err error) {
	suspects, err := j.suspects(ctx, pl, items)
	if err != nil {
		return 0, nil, err
	}
	var whole, lost error // the batch was refused as a whole; its answer never came
	var sent []store.Op
	calls := (len(items)+historyPage-1)/historyPage + 1
	err = j.Client.Unit(ctx, j.schema.object.Name, calls, func(ctx context.Context) error {
		sent, whole, lost = nil, nil, nil
		now, stays, put, err := j.untouched(ctx, suspects, s)
		if err != nil {
			return err
		}
		if len(put) > 0 {
			isLate := func(it plan.Item) bool { return slices.Contains(put, it.RecordID) }
			for _, it := range items {
				if isLate(it) {
					late = append(late, it)
				}
			}
			items = slices.DeleteFunc(slices.Clone(items), isLate)
			suspects = slices.DeleteFunc(suspects, func(x suspect) bool { return slices.Contains(put, x.id) })
		}
		if items, err = j.keepTouched(ctx, pl, items, now, stays); err != nil || len(items) == 0 {
			return err
		}
		suspects = slices.DeleteFunc(suspects, func(x suspect) bool { _, ok := stays[x.id]; return ok })
		sent, whole, lost, err = j.archiveFresh(ctx, pl, items, now)
		return err
	})
	switch {
	case err != nil:
		return 0, late, err
	case lost != nil:
		again, err = j.settle(ctx, sent, lost)
		return again, late, err
	case whole == nil:
		return 0, late, nil
	case len(items) == 1:
		return 0, late, j.finish(ctx, []store.Outcome{j.failed(pl, items[0], store.Op{LinkID: items[0].LinkID}, whole)})
	}
	again, err = halves(ctx, pl, items, func(ctx context.Context, pl plan.Plan, half []plan.Item) (int, error) {
		n, put, err := j.sendArchives(ctx, pl, half, s)
		late = append(late, put...)
		return n, err
	})
	return again, late, err
}

// suspects gathers what is known of our own writes to the records.
func (j *job) suspects(ctx context.Context, pl plan.Plan, items []plan.Item) ([]suspect, error) {
	links := make([]int64, 0, len(items))
	for _, it := range items {
		links = append(links, it.LinkID)
	}
	bases, err := j.Store.Bases(ctx, links)
	if err != nil {
		return nil, err
	}
	versions, err := j.Store.LinkVersions(ctx, links)
	if err != nil {
		return nil, err
	}
	all := make([]suspect, 0, len(items))
	for _, it := range items {
		if j.untrusted {
			all = append(all, suspect{id: it.RecordID}) // what this workspace knows of its writes is old
			continue
		}
		if pl.Kind == plan.KindUndo {
			made, err := j.Store.Made(ctx, pl.UndoOf, it.RecordID)
			if err != nil {
				return nil, err
			}
			all = append(all, suspect{id: it.RecordID, since: made.Version, made: true, own: made.Later})
			continue
		}
		own, err := j.Store.WroteRecord(ctx, j.sync.ID, it.RecordID, 0)
		if err != nil {
			return nil, err
		}
		base := bases[it.LinkID]
		x := suspect{id: it.RecordID, since: versions[it.LinkID], own: own, base: &base}
		if seen, err := j.decided(ctx, it); err != nil {
			return nil, err
		} else if !seen.IsZero() {
			// A person saw the record as it was then, and said that it goes.
			x.since, x.seen, x.base = seen, true, nil
		}
		all = append(all, x)
	}
	return all, nil
}

// decided returns HubSpot's time of the record that a person saw who decided
// that it is archived; zero where nobody had to decide.
func (j *job) decided(ctx context.Context, it plan.Item) (time.Time, error) {
	for _, e := range it.Edits {
		if e.Choice == 0 {
			continue
		}
		all, err := j.Store.Conflicts(ctx, []int64{e.Choice})
		if err != nil || len(all) == 0 {
			return time.Time{}, err
		}
		var meta struct {
			Updated time.Time `json:"updated"`
		}
		if err := json.Unmarshal([]byte(all[0].RemMeta), &meta); err != nil || meta.Updated.IsZero() {
			return all[0].Decided, nil // what it was about is not known more exactly
		}
		return meta.Updated, nil
	}
	return time.Time{}, nil
}

// keepTouched ends the items whose records stay, and returns the others. What an
// undo keeps is listed; of a row that is gone a person decides what becomes of
// its record.
func (j *job) keepTouched(ctx context.Context, pl plan.Plan, items []plan.Item, now map[string]record.Record, stays map[string]verdict) ([]plan.Item, error) {
	var outcomes []store.Outcome
	var conflicts []store.Conflict
	var left []plan.Item
	for _, it := range items {
		v, ok := stays[it.RecordID]
		if !ok {
			left = append(left, it)
			continue
		}
		o := j.outcome(pl, it)
		o.Fate, o.Reason = plan.FateSkipped, v.why
		if pl.Kind == plan.KindUndo {
			o.Reason = "created by this run, but " + v.why
		}
		if pl.Kind != plan.KindUndo && !v.gone {
			o.Fate, o.Reason = plan.FateConflict, "the row left the source, but "+v.why
			conflicts = append(conflicts, store.Conflict{SyncID: j.sync.ID, RowKey: it.RowKey, RecordID: it.RecordID, Name: it.Name,
				Cause: plan.CauseGoneAndEdited, Reason: o.Reason, RemMeta: seenAt(now[it.RecordID], j.now())})
		}
		outcomes = append(outcomes, o)
	}
	if err := j.Store.PutConflicts(ctx, j.runID, conflicts); err != nil {
		return nil, err
	}
	return left, j.finish(ctx, outcomes)
}

// seenAt is what a conflict keeps of the state of the record that it is about.
func seenAt(rec record.Record, read time.Time) string {
	text, err := json.Marshal(map[string]any{"read": read, "updated": rec.Updated})
	if err != nil {
		return ""
	}
	return string(text)
}

// archiveFresh is the two-commit protocol for records that were read just now.
// whole is the error of a batch that was refused as a whole, lost that of one
// whose answer never came.
func (j *job) archiveFresh(ctx context.Context, pl plan.Plan, items []plan.Item, now map[string]record.Record) (sent []store.Op, whole, lost, err error) {
	ops := make([]store.Op, 0, len(items))
	ids := make([]string, 0, len(items))
	for _, it := range items {
		op := store.Op{PlanID: pl.ID, N: it.N, LinkID: it.LinkID, Side: plan.HubSpot, Kind: plan.OpArchive, RecordID: it.RecordID, RowKey: it.RowKey, Fields: record.Values{}, Pre: record.Values{}, Version: now[it.RecordID].Updated}
		for i := range j.mapping.Fields {
			name := j.mapping.Fields[i].Property
			if v := now[it.RecordID].Properties[name]; !v.Empty() {
				op.Pre[name] = v
			}
		}
		ops = append(ops, op)
		ids = append(ids, it.RecordID)
	}
	if err := j.beginBatch(ctx, ops); err != nil {
		return nil, nil, nil, err
	}
	err = j.Client.BatchArchive(ctx, j.schema.object.Name, ids)
	j.at("answered")
	switch {
	case err == nil:
	case hubspot.Unknown(err): // first: a time that runs out tells nothing of what was sent
		return ops, nil, err, nil
	case hubspot.IsStale(err), fatal(err):
		if ferr := j.finish(ctx, dropped(ops, err)); ferr != nil {
			return nil, nil, nil, ferr
		}
		return nil, nil, nil, err
	default:
		return nil, err, nil, j.finish(ctx, dropped(ops, err))
	}
	byN := itemsByN(items)
	outcomes := make([]store.Outcome, 0, len(items))
	for _, op := range ops {
		outcomes = append(outcomes, j.archived(pl, byN[op.N], op))
	}
	return ops, nil, nil, j.finish(ctx, outcomes)
}

// archived ends an archive that happened. The values that the record had are
// kept, for a person who wants to restore it.
func (j *job) archived(pl plan.Plan, it plan.Item, op store.Op) store.Outcome {
	o := store.Outcome{Op: op, State: plan.OpDone, Verify: j.Definition.Verify != definition.VerifyNone, PlanID: pl.ID, N: it.N, Fate: it.Fate, Reason: it.Reason,
		Audit: []store.Audit{{RowKey: it.RowKey, RecordID: it.RecordID, Side: plan.HubSpot, Action: plan.OpArchive, Why: it.Reason}}}
	if pl.Kind == plan.KindUndo {
		o.Forget = true
	} else {
		o.Tomb = it.Reason
		j.rules(&o, it)
	}
	for i := range j.mapping.Fields {
		f := &j.mapping.Fields[i]
		if v, ok := op.Pre[f.Property]; ok {
			o.Audit = append(o.Audit, store.Audit{RowKey: it.RowKey, RecordID: it.RecordID, Side: plan.HubSpot, Field: f.Column(), Property: f.Property,
				Action: plan.OpArchive, Before: mapping.Text(v), Why: it.Reason})
		}
	}
	return o
}

// settleArchives finds out which archives of unknown outcome happened. The
// records were there when they were sent: one that is not there now was
// archived.
func (j *job) settleArchives(ctx context.Context, ops []store.Op, why error) (again int, err error) {
	ids := make([]string, 0, len(ops))
	for _, op := range ops {
		ids = append(ids, op.RecordID)
	}
	got, err := j.Client.BatchRead(ctx, j.schema.object.Name, hubspot.BatchReadRequest{IDs: ids, Properties: []string{"hs_object_id"}})
	if err != nil {
		return 0, err
	}
	var outcomes []store.Outcome
	for _, op := range ops {
		if !slices.Contains(got.Missing, op.RecordID) {
			again++ // it is there, or it was merged, which the next look tells
			outcomes = append(outcomes, dropped([]store.Op{op}, why)...)
			continue
		}
		pl, it, err := j.item(ctx, op)
		if err != nil {
			return again, err
		}
		if pl, err = j.Store.Plan(ctx, pl.ID); err != nil {
			return again, err
		}
		outcomes = append(outcomes, j.archived(pl, it, op))
	}
	return again, j.finish(ctx, outcomes)
}
