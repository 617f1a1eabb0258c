package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// KeyHint is one key and what it does. Several keys share a word with a space
// between them: "↑ ↓".
type KeyHint struct {
	Keys []string
	Word string
	Do   func() // what a click does; nil makes it a hint only
}

// KeyHints is the bar that says what the single-letter keys of a screen do.
// Each is a button for the pointer; the keyboard way is the key itself.
type KeyHints struct {
	widget.BaseWidget
	Hints []KeyHint

	over      int
	back, top *canvas.Rectangle
	parts     []hintPart
	flat      *draw.Flat
}

type hintPart struct {
	box  *canvas.Rectangle
	caps []keyCap
	word *canvas.Text
	x, w float32 // where it was placed; w is 0 when it did not fit
}

// NewKeyHints makes the bar.
func NewKeyHints(hints ...KeyHint) *KeyHints {
	k := &KeyHints{Hints: hints, over: -1}
	k.ExtendBaseWidget(k)
	return k
}

func (k *KeyHints) hit(x float32) int {
	for i, p := range k.parts {
		if p.w > 0 && x >= p.x && x < p.x+p.w {
			return i
		}
	}
	return -1
}

// Tapped does what the hint under the pointer says.
func (k *KeyHints) Tapped(e *fyne.PointEvent) {
	if i := k.hit(e.Position.X); i >= 0 && k.Hints[i].Do != nil {
		k.Hints[i].Do()
	}
}

// MouseIn implements desktop.Hoverable.
func (k *KeyHints) MouseIn(*desktop.MouseEvent) {}

// MouseMoved implements desktop.Hoverable.
func (k *KeyHints) MouseMoved(e *desktop.MouseEvent) { k.point(k.hit(e.Position.X)) }

// MouseOut implements desktop.Hoverable.
func (k *KeyHints) MouseOut() { k.point(-1) }

func (k *KeyHints) point(i int) {
	if i != k.over {
		k.over = i
		k.Refresh()
	}
}

// CreateRenderer implements fyne.Widget.
func (k *KeyHints) CreateRenderer() fyne.WidgetRenderer {
	k.back, k.top = draw.NewRect(0), draw.NewRect(0)
	k.flat = &draw.Flat{Owner: k, Min: func() fyne.Size { return fyne.NewSize(200, look.KeyHintsHeight) }, Arrange: k.layout, Paint: k.paint}
	k.paint()
	return k.flat
}

func (k *KeyHints) paint() {
	draw.PaintRect(k.back, look.Sunken, look.Clear)
	draw.PaintRect(k.top, look.Stroke, look.Clear)
	objects := append(k.flat.Objs[:0], k.back, k.top)
	for len(k.parts) < len(k.Hints) {
		k.parts = append(k.parts, hintPart{box: draw.NewRect(look.RadiusTag), word: draw.NewText(look.Small)})
	}
	k.parts = k.parts[:len(k.Hints)]
	for i := range k.parts {
		p, h := &k.parts[i], k.Hints[i]
		for len(p.caps) < len(h.Keys) {
			p.caps = append(p.caps, newKeyCap())
		}
		fill := look.Clear
		if i == k.over && h.Do != nil {
			fill = look.Hover
		}
		draw.PaintRect(p.box, fill, look.Clear)
		draw.PaintText(p.word, h.Word, look.Small, look.T2)
		objects = append(objects, p.box)
		for c, key := range h.Keys {
			p.caps[c].paint(key)
			objects = append(objects, p.caps[c].objects()...)
		}
		objects = append(objects, p.word)
	}
	k.flat.Objs = objects
}

func (k *KeyHints) layout(size fyne.Size) {
	draw.Place(k.back, 0, 0, size.Width, size.Height)
	draw.Place(k.top, 0, 0, size.Width, 1)
	x, gap := look.PageMargin, float32(22)
	if size.Width < look.CompactBelow-look.RailCompact {
		x, gap = look.PageMarginSlim, 14
	}
	y := draw.Floor((size.Height - look.KeyCapHeight) / 2)
	for i := range k.parts {
		p, h := &k.parts[i], k.Hints[i]
		w := draw.Ceil(look.Small.Width(h.Word)) + look.GapIcon
		for _, key := range h.Keys {
			w += keyCapWidth(key) + 4
		}
		w -= 4
		fits := x+w <= size.Width-8
		draw.Show(p.word, fits)
		draw.Show(p.box, fits)
		for _, c := range p.caps {
			draw.Show(c.box, fits)
			draw.Show(c.label, fits)
		}
		if !fits {
			p.w = 0
			continue
		}
		p.x, p.w = x, w
		draw.Place(p.box, x-4, y-3, w+8, look.KeyCapHeight+6)
		at := x
		for c, key := range h.Keys {
			cw := keyCapWidth(key)
			p.caps[c].place(at, y, cw)
			at += cw + 4
		}
		at += look.GapIcon - 4
		draw.Place(p.word, at, 0, x+w-at+1, size.Height)
		x += w + gap
	}
}
