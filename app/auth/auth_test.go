package auth_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"syncline/app/auth"
	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
)

// stage is a portal that people sign in to.
type stage struct {
	t      *testing.T
	portal *practice.Portal
	server *httptest.Server
	req    auth.Request
}

func newStage(t *testing.T, app practice.OAuthApp, change ...func(*hubspot.OAuthConfig)) *stage {
	t.Helper()
	s := &stage{t: t, portal: practicetest.New(t, practice.Options{App: app})}
	s.server = httptest.NewServer(s.portal)
	t.Cleanup(s.server.Close)
	known := s.portal.OAuthApp()
	cfg := hubspot.OAuthConfig{App: hubspot.OAuthApp{ClientID: known.ClientID, ClientSecret: known.ClientSecret}, BaseURL: s.server.URL, AuthorizeURL: s.server.URL}
	for _, f := range change {
		f(&cfg)
	}
	o, err := hubspot.NewOAuth(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.req = auth.Request{OAuth: o, Scopes: []string{"oauth", "crm.objects.contacts.read"}, Ports: []int{0}, Limit: time.Minute}
	return s
}

// redirect is where HubSpot's page sends the browser after the answer.
func (s *stage) redirect(link, agree string) string {
	person := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := person.PostForm(link, url.Values{"agree": {agree}})
	if err != nil {
		s.t.Error(err)
		return ""
	}
	resp.Body.Close()
	return resp.Header.Get("Location")
}

// page is an answer of the sign-in's door.
type page struct {
	status int
	header http.Header
	body   string
}

func (s *stage) visit(method, address string, change func(*http.Request)) page {
	req, err := http.NewRequest(method, address, http.NoBody)
	if err != nil {
		s.t.Error(err)
		return page{}
	}
	if change != nil {
		change(req)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Error(err)
		return page{}
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Error(err)
	}
	return page{resp.StatusCode, resp.Header, string(b)}
}

func reasonOf(err error) auth.Reason {
	var known *auth.Error
	if !errors.As(err, &known) {
		return ""
	}
	return known.Reason
}

func with(address, name, value string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	q := u.Query()
	if q.Del(name); value != "" {
		q.Set(name, value)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// Whatever else comes to the door, the wait goes on until the browser brings
// the answer to this question.
func TestOnlyTheRightRequestIsAccepted(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.OAuthApp{})
	var right string
	s.req.Browse = func(link string) error {
		right = s.redirect(link, "yes")
		u, err := url.Parse(right)
		if err != nil {
			return err
		}
		for name, c := range map[string]struct {
			method, address string
			change          func(*http.Request)
			status          int
		}{
			"a wrong state":        {"GET", with(right, "state", "x"), nil, 400},
			"no state":             {"GET", with(right, "state", ""), nil, 400},
			"two states":           {"GET", right + "&state=x", nil, 400},
			"neither code nor no":  {"GET", with(right, "code", ""), nil, 400},
			"both code and no":     {"GET", with(right, "error", "access_denied"), nil, 400},
			"a foreign host":       {"GET", right, func(r *http.Request) { r.Host = "evil.example:" + u.Port() }, 403},
			"the address as host":  {"GET", right, func(r *http.Request) { r.Host = "127.0.0.1:" + u.Port() }, 403},
			"another path":         {"GET", "http://" + u.Host + "/", nil, 404},
			"the icon":             {"GET", "http://" + u.Host + "/favicon.ico", nil, 404},
			"a form":               {"POST", right, nil, 405},
			"a look at the header": {"HEAD", right, nil, 405},
		} {
			if p := s.visit(c.method, c.address, c.change); p.status != c.status || strings.Contains(p.body, u.Query().Get("state")) || strings.Contains(p.body, "://") {
				t.Errorf("%s: status %d, want %d\n%s", name, p.status, c.status, p.body)
			}
		}
		if p := s.visit("GET", right, nil); p.status != 200 || !strings.Contains(p.body, "You are signed in") {
			t.Errorf("the right request: %d\n%s", p.status, p.body)
		}
		return nil
	}
	// While the grant is looked at, the door is still open.
	s.req.Accept = func(context.Context, hubspot.Grant) error {
		if p := s.visit("GET", right, nil); p.status != 410 || !strings.Contains(p.body, "This sign-in is over") {
			t.Errorf("a second request: %d\n%s", p.status, p.body)
		}
		return nil
	}
	if g, err := auth.SignIn(t.Context(), s.req); err != nil || g.AccessToken == "" {
		t.Errorf("got %v, %v", g, err)
	}
	if _, err := http.Get(right); err == nil {
		t.Error("the door is open after the sign-in")
	}
}

func TestTheWaitHasAnEnd(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.OAuthApp{})
	s.req.Limit, s.req.Browse = 50*time.Millisecond, func(string) error { return nil }
	if _, err := auth.SignIn(t.Context(), s.req); reasonOf(err) != auth.TimedOut || !strings.Contains(err.Error(), "within 50ms") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s.req.Limit, s.req.Link = time.Minute, func(string) { cancel() }
	if _, err := auth.SignIn(ctx, s.req); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// listenTo takes a free port of an address.
func listenTo(t *testing.T, network, address string) int {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().(*net.TCPAddr).Port
}

func TestAPortThatIsInUseIsPassedOver(t *testing.T) {
	t.Parallel()
	taken := listenTo(t, "tcp4", "127.0.0.1:0")
	s := newStage(t, practice.OAuthApp{})
	s.req.Ports = []int{taken}
	s.req.Link = func(string) { t.Error("there was nowhere to wait, and a link was shown") }
	_, err := auth.SignIn(t.Context(), s.req)
	if reasonOf(err) != auth.PortsTaken || !strings.Contains(err.Error(), strconv.Itoa(taken)) || !strings.Contains(err.Error(), "token") {
		t.Errorf("got %v", err)
	}
	if runtime.GOOS == "linux" && !strings.Contains(err.Error(), "(process "+strconv.Itoa(os.Getpid())+")") {
		t.Errorf("the process is not named: %v", err)
	}
	s.req.Ports, s.req.Link = []int{taken, 0}, nil
	s.req.Browse = func(link string) error { s.visit("GET", s.redirect(link, "yes"), nil); return nil }
	if _, err := auth.SignIn(t.Context(), s.req); err != nil {
		t.Errorf("the next port: %v", err)
	}
}

func TestAPortOfWhichAnotherProgramHasTheOtherHalfIsInUse(t *testing.T) {
	t.Parallel()
	taken := listenTo(t, "tcp6", "[::1]:0")
	s := newStage(t, practice.OAuthApp{})
	s.req.Ports = []int{taken}
	if _, err := auth.SignIn(t.Context(), s.req); reasonOf(err) != auth.PortsTaken {
		t.Errorf("got %v", err)
	}
}

func TestABrowserThatDoesNotOpenIsTold(t *testing.T) {
	t.Parallel()
	s := newStage(t, practice.OAuthApp{})
	links := make(chan string, 1)
	s.req.Link = func(link string) { links <- link }
	s.req.Browse = func(string) error { return errors.New("no program found") }
	s.req.Unopened = func(err error) {
		if !strings.Contains(err.Error(), "no program found") {
			t.Errorf("got %v", err)
		}
		s.visit("GET", s.redirect(<-links, "yes"), nil) // a person opens the link
	}
	if g, err := auth.SignIn(t.Context(), s.req); err != nil || g.PortalID != s.portal.PortalID() || g.RefreshToken == "" || g.Lifetime != 30*time.Minute {
		t.Errorf("got %v, %v", g, err)
	}
}

func TestTheClosingPageSpeaksThePersonsLanguageAndLoadsNothing(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		accept, agree, language, says string
	}{
		"English":             {"en-GB,en;q=0.9", "yes", "en", "return to Syncline"},
		"German":              {"de-AT,de;q=0.9,en;q=0.8", "yes", "de", "zu Syncline zurückkehren"},
		"another":             {"fr-FR, ja", "yes", "en", "return to Syncline"},
		"the second choice":   {"fr, de;q=0.5, en;q=0.3", "yes", "de", "zu Syncline zurückkehren"},
		"none":                {"", "yes", "en", "You are signed in"},
		"nonsense":            {"%%%%", "yes", "en", "You are signed in"},
		"a denial":            {"en", "no", "en", "Nothing was changed"},
		"a denial, in German": {"de", "no", "de", "Sie haben abgebrochen"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, practice.OAuthApp{})
			pages := make(chan page, 1)
			s.req.Browse = func(link string) error {
				pages <- s.visit("GET", s.redirect(link, tc.agree), func(r *http.Request) { r.Header.Set("Accept-Language", tc.accept) })
				return nil
			}
			_, err := auth.SignIn(t.Context(), s.req)
			if (tc.agree == "yes") != (err == nil) || err != nil && reasonOf(err) != auth.Denied {
				t.Errorf("got %v", err)
			}
			p := <-pages
			if p.status != 200 || !strings.Contains(p.body, tc.says) || p.header.Get("Content-Language") != tc.language || !strings.Contains(p.body, `<html lang="`+tc.language+`">`) {
				t.Errorf("status %d, %v\n%s", p.status, p.header, p.body)
			}
			for _, outside := range []string{"http:", "https:", "src=", "href=", "@import", "url(", "<script"} {
				if strings.Contains(p.body, outside) {
					t.Errorf("the page has %q:\n%s", outside, p.body)
				}
			}
			if !strings.HasPrefix(p.header.Get("Content-Security-Policy"), "default-src 'none'") || p.header.Get("Cache-Control") != "no-store" ||
				p.header.Get("Referrer-Policy") != "no-referrer" || p.header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("header %v", p.header)
			}
		})
	}
}

