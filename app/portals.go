package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"syncline/store"
	"syncline/sync/hubspot"
)

// The kinds of connection.
const (
	KindPractice = "practice"
	KindToken    = "token" // private-app token or service key
	KindOAuth    = "oauth" // signed in by the browser
)

// PracticeName is the name of the practice portal's connection.
const PracticeName = "Practice portal"

// SignInError says that a portal can't be used before somebody signs in.
type SignInError struct {
	Portal string
	Msg    string
	Cause  Cause
	Err    error
}

func (e *SignInError) Error() string { return e.Msg }

// Unwrap returns the cause.
func (e *SignInError) Unwrap() error { return e.Err }

// Portal is a portal that can be called.
type Portal struct {
	store.Connection
	Client *hubspot.Client
}

// Portal returns the portal of a name; "" means the only one there is. A token in the
// environment comes before every connection.
func (a *App) Portal(ctx context.Context, name string) (Portal, error) {
	if a.Env.Token != "" {
		return a.environmentPortal(ctx)
	}
	c, err := a.connection(ctx, name)
	if err != nil {
		return Portal{}, err
	}
	return a.connected(ctx, c)
}

// SourcePortal returns the portal that is the source of a sync: by its own
// connection, whatever the environment says of the other side, or by
// SYNCLINE_SOURCE_TOKEN.
func (a *App) SourcePortal(ctx context.Context, name string) (Portal, error) {
	if a.Env.SourceToken != "" {
		return a.sourceEnvironment(ctx, name)
	}
	return a.byConnection(ctx, name, "the portal %q, which is the source, is not connected: connect it first, or give its token by SYNCLINE_SOURCE_TOKEN")
}

// byConnection is the portal of a connection of that name, whatever the
// environment says.
func (a *App) byConnection(ctx context.Context, name, absent string) (Portal, error) {
	c, err := a.named(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return Portal{}, &SignInError{Portal: name, Cause: WhichPortal, Msg: fmt.Sprintf(absent, name)}
	}
	if err != nil {
		return Portal{}, err
	}
	return a.connected(ctx, c)
}

// sourceEnvironmentID stands for the connection of SYNCLINE_SOURCE_TOKEN, which is
// never kept.
const sourceEnvironmentID = "source-environment"

func (a *App) sourceEnvironment(ctx context.Context, name string) (Portal, error) {
	token, err := hubspot.CleanToken(a.Env.SourceToken)
	if err != nil {
		return Portal{}, &SignInError{Msg: "SYNCLINE_SOURCE_TOKEN is no token: " + err.Error(), Err: err}
	}
	a.Book.Hide(token)
	base := a.Env.SourceAPIURL
	if base == "" {
		if base, _, _, err = hubspot.Discover(ctx, token, hubspot.Config{UserAgent: userAgent(), Transport: a.Env.Transport, Observe: a.observe(sourceEnvironmentID)}); err != nil {
			return Portal{}, err
		}
	}
	client, err := a.client(sourceEnvironmentID, hubspot.Config{BaseURL: base, Transport: a.Env.Transport, Tokens: hubspot.StaticToken(token), UserAgent: userAgent()})
	if err != nil {
		return Portal{}, &UseError{Msg: "SYNCLINE_SOURCE_API_URL can't be used: " + strings.TrimPrefix(err.Error(), "hubspot: ")}
	}
	return Portal{Connection: store.Connection{ID: sourceEnvironmentID, Name: name, Kind: KindToken, APIURL: base}, Client: client}, nil
}

// connected is the portal of a connection.
func (a *App) connected(ctx context.Context, c store.Connection) (_ Portal, err error) {
	cfg := hubspot.Config{BaseURL: c.APIURL, UserAgent: userAgent(), Transport: a.Env.Transport, AppID: c.AppID}
	switch c.Kind {
	case KindPractice:
		p, err := a.practicePortal(ctx)
		if err != nil {
			return Portal{}, err
		}
		cfg.BaseURL, cfg.Transport, cfg.Tokens = "", p.portal.Transport(), hubspot.StaticToken(p.portal.Token())
	case KindOAuth:
		if cfg.Tokens, err = a.tokensOf(ctx, c); err != nil {
			return Portal{}, err
		}
	default:
		token, err := a.secretOf(ctx, c)
		if err != nil {
			return Portal{}, err
		}
		cfg.Tokens = hubspot.StaticToken(token)
	}
	client, err := a.client(c.ID, cfg)
	return Portal{Connection: c, Client: client}, err
}

// secretOf reads the secret of a connection.
func (a *App) secretOf(ctx context.Context, c store.Connection) (string, error) {
	secret, err := a.Vault.Get(ctx, c.ID)
	if err != nil {
		return "", &SignInError{Portal: c.Name, Msg: fmt.Sprintf("the secret of the connection %q can't be read: %v", c.Name, err), Err: err}
	}
	return secret, nil
}

