package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// FatesLine shows what became of every row read: a bar of the changes, and
// seven totals that add up to the rows read. What has no fate yet is to do, so
// the sum always holds.
type FatesLine struct {
	widget.BaseWidget
	Counts map[look.Meaning]int
	Read   int // rows read
	// Planned says that nothing of it has happened yet.
	Planned bool

	bar  *StackedBar
	sums []fateSum
	join []*canvas.Text // + and = between them
}

type fateSum struct {
	image       *canvas.Image
	word, total *canvas.Text
}

// NewFatesLine makes the line.
func NewFatesLine() *FatesLine {
	f := &FatesLine{Counts: map[look.Meaning]int{}, bar: NewStackedBar(barHeight, 0)}
	f.ExtendBaseWidget(f)
	return f
}

// Set shows new counts.
func (f *FatesLine) Set(counts map[look.Meaning]int, read int) {
	f.Counts, f.Read = counts, read
	f.Refresh()
}

// ToDo is how many of the rows read have no fate yet.
func (f *FatesLine) ToDo() int {
	left := f.Read
	for _, m := range look.Fates() {
		left -= f.Counts[m]
	}
	return left
}

// term is one number of the sum.
type term struct {
	icon look.Icon
	ink  look.Token
	word string
	n    int
}

func (f *FatesLine) terms() []term {
	var ts []term
	for _, m := range look.Fates() {
		word := m.Done()
		if f.Planned {
			word = m.Would()
		}
		ts = append(ts, term{m.Icon(), m.Text(), word, f.Counts[m]})
	}
	return append(ts,
		term{"waiting", look.T2, "To do", f.ToDo()},
		term{"", look.T2, "Rows read", f.Read})
}

// changes are what the bar shows: unchanged rows would drown the rest. A bar
// that fills stands for what was done, so that of a plan stays empty.
func (f *FatesLine) changes() ([]Part, int) {
	if f.Planned {
		return nil, 1
	}
	parts := FateParts(f.Counts, look.Create, look.Update, look.Failed)
	total := f.ToDo()
	for _, p := range parts {
		total += p.N
	}
	return parts, total
}

// CreateRenderer implements fyne.Widget.
func (f *FatesLine) CreateRenderer() fyne.WidgetRenderer {
	for i := range f.terms() {
		f.sums = append(f.sums, fateSum{draw.NewImage(), draw.NewText(look.Caption), draw.NewText(look.Total)})
		if i > 0 {
			t := draw.NewText(look.Body)
			t.Alignment = fyne.TextAlignCenter
			f.join = append(f.join, t)
		}
	}
	objects := []fyne.CanvasObject{f.bar}
	for _, s := range f.sums {
		objects = append(objects, s.image, s.word, s.total)
	}
	for _, j := range f.join {
		objects = append(objects, j)
	}
	return draw.NewFlat(f, f.min, f.layout, f.paint, objects...)
}

// width of one term: the wider of its word and its number.
func (t term) width() float32 {
	w := draw.Ceil(look.Caption.Width(t.word))
	if t.icon != "" {
		w += 16
	}
	return max(w, draw.Ceil(look.Total.Width(look.Number(t.n))))
}

const (
	termGap    float32 = 14 // the least room for a sign
	termHeight float32 = 44 // of a row of terms
	barHeight  float32 = 12
)

// breakAt is the number of terms in each row: one row where all fit, otherwise
// as many as fit.
func (f *FatesLine) breakAt(width float32) []int {
	terms := f.terms()
	var rows []int
	n, used := 0, float32(0)
	for _, t := range terms {
		need := t.width() + termGap
		if n > 0 && used+need > width {
			rows, n, used = append(rows, n), 0, 0
		}
		n++
		used += need
	}
	return append(rows, n)
}

// HeightFor implements [HeightFor]: seven-digit counts take two rows where the
// card is narrow.
func (f *FatesLine) HeightFor(width float32) float32 {
	return barHeight + 9 + float32(len(f.breakAt(width)))*termHeight
}

func (f *FatesLine) min() fyne.Size {
	const least = 420
	return fyne.NewSize(least, f.HeightFor(max(f.Size().Width, least)))
}

