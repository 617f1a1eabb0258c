package command_test

import (
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
)

const readersDefinition = `syncline: 1
name: Readers
source: { kind: csv, path: customers.csv, key: [Email] }
hubspot:
  object: list-membership
  list: Newsletter
  of: contacts
  match: [ { field: Email, property: email } ]
  remove-others: true
`

// A list is filled from a file: checked, planned, run, told, compared and undone
// from the command line.
func TestAListIsFilledFromAFile(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	if _, err := d.portal.AddList("contacts", "Newsletter", ""); err != nil {
		t.Fatal(err)
	}
	for _, email := range []string{"ada@example.com", "bob@example.com"} {
		if _, err := d.portal.Create("contacts", map[string]string{"email": email}); err != nil {
			t.Fatal(err)
		}
	}
	d.write("customers.csv", "Email\nada@example.com\nbob@example.com\n")
	d.write("sync.yaml", strings.Replace(readersDefinition, "list: Newsletter", "list: Newsleter", 1))
	for _, verb := range []string{"check", "run"} {
		if s := d.plain(verb, "sync.yaml"); s.status != 2 || !strings.Contains(s.out+s.err, `line 6`) || !strings.Contains(s.out+s.err, `Did you mean "Newsletter"?`) {
			t.Errorf("%s of a list that is not there: %d %s%s", verb, s.status, s.out, s.err)
		}
	}
	d.write("sync.yaml", readersDefinition)
	if s := d.plain("check", "sync.yaml"); s.status != 0 {
		t.Errorf("check: %d %s%s", s.status, s.out, s.err)
	}
	whole := d.token
	d.token = d.portal.AddToken(practice.Token{Scopes: []string{"crm.objects.contacts.read"}})
	if s := d.plain("run", "sync.yaml"); s.status != 5 || !strings.Contains(s.err, "crm.lists.read: the list and its members are read (line 6, hubspot.list)") || !strings.Contains(s.err, "crm.lists.write") {
		t.Errorf("without scopes: %d %s", s.status, s.err)
	}
	d.token = whole
	if s := d.plain("preview", "sync.yaml"); !strings.Contains(s.out, "associate ada@example.com (line 2): Member of Newsletter: the source has it") || strings.Contains(s.out, "created ada@") {
		t.Errorf("preview: %s", s.out)
	}
	s := d.run()
	if c := s.report.Counts; s.status != 0 || c.Associated != 2 || c.Created != 2 || len(d.portal.Members("Newsletter")) != 2 {
		t.Fatalf("run: %d %+v %s", s.status, c, s.err)
	}
	if s := d.plain("reconcile", "sync.yaml"); s.status != 0 || !strings.Contains(s.out, "2 equal") {
		t.Errorf("reconcile: %d %s%s", s.status, s.out, s.err)
	}
	if s := d.plain("report", s.report.Run); !strings.Contains(s.out, "they add up: yes") {
		t.Errorf("report: %s", s.out)
	}
	if s := d.plain("undo", s.report.Run); s.status != 0 || len(d.portal.Members("Newsletter")) != 0 {
		t.Errorf("undo: %d %s%s, %d members", s.status, s.out, s.err, len(d.portal.Members("Newsletter")))
	}
}
