package fieldmap

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/look"
)

// Map draws a [Model] and turns mouse and keys into its methods. It draws only
// what lies in sight, which whoever scrolls it says with [Map.SetView].
//
// Keys: Up and Down move, Left and Right change the column, Enter picks a card
// up and drops it on another, Delete removes the line, Space selects it, letters
// find, Escape gives up, Ctrl+Z and Ctrl+Y undo and redo.
type Map struct {
	widget.BaseWidget
	model *Model

	// OnSay is called with a short sentence when an act did not do what it
	// seemed to ask for; "" takes it back.
	OnSay func(string)
	// OnProblem is called when the pill of a problem is pressed.
	OnProblem func(Ref)
	// ScrollBy moves the view, as far as it goes, and returns how far it did.
	ScrollBy func(dy float32) float32

	acted func() // after each act on the model

	brush       brush
	top, bottom float32
	focused     bool
	dragging    bool      // the mouse holds a connection and has moved
	sticky      bool      // a click picked a port up: the loose end follows the pointer
	pressed     Point     // where the mouse went down
	typed       string    // letters typed in one go
	typedAt     time.Time // when the last one was
	now         func() time.Time
	edge        edgeScroll
}

var (
	_ fyne.Focusable      = (*Map)(nil)
	_ fyne.Draggable      = (*Map)(nil)
	_ fyne.Shortcutable   = (*Map)(nil)
	_ desktop.Mouseable   = (*Map)(nil)
	_ desktop.Hoverable   = (*Map)(nil)
	_ desktop.Cursorable  = (*Map)(nil)
	_ fyne.WidgetRenderer = (*mapRenderer)(nil)
)

// NewMap makes the widget of a model.
func NewMap(m *Model) *Map {
	w := &Map{model: m, bottom: 600, now: time.Now}
	w.edge.step = w.autoScroll
	w.ExtendBaseWidget(w)
	return w
}

// SetView says which part of the map is in sight.
func (w *Map) SetView(top, height float32) {
	if w.top == top && w.bottom == top+height {
		return
	}
	w.top, w.bottom = top, top+height
	w.Refresh()
}

func (w *Map) geometry() Geometry {
	g := Measure(w.Size().Width)
	g.TextWidth = look.SmallStrong.Width
	return g
}

func (w *Map) say(s string) {
	if w.OnSay != nil {
		w.OnSay(upperFirst(s))
	}
}

// act does something with the model and shows what came of it.
func (w *Map) act(do func()) {
	do()
	if w.acted != nil {
		w.acted()
	}
	w.Refresh()
}

// MouseDown implements desktop.Mouseable. Everything happens on press: inside a
// scroll, Fyne 2.7.1 loses a click during which the mouse moves.
func (w *Map) MouseDown(e *desktop.MouseEvent) {
	w.focus()
	if e.Button != desktop.MouseButtonPrimary {
		return
	}
	p := point(e.Position)
	w.pressed, w.dragging = p, false
	g := w.geometry()
	hit := w.model.Hit(g, p, w.top, w.bottom)
	w.say("")
	w.act(func() {
		if w.model.Connecting() != nil { // the second click of a connection
			w.sticky = false
			w.model.DragTo(g, p)
			w.drop()
			return
		}
		w.press(hit, p)
	})
}

func (w *Map) press(hit Hit, p Point) {
	switch hit.Kind {
	case HitPort:
		w.model.MoveTo(hit.End)
		if _, why := w.model.Pick(hit.End, p, false); why != "" {
			w.say(why)
		}
	case HitCard:
		w.model.MoveTo(hit.End)
		r, _ := w.model.lineAt(hit.End)
		w.model.Select(r)
		if !w.model.hasPort(hit.End) {
			_, why := w.model.Pick(hit.End, p, false)
			w.say(why)
		}
	case HitMark:
		w.pressMark(hit)
	default:
		w.model.Select(hit.Ref)
	}
}

func (w *Map) pressMark(hit Hit) {
	if hit.Mark == MarkAccept {
		if l, ok := w.model.Link(hit.Ref); ok && w.model.AskAccept != nil {
			w.model.AskAccept(l, w.model.selected == hit.Ref)
			return
		}
		if _, why := w.model.Accept(hit.Ref); why != "" {
			w.say(why)
		}
		return
	}
	w.model.Select(hit.Ref)
	if hit.Mark == MarkProblem && w.OnProblem != nil {
		w.OnProblem(hit.Ref)
	}
}

