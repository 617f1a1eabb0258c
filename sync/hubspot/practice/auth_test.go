package practice_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncline/sync/hubspot/practice"
)

func TestTokensThatAreNotAccepted(t *testing.T) {
	t.Parallel()
	clock := newClock()
	c := open(t, practice.Options{Now: clock.now})
	full := c.token
	short := c.portal.AddToken(practice.Token{Kind: practice.OAuth, ExpiresAt: clock.now().Add(time.Minute)})
	const path = "/crm/v3/objects/contacts"
	c.token = ""
	c.do("GET", path, nil).wantError(t, 401, "INVALID_AUTHENTICATION", "Authentication credentials not found.")
	c.token = "garbage"
	r := c.do("GET", path, nil).wantError(t, 401, "EXPIRED_AUTHENTICATION", "The OAuth token used to make this call expired 20779 day(s) ago.")
	if r.text("context.expire time.0") != "1970-01-01T00:00:00Z" {
		t.Errorf("body %s", r.raw)
	}
	c.token = short
	c.do("GET", path, nil).want(t, 200)
	clock.advance(135_000)
	c.do("GET", path, nil).wantError(t, 401, "EXPIRED_AUTHENTICATION", "expired 75 second(s) ago.")
	c.portal.RevokeToken(full)
	c.token = full
	c.do("GET", path, nil).want(t, 401)
}

func TestScopes(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	c.token = c.portal.AddToken(practice.Token{Scopes: []string{"oauth", "crm.objects.contacts.read", "tickets"}})
	c.do("GET", "/crm/v3/objects/contacts", nil).want(t, 200)
	c.do("GET", "/crm/v3/properties/contacts", nil).want(t, 200) // the object scope reads definitions too
	c.do("GET", "/crm/v3/objects/notes", nil).want(t, 200)       // activities go with contacts
	c.do("GET", "/crm/v3/objects/tickets", nil).want(t, 200)
	c.do("GET", "/account-info/v3/details", nil).want(t, 200)
	r := c.do("POST", "/crm/v3/objects/contacts", `{"properties":{"firstname":"A"}}`).
		wantError(t, 403, "MISSING_SCOPES", "This app hasn't been granted all required scopes to make this call.")
	if r.text("errors.0.context.requiredGranularScopes.0") != "crm.objects.contacts.write" || r.text("links.scopes") != "https://developers.hubspot.com/scopes" {
		t.Errorf("body %s", r.raw)
	}
	for _, path := range []string{"/crm/v3/objects/companies", "/crm/v3/owners/", "/crm/v3/pipelines/deals", "/crm/v4/associations/contacts/companies/labels"} {
		c.do("GET", path, nil).want(t, 403)
	}
	r = c.do("GET", "/crm-object-schemas/v3/schemas", nil).wantError(t, 403, "MISSING_SCOPES", "One or more of the following scopes are required.")
	if r.text("context.requiredGranularScopes.0") != "custom-object-read" {
		t.Errorf("body %s", r.raw)
	}
	c.do("POST", "/crm/v3/properties/contacts", `{}`).want(t, 403)
}

func TestTokenInfoTellsWhatAPastedTokenIs(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	if !strings.HasPrefix(c.token, "pat-na1-") || len(c.token) != 44 {
		t.Errorf("token %q", c.token)
	}
	r := c.do("POST", "/oauth/v2/private-apps/get/access-token-info", props{"tokenKey": c.token}).want(t, 200)
	scopes, _ := r.at("scopes").([]any)
	if r.at("hubId") != 50123456.0 || r.at("appId") != 2011410.0 || !slices.Contains(scopes, any("crm.objects.contacts.write")) {
		t.Errorf("body %s", r.raw)
	}
	limited := c.portal.AddToken(practice.Token{Kind: practice.ServiceKey, Scopes: []string{"crm.objects.contacts.read"}})
	if r := c.do("POST", "/oauth/v2/private-apps/get/access-token-info", props{"tokenKey": limited}).want(t, 200); r.count("scopes") != 1 {
		t.Errorf("body %s", r.raw)
	}
	c.do("POST", "/oauth/v2/private-apps/get/access-token-info", props{"tokenKey": "pat-na1-x"}).want(t, 401)
}

