package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// Entry is Fyne's entry in our form: 32 (or 28) high, an icon at the left, a
// focus ring, a red outline while what it holds is wrong. Escape leaves the
// dialog around it; Enter presses the dialog's primary button, unless
// OnSubmitted is set.
type Entry struct {
	widget.Entry
	Small   bool
	Problem string // the sentence that stands under the field; not empty paints it red

	focused bool
	ring    *canvas.Rectangle
	wrong   *canvas.Image
}

// NewEntry makes a one-line entry.
func NewEntry(placeholder string) *Entry {
	e := &Entry{}
	e.ExtendBaseWidget(e)
	e.PlaceHolder = placeholder
	return e
}

// NewSearchEntry makes an entry with a magnifier.
func NewSearchEntry(placeholder string, changed func(string)) *Entry {
	e := NewEntry(placeholder)
	e.Icon = look.Themed("search", look.T3)
	e.OnChanged = changed
	return e
}

// NewSecretEntry makes an entry whose content never shows: what stands where
// Fyne would put its button to reveal it is empty.
func NewSecretEntry(placeholder string) *Entry {
	e := NewEntry(placeholder)
	e.Password = true
	e.ActionItem = canvas.NewRectangle(color.Transparent)
	return e
}

// SetProblem shows or takes back what is wrong with the content.
func (e *Entry) SetProblem(problem string) {
	if e.Problem != problem {
		e.Problem = problem
		e.Refresh()
	}
}

// FocusGained implements fyne.Focusable.
func (e *Entry) FocusGained() {
	e.focused = true
	e.Entry.FocusGained()
	e.paintRing()
}

// FocusLost implements fyne.Focusable.
func (e *Entry) FocusLost() {
	e.focused = false
	e.Entry.FocusLost()
	e.paintRing()
}

// TypedKey implements fyne.Focusable.
func (e *Entry) TypedKey(k *fyne.KeyEvent) {
	switch {
	case k.Name == fyne.KeyEscape:
		Escape(e)
		return
	case (k.Name == fyne.KeyReturn || k.Name == fyne.KeyEnter) && e.OnSubmitted == nil && !e.MultiLine:
		if d := dialogOf(e); d != nil {
			d.Submit()
			return
		}
	}
	e.Entry.TypedKey(k)
}

// MinSize implements fyne.CanvasObject.
func (e *Entry) MinSize() fyne.Size {
	m := e.Entry.MinSize()
	if e.MultiLine {
		return m
	}
	h := look.ControlHeight
	if e.Small {
		h = look.SmallEntry
	}
	return fyne.NewSize(max(m.Width, 60), h)
}

// CreateRenderer implements fyne.Widget.
func (e *Entry) CreateRenderer() fyne.WidgetRenderer {
	e.ring, e.wrong = draw.NewRect(look.RadiusButton), draw.NewImage()
	r := &entryRenderer{WidgetRenderer: e.Entry.CreateRenderer(), entry: e}
	e.paintRing()
	return r
}

func (e *Entry) paintRing() {
	if e.ring == nil {
		return
	}
	e.ring.FillColor = look.Color(look.Clear)
	switch {
	case e.focused:
		e.ring.StrokeWidth, e.ring.StrokeColor = 2, look.Color(look.Focus)
	case e.Problem != "":
		e.ring.StrokeWidth, e.ring.StrokeColor = 1, look.Color(look.Failed.Solid())
	}
	draw.Show(e.ring, e.focused || e.Problem != "")
	e.ring.Refresh()
	glyph := look.Icon("")
	if e.Problem != "" {
		glyph = look.Invalid.Icon()
	}
	draw.PaintIcon(e.wrong, glyph, look.Failed.Text())
}

// entryRenderer draws the ring over Fyne's own entry.
type entryRenderer struct {
	fyne.WidgetRenderer
	entry *Entry
}

func (r *entryRenderer) Objects() []fyne.CanvasObject {
	return append(r.WidgetRenderer.Objects(), r.entry.wrong, r.entry.ring)
}

func (r *entryRenderer) Layout(size fyne.Size) {
	r.WidgetRenderer.Layout(size)
	draw.Place(r.entry.ring, 0, 0, size.Width, size.Height)
	draw.Place(r.entry.wrong, size.Width-26, draw.Floor((size.Height-16)/2), 16, 16)
	r.paintDisabled()
}

// paintDisabled fills a read-only entry as the look has it; Fyne leaves the fill
// as it is.
func (r *entryRenderer) paintDisabled() {
	if !r.entry.Disabled() {
		return
	}
	boxes := 0
	for _, o := range r.WidgetRenderer.Objects() {
		if box, ok := o.(*canvas.Rectangle); ok {
			if boxes == 0 {
				box.FillColor = look.Color(look.Sunken)
			} else {
				box.StrokeColor = look.Color(look.Stroke)
			}
			box.Refresh()
			boxes++
		}
	}
}

