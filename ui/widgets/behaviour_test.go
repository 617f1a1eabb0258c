package widgets_test

import (
	"fmt"
	"image/color"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"syncline/ui/look"
	"syncline/ui/widgets"
)

// window shows a part in a window of its own, with a layer for hover texts.
func window(t *testing.T, o fyne.CanvasObject, w, h float32) (fyne.Window, *widgets.Layer) {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(look.New(look.Light))
	content, layer := widgets.WithLayer(o)
	win := test.NewTempWindow(t, content)
	win.SetPadded(false)
	win.Resize(fyne.NewSize(w, h))
	return win, layer
}

func key(name fyne.KeyName) *fyne.KeyEvent { return &fyne.KeyEvent{Name: name} }

// press is a click as the driver reports it.
func press(o interface {
	desktop.Mouseable
	fyne.Tappable
}, x, y float32) {
	e := &desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x, y)}, Button: desktop.MouseButtonPrimary}
	o.MouseDown(e)
	o.MouseUp(e)
	o.Tapped(&e.PointEvent)
}

// visibleTexts are all texts a part shows.
func visibleTexts(o fyne.CanvasObject) []string {
	var out []string
	for _, i := range inks(o, fyne.Position{}) {
		if i.text {
			out = append(out, strings.Trim(i.what, `"`))
		}
	}
	return out
}

// rings counts the focus rings that show.
func rings(o fyne.CanvasObject) int {
	n := 0
	walk(o, func(c fyne.CanvasObject) {
		if r, ok := c.(*canvas.Rectangle); ok && r.Visible() && r.StrokeWidth == 2 && r.StrokeColor == look.Color(look.Focus) {
			n++
		}
	})
	return n
}

func TestButtonActsOnClickSpaceAndEnter(t *testing.T) {
	taps := 0
	b := widgets.NewButton(widgets.Primary, "run", "Run", func() { taps++ })
	win, _ := window(t, b, 200, 32)
	press(b, 10, 10)
	if taps != 1 {
		t.Errorf("a click acts %d times", taps)
	}
	if win.Canvas().Focused() != b {
		t.Error("a click does not take the focus")
	}
	for _, k := range []fyne.KeyName{fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter} {
		b.TypedKey(key(k))
	}
	if taps != 4 {
		t.Errorf("after three keys it acted %d times, want 4", taps)
	}
	if rings(b) != 1 {
		t.Error("no focus ring")
	}
	win.Canvas().Unfocus()
	if rings(b) != 0 {
		t.Error("the ring stays")
	}
}

// In a scroll, a press that moves by two pixels arrives as a drag.
func TestButtonActsWhenThePointerMovesDuringTheClick(t *testing.T) {
	taps := 0
	b := widgets.NewButton(widgets.Plain, "", "Review", func() { taps++ })
	window(t, b, 100, 32)
	down := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary}
	b.MouseDown(down)
	b.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(20, 10)}})
	b.MouseUp(down)
	b.DragEnd()
	if taps != 1 {
		t.Errorf("acted %d times, want once", taps)
	}
	b.MouseDown(down)
	b.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(20, 90)}})
	b.DragEnd()
	if taps != 1 {
		t.Error("acted although the pointer was let go outside")
	}
}

func TestDisabledButtonDoesNothingAndCannotBeFocused(t *testing.T) {
	taps := 0
	b := widgets.NewButton(widgets.Primary, "", "Apply 3 changes", func() { taps++ })
	win, _ := window(t, b, 200, 32)
	b.SetReason("Type 1260 to allow the change of owners")
	press(b, 10, 10)
	b.TypedKey(key(fyne.KeyReturn))
	win.Canvas().Focus(b)
	if taps != 0 || win.Canvas().Focused() == b {
		t.Errorf("acted %d times, focused %v", taps, win.Canvas().Focused() == b)
	}
	b.SetReason("")
	press(b, 10, 10)
	if taps != 1 {
		t.Error("stays disabled after the reason has gone")
	}
}

