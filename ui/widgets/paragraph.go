package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// Paragraph is a text that breaks into lines at its width.
type Paragraph struct {
	widget.BaseWidget

	Text  string
	Kind  look.Type
	Ink   look.Token
	Most  int // at most so many lines, the last one cut with …; 0 for all
	Align fyne.TextAlign
	Whole bool // at least as wide as its text, for a line beside others

	lines draw.Lines
}

// NewParagraph makes a paragraph in a type and colour.
func NewParagraph(text string, kind look.Type, ink look.Token) *Paragraph {
	p := &Paragraph{Text: text, Kind: kind, Ink: ink}
	p.ExtendBaseWidget(p)
	return p
}

// NewLine makes a text of one line, cut with … where it does not fit.
func NewLine(text string, kind look.Type, ink look.Token) *Paragraph {
	p := NewParagraph(text, kind, ink)
	p.Most = 1
	return p
}

// NewLabel makes a text of one line that is never cut.
func NewLabel(text string, kind look.Type, ink look.Token) *Paragraph {
	p := NewLine(text, kind, ink)
	p.Whole = true
	return p
}

// SetText changes the text.
func (p *Paragraph) SetText(text string) {
	if p.Text != text {
		p.Text = text
		p.Refresh()
	}
}

// HeightFor implements [HeightFor].
func (p *Paragraph) HeightFor(width float32) float32 {
	n := 1
	if p.Most != 1 {
		n = max(len(look.Wrap(p.Text, p.Kind, width, p.Most)), 1)
	}
	return float32(n) * p.Kind.Line
}

// CreateRenderer implements fyne.Widget.
func (p *Paragraph) CreateRenderer() fyne.WidgetRenderer {
	f := &draw.Flat{Owner: p, Paint: func() {}}
	f.Min = func() fyne.Size {
		width := float32(24)
		if p.Whole {
			width = draw.Ceil(p.Kind.Width(p.Text))
		}
		if p.Size().Width == 0 { // not laid out yet
			return fyne.NewSize(width, p.Kind.Line)
		}
		return fyne.NewSize(width, p.HeightFor(p.Size().Width))
	}
	f.Arrange = func(size fyne.Size) {
		p.lines.Set(p.Text, p.Kind, p.Ink, size.Width, p.Most)
		p.lines.Place(0, 0, size.Width, p.Align)
		f.Objs = p.lines.AppendTo(f.Objs[:0])
	}
	return f
}
