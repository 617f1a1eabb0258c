package database_test

import (
	"strings"
	"testing"

	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/database"
)

// typed is a column with a value as its server's own program would write it,
// what Syncline reads of it, and another value that it writes.
type typed struct {
	declared string
	literal  string
	reads    string
	writes   string
	after    string // what it then reads, "" is what was written
}

var typesOf = map[string][]typed{
	database.Postgres: {
		{"bigint", "9223372036854775807", "9223372036854775807", "9007199254740993", ""},
		{"smallint", "-32768", "-32768", "7", ""},
		{"numeric(38,9)", "12345678901234567890123456789.123456789", "12345678901234567890123456789.123456789", "0.000000001", ""},
		{"numeric(10,2)", "12.5", "12.50", "99.9", "99.90"},
		{"numeric", "1e-30", "0.000000000000000000000000000001", "3.14159265358979323846264338327950288", ""},
		{"double precision", "0.1", "0.1", "1e+300", ""},
		{"real", "0.1", "0.1", "16777216", "1.6777216e+07"},
		{"money", "'1234.56'", "1234.56", "7.89", ""},
		{"boolean", "true", "true", "false", ""},
		{"date", "'2024-02-29'", "2024-02-29", "1999-12-31", ""},
		{"date", "'2024-02-29'", "2024-02-29", "2026-10-25T00:00:00Z", "2026-10-25"},
		{"time(6)", "'23:59:59.999999'", "23:59:59.999999", "00:00:00.000001", ""},
		{"timestamp", "'2026-03-29 02:30:00.123456'", "2026-03-29 02:30:00.123456", "2026-10-25 02:30:00.654321", ""},
		{"timestamp", "'2026-03-29 02:30:00'", "2026-03-29 02:30:00", "2026-10-25T02:30:00.5Z", "2026-10-25 02:30:00.5"},
		{"timestamptz", "'2026-03-29 02:30:00.123456+02'", "2026-03-29 00:30:00.123456+00", "2026-10-25T02:30:00.25+02:00", "2026-10-25 00:30:00.25+00"},
		{"interval", "'1 day 02:00'", "P1DT2H", "P3D", ""},
		{"uuid", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "00000000-0000-0000-0000-000000000001", ""},
		{"mood", "'so so'", "so so", "great", ""},
		{"short", "'abc'", "abc", "de", ""},
		{"char(5)", "'ab'", "ab", "xyz", ""},
		{"varchar(20)", "'  spaces  '", "  spaces  ", "it''s \\ \"q\"", ""},
		{"text", "E'line\\nbreak\\ttab 😀 ✓'", "line\nbreak\ttab 😀 ✓", "Ελλάδα\r\n'\\''; DROP TABLE x; --", ""},
		{"inet", "'192.168.0.1/24'", "192.168.0.1/24", "::1", "::1/128"},
		{"bit(4)", "B'1010'", "1010", "0001", ""},
		{"jsonb", `'{"a": [1, 2]}'`, `{"a": [1, 2]}`, "-", ""},
		{"integer[]", "'{1,2}'", "{1,2}", "-", ""},
		{"bytea", `'\xdeadbeef'`, "deadbeef", "-", ""},
		{"int4range", "'[1,5)'", "[1,5)", "-", ""},
	},
	database.MySQL: {
		{"bigint", "9223372036854775807", "9223372036854775807", "9007199254740993", ""},
		{"bigint unsigned", "18446744073709551615", "18446744073709551615", "9007199254740993", ""},
		{"tinyint(1)", "1", "1", "0", ""},
		{"tinyint(1)", "0", "0", "true", "1"},
		{"decimal(38,9)", "12345678901234567890123456789.123456789", "12345678901234567890123456789.123456789", "0.000000001", ""},
		{"double", "0.1", "0.1", "1e300", ""},
		{"float", "0.1", "0.1", "16777216", "1.6777216e+07"},
		{"float", "16777217", "1.6777216e+07", "1.5", ""},
		{"bit(8)", "b'101'", "5", "255", ""},
		{"date", "'2024-02-29'", "2024-02-29", "2026-10-25T00:00:00Z", "2026-10-25"},
		{"time(6)", "'-838:59:58.999999'", "-838:59:58.999999", "00:00:00.000001", ""},
		{"datetime(6)", "'2026-03-29 02:30:00.123456'", "2026-03-29 02:30:00.123456", "2026-10-25T02:30:00.5Z", "2026-10-25 02:30:00.500000"},
		{"timestamp(6) null", "'2026-03-29 01:30:00.123456'", "2026-03-29 01:30:00.123456+00:00", "2026-10-25T02:30:00.25+02:00", "2026-10-25 00:30:00.250000+00:00"},
		{"year", "2026", "2026", "1999", ""},
		{"enum('so so','great','it''s')", "'it''s'", "it's", "great", ""},
		{"set('a','b','c')", "'a,c'", "a;c", "b;c", ""},
		{"char(5)", "'ab'", "ab", "xyz", ""},
		{"varchar(20)", "'  spaces  '", "  spaces  ", "it''s \\ \"q\"", ""},
		{"varchar(20) character set latin1", "'Müller'", "Müller", "Größe", ""},
		{"text", "'line\\nbreak\\ttab 😀 ✓'", "line\nbreak\ttab 😀 ✓", "Ελλάδα\r\n'\\''; DROP TABLE x; --", ""},
		{"uuid", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "00000000-0000-0000-0000-000000000001", ""},
		{"blob", "x'deadbeef'", "deadbeef", "-", ""},
		{"varbinary(8)", "x'00ff'", "00ff", "-", ""},
	},
	database.SQLite: {
		{"INTEGER", "9223372036854775807", "9223372036854775807", "9007199254740993", ""},
		{"REAL", "0.1", "0.1", "3", "3.0"},
		{"NUMERIC", "12.5", "12.5", "7", ""},
		{"TEXT", "'line' || char(10) || '😀'", "line\n😀", "Ελλάδα\r\n'\\''; DROP TABLE x; --", ""},
		{"VARCHAR(5)", "'00123'", "00123", "007", ""},
		{"BOOLEAN", "1", "1", "false", "0"},
		{"DATE", "'2024-02-29'", "2024-02-29", "2026-10-25T00:00:00Z", "2026-10-25"},
		{"DATETIME", "'2026-03-29 02:30:00.123'", "2026-03-29 02:30:00.123", "2026-10-25T02:30:00.5Z", "2026-10-25 02:30:00.5"},
		{"TIMESTAMP", "1767225600", "1767225600", "2026-10-25 02:30:00", ""},
		{"", "12", "12", "13", ""},
		{"", "'text'", "text", "more", ""},
		{"BLOB", "x'deadbeef'", "deadbeef", "-", ""},
	},
}

