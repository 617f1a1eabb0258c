package engine

import (
	"cmp"
	"context"
	"fmt"
	"hash/maphash"
	"slices"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/merge"
	"syncline/sync/plan"
)

// decide decides about each association that a row asks for, or that is
// remembered of it.
func (e *edgePlanner) decide(ctx context.Context, pg *edgePage, r *store.RowSeen, it *plan.Item) {
	base := make(map[edgeKey]store.Edge, len(pg.base[r.Key]))
	for _, b := range pg.base[r.Key] {
		base[edgeKey{b.Line, b.From, b.To, b.Category, b.Type}] = b
	}
	asked, unclear := make(map[edgeKey]bool), make(map[string]bool)
	for _, w := range pg.wants[r.Key] {
		from, edge := pg.from(w, r.Key), w.edge()
		e.sayRenamed(w)
		if e.Definition.Associate == nil && from.record == "" && !from.coming {
			continue
		}
		if w.line.from != nil && from.record != "" && it.RecordID == "" {
			it.RecordID = from.record
		}
		if from.record == "" || edge.Record == "" {
			unclear[w.line.name] = true
		}
		switch why, undone := cmp.Or(w.bad, from.why, w.to.why), w.undone(from); {
		case undone != "":
			it.Edits = append(it.Edits, plan.Edit{Field: w.line.title(), Edge: &edge, Action: plan.EditLeft, Reason: undone})
			continue
		case why != "":
			it.Edits = append(it.Edits, plan.Edit{Field: w.line.title(), Edge: &edge, Action: plan.EditWait, Reason: why})
			continue
		case from.record != "" && pg.failed[from.record] != nil:
			it.Edits = append(it.Edits, plan.Edit{Field: w.line.title(), Edge: &edge, Action: plan.EditWait, Reason: fmt.Sprintf("the associations of the record %s can't be read: %v", from.record, pg.failed[from.record])})
			continue
		case from.record == "" || edge.Record == "" || edge.Type == 0:
			label := edge.Label
			it.Edits = append(it.Edits, plan.Edit{Field: w.line.title(), Edge: &edge, Action: plan.EditHubSpot, New: &label, Reason: "the source has it"})
			e.needLabel(w)
			continue
		case from.record == edge.Record && w.line.fromT.ID == w.line.toT.ID:
			it.Edits = append(it.Edits, plan.Edit{Field: w.line.title(), Edge: &edge, Action: plan.EditWait, Reason: "a record can't be associated with itself"})
			continue
		}
		k := edgeKey{w.line.name, from.record, edge.Record, edge.Category, edge.Type}
		asked[k] = true
		e.one(ctx, pg, r, it, w.line, k, edge, true, base[k])
	}
	for _, b := range pg.base[r.Key] {
		k := edgeKey{b.Line, b.From, b.To, b.Category, b.Type}
		if asked[k] || pg.failed[b.From] != nil || unclear[b.Line] {
			continue // what the row names and is not found may be this one
		}
		edge := plan.Edge{Object: b.Object, Record: b.To, Category: b.Category, Type: b.Type, Label: b.Label, Line: b.Line, Pair: b.Pair}
		l := e.line(b.Line)
		own := pg.own[r.Key]
		switch {
		case l == nil: // the definition asks for such associations no more
			continue
		case l.from == nil && own.record != "" && own.record != b.From:
			l = nil // of another record than it has now
		}
		if l == nil {
			edge.FromRow = b.From
			it.Edits = append(it.Edits, plan.Edit{Edge: &edge, Action: plan.EditForget, Reason: "it was one of the record that the row had before"})
			continue
		}
		if it.RecordID == "" {
			it.RecordID = b.From
		}
		if l.from != nil && b.From != it.RecordID {
			edge.FromRow = b.From
		}
		if !e.looksAt(pg, r) {
			continue
		}
		if e.err = e.leftBy(ctx, pg, r, it, l, b, edge); e.err != nil {
			return
		}
	}
}

// asksAnew reports whether a row asks for an association that it did not ask for before:
// not where a person has one made again or made it again, or an undo brought it back.
func asksAnew(it *plan.Item, line string) bool {
	return slices.ContainsFunc(it.Edits, func(e plan.Edit) bool {
		return e.Edge != nil && e.Edge.Line == line && e.Choice == 0 &&
			(e.Associates() || e.Action == plan.EditAdopt && e.Reason != askedAgain && e.Reason != madeAgain)
	})
}

