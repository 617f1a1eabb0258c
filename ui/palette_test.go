package ui

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"syncline/ui/look"
	plans "syncline/ui/plan"
	"syncline/ui/shell"
	"syncline/ui/widgets"
)

// openPalette opens the palette as its shortcut does.
func (b *bench) openPalette() (*widgets.Entry, *widgets.PickList) {
	b.Helper()
	h := b.W.Rooms.(*house)
	h.menu.find.Action()
	b.Settle()
	d := b.Dialog("the palette")
	return d.First.(*widgets.Entry), d.Content.(*fyne.Container).Objects[1].(*widgets.PickList)
}

// Whatever the window can do is found by its name, and done.
func TestAnActionIsFoundByItsName(t *testing.T) {
	b := withSample(t, look.Light)
	find, list := b.openPalette()
	b.Picture("palette", 1280, 800)
	all := list.Shown()
	find.SetText("preview billing")
	if n := list.Shown(); n == 0 || n == all {
		t.Fatalf("%d of %d actions are called so", n, all)
	}
	b.Picture("palette-found", 1024, 640)
	find.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	b.Planned("the plan")
	if b.W.Win.Canvas().Overlays().Top() != nil {
		t.Error("the palette stays open")
	}
	find, _ = b.openPalette()
	find.SetText("runs")
	find.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	b.Settle()
	if !b.W.At(shell.PlaceRuns) {
		t.Errorf("the screen is %T", b.W.Current())
	}
}

// Every command of the menu that has a shortcut shows it in the palette, and what
// can't be done now is there and can't be picked.
func TestThePaletteShowsEveryShortcut(t *testing.T) {
	b := withSample(t, look.DarkMode)
	h := b.W.Rooms.(*house)
	all := h.actions()
	for _, m := range h.menu.menu.Items {
		for _, i := range m.Items {
			if i.Shortcut == nil || i == h.menu.find || m == h.menu.edit { // nothing on Home can be undone
				continue
			}
			at := slices.IndexFunc(all, func(a action) bool {
				return strings.TrimSuffix(a.line.Text, "…") == strings.TrimSuffix(i.Label, "…")
			})
			if at < 0 || all[at].line.Note == "" || all[at].line.Note == m.Label || all[at].line.Note == onThisScreen {
				t.Errorf("%s has no shortcut in the palette", i.Label)
			}
		}
	}
	off := slices.IndexFunc(all, func(a action) bool { return a.line.Text == "Apply the plan" })
	if off < 0 || !all[off].line.Off {
		t.Error("on Home a plan can be applied")
	}
	find, _ := b.openPalette()
	find.SetText("apply the plan")
	find.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if _, ok := b.W.Current().(*plans.Screen); ok || !b.Open() {
		t.Errorf("it was picked: %T", b.W.Current())
	}
	b.Picture("palette-off-dark", 1280, 800)
}
