package app_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"syncline/app"
	"syncline/app/auth"
	"syncline/app/vault"
	"syncline/app/vault/vaulttest"
	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
)

// visitor is a person at the consent page, without a browser: it looks at the
// page, answers the form, and follows the redirect.
func visitor(agree string) func(string) error {
	return func(address string) error {
		resp, err := http.Get(address)
		if err != nil {
			return err
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("the consent page answered %d", resp.StatusCode)
		}
		if resp, err = http.PostForm(address, url.Values{"agree": {agree}}); err != nil {
			return err
		}
		defer resp.Body.Close()
		_, err = io.Copy(io.Discard, resp.Body)
		return err
	}
}

// office is an open workspace, and portals that can be signed in to.
type office struct {
	*app.App
	t        *testing.T
	keychain *vaulttest.Keychain
	links    []string
}

func newOffice(t *testing.T, change ...func(*app.Environment)) *office {
	t.Helper()
	o := &office{t: t, keychain: &vaulttest.Keychain{}}
	env := app.Environment{Workspace: t.TempDir(), Keychain: o.keychain, Browse: visitor("yes"), Ports: []int{0}}
	for _, f := range change {
		f(&env)
	}
	a, err := app.Open(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	o.App = a
	return o
}

// at makes the portal that the next sign-ins go to.
func (o *office) at(options practice.Options) *practice.Portal {
	o.t.Helper()
	p := practicetest.New(o.t, options)
	server := httptest.NewServer(p)
	o.t.Cleanup(server.Close)
	o.Env.APIURL, o.Env.AuthorizeURL = server.URL, server.URL+"/oauth/authorize"
	return p
}

// signIn is what a person gives for a connection to a practice portal.
func (o *office) signIn(name string, p *practice.Portal) app.BrowserSignIn {
	return app.BrowserSignIn{Name: name, App: hubspot.OAuthApp{ClientID: p.OAuthApp().ClientID, ClientSecret: p.OAuthApp().ClientSecret},
		Link: func(link string) { o.links = append(o.links, link) }, Unopened: func(err error) { o.t.Error(err) }, Limit: time.Minute}
}

func (o *office) connect(name string, p *practice.Portal) app.Connected {
	o.t.Helper()
	done, err := o.ConnectBrowser(o.t.Context(), o.signIn(name, p))
	if err != nil {
		o.t.Fatal(err)
	}
	return done
}

func (o *office) connection(name string) store.Connection {
	o.t.Helper()
	c, err := o.Store.Connection(o.t.Context(), name)
	if err != nil {
		o.t.Fatal(err)
	}
	return c
}

func TestAPersonConnectsAPortalByTheBrowser(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	p := o.at(practice.Options{Name: "Acme", AccountType: "SANDBOX"})
	done := o.connect("Acme", p)
	if done.Kind != app.KindOAuth || done.PortalID != p.PortalID() || done.PortalName != "Acme" || done.AccountType != "SANDBOX" || done.UserEmail != "practice@example.com" ||
		done.HubDomain != "practice.example" || done.AppID != p.OAuthApp().AppID || done.ClientID != p.OAuthApp().ClientID || done.InMemory || len(done.Missing) > 0 {
		t.Errorf("connected %+v", done)
	}
	if portal, err := o.Portal(t.Context(), "Acme"); err != nil || portal.Client.AppID() != p.OAuthApp().AppID {
		t.Errorf("the client does not know its app: %v", err)
	}
	want := []string{"oauth", "crm.objects.contacts.read", "crm.objects.contacts.write", "crm.objects.companies.read", "crm.objects.companies.write"}
	if diff := cmp.Diff(want, done.Scopes); diff != "" {
		t.Errorf("scopes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(done.Connection, o.connection("acme"), cmpopts.EquateEmpty(), cmpopts.EquateApproxTime(time.Millisecond)); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
	if len(o.links) != 1 || !strings.Contains(o.links[0], "scope=oauth%20crm.objects.contacts.read%20") || strings.Contains(o.links[0], "+") {
		t.Errorf("links %q", o.links)
	}
	h, err := o.Test(t.Context(), "Acme")
	if err != nil || h.Err != nil || h.Health != "" {
		t.Errorf("test: %+v, %v", h, err)
	}
	for _, r := range p.Requests() {
		if strings.Contains(r.Path, "/oauth/") && r.Status >= 400 {
			t.Errorf("%s %s: %d", r.Method, r.Path, r.Status)
		}
	}
	u, err := o.Usage(t.Context(), "Acme")
	if err != nil || u.Burst.Max == 0 || u.Daily.Known || u.Sent == 0 {
		t.Errorf("usage %+v, %v", u, err)
	}
}

// Nothing secret is in the workspace: the refresh token and the client secret
// are in the keychain, the access token nowhere.
func TestSecretsStayOutOfTheWorkspace(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	p := o.at(practice.Options{})
	o.connect("Acme", p)
	var secrets []string
	for _, s := range o.keychain.Entries() {
		secrets = append(secrets, s[strings.LastIndex(s, ":")+1:])
	}
	if len(secrets) != 2 || !slices.Contains(secrets, p.OAuthApp().ClientSecret) {
		t.Fatalf("the keychain has %d entries", len(secrets))
	}
	err := filepath.WalkDir(o.Store.Dir(), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		for _, s := range secrets {
			if strings.Contains(string(b), s) {
				t.Errorf("%s holds a secret", path)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestASignInThatWasDeniedConnectsNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t, func(e *app.Environment) { e.Browse = visitor("no") })
	p := o.at(practice.Options{})
	_, err := o.ConnectBrowser(t.Context(), o.signIn("Acme", p))
	var known *auth.Error
	if !errors.As(err, &known) || known.Reason != auth.Denied || app.Explain(err).Kind != app.SignIn {
		t.Errorf("got %v", err)
	}
	if all, _ := o.Store.Connections(t.Context()); len(all) > 0 || len(o.keychain.Entries()) > 0 {
		t.Errorf("connected %v", all)
	}
}

func TestANameBelongsToOnePortal(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	first := o.connect("Acme", o.at(practice.Options{}))
	// The same portal again keeps its place; another one is refused.
	again := o.connect("Acme", o.atSame(first))
	if again.ID != first.ID || !again.Created.Equal(o.connection("Acme").Created) {
		t.Errorf("connected again as %s, was %s", again.ID, first.ID)
	}
	other := o.at(practice.Options{PortalID: 77})
	// HubSpot is asked for the right portal; the person changes the account.
	o.Env.Browse = func(link string) error {
		return visitor("yes")(strings.Replace(link, fmt.Sprintf("/oauth/%d/authorize", first.PortalID), "/oauth/authorize", 1))
	}
	_, err := o.ConnectBrowser(t.Context(), o.signIn("Acme", other))
	var known *auth.Error
	if !errors.As(err, &known) || known.Reason != auth.WrongPortal || !strings.Contains(err.Error(), "77") {
		t.Errorf("got %v", err)
	}
	if n := other.Calls().By["POST oauth/token/revoke"]; n != 1 {
		t.Errorf("the sign-in that nobody uses was revoked %d times", n)
	}
	if c := o.connection("Acme"); c.PortalID != first.PortalID {
		t.Errorf("the connection is now of portal %d", c.PortalID)
	}
	if _, err := o.ConnectToken(t.Context(), "Acme", other.Token(), false); err == nil {
		t.Error("a token of another portal took the name")
	}
}

// One portal has one connection, however a person signs in to it. The practice
// portal's own does not count, though a served one has the same number.
func TestAPortalHasOneConnection(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	p := o.at(practice.Options{})
	own, err := o.ConnectPractice(t.Context())
	if err != nil || own.PortalID != p.PortalID() {
		t.Fatalf("the practice portal is %+v, %v", own, err)
	}
	first := o.connect("Acme", p)
	want := fmt.Sprintf("the portal %d is connected already as \"Acme\": reconnect or rename that one", p.PortalID())
	token := func() error { _, err := o.ConnectToken(t.Context(), "Other", p.Token(), false); return err }
	browser := func() error { _, err := o.ConnectBrowser(t.Context(), o.signIn("Other", p)); return err }
	for name, connect := range map[string]func() error{"token": token, "browser": browser} {
		if err := connect(); err == nil || err.Error() != want || app.Explain(err).Kind != app.WrongUse {
			t.Errorf("%s: %v", name, err)
		}
	}
	// HubSpot may have given the second sign-in the token of the first.
	if n := p.Calls().By["POST oauth/token/revoke"]; n != 0 || len(o.keychain.Entries()) != 2 {
		t.Errorf("revoked %d times, %d secrets", n, len(o.keychain.Entries()))
	}
	if h, err := o.Test(t.Context(), "Acme"); err != nil || h.Err != nil {
		t.Errorf("the first does not work any more: %+v, %v", h, err)
	}
	// The one that there is may change how it signs in, and with another app or
	// a token there is nothing shared to leave open.
	if done, err := o.ConnectToken(t.Context(), "Acme", p.Token(), false); err != nil || done.ID != first.ID {
		t.Fatalf("by a token: %+v, %v", done, err)
	}
	before := p.Calls().By["POST oauth/token/revoke"]
	if err := browser(); err == nil || err.Error() != want {
		t.Errorf("beside a token: %v", err)
	}
	if n := p.Calls().By["POST oauth/token/revoke"]; n != before+1 || len(o.keychain.Entries()) != 1 {
		t.Errorf("revoked %d times, %d secrets", n-before, len(o.keychain.Entries()))
	}
}

// atSame makes another portal with a connection's id, as the same one is for
// who does not look at its records.
func (o *office) atSame(c app.Connected) *practice.Portal {
	return o.at(practice.Options{PortalID: c.PortalID})
}

func TestMoreScopesAreAskedForWhenASyncNeedsThem(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	p := o.at(practice.Options{})
	first := o.connect("Acme", p)
	in := o.signIn("", p)
	in.App = hubspot.OAuthApp{} // the stored one
	deals := []string{"crm.objects.deals.read", "crm.objects.deals.write"}
	more, err := o.Reconnect(t.Context(), "Acme", deals, in)
	if err != nil || more.ID != first.ID || len(more.Missing) > 0 || len(hubspot.MissingScopes(more.Scopes, slices.Concat(first.Scopes, deals))) > 0 {
		t.Fatalf("reconnected %+v, %v", more, err)
	}
	if diff := cmp.Diff(first.AskedScopes, more.AskedScopes); diff != "" {
		t.Errorf("required scopes (-want +got):\n%s", diff)
	}
	// Once more, for nothing in particular: what was granted stays asked for.
	if more, err = o.Reconnect(t.Context(), "Acme", nil, in); err != nil || len(hubspot.MissingScopes(more.Scopes, deals)) > 0 {
		t.Errorf("reconnected %+v, %v", more, err)
	}
}

func TestWithoutAKeychainTheSignInIsKeptUntilTheProgramEnds(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.keychain.Fail(func(op, _ string) error {
		if op == "set" {
			return errors.New("failed to unlock correct collection")
		}
		return nil
	})
	p := o.at(practice.Options{})
	_, err := o.ConnectBrowser(t.Context(), o.signIn("Acme", p))
	var unkept *app.UnkeptError
	if !errors.As(err, &unkept) || !errors.Is(err, vault.ErrLocked) {
		t.Fatalf("got %v", err)
	}
	done, err := unkept.KeepInMemory(t.Context())
	if err != nil || !done.InMemory || !errors.Is(done.Why, vault.ErrLocked) {
		t.Fatalf("kept %+v, %v", done, err)
	}
	if h, err := o.Test(t.Context(), "Acme"); err != nil || h.Err != nil {
		t.Errorf("%+v, %v", h, err)
	}
	if len(o.links) != 1 || len(o.keychain.Entries()) != 0 {
		t.Errorf("%d consents, %d entries", len(o.links), len(o.keychain.Entries()))
	}
	in := o.signIn("Acme", p)
	in.Keep = true
	if done, err := o.ConnectBrowser(t.Context(), in); err != nil || !done.InMemory {
		t.Errorf("kept at once: %+v, %v", done, err)
	}
}

func TestASignInThatNobodyTakesIsRevoked(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.keychain.Fail(func(string, string) error { return errors.New("no such service") })
	p := o.at(practice.Options{})
	_, err := o.ConnectBrowser(t.Context(), o.signIn("Acme", p))
	var unkept *app.UnkeptError
	if !errors.As(err, &unkept) {
		t.Fatalf("got %v", err)
	}
	if err := unkept.Discard(t.Context()); err != nil {
		t.Error(err)
	}
	if n := p.Calls().By["POST oauth/token/revoke"]; n != 1 {
		t.Errorf("revoked %d times", n)
	}
}

func TestDisconnectingRevokesAndForgets(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	p := o.at(practice.Options{})
	o.connect("Acme", p)
	done, err := o.SignOut(t.Context(), "Acme")
	if err != nil || !done.Revoked || done.Err != nil {
		t.Errorf("signed out %+v, %v", done, err)
	}
	if n := p.Calls().By["POST oauth/token/revoke"]; n != 1 {
		t.Errorf("revoked %d times", n)
	}
	if all, _ := o.Store.Connections(t.Context()); len(all) > 0 || len(o.keychain.Entries()) > 0 {
		t.Errorf("left: %v and %d entries", all, len(o.keychain.Entries()))
	}
	// HubSpot out of reach is told, and no reason to keep a secret.
	o.connect("Acme", p)
	p.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: practice.ServerError, Path: "/token/revoke", Status: 403}}})
	done, err = o.SignOut(t.Context(), "Acme")
	if err != nil || done.Revoked || done.Err == nil || len(o.keychain.Entries()) > 0 {
		t.Errorf("signed out %+v, %v", done, err)
	}
}

func TestARenamedConnectionIsFoundByItsOldName(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	first := o.connect("Acme", o.at(practice.Options{}))
	if err := o.Rename(t.Context(), "acme", " Acme production "); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Acme production", "ACME"} {
		if p, err := o.Portal(t.Context(), name); err != nil || p.ID != first.ID {
			t.Errorf("%s: %s, %v", name, p.ID, err)
		}
	}
	other := o.connect("Acme", o.at(practice.Options{PortalID: 77}))
	if p, err := o.Portal(t.Context(), "Acme"); err != nil || p.ID != other.ID {
		t.Errorf("the name was taken again, and gives %s, %v", p.ID, err)
	}
	for to, want := range map[string]string{"": "give the connection a name", "acme PRODUCTION": "another connection is named"} {
		if err := o.Rename(t.Context(), "Acme", to); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("rename to %q: %v", to, err)
		}
	}
}

