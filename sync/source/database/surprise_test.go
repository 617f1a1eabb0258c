package database_test

import (
	"strings"
	"testing"

	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/database"
)

func TestANewRowThatIsSwallowedIsRefusedAloneAndNotToldAsMade(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h house) {
		h.exec(t, "CREATE TABLE things(id integer PRIMARY KEY, name varchar(20))", "CREATE TABLE elsewhere(id integer, name varchar(20))")
		switch h.kind {
		case database.Postgres: // before, so that nothing is returned, and after
			h.exec(t, `CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.name = 'no' THEN RETURN NULL; END IF; RETURN NEW; END $$`,
				`CREATE FUNCTION away() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.name = 'away' THEN DELETE FROM things WHERE id = NEW.id; INSERT INTO elsewhere VALUES(NEW.id, NEW.name); END IF; RETURN NULL; END $$`,
				"CREATE TRIGGER no BEFORE INSERT ON things FOR EACH ROW EXECUTE FUNCTION no()", "CREATE TRIGGER away AFTER INSERT ON things FOR EACH ROW EXECUTE FUNCTION away()")
		case database.SQLite:
			h.exec(t, "CREATE TRIGGER no BEFORE INSERT ON things WHEN NEW.name = 'no' BEGIN SELECT RAISE(IGNORE); END",
				"CREATE TRIGGER away AFTER INSERT ON things WHEN NEW.name = 'away' BEGIN DELETE FROM things WHERE id = NEW.id; INSERT INTO elsewhere VALUES(NEW.id, NEW.name); END")
		default:
			t.Skip("MySQL has no such triggers")
		}
		s := h.open(t, "things", "id")
		add := func(id, name string) source.Change {
			return source.Change{Kind: source.Insert, Fields: texts("id", id, "name", name)}
		}
		out := write(t, s, add("1", "yes"), add("2", "no"), add("3", "away"), add("4", "yes"))
		for i, want := range []source.OutcomeState{source.Done, source.Refused, source.Refused, source.Done} {
			if out[i].State != want || want == source.Refused && !strings.Contains(out[i].Err.Error(), "keeps it out") {
				t.Errorf("row %d: %s %v", i+1, out[i].State, out[i].Err)
			}
		}
		var n int
		if err := h.db.QueryRow("SELECT count(*) FROM elsewhere").Scan(&n); err != nil || n != 0 || len(rows(t, s)) != 2 {
			t.Errorf("what was refused left %d rows elsewhere (%v); the table holds %v", n, err, rows(t, s))
		}
	})
}

// A table of SQLite may say that a value which is there already deletes the row that
// has it, or that the new one is dropped without a word.
func TestAValueThatIsTakenIsRefusedWhateverTheTableSaysOfConflicts(t *testing.T) {
	t.Parallel()
	h := newHouse(t, database.SQLite)
	h.exec(t, "CREATE TABLE things(id INTEGER PRIMARY KEY, name TEXT UNIQUE ON CONFLICT REPLACE, code TEXT UNIQUE\nON  CONFLICT ignore)", "INSERT INTO things VALUES(1, 'a', 'x'), (2, 'b', 'y'), (3, 'c', 'z')")
	s := h.open(t, "things", "id")
	out := write(t, s, update("1", texts("name", "a"), texts("name", "b")), source.Change{Kind: source.Insert, Fields: texts("name", "c")}, update("3", texts("code", "z"), texts("code", "y")))
	for i, o := range out {
		if o.State != source.Refused || !strings.Contains(o.Err.Error(), "UNIQUE constraint failed") {
			t.Errorf("change %d: %s %v", i, o.State, o.Err)
		}
	}
	if all := rows(t, s); len(all) != 3 || all["1"]["name"].String() != "a" {
		t.Errorf("the table holds %v", all)
	}
}

