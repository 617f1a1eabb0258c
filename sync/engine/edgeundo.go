package engine

import (
	"context"
	"encoding/json"
	"slices"

	"syncline/store"
	"syncline/sync/plan"
)

// edges plans the way back of the associations that a run wrote: those that it
// made are removed as far as they are still there, those that it removed are made
// again. They come before records are archived, which nothing may hang on then.
func (u *undoer) edges(ctx context.Context, runID string) error {
	if len(u.part.Fields) > 0 {
		return nil
	}
	for after := int64(0); ; {
		trail, err := u.Store.EdgeTrail(ctx, runID, after, lookPage)
		if err != nil || len(trail) == 0 {
			return err
		}
		after = trail[len(trail)-1].ID
		have, err := u.lookAtEdges(ctx, trail)
		if err != nil {
			return err
		}
		for _, a := range trail {
			if len(u.part.Rows) > 0 && !slices.Contains(u.part.Rows, a.RowKey) {
				continue
			}
			if err := u.edgeBack(ctx, a, have); err != nil {
				return err
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// lookAtEdges reads what the records of a trail are associated with, by the
// object type of the other end.
func (u *undoer) lookAtEdges(ctx context.Context, trail []store.Audit) (map[string]joined, error) {
	froms := make(map[*edgeLine][]string)
	for _, a := range trail {
		if l := u.line(a.Edge.Line); l != nil {
			froms[l] = append(froms[l], a.RecordID)
		}
	}
	have := make(map[string]joined)
	for l, ids := range froms {
		slices.Sort(ids)
		h, _, err := u.readEdges(ctx, l, slices.Compact(ids))
		if err != nil {
			return nil, err
		}
		if have[l.toT.ID] == nil {
			have[l.toT.ID] = make(joined)
		}
		for from, to := range h {
			have[l.toT.ID][from] = to
		}
	}
	return have, nil
}

// edgeBack plans the way back of one association.
func (u *undoer) edgeBack(ctx context.Context, a store.Audit, have map[string]joined) error {
	edge := *a.Edge
	it := plan.Item{Kind: plan.ItemEdges, Fate: plan.FateAssociated, RowKey: a.RowKey, RecordID: a.RecordID, Name: a.RowKey, Reason: "undone", ReadAt: u.now()}
	e := plan.Edit{Field: a.Field, Edge: &edge, Action: plan.EditHubSpot, Reason: "undo of " + a.Why}
	label := edge.Label
	there := have[edge.Object].has(a.RecordID, edge.Record, edge.Category, edge.Type)
	switch {
	case u.line(edge.Line) == nil:
		e.Action, e.Reason = plan.EditLeft, "the definition has no such association any more: it stays as it is"
	case a.Action == plan.OpAssociate && !there:
		e.Action, e.Reason = plan.EditLeft, "it was removed in HubSpot since"
	case a.Action == plan.OpAssociate:
		e.Old = &label
		edge.Pair = a.Edge.Pair
	case there:
		e.Action, e.Reason = plan.EditLeft, "it was made again in HubSpot since"
	default:
		e.New = &label
	}
	it.Edits = []plan.Edit{e}
	if !e.Writes() {
		it.Fate, it.Reason = plan.FateSkipped, e.Reason
	}
	return u.add(ctx, it)
}

// undoneEdge remembers that an undo took an association back.
func (j *job) undoneEdge(o *store.Outcome, pl plan.Plan, e plan.Edit) {
	for i := range o.Edges {
		o.Edges[i].State, o.Edges[i].Run = plan.EdgeRestored, pl.UndoOf
		if e.Dissociates() {
			o.Edges[i].State = plan.EdgeUndone
		}
	}
}

// countParts counts what undoing the parts of the run is going to archive.
func (u *undoer) countParts(ctx context.Context) error {
	if len(u.part.Fields)+len(u.part.Rows) > 0 {
		return nil
	}
	runs, err := u.Store.RunParts(ctx, u.plan.UndoOf)
	if err != nil {
		return err
	}
	for _, r := range runs {
		var c Counts
		if err := json.Unmarshal(r.Counts, &c); err != nil {
			return err
		}
		u.summary.Counts.Archived += c.Created
	}
	return nil
}

// undoParts undoes the runs that were parts of the one that is undone, which
// made the other ends of its associations: nothing of ours hangs on them now.
func (j *job) undoParts(ctx context.Context, pl plan.Plan) error {
	runs, err := j.Store.RunParts(ctx, pl.UndoOf)
	if err != nil {
		return err
	}
	for _, r := range runs {
		i := slices.IndexFunc(j.parts(), func(p *job) bool { return p.sync.ID == r.SyncID })
		var c Counts
		if err := json.Unmarshal(r.Counts, &c); err != nil {
			return err
		}
		if i < 0 || c.Created == 0 {
			continue
		}
		p := j.parts()[i]
		p.partOf = j.runID
		back, err := p.undoPlan(ctx, r.ID, store.Part{}, true)
		if err != nil {
			return err
		}
		if _, err := p.carryOut(ctx, back); err != nil {
			return err
		}
	}
	return nil
}
