package app_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"syncline/app"
	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
)

// The window says what the errors of signing in mean too, and has neither
// variables nor flags: the command line adds its own.
func TestSignInErrorsNameNothingOfTheCommandLine(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	p := o.at(practice.Options{})
	_, nothing := o.Portal(t.Context(), "")
	_, unknown := o.Portal(t.Context(), "Acme")
	in := o.signIn("Acme", p)
	in.App = hubspot.OAuthApp{}
	_, noApp := o.ConnectBrowser(t.Context(), in)
	first := o.connect("Acme", p).Connection
	first.ID, first.Name, first.ClientID = "another", "Bolt", "another-app"
	if err := o.Store.SaveConnection(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	_, several := o.Portal(t.Context(), "")
	in.Name = "Third"
	_, apps := o.ConnectBrowser(t.Context(), in)
	o.keychain.Fail(func(string, string) error { return errors.New("no such service") })
	noKeychain := o.SetSourceSecret(t.Context(), "billing", "hunter2", false)
	for name, c := range map[string]struct {
		err   error
		cause app.Cause
		says  string
	}{
		"no portal":       {nothing, app.NoPortal, "no portal is connected: connect one first"},
		"no such portal":  {unknown, app.WhichPortal, "is not connected: connect it first"},
		"several portals": {several, app.WhichPortal, "(Acme, Bolt): name one with hubspot.portal"},
		"no app":          {noApp, app.NoApp, "needs a HubSpot app: give its client id and client secret"},
		"several apps":    {apps, app.NoApp, "name the client id of one"},
		"no keychain":     {noKeychain, app.NoKeychain, "Unlock or start the system's keychain and try again."},
		"token refused":   {&hubspot.Error{Status: http.StatusUnauthorized}, app.TokenRefused, "Connect the portal again: the token was revoked"},
	} {
		if c.err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		e := app.Explain(c.err)
		if text := e.String(); e.Cause != c.cause || !strings.Contains(text, c.says) || strings.Contains(text, "SYNCLINE_") || strings.Contains(text, "--") {
			t.Errorf("%s: cause %d: %s", name, e.Cause, text)
		}
	}
}
