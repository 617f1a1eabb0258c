package app_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"syncline/app"
	"syncline/app/vault/vaulttest"
	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
	"syncline/sync/record"
)

// What is missing in the other portal may be left as it is, one by one, unless the
// sync can't work without it.
func TestOfWhatIsMissingInTheOtherPortalAPersonChoosesWhatIsMade(t *testing.T) {
	t.Parallel()
	other := practicetest.New(t, practice.Options{PortalID: 222})
	server := httptest.NewServer(other)
	t.Cleanup(server.Close)
	a, err := app.Open(t.Context(), app.Environment{Workspace: t.TempDir(), APIURL: server.URL, Keychain: &vaulttest.Keychain{}})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if _, err := a.ConnectPractice(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := a.ConnectToken(t.Context(), "Production", other.Token(), false); err != nil {
		t.Fatal(err)
	}
	here, err := a.Portal(t.Context(), app.PracticeName)
	if err != nil {
		t.Fatal(err)
	}
	there, err := a.Portal(t.Context(), "Production")
	if err != nil {
		t.Fatal(err)
	}
	tier := hubspot.NewProperty{Name: "tier", Label: "Tier", Group: "contactinformation", Type: record.TypeEnumeration, FieldType: "select", Options: []record.Option{{Label: "Gold", Value: "gold"}, {Label: "Tin", Value: "tin"}}}
	if _, err := here.Client.CreateProperty(t.Context(), "contacts", tier); err != nil {
		t.Fatal(err)
	}
	tier.Options = tier.Options[:1]
	if _, err := there.Client.CreateProperty(t.Context(), "contacts", tier); err != nil {
		t.Fatal(err)
	}
	if _, err := here.Client.CreateProperty(t.Context(), "contacts", hubspot.NewProperty{Name: "billing_id", Label: "Billing id", Group: "contactinformation", Type: record.TypeString, FieldType: "text"}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "people.yaml")
	if err := os.WriteFile(path, []byte(`syncline: 1
name: People
source: { kind: csv, path: people.csv, key: [id] }
hubspot: { portal: Practice portal, object: contacts, match: [ { field: id, property: billing_id } ] }
direction: to-hubspot
create: hubspot
fields:
  - { field: id, property: billing_id }
  - { field: tier, property: tier }
`), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := a.NewPromotion(t.Context(), path, "", "Production", "")
	if err != nil {
		t.Fatal(err)
	}
	at := func(kind string) int {
		i := slices.IndexFunc(p.Lacks, func(l app.Lack) bool { return l.Kind == kind })
		if i < 0 {
			t.Fatalf("no %s is missing: %+v", kind, p.Lacks)
		}
		return i
	}
	if err := p.Leave(at("property"), true); err == nil || !strings.Contains(err.Error(), "can't work without") {
		t.Errorf("a property that the sync needs: %v", err)
	}
	if err := p.Leave(at("options"), true); err != nil {
		t.Fatal(err)
	}
	if err := p.Make(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := p.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	all, err := there.Client.Properties(t.Context(), "contacts")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range all {
		if x.Name == "tier" && len(x.Options) != 1 {
			t.Errorf("the option that was left is there: %+v", x.Options)
		}
	}
	if !slices.ContainsFunc(all, func(x record.Property) bool { return x.Name == "billing_id" }) {
		t.Error("the property was not made")
	}
	if text, err := os.ReadFile(p.Path); err != nil || !strings.Contains(string(text), "portal: Production") {
		t.Errorf("%s %v", text, err)
	}
}
