package widgets

import (
	"fyne.io/fyne/v2"

	"syncline/ui/draw"
)

// framed puts one part at the top, one at the bottom, and gives the middle the
// rest. Unlike Fyne's border it gives parts whose height depends on the width
// the height for the width they get.
type framed struct{}

// NewFramed makes such a layout; what changes its height must be followed by
// the container's Refresh.
func NewFramed(top, bottom, middle fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: framed{}, Objects: []fyne.CanvasObject{top, bottom, middle}}
}

// Layout implements fyne.Layout.
func (framed) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	c := &column{}
	top, bottom := c.heightOf(objects[0], size.Width), c.heightOf(objects[1], size.Width)
	draw.Place(objects[0], 0, 0, size.Width, top)
	draw.Place(objects[1], 0, size.Height-bottom, size.Width, bottom)
	draw.Place(objects[2], 0, top, size.Width, max(size.Height-top-bottom, 0))
}

// MinSize implements fyne.Layout.
func (framed) MinSize(objects []fyne.CanvasObject) fyne.Size {
	m := fyne.Size{}
	for _, o := range objects {
		s := o.MinSize()
		m = fyne.NewSize(max(m.Width, s.Width), m.Height+s.Height)
	}
	return m
}