func TestChipsFilterTogether(t *testing.T) {
	var got []look.Meaning
	bar := widgets.NewChipBar(look.ChipFates(), func(on []look.Meaning) { got = on })
	win, _ := window(t, bar.Container, 1000, 40)
	bar.SetCounts(map[look.Meaning]int{look.Create: 5, look.Update: 3, look.Conflict: 1})
	bar.SetOn(look.Create, look.Update, look.Skipped)
	if on := bar.On(); !slices.Equal(on, []look.Meaning{look.Create, look.Update}) {
		t.Fatalf("on: %v; a chip with 0 must stay off", on)
	}
	press(bar.Chips[2], 5, 5) // conflict
	if !slices.Equal(got, []look.Meaning{look.Create, look.Update, look.Conflict}) {
		t.Errorf("after a click on Conflict: %v", got)
	}
	bar.Chips[2].TypedKey(key(fyne.KeySpace))
	press(bar.Chips[0], 5, 5)
	if !slices.Equal(got, []look.Meaning{look.Update}) {
		t.Errorf("after switching two off: %v", got)
	}
	press(bar.Chips[1], 5, 5)
	if !slices.Equal(got, []look.Meaning{look.Create, look.Update, look.Conflict}) {
		t.Errorf("a click on the only one brings back %v", got)
	}
	got = nil
	press(bar.Chips[6], 5, 5) // failed, 0 rows
	if got != nil {
		t.Error("a chip with 0 rows acts")
	}
	win.Canvas().Focus(bar.Chips[0])
	bar.Chips[0].TypedKey(key(fyne.KeyRight))
	if win.Canvas().Focused() != bar.Chips[1] {
		t.Error("Right does not go to the next chip")
	}
}

func TestSegmentChoosesByClickAndArrows(t *testing.T) {
	var got []int
	s := widgets.NewTextSegment([]string{"Whole run", "One column", "Selection"}, 0, func(i int) { got = append(got, i) })
	s.Fill = true
	window(t, s, 300, 32)
	press(s, 150, 10)
	s.TypedKey(key(fyne.KeyRight))
	s.TypedKey(key(fyne.KeyRight)) // already at the end
	s.TypedKey(key(fyne.KeyHome))
	if !slices.Equal(got, []int{1, 2, 0}) {
		t.Errorf("chosen %v, want 1, 2, 0", got)
	}
}

func TestRailOpensByClickAndKeys(t *testing.T) {
	var got []int
	r := widgets.NewRail(railItems(), func(i int) { got = append(got, i) })
	window(t, r, 200, 400)
	press(r, 60, 62+38+10) // the second item
	r.TypedKey(key(fyne.KeyDown))
	r.TypedKey(key(fyne.KeyDown))
	if len(got) != 1 {
		t.Fatalf("moving opens screens: %v", got)
	}
	r.TypedKey(key(fyne.KeyReturn))
	r.TypedKey(key(fyne.KeyEnd))
	r.TypedKey(key(fyne.KeyDown))
	r.TypedKey(key(fyne.KeySpace))
	if !slices.Equal(got, []int{1, 3, 6}) {
		t.Errorf("opened %v, want 1, 3, 6", got)
	}
	if r.Current != 6 {
		t.Errorf("current is %d", r.Current)
	}
}

func TestCompactRailShowsTheCountUnderTheIcon(t *testing.T) {
	r := widgets.NewRail(railItems(), nil)
	window(t, r, 200, 400)
	if texts := visibleTexts(r); !slices.Contains(texts, "486") || !slices.Contains(texts, "Review") {
		t.Errorf("wide rail shows %q", texts)
	}
	r.SetCompact(true)
	if texts := visibleTexts(r); !slices.Equal(texts, []string{"486"}) {
		t.Errorf("compact rail shows %q, want the count only", texts)
	}
	if r.MinSize().Width != look.RailCompact {
		t.Errorf("compact rail is %g wide", r.MinSize().Width)
	}
}

