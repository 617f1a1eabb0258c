package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/plan"
)

// edgeBreath is one reading and writing of associations.
type edgeBreath struct {
	*job
	tasks   []*edgeTask
	line    *edgeLine
	unknown []*edgeTask // sent, and nobody knows what became of them
	lost    error
	again   []*edgeTask // refused with the whole batch
	refused error
	before  joined // of memberships that an interrupted attempt may have made
}

func (b *edgeBreath) carry(ctx context.Context) error {
	if b.line.list != nil {
		return b.members(ctx)
	}
	var froms []string
	for _, t := range b.tasks {
		froms = append(froms, t.from)
	}
	slices.Sort(froms)
	have, failed, err := b.readEdges(ctx, b.line, slices.Compact(froms))
	if err != nil {
		return err
	}
	var add, remove, born []*edgeTask
	for _, t := range b.tasks {
		if err := failed[t.from]; err != nil {
			t.came, t.class, t.why = edgeRefused, plan.ClassRefused, fmt.Sprintf("the associations of the record %s can't be read: %v", t.from, err)
			continue
		}
		t.judge(have)
		switch {
		case t.came == edgeThere && b.wasBorn(t):
			born = append(born, t)
		case t.came != edgeOpen:
		case t.add:
			add = append(add, t)
		default:
			remove = append(remove, t)
		}
	}
	if len(born) > 0 { // they came with their record: what is left is to account for them
		for _, t := range born {
			t.came, t.pair = edgeDone, true
		}
		if err := b.intend(ctx, born, plan.OpAssociate); err != nil {
			return err
		}
	}
	// On one pair a label is there before another goes; what takes the place of another
	// record comes after that is gone.
	first, then := b.ordered(add, remove)
	for _, step := range []func() error{
		func() error { return b.make(ctx, first, have) },
		func() error { return b.remove(ctx, remove, have) },
		func() error { return b.make(ctx, then, have) },
	} {
		if err := step(); err != nil || b.refused != nil || len(b.unknown) > 0 {
			return err
		}
	}
	return nil
}

// ordered parts what is to be made into what comes before anything is removed and
// what comes after.
func (b *edgeBreath) ordered(add, remove []*edgeTask) (first, then []*edgeTask) {
	for _, t := range add {
		same := slices.ContainsFunc(remove, func(o *edgeTask) bool { return o.from == t.from && o.to == t.to })
		if t.inPlace && !same {
			then = append(then, t)
		} else {
			first = append(first, t)
		}
	}
	return first, then
}

// roomFor leaves out what would take the place of another record, at either end, where
// there can be one only: that one was put there since the plan was made, or stays
// although it was to go, and HubSpot would refuse it or replace it unseen.
func (b *edgeBreath) roomFor(ctx context.Context, tasks []*edgeTask, have joined) ([]*edgeTask, error) {
	tasks = slices.DeleteFunc(slices.Clone(tasks), func(t *edgeTask) bool { return t.came != edgeOpen })
	if !slices.ContainsFunc(tasks, func(t *edgeTask) bool { return !primaryType(t.typ.Label) }) {
		return tasks, nil // the next primary one takes the place of the last, and judge asks
	}
	limits, err := b.limitsOf(ctx, b.line)
	if err != nil {
		return nil, err
	}
	back, err := b.readBack(ctx, limits, tasks)
	if err != nil {
		return nil, err
	}
	ready := make([]*edgeTask, 0, len(tasks))
	for _, t := range tasks {
		whose, others := b.line.fromT, stands(limits.there, have, t.from, t.to, t.typ)
		if len(others) == 0 {
			// From the other end it is another type of the same label: all that can be one only counts.
			whose, others = b.line.toT, stands(limits.back, back, t.to, t.from, hubspot.AssociationType{})
		}
		if len(others) == 0 || primaryType(t.typ.Label) {
			ready = append(ready, t)
			continue
		}
		if b.postpone(t) {
			continue
		}
		t.came, t.full = edgeWaits, true
		if t.undo {
			t.came = edgeSkipped
		}
		t.why = fmt.Sprintf("a %s can have only one, and by now it is associated with the record %s: that stays", strings.ToLower(whose.LabelSingular), others[0])
	}
	return ready, nil
}

