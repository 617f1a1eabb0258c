package engine_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

// Where more than three of a hundred calls fail, a run stops, says so, and the
// next one goes on where it stopped; nothing is lost or doubled.
func TestARunStopsWhenTooManyCallsFail(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("thousands of records")
	}
	synctest.Test(t, func(t *testing.T) {
		const rows = 6_000
		s := newStage(t, practice.Options{Seed: 6}, twoWay, people(rows))
		s.yes = true
		s.portal.SetFaults(practice.Faults{ServerErrorAfter: 0.2, Locked: 0.2})
		res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, "") })
		var failing *engine.FailingError
		if !errors.As(err, &failing) {
			t.Fatalf("%+v, %v", res.Counts, err)
		}
		t.Log(err)
		if res.State != plan.RunStopped || res.Counts.Created == 0 || res.Counts.ToDo == 0 || failing.Failed*100 <= failing.Calls*3 {
			t.Errorf("%s: %+v after %+v", res.State, res.Counts, failing)
		}
		s.portal.SetFaults(practice.Faults{})
		time.Sleep(time.Hour)
		s.run()
		if n := s.portal.Count("contacts"); n != rows {
			t.Errorf("%d contacts of %d rows", n, rows)
		}
		if res := s.run(); res.Counts.Unchanged != rows {
			t.Errorf("%+v", res.Counts)
		}
	})
}

// A few failures stop no run: each is answered by another try, however few the
// calls are.
func TestAFewFailuresStopNoRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, practice.Options{Seed: 5}, twoWay, people(300))
		s.portal.SetFaults(practice.Faults{ServerError: 0.2})
		if res := s.run(); res.Counts.Created != 300 {
			t.Errorf("%+v", res.Counts)
		}
	})
}
