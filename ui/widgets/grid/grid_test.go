package grid

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"syncline/ui/look"
	"syncline/ui/widgets"
)

// table is a grid over made-up rows that notes which cells it was asked for.
type table struct {
	*Grid
	rows  int
	asked map[int]int // how often each row was asked for
	win   fyne.Window
	clock time.Time
}

func newTable(t *testing.T, rows int, height float32) *table {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(look.New(look.Light))
	tb := &table{rows: rows, asked: map[int]int{}, clock: time.Unix(1_000_000, 0)}
	tb.Grid = New(height,
		Column{ID: "check", Width: 32, Fixed: true, Check: true},
		Column{ID: "key", Title: "Row", Width: 80, Sortable: true},
		Column{ID: "name", Title: "Name", Width: 120, Grow: 1, Sortable: true, Lead: true},
		Column{ID: "amount", Title: "Amount", Width: 80, Align: Right},
		Column{ID: "job", Title: "Job title", Width: 120})
	tb.Length = func() int { return tb.rows }
	tb.Cell = func(row, col int) Cell {
		if row < 0 || row >= tb.rows {
			t.Errorf("asked for row %d of %d", row, tb.rows)
			return Cell{}
		}
		tb.asked[row]++
		switch col {
		case 0:
			return Cell{Check: Checked}
		case 1:
			return Cell{Text: fmt.Sprintf("C-%d", row), Mono: true}
		case 2:
			return Cell{Text: name(row)}
		case 3:
			return Cell{Text: fmt.Sprint(row * 3)}
		}
		return Cell{Change: &widgets.Change{Fate: look.Update, New: "Head of procurement and logistics", Old: "Buyer"}}
	}
	tb.now = func() time.Time { return tb.clock }
	content, _ := widgets.WithLayer(tb.Grid)
	tb.win = test.NewTempWindow(t, content)
	tb.win.SetPadded(false)
	tb.win.Resize(fyne.NewSize(600, look.GridHeader+10*height))
	return tb
}

// name makes names in alphabetical order: "Ada 0" to "Zoe 99999".
func name(row int) string {
	firsts := []string{"Ada", "Bram", "Ilse", "Jarek", "Mattis", "Noor", "Odalys", "Petra", "Soraya", "Zoe"}
	return fmt.Sprintf("%s %d", firsts[row%len(firsts)], row)
}

func (tb *table) key(names ...fyne.KeyName) {
	for _, n := range names {
		tb.clock = tb.clock.Add(time.Second)
		tb.list.TypedKey(&fyne.KeyEvent{Name: n})
	}
}

func (tb *table) typed(s string) {
	for _, r := range s {
		tb.clock = tb.clock.Add(100 * time.Millisecond)
		tb.list.TypedRune(r)
	}
}

// rowAt is the row widget that shows a row.
func (tb *table) rowAt(t *testing.T, id int) *row {
	t.Helper()
	for _, r := range tb.Grid.rows {
		if r.id == id {
			return r
		}
	}
	t.Fatalf("row %d is not on screen", id)
	return nil
}

func (tb *table) click(t *testing.T, row int, x float32, mod fyne.KeyModifier) {
	t.Helper()
	tb.rowAt(t, row).MouseDown(&desktop.MouseEvent{
		PointEvent: fyne.PointEvent{Position: fyne.NewPos(x, 10)}, Button: desktop.MouseButtonPrimary, Modifier: mod})
}

func TestOnlyRowsOnScreenAreAskedFor(t *testing.T) {
	tb := newTable(t, 100_000, 32)
	if n := len(tb.asked); n < 10 || n > 13 {
		t.Errorf("asked for %d rows at the start, want the ten on screen", n)
	}
	tb.Select(0)
	clear(tb.asked)
	tb.key(fyne.KeyEnd)
	for row := range tb.asked {
		if row > 12 && row < 99_985 {
			t.Fatalf("asked for row %d on the way to the end", row)
		}
	}
	if from, to := tb.InView(); to != 99_999 || from < 99_985 {
		t.Errorf("in view: %d to %d", from, to)
	}
}

