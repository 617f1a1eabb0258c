// Package runs is the room of work under way and of the history of runs, with their
// reports.
package runs

import "syncline/ui/shell"

// Room is the history of runs, with their reports, and the work under way.
type Room struct {
	*shell.Window
	working map[string]*Screen // jobs under way, by definition or undone run
}

// New makes the room.
func New(w *shell.Window) *Room {
	return &Room{Window: w, working: map[string]*Screen{}}
}