func TestHeaderMovesButtonsThatDoNotFitIntoTheMenu(t *testing.T) {
	taps := 0
	h := widgets.NewHeader("Plan", "nothing is written until you apply")
	h.Buttons = []*widgets.Button{
		widgets.NewButton(widgets.Plain, "", "Make a new plan", func() { taps++ }),
		widgets.NewButton(widgets.Plain, "", "Export", nil),
	}
	h.Primary = widgets.NewButton(widgets.Primary, "", "Apply 11,458 changes", nil)
	win, _ := window(t, h, 1000, 64)
	if texts := visibleTexts(h); !slices.Contains(texts, "Make a new plan") {
		t.Fatalf("wide header shows %q", texts)
	}
	h.Resize(fyne.NewSize(560, 64))
	texts := visibleTexts(h)
	if slices.Contains(texts, "Make a new plan") || !slices.Contains(texts, "Apply 11,458 changes") {
		t.Fatalf("narrow header shows %q", texts)
	}
	items := h.MenuItems()
	if len(items) == 0 || items[0].Label != "Make a new plan" {
		t.Fatalf("menu: %v", items)
	}
	items[0].Action()
	if taps != 1 {
		t.Error("the menu item does not press the button")
	}
	_ = win
}

func TestGuardRailWantsExactlyTheNumber(t *testing.T) {
	var allowed []bool
	g := widgets.NewGuardRail("This plan changes the owner of 1,260 contacts.", "", 1260, "", nil, func(ok bool) { allowed = append(allowed, ok) })
	window(t, g, 900, 80)
	for _, c := range []struct {
		typed string
		want  bool
	}{{"12", false}, {"1260", true}, {"12600", false}, {"1,260", true}, {"01260", false}, {"1.2.6.0", false}, {" 1260 ", true}, {"yes", false}, {"", false}} {
		g.Entry().SetText(c.typed)
		if g.Allowed() != c.want {
			t.Errorf("%q: allowed %v, want %v", c.typed, g.Allowed(), c.want)
		}
	}
	if len(allowed)%2 != 0 || !allowed[0] {
		t.Errorf("reported %v; each change once, beginning with true", allowed)
	}
}

func TestDialogKeys(t *testing.T) {
	back := widgets.NewEntry("")
	win, _ := window(t, back, 1100, 700)
	did, cancelled := 0, 0
	entry := widgets.NewEntry("Token")
	d := widgets.NewDialog("Connect HubSpot", "Choose how Syncline signs in.", entry)
	d.Primary = widgets.NewButton(widgets.Primary, "", "Connect", func() { did++ })
	d.Others = []*widgets.Button{widgets.NewButton(widgets.Plain, "", "Cancel", d.Cancel)}
	d.OnCancel = func() { cancelled++ }
	d.First = entry
	open := func() {
		d.Open(win.Canvas())
		if win.Canvas().Overlays().Top() != d {
			t.Fatal("the dialog is not on top")
		}
	}

	open()
	if win.Canvas().Focused() != entry {
		t.Error("the focus does not start in the first field")
	}
	entry.TypedKey(key(fyne.KeyReturn))
	if did != 1 {
		t.Errorf("Enter in the field pressed the primary button %d times", did)
	}
	d.Primary.SetReason("Paste a token first")
	entry.TypedKey(key(fyne.KeyReturn))
	if did != 1 {
		t.Error("Enter pressed a disabled button")
	}
	entry.TypedKey(key(fyne.KeyEscape))
	if cancelled != 1 || win.Canvas().Overlays().Top() != nil {
		t.Errorf("Escape in the field: cancelled %d times, still open %v", cancelled, win.Canvas().Overlays().Top() != nil)
	}

	open()
	win.Canvas().Unfocus()
	win.Canvas().OnTypedKey()(key(fyne.KeyEscape))
	if cancelled != 2 {
		t.Error("Escape without focus does not leave")
	}
	if win.Canvas().OnTypedKey() != nil {
		t.Error("the window's own key handler did not come back")
	}
	assertDialogFits(t, d, win)
}

