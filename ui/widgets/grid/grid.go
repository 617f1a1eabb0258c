// Package grid is the virtual table: hundreds of thousands of rows of which only
// the visible ones exist. It is built on widget.List with one custom widget per
// row, which draws all cells of the row flat; widget.Table is an order of
// magnitude slower with rows of this size.
//
// The grid holds no data. It asks for a cell when the cell becomes visible, on
// the UI goroutine, so the callback must answer from memory: keep the ids in
// order and a cache of row pages, answer Cell{Pending: true} for a page that is
// still being read, and call RefreshRow when it has come.
package grid

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
	"syncline/ui/widgets"
)

// Grid is the widget. Set the callbacks, then call Refresh when the data
// changed as a whole, RefreshRow when one row did.
type Grid struct {
	widget.BaseWidget

	// Length is the number of rows.
	Length func() int
	// Cell is what a row shows in a column. It must not block.
	Cell func(row, col int) Cell
	// State is how a row is drawn; nil draws all rows normally.
	State func(row int) RowState

	// OnSelected is called when another row becomes the current one.
	OnSelected func(row int)
	// OnActivated is called on Enter and on a double click.
	OnActivated func(row int)
	// OnChecked is called on Space and on a click on the checkbox.
	OnChecked func(row int)
	// OnCheckedAll is called when the header's checkbox is pressed.
	OnCheckedAll func(on bool)
	// AllChecked is the state of the header's checkbox.
	AllChecked func() Check
	// OnSorted is called with a column's ID when its title is pressed.
	OnSorted func(id string, descending bool)
	// OnResized is called when the user has changed a width, to remember it.
	OnResized func(id string, width float32)
	// OnColumns is called when the user asks to choose columns: on a right click
	// on the header, at the pointer's position.
	OnColumns func(at fyne.Position)
	// OnRune gets a letter typed while the rows have the focus; it returns true
	// if it used it. Otherwise the letter looks for a row.
	OnRune func(r rune) bool
	// OnKey gets a key before the grid does; it returns true if it used it.
	OnKey func(e *fyne.KeyEvent) bool
	// Find is the next row, from a row on and around, whose name begins with a
	// prefix, or -1. Without it the grid looks through at most 5,000 rows.
	Find func(prefix string, from int) int

	// Empty stands in place of the rows while there are none.
	Empty fyne.CanvasObject

	rowHeight  float32
	cols       *columns
	sortedBy   int // column, -1 for none
	descending bool
	current    int // row with the keyboard, -1 for none
	anchor     int // other end of the selected range
	scrollX    float32
	loading    string
	focused    bool
	wanted     bool           // the rows get the keyboard when they come
	instead    fyne.Focusable // what has it until then
	shift      bool
	typed      string
	typedAt    time.Time
	pagedAt    time.Time
	clicked    int // row of the last click, for double clicks
	clickedAt  time.Time
	now        func() time.Time

	list   *rowList
	scope  *container.ThemeOverride
	header *header
	clip   *container.Clip
	notice *widgets.Paragraph
	rows   []*row // the row widgets that show something, or did since the last refresh
	age    int    // counts refreshes, so that a row knows whether it is in rows
	back   *canvas.Rectangle
}

// New makes a grid with rows of look.RowCompact or look.RowComfortable height;
// 48 to 64 is for lists of runs and portals.
func New(rowHeight float32, cols ...Column) *Grid {
	g := &Grid{rowHeight: rowHeight, cols: newColumns(cols), sortedBy: -1, current: -1, anchor: -1, clicked: -1, now: time.Now}
	g.list = newRowList(g)
	g.scope = container.NewThemeOverride(g.list, tight{})
	g.header = newHeader(g)
	g.clip = container.NewClip(g.header)
	g.notice = widgets.NewLine("", look.Body, look.T2)
	g.notice.Align = fyne.TextAlignCenter
	g.ExtendBaseWidget(g)
	return g
}

// tight is the program's theme without space between the rows of a list: the
// rows draw their own lines.
type tight struct{}

func (tight) theme() fyne.Theme { return fyne.CurrentApp().Settings().Theme() }

// Color implements fyne.Theme.
func (t tight) Color(n fyne.ThemeColorName, v fyne.ThemeVariant) color.Color {
	return t.theme().Color(n, v)
}

// Font implements fyne.Theme.
func (t tight) Font(s fyne.TextStyle) fyne.Resource { return t.theme().Font(s) }

// Icon implements fyne.Theme.
func (t tight) Icon(n fyne.ThemeIconName) fyne.Resource { return t.theme().Icon(n) }