// one decides about an association of two records that are there.
func (e *edgePlanner) one(ctx context.Context, pg *edgePage, r *store.RowSeen, it *plan.Item, l *edgeLine, k edgeKey, edge plan.Edge, want bool, was store.Edge) {
	looked := e.looksAt(pg, r)
	have := pg.have[l.toT.ID]
	there := have.has(k.from, k.to, k.category, k.typeID)
	if !looked {
		there = was.State.Held()
	}
	label := edge.Label
	edge.Pair = was.Pair || (was.State == plan.EdgeNone && len(have[k.from][k.to]) == 0)
	c := e.openEdge(r.Key, edge)
	edit := plan.Edit{Field: l.title(), Edge: &edge}
	if want && !there && was.State == plan.EdgeNone {
		was, edit.Agreed = e.heldByOther(ctx, pg, k, was)
	}
	if there && was.State == plan.EdgeMade && c != nil && c.Cause == plan.CauseEdgeRemoved && edgeDecision(c) == merge.EdgeUndecided {
		was.State = plan.EdgeDeclined // it was gone when it was asked about: what is there somebody else made
	}
	action := merge.Edge(want, was.State, there, l.remove, edgeDecision(c))
	if c != nil && (action == merge.EdgeAdd || action == merge.EdgeDecline) {
		edit.Choice = c.ID
	}
	switch action {
	case merge.EdgeLeave:
		if want && was.State == plan.EdgeUndone {
			edit.Action, edit.Reason = plan.EditLeft, fmt.Sprintf("an undo of the run %s took it back: it stays so until the source changes, or the run is done again", was.Run)
			break
		}
		return
	case merge.EdgeAdd:
		edit.Action, edit.New, edit.Reason = plan.EditHubSpot, &label, "the source has it"
		if edit.Choice != 0 {
			edit.Reason = "decided in Review: it is made again"
		}
		if e.made(k) {
			edit.Action, edit.New, edit.Reason, edge.Both = plan.EditAdopt, nil, otherMakes, l.mutual(k.category, k.typeID)
			break
		}
		if e.alreadyPrimary(k, edge) {
			edit.Action, edit.New, edit.Reason = plan.EditWait, nil, "another row makes another record the primary one, and there can be only one"
			break
		}
		e.replaces(pg, r, it, l, k, edge, &edit)
	case merge.EdgeRemove:
		edit.Action, edit.Old, edit.Reason = plan.EditHubSpot, &label, "the source has it no more"
	case merge.EdgeAdopt:
		edit.Action, edit.Reason = plan.EditAdopt, "HubSpot has it already"
		switch was.State {
		case plan.EdgeRestored:
			edit.Reason = askedAgain
		case plan.EdgeUndone, plan.EdgeDeclined:
			edit.Reason = madeAgain
		}
		if b, ok := e.heirs[edgeKey{"", k.from, k.to, k.category, k.typeID}]; ok && was.State == plan.EdgeNone {
			edit.Reason, edge.Pair = takenOver, b.Pair
		}
	case merge.EdgeForget:
		edit.Action, edit.Reason = plan.EditForget, "the source has it no more"
	case merge.EdgeDecline:
		edit.Action, edit.Reason = plan.EditKeep, "decided in Review: it stays removed"
	case merge.EdgeConflict:
		edit.Action, edit.Cause = plan.EditConflict, plan.CauseEdgeRemoved
		edit.Reason = "it was removed in HubSpot, and the source still has it"
		if primaryType(edge.Label) && len(have.others(k.from, k.to, k.category, k.typeID)) > 0 {
			edit.Cause, edit.HubSpot = plan.CausePrimary, &have.others(k.from, k.to, k.category, k.typeID)[0]
			edit.Reason = fmt.Sprintf("the record %s was made the primary one in HubSpot", *edit.HubSpot)
		}
		e.waitEdge(it, r, edge, edit)
	}
	it.Edits = append(it.Edits, edit)
}

// heldByOther is what is remembered of an association that another row asked for, or
// under another label, and that HubSpot has no more: a person removed it, whichever row
// asks for it now. Where something still joins the two records it is that which counts.
func (e *edgePlanner) heldByOther(ctx context.Context, pg *edgePage, k edgeKey, was store.Edge) (store.Edge, bool) {
	if !e.remembers || e.err != nil {
		return was, false
	}
	l := e.line(k.line)
	held, err := e.Store.PairEdges(ctx, e.sync.ID, l.toT.ID, k.from, k.to, l.within())
	if e.err = err; err != nil {
		return was, false
	}
	apart := len(pg.have[l.toT.ID][k.from][k.to]) == 0
	i := slices.IndexFunc(held, func(o store.Edge) bool {
		same := o.Category == k.category && o.Type == k.typeID && (o.From == k.from || l.mutual(k.category, k.typeID))
		return same || apart
	})
	if i < 0 {
		return was, false
	}
	was.State, was.Pair, was.Run = plan.EdgeMade, held[i].Pair, held[i].Run
	return was, true
}

