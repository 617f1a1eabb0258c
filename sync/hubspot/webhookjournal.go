package hubspot

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// The webhooks journal (facts §9.3) tells an app what changed in the portals that it is
// installed in: files with events, one after the other, each found by the offset of the
// one before it. It is kept for three days. Only the app itself may read it, by a token
// of its own; those of its installations, service keys and private apps may not.

// JournalKept is how long HubSpot keeps the journal.
const JournalKept = 72 * time.Hour

// JournalRight is what the journal asks of an app; HubSpot documents this scope, and not
// those of subscriptions.
const JournalRight = "developer.webhooks_journal.read"

var journalScopes = [][]string{
	{JournalRight, "developer.webhooks_journal.subscriptions.read", "developer.webhooks_journal.subscriptions.write"},
	{JournalRight},
}

// AppTokens gives an app's own tokens, for the journal. It is safe for concurrent use.
func (o *OAuth) AppTokens() TokenSource { return &appTokens{oauth: o} }

type appTokens struct {
	oauth *OAuth
	mu    sync.Mutex
	token string
	until time.Time
}

// Token implements [TokenSource].
func (a *appTokens) Token(ctx context.Context) (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.token != "" && time.Now().Before(a.until) {
		return a.token, nil
	}
	var err error
	for _, scopes := range journalScopes {
		asked := time.Now()
		var g Grant
		g, err = a.oauth.grant(ctx, "get a token for the app itself", nil, true, func(ctx context.Context) (*oauth2.Token, error) {
			c := clientcredentials.Config{ClientID: a.oauth.app.ClientID, ClientSecret: a.oauth.app.ClientSecret, TokenURL: a.oauth.base + oauthPath, Scopes: scopes, AuthStyle: oauth2.AuthStyleInParams}
			return c.Token(ctx)
		})
		if err == nil {
			a.token, a.until = g.AccessToken, asked.Add(g.Lifetime*9/10)
			return a.token, nil
		}
	}
	return "", err
}

// Refresh implements [Refresher].
func (a *appTokens) Refresh(_ context.Context, refused string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.token == refused {
		a.token = ""
	}
	return nil
}

// JournalEvent is a change of one record, or of an association of two.
type JournalEvent struct {
	PortalID int64
	Object   string // object type's id
	ID       string
	Merged   []string // records that became this one
	// OtherObject and Other are the second end of an association; "" where the
	// event is not about one.
	OtherObject, Other string
}

// JournalFile is what one file of the journal holds. Strange counts the events that
// name no record in a way that is understood.
type JournalFile struct {
	Offset  string
	Events  []JournalEvent
	Strange int
}

type wireJournalEntry struct {
	URL    text `json:"url"`
	Offset text `json:"currentOffset"`
}

// SubscribeJournal has the journal tell of everything that happens to the records of an
// object type from now on, and to their associations with others.
func (c *Client) SubscribeJournal(ctx context.Context, portalID int64, object string, associated []string) error {
	const op = "subscribe to the webhooks journal"
	post := func(body map[string]any) error {
		path, err := segments(op, "webhooks-journal", "subscriptions", journalVersion)
		if err != nil {
			return err
		}
		_, err = c.do(ctx, &request{op: op, method: http.MethodPost, path: path, body: body, read: true}) // the same again replaces it
		return err
	}
	err := post(map[string]any{"subscriptionType": "OBJECT", "portalId": portalID, "objectTypeId": object, "actions": []string{"CREATE", "UPDATE", "DELETE", "MERGE", "RESTORE"}})
	if err != nil || len(associated) == 0 {
		return err
	}
	return post(map[string]any{"subscriptionType": "ASSOCIATION", "portalId": portalID, "objectTypeId": object, "associatedObjectTypeIds": associated,
		"actions": []string{"ASSOCIATION_ADDED", "ASSOCIATION_REMOVED"}})
}

// JournalLatest returns the offset of the newest file, "" where there is none.
func (c *Client) JournalLatest(ctx context.Context, portalID int64) (offset string, err error) {
	entry, err := c.journalEntry(ctx, portalID, "latest")
	return string(entry.Offset), err
}

// JournalNext returns the file behind an offset, or the first that is kept for "";
// nil where nothing is newer. An offset that HubSpot does not know any more is an error
// for which [IsNotFound] reports true.
func (c *Client) JournalNext(ctx context.Context, portalID int64, offset string) (*JournalFile, error) {
	place := []string{"earliest"}
	if offset != "" {
		place = []string{"offset", offset, "next"}
	}
	for attempt := 1; ; attempt++ {
		entry, err := c.journalEntry(ctx, portalID, place...)
		if err != nil || entry.Offset == "" {
			return nil, err
		}
		f, err := c.journalFile(ctx, string(entry.URL), string(entry.Offset))
		if err == nil || attempt == maxAttempts || ctx.Err() != nil {
			return f, err
		}
		// Its address may have ended: another one is asked for.
		if err := sleep(ctx, time.Duration(attempt)*backoffBase); err != nil {
			return nil, err
		}
	}
}

