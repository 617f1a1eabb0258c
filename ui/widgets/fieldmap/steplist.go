package fieldmap

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"syncline/sync/transform"
	"syncline/ui/look"
)

const (
	stepHeight float32 = 32
	stepPitch  float32 = 36
)

// stepList is the chain of transforms as rows that are dragged into order by
// their grip. Keys: Up and Down move, Enter edits, Delete removes, Alt+Up and
// Alt+Down move the step.
type stepList struct {
	tappable
	steps   transform.Chain
	at      int // the row of the keyboard
	open    int // the row whose arguments are being edited, -1 for none
	hover   int // the row under the pointer, -1 for none
	overBin bool
	grabbed int // the row being dragged, -1 for none
	offset  float32
	down    Point

	onChange func(transform.Chain)
	onOpen   func(row int)
}

var (
	_ fyne.Draggable    = (*stepList)(nil)
	_ fyne.Shortcutable = (*stepList)(nil)
)

func newStepList(onChange func(transform.Chain), onOpen func(int)) *stepList {
	l := &stepList{open: -1, hover: -1, grabbed: -1, onChange: onChange, onOpen: onOpen}
	l.extend(l, func() {})
	return l
}

// set shows a chain.
func (l *stepList) set(steps transform.Chain) {
	l.steps = slices.Clone(steps)
	l.at = max(min(l.at, len(l.steps)-1), 0)
	if l.open >= len(l.steps) {
		l.open = -1
	}
	l.Refresh()
}

func (l *stepList) change(steps transform.Chain) {
	l.set(steps)
	l.onChange(slices.Clone(steps))
}

func (l *stepList) remove(row int) {
	if row < 0 || row >= len(l.steps) {
		return
	}
	switch {
	case l.open == row:
		l.open = -1
	case l.open > row:
		l.open--
	}
	l.change(slices.Delete(slices.Clone(l.steps), row, row+1))
}

// move takes a step to another row; the row that is open stays open.
func (l *stepList) move(from, to int) bool {
	if from == to || min(from, to) < 0 || max(from, to) >= len(l.steps) {
		return false
	}
	steps := slices.Clone(l.steps)
	s := steps[from]
	steps = slices.Insert(slices.Delete(steps, from, from+1), to, s)
	switch {
	case l.open == from:
		l.open = to
	case from < l.open && l.open <= to:
		l.open--
	case to <= l.open && l.open < from:
		l.open++
	}
	l.at = to
	l.change(steps)
	return true
}

func (l *stepList) toggle(row int) {
	if l.open == row {
		row = -1
	}
	l.open = row
	l.Refresh()
	l.onOpen(row)
}

// row is the row at a height, -1 between rows.
func (l *stepList) row(y float32) int {
	row := int(y / stepPitch)
	if y < 0 || row >= len(l.steps) || y-float32(row)*stepPitch > stepHeight {
		return -1
	}
	return row
}

func (l *stepList) bin(p Point) bool { return p.X >= l.Size().Width-30 }

// MouseDown implements desktop.Mouseable.
func (l *stepList) MouseDown(e *desktop.MouseEvent) {
	l.takeFocus()
	l.down = point(e.Position)
	row := l.row(l.down.Y)
	if e.Button != desktop.MouseButtonPrimary || row < 0 {
		return
	}
	l.at = row
	switch {
	case l.bin(l.down):
		l.remove(row)
	case l.down.X < 24:
		l.grabbed, l.offset = row, 0
		l.Refresh()
	default:
		l.toggle(row)
	}
}

// MouseUp implements desktop.Mouseable.
func (l *stepList) MouseUp(*desktop.MouseEvent) { l.drop() }

// Dragged implements fyne.Draggable: the step changes places as soon as it is
// half over its neighbour.
func (l *stepList) Dragged(e *fyne.DragEvent) {
	if l.grabbed < 0 {
		return
	}
	l.offset = e.Position.Y - l.down.Y
	by := int(l.offset / stepPitch)
	if rest := l.offset - float32(by)*stepPitch; rest > stepPitch/2 {
		by++
	} else if rest < -stepPitch/2 {
		by--
	}
	to := max(min(l.grabbed+by, len(l.steps)-1), 0)
	if by != 0 && to != l.grabbed {
		l.down.Y += float32(to-l.grabbed) * stepPitch
		l.offset = e.Position.Y - l.down.Y
		from := l.grabbed
		l.grabbed = to
		l.move(from, to)
		return
	}
	l.Refresh()
}

