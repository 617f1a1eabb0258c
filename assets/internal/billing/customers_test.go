package billing_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncline/assets"
	"syncline/assets/internal/billing"
	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/engine"
	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/content"
	"syncline/sync/source/opener"
)

func TestCustomers(t *testing.T) {
	t.Parallel()
	rows := billing.Customers()
	if len(rows) != billing.Total {
		t.Errorf("%d rows, want %d", len(rows), billing.Total)
	}
	owners, ids, emails := map[string]bool{"": true}, map[string]bool{}, map[string]int{}
	for _, o := range content.Owners() {
		owners[o.Email] = !o.Archived
	}
	for _, c := range rows {
		if ids[c.ID] || !strings.HasPrefix(c.ID, "C-") {
			t.Errorf("customer id %q is not sound, or there twice", c.ID)
		}
		ids[c.ID] = true
		emails[strings.ToLower(c.Email)]++
		if !owners[c.Owner] {
			t.Errorf("%s: %s is no owner, or an archived one", c.ID, c.Owner)
		}
		if c.Plan == "" || c.Status == "" || c.Amount <= 0 || c.Since.IsZero() || c.Country == "" && c.Phone == "" && c.First == "" {
			t.Errorf("%+v lacks something", c)
		}
	}
	for email, n := range emails {
		if want := strings.HasPrefix(email, "accounts@"); n > 1 != want || want && n != 3 {
			t.Errorf("%s stands in %d rows", email, n)
		}
	}
	if diff := cmp.Diff(rows, billing.Customers()); diff != "" {
		t.Error(diff)
	}
}

// What a newcomer sees when the sample meets the demo.
func TestTheStoryThatTheSampleTells(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	dir := t.TempDir()
	workbook, path, err := assets.WriteSample(dir)
	if err != nil {
		t.Fatal(err)
	}
	def, err := definition.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	portal := practice.New(practice.Options{Seed: content.DemoSeed, Demo: true})
	client, err := hubspot.New(hubspot.Config{Tokens: hubspot.StaticToken(portal.Token()), Transport: portal.Transport(), Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(ctx, filepath.Join(dir, "workspace"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	src, err := opener.Open(ctx, opener.Options{Kind: def.Source.Kind, Path: workbook, Sheet: def.Source.Sheet, Key: def.Source.Key})
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	e := &engine.Engine{Store: db, Client: client, Source: src, Definition: def}

	run := func(what string, f func(context.Context, string) (engine.Result, error), want engine.Counts) {
		t.Helper()
		res, err := f(ctx, "")
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if diff := cmp.Diff(want, res.Counts); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	// The four addresses that are none fail at HubSpot; the three people who
	// share one, and the fifteen who differ, wait for a person.
	run("the first run", e.Run, engine.Counts{Read: 420, Created: 100, Updated: 84, Unchanged: 214, Conflict: 18, Failed: 4, SourceUpdated: 24})
	run("the second run", e.Run, engine.Counts{Read: 420, Unchanged: 398, Conflict: 18, Failed: 4})
}
