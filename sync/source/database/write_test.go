package database_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/database"
)

// noted lets the database note every change of a cell with what stood there.
func (h house) noted(t *testing.T) {
	t.Helper()
	h.exec(t, "CREATE TABLE changes(id integer, was varchar(50), becomes varchar(50))")
	switch h.kind {
	case database.Postgres:
		h.exec(t, `CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO changes VALUES(OLD.id, OLD.name, NEW.name); RETURN NEW; END $$`,
			"CREATE TRIGGER note AFTER UPDATE ON things FOR EACH ROW EXECUTE FUNCTION note()")
	case database.MySQL:
		h.exec(t, "CREATE TRIGGER note AFTER UPDATE ON things FOR EACH ROW INSERT INTO changes VALUES(OLD.id, OLD.name, NEW.name)")
	default:
		h.exec(t, "CREATE TRIGGER note AFTER UPDATE ON things BEGIN INSERT INTO changes VALUES(OLD.id, OLD.name, NEW.name); END")
	}
}

// Another program writes the same cells all the time. Whatever it does, our
// change is made only over the value that it was decided on.
func TestAThousandRacesLoseNoUpdate(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h house) {
		const batches, size = 100, 10
		h.exec(t, "CREATE TABLE things(id integer PRIMARY KEY, name varchar(50))")
		for i := range size {
			h.exec(t, fmt.Sprintf("INSERT INTO things VALUES(%d, 'start')", i))
		}
		h.noted(t)
		s := h.open(t, "things", "id")
		moved, done := 0, 0
		for n := range batches {
			believed := rows(t, s)
			var changes []source.Change
			for i := range size {
				key := fmt.Sprint(i)
				changes = append(changes, update(key, record.Values{"name": believed[key]["name"]}, texts("name", fmt.Sprintf("ours %d %d", n, i))))
			}
			// One of theirs surely comes in between, whoever has the processor.
			h.exec(t, fmt.Sprintf("UPDATE things SET name = 'theirs %d' WHERE id = %d", n, n%size))
			var theirs sync.WaitGroup
			theirs.Go(func() {
				rng := rand.New(rand.NewPCG(uint64(n), 7))
				for range size {
					i := rng.IntN(size)
					if _, err := h.db.Exec(fmt.Sprintf("UPDATE things SET name = 'theirs %d %d' WHERE id = %d", n, rng.IntN(1000), i)); err != nil {
						t.Error(err)
					}
				}
			})
			out := write(t, s, changes...)
			theirs.Wait()
			for i, o := range out {
				switch o.State {
				case source.Done:
					done++
				case source.Moved:
					moved++
				default:
					t.Errorf("%s: %v", o.State, o.Err)
				}
				if o.State != source.Done {
					continue
				}
				var was string
				if err := h.db.QueryRow(fmt.Sprintf("SELECT was FROM changes WHERE becomes = 'ours %d %d'", n, i)).Scan(&was); err != nil || was != believed[fmt.Sprint(i)]["name"].String() {
					t.Fatalf("a change was written over %q, which nobody had seen: believed %q (%v)", was, believed[fmt.Sprint(i)]["name"], err)
				}
			}
		}
		t.Logf("%d written, %d had moved", done, moved)
		if done == 0 || moved == 0 {
			t.Error("there was no race")
		}
	})
}

func TestARowThatIsRefusedFailsAloneInTheServersWords(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h house) {
		h.exec(t, "CREATE TABLE things(id integer PRIMARY KEY, name varchar(10) NOT NULL, size integer, CONSTRAINT size_is_small CHECK (size < 100), CONSTRAINT one_name UNIQUE (name))",
			"INSERT INTO things VALUES(1, 'a', 1), (2, 'b', 2), (3, 'c', 3), (4, 'd', 4)")
		s := h.open(t, "things", "id")
		out := write(t, s,
			update("1", texts("size", "1"), texts("size", "10")),
			update("2", texts("size", "2"), texts("size", "1000")),
			update("3", texts("name", "c"), texts("name", "a")),
			source.Change{Kind: source.Insert, Fields: texts("id", "4", "name", "e")},
			source.Change{Kind: source.Insert, Fields: texts("id", "5", "name", "f")},
			update("4", texts("name", "d"), texts("name", "")),
		)
		want := []source.OutcomeState{source.Done, source.Refused, source.Refused, source.Refused, source.Done, source.Done}
		if h.kind == database.SQLite { // keeps no lengths, and names only what is checked
			want[5] = source.Done
		}
		for i, o := range out {
			if o.State != want[i] {
				t.Errorf("change %d: %s %v, want %s", i, o.State, o.Err, want[i])
			}
		}
		if err := out[1].Err; err == nil || !strings.Contains(err.Error(), "size_is_small") {
			t.Errorf("the refusal does not name the constraint: %v", err)
		}
		if err := out[2].Err; err == nil || !strings.Contains(err.Error(), map[string]string{database.SQLite: "things.name"}[h.kind]) || h.kind != database.SQLite && !strings.Contains(err.Error(), "one_name") {
			t.Errorf("the refusal does not name the constraint: %v", err)
		}
		all := rows(t, s)
		if len(all) != 5 || all["1"]["size"].String() != "10" || all["2"]["size"].String() != "2" || all["3"]["name"].String() != "c" {
			t.Errorf("the table holds %v", all)
		}
	})
}

