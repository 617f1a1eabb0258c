// Package layouts holds the arrangements that the rooms share, and the parts of
// panes that are made of them.
package layouts

import (
	"fyne.io/fyne/v2"
)

// inset keeps a margin around the one object in it.
type inset struct{ side, ends float32 }

// Margin is a layout that keeps a margin at the sides and the ends of the one
// object in it.
func Margin(side, ends float32) fyne.Layout { return inset{side, ends} }

// Layout implements fyne.Layout.
func (m inset) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		Move(o, m.side, m.ends, size.Width-2*m.side, size.Height-2*m.ends)
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

// limitedTo centres its object and makes it no wider than a text should be.
type limitedTo struct{ width float32 }

// Layout implements fyne.Layout.
func (l limitedTo) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	w := min(size.Width, l.width)
	for _, o := range objects {
		Move(o, 0, 0, w, size.Height)
	}
}

// MinSize implements fyne.Layout.
func (l limitedTo) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		size = size.Max(o.MinSize())
	}
	size.Width = min(size.Width, l.width)
	return size
}

// fixedHeight gives its object the whole width and a fixed height.
type fixedHeight struct{ height float32 }

// Layout implements fyne.Layout.
func (l fixedHeight) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		Move(o, 0, 0, size.Width, size.Height)
	}
}

// MinSize implements fyne.Layout.
func (l fixedHeight) MinSize(objects []fyne.CanvasObject) fyne.Size {
	width := float32(0)
	for _, o := range objects {
		width = max(width, o.MinSize().Width)
	}
	return fyne.NewSize(width, l.height)
}

// Middle puts its object in the middle of the height.
type Middle struct{}

// Layout implements fyne.Layout.
func (Middle) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		h := o.MinSize().Height
		Move(o, 0, (size.Height-h)/2, size.Width, h)
	}
}

// MinSize implements fyne.Layout.
func (Middle) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		size = size.Max(o.MinSize())
	}
	return size
}

// Sidebar puts a column of fixed width right of its first object; where that
// would leave too little, the column goes underneath.
type Sidebar struct {
	Width, Gap float32
	Below      float32 // the width under which the column goes underneath
	last       float32 // the width of the last layout
}

// Layout implements fyne.Layout.
func (l *Sidebar) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.last = size.Width
	if size.Width < l.Below {
		h := objects[0].MinSize().Height
		Move(objects[0], 0, 0, size.Width, h)
		Move(objects[1], 0, h+l.Gap, size.Width, objects[1].MinSize().Height)
		return
	}
	left := size.Width - l.Width - l.Gap
	Move(objects[0], 0, 0, left, max(objects[0].MinSize().Height, size.Height))
	Move(objects[1], left+l.Gap, 0, l.Width, max(objects[1].MinSize().Height, size.Height))
}

// MinSize implements fyne.Layout.
func (l *Sidebar) MinSize(objects []fyne.CanvasObject) fyne.Size {
	a, b := objects[0].MinSize(), objects[1].MinSize()
	if l.last < l.Below {
		return fyne.NewSize(max(a.Width, b.Width), a.Height+l.Gap+b.Height)
	}
	return fyne.NewSize(a.Width, max(a.Height, b.Height))
}

// SideRoom keeps room at the sides of the one object in it.
type SideRoom struct{ Before, After float32 }

// Layout implements fyne.Layout.
func (b SideRoom) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		Move(o, b.Before, 0, size.Width-b.Before-b.After, size.Height)
	}
}

// MinSize implements fyne.Layout.
func (b SideRoom) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		size = size.Max(o.MinSize())
	}
	return size.AddWidthHeight(b.Before+b.After, 0)
}

// Stacked puts objects under each other without a gap.
type Stacked struct{}

// Layout implements fyne.Layout.
func (Stacked) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		h := o.MinSize().Height
		Move(o, 0, y, size.Width, h)
		y += h
	}
}

// MinSize implements fyne.Layout.
func (Stacked) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		size = fyne.NewSize(max(size.Width, m.Width), size.Height+m.Height)
	}
	return size
}

// Move gives an object its place and size.
func Move(o fyne.CanvasObject, x, y, width, height float32) {
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(width, height))
}

// Tall is a layout that gives its object the whole width and a fixed height.
func Tall(height float32) fyne.Layout { return fixedHeight{height} }

// Limited is a layout that makes its object no wider than a text should be.
func Limited(width float32) fyne.Layout { return limitedTo{width} }
