package engine_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncline/store"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

// Wherever a run with associations is killed, the next one ends with the same
// records and associations, each once, and takes nobody's for its own.
func TestARunWithAssociationsThatDiesAnywhereComesOutWhole(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("kills a run at each of its points")
	}
	want := func() []string {
		s := newStage(t, practice.Options{}, peopleOfCompanies, staff)
		s.run()
		return s.edges()
	}()
	for n := 1; ; n++ {
		s := newStage(t, practice.Options{}, peopleOfCompanies, staff)
		point, stopped := s.stopAt(n)
		if !stopped {
			if n < 20 {
				t.Errorf("the run has only %d points", n)
			}
			return
		}
		s.run()
		if diff := cmp.Diff(want, s.edges()); diff != "" || s.portal.Count("companies") != 2 || s.portal.Count("contacts") != 4 {
			t.Errorf("after %d (%s): %d companies, %d contacts\n%s", n, point, s.portal.Count("companies"), s.portal.Count("contacts"), diff)
		}
		writes := s.portal.Calls().Writes
		if res := s.run(); s.portal.Calls().Writes != writes {
			t.Errorf("after %d (%s): a further run writes: %+v", n, point, res.Counts)
		}
		s.store(func(ctx context.Context, db *store.Store) {
			runs, err := db.Runs(ctx, 0, 10)
			ok(t, err)
			for _, r := range runs {
				pl, err := db.Plan(ctx, r.PlanID)
				ok(t, err)
				if pl.State == plan.Applied && (r.State != plan.RunDone || r.Ended.IsZero()) {
					t.Errorf("after %d (%s): the run %s stays %s", n, point, r.ID, r.State)
				}
			}
		})
	}
}

// The same of a sync whose rows are associations, whose labels are made on the
// way.
func TestARunOfAssociationRowsThatDiesAnywhereComesOutWhole(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("kills a run at each of its points")
	}
	joined := func(s *stage) []string {
		var all []string
		for id, d := range s.portal.Records("deals") {
			for _, c := range s.portal.Associated("deals", id, "contacts") {
				all = append(all, fmt.Sprintf("%s %s", d["dealname"], c))
			}
		}
		slices.Sort(all)
		return all
	}
	for n := 1; ; n++ {
		s := chain(t)
		s.perform("accounts.yaml")
		s.perform("opportunities.yaml")
		s.def = filepath.Join(s.dir, "roles.yaml")
		point, stopped := s.stopAt(n)
		if !stopped {
			return
		}
		s.run()
		if all := joined(s); len(all) != 3 {
			t.Errorf("after %d (%s): %q", n, point, all)
		}
		writes := s.portal.Calls().Writes
		if res := s.run(); s.portal.Calls().Writes != writes || res.Counts.Unchanged != 4 {
			t.Errorf("after %d (%s): a further run: %+v", n, point, res.Counts)
		}
	}
}
