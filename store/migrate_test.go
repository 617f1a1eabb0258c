package store

import (
	"database/sql"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"syncline/sync/plan"
)

// A workspace of an earlier program keeps its plans with their items, and new
// plans stand beside them.
func TestPlansOfAnEarlierProgramKeepTheirItems(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), t.Context()
	old, err := sql.Open("sqlite3", dsn(filepath.Join(dir, File), ""))
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	before := slices.IndexFunc(names, func(name string) bool { return strings.HasSuffix(name, "_numbers.sql") })
	if err := steps(ctx, old, 1, names[:before]); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{
		`INSERT INTO sync(id, ident, name, path, definition, portal_id, object, created_at) VALUES(1, 'i', 'n', 'p', 'd', 1, '0-1', 1)`,
		`INSERT INTO plan(id, sync_id, kind, state, made_at, pull) VALUES('plan-b', 1, 'sync', 'ready', 1, 1), ('plan-a', 1, 'sync', 'ready', 2, 1)`,
		`INSERT INTO plan_item(plan_id, n, kind, fate, reason, row_key, fields, excluded, done, edited) VALUES
			('plan-a', 1, 'create', 'created', 'why', 'r1', '[]', 0, '', NULL), ('plan-a', 2, 'update', 'updated', 'why', 'r2', '[]', 1, 'updated', '[]'),
			('plan-b', 1, 'skip', 'skipped', 'why', 'r3', '[]', 0, '', NULL)`,
	} {
		if _, err := old.ExecContext(ctx, q); err != nil {
			t.Fatal(err)
		}
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := Open(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.NewPlan(ctx, plan.Plan{ID: "plan-c", SyncID: 1, Kind: plan.KindSync}); err != nil {
		t.Fatal(err)
	}
	if err := s.AddItems(ctx, "plan-c", []plan.Item{{N: 1, Kind: plan.ItemCreate, Fate: plan.FateCreated, RowKey: "r4"}}); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{"plan-a": "1 r1 created, 2 r2 updated taken out", "plan-b": "1 r3 skipped", "plan-c": "1 r4 created"} {
		got := ""
		for it, err := range s.Items(ctx, id) {
			if err != nil {
				t.Fatal(err)
			}
			if got != "" {
				got += ", "
			}
			got += string(rune('0'+it.N)) + " " + it.RowKey + " " + string(it.Fate)
			if it.Excluded {
				got += " taken out"
			}
		}
		if got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
	// They go with their plan.
	if err := s.exec(ctx, `DELETE FROM plan WHERE id = 'plan-a'`); err != nil {
		t.Fatal(err)
	}
	var left int
	if err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM plan_item`).Scan(&left); err != nil || left != 2 {
		t.Errorf("%d items are left, %v", left, err)
	}
}
