package fieldmap

import (
	"cmp"
	"fmt"
	"image/color"
	"strings"

	"fyne.io/fyne/v2"

	"syncline/ui/look"
)

// draw paints a scene: cards, then curves over their edges, then ports, then
// what stands on the curves, then the focus ring.
func (b *brush) draw(m *Model, g Geometry, s Scene, top, bottom float32, focused bool) {
	b.begin()
	for i := range s.Cards {
		if s.Cards[i].Side == Source {
			b.fieldCard(&s.Cards[i], m.fields[s.Cards[i].Index])
		} else {
			b.propertyCard(&s.Cards[i], m.properties[s.Cards[i].Index])
		}
	}
	b.emptyColumns(m, g, top)
	for i := range s.Lines {
		b.curve(&s.Lines[i], top, bottom)
	}
	if s.Drag != nil {
		b.loose(s.Drag)
	}
	for i := range s.Cards {
		b.port(&s.Cards[i])
	}
	for _, mark := range s.Marks {
		b.mark(mark, m)
	}
	if focused {
		for i := range s.Cards {
			if c := &s.Cards[i]; c.Cursor {
				b.rect(Rect{c.Box.X - 3, c.Box.Y - 3, c.Box.W + 6, c.Box.H + 6}, look.RadiusCard+3, look.Clear, look.Focus, 2)
			}
		}
	}
}

// emptyColumns says why a column has no card.
func (b *brush) emptyColumns(m *Model, g Geometry, top float32) {
	for _, side := range []Side{Source, HubSpot} {
		if m.Rows(side) > 0 {
			continue
		}
		says, then := "Nothing is found", "Clear the search to see all cards."
		switch {
		case !m.Filtered(side):
			says, then = "No properties", "The portal has none for this object type."
			if side == Source {
				says, then = "No fields", "The source has no columns."
			}
		case m.search[side] == "":
			says, then = "Nothing is mapped yet", "Switch off “Only mapped” to see all cards."
		}
		box := g.Card(side, 0)
		b.text(says, look.Strong, look.T2, Rect{box.X, top + 40, box.W, 18}, fyne.TextAlignCenter)
		b.text(then, look.Small, look.T2, Rect{box.X, top + 60, box.W, 16}, fyne.TextAlignCenter)
	}
}

// cardBox paints the card itself in its state.
func (b *brush) cardBox(c *CardView) {
	fill, stroke, width := look.Surface, look.Stroke, float32(1)
	switch {
	case c.Target && c.Fits:
		stroke, width = look.Focus, 2
	case c.Target:
		stroke, width = look.Failed.Solid(), 2
	case c.Selected:
		fill, stroke = look.Select, look.SelectLn
	case c.Origin:
		stroke = solidOf(c.Side)
	case c.Disabled:
		fill = look.Sunken
	}
	if c.Hovered && fill == look.Surface && !c.Target {
		fill = look.Hover
	}
	b.rect(c.Box, look.RadiusCard, fill, stroke, width)
}

func (b *brush) fieldCard(c *CardView, f Field) {
	b.cardBox(c)
	left, right := c.Box.X+13, c.Box.X+c.Box.W-15
	row := func(x, dy, w, h float32) Rect { return Rect{x, c.Box.Y + dy, max(w, 0), h} }

	b.text(percent(f.Fill), look.Caption, look.T2, row(right-36, 8, 36, 16), fyne.TextAlignTrailing)
	typeWidth := min(look.Caption.Width(f.Type)+1, (right-left)*0.4)
	typeX := right - 40 - typeWidth
	b.text(f.Type, look.Caption, look.T2, row(typeX, 8, typeWidth+1, 16), fyne.TextAlignTrailing)
	b.text(f.Name, look.Strong, look.T1, row(left, 7, typeX-8-left, 18), fyne.TextAlignLeading)

	switch {
	case c.Target:
		b.targetLine(c, "", row(left, 25, right-left, 15))
	case len(f.Samples) == 0:
		b.text("no value", look.Caption, look.T3, row(left, 25, right-left, 15), fyne.TextAlignLeading)
	default:
		b.text(joinFitting(f.Samples, look.Caption, right-left), look.Caption, look.T2, row(left, 25, right-left, 15), fyne.TextAlignLeading)
	}
	bar := row(left, 41, right-left, 3)
	b.rect(bar, 1.5, look.Stroke, look.Clear, 0)
	if f.Fill > 0 {
		bar.W = max(bar.W*float32(min(f.Fill, 1)), 3)
		b.rect(bar, 1.5, look.Control, look.Clear, 0)
	}
}