// DragEnd implements fyne.Draggable.
func (l *stepList) DragEnd() { l.drop() }

func (l *stepList) drop() {
	if l.grabbed >= 0 {
		l.grabbed = -1
		l.Refresh()
	}
}

// MouseMoved implements desktop.Hoverable.
func (l *stepList) MouseMoved(e *desktop.MouseEvent) {
	p := point(e.Position)
	row, over := l.row(p.Y), l.bin(p)
	if row != l.hover || over != l.overBin {
		l.hover, l.overBin = row, over
		l.Refresh()
	}
}

// MouseOut implements desktop.Hoverable.
func (l *stepList) MouseOut() {
	l.hover = -1
	l.tappable.MouseOut()
}

// TypedKey implements fyne.Focusable.
func (l *stepList) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyUp:
		l.state(func() { l.at = max(l.at-1, 0) })
	case fyne.KeyDown:
		l.state(func() { l.at = max(min(l.at+1, len(l.steps)-1), 0) })
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		if l.at < len(l.steps) {
			l.toggle(l.at)
		}
	case fyne.KeyDelete, fyne.KeyBackspace:
		l.remove(l.at)
	}
}

// TypedShortcut implements fyne.Shortcutable.
func (l *stepList) TypedShortcut(s fyne.Shortcut) {
	c, ok := s.(*desktop.CustomShortcut)
	if !ok || c.Modifier != fyne.KeyModifierAlt {
		return
	}
	switch c.KeyName {
	case fyne.KeyUp:
		l.move(l.at, l.at-1)
	case fyne.KeyDown:
		l.move(l.at, l.at+1)
	}
}

// MinSize implements fyne.CanvasObject.
func (l *stepList) MinSize() fyne.Size {
	if len(l.steps) == 0 {
		return fyne.NewSize(120, 0)
	}
	return fyne.NewSize(120, float32(len(l.steps)-1)*stepPitch+stepHeight)
}

// CreateRenderer implements fyne.Widget.
func (l *stepList) CreateRenderer() fyne.WidgetRenderer {
	return newPainted(l, &l.brush, l.MinSize, func(size fyne.Size) {
		for row := range l.steps {
			if row != l.grabbed {
				l.paintRow(row, float32(row)*stepPitch, size.Width)
			}
		}
		if l.grabbed >= 0 && l.grabbed < len(l.steps) { // over the others
			l.paintRow(l.grabbed, float32(l.grabbed)*stepPitch+l.offset, size.Width)
		}
	})
}

func (l *stepList) paintRow(row int, y, width float32) {
	b, s := &l.brush, l.steps[row]
	box := Rect{0, y, width, stepHeight}
	fill, stroke := look.Surface, look.Stroke
	switch {
	case row == l.grabbed:
		fill, stroke = look.Raised, look.Stroke2
	case row == l.open:
		fill, stroke = look.Select, look.SelectLn
	case row == l.hover:
		fill = look.Hover
	}
	b.rect(box, look.RadiusButton, fill, stroke, 1)
	b.icon("grip", look.T3, Rect{8, y + 9, 14, 14})
	title, detail := stepTitle(s.Name), stepDetail(s)
	room := width - 31 - 32
	w := min(look.Body.Width(title)+1, room)
	b.text(title, look.Body, look.T1, Rect{31, y, w, stepHeight}, fyne.TextAlignLeading)
	if detail != "" {
		b.text(detail, look.Body, look.T2, Rect{31 + w + 3, y, room - w - 3, stepHeight}, fyne.TextAlignLeading)
	}
	ink := look.T3
	if row == l.hover && l.overBin {
		ink = look.Failed.Text()
	}
	b.icon("close", ink, Rect{width - 24, y + 8, 16, 16})
	if l.focused && row == l.at {
		b.rect(Rect{1, y + 1, width - 2, stepHeight - 2}, look.RadiusButton, look.Clear, look.Focus, 2)
	}
}