func TestKeysMoveTheCursor(t *testing.T) {
	for _, c := range []struct {
		name string
		from int
		keys []fyne.KeyName
		want int
	}{
		{"down", 3, []fyne.KeyName{fyne.KeyDown, fyne.KeyDown}, 5},
		{"up", 3, []fyne.KeyName{fyne.KeyUp}, 2},
		{"up at the top", 0, []fyne.KeyName{fyne.KeyUp}, 0},
		{"home", 500, []fyne.KeyName{fyne.KeyHome}, 0},
		{"end", 3, []fyne.KeyName{fyne.KeyEnd}, 999},
		{"down at the end", 999, []fyne.KeyName{fyne.KeyDown}, 999},
		{"page down", 0, []fyne.KeyName{fyne.KeyPageDown, fyne.KeyPageDown}, 18},
		{"page up", 20, []fyne.KeyName{fyne.KeyPageUp}, 11},
		{"page up at the top", 2, []fyne.KeyName{fyne.KeyPageUp}, 0},
		{"page down at the end", 995, []fyne.KeyName{fyne.KeyPageDown}, 999},
	} {
		t.Run(c.name, func(t *testing.T) {
			tb := newTable(t, 1000, 32)
			tb.Select(c.from)
			tb.key(c.keys...)
			if tb.Current() != c.want {
				t.Errorf("current row %d, want %d", tb.Current(), c.want)
			}
			if from, to := tb.InView(); c.want < from || c.want > to {
				t.Errorf("row %d is not in view (%d to %d)", c.want, from, to)
			}
		})
	}
}

func TestPageKeysDoNotRunAway(t *testing.T) {
	tb := newTable(t, 100_000, 32)
	tb.Select(0)
	for range 30 { // auto-repeat at 30 ms
		tb.clock = tb.clock.Add(30 * time.Millisecond)
		tb.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyPageDown})
	}
	if pages := tb.Current() / 9; pages < 8 || pages > 11 {
		t.Errorf("0.9 s of PageDown moved %d pages, want about ten a second", pages)
	}
}

func TestClickSelectsAtOnceAndTakesTheFocus(t *testing.T) {
	tb := newTable(t, 100, 32)
	var selected []int
	tb.OnSelected = func(row int) { selected = append(selected, row) }
	tb.click(t, 4, 200, 0)
	if tb.Current() != 4 || !slices.Equal(selected, []int{4}) {
		t.Errorf("current %d, reported %v", tb.Current(), selected)
	}
	if tb.win.Canvas().Focused() != tb.list {
		t.Error("the rows do not have the focus")
	}
	if !tb.rowAt(t, 4).ring.Visible() || tb.rowAt(t, 5).ring.Visible() {
		t.Error("the focus ring is not on the current row alone")
	}
	tb.click(t, 7, 200, fyne.KeyModifierShift)
	if from, to := tb.Selected(); from != 4 || to != 7 {
		t.Errorf("Shift and click select %d to %d, want 4 to 7", from, to)
	}
}

func TestShiftAndArrowsSelectARange(t *testing.T) {
	tb := newTable(t, 100, 32)
	tb.Select(5)
	shift := &fyne.KeyEvent{Name: desktop.KeyShiftLeft}
	tb.list.KeyDown(shift)
	tb.key(fyne.KeyDown, fyne.KeyDown)
	if from, to := tb.Selected(); from != 5 || to != 7 {
		t.Errorf("selected %d to %d, want 5 to 7", from, to)
	}
	tb.list.KeyUp(shift)
	tb.key(fyne.KeyDown)
	if from, to := tb.Selected(); from != 8 || to != 8 {
		t.Errorf("without Shift %d to %d stay selected", from, to)
	}
}

