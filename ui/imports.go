package ui

import (
	"context"
	"errors"
	"path/filepath"

	"syncline/app"
	"syncline/sync/definition"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
	"syncline/ui/wording"
)

// prefDefinitions is the folder from which the last definition was imported.
const prefDefinitions = "folder.definitions"

// importSync asks for the file of a definition and imports it.
func (w *house) importSync() {
	if len(w.Win.Canvas().Overlays().List()) > 0 {
		return // the shortcut works over a dialog too, which comes first
	}
	w.ChooseFile("Choose the definition of a sync", "Import this sync", "Syncs", app.DefinitionEndings(), prefDefinitions, w.importDefinition)
}

// importDefinition shows what a definition is of and asks before it is taken
// in. Nothing that it names is opened before.
func (w *house) importDefinition(path string) {
	shell.Load(w, func(context.Context) (bool, error) { return app.IsSet(path), nil }, func(set bool) {
		if set {
			w.importSet(path)
			return
		}
		w.importOne(path)
	}, nil)
}

// importOne imports the definition of one sync.
func (w *house) importOne(path string) {
	shell.Load(w, func(ctx context.Context) (app.Import, error) { return w.App.ReadImport(ctx, path) }, w.askImport, func(err error) {
		var copied *app.CopyError
		var wrong *definition.Error
		switch {
		case errors.As(err, &wrong):
			w.showProblems(path, wrong.Problems)
			return
		case !errors.As(err, &copied):
			w.Fail(err)
			return
		}
		widgets.NewConfirm("It is a copy of a sync that is here", "Both documents have the same id and would be taken for one sync: "+copied.Other+" is known already. With an id of its own this one is a new sync, without the links and history of the other.",
			"Make it a sync of its own", false, func() {
				w.Do(func(ctx context.Context) error { _, err := w.App.NewID(ctx, copied.Path); return err }, func() { w.importDefinition(path) })
			}).Open(w.Win.Canvas())
	})
}

// showProblems lists what keeps a definition from being imported.
func (w *house) showProblems(path string, problems []definition.Problem) {
	list := widgets.NewColumn(8, widgets.NewParagraph("Nothing was imported. Correct the document, then import it again.", look.Body, look.T2))
	for _, p := range problems {
		where := "In the document"
		if p.Line > 0 {
			where = "Line " + look.Number(p.Line)
		}
		if p.Key != "" {
			where += ", " + p.Key
		}
		list.Add(widgets.NewColumn(0, widgets.NewLine(where, look.Small, look.T2), widgets.NewParagraph(wording.SentenceCase(p.Msg), look.Body, look.T1)))
	}
	d := widgets.NewDialog(look.Count(len(problems), "problem", "problems")+" in "+filepath.Base(path), path, list)
	d.Width = 560
	d.Primary = widgets.NewButton(widgets.Primary, "", "Close", d.Close)
	d.Open(w.Win.Canvas())
}

// askImport says what would be imported. A file outside of the definition's
// folder has a warning of its own, and a button that names it.
func (w *house) askImport(m app.Import) {
	rows := widgets.NewColumn(0,
		widgets.NewFactRow("Source", m.Source),
		widgets.NewFactRow("Object type", m.Object),
		widgets.NewFactRow("Portal", orWord(m.Portal, "the only one that is connected")))
	text := widgets.NewColumn(12, rows)
	act := "Import"
	if m.Known {
		text.Add(widgets.NewInfoBox("This sync is known already: what the document says now counts, its links and history stay."))
		act = "Take it as it is now"
	}
	if m.Outside != "" {
		text.Add(widgets.NewNotice(look.Conflict, "", "Did you expect that?", m.Outside+" Whoever wrote the definition chose that file. Import it only if you know why."))
		act = "Import and allow that file"
	}
	text.Add(widgets.NewParagraph("The document stays where it is. Nothing is read from the source or from HubSpot’s records until you preview it, and nothing is written until you apply a plan.", look.Small, look.T2))
	d := widgets.NewDialog("Import “"+m.Name+"”?", m.Path, text)
	d.Width = 560
	d.Primary = widgets.NewButton(widgets.Primary, "import", act, func() {
		d.Close()
		w.Do(func(ctx context.Context) error { return w.App.AddSync(ctx, m.Path) }, func() {
			w.GoTo(shell.PlaceHome)
			w.Toast(look.Create, m.Name+" is imported: preview it next", "", nil)
		})
	})
	cancel := widgets.NewButton(widgets.Plain, "", "Cancel", d.Cancel)
	d.Others = []*widgets.Button{cancel}
	if m.Outside != "" {
		d.First = cancel // Enter must not allow what was not read
	}
	d.Open(w.Win.Canvas())
}

// importSet shows what a set is of and asks before it is taken in.
func (w *house) importSet(path string) {
	shell.Load(w, func(ctx context.Context) (app.SetImport, error) { return w.App.ReadSetImport(ctx, path) }, w.askImportSet, func(err error) {
		var wrong *definition.Error
		if errors.As(err, &wrong) {
			w.showProblems(wrong.Path, wrong.Problems)
			return
		}
		w.Fail(err)
	})
}

// askImportSet says what a set would bring. Files outside of the documents'
// folders have warnings of their own.
func (w *house) askImportSet(m app.SetImport) {
	rows := widgets.NewColumn(0)
	outside := 0
	text := widgets.NewColumn(12, rows)
	for _, y := range m.Syncs {
		rows.Add(widgets.NewFactRow(y.Name, y.Source+" → "+y.Object))
		if y.Outside != "" {
			outside++
			text.Add(widgets.NewNotice(look.Conflict, "", "Did you expect that?", y.Outside+" Whoever wrote the definition chose that file. Import it only if you know why."))
		}
	}
	act := "Import " + look.Count(len(m.Syncs), "sync", "syncs")
	if outside > 0 {
		act = "Import and allow " + map[bool]string{true: "that file", false: "those files"}[outside == 1]
	}
	text.Add(widgets.NewParagraph("The documents stay where they are. Nothing is read from the sources or from HubSpot’s records until you preview the set, and nothing is written until you apply its plan.", look.Small, look.T2))
	d := widgets.NewDialog("Import the set “"+m.Name+"”?", m.Path, text)
	d.Width = 560
	d.Primary = widgets.NewButton(widgets.Primary, "import", act, func() {
		d.Close()
		w.Do(func(ctx context.Context) error { return w.App.AddSet(ctx, m.Path) }, func() { w.sets.OpenSet(m.Path) })
	})
	cancel := widgets.NewButton(widgets.Plain, "", "Cancel", d.Cancel)
	d.Others = []*widgets.Button{cancel}
	if outside > 0 {
		d.First = cancel // Enter must not allow what was not read
	}
	d.Open(w.Win.Canvas())
}

func orWord(s, word string) string {
	if s == "" {
		return word
	}
	return s
}