func TestAccountInfo(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{Now: newClock().now})
	r := c.do("GET", "/account-info/v3/details", nil).want(t, 200)
	if r.at("portalId") != 50123456.0 || r.text("accountType") != "STANDARD" || r.text("utcOffset") != "-05:00" || r.at("utcOffsetMilliseconds") != -18000000.0 || r.at("portalName") != nil {
		t.Errorf("body %s", r.raw)
	}
	if r := c.do("GET", "/account-info/2026-09/details", nil); r.text("portalName") != "Practice portal" {
		t.Errorf("body %s", r.raw)
	}
}

func TestRegionalTokensNeedTheirHost(t *testing.T) {
	t.Parallel()
	p := practice.New(practice.Options{Hublet: "eu1"})
	if !strings.HasPrefix(p.Token(), "pat-eu1-") {
		t.Errorf("token %s", p.Token())
	}
	for host, want := range map[string]int{"api.hubapi.com": 401, "api-eu1.hubapi.com": 200, "127.0.0.1:8080": 200} {
		req, _ := http.NewRequest("GET", "https://"+host+"/account-info/v3/details", nil)
		req.Header.Set("Authorization", "Bearer "+p.Token())
		resp, err := p.Transport().RoundTrip(req)
		if err != nil || resp.StatusCode != want {
			t.Errorf("%s: %v %v, want %d", host, resp, err, want)
		}
	}
}

// post sends a form to the token endpoint.
func (c *client) post(path string, form url.Values) result {
	c.t.Helper()
	resp, err := c.http.PostForm("https://api.hubapi.com"+path, form)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, _ := io.ReadAll(resp.Body)
	r := result{status: resp.StatusCode, raw: string(raw)}
	if err := json.Unmarshal(raw, &r.body); err != nil {
		c.t.Fatalf("%s: %v", raw, err)
	}
	return r
}