func TestDoubleClickAndEnterActivate(t *testing.T) {
	tb := newTable(t, 100, 32)
	var got []int
	tb.OnActivated = func(row int) { got = append(got, row) }
	tb.click(t, 2, 200, 0)
	tb.clock = tb.clock.Add(200 * time.Millisecond)
	tb.click(t, 2, 200, 0)
	tb.clock = tb.clock.Add(time.Second)
	tb.click(t, 3, 200, 0) // one click only
	tb.clock = tb.clock.Add(time.Second)
	tb.click(t, 3, 200, 0) // too late for a double click
	tb.key(fyne.KeyReturn)
	if !slices.Equal(got, []int{2, 3}) {
		t.Errorf("activated %v, want 2 by the double click and 3 by Enter", got)
	}
}

func TestCheckboxTogglesByClickAndSpace(t *testing.T) {
	tb := newTable(t, 100, 32)
	var rows []int
	tb.OnChecked = func(row int) { rows = append(rows, row) }
	tb.click(t, 3, 15, 0)
	tb.key(fyne.KeyDown, fyne.KeySpace)
	tb.click(t, 6, 200, 0) // beside the box
	if !slices.Equal(rows, []int{3, 4}) {
		t.Errorf("checked %v, want 3 and 4", rows)
	}
	all := []bool{}
	tb.AllChecked = func() Check { return Checked }
	tb.OnCheckedAll = func(on bool) { all = append(all, on) }
	tb.header.Tapped(&fyne.PointEvent{Position: fyne.NewPos(15, 10)})
	if !slices.Equal(all, []bool{false}) {
		t.Errorf("the header's box reported %v, want false once", all)
	}
}

func TestTypeAheadFindsTheNextName(t *testing.T) {
	tb := newTable(t, 100, 32)
	tb.Select(0)
	tb.typed("il")
	if tb.Current() != 2 {
		t.Errorf("“il” goes to row %d, want 2 (Ilse)", tb.Current())
	}
	tb.clock = tb.clock.Add(5 * time.Second)
	tb.typed("i")
	if tb.Current() != 12 {
		t.Errorf("“i” again goes to row %d, want the next one, 12", tb.Current())
	}
	tb.clock = tb.clock.Add(5 * time.Second)
	tb.typed("xyz")
	if tb.Current() != 12 {
		t.Error("an unknown name moves the cursor")
	}
	tb.clock = tb.clock.Add(5 * time.Second)
	tb.OnRune = func(r rune) bool { return r == 'k' }
	tb.typed("k")
	if tb.typedAt.Equal(tb.clock) {
		t.Error("a letter of the screen was used for looking as well")
	}
}

func TestCopyTakesTheSelectedRows(t *testing.T) {
	tb := newTable(t, 100, 32)
	tb.Select(1)
	tb.moveTo(2, true)
	tb.list.TypedShortcut(&fyne.ShortcutCopy{})
	want := "yes\tC-1\tBram 1\t3\tHead of procurement and logistics\nyes\tC-2\tIlse 2\t6\tHead of procurement and logistics"
	if got := fyne.CurrentApp().Clipboard().Content(); got != want {
		t.Errorf("copied %q, want %q", got, want)
	}
}

func TestCopiedValuesStayInTheirCells(t *testing.T) {
	tb := newTable(t, 3, 32)
	tb.Cell = func(int, int) Cell { return Cell{Text: "two\nlines\tand a tab"} }
	tb.Select(0)
	tb.Copy()
	if got := fyne.CurrentApp().Clipboard().Content(); strings.Count(got, "\t") != 4 || strings.Contains(got, "\n") {
		t.Errorf("copied %q", got)
	}
}

func TestTitlesSort(t *testing.T) {
	tb := newTable(t, 100, 32)
	var got []string
	tb.OnSorted = func(id string, desc bool) { got = append(got, fmt.Sprint(id, desc)) }
	at := func(col int) *fyne.PointEvent {
		return &fyne.PointEvent{Position: fyne.NewPos(tb.cols.left(col)+20, 10)}
	}
	tb.header.Tapped(at(1))
	tb.header.Tapped(at(1))
	tb.header.Tapped(at(2))
	tb.header.Tapped(at(3)) // cannot be sorted
	tb.header.TypedKey(&fyne.KeyEvent{Name: fyne.KeyLeft})
	tb.header.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	want := []string{"keyfalse", "keytrue", "namefalse", "nametrue"}
	if !slices.Equal(got, want) {
		t.Errorf("sorted %q, want %q", got, want)
	}
}

