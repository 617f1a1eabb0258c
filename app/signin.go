package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"syncline/app/auth"
	"syncline/app/vault"
	"syncline/store"
	"syncline/sync/hubspot"
)

// BrowserSignIn is a connection that a person makes in the browser.
type BrowserSignIn struct {
	// Name is the connection's: a new one, or one of the same portal, which is
	// then connected again.
	Name string
	// App is the HubSpot app to sign in with. A zero one means, in this order:
	// the one of the environment, the one that the connection was made with, the
	// only one that any connection was made with, the one of the build.
	App hubspot.OAuthApp
	// Scopes are those that the consent is required for; nil means DefaultScopes.
	// Optional ones are granted where the portal has what they are for. An app
	// must be set up in HubSpot for all of them.
	Scopes, Optional []string
	// Keep holds the secrets in memory until the program ends where the keychain
	// can't keep them. Without it, an *UnkeptError offers the same afterwards.
	Keep bool
	// Link is told the address of HubSpot's page before the browser is opened.
	Link func(address string)
	// Unopened is told that no browser could be opened; the sign-in goes on.
	Unopened func(error)
	// Limit is how long to wait for the person; 0 means auth.Limit.
	Limit time.Duration
}

// DefaultScopes are the least that a first sync needs: reading and writing
// contacts and companies.
func DefaultScopes() []string {
	usual := hubspot.OfferedTypes()
	scopes, _ := ScopesFor(usual[0].Name, usual[1].Name)
	return scopes
}

// Askable are the object types that a sign-in offers to ask for beyond those.
func Askable() []hubspot.ObjectType { return hubspot.OfferedTypes()[2:6] }

// ScopesFor returns the scopes to read and write records of object types, with
// the one that every sign-in needs.
func ScopesFor(objects ...string) ([]string, error) {
	scopes := []string{hubspot.SignInScope}
	for _, name := range objects {
		object, ok := hubspot.FindObjectType(name)
		if !ok {
			return nil, fmt.Errorf("%q is no object type", name)
		}
		scopes = append(scopes, hubspot.MissingScopes(scopes, slices.Concat(hubspot.ReadScopes(object), hubspot.WriteScopes(object)))...)
	}
	return scopes, nil
}

// ConnectBrowser signs a person in by the browser and keeps the connection. It
// returns when the browser came back, the limit has passed, or ctx ends. The
// errors of the sign-in are of type *auth.Error; a sign-in that worked and
// whose secrets could not be stored is an *UnkeptError.
func (a *App) ConnectBrowser(ctx context.Context, in BrowserSignIn) (made Connected, err error) {
	defer func() { a.logConnection("sign in", made.Connection, err) }()
	a.Book.Hide(in.App.ClientSecret)
	name, err := connectionName(in.Name)
	if err != nil {
		return Connected{}, err
	}
	old, err := a.Store.Connection(ctx, name)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return Connected{}, err
	}
	if old.Kind == KindPractice {
		return Connected{}, fmt.Errorf("the name %q belongs to the practice portal: choose another name", name)
	}
	app, err := a.credentials(ctx, in.App, old)
	if err != nil {
		return Connected{}, err
	}
	base := a.Env.APIURL
	if base == "" && old.Kind == KindOAuth {
		base = old.APIURL
	}
	oauth, err := a.oauth(app, base)
	if err != nil {
		return Connected{}, err
	}
	s := signIn{app: a, in: in, name: name, old: old, oauth: oauth}
	if s.in.Scopes == nil {
		s.in.Scopes = DefaultScopes()
	}
	return s.carryOut(ctx)
}

// Reconnect signs in again by the browser, for the same portal with the same
// app. The scopes in more are asked for in addition; those that were not
// granted are in Connected.Missing.
func (a *App) Reconnect(ctx context.Context, name string, more []string, in BrowserSignIn) (Connected, error) {
	c, err := a.Store.Connection(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return Connected{}, fmt.Errorf("there is no connection %q", name)
	}
	if err != nil {
		return Connected{}, err
	}
	in.Name = c.Name
	if in.Scopes == nil && len(c.AskedScopes) > 0 {
		in.Scopes = c.AskedScopes
	}
	if in.Scopes == nil {
		in.Scopes = DefaultScopes()
	}
	// What was granted as an option before is asked for as one again, or the new
	// sign-in would have less.
	for _, s := range slices.Concat(c.Scopes, more) {
		if !slices.Contains(in.Scopes, s) && !slices.Contains(in.Optional, s) && (c.Kind == KindOAuth || slices.Contains(more, s)) {
			in.Optional = append(in.Optional, s)
		}
	}
	return a.ConnectBrowser(ctx, in)
}

// signIn is one sign-in under way.
type signIn struct {
	app   *App
	in    BrowserSignIn
	name  string
	old   store.Connection // of that name; zero if there is none
	oauth *hubspot.OAuth

	made  store.Connection // without an ID until HubSpot's grant is accepted
	asked time.Time
	grant hubspot.Grant // zero until HubSpot gave it
	// appKept says that the app's secret is in the keychain.
	appKept bool
}

