package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// updates writes the records whose properties change.
func (j *job) updates(ctx context.Context, pl plan.Plan) error {
	return j.batches(ctx, pl, j.sendUpdates, plan.ItemUpdate)
}

// sendUpdates carries out one batch: what moved since the plan goes back to a
// person, the rest is sent.
func (j *job) sendUpdates(ctx context.Context, pl plan.Plan, items []plan.Item) (again int, err error) {
	items, err = j.toHubSpot(ctx, pl, items)
	if err != nil || len(items) == 0 {
		return 0, err
	}
	if items, err = j.fresh(ctx, pl, items); err != nil || len(items) == 0 {
		return 0, err
	}
	return j.sendFresh(ctx, pl, items)
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
		if it.Has(plan.EditHubSpot) && !done[it.N]["hubspot"] {
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

// fresh reads the records again that were read before this pull or more than a
// minute ago, or all of them for a plan that was made earlier. What an earlier
// pull saw does not count, however lately it was: the search that tells what
// changed since is behind. A field that somebody changed since is not
// overwritten: it becomes a conflict. HubSpot has no conditional write, so this
// is what keeps the gap small.
func (j *job) fresh(ctx context.Context, pl plan.Plan, items []plan.Item) ([]plan.Item, error) {
	var ids []string
	for _, it := range items {
		if j.reread || it.ReadAt.Before(j.began) || j.now().Sub(it.ReadAt) >= stale {
			ids = append(ids, it.RecordID)
		}
	}
	if len(ids) == 0 {
		return items, nil
	}
	got, err := j.Client.BatchRead(ctx, j.schema.object.Name, hubspot.BatchReadRequest{IDs: ids, Properties: j.mapping.Properties})
	if err != nil {
		return nil, err
	}
	now := make(map[string]record.Record, len(got.Records))
	for _, r := range got.Records {
		now[r.ID] = r
	}
	asked := make(map[string]bool, len(ids))
	for _, id := range ids {
		asked[id] = true
	}
	var left []plan.Item
	for _, it := range items {
		if !asked[it.RecordID] {
			left = append(left, it)
			continue
		}
		rec, ok := now[it.RecordID]
		if !ok {
			gone := fmt.Errorf("the record %s is not in HubSpot any more: it was archived or merged since the plan; the next run finds out", it.RecordID)
			if err := j.finish(ctx, []store.Outcome{{PlanID: pl.ID, N: it.N, Fate: plan.FateFailed, Reason: gone.Error(),
				Attention: &store.Attention{RowKey: it.RowKey, RecordID: it.RecordID, Name: it.Name, Line: it.Line, Class: plan.ClassBlocked, Cause: "Record is gone", Message: gone.Error()}}}); err != nil {
				return nil, err
			}
			continue
		}
		it, err := j.moved(ctx, pl, it, j.mapping.RecordValues(rec.Properties), rec.Updated)
		if err != nil {
			return nil, err
		}
		if it.Has(plan.EditHubSpot) {
			left = append(left, it)
		}
	}
	return left, nil
}

// moved takes the edits out of an item whose property holds something else
// than the plan saw. If it holds what we would write, the sides agree; else it is a
// conflict.
func (j *job) moved(ctx context.Context, pl plan.Plan, it plan.Item, now record.Values, updated time.Time) (plan.Item, error) {
	o := j.outcome(pl, it)
	o.Link = &store.Link{ID: it.LinkID, RowKey: it.RowKey, RecordID: it.RecordID}
	o.Record = &store.RecordSeen{ID: it.RecordID, Values: now, Updated: updated, Read: j.now()}
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
			if e.Choice != 0 {
				o.Settled = append(o.Settled, e.Choice)
			}
			continue
		}
		e.Action, e.HubSpot, e.Cause = plan.EditConflict, mapping.Text(now[e.Property]), "moved"
		e.Reason = "HubSpot changed after the plan was made, so nothing was written"
		conflicts = append(conflicts, j.conflictOf(it, e))
		kept = append(kept, e)
	}
	if len(conflicts) == 0 && len(o.Source) == 0 {
		return it, nil
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
	}
	return it, j.finish(ctx, []store.Outcome{o})
}

// fateOf is a pair's fate: a row with an open conflict has the fate conflict,
// though its other fields flow.
func fateOf(it plan.Item, otherwise plan.Fate) plan.Fate {
	if it.Has(plan.EditConflict) {
		return plan.FateConflict
	}
	return otherwise
}

// sendFresh is the two-commit protocol for updates.
func (j *job) sendFresh(ctx context.Context, pl plan.Plan, items []plan.Item) (again int, err error) {
	ops := make([]store.Op, 0, len(items))
	for _, it := range items {
		op := store.Op{PlanID: pl.ID, N: it.N, LinkID: it.LinkID, Side: plan.HubSpot, Kind: plan.OpUpdate, RecordID: it.RecordID, RowKey: it.RowKey, Fields: record.Values{}, Pre: record.Values{}}
		for _, e := range it.Edits {
			if e.Action == plan.EditHubSpot {
				op.Fields[e.Property], op.Pre[e.Property] = known(mapping.Value(e.New)), known(mapping.Value(e.HubSpot))
			}
		}
		ops = append(ops, op)
	}
	if err := j.beginBatch(ctx, ops); err != nil {
		return 0, err
	}
	inputs := make([]hubspot.UpdateInput, 0, len(ops))
	for _, op := range ops {
		inputs = append(inputs, hubspot.UpdateInput{ID: op.RecordID, Properties: op.Fields, TraceID: op.TraceID})
	}
	got, err := j.Client.BatchUpdate(ctx, j.schema.object.Name, inputs)
	j.at("answered")
	switch {
	case err == nil:
		return j.updatesAnswered(ctx, pl, items, ops, got)
	case hubspot.Unknown(err):
		return j.settle(ctx, ops, err)
	case fatal(err):
		return 0, errors.Join(err, j.finish(ctx, dropped(ops, err)))
	case len(items) == 1:
		return 0, j.finish(ctx, []store.Outcome{j.failed(pl, items[0], ops[0], err)})
	}
	if err := j.finish(ctx, dropped(ops, err)); err != nil {
		return 0, err
	}
	return halves(ctx, pl, items, j.sendFresh)
}

