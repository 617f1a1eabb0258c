package engine_test

import (
	"context"
	"path/filepath"
	"testing"

	"syncline/sync/engine"
)

// Two rows that ask for the same association are one write. What an undo took
// back of it stays so for both, and is no conflict.
func TestTwoRowsOfOneAssociationAreUndoneTogether(t *testing.T) {
	t.Parallel()
	for name, role := range map[string]string{"without a label": "", "with a label that is made": "DM"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := chain(t)
			s.yes = true
			s.write(filepath.Join(s.dir, "roles.csv"), "Id,OpportunityId,Email,Role\n1,O1,ada@example.com,"+role+"\n2,O1,ada@example.com,"+role+"\n")
			s.perform("accounts.yaml")
			s.perform("opportunities.yaml")
			run := s.perform("roles.yaml")
			if run.Counts.Associated != 1 || run.Counts.Created+run.Counts.Unchanged != 2 {
				t.Errorf("the run: %+v", run.Counts)
			}
			_, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Undo(ctx, run.RunID) })
			ok(t, err)
			if again := s.perform("roles.yaml"); again.Counts.Waiting != 0 || again.Counts.Associated != 0 || again.Counts.Conflict != 0 {
				t.Errorf("after the undo: %+v", again.Counts)
			}
			_, err = s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
				return engine.Result{}, e.Redo(ctx, run.RunID)
			})
			ok(t, err)
			if redone := s.perform("roles.yaml"); redone.Counts.Waiting != 0 || redone.Counts.Associated != 1 || redone.Counts.Conflict != 0 {
				t.Errorf("done again: %+v", redone.Counts)
			}
		})
	}
}
