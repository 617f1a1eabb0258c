package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// creates makes the records of rows that have none.
func (j *job) creates(ctx context.Context, pl plan.Plan) error {
	if err := j.matchAgain(ctx, pl); err != nil {
		return err
	}
	if err := j.importCreates(ctx, pl); err != nil {
		return err
	}
	return j.batches(ctx, pl, j.sendCreates, plan.ItemCreate)
}

// sendCreates carries out one batch by the two-commit protocol.
func (j *job) sendCreates(ctx context.Context, pl plan.Plan, items []plan.Item) (again int, err error) {
	if items, err = j.unlinked(ctx, pl, items); err != nil {
		return 0, err
	}
	items, with, err := j.births(ctx, pl, items)
	if err != nil || len(items) == 0 {
		return 0, err
	}
	ops, err := j.createOps(ctx, pl, items)
	if err != nil {
		return 0, err
	}
	if err := j.beginBatch(ctx, ops); err != nil {
		return 0, err
	}
	inputs := make([]hubspot.CreateInput, 0, len(ops))
	for _, op := range ops {
		inputs = append(inputs, hubspot.CreateInput{Properties: op.Fields, TraceID: op.TraceID, Associations: with[op.RowKey]})
	}
	got, err := j.Client.BatchCreate(ctx, j.schema.object.Name, inputs)
	j.at("answered")
	if err != nil {
		return j.createsFailed(ctx, pl, items, ops, err)
	}
	return j.createsAnswered(ctx, pl, items, ops, got, with)
}

// createOps are the operations that make the records of items.
func (j *job) createOps(ctx context.Context, pl plan.Plan, items []plan.Item) ([]store.Op, error) {
	ops := make([]store.Op, 0, len(items))
	keys, err := j.createKeys(ctx, items)
	if err != nil {
		return nil, err
	}
	sending := j.Client.Date() // what is made of them was made after it
	for i, it := range items {
		op := store.Op{PlanID: pl.ID, N: it.N, Side: plan.HubSpot, Kind: plan.OpCreate, LinkID: it.LinkID, RowKey: it.RowKey, SyncKey: keys[i], Version: sending, Fields: make(record.Values, len(it.Edits)+1), Pre: record.Values{}}
		for _, e := range it.Edits {
			if e.Action == plan.EditHubSpot {
				op.Fields[e.Property] = mapping.Value(e.New)
			}
		}
		if j.mapping.SyncKey != "" {
			op.Fields[j.mapping.SyncKey] = record.Text(op.SyncKey)
		}
		ops = append(ops, op)
	}
	return ops, nil
}

// unlinked ends the items whose rows got a record after the plan was made, and
// returns the others. An item that names a link makes a new record for it.
func (j *job) unlinked(ctx context.Context, pl plan.Plan, items []plan.Item) ([]plan.Item, error) {
	keys := make([]string, 0, len(items))
	for _, it := range items {
		if it.LinkID == 0 {
			keys = append(keys, it.RowKey)
		}
	}
	linked, err := j.Store.RowRecords(ctx, j.sync.ID, keys)
	if err != nil || len(linked) == 0 {
		return items, err
	}
	var rest []plan.Item
	var outcomes []store.Outcome
	for _, it := range items {
		id := linked[it.RowKey]
		if it.LinkID != 0 || id == "" {
			rest = append(rest, it)
			continue
		}
		o := j.outcome(pl, it)
		o.Fate, o.Reason = plan.FateSkipped, fmt.Sprintf("the row got the record %s after the plan was made: no other is made for it", id)
		outcomes = append(outcomes, o)
	}
	return rest, j.finish(ctx, outcomes)
}

// createsFailed handles a batch that failed as a whole.
func (j *job) createsFailed(ctx context.Context, pl plan.Plan, items []plan.Item, ops []store.Op, err error) (int, error) {
	if hubspot.Unknown(err) {
		return j.settle(ctx, ops, err)
	}
	if fatal(err) {
		return 0, errors.Join(err, j.finish(ctx, dropped(ops, err)))
	}
	if len(items) == 1 {
		return j.createRefused(ctx, pl, items[0], ops[0], err)
	}
	if err := j.finish(ctx, dropped(ops, err)); err != nil {
		return 0, err
	}
	return halves(ctx, pl, items, j.sendCreates)
}

// halves sends a batch that was refused as a whole in two parts, until only
// the culprits are refused.
func halves(ctx context.Context, pl plan.Plan, items []plan.Item, do send) (int, error) {
	half := len(items) / 2
	first, err := do(ctx, pl, items[:half])
	if err != nil {
		return first, err
	}
	second, err := do(ctx, pl, items[half:])
	return first + second, err
}

