package practice

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// mostHookEvents is the most that one request of a webhook holds, and mostAttempts how
// often an event is sent before HubSpot gives up (facts §9.1).
const (
	mostHookEvents = 100
	mostAttempts   = 11
)

// Hook is an app's webhook: where HubSpot sends the events of everything that changes,
// signed by version 3. What goes wrong on the way are shares of the requests, 0 to 1.
type Hook struct {
	URL    string // the target, as it is signed
	Secret string // "" = that of Options.App
	Batch  int    // events a request; 0 = HubSpot's 100

	Repeated float64 // sent again although it was answered: HubSpot does not promise once
	Replayed float64 // somebody sends a copy that he kept ten minutes
	Forged   float64 // somebody sends events of his own, without the secret
	Shuffled bool    // events come in any order
	// SharedIDs gives different events one eventId, of which HubSpot does not promise that
	// it is unique.
	SharedIDs bool
}

// HookTally counts what was sent to a webhook.
type HookTally struct {
	Events    int // that were answered with success, each once
	Lost      int // that were sent as often as HubSpot tries
	Repeated  int // requests that were sent again
	Replayed  int // copies of requests
	Forged    int
	Mistaken  int // copies and forged ones that were answered with success
	LastError error
}

// hooks is what waits to be sent.
type hooks struct {
	*Hook
	waiting []*hookEvent
	nextID  int64
	wake    chan struct{} // something waits
	tally   HookTally
}

// hookEvent is an event as HubSpot sends it.
type hookEvent struct {
	EventID        int64  `json:"eventId"`
	SubscriptionID int64  `json:"subscriptionId"`
	PortalID       int64  `json:"portalId"`
	AppID          int64  `json:"appId"`
	OccurredAt     int64  `json:"occurredAt"`
	Type           string `json:"subscriptionType"`
	Attempt        int    `json:"attemptNumber"`
	ObjectID       uint64 `json:"objectId,omitempty"`
	ObjectTypeID   string `json:"objectTypeId,omitempty"`
	ChangeSource   string `json:"changeSource,omitempty"`
	ChangeFlag     string `json:"changeFlag,omitempty"`
	Property       string `json:"propertyName,omitempty"`
	Value          string `json:"propertyValue,omitempty"`

	Primary uint64   `json:"primaryObjectId,omitempty"`
	Merged  []uint64 `json:"mergedObjectIds,omitempty"`
	New     uint64   `json:"newObjectId,omitempty"`

	Association string `json:"associationType,omitempty"`
	From        uint64 `json:"fromObjectId,omitempty"`
	To          uint64 `json:"toObjectId,omitempty"`
	Removed     *bool  `json:"associationRemoved,omitempty"`
	IsPrimary   *bool  `json:"isPrimaryAssociation,omitempty"`
}

// hookTypes are the object types that have subscriptions of their own; the others
// share those that begin with "object".
var hookTypes = map[string]string{"0-1": "contact", "0-2": "company", "0-3": "deal", "0-5": "ticket", "0-7": "product", "0-8": "line_item"}

// SetHook makes HubSpot send the events of what changes from now on; nil ends it, and
// what was not sent is forgotten.
func (p *Portal) SetHook(h *Hook) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if h == nil {
		p.hooks = nil
		return
	}
	now := *h
	if now.Secret == "" {
		now.Secret = p.opt.App.ClientSecret
	}
	if now.Batch <= 0 || now.Batch > mostHookEvents {
		now.Batch = mostHookEvents
	}
	p.hooks = &hooks{Hook: &now, nextID: 1_000_000, wake: make(chan struct{}, 1)}
}

// HookTally returns what was sent to the webhook so far, and how many events wait.
func (p *Portal) HookTally() (t HookTally, waiting int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.hooks == nil {
		return t, 0
	}
	return p.hooks.tally, len(p.hooks.waiting)
}

