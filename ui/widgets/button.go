package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// ButtonKind is how much a button asks for attention.
type ButtonKind uint8

// The kinds. A screen has one primary button.
const (
	Plain   ButtonKind = iota // outlined
	Primary                   // filled with the accent
	Quiet                     // a link: no outline
	Danger                    // destroys or stops something
)

// Button is a push button with an optional icon and key cap.
type Button struct {
	pressable

	Text  string
	Icon  look.Icon
	Kind  ButtonKind
	Key   string // key cap at the right, such as "E"; "" for none
	Small bool   // 26 high instead of 32
	Wide  bool   // text at the left, key cap at the right edge

	// Reason says what is missing; while it is not empty the button is disabled
	// and the reason shows when the pointer rests on it.
	Reason string
	// Hint shows when the pointer rests on it; an icon-only button needs one.
	Hint string

	OnTapped func()

	ink   look.Token // text colour of a quiet button instead of the accent
	tip   HoverTip
	box   *canvas.Rectangle
	ring  draw.Ring
	image *canvas.Image
	label *canvas.Text
	cap   keyCap
}

// NewButton makes a button. Set further fields before it is shown, or call
// Refresh after.
func NewButton(kind ButtonKind, icon look.Icon, text string, tapped func()) *Button {
	b := &Button{Kind: kind, Icon: icon, Text: text, OnTapped: tapped}
	b.extend(b, b.tap, func() bool { return b.Reason != "" })
	b.tip.Owner = b
	return b
}

// NewIconButton makes a button that shows only an icon; hint says what it does.
func NewIconButton(kind ButtonKind, icon look.Icon, hint string, tapped func()) *Button {
	b := NewButton(kind, icon, "", tapped)
	b.Hint = hint
	return b
}

// SetReason disables the button with the reason, or enables it with "".
func (b *Button) SetReason(reason string) {
	if b.Reason == reason {
		return
	}
	b.Reason = reason
	b.Refresh()
}

// SetText changes the words.
func (b *Button) SetText(text string) {
	if b.Text == text {
		return
	}
	b.Text = text
	b.Refresh()
}

func (b *Button) tap() {
	b.tip.Hide()
	if b.OnTapped != nil {
		b.OnTapped()
	}
}

func (b *Button) typ() look.Type {
	t := look.Body
	if b.Small {
		t = look.Small
	}
	t.Bold = b.Kind == Primary
	return t
}

// CreateRenderer implements fyne.Widget.
func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	b.box, b.ring = draw.NewRect(look.RadiusButton), draw.NewRing(look.RadiusButton+4)
	b.image, b.label = draw.NewImage(), draw.NewText(look.Body)
	b.cap = newKeyCap()
	objects := []fyne.CanvasObject{b.ring.Rectangle, b.box, b.image, b.label, b.cap.box, b.cap.label}
	return draw.NewFlat(b, b.min, b.layout, b.paint, objects...)
}

func (b *Button) height() float32 {
	if b.Small {
		return look.SmallButton
	}
	return look.ControlHeight
}

func (b *Button) padding() float32 {
	switch {
	case b.Text == "":
		return (b.height() - 16) / 2
	case b.Small:
		return 10
	}
	return 13
}

func (b *Button) min() fyne.Size {
	w := 2 * b.padding()
	if b.Icon != "" {
		w += 16
	}
	if b.Text != "" {
		w += draw.Ceil(b.typ().Width(b.Text))
		if b.Icon != "" {
			w += look.GapIcon
		}
	}
	if b.Key != "" {
		w += look.GapIcon + keyCapWidth(b.Key) - 3
	}
	return fyne.NewSize(w, b.height())
}

func (b *Button) layout(size fyne.Size) {
	draw.Place(b.box, 0, 0, size.Width, size.Height)
	b.ring.Outside(0, 0, size.Width, size.Height)
	x := b.padding()
	if !b.Wide {
		x = max(x, draw.Floor((size.Width-b.min().Width)/2)+b.padding())
	}
	if b.Icon != "" {
		draw.Place(b.image, x, draw.Floor((size.Height-16)/2), 16, 16)
		x += 16 + look.GapIcon
	}
	right := size.Width - b.padding()
	if b.Key != "" {
		w := keyCapWidth(b.Key)
		at := right - w + 3
		if !b.Wide {
			at = min(at, x+draw.Ceil(b.typ().Width(b.Text))+look.GapIcon)
		}
		b.cap.place(at, draw.Floor((size.Height-look.KeyCapHeight)/2), w)
		right = at - look.GapIcon
	}
	draw.PlaceText(b.label, b.Text, b.typ(), x, 0, max(right-x, 0)+1, size.Height)
}

func (b *Button) paint() {
	fill, stroke, text := b.colours()
	draw.PaintRect(b.box, fill, stroke)
	b.box.CornerRadius = look.RadiusButton
	draw.PaintText(b.label, b.Text, b.typ(), text)
	draw.PaintIcon(b.image, b.Icon, text)
	b.cap.paint(b.Key)
	b.ring.Paint(b.focused && b.Reason == "")
	if tip := b.tipText(); b.hovered && tip != "" {
		b.tip.Rest(tip)
	} else {
		b.tip.Hide()
	}
}

func (b *Button) tipText() string {
	if b.Reason != "" {
		return b.Reason
	}
	return b.Hint
}

// colours are the fill, stroke and text of the state the button is in.
func (b *Button) colours() (fill, stroke, text look.Token) {
	if b.Reason != "" {
		if b.Kind == Quiet && b.Text == "" {
			return look.Clear, look.Clear, look.Off
		}
		return look.Sunken, look.Stroke, look.Off
	}
	switch b.Kind {
	case Primary:
		if b.hovered || b.pressed {
			return look.AccentH, look.Clear, look.OnAccent
		}
		return look.Accent, look.Clear, look.OnAccent
	case Danger:
		if b.hovered || b.pressed {
			return look.Failed.Tint(), look.Failed.Solid(), look.Failed.Text()
		}
		return look.Surface, look.Stroke2, look.Failed.Text()
	case Quiet:
		ink := look.Accent
		if b.ink != "" {
			ink = b.ink
		}
		return b.rest(look.Clear), look.Clear, ink
	}
	return b.rest(look.Surface), look.Stroke2, look.T1
}

// rest is the fill of a button without colour of its own.
func (b *Button) rest(normal look.Token) look.Token {
	switch {
	case b.pressed:
		return look.Stroke
	case b.hovered:
		return look.Hover
	}
	return normal
}
