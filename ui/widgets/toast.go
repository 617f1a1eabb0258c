package widgets

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// ToastTime is how long a toast stays; it stays longer while the pointer rests
// on it.
const ToastTime = 6 * time.Second

// Toast says in passing that something was done, and offers to take it back. It
// is never the only place where something is said.
type Toast struct {
	widget.BaseWidget

	Meaning look.Meaning // its glyph; Create draws a tick
	Text    string
	Action  string // such as "Undo"; "" for none

	action, close *Button
	onClose       func()
	timer         *time.Timer
}

// NewToast makes a toast; show it with [Layer.ShowToast].
func NewToast(m look.Meaning, text, action string, do func()) *Toast {
	t := &Toast{Meaning: m, Text: text, Action: action}
	t.action = NewButton(Quiet, "", action, func() {
		t.shut()
		if do != nil {
			do()
		}
	})
	t.close = NewIconButton(Quiet, "close", "Close", t.shut)
	t.close.ink = look.T2
	t.ExtendBaseWidget(t)
	return t
}

func (t *Toast) shut() {
	if t.timer != nil {
		t.timer.Stop()
	}
	if t.onClose != nil {
		t.onClose()
	}
}

// MouseIn keeps the toast while the pointer rests on it.
func (t *Toast) MouseIn(*desktop.MouseEvent) {
	if t.timer != nil {
		t.timer.Stop()
	}
}

// MouseMoved implements desktop.Hoverable.
func (t *Toast) MouseMoved(*desktop.MouseEvent) {}

// MouseOut starts the toast's time anew.
func (t *Toast) MouseOut() {
	if t.timer != nil {
		t.timer.Reset(ToastTime)
	}
}

// ShowToast shows a toast at the bottom right for [ToastTime]. It takes the
// place of the one before it.
func (l *Layer) ShowToast(t *Toast) {
	if l.toast != nil && l.toast != t {
		l.toast.shut()
	}
	l.toast = t
	t.onClose = func() {
		if l.toast == t {
			l.toast = nil
			l.Refresh()
		}
	}
	t.timer = time.AfterFunc(ToastTime, func() { tipDo(t.shut) })
	l.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (t *Toast) CreateRenderer() fyne.WidgetRenderer {
	box, image, label := draw.NewRect(look.RadiusCard), draw.NewImage(), draw.NewText(look.Body)
	return draw.NewFlat(t, func() fyne.Size {
		return fyne.NewSize(look.ToastWidth, look.ToastHeight)
	}, func(size fyne.Size) {
		draw.Place(box, 0, 0, size.Width, size.Height)
		draw.Place(image, 16, (size.Height-16)/2, 16, 16)
		right := size.Width - 6 - 32
		draw.Place(t.close, right, 6, 32, 32)
		if t.Action != "" {
			w := t.action.MinSize().Width
			right -= w + 2
			draw.Place(t.action, right, 6, w, 32)
		}
		draw.PlaceText(label, t.Text, look.Body, 45, 0, right-45-8, size.Height)
	}, func() {
		draw.PaintRect(box, look.Raised, look.Stroke2)
		draw.PaintIcon(image, t.icon(), t.Meaning.Text())
		draw.PaintText(label, t.Text, look.Body, look.T1)
		draw.Show(t.action, t.Action != "")
	}, []fyne.CanvasObject{box, image, label, t.action, t.close}...)
}

func (t *Toast) icon() look.Icon {
	switch t.Meaning {
	case look.Create:
		return "check-circle"
	case look.Neutral:
		return "info"
	}
	return t.Meaning.Icon()
}
