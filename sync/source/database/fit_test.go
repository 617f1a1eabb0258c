package database_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/database"
	"syncline/sync/source/database/servertest"
)

// unfit is a column with a value that its server would round, cut or take for
// another one, and a word of the refusal; without a word it is written as after.
type unfit struct{ declared, value, why, after string }

var unfitsOf = map[string][]unfit{
	database.Postgres: {
		{"numeric(10,2)", "1.239", "2 digits after the point", ""}, {"numeric(10,2)", "1.230", "", "1.23"}, {"numeric(10)", "1.5", "0 digits", ""}, {"numeric", "1.239", "", "1.239"},
		{"numeric(10,2)", "NaN", "", "NaN"}, {"price", "1.239", "2 digits", ""}, {"price2", "1.239", "2 digits", ""}, {"money", "1.239", "2 digits", ""},
		{"integer", "1.5", "whole numbers", ""}, {"integer", "1e3", "", "1000"}, {"integer", "2.0", "", "2"},
		{"short", "abcdef", "too long", ""}, {"short2", "abcdef", "too long", ""}, {"varchar(3)", "abc  ", "too long", ""}, {"char(3)", "ab  ", "", "ab"}, {"name", strings.Repeat("x", 64), "too long", ""}, {`"char"`, "xy", "too long", ""},
		{"date", "today", "takes what is written as", ""}, {"date", "infinity", "", "infinity"}, {"timestamp", "now", "takes what is written as", ""}, {"time", "now", "takes what is written as", ""},
		{"timestamp(0)", "2026-10-25T02:30:00.7Z", "", "2026-10-25 02:30:00"}, {"timestamptz(1)", "2026-10-25T02:30:00.789Z", "", "2026-10-25 02:30:00.7+00"},
		{"mood2", "b", "", "b"},
	},
	database.MySQL: {
		{"decimal(10,2)", "1.239", "2 digits after the point", ""}, {"decimal(10,2)", "1.230", "", "1.23"}, {"int", "1.5", "whole numbers", ""}, {"int", "1e3", "", "1000"}, {"int(5) zerofill", "7", "", "00007"},
		{"bit(8)", "-1", "below 0", ""}, {"bit(8)", "1.5", "whole numbers", ""}, {"year", "70", "four digits", ""}, {"year", "2027.5", "whole numbers", ""},
		{"enum('','a','B')", "2", "no option", ""}, {"enum('2','1')", "2", "", "2"}, {"enum('','a','B')", "b", "", "B"}, {"set('a','b')", "3", "no option", ""}, {"set('a','b')", "b;a", "", "a;b"},
		{"date", "26-1-2", "takes what is written as", ""}, {"time", "10", "takes what is written as", ""},
		{"datetime", "2026-10-25T02:30:00.7Z", "", "2026-10-25 02:30:00"}, {"timestamp null", "2026-10-25T02:30:00.7Z", "", "2026-10-25 02:30:00+00:00"},
		{"varchar(3)", "abc ", "too long", ""},
	},
	database.SQLite: {
		{"STRING", "00123", "SQLite makes numbers", ""}, {"STRING", "true", "", "true"}, {"STRING", "abc", "", "abc"}, {"STRING", "42", "", "42"}, {"UUID", "1e3", "SQLite makes numbers", ""},
		{"DECIMAL(38,9)", "12345678901234567890.123456789", "15 digits", ""}, {"NUMERIC", "9007199254740993", "", "9007199254740993"}, {"NUMERIC", "1.10", "", "1.1"},
		{"INTEGER", "12345678901234567891", "15 digits", ""}, {"TEXT", "00123", "", "00123"},
	},
}

