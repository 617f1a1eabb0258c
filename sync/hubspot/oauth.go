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
	"time"

	"golang.org/x/oauth2" // the Go authors' OAuth client: BSD
)

// DefaultAuthorizeURL is the page on which a person lets an app into a portal.
const DefaultAuthorizeURL = "https://app.hubspot.com/oauth/authorize"

// oauthPath is where the token endpoint and its neighbours are.
const oauthPath = "/oauth/" + APIVersion + "/token"

// oauthTimeout bounds one request to the token endpoint.
const oauthTimeout = 30 * time.Second

// OAuthApp is an app that is registered with HubSpot. It prints without its
// secret.
type OAuthApp struct {
	ClientID     string
	ClientSecret string
}

func (a OAuthApp) String() string { return "hubspot.OAuthApp(" + a.ClientID + ", secret hidden)" }

// GoString is String: %#v shows no secret either.
func (a OAuthApp) GoString() string { return a.String() }

// LogValue implements slog.LogValuer.
func (a OAuthApp) LogValue() slog.Value { return slog.StringValue(a.String()) }

// OAuthConfig says how to reach HubSpot's sign-in.
type OAuthConfig struct {
	App OAuthApp
	// AuthorizeURL is the address of the page where people consent, or its host;
	// DefaultAuthorizeURL when empty. Plain http is accepted for a loopback host only.
	AuthorizeURL string
	// BaseURL is the API host that has the token endpoint, DefaultBaseURL when
	// empty; plain http as for AuthorizeURL.
	BaseURL string
	// Transport carries the requests; nil means a tuned http.Transport.
	Transport http.RoundTripper
	// UserAgent names the program to HubSpot.
	UserAgent string
	// Jitter gives numbers in [0,1) that spread repeated requests; nil means
	// random ones.
	Jitter func() float64
}

// OAuth is the sign-in of one app. It is safe for concurrent use.
type OAuth struct {
	app       OAuthApp
	authorize *url.URL
	base      string
	http      *http.Client
	userAgent string
	jitter    func() float64
}

// NewOAuth returns the sign-in of an app. The error says what is wrong with
// the configuration.
func NewOAuth(cfg OAuthConfig) (*OAuth, error) {
	if cfg.App.ClientID == "" || cfg.App.ClientSecret == "" {
		return nil, errors.New("hubspot: the app's client id or client secret is missing; HubSpot shows both on the app's Auth page")
	}
	base, err := checkBaseURL(cfg.BaseURL)
	if err != nil {
		return nil, err
	}
	authorize, err := checkAuthorizeURL(cfg.AuthorizeURL)
	if err != nil {
		return nil, err
	}
	o := &OAuth{app: cfg.App, authorize: authorize, base: base, userAgent: cfg.UserAgent, jitter: cfg.Jitter}
	if o.userAgent == "" {
		o.userAgent = "Syncline"
	}
	if o.jitter == nil {
		o.jitter = rand.Float64
	}
	transport := cfg.Transport
	if transport == nil {
		transport = newTransport()
	}
	o.http = &http.Client{
		Transport: named{transport, o.userAgent}, Timeout: oauthTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return o, nil
}

// named adds the program's name to requests that a library makes.
type named struct {
	http.RoundTripper
	userAgent string
}

// RoundTrip implements http.RoundTripper.
func (n named) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("User-Agent", n.userAgent)
	req.Header.Set("Accept", "application/json")
	return n.RoundTripper.RoundTrip(req)
}

// checkAuthorizeURL returns the address of the consent page. A host alone gets
// HubSpot's path.
func checkAuthorizeURL(s string) (*url.URL, error) {
	if s == "" {
		s = DefaultAuthorizeURL
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("hubspot: the authorize address is not a plain web address; it looks like " + DefaultAuthorizeURL)
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !IsLoopback(u.Hostname())) {
		return nil, fmt.Errorf("hubspot: the authorize address must begin with https://, not %q, because people sign in there", u.Scheme+"://")
	}
	if strings.Trim(u.Path, "/") == "" {
		u.Path = "/oauth/authorize"
	}
	return u, nil
}

// BaseURL returns the API host that has the token endpoint.
func (o *OAuth) BaseURL() string { return o.base }

// App returns the app that signs in.
func (o *OAuth) App() OAuthApp { return o.app }

// Consent is what a person is asked to agree to.
type Consent struct {
	// RedirectURL is where the browser goes afterwards. It must be registered
	// with the app to the letter; only http://localhost may be plain http.
	RedirectURL string
	// State comes back unchanged and ties the answer to this question.
	State string
	// Verifier is the PKCE secret that Exchange must be given too.
	Verifier string
	// Scopes must hold all that the app's configuration requires. Optional ones
	// are left out by HubSpot where the portal does not have what they are for.
	Scopes, Optional []string
	// PortalID preselects a portal; 0 lets the person choose.
	PortalID int64
}

