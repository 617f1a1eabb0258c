package command_test

import (
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
)

// Two files feed one sync by a query: what changes in either of them flows.
func TestAQueryOnTwoFilesIsTheSourceOfASync(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	d.write("people.csv", "id,email,name\n1,ann@example.com,Ann\n2,bob@example.com,Bob\n")
	d.write("orders.csv", "person,city\n1,Bern\n")
	d.write("sync.yaml", `syncline: 1
name: People and orders
source:
  kind: files
  files:
    people: people.csv
    orders: { path: orders.csv }
  query: |
    SELECT p.id, p.email, p.name, o.city
    FROM people p LEFT JOIN orders o ON o.person = p.id
  key: [id]
hubspot:
  object: contacts
  match: [ { field: email, property: email } ]
direction: to-hubspot
create: hubspot
fields:
  - { field: email, property: email }
  - { field: name, property: firstname }
  - { field: city, property: city, blank: clear }
`)
	if s := d.do("check", "sync.yaml"); s.status != 0 {
		t.Fatalf("check: %d %s", s.status, s.err)
	}
	if s := d.run(); s.status != 0 || s.report.Counts.Created != 2 {
		t.Fatalf("%d %+v %s", s.status, s.report.Counts, s.err)
	}
	d.write("orders.csv", "person,city\n1,Bern\n2,Ulm\n")
	if s := d.run(); s.status != 0 || s.report.Counts.Updated != 1 || s.report.Counts.Unchanged != 1 {
		t.Errorf("%d %+v %s", s.status, s.report.Counts, s.err)
	}
	if _, p := d.one("bob@example.com"); p["city"] != "Ulm" {
		t.Errorf("HubSpot holds %q", p["city"])
	}
	d.write("sync.yaml", strings.Replace(d.read("sync.yaml"), "direction: to-hubspot", "direction: two-way", 1))
	if s := d.do("check", "sync.yaml"); s.status != 2 || !strings.Contains(s.err, "only be read") {
		t.Errorf("two-way: %d %s", s.status, s.err)
	}
	d.write("sync.yaml", strings.Replace(d.read("sync.yaml"), "p.name, o.city", "p.nmae, o.city", 1))
	d.write("sync.yaml", strings.Replace(d.read("sync.yaml"), "direction: two-way", "direction: to-hubspot", 1))
	if s := d.do("check", "sync.yaml"); s.status == 0 || !strings.Contains(s.err, "people (id, email, name)") {
		t.Errorf("a column that is not there: %d %s", s.status, s.err)
	}
}

// A row of a query stands in no line. What its number would be misread as is said
// of the row, and the other one is written.
func TestANumberOfAQueryThatMarksWouldChangeIsSaidOfItsRow(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	d.write("firms.csv", "id,domain\n1,one.acme-tools.com\n2,two.acme-tools.com\n")
	d.write("sales.jsonl", `{"firm":"1","sum":1.234}`+"\n"+`{"firm":"2","sum":"1.234,5"}`+"\n")
	d.write("sync.yaml", `syncline: 1
name: Firms and sales
source:
  kind: files
  files: { firms: firms.csv, sales: sales.jsonl }
  query: SELECT f.id, f.domain, s.sum AS revenue FROM firms f JOIN sales s ON s.firm = f.id
  key: [id]
hubspot:
  object: companies
  match: [ { field: domain, property: domain } ]
direction: to-hubspot
create: hubspot
fields:
  - { field: domain, property: domain }
  - { field: revenue, property: annualrevenue, to-hubspot: [ { number: { decimal: ",", group: "." } } ] }
`)
	s := d.run()
	if s.status != 3 || s.report.Counts.Created != 1 || s.report.Counts.Failed != 1 {
		t.Fatalf("%d %+v %s", s.status, s.report.Counts, s.err)
	}
	if !strings.Contains(s.out, "The row has an error: “revenue” holds 1.234 as a number") || strings.Contains(s.out, "ine 0 ") {
		t.Errorf("it says\n%s", s.out)
	}
}
