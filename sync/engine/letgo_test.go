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
