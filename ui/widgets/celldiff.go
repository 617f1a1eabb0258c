package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// Change is what a plan does to one cell.
type Change struct {
	Fate     look.Meaning // Create, Update, Cleared, Conflict, Invalid or Failed
	New, Old string
	Note     string // stands under the value instead of the old one: "2 values, you decide"
	Mono     bool
	ToSource bool // the value is written to the source
}

// CellDiff draws a changed cell into a row: the new value above, the old one
// below it, smaller and struck out, on the fate's tint, with its glyph and a
// bar. It is a set of objects rather than a widget, so that a row of a grid
// stays one flat widget.
type CellDiff struct {
	box, bar    *canvas.Rectangle
	glyph, flow *canvas.Image
	value, note *canvas.Text
	old         strike
	change      Change
	low         bool // one line only: the old value stands in the explanation
}

// NewCellDiff makes the objects of one changed cell.
func NewCellDiff() *CellDiff {
	return &CellDiff{
		box: draw.NewRect(look.RadiusTag), bar: draw.NewRect(0),
		glyph: draw.NewImage(), flow: draw.NewImage(),
		value: draw.NewText(look.Body), note: draw.NewText(look.Caption), old: newStrike(look.Caption),
	}
}

// Objects lists what is drawn, from back to front.
func (c *CellDiff) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{c.box, c.bar, c.glyph, c.value, c.note, c.old.text, c.old.line, c.flow}
}

// Hide takes the cell out of the row.
func (c *CellDiff) Hide() {
	for _, o := range c.Objects() {
		draw.Show(o, false)
	}
}

// second reports whether a second line is drawn.
func (c *CellDiff) second() bool {
	return !c.low && (c.change.Note != "" || c.change.Old != "")
}

func (c *CellDiff) valueKind() look.Type {
	if c.change.Mono && c.newText() != cleared {
		return look.Mono
	}
	return look.Body
}

// cleared is what an emptied cell shows.
const cleared = "(cleared)"

func (c *CellDiff) newText() string {
	if c.change.Fate == look.Cleared || c.change.New == "" && c.change.Fate == look.Update {
		return cleared
	}
	return c.change.New
}

// Paint sets content and colours; low leaves the second line out.
func (c *CellDiff) Paint(ch Change, low bool) {
	c.change, c.low = ch, low
	for _, o := range []fyne.CanvasObject{c.box, c.bar, c.value} {
		draw.Show(o, true)
	}
	fate := ch.Fate
	if c.newText() == cleared {
		fate = look.Cleared
	}
	draw.PaintRect(c.box, fate.Tint(), look.Clear)
	draw.PaintRect(c.bar, fate.Solid(), look.Clear)
	c.bar.TopLeftCornerRadius, c.bar.BottomLeftCornerRadius = look.RadiusTag, look.RadiusTag
	draw.PaintIcon(c.glyph, fate.Icon(), fate.Text())
	draw.PaintText(c.value, c.newText(), c.valueKind(), look.T1)
	draw.PaintText(c.note, ch.Note, look.Caption, fate.Text())
	draw.Show(c.note, c.second() && ch.Note != "")
	c.old.paint(c.second() && ch.Note == "", look.T3)
	flow := look.Icon("")
	if ch.ToSource {
		flow = "to-source"
	}
	draw.PaintIcon(c.flow, flow, look.HubSpot.Text())
}

// Place puts the cell into a box of the row.
func (c *CellDiff) Place(x, y, w, h float32) {
	bx, by, bw, bh := x+4, y+3, w-8, h-7
	if !c.second() && !c.low && h >= look.RowComfortable {
		by, bh = y+draw.Floor((h-26)/2), 26
	}
	draw.Place(c.box, bx, by, bw, bh)
	draw.Place(c.bar, bx, by, 3, bh)
	line, top := float32(18), by+draw.Floor((bh-18)/2)
	if c.second() {
		top = by + draw.Floor((bh-33)/2)
	}
	draw.Place(c.glyph, bx+8, top+3, 12, 12)
	right := bx + bw - 6
	if c.change.ToSource {
		right -= 13
		draw.Place(c.flow, right, top+2, 13, 13)
		right -= 3
	}
	text := bx + 25
	draw.PlaceText(c.value, c.newText(), c.valueKind(), text, top, right-text, line)
	w = bx + bw - 4 - text
	if c.change.Note != "" {
		draw.PlaceText(c.note, c.change.Note, look.Caption, text, top+line, w, look.Caption.Line)
		return
	}
	c.old.place(c.change.Old, look.Caption, text, top+line, w)
}

// Shortened reports whether the cell, as placed, does not show everything: a
// text was cut, or the old value stands in the explanation.
func (c *CellDiff) Shortened() bool {
	if c.low && c.change.Old != "" || c.value.Text != c.newText() {
		return true
	}
	if c.change.Note != "" {
		return c.note.Text != c.change.Note
	}
	return c.old.text.Text != c.change.Old
}

// DiffView is a [CellDiff] as a widget of its own, outside grids.
type DiffView struct {
	widget.BaseWidget
	Change Change
	Height float32
	cell   *CellDiff
}

// NewDiffView makes the widget at the height of a comfortable row.
func NewDiffView(ch Change) *DiffView {
	d := &DiffView{Change: ch, Height: look.RowComfortable, cell: NewCellDiff()}
	d.ExtendBaseWidget(d)
	return d
}

// CreateRenderer implements fyne.Widget.
func (d *DiffView) CreateRenderer() fyne.WidgetRenderer {
	return draw.NewFlat(d, func() fyne.Size { return fyne.NewSize(120, d.Height) }, func(size fyne.Size) {
		d.cell.Place(0, 0, size.Width, size.Height)
	}, func() { d.cell.Paint(d.Change, d.Height < look.RowComfortable) }, d.cell.Objects()...)
}
