package command_test

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"syncline/app/command"
	"syncline/app/vault/vaulttest"
	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
)

const fromSandbox = `
syncline: 1
name: Sandbox to production
source: { kind: hubspot, portal: Sandbox, object: contacts }
hubspot:
  object: contacts
  match: [ { field: email, property: email } ]
direction: two-way
create: both
fields:
  - { field: email, property: email }
  - { field: firstname, property: firstname }
`

// sandbox connects another portal under a name, by its address and token.
func (d *desk) sandbox(name string, o practice.Options) *practice.Portal {
	d.t.Helper()
	p := practicetest.New(d.t, practicetest.Unhurried(o))
	server := httptest.NewServer(p)
	d.t.Cleanup(server.Close)
	var out, err bytes.Buffer
	getenv := func(name string) string {
		return map[string]string{"SYNCLINE_API_URL": server.URL, "SYNCLINE_WORKSPACE": d.path("workspace")}[name]
	}
	if status := command.Run([]string{"connect", name, "--token-stdin"}, command.IO{In: strings.NewReader(p.Token()), Out: &out, Err: &err, Getenv: getenv, Keychain: d.keychain}); status != 0 {
		d.t.Fatalf("connect: %d %s %s", status, out.String(), err.String())
	}
	return p
}

// The target is that of the environment, and the source the portal of the
// connection that the definition names: each has its own address and token.
func TestASyncBetweenTwoPortalsUsesTheAddressAndTokenOfEach(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{PortalID: 111})
	d.keychain = &vaulttest.Keychain{}
	other := d.sandbox("Sandbox", practice.Options{PortalID: 222})
	d.write("sync.yaml", fromSandbox)
	mustCreate(t, other, "email", "ann@example.com", "firstname", "Ann")
	mustCreate(t, d.portal, "email", "bob@example.com", "firstname", "Bob")
	if s := d.plain("check", "sync.yaml"); s.status != 0 {
		t.Fatalf("check: %d\n%s%s", s.status, s.out, s.err)
	}
	if c := d.run().report.Counts; c.Created != 2 || c.SourceCreated != 1 {
		t.Errorf("%+v", c)
	}
	if d.portal.Count("contacts") != 2 || other.Count("contacts") != 2 {
		t.Errorf("%d and %d contacts", d.portal.Count("contacts"), other.Count("contacts"))
	}
	if c := d.run().report.Counts; c.Unchanged != 2 {
		t.Errorf("%+v", c)
	}
	if s := d.plain("reconcile", "sync.yaml"); s.status != 0 {
		t.Errorf("reconcile: %d %s%s", s.status, s.out, s.err)
	}
	d.write("sync.yaml", strings.Replace(fromSandbox, "portal: Sandbox", "portal: Elsewhere", 1))
	if s := d.plain("check", "sync.yaml"); s.status != 5 || !strings.Contains(s.err, "Elsewhere") {
		t.Errorf("a portal that is not connected: %d %s", s.status, s.err)
	}
}

func TestACheckNamesTheScopesAndOptionsThatEachPortalLacks(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{PortalID: 111})
	d.keychain = &vaulttest.Keychain{}
	p := practice.Options{PortalID: 222, Tokens: []practice.Token{{Value: readOnlyToken, Scopes: []string{"crm.objects.contacts.read", "crm.schemas.contacts.read"}}}}
	other := practicetest.New(t, practicetest.Unhurried(p))
	server := httptest.NewServer(other)
	t.Cleanup(server.Close)
	d.env = map[string]string{"SYNCLINE_SOURCE_TOKEN": readOnlyToken, "SYNCLINE_SOURCE_API_URL": server.URL}
	d.write("sync.yaml", fromSandbox)
	s := d.plain("check", "sync.yaml")
	if s.status != 5 || !strings.Contains(s.err, "crm.objects.contacts.write") || !strings.Contains(s.err, "other portal") {
		t.Errorf("%d %s", s.status, s.err)
	}
	d.env["SYNCLINE_SOURCE_TOKEN"] = other.Token()
	for p, options := range map[*practice.Portal][]string{other: {"gold", "tin"}, d.portal: {"gold"}} {
		if err := p.CreateProperty("contacts", practice.Property{Name: "tier", Label: "Tier", Type: "enumeration", FieldType: "select", Options: options}); err != nil {
			t.Fatal(err)
		}
	}
	d.write("sync.yaml", fromSandbox+"  - { field: tier, property: tier, direction: to-hubspot }\n")
	s = d.do("check", "sync.yaml")
	if s.status != 0 || !strings.Contains(s.out, "has no option tin") || strings.Contains(s.out, "gold:") {
		t.Errorf("%d %s %s", s.status, s.out, s.err)
	}
}

