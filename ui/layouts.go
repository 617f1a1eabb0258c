package ui

import (
	"fyne.io/fyne/v2"
)

// inset keeps a margin around the one object in it.
type inset struct{ side, ends float32 }

func margin(side, ends float32) fyne.Layout { return inset{side, ends} }

// Layout implements fyne.Layout.
func (m inset) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		move(o, m.side, m.ends, size.Width-2*m.side, size.Height-2*m.ends)
	}
}

// MinSize implements fyne.Layout.
func (m inset) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		if o.Visible() {
			size = size.Max(o.MinSize())
		}
	}
	return size.Add(fyne.NewSize(2*m.side, 2*m.ends))
}

// limited centres its object and makes it no wider than a text should be.
type limited struct{ width float32 }

// Layout implements fyne.Layout.
func (l limited) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	w := min(size.Width, l.width)
	for _, o := range objects {
		move(o, 0, 0, w, size.Height)
	}
}

// MinSize implements fyne.Layout.
func (l limited) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		size = size.Max(o.MinSize())
	}
	size.Width = min(size.Width, l.width)
	return size
}
