// Package draw holds what all of Syncline's own widgets are drawn with: one flat
// renderer, and short ways to place and paint rectangles, texts and icons. All
// of it belongs to the UI goroutine.
package draw

import (
	"math"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"syncline/ui/look"
)

// Flat is the renderer all our widgets share: a list of objects drawn in
// order, painted and placed by the widget that owns them.
type Flat struct {
	Owner   fyne.Widget
	Objs    []fyne.CanvasObject // in drawing order
	Min     func() fyne.Size
	Arrange func(fyne.Size) // places the objects
	Paint   func()          // reads texts and colours
}

var _ fyne.WidgetRenderer = (*Flat)(nil)

// NewFlat makes a renderer and paints it once, so that sizes are known before the first layout.
func NewFlat(owner fyne.Widget, min func() fyne.Size, layout func(fyne.Size), paint func(), objects ...fyne.CanvasObject) *Flat {
	f := &Flat{Owner: owner, Objs: objects, Min: min, Arrange: layout, Paint: paint}
	paint()
	return f
}

// Destroy implements fyne.WidgetRenderer.
func (f *Flat) Destroy() {}

// Layout implements fyne.WidgetRenderer.
func (f *Flat) Layout(size fyne.Size) { f.Arrange(size) }

// MinSize implements fyne.WidgetRenderer.
func (f *Flat) MinSize() fyne.Size { return f.Min() }

// Objects implements fyne.WidgetRenderer.
func (f *Flat) Objects() []fyne.CanvasObject { return f.Objs }

// Refresh reads colours and texts again, places everything and asks for a frame.
func (f *Flat) Refresh() {
	f.Paint()
	f.Arrange(f.Owner.Size())
	canvas.Refresh(f.Owner)
}

// textLift moves texts up: Fyne rounds the height above the baseline up, so that
// capitals stand this much under the middle of their box.
const textLift float32 = 0.9

// Place puts o at x, y with the size w × h. Texts stand in the middle of h.
func Place(o fyne.CanvasObject, x, y, w, h float32) {
	if _, ok := o.(*canvas.Text); ok {
		y -= textLift
	}
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(w, h))
}

// PlaceText puts a line of text into a box and cuts it to the box's width. The
// text stands in the middle of the box's height.
func PlaceText(t *canvas.Text, full string, kind look.Type, x, y, w, h float32) {
	t.Text = look.Cut(full, kind, w)
	Place(t, x, y, w, h)
}

// Show makes o visible or not without a refresh of its own.
func Show(o fyne.CanvasObject, visible bool) {
	if o.Visible() == visible {
		return
	}
	if visible {
		o.Show()
	} else {
		o.Hide()
	}
}

// NewRect makes a rectangle with round corners.
func NewRect(radius float32) *canvas.Rectangle {
	r := canvas.NewRectangle(nil)
	r.CornerRadius = radius
	return r
}

// PaintRect sets a rectangle's fill and 1 px stroke; look.Clear leaves one out.
func PaintRect(r *canvas.Rectangle, fill, stroke look.Token) {
	r.FillColor = look.Color(fill)
	if stroke == look.Clear {
		r.StrokeWidth, r.StrokeColor = 0, nil
		return
	}
	r.StrokeWidth, r.StrokeColor = 1, look.Color(stroke)
}

// NewText makes an empty text in a type.
func NewText(kind look.Type) *canvas.Text {
	t := canvas.NewText("", nil)
	t.TextSize, t.TextStyle = kind.Size, kind.Style()
	return t
}

// PaintText sets what a text says, in which type and colour.
func PaintText(t *canvas.Text, s string, kind look.Type, token look.Token) {
	t.Text, t.TextSize, t.TextStyle, t.Color = s, kind.Size, kind.Style(), look.Color(token)
}

// NewImage makes an empty, hidden image that keeps its proportions.
func NewImage() *canvas.Image {
	i := &canvas.Image{FillMode: canvas.ImageFillContain}
	i.Hide()
	return i
}

// PaintIcon sets an image to an icon in a colour; an empty name hides it. The
// picture is only decoded again when it really changed.
func PaintIcon(i *canvas.Image, icon look.Icon, token look.Token) {
	if icon == "" {
		Show(i, false)
		return
	}
	res := look.Res(icon, token)
	Show(i, true)
	if i.Resource != res {
		i.Resource = res
		i.Refresh()
	}
}

// Ring is the 2 px focus ring. It is drawn outside a button and inside a row.
type Ring struct{ *canvas.Rectangle }

// NewRing makes a hidden ring.
func NewRing(radius float32) Ring {
	r := NewRect(radius)
	r.StrokeWidth = 2
	r.Hide()
	return Ring{r}
}

// Paint shows or hides the ring.
func (r Ring) Paint(on bool) {
	r.FillColor = look.Color(look.Clear)
	r.StrokeColor = look.Color(look.Focus)
	r.StrokeWidth = 2
	Show(r.Rectangle, on)
}

// Outside places the ring around a part of the given box, 2 px away from it. In
// the window strokes lie within their rectangle; the software painter of tests
// draws them half outside.
func (r Ring) Outside(x, y, w, h float32) { Place(r.Rectangle, x-4, y-4, w+8, h+8) }

// Inside places the ring on the inner edge of the box.
func (r Ring) Inside(x, y, w, h float32) { Place(r.Rectangle, x, y, w, h) }

// Lines is a pool of texts for a paragraph that is broken into lines.
type Lines struct {
	Texts []*canvas.Text
	kind  look.Type
}

// Set breaks s at width into at most most lines, paints them and returns how
// many there are. New texts must be added to the renderer by objects.
func (l *Lines) Set(s string, kind look.Type, token look.Token, width float32, most int) int {
	l.kind = kind
	broken := look.Wrap(s, kind, width, most)
	for len(l.Texts) < len(broken) {
		l.Texts = append(l.Texts, NewText(kind))
	}
	for i, t := range l.Texts {
		if i < len(broken) {
			PaintText(t, broken[i], kind, token)
		}
		Show(t, i < len(broken))
	}
	return len(broken)
}

// Place puts the lines under each other and returns their height together.
func (l *Lines) Place(x, y, w float32, align fyne.TextAlign) float32 {
	h := float32(0)
	for _, t := range l.Texts {
		if !t.Visible() {
			continue
		}
		t.Alignment = align
		Place(t, x, y+h, w, l.kind.Line)
		h += l.kind.Line
	}
	return h
}

// AppendTo adds the texts to a list of objects.
func (l *Lines) AppendTo(objects []fyne.CanvasObject) []fyne.CanvasObject {
	for _, t := range l.Texts {
		objects = append(objects, t)
	}
	return objects
}

// Floor rounds down to a whole pixel.
func Floor(v float32) float32 { return float32(math.Floor(float64(v))) }

// Ceil rounds up to a whole pixel.
func Ceil(v float32) float32 { return float32(math.Ceil(float64(v))) }
