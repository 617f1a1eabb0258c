package newsync

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"syncline/sync/definition"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/shell/shelltest"
	"syncline/ui/widgets"
)

func (b *bench) wizard() *newSyncScreen {
	b.Helper()
	s, ok := b.W.Current().(*newSyncScreen)
	if !ok {
		b.Fatalf("the screen is %T", b.W.Current())
	}
	return s
}

// press presses Continue, which must be possible.
func (b *bench) press() {
	b.Helper()
	s := b.wizard()
	if s.forward.Disabled() {
		b.Fatalf("step %d can't go on: %s", s.step, s.forward.Reason)
	}
	test.Tap(s.forward)
}

// drop drops a file on the window.
func (b *bench) drop(path string) {
	b.W.Rooms.NewSync(path)
	b.Until("the file", func() bool { return b.wizard().source.busy == "" })
}

// walk goes through all steps up to the field map.
func (b *bench) walk(path string) *newSyncScreen {
	b.Helper()
	b.drop(path)
	s := b.wizard()
	b.press()
	b.Until("the object types", func() bool { return len(s.object.types) > 0 })
	b.press()
	b.Until("the figures", func() bool { return s.step == stepKey && s.key.outcome != nil })
	return s
}

func TestDroppedFileBecomesADefinitionThatPreviews(t *testing.T) {
	for name, path := range map[string]func(*testing.T) string{"the sample": shelltest.SampleBook, "a Salesforce export": shelltest.NpspContacts} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, look.Light, true)
			s := b.walk(path(t))
			if s.draft.Definition.HubSpot.Object != "contacts" || s.key.order[0].Property != "email" {
				t.Errorf("object %s, keys %v", s.draft.Definition.HubSpot.Object, s.key.order)
			}
			o := s.key.outcome
			if sum := o.One + o.None + o.Several + o.Barred; sum != s.key.check.Rows || sum == 0 {
				t.Errorf("the outcome %+v adds up to %d of %d rows", o, sum, s.key.check.Rows)
			}
			b.press()
			if s.step != stepMap {
				t.Fatalf("the step is %d", s.step)
			}
			s.proceed()
			b.Until("the plan", func() bool { p, ok := b.W.Current().(shelltest.Plan); return ok && p.View().ID != "" })
			plan := b.W.Current().(shelltest.Plan).View()
			if plan.State != "ready" || s.w.unfinished != nil {
				t.Errorf("the plan is %s, unfinished %v", plan.State, s.w.unfinished)
			}
			files, err := filepath.Glob(filepath.Join(b.W.App.Store.Dir(), "syncs", "*.yaml"))
			if err != nil || len(files) != 1 {
				t.Fatalf("files %v, %v", files, err)
			}
			d, err := definition.Load(files[0])
			if err != nil {
				t.Fatal(err)
			}
			if d.Direction != definition.TwoWay || len(d.Source.Key) != 1 || len(d.Fields) == 0 {
				t.Errorf("the definition is %+v", d)
			}
			cards, err := b.W.App.Cards(t.Context())
			if err != nil || len(cards) != 1 || cards[0].Name != d.Name {
				t.Errorf("Home has %v, %v", cards, err)
			}
		})
	}
}

func TestUnusableFilesAreRefusedInPlace(t *testing.T) {
	put := func(name, content string) func(*testing.T) string {
		return func(t *testing.T) string {
			path := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}
	}
	tests := map[string]struct {
		path func(*testing.T) string
		want string
	}{
		"missing":     {func(t *testing.T) string { return filepath.Join(t.TempDir(), "gone.csv") }, "is not there"},
		"empty":       {put("empty.csv", ""), "is empty"},
		"binary junk": {put("junk.csv", "\x00\x01\x02\xff\xfe junk"), "is not a text file"},
		"a PDF":       {put("a.pdf", "%PDF-1.7"), "is a PDF"},
		"a folder":    {func(t *testing.T) string { return t.TempDir() }, "is a folder"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, look.Light, true)
			b.drop(tt.path(t))
			s := b.wizard()
			if s.source.failed == nil || !strings.Contains(s.source.failed.Error(), tt.want) || !s.forward.Disabled() {
				t.Errorf("the error is %v, Continue disabled %v", s.source.failed, s.forward.Disabled())
			}
			if name == "empty" {
				b.Picture("newsync-error", 1280, 800)
			}
			// Another file goes on from there.
			b.drop(shelltest.SampleBook(t))
			if s.source.failed != nil || s.forward.Disabled() {
				t.Errorf("after a good file: %v, %s", s.source.failed, s.forward.Reason)
			}
		})
	}
}