func TestInstallingAnOAuthApp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := open(t, practice.Options{App: practice.OAuthApp{Consent: true, Unavailable: []string{"crm.objects.custom.read"}}})
		c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		app := c.portal.OAuthApp()
		sum := sha256.Sum256([]byte("verifier"))
		q := url.Values{"client_id": {app.ClientID}, "redirect_uri": {"http://localhost:3000/cb"}, "scope": {"oauth crm.objects.contacts.read"},
			"optional_scope": {"tickets crm.objects.custom.read"}, "state": {"s1"}, "code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"}}
		code := func() string {
			r := c.do("GET", "/oauth/authorize?"+q.Encode(), nil).want(t, 302)
			to, err := url.Parse(r.header.Get("Location"))
			if err != nil || to.Query().Get("state") != "s1" || to.Port() != "3000" {
				t.Fatalf("redirected to %v, %v", to, err)
			}
			return to.Query().Get("code")
		}
		base := url.Values{"client_id": {app.ClientID}, "client_secret": {app.ClientSecret}}
		form := func(more ...string) url.Values {
			f := url.Values{}
			for k, v := range base {
				f[k] = v
			}
			for i := 0; i < len(more); i += 2 {
				f.Set(more[i], more[i+1])
			}
			return f
		}
		first := code()
		r := c.post("/oauth/2026-09/token", form("grant_type", "authorization_code", "code", first, "redirect_uri", "http://localhost:3000/cb", "code_verifier", "verifier")).want(t, 200)
		if r.at("expires_in") != 1800.0 || r.at("hub_id") != 50123456.0 || r.count("scopes") != 3 {
			t.Errorf("body %s", r.raw)
		}
		refresh := r.text("refresh_token")
		c.token = r.text("access_token")
		c.do("GET", "/crm/v3/objects/contacts", nil).want(t, 200)
		c.do("POST", "/crm/v3/objects/contacts", `{"properties":{"firstname":"A"}}`).want(t, 403)
		time.Sleep(30 * time.Minute)
		c.do("GET", "/crm/v3/objects/contacts", nil).wantError(t, 401, "EXPIRED_AUTHENTICATION", "expired 0 second(s) ago")
		r = c.post("/oauth/v3/token", form("grant_type", "refresh_token", "refresh_token", refresh)).want(t, 200)
		if r.text("refresh_token") != refresh {
			t.Error("the refresh token normally stays")
		}
		c.token = r.text("access_token")
		c.do("GET", "/crm/v3/objects/contacts", nil).want(t, 200)
		for status, f := range map[string]url.Values{
			"BAD_AUTH_CODE":     form("grant_type", "authorization_code", "code", first, "redirect_uri", "http://localhost:3000/cb"), // used already
			"BAD_REDIRECT_URI":  form("grant_type", "authorization_code", "code", code(), "redirect_uri", "http://localhost:3001/cb"),
			"BAD_CODE_VERIFIER": form("grant_type", "authorization_code", "code", code(), "redirect_uri", "http://localhost:3000/cb", "code_verifier", "x"),
			"BAD_REFRESH_TOKEN": form("grant_type", "refresh_token", "refresh_token", "x"),
			"BAD_CLIENT_SECRET": form("grant_type", "refresh_token", "client_secret", "x"),
			"BAD_CLIENT_ID":     form("grant_type", "refresh_token", "client_id", "x"),
			"BAD_GRANT_TYPE":    form("grant_type", "magic"),
			"BAD_SCOPES":        form("grant_type", "client_credentials", "scope", "no.such"),
		} {
			if r := c.post("/oauth/2026-09/token", f).want(t, 400); r.text("status") != status {
				t.Errorf("body %s, want %s", r.raw, status)
			}
		}
		for _, path := range []string{"introspect", "revoke"} {
			if r := c.post("/oauth/2026-09/token/"+path, form("token", refresh, "client_secret", "x")).want(t, 400); r.text("status") != "BAD_CLIENT_SECRET" {
				t.Errorf("body %s", r.raw)
			}
		}
		if r := c.post("/oauth/2026-09/token/introspect", form("token", refresh)).want(t, 200); r.at("active") != true {
			t.Errorf("body %s", r.raw)
		}
		c.post("/oauth/2026-09/token/revoke", form("token", refresh)).want(t, 200)
		c.post("/oauth/2026-09/token", form("grant_type", "refresh_token", "refresh_token", refresh)).want(t, 400)
		c.do("GET", "/crm/v3/objects/contacts", nil).want(t, 200) // access tokens live on
		c.do("DELETE", "/appinstalls/v3/external-install", nil).want(t, 204)
		c.do("GET", "/crm/v3/objects/contacts", nil).want(t, 401)
	})
}

func TestAuthorizeRefusesWhatDoesNotMatchTheApp(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{App: practice.OAuthApp{Required: []string{"oauth"}}})
	app := c.portal.OAuthApp()
	local := url.Values{"client_id": {app.ClientID}, "redirect_uri": {"http://localhost:1/cb"}, "scope": {"oauth"}}
	c.do("GET", "/oauth/77/authorize?"+local.Encode(), nil).want(t, 403)
	for name, q := range map[string]url.Values{
		"optional": {"client_id": {app.ClientID}, "redirect_uri": {"http://localhost:1/cb"}, "scope": {"oauth"}, "optional_scope": {"no.such"}},
		"method":   {"client_id": {app.ClientID}, "redirect_uri": {"http://localhost:1/cb"}, "code_challenge": {"x"}},
		"required": {"client_id": {app.ClientID}, "redirect_uri": {"http://localhost:1/cb"}, "scope": {"tickets"}},
		"client":   {"client_id": {"x"}, "redirect_uri": {"http://localhost:1/cb"}},
		"redirect": {"client_id": {app.ClientID}, "redirect_uri": {"http://127.0.0.1:1/cb"}},
		"scope":    {"client_id": {app.ClientID}, "redirect_uri": {"http://localhost:1/cb"}, "scope": {"no.such"}},
	} {
		if r := c.do("GET", "/oauth/authorize?"+q.Encode(), nil); r.status != 400 {
			t.Errorf("%s: %d", name, r.status)
		}
	}
	q := url.Values{"client_id": {app.ClientID}, "redirect_uri": {"http://localhost:1/cb"}, "scope": {"oauth"}, "state": {"s"}}
	if r := c.do("GET", "/oauth/50123456/authorize?"+q.Encode(), nil).want(t, 200); !strings.Contains(r.raw, "Connect app") {
		t.Errorf("page %s", r.raw)
	}
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for answer, want := range map[string]string{"yes": "code=", "no": "error=access_denied"} {
		resp, err := c.http.PostForm("https://api.hubapi.com/oauth/authorize?"+q.Encode(), url.Values{"agree": {answer}})
		if err != nil || resp.StatusCode != 302 || !strings.Contains(resp.Header.Get("Location"), want) {
			t.Errorf("%s: %v %v", answer, resp, err)
		}
	}
}

