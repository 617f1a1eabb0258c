package engine_test

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// twins is a stage with two records of one person, and who merges them.
func twins(t *testing.T, sw practice.Switches) (s *stage, m *engine.Merger, ann, anna string) {
	t.Helper()
	s = newStage(t, practice.Options{Switches: sw}, twoWay, "id,Email,First,Last,Phone\n1,ann@example.com,Ann,Lee,\n")
	s.run()
	ann, _ = s.by("email", "ann@example.com")
	anna, err := s.portal.Create("contacts", map[string]string{"email": "anna@example.org", "firstname": "Anna", "lastname": "Lee", "city": "Graz"})
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), s.workspace)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	object, _ := hubspot.FindObjectType("contacts")
	properties, err := s.client().Properties(t.Context(), "contacts")
	if err != nil {
		t.Fatal(err)
	}
	return s, &engine.Merger{Store: db, Client: s.client(), PortalID: s.portal.PortalID(), Object: object, Person: "Ann",
		Properties: properties}, ann, anna
}

// A merge is carried out once, keeps what both records held, and a row follows its record in the
// next run, in either way in which HubSpot gives the survivor its id.
func TestTwoRecordsAreMergedAtAPersonsWord(t *testing.T) {
	t.Parallel()
	for _, sw := range []practice.Switches{{}, {MergeKeepsPrimaryID: true}} {
		s, m, ann, anna := twins(t, sw)
		a, b, err := m.Pair(t.Context(), ann, anna)
		if err != nil {
			t.Fatal(err)
		}
		op, err := m.Merge(t.Context(), a, b)
		if err != nil || op.State != plan.OpDone {
			t.Fatalf("%+v, %v", op, err)
		}
		if p, ok := s.portal.Record("contacts", op.Survivor); !ok || p["firstname"] != "Ann" || p["city"] != "Graz" || p["hs_additional_emails"] != "anna@example.org" {
			t.Errorf("the survivor is %v", p)
		}
		all, err := m.Store.Merges(t.Context(), m.PortalID, "0-1", false)
		if err != nil || len(all) != 1 || all[0].GoneBefore["firstname"] != "Anna" || all[0].KeptBefore["email"] != "ann@example.com" || all[0].Person != "Ann" {
			t.Errorf("what is kept of it: %+v, %v", all, err)
		}
		if _, _, err := m.Pair(t.Context(), ann, anna); err == nil {
			t.Error("merged records are offered for merging again")
		}
		s.replace("Ann,Lee", "Ann,Leeds")
		if res := s.run(); res.Counts.Updated != 1 {
			t.Errorf("the row does not follow: %+v", res.Counts)
		}
		if p, _ := s.portal.Record("contacts", op.Survivor); p["lastname"] != "Leeds" {
			t.Errorf("the survivor is %v", p)
		}
	}
}

// What moved since a person looked is not merged, whatever HubSpot calls the
// property: people write some of those that begin with hs_ too.
func TestRecordsThatMovedAreNotMerged(t *testing.T) {
	t.Parallel()
	for property, value := range map[string]string{"city": "Linz", "hs_lead_status": "OPEN", "hs_persona": "persona_2"} {
		t.Run(property, func(t *testing.T) {
			t.Parallel()
			s, m, ann, anna := twins(t, practice.Switches{})
			a, b, err := m.Pair(t.Context(), ann, anna)
			if err != nil {
				t.Fatal(err)
			}
			s.edit(anna, property, value)
			if _, err := m.Merge(t.Context(), a, b); !errors.Is(err, engine.ErrMoved) {
				t.Errorf("merged what moved: %v", err)
			}
			if s.portal.Count("contacts") != 2 {
				t.Error("the records were merged")
			}
		})
	}
}

