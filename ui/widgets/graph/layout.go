package graph

import (
	"syncline/ui/draw"
	"syncline/ui/look"
)

// Measures of the diagram.
const (
	minWidth   float32 = 480
	margin     float32 = 24
	titleRoom  float32 = 36 // over the cards
	foot       float32 = 16 // under them
	cardTall   float32 = 78
	cardShort  float32 = 54
	gapCards   float32 = 14
	gapRoomy   float32 = 40 // where there is room
	gapLeast   float32 = 44 // between columns, for the curves
	gapMost    float32 = 96
	widest     float32 = 300
	objectWide float32 = 156
)

type box struct{ x, y, w, h float32 }

type placed struct {
	boxes  []box
	left   [columns]float32 // of each column
	width  [columns]float32
	height float32
}

// used reports whether a column has cards.
func (g *Graph) used(c Column) bool {
	for i := range g.Cards {
		if g.Cards[i].Column == c {
			return true
		}
	}
	return false
}

// place lays the cards out for a size. Columns with fewer cards are spread over
// the height of the one with the most, and all over some of the height that is
// left.
func (g *Graph) place(width, height float32) placed {
	p := placed{boxes: make([]box, len(g.Cards))}
	side := margin
	if width < 720 {
		side = look.PageMarginSlim
	}
	room := max(width, minWidth) - 2*side
	n := 0
	for c := range columns {
		if g.used(c) {
			n++
		}
	}
	if n == 0 {
		p.height = titleRoom + foot
		return p
	}
	object := min(objectWide, draw.Floor(room*0.22))
	tall := float32(max(n-1, 1))
	gap := min(max((room-object-tall*widest)/float32(max(n-1, 1)), gapLeast), gapMost)
	wide := min(draw.Floor((room-object-gap*float32(n-1))/tall), widest)
	if n == 1 {
		wide = min(room, widest)
	}
	x := side
	for c := range columns {
		if !g.used(c) {
			continue
		}
		p.left[c], p.width[c] = x, wide
		if c == Objects {
			p.width[c] = object
		}
		x += p.width[c] + gap
	}
	g.stack(&p, height)
	return p
}

// stack gives the cards of each column their heights and places.
func (g *Graph) stack(p *placed, height float32) {
	var sum [columns]float32
	var count [columns]int
	for i := range g.Cards {
		c := g.Cards[i].Column
		sum[c] += heightOf(c)
		count[c]++
	}
	most := float32(0)
	for c := range columns {
		if count[c] > 0 {
			most = max(most, min(max(height-titleRoom-foot, sum[c]+gapCards*float32(count[c]-1)), sum[c]+gapRoomy*float32(count[c]-1)))
		}
	}
	var next [columns]float32
	var gap [columns]float32
	for c := range columns {
		gap[c] = (most - sum[c]) / float32(max(count[c], 1))
		next[c] = titleRoom + gap[c]/2
		if gap[c] < gapCards {
			gap[c], next[c] = gapCards, titleRoom
		}
	}
	for i := range g.Cards {
		c := g.Cards[i].Column
		p.boxes[i] = box{p.left[c], draw.Floor(next[c]), p.width[c], heightOf(c)}
		next[c] += heightOf(c) + gap[c]
	}
	p.height = titleRoom + most + foot
}

func heightOf(c Column) float32 {
	if c == Objects {
		return cardShort
	}
	return cardTall
}
