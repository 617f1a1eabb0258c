package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"syncline/app/vault"
	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/redact"
)

// The kinds of connection.
const (
	KindPractice = "practice"
	KindToken    = "token" // private-app token or service key
)

// PracticeName is the name of the practice portal's connection.
const PracticeName = "Practice portal"

// SignInError says that a portal can't be used before somebody signs in.
type SignInError struct {
	Portal string
	Msg    string
	Err    error
}

func (e *SignInError) Error() string { return e.Msg }

// Unwrap returns the cause.
func (e *SignInError) Unwrap() error { return e.Err }

// Connected is a new connection and where its secret is.
type Connected struct {
	store.Connection
	// InMemory says that the keychain could not keep the secret, which lives
	// until the program ends.
	InMemory bool
	Why      error
}

// ConnectToken connects a portal by a pasted token. The token is checked
// before anything is kept; it goes to the keychain, or with keep to memory where
// there is none.
func (a *App) ConnectToken(ctx context.Context, name, pasted string, keep bool) (done Connected, err error) {
	defer func() { a.logConnection("connect", done.Connection, err) }()
	name = strings.TrimSpace(name)
	if name == "" {
		return Connected{}, errors.New("give the connection a name, such as Acme production")
	}
	if redact.Secrets(name) != name {
		return Connected{}, &UseError{Msg: "the name of the connection looks like a token, and names are shown and stored: give it a name, such as Acme production, and paste the token where it is asked for"}
	}
	token, err := hubspot.CleanToken(pasted)
	if err != nil {
		return Connected{}, err
	}
	a.Book.Hide(token)
	base, account, info, err := hubspot.Discover(ctx, token, hubspot.Config{BaseURL: a.Env.APIURL, UserAgent: userAgent(), Tokens: hubspot.StaticToken(token),
		Transport: a.Transport, Observe: a.observe("")})
	if err != nil {
		return Connected{}, err
	}
	now := time.Now()
	c := store.Connection{ID: uuid.NewString(), Name: name, Kind: KindToken, PortalID: account.PortalID, PortalName: account.Name, AccountType: account.Type,
		APIURL: base, UIDomain: account.UIDomain, AppID: info.AppID, Scopes: info.Scopes, Created: now, Checked: now}
	if old, err := a.Store.Connection(ctx, name); err == nil {
		if old.PortalID != c.PortalID {
			return Connected{}, fmt.Errorf("the name %q belongs to portal %d already and this token is for portal %d: choose another name", name, old.PortalID, c.PortalID)
		}
		c.ID, c.Created = old.ID, old.Created
	} else if !errors.Is(err, store.ErrNotFound) {
		return Connected{}, err
	}
	done = Connected{Connection: c}
	if err := a.Vault.Set(ctx, c.ID, token); err != nil {
		if !keep {
			return Connected{}, err
		}
		a.Vault.Keep(c.ID, token)
		done.InMemory, done.Why = true, err
	}
	a.mu.Lock()
	delete(a.limiters, c.ID)
	a.mu.Unlock()
	return done, a.Store.SaveConnection(ctx, c)
}

// Disconnect forgets a connection and its secret.
func (a *App) Disconnect(ctx context.Context, name string) (err error) {
	var c store.Connection
	defer func() { a.logConnection("disconnect", c, err) }()
	c, err = a.Store.Connection(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("there is no connection %q", name)
	}
	if err != nil {
		return err
	}
	if c.Kind != KindPractice {
		if err := a.Vault.Delete(ctx, c.ID); err != nil && !errors.Is(err, vault.ErrUnavailable) {
			return err
		}
	}
	return a.Store.DeleteConnection(ctx, c.ID)
}

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
	cfg := hubspot.Config{BaseURL: c.APIURL, UserAgent: userAgent()}
	if c.Kind == KindPractice {
		p, err := a.practicePortal(ctx)
		if err != nil {
			return Portal{}, err
		}
		cfg.BaseURL, cfg.Transport, cfg.Tokens = "", p.portal.Transport(), hubspot.StaticToken(p.portal.Token())
	} else {
		token, err := a.Vault.Get(ctx, c.ID)
		if err != nil {
			return Portal{}, &SignInError{Portal: c.Name, Msg: fmt.Sprintf("the secret of the connection %q can't be read: %v", c.Name, err), Err: err}
		}
		cfg.Tokens = hubspot.StaticToken(token)
	}
	client, err := a.client(c.ID, cfg)
	return Portal{Connection: c, Client: client}, err
}

// client makes a client that shares the limits of its connection.
func (a *App) client(id string, cfg hubspot.Config) (*hubspot.Client, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	cfg.Limiter, cfg.Observe, cfg.Tokens = a.limiters[id], a.observe(id), a.hiding(cfg.Tokens)
	cfg.Transport = cmp.Or(cfg.Transport, a.Transport)
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
	client, err := a.client(environmentID, hubspot.Config{BaseURL: base, Tokens: hubspot.StaticToken(token), UserAgent: userAgent()})
	if err != nil {
		return Portal{}, &UseError{Msg: "SYNCLINE_API_URL can't be used: " + strings.TrimPrefix(err.Error(), "hubspot: ")}
	}
	return Portal{Connection: store.Connection{ID: environmentID, Name: "SYNCLINE_TOKEN", Kind: KindToken, APIURL: base}, Client: client}, err
}

func (a *App) connection(ctx context.Context, name string) (store.Connection, error) {
	if name != "" {
		c, err := a.Store.Connection(ctx, name)
		if errors.Is(err, store.ErrNotFound) {
			return c, &SignInError{Portal: name, Msg: fmt.Sprintf("the portal %q is not connected: connect it first, or choose another with --portal", name)}
		}
		return c, err
	}
	all, err := a.Store.Connections(ctx)
	if err != nil {
		return store.Connection{}, err
	}
	switch len(all) {
	case 0:
		return store.Connection{}, &SignInError{Msg: "no portal is connected: connect one first, or set SYNCLINE_TOKEN"}
	case 1:
		return all[0], nil
	}
	var names []string
	for _, c := range all {
		names = append(names, c.Name)
	}
	return store.Connection{}, &SignInError{Msg: fmt.Sprintf("several portals are connected (%s): name one with hubspot.portal in the definition or with --portal", strings.Join(names, ", "))}
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
		var info hubspot.TokenInfo
		// The portal answers some tokens with no details; that is no fault.
		if info, _ = p.Client.TokenInfo(ctx); len(info.Scopes) > 0 {
			h.Scopes, h.AppID = info.Scopes, info.AppID
		}
	}
	h.Err, h.Checked, h.Health = err, time.Now(), ""
	if err != nil {
		h.Health = Explain(err).What
	}
	h.Granted = h.Scopes
	if h.ID == environmentID {
		return h, nil
	}
	return h, a.Store.SaveConnection(ctx, h.Connection)
}
