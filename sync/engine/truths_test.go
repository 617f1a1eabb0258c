package engine_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
	"syncline/sync/source"
)

// synced is what the workspace knows of the stage's only sync.
func (s *stage) synced() store.Sync {
	s.t.Helper()
	var y store.Sync
	s.store(func(ctx context.Context, db *store.Store) {
		all, err := db.Syncs(ctx)
		if err != nil || len(all) != 1 {
			s.t.Fatalf("%d syncs, %v", len(all), err)
		}
		y = all[0]
	})
	return y
}

func (s *stage) preview() engine.Result {
	s.t.Helper()
	res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Preview(ctx) })
	if err != nil {
		s.t.Fatalf("preview: %v", err)
	}
	return res
}

func (s *stage) apply(planID string) engine.Result {
	s.t.Helper()
	res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, planID) })
	if err != nil {
		s.t.Fatalf("run --plan: %v", err)
	}
	return res
}

func TestPreviewingAndApplyingMovesTheWatermarkAsRunningDoes(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	planned := s.preview()
	if y := s.synced(); !y.Watermark.IsZero() {
		t.Fatalf("a preview moved the watermark to %v", y.Watermark)
	}
	s.apply(planned.PlanID)
	first := s.synced()
	if first.Watermark.IsZero() || first.FullAt.IsZero() {
		t.Fatalf("after a preview and its application the watermark is %v, all were read at %v", first.Watermark, first.FullAt)
	}

	// What a later pull saw is not in an earlier plan: the mark must not pass over it.
	s.replace("First1", "New1")
	earlier := s.preview()
	s.preview()
	s.apply(earlier.PlanID)
	if y := s.synced(); !y.Watermark.Equal(first.Watermark) {
		t.Errorf("an earlier plan moved the watermark from %v to %v", first.Watermark, y.Watermark)
	}
}

func TestEachInputOfEachBatchHasATraceOfItsOwn(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(250))
	res := s.run()
	seen, batches := map[string]bool{}, map[string]bool{}
	s.store(func(ctx context.Context, db *store.Store) {
		for op, err := range db.Ops(ctx, res.RunID) {
			if err != nil {
				t.Fatal(err)
			}
			if seen[op.TraceID] {
				t.Errorf("two inputs have the trace %s", op.TraceID)
			}
			seen[op.TraceID], batches[op.Batch] = true, true
			random, err := hex.DecodeString(strings.TrimPrefix(op.Batch, "b-"))
			if err != nil || len(random) != 16 || !strings.HasPrefix(op.TraceID, op.Batch+"-") {
				t.Fatalf("the trace %s of the batch %s does not rest on 128 random bits", op.TraceID, op.Batch)
			}
		}
	})
	if len(seen) != 250 || len(batches) != 3 {
		t.Errorf("%d traces in %d batches", len(seen), len(batches))
	}
}

// unsure is a source whose file is replaced, on a disk that does not confirm it.
type unsure struct{ source.Source }

func (u unsure) Prepare(ctx context.Context, changes []source.Change) (source.Prepared, error) {
	p, err := u.Source.Prepare(ctx, changes)
	return unsurePrepared{p}, err
}

type unsurePrepared struct{ source.Prepared }

func (p unsurePrepared) Commit(ctx context.Context) error {
	return errors.Join(p.Prepared.Commit(ctx), fmt.Errorf("customers.csv: %w", source.ErrUnconfirmed))
}

func TestAWriteThatTheDiskDoesNotConfirmIsSettledByLooking(t *testing.T) {
	t.Parallel()
	for _, lost := range []bool{false, true} {
		s := newStage(t, practice.Options{}, twoWay, people(2))
		s.run()
		before := s.contents()
		id, _ := s.by("email", "p1@example-0.com")
		s.edit(id, "lastname", "FromHubSpot")
		res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
			e.Source = unsure{e.Source}
			return e.Run(ctx, "")
		})
		if !errors.Is(err, source.ErrUnconfirmed) {
			t.Fatalf("got %v", err)
		}
		if lost {
			s.write(s.file, before) // the power was lost before the disk had it
		}
		s.run()
		s.run()
		if !strings.Contains(s.contents(), "FromHubSpot") {
			t.Errorf("lost %v: the edit is not in the file:\n%s", lost, s.contents())
		}
		if _, p := s.by("email", "p1@example-0.com"); p["lastname"] != "FromHubSpot" {
			t.Errorf("lost %v: the edit was taken back in HubSpot: %v", lost, p["lastname"])
		}
		want := map[plan.OpState]int{plan.OpDone: 1}
		if lost {
			want = map[plan.OpState]int{plan.OpDropped: 1, plan.OpDone: 1}
		}
		got := map[plan.OpState]int{}
		s.store(func(ctx context.Context, db *store.Store) {
			for op, err := range db.Ops(ctx, res.RunID) {
				if err != nil {
					t.Fatal(err)
				}
				if op.Side == plan.Source {
					got[op.State]++
				}
			}
		})
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("lost %v: the operations ended as %v, want %v", lost, got, want)
		}
	}
}
