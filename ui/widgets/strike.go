package widgets

import (
	"fyne.io/fyne/v2/canvas"

	"syncline/ui/draw"
	"syncline/ui/look"
)

// strike is a text with a line through it; Fyne has no such style.
type strike struct {
	text *canvas.Text
	line *canvas.Rectangle
}

func newStrike(kind look.Type) strike {
	return strike{draw.NewText(kind), draw.NewRect(0)}
}

func (s strike) paint(visible bool, token look.Token) {
	s.text.Color = look.Color(token)
	draw.PaintRect(s.line, token, look.Clear)
	draw.Show(s.text, visible)
	draw.Show(s.line, visible)
}

// place cuts the text to the width and draws the line as long as the text.
func (s strike) place(full string, kind look.Type, x, y, w float32) {
	draw.PlaceText(s.text, full, kind, x, y, w, kind.Line)
	draw.Place(s.line, x, y+draw.Floor(kind.Line/2), kind.Width(s.text.Text), 1)
}
