package engine_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
)

const rowsOfRecords = `
syncline: 1
name: Customers
source: { kind: csv, path: customers.csv, key: [id] }
hubspot:
  object: contacts
  match: [ { field: Email, property: email } ]
direction: two-way
create: both
fields:
  - { field: id, property: jobtitle }
  - { field: Email, property: email }
  - { field: First, property: firstname }
`

// added is a stage on which a run has added the rows 77 and 78 of two records
// to the source.
func added(t *testing.T) (s *stage, run string, ids [2]string) {
	t.Helper()
	s = newStage(t, practice.Options{}, rowsOfRecords, "id,Email,First,Note\n1,one@example.com,One,\n")
	s.run()
	for i, key := range []string{"77", "78"} {
		id, err := s.portal.Create("contacts", map[string]string{"email": "r" + key + "@example.com", "jobtitle": key, "firstname": "R" + key})
		if err != nil {
			t.Fatal(err)
		}
		ids[i] = id
	}
	res := s.run()
	if res.Counts.SourceCreated != 2 {
		t.Fatalf("%+v", res.Counts)
	}
	return s, res.RunID, ids
}

// An undo takes the rows out again that the run added; what it took out stays
// out until the run is done again.
func TestAnUndoTakesRowsOutAgain(t *testing.T) {
	t.Parallel()
	s, run, _ := added(t)
	before := s.contents()
	preview, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
		return e.PreviewUndo(ctx, run, store.Part{})
	})
	if err != nil || preview.Counts.Updated != 2 || len(preview.Guards) != 1 || !strings.Contains(preview.Guards[0].Detail, "delete 2 rows") || s.contents() != before {
		t.Fatalf("%+v, %v, %v", preview.Counts, preview.Guards, err)
	}
	s.yes = true
	undone := s.undo(run)
	if got, want := s.contents(), "id,Email,First,Note\n1,one@example.com,One,\n"; got != want {
		t.Fatalf("the file is\n%s", got)
	}
	for range 2 {
		res := s.run()
		if diff := cmp.Diff(engine.Counts{Read: 3, Unchanged: 1, Skipped: 2}, res.Counts); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if it := s.items(res)["77"]; !strings.Contains(it.Reason, undone.RunID) {
			t.Errorf("the undo is not the reason: %q", it.Reason)
		}
	}
	if res := s.redo(run); res.Counts.SourceCreated != 2 || s.contents() != before {
		t.Errorf("%+v, the file is\n%s", res.Counts, s.contents())
	}
	if diff := cmp.Diff(engine.Counts{Read: 3, Unchanged: 3}, s.run().Counts); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// An undo of such an undo puts the rows back.
func TestAnUndoneUndoPutsRowsBack(t *testing.T) {
	t.Parallel()
	s, run, _ := added(t)
	before := s.contents()
	s.yes = true
	undone := s.undo(run)
	if res := s.undo(undone.RunID); res.Counts.Created != 2 || s.contents() != before {
		t.Fatalf("%+v, the file is\n%s", res.Counts, s.contents())
	}
	if diff := cmp.Diff(engine.Counts{Read: 3, Unchanged: 3}, s.run().Counts); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A row that the run added stays where anything about it changed since, also a
// cell that the sync does not map, also after the undo was planned.
func TestAnUndoKeepsRowsThatWereTouched(t *testing.T) {
	t.Parallel()
	for name, touch := range map[string]struct{ old, new, why string }{
		"a cell was edited":            {"77,r77@example.com,R77,", "77,r77@example.com,Rita,", "First was edited"},
		"a cell was emptied":           {"77,r77@example.com,R77,", "77,r77@example.com,,", "First was edited"},
		"a cell that is not mapped":    {"77,r77@example.com,R77,", "77,r77@example.com,R77,called", "Note was filled in"},
		"the row has left":             {"77,r77@example.com,R77,\n", "", "not in the source any more"},
		"another row has the same key": {"78,r78@example.com,R78,", "77,r78@example.com,R78,", "2 rows have the key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, run, _ := added(t)
			s.yes = true
			s.replace(touch.old, touch.new)
			undone := s.undo(run)
			if it := s.items(undone)["77"]; !strings.Contains(it.Reason, touch.why) {
				t.Errorf("%q", it.Reason)
			}
			if touch.new != "" && !strings.Contains(s.contents(), touch.new) {
				t.Errorf("the file is\n%s", s.contents())
			}
			if name != "another row has the same key" && strings.Contains(s.contents(), "78,") {
				t.Errorf("the other row was not taken out:\n%s", s.contents())
			}
		})
		t.Run(name+", after the plan", func(t *testing.T) {
			t.Parallel()
			s, run, _ := added(t)
			s.yes = true
			s.at = func(point string) {
				if point == "run-started" {
					s.replace(touch.old, touch.new)
				}
			}
			s.undo(run)
			if touch.new != "" && !strings.Contains(s.contents(), touch.new) {
				t.Errorf("the file is\n%s", s.contents())
			}
		})
	}
}

