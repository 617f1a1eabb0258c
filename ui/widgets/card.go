package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// Card puts a part on a surface with a thin line around it. There is never a
// card in a card.
type Card struct {
	widget.BaseWidget
	Content    fyne.CanvasObject
	Side, Ends float32 // padding: 16 and 14 unless changed
	Fill       look.Token
	Line       look.Token
	Bar        look.Token // a 4 px bar at the left edge; look.Clear for none

	box, bar *canvas.Rectangle
}

// NewCard makes a card around content.
func NewCard(content fyne.CanvasObject) *Card {
	c := &Card{Content: content, Side: 16, Ends: 14, Fill: look.Surface, Line: look.Stroke, Bar: look.Clear}
	c.ExtendBaseWidget(c)
	return c
}

// NewFlushCard makes a card without padding, for lists and grids.
func NewFlushCard(content fyne.CanvasObject) *Card {
	c := NewCard(content)
	c.Side, c.Ends = 1, 1
	return c
}

// HeightFor implements [HeightFor].
func (c *Card) HeightFor(width float32) float32 {
	return (&column{}).heightOf(c.Content, width-2*c.Side) + 2*c.Ends
}

// CreateRenderer implements fyne.Widget.
func (c *Card) CreateRenderer() fyne.WidgetRenderer {
	c.box, c.bar = draw.NewRect(look.RadiusCard), draw.NewRect(0)
	return draw.NewFlat(c, func() fyne.Size {
		return c.Content.MinSize().AddWidthHeight(2*c.Side, 2*c.Ends)
	}, func(size fyne.Size) {
		draw.Place(c.box, 0, 0, size.Width, size.Height)
		draw.Place(c.bar, 0, 0, 4, size.Height)
		c.bar.TopLeftCornerRadius, c.bar.BottomLeftCornerRadius = look.RadiusCard, look.RadiusCard
		draw.Place(c.Content, c.Side, c.Ends, size.Width-2*c.Side, size.Height-2*c.Ends)
	}, func() {
		draw.PaintRect(c.box, c.Fill, c.Line)
		draw.PaintRect(c.bar, c.Bar, look.Clear)
	}, c.box, c.bar, c.Content)
}
