package engine_test

import (
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
)

// A record for which rows stand already gets no row beside them, whatever keeps
// it from being theirs: it waits with them until a person says whose it is.
func TestARecordThatRowsWaitForGetsNoRowOfItsOwn(t *testing.T) {
	t.Parallel()
	both := strings.Replace(twoWay, "create: hubspot", "create: both", 1) + "  - { field: id, property: jobtitle }\n"
	make2 := func(s *stage) { // one with the addresses of rows 1 and 2
		one, err := s.portal.Create("contacts", map[string]string{"email": "p1@example-0.com", "jobtitle": "9"})
		ok(s.t, err)
		two, err := s.portal.Create("contacts", map[string]string{"email": "p2@example-1.com", "jobtitle": "9"})
		ok(s.t, err)
		_, err = s.portal.Merge("contacts", one, two)
		ok(s.t, err)
	}
	for name, c := range map[string]struct {
		rows    string
		arrange func(*stage)
		match   string
	}{
		"two rows reach it by two addresses": {people(2), make2, ""},
		"two rows reach it by two keys": {people(2), func(s *stage) {
			_, err := s.portal.Create("contacts", map[string]string{"email": "p1@example-0.com", "lastname": "Last2", "jobtitle": "9"})
			ok(s.t, err)
		}, "{ field: Last, property: lastname }"},
		"two rows share its address": {"id,Email,First,Last,Phone\n1,p1@example.com,A,B,\n2,p1@example.com,C,D,\n", func(s *stage) {
			_, err := s.portal.Create("contacts", map[string]string{"email": "p1@example.com", "jobtitle": "9"})
			ok(s.t, err)
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			def := both
			if c.match != "" {
				def = strings.Replace(def, "property: email } ]\ndirection", "property: email }, "+c.match+" ]\ndirection", 1)
			}
			s := newStage(t, practice.Options{}, def, c.rows)
			c.arrange(s)
			before := s.contents()
			res := s.run()
			if s.contents() != before || res.Counts.Conflict != 2 || s.portal.Count("contacts") != 1 {
				t.Errorf("%+v %q\n%s", res.Counts, res.Notes, s.contents())
			}
		})
	}
}

// A record that names the key of a row which stands in the source gets no second
// row with that key, also where the row is no row of a record yet.
func TestNoRowIsPlannedUnderAKeyThatStandsInTheSource(t *testing.T) {
	t.Parallel()
	def := strings.Replace(twoWay, "create: hubspot", "create: both", 1) + "  - { field: id, property: jobtitle }\n"
	s := newStage(t, practice.Options{}, def, "id,Email,First,Last,Phone\n1,not an address,A,B,\n")
	_, err := s.portal.Create("contacts", map[string]string{"email": "other@example.com", "jobtitle": "1"})
	ok(t, err)
	planned := s.preview()
	if planned.Counts.SourceCreated != 0 || planned.Counts.Skipped != 1 || planned.Counts.Failed != 1 {
		t.Errorf("%+v %q", planned.Counts, planned.Notes)
	}
	// What is said of the record is not said of the row with that key.
	if lines, reasons := s.rowsWithKey(planned.PlanID, "1"); len(lines) != 1 || strings.Contains(reasons[0], "already") {
		t.Errorf("the row 1 stands in the plan as %v %q", lines, reasons)
	}
	s.run()
	if strings.Contains(s.contents(), "other@example.com") {
		t.Errorf("%s", s.contents())
	}
}
