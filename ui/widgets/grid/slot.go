package grid

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"syncline/ui/draw"
	"syncline/ui/look"
	"syncline/ui/widgets"
)

// cellBox is where a cell is drawn and in which state its row is.
type cellBox struct {
	x, w, h float32
	right   bool // texts stand at the right edge
	lead    bool // semibold, because it names the selected row
	dim     bool
}

// slot holds the objects of one column in one row widget. Most cells are one
// text; the other forms are made when a cell first needs them.
type slot struct {
	text, second *canvas.Text
	icon         *canvas.Image
	mark         *canvas.Rectangle
	box          *canvas.Rectangle // checkbox, or the bar of a pending value
	tag          *widgets.TagParts
	bar          *widgets.BarParts
	diff         *widgets.CellDiff
}

const cellPad float32 = 8

// draw paints and places a cell and adds its objects.
func (s *slot) draw(objects []fyne.CanvasObject, c Cell, b cellBox) []fyne.CanvasObject {
	switch {
	case c.Pending:
		return s.drawPending(objects, b)
	case c.Change != nil:
		return s.drawChange(objects, c, b)
	case c.Check != NoCheck:
		return s.drawCheck(objects, c.Check, b)
	case c.Mark != look.Neutral:
		return s.drawMark(objects, c.Mark, b)
	case c.TagOf != look.Neutral:
		return s.drawTag(objects, c, b)
	case c.PillOf != look.Neutral:
		return s.drawPill(objects, c, b)
	case c.Bar != nil:
		return s.drawBar(objects, c, b)
	case c.Text != "" || c.Icon != "":
		return s.drawText(objects, c, b)
	}
	return objects
}

func (s *slot) drawText(objects []fyne.CanvasObject, c Cell, b cellBox) []fyne.CanvasObject {
	x, right := b.x+cellPad+22*float32(c.Indent), b.x+b.w-cellPad
	if c.Icon != "" {
		ink := c.IconInk
		if ink == "" {
			ink = c.ink(b.dim)
		}
		s.needIcon()
		draw.PaintIcon(s.icon, c.Icon, ink)
		draw.Place(s.icon, x, draw.Floor((b.h-16)/2), 16, 16)
		objects = append(objects, s.icon)
		x += 22
	}
	if s.text == nil {
		s.text = draw.NewText(look.Body)
	}
	kind := c.kind(b.lead)
	y, h := float32(0), b.h
	if c.Second != "" && b.h >= look.RowComfortable-1 {
		y, h = draw.Floor((b.h-33)/2), 18
		if s.second == nil {
			s.second = draw.NewText(look.Caption)
		}
		draw.PaintText(s.second, c.Second, look.Caption, look.T2)
		align(s.second, c.Second, look.Caption, x, y+18, right-x, look.Caption.Line, b.right)
		objects = append(objects, s.second)
	}
	draw.PaintText(s.text, c.Text, kind, c.ink(b.dim))
	align(s.text, c.Text, kind, x, y, right-x, h, b.right)
	return append(objects, s.text)
}

// align cuts a text to a width and stands it at the left or right edge.
func align(t *canvas.Text, full string, kind look.Type, x, y, w, h float32, right bool) {
	t.Alignment = fyne.TextAlignLeading
	if right {
		t.Alignment = fyne.TextAlignTrailing
	}
	draw.PlaceText(t, full, kind, x, y, max(w, 0), h)
}

func (s *slot) needIcon() {
	if s.icon == nil {
		s.icon = draw.NewImage()
	}
}

func (s *slot) needBox() {
	if s.box == nil {
		s.box = draw.NewRect(look.RadiusTag)
	}
}

func (s *slot) drawPending(objects []fyne.CanvasObject, b cellBox) []fyne.CanvasObject {
	s.needBox()
	draw.PaintRect(s.box, look.Sunken, look.Clear)
	draw.Place(s.box, b.x+cellPad, draw.Floor((b.h-10)/2), max(min(b.w*0.6, b.w-2*cellPad), 0), 10)
	return append(objects, s.box)
}

func (s *slot) drawCheck(objects []fyne.CanvasObject, on Check, b cellBox) []fyne.CanvasObject {
	s.needBox()
	s.needIcon()
	paintCheck(s.box, s.icon, on)
	placeCheck(s.box, s.icon, b.x+cellPad, b.h)
	return append(objects, s.box, s.icon)
}

