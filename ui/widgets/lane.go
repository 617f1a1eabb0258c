package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// LaneState is what a lane of calls does at this moment.
type LaneState uint8

// The states of a lane.
const (
	LaneIdle    LaneState = iota // nothing to do
	LaneDone                     // nothing left to do in this run
	LaneWorking                  // calls are going out
	LaneWaiting                  // for another lane, or for the rate limit
	LanePaused                   // by the user
	LaneStopped                  // by an error or a limit
)

// sign is the glyph and colour of a state on the progress card.
func (s LaneState) sign() (look.Icon, look.Token) {
	switch s {
	case LaneDone:
		return "check-circle", look.Create.Text()
	case LaneWorking:
		return "run", look.T2
	case LaneWaiting:
		return "waiting", look.Conflict.Text()
	case LanePaused:
		return "pause", look.T2
	case LaneStopped:
		return "failed", look.Failed.Text()
	}
	return "", look.T2
}

// dot is the fill of the lane's dot in the status bar; hollow when idle or done.
func (s LaneState) dot() look.Token {
	switch s {
	case LaneWorking:
		return look.Create.Solid()
	case LaneWaiting, LanePaused:
		return look.Conflict.Solid()
	case LaneStopped:
		return look.Failed.Solid()
	}
	return look.Clear
}

// LaneStatus is the content of a progress card.
type LaneStatus struct {
	State       LaneState
	Word        string // "Writing", "Waiting for new contacts"
	Progress    string // "7,218 of 11,458"
	Calls       string // "74 of 118 calls"
	Done, Total int
	Rate        string // "190", "–" when idle
	RateUnit    string // "records a second"
	Left        string // "22 s"
}

// Lane is the progress card of one lane of calls: search, batch or
// associations, always in this order.
type Lane struct {
	widget.BaseWidget
	Icon   look.Icon
	Name   string
	Status LaneStatus

	box, square     *canvas.Rectangle
	image, sign     *canvas.Image
	name, word      *canvas.Text
	progress, calls *canvas.Text
	bar             *StackedBar
	rate, unit      *canvas.Text
	left, leftWord  *canvas.Text
}

// NewLane makes a card.
func NewLane(icon look.Icon, name string) *Lane {
	l := &Lane{Icon: icon, Name: name, bar: NewProgressBar(0, 1)}
	l.ExtendBaseWidget(l)
	return l
}

// Set shows a new status.
func (l *Lane) Set(s LaneStatus) {
	if l.Status != s {
		l.Status = s
		l.Refresh()
	}
}

// CreateRenderer implements fyne.Widget.
func (l *Lane) CreateRenderer() fyne.WidgetRenderer {
	l.box, l.square = draw.NewRect(look.RadiusCard), draw.NewRect(look.RadiusButton)
	l.image, l.sign = draw.NewImage(), draw.NewImage()
	l.name, l.word = draw.NewText(look.Strong), draw.NewText(look.Small)
	l.progress, l.calls = draw.NewText(look.Small), draw.NewText(look.Small)
	l.rate, l.unit = draw.NewText(look.Strong), draw.NewText(look.Caption)
	l.left, l.leftWord = draw.NewText(look.Strong), draw.NewText(look.Caption)
	for _, t := range []*canvas.Text{l.calls, l.rate, l.unit, l.left, l.leftWord} {
		t.Alignment = fyne.TextAlignTrailing
	}
	return draw.NewFlat(l, func() fyne.Size { return fyne.NewSize(520, look.LaneHeight) }, l.layout, l.paint,
		l.box, l.square, l.image, l.sign, l.name, l.word, l.progress, l.calls, l.bar, l.rate, l.unit, l.left, l.leftWord)
}

func (l *Lane) paint() {
	s := l.Status
	draw.PaintRect(l.box, look.Surface, look.Stroke)
	draw.PaintRect(l.square, look.Sunken, look.Clear)
	draw.PaintIcon(l.image, l.Icon, look.T2)
	draw.PaintText(l.name, l.Name, look.Strong, look.T1)
	icon, ink := s.State.sign()
	draw.PaintIcon(l.sign, icon, ink)
	draw.PaintText(l.word, s.Word, look.Small, ink)
	draw.PaintText(l.progress, s.Progress, look.Small, look.T1)
	draw.PaintText(l.calls, s.Calls, look.Small, look.T2)
	l.bar.SetProgress(s.Done, max(s.Total, 1))
	rate := s.Rate
	if rate == "" {
		rate = "–"
	}
	unit := s.RateUnit
	if unit == "" {
		unit = "per second"
	}
	draw.PaintText(l.rate, rate, look.Strong, look.T1)
	draw.PaintText(l.unit, unit, look.Caption, look.T3)
	draw.PaintText(l.left, s.Left, look.Strong, look.T1)
	draw.PaintText(l.leftWord, "left", look.Caption, look.T3)
	draw.Show(l.leftWord, s.Left != "")
}

func (l *Lane) layout(size fyne.Size) {
	draw.Place(l.box, 0, 0, size.Width, size.Height)
	draw.Place(l.square, 20, 20, 36, 36)
	draw.Place(l.image, 28, 28, 20, 20)
	const leftColumn, rateColumn = 56, 120 // "associations a second"
	right := size.Width - 20
	draw.Place(l.left, right-leftColumn, 22, leftColumn, look.Strong.Line)
	draw.Place(l.leftWord, right-leftColumn, 39, leftColumn, look.Caption.Line)
	right -= leftColumn + 4
	draw.Place(l.rate, right-rateColumn, 22, rateColumn, look.Strong.Line)
	draw.Place(l.unit, right-rateColumn, 39, rateColumn, look.Caption.Line)
	right -= rateColumn + 12

	from := 72 + max(draw.Floor((right-72)*0.38), 120)
	draw.PlaceText(l.name, l.Name, look.Strong, 72, 20, from-72-12, look.Strong.Line)
	at := float32(72)
	if l.sign.Visible() {
		draw.Place(l.sign, 72, 40, 14, 14)
		at = 92
	}
	draw.PlaceText(l.word, l.Status.Word, look.Small, at, 39, from-at-12, look.Small.Line)
	calls := draw.Ceil(look.Small.Width(l.Status.Calls))
	draw.Place(l.calls, right-calls, 22, calls, look.Small.Line)
	draw.PlaceText(l.progress, l.Status.Progress, look.Small, from, 22, right-calls-from-12, look.Small.Line)
	draw.Place(l.bar, from, 44, right-from, 8)
}
