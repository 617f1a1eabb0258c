package engine_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

// rowsWithKey are the lines and reasons of a plan's rows with a key.
func (s *stage) rowsWithKey(planID, key string) (lines []int, reasons []string) {
	s.store(func(ctx context.Context, db *store.Store) {
		for it, err := range db.Items(ctx, planID) {
			if err != nil {
				s.t.Fatal(err)
			}
			if it.RowKey == key {
				lines, reasons = append(lines, it.Line), append(reasons, it.Reason)
			}
		}
	})
	return lines, reasons
}

const sameKeys = "id,Email,First,Last,Phone\n1,ann@example.com,%s,Lee,\n2,bob@example.com,Bob,Stone,\n1,ann@example.com,%s,Lee,\n"

// Rows with the same key are told of by what duplicates says, as rows with the
// same match value are: each of them is named, and counts once.
func TestRowsWithTheSameKeyFollowDuplicates(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name        string
		policy      definition.Duplicates
		first, last string // of the two rows
		want        engine.Counts
		has         string // what HubSpot holds then, "" for no record
		says        string
	}{
		{"equal ones are one", "review", "Ann", "Ann", engine.Counts{Read: 3, Created: 2, Skipped: 1}, "Ann", "line 4 counts as one with line 2: they agree"},
		{"different ones wait", "review", "Ann", "Anna", engine.Counts{Read: 3, Created: 1, Conflict: 2}, "", "line 4 has the same key as line 2"},
		{"the first leads", "first", "Ann", "Anna", engine.Counts{Read: 3, Created: 2, Skipped: 1}, "Ann", "line 4 counts as one with line 2, which leads by duplicates: first"},
		{"the last leads", "last", "Ann", "Anna", engine.Counts{Read: 3, Created: 2, Skipped: 1}, "Anna", "line 2 counts as one with line 4, which leads by duplicates: last"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, strings.Replace(twoWay, "direction:", "duplicates: "+string(tt.policy)+"\ndirection:", 1), fmt.Sprintf(sameKeys, tt.first, tt.last))
			res := s.run()
			if diff := cmp.Diff(tt.want, res.Counts); diff != "" {
				t.Fatalf("(-want +got)\n%s", diff)
			}
			lines, reasons := s.rowsWithKey(res.PlanID, "1")
			if len(lines) != 2 || lines[0]+lines[1] != 6 || !strings.Contains(strings.Join(reasons, "; "), tt.says) {
				t.Errorf("lines %v: %q", lines, reasons)
			}
			has := ""
			for _, p := range s.portal.Records("contacts") {
				if p["email"] == "ann@example.com" {
					has += p["firstname"]
				}
			}
			if has != tt.has {
				t.Errorf("HubSpot has %q, want %q", has, tt.has)
			}
			named := 0
			for _, a := range s.attention() {
				if a.RowKey == "1" && (a.Line == 2 || a.Line == 4) {
					named++
				}
			}
			if named != tt.want.Conflict {
				t.Errorf("%d of the rows are among the failed ones, want %d", named, tt.want.Conflict)
			}
			// Nothing changes, so that nothing is left to do.
			writes := s.portal.Calls().Writes
			want := engine.Counts{Read: 3, Unchanged: tt.want.Created, Skipped: tt.want.Skipped, Conflict: tt.want.Conflict}
			if diff := cmp.Diff(want, s.run().Counts); diff != "" || s.portal.Calls().Writes != writes {
				t.Errorf("again (-want +got)\n%s", diff)
			}
		})
	}
}