// createRefused ends one create that HubSpot refused. Where a value that must
// be unique is taken, an earlier attempt of ours may have landed after all; else
// somebody made that record, and it is not ours to count or to double.
func (j *job) createRefused(ctx context.Context, pl plan.Plan, it plan.Item, op store.Op, refused error) (int, error) {
	if !taken(refused) {
		return 0, j.finish(ctx, []store.Outcome{j.failed(pl, it, op, refused)})
	}
	if j.mapping.SyncKey != "" {
		found, err := j.readByKey(hubspot.UseReserve(ctx), []store.Op{op})
		if err != nil && hubspot.Unknown(err) {
			return j.settle(ctx, []store.Op{op}, err)
		}
		if err != nil {
			return 0, err
		}
		if rec, ok := found[op.SyncKey]; ok {
			tried, err := j.Store.CreateInDoubt(ctx, j.sync.ID, op.RowKey)
			if err != nil {
				return 0, err
			}
			if tried {
				return 0, j.finish(ctx, []store.Outcome{j.landedCreate(pl, it, op, rec)})
			}
			return 0, j.appeared(ctx, pl, it, op, fmt.Sprintf("another run, of another workspace, made the record %s for this row in the meantime: nothing was created", rec.ID))
		}
		if strings.Contains(refused.Error(), j.mapping.SyncKey) && j.takeFreshKey(op.RowKey) {
			// Only an archived record can bear it: HubSpot keeps its values unique, and will not give it back.
			return 1, j.finish(ctx, dropped([]store.Op{op}, refused))
		}
	}
	return 0, j.appeared(ctx, pl, it, op, "HubSpot has a record with the same unique value already, so nothing was created: "+j.told(it, refused))
}

// createKeys are our keys for the records of items' rows. Where another row, which
// had the same key before its present one, is known by one of them, the row gets
// one that names that link: the same one each time it is asked for.
func (j *job) createKeys(ctx context.Context, items []plan.Item) ([]string, error) {
	keys := make([]string, len(items))
	for i, it := range items {
		keys[i] = j.createKeyOf(it)
	}
	held, err := j.Store.SyncKeyLinks(ctx, j.sync.ID, keys)
	if err != nil || len(held) == 0 {
		return keys, err
	}
	for i, it := range items {
		if l, taken := held[keys[i]]; taken && l.RowKey != it.RowKey {
			keys[i] = j.createKeyOf(it, fmt.Sprintf("link %d", l.ID))
		}
	}
	return keys, nil
}

// createKeyOf is our key for the record of an item's row, told from others of the
// same row by what it is led by.
func (j *job) createKeyOf(it plan.Item, leads ...string) string {
	key := createKey(it)
	j.noting.Lock()
	defer j.noting.Unlock()
	if lead := j.freshKeys[it.RowKey]; lead != "" {
		leads = append(leads, lead)
	}
	for _, lead := range leads {
		key += "\x00" + lead
	}
	return j.syncKeyOf(key)
}

// takeFreshKey lets a row's record be made under another key than before, once
// in a run.
func (j *job) takeFreshKey(rowKey string) bool {
	j.noting.Lock()
	defer j.noting.Unlock()
	if j.freshKeys[rowKey] != "" {
		return false
	}
	if j.freshKeys == nil {
		j.freshKeys = make(map[string]string)
	}
	j.freshKeys[rowKey] = j.runID
	return true
}

// taken tells whether a refusal is one that another record causes: a value that
// must be unique is taken.
func taken(err error) bool {
	return hubspot.IsConflict(err) || strings.Contains(err.Error(), "already has that value")
}

// appeared ends a create whose record is there already, though the plan did not
// know of it. The next run matches the row with it, or says why it can't.
func (j *job) appeared(ctx context.Context, pl plan.Plan, it plan.Item, op store.Op, why string) error {
	o := j.outcome(pl, it)
	o.Fate, o.Reason = plan.FateConflict, why
	if op.ID != 0 {
		o.Op, o.State, o.Err, o.Unlink = op, plan.OpFailed, why, true
	}
	c := store.Conflict{SyncID: j.sync.ID, RowKey: it.RowKey, Name: it.Name, Cause: plan.CauseAppeared, Reason: why}
	if err := j.Store.PutConflicts(ctx, j.runID, []store.Conflict{c}); err != nil {
		return err
	}
	return j.finish(ctx, []store.Outcome{o})
}

