package engine_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
)

// stoppedAfter runs until so many outcomes are kept and stops then, as a person
// would; so many batches are sent until then, and no more. It returns what the
// run came to and the newest snapshot.
func (s *stage) stoppedAfter(outcomes int, planID string) (engine.Result, engine.Snapshot) {
	s.t.Helper()
	var progress engine.Progress
	res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		e.Progress, e.Confirmed = &progress, true
		var mu sync.Mutex
		may := outcomes
		e.At = func(point string) {
			mu.Lock()
			defer mu.Unlock()
			switch point {
			case "intent":
				if may--; may < 0 {
					mu.Unlock()
					<-ctx.Done()
					mu.Lock()
				}
			case "outcome":
				if outcomes--; outcomes == 0 {
					stop()
				}
			}
		}
		return e.Run(ctx, planID)
	})
	if !errors.Is(err, context.Canceled) {
		s.t.Fatalf("the run was not stopped: %+v, %v", res, err)
	}
	return res, progress.Snapshot()
}

// What a stopped run says is what it did: the rest is still to do, and all adds
// up. The run that goes on counts from there, and ends with the sum of both.
func TestAStoppedRunCountsWhatItDid(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(1000))
	res, shown := s.stoppedAfter(2, "")
	at := s.portal.Count("contacts")
	if at == 0 || at == 1000 {
		t.Fatalf("it was stopped at %d records", at)
	}
	want := engine.Counts{Read: 1000, Created: at, ToDo: 1000 - at}
	if diff := cmp.Diff(want, res.Counts); diff != "" {
		t.Errorf("stopped (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(want, shown.Counts); diff != "" {
		t.Errorf("shown when it was stopped (-want +got)\n%s", diff)
	}
	if shown.Batch.Done != at || shown.Batch.Total != 1000 {
		t.Errorf("the lane shows %d of %d, %d are written", shown.Batch.Done, shown.Batch.Total, at)
	}

	var progress engine.Progress
	var mu sync.Mutex // of least: batches end side by side
	least := 1000
	res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
		e.Progress = &progress
		e.At = func(point string) {
			if snap := progress.Snapshot(); point == "outcome" {
				mu.Lock()
				defer mu.Unlock()
				least = min(least, snap.Batch.Done, snap.Counts.Created)
				if snap.Counts.Sum() != snap.Counts.Read {
					t.Errorf("what is shown does not add up: %+v", snap.Counts)
				}
			}
		}
		return e.Run(ctx, res.PlanID)
	})
	if err != nil {
		t.Fatal(err)
	}
	if least < at {
		t.Errorf("the run that went on counted from %d, %d were written before", least, at)
	}
	if diff := cmp.Diff(engine.Counts{Read: 1000, Created: 1000}, res.Counts); diff != "" {
		t.Errorf("in the end (-want +got)\n%s", diff)
	}
	if snap := progress.Snapshot(); snap.Batch.Done != 1000 || snap.Counts.Created != 1000 {
		t.Errorf("in the end the lane shows %+v, the fates %+v", snap.Batch, snap.Counts)
	}
}

// What was taken out of a plan is skipped from the start, and not to do.
func TestWhatIsTakenOutIsNotToDo(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(400))
	planned, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
		res, err := e.Preview(ctx)
		if err == nil {
			err = e.Store.ExcludeItems(ctx, res.PlanID, []int{1, 2, 3}, true)
		}
		return res, err
	})
	if err != nil {
		t.Fatal(err)
	}
	res, shown := s.stoppedAfter(1, planned.PlanID)
	if res.Counts.Skipped != 3 || res.Counts.Sum() != 400 || res.Counts.ToDo != 397-res.Counts.Created {
		t.Errorf("stopped: %+v", res.Counts)
	}
	if shown.Batch.Total != 397 {
		t.Errorf("the lane's total is %d", shown.Batch.Total)
	}
}

// A run that first ends an interrupted one reports what it finished of it, and
// not that nothing changed.
func TestARunThatEndsAnotherReportsWhatItFinished(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(100))
	s.run()
	s.write(s.file, people(1100))
	stopped, _ := s.stoppedAfter(2, "")
	if stopped.Counts.ToDo == 0 {
		t.Fatalf("it was not stopped: %+v", stopped.Counts)
	}
	res := s.run()
	if diff := cmp.Diff(engine.Counts{Read: 1100, Created: 1000, Unchanged: 100}, res.Counts); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if res.RunID != stopped.RunID || res.PlanID != stopped.PlanID {
		t.Errorf("it reports the run %s with the plan %s, what it finished is %s with %s", res.RunID, res.PlanID, stopped.RunID, stopped.PlanID)
	}
	if res = s.run(); res.Counts.Unchanged != 1100 {
		t.Errorf("the next run: %+v", res.Counts)
	}
}

// Where there is more to do than what was interrupted, the report is of that,
// and tells what was finished before.
func TestARunThatGoesOnTellsWhatItFinishedBefore(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(1000))
	stopped, _ := s.stoppedAfter(1, "")
	s.write(s.file, people(1010))
	res := s.run()
	if res.Counts.Created != 10 || res.Counts.Unchanged != 1000 {
		t.Errorf("%+v", res.Counts)
	}
	told := false
	for _, n := range res.Notes {
		told = told || strings.Contains(n, stopped.RunID) && strings.Contains(n, "1000 created")
	}
	if !told {
		t.Errorf("the notes are %q", res.Notes)
	}
}
