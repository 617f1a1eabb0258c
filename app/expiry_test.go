package app_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncline/app"
	"syncline/app/auth"
	"syncline/app/vault/vaulttest"
	"syncline/store"
	"syncline/sync/engine"
	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
)

// hosts carries requests to practice portals by the name of their host, in
// virtual time as well.
type hosts map[string]*practice.Portal

// RoundTrip implements http.RoundTripper.
func (h hosts) RoundTrip(req *http.Request) (*http.Response, error) {
	p, ok := h[req.URL.Host]
	if !ok {
		return nil, fmt.Errorf("no portal at %s", req.URL.Host)
	}
	return p.Transport().RoundTrip(req)
}

// customers is a sync of a file with one of the portals.
const customers = `syncline: 1
name: Customers of %[1]s
source: { kind: csv, path: %[1]s.csv, key: [id] }
hubspot:
  portal: %[1]s
  object: contacts
  match: [ { field: Email, property: email } ]
direction: two-way
create: hubspot
guards: { creates: 1000000 }
fields:
  - { field: Email, property: email }
  - { field: First, property: firstname }
  - { field: Last, property: lastname }
`

// hall is a workspace with portals that live in this process, and a sync with
// each of them.
type hall struct {
	t        *testing.T
	dir      string
	keychain *vaulttest.Keychain
	hosts    hosts
	app      *app.App
}

func newHall(t *testing.T) *hall {
	h := &hall{t: t, dir: t.TempDir(), keychain: &vaulttest.Keychain{}, hosts: hosts{}}
	h.app = h.open()
	return h
}

// open opens the workspace as another process would. It is closed with the test.
func (h *hall) open() *app.App {
	h.t.Helper()
	a, err := app.Open(h.t.Context(), app.Environment{Workspace: filepath.Join(h.dir, "workspace"), Keychain: h.keychain, Transport: h.hosts})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { a.Close() })
	return a
}

// connect signs in to a portal, as ConnectBrowser does, without a socket.
func (h *hall) connect(name string, p *practice.Portal) store.Connection {
	h.t.Helper()
	ctx := h.t.Context()
	c := store.Connection{ID: "c-" + name, Name: name, Kind: app.KindOAuth, PortalID: p.PortalID(), APIURL: "https://" + name + ".example", ClientID: p.OAuthApp().ClientID,
		Scopes: app.DefaultScopes(), Created: time.Now(), Checked: time.Now()}
	h.hosts[name+".example"] = p
	refresh := h.consent(c, p)
	for entry, secret := range map[string]string{c.ID: refresh, "app:" + c.ClientID: p.OAuthApp().ClientSecret} {
		if err := h.app.Vault.Set(ctx, entry, secret); err != nil {
			h.t.Fatal(err)
		}
	}
	if err := h.app.Store.SaveConnection(ctx, c); err != nil {
		h.t.Fatal(err)
	}
	return c
}

func (h *hall) consent(c store.Connection, p *practice.Portal) string {
	h.t.Helper()
	known := p.OAuthApp()
	o, err := hubspot.NewOAuth(hubspot.OAuthConfig{App: hubspot.OAuthApp{ClientID: known.ClientID, ClientSecret: known.ClientSecret}, BaseURL: c.APIURL, AuthorizeURL: c.APIURL, Transport: h.hosts})
	if err != nil {
		h.t.Fatal(err)
	}
	const redirect, verifier = "http://localhost:1/oauth/callback", "a-verifier-of-some-length-as-there-must-be-one"
	link := o.ConsentURL(hubspot.Consent{RedirectURL: redirect, State: "s", Verifier: verifier, Scopes: c.Scopes})
	person := http.Client{Transport: h.hosts, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := person.PostForm(link, url.Values{"agree": {"yes"}})
	if err != nil {
		h.t.Fatal(err)
	}
	resp.Body.Close()
	to, err := resp.Location()
	if err != nil {
		h.t.Fatal(err)
	}
	g, err := o.Exchange(h.t.Context(), to.Query().Get("code"), redirect, verifier)
	if err != nil {
		h.t.Fatal(err)
	}
	return g.RefreshToken
}

// rows writes the file of a sync and its definition.
func (h *hall) rows(name string, n int) string {
	h.t.Helper()
	var b strings.Builder
	b.WriteString("id,Email,First,Last\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,%s%d@example.com,First%d,Last%d\n", i, name, i, i, i)
	}
	path := filepath.Join(h.dir, name+".yaml")
	for file, text := range map[string]string{path: fmt.Sprintf(customers, name), filepath.Join(h.dir, name+".csv"): b.String()} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			h.t.Fatal(err)
		}
	}
	return path
}

