package fieldmap

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/look"
)

// Heads name the two columns.
type Heads struct {
	Source     string
	SourceIcon look.Icon
	HubSpot    string // the object type: "Contacts"
}

// Board is the whole field map without its inspector: the column heads with
// search and filter, the map in a scroll, and the problem bar under it.
type Board struct {
	widget.BaseWidget
	model *Model

	// Map is the map itself, for the focus.
	Map *Map
	// OnFix is called when a way out of a problem is chosen.
	OnFix func(Link, Fix)

	head   *head
	scroll *container.Scroll
	bar    *problemBar
	note   *note
}

// NewBoard makes the board of a model.
func NewBoard(m *Model, heads Heads) *Board {
	b := &Board{model: m, Map: NewMap(m)}
	b.head = newHead(b, heads)
	b.scroll = container.NewVScroll(b.Map)
	b.scroll.OnScrolled = func(p fyne.Position) { b.Map.SetView(p.Y, b.scroll.Size().Height) }
	b.bar = newProblemBar(m)
	b.bar.onFix = func(l Link, f Fix) {
		if b.OnFix != nil {
			b.OnFix(l, f)
		}
	}
	b.bar.onGo = func(r Ref) {
		m.Select(r)
		b.Map.Reveal(r)
		b.Refresh()
	}
	b.note = newNote()
	b.Map.OnSay = b.note.say
	b.Map.OnProblem = b.bar.goTo
	b.Map.ScrollBy = b.scrollBy
	b.Map.acted = b.sync
	b.ExtendBaseWidget(b)
	b.sync()
	return b
}

// Say shows a short sentence over the map; "" takes it back.
func (b *Board) Say(s string) { b.note.say(s) }

// Focus gives the keyboard to the map.
func (b *Board) Focus() { b.Map.focus() }

// FocusFind gives the keyboard to the search of a column.
func (b *Board) FocusFind(side Side) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(b); c != nil {
		c.Focus(b.head.find[side])
	}
}

// scrollBy moves the view as far as it goes.
func (b *Board) scrollBy(dy float32) float32 {
	from := b.scroll.Offset.Y
	to := max(min(from+dy, b.Map.MinSize().Height-b.scroll.Size().Height), 0)
	if to != from {
		b.scroll.ScrollToOffset(fyne.NewPos(0, to))
		b.Map.SetView(to, b.scroll.Size().Height)
	}
	return to - from
}

// sync follows a change of the model: the height of the map and the problems.
func (b *Board) sync() {
	if b.bar.update() {
		b.place(b.Size())
		canvas.Refresh(b)
	}
	if b.scroll.Content.Size().Height != max(b.Map.MinSize().Height, b.scroll.Size().Height) {
		b.scroll.Refresh()
		b.Map.SetView(b.scroll.Offset.Y, b.scroll.Size().Height)
	}
}

// searched follows a change of the filters.
func (b *Board) searched() {
	b.sync()
	b.Map.Refresh()
}

// Refresh shows what the model holds now.
func (b *Board) Refresh() {
	b.sync()
	b.head.Refresh()
	b.bar.Refresh()
	b.Map.Refresh()
	b.note.Refresh()
	canvas.Refresh(b)
}

// MinSize implements fyne.CanvasObject.
func (b *Board) MinSize() fyne.Size { return fyne.NewSize(MinWidth, 320) }

// CreateRenderer implements fyne.Widget.
func (b *Board) CreateRenderer() fyne.WidgetRenderer { return &boardRenderer{b} }

type boardRenderer struct{ b *Board }

func (r *boardRenderer) Destroy()              {}
func (r *boardRenderer) Layout(size fyne.Size) { r.b.place(size) }
func (r *boardRenderer) MinSize() fyne.Size    { return r.b.MinSize() }
func (r *boardRenderer) Refresh()              { r.b.Refresh() }

func (r *boardRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.b.scroll, r.b.note, r.b.head, r.b.bar}
}

func (b *Board) place(size fyne.Size) {
	if size.Width == 0 {
		return
	}
	put := func(o fyne.CanvasObject, y, h float32) {
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, h))
	}
	below := float32(0)
	if b.bar.Visible() {
		below = barHeight
		put(b.bar, size.Height-below, below)
	}
	put(b.head, 0, headHeight)
	put(b.scroll, headHeight, max(size.Height-headHeight-below, 0))
	put(b.note, size.Height-below-noteHeight-10, noteHeight)
	b.Map.SetView(b.scroll.Offset.Y, b.scroll.Size().Height)
}
