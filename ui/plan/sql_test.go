package plan

import (
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"
	_ "github.com/mattn/go-sqlite3"

	"syncline/app"
	"syncline/sync/source/database/servertest"
	"syncline/ui/look"
	"syncline/ui/shell/shelltest"
)

func TestThePlanOfATableShowsItsSQL(t *testing.T) {
	for name, mode := range shelltest.Looks() {
		t.Run(name, func(t *testing.T) {
			b := &bench{shelltest.New(t, mode, true)}
			dir := t.TempDir()
			db, err := sql.Open("sqlite3", filepath.Join(dir, "their.db"))
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			servertest.Exec(t, db, "CREATE TABLE people(id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT UNIQUE, first TEXT)",
				"INSERT INTO people(email, first) VALUES ('ilse@fernhollow.com', 'Ilse'), ('mattis@varnholt.com', 'Mattis')")
			path := filepath.Join(dir, "people.yaml")
			text := "syncline: 1\nname: People\nsource: { kind: sqlite, path: their.db, table: people, key: [id] }\nhubspot: { portal: " + app.PracticeName + ", object: contacts, match: [{ field: email, property: email }] }\n" +
				"direction: two-way\ncreate: hubspot\nfields:\n  - { field: email, property: email }\n  - { field: first, property: firstname }\n"
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := b.W.App.AddSync(t.Context(), path); err != nil {
				t.Fatal(err)
			}
			s, err := b.W.App.OpenSync(t.Context(), path, app.Options{Confirmed: true})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Run(t.Context(), ""); err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			p, err := b.W.App.Portal(t.Context(), app.PracticeName)
			if err != nil {
				t.Fatal(err)
			}
			b.Edit(p, b.contact(p, "ilse@fernhollow.com"), "firstname", "Ilsebill O'Neil")
			b.W.Rooms.Preview(path, "People")
			plan := b.Planned("the plan")
			if !plan.View().SQL || b.Button("SQL") == nil {
				t.Fatal("a plan that writes to a table has no SQL")
			}
			b.Tap("SQL")
			b.Until("the statements", b.Open)
			b.Settle()
			b.Picture("plan-sql-"+name, 1280, 800)
			b.Picture("plan-sql-1024-"+name, 1024, 640)
			d := b.Dialog("the statements")
			test.Tap(d.Others[0])
			got := b.W.Fyne.Clipboard().Content()
			for _, want := range []string{`UPDATE "people" SET`, "'Ilsebill O''Neil'", "'Ilse'"} {
				if !strings.Contains(got, want) {
					t.Errorf("%q is not in %s", want, got)
				}
			}
			d.Close()
			screen := b.W.Current().(*Screen)
			for more, want := range map[bool]string{false: "5,000 statements, ", true: "The first 5,000 statements"} {
				screen.openSQL(statements{first: make([]string, shownStatements), more: more})
				d := b.Dialog("many statements")
				if !strings.HasPrefix(d.Sub, want) {
					t.Errorf("with more of them %v it says %q", more, d.Sub)
				}
				d.Close()
			}
			out := filepath.Join(dir, "plan.sql")
			if err := os.WriteFile(out, []byte("-- kept"), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := b.W.App.SavePlanSQL(t.Context(), "no such plan", out); err == nil {
				t.Error("a plan that is not there has statements")
			}
			if kept, err := os.ReadFile(out); err != nil || string(kept) != "-- kept" {
				t.Errorf("what was in the file is %q now, %v", kept, err)
			}
			if n, err := b.W.App.SavePlanSQL(t.Context(), plan.View().ID, out); err != nil || n != 1 {
				t.Errorf("%d statements, %v", n, err)
			}
		})
	}
}

func TestThePlanOfAFileHasNoSQL(t *testing.T) {
	b := withSample(t, look.Light)
	b.Tap("Preview")
	if plan := b.Planned("the plan"); plan.View().SQL || b.Button("SQL") != nil {
		t.Error("the plan of a file shows SQL")
	}
}
