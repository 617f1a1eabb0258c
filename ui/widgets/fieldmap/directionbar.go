package fieldmap

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"syncline/sync/definition"
	"syncline/ui/look"
)

// directionBar chooses which way values flow. The part that holds says so in
// words, the others by their arrow; a segment of three equal parts would be
// too wide for the inspector. Left and Right choose.
type directionBar struct {
	tappable
	now     definition.Direction
	changed func(definition.Direction)
	over    int // the part under the pointer, -1 for none
}

var directionParts = []struct {
	icon  look.Icon
	words string
}{{"to-hubspot", "To HubSpot"}, {"two-way", "Both ways"}, {"to-source", "To the source"}}

func newDirectionBar(changed func(definition.Direction)) *directionBar {
	d := &directionBar{now: definition.TwoWay, changed: changed, over: -1}
	d.extend(d, func() {})
	return d
}

func (d *directionBar) set(now definition.Direction) {
	if d.now != now {
		d.now = now
		d.Refresh()
	}
}

func (d *directionBar) chosen() int { return max(slices.Index(directions, d.now), 0) }

func (d *directionBar) choose(part int) {
	if part < 0 || part >= len(directions) || directions[part] == d.now {
		return
	}
	d.set(directions[part])
	d.changed(d.now)
}

// parts are where the three parts begin, and the end.
func (d *directionBar) parts(width float32) [4]float32 {
	wide := min(look.SmallStrong.Width(directionParts[d.chosen()].words)+48, width*0.6)
	rest := float32(int((width - wide) / 2))
	var x [4]float32
	for i := range directionParts {
		x[i+1] = x[i] + rest
		if i == d.chosen() {
			x[i+1] = x[i] + width - 2*rest
		}
	}
	return x
}

func (d *directionBar) partAt(x float32) int {
	parts := d.parts(d.Size().Width)
	for i := range directionParts {
		if x >= parts[i] && x < parts[i+1] {
			return i
		}
	}
	return -1
}

// MouseDown implements desktop.Mouseable.
func (d *directionBar) MouseDown(e *desktop.MouseEvent) {
	if e.Button == desktop.MouseButtonPrimary {
		d.takeFocus()
		d.choose(d.partAt(e.Position.X))
	}
}

// MouseMoved implements desktop.Hoverable.
func (d *directionBar) MouseMoved(e *desktop.MouseEvent) {
	if over := d.partAt(e.Position.X); over != d.over {
		d.state(func() { d.over = over })
	}
}

// MouseOut implements desktop.Hoverable.
func (d *directionBar) MouseOut() { d.state(func() { d.over = -1 }) }

// TypedKey implements fyne.Focusable.
func (d *directionBar) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyLeft:
		d.choose(d.chosen() - 1)
	case fyne.KeyRight:
		d.choose(d.chosen() + 1)
	}
}

// MinSize implements fyne.CanvasObject.
func (d *directionBar) MinSize() fyne.Size { return fyne.NewSize(200, 28) }

// CreateRenderer implements fyne.Widget.
func (d *directionBar) CreateRenderer() fyne.WidgetRenderer {
	return newPainted(d, &d.brush, d.MinSize, func(size fyne.Size) {
		b, x, now := &d.brush, d.parts(size.Width), d.chosen()
		b.rect(Rect{0, 0, size.Width, size.Height}, look.RadiusButton, look.Surface, look.Clear, 0)
		for i, part := range directionParts {
			box := Rect{x[i], 0, x[i+1] - x[i], size.Height}
			switch {
			case i == now:
				b.part(box, i, look.Select)
			case i == d.over:
				b.part(box, i, look.Hover)
			}
			if i > 0 {
				b.rect(Rect{box.X, 0, 1, box.H}, 0, look.Stroke2, look.Clear, 0)
			}
			if i != now {
				b.icon(part.icon, look.T2, around(box.centre(), 16, 16))
				continue
			}
			w := min(look.SmallStrong.Width(part.words)+1, box.W-30)
			left := box.X + (box.W-w-22)/2
			b.icon(part.icon, look.T1, Rect{left, (box.H - 16) / 2, 16, 16})
			b.text(part.words, look.SmallStrong, look.T1, Rect{left + 22, 0, w, box.H}, fyne.TextAlignLeading)
		}
		b.rect(Rect{0, 0, size.Width, size.Height}, look.RadiusButton, look.Clear, look.Stroke2, 1)
		if d.focused {
			b.rect(Rect{-3, -3, size.Width + 6, size.Height + 6}, look.RadiusButton+3, look.Clear, look.Focus, 2)
		}
	})
}

// part fills a part; the outer ones have the bar's round corners.
func (b *brush) part(box Rect, i int, fill look.Token) {
	b.rect(box, 0, fill, look.Clear, 0)
	if r := b.rects.all[b.rects.used-1]; i == 0 {
		r.TopLeftCornerRadius, r.BottomLeftCornerRadius = look.RadiusButton, look.RadiusButton
	} else if i == len(directionParts)-1 {
		r.TopRightCornerRadius, r.BottomRightCornerRadius = look.RadiusButton, look.RadiusButton
	}
}
