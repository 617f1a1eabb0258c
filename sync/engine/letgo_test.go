package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
)

// A run of which it is kept no longer what it wrote is not undone in part, nor
// said to be undone: it is refused, with the reason. A sync goes on as before,
// and later runs are undone.
func TestAnUndoSaysWhatWasLetGo(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	s.yes = true
	first := s.run()
	s.replace("Last2", "Lee")
	second := s.run()
	s.store(func(ctx context.Context, db *store.Store) {
		if err := db.SetKeeping(ctx, store.Keeping{Changes: 30}); err != nil {
			t.Fatal(err)
		}
	})
	// The first run was 40 days ago.
	s.exec(`UPDATE run SET started_at = started_at - 40 * 86400000 WHERE id = ?`, first.RunID)
	s.store(func(ctx context.Context, db *store.Store) {
		for more, err := db.Tidy(ctx); more || err != nil; more, err = db.Tidy(ctx) {
			if err != nil {
				t.Fatal(err)
			}
		}
	})
	_, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Undo(ctx, first.RunID) })
	var setup *engine.SetupError
	if !errors.As(err, &setup) || !strings.Contains(err.Error(), first.RunID) || !strings.Contains(err.Error(), "kept no longer") {
		t.Errorf("the undo of the run that was let go: %v", err)
	}
	if res := s.run(); res.Counts.Unchanged != 3 {
		t.Errorf("the next run: %+v", res.Counts)
	}
	if res := s.undo(second.RunID); res.Counts.Updated != 1 {
		t.Errorf("the undo of the later run: %+v", res.Counts)
	}
	if _, p := s.by("email", "p2@example-1.com"); p["lastname"] != "Last2" {
		t.Errorf("after the undo of the later run the record holds %q", p["lastname"])
	}
}

// A run and the records that it made for associations are undone together, and
// what either wrote goes only when nobody has that undo before them. Where a part
// went all the same, the undo is refused before anything is written.
func TestARunIsUndoneWithItsPartsOrNotAtAll(t *testing.T) {
	t.Parallel()
	for name, gone := range map[string]bool{"while its undo waits": false, "after a part was let go": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{Limits: practice.Limits{Burst: 10_000}}, peopleOfCompanies, staff)
			s.yes = true
			run := s.run()
			var waiting string
			if !gone {
				res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
					return e.PreviewUndo(ctx, run.RunID, store.Part{})
				})
				ok(t, err)
				waiting = res.PlanID
			}
			if gone {
				s.exec(`UPDATE run SET let_go = 2 WHERE part_of = ?`, run.RunID)
				var setup *engine.SetupError
				_, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Undo(ctx, run.RunID) })
				if !errors.As(err, &setup) || !strings.Contains(err.Error(), "kept no longer") || s.portal.Count("contacts") != 4 || s.portal.Count("companies") != 2 {
					t.Errorf("%v; %d contacts and %d companies are left", err, s.portal.Count("contacts"), s.portal.Count("companies"))
				}
				return
			}
			s.exec(`UPDATE run SET started_at = started_at - 40 * 86400000`)
			s.store(func(ctx context.Context, db *store.Store) {
				ok(t, db.SetKeeping(ctx, store.Keeping{Changes: 30}))
				for more, err := db.Tidy(ctx); more; more, err = db.Tidy(ctx) {
					ok(t, err)
				}
			})
			s.apply(waiting)
			if s.portal.Count("contacts") != 0 || s.portal.Count("companies") != 0 {
				t.Errorf("%d contacts and %d companies are left", s.portal.Count("contacts"), s.portal.Count("companies"))
			}
		})
	}
}