// Size implements fyne.Theme.
func (t tight) Size(n fyne.ThemeSizeName) float32 {
	if n == theme.SizeNamePadding {
		return 0
	}
	return t.theme().Size(n)
}

func (g *Grid) length() int {
	if g.Length == nil {
		return 0
	}
	return g.Length()
}

// Current is the row the keyboard is on, or -1, also where the rows have become fewer
// and the grid was not refreshed yet.
func (g *Grid) Current() int {
	if g.current >= g.length() {
		return -1
	}
	return g.current
}

// Selected is the selected range of rows, both ends included; -1, -1 for none.
func (g *Grid) Selected() (from, to int) {
	if g.current < 0 {
		return -1, -1
	}
	return min(g.anchor, g.current), max(g.anchor, g.current)
}

func (g *Grid) isSelected(row int) bool {
	from, to := g.Selected()
	return row >= from && row <= to && from >= 0
}

// Select makes a row the current one, shows it and reports it. A row that does
// not exist selects none.
func (g *Grid) Select(row int) { g.moveTo(row, false) }

// moveTo goes to a row; extend keeps the other end of the selected range.
func (g *Grid) moveTo(row int, extend bool) {
	if row < 0 || row >= g.length() {
		row = -1
	}
	if row == g.current && (extend || g.anchor == row) {
		return
	}
	changed := row != g.current
	g.current = row
	if !extend || g.anchor < 0 {
		g.anchor = row
	}
	g.reveal(row)
	g.repaintRows()
	if changed && row >= 0 && g.OnSelected != nil {
		g.OnSelected(row)
	}
}

// reveal scrolls just so far that a row is wholly visible.
func (g *Grid) reveal(row int) {
	height := g.list.Size().Height
	if row < 0 || height <= 0 {
		return
	}
	top := float32(row) * g.rowHeight
	offset := g.list.GetScrollOffset()
	switch {
	case top < offset:
		g.list.ScrollToOffset(top)
	case top+g.rowHeight > offset+height:
		g.list.ScrollToOffset(top + g.rowHeight - height)
	}
}

// page is how many rows PageUp and PageDown move.
func (g *Grid) page() int {
	return max(int(g.list.Size().Height/g.rowHeight)-1, 1)
}

// SetRowHeight switches between compact and comfortable rows.
func (g *Grid) SetRowHeight(h float32) {
	if g.rowHeight == h {
		return
	}
	g.rowHeight = h
	g.list.Refresh()
	g.reveal(g.current)
	g.Refresh()
}

// SetColumns shows other columns; widths the user gave stay with their IDs.
func (g *Grid) SetColumns(cols ...Column) {
	chosen := g.Widths()
	sorted := ""
	if g.sortedBy >= 0 {
		sorted = g.cols.cols[g.sortedBy].ID
	}
	g.cols = newColumns(cols)
	g.SetWidths(chosen)
	g.SetSorted(sorted, g.descending)
	g.scrollX = 0
	g.Refresh()
}

// Columns are the columns shown.
func (g *Grid) Columns() []Column { return g.cols.cols }

// Widths are the widths the user chose, by column ID, to remember them.
func (g *Grid) Widths() map[string]float32 {
	w := map[string]float32{}
	for i, c := range g.cols.cols {
		if g.cols.chose[i] > 0 {
			w[c.ID] = g.cols.chose[i]
		}
	}
	return w
}

// SetWidths gives columns the widths remembered for them.
func (g *Grid) SetWidths(widths map[string]float32) {
	for i, c := range g.cols.cols {
		if w, ok := widths[c.ID]; ok && !c.Fixed {
			g.cols.chose[i] = w
		}
	}
	g.cols.arrange(g.Size().Width)
}

// SetSorted shows the sort arrow at a column, without calling OnSorted; "" shows
// none.
func (g *Grid) SetSorted(id string, descending bool) {
	g.sortedBy, g.descending = -1, descending
	for i, c := range g.cols.cols {
		if id != "" && c.ID == id {
			g.sortedBy = i
		}
	}
	g.header.Refresh()
}

// sort orders by a column, or turns the order around.
func (g *Grid) sort(col int) {
	if col < 0 || !g.cols.cols[col].Sortable {
		return
	}
	g.descending = g.sortedBy == col && !g.descending
	g.sortedBy = col
	g.header.Refresh()
	if g.OnSorted != nil {
		g.OnSorted(g.cols.cols[col].ID, g.descending)
	}
}

func (g *Grid) resizeColumn(col int, width float32) {
	g.cols.resize(col, width)
	g.scrollX = min(g.scrollX, g.maxScrollX())
	g.header.Refresh()
	g.repaintRows()
}