func assertDialogFits(t *testing.T, d *widgets.Dialog, win fyne.Window) {
	t.Helper()
	for _, size := range []fyne.Size{{Width: 1024, Height: 640}, {Width: 1600, Height: 900}} {
		win.Resize(size)
		d.Open(win.Canvas())
		for _, i := range inks(d, fyne.Position{}) {
			if i.x < 40 || i.x+i.w > size.Width-40 || i.y < 40 || i.y+i.h > size.Height-40 {
				t.Errorf("at %v %s lies less than 40 from the window's edge", size, i.what)
			}
		}
		d.Close()
	}
}

func TestConfirmNamesTheActAndRunsItOnce(t *testing.T) {
	win, _ := window(t, widgets.NewEntry(""), 1000, 600)
	did := 0
	d := widgets.NewConfirm("Undo R-0147", "21,806 cells go back to what they were.", "Undo 21,806 cells", true, func() { did++ })
	d.Open(win.Canvas())
	if !slices.Contains(visibleTexts(d), "Undo 21,806 cells") {
		t.Errorf("dialog shows %q", visibleTexts(d))
	}
	win.Canvas().OnTypedKey()(key(fyne.KeyReturn))
	if did != 1 || win.Canvas().Overlays().Top() != nil {
		t.Errorf("did %d times, still open %v", did, win.Canvas().Overlays().Top() != nil)
	}
}

func TestErrorPanelCopiesForSupport(t *testing.T) {
	e := widgets.NewErrorPanel("HubSpot refused 12 rows.", "Nothing about them has changed.", "5d3c-9d4")
	window(t, e, 800, 80)
	e.Actions[len(e.Actions)-1].OnTapped()
	got := fyne.CurrentApp().Clipboard().Content()
	for _, want := range []string{"HubSpot refused 12 rows.", "5d3c-9d4"} {
		if !strings.Contains(got, want) {
			t.Errorf("clipboard %q lacks %q", got, want)
		}
	}
}

func TestFatesAlwaysAddUp(t *testing.T) {
	f := widgets.NewFatesLine()
	window(t, f, 900, 70)
	f.Set(map[look.Meaning]int{look.Create: 1480, look.Update: 5720, look.Unchanged: 73905, look.Conflict: 412, look.Skipped: 563, look.Failed: 92}, 86412)
	if f.ToDo() != 4240 {
		t.Errorf("to do %d, want 4,240", f.ToDo())
	}
	texts := visibleTexts(f)
	for _, want := range []string{"1,480", "5,720", "73,905", "412", "563", "92", "4,240", "86,412"} {
		if !slices.Contains(texts, want) {
			t.Errorf("%s is missing in %q", want, texts)
		}
	}
	joins := 0
	for _, s := range texts {
		if s == "+" {
			joins++
		}
	}
	if joins != 6 || !slices.Contains(texts, "=") {
		t.Errorf("signs in %q", texts)
	}
}

func TestStepperOpensOnlyDoneSteps(t *testing.T) {
	var got []int
	s := widgets.NewStepper([]widgets.Step{{Name: "Source"}, {Name: "Object type"}, {Name: "Match key"}, {Name: "Plan"}}, func(i int) { got = append(got, i) })
	s.SetCurrent(2)
	window(t, s, 1000, 52)
	press(s, 30, 20)  // the first
	press(s, 980, 20) // the last, not reached yet
	s.TypedKey(key(fyne.KeyLeft))
	s.TypedKey(key(fyne.KeyReturn))
	s.TypedKey(key(fyne.KeyRight))
	s.TypedKey(key(fyne.KeyRight))
	s.TypedKey(key(fyne.KeyReturn)) // the current one
	if !slices.Equal(got, []int{0, 1}) {
		t.Errorf("opened %v, want 0, 1", got)
	}
}

func TestSelect(t *testing.T) {
	var got []int
	s := widgets.NewSelect([]string{"Ask me in Review", "Source wins", "HubSpot wins"}, -1, func(i int) { got = append(got, i) })
	win, _ := window(t, s, 200, 32)
	if texts := visibleTexts(s); !slices.Contains(texts, "Choose") {
		t.Errorf("without a choice it shows %q", texts)
	}
	s.TypedKey(key(fyne.KeyDown))
	s.TypedKey(key(fyne.KeyDown))
	s.TypedKey(key(fyne.KeyUp))
	if !slices.Equal(got, []int{0, 1, 0}) || s.Text() != "Ask me in Review" {
		t.Errorf("chosen %v, shows %q", got, s.Text())
	}
	press(s, 10, 10)
	if win.Canvas().Overlays().Top() == nil {
		t.Error("a click does not open the list")
	}
}

