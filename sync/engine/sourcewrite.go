package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
	"syncline/sync/source"
)

// writeSource brings what flows to the source into it: all at once where it is a
// file, which is replaced as a whole.
func (j *job) writeSource(ctx context.Context, pl plan.Plan) error {
	if by, ok := j.Source.(source.Rowwise); ok {
		return j.writeRows(ctx, pl, by)
	}
	for pass := range attempts {
		items, err := j.dueAtSource(ctx, pl)
		if err != nil || len(items) == 0 {
			return err
		}
		left, err := j.replaceSource(ctx, pl, items, pass+1 < attempts)
		if !errors.Is(err, source.ErrMoved) && (err != nil || !left.more) {
			return err
		}
	}
	return j.changedAgain()
}

func (j *job) changedAgain() error {
	return fmt.Errorf("%s changed again and again while it was being written: close the program that writes it and run again", j.schema.source.Location)
}

// dueAtSource returns the items that still write to the source, by what the
// records hold now.
func (j *job) dueAtSource(ctx context.Context, pl plan.Plan) ([]plan.Item, error) {
	items, err := j.toSource(ctx, pl)
	if err == nil {
		items, err = j.stillGone(ctx, pl, items)
	}
	if err == nil {
		items, err = j.recordsAgain(ctx, pl, items)
	}
	return items, err
}

// toSource returns the items that write to the source and have not done so.
func (j *job) toSource(ctx context.Context, pl plan.Plan) ([]plan.Item, error) {
	var all []plan.Item
	err := j.pages(ctx, pl, 500, func(items []plan.Item) error {
		done, err := j.Store.DoneSides(ctx, pl.ID, numbers(items))
		if err != nil {
			return err
		}
		links := make([]int64, 0, len(items))
		var matched []string // in this plan, which knows of no link of theirs
		for _, it := range items {
			if links = append(links, it.LinkID); it.LinkID == 0 && it.Kind == plan.ItemUpdate {
				matched = append(matched, it.RowKey)
			}
		}
		records, err := j.Store.RecordsOf(ctx, links)
		if err != nil {
			return err
		}
		byRow, err := j.Store.RecordsByRow(ctx, j.sync.ID, matched)
		if err != nil {
			return err
		}
		for _, it := range items {
			id := records[it.LinkID]
			if it.LinkID == 0 && it.Kind == plan.ItemUpdate {
				id = byRow[it.RowKey]
			}
			if id != "" {
				it.RecordID = id // the row may have followed a merge since the plan
			}
			if it.Has(plan.EditSource) && !done[it.N]["source"] {
				all = append(all, it)
			}
		}
		return nil
	}, plan.ItemUpdate, plan.ItemSourceCreate, plan.ItemSourceDelete)
	return all, err
}

// change is what an item writes to the source, with the types of its values.
func (j *job) change(it plan.Item) source.Change {
	c := SourceChange(it)
	if c.Kind == source.Insert {
		c.Mark = j.markOf(it.RecordID, it.RowKey)
	}
	for _, e := range it.Edits {
		if f := j.mapping.ByProperty[e.Property]; f != nil && f.Column() == e.Field && e.Action == plan.EditSource && c.Kind != source.Delete {
			c.Types[e.Field] = f.Schema.Type
			if f.Schema.FieldType == "booleancheckbox" { // portals have them as enumerations too
				c.Types[e.Field] = record.TypeBool
			}
		}
	}
	return c
}

// SourceChange is what an item of a plan would write to the source, and what it
// takes to stand there.
func SourceChange(it plan.Item) source.Change {
	c := source.Change{Kind: source.Update, Key: it.RowKey, Fields: record.Values{}, Expect: record.Values{}, Types: map[string]record.Type{}}
	switch it.Kind {
	case plan.ItemSourceCreate:
		c.Kind = source.Insert
		c.Back = !slices.ContainsFunc(it.Edits, func(e plan.Edit) bool { return e.Property != "" || e.Action != plan.EditSource })
	case plan.ItemSourceDelete:
		c.Kind = source.Delete
	}
	for _, e := range it.Edits {
		if e.Action != plan.EditSource {
			continue
		}
		if c.Kind != source.Delete {
			c.Fields[e.Field] = mapping.Value(e.New)
		}
		if c.Kind != source.Insert {
			c.Expect[e.Field] = mapping.Value(e.Old)
		}
	}
	return c
}