// readBack reads what the other ends of tasks are associated with, where they can have
// one only.
func (b *edgeBreath) readBack(ctx context.Context, limits edgeLimits, tasks []*edgeTask) (joined, error) {
	if !only(limits.back) || b.line.within() {
		return nil, nil
	}
	var tos []string
	for _, t := range tasks {
		tos = append(tos, t.to)
	}
	slices.Sort(tos)
	have, _, err := b.readEdges(ctx, &edgeLine{fromT: b.line.toT, toT: b.line.fromT}, slices.Compact(tos))
	return have, err
}

// judge looks whether the association is still as it was decided on.
func (t *edgeTask) judge(have joined) {
	there := have.has(t.from, t.to, t.typ.Category, t.typ.TypeID)
	switch {
	case t.add && there, !t.add && !there:
		t.came = edgeThere
	case t.add && !t.chosen && (t.was.State.Held() || t.joined && len(have[t.from][t.to]) == 0):
		t.came = edgeAsk // it was there since the plan was made, and somebody removed it
	case t.add && !t.chosen && t.was.State != plan.EdgeNone:
		t.came, t.why = edgeSkipped, "it was left removed after the plan was made"
	case t.add:
		t.pair = len(have[t.from][t.to]) == 0
		if !primaryType(t.typ.Label) {
			return
		}
		if others := have.others(t.from, t.to, t.typ.Category, t.typ.TypeID); len(others) > 0 && t.known && others[0] != t.replaces {
			t.came, t.other = edgeAsk, others[0]
		}
	}
}

// make sends the associations that are to be made: the types of a pair together
// with those that it has.
func (b *edgeBreath) make(ctx context.Context, tasks []*edgeTask, have joined) error {
	tasks, err := b.roomFor(ctx, tasks, have)
	if err != nil {
		return err
	}
	if tasks = b.oneWay(tasks); len(tasks) == 0 {
		return nil
	}
	var edges []hubspot.Edge
	for i, t := range tasks {
		if i == 0 || t.from != tasks[i-1].from || t.to != tasks[i-1].to {
			edges = append(edges, hubspot.Edge{From: t.from, To: t.to, Types: slices.Clone(have[t.from][t.to])})
		}
		e := &edges[len(edges)-1]
		if !slices.ContainsFunc(e.Types, func(x hubspot.AssociationType) bool { return x.Category == t.typ.Category && x.TypeID == t.typ.TypeID }) {
			e.Types = append(e.Types, t.typ)
		}
	}
	if err := b.intend(ctx, tasks, plan.OpAssociate); err != nil {
		return err
	}
	got, err := b.Client.BatchCreateAssociations(ctx, b.line.fromT.Path(), b.line.toT.Path(), edges)
	err = b.answered(ctx, tasks, got, err)
	for _, t := range tasks {
		if t.came == edgeDone {
			have.add(t.from, t.to, t.typ)
		}
	}
	return err
}

// oneWay leaves for the next pass what names a pair of the batch from its other end: what is
// sent takes the place of all that joins the two, and what is there by then is read first.
func (b *edgeBreath) oneWay(tasks []*edgeTask) []*edgeTask {
	if !b.line.within() {
		return tasks
	}
	named := make(map[[2]string]bool)
	return slices.DeleteFunc(slices.Clone(tasks), func(t *edgeTask) bool {
		t.late = named[[2]string{t.to, t.from}]
		named[[2]string{t.from, t.to}] = named[[2]string{t.from, t.to}] || !t.late
		return t.late
	})
}

