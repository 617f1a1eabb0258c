// Package plan is the room of plans: what a run would do, row by row, before it is
// done, and what it did.
package plan

import (
	"time"

	"syncline/ui/shell"
)

// Room shows plans: what a run would do, and what it did.
type Room struct {
	*shell.Window
	// FirstLook is how long a plan is on the screen before it can be applied.
	FirstLook time.Duration
}

// New makes the room.
func New(w *shell.Window) *Room { return &Room{Window: w} }
