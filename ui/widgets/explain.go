package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// ExplainHead is the top of the explanation: what becomes of the row, its name
// and its keys.
type ExplainHead struct {
	widget.BaseWidget
	Fate      look.Meaning
	Name, Sub string

	mark      *FateMark
	open      *Button
	name, sub *canvas.Text
	line      *canvas.Rectangle
}

// NewExplainHead makes the head; open shows the record in HubSpot, nil when it
// is not there yet.
func NewExplainHead(fate look.Meaning, name, sub string, open func()) *ExplainHead {
	h := &ExplainHead{Fate: fate, Name: name, Sub: sub, mark: NewFateMark(fate, look.MarkMedium)}
	if open != nil {
		h.open = NewIconButton(Quiet, "open", "Open in HubSpot", open)
		h.open.ink = look.T2
	}
	h.ExtendBaseWidget(h)
	return h
}

// CreateRenderer implements fyne.Widget.
func (h *ExplainHead) CreateRenderer() fyne.WidgetRenderer {
	h.name, h.sub, h.line = draw.NewText(look.Strong), draw.NewText(look.Caption), draw.NewRect(0)
	objects := []fyne.CanvasObject{h.mark, h.name, h.sub, h.line}
	if h.open != nil {
		objects = append(objects, h.open)
	}
	return draw.NewFlat(h, func() fyne.Size { return fyne.NewSize(200, 54) }, func(size fyne.Size) {
		draw.Place(h.mark, 14, 15, 24, 24)
		right := size.Width - 14
		if h.open != nil {
			right = size.Width - 44
			draw.Place(h.open, right, 11, 32, 32)
		}
		draw.PlaceText(h.name, h.Name, look.Strong, 46, 10, right-50, look.Strong.Line)
		draw.PlaceText(h.sub, h.Sub, look.Caption, 46, 28, right-50, look.Caption.Line)
		draw.Place(h.line, 0, size.Height-1, size.Width, 1)
	}, func() {
		h.mark.Meaning = h.Fate
		h.mark.Refresh()
		draw.PaintText(h.name, h.Name, look.Strong, look.T1)
		draw.PaintText(h.sub, h.Sub, look.Caption, look.T2)
		draw.PaintRect(h.line, look.Stroke, look.Clear)
	}, objects...)
}

// Explained is one value of an explained field: New, Old, Base, or the two
// sides of a conflict.
type Explained struct {
	Label  string // "New", "Old", "Base", "Source", "HubSpot"
	Value  string // "" shows "no value"
	Strong bool
	Mono   bool
	Ink    look.Meaning // colours the label of a side; Neutral otherwise
}

// ExplainField says of one field what is written where, what it was, and why.
type ExplainField struct {
	widget.BaseWidget
	Name   string
	Tag    *Tag // where it is written; may be nil
	Values []Explained
	Reason string
	Action *Button // such as "Decide in Review"; may be nil

	name         *canvas.Text
	bottom       *canvas.Rectangle
	labels, text []*canvas.Text
	reason       draw.Lines
	flat         *draw.Flat
}

// NewExplainField makes a field.
func NewExplainField(name string, tag *Tag, values []Explained, reason string) *ExplainField {
	f := &ExplainField{Name: name, Tag: tag, Values: values, Reason: reason}
	f.ExtendBaseWidget(f)
	return f
}

const explainLine, explainPad float32 = 19, 14

// HeightFor implements [HeightFor].
func (f *ExplainField) HeightFor(width float32) float32 {
	h := 9 + 22 + float32(len(f.Values))*explainLine + 3
	h += float32(len(look.Wrap(f.Reason, look.Small, width-2*explainPad, 0))) * look.Small.Line
	if f.Action != nil {
		h += look.SmallButton + 8
	}
	return h + 11
}

// CreateRenderer implements fyne.Widget.
func (f *ExplainField) CreateRenderer() fyne.WidgetRenderer {
	f.name, f.bottom = draw.NewText(look.Strong), draw.NewRect(0)
	f.flat = &draw.Flat{Owner: f, Arrange: f.layout, Paint: f.paint}
	f.flat.Min = func() fyne.Size { return fyne.NewSize(200, f.HeightFor(max(f.Size().Width, 200))) }
	f.paint()
	return f.flat
}

func (e Explained) kind() look.Type {
	k := look.Body
	if e.Mono && e.Value != "" {
		k = look.Mono
	}
	k.Bold = e.Strong
	return k
}

