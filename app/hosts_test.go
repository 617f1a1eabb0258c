package app_test

import (
	"context"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncline/app"
	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
)

// network carries requests to a portal and notes their hosts. Names that
// nobody knows can't be looked up.
type network struct {
	portal  http.RoundTripper
	unknown string

	mu    sync.Mutex
	hosts []string
}

func (n *network) RoundTrip(r *http.Request) (*http.Response, error) {
	n.mu.Lock()
	if len(n.hosts) == 0 || n.hosts[len(n.hosts)-1] != r.URL.Host {
		n.hosts = append(n.hosts, r.URL.Host)
	}
	n.mu.Unlock()
	if r.URL.Host == n.unknown {
		return nil, &net.DNSError{Err: "no such host", Name: r.URL.Host, IsNotFound: true}
	}
	return n.portal.RoundTrip(r)
}

func openWith(t *testing.T, n *network, token string) *app.App {
	t.Helper()
	a, err := app.Open(t.Context(), app.Environment{Workspace: filepath.Join(t.TempDir(), "ws"), Token: token})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	a.Env.Transport = n
	return a
}

// A token of another region is tried at its own host first, then at the plain
// one; what worked is kept with the connection, and used from then on.
func TestThePortalsHostIsFoundAndKept(t *testing.T) {
	t.Parallel()
	const plain, regional = "api.hubapi.com", "api-eu1.hubapi.com"
	abroad := practice.Options{Hublet: "eu1"}
	for _, tc := range []struct {
		name    string
		options practice.Options
		token   string // "" is the portal's own
		unknown string
		tried   []string
	}{
		{"North America", practice.Options{}, "", "", []string{plain}},
		{"the region answers", abroad, "", "", []string{regional}},
		{"the region refuses", practice.Options{}, "pat-eu1-11111111-2222-3333-4444-555555555555", "", []string{regional, plain}},
		{"the region has no host", practice.Options{}, "pat-eu1-11111111-2222-3333-4444-555555555555", regional, []string{regional, plain}},
		{"a third data centre of North America", practice.Options{}, "pat-na3-11111111-2222-3333-4444-555555555555", "", []string{plain}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			portal := practicetest.New(t, tc.options)
			token := portal.Token()
			if tc.token != "" {
				token = portal.AddToken(practice.Token{Value: tc.token})
			}
			works := "https://" + tc.tried[len(tc.tried)-1]

			n := &network{portal: portal.Transport(), unknown: tc.unknown}
			a := openWith(t, n, "")
			if _, err := a.ConnectToken(t.Context(), "Ours", token, true); err != nil {
				t.Fatal(err)
			}
			c, err := a.Store.Connection(t.Context(), "Ours")
			if err != nil || c.APIURL != works {
				t.Errorf("kept %q, want %q (%v)", c.APIURL, works, err)
			}
			again(t, a, n, tc.tried)

			// The same for a token of the environment, within the process.
			n = &network{portal: portal.Transport(), unknown: tc.unknown}
			again(t, openWith(t, n, token), n, tc.tried)
		})
	}
}

// again calls the portal twice and compares the hosts that were tried.
func again(t *testing.T, a *app.App, n *network, want []string) {
	t.Helper()
	for range 2 {
		p, err := a.Portal(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Client.Account(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(want, n.hosts); diff != "" {
		t.Errorf("hosts tried: %s", diff)
	}
}

// A token that no host accepts is refused as the last host says; one that was
// given an address is tried nowhere else.
func TestATokenThatNoHostAcceptsIsRefused(t *testing.T) {
	t.Parallel()
	const token = "pat-eu1-11111111-2222-3333-4444-555555555555"
	n := &network{portal: practicetest.New(t, practice.Options{}).Transport()}
	a := openWith(t, n, token)
	if _, err := a.Portal(t.Context(), ""); !hubspot.IsAuth(err) {
		t.Errorf("err = %v", err)
	}
	if diff := cmp.Diff([]string{"api-eu1.hubapi.com", "api.hubapi.com"}, n.hosts); diff != "" {
		t.Error(diff)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := a.Portal(ctx, ""); err == nil || hubspot.IsAuth(err) {
		t.Errorf("after a cancel: %v", err)
	}
}

// meddler does something while a request is under way.
type meddler struct {
	http.RoundTripper
	meddle func()
}

func (m *meddler) RoundTrip(r *http.Request) (*http.Response, error) {
	if m.meddle != nil {
		m.meddle()
	}
	return m.RoundTripper.RoundTrip(r)
}

// A check takes its time. What a person does meanwhile is not undone by it.
func TestACheckLeavesWhatAPersonDidMeanwhile(t *testing.T) {
	t.Parallel()
	portal := practicetest.New(t, practice.Options{Name: "Acme Ltd"})
	m := &meddler{RoundTripper: portal.Transport()}
	o := newOffice(t, func(e *app.Environment) { e.Transport = m })
	made, err := o.ConnectToken(t.Context(), "Acme", portal.Token(), false)
	if err != nil {
		t.Fatal(err)
	}
	made.PortalName, made.Health, made.Checked = "", "It was ill", time.Time{}
	if err := o.Store.SaveConnection(t.Context(), made.Connection); err != nil {
		t.Fatal(err)
	}
	meanwhile := func(do func() error) {
		t.Helper()
		var once sync.Once
		m.meddle = func() {
			once.Do(func() {
				if err := do(); err != nil {
					t.Error(err)
				}
			})
		}
	}
	meanwhile(func() error { return o.Rename(t.Context(), "Acme", "Acme production") })
	if h, err := o.Test(t.Context(), "Acme"); err != nil || h.Err != nil {
		t.Fatalf("%+v, %v", h, err)
	}
	c := o.connection("Acme production")
	if c.PortalName != "Acme Ltd" || c.Health != "" || c.Checked.IsZero() || len(c.Scopes) == 0 || !slices.Equal(c.FormerNames, []string{"Acme"}) {
		t.Errorf("the check kept %+v", c)
	}
	meanwhile(func() error { _, err := o.SignOut(t.Context(), "Acme production"); return err })
	if _, err := o.Test(t.Context(), "Acme production"); err != nil {
		t.Fatal(err)
	}
	if all, err := o.Store.Connections(t.Context()); err != nil || len(all) > 0 {
		t.Errorf("the check brought back %+v, %v", all, err)
	}
}
