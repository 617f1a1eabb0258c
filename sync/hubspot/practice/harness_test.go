package practice_test

import (
	"encoding/json"
	"io"
	"iter"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"syncline/sync/hubspot/practice"
)

// client talks to a portal as a program would.
type client struct {
	t      testing.TB
	portal *practice.Portal
	token  string
	host   string // "" = api.hubapi.com
	http   *http.Client
}

// result is an answer with its body as a document.
type result struct {
	status int
	header http.Header
	raw    string
	body   map[string]any
}

func open(t testing.TB, o practice.Options) *client {
	t.Helper()
	o.Limits.Off = o.Limits == practice.Limits{}
	p := practice.New(o)
	return &client{t: t, portal: p, token: p.Token(), http: &http.Client{Transport: p.Transport()}}
}

func (c *client) request(method, path, body string) *http.Request {
	c.t.Helper()
	host := c.host
	if host == "" {
		host = "api.hubapi.com"
	}
	req, err := http.NewRequest(method, "https://"+host+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	req.Header.Set("Content-Type", "application/json")
	return req
}

// do makes a call; body is JSON text or a value to encode.
func (c *client) do(method, path string, body any) result {
	c.t.Helper()
	r, err := c.try(method, path, body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	return r
}

func (c *client) try(method, path string, body any) (result, error) {
	c.t.Helper()
	text, ok := body.(string)
	if !ok && body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		text = string(b)
	}
	resp, err := c.http.Do(c.request(method, path, text))
	if err != nil {
		return result{}, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	r := result{status: resp.StatusCode, header: resp.Header, raw: string(raw)}
	if err != nil {
		return r, err
	}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") && len(raw) > 0 {
		if err := json.Unmarshal(raw, &r.body); err != nil {
			c.t.Fatalf("%s %s: body %s: %v", method, path, raw, err)
		}
	}
	return r, nil
}

// want fails the test unless the answer has the status.
func (r result) want(t testing.TB, status int) result {
	t.Helper()
	if r.status != status {
		t.Fatalf("status %d, want %d: %s", r.status, status, r.raw)
	}
	return r
}

// at follows a path of keys and indexes: "results.0.properties.email".
func (r result) at(path string) any {
	var v any = r.body
	for key := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[key]
		case []any:
			i := 0
			for _, d := range key {
				i = i*10 + int(d-'0')
			}
			if i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

func (r result) text(path string) string {
	s, _ := r.at(path).(string)
	return s
}

func (r result) count(path string) int {
	list, _ := r.at(path).([]any)
	return len(list)
}

// wantError fails unless the answer is an error of the status whose message
// contains the text.
func (r result) wantError(t testing.TB, status int, category, message string) result {
	t.Helper()
	r.want(t, status)
	if got := r.text("category"); got != category {
		t.Errorf("category %q, want %q: %s", got, category, r.raw)
	}
	if !strings.Contains(r.text("message"), message) {
		t.Errorf("message %q does not contain %q", r.text("message"), message)
	}
	if r.text("status") != "error" || len(r.text("correlationId")) != 36 {
		t.Errorf("status and correlation id are wrong: %s", r.raw)
	}
	return r
}

type props = map[string]string

// contact makes a contact and returns its id.
func (c *client) contact(p props) string {
	c.t.Helper()
	return c.create("contacts", p)
}

func (c *client) create(objectType string, p props) string {
	c.t.Helper()
	return c.do("POST", "/crm/v3/objects/"+objectType, map[string]any{"properties": p}).want(c.t, 201).text("id")
}

func inputs(list ...any) map[string]any { return map[string]any{"inputs": list} }

// reporter lets the client report to a rapid test.
type reporter struct {
	testing.TB
	t interface {
		Helper()
		Fatal(args ...any)
		Fatalf(format string, args ...any)
	}
}

func (n reporter) Helper()                           { n.t.Helper() }
func (n reporter) Fatal(args ...any)                 { n.t.Fatal(args...) }
func (n reporter) Fatalf(format string, args ...any) { n.t.Fatalf(format, args...) }

func newHTTP(p *practice.Portal) *http.Client { return &http.Client{Transport: p.Transport()} }

// clock is a clock that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

func (c *clock) advance(ms int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(time.Duration(ms) * time.Millisecond)
}

// subSecond is a clock that always shows milliseconds, as recordings do.
func subSecond() time.Time { return time.Now().Truncate(time.Second).Add(345 * time.Millisecond) }

func mapKeys(v any) iter.Seq[string] {
	m, _ := v.(map[string]any)
	return maps.Keys(m)
}
