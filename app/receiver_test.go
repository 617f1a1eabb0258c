package app_test

import (
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"syncline/app"
	"syncline/app/vault/vaulttest"
	"syncline/store"
)

// receiving is a workspace with the practice portal and a portal that is connected by a token.
func receiving(t *testing.T) (*app.App, *vaulttest.Keychain) {
	t.Helper()
	keychain := &vaulttest.Keychain{}
	a, err := app.Open(t.Context(), app.Environment{Workspace: t.TempDir(), Keychain: keychain})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := a.ConnectPractice(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := a.Store.SaveConnection(t.Context(), store.Connection{ID: "acme", Name: "Acme", Kind: app.KindToken, PortalID: 33, APIURL: "https://api.example.com"}); err != nil {
		t.Fatal(err)
	}
	return a, keychain
}

// address is one of this computer on which nobody listens.
func address(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// soon waits until the webhook of the practice portal is as it should be.
func soon(t *testing.T, a *app.App, is func(app.WebhookView) bool) app.WebhookView {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		all, err := a.Webhooks(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(all, func(v app.WebhookView) bool { return v.Portal == app.PracticeName })
		if is(all[i]) {
			return all[i]
		}
		<-tick.C
	}
}

func TestNothingIsReceivedUntilAPersonSwitchesItOn(t *testing.T) {
	t.Parallel()
	a, _ := receiving(t)
	a.StartReceiving()
	all, err := a.Webhooks(t.Context())
	if err != nil || len(all) != 2 {
		t.Fatalf("%v, %v", all, err)
	}
	for _, v := range all {
		if v.Set || v.Active || v.Receiving || v.URL != "" {
			t.Errorf("%+v", v)
		}
	}
}

func TestAColleaguesEditInThePracticePortalIsToldOfAndMarked(t *testing.T) {
	t.Parallel()
	a, _ := receiving(t)
	a.StartReceiving()
	if v, err := a.SetWebhook(t.Context(), app.PracticeName, app.WebhookChange{Active: true, Listen: address(t)}); err != nil || !v.Receiving || !v.Here {
		t.Fatalf("%+v, %v", v, err)
	}
	p, err := a.Practice(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	id, err := p.Create("contacts", map[string]string{"email": "new@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	v := soon(t, a, func(v app.WebhookView) bool { return v.Taken > 0 })
	if v.LastType != "contact.creation" || v.Refused != 0 || v.Repeated != 0 {
		t.Errorf("%+v", v)
	}
	last, err := a.Store.LastNotice(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if ids, _, err := a.Store.Noticed(t.Context(), p.PortalID(), "0-1", false, 0, last, 10); err != nil || !slices.Equal(ids, []string{id}) {
		t.Errorf("%v, %v", ids, err)
	}
	if v, err = a.SetWebhook(t.Context(), app.PracticeName, app.WebhookChange{}); err != nil || v.Active || v.Receiving {
		t.Fatalf("%+v, %v", v, err)
	}
	l, err := net.Listen("tcp", v.Listen)
	if err != nil {
		t.Fatalf("the address is still open: %v", err)
	}
	l.Close()
}

func TestTwoOnOneAddressAreToldOf(t *testing.T) {
	t.Parallel()
	a, _ := receiving(t)
	a.StartReceiving()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	v, err := a.SetWebhook(t.Context(), app.PracticeName, app.WebhookChange{Active: true, Listen: l.Addr().String()})
	if err != nil || !strings.Contains(v.Problem, "receives on this address already") || v.Receiving {
		t.Errorf("%+v", v)
	}
}

func TestAWebhookIsReachedByItsPublicAddressAndItsSecretIsOnlyInTheKeychain(t *testing.T) {
	t.Parallel()
	a, keychain := receiving(t)
	const secret = "11111111-2222-3333-4444-555555555555"
	for name, x := range map[string]struct {
		portal string
		change app.WebhookChange
		says   string
	}{
		"without a public address":       {"Acme", app.WebhookChange{Secret: secret}, "name the public address"},
		"one that is not https":          {"Acme", app.WebhookChange{Secret: secret, Public: "http://acme.example.com"}, "begins with https://"},
		"one with a question mark":       {"Acme", app.WebhookChange{Secret: secret, Public: "https://acme.example.com/x?y"}, "no ? and no #"},
		"without a secret":               {"Acme", app.WebhookChange{Public: "https://acme.example.com"}, "client secret"},
		"another computer":               {"Acme", app.WebhookChange{Secret: secret, Public: "https://acme.example.com", Listen: "0.0.0.0:41741"}, "this computer alone"},
		"any port":                       {"Acme", app.WebhookChange{Secret: secret, Public: "https://acme.example.com", Listen: "127.0.0.1:0"}, "name one, such as 41741"},
		"a portal that is not connected": {"Other", app.WebhookChange{}, `no connection "Other"`},
	} {
		x.change.Active = true
		if _, err := a.SetWebhook(t.Context(), x.portal, x.change); err == nil || !strings.Contains(err.Error(), x.says) {
			t.Errorf("%s: %v, want %q", name, err, x.says)
		}
	}
	v, err := a.SetWebhook(t.Context(), "acme", app.WebhookChange{Active: true, Public: "https://acme.example.com/", Secret: " " + secret + "\n"})
	if err != nil || !strings.HasPrefix(v.Path, "/hubspot/") || v.URL != "https://acme.example.com"+v.Path || v.Local != "http://"+app.WebhookListen+v.Path {
		t.Fatalf("%+v, %v", v, err)
	}
	path := v.Path
	if v, err = a.SetWebhook(t.Context(), "Acme", app.WebhookChange{Active: true, Public: "https://acme.example.com/our/hook"}); err != nil || v.URL != "https://acme.example.com/our/hook" || v.Path != "/our/hook" || path == v.Path {
		t.Errorf("%+v, %v", v, err)
	}
	kept := 0
	for _, entry := range keychain.Entries() {
		if strings.Contains(entry, secret) {
			kept++
		}
	}
	if kept != 1 {
		t.Errorf("%d entries of the keychain hold the secret", kept)
	}
	if _, err := a.SignOut(t.Context(), "Acme"); err != nil {
		t.Fatal(err)
	}
	for name, entry := range keychain.Entries() {
		if strings.Contains(entry, secret) {
			t.Errorf("the secret stays in the keychain as %s", name)
		}
	}
}
