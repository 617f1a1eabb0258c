// Package ui is the window over the use-cases of package app: this package
// furnishes it, with a room for each thing that a person does in it, and opens
// it. It holds no rule of syncing, no SQL and no HTTP.
package ui

import (
	"fmt"
	"path/filepath"

	"fyne.io/fyne/v2"

	"syncline/app"
	"syncline/ui/attention"
	"syncline/ui/connections"
	"syncline/ui/duplicates"
	"syncline/ui/fieldmap"
	"syncline/ui/home"
	"syncline/ui/newsync"
	plans "syncline/ui/plan"
	"syncline/ui/post"
	"syncline/ui/records"
	"syncline/ui/review"
	"syncline/ui/runs"
	"syncline/ui/sets"
	"syncline/ui/settings"
	"syncline/ui/shell"
)

// house is the window with all its rooms: it leads from each to each.
type house struct {
	*shell.Window
	making    *newsync.Room
	plans     *plans.Room
	runs      *runs.Room
	sets      *sets.Room
	fieldMaps *fieldmap.Room
	records   *records.Room
	twins     *duplicates.Room
	attention shell.Screen
	menu      *mainMenu
}

// Furnish makes the window on an open workspace, with all its rooms, and shows
// Home. poster runs functions on the UI thread.
func Furnish(a *app.App, f fyne.App, poster post.Func) *shell.Window {
	return newHouse(a, f, poster).Window
}

// newHouse makes the window with all its rooms.
func newHouse(a *app.App, f fyne.App, poster post.Func) *house {
	w := shell.New(a, f, poster)
	h := &house{Window: w, making: newsync.New(w), plans: plans.New(w), runs: runs.New(w), sets: sets.New(w), fieldMaps: fieldmap.New(w), records: records.New(w), twins: duplicates.New(w)}
	w.Rooms = h
	h.attention = attention.New(w)
	h.menu = newMainMenu(h)
	w.Win.SetMainMenu(h.menu.menu)
	h.redoByShift()
	w.Fronted = h.menu.fit
	w.Furnish(home.New(w), review.New(w), runs.NewHistory(h.runs), h.records.Screen(), connections.New(w), settings.New(w))
	return h
}

// NewSync implements shell.Rooms, as the methods below do.
func (w *house) NewSync(path string) { w.making.NewSync(path) }

// NewSyncFrom opens the making of a sync of a table or of another portal.
func (w *house) NewSyncFrom(o shell.Origin) { w.making.NewSyncFrom(o) }

// AddDatabase asks for a connection to a database.
func (w *house) AddDatabase(done func(name string)) { connections.OpenDatabase(w.Window, nil, done) }

// ConnectPortal asks for a connection to a portal.
func (w *house) ConnectPortal(done func()) { connections.OpenPortal(w.Window, done) }

// Promote takes a sync to another portal.
func (w *house) Promote(path, name string) { connections.OpenPromote(w.Window, path, name) }

// NewSet opens the making of a set.
func (w *house) NewSet(paths ...string) { w.making.NewSet(paths...) }

// Import asks for a document and imports it.
func (w *house) Import() { w.importSync() }

// Preview makes a plan, of everything that was decided and changed until now.
func (w *house) Preview(path, name string) {
	w.WhenKept(func() { w.plans.Preview(path, name) })
}

// PreviewInstead makes a plan in the place of a changed one.
func (w *house) PreviewInstead(path, name, changed string) {
	w.plans.PreviewInstead(path, name, changed)
}

// Plan shows a stored plan.
func (w *house) Plan(id string, part app.Part, notes ...string) {
	w.plans.OpenPlan(id, part, notes...)
}

// PlanOfSet shows a plan as part of a set's.
func (w *house) PlanOfSet(id string, back shell.Screen) { w.plans.PlanOfSet(id, back) }

// Work starts background work and shows it.
func (w *house) Work(x app.Work, name string) { w.runs.Start(x, name) }

// Report shows the report of a run.
func (w *house) Report(run string) { w.runs.OpenReport(run) }

// CheckReport checks the file of a report.
func (w *house) CheckReport() { w.runs.CheckReport() }

// FieldMap opens a field map.
func (w *house) FieldMap(path string, from shell.Screen) { w.fieldMaps.OpenFieldMap(path, from) }

// Associate opens what a sync associates.
func (w *house) Associate(path string, from shell.Screen) { w.sets.OpenAssociate(path, from) }

// Record shows a record.
func (w *house) Record(portal, object, id, property string) {
	w.records.OpenRecord(portal, object, id, property)
}

// Duplicates looks for what is there twice.
func (w *house) Duplicates(path string) { w.twins.OpenOf(path) }

// Attention shows the rows that failed.
func (w *house) Attention() { w.OpenUnder(shell.PlaceReview, w.attention) }

// Set opens a set.
func (w *house) Set(path string) { w.sets.OpenSet(path) }

// PreviewSet makes the plan of a set.
func (w *house) PreviewSet(path string) { w.sets.PreviewSet(path) }

// SetReport implements shell.Rooms.
func (w *house) SetReport(run string) { w.sets.OpenReport(run) }

// UndoSet implements shell.Rooms.
func (w *house) UndoSet(path, run string) { w.sets.UndoRun(path, run) }

// UndoSetPart implements shell.Rooms.
func (w *house) UndoSetPart(path, run string) { w.sets.UndoPart(path, run) }

// RedoSet implements shell.Rooms.
func (w *house) RedoSet(path, run string) { w.sets.RedoRun(path, run) }

// RemoveSet takes a set from Home.
func (w *house) RemoveSet(path, name string) { w.sets.RemoveSet(path, name) }

// Dropped starts a new sync from a dropped file and a set from several, or
// imports a definition.
func (w *house) Dropped(uris []fyne.URI) {
	switch len(uris) {
	case 0:
	case 1:
		path := uris[0].Path()
		switch {
		case app.IsDefinition(path):
			w.importDefinition(path)
		case !w.making.TakeFile(path):
			w.making.NewSync(path)
		}
	default:
		var paths []string
		for _, u := range uris {
			if app.IsDefinition(u.Path()) {
				w.Fail(fmt.Errorf("%s is a definition and no file of rows: drop it by itself to import it", filepath.Base(u.Path())))
				return
			}
			paths = append(paths, u.Path())
		}
		w.making.NewSet(paths...)
	}
}