func TestWhatDoesNotFitAColumnIsRefusedAndNeverMadeToFit(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h house) {
		if h.kind == database.Postgres {
			h.exec(t, "CREATE DOMAIN short AS varchar(3)", "CREATE DOMAIN short2 AS short", "CREATE DOMAIN price AS numeric(10,2)", "CREATE DOMAIN price2 AS price", "CREATE TYPE mood AS ENUM ('a', 'b')", "CREATE DOMAIN mood1 AS mood", "CREATE DOMAIN mood2 AS mood1")
		}
		list := unfitsOf[h.kind]
		var columns []string
		for i, c := range list {
			columns = append(columns, fmt.Sprintf("c%d %s", i, c.declared))
		}
		h.exec(t, "CREATE TABLE things(id integer PRIMARY KEY, "+strings.Join(columns, ", ")+")", "INSERT INTO things(id) VALUES(1)")
		s := h.open(t, "things", "id")
		for i, c := range list {
			name := fmt.Sprintf("c%d", i)
			o := write(t, s, update("1", record.Values{name: record.None()}, texts(name, c.value)))[0]
			switch {
			case c.why == "" && (o.State != source.Done || o.Now[name].String() != c.after):
				t.Errorf("%s: writing %q gave %s %q %v, want %q", c.declared, c.value, o.State, o.Now[name], o.Err, c.after)
			case c.why != "" && (o.State != source.Refused || !strings.Contains(o.Err.Error(), c.why)):
				t.Errorf("%s: writing %q gave %s %q %v, want a refusal: %s", c.declared, c.value, o.State, o.Now[name], o.Err, c.why)
			}
		}
	})
}

