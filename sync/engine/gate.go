package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// Every write over a record that exists goes through this gate: the records of
// a batch are read; what no longer is as the decision took it to be is put
// aside; the intent is committed; and what is left is sent. Reading and
// sending are one unit for every limit, so that one round trip lies between
// them and nothing else. HubSpot has no conditional write, so what is changed
// within that round trip is written over; verify finds it.

// resolveRounds is how often a record may move between two looks at it before
// a person is asked.
const resolveRounds = 5

// breath is what one reading and writing of a batch came to.
type breath struct {
	ids   []string
	items []plan.Item // sent, in the order of ops
	ops   []store.Op
	moved []movedItem     // not sent: the record is not as the plan took it to be
	ends  []store.Outcome // of items that came to nothing
	read  hubspot.BatchReadResult
	sent  bool
	got   hubspot.BatchResult
	err   error // of the write
}

// movedItem is an item whose record changed since the plan, with the record as
// it was found; nil when it did not answer.
type movedItem struct {
	item plan.Item
	now  *record.Record
}

// updates writes the records whose properties change.
func (j *job) updates(ctx context.Context, pl plan.Plan) error {
	return j.batches(ctx, pl, j.sendUpdates, plan.ItemUpdate)
}

// sendUpdates carries out one batch. What moved since the plan is resolved
// again, and what that leaves to be written is written in a further batch.
func (j *job) sendUpdates(ctx context.Context, pl plan.Plan, items []plan.Item) (again int, err error) {
	items, err = j.toHubSpot(ctx, pl, items)
	for round := 0; err == nil && len(items) > 0; round++ {
		var held []plan.Item
		if items, held, err = j.outlived(ctx, items); err != nil {
			return again, err
		}
		if len(held) > 0 {
			n, err := j.sendHeld(ctx, pl, items, held)
			return again + n, err
		}
		var b breath
		err = j.Client.Unit(ctx, j.schema.object.Name, j.reach(items), func(ctx context.Context) error {
			b = breath{}
			return j.breathe(ctx, pl, items, &b)
		})
		if err != nil {
			return again, err
		}
		n, aerr := j.account(ctx, pl, &b)
		again += n
		if aerr == nil {
			aerr = j.finish(ctx, b.ends)
		}
		if aerr != nil {
			return again, aerr
		}
		items, err = j.resolveAgain(ctx, pl, &b, round)
	}
	return again, err
}

// outlived parts the items that may be written now from those that are held: an
// earlier request to the same record may still take effect and would undo what
// they write. The same values may be sent again at once, since it makes no
// difference which of both requests comes last.
func (j *job) outlived(ctx context.Context, items []plan.Item) (free, held []plan.Item, err error) {
	all, err := j.Store.UpdatesInDoubt(ctx, j.sync.ID, j.now().Add(-landsLater))
	if err != nil || len(all) == 0 {
		return items, nil, err
	}
	byRecord := make(map[string][]store.Op, len(all))
	for _, op := range all {
		byRecord[op.RecordID] = append(byRecord[op.RecordID], op)
	}
	for _, it := range items {
		if slices.ContainsFunc(byRecord[it.RecordID], func(op store.Op) bool { return j.undoes(op, it) }) {
			held = append(held, it)
		} else {
			free = append(free, it)
		}
	}
	return free, held, nil
}

// undoes reports whether an operation would write over what an item writes.
func (j *job) undoes(op store.Op, it plan.Item) bool {
	return slices.ContainsFunc(it.Edits, func(e plan.Edit) bool {
		late, ok := op.Fields[e.Property]
		return e.Action == plan.EditHubSpot && ok && !j.sameValue(e.Property, late, mapping.Value(e.New))
	})
}

// sendHeld carries out a batch some of whose items have to wait.
func (j *job) sendHeld(ctx context.Context, pl plan.Plan, items, held []plan.Item) (again int, err error) {
	if len(items) > 0 {
		if again, err = j.sendUpdates(ctx, pl, items); err != nil {
			return again, err
		}
	}
	all, err := j.Store.UpdatesInDoubt(ctx, j.sync.ID, j.now().Add(-landsLater))
	if err != nil {
		return again, err
	}
	var last time.Time
	for _, op := range all {
		if op.Sent.After(last) && slices.ContainsFunc(held, func(it plan.Item) bool { return it.RecordID == op.RecordID }) {
			last = op.Sent
		}
	}
	if left := landsLater - j.now().Sub(last); left > 0 && !last.IsZero() {
		if err := j.wait(ctx, min(left, landsLater)+time.Millisecond, "a request without an answer, which may still take effect"); err != nil {
			return again, err
		}
	}
	n, err := j.sendUpdates(ctx, pl, held)
	return again + n, err
}

