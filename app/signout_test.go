package app_test

import (
	"errors"
	"strings"
	"testing"

	"syncline/app"
	"syncline/app/vault"
	"syncline/sync/hubspot/practice"
)

// errCollectionLocked is what a locked Secret Service says.
var errCollectionLocked = errors.New("failed to unlock correct collection")

func TestASignInKeptInMemoryEndsWithALockedKeychain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	p := o.at(practice.Options{})
	o.keychain.Fail(func(string, string) error { return errCollectionLocked })
	in := o.signIn("Acme", p)
	in.Keep = true
	if _, err := o.ConnectBrowser(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	done, err := o.SignOut(t.Context(), "Acme")
	if err != nil || !done.Revoked || done.Err != nil || done.Note() != "" {
		t.Errorf("signed out %+v, %v", done, err)
	}
	if all, _ := o.Store.Connections(t.Context()); len(all) > 0 || o.Vault.InMemory("app:"+p.OAuthApp().ClientID) {
		t.Errorf("left: %v", all)
	}
}

// A keychain that does not give a secret up leaves the connection listed, and
// disconnecting again ends it, whichever of the secrets it was.
func TestDisconnectingWithALockedKeychainCanBeRepeated(t *testing.T) {
	t.Parallel()
	for name, held := range map[string]func(entry string) bool{
		"all":       func(string) bool { return true },
		"the app's": func(entry string) bool { return strings.HasPrefix(entry, "app:") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			p := o.at(practice.Options{})
			o.connect("Acme", p)
			o.keychain.Fail(func(op, entry string) error {
				if op == "delete" && held(entry) {
					return errCollectionLocked
				}
				return nil
			})
			done, err := o.SignOut(t.Context(), "Acme")
			if !errors.Is(err, vault.ErrLocked) || !done.Revoked || !strings.Contains(err.Error(), "is revoked at HubSpot, but its secret is still in the keychain") {
				t.Fatalf("signed out %+v, %v", done, err)
			}
			if c := o.connection("Acme"); !strings.Contains(c.Health, "disconnect again") {
				t.Errorf("health %q", c.Health)
			}
			o.keychain.Fail(nil)
			done, err = o.SignOut(t.Context(), "Acme")
			if err != nil || !done.Revoked || done.Note() != "" {
				t.Errorf("once more: %+v, %v", done, err)
			}
			if all, _ := o.Store.Connections(t.Context()); len(all) > 0 || len(o.keychain.Entries()) > 0 {
				t.Errorf("left: %v and %d entries", all, len(o.keychain.Entries()))
			}
		})
	}
}

// Where not even the secret can be read, nothing is ended and nothing lost.
func TestAConnectionOfALockedKeychainStays(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	p := o.at(practice.Options{})
	o.connect("Acme", p)
	o.keychain.Fail(func(string, string) error { return errCollectionLocked })
	done, err := o.SignOut(t.Context(), "Acme")
	if !errors.Is(err, vault.ErrLocked) || done.Revoked || !strings.Contains(err.Error(), "the connection \"Acme\" stays") {
		t.Errorf("signed out %+v, %v", done, err)
	}
	if n := p.Calls().By["POST oauth/token/revoke"]; n != 0 || o.connection("Acme").Health != "" {
		t.Errorf("revoked %d times", n)
	}
}

// Two connections of one portal by one app, as older workspaces have them,
// share a sign-in. The last of them ends it.
func TestASharedSignInEndsWithTheLastConnection(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	p := o.at(practice.Options{})
	other := o.connect("Acme", p).Connection
	other.ID, other.Name = "another", "Acme too"
	if err := o.Store.SaveConnection(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	if err := o.Vault.Set(t.Context(), other.ID, "its-own-refresh-token"); err != nil {
		t.Fatal(err)
	}
	done, err := o.SignOut(t.Context(), "Acme")
	if err != nil || done.Revoked || !done.Shared || done.Err != nil || !strings.Contains(done.Note(), "another connection uses the same sign-in") {
		t.Errorf("signed out %+v, %v", done, err)
	}
	done, err = o.SignOut(t.Context(), "Acme too")
	if err != nil || !done.Revoked || done.Shared || done.Note() != "" || len(o.keychain.Entries()) > 0 {
		t.Errorf("signed out %+v, %v", done, err)
	}
}

// HubSpot out of reach is told, with the way to end the app's access there.
func TestWhatHubSpotCouldNotBeToldIsSaid(t *testing.T) {
	t.Parallel()
	note := app.SignedOut{Err: errors.New("no answer came")}.Note()
	if !strings.Contains(note, "could not be told (no answer came)") || !strings.Contains(note, "uninstall the app") {
		t.Error(note)
	}
}
