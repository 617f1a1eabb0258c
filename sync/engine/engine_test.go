package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
)

func TestAFirstRunCreatesEveryRowAndASecondWritesNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(250))
	res := s.run()
	want := engine.Counts{Read: 250, Created: 250}
	if diff := cmp.Diff(want, res.Counts); diff != "" {
		t.Errorf("first run (-want +got)\n%s", diff)
	}
	if n := s.portal.Count("contacts"); n != 250 {
		t.Errorf("%d contacts, want 250", n)
	}
	writes := s.portal.Calls().Writes
	res = s.run()
	want = engine.Counts{Read: 250, Unchanged: 250}
	if diff := cmp.Diff(want, res.Counts); diff != "" {
		t.Errorf("second run (-want +got)\n%s", diff)
	}
	if n := s.portal.Calls().Writes - writes; n != 0 {
		t.Errorf("the second run made %d writes", n)
	}
}

func TestAFirstRunFillsBlanksAndAsksWhereValuesDiffer(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, "id,Email,First,Last,Phone\n1,ann@example.com,Ann,,+49301\n2,BOB@example.com,Bob,Stone,\n")
	ann, err := s.portal.Create("contacts", map[string]string{"email": "ann@example.com", "firstname": "Anna", "lastname": "Lee"})
	if err != nil {
		t.Fatal(err)
	}
	bob, err := s.portal.Create("contacts", map[string]string{"email": "bob@example.com", "firstname": "Bob", "lastname": "Stone", "phone": ""})
	if err != nil {
		t.Fatal(err)
	}
	res := s.run()
	if diff := cmp.Diff(engine.Counts{Read: 2, Conflict: 1, Unchanged: 1, SourceUpdated: 1}, res.Counts); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	p, _ := s.portal.Record("contacts", ann)
	if p["firstname"] != "Anna" || p["phone"] != "+49301" {
		t.Errorf("Ann is %v", p)
	}
	if !strings.Contains(s.contents(), "1,ann@example.com,Ann,Lee,") {
		t.Errorf("the file is\n%s", s.contents())
	}
	p, _ = s.portal.Record("contacts", bob)
	if p["email"] != "bob@example.com" {
		t.Errorf("Bob is %v", p)
	}
}

func TestOneSidedEditsFlowEqualOnesAreAgreedAndDifferentOnesWait(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(5))
	s.run()
	one, _ := s.by("email", "p1@example-0.com")
	two, _ := s.by("email", "p2@example-1.com")
	three, _ := s.by("email", "p3@example-2.com")
	four, _ := s.by("email", "p4@example-3.com")
	s.edit(one, "lastname", "FromHubSpot")
	s.replace("First2", "FromFile")
	s.replace("First3", "Same")
	s.edit(three, "firstname", "Same")
	s.replace("First4", "Mine")
	s.edit(four, "firstname", "Theirs", "lastname", "AlsoTheirs")

	res := s.run()
	if diff := cmp.Diff(engine.Counts{Read: 5, Updated: 2, Unchanged: 2, Conflict: 1, SourceUpdated: 2}, res.Counts); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if p, _ := s.portal.Record("contacts", two); p["firstname"] != "FromFile" {
		t.Errorf("row 2's edit did not flow: %v", p["firstname"])
	}
	if p, _ := s.portal.Record("contacts", four); p["firstname"] != "Theirs" {
		t.Errorf("a conflict was written over: %v", p["firstname"])
	}
	file := s.contents()
	for _, want := range []string{"FromHubSpot", "Mine,AlsoTheirs"} {
		if !strings.Contains(file, want) {
			t.Errorf("the file lacks %q:\n%s", want, file)
		}
	}

	if n := s.settle("hubspot", ""); n != 1 {
		t.Fatalf("%d conflicts, want 1", n)
	}
	if res = s.run(); res.Counts.Updated != 1 || res.Counts.Conflict != 0 {
		t.Errorf("after settling: %+v", res.Counts)
	}
	if !strings.Contains(s.contents(), "Theirs,AlsoTheirs") {
		t.Errorf("the choice was not carried out:\n%s", s.contents())
	}
	writes := s.portal.Calls().Writes
	if res = s.run(); res.Counts.Unchanged != 5 || s.portal.Calls().Writes != writes {
		t.Errorf("it did not converge: %+v", res.Counts)
	}
}

func TestADecisionMadeBeforeAnotherEditAsksAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(1))
	s.run()
	id, _ := s.by("email", "p1@example-0.com")
	s.replace("First1", "Mine")
	s.edit(id, "firstname", "Theirs")
	s.run()
	s.settle("source", "")
	s.edit(id, "firstname", "Unseen")
	if res := s.run(); res.Counts.Conflict != 1 {
		t.Errorf("%+v", res.Counts)
	}
	if p, _ := s.portal.Record("contacts", id); p["firstname"] != "Unseen" {
		t.Errorf("an edit that nobody has seen was overwritten: %v", p["firstname"])
	}
}

func TestAnEditBetweenPlanAndApplyBecomesAConflict(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(2))
	s.run()
	id, _ := s.by("email", "p1@example-0.com")
	s.replace("First1", "Mine")
	planned, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Preview(ctx) })
	if err != nil {
		t.Fatal(err)
	}
	s.edit(id, "firstname", "Unseen")
	res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, planned.PlanID) })
	if err != nil {
		t.Fatal(err)
	}
	if res.Counts.Conflict != 1 || res.Counts.Sum() != res.Counts.Read {
		t.Errorf("%+v", res.Counts)
	}
	if p, _ := s.portal.Record("contacts", id); p["firstname"] != "Unseen" {
		t.Errorf("an edit that nobody has seen was overwritten: %v", p["firstname"])
	}
}