func TestARowThatOthersWouldFollowIsNotDeleted(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h house) {
		h.exec(t, "CREATE TABLE things(id integer PRIMARY KEY, name varchar(20))", "INSERT INTO things VALUES(1, 'a'), (2, 'b'), (3, 'c'), (4, 'd')",
			"CREATE TABLE orders(id integer PRIMARY KEY, thing integer, CONSTRAINT of_thing FOREIGN KEY (thing) REFERENCES things(id) ON DELETE CASCADE)", "INSERT INTO orders VALUES(1, 1), (2, 1)",
			"CREATE TABLE notes(id integer PRIMARY KEY, thing integer, CONSTRAINT on_thing FOREIGN KEY (thing) REFERENCES things(id) ON DELETE SET NULL)", "INSERT INTO notes VALUES(1, 2)",
			"CREATE TABLE bills(id integer PRIMARY KEY, thing integer, CONSTRAINT for_thing FOREIGN KEY (thing) REFERENCES things(id))", "INSERT INTO bills VALUES(1, 3)")
		s := h.open(t, "things", "id")
		remove := func(id, name string) source.Change {
			return source.Change{Kind: source.Delete, Key: id, Expect: texts("name", name)}
		}
		out := write(t, s, remove("1", "a"), remove("2", "b"), remove("3", "c"), remove("4", "d"))
		for i, why := range []string{"2 of the rows of", "would be changed with it", "", ""} {
			want := source.Refused
			if i == 3 {
				want = source.Done
			}
			if o := out[i]; o.State != want || want == source.Refused && !strings.Contains(o.Err.Error(), why) {
				t.Errorf("row %d: %s %v", i+1, o.State, o.Err)
			}
		}
		var orders, notes int
		if err := h.db.QueryRow("SELECT (SELECT count(*) FROM orders), (SELECT count(thing) FROM notes)").Scan(&orders, &notes); err != nil || orders != 2 || notes != 1 {
			t.Errorf("%d orders and %d notes are left (%v)", orders, notes, err)
		}
	})
}

func TestATableThatOthersInheritFromIsOnlyRead(t *testing.T) {
	t.Parallel()
	h := newHouse(t, database.Postgres)
	h.exec(t, "CREATE TABLE things(id integer PRIMARY KEY, name text)", "CREATE TABLE special(PRIMARY KEY (id)) INHERITS (things)", "INSERT INTO things VALUES(1, 'a')", "INSERT INTO special VALUES(1, 'b')",
		"CREATE TABLE parted(id integer PRIMARY KEY, name text) PARTITION BY RANGE (id)", "CREATE TABLE parted1 PARTITION OF parted FOR VALUES FROM (0) TO (9)", "INSERT INTO parted VALUES(1, 'a')")
	schema, err := h.open(t, "things", "id").Outline(t.Context())
	if can := schema.Abilities; err != nil || can.Update || !strings.Contains(can.Why, "special inherit from it") {
		t.Errorf("%+v %v", can, err)
	}
	if o := write(t, h.open(t, "parted", "id"), update("1", texts("name", "a"), texts("name", "b")))[0]; o.State != source.Done {
		t.Errorf("a table in partitions: %s %v", o.State, o.Err)
	}
}

func TestARowThatIsPutBackIsAsItWas(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, h house) {
		more := map[string]string{
			database.Postgres: "no integer GENERATED ALWAYS AS IDENTITY (START WITH 7), doc jsonb, list text[], raw bytea",
			database.MySQL:    "no integer, doc json, list varchar(9), raw varbinary(9)",
			database.SQLite:   "no integer, doc JSON, list TEXT, raw BLOB",
		}[h.kind]
		given := map[string]string{database.Postgres: `'{"a": 1}', '{x,y}', '\xdead00'`, database.MySQL: `'{"a": 1}', 'x', x'dead00'`, database.SQLite: `'{"a": 1}', 'x', x'dead00'`}[h.kind]
		h.exec(t, "CREATE TABLE things(id integer PRIMARY KEY, name varchar(20) DEFAULT 'new', note varchar(20) DEFAULT 'new', shout varchar(40) GENERATED ALWAYS AS (upper(name)) STORED, "+more+")",
			"INSERT INTO things(id, name, note, doc, list, raw) VALUES(1, '', NULL, "+given+")")
		s := h.open(t, "things", "id")
		was := rows(t, s)["1"]
		o := write(t, s, source.Change{Kind: source.Delete, Key: "1", Expect: texts("name", "")})[0]
		if o.State != source.Done {
			t.Fatalf("%s %v", o.State, o.Err)
		}
		if o := write(t, s, source.Change{Kind: source.Insert, Fields: o.Now, Back: true})[0]; o.State != source.Done {
			t.Fatalf("%s %v", o.State, o.Err)
		}
		for name, v := range rows(t, s)["1"] {
			if v != was[name] {
				t.Errorf("%s was %v %q and is %v %q", name, was[name].State(), was[name], v.State(), v)
			}
		}
		if raw := rows(t, s)["1"]["raw"]; raw != record.Text("dead00") {
			t.Errorf("bytes came back as %q", raw)
		}
	})
}