func paintCheck(box *canvas.Rectangle, tick *canvas.Image, state Check) {
	switch state {
	case Checked, SomeChecked:
		draw.PaintRect(box, look.Accent, look.Clear)
		icon := look.Icon("check")
		if state == SomeChecked {
			icon = "clear"
		}
		draw.PaintIcon(tick, icon, look.OnAccent)
		return
	}
	draw.PaintRect(box, look.Surface, look.Control)
	draw.PaintIcon(tick, "", look.OnAccent)
}

func placeCheck(box *canvas.Rectangle, tick *canvas.Image, x, h float32) {
	y := draw.Floor((h - 16) / 2)
	draw.Place(box, x, y, 16, 16)
	draw.Place(tick, x+2, y+2, 12, 12)
}

func (s *slot) drawMark(objects []fyne.CanvasObject, m look.Meaning, b cellBox) []fyne.CanvasObject {
	if s.mark == nil {
		s.mark = draw.NewRect(look.RadiusMark)
	}
	s.mark.CornerRadius = look.RadiusMark
	s.needIcon()
	draw.PaintRect(s.mark, m.Tint(), look.Clear)
	draw.PaintIcon(s.icon, m.Icon(), m.Text())
	x, y := b.x+draw.Floor((b.w-look.MarkSmall)/2), draw.Floor((b.h-look.MarkSmall)/2)
	draw.Place(s.mark, x, y, look.MarkSmall, look.MarkSmall)
	draw.Place(s.icon, x+4, y+4, 12, 12)
	return append(objects, s.mark, s.icon)
}

func (s *slot) drawTag(objects []fyne.CanvasObject, c Cell, b cellBox) []fyne.CanvasObject {
	if s.tag == nil {
		t := widgets.NewTagParts()
		s.tag = &t
	}
	icon := c.TagIcon
	if icon == "" {
		icon = c.TagOf.Icon()
	}
	s.tag.Paint(c.TagOf, icon, c.Text, true)
	w := min(widgets.TagWidth(icon, c.Text), b.w-2*cellPad)
	s.tag.Place(icon, c.Text, b.x+cellPad, draw.Floor((b.h-look.TagHeight)/2), max(w, 0))
	return append(objects, s.tag.Objects()...)
}

func (s *slot) drawPill(objects []fyne.CanvasObject, c Cell, b cellBox) []fyne.CanvasObject {
	if s.mark == nil {
		s.mark = draw.NewRect(0)
	}
	if s.text == nil {
		s.text = draw.NewText(look.CaptionBold)
	}
	w := widgets.PillWidth(c.Text)
	x, y := b.x+b.w-cellPad-w, draw.Floor((b.h-look.PillHeight)/2)
	if !b.right {
		x = b.x + cellPad
	}
	s.mark.CornerRadius = look.PillHeight / 2
	draw.PaintRect(s.mark, c.PillOf.Tint(), look.Clear)
	draw.Place(s.mark, x, y, w, look.PillHeight)
	draw.PaintText(s.text, c.Text, look.CaptionBold, c.PillOf.Text())
	s.text.Alignment = fyne.TextAlignCenter
	draw.Place(s.text, x, y, w, look.PillHeight)
	return append(objects, s.mark, s.text)
}

func (s *slot) drawBar(objects []fyne.CanvasObject, c Cell, b cellBox) []fyne.CanvasObject {
	if s.bar == nil {
		s.bar = widgets.NewBarParts()
	}
	s.bar.Paint(c.Bar, true)
	s.bar.Place(c.Bar, c.BarTotal, b.x+cellPad, draw.Floor((b.h-8)/2), max(b.w-2*cellPad, 0), 8)
	return s.bar.AppendTo(objects)
}

func (s *slot) drawChange(objects []fyne.CanvasObject, c Cell, b cellBox) []fyne.CanvasObject {
	if s.diff == nil {
		s.diff = widgets.NewCellDiff()
	}
	s.diff.Paint(*c.Change, b.h < look.RowComfortable-1)
	s.diff.Place(b.x, 0, b.w, b.h+1)
	return append(objects, s.diff.Objects()...)
}

// cut reports whether the cell shows less than its whole text.
func (s *slot) cut(c Cell) bool {
	if c.Change != nil {
		return s.diff != nil && s.diff.Shortened()
	}
	return s.text != nil && s.text.Text != c.Text && c.Text != "" ||
		s.second != nil && c.Second != "" && s.second.Text != c.Second
}