func TestAddressesThatPeopleShareAreReportedAndNotMerged(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, "id,Email,First,Last,Phone\n1,both@example.com,Ann,A,\n2,both@example.com,Bob,B,\n3,,Cy,C,\n4,not an address,Di,D,\n")
	res := s.run()
	if diff := cmp.Diff(engine.Counts{Read: 4, Created: 1, Conflict: 2, Failed: 1}, res.Counts); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	again := s.portal.Calls().Writes
	if res = s.run(); res.Counts.Failed != 1 || s.portal.Calls().Writes != again {
		t.Errorf("what was refused was sent again unchanged: %+v", res.Counts)
	}
}

func TestAPlanBeyondItsGuardRailsWritesNothingUntilConfirmed(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay+"guards: { creates: 3 }\n", people(4))
	res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, "") })
	var guard *engine.GuardError
	if !errors.As(err, &guard) || s.portal.Count("contacts") != 0 || len(res.Guards) != 1 {
		t.Fatalf("got %v with %d contacts", err, s.portal.Count("contacts"))
	}
	s.yes = true
	if res := s.run(); res.Counts.Created != 4 {
		t.Errorf("%+v", res.Counts)
	}
}

func TestUndoRestoresWhatIsStillOursAndKeepsWhatIsNot(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	s.run()
	one, _ := s.by("email", "p1@example-0.com")
	two, _ := s.by("email", "p2@example-1.com")
	s.replace("First1", "New1")
	s.replace("First2", "New2")
	s.edit(two, "lastname", "Hub2")
	res := s.run()
	s.edit(one, "firstname", "Later")
	undone, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Undo(ctx, res.RunID) })
	if err != nil {
		t.Fatal(err)
	}
	if undone.Counts.Updated != 1 || undone.Counts.Skipped != 1 {
		t.Errorf("%+v", undone.Counts)
	}
	if p, _ := s.portal.Record("contacts", one); p["firstname"] != "Later" {
		t.Errorf("an edit made since was lost: %v", p["firstname"])
	}
	if p, _ := s.portal.Record("contacts", two); p["firstname"] != "First2" {
		t.Errorf("row 2 was not undone: %v", p["firstname"])
	}
	if !strings.Contains(s.contents(), "New2,Last2") {
		t.Errorf("the file was not undone:\n%s", s.contents())
	}
}

func TestUndoArchivesWhatTheRunCreated(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	s.yes = true // archiving asks
	res := s.run()
	if _, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Undo(ctx, res.RunID) }); err != nil {
		t.Fatal(err)
	}
	if n := s.portal.Count("contacts"); n != 0 {
		t.Errorf("%d contacts are left", n)
	}
	if res = s.run(); res.Counts.Created != 0 || res.Counts.Skipped != 3 {
		t.Errorf("the next run did it again: %+v", res.Counts)
	}
}

func TestAnArchivedRecordIsLeftAlone(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	s.run()
	id, _ := s.by("email", "p2@example-1.com")
	if err := s.portal.Archive("contacts", id); err != nil {
		t.Fatal(err)
	}
	s.replace("First2", "New2")
	if res := s.run(); res.Counts.Skipped != 1 || res.Counts.Unchanged != 2 {
		t.Errorf("%+v", res.Counts)
	}
}

func TestAMergedRecordIsFollowed(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	s.run()
	id, _ := s.by("email", "p2@example-1.com")
	other, err := s.portal.Create("contacts", map[string]string{"email": "other@example.com", "firstname": "O"})
	if err != nil {
		t.Fatal(err)
	}
	into, err := s.portal.Merge("contacts", id, other)
	if err != nil {
		t.Fatal(err)
	}
	s.replace("First2", "New2")
	s.run()
	if p, _ := s.portal.Record("contacts", into); p["firstname"] != "New2" {
		t.Errorf("the survivor %s is %v", into, p["firstname"])
	}
}

// The process is stopped at every point between durable steps; the next one
// must complete the work with nothing lost and nothing twice.
func TestAStopAnywhereLosesNothingAndDoublesNothing(t *testing.T) {
	t.Parallel()
	for stop := 1; ; stop++ {
		s := newStage(t, practice.Options{}, twoWay, people(120))
		s.run()
		s.replace("First7,", "New7,")
		id, _ := s.by("email", "p9@example-1.com")
		s.edit(id, "lastname", "Hub9")
		s.write(s.file, s.contents()+"121,new@example.com,New,Person,\n")

		point, stopped := s.stopAt(stop)
		if !stopped {
			t.Logf("%d points", stop-1)
			return
		}
		s.run()
		s.run()
		if n := s.portal.Count("contacts"); n != 121 {
			t.Fatalf("stopped at %d (%s): %d contacts, want 121", stop, point, n)
		}
		if _, p := s.by("email", "p7@example-6.com"); p["firstname"] != "New7" {
			t.Errorf("stopped at %d (%s): the file's edit is lost: %v", stop, point, p["firstname"])
		}
		if !strings.Contains(s.contents(), "Hub9") {
			t.Errorf("stopped at %d (%s): HubSpot's edit is lost", stop, point)
		}
		s.store(func(ctx context.Context, db *store.Store) {
			if n, err := db.OpenConflicts(ctx, 0); n != 0 || err != nil {
				t.Errorf("stopped at %d (%s): %d conflicts that nobody made, %v", stop, point, n, err)
			}
		})
	}
}
