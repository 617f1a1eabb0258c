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
