package newsync

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"syncline/ui/look"
	"syncline/ui/shell/shelltest"
)

// HubSpot knows notes by nothing that a file holds: the wizard goes on without a
// match key, and says what that leads to.
func TestNotesNeedNoMatchKey(t *testing.T) {
	b := newBench(t, look.Light, true)
	path := filepath.Join(t.TempDir(), "notes.csv")
	if err := os.WriteFile(path, []byte("Note ID,Date,Note,Contact e-mail\n1,2026-03-02 09:30,Called,ann@example.com\n2,2026-03-05 14:00,Wrote,bob@example.com\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.drop(path)
	s := b.wizard()
	b.Until("the key", func() bool { return s.source.count != nil })
	b.press()
	b.Until("the types", func() bool { return s.object.busy == "" && len(s.object.types) > 0 })
	if name := s.draft.Definition.Name; name != "Notes" {
		t.Errorf("it is called %q", name)
	}
	b.press()
	b.Until("the match key", func() bool { return s.step == stepKey && !s.key.busy })
	b.Picture("nokey-light", 1280, 800)
	if said := strings.Join(strings.Fields(shelltest.Texts(s.key.root)), " "); !strings.Contains(said, "Each row becomes a new note, once. Later runs know it by the row's Note ID.") {
		t.Errorf("%s", said)
	}
	b.press()
	b.Until("the field map", func() bool { return s.step == stepMap })
	b.Settle()
	b.Picture("nokey-map-light", 1280, 800)
	if len(s.draft.Definition.HubSpot.Match) != 0 {
		t.Errorf("it matches by %v", s.draft.Definition.HubSpot.Match)
	}
}
