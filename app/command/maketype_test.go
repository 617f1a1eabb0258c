package command_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"syncline/sync/hubspot/practice"
)

// machines is a sync of an object type that the portal does not have.
const machines = `syncline: 1
name: Machines
source: { kind: csv, path: customers.csv, key: [Serial] }
hubspot:
  object: machine
  make:
    singular: Machine
    plural: Machines
    display: serial_number
    associate: [contacts, companies]
    properties:
      - { name: serial_number, label: Serial number, unique: true }
      - { name: bought, label: Bought, type: date }
      - { name: hours, label: Hours, type: number }
      - { name: leased, label: Leased, type: bool }
      - { name: size, label: Size, type: enumeration, options: [Small, Large] }
  match:
    - { field: Serial, property: serial_number }
direction: two-way
create: hubspot
fields:
  - { field: Serial, property: serial_number }
  - { field: Bought, property: bought }
  - { field: Hours, property: hours }
  - { field: Leased, property: leased }
  - { field: Size, property: size }
associations:
  - to: contacts
    match: { field: Operator, property: email }
    label: { field: Part }
`

const threeMachines = "Serial,Bought,Hours,Leased,Size,Operator,Part\nM-1,2024-05-30,1200.5,true,Small,ann@example.com,Operator\nM-2,2023-01-02,80,false,Large,ann@example.com,Owner\nM-3,,,,,,\n"

func newMachines(t *testing.T, o practice.Options) *desk {
	t.Helper()
	o.Limits.Burst = 100_000
	d := newDesk(t, o)
	if _, err := d.portal.Create("contacts", map[string]string{"email": "ann@example.com"}); err != nil {
		t.Fatal(err)
	}
	d.write("sync.yaml", machines)
	d.write("customers.csv", threeMachines)
	return d
}

func TestAnObjectTypeIsMadeOnlyOnApproval(t *testing.T) {
	t.Parallel()
	for name, lag := range map[string]practice.Delay{"at once": nil, "later": practice.Fixed(400 * time.Millisecond)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newMachines(t, practice.Options{DefinitionLag: lag})
			if s := d.do("check", "sync.yaml"); s.status != 0 {
				t.Fatalf("check: status %d\n%s", s.status, s.out)
			}
			s := d.do("preview", "sync.yaml")
			if c := s.report.Counts; s.status != 0 || c.Created != 3 || c.Associated != 2 || !strings.Contains(s.out, "HubSpot has no object type Machines: it is made first, with the properties Serial number (text, unique), Bought (date)") {
				t.Errorf("preview: status %d, %+v\n%s", s.status, c, s.out)
			}
			for _, made := range d.portal.ObjectTypes() {
				if strings.Contains(made, "machine") {
					t.Errorf("a preview made %s", made)
				}
			}
			if s := d.do("reconcile", "sync.yaml"); s.status == 0 || !strings.Contains(s.out+s.err, "has no object type machine yet") {
				t.Errorf("reconcile: status %d\n%s\n%s", s.status, s.out, s.err)
			}
			if s := d.do("run", "sync.yaml"); s.status != 4 || !strings.Contains(s.out+s.err, "The object type Machines would be made in HubSpot") {
				t.Fatalf("run: status %d\n%s\n%s", s.status, s.out, s.err)
			}
			s = d.do("run", "sync.yaml", "--yes")
			if c := s.report.Counts; s.status != 0 || c.Created != 3 || c.Associated != 2 || c.Failed != 0 {
				t.Fatalf("run: status %d, %+v\n%s\n%s", s.status, c, s.out, s.err)
			}
			name := fmt.Sprintf("p%d_machine", d.portal.PortalID())
			n := 0
			for id, values := range d.portal.Records(name) {
				n++
				if values["serial_number"] == "M-1" {
					if values["bought"] != "2024-05-30" || values["hours"] != "1200.5" || values["leased"] != "true" || values["size"] != "Small" || len(d.portal.Associated(name, id, "contacts")) != 1 {
						t.Errorf("%v", values)
					}
				}
			}
			if n != 3 {
				t.Errorf("%d machines", n)
			}
			// From now on it is a type like any other, in both directions.
			if s := d.run(); s.status != 0 || s.report.Counts.Unchanged != 3 || s.report.Counts.Associated != 0 {
				t.Errorf("again: %+v\n%s", s.report.Counts, s.out)
			}
			for id, values := range d.portal.Records(name) {
				if values["serial_number"] == "M-3" {
					if err := d.portal.Edit(name, id, map[string]string{"hours": "7"}); err != nil {
						t.Fatal(err)
					}
				}
			}
			if s := d.run(); s.report.Counts.SourceUpdated != 1 || !strings.Contains(d.read("customers.csv"), "M-3,,7,") {
				t.Errorf("back: %+v\n%s", s.report.Counts, d.read("customers.csv"))
			}
			undone := d.do("undo", s.report.Run, "--yes")
			if undone.status != 0 || d.portal.Count(name) != 1 || !strings.Contains(undone.out, "The object type Machines, which the run made, stays in HubSpot") {
				t.Errorf("undo: status %d, %d left\n%s\n%s", undone.status, d.portal.Count(name), undone.out, undone.err)
			}
		})
	}
}

