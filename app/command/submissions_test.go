package command_test

import (
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/content"
)

const askersDefinition = `syncline: 1
name: Who asked
source: { kind: form-submissions, form: Contact us }
hubspot:
  object: contacts
  match: [ { field: email, property: email } ]
direction: to-hubspot
create: hubspot
duplicates: first
fields:
  - { field: email, property: email }
  - { field: firstname, property: firstname }
  - { field: message, property: message }
`

// What visitors sent with a form becomes contacts, once each, with the newest of
// several; the form is read only.
func TestSubmissionsOfAFormBecomeContacts(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	form := content.Forms()[0]
	d.portal.AddForm(form)
	send := func(email, name, message string) {
		t.Helper()
		values := []practice.SubmittedValue{{Name: "email", Value: email}, {Name: "firstname", Value: name}, {Name: "message", Value: message}}
		if _, err := d.portal.Submit(form.ID, "https://www.example.com/contact", values...); err != nil {
			t.Fatal(err)
		}
	}
	send("ada@example.com", "Ada", "First")
	send("bob@example.com", "Bob", "One, two")
	send("ADA@example.com", "Ada", "Second")
	d.write("sync.yaml", strings.Replace(askersDefinition, "form: Contact us", "form: Contact", 1))
	for _, verb := range []string{"check", "run"} {
		if s := d.plain(verb, "sync.yaml"); s.status != 2 || !strings.Contains(s.out+s.err, `line 3`) || !strings.Contains(s.out+s.err, "Contact us") {
			t.Errorf("%s of a form that is not there: %d %s%s", verb, s.status, s.out, s.err)
		}
	}
	d.write("sync.yaml", askersDefinition)
	whole := d.token
	d.token = d.portal.AddToken(practice.Token{Scopes: []string{"crm.objects.contacts.read", "crm.objects.contacts.write"}})
	if s := d.plain("run", "sync.yaml"); s.status != 5 || !strings.Contains(s.err, "forms: the form and what was sent with it are read (line 3, source.form)") {
		t.Errorf("without the scope: %d %s", s.status, s.err)
	}
	d.token = whole
	if s := d.plain("check", "sync.yaml"); s.status != 0 {
		t.Errorf("check: %d %s%s", s.status, s.out, s.err)
	}
	s := d.run()
	if c := s.report.Counts; s.status != 0 || c.Created != 2 || c.Skipped != 1 || c.Read != 3 {
		t.Fatalf("run: %d %+v %s", s.status, c, s.err)
	}
	if _, ada := d.one("ada@example.com"); ada["message"] != "Second" {
		t.Errorf("of two submissions the older one counts: %v", ada["message"])
	}
	writes := d.portal.Calls().Writes
	if s := d.run(); s.status != 0 || d.portal.Calls().Writes != writes {
		t.Errorf("a second run: %d %+v", s.status, s.report.Counts)
	}
	send("cy@example.com", "Cy", "Hello")
	if s := d.run(); s.report.Counts.Created != 1 {
		t.Errorf("after another one: %+v", s.report.Counts)
	}
	d.write("sync.yaml", strings.Replace(d.read("sync.yaml"), "direction: to-hubspot", "direction: two-way", 1))
	if s := d.plain("check", "sync.yaml"); s.status != 2 || !strings.Contains(s.out+s.err, "can't be changed") {
		t.Errorf("flowing back: %d %s%s", s.status, s.out, s.err)
	}
}