// toHubSpot leaves out the items that write nothing to HubSpot, or have done
// so before the run was interrupted.
func (j *job) toHubSpot(ctx context.Context, pl plan.Plan, items []plan.Item) ([]plan.Item, error) {
	done, err := j.Store.DoneSides(ctx, pl.ID, numbers(items))
	if err != nil {
		return nil, err
	}
	var todo []plan.Item
	for _, it := range items {
		if it.Has(plan.EditHubSpot) && !done[it.N][plan.HubSpot] {
			todo = append(todo, it)
		}
	}
	return todo, nil
}

func numbers(items []plan.Item) []int {
	all := make([]int, 0, len(items))
	for _, it := range items {
		all = append(all, it.N)
	}
	return all
}

// breathe reads the records of a batch and writes those that are as their
// items took them to be.
func (j *job) breathe(ctx context.Context, pl plan.Plan, items []plan.Item, b *breath) (err error) {
	for _, it := range items {
		b.ids = append(b.ids, it.RecordID)
	}
	b.read, err = j.Client.BatchRead(ctx, j.schema.object.Name, hubspot.BatchReadRequest{IDs: b.ids, Properties: j.mapping.Properties})
	if err != nil {
		return err
	}
	j.at("read")
	now := make(map[string]*record.Record, len(b.read.Records))
	for i := range b.read.Records {
		now[b.read.Records[i].ID] = &b.read.Records[i]
	}
	for _, it := range items {
		rec := now[it.RecordID]
		if rec != nil {
			others, err := j.marksOthers(ctx, it, rec)
			if err != nil {
				return err
			}
			if len(others) > 0 {
				o := j.outcome(pl, it)
				o.Fate, o.Reason = plan.FateSkipped, fmt.Sprintf("the row left the source, but its record was merged with that of a row that is there (key %s): it is not marked", quoted(others))
				b.ends = append(b.ends, o)
				continue
			}
		}
		if rec == nil || !j.still(ctx, &it, rec) {
			b.moved = append(b.moved, movedItem{it, rec})
			continue
		}
		b.items = append(b.items, it)
		b.ops = append(b.ops, updateOp(pl, it, rec))
	}
	if len(b.ops) == 0 {
		return nil
	}
	if err := j.beginBatch(ctx, b.ops); err != nil {
		return err
	}
	inputs := make([]hubspot.UpdateInput, 0, len(b.ops))
	for _, op := range b.ops {
		inputs = append(inputs, hubspot.UpdateInput{ID: op.RecordID, Properties: op.Fields, TraceID: op.TraceID})
	}
	b.sent = true
	if b.err = j.stepBack(ctx, b); b.err == nil {
		b.got, b.err = j.Client.BatchUpdate(ctx, j.schema.object.Name, inputs)
	}
	if b.err == nil {
		b.certain()
	}
	j.at("answered")
	if hubspot.IsStale(b.err) {
		// It changed nothing; what was read ages while it waits, so both are done again.
		if err := j.finish(ctx, dropped(b.ops, b.err)); err != nil {
			return err
		}
		return b.err
	}
	return nil
}

// marksOthers returns the rows that are there and whose records were merged, since
// both sides were read, into one that an item would mark because its own row is gone.
func (j *job) marksOthers(ctx context.Context, it plan.Item, rec *record.Record) ([]string, error) {
	merged := rec.Properties[mapping.Merged]
	if merged.Empty() || !slices.ContainsFunc(it.Edits, func(e plan.Edit) bool { return e.Ruling == plan.RuleFlag && e.Action == plan.EditHubSpot }) {
		return nil, nil
	}
	return j.Store.RowsOf(ctx, j.sync.ID, strings.Split(merged.String(), ";"), it.RowKey)
}

