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

// tall gives its object the whole width and a fixed height.
type tall struct{ height float32 }

// Layout implements fyne.Layout.
func (l tall) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		move(o, 0, 0, size.Width, size.Height)
	}
}

// MinSize implements fyne.Layout.
func (l tall) MinSize(objects []fyne.CanvasObject) fyne.Size {
	width := float32(0)
	for _, o := range objects {
		width = max(width, o.MinSize().Width)
	}
	return fyne.NewSize(width, l.height)
}

// middle puts its object in the middle of the height.
type middle struct{}

// Layout implements fyne.Layout.
func (middle) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		h := o.MinSize().Height
		move(o, 0, (size.Height-h)/2, size.Width, h)
	}
}

// MinSize implements fyne.Layout.
func (middle) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		size = size.Max(o.MinSize())
	}
	return size
}

// sidebar puts a column of fixed width right of its first object; where that
// would leave too little, the column goes underneath.
type sidebar struct {
	width, gap float32
	below      float32 // the width under which the column goes underneath
	last       float32 // the width of the last layout
}

// Layout implements fyne.Layout.
func (l *sidebar) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.last = size.Width
	if size.Width < l.below {
		h := objects[0].MinSize().Height
		move(objects[0], 0, 0, size.Width, h)
		move(objects[1], 0, h+l.gap, size.Width, objects[1].MinSize().Height)
		return
	}
	left := size.Width - l.width - l.gap
	move(objects[0], 0, 0, left, max(objects[0].MinSize().Height, size.Height))
	move(objects[1], left+l.gap, 0, l.width, max(objects[1].MinSize().Height, size.Height))
}

// MinSize implements fyne.Layout.
func (l *sidebar) MinSize(objects []fyne.CanvasObject) fyne.Size {
	a, b := objects[0].MinSize(), objects[1].MinSize()
	if l.last < l.below {
		return fyne.NewSize(max(a.Width, b.Width), a.Height+l.gap+b.Height)
	}
	return fyne.NewSize(a.Width, max(a.Height, b.Height))
}

// sideRoom keeps room at the sides of the one object in it.
type sideRoom struct{ before, after float32 }

// Layout implements fyne.Layout.
func (b sideRoom) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		move(o, b.before, 0, size.Width-b.before-b.after, size.Height)
	}
}

// MinSize implements fyne.Layout.
func (b sideRoom) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		size = size.Max(o.MinSize())
	}
	return size.AddWidthHeight(b.before+b.after, 0)
}
