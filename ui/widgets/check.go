package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// CheckForm is how a [Check] is drawn.
type CheckForm uint8

// The forms of a check.
const (
	Box    CheckForm = iota // one of many that may all hold
	Radio                   // one of several of which one holds
	Switch                  // something that is on or off at once
)

// Check is a checkbox, a radio button or a switch with a word beside it.
type Check struct {
	pressable

	Text   string
	Form   CheckForm
	On     bool
	Reason string // disabled while not empty

	OnChanged func(on bool)

	box, knob *canvas.Rectangle
	tick      *canvas.Image
	label     *canvas.Text
	ring      draw.Ring
}

// NewCheck makes a checkbox.
func NewCheck(text string, on bool, changed func(bool)) *Check {
	return newCheck(Box, text, on, changed)
}

// NewRadio makes a radio button; who listens switches the others off.
func NewRadio(text string, on bool, changed func(bool)) *Check {
	return newCheck(Radio, text, on, changed)
}

// NewSwitch makes a switch.
func NewSwitch(text string, on bool, changed func(bool)) *Check {
	return newCheck(Switch, text, on, changed)
}

func newCheck(form CheckForm, text string, on bool, changed func(bool)) *Check {
	c := &Check{Text: text, Form: form, On: on, OnChanged: changed}
	c.extend(c, c.toggle, func() bool { return c.Reason != "" })
	return c
}

func (c *Check) toggle() {
	if c.Form == Radio && c.On {
		return // a radio button is left by choosing another one
	}
	c.On = !c.On
	c.Refresh()
	if c.OnChanged != nil {
		c.OnChanged(c.On)
	}
}

// SetOn changes the state without calling OnChanged.
func (c *Check) SetOn(on bool) {
	if c.On != on {
		c.On = on
		c.Refresh()
	}
}

func (c *Check) boxWidth() float32 {
	if c.Form == Switch {
		return 32
	}
	return 16
}

// CreateRenderer implements fyne.Widget.
func (c *Check) CreateRenderer() fyne.WidgetRenderer {
	c.box, c.knob, c.tick, c.label = draw.NewRect(0), draw.NewRect(0), draw.NewImage(), draw.NewText(look.Body)
	c.ring = draw.NewRing(0)
	return draw.NewFlat(c, func() fyne.Size {
		w := c.boxWidth()
		if c.Text != "" {
			w += 8 + draw.Ceil(look.Body.Width(c.Text))
		}
		return fyne.NewSize(w, 20)
	}, func(size fyne.Size) {
		bw, bh := c.boxWidth(), float32(16)
		if c.Form == Switch {
			bh = 18
		}
		y := draw.Floor((size.Height - bh) / 2)
		draw.Place(c.box, 0, y, bw, bh)
		c.ring.Outside(0, y, bw, bh)
		draw.Place(c.tick, 2, y+2, 12, 12)
		switch {
		case c.Form == Radio:
			draw.Place(c.knob, 5, y+5, 6, 6)
		case c.On:
			draw.Place(c.knob, bw-16, y+2, 14, 14)
		default:
			draw.Place(c.knob, 2, y+2, 14, 14)
		}
		draw.PlaceText(c.label, c.Text, look.Body, bw+8, 0, size.Width-bw-7, size.Height)
	}, c.paint, c.ring.Rectangle, c.box, c.knob, c.tick, c.label)
}

func (c *Check) paint() {
	fill, stroke, ink := look.Surface, look.Control, look.T1
	if c.hovered {
		fill = look.Hover
	}
	if c.On {
		fill, stroke = look.Accent, look.Clear
	}
	if c.Form == Switch && !c.On {
		fill, stroke = look.Control, look.Clear
	}
	mark := look.OnAccent
	if c.Disabled() {
		fill, stroke, ink, mark = look.Sunken, look.Stroke, look.Off, look.Off
	}
	radius := look.RadiusTag
	switch c.Form {
	case Radio:
		radius = 8
	case Switch:
		radius = 9
	}
	draw.PaintRect(c.box, fill, stroke)
	c.box.CornerRadius = radius
	c.ring.CornerRadius = radius + 4
	tick := look.Icon("")
	if c.Form == Box && c.On {
		tick = "check"
	}
	draw.PaintIcon(c.tick, tick, mark)
	knob := mark
	if c.Form == Switch && !c.On && !c.Disabled() {
		knob = look.Surface
	}
	draw.PaintRect(c.knob, knob, look.Clear)
	c.knob.CornerRadius = 7
	if c.Form == Radio {
		c.knob.CornerRadius = 3
	}
	draw.Show(c.knob, c.Form == Switch || c.Form == Radio && c.On)
	draw.PaintText(c.label, c.Text, look.Body, ink)
	c.ring.Paint(c.focused)
}