// replaceSource is the two-commit protocol for the source: the version before
// and after are journaled, so that after a crash its present one tells whether
// it happened. With again it leaves what moved to be decided anew.
func (j *job) replaceSource(ctx context.Context, pl plan.Plan, items []plan.Item, again bool) (left rowsLeft, err error) {
	changes := make([]source.Change, 0, len(items))
	for _, it := range items {
		changes = append(changes, j.change(it))
	}
	if _, ok := j.Source.(source.Piecewise); ok {
		if err := j.outliveRows(ctx, items, changes); err != nil {
			return left, err
		}
	}
	prepared, err := j.Source.Prepare(ctx, changes)
	var readOnly *source.ReadOnlyError
	if errors.As(err, &readOnly) {
		return left, j.sourceBlocked(ctx, pl, items, readOnly)
	}
	if err != nil {
		return left, err
	}
	defer func() { _ = prepared.Discard() }() // what it made: the next preparation sweeps it
	outcomes := prepared.Outcomes()
	rest, err := j.sparingTouched(ctx, pl, items, outcomes)
	if err == nil && len(rest) == len(items) {
		rest, err = j.sparingReused(ctx, pl, items, outcomes)
	}
	if err != nil || len(rest) == 0 {
		return left, err
	}
	if len(rest) < len(items) {
		if err := prepared.Discard(); err != nil {
			return left, err
		}
		return j.replaceSource(ctx, pl, rest, again)
	}
	late, isLate := prepared.(source.Late)
	if isLate {
		j.marked(items, changes, outcomes)
	}
	w := sourceBatch{results: make(map[int]source.Outcome), left: make(map[int]plan.Item), byN: itemsByN(items)}
	var ends []store.Outcome
	for i, it := range items {
		if outcomes[i].State == source.Done {
			w.add(it, changes[i], outcomes[i], prepared)
			continue
		}
		later, err := j.leaves(ctx, pl, it, outcomes[i], again, &left)
		if err != nil {
			return left, err
		}
		if later {
			continue
		}
		end, err := j.notWritten(ctx, pl, it, outcomes[i])
		if err != nil {
			return left, err
		}
		ends = append(ends, end)
	}
	for i := range w.ops {
		w.ops[i].PlanID = pl.ID
		if isLate {
			w.ops[i].Version = late.Since()
		}
	}
	if err := j.finish(ctx, ends); err != nil || len(w.ops) == 0 {
		return left, err
	}
	if err := j.beginBatch(ctx, w.ops); err != nil {
		return left, err
	}
	err = prepared.Commit(ctx)
	if isLate {
		j.at("answered")
		err = j.lateWritten(ctx, pl, &w, items, late, err, again, &left)
		return left, err
	}
	if _, ok := j.Source.(source.Rowwise); ok && errors.Is(err, source.ErrUnconfirmed) && ctx.Err() == nil {
		left.more = true // what did not come about is still to be written
		if unknown := errors.Join(prepared.Discard(), j.settleSource(ctx, w.ops)); unknown != nil {
			return left, errors.Join(err, unknown)
		}
		return left, nil
	}
	if errors.Is(err, source.ErrUnconfirmed) {
		return left, err // it stays as sent: the next run looks what stands there
	}
	if err != nil {
		return left, errors.Join(err, j.finish(ctx, dropped(w.ops, err)))
	}
	j.at("answered")
	return left, j.sourceWritten(ctx, pl, &w)
}

// sparingReused ends the items of new rows to which the source gave a key that
// another row had before: what is remembered of that one would be taken for
// theirs. It returns the others.
func (j *job) sparingReused(ctx context.Context, pl plan.Plan, items []plan.Item, outcomes []source.Outcome) (left []plan.Item, err error) {
	var ends []store.Outcome
	for i, it := range items {
		if it.RowKey != "" || outcomes[i].State != source.Done {
			left = append(left, it)
			continue
		}
		holder, err := j.Store.LinkedRecord(ctx, j.sync.ID, outcomes[i].Key)
		if errors.Is(err, store.ErrNotFound) || err == nil && holder == it.RecordID {
			left = append(left, it)
			continue
		}
		if err != nil {
			return nil, err
		}
		why := fmt.Errorf("the source gave the new row the key %s, which another row had before: let it never give a key twice (in SQLite, AUTOINCREMENT), or map a property to the key", outcomes[i].Key)
		end, err := j.notWritten(ctx, pl, it, source.Outcome{State: source.Refused, Err: why})
		if err != nil {
			return nil, err
		}
		ends = append(ends, end)
	}
	return left, j.finish(ctx, ends)
}