// Each refusal is told with its reason and a way out, in the program and on
// the page, and no secret is in either.
func TestEveryRefusalHasASentenceAndAWayOut(t *testing.T) {
	t.Parallel()
	wrong := func(id, secret string) func(*hubspot.OAuthConfig) {
		return func(c *hubspot.OAuthConfig) {
			if id != "" {
				c.App.ClientID = id
			}
			if secret != "" {
				c.App.ClientSecret = secret
			}
		}
	}
	// answers is a token endpoint that always says the same.
	answers := func(status int, body string) func(*hubspot.OAuthConfig) {
		return func(c *hubspot.OAuthConfig) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(status)
				_, _ = io.WriteString(w, body)
			}))
			t.Cleanup(server.Close)
			c.BaseURL, c.Jitter = server.URL, func() float64 { return 0 }
		}
	}
	body := func(status string) string {
		return `{"status":"` + status + `","message":"missing or unknown","error":"invalid_grant"}`
	}
	const secret = "0a1b2c3d-wrong-4e5f-8a9b-0c1d2e3f4a5b"
	for name, tc := range map[string]struct {
		app    practice.OAuthApp
		change func(*hubspot.OAuthConfig)
		alter  func(redirect string) string
		reason auth.Reason
		says   string
	}{
		"the person may not":  {app: practice.OAuthApp{NoRights: true}, reason: auth.UserUnauthorized, says: "super admin"},
		"the portal may not":  {app: practice.OAuthApp{Unavailable: []string{"crm.objects.contacts.read"}}, reason: auth.HubUnauthorized, says: "subscription"},
		"a wrong secret":      {change: wrong("", secret), reason: auth.BadClientSecret, says: "client secret"},
		"a wrong code":        {alter: func(r string) string { return with(r, "code", "na1-00000000-0000") }, reason: auth.BadCode, says: "Sign in again"},
		"an invalid scope":    {alter: func(r string) string { return with(with(r, "code", ""), "error", "invalid_scope") }, reason: auth.ScopeMismatch, says: "Tick them"},
		"a server error":      {alter: func(r string) string { return with(with(r, "code", ""), "error", "server_error") }, reason: auth.Refused, says: "server_error"},
		"a wrong client id":   {change: answers(400, body("BAD_CLIENT_ID")), reason: auth.BadClientID, says: "client id"},
		"a wrong redirect":    {change: answers(400, body("BAD_REDIRECT_URI")), reason: auth.BadRedirect, says: "http://localhost:41731/oauth/callback"},
		"a wrong verifier":    {change: answers(400, body("BAD_CODE_VERIFIER")), reason: auth.BadVerifier, says: "another sign-in"},
		"a wrong hub":         {change: answers(400, body("BAD_HUB")), reason: auth.Revoked, says: "Reconnect"},
		"a bad refresh token": {change: answers(400, body("BAD_REFRESH_TOKEN")), reason: auth.Revoked, says: "Reconnect"},
		"bad scopes":          {change: answers(400, body("BAD_SCOPES")), reason: auth.ScopeMismatch, says: "Tick them"},
		"an unknown refusal":  {change: answers(400, body("BAD_MOON")), reason: auth.Refused, says: "missing or unknown"},
		"a disturbance":       {change: func(c *hubspot.OAuthConfig) { wrong("", secret)(c); answers(503, `{"message":"`+secret+`"}`)(c) }, reason: auth.Unreachable, says: "in a few minutes"},
		"a web page":          {change: answers(200, `<html><title>Wi-Fi</title></html>`), reason: auth.Unreachable, says: "in a few minutes"},
		"no HubSpot":          {change: func(c *hubspot.OAuthConfig) { c.BaseURL = "http://127.0.0.1:1" }, reason: auth.Unreachable, says: "Check the network"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, tc.app, func(c *hubspot.OAuthConfig) {
				if tc.change != nil {
					tc.change(c)
				}
			})
			pages := make(chan page, 1)
			s.req.Browse = func(link string) error {
				to := s.redirect(link, "yes")
				if tc.alter != nil {
					to = tc.alter(to)
				}
				pages <- s.visit("GET", to, nil)
				return nil
			}
			_, err := auth.SignIn(t.Context(), s.req)
			if reasonOf(err) != tc.reason || !strings.Contains(err.Error(), tc.says) {
				t.Fatalf("got %q: %v", reasonOf(err), err)
			}
			var known *auth.Error
			if errors.As(err, &known); known.What == "" || known.Do == "" || strings.Contains(known.What+known.Do, "hubspot: ") {
				t.Errorf("said %q, %q", known.What, known.Do)
			}
			if p := <-pages; !strings.Contains(p.body, "The sign-in did not work") || strings.Contains(p.body+err.Error(), secret) {
				t.Errorf("page %s", p.body)
			}
		})
	}
}

func TestRedirectURLsAreThoseThatPeopleRegistered(t *testing.T) {
	t.Parallel()
	want := "http://localhost:41731/oauth/callback http://localhost:41732/oauth/callback http://localhost:41733/oauth/callback"
	if got := strings.Join(auth.RedirectURLs(), " "); got != want {
		t.Errorf("got %s", got)
	}
}
