// Package sets is the room of sets, each of which is one job over several syncs,
// and of the associations that a sync makes of its rows.
package sets

import (
	"context"

	"syncline/app"
	"syncline/ui/shell"
	"syncline/ui/widgets"
)

// Room holds the sets: each is one job over several syncs.
type Room struct {
	*shell.Window
	sets map[string]*Screen // those that were opened, by the set's document
}

// New makes the room.
func New(w *shell.Window) *Room { return &Room{Window: w, sets: map[string]*Screen{}} }

// PreviewSet opens the set at path and makes its plan.
func (w *Room) PreviewSet(path string) {
	s := w.OpenSet(path)
	if s.known {
		s.preview()
		return
	}
	s.start(app.SetWork{Kind: app.SetPreview, Path: path})
}

// UndoRun opens the set at path and shows what undoing one of its runs puts back.
func (w *Room) UndoRun(path, run string) {
	w.OpenSet(path).start(app.SetWork{Kind: app.SetPreviewUndo, Path: path, Arg: run})
}

// RedoRun opens the set at path and shows what doing one of its runs again would do.
func (w *Room) RedoRun(path, run string) {
	w.OpenSet(path).start(app.SetWork{Kind: app.SetPreview, Path: path, Redo: run})
}

// UndoPart opens the set at path and asks what of one of its runs is taken back.
func (w *Room) UndoPart(path, run string) { w.OpenSet(path).askPart(run) }

// RemoveSet takes a set from Home, once a person has agreed; its syncs stay there
// by themselves.
func (w *Room) RemoveSet(path, name string) {
	widgets.NewConfirm("Remove this set?", "Its syncs stay on Home by themselves, with their links, history and decisions, and neither side is changed. Import the set’s document again to bring it back.",
		"Remove "+name, true, func() {
			w.Do(func(ctx context.Context) error { return w.App.HideSet(ctx, path) }, func() {
				delete(w.sets, path)
				w.GoTo(shell.PlaceHome)
			})
		}).Open(w.Win.Canvas())
}
