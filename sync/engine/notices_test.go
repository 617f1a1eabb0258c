package engine_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncline/store"
	"syncline/sync/hubspot/practice"
)

// tell keeps notices of the portal's contacts, as its journal or a webhook would.
func (s *stage) tell(notices ...store.Notice) {
	s.t.Helper()
	s.store(func(ctx context.Context, db *store.Store) {
		if err := db.KeepNotices(ctx, s.portal.PortalID(), notices); err != nil {
			s.t.Fatal(err)
		}
	})
}

// What no search for changes shows, such as a record that was archived, a notice
// tells of: the record is read, once.
func TestARecordThatHubSpotTellsOfIsRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, practice.Options{}, twoWay+"delete: { record-gone: delete }\n", people(60))
		s.small, s.yes = -1, true
		s.run()
		id, _ := s.by("email", "p1@example-0.com")
		if err := s.portal.Archive("contacts", id); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if s.run(); !strings.Contains(s.contents(), "p1@example-0.com") {
			t.Fatal("its row went although nobody told")
		}
		s.tell(store.Notice{Object: "0-1", Record: id}, store.Notice{Object: "0-1", Record: "1"})
		if s.run(); strings.Contains(s.contents(), "p1@example-0.com") {
			t.Error("its row is still there")
		}
		time.Sleep(time.Hour)
		before := s.portal.Calls().By["POST objects/contacts/batch/read"]
		s.run()
		if n := s.portal.Calls().By["POST objects/contacts/batch/read"]; n != before {
			t.Errorf("it was read again: %d", n-before)
		}
	})
}

// An association that was removed is found by a notice of one of its records,
// between two comparisons of all.
func TestAnAssociationThatHubSpotTellsOfIsCompared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, practice.Options{}, peopleOfCompanies, staff)
		s.small, s.yes = -1, true
		s.run()
		s.unlink("ada@example.com", "acme.com")
		if res := s.run(); res.Counts.Waiting != 0 {
			t.Fatalf("it was found although nobody told: %+v", res.Counts)
		}
		s.tell(store.Notice{Object: "0-1", Record: s.named("contacts", "email", "ada@example.com"), Edges: true})
		if res := s.run(); res.Counts.Waiting != 1 {
			t.Errorf("it does not wait for a decision: %+v", res.Counts)
		}
	})
}
