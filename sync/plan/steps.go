package plan

import "slices"

// Step is what a person did to a plan at once: one revision, or several that were made together.
type Step struct {
	First   int // its first revision
	Changes []Change
}

// Steps are the steps of a plan that can be taken back, the newest at the end, and those that were
// taken back and can be done again, the next one at the end. changes are all of its revisions, in
// order: taking back and doing again are revisions too, which name the step that they are of.
func Steps(changes []Change) (back, again []Step) {
	all := make(map[int]*Step)
	stack, undone := []int{}, []int{}
	for i, c := range changes {
		revision := i + 1
		switch {
		case c.Back > 0:
			if n := len(stack); n > 0 && stack[n-1] == c.Back {
				stack, undone = stack[:n-1], append(undone, c.Back)
			}
		case c.Again > 0:
			if n := len(undone); n > 0 && undone[n-1] == c.Again {
				undone, stack = undone[:n-1], append(stack, c.Again)
			}
		case c.With > 0 && all[c.With] != nil:
			all[c.With].Changes = append(all[c.With].Changes, c)
		default:
			all[revision] = &Step{First: revision, Changes: []Change{c}}
			stack, undone = append(stack, revision), nil
		}
	}
	of := func(ns []int) (steps []Step) {
		for _, n := range ns {
			steps = append(steps, *all[n])
		}
		return steps
	}
	return of(stack), of(undone)
}

// Reversed are the changes that take a step back: each the other way round, the last one first.
func (s Step) Reversed() []Change {
	out := slices.Clone(s.Changes)
	slices.Reverse(out)
	for i := range out {
		c := &out[i]
		c.Old, c.New = c.New, c.Old
		switch c.What {
		case ChangeExclude:
			c.What = ChangeInclude
		case ChangeInclude:
			c.What = ChangeExclude
		}
		c.Back, c.Again, c.With = s.First, 0, 0
	}
	return out
}

// Repeated are the changes that do a step again.
func (s Step) Repeated() []Change {
	out := slices.Clone(s.Changes)
	for i := range out {
		out[i].Back, out[i].Again, out[i].With = 0, s.First, 0
	}
	return out
}

// Items is how many items the step changed.
func (s Step) Items() int {
	of := make(map[int]bool)
	for _, c := range s.Changes {
		for _, n := range c.Items {
			of[n] = true
		}
	}
	return len(of)
}

// EditedReason is the reason of a value that a person put into a plan, "" for an unknown one.
func EditedReason(person string) string {
	if person == "" {
		person = "somebody"
	}
	return "edited in the plan by " + person
}
