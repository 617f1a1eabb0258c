package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

const marked = "id,Email,First,Last,Phone,Active\n1,p1@example.com,First1,Last1,,yes\n2,p2@example.com,First2,Last2,,yes\n3,p3@example.com,First3,Last3,,yes\n"

func TestARecordIsMarkedWhenItsRowIsGoneAndUnmarkedWhenItIsBack(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay+"delete: { row-gone: flag, flag-record: { property: jobtitle, value: Gone } }\n", people(3))
	s.run()
	id, _ := s.by("email", "p2@example-1.com")
	s.edit(id, "jobtitle", "Cook")
	s.run()
	s.without(row2)
	if res := s.run(); res.Counts.Updated != 1 {
		t.Errorf("%+v", res.Counts)
	}
	if p, _ := s.portal.Record("contacts", id); p["jobtitle"] != "Gone" {
		t.Errorf("the record is not marked: %v", p)
	}
	s.wantNothingToDo(3)
	s.write(s.file, s.contents()+row2+"\n")
	s.run()
	if p, _ := s.portal.Record("contacts", id); p["jobtitle"] != "Cook" {
		t.Errorf("the mark was not taken back: %v", p["jobtitle"])
	}
	s.wantNothingToDo(3)

	s.without(row2)
	s.run()
	s.edit(id, "jobtitle", "Chef")
	s.wantNothingToDo(3) // somebody took the mark off: that stands
	s.write(s.file, s.contents()+row2+"\n")
	s.run()
	if p, _ := s.portal.Record("contacts", id); p["jobtitle"] != "Chef" {
		t.Errorf("a person's value was written over: %v", p["jobtitle"])
	}
	s.wantNothingToDo(3)
}

func TestARowIsMarkedWhenItsRecordIsGoneAndUnmarkedWhenItIsBack(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay+"delete: { record-gone: flag, flag-row: { field: Active, value: \"no\" } }\n", marked)
	s.run()
	id, _ := s.by("email", "p2@example.com")
	if err := s.portal.Archive("contacts", id); err != nil {
		t.Fatal(err)
	}
	s.run()
	if !strings.Contains(s.contents(), "2,p2@example.com,First2,Last2,,no\n") {
		t.Errorf("the row is not marked:\n%s", s.contents())
	}
	s.wantNothingToDo(3)
	if err := s.portal.Restore("contacts", id); err != nil {
		t.Fatal(err)
	}
	s.run()
	if s.contents() != marked {
		t.Errorf("the mark was not taken back:\n%s", s.contents())
	}
	s.wantNothingToDo(3)
}

func TestARowIsDeletedWhenItsRecordIsGone(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay+"delete: { record-gone: delete }\n", marked)
	s.run()
	id, _ := s.by("email", "p2@example.com")
	if err := s.portal.Archive("contacts", id); err != nil {
		t.Fatal(err)
	}
	if _, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, "") }); err == nil {
		t.Fatal("no guard rail asked")
	}
	s.yes = true
	res := s.run()
	if strings.Contains(s.contents(), "p2@example.com") || strings.Count(s.contents(), "\n") != 3 {
		t.Fatalf("the row is still there:\n%s", s.contents())
	}
	var kept []string
	s.store(func(ctx context.Context, db *store.Store) {
		for a, err := range db.AuditOf(ctx, res.RunID) {
			if err != nil {
				t.Fatal(err)
			}
			if a.Action == plan.OpDelete && a.Before != nil {
				kept = append(kept, a.Field+"="+*a.Before)
			}
		}
	})
	if got := strings.Join(kept, " "); got != "Active=yes Email=p2@example.com First=First2 Last=Last2 Phone= id=2" {
		t.Errorf("of the row only this is kept: %s", got)
	}
	s.wantNothingToDo(2)
	if err := s.portal.Restore("contacts", id); err != nil {
		t.Fatal(err)
	}
	s.run() // the deletion withdraws itself
	if !strings.Contains(s.contents(), "2,p2@example.com,First2,Last2,") {
		t.Errorf("the row is not back:\n%s", s.contents())
	}
	s.wantNothingToDo(3)
}

