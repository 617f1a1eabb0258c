package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// LaneLine is one lane in the status bar.
type LaneLine struct {
	Name, Short string // "Associations", "Assoc."
	State       LaneState
	Rate        string // "1.9 calls/s", "idle"
}

// Status is what the status bar shows.
type Status struct {
	Portal look.Meaning // Production, Sandbox or Practice; Neutral when none is connected
	Name   string       // the portal's name
	Detail string       // beside the name; the kind's word unless set
	Budget Budget
	Lanes  [3]LaneLine // search, batch, associations
	Error  string      // the last error; "" shows "No errors"
}

// StatusBar is the window's foot: which portal the window writes to, how much
// of today's calls is used, what the lanes do, and the last error.
type StatusBar struct {
	widget.BaseWidget
	Status  Status
	Compact bool // below look.CompactBelow
	OnError func()

	back, top, block *canvas.Rectangle
	outline          *dashes // around the practice portal's block
	topDashes        *dashes
	icon             *canvas.Image
	name, detail     *canvas.Text
	api              *canvas.Text
	gauge            gaugeParts
	share, of        *canvas.Text
	divider          *canvas.Rectangle
	dots             [3]*canvas.Circle
	lanes, rates     [3]*canvas.Text
	ok               *canvas.Image
	fine             *canvas.Text
	problem          *Button
	flat             *draw.Flat
}

// NewStatusBar makes the bar.
func NewStatusBar() *StatusBar {
	s := &StatusBar{}
	s.problem = NewButton(Quiet, "failed", "", func() {
		if s.OnError != nil {
			s.OnError()
		}
	})
	s.problem.Small, s.problem.ink = true, look.Failed.Text()
	s.ExtendBaseWidget(s)
	return s
}

// Set shows a new status.
func (s *StatusBar) Set(st Status) {
	if s.Status != st {
		s.Status = st
		s.Refresh()
	}
}

// CreateRenderer implements fyne.Widget.
func (s *StatusBar) CreateRenderer() fyne.WidgetRenderer {
	s.back, s.top, s.block, s.divider = draw.NewRect(0), draw.NewRect(0), draw.NewRect(0), draw.NewRect(0)
	s.outline, s.topDashes = &dashes{}, &dashes{}
	s.icon, s.ok = draw.NewImage(), draw.NewImage()
	s.name, s.detail, s.api = draw.NewText(look.SmallStrong), draw.NewText(look.Small), draw.NewText(look.Small)
	s.share, s.of, s.fine = draw.NewText(look.SmallStrong), draw.NewText(look.Small), draw.NewText(look.Small)
	s.gauge = newGaugeParts()
	for i := range s.dots {
		s.dots[i] = canvas.NewCircle(nil)
		s.lanes[i], s.rates[i] = draw.NewText(look.Small), draw.NewText(look.Small)
	}
	s.flat = &draw.Flat{Owner: s, Min: func() fyne.Size { return fyne.NewSize(640, look.StatusHeight) }, Arrange: s.layout, Paint: s.paint}
	s.paint()
	return s.flat
}

func (s *StatusBar) nameText() string {
	if s.Status.Portal == look.Neutral {
		return "No portal connected"
	}
	return s.Status.Name
}

func (s *StatusBar) detailText() string {
	if s.Status.Detail != "" {
		return s.Status.Detail
	}
	return s.Status.Portal.Word()
}

