package engine_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

// displace makes a person edit a record between the run's read and its write:
// HubSpot has no conditional write, so the edit is written over.
func displace(t *testing.T, policy string) (s *stage, id string) {
	t.Helper()
	edited := false
	var portal *practice.Portal
	o := practice.Options{Observe: func(r practice.Request) {
		if !edited && id != "" && strings.HasSuffix(r.Path, "/batch/read") {
			edited = true
			if err := portal.Edit("contacts", id, map[string]string{"firstname": "Theirs"}); err != nil {
				t.Error(err)
			}
		}
	}}
	s = newStage(t, o, strings.Replace(twoWay, "property: firstname }", "property: firstname"+policy+" }", 1), people(3))
	portal = s.portal
	s.run()
	first, _ := s.by("email", "p1@example-0.com")
	s.replace("First1", "Ours")
	id = first
	res := s.run()
	if !edited {
		t.Fatal("nobody edited anything")
	}
	if policy == "" && res.Counts.Conflict != 1 {
		t.Errorf("the displaced edit is not in the counts: %+v", res.Counts)
	}
	if p, _ := s.portal.Record("contacts", id); p["firstname"] != "Ours" {
		t.Fatalf("the edit was not displaced but %q", p["firstname"])
	}
	return s, id
}

func (s *stage) conflicts() []store.Conflict {
	var all []store.Conflict
	s.store(func(ctx context.Context, db *store.Store) {
		ids, err := db.ConflictIDs(ctx, store.ConflictFilter{})
		if err == nil {
			all, err = db.Conflicts(ctx, ids)
		}
		if err != nil {
			s.t.Fatal(err)
		}
	})
	return all
}

func TestADisplacedEditWaitsInReviewAndCanBeTakenBack(t *testing.T) {
	t.Parallel()
	s, id := displace(t, "")
	got := s.conflicts()
	if len(got) != 1 || got[0].HubSpot != "Theirs" || got[0].Source != "Ours" || *got[0].Base != "First1" || got[0].Cause != "displaced" {
		t.Fatalf("%+v", got)
	}
	if by := engine.EditorOf(got[0]); by == nil || by.At.IsZero() || !strings.HasPrefix(by.By, "in HubSpot") {
		t.Errorf("who made the edit is not told: %+v", by)
	}
	writes := s.portal.Calls().Writes
	res := s.run()
	if diff := cmp.Diff(engine.Counts{Read: 3, Unchanged: 2, Conflict: 1}, res.Counts); diff != "" || s.portal.Calls().Writes != writes {
		t.Errorf("it did not wait (-want +got)\n%s", diff)
	}
	s.settle("hubspot", "")
	if res = s.run(); res.Counts.Updated != 1 || res.Counts.Conflict != 0 {
		t.Errorf("%+v", res.Counts)
	}
	if p, _ := s.portal.Record("contacts", id); p["firstname"] != "Theirs" || !strings.Contains(s.contents(), "Theirs") {
		t.Errorf("the edit was not restored on both sides: %q\n%s", p["firstname"], s.contents())
	}
	if res = s.run(); res.Counts.Unchanged != 3 || len(s.conflicts()) != 0 {
		t.Errorf("it did not converge: %+v", res.Counts)
	}
}

// The record is archived by a person right after the edit was written over: the
// edit is told all the same, and can be brought back once the record is restored.
func TestADisplacedEditOfARecordThatIsArchivedIsTold(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	s.run()
	id, _ := s.by("email", "p1@example-0.com")
	s.replace("First1", "Ours")
	s.portal.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: practice.Undisturbed, Path: "batch/update", Before: func() { s.edit(id, "firstname", "Theirs") }}}})
	s.at = func(point string) {
		if point == "answered" {
			if err := s.portal.Archive("contacts", id); err != nil {
				t.Error(err)
			}
		}
	}
	s.run()
	s.at = nil
	for range 2 {
		if got := s.conflicts(); len(got) != 1 || got[0].HubSpot != "Theirs" || got[0].Cause != plan.CauseDisplaced {
			t.Fatalf("%+v", got)
		}
		s.run()
	}
	if err := s.portal.Restore("contacts", id); err != nil {
		t.Fatal(err)
	}
	s.run()
	s.settle(plan.ChooseHubSpot, "")
	s.run()
	if p, _ := s.portal.Record("contacts", id); p["firstname"] != "Theirs" || !strings.Contains(s.contents(), "Theirs") || len(s.live()) != 0 {
		t.Errorf("the edit was not restored on both sides: %q\n%s", p["firstname"], s.contents())
	}
}

func TestADisplacedEditCanBeLetGo(t *testing.T) {
	t.Parallel()
	s, id := displace(t, "")
	s.settle("source", "")
	if res := s.run(); res.Counts.Unchanged != 3 || len(s.conflicts()) != 0 {
		t.Errorf("%+v, %+v", res.Counts, s.conflicts())
	}
	if p, _ := s.portal.Record("contacts", id); p["firstname"] != "Ours" {
		t.Errorf("it is %q", p["firstname"])
	}
}

