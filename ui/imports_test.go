package ui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"syncline/app"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/shell/shelltest"
)

const importedFields = `hubspot:
  portal: ` + app.PracticeName + `
  object: contacts
  match: [{field: email, property: email}]
direction: to-hubspot
create: hubspot
fields:
  - {field: email, property: email}
`

// A definition that is dropped is imported, and asks first what it reads
// outside of its own folder.
func TestADefinitionIsImportedByDroppingIt(t *testing.T) {
	for name, outside := range map[string]bool{"beside its source": false, "outside of its folder": true} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, look.Light, true)
			dir := t.TempDir()
			path := shelltest.SyncOf(t, dir, "id,email\n1,a@fernhollow.example\n", "source: {kind: csv, path: rows.csv, key: [id]}\n"+importedFields)
			if outside {
				file := filepath.Join(t.TempDir(), "private.csv")
				if err := os.WriteFile(file, []byte("id,email\n1,a@fernhollow.example\n"), 0o600); err != nil {
					t.Fatal(err)
				}
				path = shelltest.SyncOf(t, dir, "", "source: {kind: csv, path: "+file+", key: [id]}\n"+importedFields)
			}
			b.W.Rooms.Dropped(shelltest.Uris(path))
			b.Settle()
			d := b.Dialog("the import")
			said := shelltest.Texts(d)
			if got := strings.Contains(said, "Did you expect that?"); got != outside {
				t.Errorf("asks about the file: %v\n%s", got, said)
			}
			if outside && (!strings.Contains(said, "private.csv") || d.Primary.Text != "Import and allow that file" || b.W.Win.Canvas().Focused() == fyne.Focusable(d.Primary)) {
				t.Errorf("the file is not named, or Enter allows it: %s", said)
			}
			if cards, err := b.W.App.Cards(t.Context()); err != nil || len(cards) != 0 {
				t.Fatalf("it was imported before it was asked: %d, %v", len(cards), err)
			}
			b.Picture("import-"+strings.ReplaceAll(name, " ", "-"), 1280, 800)
			d.Cancel()
			b.Settle()
			if cards, err := b.W.App.Cards(t.Context()); err != nil || len(cards) != 0 {
				t.Fatalf("it was imported though it was cancelled: %d, %v", len(cards), err)
			}
			b.W.Rooms.Dropped(shelltest.Uris(path))
			b.Settle()
			test.Tap(b.Dialog("the import").Primary)
			b.Until("the sync’s card", func() bool { return b.Button("Preview") != nil })
			b.Settle()
			if home := shelltest.Texts(b.W.ScreenOf(shell.PlaceHome).Content()); !strings.Contains(home, "Many rows") || !strings.Contains(home, "Not previewed") || strings.Contains(home, "0 pending") {
				t.Errorf("Home says\n%s", home)
			}
			b.Picture("home-imported", 1280, 800)
		})
	}
}

// What is wrong with a definition is said with its line, and nothing is
// imported.
func TestADefinitionThatCannotWorkIsNotImported(t *testing.T) {
	b := newBench(t, look.Light, true)
	path := shelltest.SyncOf(t, t.TempDir(), "", "source: {kind: csv, path: rows.csv, key: [id]}\nhubspots: {}\n")
	b.W.Rooms.Dropped(shelltest.Uris(path))
	b.Settle()
	if said := shelltest.Texts(b.Dialog("the problem")); !strings.Contains(said, "Line 4, hubspots") || !strings.Contains(said, "Nothing was imported") {
		t.Errorf("the window says %s", said)
	}
	if cards, err := b.W.App.Cards(t.Context()); err != nil || len(cards) != 0 {
		t.Errorf("%d syncs, %v", len(cards), err)
	}
}

// A copy of a sync that is here gets an id of its own before it is imported.
func TestACopiedDefinitionGetsAnIDOfItsOwn(t *testing.T) {
	b := newBench(t, look.Light, true)
	rows, def := "id,email\n1,a@fernhollow.example\n", "id: k7q2m9xw4r\nsource: {kind: csv, path: rows.csv, key: [id]}\n"+importedFields
	first, second := shelltest.SyncOf(t, t.TempDir(), rows, def), shelltest.SyncOf(t, t.TempDir(), rows, def)
	if err := b.W.App.AddSync(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	b.W.Rooms.Dropped(shelltest.Uris(second))
	b.Settle()
	d := b.Dialog("the copy")
	if d.Primary.Text != "Make it a sync of its own" {
		t.Fatalf("the dialog says %s", shelltest.Texts(d))
	}
	test.Tap(d.Primary)
	b.Settle()
	test.Tap(b.Dialog("the import").Primary)
	b.Settle()
	if cards, err := b.W.App.Cards(t.Context()); err != nil || len(cards) != 2 {
		t.Errorf("%d syncs, %v", len(cards), err)
	}
}
