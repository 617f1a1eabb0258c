package engine_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"strings"
	"sync"
	"testing"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

// outside counts runs where a copy of the workspace does not reach.
type outside struct {
	mu   sync.Mutex
	n    map[string]int64
	fail error
}

func (o *outside) Generation(_ context.Context, sync string, portal int64) (int64, bool, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, ok := o.n[fmt.Sprint(sync, portal)]
	return n, ok, o.fail
}

func (o *outside) SetGeneration(_ context.Context, sync string, portal, n int64) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.n == nil {
		o.n = map[string]int64{}
	}
	o.n[fmt.Sprint(sync, portal)] = n
	return o.fail
}

// backup copies the workspace's folder; restore puts it back.
func (s *stage) backup() (restore func()) {
	s.t.Helper()
	kept := s.t.TempDir()
	if err := os.CopyFS(kept, os.DirFS(s.workspace)); err != nil {
		s.t.Fatal(err)
	}
	return func() {
		s.t.Helper()
		if err := os.RemoveAll(s.workspace); err != nil {
			s.t.Fatal(err)
		}
		if err := os.CopyFS(s.workspace, os.DirFS(kept)); err != nil {
			s.t.Fatal(err)
		}
	}
}

// sides are what both sides hold now.
func (s *stage) sides() (file string, records map[string]map[string]string) {
	return s.contents(), maps.Collect(s.portal.Records("contacts"))
}

func TestAnOldCopyOfTheWorkspaceOverwritesNothing(t *testing.T) {
	t.Parallel()
	rows := people(6)
	for name, def := range map[string]string{
		"two-way":        twoWay,
		"to HubSpot":     strings.Replace(twoWay, "direction: two-way", "direction: to-hubspot", 1),
		"from HubSpot":   strings.Replace(strings.Replace(twoWay, "direction: two-way", "direction: from-hubspot", 1), "create: hubspot", "create: none", 1),
		"a named winner": strings.Replace(twoWay, "property: firstname }", "property: firstname, conflict: source }", 1),
		"blanks clear":   strings.Replace(twoWay, "property: firstname }", "property: firstname, blank: clear }", 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.Options{}, twoWay, rows)
			s.generations = &outside{}
			s.run() // two-way, so that all are linked
			s.write(s.def, def)
			s.run()
			restore := s.backup()

			one, _ := s.by("email", "p1@example-0.com")
			two, _ := s.by("email", "p2@example-1.com")
			three, _ := s.by("email", "p3@example-2.com")
			s.replace("First1,", "Changed1,")
			s.edit(two, "firstname", "Changed2")
			s.edit(three, "lastname", "")
			s.run()
			// Newer edits of people, of which the old copy's bases would say that nothing changed there.
			s.edit(one, "firstname", "First1")
			s.replace(strings.Split(strings.Split(s.contents(), "\n")[2], ",")[2]+",Last2", "Newer2,Last2")
			s.edit(two, "firstname", "Newest2")
			restore()

			file, records := s.sides()
			for range 2 { // the run after that keeps to it as well
				res := s.run()
				if res.Counts.Updated+res.Counts.SourceUpdated+res.Counts.Created+res.Counts.Archived != 0 {
					t.Errorf("something was written: %+v", res.Counts)
				}
				if res.Counts.Conflict == 0 {
					t.Errorf("nothing waits in Review: %+v", res.Counts)
				}
			}
			f, r := s.sides()
			if f != file || fmt.Sprint(r) != fmt.Sprint(records) {
				t.Errorf("a side was written over:\n%s\n%v\nwas\n%s\n%v", f, r, file, records)
			}
		})
	}
}

func TestAnOldCopySaysSoAndItsPlansAreDropped(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	s.generations = &outside{}
	s.run()
	s.replace("First1,", "Changed1,")
	old, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Preview(ctx) })
	if err != nil {
		t.Fatal(err)
	}
	restore := s.backup()
	s.run()
	one, _ := s.by("email", "p1@example-0.com")
	s.edit(one, "firstname", "Newer1")
	restore()

	apply := func(id string) (engine.Result, error) {
		return s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, id) })
	}
	if _, err := apply(old.PlanID); err == nil {
		t.Error("a plan of the old copy was applied")
	}
	fresh, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Preview(ctx) })
	if err != nil || !strings.Contains(strings.Join(fresh.Notes, " "), "put back from a copy") {
		t.Errorf("%v, %v", fresh.Notes, err)
	}
	if _, err := apply(fresh.PlanID); err != nil {
		t.Errorf("the plan that was made with that in mind is refused: %v", err)
	}
	if _, p := s.by("email", "p1@example-0.com"); p["firstname"] != "Newer1" {
		t.Errorf("written over: %v", p)
	}
	s.store(func(ctx context.Context, db *store.Store) {
		ids, err := db.ConflictIDs(ctx, store.ConflictFilter{})
		if err != nil || len(ids) != 1 {
			t.Fatalf("%v, %v", ids, err)
		}
		all, err := db.Conflicts(ctx, ids)
		if err != nil || all[0].Cause != plan.CauseRestored {
			t.Errorf("%+v, %v", all, err)
		}
	})
	// Once it was gone through, the workspace is up to date again.
	s.replace("First2,", "Flows2,")
	if res := s.run(); res.Counts.Updated != 1 || len(res.Notes) > 0 {
		t.Errorf("%+v, %v", res.Counts, res.Notes)
	}
}

func TestANewWorkspaceAndAnUnreadableCounterAreNoOldCopy(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, strings.Replace(twoWay, "syncline: 1", "syncline: 1\nid: k7q2m9xw4r", 1), people(3))
	o := &outside{}
	s.generations = o
	s.run()
	s.run()
	if err := os.RemoveAll(s.workspace); err != nil {
		t.Fatal(err)
	}
	if res := s.run(); res.Counts.Unchanged != 3 || len(res.Notes) > 0 {
		t.Errorf("a new workspace: %+v, %v", res.Counts, res.Notes)
	}
	s.replace("First1,", "Changed1,")
	if res := s.run(); res.Counts.Updated != 1 || len(res.Notes) > 0 {
		t.Errorf("its second run: %+v, %v", res.Counts, res.Notes)
	}
	o.fail = fmt.Errorf("the file is damaged")
	s.replace("First2,", "Changed2,")
	if res := s.run(); res.Counts.Updated != 1 || !strings.Contains(strings.Join(res.Notes, " "), "the file is damaged") {
		t.Errorf("without the counter: %+v, %v", res.Counts, res.Notes)
	}
}
