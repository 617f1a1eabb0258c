package fieldmap

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"syncline/sync/definition"
	"syncline/ui/look"
)

// shown puts o into a window of that size.
func shown(t *testing.T, o fyne.CanvasObject, w, h float32) fyne.Window {
	t.Helper()
	test.NewTempApp(t)
	fyne.CurrentApp().Settings().SetTheme(look.New(look.Light))
	win := test.NewTempWindow(t, o)
	win.SetPadded(false)
	win.Resize(fyne.NewSize(w, h))
	return win
}

// board shows the small map; the columns are those of TestMappedCardsComeFirst.
func board(t *testing.T) (*Board, *Model, fyne.Window) {
	t.Helper()
	m := customers()
	b := NewBoard(m, Heads{Source: "Source", HubSpot: "Contacts"})
	return b, m, shown(t, b, 780, 600)
}

func press(w *Map, at Point) {
	w.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(at.X, at.Y)}, Button: desktop.MouseButtonPrimary})
}

func release(w *Map) { w.MouseUp(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary}) }

func dragTo(w *Map, at Point) {
	w.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(at.X, at.Y)}})
}

func moveTo(w *Map, at Point) {
	w.MouseMoved(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(at.X, at.Y)}})
}

func keys(w *Map, names ...fyne.KeyName) {
	for _, n := range names {
		w.TypedKey(&fyne.KeyEvent{Name: n})
	}
}

func letters(w *Map, s string) {
	for _, r := range s {
		w.TypedRune(r)
	}
}

// texts are the words that the map draws.
func texts(w *Map) string {
	var out []string
	for _, o := range w.brush.objects {
		if t, ok := o.(*canvas.Text); ok {
			out = append(out, t.Text)
		}
	}
	return strings.Join(out, "|")
}

func TestDragFromPortToPort(t *testing.T) {
	b, m, _ := board(t)
	g := Measure(780)
	press(b.Map, g.Port(Source, 4)) // Rôle
	dragTo(b.Map, Point{350, 200})
	if b.Map.Cursor() != desktop.CrosshairCursor {
		t.Error("the pointer is no cross-hair while dragging")
	}
	dragTo(b.Map, Point{500, 12 + 4*62 + 20}) // Job title
	if !strings.Contains(texts(b.Map), "Text · fits, drop to connect") {
		t.Errorf("the target does not say that it fits: %s", texts(b.Map))
	}
	release(b.Map) // the driver's order on release
	b.Map.DragEnd()
	if got, want := lines(m), "Email↔email, Phone↔phone, Rôle↔jobtitle, Status↔lifecyclestage?"; got != want {
		t.Errorf("lines: %s, want %s", got, want)
	}
	if m.Connecting() != nil {
		t.Error("a connection is still in progress")
	}
}

func TestDropOnACardThatDoesNotFitSaysWhy(t *testing.T) {
	b, m, _ := board(t)
	press(b.Map, Measure(780).Port(Source, 4))
	dragTo(b.Map, Point{500, 12 + 62 + 20}) // Phone number
	if !strings.Contains(texts(b.Map), "Already filled from “Phone”") {
		t.Errorf("the target does not say why: %s", texts(b.Map))
	}
	release(b.Map)
	b.Map.DragEnd()
	if b.note.words != "Not connected: already filled from “Phone”" || !b.note.Visible() {
		t.Errorf("the note says %q", b.note.words)
	}
	if strings.Contains(lines(m), "Rôle") {
		t.Errorf("lines: %s", lines(m))
	}
}

func TestClickOnePortThenAnother(t *testing.T) {
	b, m, _ := board(t)
	g := Measure(780)
	press(b.Map, g.Port(Source, 4))
	release(b.Map)
	moveTo(b.Map, Point{500, 12 + 4*62 + 20}) // the loose end follows
	if d := m.Connecting(); d == nil || d.Over == nil {
		t.Fatalf("connecting: %+v", d)
	}
	press(b.Map, g.Port(HubSpot, 4))
	if _, ok := m.Link(Ref{"Rôle", "jobtitle"}); !ok {
		t.Errorf("lines: %s", lines(m))
	}
}

