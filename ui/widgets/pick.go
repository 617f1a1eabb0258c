package widgets

import (
	"slices"

	"fyne.io/fyne/v2"
)

// pickDialog is a list that can be searched, in a dialog of its own.
type pickDialog struct {
	list *PickList
	*Dialog
}

func newPickDialog(c fyne.Canvas, title string, lines []PickLine, mark int) pickDialog {
	most := max(min(int((c.Size().Height-280)/pickHeight), 12), 3) // as many as there is room for
	p := pickDialog{list: NewPickList(lines, most, mark, nil)}
	find := NewSearchEntry("Search by name", p.list.Find)
	find.OnKey = p.list.Key
	p.Dialog = NewDialog(title, "", NewColumn(8, find, p.list))
	p.Width, p.First = 560, find
	p.Others = []*Button{NewButton(Plain, "", "Cancel", p.Cancel)}
	return p
}

// PickOne asks in a dialog for one line of a list that can be searched; mark is the
// one that is picked already, -1 for none.
func PickOne(c fyne.Canvas, title string, lines []PickLine, mark int, do func(line int)) {
	d := newPickDialog(c, title, lines, mark)
	d.list.OnPicked = func(line int) {
		d.Close()
		do(line)
	}
	d.Primary = NewButton(Primary, "", "Choose", func() { d.list.pick(d.list.at) })
	d.Open(c)
}

// PickSeveral asks in a dialog for some lines of a list that can be searched; on are
// those that are picked already. do gets what is picked then: first those of on that
// stay, in their order, then the others as they are listed. act is what the button
// says.
func PickSeveral(c fyne.Canvas, title, act string, lines []PickLine, on []int, do func(lines []int)) {
	d := newPickDialog(c, title, lines, -1)
	picked := make(map[int]bool, len(on))
	for _, line := range on {
		picked[line] = true
	}
	d.list.ticked = func(line int) bool { return picked[line] }
	d.list.Refresh()
	d.list.OnPicked = func(line int) {
		picked[line] = !picked[line]
		d.list.Refresh()
	}
	d.Note = "Enter or a click ticks a line"
	d.Primary = NewButton(Primary, "", act, func() {
		d.Close()
		all := slices.DeleteFunc(slices.Clone(on), func(line int) bool { return !picked[line] })
		for _, line := range all {
			delete(picked, line)
		}
		for line := range lines {
			if picked[line] {
				all = append(all, line)
			}
		}
		do(all)
	})
	d.Open(c)
}