func TestADomainOverDomainsIsWhatTheInnermostIs(t *testing.T) {
	t.Parallel()
	h := newHouse(t, database.Postgres)
	h.exec(t, "CREATE DOMAIN raw AS bytea", "CREATE DOMAIN raw2 AS raw", "CREATE TYPE mood AS ENUM ('a', 'b')", "CREATE DOMAIN mood1 AS mood NOT NULL", "CREATE DOMAIN mood2 AS mood1",
		"CREATE TABLE things(id integer PRIMARY KEY, r raw2, m mood2)", `INSERT INTO things VALUES(1, '\xdead', 'a')`)
	s := h.open(t, "things", "id")
	schema, err := s.Outline(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if r := rows(t, s)["1"]["r"].String(); r != "dead" || columnOf(t, schema, "r").ReadOnly == "" {
		t.Errorf("bytes are read as %q and are read only because they %q", r, columnOf(t, schema, "r").ReadOnly)
	}
	if m := columnOf(t, schema, "m"); len(m.Options) != 2 || !m.NotNull {
		t.Errorf("the enumeration is %+v", m)
	}
}

// A database keeps letters in the encoding of its own, and a role may ask for
// another one: ours are the same all the same.
func TestADatabaseOfAnotherEncodingHasTheSameLetters(t *testing.T) {
	t.Parallel()
	h := newHouse(t, database.Postgres)
	o := h.opts
	o.Address.Database = "latin" + h.opts.Address.Database
	h.exec(t, "CREATE DATABASE "+o.Address.Database+" ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'", "ALTER DATABASE "+o.Address.Database+" SET client_encoding = 'LATIN1'")
	db, err := sql.Open("pgx", fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d/%s?sslmode=disable&client_encoding=UTF8", o.Address.User, servertest.Password, o.Address.Port, o.Address.Database))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	servertest.Exec(t, db, "CREATE TABLE things(id integer PRIMARY KEY, name text)", "INSERT INTO things VALUES(1, 'Müller'), (2, 'x')")
	o.Table, o.Key = "things", []string{"id"}
	s := openAs(t, o)
	if name := rows(t, s)["1"]["name"].String(); name != "Müller" {
		t.Errorf("it is read as %q", name)
	}
	out := write(t, s, update("1", texts("name", "Müller"), texts("name", "Größe")), update("2", texts("name", "x"), texts("name", "Ελλάδα")))
	var bytes string
	if err := db.QueryRow("SELECT encode(name::bytea, 'hex') FROM things WHERE id = 1").Scan(&bytes); err != nil || bytes != "4772f6df65" {
		t.Errorf("it is written as the bytes %s (%v)", bytes, err)
	}
	if out[1].State != source.Refused || !strings.Contains(out[1].Err.Error(), "no equivalent in encoding") {
		t.Errorf("letters that it has not: %s %v", out[1].State, out[1].Err)
	}
}

func TestAServerThatTakesEmptyTextsForNullIsAskedNotTo(t *testing.T) {
	t.Parallel()
	h := newHouse(t, database.MySQL)
	h.exec(t, "CREATE TABLE things(id integer PRIMARY KEY, name varchar(10))", "INSERT INTO things VALUES(1, '')",
		"SET GLOBAL init_connect = \"SET sql_mode = IF(CURRENT_USER() LIKE 'oracle%', 'EMPTY_STRING_IS_NULL', @@sql_mode)\"",
		"CREATE USER oracle IDENTIFIED BY 'pw'", "GRANT ALL ON "+h.opts.Address.Database+".* TO oracle")
	o := h.opts
	o.Address.User, o.Login.Password, o.Table, o.Key = "oracle", "pw", "things", []string{"id"}
	s := openAs(t, o)
	if out := write(t, s, update("1", texts("name", ""), texts("name", "x")))[0]; out.State != source.Done {
		t.Errorf("%s %v", out.State, out.Err)
	}
}

func TestWordsThatOnlyOthersTakeForNumbersAreTextsInSQLite(t *testing.T) {
	t.Parallel()
	h := newHouse(t, database.SQLite)
	h.exec(t, "CREATE TABLE things(id INTEGER PRIMARY KEY, a INTEGER, b NUMERIC, c STRING, d REAL)", "INSERT INTO things VALUES(1, 'nan', 'Infinity', 'inf', 9e999), (2, 1, 9e999, 'x', 'inf')")
	s := h.open(t, "things", "id")
	for key, row := range rows(t, s) {
		for _, name := range []string{"a", "b", "c", "d"} {
			if o := write(t, s, update(key, record.Values{name: row[name]}, texts(name, "1")))[0]; o.State != source.Done {
				t.Errorf("%q in %s: %s %v", row[name], name, o.State, o.Err)
			}
		}
	}
	if schema, _ := s.Outline(t.Context()); columnOf(t, schema, "c").Type != record.TypeString {
		t.Errorf("a column declared as STRING holds %s", columnOf(t, schema, "c").Type)
	}
}

func TestBytesInAColumnOfTextsAreToldAndNotReadAsDigits(t *testing.T) {
	t.Parallel()
	h := newHouse(t, database.SQLite)
	h.exec(t, "CREATE TABLE things(id INTEGER PRIMARY KEY, name TEXT, free)", "INSERT INTO things VALUES(1, x'4d75', x'00')")
	s := h.open(t, "things", "id")
	told := 0
	for row, err := range s.Rows(t.Context(), noTime) {
		if err != nil && strings.Contains(err.Error(), "holds bytes in “name”") && row.Fields["name"].Empty() && row.Fields["free"].Empty() {
			told++
		}
	}
	if told != 1 {
		t.Error("bytes were read as a text")
	}
}

func TestARowIsFoundByAKeyWithoutADeclaredType(t *testing.T) {
	t.Parallel()
	h := newHouse(t, database.SQLite)
	h.exec(t, "CREATE TABLE things(id NOT NULL PRIMARY KEY, name)", "INSERT INTO things VALUES(5, 'a'), ('x', 'b'), ('7', 'c'), (1.5, 'd'), (9007199254740993, 'e')")
	s := h.open(t, "things", "id")
	for key, row := range rows(t, s) {
		if o := write(t, s, update(key, record.Values{"name": row["name"]}, texts("name", "new")))[0]; o.State != source.Done {
			t.Errorf("%q: %s %v", key, o.State, o.Err)
		}
	}
}
