package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/plan"
)

// PreviewUndoSet makes the plans of undoing a run of a set, the last sync first,
// each as if those before it were carried out, and keeps them as one. Neither
// side is written.
func (a *App) PreviewUndoSet(ctx context.Context, id string, o SetOptions) (SetResult, error) {
	w, runs, parts, err := a.undoWork(ctx, id, o)
	if err != nil {
		return SetResult{}, err
	}
	w.res.State = plan.RunPlanned
	w.previewUndo(ctx, runs, parts)
	if w.res.State != plan.RunPlanned {
		return w.res, nil
	}
	p := store.SetPlan{ID: newSetID("setplan"), Name: w.set.Name, Path: w.set.Path, Made: time.Now()}
	for _, m := range w.res.Members {
		p.Members = append(p.Members, store.SetMember{Document: m.Document, PlanID: m.Result.PlanID})
	}
	w.res.Plan = p.ID
	return w.res, a.Store.KeepSetPlan(ctx, p)
}

// UndoSet takes back a run of a set: the runs of its syncs, the last one first.
// With a plan of PreviewUndoSet it does that and nothing else. What a person
// must confirm of any of them is asked before the first is touched.
func (a *App) UndoSet(ctx context.Context, id string, o SetOptions) (SetResult, error) {
	w, runs, parts, err := a.undoWork(ctx, id, o)
	if err != nil {
		return SetResult{}, err
	}
	part, err := a.partText(ctx, id, runs, o)
	if err != nil {
		return w.res, err
	}
	if w.run, err = a.nextSetRun(ctx, store.SetRun{Name: w.set.Name, Path: w.set.Path, Kind: plan.KindUndo, UndoOf: id, Part: part, Plan: o.Plan}); err != nil {
		return w.res, err
	}
	switch {
	case o.Plan != "":
		err = w.takeUndo(ctx, runs)
	case !o.Confirmed:
		w.askFirst(ctx, runs, parts)
	}
	if err != nil || w.res.State != plan.RunDone {
		return w.res, err
	}
	return w.res, w.asRun(ctx, func() {
		w.every(ctx, func(i int, o Options) (engine.Result, error) {
			switch {
			case w.done[i] != nil:
				return *w.done[i], nil
			case w.plans[i] != "":
				return a.applyUndo(ctx, runs[i].ID, w.plans[i], o)
			}
			o.Part = parts[i]
			return a.Undo(ctx, runs[i].ID, o)
		})
	})
}

// undoWork is the work of taking back a run of a set, with the runs of its
// syncs in the order in which they are taken back, and what of each.
func (a *App) undoWork(ctx context.Context, id string, o SetOptions) (*setWork, []store.Run, []store.Part, error) {
	was, err := a.Store.SetRun(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil, nil, &UseError{Msg: fmt.Sprintf("there is no run %s of a set in this workspace: see syncline runs", id)}
	}
	if err != nil {
		return nil, nil, nil, err
	}
	runs, err := a.setRuns(ctx, id)
	if err != nil {
		return nil, nil, nil, err
	}
	slices.Reverse(runs)
	if o.Plan != "" {
		if runs, err = a.runsOfPlan(ctx, runs, o.Plan); err != nil {
			return nil, nil, nil, err
		}
	}
	runs, parts, err := a.partOfSet(ctx, runs, o.Part)
	if err != nil {
		return nil, nil, nil, err
	}
	set := &Set{Name: was.Name, Path: was.Path}
	for _, r := range runs {
		set.Documents = append(set.Documents, r.SyncName)
	}
	w := a.workOn(set, o)
	w.res.UndoOf = id
	return w, runs, parts, nil
}

// partText says of what an undo is, "" for all of the set's run: a plan may be of some
// syncs only.
func (a *App) partText(ctx context.Context, id string, runs []store.Run, o SetOptions) (string, error) {
	if o.Plan == "" || !o.Part.Whole() {
		return o.Part.Text(), nil
	}
	all, err := a.Store.RunsOfSet(ctx, id)
	if err != nil || len(all) == len(runs) {
		return "", err
	}
	var part SetPart
	for _, r := range runs {
		part.Syncs = append(part.Syncs, r.SyncName)
	}
	return part.Text(), nil
}

// runsOfPlan are those of the runs that a plan takes back; all where it is no plan of
// them, which is told when it is taken.
func (a *App) runsOfPlan(ctx context.Context, runs []store.Run, id string) ([]store.Run, error) {
	p, err := a.Store.SetPlan(ctx, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	var some []store.Run
	for _, r := range runs {
		for _, m := range p.Members {
			pl, err := a.Store.Plan(ctx, m.PlanID)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return nil, err
			}
			if err == nil && pl.UndoOf == r.ID {
				some = append(some, r)
			}
		}
	}
	if len(some) == 0 {
		return runs, nil
	}
	return some, nil
}

