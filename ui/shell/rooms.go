package shell

import (
	"fyne.io/fyne/v2"

	"syncline/app"
)

// Origin is where the rows of a new sync come from, where that is no file: a
// connection by its name.
type Origin struct {
	Database string
	Portal   string
}

// Rooms opens the rooms of the window. A room asks for another by it and knows
// none: whoever makes the window fills it in.
type Rooms interface {
	// NewSync opens the making of a sync: on the file at path, or with "" on the
	// choice of one.
	NewSync(path string)
	// NewSyncFrom opens the making of a sync of what is no file.
	NewSyncFrom(o Origin)
	// AddDatabase asks for a connection to a database; done is told its name.
	AddDatabase(done func(name string))
	// ConnectPortal asks for a connection to a portal.
	ConnectPortal(done func())
	// Promote takes the sync at path to another portal.
	Promote(path, name string)
	// NewSet opens the making of a set of files.
	NewSet(paths ...string)
	// Dropped takes files that were dropped on the window.
	Dropped(uris []fyne.URI)
	// Import asks for the document of a sync or set and imports it.
	Import()

	// Preview makes a new plan of the definition at path and shows it; where one
	// waits that a person changed, it asks first what becomes of the changes.
	Preview(path, name string)
	// PreviewInstead is Preview where it is known which changed plan waits, "" for
	// none.
	PreviewInstead(path, name, changed string)
	// Plan shows a stored plan, with what its making had to tell. part is the part
	// of a run that it undoes.
	Plan(id string, part app.Part, notes ...string)
	// PlanOfSet shows a stored plan as part of a set's, which alone applies it;
	// back leads there.
	PlanOfSet(id string, back Screen)
	// Work starts background work and shows it; name is the sync's.
	Work(x app.Work, name string)
	// Report shows the report of a run; its way back leads to the screen in front.
	Report(run string)
	// CheckReport asks for the file of a report and says whether it is as it was
	// signed.
	CheckReport()

	// FieldMap opens the field map of the sync at path, or what it associates; the
	// way back leads to from, nil for Home.
	FieldMap(path string, from Screen)
	// Associate opens what the sync at path associates, with the same way back.
	Associate(path string, from Screen)

	// Record shows a record among those of its object type, of a portal by its connection's
	// name; with a property, who wrote that. Without an id the type's records are listed.
	Record(portal, object, id, property string)
	// Duplicates looks for what is there twice: among the rows of the sync at path and the
	// records that it writes to, or with "" among records alone.
	Duplicates(path string)

	// Attention shows the rows that failed.
	Attention()

	// Set opens the set at path.
	Set(path string)
	// PreviewSet opens the set at path and makes its plan.
	PreviewSet(path string)
	// SetReport shows the report of a run of a set; its way back leads to the screen in
	// front.
	SetReport(run string)
	// UndoSet opens the set at path and makes the plan that takes one of its runs back.
	UndoSet(path, run string)
	// UndoSetPart opens the set at path and asks what of one of its runs is taken back.
	UndoSetPart(path, run string)
	// RedoSet opens the set at path and makes the plan that offers again what undos of
	// one of its runs took back.
	RedoSet(path, run string)
	// RemoveSet asks whether a set shall leave Home.
	RemoveSet(path, name string)
}