// sourceBatch is what is written to the source at once.
type sourceBatch struct {
	ops     []store.Op
	byN     map[int]plan.Item // as they are written
	results map[int]source.Outcome
	left    map[int]plan.Item // as they were planned, where some of it was left
}

// add takes up the operation of a change that is prepared.
func (w *sourceBatch) add(it plan.Item, ch source.Change, res source.Outcome, prepared source.Prepared) {
	if ch.Kind == source.Delete {
		ch.Expect = res.Now // the whole row, to be kept before it goes
	}
	if it.RowKey == "" {
		it.RowKey = res.Key // the source gave it one
		w.byN[it.N] = it
	}
	if len(res.Left) > 0 {
		w.left[it.N] = it
		w.byN[it.N] = sparing(it, res.Left)
		for column := range res.Left {
			delete(ch.Fields, column)
			delete(ch.Expect, column)
		}
	}
	fields := ch.Fields
	if prepared.Before() == "" && ch.Kind != source.Delete {
		// What the source makes of them is known, and is what its rows will tell.
		fields = maps.Clone(fields)
		maps.Copy(fields, res.Now)
		for column := range res.Left {
			delete(fields, column)
		}
	}
	w.results[it.N] = res
	w.ops = append(w.ops, store.Op{N: it.N, LinkID: it.LinkID, Side: plan.Source, Kind: actionOf(it), RecordID: it.RecordID, RowKey: it.RowKey,
		Fields: fields, Pre: ch.Expect, Before: prepared.Before(), After: prepared.After()})
}

// sourceWritten ends the items of what has been written.
func (j *job) sourceWritten(ctx context.Context, pl plan.Plan, w *sourceBatch) error {
	ends := make([]store.Outcome, 0, len(w.ops))
	for _, op := range w.ops {
		there, err := j.holdsNow(ctx, pl, w.byN[op.N])
		if err != nil {
			return err
		}
		end := j.written(pl, w.byN[op.N], op, w.results[op.N], there)
		if it, some := w.left[op.N]; some {
			leaveOut(&end, it, w.results[op.N].Left)
		}
		ends = append(ends, end)
	}
	for chunk := range slices.Chunk(ends, 500) {
		if err := j.finish(ctx, chunk); err != nil {
			return err
		}
	}
	return nil
}

// sparing is an item without its edits of some columns of the source.
func sparing(it plan.Item, columns map[string]error) plan.Item {
	it.Edits = slices.DeleteFunc(slices.Clone(it.Edits), func(e plan.Edit) bool {
		_, left := columns[e.Field]
		return left && e.Action == plan.EditSource
	})
	return it
}

// leaveOut says of an item of which some cells were written that the others
// were refused. The next run tries those again.
func leaveOut(o *store.Outcome, it plan.Item, left map[string]error) {
	var reasons []string
	for _, column := range slices.Sorted(maps.Keys(left)) {
		reasons = append(reasons, left[column].Error())
	}
	why := strings.Join(reasons, "; ")
	o.Fate, o.Reason = plan.FateFailed, why
	o.Attention = &store.Attention{RowKey: it.RowKey, RecordID: it.RecordID, Name: it.Name, Line: it.Line, Class: plan.ClassRefused, Cause: "Refused by the source", Message: why, Payload: payload(it)}
}

