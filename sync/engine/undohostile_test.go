package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

// A value that a person typed goes to both sides. Once that is undone, and the run is to be
// done again, neither side's own value is taken for the other's.
func TestAnUndoneDecisionForBothSidesDoneAgainOverwritesNeither(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	s.run()
	id, _ := s.by("email", "p2@example-1.com")
	s.replace("First2", "Row2")
	s.edit(id, "firstname", "Hub2")
	s.run()
	s.settle(plan.ChooseValue, "Typed2")
	run := s.run()
	if p, _ := s.portal.Record("contacts", id); p["firstname"] != "Typed2" || !strings.Contains(s.contents(), "Typed2") {
		t.Fatalf("%v\n%s", p, s.contents())
	}
	s.undo(run.RunID)
	for _, again := range []bool{false, true} {
		if again {
			s.redo(run.RunID)
		} else {
			s.run()
		}
		if p, _ := s.portal.Record("contacts", id); p["firstname"] != "Hub2" || !strings.Contains(s.contents(), "Row2") {
			t.Errorf("again %t: %v\n%s", again, p["firstname"], s.contents())
		}
	}
	if all := s.conflicts(); len(all) != 1 || all[0].Property != "firstname" {
		t.Errorf("%+v", all)
	}
}

// The mark of a row whose record is gone is taken back by the undo of the run that set it,
// and stays off.
func TestAnUndoTakesMarksOff(t *testing.T) {
	t.Parallel()
	const rows = "id,Email,First,Last,Phone,State\n1,p1@example.com,First1,Last1,,\n2,p2@example.com,First2,Last2,,open\n"
	s := newStage(t, practice.Options{}, twoWay+"delete: { record-gone: flag, flag-row: { field: State, value: gone } }\n", rows)
	s.run()
	id, _ := s.by("email", "p2@example.com")
	if err := s.portal.Archive("contacts", id); err != nil {
		t.Fatal(err)
	}
	run := s.run()
	if !strings.Contains(s.contents(), "Last2,,gone") {
		t.Fatalf("%+v\n%s", run.Counts, s.contents())
	}
	undone := s.undo(run.RunID)
	if it := s.items(undone)["2"]; s.contents() != rows || it.Fate != plan.FateUpdated || it.Why() == "" {
		t.Errorf("%+v, %s %q, the file is\n%s", undone.Counts, it.Fate, it.Why(), s.contents())
	}
	for range 2 {
		if res := s.run(); s.contents() != rows || res.Counts.Skipped != 1 {
			t.Errorf("%+v, the file is\n%s", res.Counts, s.contents())
		}
	}
	if res := s.redo(run.RunID); !strings.Contains(s.contents(), "Last2,,gone") {
		t.Errorf("done again: %+v, the file is\n%s", res.Counts, s.contents())
	}
	if err := s.portal.Restore("contacts", id); err != nil {
		t.Fatal(err)
	}
	if s.run(); s.contents() != rows {
		t.Errorf("the record is back, the file is\n%s", s.contents())
	}
}

// So is that of a record whose row is gone.
func TestAnUndoTakesMarksOffRecords(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay+"  - { property: jobtitle, constant: customer }\n"+"delete: { row-gone: flag, flag-record: { property: jobtitle, value: gone } }\n", people(3))
	s.run()
	id, _ := s.by("email", "p2@example-1.com")
	title := func() string { p, _ := s.portal.Record("contacts", id); return p["jobtitle"] }
	before := title()
	s.drop("2")
	run := s.run()
	if title() != "gone" {
		t.Fatalf("%+v, %q", run.Counts, title())
	}
	if undone := s.undo(run.RunID); title() != before || undone.Counts.Updated != 1 {
		t.Errorf("%+v, %q", undone.Counts, title())
	}
	for range 2 {
		res := s.run()
		if it := s.items(res)["2"]; title() != before || !strings.Contains(it.Why(), "taken back by the undo") {
			t.Errorf("%q: %s %q", title(), it.Fate, it.Why())
		}
	}
	if res := s.redo(run.RunID); title() != "gone" {
		t.Errorf("done again: %+v, %q", res.Counts, title())
	}
}

// Of a column that is not in the source any more nothing is put back, and it is said.
func TestAnUndoSaysThatAColumnIsGone(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(2))
	s.run()
	id, _ := s.by("email", "p2@example-1.com")
	s.edit(id, "lastname", "Hub2", "firstname", "Hub2")
	run := s.run()
	s.write(s.def, strings.Replace(twoWay, "  - { field: Last, property: lastname }\n", "", 1))
	s.write(s.file, "id,Email,First,Phone\n1,p1@example-0.com,First1,+49300000001\n2,p2@example-1.com,Hub2,+49300000002\n")
	undone := s.undo(run.RunID)
	if it := s.items(undone)["2"]; it.Fate != plan.FateUpdated || !strings.Contains(it.Why(), "no column Last any more") || !strings.Contains(s.contents(), "2,p2@example-1.com,First2,") {
		t.Errorf("%s %q, the file is\n%s", it.Fate, it.Why(), s.contents())
	}
}