func TestChecks(t *testing.T) {
	var got []bool
	changed := func(on bool) { got = append(got, on) }
	box, radio, sw := widgets.NewCheck("Remember this", false, changed), widgets.NewRadio("Paste a token", false, changed), widgets.NewSwitch("Log calls", true, changed)
	window(t, widgets.NewColumn(4, box, radio, sw), 300, 100)
	press(box, 4, 8)
	box.TypedKey(key(fyne.KeySpace))
	press(radio, 4, 8)
	press(radio, 4, 8) // stays: another one must be chosen
	press(sw, 4, 8)
	if !slices.Equal(got, []bool{true, false, true, false}) || !radio.On || sw.On {
		t.Errorf("reported %v, radio %v, switch %v", got, radio.On, sw.On)
	}
	box.Reason = "Needs the count typed"
	press(box, 4, 8)
	if len(got) != 4 {
		t.Error("a disabled box acts")
	}
}

func TestKeyHintsAreButtons(t *testing.T) {
	did := ""
	k := widgets.NewKeyHints(
		widgets.KeyHint{Keys: []string{"←"}, Word: "source", Do: func() { did += "s" }},
		widgets.KeyHint{Keys: []string{"B"}, Word: "base", Do: func() { did += "b" }},
		widgets.KeyHint{Keys: []string{"↑", "↓"}, Word: "move"})
	window(t, k, 1200, 36)
	for _, i := range inks(k, fyne.Position{}) {
		if i.text && strings.ContainsAny(i.what, "sbm") {
			k.Tapped(&fyne.PointEvent{Position: fyne.NewPos(i.x+2, 18)})
		}
	}
	if did != "sb" {
		t.Errorf("clicks did %q, want the source and the base", did)
	}
}

func TestSideBySide(t *testing.T) {
	var took []look.Meaning
	s := widgets.NewSideBySide(func(m look.Meaning) { took = append(took, m) })
	s.Set(widgets.SideValue{Value: "+49 30 23125 418", Who: "Row C-20418"}, widgets.SideValue{Missing: "Never agreed: first run"}, widgets.SideValue{Value: "(030) 23125-418"})
	window(t, s, 600, 200)
	texts := visibleTexts(s)
	for _, want := range []string{"Source", "Base", "HubSpot", "+49 30", "(030)", "-", "Never agreed: first run", "Row C-20418"} {
		if !slices.Contains(texts, want) {
			t.Errorf("%q is missing in %q", want, texts)
		}
	}
	for _, m := range []look.Meaning{look.Source, look.Base, look.HubSpot} {
		s.TakeButton(m).OnTapped()
	}
	if !slices.Equal(took, []look.Meaning{look.Source, look.Base, look.HubSpot}) {
		t.Errorf("took %v", took)
	}
	s.Set(widgets.SideValue{Value: strings.Repeat("a long remark ", 60)}, widgets.SideValue{}, widgets.SideValue{Value: "short"})
	if !slices.Contains(visibleTexts(s), "Show all") {
		t.Error("a long text has no Show all")
	}
	s.Set(widgets.SideValue{Options: []string{"Email", "Phone"}}, widgets.SideValue{}, widgets.SideValue{Options: []string{"Phone", "Post"}})
	texts = visibleTexts(s)
	for _, want := range []string{"✓ Email", "– Email", "✓ Phone", "– Post", "✓ Post"} {
		if !slices.Contains(texts, want) {
			t.Errorf("%q is missing in %q", want, texts)
		}
	}
}