func (s *signIn) carryOut(ctx context.Context) (Connected, error) {
	grant, err := auth.SignIn(ctx, auth.Request{
		OAuth: s.oauth, Scopes: s.in.Scopes, Optional: s.in.Optional, PortalID: s.old.PortalID, Limit: s.in.Limit,
		Link: s.in.Link, Unopened: s.in.Unopened, Browse: s.app.Env.Browse, Accept: s.accept, Ports: s.app.Env.Ports,
	})
	if err != nil {
		s.takeBack(ctx)
		return Connected{}, err
	}
	done := Connected{Connection: s.made, Missing: hubspot.MissingScopes(s.made.Scopes, slices.Concat(s.in.Scopes, s.in.Optional))}
	err = s.store(ctx, grant)
	switch {
	case err == nil:
		if err = s.save(ctx, grant); err != nil {
			s.takeBack(ctx)
		}
		return done, err
	case !vault.MayKeep(err):
		s.takeBack(ctx)
		return Connected{}, err
	}
	keep := func(ctx context.Context) (Connected, error) {
		s.app.Vault.Keep(s.made.ID, grant.RefreshToken)
		s.app.Vault.Keep(appSecret(s.made.ClientID), s.oauth.App().ClientSecret)
		done.InMemory, done.Why = true, err
		return done, s.save(ctx, grant)
	}
	if s.in.Keep {
		made, err := keep(ctx)
		if err != nil {
			s.takeBack(ctx)
		}
		return made, err
	}
	return Connected{}, &UnkeptError{Err: err, keep: keep, revoke: s.discard}
}

// accept finds out what was granted where, while the browser still waits.
func (s *signIn) accept(ctx context.Context, g hubspot.Grant) error {
	s.asked, s.grant = time.Now(), g
	s.made = store.Connection{ClientID: s.oauth.App().ClientID, PortalID: g.PortalID}
	client, err := hubspot.New(hubspot.Config{BaseURL: s.oauth.BaseURL(), UserAgent: userAgent(), Transport: s.app.Env.Transport, Tokens: hubspot.StaticToken(g.AccessToken)})
	if err != nil {
		return err
	}
	account, err := client.Account(ctx)
	if err != nil {
		return auth.Explain(err)
	}
	s.made.PortalID = account.PortalID
	if s.old.ID != "" && s.old.PortalID != account.PortalID {
		// A sign-in that nobody will use is not left open at HubSpot, as far as that can be helped.
		_ = s.app.endSignIn(ctx, s.made, s.oauth, g.RefreshToken)
		return auth.NotThisPortal(s.name, s.old.PortalID, account.PortalID)
	}
	c, err := s.app.connectionFor(ctx, s.name, account.PortalID)
	if err != nil {
		return err
	}
	describeAccount(&c, account)
	c.Kind, c.APIURL, c.ClientID, c.AskedScopes = KindOAuth, s.oauth.BaseURL(), s.oauth.App().ClientID, s.in.Scopes
	c.UserID, c.Scopes, c.Health, c.Checked = g.UserID, g.Scopes, "", time.Now()
	// It tells more than the grant; that it can't be had is no fault.
	if found, err := s.oauth.Introspect(ctx, g.AccessToken); err == nil && found.Active {
		adopt(&c, found)
	}
	if len(c.Scopes) == 0 {
		c.Scopes = s.in.Scopes // HubSpot grants all that were required, or nothing
	}
	s.made = c
	return nil
}

// adopt copies what HubSpot tells about a sign-in.
func adopt(c *store.Connection, found hubspot.Installation) {
	c.AppID, c.UserEmail, c.HubDomain = found.AppID, found.User, found.HubDomain
	if found.UserID != 0 {
		c.UserID = found.UserID
	}
	if len(found.Scopes) > 0 {
		c.Scopes = found.Scopes
	}
}

// store puts the secrets into the keychain, the app's first: without it the
// other could not be used.
func (s *signIn) store(ctx context.Context, g hubspot.Grant) error {
	if err := s.app.Vault.Set(ctx, appSecret(s.made.ClientID), s.oauth.App().ClientSecret); err != nil {
		return err
	}
	s.appKept = true
	return s.app.Vault.Set(ctx, s.made.ID, g.RefreshToken)
}

// takeBack undoes a sign-in that HubSpot granted and that came to nothing, as
// far as that can be helped and whether or not the person gave it up: it is
// ended at HubSpot, and none of its secrets stays. What the keychain is still
// asked to keep is deleted when it has been. A connection that was there before
// is left alone: HubSpot may have given it the same token again.
func (s *signIn) takeBack(ctx context.Context) {
	if s.grant.RefreshToken == "" || s.old.ID != "" {
		return
	}
	ctx = context.WithoutCancel(ctx)
	var ended, forgotten, dropped error
	var wg sync.WaitGroup // a keychain that waits for a person holds nothing else up
	wg.Go(func() {
		if ended = s.app.endSignIn(ctx, s.made, s.oauth, s.grant.RefreshToken); errors.Is(ended, errShared) {
			ended = nil
		}
	})
	if s.made.ID != "" { // else it did not come to the keychain
		wg.Go(func() { forgotten = s.app.Vault.Delete(ctx, s.made.ID) })
		wg.Go(func() {
			dropped = errors.Join(s.app.Store.DeleteConnection(ctx, s.made.ID), s.app.dropApp(ctx, s.made.ClientID, s.made.ID))
		})
	}
	wg.Wait()
	s.app.logFailure("taking a sign-in back", errors.Join(ended, forgotten, dropped))
}

