package command_test

import (
	"cmp"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
)

// What a person writes who moves a charity's CRM from the exports of four
// tables.
var charity = map[string]string{
	"all.yaml": "syncline: 1\nset: Charity to HubSpot\nsyncs: [roles.yaml, donations.yaml, people.yaml, accounts.yaml]\n",
	"accounts.yaml": `syncline: 1
name: Accounts
source: { kind: csv, path: 1k_Account.csv, key: [id] }
hubspot:
  object: companies
  match: [ { field: id, property: former_id } ]
direction: to-hubspot
create: hubspot
fields:
  - { field: id, property: former_id }
  - { field: Name, property: name }
  - { field: BillingStreet, property: address }
  - { field: BillingCity, property: city }
  - { field: BillingState, property: state }
  - { field: BillingPostalCode, property: zip }
  - { field: BillingCountry, property: country }
`,
	"people.yaml": `syncline: 1
name: People
source: { kind: csv, path: 1k_Contact.csv, key: [id] }
hubspot:
  object: contacts
  match: [ { field: Email, property: email } ]
direction: to-hubspot
create: hubspot
fields:
  - { field: Email, property: email }
  - { field: Salutation, property: salutation }
  - { field: FirstName, property: firstname }
  - { field: LastName, property: lastname }
  - { field: Phone, property: phone }
  - { field: Title, property: jobtitle }
associations:
  - { to: companies, link: { sync: accounts.yaml, field: account_id } }
`,
	"donations.yaml": `syncline: 1
name: Donations
source: { kind: csv, path: 1k_Opportunity.csv, key: [id] }
hubspot:
  object: deals
  match: [ { field: id, property: former_id } ]
direction: to-hubspot
create: hubspot
fields:
  - { field: id, property: former_id }
  - { field: name, property: dealname }
  - { field: amount, property: amount }
  - { field: close_date, property: closedate }
  - { property: pipeline, constant: default }
  - { field: stage_name, property: dealstage, values: { Closed Won: closedwon, Pledged: contractsent } }
associations:
  - { to: companies, link: { sync: accounts.yaml, field: account_id } }
`,
	"roles.yaml": `syncline: 1
name: Contact roles
source: { kind: csv, path: 1k_OpportunityContactRole.csv, key: [id] }
associate:
  from: { object: deals, link: { sync: donations.yaml, field: opportunity_id } }
  to: { object: contacts, link: { sync: people.yaml, field: contact_id } }
  label: { field: Role }
`,
}