// written ends an item whose cells have been written. The base of the source
// is what its cells read back as.
// there is what the record is known to hold.
func (j *job) written(pl plan.Plan, it plan.Item, op store.Op, res source.Outcome, there record.Values) store.Outcome {
	if it.Kind == plan.ItemSourceDelete {
		return j.deleted(pl, it, op, res)
	}
	o := store.Outcome{Op: op, State: plan.OpDone, PlanID: pl.ID, N: it.N, Fate: fateOf(it, it.Fate), Reason: it.Reason, Source: record.Values{}, HubSpot: record.Values{}, RowRaw: record.Values{},
		Link: &store.Link{ID: it.LinkID, RowKey: it.RowKey, RecordID: it.RecordID}}
	if pl.Kind == plan.KindUndo && it.Kind == plan.ItemSourceCreate {
		return j.putBack(o, it, op, res)
	}
	j.listInPart(&o, it)
	j.agree(&o, it.Edits)
	if !it.Has(plan.EditHubSpot) {
		j.rules(&o, it)
	}
	if it.Kind == plan.ItemSourceCreate {
		o.Rest = j.rest(op.Fields)
		o.Audit = append(o.Audit, store.Audit{RowKey: it.RowKey, RecordID: it.RecordID, Side: plan.Source, Action: plan.OpCreate, Why: it.Reason})
		for i := range j.mapping.Fields {
			f := &j.mapping.Fields[i]
			if f.Direction != definition.ToHubSpot {
				anew := it.LinkID == 0 // else the row is put back, and its pair knows what it agreed on
				if anew {
					o.Source[f.Property], o.HubSpot[f.Property] = record.None(), record.None()
				}
				if cell, given := res.Now[f.Column()]; given && f.Column() != "" { // by the source itself
					if o.RowRaw[f.Column()] = cell; anew {
						o.Source[f.Property] = known(j.asProperty(f, f.Column(), cell))
					}
					if !slices.ContainsFunc(it.Edits, func(e plan.Edit) bool { return e.Field == f.Column() && e.Action == plan.EditSource }) {
						o.Audit = append(o.Audit, store.Audit{RowKey: it.RowKey, RecordID: it.RecordID, Side: plan.Source, Field: f.Column(), Property: f.Property, Action: plan.OpCreate,
							After: mapping.Text(cell), Why: "given by the source to the new row"})
					}
				}
			}
		}
	}
	for _, e := range it.Edits {
		if e.Action != plan.EditSource {
			continue
		}
		f := j.mapping.ByProperty[e.Property]
		cell := held(res.Now, e.Field, mapping.Value(e.New))
		if slices.Contains(j.mapping.Cells, e.Field) {
			o.RowRaw[e.Field] = cell
		}
		now := cell
		if f != nil {
			if v, err := f.ToProperty(record.Values{e.Field: cell}, j.mapping.Env); err == nil {
				now = v
			}
		}
		if e.Property == "" || pl.Kind == plan.KindUndo && (f == nil || f.Column() != e.Field) { // a mark, or a column that the field map lacks or has for something else
			o.Audit = append(o.Audit, store.Audit{RowKey: it.RowKey, RecordID: it.RecordID, Side: plan.Source, Field: e.Field, Property: e.Property, Action: actionOf(it), Before: e.Old, After: mapping.Text(cell), Why: e.Reason})
			continue
		}
		o.Source[e.Property] = known(now)
		hubspot := known(held(there, e.Property, hubSpotGets(it, e.Property)))
		switch {
		case !bothSides(it, e.Property):
			hubspot = known(mapping.Value(e.HubSpot))
			o.HubSpot[e.Property] = hubspot
		case j.comesLast(pl, it, e.Property):
			o.HubSpot[e.Property] = hubspot
		}
		o.SettleBy(e, o.Source[e.Property], hubspot)
		o.Audit = append(o.Audit, store.Audit{RowKey: it.RowKey, RecordID: it.RecordID, Side: plan.Source, Field: e.Field, Property: e.Property,
			Action: actionOf(it), Before: e.Old, After: mapping.Text(cell), Why: e.Reason})
	}
	return o
}

// holdsNow returns what the record of an item is known to hold, where the item
// wrote a property of it together with the source.
func (j *job) holdsNow(ctx context.Context, pl plan.Plan, it plan.Item) (record.Values, error) {
	if !slices.ContainsFunc(it.Edits, func(e plan.Edit) bool { return j.comesLast(pl, it, e.Property) }) {
		return nil, nil
	}
	pair, err := j.Store.SeenPair(ctx, j.sync.ID, it.RowKey, it.RecordID)
	if err != nil || pair.Record == nil {
		return nil, err
	}
	return pair.Record.Values, nil
}

// hubSpotGets is what an item writes to a property in HubSpot.
func hubSpotGets(it plan.Item, property string) record.Value {
	for _, e := range it.Edits {
		if e.Property == property && e.Action == plan.EditHubSpot {
			return mapping.Value(e.New)
		}
	}
	return record.None()
}

func actionOf(it plan.Item) plan.OpKind {
	switch it.Kind {
	case plan.ItemSourceCreate:
		return plan.OpCreate
	case plan.ItemSourceDelete:
		return plan.OpDelete
	}
	return plan.OpUpdate
}

// deleted ends the deletion of a row. The whole row is kept in the audit trail,
// with the columns that the sync does not map, so that it can be put back.
func (j *job) deleted(pl plan.Plan, it plan.Item, op store.Op, res source.Outcome) store.Outcome {
	o := store.Outcome{Op: op, State: plan.OpDone, PlanID: pl.ID, N: it.N, Fate: it.Fate, Reason: it.Reason, Tomb: rowDeleted}
	if pl.Kind == plan.KindUndo {
		o.Tomb = undoneRow
	}
	j.rules(&o, it)
	entry := store.Audit{RowKey: it.RowKey, RecordID: it.RecordID, Side: plan.Source, Action: plan.OpDelete, Why: it.Reason}
	o.Audit = append(o.Audit, entry)
	row := res.Now
	if row == nil {
		row = op.Pre
	}
	for _, column := range sortedNames(row) {
		entry.Field, entry.Before = column, mapping.Text(row[column])
		o.Audit = append(o.Audit, entry)
	}
	return o
}