func TestTheAppToSignInWith(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	p := o.at(practice.Options{})
	known := p.OAuthApp()
	for name, c := range map[string]struct {
		app  hubspot.OAuthApp
		kind app.Kind
		says string
	}{
		"none":           {hubspot.OAuthApp{}, app.WrongUse, "needs a HubSpot app"},
		"no secret":      {hubspot.OAuthApp{ClientID: known.ClientID}, app.WrongUse, "client secret is missing"},
		"no id":          {hubspot.OAuthApp{ClientSecret: "s"}, app.WrongUse, "client id is missing"},
		"a wrong secret": {hubspot.OAuthApp{ClientID: known.ClientID, ClientSecret: "0a1b2c3d-wrong-4e5f-8a9b-0c1d2e3f4a5b"}, app.SignIn, "does not accept the app's client secret"},
	} {
		in := o.signIn("Acme", p)
		in.App = c.app
		_, err := o.ConnectBrowser(t.Context(), in)
		if err == nil {
			t.Errorf("%s: it worked", name)
			continue
		}
		if e := app.Explain(err); e.Kind != c.kind || !strings.Contains(e.String(), c.says) {
			t.Errorf("%s: %v %s", name, e.Kind, e)
		}
	}
	o.Env.Credentials = hubspot.OAuthApp{ClientID: known.ClientID, ClientSecret: known.ClientSecret}
	in := o.signIn("Acme", p)
	in.App = hubspot.OAuthApp{}
	if _, err := o.ConnectBrowser(t.Context(), in); err != nil {
		t.Errorf("the environment's: %v", err)
	}
}

