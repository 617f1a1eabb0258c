package engine_test

import (
	"regexp"
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

// The program is killed right after the file was replaced, and people edit the
// file before it is started again: one cell of another row, and one of ours back
// to what it was. Both are edits, and both reach HubSpot.
func TestEditsOfAFileThatWasBeingWrittenAreEdits(t *testing.T) {
	t.Parallel()
	for name, killed := range map[string]struct {
		point string // where the program dies
		nth   int
		back  string // what HubSpot holds in the end for the row that was edited back
	}{
		"after the file was replaced":  {"answered", 1, "Last2"},
		"before the file was replaced": {"intent", 1, "Theirs2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, twoWay, people(6))
			s.yes = true
			s.run()
			for _, n := range []string{"2", "3", "4"} {
				id, _ := s.by("lastname", "Last"+n)
				s.edit(id, "lastname", "Theirs"+n)
			}
			s.stopAtPoint(killed.point, killed.nth)
			if killed.point == "answered" {
				s.replace("Theirs2", "Last2")
			}
			s.replace("First6", "Edited")
			if res := s.run(); res.Counts.Conflict != 0 {
				t.Errorf("%+v: %+v", res.Counts, s.conflicts())
			}
			if res := s.run(); res.Counts.Unchanged != 6 {
				t.Errorf("it did not converge: %+v", res.Counts)
			}
			if _, p := s.by("email", "p2@example-1.com"); p["lastname"] != killed.back {
				t.Errorf("HubSpot has %q, want %q", p["lastname"], killed.back)
			}
			if _, p := s.by("email", "p6@example-5.com"); p["firstname"] != "Edited" {
				t.Errorf("the edit of another row was lost: %q", p["firstname"])
			}
			if !strings.Contains(s.contents(), "Theirs3") || !strings.Contains(s.contents(), killed.back) {
				t.Errorf("the file:\n%s", s.contents())
			}
		})
	}
}

// What both sides are to hold is agreed on only when both hold it: where the row
// was changed between the two writes, neither what was decided nor what was
// merged is lost.
func TestASideThatWasWrittenAloneAgreesWithNobody(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, ours, theirs string
		decide             plan.Choice
		value              string
		change             func(s *stage) // between the write to HubSpot and that to the source
		conflicts          int
		want               string // in HubSpot at the end
	}{
		{"a decision, and the row got a new key", "Ours", "Theirs", plan.ChooseValue, "Decided", func(s *stage) { s.replace("2,p2@", "77,p2@") }, 1, "Decided"},
		{"a decision, and the cell was edited", "Ours", "Theirs", plan.ChooseValue, "Decided", func(s *stage) { s.replace("Ours", "Later") }, 1, "Decided"},
		{"a merged set, and the cell was edited", "A;B", "A;C", "", "", func(s *stage) { s.replace("A;B", "A;B;D") }, 1, "A;B;C"},
		{"a merged set, and the row got a new key", "A;B", "A;C", "", "", func(s *stage) { s.replace("2,p2@", "77,p2@") }, 1, "A;B;C"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, strings.Replace(twoWay, "property: phone }", "property: colours }", 1), regexp.MustCompile(`\+\d+`).ReplaceAllString(people(3), "A"))
			colours := practice.Property{Name: "colours", Label: "Colours", Type: "enumeration", FieldType: "checkbox", Options: []string{"A", "B", "C", "D"}}
			if err := s.portal.CreateProperty("contacts", colours); err != nil {
				t.Fatal(err)
			}
			s.run()
			id, _ := s.by("email", "p2@example-1.com")
			property, was := "firstname", "First2,Last2,A"
			if tc.decide == "" {
				property = "colours"
				s.replace(was, "First2,Last2,"+tc.ours)
			} else {
				s.replace(was, tc.ours+",Last2,A")
			}
			s.edit(id, property, tc.theirs)
			if tc.decide != "" {
				s.run()
				if s.settle(tc.decide, tc.value) != 1 {
					t.Fatalf("%+v", s.conflicts())
				}
			}
			changed := false
			s.at = func(point string) {
				if p, _ := s.portal.Record("contacts", id); !changed && point == "outcome" && p[property] != tc.theirs {
					changed = true
					tc.change(s)
				}
			}
			for range 3 {
				s.run()
			}
			if p, _ := s.portal.Record("contacts", id); len(s.conflicts()) != tc.conflicts || p[property] != tc.want {
				t.Errorf("HubSpot has %q, and waiting is %+v\n%s", p[property], s.conflicts(), s.contents())
			}
		})
	}
}

// A row that leaves the file between the reading and the writing back asks nobody anything: only
// HubSpot has changed. What becomes of the row is for the next plan, also where it is back by then.
func TestARowThatLeftBeforeItWasWrittenIsNoConflict(t *testing.T) {
	t.Parallel()
	for _, back := range []bool{false, true} {
		s := newStage(t, practice.Options{}, twoWay, people(3))
		s.run()
		id, _ := s.by("email", "p2@example-1.com")
		s.edit(id, "firstname", "Theirs")
		whole, left := s.contents(), false
		s.at = func(point string) {
			if point == "planned" && !left {
				left = true
				s.write(s.file, regexp.MustCompile(`(?m)^2,.*\n`).ReplaceAllString(whole, ""))
			}
		}
		if res := s.run(); len(s.conflicts()) != 0 || res.Counts.Skipped != 1 || res.Counts.Conflict != 0 {
			t.Errorf("%+v, waiting is %+v", res.Counts, s.conflicts())
		}
		if s.at = nil; !back {
			continue
		}
		s.write(s.file, whole)
		if s.run(); len(s.conflicts()) != 0 || !strings.Contains(s.contents(), "2,p2@example-1.com,Theirs,") {
			t.Errorf("waiting is %+v\n%s", s.conflicts(), s.contents())
		}
	}
}
