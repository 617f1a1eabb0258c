package newsync

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"syncline/app/suggest"
	"syncline/ui/draw"
	"syncline/ui/look"
	"syncline/ui/widgets/choice"
)

// candidate is a row of the key table.
type candidate struct {
	suggest.Key
	label string // of the property
}

// keyTable lists the candidates for the match key, of which one is chosen.
type keyTable struct {
	choice.Chooser
	rows []candidate
	// counted says that the HubSpot side was counted.
	counted bool

	box, head, edge *canvas.Rectangle
	titles          [6]*canvas.Text
	icons           [2]*canvas.Image
	parts           []keyPart
	flat            *draw.Flat
	ring            draw.Ring
}

type keyPart struct {
	back, bar, line *canvas.Rectangle
	knob            choice.Radio
	field, property *canvas.Text
	arrow, glyph    *canvas.Image
	reason, verdict *canvas.Text
	sides           [2]sidePart
}

// sidePart is what a row shows of one side.
type sidePart struct {
	share, twice *canvas.Text
	track, fill  *canvas.Rectangle
}

const keyRow float32 = 52

func newKeyTable(changed func(int), enter func()) *keyTable {
	t := &keyTable{}
	t.OnChoose, t.OnEnter = changed, enter
	t.Extend(t)
	return t
}

// set shows other candidates without reporting it.
func (t *keyTable) set(rows []candidate, chosen int, counted bool) {
	t.rows, t.Chosen, t.counted = rows, chosen, counted
	t.Refresh()
}

func (t *keyTable) Length() int { return len(t.rows) }

func (t *keyTable) Hit(p fyne.Position) int {
	i := int((p.Y - look.GridHeader) / keyRow)
	if p.Y < look.GridHeader || i >= len(t.rows) {
		return -1
	}
	return i
}

// HeightFor implements widgets.HeightFor.
func (t *keyTable) HeightFor(float32) float32 {
	return look.GridHeader + float32(len(t.rows))*keyRow + 1
}

// CreateRenderer implements fyne.Widget.
func (t *keyTable) CreateRenderer() fyne.WidgetRenderer {
	t.box, t.head, t.edge = draw.NewRect(look.RadiusCard), draw.NewRect(0), draw.NewRect(0)
	t.head.TopLeftCornerRadius, t.head.TopRightCornerRadius = look.RadiusCard, look.RadiusCard
	for i := range t.titles {
		t.titles[i] = draw.NewText(look.Small)
	}
	t.icons = [2]*canvas.Image{draw.NewImage(), draw.NewImage()}
	t.ring = draw.NewRing(0)
	t.flat = &draw.Flat{Owner: t, Arrange: t.layout, Paint: t.paint}
	t.flat.Min = func() fyne.Size { return fyne.NewSize(480, t.HeightFor(0)) }
	t.paint()
	return t.flat
}

var keyTitles = [6]string{"Candidate", "Filled", "Duplicates", "Filled", "Duplicates", "Verdict"}

func (t *keyTable) paint() {
	draw.PaintRect(t.box, look.Surface, look.Stroke)
	draw.PaintRect(t.head, look.Sunken, look.Stroke)
	draw.PaintRect(t.edge, look.Clear, look.Stroke)
	t.edge.CornerRadius = look.RadiusCard
	o := append(t.flat.Objs[:0], t.box, t.head)
	for i, text := range t.titles {
		draw.PaintText(text, keyTitles[i], look.Small, look.T2)
		o = append(o, text)
	}
	draw.PaintIcon(t.icons[0], "spreadsheet", look.Source.Text())
	draw.PaintIcon(t.icons[1], look.HubSpot.Icon(), look.HubSpot.Text())
	o = append(o, t.icons[0], t.icons[1])
	for len(t.parts) < len(t.rows) {
		t.parts = append(t.parts, newKeyPart())
	}
	t.parts = t.parts[:len(t.rows)]
	for i := range t.parts {
		o = t.paintRow(i, o)
	}
	t.ring.Paint(t.Focused)
	t.flat.Objs = append(o, t.edge, t.ring.Rectangle)
}

