package practice

import (
	"crypto/sha256"
	"encoding/base64"
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
	Name                   string // as the consent page shows it
	RedirectURLs           []string
	Scopes                 []string // that the app is set up for
	Required               []string // of them, those that every consent must ask for as required
	Unavailable            []string // of them, those that this portal's subscription does not have
	Lifetime               time.Duration
	// RotateRefresh gives another refresh token with every refresh and ends the
	// one that was used. HubSpot normally gives the same one back.
	RotateRefresh bool
	// NoRights is a person who may not install apps.
	NoRights bool
	// NoJournal is an app that was not given the webhooks journal.
	NoJournal bool
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
	if a.Name == "" {
		a.Name = "Practice app"
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
	Gone      bool `json:",omitempty"` // the app was uninstalled
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
	form, refused := p.form(c)
	if refused != nil {
		return refused, nil
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
		if g.Gone {
			return oauthError("BAD_HUB", "missing or unknown hub id", "access_denied", ""), nil
		}
		if p.opt.App.RotateRefresh {
			delete(p.oauth.Refresh, digestOf(value))
			value = p.newRefresh(g)
		}
		return p.issue(g, value), nil
	case "client_credentials":
		for _, s := range strings.Fields(form.Get("scope")) {
			journal := !p.opt.App.NoJournal && (s == scopeJournal || !p.opt.Switches.JournalScopeAlone && (s == scopeJournalSubs || s == scopeJournalWrite))
			if !journal && !slices.Contains(p.opt.App.Scopes, s) {
				return oauthError("BAD_SCOPES", "missing or invalid scopes", "invalid_scope", ""), nil
			}
		}
		t := p.addToken(Token{Kind: OAuth, OfApp: true, AppID: p.opt.App.AppID, Scopes: strings.Fields(form.Get("scope")), ExpiresAt: p.present().Add(p.opt.App.Lifetime)})
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
	return p.issue(g, p.newRefresh(g))
}

// form reads the form of a call that the app's backend makes, and refuses one
// that does not prove to be the app's.
func (p *Portal) form(c *call) (url.Values, *answer) {
	form, err := url.ParseQuery(string(c.body))
	switch {
	case err != nil || !c.form:
		return nil, oauthError("BAD_GRANT_TYPE", "missing or unknown grant type", "invalid_request", "")
	case form.Get("client_id") != p.opt.App.ClientID:
		return nil, oauthError("BAD_CLIENT_ID", "missing or unknown client id", "invalid_client", "")
	case form.Get("client_secret") != p.opt.App.ClientSecret:
		return nil, oauthError("BAD_CLIENT_SECRET", "missing or invalid client secret", "invalid_client", "")
	}
	return form, nil
}

func (p *Portal) newRefresh(g grant) string {
	value := p.opt.Hublet + "-" + p.uuid4()
	p.oauth.Refresh[digestOf(value)] = g
	p.changes.document(docGrants)
	return value
}

func (p *Portal) issue(g grant, refresh string) *answer {
	life := p.opt.App.Lifetime
	t := p.addToken(Token{Kind: OAuth, AppID: p.opt.App.AppID, UserID: demoUser, Scopes: g.Scopes, ExpiresAt: p.present().Add(life)})
	return reply(http.StatusOK, map[string]any{"token_use": "access_token", "token_type": "bearer", "access_token": t, "refresh_token": refresh,
		"expires_in": int(life.Seconds()), "hub_id": p.opt.PortalID, "user_id": demoUser, "scopes": g.Scopes})
}

// introspect is POST /oauth/…/token/introspect.
func (p *Portal) introspect(c *call) (*answer, *apiError) {
	form, refused := p.form(c)
	if refused != nil {
		return refused, nil
	}
	value := firstOf(form, "token", "access_token", "refresh_token")
	info := map[string]any{"active": true, "token": value, "token_type": "Bearer", "hub_id": p.opt.PortalID, "user_id": demoUser,
		"client_id": p.opt.App.ClientID, "app_id": p.opt.App.AppID, "user": "practice@example.com", "hub_domain": "practice.example", "is_private_distribution": true}
	if t := p.tokens[digestOf(value)]; t != nil && t.Kind == OAuth && p.present().Before(t.ExpiresAt) {
		info["token_use"], info["scopes"], info["expires_in"] = "access_token", t.Scopes, int(t.ExpiresAt.Sub(p.present()).Seconds())
		return reply(http.StatusOK, info), nil
	}
	if g, ok := p.oauth.Refresh[digestOf(value)]; ok && !g.Gone {
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
	form, refused := p.form(c)
	if refused != nil {
		return refused, nil
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
// By default a private app has nothing to uninstall.
func (p *Portal) uninstall(c *call) (*answer, *apiError) {
	if c.token.Kind != OAuth {
		if p.opt.Switches.UninstallRevokesAll {
			p.endInstallation(c.token.AppID)
			return noContent(), nil
		}
		return nil, refuse(403, "", "Only an app that was installed can be uninstalled.")
	}
	p.endInstallation(c.token.AppID)
	return noContent(), nil
}

// Uninstall removes the OAuth app from the portal, as an administrator does
// under Connected apps: its tokens end, all of them.
func (p *Portal) Uninstall() {
	p.mu.Lock()
	defer p.leave()
	p.endInstallation(p.opt.App.AppID)
}

func (p *Portal) endInstallation(appID int64) {
	for value, t := range p.tokens {
		if t.AppID == appID {
			delete(p.tokens, value)
		}
	}
	for value, g := range p.oauth.Refresh {
		g.Gone = p.opt.Switches.UninstalledSaysHub
		if p.oauth.Refresh[value] = g; !g.Gone {
			delete(p.oauth.Refresh, value)
		}
	}
	p.changes.document(docTokens)
	p.changes.document(docGrants)
}
