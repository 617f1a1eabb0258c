package plan

import (
	"context"
	"strings"

	"syncline/app"
	"syncline/ui/shell"
	"syncline/ui/widgets"
)

// inSet makes the screen one of a set's: what is taken out of the plan or edited
// in it holds for the set, which alone applies it.
func (s *Screen) inSet(set shell.Screen) {
	s.set = set
	back := func() { s.w.Settled(func(bool) { s.w.Open(set) }) } // which counts what was changed here
	s.header.OnBack = back
	s.header.Segment = nil
	var keep []*widgets.Button
	for _, b := range s.header.Buttons {
		if !strings.HasPrefix(b.Text, "Make a new plan") && !strings.HasPrefix(b.Text, "Preview again") {
			keep = append(keep, b)
		}
	}
	s.header.Buttons = keep
	s.rails.Hide()
	s.apply.Icon, s.apply.OnTapped = "check", func() { s.whenKept(back) }
	s.count()
}

// PlanOfSet shows a stored plan as part of a set's; back leads there.
func (w *Room) PlanOfSet(planID string, set shell.Screen) {
	shell.Load(w, func(ctx context.Context) (app.PlanView, error) { return w.App.PlanView(ctx, planID) }, func(v app.PlanView) {
		p := newScreen(w, v, app.Part{})
		p.inSet(set)
		w.Open(p)
	}, nil)
}
