package practice

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// EventTemplate is a kind of event that an app defines for the timelines of
// records. From 2026-09 on no call lists templates any more: they come with the
// app (corrections 3).
type EventTemplate struct {
	ID         string
	Name       string
	ObjectType string // of the records whose timelines it is for, "" = contacts
	Tokens     []EventToken
}

// EventToken is a value that an event of a template carries.
type EventToken struct {
	Name    string
	Type    string   // string, number, date, enumeration; "" = string
	Options []string // of an enumeration
}

// SampleEvents are the templates of a portal that was given none.
func SampleEvents() []EventTemplate {
	return []EventTemplate{
		{ID: "1001298", Name: "Webinar attended", Tokens: []EventToken{
			{Name: "webinar"}, {Name: "minutes", Type: "number"}, {Name: "rating", Type: "enumeration", Options: []string{"good", "fair", "poor"}}, {Name: "registered", Type: "date"}}},
		{ID: "1001299", Name: "Contract signed", ObjectType: "deals", Tokens: []EventToken{{Name: "contract"}, {Name: "amount", Type: "number"}}},
	}
}

// RepeatedEvents tells what becomes of an event whose id is there already. The
// documents say that an event can't be changed, and nothing of a second one.
type RepeatedEvents int

// The choices for Switches.RepeatedEvents.
const (
	EventsStay      RepeatedEvents = iota // it is answered as if it had been made, and stays as it was
	EventsRefused                         // 409
	EventsOverwrite                       // it is as it was sent last, as in the first version of the API
)

// TimelineEvent is an event on the timeline of a record, as the API shows it.
type TimelineEvent struct {
	Template   string            `json:"eventTemplateId"`
	ID         string            `json:"id"`
	ObjectType string            `json:"objectType"`
	Email      string            `json:"email,omitempty"`
	ObjectID   string            `json:"objectId"`
	UTK        string            `json:"utk,omitempty"`
	Timestamp  string            `json:"timestamp"`
	CreatedAt  string            `json:"createdAt"`
	Tokens     map[string]string `json:"tokens"`
	Extra      map[string]any    `json:"extraData,omitempty"`
}

// eventInput is an event on its way in.
type eventInput struct {
	Template  wireID               `json:"eventTemplateId"`
	ID        string               `json:"id"`
	Email     string               `json:"email"`
	ObjectID  wireID               `json:"objectId"`
	UTK       string               `json:"utk"`
	Domain    string               `json:"domain"`
	Timestamp wireID               `json:"timestamp"`
	Tokens    map[string]wireValue `json:"tokens"`
	Extra     map[string]any       `json:"extraData"`
}

var timelineScope = []string{"timeline"}

func timelineRoutes() []route {
	return []route{
		r("POST", "timeline/events", writing, (*Portal).createEvent),
		r("POST", "timeline/events/batch", writing, (*Portal).createEvents),
		r("GET", "timeline/events/{template}/{id}", 0, (*Portal).readEvent),
	}
}

// createEvent is POST /integrators/timeline/…/events.
func (p *Portal) createEvent(c *call) (*answer, *apiError) {
	if e := p.allow(c, timelineScope); e != nil {
		return nil, e
	}
	if e := present(c.body, "TimelineEvent", "eventTemplateId", "tokens"); e != nil {
		return nil, e
	}
	var in eventInput
	if e := decode(c.body, &in); e != nil {
		return nil, e
	}
	made, e := p.takeEvent(c, &in)
	if e != nil {
		return nil, e
	}
	return reply(http.StatusCreated, made), nil
}

// eventError is an entry of a batch's errors, which names the event.
type eventError struct {
	itemError
	ID string `json:"id,omitempty"`
}

// createEvents is POST /integrators/timeline/…/events/batch. Each event is taken or
// refused by itself.
func (p *Portal) createEvents(c *call) (*answer, *apiError) {
	if e := p.allow(c, timelineScope); e != nil {
		return nil, e
	}
	var in struct {
		Inputs []eventInput `json:"inputs"`
	}
	if e := decode(c.body, &in); e != nil {
		return nil, e
	}
	if in.Inputs == nil {
		return nil, missing(c.body, "BatchInputTimelineEvent", "inputs")
	}
	if len(in.Inputs) > batchCap {
		return nil, tooManyInputs(batchCap)
	}
	started := p.millis()
	results, refused := []*TimelineEvent{}, []eventError{}
	for i := range in.Inputs[:c.share(len(in.Inputs))] {
		x := &in.Inputs[i]
		if x.Template == "" || x.Tokens == nil {
			return nil, missing(c.body, "TimelineEvent", "eventTemplateId", "tokens")
		}
		made, e := p.takeEvent(c, x)
		if e != nil {
			refused = append(refused, eventError{e.item(""), x.ID})
			continue
		}
		results = append(results, made)
	}
	if !p.opt.Switches.OrderedBatchResults {
		p.rng.Shuffle(len(results), func(i, j int) { results[i], results[j] = results[j], results[i] })
	}
	status, body := http.StatusCreated, map[string]any{"status": "COMPLETE", "startedAt": instant(started), "completedAt": instant(p.millis()), "results": results}
	if len(refused) > 0 {
		status, body["errors"], body["numErrors"] = http.StatusMultiStatus, refused, len(refused)
	}
	return reply(status, body), nil
}

