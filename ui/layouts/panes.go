package layouts

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/ui/look"
	"syncline/ui/widgets"
)

// Focusables are the parts inside containers that take the keyboard.
func Focusables(o fyne.CanvasObject) (all []fyne.Focusable) {
	if f, ok := o.(fyne.Focusable); ok {
		return []fyne.Focusable{f}
	}
	if c, ok := o.(*fyne.Container); ok {
		for _, child := range c.Objects {
			all = append(all, Focusables(child)...)
		}
	}
	return all
}

// SmallCaption is the caption over a part of a pane.
func SmallCaption(text string) fyne.CanvasObject { return widgets.NewLine(text, look.Small, look.T2) }

// Indented stands under the word of a box.
func Indented(o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(SideRoom{Before: 26}, o)
}

// Block is a part of the pane with its margin.
func Block(gap float32, objects ...fyne.CanvasObject) fyne.CanvasObject {
	return widgets.NewPaddedColumn(gap, 14, 12, objects...)
}

// PaneHead names what is explained.
func PaneHead(name, sub string) fyne.CanvasObject {
	return widgets.NewColumn(0, Block(2, widgets.NewParagraph(name, look.Heading, look.T1), widgets.NewParagraph(sub, look.Small, look.T2)), widgets.NewSeparator())
}

// Labelled is a field under its name.
func Labelled(name string, field fyne.CanvasObject) *fyne.Container {
	return widgets.NewColumn(3, widgets.NewLine(name, look.Small, look.T2), field)
}

// Beside puts two fields side by side; right is the width of the second, 0 for halves.
func Beside(right float32, a, b fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: twoFields{right}, Objects: []fyne.CanvasObject{a, b}}
}

// twoFields is the layout of Beside.
type twoFields struct{ right float32 }

const fieldGap float32 = 12

func (l twoFields) widths(width float32) (left, right float32) {
	right = l.right
	if right == 0 {
		right = (width - fieldGap) / 2
	}
	return width - fieldGap - right, right
}

// Layout implements fyne.Layout.
func (l twoFields) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	left, right := l.widths(size.Width)
	Move(objects[0], 0, 0, left, size.Height)
	Move(objects[1], left+fieldGap, 0, right, size.Height)
}

// MinSize implements fyne.Layout.
func (l twoFields) MinSize(objects []fyne.CanvasObject) fyne.Size {
	a, b := objects[0].MinSize(), objects[1].MinSize()
	return fyne.NewSize(a.Width+fieldGap+max(b.Width, l.right), max(a.Height, b.Height))
}
