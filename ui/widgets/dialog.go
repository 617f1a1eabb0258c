package widgets

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// Dialog is a panel over the dimmed window. Escape cancels, Enter presses the
// primary button, the focus starts in the first field.
type Dialog struct {
	widget.BaseWidget

	Title, Sub string
	Content    fyne.CanvasObject
	Width      float32 // look.DialogWidth unless set
	Note       string  // small text at the left of the buttons
	NoteIcon   look.Icon
	Portal     look.Meaning // when Production, Note names the portal in its colour

	Primary *Button   // may be nil
	Others  []*Button // left of the primary one

	// OnCancel is called when the dialog is left by Escape or its close button.
	OnCancel func()
	// First is the widget that gets the focus; the primary button if nil.
	First fyne.Focusable

	canvas fyne.Canvas
	layer  *Layer
	close  *Button
	oldKey func(*fyne.KeyEvent)
}

// NewDialog makes a dialog; call Open to show it.
func NewDialog(title, sub string, content fyne.CanvasObject) *Dialog {
	d := &Dialog{Title: title, Sub: sub, Content: content, Width: look.DialogWidth}
	d.close = NewIconButton(Quiet, "close", "Close (Escape)", d.Cancel)
	d.close.ink = look.T2
	d.layer = &Layer{}
	d.layer.ExtendBaseWidget(d.layer)
	d.ExtendBaseWidget(d)
	return d
}

// NewConfirm makes a dialog that asks before an act. The act's button names
// what it will do; danger paints it as one that destroys.
func NewConfirm(title, text, act string, danger bool, do func()) *Dialog {
	kind := Primary
	if danger {
		kind = Danger
	}
	d := NewDialog(title, "", NewParagraph(text, look.Body, look.T2))
	d.Width = 480
	d.Primary = NewButton(kind, "", act, func() {
		d.Close()
		do()
	})
	d.Others = []*Button{NewButton(Plain, "", "Cancel", d.Cancel)}
	return d
}

// NewTypedConfirm makes a dialog that asks before an act that destroys much: its
// button works once the number of what it destroys has been typed.
func NewTypedConfirm(title, text, act string, number int, do func()) *Dialog {
	d := NewConfirm(title, text, act, true, do)
	want := strconv.Itoa(number)
	entry := NewEntry("")
	d.Content = NewColumn(8, d.Content, NewLine("Type "+want+" to go on", look.Small, look.T2), entry)
	d.First = entry
	missing := "Type the number first"
	d.Primary.SetReason(missing)
	entry.OnChanged = func(typed string) {
		reason := missing
		if strings.TrimSpace(typed) == want {
			reason = ""
		}
		d.Primary.SetReason(reason)
	}
	return d
}

// Open shows the dialog over the canvas.
func (d *Dialog) Open(c fyne.Canvas) {
	d.canvas = c
	d.BaseWidget.Show()
	c.Overlays().Add(d)
	d.Resize(c.Size())
	d.Refresh()
	d.oldKey = c.OnTypedKey()
	c.SetOnTypedKey(d.typedKey)
	switch {
	case d.First != nil:
		c.Focus(d.First)
	case d.Primary != nil && !d.Primary.Disabled():
		c.Focus(d.Primary)
	}
}

// Close takes the dialog away.
func (d *Dialog) Close() {
	if d.canvas == nil {
		return
	}
	d.layer.HideTip()
	d.canvas.Overlays().Remove(d)
	d.canvas.SetOnTypedKey(d.oldKey)
	d.canvas = nil
	d.BaseWidget.Hide()
}

// Cancel closes the dialog and reports it.
func (d *Dialog) Cancel() {
	d.Close()
	if d.OnCancel != nil {
		d.OnCancel()
	}
}

// Submit presses the primary button, if it may be pressed.
func (d *Dialog) Submit() {
	if d.Primary != nil {
		d.Primary.activate()
	}
}

func (d *Dialog) typedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyEscape:
		d.Cancel()
	case fyne.KeyReturn, fyne.KeyEnter:
		d.Submit()
	}
}

// dialogOf is the dialog a focused part stands in, if any.
func dialogOf(w any) *Dialog {
	c := CanvasOf(w)
	if c == nil {
		return nil
	}
	d, _ := c.Overlays().Top().(*Dialog)
	return d
}

// Escape is what the Escape key does in a focused part: it leaves the dialog that
// w stands in; without one it gives up the focus and goes to the window's own
// keys, which work again.
func Escape(w fyne.Focusable) {
	if d := dialogOf(w); d != nil {
		d.Cancel()
		return
	}
	if c := CanvasOf(w); c != nil {
		c.Unfocus()
		if key := c.OnTypedKey(); key != nil {
			key(&fyne.KeyEvent{Name: fyne.KeyEscape})
		}
	}
}

