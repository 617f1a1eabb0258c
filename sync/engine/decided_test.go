package engine_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncline/store"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

// decidedStage has one conflict, about First2 of the second row, that was decided for the source.
func decidedStage(t *testing.T) (s *stage, record string) {
	t.Helper()
	s = newStage(t, practice.Options{}, twoWay, people(3))
	s.run()
	record, _ = s.by("email", "p2@example-1.com")
	s.replace("First2", "Ours")
	s.edit(record, "firstname", "Theirs")
	s.run()
	if n := s.settle(plan.ChooseSource, ""); n != 1 {
		t.Fatalf("%d conflicts", n)
	}
	return s, record
}

// decideAnew decides about the conflict once more.
func (s *stage) decideAnew(choice plan.Choice, value string) {
	s.t.Helper()
	s.store(func(ctx context.Context, db *store.Store) {
		ids, err := db.ConflictIDs(ctx, store.ConflictFilter{Decided: true})
		if err == nil {
			err = db.Decide(ctx, ids, choice, value, "me")
		}
		if err != nil || len(ids) != 1 {
			s.t.Fatal(ids, err)
		}
	})
}

// A plan carries out what is decided when it is applied; what was decided otherwise
// since it was made is left to the next plan, and so is what was taken back.
func TestADecisionThatChangedAfterThePreviewIsTheOneThatCounts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		choice       plan.Choice
		value, holds string
	}{
		"for the other side": {plan.ChooseHubSpot, "", "Theirs"},
		"for a value":        {plan.ChooseValue, "Both", "Both"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, id := decidedStage(t)
			planned := s.preview()
			s.decideAnew(c.choice, c.value)
			res := s.apply(planned.PlanID)
			if it := s.items(res)["2"]; res.Counts.Skipped != 1 || !strings.Contains(it.Outcome, "decided anew") {
				t.Errorf("%+v %q", res.Counts, it.Outcome)
			}
			if p, _ := s.portal.Record("contacts", id); p["firstname"] != "Theirs" {
				t.Errorf("HubSpot has %q by the old decision", p["firstname"])
			}
			s.run()
			if p, _ := s.portal.Record("contacts", id); p["firstname"] != c.holds || !strings.Contains(s.contents(), ","+c.holds+",Last2") {
				t.Errorf("HubSpot has %q\n%s", p["firstname"], s.contents())
			}
			s.wantNothingToDo(3)
		})
	}
}

func TestADecisionThatWasTakenBackAfterThePreviewIsNotCarriedOut(t *testing.T) {
	t.Parallel()
	s, id := decidedStage(t)
	planned := s.preview()
	s.decideAnew("", "")
	s.apply(planned.PlanID)
	s.run()
	if p, _ := s.portal.Record("contacts", id); p["firstname"] != "Theirs" || len(s.conflicts()) != 1 {
		t.Errorf("HubSpot has %q; %+v", p["firstname"], s.conflicts())
	}
}

// The same decision, made once more, is the same.
func TestADecisionThatWasConfirmedAfterThePreviewIsCarriedOut(t *testing.T) {
	t.Parallel()
	s, id := decidedStage(t)
	planned := s.preview()
	s.decideAnew(plan.ChooseSource, "")
	s.apply(planned.PlanID)
	if p, _ := s.portal.Record("contacts", id); p["firstname"] != "Ours" || len(s.live()) != 0 {
		t.Errorf("HubSpot has %q; %+v", p["firstname"], s.live())
	}
}

// A decision that changes while the old one is on its way does not count as carried
// out.
func TestADecisionThatChangesOnTheWayIsNotClosedAsCarriedOut(t *testing.T) {
	t.Parallel()
	s, _ := decidedStage(t)
	s.at = func(point string) {
		if point == "answered" {
			s.at = nil
			s.decideAnew(plan.ChooseHubSpot, "")
		}
	}
	s.run()
	if live := s.live(); len(live) != 1 || live[0].State != plan.ConflictDecided || live[0].Choice != plan.ChooseHubSpot {
		t.Errorf("%+v", live)
	}
}

