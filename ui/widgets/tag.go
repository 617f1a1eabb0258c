package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// Tag is a small label of a meaning: "→ to HubSpot", "Production".
type Tag struct {
	widget.BaseWidget
	Meaning look.Meaning
	Icon    look.Icon // the meaning's glyph unless set
	Text    string
}

// NewTag makes a tag; without an icon it takes the meaning's glyph.
func NewTag(m look.Meaning, icon look.Icon, text string) *Tag {
	t := &Tag{Meaning: m, Icon: icon, Text: text}
	t.ExtendBaseWidget(t)
	return t
}

// NewFlowTag says where a value is written: to HubSpot, or to the source, which
// is named as its users call it ("the workbook").
func NewFlowTag(toSource bool, source string) *Tag {
	if toSource {
		return NewTag(look.HubSpot, "to-source", "to "+source)
	}
	return NewTag(look.Source, "to-hubspot", "to HubSpot")
}

func (t *Tag) icon() look.Icon {
	if t.Icon == "" {
		return t.Meaning.Icon()
	}
	return t.Icon
}

// CreateRenderer implements fyne.Widget.
func (t *Tag) CreateRenderer() fyne.WidgetRenderer {
	p := NewTagParts()
	return draw.NewFlat(t, func() fyne.Size {
		return fyne.NewSize(TagWidth(t.icon(), t.Text), look.TagHeight)
	}, func(size fyne.Size) {
		p.Place(t.icon(), t.Text, 0, draw.Floor((size.Height-look.TagHeight)/2), min(size.Width, TagWidth(t.icon(), t.Text)))
	}, func() {
		p.Paint(t.Meaning, t.icon(), t.Text, true)
	}, p.Objects()...)
}

// TagParts draws a tag, within the tag widget and within grid rows.
type TagParts struct {
	box   *canvas.Rectangle
	image *canvas.Image
	label *canvas.Text
}

// NewTagParts makes the parts of one tag.
func NewTagParts() TagParts {
	return TagParts{draw.NewRect(look.RadiusTag), draw.NewImage(), draw.NewText(look.Caption)}
}

// Objects lists what is drawn, from back to front.
func (p TagParts) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{p.box, p.image, p.label}
}

// TagWidth is how wide a tag is.
func TagWidth(icon look.Icon, text string) float32 {
	w := draw.Ceil(look.Caption.Width(text)) + 13
	if icon != "" {
		w += 16
	}
	return w
}

// Paint sets what the tag says, or hides it.
func (p TagParts) Paint(m look.Meaning, icon look.Icon, text string, visible bool) {
	ink := m.Text()
	draw.PaintRect(p.box, m.Tint(), look.Clear)
	draw.PaintText(p.label, text, look.Caption, ink)
	draw.Show(p.box, visible)
	draw.Show(p.label, visible)
	if !visible {
		icon = ""
	}
	draw.PaintIcon(p.image, icon, ink)
}

// Place puts the tag at x, y; its height is look.TagHeight.
func (p TagParts) Place(icon look.Icon, text string, x, y, w float32) {
	draw.Place(p.box, x, y, w, look.TagHeight)
	at := x + 7
	if icon != "" {
		draw.Place(p.image, x+6, y+3, 12, 12)
		at = x + 22
	}
	draw.PlaceText(p.label, text, look.Caption, at, y, x+w-at-4, look.TagHeight)
}

// FateMark is the square with a meaning's glyph, 20, 24 or 32 wide.
type FateMark struct {
	widget.BaseWidget
	Meaning look.Meaning
	Icon    look.Icon // the meaning's glyph unless set
	Edge    float32
}

// NewFateMark makes a mark; edge is look.MarkSmall, MarkMedium or MarkLarge.
func NewFateMark(m look.Meaning, edge float32) *FateMark {
	f := &FateMark{Meaning: m, Edge: edge}
	f.ExtendBaseWidget(f)
	return f
}

// markIcon is how large the glyph in a mark is.
func markIcon(edge float32) float32 {
	switch {
	case edge >= look.MarkLarge:
		return 22
	case edge >= look.MarkMedium:
		return 16
	}
	return 12
}

