package hubspot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// APIVersion is the dated version of the API that every path carries, but for those
// of the webhooks journal, which has its own (corrections §3). These are the only
// places that name one.
const (
	APIVersion     = "2026-09"
	journalVersion = "2026-03"
)

// DefaultBaseURL is HubSpot's plain API host; see [HostsFor] for the others.
const DefaultBaseURL = "https://api.hubapi.com"

// requestTimeout bounds one attempt. HubSpot's own edge gives up after 100 s
// (status 524), so waiting a little longer turns fewer writes into unknowns.
const requestTimeout = 110 * time.Second

// transferTimeout bounds the sending of an import's file, and the fetching of an
// export's.
const transferTimeout = 30 * time.Minute

// TokenSource gives the access token for the next request. It must be safe for
// concurrent use.
type TokenSource interface {
	Token(ctx context.Context) (string, error)
}

// Refresher is a TokenSource that can replace a token that HubSpot refused.
// The client calls it at most once per request, one call at a time; several
// clients may share a source. A token that is no longer the refused one has been
// replaced already.
type Refresher interface {
	Refresh(ctx context.Context, refused string) error
}

// StaticToken is a TokenSource that always gives the same token, as private
// apps and service keys have. The result prints without the token.
func StaticToken(token string) TokenSource { return staticToken{token} }

type staticToken struct{ value string }

func (t staticToken) Token(context.Context) (string, error) { return t.value, nil }

func (staticToken) String() string       { return "hubspot.StaticToken(hidden)" }
func (staticToken) GoString() string     { return "hubspot.StaticToken(hidden)" }
func (staticToken) LogValue() slog.Value { return slog.StringValue("hidden") }

// Transport carries requests: net/http's, or that of a practice portal.
type Transport = http.RoundTripper

// Config says how to reach a portal.
type Config struct {
	// BaseURL is the API host, DefaultBaseURL when empty. Plain http is
	// accepted for a loopback host only, because every request carries a token.
	BaseURL string
	// Tokens gives the access token. Required.
	Tokens TokenSource
	// Transport carries the requests; nil means a tuned http.Transport.
	Transport Transport
	// UserAgent names the program to HubSpot.
	UserAgent string
	// BurstLimit is how many calls are made per 10 s until HubSpot's headers
	// tell the portal's own figure; 0 means 100, the smallest there is.
	BurstLimit int
	// Reserve is the share of the daily budget that is left for the portal's
	// other apps; 0 means 0.20, a negative number means none.
	Reserve float64
	// Limiter is shared by clients that use the same token or portal; nil
	// means one of its own, made from BurstLimit and Reserve.
	Limiter *Limiter
	// AppID is the app whose token it is, 0 if that is not known; see
	// [Client.AppID].
	AppID int64
	// Jitter gives numbers in [0,1) that spread repeated requests; nil means
	// random ones. Simulations set it to be repeatable.
	Jitter func() float64
	// Observe, when set, is told of every exchange. It must be quick and safe
	// for concurrent use. Nothing it is given holds a secret.
	Observe func(Exchange)
}

// Exchange is one request and what came of it, for logs and diagnostics.
type Exchange struct {
	Op            string // "update contacts"
	Method        string
	Path          string // without the query, and without values that name a record
	Status        int    // 0 when there was no answer
	Attempt       int    // 1 for the first
	Duration      time.Duration
	Waited        time.Duration // for a limit, before it was sent
	CorrelationID string
	Err           error
	Again         bool          // it is repeated,
	Wait          time.Duration // after this time
}

// Client talks to one portal. It is safe for concurrent use.
type Client struct {
	base      string
	tokens    TokenSource
	http      *http.Client
	userAgent string
	limits    *Limiter
	jitter    func() float64
	observe   func(Exchange)
	refresh   chan struct{} // holds one element while a token is being replaced
	clock     clock
	app       atomic.Int64
}

