package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

// bothWays is a stage on which a run wrote to both sides: it changed a record and a row, made
// a record and a row, and the id of the changed record and of the changed row's.
func bothWays(t *testing.T) (s *stage, run, changed, other string) {
	t.Helper()
	s = newStage(t, practice.Options{}, rowsOfRecords, "id,Email,First,Note\n1,one@example.com,One,\n2,two@example.com,Two,keep\n")
	s.yes = true
	s.run()
	changed, _ = s.by("email", "one@example.com")
	other, _ = s.by("email", "two@example.com")
	s.replace("One", "New1")
	s.edit(other, "firstname", "Hub2")
	if _, err := s.portal.Create("contacts", map[string]string{"email": "r77@example.com", "jobtitle": "77", "firstname": "R77"}); err != nil {
		t.Fatal(err)
	}
	s.write(s.file, s.contents()+"3,three@example.com,Three,\n")
	run = s.run().RunID
	if !strings.Contains(s.contents(), "Hub2") || !strings.Contains(s.contents(), "77,") || s.portal.Count("contacts") != 4 {
		t.Fatalf("the run came to\n%s", s.contents())
	}
	return s, run, changed, other
}

// Wherever an undo is cut off, and whatever people edit before it goes on, it comes out as if
// it had not been, and their edits stay.
func TestAnUndoThatIsCutOffAnywhereComesOutWhole(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("kills an undo at each of its points")
	}
	for i := 1; ; i++ {
		n := 3*i - 1 // of the points that follow each other closely, one
		s, run, changed, other := bothWays(t)
		undo := func() (engine.Result, error) {
			return s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Undo(ctx, run) })
		}
		point, stopped := s.stopWhenIn(func(string) bool { return true }, n, undo)
		if !stopped {
			break
		}
		s.edit(other, "email", "person@example.com")
		if i%2 == 0 {
			s.replace(",keep\n", ",kept\n")
		}
		if i%3 == 0 {
			s.run() // it goes on with what was cut off
		}
		_, err := undo()
		var refused *engine.SetupError
		if err != nil && !errors.As(err, &refused) {
			t.Fatalf("cut off at %s (%d): %v", point, n, err)
		}
		s.run()
		note := "keep"
		if i%2 == 0 {
			note = "kept"
		}
		want := "id,Email,First,Note\n1,one@example.com,New1,\n2,person@example.com,Two," + note + "\n3,three@example.com,Three,\n"
		p, _ := s.portal.Record("contacts", changed)
		q, _ := s.portal.Record("contacts", other)
		if s.contents() != want || p["firstname"] != "One" || q["firstname"] != "Hub2" || q["email"] != "person@example.com" || s.portal.Count("contacts") != 3 {
			t.Errorf("cut off at %s (%d): %q, %q, %q, %d contacts, the file is\n%s", point, n, p["firstname"], q["firstname"], q["email"], s.portal.Count("contacts"), s.contents())
		}
	}
}

// What people do between the preview of an undo and its approval stays, and is listed.
func TestAnApprovedUndoKeepsWhatWasEditedSinceItsPreview(t *testing.T) {
	t.Parallel()
	s, run, changed, _ := bothWays(t)
	preview, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
		return e.PreviewUndo(ctx, run, store.Part{})
	})
	if err != nil {
		t.Fatal(err)
	}
	three, _ := s.by("email", "three@example.com")
	s.edit(changed, "firstname", "Mine1")
	s.edit(three, "firstname", "Mine3")
	s.replace("Hub2,keep", "Mine2,keep")
	s.replace("77,r77@example.com,R77,", "77,r77@example.com,R77,called")
	before := s.contents()
	res := s.apply(preview.PlanID)
	if s.contents() != before || s.portal.Count("contacts") != 4 || res.Counts.Skipped != 4 || res.Counts.Updated != 0 {
		t.Errorf("%+v, %d contacts, the file is\n%s", res.Counts, s.portal.Count("contacts"), s.contents())
	}
	for key, it := range s.items(res) {
		if it.Came() != plan.FateSkipped || !strings.Contains(it.Why(), "stays") {
			t.Errorf("%s: %s %q", key, it.Came(), it.Why())
		}
	}
	if p, _ := s.portal.Record("contacts", changed); p["firstname"] != "Mine1" {
		t.Errorf("%v", p)
	}
}

// An association that an undo can't make again, since its other end is gone, is said, and
// nothing else of the undo waits for it.
func TestAnUndoSaysWhichAssociationsCantBeMadeAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, strings.Replace(peopleOfCompanies, "    label: Primary\n", "", 1), staff)
	s.yes = true
	s.run()
	s.replace("3,cy@example.com,beta.org", "3,cy@example.com,acme.com")
	s.replace("2,bob@example.com,ACME.com", "2,bob@example.com,")
	run := s.run()
	if run.Counts.Dissociated == 0 {
		t.Fatalf("%+v %q", run.Counts, s.edges())
	}
	if err := s.portal.Archive("companies", s.named("companies", "domain", "beta.org")); err != nil {
		t.Fatal(err)
	}
	undone := s.undo(run.RunID)
	joined := strings.Join(s.edges(), "; ")
	if !strings.Contains(joined, "bob@example.com acme.com") || strings.Contains(joined, "cy@example.com acme.com") {
		t.Errorf("%+v, %q", undone.Counts, joined)
	}
	s.store(func(ctx context.Context, db *store.Store) {
		for it, err := range db.Items(ctx, undone.PlanID) {
			if err != nil {
				t.Fatal(err)
			}
			if it.Came() == plan.FateToDo || it.Came() == "" || it.Why() == "" {
				t.Errorf("%+v", it)
			}
		}
	})
	before := joined
	if res := s.run(); strings.Join(s.edges(), "; ") != before {
		t.Errorf("the next run made %q of %q: %+v", s.edges(), before, res.Counts)
	}
}
