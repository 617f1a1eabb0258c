package hubspot_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncline/sync/hubspot"
)

const appSecret = "0a1b2c3d-very-secret-0c1d2e3f4a5b"

func signIn(t *testing.T, rt http.RoundTripper, change ...func(*hubspot.OAuthConfig)) *hubspot.OAuth {
	t.Helper()
	cfg := hubspot.OAuthConfig{App: hubspot.OAuthApp{ClientID: "the-app", ClientSecret: appSecret}, Transport: rt, Jitter: func() float64 { return 0 }}
	for _, f := range change {
		f(&cfg)
	}
	o, err := hubspot.NewOAuth(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestTheConsentLinkIsAsHubSpotReadsIt(t *testing.T) {
	t.Parallel()
	o := signIn(t, nil)
	consent := hubspot.Consent{RedirectURL: "http://localhost:41731/oauth/callback", State: "a+b", Verifier: "verifier",
		Scopes: []string{"oauth", "crm.objects.contacts.read"}, Optional: []string{"tickets", "crm.lists.read"}}
	link := o.ConsentURL(consent)
	if !strings.HasPrefix(link, "https://app.hubspot.com/oauth/authorize?") || strings.Contains(link, "+") || !strings.Contains(link, "scope=oauth%20crm.objects.contacts.read") || strings.Contains(link, appSecret) {
		t.Errorf("link %s", link)
	}
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	want := url.Values{"client_id": {"the-app"}, "redirect_uri": {consent.RedirectURL}, "scope": {"oauth crm.objects.contacts.read"}, "optional_scope": {"tickets crm.lists.read"},
		"state": {"a+b"}, "response_type": {"code"}, "code_challenge": {"iMnq5o6zALKXGivsnlom_0F5_WYda32GHkxlV7mq7hQ"}, "code_challenge_method": {"S256"}}
	if diff := cmp.Diff(want, u.Query()); diff != "" {
		t.Errorf("query (-want +got):\n%s", diff)
	}
	consent.PortalID = 77
	if link := o.ConsentURL(consent); !strings.HasPrefix(link, "https://app.hubspot.com/oauth/77/authorize?") {
		t.Errorf("preselected: %s", link)
	}
	own := signIn(t, nil, func(c *hubspot.OAuthConfig) { c.AuthorizeURL = "http://127.0.0.1:8080" })
	if link := own.ConsentURL(hubspot.Consent{}); !strings.HasPrefix(link, "http://127.0.0.1:8080/oauth/authorize?") {
		t.Errorf("a host alone: %s", link)
	}
}

func TestASignInThatCannotWorkIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	app := hubspot.OAuthApp{ClientID: "the-app", ClientSecret: appSecret}
	for want, cfg := range map[string]hubspot.OAuthConfig{
		"client id or client secret": {App: hubspot.OAuthApp{ClientID: "x"}},
		"authorize address must":     {App: app, AuthorizeURL: "http://example.com/oauth/authorize"},
		"not a plain web address":    {App: app, AuthorizeURL: "https://example.com/?a=b"},
		"API address must begin":     {App: app, BaseURL: "http://example.com"},
	} {
		if _, err := hubspot.NewOAuth(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// A code is worth one attempt, unless HubSpot was too busy to look at it; a
// refresh may be repeated. No secret is in an error.
func TestTheTokenEndpointIsAskedAgainWhereThatIsSafe(t *testing.T) {
	t.Parallel()
	granted := says(200, `{"access_token":"CAccess","refresh_token":"na1-refresh","expires_in":1800,"hub_id":50123456,"user_id":9,"scopes":["oauth"]}`, "Content-Type: application/json")
	json := "Content-Type: application/json"
	leak := `{"status":"BAD_CLIENT_SECRET","message":"` + appSecret + ` na1-refresh-token","error":"invalid_client"}`
	exchange := func(ctx context.Context, o *hubspot.OAuth) (hubspot.Grant, error) {
		return o.Exchange(ctx, "the-very-code", "http://localhost:1/cb", "the-verifier")
	}
	refresh := func(ctx context.Context, o *hubspot.OAuth) (hubspot.Grant, error) {
		return o.Refresh(ctx, "na1-refresh-token")
	}
	for name, tc := range map[string]struct {
		call    func(context.Context, *hubspot.OAuth) (hubspot.Grant, error)
		answers []func(*http.Request) (*http.Response, error)
		asked   int
		ok      bool
		auth    bool
	}{
		"a code that is taken":        {exchange, []func(*http.Request) (*http.Response, error){granted}, 1, true, false},
		"a code at a busy endpoint":   {exchange, []func(*http.Request) (*http.Response, error){says(429, `{"message":"You have reached your rate limit."}`, json), granted}, 2, true, false},
		"a code and a 500":            {exchange, []func(*http.Request) (*http.Response, error){says(500, `{}`, json), granted}, 1, false, false},
		"a code that is refused":      {exchange, []func(*http.Request) (*http.Response, error){says(400, `{"status":"BAD_AUTH_CODE","message":"the-very-code"}`, json), granted}, 1, false, false},
		"a code and no answer":        {exchange, []func(*http.Request) (*http.Response, error){fails(errors.New("reset by " + appSecret)), granted}, 1, false, false},
		"a refresh and disturbances":  {refresh, []func(*http.Request) (*http.Response, error){says(502, `<html>`, "Content-Type: text/html"), fails(errors.New("reset")), says(429, `{}`, json), granted}, 4, true, false},
		"a refresh that is refused":   {refresh, []func(*http.Request) (*http.Response, error){says(400, leak, json), granted}, 1, false, true},
		"a refresh that never works":  {refresh, []func(*http.Request) (*http.Response, error){says(503, `{"message":"`+appSecret+`"}`, json)}, 5, false, false},
		"a refresh and a day's pause": {refresh, []func(*http.Request) (*http.Response, error){says(429, `{}`, json, "Retry-After: 86400"), granted}, 1, false, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := answers(tc.answers...)
			g, err := tc.call(t.Context(), signIn(t, s))
			if (err == nil) != tc.ok || len(s.requests()) != tc.asked || hubspot.IsAuth(err) != tc.auth {
				t.Errorf("%s: asked %d times, %v, %v", name, len(s.requests()), g, err)
			}
			if tc.ok && (g.AccessToken != "CAccess" || g.RefreshToken != "na1-refresh" || g.Lifetime != 30*time.Minute || g.PortalID != 50123456 || g.UserID != 9 || len(g.Scopes) != 1) {
				t.Errorf("%s: %#v", name, g)
			}
			for _, secret := range []string{appSecret, "na1-refresh-token", "the-very-code"} {
				if err != nil && strings.Contains(err.Error(), secret) {
					t.Errorf("%s: the error spells a secret: %v", name, err)
				}
			}
		})
	}
}

// fading gives a token that lives on until it is asked for while a call waits.
type fading struct{ asked int }

func (f *fading) Token(context.Context) (string, error) {
	if f.asked++; f.asked > 1 {
		return "", errors.New("signed out")
	}
	return testToken, nil
}

func TestACallForWhichNoTokenIsLeftDoesNotKeepItsPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := answers(says(200, `{}`))
		c := connect(t, s, func(cfg *hubspot.Config) { cfg.Tokens = &fading{} })
		_, err := c.Create(t.Context(), "contacts", nil)
		if !hubspot.IsNoToken(err) || hubspot.Unknown(err) || len(s.requests()) > 0 {
			t.Errorf("got %v, %d requests", err, len(s.requests()))
		}
		if b := c.Traffic().Burst; b.Remaining != b.Max {
			t.Errorf("%d of %d places are left", b.Remaining, b.Max)
		}
	})
}

// A refresh that fails because the network does says nothing about the sign-in.
func TestARefreshThatGetsNoAnswerIsNoSignOut(t *testing.T) {
	t.Parallel()
	for _, cause := range []error{&hubspot.TransportError{Op: "refresh", Sent: true, Err: errors.New("no route")}, &hubspot.OAuthError{Op: "refresh", Status: 503}} {
		source := &rotating{token: "old-access-token", err: cause}
		synctest.Test(t, func(t *testing.T) {
			c := connect(t, answers(says(401, `{"category":"EXPIRED_AUTHENTICATION"}`)), func(cfg *hubspot.Config) { cfg.Tokens = source })
			if _, err := c.Create(t.Context(), "contacts", nil); hubspot.IsAuth(err) || !hubspot.IsNoToken(err) || hubspot.Unknown(err) || !errors.Is(err, cause) {
				t.Errorf("got %v", err)
			}
		})
	}
}
