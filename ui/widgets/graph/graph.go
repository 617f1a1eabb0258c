// Package graph draws a set: the rows that are synced at the left, the object
// types that they fill in the middle, and the associations between those at the
// right, joined by curves. Cards are chosen with a click or the arrow keys and
// opened with a second click or Enter. All of it belongs to the UI goroutine.
package graph

import (
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
	"syncline/ui/widgets"
)

// Column is where a card stands.
type Column uint8

// The columns, from left to right.
const (
	Rows    Column = iota // a source's rows
	Objects               // an object type
	Edges                 // associations
	columns
)

// Count is a number with its glyph.
type Count struct {
	Meaning look.Meaning
	Icon    look.Icon // the meaning's glyph unless set
	N       int
}

// Card is one card of the diagram.
type Card struct {
	ID     string // it stays the same whatever else the card says
	Column Column
	Icon   look.Icon // before the title
	Title  string
	// Sub is the second line, with its own glyph.
	SubIcon look.Icon
	Sub     string
	// Mark is the state, at the right of the title; "" for none.
	Mark    look.Icon
	MarkInk look.Token
	// Counts are the third line, Note what stands there where there is nothing to count.
	Counts []Count
	Note   string
	// Done of Total is shown as a bar along the card's foot; Total 0 leaves it out.
	Done, Total int
	Off         bool // it takes no part: it is drawn back, and has no lines
}

// Line joins two cards; From stands left of To.
type Line struct {
	From, To int
	Both     bool // values flow both ways
	Back     bool // values flow from To to From only
}

// Graph is the diagram.
type Graph struct {
	widget.BaseWidget

	Cards  []Card
	Lines  []Line
	Titles [columns]string // over the columns

	// OnSelected is called when another card is chosen, -1 for none; OnOpened on
	// Enter and when a chosen card is clicked once more.
	OnSelected func(card int)
	OnOpened   func(card int)

	selected, hovered int
	focused           bool
	within            fyne.Position
	chosen            time.Time // when the card was chosen by a click
	now               func() time.Time
	boxes             []box
	pen               pen
	flat              *draw.Flat
}

var (
	_ fyne.Focusable     = (*Graph)(nil)
	_ fyne.Tappable      = (*Graph)(nil)
	_ fyne.Draggable     = (*Graph)(nil)
	_ desktop.Mouseable  = (*Graph)(nil)
	_ desktop.Hoverable  = (*Graph)(nil)
	_ desktop.Cursorable = (*Graph)(nil)
)

// New makes an empty diagram.
func New() *Graph {
	g := &Graph{selected: -1, hovered: -1, now: time.Now}
	g.ExtendBaseWidget(g)
	return g
}

// Set shows other cards and lines; the choice stays where there still is such a
// card.
func (g *Graph) Set(cards []Card, lines []Line) {
	if g.selected >= 0 && g.selected < len(g.Cards) {
		id := g.Cards[g.selected].ID
		g.selected = slices.IndexFunc(cards, func(c Card) bool { return c.ID == id })
	}
	if g.Cards, g.Lines = cards, lines; g.hovered >= len(cards) {
		g.hovered = -1
	}
	g.Refresh()
}

// Selected is the chosen card, -1 for none.
func (g *Graph) Selected() int { return g.selected }

// Select chooses a card, -1 for none, and tells.
func (g *Graph) Select(card int) {
	if card == g.selected || card < -1 || card >= len(g.Cards) {
		return
	}
	g.selected = card
	g.Refresh()
	if g.OnSelected != nil {
		g.OnSelected(card)
	}
}

func (g *Graph) open() {
	if g.selected >= 0 && g.OnOpened != nil {
		g.OnOpened(g.selected)
	}
}

// HeightFor implements [widgets.HeightFor].
func (g *Graph) HeightFor(width float32) float32 { return g.place(width, 0).height }

