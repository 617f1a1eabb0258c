package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
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
	// OnKey gets a key before the entry does; it returns true if it used it.
	OnKey func(e *fyne.KeyEvent) bool

	find    bool // Escape takes back what is looked for
	focused bool
	ring    *canvas.Rectangle
	wrong   *canvas.Image
	foot    *canvas.Rectangle // covers the bar that Fyne draws under a line longer than the entry
}

// NewEntry makes a one-line entry.
func NewEntry(placeholder string) *Entry {
	e := &Entry{}
	e.ExtendBaseWidget(e)
	e.PlaceHolder = placeholder
	return e
}

// NewSearchEntry makes an entry with a magnifier. Escape takes back what is
// looked for, and leaves a field that is empty, but not the screen.
func NewSearchEntry(placeholder string, changed func(string)) *Entry {
	e := NewEntry(placeholder)
	e.find = true
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
	case e.OnKey != nil && e.OnKey(k):
		return
	case k.Name == fyne.KeyEscape && e.find && e.Text != "":
		e.SetText("")
		return
	case k.Name == fyne.KeyEscape && e.find && dialogOf(e) == nil:
		if c := CanvasOf(e); c != nil {
			c.Unfocus()
		}
		return
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
	if !e.MultiLine {
		e.Scroll = container.ScrollHorizontalOnly // a line that is a little lower than Fyne's gets no bar
	}
	e.ring, e.wrong, e.foot = draw.NewRect(look.RadiusButton), draw.NewImage(), draw.NewRect(look.RadiusButton-2)
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
	return append(r.WidgetRenderer.Objects(), r.entry.foot, r.entry.wrong, r.entry.ring)
}

func (r *entryRenderer) Layout(size fyne.Size) {
	r.WidgetRenderer.Layout(size)
	r.centre(size)
	draw.Place(r.entry.foot, 4, size.Height-5, size.Width-8, 4)
	draw.Place(r.entry.ring, 0, 0, size.Width, size.Height)
	draw.Place(r.entry.wrong, size.Width-26, draw.Floor((size.Height-16)/2), 16, 16)
	r.paintDisabled()
	r.paintFoot()
}

// paintFoot gives the foot the colour of the entry's ground, Fyne's first rectangle.
func (r *entryRenderer) paintFoot() {
	for _, o := range r.WidgetRenderer.Objects() {
		if ground, ok := o.(*canvas.Rectangle); ok {
			r.entry.foot.FillColor = ground.FillColor
			break
		}
	}
	draw.Show(r.entry.foot, !r.entry.MultiLine)
	r.entry.foot.Refresh()
}

// centre lifts the text of a line that is lower than Fyne's into its middle.
func (r *entryRenderer) centre(size fyne.Size) {
	lift := draw.Floor((r.entry.Entry.MinSize().Height - size.Height) / 2)
	if r.entry.MultiLine || lift <= 0 {
		return
	}
	for _, o := range r.WidgetRenderer.Objects() {
		if _, ok := o.(fyne.Scrollable); ok {
			at, was := o.Position(), o.Size()
			o.Move(at.SubtractXY(0, lift))
			o.Resize(was.AddWidthHeight(0, lift))
		}
	}
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
	r.paintFoot()
	r.entry.paintRing()
}
