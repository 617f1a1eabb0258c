package grid

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
	"syncline/ui/widgets"
)

// header draws the columns' titles. A click sorts, dragging an edge resizes, a
// right click asks for other columns. With the keyboard: Left and Right choose
// a column, Enter or Space presses it, + and − change its width, the menu key
// asks for other columns.
type header struct {
	widget.BaseWidget
	grid *Grid

	focused  bool
	cursor   int
	over     int // column under the pointer, -1 for none
	dragging int // column whose edge is dragged, -1 for none
	from     float32
	grip     bool // the pointer is over an edge

	back, line *canvas.Rectangle
	parts      []headPart
	ring       draw.Ring
	flat       *draw.Flat
}

type headPart struct {
	hover       *canvas.Rectangle
	title       *canvas.Text
	icon, arrow *canvas.Image
	box         *canvas.Rectangle
	tick        *canvas.Image
}

var (
	_ fyne.Focusable         = (*header)(nil)
	_ fyne.Tappable          = (*header)(nil)
	_ fyne.SecondaryTappable = (*header)(nil)
	_ fyne.Draggable         = (*header)(nil)
	_ desktop.Mouseable      = (*header)(nil)
	_ desktop.Hoverable      = (*header)(nil)
	_ desktop.Cursorable     = (*header)(nil)
	_ widgets.HeightFor      = (*header)(nil)
	_ fyne.Widget            = (*header)(nil)
)

func newHeader(g *Grid) *header {
	h := &header{grid: g, over: -1, dragging: -1}
	h.ExtendBaseWidget(h)
	return h
}

// HeightFor implements widgets.HeightFor.
func (h *header) HeightFor(float32) float32 { return look.GridHeader }

// press does what a click on a title does.
func (h *header) press(col int) {
	g := h.grid
	if col < 0 || col >= len(g.cols.cols) {
		return
	}
	h.cursor = col
	if g.cols.cols[col].Check {
		if g.OnCheckedAll != nil {
			g.OnCheckedAll(h.allChecked() != Checked)
			g.repaintRows()
		}
		h.Refresh()
		return
	}
	g.sort(col)
}

func (h *header) allChecked() Check {
	if h.grid.AllChecked == nil {
		return NoCheck
	}
	return h.grid.AllChecked()
}

// Tapped implements fyne.Tappable.
func (h *header) Tapped(e *fyne.PointEvent) {
	x := e.Position.X + h.grid.scrollX
	if h.grid.cols.edge(x) < 0 {
		h.press(h.grid.cols.at(x))
	}
}

// TappedSecondary implements fyne.SecondaryTappable.
func (h *header) TappedSecondary(e *fyne.PointEvent) {
	if h.grid.OnColumns != nil {
		h.grid.OnColumns(e.AbsolutePosition)
	}
}

// MouseDown takes the focus and, on an edge, begins to resize.
func (h *header) MouseDown(e *desktop.MouseEvent) {
	widgets.FocusOn(h)
	x := e.Position.X + h.grid.scrollX
	h.dragging = -1
	if col := h.grid.cols.edge(x); col >= 0 && e.Button == desktop.MouseButtonPrimary {
		h.dragging, h.from = col, x-h.grid.cols.wide(col)
	}
}

// MouseUp implements desktop.Mouseable. The end of a drag comes after it.
func (h *header) MouseUp(*desktop.MouseEvent) {}

// Dragged implements fyne.Draggable.
func (h *header) Dragged(e *fyne.DragEvent) {
	if h.dragging >= 0 {
		h.grid.resizeColumn(h.dragging, draw.Floor(e.Position.X+h.grid.scrollX-h.from))
	}
}

// DragEnd reports the new width.
func (h *header) DragEnd() {
	if h.dragging >= 0 {
		h.report(h.dragging)
	}
	h.dragging = -1
}

func (h *header) report(col int) {
	if g := h.grid; g.OnResized != nil {
		g.OnResized(g.cols.cols[col].ID, g.cols.wide(col))
	}
}

