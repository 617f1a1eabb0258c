package practice

import "time"

// EventKind is what happened to a record.
type EventKind string

// The kinds of events.
const (
	ValueSet       EventKind = "value"    // a property took another value
	RecordCreated  EventKind = "created"  // with Values
	RecordArchived EventKind = "archived" // it is out of sight
	RecordRestored EventKind = "restored" // it is back
	RecordMerged   EventKind = "merged"   // it was made of the records in From, of which the first one's values came first; what it took from the others follows
)

// Event is one change of one record, at the moment at which it took effect.
type Event struct {
	Kind           EventKind
	At             time.Time // by the portal's clock
	ObjectType, ID string
	Property       string // of ValueSet
	Before, After  string // of ValueSet; "" is no value
	Person         bool   // somebody did it on HubSpot's screens; else the API or HubSpot itself
	From           []string
	Values         map[string]string // of RecordCreated
}

// tell reports an event to the witness and to the webhook; called with the lock held.
func (p *Portal) tell(e Event, o *object) {
	if p.hush {
		return
	}
	p.hookChange(e, o)
	p.journalChange(e, o)
	if p.opt.Witness == nil {
		return
	}
	e.At, e.ObjectType, e.ID = time.UnixMilli(p.millis()), o.kind.name, o.idText()
	p.opt.Witness(e)
}

// inPerson reports whether a writer is a person on HubSpot's screens.
func (p *Portal) inPerson(by uint32) bool { return p.sources[by].Type == "CRM_UI" }

// hushed does f without telling.
func (p *Portal) hushed(f func()) {
	p.hush = true
	defer func() { p.hush = false }()
	f()
}

// storedValues returns the values that a record was given.
func (p *Portal) storedValues(o *object) map[string]string {
	values := make(map[string]string, len(o.cells))
	for _, c := range o.cells {
		values[p.names.text[c.name]] = c.value
	}
	return values
}
