// Package source is the other side of a sync behind one small interface: a
// file, a database table, another portal. It knows nothing of HubSpot or of
// the workspace.
package source

import (
	"context"
	"iter"
	"time"

	"syncline/sync/record"
)

// Source is an opened source. Its methods are safe for concurrent use, but a
// Prepare that was neither committed nor discarded excludes another one.
type Source interface {
	// Describe reads the header and a sample, and returns the schema.
	Describe(ctx context.Context) (Schema, error)

	// Rows streams all rows in their own order, in bounded memory; since limits them to rows
	// changed at or after it where the source can (Abilities.Incremental), and
	// is ignored otherwise. A ragged or unreadable row is yielded with a *RowError and reading
	// goes on; any other error ends the stream.
	Rows(ctx context.Context, since time.Time) iter.Seq2[record.Row, error]

	// Version names the source's present content: for a file the hex SHA-256
	// of its bytes. Two equal versions are the same content. "" is not known: it
	// would take reading everything.
	Version(ctx context.Context) (string, error)

	// Prepare makes the changes ready without touching the source: for a file
	// it writes and syncs the complete new content beside it. It refuses with
	// a *ReadOnlyError where the source cannot be written (a query, a locked workbook).
	Prepare(ctx context.Context, changes []Change) (Prepared, error)

	Close() error
}

// Teller is a source that tells what it made of its content.
type Teller interface {
	// Notes are about the last complete reading by Rows; none before it.
	Notes() []Note
}

// Outliner is a source that can be described without its rows being read.
type Outliner interface {
	// Outline is Describe without what the rows show: of the columns it has the
	// names, Rows is -1, and Notes and Words are none.
	Outline(ctx context.Context) (Schema, error)
}

// Outline describes a source as quickly as it can: what its rows show may be
// there or not.
func Outline(ctx context.Context, s Source) (Schema, error) {
	if quick, ok := s.(Outliner); ok {
		return quick.Outline(ctx)
	}
	return s.Describe(ctx)
}

// Sparing is a source that tells by a time of change in its rows which of them
// need not be read.
type Sparing interface {
	// Spares reports whether its rows have such a time, and a key that each of them
	// has alone.
	Spares(ctx context.Context) (bool, error)
	// RowsSince is Rows of which those that were changed before since are Spared: of them
	// it gives the key and the time, so that one that is gone is missed. All is one
	// moment of the source. What has no time is given whole.
	RowsSince(ctx context.Context, since time.Time) iter.Seq2[record.Row, error]
	// RowsByKey gives rows whole, as they are now; a key without a row is left out.
	RowsByKey(ctx context.Context, keys []string) iter.Seq2[record.Row, error]
}

// Note is a sentence about how a source is read: what was guessed, repaired or
// left out, once per kind with its count.
type Note struct {
	Column string // whom it concerns: those who use the column; "" is everybody
	Text   string
	// Numbers says that it concerns only those who take the column for numbers.
	Numbers bool
	// Texts says that it concerns only those who take the column for a text.
	Texts bool
}

// Rowwise is a source that is written row by row and has no cheap name for all
// that it holds: its Version is "". Prepare holds the rows that it changed until
// Commit or Discard, so that changes come in batches, and what it says of them is
// what the source will hold. After a crash its rows tell what became of a batch.
type Rowwise interface {
	// Batch is how many changes one Prepare may take.
	Batch() int
	// RowsOf reads the rows of keys as they stand, once no write to them is under
	// way; a key without a row is missing. A row that can't be read is an error.
	RowsOf(ctx context.Context, keys []string) (map[string]record.Row, error)
	// CameOf tells what became of the commit of a Prepared by its After.
	CameOf(ctx context.Context, after string) (Came, error)
}

// Came is what became of a commit whose answer was lost.
type Came string

// The ends of a commit.
const (
	CameUnknown Came = ""        // the source does not tell; its rows may
	CameTrue    Came = "done"    // it took effect
	CameNothing Came = "nothing" // it never will
	CameOpen    Came = "open"    // it is still under way
)

// Piecewise is a Rowwise whose rows can't be held: each change of a batch takes
// effect by itself or not, and what came of it is known once it was sent. Its
// Prepared are Late.
type Piecewise interface {
	Rowwise
	// MadeOf finds the rows that inserts made, by the Mark of each; one that made no row
	// is missing. since is the Since of the batch.
	MadeOf(ctx context.Context, inserts []Change, since time.Time) (map[string]record.Row, error)
	// Overwritten finds the edits of others that updates fell upon: made after their
	// batch's Since and before they took effect.
	Overwritten(ctx context.Context, updates []Written) ([]Overwritten, error)
	// Successors tells of keys without a row which row goes on with theirs, because it
	// was merged with it.
	Successors(ctx context.Context, keys []string) (map[string]string, error)
}

// Late is a Prepared of a Piecewise source. Its Outcomes are what is to be
// expected; Settled counts once Commit has returned, whatever it returned.
type Late interface {
	Prepared
	// Settled has one entry per change. The zero Outcome is of a change that was not sent.
	Settled() []Outcome
	// Since is the source's own time before anything was sent.
	Since() time.Time
}

// Written is an update that took effect.
type Written struct {
	Key    string
	Since  time.Time
	Fields record.Values // what it wrote, as it reads back
	Pre    record.Values // what stood there before
}

