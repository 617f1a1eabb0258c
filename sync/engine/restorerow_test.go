package engine_test

import (
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

// A row that is put back by a decision holds what it held: what was edited in it and never
// sent is sent, what both sides edited waits, what was left apart stays apart, and only what
// was edited in HubSpot alone comes from there.
func TestARowThatIsPutBackKeepsItsUnsentEdits(t *testing.T) {
	t.Parallel()
	oneWay := strings.Replace(archivingGone, "property: lastname }", "property: lastname, direction: to-hubspot }", 1)
	for name, c := range map[string]struct {
		file        [2]string // edited before the row leaves
		hub         []string
		row         string // as it is put back
		first, last string // in HubSpot in the end
		waits       int
	}{
		"an edit of a field of one direction": {[2]string{"Last2", "Unsent2"}, []string{"firstname", "Hub2"}, "2,p2@example-1.com,Hub2,Unsent2,", "Hub2", "Unsent2", 0},
		"an edit of another field":            {[2]string{"First2", "Unsent2"}, []string{"phone", "+49 30 99"}, "2,p2@example-1.com,Unsent2,Last2,+49 30 99", "Unsent2", "Last2", 0},
		"both sides edited it":                {[2]string{"First2", "Unsent2"}, []string{"firstname", "Hub2"}, "2,p2@example-1.com,Unsent2,Last2,", "Hub2", "Last2", 1},
		"HubSpot edited the other direction":  {[2]string{"First2", "Unsent2"}, []string{"lastname", "Hub2"}, "2,p2@example-1.com,Unsent2,Last2,", "Unsent2", "Hub2", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, oneWay, people(3))
			s.run()
			s.replace(c.file[0], c.file[1])
			s.preview() // it was seen, and is not sent
			row := strings.Split(s.contents(), "\n")[2] + "\n"
			s.replace(row, "")
			id, _ := s.by("email", "p2@example-1.com")
			s.edit(id, c.hub...)
			s.run()
			if n := s.settle(plan.ChooseBase, ""); n != 1 {
				t.Fatalf("%d conflicts", n)
			}
			s.run()
			if !strings.Contains(s.contents(), c.row) {
				t.Errorf("the file is\n%s", s.contents())
			}
			s.run()
			if p, _ := s.portal.Record("contacts", id); p["firstname"] != c.first || p["lastname"] != c.last || len(s.conflicts()) != c.waits {
				t.Errorf("%v, %+v", p, s.conflicts())
			}
			if !strings.Contains(s.contents(), c.row) {
				t.Errorf("in the end the file is\n%s", s.contents())
			}
		})
	}
}

// What was decided to stay apart stays so when the row is put back.
func TestARowThatIsPutBackHeedsThatBothSidesStayAsTheyAre(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, archivingGone, people(3))
	s.run()
	id, _ := s.by("email", "p2@example-1.com")
	s.replace("First2", "Row2")
	s.edit(id, "firstname", "Hub2")
	s.run()
	s.settle(plan.ChooseSkip, "")
	s.run()
	row := strings.Split(s.contents(), "\n")[2] + "\n"
	s.replace(row, "")
	s.edit(id, "lastname", "Edited")
	s.run()
	s.settle(plan.ChooseBase, "")
	s.run()
	if !strings.Contains(s.contents(), "2,p2@example-1.com,Row2,Edited,") {
		t.Errorf("the file is\n%s", s.contents())
	}
	s.wantNothingToDo(3)
	if p, _ := s.portal.Record("contacts", id); p["firstname"] != "Hub2" {
		t.Errorf("%v", p)
	}
}

// A row that was deleted with its record comes back with it whole, also in the columns that
// the sync does not map, and goes with it again.
func TestARowThatComesBackWithItsRecordIsWhole(t *testing.T) {
	t.Parallel()
	const rows = "id,Email,First,Last,Phone,Note\n1,p1@example.com,First1,Last1,,\n2,p2@example.com,First2,Last2,,a note\n"
	s := newStage(t, practice.Options{}, twoWay+"delete: { record-gone: delete }\n", rows)
	s.yes = true
	s.run()
	id, _ := s.by("email", "p2@example.com")
	for range 2 {
		if err := s.portal.Archive("contacts", id); err != nil {
			t.Fatal(err)
		}
		if s.run(); strings.Contains(s.contents(), "p2@") {
			t.Fatalf("the file is\n%s", s.contents())
		}
		if err := s.portal.Restore("contacts", id); err != nil {
			t.Fatal(err)
		}
		if s.run(); s.contents() != rows {
			t.Fatalf("the file is\n%s", s.contents())
		}
		s.wantNothingToDo(2)
	}
}
