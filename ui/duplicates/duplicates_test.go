package duplicates

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"syncline/app"
	"syncline/ui/look"
	"syncline/ui/shell/shelltest"
)

// bench is the stage with what the tests of this room do on it.
type bench struct{ *shelltest.Bench }

// twins is a window over a file of people of whom some are in the practice portal already.
func twins(t *testing.T, mode look.Mode) (*bench, string) {
	t.Helper()
	b := &bench{shelltest.New(t, mode, true)}
	p, err := b.W.App.Practice(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, props := range []map[string]string{
		{"email": "xiomara@example.com", "firstname": "Xiomara", "lastname": "Devereaux", "phone": "+43 664 1234567", "city": "Graz"},
		{"email": "aurel@example.com", "firstname": "Aurelian", "lastname": "Dimovski", "phone": "+43 664 2222222", "jobtitle": "Buyer", "city": "Wels"},
		{"email": "aurelian.dimovski@example.org", "firstname": "Aurelian", "lastname": "Dimovski", "phone": "0664 2222222", "city": "Linz"},
	} {
		if _, err := p.Create("contacts", props); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "fair.yaml")
	for name, text := range map[string]string{
		"fair.csv": "id,Email,First,Last,Phone\n1,xd@example.org,Xiomara,Deveraux,0664/1234567\n2,lena@example.com,Lena,Varnholt,0664 7654321\n3,lena.v@example.com,Lena,Varnholt,+43 664 7654321\n",
		"fair.yaml": "syncline: 1\nid: fairvisit1\nname: Visitors of the fair\nsource: { kind: csv, path: fair.csv, key: [id] }\nhubspot: { object: contacts, match: [{ field: Email, property: email }] }\ndirection: to-hubspot\ncreate: hubspot\n" +
			"fields: [{ field: Email, property: email }, { field: First, property: firstname }, { field: Last, property: lastname }, { field: Phone, property: phone }]\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return b, path
}

// Pairs are decided by keys, one after the other, and a decision can be taken back; records become one
// only by a word that is typed.
func TestPairsAreDecidedByKeys(t *testing.T) {
	b, path := twins(t, look.Light)
	b.W.Rooms.Duplicates(path)
	s := b.W.Current().(*Screen)
	b.Until("the pairs", func() bool { return s.Found() != nil && len(s.shown) > 0 })
	b.Settle()
	b.Picture("duplicates", 1280, 800)
	b.Picture("duplicates-1024", 1024, 640)
	if s.kind != app.TwinAnew || len(s.pairs) != 1 {
		t.Fatalf("%d pairs of %s", len(s.pairs), s.kind.Title())
	}
	shown := shelltest.Texts(s.Content())
	for _, want := range []string{"Xiomara Deveraux", "Xiomara Devereaux", "Alike names", "The same phone number", "the next plan links the row with the record", "0664/1234567"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the screen does not say %q", want)
		}
	}
	s.typed('s')
	b.Settle()
	if s.Found().At(s.pairs[0]).Verdict != "same" {
		t.Errorf("the pair is %q", s.Found().At(s.pairs[0]).Verdict)
	}
	s.typed('u')
	b.Settle()
	if s.Found().At(s.pairs[0]).Verdict != "" {
		t.Errorf("the decision stays: %q", s.Found().At(s.pairs[0]).Verdict)
	}
	s.typed('d')
	b.Settle()
	s.header.Segment.Choose(2)
	b.Settle()
	at := -1
	for row, i := range s.pairs {
		if strings.Contains(s.Found().At(i).A.Name, "Dimovski") {
			at = row
		}
	}
	if at < 0 {
		t.Fatal("two records of one person are not told")
	}
	s.list.Select(at)
	b.Settle()
	s.typed('m')
	b.Settle()
	d := b.Dialog("the merge")
	b.Picture("duplicates-merge", 1280, 800)
	if !d.Primary.Disabled() {
		t.Error("records can be merged without the word")
	}
	entries := shelltest.EntriesIn(d.Content)
	entries[len(entries)-1].SetText("merge")
	test.Tap(d.Primary)
	b.Settle()
	if i := s.pairs[at]; s.Found().At(i).Verdict != "same" {
		t.Errorf("the records are not merged: %v", b.W.LastError())
	}
	b.Picture("duplicates-merged", 1280, 800)
}

// Records alone are looked through from the records' own screen.
func TestRecordsAloneAreLookedThrough(t *testing.T) {
	b, _ := twins(t, look.DarkMode)
	b.W.Rooms.Duplicates("")
	s := b.W.Current().(*Screen)
	b.Until("what can be looked through", func() bool { return len(s.offers) > 0 })
	b.Picture("duplicates-begin-dark", 1280, 800)
	test.Tap(s.header.Primary)
	b.Until("the pairs", func() bool { return s.Found() != nil && len(s.shown) > 0 })
	b.Settle()
	b.Picture("duplicates-dark-1024", 1024, 640)
	if s.kind != app.TwinRecords || len(s.pairs) == 0 {
		t.Errorf("%d pairs of %s", len(s.pairs), s.kind.Title())
	}
	s.back()
	if b.W.Current() == s {
		t.Error("there is no way back")
	}
}