// An undo puts the rows back that the run deleted, with all their cells; they
// stay until the run is done again.
func TestAnUndoPutsDeletedRowsBack(t *testing.T) {
	t.Parallel()
	const rows = "id,Email,First,Last,Phone,Note\n1,p1@example.com,First1,Last1,,\n2,p2@example.com,First2,Last2,,a note\n"
	s := newStage(t, practice.Options{}, twoWay+"delete: { record-gone: delete }\n", rows)
	s.yes = true
	s.run()
	id, _ := s.by("email", "p2@example.com")
	if err := s.portal.Archive("contacts", id); err != nil {
		t.Fatal(err)
	}
	deleted := s.run()
	if strings.Contains(s.contents(), "p2@") {
		t.Fatalf("%+v, the file is\n%s", deleted.Counts, s.contents())
	}
	preview, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
		return e.PreviewUndo(ctx, deleted.RunID, store.Part{})
	})
	if err != nil || preview.Counts.Created != 1 || preview.Counts.SourceCreated != 1 {
		t.Errorf("%+v, %v", preview.Counts, err)
	}
	undone := s.undo(deleted.RunID)
	if s.contents() != rows {
		t.Fatalf("%+v, the file is\n%s", undone.Counts, s.contents())
	}
	for range 2 {
		res := s.run()
		if it := s.items(res)["2"]; res.Counts.Skipped != 1 || !strings.Contains(it.Reason, undone.RunID) || s.contents() != rows {
			t.Errorf("%+v, %q, the file is\n%s", res.Counts, it.Reason, s.contents())
		}
	}
	if s.redo(deleted.RunID); strings.Contains(s.contents(), "p2@") {
		t.Errorf("it was not done again:\n%s", s.contents())
	}
	s.undo(s.runs()[0])
	if err := s.portal.Restore("contacts", id); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(engine.Counts{Read: 2, Unchanged: 2}, s.run().Counts); diff != "" {
		t.Errorf("the record is back (-want +got)\n%s", diff)
	}
	s.replace("First2", "New2")
	if res := s.run(); res.Counts.Updated != 1 || res.Counts.Conflict != 0 {
		t.Errorf("%+v", res.Counts)
	}
}

// runs are the ids of all runs, the newest first.
func (s *stage) runs() (ids []string) {
	s.store(func(ctx context.Context, db *store.Store) {
		all, err := db.Runs(ctx, 0, 100)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, r := range all {
			ids = append(ids, r.ID)
		}
	})
	return ids
}

// A row with the key of a deleted one is not doubled by the undo.
func TestAnUndoPutsNoRowBesideAnotherOfItsKey(t *testing.T) {
	t.Parallel()
	const rows = "id,Email,First,Last,Phone\n1,p1@example.com,First1,Last1,\n2,p2@example.com,First2,Last2,\n"
	for _, late := range []bool{false, true} {
		s := newStage(t, practice.Options{}, twoWay+"delete: { record-gone: delete }\n", rows)
		s.yes = true
		s.run()
		id, _ := s.by("email", "p2@example.com")
		if err := s.portal.Archive("contacts", id); err != nil {
			t.Fatal(err)
		}
		deleted := s.run()
		again := func() { s.write(s.file, s.contents()+"2,other@example.com,Other,Other,\n") }
		if late {
			s.at = func(point string) {
				if point == "run-started" {
					again()
				}
			}
		} else {
			again()
		}
		s.undo(deleted.RunID)
		if got, want := s.contents(), "id,Email,First,Last,Phone\n1,p1@example.com,First1,Last1,\n2,other@example.com,Other,Other,\n"; got != want {
			t.Errorf("the file is\n%s", got)
		}
	}
}