// client makes a client that shares the limits of its connection.
func (a *App) client(id string, cfg hubspot.Config) (*hubspot.Client, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	cfg.Limiter, cfg.Observe, cfg.Tokens = a.limiters[id], a.observe(id), a.hiding(cfg.Tokens)
	c, err := hubspot.New(cfg)
	if err == nil {
		a.limiters[id] = c.Limiter()
	}
	return c, err
}

// environmentID stands for the connection of SYNCLINE_TOKEN, which is never
// kept.
const environmentID = "environment"

// tokenScopes asks what a token may do; nil when the portal does not tell,
// which is no fault.
func tokenScopes(ctx context.Context, c *hubspot.Client) ([]string, error) {
	info, err := c.TokenInfo(ctx)
	var lost *hubspot.TransportError
	if errors.As(err, &lost) {
		return nil, err
	}
	return info.Scopes, nil
}

func (a *App) environmentPortal(ctx context.Context) (Portal, error) {
	token, err := hubspot.CleanToken(a.Env.Token)
	if err != nil {
		return Portal{}, &SignInError{Msg: "SYNCLINE_TOKEN is no token: " + err.Error(), Err: err}
	}
	base, err := a.environmentHost(ctx, token)
	if err != nil {
		return Portal{}, err
	}
	client, err := a.client(environmentID, hubspot.Config{BaseURL: base, Transport: a.Env.Transport, Tokens: hubspot.StaticToken(token), UserAgent: userAgent()})
	if err != nil {
		return Portal{}, &UseError{Msg: "SYNCLINE_API_URL can't be used: " + strings.TrimPrefix(err.Error(), "hubspot: ")}
	}
	return Portal{Connection: store.Connection{ID: environmentID, Name: "SYNCLINE_TOKEN", Kind: KindToken, APIURL: base}, Client: client}, err
}

func (a *App) connection(ctx context.Context, name string) (store.Connection, error) {
	if name != "" {
		c, err := a.named(ctx, name)
		if errors.Is(err, store.ErrNotFound) {
			return c, &SignInError{Portal: name, Cause: WhichPortal, Msg: fmt.Sprintf("the portal %q is not connected: connect it first", name)}
		}
		return c, err
	}
	all, err := a.Store.Connections(ctx)
	if err != nil {
		return store.Connection{}, err
	}
	switch len(all) {
	case 0:
		return store.Connection{}, &SignInError{Cause: NoPortal, Msg: "no portal is connected: connect one first"}
	case 1:
		return all[0], nil
	}
	var names []string
	for _, c := range all {
		names = append(names, c.Name)
	}
	return store.Connection{}, &SignInError{Cause: WhichPortal, Msg: fmt.Sprintf("several portals are connected (%s): name one with hubspot.portal in the definition", strings.Join(names, ", "))}
}

// named finds a connection by its name, or by one that it had before: the
// definitions of syncs may still use that.
func (a *App) named(ctx context.Context, name string) (store.Connection, error) {
	c, err := a.Store.Connection(ctx, name)
	if !errors.Is(err, store.ErrNotFound) {
		return c, err
	}
	all, lerr := a.Store.Connections(ctx)
	if lerr != nil {
		return c, lerr
	}
	for _, other := range all {
		if slices.ContainsFunc(other.FormerNames, func(former string) bool { return strings.EqualFold(former, name) }) {
			return other, nil
		}
	}
	return c, err
}

// Health is what testing a connection found.
type Health struct {
	store.Connection
	Granted []string
	Err     error
}

// Test asks the portal whether the connection works, and keeps what it says.
func (a *App) Test(ctx context.Context, name string) (Health, error) {
	p, err := a.Portal(ctx, name)
	if err != nil {
		return Health{}, err
	}
	h := Health{Connection: p.Connection}
	account, err := p.Client.Account(ctx)
	if err == nil {
		h.PortalID, h.PortalName, h.AccountType, h.UIDomain = account.PortalID, account.Name, account.Type, account.UIDomain
		a.describe(ctx, &h.Connection, p.Client)
	}
	h.Err, h.Checked, h.Health = err, time.Now(), ""
	if err != nil {
		h.Health = Explain(err).What
	}
	h.Granted = h.Scopes
	if h.ID == environmentID {
		return h, nil
	}
	return h, a.Store.SaveCheck(ctx, h.Connection)
}

// describe asks what a connection's token may do. The portal answers some
// tokens with no details; that is no fault.
func (a *App) describe(ctx context.Context, c *store.Connection, client *hubspot.Client) {
	if c.Kind == KindOAuth {
		if oauth, refresh, err := a.installed(ctx, *c); err == nil {
			if found, err := oauth.Introspect(ctx, refresh); err == nil && found.Active {
				adopt(c, found)
			}
		}
		return
	}
	if info, err := client.TokenInfo(ctx); err == nil && len(info.Scopes) > 0 {
		c.Scopes, c.AppID = info.Scopes, info.AppID
	}
}
