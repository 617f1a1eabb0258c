package engine_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
)

// exec does what no program of ours does, to the workspace's file.
func (s *stage) exec(q string, args ...any) {
	s.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(s.workspace, store.File))
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(q, args...); err != nil {
		s.t.Fatal(err)
	}
}

// keys are our keys of all contacts, by address.
func (s *stage) keys() map[string]string {
	all := map[string]string{}
	for _, p := range s.portal.Records("contacts") {
		all[p["email"]] = p[engine.SyncKeyProperty]
	}
	return all
}

// TestAWorkspaceFromBeforeIDsKeepsItsLinksAndKeys: a sync that was known by its
// path is the same one when its document gets an id and moves, and what it
// creates has keys as before.
func TestAWorkspaceFromBeforeIDsKeepsItsLinksAndKeys(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(3))
	s.run()
	// As the workspace was before the migration.
	s.exec(`UPDATE sync SET ident = path || '|' || portal_id || '|' || object, uid = '', profile = '', uid_written = 0`)
	old := s.profile()

	writes := s.portal.Calls().Writes
	if res := s.run(); res.Counts.Unchanged != 3 || s.portal.Calls().Writes != writes {
		t.Fatalf("after the migration: %+v", res.Counts)
	}
	s.write(s.def, strings.Replace(twoWay, "syncline: 1\n", "syncline: 1\nid: "+s.uid()+"\n", 1))
	s.run() // and so the document is seen with its id
	moved := filepath.Join(s.dir, "renamed.yaml")
	s.write(moved, strings.Replace(twoWay, "syncline: 1\n", "syncline: 1\nid: "+s.uid()+"\n", 1))
	s.def = moved
	writes = s.portal.Calls().Writes
	if res := s.run(); res.Counts.Unchanged != 3 || s.portal.Calls().Writes != writes {
		t.Errorf("after the move: %+v", res.Counts)
	}
	s.write(s.file, people(4))
	if res := s.run(); res.Counts.Created != 1 {
		t.Errorf("%+v", res.Counts)
	}
	if key := s.keys()["p4@example-3.com"]; !strings.HasPrefix(key, old+"-") {
		t.Errorf("the new record has the key %q, want one that begins with %s", key, old)
	}
}

// uid is the id that the workspace keeps for the only sync.
func (s *stage) uid() (uid string) {
	s.store(func(ctx context.Context, db *store.Store) {
		all, err := db.Syncs(ctx)
		if err != nil || len(all) != 1 || all[0].UID == "" {
			s.t.Fatalf("%v, %v", all, err)
		}
		uid = all[0].UID
	})
	return uid
}

// profile is what the keys of the only sync begin with.
func (s *stage) profile() (profile string) {
	s.store(func(ctx context.Context, db *store.Store) {
		all, err := db.Syncs(ctx)
		if err != nil || len(all) != 1 {
			s.t.Fatalf("%v, %v", all, err)
		}
		profile = all[0].Profile
	})
	return profile
}

// TestWhatEndsBetweenTheWorkspaceAndTheDocumentKeepsTheID: a process that dies
// before it has written the id finds the same one again.
func TestWhatEndsBetweenTheWorkspaceAndTheDocumentKeepsTheID(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.Options{}, twoWay, people(2))
	var ids []string
	failing := func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
		e.WriteID = func(_ context.Context, id string) error {
			ids = append(ids, id)
			return fmt.Errorf("the disk is read-only")
		}
		return e.Run(ctx, "")
	}
	for range 2 {
		res, err := s.with(failing)
		if err != nil {
			t.Fatal(err)
		}
		if len(res.Notes) == 0 || !strings.Contains(strings.Join(res.Notes, " "), "counts by its path") {
			t.Errorf("it does not say that the document has no id: %v", res.Notes)
		}
	}
	if len(ids) != 2 || ids[0] != ids[1] || ids[0] != s.uid() {
		t.Errorf("the ids are %v, the workspace has %s", ids, s.uid())
	}
}
