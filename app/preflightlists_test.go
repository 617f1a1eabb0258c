package app_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncline/app"
	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
)

// What a sync of memberships is said to need is what the portal asks for, and no
// more.
func TestPreflightAndThePortalAgreeOnLists(t *testing.T) {
	t.Parallel()
	p := practicetest.New(t, practice.Options{})
	contact, err := p.Create("contacts", map[string]string{"email": "ann@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.AddList("contacts", "News", ""); err != nil {
		t.Fatal(err)
	}
	needs := app.Preflight(parsed(t, "syncline: 1\nsource: { kind: csv, path: a.csv, key: [id] }\nhubspot:\n  object: list-membership\n  list: News\n  of: contacts\n"+
		"  match: [ { field: Mail, property: email } ]\n  create-missing: true\n"), nil)
	var scopes, said []string
	for _, n := range needs {
		scopes, said = append(scopes, n.Scope), append(said, n.String())
	}
	want := []string{"crm.objects.contacts.read: contacts are found that are to be in the list (line 6, hubspot.of)",
		"crm.lists.read: the list and its members are read (line 5, hubspot.list)",
		"crm.lists.write: contacts are added to the list and taken out of it (line 5, hubspot.list)",
		"crm.objects.contacts.write: contacts that are missing are created (line 8, hubspot.create-missing)"}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Error(diff)
	}
	join := func(scopes []string) error {
		c, err := hubspot.New(hubspot.Config{Tokens: hubspot.StaticToken(p.AddToken(practice.Token{Scopes: scopes})), Transport: p.Transport()})
		if err != nil {
			t.Fatal(err)
		}
		list, finding := c.SegmentNamed(t.Context(), "0-1", "News")
		if list.ID == "" {
			list.ID = "1"
		}
		_, changing := c.ChangeMembers(t.Context(), list.ID, []string{contact}, nil)
		_, reading := c.Get(t.Context(), "contacts", contact, hubspot.ReadRequest{})
		return errors.Join(finding, changing, reading)
	}
	if err := join(scopes); err != nil {
		t.Errorf("with %v: %v", scopes, err)
	}
	for i := range scopes[:3] {
		if err := join(slices.Delete(slices.Clone(scopes), i, i+1)); !hubspot.IsScopes(err) {
			t.Errorf("without %s: %v", scopes[i], err)
		}
	}
}
