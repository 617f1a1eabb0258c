package fieldmap

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/look"
)

// tappable is what the small widgets here have in common: they act when the
// mouse goes down, because Fyne 2.7.1 loses clicks inside a scroll when the
// pointer moves, and on Space and Enter; they take the focus and show a ring.
type tappable struct {
	widget.BaseWidget
	focused, hovered bool
	brush            brush

	self fyne.Focusable
	tap  func()
}

var (
	_ fyne.Focusable     = (*toggle)(nil)
	_ desktop.Hoverable  = (*toggle)(nil)
	_ desktop.Mouseable  = (*toggle)(nil)
	_ desktop.Cursorable = (*toggle)(nil)
)

func (t *tappable) extend(self interface {
	fyne.Widget
	fyne.Focusable
}, tap func()) {
	t.self, t.tap = self, tap
	t.ExtendBaseWidget(self)
}

// MouseDown implements desktop.Mouseable.
func (t *tappable) MouseDown(e *desktop.MouseEvent) {
	if d, ok := t.self.(fyne.Disableable); ok && d.Disabled() {
		return
	}
	if e.Button == desktop.MouseButtonPrimary {
		t.takeFocus()
		t.tap()
	}
}

func (t *tappable) takeFocus() {
	o, _ := t.self.(fyne.CanvasObject)
	if c := fyne.CurrentApp().Driver().CanvasForObject(o); c != nil {
		c.Focus(t.self)
	}
}

func (t *tappable) state(change func()) {
	change()
	t.Refresh()
}

// MouseUp implements desktop.Mouseable.
func (t *tappable) MouseUp(*desktop.MouseEvent) {}

// MouseIn implements desktop.Hoverable.
func (t *tappable) MouseIn(*desktop.MouseEvent) { t.state(func() { t.hovered = true }) }

// MouseMoved implements desktop.Hoverable.
func (t *tappable) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (t *tappable) MouseOut() { t.state(func() { t.hovered = false }) }

// Cursor implements desktop.Cursorable.
func (t *tappable) Cursor() desktop.Cursor { return desktop.PointerCursor }

// FocusGained implements fyne.Focusable.
func (t *tappable) FocusGained() { t.state(func() { t.focused = true }) }

// FocusLost implements fyne.Focusable.
func (t *tappable) FocusLost() { t.state(func() { t.focused = false }) }

// TypedRune implements fyne.Focusable.
func (t *tappable) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (t *tappable) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		t.tap()
	}
}

// link is a word, with an icon or without, that acts.
type link struct {
	tappable
	icon look.Icon
	lead string // plain words before the one that acts
	text string // "" for nothing that acts
	kind look.Type
	ink  look.Token
	tint look.Token // behind it while the pointer is over it
}

func newLink(icon look.Icon, text string, kind look.Type, ink, tint look.Token, tap func()) *link {
	l := &link{icon: icon, text: text, kind: kind, ink: ink, tint: tint}
	l.extend(l, tap)
	return l
}

func (l *link) set(lead, text string) {
	if l.lead != lead || l.text != text {
		l.lead, l.text = lead, text
		l.Refresh()
	}
}

// before is how wide the icon and the lead are.
func (l *link) before() float32 {
	w := float32(0)
	if l.icon != "" {
		w = 24
	}
	if l.lead != "" {
		w += l.kind.Width(l.lead) + 4
	}
	return w
}

// Disabled takes a link without a word to press out of the way of the focus.
func (l *link) Disabled() bool { return l.text == "" }

// Enable implements fyne.Disableable; the text decides.
func (l *link) Enable() {}

// Disable implements fyne.Disableable; the text decides.
func (l *link) Disable() {}

// MinSize implements fyne.CanvasObject.
func (l *link) MinSize() fyne.Size {
	w := l.kind.Width(l.text) + 2 + l.before()
	return fyne.NewSize(w, max(l.kind.Line, 15)+6)
}

// CreateRenderer implements fyne.Widget.
func (l *link) CreateRenderer() fyne.WidgetRenderer {
	return newPainted(l, &l.brush, l.MinSize, func(size fyne.Size) {
		b, w, x := &l.brush, min(l.MinSize().Width, size.Width), l.before()
		acts := Rect{x, 0, w - x, size.Height}
		if l.icon != "" {
			acts = Rect{0, 0, w, size.Height}
		}
		if l.hovered && l.text != "" {
			b.rect(Rect{acts.X - 4, 0, acts.W + 8, size.Height}, look.RadiusButton, l.tint, look.Clear, 0)
		}
		if l.icon != "" {
			b.icon(l.icon, l.ink, Rect{0, (size.Height - 16) / 2, 16, 16})
		}
		if l.lead != "" {
			b.text(l.lead, l.kind, look.T2, Rect{0, 0, min(x, size.Width), size.Height}, fyne.TextAlignLeading)
		}
		b.text(l.text, l.kind, l.ink, Rect{x, 0, w - x, size.Height}, fyne.TextAlignLeading)
		if l.focused {
			b.rect(Rect{acts.X - 5, -1, acts.W + 10, size.Height + 2}, look.RadiusButton, look.Clear, look.Focus, 2)
		}
	})
}

// painted is the renderer of a widget that paints itself with a brush.
type painted struct {
	owner fyne.Widget
	brush *brush
	min   func() fyne.Size
	paint func(fyne.Size)
}

func newPainted(owner fyne.Widget, b *brush, min func() fyne.Size, paint func(fyne.Size)) *painted {
	p := &painted{owner, b, min, paint}
	p.Layout(owner.Size())
	return p
}

// Destroy implements fyne.WidgetRenderer.
func (p *painted) Destroy() {}

// MinSize implements fyne.WidgetRenderer.
func (p *painted) MinSize() fyne.Size { return p.min() }

// Objects implements fyne.WidgetRenderer.
func (p *painted) Objects() []fyne.CanvasObject { return p.brush.objects }

// Layout implements fyne.WidgetRenderer.
func (p *painted) Layout(size fyne.Size) {
	p.brush.begin()
	if size.Width > 0 {
		p.paint(size)
	}
}

// Refresh implements fyne.WidgetRenderer.
func (p *painted) Refresh() {
	p.Layout(p.owner.Size())
	canvas.Refresh(p.owner)
}
