package widgets_test

import (
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/look"
	"syncline/ui/widgets"
)

// inWindow puts an object into a window of a size.
func inWindow(t *testing.T, o fyne.CanvasObject, w, h float32) fyne.Window {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(look.New(look.Light))
	win := test.NewTempWindow(t, o)
	win.SetPadded(false)
	win.Resize(fyne.NewSize(w, h))
	return win
}

func manyOptions(n int) []string {
	options := make([]string, n)
	for i := range options {
		options[i] = fmt.Sprintf("Option %d", i)
	}
	options[n-1] = "Freight class"
	return options
}

// A list of hundreds of options is searched by typing, and stays inside the
// window wherever its select stands.
func TestALongSelectIsSearchedAndStaysInTheWindow(t *testing.T) {
	for name, y := range map[string]float32{"at the top": 10, "at the foot": 580} {
		t.Run(name, func(t *testing.T) {
			chosen := -1
			s := widgets.NewSelect(manyOptions(400), 7, func(i int) { chosen = i })
			win := inWindow(t, container.NewWithoutLayout(s), 1024, 640)
			s.Move(fyne.NewPos(700, y))
			s.Resize(s.MinSize())
			c := win.Canvas()
			c.Focus(s)
			s.TypedRune('c')
			pop, ok := c.Overlays().Top().(*widget.PopUp)
			if !ok {
				t.Fatalf("over the window is %T", c.Overlays().Top())
			}
			at, size := fyne.CurrentApp().Driver().AbsolutePositionForObject(pop.Content), pop.Content.Size()
			if at.X < 0 || at.Y < 0 || at.X+size.Width > 1024 || at.Y+size.Height > 640 {
				t.Errorf("the list stands at %v, %v large", at, size)
			}
			find, ok := c.Focused().(*widgets.Entry)
			if !ok || find.Text != "c" {
				t.Fatalf("the focus is on %T", c.Focused())
			}
			if dir := os.Getenv("SYNCLINE_PICTURES"); dir != "" {
				find.SetText("")
				writePicture(t, filepath.Join(dir, "select-"+strings.ReplaceAll(name, " ", "-")+".png"), c.Capture())
			}
			find.SetText("class fre")
			find.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
			if chosen != 399 || s.Selected != 399 || len(c.Overlays().List()) != 0 {
				t.Errorf("%d is chosen, %d layers are open", chosen, len(c.Overlays().List()))
			}
			if c.Focused() != fyne.Focusable(s) {
				t.Errorf("afterwards the focus is on %T", c.Focused())
			}
		})
	}
}

func TestEscapeLeavesALongSelectAsItWas(t *testing.T) {
	s := widgets.NewSelect(manyOptions(20), 3, func(int) { t.Error("something was chosen") })
	win := inWindow(t, s, 600, 500)
	s.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	find := win.Canvas().Focused().(*widgets.Entry)
	find.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	find.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if s.Selected != 3 || len(win.Canvas().Overlays().List()) != 0 {
		t.Errorf("%d is selected, %d layers are open", s.Selected, len(win.Canvas().Overlays().List()))
	}
}

// The lines that begin with what is typed come first, then those of which a word
// does; what can't be picked now is shown and not picked.
func TestTheBestMatchStandsFirst(t *testing.T) {
	picked := -1
	l := widgets.NewPickList([]widgets.PickLine{{Text: "Preview the plan"}, {Text: "Apply the plan"}, {Text: "Explanation"}, {Text: "Plan again", Off: true}, {Text: "Runs"}}, 5, -1, func(i int) { picked = i })
	l.Find("plan")
	if l.Shown() != 4 || l.Current() != 3 {
		t.Fatalf("%d lines match, the first is %d", l.Shown(), l.Current())
	}
	enter, down := &fyne.KeyEvent{Name: fyne.KeyReturn}, &fyne.KeyEvent{Name: fyne.KeyDown}
	l.Key(enter)
	if picked != -1 {
		t.Errorf("line %d can't be picked, and was", picked)
	}
	l.Key(down)
	l.Key(enter)
	if picked != 0 {
		t.Errorf("line %d was picked", picked)
	}
	l.Find("no such words")
	l.Key(enter)
	if l.Shown() != 0 || l.Current() != -1 || picked != 0 {
		t.Errorf("of nothing, line %d was picked", picked)
	}
}

// Escape takes back what is looked for, then leaves the field, and only then the
// screen.
func TestEscapeInASearchLeavesTheScreenLast(t *testing.T) {
	looked := "?"
	e := widgets.NewSearchEntry("Find", func(text string) { looked = text })
	win := inWindow(t, e, 300, 100)
	left := false
	win.Canvas().SetOnTypedKey(func(*fyne.KeyEvent) { left = true })
	win.Canvas().Focus(e)
	e.SetText("ann")
	escape := &fyne.KeyEvent{Name: fyne.KeyEscape}
	e.TypedKey(escape)
	if looked != "" || win.Canvas().Focused() != fyne.Focusable(e) || left {
		t.Fatalf("looks for %q, left %v", looked, left)
	}
	e.TypedKey(escape)
	if win.Canvas().Focused() != nil || left {
		t.Errorf("the focus is on %T, left %v", win.Canvas().Focused(), left)
	}
}

func writePicture(t *testing.T, path string, picture image.Image) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, picture); err != nil {
		t.Fatal(err)
	}
}
