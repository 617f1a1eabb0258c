package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// FocusOn gives w the keyboard if it is in a window.
func FocusOn(w fyne.Focusable) {
	if c := CanvasOf(w); c != nil {
		c.Focus(w)
	}
}

// CanvasOf is the canvas that o is in, nil if it is in none yet.
func CanvasOf(o any) fyne.Canvas {
	obj, ok := o.(fyne.CanvasObject)
	if !ok || fyne.CurrentApp() == nil {
		return nil
	}
	driver := fyne.CurrentApp().Driver()
	if c := driver.CanvasForObject(obj); c != nil {
		return c
	}
	// The driver learns an object's canvas when it first draws it. What a screen
	// laid out a moment ago is in the only window there is.
	if all := driver.AllWindows(); len(all) == 1 && !obj.Size().IsZero() {
		return all[0].Canvas()
	}
	return nil
}

// HeightFor is a part whose height depends on its width, such as a panel with a
// paragraph. [Column] asks for it; elsewhere MinSize answers for the width the
// part has now.
type HeightFor interface {
	HeightFor(width float32) float32
}

// heightOf is the height o wants at a width.
func heightOf(o fyne.CanvasObject, width float32) float32 {
	if h, ok := o.(HeightFor); ok {
		return h.HeightFor(width)
	}
	return o.MinSize().Height
}

// Separator is a 1 px line in the stroke colour.
type Separator struct {
	widget.BaseWidget
	line     *canvas.Rectangle
	vertical bool
}

// NewSeparator makes a horizontal line.
func NewSeparator() *Separator { return newSeparator(false) }

// NewVerticalSeparator makes a vertical line.
func NewVerticalSeparator() *Separator { return newSeparator(true) }

func newSeparator(vertical bool) *Separator {
	s := &Separator{vertical: vertical}
	s.ExtendBaseWidget(s)
	return s
}

// CreateRenderer implements fyne.Widget.
func (s *Separator) CreateRenderer() fyne.WidgetRenderer {
	s.line = draw.NewRect(0)
	return draw.NewFlat(s, func() fyne.Size { return fyne.NewSquareSize(1) }, func(size fyne.Size) {
		if s.vertical {
			draw.Place(s.line, 0, 0, 1, size.Height)
			return
		}
		draw.Place(s.line, 0, 0, size.Width, 1)
	}, func() { draw.PaintRect(s.line, look.Stroke, look.Clear) }, s.line)
}