// New returns a client. The error says what is wrong with the configuration.
func New(cfg Config) (*Client, error) {
	if cfg.Tokens == nil {
		return nil, errors.New("hubspot: no access token was given; connect the portal first")
	}
	base, err := checkBaseURL(cfg.BaseURL)
	if err != nil {
		return nil, err
	}
	if cfg.BurstLimit < 0 || cfg.Reserve > 0.95 {
		return nil, fmt.Errorf("hubspot: burst limit %d or reserve %g is out of range; use a positive number of calls and a share up to 0.95",
			cfg.BurstLimit, cfg.Reserve)
	}
	c := &Client{
		base:      base,
		tokens:    cfg.Tokens,
		userAgent: cfg.UserAgent,
		limits:    cfg.Limiter,
		jitter:    cfg.Jitter,
		observe:   cfg.Observe,
		refresh:   make(chan struct{}, 1),
	}
	c.app.Store(cfg.AppID)
	if c.userAgent == "" {
		c.userAgent = "Syncline"
	}
	if c.limits == nil {
		c.limits = NewLimiter(cfg.BurstLimit, cfg.Reserve)
	}
	if c.jitter == nil {
		c.jitter = rand.Float64
	}
	transport := cfg.Transport
	if transport == nil {
		transport = newTransport()
	}
	c.http = &http.Client{
		Transport: transport,
		// HubSpot's API does not redirect. Following one would carry the
		// request elsewhere and turn a POST into a GET.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c, nil
}

// checkBaseURL returns the scheme and host that paths are appended to.
func checkBaseURL(s string) (string, error) {
	if s == "" {
		return DefaultBaseURL, nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return "", errors.New("hubspot: the API address is not a web address; it looks like " + DefaultBaseURL)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
		return "", errors.New("hubspot: the API address must be a host only, like " + DefaultBaseURL)
	}
	switch {
	case u.Scheme == "https":
	case u.Scheme == "http" && IsLoopback(u.Hostname()):
	default:
		return "", fmt.Errorf("hubspot: the API address must begin with https://, not %q, because requests carry an access token", u.Scheme+"://")
	}
	return u.Scheme + "://" + u.Host, nil
}

// AppID returns the app that the client's writes are attributed to: a property's
// history, and a record's hs_object_source_id, name it as the id of a source of
// type INTEGRATION. It is that of the configuration, or else what
// [Client.TokenInfo] told; 0 while nobody told. HubSpot leaves the id out of
// some histories, so that one without it may be of any app; and an app's id is
// the same on every machine that uses the app, so that it does not tell two of
// them apart.
func (c *Client) AppID() int64 { return c.app.Load() }

// BaseURL returns the host that the client talks to.
func (c *Client) BaseURL() string { return c.base }

// Limiter returns the client's limiter, to share with another client of the
// same portal.
func (c *Client) Limiter() *Limiter { return c.limits }

// Traffic is a snapshot of the calls made and of what is left.
type Traffic struct {
	Total     int // requests sent, searches and repetitions included
	Search    int // of them, searches
	Throttled int // of them, refused with 429
	Failed    int // of them, without an answer, or answered by an error of HubSpot's own: 5xx, or 423
	Burst     Burst
	Daily     Daily
	// Skew is HubSpot's clock minus the local one, as the answers showed it;
	// HTTP dates have whole seconds.
	Skew time.Duration
}

// Burst is the budget of the short window.
type Burst struct {
	Max       int // calls per Window
	Remaining int // calls that could be sent at once now
	Window    time.Duration
}

// Daily is the portal's daily budget, which all its private apps share.
type Daily struct {
	Max       int
	Remaining int
	Known     bool // false until HubSpot told it; it never does to OAuth apps
}

// Traffic returns the counters as they are now. Clients that share a Limiter
// share them.
func (c *Client) Traffic() Traffic {
	t := c.limits.traffic(time.Now())
	t.Skew = c.clock.skew()
	return t
}

// Date returns HubSpot's clock: what the Date headers of its answers show,
// carried on between them by the time that passes here, whatever the local
// clock shows. It is zero before the first answer, and never goes back.
//
// It is behind HubSpot's clock by up to a second, which is the header's
// precision, and by the time that an answer travelled: what HubSpot stamps
// after Date was called has this time or a later one.
func (c *Client) Date() time.Time { return c.clock.now() }