func newKeyPart() keyPart {
	p := keyPart{back: draw.NewRect(0), bar: draw.NewRect(0), line: draw.NewRect(0), knob: choice.NewRadio(),
		field: draw.NewText(look.Strong), property: draw.NewText(look.Strong), arrow: draw.NewImage(), glyph: draw.NewImage(),
		reason: draw.NewText(look.Caption), verdict: draw.NewText(look.Body)}
	for i := range p.sides {
		s := &p.sides[i]
		s.share, s.twice, s.track, s.fill = draw.NewText(look.Small), draw.NewText(look.Body), draw.NewRect(2), draw.NewRect(2)
		s.twice.Alignment = fyne.TextAlignTrailing
	}
	return p
}

func (t *keyTable) paintRow(i int, o []fyne.CanvasObject) []fyne.CanvasObject {
	p, r := &t.parts[i], t.rows[i]
	fill := look.Surface
	switch {
	case i == t.Chosen:
		fill = look.Select
	case i == t.Hover:
		fill = look.Hover
	}
	draw.PaintRect(p.back, fill, look.Clear)
	draw.PaintRect(p.line, look.Stroke, look.Clear)
	draw.PaintRect(p.bar, look.SelectLn, look.Clear)
	draw.Show(p.bar, i == t.Chosen)
	draw.Show(p.line, i < len(t.rows)-1)
	p.knob.Paint(i == t.Chosen, true)
	draw.PaintText(p.field, r.Field, look.Strong, look.T1)
	draw.PaintText(p.property, r.label, look.Strong, look.T1)
	draw.PaintIcon(p.arrow, "two-way", look.T2)
	draw.PaintText(p.reason, r.Reason, look.Caption, look.T2)
	icon, ink := verdictGlyph(r.Verdict)
	draw.PaintIcon(p.glyph, icon, ink)
	draw.PaintText(p.verdict, r.Verdict.String(), look.Body, look.T1)
	o = append(o, p.back, p.bar, p.line, p.knob.Disc, p.knob.Dot, p.field, p.arrow, p.property, p.reason, p.glyph, p.verdict)
	for side, m := range [2]suggest.Measure{r.Source, r.HubSpot} {
		known := m.Rows > 0 && (side == 0 || t.counted)
		o = p.sides[side].paint([2]look.Meaning{look.Source, look.HubSpot}[side], m, known, o)
	}
	return o
}

func (s *sidePart) paint(side look.Meaning, m suggest.Measure, known bool, o []fyne.CanvasObject) []fyne.CanvasObject {
	share, twice, ink := "–", "–", look.T3
	if known {
		share, twice, ink = look.Share(m.Filled, m.Rows), look.Number(m.Duplicates()), look.T1
		if m.Duplicates() > 0 {
			ink = look.Conflict.Text()
		}
	}
	draw.PaintText(s.share, share, look.Small, look.T1)
	draw.PaintText(s.twice, twice, look.Body, ink)
	draw.PaintRect(s.track, look.Stroke2, look.Clear)
	draw.PaintRect(s.fill, side.Solid(), look.Clear)
	return append(o, s.share, s.twice, s.track, s.fill)
}

func verdictGlyph(v suggest.Verdict) (look.Icon, look.Token) {
	switch v {
	case suggest.Best, suggest.Good:
		return "check-circle", look.Create.Text()
	case suggest.Weak:
		return "warning", look.Conflict.Text()
	}
	return look.Failed.Icon(), look.Failed.Text()
}

// keyColumns are the left edges of the table's columns, for a width.
type keyColumns struct {
	name, nameW float32
	filled      [2]float32
	barW        float32
	twice       [2]float32 // right edges
	verdict     float32
}

