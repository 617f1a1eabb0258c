// Package record holds what both sides of a sync are made of: values, rows,
// records, the schema of properties, and the comparison that decides whether
// two values are the same. It is pure: no I/O and no clock.
package record

import "time"

// State tells how a value is missing, if it is. The three are kept apart
// because HubSpot treats them differently: an absent property is untouched by
// a write, null is ignored, and "" clears.
type State uint8

// The states of a Value.
const (
	Absent  State = iota // the column or property was not there at all
	Null                 // there, without a value (JSON null, an empty Excel cell)
	Present              // there, with a text, which may be ""
)

// Value is one field of a row or one property of a record. HubSpot's wire
// values are strings whatever their type, so a value is a text with a state;
// its meaning comes from the Comparison it is used with. The zero Value is
// absent. Values are immutable and comparable with ==, which is exact
// equality; use Rule.Equal for sameness.
type Value struct {
	state State
	text  string
}

// Text returns a present value.
func Text(s string) Value { return Value{Present, s} }

// None returns the null value.
func None() Value { return Value{state: Null} }

// State returns how the value is present.
func (v Value) State() State { return v.state }

// String returns the text, "" if there is none.
func (v Value) String() string { return v.text }

// Empty reports whether the value carries nothing: absent, null or "".
func (v Value) Empty() bool { return v.text == "" }

// Values are the fields of a row or the properties of a record by name. A name
// that is missing is an absent value, which indexing the map gives.
type Values map[string]Value

// Row is one item of the source side.
type Row struct {
	Line   int    // 1-based line or row number as a person sees it in the file; 0 where there is none
	Key    string // from KeyOf over the definition's key columns; "" when a part is empty
	Fields Values
	// Modified is the row's own time of change, zero when the source has none.
	Modified time.Time
	// Spared says that the row was left as it was known, and has no Fields; see source.Sparing.
	Spared bool
}

// Record is one item of the HubSpot side.
type Record struct {
	ID         string
	Properties Values
	Created    time.Time
	Updated    time.Time
	Archived   bool
	ArchivedAt time.Time
	// History is present for properties that were asked for with history,
	// newest first.
	History map[string][]Version
}

// Version is one entry of a property's history, as HubSpot's
// propertiesWithHistory gives it.
type Version struct {
	Value      Value
	At         time.Time
	SourceType string // CRM_UI, INTEGRATION, API, IMPORT, …
	SourceID   string // the app or user that wrote it
	Label      string // sourceLabel
	UserID     string // updatedByUserId
}

// Type is a property's data type (HubSpot properties API, §6.3 of the facts).
type Type string

// The property types that can be written, and two that only reads show.
const (
	TypeString      Type = "string"
	TypeNumber      Type = "number"
	TypeBool        Type = "bool"
	TypeEnumeration Type = "enumeration"
	TypeDate        Type = "date"
	TypeDateTime    Type = "datetime"
	TypePhone       Type = "phone_number"
	TypeJSON        Type = "json"
	TypeCoordinates Type = "object_coordinates"
)

// Property is the schema of one HubSpot property.
type Property struct {
	Name        string
	Label       string
	Description string
	Group       string
	Type        Type
	FieldType   string // text, textarea, html, select, radio, checkbox, …
	Options     []Option
	ReadOnly    bool // modificationMetadata.readOnlyValue
	Calculated  bool
	Unique      bool // hasUniqueValue
	Hidden      bool
	Defined     bool         // hubspotDefined: comes with HubSpot, not made in the portal
	Reference   string       // referencedObjectType, "OWNER" for owner properties
	External    bool         // externalOptions: the options live elsewhere (owners, stages)
	Currency    bool         // an amount, shown with two places
	Sensitive   bool         // its values are of a kind that HubSpot keeps apart
	Rules       []Validation // of the portal, for its values; nil where they were not read
}

// Option is one allowed value of an enumeration.
type Option struct {
	Value  string
	Label  string
	Hidden bool
}

// Multi reports whether the property holds a ';'-joined set of options.
func (p Property) Multi() bool {
	return p.Type == TypeEnumeration && p.FieldType == "checkbox"
}

// Writable reports whether the API accepts a value for the property.
func (p Property) Writable() bool { return !p.ReadOnly && !p.Calculated }