func (r *entryRenderer) Refresh() {
	r.WidgetRenderer.Refresh()
	r.paintDisabled()
	r.entry.paintRing()
}

// Select is a drop-down list of words. Space, Enter or Down opens it; while it
// is closed Up and Down choose the neighbour.
type Select struct {
	pressable

	Options     []string
	Selected    int // -1 for none
	PlaceHolder string
	Small       bool
	Icon        look.Icon
	Problem     bool
	Reason      string // disabled while not empty

	OnChanged func(selected int)

	box     *canvas.Rectangle
	image   *canvas.Image
	chevron *canvas.Image
	label   *canvas.Text
	ring    draw.Ring
	menu    *widget.PopUpMenu
}

// NewSelect makes a select; selected is -1 for none.
func NewSelect(options []string, selected int, changed func(int)) *Select {
	s := &Select{Options: options, Selected: selected, PlaceHolder: "Choose", OnChanged: changed}
	s.extend(s, s.open, func() bool { return s.Reason != "" })
	return s
}

// Choose selects an option as the user would.
func (s *Select) Choose(i int) {
	if i < 0 || i >= len(s.Options) || i == s.Selected || s.Disabled() {
		return
	}
	s.Selected = i
	s.Refresh()
	if s.OnChanged != nil {
		s.OnChanged(i)
	}
}

// SetOptions changes the list and the selection, without calling OnChanged.
func (s *Select) SetOptions(options []string, selected int) {
	s.Options, s.Selected = options, selected
	s.Refresh()
}

// Text is the selected option, "" for none.
func (s *Select) Text() string {
	if s.Selected < 0 || s.Selected >= len(s.Options) {
		return ""
	}
	return s.Options[s.Selected]
}

func (s *Select) open() {
	c := CanvasOf(s)
	if c == nil || len(s.Options) == 0 {
		return
	}
	items := make([]*fyne.MenuItem, len(s.Options))
	for i, o := range s.Options {
		items[i] = fyne.NewMenuItem(o, func() {
			s.Choose(i)
			FocusOn(s)
		})
		items[i].Checked = i == s.Selected
	}
	s.menu = widget.NewPopUpMenu(fyne.NewMenu("", items...), c)
	pos := fyne.CurrentApp().Driver().AbsolutePositionForObject(s)
	s.menu.ShowAtPosition(pos.AddXY(0, s.Size().Height+2))
	s.menu.Resize(fyne.NewSize(max(s.Size().Width, s.menu.MinSize().Width), s.menu.MinSize().Height))
	c.Focus(s.menu)
}

// TypedKey implements fyne.Focusable.
func (s *Select) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyUp:
		s.Choose(s.Selected - 1)
	case fyne.KeyDown:
		s.Choose(s.Selected + 1)
	default:
		s.pressable.TypedKey(e)
	}
}

// CreateRenderer implements fyne.Widget.
func (s *Select) CreateRenderer() fyne.WidgetRenderer {
	s.box, s.ring = draw.NewRect(look.RadiusButton), draw.NewRing(look.RadiusButton)
	s.image, s.chevron, s.label = draw.NewImage(), draw.NewImage(), draw.NewText(look.Body)
	return draw.NewFlat(s, func() fyne.Size {
		w := look.Body.Width(s.PlaceHolder)
		for _, o := range s.Options {
			w = max(w, look.Body.Width(o))
		}
		h := look.ControlHeight
		if s.Small {
			h = look.SmallEntry
		}
		return fyne.NewSize(min(draw.Ceil(w), 240)+52, h)
	}, func(size fyne.Size) {
		draw.Place(s.box, 0, 0, size.Width, size.Height)
		s.ring.Inside(0, 0, size.Width, size.Height)
		draw.Place(s.chevron, size.Width-26, draw.Floor((size.Height-16)/2), 16, 16)
		x := float32(10)
		if s.Icon != "" {
			draw.Place(s.image, x, draw.Floor((size.Height-16)/2), 16, 16)
			x += 22
		}
		draw.PlaceText(s.label, s.shown(), look.Body, x, 0, size.Width-28-x, size.Height)
	}, s.paint, s.box, s.image, s.label, s.chevron, s.ring.Rectangle)
}

func (s *Select) shown() string {
	if t := s.Text(); t != "" {
		return t
	}
	return s.PlaceHolder
}

func (s *Select) paint() {
	fill, stroke, ink := look.Surface, look.Control, look.T1
	switch {
	case s.Disabled():
		fill, stroke, ink = look.Sunken, look.Stroke, look.Off
	case s.Problem:
		stroke = look.Failed.Solid()
	case s.hovered:
		fill = look.Hover
	}
	if s.Text() == "" && !s.Disabled() {
		ink = look.T3
	}
	draw.PaintRect(s.box, fill, stroke)
	draw.PaintText(s.label, s.shown(), look.Body, ink)
	draw.PaintIcon(s.image, s.Icon, look.T2)
	draw.PaintIcon(s.chevron, "chevron-down", look.T3)
	s.ring.Paint(s.focused)
}
