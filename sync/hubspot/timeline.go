package hubspot

import (
	"context"
	"net/http"
	"slices"
	"time"
)

// TimelineRight lets events be put on the timelines of records.
var TimelineRight = Right{Scope: "timeline"}

// Event is something that happened, on the timeline of a record: of a kind that
// the connection's app defines. Once made it can't be changed or taken back
// (HubSpot's timeline API, "immutable").
type Event struct {
	Template string // the id of its kind
	// ID tells it from all other events of the app; a second one of the same ID is no
	// further event.
	ID string
	// The record that it happened to: a contact by Email or UTK, the key of a visitor's
	// cookie, or any record by its ObjectID.
	Email, UTK, ObjectID string
	At                   time.Time // when it happened; zero = when it is sent
	Tokens               map[string]string
}

// EventsResult is what became of events that were sent, in no promised order. An
// event that is in neither has an unknown outcome.
type EventsResult struct {
	Made     []Event
	Failures []InputError // IDs has the id of the event, none where HubSpot did not say whose failure it is
}

type wireEvent struct {
	Template text            `json:"eventTemplateId"`
	ID       text            `json:"id"`
	Email    text            `json:"email"`
	UTK      text            `json:"utk"`
	ObjectID ident           `json:"objectId"`
	At       instant         `json:"timestamp"`
	Tokens   map[string]text `json:"tokens"`
}

func (w wireEvent) key() string { return string(w.ID) }

func (w wireEvent) event() Event {
	e := Event{Template: string(w.Template), ID: string(w.ID), Email: string(w.Email), UTK: string(w.UTK), ObjectID: string(w.ObjectID), At: w.At.Time, Tokens: make(map[string]string, len(w.Tokens))}
	for name, v := range w.Tokens {
		e.Tokens[name] = string(v)
	}
	return e
}

// eventBody is an event as it is sent.
func eventBody(e Event) map[string]any {
	body := map[string]any{"eventTemplateId": e.Template, "id": e.ID, "tokens": e.Tokens}
	for name, v := range map[string]string{"email": e.Email, "utk": e.UTK, "objectId": e.ObjectID} {
		if v != "" {
			body[name] = v
		}
	}
	if !e.At.IsZero() {
		body["timestamp"] = e.At.UTC().Format("2006-01-02T15:04:05.000Z")
	}
	return body
}

// oneEvent is the answer that is one event.
type oneEvent struct{ wireEvent }

func (e *oneEvent) check(int) error { return checkEntries([]wireEvent{e.wireEvent}) }

// eventsAnswer is the answer to a batch of events, whose errors name the event.
type eventsAnswer struct {
	Results []wireEvent `json:"results"`
	Errors  []struct {
		wireError
		ID text `json:"id"`
	} `json:"errors"`
}

func (a *eventsAnswer) check(status int) error {
	if a.Results == nil && status == http.StatusMultiStatus && len(a.Errors) > 0 {
		return nil
	}
	return checkEntries(a.Results)
}

func (a *eventsAnswer) clean(f func(string) string) {
	for i := range a.Errors {
		a.Errors[i].wireError.clean(f)
	}
}

// SendEvents puts up to MaxBatch events on timelines, each taken or refused by
// itself. An address that no contact has makes a new contact.
func (c *Client) SendEvents(ctx context.Context, events []Event) (EventsResult, error) {
	const op = "send timeline events"
	path, err := segments(op, "integrators", "timeline", APIVersion, "events", "batch")
	if err != nil {
		return EventsResult{}, err
	}
	inputs := make([]map[string]any, len(events))
	for i, e := range events {
		inputs[i] = eventBody(e)
	}
	var out eventsAnswer
	if _, err := c.do(ctx, &request{op: op, method: http.MethodPost, path: path, body: map[string]any{"inputs": inputs}, out: &out}); err != nil {
		return EventsResult{}, err
	}
	var result EventsResult
	for _, w := range out.Results {
		e := w.event()
		if !slices.ContainsFunc(events, func(sent Event) bool { return sent.ID == e.ID }) {
			return EventsResult{}, unasked(op, []string{e.ID})
		}
		result.Made = append(result.Made, e)
	}
	for _, w := range out.Errors {
		failed := InputError{Err: inputError(op, w.wireError)}
		if w.ID != "" {
			failed.IDs = []string{string(w.ID)}
		}
		result.Failures = append(result.Failures, failed)
	}
	return result, nil
}

// Event reads an event back by its template and id. One that is not there is an
// error that [IsNotFound].
func (c *Client) Event(ctx context.Context, template, id string) (Event, error) {
	const op = "read a timeline event"
	path, err := segments(op, "integrators", "timeline", APIVersion, "events", template, id)
	if err != nil {
		return Event{}, err
	}
	var out oneEvent
	if _, err := c.do(ctx, &request{op: op, method: http.MethodGet, path: path, out: &out, read: true}); err != nil {
		return Event{}, err
	}
	return out.event(), nil
}
