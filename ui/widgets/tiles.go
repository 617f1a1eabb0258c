package widgets

import (
	"fyne.io/fyne/v2"

	"syncline/ui/draw"
)

// tiles lays objects out in columns of equal width, as many as fit; the tiles
// of a row are as high as its highest.
type tiles struct {
	column
	least float32 // width of a tile
	most  int     // columns
}

// NewTiles lays objects out in up to most columns of equal width, none narrower
// than least, with a gap between them.
func NewTiles(least float32, most int, gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: &tiles{column: column{gap: gap}, least: least, most: most}, Objects: objects}
}

// across is how many columns fit, and how wide they are.
func (t *tiles) across(width float32, shown int) (int, float32) {
	n := max(1, min(t.most, shown, int((width+t.gap)/(t.least+t.gap))))
	return n, draw.Floor((width - t.gap*float32(n-1)) / float32(n))
}

// Layout implements fyne.Layout.
func (t *tiles) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	t.width = size.Width
	t.arrange(objects, size.Width, draw.Place)
}

// arrange places the tiles and returns the height they take.
func (t *tiles) arrange(objects []fyne.CanvasObject, width float32, put func(o fyne.CanvasObject, x, y, w, h float32)) float32 {
	var shown []fyne.CanvasObject
	for _, o := range objects {
		if o.Visible() {
			shown = append(shown, o)
		}
	}
	if len(shown) == 0 {
		return 0
	}
	n, w := t.across(width, len(shown))
	y := float32(0)
	for len(shown) > 0 {
		row := shown[:min(n, len(shown))]
		shown = shown[len(row):]
		h := float32(0)
		for _, o := range row {
			h = max(h, t.heightOf(o, w))
		}
		if put != nil {
			for i, o := range row {
				put(o, float32(i)*(w+t.gap), y, w, h)
			}
		}
		y += h + t.gap
	}
	return y - t.gap
}

// MinSize implements fyne.Layout.
func (t *tiles) MinSize(objects []fyne.CanvasObject) fyne.Size {
	width := float32(0)
	for _, o := range objects {
		if o.Visible() {
			width = max(width, min(t.least, o.MinSize().Width))
		}
	}
	return fyne.NewSize(width, t.arrange(objects, max(width, t.width), nil))
}
