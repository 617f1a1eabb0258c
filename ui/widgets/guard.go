package widgets

import (
	"strconv"
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// GuardRail stops a plan that does something unusual until the user has either
// taken the way around it or typed the number that is at stake.
type GuardRail struct {
	widget.BaseWidget

	Sentence string // what is unusual, with the number, and what is usual
	Cause    string // the most likely cause
	Count    int    // the number to type
	Around   *Button

	// OnChanged is called when the typed number begins or ceases to be right.
	OnChanged func(allowed bool)

	// Compact leaves the words beside the entry out, for narrow windows.
	Compact bool

	allowed bool
	entry   *Entry
	box     *canvas.Rectangle
	shield  *canvas.Image
	title   *canvas.Text
	or      *canvas.Text
	lines   draw.Lines
	flat    *draw.Flat
}

// NewGuardRail makes the panel. The way around, such as "Leave owners out", may
// be empty.
func NewGuardRail(sentence, cause string, count int, around string, avoid func(), changed func(bool)) *GuardRail {
	g := &GuardRail{Sentence: sentence, Cause: cause, Count: count, OnChanged: changed}
	if around != "" {
		g.Around = NewButton(Plain, "", around, avoid)
	}
	g.entry = NewEntry("")
	g.entry.OnChanged = g.typed
	g.ExtendBaseWidget(g)
	return g
}

// Allowed reports whether exactly the number at stake was typed.
func (g *GuardRail) Allowed() bool { return g.allowed }

// Entry is the field for the number, to give it the focus.
func (g *GuardRail) Entry() *Entry { return g.entry }

func (g *GuardRail) typed(s string) {
	ok := holdsExactly(s, g.Count)
	if ok == g.allowed {
		return
	}
	g.allowed = ok
	g.Refresh()
	if g.OnChanged != nil {
		g.OnChanged(ok)
	}
}

// holdsExactly reports whether s is the number n, with or without separators
// between the thousands.
func holdsExactly(s string, n int) bool {
	digits := strings.Map(func(r rune) rune {
		if r == ',' || r == '.' || r == '\'' || r == '’' || unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
	want := strconv.Itoa(n)
	return digits == want && (strings.TrimSpace(s) == want || strings.TrimSpace(s) == look.Number(n))
}

func (g *GuardRail) orText() string { return "or type " + strconv.Itoa(g.Count) + " to allow" }

const guardEntry float32 = 86

func (g *GuardRail) controlsWidth() float32 {
	w := guardEntry + 16
	if !g.Compact {
		w += draw.Ceil(look.Small.Width(g.orText())) + 16
	}
	if g.Around != nil {
		w += g.Around.MinSize().Width + 16
	}
	return w
}

func (g *GuardRail) textWidth(width float32) float32 {
	return max(width-55-g.controlsWidth()-16, 120)
}

func (g *GuardRail) most() int {
	if g.Compact {
		return 1
	}
	return 2
}

// HeightFor implements [HeightFor].
func (g *GuardRail) HeightFor(width float32) float32 {
	n := len(look.Wrap(g.Cause, look.Small, g.textWidth(width), g.most()))
	return 26 + look.Strong.Line + float32(n)*look.Small.Line
}

// CreateRenderer implements fyne.Widget.
func (g *GuardRail) CreateRenderer() fyne.WidgetRenderer {
	g.box, g.shield = draw.NewRect(look.RadiusCard), draw.NewImage()
	g.title, g.or = draw.NewText(look.Strong), draw.NewText(look.Small)
	g.flat = &draw.Flat{Owner: g, Arrange: g.layout, Paint: g.paint}
	g.flat.Min = func() fyne.Size {
		w := 55 + g.controlsWidth() + 160
		return fyne.NewSize(w, g.HeightFor(max(g.Size().Width, w)))
	}
	g.paint()
	return g.flat
}

func (g *GuardRail) paint() {
	draw.PaintRect(g.box, look.Conflict.Tint(), look.Conflict.Solid())
	icon := look.Icon("shield")
	if g.allowed {
		icon = "check-circle"
	}
	draw.PaintIcon(g.shield, icon, look.Conflict.Text())
	draw.PaintText(g.title, g.Sentence, look.Strong, look.T1)
	draw.PaintText(g.or, g.orText(), look.Small, look.T2)
	draw.Show(g.or, !g.Compact)
	g.entry.SetPlaceHolder("")
	if g.Compact {
		g.entry.SetPlaceHolder("Type " + strconv.Itoa(g.Count))
	}
	g.assemble()
}

func (g *GuardRail) assemble() {
	o := append(g.flat.Objs[:0], g.box, g.shield, g.title, g.or)
	o = g.lines.AppendTo(o)
	if g.Around != nil {
		o = append(o, g.Around)
	}
	g.flat.Objs = append(o, g.entry)
}

func (g *GuardRail) layout(size fyne.Size) {
	draw.Place(g.box, 0, 0, size.Width, size.Height)
	draw.Place(g.shield, 17, draw.Floor((size.Height-22)/2), 22, 22)
	w := g.textWidth(size.Width)
	n := g.lines.Set(g.Cause, look.Small, look.T2, w, g.most())
	y := draw.Floor((size.Height - look.Strong.Line - float32(n)*look.Small.Line) / 2)
	draw.PlaceText(g.title, g.Sentence, look.Strong, 55, y, w, look.Strong.Line)
	g.lines.Place(55, y+look.Strong.Line, w, fyne.TextAlignLeading)

	mid := draw.Floor((size.Height - look.ControlHeight) / 2)
	right := size.Width - 16 - guardEntry
	draw.Place(g.entry, right, mid, guardEntry, look.ControlHeight)
	right -= 16
	if !g.Compact {
		ow := draw.Ceil(look.Small.Width(g.orText()))
		right -= ow
		draw.Place(g.or, right, mid, ow, look.ControlHeight)
		right -= 16
	}
	if g.Around != nil {
		bw := g.Around.MinSize().Width
		draw.Place(g.Around, right-bw, mid, bw, look.ControlHeight)
	}
	g.assemble()
}

// PlanFooter is the end of a plan: what will be written where, what stays
// untouched and what it costs, and the button that applies it.
type PlanFooter struct {
	widget.BaseWidget
	Writes string // semibold: "Creates 2,140 contacts, updates 8,902 in HubSpot …"
	Costs  string // small: what stays untouched, calls, time, share of the limit
	Apply  *Button
	Others []*Button // left of it, such as "Export plan"

	writes, costs *canvas.Text
}

// NewPlanFooter makes the footer.
func NewPlanFooter(apply *Button, others ...*Button) *PlanFooter {
	f := &PlanFooter{Apply: apply, Others: others}
	f.ExtendBaseWidget(f)
	return f
}

// CreateRenderer implements fyne.Widget.
func (f *PlanFooter) CreateRenderer() fyne.WidgetRenderer {
	f.writes, f.costs = draw.NewText(look.Strong), draw.NewText(look.Small)
	objects := []fyne.CanvasObject{f.writes, f.costs}
	for _, b := range f.Others {
		objects = append(objects, b)
	}
	objects = append(objects, f.Apply)
	return draw.NewFlat(f, func() fyne.Size {
		w := f.Apply.MinSize().Width + 12
		for _, b := range f.Others {
			w += b.MinSize().Width + 12
		}
		return fyne.NewSize(w+240, 36)
	}, func(size fyne.Size) {
		right, mid := size.Width, draw.Floor((size.Height-look.ControlHeight)/2)
		for i := len(f.Others); i >= 0; i-- {
			b := f.Apply
			if i < len(f.Others) {
				b = f.Others[i]
			}
			w := b.MinSize().Width
			right -= w
			draw.Place(b, right, mid, w, look.ControlHeight)
			right -= 12
		}
		y := draw.Floor((size.Height - look.Strong.Line - look.Small.Line) / 2)
		draw.PlaceText(f.writes, f.Writes, look.Strong, 0, y, right, look.Strong.Line)
		draw.PlaceText(f.costs, f.Costs, look.Small, 0, y+look.Strong.Line, right, look.Small.Line)
	}, func() {
		draw.PaintText(f.writes, f.Writes, look.Strong, look.T1)
		draw.PaintText(f.costs, f.Costs, look.Small, look.T2)
	}, objects...)
}