// A merge whose answer is lost is never sent twice: HubSpot is asked what came of it, at once and
// when a request can't be under way any more.
func TestAMergeWithoutAnAnswerIsSettled(t *testing.T) {
	t.Parallel()
	for kind, came := range map[practice.FaultKind]bool{practice.ResetAfter: true, practice.ServerErrorAfter: true, practice.ServerError: false} {
		synctest.Test(t, func(t *testing.T) {
			s, m, ann, anna := twins(t, practice.Switches{})
			a, b, err := m.Pair(t.Context(), ann, anna)
			if err != nil {
				t.Fatal(err)
			}
			s.portal.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: kind, Path: "/merge"}}})
			op, err := m.Merge(t.Context(), a, b)
			if came {
				if err != nil || op.State != plan.OpDone || op.Survivor == "" {
					t.Fatalf("it took effect: %+v, %v", op, err)
				}
				return
			}
			if err == nil || op.State != plan.OpSent {
				t.Fatalf("nobody can know yet: %+v, %v", op, err)
			}
			if settled, err := m.Settle(t.Context()); err != nil || len(settled) != 0 {
				t.Errorf("settled at once: %+v, %v", settled, err)
			}
			for _, again := range [][2]record.Record{{a, b}, {b, a}} {
				if op, err := m.Merge(t.Context(), again[0], again[1]); err == nil || op.ID != 0 || !strings.Contains(err.Error(), "wait 2 minutes") {
					t.Errorf("sent again while the first may still take effect: %+v, %v", op, err)
				}
			}
			if n := merges(s); n != 1 {
				t.Errorf("sent %d times", n)
			}
			time.Sleep(3 * time.Minute) // virtual
			settled, err := m.Settle(t.Context())
			if err != nil || len(settled) != 1 || settled[0].State != plan.OpFailed || !strings.Contains(settled[0].Err, "both records are still there") {
				t.Errorf("after three minutes: %+v, %v", settled, err)
			}
			if op, err := m.Merge(t.Context(), b, a); err != nil || op.State != plan.OpDone {
				t.Errorf("merged when the first was settled: %+v, %v", op, err)
			}
		})
	}
}

// merges counts the requests to merge that reached the portal.
func merges(s *stage) (n int) {
	for _, r := range s.portal.Requests() {
		if strings.HasSuffix(r.Path, "/merge") {
			n++
		}
	}
	return n
}

// A merge settles by itself what is open of earlier ones, before it is refused for their sake.
func TestAMergeSettlesEarlierOnesFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, m, ann, anna := twins(t, practice.Switches{})
		a, b, err := m.Pair(t.Context(), ann, anna)
		if err != nil {
			t.Fatal(err)
		}
		s.portal.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: practice.ServerError, Path: "/merge"}}})
		if op, err := m.Merge(t.Context(), a, b); err == nil || op.State != plan.OpSent {
			t.Fatalf("nobody can know yet: %+v, %v", op, err)
		}
		time.Sleep(3 * time.Minute) // virtual
		if op, err := m.Merge(t.Context(), a, b); err != nil || op.State != plan.OpDone {
			t.Errorf("%+v, %v", op, err)
		}
		all, err := m.Store.Merges(t.Context(), m.PortalID, "0-1", false)
		if err != nil || len(all) != 2 || all[1].State != plan.OpFailed {
			t.Errorf("what is kept of both: %+v, %v", all, err)
		}
	})
}

// Of a merge that came to nothing it is said where the two records are by now.
func TestWhatBecameOfRecordsThatWereNotMergedIsSaid(t *testing.T) {
	t.Parallel()
	for want, act := range map[string]func(*stage, string) error{
		"both records are still there": func(*stage, string) error { return nil },
		"was archived or erased":       func(s *stage, anna string) error { return s.portal.Archive("contacts", anna) },
		"was merged into": func(s *stage, anna string) error {
			third, err := s.portal.Create("contacts", map[string]string{"email": "third@example.org"})
			if err != nil {
				return err
			}
			_, err = s.portal.Merge("contacts", third, anna)
			return err
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			s, m, ann, anna := twins(t, practice.Switches{})
			a, b, err := m.Pair(t.Context(), ann, anna)
			if err != nil {
				t.Fatal(err)
			}
			s.portal.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: practice.ServerError, Path: "/merge"}}})
			if _, err := m.Merge(t.Context(), a, b); err == nil {
				t.Fatal("an answer came")
			}
			if err := act(s, anna); err != nil {
				t.Fatal(err)
			}
			time.Sleep(3 * time.Minute) // virtual
			settled, err := m.Settle(t.Context())
			if err != nil || len(settled) != 1 || settled[0].State != plan.OpFailed || !strings.Contains(settled[0].Err, want) {
				t.Errorf("%s: %+v, %v", want, settled, err)
			}
		})
	}
}
