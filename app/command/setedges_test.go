package command_test

import (
	"slices"
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
)

// employees is the definition of people whose companies are found by the link to
// another sync, and whose employer's domain is made where it is missing.
const employees = `syncline: 1
name: People
source: { kind: csv, path: people.csv, key: [id] }
hubspot:
  object: contacts
  match: [ { field: Email, property: email } ]
direction: to-hubspot
create: hubspot
fields:
  - { field: Email, property: email }
associations:
  - { to: companies, link: { sync: firms.yaml, field: Firm } }
  - { to: companies, match: { field: Bank, property: domain }, label: Banks with, create-missing: true }
`

// newConnectedDesk is a desk with a set whose syncs rest on each other, named
// in the wrong order.
func newConnectedDesk(t *testing.T) *desk {
	t.Helper()
	d := newDesk(t, practice.Options{Limits: practice.Limits{Burst: 10_000}})
	d.write("firms.yaml", strings.Replace(companies, "two-way", "to-hubspot", 1))
	d.write("firms.csv", threeFirms)
	d.write("people.yaml", employees)
	d.write("people.csv", "id,Email,Firm,Bank\n1,ann@example.com,a,bank.example\n2,bob@example.com,b,bank.example\n3,cy@example.com,a,till.example\n")
	d.write("teams.yaml", "syncline: 1\nname: Teams\nsource: { kind: csv, path: teams.csv, key: [id] }\nassociate:\n"+
		"  from: { object: contacts, link: { sync: people.yaml, field: Boss } }\n  to: { object: contacts, link: { sync: people.yaml, field: Person } }\n  label: { field: Role }\n")
	d.write("teams.csv", "id,Boss,Person,Role\n1,1,2,\n2,1,3,\n")
	d.write("all.yaml", "syncline: 1\nset: Connected\nsyncs: [teams.yaml, people.yaml, firms.yaml]\n")
	return d
}

// associated says for each contact what it is associated with.
func (d *desk) associated() string {
	var all []string
	for id, p := range d.portal.Records("contacts") {
		for _, to := range d.portal.Associated("contacts", id, "companies") {
			c, _ := d.portal.Record("companies", to)
			all = append(all, p["email"]+" "+c["domain"])
		}
		for _, to := range d.portal.Associated("contacts", id, "contacts") {
			c, _ := d.portal.Record("contacts", to)
			all = append(all, p["email"]+" "+c["email"])
		}
	}
	return func() string { slices.Sort(all); return strings.Join(all, ", ") }()
}

func TestASetMakesRecordsBeforeWhatConnectsThem(t *testing.T) {
	t.Parallel()
	d := newConnectedDesk(t)
	plan, _ := d.set(0, "preview", "all.yaml")
	if got := plan.came(); got != "firms.yaml planned 3+0=3, people.yaml planned 3+0=3, teams.yaml planned 2+0=2" || plan.Runs[1].Counts.Associated != 6 || plan.Runs[2].Counts.Associated != 2 {
		t.Errorf("%s %+v", got, plan)
	}
	run, s := d.set(0, "run", "all.yaml", "--plan", plan.Plan)
	if run.Runs[1].Counts.Associated != 6 || run.Runs[2].Counts.Associated != 2 {
		t.Errorf("%+v\n%s", run, s.err)
	}
	want := "ann@example.com bank.example, ann@example.com bob@example.com, ann@example.com cy@example.com, ann@example.com one.example, bob@example.com ann@example.com, " +
		"bob@example.com bank.example, bob@example.com two.example, cy@example.com ann@example.com, cy@example.com one.example, cy@example.com till.example"
	if got := d.associated(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	d.counts(5, 3)
	writes := d.portal.Calls().Writes
	if again, _ := d.set(0, "run", "all.yaml"); d.portal.Calls().Writes != writes {
		t.Errorf("a second run wrote: %+v", again)
	}
	// Two companies are in HubSpot that no row of the firms has.
	if doc, _ := d.set(3, "reconcile", "all.yaml"); doc.Runs[0].Equal || len(doc.Runs[0].Rows) != 2 || !doc.Runs[1].Equal || !doc.Runs[2].Equal {
		t.Errorf("%+v", doc)
	}
	d.set(4, "undo", run.Run)
	if got := d.associated(); got != want {
		t.Errorf("it took something back before it was confirmed: %s", got)
	}
	undone, s := d.set(0, "undo", run.Run, "--yes")
	if d.counts(0, 0); len(undone.Runs) != 3 || undone.Runs[0].Counts.Dissociated != 2 {
		t.Errorf("%+v\n%s", undone, s.err)
	}
	redone, s := d.set(0, "run", "all.yaml", "--redo", run.Run)
	if got := d.associated(); got != want {
		t.Errorf("done again: %s\n%+v\n%s", got, redone, s.err)
	}
}
