package practice_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"syncline/sync/hubspot/practice"
)

const events = "/integrators/timeline/2026-09/events"

func event(id string, more object) object {
	e := object{"eventTemplateId": "1001298", "id": id, "tokens": object{"webinar": "Cold chains"}}
	for k, v := range more {
		e[k] = v
	}
	return e
}

func TestAnEventIsPutOnTheTimelineOfItsContact(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	id := c.contact(props{"email": "ann@example.com"})
	r := c.do("POST", events, event("a-1", object{"email": "ANN@example.com", "timestamp": "2026-11-02T10:00:00Z"})).want(t, 201)
	if r.text("objectId") != id || r.text("timestamp") != "2026-11-02T10:00:00Z" || r.text("objectType") != "contacts" {
		t.Errorf("the event is %s", r.raw)
	}
	back := c.do("GET", events+"/1001298/a-1", nil).want(t, 200)
	if back.raw != r.raw {
		t.Errorf("read back it is %s, it was %s", back.raw, r.raw)
	}
	c.do("GET", events+"/1001299/a-1", nil).want(t, 404)
	// An address that no contact has makes one.
	fresh := c.do("POST", events, event("a-2", object{"email": "bob@example.com"})).want(t, 201)
	if got, _ := c.portal.Record("contacts", fresh.text("objectId")); got["email"] != "bob@example.com" {
		t.Errorf("the new contact is %v", got)
	}
}

func TestAnEventThatIsWrongIsRefused(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	for name, e := range map[string]object{
		"template":   event("b", object{"email": "a@example.com", "eventTemplateId": "7"}),
		"token":      event("b", object{"email": "a@example.com", "tokens": object{"wbinar": "x"}}),
		"number":     event("b", object{"email": "a@example.com", "tokens": object{"minutes": "many"}}),
		"option":     event("b", object{"email": "a@example.com", "tokens": object{"rating": "superb"}}),
		"identity":   event("b", nil),
		"address":    event("b", object{"email": "a@example"}),
		"record":     event("b", object{"objectId": "999"}),
		"deal":       event("b", object{"eventTemplateId": "1001299", "tokens": object{}, "email": "a@example.com"}),
		"timestamp":  event("b", object{"email": "a@example.com", "timestamp": "yesterday"}),
		"attributes": {"email": "a@example.com"},
	} {
		if r := c.do("POST", events, e); r.status != 400 {
			t.Errorf("%s: %d %s", name, r.status, r.raw)
		}
	}
	c.token = c.portal.AddToken(practice.Token{Scopes: []string{"crm.objects.contacts.write"}})
	c.do("POST", events, event("b", object{"email": "a@example.com"})).want(t, 403)
	if n := len(c.portal.TimelineEvents("1001298")); n != 0 {
		t.Errorf("%d events were made", n)
	}
}

func TestEachEventOfABatchIsTakenByItself(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	r := c.do("POST", events+"/batch", inputs(event("c-1", object{"email": "a@example.com"}), event("c-2", nil), event("c-3", object{"email": "b@example.com"}))).want(t, 207)
	if r.count("results") != 2 || r.count("errors") != 1 || r.text("errors.0.id") != "c-2" {
		t.Errorf("the answer is %s", r.raw)
	}
}

// Nobody can settle from outside what becomes of a second event with the same id.
func TestASecondEventOfTheSameID(t *testing.T) {
	t.Parallel()
	for way, want := range map[practice.RepeatedEvents]string{
		practice.EventsStay: "201 Cold chains", practice.EventsRefused: "409 Cold chains", practice.EventsOverwrite: "201 Hot wires",
	} {
		c := open(t, practice.Options{Switches: practice.Switches{RepeatedEvents: way}})
		c.do("POST", events, event("e", object{"email": "a@example.com"})).want(t, 201)
		r := c.do("POST", events, event("e", object{"email": "a@example.com", "tokens": object{"webinar": "Hot wires"}}))
		all := c.portal.TimelineEvents("1001298")
		if got := fmt.Sprint(r.status, " ", all[0].Tokens["webinar"]); len(all) != 1 || got != want {
			t.Errorf("%d: %d events, %s, want %s", way, len(all), got, want)
		}
	}
}

func TestEventsAreKeptInThePortalsFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "portal")
	p, err := practice.Open(path, practice.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, portal: p, token: p.Token(), http: newHTTP(p)}
	c.do("POST", events, event("d-1", object{"email": "a@example.com"})).want(t, 201)
	for range 2 { // from what was appended, and from what was compacted
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
		if p, err = practice.Open(path, practice.Options{}); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(len(p.TimelineEvents("1001298"))); got != "1" {
			t.Errorf("%s events after the file was opened again", got)
		}
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
}
