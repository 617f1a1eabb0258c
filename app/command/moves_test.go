package command_test

import (
	"slices"
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
)

const lineItems = `syncline: 1
name: Lines
source: { kind: csv, path: customers.csv, key: [id] }
hubspot:
  object: line_items
  match: []
direction: to-hubspot
create: hubspot
fields:
  - { field: Item, property: name }
associations:
  - to: deals
    match: { field: Deal, property: dealname }
    remove-others: true
`

// dealsOf are the line items with their deals, as a person sees them in HubSpot.
func (d *desk) dealsOf() string {
	name := map[string]string{}
	for id, p := range d.portal.Records("deals") {
		name[id] = p["dealname"]
	}
	var all []string
	for id, p := range d.portal.Records("line_items") {
		for _, deal := range d.portal.Associated("line_items", id, "deals") {
			all = append(all, p["name"]+" "+name[deal])
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func newLines(t *testing.T, o practice.Options) *desk {
	t.Helper()
	o.Limits = practice.Limits{Burst: 100_000}
	d := newDesk(t, o)
	for _, name := range []string{"First", "Second", "Third"} {
		if _, err := d.portal.Create("deals", map[string]string{"dealname": name}); err != nil {
			t.Fatal(err)
		}
	}
	d.write("sync.yaml", lineItems)
	d.write("customers.csv", "id,Item,Deal\n1,Seats,First\n2,Days,Second\n")
	if s := d.run(); s.status != 0 {
		t.Fatalf("%+v\n%s", s.report.Counts, s.out)
	}
	return d
}

// A line item belongs to one deal. One that the file gives to another deal moves in
// one run, and back with its undo.
func TestALineItemMovesToAnotherDealInOneRun(t *testing.T) {
	t.Parallel()
	d := newLines(t, practice.Options{})
	d.write("customers.csv", "id,Item,Deal\n1,Seats,Second\n2,Days,First\n")
	s := d.run()
	if got := d.dealsOf(); s.status != 0 || got != "Days First, Seats Second" || s.report.Counts.Associated != 2 || s.report.Counts.Dissociated != 2 {
		t.Errorf("status %d, %q, %+v\n%s", s.status, got, s.report.Counts, s.out)
	}
	d.writesNothing(0, 0)
	if back := d.do("undo", s.report.Run, "--yes"); d.dealsOf() != "Days Second, Seats First" || back.status != 0 {
		t.Errorf("after the undo: %q, status %d\n%s", d.dealsOf(), back.status, back.out)
	}
	d.writesNothing(0, 0) // what was taken back stays so
	d.write("customers.csv", "id,Item,Deal\n1,Seats,Third\n2,Days,First\n")
	if s := d.run(); s.status != 0 || d.dealsOf() != "Days Second, Seats Third" {
		t.Errorf("the source changed since: %q, status %d\n%s", d.dealsOf(), s.status, s.out)
	}
	d.write("customers.csv", "id,Item,Deal\n1,Seats,Third\n2,Days,First\n")
	if s := d.do("run", "sync.yaml", "--redo", s.report.Run); s.status != 0 || d.dealsOf() != "Days First, Seats Third" {
		t.Errorf("done again: %q, status %d\n%s", d.dealsOf(), s.status, s.out)
	}
	d.writesNothing(0, 0)
}

// What somebody gave to a deal of their own in between is not moved over, whether
// it is seen when the plan is made or only right before it is applied.
func TestALineItemThatSomebodyMovedIsNotTakenAway(t *testing.T) {
	t.Parallel()
	for _, shown := range []bool{true, false} {
		d := newLines(t, practice.Options{})
		d.write("customers.csv", "id,Item,Deal\n1,Seats,Second\n2,Days,Second\n")
		args := []string{"run", "sync.yaml"}
		if shown {
			args = append(args, "--plan", d.do("preview", "sync.yaml").report.Plan)
		}
		seats, _ := d.oneOf("line_items", "name", "Seats")
		first, _ := d.oneOf("deals", "dealname", "First")
		third, _ := d.oneOf("deals", "dealname", "Third")
		if err := d.portal.Dissociate("line_items", seats, "deals", first, ""); err != nil {
			t.Fatal(err)
		}
		if err := d.portal.Associate("line_items", seats, "deals", third, ""); err != nil {
			t.Fatal(err)
		}
		if s := d.do(args...); s.status != 3 || d.dealsOf() != "Days Second, Seats Third" {
			t.Errorf("plan shown %v: status %d, %q\n%s", shown, s.status, d.dealsOf(), s.out)
		}
	}
}

// Without leave to remove what it made, a sync says what would let it move.
func TestWhatMayNotMoveSaysWhatWouldLetIt(t *testing.T) {
	t.Parallel()
	d := newLines(t, practice.Options{})
	d.define("    remove-others: true\n", "")
	d.write("customers.csv", "id,Item,Deal\n1,Seats,Second\n2,Days,Second\n")
	if s := d.run(); s.status != 3 || d.dealsOf() != "Days Second, Seats First" || !strings.Contains(s.out, "remove-others") {
		t.Errorf("status %d, %q\n%s", s.status, d.dealsOf(), s.out)
	}
}

// The same where an administrator allows one company to a contact, and where the
// rows are associations themselves.
func TestWhatAnAdministratorLimitsMovesInOneRun(t *testing.T) {
	t.Parallel()
	for _, rows := range []bool{false, true} {
		d := newDesk(t, practice.Options{Limits: practice.Limits{Burst: 100_000}, Rules: practice.Rules{AssociationLimits: []practice.AssociationLimit{{From: "contacts", To: "companies", Most: 1}}}})
		for _, domain := range []string{"one.com", "two.com"} {
			if _, err := d.portal.Create("companies", map[string]string{"domain": domain}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := d.portal.Create("contacts", map[string]string{"email": "ann@example.com"}); err != nil {
			t.Fatal(err)
		}
		d.write("sync.yaml", strings.Replace(peopleByEmail, "people.csv", "customers.csv", 1)+"  - { to: companies, match: { field: Domain, property: domain }, remove-others: true }\n")
		if rows {
			d.write("sync.yaml", "syncline: 1\nname: Rows\nsource: { kind: csv, path: customers.csv, key: [id] }\nassociate:\n  from: { object: contacts, match: { field: Email, property: email } }\n  to: { object: companies, match: { field: Domain, property: domain } }\n  remove-others: true\n")
		}
		d.write("customers.csv", "id,Email,Domain\n1,ann@example.com,one.com\n")
		d.run()
		d.write("customers.csv", "id,Email,Domain\n2,ann@example.com,two.com\n")
		if !rows {
			d.write("customers.csv", "id,Email,Domain\n1,ann@example.com,two.com\n")
		}
		if s := d.run(); s.status != 0 || d.joins() != "ann two.com" {
			t.Errorf("rows %v: status %d, %q\n%s", rows, s.status, d.joins(), s.out)
		}
		d.writesNothing(0, 0)
	}
}

// What somebody gave a deal since the plan was shown stays with it, also where the plan
// knew of none, and where an undo would bring back the one before.
func TestALineItemThatSomebodyGaveADealKeepsIt(t *testing.T) {
	t.Parallel()
	d := newLines(t, practice.Options{})
	give := func(item, from, to string) {
		t.Helper()
		it, _ := d.oneOf("line_items", "name", item)
		deal, _ := d.oneOf("deals", "dealname", to)
		if from != "" {
			old, _ := d.oneOf("deals", "dealname", from)
			if err := d.portal.Dissociate("line_items", it, "deals", old, ""); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.portal.Associate("line_items", it, "deals", deal, ""); err != nil {
			t.Fatal(err)
		}
	}
	refused := func() {
		t.Helper()
		for _, r := range d.portal.Requests() {
			if r.Status >= 400 {
				t.Errorf("HubSpot was left to refuse it: %+v", r)
			}
		}
	}
	d.write("customers.csv", "id,Item,Deal\n1,Seats,First\n2,Days,Second\n3,Hours,\n")
	d.run()
	d.write("customers.csv", "id,Item,Deal\n1,Seats,First\n2,Days,Second\n3,Hours,First\n")
	shown := d.do("preview", "sync.yaml").report.Plan
	give("Hours", "", "Third")
	if s := d.do("run", "sync.yaml", "--plan", shown); s.status != 3 || d.dealsOf() != "Days Second, Hours Third, Seats First" || !strings.Contains(d.plain("attention", "sync.yaml").out, "As many as HubSpot allows") {
		t.Errorf("status %d, %q\n%s", s.status, d.dealsOf(), s.out)
	}
	refused()
	d.write("customers.csv", "id,Item,Deal\n1,Seats,Second\n2,Days,Second\n3,Hours,Third\n")
	moved := d.run()
	if moved.status != 0 || d.dealsOf() != "Days Second, Hours Third, Seats Second" {
		t.Fatalf("%q, status %d\n%s", d.dealsOf(), moved.status, moved.out)
	}
	give("Seats", "Second", "Third")
	if s := d.do("undo", moved.report.Run, "--yes"); d.dealsOf() != "Days Second, Hours Third, Seats Third" || s.report.Counts.Associated != 0 {
		t.Errorf("after the undo: %q, status %d\n%s", d.dealsOf(), s.status, s.out)
	}
	refused()
}

const dealLines = `syncline: 1
name: Deals
source: { kind: csv, path: customers.csv, key: [id] }
hubspot:
  object: deals
  match: [ { field: Name, property: dealname } ]
direction: to-hubspot
create: hubspot
fields:
  - { field: Name, property: dealname }
associations:
  - to: line_items
    match: { field: Items, property: name }
    split: ";"
    remove-others: true
`

// The same told from the deals: the limit is that of the record which is pointed at. A
// line item moves in one run there too, and one that somebody moved stays.
func TestWhatIsPointedAtMovesFromOneToAnother(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{Limits: practice.Limits{Burst: 100_000}})
	for _, name := range []string{"Seats", "Days"} {
		if _, err := d.portal.Create("line_items", map[string]string{"name": name}); err != nil {
			t.Fatal(err)
		}
	}
	d.write("sync.yaml", dealLines)
	d.write("customers.csv", "id,Name,Items\n1,First,Seats\n2,Second,Days\n3,Third,\n")
	d.run()
	for _, step := range []struct{ rows, want string }{
		{"1,First,Days\n2,Second,Seats\n3,Third,", "Days First, Seats Second"},
		{"1,First,\n2,Second,Seats\n3,Third,Days", "Days Third, Seats Second"},
		{"1,First,Seats;Days\n2,Second,\n3,Third,", "Days First, Seats First"},
	} {
		d.write("customers.csv", "id,Name,Items\n"+step.rows+"\n")
		if s := d.run(); s.status != 0 || d.dealsOf() != step.want {
			t.Errorf("%q: status %d, %q\n%s", step.rows, s.status, d.dealsOf(), s.out)
		}
		d.writesNothing(0, 0)
	}
	d.write("customers.csv", "id,Name,Items\n1,First,Days\n2,Second,Seats\n3,Third,\n")
	shown := d.do("preview", "sync.yaml").report.Plan
	seats, _ := d.oneOf("line_items", "name", "Seats")
	first, _ := d.oneOf("deals", "dealname", "First")
	third, _ := d.oneOf("deals", "dealname", "Third")
	calls := len(d.portal.Requests())
	if err := d.portal.Dissociate("deals", first, "line_items", seats, ""); err != nil {
		t.Fatal(err)
	}
	if err := d.portal.Associate("deals", third, "line_items", seats, ""); err != nil {
		t.Fatal(err)
	}
	if s := d.do("run", "sync.yaml", "--plan", shown); s.status != 3 || d.dealsOf() != "Days First, Seats Third" || s.report.Counts.Associated != 0 {
		t.Errorf("status %d, %q\n%s", s.status, d.dealsOf(), s.out)
	}
	for _, r := range d.portal.Requests()[calls:] {
		if r.Status >= 400 {
			t.Errorf("HubSpot was left to refuse it: %+v", r)
		}
	}
}
