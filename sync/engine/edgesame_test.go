package engine_test

import (
	"context"
	"path/filepath"
	"testing"

	"syncline/store"
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

// After the undo of all that connects and of what is connected, nothing waits:
// what was taken back stays so, and says why.
func TestWhatAnUndoTookBackDoesNotWaitForItsRecord(t *testing.T) {
	t.Parallel()
	s := chain(t)
	s.yes = true
	runs := map[string]string{}
	for _, document := range []string{"accounts.yaml", "opportunities.yaml", "roles.yaml"} {
		runs[document] = s.perform(document).RunID
	}
	for _, document := range []string{"roles.yaml", "opportunities.yaml", "accounts.yaml"} {
		s.def = filepath.Join(s.dir, document)
		res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Undo(ctx, runs[document]) })
		ok(t, err)
		if res.Counts.Waiting != 0 {
			t.Errorf("the undo of %s waits: %+v", document, res.Counts)
		}
	}
	s.perform("accounts.yaml")
	s.perform("opportunities.yaml")
	res := s.perform("roles.yaml")
	if res.Counts.Skipped != 4 || res.Counts.Failed != 1 || res.Counts.Waiting != 1 {
		t.Errorf("after the undo: %+v", res.Counts)
	}
	s.store(func(ctx context.Context, db *store.Store) {
		for it, err := range db.Items(ctx, res.PlanID) {
			ok(t, err)
			t.Log(it.Fate, it.Why())
		}
	})
}

// What this sync made goes with the last row that asks for it, whichever row it
// was made for, and with it the pair that it made.
func TestAnAssociationGoesWithTheLastRowThatAsksForIt(t *testing.T) {
	t.Parallel()
	for name, role := range map[string]string{"without a label": "", "with a label": "DM"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := chain(t)
			s.yes = true
			s.perform("accounts.yaml")
			s.perform("opportunities.yaml")
			rows := func(associated, dissociated int, keys ...string) {
				t.Helper()
				text := "Id,OpportunityId,Email,Role\n9,O2,bob@example.com,DM\n"
				for _, key := range keys {
					text += key + ",O1,ada@example.com," + role + "\n"
				}
				s.write(filepath.Join(s.dir, "roles.csv"), text)
				res := s.perform("roles.yaml")
				if res.Counts.Associated != associated || res.Counts.Dissociated != dissociated {
					t.Errorf("rows %v: %+v", keys, res.Counts)
				}
				if there := s.portal.Associated("deals", s.named("deals", "dealname", "Roof"), "contacts"); len(there) != min(len(keys), 1) {
					t.Errorf("rows %v: the deal is associated with %v", keys, there)
				}
			}
			rows(2, 0, "1", "2", "3")
			rows(0, 0, "2", "3")
			rows(0, 0, "3")
			rows(0, 1)
			rows(1, 0, "4", "5")
			rows(0, 1) // both at once
		})
	}
}
