package engine_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
)

// keepRows leaves only the first n rows in the file.
func (s *stage) keepRows(n int) {
	lines := strings.SplitAfter(s.contents(), "\n")
	s.write(s.file, strings.Join(lines[:n+1], ""))
}

// each changes the rows of the file from the first to the last.
func (s *stage) each(first, last int, change func(cells []string)) {
	lines := strings.Split(s.contents(), "\n")
	for i := first; i <= last; i++ {
		cells := strings.Split(lines[i], ",")
		change(cells)
		lines[i] = strings.Join(cells, ",")
	}
	s.write(s.file, strings.Join(lines, "\n"))
}

func TestAnUnusualPlanWaitsForAConfirmation(t *testing.T) {
	t.Parallel()
	oneWay := strings.Replace(twoWay, "direction: two-way", "direction: to-hubspot", 1)
	clearing := strings.Replace(oneWay, "property: phone }", "property: phone, blank: clear }", 1)
	tests := []struct {
		name   string
		def    string
		rows   int
		change func(*stage)
		want   string // the rail, "" for none
	}{
		{"160 of 200 rows vanish", oneWay, 200, func(s *stage) { s.keepRows(40) }, "rows"},
		{"6 of 15 rows vanish", oneWay, 15, func(s *stage) { s.keepRows(9) }, "rows"},
		{"a few rows vanish", oneWay, 15, func(s *stage) { s.keepRows(12) }, ""},
		{"14 of 15 records are rewritten", oneWay, 15, func(s *stage) { s.each(1, 14, func(c []string) { c[3] += "x" }) }, "field"},
		{"5 of 15 records are rewritten", oneWay, 15, func(s *stage) { s.each(1, 5, func(c []string) { c[3] += "x" }) }, ""},
		{"half of a column is emptied", clearing, 15, func(s *stage) { s.each(1, 8, func(c []string) { c[4] = "" }) }, "blanks"},
		{"HubSpot is empty", oneWay, 15, func(s *stage) {
			for id := range s.portal.Records("contacts") {
				if err := s.portal.Archive("contacts", id); err != nil {
					s.t.Fatal(err)
				}
			}
		}, "records"},
		{"the source is empty", oneWay, 15, func(s *stage) { s.keepRows(0) }, "rows"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, test.def, people(test.rows))
			s.run()
			test.change(s)
			writes := s.portal.Calls().Writes
			res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, "") })
			var stopped *engine.GuardError
			switch {
			case test.want == "" && err != nil:
				t.Fatal(err)
			case test.want == "":
				return
			case !errors.As(err, &stopped) || s.portal.Calls().Writes != writes:
				t.Fatalf("it was not stopped: %v, %+v", err, res.Counts)
			}
			g := stopped.Guards[0]
			if g.Name != test.want || !strings.Contains(g.Detail, fmt.Sprint(max(g.Limit, g.Count))) {
				t.Errorf("%+v", stopped.Guards)
			}
			s.yes = true
			s.run()
		})
	}
}

func TestAPlanUnlikeTheLastRunsWaitsForAConfirmation(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(60))
	s.run()
	for range 3 {
		s.run()
	}
	all := people(120)
	s.write(s.file, all)
	_, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, "") })
	var stopped *engine.GuardError
	if !errors.As(err, &stopped) || stopped.Guards[0].Name != "usual-creates" || stopped.Guards[0].Count != 60 {
		t.Fatalf("got %v", err)
	}
	s.yes = true
	if res := s.run(); res.Counts.Created != 60 {
		t.Errorf("%+v", res.Counts)
	}
}

// A retry is judged by what it sends, not by what a whole run would.
func TestARetryIsJudgedByWhatItSends(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(40))
	s.replace("p7@example-6.com", "<p7@example-6.com>;")
	s.run()
	s.replace("<p7@example-6.com>;", "p7@example-6.com")
	s.each(10, 40, func(c []string) { c[3] += "x" })
	retry := func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Retry(ctx, []string{"7"}) }
	res, err := s.with(retry)
	if err != nil || res.Counts.Created != 1 || res.Counts.Updated != 0 {
		t.Fatalf("%+v, %v", res.Counts, err)
	}
	s.by("email", "p7@example-6.com")
	if _, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, "") }); !errors.As(err, new(*engine.GuardError)) {
		t.Errorf("the run of all is not stopped: %v", err)
	}
}

// Rows that people take out of a plan count for no guard rail; what they leave
// does.
func TestGuardRailsLookAtWhatIsLeftOfAPlan(t *testing.T) {
	t.Parallel()
	for left, stops := range map[int]bool{3: false, 30: true} {
		s := newStage(t, practice.Options{}, twoWay, people(40))
		s.run()
		s.each(1, 35, func(c []string) { c[3] += "x" })
		planned := s.preview()
		s.store(func(ctx context.Context, db *store.Store) {
			ns, err := db.ItemIDs(ctx, planned.PlanID, store.ItemFilter{})
			if err == nil {
				err = db.ExcludeItems(ctx, planned.PlanID, ns[left:], true)
			}
			if err != nil {
				t.Fatal(err)
			}
		})
		res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, planned.PlanID) })
		var stopped *engine.GuardError
		if errors.As(err, &stopped) != stops || stops && stopped.Guards[0].Count != left || !stops && res.Counts.Updated != left {
			t.Errorf("%d left: %+v, %v", left, res.Counts, err)
		}
	}
}

// Rows that vanished are asked about by every run until one that a person confirmed: a
// row that is tried again meanwhile, or a plan of which they were left out, does not
// make fewer rows the usual number.
func TestRowsThatVanishedAreAskedAboutUntilTheyAreConfirmed(t *testing.T) {
	t.Parallel()
	def := strings.Replace(archiving, "fields:", "guards: { archives: 50% }\nfields:", 1)
	for name, between := range map[string]func(*stage) error{
		"a row is tried again": func(s *stage) error {
			_, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Retry(ctx, []string{"1"}) })
			return err
		},
		"they are left out": func(s *stage) error {
			planned := s.preview()
			s.store(func(ctx context.Context, db *store.Store) {
				all, err := db.ItemIDs(ctx, planned.PlanID, store.ItemFilter{})
				if err == nil {
					err = db.ExcludeItems(ctx, planned.PlanID, all, true)
				}
				if err != nil {
					s.t.Fatal(err)
				}
			})
			_, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
				e.Confirmed = true
				return e.Run(ctx, planned.PlanID)
			})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, def, people(40))
			s.run()
			s.keepRows(25) // the file was cut off
			if err := between(s); err != nil {
				t.Fatal(err)
			}
			var guard *engine.GuardError
			if _, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, "") }); !errors.As(err, &guard) || guard.Guards[0].Name != "rows" {
				t.Errorf("the next run: %v", err)
			}
			if n := s.portal.Count("contacts"); n != 40 {
				t.Errorf("%d contacts", n)
			}
		})
	}
}
