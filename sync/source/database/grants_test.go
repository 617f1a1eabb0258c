package database_test

import (
	"errors"
	"strings"
	"testing"

	"syncline/sync/source"
	"syncline/sync/source/database"
)

// The script of GRANTs is enough for a sync, and all else is refused.
func TestTheGrantsOfASyncSufficeAndNothingElseIsAllowed(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h house) {
		if h.kind == database.SQLite {
			t.Skip("SQLite has no users")
		}
		h.exec(t, "CREATE TABLE things(id integer PRIMARY KEY, name varchar(20), plan varchar(20), secret varchar(20))", "CREATE TABLE other(id integer PRIMARY KEY)",
			"INSERT INTO things VALUES(1, 'a', 'p', 'hush'), (2, 'b', 'q', 'hush')")
		for _, c := range []struct {
			user          string
			update        []string
			insert        []string
			remove        bool
			mayUpdateName bool
		}{
			{user: "reader"},
			{user: "two way", update: []string{"name"}, mayUpdateName: true},
			{user: "maker", update: []string{"name"}, insert: []string{"id", "name"}, mayUpdateName: true},
			{user: "all", update: []string{"name"}, insert: []string{"id", "name"}, remove: true, mayUpdateName: true},
		} {
			user := c.user + h.opts.Address.Database
			script := database.Grants(database.Rights{Address: h.opts.Address, Table: "things", User: user, Read: []string{"id", "name", "plan"}, Update: c.update, Insert: c.insert, Delete: c.remove})
			create := strings.Replace(strings.TrimPrefix(strings.SplitN(script, "\n", 2)[0], "-- "), "…", "pw", 1)
			h.exec(t, create)
			for _, line := range strings.Split(script, "\n") {
				if line != "" && !strings.HasPrefix(line, "--") {
					h.exec(t, line)
				}
			}
			o := h.opts
			o.Address.User, o.Login.Password, o.Table, o.Key = user, "pw", "things", []string{"id"}
			s := openAs(t, o)
			all := rows(t, s)
			if len(all) == 0 || all["1"]["plan"].String() != "p" {
				t.Fatalf("%s read %v", c.user, all)
			}
			if _, sees := all["1"]["secret"]; sees != c.remove {
				t.Errorf("%s sees the secret: %v", c.user, sees)
			}
			schema, err := s.Outline(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			can := schema.Abilities
			if can.Update != c.mayUpdateName || can.Insert != (c.insert != nil) || can.Delete != c.remove {
				t.Errorf("%s: it is taken to be able to do %+v", c.user, can)
			}
			if why := columnOf(t, schema, "plan").ReadOnly; !strings.Contains(why, "UPDATE") {
				t.Errorf("%s: plan is read only because it %q", c.user, why)
			}
			try := func(what string, may bool, ch source.Change) {
				t.Helper()
				p, err := s.Prepare(t.Context(), []source.Change{ch})
				var fixed *source.ReadOnlyError
				switch {
				case errors.As(err, &fixed):
					if may {
						t.Errorf("%s: %s: %v", c.user, what, err)
					}
					return
				case err != nil:
					t.Fatal(err)
				}
				if out := p.Outcomes()[0]; (out.State == source.Done) != may {
					t.Errorf("%s: %s: %s %v", c.user, what, out.State, out.Err)
				}
				if err := p.Commit(t.Context()); err != nil {
					t.Error(err)
				}
			}
			name := all["2"]["name"].String()
			try("a mapped column", c.mayUpdateName, update("2", texts("name", name), texts("name", c.user)))
			try("another column", false, update("2", nil, texts("plan", "x")))
			try("a new row", c.insert != nil, source.Change{Kind: source.Insert, Fields: texts("id", "7", "name", "new")})
			try("a deletion", c.remove, source.Change{Kind: source.Delete, Key: "7", Expect: texts("name", "new")})
			if _, err := s.RowsOf(t.Context(), []string{"1"}); err != nil {
				t.Errorf("%s: %v", c.user, err)
			}
			o.Table = "other"
			if _, err := database.Open(t.Context(), o); err == nil {
				t.Errorf("%s may read another table", c.user)
			}
			h.exec(t, "DELETE FROM things WHERE id = 7")
		}
	})
}
