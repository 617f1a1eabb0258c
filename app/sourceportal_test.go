package app_test

import (
	"net/http/httptest"
	"slices"
	"testing"

	"syncline/app"
	"syncline/app/vault/vaulttest"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
	"syncline/sync/source"
)

// Another portal is chosen by its connection: it is described, shown by some rows,
// and becomes a draft.
func TestAnObjectOfAnotherPortalBecomesADraft(t *testing.T) {
	t.Parallel()
	other := practicetest.New(t, practice.Options{PortalID: 222, Demo: true})
	server := httptest.NewServer(other)
	t.Cleanup(server.Close)
	a, err := app.Open(t.Context(), app.Environment{Workspace: t.TempDir(), APIURL: server.URL, Keychain: &vaulttest.Keychain{}})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if _, err := a.ConnectToken(t.Context(), "Sandbox", other.Token(), false); err != nil {
		t.Fatal(err)
	}
	d, err := a.NewPortalDraft(t.Context(), "sandbox", "contacts")
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Rows) == 0 || d.Schema.Rows != other.Count("contacts") || d.Definition.Source.Kind != "hubspot" || !d.Schema.Abilities.Update {
		t.Errorf("%d rows, %+v", len(d.Rows), d.Schema.Abilities)
	}
	column := func(name string) source.Column {
		i := slices.IndexFunc(d.Schema.Columns, func(c source.Column) bool { return c.Name == name })
		if i < 0 {
			t.Fatalf("there is no column %s", name)
		}
		return d.Schema.Columns[i]
	}
	if c := column("email"); c.Label != "Email" || c.Filled == 0 || c.ReadOnly != "" {
		t.Errorf("%+v", c)
	}
	if c := column("hubspot_owner_id"); !c.Names || len(c.Samples) > 0 && !slices.ContainsFunc(c.Samples, func(s string) bool { return len(s) > 3 && s[0] > '9' }) {
		t.Errorf("%+v", c)
	}
	if c := column("lastmodifieddate"); c.ReadOnly == "" {
		t.Errorf("%+v", c)
	}
	if c := column("associated companies"); c.ReadOnly == "" {
		t.Errorf("%+v", c)
	}
}
