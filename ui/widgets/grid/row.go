package grid

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
	"syncline/ui/widgets"
)

// row draws one row flat. The list moves it about and gives it other rows to
// show; each column has a slot whose objects are made when first needed.
type row struct {
	widget.BaseWidget
	grid    *Grid
	id      int // the row shown, -1 before the first
	age     int // the grid's age when it entered the grid's rows
	hovered bool
	over    int // column under the pointer

	back, line, bar *canvas.Rectangle
	ring            draw.Ring
	slots           []*slot
	flat            *draw.Flat
	tip             widgets.HoverTip
}

var (
	_ desktop.Mouseable = (*row)(nil)
	_ desktop.Hoverable = (*row)(nil)
)

func newRow(g *Grid) *row {
	r := &row{grid: g, id: -1, age: -1, over: -1}
	r.tip.Owner = r
	r.ExtendBaseWidget(r)
	return r
}

// show makes the widget the row with the given number.
func (r *row) show(id int) {
	if r.age != r.grid.age {
		r.age = r.grid.age
		r.grid.rows = append(r.grid.rows, r)
	}
	if r.id != id {
		r.tip.Hide()
	}
	r.id = id
	r.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (r *row) CreateRenderer() fyne.WidgetRenderer {
	r.back, r.line, r.bar = draw.NewRect(0), draw.NewRect(0), draw.NewRect(0)
	r.ring = draw.NewRing(0)
	r.flat = &draw.Flat{Owner: r, Arrange: r.layout, Paint: r.paint}
	r.flat.Min = func() fyne.Size { return fyne.NewSize(100, r.grid.rowHeight) }
	return r.flat
}

// paint is empty on purpose: colours and places are set together, in layout,
// because the texts are cut to the columns' widths.
func (r *row) paint() {}

func (r *row) layout(size fyne.Size) {
	g := r.grid
	fill := look.Surface
	selected := g.isSelected(r.id)
	switch {
	case selected:
		fill = look.Select
	case r.hovered:
		fill = look.Hover
	}
	draw.PaintRect(r.back, fill, look.Clear)
	draw.PaintRect(r.line, look.Stroke, look.Clear)
	draw.PaintRect(r.bar, look.SelectLn, look.Clear)
	draw.Place(r.back, 0, 0, size.Width, size.Height)
	draw.Place(r.line, 0, size.Height-1, size.Width, 1)
	draw.Place(r.bar, 0, 0, 3, size.Height)
	draw.Show(r.bar, selected)
	r.ring.Paint(g.focused && r.id == g.current)
	r.ring.Inside(0, 0, size.Width, size.Height)

	objects := append(r.flat.Objs[:0], r.back, r.line)
	if r.id >= 0 && r.id < g.length() && g.Cell != nil {
		objects = r.cells(objects, size, selected)
	}
	r.flat.Objs = append(objects, r.bar, r.ring.Rectangle)
}

func (r *row) cells(objects []fyne.CanvasObject, size fyne.Size, selected bool) []fyne.CanvasObject {
	g := r.grid
	for len(r.slots) < len(g.cols.cols) {
		r.slots = append(r.slots, &slot{})
	}
	dim := g.loading != "" || g.State != nil && g.State(r.id) == Dimmed
	for i, col := range g.cols.cols {
		x, w := g.cols.left(i)-g.scrollX, g.cols.wide(i)
		if x+w <= 0 || x >= size.Width {
			continue
		}
		box := cellBox{x: x, w: w, h: size.Height - 1, right: col.Align == Right, lead: col.Lead && selected, dim: dim}
		objects = r.slots[i].draw(objects, g.Cell(r.id, i), box)
	}
	return objects
}

// MouseDown selects at once: it feels faster than on release, and a click whose
// pointer moves is not lost to the scroll.
func (r *row) MouseDown(e *desktop.MouseEvent) {
	g := r.grid
	if r.id < 0 || r.id >= g.length() {
		return
	}
	r.tip.Hide()
	col := g.cols.at(e.Position.X + g.scrollX)
	if e.Button == desktop.MouseButtonPrimary && col >= 0 && g.cols.cols[col].Check && g.Cell(r.id, col).Check != NoCheck {
		g.moveTo(r.id, false)
		g.Focus() // after the selection: taking the focus selects a row if none is
		if g.OnChecked != nil {
			g.OnChecked(r.id)
			g.RefreshRow(r.id)
			g.header.Refresh()
		}
		return
	}
	now := g.now()
	double := g.clicked == r.id && now.Sub(g.clickedAt) < doubleClick
	g.clicked, g.clickedAt = r.id, now
	g.moveTo(r.id, e.Modifier&fyne.KeyModifierShift != 0)
	g.Focus()
	if double && e.Button == desktop.MouseButtonPrimary && g.OnActivated != nil {
		g.clicked = -1
		g.OnActivated(r.id)
	}
}

// doubleClick is the time between the two clicks of a double click. Fyne's own
// double tap would delay every single one by as much.
const doubleClick = 400 * time.Millisecond

// MouseUp implements desktop.Mouseable.
func (r *row) MouseUp(*desktop.MouseEvent) {}

// MouseIn implements desktop.Hoverable.
func (r *row) MouseIn(e *desktop.MouseEvent) {
	r.hovered = true
	r.point(e)
	r.Refresh()
}

// MouseMoved implements desktop.Hoverable.
func (r *row) MouseMoved(e *desktop.MouseEvent) { r.point(e) }

// MouseOut implements desktop.Hoverable.
func (r *row) MouseOut() {
	r.hovered, r.over = false, -1
	r.tip.Hide()
	r.Refresh()
}

// point starts the wait for the hover text when the pointer enters a cell whose
// text does not fit.
func (r *row) point(e *desktop.MouseEvent) {
	g := r.grid
	if e == nil || r.id < 0 || r.id >= g.length() {
		return
	}
	col := g.cols.at(e.Position.X + g.scrollX)
	if col == r.over {
		return
	}
	r.over = col
	r.tip.Hide()
	if col < 0 {
		return
	}
	c := g.Cell(r.id, col)
	if c.Mark != look.Neutral || r.slots[col].cut(c) {
		r.tip.At = fyne.NewPos(g.cols.left(col)-g.scrollX, 0)
		r.tip.Of = fyne.NewSize(g.cols.wide(col), r.Size().Height)
		r.tip.Rest(c.full())
	}
}
