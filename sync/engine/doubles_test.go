package engine_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
)

// Companies by their name: HubSpot keeps none of their values unique, so
// nothing but care keeps them from being doubled.
const firmsByName = `
syncline: 1
id: k7q2m9xw4r
name: Firms
source: { kind: csv, path: customers.csv, key: [id] }
hubspot:
  object: companies
  match: [ { field: Name, property: name } ]
direction: to-hubspot
create: hubspot
fields:
  - { field: Name, property: name }
  - { field: City, property: city }
`

func firmsCSV(n int) string {
	var b strings.Builder
	b.WriteString("id,Name,City\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,Firm %d,City %d\n", i+1, i+1, i%3)
	}
	return b.String()
}

func (s *stage) companies(want int) {
	s.t.Helper()
	if got := s.portal.Count("companies"); got != want {
		s.t.Errorf("%d companies, want %d", got, want)
	}
}

// What a run has created is known to every later matching: a row under another
// form of its key, or a new row with the same match value, gets no second record.
func TestRecordsThatARunMadeAreMatchedLater(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(string) string{
		"zeros before the ids": func(rows string) string { return strings.ReplaceAll(rows, "\n", "\n0") },
		"ids as decimals": func(rows string) string {
			return strings.ReplaceAll(rows, ",Firm", ".0,Firm")
		},
		"a new row": func(rows string) string { return rows + "99,Firm 2,City 1\n" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, firmsByName, firmsCSV(15))
			s.yes = true
			if res := s.run(); res.Counts.Created != 15 {
				t.Fatalf("%+v", res.Counts)
			}
			s.write(s.file, strings.TrimSuffix(change(strings.TrimSuffix(firmsCSV(15), "\n")+"\n"), "\n0")+"\n")
			if res := s.run(); res.Counts.Created != 0 {
				t.Errorf("%+v", res.Counts)
			}
			s.companies(15)
		})
	}
}

// Without our unique key a create whose answer is lost is looked for in the
// list of all records, and made again only when its absence is proved.
func TestWithoutTheUniqueKeyALostAnswerDoublesNothing(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]practice.Fault{
		"the answer is lost":      {Kind: practice.ResetAfter, Path: "companies/batch/create"},
		"the request is lost":     {Kind: practice.Reset, Path: "companies/batch/create"},
		"half of it is committed": {Kind: practice.HalfCommitted, Path: "companies/batch/create"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				rows := firmsCSV(30) + "31,Twins,Rome\n32,Twins,Rome\n"
				s := newStage(t, practice.Options{Faults: practice.Faults{Script: []practice.Fault{fault}}}, firmsByName, strings.Replace(rows, "32,Twins", "32,Twins 2", 1))
				res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
					e.NoSyncKey = true
					return e.Run(ctx, "")
				})
				if err != nil {
					t.Fatal(err)
				}
				if res.Counts.Created != 32 {
					t.Errorf("%+v", res.Counts)
				}
				s.companies(32)
				if res, err = s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
					e.NoSyncKey = true
					return e.Run(ctx, "")
				}); err != nil || res.Counts.Unchanged != 32 {
					t.Errorf("%+v, %v", res.Counts, err)
				}
				s.companies(32)
			})
		})
	}
}

// Somebody makes a company between the preview and its application.
func TestARecordMadeSinceThePlanIsNotDoubled(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, firmsByName, firmsCSV(5))
	preview, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Preview(ctx) })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.portal.Create("companies", map[string]string{"name": "Firm 3", "city": "Elsewhere"}); err != nil {
		t.Fatal(err)
	}
	res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, preview.PlanID) })
	if err != nil || res.Counts.Created != 4 || res.Counts.Conflict != 1 {
		t.Errorf("%+v, %v", res.Counts, err)
	}
	s.companies(5)
	if res = s.run(); res.Counts.Created != 0 || res.Counts.Updated != 1 {
		t.Errorf("the next run did not match it: %+v", res.Counts)
	}
	s.companies(5)
}

// A filter limits what takes part; it does not hide what exists.
func TestARecordOutsideTheFilterIsNotMadeAgain(t *testing.T) {
	t.Parallel()
	filtered := strings.Replace(firmsByName, "direction:", "  filter: [ [ { property: city, operator: EQ, value: City 1 } ] ]\ndirection:", 1)
	s := newStage(t, practice.Options{}, filtered, firmsCSV(4))
	if _, err := s.portal.Create("companies", map[string]string{"name": "Firm 3", "city": "Elsewhere"}); err != nil {
		t.Fatal(err)
	}
	res := s.run()
	if res.Counts.Created != 3 || res.Counts.Skipped != 1 {
		t.Errorf("%+v", res.Counts)
	}
	s.companies(4)
}

// The index of the search is behind: the list is not.
func TestARecordThatTheSearchHidesIsNotMadeAgain(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("thousands of records")
	}
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, practice.Options{SearchLag: practice.Fixed(time.Minute)}, firmsByName, firmsCSV(5_100))
		s.yes = true
		s.run()
		time.Sleep(time.Hour)
		s.run()
		time.Sleep(time.Hour)
		if _, err := s.portal.Create("companies", map[string]string{"name": "Latest"}); err != nil {
			t.Fatal(err)
		}
		s.write(s.file, firmsCSV(5_100)+"6000,Latest,Rome\n")
		s.run()
		s.companies(5_101)
	})
}

// Another list with the same ids, in a workspace that knows nothing: the
// contents are compared, and nothing is overwritten.
func TestAnotherListWithTheSameKeysOverwritesNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, firmsByName, firmsCSV(20))
	s.run()
	s.workspace = filepath.Join(s.dir, "another")
	s.write(s.file, strings.ReplaceAll(strings.ReplaceAll(firmsCSV(20), "Firm", "Other"), "City ", "Town "))
	s.yes = true
	res := s.run()
	if res.Counts.Updated != 0 || res.Counts.Created != 0 || res.Counts.Conflict != 20 {
		t.Errorf("%+v", res.Counts)
	}
	for id, p := range s.portal.Records("companies") {
		if !strings.HasPrefix(p["name"], "Firm") {
			t.Errorf("%s was overwritten: %v", id, p["name"])
		}
	}
}

// Two workstations run the same sync at once: what the other one made first is
// not counted as made here.
func TestWhatAnotherWorkstationMadeIsNotCountedAsCreated(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, firmsByName, firmsCSV(5))
	s.write(s.file, firmsCSV(5))
	s.run() // makes the property
	other := *s
	other.workspace = filepath.Join(s.dir, "another")
	other.run()
	s.write(s.file, firmsCSV(10))
	s.portal.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: practice.Undisturbed, Path: "batch/create", Before: func() {
		if res := other.run(); res.Counts.Created != 5 {
			t.Errorf("the other one: %+v", res.Counts)
		}
	}}}})
	res := s.run()
	if res.Counts.Created != 0 || res.Counts.Conflict != 5 {
		t.Errorf("%+v", res.Counts)
	}
	s.companies(10)
	if res = s.run(); res.Counts.Unchanged != 10 {
		t.Errorf("%+v", res.Counts)
	}
}