func (f *FatesLine) paint() {
	f.bar.Parts, f.bar.Total = f.changes()
	f.bar.Refresh()
	for i, t := range f.terms() {
		s := f.sums[i]
		draw.PaintIcon(s.image, t.icon, t.ink)
		draw.PaintText(s.word, t.word, look.Caption, t.ink)
		draw.PaintText(s.total, look.Number(t.n), look.Total, look.T1)
	}
	for i, j := range f.join {
		sign := "+"
		if i == len(f.join)-1 {
			sign = "="
		}
		draw.PaintText(j, sign, look.Body, look.T3)
	}
}

// layout shares what the terms of a row leave free equally among the signs.
func (f *FatesLine) layout(size fyne.Size) {
	draw.Place(f.bar, 0, 0, size.Width, barHeight)
	terms, y, from := f.terms(), barHeight+13, 0
	for _, n := range f.breakAt(size.Width) {
		free := size.Width
		for _, t := range terms[from : from+n] {
			free -= t.width()
		}
		last := from+n == len(terms)
		gaps := n - 1
		if !last {
			gaps = n // the sign at the end leads to the next row
		}
		gap := min(free/float32(max(gaps, 1)), 64)
		if last && from == 0 {
			gap = free / float32(max(gaps, 1))
		}
		x := float32(0)
		for i := from; i < from+n; i++ {
			f.placeTerm(i, terms[i], x, y)
			if i < len(f.join) {
				draw.Place(f.join[i], x+terms[i].width(), y+16, gap, look.Total.Line)
			}
			x += terms[i].width() + gap
		}
		from, y = from+n, y+termHeight
	}
}

func (f *FatesLine) placeTerm(i int, t term, x, y float32) {
	s, w, at := f.sums[i], t.width(), x
	if t.icon != "" {
		draw.Place(s.image, x, y+2, 12, 12)
		at += 16
	}
	draw.Place(s.word, at, y, w, look.Caption.Line)
	draw.Place(s.total, x, y+16, w, look.Total.Line)
}

// FateCounts is the short line of glyphs and numbers under a bar: fates that
// have no rows are left out.
type FateCounts struct {
	widget.BaseWidget
	Counts map[look.Meaning]int
	Order  []look.Meaning
	images []*canvas.Image
	texts  []*canvas.Text
}

// NewFateCounts makes the line; unchanged comes first because it is the
// largest.
func NewFateCounts(counts map[look.Meaning]int) *FateCounts {
	f := &FateCounts{Counts: counts, Order: []look.Meaning{
		look.Unchanged, look.Create, look.Update, look.Conflict, look.Skipped, look.Failed,
	}}
	f.ExtendBaseWidget(f)
	return f
}

// CreateRenderer implements fyne.Widget.
func (f *FateCounts) CreateRenderer() fyne.WidgetRenderer {
	fl := &draw.Flat{Owner: f}
	for range f.Order {
		f.images = append(f.images, draw.NewImage())
		f.texts = append(f.texts, draw.NewText(look.Caption))
	}
	for i := range f.images {
		fl.Objs = append(fl.Objs, f.images[i], f.texts[i])
	}
	fl.Min = func() fyne.Size { return fyne.NewSize(f.walk(nil), look.Caption.Line) }
	fl.Arrange = func(fyne.Size) {
		f.walk(func(i int, x, w float32) {
			draw.Place(f.images[i], x, 2, 12, 12)
			draw.Place(f.texts[i], x+16, 0, w, look.Caption.Line)
		})
	}
	fl.Paint = func() {
		for i, m := range f.Order {
			icon := m.Icon()
			if f.Counts[m] == 0 {
				icon = ""
			}
			draw.PaintIcon(f.images[i], icon, m.Text())
			draw.PaintText(f.texts[i], look.Number(f.Counts[m]), look.Caption, look.T2)
			draw.Show(f.texts[i], f.Counts[m] > 0)
		}
	}
	fl.Paint()
	return fl
}

func (f *FateCounts) walk(put func(i int, x, w float32)) float32 {
	x := float32(0)
	for i, m := range f.Order {
		if f.Counts[m] == 0 {
			continue
		}
		w := draw.Ceil(look.Caption.Width(look.Number(f.Counts[m])))
		if put != nil {
			put(i, x, w)
		}
		x += 16 + w + 14
	}
	return x
}
