package widgets

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// TipDelay is how long the pointer must rest before a hover text shows.
const TipDelay = 600 * time.Millisecond

// tipDo runs f on the UI goroutine; tests replace it with their queue.
var tipDo = fyne.Do

// HoverTip shows a text beside its owner after the pointer has rested on it.
// Fyne has no tooltip of its own, and a pop-up would take the pointer away from
// the owner, so the text stands in a [Layer].
type HoverTip struct {
	Owner fyne.Widget
	timer *time.Timer
	layer *Layer
	text  string
	// At and Of are the part of the owner the text belongs to; the whole owner
	// while Of is zero.
	At fyne.Position
	Of fyne.Size
}

// Hide takes the text away, or ends the wait for it.
func (h *HoverTip) Hide() {
	if h.timer != nil {
		h.timer.Stop()
		h.timer = nil
	}
	if h.layer != nil {
		h.layer.HideTip()
		h.layer = nil
	}
}

// Rest starts the wait for the text; asking again for the same text changes
// nothing.
func (h *HoverTip) Rest(text string) {
	if h.Owner == nil || h.text == text && (h.timer != nil || h.layer != nil) {
		return
	}
	h.Hide()
	h.text = text
	var timer *time.Timer
	timer = time.AfterFunc(TipDelay, func() {
		tipDo(func() {
			if timer != nil && h.timer == timer { // not hidden in the meantime
				h.show()
			}
		})
	})
	h.timer = timer
}

// show puts the text under the owner, or above where there is no room below.
func (h *HoverTip) show() {
	h.timer = nil
	layer := layerOf(CanvasOf(h.Owner))
	pos := fyne.CurrentApp().Driver().AbsolutePositionForObject(h.Owner)
	if layer == nil || h.text == "" || (pos.X <= 0 && pos.Y <= 0) { // an owner that left the window stands nowhere
		return
	}
	h.layer = layer
	of := h.Of
	if of.IsZero() {
		of = h.Owner.Size()
	}
	layer.ShowTip(h.text, pos.Add(h.At), of)
}

// tipWidth is where a hover text breaks.
const tipWidth float32 = 320

// tip is the small panel of a hover text.
type tip struct {
	widget.BaseWidget
	text  string
	lines draw.Lines
}

func newTip(text string) *tip {
	t := &tip{text: text}
	t.ExtendBaseWidget(t)
	return t
}

// CreateRenderer implements fyne.Widget.
func (t *tip) CreateRenderer() fyne.WidgetRenderer {
	box := draw.NewRect(look.RadiusTag)
	paint := func() {
		draw.PaintRect(box, look.Raised, look.Stroke2)
		t.lines.Set(t.text, look.Small, look.T1, tipWidth, 12)
	}
	paint()
	f := draw.NewFlat(t, func() fyne.Size {
		w := float32(0)
		for _, l := range t.lines.Texts {
			if l.Visible() {
				w = max(w, look.Small.Width(l.Text))
			}
		}
		shown := len(look.Wrap(t.text, look.Small, tipWidth, 12))
		return fyne.NewSize(draw.Ceil(w)+16, float32(shown)*look.Small.Line+10)
	}, func(size fyne.Size) {
		draw.Place(box, 0, 0, size.Width, size.Height)
		t.lines.Place(8, 5, size.Width-16, fyne.TextAlignLeading)
	}, paint)
	f.Objs = t.lines.AppendTo([]fyne.CanvasObject{box})
	return f
}

var _ fyne.Widget = (*tip)(nil)
