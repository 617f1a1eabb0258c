package ui

import (
	"path/filepath"
	"strings"
	"testing"

	"syncline/app"
	"syncline/sync/definition"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/shell/shelltest"
)

// Documents about lists and forms that were written by hand are imported, have a card
// and a plan, and where the window can't show one it says so and what to do.
func TestDocumentsAboutListsAndFormsAreOpened(t *testing.T) {
	for name, x := range map[string]struct {
		text, card, says string
		kept             func(*definition.Definition) bool
	}{
		"members of a list": {text: "source: {kind: csv, path: rows.csv, key: [id]}\nhubspot: {portal: " + app.PracticeName + ", object: list-membership, list: Newsletter, of: contacts, match: [{field: email, property: email}]}\n",
			card: "Contacts", says: "puts records into the list"},
		"sent with a form": {text: "source: {kind: form-submissions, form: Contact us}\n" + importedFields, card: "the form Contact us",
			kept: func(d *definition.Definition) bool { return d.Source.Form == "Contact us" }},
		"of a list": {text: "source: {kind: csv, path: rows.csv, key: [id]}\n" + strings.Replace(strings.Replace(importedFields, "direction:", "  filter-list: Newsletter\ndirection:", 1), "create: hubspot\n", "", 1), card: "rows.csv",
			kept: func(d *definition.Definition) bool { return d.HubSpot.FilterList == "Newsletter" }},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, look.Light, true)
			path := shelltest.SyncOf(t, t.TempDir(), "id,email\n1,a@fernhollow.example\n", x.text)
			b.W.Rooms.Dropped(shelltest.Uris(path))
			b.Settle()
			b.Dialog("the import").Primary.Tapped(nil)
			b.Settle()
			b.W.GoTo(shell.PlaceHome)
			b.Until("its card", func() bool { return strings.Contains(shelltest.Texts(b.W.Current().Content()), x.card) })
			b.W.Rooms.FieldMap(path, nil)
			b.Settle()
			if x.says != "" {
				b.Until("what the window can't show", func() bool {
					return b.Open() && strings.Contains(shelltest.Texts(b.W.Win.Canvas().Overlays().Top()), x.says)
				})
				return
			}
			b.Until("the field map", func() bool { return strings.Contains(shelltest.Texts(b.W.Current().Content()), "Field map") })
			d, err := definition.Load(path)
			if err != nil || !x.kept(d) {
				t.Errorf("the field map left %v of %s", err, filepath.Base(path))
			}
		})
	}
}
