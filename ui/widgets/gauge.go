package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// Part is one piece of a stacked bar.
type Part struct {
	Ink look.Token
	N   int
}

// FateParts turns counts by fate into the pieces of a bar, in the fixed order.
func FateParts(counts map[look.Meaning]int, of ...look.Meaning) []Part {
	parts := make([]Part, 0, len(of))
	for _, m := range of {
		parts = append(parts, Part{m.Solid(), counts[m]})
	}
	return parts
}

// BarParts draws a stacked bar, within the widget and within grid rows.
type BarParts struct {
	track  *canvas.Rectangle
	pieces []*canvas.Rectangle
}

// NewBarParts makes the parts of one bar.
func NewBarParts() *BarParts { return &BarParts{track: draw.NewRect(0)} }

// Paint prepares as many pieces as there are parts.
func (b *BarParts) Paint(parts []Part, visible bool) {
	for len(b.pieces) < len(parts) {
		b.pieces = append(b.pieces, draw.NewRect(0))
	}
	draw.PaintRect(b.track, look.Stroke, look.Clear)
	draw.Show(b.track, visible)
	for i, p := range b.pieces {
		if i < len(parts) {
			draw.PaintRect(p, parts[i].Ink, look.Clear)
		}
		draw.Show(p, visible && i < len(parts) && parts[i].N > 0)
	}
}

// Place draws the parts of total from the left. A part that is not zero is at
// least 4 wide; only the outer ends are round.
func (b *BarParts) Place(parts []Part, total int, x, y, w, h float32) {
	draw.Place(b.track, x, y, w, h)
	b.track.CornerRadius = h / 2
	widths := barWidths(parts, total, w)
	last := -1
	for i := range parts {
		if parts[i].N > 0 {
			last = i
		}
	}
	at, first := x, true
	for i, p := range b.pieces {
		if i >= len(parts) || parts[i].N <= 0 {
			continue
		}
		left, right := float32(0), float32(0)
		if first {
			left, first = min(h/2, widths[i]/2), false
		}
		if i == last && at+widths[i] >= x+w-0.5 {
			right = min(h/2, widths[i])
		}
		p.TopLeftCornerRadius, p.BottomLeftCornerRadius = left, left
		p.TopRightCornerRadius, p.BottomRightCornerRadius = right, right
		draw.Place(p, at, y, widths[i], h)
		at += widths[i]
	}
}

// AppendTo adds what is drawn to a list of objects.
func (b *BarParts) AppendTo(objects []fyne.CanvasObject) []fyne.CanvasObject {
	objects = append(objects, b.track)
	for _, p := range b.pieces {
		objects = append(objects, p)
	}
	return objects
}

// barWidths shares the width among the parts. Parts that would vanish get 4,
// taken from the widest, so that the sum never leaves the bar.
func barWidths(parts []Part, total int, w float32) []float32 {
	const least = 4
	widths := make([]float32, len(parts))
	sum := 0
	for _, p := range parts {
		sum += max(p.N, 0)
	}
	total = max(total, sum)
	if total == 0 {
		return widths
	}
	used, widest := float32(0), 0
	for i, p := range parts {
		if p.N <= 0 {
			continue
		}
		widths[i] = max(draw.Floor(w*float32(p.N)/float32(total)+0.5), least)
		used += widths[i]
		if widths[i] > widths[widest] {
			widest = i
		}
	}
	if over := used - w; over > 0 || sum == total {
		widths[widest] -= used - w
	}
	return widths
}

// StackedBar shows how a total divides. Its pieces are colours only: the
// numbers stand beside it.
type StackedBar struct {
	widget.BaseWidget
	Parts  []Part
	Total  int
	Height float32
	bar    *BarParts
}

// NewStackedBar makes a bar of the given height.
func NewStackedBar(height float32, total int, parts ...Part) *StackedBar {
	b := &StackedBar{Parts: parts, Total: total, Height: height}
	b.ExtendBaseWidget(b)
	return b
}

// NewProgressBar makes an 8 high bar of done out of total.
func NewProgressBar(done, total int) *StackedBar {
	return NewStackedBar(8, total, Part{look.Accent, done})
}