// hookOf begins an event of a record; nil where nobody subscribed. Called with the lock
// held, as are those that follow.
func (p *Portal) hookOf(o *object, what string, person bool) *hookEvent {
	if p.hooks == nil {
		return nil
	}
	e := &hookEvent{PortalID: p.opt.PortalID, AppID: p.opt.App.AppID, SubscriptionID: 7, OccurredAt: p.millis(), ObjectID: o.id, ChangeSource: "INTEGRATION"}
	if person {
		e.ChangeSource = "CRM_UI"
	}
	of := hookTypes[o.kind.id]
	if of == "" {
		of, e.ObjectTypeID = "object", o.kind.id
	}
	e.Type = of + "." + what
	return e
}

func (p *Portal) hook(e *hookEvent) {
	if e == nil {
		return
	}
	h := p.hooks
	if e.EventID = h.nextID; !h.SharedIDs {
		h.nextID++
	}
	h.waiting = append(h.waiting, e)
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// hookChange sends what the witness is told.
func (p *Portal) hookChange(e Event, o *object) {
	switch e.Kind {
	case ValueSet:
		if h := p.hookOf(o, "propertyChange", e.Person); h != nil {
			h.Property, h.Value = e.Property, e.After
			p.hook(h)
		}
	case RecordCreated:
		if h := p.hookOf(o, "creation", e.Person); h != nil {
			h.ChangeFlag = "CREATED"
			p.hook(h)
		}
	case RecordArchived:
		if h := p.hookOf(o, "deletion", e.Person); h != nil {
			h.ChangeFlag = "DELETED"
			p.hook(h)
		}
	case RecordRestored:
		p.hook(p.hookOf(o, "restore", e.Person))
	case RecordMerged:
		if h := p.hookOf(o, "merge", e.Person); h != nil {
			for _, id := range e.From {
				n, _ := parseID(id)
				h.Merged = append(h.Merged, n)
			}
			h.Primary, h.New = h.Merged[0], o.id
			p.hook(h)
		}
	}
}

// hookErased sends that a person's data is gone for good.
func (p *Portal) hookErased(o *object) { p.hook(p.hookOf(o, "privacyDeletion", false)) }

// hookEdge sends, from both ends, that an association changed.
func (p *Portal) hookEdge(from, to *object, types []*associationType, removed bool) {
	for _, ends := range [][2]*object{{from, to}, {to, from}} {
		h := p.hookOf(ends[0], "associationChange", false)
		if h == nil {
			return
		}
		primary := false
		for _, t := range types {
			primary = primary || t.primary || t.inverse.primary
		}
		h.ObjectID, h.ObjectTypeID = 0, ""
		h.Association = strings.ToUpper(hookName(ends[0]) + "_TO_" + hookName(ends[1]))
		h.From, h.To, h.Removed, h.IsPrimary = ends[0].id, ends[1].id, &removed, &primary
		if hookTypes[ends[0].kind.id] == "" {
			h.ObjectTypeID = ends[0].kind.id
		}
		p.hook(h)
		if from == to {
			return
		}
	}
}

func hookName(o *object) string {
	if name := hookTypes[o.kind.id]; name != "" {
		return name
	}
	return o.kind.name
}

// sendHook is one request to a webhook. status is that of the answer.
type sendHook func(*http.Request) (status int, err error)

// SendEvents sends the events that wait, each once, and returns how many still wait:
// those that were not answered with success within HubSpot's number of attempts are
// lost. No lock is held while send is called.
func (p *Portal) SendEvents(ctx context.Context, send func(*http.Request) (status int, err error)) (waiting int, err error) {
	p.mu.Lock()
	if p.hooks == nil {
		p.mu.Unlock()
		return 0, nil
	}
	h := p.hooks
	all := h.waiting
	h.waiting = nil
	if h.Shuffled {
		p.rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	}
	p.mu.Unlock()
	for len(all) > 0 && ctx.Err() == nil {
		some := all[:min(h.Batch, len(all))]
		all = all[len(some):]
		p.mu.Lock()
		repeated, replayed, forged := p.rng.Float64() < h.Repeated, p.rng.Float64() < h.Replayed, p.rng.Float64() < h.Forged
		p.mu.Unlock()
		if forged {
			p.tellHook(h, p.mistake(ctx, h, forge(some), "forged "+h.Secret, 0, send), func(t *HookTally) { t.Forged++ })
		}
		ok, cause := p.genuine(ctx, h, some, send)
		p.mu.Lock()
		if !ok {
			h.tally.LastError = cause
		}
		for _, e := range some {
			e.Attempt++
			switch {
			case ok:
				h.tally.Events++
			case e.Attempt >= mostAttempts:
				h.tally.Lost++
			default:
				h.waiting = append(h.waiting, e)
			}
		}
		p.mu.Unlock()
		if ok && repeated {
			_, _ = p.genuine(ctx, h, some, send)
			p.tellHook(h, false, func(t *HookTally) { t.Repeated++ })
		}
		if replayed {
			p.tellHook(h, p.mistake(ctx, h, some, h.Secret, -10*time.Minute, send), func(t *HookTally) { t.Replayed++ })
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	h.waiting = append(all, h.waiting...)
	return len(h.waiting), ctx.Err()
}

func (p *Portal) tellHook(h *hooks, mistaken bool, count func(*HookTally)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	count(&h.tally)
	if mistaken {
		h.tally.Mistaken++
	}
}

// genuine sends events as HubSpot does, and reports whether they were taken.
func (p *Portal) genuine(ctx context.Context, h *hooks, events []*hookEvent, send sendHook) (bool, error) {
	r, err := p.hookRequest(ctx, h, events, h.Secret, 0)
	if err != nil {
		return false, err
	}
	status, err := send(r)
	if err == nil && status/100 != 2 {
		err = &hookRefused{status}
	}
	return err == nil, err
}

// hookRefused is an answer other than success.
type hookRefused struct{ status int }

func (e *hookRefused) Error() string {
	return "the webhook's address answered " + strconv.Itoa(e.status) + " " + http.StatusText(e.status)
}

// mistake sends what HubSpot did not, and reports whether it was taken.
func (p *Portal) mistake(ctx context.Context, h *hooks, events []*hookEvent, secret string, shift time.Duration, send sendHook) bool {
	r, err := p.hookRequest(ctx, h, events, secret, shift)
	if err != nil {
		return false
	}
	status, err := send(r)
	return err == nil && status/100 == 2
}

// forge makes events of records that nothing happened to.
func forge(events []*hookEvent) []*hookEvent {
	all := make([]*hookEvent, len(events))
	for i, e := range events {
		f := *e
		f.ObjectID, f.EventID = f.ObjectID+900_000_000, f.EventID+900_000_000
		all[i] = &f
	}
	return all
}

// hookRequest is a signed request. shift is how far its time is from now.
func (p *Portal) hookRequest(ctx context.Context, h *hooks, events []*hookEvent, secret string, shift time.Duration) (*http.Request, error) {
	body, err := json.Marshal(events)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	stamp := strconv.FormatInt(p.present().Add(shift).UnixMilli(), 10)
	p.mu.Unlock()
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(http.MethodPost + h.URL + string(body) + stamp))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-HubSpot-Signature-v3", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	r.Header.Set("X-HubSpot-Request-Timestamp", stamp)
	return r, nil
}

// hookPatience is how long HubSpot waits for an answer (facts §9.1), and hookPause what
// lies between two attempts here; HubSpot spreads them over 24 hours.
const (
	hookPatience = 5 * time.Second
	hookPause    = 2 * time.Second
)

// SendEventsUntil sends events to the webhook as they come, until ctx ends or the
// webhook is another one.
func (p *Portal) SendEventsUntil(ctx context.Context) {
	client := &http.Client{Timeout: hookPatience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	send := func(r *http.Request) (int, error) {
		a, err := client.Do(r)
		if err != nil {
			return 0, err
		}
		return a.StatusCode, a.Body.Close()
	}
	p.mu.Lock()
	h := p.hooks
	p.mu.Unlock()
	if h == nil {
		return
	}
	retry := time.NewTimer(0)
	defer retry.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.wake:
		case <-retry.C:
		}
		p.mu.Lock()
		same := p.hooks == h
		p.mu.Unlock()
		if !same {
			return
		}
		if waiting, _ := p.SendEvents(ctx, send); waiting > 0 {
			retry.Reset(hookPause)
		}
	}
}