func TestPressingAcceptAccepts(t *testing.T) {
	b, m, _ := board(t)
	g := Measure(780)
	c := CurveBetween(g.Port(Source, 2), g.Port(HubSpot, 3))
	press(b.Map, c.At(0.5))
	if got, want := lines(m), "Email↔email, Phone↔phone, Status↔lifecyclestage"; got != want {
		t.Errorf("lines: %s, want %s", got, want)
	}
}

func TestPressingALineSelectsItAndNothingDeselects(t *testing.T) {
	b, m, _ := board(t)
	press(b.Map, Point{349, 42})
	if s := m.Selected(); s == nil || s.Ref != (Ref{"Email", "email"}) {
		t.Fatalf("selected: %+v", s)
	}
	press(b.Map, Point{349, 560})
	if s := m.Selected(); s != nil {
		t.Errorf("selected: %+v", s)
	}
	press(b.Map, Point{60, 90}) // the card of Phone
	if s := m.Selected(); s == nil || s.Field != "Phone" {
		t.Errorf("selected: %+v", s)
	}
}

func TestConnectByKeysAlone(t *testing.T) {
	b, m, win := board(t)
	win.Canvas().Focus(b.Map)
	clock := time.Unix(1_000_000, 0)
	b.Map.now = func() time.Time { clock = clock.Add(patience / 2); return clock }
	letters(b.Map, "rol")
	keys(b.Map, fyne.KeyReturn, fyne.KeyRight)
	letters(b.Map, "job")
	if !strings.Contains(texts(b.Map), "fits, press Enter to connect") {
		t.Errorf("the target does not say that it fits: %s", texts(b.Map))
	}
	keys(b.Map, fyne.KeyReturn)
	if got, want := lines(m), "Email↔email, Phone↔phone, Rôle↔jobtitle, Status↔lifecyclestage?"; got != want {
		t.Fatalf("lines: %s, want %s", got, want)
	}
	keys(b.Map, fyne.KeyDelete)
	b.Map.TypedShortcut(&fyne.ShortcutUndo{})
	b.Map.TypedShortcut(&fyne.ShortcutUndo{})
	if got, want := lines(m), "Email↔email, Phone↔phone, Status↔lifecyclestage?"; got != want {
		t.Errorf("after undoing both: %s, want %s", got, want)
	}
	b.Map.TypedShortcut(&fyne.ShortcutRedo{})
	if !strings.Contains(lines(m), "Rôle↔jobtitle") {
		t.Errorf("after redo: %s", lines(m))
	}
}

// What is typed after a pause begins anew.
func TestLettersBelongTogetherForAMoment(t *testing.T) {
	b, m, win := board(t)
	win.Canvas().Focus(b.Map)
	clock := time.Unix(1_000_000, 0)
	b.Map.now = func() time.Time { return clock }
	letters(b.Map, "r")
	clock = clock.Add(patience)
	letters(b.Map, "p")
	if b.Map.typed != "p" {
		t.Errorf("after a pause the word is %q", b.Map.typed)
	}
	clock = clock.Add(patience - 1)
	letters(b.Map, "h")
	if b.Map.typed != "ph" {
		t.Errorf("without a pause the word is %q", b.Map.typed)
	}
	keys(b.Map, fyne.KeyReturn)
	if c := m.Connecting(); c == nil {
		t.Error("the card that was found is not picked up")
	}
}