// An app whose secret is out of reach is none to sign in with: the window asks
// for it then. A keychain that is locked is asked once.
func TestTheAppsThatCanBeSignedInWithNow(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	p := o.at(practice.Options{})
	first := o.connect("Acme", p)
	for _, id := range []string{"lost-app", "memory-app"} {
		c := first.Connection
		c.ID, c.Name, c.ClientID = id, id, id
		if err := o.Store.SaveConnection(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	o.Vault.Keep("app:memory-app", "a-secret-in-memory")
	usable := func(want ...string) {
		t.Helper()
		got, err := o.SignInApps(t.Context())
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v, apps (-want +got):\n%s", err, diff)
		}
	}
	usable(first.ClientID, "memory-app")
	asked := 0
	o.keychain.Fail(func(string, string) error {
		asked++
		return errors.New("failed to unlock correct collection")
	})
	usable("memory-app")
	if asked != 1 {
		t.Errorf("a locked keychain was asked %d times", asked)
	}
	o.Env.Credentials = hubspot.OAuthApp{ClientID: first.ClientID, ClientSecret: p.OAuthApp().ClientSecret}
	asked = 0
	usable(first.ClientID, "memory-app")
	if asked != 1 {
		t.Errorf("with the environment's app a locked keychain was asked %d times", asked)
	}
}

func TestCancellingEndsTheWait(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	o := newOffice(t, func(e *app.Environment) { e.Browse = func(string) error { cancel(); return nil } })
	p := o.at(practice.Options{})
	if _, err := o.ConnectBrowser(ctx, o.signIn("Acme", p)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// A source's password has its place in the vault, by its sync.
func TestTheSecretsOfSources(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := t.Context()
	if _, err := o.SourceSecret(ctx, "billing"); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("none was set: %v", err)
	}
	if err := o.SetSourceSecret(ctx, "billing", "hunter2", false); err != nil {
		t.Fatal(err)
	}
	if got, err := o.SourceSecret(ctx, "billing"); err != nil || got != "hunter2" {
		t.Errorf("got %q, %v", got, err)
	}
	if err := o.DeleteSourceSecret(ctx, "billing"); err != nil || len(o.keychain.Entries()) > 0 {
		t.Errorf("left %d entries, %v", len(o.keychain.Entries()), err)
	}
	o.keychain.Fail(func(string, string) error { return errors.New("the collection is locked") })
	if err := o.SetSourceSecret(ctx, "billing", "hunter2", false); !errors.Is(err, vault.ErrLocked) {
		t.Errorf("locked: %v", err)
	}
	if err := o.SetSourceSecret(ctx, "billing", "hunter2", true); err != nil {
		t.Errorf("kept in memory: %v", err)
	}
	if got, err := o.SourceSecret(ctx, "billing"); err != nil || got != "hunter2" {
		t.Errorf("got %q, %v", got, err)
	}
}