func TestDraggingAnEdgeResizes(t *testing.T) {
	tb := newTable(t, 100, 32)
	var report []string
	tb.OnResized = func(id string, w float32) { report = append(report, fmt.Sprintf("%s %g", id, w)) }
	edge := tb.cols.left(2) + tb.cols.wide(2)
	was := tb.cols.wide(2)
	drag := func(from, to float32) {
		tb.header.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(from, 10)}, Button: desktop.MouseButtonPrimary})
		tb.header.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(to, 10)}})
		tb.header.MouseUp(nil)
		tb.header.DragEnd()
	}
	drag(edge+1, edge+41)
	if got := tb.cols.wide(2); got != was+40 {
		t.Errorf("dragged by 40, the width went from %g to %g", was, got)
	}
	drag(edge+40, 0)
	if got := tb.cols.wide(2); got != leastWidth {
		t.Errorf("dragged to the left edge the width is %g, want the least, %g", got, leastWidth)
	}
	if len(report) != 2 {
		t.Errorf("reported %q, want two", report)
	}
	drag(tb.cols.left(1), 300) // the edge of the fixed column
	if tb.cols.wide(0) != 32 {
		t.Error("a fixed column was resized")
	}
	if w := tb.Widths(); len(w) == 0 || w["name"] != leastWidth {
		t.Errorf("widths to remember: %v", w)
	}
	tb.header.MouseMoved(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(tb.cols.left(3), 10)}})
	if tb.header.Cursor() != desktop.HResizeCursor {
		t.Error("no resize cursor over an edge")
	}
}

func TestHeaderKeysResize(t *testing.T) {
	tb := newTable(t, 100, 32)
	tb.header.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	was := tb.cols.wide(1)
	tb.header.TypedRune('+')
	if got := tb.cols.wide(1); got != was+16 {
		t.Errorf("+ made %g of %g", got, was)
	}
}

func TestColumnsFillTheWidthAndScrollWhenTheyCannot(t *testing.T) {
	tb := newTable(t, 100, 32)
	if got := tb.cols.total(); got != 600 {
		t.Errorf("columns are %g wide together, want 600", got)
	}
	tb.win.Resize(fyne.NewSize(300, 300))
	if tb.cols.total() <= 300 {
		t.Fatal("columns became narrower than their least")
	}
	tb.key(fyne.KeyRight, fyne.KeyRight, fyne.KeyRight, fyne.KeyRight)
	if tb.scrollX != tb.cols.total()-300 {
		t.Errorf("scrolled by %g, want to the end, %g", tb.scrollX, tb.cols.total()-300)
	}
	tb.win.Resize(fyne.NewSize(600, 300))
	if tb.scrollX != 0 {
		t.Error("still scrolled although everything fits")
	}
}

func TestRefreshRowReadsOneRowOnly(t *testing.T) {
	tb := newTable(t, 100, 32)
	clear(tb.asked)
	tb.RefreshRow(3)
	if len(tb.asked) != 1 || tb.asked[3] == 0 {
		t.Errorf("asked for %v, want row 3 only", tb.asked)
	}
}

func TestOneStepOfTheCursorDoesNotRebuildTheList(t *testing.T) {
	tb := newTable(t, 1000, 32)
	tb.Select(0)
	created := 0
	create := tb.list.CreateItem
	tb.list.CreateItem = func() fyne.CanvasObject { created++; return create() }
	tb.key(fyne.KeyDown, fyne.KeyDown, fyne.KeyDown)
	if created != 0 {
		t.Errorf("three steps made %d row widgets", created)
	}
}

