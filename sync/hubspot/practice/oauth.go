package practice

import (
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// OAuthApp is the app whose installation the portal offers. Empty fields get
// defaults: id and secret of a practice app, any http://localhost redirect,
// every scope, tokens that live 30 minutes.
type OAuthApp struct {
	ClientID, ClientSecret string
	AppID                  int64
	RedirectURLs           []string
	Scopes                 []string
	Lifetime               time.Duration
	// Consent, if set, skips the consent page: the authorize URL redirects at
	// once, as if the person had agreed.
	Consent bool
}

func (a *OAuthApp) defaults() {
	if a.ClientID == "" {
		a.ClientID = "5f0e1d2c-practice-4b3a-9c8d-7e6f5a4b3c2d"
	}
	if a.ClientSecret == "" {
		a.ClientSecret = "0a1b2c3d-practice-4e5f-8a9b-0c1d2e3f4a5b"
	}
	if a.AppID == 0 {
		a.AppID = 4_100_200
	}
	if a.Lifetime == 0 {
		a.Lifetime = 30 * time.Minute
	}
	if a.Scopes == nil {
		a.Scopes = Scopes()
	}
}

// allows reports whether a redirect URL is registered. Without any registered,
// http://localhost is, on every port, which is HubSpot's only exception to https.
func (a *OAuthApp) allows(redirect string) bool {
	if len(a.RedirectURLs) > 0 {
		return slices.Contains(a.RedirectURLs, redirect)
	}
	u, err := url.Parse(redirect)
	return err == nil && u.Scheme == "http" && u.Hostname() == "localhost"
}

// OAuthApp returns the app that can be installed.
func (p *Portal) OAuthApp() OAuthApp { return p.opt.App }

// oauthState is what was granted to the app.
type oauthState struct {
	Codes, Refresh map[digest]grant
}

// grant is what a person allowed: behind a code, and then behind a refresh token.
type grant struct {
	Redirect  string `json:",omitempty"`
	Challenge string `json:",omitempty"`
	Scopes    []string
	Expires   time.Time
}

func (s *oauthState) init() {
	s.Codes, s.Refresh = make(map[digest]grant), make(map[digest]grant)
}

func (s *oauthState) restore(from *oauthState) {
	s.init()
	maps.Copy(s.Codes, from.Codes)
	maps.Copy(s.Refresh, from.Refresh)
}

func oauthRoutes() []route {
	return []route{
		r("GET", "oauth/authorize", public|free, (*Portal).authorize),
		r("GET", "oauth/{portal}/authorize", public|free, (*Portal).authorize),
		r("POST", "oauth/authorize", public|free, (*Portal).consent),
		r("POST", "oauth/{portal}/authorize", public|free, (*Portal).consent),
		r("POST", "oauth/token", public|free, (*Portal).exchange),
		r("POST", "oauth/token/introspect", public|free, (*Portal).introspect),
		r("POST", "oauth/token/revoke", public|free, (*Portal).revoke),
		r("GET", "oauth/access-tokens/{token}", public|free, (*Portal).describeAccess),
		r("GET", "oauth/refresh-tokens/{token}", public|free, (*Portal).describeRefresh),
		r("DELETE", "oauth/refresh-tokens/{token}", public|free, (*Portal).dropRefresh),
		r("DELETE", "appinstalls/external-install", writing, (*Portal).uninstall),
	}
}

var consentPage = template.Must(template.New("consent").Parse(`<!DOCTYPE html><html lang="en"><head><title>Connect an app</title></head>
<body style="font-family:sans-serif;max-width:36em;margin:4em auto"><h1>Connect an app to {{.Portal}}</h1>
<p>This is a practice portal. The app asks for:</p><ul>{{range .Scopes}}<li>{{.}}</li>{{end}}</ul>
<form method="post"><button type="submit" name="agree" value="yes">Connect app</button>
<button type="submit" name="agree" value="no">Cancel</button></form></body></html>`))

const installError = `<!DOCTYPE html><html><head><title>Authorization failed</title></head><body><h1>Authorization failed</h1><p>`

// authorize is the page on which a person installs the app.
func (p *Portal) authorize(c *call) (*answer, *apiError) {
	if why := p.mismatch(c.query); why != "" {
		return page(http.StatusBadRequest, installError+template.HTMLEscapeString(why)+"</p></body></html>"), nil
	}
	if p.opt.App.Consent {
		return p.agree(c.query), nil
	}
	var b strings.Builder
	data := map[string]any{"Portal": p.opt.Name, "Scopes": strings.Fields(c.query.Get("scope") + " " + c.query.Get("optional_scope"))}
	if err := consentPage.Execute(&b, data); err != nil {
		return nil, problem()
	}
	return page(http.StatusOK, b.String()), nil
}

// mismatch tells why the app cannot be installed with a query, "" if it can.
func (p *Portal) mismatch(q url.Values) string {
	a := p.opt.App
	switch {
	case q.Get("client_id") != a.ClientID:
		return "missing or unknown client id"
	case !a.allows(q.Get("redirect_uri")):
		return "the redirect URL does not match the app's: " + q.Get("redirect_uri")
	}
	for _, s := range strings.Fields(q.Get("scope")) {
		if !slices.Contains(a.Scopes, s) {
			return "the scopes in the URL do not match those of the app: " + s
		}
	}
	return ""
}

// consent is the person's answer.
func (p *Portal) consent(c *call) (*answer, *apiError) {
	if why := p.mismatch(c.query); why != "" {
		return page(http.StatusBadRequest, installError+template.HTMLEscapeString(why)+"</p></body></html>"), nil
	}
	form, err := url.ParseQuery(string(c.body))
	if err != nil || form.Get("agree") != "yes" {
		return redirect(c.query, url.Values{"error": {"access_denied"}, "error_description": {"the user denied the installation"}}), nil
	}
	return p.agree(c.query), nil
}

func (p *Portal) agree(q url.Values) *answer {
	code := p.opt.Hublet + "-" + p.uuid4()
	scopes := strings.Fields(q.Get("scope"))
	for _, s := range strings.Fields(q.Get("optional_scope")) {
		if slices.Contains(p.opt.App.Scopes, s) {
			scopes = append(scopes, s)
		}
	}
	p.oauth.Codes[digestOf(code)] = grant{Redirect: q.Get("redirect_uri"), Challenge: q.Get("code_challenge"), Scopes: scopes, Expires: p.present().Add(time.Minute)}
	p.changes.document(docGrants)
	return redirect(q, url.Values{"code": {code}})
}

func redirect(q, add url.Values) *answer {
	u, err := url.Parse(q.Get("redirect_uri"))
	if err != nil {
		return page(http.StatusBadRequest, installError+"bad redirect URL</p></body></html>")
	}
	args := u.Query()
	for name, v := range add {
		args[name] = v
	}
	if state := q.Get("state"); state != "" {
		args.Set("state", state)
	}
	u.RawQuery = args.Encode()
	return &answer{status: http.StatusFound, header: http.Header{"Location": {u.String()}}}
}

// oauthError is the body of a refusal at the token endpoint (facts 1.6).
func oauthError(status, message, code, description string) *answer {
	body := map[string]string{"status": status, "message": message, "error": code}
	if description != "" {
		body["error_description"] = description
	}
	return reply(http.StatusBadRequest, body)
}

// exchange is POST /oauth/…/token.
func (p *Portal) exchange(c *call) (*answer, *apiError) {
	form, err := url.ParseQuery(string(c.body))
	if err != nil || !c.form {
		return oauthError("BAD_GRANT_TYPE", "missing or unknown grant type", "invalid_request", ""), nil
	}
	if form.Get("client_id") != p.opt.App.ClientID {
		return oauthError("BAD_CLIENT_ID", "missing or unknown client id", "invalid_client", ""), nil
	}
	if form.Get("client_secret") != p.opt.App.ClientSecret {
		return oauthError("BAD_CLIENT_SECRET", "missing or invalid client secret", "invalid_client", ""), nil
	}
	switch form.Get("grant_type") {
	case "authorization_code":
		return p.exchangeCode(form), nil
	case "refresh_token":
		value := form.Get("refresh_token")
		g, ok := p.oauth.Refresh[digestOf(value)]
		if !ok {
			return oauthError("BAD_REFRESH_TOKEN", "missing or invalid refresh token", "invalid_grant", "refresh token is invalid, expired or revoked"), nil
		}
		return p.issue(g, value), nil
	case "client_credentials":
		t := p.addToken(Token{Kind: OAuth, AppID: p.opt.App.AppID, Scopes: strings.Fields(form.Get("scope")), ExpiresAt: p.present().Add(p.opt.App.Lifetime)})
		return reply(http.StatusOK, map[string]any{"access_token": t, "expires_in": int(p.opt.App.Lifetime.Seconds()), "token_type": "bearer", "token_use": "client_credentials"}), nil
	}
	return oauthError("BAD_GRANT_TYPE", "missing or unknown grant type", "unsupported_grant_type", ""), nil
}

func (p *Portal) exchangeCode(form url.Values) *answer {
	code := form.Get("code")
	g, ok := p.oauth.Codes[digestOf(code)]
	p.changes.document(docGrants)
	delete(p.oauth.Codes, digestOf(code)) // a code works once
	switch {
	case !ok || p.present().After(g.Expires):
		return oauthError("BAD_AUTH_CODE", "missing or unknown auth code", "invalid_grant", "")
	case g.Redirect != form.Get("redirect_uri"):
		return oauthError("BAD_REDIRECT_URI", "missing or unknown redirect URI", "invalid_grant", "")
	}
	if g.Challenge != "" {
		sum := sha256.Sum256([]byte(form.Get("code_verifier")))
		if base64.RawURLEncoding.EncodeToString(sum[:]) != g.Challenge {
			return oauthError("BAD_CODE_VERIFIER", "missing or invalid code verifier", "invalid_grant", "")
		}
	}
	value := p.opt.Hublet + "-" + p.uuid4()
	p.oauth.Refresh[digestOf(value)] = g
	return p.issue(g, value)
}

func (p *Portal) issue(g grant, refresh string) *answer {
	life := p.opt.App.Lifetime
	t := p.addToken(Token{Kind: OAuth, AppID: p.opt.App.AppID, UserID: demoUser, Scopes: g.Scopes, ExpiresAt: p.present().Add(life)})
	return reply(http.StatusOK, map[string]any{"token_use": "access_token", "token_type": "bearer", "access_token": t, "refresh_token": refresh,
		"expires_in": int(life.Seconds()), "hub_id": p.opt.PortalID, "user_id": demoUser, "scopes": g.Scopes})
}

// introspect is POST /oauth/…/token/introspect.
func (p *Portal) introspect(c *call) (*answer, *apiError) {
	form, err := url.ParseQuery(string(c.body))
	if err != nil {
		return nil, problem()
	}
	value := firstOf(form, "token", "access_token", "refresh_token")
	info := map[string]any{"active": true, "token": value, "token_type": "Bearer", "hub_id": p.opt.PortalID, "user_id": demoUser,
		"client_id": p.opt.App.ClientID, "app_id": p.opt.App.AppID, "user": "practice@example.com", "hub_domain": "practice.example", "is_private_distribution": true}
	if t := p.tokens[digestOf(value)]; t != nil && t.Kind == OAuth && p.present().Before(t.ExpiresAt) {
		info["token_use"], info["scopes"], info["expires_in"] = "access_token", t.Scopes, int(t.ExpiresAt.Sub(p.present()).Seconds())
		return reply(http.StatusOK, info), nil
	}
	if g, ok := p.oauth.Refresh[digestOf(value)]; ok {
		info["token_use"], info["scopes"] = "refresh_token", g.Scopes
		return reply(http.StatusOK, info), nil
	}
	return reply(http.StatusOK, map[string]any{"active": false}), nil
}

func firstOf(form url.Values, names ...string) string {
	for _, n := range names {
		if v := form.Get(n); v != "" {
			return v
		}
	}
	return ""
}

// revoke is POST /oauth/…/token/revoke: it ends the refresh token; access
// tokens that were issued live on.
func (p *Portal) revoke(c *call) (*answer, *apiError) {
	form, err := url.ParseQuery(string(c.body))
	if err != nil {
		return nil, problem()
	}
	delete(p.oauth.Refresh, digestOf(firstOf(form, "token", "refresh_token")))
	p.changes.document(docGrants)
	return reply(http.StatusOK, map[string]any{}), nil
}

func (p *Portal) describeAccess(c *call) (*answer, *apiError) {
	t := p.tokens[digestOf(c.args["token"])]
	if t == nil || t.Kind != OAuth {
		return nil, notFound()
	}
	return reply(http.StatusOK, map[string]any{"token": c.args["token"], "user": "practice@example.com", "hub_domain": "practice.example", "scopes": t.Scopes,
		"hub_id": p.opt.PortalID, "app_id": t.AppID, "expires_in": int(t.ExpiresAt.Sub(p.present()).Seconds()), "user_id": t.UserID, "token_type": "access"}), nil
}

func (p *Portal) describeRefresh(c *call) (*answer, *apiError) {
	g, ok := p.oauth.Refresh[digestOf(c.args["token"])]
	if !ok {
		return nil, notFound()
	}
	return reply(http.StatusOK, map[string]any{"token": c.args["token"], "hub_domain": "practice.example", "scopes": g.Scopes, "hub_id": p.opt.PortalID,
		"client_id": p.opt.App.ClientID, "user_id": demoUser, "token_type": "refresh"}), nil
}

func (p *Portal) dropRefresh(c *call) (*answer, *apiError) {
	delete(p.oauth.Refresh, digestOf(c.args["token"]))
	p.changes.document(docGrants)
	return noContent(), nil
}

// uninstall is DELETE /appinstalls/…/external-install: all the app's tokens end.
func (p *Portal) uninstall(c *call) (*answer, *apiError) {
	if c.token.Kind != OAuth {
		return nil, refuse(403, "", "Only an app that was installed can be uninstalled.")
	}
	for value, t := range p.tokens {
		if t.AppID == c.token.AppID {
			delete(p.tokens, value)
		}
	}
	clear(p.oauth.Refresh)
	p.changes.document(docTokens)
	p.changes.document(docGrants)
	return noContent(), nil
}
