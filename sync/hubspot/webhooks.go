package hubspot

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers of a webhook's request (facts §9.2).
const (
	WebhookSignature = "X-HubSpot-Signature-v3"
	WebhookTime      = "X-HubSpot-Request-Timestamp"
)

// WebhookAge is how old a webhook's request may be, or how far ahead of this computer's clock:
// what is older may be somebody's copy of it (facts §9.2).
const WebhookAge = 5 * time.Minute

// What is wrong with a webhook's request. An error of VerifyWebhook is one of them.
var (
	ErrWebhookUnsigned = errors.New("it has no signature")
	ErrWebhookStale    = errors.New("it is older than five minutes, or this computer's clock is wrong")
	ErrWebhookForged   = errors.New("its signature is not of this secret and this public address")
)

// webhookURI undoes the escapes that HubSpot undoes before it signs an address (facts §9.2).
var webhookURI = strings.NewReplacer("%3A", ":", "%2F", "/", "%3F", "?", "%40", "@", "%21", "!", "%24", "$", "%27", "'", "%28", "(", "%29", ")", "%2A", "*", "%2C", ",", "%3B", ";",
	"%3a", ":", "%2f", "/", "%3f", "?", "%2a", "*", "%2c", ",", "%3b", ";")

// VerifyWebhook tells whether HubSpot sent a request, nil where it did: signature version 3, by
// the app's client secret. uri is the address as HubSpot has it, which behind a tunnel is not the
// one that the request arrived at. The comparison takes the same time whatever is wrong.
func VerifyWebhook(secret, method, uri string, body []byte, header http.Header, now time.Time) error {
	sent, stamp := header.Get(WebhookSignature), header.Get(WebhookTime)
	if sent == "" || stamp == "" || secret == "" {
		return ErrWebhookUnsigned
	}
	ms, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return ErrWebhookUnsigned
	}
	mac := hmac.New(sha256.New, []byte(secret))
	for _, part := range [][]byte{[]byte(method), []byte(webhookURI.Replace(uri)), body, []byte(stamp)} {
		mac.Write(part)
	}
	want := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	if !hmac.Equal([]byte(want), []byte(sent)) {
		return ErrWebhookForged
	}
	if age := now.Sub(time.UnixMilli(ms)); age > WebhookAge || age < -WebhookAge {
		return ErrWebhookStale
	}
	return nil
}

// WebhookEvent is what HubSpot tells of one change. Values are left out: what a record holds is
// read from it.
type WebhookEvent struct {
	// Sum tells it from every other event: the SHA-256 of all that it says but the number of the
	// attempt. Its eventId alone does not (facts §9.1).
	Sum      string
	PortalID int64
	Type     string // "contact.propertyChange"
	At       time.Time
	// Changed are the records that it is about, none where it is about something else.
	Changed []ChangedRecord
}

// ChangedRecord is a record of which HubSpot tells that it changed.
type ChangedRecord struct {
	Object string // object type id
	ID     string
	Edges  bool // it is an association of it that changed
}

type wireHook struct {
	PortalID ident   `json:"portalId"`
	Type     text    `json:"subscriptionType"`
	At       instant `json:"occurredAt"`
	ObjectID ident   `json:"objectId"`
	TypeID   text    `json:"objectTypeId"`

	Primary ident   `json:"primaryObjectId"`
	Merged  []ident `json:"mergedObjectIds"`
	New     ident   `json:"newObjectId"`

	Association text  `json:"associationType"`
	From        ident `json:"fromObjectId"`
	To          ident `json:"toObjectId"`
	FromType    text  `json:"fromObjectTypeId"`
	ToType      text  `json:"toObjectTypeId"`
}

// ParseWebhook reads the events of a webhook's request, and counts those that it does not
// understand. An error says that there are none.
func ParseWebhook(body []byte) (events []WebhookEvent, strange int, err error) {
	var raw []json.RawMessage
	if trimmed := bytes.TrimSpace(body); bytes.HasPrefix(trimmed, []byte("{")) {
		raw = []json.RawMessage{trimmed}
	} else if err := json.Unmarshal(body, &raw); err != nil {
		return nil, 0, errors.New("it is no list of events")
	}
	for _, one := range raw {
		e, ok := parseEvent(one)
		if !ok {
			strange++
			continue
		}
		events = append(events, e)
	}
	return events, strange, nil
}

func parseEvent(raw json.RawMessage) (WebhookEvent, bool) {
	var all map[string]json.RawMessage
	var w wireHook
	if json.Unmarshal(raw, &all) != nil || json.Unmarshal(raw, &w) != nil {
		return WebhookEvent{}, false
	}
	portal, err := strconv.ParseInt(string(w.PortalID), 10, 64)
	if err != nil || portal <= 0 || w.Type == "" {
		return WebhookEvent{}, false
	}
	delete(all, "attemptNumber")
	plain, err := json.Marshal(all) // sorted by name, and without spaces
	if err != nil {
		return WebhookEvent{}, false
	}
	sum := sha256.Sum256(plain)
	e := WebhookEvent{Sum: hex.EncodeToString(sum[:]), PortalID: portal, Type: string(w.Type), At: w.At.Time, Changed: w.changed()}
	return e, true
}

// changed are the records that an event is about.
func (w wireHook) changed() []ChangedRecord {
	of, what, _ := strings.Cut(string(w.Type), ".")
	object := string(w.TypeID)
	if of != "object" {
		object = objectTypeByName[of].ID
	}
	if what == "associationChange" {
		from, to, _ := strings.Cut(strings.ToLower(string(w.Association)), "_to_")
		return changedRecords(true, [2]string{cmp.Or(string(w.FromType), objectTypeByName[from].ID, object), string(w.From)},
			[2]string{cmp.Or(string(w.ToType), objectTypeByName[to].ID), string(w.To)})
	}
	ids := append([]ident{w.ObjectID, w.Primary, w.New}, w.Merged...)
	all := make([][2]string, 0, len(ids))
	for _, id := range ids {
		all = append(all, [2]string{object, string(id)})
	}
	return changedRecords(false, all...)
}

// changedRecords are those of pairs of an object type's id and a record's that have both.
func changedRecords(edges bool, all ...[2]string) []ChangedRecord {
	var changed []ChangedRecord
	seen := make(map[[2]string]bool)
	for _, p := range all {
		if p[0] == "" || p[1] == "" || seen[p] || !objectTypeForm.MatchString(p[0]) {
			continue
		}
		if _, err := strconv.ParseUint(p[1], 10, 64); err != nil {
			continue
		}
		seen[p] = true
		changed = append(changed, ChangedRecord{Object: p[0], ID: p[1], Edges: edges})
	}
	return changed
}
