package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/plan"
)

// settleTasks finds out what became of tasks whose answer never came: those that
// have not landed are done again.
func (j *job) settleTasks(ctx context.Context, tasks []*edgeTask, why error) error {
	if err := ctx.Err(); err != nil {
		return err // they stay as sent; the next run settles them
	}
	ctx = hubspot.UseReserve(ctx)
	var froms []string
	for _, t := range tasks {
		froms = append(froms, t.from)
	}
	slices.Sort(froms)
	have, _, err := j.readEdges(ctx, tasks[0].line, slices.Compact(froms))
	if err != nil {
		return err
	}
	var lost []store.Op
	for _, t := range tasks {
		if have.has(t.from, t.to, t.typ.Category, t.typ.TypeID) == t.add {
			t.came = edgeDone
		} else {
			t.came = edgeOpen
			lost = append(lost, t.op)
		}
	}
	return j.finish(ctx, dropped(lost, why))
}

// settleEdges ends the associations that an earlier run sent and whose answer it
// never kept.
func (j *job) settleEdges(ctx context.Context, ops []store.Op, why error) (again int, err error) {
	by := make(map[*edgeLine][]store.Op)
	var outcomes []store.Outcome
	for _, op := range ops {
		l := j.line(op.Edge.Line)
		if l == nil { // the definition has no such line any more: what is there is seen by whoever asks for it
			outcomes = append(outcomes, dropped([]store.Op{op}, why)...)
			continue
		}
		by[l] = append(by[l], op)
	}
	for l, some := range by {
		var froms []string
		for _, op := range some {
			froms = append(froms, op.RecordID)
		}
		slices.Sort(froms)
		have, _, err := j.readEdges(ctx, l, slices.Compact(froms))
		if err != nil {
			return again, err
		}
		for _, op := range some {
			e := op.Edge
			if have.has(op.RecordID, e.Record, e.Category, e.Type) != (op.Kind == plan.OpAssociate) {
				again++
				outcomes = append(outcomes, dropped([]store.Op{op}, why)...)
				continue
			}
			outcomes = append(outcomes, j.edgeOutcome(op, l, "", op.Edge.Label))
		}
	}
	return again, j.finish(ctx, outcomes)
}

// edgeOutcome ends an association that was written.
func (j *job) edgeOutcome(op store.Op, l *edgeLine, why, label string) store.Outcome {
	e := *op.Edge
	o := store.Outcome{Op: op, State: plan.OpDone, PlanID: op.PlanID, N: op.N}
	kept := store.Edge{RowKey: op.RowKey, Line: e.Line, From: op.RecordID, Object: e.Object, To: e.Record, Category: e.Category, Type: e.Type, Label: e.Label, Pair: e.Pair, Run: op.RunID}
	a := store.Audit{RowKey: op.RowKey, RecordID: op.RecordID, Side: plan.HubSpot, Field: l.title(), Edge: &e, Action: op.Kind, Why: why}
	if op.Kind == plan.OpAssociate {
		kept.State, a.After = plan.EdgeMade, &label
	} else {
		a.Before = &label
	}
	o.Edges, o.Audit = []store.Edge{kept}, []store.Audit{a}
	return o
}

// endEdges ends the items of a page: what was written, what is remembered, and
// what waits.
func (j *job) endEdges(ctx context.Context, pl plan.Plan, items []plan.Item, tasks []*edgeTask, open map[int]bool) error {
	byItem := make(map[int][]*edgeTask)
	for _, t := range tasks {
		byItem[t.item] = append(byItem[t.item], t)
	}
	var outcomes []store.Outcome
	var conflicts []store.Conflict
	for i, it := range items {
		for _, t := range byItem[i] {
			if t.came == edgeDone && t.op.ID != 0 {
				o := j.edgeOutcome(t.op, t.line, it.Edits[t.edit].Reason, t.typ.Label)
				if it.Edits[t.edit].Choice != 0 {
					o.Settled = append(o.Settled, it.Edits[t.edit].Choice)
				}
				if pl.Kind == plan.KindUndo {
					j.undoneEdge(&o, pl, it.Edits[t.edit])
				}
				outcomes = append(outcomes, o)
			}
		}
		if !open[i] {
			lacks, err := j.notMade(ctx, it, tasks)
			if err != nil {
				return err
			}
			o, more := j.endItem(pl, it, byItem[i], lacks)
			outcomes, conflicts = append(outcomes, o), append(conflicts, more...)
		}
	}
	if err := j.Store.PutConflicts(ctx, j.runID, conflicts); err != nil {
		return err
	}
	return j.finish(ctx, outcomes)
}

// otherMakes is the reason of an association that another row of the plan makes.
const otherMakes = "another row makes it in this run"

// notMade finds, by their places, the edits of an item that rest on another row's
// association and that did not come about.
func (j *job) notMade(ctx context.Context, it plan.Item, tasks []*edgeTask) (map[int]bool, error) {
	var lacks map[int]bool
	for n, e := range it.Edits {
		if e.Edge == nil || e.Action != plan.EditAdopt || e.Reason != otherMakes {
			continue
		}
		x := e.Edge
		made := slices.ContainsFunc(tasks, func(t *edgeTask) bool {
			return t.add && (t.came == edgeDone || t.came == edgeThere) && (t.from == it.RecordID && t.to == x.Record || t.from == x.Record && t.to == it.RecordID) &&
				t.typ.Category == x.Category && t.typ.TypeID == x.Type
		})
		if !made {
			held, err := j.Store.SharedEdges(ctx, j.sync.ID, store.Edge{RowKey: it.RowKey, From: it.RecordID, To: x.Record, Category: x.Category, Type: x.Type})
			if err != nil {
				return nil, err
			}
			made = len(held) > 0
		}
		if !made {
			if lacks == nil {
				lacks = make(map[int]bool)
			}
			lacks[n] = true
		}
	}
	return lacks, nil
}