// An undo that was cut off is not gone on with by another field map: undone once more, it
// takes back what is left, and says of the rest that it is so already.
func TestAnUndoThatWasCutOffAndRemappedIsPlannedAnew(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(2))
	s.run()
	id, _ := s.by("email", "p2@example-1.com")
	s.edit(id, "lastname", "Hub2")
	s.replace("First1", "New1")
	run := s.run()
	undo := func() (engine.Result, error) {
		return s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Undo(ctx, run.RunID) })
	}
	if _, stopped := s.stopWhenIn(func(p string) bool { return p == "outcome" }, 1, undo); !stopped {
		t.Fatal("it was not cut off")
	}
	s.write(s.def, strings.Replace(twoWay, "field: Last, property: lastname", "field: Last, property: lastname, direction: from-hubspot", 1))
	res, err := undo()
	if err != nil || !strings.Contains(s.contents(), "2,p2@example-1.com,First2,Last2") || len(res.Notes) > 0 {
		t.Errorf("%+v, %v, %q\n%s", res.Counts, err, res.Notes, s.contents())
	}
	if it := s.items(res)["1"]; !strings.Contains(it.Why(), "again, as before the run") {
		t.Errorf("%q", it.Why())
	}
}

// A row is named by the key that it has.
func TestAPartOfAnUndoIsNamedByTheKeysOfToday(t *testing.T) {
	t.Parallel()
	s, run, id := newName(t, twoWay)
	s.replace("\n2,p2", "\n02,p2")
	s.run()
	res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
		return e.UndoPart(ctx, run, store.Part{Rows: []string{"02"}})
	})
	if p, _ := s.portal.Record("contacts", id); err != nil || res.Counts.Updated != 1 || p["firstname"] != "First2" {
		t.Errorf("%+v, %v, %v", res.Counts, err, p)
	}
}

// While the file is open elsewhere an undo does what it can and says what it could not; the
// next takes the rest back.
func TestAnUndoOfALockedFileSaysSoAndGoesOn(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(2))
	s.run()
	id, _ := s.by("email", "p2@example-1.com")
	s.edit(id, "lastname", "Hub2")
	s.replace("First2", "New2")
	run := s.run()
	lock := filepath.Join(s.dir, "~$customers.csv")
	s.write(lock, "x")
	undone := s.undo(run.RunID)
	if it := s.items(undone)["2"]; undone.Counts.Failed != 1 || it.Why() == "" {
		t.Errorf("%+v, %q", undone.Counts, it.Why())
	}
	if err := os.Remove(lock); err != nil {
		t.Fatal(err)
	}
	s.run()
	if p, _ := s.portal.Record("contacts", id); p["firstname"] != "First2" || p["lastname"] != "Hub2" {
		t.Errorf("%v", p)
	}
	s.undo(run.RunID)
	s.run()
	if p, _ := s.portal.Record("contacts", id); p["firstname"] != "First2" || p["lastname"] != "Hub2" || !strings.Contains(s.contents(), "New2,Last2") {
		t.Errorf("%v\n%s", p, s.contents())
	}
}

// Where several rows have the key by now, the undo can't tell which one the run wrote.
func TestAnUndoWritesToNoneOfSeveralRowsOfAKey(t *testing.T) {
	t.Parallel()
	for _, late := range []bool{false, true} {
		s := newStage(t, practice.Options{}, twoWay, people(2))
		s.run()
		id, _ := s.by("email", "p2@example-1.com")
		s.edit(id, "lastname", "Hub2")
		run := s.run()
		want := strings.Replace(s.contents(), "1,p1@", "2,other@example.com,Other,Hub2,\n1,p1@", 1)
		if late {
			s.at = func(point string) {
				if point == "run-started" {
					s.write(s.file, want)
				}
			}
		} else {
			s.write(s.file, want)
		}
		undone := s.undo(run.RunID)
		s.at = nil
		if it := s.items(undone)["2"]; s.contents() != want || it.Came() == plan.FateUpdated || it.Why() == "" {
			t.Errorf("late %t: %s %q, the file is\n%s", late, it.Came(), it.Why(), s.contents())
		}
	}
}

// A unique value that another record has by now can't go back, which is said. The row stays as
// a whole, since whose it is is open, and so it does in the next run.
func TestAnUndoSaysThatAUniqueValueIsTaken(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	s.run()
	id, _ := s.by("email", "p2@example-1.com")
	s.replace("p2@example-1.com,First2", "new@example.com,New2")
	s.replace("First3", "New3")
	run := s.run()
	if _, err := s.portal.Create("contacts", map[string]string{"email": "p2@example-1.com"}); err != nil {
		t.Fatal(err)
	}
	undone := s.undo(run.RunID)
	p, _ := s.portal.Record("contacts", id)
	if it := s.items(undone)["2"]; p["email"] != "new@example.com" || p["firstname"] != "New2" || it.Came() != plan.FateFailed || !strings.Contains(it.Why(), "Email") {
		t.Errorf("%v, %s %q", p, it.Came(), it.Why())
	}
	if _, p := s.by("email", "p3@example-2.com"); p["firstname"] != "First3" {
		t.Errorf("%v", p)
	}
	s.run()
	if p, _ := s.portal.Record("contacts", id); p["firstname"] != "New2" || p["email"] != "new@example.com" || !strings.Contains(s.contents(), "2,new@example.com,New2") {
		t.Errorf("the next run: %v\n%s", p, s.contents())
	}
}

// A field that an undone run had brought from HubSpot and that is edited on both sides since
// waits like any other.
func TestAnUndoneFieldThatBothSidesEditWaits(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(2))
	s.run()
	id, _ := s.by("email", "p2@example-1.com")
	s.edit(id, "lastname", "Hub2")
	run := s.run()
	s.undo(run.RunID)
	s.edit(id, "lastname", "Hub3")
	s.replace("First2,Last2", "First2,Row3")
	for range 2 {
		if res := s.run(); res.Counts.Conflict != 1 || !strings.Contains(s.contents(), "Row3") {
			t.Errorf("%+v\n%s", res.Counts, s.contents())
		}
	}
	if p, _ := s.portal.Record("contacts", id); p["lastname"] != "Hub3" {
		t.Errorf("%v", p)
	}
}