// readEvent is GET /integrators/timeline/…/events/{eventTemplateId}/{eventId}.
func (p *Portal) readEvent(c *call) (*answer, *apiError) {
	if p.opt.Switches.EventsUnreadable {
		return nil, unserved()
	}
	if e := p.allow(c, timelineScope); e != nil {
		return nil, e
	}
	made := p.events[c.args["id"]]
	if made == nil || made.Template != c.args["template"] {
		return nil, notFound()
	}
	return reply(http.StatusOK, made), nil
}

// takeEvent puts an event on a timeline. The ids of events are unique in an app.
func (p *Portal) takeEvent(c *call, in *eventInput) (*TimelineEvent, *apiError) {
	t, e := p.template(string(in.Template))
	if e != nil {
		return nil, e
	}
	made := &TimelineEvent{Template: t.ID, ID: in.ID, ObjectType: t.kind(), UTK: in.UTK, Extra: in.Extra, Tokens: map[string]string{}, Timestamp: instant(p.millis()), CreatedAt: instant(p.millis())}
	if strings.ContainsFunc(in.ID, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return nil, invalid("Event id %q is invalid", in.ID)
	}
	if in.Timestamp != "" {
		ms, ok := moment(string(in.Timestamp))
		if !ok {
			return nil, invalid("%s was not a valid timestamp", in.Timestamp)
		}
		made.Timestamp = instant(ms)
	}
	for name, v := range in.Tokens {
		if v.null || v.text == "" {
			continue
		}
		if e := t.check(name, v.text); e != nil {
			return nil, e
		}
		made.Tokens[name] = v.text
	}
	if in.ID == "" {
		made.ID = p.uuid4()
	} else if old := p.events[in.ID]; old != nil {
		switch p.opt.Switches.RepeatedEvents {
		case EventsRefused:
			return nil, refuse(http.StatusConflict, categoryConflict, "An event with the id %s already exists", in.ID)
		case EventsStay:
			return old, nil
		case EventsOverwrite:
		}
	}
	if e := p.eventRecord(c, t, in, made); e != nil {
		return nil, e
	}
	p.keepEvent(made)
	return made, nil
}

func (p *Portal) template(id string) (EventTemplate, *apiError) {
	i := slices.IndexFunc(p.opt.Events, func(t EventTemplate) bool { return t.ID == id })
	if i < 0 {
		return EventTemplate{}, invalid("There is no event template with the id %s", id)
	}
	return p.opt.Events[i], nil
}

func (t EventTemplate) kind() string {
	if t.ObjectType == "" {
		return "contacts"
	}
	return t.ObjectType
}

// check refuses a token that the template does not have, or a value that it can't hold.
func (t EventTemplate) check(name, value string) *apiError {
	i := slices.IndexFunc(t.Tokens, func(x EventToken) bool { return x.Name == name })
	if i < 0 {
		return invalid("Token %q does not exist on event template %s", name, t.ID)
	}
	ok := true
	switch x := t.Tokens[i]; x.Type {
	case "number":
		_, err := strconv.ParseFloat(value, 64)
		ok = err == nil
	case "date":
		_, ok = moment(value)
	case "enumeration":
		ok = slices.Contains(x.Options, value)
	}
	if !ok {
		return invalid("%q is not a valid value of the token %q of type %s", value, name, t.Tokens[i].Type)
	}
	return nil
}

// eventRecord finds the record whose timeline an event belongs on: by its id, or a
// contact by its address, which is made where there is none.
func (p *Portal) eventRecord(c *call, t EventTemplate, in *eventInput, made *TimelineEvent) *apiError {
	k := p.kindBy[t.kind()]
	switch {
	case k == nil:
		return invalid("Event template %s is for an object type that this account does not have", t.ID)
	case in.ObjectID != "":
		o, e := p.lookup(k, string(in.ObjectID), "", false)
		if e != nil {
			return invalid("There is no %s record with the id %s", k.name, in.ObjectID)
		}
		made.ObjectID = o.idText()
		return nil
	case k.name != "contacts":
		return invalid("An event on a %s record needs its objectId", k.name)
	case in.Email == "" && in.UTK == "":
		return invalid("At least one of email, objectId or utk is needed to identify the contact")
	case in.Email == "":
		return nil // a visitor of the website, who may become a contact later
	}
	email := normaliseEmail(in.Email)
	if email.code != "" {
		return invalid("%s", email.message)
	}
	made.Email = email.value
	if id, ok := k.emails[email.value]; ok {
		made.ObjectID = fmt.Sprint(id)
		return nil
	}
	w, e := p.prepare(k, personInput(map[string]string{"email": email.value}), nil, c)
	if e == nil {
		e = p.checkUnique(k, w, k.lastID+1, nil)
	}
	if e != nil {
		return e
	}
	made.ObjectID = p.commit(k, w, p.sourceID(c.source()), true).idText()
	return nil
}

func (p *Portal) keepEvent(made *TimelineEvent) {
	if p.events == nil {
		p.events = make(map[string]*TimelineEvent)
	}
	p.events[made.ID] = made
	p.changes.add(docEvent, made)
}

// TimelineEvents are the events of a template on all timelines, in the order of their ids.
func (p *Portal) TimelineEvents(template string) []TimelineEvent {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settle()
	var all []TimelineEvent
	for _, id := range sortedKeys(p.events) {
		if e := p.events[id]; e.Template == template {
			all = append(all, *e)
		}
	}
	return all
}