// endItem is the end of one item.
func (j *job) endItem(pl plan.Plan, it plan.Item, tasks []*edgeTask, lacks map[int]bool) (store.Outcome, []store.Conflict) {
	o := j.outcome(pl, it)
	o.Fate, o.Reason = it.Fate, it.Reason
	var conflicts []store.Conflict
	wrote, stopped, skipped := 0, "", false
	for _, t := range tasks {
		e := it.Edits[t.edit]
		kept := store.Edge{RowKey: it.RowKey, Line: t.lineName(), From: t.from, Object: e.Edge.Object, To: t.to, Category: t.typ.Category, Type: t.typ.TypeID, Label: t.typ.Label, Run: j.runID}
		switch t.came {
		case edgeDone:
			wrote++
		case edgeThere:
			switch {
			case t.add && t.was.State == plan.EdgeMade:
				wrote++ // by this run, before it was interrupted
			case t.add && t.line != nil:
				kept.State = plan.EdgeFound
				o.Edges = append(o.Edges, kept)
				o.Reason = "HubSpot has it already"
			case !t.add && t.why == "" && t.line != nil:
				o.Edges = append(o.Edges, kept)
			}
			if t.why != "" {
				o.Reason = t.why
			}
			if e.Choice != 0 {
				o.Settled = append(o.Settled, e.Choice)
			}
		case edgeAsk:
			edge := *e.Edge
			edge.Pair = false
			edge.Record, edge.Category, edge.Type, edge.Label = t.to, t.typ.Category, t.typ.TypeID, t.typ.Label
			c := store.Conflict{SyncID: j.sync.ID, RowKey: it.RowKey, RecordID: t.from, Name: it.Name, Field: e.Field, Edge: &edge, Cause: plan.CausePrimary,
				Reason: fmt.Sprintf("the record %s was made the primary one in HubSpot after the plan was made", t.other), Source: edge.Text(), HubSpot: t.other}
			if t.other == "" {
				base := c.Source
				c.Cause, c.Reason, c.Base = plan.CauseEdgeRemoved, "it was removed in HubSpot after the plan was made, and the source still has it", &base
			}
			conflicts = append(conflicts, c)
		case edgeSkipped:
			o.Reason, skipped = t.why, true
		case edgeWaits, edgeRefused:
			stopped = cmp.Or(stopped, t.why)
			o.Waits = append(o.Waits, waiting(it, e, t.class, t.why))
		}
	}
	for n, e := range it.Edits {
		if e.Edge == nil || e.Writes() {
			continue
		}
		if lacks[n] {
			o.Reason, skipped = "the row that was to make it did not: the next run tries again", true
			continue
		}
		kept := store.Edge{RowKey: it.RowKey, Line: e.Edge.Line, From: it.RecordID, Object: e.Edge.Object, To: e.Edge.Record, Category: e.Edge.Category, Type: e.Edge.Type, Label: e.Edge.Label, Run: j.runID}
		if e.Edge.FromRow != "" && e.Action == plan.EditForget {
			kept.From = e.Edge.FromRow
		}
		switch e.Action {
		case plan.EditAdopt:
			kept.State = plan.EdgeFound
			o.Edges = append(o.Edges, kept)
		case plan.EditKeep:
			kept.State = plan.EdgeDeclined
			o.Edges = append(o.Edges, kept)
		case plan.EditForget:
			o.Edges = append(o.Edges, kept)
		case plan.EditWait:
			stopped = cmp.Or(stopped, e.Reason)
			o.Waits = append(o.Waits, waiting(it, e, "", e.Reason))
		}
		if e.Choice != 0 && e.Action != plan.EditConflict {
			o.Settled = append(o.Settled, e.Choice)
		}
	}
	switch {
	case len(conflicts) > 0:
		o.Fate, o.Reason = plan.FateConflict, conflicts[0].Reason
	case it.Has(plan.EditConflict):
		o.Fate = plan.FateConflict
	case stopped != "":
		o.Fate, o.Reason = plan.FateFailed, stopped
	case wrote == 0 && skipped && o.Fate != plan.FateConflict:
		o.Fate = plan.FateSkipped
	case wrote == 0 && (it.Fate == plan.FateAssociated || it.Fate == plan.FateCreated || it.Fate == plan.FateUpdated):
		o.Fate = plan.FateUnchanged
	}
	return o, conflicts
}

// lineName is the name of its part of the definition, "" where that is gone.
func (t *edgeTask) lineName() string {
	if t.line == nil {
		return ""
	}
	return t.line.name
}

// waiting is an association that could not be made, among the failed rows.
func waiting(it plan.Item, e plan.Edit, class plan.Class, why string) store.Attention {
	edge := *e.Edge
	edge.Pair = false
	a := store.Attention{RowKey: it.RowKey, RecordID: it.RecordID, Name: it.Name, Line: it.Line, Edge: &edge, Class: plan.ClassBlocked, Cause: "Waiting for its record", Message: fmt.Sprintf("%s: %s", e.Field, why)}
	if e.Cause == plan.CauseLimit && class == "" {
		a.Class, a.Cause = plan.ClassInvalid, "As many as HubSpot allows"
	}
	switch class {
	case plan.ClassRefused:
		a.Class, a.Cause = class, "An association was refused"
	case plan.ClassInvalid:
		a.Class, a.Cause = class, "An association that can't be"
	}
	return a
}
