package app_test

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"syncline/app"
	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/engine"
	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
	"syncline/sync/record"
	"syncline/sync/source/opener"
)

func parsed(t testing.TB, yaml string) *definition.Definition {
	t.Helper()
	d, err := definition.Parse([]byte(yaml), "sync.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

const everyNeed = `syncline: 1
name: Deals
source: { kind: csv, path: deals.csv, key: [id] }
hubspot:
  object: deals
  match: [ { field: Name, property: dealname } ]
direction: two-way
create: hubspot
delete: { row-gone: archive }
fields:
  - { field: Name, property: dealname }
  - { field: Who, property: hubspot_owner_id, to-hubspot: [ owner ] }
  - { field: Stage, property: dealstage, to-hubspot: [ pipeline-stage ] }
associations:
  - { to: companies, match: { field: Domain, property: domain } }
`

func TestPreflightSaysWhatAScopeIsForAndWhere(t *testing.T) {
	t.Parallel()
	var got []string
	for _, n := range app.Preflight(parsed(t, everyNeed), []string{"crm.objects.deals.read", "crm.objects.companies.read"}) {
		got = append(got, fmt.Sprintf("%v %v %s", n.Missing, n.Optional, n))
	}
	want := []string{
		"false false crm.objects.deals.read: deals are read (line 5, hubspot.object)",
		"true false crm.objects.deals.write: deals are created for rows that have none (line 8, create)",
		"true true crm.schemas.deals.write: a hidden, unique property is made in HubSpot once, so that no answer that gets lost can make deals twice; without it they are secured by the match keys only (line 8, create)",
		`true false crm.objects.owners.read: "Who" is matched with the portal's owners (line 12, fields[1])`,
		"false false crm.objects.companies.read: companies are found to associate deals with (line 15, associations[0].to)",
		"true false crm.objects.companies.write: companies are associated with deals (line 15, associations[0].to)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPreflightTakesWiderScopesAndUnknownOnes(t *testing.T) {
	t.Parallel()
	products := strings.NewReplacer("object: deals", "object: products", "{ field: Who, property: hubspot_owner_id, to-hubspot: [ owner ] }", "{ field: Who, property: description }",
		"associations:\n  - { to: companies, match: { field: Domain, property: domain } }\n", "").Replace(everyNeed)
	if needs := app.Preflight(parsed(t, products), []string{"e-commerce"}); len(needs) != 3 || slices.ContainsFunc(needs, func(n app.Need) bool { return n.Missing }) {
		t.Errorf("e-commerce: %v", needs)
	}
	if needs := app.Preflight(parsed(t, everyNeed), nil); len(needs) != 6 || app.Lacking(needs) {
		t.Errorf("what is granted is not known, and yet something is missing: %v", needs)
	}
	if needs := app.Preflight(parsed(t, strings.Replace(everyNeed, "object: deals", "object: dealz", 1)), nil); needs != nil {
		t.Errorf("an unknown object type: %v", needs)
	}
	if needs := app.Preflight(parsed(t, strings.Replace(everyNeed, "object: deals", "object: machines", 1)), nil); len(needs) == 0 || needs[0].Scope != "crm.schemas.custom.read" {
		t.Errorf("an object type of the portal's own: %v", needs)
	}
}

func TestASignInAsksForTheLeast(t *testing.T) {
	t.Parallel()
	reading := strings.NewReplacer("two-way", "from-hubspot", "create: hubspot", "create: source", "delete: { row-gone: archive }\n", "", "to-hubspot:", "from-hubspot:",
		"associations:\n  - { to: companies, match: { field: Domain, property: domain } }\n", "").Replace(everyNeed)
	least := app.LeastScopes([]*definition.Definition{parsed(t, reading)})
	want := app.Scopes{Required: []string{"oauth", "crm.objects.deals.read", "crm.objects.owners.read"}}
	if diff := cmp.Diff(want, least); diff != "" {
		t.Error(diff)
	}
	more := app.LeastScopes([]*definition.Definition{parsed(t, reading), parsed(t, everyNeed)}, "contacts", "2-7")
	beyond := more.Beyond(least.Required)
	want = app.Scopes{
		Required: []string{"crm.objects.deals.write", "crm.objects.companies.read", "crm.objects.companies.write", "crm.objects.contacts.read", "crm.objects.contacts.write", "crm.objects.custom.read", "crm.objects.custom.write"},
		Optional: []string{"crm.schemas.deals.write", "crm.schemas.contacts.write", "crm.schemas.custom.write", "crm.schemas.custom.read"},
	}
	if diff := cmp.Diff(want, beyond); diff != "" {
		t.Error(diff)
	}
}

// trial is a portal with one record.
type trial struct {
	portal *practice.Portal
	known  string // what the record is matched by

	mu      sync.Mutex
	refused []string // paths of the calls that lacked a scope
}

// required are the properties that a new record needs, by object type.
var required = map[string]map[string]string{
	"deals": {"pipeline": "default", "dealstage": "closedwon"}, "tickets": {"hs_pipeline": "0", "hs_pipeline_stage": "1"},
	"notes": {"hs_timestamp": "2026-01-02T03:04:05Z"}, "tasks": {"hs_timestamp": "2026-01-02T03:04:05Z"}, "calls": {"hs_timestamp": "2026-01-02T03:04:05Z"},
	"meetings": {"hs_timestamp": "2026-01-02T03:04:05Z"}, "emails": {"hs_timestamp": "2026-01-02T03:04:05Z", "hs_email_direction": "EMAIL"},
	"quotes": {"hs_expiration_date": "2027-01-02T03:04:05Z"}, "invoices": {"hs_currency": "EUR"}, "postal_mail": {"hs_timestamp": "2026-01-02T03:04:05Z"},
	"communications":    {"hs_timestamp": "2026-01-02T03:04:05Z", "hs_communication_channel_type": "SMS"},
	"commerce_payments": {"hs_initial_amount": "10", "hs_initiated_date": "2026-01-02T03:04:05Z"},
	"services":          {"hs_pipeline": "8e2b21d0-7a90-4968-8f8c-a8525cc49c70", "hs_pipeline_stage": "new-stage-id"},
	"projects":          {"hs_pipeline": "project-pipeline-id", "hs_pipeline_stage": "not-started-stage-id"},
}

// unmade are the object types of which the API makes no records.
var unmade = []string{"feedback_submissions", "partner_clients", "users"}

// ownText is a property that is made for object types without another text.
const ownText = "own_text"

// subject is an object type with a property to match by, and one to write.
type subject struct{ name, match, write string }

// subjects are the object types that a practice portal has.
func subjects(t testing.TB) []subject {
	t.Helper()
	var out []subject
	portal := practicetest.New(t, practicetest.Unhurried(practice.Options{}))
	all := (&trial{portal: portal}).client(t, portal.Token())
	for _, typ := range hubspot.ObjectTypes() {
		properties, err := all.Properties(t.Context(), typ.Name)
		if hubspot.IsNoObjectType(err) || slices.Contains(unmade, typ.Name) {
			continue // a portal of that kind does not have it
		}
		if err != nil {
			t.Fatal(err)
		}
		plain := func(p record.Property) bool {
			return p.Writable() && p.Type == record.TypeString && !p.Unique && len(p.Options) == 0 && required[typ.Name][p.Name] == ""
		}
		var match, write string
		for _, name := range append(typ.Primary, "hs_object_id") {
			if slices.ContainsFunc(properties, func(p record.Property) bool {
				return p.Name == name && (plain(p) && p.FieldType != "html" || name == "hs_object_id")
			}) {
				match = name
				break
			}
		}
		for _, p := range properties {
			if write == "" && p.Name != match && plain(p) && p.Name != "hubspot_owner_id" && p.Name != "email" && !slices.Contains([]string{"hs_email_text", "hs_email_html"}, p.Name) {
				write = p.Name
			}
		}
		if write == "" {
			write = ownText
		}
		if match == "" {
			t.Fatalf("%s has no property to match by", typ.Name)
		}
		out = append(out, subject{typ.Name, match, write})
	}
	if len(out) < 30 {
		t.Fatalf("only %v can be tried", out)
	}
	return out
}

func newTrial(t testing.TB, s subject) *trial {
	t.Helper()
	tr := &trial{portal: practicetest.New(t, practice.Options{})}
	if s.write == ownText {
		if err := tr.portal.CreateProperty(s.name, practice.Property{Name: ownText}); err != nil {
			t.Fatal(err)
		}
	}
	values := map[string]string{s.write: "before"}
	if s.match != "hs_object_id" {
		values[s.match] = "4711"
	}
	maps.Copy(values, required[s.name])
	id, err := tr.portal.Create(s.name, values)
	if err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	if tr.known = "4711"; s.match == "hs_object_id" {
		tr.known = id
	}
	return tr
}

// client is one that notes which calls lack a scope.
func (tr *trial) client(t testing.TB, token string) *hubspot.Client {
	t.Helper()
	c, err := hubspot.New(hubspot.Config{Tokens: hubspot.StaticToken(token), Transport: tr.portal.Transport(), Reserve: -1, BurstLimit: 100_000, Observe: func(x hubspot.Exchange) {
		if x.Status == 403 {
			tr.mu.Lock()
			tr.refused = append(tr.refused, x.Method+" "+x.Path)
			tr.mu.Unlock()
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// attempt checks, previews and runs a definition with a token that has exactly
// these scopes, past the preflight, and returns the calls that were refused.
func (tr *trial) attempt(t testing.TB, yaml string, scopes []string) []string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"sync.yaml": yaml, "rows.csv": "id,Match,Write,Owner\n1," + tr.known + ",after,\n2,4712,new,\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ctx := t.Context()
	db, err := store.Open(ctx, filepath.Join(dir, "ws"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	d, err := definition.Load(filepath.Join(dir, "sync.yaml"))
	if err != nil {
		t.Fatalf("%v\n%s", err, yaml)
	}
	src, err := opener.Open(ctx, opener.Options{Kind: d.Source.Kind, Path: d.SourcePath(), Key: d.Source.Key})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	e := &engine.Engine{Store: db, Client: tr.client(t, tr.portal.AddToken(practice.Token{Scopes: scopes})), Source: src, Definition: d, Confirmed: true}
	for _, step := range []func() error{
		func() error {
			problems, err := e.Check(ctx)
			if len(problems) > 0 {
				t.Fatalf("%v\n%s", problems, yaml)
			}
			return err
		},
		func() error { _, err := e.Preview(ctx); return err },
		func() error { _, err := e.Run(ctx, ""); return err },
	} {
		if err := step(); err != nil && !hubspot.IsScopes(err) {
			t.Fatalf("%v\n%s", err, yaml)
		}
	}
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return tr.refused
}

// define draws a definition for an object type.
func (s subject) define(t *rapid.T) string {
	direction := rapid.SampledFrom([]string{"to-hubspot", "from-hubspot", "two-way"}).Draw(t, "direction")
	create := rapid.SampledFrom([]string{"none", "hubspot"}).Draw(t, "create")
	if typ, _ := hubspot.FindObjectType(s.name); len(typ.Born) > 0 {
		create = "none" // it would take an association, which has a test of its own
	}
	fields := []string{fmt.Sprintf("{ field: Write, property: %s, conflict: source }", s.write)}
	if s.match != "hs_object_id" {
		own := ""
		if create == "hubspot" && direction == "from-hubspot" {
			own = ", direction: to-hubspot" // what names a record must be written to make one
		}
		fields = append(fields, fmt.Sprintf("{ field: Match, property: %s%s }", s.match, own))
	}
	var defaults []string // what a new record of the type must have
	for name := range required[s.name] {
		defaults = append(defaults, name)
	}
	slices.Sort(defaults)
	if create == "hubspot" {
		for _, name := range defaults {
			fields = append(fields, fmt.Sprintf("{ property: %s, constant: %q, direction: to-hubspot }", name, required[s.name][name]))
		}
	}
	if rapid.Bool().Draw(t, "owner") {
		way := "to-hubspot"
		if direction == "from-hubspot" {
			way = "from-hubspot"
		}
		fields = append(fields, fmt.Sprintf("{ field: Owner, property: hubspot_owner_id, direction: %s, %s: [ { owner: { to: %s } } ] }", way, way, map[string]string{"to-hubspot": "id", "from-hubspot": "email"}[way]))
	}
	return fmt.Sprintf("syncline: 1\nname: Trial\nsource: { kind: csv, path: rows.csv, key: [id] }\nhubspot:\n  object: %s\n  match: [ { field: Match, property: %s } ]\ndirection: %s\ncreate: %s\nfields:\n  - %s\n",
		s.name, s.match, direction, create, strings.Join(fields, "\n  - "))
}

// The preflight and the portal agree: with exactly the scopes that it names
// nothing is refused, and with any one of them missing, it says so and the
// portal refuses.
func TestPreflightAndThePortalAgree(t *testing.T) {
	t.Parallel()
	all := subjects(t)
	rapid.Check(t, func(r *rapid.T) {
		s := rapid.SampledFrom(all).Draw(r, "object type")
		tr := newTrial(t, s)
		yaml := s.define(r)
		needs := app.Preflight(parsed(t, yaml), nil)
		var scopes []string
		for _, need := range needs {
			scopes = append(scopes, need.Scope)
		}
		missing := rapid.IntRange(-1, len(needs)-1).Draw(r, "missing")
		if missing >= 0 {
			scopes = slices.Delete(slices.Clone(scopes), missing, missing+1)
			scopes = append(scopes, "oauth") // or none would be granted at all, which means not known
		}
		told := app.Preflight(parsed(t, yaml), scopes)
		refused := tr.attempt(t, yaml, scopes)
		if missing < 0 {
			if len(refused) > 0 || app.Lacking(told) {
				r.Fatalf("with %v: refused %v\n%s", scopes, refused, yaml)
			}
			return
		}
		if !told[missing].Missing {
			r.Fatalf("the preflight does not miss %s\n%s", needs[missing].Scope, yaml)
		}
		if len(refused) == 0 {
			r.Fatalf("the portal does not miss %s\n%s", needs[missing].Scope, yaml)
		}
	})
}

// Associating asks for what the preflight names, at both ends.
func TestPreflightAndThePortalAgreeOnAssociations(t *testing.T) {
	t.Parallel()
	p := practicetest.New(t, practicetest.Unhurried(practice.Options{}))
	contact, err := p.Create("contacts", map[string]string{"email": "ann@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	company, err := p.Create("companies", map[string]string{"domain": "example.com"})
	if err != nil {
		t.Fatal(err)
	}
	associate := func(scopes []string) error {
		c, err := hubspot.New(hubspot.Config{Tokens: hubspot.StaticToken(p.AddToken(practice.Token{Scopes: scopes})), Transport: p.Transport()})
		if err != nil {
			t.Fatal(err)
		}
		_, reading := c.BatchReadAssociations(t.Context(), "contacts", "companies", []string{contact})
		_, writing := c.BatchCreateAssociations(t.Context(), "contacts", "companies", []hubspot.Edge{{From: contact, To: company}})
		_, finding := c.Get(t.Context(), "companies", company, hubspot.ReadRequest{})
		return errors.Join(reading, writing, finding)
	}
	head := "syncline: 1\nname: A\nsource: { kind: csv, path: a.csv, key: [id] }\n"
	for name, text := range map[string]string{
		"beside fields": "hubspot:\n  object: contacts\n  match: [ { field: Mail, property: email } ]\ndirection: from-hubspot\n" +
			"fields:\n  - { field: Mail, property: email }\nassociations:\n  - { to: companies, match: { field: Domain, property: domain } }\n",
		"as rows": "associate:\n  from: { object: contacts, match: { field: Mail, property: email } }\n  to: { object: companies, match: { field: Domain, property: domain } }\n",
	} {
		var scopes []string
		for _, n := range app.Preflight(parsed(t, head+text), nil) {
			scopes = append(scopes, n.Scope)
		}
		if err := associate(scopes); err != nil {
			t.Errorf("%s, with %v: %v", name, scopes, err)
		}
		if len(scopes) != 4 {
			t.Errorf("%s: scopes %v", name, scopes)
		}
		for i := range scopes {
			if err := associate(slices.Delete(slices.Clone(scopes), i, i+1)); !hubspot.IsScopes(err) {
				t.Errorf("%s, without %s: %v", name, scopes[i], err)
			}
		}
	}
}

// A connection's screen shows what each sync lacks, without a call.
func TestPortalNeedsAreListedPerSync(t *testing.T) {
	t.Parallel()
	ctx, dir := t.Context(), t.TempDir()
	a, err := app.Open(ctx, app.Environment{Workspace: filepath.Join(dir, "ws")})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	c, err := a.ConnectPractice(ctx)
	if err != nil {
		t.Fatal(err)
	}
	other := strings.Replace(everyNeed, "hubspot:\n", "hubspot:\n  portal: Another\n", 1)
	for name, text := range map[string]string{"one.yaml": everyNeed, "two.yaml": everyNeed, "three.yaml": everyNeed} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := a.AddSync(ctx, path); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "two.yaml"), []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "three.yaml")); err != nil {
		t.Fatal(err)
	}
	c.Scopes = []string{"crm.objects.deals.read"}
	if err := a.Store.SaveConnection(ctx, c); err != nil {
		t.Fatal(err)
	}
	got, err := a.PortalNeeds(ctx, c.Name)
	if err != nil || len(got) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	slices.SortFunc(got, func(a, b app.SyncNeeds) int { return strings.Compare(a.Path, b.Path) })
	if filepath.Base(got[0].Path) != "one.yaml" || got[0].Err != nil || !app.Lacking(got[0].Needs) || got[0].Needs[0].Missing {
		t.Errorf("one: %+v", got[0])
	}
	if got[1].Err == nil || got[1].Needs != nil {
		t.Errorf("three: %+v", got[1])
	}
}

// A sync goes on to name the connection as it was called when it was made.
func TestARenamedConnectionKeepsTheNeedsOfItsSyncs(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	first := o.connect("Acme", o.at(practice.Options{}))
	path := filepath.Join(t.TempDir(), "sync.yaml")
	if err := os.WriteFile(path, []byte(strings.Replace(everyNeed, "hubspot:\n", "hubspot:\n  portal: acme\n", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := o.AddSync(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	if err := o.Rename(t.Context(), "Acme", "Acme production"); err != nil {
		t.Fatal(err)
	}
	if needs, err := o.PortalNeeds(t.Context(), "Acme production"); err != nil || len(needs) != 1 || !app.Lacking(needs[0].Needs) {
		t.Errorf("after the rename: %+v, %v", needs, err)
	}
	// The name is given again: then the sync is the other connection's.
	other := first.Connection
	other.ID, other.Name, other.FormerNames = "another", "Acme", nil
	if err := o.Store.SaveConnection(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	if needs, err := o.PortalNeeds(t.Context(), "Acme production"); err != nil || len(needs) != 0 {
		t.Errorf("of another: %+v, %v", needs, err)
	}
}
