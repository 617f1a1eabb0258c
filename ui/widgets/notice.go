package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// Notice is a panel that says one thing and offers what to do: an error, a
// rule that would settle conflicts, an alert on Home, a hint.
type Notice struct {
	widget.BaseWidget

	Meaning look.Meaning // colours panel and glyph; Neutral is a plain card
	Icon    look.Icon    // the meaning's glyph unless set
	Mark    bool         // the glyph stands in a 32 mark, on a plain card
	Quiet   bool         // sunken and without an outline: an info box

	Title, Text string
	Code        string // mono line under the text, such as a correlation id
	Actions     []*Button

	box, square *canvas.Rectangle
	image       *canvas.Image
	title, code *canvas.Text
	lines       draw.Lines
	flat        *draw.Flat
}

// NewNotice makes a panel in a meaning's colours.
func NewNotice(m look.Meaning, icon look.Icon, title, text string, actions ...*Button) *Notice {
	n := &Notice{Meaning: m, Icon: icon, Title: title, Text: text, Actions: actions}
	n.ExtendBaseWidget(n)
	return n
}

// NewErrorPanel says what happened, what it means for the data and what to do.
// With a correlation id it offers to copy the whole for HubSpot's support.
func NewErrorPanel(happened, means, correlation string, actions ...*Button) *Notice {
	n := NewNotice(look.Failed, "", happened, means, actions...)
	if correlation != "" {
		n.Code = "Correlation id " + correlation
		cp := NewButton(Plain, "copy", "Copy for support", func() {
			fyne.CurrentApp().Clipboard().SetContent(happened + "\n" + means + "\nHubSpot correlation id: " + correlation)
		})
		cp.Small = true
		n.Actions = append(n.Actions, cp)
	}
	for _, b := range actions {
		b.Small = true
	}
	return n
}

// NewAlertCard is a card on Home: what waits, its size, and the way there.
func NewAlertCard(m look.Meaning, icon look.Icon, title, text string, action *Button) *Notice {
	n := NewNotice(m, icon, title, text, action)
	n.Mark = true
	action.Small = true
	return n
}

// NewInfoBox is a sunken box with a hint.
func NewInfoBox(text string) *Notice {
	n := NewNotice(look.Neutral, "info", "", text)
	n.Quiet = true
	return n
}

// actionsWidth is the room the buttons take at the right.
func (n *Notice) actionsWidth() float32 {
	w := float32(0)
	for _, b := range n.Actions {
		w += b.MinSize().Width + 8
	}
	if w > 0 {
		w += 6
	}
	return w
}

// textLeft is where the words begin.
func (n *Notice) textLeft() float32 {
	switch {
	case n.Mark:
		return 58
	case n.Quiet:
		return 36
	}
	return 46
}

func (n *Notice) textWidth(width float32) float32 {
	return width - n.textLeft() - n.actionsWidth() - 14
}

// HeightFor implements [HeightFor].
func (n *Notice) HeightFor(width float32) float32 {
	h := float32(len(look.Wrap(n.Text, look.Small, n.textWidth(width), 0))) * look.Small.Line
	if n.Title != "" {
		h += look.Strong.Line
	}
	if n.Code != "" {
		h += look.Mono.Line
	}
	pad := float32(26)
	if n.Quiet {
		pad = 20
	}
	return max(h+pad, 44)
}

// CreateRenderer implements fyne.Widget.
func (n *Notice) CreateRenderer() fyne.WidgetRenderer {
	n.box, n.square = draw.NewRect(look.RadiusCard), draw.NewRect(look.RadiusMark)
	n.image, n.title, n.code = draw.NewImage(), draw.NewText(look.Strong), draw.NewText(look.MonoCap)
	n.flat = &draw.Flat{Owner: n, Arrange: n.layout, Paint: n.paint}
	n.flat.Min = func() fyne.Size {
		least := n.textLeft() + n.actionsWidth() + 160
		return fyne.NewSize(least, n.HeightFor(max(n.Size().Width, least)))
	}
	n.paint()
	return n.flat
}

func (n *Notice) paint() {
	fill, stroke := look.Surface, look.Stroke2
	if n.Meaning != look.Neutral && !n.Mark {
		fill, stroke = n.Meaning.Tint(), n.Meaning.Solid()
	}
	if n.Mark {
		stroke = look.Stroke
	}
	if n.Quiet {
		fill, stroke = look.Sunken, look.Clear
	}
	draw.PaintRect(n.box, fill, stroke)
	draw.PaintRect(n.square, n.Meaning.Tint(), look.Clear)
	draw.Show(n.square, n.Mark)
	icon := n.Icon
	if icon == "" {
		icon = n.Meaning.Icon()
	}
	ink := n.Meaning.Text()
	if n.Meaning == look.Neutral && !n.Quiet && !n.Mark {
		ink = look.Accent
	}
	draw.PaintIcon(n.image, icon, ink)
	draw.PaintText(n.title, n.Title, look.Strong, look.T1)
	draw.PaintText(n.code, n.Code, look.MonoCap, look.T2)
	n.assemble()
}

func (n *Notice) assemble() {
	o := append(n.flat.Objs[:0], n.box, n.square, n.image, n.title, n.code)
	o = n.lines.AppendTo(o)
	for _, b := range n.Actions {
		o = append(o, b)
	}
	n.flat.Objs = o
}

func (n *Notice) layout(size fyne.Size) {
	draw.Place(n.box, 0, 0, size.Width, size.Height)
	x, w := n.textLeft(), n.textWidth(size.Width)
	count := n.lines.Set(n.Text, look.Small, look.T2, w, 0)
	h := float32(count) * look.Small.Line
	if n.Title != "" {
		h += look.Strong.Line
	}
	if n.Code != "" {
		h += look.Mono.Line
	}
	y := draw.Floor((size.Height - h) / 2)
	switch {
	case n.Mark:
		draw.Place(n.square, 14, draw.Floor((size.Height-32)/2), 32, 32)
		draw.Place(n.image, 19, draw.Floor((size.Height-22)/2), 22, 22)
	case n.Quiet:
		draw.Place(n.image, 12, y, 16, 16)
	default:
		draw.Place(n.image, 15, draw.Floor((size.Height-18)/2), 18, 18)
	}
	if n.Title != "" {
		draw.PlaceText(n.title, n.Title, look.Strong, x, y, w, look.Strong.Line)
		y += look.Strong.Line
	}
	y += n.lines.Place(x, y, w, fyne.TextAlignLeading)
	if n.Code != "" {
		draw.PlaceText(n.code, n.Code, look.MonoCap, x, y, w, look.Mono.Line)
	}
	right := size.Width - 14
	for i := len(n.Actions) - 1; i >= 0; i-- {
		m := n.Actions[i].MinSize()
		right -= m.Width
		draw.Place(n.Actions[i], right, draw.Floor((size.Height-m.Height)/2), m.Width, m.Height)
		right -= 8
	}
	n.assemble()
}