func TestEscapeGivesUpStepByStep(t *testing.T) {
	b, m, win := board(t)
	win.Canvas().Focus(b.Map)
	keys(b.Map, fyne.KeySpace, fyne.KeyReturn) // select the line, pick the card up
	if m.Connecting() == nil || m.Selected() == nil {
		t.Fatalf("connecting %v, selected %v", m.Connecting(), m.Selected())
	}
	keys(b.Map, fyne.KeyEscape)
	if m.Connecting() != nil || m.Selected() == nil {
		t.Error("the first Escape gives the connection up and nothing else")
	}
	keys(b.Map, fyne.KeyEscape)
	if m.Selected() != nil {
		t.Error("the second Escape deselects")
	}
}

func TestLosingTheFocusGivesAKeyboardConnectionUp(t *testing.T) {
	b, m, win := board(t)
	win.Canvas().Focus(b.Map)
	keys(b.Map, fyne.KeyReturn)
	win.Canvas().Focus(b.head.find[Source])
	if m.Connecting() != nil {
		t.Error("the connection outlived the focus")
	}
}

func TestTheCursorHasARingWhileFocused(t *testing.T) {
	b, _, win := board(t)
	ring := func() int {
		n := 0
		for _, o := range b.Map.brush.objects {
			if r, ok := o.(*canvas.Rectangle); ok && r.StrokeColor == look.Color(look.Focus) {
				n++
			}
		}
		return n
	}
	if ring() != 0 {
		t.Error("there is a ring without the focus")
	}
	win.Canvas().Focus(b.Map)
	if ring() != 1 {
		t.Errorf("%d rings with the focus, want 1", ring())
	}
}

func TestSearchAndFilterInTheHead(t *testing.T) {
	b, m, win := board(t)
	b.FocusFind(HubSpot)
	test.Type(win.Canvas().Focused(), "life")
	if got := names(m, HubSpot); got != "Lifecycle stage" {
		t.Errorf("found %s", got)
	}
	test.Type(win.Canvas().Focused(), "zzz")
	if !strings.Contains(texts(b.Map), "Nothing is found") {
		t.Errorf("the empty column says nothing: %s", texts(b.Map))
	}
	b.head.find[HubSpot].SetText("")
	b.head.only.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	if got := names(m, Source); got != "Email, Phone" || !m.OnlyMapped() {
		t.Errorf("only mapped: %s", got)
	}
}

func TestTheCursorIsScrolledIntoSight(t *testing.T) {
	m := wide(400)
	b := NewBoard(m, Heads{})
	win := shown(t, b, 780, 600)
	win.Canvas().Focus(b.Map)
	keys(b.Map, fyne.KeyEnd)
	bottom := Height(400)
	if b.Map.bottom < bottom-marginBottom || b.scroll.Offset.Y == 0 {
		t.Errorf("in sight is %v to %v of %v", b.Map.top, b.Map.bottom, bottom)
	}
	keys(b.Map, fyne.KeyHome)
	if b.scroll.Offset.Y != 0 {
		t.Errorf("after Home the offset is %v", b.scroll.Offset.Y)
	}
}

func TestHoldingAtTheEdgeScrolls(t *testing.T) {
	m := wide(400)
	m.links = nil
	b := NewBoard(m, Heads{})
	shown(t, b, 780, 600)
	press(b.Map, Measure(780).Port(Source, 0))
	dragTo(b.Map, Point{500, b.Map.bottom - 2})
	if b.Map.edge.speed <= 0 || b.Map.edge.animation == nil {
		t.Fatalf("speed %v", b.Map.edge.speed)
	}
	before := m.Connecting().At
	b.Map.autoScroll(120)
	if b.scroll.Offset.Y != 120 || m.Connecting().At.Y != before.Y+120 {
		t.Errorf("offset %v, the loose end went from %v to %v", b.scroll.Offset.Y, before, m.Connecting().At)
	}
	if d := m.Connecting(); d.Over == nil {
		t.Error("the card that came under the pointer is not the target")
	}
	b.Map.autoScroll(1e6)
	if max := Height(400) - b.scroll.Size().Height; b.scroll.Offset.Y != max {
		t.Errorf("offset %v, want the end at %v", b.scroll.Offset.Y, max)
	}
	b.Map.autoScroll(10)
	if b.Map.edge.animation != nil {
		t.Error("it goes on at the end")
	}
	b.Map.DragEnd()
	if m.Connecting() != nil {
		t.Error("the connection is still held")
	}
}