// Overwritten is an edit that an update fell upon.
type Overwritten struct {
	Key, Field string
	Wrote      record.Value // by the update
	Lost       record.Value // by the edit
	At         time.Time
	// SourceType, Label and UserID tell who made it, as the source's history has it.
	SourceType, Label, UserID string
}

// Open is a question about a source that has to be answered before anything of
// it is written anywhere.
type Open struct {
	// Column is the one that it is about: it need not be answered by those who do
	// not use the column. "" is everybody.
	Column string
	Key    string // the key under source in the definition that answers it: "encoding"
	Msg    string // a sentence: what is open, and how to answer
	// Choices are the possible answers, the most likely one first.
	Choices []Choice
}

// Choice is a possible answer to an open question.
type Choice struct {
	Value  string // for the definition: "windows-1250"
	Label  string // for people: "Central European (Windows-1250)"
	Sample string // what it would give: "Dvořák, Kovács"
}

// Prepared is a set of changes that is one step from taking effect. Before and
// After are the versions around it, so that after a crash the source's version
// tells whether it happened; they are journaled before Commit is called.
type Prepared interface {
	Before() string
	After() string
	// Outcomes has one entry per change, in their order.
	Outcomes() []Outcome
	// Commit makes the changes take effect at once (rename, commit). If the
	// source moved since Prepare, it changes nothing and returns ErrMoved. After
	// ErrUnconfirmed the outcome is open; after any other error nothing changed.
	Commit(ctx context.Context) error
	// Discard drops what Prepare made. It may be called after Commit.
	Discard() error
}

// Schema describes a source.
type Schema struct {
	Kind     string // csv, excel, …
	Location string // path or masked DSN, for people
	Columns  []Column
	Rows     int // -1 when not counted
	// Identity changes when the source is another one than it was (other
	// header, other table), and stays when only rows change.
	Identity  string
	Abilities Abilities
	// Details are facts worth showing: "encoding": "Windows-1252", "delimiter": ";", …
	Details map[string]string
	Notes   []Note // of the whole file where it was counted, else of the sample
	Open    []Open // what has to be answered first
	// Texts says that the cells have no types, so that the marks in numbers may be
	// those of any country.
	Texts bool
	// HeaderRow is where the names of the columns stand, counted from 1; 0 in a
	// source without rows. Guessed says that rows stand above it that were taken
	// for titles.
	HeaderRow int
	Guessed   bool
	// Words are words in the cells that may mean "nothing", in the order in which
	// they were met.
	Words []string
}

// Abilities say what a source can do.
type Abilities struct {
	Insert, Update, Delete, Incremental bool
	// Why says in a sentence why it can't be written, when it can't.
	Why string
}

// Column is one field of a source with what a sample (at most the first 1,000 rows) shows.
type Column struct {
	Name    string
	Label   string      // what people call it; "" is as its name
	Type    record.Type // guessed
	Sampled int         // rows looked at
	Filled  int         // of those, not empty
	Unique  int         // of those filled, how many distinct values
	Samples []string    // up to three different ones
	// Point is what the numbers tell of the point in them, where the source holds
	// texts alone.
	Point record.Point

	// What a source with a schema of its own says of the column; zero elsewhere.
	Native   string   // its type, as the source calls it: "numeric(38,9)"
	NotNull  bool     // it always has a value
	Fills    string   // what it gets in a new row that leaves it out: "a default (now())"; "" is nothing
	Length   int      // of its texts, in characters; 0 is without a limit
	Options  []string // the only values that it takes; none is any
	ReadOnly string   // why rows can't be changed in it, as the rest of a sentence: "is generated from other columns"
	NoInsert bool     // new rows can't give it a value
	// Names says that its cells are labels or addresses, in the place of ids that mean
	// nothing elsewhere.
	Names bool
}

// ChangeKind is what a Change does.
type ChangeKind string

// The kinds of change.
const (
	Insert ChangeKind = "insert"
	Update ChangeKind = "update"
	Delete ChangeKind = "delete" // the row as Expect has it; the rest of the source stays
)

// Change is one change to one row.
type Change struct {
	Kind   ChangeKind
	Key    string        // the row to update or delete; for an insert the key columns stand in Fields
	Fields record.Values // what to write; "" empties a cell
	// Expect is what an update or delete believes stands there now, compared exactly; another value
	// makes the change Moved and leaves the row alone.
	Expect record.Values
	// Types are those of what is written, where they are known: a cell without a
	// form of its own takes after them.
	Types map[string]record.Type
	// Mark is a name of an insert that no other one has and that is the same in every attempt
	// to make it. A Piecewise source keeps it with the row, so that it is made once.
	Mark string
	// Back says that an insert puts back a whole row that was deleted: what is empty is so
	// there, and what the source makes of its own it makes again.
	Back bool
}

// Outcome says what becomes of a Change.
type Outcome struct {
	State OutcomeState
	Key   string        // the row's key after the change
	Now   record.Values // what the written fields read back as after the change; of a delete the whole row as it stood
	Err   error         // why, when refused
	// Left are the fields of an update that is done that could not be written, and
	// why. They stand as they did.
	Left map[string]error
}

// OutcomeState is the state of an Outcome.
type OutcomeState string

// The states of an Outcome.
const (
	Done    OutcomeState = "done"
	Moved   OutcomeState = "moved"   // the row is gone or not as expected
	Refused OutcomeState = "refused" // it can't be written (formula cell, wrong form); see Err
	Unknown OutcomeState = "unknown" // it was sent, and no answer tells what came of it; of a Late
)
