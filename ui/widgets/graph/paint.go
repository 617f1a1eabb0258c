package graph

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"syncline/ui/draw"
	"syncline/ui/look"
	"syncline/ui/widgets/fieldmap"
)

// pen hands out drawing primitives, those of the last drawing first.
type pen struct {
	objects []fyne.CanvasObject
	rects   []*canvas.Rectangle
	lines   []*canvas.Line
	texts   []*canvas.Text
	images  []*canvas.Image

	rect, line, text, image int
}

func (p *pen) begin() { p.objects, p.rect, p.line, p.text, p.image = p.objects[:0], 0, 0, 0, 0 }

func (p *pen) box(x, y, w, h, radius float32, fill, stroke look.Token, width float32) {
	if p.rect == len(p.rects) {
		p.rects = append(p.rects, draw.NewRect(0))
	}
	r := p.rects[p.rect]
	p.rect++
	r.CornerRadius = radius
	draw.PaintRect(r, fill, stroke)
	if stroke != look.Clear {
		r.StrokeWidth = width
	}
	draw.Place(r, x, y, w, h)
	p.objects = append(p.objects, r)
}

func (p *pen) word(s string, kind look.Type, ink look.Token, x, y, w float32) {
	if s == "" || w < 8 {
		return
	}
	if p.text == len(p.texts) {
		p.texts = append(p.texts, draw.NewText(kind))
	}
	t := p.texts[p.text]
	p.text++
	draw.PaintText(t, s, kind, ink)
	draw.PlaceText(t, s, kind, x, y, w, kind.Line)
	p.objects = append(p.objects, t)
}

func (p *pen) icon(i look.Icon, ink look.Token, x, y, edge float32) {
	if i == "" {
		return
	}
	if p.image == len(p.images) {
		p.images = append(p.images, draw.NewImage())
	}
	m := p.images[p.image]
	p.image++
	draw.PaintIcon(m, i, ink)
	draw.Place(m, x, y, edge, edge)
	p.objects = append(p.objects, m)
}

func (p *pen) stroke(a, b fieldmap.Point, from, to look.Token, share, width float32) {
	if p.line == len(p.lines) {
		p.lines = append(p.lines, canvas.NewLine(nil))
	}
	l := p.lines[p.line]
	p.line++
	l.StrokeColor, l.StrokeWidth = look.Mix(from, to, share), width
	l.Position1, l.Position2 = fyne.NewPos(a.X, a.Y), fyne.NewPos(b.X, b.Y)
	p.objects = append(p.objects, l)
}

// draw paints everything for a size: curves under the cards, then the cards.
func (g *Graph) draw(size fyne.Size) {
	at := g.place(size.Width, size.Height)
	g.boxes = at.boxes
	p := &g.pen
	p.begin()
	for c := range columns {
		if g.used(c) {
			p.word(g.Titles[c], look.CaptionBold, look.T2, at.left[c], 12, at.width[c])
		}
	}
	for i := range g.Lines {
		g.curve(i)
	}
	for i := range g.Cards {
		g.card(i)
	}
	for i := range g.Lines {
		g.ports(i)
	}
	if g.focused && len(g.boxes) > 0 {
		b := g.boxes[max(g.selected, 0)] // the arrows begin at the first one
		p.box(b.x-3, b.y-3, b.w+6, b.h+6, look.RadiusCard+3, look.Clear, look.Focus, 2)
	}
	g.flat.Objs = p.objects
}

// ends are the points that a line joins. Several lines at the same edge of a
// card part it evenly, in the order of what they lead to.
func (g *Graph) ends(i int) (a, b fieldmap.Point) {
	l := g.Lines[i]
	from, to := g.boxes[l.From], g.boxes[l.To]
	return fieldmap.Point{X: from.x + from.w, Y: from.y + g.share(i, l.From, false)*from.h}, fieldmap.Point{X: to.x, Y: to.y + g.share(i, l.To, true)*to.h}
}

// share is where on its edge, from 0 to 1, a line meets a card: at its left one
// with in.
func (g *Graph) share(line, card int, in bool) float32 {
	other := func(l Line) (int, bool) {
		if in {
			return l.From, l.To == card
		}
		return l.To, l.From == card
	}
	mine, _ := other(g.Lines[line])
	before, all := 0, 0
	for k, l := range g.Lines {
		o, meets := other(l)
		if !meets {
			continue
		}
		all++
		if y, own := g.boxes[o].y, g.boxes[mine].y; y < own || y == own && k < line {
			before++
		}
	}
	return (float32(before) + 1) / float32(all+1)
}