func (f *ExplainField) paint() {
	draw.PaintText(f.name, f.Name, look.Strong, look.T1)
	draw.PaintRect(f.bottom, look.Stroke, look.Clear)
	for len(f.labels) < len(f.Values) {
		f.labels = append(f.labels, draw.NewText(look.Caption))
		f.text = append(f.text, draw.NewText(look.Body))
	}
	for i, v := range f.Values {
		ink := look.T3
		if v.Ink != look.Neutral {
			ink = v.Ink.Text()
		}
		draw.PaintText(f.labels[i], v.Label, look.Caption, ink)
		ink = look.T2
		switch {
		case v.Value == "":
			ink = look.T3
		case v.Strong:
			ink = look.T1
		}
		draw.PaintText(f.text[i], v.Value, v.kind(), ink)
	}
	f.assemble()
}

func (f *ExplainField) assemble() {
	o := append(f.flat.Objs[:0], f.name, f.bottom)
	if f.Tag != nil {
		o = append(o, f.Tag)
	}
	for i := range f.Values {
		o = append(o, f.labels[i], f.text[i])
	}
	o = f.reason.AppendTo(o)
	if f.Action != nil {
		o = append(o, f.Action)
	}
	f.flat.Objs = o
}

func (f *ExplainField) layout(size fyne.Size) {
	right := size.Width - explainPad
	if f.Tag != nil {
		w := min(f.Tag.MinSize().Width, size.Width/2)
		draw.Place(f.Tag, right-w, 11, w, look.TagHeight)
		right -= w + 8
	}
	draw.PlaceText(f.name, f.Name, look.Strong, explainPad, 11, right-explainPad, look.Strong.Line)
	column := float32(42)
	for _, v := range f.Values {
		column = max(column, draw.Ceil(look.Caption.Width(v.Label))+8)
	}
	y := float32(31)
	for i, v := range f.Values {
		draw.Place(f.labels[i], explainPad, y, column, explainLine-2)
		text := v.Value
		if text == "" {
			text = "no value"
		}
		draw.PlaceText(f.text[i], text, v.kind(), explainPad+column, y, size.Width-2*explainPad-column, explainLine)
		y += explainLine
	}
	y += 3
	f.reason.Set(f.Reason, look.Small, look.T2, size.Width-2*explainPad, 0)
	y += f.reason.Place(explainPad, y, size.Width-2*explainPad, fyne.TextAlignLeading)
	if f.Action != nil {
		m := f.Action.MinSize()
		draw.Place(f.Action, explainPad, y+8, m.Width, m.Height)
	}
	draw.Place(f.bottom, 0, size.Height-1, size.Width, 1)
	f.assemble()
}

// Fold is one line that opens to show what it stands for: "9 fields already
// agree".
type Fold struct {
	pressable
	Icon look.Icon
	Text string
	Open bool
	// OnToggle is called when it is opened or closed.
	OnToggle func(open bool)

	image, chevron *canvas.Image
	label          *canvas.Text
	back           *canvas.Rectangle
	ring           draw.Ring
}

// NewFold makes a closed line.
func NewFold(icon look.Icon, text string, toggle func(bool)) *Fold {
	f := &Fold{Icon: icon, Text: text, OnToggle: toggle}
	f.extend(f, func() {
		f.Open = !f.Open
		f.Refresh()
		if f.OnToggle != nil {
			f.OnToggle(f.Open)
		}
	}, nil)
	return f
}

// CreateRenderer implements fyne.Widget.
func (f *Fold) CreateRenderer() fyne.WidgetRenderer {
	f.image, f.chevron, f.label, f.back = draw.NewImage(), draw.NewImage(), draw.NewText(look.Small), draw.NewRect(0)
	f.ring = draw.NewRing(look.RadiusTag)
	return draw.NewFlat(f, func() fyne.Size { return fyne.NewSize(160, 36) }, func(size fyne.Size) {
		draw.Place(f.back, 0, 0, size.Width, size.Height)
		f.ring.Inside(0, 0, size.Width, size.Height)
		draw.Place(f.image, explainPad, 11, 14, 14)
		draw.PlaceText(f.label, f.Text, look.Small, explainPad+22, 0, size.Width-explainPad*2-44, size.Height)
		draw.Place(f.chevron, size.Width-explainPad-16, 10, 16, 16)
	}, func() {
		fill := look.Clear
		if f.hovered {
			fill = look.Hover
		}
		draw.PaintRect(f.back, fill, look.Clear)
		draw.PaintIcon(f.image, f.Icon, look.T2)
		draw.PaintText(f.label, f.Text, look.Small, look.T2)
		icon := look.Icon("chevron-down")
		if f.Open {
			icon = "chevron-up"
		}
		draw.PaintIcon(f.chevron, icon, look.T2)
		f.ring.Paint(f.focused)
	}, f.back, f.image, f.label, f.chevron, f.ring.Rectangle)
}
