package database_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"syncline/sync/source"
	"syncline/sync/source/database"
	"syncline/sync/source/database/servertest"
)

func TestAnAddressNamesHostPortDatabaseUserAndTLSModeAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ kind, dsn, want string }{
		{"postgres", "postgres://app@db/crm", "postgres://app@db/crm"},
		{"postgres", "postgresql://app@DB.example.com:6432/crm?sslmode=require", "postgres://app@db.example.com:6432/crm?sslmode=require"},
		{"postgres", "postgres://app@/crm?host=/run/postgresql", "postgres://app@/crm?host=%2Frun%2Fpostgresql"},
		{"postgres", "postgres://app@[::1]:5432/crm", "postgres://app@[::1]:5432/crm"},
		{"postgres", "postgres:///", "postgres:///"},
		{"mysql", "mysql://app@db:3307/shop", "mysql://app@db:3307/shop"},
		{"mysql", "mariadb://app@db/shop", "mysql://app@db/shop"},
		{"mysql", "mysql://app@/shop?socket=/run/mysqld/mysqld.sock", "mysql://app@/shop?host=%2Frun%2Fmysqld%2Fmysqld.sock"},
	} {
		a, err := database.ParseAddress(c.kind, c.dsn)
		if err != nil || a.String() != c.want {
			t.Errorf("%s: %q %v, want %q", c.dsn, a.String(), err, c.want)
		}
	}
	for dsn, why := range map[string]string{
		"postgres://app:word@db/crm":                      "holds a password",
		"postgres://db/crm?password=word":                 `the parameter "password"`,
		"postgres://db/crm?passfile=/etc/passwd":          `the parameter "passfile"`,
		"postgres://db/crm?sslrootcert=/tmp/x":            `the parameter "sslrootcert"`,
		"postgres://db/crm?options=-c%20search_path=evil": `the parameter "options"`,
		"postgres://db/crm?service=other":                 `the parameter "service"`,
		"postgres://db/crm?sslmode=trust":                 "as its TLS mode",
		"postgres://a,b/crm":                              "several hosts",
		"host=db user=app":                                "is no address of this kind",
		"mysql://db/crm":                                  "is no address of this kind",
		"postgres://db:99999/crm":                         "port",
	} {
		if _, err := database.ParseAddress("postgres", dsn); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v, want %q", dsn, err, why)
		}
	}
}

func TestAnotherHostIsVerifiedUnlessAWeakerModeIsNamed(t *testing.T) {
	t.Parallel()
	for dsn, want := range map[string]struct {
		mode string
		weak bool
	}{
		"postgres://db.example.com/crm":                   {"verify-full", false},
		"postgres://10.0.0.7/crm":                         {"verify-full", false},
		"postgres://localhost.evil.com/crm":               {"verify-full", false},
		"postgres://db.example.com/crm?sslmode=disable":   {"disable", true},
		"postgres://db.example.com/crm?sslmode=require":   {"require", true},
		"postgres://db.example.com/crm?sslmode=verify-ca": {"verify-ca", true},
		"postgres://localhost/crm":                        {"prefer", false},
		"postgres://127.0.0.1/crm":                        {"prefer", false},
		"postgres://[::1]/crm":                            {"prefer", false},
		"postgres:///crm?host=/run/postgresql":            {"prefer", false},
		"postgres://localhost/crm?sslmode=verify-full":    {"verify-full", false},
	} {
		a, err := database.ParseAddress("postgres", dsn)
		if err != nil || a.Mode() != want.mode || (a.Weak() != "") != want.weak {
			t.Errorf("%s: %s %q %v", dsn, a.Mode(), a.Weak(), err)
		}
	}
}

// A server whose certificate nobody vouches for, or that has none, is not spoken
// to where that is asked for, and a password does not leave.
func TestAServerWithoutACertificateIsRefusedWhereOneIsAskedFor(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{database.Postgres, database.MySQL} {
		h := newHouse(t, kind)
		for _, mode := range []string{"require", "verify-ca", "verify-full"} {
			o := h.opts
			o.Address.TLS = mode
			if s, err := database.OpenServer(t.Context(), o); err == nil {
				t.Errorf("%s, %s: it was spoken to", kind, mode)
				s.Close()
			}
		}
	}
}

