package command

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"syncline/app"
	"syncline/app/auth"
	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/content"
)

// servePractice serves the practice portal until it is interrupted. With --state it is kept in
// a file, and goes on where it was. The first lines of standard output tell its address, its
// token, and the app that may be installed.
func servePractice(ctx context.Context, c *call) (app.Kind, error) {
	host, _, err := net.SplitHostPort(c.listen)
	if ip := net.ParseIP(host); err != nil || (host != "localhost" && (ip == nil || !ip.IsLoopback())) {
		return app.WrongUse, &app.UseError{Msg: fmt.Sprintf("--listen wants a loopback address such as 127.0.0.1:8080, not %q", c.listen)}
	}
	signIn, err := c.practiceApp()
	if err != nil {
		return app.WrongUse, err
	}
	l, err := net.Listen("tcp", c.listen)
	if err != nil {
		return app.Failed, err
	}
	portal := practice.New(practice.Options{Seed: content.DemoSeed, Demo: true, App: signIn, PortalID: c.portalID})
	if c.state != "" {
		if portal, err = app.OpenPractice(c.state, time.Now(), practice.Options{App: signIn, PortalID: c.portalID}); err != nil {
			return app.Failed, errors.Join(err, l.Close())
		}
	}
	defer portal.Close()
	if c.webhook != "" {
		if u, err := url.Parse(c.webhook); err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && hubspot.IsLoopback(u.Hostname())) {
			return app.WrongUse, errors.Join(&app.UseError{Msg: fmt.Sprintf("--webhook wants https://… or http:// on this computer, not %q", c.webhook)}, l.Close())
		}
		portal.SetHook(&practice.Hook{URL: c.webhook})
		go portal.SendEventsUntil(ctx)
	}
	if err := c.introduce(portal, "http://"+l.Addr().String()); err != nil {
		return app.Failed, err
	}
	server := &http.Server{Handler: portal, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		ended, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = server.Shutdown(ended) // what is still under way after a second is cut off
	}()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return app.Failed, err
	}
	return 0, portal.Close()
}

// practiceApp is the app that may be installed: with HubSpot's rules, so that
// what works here works there.
func (c *call) practiceApp() (practice.OAuthApp, error) {
	signIn := practice.OAuthApp{Lifetime: c.lifetime, RedirectURLs: c.redirects}
	if len(signIn.RedirectURLs) == 0 {
		signIn.RedirectURLs = auth.RedirectURLs()
	}
	if c.lifetime < time.Second || c.lifetime%time.Second != 0 {
		return signIn, &app.UseError{Msg: fmt.Sprintf("--token-lifetime wants whole seconds, such as 20s or 30m, not %s", c.lifetime)}
	}
	for _, r := range signIn.RedirectURLs {
		u, err := url.Parse(r)
		if err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && u.Hostname() == "localhost") {
			return signIn, &app.UseError{Msg: fmt.Sprintf("--redirect-url wants https:// or http://localhost:PORT/…, as HubSpot does, not %q", r)}
		}
	}
	return signIn, nil
}

// introduce tells how the portal is reached.
func (c *call) introduce(portal *practice.Portal, address string) error {
	signIn, authorize := portal.OAuthApp(), address+"/oauth/authorize"
	if c.json {
		return c.document(map[string]any{"url": address, "token": portal.Token(), "portal": portal.PortalID(), "authorizeUrl": authorize,
			"clientId": signIn.ClientID, "clientSecret": signIn.ClientSecret, "redirectUrls": signIn.RedirectURLs, "tokenLifetime": int(signIn.Lifetime.Seconds())})
	}
	_, err := fmt.Fprintf(c.Out, "practice portal %d at %s, token %s\nuse it with SYNCLINE_API_URL=%s SYNCLINE_TOKEN=%s\n"+
		"or sign in with SYNCLINE_API_URL=%s SYNCLINE_AUTHORIZE_URL=%s SYNCLINE_CLIENT_ID=%s SYNCLINE_CLIENT_SECRET=%s\n",
		portal.PortalID(), address, portal.Token(), address, portal.Token(), address, authorize, signIn.ClientID, signIn.ClientSecret)
	return err
}
