package widgets

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// SideValue is one card of the comparison.
type SideValue struct {
	Value   string
	Missing string // shown instead of an absent value: "Never agreed: first run"
	Who     string // "Row C-20418", "Soraya Pell"
	When    string // "saved 21 Nov, 16:20"
	// Options are the members of a multi-select on this side; they are listed
	// one per line with a tick instead of Value.
	Options []string
}

// SideBySide compares the three values of a conflict: source, base and HubSpot,
// in this order, each with the button that takes it. The characters in which
// source and HubSpot differ are marked.
type SideBySide struct {
	widget.BaseWidget

	Source, Base, HubSpot SideValue

	OnTake func(side look.Meaning) // Source, Base or HubSpot
	OnAll  func()                  // opens the full-size comparison of a long text

	cards [3]*sideCard
}

// NewSideBySide makes the comparison.
func NewSideBySide(take func(look.Meaning)) *SideBySide {
	s := &SideBySide{OnTake: take}
	for i, m := range []look.Meaning{look.Source, look.Base, look.HubSpot} {
		text, key := "Take source", "←"
		switch m {
		case look.Base:
			text, key = "Back to base", "B"
		case look.HubSpot:
			text, key = "Take HubSpot", "→"
		}
		c := &sideCard{meaning: m, take: NewButton(Plain, "", text, func() {
			if s.OnTake != nil {
				s.OnTake(m)
			}
		})}
		c.take.Key, c.take.Wide = key, true
		c.all = NewButton(Quiet, "", "Show all", func() {
			if s.OnAll != nil {
				s.OnAll()
			}
		})
		c.all.Small = true
		c.ExtendBaseWidget(c)
		s.cards[i] = c
	}
	s.ExtendBaseWidget(s)
	return s
}

// Set shows another conflict.
func (s *SideBySide) Set(source, base, hubspot SideValue) {
	s.Source, s.Base, s.HubSpot = source, base, hubspot
	s.Refresh()
}

// TakeButton is the button of one side, so that a screen can say why a side
// cannot be taken.
func (s *SideBySide) TakeButton(side look.Meaning) *Button {
	switch side {
	case look.Base:
		return s.cards[1].take
	case look.HubSpot:
		return s.cards[2].take
	}
	return s.cards[0].take
}

const sideGap float32 = 8

// HeightFor implements [HeightFor]: the tallest card decides.
func (s *SideBySide) HeightFor(width float32) float32 {
	s.fill()
	h := float32(0)
	for _, c := range s.cards {
		h = max(h, c.height((width-2*sideGap)/3))
	}
	return h
}

// fill hands each card its value and marks.
func (s *SideBySide) fill() {
	left, right := DiffRuns(s.Source.Value, s.HubSpot.Value)
	for i, v := range []SideValue{s.Source, s.Base, s.HubSpot} {
		s.cards[i].value = v
	}
	s.cards[0].runs, s.cards[1].runs, s.cards[2].runs = left, whole(s.Base.Value), right
	options := unionOptions(s.Source.Options, s.HubSpot.Options, s.Base.Options)
	for _, c := range s.cards {
		c.options = options
	}
}

// unionOptions lists every option of any side once, in order of appearance.
func unionOptions(lists ...[]string) []string {
	var out []string
	seen := map[string]bool{}
	for _, l := range lists {
		for _, o := range l {
			if !seen[o] {
				seen[o] = true
				out = append(out, o)
			}
		}
	}
	return out
}

// CreateRenderer implements fyne.Widget.
func (s *SideBySide) CreateRenderer() fyne.WidgetRenderer {
	return draw.NewFlat(s, func() fyne.Size {
		return fyne.NewSize(3*150+2*sideGap, s.HeightFor(max(s.Size().Width, 3*150+2*sideGap)))
	}, func(size fyne.Size) {
		w := draw.Floor((size.Width - 2*sideGap) / 3)
		for i, c := range s.cards {
			draw.Place(c, float32(i)*(w+sideGap), 0, w, size.Height)
		}
	}, func() {
		s.fill()
		for _, c := range s.cards {
			c.Refresh()
		}
	}, s.cards[0], s.cards[1], s.cards[2])
}

// sideCard is one of the three cards.
type sideCard struct {
	widget.BaseWidget
	meaning look.Meaning
	value   SideValue
	runs    []Run
	options []string
	take    *Button
	all     *Button

	box, head, cover *canvas.Rectangle
	icon             *canvas.Image
	word             *canvas.Text
	who, when        *canvas.Text
	pieces           []sidePiece
	flat             *draw.Flat
}