// MouseUp implements desktop.Mouseable. The driver calls it before DragEnd. A
// port that was only clicked stays picked up.
func (w *Map) MouseUp(*desktop.MouseEvent) {
	if d := w.model.Connecting(); d != nil && !d.Keys && !w.dragging {
		w.sticky = true
		w.say("now press the port to connect to, or Escape")
	}
}

// Dragged implements fyne.Draggable. The position is relative to the map, also
// while it scrolls and outside of it.
func (w *Map) Dragged(e *fyne.DragEvent) {
	d := w.model.Connecting()
	if d == nil || d.Keys {
		return
	}
	w.dragging, w.sticky = true, false
	w.act(func() { w.model.DragTo(w.geometry(), point(e.Position)) })
	w.edge.run(edgeSpeed(e.Position.Y, w.top, w.bottom))
}

// DragEnd implements fyne.Draggable.
func (w *Map) DragEnd() {
	w.edge.run(0)
	if !w.dragging {
		return
	}
	w.dragging = false
	w.act(w.drop)
}

func (w *Map) drop() {
	if connected, why := w.model.Drop(); !connected && why != "" {
		w.say("not connected: " + why)
	}
}

// autoScroll moves the view while a connection is held at its edge.
func (w *Map) autoScroll(dy float32) {
	d := w.model.Connecting()
	if d == nil || w.ScrollBy == nil {
		w.edge.run(0)
		return
	}
	moved := w.ScrollBy(dy)
	if moved == 0 {
		w.edge.run(0)
		return
	}
	w.act(func() { w.model.DragTo(w.geometry(), Point{d.At.X, d.At.Y + moved}) })
}

