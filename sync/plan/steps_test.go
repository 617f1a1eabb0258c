package plan

import (
	"slices"
	"testing"
)

func firsts(steps []Step) (ns []int) {
	for _, s := range steps {
		ns = append(ns, s.First)
	}
	return ns
}

// Steps are taken back and done again several deep, those of several revisions as one; a new step
// ends what could be done again.
func TestStepsGoBackAndAgain(t *testing.T) {
	t.Parallel()
	changes := []Change{{What: ChangeExclude}, {What: ChangeEdit}, {What: ChangeEdit, With: 2}, {What: ChangeInclude}}
	expect := func(back, again []int) {
		t.Helper()
		b, a := Steps(changes)
		if !slices.Equal(firsts(b), back) || !slices.Equal(firsts(a), again) {
			t.Errorf("back %v, again %v; want %v and %v", firsts(b), firsts(a), back, again)
		}
	}
	expect([]int{1, 2, 4}, nil)
	for range 2 {
		b, _ := Steps(changes)
		changes = append(changes, b[len(b)-1].Reversed()...)
	}
	expect([]int{1}, []int{4, 2})
	changes = append(changes, Change{What: ChangeEdit, Again: 2}, Change{What: ChangeEdit, Again: 2})
	expect([]int{1, 2}, []int{4})
	changes = append(changes, Change{What: ChangeExclude})
	expect([]int{1, 2, 10}, nil)
}
