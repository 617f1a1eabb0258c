package engine

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/mapping"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// Undo reverts a run: a plan whose target is what stood there before, guarded
// by "the value is still what the run wrote". Values edited since are kept and
// listed as skipped. Records that the run created are archived, unless they
// were edited since. Afterwards both sides count as agreed as they are, so the
// next run does not do it all again.
func (e *Engine) Undo(ctx context.Context, runID string) (Result, error) {
	pl, release, j, err := e.planUndo(ctx, runID)
	if err != nil {
		return Result{}, err
	}
	defer release()
	j.Confirmed = true // naming the run is the confirmation; the window asks for the number
	return j.carryOut(ctx, pl)
}

// PreviewUndo makes the plan of an undo and keeps it.
func (e *Engine) PreviewUndo(ctx context.Context, runID string) (Result, error) {
	pl, release, j, err := e.planUndo(ctx, runID)
	if err != nil {
		return Result{}, err
	}
	defer release()
	return j.planned(pl)
}

func (e *Engine) planUndo(ctx context.Context, runID string) (plan.Plan, func(), *job, error) {
	j, release, err := e.begin(ctx)
	if err != nil {
		return plan.Plan{}, nil, nil, err
	}
	pl, err := j.undoPlan(ctx, runID)
	if err != nil {
		release()
		return plan.Plan{}, nil, nil, err
	}
	return pl, release, j, nil
}

func (j *job) undoPlan(ctx context.Context, runID string) (plan.Plan, error) {
	run, err := j.Store.Run(ctx, runID)
	if errors.Is(err, store.ErrNotFound) {
		return plan.Plan{}, &SetupError{Kind: "plan", Msg: fmt.Sprintf("there is no run %s in this workspace: see the history", runID)}
	}
	if err != nil {
		return plan.Plan{}, err
	}
	if run.SyncID != j.sync.ID {
		return plan.Plan{}, &SetupError{Kind: "plan", Msg: fmt.Sprintf("the run %s wrote to another portal or belongs to another sync", runID)}
	}
	if _, err := j.Store.Interrupted(ctx, j.sync.ID); err == nil {
		return plan.Plan{}, &SetupError{Kind: "plan", Msg: "a run of this sync was interrupted: run the sync once more to bring it to its end, then undo"}
	}
	p := &planner{job: j, sum: sha256.New(), changes: map[string]int{}, emptied: map[string]int{}}
	p.plan = plan.Plan{ID: newID("plan", j.now()), SyncID: j.sync.ID, Kind: plan.KindUndo, UndoOf: runID, Made: j.now()}
	if err := p.Store.NewPlan(ctx, p.plan); err != nil {
		return plan.Plan{}, err
	}
	if err := p.undo(ctx, runID); err != nil {
		return plan.Plan{}, err
	}
	if err := p.flush(ctx); err != nil {
		return plan.Plan{}, err
	}
	if err := p.Store.FreezePlan(ctx, p.plan.ID, fmt.Sprintf("%x", p.sum.Sum(nil)), p.summary); err != nil {
		return plan.Plan{}, err
	}
	return j.Store.Plan(ctx, p.plan.ID)
}

// undo walks the audit trail of the run, a page of pairs at a time.
func (p *planner) undo(ctx context.Context, runID string) error {
	pairs := make(map[int64][]store.Audit)
	var order []int64
	for a, err := range p.Store.AuditOf(ctx, runID) {
		if err != nil {
			return err
		}
		if pairs[a.LinkID] == nil {
			order = append(order, a.LinkID)
		}
		pairs[a.LinkID] = append(pairs[a.LinkID], a)
	}
	for links := range slices.Chunk(order, batchSize) {
		var ids []string
		for _, link := range links {
			if id := pairs[link][0].RecordID; id != "" {
				ids = append(ids, id)
			}
		}
		got, err := p.Client.BatchRead(ctx, p.schema.object.Name, hubspot.BatchReadRequest{IDs: ids, Properties: p.mapping.Properties})
		if err != nil {
			return err
		}
		now := make(map[string]record.Record, len(got.Records))
		for _, r := range got.Records {
			now[r.ID] = r
		}
		bases, err := p.Store.Bases(ctx, links)
		if err != nil {
			return err
		}
		for _, link := range links {
			if err := p.undoPair(ctx, pairs[link], now, bases[link]); err != nil {
				return err
			}
		}
	}
	return nil
}