// MouseIn implements desktop.Hoverable.
func (w *Map) MouseIn(e *desktop.MouseEvent) { w.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable.
func (w *Map) MouseMoved(e *desktop.MouseEvent) {
	p := point(e.Position)
	if d := w.model.Connecting(); d != nil && w.sticky {
		w.act(func() { w.model.DragTo(w.geometry(), p) })
		return
	}
	if w.model.Hover(w.model.Hit(w.geometry(), p, w.top, w.bottom)) {
		w.Refresh()
	}
}

// MouseOut implements desktop.Hoverable.
func (w *Map) MouseOut() {
	if w.model.Hover(Hit{}) {
		w.Refresh()
	}
}

// Cursor implements desktop.Cursorable.
func (w *Map) Cursor() desktop.Cursor {
	switch {
	case w.model.Connecting() != nil, w.model.hover.Kind == HitPort:
		return desktop.CrosshairCursor
	case w.model.hover.Kind == HitLine, w.model.hover.Kind == HitMark, w.model.hover.Kind == HitCard:
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

func (w *Map) focus() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(w); c != nil {
		c.Focus(w)
	}
}

// FocusGained implements fyne.Focusable.
func (w *Map) FocusGained() {
	w.focused = true
	w.Refresh()
}

// FocusLost implements fyne.Focusable. A connection by keyboard does not
// outlive the keyboard's going.
func (w *Map) FocusLost() {
	w.focused = false
	if d := w.model.Connecting(); d != nil && d.Keys {
		w.model.Cancel()
	}
	w.Refresh()
}

// TypedKey implements fyne.Focusable.
func (w *Map) TypedKey(e *fyne.KeyEvent) {
	w.say("")
	w.act(func() { w.key(e.Name) })
	w.reveal()
}

func (w *Map) key(name fyne.KeyName) {
	page := max(int((w.bottom-w.top)/Pitch)-1, 1)
	switch name {
	case fyne.KeyUp:
		w.model.Move(-1)
	case fyne.KeyDown:
		w.model.Move(1)
	case fyne.KeyPageUp:
		w.model.Move(-page)
	case fyne.KeyPageDown:
		w.model.Move(page)
	case fyne.KeyHome:
		w.model.Move(-w.model.Rows(w.model.cursor.side))
	case fyne.KeyEnd:
		w.model.Move(w.model.Rows(w.model.cursor.side))
	case fyne.KeyLeft:
		w.model.Cross(Source)
	case fyne.KeyRight:
		w.model.Cross(HubSpot)
	case fyne.KeyReturn, fyne.KeyEnter:
		w.enter()
	case fyne.KeyDelete, fyne.KeyBackspace:
		w.model.Delete()
	case fyne.KeyEscape:
		w.sticky, w.typed = false, ""
		if !w.model.Cancel() {
			w.model.Select(Ref{})
		}
	case fyne.KeySpace:
		if !w.typing() { // a space within what is being typed belongs to it
			w.model.SelectNext()
		}
	}
}

func (w *Map) enter() {
	w.typed = ""
	was := w.model.Connecting()
	connected, why := w.model.Enter()
	switch {
	case why != "":
		w.say(why)
	case !connected && was == nil && w.model.Connecting() != nil:
		w.say("picked up: go to the other column and press Enter, or Escape")
	}
}

// patience is how long after a letter the next one still belongs to the word.
const patience = time.Second

func (w *Map) typing() bool { return w.typed != "" && w.now().Sub(w.typedAt) < patience }

// TypedRune implements fyne.Focusable: letters find a card in the column.
func (w *Map) TypedRune(r rune) {
	if r == ' ' && !w.typing() {
		return // Space selects
	}
	again := false
	if w.typing() {
		again = w.typed == string(r) // the same letter again goes on to the next
		if !again {
			w.typed += string(r)
		}
	} else {
		w.typed, again = string(r), true
	}
	w.typedAt = w.now()
	w.act(func() {
		if !w.model.Find(w.typed, again && len([]rune(w.typed)) == 1) {
			w.say("nothing here begins with “" + w.typed + "”")
		}
	})
	w.reveal()
}

// TypedShortcut implements fyne.Shortcutable.
func (w *Map) TypedShortcut(s fyne.Shortcut) {
	switch s.(type) {
	case *fyne.ShortcutUndo:
		w.act(func() { w.model.Undo() })
	case *fyne.ShortcutRedo:
		w.act(func() { w.model.Redo() })
	}
}

// reveal scrolls the cursor's card into sight.
func (w *Map) reveal() {
	e, ok := w.model.Cursor()
	if !ok {
		return
	}
	w.revealBox(w.geometry().Card(e.Side, w.model.RowOf(e)))
}

func (w *Map) revealBox(box Rect) {
	if w.ScrollBy == nil {
		return
	}
	switch {
	case box.Y < w.top+marginTop:
		w.ScrollBy(box.Y - w.top - marginTop)
	case box.Y+box.H > w.bottom-marginBottom:
		w.ScrollBy(box.Y + box.H - w.bottom + marginBottom)
	}
}

// Reveal scrolls a line's source card into sight.
func (w *Map) Reveal(r Ref) {
	if f, _ := w.model.ends(r); f >= 0 && w.model.row[Source][f] >= 0 {
		w.revealBox(w.geometry().Card(Source, w.model.row[Source][f]))
	}
}

// MinSize is constant for a number of cards.
func (w *Map) MinSize() fyne.Size {
	return fyne.NewSize(MinWidth, Height(max(w.model.Rows(Source), w.model.Rows(HubSpot))))
}

// CreateRenderer implements fyne.Widget.
func (w *Map) CreateRenderer() fyne.WidgetRenderer {
	r := &mapRenderer{w}
	r.paint()
	return r
}

type mapRenderer struct{ w *Map }

func (r *mapRenderer) Destroy()           { r.w.edge.run(0) }
func (r *mapRenderer) MinSize() fyne.Size { return r.w.MinSize() }
func (r *mapRenderer) Layout(fyne.Size)   { r.paint() }
func (r *mapRenderer) Objects() []fyne.CanvasObject {
	return r.w.brush.objects
}

func (r *mapRenderer) Refresh() {
	r.paint()
	canvas.Refresh(r.w)
}

func (r *mapRenderer) paint() {
	w := r.w
	g := w.geometry()
	w.brush.draw(w.model, g, w.model.Scene(g, w.top, w.bottom), w.top, w.bottom, w.focused)
}

func point(p fyne.Position) Point { return Point{p.X, p.Y} }