// What people decide about rows with the same key is carried out, and holds as
// long as these rows stay as they are.
func TestADecisionAboutRowsWithTheSameKeyIsCarriedOut(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, fmt.Sprintf(sameKeys, "Ann", "Anna"))
	s.run()
	all := s.live()
	if len(all) != 1 || all[0].Cause != plan.CauseCopies {
		t.Fatalf("%+v", all)
	}
	s.settle(plan.ChooseSource, "")
	if diff := cmp.Diff(engine.Counts{Read: 3, Created: 1, Unchanged: 1, Skipped: 1}, s.run().Counts); diff != "" {
		t.Fatalf("(-want +got)\n%s", diff)
	}
	if _, p := s.by("email", "ann@example.com"); p["firstname"] != "Ann" {
		t.Errorf("HubSpot has %v", p)
	}
	if diff := cmp.Diff(engine.Counts{Read: 3, Unchanged: 2, Skipped: 1}, s.run().Counts); diff != "" || len(s.live()) != 0 {
		t.Errorf("again (-want +got)\n%s%+v", diff, s.live())
	}
	// An edit of one of the rows asks anew.
	s.replace("Anna", "Annette")
	if diff := cmp.Diff(engine.Counts{Read: 3, Unchanged: 1, Conflict: 2}, s.run().Counts); diff != "" {
		t.Errorf("another row (-want +got)\n%s", diff)
	}
	s.settle(plan.ChooseSkip, "")
	if diff := cmp.Diff(engine.Counts{Read: 3, Unchanged: 1, Skipped: 2}, s.run().Counts); diff != "" {
		t.Errorf("left out (-want +got)\n%s", diff)
	}
}

// A linked row whose key stands twice from now on is left alone until that is
// cleared up, and goes on when it is.
func TestALinkedRowThatIsDoubledWaits(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	s.run()
	before := s.contents()
	s.write(s.file, before+"2,p2@example-1.com,Other,Last2,+49300000002\n")
	if diff := cmp.Diff(engine.Counts{Read: 4, Unchanged: 2, Conflict: 2}, s.run().Counts); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	s.write(s.file, before)
	if diff := cmp.Diff(engine.Counts{Read: 3, Unchanged: 3}, s.run().Counts); diff != "" || len(s.live()) != 0 {
		t.Errorf("cleared up (-want +got)\n%s%+v", diff, s.live())
	}
}

// Rows with the same key in which the same is wrong don't differ: what is wrong
// is said of each of them.
func TestWhatIsWrongWithRowsOfOneKeyIsSaid(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ rows, says string }{
		"an error of a cell": {"1,ann@example.com,Ann,#N/A,\n1,ann@example.com,Ann,#N/A,\n", "#N/A"},
		"too many cells":     {"1,ann@example.com,Ann,Lee,1,extra\n1,ann@example.com,Ann,Lee,1,extra\n", "cells"},
		"headers":            {"id,Email,First,Last,Phone\nid,Email,First,Last,Phone\n", "repeats the names of the columns"},
		"no address":         {"1,ann,Ann,Lee,\n1,ann,Ann,Lee,\n", "no e-mail address"},
	} {
		s := newStage(t, practice.Options{}, twoWay, "id,Email,First,Last,Phone\n"+c.rows)
		for range 2 {
			res := s.run()
			if res.Counts.Failed+res.Counts.Skipped != 2 || res.Counts.Failed == 0 || len(s.conflicts()) != 0 {
				t.Errorf("%s: %+v, %+v", name, res.Counts, s.conflicts())
			}
			for _, a := range s.attention() {
				if !strings.Contains(a.Message, c.says) || strings.Contains(a.Message, "differ") || a.Line < 2 {
					t.Errorf("%s: line %d: %s", name, a.Line, a.Message)
				}
			}
		}
	}
	// Of rows that do differ, both are said.
	s := newStage(t, practice.Options{}, twoWay, "id,Email,First,Last,Phone\n1,ann@example.com,Ann,#N/A,\n1,ann@example.com,Anna,Lee,\n")
	s.run()
	if all := s.conflicts(); len(all) != 1 || !strings.Contains(all[0].Reason, "have the key \"1\" and differ") || !strings.Contains(all[0].Reason, "#N/A") {
		t.Errorf("%+v", all)
	}
}
