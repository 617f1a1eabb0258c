package engine_test

import (
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
)

// When a record or a row is made, the fields that do not flow that way agree as
// they are: two edits right after are two edits, and none is written over.
func TestEditsRightAfterACounterpartWasMadeAreEdits(t *testing.T) {
	t.Parallel()
	t.Run("a record for a row", func(t *testing.T) {
		t.Parallel()
		s := newStage(t, practice.Options{}, strings.Replace(twoWay, "property: lastname }", "property: lastname, direction: from-hubspot }", 1), people(3))
		s.run()
		id, _ := s.by("email", "p1@example-0.com")
		s.edit(id, "lastname", "Theirs")
		s.replace("Last1", "Ours")
		if res := s.run(); res.Counts.Conflict != 1 || !strings.Contains(s.contents(), "Ours") {
			t.Errorf("%+v\n%s", res.Counts, s.contents())
		}
	})
	t.Run("a row for a record", func(t *testing.T) {
		t.Parallel()
		d := strings.Replace(strings.Replace(twoWay, "create: hubspot", "create: both", 1), "property: lastname }", "property: lastname, direction: to-hubspot }", 1)
		d = strings.Replace(d, "fields:", "fields:\n  - { field: id, property: jobtitle }", 1)
		s := newStage(t, practice.Options{}, d, people(2))
		id, err := s.portal.Create("contacts", map[string]string{"email": "new@example.com", "jobtitle": "77", "lastname": "Was"})
		if err != nil {
			t.Fatal(err)
		}
		if res := s.run(); res.Counts.SourceCreated != 1 {
			t.Fatalf("%+v", res.Counts)
		}
		s.edit(id, "lastname", "Theirs")
		s.replace("77,new@example.com,,,", "77,new@example.com,,Ours,")
		if res := s.run(); res.Counts.Conflict != 1 {
			t.Errorf("%+v\n%s", res.Counts, s.contents())
		}
		if p, _ := s.portal.Record("contacts", id); p["lastname"] != "Theirs" {
			t.Errorf("the edit was written over: %q", p["lastname"])
		}
	})
}