func TestADisplacedEditIsOutdatedWhenTheFieldChangesAgain(t *testing.T) {
	t.Parallel()
	s, id := displace(t, "")
	s.edit(id, "firstname", "Later")
	if res := s.run(); res.Counts.Conflict != 0 || len(s.conflicts()) != 0 {
		t.Errorf("%+v, %+v", res.Counts, s.conflicts())
	}
	if !strings.Contains(s.contents(), "Later") {
		t.Errorf("the later edit did not flow:\n%s", s.contents())
	}
}

func TestWhereTheSourceWinsADisplacedEditIsOnlyNoted(t *testing.T) {
	t.Parallel()
	s, _ := displace(t, ", conflict: source")
	if got := s.conflicts(); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

// A decision holds for what was shown: an edit of either side since then is not
// written over by it.
func TestADecisionAboutADisplacedEditHoldsForWhatWasShown(t *testing.T) {
	t.Parallel()
	for _, choice := range []plan.Choice{"hubspot", "base", "source"} {
		t.Run("the row moved, "+string(choice), func(t *testing.T) {
			t.Parallel()
			s, id := displace(t, "")
			s.settle(choice, "")
			s.replace("Ours", "Moved")
			if res := s.run(); res.Counts.Conflict != 1 {
				t.Errorf("%+v", res.Counts)
			}
			if p, _ := s.portal.Record("contacts", id); p["firstname"] != "Ours" || !strings.Contains(s.contents(), "Moved") {
				t.Fatalf("it was carried out: %q\n%s", p["firstname"], s.contents())
			}
			if got := s.conflicts(); len(got) != 1 || !got[0].Again || got[0].Source != "Moved" || got[0].HubSpot != "Theirs" {
				t.Fatalf("%+v", got)
			}
			s.settle("source", "")
			s.run()
			if p, _ := s.portal.Record("contacts", id); p["firstname"] != "Moved" || len(s.conflicts()) != 0 {
				t.Errorf("decided again it is %q, and %+v", p["firstname"], s.conflicts())
			}
		})
		t.Run("the record moved, "+string(choice), func(t *testing.T) {
			t.Parallel()
			s, id := displace(t, "")
			s.settle(choice, "")
			s.edit(id, "firstname", "Moved")
			if res := s.run(); res.Counts.Conflict != 1 {
				t.Errorf("%+v", res.Counts)
			}
			if p, _ := s.portal.Record("contacts", id); p["firstname"] != "Moved" || !strings.Contains(s.contents(), "Ours") {
				t.Fatalf("it was carried out: %q\n%s", p["firstname"], s.contents())
			}
			got := s.conflicts()
			if len(got) != 1 || !got[0].Again || got[0].HubSpot != "Moved" || !strings.Contains(got[0].Reason, "Theirs") {
				t.Fatalf("%+v", got)
			}
			s.settle("hubspot", "")
			s.run()
			if p, _ := s.portal.Record("contacts", id); p["firstname"] != "Moved" || !strings.Contains(s.contents(), "Moved") || len(s.conflicts()) != 0 {
				t.Errorf("decided again it is %q, and %+v\n%s", p["firstname"], s.conflicts(), s.contents())
			}
		})
	}
}

// A sample is what a run reads back of its own writes; the next run reads the
// rest, so that no displaced edit stays unseen for longer.
func TestWhatASampleLeavesIsReadByTheNextRun(t *testing.T) {
	t.Parallel()
	const n = 600
	var portal *practice.Portal
	var planned atomic.Bool
	var reads atomic.Int64
	edited := map[string]bool{}
	o := practice.Options{Observe: func(r practice.Request) {
		// In the middle of the writing, people edit a record in twenty: those of a batch that
		// was just read are written over.
		if !planned.Load() || !strings.HasSuffix(r.Path, "/batch/read") || reads.Add(1) != 5 {
			return
		}
		for id := range edited {
			if err := portal.Edit("contacts", id, map[string]string{"firstname": "Theirs"}); err != nil {
				t.Error(err)
			}
		}
	}}
	s := newStage(t, o, strings.Replace(twoWay, "create: hubspot", "create: hubspot\nverify: sample", 1), people(n))
	portal, s.yes = s.portal, true
	s.run()
	every := 0
	for id := range s.portal.Records("contacts") {
		if every++; every%20 == 0 {
			edited[id] = true
		}
	}
	s.editAll("First", "New")
	s.at = func(point string) {
		if point == "planned" {
			planned.Store(true)
		}
	}
	s.run()
	s.at = nil
	s.run()
	told := 0
	for _, c := range s.conflicts() {
		if c.Cause == plan.CauseDisplaced && edited[c.RecordID] {
			told++
		}
	}
	lost := 0
	for id := range edited {
		if p, _ := s.portal.Record("contacts", id); p["firstname"] != "Theirs" {
			lost++
		}
	}
	if lost == 0 || told != lost {
		t.Errorf("%d edits were written over, %d of them are in Review", lost, told)
	}
}
