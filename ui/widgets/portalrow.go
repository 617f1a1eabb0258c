package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// PortalRow is a connected portal or database in a list: what it is, how it is signed
// in to, what it may do, how much is used, and what can be done.
type PortalRow struct {
	widget.BaseWidget

	Portal     look.Meaning // practice, sandbox, production, or the source
	Name, Sub  string
	SignIn     string // "Browser sign-in"
	SignInSub  string
	Health     look.Meaning // Create is well, Conflict wants something, Failed does not work
	Scopes     string
	ScopesSub  string
	Budget     Budget
	Usage      string // in place of the gauge while the limit is not known
	UsageSub   string
	Actions    []*Button
	Last       bool // no line below
	parts      portalParts
	mark       *FateMark
	tag        *Tag
	gauge      *Gauge
	narrowFrom float32
}

type portalParts struct {
	bar, line                        *canvas.Rectangle
	name, sub, sign, signSub         *canvas.Text
	scopes, scopesSub, usage, useSub *canvas.Text
	health                           *canvas.Image
}

// portalRowHeight is the height of a row.
const portalRowHeight float32 = 64

// NewPortalRow makes a row; set its fields before it is shown, and Refresh
// after a change.
func NewPortalRow(portal look.Meaning, name, sub string, actions ...*Button) *PortalRow {
	r := &PortalRow{Portal: portal, Name: name, Sub: sub, Actions: actions, Health: look.Create, narrowFrom: 860}
	r.mark = NewFateMark(portal, look.MarkLarge)
	r.tag = NewTag(portal, portal.Icon(), portal.Word())
	r.gauge = NewGauge(Budget{}, 96, 8)
	for _, b := range actions {
		b.Small = true
	}
	r.ExtendBaseWidget(r)
	return r
}

// NewDatabaseRow makes the row of a database; kind is what people call its kind.
func NewDatabaseRow(kind, name, sub string, actions ...*Button) *PortalRow {
	r := NewPortalRow(look.Source, name, sub, actions...)
	r.SetMark("database", kind)
	return r
}

// SetMark says what the row is of by an icon and a word, in the place of the portal's.
func (r *PortalRow) SetMark(icon look.Icon, word string) {
	r.mark.Icon = icon
	r.tag.Icon, r.tag.Text = icon, word
}

// HeightFor implements [HeightFor].
func (r *PortalRow) HeightFor(float32) float32 { return portalRowHeight }

// CreateRenderer implements fyne.Widget.
func (r *PortalRow) CreateRenderer() fyne.WidgetRenderer {
	p := &r.parts
	p.bar, p.line, p.health = draw.NewRect(0), draw.NewRect(0), draw.NewImage()
	for _, t := range []**canvas.Text{&p.name, &p.sub, &p.sign, &p.signSub, &p.scopes, &p.scopesSub, &p.usage, &p.useSub} {
		*t = draw.NewText(look.Body)
	}
	objects := []fyne.CanvasObject{p.bar, r.mark, p.name, r.tag, p.sub, p.sign, p.signSub, p.health, p.scopes, p.scopesSub, r.gauge, p.usage, p.useSub, p.line}
	for _, b := range r.Actions {
		objects = append(objects, b)
	}
	return draw.NewFlat(r, func() fyne.Size { return fyne.NewSize(560, portalRowHeight) }, r.layout, r.paint, objects...)
}

func (r *PortalRow) paint() {
	p := &r.parts
	draw.PaintRect(p.bar, r.Portal.Solid(), look.Clear)
	draw.PaintRect(p.line, look.Stroke, look.Clear)
	draw.Show(p.line, !r.Last)
	draw.PaintText(p.name, r.Name, look.Strong, look.T1)
	draw.PaintText(p.sub, r.Sub, look.Caption, look.T2)
	draw.PaintText(p.sign, r.SignIn, look.Body, look.T1)
	draw.PaintText(p.signSub, r.SignInSub, look.Caption, look.T2)
	icon, ink := look.Icon("check-circle"), look.T1
	switch r.Health {
	case look.Conflict:
		icon, ink = "warning", look.Conflict.Text()
	case look.Failed:
		icon, ink = look.Failed.Icon(), look.Failed.Text()
	}
	draw.PaintIcon(p.health, icon, r.Health.Text())
	draw.PaintText(p.scopes, r.Scopes, look.Body, ink)
	draw.PaintText(p.scopesSub, r.ScopesSub, look.Caption, look.T2)
	draw.PaintText(p.usage, r.Usage, look.Body, look.T2)
	draw.PaintText(p.useSub, r.UsageSub, look.Caption, look.T2)
	r.gauge.SetBudget(r.Budget)
}

func (r *PortalRow) layout(size fyne.Size) {
	p := &r.parts
	draw.Place(p.bar, 0, 0, 3, size.Height)
	draw.Place(p.line, 0, size.Height-1, size.Width, 1)
	draw.Place(r.mark, 16, 16, 32, 32)

	right := size.Width - 12
	for i := len(r.Actions) - 1; i >= 0; i-- {
		m := r.Actions[i].MinSize()
		right -= m.Width
		draw.Place(r.Actions[i], right, draw.Floor((size.Height-m.Height)/2), m.Width, m.Height)
		right -= 6
	}
	// Three columns share what lies between the name and the buttons; the last
	// one goes first where it gets narrow.
	left := float32(60)
	columns := float32(3)
	if size.Width < r.narrowFrom {
		columns = 2
	}
	own := max((right-left)*0.34, 180)
	each := max((right-left-own)/columns, 0)
	two := func(a, b *canvas.Text, first, second string, x, w float32) {
		draw.PlaceText(a, first, look.Body, x, 14, max(w, 0), 18)
		draw.PlaceText(b, second, look.Caption, x, 33, max(w, 0), 16)
	}
	tag := TagWidth(r.tag.icon(), r.tag.Text)
	name := min(draw.Ceil(look.Strong.Width(r.Name))+1, max(own-tag-20, 40))
	draw.PlaceText(p.name, r.Name, look.Strong, left, 14, name, 18)
	draw.Place(r.tag, left+name+8, 14, tag, look.TagHeight)
	draw.PlaceText(p.sub, r.Sub, look.Caption, left, 33, own-12, 16)
	x := left + own
	two(p.sign, p.signSub, r.SignIn, r.SignInSub, x, each-12)
	x += each
	draw.Place(p.health, x, 15, 16, 16)
	draw.PlaceText(p.scopes, r.Scopes, look.Body, x+20, 14, max(each-32, 0), 18)
	draw.PlaceText(p.scopesSub, r.ScopesSub, look.Caption, x, 33, max(each-12, 0), 16)
	x += each
	wide := columns == 3
	known := wide && r.Budget.Limit > 0
	draw.Show(r.gauge, known)
	draw.Show(p.usage, wide)
	draw.Show(p.useSub, wide)
	text := r.Usage
	at := x
	if known {
		draw.Place(r.gauge, x, 19, 96, 8)
		text, at = look.Number(r.Budget.Used+r.Budget.Others), x+104
	}
	draw.PlaceText(p.usage, text, look.Body, at, 14, max(x+each-12-at, 0), 18)
	draw.PlaceText(p.useSub, r.UsageSub, look.Caption, x, 33, max(each-12, 0), 16)
}
