package widgets

import (
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// Select is a drop-down list of words. Space, Enter or Down opens it; while it
// is closed Up and Down choose the neighbour, and a letter opens it where it can
// be searched. A list that is longer than a menu may be can be searched, and never
// fills the window.
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
	list    *widget.PopUp // in place of the menu where there are many options
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
	if len(s.Options) > mostInMenu {
		s.openList(c, "")
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

const (
	mostInMenu = 8 // options that are shown as a menu
	mostInList = 10
)

// openList opens the options as a list that can be searched, under the select or,
// where there is no room, over it.
func (s *Select) openList(c fyne.Canvas, text string) {
	lines := make([]PickLine, len(s.Options))
	for i, o := range s.Options {
		lines[i].Text = o
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(s)
	under := c.Size().Height - at.Y - s.Size().Height - listBrim
	room := max(under, at.Y-listBrim)
	most := max(min(mostInList, int((room-look.ControlHeight-20)/pickHeight)), 3)
	list := NewPickList(lines, most, s.Selected, nil)
	find := NewSearchEntry("Find", list.Find)
	leave := func() {
		s.list.Hide()
		s.list = nil
		FocusOn(s)
	}
	list.OnPicked = func(i int) {
		leave()
		s.Choose(i)
	}
	find.OnKey = func(e *fyne.KeyEvent) bool {
		if e.Name == fyne.KeyEscape {
			leave()
			return true
		}
		return list.Key(e)
	}
	line := draw.NewRect(look.RadiusButton)
	draw.PaintRect(line, look.Clear, look.Control)
	s.list = widget.NewPopUp(container.New(outlined{}, line, NewColumn(6, find, list)), c)
	width := min(max(s.Size().Width, list.width()), c.Size().Width-2*listBrim)
	size := fyne.NewSize(width, s.list.MinSize().Height)
	at.X = max(min(at.X, c.Size().Width-width-listBrim), listBrim)
	if size.Height <= under {
		at.Y += s.Size().Height + 2
	} else {
		at.Y = max(at.Y-size.Height-2, listBrim)
	}
	s.list.Resize(size)
	s.list.ShowAtPosition(at)
	c.Focus(find)
	find.SetText(text)
	find.CursorColumn = len([]rune(text))
}

// outlined draws its first object as a line around the second one, at the edge of
// the list that holds both.
type outlined struct{}

// Layout implements fyne.Layout.
func (outlined) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	draw.Place(objects[0], -4, -4, size.Width+8, size.Height+8)
	draw.Place(objects[1], 0, 0, size.Width, size.Height)
}

// MinSize implements fyne.Layout.
func (outlined) MinSize(objects []fyne.CanvasObject) fyne.Size { return objects[1].MinSize() }

// listBrim is the room between an open list and the window's edge.
const listBrim float32 = 8

// TypedRune implements fyne.Focusable: a letter begins to look for an option.
func (s *Select) TypedRune(r rune) {
	if c := CanvasOf(s); c != nil && !s.Disabled() && len(s.Options) > mostInMenu && !unicode.IsSpace(r) {
		s.openList(c, string(r))
	}
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
