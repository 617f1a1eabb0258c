package engine

import (
	"context"
	"maps"
	"slices"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// settleCreates looks for the records of creates of unknown outcome, on reads
// that see every write. With our unique key a record that is not there is made
// anew with the same key, so a request that still lingers somewhere cannot make
// a second one. Without it, it is made anew only when no request can linger any
// more and all records have been looked through.
func (j *job) settleCreates(ctx context.Context, ops []store.Op, why error) (again int, err error) {
	found, err := j.madeBy(ctx, ops)
	if err != nil {
		return 0, err
	}
	if missing := without(ops, found); len(missing) > 0 && !j.enforced(missing) {
		if err := j.outlast(ctx, missing); err != nil {
			return 0, err
		}
		late, err := j.madeBy(ctx, missing)
		if err != nil {
			return 0, err
		}
		for key, rec := range late {
			found[key] = rec
		}
	}
	if err := j.addHistories(ctx, found); err != nil {
		return 0, err
	}
	var outcomes []store.Outcome
	for _, op := range ops {
		pl, it, err := j.item(ctx, op)
		if err != nil {
			return again, err
		}
		rec, ok := found[op.SyncKey]
		switch {
		case !ok:
			again++
			outcomes = append(outcomes, inDoubt([]store.Op{op}, why)...)
		case rec.ID == "":
			err = j.appeared(ctx, pl, it, op, "a record with the same match value was made in HubSpot while the answer to this create was lost: it can't be told whose it is, so nothing was created again")
		default:
			outcomes = append(outcomes, j.landedCreate(pl, it, op, rec))
		}
		if err != nil {
			return again, err
		}
	}
	return again, j.finish(ctx, outcomes)
}

// addHistories reads the histories of records that were found without them:
// only these tell what a person has edited since they were made.
func (j *job) addHistories(ctx context.Context, found map[string]record.Record) error {
	keys := make(map[string]string)
	for key, rec := range found {
		if rec.ID != "" && rec.History == nil {
			keys[rec.ID] = key
		}
	}
	for ids := range slices.Chunk(slices.Sorted(maps.Keys(keys)), historyPage) {
		got, err := j.Client.BatchRead(ctx, j.schema.object.Name, hubspot.BatchReadRequest{IDs: ids, Properties: j.mapping.Properties, History: j.mappedNames()})
		if err != nil {
			return err
		}
		for _, rec := range got.Records {
			if key, ok := keys[rec.ID]; ok {
				found[key] = rec
			}
		}
	}
	return nil
}

func without(ops []store.Op, found map[string]record.Record) []store.Op {
	var left []store.Op
	for _, op := range ops {
		if _, ok := found[op.SyncKey]; !ok {
			left = append(left, op)
		}
	}
	return left
}

// enforced reports whether HubSpot itself refuses a second record for each of
// the creates: by our key, or by a unique property that they set.
func (j *job) enforced(ops []store.Op) bool {
	if j.mapping.SyncKey != "" {
		return true
	}
	return !slices.ContainsFunc(ops, func(op store.Op) bool {
		for name, v := range op.Fields {
			if !v.Empty() && j.unique(name) {
				return false
			}
		}
		return true
	})
}

// outlast waits until no request of the operations can take effect any more, by
// HubSpot's clock.
func (j *job) outlast(ctx context.Context, ops []store.Op) error {
	last := ops[0].Version
	for _, op := range ops {
		if op.Version.After(last) {
			last = op.Version
		}
	}
	if left := landsLater - j.Client.Date().Sub(last); left > 0 {
		return j.wait(ctx, left, "a request without an answer, which may still take effect")
	}
	return nil
}

// madeBy finds the records that creates made, by our key of each: by that key
// itself where HubSpot has it; else by unique match values, and in the list of
// all records for the rest. A record without an id tells that there is one with
// the same match value that can't be told to be ours.
func (j *job) madeBy(ctx context.Context, ops []store.Op) (map[string]record.Record, error) {
	if j.mapping.SyncKey != "" {
		return j.readByKey(ctx, ops)
	}
	found, err := j.readByMatch(ctx, ops)
	if err != nil {
		return nil, err
	}
	rest := without(ops, found)
	rest = slices.DeleteFunc(rest, func(op store.Op) bool { return j.enforced([]store.Op{op}) })
	if len(rest) == 0 {
		return found, nil
	}
	return found, j.readByList(ctx, rest, found)
}

// readByKey reads the records that creates made, by our key.
func (j *job) readByKey(ctx context.Context, ops []store.Op) (map[string]record.Record, error) {
	property := j.mapping.SyncKey
	keys := make([]string, 0, len(ops))
	for _, op := range ops {
		keys = append(keys, op.SyncKey)
	}
	got, err := j.Client.BatchRead(ctx, j.schema.object.Name, hubspot.BatchReadRequest{IDs: keys, IDProperty: property, Properties: j.mapping.Properties, History: j.mappedNames()})
	if err != nil {
		return nil, err
	}
	found := make(map[string]record.Record, len(got.Records))
	for _, r := range got.Records {
		found[r.Properties[property].String()] = r
	}
	return found, nil
}

// readByMatch finds created records by the match keys that are unique in
// HubSpot; only those made after we sent, by HubSpot's clock, count.
func (j *job) readByMatch(ctx context.Context, ops []store.Op) (map[string]record.Record, error) {
	found := make(map[string]record.Record)
	for i, k := range j.Definition.HubSpot.Match {
		if !j.unique(k.Property) {
			continue
		}
		keys := make(map[string]store.Op)
		var ids []string
		for _, op := range ops {
			if v := j.mapping.Match[i].Canonical(op.Fields[k.Property]).String(); v != "" && keys[v].ID == 0 {
				keys[v] = op
				ids = append(ids, v)
			}
		}
		if len(ids) == 0 {
			continue
		}
		got, err := j.Client.BatchRead(ctx, j.schema.object.Name, hubspot.BatchReadRequest{IDs: ids, IDProperty: k.Property, Properties: j.mapping.Properties})
		if err != nil {
			return nil, err
		}
		for _, r := range got.Records {
			op, ok := keys[j.mapping.Match[i].Canonical(r.Properties[k.Property]).String()]
			if ok && !r.Created.Before(op.Version) {
				found[op.SyncKey] = r
			}
		}
	}
	return found, nil
}

// readByList looks for created records among all of the object type. One that
// was made since we sent and holds what was sent is ours; where several rows
// hold the same, each is as good as the other. One that only shares a match value is
// somebody's, or ours and edited since: it stands in the way of making another.
func (j *job) readByList(ctx context.Context, ops []store.Op, found map[string]record.Record) error {
	properties := map[string]bool{}
	for _, name := range j.mapping.Properties {
		properties[name] = true
	}
	for _, op := range ops {
		for name := range op.Fields {
			properties[name] = true
		}
	}
	return j.Client.ListAll(ctx, j.schema.object.Name, hubspot.ListRequest{Limit: listPage, Properties: sorted(properties)}, func(records []record.Record) error {
		for _, r := range records {
			if _, err := j.Store.RecordHolder(ctx, j.sync.ID, r.ID); err == nil {
				continue
			}
			for _, op := range ops {
				if r.Created.Before(op.Version) || found[op.SyncKey].ID != "" {
					continue
				}
				if j.holds(r.Properties, op.Fields) {
					found[op.SyncKey] = r
					break
				}
				if j.sharesMatch(r, op) {
					found[op.SyncKey] = record.Record{}
				}
			}
		}
		return nil
	})
}

// sharesMatch reports whether a record has a match value of a create.
func (j *job) sharesMatch(r record.Record, op store.Op) bool {
	theirs, mine := j.mapping.RecordMatch(r.Properties), j.mapping.RecordMatch(op.Fields)
	for i := range mine {
		for _, v := range mine[i] {
			if slices.Contains(theirs[i], v) {
				return true
			}
		}
	}
	return false
}

// matchAgain looks, right before records are made, whether one has appeared
// that a row of the plan belongs to: made since the plan, hidden by a filter, or
// not in the index yet. It reads what sees every write: the list. A match
// value that HubSpot keeps unique needs no look: a second record is refused.
func (j *job) matchAgain(ctx context.Context, pl plan.Plan) error {
	first, err := j.Store.Todo(ctx, pl.ID, 0, 1, plan.ItemCreate)
	if err != nil || len(first) == 0 || !j.mustMatchAgain() {
		return err
	}
	pull := max(j.pull, j.sync.Pull)
	err = j.Client.ListWide(ctx, j.schema.object.Name, hubspot.ListRequest{Limit: listPage, Properties: j.mapping.Properties}, func(records []record.Record) error {
		return j.seeOutside(ctx, pull, records)
	})
	if err != nil {
		return err
	}
	if err := j.Store.MatchRows(ctx, j.sync.ID, len(j.mapping.Match), string(j.Definition.Duplicates), j.syncKeyOf); err != nil {
		return err
	}
	there, err := j.Store.RecordsThere(ctx, j.sync.ID)
	if err != nil || len(there) == 0 {
		return err
	}
	return j.pages(ctx, pl, 500, func(items []plan.Item) error {
		for _, it := range items {
			if id := there[it.RowKey]; id != "" {
				why := "the record " + id + ", which has the same match value, was found in HubSpot right before this one was to be created: nothing was created"
				if err := j.appeared(ctx, pl, it, store.Op{}, why); err != nil {
					return err
				}
			}
		}
		return nil
	}, plan.ItemCreate)
}

// lookOutside reads the records that a filter hides, where rows would get new
// ones: a record that exists is not made again because it is out of scope.
func (j *job) lookOutside(ctx context.Context) (map[string]string, error) {
	if !j.filtered() || !j.Definition.Create.InHubSpot() {
		return nil, nil
	}
	if n, err := j.Store.Unmatched(ctx, j.sync.ID); err != nil || n == 0 {
		return nil, err
	}
	j.listed = j.now()
	err := j.Client.ListWide(ctx, j.schema.object.Name, hubspot.ListRequest{Limit: listPage, Properties: j.mapping.Properties}, func(records []record.Record) error {
		return j.seeOutside(ctx, j.pull, records)
	})
	if err != nil {
		return nil, err
	}
	return j.Store.Outside(ctx, j.sync.ID)
}

// mustMatchAgain reports whether a record may have appeared that the pull did
// not show and that HubSpot would let be doubled.
func (j *job) mustMatchAgain() bool {
	if !slices.ContainsFunc(j.Definition.HubSpot.Match, func(k definition.MatchKey) bool { return !j.unique(k.Property) }) {
		return false
	}
	return j.reread || j.listed.IsZero() || j.now().Sub(j.listed) >= stale
}
