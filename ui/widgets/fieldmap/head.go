package fieldmap

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/look"
	"syncline/ui/widgets"
)

const headHeight float32 = 48

// head is the row above the map: what the columns are, a search for each, what
// the arrow heads mean, and the filter.
type head struct {
	widget.BaseWidget
	board *Board
	heads Heads
	brush brush
	find  [2]*widgets.Entry
	only  *toggle
}

func newHead(b *Board, heads Heads) *head {
	h := &head{board: b, heads: heads}
	for _, side := range []Side{Source, HubSpot} {
		h.find[side] = widgets.NewSearchEntry("Find", func(s string) {
			b.model.Search(side, s)
			b.searched()
		})
		h.find[side].Small = true
		h.find[side].OnSubmitted = func(string) { // Enter goes on with what was found
			b.model.cursor.side = side
			b.Map.focus()
		}
	}
	h.only = newToggle("filter", "Only mapped", func(on bool) {
		b.model.SetOnlyMapped(on)
		b.searched()
	})
	h.ExtendBaseWidget(h)
	return h
}

// CreateRenderer implements fyne.Widget.
func (h *head) CreateRenderer() fyne.WidgetRenderer {
	r := &headRenderer{h: h}
	r.Layout(h.Size())
	return r
}

type headRenderer struct{ h *head }

func (r *headRenderer) Destroy()           {}
func (r *headRenderer) MinSize() fyne.Size { return fyne.NewSize(MinWidth, headHeight) }
func (r *headRenderer) Objects() []fyne.CanvasObject {
	return append(append([]fyne.CanvasObject{}, r.h.brush.objects...), r.h.find[Source], r.h.find[HubSpot], r.h.only)
}

func (r *headRenderer) Refresh() {
	r.h.only.set(r.h.board.model.OnlyMapped())
	r.h.only.Refresh()
	for _, find := range r.h.find {
		find.Refresh()
	}
	r.Layout(r.h.Size())
	canvas.Refresh(r.h)
}

func (r *headRenderer) Layout(size fyne.Size) {
	h, b := r.h, &r.h.brush
	g := Measure(size.Width)
	source, hubspot := g.Card(Source, 0), g.Card(HubSpot, 0)
	from, to := g.Gap()
	middle := size.Height / 2

	b.begin()
	b.rect(Rect{0, size.Height - 1, size.Width, 1}, 0, look.Stroke, look.Clear, 0)
	put := func(o fyne.CanvasObject, x, w, high float32) {
		o.Move(fyne.NewPos(x, middle-high/2))
		o.Resize(fyne.NewSize(w, high))
	}
	title := func(x, end float32, m look.Meaning, icon look.Icon, text string) {
		b.icon(icon, m.Text(), Rect{x, middle - 8, 16, 16})
		b.text(text, look.Strong, look.T1, Rect{x + 25, middle - 10, end - x - 25, 20}, fyne.TextAlignLeading)
	}
	findWidth := float32(96)
	put(h.find[Source], source.X+source.W-findWidth-2, findWidth, look.SmallEntry)
	icon := h.heads.SourceIcon
	if icon == "" {
		icon = look.Source.Icon()
	}
	title(source.X+1, source.X+source.W-findWidth-10, look.Source, icon, h.heads.Source)

	onlyWidth := h.only.MinSize().Width
	right := size.Width - marginRight/2 - 4
	put(h.only, right-onlyWidth, onlyWidth, look.ChipHeight)
	findAt := right - onlyWidth - 8 - findWidth
	put(h.find[HubSpot], findAt, findWidth, look.SmallEntry)
	// Where the column is narrow, its title begins before it.
	titleAt := max(min(hubspot.X-2, findAt-8-26-look.Strong.Width(h.heads.HubSpot)), from+12)
	title(titleAt, findAt-8, look.HubSpot, look.HubSpot.Icon(), h.heads.HubSpot)

	h.legend(from, min(to, titleAt), middle)
}

// legend says what the arrows mean, where there is room for it.
func (h *head) legend(from, to, middle float32) {
	b := &h.brush
	parts := []struct {
		icon look.Icon
		ink  look.Token
		text string
	}{{"two-way", look.T2, "both ways"}, {"to-hubspot", look.Source.Text(), "to HubSpot"}}
	width := float32(-12)
	for _, p := range parts {
		width += 18 + look.Caption.Width(p.text) + 12
	}
	if to-from < width+32 {
		return
	}
	x := from + (to-from-width)/2
	for _, p := range parts {
		w := look.Caption.Width(p.text)
		b.icon(p.icon, p.ink, Rect{x, middle - 7, 14, 14})
		b.text(p.text, look.Caption, look.T2, Rect{x + 18, middle - 8, w + 1, 16}, fyne.TextAlignLeading)
		x += 18 + w + 12
	}
}

// toggle is a round button that stays down.
type toggle struct {
	tappable
	icon    look.Icon
	text    string
	on      bool
	changed func(bool)
}

func newToggle(icon look.Icon, text string, changed func(bool)) *toggle {
	t := &toggle{icon: icon, text: text, changed: changed}
	t.extend(t, func() {
		t.set(!t.on)
		t.changed(t.on)
	})
	return t
}

func (t *toggle) set(on bool) {
	if t.on != on {
		t.on = on
		t.Refresh()
	}
}

// MinSize implements fyne.CanvasObject.
func (t *toggle) MinSize() fyne.Size {
	return fyne.NewSize(9+16+5+look.Small.Width(t.text)+14, look.ChipHeight)
}

// CreateRenderer implements fyne.Widget.
func (t *toggle) CreateRenderer() fyne.WidgetRenderer {
	return newPainted(t, &t.brush, t.MinSize, func(size fyne.Size) {
		b, box := &t.brush, Rect{0, 0, size.Width, size.Height}
		fill, stroke, icon := look.Surface, look.Stroke2, t.icon
		switch {
		case t.on:
			fill, stroke, icon = look.Select, look.SelectLn, "check"
		case t.hovered:
			fill = look.Hover
		}
		b.rect(box, box.H/2, fill, stroke, 1)
		b.icon(icon, look.T2, Rect{9, (box.H - 16) / 2, 16, 16})
		b.text(t.text, look.Small, look.T1, Rect{30, 0, box.W - 38, box.H}, fyne.TextAlignLeading)
		if t.focused {
			b.rect(Rect{-3, -3, box.W + 6, box.H + 6}, box.H/2+3, look.Clear, look.Focus, 2)
		}
	})
}