func TestTextsThatAreTooLongAreRefusedAndNeverCut(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h house) {
		if h.kind == database.SQLite {
			t.Skip("SQLite keeps texts of any length")
		}
		if h.kind == database.MySQL {
			h.exec(t, "SET GLOBAL sql_mode = ''") // the server itself would cut them
		}
		h.exec(t, "CREATE TABLE things(id integer PRIMARY KEY, name varchar(3), code char(2))", "INSERT INTO things VALUES(1, 'abc', 'xy')")
		s := h.open(t, "things", "id")
		out := write(t, s, update("1", texts("name", "abc"), texts("name", "abcd")), update("1", texts("code", "xy"), texts("code", "xyz")))
		for _, o := range out {
			if o.State != source.Refused || !strings.Contains(o.Err.Error(), "too long") {
				t.Errorf("%s %v", o.State, o.Err)
			}
		}
	})
}

func TestOnlyByteForByteIsTheValueThatWasBelieved(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h house) {
		h.exec(t, "CREATE TABLE things(id varchar(10) PRIMARY KEY, name varchar(20))", "INSERT INTO things VALUES('a', 'ann'), ('b', 'x '), ('c', 'e')")
		s := h.open(t, "things", "id")
		// Each of these is the same to some collation.
		h.exec(t, "UPDATE things SET name = 'Ann' WHERE id = 'a'", "UPDATE things SET name = 'x' WHERE id = 'b'", "UPDATE things SET name = 'é' WHERE id = 'c'")
		out := write(t, s, update("a", texts("name", "ann"), texts("name", "ours")), update("b", texts("name", "x "), texts("name", "ours")),
			update("c", texts("name", "e"), texts("name", "ours")), update("A", texts("name", "Ann"), texts("name", "ours")))
		for i, o := range out {
			if o.State != source.Moved {
				t.Errorf("change %d: %s %v", i, o.State, o.Err)
			}
		}
		if out[0].Now["name"] != record.Text("Ann") {
			t.Errorf("what stands there now is told as %v", out[0].Now)
		}
	})
}

func TestWhatATriggerMakesOfAValueIsReadBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h house) {
		h.exec(t, "CREATE TABLE things(id integer PRIMARY KEY, name varchar(20), shout varchar(40) GENERATED ALWAYS AS (upper(name)) STORED)", "INSERT INTO things(id, name) VALUES(1, 'x')")
		switch h.kind {
		case database.Postgres: // before and after: what RETURNING would not show
			h.exec(t, `CREATE FUNCTION tidy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.name LIKE ' %' THEN UPDATE things SET name = trim(NEW.name) WHERE id = NEW.id; END IF; RETURN NULL; END $$`,
				"CREATE TRIGGER tidy AFTER INSERT OR UPDATE ON things FOR EACH ROW EXECUTE FUNCTION tidy()")
		case database.MySQL:
			h.exec(t, "CREATE TRIGGER tidy1 BEFORE UPDATE ON things FOR EACH ROW SET NEW.name = trim(NEW.name)", "CREATE TRIGGER tidy2 BEFORE INSERT ON things FOR EACH ROW SET NEW.name = trim(NEW.name)")
		default:
			h.exec(t, "CREATE TRIGGER tidy1 AFTER UPDATE ON things WHEN NEW.name LIKE ' %' BEGIN UPDATE things SET name = trim(NEW.name) WHERE id = NEW.id; END",
				"CREATE TRIGGER tidy2 AFTER INSERT ON things WHEN NEW.name LIKE ' %' BEGIN UPDATE things SET name = trim(NEW.name) WHERE id = NEW.id; END")
		}
		s := h.open(t, "things", "id")
		out := write(t, s, update("1", texts("name", "x"), texts("name", "  ann  ")), source.Change{Kind: source.Insert, Fields: texts("id", "2", "name", " bob ")})
		for i, want := range []string{"ann", "bob"} {
			if out[i].State != source.Done || out[i].Now["name"].String() != want {
				t.Errorf("%s %v: %v, want %s", out[i].State, out[i].Err, out[i].Now, want)
			}
		}
		schema, err := s.Outline(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if why := columnOf(t, schema, "shout").ReadOnly; !strings.Contains(why, "generated") {
			t.Errorf("the generated column is read only because it %q", why)
		}
		if o := write(t, s, update("1", nil, texts("shout", "X")))[0]; o.State != source.Refused {
			t.Errorf("writing it: %s", o.State)
		}
		if got := rows(t, s)["2"]["shout"].String(); got != "BOB" {
			t.Errorf("it holds %q", got)
		}
	})
}

