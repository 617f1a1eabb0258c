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

// onlyIn is a two-way sync of the contacts whose job title is In.
var onlyIn = strings.Replace(twoWay, "direction:", "  filter: [ [ { property: jobtitle, operator: EQ, value: In } ] ]\ndirection:", 1)

// contacts makes the records of people(n), with a job title.
func (s *stage) contacts(n int, title string) (ids []string) {
	s.t.Helper()
	for i := 1; i <= n; i++ {
		id, err := s.portal.Create("contacts", map[string]string{"email": fmt.Sprintf("p%d@example-%d.com", i, (i-1)%7), "jobtitle": title,
			"firstname": fmt.Sprintf("First%d", i), "lastname": fmt.Sprintf("Last%d", i), "phone": fmt.Sprintf("+4930%07d", i)})
		if err != nil {
			s.t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

// A record that was restored moments before a run, which the search does not show yet, is
// asked about again by the next one, whether its modified date tells of it or not.
func TestARecordRestoredMomentsBeforeARunComesIntoScopeWithTheNext(t *testing.T) {
	t.Parallel()
	for _, keeps := range []bool{false, true} {
		t.Run(fmt.Sprint(keeps), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				def := strings.Replace(onlyIn, "create: hubspot", "create: hubspot\ndelete: { record-gone: flag, flag-row: { field: Status, value: gone } }", 1)
				rows := strings.Replace(strings.ReplaceAll(people(3), "\n", ",\n"), "Phone,", "Phone,Status", 1)
				s := newStage(t, practice.Options{SearchLag: practice.Fixed(10 * time.Second), Switches: practice.Switches{RestoresKeepDate: keeps}}, def, rows)
				s.yes = true
				id := s.contacts(3, "In")[1]
				time.Sleep(time.Minute)
				s.run()
				if err := s.portal.Archive("contacts", id); err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Hour)
				s.run()
				s.small = -1
				time.Sleep(time.Hour)
				if err := s.portal.Restore("contacts", id); err != nil {
					t.Fatal(err)
				}
				s.run()
				time.Sleep(time.Hour)
				s.replace("Last2,", "Edited2,")
				s.run()
				if p, _ := s.portal.Record("contacts", id); p["lastname"] != "Edited2" {
					t.Errorf("the edit of its row was not brought to it: %v", p)
				}
			})
		})
	}
}

// What is read by other ways than the search says nothing about the filter: the next
// search settles whether the record is in scope.
func TestWhatWasReadBeforeTheIndexShowedItIsAskedAbout(t *testing.T) {
	t.Parallel()
	for name, look := range map[string]func(*stage){
		"all are read":           func(s *stage) { s.small = 0 },
		"what is outside":        func(s *stage) { s.write(s.file, s.contents()+"9,new@example.com,New,One,+49300000009\n") },
		"right before a write":   func(s *stage) { s.replace("First2,", "Other2,") },
		"nothing but the search": func(*stage) {},
	} {
		for _, from := range []string{"In", "Out"} {
			t.Run(name+", from "+from, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := newStage(t, practice.Options{SearchLag: practice.Fixed(10 * time.Second)}, onlyIn, people(3))
					s.yes = true
					id := s.contacts(3, "In")[1]
					time.Sleep(time.Minute)
					s.run()
					s.edit(id, "jobtitle", from)
					time.Sleep(time.Hour)
					s.run()
					time.Sleep(time.Hour)
					to := map[string]string{"In": "Out", "Out": "In"}[from]
					s.edit(id, "jobtitle", to)
					s.small = -1
					look(s)
					s.run()
					s.small = -1
					time.Sleep(time.Hour)
					s.run()
					s.replace("Last2,", "Edited2,")
					s.run()
					p, _ := s.portal.Record("contacts", id)
					if want := map[string]string{"In": "Edited2", "Out": "Last2"}[to]; p["lastname"] != want {
						t.Errorf("the record, which went %s, is %v", to, p)
					}
				})
			})
		}
	}
}

// A record that our own write takes out of the scope is not written any more.
func TestARecordThatARunTakesOutOfScopeIsOutOfIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		def := strings.Replace(onlyIn, "direction: two-way", "direction: to-hubspot", 1) + "  - { field: Title, property: jobtitle }\n"
		rows := strings.Replace(strings.ReplaceAll(people(3), "\n", ",In\n"), "Phone,In", "Phone,Title", 1)
		s := newStage(t, practice.Options{SearchLag: practice.Fixed(10 * time.Second)}, def, rows)
		s.yes = true
		id := s.contacts(3, "In")[1]
		time.Sleep(time.Minute)
		s.run()
		s.small = -1
		s.replace("0000002,In", "0000002,Out")
		s.run()
		time.Sleep(time.Hour)
		s.run()
		s.replace("Last2,", "Edited2,")
		s.run()
		if p, _ := s.portal.Record("contacts", id); p["jobtitle"] != "Out" || p["lastname"] != "Last2" {
			t.Errorf("the record is %v", p)
		}
	})
}
