package engine_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	_ "github.com/mattn/go-sqlite3" // tests tamper with the workspace as a stranger would

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

// tamper changes the workspace behind the program's back.
func (s *stage) tamper(query string, args ...any) {
	s.t.Helper()
	db, err := sql.Open("sqlite3", filepath.Join(s.workspace, store.File))
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	res, err := db.Exec(query, args...)
	if err != nil {
		s.t.Fatal(err)
	}
	if n, _ := res.RowsAffected(); n == 0 {
		s.t.Fatalf("%s changed nothing", query)
	}
}

func TestAPlanThatIsNotWhatWasShownWritesNothing(t *testing.T) {
	t.Parallel()
	for name, query := range map[string]string{
		"a value":             `UPDATE plan_item SET fields = replace(fields, 'First1', 'Other') WHERE n = 1`,
		"a row":               `DELETE FROM plan_item WHERE n = 2`,
		"another record":      `UPDATE plan_item SET kind = 'archive', record_id = '77' WHERE n = 3`,
		"an exclusion":        `UPDATE plan_item SET excluded = 1 WHERE n = 1`,
		"an edit":             `UPDATE plan_item SET edited = replace(fields, 'First1', 'Other') WHERE n = 1`,
		"the guard rails":     `UPDATE plan SET summary = replace(summary, '"created":3', '"created":2')`,
		"the hash":            `UPDATE plan SET hash = 'feed'`,
		"the order":           `UPDATE plan_item SET n = n + 10 WHERE n = 1`,
		"a revision's own":    `UPDATE plan_change SET doc = replace(doc, 'exclude', 'include')`,
		"the revision's hash": `UPDATE plan SET revised_hash = 'feed'`,
		"an exclusion undone": `UPDATE plan_item SET excluded = 0 WHERE n = 3`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, twoWay, people(3))
			planned := s.preview()
			if strings.Contains(name, "revision") || strings.Contains(name, "undone") {
				s.store(func(ctx context.Context, db *store.Store) {
					if err := db.ExcludeItems(ctx, planned.PlanID, []int{3}, true); err != nil {
						t.Fatal(err)
					}
				})
			}
			s.tamper(query)
			_, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, planned.PlanID) })
			var changed *store.PlanChangedError
			if !errors.As(err, &changed) || !strings.Contains(err.Error(), "Nothing was written") {
				t.Errorf("got %v", err)
			}
			if n := s.portal.Count("contacts"); n != 0 {
				t.Errorf("%d records were written", n)
			}
		})
	}
}

func TestWhatPeopleChangeOfAPlanIsARevisionThatTheRunNames(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	planned := s.preview()
	hashes := map[string]bool{}
	note := func() plan.Plan {
		var p plan.Plan
		s.store(func(ctx context.Context, db *store.Store) {
			var err error
			if p, err = db.Plan(ctx, planned.PlanID); err != nil {
				t.Fatal(err)
			}
		})
		if hashes[p.Revised()] || len(p.Revised()) != 64 {
			t.Errorf("revision %d has the hash %q", p.Revision, p.Revised())
		}
		hashes[p.Revised()] = true
		return p
	}
	note()
	s.store(func(ctx context.Context, db *store.Store) {
		if err := db.ExcludeItems(ctx, planned.PlanID, []int{2}, true); err != nil {
			t.Fatal(err)
		}
	})
	note()
	edit := func(property, value string) error {
		_, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
			e.Person = "Ann"
			_, err := e.EditItem(ctx, planned.PlanID, 1, plan.Put{Side: plan.HubSpot, Property: property, Value: value})
			return engine.Result{}, err
		})
		return err
	}
	if err := edit("email", "no address"); err == nil || !strings.Contains(err.Error(), "HubSpot would refuse") {
		t.Errorf("an edit that HubSpot would refuse: %v", err)
	}
	if err := edit("jobtitle", "x"); err == nil {
		t.Error("a property that the plan does not write was edited")
	}
	if err := edit("firstname", "Edited"); err != nil {
		t.Fatal(err)
	}
	last := note()
	res := s.apply(planned.PlanID)
	if res.Counts.Created != 2 || res.Counts.Skipped != 1 {
		t.Errorf("%+v", res.Counts)
	}
	s.store(func(ctx context.Context, db *store.Store) {
		run, err := db.Run(ctx, res.RunID)
		if err != nil || run.Revision != 2 || run.PlanHash != last.Revised() {
			t.Errorf("the run applied revision %d, %s; want 2, %s (%v)", run.Revision, run.PlanHash, last.Revised(), err)
		}
		why := ""
		for a, err := range db.AuditOf(ctx, res.RunID) {
			if err != nil {
				t.Fatal(err)
			}
			if a.Property == "firstname" && a.After != nil && *a.After == "Edited" {
				why = a.Why
			}
		}
		if why != "edited in the plan by Ann" {
			t.Errorf("the audit trail says %q", why)
		}
		if err := db.ExcludeItems(ctx, planned.PlanID, []int{1}, true); err == nil {
			t.Error("a plan that was applied can still be changed")
		}
		if err := db.CheckPlan(ctx, planned.PlanID); err != nil {
			t.Errorf("what became of items counts as a change: %v", err)
		}
	})
	if writes := s.portal.Calls().Writes; writes > 0 {
		if res := s.run(); s.portal.Calls().Writes != writes+1 || res.Counts.Created != 1 {
			t.Errorf("only the row that was taken out is left: %+v", res.Counts)
		}
	}
}

