// Package definition is what a sync is: the YAML document that describes one,
// read strictly, checked, and written back. It holds no secret.
package definition

import (
	"time"

	"syncline/sync/record"
	"syncline/sync/transform"
)

// Version is the format version that this program reads and writes.
const Version = 1

// Direction says which way values flow.
type Direction string

// The directions.
const (
	ToHubSpot   Direction = "to-hubspot"
	FromHubSpot Direction = "from-hubspot"
	TwoWay      Direction = "two-way"
)

// Definition is one sync. Parse and Load fill in every default; one that is
// built otherwise must do so too.
type Definition struct {
	// ID is what links, bases and create keys hang on, wherever the document
	// lies; "" until the first run has written it. See NewID.
	ID           string
	Name         string
	Source       Source
	HubSpot      HubSpot
	Direction    Direction
	Create       Create
	Delete       Delete
	Duplicates   Duplicates
	Verify       Verify
	Fields       []Field
	Associations []Association
	// Associate makes the rows associations; HubSpot, Direction, Create and
	// Fields then have no meaning, except HubSpot.Portal and HubSpot.Object,
	// which is that of From. nil for a sync of records.
	Associate *Associate
	// Deliver delivers each row once to what is no record; nil for a sync of records.
	Deliver *Deliver
	Guards  Guards

	// Path is the file that it was read from, "" when it was not; relative
	// source paths are relative to its folder.
	Path string

	lines map[string]int // position of each part, by its path in the document
}

// Source is the source side.
type Source struct {
	Kind     string   // csv, excel, json, parquet, files, sqlite, postgres, mysql, hubspot, form-submissions
	Path     string   // the file, as written; see SourcePath
	Sheet    string   // excel; "" is the first one
	Table    string   // databases, unless there is a Query
	Query    string   // databases and files; then the source can only be read
	DSN      string   // databases, without the password
	Portal   string   // hubspot: the name of the connection to the other portal; form-submissions: "" is the sync's own
	Object   string   // hubspot: the object there, "" is the same one
	Form     string   `json:",omitempty"` // form-submissions: the form's name or id
	Key      []string // the columns that identify a row
	Modified string   // the column with a row's time of change, "" if there is none
	Zone     string   // of times that name none, such as Europe/Berlin; see Location
	Encoding string   // csv: how the file writes characters, "" is found out; see csvfile.Encodings
	// HeaderRow is the row with the column names, counted from 1; 0 is found
	// out. csv counts lines, as an editor shows them.
	HeaderRow int `json:",omitempty"`
	// Blanks are words that mean "empty" in every column; any other word then
	// means what it says. Without them a word such as NULL is asked about.
	Blanks []string
	// NoBlanks is an empty list of blanks: every word means what it says.
	NoBlanks bool `json:",omitempty"`
	// Files are those that the Query of a source of kind files joins, in the order of
	// the document.
	Files []SourceFile `json:",omitempty"`
}

// SourceFile is one of the files that a query joins.
type SourceFile struct {
	Name string // of the table that it is in the query
	Path string // as written; see FilePath
	// Sheet, Encoding and HeaderRow are as those of a Source.
	Sheet, Encoding string
	HeaderRow       int `json:",omitempty"`
}

// Location is the zone of times that name none, in the column Modified and in
// other columns; nil where the definition names none: times of change without
// one are then unknown, and other columns are read as UTC.
func (s Source) Location() *time.Location {
	if s.Zone == "" {
		return nil
	}
	z, err := time.LoadLocation(s.Zone)
	if err != nil {
		return nil // Parse has refused it
	}
	return z
}

// HubSpot is the HubSpot side.
type HubSpot struct {
	Portal string
	Object string
	Make   *Make // the object type is made where the portal does not have it; nil: it must be there
	Match  []MatchKey
	Filter []FilterGroup // groups are or-ed, the filters in one are and-ed
	// FilterList is the name of a list whose members alone take part, beside what Filter
	// asks for; "" for all records.
	FilterList string
}

// MatchKey is one way in which an unlinked row finds its record.
type MatchKey struct{ Field, Property string }

// FilterGroup is a list of filters that must all hold.
type FilterGroup []Filter

// Filter is one HubSpot search filter.
type Filter struct {
	Property  string
	Operator  string // EQ, NEQ, LT, LTE, GT, GTE, BETWEEN, IN, NOT_IN, HAS_PROPERTY, NOT_HAS_PROPERTY, CONTAINS_TOKEN, NOT_CONTAINS_TOKEN
	Value     string
	HighValue string
	Values    []string
}