// Rows can go away between two frames, and rows of an old length are still on
// screen then. The table fails the test when a row is asked for that is gone.
func TestShrinkingIsSafe(t *testing.T) {
	tb := newTable(t, 1000, 32)
	tb.Select(999)
	tb.rows = 5
	tb.RefreshRows()
	tb.key(fyne.KeyDown)
	tb.Grid.Refresh()
	if tb.Current() != 4 {
		t.Errorf("current row %d, want the last, 4", tb.Current())
	}
	tb.rows = 0
	tb.Grid.Refresh()
	if tb.Current() != -1 {
		t.Errorf("current row %d of none", tb.Current())
	}
	tb.key(fyne.KeyDown, fyne.KeyEnd, fyne.KeyPageDown, fyne.KeySpace)
	tb.typed("a")
	tb.Copy()
}

func TestEmptyAndLoading(t *testing.T) {
	tb := newTable(t, 0, 32)
	tb.Empty = widgets.NewEmptyState("records", "No rows yet", "Rows appear here after the preview.", nil)
	tb.Grid.Refresh()
	if s := texts(tb.Grid); !slices.Contains(s, "No rows yet") {
		t.Errorf("empty grid shows %q", s)
	}
	tb.SetLoading("Reading … 12,400 of 86,412")
	if s := texts(tb.Grid); slices.Contains(s, "No rows yet") || !slices.Contains(s, "Reading … 12,400 of 86,412") {
		t.Errorf("loading grid shows %q", s)
	}
	tb.rows = 3
	tb.Grid.Refresh()
	if s := texts(tb.Grid); !slices.Contains(s, "Ada 0") {
		t.Errorf("what is there does not stay while loading: %q", s)
	}
	if c := colourOf(tb.Grid, "Ada 0"); c != look.Color(look.T3) {
		t.Error("rows are not dimmed while loading")
	}
	tb.SetLoading("")
	if c := colourOf(tb.Grid, "Ada 0"); c != look.Color(look.T1) {
		t.Error("rows stay dimmed after loading")
	}
}

// A row that is gone, before the grid was told to look again, gets no key.
func TestARowThatIsGoneGetsNoKey(t *testing.T) {
	tb := newTable(t, 5, look.RowCompact)
	tb.Grid.Select(4)
	tb.OnActivated = func(row int) { t.Errorf("row %d of %d is opened", row, tb.rows) }
	tb.OnChecked = func(row int) { t.Errorf("row %d of %d is ticked", row, tb.rows) }
	tb.rows = 2
	tb.key(fyne.KeyReturn, fyne.KeySpace)
	if n := tb.Current(); n != -1 {
		t.Errorf("the current row is %d", n)
	}
}

func TestOldValueShowsInComfortableRowsOnly(t *testing.T) {
	tb := newTable(t, 3, look.RowComfortable)
	if !slices.Contains(texts(tb.Grid), "Buyer") {
		t.Error("a comfortable row does not show the old value")
	}
	tb.SetRowHeight(look.RowCompact)
	if slices.Contains(texts(tb.Grid), "Buyer") {
		t.Error("a compact row shows the old value")
	}
	if h := tb.rowAt(t, 0).Size().Height; h != look.RowCompact {
		t.Errorf("rows are %g high", h)
	}
}

func TestLongTextsAreCutToTheirColumn(t *testing.T) {
	tb := newTable(t, 20, look.RowComfortable)
	for _, width := range []float32{420, 600, 1024, 1600} {
		tb.win.Resize(fyne.NewSize(width, 400))
		for _, r := range tb.Grid.rows {
			for i, s := range r.slots {
				if s.text == nil || r.id < 0 {
					continue
				}
				right := s.text.Position().X + look.Body.Width(s.text.Text)
				if col := tb.cols.left(i) - tb.scrollX + tb.cols.wide(i); s.text.Alignment != fyne.TextAlignTrailing && right > col {
					t.Errorf("at %g column %d: %q ends at %g, the column at %g", width, i, s.text.Text, right, col)
				}
			}
		}
	}
}

