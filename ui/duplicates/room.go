// Package duplicates is the room in which a person says of two rows or records that look like one
// whether they are, before a load makes it worse.
package duplicates

import (
	"syncline/ui/shell"
)

// Room is the search for what is there twice.
type Room struct {
	*shell.Window
	screens map[string]*Screen // by the sync's document, "" for records alone
}

// New makes the room.
func New(w *shell.Window) *Room { return &Room{Window: w, screens: map[string]*Screen{}} }

// OpenOf shows what is there twice among the rows of the sync at path and the records that it writes
// to, or with "" among records alone. What was found stays until it is looked for anew.
func (r *Room) OpenOf(path string) {
	s := r.screens[path]
	if s == nil {
		s = newScreen(r, path)
		r.screens[path] = s
	}
	if current := r.Current(); current != s {
		s.from = current
	}
	r.OpenUnder(shell.PlaceRecords, s)
}
