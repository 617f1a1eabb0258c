package fieldmap

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"syncline/app"
	"syncline/sync/definition"
	"syncline/ui/layouts"
	"syncline/ui/look"
	"syncline/ui/mapper"
	"syncline/ui/shell"
	"syncline/ui/widgets"
)

// mapScreen edits the field map of a sync that exists. Every edit is saved.
type mapScreen struct {
	w     *Room
	path  string
	draft *app.Draft
	pane  *mapper.Pane

	header *widgets.Header
	review *widgets.Button
	root   fyne.CanvasObject

	edits, saved int    // edits made, and how many of them are in the file
	saving       bool   // the newest of them is being written
	failed       error  // why the last attempt to save did not work
	after        func() // waits for everything to be saved
}

// OpenFieldMap opens the field map of the sync at path, whose way back leads to
// another screen, nil for Home. One whose edits could not be saved is still there
// as it was left.
func (w *Room) OpenFieldMap(path string, from shell.Screen) {
	if s := w.unsaved[path]; s != nil {
		w.Open(s)
		return
	}
	shell.Load(w, func(ctx context.Context) (*app.Draft, error) {
		if w.App.IsAssociate(path) {
			return nil, nil
		}
		return w.App.OpenDraft(ctx, path)
	}, func(d *app.Draft) {
		if d == nil {
			w.Rooms.Associate(path, from)
			return
		}
		s := newMapScreen(w, path, d)
		if from != nil {
			s.header.OnBack = func() { w.Open(from) }
		}
		w.Open(s)
	}, nil)
}

func newMapScreen(w *Room, path string, d *app.Draft) *mapScreen {
	s := &mapScreen{w: w, path: path, draft: d, pane: mapper.New(w.Window, d)}
	s.header = widgets.NewHeader(fmt.Sprintf("Field map: %s and %s", sourceTitle(d.Definition), strings.ToLower(d.Object.Label)), "")
	s.header.OnBack = func() { w.GoTo(shell.PlaceHome) }
	s.header.SetSaved(false, false)
	s.review = widgets.NewButton(widgets.Plain, "", "", s.pane.NextSuggestion)
	s.header.Buttons = []*widgets.Button{s.review}
	s.header.Primary = widgets.NewButton(widgets.Primary, "preview", "Preview plan", s.preview)
	s.pane.OnChange = s.changed
	s.pane.OnCheck = s.count
	s.pane.OnSelect = s.count
	s.root = container.New(&mapLayout{s}, s.header, s.pane.Content())
	s.count()
	return s
}

// sourceTitle is what people call the source: its file without the ending, its
// table or its kind.
func sourceTitle(d *definition.Definition) string {
	switch {
	case d.Source.Path != "":
		base := filepath.Base(d.Source.Path)
		return strings.TrimSuffix(base, filepath.Ext(base))
	case d.Source.Table != "":
		return d.Source.Table
	}
	return d.Source.Kind
}

// Pane is the field map.
func (s *mapScreen) Pane() *mapper.Pane { return s.pane }

func (s *mapScreen) Content() fyne.CanvasObject { return s.root }
func (s *mapScreen) Head() *widgets.Header      { return s.header }
func (s *mapScreen) Focus()                     { s.pane.Focus() }
func (s *mapScreen) Show()                      {}
func (s *mapScreen) Undo()                      { s.pane.Undo() }
func (s *mapScreen) Redo()                      { s.pane.Redo() }

// mapLayout puts the header over the pane and makes it lower where the window
// is narrow.
type mapLayout struct{ s *mapScreen }

// Layout implements fyne.Layout.
func (l *mapLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	compact := l.s.w.Win.Canvas().Size().Width < look.CompactBelow
	if h := l.s.header; h.Compact != compact {
		h.Compact = compact
		h.Refresh()
	}
	high := objects[0].MinSize().Height
	layouts.Move(objects[0], 0, 0, size.Width, high)
	layouts.Move(objects[1], 0, high, size.Width, size.Height-high)
}

// MinSize implements fyne.Layout.
func (l *mapLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	a, b := objects[0].MinSize(), objects[1].MinSize()
	return fyne.NewSize(max(a.Width, b.Width), a.Height+b.Height)
}

// count shows the figures of the map.
func (s *mapScreen) count() {
	c := s.pane.Counts()
	parts := []string{fmt.Sprintf("%s of %s mapped", look.Number(c.Mapped), look.Count(c.Fields, "field", "fields"))}
	if c.Problems > 0 {
		parts = append(parts, look.Count(c.Problems, "problem", "problems"))
	}
	if c.Suggestions > 0 {
		parts = append(parts, look.Count(c.Suggestions, "suggestion waits", "suggestions wait")+" for you")
	}
	s.header.State = strings.Join(parts, " · ")
	s.header.Menu = s.pane.Menu()
	s.review.Text, s.review.Reason = "Review "+look.Count(c.Suggestions, "suggestion", "suggestions"), ""
	if c.Suggestions == 0 {
		s.review.Text, s.review.Reason = "No suggestions", "Every suggestion is settled"
	}
	s.review.Refresh()
	s.note()
}

// note says whether what is seen is what is kept.
func (s *mapScreen) note() { s.header.SetSaved(s.failed != nil && !s.saving, s.saved < s.edits) }

// changed follows an edit: the newest state is saved as soon as the one before
// it is, so that a quick series of edits is not written one by one.
func (s *mapScreen) changed() {
	s.edits++
	if !s.saving {
		s.save()
	}
	s.count()
}

// save writes the map off the UI thread.
func (s *mapScreen) save() {
	s.pane.Commit()
	edits := s.edits
	def := *s.draft.Definition // edits replace its parts and never change them in place
	draft := &app.Draft{Definition: &def}
	s.saving = true
	shell.Load(s.w, func(context.Context) (string, error) { return s.w.App.Save(draft) }, func(string) {
		s.saving, s.failed, s.saved = false, nil, edits
		s.next()
	}, func(err error) {
		s.saving = false
		again := s.failed != nil
		s.failed = err
		if s.saved < edits && s.edits > edits { // the newer state may do
			s.failed = nil
		} else if !again {
			s.tell(err)
		}
		s.next()
	})
}

// next goes on after an attempt to save.
func (s *mapScreen) next() {
	switch {
	case s.failed != nil:
		s.after = nil
		s.w.unsaved[s.path] = s
	case s.saved < s.edits:
		s.save()
	default:
		delete(s.w.unsaved, s.path)
		if then := s.after; then != nil {
			s.after = nil
			then()
		}
	}
	s.note()
}

// tell shows why the map is not saved: at the problem itself where it is one of
// a line, which the problem bar shows, and else in a dialog.
func (s *mapScreen) tell(err error) {
	var bad *definition.Error
	if errors.As(err, &bad) {
		s.pane.Say("Not saved yet: settle the problem below first")
		return
	}
	s.w.Fail(err)
}

// preview saves the map and makes a plan of it.
func (s *mapScreen) preview() {
	plan := func() { s.w.Rooms.Preview(s.path, s.draft.Definition.Name) }
	switch {
	case s.failed != nil && !s.saving:
		s.w.Fail(s.failed)
	case s.saved == s.edits && !s.saving:
		plan()
	default:
		s.after = plan
	}
}
