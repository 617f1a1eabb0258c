package connections

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"
	"github.com/chromedp/chromedp"

	"syncline/app"
	"syncline/app/auth/browsertest"
	"syncline/app/vault"
	"syncline/app/vault/vaulttest"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/shell/shelltest"
)

// A person signs in from the window through a real browser; the window shows
// the portal connected, and the refresh token is in a real Secret Service.
func TestWindowConnectsThroughARealBrowser(t *testing.T) {
	chromium := browsertest.Chromium(t)
	for _, v := range vaulttest.Session(t) {
		if key, value, _ := strings.Cut(v, "="); key == "DBUS_SESSION_BUS_ADDRESS" {
			t.Setenv(key, value)
		}
	}
	portal := practicetest.New(t, practice.Options{Name: "Acme", AccountType: "SANDBOX"})
	server := httptest.NewServer(portal)
	t.Cleanup(server.Close)
	closing := make(chan string, 1)
	b := newBenchIn(t, look.Light, app.Environment{APIURL: server.URL, AuthorizeURL: server.URL + "/oauth/authorize", Ports: []int{0}, Browse: func(link string) error {
		go func(ctx context.Context) {
			err := chromedp.Do(ctx, chromedp.Navigate(link), chromedp.Click(chromedp.CSS(`button[value="yes"]`)), chromedp.WaitVisible(chromedp.Search("//h1[contains(., 'You are signed in')]")))
			page, terr := chromedp.Run(ctx, chromedp.Text(chromedp.CSS("main")))
			if err = errors.Join(err, terr); err != nil {
				page = err.Error()
			}
			closing <- page
		}(chromium)
		return nil
	}})
	b.W.GoTo(shell.PlaceConnections)
	b.Settle()
	d := b.connectDialog(wayBrowser)
	d.name.SetText("Acme sandbox")
	d.id.SetText(portal.OAuthApp().ClientID)
	d.secret.SetText(portal.OAuthApp().ClientSecret)
	test.Tap(d.dialog.Primary)
	b.Until("the connection", func() bool { return !b.Open() || d.said() != "" })
	if d.said() != "" {
		t.Fatal(d.said())
	}
	if page := <-closing; !strings.Contains(page, "return to Syncline") {
		t.Errorf("the browser says %q", page)
	}
	b.Settle()
	row := shelltest.FindRow(b.W.Current().Content())
	if row == nil || row.Name != "Acme sandbox" || row.Portal != look.Sandbox || row.Health != look.Create {
		t.Errorf("the row is %+v", row)
	}
	c, err := b.W.App.Store.Connection(t.Context(), "Acme sandbox")
	if err != nil {
		t.Fatal(err)
	}
	if secret, err := vault.New().Get(t.Context(), c.ID); err != nil || secret == "" {
		t.Errorf("the Secret Service has no refresh token: %v", err)
	}
}
