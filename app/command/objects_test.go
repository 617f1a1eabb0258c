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

func TestANoteIsJoinedToItsContact(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	ann, err := d.portal.Create("contacts", map[string]string{"email": "ann@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	d.write("customers.csv", "id,Text,When,Mail\n1,Called back,2026-03-04T10:00:00Z,ann@example.com\n2,No date,,ann@example.com\n3,Nobody's,2026-03-04T10:00:00Z,\n4,Later,2026-03-05T10:00:00Z,new@example.com\n")
	const note = "id=hs_object_id, Text=hs_note_body, When=hs_timestamp"
	alone := strings.Replace(objectSync("notes", note), "  - { field: id, property: hs_object_id }\n", "", 1)
	d.write("sync.yaml", alone)
	if s := d.do("check", "sync.yaml"); s.status != 0 || !strings.Contains(s.out, "Nothing in this sync associates its notes with a record") {
		t.Errorf("status %d\n%s", s.status, s.out)
	}
	d.write("sync.yaml", alone+"associations:\n  - to: contacts\n    match: { field: Mail, property: email }\n")
	s := d.run()
	if c := s.report.Counts; s.status != 3 || c.Created != 3 || c.Failed != 1 || c.Associated != 1 || c.Waiting != 1 {
		t.Errorf("status %d, %+v\n%s", s.status, c, s.out)
	}
	for _, says := range []string{"HubSpot makes no record without Activity date, and the row has none", "1 note is made that nothing in the row associates with a record"} {
		if !strings.Contains(s.out, says) {
			t.Errorf("%q is not said:\n%s", says, s.out)
		}
	}
	if got := d.portal.Associated("contacts", ann, "notes"); len(got) != 1 {
		t.Errorf("ann has the notes %v", got)
	}
	// The contact appears: its note is joined without being asked.
	late, err := d.portal.Create("contacts", map[string]string{"email": "new@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	if s := d.run(); s.report.Counts.Associated != 1 || len(d.portal.Associated("contacts", late, "notes")) != 1 {
		t.Errorf("%+v", s.report.Counts)
	}
}

func TestALeadIsMadeWithWhomItBelongsTo(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{Limits: practice.Limits{Burst: 100_000}})
	ann, err := d.portal.Create("contacts", map[string]string{"email": "ann@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	d.write("customers.csv", "id,Lead,Mail,Domain\n1,Ann's wish,ann@example.com,\n2,Nobody's,,\n3,Stranger's,eve@example.com,\n4,Firm's,,acme.example\n5,Both,ann@example.com,acme.example\n")
	text := objectSync("leads", "Lead=hs_lead_name")
	d.write("sync.yaml", text)
	if s := d.do("check", "sync.yaml"); s.status != 2 || !strings.Contains(s.out, "a new lead must belong to a contact or a company from the start") {
		t.Errorf("status %d\n%s", s.status, s.out)
	}
	d.write("sync.yaml", text+"associations:\n  - to: contacts\n    match: { field: Mail, property: email }\n  - to: companies\n    match: { field: Domain, property: domain }\n    create-missing: true\n")
	s := d.do("preview", "sync.yaml")
	if c := s.report.Counts; s.status != 0 && s.status != 3 || c.Created != 3 || c.Failed != 2 || c.Associated != 4 {
		t.Errorf("status %d, %+v\n%s", s.status, c, s.out)
	}
	for _, says := range []string{"and the row names none", `and no contact is joined to the email \"eve@example.com\"`} {
		if !strings.Contains(s.out, says) {
			t.Errorf("%q is not said:\n%s", says, s.out)
		}
	}
	s = d.run()
	if c := s.report.Counts; s.status != 3 || c.Created != 3 || c.Failed != 2 || c.Associated != 4 || d.portal.Count("leads") != 3 {
		t.Errorf("status %d, %+v\n%s", s.status, c, s.out)
	}
	if got := d.portal.Associated("contacts", ann, "leads"); len(got) != 2 {
		t.Errorf("ann has the leads %v", got)
	}
	first := s.report.Run
	if again := d.run(); again.report.Counts.Associated+again.report.Counts.Created != 0 || again.report.Counts.Unchanged != 3 {
		t.Errorf("%+v\n%s", again.report.Counts, again.out)
	}
	// Whom the row names appears: the lead is made then.
	if _, err := d.portal.Create("contacts", map[string]string{"email": "eve@example.com"}); err != nil {
		t.Fatal(err)
	}
	if s := d.run(); s.report.Counts.Created != 1 || s.report.Counts.Associated != 1 {
		t.Errorf("%+v\n%s", s.report.Counts, s.out)
	}
	if s := d.do("undo", first, "--yes"); s.status != 0 || d.portal.Count("leads") != 1 || d.portal.Count("companies") != 0 {
		t.Errorf("undo: status %d, %d leads, %d companies\n%s\n%s", s.status, d.portal.Count("leads"), d.portal.Count("companies"), s.out, s.err)
	}
}

// Stages are found by their labels in the pipeline that the row names, by its
// label too; a stage that one pipeline alone has brings that pipeline along; a label
// that the row's pipeline does not have fails its row.
func TestDealsGetTheirStagesByLabelInTwoPipelines(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{Seed: content.DemoSeed, Demo: true, Limits: practice.Limits{Burst: 100_000}})
	d.write("customers.csv", "id,Deal,Pipe,Stage,Amount,Closes\n1,Proof one,Sales Pipeline,Contract Sent,100,2026-05-01\n2,Proof two,Renewals,Renewed,250.5,2026-06-01\n3,Proof three,,Churned,0,\n4,Proof four,Renewals,Closed Won,9,\n5,Proof five,Sales Pipeline,Closed Won,9,2026-07-01\n")
	d.write("sync.yaml", objectSync("deals", "Deal=dealname, Pipe=pipeline, Stage=dealstage, Amount=amount, Closes=closedate"))
	s := d.run()
	if c := s.report.Counts; s.status != 3 || c.Created != 4 || c.Failed != 1 {
		t.Fatalf("status %d, %+v\n%s", s.status, c, s.out)
	}
	want := map[string][2]string{"Proof one": {"default", "contractsent"}, "Proof two": {"74310925", "143870214"}, "Proof three": {"74310925", "143870215"}, "Proof five": {"default", "closedwon"}}
	found := 0
	for _, values := range d.portal.Records("deals") {
		if w, ok := want[values["dealname"]]; ok {
			found++
			if got := [2]string{values["pipeline"], values["dealstage"]}; got != w {
				t.Errorf("%s: %v, want %v", values["dealname"], got, w)
			}
		}
	}
	if found != 4 {
		t.Errorf("%d deals", found)
	}
	if again := d.run(); again.report.Counts.Updated+again.report.Counts.Created != 0 {
		t.Errorf("again: %+v\n%s", again.report.Counts, again.out)
	}
	// The deal moves on, into the other pipeline.
	d.write("customers.csv", strings.Replace(d.read("customers.csv"), "1,Proof one,Sales Pipeline,Contract Sent", "1,Proof one,Renewals,Offer sent", 1))
	if s := d.run(); s.report.Counts.Updated != 1 {
		t.Errorf("moved: %+v\n%s", s.report.Counts, s.out)
	}
	for _, values := range d.portal.Records("deals") {
		if values["dealname"] == "Proof one" && (values["pipeline"] != "74310925" || values["dealstage"] != "143870212") {
			t.Errorf("%v", values)
		}
	}
}

// An owner is found by e-mail address, by name as a second choice, and one who left
// is told apart from one who was never there.
func TestOwnersAreFoundByAddressThenByName(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{Limits: practice.Limits{Burst: 100_000}})
	ada := d.portal.AddOwner("ada@example.com", "Ada", "Lovelace")
	gone := d.portal.AddOwner("gone@example.com", "Grace", "Gone")
	d.portal.ArchiveOwner(gone)
	d.write("customers.csv", "id,Email,Owner\n1,a@example.com,ADA@example.com\n2,b@example.com,Ada Lovelace\n3,c@example.com,gone@example.com\n4,d@example.com,nobody@example.com\n5,e@example.com,Grace Gone\n")
	d.write("sync.yaml", objectSync("contacts", "Email=email, Owner=hubspot_owner_id"))
	s := d.run()
	if c := s.report.Counts; s.status != 3 || c.Created != 2 || c.Failed != 3 {
		t.Fatalf("status %d, %+v\n%s", s.status, c, s.out)
	}
	for _, values := range d.portal.Records("contacts") {
		if values["hubspot_owner_id"] != ada {
			t.Errorf("%v", values)
		}
	}
	reasons := map[string]string{}
	for _, r := range s.report.Rows {
		reasons[r.Key] = r.Reason
	}
	if !strings.Contains(reasons["3"], "deactivated") || !strings.Contains(reasons["5"], "deactivated") || strings.Contains(reasons["4"], "deactivated") || !strings.Contains(reasons["4"], "nobody@example.com") {
		t.Errorf("%q", reasons)
	}
}