// Whichever decision takes the place of the one that is on its way: it is carried out by
// the next run, or asked again where what it would leave alone is no more. Nothing that a
// side held is lost with it.
func TestADecisionThatChangesOnTheWayCountsOrIsAskedAgain(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("many ways of one story, each in a workspace of its own")
	}
	type decision struct {
		choice plan.Choice
		value  string
	}
	ours, theirs, both, other := decision{plan.ChooseSource, ""}, decision{plan.ChooseHubSpot, ""}, decision{plan.ChooseValue, "Both"}, decision{plan.ChooseValue, "Other"}
	skip, back, base := decision{plan.ChooseSkip, ""}, decision{}, decision{plan.ChooseBase, ""}
	for _, c := range []struct {
		name, point string
		was, is     decision
		holds       string // "" where it is asked again
	}{
		{"ours, then theirs", "answered", ours, theirs, "Theirs"},
		{"ours, then another", "answered", ours, other, "Other"},
		{"ours, then what was", "answered", ours, base, "First2"},
		{"ours, then neither", "answered", ours, skip, ""},
		{"ours, then undecided", "answered", ours, back, ""},
		{"theirs, then ours", "answered", theirs, ours, "Ours"},
		{"theirs, then another", "answered", theirs, other, "Other"},
		{"theirs, then neither", "answered", theirs, skip, ""},
		{"another for both, then ours", "answered", both, ours, "Ours"},
		{"another for both, then theirs", "answered", both, theirs, "Theirs"},
		{"another for both, then one more", "answered", both, other, "Other"},
		{"another for both, then ours, the source last", "source-answered", both, ours, "Ours"},
		{"another for both, then theirs, the source last", "source-answered", both, theirs, "Theirs"},
		{"another for both, then one more, the source last", "source-answered", both, other, "Other"},
		{"another for both, then undecided, the source last", "source-answered", both, back, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, id := decidedStage(t)
			s.decideAnew(c.was.choice, c.was.value)
			nth := map[string]int{"answered": 1, "source-answered": 2}[c.point]
			s.at = func(point string) {
				if point == "answered" {
					if nth--; nth == 0 {
						s.decideAnew(c.is.choice, c.is.value)
					}
				}
			}
			s.run()
			s.at = nil
			if nth > 0 {
				t.Fatal("the decision was not changed on the way")
			}
			s.run()
			p, _ := s.portal.Record("contacts", id)
			if c.holds == "" {
				all := s.live()
				if len(all) != 1 || all[0].State != plan.ConflictOpen || !all[0].Again || all[0].Source != "Ours" && all[0].HubSpot != "Theirs" {
					t.Errorf("it is not asked again: %+v; HubSpot has %q", all, p["firstname"])
				}
				return
			}
			if p["firstname"] != c.holds || !strings.Contains(s.contents(), ","+c.holds+",Last2") {
				t.Errorf("HubSpot has %q\n%s\n%+v", p["firstname"], s.contents(), s.live())
			}
			s.wantNothingToDo(3)
		})
	}
}

// What was carried out of a row as a whole can't be asked again: that a later decision came
// too late is said.
func TestADecisionAboutARowThatCameTooLateIsTold(t *testing.T) {
	t.Parallel()
	s, id := goneAndEdited(t)
	s.settle(plan.ChooseSource, "")
	s.at = func(point string) {
		if point == "answered" {
			s.at = nil
			s.decideAnew(plan.ChooseHubSpot, "")
		}
	}
	cut := s.run()
	if _, there := s.portal.Record("contacts", id); there {
		t.Fatal("the record is not archived")
	}
	res := s.run()
	if said := strings.Join(res.Notes, " "); !strings.Contains(said, "came too late") || !strings.Contains(said, cut.RunID) {
		t.Errorf("%q; %+v", said, s.live())
	}
	if res := s.run(); len(res.Notes) > 0 {
		t.Errorf("said again: %q", res.Notes)
	}
}

const acmes = `
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
  - { field: City, property: city }
`

// Decisions about rows that share a value change how the others match once the first
// of them is carried out: that undoes none of the same plan.
func TestDecisionsAboutRowsOfOneValueAreAllCarriedOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, practice.Options{}, acmes, "id,Name,City\n1,Acme,Rome\n2,Acme,Bonn\n3,Acme,Oslo\n4,Other,Graz\n")
		s.run()
		s.store(func(ctx context.Context, db *store.Store) {
			all, err := db.ConflictIDs(ctx, store.ConflictFilter{})
			if err != nil || len(all) != 3 {
				t.Fatal(all, err)
			}
			open, err := db.Conflicts(ctx, all)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range open {
				choice := plan.ChooseApart
				if c.RowKey == "1" {
					choice = plan.ChooseSkip
				}
				if err := db.Decide(ctx, []int64{c.ID}, choice, "", "me"); err != nil {
					t.Fatal(err)
				}
			}
		})
		planned := s.preview()
		time.Sleep(5 * time.Minute) // the records are listed again before any is made
		s.apply(planned.PlanID)
		if n := s.portal.Count("companies"); n != 3 {
			t.Errorf("%d companies; conflicts %+v", n, s.conflicts())
		}
		s.run()
		if n := s.portal.Count("companies"); n != 3 || len(s.conflicts()) > 0 {
			t.Errorf("%d companies; conflicts %+v", n, s.conflicts())
		}
	})
}
