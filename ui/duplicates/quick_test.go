package duplicates

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"syncline/app"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/shell/shelltest"
)

// found is the screen of a sync's duplicates with the pairs of a kind listed.
func found(t *testing.T, kind app.Likeness) (*bench, *Screen) {
	t.Helper()
	b, path := twins(t, look.Light)
	p, err := b.W.App.Practice(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []string{"casimir", "dorothea", "evangeline"} {
		for _, host := range []string{"example.com", "example.org"} {
			if _, err := p.Create("contacts", map[string]string{"email": x + "@" + host, "firstname": strings.ToUpper(x[:1]) + x[1:], "lastname": "Wieselburger", "phone": "+43 1 " + strings.Repeat(string(rune('0'+len(x))), 7)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	b.W.Rooms.Duplicates(path)
	s := b.W.Current().(*Screen)
	b.Until("the pairs", func() bool { return s.Found() != nil })
	b.Settle()
	for i, k := range s.kindsShown() {
		if k == kind {
			s.header.Segment.Choose(i)
		}
	}
	b.Settle()
	if s.kind != kind || len(s.pairs) == 0 {
		t.Fatalf("%d pairs of %s", len(s.pairs), s.kind.Title())
	}
	return b, s
}

// Keys that come faster than decisions are kept decide one pair after the other, each once, and take
// them back in their order.
func TestFastKeysDecideEachPairOnce(t *testing.T) {
	b, s := found(t, app.TwinRecords)
	if len(s.pairs) < 3 {
		t.Fatalf("%d pairs", len(s.pairs))
	}
	first, second, third := s.pairs[0], s.pairs[1], s.pairs[2]
	s.typed('d')
	s.typed('d')
	if s.current() != third {
		t.Errorf("pair %d is the current one, want %d", s.current(), third)
	}
	b.Settle()
	for i, want := range map[int]app.TwinVerdict{first: "different", second: "different", third: ""} {
		if got := s.Found().At(i).Verdict; got != want {
			t.Errorf("pair %d is %q, want %q", i, got, want)
		}
	}
	s.typed('u')
	s.typed('u')
	b.Settle()
	if s.Found().At(first).Verdict != "" || s.Found().At(second).Verdict != "" || s.current() != first || len(s.last) != 0 {
		t.Errorf("they are %q and %q after both were taken back", s.Found().At(first).Verdict, s.Found().At(second).Verdict)
	}
}

// The last pair of a list gets one word, however often keys are pressed.
func TestOnePairGetsOneWord(t *testing.T) {
	b, s := found(t, app.TwinAnew)
	i := s.current()
	s.typed('s')
	s.typed('d')
	b.Settle()
	if got := s.Found().At(i).Verdict; got != "same" || len(s.last) != 1 {
		t.Errorf("the pair is %q after %d decisions", got, len(s.last))
	}
}

// A decision that can't be kept leaves the pair waiting, and says why.
func TestADecisionThatIsNotKeptLeavesThePairWaiting(t *testing.T) {
	b, s := found(t, app.TwinAnew)
	i := s.current()
	s.decide(i, "same", func(context.Context, int) error { return &app.UseError{Msg: "the workspace is full"} })
	b.Settle()
	b.Dialog("why").Close()
	if s.verdict(i) != "" || len(s.last) != 0 || s.open(app.TwinAnew) != 1 {
		t.Errorf("the pair is %q", s.verdict(i))
	}
}

// While a pair is being read, the pane shows that pair and not the one before, whose buttons would act
// on the new one.
func TestThePaneIsOfThePairThatIsChosen(t *testing.T) {
	b, s := found(t, app.TwinRecords)
	before, values := s.Found().At(s.current()), shelltest.Texts(s.lines)
	if len(s.shown) == 0 {
		t.Fatal("the first pair is not shown")
	}
	s.list.Select(1)
	after := s.Found().At(s.current())
	texts := shelltest.Texts(s.pane)
	if !strings.Contains(texts, after.A.Name) || strings.Contains(texts, before.A.Name) && before.A.Name != after.A.Name || len(s.shown) > 0 {
		t.Errorf("beside %s stands\n%s", after.A.Name, texts)
	}
	b.Settle()
	if len(s.shown) == 0 || shelltest.Texts(s.lines) == values {
		t.Error("the second pair is not shown")
	}
}

// While it is looked again nothing can be said of what was found before; when that fails, it stands there
// again.
func TestWhatWasFoundBeforeIsPutAwayWhileItIsLookedAgain(t *testing.T) {
	b, s := found(t, app.TwinAnew)
	d, i := s.Found(), s.current()
	test.Tap(s.header.Primary)
	s.typed('s')
	s.typed('u')
	if shown := shelltest.Texts(s.Content()); strings.Contains(shown, "Xiomara") {
		t.Errorf("what was found before stands there: %s", shown)
	}
	b.Until("what is found now", func() bool { return s.Found() != nil })
	b.Settle()
	if s.Found() == d || d.At(i).Verdict != "" {
		t.Errorf("the pair of before is %q", d.At(i).Verdict)
	}
	d = s.Found()
	if err := os.Remove(filepath.Join(filepath.Dir(s.path), "fair.csv")); err != nil {
		t.Fatal(err)
	}
	test.Tap(s.header.Primary)
	b.Until("the end", func() bool { return s.stop == nil })
	b.Settle()
	if s.Found() != d || !strings.Contains(shelltest.Texts(s.Content()), "Xiomara") {
		t.Error("what was found before is lost")
	}
}

// What is found while a person is elsewhere takes no keys from them.
func TestWhatIsFoundTakesNoKeysFromAnotherRoom(t *testing.T) {
	b, s := found(t, app.TwinAnew)
	test.Tap(s.header.Primary)
	b.W.GoTo(shell.PlaceHome)
	had := b.W.Win.Canvas().Focused()
	b.Until("what is found", func() bool { return s.Found() != nil })
	b.Settle()
	if now := b.W.Win.Canvas().Focused(); now != had {
		t.Errorf("%T has the keyboard, before %T had it", now, had)
	}
}