// CreateRenderer implements fyne.Widget.
func (g *Graph) CreateRenderer() fyne.WidgetRenderer {
	g.flat = &draw.Flat{Owner: g}
	g.flat.Min = func() fyne.Size { return fyne.NewSize(minWidth, g.HeightFor(max(g.Size().Width, minWidth))) }
	g.flat.Arrange = g.draw
	g.flat.Paint = func() {}
	g.draw(g.Size())
	return g.flat
}

// at is the card at a place, -1 for none.
func (g *Graph) at(p fyne.Position) int {
	for i, b := range g.boxes {
		if p.X >= b.x && p.X < b.x+b.w && p.Y >= b.y && p.Y < b.y+b.h {
			return i
		}
	}
	return -1
}

// secondClick is how soon after it was chosen a card is opened by a click.
const secondClick = 2 * time.Second

// Tapped implements fyne.Tappable.
func (g *Graph) Tapped(e *fyne.PointEvent) { g.click(e.Position) }

func (g *Graph) click(p fyne.Position) {
	i := g.at(p)
	if i >= 0 && i == g.selected && g.now().Sub(g.chosen) < secondClick {
		g.open()
		return
	}
	g.Select(i)
	g.chosen = g.now()
}

// Dragged takes part in drags, because inside a scroll a press that moves by
// two pixels would else be lost.
func (g *Graph) Dragged(e *fyne.DragEvent) { g.within = e.Position }

// DragEnd implements fyne.Draggable.
func (g *Graph) DragEnd() { g.click(g.within) }

// MouseDown implements desktop.Mouseable.
func (g *Graph) MouseDown(e *desktop.MouseEvent) {
	if e.Button == desktop.MouseButtonPrimary {
		widgets.FocusOn(g)
	}
}

// MouseUp implements desktop.Mouseable.
func (g *Graph) MouseUp(*desktop.MouseEvent) {}

// MouseIn implements desktop.Hoverable.
func (g *Graph) MouseIn(e *desktop.MouseEvent) { g.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable.
func (g *Graph) MouseMoved(e *desktop.MouseEvent) { g.hover(g.at(e.Position)) }

// MouseOut implements desktop.Hoverable.
func (g *Graph) MouseOut() { g.hover(-1) }

func (g *Graph) hover(i int) {
	if i != g.hovered {
		g.hovered = i
		g.Refresh()
	}
}

// Cursor implements desktop.Cursorable.
func (g *Graph) Cursor() desktop.Cursor {
	if g.hovered >= 0 {
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

// FocusGained implements fyne.Focusable.
func (g *Graph) FocusGained() {
	g.focused = true
	g.Refresh()
}

// FocusLost implements fyne.Focusable.
func (g *Graph) FocusLost() {
	g.focused = false
	g.Refresh()
}

// TypedRune implements fyne.Focusable.
func (g *Graph) TypedRune(rune) {}

// TypedKey implements fyne.Focusable.
func (g *Graph) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyUp, fyne.KeyDown, fyne.KeyLeft, fyne.KeyRight:
		g.step(e.Name)
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		g.open()
	case fyne.KeyEscape:
		if g.selected >= 0 {
			g.Select(-1)
			return
		}
		widgets.Escape(g)
	}
}

// step moves the choice to the next card in a direction.
func (g *Graph) step(key fyne.KeyName) {
	if len(g.boxes) == 0 {
		return
	}
	if g.selected < 0 {
		g.Select(0)
		return
	}
	from := g.boxes[g.selected]
	best, far := -1, float32(0)
	for i, b := range g.boxes {
		dx, dy := b.x+b.w/2-from.x-from.w/2, b.y+b.h/2-from.y-from.h/2
		same := g.Cards[i].Column == g.Cards[g.selected].Column
		ahead := map[fyne.KeyName]bool{fyne.KeyUp: same && dy < 0, fyne.KeyDown: same && dy > 0, fyne.KeyLeft: !same && dx < 0, fyne.KeyRight: !same && dx > 0}[key]
		if d := 4*abs(dx) + abs(dy); ahead && (best < 0 || d < far) {
			best, far = i, d
		}
	}
	if best >= 0 {
		g.Select(best)
	}
}

func abs(v float32) float32 { return max(v, -v) }
