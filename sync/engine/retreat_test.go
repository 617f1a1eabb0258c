package engine_test

import (
	"context"
	"strings"
	"testing"

	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

const stages = `
syncline: 1
name: Stages
source: { kind: csv, path: customers.csv, key: [id] }
hubspot: { object: contacts, match: [ { field: Email, property: email } ] }
direction: to-hubspot
create: hubspot
fields:
  - { field: Email, property: email }
  - { field: First, property: firstname }
  - { field: Stage, property: lifecyclestage }
`

// staged is a sync of one row into a portal that has its contact in a stage.
func staged(t *testing.T, def, there, cell string) (*stage, string) {
	t.Helper()
	s := newStage(t, practice.Options{}, def, "id,Email,First,Stage\n1,ann@example.com,Ann,"+cell+"\n")
	id, err := s.portal.Create("contacts", map[string]string{"email": "ann@example.com", "lifecyclestage": there})
	if err != nil {
		t.Fatal(err)
	}
	s.portal.SettleIndex()
	return s, id
}

// HubSpot ignores a lifecycle stage that would move back, so the plan makes it
// a conflict of its own, and never an update.
func TestALifecycleStageThatWouldMoveBackIsAConflict(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ there, cell string }{
		{"customer", "subscriber"}, {"opportunity", "Marketing Qualified Lead"}, {"customer", " lead "}, {"evangelist", "customer"},
	} {
		for _, rule := range []string{"", ", conflict: source"} {
			s, id := staged(t, strings.Replace(stages, "lifecyclestage }", "lifecyclestage"+rule+" }", 1), c.there, c.cell)
			for range 2 {
				res := s.run()
				if res.Counts.Conflict != 1 || res.Counts.Failed != 0 {
					t.Errorf("%v%s: %+v, %+v", c, rule, res.Counts, s.attention())
				}
				all := s.conflicts()
				if len(all) != 1 || all[0].Cause != plan.CauseBackwards || all[0].HubSpot != c.there || !strings.Contains(all[0].Reason, "Stage would move back from") {
					t.Fatalf("%v%s: %+v", c, rule, all)
				}
			}
			if p, _ := s.portal.Record("contacts", id); p["lifecyclestage"] != c.there || p["firstname"] != "Ann" {
				t.Errorf("%v%s: HubSpot holds %v", c, rule, p)
			}
			if n := s.settle(plan.ChooseSource, ""); n != 1 {
				t.Fatalf("%d conflicts were decided", n)
			}
			if res := s.run(); res.Counts.Updated != 1 || len(s.conflicts()) != 0 {
				t.Errorf("%v%s: decided: %+v, %+v", c, rule, res.Counts, s.conflicts())
			}
			if p, _ := s.portal.Record("contacts", id); p["lifecyclestage"] == c.there || p["lifecyclestage"] == "" {
				t.Errorf("%v%s: decided: HubSpot holds %q", c, rule, p["lifecyclestage"])
			}
			if res := s.run(); res.Counts.Unchanged != 1 || len(s.conflicts()) != 0 {
				t.Errorf("%v%s: the next run: %+v, %+v", c, rule, res.Counts, s.conflicts())
			}
		}
	}
}

// A linked row whose stage moves back waits as long as both sides differ; one
// that moves on flows.
func TestALinkedStageMovesForwardOnly(t *testing.T) {
	t.Parallel()
	s, id := staged(t, stages, "lead", "Customer")
	if res := s.run(); res.Counts.Updated != 1 {
		t.Errorf("forward: %+v", res.Counts)
	}
	s.replace("Ann,Customer", "Ann,Lead")
	if res := s.run(); res.Counts.Conflict != 1 {
		t.Errorf("back: %+v", res.Counts)
	}
	s.replace("Ann,Lead", "Ann,Subscriber")
	if res := s.run(); res.Counts.Conflict != 1 || s.conflicts()[0].Cause != plan.CauseBackwards || s.conflicts()[0].Source != "subscriber" {
		t.Errorf("back again: %+v, %+v", res.Counts, s.conflicts())
	}
	s.replace("Ann,Subscriber", "Ann,Customer")
	if res := s.run(); res.Counts.Unchanged != 1 || len(s.conflicts()) != 0 {
		t.Errorf("agreed again: %+v, %+v", res.Counts, s.conflicts())
	}
	if p, _ := s.portal.Record("contacts", id); p["lifecyclestage"] != "customer" {
		t.Errorf("HubSpot holds %v", p)
	}
}

// An undo of a step forward is a step back.
func TestAnUndoneStageStepsBack(t *testing.T) {
	t.Parallel()
	s, id := staged(t, stages, "lead", "Customer")
	run := s.run()
	res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Undo(ctx, run.RunID) })
	if err != nil || res.Counts.Failed != 0 {
		t.Errorf("%+v, %v", res.Counts, err)
	}
	if p, _ := s.portal.Record("contacts", id); p["lifecyclestage"] != "lead" {
		t.Errorf("HubSpot holds %v", p)
	}
}

// One that is cut off between its two steps is ended, and a stage that a person sets in
// between stays.
func TestAnUndoneStageIsEndedAfterAStop(t *testing.T) {
	t.Parallel()
	for _, set := range []string{"", "salesqualifiedlead"} {
		for _, with := range []string{"undo", "run"} {
			s, id := staged(t, stages, "lead", "Customer")
			run := s.run()
			undo := func() (engine.Result, error) {
				return s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Undo(ctx, run.RunID) })
			}
			if _, stopped := s.stopWhenIn(func(p string) bool { return p == "stepped back" }, 1, undo); !stopped {
				t.Fatal("it takes no two steps")
			}
			want := "lead"
			if set != "" {
				want = set
				s.edit(id, "lifecyclestage", set)
			}
			if with == "run" {
				s.run()
			} else if _, err := undo(); err != nil {
				t.Fatal(err)
			}
			s.run()
			if p, _ := s.portal.Record("contacts", id); p["lifecyclestage"] != want {
				t.Errorf("ended by %s, set %q: HubSpot holds %q", with, set, p["lifecyclestage"])
			}
		}
	}
}

// Wherever a run is stopped between the two steps, the next one ends them.
func TestAStepBackIsEndedAfterAStop(t *testing.T) {
	t.Parallel()
	for n := 1; ; n++ {
		s, id := staged(t, stages, "customer", "Lead")
		s.run()
		s.settle(plan.ChooseSource, "")
		point, stopped := s.stopAt(n)
		s.run()
		s.run()
		if p, _ := s.portal.Record("contacts", id); p["lifecyclestage"] != "lead" || len(s.conflicts()) != 0 {
			t.Errorf("stopped at %s (%d): HubSpot holds %q, %+v", point, n, p["lifecyclestage"], s.conflicts())
		}
		if !stopped {
			break
		}
	}
}
