// Package choice is one of several: cards, or lines with a round button.
package choice

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
	"syncline/ui/widgets"
)

// Chooser is what the wizard's lists of choices have in common: one of several
// boxes holds; a click, Space and the arrows choose, Enter goes on to the next
// step.
type Chooser struct {
	widget.BaseWidget
	self   Boxes
	Chosen int
	Hover  int
	// across is how many boxes stand beside each other.
	across  int
	Focused bool
	within  fyne.Position

	OnChoose func(i int)
	OnEnter  func()
}

// Boxes is a widget whose boxes a Chooser chooses from.
type Boxes interface {
	fyne.Widget
	fyne.Focusable
	// Length is how many there are.
	Length() int
	// Hit is the box at a place, -1 for none.
	Hit(at fyne.Position) int
}

var (
	_ fyne.Tappable      = (*Chooser)(nil)
	_ fyne.Draggable     = (*Chooser)(nil)
	_ desktop.Mouseable  = (*Chooser)(nil)
	_ desktop.Hoverable  = (*Chooser)(nil)
	_ desktop.Cursorable = (*Chooser)(nil)
)

// Extend makes the chooser a part of a widget.
func (c *Chooser) Extend(self Boxes) {
	c.self, c.Hover, c.across = self, -1, 1
	c.ExtendBaseWidget(self)
}

// Choose makes a box the chosen one and reports it.
func (c *Chooser) Choose(i int) {
	if i < 0 || i >= c.self.Length() || i == c.Chosen {
		return
	}
	c.Chosen = i
	c.Refresh()
	if c.OnChoose != nil {
		c.OnChoose(i)
	}
}

// TypedKey implements fyne.Focusable.
func (c *Chooser) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyUp:
		c.Choose(c.Chosen - c.across)
	case fyne.KeyDown:
		c.Choose(min(c.Chosen+c.across, c.self.Length()-1))
	case fyne.KeyLeft:
		c.Choose(c.Chosen - 1)
	case fyne.KeyRight:
		c.Choose(c.Chosen + 1)
	case fyne.KeyHome:
		c.Choose(0)
	case fyne.KeyEnd:
		c.Choose(c.self.Length() - 1)
	case fyne.KeyReturn, fyne.KeyEnter:
		if c.OnEnter != nil {
			c.OnEnter()
		}
	case fyne.KeyEscape:
		widgets.Escape(c.self)
	}
}

// TypedRune implements fyne.Focusable.
func (c *Chooser) TypedRune(rune) {}

// FocusGained implements fyne.Focusable.
func (c *Chooser) FocusGained() {
	c.Focused = true
	c.Refresh()
}

// FocusLost implements fyne.Focusable.
func (c *Chooser) FocusLost() {
	c.Focused = false
	c.Refresh()
}

// Tapped implements fyne.Tappable.
func (c *Chooser) Tapped(e *fyne.PointEvent) { c.Choose(c.self.Hit(e.Position)) }

// Dragged takes part in drags, because inside a scroll a press that moves by
// two pixels would else be lost.
func (c *Chooser) Dragged(e *fyne.DragEvent) { c.within = e.Position }

// DragEnd implements fyne.Draggable.
func (c *Chooser) DragEnd() { c.Choose(c.self.Hit(c.within)) }

// MouseDown implements desktop.Mouseable.
func (c *Chooser) MouseDown(e *desktop.MouseEvent) {
	if e.Button == desktop.MouseButtonPrimary {
		widgets.FocusOn(c.self)
	}
}

// MouseUp implements desktop.Mouseable.
func (c *Chooser) MouseUp(*desktop.MouseEvent) {}