// SetProgress shows done out of total.
func (b *StackedBar) SetProgress(done, total int) {
	b.Parts, b.Total = []Part{{look.Accent, done}}, total
	b.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (b *StackedBar) CreateRenderer() fyne.WidgetRenderer {
	b.bar = NewBarParts()
	f := &draw.Flat{Owner: b}
	f.Min = func() fyne.Size { return fyne.NewSize(40, b.Height) }
	f.Paint = func() {
		b.bar.Paint(b.Parts, true)
		f.Objs = b.bar.AppendTo(f.Objs[:0])
	}
	f.Arrange = func(size fyne.Size) {
		b.bar.Place(b.Parts, b.Total, 0, draw.Floor((size.Height-b.Height)/2), size.Width, b.Height)
	}
	f.Paint()
	return f
}

// Budget is how much of an API allowance is used.
type Budget struct {
	Used    int // by Syncline
	Others  int // by other apps on the same portal
	Limit   int
	Reserve float32 // the share of the limit that stays for other apps; 0 draws no mark
}

// Share is the used part as the user reads it: "6%".
func (b Budget) Share() string { return look.Share(b.Used+b.Others, b.Limit) }

// Gauge draws a budget: Syncline's use, other apps' use, and a mark at the
// reserve. Its numbers stand beside it.
type Gauge struct {
	widget.BaseWidget
	Budget Budget
	Width  float32
	Height float32
	parts  gaugeParts
}

// NewGauge makes a gauge.
func NewGauge(b Budget, width, height float32) *Gauge {
	g := &Gauge{Budget: b, Width: width, Height: height}
	g.ExtendBaseWidget(g)
	return g
}

// SetBudget shows another state.
func (g *Gauge) SetBudget(b Budget) {
	if g.Budget != b {
		g.Budget = b
		g.Refresh()
	}
}

// CreateRenderer implements fyne.Widget.
func (g *Gauge) CreateRenderer() fyne.WidgetRenderer {
	g.parts = newGaugeParts()
	return draw.NewFlat(g, func() fyne.Size { return fyne.NewSize(g.Width, g.Height) }, func(size fyne.Size) {
		g.parts.place(g.Budget, 0, draw.Floor((size.Height-g.Height)/2), size.Width, g.Height)
	}, func() { g.parts.paint(g.Budget) }, g.parts.objects()...)
}

type gaugeParts struct{ track, others, used, tick *canvas.Rectangle }

func newGaugeParts() gaugeParts {
	return gaugeParts{draw.NewRect(0), draw.NewRect(0), draw.NewRect(0), draw.NewRect(0)}
}

func (g gaugeParts) objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{g.track, g.others, g.used, g.tick}
}

func (g gaugeParts) paint(b Budget) {
	draw.PaintRect(g.track, look.Stroke2, look.Clear)
	draw.PaintRect(g.others, look.T3, look.Clear)
	draw.PaintRect(g.used, look.Accent, look.Clear)
	draw.PaintRect(g.tick, look.T1, look.Clear)
	draw.Show(g.others, b.Others > 0)
	draw.Show(g.used, b.Used > 0)
	draw.Show(g.tick, b.Reserve > 0)
}

func (g gaugeParts) place(b Budget, x, y, w, h float32) {
	draw.Place(g.track, x, y, w, h)
	g.track.CornerRadius = h / 2
	widths := barWidths([]Part{{"", b.Used}, {"", b.Others}}, max(b.Limit, 1), w)
	// The pieces lie over each other so that each can end round.
	if widths[0] > 0 {
		widths[0] = max(widths[0], h)
	}
	all := min(widths[0]+widths[1], w)
	if b.Others > 0 {
		all = max(all, h)
	}
	draw.Place(g.others, x, y, all, h)
	g.others.CornerRadius = h / 2
	draw.Place(g.used, x, y, widths[0], h)
	g.used.CornerRadius = 0
	g.used.TopLeftCornerRadius, g.used.BottomLeftCornerRadius = h/2, h/2
	right := h / 2
	if b.Others > 0 {
		right = 0
	}
	g.used.TopRightCornerRadius, g.used.BottomRightCornerRadius = right, right
	draw.Place(g.tick, x+draw.Floor(w*(1-b.Reserve)), y, 2, h)
}
