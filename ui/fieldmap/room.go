// Package fieldmap is the screen that edits the field map of a sync that exists.
package fieldmap

import "syncline/ui/shell"

// Room holds the field maps of syncs that exist.
type Room struct {
	*shell.Window
	unsaved map[string]*mapScreen // those whose edits could not be saved, by path
}

// New makes the room.
func New(w *shell.Window) *Room {
	r := &Room{Window: w, unsaved: map[string]*mapScreen{}}
	w.AskBeforeClose(func() (shell.Question, bool) {
		return shell.Question{
			Title: "A field map is not saved", Text: "Its last edits have a problem that keeps them from being saved. Open it from Home to settle that, or quit without them.",
			Act: "Quit without them", Danger: true,
		}, len(r.unsaved) > 0
	})
	return r
}
