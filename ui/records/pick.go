package records

import (
	"slices"

	"syncline/ui/widgets"
)

// choice is one line of a list to choose from.
type choice struct {
	value, label, note string
}

func linesOf(all []choice) []widgets.PickLine {
	lines := make([]widgets.PickLine, len(all))
	for i, x := range all {
		lines[i] = widgets.PickLine{Text: x.label, Note: x.note, Also: x.note}
	}
	return lines
}

func placeOf(all []choice, value string) int {
	return slices.IndexFunc(all, func(x choice) bool { return x.value == value })
}

// pickOne asks for one of a list.
func (s *Screen) pickOne(title string, all []choice, now string, do func(value string)) {
	widgets.PickOne(s.w.Win.Canvas(), title, linesOf(all), placeOf(all, now), func(i int) { do(all[i].value) })
}

// pickSeveral asks for some of a list. What is chosen now and not in the list goes.
func (s *Screen) pickSeveral(title, act string, all []choice, now []string, do func(values []string)) {
	var on []int
	for _, v := range now {
		if i := placeOf(all, v); i >= 0 {
			on = append(on, i)
		}
	}
	widgets.PickSeveral(s.w.Win.Canvas(), title, act, linesOf(all), on, func(lines []int) {
		values := make([]string, len(lines))
		for i, line := range lines {
			values[i] = all[line].value
		}
		do(values)
	})
}
