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
	"syncline/sync/plan"
)

// undo reverts a run, with the confirmation that archiving asks for.
func (s *stage) undo(runID string) engine.Result {
	s.t.Helper()
	res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
		e.Confirmed = true
		return e.Undo(ctx, runID)
	})
	if err != nil {
		s.t.Fatalf("undo: %v", err)
	}
	if res.Counts.Sum() != res.Counts.Read {
		s.t.Errorf("the fates do not add up: %+v", res.Counts)
	}
	return res
}

// items are those of a result's plan, by row key.
func (s *stage) items(res engine.Result) map[string]plan.Item {
	s.t.Helper()
	all := map[string]plan.Item{}
	s.store(func(ctx context.Context, db *store.Store) {
		for it, err := range db.Items(ctx, res.PlanID) {
			if err != nil {
				s.t.Fatal(err)
			}
			all[it.RowKey] = it
		}
	})
	return all
}

// A record that a run created is archived by its undo only if nothing at all
// about it changed since.
func TestUndoArchivesOnlyWhatNobodyTouched(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		touch func(s *stage, id string)
		why   string
	}{
		{"a blank cell was filled", func(s *stage, id string) { s.edit(id, "phone", "+49 30 1") }, "Phone"},
		{"a property that is not mapped was set", func(s *stage, id string) { s.edit(id, "jobtitle", "Director") }, "Job Title"},
		{"a value was set and set back", func(s *stage, id string) { s.edit(id, "firstname", "X"); s.edit(id, "firstname", "First2") }, "First"},
		{"it was associated", func(s *stage, id string) {
			firm, err := s.portal.Create("companies", map[string]string{"name": "Acme"})
			if err == nil {
				err = s.portal.Associate("contacts", id, "companies", firm, "")
			}
			if err != nil {
				s.t.Fatal(err)
			}
		}, "company"},
		{"a note was written", func(s *stage, id string) {
			note, err := s.portal.Create("notes", map[string]string{"hs_note_body": "Called", "hs_timestamp": "2026-11-29T08:00:00Z"})
			if err == nil {
				err = s.portal.Associate("contacts", id, "notes", note, "")
			}
			if err != nil {
				s.t.Fatal(err)
			}
		}, "note"},
	} {
		for _, keepsDate := range []bool{false, true} {
			t.Run(tc.name, func(t *testing.T) {
				t.Parallel()
				s := newStage(t, practice.Options{Switches: practice.Switches{AssociationsKeepDate: keepsDate}}, twoWay, strings.ReplaceAll(people(4), ",+49300000002", ","))
				res := s.run()
				id, _ := s.by("email", "p2@example-1.com")
				tc.touch(s, id)
				undone := s.undo(res.RunID)
				if diff := cmp.Diff(engine.Counts{Read: 4, Updated: 3, Skipped: 1, Archived: 3}, undone.Counts); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
				if _, ok := s.portal.Record("contacts", id); !ok {
					t.Error("a record that somebody had touched was archived")
				}
				if why := s.items(undone)["2"].Why(); !strings.Contains(why, tc.why) {
					t.Errorf("the reason does not name it: %q", why)
				}
				if n := s.portal.Count("contacts"); n != 1 {
					t.Errorf("%d contacts are left", n)
				}
			})
		}
	}
}

// What a person does between the plan of an undo and its write counts as well.
func TestUndoLooksAgainRightBeforeItArchives(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"edit", "note"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, twoWay, people(3))
			res := s.run()
			id, _ := s.by("email", "p2@example-1.com")
			s.at = func(point string) {
				if point != "run-started" {
					return
				}
				if how == "edit" {
					s.edit(id, "jobtitle", "Director")
					return
				}
				note, err := s.portal.Create("notes", map[string]string{"hs_note_body": "Called", "hs_timestamp": "2026-11-29T08:00:00Z"})
				if err == nil {
					err = s.portal.Associate("contacts", id, "notes", note, "")
				}
				if err != nil {
					t.Error(err)
				}
			}
			undone := s.undo(res.RunID)
			s.at = nil
			if _, ok := s.portal.Record("contacts", id); !ok || undone.Counts.Archived != 2 || undone.Counts.Skipped != 1 {
				t.Errorf("there: %t, %+v", ok, undone.Counts)
			}
			if why := s.items(undone)["2"].Why(); !strings.Contains(why, "stays") {
				t.Errorf("the reason is %q", why)
			}
			// It stays linked, and nothing is left to do.
			if res := s.run(); res.Counts.Unchanged != 1 || res.Counts.Skipped != 2 {
				t.Errorf("%+v", res.Counts)
			}
		})
	}
}

