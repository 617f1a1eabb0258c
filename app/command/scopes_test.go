package command_test

import (
	"encoding/json"
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
)

// Every scope that is missing is named with what it is for, before anything is
// read or written.
func TestMissingScopesAreAllNamedBeforeAnyCall(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	d.define("  - { field: Last, property: lastname }\n", "  - { field: Last, property: hubspot_owner_id, direction: to-hubspot, to-hubspot: [ owner ] }\n")
	d.token = d.portal.AddToken(practice.Token{Scopes: []string{"crm.objects.contacts.read"}})
	for _, verb := range []string{"check", "preview", "run"} {
		s := d.do(verb, "sync.yaml")
		if s.status != 5 {
			t.Errorf("%s: status %d\n%s", verb, s.status, s.err)
		}
		for _, want := range []string{"lacks 2 scopes", "crm.objects.contacts.write: contacts are created for rows that have none (line 8, create)", `crm.objects.owners.read: "Last" is matched with the portal's owners (line 12, fields[2])`, "Add them to the app or key"} {
			if !strings.Contains(s.err, want) {
				t.Errorf("%s does not say %q:\n%s", verb, want, s.err)
			}
		}
		var doc struct {
			Scopes []struct {
				Scope, Why, Key   string
				Missing, Optional bool
				Line              int
			}
		}
		if err := json.Unmarshal([]byte(s.out), &doc); err != nil || len(doc.Scopes) != 4 || doc.Scopes[0].Missing || !doc.Scopes[1].Missing || doc.Scopes[1].Line != 8 || !doc.Scopes[2].Optional {
			t.Errorf("%s: %v, %+v", verb, err, doc)
		}
	}
	for _, r := range d.portal.Requests() {
		if !strings.HasSuffix(r.Path, "access-token-info") {
			t.Errorf("%s %s was called", r.Method, r.Path)
		}
	}
}

// A scope that a sync can do without is told by the check and stops nothing.
func TestAnOptionalScopeStopsNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	d.token = d.portal.AddToken(practice.Token{Scopes: []string{"crm.objects.contacts.read", "crm.objects.contacts.write"}})
	if s := d.plain("check", "sync.yaml"); s.status != 0 || !strings.Contains(s.out, "optional scope that is not granted: crm.schemas.contacts.write") {
		t.Errorf("status %d\n%s%s", s.status, s.out, s.err)
	}
	if s := d.run(); s.report.Counts.Created != 2 || len(s.report.Notes) != 1 || !strings.Contains(s.report.Notes[0], "syncline_key") {
		t.Errorf("%+v %q", s.report.Counts, s.report.Notes)
	}
}
