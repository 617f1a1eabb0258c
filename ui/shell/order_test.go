package shell

import (
	"context"
	"errors"
	"slices"
	"testing"
)

// What is asked for in order is shown in order, also where a later work has its
// answer long before an earlier one has shown its own.
func TestWhatIsDoneInOrderIsShownInOrder(t *testing.T) {
	b := newBare(t)
	var began, shown []int
	for i := range 50 {
		InOrder(b, func(context.Context) (int, error) { began = append(began, i); return i, nil }, func(n int) { shown = append(shown, n) }, nil)
	}
	b.until("all of them", func() bool { return len(shown) == 50 })
	if !slices.IsSorted(began) || !slices.IsSorted(shown) {
		t.Errorf("begun %v, shown %v", began, shown)
	}
}

// What plans or writes waits for what is still being kept, and does not go on where
// that could not be kept; what failed before it was asked for does not stand in its
// way.
func TestWhatWritesWaitsForWhatIsStillBeingKept(t *testing.T) {
	b := newBare(t)
	went := 0
	if b.WhenKept(func() { went++ }); went != 1 {
		t.Fatal("it waits for nothing")
	}
	hold := make(chan struct{})
	kept := false
	keep := func(err error) {
		InOrder(b, func(context.Context) (struct{}, error) { <-hold; return struct{}{}, err }, func(struct{}) { kept = true }, func(error) {})
	}
	keep(nil)
	b.WhenKept(func() {
		if !kept {
			t.Error("it went on before it was kept")
		}
		went++
	})
	if went != 1 {
		t.Fatal("it did not wait")
	}
	close(hold)
	b.until("what waits", func() bool { return went == 2 })

	hold = make(chan struct{})
	keep(errors.New("the disk is full"))
	b.WhenKept(func() { t.Error("it went on although something was not kept") })
	close(hold)
	b.until("the end of the queue", func() bool { return b.order.under == 0 })

	if b.WhenKept(func() { went++ }); went != 3 {
		t.Error("what was told stands in the way of the next attempt")
	}
}

// Of several answers the one to the newest question is shown, whichever comes last.
func TestOnlyTheNewestAnswerIsShown(t *testing.T) {
	b := newBare(t)
	var of Turns
	var shown []string
	old := make(chan struct{})
	LoadNewest(b, &of, func(context.Context) (string, error) { <-old; return "old", nil }, func(s string) { shown = append(shown, s) }, nil)
	LoadNewest(b, &of, func(context.Context) (string, error) { <-old; return "", errors.New("old too") }, func(string) {}, func(error) { shown = append(shown, "error") })
	LoadNewest(b, &of, func(context.Context) (string, error) { return "new", nil }, func(s string) { shown = append(shown, s) }, nil)
	b.until("the newest", func() bool { return len(shown) == 1 })
	close(old)
	b.until("the end of all", b.Idle)
	for len(b.posts) > 0 {
		(<-b.posts)()
	}
	if !slices.Equal(shown, []string{"new"}) {
		t.Errorf("shown is %v", shown)
	}
}
