package engine_test

import (
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

const byNumber = `
syncline: 1
name: Customers
source: { kind: csv, path: customers.csv, key: [id] }
hubspot:
  object: contacts
  match: [ { field: Last, property: lastname } ]
direction: two-way
create: hubspot
fields:
  - { field: Last, property: lastname }
  - { field: First, property: firstname }
  - { field: Phone, property: phone }
`

// Where rows are known by another column since, a number of it may be that of another row: what was
// agreed on with that one says nothing of this one, and nothing is written over by it.
func TestANumberThatIsAnotherRowsSinceWritesOverNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, byNumber, "id,nr,Last,First,Phone\n1,2,Adams,Ann,+491\n2,3,Brown,Bob,+492\n3,1,Clark,Cy,+493\n")
	s.yes = true
	s.run()
	ids := make(map[string]string)
	for _, last := range []string{"Adams", "Brown", "Clark"} {
		ids[last], _ = s.by("lastname", last)
	}
	s.write(s.def, strings.Replace(byNumber, "key: [id]", "key: [nr]", 1))
	before := s.contents()
	for n := range 3 {
		s.run()
		for last, first := range map[string]string{"Adams": "Ann", "Brown": "Bob", "Clark": "Cy"} {
			if p, _ := s.portal.Record("contacts", ids[last]); p["lastname"] != last || p["firstname"] != first {
				t.Errorf("run %d: the record of %s is %s %s", n, last, p["firstname"], p["lastname"])
			}
		}
		if s.contents() != before || s.portal.Count("contacts") != 3 {
			t.Errorf("run %d: %d records\n%s", n, s.portal.Count("contacts"), s.contents())
		}
		all := s.conflicts()
		for _, c := range all {
			if c.Cause != plan.CauseAnotherRow || !strings.Contains(c.Reason, "may be another row") {
				t.Errorf("run %d: %s: %s", n, c.Cause, c.Reason)
			}
		}
		if len(all) == 0 {
			t.Errorf("run %d: nobody is asked", n)
		}
	}
}

// The same numbers in a column of another name are the same rows.
func TestAKeyColumnOfAnotherNameIsNoOtherKey(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, byNumber, "id,nr,Last,First,Phone\n1,1,Adams,Ann,+491\n2,2,Brown,Bob,+492\n3,3,Clark,Cy,+493\n")
	s.run()
	s.write(s.def, strings.Replace(byNumber, "key: [id]", "key: [nr]", 1))
	s.replace("Bob", "Bert")
	s.run()
	if _, p := s.by("lastname", "Brown"); p["firstname"] != "Bert" || len(s.conflicts()) != 0 {
		t.Errorf("%v, waiting is %+v", p, s.conflicts())
	}
}
