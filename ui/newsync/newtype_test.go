package newsync

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"syncline/ui/look"
	"syncline/ui/shell/shelltest"
)

// Rows for which the portal has no object type get one: the dialog proposes it, the
// plan shows it, and it is made only when that is approved.
func TestANewObjectTypeIsProposedAndMadeOnApproval(t *testing.T) {
	b := newBench(t, look.Light, true)
	path := filepath.Join(t.TempDir(), "machines.csv")
	if err := os.WriteFile(path, []byte("Serial,Machine name,Bought,Hours,Operator e-mail\nM-1,Press one,2024-05-30,1200.5,ann@example.com\nM-2,Press two,2023-01-02,80,bob@example.com\nM-3,Lathe,2022-11-30,12,ann@example.com\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	portal, err := b.W.App.Practice(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, email := range []string{"ann@example.com", "bob@example.com"} {
		if _, err := portal.Create("contacts", map[string]string{"email": email}); err != nil {
			t.Fatal(err)
		}
	}
	portal.SettleIndex()
	b.drop(path)
	s := b.wizard()
	b.Until("the key", func() bool { return s.source.count != nil })
	b.press()
	b.Until("the types", func() bool { return s.object.busy == "" && len(s.object.types) > 0 })
	b.Picture("newtype-objects-light", 1280, 800)
	b.Tap("New object type…")
	b.Until("the dialog", b.Open)
	d := b.Dialog("the new object type")
	b.Picture("newtype-dialog-light", 1280, 800)
	if !strings.Contains(shelltest.Texts(d.Content), "Serial (text, unique), Machine name (text), Bought (date), Hours (number)") {
		t.Errorf("%s", shelltest.Texts(d.Content))
	}
	test.Tap(d.Primary)
	b.Planned("the plan")
	b.Settle()
	b.Picture("newtype-plan-light", 1280, 800)
	made := func() bool { return strings.Contains(strings.Join(portal.ObjectTypes(), " "), "machine") }
	if made() {
		t.Error("it was made unasked")
	}
	if !b.Button("Apply").Disabled() {
		t.Error("the plan can be applied before the number is typed")
	}
	b.Guard().Entry().SetText("1")
	b.Tap("Apply")
	b.Ran("the run")
	if !made() {
		t.Error("it was not made")
	}
}

// A file that is called as the portal's own object type is taken for its rows.
func TestAFileNamedAsAnOwnObjectTypeIsGuessedToBeOfIt(t *testing.T) {
	b := newBench(t, look.Light, true)
	path := filepath.Join(t.TempDir(), "licenses 2026.csv")
	if err := os.WriteFile(path, []byte("Key,Holder,Email\nL-1,Ann,ann@example.com\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.drop(path)
	s := b.wizard()
	b.Until("the key", func() bool { return s.source.count != nil })
	b.press()
	b.Until("the types", func() bool { return s.object.busy == "" && len(s.object.types) > 0 })
	if chosen, _ := s.object.chosen(); chosen.Label != "Licenses" {
		t.Errorf("%q is chosen", chosen.Label)
	}
	if said := s.object.guess.Reason; said != "“licenses 2026.csv” says so" {
		t.Errorf("the reason is %q", said)
	}
}
