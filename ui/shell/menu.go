package shell

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// OpenMenu shows a menu under an object, within the window.
func (w *Window) OpenMenu(m *fyne.Menu, under fyne.CanvasObject) {
	c := w.Win.Canvas()
	menu := widget.NewPopUpMenu(m, c)
	at := w.Fyne.Driver().AbsolutePositionForObject(under)
	at.Y += under.Size().Height + 2
	if right := at.X + under.Size().Width; at.X+menu.MinSize().Width > c.Size().Width-8 {
		at.X = right - menu.MinSize().Width
	}
	menu.ShowAtPosition(at)
}
