package app_test

import (
	"context"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncline/app"
	"syncline/app/suggest"
	"syncline/assets"
	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/plan"
)

// practising opens a workspace that is connected to the practice portal.
func practising(t *testing.T) *app.App {
	t.Helper()
	a, err := app.Open(t.Context(), app.Environment{Workspace: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	if _, err := a.ConnectPractice(t.Context()); err != nil {
		t.Fatal(err)
	}
	return a
}

// drafted reads a file and makes it a draft of contacts with a row key.
func drafted(t *testing.T, a *app.App, path string, key ...string) *app.Draft {
	t.Helper()
	d, err := a.NewDraft(t.Context(), path, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.SetRowKey(t.Context(), d, key, "", nil); err != nil {
		t.Fatal(err)
	}
	if err := a.ChooseObject(t.Context(), d, app.PracticeName, "contacts"); err != nil {
		t.Fatal(err)
	}
	return d
}

func sample(t *testing.T) string {
	t.Helper()
	book, _, err := assets.WriteSample(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return book
}

// writeCSV writes rows into a new file.
func writeCSV(t *testing.T, rows ...[]string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "people.csv")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := csv.NewWriter(f)
	if err := errors.Join(w.WriteAll(rows), f.Close()); err != nil {
		t.Fatal(err)
	}
	return path
}

func check(t *testing.T, a *app.App, d *app.Draft, lines ...suggest.Line) *app.KeyCheck {
	t.Helper()
	if lines == nil {
		lines = d.KeyLines()
	}
	c, err := a.CheckKeys(t.Context(), d, lines, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// awkward are rows that meet every rule of matching: shared values, a second
// address, a missing key.
func awkward(t *testing.T, a *app.App) string {
	t.Helper()
	d := drafted(t, a, sample(t), "Customer id")
	rows := [][]string{{"Id", "Email", "Phone number", "First name"}}
	add := func(row ...string) { rows = append(rows, row) }
	n := 0
	for _, r := range d.Rows {
		if email := r.Fields["Email"].String(); email != "" && n < 20 {
			n++
			add("a"+r.Fields["Customer id"].String(), strings.ToUpper(email), r.Fields["Phone"].String(), r.Fields["First name"].String())
		}
	}
	if n < 5 {
		t.Fatalf("only %d rows with an address", n)
	}
	add("twin", rows[1][1], "", "Shares its address with the first row")
	add("late", "", rows[2][2], "Reaches by phone a record that has a row")
	add("lone", "nobody@nowhere.example", "", "Has no record")
	add("pair-1", "pair@nowhere.example", "", "Two rows, no record")
	add("pair-2", "PAIR@nowhere.example", "", "Two rows, no record")
	add("", "keyless@nowhere.example", "", "Has no row key")
	add("same", "one@nowhere.example", "", "Shares its row key")
	add("same", "two@nowhere.example", "", "Shares its row key")
	add("bare", "", "", "Has no value")
	return writeCSV(t, rows...)
}

func TestKeyOutcomeIsWhatAPreviewPlans(t *testing.T) {
	t.Parallel()
	npsp := func(t *testing.T, _ *app.App) string {
		dir := os.Getenv("SYNCLINE_TESTDATA")
		if dir == "" {
			t.Skip("SYNCLINE_TESTDATA is not set")
		}
		return filepath.Join(dir, "npsp-salesforce", "1k_Contact.csv")
	}
	byEmail, byPhone := suggest.Line{Field: "Email", Property: "email"}, suggest.Line{Field: "Phone", Property: "phone"}
	byNumber := suggest.Line{Field: "Phone number", Property: "phone"}
	book := func(t *testing.T, _ *app.App) string { return sample(t) }
	tests := map[string]struct {
		path  func(*testing.T, *app.App) string
		key   string
		order []suggest.Line
		bare  bool // without the suggested steps, of which some fail on some rows
	}{
		"the sample by e-mail":           {book, "Customer id", []suggest.Line{byEmail}, false},
		"the sample by e-mail and phone": {book, "Customer id", []suggest.Line{byEmail, byPhone}, true},
		"awkward rows":                   {awkward, "Id", []suggest.Line{byEmail, byNumber}, true},
		"awkward rows, phone first":      {awkward, "Id", []suggest.Line{byNumber, byEmail}, true},
		"a Salesforce export":            {npsp, "id", []suggest.Line{byEmail, byPhone}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := practising(t)
			d := drafted(t, a, tt.path(t, a), tt.key)
			d.Definition.Direction = definition.ToHubSpot
			if tt.bare {
				d.Pairs = nil
			}
			outcome, err := check(t, a, d, tt.order...).Outcome(tt.order...)
			if err != nil {
				t.Fatal(err)
			}
			d.UseMatch(tt.order...)
			// Rows that agree in every mapped field count as one; these differ.
			d.Definition.Fields = append(d.Definition.Fields, definition.Field{Field: tt.key, Property: "jobtitle", Direction: definition.ToHubSpot,
				Conflict: definition.Review, Unmapped: "reject", Blank: "ignore"})
			path, err := a.Save(d)
			if err != nil {
				t.Fatal(err)
			}
			got := planned(t, a, path)
			want := map[string]int{"none": outcome.None, "one": outcome.One, "several": outcome.Several, "barred": outcome.Barred}
			if diff := cmp.Diff(got, want); diff != "" {
				t.Errorf("the plan (-) and the wizard (+) differ:\n%s", diff)
			}
		})
	}
}

// planned previews a definition and counts what matching did.
func planned(t *testing.T, a *app.App, path string) map[string]int {
	t.Helper()
	s, err := a.OpenSync(t.Context(), path, app.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	res, err := s.Engine.Preview(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ids, err := a.Store.ItemIDs(t.Context(), res.PlanID, store.ItemFilter{})
	if err != nil {
		t.Fatal(err)
	}
	items, err := a.Store.ItemsByID(t.Context(), res.PlanID, ids)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{"none": 0, "one": 0, "several": 0, "barred": 0}
	for _, it := range items {
		switch {
		case it.Kind == plan.ItemInvalid && it.RowKey == "", slices.ContainsFunc(it.Edits, func(e plan.Edit) bool { return e.Ruling == plan.RuleTwin }):
			got["barred"]++
		case it.RecordID != "":
			got["one"]++
		case it.Kind == plan.ItemCreate, it.Kind == plan.ItemSkip, it.Kind == plan.ItemInvalid:
			got["none"]++ // also where HubSpot would refuse what the row holds
		default:
			got["several"]++
		}
	}
	if total := got["none"] + got["one"] + got["several"] + got["barred"]; total < res.Counts.Read {
		got["one"] += res.Counts.Read - total // unchanged ones may stand only in the counts
	}
	return got
}

func TestKeysAreJudgedByAllRowsAndRecords(t *testing.T) {
	t.Parallel()
	a := practising(t)
	d := drafted(t, a, sample(t), "Customer id")
	var last app.KeyProgress
	var told int
	done := make(chan app.KeyProgress, 10000)
	c, err := a.CheckKeys(t.Context(), d, d.KeyLines(), func(p app.KeyProgress) { done <- p })
	close(done)
	if err != nil {
		t.Fatal(err)
	}
	for p := range done {
		last, told = p, told+1
	}
	if c.Records < 2000 || c.Rows < 100 || last.RecordsTotal != c.Records || told < c.Records/100 {
		t.Errorf("%d rows, %d records, last progress %+v, told %d times", c.Rows, c.Records, last, told)
	}
	// One search for the total, and a page for every hundred records.
	if want := (c.Records+99)/100 + 1; c.Calls != want {
		t.Errorf("%d calls, want %d", c.Calls, want)
	}
	if c.Keys[0].Verdict != suggest.Best {
		t.Errorf("the first key is %v", c.Keys[0].Verdict)
	}
	for _, k := range c.Keys {
		if k.Source.Rows != c.Rows || k.HubSpot.Rows != c.Records {
			t.Errorf("%s was judged by %d rows and %d records", k.Field, k.Source.Rows, k.HubSpot.Rows)
		}
	}
}

func TestSamplesShowEveryKindOfRow(t *testing.T) {
	t.Parallel()
	a := practising(t)
	order := []suggest.Line{{Field: "Email", Property: "email"}, {Field: "Phone number", Property: "phone"}}
	d := drafted(t, a, awkward(t, a), "Id")
	c := check(t, a, d, order...)
	o, err := c.Outcome(order...)
	if err != nil {
		t.Fatal(err)
	}
	got, err := a.KeySamples(t.Context(), d, c, o)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[app.KeyMatch]int{}
	for _, s := range got {
		kinds[s.Match]++
		if s.Row == "" || s.Name == "" || (s.Match == app.MatchOne) != (s.Record != "") {
			t.Errorf("sample %+v", s)
		}
	}
	if kinds[app.MatchOne] < 2 || kinds[app.MatchNone] != 2 || kinds[app.MatchSeveral] != 2 || kinds[app.MatchBarred] != 0 {
		t.Errorf("samples of %v", kinds)
	}
}

func TestCheckingKeysCanBeCancelled(t *testing.T) {
	t.Parallel()
	a := practising(t)
	d := drafted(t, a, sample(t), "Customer id")
	ctx, cancel := context.WithCancel(t.Context())
	_, err := a.CheckKeys(ctx, d, d.KeyLines(), func(p app.KeyProgress) {
		if p.Records > 0 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

func TestRowKeyIsCountedOverAllRows(t *testing.T) {
	t.Parallel()
	a := practising(t)
	d, err := a.NewDraft(t.Context(), awkward(t, a), "")
	if err != nil {
		t.Fatal(err)
	}
	if k := d.SuggestRowKey()[0]; k.Column != "Id" {
		t.Errorf("the first row key is %+v", k)
	}
	n, err := a.SetRowKey(t.Context(), d, []string{"Id"}, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if n.Empty != 1 || n.Shared != 2 || !d.Schema.Abilities.Update {
		t.Errorf("%+v, abilities %+v", n, d.Schema.Abilities)
	}
	// Two columns together tell the rows apart.
	n, err = a.SetRowKey(t.Context(), d, []string{"Id", "Email"}, "", nil)
	if err != nil || n.Shared != 0 {
		t.Errorf("%+v, %v", n, err)
	}
}

func TestMatchKeysGetALineOfTheMapOnce(t *testing.T) {
	t.Parallel()
	a := practising(t)
	d := drafted(t, a, sample(t), "Customer id")
	d.UseMatch(suggest.Line{Field: "Email", Property: "email"}, suggest.Line{Field: "Customer id", Property: "hs_object_id"})
	d.MapMatchKeys()
	var mapped []string
	for _, f := range d.Definition.Fields {
		mapped = append(mapped, f.Property)
	}
	if !slices.Equal(mapped, []string{"email"}) {
		t.Errorf("mapped are %v; a read-only property is matched by, never written", mapped)
	}
}
