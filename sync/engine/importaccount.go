package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// importAccount is what is not known yet of an import that is over: the
// operations by our key, and what HubSpot has against their rows.
type importAccount struct {
	left   map[string]int64 // key -> operation
	errors map[string]hubspot.ImportError
	since  time.Time // HubSpot's, before the import was started
}

// accountImport gives every row of an import its fate: those whose records are
// there their links, and of the others those that HubSpot refused for a value
// its words. What is left is sent in batches. Records are found by our key, which
// HubSpot keeps unique: in an export, which takes a few calls for all of them, and
// what that does not show in reads that see every write. ended is nil where the
// import can't be asked about.
func (j *job) accountImport(ctx context.Context, batch string, ended *hubspot.Import) error {
	a := &importAccount{left: make(map[string]int64), errors: make(map[string]hubspot.ImportError)}
	for after := int64(0); ; {
		ops, err := j.Store.SentOfBatch(ctx, j.sync.ID, batch, after, importPage)
		if err != nil {
			return err
		}
		if len(ops) == 0 {
			break
		}
		after = ops[len(ops)-1].ID
		for _, op := range ops {
			a.left[op.SyncKey] = op.ID
		}
		if a.since.IsZero() {
			a.since = ops[0].Version
		}
	}
	if len(a.left) == 0 {
		return nil
	}
	if ended != nil {
		if err := j.Client.ImportErrors(ctx, ended.ID, func(some []hubspot.ImportError) error {
			for _, x := range some {
				if len(x.Row) > 0 && a.errors[x.Row[0]].Type == "" {
					a.errors[x.Row[0]] = x
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	if ended == nil || ended.State != hubspot.ImportFailed || ended.Written() > 0 {
		if err := j.readImported(ctx, a); err != nil {
			return err
		}
	}
	return j.notImported(ctx, a, ended)
}

// exportLeast is how many records are exported rather than read a hundred at a
// time, and exportTries how often: an export may be behind, as search is.
const (
	exportLeast = 1_000
	exportTries = 3
)

// readImported finds the records of an import and links them.
func (j *job) readImported(ctx context.Context, a *importAccount) error {
	for try := range exportTries {
		if len(a.left)-len(a.errors) < exportLeast || !j.mayExport() {
			break
		}
		if try > 0 {
			if err := j.wait(ctx, 30*time.Second, "HubSpot to show what it imported"); err != nil {
				return err
			}
		}
		before := len(a.left)
		if err := j.exportImported(ctx, a); err != nil {
			if fatal(err) && !hubspot.IsScopes(err) || ctx.Err() != nil {
				return err
			}
			var he *hubspot.Error
			if lost := (*hubspot.TransportError)(nil); !errors.As(err, &he) && !errors.As(err, &lost) {
				return err // not HubSpot's: the disk, the workspace
			}
			j.note("HubSpot gave no export of what it imported (%v), so the records were read %d at a time.", err, batchSize)
			break
		}
		if len(a.left) == before {
			break
		}
	}
	// Those with errors too: HubSpot may have made the record and left a value out.
	keys := slices.Sorted(maps.Keys(a.left))
	for some := range slices.Chunk(keys, batchSize) {
		got, err := j.Client.BatchRead(ctx, j.schema.object.Name, hubspot.BatchReadRequest{IDs: some, IDProperty: j.mapping.SyncKey, Properties: slices.Concat(j.mapping.Properties, j.sourceOfRecords())})
		if err != nil {
			return err
		}
		if err := j.imported(ctx, a, got.Records); err != nil {
			return err
		}
	}
	return nil
}

// exportImported links the records of an import that an export shows: those that
// have our key and changed since the import was started.
func (j *job) exportImported(ctx context.Context, a *importAccount) error {
	o := j.schema.object
	req := j.exportRequest("Syncline import")
	req.Properties = slices.Concat(req.Properties, j.sourceOfRecords())
	req.Groups = [][]hubspot.Filter{{{Property: j.mapping.SyncKey, Operator: hubspot.HasProperty},
		{Property: o.ModifiedProperty, Operator: hubspot.GTE, Value: strconv.FormatInt(a.since.Add(-time.Minute).UnixMilli(), 10)}}}
	seen := j.Client.Date()
	id, err := j.Client.StartExport(ctx, req)
	if err != nil {
		return err
	}
	dir, remove, err := j.Store.ScratchFolder()
	if err != nil {
		return err
	}
	x, err := j.Client.FetchExport(ctx, id, req, dir)
	if err != nil {
		return errors.Join(err, remove())
	}
	err = x.Records(importPage, func(records []record.Record) error {
		records = slices.DeleteFunc(records, func(r record.Record) bool { return a.left[r.Properties[j.mapping.SyncKey].String()] == 0 })
		ids := make([]string, len(records))
		for i, r := range records {
			ids[i] = r.ID
		}
		if err := j.imported(ctx, a, records); err != nil {
			return err
		}
		return j.Store.RecordsStood(ctx, j.sync.ID, ids, seen)
	})
	return errors.Join(err, x.Close(), remove())
}

// exportRequest asks for the mapped properties.
func (j *job) exportRequest(name string) hubspot.ExportRequest {
	req := hubspot.ExportRequest{Name: name, ObjectType: j.schema.object, Properties: j.mapping.Properties}
	for _, p := range j.schema.properties {
		if (p.Type == record.TypeDate || p.Type == record.TypeDateTime) && slices.Contains(j.mapping.Properties, p.Name) {
			req.Moments = append(req.Moments, p.Name)
		}
	}
	return req
}

// imported ends the operations of records that are there.
func (j *job) imported(ctx context.Context, a *importAccount, records []record.Record) error {
	found := make(map[string]record.Record, len(records))
	var ids []int64
	for _, r := range records {
		key := r.Properties[j.mapping.SyncKey].String()
		if id := a.left[key]; id != 0 && found[key].ID == "" {
			found[key] = r
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	ops, err := j.Store.OpsByID(ctx, ids)
	if err != nil {
		return err
	}
	pl, items, err := j.itemsOf(ctx, ops)
	if err != nil {
		return err
	}
	rows := make([]string, len(ops))
	for i, op := range ops {
		rows[i] = op.RowKey
	}
	tried, err := j.Store.CreatesInDoubt(ctx, j.sync.ID, rows)
	if err != nil {
		return err
	}
	theirs, err := j.madeElsewhere(ctx, ops, found)
	if err != nil {
		return err
	}
	if err := j.editedSince(ctx, ops, found); err != nil {
		return err
	}
	outcomes := make([]store.Outcome, 0, len(ops))
	for _, op := range ops {
		rec := found[op.SyncKey]
		delete(a.left, op.SyncKey)
		if older := !rec.Created.IsZero() && rec.Created.Before(op.Version.Add(-time.Second)); older && !tried[op.RowKey] && !backdates(j.schema.object, op) || theirs[op.SyncKey] {
			why, err := j.importChanged(ctx, op, rec)
			if err != nil {
				return err
			}
			if err := j.appeared(ctx, pl, items[op.N], op, why); err != nil {
				return err
			}
			continue
		}
		outcomes = append(outcomes, j.landedImport(pl, items[op.N], op, rec, a.errors[op.SyncKey]))
	}
	return j.finish(ctx, outcomes)
}

// backdates reports whether an operation says itself when its record was created.
func backdates(t hubspot.ObjectType, op store.Op) bool {
	return !op.Fields[t.CreatedProperty].Empty()
}

// itemsOf returns the plan of operations of one batch, and its items by number.
func (j *job) itemsOf(ctx context.Context, ops []store.Op) (plan.Plan, map[int]plan.Item, error) {
	ns := make([]int, len(ops))
	for i, op := range ops {
		ns[i] = op.N
	}
	items, err := j.Store.ItemsByID(ctx, ops[0].PlanID, ns)
	if err == nil && len(items) != len(ops) {
		err = fmt.Errorf("the journal names %d items of plan %s, of which %d are there", len(ops), ops[0].PlanID, len(items))
	}
	if err != nil {
		return plan.Plan{}, nil, err
	}
	pl, err := j.Store.Plan(ctx, ops[0].PlanID)
	return pl, itemsByN(items), err
}

// editedSince reads the histories of those records of which the values may be
// somebody's who edited them while the import went on: they changed later than
// HubSpot itself goes on to fill in, and hold something else than was sent.
func (j *job) editedSince(ctx context.Context, ops []store.Op, found map[string]record.Record) error {
	suspects := make(map[string]record.Record)
	for _, op := range ops {
		rec := found[op.SyncKey]
		late := rec.Updated.IsZero() || rec.Created.IsZero() || rec.Updated.Sub(rec.Created) >= wake || backdates(j.schema.object, op)
		if late && j.differs(op, rec) {
			suspects[op.SyncKey] = rec
		}
	}
	if err := j.addHistories(ctx, suspects); err != nil {
		return err
	}
	maps.Copy(found, suspects)
	return nil
}

// differs reports whether a record holds something else than an operation sent.
func (j *job) differs(op store.Op, rec record.Record) bool {
	for i := range j.mapping.Fields {
		f := &j.mapping.Fields[i]
		if now := rec.Properties[f.Property]; f.Direction != definition.FromHubSpot && now.State() != record.Absent && !f.Rule.Same(now, op.Fields[f.Property]) {
			return true
		}
	}
	return false
}

// landedImport ends a create whose record an import made. A value that was sent
// and that the import left out, or took for another, is not agreed on: the next
// run looks at it again.
func (j *job) landedImport(pl plan.Plan, it plan.Item, op store.Op, rec record.Record, refused hubspot.ImportError) store.Outcome {
	var o store.Outcome
	if rec.History != nil {
		o = j.landedCreate(pl, it, op, rec)
	} else {
		o = j.created(pl, it, op, rec)
	}
	o.Version = rec.Created // it may have been edited since
	// It was read back with this, after it was written.
	o.Verify = j.Definition.Verify == definition.VerifyAll || o.Verify && rec.Updated.IsZero()
	left := ""
	for _, e := range it.Edits {
		f := j.mapping.ByProperty[e.Property]
		if e.Action != plan.EditHubSpot || f == nil || rec.History != nil && len(rec.History[e.Property]) > 1 {
			continue
		}
		sent, now := mapping.Value(e.New), rec.Properties[e.Property]
		if sent.Empty() || now.State() == record.Absent || f.Rule.Same(now, sent) || !now.Empty() && j.rewritable(e.Property) {
			continue
		}
		delete(o.Source, e.Property)
		delete(o.HubSpot, e.Property)
		left = f.Title()
	}
	if left == "" {
		return o
	}
	why := fmt.Sprintf("the record was created without a value of %s, which HubSpot's import did not take as it was sent", left)
	if refused.Type != "" {
		why = "the record was created without a value: " + refused.Refusal().Message
	}
	o.Fate, o.Reason = plan.FateFailed, why
	o.Attention = &store.Attention{RowKey: it.RowKey, RecordID: rec.ID, Name: it.Name, Line: it.Line, Class: plan.ClassRefused, Cause: "Left out by HubSpot", Message: why}
	return o
}

// rewritable reports whether HubSpot may keep a value in another form than it was
// sent: a text. Of others, another value is another value.
func (j *job) rewritable(property string) bool {
	for _, p := range j.schema.properties {
		if p.Name == property {
			return p.Type != record.TypeDate && p.Type != record.TypeDateTime && p.Type != record.TypeNumber && p.Type != record.TypeBool && p.Type != record.TypeEnumeration
		}
	}
	return false
}

// notImported ends the operations of rows that have no record: with what HubSpot
// has against a value, else so that batches try them.
func (j *job) notImported(ctx context.Context, a *importAccount, ended *hubspot.Import) error {
	ids := slices.Sorted(maps.Values(a.left))
	again := 0
	for some := range slices.Chunk(ids, importPage) {
		ops, err := j.Store.OpsByID(ctx, some)
		if err != nil {
			return err
		}
		pl, items, err := j.itemsOf(ctx, ops)
		if err != nil {
			return err
		}
		var outcomes []store.Outcome
		for _, op := range ops {
			x := a.errors[op.SyncKey]
			if x.Definitive() {
				outcomes = append(outcomes, j.failed(pl, items[op.N], op, x.Refusal()))
				continue
			}
			again++
			why := errors.New("HubSpot's import made no record of it")
			if x.Type != "" {
				why = x.Refusal()
			}
			outcomes = append(outcomes, inDoubt([]store.Op{op}, why)...)
		}
		if err := j.finish(ctx, outcomes); err != nil {
			return err
		}
	}
	if ended != nil && ended.State == hubspot.ImportFailed {
		j.note("HubSpot ended an import as failed: %d of its records are created in batches.", again)
	}
	return nil
}
