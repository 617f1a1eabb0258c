package engine_test

import (
	"context"
	"strings"
	"testing"

	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

const deleting = twoWay + "delete: { record-gone: delete }\n"

// A row goes with its record only if all of it is what it was when both sides
// last agreed: also what the sync does not map, and the form of what it does.
func TestARowGoesWithItsRecordOnlyIfAllOfItIsAsItWas(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		touch func(s *stage, id string) // before the record is archived
		late  func(s *stage)            // between the plan and the writing
		why   string                    // "" = the row is deleted
	}{
		{"untouched", nil, nil, ""},
		{"another row was edited", func(s *stage, _ string) { s.replace("First3,Last3,,yes", "First3,Last3,,perhaps") }, nil, ""},
		{"the rows stand in another order", func(s *stage, _ string) {
			lines := strings.SplitAfter(s.contents(), "\n")
			s.write(s.file, lines[0]+lines[3]+lines[2]+lines[1])
		}, nil, ""},
		{"a run wrote the row", func(s *stage, id string) { s.edit(id, "firstname", "Theirs"); s.run() }, nil, ""},
		{"both sides took an edit of the row", func(s *stage, _ string) { s.replace("First2", "Ours"); s.run() }, nil, ""},
		{"a cell that is not mapped", func(s *stage, _ string) { s.replace("First2,Last2,,yes", "First2,Last2,,no") }, nil, "Active"},
		{"one that was, some runs ago", func(s *stage, _ string) { s.replace("First2,Last2,,yes", "First2,Last2,,no"); s.run(); s.run() }, nil, "Active"},
		{"one that was, after a run wrote the row", func(s *stage, id string) {
			s.edit(id, "firstname", "Theirs")
			s.run()
			s.replace("Theirs,Last2,,yes", "Theirs,Last2,,no")
		}, nil, "Active"},
		{"one that was emptied", func(s *stage, _ string) { s.replace("First2,Last2,,yes", "First2,Last2,,") }, nil, "Active"},
		{"the form of a mapped cell", func(s *stage, _ string) { s.replace("p2@example.com", "P2@Example.com") }, nil, "edited"},
		{"a cell that is not mapped, during the run", nil, func(s *stage) { s.replace("First2,Last2,,yes", "First2,Last2,,no") }, "Active"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, deleting, marked)
			s.yes = true
			s.run()
			id, _ := s.by("email", "p2@example.com")
			if tc.touch != nil {
				tc.touch(s, id)
			}
			if err := s.portal.Archive("contacts", id); err != nil {
				t.Fatal(err)
			}
			if tc.late != nil {
				s.at = func(point string) {
					if point == "planned" {
						tc.late(s)
					}
				}
			}
			res := s.run()
			s.at = nil
			there, all := strings.Contains(s.contents(), "\n2,"), s.conflicts()
			if tc.why == "" {
				if there || len(all) != 0 || res.Counts.Conflict != 0 {
					t.Errorf("%+v, %+v\n%s", res.Counts, all, s.contents())
				}
				return
			}
			if !there || res.Counts.Conflict != 1 || len(all) != 1 || all[0].Cause != plan.CauseRecordGone {
				t.Fatalf("%+v, %+v\n%s", res.Counts, all, s.contents())
			}
			if res := s.run(); res.Counts.Conflict != 1 {
				t.Errorf("it did not wait: %+v", res.Counts)
			}
			s.settle(plan.ChooseHubSpot, "")
			s.run()
			if strings.Contains(s.contents(), "\n2,") || len(s.live()) != 0 {
				t.Errorf("the decision was not carried out: %+v\n%s", s.live(), s.contents())
			}
		})
	}
}

// A decision to delete a row holds for the row that was shown.
func TestADecisionToDeleteARowHoldsForAllOfItThatWasShown(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, deleting, marked)
	s.yes = true
	s.run()
	id, _ := s.by("email", "p2@example.com")
	if err := s.portal.Archive("contacts", id); err != nil {
		t.Fatal(err)
	}
	s.replace("First2,Last2,,yes", "First2,Last2,,no")
	s.run()
	s.settle(plan.ChooseHubSpot, "")
	s.replace("First2,Last2,,no", "First2,Last2,,perhaps")
	res := s.run()
	if all := s.conflicts(); res.Counts.Conflict != 1 || len(all) != 1 || !all[0].Again || !strings.Contains(s.contents(), "perhaps") {
		t.Errorf("%+v, %+v\n%s", res.Counts, all, s.contents())
	}
}