// sidePiece is one run of one line, or one option of a multi-select.
type sidePiece struct {
	tint, under *canvas.Rectangle
	text        *canvas.Text
}

const sidePad, sideHead, sideLines = float32(13), float32(32), 3

// lineOfRuns is a line of the value, broken at the card's width.
type lineOfRuns []Run

// broken breaks the runs into lines of at most width: after a space where a line has one, else
// by characters, since every character of the mono face is equally wide.
func broken(runs []Run, width float32) []lineOfRuns {
	per := max(int(width/look.MonoSide.Width("0")), 1)
	var text []rune
	var differs []bool
	for _, r := range runs {
		for _, c := range strings.ReplaceAll(r.Text, "\r\n", "\n") {
			text, differs = append(text, c), append(differs, r.Differs)
		}
	}
	var out []lineOfRuns
	for start := 0; start < len(text); {
		end, next := lineEnd(text, start, per)
		out = append(out, lineOf(text[start:end], differs[start:end]))
		if start = next; start == len(text) && text[next-1] == '\n' {
			out = append(out, nil) // the value ends with an empty line
		}
	}
	if len(out) == 0 {
		out = append(out, nil)
	}
	return out
}

// lineEnd is where the line that begins at start ends, and where the next one begins.
func lineEnd(text []rune, start, per int) (end, next int) {
	space := -1
	for i := start; i < len(text); i++ {
		if text[i] == '\n' {
			return i, i + 1
		}
		if i == start+per {
			if space > 0 {
				return space, space
			}
			return i, i
		}
		if text[i] == ' ' {
			space = i + 1
		}
	}
	return len(text), len(text)
}

// lineOf is a line as the runs that it has a part of.
func lineOf(text []rune, differs []bool) (line lineOfRuns) {
	for from, to := 0, 1; from < len(text); to++ {
		if to == len(text) || differs[to] != differs[from] {
			line = append(line, Run{string(text[from:to]), differs[from]})
			from = to
		}
	}
	return line
}

func (c *sideCard) lines(width float32) (lines []lineOfRuns, more bool) {
	lines = broken(c.runs, width-2*sidePad)
	if len(lines) > sideLines {
		return lines[:sideLines], true
	}
	return lines, false
}

func (c *sideCard) valueHeight(width float32) float32 {
	if len(c.options) > 0 {
		return float32(len(c.options)) * 20
	}
	lines, more := c.lines(width)
	h := float32(len(lines)) * 22
	if more {
		h += look.SmallButton
	}
	return h
}

func (c *sideCard) height(width float32) float32 {
	return sideHead + 14 + c.valueHeight(width) + 10 + 2*look.Small.Line + 12 + look.ControlHeight + 13
}

// CreateRenderer implements fyne.Widget.
func (c *sideCard) CreateRenderer() fyne.WidgetRenderer {
	c.box, c.head, c.cover = draw.NewRect(look.RadiusCard), draw.NewRect(0), draw.NewRect(0)
	c.icon, c.word = draw.NewImage(), draw.NewText(look.Strong)
	c.who, c.when = draw.NewText(look.Small), draw.NewText(look.Small)
	c.flat = &draw.Flat{Owner: c, Arrange: c.layout, Paint: c.paint}
	c.flat.Min = func() fyne.Size { return fyne.NewSize(150, c.height(max(c.Size().Width, 150))) }
	c.paint()
	return c.flat
}

func (c *sideCard) paint() {
	m := c.meaning
	draw.PaintRect(c.box, look.Surface, m.Solid())
	draw.PaintRect(c.head, m.Tint(), look.Clear)
	c.head.TopLeftCornerRadius, c.head.TopRightCornerRadius = look.RadiusCard-1, look.RadiusCard-1
	draw.PaintIcon(c.icon, m.Icon(), m.Text())
	draw.PaintText(c.word, m.Word(), look.Strong, m.Text())
	draw.PaintText(c.who, c.value.Who, look.Small, look.T2)
	draw.PaintText(c.when, c.value.When, look.Small, look.T2)
	c.assemble(false)
}

