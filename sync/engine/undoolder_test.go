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

// newName is a stage on which the second of some runs brought a new name of row 2 to HubSpot.
func newName(t *testing.T, def string) (s *stage, run, id string) {
	t.Helper()
	s = newStage(t, practice.Options{}, def, people(3))
	s.yes = true
	s.run()
	s.replace("First2", "New2")
	run = s.run().RunID
	id, _ = s.by("email", "p2@example-1.com")
	return s, run, id
}

// A row that has a new key since a run keeps it, and its record, when that run is undone.
func TestAnUndoOfAnOlderRunLeavesARowItsNewKey(t *testing.T) {
	t.Parallel()
	s, run, id := newName(t, twoWay)
	s.replace("\n2,p2", "\n02,p2")
	s.run()
	if undone := s.undo(run); undone.Counts.Updated != 1 {
		t.Errorf("%+v", undone.Counts)
	}
	for range 2 {
		res := s.run()
		if it := s.items(res)["02"]; res.Counts.Skipped != 1 || !strings.Contains(it.Reason, "taken back by the undo") || len(res.Notes) > 0 {
			t.Errorf("%+v, %+v, %q", res.Counts, it, res.Notes)
		}
	}
	s.edit(id, "lastname", "Hub2")
	if res := s.run(); !strings.Contains(s.contents(), "02,p2@example-1.com,New2,Hub2") {
		t.Errorf("%+v, the file is\n%s", res.Counts, s.contents())
	}
}

// A field that comes from another column since: the undo of the older run brings back what
// each side held, and nothing is agreed on by that.
func TestAnUndoOfARunBeforeARemapAgreesOnNothing(t *testing.T) {
	t.Parallel()
	for name, reached := range map[string][]string{"no run since": nil, "a run reached neither": {"3"}, "a run reached both": {"1", "2"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, strings.Replace(remapped, "field: Mobile", "field: Last", 1),
				"id,Email,First,Last,Mobile\n1,a@example.com,A,Miller,M1\n2,b@example.com,B,Smith,M2\n3,c@example.com,C,Brown,Brown\n")
			s.run()
			s.replace("Smith", "Jones")
			one := s.run().RunID
			id, _ := s.by("email", "a@example.com")
			s.edit(id, "lastname", "Hub1")
			two := s.run().RunID
			s.write(s.def, remapped)
			if reached != nil { // as far as the file lets it
				lock := filepath.Join(s.dir, "~$customers.csv")
				s.write(lock, "x")
				if _, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Retry(ctx, reached) }); err != nil {
					t.Fatal(err)
				}
				if err := os.Remove(lock); err != nil {
					t.Fatal(err)
				}
			}
			s.undo(one)
			s.undo(two)
			if !strings.Contains(s.contents(), "A,Miller,M1") {
				t.Errorf("the cell was not put back:\n%s", s.contents())
			}
			s.run() // HubSpot wins where the two never agreed
			if !strings.Contains(s.contents(), "A,Miller,Hub1") || !strings.Contains(s.contents(), "B,Jones,Smith") {
				t.Errorf("the file is\n%s", s.contents())
			}
			for email, want := range map[string]string{"a@example.com": "Hub1", "b@example.com": "Smith"} {
				if _, p := s.by("email", email); p["lastname"] != want {
					t.Errorf("%s has %q", email, p["lastname"])
				}
			}
		})
	}
}

// The rows are known by another column since: a row that has the key of another one is not
// taken for it, and the undo says so, until a run has found which is which.
func TestAnUndoOfARunBeforeANewKeyColumnWritesToNoOtherRow(t *testing.T) {
	t.Parallel()
	for name, nr := range map[string][2]string{"with the keys of others": {"2", "1"}, "with keys of their own": {"n1", "n2"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, twoWay, "id,Email,First,Last,Phone,Nr\n1,a@example.com,A,Same,,"+nr[0]+"\n2,b@example.com,B,Other,,"+nr[1]+"\n")
			s.run()
			for _, email := range []string{"a@example.com", "b@example.com"} {
				id, _ := s.by("email", email)
				s.edit(id, "lastname", "Hub")
			}
			run := s.run().RunID
			before := s.contents()
			s.write(s.def, strings.Replace(twoWay, "key: [id]", "key: [Nr]", 1))
			for key, it := range s.items(s.undo(run)) {
				if it.Fate != plan.FateSkipped || !strings.Contains(it.Why(), `known by "Nr" since, and were by "id"`) {
					t.Errorf("%s: %s, %s", key, it.Fate, it.Why())
				}
			}
			if s.contents() != before {
				t.Fatalf("the file is\n%s", s.contents())
			}
			s.run()
			undone := s.undo(run)
			if name == "with keys of their own" && (undone.Counts.Updated != 2 || !strings.Contains(s.contents(), "A,Same,,n1\n2,b@example.com,B,Other,,n2")) ||
				name != "with keys of their own" && (undone.Counts.Skipped != 2 || s.contents() != before) {
				t.Errorf("%+v, the file is\n%s", undone.Counts, s.contents())
			}
		})
	}
}