// still reports whether a record holds what the item's edits take it to hold.
// It brings what they say of it up to the form that was read just now.
func (j *job) still(ctx context.Context, it *plan.Item, rec *record.Record) bool {
	edits := append([]plan.Edit(nil), it.Edits...)
	for i, e := range edits {
		f := j.mapping.ByProperty[e.Property]
		if e.Action != plan.EditHubSpot {
			continue
		}
		now := rec.Properties[e.Property]
		if f != nil && !f.Rule.Same(now, mapping.Value(e.HubSpot)) && !j.steppedBack(ctx, *it, e, now) {
			return false
		}
		if f == nil && now.String() != mapping.Value(e.HubSpot).String() {
			return false
		}
		edits[i].HubSpot = mapping.Text(now)
	}
	it.Edits = edits
	return true
}

// updateOp is the operation of an item over a record as it was read.
func updateOp(pl plan.Plan, it plan.Item, rec *record.Record) store.Op {
	op := store.Op{PlanID: pl.ID, N: it.N, LinkID: it.LinkID, Side: plan.HubSpot, Kind: plan.OpUpdate, RecordID: it.RecordID, RowKey: it.RowKey,
		Fields: record.Values{}, Pre: record.Values{}, Version: rec.Updated}
	for _, e := range it.Edits {
		if e.Action == plan.EditHubSpot {
			op.Fields[e.Property], op.Pre[e.Property] = known(mapping.Value(e.New)), known(mapping.Value(e.HubSpot))
		}
	}
	return op
}

// account ends what was sent by what HubSpot answered.
func (j *job) account(ctx context.Context, pl plan.Plan, b *breath) (again int, err error) {
	switch {
	case !b.sent:
		return 0, nil
	case b.err == nil:
		return j.updatesAnswered(ctx, pl, b.items, b.ops, b.got)
	case hubspot.Unknown(b.err):
		return j.settle(ctx, b.ops, b.err)
	case fatal(b.err):
		return 0, errors.Join(b.err, j.finish(ctx, dropped(b.ops, b.err)))
	case len(b.items) == 1:
		if rest, ok := j.without(b.items[0], b.err); ok {
			if err := j.finish(ctx, dropped(b.ops, b.err)); err != nil {
				return 0, err
			}
			return j.sendUpdates(ctx, pl, []plan.Item{rest})
		}
		return 0, j.finish(ctx, []store.Outcome{j.failed(pl, b.items[0], b.ops[0], b.err)})
	}
	if err := j.finish(ctx, dropped(b.ops, b.err)); err != nil {
		return 0, err
	}
	return halves(ctx, pl, b.items, j.sendUpdates)
}

// resolveAgain decides anew what moved, and returns what is still to be
// written.
func (j *job) resolveAgain(ctx context.Context, pl plan.Plan, b *breath, round int) ([]plan.Item, error) {
	var lost []string
	for _, m := range b.moved {
		if m.now == nil {
			lost = append(lost, m.item.RecordID)
			if err := j.keepMatch(ctx, m.item, b.read.Moved); err != nil {
				return nil, err
			}
		}
	}
	if len(lost) > 0 {
		if err := j.classify(ctx, lost, b.read); err != nil {
			return nil, err
		}
	}
	var left []plan.Item
	for _, m := range b.moved {
		it, err := j.resolveMoved(ctx, pl, m, round)
		if err != nil {
			return nil, err
		}
		if it.Has(plan.EditHubSpot) {
			left = append(left, it)
		}
	}
	return left, nil
}

// keepMatch keeps the pair of an item that was matched in this plan and whose
// record was merged before anything linked them: the row follows the record,
// while the survivor may have none of its match values.
func (j *job) keepMatch(ctx context.Context, it plan.Item, into map[string]string) error {
	if it.LinkID != 0 || it.Kind != plan.ItemUpdate || into[it.RecordID] == "" {
		return nil
	}
	return j.Store.KeepMatch(ctx, j.sync.ID, j.runID, it.RowKey, it.RecordID)
}

// resolveMoved decides one item anew. A plan that a person saw is never
// changed into another one: there, what moved waits for a person. The item that it
// returns has no edits where it is ended.
func (j *job) resolveMoved(ctx context.Context, pl plan.Plan, m movedItem, round int) (plan.Item, error) {
	switch {
	case pl.Kind == plan.KindUndo && m.now != nil:
		return j.keepEdited(ctx, pl, m.item, *m.now)
	case m.now == nil && (j.reread || pl.Kind == plan.KindUndo):
		return plan.Item{}, j.finish(ctx, []store.Outcome{j.vanished(pl, m.item)})
	case m.now != nil && (j.reread || round+1 >= resolveRounds):
		return j.moved(ctx, pl, m.item, *m.now)
	}
	return j.replan(ctx, pl, m.item, m.now)
}