// ConsentURL returns the address to open in the person's browser.
func (o *OAuth) ConsentURL(c Consent) string {
	page := *o.authorize
	if before, ok := strings.CutSuffix(page.Path, "/oauth/authorize"); ok && c.PortalID != 0 {
		page.Path = fmt.Sprintf("%s/oauth/%d/authorize", before, c.PortalID)
	}
	conf := o.config(c.RedirectURL)
	conf.Endpoint.AuthURL, conf.Scopes = page.String(), c.Scopes
	options := []oauth2.AuthCodeOption{oauth2.S256ChallengeOption(c.Verifier)}
	if len(c.Optional) > 0 {
		options = append(options, oauth2.SetAuthURLParam("optional_scope", strings.Join(c.Optional, " ")))
	}
	// HubSpot does not take a plus sign for a blank; a real one is %2B by now.
	return strings.ReplaceAll(conf.AuthCodeURL(c.State, options...), "+", "%20")
}

func (o *OAuth) config(redirectURL string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: o.app.ClientID, ClientSecret: o.app.ClientSecret, RedirectURL: redirectURL,
		// Without the style named, the library would try another one first.
		Endpoint: oauth2.Endpoint{TokenURL: o.base + oauthPath, AuthStyle: oauth2.AuthStyleInParams},
	}
}

// Grant is what the token endpoint gave. It prints without the tokens.
type Grant struct {
	AccessToken  string
	RefreshToken string
	// Lifetime is how long the access token is accepted, from when the request
	// was sent at the earliest; 0 when HubSpot did not tell.
	Lifetime time.Duration
	PortalID int64 // 0 when HubSpot did not tell, as the scopes and the user
	UserID   int64
	Scopes   []string
}

func (g Grant) String() string {
	return fmt.Sprintf("hubspot.Grant(portal %d, tokens hidden)", g.PortalID)
}

// GoString is String: %#v shows no token either.
func (g Grant) GoString() string { return g.String() }

// LogValue implements slog.LogValuer.
func (g Grant) LogValue() slog.Value { return slog.StringValue(g.String()) }

// Exchange turns the code that came with the redirect into tokens. A code
// works once, so the request is repeated only where HubSpot refused to look at it.
func (o *OAuth) Exchange(ctx context.Context, code, redirectURL, verifier string) (Grant, error) {
	return o.grant(ctx, "exchange the sign-in's code", []string{code, verifier}, false, func(ctx context.Context) (*oauth2.Token, error) {
		return o.config(redirectURL).Exchange(ctx, code, oauth2.VerifierOption(verifier))
	})
}

// Refresh gets a new access token. Grant.RefreshToken is the one to use from
// then on; HubSpot normally gives the same one back.
func (o *OAuth) Refresh(ctx context.Context, refreshToken string) (Grant, error) {
	return o.grant(ctx, "refresh the access token", []string{refreshToken}, true, func(ctx context.Context) (*oauth2.Token, error) {
		return o.config("").TokenSource(ctx, &oauth2.Token{RefreshToken: refreshToken}).Token()
	})
}

// grant asks the token endpoint, with as many attempts as make sense. The
// secrets of the request never show in an error.
func (o *OAuth) grant(ctx context.Context, op string, secrets []string, repeat bool, get func(context.Context) (*oauth2.Token, error)) (Grant, error) {
	for attempt := 1; ; attempt++ {
		token, err := get(context.WithValue(ctx, oauth2.HTTPClient, o.http))
		if err == nil {
			return grantOf(token), nil
		}
		err = o.refusal(op, err, secrets)
		if !o.again(ctx, err, attempt, repeat) {
			return Grant{}, err
		}
	}
}

// again waits and reports whether another attempt makes sense.
func (o *OAuth) again(ctx context.Context, err error, attempt int, repeat bool) bool {
	if attempt >= maxAttempts || ctx.Err() != nil {
		return false
	}
	var refused *OAuthError
	var wait time.Duration
	switch {
	case !errors.As(err, &refused):
		if !repeat {
			return false
		}
	case refused.RetryAfter > maxPatience:
		return false
	case refused.Status != http.StatusTooManyRequests && !(repeat && refused.Temporary()):
		return false
	default:
		wait = refused.RetryAfter
	}
	pause := min(float64(backoffCap), float64(backoffBase)*float64(int(1)<<(attempt-1)))
	return sleep(ctx, max(wait, time.Duration((0.5+o.jitter()/2)*pause))) == nil
}

func grantOf(t *oauth2.Token) Grant {
	g := Grant{AccessToken: t.AccessToken, RefreshToken: t.RefreshToken, Lifetime: time.Duration(t.ExpiresIn) * time.Second}
	if n, ok := t.Extra("hub_id").(float64); ok {
		g.PortalID = int64(n)
	}
	if n, ok := t.Extra("user_id").(float64); ok {
		g.UserID = int64(n)
	}
	if list, ok := t.Extra("scopes").([]any); ok {
		for _, v := range list {
			if s, ok := v.(string); ok {
				g.Scopes = append(g.Scopes, s)
			}
		}
	}
	return g
}
