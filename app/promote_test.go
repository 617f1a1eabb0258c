package app_test

import (
	"bytes"
	"io"
	"net/http"
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

// twoPortals is an app that is connected with two portals, “Test” and “Production”.
func twoPortals(t *testing.T) (a *app.App, here, there *practice.Portal) {
	t.Helper()
	tokens := []string{"pat-na1-11111111-aaaa-4bbb-8ccc-000000000001", "pat-na1-22222222-aaaa-4bbb-8ccc-000000000002"}
	var portals []*practice.Portal
	for i, token := range tokens {
		portals = append(portals, practicetest.New(t, practicetest.Unhurried(practice.Options{PortalID: int64(111 * (i + 1)), Tokens: []practice.Token{{Value: token}}})))
	}
	either := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		i := 0
		if strings.Contains(r.Header.Get("Authorization")+string(body), tokens[1]) {
			i = 1
		}
		portals[i].ServeHTTP(w, r)
	})
	server := httptest.NewServer(either)
	t.Cleanup(server.Close)
	a, err := app.Open(t.Context(), app.Environment{Workspace: t.TempDir(), Config: t.TempDir(), APIURL: server.URL, Keychain: &vaulttest.Keychain{}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	for i, name := range []string{"Test", "Production"} {
		if _, err := a.ConnectToken(t.Context(), name, tokens[i], false); err != nil {
			t.Fatal(err)
		}
	}
	return a, portals[0], portals[1]
}

// asks sends a portal a request of its settings, as its own windows do.
func asks(t *testing.T, p *practice.Portal, path, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.hubapi.com"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+p.Token())
	r.Header.Set("Content-Type", "application/json")
	answer, err := p.Transport().RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		text, _ := io.ReadAll(answer.Body)
		t.Fatalf("%s %s", answer.Status, text)
	}
}

const linkedPeople = `syncline: 1
name: People
source: { kind: csv, path: people.csv, key: [id] }
hubspot: { portal: Test, object: contacts, match: [ { field: Email, property: email } ] }
direction: to-hubspot
create: hubspot
fields:
  - { field: Email, property: email }
  - { field: Own, property: own_value }
associations:
  - { to: companies, link: { sync: firms.yaml, field: Firm }, label: Manager }
  - { to: contacts, link: { sync: people.yaml, field: Boss } }
`

