package engine

import (
	"context"
	"fmt"
	"strings"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
)

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
	var rest []plan.Item
	for _, op := range ops {
		rec, ok := records[op.RecordID]
		ferr := refused[op.TraceID]
		if ferr == nil {
			ferr = refused["id "+op.RecordID]
		}
		switch {
		case ok:
			it, err := j.sparingKept(ctx, pl, byN[op.N], rec)
			if err != nil {
				return 0, err
			}
			outcomes = append(outcomes, j.updated(pl, it, op, rec))
		case ferr != nil:
			if it, ok := j.without(byN[op.N], ferr); ok {
				outcomes, rest = append(outcomes, dropped([]store.Op{op}, ferr)...), append(rest, it)
				continue
			}
			outcomes = append(outcomes, j.failed(pl, byN[op.N], op, ferr))
		default:
			left = append(left, op)
		}
	}
	if err := j.finish(ctx, outcomes); err != nil {
		return 0, err
	}
	if len(rest) > 0 {
		if again, err = j.sendUpdates(ctx, pl, rest); err != nil {
			return again, err
		}
	}
	if len(left) == 0 {
		return again, nil
	}
	n, err := j.settle(ctx, left, fmt.Errorf("HubSpot's answer left out %d of %d inputs", len(left), len(ops)))
	return again + n, err
}

// updated ends an update that happened: the base becomes what HubSpot holds
// now, which may be another form of what was sent.
func (j *job) updated(pl plan.Plan, it plan.Item, op store.Op, rec record.Record) store.Outcome {
	o := store.Outcome{Op: op, State: plan.OpDone, PlanID: pl.ID, N: it.N, Verify: j.Definition.Verify != definition.VerifyNone, Source: record.Values{}, HubSpot: record.Values{},
		Link:   &store.Link{ID: it.LinkID, RowKey: it.RowKey, RecordID: it.RecordID},
		Record: &store.RecordSeen{ID: it.RecordID, Values: record.Values{}, Updated: rec.Updated, Read: j.now()}, Version: rec.Updated}
	j.agree(&o, it.Edits)
	j.rules(&o, it)
	o.Identities = j.identities(it, rec)
	for _, e := range it.Edits {
		if e.Action != plan.EditHubSpot {
			continue
		}
		now := known(held(rec.Properties, e.Property, mapping.Value(e.New)))
		o.Record.Values[e.Property] = now
		if !j.comesLast(pl, it, e.Property) {
			o.Source[e.Property], o.HubSpot[e.Property] = known(mapping.Value(e.Source)), now
		}
		o.Audit = append(o.Audit, store.Audit{RowKey: it.RowKey, RecordID: it.RecordID, Side: plan.HubSpot, Field: e.Field, Property: e.Property,
			Action: plan.OpUpdate, Before: e.HubSpot, After: mapping.Text(now), Why: e.Reason})
		if !bothSides(it, e.Property) {
			o.SettleBy(e, mapping.Value(e.Source), now)
		}
	}
	if !it.Has(plan.EditSource) {
		o.Fate, o.Reason = fateOf(it, plan.FateUpdated), it.Reason
		j.listInPart(&o, it)
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
	for _, c := range j.mapping.Claims(it.Edits) {
		for _, e := range it.Edits {
			if e.Action == plan.EditHubSpot && e.Property == c.Field.Property {
				all = append(all, store.Identity{Ord: store.UniqueOrd + c.Nth, Old: mapping.Folded(mapping.Value(e.HubSpot)), New: mapping.Folded(held(rec.Properties, e.Property, c.Value))})
			}
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

// comesLast reports whether what both sides are to hold of a property is agreed
// on only when the source has been written, which may find its row changed: a
// side that was written alone agrees with nobody. An undo restores each side by
// itself.
func (j *job) comesLast(pl plan.Plan, it plan.Item, property string) bool {
	return pl.Kind != plan.KindUndo && bothSides(it, property)
}

func (j *job) conflictOf(it plan.Item, e plan.Edit) store.Conflict {
	return (&planner{job: j}).conflict(&it, e)
}
