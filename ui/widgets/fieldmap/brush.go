package fieldmap

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"syncline/ui/look"
)

// brush draws a frame from objects that it keeps: what one frame used, the next
// one uses again, so that scrolling allocates next to nothing. Objects are
// drawn in the order in which they are asked for.
type brush struct {
	objects []fyne.CanvasObject
	rects   pool[*canvas.Rectangle]
	texts   pool[*canvas.Text]
	lines   pool[*canvas.Line]
	circles pool[*canvas.Circle]
	images  map[fyne.Resource]*pool[*canvas.Image] // a picture keeps its texture
}

// pool hands out objects in order and makes new ones when it runs out.
type pool[T any] struct {
	all  []T
	used int
}

func (p *pool[T]) next(make func() T) T {
	if p.used == len(p.all) {
		p.all = append(p.all, make())
	}
	p.used++
	return p.all[p.used-1]
}

// begin starts a frame.
func (b *brush) begin() {
	b.objects = b.objects[:0]
	b.rects.used, b.texts.used, b.lines.used, b.circles.used = 0, 0, 0, 0
	for _, p := range b.images {
		p.used = 0
	}
}

// rect draws a filled box with an outline; look.Clear leaves one out.
func (b *brush) rect(box Rect, radius float32, fill, stroke look.Token, width float32) {
	r := b.rects.next(func() *canvas.Rectangle { return canvas.NewRectangle(nil) })
	r.CornerRadius = radius
	r.TopLeftCornerRadius, r.TopRightCornerRadius, r.BottomLeftCornerRadius, r.BottomRightCornerRadius = 0, 0, 0, 0
	r.FillColor = look.Color(fill)
	r.StrokeWidth, r.StrokeColor = 0, nil
	if stroke != look.Clear {
		r.StrokeWidth, r.StrokeColor = width, look.Color(stroke)
	}
	b.put(r, box)
}

// text draws a line of text in a box, cut to its width and centred in its
// height.
func (b *brush) text(s string, kind look.Type, ink look.Token, box Rect, align fyne.TextAlign) {
	if s = look.Cut(s, kind, box.W); s == "" {
		return
	}
	t := b.texts.next(func() *canvas.Text { return canvas.NewText("", nil) })
	t.Text, t.TextSize, t.TextStyle, t.Color, t.Alignment = s, kind.Size, kind.Style(), look.Color(ink), align
	b.put(t, box)
}

// icon draws a square picture.
func (b *brush) icon(icon look.Icon, ink look.Token, box Rect) {
	res := look.Res(icon, ink)
	if res == nil {
		return
	}
	p := b.images[res]
	if p == nil {
		if b.images == nil {
			b.images = map[fyne.Resource]*pool[*canvas.Image]{}
		}
		p = &pool[*canvas.Image]{}
		b.images[res] = p
	}
	b.put(p.next(func() *canvas.Image {
		return &canvas.Image{Resource: res, FillMode: canvas.ImageFillContain}
	}), box)
}

// circle draws a disc around a point.
func (b *brush) circle(at Point, size float32, fill, stroke look.Token, width float32) {
	c := b.circles.next(func() *canvas.Circle { return canvas.NewCircle(nil) })
	c.FillColor = look.Color(fill)
	c.StrokeWidth, c.StrokeColor = 0, nil
	if stroke != look.Clear {
		c.StrokeWidth, c.StrokeColor = width, look.Color(stroke)
	}
	b.put(c, around(at, size, size))
}

// line draws a straight piece.
func (b *brush) line(from, to Point, ink color.Color, width float32) {
	l := b.lines.next(func() *canvas.Line { return canvas.NewLine(nil) })
	l.StrokeColor, l.StrokeWidth = ink, width
	l.Position1, l.Position2 = fyne.NewPos(from.X, from.Y), fyne.NewPos(to.X, to.Y)
	b.objects = append(b.objects, l)
}

func (b *brush) put(o fyne.CanvasObject, box Rect) {
	o.Move(fyne.NewPos(box.X, box.Y))
	o.Resize(fyne.NewSize(box.W, box.H))
	b.objects = append(b.objects, o)
}
