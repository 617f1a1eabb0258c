package runs

import (
	"fmt"

	"fyne.io/fyne/v2"

	"syncline/sync/engine"
	"syncline/ui/look"
	"syncline/ui/widgets"
	"syncline/ui/wording"
)

// firstRows shows the first rows of a plan that is being made: as soon as they
// are read, and then what would become of them.
type firstRows struct {
	root  *fyne.Container
	shown *engine.FirstRow // the first of those shown: the slice that it is in never changes
}

func newFirstRows() *firstRows {
	f := &firstRows{root: widgets.NewColumn(8)}
	f.root.Hide()
	return f
}

// set shows rows; the same ones again cost nothing.
func (f *firstRows) set(rows []engine.FirstRow) {
	if len(rows) == 0 || f.shown == &rows[0] {
		return
	}
	f.shown = &rows[0]
	title := "The first rows, as they are read"
	if rows[0].Fate != "" {
		title = "The first rows of the plan"
	}
	list := widgets.NewColumn(0)
	for i, r := range rows {
		sub := ""
		switch {
		case r.Reason != "":
			sub = wording.SentenceCase(r.Reason)
		case r.Line > 0:
			sub = fmt.Sprintf("Row %s in line %s", r.Key, look.Number(r.Line))
		}
		var mark fyne.CanvasObject
		if r.Fate != "" {
			mark = widgets.NewFateMark(wording.FateOf(r.Fate), look.MarkSmall)
		}
		row := widgets.NewInfoRow(r.Name, sub, mark)
		row.Last = i == len(rows)-1
		list.Add(row)
	}
	f.root.Objects = []fyne.CanvasObject{widgets.NewLabel(title, look.Small, look.T2), widgets.NewFlushCard(list)}
	f.root.Show()
	f.root.Refresh()
}