func TestSwitchingTheLookReachesTheRows(t *testing.T) {
	tb := newTable(t, 3, 32)
	light := colourOf(tb.Grid, "Ada 0")
	fyne.CurrentApp().Settings().SetTheme(look.New(look.DarkMode))
	tb.Grid.Refresh()
	if dark := colourOf(tb.Grid, "Ada 0"); dark == light || dark != look.Color(look.T1) {
		t.Errorf("after the switch the text is %v, before %v", dark, light)
	}
}

// texts are all texts on screen.
func texts(o fyne.CanvasObject) []string {
	var out []string
	walk(o, func(t *canvas.Text) { out = append(out, t.Text) })
	return out
}

func colourOf(o fyne.CanvasObject, text string) (c any) {
	walk(o, func(t *canvas.Text) {
		if t.Text == text {
			c = t.Color
		}
	})
	return c
}

func walk(o fyne.CanvasObject, visit func(*canvas.Text)) {
	if !o.Visible() {
		return
	}
	switch v := o.(type) {
	case *canvas.Text:
		if v.Text != "" {
			visit(v)
		}
	case *fyne.Container:
		for _, c := range v.Objects {
			walk(c, visit)
		}
	case fyne.Widget:
		for _, c := range test.WidgetRenderer(v).Objects() {
			walk(c, visit)
		}
	}
}

func BenchmarkScroll(b *testing.B) {
	a := test.NewApp()
	defer a.Quit()
	a.Settings().SetTheme(look.New(look.Light))
	cols := make([]Column, 8)
	for i := range cols {
		cols[i] = Column{ID: fmt.Sprint(i), Title: "Column", Width: 140}
	}
	g := New(look.RowComfortable, cols...)
	g.Length = func() int { return 100_000 }
	g.Cell = func(r, c int) Cell { return Cell{Text: fmt.Sprintf("%d-%d", r, c)} }
	w := test.NewWindow(g)
	defer w.Close()
	w.Resize(fyne.NewSize(1200, 800))
	for i := range b.N {
		g.list.ScrollToOffset(float32(i*90) - float32(i*90/4_000_000*4_000_000))
	}
}

func TestKeyboardComesWithTheRows(t *testing.T) {
	tb := newTable(t, 0, 32)
	tb.Focus()
	if focused := tb.win.Canvas().Focused(); focused != nil {
		t.Errorf("%T has the keyboard while there are no rows", focused)
	}
	tb.rows = 3
	tb.Grid.Refresh()
	if tb.win.Canvas().Focused() != fyne.Focusable(tb.list) {
		t.Error("the rows came without the keyboard")
	}
}

func TestKeyboardStaysWhereTheUserWent(t *testing.T) {
	tb := newTable(t, 0, 32)
	find := widgets.NewEntry("Find")
	tb.win.SetContent(container.NewBorder(find, nil, nil, nil, tb.Grid))
	tb.Focus()
	tb.win.Canvas().Focus(find)
	tb.rows = 3
	tb.Grid.Refresh()
	if tb.win.Canvas().Focused() != fyne.Focusable(find) {
		t.Error("the rows took the keyboard away")
	}
}

// Where rows go and another one becomes the current one, that is reported: what stands beside the
// grid is about the row that is marked.
func TestTheRowThatTakesTheLastOnesPlaceIsReported(t *testing.T) {
	test.NewTempApp(t)
	n, told := 9, -1
	g := New(look.RowCompact, Column{ID: "a", Width: 100})
	g.Length = func() int { return n }
	g.Cell = func(int, int) Cell { return Cell{} }
	g.OnSelected = func(row int) { told = row }
	g.Select(8)
	n = 4
	g.Refresh()
	if g.Current() != 3 || told != 3 {
		t.Errorf("row %d is the current one, row %d was reported", g.Current(), told)
	}
	told = -1
	g.Refresh()
	if told != -1 {
		t.Error("a row is reported that was the current one before")
	}
}
