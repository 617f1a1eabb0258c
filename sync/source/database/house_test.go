package database_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	_ "github.com/mattn/go-sqlite3"

	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/database"
	"syncline/sync/source/database/servertest"
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "syncline-authority")
	if err == nil {
		err = authority.trusted(dir)
	}
	if err != nil {
		panic(err)
	}
	code := m.Run()
	servertest.Stop()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// house is a database of one kind that a test has for itself, with the
// connection of another program to it.
type house struct {
	kind string
	opts database.Options // without a table
	db   *sql.DB
}

var noTime time.Time

var kinds = []string{database.SQLite, database.Postgres, database.MySQL}

func newHouse(t testing.TB, kind string) house {
	t.Helper()
	if kind == database.SQLite {
		path := filepath.Join(t.TempDir(), "their.db")
		db, err := sql.Open("sqlite3", "file:"+path+"?_busy_timeout=20000&_txlock=immediate")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		servertest.Exec(t, db, "CREATE TABLE first(a)")
		return house{kind, database.Options{Path: path, Address: database.Address{Kind: kind}}, db}
	}
	var server *servertest.Server
	if kind == database.Postgres {
		server = servertest.Postgres(t)
	} else {
		server = servertest.MariaDB(t)
	}
	name, db := server.Database(t)
	address, err := database.ParseAddress(kind, server.DSN(server.User, name))
	if err != nil {
		t.Fatal(err)
	}
	return house{kind, database.Options{Address: address, Login: database.Login{Password: servertest.Password, Home: t.TempDir()}}, db}
}

// each runs a test on each kind of database.
func each(t *testing.T, do func(t *testing.T, h house)) {
	t.Helper()
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			do(t, newHouse(t, kind))
		})
	}
}

func (h house) exec(t testing.TB, statements ...string) {
	t.Helper()
	servertest.Exec(t, h.db, statements...)
}

// open opens a table by its key.
func (h house) open(t testing.TB, table string, key ...string) *database.Source {
	t.Helper()
	o := h.opts
	o.Table, o.Key, o.Zone = table, key, time.UTC
	return openAs(t, o)
}

func openAs(t testing.TB, o database.Options) *database.Source {
	t.Helper()
	s, err := database.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// rows reads all rows by their keys.
func rows(t testing.TB, s *database.Source) map[string]record.Values {
	t.Helper()
	all := map[string]record.Values{}
	for row, err := range s.Rows(t.Context(), time.Time{}) {
		var bad *source.RowError
		if err != nil && !errors.As(err, &bad) {
			t.Fatal(err)
		}
		all[row.Key] = row.Fields
	}
	return all
}

// write carries out changes and returns what became of them.
func write(t testing.TB, s *database.Source, changes ...source.Change) []source.Outcome {
	t.Helper()
	p, err := s.Prepare(t.Context(), changes)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Commit(context.Background()); err != nil {
		t.Fatal(err)
	}
	return p.Outcomes()
}

func update(key string, expect, fields record.Values) source.Change {
	return source.Change{Kind: source.Update, Key: key, Expect: expect, Fields: fields}
}

func texts(pairs ...string) record.Values {
	v := record.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v[pairs[i]] = record.Text(pairs[i+1])
	}
	return v
}

func columnOf(t testing.TB, schema source.Schema, name string) source.Column {
	t.Helper()
	i := slices.IndexFunc(schema.Columns, func(c source.Column) bool { return c.Name == name })
	if i < 0 {
		t.Fatalf("there is no column %q", name)
	}
	return schema.Columns[i]
}
