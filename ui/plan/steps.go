package plan

import (
	"cmp"
	"context"

	"syncline/app"
	"syncline/sync/plan"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
)

// makeSteps puts the buttons into the header that take back and do again what a person
// changed of the plan.
func (s *Screen) makeSteps() {
	s.undo = widgets.NewIconButton(widgets.Plain, "undo", "Take the last change of the plan back", s.Undo)
	s.redo = widgets.NewIconButton(widgets.Plain, "redo", "Do what was taken back again", s.Redo)
	s.header.Buttons = append([]*widgets.Button{s.undo, s.redo}, s.header.Buttons...)
}

// allowSteps says why there is nothing to take back, or to do again.
func (s *Screen) allowSteps() {
	if s.undo == nil {
		return
	}
	no := func(n int, why string) string {
		if n > 0 {
			return ""
		}
		return why
	}
	s.undo.SetReason(no(s.stamp.Back, "Nothing of the plan was changed yet"))
	s.redo.SetReason(no(s.stamp.Again, "Nothing was taken back"))
}

// Undo takes back what was changed last of the plan: rows taken out or put back, a value of a row
// or of many. What is shown and counted follows.
func (s *Screen) Undo() { s.step(false) }

// Redo does again what was taken back last.
func (s *Screen) Redo() { s.step(true) }

func (s *Screen) step(again bool) {
	if s.applied {
		return
	}
	type stepped struct {
		step plan.Step
		view app.PlanView
		none bool
	}
	shell.InOrder(s.w, func(ctx context.Context) (x stepped, err error) {
		// What was changed just before this is kept by now: both are done in order.
		st, err := s.w.App.PlanStamp(ctx, s.view.ID)
		if n := st.Back; err != nil || (again && st.Again == 0) || (!again && n == 0) {
			x.none = true
			return x, err
		}
		if x.step, err = s.w.App.TakeBack(ctx, s.view.ID, again); err != nil {
			return x, err
		}
		x.view, err = s.w.App.PlanView(ctx, s.view.ID)
		return x, err
	}, func(x stepped) {
		if x.none {
			return
		}
		s.took(x.view)
		s.filter()
		s.header.SetState(stepWords(x.step, again) + " · " + s.header.State) // a toast would cover the button that applies
	}, s.reload)
}

// stepWords say what was taken back or done again.
func stepWords(step plan.Step, again bool) string {
	rows := look.Count(step.Items(), "row", "rows")
	verb := "Taken back: "
	if again {
		verb = "Done again: "
	}
	c := step.Changes[0]
	switch {
	case c.What == plan.ChangeEdit && len(step.Changes) == 1:
		return verb + cmp.Or(c.Property, "a value") + " of " + rows
	case c.What == plan.ChangeEdit:
		return verb + "values of " + rows
	case (c.What == plan.ChangeExclude) == again:
		return verb + rows + " left out"
	}
	return verb + rows + " in the plan"
}
