package app

import (
	"context"
	"errors"
	"slices"

	"syncline/sync/engine"
	"syncline/sync/plan"
)

// Two syncs of a set may name records of each other by a match property, people their
// companies and companies their main contact. One of them comes first, and what it names of
// the other's new records waits. After all it is gone through once more, for that alone.

// joinWaiting makes at the end of a set's run what waited for records that came after it.
func (w *setWork) joinWaiting(ctx context.Context) {
	if w.res.State != plan.RunDone || len(w.set.again) == 0 {
		return
	}
	var first []string
	for i := range w.res.Members {
		plans, err := w.app.plansWithin(ctx, w.res.Members[i].Result.PlanID)
		if err != nil {
			w.res.Members[i].Err = err
			w.stopped(i)
			return
		}
		first = append(first, plans...)
	}
	for _, i := range w.set.again {
		m := &w.res.Members[i]
		if m.Result.Counts.Waiting == 0 {
			continue
		}
		before := m.Result
		res, err := w.joinOf(ctx, i, slices.Clone(first))
		if err == nil && res.RunID == "" {
			w.o.Progress.end(i, before.State)
			continue // none of them can be made yet
		}
		m.Result, m.Err = joined(before, res), err
		w.o.Progress.end(i, m.Result.State)
		if err != nil {
			w.stopped(i)
			return
		}
	}
}

func (w *setWork) joinOf(ctx context.Context, i int, first []string) (engine.Result, error) {
	s, err := w.app.OpenSync(ctx, w.set.Paths[i], w.options(i, first))
	if err != nil {
		return engine.Result{State: plan.RunFailed}, err
	}
	res, err := s.joinWaiting(ctx)
	return res, errors.Join(err, s.Close())
}

// joinWaiting makes the associations that waited for their records and that can be made now.
func (s *Session) joinWaiting(ctx context.Context) (res engine.Result, err error) {
	end := s.begin("join")
	defer func() { end(res, err) }()
	return s.Engine.JoinWaiting(ctx)
}

// joined is what a sync came to that made at the end what had waited.
func joined(before, last engine.Result) engine.Result {
	before.State, before.Calls = last.State, before.Calls.Plus(last.Calls)
	before.Counts.Associated += last.Counts.Associated
	before.Counts.Waiting = last.Counts.Waiting
	for _, note := range last.Notes {
		if !slices.Contains(before.Notes, note) {
			before.Notes = append(before.Notes, note)
		}
	}
	return before
}