// What was emptied in HubSpot before the record went comes back empty where that clears
// the cell, and as it was where a blank says nothing.
func TestARowThatIsPutBackHasWhatHubSpotEmptied(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, strings.Replace(twoWay, "property: firstname }", "property: firstname, blank: clear }", 1)+"delete: { record-gone: delete }\n", marked)
	s.yes = true
	s.run()
	id, _ := s.by("email", "p2@example.com")
	s.edit(id, "firstname", "", "lastname", "")
	if err := s.portal.Archive("contacts", id); err != nil {
		t.Fatal(err)
	}
	s.run()
	if err := s.portal.Restore("contacts", id); err != nil {
		t.Fatal(err)
	}
	s.run()
	if got := s.contents(); !strings.Contains(got, "2,p2@example.com,,Last2,") {
		t.Errorf("the row came back with what was emptied:\n%s", got)
	}
	s.wantNothingToDo(3)
}

// A plan that is applied reads the source again where another of its rows is to be written to HubSpot.
// An edit that it meets then, in a column that nothing maps, is no part of what the plan saw.
func TestARowThatWasEditedAfterThePlanIsNotDeletedByIt(t *testing.T) {
	t.Parallel()
	for _, asked := range []bool{false, true} {
		s := newStage(t, practice.Options{}, twoWay+"delete: { record-gone: delete }\n", marked)
		s.run()
		id, _ := s.by("email", "p2@example.com")
		if err := s.portal.Archive("contacts", id); err != nil {
			t.Fatal(err)
		}
		if s.yes = true; asked {
			s.replace("First2", "Edited")
			s.run()
			s.settle(plan.ChooseHubSpot, "")
		}
		s.replace("First1", "Other")
		res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Preview(ctx) })
		if err != nil || res.Counts.Updated != 2 {
			t.Fatalf("%+v, %v", res.Counts, err)
		}
		s.write(s.file, regexp.MustCompile(`(?m)^(2,.*),yes$`).ReplaceAllString(s.contents(), "$1,perhaps"))
		res, err = s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, res.PlanID) })
		if err != nil || !strings.Contains(s.contents(), "p2@example.com") || res.Counts.Conflict != 1 {
			t.Errorf("asked before: %t: %+v, %v\n%s", asked, res.Counts, err, s.contents())
		}
	}
}

func TestARowThatWasEditedWhileItsRecordWentIsAskedAbout(t *testing.T) {
	t.Parallel()
	for choice, want := range map[plan.Choice]struct{ records, rows int }{plan.ChooseSource: {3, 3}, plan.ChooseHubSpot: {2, 2}, plan.ChooseSkip: {2, 3}} {
		s := newStage(t, practice.Options{}, twoWay+"delete: { record-gone: delete }\n", marked)
		s.run()
		id, _ := s.by("email", "p2@example.com")
		if err := s.portal.Archive("contacts", id); err != nil {
			t.Fatal(err)
		}
		s.replace("First2", "Edited")
		s.yes = true
		if res := s.run(); res.Counts.Conflict != 1 {
			t.Fatalf("%+v", res.Counts)
		}
		s.settle(choice, "")
		s.run()
		if n := s.portal.Count("contacts"); n != want.records || strings.Count(s.contents(), "\n") != want.rows+1 {
			t.Errorf("%s: %d records,\n%s", choice, n, s.contents())
		}
		s.wantNothingToDo(want.rows)
	}
}

func TestARowThatReturnsAfterItsRecordWasArchivedIsAskedAbout(t *testing.T) {
	t.Parallel()
	for _, choice := range []plan.Choice{plan.ChooseSource, plan.ChooseHubSpot, ""} {
		s := newStage(t, practice.Options{}, archivingGone, people(3))
		s.run()
		id, _ := s.by("email", "p2@example-1.com")
		s.without(row2)
		s.run()
		if n := s.portal.Count("contacts"); n != 2 {
			t.Fatalf("%d contacts are left", n)
		}
		s.write(s.file, s.contents()+row2+"\n")
		if res := s.run(); res.Counts.Conflict != 1 || s.live()[0].Cause != plan.CauseReturned {
			t.Fatalf("%+v, %+v", res.Counts, s.live())
		}
		want := 3
		switch choice {
		case "": // a person restores the record instead
			if err := s.portal.Restore("contacts", id); err != nil {
				t.Fatal(err)
			}
		case plan.ChooseHubSpot:
			want = 2
			fallthrough
		default:
			s.settle(choice, "")
		}
		s.run()
		if n := s.portal.Count("contacts"); n != want {
			t.Errorf("%q: %d contacts, want %d", choice, n, want)
		}
		s.wantNothingToDo(3)
		if choice == plan.ChooseHubSpot { // it goes on to count when the record is restored
			if err := s.portal.Restore("contacts", id); err != nil {
				t.Fatal(err)
			}
			s.replace("First2", "New2")
			s.run()
			if p, _ := s.portal.Record("contacts", id); p["firstname"] != "New2" {
				t.Errorf("the restored record is %v", p)
			}
		}
	}
}

