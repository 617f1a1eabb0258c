package shell

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/ui/look"
	"syncline/ui/widgets"
)

// WaitingSegment is the switch between both halves of what waits for a person:
// conflicts and rows that failed. The window keeps its counts.
func (w *Window) WaitingSegment(selected int) *widgets.Segment {
	s := widgets.NewSegment([]widgets.SegmentItem{
		{Text: "Conflicts", Count: "0", Meaning: look.Conflict},
		{Text: "Needs attention", Count: "0", Meaning: look.Failed},
	}, selected, func(i int) {
		if i == 0 {
			w.GoTo(PlaceReview)
		} else {
			w.Rooms.Attention()
		}
	})
	w.waiting = append(w.waiting, s)
	return s
}

// SetBody puts body under the header of a screen.
func SetBody(root *fyne.Container, header *widgets.Header, body fyne.CanvasObject) {
	fresh := container.NewBorder(header, nil, nil, nil, body)
	root.Layout, root.Objects = fresh.Layout, fresh.Objects
	root.Refresh()
}