// Rows that were in agreement before the rule was made can go by it, once a run
// has seen them whole; a row whose record is gone by then is asked about.
func TestARuleThatDeletesRowsBeginsWithWhatItHasSeen(t *testing.T) {
	t.Parallel()
	for _, when := range []string{"before the rule", "after the first run with it"} {
		t.Run(when, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, twoWay, marked)
			s.yes = true
			s.run()
			id, _ := s.by("email", "p2@example.com")
			archive := func() {
				if err := s.portal.Archive("contacts", id); err != nil {
					t.Fatal(err)
				}
			}
			if when == "before the rule" {
				archive()
			}
			s.write(s.def, deleting)
			s.run()
			want := 1
			if when != "before the rule" {
				archive()
				s.run()
				want = 0
			}
			if all := s.conflicts(); len(all) != want || strings.Contains(s.contents(), "\n2,") != (want == 1) {
				t.Errorf("%+v\n%s", all, s.contents())
			}
		})
	}
}

// A row that a run made of a record is known whole from its beginning.
func TestARowThatARunMadeGoesWithItsRecord(t *testing.T) {
	t.Parallel()
	made := strings.Replace(deleting, "create: hubspot", "create: both", 1) + "  - { field: id, property: jobtitle }\n"
	made = strings.Replace(made, "delete: { record-gone: delete }\n", "", 1) + "delete: { record-gone: delete }\n"
	for _, touched := range []bool{false, true} {
		s := newStage(t, practice.Options{}, made, marked)
		s.yes = true
		s.run()
		id, err := s.portal.Create("contacts", map[string]string{"email": "new@example.com", "jobtitle": "9"})
		if err != nil {
			t.Fatal(err)
		}
		s.run()
		if !strings.Contains(s.contents(), "\n9,new@example.com") {
			t.Fatalf("no row was made:\n%s", s.contents())
		}
		if touched {
			s.replace("9,new@example.com,,,,", "9,new@example.com,,,,no")
		}
		if err := s.portal.Archive("contacts", id); err != nil {
			t.Fatal(err)
		}
		s.run()
		if there := strings.Contains(s.contents(), "\n9,"); there != touched || len(s.conflicts()) == 1 != touched {
			t.Errorf("touched: %t, there: %t, %+v", touched, there, s.conflicts())
		}
	}
}

// An undo puts the row back as it was; it can go again by the rule.
func TestARowThatAnUndoPutBackIsAsItWas(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, deleting, marked)
	s.yes = true
	s.run()
	id, _ := s.by("email", "p2@example.com")
	if err := s.portal.Archive("contacts", id); err != nil {
		t.Fatal(err)
	}
	res := s.run()
	s.undo(res.RunID)
	if !strings.Contains(s.contents(), "\n2,") {
		t.Fatalf("the row is not back:\n%s", s.contents())
	}
	if _, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
		return engine.Result{}, e.Redo(ctx, res.RunID)
	}); err != nil {
		t.Fatal(err)
	}
	s.run()
	if strings.Contains(s.contents(), "\n2,") || len(s.conflicts()) != 0 {
		t.Errorf("it was not deleted again: %+v\n%s", s.conflicts(), s.contents())
	}
}

// Whoever archived a record and made it anew did not mean the row: it is not
// deleted, also when that happened after the plan was made.
func TestARowStaysWhoseRecordIsMadeAnewBeforeItGoes(t *testing.T) {
	t.Parallel()
	for _, anew := range []bool{false, true} {
		s := newStage(t, practice.Options{}, deleting, marked)
		s.yes = true
		s.run()
		id, _ := s.by("email", "p2@example.com")
		if err := s.portal.Archive("contacts", id); err != nil {
			t.Fatal(err)
		}
		s.at = func(point string) {
			if point == "planned" && anew {
				if _, err := s.portal.Create("contacts", map[string]string{"email": "p2@example.com"}); err != nil {
					t.Error(err)
				}
			}
		}
		s.run()
		s.at = nil
		if there := strings.Contains(s.contents(), "\n2,"); there != anew {
			t.Errorf("made anew: %t\n%s", anew, s.contents())
		}
		s.run()
		if all := s.conflicts(); anew && (len(all) != 1 || all[0].Cause != plan.CauseSuccessor) {
			t.Errorf("%+v", all)
		}
	}
}
