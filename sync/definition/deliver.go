package definition

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"syncline/sync/transform"
)

// Delivery is a target in HubSpot that is no record: each row is delivered to it
// once.
type Delivery string

// The targets. Each stands in the place of an object type.
const (
	ToTimeline Delivery = "timeline-event" // an event on the timeline of a record
	ToForm     Delivery = "form"           // a submission of a form
	ToFile     Delivery = "file"           // a file, attached to a record by a note
)

// Label is what the rows become, for people.
func (d Delivery) Label() string {
	return map[Delivery]string{ToTimeline: "Timeline events", ToForm: "Form submissions", ToFile: "Files"}[d]
}

// DeliveryOf is the target that stands in the place of an object type, in a document or
// with what is behind a slash as in the workspace; "" for records.
func DeliveryOf(object string) Delivery {
	name, _, _ := strings.Cut(object, "/")
	if to := Delivery(name); to.Label() != "" {
		return to
	}
	return ""
}

// Deliver makes the rows deliveries. HubSpot.Match then says whose each is, in
// one key, and Direction, Create, Delete and Verify have no meaning.
type Deliver struct {
	To Delivery
	// Event is the id of the kind of event that the connection's app defines.
	Event string `json:",omitempty"`
	// Timestamp is when it happened; without a column it is when it is sent.
	Timestamp Moment `json:",omitempty"`
	// Form is the name or the id of a form.
	Form    string   `json:",omitempty"`
	Page    Page     `json:",omitempty"` // that the form stands on
	Consent *Consent `json:",omitempty"` // nil where the form asks for none
	Attach  *Attach  `json:",omitempty"` // nil where no file is attached
}

// Page is a page of a website.
type Page struct {
	URI  string `json:",omitempty"`
	Name string `json:",omitempty"`
}

// Consent is what a person agreed to who filled in a form.
type Consent struct {
	Field         string // the column that says whether they did; "" = all of them did
	Text          string // that they read
	Subscriptions []Pair // the kinds of messages that they agreed to get: the id, and the text
}

// Moment is a point in time of a column. Format is as that of the transform
// datetime, "" for an ISO form.
type Moment struct {
	Field  string `json:",omitempty"`
	Format string `json:",omitempty"`
}

// deliveries are the parts of the grammar that hubspot is read by, by its object.
var deliveries = map[Delivery]*part{ToTimeline: eventPart, ToForm: formPart, ToFile: attachPart}

// deliveryOf tells to which such target a document delivers, "" to none.
func (r *reader) deliveryOf(doc section) Delivery {
	if to := Delivery(target(doc)); deliveries[to] != nil {
		return to
	}
	return ""
}

// delivering reads a document whose rows are delivered.
func (r *reader) delivering(doc section, path string, to Delivery) *Definition {
	for _, name := range []string{"create", "delete", "verify", "associations"} {
		if doc.has(name) {
			doc.problem(name, "has no meaning for a %s: each row is delivered once, and there is no record to keep in step. Take it out.", to)
		}
	}
	if way := doc.word("direction"); way != "" && way != string(ToHubSpot) {
		doc.problem("direction", "must be to-hubspot for a %s: nothing comes back from there.", to)
	}
	d := r.head(doc, path)
	d.Source = r.source(doc)
	d.Direction, d.Create, d.Duplicates, d.Verify = ToHubSpot, CreateHubSpot, Duplicates(doc.word("duplicates")), VerifyNone
	d.Delete = Delete{RowGone: "ignore", RecordGone: "ignore"}
	d.Deliver = &Deliver{To: to}
	if s, ok := doc.child("hubspot", deliveries[to]); ok {
		d.HubSpot = HubSpot{Portal: s.text("portal"), Object: s.text("object")}
		s.noToken("portal", d.HubSpot.Portal)
		switch to {
		case ToTimeline:
			r.event(s, d)
		case ToForm:
			r.form(s, d)
		case ToFile:
			r.attach(s, d)
		}
	}
	if to != ToFile || doc.has("fields") { // a note needs no words
		d.Fields = r.fields(doc, ToHubSpot)
	}
	r.oneWay(d)
	return d
}

