package engine_test

import (
	"context"
	"strings"
	"testing"

	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
)

// keyContacts brings the contacts of a list to a file and back.
const keyContacts = `
syncline: 1
name: Key contacts
source: { kind: csv, path: customers.csv, key: [Email] }
hubspot:
  object: contacts
  match: [ { field: Email, property: email } ]
  filter-list: Newsletter
direction: two-way
create: source
delete: { record-gone: delete }
fields:
  - { field: Email, property: email }
  - { field: City, property: city }
`

func (s *stage) fileSays(when, want string) {
	s.t.Helper()
	if got := strings.ReplaceAll(strings.TrimSpace(s.contents()), "@example.com", ""); got != want {
		s.t.Errorf("%s the file is %q, want %q", when, got, want)
	}
}

func TestOnlyMembersOfAListTakePart(t *testing.T) {
	t.Parallel()
	s := newsroom(t, practice.Options{}, keyContacts, []string{"ada", "bob", "cy"}, []string{"ada", "bob"}, nil)
	s.write(s.file, "Email,City\ncy@example.com,Bonn\n")
	s.yes = true
	res := s.run()
	s.fileSays("at first", "Email,City\ncy,Bonn\nada,\nbob,")
	if res.Counts.SourceCreated != 2 {
		t.Errorf("at first: %+v", res.Counts)
	}
	if record, _ := s.portal.Record("contacts", s.idOf("cy")); record["city"] != "" {
		t.Errorf("a record outside the list was written: %v", record["city"])
	}
	// Who joins comes in, and the row that was there already is joined to it.
	s.join("cy")
	s.run()
	if record, _ := s.portal.Record("contacts", s.idOf("cy")); record["city"] != "Bonn" {
		t.Errorf("who joined the list takes no part: %v", record["city"])
	}
	// Who leaves is out of scope, and not gone: nothing is deleted, and no edit flows.
	s.leave("ada")
	s.edit(s.idOf("ada"), "city", "Ulm")
	s.edit(s.idOf("bob"), "city", "Jena")
	s.run()
	s.fileSays("after one left", "Email,City\ncy,Bonn\nada,\nbob,Jena")
	writes := s.portal.Calls().Writes
	if res := s.run(); s.portal.Calls().Writes != writes || res.Counts.Conflict+res.Counts.Failed != 0 {
		t.Errorf("a run without news: %+v", res.Counts)
	}
	r, all := s.reconcile()
	if r.Counts.OnlyHubSpot != 0 || r.Counts.Equal != 2 {
		t.Errorf("reconciled: %+v %+v", r.Counts, all)
	}
	// Who comes back brings what was edited meanwhile.
	s.join("ada")
	s.run()
	s.fileSays("when it is back", "Email,City\ncy,Bonn\nada,Ulm\nbob,Jena")
}

func TestAListAndAFilterMustBothHold(t *testing.T) {
	t.Parallel()
	s := newsroom(t, practice.Options{}, strings.Replace(keyContacts, "filter-list:", "filter: [ [ { property: city, operator: EQ, value: Bonn } ] ]\n  filter-list:", 1), []string{"ada", "bob", "cy"}, []string{"ada", "bob"}, nil)
	for _, name := range []string{"ada", "cy"} {
		s.edit(s.idOf(name), "city", "Bonn")
	}
	s.write(s.file, "Email,City\n")
	s.yes = true
	s.portal.SettleIndex()
	s.run()
	s.fileSays("with both", "Email,City\nada,Bonn")
	if r, all := s.reconcile(); r.Counts.Equal != 1 || r.Counts.OnlyHubSpot != 0 {
		t.Errorf("reconciled: %+v %+v", r.Counts, all)
	}
}

func TestAFilterListThatIsNotThereIsAProblem(t *testing.T) {
	t.Parallel()
	s := newsroom(t, practice.Options{}, strings.Replace(keyContacts, "filter-list: Newsletter", "filter-list: Newslettr", 1), nil, nil, nil)
	_, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, "") })
	if err == nil || !strings.Contains(err.Error(), `line 8: hubspot.filter-list: this portal has no list of contacts called "Newslettr". Did you mean "Newsletter"?`) {
		t.Errorf("%v", err)
	}
}