// A sync that was tried in a sandbox becomes one for production: what is missing
// is listed, made on approval only, and ids are translated.
func TestPromoteListsWhatIsMissingMakesItOnApprovalAndTranslatesIds(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{PortalID: 111})
	d.keychain = &vaulttest.Keychain{}
	production := d.sandbox("Acme production", practice.Options{PortalID: 222})
	client := func(p *practice.Portal) *hubspot.Client {
		c, err := hubspot.New(hubspot.Config{Tokens: hubspot.StaticToken(p.Token()), Transport: p.Transport(), Reserve: -1})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	stages := []hubspot.Stage{{Label: "Talk", Metadata: map[string]string{"probability": "0.2"}}, {Label: "Signed", Metadata: map[string]string{"probability": "1.0"}}}
	pipe, err := client(d.portal).CreatePipeline(t.Context(), "deals", hubspot.Pipeline{Label: "Enterprise", Stages: stages})
	if err != nil {
		t.Fatal(err)
	}
	production.AddOwner("zoe@example.com", "Zoe", "Other")
	ann := d.portal.AddOwner("ann@example.com", "Ann", "Lee")
	annThere := production.AddOwner("ann@example.com", "Ann", "Lee")
	if err := client(d.portal).CreatePropertyGroup(t.Context(), "deals", hubspot.PropertyGroup{Name: "billing", Label: "Billing"}); err != nil {
		t.Fatal(err)
	}
	if _, err := client(d.portal).CreateProperty(t.Context(), "deals", hubspot.NewProperty{Name: "billing_id", Label: "Billing id", Group: "billing", Type: "string", Unique: true}); err != nil {
		t.Fatal(err)
	}
	d.write("customers.csv", "id,Name,Phase\n1,One,open\n2,Two,won\n")
	original := `
syncline: 1
name: Deals
source: { kind: csv, path: customers.csv, key: [id] }
hubspot: { object: deals, match: [ { field: id, property: billing_id } ] }
direction: to-hubspot
create: hubspot
fields:
  - { field: id, property: billing_id }
  - { field: Name, property: dealname }
  - { property: pipeline, constant: "` + pipe.ID + `" }
  - { field: Phase, property: dealstage, values: { open: "` + pipe.Stages[0].ID + `", won: "` + pipe.Stages[1].ID + `" } }
  - { property: hubspot_owner_id, constant: "` + ann + `" }
`
	d.write("sync.yaml", original)
	s := d.plain("promote", "sync.yaml", "--to", "acme PRODUCTION")
	if s.status != 4 {
		t.Fatalf("%d\n%s%s", s.status, s.out, s.err)
	}
	for _, want := range []string{"Billing", "billing_id", "Enterprise"} {
		if !strings.Contains(s.out, want) {
			t.Errorf("%q is not listed:\n%s", want, s.out)
		}
	}
	if _, err := os.Stat(d.path("sync.acme-production.yaml")); err == nil || strings.Contains(s.out, "written:") {
		t.Error("something was written without approval")
	}
	if s := d.plain("promote", "sync.yaml", "--to", "Acme production", "--yes", "--json"); s.status != 0 {
		t.Fatalf("%d\n%s%s", s.status, s.out, s.err)
	} else {
		var doc struct{ Written bool }
		if err := json.Unmarshal([]byte(s.out), &doc); err != nil || !doc.Written {
			t.Errorf("%v %s", err, s.out)
		}
	}
	text := d.read("sync.acme-production.yaml")
	if !strings.Contains(text, "portal: Acme production") || strings.Contains(text, pipe.ID) || strings.Contains(text, ann) || !strings.Contains(text, annThere) {
		t.Errorf("the document is\n%s", text)
	}
	if d.read("sync.yaml") != original {
		t.Error("the original was written over")
	}
	if s := d.plain("promote", "sync.yaml", "--to", "Acme production", "--yes"); s.status != 2 || !strings.Contains(s.err, "exists already") {
		t.Errorf("%d %s", s.status, s.err)
	}
	// It runs there.
	d.token, d.url = "", ""
	if s := d.plain("run", d.path("sync.acme-production.yaml")); s.status != 0 || production.Count("deals") != 2 || d.portal.Count("deals") != 0 {
		t.Errorf("%d %s%s: %d deals", s.status, s.out, s.err, production.Count("deals"))
	}
}

const readOnlyToken = "pat-na1-11111111-2222-3333-4444-555555555555"

func mustCreate(t testing.TB, p *practice.Portal, kv ...string) string {
	t.Helper()
	props := make(map[string]string)
	for i := 0; i < len(kv); i += 2 {
		props[kv[i]] = kv[i+1]
	}
	id, err := p.Create("contacts", props)
	if err != nil {
		t.Fatal(err)
	}
	return id
}
