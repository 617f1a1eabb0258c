package engine_test

import (
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
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