func TestStatusBarSaysWhereItWrites(t *testing.T) {
	pressed := 0
	s := widgets.NewStatusBar()
	s.OnError = func() { pressed++ }
	window(t, s, 1280, 30)
	if texts := visibleTexts(s); !slices.Equal(texts, []string{"No portal connected", "No errors"}) {
		t.Errorf("without a portal it shows %q", texts)
	}
	s.Set(widgets.Status{Portal: look.Production, Name: "Fernhollow Trading", Budget: widgets.Budget{Used: 39000, Limit: 650000},
		Lanes: [3]widgets.LaneLine{{Name: "Search", Rate: "idle"}}, Error: "18 rows refused"})
	texts := visibleTexts(s)
	for _, want := range []string{"Fernhollow Trading", "Production", "6%", "of 650,000", "Search", "idle", "18 rows refused"} {
		if !slices.Contains(texts, want) {
			t.Errorf("%q is missing in %q", want, texts)
		}
	}
	walk(s, func(o fyne.CanvasObject) {
		if b, ok := o.(*widgets.Button); ok {
			press(b, 5, 5)
		}
	})
	if pressed != 1 {
		t.Errorf("the error was pressed %d times", pressed)
	}
}

// The three kinds of portal can be told without colour: by form and word.
func TestPortalKindsDifferInForm(t *testing.T) {
	seen := map[string]look.Meaning{}
	s := widgets.NewStatusBar()
	window(t, s, 1280, 30)
	for _, m := range []look.Meaning{look.Production, look.Sandbox, look.Practice} {
		s.Set(widgets.Status{Portal: m, Name: "Portal"})
		filled, outlined, pieces := 0, 0, 0
		walk(s, func(o fyne.CanvasObject) {
			r, ok := o.(*canvas.Rectangle)
			if !ok || !r.Visible() {
				return
			}
			switch {
			case r.FillColor == look.Color(m.Solid()) && r.Size().Width <= 4:
				pieces++
			case r.FillColor == look.Color(m.Solid()) && r.Size().Height > 20:
				filled++
			case r.StrokeColor == look.Color(m.Solid()):
				outlined++
			}
		})
		form := fmt.Sprint(filled > 0, outlined > 0, pieces > 10)
		if other, dup := seen[form]; dup {
			t.Errorf("%v has the form of %v", m, other)
		}
		seen[form] = m
	}
}

func TestChangedCellShowsNewAndOldTogether(t *testing.T) {
	for name, c := range map[string]struct {
		change widgets.Change
		want   []string
	}{
		"update":   {widgets.Change{Fate: look.Update, New: "Head", Old: "Buyer"}, []string{"Head", "Buyer"}},
		"create":   {widgets.Change{Fate: look.Create, New: "Head"}, []string{"Head"}},
		"cleared":  {widgets.Change{Fate: look.Update, Old: "Buyer"}, []string{"(cleared)", "Buyer"}},
		"conflict": {widgets.Change{Fate: look.Conflict, New: "Head", Old: "Buyer", Note: "2 values"}, []string{"Head", "2 values"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := widgets.NewDiffView(c.change)
			window(t, d, 200, 44)
			if got := visibleTexts(d); !slices.Equal(got, c.want) {
				t.Errorf("shows %q, want %q", got, c.want)
			}
			assertTidy(t, name, d)
		})
	}
}

// A line shows no bar, neither of one that is lower than Fyne's own nor of a text that is longer.
func TestALineShowsNoScrollBar(t *testing.T) {
	for _, small := range []bool{true, false} {
		for _, text := range []string{"", "short", "a text that is a good deal longer than the entry"} {
			e := widgets.NewEntry("Find")
			e.Small = small
			e.SetText(text)
			height := e.MinSize().Height
			w, _ := window(t, e, 120, height)
			shown := w.Canvas().Capture()
			bar := color.RGBAModel.Convert(look.Color(look.Control))
			inner := shown.Bounds().Inset(3)
			for y := inner.Min.Y; y < inner.Max.Y; y++ {
				row := 0 // how many pixels beside each other have the bar's colour
				for x := inner.Min.X; x < inner.Max.X; x++ {
					if color.RGBAModel.Convert(shown.At(x, y)) == bar {
						row++
					}
				}
				if row > 2 {
					t.Fatalf("small %v, %q: a bar in line %d", small, text, y)
				}
			}
		}
	}
}
