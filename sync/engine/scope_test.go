package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncline/sync/hubspot/practice"
)

// A record in scope whose edit the index comes to show while a pull searches is brought
// to the source, and is not taken for one that left the scope.
func TestARecordThatTheIndexShowsWhileAPullSearchesStaysInScope(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		def := strings.Replace(twoWay, "direction:", "  filter: [ [ { property: email, operator: HAS_PROPERTY } ] ]\ndirection:", 1)
		s := newStage(t, practice.Options{SearchLag: practice.Fixed(10 * time.Second)}, def, people(5))
		s.small, s.yes = -1, true
		for range 2 {
			s.run()
			time.Sleep(time.Hour)
		}
		id, _ := s.by("email", "p2@example-1.com")
		s.edit(id, "lastname", "By a person")
		time.Sleep(9900 * time.Millisecond)
		// The index catches up after the first search.
		s.portal.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: practice.Undisturbed, Path: "/search", After: func() { time.Sleep(300 * time.Millisecond) }}}})
		s.run()
		s.portal.SetFaults(practice.Faults{})
		time.Sleep(5 * time.Minute)
		s.run()
		if !strings.Contains(s.contents(), "By a person") {
			t.Errorf("the edit was not brought to the file\n%s", s.contents())
		}
	})
}

// A record that comes into scope by an edit which the index does not show yet, though it
// shows an earlier one, comes in with the next pull.
func TestARecordThatTheIndexShowsAsItWasIsAskedAboutAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		def := strings.Replace(twoWay, "direction:", "  filter: [ [ { property: jobtitle, operator: EQ, value: In } ] ]\ndirection:", 1)
		s := newStage(t, practice.Options{SearchLag: practice.Fixed(10 * time.Second)}, def, people(5))
		s.small, s.yes = -1, true
		ids := make(map[int]string)
		for i := 1; i <= 5; i++ {
			id, err := s.portal.Create("contacts", map[string]string{"email": fmt.Sprintf("p%d@example-%d.com", i, (i-1)%7), "jobtitle": "In", "firstname": fmt.Sprintf("First%d", i), "lastname": fmt.Sprintf("Last%d", i), "phone": fmt.Sprintf("+4930%07d", i)})
			if err != nil {
				t.Fatal(err)
			}
			ids[i] = id
		}
		time.Sleep(time.Minute)
		s.run()
		time.Sleep(time.Hour)
		s.edit(ids[2], "jobtitle", "Out")
		time.Sleep(time.Hour)
		s.run()
		time.Sleep(time.Hour)
		s.edit(ids[2], "firstname", "Earlier")
		time.Sleep(9 * time.Second)
		s.edit(ids[2], "jobtitle", "In", "lastname", "By a person")
		time.Sleep(2 * time.Second)
		s.run()
		time.Sleep(5 * time.Minute)
		s.run()
		if !strings.Contains(s.contents(), "Earlier,By a person") {
			t.Errorf("the edits were not brought to the file\n%s", s.contents())
		}
	})
}

// A row follows its record into the survivor of a merge, and where that does not pass
// the filter, it is not written.
func TestTheSurvivorOfAMergeOutsideOfTheFilterIsNotWritten(t *testing.T) {
	t.Parallel()
	def := strings.Replace(twoWay, "direction:", "  filter: [ [ { property: jobtitle, operator: EQ, value: In } ] ]\ndirection:", 1)
	for name, small := range map[string]int{"all records are read": 0, "those that changed are read": -1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStage(t, practice.Options{}, def, people(3))
				s.small = small
				for i := 1; i <= 3; i++ {
					if _, err := s.portal.Create("contacts", map[string]string{"email": fmt.Sprintf("p%d@example-%d.com", i, (i-1)%7), "jobtitle": "In", "firstname": fmt.Sprintf("First%d", i), "lastname": fmt.Sprintf("Last%d", i), "phone": fmt.Sprintf("+4930%07d", i)}); err != nil {
						t.Fatal(err)
					}
				}
				other, err := s.portal.Create("contacts", map[string]string{"email": "boss@example.com", "jobtitle": "Out", "firstname": "First2", "lastname": "Last2", "phone": "+49300000002"})
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
				s.run()
				time.Sleep(time.Hour)
				id, _ := s.by("email", "p2@example-1.com")
				s.replace("Last2,", "Edited2,")
				into, err := s.portal.Merge("contacts", other, id)
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Minute)
				s.run()
				if p, _ := s.portal.Record("contacts", into); p["jobtitle"] != "Out" || p["lastname"] != "Last2" {
					t.Errorf("a record outside of the filter was written: %v", p)
				}
				s.edit(into, "jobtitle", "In") // and so it comes into scope
				time.Sleep(time.Minute)
				s.run()
				if p, _ := s.portal.Record("contacts", into); p["lastname"] == "Last2" && len(s.conflicts()) == 0 {
					t.Errorf("the edit of its row was forgotten: %v", p)
				}
			})
		})
	}
}
