package app_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncline/app"
	"syncline/sync/definition"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
)

// Home shows a set before it ran, and what became of it.
func TestSetsOnHome(t *testing.T) {
	t.Parallel()
	ctx, portal := t.Context(), practicetest.New(t, practice.Options{})
	a, err := app.Open(ctx, app.Environment{Workspace: t.TempDir(), Config: t.TempDir(), Token: portal.Token(), Transport: portal.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	path := aSet(t)
	home := func() []app.SetCard {
		t.Helper()
		cards, err := a.Sets(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return cards
	}
	if err := a.AddSet(ctx, path); err != nil {
		t.Fatal(err)
	}
	if got := home(); len(got) != 1 || got[0].Name != "All" || got[0].Path != path || got[0].Last != nil || got[0].Err != nil {
		t.Errorf("added: %+v", got)
	}
	if syncs, err := a.Store.Syncs(ctx); err != nil || len(syncs) != 2 {
		t.Errorf("its syncs: %+v, %v", syncs, err)
	}
	shown, _ := carried(t, a, app.SetWork{Kind: app.SetPreview, Path: path})
	done, _ := carried(t, a, app.SetWork{Kind: app.SetRun, Path: path, Arg: shown.Plan})
	if got := home(); len(got) != 1 || got[0].Last == nil || got[0].Last.ID != done.Run {
		t.Errorf("run: %+v", got)
	}
	v, err := a.SetView(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"companies", "contacts"}, v.Objects); diff != "" || len(v.Syncs) != 2 || len(v.Associations) != 0 {
		t.Errorf("%+v\n%s", v, diff)
	}
	if c := v.Syncs[1].Card; c == nil || c.Last == nil || c.Last.Counts.Created != 2 || v.Syncs[1].Document != "people.yaml" || v.Syncs[1].Definition.Name != "people" {
		t.Errorf("%+v", v.Syncs[1])
	}
	if err := os.Remove(filepath.Join(filepath.Dir(path), "people.yaml")); err != nil {
		t.Fatal(err)
	}
	if got := home(); len(got) != 1 || !errors.As(got[0].Err, new(*definition.Error)) {
		t.Errorf("without one of its documents: %+v", got)
	}
	if err := a.HideSet(ctx, path); err != nil || len(home()) != 0 {
		t.Errorf("removed: %v, %+v", err, home())
	}
}

// The diagram of a set shows each object type once, who fills it, and what is
// associated by whom.
func TestTheDiagramOfASet(t *testing.T) {
	t.Parallel()
	a, err := app.Open(t.Context(), app.Environment{Workspace: t.TempDir(), Config: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	path := aSet(t)
	for name, text := range map[string]string{
		"people.yaml": "syncline: 1\nsource: { kind: csv, path: people.csv, key: [id] }\nhubspot: { object: contacts, match: [{ field: Email, property: email }] }\ndirection: to-hubspot\nfields: [{ field: Email, property: email }]\n" +
			"associations:\n  - { to: companies, link: { sync: firms.yaml, field: Firm }, label: Primary }\n",
		"roles.yaml": "syncline: 1\nsource: { kind: csv, path: roles.csv, key: [id] }\nassociate:\n  from: { object: deals, match: { field: Deal, property: dealname } }\n  to: { object: 0-1, link: { sync: people.yaml, field: Person } }\n",
		"all.yaml":   "syncline: 1\nset: All\nsyncs: [roles.yaml, people.yaml, firms.yaml]\n",
	} {
		if err := os.WriteFile(filepath.Join(filepath.Dir(path), name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	v, err := a.SetView(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"companies", "contacts", "deals"}, v.Objects); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	want := []app.SetAssociation{{Sync: 1, From: "contacts", To: "companies", Label: definition.Label{Name: "Primary"}, By: "Firm", Line: "0-2 Firm firms.yaml"},
		{Sync: 2, From: "deals", To: "0-1", Rows: true, By: "Deal → Person", Line: "associate"}}
	if diff := cmp.Diff(want, v.Associations); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for i, s := range v.Syncs {
		if s.Card != nil || s.Document != []string{"firms.yaml", "people.yaml", "roles.yaml"}[i] {
			t.Errorf("%d: %+v", i, s)
		}
	}
}
