package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// Layer lies over a window's content and shows what floats there: the hover
// text and the toast. It takes no pointer events itself, so that what lies
// below stays alive. Make it with [WithLayer].
type Layer struct {
	widget.BaseWidget
	tip   *tip
	toast *Toast
	at    fyne.Position // of the tip's owner
	of    fyne.Size
}

// WithLayer puts a layer over content. Use the result as the window's content:
// hover texts and toasts look for the layer there.
func WithLayer(content fyne.CanvasObject) (*fyne.Container, *Layer) {
	l := &Layer{}
	l.ExtendBaseWidget(l)
	return &fyne.Container{Layout: fill{}, Objects: []fyne.CanvasObject{content, l}}, l
}

// fill gives every object the whole space.
type fill struct{}

func (fill) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		draw.Place(o, 0, 0, size.Width, size.Height)
	}
}

func (fill) MinSize(objects []fyne.CanvasObject) fyne.Size {
	m := fyne.Size{}
	for _, o := range objects {
		m = m.Max(o.MinSize())
	}
	return m
}

// layerOf finds the layer over what is on top in a canvas: the dialog, if one
// is open, or the window's content.
func layerOf(c fyne.Canvas) *Layer {
	if c == nil {
		return nil
	}
	if d, ok := c.Overlays().Top().(*Dialog); ok {
		return d.layer
	}
	if box, ok := c.Content().(*fyne.Container); ok && len(box.Objects) > 0 {
		l, _ := box.Objects[len(box.Objects)-1].(*Layer)
		return l
	}
	return nil
}

// Toast is the toast that is shown, nil for none.
func (l *Layer) Toast() *Toast { return l.toast }

// ShowTip shows a hover text below an object at a position, or above it where
// there is no room below.
func (l *Layer) ShowTip(text string, at fyne.Position, of fyne.Size) {
	l.tip, l.at, l.of = newTip(text), at, of
	l.Refresh()
}

// HideTip takes the hover text away.
func (l *Layer) HideTip() {
	l.tip = nil
	l.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (l *Layer) CreateRenderer() fyne.WidgetRenderer {
	f := &draw.Flat{Owner: l, Min: func() fyne.Size { return fyne.Size{} }, Arrange: l.layout}
	f.Paint = func() {
		f.Objs = nil
		if l.toast != nil {
			f.Objs = append(f.Objs, l.toast)
		}
		if l.tip != nil {
			f.Objs = append(f.Objs, l.tip)
		}
	}
	f.Paint()
	return f
}

func (l *Layer) layout(size fyne.Size) {
	if l.toast != nil {
		w := min(look.ToastWidth, size.Width-2*look.PageMarginSlim)
		draw.Place(l.toast, size.Width-w-look.PageMarginSlim, size.Height-look.StatusHeight-look.ToastHeight-12, w, look.ToastHeight)
	}
	if l.tip != nil {
		m := l.tip.MinSize()
		y := l.at.Y + l.of.Height + 6
		if y+m.Height > size.Height {
			y = l.at.Y - m.Height - 6
		}
		x := min(l.at.X, size.Width-m.Width-4)
		draw.Place(l.tip, max(x, 4), max(y, 4), m.Width, m.Height)
	}
}
