package engine_test

import (
	"testing"

	"syncline/sync/hubspot/practice"
)

// HubSpot keeps some values in another form than they were sent in. That form is
// nobody's edit: nothing comes back to the source, and nothing is sent again.
func TestTheFormThatHubSpotGaveAValueIsNoEdit(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{Switches: practice.Switches{TrimText: true, RewriteNumbers: true}}, twoWay, people(3))
	s.replace("First1,Last1", "First1 ,Last1") // as a record is made
	s.run()
	s.wantNothingToDo(3)
	s.replace("First2,Last2", " Ann  ,Last2") // as it is updated
	before := s.contents()
	if res := s.run(); res.Counts.Updated != 1 {
		t.Errorf("%+v", res.Counts)
	}
	if _, p := s.by("email", "p2@example-1.com"); p["firstname"] != "Ann" {
		t.Skipf("this portal keeps it as it is: %q", p["firstname"])
	}
	s.wantNothingToDo(3)
	if s.contents() != before {
		t.Errorf("it came back to the file:\n%s", s.contents())
	}
}