func TestARowThatMayBeSeenAndNotChangedIsRefusedAndNotTriedForEver(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h house) {
		h.exec(t, "CREATE TABLE things(id integer PRIMARY KEY, name varchar(20))", "INSERT INTO things VALUES(1, 'x')")
		switch h.kind {
		case database.Postgres:
			h.exec(t, "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$", "CREATE TRIGGER no BEFORE UPDATE ON things FOR EACH ROW EXECUTE FUNCTION no()")
		case database.SQLite:
			h.exec(t, "CREATE TRIGGER no BEFORE UPDATE ON things BEGIN SELECT RAISE(IGNORE); END")
		default:
			t.Skip("MySQL has no such triggers")
		}
		o := write(t, h.open(t, "things", "id"), update("1", texts("name", "x"), texts("name", "y")))[0]
		if o.State == source.Done && o.Now["name"].String() == "x" {
			return // the server says that it did it, and what it holds is told
		}
		if o.State != source.Refused || !strings.Contains(o.Err.Error(), "does not let it be changed") {
			t.Errorf("%s %v %v", o.State, o.Err, o.Now)
		}
	})
}

func TestAKeyThatTheDatabaseMakesIsReturned(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h house) {
		h.exec(t, "CREATE TABLE things(id "+map[string]string{database.SQLite: "INTEGER PRIMARY KEY AUTOINCREMENT", database.Postgres: "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY", database.MySQL: "bigint AUTO_INCREMENT PRIMARY KEY"}[h.kind]+", name varchar(20))")
		s := h.open(t, "things", "id")
		out := write(t, s, source.Change{Kind: source.Insert, Fields: texts("name", "a")}, source.Change{Kind: source.Insert, Fields: texts("name", "b")})
		if out[0].Key != "1" || out[1].Key != "2" || out[1].Now["id"].String() != "2" {
			t.Fatalf("%+v", out)
		}
		if schema, _ := s.Outline(t.Context()); columnOf(t, schema, "id").Fills == "" {
			t.Error("it is not known that the database makes the key")
		}
		if all := rows(t, s); all["2"]["name"].String() != "b" {
			t.Errorf("%v", all)
		}
	})
}

func TestADeletionKeepsTheWholeRowAndNeedsItAsItIsBelieved(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h house) {
		h.exec(t, "CREATE TABLE things(id integer PRIMARY KEY, name varchar(20), note varchar(20))", "INSERT INTO things VALUES(1, 'a', 'kept'), (2, 'b', NULL)")
		s := h.open(t, "things", "id")
		out := write(t, s, source.Change{Kind: source.Delete, Key: "1", Expect: texts("name", "a")}, source.Change{Kind: source.Delete, Key: "2", Expect: texts("name", "other")})
		if out[0].State != source.Done || out[0].Now["note"].String() != "kept" || out[1].State != source.Moved {
			t.Fatalf("%+v", out)
		}
		if all := rows(t, s); len(all) != 1 {
			t.Errorf("%v", all)
		}
	})
}