// alreadyPrimary reports whether this plan makes another record the primary one.
func (e *edgePlanner) alreadyPrimary(k edgeKey, edge plan.Edge) bool {
	if !primaryType(edge.Label) {
		return false
	}
	first, ok := e.primaries[k.line+" "+k.from]
	if !ok {
		e.primaries[k.line+" "+k.from] = k.to
	}
	return ok && first != k.to
}

// replaces looks whether making a record the primary one takes that from
// another, and who had made that one so.
func (e *edgePlanner) replaces(pg *edgePage, r *store.RowSeen, it *plan.Item, l *edgeLine, k edgeKey, edge plan.Edge, edit *plan.Edit) {
	if !primaryType(edge.Label) {
		return
	}
	others := pg.have[l.toT.ID].others(k.from, k.to, k.category, k.typeID)
	if len(others) == 0 {
		return
	}
	edit.HubSpot = &others[0]
	edit.Reason = fmt.Sprintf("the source has it; it takes the place of %s as the primary one", others[0])
	known, ours := false, false
	for _, b := range pg.base[r.Key] {
		if b.Line == l.name && b.Category == k.category && b.Type == k.typeID && b.State.Held() {
			known, ours = true, ours || b.To == others[0]
		}
	}
	if edit.Choice != 0 || ours || (!known && e.Definition.Direction == definition.ToHubSpot) {
		return
	}
	edit.Action, edit.Cause, edit.New = plan.EditConflict, plan.CausePrimary, nil
	edit.Reason = fmt.Sprintf("HubSpot has the record %s as the primary one, and the source another", others[0])
	if c := e.openEdge(r.Key, edge); c != nil && c.State == plan.ConflictDecided {
		edit.Choice = c.ID
		if edgeDecision(c) == merge.EdgeTakeSource {
			label := edge.Label
			edit.Action, edit.Cause, edit.New, edit.Reason = plan.EditHubSpot, "", &label, "decided in Review: it becomes the primary one"
		} else {
			edit.Action, edit.Cause, edit.Reason = plan.EditKeep, "", "decided in Review: the primary one stays as it is"
		}
		return
	}
	e.waitEdge(it, r, edge, *edit)
}

// waitEdge keeps a conflict about an association for the review queue.
func (e *edgePlanner) waitEdge(it *plan.Item, r *store.RowSeen, edge plan.Edge, edit plan.Edit) {
	edge.Pair, edge.Both, edge.Kept = false, false, false
	c := store.Conflict{SyncID: e.sync.ID, RowKey: r.Key, RecordID: it.RecordID, Name: it.Name, Field: edit.Field, Edge: &edge, Cause: edit.Cause, Reason: edit.Reason,
		Source: edge.Text()}
	if edit.Cause == plan.CauseEdgeRemoved {
		base := c.Source
		c.Base = &base
	} else if edit.HubSpot != nil {
		c.HubSpot = *edit.HubSpot
	}
	e.conflicts = append(e.conflicts, c)
	if open := e.openEdge(r.Key, edge); open != nil {
		e.planner.kept[open.ID] = true
	}
}

// openEdge is the live conflict about an association of a row.
func (e *edgePlanner) openEdge(rowKey string, edge plan.Edge) *store.Conflict {
	for i := range e.open[rowKey] {
		c := &e.open[rowKey][i]
		if o := c.Edge; o != nil && o.Line == edge.Line && o.Record == edge.Record && o.Category == edge.Category && o.Type == edge.Type && o.FromRow == edge.FromRow {
			return c
		}
	}
	return nil
}

func edgeDecision(c *store.Conflict) merge.EdgeDecision {
	if c == nil || c.State != plan.ConflictDecided {
		return merge.EdgeUndecided
	}
	switch c.Choice {
	case plan.ChooseSource, plan.ChooseBase:
		return merge.EdgeTakeSource
	case plan.ChooseHubSpot, plan.ChooseSkip:
		return merge.EdgeTakeHubSpot
	}
	return merge.EdgeUndecided
}

// made notes that this plan makes an association, and reports whether it does
// already, from either end.
func (e *edgePlanner) made(k edgeKey) bool {
	a, b := k.from, k.to
	if l := e.line(k.line); l != nil && l.fromT.ID == l.toT.ID && l.plain(k.category, k.typeID) && b < a {
		a, b = b, a
	}
	h := maphash.String(e.seed, fmt.Sprintf("%s %s %s %s %d", e.line(k.line).toT.ID, a, b, k.category, k.typeID))
	if e.adding[h] {
		return true
	}
	e.adding[h] = true
	return false
}
