package grid

import (
	"strings"
	"time"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/widgets"
)

// rowList is Fyne's list with the keys of a table. It draws no selection of its
// own: the rows do, so that one step of the cursor costs two rows and not all.
type rowList struct {
	widget.List
	grid *Grid
}

var (
	_ desktop.Keyable   = (*rowList)(nil)
	_ fyne.Shortcutable = (*rowList)(nil)
)

func newRowList(g *Grid) *rowList {
	l := &rowList{grid: g}
	l.Length = g.length
	l.CreateItem = func() fyne.CanvasObject { return newRow(g) }
	l.UpdateItem = func(id widget.ListItemID, o fyne.CanvasObject) { o.(*row).show(id) }
	l.HideSeparators = true
	l.ExtendBaseWidget(l)
	return l
}

// Refresh also forgets the rows that are off screen: the list throws them away.
func (l *rowList) Refresh() {
	l.grid.age++
	l.grid.rows = l.grid.rows[:0]
	l.List.Refresh()
}

// FocusGained puts the cursor on the first visible row if there is none.
func (l *rowList) FocusGained() {
	l.grid.focused = true
	if l.grid.current < 0 && l.grid.length() > 0 {
		from, _ := l.grid.InView()
		l.grid.Select(from)
		return
	}
	l.grid.RefreshRow(l.grid.current)
}

// FocusLost implements fyne.Focusable.
func (l *rowList) FocusLost() {
	l.grid.focused, l.grid.shift = false, false
	l.grid.RefreshRow(l.grid.current)
}

// KeyDown implements desktop.Keyable: Shift extends the selection.
func (l *rowList) KeyDown(e *fyne.KeyEvent) {
	if e.Name == desktop.KeyShiftLeft || e.Name == desktop.KeyShiftRight {
		l.grid.shift = true
	}
}

// KeyUp implements desktop.Keyable.
func (l *rowList) KeyUp(e *fyne.KeyEvent) {
	if e.Name == desktop.KeyShiftLeft || e.Name == desktop.KeyShiftRight {
		l.grid.shift = false
	}
}

// pageEvery limits the auto-repeat of the page keys: each page draws all its
// texts anew, and their pictures stay in memory for a while.
const pageEvery = 90 * time.Millisecond

// TypedKey implements fyne.Focusable.
func (l *rowList) TypedKey(e *fyne.KeyEvent) {
	g := l.grid
	if g.OnKey != nil && g.OnKey(e) {
		return
	}
	last := g.length() - 1
	switch e.Name {
	case fyne.KeyDown:
		g.step(min(g.current+1, last))
	case fyne.KeyUp:
		g.step(max(g.current-1, 0))
	case fyne.KeyHome:
		g.step(0)
	case fyne.KeyEnd:
		g.step(last)
	case fyne.KeyPageDown:
		if g.mayPage() {
			g.step(min(max(g.current, 0)+g.page(), last))
		}
	case fyne.KeyPageUp:
		if g.mayPage() {
			g.step(max(g.current-g.page(), 0))
		}
	case fyne.KeyLeft:
		g.scrollSideways(-60)
	case fyne.KeyRight:
		g.scrollSideways(60)
	case fyne.KeySpace:
		if row := g.Current(); row >= 0 && g.OnChecked != nil {
			g.OnChecked(row)
			g.RefreshRow(row)
			g.header.Refresh()
		}
	case fyne.KeyReturn, fyne.KeyEnter:
		if row := g.Current(); row >= 0 && g.OnActivated != nil {
			g.OnActivated(row)
		}
	case fyne.KeyEscape:
		widgets.Escape(l)
	}
}

// step goes to a row, taking the range along while Shift is held.
func (g *Grid) step(row int) {
	if g.length() > 0 {
		g.moveTo(row, g.shift)
	}
}

func (g *Grid) mayPage() bool {
	now := g.now()
	if now.Sub(g.pagedAt) < pageEvery {
		return false
	}
	g.pagedAt = now
	return true
}

// typeAhead is how long the letters of one word may lie apart.
const typeAhead = time.Second

// TypedRune looks for the row whose name begins with what was typed.
func (l *rowList) TypedRune(r rune) {
	g := l.grid
	if g.OnRune != nil && g.OnRune(r) {
		return
	}
	if unicode.IsSpace(r) && g.typed == "" || unicode.IsControl(r) {
		return
	}
	now := g.now()
	if now.Sub(g.typedAt) > typeAhead {
		g.typed = ""
	}
	g.typedAt = now
	g.typed += string(unicode.ToLower(r))
	from := max(g.current, 0)
	if len([]rune(g.typed)) == 1 {
		from = g.current + 1 // the same letter again goes to the next row
	}
	if row := g.find(g.typed, from); row >= 0 {
		g.moveTo(row, false)
	}
}

// findMost is how many rows the grid itself looks through.
const findMost = 5000

func (g *Grid) find(prefix string, from int) int {
	n := g.length()
	if n == 0 {
		return -1
	}
	if g.Find != nil {
		return g.Find(prefix, from%n)
	}
	col := g.leadColumn()
	for i := range min(n, findMost) {
		row := (from + i) % n
		if strings.HasPrefix(strings.ToLower(g.Cell(row, col).plain()), prefix) {
			return row
		}
	}
	return -1
}

// leadColumn is the column that names the row: the one marked so, or the first.
func (g *Grid) leadColumn() int {
	for i, c := range g.cols.cols {
		if c.Lead {
			return i
		}
	}
	return 0
}

// TypedShortcut copies the selected rows.
func (l *rowList) TypedShortcut(s fyne.Shortcut) {
	if _, ok := s.(*fyne.ShortcutCopy); ok {
		l.grid.Copy()
	}
}

// copyMost is the most rows one copy takes; more belongs into an export.
const copyMost = 20000

// Copy puts the selected rows on the clipboard as tab-separated text, without
// titles.
func (g *Grid) Copy() {
	from, to := g.Selected()
	if from < 0 {
		return
	}
	to = min(to, from+copyMost-1)
	var b strings.Builder
	for row := from; row <= to; row++ {
		if row > from {
			b.WriteByte('\n')
		}
		for col := range g.cols.cols {
			if col > 0 {
				b.WriteByte('\t')
			}
			b.WriteString(flatten.Replace(g.Cell(row, col).plain()))
		}
	}
	fyne.CurrentApp().Clipboard().SetContent(b.String())
}

// flatten keeps a value in its cell when the text is pasted into a sheet.
var flatten = strings.NewReplacer("\t", " ", "\r\n", " ", "\n", " ", "\r", " ")
