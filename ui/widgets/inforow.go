package widgets

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// InfoRow is a line of a card: a title with a second line, and at the right a
// control or a figure. Rows of one card are parted by lines.
type InfoRow struct {
	widget.BaseWidget
	Title, Sub string
	SubMono    bool
	Icon       look.Icon         // in a small sunken square at the left; "" for none
	Meaning    look.Meaning      // colours the square
	Control    fyne.CanvasObject // at the right; may be nil
	Figure     string            // semibold at the right
	Last       bool              // no line below
	Side       float32           // padding at the sides: 16 unless changed

	square      *canvas.Rectangle
	image       *canvas.Image
	title, sub  *canvas.Text
	figure      *canvas.Text
	line        *canvas.Rectangle
	titleWeight look.Type
}

// NewInfoRow makes a row with a control.
func NewInfoRow(title, sub string, control fyne.CanvasObject) *InfoRow {
	r := &InfoRow{Title: title, Sub: sub, Control: control, Side: 16, titleWeight: look.Body}
	r.ExtendBaseWidget(r)
	return r
}

// NewFigureRow makes a row with a glyph, a sentence and a number, such as
// "Match one record  84,263".
func NewFigureRow(m look.Meaning, icon look.Icon, title, sub, figure string) *InfoRow {
	r := NewInfoRow(title, sub, nil)
	r.Meaning, r.Icon, r.Figure, r.Side, r.titleWeight = m, icon, figure, 0, look.Strong
	return r
}

// CreateRenderer implements fyne.Widget.
func (r *InfoRow) CreateRenderer() fyne.WidgetRenderer {
	r.square, r.image, r.line = draw.NewRect(look.RadiusMark), draw.NewImage(), draw.NewRect(0)
	r.title, r.sub, r.figure = draw.NewText(look.Body), draw.NewText(look.Small), draw.NewText(look.Heading)
	r.figure.Alignment = fyne.TextAlignTrailing
	objects := []fyne.CanvasObject{r.square, r.image, r.title, r.sub, r.figure, r.line}
	if r.Control != nil {
		objects = append(objects, r.Control)
	}
	return draw.NewFlat(r, func() fyne.Size {
		w := 2*r.Side + 160
		if r.Control != nil {
			w += r.Control.MinSize().Width + 16
		}
		return fyne.NewSize(w, r.height())
	}, r.layout, r.paint, objects...)
}

func (r *InfoRow) height() float32 {
	if r.Sub == "" {
		return 34
	}
	return 56
}

func (r *InfoRow) subKind() look.Type {
	if r.SubMono {
		return look.Mono
	}
	return look.Small
}

func (r *InfoRow) paint() {
	draw.PaintRect(r.square, r.Meaning.Tint(), look.Clear)
	draw.Show(r.square, r.Icon != "")
	draw.PaintIcon(r.image, r.Icon, r.Meaning.Text())
	draw.PaintText(r.title, r.Title, r.titleWeight, look.T1)
	draw.PaintText(r.sub, r.Sub, r.subKind(), look.T2)
	draw.PaintText(r.figure, r.Figure, look.Heading, look.T1)
	draw.PaintRect(r.line, look.Stroke, look.Clear)
	draw.Show(r.line, !r.Last)
}

func (r *InfoRow) layout(size fyne.Size) {
	x, right := r.Side, size.Width-r.Side
	if r.Icon != "" {
		y := draw.Floor((size.Height - 24) / 2)
		draw.Place(r.square, x, y, 24, 24)
		draw.Place(r.image, x+4, y+4, 16, 16)
		x += 36
	}
	if r.Control != nil {
		m := r.Control.MinSize()
		right -= m.Width
		draw.Place(r.Control, right, draw.Floor((size.Height-m.Height)/2), m.Width, m.Height)
		right -= 16
	}
	if r.Figure != "" {
		w := draw.Ceil(look.Heading.Width(r.Figure))
		draw.Place(r.figure, right-w, 0, w, size.Height)
		right -= w + 12
	}
	y := draw.Floor((size.Height - look.Body.Line) / 2)
	if r.Sub != "" {
		y = draw.Floor((size.Height - look.Body.Line - look.Small.Line) / 2)
	}
	draw.PlaceText(r.title, r.Title, r.titleWeight, x, y, right-x, look.Body.Line)
	draw.PlaceText(r.sub, r.Sub, r.subKind(), x, y+look.Body.Line, right-x, look.Small.Line)
	draw.Place(r.line, r.Side, size.Height-1, size.Width-2*r.Side, 1)
	if r.Side > 0 {
		draw.Place(r.line, 0, size.Height-1, size.Width, 1)
	}
}

// FactRow is a small label with its value at the right edge.
type FactRow struct {
	widget.BaseWidget
	Label, Value string
	label, value *canvas.Text
}

// NewFactRow makes the row.
func NewFactRow(label, value string) *FactRow {
	r := &FactRow{Label: label, Value: value}
	r.ExtendBaseWidget(r)
	return r
}