// What HubSpot itself computes after a create is nobody's edit.
func TestWhatHubSpotComputesKeepsNoRecord(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(2))
	res := s.run()
	id, _ := s.by("email", "p1@example-0.com")
	// An association that is no more leaves a later date and new counts behind.
	firm, err := s.portal.Create("companies", map[string]string{"name": "Acme"})
	if err == nil {
		err = s.portal.Associate("contacts", id, "companies", firm, "")
	}
	if err == nil {
		err = s.portal.Dissociate("contacts", id, "companies", firm, "")
	}
	if err != nil {
		t.Fatal(err)
	}
	if undone := s.undo(res.RunID); undone.Counts.Archived != 2 {
		t.Errorf("%+v", undone.Counts)
	}
}

func TestUndoAsksBeforeItArchives(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	res := s.run()
	_, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Undo(ctx, res.RunID) })
	var guard *engine.GuardError
	if !errors.As(err, &guard) || s.portal.Count("contacts") != 3 || !strings.Contains(err.Error(), "archive 3 records") {
		t.Fatalf("got %v with %d contacts", err, s.portal.Count("contacts"))
	}
	s.replace("First1", "New1")
	res = s.run()
	if _, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Undo(ctx, res.RunID) }); err != nil {
		t.Errorf("an undo that archives nothing asked: %v", err)
	}
}

func TestUndoLeavesTheAttentionListAlone(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3)+"4,not an address,Di,D,\n")
	s.run()
	s.replace("First1", "New1")
	res := s.run()
	before := s.attention()
	if len(before) != 1 {
		t.Fatalf("%d rows need attention, want 1", len(before))
	}
	s.undo(res.RunID)
	if diff := cmp.Diff(before, s.attention()); diff != "" {
		t.Errorf("(-before +after)\n%s", diff)
	}
}

// A load that was undone is not done again by itself: only a row that changed
// since is loaded.
func TestAnUndoneCreateWaitsUntilItsRowChanges(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	res := s.run()
	undo := s.undo(res.RunID)
	for range 2 {
		again := s.run()
		if diff := cmp.Diff(engine.Counts{Read: 3, Skipped: 3}, again.Counts); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if why := s.items(again)["1"].Why(); !strings.Contains(why, undo.RunID) {
			t.Errorf("the undo is not the reason: %q", why)
		}
	}
	s.replace("First2", "New2")
	if res := s.run(); res.Counts.Created != 1 || res.Counts.Skipped != 2 || s.portal.Count("contacts") != 1 {
		t.Errorf("%+v", res.Counts)
	}
	if res := s.run(); res.Counts.Unchanged != 1 || res.Counts.Skipped != 2 {
		t.Errorf("%+v", res.Counts)
	}
}

func (s *stage) redo(runID string) engine.Result {
	s.t.Helper()
	res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
		if err := e.Redo(ctx, runID); err != nil {
			return engine.Result{}, err
		}
		return e.Run(ctx, "")
	})
	if err != nil {
		s.t.Fatalf("redo: %v", err)
	}
	return res
}

func TestAnUndoneLoadCanBeDoneAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	res := s.run()
	s.undo(res.RunID)
	s.run()
	if again := s.redo(res.RunID); again.Counts.Created != 3 || s.portal.Count("contacts") != 3 {
		t.Errorf("%+v, %d contacts", again.Counts, s.portal.Count("contacts"))
	}
	if res := s.run(); res.Counts.Unchanged != 3 {
		t.Errorf("%+v", res.Counts)
	}
	_, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
		return engine.Result{}, e.Redo(ctx, res.RunID)
	})
	var setup *engine.SetupError
	if !errors.As(err, &setup) {
		t.Errorf("a run of which nothing is taken back is done again: %v", err)
	}
}

