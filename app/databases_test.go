package app_test

import (
	"database/sql"
	"path/filepath"
	"slices"
	"testing"

	_ "github.com/mattn/go-sqlite3"

	"syncline/app"
	"syncline/sync/definition"
	"syncline/sync/record"
	"syncline/sync/source/database/servertest"
)

// A table is chosen as a file is: it is listed, described, shown by some rows, and
// becomes a draft.
func TestATableIsListedDescribedAndBecomesADraft(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "their.db")
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	servertest.Exec(t, db, "CREATE TABLE people(id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, born DATE, size REAL)", "CREATE VIEW tall AS SELECT * FROM people WHERE size > 1.8",
		"INSERT INTO people VALUES(1, 'ann@example.com', '1990-01-31', 1.9), (2, 'bob@example.com', NULL, 1.7)")
	a, err := app.Open(t.Context(), app.Environment{Workspace: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if _, _, err := a.AddDatabase(t.Context(), app.NewDatabase{Name: "Theirs", Address: path}); err != nil {
		t.Fatal(err)
	}
	tables, err := a.Tables(t.Context(), "theirs")
	if err != nil || len(tables) != 2 || tables[0].Name != "people" || tables[0].Rows != 2 || tables[1].What != "view" {
		t.Fatalf("%+v %v", tables, err)
	}
	v, err := a.DescribeTable(t.Context(), "Theirs", "people", "")
	if err != nil || len(v.Rows) != 2 || v.Schema.Rows != 2 || !slices.Equal(v.Keys[0], []string{"id"}) || !slices.Equal(v.Keys[1], []string{"email"}) || !v.Abilities.Update {
		t.Fatalf("%+v %v", v, err)
	}
	if c := v.Columns[2]; c.Name != "born" || c.Type != record.TypeDate || c.Filled != 1 || c.Native != "DATE" {
		t.Errorf("%+v", c)
	}
	v, err = a.DescribeTable(t.Context(), "Theirs", "", "SELECT id, size * 100 AS cm FROM people")
	if err != nil || len(v.Keys) != 0 || v.Abilities.Update || v.Rows[0].Fields["cm"].String() != "190.0" {
		t.Errorf("%+v %v", v, err)
	}
	d, err := a.NewTableDraft(t.Context(), "Theirs", "people", "")
	if err != nil || d.Definition.Source.Kind != "sqlite" || !slices.Equal(d.Definition.Source.Key, []string{"id"}) || len(d.Rows) != 2 || d.Definition.Direction != definition.TwoWay {
		t.Fatalf("%+v %v", d, err)
	}
	if c, err := d.Census(t.Context()); err != nil || c.Rows != 2 {
		t.Errorf("%+v %v", c, err)
	}
	if _, err := a.NewTableDraft(t.Context(), "Nobody's", "people", ""); err == nil {
		t.Error("a connection that is not there")
	}
}