// joinFitting joins as many of the samples as fit whole, and at least the first.
func joinFitting(samples []string, kind look.Type, width float32) string {
	for n := len(samples); n > 1; n-- {
		if s := strings.Join(samples[:n], " · "); kind.Width(s) <= width {
			return s
		}
	}
	return samples[0]
}

func (b *brush) propertyCard(c *CardView, p Property) {
	b.cardBox(c)
	left, right := c.Box.X+19, c.Box.X+c.Box.W-13
	row := func(x, dy, w, h float32) Rect { return Rect{x, c.Box.Y + dy, max(w, 0), h} }

	label := p.Label
	if label == "" {
		label = p.Name
	}
	width := right - left
	name := cmp.Or(p.Association, p.Name)
	nameWidth := min(look.MonoCap.Width(name)+1, max(width-look.Strong.Width(label)-12, width*0.4))
	b.text(name, look.MonoCap, look.T2, row(right-nameWidth-1, 10, nameWidth+1, 16), fyne.TextAlignTrailing)
	labelEnd := right - nameWidth - 10
	if p.ReadOnly {
		b.icon("lock", look.T2, row(right-nameWidth-22, 11, 13, 13))
		labelEnd -= 18
	}
	ink := look.T1
	if c.Disabled {
		ink = look.T2
	}
	b.text(label, look.Strong, ink, row(left, 9, labelEnd-left, 18), fyne.TextAlignLeading)
	second := row(left, 28, width, 16)
	if c.Target {
		b.targetLine(c, p.Type, second)
		return
	}
	b.text(p.Facts(c.MatchKey), look.Caption, look.T2, second, fyne.TextAlignLeading)
}

// targetLine says whether what is being dragged fits here.
func (b *brush) targetLine(c *CardView, lead string, box Rect) {
	ink := look.Update.Text()
	if !c.Fits {
		ink = look.Failed.Text()
		b.icon(look.Invalid.Icon(), ink, Rect{box.X, box.Y + 2, 12, 12})
		box.X, box.W = box.X+16, box.W-16
	}
	says := c.Says
	if c.Fits && lead != "" {
		says = lead + " · " + says
	} else if !c.Fits {
		says = upperFirst(says)
	}
	b.text(says, look.Caption, ink, box, fyne.TextAlignLeading)
}

func (b *brush) port(c *CardView) {
	if !c.HasPort {
		return
	}
	solid := solidOf(c.Side)
	switch {
	case c.Origin:
		b.circle(c.Port, 17, look.Surface, solid, 2)
		b.circle(c.Port, 10, solid, look.Clear, 0)
	case c.Target && c.Fits:
		b.circle(c.Port, 13, look.Surface, look.Focus, 2)
	case c.Selected:
		b.circle(c.Port, 14, look.Surface, look.SelectLn, 2)
		if c.Filled {
			b.circle(c.Port, 10, solid, look.Clear, 0)
		}
	case c.Filled:
		b.circle(c.Port, 11, solid, look.Clear, 0)
	case c.Hovered:
		b.circle(c.Port, 13, look.Surface, solid, 2)
	default:
		b.circle(c.Port, 11, look.Surface, look.Control, 1.5)
	}
}

func solidOf(side Side) look.Token {
	if side == Source {
		return look.Source.Solid()
	}
	return look.HubSpot.Solid()
}

