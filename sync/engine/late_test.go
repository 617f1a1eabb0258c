package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
)

// A request whose answer never came may take effect long after. What is written
// to the same record meanwhile must not be undone by it: it waits until the
// request can't arrive any more.
func TestALateRequestUndoesNoLaterWrite(t *testing.T) {
	t.Parallel()
	tests := map[string]func(t *testing.T, s *stage, run engine.Result) (want string){
		"of the next run": func(_ *testing.T, s *stage, _ engine.Result) string {
			s.replace("Second1", "Third1")
			s.run()
			return "Third1"
		},
		"of an undo": func(_ *testing.T, s *stage, run engine.Result) string {
			s.undo(run.RunID)
			return "First1"
		},
		"of a record that the row gives back": func(_ *testing.T, s *stage, _ engine.Result) string {
			s.replace("Second1", "First1")
			s.run()
			return "First1"
		},
	}
	for name, later := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStage(t, practice.Options{}, twoWay, people(3))
				s.run()
				id, _ := s.by("email", "p1@example-0.com")
				s.replace("First1", "Second1")
				s.portal.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: practice.Zombie, Path: "/batch/update", Delay: 100 * time.Second}}})
				res := s.run()
				if p, _ := s.portal.Record("contacts", id); p["firstname"] != "Second1" {
					t.Fatalf("the update was not sent again: %q", p["firstname"])
				}
				time.Sleep(5 * time.Second)
				want := later(t, s, res)
				time.Sleep(10 * time.Minute)
				s.run()
				if p, _ := s.portal.Record("contacts", id); p["firstname"] != want {
					t.Errorf("HubSpot holds %q, want %q", p["firstname"], want)
				}
				if _, cells := s.contents(), s.conflicts(); len(cells) != 0 {
					t.Errorf("people are asked: %+v", cells)
				}
			})
		})
	}
}
