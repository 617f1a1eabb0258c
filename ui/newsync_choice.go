package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
	"syncline/ui/widgets"
)

// chooser is what the wizard's lists of choices have in common: one of several
// boxes holds; a click, Space and the arrows choose, Enter goes on to the next
// step.
type chooser struct {
	widget.BaseWidget
	self   chooses
	chosen int
	hover  int
	// across is how many boxes stand beside each other.
	across  int
	focused bool
	within  fyne.Position

	onChoose func(i int)
	onEnter  func()
}

type chooses interface {
	fyne.Widget
	fyne.Focusable
	length() int
	hit(fyne.Position) int // -1 for none
}

var (
	_ fyne.Tappable      = (*chooser)(nil)
	_ fyne.Draggable     = (*chooser)(nil)
	_ desktop.Mouseable  = (*chooser)(nil)
	_ desktop.Hoverable  = (*chooser)(nil)
	_ desktop.Cursorable = (*chooser)(nil)
)

func (c *chooser) extend(self chooses) {
	c.self, c.hover, c.across = self, -1, 1
	c.ExtendBaseWidget(self)
}

// choose makes a box the chosen one and reports it.
func (c *chooser) choose(i int) {
	if i < 0 || i >= c.self.length() || i == c.chosen {
		return
	}
	c.chosen = i
	c.Refresh()
	if c.onChoose != nil {
		c.onChoose(i)
	}
}

// TypedKey implements fyne.Focusable.
func (c *chooser) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyUp:
		c.choose(c.chosen - c.across)
	case fyne.KeyDown:
		c.choose(min(c.chosen+c.across, c.self.length()-1))
	case fyne.KeyLeft:
		c.choose(c.chosen - 1)
	case fyne.KeyRight:
		c.choose(c.chosen + 1)
	case fyne.KeyHome:
		c.choose(0)
	case fyne.KeyEnd:
		c.choose(c.self.length() - 1)
	case fyne.KeyReturn, fyne.KeyEnter:
		if c.onEnter != nil {
			c.onEnter()
		}
	case fyne.KeyEscape:
		widgets.Escape(c.self)
	}
}

// TypedRune implements fyne.Focusable.
func (c *chooser) TypedRune(rune) {}

// FocusGained implements fyne.Focusable.
func (c *chooser) FocusGained() {
	c.focused = true
	c.Refresh()
}

// FocusLost implements fyne.Focusable.
func (c *chooser) FocusLost() {
	c.focused = false
	c.Refresh()
}

// Tapped implements fyne.Tappable.
func (c *chooser) Tapped(e *fyne.PointEvent) { c.choose(c.self.hit(e.Position)) }

// Dragged takes part in drags, because inside a scroll a press that moves by
// two pixels would else be lost.
func (c *chooser) Dragged(e *fyne.DragEvent) { c.within = e.Position }

// DragEnd implements fyne.Draggable.
func (c *chooser) DragEnd() { c.choose(c.self.hit(c.within)) }

// MouseDown implements desktop.Mouseable.
func (c *chooser) MouseDown(e *desktop.MouseEvent) {
	if e.Button == desktop.MouseButtonPrimary {
		widgets.FocusOn(c.self)
	}
}

// MouseUp implements desktop.Mouseable.
func (c *chooser) MouseUp(*desktop.MouseEvent) {}

