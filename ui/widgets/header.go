package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// Header is the top of a screen: title, one line of state, and at the right the
// plain buttons, a segment, the menu and the primary button. Buttons that do
// not fit move into the menu.
type Header struct {
	widget.BaseWidget

	Title, State string
	OnBack       func() // the back chevron shows where there is a way back

	Note    *IconText // such as "✓ Saved", left of the buttons; may be nil
	Buttons []*Button // secondary, from left to right
	Segment *Segment  // may be nil
	Menu    []*fyne.MenuItem
	Primary *Button // may be nil
	Compact bool    // below look.CompactBelow

	back, more   *Button
	title, state *canvas.Text
	line         *canvas.Rectangle
	moved        []*Button // secondary buttons that stand in the menu now
	flat         *draw.Flat
}

// NewHeader makes a header.
func NewHeader(title, state string) *Header {
	h := &Header{Title: title, State: state}
	h.back = NewIconButton(Quiet, "chevron-left", "Back", func() {
		if h.OnBack != nil {
			h.OnBack()
		}
	})
	h.back.ink = look.T2
	h.more = NewIconButton(Plain, "more", "More", h.openMenu)
	h.ExtendBaseWidget(h)
	return h
}

// SetState changes the line under the title.
func (h *Header) SetState(state string) {
	if h.State != state {
		h.State = state
		h.Refresh()
	}
}

func (h *Header) openMenu() {
	c := CanvasOf(h)
	if c == nil {
		return
	}
	pos := fyne.CurrentApp().Driver().AbsolutePositionForObject(h.more)
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", h.MenuItems()...), c, pos.AddXY(0, h.more.Size().Height+4))
}

// MenuItems are the buttons that did not fit, then the menu's own items.
func (h *Header) MenuItems() []*fyne.MenuItem {
	var items []*fyne.MenuItem
	for _, b := range h.moved {
		it := fyne.NewMenuItem(b.Text, b.activate)
		it.Disabled = b.Disabled()
		items = append(items, it)
	}
	return append(items, h.Menu...)
}

// CreateRenderer implements fyne.Widget.
func (h *Header) CreateRenderer() fyne.WidgetRenderer {
	h.title, h.state, h.line = draw.NewText(look.Title), draw.NewText(look.Small), draw.NewRect(0)
	h.flat = &draw.Flat{Owner: h, Min: func() fyne.Size { return fyne.NewSize(480, h.height()) }, Arrange: h.layout, Paint: h.paint}
	h.paint()
	return h.flat
}

func (h *Header) height() float32 {
	if h.Compact {
		return look.HeaderCompact
	}
	return look.HeaderHeight
}

func (h *Header) titleKind() look.Type {
	if h.Compact {
		return look.TitleSlim
	}
	return look.Title
}

func (h *Header) paint() {
	draw.PaintText(h.title, h.Title, h.titleKind(), look.T1)
	draw.PaintText(h.state, h.State, look.Small, look.T2)
	draw.PaintRect(h.line, look.Stroke, look.Clear)
	objects := append(h.flat.Objs[:0], h.title, h.state, h.line)
	if h.OnBack != nil {
		objects = append(objects, h.back)
	}
	if h.Note != nil {
		objects = append(objects, h.Note)
	}
	for _, b := range h.Buttons {
		h.fit(b)
		objects = append(objects, b)
	}
	objects = append(objects, h.more)
	if h.Segment != nil {
		if h.Segment.Small != h.Compact {
			h.Segment.Small = h.Compact
			h.Segment.Refresh()
		}
		objects = append(objects, h.Segment)
	}
	if h.Primary != nil {
		h.fit(h.Primary)
		objects = append(objects, h.Primary)
	}
	h.fit(h.more)
	h.flat.Objs = objects
}

// fit makes a button small in a low header.
func (h *Header) fit(b *Button) {
	if b.Small != h.Compact {
		b.Small = h.Compact
		b.Refresh()
	}
}

func (h *Header) layout(size fyne.Size) {
	margin, y, gap := look.PageMargin, float32(12), float32(12)
	if h.Compact {
		margin, y, gap = look.PageMarginSlim, 7, 8
	}
	draw.Place(h.line, 0, size.Height-1, size.Width, 1)
	left := margin
	if h.OnBack != nil {
		draw.Place(h.back, left, draw.Floor((size.Height-32)/2), 32, 32)
		left += 44
	}
	// Title and state keep their room up to a third of the width; what does not
	// fit beside them goes into the menu.
	want := draw.Ceil(max(h.titleKind().Width(h.Title), look.Small.Width(h.State)))
	want = min(want, max(size.Width/3, 240))
	h.moveButtons(size.Width - left - margin - want - gap)

	right := size.Width - margin
	put := func(o fyne.CanvasObject) {
		m := o.MinSize()
		right -= m.Width
		draw.Place(o, right, draw.Floor((size.Height-m.Height)/2), m.Width, m.Height)
		right -= gap
	}
	if h.Primary != nil {
		put(h.Primary)
	}
	if h.Segment != nil {
		put(h.Segment)
	}
	if h.more.Visible() {
		put(h.more)
	}
	for i := len(h.Buttons) - 1; i >= 0; i-- {
		if h.Buttons[i].Visible() {
			put(h.Buttons[i])
		}
	}
	if h.Note != nil {
		put(h.Note)
	}
	w := max(right-left, 0)
	draw.PlaceText(h.title, h.Title, h.titleKind(), left, y, w, h.titleKind().Line)
	draw.PlaceText(h.state, h.State, look.Small, left, y+h.titleKind().Line, w, look.Small.Line)
}

// moveButtons decides which secondary buttons stand in the menu, given the room
// right of the title. The leftmost go first.
func (h *Header) moveButtons(room float32) {
	const gap = 12
	need := func(from int) float32 {
		w := float32(0)
		for _, b := range h.Buttons[from:] {
			w += b.MinSize().Width + gap
		}
		if from > 0 || len(h.Menu) > 0 {
			w += h.more.MinSize().Width + gap
		}
		if h.Segment != nil {
			w += h.Segment.MinSize().Width + gap
		}
		if h.Primary != nil {
			w += h.Primary.MinSize().Width + gap
		}
		if h.Note != nil {
			w += h.Note.MinSize().Width + gap
		}
		return w
	}
	from := 0
	for from < len(h.Buttons) && need(from) > room {
		from++
	}
	h.moved = h.Buttons[:from]
	for i, b := range h.Buttons {
		draw.Show(b, i >= from)
	}
	draw.Show(h.more, from > 0 || len(h.Menu) > 0)
}

// SetSaved says at the head whether what is seen is what is kept: it is being saved,
// could not be saved, or neither.
func (h *Header) SetSaved(failed, saving bool) {
	icon, text, ink := look.Icon("check"), "Saved", look.T2
	switch {
	case failed:
		icon, text, ink = look.Failed.Icon(), "Not saved", look.Failed.Text()
	case saving:
		icon, text = "waiting", "Saving …"
	}
	if h.Note == nil {
		h.Note = NewIconText(icon, text, look.Small, ink)
	}
	h.Note.Icon, h.Note.Text, h.Note.Ink = icon, text, ink
	h.Note.Refresh()
	h.Refresh()
}
