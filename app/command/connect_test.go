package command_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"syncline/app/command"
	"syncline/app/vault/vaulttest"
	"syncline/sync/hubspot/practice"
)

// lobby is a terminal without SYNCLINE_TOKEN, next to a browser.
type lobby struct {
	*desk
	env      map[string]string
	keychain *vaulttest.Keychain
	browse   func(string) error
}

func newLobby(t *testing.T, o practice.Options) *lobby {
	d := newDesk(t, o)
	known := d.portal.OAuthApp()
	return &lobby{desk: d, keychain: &vaulttest.Keychain{}, browse: visit("yes"), env: map[string]string{"SYNCLINE_API_URL": d.url, "SYNCLINE_AUTHORIZE_URL": d.url + "/oauth/authorize",
		"SYNCLINE_WORKSPACE": d.path("workspace"), "SYNCLINE_CLIENT_ID": known.ClientID, "SYNCLINE_CLIENT_SECRET": known.ClientSecret}}
}

// visit is a person who answers the consent page and follows the redirect.
func visit(agree string) func(string) error {
	return func(link string) error {
		resp, err := http.PostForm(link, url.Values{"agree": {agree}})
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		_, err = io.Copy(io.Discard, resp.Body)
		return err
	}
}

// do carries out a command and reads its document.
func (l *lobby) do(args ...string) (status int, doc map[string]any, stderr string) {
	l.t.Helper()
	var out, errs bytes.Buffer
	for i, a := range args {
		if a == "sync.yaml" {
			args[i] = l.path(a)
		}
	}
	status = command.Run(append(args, "--json"), command.IO{In: strings.NewReader(""), Out: &out, Err: &errs, Getenv: func(k string) string { return l.env[k] },
		Keychain: l.keychain, Browse: l.browse, Ports: []int{0}})
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
		l.t.Fatalf("%v: %v\n%s\n%s", args, err, out.String(), errs.String())
	}
	return status, doc, errs.String()
}

func TestConnectingByTheBrowserOnTheCommandLine(t *testing.T) {
	t.Parallel()
	l := newLobby(t, practice.Options{})
	status, doc, stderr := l.do("connect", "Acme")
	if status != 0 || doc["name"] != "Acme" || doc["kind"] != "oauth" || doc["portal"] != float64(l.portal.PortalID()) {
		t.Fatalf("status %d, %v\n%s", status, doc, stderr)
	}
	lines := strings.Split(stderr, "\n")
	if !slices.ContainsFunc(lines, func(s string) bool {
		return strings.HasPrefix(s, l.url+"/oauth/authorize?") && !strings.ContainsAny(s, " +")
	}) {
		t.Errorf("the link is no line of its own:\n%s", stderr)
	}
	// The app's credentials are stored with the connection from now on.
	delete(l.env, "SYNCLINE_CLIENT_ID")
	delete(l.env, "SYNCLINE_CLIENT_SECRET")
	_, doc, _ = l.do("portals")
	list, _ := doc["portals"].([]any)
	if len(list) != 1 {
		t.Fatalf("portals: %v", doc)
	}
	if p, _ := list[0].(map[string]any); p["kind"] != "oauth" || p["health"] != "ok" || p["user"] != "practice@example.com" || len(p["scopes"].([]any)) != 5 {
		t.Errorf("portals: %v", doc)
	}
	if status, doc, stderr = l.do("run", "sync.yaml"); status != 0 || l.portal.Count("contacts") != 2 {
		t.Errorf("run: %d %v\n%s", status, doc, stderr)
	}
	// More scopes, for the connection that is there.
	if status, doc, stderr = l.do("connect", "Acme", "--scopes", "crm.objects.deals.read,crm.objects.owners.read"); status != 0 || len(doc["scopes"].([]any)) != 7 {
		t.Errorf("more scopes: %d %v\n%s", status, doc, stderr)
	}
	l.portal.Uninstall()
	if status, doc, stderr = l.do("run", "sync.yaml"); status != 5 || !strings.Contains(stderr, "Sign-in needed") {
		t.Errorf("after uninstalling: %d %v\n%s", status, doc, stderr)
	}
	_, doc, _ = l.do("portals")
	if p, _ := doc["portals"].([]any)[0].(map[string]any); !strings.HasPrefix(p["health"].(string), "Sign-in needed") {
		t.Errorf("portals: %v", doc)
	}
	if status, doc, stderr = l.do("connect", "Acme"); status != 0 {
		t.Errorf("again: %d %v\n%s", status, doc, stderr)
	}
	if status, doc, stderr = l.do("run", "sync.yaml"); status != 0 {
		t.Errorf("run again: %d %v\n%s", status, doc, stderr)
	}
	if status, doc, stderr = l.do("disconnect", "Acme"); status != 0 || doc["revoked"] != true || len(l.keychain.Entries()) > 0 {
		t.Errorf("disconnect: %d %v\n%s", status, doc, stderr)
	}
}

