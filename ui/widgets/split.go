package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// splitGrip is how wide the zone is that can be dragged.
const splitGrip = 8

// Split puts a pane of a chosen width beside another that takes the rest, with
// a line between them that can be dragged, or moved with Left and Right. The
// pane is drawn on the surface colour, so that it reads as a panel.
type Split struct {
	widget.BaseWidget

	// Width is the pane's width as the user chose it; it shrinks where the
	// other part would get less than Rest.
	Width      float32
	Least      float32 // the pane's smallest width
	Rest       float32 // the smallest width of the other part
	OnResized  func(width float32)
	paneFirst  bool
	pane, rest fyne.CanvasObject
	grip       *splitLine
	back       *canvas.Rectangle
}

// NewSplit puts pane at the right of rest, width wide.
func NewSplit(rest, pane fyne.CanvasObject, width float32) *Split {
	return newSplit(rest, pane, width, false)
}

// NewLeadingSplit puts pane at the left of rest, width wide.
func NewLeadingSplit(pane, rest fyne.CanvasObject, width float32) *Split {
	return newSplit(rest, pane, width, true)
}

func newSplit(rest, pane fyne.CanvasObject, width float32, first bool) *Split {
	s := &Split{Width: width, Least: 160, Rest: 240, pane: pane, rest: rest, paneFirst: first, back: draw.NewRect(0)}
	s.grip = &splitLine{split: s, line: draw.NewRect(0)}
	s.grip.ExtendBaseWidget(s.grip)
	s.ExtendBaseWidget(s)
	return s
}

// SetWidth gives the pane another width.
func (s *Split) SetWidth(w float32) {
	if s.Width != w {
		s.Width = w
		s.Refresh()
	}
}

// shown is the pane's width in a total width.
func (s *Split) shown(total float32) float32 {
	return max(min(s.Width, total-s.Rest), min(s.Least, total))
}

// CreateRenderer implements fyne.Widget.
func (s *Split) CreateRenderer() fyne.WidgetRenderer {
	return draw.NewFlat(s, func() fyne.Size {
		p, r := s.pane.MinSize(), s.rest.MinSize()
		return fyne.NewSize(min(s.Least, p.Width)+min(s.Rest, r.Width), max(p.Height, r.Height))
	}, func(size fyne.Size) {
		w := s.shown(size.Width)
		x, other := size.Width-w, float32(0)
		edge := x
		if s.paneFirst {
			x, other, edge = 0, w, w
		}
		draw.Place(s.back, x, 0, w, size.Height)
		draw.Place(s.pane, x, 0, w, size.Height)
		draw.Place(s.rest, other, 0, size.Width-w, size.Height)
		draw.Place(s.grip, edge-splitGrip/2, 0, splitGrip, size.Height)
	}, func() { draw.PaintRect(s.back, look.Surface, look.Clear) }, s.back, s.rest, s.pane, s.grip)
}

func (s *Split) resize(w float32) {
	s.SetWidth(max(s.Least, min(w, s.Size().Width-s.Rest)))
	if s.OnResized != nil {
		s.OnResized(s.Width)
	}
}

// splitLine is the line between the two, which is dragged.
type splitLine struct {
	widget.BaseWidget
	split   *Split
	line    *canvas.Rectangle
	over    bool
	focused bool
}

var (
	_ fyne.Draggable     = (*splitLine)(nil)
	_ fyne.Focusable     = (*splitLine)(nil)
	_ desktop.Cursorable = (*splitLine)(nil)
	_ desktop.Hoverable  = (*splitLine)(nil)
)

// CreateRenderer implements fyne.Widget.
func (l *splitLine) CreateRenderer() fyne.WidgetRenderer {
	return draw.NewFlat(l, func() fyne.Size { return fyne.NewSize(splitGrip, 1) }, func(size fyne.Size) {
		w := float32(1)
		if l.over || l.focused {
			w = 3
		}
		draw.Place(l.line, draw.Floor((size.Width-w)/2), 0, w, size.Height)
	}, func() {
		ink := look.Stroke
		switch {
		case l.focused:
			ink = look.Focus
		case l.over:
			ink = look.Stroke2
		}
		draw.PaintRect(l.line, ink, look.Clear)
	}, l.line)
}

// Cursor implements desktop.Cursorable.
func (l *splitLine) Cursor() desktop.Cursor { return desktop.HResizeCursor }

// MouseIn implements desktop.Hoverable.
func (l *splitLine) MouseIn(*desktop.MouseEvent) { l.setOver(true) }

// MouseMoved implements desktop.Hoverable.
func (l *splitLine) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements desktop.Hoverable.
func (l *splitLine) MouseOut() { l.setOver(false) }

func (l *splitLine) setOver(on bool) {
	l.over = on
	l.Refresh()
}

// Dragged implements fyne.Draggable.
func (l *splitLine) Dragged(e *fyne.DragEvent) { l.move(e.Dragged.DX) }

// DragEnd implements fyne.Draggable.
func (l *splitLine) DragEnd() {}

func (l *splitLine) move(dx float32) {
	s := l.split
	if !s.paneFirst {
		dx = -dx
	}
	s.resize(s.shown(s.Size().Width) + dx)
}

// FocusGained implements fyne.Focusable.
func (l *splitLine) FocusGained() { l.focused = true; l.Refresh() }

// FocusLost implements fyne.Focusable.
func (l *splitLine) FocusLost() { l.focused = false; l.Refresh() }

// TypedRune implements fyne.Focusable.
func (l *splitLine) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (l *splitLine) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyLeft:
		l.move(-16)
	case fyne.KeyRight:
		l.move(16)
	}
}
