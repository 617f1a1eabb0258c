package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

// applyOld carries out a plan from before another run, which is refused.
func (s *stage) applyOld(id string) {
	s.t.Helper()
	_, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, id) })
	var setup *engine.SetupError
	if !errors.As(err, &setup) || setup.Kind != "plan" || !strings.Contains(setup.Msg, "another run of the sync was carried out") || !strings.Contains(setup.Msg, "preview again") {
		s.t.Errorf("%v", err)
	}
}

// A plan that another run overtook is not carried out: it would move back what both
// sides agreed on since, so that a later edit looks like one of the other side.
func TestAPlanThatAnotherRunOvertookMovesNoBaseBack(t *testing.T) {
	t.Parallel()
	def := strings.Replace(twoWay, "property: lastname }", "property: lastname, conflict: source }", 1)
	s := newStage(t, practice.Options{}, def, people(2))
	id, err := s.portal.Create("contacts", map[string]string{"email": "p2@example-1.com", "firstname": "First2", "lastname": "Last2", "phone": "+49300000002"})
	if err != nil {
		t.Fatal(err)
	}
	old := s.preview()
	s.run()
	s.replace("Last2", "B")
	s.run()
	s.edit(id, "lastname", "C")
	s.applyOld(old.PlanID)
	s.run()
	if p, _ := s.portal.Record("contacts", id); p["lastname"] != "C" {
		t.Errorf("the edit C was written over by %q", p["lastname"])
	}
}

// Nor does it make the records once more that the other run made, where HubSpot
// keeps nothing of them unique.
func TestAPlanThatAnotherRunOvertookDoublesNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, byName, "id,Name\n1,Acme\n2,Beta\n")
	old := s.preview()
	for range 2 {
		if _, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
			e.NoSyncKey = true
			return e.Run(ctx, "")
		}); err != nil {
			t.Fatal(err)
		}
	}
	s.applyOld(old.PlanID)
	if n := s.portal.Count("companies"); n != 2 {
		t.Errorf("%d companies", n)
	}
}

const byName = `
syncline: 1
name: Firms
source: { kind: csv, path: customers.csv, key: [id] }
hubspot:
  object: companies
  match: [ { field: Name, property: name } ]
direction: to-hubspot
create: hubspot
fields:
  - { field: Name, property: name }
`

// A plan that was made while another run was cut off is overtaken by the end of that
// run, which comes first.
func TestAPlanOfAnInterruptedSyncIsOvertakenByTheEndOfItsRun(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	s.stopAtPoint("intent", 1)
	planned := s.preview()
	s.applyOld(planned.PlanID)
	if n := s.portal.Count("contacts"); n != 3 {
		t.Errorf("%d contacts", n)
	}
}

// The plan itself says so, for whoever looks at it before.
func TestAPlanThatWaitsIsSaidToRestOnWhatIsNoMore(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	old := s.preview()
	s.run()
	s.store(func(ctx context.Context, db *store.Store) {
		pl, err := db.Plan(ctx, old.PlanID)
		if err != nil || pl.State != "stale" {
			t.Errorf("%s %v", pl.State, err)
		}
	})
}

// A run that was cut off when all of its plan was applied ended then, and not when the next
// one finds it so: what was decided since is carried out, and not asked again.
func TestADecisionAfterARunThatWasCutOffAtItsEndIsCarriedOut(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	s.run()
	id, _ := s.by("email", "p2@example-1.com")
	s.edit(id, "firstname", "Theirs")
	s.replace("First2,", "Ours,")
	s.replace("Last2,", "Other2,") // so that the run brings the pair to agreement, the first name aside
	var restore func()
	s.at = func(point string) {
		if point == "plan-applied" && restore == nil {
			restore = s.backup()
		}
	}
	cut := s.run().RunID
	s.at = nil
	restore()
	s.settle(plan.ChooseSkip, "")
	s.apply(s.preview().PlanID)
	if all := s.live(); len(all) != 0 {
		t.Errorf("asked again: %+v", all)
	}
	if res := s.run(); res.Counts.Conflict != 0 {
		t.Errorf("asked again: %+v", res.Counts)
	}
	s.store(func(ctx context.Context, db *store.Store) {
		if r, err := db.Run(ctx, cut); err != nil || r.State != plan.RunDone || r.Ended.IsZero() {
			t.Errorf("the run that was cut off is %+v, %v", r, err)
		}
	})
}
