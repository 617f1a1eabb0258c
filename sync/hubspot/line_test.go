package hubspot_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"syncline/sync/hubspot"
)

func TestIsLoopback(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "LOCALHOST": true, "LocalHost.": true, "127.0.0.1": true, "127.8.9.10": true, "::1": true, "::ffff:127.0.0.1": true,
		"": false, "localhost.evil.example": false, "127.0.0.1.evil.example": false, "evil.localhost": false, "localhost..": false,
		"10.0.0.1": false, "0.0.0.0": false, "::": false, "127.1": false, "2130706433": false, "0x7f000001": false, "api.hubapi.com": false, "ⓛocalhost": false,
	} {
		if got := hubspot.IsLoopback(host); got != want {
			t.Errorf("IsLoopback(%q) = %t", host, got)
		}
	}
}

// A proxy of the environment never gets to see a request to this machine,
// whatever its address is spelt like, nor any request in clear.
func TestTheProxyNeverSeesTheToken(t *testing.T) {
	if os.Getenv("SYNCLINE_TEST_PROXIED") != "" {
		askThroughTheEnvironment(t)
		return
	}
	// net/http reads the environment once per process.
	var seen []string
	proxy := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Method+" "+r.RequestURI+" "+r.Header.Get("Authorization"))
	}))
	defer proxy.Close()
	portal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.Contains(r.URL.Path, "/token") {
			_, _ = w.Write([]byte(`{"access_token":"a","refresh_token":"r","active":true}`))
			return
		}
		_, _ = w.Write([]byte(`{"results":[]}`))
	}))
	defer portal.Close()
	_, port, err := net.SplitHostPort(portal.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestTheProxyNeverSeesTheToken$", "-test.v")
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); !strings.HasSuffix(strings.ToLower(name), "_proxy") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	cmd.Env = append(cmd.Env, "SYNCLINE_TEST_PROXIED="+port, "HTTP_PROXY="+proxy.URL, "HTTPS_PROXY="+proxy.URL, "NO_PROXY=")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	for _, s := range seen {
		if !strings.HasPrefix(s, "CONNECT api.hubapi.com:443") || strings.Contains(s, "Bearer") {
			t.Errorf("the proxy saw %q", s)
		}
	}
	if len(seen) == 0 {
		t.Error("the proxy was not asked for the way to HubSpot: this proves nothing")
	}
}

func askThroughTheEnvironment(t *testing.T) {
	port := os.Getenv("SYNCLINE_TEST_PROXIED")
	for _, host := range []string{"localhost", "LOCALHOST", "LocalHost.", "127.0.0.1", "[::ffff:127.0.0.1]"} {
		base := "http://" + host + ":" + port
		c, err := hubspot.New(hubspot.Config{BaseURL: base, Tokens: hubspot.StaticToken(testToken)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.List(t.Context(), "contacts", hubspot.ListRequest{}); err != nil {
			t.Errorf("%s: %v", base, err)
		}
		o, err := hubspot.NewOAuth(hubspot.OAuthConfig{BaseURL: base, App: hubspot.OAuthApp{ClientID: "id", ClientSecret: "secret"}})
		if err != nil {
			t.Fatal(err)
		}
		for what, call := range map[string]func(context.Context) error{
			"exchange":   func(ctx context.Context) error { _, err := o.Exchange(ctx, "c", "http://localhost:1", "v"); return err },
			"refresh":    func(ctx context.Context) error { _, err := o.Refresh(ctx, "r"); return err },
			"introspect": func(ctx context.Context) error { _, err := o.Introspect(ctx, "r"); return err },
			"revoke":     func(ctx context.Context) error { return o.Revoke(ctx, "r") },
		} {
			if err := call(t.Context()); err != nil {
				t.Errorf("%s, %s: %v", base, what, err)
			}
		}
	}
	// The proxy of this test does not lead there.
	c, err := hubspot.New(hubspot.Config{Tokens: hubspot.StaticToken(testToken)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Create(t.Context(), "contacts", nil); err == nil {
		t.Error("a proxy that leads nowhere answered for HubSpot")
	}
}
