package command_test

import (
	"fmt"
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/content"
)

// objectSync is a one-way definition of any object type.
func objectSync(object, fields string, more ...string) string {
	var b strings.Builder
	for _, f := range strings.Split(fields, ", ") {
		column, property, _ := strings.Cut(f, "=")
		fmt.Fprintf(&b, "  - { field: %s, property: %s }\n", column, property)
	}
	first, property, _ := strings.Cut(strings.Split(fields, ", ")[0], "=")
	text := fmt.Sprintf("syncline: 1\nname: Rows\nsource: { kind: csv, path: customers.csv, key: [id] }\nhubspot:\n  object: %s\n  match: [ { field: %s, property: %s } ]\ndirection: to-hubspot\ncreate: hubspot\nfields:\n%s", object, first, property, b.String())
	return text + strings.Join(more, "")
}

func TestAPortalWithoutTheProductIsFoundOutBeforeTheRun(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{Without: []string{"leads", "listings", "quotes"}})
	d.write("customers.csv", "id,Name\n1,One\n")
	for object, says := range map[string]string{
		"leads":    "This portal does not show leads: they come with Sales Hub Professional or Enterprise",
		"listings": "switch them on in HubSpot under Data Management, Data Model, Object Library",
		"quotes":   "its subscription may not have them",
	} {
		property := map[string]string{"leads": "hs_lead_name", "listings": "hs_name", "quotes": "hs_title"}[object]
		d.write("sync.yaml", objectSync(object, "Name="+property))
		for _, command := range []string{"check", "preview", "run"} {
			if s := d.do(command, "sync.yaml"); s.status != 2 || !strings.Contains(s.out, says) || !strings.Contains(s.out, "ine\": 5") && !strings.Contains(s.out, "line 5") {
				t.Errorf("%s %s: status %d\n%s\n%s", command, object, s.status, s.out, s.err)
			}
		}
	}
	// The other end of an association counts too.
	d.write("sync.yaml", contacts+"associations:\n  - to: leads\n    match: { field: Last, property: hs_lead_name }\n")
	d.write("customers.csv", twoCustomers)
	if s := d.do("check", "sync.yaml"); s.status != 2 || !strings.Contains(s.out, "does not show leads") {
		t.Errorf("status %d\n%s", s.status, s.out)
	}
}

func TestWhatHubSpotOnlyReadsFlowsOneWay(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	d.write("customers.csv", "id,Mail\n1,ann@example.com\n")
	d.write("sync.yaml", objectSync("users", "Mail=hs_email"))
	if s := d.do("check", "sync.yaml"); s.status != 2 || !strings.Contains(s.out, "people are invited in HubSpot under Settings") {
		t.Errorf("status %d\n%s", s.status, s.out)
	}
	id, err := d.portal.Create("users", map[string]string{"hs_email": "eve@example.com", "hs_internal_user_id": "7"})
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("direction: to-hubspot", "direction: from-hubspot", "create: hubspot", "create: source").Replace(objectSync("users", "Mail=hs_email, id=hs_object_id"))
	d.write("sync.yaml", text)
	if s := d.run(); s.status != 0 || s.report.Counts.SourceCreated != 1 {
		t.Errorf("status %d, %+v\n%s", s.status, s.report.Counts, s.err)
	}
	if got := d.read("customers.csv"); !strings.Contains(got, id+",eve@example.com") {
		t.Errorf("%q", got)
	}
}

func TestAPortalsOwnTypeGoesByItsName(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{Seed: content.DemoSeed, Demo: true, Limits: practice.Limits{Burst: 100_000}})
	d.write("customers.csv", "id,Key,Product\n1,LIC-NEW-1,Norrsken Team\n2,,Norrsken Team\n")
	before := d.portal.Count("2-41285731")
	d.write("sync.yaml", objectSync("licenses", "Key=license_key, id=seats"))
	s := d.run()
	// The type's own required property is known before anything is sent.
	if s.status != 3 || s.report.Counts.Created != 1 || s.report.Counts.Failed != 1 || d.portal.Count("2-41285731") != before+1 || !strings.Contains(s.out, "license_key") {
		t.Errorf("status %d, %+v\n%s\n%s", s.status, s.report.Counts, s.out, s.err)
	}
	// Under its id it is the same sync.
	d.write("sync.yaml", strings.Replace(d.read("sync.yaml"), "object: licenses", "object: 2-41285731", 1))
	if s := d.run(); s.report.Counts.Created != 0 || s.report.Counts.Unchanged != 1 {
		t.Errorf("%+v\n%s", s.report.Counts, s.err)
	}
	d.write("sync.yaml", objectSync("machines", "Key=license_key"))
	if s := d.do("check", "sync.yaml"); s.status != 2 || !strings.Contains(s.out, "The portal's own are license (2-41285731)") {
		t.Errorf("status %d\n%s", s.status, s.out)
	}
}