// CreateRenderer implements fyne.Widget.
func (f *FateMark) CreateRenderer() fyne.WidgetRenderer {
	box, image := draw.NewRect(look.RadiusMark), draw.NewImage()
	return draw.NewFlat(f, func() fyne.Size { return fyne.NewSquareSize(f.Edge) }, func(size fyne.Size) {
		x, y := draw.Floor((size.Width-f.Edge)/2), draw.Floor((size.Height-f.Edge)/2)
		draw.Place(box, x, y, f.Edge, f.Edge)
		i := markIcon(f.Edge)
		d := (f.Edge - i) / 2
		draw.Place(image, x+d, y+d, i, i)
	}, func() {
		icon := f.Icon
		if icon == "" {
			icon = f.Meaning.Icon()
		}
		draw.PaintRect(box, f.Meaning.Tint(), look.Clear)
		draw.PaintIcon(image, icon, f.Meaning.Text())
	}, box, image)
}

// Pill is a count in a round label, such as the open conflicts in the rail.
type Pill struct {
	widget.BaseWidget
	Meaning look.Meaning
	Text    string
}

// NewPill makes a pill.
func NewPill(m look.Meaning, text string) *Pill {
	p := &Pill{Meaning: m, Text: text}
	p.ExtendBaseWidget(p)
	return p
}

// PillWidth is how wide a pill is.
func PillWidth(text string) float32 {
	return max(look.PillHeight, draw.Ceil(look.CaptionBold.Width(text))+16)
}

// CreateRenderer implements fyne.Widget.
func (p *Pill) CreateRenderer() fyne.WidgetRenderer {
	box, label := draw.NewRect(look.PillHeight/2), draw.NewText(look.CaptionBold)
	label.Alignment = fyne.TextAlignCenter
	return draw.NewFlat(p, func() fyne.Size {
		return fyne.NewSize(PillWidth(p.Text), look.PillHeight)
	}, func(size fyne.Size) {
		y := draw.Floor((size.Height - look.PillHeight) / 2)
		draw.Place(box, 0, y, size.Width, look.PillHeight)
		draw.Place(label, 0, y, size.Width, look.PillHeight)
	}, func() {
		draw.PaintRect(box, p.Meaning.Tint(), look.Clear)
		draw.PaintText(label, p.Text, look.CaptionBold, p.Meaning.Text())
	}, box, label)
}

// IconText is a glyph and a word in one colour, such as "✓ Readable".
type IconText struct {
	widget.BaseWidget
	Icon look.Icon
	Text string
	Kind look.Type
	Ink  look.Token // of the word
	Tone look.Token // of the glyph; Ink unless set
}

// NewIconText makes a glyph with a word after it.
func NewIconText(icon look.Icon, text string, kind look.Type, ink look.Token) *IconText {
	t := &IconText{Icon: icon, Text: text, Kind: kind, Ink: ink}
	t.ExtendBaseWidget(t)
	return t
}

func (t *IconText) edge() float32 {
	if t.Kind.Size < 12 {
		return 12
	}
	if t.Kind.Size < 13 {
		return 14
	}
	return 16
}

// CreateRenderer implements fyne.Widget.
func (t *IconText) CreateRenderer() fyne.WidgetRenderer {
	image, label := draw.NewImage(), draw.NewText(t.Kind)
	return draw.NewFlat(t, func() fyne.Size {
		return fyne.NewSize(t.edge()+look.GapIcon+draw.Ceil(t.Kind.Width(t.Text)), max(t.Kind.Line, t.edge()))
	}, func(size fyne.Size) {
		e := t.edge()
		draw.Place(image, 0, draw.Floor((size.Height-e)/2), e, e)
		draw.PlaceText(label, t.Text, t.Kind, e+look.GapIcon, 0, size.Width-e-look.GapIcon+1, size.Height)
	}, func() {
		tone := t.Tone
		if tone == "" {
			tone = t.Ink
		}
		draw.PaintIcon(image, t.Icon, tone)
		draw.PaintText(label, t.Text, t.Kind, t.Ink)
	}, image, label)
}