func run(ctx context.Context, a *app.App, path string) (engine.Result, error) {
	s, err := a.OpenSync(ctx, path, app.Options{Confirmed: true})
	if err != nil {
		return engine.Result{}, err
	}
	defer s.Close()
	return s.Engine.Run(ctx, "")
}

// state is what a portal holds at the end, by e-mail.
func state(t *testing.T, p *practice.Portal) map[string][2]string {
	t.Helper()
	all := make(map[string][2]string)
	for id, r := range p.Records("contacts") {
		if _, twice := all[r["email"]]; twice {
			t.Errorf("%s is there twice, as %s too", r["email"], id)
		}
		all[r["email"]] = [2]string{r["firstname"], r["lastname"]}
	}
	return all
}

// refreshes are the times of the calls to the token endpoint after the first,
// which is the sign-in's.
func refreshes(p *practice.Portal) (times []time.Time, unauthorized int) {
	for _, r := range p.Requests() {
		if r.Route == "POST oauth/token" {
			times = append(times, r.Time)
		}
		if r.Status == http.StatusUnauthorized {
			unauthorized++
		}
	}
	return times[1:], unauthorized
}

// Twenty thousand rows with tokens that live twenty seconds end as they would
// with one that lives on, no call goes out with an expired one, and each is
// replaced once, when its time has come.
func TestTokensThatExpireInTheMiddleOfARun(t *testing.T) {
	t.Parallel()
	rows := 20_000
	if testing.Short() {
		rows = 4000
	}
	const life = 20 * time.Second
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		p := practicetest.New(t, practice.Options{Latency: practice.Fixed(2 * time.Second), App: practice.OAuthApp{Lifetime: life}})
		h.connect("acme", p)
		path := h.rows("acme", rows)
		start := time.Now()
		res, err := run(t.Context(), h.app, path)
		took := time.Since(start)
		if err != nil || res.Counts.Created != rows || res.Counts.Sum() != res.Counts.Read {
			t.Fatalf("%+v, %v", res.Counts, err)
		}
		times, unauthorized := refreshes(p)
		t.Logf("%v, %d calls, %d refreshes", took, p.Calls().Total, len(times))
		if unauthorized > 0 {
			t.Errorf("%d calls went out with a token that had expired", unauthorized)
		}
		if least := int(took / life); len(times) < least {
			t.Errorf("%d refreshes in %v", len(times), took)
		}
		for i := 1; i < len(times); i++ {
			if age := times[i].Sub(times[i-1]); age < life*4/5 || age > life {
				t.Errorf("token %d was replaced after %v", i, age)
			}
		}
		want := make(map[string][2]string, rows)
		for i := range rows {
			want[fmt.Sprintf("acme%d@example.com", i)] = [2]string{fmt.Sprintf("First%d", i), fmt.Sprintf("Last%d", i)}
		}
		if diff := cmp.Diff(want, state(t, p)); diff != "" {
			t.Errorf("the end differs:\n%.2000s", diff)
		}
		// Nothing is left to do: what was written once is not written again.
		writes := p.Calls().Writes
		if res, err := run(t.Context(), h.app, path); err != nil || res.Counts.Unchanged != rows || p.Calls().Writes != writes {
			t.Errorf("once more: %+v, %v, %d writes", res.Counts, err, p.Calls().Writes-writes)
		}
	})
}

// Tokens that end before their time are seen by the 401 alone: one refresh
// each, however many calls are refused at once, and no write twice.
func TestATokenThatIsRefusedIsReplacedOnceForAllCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const rows, expiries = 5000, 3
		h := newHall(t)
		p := practicetest.New(t, practice.Options{Latency: practice.Fixed(time.Second)})
		h.connect("acme", p)
		path := h.rows("acme", rows)
		var faults []practice.Fault
		for i := range expiries {
			faults = append(faults, practice.Fault{Kind: practice.MidExpiry, Path: "/batch/create", Skip: 30*i + 5}) // beyond the calls that were refused with the one before
		}
		p.SetFaults(practice.Faults{Script: faults})
		res, err := run(t.Context(), h.app, path)
		if err != nil || res.Counts.Created != rows {
			t.Fatalf("%+v, %v", res.Counts, err)
		}
		times, unauthorized := refreshes(p)
		if len(times) != 1+expiries || unauthorized < expiries {
			t.Errorf("%d refreshes and %d refusals for %d tokens that ended", len(times)-1, unauthorized, expiries)
		}
		if n := len(state(t, p)); n != rows || p.Count("contacts") != rows {
			t.Errorf("%d contacts, %d of them", p.Count("contacts"), n)
		}
	})
}