// Set changes the value.
func (r *FactRow) Set(value string) {
	if r.Value != value {
		r.Value = value
		r.Refresh()
	}
}

// CreateRenderer implements fyne.Widget.
func (r *FactRow) CreateRenderer() fyne.WidgetRenderer {
	r.label, r.value = draw.NewText(look.Small), draw.NewText(look.SmallStrong)
	r.value.Alignment = fyne.TextAlignTrailing
	return draw.NewFlat(r, func() fyne.Size {
		return fyne.NewSize(look.Small.Width(r.Label)+12+look.SmallStrong.Width(r.Value), 22)
	}, func(size fyne.Size) {
		w := draw.Ceil(look.SmallStrong.Width(r.Value))
		draw.Place(r.value, size.Width-w, 0, w, size.Height)
		draw.PlaceText(r.label, r.Label, look.Small, 0, 0, size.Width-w-12, size.Height)
	}, func() {
		draw.PaintText(r.label, r.Label, look.Small, look.T2)
		draw.PaintText(r.value, r.Value, look.SmallStrong, look.T1)
	}, r.label, r.value)
}

// ChecklistState is how far an item of a checklist is.
type ChecklistState uint8

// The states of a checklist item.
const (
	Later   ChecklistState = iota // cannot be done yet; the button says what is missing
	Current                       // the next thing to do
	Done                          // done
)

// ChecklistItem is one step of the first start: a number, what it is, and its
// button.
type ChecklistItem struct {
	widget.BaseWidget
	Number      int
	Title, Text string
	State       ChecklistState
	Action      *Button

	back   *canvas.Rectangle
	circle *canvas.Circle
	number *canvas.Text
	tick   *canvas.Image
	title  *canvas.Text
	text   *canvas.Text
	line   *canvas.Rectangle
}

// NewChecklistItem makes an item.
func NewChecklistItem(number int, title, text string, state ChecklistState, action *Button) *ChecklistItem {
	c := &ChecklistItem{Number: number, Title: title, Text: text, State: state, Action: action}
	c.ExtendBaseWidget(c)
	return c
}

// CreateRenderer implements fyne.Widget.
func (c *ChecklistItem) CreateRenderer() fyne.WidgetRenderer {
	c.back, c.line, c.circle, c.tick = draw.NewRect(0), draw.NewRect(0), canvas.NewCircle(nil), draw.NewImage()
	c.number, c.title, c.text = draw.NewText(look.Strong), draw.NewText(look.Strong), draw.NewText(look.Small)
	c.number.Alignment = fyne.TextAlignCenter
	return draw.NewFlat(c, func() fyne.Size {
		return fyne.NewSize(64+c.Action.MinSize().Width+20+200, 68)
	}, func(size fyne.Size) {
		draw.Place(c.back, 0, 0, size.Width, size.Height)
		if c.Number == 1 { // it meets the card's rounded corners
			c.back.TopLeftCornerRadius, c.back.TopRightCornerRadius = look.RadiusCard-1, look.RadiusCard-1
		}
		draw.Place(c.circle, 20, 20, 28, 28)
		draw.Place(c.number, 20, 20, 28, 28)
		draw.Place(c.tick, 26, 26, 16, 16)
		m := c.Action.MinSize()
		right := size.Width - 20 - m.Width
		draw.Place(c.Action, right, draw.Floor((size.Height-m.Height)/2), m.Width, m.Height)
		draw.PlaceText(c.title, c.Title, look.Strong, 64, 17, right-64-16, look.Strong.Line)
		draw.PlaceText(c.text, c.Text, look.Small, 64, 35, right-64-16, look.Small.Line)
		draw.Place(c.line, 0, size.Height-1, size.Width, 1)
	}, c.paint, c.back, c.line, c.circle, c.number, c.tick, c.title, c.text, c.Action)
}

func (c *ChecklistItem) paint() {
	back, fill, stroke, ink, title := look.Clear, look.Surface, look.Stroke2, look.T2, look.T2
	tick := look.Icon("")
	switch c.State {
	case Current:
		back, fill, stroke, ink, title = look.Select, look.Accent, look.Accent, look.OnAccent, look.T1
	case Done:
		stroke, title, tick = look.Accent, look.T1, "check"
	}
	draw.PaintRect(c.back, back, look.Clear)
	draw.PaintRect(c.line, look.Stroke, look.Clear)
	c.circle.FillColor, c.circle.StrokeColor, c.circle.StrokeWidth = look.Color(fill), look.Color(stroke), 1
	draw.PaintText(c.number, strconv.Itoa(c.Number), look.Strong, ink)
	draw.Show(c.number, tick == "")
	draw.PaintIcon(c.tick, tick, look.Accent)
	draw.PaintText(c.title, c.Title, look.Strong, title)
	draw.PaintText(c.text, c.Text, look.Small, look.T2)
}