// A record of which a person decided that it goes on without a row: the undo of an older run
// brings back its value, and touches no pair that was made since.
func TestAnUndoOfAnOlderRunLeavesLaterPairsAlone(t *testing.T) {
	t.Parallel()
	for _, later := range []bool{false, true} {
		s := newStage(t, practice.Options{}, twoWay+"delete: { row-gone: archive }\n", people(3))
		s.yes = true
		s.run()
		s.replace("First3", "New3")
		run := s.run().RunID
		id, _ := s.by("email", "p3@example-2.com")
		s.edit(id, "lastname", "Hub3")
		s.replace("3,p3@example-2.com,New3,Last3,+49300000003\n", "")
		s.run()
		s.settle(plan.ChooseHubSpot, "")
		s.run()
		if later {
			s.write(s.file, s.contents()+"9,p9@example.com,First9,Last9,\n")
			s.run()
		}
		undone := s.undo(run)
		if p, _ := s.portal.Record("contacts", id); undone.Counts.Updated != 1 || p["firstname"] != "First3" || p["lastname"] != "Hub3" {
			t.Errorf("%+v, %v", undone.Counts, p)
		}
		if again := s.undo(undone.RunID); again.Counts.Updated != 1 {
			t.Errorf("undone: %+v", again.Counts)
		}
		if !later {
			s.wantNothingToDo(2)
			continue
		}
		s.wantNothingToDo(3)
		s.replace("First9", "New9")
		if res := s.run(); res.Counts.Updated != 1 || s.portal.Count("contacts") != 4 {
			t.Errorf("%+v, %d contacts", res.Counts, s.portal.Count("contacts"))
		}
		if _, p := s.by("email", "p9@example.com"); p["firstname"] != "New9" {
			t.Errorf("%v", p)
		}
	}
}

// What an undo of a load archived and a later run made anew is that run's.
func TestASecondUndoOfALoadLeavesWhatWasMadeAnew(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	s.yes = true
	load := s.run()
	s.undo(load.RunID)
	s.redo(load.RunID)
	if n := s.portal.Count("contacts"); n != 3 {
		t.Fatalf("%d contacts", n)
	}
	if undone := s.undo(load.RunID); undone.Counts.Archived != 0 || s.portal.Count("contacts") != 3 {
		t.Errorf("%+v, %d contacts", undone.Counts, s.portal.Count("contacts"))
	}
	s.wantNothingToDo(3)
	s.replace("First2", "New2")
	if res := s.run(); res.Counts.Updated != 1 {
		t.Errorf("%+v", res.Counts)
	}
}

// A row that is left out since, because another has its key, is written by the undo of an
// older run as far as it can be told, and joined with nothing.
func TestAnUndoOfAnOlderRunWritesToWhatIsNoPairAnyMore(t *testing.T) {
	t.Parallel()
	s, run, id := newName(t, twoWay)
	s.write(s.file, s.contents()+"2,other@example.com,Other,Other,\n")
	s.run()
	s.settle(plan.ChooseSkip, "")
	s.run()
	undone := s.undo(run)
	if p, _ := s.portal.Record("contacts", id); undone.Counts.Updated != 1 || p["firstname"] != "First2" {
		t.Errorf("%+v, %v", undone.Counts, p)
	}
	if again := s.undo(undone.RunID); again.Counts.Updated != 1 {
		t.Errorf("undone: %+v", again.Counts)
	}
	if p, _ := s.portal.Record("contacts", id); p["firstname"] != "New2" {
		t.Errorf("undone: %v", p)
	}
}

// A row that came to have another key goes on being taken back under it, and what runs wrote
// to its record under either is no edit of anybody.
func TestALoadThatWasUndoneStaysSoUnderANewKey(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	s.yes = true
	load := s.run()
	s.replace("\n2,p2", "\n02,p2")
	s.run()
	s.replace("First2", "New2")
	change := s.run()
	preview, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
		return e.PreviewUndo(ctx, load.RunID, store.Part{})
	})
	if why := s.items(preview)["02"].Why(); err != nil || !strings.Contains(why, "written by the later run "+change.RunID) {
		t.Errorf("%q, %v", why, err)
	}
	s.undo(change.RunID)
	if undone := s.undo(load.RunID); undone.Counts.Archived != 3 {
		t.Fatalf("%+v", undone.Counts)
	}
	if res := s.run(); res.Counts.Skipped != 3 || s.portal.Count("contacts") != 0 {
		t.Errorf("%+v", res.Counts)
	}
	if s.redo(load.RunID); s.portal.Count("contacts") != 3 {
		t.Errorf("%d contacts", s.portal.Count("contacts"))
	}
}