func keyColumnsOf(width float32) keyColumns {
	gap, bar := float32(24), float32(73)
	if width < 700 {
		gap, bar = 14, 60
	}
	c := keyColumns{name: 48, barW: bar, verdict: width - 103}
	right := c.verdict - gap - 4
	for side := 1; side >= 0; side-- {
		c.twice[side] = right
		c.filled[side] = right - 82 - bar
		right = c.filled[side] - gap
	}
	c.nameW = c.filled[0] - 12 - c.name
	return c
}

func (t *keyTable) layout(size fyne.Size) {
	c := keyColumnsOf(size.Width)
	draw.Place(t.box, 0, 0, size.Width, size.Height)
	draw.Place(t.edge, 0, 0, size.Width, size.Height)
	draw.Place(t.head, 0, 0, size.Width, look.GridHeader)
	title := func(i int, x, w float32, align fyne.TextAlign) {
		t.titles[i].Alignment = align
		draw.PlaceText(t.titles[i], keyTitles[i], look.Small, x, 0, w, look.GridHeader)
	}
	title(0, c.name, c.nameW, fyne.TextAlignLeading)
	for side := range 2 {
		draw.Place(t.icons[side], c.filled[side], 10, 12, 12)
		title(1+2*side, c.filled[side]+17, 60, fyne.TextAlignLeading)
		title(2+2*side, c.twice[side]-70, 70, fyne.TextAlignTrailing)
	}
	title(5, c.verdict, 100, fyne.TextAlignLeading)
	for i := range t.parts {
		t.placeRow(i, c, size.Width)
	}
	t.ring.Inside(1, look.GridHeader+float32(max(t.Chosen, 0))*keyRow, size.Width-2, keyRow)
}

func (t *keyTable) placeRow(i int, c keyColumns, width float32) {
	p, r := &t.parts[i], t.rows[i]
	y := look.GridHeader + float32(i)*keyRow
	draw.Place(p.back, 1, y, width-2, keyRow)
	p.back.BottomLeftCornerRadius, p.back.BottomRightCornerRadius = 0, 0
	if i == len(t.parts)-1 {
		p.back.BottomLeftCornerRadius, p.back.BottomRightCornerRadius = look.RadiusCard, look.RadiusCard
	}
	draw.Place(p.bar, 0, y, 3, keyRow)
	draw.Place(p.line, 1, y+keyRow-1, width-2, 1)
	p.knob.Place(15, y+18)
	// The field keeps at least half of the room, the property takes the rest.
	fw := draw.Ceil(look.Strong.Width(r.Field))
	pw := draw.Ceil(look.Strong.Width(r.label))
	room := c.nameW - 26
	if fw+pw > room {
		fw = min(fw, max(room/2, room-pw))
		pw = room - fw
	}
	draw.PlaceText(p.field, r.Field, look.Strong, c.name, y+9, fw+1, look.Strong.Line)
	draw.Place(p.arrow, c.name+fw+7, y+12, 12, 12)
	draw.PlaceText(p.property, r.label, look.Strong, c.name+fw+26, y+9, pw+1, look.Strong.Line)
	draw.PlaceText(p.reason, r.Reason, look.Caption, c.name, y+28, c.nameW, look.Caption.Line)
	for side, m := range [2]suggest.Measure{r.Source, r.HubSpot} {
		s := &p.sides[side]
		x := c.filled[side]
		draw.Place(s.share, x, y+12, c.barW, 16)
		draw.Place(s.track, x, y+32, c.barW, 4)
		w := draw.Floor(c.barW * float32(m.Fill()))
		if m.Filled > 0 {
			w = max(w, 4)
		}
		draw.Place(s.fill, x, y+32, w, 4)
		draw.Show(s.fill, w > 0 && (side == 0 || t.counted))
		draw.Place(s.twice, c.twice[side]-70, y+17, 70, 18)
	}
	draw.Place(p.glyph, c.verdict, y+18, 16, 16)
	draw.PlaceText(p.verdict, r.Verdict.String(), look.Body, c.verdict+22, y+17, 81, 18)
}