func (g *Grid) maxScrollX() float32 { return max(g.cols.total()-g.Size().Width, 0) }

// scrollSideways moves the columns when they are wider than the grid.
func (g *Grid) scrollSideways(by float32) {
	x := min(max(g.scrollX+by, 0), g.maxScrollX())
	if x != g.scrollX {
		g.scrollX = x
		g.header.Refresh()
		g.repaintRows()
	}
}

// SetLoading says that rows are being read: what is there stays, dimmed. The
// text, such as "Reading … 12,400 of 86,412", shows only while there is nothing
// else. "" ends it.
func (g *Grid) SetLoading(text string) {
	if g.loading == text {
		return
	}
	was := g.loading != ""
	g.loading = text
	if was != (text != "") {
		g.repaintRows()
	}
	g.Refresh()
}

// RefreshRow reads and draws one row again, if it is visible.
func (g *Grid) RefreshRow(row int) {
	for _, r := range g.rows {
		if r.id == row {
			r.Refresh()
		}
	}
}

// RefreshRows reads and draws the visible rows again, when their number has not
// changed.
func (g *Grid) RefreshRows() { g.repaintRows() }

func (g *Grid) repaintRows() {
	for _, r := range g.rows {
		r.Refresh()
	}
}

// InView is the range of rows on screen, for reading the right pages first; it
// is empty (0, -1) before the first layout.
func (g *Grid) InView() (from, to int) {
	h := g.list.Size().Height
	if h <= 0 || g.length() == 0 {
		return 0, -1
	}
	from = int(g.list.GetScrollOffset() / g.rowHeight)
	to = int((g.list.GetScrollOffset() + h) / g.rowHeight)
	return min(from, g.length()-1), min(to, g.length()-1)
}

// Focus gives the rows the keyboard: at once, or while there are none as soon as
// they come, unless the user has gone elsewhere by then.
func (g *Grid) Focus() {
	g.wanted = g.length() == 0
	if g.wanted {
		g.instead = focusedBeside(g)
		return
	}
	widgets.FocusOn(g.list)
}

func focusedBeside(g *Grid) fyne.Focusable {
	if c := widgets.CanvasOf(g); c != nil {
		return c.Focused()
	}
	return nil
}

// Refresh reads everything again. The current row stays if it still exists; where the last
// one becomes it instead, that is reported.
func (g *Grid) Refresh() {
	if n := g.length(); g.current >= n {
		g.current, g.anchor = n-1, n-1
		if n > 0 && g.OnSelected != nil {
			defer g.OnSelected(n - 1)
		}
	} else if g.anchor >= n {
		g.anchor = g.current
	}
	g.list.Refresh()
	g.header.Refresh()
	g.BaseWidget.Refresh()
	if g.wanted && g.length() > 0 {
		g.wanted = false
		if focusedBeside(g) == g.instead {
			widgets.FocusOn(g.list)
		}
	}
}

// CreateRenderer implements fyne.Widget.
func (g *Grid) CreateRenderer() fyne.WidgetRenderer {
	g.back = draw.NewRect(0)
	f := &draw.Flat{Owner: g}
	f.Min = func() fyne.Size { return fyne.NewSize(200, look.GridHeader+2*g.rowHeight) }
	f.Paint = func() {
		draw.PaintRect(g.back, look.Surface, look.Clear)
		none := g.length() == 0
		f.Objs = append(f.Objs[:0], g.back)
		draw.Show(g.scope, !none)
		if !none {
			f.Objs = append(f.Objs, g.scope)
		}
		f.Objs = append(f.Objs, g.clip)
		switch {
		case none && g.loading != "":
			g.notice.SetText(g.loading)
			f.Objs = append(f.Objs, g.notice)
		case none && g.Empty != nil:
			f.Objs = append(f.Objs, g.Empty)
		}
	}
	f.Arrange = func(size fyne.Size) {
		g.cols.arrange(size.Width)
		g.scrollX = min(g.scrollX, g.maxScrollX())
		body := max(size.Height-look.GridHeader, 0)
		draw.Place(g.back, 0, 0, size.Width, size.Height)
		draw.Place(g.clip, 0, 0, size.Width, look.GridHeader)
		draw.Place(g.header, 0, 0, size.Width, look.GridHeader)
		draw.Place(g.scope, 0, look.GridHeader, size.Width, body)
		g.repaintRows()
		if g.Empty != nil {
			draw.Place(g.Empty, 0, look.GridHeader, size.Width, body)
		}
		draw.Place(g.notice, 16, look.GridHeader+draw.Floor(body/2)-9, max(size.Width-32, 0), 18)
	}
	f.Paint()
	return f
}