func TestARecordRestoredAfterAnUndoIsSyncedAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	res := s.run()
	id, _ := s.by("email", "p2@example-1.com")
	s.undo(res.RunID)
	s.run()
	if err := s.portal.Restore("contacts", id); err != nil {
		t.Fatal(err)
	}
	if res := s.run(); res.Counts.Unchanged != 1 || res.Counts.Skipped != 2 {
		t.Errorf("%+v", res.Counts)
	}
	s.replace("First2", "New2")
	s.run()
	if p, _ := s.portal.Record("contacts", id); p["firstname"] != "New2" {
		t.Errorf("the restored record is %q", p["firstname"])
	}
}

func TestAnUndoneEditStaysUntilTheSourceChangesAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	s.run()
	s.replace("First1", "New1")
	id, _ := s.by("email", "p1@example-0.com")
	res := s.run()
	undo := s.undo(res.RunID)
	if p, _ := s.portal.Record("contacts", id); p["firstname"] != "First1" {
		t.Fatalf("it is %q", p["firstname"])
	}
	writes := s.portal.Calls().Writes
	for range 2 {
		again := s.run()
		if diff := cmp.Diff(engine.Counts{Read: 3, Unchanged: 2, Skipped: 1}, again.Counts); diff != "" || s.portal.Calls().Writes != writes {
			t.Errorf("(-want +got)\n%s", diff)
		}
		if it := s.items(again)["1"]; !strings.Contains(it.Why(), undo.RunID) || len(it.Edits) != 1 {
			t.Errorf("the undo is not the reason: %+v", it)
		}
	}
	s.replace("New1", "Newer1")
	if res := s.run(); res.Counts.Updated != 1 || res.Counts.Skipped != 0 {
		t.Errorf("%+v", res.Counts)
	}
	if p, _ := s.portal.Record("contacts", id); p["firstname"] != "Newer1" {
		t.Errorf("it is %q", p["firstname"])
	}
	if res := s.run(); res.Counts.Unchanged != 3 {
		t.Errorf("%+v", res.Counts)
	}
}

// Both sides go back, and both are done again.
func TestAnUndoneEditOfBothSidesCanBeDoneAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	s.run()
	one, _ := s.by("email", "p1@example-0.com")
	two, _ := s.by("email", "p2@example-1.com")
	s.replace("First1", "New1")
	s.edit(two, "lastname", "Hub2")
	res := s.run()
	s.undo(res.RunID)
	if p, _ := s.portal.Record("contacts", one); p["firstname"] != "First1" || !strings.Contains(s.contents(), "First2,Last2") {
		t.Fatalf("%q\n%s", p["firstname"], s.contents())
	}
	if again := s.run(); again.Counts.Skipped != 2 || again.Counts.Unchanged != 1 {
		t.Errorf("%+v", again.Counts)
	}
	if again := s.redo(res.RunID); again.Counts.Updated != 2 || again.Counts.Conflict != 0 {
		t.Errorf("%+v", again.Counts)
	}
	if p, _ := s.portal.Record("contacts", one); p["firstname"] != "New1" || !strings.Contains(s.contents(), "First2,Hub2") {
		t.Errorf("%q\n%s", p["firstname"], s.contents())
	}
	if again := s.run(); again.Counts.Unchanged != 3 {
		t.Errorf("%+v", again.Counts)
	}
}

func TestAnUndoIsUndone(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	s.run()
	one, _ := s.by("email", "p1@example-0.com")
	two, _ := s.by("email", "p2@example-1.com")
	s.replace("First1", "New1")
	s.edit(two, "lastname", "Hub2")
	res := s.run()
	undo := s.undo(res.RunID)
	if back := s.undo(undo.RunID); back.Counts.Updated != 2 {
		t.Errorf("%+v", back.Counts)
	}
	if p, _ := s.portal.Record("contacts", one); p["firstname"] != "New1" || !strings.Contains(s.contents(), "First2,Hub2") {
		t.Errorf("%q\n%s", p["firstname"], s.contents())
	}
	if again := s.run(); again.Counts.Unchanged != 3 {
		t.Errorf("%+v", again.Counts)
	}
}

