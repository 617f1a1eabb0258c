package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// SegmentItem is one choice of a segment.
type SegmentItem struct {
	Text    string
	Icon    look.Icon
	Count   string       // semibold after the text; "" for none
	Meaning look.Meaning // colours the count
}

// Segment is a row of choices of which exactly one holds. Left and Right choose.
type Segment struct {
	pressable

	Items    []SegmentItem
	Selected int
	Fill     bool // equal parts over the whole width
	Small    bool // 28 high

	OnChanged func(selected int)

	pointer float32 // x of the pointer, -1 outside
	box     *canvas.Rectangle
	parts   []segmentPart
	flat    *draw.Flat
	ring    draw.Ring
}

type segmentPart struct {
	fill, line   *canvas.Rectangle
	image        *canvas.Image
	label, count *canvas.Text
}

// NewSegment makes a segment.
func NewSegment(items []SegmentItem, selected int, changed func(int)) *Segment {
	s := &Segment{Items: items, Selected: selected, OnChanged: changed, pointer: -1}
	s.extend(s, func() {}, nil)
	return s
}

// NewTextSegment makes a segment of words.
func NewTextSegment(words []string, selected int, changed func(int)) *Segment {
	items := make([]SegmentItem, len(words))
	for i, w := range words {
		items[i].Text = w
	}
	return NewSegment(items, selected, changed)
}

// Choose selects an item as the user would.
func (s *Segment) Choose(i int) {
	if i < 0 || i >= len(s.Items) || i == s.Selected {
		return
	}
	s.Selected = i
	s.Refresh()
	if s.OnChanged != nil {
		s.OnChanged(i)
	}
}

// TypedKey implements fyne.Focusable.
func (s *Segment) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyLeft:
		s.Choose(s.Selected - 1)
	case fyne.KeyRight:
		s.Choose(s.Selected + 1)
	case fyne.KeyHome:
		s.Choose(0)
	case fyne.KeyEnd:
		s.Choose(len(s.Items) - 1)
	default:
		s.pressable.TypedKey(e)
	}
}

// Tapped chooses the item under the pointer.
func (s *Segment) Tapped(e *fyne.PointEvent) { s.Choose(s.hit(e.Position.X)) }

// DragEnd chooses where the pointer was let go.
func (s *Segment) DragEnd() {
	s.pressed = false
	s.Choose(s.hit(s.within.X))
}

// MouseMoved implements desktop.Hoverable.
func (s *Segment) MouseMoved(e *desktop.MouseEvent) {
	before := s.hit(s.pointer)
	s.pointer = e.Position.X
	if s.hit(s.pointer) != before {
		s.Refresh()
	}
}

// MouseOut implements desktop.Hoverable.
func (s *Segment) MouseOut() {
	s.pointer = -1
	s.pressable.MouseOut()
}

func (s *Segment) height() float32 {
	if s.Small {
		return look.SmallEntry
	}
	return look.ControlHeight
}

func (s *Segment) kind(i int) look.Type {
	k := look.Body
	if s.Small {
		k = look.Small
	}
	k.Bold = i == s.Selected
	return k
}

// contentWidth is the width of an item with its text in semibold, so that
// nothing moves when the choice changes.
func (s *Segment) contentWidth(it SegmentItem) float32 {
	w := float32(0)
	if it.Icon != "" {
		w += 16
		if it.Text != "" {
			w += look.GapIcon
		}
	}
	k := s.kind(s.Selected)
	k.Bold = true
	w += draw.Ceil(k.Width(it.Text))
	if it.Count != "" {
		w += 6 + draw.Ceil(k.Width(it.Count))
	}
	return w
}

// edges are the x positions of the items' borders: one more than items.
func (s *Segment) edges(width float32) []float32 {
	e := make([]float32, len(s.Items)+1)
	natural := float32(0)
	for i, it := range s.Items {
		natural += s.contentWidth(it) + 24
		e[i+1] = natural
	}
	if s.Fill && len(s.Items) > 0 {
		for i := range e {
			e[i] = draw.Floor(width * float32(i) / float32(len(s.Items)))
		}
		return e
	}
	return e
}

