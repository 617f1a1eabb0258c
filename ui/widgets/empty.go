package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// EmptyState says what will appear here and offers the one thing to do.
type EmptyState struct {
	widget.BaseWidget
	Icon        look.Icon
	Title, Text string
	Action      *Button // may be nil

	image *canvas.Image
	title *canvas.Text
	lines draw.Lines
	flat  *draw.Flat
}

// NewEmptyState makes an empty state.
func NewEmptyState(icon look.Icon, title, text string, action *Button) *EmptyState {
	e := &EmptyState{Icon: icon, Title: title, Text: text, Action: action}
	e.ExtendBaseWidget(e)
	return e
}

// NewNoMatches is the empty state of a filter that lets nothing through.
func NewNoMatches(clear func()) *EmptyState {
	return NewEmptyState("filter", "Nothing matches the filters", "There are rows here, but none passes all filters.",
		NewButton(Plain, "", "Clear filters", clear))
}

const emptyText float32 = 340

// textWidth is where the sentence breaks.
func (e *EmptyState) textWidth() float32 {
	if w := e.Size().Width; w > 0 {
		return min(w-32, emptyText)
	}
	return emptyText
}

func (e *EmptyState) height() float32 {
	h := 32 + 10 + look.Heading.Line + 6 + float32(len(look.Wrap(e.Text, look.Body, e.textWidth(), 4)))*look.Body.Line
	if e.Action != nil {
		h += 14 + look.ControlHeight
	}
	return h
}

// CreateRenderer implements fyne.Widget.
func (e *EmptyState) CreateRenderer() fyne.WidgetRenderer {
	e.image, e.title = draw.NewImage(), draw.NewText(look.Heading)
	e.title.Alignment = fyne.TextAlignCenter
	e.flat = &draw.Flat{Owner: e, Min: func() fyne.Size { return fyne.NewSize(200, e.height()) }, Arrange: e.layout, Paint: e.paint}
	e.paint()
	return e.flat
}

func (e *EmptyState) paint() {
	draw.PaintIcon(e.image, e.Icon, look.T3)
	draw.PaintText(e.title, e.Title, look.Heading, look.T1)
	e.assemble()
}

func (e *EmptyState) assemble() {
	e.lines.Set(e.Text, look.Body, look.T2, e.textWidth(), 4)
	o := append(e.flat.Objs[:0], e.image, e.title)
	o = e.lines.AppendTo(o)
	if e.Action != nil {
		o = append(o, e.Action)
	}
	e.flat.Objs = o
}

func (e *EmptyState) layout(size fyne.Size) {
	e.assemble()
	y := max(draw.Floor((size.Height-e.height())/2), 0)
	draw.Place(e.image, draw.Floor((size.Width-32)/2), y, 32, 32)
	y += 42
	draw.PlaceText(e.title, e.Title, look.Heading, 8, y, size.Width-16, look.Heading.Line)
	y += look.Heading.Line + 6
	y += e.lines.Place(0, y, size.Width, fyne.TextAlignCenter)
	if e.Action != nil {
		m := e.Action.MinSize()
		draw.Place(e.Action, draw.Floor((size.Width-m.Width)/2), y+14, m.Width, m.Height)
	}
}
