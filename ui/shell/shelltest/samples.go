package shelltest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"

	"syncline/app"
	"syncline/assets"
	"syncline/sync/hubspot"
	"syncline/sync/record"
	"syncline/ui/look"
)

// SampleBook writes the sample workbook and returns its path.
func SampleBook(t *testing.T) string {
	t.Helper()
	book, _, err := assets.WriteSample(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return book
}

// NpspContacts is an export of a real program, of SYNCLINE_TESTDATA; without that
// the test is skipped.
func NpspContacts(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("SYNCLINE_TESTDATA")
	if dir == "" {
		t.Skip("SYNCLINE_TESTDATA is not set")
	}
	return filepath.Join(dir, "npsp-salesforce", "1k_Contact.csv")
}

// Edit changes a contact in HubSpot, as a person does.
func (b *Bench) Edit(p app.Portal, id, property, value string) {
	b.Helper()
	res, err := p.Client.BatchUpdate(b.Context(), "contacts", []hubspot.UpdateInput{{ID: id, Properties: record.Values{property: record.Text(value)}, TraceID: "somebody"}})
	if err != nil || len(res.Records) != 1 {
		b.Fatalf("the edit came to %+v, %v", res, err)
	}
}

// Value is what HubSpot holds.
func (b *Bench) Value(p app.Portal, id, property string) string {
	b.Helper()
	res, err := p.Client.BatchRead(b.Context(), "contacts", hubspot.BatchReadRequest{IDs: []string{id}, Properties: []string{property}})
	if err != nil || len(res.Records) != 1 {
		b.Fatalf("the record came to %+v, %v", res, err)
	}
	return res.Records[0].Properties[property].String()
}

// SetFiles are the documents and rows of a set of four: firms, the people and
// deals that belong to them, and who plays which part in a deal.
func SetFiles() map[string]string {
	var firms, people, deals, roles strings.Builder
	firms.WriteString("Account ID,Name,Domain,City\n")
	people.WriteString("Contact ID,E-mail,First name,Last name,Account ID\n")
	deals.WriteString("Deal ID,Deal name,Amount,Account ID\n")
	roles.WriteString("Role ID,Deal ID,Contact ID,Role\n")
	for i := range 24 {
		fmt.Fprintf(&firms, "A%02d,Fernhollow %d,fernhollow%d.example,Lisbon\n", i, i, i)
	}
	for i := range 60 {
		fmt.Fprintf(&people, "P%02d,person%d@fernhollow.com,Ilse,Hartwig %d,A%02d\n", i, i, i, i%26) // two of 26 firms are not there
	}
	for i := range 40 {
		fmt.Fprintf(&deals, "D%02d,Renewal %d,%d00,A%02d\n", i, i, i+1, i%24)
	}
	for i := range 70 {
		fmt.Fprintf(&roles, "R%02d,D%02d,P%02d,%s\n", i, i%40, i%62, []string{"Decision maker", "Champion"}[i%2]) // two of 62 people are not there
	}
	return map[string]string{
		"firms.csv": firms.String(), "people.csv": people.String(), "deals.csv": deals.String(), "roles.csv": roles.String(),
		"firms.yaml":  "syncline: 1\nname: Accounts\nsource: { kind: csv, path: firms.csv, key: [Account ID] }\nhubspot: { object: companies, match: [{ field: Domain, property: domain }] }\ndirection: to-hubspot\ncreate: hubspot\nfields:\n  - { field: Name, property: name }\n  - { field: Domain, property: domain }\n  - { field: City, property: city }\n",
		"people.yaml": "syncline: 1\nname: People\nsource: { kind: csv, path: people.csv, key: [Contact ID] }\nhubspot: { object: contacts, match: [{ field: E-mail, property: email }] }\ndirection: two-way\ncreate: hubspot\nfields:\n  - { field: E-mail, property: email }\n  - { field: First name, property: firstname }\n  - { field: Last name, property: lastname }\nassociations:\n  - { to: companies, link: { sync: firms.yaml, field: Account ID }, label: Primary }\n",
		"deals.yaml":  "syncline: 1\nname: Opportunities\nsource: { kind: csv, path: deals.csv, key: [Deal ID] }\nhubspot: { object: deals, match: [{ field: Deal name, property: dealname }] }\ndirection: to-hubspot\ncreate: hubspot\nfields:\n  - { field: Deal name, property: dealname }\n  - { field: Amount, property: amount }\n  - { property: pipeline, constant: default }\n  - { property: dealstage, constant: contractsent }\nassociations:\n  - { to: companies, link: { sync: firms.yaml, field: Account ID } }\n",
		"roles.yaml":  "syncline: 1\nname: Contact roles\nsource: { kind: csv, path: roles.csv, key: [Role ID] }\nassociate:\n  from: { object: deals, link: { sync: deals.yaml, field: Deal ID } }\n  to: { object: contacts, link: { sync: people.yaml, field: Contact ID } }\n  label: { field: Role }\n",
		"set.yaml":    "syncline: 1\nset: Salesforce to HubSpot\nsyncs: [roles.yaml, deals.yaml, people.yaml, firms.yaml]\n",
	}
}

// Looks are the looks in which a set is walked through: the dark one is for the
// eye only, and takes as long.
func Looks() map[string]look.Mode {
	all := map[string]look.Mode{"light": look.Light}
	if os.Getenv("SYNCLINE_PICTURES") != "" {
		all["dark"] = look.DarkMode
	}
	return all
}

// Addresses is a definition that reads people with their addresses.
const Addresses = `source: {kind: csv, path: rows.csv, key: [id]}
hubspot:
  portal: ` + app.PracticeName + `
  object: contacts
  match: [{field: email, property: email}]
direction: to-hubspot
create: hubspot
fields:
  - {field: email, property: email}
  - {field: name, property: lastname}
`

// ManyInvalid are rows of which none can be written.
func ManyInvalid(n int) string {
	var rows strings.Builder
	rows.WriteString("id,email,name\n")
	for i := range n {
		fmt.Fprintf(&rows, "K-%05d,no address %d,Person %d\n", i, i, i)
	}
	return rows.String()
}

// SyncOf writes a CSV file and a definition that reads it, and returns the
// definition's path.
func SyncOf(t *testing.T, dir, rows, definition string) string {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "rows.csv"), []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "sync.yaml")
	if err := os.WriteFile(path, []byte("syncline: 1\nname: Many rows\n"+definition), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Uris are a file as the toolkit names those that are dropped.
func Uris(path string) []fyne.URI { return []fyne.URI{storage.NewFileURI(path)} }