func TestAResumedRunChecksItsPlanAndGoesOnOnlyWithTheOneThatWasShown(t *testing.T) {
	t.Parallel()
	for _, tampered := range []bool{false, true} {
		const rows = 1000
		s := newStage(t, practice.Options{}, twoWay, people(rows))
		s.yes = true
		ctx, cancel := context.WithCancel(t.Context())
		_, err := s.with(func(_ context.Context, e *engine.Engine) (engine.Result, error) {
			e.At = func(p string) {
				if p == "outcome" {
					cancel()
				}
			}
			return e.Run(ctx, "")
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
		before := s.portal.Count("contacts")
		if before == 0 || before == rows {
			t.Fatalf("%d contacts after the interruption", before)
		}
		if tampered {
			s.tamper(`UPDATE plan_item SET name = 'Other' WHERE done = '' AND n = (SELECT max(n) FROM plan_item)`)
		}
		_, err = s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, "") })
		var changed *store.PlanChangedError
		if errors.As(err, &changed) != tampered {
			t.Errorf("tampered %v: got %v", tampered, err)
		}
		if tampered {
			if s.portal.Count("contacts") != before {
				t.Errorf("a changed plan was gone on with")
			}
			s.run() // what is left is planned anew
		}
		if got := s.portal.Count("contacts"); got != rows {
			t.Errorf("tampered %v: %d contacts in the end", tampered, got)
		}
	}
}

// One value is put into many items of a plan, all or none of them, and the plan that is applied
// is the one that was shown then.
func TestOneValueIsPutIntoManyItems(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("many ways of one story, each in a workspace of its own")
	}
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t, practice.Options{}, twoWay, people(1200))
		planned := s.preview()
		all := make([]int, 1200)
		for i := range all {
			all[i] = i + 1
		}
		put := func(ns []int, property, value string) error {
			_, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
				return engine.Result{}, e.EditItems(ctx, planned.PlanID, ns, plan.Put{Side: plan.HubSpot, Property: property, Value: value})
			})
			return err
		}
		var refused *engine.PutError
		if err := put(all, "email", "no address"); !errors.As(err, &refused) {
			t.Errorf("what HubSpot would refuse: %v", err)
		}
		if err := put([]int{1, 5000}, "lastname", "Nobody"); err == nil || !strings.Contains(err.Error(), "has no item 5000") {
			t.Errorf("an item that is not there: %v", err)
		}
		if err := put(all, "lastname", "Everybody"); err != nil {
			t.Fatal(err)
		}
		if res := s.apply(planned.PlanID); res.Counts.Created != 1200 {
			t.Errorf("%+v", res.Counts)
		}
		for _, r := range s.portal.Records("contacts") {
			if r["lastname"] != "Everybody" {
				t.Fatalf("%v", r)
			}
		}
	})
}