// oneWay reports what of a field map would come back.
func (r *reader) oneWay(d *Definition) {
	for i, f := range d.Fields {
		part := fmt.Sprintf("fields[%d]", i)
		for _, x := range []struct {
			key   string
			wrong bool
		}{{"direction", f.Direction != ToHubSpot}, {"conflict", f.Conflict != Review}, {"blank", f.Blank != "ignore"}} {
			if key := part + "." + x.key; x.wrong {
				r.problems = append(r.problems, Problem{Line: r.lines[key], Key: key, Msg: fmt.Sprintf("has no meaning for a %s: each row is delivered once, and nothing comes back. Take it out.", d.Deliver.To)})
			}
		}
	}
}

// event reads what is peculiar to events on timelines.
func (r *reader) event(s section, d *Definition) {
	d.Deliver.Event = s.required("event", "write the id of the kind of event that your app defines, such as 1001298.")
	if s.missing("match") {
		s.problem("match", "is missing: say whose timeline the event is for, such as { field: Email, property: email }.")
	}
	if m, ok := s.find("match"); ok {
		k := r.matchKey(m.value, s.sub("match"))
		if k.Property != "" && !slices.Contains(EventIdentities, k.Property) {
			r.problem(m.value.GetToken(), s.sub("match")+".property", "%q is not possible here.%s", k.Property, didYouMean(k.Property, EventIdentities))
		}
		d.HubSpot.Match = []MatchKey{k}
	}
	d.Deliver.Timestamp = r.moment(s, "timestamp")
}

// form reads what is peculiar to submissions of a form.
func (r *reader) form(s section, d *Definition) {
	d.Deliver.Form = s.required("form", "write the name of the form, such as Contact us, or its id.")
	if p, ok := s.child("page", pagePart); ok {
		d.Deliver.Page = Page{URI: p.required("uri", "write the address of the page that the form stands on."), Name: p.text("name")}
		if u, err := url.Parse(d.Deliver.Page.URI); d.Deliver.Page.URI != "" && (err != nil || u.Host == "" || u.User != nil) {
			p.problem("uri", "is no address of a page, such as https://www.example.com/contact.")
		}
	}
	c, ok := s.child("consent", consentPart)
	if !ok {
		return
	}
	d.Deliver.Consent = &Consent{Field: c.text("field"), Text: c.required("text", "write what the person read who agreed.")}
	if e, ok := c.find("subscriptions"); ok {
		m := r.section(e.value, c.sub("subscriptions"), nil)
		for _, x := range m.entries {
			text, _ := r.scalar(x.value, m.sub(x.name))
			if _, err := strconv.ParseInt(x.name, 10, 64); err != nil || text == "" {
				r.problem(x.key, m.sub(x.name), "must be the id of a subscription type with the text that the person read, such as 999: Monthly newsletter.")
				continue
			}
			d.Deliver.Consent.Subscriptions = append(d.Deliver.Consent.Subscriptions, Pair{Field: x.name, Property: text})
		}
	}
}

// EventIdentities are the ways in which an event says whose it is: the address of a
// contact, the id of a record, or the key of a visitor's cookie.
var EventIdentities = []string{"email", "objectId", "utk"}

// moment reads a column with times, alone or with their form.
func (r *reader) moment(s section, name string) (m Moment) {
	e, ok := s.find(name)
	if !ok {
		return m
	}
	if isScalar(e.value) {
		m.Field = s.text(name)
		return m
	}
	if _, list := e.value.(*ast.SequenceNode); list {
		s.problem(name, "must be a column, or { field: …, format: … }.")
		return m
	}
	if c, ok := s.child(name, momentPart); ok {
		m.Field, m.Format = c.required("field", "name the column with the time."), c.text("format")
		if err := transform.Check(m.step("")); m.Format != "" && err != nil {
			c.problem("format", "%s", sentence(err))
		}
	}
	return m
}

// step is the transform that reads the moment; zone is that of times without an offset.
func (m Moment) step(zone string) transform.Step {
	s := transform.Step{Name: "datetime", Args: map[string]any{"format": m.Format}}
	if zone != "" {
		s.Args["zone"] = zone
	}
	return s
}

