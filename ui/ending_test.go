package ui

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"fyne.io/fyne/v2"

	"syncline/app"
	"syncline/ui/look"
	"syncline/ui/shell"
)

// The process may end once our own work has, and not before; nothing else is
// waited for.
func TestTheEndComesAfterOurOwnWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		e := newEnding(func() error {
			time.Sleep(time.Second)
			return errors.New("the disk is full")
		})
		ended := make(chan error)
		go func() { ended <- e.run() }()
		synctest.Wait()
		e.ask()
		e.ask()
		if err := <-ended; err == nil || err.Error() != "the disk is full" {
			t.Errorf("the end tells %v", err)
		}
		if took := time.Since(began); took != time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// Work that never stops is left behind with a sentence.
func TestTheEndIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, never := time.Now(), make(chan struct{})
		defer close(never)
		e := newEnding(func() error { <-never; return nil })
		e.ask()
		if err := e.run(); err == nil {
			t.Error("work that is left behind is not told")
		}
		if took := time.Since(began); took != workPatience {
			t.Errorf("it took %v", took)
		}
	})
}

// What is posted while the window closes is dropped: the loop that would run it
// may be gone, and the window with it.
func TestNothingIsPostedToAWindowThatEnds(t *testing.T) {
	b := newBench(t, look.Light, true)
	b.W.GoTo(shell.PlaceRuns) // a load is under way
	b.W.Quit()
	if err := b.W.EndWork(); err != nil {
		t.Fatal(err)
	}
	b.Bench.Drop()
	b.W.Post(func() { t.Error("an event reached a window that is gone") })
	if b.Posted() != 0 {
		t.Error("an event was queued for a window that is gone")
	}
}

// The window opens again where it was left, as large as it was.
func TestTheWindowOpensWhereItWasLeft(t *testing.T) {
	b := newBench(t, look.Light, true)
	b.W.GoTo(shell.PlaceConnections)
	b.Settle()
	b.W.Win.Resize(fyne.NewSize(1111, 777))
	b.W.Quit()
	if err := b.W.EndWork(); err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(t.Context(), app.Environment{Workspace: b.W.App.Store.Dir()})
	if err != nil {
		t.Fatal(err)
	}
	again := newHouse(a, b.W.Fyne, func(f func()) { f() })
	defer func() {
		if err := again.EndWork(); err != nil {
			t.Error(err)
		}
	}()
	if !again.At(shell.PlaceHome) {
		t.Errorf("before it is asked where it was, it shows %T", again.Current())
	}
	again.Reopen()
	if !again.At(shell.PlaceConnections) {
		t.Errorf("it opens on %T", again.Current())
	}
	if size := again.Win.Canvas().Size(); size != fyne.NewSize(1111, 777) {
		t.Errorf("it is %v large", size)
	}
}

// Closing the window while a run writes stops the run in order: it can be gone
// on with, and the workspace is free.
func TestClosingStopsTheRunInOrder(t *testing.T) {
	b := withSample(t, look.Light)
	b.Tap("Preview")
	b.Planned("the plan")
	b.Tap("Apply")
	if err := b.W.EndWork(); err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(t.Context(), app.Environment{Workspace: b.W.App.Store.Dir()})
	if err != nil {
		t.Fatalf("the workspace is held: %v", err)
	}
	defer a.Close()
	runs, err := a.Runs(t.Context(), 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range runs {
		if r.State == "running" {
			t.Errorf("the run %s was left running", r.ID)
		}
	}
}