func TestEveryTypeIsReadAndWrittenToTheLastDigit(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h house) {
		if h.kind == database.Postgres {
			h.exec(t, "CREATE TYPE mood AS ENUM ('so so', 'great')", "CREATE DOMAIN short AS varchar(3)")
		}
		var columns, literals []string
		list := typesOf[h.kind]
		name := func(i int) string { return "c" + string(rune('a'+i/10)) + string(rune('0'+i%10)) }
		for i, c := range list {
			columns, literals = append(columns, name(i)+" "+c.declared), append(literals, c.literal)
		}
		h.exec(t, "CREATE TABLE things(id integer PRIMARY KEY, "+strings.Join(columns, ", ")+")",
			"INSERT INTO things VALUES(1, "+strings.Join(literals, ", ")+")", "INSERT INTO things(id) VALUES(2)")
		s := h.open(t, "things", "id")
		schema, err := s.Outline(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all := rows(t, s)
		for i, c := range list {
			got := all["1"][name(i)]
			if got != record.Text(c.reads) {
				t.Errorf("%s %s: read %q, want %q", c.declared, c.literal, got, c.reads)
			}
			if all["2"][name(i)].State() != record.Null {
				t.Errorf("%s: NULL was read as %q", c.declared, all["2"][name(i)])
			}
			why := columnOf(t, schema, name(i)).ReadOnly
			if (c.writes == "-") != (why != "") {
				t.Errorf("%s: read only because it %q", c.declared, why)
			}
			if c.writes == "-" {
				continue
			}
			after := c.after
			if after == "" {
				after = c.writes
			}
			for _, key := range []string{"1", "2"} {
				out := write(t, s, update(key, record.Values{name(i): all[key][name(i)]}, texts(name(i), c.writes)))[0]
				if out.State != source.Done || out.Now[name(i)] != record.Text(after) {
					t.Errorf("%s, row %s: writing %q gave %s %q %v, want %q", c.declared, key, c.writes, out.State, out.Now[name(i)], out.Err, after)
				}
				// What was read back is what is believed from now on, and the way back works too.
				back := all[key][name(i)]
				out = write(t, s, update(key, record.Values{name(i): record.Text(after)}, record.Values{name(i): back}))[0]
				if out.State != source.Done || out.Now[name(i)] != back {
					t.Errorf("%s, row %s: taking it back to %q gave %s %q %v", c.declared, key, back, out.State, out.Now[name(i)], out.Err)
				}
			}
		}
	})
}

func TestAnEmptyTextIsNotNull(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h house) {
		h.exec(t, "CREATE TABLE things(id integer PRIMARY KEY, a varchar(10), b varchar(10) NOT NULL)", "INSERT INTO things VALUES(1, '', ''), (2, NULL, 'x')")
		s := h.open(t, "things", "id")
		all := rows(t, s)
		if all["1"]["a"] != record.Text("") || all["2"]["a"] != record.None() {
			t.Fatalf("read %+v", all)
		}
		out := write(t, s,
			update("1", record.Values{"a": record.None()}, texts("a", "x")), // an empty text stands there
			update("2", texts("a", ""), texts("a", "x")),                    // NULL does
			update("2", texts("b", "x"), texts("b", "")),                    // takes no NULL
		)
		if out[0].State != source.Moved || out[1].State != source.Moved || out[2].State != source.Done || out[2].Now["b"] != record.Text("") {
			t.Fatalf("%+v", out)
		}
		out = write(t, s, update("1", texts("a", ""), texts("a", "y")))
		out = append(out, write(t, s, update("1", texts("a", "y"), texts("a", "")))...)
		if out[1].Now["a"].State() != record.Null {
			t.Fatalf("what takes NULL is emptied by NULL: %+v", out)
		}
	})
}