// MouseIn implements desktop.Hoverable.
func (c *Chooser) MouseIn(e *desktop.MouseEvent) { c.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable.
func (c *Chooser) MouseMoved(e *desktop.MouseEvent) {
	if at := c.self.Hit(e.Position); at != c.Hover {
		c.Hover = at
		c.Refresh()
	}
}

// MouseOut implements desktop.Hoverable.
func (c *Chooser) MouseOut() {
	c.Hover = -1
	c.Refresh()
}

// Cursor implements desktop.Cursorable.
func (c *Chooser) Cursor() desktop.Cursor {
	if c.Hover >= 0 {
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

// Item is one box of choices.
type Item struct {
	Icon        look.Icon
	Title, Text string
	Off         bool // can't be chosen; text says why
}

// List are cards, or with radio lines with a round button.
type List struct {
	Chooser
	items []Item
	radio bool
	least float32 // the least width of a card
	parts []choicePart
	flat  *draw.Flat
	ring  draw.Ring
}

type choicePart struct {
	box         *canvas.Rectangle
	knob        Radio
	image       *canvas.Image
	title, text *canvas.Text
	at          fyne.Position
	size        fyne.Size
}

const (
	cardHeight  float32 = 60
	radioHeight float32 = 44
)

// New makes a list of choices, as cards or with radio as lines. changed is called
// when another one is chosen, enter on the key that goes on.
func New(radio bool, items []Item, chosen int, changed func(int), enter func()) *List {
	c := &List{items: items, radio: radio, least: 180}
	c.Chosen, c.OnChoose, c.OnEnter = chosen, changed, enter
	c.Extend(c)
	return c
}

// Length implements Boxes.
func (c *List) Length() int { return len(c.items) }

// Hit implements Boxes.
func (c *List) Hit(p fyne.Position) int {
	for i, b := range c.parts {
		if i < len(c.items) && !c.items[i].Off && p.X >= b.at.X && p.Y >= b.at.Y && p.X < b.at.X+b.size.Width && p.Y < b.at.Y+b.size.Height {
			return i
		}
	}
	return -1
}

func (c *List) columns(width float32) int {
	if c.radio || width <= 0 {
		return 1
	}
	return max(int((width+look.GapCards)/(c.least+look.GapCards)), 1)
}

// HeightFor implements widgets.HeightFor.
func (c *List) HeightFor(width float32) float32 {
	n := c.columns(width)
	rows := float32((len(c.items) + n - 1) / n)
	if c.radio {
		return rows * radioHeight
	}
	return max(rows*(cardHeight+look.GapCards)-look.GapCards, 0)
}

// CreateRenderer implements fyne.Widget.
func (c *List) CreateRenderer() fyne.WidgetRenderer {
	c.ring = draw.NewRing(look.RadiusCard)
	c.flat = &draw.Flat{Owner: c, Arrange: c.layout, Paint: c.paint}
	c.flat.Min = func() fyne.Size { return fyne.NewSize(120, c.HeightFor(c.Size().Width)) }
	c.paint()
	return c.flat
}

func (c *List) paint() {
	for len(c.parts) < len(c.items) {
		c.parts = append(c.parts, choicePart{box: draw.NewRect(look.RadiusCard), knob: NewRadio(), image: draw.NewImage(),
			title: draw.NewText(look.Strong), text: draw.NewText(look.Small)})
	}
	c.parts = c.parts[:len(c.items)]
	o := c.flat.Objs[:0]
	for i := range c.parts {
		p, it := &c.parts[i], c.items[i]
		on := i == c.Chosen
		c.paintBox(p, on, i == c.Hover)
		title, kind := look.T1, look.Strong
		if c.radio && !on {
			kind = look.Body
		}
		if it.Off {
			title = look.Off
		}
		draw.PaintText(p.title, it.Title, kind, title)
		draw.PaintText(p.text, it.Text, look.Small, look.T2)
		draw.PaintIcon(p.image, it.Icon, look.T2)
		draw.Show(p.image, !c.radio && it.Icon != "")
		o = append(o, p.box, p.knob.Disc, p.knob.Dot, p.image, p.title, p.text)
	}
	c.ring.Paint(c.Focused)
	c.flat.Objs = append(o, c.ring.Rectangle)
}

func (c *List) paintBox(p *choicePart, on, hover bool) {
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
	p.knob.Paint(on, c.radio)
}

// Radio is a round button with a dot while it is on.
type Radio struct{ Disc, Dot *canvas.Rectangle }

// NewRadio makes a button that is not painted yet.
func NewRadio() Radio { return Radio{draw.NewRect(8), draw.NewRect(3)} }

// Paint shows whether it is on, or hides it.
func (r Radio) Paint(on, visible bool) {
	draw.PaintRect(r.Disc, look.Surface, look.Control)
	if on {
		draw.PaintRect(r.Disc, look.Accent, look.Clear)
	}
	draw.PaintRect(r.Dot, look.OnAccent, look.Clear)
	draw.Show(r.Disc, visible)
	draw.Show(r.Dot, visible && on)
}

// Place puts it at a place.
func (r Radio) Place(x, y float32) {
	draw.Place(r.Disc, x, y, 16, 16)
	draw.Place(r.Dot, x+5, y+5, 6, 6)
}

func (c *List) layout(size fyne.Size) {
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
		draw.PlaceText(p.title, it.Title, look.Strong, x+46, y+13, room, look.Strong.Line)
		draw.PlaceText(p.text, it.Text, look.Small, x+46, y+31, room, look.Small.Line)
	}
	if c.Chosen >= 0 && c.Chosen < len(c.parts) {
		p := c.parts[c.Chosen]
		if c.radio {
			c.ring.Inside(p.at.X-6, p.at.Y-2, p.size.Width+8, p.size.Height)
		} else {
			c.ring.Inside(p.at.X, p.at.Y, p.size.Width, p.size.Height)
		}
	} else {
		c.ring.Inside(0, 0, size.Width, size.Height)
	}
}

func (c *List) placeRadio(p *choicePart, it Item, y, width float32) {
	p.at, p.size = fyne.NewPos(0, y), fyne.NewSize(width, radioHeight)
	draw.Place(p.box, 0, y, width, radioHeight)
	p.knob.Place(0, y+6)
	draw.PlaceText(p.title, it.Title, look.Strong, 26, y+5, width-26, look.Strong.Line)
	draw.PlaceText(p.text, it.Text, look.Small, 26, y+23, width-26, look.Small.Line)
}