// createsAnswered ends the operations that the answer speaks of; those that it
// does not are of unknown outcome.
func (j *job) createsAnswered(ctx context.Context, pl plan.Plan, items []plan.Item, ops []store.Op, got hubspot.BatchResult, with map[string][]hubspot.Edge) (again int, err error) {
	byN := itemsByN(items)
	failures := make(map[string]error, len(got.Failures))
	for _, f := range got.Failures {
		failures[f.TraceID] = f.Err
	}
	left := make([]store.Op, 0, len(ops))
	for _, op := range ops {
		refused, ok := failures[op.TraceID]
		if !ok {
			left = append(left, op)
			continue
		}
		n, err := j.createRefused(ctx, pl, byN[op.N], op, refused)
		again += n
		if err != nil {
			return again, err
		}
	}
	// Successes carry no trace id; they are known by our key, else by what they hold.
	outcomes := make([]store.Outcome, 0, len(got.Records))
	complete := len(got.Records) == len(left)
	made := 0 // of the first ones of left: HubSpot mostly answers in the order of the inputs
	for _, rec := range got.Records {
		i := j.createdBy(left[made:], rec, complete)
		if i < 0 {
			continue
		}
		op := left[made+i]
		outcomes = append(outcomes, j.created(pl, byN[op.N], op, rec))
		j.bore(rec.ID, with[op.RowKey])
		copy(left[made+1:], left[made:made+i])
		made++
	}
	left = left[made:]
	if err := j.finish(ctx, outcomes); err != nil {
		return again, err
	}
	if len(left) == 0 {
		return again, nil
	}
	n, err := j.settle(ctx, left, fmt.Errorf("HubSpot's answer left out %d of %d inputs", len(left), len(ops)))
	return again + n, err
}

// createdBy finds the operation that made a record: by our key; else the only
// one whose values it holds.
func (j *job) createdBy(ops []store.Op, rec record.Record, complete bool) int {
	if key := rec.Properties[SyncKeyProperty].String(); key != "" {
		for i, op := range ops {
			if op.SyncKey == key {
				return i
			}
		}
		return -1
	}
	found := -1
	for i, op := range ops {
		if !j.holds(rec.Properties, op.Fields) {
			continue
		}
		if found >= 0 {
			// Two inputs with the same values: either record is as good as the other,
			// if all of them were made.
			if complete {
				return found
			}
			return -1
		}
		found = i
	}
	return found
}

// holds reports whether properties hold the values that were sent; one that
// the answer does not show says nothing.
func (j *job) holds(properties, sent record.Values) bool {
	for name, v := range sent {
		now := properties[name]
		if now.State() == record.Absent {
			continue
		}
		if f := j.mapping.ByProperty[name]; f != nil && !f.Rule.Same(now, v) {
			return false
		}
	}
	return true
}

// created ends a create that happened.
func (j *job) created(pl plan.Plan, it plan.Item, op store.Op, rec record.Record) store.Outcome {
	fields := len(j.mapping.Fields)
	o := store.Outcome{Op: op, State: plan.OpDone, PlanID: pl.ID, N: it.N, Verify: j.Definition.Verify != definition.VerifyNone, Fate: plan.FateCreated, Reason: it.Reason, Source: make(record.Values, fields), HubSpot: make(record.Values, fields),
		Link:   &store.Link{RowKey: op.RowKey, RecordID: rec.ID, SyncKey: op.SyncKey},
		Record: &store.RecordSeen{ID: rec.ID, Values: make(record.Values, fields), Updated: rec.Updated, Read: j.now()}, Version: rec.Updated}
	o.Audit = make([]store.Audit, 0, 1+len(it.Edits))
	o.Audit = append(o.Audit, store.Audit{RowKey: op.RowKey, RecordID: rec.ID, Side: plan.HubSpot, Action: plan.OpCreate, Why: it.Reason})
	// Every field that flows to HubSpot is agreed on now: the empty ones too, with what HubSpot
	// gave them by default.
	for i := range j.mapping.Fields {
		f := &j.mapping.Fields[i]
		if f.Direction != definition.FromHubSpot {
			now := known(rec.Properties[f.Property])
			o.Source[f.Property], o.HubSpot[f.Property], o.Record.Values[f.Property] = record.None(), now, now
		}
	}
	j.rules(&o, it)
	j.agree(&o, it.Edits)
	o.Identities = j.identities(it, rec)
	if j.mapping.SyncKey != "" {
		o.Identities = append(o.Identities, store.Identity{Ord: -1, New: op.SyncKey})
	}
	for _, e := range it.Edits {
		if f := j.mapping.ByProperty[e.Property]; f != nil && e.Action == plan.EditAdopt {
			now := known(j.mapping.RecordValues(rec.Properties)[e.Property])
			o.Source[e.Property], o.HubSpot[e.Property], o.Record.Values[e.Property] = known(mapping.Value(e.Source)), now, now
		}
	}
	for _, e := range it.Edits {
		if e.Action != plan.EditHubSpot {
			continue
		}
		now := held(rec.Properties, e.Property, mapping.Value(e.New))
		o.Source[e.Property], o.HubSpot[e.Property], o.Record.Values[e.Property] = known(mapping.Value(e.Source)), known(now), now
		o.Audit = append(o.Audit, store.Audit{RowKey: op.RowKey, RecordID: rec.ID, Side: plan.HubSpot, Field: e.Field, Property: e.Property, Action: plan.OpCreate, After: mapping.Text(now), Why: e.Reason})
	}
	return o
}

// held is what the target holds after a write: what it answered, else what was
// sent.
func held(properties record.Values, name string, sent record.Value) record.Value {
	if now := properties[name]; now.State() != record.Absent {
		return now
	}
	return sent
}
