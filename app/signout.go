package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"syncline/app/auth"
	"syncline/app/vault"
	"syncline/store"
	"syncline/sync/hubspot"
)

// SignedOut is what came of ending a connection.
type SignedOut struct {
	Name string
	// Revoked says that HubSpot has ended the app's access. Tokens that a person
	// made in HubSpot are ended there.
	Revoked bool
	// Shared says that the sign-in goes on, because another connection uses it.
	Shared bool
	// Err is why HubSpot did not; nil where there was nothing to end.
	Err error
}

// Note is what a person should know of the end, "" for nothing.
func (s SignedOut) Note() string {
	switch {
	case s.Shared:
		return "The app keeps its access at HubSpot: another connection uses the same sign-in"
	case s.Err != nil:
		return fmt.Sprintf("HubSpot could not be told (%v): uninstall the app under Settings, Connected apps, if it shall have no access", s.Err)
	}
	return ""
}

// SignOut ends a connection: the sign-in is revoked at HubSpot as far as it
// can be reached, and the secrets are deleted in any case. A connection whose
// secrets the keychain does not give up stays, and can be ended again. Syncs and
// their history stay.
func (a *App) SignOut(ctx context.Context, name string) (ended SignedOut, err error) {
	var c store.Connection
	defer func() { a.logConnection("disconnect", c, err) }()
	c, err = a.Store.Connection(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return SignedOut{}, fmt.Errorf("there is no connection %q", name)
	}
	if err != nil {
		return SignedOut{}, err
	}
	done := SignedOut{Name: c.Name}
	if c.Kind == KindOAuth {
		done.Revoked, done.Err = a.revoke(ctx, c)
		if done.Shared = errors.Is(done.Err, errShared); done.Shared {
			done.Err = nil
		}
	}
	a.forgetClients(c.ID)
	if c.Kind != KindPractice {
		// The app's goes last: without it the other could not be revoked.
		err := errors.Join(a.forgetWebhook(ctx, c.ID), a.forgetSecret(ctx, c.ID))
		if err == nil {
			err = a.dropApp(ctx, c.ClientID, c.ID)
		}
		if err != nil {
			return done, a.keptSecret(ctx, c, done, err)
		}
	}
	err = a.Store.DeleteConnection(ctx, c.ID)
	a.restartReceiving()
	return done, err
}

// endedHealth is how a connection is whose sign-in is revoked and whose secret
// could not be deleted.
const endedHealth = "The sign-in is revoked, and its secret is still in the keychain: disconnect again to delete it"

// keptSecret says what became of a connection whose secret could not be
// deleted.
func (a *App) keptSecret(ctx context.Context, c store.Connection, done SignedOut, err error) error {
	if !done.Revoked {
		return fmt.Errorf("the connection %q stays, because its secret could not be deleted from the keychain: %w", c.Name, err)
	}
	return errors.Join(fmt.Errorf("the sign-in of %q is revoked at HubSpot, but its secret is still in the keychain; disconnect again to delete it: %w", c.Name, err),
		a.Store.SetHealth(context.WithoutCancel(ctx), c.ID, endedHealth))
}

// forgetWebhook deletes the secret of a connection's webhook, if it ever had one: a
// keychain that is locked is not asked for nothing.
func (a *App) forgetWebhook(ctx context.Context, id string) error {
	switch _, err := a.Store.Webhook(ctx, id); {
	case errors.Is(err, store.ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	return a.forgetSecret(ctx, webhookSecret(id))
}

// forgetSecret deletes a secret. What was in memory only is gone whether or
// not there is a keychain, or an open one.
func (a *App) forgetSecret(ctx context.Context, name string) error {
	inMemory := a.Vault.InMemory(name)
	err := a.Vault.Delete(ctx, name)
	if errors.Is(err, vault.ErrUnavailable) || inMemory && vault.MayKeep(err) {
		return nil
	}
	return err
}

// revokeLimit is how long a disconnecting person waits for HubSpot.
const revokeLimit = 20 * time.Second

// errShared says why a sign-in was left as it is.
var errShared = errors.New("another connection uses the same sign-in, which goes on")

// revoke ends the sign-in of a connection at HubSpot. One that was revoked
// already has ended.
func (a *App) revoke(ctx context.Context, c store.Connection) (revoked bool, err error) {
	if c.Health == endedHealth {
		return true, nil
	}
	oauth, refresh, err := a.installed(ctx, c)
	if err == nil {
		err = a.endSignIn(ctx, c, oauth, refresh)
	}
	var known *auth.Error
	if errors.As(err, &known) && known.Reason == auth.Revoked {
		err = nil
	}
	return err == nil, err
}

// endSignIn revokes a connection's refresh token, unless another connection
// has the same portal by the same app: HubSpot may have given both the same
// one. A portal of 0 is not known, and may be any.
func (a *App) endSignIn(ctx context.Context, c store.Connection, oauth *hubspot.OAuth, refresh string) error {
	all, err := a.Store.Connections(ctx)
	if err != nil {
		return err
	}
	for _, other := range all {
		if other.ID != c.ID && other.ClientID == c.ClientID && (other.PortalID == c.PortalID || c.PortalID == 0) {
			return errShared
		}
	}
	ctx, cancel := context.WithTimeout(ctx, revokeLimit)
	defer cancel()
	return auth.Explain(oauth.Revoke(ctx, refresh))
}

// dropApp deletes an app's secret when no connection but the one that leaves
// it uses the app.
func (a *App) dropApp(ctx context.Context, clientID, leaving string) error {
	if clientID == "" {
		return nil
	}
	all, err := a.Store.Connections(ctx)
	if err != nil || slices.ContainsFunc(all, func(c store.Connection) bool { return c.ClientID == clientID && c.ID != leaving }) {
		return err
	}
	return a.forgetSecret(ctx, appSecret(clientID))
}
