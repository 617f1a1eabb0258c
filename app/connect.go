package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/redact"
)

// Connected is a new connection and where its secret is.
type Connected struct {
	store.Connection
	// InMemory says that the keychain could not keep the secret, which lives
	// until the program ends.
	InMemory bool
	Why      error
	// Missing are scopes that were asked for and not granted.
	Missing []string
}

// UnkeptError says that a sign-in worked and the keychain could not keep its
// secrets. KeepInMemory is the way out that needs no second consent.
type UnkeptError struct {
	Err    error // of package vault
	keep   func(context.Context) (Connected, error)
	revoke func(context.Context) error
}

func (e *UnkeptError) Error() string {
	return "the sign-in worked, but its secret could not be stored: " + e.Err.Error()
}

// Unwrap returns the keychain's error.
func (e *UnkeptError) Unwrap() error { return e.Err }

// KeepInMemory makes the connection with its secrets in memory until the
// program ends.
func (e *UnkeptError) KeepInMemory(ctx context.Context) (Connected, error) { return e.keep(ctx) }

// Discard gives the sign-in up: it is revoked at HubSpot, as far as it can be
// reached.
func (e *UnkeptError) Discard(ctx context.Context) error { return e.revoke(ctx) }

// ConnectToken connects a portal by a pasted token. The token is checked
// before anything is kept; it goes to the keychain, or with keep to memory where
// there is none.
func (a *App) ConnectToken(ctx context.Context, name, pasted string, keep bool) (made Connected, err error) {
	defer func() { a.logConnection("connect", made.Connection, err) }()
	name, err = connectionName(name)
	if err != nil {
		return Connected{}, err
	}
	token, err := hubspot.CleanToken(pasted)
	if err != nil {
		return Connected{}, err
	}
	base, account, info, err := a.discover(ctx, token)
	if err != nil {
		return Connected{}, err
	}
	c, err := a.connectionFor(ctx, name, account.PortalID)
	if err != nil {
		return Connected{}, err
	}
	before := c
	oauth, refresh, _ := a.installed(ctx, before) // nil where there was no sign-in
	c.Kind, c.APIURL, c.AppID, c.Scopes, c.Health, c.Checked = KindToken, base, info.AppID, info.Scopes, "", time.Now()
	c.ClientID, c.AskedScopes, c.UserID, c.UserEmail, c.HubDomain = "", nil, 0, "", ""
	describeAccount(&c, account)
	done := Connected{Connection: c}
	if err := a.Vault.Set(ctx, c.ID, token); err != nil {
		if !keep {
			return Connected{}, err
		}
		a.Vault.Keep(c.ID, token)
		done.InMemory, done.Why = true, err
	}
	a.forgetClients(c.ID)
	if err := a.Store.SaveConnection(ctx, c); err != nil {
		return Connected{}, err
	}
	if oauth != nil {
		done.Why = errors.Join(done.Why, a.endSignIn(ctx, before, oauth, refresh))
	}
	return done, a.dropApp(ctx, before.ClientID, c.ID)
}

// discover finds out which host a token works with, and what it is for.
func (a *App) discover(ctx context.Context, token string) (string, hubspot.Account, hubspot.TokenInfo, error) {
	a.Book.Hide(token)
	return hubspot.Discover(ctx, token, hubspot.Config{BaseURL: a.Env.APIURL, UserAgent: userAgent(), Transport: a.Env.Transport, Tokens: hubspot.StaticToken(token), Observe: a.observe("")})
}

func connectionName(name string) (string, error) {
	if name = strings.TrimSpace(name); name == "" {
		return "", errors.New("give the connection a name, such as Acme production")
	}
	if redact.Secrets(name) != name {
		return "", &UseError{Msg: "the name of the connection looks like a token, and names are shown and stored: give it a name, such as Acme production, and paste the token where it is asked for"}
	}
	return name, nil
}

// connectionFor is the connection of that name, or a new one. A name that
// belongs to another portal is refused: syncs that use it would write there. So
// is a portal that is connected already: two connections would share its sign-in
// and its limits without knowing of each other.
func (a *App) connectionFor(ctx context.Context, name string, portalID int64) (store.Connection, error) {
	c, err := a.Store.Connection(ctx, name)
	switch {
	case errors.Is(err, store.ErrNotFound):
		c = store.Connection{ID: uuid.NewString(), Name: name, PortalID: portalID, Created: time.Now()}
		return c, a.onlyConnection(ctx, portalID)
	case err != nil:
		return c, err
	case c.Kind == KindPractice:
		return c, fmt.Errorf("the name %q belongs to the practice portal: choose another name", name)
	case c.PortalID != portalID:
		return c, fmt.Errorf("the name %q belongs to portal %d already and this sign-in is for portal %d: choose another name", name, c.PortalID, portalID)
	}
	return c, nil
}

// onlyConnection refuses a portal that has a connection. The practice portal's
// own does not count: it never leaves this program, whatever its number.
func (a *App) onlyConnection(ctx context.Context, portalID int64) error {
	all, err := a.Store.Connections(ctx)
	if err != nil {
		return err
	}
	for _, other := range all {
		if other.PortalID == portalID && other.Kind != KindPractice {
			return &UseError{Msg: fmt.Sprintf("the portal %d is connected already as %q: reconnect or rename that one", portalID, other.Name)}
		}
	}
	return nil
}

func describeAccount(c *store.Connection, account hubspot.Account) {
	c.PortalID, c.PortalName, c.AccountType, c.UIDomain = account.PortalID, account.Name, account.Type, account.UIDomain
}

// forgetClients makes the next client of a connection begin anew.
func (a *App) forgetClients(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.limiters, id)
	delete(a.tokens, id)
}

// Rename gives a connection another name. Definitions that use the old one go
// on to find it, until another connection takes that name.
func (a *App) Rename(ctx context.Context, name, to string) error {
	to, err := connectionName(to)
	if err != nil {
		return err
	}
	c, err := a.Store.Connection(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("there is no connection %q", name)
	}
	if err != nil {
		return err
	}
	if c.Kind == KindPractice {
		return errors.New("the practice portal keeps its name: the samples use it")
	}
	other, err := a.Store.Connection(ctx, to)
	switch {
	case err == nil && other.ID != c.ID:
		return fmt.Errorf("another connection is named %q: choose another name", to)
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return err
	}
	former := slices.DeleteFunc(slices.Clone(c.FormerNames), func(s string) bool { return strings.EqualFold(s, to) || strings.EqualFold(s, c.Name) })
	if !strings.EqualFold(c.Name, to) {
		former = append(former, c.Name)
	}
	c.Name, c.FormerNames = to, former
	return a.Store.SaveConnection(ctx, c)
}