// A load, a change of it, the undo of the change and that of the load.
func TestUndoOfALoadAfterTheUndoOfALaterRun(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("thousands of records")
	}
	s := newStage(t, practice.Options{}, twoWay, people(3))
	load := s.run()
	s.replace("First2", "New2")
	change := s.run()
	undone := s.undo(load.RunID)
	if undone.Counts.Archived != 2 || !strings.Contains(s.items(undone)["2"].Why(), change.RunID) {
		t.Errorf("%+v: %q", undone.Counts, s.items(undone)["2"].Why())
	}
	s.undo(change.RunID)
	if undone = s.undo(load.RunID); undone.Counts.Archived != 1 || s.portal.Count("contacts") != 0 {
		t.Errorf("%+v", undone.Counts)
	}
}

func TestAnEditOfTheSourceSinceIsKeptAndListedByUndo(t *testing.T) {
	t.Parallel()
	for _, when := range []string{"before", "meanwhile"} {
		t.Run(when, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, twoWay, people(3))
			s.run()
			one, _ := s.by("email", "p1@example-0.com")
			two, _ := s.by("email", "p2@example-1.com")
			s.edit(one, "lastname", "Hub1")
			s.edit(two, "lastname", "Hub2")
			res := s.run()
			if when == "before" {
				s.replace("Hub2", "Mine2")
			} else {
				s.at = func(point string) {
					if point == "run-started" {
						s.replace("Hub2", "Mine2")
					}
				}
			}
			undone := s.undo(res.RunID)
			s.at = nil
			if undone.Counts.Updated != 1 || undone.Counts.Skipped != 1 || undone.Counts.Conflict != 0 || len(s.conflicts()) != 0 {
				t.Errorf("%+v, %+v", undone.Counts, s.conflicts())
			}
			if !strings.Contains(s.contents(), "Mine2") || !strings.Contains(s.contents(), "First1,Last1") {
				t.Errorf("the file is\n%s", s.contents())
			}
			if why := s.items(undone)["2"].Why(); !strings.Contains(why, "stays") {
				t.Errorf("the reason is %q", why)
			}
		})
	}
}

// A record whose value was edited between the undo's plan and its write keeps
// it, and is listed.
func TestAnEditBetweenAnUndosPlanAndItsWriteIsKept(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	s.run()
	one, _ := s.by("email", "p1@example-0.com")
	s.replace("First1", "New1")
	s.replace("First2", "New2")
	res := s.run()
	s.at = func(point string) {
		if point == "run-started" {
			s.edit(one, "firstname", "Unseen")
		}
	}
	undone := s.undo(res.RunID)
	s.at = nil
	if p, _ := s.portal.Record("contacts", one); p["firstname"] != "Unseen" {
		t.Errorf("an edit that nobody has seen was overwritten: %q", p["firstname"])
	}
	if undone.Counts.Updated != 1 || undone.Counts.Skipped != 1 || len(s.conflicts()) != 0 {
		t.Errorf("%+v, %+v", undone.Counts, s.conflicts())
	}
	if why := s.items(undone)["1"].Why(); !strings.Contains(why, "stays") {
		t.Errorf("the reason is %q", why)
	}
}

