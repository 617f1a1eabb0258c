package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// keyCap draws the cap of one key: a box with the key's name in mono.
type keyCap struct {
	box   *canvas.Rectangle
	label *canvas.Text
}

func newKeyCap() keyCap {
	k := keyCap{box: draw.NewRect(look.RadiusTag), label: draw.NewText(look.MonoCap)}
	k.label.Alignment = fyne.TextAlignCenter
	return k
}

func keyCapWidth(key string) float32 {
	return max(look.KeyCapHeight, draw.Ceil(look.MonoCap.Width(key))+10)
}

func (k keyCap) paint(key string) {
	draw.PaintRect(k.box, look.Surface, look.Stroke2)
	draw.PaintText(k.label, key, look.MonoCap, look.T2)
	draw.Show(k.box, key != "")
	draw.Show(k.label, key != "")
}

func (k keyCap) place(x, y, w float32) {
	draw.Place(k.box, x, y, w, look.KeyCapHeight)
	draw.Place(k.label, x, y, w, look.KeyCapHeight)
}

func (k keyCap) objects() []fyne.CanvasObject { return []fyne.CanvasObject{k.box, k.label} }
