// Package newsync is the room in which syncs and sets are made: the wizard from a
// file to its first plan, and the making of a set of several files.
package newsync

import "syncline/ui/shell"

// Room makes syncs and sets. What was begun lives until it is finished or
// cancelled, also while other screens are shown.
type Room struct {
	*shell.Window
	unfinished    *newSyncScreen // the new sync that was begun, nil if there is none
	unfinishedSet *setMaker      // the new set that was begun, nil if there is none
}

// New makes the room.
func New(w *shell.Window) *Room { return &Room{Window: w} }

// TakeFile adds a file to the set that is being made in front; it reports whether
// there is one.
func (w *Room) TakeFile(path string) bool {
	s, ok := w.Current().(*setMaker)
	if ok {
		s.add(path)
	}
	return ok
}