// Of one row some fields go back, and those that were edited stay and are
// listed, whenever that was.
func TestTheFieldsThatAnUndoKeepsAreListedWithTheirRow(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name              string
		before, meanwhile []string
		want              plan.Fate
		left              int
	}{
		{"one before", []string{"lastname", "Seen"}, nil, plan.FateUpdated, 1},
		{"one meanwhile", nil, []string{"firstname", "Unseen"}, plan.FateUpdated, 1},
		{"one before, one meanwhile", []string{"lastname", "Seen"}, []string{"firstname", "Unseen"}, plan.FateSkipped, 2},
		{"both before", []string{"lastname", "Seen", "firstname", "Seen"}, nil, plan.FateSkipped, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, twoWay, people(3))
			s.run()
			one, _ := s.by("email", "p1@example-0.com")
			s.replace("First1,Last1", "New1,Newer1")
			res := s.run()
			if tc.before != nil {
				s.edit(one, tc.before...)
			}
			s.at = func(point string) {
				if point == "run-started" && tc.meanwhile != nil {
					s.edit(one, tc.meanwhile...)
				}
			}
			undone := s.undo(res.RunID)
			s.at = nil
			it := s.items(undone)["1"]
			left := 0
			for _, e := range it.Edits {
				if e.Action == plan.EditLeft && strings.Contains(e.Reason, "stays") {
					left++
				}
			}
			if it.Came() != tc.want || left != tc.left || !strings.Contains(it.Why(), "stays") {
				t.Errorf("%s (%s), %d fields left: %+v", it.Came(), it.Why(), left, it.Edits)
			}
			p, _ := s.portal.Record("contacts", one)
			for i := 0; i < len(tc.before); i += 2 {
				if p[tc.before[i]] != tc.before[i+1] {
					t.Errorf("an edit was written over: %v", p)
				}
			}
			for i := 0; i < len(tc.meanwhile); i += 2 {
				if p[tc.meanwhile[i]] != tc.meanwhile[i+1] {
					t.Errorf("an edit was written over: %v", p)
				}
			}
		})
	}
}

func TestPartOfARunIsUndone(t *testing.T) {
	t.Parallel()
	start := func(t *testing.T) (*stage, engine.Result) {
		s := newStage(t, practice.Options{}, twoWay, people(3))
		s.run()
		s.replace("First1,Last1", "New1,Newer1")
		s.replace("First2,Last2", "New2,Newer2")
		return s, s.run()
	}
	part := func(s *stage, runID string, p store.Part) (engine.Result, error) {
		return s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.UndoPart(ctx, runID, p) })
	}
	first := func(s *stage) (all []string) {
		for _, email := range []string{"p1@example-0.com", "p2@example-1.com"} {
			_, p := s.by("email", email)
			all = append(all, p["firstname"]+" "+p["lastname"])
		}
		return all
	}
	for _, tc := range []struct {
		name string
		part store.Part
		want []string
	}{
		{"a field", store.Part{Fields: []string{"First"}}, []string{"First1 Newer1", "First2 Newer2"}},
		{"a property", store.Part{Fields: []string{"lastname"}}, []string{"New1 Last1", "New2 Last2"}},
		{"a row", store.Part{Rows: []string{"2"}}, []string{"New1 Newer1", "First2 Last2"}},
		{"a field of a row", store.Part{Rows: []string{"1"}, Fields: []string{"Last"}}, []string{"New1 Last1", "New2 Newer2"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s, res := start(t)
			if _, err := part(s, res.RunID, tc.part); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, first(s)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			s.undo(res.RunID)
			if diff := cmp.Diff([]string{"First1 Last1", "First2 Last2"}, first(s)); diff != "" {
				t.Errorf("the rest (-want +got)\n%s", diff)
			}
		})
	}
	for _, p := range []store.Part{{Fields: []string{"Nothing"}}, {Rows: []string{"99"}}} {
		s, res := start(t)
		if _, err := part(s, res.RunID, p); err == nil || !strings.Contains(err.Error(), "did not write") {
			t.Errorf("%+v: %v", p, err)
		}
	}
}

// An undo that was stopped half-way goes on, by undoing again or by the next
// run.
func TestAnUndoThatStoppedGoesOn(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"undo", "run"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, twoWay, people(250))
			res := s.run()
			ctx, stop := context.WithCancel(t.Context())
			s.at = func(point string) {
				if point == "outcome" {
					stop()
				}
			}
			_, err := s.with(func(_ context.Context, e *engine.Engine) (engine.Result, error) {
				e.Confirmed = true
				return e.Undo(ctx, res.RunID)
			})
			s.at = nil
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("it was not stopped: %v", err)
			}
			if n := s.portal.Count("contacts"); n == 0 || n == 250 {
				t.Fatalf("%d contacts are left", n)
			}
			if how == "undo" {
				s.undo(res.RunID)
			} else {
				s.run()
			}
			if n := s.portal.Count("contacts"); n != 0 {
				t.Errorf("%d contacts are left", n)
			}
			if res := s.run(); res.Counts.Skipped != 250 {
				t.Errorf("%+v", res.Counts)
			}
		})
	}
}
