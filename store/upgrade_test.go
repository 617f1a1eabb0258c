package store

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// earlier makes the workspace of a program that knew the first migrations only.
func earlier(t *testing.T, dir string, known int) (newest int) {
	t.Helper()
	names, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", dsn(filepath.Join(dir, File), ""))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := steps(t.Context(), db, 1, names[:known]); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), `INSERT INTO sync(id, ident, name, path, definition, portal_id, object, created_at) VALUES(1, 'i', 'Customers', 'p', 'd', 1, '0-1', 1)`); err != nil {
		t.Fatal(err)
	}
	return len(names)
}

// Every format that there ever was opens, and a copy of it stays.
func TestAWorkspaceOfEveryEarlierFormatOpensAndIsKept(t *testing.T) {
	t.Parallel()
	newest := earlier(t, t.TempDir(), 1)
	for known := 1; known < newest; known++ {
		t.Run(fmt.Sprint(known), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			earlier(t, dir, known)
			s, err := Open(t.Context(), dir)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if syncs, err := s.Syncs(t.Context()); err != nil || len(syncs) != 1 || syncs[0].Name != "Customers" {
				t.Errorf("%v %+v", err, syncs)
			}
			copies, err := filepath.Glob(filepath.Join(dir, Earlier, fmt.Sprintf("format-%03d-*.db", known)))
			if err != nil || len(copies) != 1 {
				t.Fatalf("copies: %v %v", copies, err)
			}
			db, err := sql.Open("sqlite3", dsn(copies[0], ""))
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			var format int
			var name string
			if err := db.QueryRowContext(t.Context(), `SELECT (SELECT user_version FROM pragma_user_version), name FROM sync`).Scan(&format, &name); err != nil || format != known || name != "Customers" {
				t.Errorf("the copy has format %d, %q, %v", format, name, err)
			}
			if info, err := os.Stat(copies[0]); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the copy can be read by others: %v %v", info.Mode(), err)
			}
		})
	}
}

func TestAnUpgradeWithoutACopyChangesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	earlier(t, dir, 3)
	if err := os.WriteFile(filepath.Join(dir, Earlier), nil, 0o600); err != nil { // a file in the folder's place
		t.Fatal(err)
	}
	if s, err := Open(t.Context(), dir); err == nil {
		s.Close()
		t.Fatal("it was opened")
	}
	if got := formatOf(t, dir); got != 3 {
		t.Errorf("the workspace has format %d", got)
	}
}

func TestAWorkspaceThatIsOpenElsewhereIsNotUpgraded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	earlier(t, dir, 3)
	other := &Store{dir: dir}
	if _, err := other.lock(); err != nil {
		t.Fatal(err)
	}
	if err := other.shared.Unlock(); err != nil {
		t.Fatal(err)
	}
	if err := other.shared.RLock(); err != nil {
		t.Fatal(err)
	}
	if s, err := Open(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "close that, and try again") {
		if err == nil {
			s.Close()
		}
		t.Errorf("got %v", err)
	}
	if err := other.shared.Unlock(); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestOnlyTheLastCopiesStay(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for i := range 6 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("format-%03d-20260101-000000.db", i)), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := dropOldest(dir); err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != copiesKept || !strings.Contains(left[0], "format-003") {
		t.Errorf("left: %v", left)
	}
}

func formatOf(t *testing.T, dir string) (format int) {
	t.Helper()
	db, err := sql.Open("sqlite3", dsn(filepath.Join(dir, File), ""))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(context.Background(), `PRAGMA user_version`).Scan(&format); err != nil {
		t.Fatal(err)
	}
	return format
}