// answerOf consents, or is refused, and returns what the app's address is told.
func (c *client) answerOf(q url.Values, agree string) url.Values {
	c.t.Helper()
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := c.http.PostForm("https://api.hubapi.com/oauth/authorize?"+q.Encode(), url.Values{"agree": {agree}})
	if err != nil {
		c.t.Fatal(err)
	}
	resp.Body.Close()
	to, err := resp.Location()
	if err != nil {
		c.t.Fatal(err)
	}
	return to.Query()
}

func TestWhoMayNotInstallIsSentBackWithTheReason(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		app  practice.OAuthApp
		want string
	}{
		"a person without rights":      {practice.OAuthApp{NoRights: true}, "USER_UNAUTHORIZED"},
		"a portal without the product": {practice.OAuthApp{Unavailable: []string{"tickets"}}, "HUB_UNAUTHORIZED"},
	} {
		c := open(t, practice.Options{App: tc.app})
		q := url.Values{"client_id": {c.portal.OAuthApp().ClientID}, "redirect_uri": {"http://localhost:1/cb"}, "scope": {"oauth tickets"}, "state": {"s"}}
		got := c.answerOf(q, "yes")
		if got.Get("error") != "access_denied" || !strings.HasPrefix(got.Get("error_description"), tc.want) || got.Get("state") != "s" {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestRefreshTokensMayRotateAndEndWithTheInstallation(t *testing.T) {
	t.Parallel()
	for _, saysHub := range []bool{false, true} {
		c := open(t, practice.Options{App: practice.OAuthApp{RotateRefresh: true}, Switches: practice.Switches{UninstalledSaysHub: saysHub}})
		app := c.portal.OAuthApp()
		q := url.Values{"client_id": {app.ClientID}, "redirect_uri": {"http://localhost:1/cb"}, "scope": {"oauth"}}
		refresh := func(token string) url.Values {
			return url.Values{"client_id": {app.ClientID}, "client_secret": {app.ClientSecret}, "grant_type": {"refresh_token"}, "refresh_token": {token}}
		}
		first := c.post("/oauth/2026-09/token", url.Values{"client_id": {app.ClientID}, "client_secret": {app.ClientSecret}, "grant_type": {"authorization_code"},
			"code": {c.answerOf(q, "yes").Get("code")}, "redirect_uri": {"http://localhost:1/cb"}}).want(t, 200)
		second := c.post("/oauth/2026-09/token", refresh(first.text("refresh_token"))).want(t, 200)
		if second.text("refresh_token") == first.text("refresh_token") {
			t.Error("the refresh token stayed")
		}
		c.post("/oauth/2026-09/token", refresh(first.text("refresh_token"))).want(t, 400)
		c.token = second.text("access_token")
		c.do("GET", "/account-info/2026-09/details", nil).want(t, 200)
		c.portal.Uninstall()
		c.do("GET", "/account-info/2026-09/details", nil).want(t, 401)
		want := map[bool]string{false: "BAD_REFRESH_TOKEN", true: "BAD_HUB"}[saysHub]
		if r := c.post("/oauth/2026-09/token", refresh(second.text("refresh_token"))).want(t, 400); r.text("status") != want {
			t.Errorf("body %s, want %s", r.raw, want)
		}
	}
}