func newCharity(t *testing.T) *desk {
	t.Helper()
	dir := os.Getenv("SYNCLINE_TESTDATA")
	if dir == "" {
		t.Skip("SYNCLINE_TESTDATA is not set")
	}
	d := newDesk(t, practice.Options{Limits: practice.Limits{Burst: 10_000}})
	for name, text := range charity {
		d.write(name, text)
		if _, after, ok := strings.Cut(text, "path: "); ok {
			file, _, _ := strings.Cut(after, ",")
			data, err := os.ReadFile(filepath.Join(dir, "npsp-salesforce", file))
			if err != nil {
				t.Fatal(err)
			}
			d.write(file, string(data))
		}
	}
	for _, object := range []string{"companies", "deals"} {
		if err := d.portal.CreateProperty(object, practice.Property{Name: "former_id", Unique: true}); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// rowsOf reads one of the charity's tables: rows of column to value.
func (d *desk) rowsOf(file string) []map[string]string {
	d.t.Helper()
	all, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(d.read(file), "\ufeff"))).ReadAll()
	if err != nil {
		d.t.Fatal(err)
	}
	var rows []map[string]string
	for _, cells := range all[1:] {
		row := map[string]string{}
		for i, name := range all[0] {
			row[name] = cells[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// wantedRoles counts, by deal and role, the people that the tables name. Those
// of one address are one.
func (d *desk) wantedRoles() map[string]int {
	first, lead := map[string]string{}, map[string]string{}
	for _, p := range d.rowsOf("1k_Contact.csv") {
		who := cmp.Or(strings.ToLower(p["Email"]), p["id"])
		if first[who] == "" {
			first[who] = p["id"]
		}
		lead[p["id"]] = first[who]
	}
	named := map[string]bool{}
	for _, r := range d.rowsOf("1k_OpportunityContactRole.csv") {
		named[r["opportunity_id"]+" "+r["Role"]+"\x00"+lead[r["contact_id"]]] = true
	}
	counts := map[string]int{}
	for key := range named {
		role, _, _ := strings.Cut(key, "\x00")
		counts[role]++
	}
	return counts
}

// roles counts the same in the portal.
func (d *desk) roles() map[string]int {
	d.t.Helper()
	c, err := hubspot.New(hubspot.Config{Tokens: hubspot.StaticToken(d.token), Transport: d.portal.Transport()})
	if err != nil {
		d.t.Fatal(err)
	}
	ids, former := []string{}, map[string]string{}
	for id, p := range d.portal.Records("deals") {
		if p["former_id"] != "" {
			ids, former[id] = append(ids, id), p["former_id"]
		}
	}
	counts := map[string]int{}
	for some := range slices.Chunk(ids, hubspot.MaxAssociationRead) {
		got, err := c.BatchReadAssociations(d.t.Context(), "deals", "contacts", some)
		if err != nil {
			d.t.Fatal(err)
		}
		for _, e := range got.Edges {
			for _, x := range e.Types {
				if x.Label != "" {
					counts[former[e.From]+" "+x.Label]++
				}
			}
		}
	}
	return counts
}

func sum(counts map[string]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

// A charity's CRM moves from the exports of its four tables as one set: every
// record once, every connection under its label, nothing a second time, nothing
// that a person removed, and an undo leaves the portal as it was.
func TestACharityMovesWithAllThatIsConnected(t *testing.T) {
	t.Parallel()
	d := newCharity(t)
	there := [2]string{}
	for i, props := range []map[string]string{{"email": "old@example.com"}, {"domain": "old.example"}} {
		id, err := d.portal.Create([]string{"contacts", "companies"}[i], props)
		if err != nil {
			t.Fatal(err)
		}
		there[i] = id
	}
	if err := d.portal.Associate("contacts", there[0], "companies", there[1], ""); err != nil {
		t.Fatal(err)
	}

	shown, _ := d.set(0, "preview", "all.yaml", "--summary")
	if got := shown.came(); got != "accounts.yaml planned 1223+0=1223, donations.yaml planned 1517+0=1517, people.yaml planned 1011+0=1024, roles.yaml planned 3499+0=3499" {
		t.Errorf("the plan: %s", got)
	}
	asked := len(d.portal.Requests())
	run, s := d.set(0, "run", "all.yaml", "--plan", shown.Plan, "--summary")
	if got, want := run.came(), strings.ReplaceAll(shown.came(), "planned", "done"); !strings.HasPrefix(got, want[:strings.Index(want, ", roles.yaml")]) {
		t.Errorf("it was planned as %s and became %s\n%s", shown.came(), got, s.err)
	}
	if c := run.Runs[3].Counts; c.Created+c.Unchanged != 3499 || c.Waiting != 0 {
		t.Errorf("the roles: %+v", c)
	}
	if d.counts(1223+1, 1011+1); d.portal.Count("deals") != 1517 {
		t.Errorf("%d deals", d.portal.Count("deals"))
	}
	want := d.wantedRoles()
	if diff := gocmp.Diff(want, d.roles()); diff != "" || sum(want) != 3490 {
		t.Errorf("%d roles (-want +got)\n%.2000s", sum(want), diff)
	}
	// Three people stand in the table twice, once for each of their accounts.
	if a, b, c := run.Runs[1].Counts.Associated, run.Runs[2].Counts.Associated, run.Runs[3].Counts.Associated; a != 1517 || b != 1011+3 || c != 3490 {
		t.Errorf("%d deals and %d people are associated with their accounts, and %d people with deals", a, b, c)
	}
	reads, writes := 0, 0
	for _, q := range d.portal.Requests()[asked:] {
		switch {
		case !strings.Contains(q.Path, "/deals/contacts/batch/"):
		case strings.HasSuffix(q.Path, "/read"):
			reads++
		default:
			writes++
		}
	}
	if reads > 4 || writes > 2 {
		t.Errorf("3,490 associations took %d reads and %d writes", reads, writes)
	}
	d.staysAsItIs(0)

	// Beside what was there before, both sides are equal.
	again, s := d.set(3, "reconcile", "all.yaml")
	if len(again.Runs[0].Rows) != 1 || !again.Runs[1].Equal || len(again.Runs[2].Rows) != 1 || !again.Runs[3].Equal {
		t.Errorf("%d, %d, %d, %d rows differ\n%s", len(again.Runs[0].Rows), len(again.Runs[1].Rows), len(again.Runs[2].Rows), len(again.Runs[3].Rows), s.err)
	}

	deal, contact := d.unlinkOne()
	d.staysAsItIs(3)
	if n := len(d.portal.Associated("deals", deal, "contacts")); slices.Contains(d.portal.Associated("deals", deal, "contacts"), contact) {
		t.Errorf("what a person removed was made again: %d contacts", n)
	}
	if s := d.plain("review", d.path("roles.yaml"), "--take", "hubspot"); s.status != 0 {
		t.Errorf("review: %s", s.err)
	}
	d.set(0, "run", "all.yaml", "--summary")
	d.staysAsItIs(0)

	asked = len(d.portal.Requests())
	d.set(0, "undo", run.Run, "--yes", "--summary")
	d.undoTook(asked, map[string]int{"companies": 1223, "deals": 1517, "contacts": 1011}, 3490-1+1517+1014)
	if d.counts(1, 1); d.portal.Count("deals") != 0 || len(d.portal.Associated("contacts", there[0], "companies")) != 1 {
		t.Errorf("%d deals are left, and what was there before is associated with %v", d.portal.Count("deals"), d.portal.Associated("contacts", there[0], "companies"))
	}
	d.staysAsItIs(0) // what was taken back stays so, and nothing waits for it
}

// undoTook counts the calls of an undo. Each record is read with its history, archived,
// and read back; what hangs on it is looked at once, a thousand of a type in a call.
func (d *desk) undoTook(asked int, records map[string]int, edges int) {
	d.t.Helper()
	calls := func(n, size int) int { return (n + size - 1) / size }
	least, looks, took := 0, map[string]int{}, 0
	for _, n := range records {
		least += 2*calls(n, 50) + calls(n, 100)
	}
	for _, q := range d.portal.Requests()[asked:] {
		parts := strings.Split(q.Path, "/")
		switch {
		case strings.Contains(q.Path, "/associations/") && strings.Contains(q.Path, "/batch/read"):
			looks[q.Path] = calls(records[parts[4]], hubspot.MaxAssociationRead)
		case strings.Contains(q.Path, "/batch/archive") && strings.Contains(q.Path, "/associations/"):
			least++ // one names at most 100 records: they differ in how much hangs on them
		case !strings.Contains(q.Path, "/batch/"):
			continue // what is read of the portal itself
		}
		took++
	}
	for _, n := range looks {
		least += n
	}
	least += 2 * 3 * calls(edges/3, hubspot.MaxAssociationRead) // planned, and read again right before
	if most := least + least/10; took > most {
		d.t.Errorf("the undo took %d calls; the least is %d", took, least)
	}
	d.t.Logf("the undo took %d calls; the least is %d", took, least)
}

// staysAsItIs runs the set, which must end with this status and write nothing.
func (d *desk) staysAsItIs(status int) {
	d.t.Helper()
	writes := d.portal.Calls().Writes
	if doc, _ := d.set(status, "run", "all.yaml", "--summary"); d.portal.Calls().Writes != writes {
		d.t.Errorf("a run without edits wrote: %s, %d writes", doc.came(), d.portal.Calls().Writes-writes)
	}
}

// unlinkOne removes one person from one deal, as somebody does in HubSpot.
func (d *desk) unlinkOne() (deal, contact string) {
	d.t.Helper()
	for id := range d.portal.Records("deals") {
		if people := d.portal.Associated("deals", id, "contacts"); len(people) > 1 {
			if err := d.portal.Dissociate("deals", id, "contacts", people[0], ""); err != nil {
				d.t.Fatal(err)
			}
			return id, people[0]
		}
	}
	d.t.Fatal("no deal has two people")
	return "", ""
}