func (s *StatusBar) paint() {
	st := s.Status
	connected := st.Portal != look.Neutral
	ink := st.Portal.Text()
	if st.Portal == look.Production {
		ink = look.OnSolid
	}
	draw.PaintRect(s.back, st.Portal.Tint(), look.Clear)
	s.paintBlock(st.Portal)
	icon := st.Portal.Icon()
	if !connected {
		icon = "connections"
	}
	draw.PaintIcon(s.icon, icon, ink)
	kind := look.SmallStrong
	kind.Bold = connected
	draw.PaintText(s.name, s.nameText(), kind, ink)
	draw.PaintText(s.detail, s.detailText(), look.Small, ink)

	draw.PaintText(s.api, "API today", look.Small, look.T2)
	s.gauge.paint(st.Budget)
	draw.PaintText(s.share, st.Budget.Share(), look.SmallStrong, look.T1)
	draw.PaintText(s.of, "of "+look.Number(st.Budget.Limit), look.Small, look.T2)
	draw.PaintRect(s.divider, look.Stroke2, look.Clear)
	for i, l := range st.Lanes {
		fill := l.State.dot()
		s.dots[i].FillColor = look.Color(fill)
		s.dots[i].StrokeWidth, s.dots[i].StrokeColor = 0, nil
		if fill == look.Clear {
			s.dots[i].StrokeWidth, s.dots[i].StrokeColor = 1, look.Color(look.Control)
		}
		draw.PaintText(s.lanes[i], s.laneName(l), look.Small, look.T2)
		draw.PaintText(s.rates[i], l.Rate, look.Small, look.T2)
	}
	draw.PaintIcon(s.ok, "check", look.T2)
	draw.PaintText(s.fine, "No errors", look.Small, look.T2)
	s.problem.Text = st.Error
	s.assemble(connected)
}

// paintBlock gives the portal's kind its form: solid, outlined or dashed.
func (s *StatusBar) paintBlock(portal look.Meaning) {
	fill, stroke := look.Clear, look.Clear
	switch portal {
	case look.Production:
		fill = portal.Solid()
	case look.Sandbox:
		stroke = portal.Solid()
	}
	draw.PaintRect(s.block, fill, stroke)
	top := portal.Solid()
	if portal == look.Neutral {
		top = look.Stroke
	}
	draw.PaintRect(s.top, top, look.Clear)
	s.outline.ink, s.topDashes.ink = portal.Solid(), portal.Solid()
	draw.Show(s.top, portal != look.Practice)
}

func (s *StatusBar) laneName(l LaneLine) string {
	if s.Compact && l.Short != "" {
		return l.Short
	}
	return l.Name
}

// assemble lists what is drawn in the present state.
func (s *StatusBar) assemble(connected bool) {
	o := append(s.flat.Objs[:0], s.back, s.block, s.top, s.icon, s.name)
	if connected {
		o = append(o, s.detail, s.api)
		o = append(o, s.gauge.objects()...)
		o = append(o, s.share)
		if !s.Compact && s.Status.Budget.Limit > 0 {
			o = append(o, s.of)
		}
		for i := range s.dots {
			if i == 0 {
				o = append(o, s.divider)
			}
			if s.Status.Lanes[i].Name != "" {
				o = append(o, s.dots[i], s.lanes[i], s.rates[i])
			}
		}
	}
	if s.Status.Error != "" {
		o = append(o, s.problem)
	} else {
		o = append(o, s.ok, s.fine)
	}
	s.flat.Objs = o
}

func (s *StatusBar) layout(size fyne.Size) {
	mid, st := size.Height-2, s.Status
	draw.Place(s.back, 0, 0, size.Width, size.Height)
	topHeight := float32(2)
	if st.Portal == look.Neutral {
		topHeight = 1
	}
	draw.Place(s.top, 0, 0, size.Width, topHeight)
	draw.Place(s.icon, 15, 2+(mid-14)/2, 14, 14)
	kind := look.SmallStrong
	kind.Bold = st.Portal != look.Neutral
	nameWidth := min(draw.Ceil(kind.Width(s.nameText())), max(size.Width/5, 140))
	draw.PlaceText(s.name, s.nameText(), kind, 37, 2, nameWidth+1, mid)
	x := 37 + nameWidth + 8

	right := s.layoutError(size, mid)
	if st.Portal == look.Neutral {
		return
	}
	w := draw.Ceil(look.Small.Width(s.detailText()))
	draw.Place(s.detail, x, 2, w, mid)
	x += w + 14
	draw.Place(s.block, 0, 0, x, size.Height)
	if st.Portal == look.Practice {
		s.flat.Objs = s.topDashes.line(s.flat.Objs, 0, 0, size.Width, 2, false)
		s.flat.Objs = s.outline.rect(s.flat.Objs, 0, 2, x, size.Height-2)
	}
	s.layoutWork(x+16, mid, right)
}