// Create says where missing counterparts are created.
type Create string

// The places of creation.
const (
	CreateNone    Create = "none"
	CreateHubSpot Create = "hubspot"
	CreateSource  Create = "source"
	CreateBoth    Create = "both"
)

// InHubSpot reports whether rows without a record create one.
func (c Create) InHubSpot() bool { return c == CreateHubSpot || c == CreateBoth }

// InSource reports whether records without a row create one.
func (c Create) InSource() bool { return c == CreateSource || c == CreateBoth }

// Delete says what a disappearance on one side does on the other.
type Delete struct {
	RowGone    string      // ignore, archive, flag
	FlagRecord *FlagRecord // what RowGone: flag writes; nil where it is not given
	RecordGone string      // ignore, delete, flag
	FlagRow    *FlagRow    // what RecordGone: flag writes; nil where it is not given
}

// FlagRecord marks a record whose row left the source: the property is set to
// the value, which stands in the property's form.
type FlagRecord struct{ Property, Value string }

// FlagRow marks a row whose record was archived: the cell of the column is set
// to the value, as it shall stand there.
type FlagRow struct{ Field, Value string }

// Duplicates says what becomes of rows that share a match value and differ.
type Duplicates string

// The ways with duplicates.
const (
	DuplicatesReview Duplicates = "review" // they wait as a conflict
	DuplicatesFirst  Duplicates = "first"  // the first row counts, by position
	DuplicatesLast   Duplicates = "last"   // the last one does
)

// Verify says how many written records are read back with their history.
type Verify string

// The ways to verify.
const (
	VerifyAuto   Verify = "auto" // as many as the budget of calls allows
	VerifyAll    Verify = "all"
	VerifySample Verify = "sample"
	VerifyNone   Verify = "none"
)

// Policy settles a field that changed on both sides.
type Policy string

// The policies.
const (
	Review      Policy = "review"
	TakeSource  Policy = "source"
	TakeHubSpot Policy = "hubspot"
	Newest      Policy = "newest"
)

// Field is one line of the field map.
type Field struct {
	Field       string // "" for a constant
	Property    string
	Direction   Direction         // the sync's where not given; never ""
	Compare     record.Comparison // "" = by the property's type
	Conflict    Policy
	Values      *ValueMap
	Unmapped    string // reject, keep, blank
	Blank       string // ignore, clear
	Constant    *string
	ToHubSpot   transform.Chain
	FromHubSpot transform.Chain // as written; where empty, the inverse of ToHubSpot is used where there is one
}

// Association is one line of associations: the records that the sync's own
// record belongs with. It flows to HubSpot only.
type Association struct {
	To            string // the object, as written
	End           End
	Split         string // what parts the records in one cell; "" = a cell names one
	Label         Label
	CreateMissing bool // a record that Match does not find is made, with its match property only
	RemoveOthers  bool // what the sync made and the source no longer has is removed
}

// End says how a cell finds the record at one end of an association: by a
// match property, or by the key of a row of another sync. Exactly one is set.
type End struct {
	Match MatchKey
	Link  LinkKey
}

// Field is the column that names the record.
func (e End) Field() string {
	if e.Link.Field != "" {
		return e.Link.Field
	}
	return e.Match.Field
}

// LinkKey finds a record by a row of another sync: Field holds that row's key.
type LinkKey struct {
	Sync  string // the path of its document, as written, relative to this one
	Field string
}

// Label is how two records belong together. The zero Label is the pair's usual
// association without one.
type Label struct {
	Name   string            // the same for all
	Field  string            // or a column that holds it; empty cells have none
	Values map[string]string // what the column's values are called in HubSpot; others are taken as they are
}

// Associate makes each row an association, in place of fields.
type Associate struct {
	From, To     AssociateEnd
	Label        Label
	RemoveOthers bool
	// List is the name of a static list whose members the rows name: To then is no
	// record but the list, and names ListMembership. "" for associations.
	List string `json:",omitempty"`
	// CreateMissing, of members of a list: a record that Match does not find is made,
	// with its match property only.
	CreateMissing bool `json:",omitempty"`
}

// AssociateEnd is one end of an association row.
type AssociateEnd struct {
	Object string // as written
	End    End
}

// Guards are the limits beyond which a plan needs a typed confirmation.
type Guards struct{ Creates, Updates, Clears, Archives *Limit }

// Limit is a count or a share.
type Limit struct {
	Count   int
	Percent float64
	Share   bool // Percent counts, not Count
}
