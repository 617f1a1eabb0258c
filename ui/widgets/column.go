package widgets

import (
	"fyne.io/fyne/v2"

	"syncline/ui/draw"
)

// column lays objects out under each other over the whole width. Unlike Fyne's
// box it gives a part whose height depends on the width the height for the
// width it gets, in one pass.
type column struct {
	gap   float32
	pad   fyne.Size // at the sides, and above and below
	width float32   // the width of the last layout
}

// NewColumn stacks objects with a gap between them and no margin.
func NewColumn(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: &column{gap: gap}, Objects: objects}
}

// NewPaddedColumn stacks objects with a gap between them and a margin around.
func NewPaddedColumn(gap, side, ends float32, objects ...fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: &column{gap: gap, pad: fyne.NewSize(side, ends)}, Objects: objects}
}

// Layout implements fyne.Layout.
func (c *column) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	c.width = size.Width
	width := size.Width - 2*c.pad.Width
	y := c.pad.Height
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		h := c.heightOf(o, width)
		draw.Place(o, c.pad.Width, y, width, h)
		y += h + c.gap
	}
}

// heightOf also looks into nested columns and tiles.
func (c *column) heightOf(o fyne.CanvasObject, width float32) float32 {
	if box, ok := o.(*fyne.Container); ok {
		switch inner := box.Layout.(type) {
		case *column:
			return inner.height(box.Objects, width)
		case *tiles:
			return inner.arrange(box.Objects, width, nil)
		}
	}
	return heightOf(o, width)
}

func (c *column) height(objects []fyne.CanvasObject, width float32) float32 {
	h, shown := 2*c.pad.Height, 0
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		h += c.heightOf(o, width-2*c.pad.Width)
		shown++
	}
	return h + c.gap*float32(max(shown-1, 0))
}

// MinSize implements fyne.Layout.
func (c *column) MinSize(objects []fyne.CanvasObject) fyne.Size {
	width := float32(0)
	for _, o := range objects {
		if o.Visible() {
			width = max(width, o.MinSize().Width)
		}
	}
	width += 2 * c.pad.Width
	return fyne.NewSize(width, c.height(objects, max(width, c.width)))
}
