package records

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/widgets"
	"syncline/ui/widgets/grid"
)

// choice is one line of a list to choose from.
type choice struct {
	value, label, note string
}

// picker is a dialog with a list that can be searched: of one, or of several with boxes.
type picker struct {
	all    []choice
	shown  []int
	on     map[string]bool
	search *widgets.Entry
	grid   *grid.Grid
	dialog *widgets.Dialog
}

// pickOne asks for one of a list.
func pickOne(c fyne.Canvas, title string, all []choice, now string, do func(value string)) {
	p := newPicker(title, all, []string{now}, false)
	take := func() {
		if i := p.grid.Current(); i >= 0 && i < len(p.shown) {
			p.dialog.Close()
			do(p.all[p.shown[i]].value)
		}
	}
	p.grid.OnActivated = func(int) { take() }
	p.dialog.Primary = widgets.NewButton(widgets.Primary, "", "Choose", take)
	p.open(c)
	for i, k := range p.shown {
		if p.all[k].value == now {
			p.grid.Select(i)
		}
	}
}

// pickSeveral asks for some of a list.
func pickSeveral(c fyne.Canvas, title, act string, all []choice, now []string, do func(values []string)) {
	p := newPicker(title, all, now, true)
	p.grid.OnActivated = p.toggle
	p.dialog.Primary = widgets.NewButton(widgets.Primary, "", act, func() {
		p.dialog.Close()
		var values []string
		for _, v := range now { // those that were chosen keep their order
			if p.on[v] {
				values = append(values, v)
				delete(p.on, v)
			}
		}
		for _, x := range p.all {
			if p.on[x.value] {
				values = append(values, x.value)
			}
		}
		do(values)
	})
	p.open(c)
}

func newPicker(title string, all []choice, now []string, several bool) *picker {
	p := &picker{all: all, on: map[string]bool{}}
	for _, v := range now {
		p.on[v] = true
	}
	cols := []grid.Column{{ID: "label", Title: "Name", Width: 280, Grow: 1, Lead: true}, {ID: "note", Title: "", Width: 220}}
	if several {
		cols = append([]grid.Column{{ID: "on", Width: 40, Fixed: true, Check: true}}, cols...)
	}
	p.grid = grid.New(look.RowCompact, cols...)
	p.grid.Length = func() int { return len(p.shown) }
	p.grid.Cell = func(row, col int) grid.Cell {
		x := p.all[p.shown[row]]
		if !several {
			col++
		}
		switch col {
		case 0:
			if p.on[x.value] {
				return grid.Cell{Check: grid.Checked}
			}
			return grid.Cell{Check: grid.Unchecked}
		case 1:
			return grid.Cell{Text: x.label}
		}
		return grid.Cell{Text: x.note, Mono: true, Style: grid.Faint}
	}
	p.grid.OnChecked = p.toggle
	p.search = widgets.NewSearchEntry("Search by name", func(string) { p.filter() })
	p.search.OnSubmitted = func(string) { p.dialog.Submit() }
	p.dialog = widgets.NewDialog(title, "", widgets.NewColumn(8, p.search, container.New(layouts.Tall(380), p.grid)))
	p.dialog.First = p.search
	p.dialog.Others = []*widgets.Button{widgets.NewButton(widgets.Plain, "", "Cancel", p.dialog.Cancel)}
	p.grid.Empty = widgets.NewEmptyState("search", "Nothing of that name", "", nil)
	p.filter()
	return p
}

func (p *picker) open(c fyne.Canvas) { p.dialog.Open(c) }

func (p *picker) filter() {
	text := strings.ToLower(strings.TrimSpace(p.search.Text))
	p.shown = p.shown[:0]
	ranks := make(map[int]int)
	for i, x := range p.all {
		label, note := strings.ToLower(x.label), strings.ToLower(x.note)
		switch {
		case strings.HasPrefix(label, text):
		case strings.HasPrefix(note, text):
			ranks[i] = 1
		case strings.Contains(label, text):
			ranks[i] = 2
		case strings.Contains(note, text):
			ranks[i] = 3
		default:
			continue
		}
		p.shown = append(p.shown, i)
	}
	slices.SortStableFunc(p.shown, func(a, b int) int { return ranks[a] - ranks[b] })
	p.grid.Refresh()
	if len(p.shown) > 0 {
		p.grid.Select(0)
	}
}

func (p *picker) toggle(row int) {
	v := p.all[p.shown[row]].value
	p.on[v] = !p.on[v]
	p.grid.RefreshRow(row)
}