func (c *Client) journalEntry(ctx context.Context, portalID int64, place ...string) (out wireJournalEntry, err error) {
	const op = "read the webhooks journal"
	path, err := segments(op, append([]string{"webhooks-journal", "journal", journalVersion}, place...)...)
	if err != nil {
		return out, err
	}
	a, err := c.do(ctx, &request{op: op, method: http.MethodGet, path: path, query: url.Values{"installPortalId": {strconv.FormatInt(portalID, 10)}}, out: &out, read: true})
	if err == nil && a.status != http.StatusNoContent && (out.URL == "" || out.Offset == "") {
		err = &Error{Op: op, Status: a.status, Unreadable: true, Message: "HubSpot's answer tells of no part of the journal"}
	}
	return out, err
}

// journalFile reads a file from its address, which is another host than the API: the
// token does not go there.
func (c *Client) journalFile(ctx context.Context, address, offset string) (*JournalFile, error) {
	const op = "fetch a part of the webhooks journal"
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && (u.Scheme != "http" || !IsLoopback(u.Hostname())) {
		return nil, fmt.Errorf("hubspot: %s: the address of a part must begin with https://", op)
	}
	ctx, cancel := context.WithTimeout(ctx, transferTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", c.userAgent)
	start := time.Now()
	resp, err := c.http.Do(req)
	if err != nil {
		err = transportError(op, "", true, err)
		c.report(Exchange{Op: op, Method: http.MethodGet, Path: "(a part of the journal)", Attempt: 1, Duration: time.Since(start), Err: err})
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(patient{ctx, resp.Body}, maxResponseBody+1))
	c.report(Exchange{Op: op, Method: http.MethodGet, Path: "(a part of the journal)", Attempt: 1, Duration: time.Since(start), Status: resp.StatusCode, Err: err})
	switch {
	case resp.StatusCode != http.StatusOK:
		return nil, newError(op, resp, body[:min(len(body), maxErrorBody)], "")
	case err != nil:
		return nil, &TransportError{Op: op, Sent: true, Err: err}
	case len(body) > maxResponseBody:
		return nil, &Error{Op: op, Status: resp.StatusCode, Unreadable: true, Message: errTooLarge.Error(), cause: errTooLarge}
	}
	f, err := parseJournal(body)
	if err == nil && f.Offset != "" && f.Offset != offset {
		err = malformed("it is another part than was asked for")
	}
	if err != nil {
		return nil, &Error{Op: op, Status: resp.StatusCode, Unreadable: true, Message: "a part of the webhooks journal can't be read: " + err.Error(), cause: err}
	}
	f.Offset = offset
	return f, nil
}

// wireJournalEvent has the names that are reported for events of records, and for
// associations, of which none are documented, those that the subscriptions and the
// webhooks use.
type wireJournalEvent struct {
	Portal     json.Number `json:"portalId"`
	Object     text        `json:"objectTypeId"`
	ID         text        `json:"objectId"`
	Merged     []text      `json:"mergedObjectIds"`
	FromType   text        `json:"fromObjectTypeId"`
	From       text        `json:"fromObjectId"`
	ToType     text        `json:"toObjectTypeId"`
	To         text        `json:"toObjectId"`
	OtherType  text        `json:"associatedObjectTypeId"`
	Associated text        `json:"associatedObjectId"`
}

func parseJournal(body []byte) (*JournalFile, error) {
	var w struct {
		Offset text               `json:"offset"`
		Events *[]json.RawMessage `json:"journalEvents"`
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(&w); err != nil {
		return nil, err
	}
	if w.Events == nil {
		return nil, malformed("it holds no events")
	}
	f := &JournalFile{Offset: string(w.Offset)}
	for _, raw := range *w.Events {
		var x wireJournalEvent
		if json.Unmarshal(raw, &x) != nil {
			f.Strange++
			continue
		}
		portal, err := x.Portal.Int64()
		e := JournalEvent{PortalID: portal, Object: string(x.Object), ID: string(x.ID), OtherObject: string(x.OtherType), Other: string(x.Associated)}
		if x.From != "" || x.To != "" {
			e.Object, e.ID, e.OtherObject, e.Other = string(x.FromType), string(x.From), string(x.ToType), string(x.To)
		}
		for _, id := range x.Merged {
			e.Merged = append(e.Merged, string(id))
		}
		if err != nil || e.Object == "" || !isNumber(e.ID) || (e.Other != "") != (e.OtherObject != "") {
			f.Strange++
			continue
		}
		f.Events = append(f.Events, e)
	}
	return f, nil
}