func TestFileWithoutRowsCanNotGoOn(t *testing.T) {
	b := newBench(t, look.Light, true)
	path := filepath.Join(t.TempDir(), "head.csv")
	if err := os.WriteFile(path, []byte("Id,Name\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.drop(path)
	if s := b.wizard(); !s.forward.Disabled() {
		t.Error("a file without rows goes on")
	}
}

func TestHowAFileIsReadIsAskedAndShown(t *testing.T) {
	b := newBench(t, look.Light, true)
	path := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(path, []byte("Kunden\n\nId,Email,Last,City\n1,a@example.com,Dvo\xF8\xE1k,NULL\n2,b@example.com,Lee,Oslo\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.drop(path)
	s := b.wizard()
	src := s.source
	if !s.forward.Disabled() || !strings.Contains(s.forward.Reason, "characters") || src.encoding == nil {
		t.Fatalf("nothing is asked: %s", s.forward.Reason)
	}
	b.Picture("newsync-encoding", 1280, 800)
	for _, width := range []float32{1280, 1024} {
		b.W.Win.Resize(fyne.NewSize(width, 640))
		b.Picture(fmt.Sprintf("newsync-encoding-%.0f", width), width, 640)
		// A long reading is cut, and not the panel that asks about it.
		right := b.W.Fyne.Driver().AbsolutePositionForObject(src.encoding).X + src.encoding.Size().Width
		if right > width-look.PageMarginSlim {
			t.Errorf("at %.0f the choice ends at %.0f, beyond its panel", width, right)
		}
	}
	at := slices.IndexFunc(src.encoding.Options, func(o string) bool {
		return strings.Contains(o, "Dvořák") && strings.Contains(o, "Windows-1250")
	})
	if at < 0 {
		t.Fatalf("the right answer is not offered: %q", src.encoding.Options)
	}
	r := s.draft.Reading()
	choices, _ := s.draft.Encodings()
	r.Encoding, r.Blanks = choices[at].Value, []string{"NULL"}
	src.reread(r)
	b.Until("the file in its encoding", func() bool { return src.busy == "" && src.count != nil })
	if s.forward.Disabled() || s.draft.Rows[0].Fields["Last"].String() != "Dvořák" || !s.draft.Rows[0].Fields["City"].Empty() || src.count.Unreadable != 0 {
		t.Errorf("%s; %v, %+v", s.forward.Reason, s.draft.Rows, src.count)
	}
	if src.header == nil || src.header.Selected != 2 {
		t.Errorf("the header is in line %v", src.header)
	}
	d := s.draft.Definition.Source
	if d.Encoding != "windows-1250" || d.HeaderRow != 3 || !slices.Equal(d.Blanks, []string{"NULL"}) {
		t.Errorf("the definition says %+v", d)
	}
}

func TestWizardGoesByKeyboardAlone(t *testing.T) {
	b := newBench(t, look.Light, true)
	c := b.W.Win.Canvas()
	key := func(name fyne.KeyName) {
		if f := c.Focused(); f != nil {
			f.TypedKey(&fyne.KeyEvent{Name: name})
			return
		}
		c.OnTypedKey()(&fyne.KeyEvent{Name: name})
	}
	b.drop(shelltest.SampleBook(t))
	s := b.wizard()
	key(fyne.KeyReturn)
	b.Until("the object types", func() bool { return len(s.object.types) > 0 })
	key(fyne.KeyRight)
	if s.object.object != "companies" {
		t.Errorf("Right chose %s", s.object.object)
	}
	key(fyne.KeyLeft)
	key(fyne.KeyReturn)
	b.Until("the figures", func() bool { return s.step == stepKey && s.key.outcome != nil })
	first := s.key.order[0]
	key(fyne.KeyDown)
	if s.key.order[0] == first {
		t.Error("Down chose no other key")
	}
	for i, want := range []int{stepObject, stepSource} {
		key(fyne.KeyEscape)
		if s.step != want {
			t.Fatalf("Escape %d led to step %d", i+1, s.step)
		}
	}
	key(fyne.KeyEscape)
	d, ok := c.Overlays().Top().(*widgets.Dialog)
	if !ok {
		t.Fatal("Escape in the first step asks nothing")
	}
	d.Submit()
	if s.w.unfinished != nil || b.W.Current() != b.W.ScreenOf(shell.PlaceHome) {
		t.Errorf("the wizard is not left: %T", b.W.Current())
	}
}

func TestUnfinishedSyncIsGoneOnWith(t *testing.T) {
	b := newBench(t, look.Light, true)
	s := b.walk(shelltest.SampleBook(t))
	calls := s.key.check.Calls
	b.W.GoTo(shell.PlaceConnections)
	b.W.Rooms.NewSync("")
	if b.wizard() != s || s.step != stepKey {
		t.Errorf("the wizard is at step %d", s.step)
	}
	// Neither going away nor going back counts again.
	s.goStep(stepObject)
	b.Settle()
	b.press()
	b.Settle()
	if s.step != stepKey || s.key.check == nil || s.key.check.Calls != calls {
		t.Errorf("step %d, figures %v", s.step, s.key.check)
	}
	// Another file asks before it takes the place of the first.
	other := filepath.Join(t.TempDir(), "other.csv")
	if err := os.WriteFile(other, []byte("Id,Name\n1,Ann\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.W.Rooms.NewSync(other)
	d, ok := b.W.Win.Canvas().Overlays().Top().(*widgets.Dialog)
	if !ok {
		t.Fatal("nothing is asked")
	}
	d.Submit()
	b.Until("the file", func() bool { return b.wizard().source.busy == "" && b.wizard().draft != nil })
	if got := b.wizard(); got == s || got.source.name() != "other.csv" {
		t.Errorf("the wizard is of %s", got.source.name())
	}
}

func TestNoPortalIsSaidWhereItMatters(t *testing.T) {
	b := newBench(t, look.Light, false)
	b.drop(shelltest.SampleBook(t))
	s := b.wizard()
	b.press()
	b.Settle()
	if s.step != stepObject || s.forward.Reason != "Connect a portal first" {
		t.Errorf("step %d: %q", s.step, s.forward.Reason)
	}
	b.Picture("newsync-no-portal", 1280, 800)
}

func TestPicturesOfTheWizard(t *testing.T) {
	if os.Getenv("SYNCLINE_PICTURES") == "" {
		t.Skip("SYNCLINE_PICTURES is not set")
	}
	for suffix, mode := range map[string]look.Mode{"": look.Light, "-dark": look.DarkMode} {
		b := newBench(t, mode, true)
		shot := func(name string) {
			b.Settle()
			b.Picture("newsync-"+name+suffix, 1280, 800)
			b.Picture("newsync-"+name+suffix+"-1024", 1024, 640)
			b.W.Win.Resize(fyne.NewSize(1280, 800))
		}
		b.W.Rooms.NewSync("")
		shot("0-start")
		b.drop(shelltest.NpspContacts(t))
		shot("1-npsp")
		b.wizard().w.unfinished = nil
		b.drop(shelltest.SampleBook(t))
		s := b.wizard()
		shot("1-source")
		b.press()
		b.Until("the object types", func() bool { return len(s.object.types) > 0 })
		shot("2-object")
		b.press()
		b.Until("progress", func() bool { return s.step == stepKey })
		b.Picture("newsync-3-counting"+suffix, 1280, 800)
		b.Until("the figures", func() bool { return s.key.outcome != nil })
		shot("3-key")
		b.press()
		shot("4-map")
	}
}