// putBack ends a row that an undo put back. What both sides agreed on before it
// was deleted holds again.
func (j *job) putBack(o store.Outcome, it plan.Item, op store.Op, res source.Outcome) store.Outcome {
	entry := store.Audit{RowKey: it.RowKey, RecordID: it.RecordID, Side: plan.Source, Action: plan.OpCreate, Why: it.Reason}
	o.Audit = append(o.Audit, entry)
	if it.LinkID == 0 {
		o.Link = nil // its record is another row's by now
	}
	for _, column := range sortedNames(op.Fields) {
		cell := held(res.Now, column, op.Fields[column])
		o.RowRaw[column] = cell
		entry.Field, entry.After = column, mapping.Text(cell)
		o.Audit = append(o.Audit, entry)
	}
	return o
}

func sortedNames(values record.Values) []string { return slices.Sorted(maps.Keys(values)) }

// notWritten ends an item that the source did not take: its row moved since it
// was read, or the cell can't be written.
func (j *job) notWritten(ctx context.Context, pl plan.Plan, it plan.Item, res source.Outcome) (store.Outcome, error) {
	o := j.outcome(pl, it)
	if res.State == source.Refused {
		why := "the source refused it"
		if res.Err != nil {
			why = res.Err.Error()
		}
		o.Fate, o.Reason = plan.FateFailed, why
		o.Attention = &store.Attention{RowKey: it.RowKey, RecordID: it.RecordID, Name: it.Name, Line: it.Line, Class: plan.ClassRefused, Cause: "Refused by the source", Message: why, Payload: payload(it)}
		return o, nil
	}
	if pl.Kind == plan.KindUndo {
		return keptInSource(o, it), nil
	}
	if it.Kind == plan.ItemSourceDelete {
		return j.rowStays(ctx, o, it)
	}
	if res.Now == nil && onlyBrings(it) {
		o.Fate, o.Reason, o.Aside = fateOf(it, plan.FateSkipped), rowLeft, true
		return o, nil
	}
	var conflicts []store.Conflict
	for _, e := range it.Edits {
		if e.Action != plan.EditSource {
			continue
		}
		conflicts = append(conflicts, j.conflictOf(it, j.cellMoved(e, res.Now)))
	}
	o.Fate, o.Reason = plan.FateConflict, "the row changed after the plan was made, so nothing was written to it"
	return o, j.Store.PutConflicts(ctx, j.runID, conflicts)
}

// onlyBrings reports whether an item does no more than bring a row what its record
// holds: where the row has left, nothing of it is to be decided.
func onlyBrings(it plan.Item) bool {
	return it.Kind == plan.ItemUpdate && !it.Has(plan.EditHubSpot) && !slices.ContainsFunc(it.Edits, func(e plan.Edit) bool { return e.Ruling != plan.RuleNone })
}

// keptInSource ends an item of an undo whose row was edited after the undo was
// planned: the edit stays, and is listed.
func keptInSource(o store.Outcome, it plan.Item) store.Outcome {
	o.Fate, o.Reason = plan.FateSkipped, "the row was edited in the source since and stays"
	if it.Has(plan.EditHubSpot) {
		o.Fate, o.Reason = plan.FateUpdated, "undone in HubSpot, except that the row was edited in the source since and stays"
	}
	return o
}

// sourceBlocked ends the items of a source that can't be written now: they
// fail with the reason, and the next run tries again.
func (j *job) sourceBlocked(ctx context.Context, pl plan.Plan, items []plan.Item, why *source.ReadOnlyError) error {
	outcomes := make([]store.Outcome, 0, len(items))
	for _, it := range items {
		o := j.outcome(pl, it)
		o.Fate, o.Reason = plan.FateFailed, why.Error()
		o.Attention = &store.Attention{RowKey: it.RowKey, RecordID: it.RecordID, Name: it.Name, Line: it.Line, Class: plan.ClassBlocked, Cause: "The source can't be written", Message: why.Error()}
		outcomes = append(outcomes, o)
	}
	return j.finish(ctx, outcomes)
}
