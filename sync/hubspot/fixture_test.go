package hubspot_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"syncline/sync/hubspot"
)

// transport answers requests in the process, so that tests can run on virtual
// time.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// reply builds an answer; header lines are "Name: value".
func reply(r *http.Request, status int, body string, headers ...string) *http.Response {
	h := http.Header{"Content-Type": {"application/json;charset=utf-8"}}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		h.Set(name, value)
	}
	return &http.Response{
		StatusCode: status, Header: h, Request: r, ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}

// seen is a request as the server saw it.
type seen struct {
	Method, Path, Query string
	Body                map[string]any
	Header              http.Header
}

// script answers requests one after the other and keeps what it saw. The last
// answer repeats.
type script struct {
	mu      sync.Mutex
	answers []func(*http.Request) (*http.Response, error)
	seen    []seen
}

func answers(list ...func(*http.Request) (*http.Response, error)) *script {
	return &script{answers: list}
}

// says is an answer with a body.
func says(status int, body string, headers ...string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) { return reply(r, status, body, headers...), nil }
}

// fails is a round trip without an answer.
func fails(err error) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	got := seen{Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Header: r.Header}
	if r.Body != nil {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		form := r.Header.Get("Content-Type") == "application/x-www-form-urlencoded" // of the sign-in
		if err := json.Unmarshal(raw, &got.Body); err != nil && !form {
			return nil, err
		}
	}
	s.mu.Lock()
	next := s.answers[min(len(s.seen), len(s.answers)-1)]
	s.seen = append(s.seen, got)
	s.mu.Unlock()
	return next(r)
}

func (s *script) requests() []seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen
}

const testToken = "pat-na1-11111111-2222-3333-4444-555555555555"

// connect returns a client of a transport. It waits without jitter.
func connect(t testing.TB, rt http.RoundTripper, change ...func(*hubspot.Config)) *hubspot.Client {
	t.Helper()
	cfg := hubspot.Config{
		Tokens: hubspot.StaticToken(testToken), Transport: rt,
		Jitter: func() float64 { return 1 },
	}
	for _, f := range change {
		f(&cfg)
	}
	c, err := hubspot.New(cfg)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return c
}

// recorded returns a recorded answer of HubSpot's.
func recorded(t testing.TB, name string) string {
	t.Helper()
	root := os.Getenv("SYNCLINE_TESTDATA")
	if root == "" {
		t.Skip("SYNCLINE_TESTDATA is not set: the recorded answers are not here")
	}
	b, err := os.ReadFile(filepath.Join(root, "recorded-hubspot/amp-labs-MIT/providers/hubspot", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