// Tapped swallows clicks beside the panel: a dialog is left on purpose only.
func (d *Dialog) Tapped(*fyne.PointEvent) {}

// CreateRenderer implements fyne.Widget.
func (d *Dialog) CreateRenderer() fyne.WidgetRenderer {
	scrim, panel := draw.NewRect(0), draw.NewRect(look.RadiusDialog)
	title, sub, note := draw.NewText(look.TitleSlim), draw.NewText(look.Small), draw.NewText(look.Small)
	noteIcon := draw.NewImage()
	middle := container.NewVScroll(container.New(brim{}, d.Content))
	objects := []fyne.CanvasObject{scrim, panel, title, sub, middle, noteIcon, note, d.close}
	for _, b := range d.Others {
		objects = append(objects, b)
	}
	if d.Primary != nil {
		objects = append(objects, d.Primary)
	}
	objects = append(objects, d.layer)
	paint := func() {
		draw.PaintRect(scrim, look.Scrim, look.Clear)
		draw.PaintRect(panel, look.Surface, look.Stroke)
		draw.PaintText(title, d.Title, look.TitleSlim, look.T1)
		draw.PaintText(sub, d.Sub, look.Small, look.T2)
		ink := look.T2
		if d.Portal != look.Neutral {
			ink = d.Portal.Text()
		}
		draw.PaintText(note, d.Note, look.Small, ink)
		icon := d.NoteIcon
		if icon == "" && d.Portal != look.Neutral {
			icon = d.Portal.Icon()
		}
		draw.PaintIcon(noteIcon, icon, ink)
	}
	parts := dialogParts{scrim, panel, title, sub, note, noteIcon, middle}
	return draw.NewFlat(d, func() fyne.Size { return fyne.Size{} }, func(size fyne.Size) { d.layout(size, parts) }, paint, objects...)
}

// brim keeps room around a dialog's content, so that the scroll around it cuts
// off no border and no focus ring.
type brim struct{}

const brimWidth float32 = 4

// Layout implements fyne.Layout.
func (brim) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		draw.Place(o, brimWidth, brimWidth, size.Width-2*brimWidth, size.Height-2*brimWidth)
	}
}

// MinSize implements fyne.Layout.
func (brim) MinSize(objects []fyne.CanvasObject) (size fyne.Size) {
	for _, o := range objects {
		size = size.Max(o.MinSize())
	}
	return size.AddWidthHeight(2*brimWidth, 2*brimWidth)
}

type dialogParts struct {
	scrim, panel     *canvas.Rectangle
	title, sub, note *canvas.Text
	noteIcon         *canvas.Image
	middle           fyne.CanvasObject
}

func (d *Dialog) layout(size fyne.Size, p dialogParts) {
	const pad = 21
	draw.Place(p.scrim, 0, 0, size.Width, size.Height)
	d.layer.Move(fyne.Position{})
	d.layer.Resize(size)

	w := min(d.Width, size.Width-80)
	head := float32(66)
	if d.Sub == "" {
		head = 52
	}
	foot := float32(70)
	if d.Primary == nil && len(d.Others) == 0 && d.Note == "" {
		foot = pad // nothing stands there
	}
	content := heightOf(d.Content, w-2*pad)
	if box, ok := d.Content.(*fyne.Container); ok {
		content = (&column{}).heightOf(box, w-2*pad)
	}
	h := min(head+content+foot, size.Height-80)
	x, y := draw.Floor((size.Width-w)/2), draw.Floor((size.Height-h)/2)
	draw.Place(p.panel, x, y, w, h)
	draw.PlaceText(p.title, d.Title, look.TitleSlim, x+pad, y+16, w-2*pad-40, look.TitleSlim.Line)
	draw.PlaceText(p.sub, d.Sub, look.Small, x+pad, y+38, w-2*pad-40, look.Small.Line)
	draw.Place(d.close, x+w-15-32, y+19, 32, 32)
	d.Content.Resize(fyne.NewSize(w-2*pad, content)) // so that it knows its width before the scroll asks
	draw.Place(p.middle, x+pad-brimWidth, y+head-brimWidth, w-2*pad+2*brimWidth, h-head-foot+2*brimWidth)

	right := x + w - pad
	for _, b := range append(d.Others[:len(d.Others):len(d.Others)], d.Primary) {
		if b != nil {
			right -= b.MinSize().Width + 8
		}
	}
	left := x + pad
	if p.noteIcon.Visible() {
		draw.Place(p.noteIcon, left, y+h-46, 16, 16)
		left += 20
	}
	draw.PlaceText(p.note, d.Note, look.Small, left, y+h-46, right-left, 16)
	right += 8
	for _, b := range append(d.Others[:len(d.Others):len(d.Others)], d.Primary) {
		if b == nil {
			continue
		}
		bw := b.MinSize().Width
		draw.Place(b, right, y+h-54, bw, look.ControlHeight)
		right += bw + 8
	}
}
