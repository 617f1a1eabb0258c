package fieldmap

import "math"

// Point is a place in the map, in pixels at 100 %, from its top left corner.
type Point struct{ X, Y float32 }

// Rect is a box in the map.
type Rect struct{ X, Y, W, H float32 }

// Has reports whether the point lies in the box.
func (r Rect) Has(p Point) bool {
	return p.X >= r.X && p.X < r.X+r.W && p.Y >= r.Y && p.Y < r.Y+r.H
}

func (r Rect) overlaps(o Rect, gap float32) bool {
	return r.X < o.X+o.W+gap && o.X < r.X+r.W+gap && r.Y < o.Y+o.H+gap && o.Y < r.Y+r.H+gap
}

func (r Rect) centre() Point { return Point{r.X + r.W/2, r.Y + r.H/2} }

func around(p Point, w, h float32) Rect { return Rect{p.X - w/2, p.Y - h/2, w, h} }

// Measures of the map.
const (
	CardHeight   float32 = 54
	Pitch        float32 = 62 // from card to card
	portWidth    float32 = 28 // of its hit area; the height is the card's
	marginLeft   float32 = 20
	marginRight  float32 = 16
	marginTop    float32 = 12
	marginBottom float32 = 8
	badgeSize    float32 = 22
	pillHeight   float32 = 24
	reach        float32 = 6 // how near to a curve the pointer must be

	// MinWidth is the narrowest map in which cards can be read.
	MinWidth float32 = 560
)

// Geometry is where the columns lie in a map of some width.
type Geometry struct {
	Width float32
	// TextWidth measures the words of a pill; nil estimates.
	TextWidth func(string) float32

	x, w [2]float32
}

// Measure shares the width between the cards of both sides and the curves.
func Measure(width float32) Geometry {
	width = max(width, MinWidth)
	g := Geometry{Width: width}
	free := width - marginLeft - marginRight
	g.w[Source] = float32(math.Round(float64(min(max(0.304*free, 180), 340))))
	g.w[HubSpot] = float32(math.Round(float64(min(max(0.42*free, 220), 420))))
	g.x[Source] = marginLeft
	g.x[HubSpot] = width - marginRight - g.w[HubSpot]
	return g
}

// Gap is the strip between the columns, where curves are.
func (g Geometry) Gap() (from, to float32) { return g.x[Source] + g.w[Source], g.x[HubSpot] }

// Height is how high a column of so many cards is.
func Height(rows int) float32 {
	if rows == 0 {
		return marginTop + marginBottom
	}
	return marginTop + float32(rows-1)*Pitch + CardHeight + marginBottom
}

// Card is the box of a row's card.
func (g Geometry) Card(side Side, row int) Rect {
	return Rect{g.x[side], marginTop + float32(row)*Pitch, g.w[side], CardHeight}
}

// Port is the middle of a row's port, on the card's inner edge.
func (g Geometry) Port(side Side, row int) Point {
	c := g.Card(side, row)
	if side == Source {
		return Point{c.X + c.W, c.Y + c.H/2}
	}
	return Point{c.X, c.Y + c.H/2}
}

// rowAt is the row whose card has the height y, -1 between cards.
func rowAt(y float32) int {
	y -= marginTop
	if y < 0 {
		return -1
	}
	row := int(y / Pitch)
	if y-float32(row)*Pitch >= CardHeight {
		return -1
	}
	return row
}

// rowsIn are the rows of which a part lies between two heights.
func rowsIn(top, bottom float32, rows int) (from, to int) {
	if above := top - marginTop - CardHeight; above >= 0 {
		from = int(above/Pitch) + 1
	}
	to = min(int(math.Ceil(float64((bottom-marginTop)/Pitch))), rows)
	return from, max(to, from)
}

// Pieces is the number of straight pieces of a curve.
const Pieces = 28

// handle is how far the handles of the cubic reach, as a share of the distance.
const handle = 0.45

// Curve is a cubic as the ends of its straight pieces, which meet end to end.
type Curve [Pieces + 1]Point

// CurveBetween is the curve that leaves a to the right and reaches b from the
// left.
func CurveBetween(a, b Point) Curve {
	var c Curve
	reach := (b.X - a.X) * handle
	p1, p2 := Point{a.X + reach, a.Y}, Point{b.X - reach, b.Y}
	for i := range c {
		c[i] = cubic(a, p1, p2, b, float32(i)/Pieces)
	}
	return c
}

func cubic(a, b, c, d Point, t float32) Point {
	u := 1 - t
	ka, kb, kc, kd := u*u*u, 3*u*u*t, 3*u*t*t, t*t*t
	return Point{ka*a.X + kb*b.X + kc*c.X + kd*d.X, ka*a.Y + kb*b.Y + kc*c.Y + kd*d.Y}
}

// At is the point at a share of the curve's pieces.
func (c *Curve) At(t float32) Point {
	t = min(max(t, 0), 1) * Pieces
	i := min(int(t), Pieces-1)
	rest := t - float32(i)
	a, b := c[i], c[i+1]
	return Point{a.X + (b.X-a.X)*rest, a.Y + (b.Y-a.Y)*rest}
}

// Distance is how far a point is from the curve.
func (c *Curve) Distance(p Point) float32 {
	best := float32(math.MaxFloat32)
	for i := range Pieces {
		best = min(best, distance(p, c[i], c[i+1]))
	}
	return best
}

// near reports, cheaply for the many curves that are far away, whether the
// point is within a distance.
func (c *Curve) near(p Point, within float32) bool {
	a, b := c[0], c[Pieces]
	if p.X < min(a.X, b.X)-within || p.X > max(a.X, b.X)+within || p.Y < min(a.Y, b.Y)-within || p.Y > max(a.Y, b.Y)+within {
		return false
	}
	return c.Distance(p) <= within
}

// distance is how far p is from the line between a and b.
func distance(p, a, b Point) float32 {
	dx, dy := b.X-a.X, b.Y-a.Y
	long := dx*dx + dy*dy
	t := float32(0)
	if long > 0 {
		t = min(max(((p.X-a.X)*dx+(p.Y-a.Y)*dy)/long, 0), 1)
	}
	return float32(math.Hypot(float64(p.X-a.X-t*dx), float64(p.Y-a.Y-t*dy)))
}
