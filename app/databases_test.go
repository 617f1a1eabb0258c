package app_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "github.com/mattn/go-sqlite3"

	"syncline/app"
	"syncline/app/vault"
	"syncline/app/vault/vaulttest"
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
	_, _, err = a.AddDatabase(t.Context(), app.NewDatabase{Name: "theirs", Address: filepath.Join(t.TempDir(), "other.db"), New: true})
	if err == nil || !strings.Contains(err.Error(), "another connection is named") {
		t.Errorf("a new connection takes the name of another one: %v", err)
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

func TestAFormBecomesAnAddress(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		form app.DatabaseForm
		want string // the address, or
		says string // part of what is wrong
	}{
		{form: app.DatabaseForm{Kind: "postgres", Host: " db.example.com ", Database: "crm", User: "app"}, want: "postgres://app@db.example.com/crm"},
		{form: app.DatabaseForm{Kind: "postgres", Host: "db.example.com:6543", Database: "crm", User: "app", TLS: "require"}, want: "postgres://app@db.example.com:6543/crm?sslmode=require"},
		{form: app.DatabaseForm{Kind: "mysql", Host: "::1", Port: "3307", Database: "crm", User: "a b"}, want: "mysql://a%20b@[::1]:3307/crm"},
		{form: app.DatabaseForm{Kind: "postgres", Host: "postgresql://ann@db.example.com:6543/crm?sslmode=verify-ca", User: "bob"}, want: "postgres://bob@db.example.com:6543/crm?sslmode=verify-ca"},
		{form: app.DatabaseForm{Kind: "mysql", Host: "/run/mysqld/mysqld.sock", Database: "crm"}, want: "mysql:///crm?host=%2Frun%2Fmysqld%2Fmysqld.sock"},
		{form: app.DatabaseForm{Kind: "postgres", Host: "mysql://ann@db/crm"}, says: "choose that above"},
		{form: app.DatabaseForm{Kind: "postgres", Host: "postgres://ann:secret@db/crm"}, says: "password"},
		{form: app.DatabaseForm{Kind: "postgres", Database: "crm"}, says: "write the host"},
		{form: app.DatabaseForm{Kind: "postgres", Host: "db", Port: "none", Database: "crm"}, says: "no port"},
		{form: app.DatabaseForm{Kind: "postgres", Host: "db"}, says: "name of the database"},
		{form: app.DatabaseForm{Kind: "postgres", Host: "a,b", Database: "crm"}, says: "several hosts"},
		{form: app.DatabaseForm{Kind: "sqlite", Path: "their.db"}, want: "their.db"},
		{form: app.DatabaseForm{Kind: "sqlite"}, says: "choose the SQLite file"},
	} {
		got, err := c.form.Address()
		switch {
		case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "secret")):
			t.Errorf("%+v: %v, want %q", c.form, err, c.says)
		case c.says == "" && (err != nil || got != c.want):
			t.Errorf("%+v: %q %v, want %q", c.form, got, err, c.want)
		}
		if again, err := app.FormOf(app.Database{Kind: c.form.Kind, Address: c.want}).Address(); c.want != "" && (err != nil || again != c.want) {
			t.Errorf("%q reads back as %q: %v", c.want, again, err)
		}
	}
}

// Of a connection it is told which syncs use it and what its user lacks for them; its
// password goes with its address, and no sync with its name.
func TestAConnectionTellsItsSyncsAndWhatItsUserLacks(t *testing.T) {
	t.Parallel()
	server := servertest.Postgres(t)
	name, db := server.Database(t)
	servertest.Exec(t, db, "CREATE TABLE people(id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, email text, first text)", "CREATE ROLE reader_"+name+" LOGIN PASSWORD '"+servertest.Password+"'", "GRANT SELECT ON people TO reader_"+name)
	t.Cleanup(func() { servertest.Exec(t, db, "DROP OWNED BY reader_"+name, "DROP ROLE reader_"+name) })
	dir := t.TempDir()
	a, err := app.Open(t.Context(), app.Environment{Workspace: t.TempDir(), Keychain: &vaulttest.Keychain{}})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	var steps []string
	n := app.NewDatabase{Name: "Theirs", Address: server.DSN("reader_"+name, name), Password: servertest.Password, Step: func(s string) { steps = append(steps, s) }}
	if check, err := a.TryDatabase(t.Context(), n); err != nil || check.Tables != 1 || len(steps) != 2 {
		t.Fatalf("%+v %v %v", check, steps, err)
	}
	if all, err := a.DatabaseViews(t.Context()); err != nil || len(all) != 0 {
		t.Fatalf("a test keeps something: %+v %v", all, err)
	}
	if _, _, err := a.AddDatabase(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	if _, err := a.ConnectPractice(t.Context()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "people.yaml")
	if err := os.WriteFile(path, []byte(`syncline: 1
name: People
source: { kind: postgres, dsn: "`+n.Address+`", table: people, key: [id] }
hubspot: { object: contacts, match: [ { field: email, property: email } ] }
direction: two-way
create: both
fields:
  - { field: email, property: email }
  - { field: first, property: firstname }
`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := a.AddSync(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	if err := a.RenameDatabase(t.Context(), "theirs", "Billing"); err != nil {
		t.Fatal(err)
	}
	views, err := a.DatabaseViews(t.Context())
	if err != nil || len(views) != 1 || views[0].Name != "Billing" || len(views[0].Syncs) != 1 || views[0].Syncs[0].Sync != "People" || views[0].Syncs[0].Table != "people" {
		t.Fatalf("%+v %v", views, err)
	}
	rights, err := a.DatabaseRights(t.Context(), "Billing")
	if err != nil || len(rights) != 1 || !strings.Contains(strings.Join(rights[0].Lacks, "; "), "email may not be changed") || !strings.Contains(rights[0].Script, "GRANT") {
		t.Fatalf("%+v %v", rights, err)
	}
	// The script is all that is needed.
	servertest.Exec(t, db, rights[0].Script)
	if rights, err = a.DatabaseRights(t.Context(), "Billing"); err != nil || len(rights[0].Lacks) != 0 {
		t.Errorf("after the script: %+v %v", rights, err)
	}
	// Another address takes the place of the first: its password is forgotten.
	moved := n
	moved.Name, moved.Address = "billing", strings.Replace(n.Address, "127.0.0.1", "localhost", 1)
	if _, _, err := a.AddDatabase(t.Context(), moved); err != nil {
		t.Fatal(err)
	}
	if _, err := a.SourceSecret(t.Context(), views[0].Address); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("the password of the old address is kept: %v", err)
	}
	moved.Password = ""
	if _, err := a.TryDatabase(t.Context(), moved); err != nil {
		t.Errorf("the kept password is not used: %v", err)
	}
}