// ink is the colour of a curve at each of its pieces.
func (l *LineView) ink() func(piece int) color.Color {
	one := func(t look.Token) func(int) color.Color {
		c := look.Color(t)
		return func(int) color.Color { return c }
	}
	switch {
	case l.Link.State == Suggested:
		return one(look.Control)
	case l.Link.State == Troubled:
		return one(look.Failed.Solid())
	case l.HeadSource && l.HeadHubSpot:
		return func(i int) color.Color {
			return look.Mix(look.Source.Solid(), look.HubSpot.Solid(), (float32(i)+0.5)/Pieces)
		}
	case l.HeadSource:
		return one(look.HubSpot.Solid())
	}
	return one(look.Source.Solid())
}

func (b *brush) curve(l *LineView, top, bottom float32) {
	ink, width := l.ink(), float32(2)
	if l.Selected || l.Hovered {
		width = 3
	}
	for i := range Pieces {
		from, to := l.Curve[i], l.Curve[i+1]
		if max(from.Y, to.Y) < top-2 || min(from.Y, to.Y) > bottom+2 {
			continue // out of sight
		}
		if l.Link.State == Suggested && i%2 == 1 {
			continue // dashed
		}
		b.line(from, to, ink(i), width)
	}
	away := float32(7) // the head ends before the port
	if l.Selected {
		away = 9
	}
	if l.HeadSource {
		b.head(Point{l.Curve[0].X + away, l.Curve[0].Y}, 1, ink(0))
	}
	if l.HeadHubSpot {
		b.head(Point{l.Curve[Pieces].X - away, l.Curve[Pieces].Y}, -1, ink(Pieces-1))
	}
}

// head is an arrow head that points away from the direction in which its two
// strokes run.
func (b *brush) head(tip Point, direction float32, ink color.Color) {
	for _, dy := range []float32{-5, 5} {
		b.line(tip, Point{tip.X + direction*7, tip.Y + dy}, ink, 2)
	}
}

func (b *brush) loose(d *DragView) {
	ink := look.Color(solidOf(d.From))
	for i := range Pieces {
		b.line(d.Curve[i], d.Curve[i+1], ink, 3)
	}
}

func (b *brush) mark(mark Mark, m *Model) {
	at := mark.Box.centre()
	hovered := m.hover.Ref == mark.Ref && m.hover.Ref != (Ref{})
	switch mark.Kind {
	case MarkProblem:
		b.pill(mark, look.Invalid.Icon(), look.SmallStrong, look.Failed.Tint(), look.Failed.Solid(), look.Failed.Text(), look.Failed.Text())
	case MarkAccept:
		fill := look.Surface
		if m.hover.Kind == HitMark && hovered {
			fill = look.Hover
		}
		b.pill(mark, "check", look.Small, fill, look.Control, look.Accent, look.T1)
	default:
		icon, stroke := look.Icon("transform"), look.Stroke2
		switch mark.Kind {
		case MarkKey:
			icon = "match-key"
		case MarkAssociation:
			icon = look.Associated.Icon()
		}
		if mark.Ref == m.selected {
			stroke = look.SelectLn
		}
		b.circle(at, badgeSize, look.Surface, stroke, 1)
		b.icon(icon, look.T1, around(at, 14, 14))
	}
}

func (b *brush) pill(mark Mark, icon look.Icon, kind look.Type, fill, stroke, glyph, ink look.Token) {
	box := mark.Box
	b.rect(box, box.H/2, fill, stroke, 1)
	b.icon(icon, glyph, Rect{box.X + 9, box.Y + (box.H-13)/2, 13, 13})
	b.text(mark.Text, kind, ink, Rect{box.X + 28, box.Y, box.W - 36, box.H}, fyne.TextAlignLeading)
}

// percent never rounds something to nothing or nearly all to all.
func percent(share float64) string {
	switch {
	case share <= 0:
		return "0%"
	case share < 0.01:
		return "<1%"
	case share >= 1:
		return "100%"
	case share > 0.99:
		return "99%"
	}
	return fmt.Sprintf("%.0f%%", share*100)
}

func upperFirst(s string) string {
	r := []rune(s)
	if len(r) > 0 {
		r[0] = []rune(strings.ToUpper(string(r[0])))[0]
	}
	return string(r)
}
