package grid

import "syncline/ui/draw"

const leastWidth float32 = 40

// columns holds the widths that the header and every row share.
type columns struct {
	cols  []Column
	chose []float32 // the width the user gave; 0 for none
	x     []float32 // left edge of each column, and the right edge of the last
	width float32   // of the viewport the edges are for
}

func newColumns(cols []Column) *columns {
	c := &columns{cols: cols, chose: make([]float32, len(cols)), x: make([]float32, len(cols)+1)}
	c.arrange(0)
	return c
}

func (c *columns) least(i int) float32 {
	if c.cols[i].Fixed {
		return c.cols[i].Width
	}
	return max(c.cols[i].Min, leastWidth)
}

// base is the width of a column before the rest is shared.
func (c *columns) base(i int) float32 {
	if c.chose[i] > 0 {
		return max(c.chose[i], c.least(i))
	}
	return max(c.cols[i].Width, c.least(i))
}

// arrange computes the edges for a viewport. What is left over goes to the
// columns that grow and that the user has not sized; what is too much is taken
// from them, down to their least. Beyond that the grid scrolls sideways.
func (c *columns) arrange(width float32) {
	c.width = width
	sum, grow := float32(0), float32(0)
	for i, col := range c.cols {
		sum += c.base(i)
		if c.chose[i] == 0 {
			grow += col.Grow
		}
	}
	spare := width - sum
	x := float32(0)
	for i, col := range c.cols {
		c.x[i] = x
		w := c.base(i)
		if c.chose[i] == 0 && col.Grow > 0 && width > 0 {
			w = max(w+draw.Floor(spare*col.Grow/grow), c.least(i))
		}
		x += w
	}
	c.x[len(c.cols)] = x
}

func (c *columns) left(i int) float32 { return c.x[i] }
func (c *columns) wide(i int) float32 { return c.x[i+1] - c.x[i] }
func (c *columns) total() float32     { return c.x[len(c.cols)] }

// at is the column at x, or -1.
func (c *columns) at(x float32) int {
	for i := range c.cols {
		if x >= c.x[i] && x < c.x[i+1] {
			return i
		}
	}
	return -1
}

// edge is the column whose right edge can be dragged at x, or -1: 3 px to each
// side of it.
func (c *columns) edge(x float32) int {
	for i, col := range c.cols {
		if !col.Fixed && x >= c.x[i+1]-3 && x <= c.x[i+1]+3 {
			return i
		}
	}
	return -1
}

// resize gives a column the width the user chose. The columns before it keep
// the widths they have, so that nothing jumps under the pointer.
func (c *columns) resize(i int, width float32) {
	for j := range i {
		if c.cols[j].Grow > 0 && c.chose[j] == 0 {
			c.chose[j] = c.wide(j)
		}
	}
	c.chose[i] = max(width, c.least(i))
	c.arrange(c.width)
}
