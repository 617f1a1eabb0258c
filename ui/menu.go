package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// openMenu shows a menu under an object.
func openMenu(w *window, m *fyne.Menu, under fyne.CanvasObject) {
	pos := fyne.CurrentApp().Driver().AbsolutePositionForObject(under)
	widget.ShowPopUpMenuAtPosition(m, w.win.Canvas(), pos.Add(fyne.NewPos(0, under.Size().Height)))
}