// What would not be the same in the other portal if it were made is left to a person, and said.
func TestWhatWouldNotBeTheSameIsNotMadeInTheOtherPortal(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		property string // how own_value is made here
		there    string // and there
		change   [2]string
		pair     bool
		want     string
	}{
		"sensitive":       {property: `"type":"string","fieldType":"text","dataSensitivity":"sensitive"`, want: "it holds sensitive data"},
		"users":           {property: `"type":"enumeration","fieldType":"select","referencedObjectType":"OWNER","externalOptions":true`, want: "it names users of the portal"},
		"one and several": {property: `"type":"enumeration","fieldType":"checkbox","options":[{"label":"A","value":"a","displayOrder":0}]`, there: `"type":"enumeration","fieldType":"select","options":[{"label":"A","value":"a","displayOrder":0}]`, want: "holds several options"},
		"a pair":          {property: `"type":"string","fieldType":"text"`, pair: true, want: "another name from the other end"},
		"its list":        {property: `"type":"string","fieldType":"text"`, change: [2]string{"object: contacts, match: [ { field: Email, property: email } ] }\ndirection: to-hubspot\ncreate: hubspot", "object: contacts, filter-list: Readers, match: [ { field: Email, property: email } ] }\ndirection: to-hubspot\ncreate: none"}, want: "no list of contacts called “Readers”"},
		"what it matches": {property: `"type":"string","fieldType":"text"`, change: [2]string{"link: { sync: firms.yaml, field: Firm }", "match: { field: Firm, property: own_number }"}, want: `have no property "own_number"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, here, there := twoPortals(t)
			const properties = "/crm/properties/2026-09/contacts"
			asks(t, here, properties, `{"name":"own_value","label":"Own","groupName":"contactinformation",`+tt.property+`}`)
			if tt.there != "" {
				asks(t, there, properties, `{"name":"own_value","label":"Own","groupName":"contactinformation",`+tt.there+`}`)
			}
			label := `{"label":"Manager","name":"manager"}`
			if tt.pair {
				label = `{"label":"Manager","name":"manager","inverseLabel":"Managed"}`
			}
			asks(t, here, "/crm/associations/2026-09/contacts/companies/labels", label)
			asks(t, here, "/crm/properties/2026-09/companies", `{"name":"own_number","label":"Number","groupName":"companyinformation","type":"string","fieldType":"text"}`)
			if _, err := here.AddList("contacts", "Readers", ""); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "people.yaml")
			if err := os.WriteFile(path, []byte(strings.Replace(linkedPeople, tt.change[0], tt.change[1], 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			p, err := a.NewPromotion(t.Context(), path, "", "Production", "")
			if err != nil {
				t.Fatal(err)
			}
			said := ""
			for _, l := range p.Lacks {
				if l.Blocks && !l.Makes {
					said += l.What
				}
			}
			if !strings.Contains(said, tt.want) || !p.Blocked() {
				t.Errorf("it says %q of %+v", said, p.Lacks)
			}
		})
	}
}

// Associations that follow another sync follow the one that was promoted, and those that follow
// the sync itself its promoted document; where the other one was not promoted, that is said.
func TestAPromotedSyncFollowsPromotedSyncs(t *testing.T) {
	t.Parallel()
	a, here, _ := twoPortals(t)
	asks(t, here, "/crm/properties/2026-09/contacts", `{"name":"own_value","label":"Own","groupName":"contactinformation","type":"string","fieldType":"text"}`)
	asks(t, here, "/crm/associations/2026-09/contacts/companies/labels", `{"label":"Manager","name":"manager"}`)
	dir := t.TempDir()
	for name, text := range map[string]string{"people.yaml": linkedPeople,
		"firms.yaml": "syncline: 1\nsource: { kind: csv, path: firms.csv, key: [id] }\nhubspot: { portal: Test, object: companies, match: [{ field: Domain, property: domain }] }\ndirection: to-hubspot\ncreate: hubspot\nfields: [{ field: Domain, property: domain }]\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	promoted := func(name, out string) (*app.Promotion, string) {
		p, err := a.NewPromotion(t.Context(), filepath.Join(dir, name), "", "Production", out)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Make(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := p.Finish(t.Context()); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(p.Path)
		if err != nil {
			t.Fatal(err)
		}
		return p, string(text)
	}
	p, text := promoted("people.yaml", filepath.Join(dir, "first.yaml"))
	if !strings.Contains(strings.Join(p.Notes, " "), "follow the rows of firms.yaml, which is not promoted") || !strings.Contains(text, "sync: firms.yaml") || !strings.Contains(text, "sync: first.yaml") {
		t.Errorf("it says %q and writes\n%s", p.Notes, text)
	}
	promoted("firms.yaml", "")
	if err := os.Mkdir(filepath.Join(dir, "live"), 0o700); err != nil {
		t.Fatal(err)
	}
	for out, want := range map[string][2]string{"": {"sync: firms.production.yaml", "sync: people.production.yaml"}, filepath.Join(dir, "live", "people.yaml"): {"sync: ../firms.production.yaml", "sync: people.yaml"}} {
		p, text = promoted("people.yaml", out)
		if len(p.Notes) != 0 || !strings.Contains(text, want[0]) || !strings.Contains(text, want[1]) {
			t.Errorf("it says %q and writes\n%s", p.Notes, text)
		}
	}
}

// A property that HubSpot does not make, since another one has its label, is missing still:
// nothing is written that names it.
func TestWhatWasNotMadeInTheOtherPortalIsNotTakenForMade(t *testing.T) {
	t.Parallel()
	a, here, there := twoPortals(t)
	asks(t, here, "/crm/properties/2026-09/contacts", `{"name":"own_value","label":"Own","groupName":"contactinformation","type":"string","fieldType":"text"}`)
	asks(t, there, "/crm/properties/2026-09/contacts", `{"name":"other_value","label":"Own","groupName":"contactinformation","type":"string","fieldType":"text"}`)
	path := filepath.Join(t.TempDir(), "people.yaml")
	document, _, _ := strings.Cut(linkedPeople, "associations:")
	if err := os.WriteFile(path, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	p, err := a.NewPromotion(t.Context(), path, "", "Production", "")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Make(t.Context()); err == nil {
		err = p.Finish(t.Context())
		if err == nil || !strings.Contains(err.Error(), `"own_value"`) {
			t.Errorf("it ended with %v", err)
		}
	}
	if _, err := os.Stat(p.Path); err == nil {
		t.Error("a document was written that names a property that is not there")
	}
}
