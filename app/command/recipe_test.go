package command_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"syncline/app"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/content"
)

// What each recipe comes to in the practice portal, sync by sync, and how many
// associations it makes.
var recipes = map[string]struct {
	came       string
	associated int
}{
	"contacts-with-companies": {"companies.yaml done 12+0=12, contacts.yaml done 30+0=30", 30},
	"billing-to-deals":        {"customers.yaml done 12+0=12, invoices.yaml done 18+0=18, lines.yaml done 36+0=36", 54},
	"tickets":                 {"companies.yaml done 12+0=12, customers.yaml done 15+0=15, tickets.yaml done 22+0=22", 59},
	"crm-migration":           {"accounts.yaml done 12+0=12, people.yaml done 30+0=30, opportunities.yaml done 24+0=24, roles.yaml done 48+0=48, notes.yaml done 20+0=20", 122},
}

func TestEveryRecipeRunsInThePracticePortalAsItIs(t *testing.T) {
	t.Parallel()
	for _, r := range app.Recipes() {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, practice.Options{Seed: content.DemoSeed, Demo: true, Limits: practice.Limits{Burst: 100_000}})
			if s := d.plain("recipe", "write", r.Name, "--into", d.path("try")); s.status != 0 || strings.TrimSpace(s.out) != d.path("try/set.yaml") {
				t.Fatalf("status %d %q %s", s.status, s.out, s.err)
			}
			set := d.path("try/set.yaml")
			if s := d.plain("check", set); s.status != 0 {
				t.Fatalf("check: status %d\n%s\n%s", s.status, s.out, s.err)
			}
			doc, _ := d.set(0, "preview", set)
			doc, s := d.set(0, "run", set, "--plan", doc.Plan)
			associated := 0
			for _, m := range doc.Runs {
				associated += m.Counts.Associated
			}
			want := recipes[r.Name]
			if doc.came() != want.came || associated != want.associated {
				t.Errorf("%s, %d associated; want %s, %d\n%.3000s", doc.came(), associated, want.came, want.associated, s.out)
			}
			if len(r.Labels) != len(r.Objects) || r.Rows == 0 || r.About == "" {
				t.Errorf("%+v", r)
			}
			// Once more: nothing is left to write.
			doc, _ = d.set(0, "run", set)
			for _, m := range doc.Runs {
				if c := m.Counts; c.Created+c.Updated+c.Associated+c.Dissociated != 0 || c.Unchanged != c.Read {
					t.Errorf("again: %s %+v", m.Document, c)
				}
			}
		})
	}
}

func TestARecipeKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	if err := os.MkdirAll(d.path("try"), 0o700); err != nil {
		t.Fatal(err)
	}
	d.write("try/contacts.csv", "mine\n")
	s := d.plain("recipe", "write", "contacts-with-companies", "--into", d.path("try"), "--portal", "Acme")
	if s.status != 0 || d.read("try/contacts.csv") != "mine\n" || !strings.Contains(d.read("try/contacts.yaml"), "hubspot:\n  portal: \"Acme\"\n  object: contacts") {
		t.Errorf("status %d\n%s", s.status, d.read("try/contacts.yaml"))
	}
	if s := d.plain("recipe", "write", "crm-migration", "--into", d.path("two"), "--portal", "Acme"); s.status != 0 || !strings.Contains(d.read("two/roles.yaml"), "portal: \"Acme\"") {
		t.Errorf("status %d\n%s", s.status, s.err)
	}
	if s := d.plain("recipe", "write", "contacts-with-companies", "--into", d.path("try")); s.status != 0 || !strings.Contains(s.err, "what is there stays as it is") {
		t.Errorf("status %d %s", s.status, s.err)
	}
	if s := d.plain("recipe", "write", "soup"); s.status != 2 || !strings.Contains(s.err, "there are contacts-with-companies, billing-to-deals, tickets, crm-migration") {
		t.Errorf("status %d %s", s.status, s.err)
	}
	var doc struct{ Recipes []struct{ Name string } }
	s = d.plain("recipe", "list", "--json")
	if err := json.Unmarshal([]byte(s.out), &doc); err != nil || len(doc.Recipes) != 4 {
		t.Errorf("%v %s", err, s.out)
	}
	if _, err := os.Stat(filepath.Join(d.path("try"), "set.yaml")); err != nil {
		t.Error(err)
	}
}