func (s *Segment) hit(x float32) int {
	e := s.edges(s.Size().Width)
	for i := range s.Items {
		if x >= e[i] && x < e[i+1] {
			return i
		}
	}
	return -1
}

// CreateRenderer implements fyne.Widget.
func (s *Segment) CreateRenderer() fyne.WidgetRenderer {
	s.box, s.ring = draw.NewRect(look.RadiusButton), draw.NewRing(look.RadiusButton+4)
	s.flat = &draw.Flat{Owner: s, Min: s.min, Arrange: s.layout, Paint: s.paint}
	s.paint()
	return s.flat
}

func (s *Segment) min() fyne.Size {
	e := s.edges(0)
	if s.Fill {
		w := float32(0)
		for _, it := range s.Items {
			w = max(w, s.contentWidth(it)+16)
		}
		return fyne.NewSize(w*float32(len(s.Items)), s.height())
	}
	return fyne.NewSize(e[len(e)-1], s.height())
}

func (s *Segment) paint() {
	for len(s.parts) < len(s.Items) {
		s.parts = append(s.parts, segmentPart{draw.NewRect(0), draw.NewRect(0), draw.NewImage(), draw.NewText(look.Body), draw.NewText(look.Strong)})
	}
	s.parts = s.parts[:len(s.Items)]
	s.flat.Objs = append(s.flat.Objs[:0], s.ring.Rectangle, s.box)
	draw.PaintRect(s.box, look.Surface, look.Stroke2)
	over := -1
	if s.hovered {
		over = s.hit(s.pointer)
	}
	for i, p := range s.parts {
		it := s.Items[i]
		fill, ink := look.Clear, look.T2
		switch {
		case i == s.Selected:
			fill, ink = look.Select, look.T1
		case i == over:
			fill = look.Hover
		}
		draw.PaintRect(p.fill, fill, look.Clear)
		p.fill.TopLeftCornerRadius, p.fill.BottomLeftCornerRadius = 0, 0
		p.fill.TopRightCornerRadius, p.fill.BottomRightCornerRadius = 0, 0
		if i == 0 {
			p.fill.TopLeftCornerRadius, p.fill.BottomLeftCornerRadius = look.RadiusButton-1, look.RadiusButton-1
		}
		if i == len(s.parts)-1 {
			p.fill.TopRightCornerRadius, p.fill.BottomRightCornerRadius = look.RadiusButton-1, look.RadiusButton-1
		}
		draw.PaintRect(p.line, look.Stroke2, look.Clear)
		draw.Show(p.line, i > 0)
		draw.PaintIcon(p.image, it.Icon, ink)
		draw.PaintText(p.label, it.Text, s.kind(i), ink)
		strong := s.kind(i)
		strong.Bold = true
		count := it.Meaning.Text()
		draw.PaintText(p.count, it.Count, strong, count)
		s.flat.Objs = append(s.flat.Objs, p.fill, p.line, p.image, p.label, p.count)
	}
	s.ring.Paint(s.focused)
}

func (s *Segment) layout(size fyne.Size) {
	e := s.edges(size.Width)
	draw.Place(s.box, 0, 0, e[len(e)-1], size.Height)
	s.ring.Outside(0, 0, e[len(e)-1], size.Height)
	for i, p := range s.parts {
		it := s.Items[i]
		left, right := e[i], e[i+1]
		draw.Place(p.fill, left+1, 1, right-left-1, size.Height-2)
		if i == len(s.parts)-1 {
			draw.Place(p.fill, left+1, 1, right-left-2, size.Height-2)
		}
		draw.Place(p.line, left, 1, 1, size.Height-2)
		x := left + max(draw.Floor((right-left-s.contentWidth(it))/2), 4)
		if it.Icon != "" {
			draw.Place(p.image, x, draw.Floor((size.Height-16)/2), 16, 16)
			x += 16 + look.GapIcon
		}
		w := draw.Ceil(s.kind(i).Width(it.Text))
		draw.PlaceText(p.label, it.Text, s.kind(i), x, 0, min(w, right-x-4)+1, size.Height)
		strong := s.kind(i)
		strong.Bold = true
		draw.PlaceText(p.count, it.Count, strong, x+w+6, 0, right-x-w-6, size.Height)
	}
}
