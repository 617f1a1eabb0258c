package widgets

import (
	"cmp"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// FilterChip switches the rows of one fate on or off.
type FilterChip struct {
	pressable

	Meaning look.Meaning
	Word    string // the meaning's own word unless set
	Count   int
	On      bool
	// OnToggle is called when it is clicked, or on Space or Enter; who listens
	// sets On.
	OnToggle func()

	move         func(by int) // to the neighbour, set by the bar
	box          *canvas.Rectangle
	image        *canvas.Image
	label, count *canvas.Text
	ring         draw.Ring
}

// NewFilterChip makes a chip.
func NewFilterChip(m look.Meaning, count int, on bool) *FilterChip {
	c := &FilterChip{Meaning: m, Count: count, On: on}
	c.extend(c, func() {
		if c.OnToggle != nil {
			c.OnToggle()
		}
	}, nil)
	return c
}

// TypedKey also moves to the neighbouring chip.
func (c *FilterChip) TypedKey(e *fyne.KeyEvent) {
	switch {
	case e.Name == fyne.KeyLeft && c.move != nil:
		c.move(-1)
	case e.Name == fyne.KeyRight && c.move != nil:
		c.move(1)
	default:
		c.pressable.TypedKey(e)
	}
}

func (c *FilterChip) word() string { return cmp.Or(c.Word, c.Meaning.Word()) }

// CreateRenderer implements fyne.Widget.
func (c *FilterChip) CreateRenderer() fyne.WidgetRenderer {
	c.box, c.ring = draw.NewRect(look.ChipHeight/2), draw.NewRing(look.ChipHeight/2+4)
	c.image, c.label, c.count = draw.NewImage(), draw.NewText(look.Body), draw.NewText(look.Strong)
	return draw.NewFlat(c, func() fyne.Size {
		return fyne.NewSize(30+draw.Ceil(look.Body.Width(c.word()))+7+draw.Ceil(look.Strong.Width(look.Number(c.Count)))+12, look.ChipHeight)
	}, func(size fyne.Size) {
		draw.Place(c.box, 0, 0, size.Width, size.Height)
		c.ring.Outside(0, 0, size.Width, size.Height)
		draw.Place(c.image, 9, 7, 16, 16)
		w := draw.Ceil(look.Body.Width(c.word()))
		draw.Place(c.label, 30, 0, w, size.Height)
		draw.Place(c.count, 30+w+7, 0, size.Width-30-w-7-12, size.Height)
	}, c.paint, c.ring.Rectangle, c.box, c.image, c.label, c.count)
}

func (c *FilterChip) paint() {
	fill, stroke, ink, number := look.Surface, look.Stroke2, look.T2, look.T2
	if c.hovered {
		fill = look.Hover
	}
	if c.On {
		fill, stroke, ink, number = c.Meaning.Tint(), c.Meaning.Solid(), c.Meaning.Text(), look.T1
	}
	draw.PaintRect(c.box, fill, stroke)
	draw.PaintIcon(c.image, c.Meaning.Icon(), ink)
	draw.PaintText(c.label, c.word(), look.Body, ink)
	draw.PaintText(c.count, look.Number(c.Count), look.Strong, number)
	c.ring.Paint(c.focused)
}

// ChipBar is the row of filter chips over a plan. The chips that are on are
// shown together.
type ChipBar struct {
	*fyne.Container
	Chips []*FilterChip
	// OnChanged gets the meanings that are on, in the chips' order.
	OnChanged func(on []look.Meaning)
}

// NewChipBar makes one chip for each meaning, in the given order.
func NewChipBar(ms []look.Meaning, changed func(on []look.Meaning)) *ChipBar {
	b := &ChipBar{Container: &fyne.Container{Layout: row{gap: 8}}, OnChanged: changed}
	for i, m := range ms {
		c := NewFilterChip(m, 0, false)
		c.OnToggle = func() { b.toggle(c) }
		c.move = func(by int) {
			if at := i + by; at >= 0 && at < len(b.Chips) {
				FocusOn(b.Chips[at])
			}
		}
		b.Chips = append(b.Chips, c)
		b.Container.Add(c)
	}
	return b
}

// SetCounts shows the rows per meaning. A chip that falls to 0 goes off.
func (b *ChipBar) SetCounts(counts map[look.Meaning]int) {
	for _, c := range b.Chips {
		c.Count = counts[c.Meaning]
		if c.Count == 0 {
			c.On = false
		}
		c.Refresh()
	}
	b.Container.Refresh()
}

// SetOn switches exactly the given meanings on, without calling OnChanged.
func (b *ChipBar) SetOn(on ...look.Meaning) {
	for _, c := range b.Chips {
		c.On = false
		for _, m := range on {
			c.On = c.On || m == c.Meaning && c.Count > 0
		}
		c.Refresh()
	}
}

// On lists the meanings that are on.
func (b *ChipBar) On() []look.Meaning {
	var on []look.Meaning
	for _, c := range b.Chips {
		if c.On {
			on = append(on, c.Meaning)
		}
	}
	return on
}

// toggle switches one chip. Switching the only one off would leave nothing to
// see, so it brings all back instead.
func (b *ChipBar) toggle(c *FilterChip) {
	on := b.On()
	switch {
	case c.Count == 0:
		return
	case len(on) == 1 && c.On:
		for _, other := range b.Chips {
			other.On = other.Count > 0
		}
	default:
		c.On = !c.On
	}
	for _, other := range b.Chips {
		other.Refresh()
	}
	if b.OnChanged != nil {
		b.OnChanged(b.On())
	}
}

// row lays objects out side by side at their natural width, and breaks into a
// further row where the width ends.
type row struct{ gap float32 }

// NewRow puts objects side by side, with a gap, and breaks into further rows
// where the width ends.
func NewRow(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: row{gap}, Objects: objects}
}

// Layout implements fyne.Layout.
func (r row) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	r.arrange(objects, size.Width, func(o fyne.CanvasObject, x, y, w, h float32) { draw.Place(o, x, y, w, h) })
}

func (r row) arrange(objects []fyne.CanvasObject, width float32, put func(o fyne.CanvasObject, x, y, w, h float32)) float32 {
	lineHeight := float32(0)
	for _, o := range objects {
		if o.Visible() {
			lineHeight = max(lineHeight, o.MinSize().Height)
		}
	}
	x, y := float32(0), float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		if x > 0 && x+m.Width > width {
			x, y = 0, y+lineHeight+r.gap
		}
		put(o, x, y+draw.Floor((lineHeight-m.Height)/2), m.Width, m.Height)
		x += m.Width + r.gap
	}
	return y + lineHeight
}

// MinSize implements fyne.Layout: one row, since most rows fit; inside a column
// the height follows the width.
func (r row) MinSize(objects []fyne.CanvasObject) fyne.Size {
	m, shown := fyne.Size{}, 0
	for _, o := range objects {
		if o.Visible() {
			s := o.MinSize()
			m = fyne.NewSize(m.Width+s.Width, max(m.Height, s.Height))
			shown++
		}
	}
	m.Width += r.gap * float32(max(shown-1, 0))
	return m
}
