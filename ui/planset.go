package ui

import (
	"strings"

	"syncline/ui/widgets"
)

// inSet makes the screen one of a set's: what is taken out of the plan or edited
// in it holds for the set, which alone applies it.
func (s *planScreen) inSet(set *setScreen) {
	s.set = set
	s.header.OnBack = func() { s.w.open(set) }
	s.header.Segment = nil
	var keep []*widgets.Button
	for _, b := range s.header.Buttons {
		if !strings.HasPrefix(b.Text, "Make a new plan") && !strings.HasPrefix(b.Text, "Preview again") {
			keep = append(keep, b)
		}
	}
	s.header.Buttons = keep
	s.rails.Hide()
	s.apply.Icon, s.apply.OnTapped = "check", func() { s.w.open(set) }
	s.count()
}

// backToSet is what the button of a set's plan says.
const backToSet = "Back to the set"