// applyUndo carries out the plan of undoing a run.
func (a *App) applyUndo(ctx context.Context, runID, planID string, o Options) (res engine.Result, err error) {
	s, err := a.sessionOf(ctx, runID, o)
	if err != nil {
		return res, err
	}
	res, err = s.Run(ctx, planID)
	return res, errors.Join(err, s.Close())
}

// previewUndo plans the undo of each run, knowing what those before it take
// back.
func (w *setWork) previewUndo(ctx context.Context, runs []store.Run, parts []store.Part) {
	var first []string
	w.every(ctx, func(i int, o Options) (engine.Result, error) {
		o.UndoneFirst, o.Part = first, parts[i]
		res, err := w.app.PreviewUndo(ctx, runs[i].ID, o)
		first = append(slices.Clone(first), res.PlanID)
		return res, err
	})
}

// takeUndo takes the plans that were previewed together, and asks what a person
// must confirm of any of them.
func (w *setWork) takeUndo(ctx context.Context, runs []store.Run) error {
	p, err := w.app.Store.SetPlan(ctx, w.o.Plan)
	if err == nil && len(p.Members) != len(runs) {
		err = store.ErrNotFound
	}
	if errors.Is(err, store.ErrNotFound) {
		return &UseError{Msg: fmt.Sprintf("there is no plan %s that undoes this run of the set: preview the undo again", w.o.Plan)}
	}
	if err != nil {
		return err
	}
	for i, member := range p.Members {
		w.plans[i] = member.PlanID
		if err := w.takeUndoOf(ctx, i, runs[i]); err != nil {
			return err
		}
	}
	w.res.Plan = p.ID
	if w.res.State != plan.RunDone {
		w.res.Notes = append(w.res.Notes, undoAsks)
	}
	return nil
}

const undoAsks = "Nothing was taken back: what an undo archives is confirmed for the whole set."

// takeUndoOf looks at the plan of undoing one run before the first is carried
// out.
func (w *setWork) takeUndoOf(ctx context.Context, i int, run store.Run) error {
	pl, err := w.app.Store.Plan(ctx, w.plans[i])
	if errors.Is(err, store.ErrNotFound) || err == nil && pl.UndoOf != run.ID {
		return &UseError{Msg: fmt.Sprintf("the plan that undoes %s is not in this workspace any more, because newer ones were made: preview the undo again", run.SyncName)}
	}
	if err != nil {
		return err
	}
	switch pl.State {
	case plan.Applied:
		w.done[i], err = w.applied(ctx, pl.ID)
		return err
	case plan.Ready:
		summary, err := engine.SummaryOf(pl)
		if err != nil {
			return err
		}
		if pl.Revision == 0 && len(summary.Guards) > 0 && !w.o.Confirmed {
			m := &w.res.Members[i]
			m.Err = &engine.GuardError{PlanID: pl.ID, Guards: summary.Guards}
			m.Result = engine.Result{PlanID: pl.ID, SyncID: pl.SyncID, Sync: run.SyncName, State: plan.RunStopped, Counts: summary.Counts, Guards: summary.Guards}
			w.res.State = plan.RunStopped
		}
	}
	return nil
}

// askFirst finds what a person must confirm of an undo, before anything is
// taken back.
func (w *setWork) askFirst(ctx context.Context, runs []store.Run, parts []store.Part) {
	var first []string
	for i, r := range runs {
		m := &w.res.Members[i]
		res, err := w.app.PreviewUndo(ctx, r.ID, Options{Portal: w.o.Portal, UndoneFirst: first, Part: parts[i]})
		if res.PlanID != "" {
			first = append(slices.Clone(first), res.PlanID)
		}
		if err == nil && len(res.Guards) > 0 {
			res.State, err = plan.RunStopped, &engine.GuardError{PlanID: res.PlanID, Guards: res.Guards}
		}
		if err == nil {
			continue
		}
		if m.Result, m.Err = res, err; m.Result.State == "" {
			m.Result.State = plan.RunFailed
		}
		m.Result.Sync = cmp.Or(res.Sync, r.SyncName)
		w.res.State = plan.RunStopped
	}
	if w.res.State != plan.RunDone {
		w.res.Notes = append(w.res.Notes, undoAsks)
	}
}