// discard ends a sign-in whose secrets the keychain could not keep.
func (s *signIn) discard(ctx context.Context) error {
	if s.old.ID != "" {
		return nil // HubSpot may have given the token that the connection has already
	}
	err := s.app.endSignIn(ctx, s.made, s.oauth, s.grant.RefreshToken)
	if s.appKept {
		err = errors.Join(err, s.app.dropApp(ctx, s.made.ClientID, s.made.ID))
	}
	return err
}

// save makes the connection known, with the access token that is there already.
func (s *signIn) save(ctx context.Context, g hubspot.Grant) error {
	if err := s.app.Store.SaveConnection(ctx, s.made); err != nil {
		return err
	}
	if s.old.ClientID != s.made.ClientID {
		if err := s.app.dropApp(ctx, s.old.ClientID, s.made.ID); err != nil {
			return err
		}
	}
	s.app.forgetClients(s.made.ID)
	s.app.sharedTokens(s.made, s.oauth).Use(g, s.asked)
	return nil
}

// credentials chooses the app to sign in with.
func (a *App) credentials(ctx context.Context, given hubspot.OAuthApp, old store.Connection) (hubspot.OAuthApp, error) {
	given = hubspot.OAuthApp{ClientID: strings.TrimSpace(given.ClientID), ClientSecret: strings.TrimSpace(given.ClientSecret)}
	for _, app := range []hubspot.OAuthApp{given, a.Env.Credentials} {
		switch {
		case app.ClientID != "" && app.ClientSecret != "":
			return app, nil
		case app.ClientID == "" && app.ClientSecret != "":
			return app, &UseError{Msg: "the app's client id is missing: copy it from the app's Auth page in HubSpot"}
		case app.ClientID != "":
			if secret, err := a.clientSecret(ctx, app.ClientID); err == nil {
				return hubspot.OAuthApp{ClientID: app.ClientID, ClientSecret: secret}, nil
			}
			return app, &UseError{Msg: "the app's client secret is missing: copy it from the app's Auth page in HubSpot"}
		}
	}
	id := old.ClientID
	if id == "" {
		stored, err := a.StoredApps(ctx)
		if err != nil {
			return hubspot.OAuthApp{}, err
		}
		switch {
		case len(stored) == 1:
			id = stored[0]
		case len(stored) > 1:
			return hubspot.OAuthApp{}, &UseError{Cause: NoApp, Msg: "connections were made with several apps (" + strings.Join(stored, ", ") + "): name the client id of one"}
		default:
			id = DefaultClientID
		}
	}
	if id == "" {
		return hubspot.OAuthApp{}, &UseError{Cause: NoApp, Msg: "signing in by the browser needs a HubSpot app: give its client id and client secret, or connect with a private-app token or service key"}
	}
	secret, err := a.clientSecret(ctx, id)
	if err != nil {
		return hubspot.OAuthApp{}, &SignInError{Portal: old.Name, Msg: fmt.Sprintf("the client secret of the app %s can't be read: %v", id, err), Err: err}
	}
	return hubspot.OAuthApp{ClientID: id, ClientSecret: secret}, nil
}

// StoredApps are the client ids of the apps that connections were made with;
// their secrets are in the keychain.
func (a *App) StoredApps(ctx context.Context) ([]string, error) {
	all, err := a.Store.Connections(ctx)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, c := range all {
		if c.ClientID != "" && !slices.Contains(ids, c.ClientID) {
			ids = append(ids, c.ClientID)
		}
	}
	return ids, nil
}

// SignInApps are the client ids of the apps that a sign-in by the browser can
// use without being given one: none means that the person must name one. An app
// whose secret can't be read now is left out. The keychain is asked only for
// what neither the environment nor the build has, and not again once it is found
// to be locked.
func (a *App) SignInApps(ctx context.Context) ([]string, error) {
	stored, err := a.StoredApps(ctx)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, app := range []hubspot.OAuthApp{a.Env.Credentials, {ClientID: DefaultClientID, ClientSecret: DefaultClientSecret}} {
		if app.ClientID != "" && app.ClientSecret != "" && !slices.Contains(ids, app.ClientID) {
			ids = append(ids, app.ClientID)
		}
	}
	locked := false
	for _, id := range stored {
		if slices.Contains(ids, id) || locked && !a.Vault.InMemory(appSecret(id)) {
			continue
		}
		_, err := a.clientSecret(ctx, id)
		switch {
		case err == nil:
			ids = append(ids, id)
		case ctx.Err() != nil:
			return nil, ctx.Err()
		default:
			locked = locked || vault.MayKeep(err)
		}
	}
	return ids, nil
}