// undoPair plans the way back for one row and record.
func (p *planner) undoPair(ctx context.Context, trail []store.Audit, now map[string]record.Record, base store.Base) error {
	first := trail[0]
	it := plan.Item{LinkID: first.LinkID, RowKey: first.RowKey, RecordID: first.RecordID, Name: first.RowKey, ReadAt: p.now()}
	rec, there := now[first.RecordID]
	values := p.mapping.RecordValues(rec.Properties)
	if name := p.mapping.Name(values); name != "" {
		it.Name = name
	}
	switch {
	case first.Side == plan.HubSpot && first.Action == plan.OpCreate:
		return p.undoCreate(ctx, it, trail, there, values)
	case first.Side == plan.Source && first.Action == plan.OpCreate:
		it.Kind, it.Fate, it.Reason = plan.ItemSkip, plan.FateSkipped, "the row was added to the source by this run and stays: delete it there if it is not wanted"
		return p.add(ctx, it)
	case first.Action == plan.OpArchive:
		it.Kind, it.Fate, it.Reason = plan.ItemSkip, plan.FateSkipped, "the record was archived by this run: HubSpot lets only a person restore it, within 90 days"
		return p.add(ctx, it)
	}
	kept := ""
	for _, a := range trail {
		e, why := p.undoEdit(a, values, there, base)
		if why != "" {
			kept = why
			continue
		}
		it.Edits = append(it.Edits, e)
	}
	if len(it.Edits) == 0 {
		it.Kind, it.Fate, it.Reason = plan.ItemSkip, plan.FateSkipped, kept
		return p.add(ctx, it)
	}
	it.Kind, it.Fate, it.Reason = plan.ItemUpdate, plan.FateUpdated, "undone"
	if err := p.add(ctx, it); err != nil || kept == "" {
		return err
	}
	// What was edited since is listed on its own, so that it is not overlooked.
	p.notes = append(p.notes, fmt.Sprintf("%s: %s", it.Name, kept))
	p.summary.Notes = p.notes
	return nil
}

// undoEdit is the way back of one value, or the reason why it stays.
func (p *planner) undoEdit(a store.Audit, values record.Values, there bool, base store.Base) (plan.Edit, string) {
	e := plan.Edit{Field: a.Field, Property: a.Property, Reason: "undo of " + a.Why, Old: a.After, New: emptyText(a.Before)}
	e.Source, e.HubSpot = mapping.Text(base.Source[a.Property]), mapping.Text(base.HubSpot[a.Property])
	if a.Side == plan.Source {
		e.Action = plan.EditSource
		return e, ""
	}
	f := p.mapping.ByProperty[a.Property]
	switch {
	case f == nil:
		return e, fmt.Sprintf("%s is not mapped any more and stays", a.Property)
	case !there:
		return e, "the record is not in HubSpot any more"
	case !f.Rule.Same(values[a.Property], mapping.Value(a.After)):
		return e, fmt.Sprintf("%s was edited since and stays %q", a.Property, values[a.Property])
	}
	e.Action, e.HubSpot = plan.EditHubSpot, a.After
	return e, ""
}

// emptyText gives no value the one form that clears.
func emptyText(s *string) *string {
	if s == nil {
		empty := ""
		return &empty
	}
	return s
}

// undoCreate plans the archiving of a record that the run created, if nobody
// edited it since.
func (p *planner) undoCreate(ctx context.Context, it plan.Item, trail []store.Audit, there bool, values record.Values) error {
	it.Kind, it.Fate = plan.ItemSkip, plan.FateSkipped
	if !there {
		it.Reason = "the record is not in HubSpot any more"
		return p.add(ctx, it)
	}
	for _, a := range trail {
		f := p.mapping.ByProperty[a.Property]
		if a.Side != plan.HubSpot || f == nil || f.Rule.Same(values[a.Property], mapping.Value(a.After)) {
			continue
		}
		it.Reason = fmt.Sprintf("the record was created by this run, but %s was edited since: it stays", a.Property)
		return p.add(ctx, it)
	}
	it.Kind, it.Fate, it.Reason = plan.ItemArchive, plan.FateUpdated, "created by the run that was undone"
	return p.add(ctx, it)
}
