package widgets

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// PickLine is a line of a PickList.
type PickLine struct {
	Icon look.Icon
	Text string
	Note string // at the right: a shortcut, where it leads, or by what else it is known
	Also string // what it is found by too, after its text: an internal name
	Off  bool   // it can't be picked now
}

// PickList is a list of which one is picked, narrowed by a text that is looked
// for. It draws the lines that are in sight only. The keys come to it from
// whatever has the focus beside it, such as the entry that holds the text.
type PickList struct {
	widget.BaseWidget

	// OnPicked is called with the place of the picked line among all.
	OnPicked func(line int)

	lines []PickLine
	most  int   // lines in sight
	shown []int // those that match, the best first
	at    int   // the current one of shown
	top   int   // the first of shown in sight
	mark  int   // the line that is picked already, -1 for none

	// ticked tells of a list of which several are picked which lines are; nil else.
	ticked func(line int) bool

	parts  []pickPart
	flat   *draw.Flat
	bar    *canvas.Rectangle
	within fyne.Position
}

type pickPart struct {
	box, square *canvas.Rectangle
	image, tick *canvas.Image
	text, note  *canvas.Text
}

const pickHeight float32 = 30

// noMatch stands in place of the lines where none matches.
const noMatch = "Nothing is called so"

// NewPickList makes a list that shows at most so many lines at once. mark is the
// line that is picked already, -1 for none.
func NewPickList(lines []PickLine, most, mark int, picked func(int)) *PickList {
	l := &PickList{lines: lines, most: max(min(most, len(lines)), 1), mark: mark, OnPicked: picked}
	l.ExtendBaseWidget(l)
	l.Find("")
	return l
}

// SetLines changes the lines and looks for text among them. What was current is
// so no longer.
func (l *PickList) SetLines(lines []PickLine, text string) {
	l.lines = lines
	l.Find(text)
}

// Find narrows the list to the lines that hold every word of a text: first those
// that begin with it, then those in which a word does, then the rest, and last those
// that are found by what else they are known by.
func (l *PickList) Find(text string) {
	words := strings.Fields(strings.ToLower(text))
	l.shown = l.shown[:0]
	rank := make(map[int]int, len(l.lines))
	for i, line := range l.lines {
		r, ok := matches(strings.ToLower(line.Text), words)
		if !ok {
			r, ok = matches(strings.ToLower(line.Also), words)
			r += 3
		}
		if ok {
			rank[i] = r
			l.shown = append(l.shown, i)
		}
	}
	slices.SortStableFunc(l.shown, func(a, b int) int { return rank[a] - rank[b] })
	l.at, l.top = 0, 0
	if i := slices.Index(l.shown, l.mark); i >= 0 && len(words) == 0 {
		l.at = i
		l.top = max(min(i-l.most/2, len(l.shown)-l.most), 0)
	}
	l.Refresh()
}

// matches reports whether a line holds all words, and how well: 0 is best.
func matches(line string, words []string) (rank int, ok bool) {
	for i, w := range words {
		at := strings.Index(line, w)
		switch {
		case at < 0:
			return 0, false
		case at == 0 && i == 0:
		case at == 0 || strings.ContainsAny(line[at-1:at], " :,(“"):
			rank = max(rank, 1)
		default:
			rank = max(rank, 2)
		}
	}
	return rank, true
}

// Current is the line that Enter picks, -1 where none matches.
func (l *PickList) Current() int {
	if l.at < 0 || l.at >= len(l.shown) {
		return -1
	}
	return l.shown[l.at]
}

// Shown is how many lines match.
func (l *PickList) Shown() int { return len(l.shown) }

// Key takes a key that moves in the list or picks; it reports whether it did.
func (l *PickList) Key(e *fyne.KeyEvent) bool {
	switch e.Name {
	case fyne.KeyUp:
		l.move(l.at - 1)
	case fyne.KeyDown:
		l.move(l.at + 1)
	case fyne.KeyPageUp:
		l.move(l.at - l.most)
	case fyne.KeyPageDown:
		l.move(l.at + l.most)
	case fyne.KeyReturn, fyne.KeyEnter:
		l.pick(l.at)
	default:
		return false
	}
	return true
}

func (l *PickList) move(to int) {
	l.at = max(min(to, len(l.shown)-1), 0)
	l.top = max(min(l.top, l.at), l.at-l.most+1)
	l.Refresh()
}

func (l *PickList) pick(at int) {
	if at < 0 || at >= len(l.shown) || l.lines[l.shown[at]].Off {
		return
	}
	if l.OnPicked != nil {
		l.OnPicked(l.shown[at])
	}
}

// hit is the place in shown of the line at a position, -1 for none.
func (l *PickList) hit(p fyne.Position) int {
	at := l.top + int(p.Y/pickHeight)
	if p.Y < 0 || p.X < 0 || p.X >= l.Size().Width || at >= len(l.shown) || at-l.top >= l.most {
		return -1
	}
	return at
}

// Tapped implements fyne.Tappable.
func (l *PickList) Tapped(e *fyne.PointEvent) { l.pick(l.hit(e.Position)) }

// Dragged takes part in drags, so that a press that moves a little is none.
func (l *PickList) Dragged(e *fyne.DragEvent) { l.within = e.Position }

// DragEnd implements fyne.Draggable.
func (l *PickList) DragEnd() { l.pick(l.hit(l.within)) }

