package widgets

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// Step is one step of a wizard.
type Step struct {
	Name   string
	Answer string // what was chosen; shows once the step is done
}

// Stepper shows where a wizard stands. Steps that are done can be opened again:
// click them, or choose with Left and Right and press Enter.
type Stepper struct {
	pressable

	Steps   []Step
	Current int
	OnOpen  func(step int)

	cursor       int
	parts        []stepPart
	back, bottom *canvas.Rectangle
	ring         draw.Ring
	flat         *draw.Flat
}

type stepPart struct {
	circle       *canvas.Circle
	number       *canvas.Text
	tick         *canvas.Image
	name, answer *canvas.Text
	line         *canvas.Rectangle
	x, w         float32
}

// NewStepper makes a stepper at its first step.
func NewStepper(steps []Step, open func(int)) *Stepper {
	s := &Stepper{Steps: steps, OnOpen: open}
	s.extend(s, func() { s.open(s.cursor) }, nil)
	return s
}

// SetCurrent moves to a step.
func (s *Stepper) SetCurrent(step int) {
	s.Current, s.cursor = step, step
	s.Refresh()
}

// SetAnswer notes what was chosen in a step.
func (s *Stepper) SetAnswer(step int, answer string) {
	s.Steps[step].Answer = answer
	s.Refresh()
}

func (s *Stepper) open(step int) {
	if step >= 0 && step < s.Current && s.OnOpen != nil {
		s.OnOpen(step)
	}
}

func (s *Stepper) hit(x float32) int {
	for i, p := range s.parts {
		if x >= p.x && x < p.x+p.w {
			return i
		}
	}
	return -1
}

// Tapped opens a step that is done.
func (s *Stepper) Tapped(e *fyne.PointEvent) { s.open(s.hit(e.Position.X)) }

// DragEnd opens a step that is done.
func (s *Stepper) DragEnd() {
	s.pressed = false
	s.open(s.hit(s.within.X))
}

// TypedKey implements fyne.Focusable.
func (s *Stepper) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyLeft:
		s.cursor = max(s.cursor-1, 0)
		s.Refresh()
	case fyne.KeyRight:
		s.cursor = min(s.cursor+1, s.Current)
		s.Refresh()
	default:
		s.pressable.TypedKey(e)
	}
}

// Cursor implements desktop.Cursorable.
func (s *Stepper) Cursor() desktop.Cursor { return desktop.DefaultCursor }

// CreateRenderer implements fyne.Widget.
func (s *Stepper) CreateRenderer() fyne.WidgetRenderer {
	s.ring, s.back, s.bottom = draw.NewRing(look.RadiusButton), draw.NewRect(0), draw.NewRect(0)
	s.flat = &draw.Flat{Owner: s, Min: func() fyne.Size { return fyne.NewSize(480, 52) }, Arrange: s.layout, Paint: s.paint}
	s.paint()
	return s.flat
}

func (s *Stepper) nameKind(i int) look.Type {
	k := look.Body
	k.Bold = i == s.Current
	return k
}

func (s *Stepper) answer(i int) string {
	if i < s.Current && s.Steps[i].Answer != "" {
		return "· " + s.Steps[i].Answer
	}
	return ""
}

func (s *Stepper) paint() {
	for len(s.parts) < len(s.Steps) {
		p := stepPart{circle: canvas.NewCircle(nil), number: draw.NewText(look.SmallStrong), tick: draw.NewImage(),
			name: draw.NewText(look.Body), answer: draw.NewText(look.Body), line: draw.NewRect(0)}
		p.number.Alignment = fyne.TextAlignCenter
		s.parts = append(s.parts, p)
	}
	s.parts = s.parts[:len(s.Steps)]
	draw.PaintRect(s.back, look.Bg, look.Clear)
	draw.PaintRect(s.bottom, look.Stroke, look.Clear)
	o := append(s.flat.Objs[:0], s.back, s.bottom)
	for i := range s.parts {
		p := &s.parts[i]
		fill, stroke, ink, name := look.Surface, look.Stroke2, look.T3, look.T2
		tick := look.Icon("")
		switch {
		case i < s.Current:
			stroke, name, tick = look.Accent, look.T1, "check"
		case i == s.Current:
			fill, stroke, ink, name = look.Accent, look.Accent, look.OnAccent, look.T1
		}
		p.circle.FillColor, p.circle.StrokeColor, p.circle.StrokeWidth = look.Color(fill), look.Color(stroke), 1
		draw.PaintText(p.number, strconv.Itoa(i+1), look.SmallStrong, ink)
		draw.Show(p.number, tick == "")
		draw.PaintIcon(p.tick, tick, look.Accent)
		draw.PaintText(p.name, s.Steps[i].Name, s.nameKind(i), name)
		draw.PaintText(p.answer, s.answer(i), look.Body, look.T2)
		draw.PaintRect(p.line, look.Stroke2, look.Clear)
		draw.Show(p.line, i > 0)
		o = append(o, p.line, p.circle, p.number, p.tick, p.name, p.answer)
	}
	s.ring.Paint(s.focused)
	s.flat.Objs = append(o, s.ring.Rectangle)
}

// layout gives the lines between the steps what the words leave; when that is
// not enough, the answers go first.
func (s *Stepper) layout(size fyne.Size) {
	margin := look.PageMargin
	if size.Width < look.CompactBelow-look.RailCompact {
		margin = look.PageMarginSlim
	}
	draw.Place(s.back, 0, 0, size.Width, size.Height)
	draw.Place(s.bottom, 0, size.Height-1, size.Width, 1)
	width := func(i int, answers bool) float32 {
		w := 32 + draw.Ceil(look.Strong.Width(s.Steps[i].Name))
		if a := s.answer(i); answers && a != "" {
			w += 4 + min(draw.Ceil(look.Body.Width(a)), 160)
		}
		return w
	}
	total := func(answers bool) float32 {
		w := float32(0)
		for i := range s.Steps {
			w += width(i, answers)
		}
		return w
	}
	room := size.Width - 2*margin
	gaps := float32(max(len(s.Steps)-1, 1))
	answers := room-total(true) >= gaps*40
	gap := min(max((room-total(answers))/gaps, 12), 160)
	x, mid := margin, draw.Floor((size.Height-24)/2)
	for i := range s.parts {
		p := &s.parts[i]
		if i > 0 {
			draw.Place(p.line, x+14, draw.Floor(size.Height/2), max(gap-28, 0), 1)
			x += gap
		}
		p.x, p.w = x, width(i, answers)
		draw.Place(p.circle, x, mid, 24, 24)
		draw.Place(p.number, x, mid, 24, 24)
		draw.Place(p.tick, x+5, mid+5, 14, 14)
		nw := draw.Ceil(s.nameKind(i).Width(s.Steps[i].Name))
		draw.Place(p.name, x+32, mid, nw, 24)
		draw.Show(p.answer, answers)
		draw.PlaceText(p.answer, s.answer(i), look.Body, x+32+nw+4, mid, max(p.w-36-nw, 0)+1, 24)
		x += p.w
	}
	if len(s.parts) > 0 {
		p := s.parts[min(s.cursor, len(s.parts)-1)]
		s.ring.Inside(p.x-5, mid-5, p.w+10, 34)
	}
}