func TestWhatKeepsAConnectionFromWorkingIsSaid(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h house) {
		h.exec(t, "CREATE TABLE things(id integer PRIMARY KEY)")
		try := func(says string, change func(*database.Options)) {
			t.Helper()
			o := h.opts
			o.Table, o.Key = "things", []string{"id"}
			change(&o)
			s, err := database.Open(t.Context(), o)
			if err == nil {
				s.Close()
			}
			if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), servertest.Password) {
				t.Errorf("%v, want %q", err, says)
			}
		}
		try("has no column “no”", func(o *database.Options) { o.Key = []string{"no"} })
		try("has no table or view", func(o *database.Options) { o.Table = "nothing" })
		if h.kind == database.SQLite {
			dir := t.TempDir()
			put := func(name, text string) string {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				return filepath.Join(dir, name)
			}
			newer := "SQLite format 3\x00\x10\x00\x03\x03" + strings.Repeat("\x00", 200)
			try("is not there", func(o *database.Options) { o.Path = filepath.Join(dir, "none.db") })
			try("is no SQLite database", func(o *database.Options) { o.Path = put("a.csv", strings.Repeat("a,b\n", 100)) })
			try("is empty", func(o *database.Options) { o.Path = put("empty.db", "") })
			try("newer format", func(o *database.Options) { o.Path = put("newer.db", newer) })
			return
		}
		try("refuses the sign-in", func(o *database.Options) { o.Login.Password = "wrong" })
		try("can't be reached", func(o *database.Options) { o.Address.Port = 1 })
		try("the network does not know the name", func(o *database.Options) { o.Address.Host = "db.invalid" })
		try("none", func(o *database.Options) { o.Address.Database = "none" })
	})
}

func TestASQLiteFileKeepsItsJournalMode(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"delete", "wal", "truncate"} {
		h := newHouse(t, database.SQLite)
		h.exec(t, "PRAGMA journal_mode="+mode, "CREATE TABLE things(id integer PRIMARY KEY, name text)", "INSERT INTO things VALUES(1, 'a')")
		s := h.open(t, "things", "id")
		if o := write(t, s, update("1", texts("name", "a"), texts("name", "b")))[0]; o.State != source.Done {
			t.Errorf("%s: %+v", mode, o)
		}
		s.Close()
		var now string
		if err := h.db.QueryRow("PRAGMA journal_mode").Scan(&now); err != nil || now != mode && mode != "truncate" {
			t.Errorf("it was %s and is %s (%v)", mode, now, err)
		}
	}
}

