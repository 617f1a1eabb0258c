package fieldmap

import (
	"fmt"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/look"
	"syncline/ui/widgets"
)

const barHeight float32 = 60

// problemBar is docked under the map while a line cannot work: it names the
// pair, the cause, the size, and offers the ways out.
type problemBar struct {
	widget.BaseWidget
	model    *Model
	onFix    func(Link, Fix)
	onGo     func(Ref) // another problem was chosen
	problems []Link
	at       int
	brush    brush
	up, down *widgets.Button
	fixes    []*widgets.Button
}

func newProblemBar(m *Model) *problemBar {
	p := &problemBar{model: m}
	p.up = widgets.NewIconButton(widgets.Plain, "chevron-up", "Previous problem", func() { p.step(-1) })
	p.down = widgets.NewIconButton(widgets.Plain, "chevron-down", "Next problem", func() { p.step(1) })
	p.up.Small, p.down.Small = true, true
	p.ExtendBaseWidget(p)
	p.Hide()
	return p
}

// update reads the problems from the model; it reports whether the bar came or
// went.
func (p *problemBar) update() bool {
	was := Ref{}
	if p.at < len(p.problems) {
		was = p.problems[p.at].Ref
	}
	p.problems = p.model.Problems()
	p.at = max(slices.IndexFunc(p.problems, func(l Link) bool { return l.Ref == was }), 0)
	if s := p.model.Selected(); s != nil { // the selected line's problem is the one of interest
		if i := slices.IndexFunc(p.problems, func(l Link) bool { return l.Ref == s.Ref }); i >= 0 {
			p.at = i
		}
	}
	p.buttons()
	shows := len(p.problems) > 0
	if shows == p.Visible() {
		if shows {
			p.Refresh()
		}
		return false
	}
	if shows {
		p.Show()
	} else {
		p.Hide()
	}
	return true
}

// buttons makes one button per way out of the problem shown.
func (p *problemBar) buttons() {
	p.fixes = nil
	if p.at >= len(p.problems) || p.problems[p.at].Problem == nil {
		return
	}
	l := p.problems[p.at]
	for _, f := range l.Problem.Fixes {
		b := widgets.NewButton(widgets.Plain, "", f.Label, func() { p.onFix(l, f) })
		b.Small = true
		p.fixes = append(p.fixes, b)
	}
}

func (p *problemBar) step(by int) {
	if n := len(p.problems); n > 0 {
		p.at = (p.at + by + n) % n
		p.buttons()
		p.onGo(p.problems[p.at].Ref)
	}
}

// goTo shows the problem of a line.
func (p *problemBar) goTo(r Ref) {
	if i := slices.IndexFunc(p.problems, func(l Link) bool { return l.Ref == r }); i >= 0 {
		p.at = i
		p.buttons()
		p.Refresh()
	}
}

// title is the pair and what is wrong with it.
func (p *problemBar) title() string {
	l := p.problems[p.at]
	label := l.Property
	if _, i := p.model.ends(l.Ref); i >= 0 {
		label = p.model.title(End{HubSpot, i})
	}
	arrow := "→"
	if toSource(l.Settings.Direction) {
		arrow = "↔"
		if !toHubSpot(l.Settings.Direction) {
			arrow = "←"
		}
	}
	return fmt.Sprintf("%s %s %s: %s", l.Field, arrow, label, l.Problem.Text)
}

// CreateRenderer implements fyne.Widget.
func (p *problemBar) CreateRenderer() fyne.WidgetRenderer { return &barRenderer{p} }

type barRenderer struct{ p *problemBar }

func (r *barRenderer) Destroy()           {}
func (r *barRenderer) MinSize() fyne.Size { return fyne.NewSize(MinWidth, barHeight) }

func (r *barRenderer) Refresh() {
	r.Layout(r.p.Size())
	canvas.Refresh(r.p)
}

func (r *barRenderer) Objects() []fyne.CanvasObject {
	out := append([]fyne.CanvasObject{}, r.p.brush.objects...)
	for _, b := range r.p.fixes {
		out = append(out, b)
	}
	if len(r.p.problems) > 1 {
		out = append(out, r.p.up, r.p.down)
	}
	return out
}

func (r *barRenderer) Layout(size fyne.Size) {
	p, b := r.p, &r.p.brush
	b.begin()
	if p.at >= len(p.problems) || p.problems[p.at].Problem == nil || size.Width == 0 {
		return
	}
	b.rect(Rect{0, 0, size.Width, size.Height}, 0, look.Failed.Tint(), look.Clear, 0)
	b.rect(Rect{0, 0, size.Width, 1}, 0, look.Failed.Solid(), look.Clear, 0)
	b.icon(look.Invalid.Icon(), look.Failed.Text(), Rect{21, (size.Height - 18) / 2, 18, 18})

	right := size.Width - marginRight
	put := func(o fyne.CanvasObject, gap float32) {
		m := o.MinSize()
		right -= m.Width
		o.Move(fyne.NewPos(right, (size.Height-m.Height)/2))
		o.Resize(m)
		right -= gap
	}
	for _, f := range slices.Backward(p.fixes) {
		put(f, 12)
	}
	if n := len(p.problems); n > 1 {
		put(p.down, 4)
		put(p.up, 8)
		of := fmt.Sprintf("%d of %d", p.at+1, n)
		w := look.Small.Width(of) + 1
		b.text(of, look.Small, look.T2, Rect{right - w, 0, w + 1, size.Height}, fyne.TextAlignTrailing)
		right -= w + 12
	}
	b.text(p.title(), look.Strong, look.T1, Rect{52, 13, right - 52, 20}, fyne.TextAlignLeading)
	b.text(p.problems[p.at].Problem.Detail, look.Small, look.T2, Rect{52, 31, right - 52, 17}, fyne.TextAlignLeading)
}

const noteHeight float32 = 30

// note is a line of words over the lower edge of the map: why something did not
// happen, or what to do next.
type note struct {
	widget.BaseWidget
	words string
	brush brush
}

func newNote() *note {
	n := &note{}
	n.ExtendBaseWidget(n)
	n.Hide()
	return n
}

func (n *note) say(s string) {
	if n.words == s {
		return
	}
	n.words = s
	if s == "" {
		n.Hide()
		return
	}
	n.Show()
	n.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (n *note) CreateRenderer() fyne.WidgetRenderer {
	return newPainted(n, &n.brush, func() fyne.Size { return fyne.NewSize(100, noteHeight) }, func(size fyne.Size) {
		w := min(look.Body.Width(n.words)+46, size.Width-2*marginLeft)
		x := (size.Width - w) / 2
		n.brush.rect(Rect{x, 0, w, size.Height}, look.RadiusButton, look.Raised, look.Stroke2, 1)
		n.brush.icon("info", look.T2, Rect{x + 11, (size.Height - 16) / 2, 16, 16})
		n.brush.text(n.words, look.Body, look.T1, Rect{x + 34, 0, w - 42, size.Height}, fyne.TextAlignLeading)
	})
}