// DeliverFields are the lines of the field map that a delivery takes beside those that stand
// there, so that their cells are taken to values as all are: whose it is, and when
// it happened. No property of the field map has such a name.
func (d *Definition) DeliverFields() []Field {
	line := func(field, property string) Field {
		return Field{Field: field, Property: property, Direction: ToHubSpot, Conflict: Review, Unmapped: "reject", Blank: "ignore"}
	}
	var all []Field
	a := d.Deliver.Attach
	if a != nil {
		all = append(all, line(a.Field, FileOf))
	}
	for _, k := range d.HubSpot.Match {
		name := EventPart + k.Property
		if a != nil {
			name = FileRecord
		}
		all = append(all, line(k.Field, name))
	}
	if c := d.Deliver.Consent; c != nil && c.Field != "" {
		f := line(c.Field, FormConsent)
		f.ToHubSpot = transform.Chain{{Name: "boolean"}}
		all = append(all, f)
	}
	if m := d.Deliver.Timestamp; m.Field != "" {
		f := line(m.Field, EventTimestamp)
		if m.Format != "" {
			f.ToHubSpot = transform.Chain{m.step(d.Source.Zone)}
		}
		all = append(all, f)
	}
	return all
}

// The names under which the fields of DeliverFields go.
const (
	EventPart      = "event." // before an identity, such as event.email
	EventTimestamp = EventPart + "timestamp"
	FormPart       = "form."
	FormConsent    = FormPart + "consent"
	FilePart       = "file."
	FileOf         = FilePart + "file"   // the path of the file
	FileRecord     = FilePart + "record" // what its record is found by
)

// DeliverColumns are the columns that a delivery takes beside the field map.
func (d *Definition) DeliverColumns() []string {
	if d.Deliver == nil {
		return nil
	}
	var all []string
	for _, f := range d.DeliverFields() {
		all = append(all, f.Field)
	}
	return all
}

// deliver reports columns that are not there.
func (c *checker) deliver() {
	if x := c.d.Deliver; x != nil {
		c.column("hubspot.timestamp", x.Timestamp.Field)
		if x.Consent != nil {
			c.column("hubspot.consent.field", x.Consent.Field)
		}
		if x.Attach != nil {
			c.column("hubspot.file", x.Attach.Field)
		}
	}
}

// deliver writes what a sync of deliveries does.
func (w *writer) deliver(d *Definition) {
	w.line(0, "hubspot:")
	w.text(2, "portal", d.HubSpot.Portal)
	w.text(2, "object", d.HubSpot.Object)
	w.text(2, "event", d.Deliver.Event)
	for _, m := range d.HubSpot.Match {
		w.pair(2, "match", matchYAML(m))
	}
	w.moment(2, "timestamp", d.Deliver.Timestamp)
	w.form(d.Deliver)
	w.attach(d.Deliver.Attach)
	w.pair(0, "duplicates", string(without(d.Duplicates, DuplicatesReview)))
	if len(d.Fields) > 0 {
		w.line(0, "fields:")
	}
	for _, f := range d.Fields {
		w.field(f, d.Direction)
	}
}

func (w *writer) form(x *Deliver) {
	w.text(2, "form", x.Form)
	if x.Page.URI != "" {
		w.line(2, "page:")
		w.text(4, "uri", x.Page.URI)
		w.text(4, "name", x.Page.Name)
	}
	if c := x.Consent; c != nil {
		w.line(2, "consent:")
		w.text(4, "field", c.Field)
		w.text(4, "text", c.Text)
		if len(c.Subscriptions) > 0 {
			w.line(4, "subscriptions:")
		}
		for _, s := range c.Subscriptions {
			w.text(6, scalar(s.Field), s.Property)
		}
	}
}

func (w *writer) moment(indent int, key string, m Moment) {
	if m.Format == "" {
		w.text(indent, key, m.Field)
		return
	}
	w.pair(indent, key, flowMap("field", scalar(m.Field), "format", scalar(m.Format)))
}