// The app is uninstalled in mid-run: the run stops and says why, the
// connection says so, and after signing in again the run goes on.
func TestAnUninstalledAppStopsTheRunUntilSomebodySignsIn(t *testing.T) {
	t.Parallel()
	for _, saysHub := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			const rows = 2000
			h := newHall(t)
			var p *practice.Portal
			var mu sync.Mutex
			creates := 0
			p = practicetest.New(t, practice.Options{Latency: practice.Fixed(time.Second), Switches: practice.Switches{UninstalledSaysHub: saysHub}, Observe: func(r practice.Request) {
				mu.Lock()
				defer mu.Unlock()
				if strings.HasSuffix(r.Route, "/batch/create") && r.Status == http.StatusCreated {
					if creates++; creates == 6 {
						p.Uninstall()
					}
				}
			}})
			c := h.connect("acme", p)
			path := h.rows("acme", rows)
			_, err := run(t.Context(), h.app, path)
			var why *auth.Error
			if e := app.Explain(err); !errors.As(err, &why) || why.Reason != auth.Revoked || e.Kind != app.SignIn || !strings.HasPrefix(e.What, "Sign-in needed: ") {
				t.Fatalf("got %v: %s", err, e)
			}
			if n := p.Count("contacts"); n == 0 || n == rows {
				t.Errorf("it stopped with %d contacts", n)
			}
			if stored, err := h.app.Store.Connection(t.Context(), "acme"); err != nil || !strings.HasPrefix(stored.Health, "Sign-in needed: ") {
				t.Errorf("health %q, %v", stored.Health, err)
			}
			if _, err := run(t.Context(), h.app, path); app.Explain(err).Kind != app.SignIn {
				t.Errorf("before the sign-in: %v", err)
			}
			if err := h.app.Vault.Set(t.Context(), c.ID, h.consent(c, p)); err != nil {
				t.Fatal(err)
			}
			res, err := run(t.Context(), h.app, path)
			if err != nil || res.Counts.Sum() != res.Counts.Read {
				t.Fatalf("%+v, %v", res.Counts, err)
			}
			if n := len(state(t, p)); n != rows || p.Count("contacts") != rows {
				t.Errorf("%d contacts, %d of them", p.Count("contacts"), n)
			}
		})
	}
}

// The window and the command line share a connection whose refresh token
// changes with every use.
func TestTwoProcessesShareARotatingSignIn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHall(t)
		p := practicetest.New(t, practice.Options{Latency: practice.Fixed(100 * time.Millisecond), App: practice.OAuthApp{RotateRefresh: true, Lifetime: time.Minute}})
		h.connect("acme", p)
		other := h.open()
		var wg sync.WaitGroup
		for _, a := range []*app.App{h.app, other} {
			wg.Go(func() {
				for range 40 {
					portal, err := a.Portal(t.Context(), "acme")
					if err == nil {
						_, err = portal.Client.Account(t.Context())
					}
					if err != nil {
						t.Errorf("after %d refreshes: %v", p.Calls().By["POST oauth/token"], err)
						return
					}
					time.Sleep(20 * time.Second)
				}
			})
		}
		wg.Wait()
		t.Logf("%d calls to the token endpoint", p.Calls().By["POST oauth/token"])
	})
}

// Two portals at once: neither sees the other's tokens, data or limits.
func TestTwoPortalsAtOnceNeverMix(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const rows = 1500
		h := newHall(t)
		portals := map[string]*practice.Portal{}
		limits := map[string]int{"acme": 100, "bolt": 190}
		for name, id := range map[string]int64{"acme": 11, "bolt": 22} {
			p := practicetest.New(t, practice.Options{Seed: uint64(id), PortalID: id, Latency: practice.Fixed(500 * time.Millisecond), App: practice.OAuthApp{Lifetime: 30 * time.Second},
				Limits: practice.Limits{Burst: limits[name]}})
			portals[name] = p
			h.connect(name, p)
		}
		var wg sync.WaitGroup
		for name := range portals {
			path := h.rows(name, rows)
			wg.Go(func() {
				if res, err := run(t.Context(), h.app, path); err != nil || res.Counts.Created != rows {
					t.Errorf("%s: %+v, %v", name, res.Counts, err)
				}
			})
		}
		wg.Wait()
		for name, p := range portals {
			for email := range state(t, p) {
				if !strings.HasPrefix(email, name) {
					t.Fatalf("%s holds %s", name, email)
				}
			}
			if _, unauthorized := refreshes(p); unauthorized > 0 || p.Calls().Throttled > 0 || p.Count("contacts") != rows {
				t.Errorf("%s: %d calls with a token that is not its own, %d throttled, %d contacts", name, unauthorized, p.Calls().Throttled, p.Count("contacts"))
			}
			u, err := h.app.Usage(t.Context(), name)
			if err != nil || u.Burst.Max != limits[name] || u.Sent > p.Calls().Total {
				t.Errorf("%s: %+v, %v", name, u, err)
			}
		}
	})
}