// MouseIn implements desktop.Hoverable.
func (c *chooser) MouseIn(e *desktop.MouseEvent) { c.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable.
func (c *chooser) MouseMoved(e *desktop.MouseEvent) {
	if at := c.self.hit(e.Position); at != c.hover {
		c.hover = at
		c.Refresh()
	}
}

// MouseOut implements desktop.Hoverable.
func (c *chooser) MouseOut() {
	c.hover = -1
	c.Refresh()
}

// Cursor implements desktop.Cursorable.
func (c *chooser) Cursor() desktop.Cursor {
	if c.hover >= 0 {
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

// choice is one box of choices.
type choice struct {
	icon        look.Icon
	title, text string
	off         bool // can't be chosen; text says why
}

// choices are cards, or with radio lines with a round button.
type choices struct {
	chooser
	items []choice
	radio bool
	least float32 // the least width of a card
	parts []choicePart
	flat  *draw.Flat
	ring  draw.Ring
}

type choicePart struct {
	box         *canvas.Rectangle
	knob        radio
	image       *canvas.Image
	title, text *canvas.Text
	at          fyne.Position
	size        fyne.Size
}

const (
	cardHeight  float32 = 60
	radioHeight float32 = 44
)

func newChoices(radio bool, items []choice, chosen int, changed func(int), enter func()) *choices {
	c := &choices{items: items, radio: radio, least: 180}
	c.chosen, c.onChoose, c.onEnter = chosen, changed, enter
	c.extend(c)
	return c
}

func (c *choices) length() int { return len(c.items) }

func (c *choices) hit(p fyne.Position) int {
	for i, b := range c.parts {
		if i < len(c.items) && !c.items[i].off && p.X >= b.at.X && p.Y >= b.at.Y && p.X < b.at.X+b.size.Width && p.Y < b.at.Y+b.size.Height {
			return i
		}
	}
	return -1
}

func (c *choices) columns(width float32) int {
	if c.radio || width <= 0 {
		return 1
	}
	return max(int((width+look.GapCards)/(c.least+look.GapCards)), 1)
}

// HeightFor implements widgets.HeightFor.
func (c *choices) HeightFor(width float32) float32 {
	n := c.columns(width)
	rows := float32((len(c.items) + n - 1) / n)
	if c.radio {
		return rows * radioHeight
	}
	return max(rows*(cardHeight+look.GapCards)-look.GapCards, 0)
}

// CreateRenderer implements fyne.Widget.
func (c *choices) CreateRenderer() fyne.WidgetRenderer {
	c.ring = draw.NewRing(look.RadiusCard)
	c.flat = &draw.Flat{Owner: c, Arrange: c.layout, Paint: c.paint}
	c.flat.Min = func() fyne.Size { return fyne.NewSize(120, c.HeightFor(c.Size().Width)) }
	c.paint()
	return c.flat
}

func (c *choices) paint() {
	for len(c.parts) < len(c.items) {
		c.parts = append(c.parts, choicePart{box: draw.NewRect(look.RadiusCard), knob: newRadio(), image: draw.NewImage(),
			title: draw.NewText(look.Strong), text: draw.NewText(look.Small)})
	}
	c.parts = c.parts[:len(c.items)]
	o := c.flat.Objs[:0]
	for i := range c.parts {
		p, it := &c.parts[i], c.items[i]
		on := i == c.chosen
		c.paintBox(p, on, i == c.hover)
		title, kind := look.T1, look.Strong
		if c.radio && !on {
			kind = look.Body
		}
		if it.off {
			title = look.Off
		}
		draw.PaintText(p.title, it.title, kind, title)
		draw.PaintText(p.text, it.text, look.Small, look.T2)
		draw.PaintIcon(p.image, it.icon, look.T2)
		draw.Show(p.image, !c.radio && it.icon != "")
		o = append(o, p.box, p.knob.disc, p.knob.dot, p.image, p.title, p.text)
	}
	c.ring.Paint(c.focused)
	c.flat.Objs = append(o, c.ring.Rectangle)
}

func (c *choices) paintBox(p *choicePart, on, hover bool) {
	fill, stroke := look.Surface, look.Stroke
	switch {
	case c.radio:
		fill, stroke = look.Clear, look.Clear
	case on:
		fill, stroke = look.Select, look.SelectLn
	case hover:
		fill = look.Hover
	}
	draw.PaintRect(p.box, fill, stroke)
	p.knob.paint(on, c.radio)
}

// radio is a round button with a dot while it is on.
type radio struct{ disc, dot *canvas.Rectangle }

func newRadio() radio { return radio{draw.NewRect(8), draw.NewRect(3)} }

func (r radio) paint(on, visible bool) {
	draw.PaintRect(r.disc, look.Surface, look.Control)
	if on {
		draw.PaintRect(r.disc, look.Accent, look.Clear)
	}
	draw.PaintRect(r.dot, look.OnAccent, look.Clear)
	draw.Show(r.disc, visible)
	draw.Show(r.dot, visible && on)
}

func (r radio) place(x, y float32) {
	draw.Place(r.disc, x, y, 16, 16)
	draw.Place(r.dot, x+5, y+5, 6, 6)
}

func (c *choices) layout(size fyne.Size) {
	n := c.columns(size.Width)
	c.across = n
	w := (size.Width + look.GapCards) / float32(n)
	for i := range c.parts {
		p, it := &c.parts[i], c.items[i]
		if c.radio {
			c.placeRadio(p, it, float32(i)*radioHeight, size.Width)
			continue
		}
		x, y := draw.Floor(float32(i%n)*w), float32(i/n)*(cardHeight+look.GapCards)
		p.at, p.size = fyne.NewPos(x, y), fyne.NewSize(draw.Floor(w-look.GapCards), cardHeight)
		draw.Place(p.box, x, y, p.size.Width, p.size.Height)
		draw.Place(p.image, x+14, y+20, 20, 20)
		room := p.size.Width - 58
		draw.PlaceText(p.title, it.title, look.Strong, x+46, y+13, room, look.Strong.Line)
		draw.PlaceText(p.text, it.text, look.Small, x+46, y+31, room, look.Small.Line)
	}
	if c.chosen >= 0 && c.chosen < len(c.parts) {
		p := c.parts[c.chosen]
		if c.radio {
			c.ring.Inside(p.at.X-6, p.at.Y-2, p.size.Width+8, p.size.Height)
		} else {
			c.ring.Inside(p.at.X, p.at.Y, p.size.Width, p.size.Height)
		}
	} else {
		c.ring.Inside(0, 0, size.Width, size.Height)
	}
}

func (c *choices) placeRadio(p *choicePart, it choice, y, width float32) {
	p.at, p.size = fyne.NewPos(0, y), fyne.NewSize(width, radioHeight)
	draw.Place(p.box, 0, y, width, radioHeight)
	p.knob.place(0, y+6)
	draw.PlaceText(p.title, it.title, look.Strong, 26, y+5, width-26, look.Strong.Line)
	draw.PlaceText(p.text, it.text, look.Small, 26, y+23, width-26, look.Small.Line)
}
