package database_test

import (
	"fmt"
	"strings"
	"testing"

	"syncline/sync/source/database"
)

// What a server does not do is said with what to do about it, and before any run
// where it can be known.
func TestAUserWhoOnlyReadsIsKnownBeforeAnyRun(t *testing.T) {
	t.Parallel()
	h := newHouse(t, database.Postgres)
	user := "reads" + h.opts.Address.Database
	h.exec(t, "CREATE TABLE things(id integer PRIMARY KEY, name text)", "CREATE ROLE "+user+" LOGIN PASSWORD 'pw'", "ALTER ROLE "+user+" SET default_transaction_read_only = on", "GRANT ALL ON things TO "+user)
	o := h.opts
	o.Address.User, o.Login.Password, o.Table, o.Key = user, "pw", "things", []string{"id"}
	schema, err := openAs(t, o).Outline(t.Context())
	if can := schema.Abilities; err != nil || can.Update || !strings.Contains(can.Why, "name another user") {
		t.Errorf("%+v %v", can, err)
	}
}

func TestALimitOfTheServerIsToldWithWhoCanLengthenIt(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{database.Postgres, database.MySQL} {
		h := newHouse(t, kind)
		user := "hasty" + h.opts.Address.Database
		o := h.opts
		o.Address.User, o.Login.Password, o.Key = user, "pw", []string{"id"}
		if kind == database.Postgres {
			h.exec(t, "CREATE ROLE "+user+" LOGIN PASSWORD 'pw'", "ALTER ROLE "+user+" SET statement_timeout = '100ms'")
			o.Query = "SELECT pg_sleep(60)::text AS id"
		} else {
			h.exec(t, "CREATE USER "+user+" IDENTIFIED BY 'pw' WITH MAX_STATEMENT_TIME 0.1", "GRANT SELECT ON "+h.opts.Address.Database+".* TO "+user)
			o.Query = "SELECT sleep(60) AS id"
		}
		said := ""
		s, err := database.Open(t.Context(), o) // MariaDB carries a query out to describe it
		if err == nil {
			defer s.Close()
			for _, err = range s.Rows(t.Context(), noTime) {
				said = fmt.Sprint(err)
			}
		} else {
			said = err.Error()
		}
		if !strings.Contains(said, "Ask its administrator for a longer") {
			t.Errorf("%s: it says %q", kind, said)
		}
	}
}

func TestAQueryThatDoesNotWorkIsSaidToHaveToBeOneSelect(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h house) {
		o := h.opts
		o.Query = "SELECT 1 AS id; DROP TABLE things"
		if _, err := database.Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), "the query does not work: ") || !strings.Contains(err.Error(), "one SELECT") {
			t.Errorf("%v", err)
		}
	})
}

func TestAServerWithoutEncryptionIsSaidToHaveNone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, database.Postgres)
	o := h.opts
	o.Address.TLS = "verify-full"
	if _, err := database.OpenServer(t.Context(), o); err == nil || !strings.Contains(err.Error(), "offers no encryption") {
		t.Errorf("%v", err)
	}
}

func TestARefusedSignInIsToldWithoutWhatLooksLikeAPassword(t *testing.T) {
	t.Parallel()
	h := newHouse(t, database.MySQL)
	for _, password := range []string{"wrong", ""} {
		o := h.opts
		o.Login.Password, o.Login.Getenv = password, func(string) string { return "" }
		_, err := database.OpenServer(t.Context(), o)
		if err == nil || strings.Contains(err.Error(), "using password") || strings.Contains(err.Error(), "no password was given") != (password == "") {
			t.Errorf("%v", err)
		}
	}
}

// MySQL hides from a user what refers to a table, unless there is a right to it too.
func TestTheScriptForASyncThatDeletesSaysWhatTablesThatFollowNeed(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{database.Postgres, database.MySQL} {
		for _, deletes := range []bool{true, false} {
			script := database.Grants(database.Rights{Address: database.Address{Kind: kind, Database: "d"}, Table: "t", User: "u", Read: []string{"id"}, Delete: deletes})
			if strings.Contains(script, "ON DELETE CASCADE") != deletes {
				t.Errorf("%s: %s", kind, script)
			}
		}
	}
}

// The script is carried out by an administrator: no name gets out of its comments.
func TestANameStaysInTheCommentOfAScript(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{database.Postgres, database.MySQL} {
		script := database.Grants(database.Rights{Address: database.Address{Kind: kind, Database: "d"}, Table: "s\nDROP TABLE t; --.t", User: "u\nDROP TABLE t; --", Read: []string{"id"}, Insert: []string{"id"}})
		for _, line := range strings.Split(script, "\n") {
			inName := strings.HasPrefix(line, "DROP TABLE t; --\"") || strings.HasPrefix(line, "DROP TABLE t; --`") || strings.HasPrefix(line, "DROP TABLE t; --'")
			if strings.HasPrefix(line, "DROP") && !inName {
				t.Errorf("%s: a line of its own:\n%s", kind, script)
			}
		}
		if first, _, _ := strings.Cut(script, "\n"); !strings.HasPrefix(first, "-- CREATE") || !strings.Contains(first, "…") {
			t.Errorf("%s: the comment ends within the name: %q", kind, first)
		}
	}
}

// Only the server knows whether a dot parts a schema from its table, and the
// script is made without it: what else the name may be stands beside.
func TestTheScriptSaysWhatElseANameWithADotMayBe(t *testing.T) {
	t.Parallel()
	script := func(kind, table string) string {
		return database.Grants(database.Rights{Address: database.Address{Kind: kind, Database: "crm"}, Table: table, User: "sync", Read: []string{"id"}})
	}
	for _, c := range []struct{ kind, table, grants, says string }{
		{database.Postgres, "sales.customers", `ON TABLE "sales"."customers" TO`, `put "public"."sales.customers" in its place`},
		{database.Postgres, "sales.Q1.2026", `ON TABLE "sales.Q1"."2026" TO`, `put "sales"."Q1.2026" in its place`},
		{database.MySQL, "Q1.2026", "ON `Q1`.`2026` TO", "put `crm`.`Q1.2026` in its place"},
		{database.MySQL, "customers", "ON `crm`.`customers` TO", ""},
	} {
		got := script(c.kind, c.table)
		if !strings.Contains(got, c.grants) || !strings.Contains(got, c.says) || c.says == "" && strings.Contains(got, "in its place") {
			t.Errorf("%s:\n%s", c.table, got)
		}
	}
}
