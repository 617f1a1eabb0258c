package ui

import (
	"fyne.io/fyne/v2"

	"syncline/app"
	"syncline/sync/definition"
	"syncline/ui/widgets/fieldmap"
)

// fieldMapPane is the field map of a draft with its inspector, to stand in a
// screen. It is used on the UI thread only.
type fieldMapPane struct {
	w      *window
	draft  *app.Draft
	model  *fieldmap.Model
	editor *fieldmap.Editor

	// onChange is called after every edit, undo and redo included.
	onChange func()
}

// newFieldMapPane makes the pane of a draft whose both sides were read.
func newFieldMapPane(w *window, d *app.Draft) *fieldMapPane {
	p := &fieldMapPane{w: w, draft: d}
	p.model = fieldmap.NewModel(nil, nil, nil, d.Definition.Direction)
	p.editor = fieldmap.NewEditor(p.model, fieldmap.Heads{Source: "Source", SourceIcon: "spreadsheet", HubSpot: d.Object.Label}, nil, w.post)
	return p
}

func (p *fieldMapPane) content() fyne.CanvasObject { return p.editor }

// focus gives the keyboard to the map.
func (p *fieldMapPane) focus() { p.editor.Focus() }

// counts are the figures of the screen's header.
func (p *fieldMapPane) counts() fieldmap.Counts { return p.model.Count() }

// problems are what keeps the map from working, as the last check found it.
func (p *fieldMapPane) problems() []definition.Problem { return nil }

// commit writes the lines of the map into the draft's definition; call it
// before the definition is saved or previewed.
func (p *fieldMapPane) commit() {}