func TestOnlyUniqueKeysWithoutNullsCanBeWritten(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h house) {
		h.exec(t, "CREATE TABLE things(a integer NOT NULL, b varchar(10) NOT NULL, c varchar(10), d varchar(10) NOT NULL, PRIMARY KEY (a, b), UNIQUE (c), UNIQUE (d))",
			"CREATE TABLE keyless(a integer)", "CREATE VIEW seen AS SELECT a, b, d FROM things", "INSERT INTO things VALUES(1, "+map[string]string{database.MySQL: `'x|\\\\'`, database.SQLite: `'x|\\'`, database.Postgres: `'x|\\'`}[h.kind]+", 'c', 'd')", "INSERT INTO keyless VALUES(1)")
		for _, c := range []struct {
			table string
			key   []string
			why   string
		}{
			{"things", []string{"a", "b"}, ""}, {"things", []string{"b", "a"}, ""}, {"things", []string{"d"}, ""},
			{"things", []string{"a"}, "a is no primary or unique key"}, {"things", []string{"c"}, "no primary or unique key"},
			{"keyless", []string{"a"}, "no primary key and no unique key without nulls"}, {"seen", []string{"a", "b"}, "is a view"},
		} {
			s := h.open(t, c.table, c.key...)
			schema, err := s.Outline(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if can := schema.Abilities; can.Update != (c.why == "") || !strings.Contains(can.Why, c.why) {
				t.Errorf("%s by %v: %+v", c.table, c.key, can)
			}
			if all := rows(t, s); len(all) != 1 {
				t.Errorf("%s by %v: %d rows", c.table, c.key, len(all))
			}
			_, err = s.Prepare(t.Context(), []source.Change{update("1", nil, texts("d", "x"))})
			var fixed *source.ReadOnlyError
			if c.why != "" && !errors.As(err, &fixed) {
				t.Errorf("%s by %v could be written: %v", c.table, c.key, err)
			}
			s.Close()
		}
		s := h.open(t, "things", "a", "b")
		for key := range rows(t, s) {
			if o := write(t, s, update(key, texts("d", "d"), texts("d", "e")))[0]; o.State != source.Done {
				t.Errorf("by the composite key %q: %s %v", key, o.State, o.Err)
			}
		}
	})
}

func TestAChangeThatWouldMeetTwoRowsIsTakenBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h house) {
		if h.kind == database.SQLite {
			t.Skip("SQLite can't drop the uniqueness of a column")
		}
		h.exec(t, "CREATE TABLE things(id integer NOT NULL, name varchar(20), CONSTRAINT one UNIQUE (id))", "INSERT INTO things VALUES(1, 'a')")
		s := h.open(t, "things", "id")
		h.exec(t, "ALTER TABLE things DROP CONSTRAINT one", "INSERT INTO things VALUES(1, 'a')")
		if o := write(t, s, update("1", texts("name", "a"), texts("name", "b")))[0]; o.State != source.Refused || !strings.Contains(o.Err.Error(), "2 rows") {
			t.Errorf("%s %v", o.State, o.Err)
		}
		var n int
		if err := h.db.QueryRow("SELECT count(*) FROM things WHERE name = 'a'").Scan(&n); err != nil || n != 2 {
			t.Errorf("%d rows are as they were (%v)", n, err)
		}
	})
}

func TestNamesAreTakenAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h house) {
		q := map[string]string{database.MySQL: "`"}[h.kind]
		if q == "" {
			q = `"`
		}
		schema := ""
		if h.kind == database.Postgres {
			schema = q + "Sales.Team" + q + "."
			h.exec(t, "CREATE SCHEMA "+q+"Sales.Team"+q)
		}
		odd := map[string]string{database.MySQL: "Cust``omers; DROP"}[h.kind]
		if odd == "" {
			odd = `Cust""omers; DROP`
		}
		name := strings.ReplaceAll(strings.ReplaceAll(odd, `""`, `"`), "``", "`")
		h.exec(t, "CREATE TABLE "+schema+q+odd+q+"("+q+"Customer Id"+q+" integer PRIMARY KEY, "+q+"order"+q+" varchar(10), "+q+"it's %s ?"+q+" varchar(10))",
			"INSERT INTO "+schema+q+odd+q+" VALUES(1, 'a', 'b')")
		if schema != "" {
			name = "Sales.Team." + name
		}
		s := h.open(t, name, "Customer Id")
		o := write(t, s, update("1", texts("order", "a", "it's %s ?", "b"), texts("order", "c", "it's %s ?", "d?")))[0]
		if o.State != source.Done || rows(t, s)["1"]["it's %s ?"].String() != "d?" {
			t.Errorf("%s %v %v", o.State, o.Err, rows(t, s))
		}
		bad := h.opts
		bad.Table, bad.Key = strings.ToLower(name), []string{"Customer Id"}
		if _, err := database.Open(t.Context(), bad); h.kind == database.Postgres && (err == nil || !strings.Contains(err.Error(), "did you mean")) {
			t.Errorf("a name in other letters: %v", err)
		}
	})
}