func TestSignInsThatFailOnTheCommandLine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*lobby)
		status int
		says   string
	}{
		"denied":         {func(l *lobby) { l.browse = visit("no") }, 5, "refused on HubSpot's page"},
		"no app":         {func(l *lobby) { delete(l.env, "SYNCLINE_CLIENT_ID"); delete(l.env, "SYNCLINE_CLIENT_SECRET") }, 2, "SYNCLINE_CLIENT_SECRET; with --token-stdin"},
		"a wrong secret": {func(l *lobby) { l.env["SYNCLINE_CLIENT_SECRET"] = "wrong-secret-of-the-app" }, 5, "client secret"},
		"plain http":     {func(l *lobby) { l.env["SYNCLINE_AUTHORIZE_URL"] = "http://example.com/oauth/authorize" }, 2, "https://"},
		"no keychain": {func(l *lobby) {
			l.keychain.Fail(func(string, string) error {
				return errors.New("The name org.freedesktop.secrets was not provided by any .service files")
			})
		}, 1, "given a token by SYNCLINE_TOKEN"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLobby(t, practice.Options{})
			c.change(l)
			status, doc, stderr := l.do("connect", "Acme")
			problem, _ := doc["error"].(map[string]any)
			said, _ := json.Marshal(problem)
			if status != c.status || !strings.Contains(string(said), c.says) || strings.Contains(stderr, "wrong-secret-of-the-app") {
				t.Errorf("status %d, %s\n%s", status, said, stderr)
			}
			if status, doc, _ = l.do("portals"); status != 0 || len(doc["portals"].([]any)) > 0 {
				t.Errorf("connected: %v", doc)
			}
		})
	}
}

func TestThePracticePortalTellsHowToSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, practice.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := w.command(ctx, "practice", "--json", "--token-lifetime", "20s", "--redirect-url", "http://localhost:41731/oauth/callback")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		URL, AuthorizeURL, ClientID, ClientSecret string
		RedirectURLs                              []string
		TokenLifetime                             int
	}
	if err := json.NewDecoder(out).Decode(&doc); err != nil {
		t.Fatal(err)
	}
	if doc.AuthorizeURL != doc.URL+"/oauth/authorize" || doc.ClientID == "" || doc.ClientSecret == "" || len(doc.RedirectURLs) != 1 || doc.TokenLifetime != 20 {
		t.Errorf("%+v", doc)
	}
	for redirect, want := range map[string]int{"http://localhost:41731/oauth/callback": 200, "http://localhost:41732/oauth/callback": 400} {
		resp, err := http.Get(doc.AuthorizeURL + "?" + url.Values{"client_id": {doc.ClientID}, "redirect_uri": {redirect}, "scope": {"oauth"}}.Encode())
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s: %d", redirect, resp.StatusCode)
		}
	}
	for _, wrong := range [][]string{{"--token-lifetime", "0s"}, {"--token-lifetime", "1500ms"}, {"--redirect-url", "http://127.0.0.1:1/cb"}, {"--listen", "0.0.0.0:0"}} {
		if _, status := w.fails(append([]string{"practice"}, wrong...)...); status != 2 {
			t.Errorf("%v: status %d", wrong, status)
		}
	}
	cancel()
	_ = c.Wait() // it was killed
}

// fails does a command that has no report.
func (w *world) fails(args ...string) (string, int) {
	w.t.Helper()
	c := w.command(w.t.Context(), args...)
	out, _ := c.CombinedOutput() // the status is what counts
	return string(out), c.ProcessState.ExitCode()
}

// The journal of a portal is followed by its syncs once a person turned it on.
func TestTheJournalIsTurnedOnOnTheCommandLine(t *testing.T) {
	t.Parallel()
	l := newLobby(t, practice.Options{})
	l.do("connect", "Acme")
	if status, doc, _ := l.do("journal", "Acme", "perhaps"); status != 2 {
		t.Errorf("a word that there is not: %d %v", status, doc)
	}
	if status, doc, stderr := l.do("journal", "Acme", "on"); status != 0 || doc["journal"] != true {
		t.Fatalf("status %d, %v\n%s", status, doc, stderr)
	}
	if status, doc, stderr := l.do("run", "sync.yaml"); status != 0 || l.portal.Calls().By["POST webhooks-journal/subscriptions"] != 1 {
		t.Errorf("status %d, %v %v\n%s", status, doc["notes"], l.portal.Calls().By, stderr)
	}
	_, doc, _ := l.do("portals")
	if p, _ := doc["portals"].([]any)[0].(map[string]any); p["journal"] != true {
		t.Errorf("portals: %v", doc)
	}
	before := l.portal.Calls().By["GET webhooks-journal/journal/latest"]
	l.do("journal", "Acme", "off")
	if l.do("run", "sync.yaml"); l.portal.Calls().By["GET webhooks-journal/journal/latest"] != before {
		t.Error("it is still asked")
	}
}