// A run whose answer to the making got lost makes no second one, and goes on.
func TestALostAnswerMakesNoSecondObjectType(t *testing.T) {
	t.Parallel()
	d := newMachines(t, practice.Options{})
	d.portal.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: practice.ResetAfter, Method: "POST", Path: "/schemas"}}})
	s := d.do("run", "sync.yaml", "--yes")
	if s.status != 0 {
		s = d.do("run", "sync.yaml", "--yes")
	}
	if c := s.report.Counts; s.status != 0 || c.Created != 3 || c.Associated != 2 {
		t.Errorf("status %d, %+v\n%s\n%s", s.status, c, s.out, s.err)
	}
	n := 0
	for _, made := range d.portal.ObjectTypes() {
		if strings.Contains(made, "machine") {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%v", d.portal.ObjectTypes())
	}
}

func TestWhatKeepsAnObjectTypeFromBeingMadeIsSaidBefore(t *testing.T) {
	t.Parallel()
	d := newMachines(t, practice.Options{Without: []string{"custom_objects"}})
	if s := d.do("preview", "sync.yaml"); s.status != 2 || !strings.Contains(s.out, "may not list the portal's own") {
		t.Errorf("status %d\n%s", s.status, s.out)
	}
	d = newMachines(t, practice.Options{})
	d.define("associate: [contacts, companies]", "associate: [companies]")
	if s := d.do("preview", "sync.yaml"); s.status != 2 || !strings.Contains(s.out, "contacts are not among those that machines can be associated with: add contacts under make, associate") {
		t.Errorf("status %d\n%s", s.status, s.out)
	}
	d.define("associate: [companies]", "associate: [contacts, butterflies]")
	if s := d.do("preview", "sync.yaml"); s.status != 2 || !strings.Contains(s.out, "\\\"butterflies\\\" is no object type") {
		t.Errorf("status %d\n%s", s.status, s.out)
	}
	d.define("contacts, butterflies", "contacts")
	for i := range 10 {
		d.write("other.csv", "Serial\n1\n")
		text := strings.NewReplacer("object: machine\n", fmt.Sprintf("object: thing%d\n", i), "singular: Machine\n", fmt.Sprintf("singular: Thing %d\n", i), "plural: Machines", fmt.Sprintf("plural: Things %d", i), "name: Machines", "name: Things", "customers.csv", "other.csv").Replace(machines)
		text = text[:strings.Index(text, "  - { field: Bought")]
		d.write("other.yaml", text)
		if s := d.do("run", d.path("other.yaml"), "--yes"); s.status != 0 {
			t.Fatalf("status %d\n%s\n%s", s.status, s.out, s.err)
		}
	}
	if s := d.do("preview", "sync.yaml"); s.status != 2 || !strings.Contains(s.out, "this portal has 10 object types of its own, and may have 10") {
		t.Errorf("status %d\n%s", s.status, s.out)
	}
}
