package ui

import (
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// workPatience is how long our own work may take to end: a batch under way
// waits for its answer.
const workPatience = 15 * time.Second

// ending ends the program in order: our own work, while the window's loop still
// runs, and then the process with the loop. The loop is not ended by itself:
// Fyne (2.7.1) closes its queue under whoever posts to it, and waits for ever,
// at 100 % of a core, for an event that came at that moment.
type ending struct {
	order func() error  // ends our own work: jobs, loads, the workspace
	asked chan struct{} // closed when the end is asked for
	once  sync.Once
}

func newEnding(order func() error) *ending {
	return &ending{order: order, asked: make(chan struct{})}
}

// ask begins the end; asking again changes nothing. It may be called from any
// goroutine.
func (e *ending) ask() { e.once.Do(func() { close(e.asked) }) }

// run waits until the end is asked for, and returns when the process may end.
func (e *ending) run() error {
	<-e.asked
	return e.orderWithin(workPatience)
}

// orderWithin ends our own work. What does not end in time is left to the next
// start, as after a crash: nothing of it is lost or doubled.
func (e *ending) orderWithin(patience time.Duration) error {
	done := make(chan error, 1)
	go func() { done <- e.order() }()
	select {
	case err := <-done:
		return err
	case <-time.After(patience):
		return fmt.Errorf("work under way did not stop within %s: the next start goes on with it", patience)
	}
}

// onSignal asks for the end when the system does, in place of Fyne, which would
// end its loop only.
func (e *ending) onSignal() {
	signal.Reset(syscall.SIGINT, syscall.SIGTERM)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		<-signals
		e.ask()
	}()
}