// Scrolled implements fyne.Scrollable.
func (l *PickList) Scrolled(e *fyne.ScrollEvent) {
	by := -int(e.Scrolled.DY / 10)
	if by == 0 && e.Scrolled.DY != 0 {
		by = 1
		if e.Scrolled.DY > 0 {
			by = -1
		}
	}
	l.top = max(min(l.top+by, len(l.shown)-l.most), 0)
	l.Refresh()
}

// MouseIn implements desktop.Hoverable.
func (l *PickList) MouseIn(e *desktop.MouseEvent) { l.MouseMoved(e) }

// MouseMoved makes the line under the pointer the current one.
func (l *PickList) MouseMoved(e *desktop.MouseEvent) {
	if at := l.hit(e.Position); at >= 0 && at != l.at {
		l.at = at
		l.Refresh()
	}
}

// MouseOut implements desktop.Hoverable.
func (l *PickList) MouseOut() {}

// Cursor implements desktop.Cursorable.
func (l *PickList) Cursor() desktop.Cursor { return desktop.PointerCursor }

// CreateRenderer implements fyne.Widget.
func (l *PickList) CreateRenderer() fyne.WidgetRenderer {
	l.bar = draw.NewRect(2)
	var objects []fyne.CanvasObject
	for range l.most {
		p := pickPart{box: draw.NewRect(look.RadiusButton), square: draw.NewRect(look.RadiusTag), image: draw.NewImage(), tick: draw.NewImage(), text: draw.NewText(look.Body), note: draw.NewText(look.Small)}
		l.parts = append(l.parts, p)
		objects = append(objects, p.box, p.square, p.image, p.text, p.note, p.tick)
	}
	l.flat = draw.NewFlat(l, l.min, l.layout, l.paint, append(objects, l.bar)...)
	return l.flat
}

func (l *PickList) min() fyne.Size {
	return fyne.NewSize(120, float32(l.most)*pickHeight)
}

// width is what the longest line takes.
func (l *PickList) width() float32 {
	w := float32(0)
	for _, line := range l.lines {
		need := look.Body.Width(line.Text) + look.Small.Width(line.Note)
		if line.Icon != "" {
			need += 24
		}
		w = max(w, need)
	}
	return w + 60
}

// isPicked reports whether a line is picked already.
func (l *PickList) isPicked(line int) bool {
	if l.ticked != nil {
		return l.ticked(line)
	}
	return line == l.mark
}

// line is what the part shows, false where no line is left for it.
func (l *PickList) line(part int) (PickLine, int, bool) {
	if at := l.top + part; at < len(l.shown) {
		return l.lines[l.shown[at]], at, true
	}
	return PickLine{}, 0, false
}

func (l *PickList) paint() {
	for i, p := range l.parts {
		line, at, ok := l.line(i)
		fill := look.Clear
		if ok && at == l.at {
			fill = look.Select
		}
		ink, note := look.T1, look.T2
		if line.Off {
			ink, note = look.Off, look.Off
		}
		tick, mark, square, edge := look.Icon(""), look.T2, look.Surface, look.Control
		if ok && l.isPicked(l.shown[at]) {
			tick = "check"
			if l.ticked != nil {
				mark, square, edge = look.OnAccent, look.Accent, look.Clear
			}
		}
		draw.PaintRect(p.square, square, edge)
		draw.Show(p.square, ok && l.ticked != nil)
		if i == 0 && len(l.shown) == 0 {
			line.Text, ink = noMatch, look.T3
		}
		draw.PaintRect(p.box, fill, look.Clear)
		draw.PaintText(p.text, line.Text, look.Body, ink)
		draw.PaintText(p.note, line.Note, look.Small, note)
		draw.PaintIcon(p.image, line.Icon, note)
		draw.PaintIcon(p.tick, tick, mark)
	}
	draw.PaintRect(l.bar, look.Control, look.Clear)
	draw.Show(l.bar, len(l.shown) > l.most)
}

func (l *PickList) layout(size fyne.Size) {
	for i, p := range l.parts {
		line, at, ok := l.line(i)
		y := float32(i) * pickHeight
		draw.Place(p.box, 0, y, size.Width-8, pickHeight)
		x, right := float32(10), size.Width-18
		if l.ticked != nil {
			draw.Place(p.square, x, y+7, 16, 16)
			draw.Place(p.tick, x+1, y+8, 14, 14)
			x += 26
		}
		if line.Icon != "" {
			draw.Place(p.image, x, y+7, 16, 16)
			x += 24
		}
		if ok && l.ticked == nil && l.shown[at] == l.mark {
			right -= 16
			draw.Place(p.tick, right, y+7, 16, 16)
			right -= 8
		}
		if line.Note != "" {
			w := look.Small.Width(line.Note) + 1
			right -= w
			draw.PlaceText(p.note, line.Note, look.Small, right, y, w, pickHeight)
			right -= 10
		}
		if i == 0 && len(l.shown) == 0 {
			line.Text = noMatch
		}
		draw.PlaceText(p.text, line.Text, look.Body, x, y, right-x, pickHeight)
	}
	if n := len(l.shown); n > l.most {
		high := size.Height * float32(l.most) / float32(n)
		draw.Place(l.bar, size.Width-5, (size.Height-high)*float32(l.top)/float32(n-l.most), 4, high)
	}
}