func TestARecordMadeAnewIsOfferedAsSuccessor(t *testing.T) {
	t.Parallel()
	for choice, want := range map[plan.Choice]string{plan.ChooseHubSpot: "New2", plan.ChooseSource: "First2"} {
		s := newStage(t, practice.Options{}, twoWay, people(3))
		s.run()
		id, _ := s.by("email", "p2@example-1.com")
		if err := s.portal.Archive("contacts", id); err != nil {
			t.Fatal(err)
		}
		next, err := s.portal.Create("contacts", map[string]string{"email": "p2@example-1.com", "firstname": "First2", "lastname": "Last2"})
		if err != nil {
			t.Fatal(err)
		}
		if res := s.run(); res.Counts.Conflict != 1 || s.live()[0].Cause != plan.CauseSuccessor {
			t.Fatalf("%+v, %+v", res.Counts, s.live())
		}
		s.settle(choice, "")
		s.run()
		s.replace("First2", "New2")
		s.run()
		if p, _ := s.portal.Record("contacts", next); p["firstname"] != want {
			t.Errorf("%s: the successor is %v", choice, p)
		}
		s.wantNothingToDo(3)
	}
}

// A deletion leaves every other byte of the file as it was.
func TestADeletionPreservesTheRestOfTheFile(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"windows lines": strings.ReplaceAll(marked, "\n", "\r\n"),
		"no last line":  strings.TrimSuffix(marked, "\n"),
		"quotes":        strings.ReplaceAll(marked, "First3", `"Fir""st, 3"`),
	} {
		for _, row := range []string{"1", "2", "3"} {
			s := newStage(t, practice.Options{}, twoWay+"delete: { record-gone: delete }\n", text)
			s.run()
			id, _ := s.by("email", "p"+row+"@example.com")
			if err := s.portal.Archive("contacts", id); err != nil {
				t.Fatal(err)
			}
			s.yes = true
			s.run()
			var want strings.Builder
			for _, line := range strings.SplitAfter(text, "\n") {
				if !strings.HasPrefix(line, row+",") {
					want.WriteString(line)
				}
			}
			if b, err := os.ReadFile(filepath.Join(s.dir, "customers.csv")); err != nil || string(b) != want.String() {
				t.Errorf("%s, row %s: %v\n%q, want\n%q", name, row, err, b, want.String())
			}
		}
	}
}

// A row that got a new key, beside another one with the same match value, waits
// in Review: nothing happens to its record until it is decided which row it is.
func TestTheRecordOfARowThatIsOneOfSeveralUnderNewKeysStays(t *testing.T) {
	t.Parallel()
	for _, what := range []string{"archive", "flag, flag-record: { property: jobtitle, value: Gone }"} {
		for _, choice := range []plan.Choice{plan.ChooseSource, plan.ChooseSkip} {
			t.Run(what+", "+string(choice), func(t *testing.T) {
				t.Parallel()
				s := newStage(t, practice.Options{}, twoWay+"delete: { row-gone: "+what+" }\n", people(3))
				s.yes = true
				s.run()
				id, _ := s.by("email", "p2@example-1.com")
				s.drop("2")
				s.write(s.file, s.contents()+"21,p2@example-1.com,First2,Last2,+49300000002\n22,p2@example-1.com,Other,Person,\n")
				for range 2 {
					res := s.run()
					if p, there := s.portal.Record("contacts", id); !there || p["jobtitle"] == "Gone" || len(s.conflicts()) != 2 || res.Counts.Conflict != 2 {
						t.Fatalf("there: %t, %v, %+v", there, p, res.Counts)
					}
				}
				var first []int64
				s.store(func(ctx context.Context, db *store.Store) {
					for _, c := range s.conflicts() {
						if c.RowKey == "21" || choice == plan.ChooseSkip {
							first = append(first, c.ID)
						}
					}
					if err := db.Decide(ctx, first, choice, "", "me"); err != nil {
						t.Fatal(err)
					}
				})
				s.run()
				s.run()
				p, there := s.portal.Record("contacts", id)
				if kept := there && p["jobtitle"] != "Gone"; kept != (choice == plan.ChooseSource) {
					t.Errorf("decided %s: there: %t, %v, waiting: %+v", choice, there, p, s.conflicts())
				}
			})
		}
	}
}