// vanished ends an item whose record did not answer: the next run finds out
// more, and the row stays among the failed ones until then.
func (j *job) vanished(pl plan.Plan, it plan.Item) store.Outcome {
	why := fmt.Sprintf("the record %s was archived or merged in HubSpot after the plan was made, so nothing was written; the next run decides about its row anew", it.RecordID)
	o := j.outcome(pl, it)
	o.Fate, o.Reason = plan.FateFailed, why
	o.Attention = &store.Attention{RowKey: it.RowKey, RecordID: it.RecordID, Name: it.Name, Line: it.Line, Class: plan.ClassBlocked, Cause: "Record is gone", Message: why}
	return o
}

// replan resolves a pair by what was just read of its record, as a plan would.
func (j *job) replan(ctx context.Context, pl plan.Plan, it plan.Item, now *record.Record) (plan.Item, error) {
	pair, err := j.Store.PairNow(ctx, j.sync.ID, it.LinkID, it.RowKey, it.RecordID)
	if err == nil {
		err = j.keepAgreed(ctx, pl, it, &pair)
	}
	if err != nil {
		return it, err
	}
	if now != nil {
		values := j.mapping.RecordValues(now.Properties)
		inScope := pair.Record == nil || pair.Record.InScope
		pair.Record = &store.RecordSeen{ID: now.ID, Hash: j.mapping.Hash(values), Values: values, Updated: now.Updated, Read: j.now(), InScope: inScope}
	}
	p, err := j.planAgain(ctx, pl, it.RowKey)
	if err != nil {
		return it, err
	}
	if err := p.pair(ctx, pair); err != nil {
		return it, err
	}
	if err := p.planUndated(ctx); err != nil {
		return it, err
	}
	fresh := plan.Item{N: it.N, Kind: plan.ItemLink, Fate: plan.FateUnchanged, Reason: "both sides hold the same now", LinkID: it.LinkID, RowKey: it.RowKey,
		RecordID: pair.Link.RecordID, Line: it.Line, Name: it.Name}
	if len(p.items) > 0 {
		fresh = p.items[0]
		fresh.N = it.N
	}
	if err := j.Store.CloseConflicts(ctx, p.outdated, "the field changed since"); err != nil {
		return it, err
	}
	if err := j.Store.PutConflicts(ctx, j.runID, p.conflicts); err != nil {
		return it, err
	}
	if err := j.Store.ReplaceEdits(ctx, pl.ID, it.N, fresh.Edits); err != nil {
		return it, err
	}
	o := j.outcome(pl, fresh)
	o.Record = pair.Record
	if fresh.Kind != plan.ItemUpdate {
		o = j.quietOutcome(pl, fresh)
		if pair.Record != nil && pair.Record.Gone == "" {
			o.Record = pair.Record
		}
		return plan.Item{}, j.finish(ctx, []store.Outcome{o})
	}
	return fresh, j.finish(ctx, []store.Outcome{o})
}

// keepAgreed moves the base of a pair that is about to be decided anew to what both
// sides were found to agree on when they were read: what changed since is an edit
// of one side.
func (j *job) keepAgreed(ctx context.Context, pl plan.Plan, it plan.Item, pair *store.Pair) error {
	o := store.Outcome{PlanID: pl.ID, N: it.N, Source: record.Values{}, HubSpot: record.Values{}}
	for _, e := range it.Edits {
		if e.Action == plan.EditAdopt && e.Choice == 0 {
			o.Source[e.Property], o.HubSpot[e.Property] = known(mapping.Value(e.Source)), known(mapping.Value(e.HubSpot))
		}
	}
	if len(o.Source) == 0 || pair.Base == nil {
		return nil
	}
	maps.Copy(pair.Base.Source, o.Source)
	maps.Copy(pair.Base.HubSpot, o.HubSpot)
	o.Link = &store.Link{ID: pair.Link.ID, RowKey: it.RowKey, RecordID: pair.Link.RecordID}
	return j.finish(ctx, []store.Outcome{o})
}

