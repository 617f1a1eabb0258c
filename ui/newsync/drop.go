package newsync

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// dropZone is a dashed frame around an invitation to drop a file. The frame is
// made of short lines, because Fyne's rectangles can't be dashed.
type dropZone struct {
	widget.BaseWidget
	inside fyne.CanvasObject
	flat   *draw.Flat
	back   *canvas.Rectangle
	lines  []*canvas.Line
}

const (
	dash       float32 = 4
	dropWidth  float32 = 720
	dropHeight float32 = 300
)

func newDropZone(inside fyne.CanvasObject) *dropZone {
	z := &dropZone{inside: inside}
	z.ExtendBaseWidget(z)
	return z
}

// CreateRenderer implements fyne.Widget.
func (z *dropZone) CreateRenderer() fyne.WidgetRenderer {
	z.back = draw.NewRect(look.RadiusCard)
	z.flat = &draw.Flat{Owner: z, Arrange: z.layout, Paint: z.paint}
	z.flat.Min = func() fyne.Size { return z.inside.MinSize().AddWidthHeight(32, 32) }
	z.paint()
	return z.flat
}

func (z *dropZone) paint() {
	draw.PaintRect(z.back, look.Surface, look.Clear)
	for _, l := range z.lines {
		l.StrokeColor = look.Color(look.Control)
	}
}

func (z *dropZone) layout(size fyne.Size) {
	w, h := min(size.Width, dropWidth), min(size.Height, dropHeight)
	x, y := draw.Floor((size.Width-w)/2), draw.Floor((size.Height-h)/2)
	draw.Place(z.back, x, y, w, h)
	n := 0
	line := func(x1, y1, x2, y2 float32) {
		if n == len(z.lines) {
			l := canvas.NewLine(look.Color(look.Control))
			l.StrokeWidth = 1
			z.lines = append(z.lines, l)
		}
		z.lines[n].Position1, z.lines[n].Position2 = fyne.NewPos(x1, y1), fyne.NewPos(x2, y2)
		n++
	}
	for at := float32(0); at+dash <= w; at += 2 * dash {
		line(x+at, y, x+at+dash, y)
		line(x+at, y+h, x+at+dash, y+h)
	}
	for at := float32(0); at+dash <= h; at += 2 * dash {
		line(x, y+at, x, y+at+dash)
		line(x+w, y+at, x+w, y+at+dash)
	}
	z.lines = z.lines[:n]
	draw.Place(z.inside, x+16, y+16, w-32, h-32)
	z.flat.Objs = append(z.flat.Objs[:0], z.back)
	for _, l := range z.lines {
		z.flat.Objs = append(z.flat.Objs, l)
	}
	z.flat.Objs = append(z.flat.Objs, z.inside)
}