// remove sends the associations that are to be removed: a pair that this sync
// made and of which nothing else would be left as a whole, else the type alone.
func (b *edgeBreath) remove(ctx context.Context, tasks []*edgeTask, have joined) error {
	var whole, labels []*edgeTask
	for _, t := range tasks {
		left := 0
		for _, x := range have[t.from][t.to] {
			mine := slices.ContainsFunc(tasks, func(o *edgeTask) bool {
				return o.from == t.from && o.to == t.to && o.typ.Category == x.Category && o.typ.TypeID == x.TypeID
			})
			if !mine && !b.line.plain(x.Category, x.TypeID) && !primaryType(x.Label) {
				left++
			}
		}
		plain := b.line.plain(t.typ.Category, t.typ.TypeID)
		switch {
		case left > 0 && plain:
			t.came, t.why = edgeThere, "somebody gave it a label: it stays"
		case plain && t.shared:
			t.came, t.why = edgeThere, "something else in the source asks for it under a label: it stays"
		case left == 0 && !t.shared && (plain || t.was.Pair):
			whole = append(whole, t)
		default:
			labels = append(labels, t)
		}
	}
	for i, some := range [][]*edgeTask{whole, labels} {
		if len(some) == 0 {
			continue
		}
		if err := b.intend(ctx, some, plan.OpDissociate); err != nil {
			return err
		}
		var edges []hubspot.Edge
		for n, t := range some {
			if n == 0 || t.from != some[n-1].from || t.to != some[n-1].to {
				edges = append(edges, hubspot.Edge{From: t.from, To: t.to})
			}
			edges[len(edges)-1].Types = append(edges[len(edges)-1].Types, t.typ)
		}
		send := b.Client.BatchArchiveAssociations
		if i == 1 {
			send = b.Client.BatchArchiveLabels
		}
		got, err := send(ctx, b.line.fromT.Path(), b.line.toT.Path(), edges)
		if err := b.answered(ctx, some, got, err); err != nil || b.refused != nil || len(b.unknown) > 0 {
			return err
		}
		for _, t := range some {
			if t.came == edgeDone {
				have.drop(t.from, t.to, t.typ, i == 0)
			}
		}
	}
	return nil
}

// intend commits what is about to be sent.
func (b *edgeBreath) intend(ctx context.Context, tasks []*edgeTask, kind plan.OpKind) error {
	ops := make([]store.Op, len(tasks))
	for i, t := range tasks {
		edge := plan.Edge{Object: b.line.toT.ID, Record: t.to, Category: t.typ.Category, Type: t.typ.TypeID, Label: t.typ.Label, Line: t.line.name, Pair: t.pair || t.was.Pair,
			Both: t.line.mutual(t.typ.Category, t.typ.TypeID) || t.both}
		ops[i] = store.Op{PlanID: t.op.PlanID, N: t.op.N, Side: plan.HubSpot, Kind: kind, RecordID: t.from, RowKey: t.op.RowKey, LinkID: t.op.LinkID, Edge: &edge}
	}
	if err := b.beginBatch(ctx, ops); err != nil {
		return err
	}
	for i, t := range tasks {
		t.op = ops[i]
	}
	return nil
}

// answered looks at the answer to a batch.
func (b *edgeBreath) answered(ctx context.Context, tasks []*edgeTask, got hubspot.AssociationWriteResult, err error) error {
	b.at("answered")
	ops := make([]store.Op, len(tasks))
	for i, t := range tasks {
		ops[i] = t.op
	}
	switch {
	case err == nil:
	case hubspot.Unknown(err): // first: a time that runs out tells nothing of what was sent
		b.unknown, b.lost = tasks, err
		return nil
	case hubspot.IsStale(err), fatal(err):
		if ferr := b.finish(ctx, dropped(ops, err)); ferr != nil {
			return ferr
		}
		return err
	default:
		b.again, b.refused = tasks, err
		return b.finish(ctx, dropped(ops, err))
	}
	var bad []store.Outcome
	for i, t := range tasks {
		why := failureOf(got.Failures, t)
		if why == nil {
			t.came = edgeDone
			continue
		}
		t.came, t.class, t.why = edgeRefused, plan.ClassRefused, "HubSpot refused it: "+why.Error()
		bad = append(bad, dropped(ops[i:i+1], why)...)
	}
	return b.finish(ctx, bad)
}

// failureOf is the failure of a batch that is about a task; one that names no
// record may be about any.
func failureOf(failures []hubspot.InputError, t *edgeTask) error {
	for _, f := range failures {
		if len(f.IDs) == 0 || slices.Contains(f.IDs, t.from) || slices.Contains(f.IDs, t.to) {
			return f.Err
		}
	}
	return nil
}
