package app_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"syncline/app"
	"syncline/app/vault"
	"syncline/store"
	"syncline/sync/hubspot/practice"
)

// nothingLeft says that a sign-in that came to nothing was revoked as often as
// it was granted, and that none of its secrets is in the keychain.
func (o *office) nothingLeft(p *practice.Portal) {
	o.t.Helper()
	if granted, revoked := p.Calls().By["POST oauth/token"], p.Calls().By["POST oauth/token/revoke"]; granted != 1 || revoked != 1 {
		o.t.Errorf("granted %d times, revoked %d times", granted, revoked)
	}
	if left := o.keychain.Entries(); len(left) > 0 {
		o.t.Errorf("%d secrets are left", len(left))
	}
}

// The person agreed at HubSpot, and gives up when the keychain asks for its
// password. The prompt ends later, and the keychain then does as it was told.
func TestASignInGivenUpAtTheKeychainsPromptIsTakenBack(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx, cancel := context.WithCancel(t.Context())
	revoked := make(chan struct{})
	end := sync.OnceFunc(func() { close(revoked) })
	t.Cleanup(end)
	p := o.at(practice.Options{Observe: func(r practice.Request) {
		if r.Route == "POST oauth/token/revoke" {
			end()
		}
	}})
	o.keychain.Fail(func(op, _ string) error {
		if op == "set" {
			cancel()
			<-revoked
		}
		return nil
	})
	if _, err := o.ConnectBrowser(ctx, o.signIn("Acme", p)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	o.nothingLeft(p)
}

// Whatever fails after HubSpot has granted the sign-in, it is taken back.
func TestASignInThatFailsAfterTheGrantIsTakenBack(t *testing.T) {
	t.Parallel()
	unasked := practice.Faults{Script: []practice.Fault{{Kind: practice.ServerError, Path: "/account-info/", Status: 403}}}
	for name, c := range map[string]struct {
		faults   practice.Faults
		taken    bool // another connection takes the name meanwhile
		keychain error
	}{
		"the portal can't be asked":             {faults: unasked},
		"the connection can't be saved":         {taken: true},
		"nor can it be, with secrets in memory": {taken: true, keychain: errors.New("no such service")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			p := o.at(practice.Options{})
			p.SetFaults(c.faults)
			take := sync.OnceFunc(func() {
				if err := o.Store.SaveConnection(context.Background(), store.Connection{ID: "another", Name: "Acme", Kind: app.KindToken, PortalID: 77}); err != nil {
					t.Error(err)
				}
			})
			o.keychain.Fail(func(op, _ string) error {
				if c.taken && op == "set" || c.keychain != nil {
					take()
				}
				return c.keychain
			})
			in := o.signIn("Acme", p)
			in.Keep = true
			if done, err := o.ConnectBrowser(t.Context(), in); err == nil {
				t.Errorf("connected %+v", done)
			}
			o.nothingLeft(p)
			if o.Vault.InMemory("app:" + p.OAuthApp().ClientID) {
				t.Error("the app's secret is still in memory")
			}
		})
	}
}

// Where the app's secret was kept and the other was not, giving the sign-in up
// leaves neither.
func TestASignInThatNobodyTakesLeavesNoSecretOfTheApp(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	p := o.at(practice.Options{})
	o.keychain.Fail(func(op, name string) error {
		if op == "set" && !strings.HasPrefix(name, "app:") {
			return errors.New("access is denied")
		}
		return nil
	})
	_, err := o.ConnectBrowser(t.Context(), o.signIn("Acme", p))
	var unkept *app.UnkeptError
	if !errors.As(err, &unkept) || !errors.Is(err, vault.ErrDenied) {
		t.Fatalf("got %v", err)
	}
	if err := unkept.Discard(t.Context()); err != nil {
		t.Error(err)
	}
	o.nothingLeft(p)
}