// What became of a commit whose answer was lost is known by its transaction.
func TestPostgreSQLTellsWhatBecameOfACommit(t *testing.T) {
	t.Parallel()
	h := newHouse(t, database.Postgres)
	h.exec(t, "CREATE TABLE things(id integer PRIMARY KEY, name text)", "INSERT INTO things VALUES(1, 'a')")
	s, other := h.open(t, "things", "id"), h.open(t, "things", "id")
	came := func(name string) source.Came {
		t.Helper()
		c, err := other.CameOf(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	p, err := s.Prepare(t.Context(), []source.Change{update("1", nil, texts("name", "b"))})
	if err != nil {
		t.Fatal(err)
	}
	if c := came(p.After()); c != source.CameOpen {
		t.Errorf("while it is under way: %q", c)
	}
	if err := p.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c := came(p.After()); c != source.CameTrue {
		t.Errorf("after its commit: %q", c)
	}
	if p, err = s.Prepare(t.Context(), []source.Change{update("1", nil, texts("name", "c"))}); err != nil {
		t.Fatal(err)
	}
	if err := p.Discard(); err != nil {
		t.Fatal(err)
	}
	if c := came(p.After()); c != source.CameNothing {
		t.Errorf("after it was given up: %q", c)
	}
	words := strings.Fields(p.After())
	for _, name := range []string{"", "batch X", fmt.Sprintf("pg 123 %s %s", words[2], words[3]), fmt.Sprintf("pg %s 99 %s", words[1], words[3]), fmt.Sprintf("pg %s %s 1", words[1], words[2])} {
		if c := came(name); c == source.CameNothing || c == source.CameTrue && !strings.HasSuffix(name, " 1") {
			t.Errorf("of %q it is taken to be known that it came to %q", name, c)
		}
	}
}

// killOthers ends the connections to the database but one of the test's own. Other tests
// have theirs on the same server.
func (h house) killOthers(t *testing.T) {
	t.Helper()
	others, err := h.db.Query("SELECT ID FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND ID <> CONNECTION_ID()")
	if err != nil {
		t.Fatal(err)
	}
	defer others.Close()
	var ids []int
	for others.Next() {
		var id int
		if err := others.Scan(&id); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	if err := others.Err(); err != nil || len(ids) == 0 {
		t.Fatal(ids, err)
	}
	for _, id := range ids {
		h.exec(t, fmt.Sprintf("KILL %d", id))
	}
}

// The line is cut between the request to commit and its answer.
func TestACommitWhoseAnswerIsLostIsNotTakenForEither(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{database.Postgres, database.MySQL} {
		h := newHouse(t, kind)
		h.exec(t, "CREATE TABLE things(id integer PRIMARY KEY, name varchar(10))", "INSERT INTO things VALUES(1, 'a')")
		s := h.open(t, "things", "id")
		p, err := s.Prepare(t.Context(), []source.Change{update("1", nil, texts("name", "b"))})
		if err != nil {
			t.Fatal(err)
		}
		if kind == database.Postgres {
			h.exec(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'syncline' AND datname = current_database()")
		} else {
			h.killOthers(t)
		}
		if err := p.Commit(t.Context()); !errors.Is(err, source.ErrUnconfirmed) {
			t.Errorf("%s: %v", kind, err)
		}
		if all := rows(t, s); all["1"]["name"].String() != "a" {
			t.Errorf("%s: %v", kind, all)
		}
	}
}

func TestTheTimeOfChangeOfARowIsReadToTheMicrosecond(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h house) {
		h.exec(t, "CREATE TABLE things(id integer PRIMARY KEY, at "+map[string]string{database.Postgres: "timestamptz", database.MySQL: "timestamp(6)", database.SQLite: "datetime"}[h.kind]+")",
			"INSERT INTO things VALUES(1, '2026-03-29 00:30:00.123456"+map[string]string{database.Postgres: "+00"}[h.kind]+"')")
		o := h.opts
		o.Table, o.Key, o.Modified, o.Zone = "things", []string{"id"}, "at", time.UTC
		if h.kind == database.MySQL {
			h.exec(t, "SET time_zone = '+00:00'", "UPDATE things SET at = '2026-03-29 00:30:00.123456'")
		}
		for row, err := range openAs(t, o).Rows(t.Context(), noTime) {
			if want := time.Date(2026, 3, 29, 0, 30, 0, 123456000, time.UTC); err != nil || !row.Modified.Equal(want) {
				t.Errorf("%v %v, want %v", row.Modified, err, want)
			}
		}
	})
}

func TestCellsThatCanBeNoValuesAreLeftOutAndTold(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h house) {
		long := map[string]string{database.SQLite: "replace(hex(zeroblob(600000)), '0', 'x')", database.Postgres: "repeat('x', 1200000)", database.MySQL: "repeat('x', 1200000)"}[h.kind]
		h.exec(t, "CREATE TABLE things(id integer PRIMARY KEY, name varchar(20), more "+map[string]string{database.MySQL: "longtext"}[h.kind]+map[string]string{database.SQLite: "text", database.Postgres: "text"}[h.kind]+")",
			"INSERT INTO things VALUES(1, 'a', 'b'), (2, 'c', "+long+")")
		if h.kind == database.SQLite {
			h.exec(t, "INSERT INTO things VALUES(3, 'd', CAST(x'ff41' AS TEXT))")
		}
		s := h.open(t, "things", "id")
		told := map[string][]string{}
		for row, err := range s.Rows(t.Context(), noTime) {
			var bad *source.RowError
			if errors.As(err, &bad) {
				told[row.Key] = bad.Columns
				if _, there := row.Fields["more"]; there || row.Fields["name"].Empty() || !strings.Contains(bad.Msg, "more") {
					t.Errorf("%s: %v %v", row.Key, bad, row.Fields["name"])
				}
			}
		}
		if len(told["1"]) != 0 || len(told["2"]) != 1 || h.kind == database.SQLite && len(told["3"]) != 1 {
			t.Errorf("%v", told)
		}
		if o := write(t, s, update("2", texts("name", "c"), texts("name", "x")))[0]; o.State != source.Done || o.Now["name"].String() != "x" {
			t.Errorf("the other cells of the row: %s %v", o.State, o.Err)
		}
	})
}