// inks are the colours at the two ends of a line.
func (g *Graph) inks(l Line) (from, to look.Token) {
	source, hubspot := look.Source.Solid(), look.HubSpot.Solid()
	switch {
	case g.Cards[l.To].Column == Edges || l.Back:
		return hubspot, hubspot
	case l.Both:
		return source, hubspot
	}
	return source, source
}

func (g *Graph) curve(i int) {
	l := g.Lines[i]
	a, b := g.ends(i)
	from, to := g.inks(l)
	width := float32(2)
	if g.selected == l.From || g.selected == l.To {
		width = 3
	}
	c := fieldmap.CurveBetween(a, b)
	for k := range fieldmap.Pieces {
		g.pen.stroke(c[k], c[k+1], from, to, (float32(k)+0.5)/fieldmap.Pieces, width)
	}
	if g.Cards[l.To].Column == Edges {
		return
	}
	if !l.Back {
		g.head(b, to, -1)
	}
	if l.Back || l.Both {
		g.head(a, from, 1)
	}
}

// head is an arrow head at a card's edge; towards is the side from which it
// comes.
func (g *Graph) head(at fieldmap.Point, ink look.Token, from float32) {
	tip := fieldmap.Point{X: at.X + 2*from, Y: at.Y}
	for _, dy := range []float32{-5, 5} {
		g.pen.stroke(fieldmap.Point{X: tip.X + 7*from, Y: tip.Y + dy}, tip, ink, ink, 0, 2)
	}
}

// ports are dots where associations leave an object type and reach their card.
func (g *Graph) ports(i int) {
	l := g.Lines[i]
	if g.Cards[l.To].Column != Edges {
		return
	}
	a, b := g.ends(i)
	for _, at := range []fieldmap.Point{a, b} {
		g.pen.box(at.X-4, at.Y-4, 8, 8, 4, look.HubSpot.Solid(), look.Surface, 1)
	}
}

func (g *Graph) card(i int) {
	c, b, p := &g.Cards[i], g.boxes[i], &g.pen
	fill, stroke := look.Surface, look.Stroke
	if c.Off {
		fill = look.Bg
	}
	switch i {
	case g.selected:
		fill, stroke = look.Select, look.SelectLn
	case g.hovered:
		fill = look.Hover
	}
	p.box(b.x, b.y, b.w, b.h, look.RadiusCard, fill, stroke, 1)
	ink := look.Source.Text()
	if c.Column != Rows {
		ink = look.HubSpot.Text()
	}
	title := look.T1
	if c.Off {
		ink, title = look.T3, look.T3
	}
	left, right := b.x+12, b.x+b.w-12
	p.icon(c.Icon, ink, left, b.y+9, 16)
	end := right
	if c.Mark != "" {
		p.icon(c.Mark, c.MarkInk, right-16, b.y+9, 16)
		end -= 22
	}
	p.word(c.Title, look.Strong, title, left+22, b.y+8, end-left-22)
	at := left
	if c.SubIcon != "" {
		p.icon(c.SubIcon, look.T3, left, b.y+30, 12)
		at += 17
	}
	p.word(c.Sub, look.Caption, look.T2, at, b.y+28, right-at)
	if c.Column == Objects {
		return
	}
	if len(c.Counts) == 0 {
		p.word(c.Note, look.Caption, look.T2, left, b.y+51, right-left)
	}
	g.counts(c.Counts, left, b.y+51, right)
	if c.Total > 0 {
		g.progress(c, b)
	}
}

// counts are glyphs with their numbers, as many as fit.
func (g *Graph) counts(all []Count, x, y, right float32) {
	for _, n := range all {
		text := look.Number(n.N)
		w := draw.Ceil(look.SmallStrong.Width(text)) + 1
		if x+17+w > right+1 {
			return
		}
		icon := n.Icon
		if icon == "" {
			icon = n.Meaning.Icon()
		}
		g.pen.icon(icon, n.Meaning.Text(), x, y+1, 13)
		g.pen.word(text, look.SmallStrong, look.T1, x+17, y-1, w)
		x += 17 + w + 12
	}
}

// progress is how far the card's part is, along its foot.
func (g *Graph) progress(c *Card, b box) {
	x, w, y := b.x+12, b.w-24, b.y+b.h-8
	g.pen.box(x, y, w, 4, 2, look.Stroke2, look.Clear, 0)
	if c.Done > 0 {
		g.pen.box(x, y, max(w*float32(min(c.Done, c.Total))/float32(c.Total), 4), 4, 2, look.Accent, look.Clear, 0)
	}
}
