package engine_test

import (
	"context"
	"testing"
	"time"

	"syncline/store"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
	"syncline/sync/plan"
)

// say keeps what a person says of a row and a record.
func (s *stage) say(key, id string, v store.Verdict) {
	s.t.Helper()
	s.store(func(ctx context.Context, db *store.Store) {
		y := must(s.t, db.Syncs)(ctx)[0]
		if err := db.PutTwin(ctx, store.Twin{PortalID: y.PortalID, Object: y.Object, SyncID: y.ID, A: store.RowEnd(key), B: store.RecordEnd(id), Verdict: v, By: "me", At: time.Now()}); err != nil {
			s.t.Fatal(err)
		}
	})
}

// A row of which was said that it is a record gets the one that this was merged into before the next run,
// also where a search or a filter would not show it; it makes none beside it.
func TestARowGetsWhatItsChosenRecordWasMergedInto(t *testing.T) {
	t.Parallel()
	for name, sw := range map[string]practice.Switches{"a new id": {}, "the first one's id": {MergeKeepsPrimaryID: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{Switches: practicetest.Chosen(t, sw)}, twoWay, people(2))
			s.run()
			var ids []string
			for _, name := range []string{"Lee", "Lee"} {
				id, err := s.portal.Create("contacts", map[string]string{"firstname": "Ann", "lastname": name})
				if err != nil {
					t.Fatal(err)
				}
				ids = append(ids, id)
			}
			s.replace("Phone\n", "Phone\n9,a.lee@example.com,Ann,Lee,\n")
			s.say("9", ids[1], store.TwinSame)
			survivor, err := s.portal.Merge("contacts", ids[0], ids[1])
			if err != nil {
				t.Fatal(err)
			}
			if res := s.run(); res.Counts.Created != 0 {
				t.Errorf("%+v", res.Counts)
			}
			if n := s.portal.Count("contacts"); n != 3 {
				t.Errorf("%d contacts, want 3", n)
			}
			s.store(func(ctx context.Context, db *store.Store) {
				if id, err := db.LinkedRecord(ctx, must(t, db.Syncs)(ctx)[0].ID, "9"); err != nil || id != survivor {
					t.Errorf("the row has %s (%v), want %s", id, err, survivor)
				}
			})
			s.wantNothingToDo(3)
		})
	}
}

// A row whose chosen record was archived waits, and nothing is made, until it is restored, or until a
// person says that the row be matched anew.
func TestARowWhoseChosenRecordWasArchivedWaits(t *testing.T) {
	t.Parallel()
	for _, restored := range []bool{true, false} {
		s := newStage(t, practice.Options{}, twoWay, people(2))
		s.run()
		id, err := s.portal.Create("contacts", map[string]string{"firstname": "Ann", "lastname": "Lee"})
		if err != nil {
			t.Fatal(err)
		}
		s.replace("Phone\n", "Phone\n9,a.lee@example.com,Ann,Lee,\n")
		s.say("9", id, store.TwinSame)
		if err := s.portal.Archive("contacts", id); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if res := s.run(); res.Counts.Created != 0 || res.Counts.Conflict != 1 {
				t.Errorf("%+v", res.Counts)
			}
		}
		if c := s.live(); len(c) != 1 || c[0].Cause != plan.CauseChosen || c[0].RecordID != id {
			t.Fatalf("%+v", c)
		}
		want := 3
		if restored {
			if err := s.portal.Restore("contacts", id); err != nil {
				t.Fatal(err)
			}
		} else {
			s.decide("9", plan.ChooseSource, "")
		}
		s.run()
		if n := s.portal.Count("contacts"); n != want || len(s.live()) != 0 {
			t.Errorf("restored %v: %d contacts, want %d, %+v", restored, n, want, s.live())
		}
		if now, _ := s.by("email", "a.lee@example.com"); (now == id) != restored {
			t.Errorf("restored %v: the row has %s, the record that was chosen is %s", restored, now, id)
		}
		s.wantNothingToDo(3)
	}
}

// A row whose chosen record another row has by then waits; either may be said to have it.
func TestARowWhoseChosenRecordIsAnotherRowsWaits(t *testing.T) {
	t.Parallel()
	for choice, want := range map[plan.Choice]int{plan.ChooseSource: 2, plan.ChooseHubSpot: 2, plan.ChooseApart: 3, plan.ChooseSkip: 2} {
		s := newStage(t, practice.Options{}, twoWay, people(2))
		s.run()
		id, _ := s.by("email", "p1@example-0.com")
		s.replace("Phone\n", "Phone\n9,a.lee@example.com,Ann,Lee,\n")
		s.say("9", id, store.TwinSame)
		if res := s.run(); res.Counts.Created != 0 || res.Counts.Conflict != 1 {
			t.Errorf("%+v", res.Counts)
		}
		if c := s.live(); len(c) != 1 || c[0].Cause != plan.CauseTaken {
			t.Fatalf("%+v", c)
		}
		s.decide("9", choice, "")
		s.run()
		if n := s.portal.Count("contacts"); n != want || len(s.live()) != 0 {
			t.Errorf("%s: %d contacts, want %d, %+v", choice, n, want, s.live())
		}
		s.wantNothingToDo(3)
	}
}

// What is different from a record is different from the one that this was merged into, though its match
// value finds it.
func TestARowIsKeptApartFromWhatARecordWasMergedInto(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(2))
	s.run()
	var ids []string
	for _, email := range []string{"a.lee@example.com", "anna@example.org"} {
		id, err := s.portal.Create("contacts", map[string]string{"email": email, "lastname": "Other"})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	s.replace("Phone\n", "Phone\n9,a.lee@example.com,Ann,Lee,\n")
	s.say("9", ids[0], store.TwinDifferent)
	survivor, err := s.portal.Merge("contacts", ids[0], ids[1])
	if err != nil {
		t.Fatal(err)
	}
	s.run()
	if p, _ := s.portal.Record("contacts", survivor); p["lastname"] != "Other" {
		t.Errorf("the row was written onto the survivor: %v", p)
	}
}