// planAgain is a planner for one row of a plan that is being applied.
func (j *job) planAgain(ctx context.Context, pl plan.Plan, rowKey string) (*planner, error) {
	live, err := j.Store.LiveConflictsOf(ctx, j.sync.ID, rowKey)
	p := newPlanner(j)
	p.plan, p.open = pl, map[string][]store.Conflict{rowKey: live}
	return p, err
}

// moved takes the edits out of an item whose property holds something else
// than the plan saw. If it holds what we would write, the sides agree; else it is a
// conflict.
func (j *job) moved(ctx context.Context, pl plan.Plan, it plan.Item, rec record.Record) (plan.Item, error) {
	now := j.mapping.RecordValues(rec.Properties)
	o := j.outcome(pl, it)
	o.Link = &store.Link{ID: it.LinkID, RowKey: it.RowKey, RecordID: it.RecordID}
	o.Record = &store.RecordSeen{ID: it.RecordID, Values: now, Updated: rec.Updated, Read: j.now()}
	var conflicts []store.Conflict
	var kept []plan.Edit
	for _, e := range it.Edits {
		f := j.mapping.ByProperty[e.Property]
		if e.Action != plan.EditHubSpot || f == nil || f.Rule.Same(now[e.Property], mapping.Value(e.HubSpot)) {
			kept = append(kept, e)
			continue
		}
		if f.Rule.Same(now[e.Property], mapping.Value(e.New)) {
			o.Source[e.Property], o.HubSpot[e.Property] = known(mapping.Value(e.Source)), known(now[e.Property])
			o.Settle(e)
			continue
		}
		e.Action, e.HubSpot, e.Cause = plan.EditConflict, mapping.Text(now[e.Property]), plan.CauseMoved
		e.Reason = "HubSpot changed after the plan was made, so nothing was written"
		conflicts = append(conflicts, j.conflictOf(it, e))
		kept = append(kept, e)
	}
	it.Edits = kept
	if err := j.Store.PutConflicts(ctx, j.runID, conflicts); err != nil {
		return it, err
	}
	if err := j.Store.ReplaceEdits(ctx, pl.ID, it.N, kept); err != nil {
		return it, err
	}
	if !it.Has(plan.EditHubSpot) && !it.Has(plan.EditSource) {
		o.Fate, o.Reason = fateOf(it, plan.FateUnchanged), reasonOf(kept)
		if it.Fate == plan.FateFailed {
			o.Reason = it.Reason
		}
		j.listInPart(&o, it)
	}
	return it, j.finish(ctx, []store.Outcome{o})
}

// keepEdited takes out of an undo what somebody edited after the undo was
// planned: it stays, and is said.
func (j *job) keepEdited(ctx context.Context, pl plan.Plan, it plan.Item, rec record.Record) (plan.Item, error) {
	edits, why := append([]plan.Edit{}, it.Edits...), ""
	for n, e := range edits {
		f := j.mapping.ByProperty[e.Property]
		if e.Action == plan.EditHubSpot && (f == nil || !f.Rule.Same(rec.Properties[e.Property], mapping.Value(e.HubSpot))) {
			why = fmt.Sprintf("%s was edited since and stays %q", e.Property, rec.Properties[e.Property])
			e.Action, e.Reason, e.HubSpot, e.New = plan.EditLeft, why, mapping.Text(rec.Properties[e.Property]), nil
			edits[n] = e
		}
	}
	it.Edits = edits
	if err := j.Store.ReplaceEdits(ctx, pl.ID, it.N, edits); err != nil {
		return it, err
	}
	if it.Has(plan.EditHubSpot) || it.Has(plan.EditSource) {
		it.Reason = "undone, except that " + why
		return it, nil
	}
	o := j.outcome(pl, it)
	o.Fate, o.Reason = plan.FateSkipped, why
	return it, j.finish(ctx, []store.Outcome{o})
}

// fateOf is a pair's fate: a row of which a field can't be written has the fate
// failed and one with an open conflict the fate conflict, though the other
// fields flow.
func fateOf(it plan.Item, otherwise plan.Fate) plan.Fate {
	if it.Fate == plan.FateFailed {
		return plan.FateFailed
	}
	if it.Has(plan.EditConflict) {
		return plan.FateConflict
	}
	return otherwise
}

// landsLater is how long a request without an answer may still take effect:
// HubSpot's gateways give up on it long before.
const landsLater = 2 * time.Minute