func TestARowThatSomebodyHoldsFailsAloneAndSoon(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h house) {
		h.exec(t, "CREATE TABLE things(id integer PRIMARY KEY, name varchar(20))", "INSERT INTO things VALUES(1, 'a'), (2, 'b')")
		s := h.open(t, "things", "id")
		tx, err := h.db.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback()
		if _, err := tx.Exec("UPDATE things SET name = 'theirs' WHERE id = 1"); err != nil {
			t.Fatal(err)
		}
		changes := []source.Change{update("1", texts("name", "a"), texts("name", "x")), update("2", texts("name", "b"), texts("name", "y"))}
		if h.kind == database.SQLite { // which locks the whole file
			_, err := s.Prepare(t.Context(), changes)
			var blocked *source.ReadOnlyError
			if !errors.As(err, &blocked) || !strings.Contains(err.Error(), "locked by another program") {
				t.Errorf("%v", err)
			}
			return
		}
		out := write(t, s, changes...)
		if out[0].State != source.Refused || !strings.Contains(out[0].Err.Error(), "another program holds the row") || out[1].State != source.Done {
			t.Errorf("%+v", out)
		}
	})
}

func TestReadingIsOneSnapshot(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h house) {
		const n = 2000
		h.exec(t, "CREATE TABLE things(id integer PRIMARY KEY, name varchar(200))")
		for at := 0; at < n; at += 500 {
			var values []string
			for i := at; i < at+500; i++ {
				values = append(values, fmt.Sprintf("(%d, 'before%s')", i, strings.Repeat(".", 150)))
			}
			h.exec(t, "INSERT INTO things VALUES "+strings.Join(values, ", "))
		}
		if h.kind == database.SQLite {
			h.exec(t, "PRAGMA journal_mode=WAL") // else a writer waits for readers
		}
		s := h.open(t, "things", "id")
		seen := 0
		for row, err := range s.Rows(t.Context(), noTime) {
			if err != nil {
				t.Fatal(err)
			}
			if seen == 0 {
				h.exec(t, "UPDATE things SET name = 'after'", fmt.Sprintf("DELETE FROM things WHERE id = %d", n-1))
			}
			if seen++; !strings.HasPrefix(row.Fields["name"].String(), "before") {
				t.Fatalf("row %d was changed while it was read", seen)
			}
		}
		if seen != n {
			t.Errorf("%d rows, want %d", seen, n)
		}
	})
}

func TestAQueryCanOnlyBeRead(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h house) {
		h.exec(t, "CREATE TABLE things(id integer PRIMARY KEY, name varchar(20), price decimal(10,2))", "INSERT INTO things VALUES(1, 'a', 1.50), (2, 'b', 2)")
		o := h.opts
		o.Query, o.Key = "SELECT id, upper(name) AS shout, price FROM things WHERE id < 2 -- the first\n;\n", []string{"id"}
		s := openAs(t, o)
		if all := rows(t, s); len(all) != 1 || all["1"]["shout"].String() != "A" {
			t.Errorf("%v", all)
		}
		if schema, err := s.Describe(t.Context()); err != nil || schema.Rows != 1 || schema.Abilities.Update || !strings.Contains(schema.Abilities.Why, "query") {
			t.Errorf("%+v %v", schema, err)
		}
		evil := []string{"SELECT 1 AS id) q; DELETE FROM things; SELECT (1", "DELETE FROM things RETURNING id"}
		switch h.kind {
		case database.Postgres:
			h.exec(t, "CREATE FUNCTION wipe() RETURNS integer LANGUAGE sql AS $$ DELETE FROM things; SELECT 1 $$")
			evil = append(evil, "SELECT wipe() AS id")
		case database.SQLite:
			evil = append(evil, "SELECT 1 AS id) q; PRAGMA query_only=0; DELETE FROM things; SELECT (1", fmt.Sprintf("SELECT 1 AS id) q; ATTACH '%s/new.db' AS n; CREATE TABLE n.x(a); SELECT (1", t.TempDir()))
		}
		for _, q := range evil {
			o.Query = q
			if s, err := database.Open(t.Context(), o); err == nil {
				for range s.Rows(context.Background(), noTime) {
				}
				s.Close()
			}
		}
		var n int
		if err := h.db.QueryRow("SELECT count(*) FROM things").Scan(&n); err != nil || n != 2 {
			t.Errorf("a query wrote: %d rows left, %v", n, err)
		}
	})
}