// updatesAnswered ends the operations that the answer speaks of.
func (j *job) updatesAnswered(ctx context.Context, pl plan.Plan, items []plan.Item, ops []store.Op, got hubspot.BatchResult) (again int, err error) {
	byN := itemsByN(items)
	refused := make(map[string]error)
	for _, f := range got.Failures {
		refused[f.TraceID] = f.Err
		for _, id := range f.IDs {
			refused["id "+id] = f.Err
		}
	}
	records := make(map[string]record.Record, len(got.Records))
	for _, r := range got.Records {
		records[r.ID] = r
	}
	var outcomes []store.Outcome
	var left []store.Op
	for _, op := range ops {
		rec, ok := records[op.RecordID]
		ferr := refused[op.TraceID]
		if ferr == nil {
			ferr = refused["id "+op.RecordID]
		}
		switch {
		case ok:
			outcomes = append(outcomes, j.updated(pl, byN[op.N], op, rec))
		case ferr != nil:
			outcomes = append(outcomes, j.failed(pl, byN[op.N], op, ferr))
		default:
			left = append(left, op)
		}
	}
	if err := j.finish(ctx, outcomes); err != nil || len(left) == 0 {
		return 0, err
	}
	return j.settle(ctx, left, fmt.Errorf("HubSpot's answer left out %d of %d inputs", len(left), len(ops)))
}

// updated ends an update that happened: the base becomes what HubSpot holds
// now, which may be another form of what was sent.
func (j *job) updated(pl plan.Plan, it plan.Item, op store.Op, rec record.Record) store.Outcome {
	o := store.Outcome{Op: op, State: plan.OpDone, PlanID: pl.ID, N: it.N, Source: record.Values{}, HubSpot: record.Values{},
		Link:   &store.Link{ID: it.LinkID, RowKey: it.RowKey, RecordID: it.RecordID},
		Record: &store.RecordSeen{ID: it.RecordID, Values: record.Values{}, Updated: rec.Updated, Read: j.now()}, Version: rec.Updated}
	j.agree(&o, it.Edits)
	j.rules(&o, it)
	o.Identities = j.identities(it, rec)
	var refused []string
	for _, e := range it.Edits {
		if e.Action != plan.EditHubSpot {
			continue
		}
		now := known(held(rec.Properties, e.Property, mapping.Value(e.New)))
		f := j.mapping.ByProperty[e.Property]
		if f != nil && !f.Rule.Same(now, mapping.Value(e.New)) && f.Rule.Same(now, mapping.Value(e.HubSpot)) {
			refused = append(refused, f.Schema.Label)
		}
		o.Source[e.Property], o.HubSpot[e.Property], o.Record.Values[e.Property] = known(mapping.Value(e.Source)), now, now
		o.Audit = append(o.Audit, store.Audit{RowKey: it.RowKey, RecordID: it.RecordID, Side: plan.HubSpot, Field: e.Field, Property: e.Property,
			Action: plan.OpUpdate, Before: e.HubSpot, After: mapping.Text(now), Why: e.Reason})
		if e.Choice != 0 && !bothSides(it, e.Property) {
			o.Settled = append(o.Settled, e.Choice)
		}
	}
	if !it.Has(plan.EditSource) {
		o.Fate, o.Reason = fateOf(it, plan.FateUpdated), it.Reason
	}
	if len(refused) > 0 {
		o.Fate, o.Reason = plan.FateFailed, fmt.Sprintf("HubSpot kept its value of %s and took no error of it (a lifecycle stage, for example, only moves forward)", quoted(refused))
		o.Attention = &store.Attention{RowKey: it.RowKey, RecordID: it.RecordID, Name: it.Name, Line: it.Line, Class: plan.ClassRefused, Cause: "Refused by HubSpot", Message: o.Reason, Payload: payload(it)}
	}
	return o
}

// identities are the match values that an item's writes gave its record, so
// that other rows find it from now on.
func (j *job) identities(it plan.Item, rec record.Record) (all []store.Identity) {
	for ord, k := range j.Definition.HubSpot.Match {
		for _, e := range it.Edits {
			if e.Action != plan.EditHubSpot || e.Property != k.Property {
				continue
			}
			rule := j.mapping.Match[ord]
			all = append(all, store.Identity{Ord: ord, Old: strings.TrimSpace(rule.Canonical(mapping.Value(e.HubSpot)).String()),
				New: strings.TrimSpace(rule.Canonical(held(rec.Properties, e.Property, mapping.Value(e.New))).String())})
		}
	}
	return all
}

// bothSides tells whether a decision is written to both sides, of which the
// source comes last.
func bothSides(it plan.Item, property string) bool {
	var hub, src bool
	for _, e := range it.Edits {
		if e.Property == property {
			hub = hub || e.Action == plan.EditHubSpot
			src = src || e.Action == plan.EditSource
		}
	}
	return hub && src
}

func (j *job) conflictOf(it plan.Item, e plan.Edit) store.Conflict {
	return (&planner{job: j}).conflict(&it, e)
}
