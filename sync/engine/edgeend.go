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
	kept := store.Edge{RowKey: op.RowKey, Line: e.Line, From: op.RecordID, Object: e.Object, To: e.Record, Category: e.Category, Type: e.Type, Label: e.Label, Pair: e.Pair, Run: op.RunID, Both: e.Both, Within: l.within()}
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
				o.Settle(it.Edits[t.edit])
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

// askedAgain is the reason of an association of this sync's that an undo brought back.
const askedAgain = "an undo brought it back, and the source has it again"

// madeAgain is the reason of an association that was left removed, and that is there.
const madeAgain = "somebody made it again in HubSpot"

// takenOver is the reason of an association of this sync's that another row asked for
// before.
const takenOver = "another row asked for it before"

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
			held, err := j.Store.SharedEdges(ctx, j.sync.ID, store.Edge{RowKey: it.RowKey, Line: x.Line, From: it.RecordID, To: x.Record, Category: x.Category, Type: x.Type, Both: x.Both})
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

// itemEnd gathers what came of one item of associations.
type itemEnd struct {
	j         *job
	it        plan.Item
	undoOf    string // the run that the plan takes back, "" where it is no undo
	o         store.Outcome
	conflicts []store.Conflict
	wrote     int    // associations that this run made or removed
	stopped   string // why one of them waits or was refused
	skipped   bool   // one was left as it is
}

// endItem is the end of one item.
func (j *job) endItem(pl plan.Plan, it plan.Item, tasks []*edgeTask, lacks map[int]bool) (store.Outcome, []store.Conflict) {
	end := &itemEnd{j: j, it: it, undoOf: pl.UndoOf, o: j.outcome(pl, it)}
	end.o.Fate, end.o.Reason = it.Fate, it.Reason
	for _, t := range tasks {
		end.sent(t)
	}
	for n, e := range it.Edits {
		if e.Edge != nil && !e.Writes() {
			end.quiet(e, lacks[n])
		}
	}
	end.fate()
	return end.o, end.conflicts
}

// sent adds what came of an association that was to be written.
func (end *itemEnd) sent(t *edgeTask) {
	e := end.it.Edits[t.edit]
	switch t.came {
	case edgeDone:
		end.wrote++
	case edgeThere:
		end.there(t, e)
	case edgeAsk:
		end.conflicts = append(end.conflicts, end.ask(t, e))
		if t.joined && t.other == "" && t.was.State == plan.EdgeNone { // the next run asks too
			end.o.Edges = append(end.o.Edges, store.Edge{RowKey: end.it.RowKey, Line: t.lineName(), From: t.from, Object: e.Edge.Object, To: t.to, Category: t.typ.Category, Type: t.typ.TypeID,
				Label: t.typ.Label, State: plan.EdgeMade, Pair: true, Run: end.j.runID})
		}
	case edgeSkipped:
		end.o.Reason, end.skipped = t.why, true
	case edgeWaits, edgeRefused:
		end.stopped = cmp.Or(end.stopped, t.why)
		if t.full {
			e.Cause = plan.CauseLimit
		}
		end.o.Waits = append(end.o.Waits, waiting(end.it, e, t.class, t.why))
	}
}

// there adds an association that HubSpot had, or lacked, already.
func (end *itemEnd) there(t *edgeTask, e plan.Edit) {
	kept := store.Edge{RowKey: end.it.RowKey, Line: t.lineName(), From: t.from, Object: e.Edge.Object, To: t.to, Category: t.typ.Category, Type: t.typ.TypeID, Label: t.typ.Label, Run: end.j.runID, Both: e.Edge.Both, Within: t.line != nil && t.line.within()}
	switch {
	case t.add && t.was.State == plan.EdgeMade:
		end.wrote++ // by this run, before it was interrupted
	case t.add && t.line != nil:
		kept.State = plan.EdgeFound
		end.o.Edges = append(end.o.Edges, kept)
		end.o.Reason = "HubSpot has it already"
	case !t.add && t.why == "" && t.line != nil:
		if t.undo { // what an undo finds taken back stays so
			kept.State, kept.Run = plan.EdgeUndone, end.undoOf
		}
		end.o.Edges = append(end.o.Edges, kept)
	}
	if t.why != "" {
		end.o.Reason = t.why
	}
	end.o.Settle(e)
}

