package hubspot

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// ObjectType is a kind of record. What HubSpot's own types differ in stands in
// objectTypes, and nowhere else; a type that was made in a portal is read by
// [Client.CustomObjectTypes] or [Client.ObjectType].
type ObjectType struct {
	ID            string // "0-1", or "2-123" for a custom one
	Name          string // as in the API's paths: "contacts"
	Singular      string // "contact"
	Label         string // for people: "Contacts"
	LabelSingular string // "Contact"
	About         string // what its records are, for people who don't know the word: "Sales in progress"
	Offered       int    // the place among the types that a sync is offered for, from 1; 0 = only by its name

	// ModifiedProperty is the time of the last change. Only contacts call it
	// lastmodifieddate; their hs_lastmodifieddate is another thing.
	ModifiedProperty string
	CreatedProperty  string
	// Primary are the properties that name a record for people.
	Primary []string
	// Keys are the properties by which people usually know a record, the surest
	// first, beside those whose definition says that they are unique.
	Keys []string
	// Unique are the properties whose values HubSpot keeps unique although their
	// definition does not say so.
	Unique []string
	// Required are the properties that a record must have when it is made: of each
	// group at least one. Portals can ask for more, which only their answers tell.
	Required [][]string
	// Email and Domain are the properties with a person's address and with an
	// organisation's domain, which HubSpot checks and keeps further ones of.
	Email, Domain string
	// Lifecycle is the property with a stage that only moves forward; such types
	// have no pipelines. Else Pipeline and Stage are the properties that say how far
	// a record is.
	Lifecycle, Pipeline, Stage string
	// Stageless tells that a new record has no stage unless one is given.
	Stageless bool

	// Activity tells that a record is something that happened, on the timeline of
	// those that it is associated with: it is seen nowhere else.
	Activity bool
	// Joins is the type with which its records are usually associated first, "" for
	// none, and Usual are those that come after it.
	Joins string
	Usual []string
	// Born are the types of which a new record must be associated with one, at once:
	// HubSpot makes none that stands alone.
	Born []string
	// Ends are the ids of the types with which its records can be associated (facts
	// §5.3), activities among them. nil: not known. Custom types come besides.
	Ends []string
	// Core tells that every portal has the type.
	Core bool

	Scope Scope
	// Private are the properties whose reading asks for PrivateRight too.
	Private      []string
	PrivateRight Right

	// What the API lacks.
	ReadOnly bool   // records are only read; Instead says how they come to be
	Instead  string // a sentence without a full stop
	NoCreate bool   // records are changed, and not made
	NoUpsert bool   // no batch that makes or changes by a unique property
	NoSearch bool   // records are only listed
	// Product is what a portal must have for the type, as it continues the sentence
	// "Leads come with …"; "" where every portal has it or nobody can tell.
	Product string
	// Activated tells that people switch the type on in HubSpot's object library.
	Activated bool
	// Page is the address of a record's page behind the domain, with {portal} and
	// {id}; "" is the usual one.
	Page string
}

// Scope is how an object type is called in scopes (facts §1.10).
type Scope struct {
	Name  string // as in crm.objects.{name}.read; "" = the type's name
	Whole string // one scope for all that is done
	// Or are scopes that do as well, older or wider: a bare name stands for
	// crm.objects.{name}.read or .write, one with a hyphen for itself. OrToRead are
	// those for reading only.
	Or, OrToRead []string
}

// Custom reports whether the type was made in the portal.
func (t ObjectType) Custom() bool { return !strings.HasPrefix(t.ID, "0-") }

// Path is the name by which the API is asked for it: no portal has two types of
// one id, and HubSpot's own are told apart by their names in its messages.
func (t ObjectType) Path() string {
	if t.Custom() {
		return t.ID
	}
	return t.Name
}

// Absent says of a portal that does not show the type why that may be, as a
// sentence.
func (t ObjectType) Absent() string {
	switch {
	case t.Activated:
		return fmt.Sprintf("This portal does not use %s: switch them on in HubSpot under Data Management, Data Model, Object Library.", strings.ToLower(t.Label))
	case t.Product != "":
		return fmt.Sprintf("This portal does not show %s: they come with %s, and the connection's user must be allowed to see them.", strings.ToLower(t.Label), t.Product)
	}
	return fmt.Sprintf("This portal does not show %s to this connection: its subscription may not have them, or the connection's user may not see them.", strings.ToLower(t.Label))
}

const (
	modified   = "hs_lastmodifieddate"
	created    = "createdate"
	hsCreated  = "hs_createdate"
	activityTS = "hs_timestamp"
)

// objectTypeByName finds a type by plural, singular and id.
var objectTypeByName = func() map[string]ObjectType {
	m := make(map[string]ObjectType, 3*len(objectTypes))
	for _, t := range objectTypes {
		m[t.ID], m[t.Name], m[t.Singular] = t, t, t
	}
	return m
}()

var (
	customID       = regexp.MustCompile(`^2-\d+$`)
	qualifiedName  = regexp.MustCompile(`^p\d+_[a-z0-9_]+$`)
	objectTypeForm = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
)

// ObjectTypes returns HubSpot's own object types, in the order of their ids.
func ObjectTypes() []ObjectType { return slices.Clone(objectTypes) }

// OfferedTypes returns HubSpot's own object types that a sync is offered for,
// the usual ones first.
func OfferedTypes() []ObjectType {
	offered := slices.DeleteFunc(ObjectTypes(), func(t ObjectType) bool { return t.Offered == 0 })
	slices.SortFunc(offered, func(a, b ObjectType) int { return a.Offered - b.Offered })
	return offered
}

// FindObjectType finds a type by its plural or singular name or its id, in any
// case. "2-123" and "p123_car" give a custom type whose labels are made from
// the name; [Client.CustomObjectTypes] knows the real ones.
func FindObjectType(name string) (ObjectType, bool) {
	name = strings.ToLower(strings.TrimSpace(name))
	if t, ok := objectTypeByName[name]; ok {
		return t, true
	}
	t := ObjectType{
		Name: name, Singular: name, Label: name, LabelSingular: name,
		ModifiedProperty: modified, CreatedProperty: hsCreated, Pipeline: usualPipeline, Stage: usualStage,
		Primary: []string{"hs_object_id"},
	}
	switch {
	case customID.MatchString(name):
		t.ID = name
	case qualifiedName.MatchString(name):
		_, bare, _ := strings.Cut(name, "_")
		t.Label = strings.ReplaceAll(bare, "_", " ")
		t.LabelSingular = t.Label
	default:
		return ObjectType{}, false
	}
	return t, true
}

// checkObjectType refuses what cannot be an object type, before it becomes a
// part of an address.
func checkObjectType(op, name string) error {
	if !objectTypeForm.MatchString(name) {
		return invalid(op, "%q is not an object type; use a name like \"contacts\" or an id like \"2-123\"", name)
	}
	return nil
}