// layoutError places the right end and returns where it begins.
func (s *StatusBar) layoutError(size fyne.Size, mid float32) float32 {
	if s.Status.Error != "" {
		w := min(s.problem.MinSize().Width, size.Width*0.3)
		draw.Place(s.problem, size.Width-w-4, 3, w, look.SmallButton)
		return size.Width - w - 4
	}
	w := draw.Ceil(look.Small.Width(s.fine.Text))
	draw.Place(s.fine, size.Width-14-w, 2, w, mid)
	draw.Place(s.ok, size.Width-14-w-20, 2+(mid-14)/2, 14, 14)
	return size.Width - 14 - w - 20
}

// layoutWork places the gauge and the lanes from x on; what would run into the
// right end is left out, the lanes first.
func (s *StatusBar) layoutWork(x, mid, right float32) {
	text := func(t *canvas.Text, kind look.Type, gap float32) {
		w := draw.Ceil(kind.Width(t.Text))
		draw.Place(t, x, 2, w, mid)
		x += w + gap
	}
	text(s.api, look.Small, 8)
	gaugeWidth := float32(120)
	if s.Compact {
		gaugeWidth = 90
	}
	s.gauge.place(s.Status.Budget, x, 2+(mid-8)/2, gaugeWidth, 8)
	x += gaugeWidth + 8
	text(s.share, look.SmallStrong, 4)
	if !s.Compact && s.Status.Budget.Limit > 0 {
		text(s.of, look.Small, 4)
	}
	x += 12
	draw.Place(s.divider, x, 2+(mid-16)/2, 1, 16)
	x += 17
	for i, l := range s.Status.Lanes {
		need := 13 + draw.Ceil(look.Small.Width(s.lanes[i].Text)) + 6 + draw.Ceil(look.Small.Width(l.Rate))
		fits := l.Name != "" && x+need < right-8
		for _, o := range []fyne.CanvasObject{s.dots[i], s.lanes[i], s.rates[i]} {
			draw.Show(o, fits)
		}
		if !fits {
			continue
		}
		draw.Place(s.dots[i], x, 2+(mid-9)/2, 9, 9)
		x += 15
		text(s.lanes[i], look.Small, 6)
		text(s.rates[i], look.Small, 16)
	}
	draw.Show(s.divider, s.lanes[0].Visible() && s.Status.Lanes[0].Name != "")
}

// dashes draws a dashed line or box from small rectangles; Fyne cannot dash.
type dashes struct {
	ink    look.Token
	pieces []*canvas.Rectangle
}

const dash, dashGap float32 = 4, 4

func (d *dashes) piece(i int) *canvas.Rectangle {
	for len(d.pieces) <= i {
		d.pieces = append(d.pieces, draw.NewRect(0))
	}
	draw.PaintRect(d.pieces[i], d.ink, look.Clear)
	return d.pieces[i]
}

// line adds the pieces of one line to objects.
func (d *dashes) line(objects []fyne.CanvasObject, x, y, length, thick float32, vertical bool) []fyne.CanvasObject {
	_, objects = d.run(0, objects, x, y, length, thick, vertical)
	return objects
}

func (d *dashes) run(i int, objects []fyne.CanvasObject, x, y, length, thick float32, vertical bool) (int, []fyne.CanvasObject) {
	for at := float32(0); at < length; at += dash + dashGap {
		p, n := d.piece(i), min(dash, length-at)
		if vertical {
			draw.Place(p, x, y+at, thick, n)
		} else {
			draw.Place(p, x+at, y, n, thick)
		}
		objects = append(objects, p)
		i++
	}
	return i, objects
}

// rect adds the pieces of a box's left, right and lower edge; its upper edge is
// the bar's own.
func (d *dashes) rect(objects []fyne.CanvasObject, x, y, w, h float32) []fyne.CanvasObject {
	i := 0
	i, objects = d.run(i, objects, x, y, h, 1, true)
	i, objects = d.run(i, objects, x+w-1, y, h, 1, true)
	_, objects = d.run(i, objects, x, y+h-1, w, 1, false)
	return objects
}
