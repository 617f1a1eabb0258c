package app

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"syncline/app/auth"
	"syncline/app/vault"
	"syncline/store"
	"syncline/sync/hubspot"
)

// appSecret is the name of an app's client secret in the vault.
func appSecret(clientID string) string { return "app:" + clientID }

// clientSecret finds the secret of an app: in the keychain, in the environment,
// in the build.
func (a *App) clientSecret(ctx context.Context, clientID string) (string, error) {
	secret, err := a.Vault.Get(ctx, appSecret(clientID))
	switch {
	case err == nil:
		return secret, nil
	case a.Env.Credentials.ClientID == clientID && a.Env.Credentials.ClientSecret != "":
		return a.Env.Credentials.ClientSecret, nil
	case DefaultClientID == clientID && DefaultClientSecret != "":
		return DefaultClientSecret, nil
	}
	return "", err
}

// oauth is the sign-in of an app at an API host.
func (a *App) oauth(app hubspot.OAuthApp, base string) (*hubspot.OAuth, error) {
	o, err := hubspot.NewOAuth(hubspot.OAuthConfig{App: app, AuthorizeURL: a.authorizeURL(base), BaseURL: base, Transport: a.Env.Transport, UserAgent: userAgent()})
	if err != nil {
		return nil, &UseError{Msg: "the sign-in can't be reached: " + strings.TrimPrefix(err.Error(), "hubspot: ")}
	}
	return o, nil
}

// authorizeURL is where people consent. A portal on this computer, which is a
// practice portal, has its own page.
func (a *App) authorizeURL(base string) string {
	if a.Env.AuthorizeURL != "" {
		return a.Env.AuthorizeURL
	}
	if u, err := url.Parse(base); err == nil && base != "" {
		if hubspot.IsLoopback(u.Hostname()) {
			return base
		}
	}
	return ""
}

// installed is the sign-in of a connection with its refresh token.
func (a *App) installed(ctx context.Context, c store.Connection) (*hubspot.OAuth, string, error) {
	if c.Kind != KindOAuth {
		return nil, "", fmt.Errorf("the connection %q was not made by the browser", c.Name)
	}
	refresh, err := a.secretOf(ctx, c)
	if err != nil {
		return nil, "", err
	}
	secret, err := a.clientSecret(ctx, c.ClientID)
	if err != nil {
		return nil, "", &SignInError{Portal: c.Name, Msg: fmt.Sprintf("the client secret of the connection %q can't be read: %v", c.Name, err), Err: err}
	}
	oauth, err := a.oauth(hubspot.OAuthApp{ClientID: c.ClientID, ClientSecret: secret}, c.APIURL)
	return oauth, refresh, err
}

// tokensOf gives the access tokens of a connection by sign-in. The first call
// for a connection reads its secrets, so that a missing one is told at once.
func (a *App) tokensOf(ctx context.Context, c store.Connection) (hubspot.TokenSource, error) {
	a.mu.Lock()
	known := a.tokens[c.ID]
	a.mu.Unlock()
	if known != nil {
		return known, nil
	}
	oauth, _, err := a.installed(ctx, c)
	if err != nil {
		return nil, err
	}
	return a.sharedTokens(c, oauth), nil
}

// sharedTokens is the one source of a connection's access tokens in this process.
func (a *App) sharedTokens(c store.Connection, oauth *hubspot.OAuth) *auth.Tokens {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.tokens[c.ID] == nil {
		a.tokens[c.ID] = auth.NewTokens(auth.TokensConfig{OAuth: oauth, Keeper: &keeper{a, c}, Lost: func(err error) { a.ail(c.ID, err) }})
	}
	return a.tokens[c.ID]
}

// ail notes that a connection needs a person, and makes the next use of it
// read its secrets anew: they may have been replaced by another process. That it
// can't be noted is no reason to hide the error that it is about.
func (a *App) ail(id string, err error) {
	a.mu.Lock()
	delete(a.tokens, id)
	a.mu.Unlock()
	_ = a.Store.SetHealth(context.Background(), id, Explain(err).What)
}

// keeper keeps the refresh token of one connection in the vault.
type keeper struct {
	app *App
	c   store.Connection
}

// Load implements [auth.Keeper].
func (k *keeper) Load(ctx context.Context) (string, error) { return k.app.secretOf(ctx, k.c) }

// Save implements [auth.Keeper]. Where the keychain fails in the middle of a
// run, the run goes on with the new token in memory, and the connection says so.
func (k *keeper) Save(ctx context.Context, refreshToken string) error {
	err := k.app.Vault.Set(ctx, k.c.ID, refreshToken)
	if err == nil || !vault.MayKeep(err) {
		return err
	}
	k.app.Vault.Keep(k.c.ID, refreshToken)
	health := fmt.Sprintf("HubSpot changed the secret of this connection and the keychain could not store it (%v). It is kept in memory until you quit: unlock the keychain and reconnect", err)
	return k.app.Store.SetHealth(ctx, k.c.ID, health)
}