func TestEdgeSpeed(t *testing.T) {
	for _, tt := range []struct{ y, want float32 }{
		{300, 0}, {40, 0}, {20, -450}, {0, -900}, {-80, -900}, {580, 450}, {700, 900},
	} {
		if got := edgeSpeed(tt.y, 0, 600); got != tt.want {
			t.Errorf("at %v: %v, want %v", tt.y, got, tt.want)
		}
	}
	if got := edgeSpeed(5, 0, 0); got != 0 {
		t.Errorf("in a view without height: %v", got)
	}
}

func TestTheProblemBarComesAndGoes(t *testing.T) {
	b, m, _ := board(t)
	if b.bar.Visible() {
		t.Fatal("there is a bar without a problem")
	}
	var fixed []string
	b.OnFix = func(l Link, f Fix) { fixed = append(fixed, l.Field+" "+f.ID) }
	m.SetProblems(func(l Link) *Problem {
		if !l.Mapped() {
			return nil
		}
		return &Problem{Short: "1 value", Text: "1 value is no option in HubSpot", Detail: "UK (3 rows) would be refused.", Fixes: []Fix{{"map", "Map the value"}}}
	})
	b.Refresh()
	if !b.bar.Visible() || b.bar.title() != "Email ↔ Email: 1 value is no option in HubSpot" {
		t.Fatalf("visible %t, %q", b.bar.Visible(), b.bar.title())
	}
	test.Tap(b.bar.down)
	if b.bar.title() != "Phone ↔ Phone number: 1 value is no option in HubSpot" || m.Selected().Field != "Phone" {
		t.Errorf("the second problem: %q, selected %v", b.bar.title(), m.Selected())
	}
	test.Tap(b.bar.fixes[0])
	if fmt.Sprint(fixed) != "[Phone map]" {
		t.Errorf("fixed: %v", fixed)
	}
	m.SetProblems(func(Link) *Problem { return nil })
	b.Refresh()
	if b.bar.Visible() {
		t.Error("the bar stays without a problem")
	}
}

// TestScrollingUsesTheSameObjects: after the first screens no new ones are made.
func TestScrollingUsesTheSameObjects(t *testing.T) {
	m := wide(400)
	b := NewBoard(m, Heads{})
	shown(t, b, 780, 600)
	made := func() int {
		k := &b.Map.brush
		n := len(k.rects.all) + len(k.texts.all) + len(k.lines.all) + len(k.circles.all)
		for _, p := range k.images {
			n += len(p.all)
		}
		return n
	}
	for y := float32(0); y < 500; y += 30 {
		b.scrollBy(30)
	}
	before := made()
	for range 500 {
		b.scrollBy(37)
	}
	if after := made(); after > before {
		t.Errorf("%d objects, then %d", before, after)
	}
	if n := len(b.Map.brush.objects); n > 800 {
		t.Errorf("%d objects on screen", n)
	}
}

// BenchmarkScroll is one step of scrolling through 400 and 400 cards with 400
// lines: what the UI goroutine does before a frame is painted.
func BenchmarkScroll(b *testing.B) {
	test.NewTempApp(b)
	fyne.CurrentApp().Settings().SetTheme(look.New(look.Light))
	m := wide(400)
	m.Direction = definition.TwoWay
	board := NewBoard(m, Heads{})
	win := test.NewTempWindow(b, board)
	win.Resize(fyne.NewSize(780, 700))
	dy := float32(90)
	for b.Loop() {
		if board.scrollBy(dy) == 0 {
			dy = -dy
		}
	}
}