// ask is the conflict about an association that a person removed, or that has
// another primary one, since the plan was made.
func (end *itemEnd) ask(t *edgeTask, e plan.Edit) store.Conflict {
	edge := *e.Edge
	edge.Pair, edge.Both, edge.Kept = false, false, false
	edge.Record, edge.Category, edge.Type, edge.Label = t.to, t.typ.Category, t.typ.TypeID, t.typ.Label
	c := store.Conflict{SyncID: end.j.sync.ID, RowKey: end.it.RowKey, RecordID: t.from, Name: end.it.Name, Field: e.Field, Edge: &edge, Cause: plan.CausePrimary,
		Reason: fmt.Sprintf("the record %s was made the primary one in HubSpot after the plan was made", t.other), Source: edge.Text(), HubSpot: t.other}
	if t.other == "" {
		base := c.Source
		c.Cause, c.Reason, c.Base = plan.CauseEdgeRemoved, "it was removed in HubSpot after the plan was made, and the source still has it", &base
	}
	return c
}

// quiet adds an association about which nothing is sent: what is remembered of it.
// lacks: it rests on another row's, which did not come about.
func (end *itemEnd) quiet(e plan.Edit, lacks bool) {
	if lacks {
		end.o.Reason, end.skipped = "the row that was to make it did not: the next run tries again", true
		return
	}
	kept := store.Edge{RowKey: end.it.RowKey, Line: e.Edge.Line, From: end.it.RecordID, Object: e.Edge.Object, To: e.Edge.Record, Category: e.Edge.Category, Type: e.Edge.Type, Label: e.Edge.Label, Run: end.j.runID, Both: e.Edge.Both}
	if l := end.j.line(e.Edge.Line); l != nil {
		kept.Within = l.within()
	}
	switch e.Action {
	case plan.EditAdopt:
		if kept.State = plan.EdgeFound; e.Reason == askedAgain || e.Reason == takenOver {
			kept.State, kept.Pair = plan.EdgeMade, e.Edge.Pair
		}
		end.o.Edges = append(end.o.Edges, kept)
	case plan.EditConflict:
		if e.Agreed { // another row asked for it, and a person removed it
			kept.State, kept.Pair = plan.EdgeMade, e.Edge.Pair
			end.o.Edges = append(end.o.Edges, kept)
		}
	case plan.EditKeep:
		kept.State = plan.EdgeDeclined
		end.o.Edges = append(end.o.Edges, kept)
	case plan.EditForget:
		kept.From = cmp.Or(e.Edge.FromRow, kept.From)
		end.o.Edges = append(end.o.Edges, kept)
	case plan.EditWait:
		end.stopped = cmp.Or(end.stopped, e.Reason)
		end.o.Waits = append(end.o.Waits, waiting(end.it, e, "", e.Reason))
	}
	if e.Action != plan.EditConflict {
		end.o.Settle(e)
	}
}

// fate gives the item its one fate: what waits for a person first.
func (end *itemEnd) fate() {
	o, planned := &end.o, end.it.Fate
	switch {
	case len(end.conflicts) > 0:
		o.Fate, o.Reason = plan.FateConflict, end.conflicts[0].Reason
	case end.it.Has(plan.EditConflict):
		o.Fate = plan.FateConflict
	case end.stopped != "":
		o.Fate, o.Reason = plan.FateFailed, end.stopped
	case end.wrote == 0 && end.skipped && o.Fate != plan.FateConflict:
		o.Fate = plan.FateSkipped
	case end.wrote == 0 && (planned == plan.FateAssociated || planned == plan.FateCreated || planned == plan.FateUpdated):
		o.Fate = plan.FateUnchanged
	}
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
	edge.Pair, edge.Both, edge.Kept = false, false, false
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
