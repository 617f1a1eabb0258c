package command_test

import (
	"fmt"
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
)

// dealsWithContacts is a sync of deals that are associated with contacts, under a
// label from a column.
const dealsWithContacts = `syncline: 1
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
  - to: contacts
    match: { field: People, property: email }
    split: ";"
    label: { field: Role }
`

func newLimited(t *testing.T, limits ...practice.AssociationLimit) (*desk, []string) {
	t.Helper()
	d := newDesk(t, practice.Options{Limits: practice.Limits{Burst: 100_000}, Rules: practice.Rules{AssociationLimits: limits}})
	var ids []string
	for i := range 4 {
		id, err := d.portal.Create("contacts", map[string]string{"email": fmt.Sprintf("p%d@example.com", i)})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	d.write("sync.yaml", dealsWithContacts)
	return d, ids
}

// A plan beyond what a record may have says so for the association that is too
// many, from either end, before anything is written; what fits is made.
func TestAPlanBeyondALimitSaysSoBeforeItIsWritten(t *testing.T) {
	t.Parallel()
	d, ids := newLimited(t, practice.AssociationLimit{From: "deals", To: "contacts", Most: 2}, practice.AssociationLimit{From: "contacts", To: "deals", Most: 3})
	for i := range 2 {
		deal, err := d.portal.Create("deals", map[string]string{"dealname": fmt.Sprint("Old ", i)})
		if err == nil {
			err = d.portal.Associate("deals", deal, "contacts", ids[3], "")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	d.write("customers.csv", "id,Name,People,Role\n1,Three,p0@example.com;p1@example.com;p2@example.com,\n2,Busy,p3@example.com,\n3,Busier,p3@example.com,\n4,Old 0,p0@example.com;p1@example.com,\n")
	s := d.do("preview", "sync.yaml")
	if c := s.report.Counts; s.status != 0 || c.Created != 3 || c.Associated != 4 || c.Waiting != 3 {
		t.Errorf("preview: status %d, %+v\n%s", s.status, c, s.out)
	}
	for _, says := range []string{"a deal can have at most 2 contacts in this portal, and this one has as many", "a contact can have at most 3 deals in this portal", "3 associations are beyond what HubSpot lets a record have: they wait."} {
		if !strings.Contains(s.out, says) {
			t.Errorf("%q is not said:\n%s", says, s.out)
		}
	}
	s = d.run()
	if c := s.report.Counts; s.status != 3 || c.Created != 3 || c.Associated != 4 || c.Waiting != 3 {
		t.Errorf("run: status %d, %+v\n%s", s.status, c, s.out)
	}
	if a := d.plain("attention", "sync.yaml"); !strings.Contains(a.out, "As many as HubSpot allows") {
		t.Errorf("%s", a.out)
	}
	if s := d.run(); s.report.Counts.Associated != 0 || s.report.Counts.Waiting != 3 {
		t.Errorf("again: %+v", s.report.Counts)
	}
}

func TestALimitOfALabelIsKnownToo(t *testing.T) {
	t.Parallel()
	d, _ := newLimited(t, practice.AssociationLimit{From: "deals", To: "contacts", Label: "Decision maker", Most: 1})
	d.write("customers.csv", "id,Name,People,Role\n1,One,p0@example.com,Decision maker\n")
	if s := d.run(); s.report.Counts.Associated != 1 {
		t.Fatalf("%+v\n%s", s.report.Counts, s.out)
	}
	d.write("customers.csv", "id,Name,People,Role\n1,One,p0@example.com;p1@example.com,Decision maker\n")
	if s := d.run(); s.status != 3 || s.report.Counts.Associated != 0 || !strings.Contains(s.out, `at most 1 contact as \"Decision maker\"`) {
		t.Errorf("status %d, %+v\n%s", s.status, s.report.Counts, s.out)
	}
}

// A line item belongs to one deal: HubSpot's own limit, which is known as well.
func TestALineItemBelongsToOneDeal(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{Limits: practice.Limits{Burst: 100_000}})
	for _, name := range []string{"First", "Second"} {
		if _, err := d.portal.Create("deals", map[string]string{"dealname": name}); err != nil {
			t.Fatal(err)
		}
	}
	d.write("customers.csv", "id,Item,Quantity,Deal\n1,Seats,5,First\n2,Days,1,Second\n3,Both,2,First;Second\n")
	d.write("sync.yaml", "syncline: 1\nname: Lines\nsource: { kind: csv, path: customers.csv, key: [id] }\nhubspot:\n  object: line_items\n  match: []\ndirection: to-hubspot\ncreate: hubspot\nfields:\n  - { field: Item, property: name }\n  - { field: Quantity, property: quantity }\nassociations:\n  - to: deals\n    match: { field: Deal, property: dealname }\n    split: \";\"\n")
	s := d.run()
	if c := s.report.Counts; s.status != 3 || c.Created != 3 || c.Associated != 3 || c.Waiting != 1 || !strings.Contains(s.out, "a line item can have at most 1 deal") {
		t.Errorf("status %d, %+v\n%s", s.status, c, s.out)
	}
}

// Rules that an administrator made for values are known before anything is sent.
func TestAPortalsRulesForValuesAreKnownBeforeTheRun(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{Limits: practice.Limits{Burst: 100_000}, Rules: practice.Rules{Validations: []practice.ValidationRule{
		{ObjectType: "contacts", Property: "zip", Type: "ALPHANUMERIC", Args: []string{"NUMERIC_ONLY"}}, {ObjectType: "contacts", Property: "firstname", Type: "MAX_LENGTH", Args: []string{"5"}}}}})
	d.write("customers.csv", "id,Email,First,Zip\n1,ann@example.com,Ann,01234\n2,bob@example.com,Bartholomew,D-123\n")
	d.write("sync.yaml", strings.Replace(contacts, "{ field: Last, property: lastname }", "{ field: Zip, property: zip }", 1))
	s := d.do("preview", "sync.yaml")
	if c := s.report.Counts; c.Created != 1 || c.Failed != 1 || !strings.Contains(s.out, "it is longer than the 5 characters that this portal allows") || !strings.Contains(s.out, "this portal allows digits only") {
		t.Errorf("%+v\n%s", c, s.out)
	}
	refused := 0
	if s := d.run(); s.report.Counts.Created != 1 || s.report.Counts.Failed != 1 {
		t.Errorf("%+v\n%s", s.report.Counts, s.out)
	}
	for _, r := range d.portal.Requests() {
		if r.Status >= 400 {
			refused++
		}
	}
	if refused > 0 {
		t.Errorf("%d calls were refused", refused)
	}
	// The portal would have refused it.
	d.write("customers.csv", "id,Email,First,Zip\n1,ann@example.com,Ann,0123x\n")
	if s := d.run(); s.report.Counts.Updated != 0 || s.report.Counts.Failed != 1 {
		t.Errorf("%+v\n%s", s.report.Counts, s.out)
	}
}