// MouseIn implements desktop.Hoverable.
func (h *header) MouseIn(e *desktop.MouseEvent) { h.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable.
func (h *header) MouseMoved(e *desktop.MouseEvent) {
	x := e.Position.X + h.grid.scrollX
	h.grip = h.grid.cols.edge(x) >= 0
	if over := h.grid.cols.at(x); over != h.over {
		h.over = over
		h.Refresh()
	}
}

// MouseOut implements desktop.Hoverable.
func (h *header) MouseOut() {
	h.over, h.grip = -1, false
	h.Refresh()
}

// Cursor implements desktop.Cursorable.
func (h *header) Cursor() desktop.Cursor {
	switch {
	case h.grip || h.dragging >= 0:
		return desktop.HResizeCursor
	case h.over >= 0 && h.grid.cols.cols[h.over].Sortable:
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

// FocusGained implements fyne.Focusable.
func (h *header) FocusGained() {
	h.focused = true
	h.Refresh()
}

// FocusLost implements fyne.Focusable.
func (h *header) FocusLost() {
	h.focused = false
	h.Refresh()
}

// TypedRune widens and narrows the chosen column.
func (h *header) TypedRune(r rune) {
	by := float32(0)
	switch r {
	case '+':
		by = 16
	case '-', '−':
		by = -16
	}
	g := h.grid
	if by == 0 || h.cursor >= len(g.cols.cols) || g.cols.cols[h.cursor].Fixed {
		return
	}
	g.resizeColumn(h.cursor, g.cols.wide(h.cursor)+by)
	h.report(h.cursor)
}

// TypedKey implements fyne.Focusable.
func (h *header) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyLeft:
		h.cursor = max(h.cursor-1, 0)
		h.Refresh()
	case fyne.KeyRight:
		h.cursor = min(h.cursor+1, len(h.grid.cols.cols)-1)
		h.Refresh()
	case fyne.KeyDown:
		h.grid.Focus()
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		h.press(h.cursor)
	case desktop.KeyMenu:
		if h.grid.OnColumns != nil {
			pos := fyne.CurrentApp().Driver().AbsolutePositionForObject(h)
			h.grid.OnColumns(pos.AddXY(h.grid.cols.left(h.cursor)-h.grid.scrollX, look.GridHeader))
		}
	case fyne.KeyEscape:
		widgets.Escape(h)
	}
}

// CreateRenderer implements fyne.Widget.
func (h *header) CreateRenderer() fyne.WidgetRenderer {
	h.back, h.line, h.ring = draw.NewRect(0), draw.NewRect(0), draw.NewRing(look.RadiusTag)
	h.flat = &draw.Flat{Owner: h, Paint: func() {}, Arrange: h.layout}
	h.flat.Min = func() fyne.Size { return fyne.NewSize(100, look.GridHeader) }
	return h.flat
}

func (h *header) layout(size fyne.Size) {
	g := h.grid
	draw.PaintRect(h.back, look.Sunken, look.Clear)
	draw.PaintRect(h.line, look.Stroke, look.Clear)
	draw.Place(h.back, 0, 0, size.Width, size.Height)
	draw.Place(h.line, 0, size.Height-1, size.Width, 1)
	objects := append(h.flat.Objs[:0], h.back, h.line)
	for len(h.parts) < len(g.cols.cols) {
		h.parts = append(h.parts, headPart{draw.NewRect(0), draw.NewText(look.Small), draw.NewImage(), draw.NewImage(), draw.NewRect(look.RadiusTag), draw.NewImage()})
	}
	h.cursor = min(h.cursor, max(len(g.cols.cols)-1, 0))
	for i := range g.cols.cols {
		h.column(i, size.Height)
		p := h.parts[i]
		objects = append(objects, p.hover, p.title, p.icon, p.arrow, p.box, p.tick)
	}
	h.ring.Paint(h.focused && len(g.cols.cols) > 0)
	if len(g.cols.cols) > 0 {
		h.ring.Inside(g.cols.left(h.cursor)-g.scrollX, 0, g.cols.wide(h.cursor), size.Height)
	}
	h.flat.Objs = append(objects, h.ring.Rectangle)
}

// column paints and places one title: icon, words, and the arrow of the sort
// beside them.
func (h *header) column(i int, height float32) {
	g, p := h.grid, h.parts[i]
	col := g.cols.cols[i]
	x, w := g.cols.left(i)-g.scrollX, g.cols.wide(i)
	fill := look.Clear
	if i == h.over && (col.Sortable || col.Check) {
		fill = look.Hover
	}
	draw.PaintRect(p.hover, fill, look.Clear)
	draw.Place(p.hover, x, 0, w, height-1)
	state := NoCheck
	if col.Check {
		state = h.allChecked()
	}
	draw.Show(p.box, state != NoCheck)
	if col.Check {
		paintCheck(p.box, p.tick, state)
		draw.Show(p.tick, state == Checked || state == SomeChecked)
		placeCheck(p.box, p.tick, x+cellPad, height)
		draw.PaintText(p.title, "", look.Small, look.T2)
		return
	}
	draw.PaintIcon(p.tick, "", look.T2)
	draw.PaintIcon(p.icon, col.Icon, col.Side.Text())
	arrow := look.Icon("")
	if g.sortedBy == i {
		arrow = "sort-up"
		if g.descending {
			arrow = "sort-down"
		}
	}
	draw.PaintIcon(p.arrow, arrow, look.T2)
	draw.PaintText(p.title, col.Title, look.Small, look.T2)

	left, right := x+cellPad, x+w-cellPad
	if col.Icon != "" {
		draw.Place(p.icon, left, draw.Floor((height-12)/2), 12, 12)
		left += 16
	}
	room := right - left
	if arrow != "" {
		room -= 16
	}
	title := min(draw.Ceil(look.Small.Width(col.Title))+1, max(room, 0))
	if col.Align == Right {
		left = right - title
		if arrow != "" {
			left -= 16
		}
	}
	draw.PlaceText(p.title, col.Title, look.Small, left, 0, title, height-1)
	draw.Place(p.arrow, left+title+4, draw.Floor((height-12)/2), 12, 12)
}
