package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// pressable is what every widget one can act on has in common: it takes the
// focus on click, knows whether the pointer is over it or holds it, and acts on
// release, on Space and on Enter.
//
// It takes part in drags as well: inside a scroll, Fyne 2.7.1 gives a press
// that moves by two pixels to the scroll and the click is lost, unless the part
// under the pointer is draggable itself.
type pressable struct {
	widget.BaseWidget
	hovered, focused, pressed bool

	self   fyne.Focusable // the widget that embeds this
	act    func()         // what a press does
	unable func() bool    // reports that it is disabled; nil means never
	within fyne.Position  // where the pointer is during a drag
}

// extend must be called in the constructor.
func (p *pressable) extend(self interface {
	fyne.Widget
	fyne.Focusable
}, act func(), unable func() bool) {
	p.self, p.act, p.unable = self, act, unable
	p.ExtendBaseWidget(self)
}

// Disabled tells Fyne's focus traversal to leave a disabled widget out.
func (p *pressable) Disabled() bool { return p.unable != nil && p.unable() }

// Enable implements fyne.Disableable; the widgets' own fields decide.
func (p *pressable) Enable() {}

// Disable implements fyne.Disableable; the widgets' own fields decide.
func (p *pressable) Disable() {}

func (p *pressable) activate() {
	if p.Disabled() || p.act == nil {
		return
	}
	p.act()
}

// FocusGained implements fyne.Focusable.
func (p *pressable) FocusGained() {
	p.focused = true
	p.Refresh()
}

// FocusLost implements fyne.Focusable.
func (p *pressable) FocusLost() {
	p.focused, p.pressed = false, false
	p.Refresh()
}

// TypedRune implements fyne.Focusable.
func (p *pressable) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (p *pressable) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		p.activate()
	case fyne.KeyEscape:
		Escape(p.self)
	}
}

// MouseIn implements desktop.Hoverable.
func (p *pressable) MouseIn(*desktop.MouseEvent) {
	p.hovered = true
	p.Refresh()
}

// MouseMoved implements desktop.Hoverable.
func (p *pressable) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (p *pressable) MouseOut() {
	p.hovered = false
	p.Refresh()
}

// MouseDown implements desktop.Mouseable.
func (p *pressable) MouseDown(e *desktop.MouseEvent) {
	if e.Button != desktop.MouseButtonPrimary || p.Disabled() {
		return
	}
	p.pressed = true
	FocusOn(p.self)
	p.Refresh()
}

// MouseUp implements desktop.Mouseable.
func (p *pressable) MouseUp(*desktop.MouseEvent) {
	p.pressed = false
	p.Refresh()
}

// Tapped implements fyne.Tappable.
func (p *pressable) Tapped(*fyne.PointEvent) { p.activate() }

// Dragged implements fyne.Draggable.
func (p *pressable) Dragged(e *fyne.DragEvent) { p.within = e.Position }

// DragEnd acts if the pointer was let go over the widget, as a click would.
func (p *pressable) DragEnd() {
	size := p.Size()
	if p.within.X >= 0 && p.within.Y >= 0 && p.within.X < size.Width && p.within.Y < size.Height {
		p.activate()
	}
	p.pressed = false
	p.Refresh()
}

// Cursor implements desktop.Cursorable.
func (p *pressable) Cursor() desktop.Cursor {
	if p.Disabled() {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}