func (c *sideCard) assemble(more bool) {
	o := append(c.flat.Objs[:0], c.box, c.head, c.icon, c.word)
	for _, p := range c.pieces {
		o = append(o, p.tint, p.under, p.text)
	}
	o = append(o, c.who, c.when)
	if more {
		o = append(o, c.all)
	}
	c.flat.Objs = append(o, c.take)
}

func (c *sideCard) layout(size fyne.Size) {
	draw.Place(c.box, 0, 0, size.Width, size.Height)
	draw.Place(c.head, 1, 1, size.Width-2, sideHead-1)
	draw.Place(c.icon, sidePad, 9, 16, 16)
	draw.PlaceText(c.word, c.meaning.Word(), look.Strong, sidePad+22, 1, size.Width-sidePad*2-22, sideHead)

	y, more := sideHead+14, false
	if len(c.options) > 0 {
		y = c.placeOptions(y, size.Width)
	} else {
		y, more = c.placeValue(y, size.Width)
	}
	w := size.Width - 2*sidePad
	y += 10
	draw.PlaceText(c.who, c.value.Who, look.Small, sidePad, y, w, look.Small.Line)
	draw.PlaceText(c.when, c.value.When, look.Small, sidePad, y+look.Small.Line, w, look.Small.Line)
	draw.Place(c.take, sidePad, size.Height-13-look.ControlHeight, w, look.ControlHeight)
	c.assemble(more)
}

func (c *sideCard) piece(i int) sidePiece {
	for len(c.pieces) <= i {
		c.pieces = append(c.pieces, sidePiece{draw.NewRect(3), draw.NewRect(0), draw.NewText(look.MonoSide)})
	}
	return c.pieces[i]
}

func (c *sideCard) hideFrom(i int) {
	for _, p := range c.pieces[min(i, len(c.pieces)):] {
		draw.Show(p.tint, false)
		draw.Show(p.under, false)
		draw.Show(p.text, false)
	}
}

// placeValue draws the value's runs and returns where they end.
func (c *sideCard) placeValue(y, width float32) (end float32, more bool) {
	if c.value.Value == "" {
		p := c.piece(0)
		text := c.value.Missing
		if text == "" {
			text = "no value"
		}
		draw.PaintText(p.text, look.Cut(text, look.Body, width-2*sidePad), look.Body, look.T3)
		draw.Place(p.text, sidePad, y, width-2*sidePad, 22)
		draw.Show(p.text, true)
		draw.Show(p.tint, false)
		draw.Show(p.under, false)
		c.hideFrom(1)
		return y + 22, false
	}
	lines, more := c.lines(width)
	i := 0
	for _, line := range lines {
		prefix := ""
		for _, r := range line {
			p := c.piece(i)
			i++
			x := sidePad + look.MonoSide.Width(prefix)
			w := look.MonoSide.Width(prefix+r.Text) - look.MonoSide.Width(prefix)
			ink := look.T1
			if r.Differs {
				ink = c.meaning.Text()
			}
			draw.PaintText(p.text, r.Text, look.MonoSide, ink)
			draw.Place(p.text, x, y, w, 20)
			draw.Show(p.text, true)
			draw.PaintRect(p.tint, c.meaning.Tint(), look.Clear)
			draw.PaintRect(p.under, c.meaning.Solid(), look.Clear)
			draw.Place(p.tint, x, y, w, 20)
			draw.Place(p.under, x, y+19, w, 2)
			draw.Show(p.tint, r.Differs)
			draw.Show(p.under, r.Differs)
			prefix += r.Text
		}
		y += 22
	}
	c.hideFrom(i)
	if more {
		m := c.all.MinSize()
		draw.Place(c.all, sidePad-10, y, m.Width, m.Height)
		y += look.SmallButton
	}
	return y, more
}

// placeOptions lists the options of all sides, those of this side with a tick.
func (c *sideCard) placeOptions(y, width float32) float32 {
	mine := map[string]bool{}
	for _, o := range c.value.Options {
		mine[o] = true
	}
	for i, o := range c.options {
		p := c.piece(i)
		text, ink := "✓ "+o, look.T1
		if !mine[o] {
			text, ink = "– "+o, look.T3
		}
		draw.PaintText(p.text, look.Cut(text, look.Body, width-2*sidePad), look.Body, ink)
		draw.Place(p.text, sidePad, y, width-2*sidePad, 20)
		draw.Show(p.text, true)
		draw.Show(p.tint, false)
		draw.Show(p.under, false)
		y += 20
	}
	c.hideFrom(len(c.options))
	return y
}
