package hubspot_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"syncline/sync/hubspot"
	"syncline/sync/record"
)

const (
	tenSecondly = `{"status":"error","message":"You have reached your ten_secondly_rolling limit.","errorType":"RATE_LIMIT","policyName":"TEN_SECONDLY_ROLLING"}`
	created     = `{"id":"7","properties":{"email":"a@example.com"},"createdAt":"2026-11-03T23:36:13Z","updatedAt":"2026-11-03T23:36:13.632Z","archived":false}`
)

// Which calls are repeated, how often, and how long it takes without jitter.
func TestRepetition(t *testing.T) {
	t.Parallel()
	list := func(ctx context.Context, c *hubspot.Client) error {
		_, err := c.List(ctx, "contacts", hubspot.ListRequest{})
		return err
	}
	create := func(ctx context.Context, c *hubspot.Client) error {
		_, err := c.Create(ctx, "contacts", record.Values{"email": record.Text("a@example.com")})
		return err
	}
	search := func(ctx context.Context, c *hubspot.Client) error {
		_, err := c.Search(ctx, "contacts", hubspot.SearchRequest{})
		return err
	}
	archive := func(ctx context.Context, c *hubspot.Client) error {
		return c.BatchArchive(ctx, "contacts", []string{"1"})
	}
	page := says(200, `{"results":[]}`)
	made := says(201, created)
	reset := fails(io.ErrUnexpectedEOF)
	tests := []struct {
		name     string
		call     func(context.Context, *hubspot.Client) error
		answers  []func(*http.Request) (*http.Response, error)
		requests int
		ok       bool
		least    time.Duration
		most     time.Duration
	}{
		{"read after a 502", list, []func(*http.Request) (*http.Response, error){says(502, "<html>"), page}, 2, true, 500 * time.Millisecond, time.Second},
		{"read after resets", list, []func(*http.Request) (*http.Response, error){reset, reset, reset, page}, 4, true, 3 * time.Second, 4 * time.Second},
		{"read of a cut-off answer", list, []func(*http.Request) (*http.Response, error){says(200, `{"resu`), page}, 2, true, 0, time.Second},
		{"read that never works", list, []func(*http.Request) (*http.Response, error){says(500, `{"message":"internal error"}`)}, 5, false, 7 * time.Second, 8 * time.Second},
		{"search after a 500", search, []func(*http.Request) (*http.Response, error){says(500, `{}`), page}, 2, true, 0, time.Second},
		{"search over its limit", search, []func(*http.Request) (*http.Response, error){says(429, `{"message":"You have reached your secondly limit.","category":"RATE_LIMITS"}`), page}, 2, true, 500 * time.Millisecond, 2 * time.Second},
		{"read of a cut-off refusal", list, []func(*http.Request) (*http.Response, error){says(400, `{"status":"error","mess`), page}, 2, true, 0, time.Second},
		{"refused by a proxy's page", list, []func(*http.Request) (*http.Response, error){says(403, "<html>")}, 1, false, 0, 0},
		{"write that is refused with a cut-off answer", create, []func(*http.Request) (*http.Response, error){says(400, `{"status":"error","mess`), made}, 1, false, 0, 0},
		{"bad request", list, []func(*http.Request) (*http.Response, error){says(400, `{"message":"There was a problem with the request."}`)}, 1, false, 0, 0},
		{"write after a 500", create, []func(*http.Request) (*http.Response, error){says(500, `{}`), made}, 1, false, 0, 0},
		{"write after a reset", create, []func(*http.Request) (*http.Response, error){reset, made}, 1, false, 0, 0},
		{"archive after a reset", archive, []func(*http.Request) (*http.Response, error){reset, says(204, "")}, 1, false, 0, 0},
		{"write after a 429", create, []func(*http.Request) (*http.Response, error){says(429, tenSecondly), made}, 2, true, 500 * time.Millisecond, time.Second},
		{"write after a lock", create, []func(*http.Request) (*http.Response, error){says(423, `{"message":"locked"}`), made}, 2, true, 2 * time.Second, 3 * time.Second},
		{"write that stays locked", create, []func(*http.Request) (*http.Response, error){says(423, `{}`)}, 7, false, 42 * time.Second, 43 * time.Second},
		{"portal on the move for a minute", create, []func(*http.Request) (*http.Response, error){says(477, `{}`, "Retry-After: 60"), made}, 2, true, time.Minute, 61 * time.Second},
		{"portal on the move for a day", create, []func(*http.Request) (*http.Response, error){says(477, `{}`, "Retry-After: 86400"), made}, 1, false, 0, 0},
		{"always over the limit", create, []func(*http.Request) (*http.Response, error){says(429, tenSecondly)}, 11, false, 30 * time.Second, 10 * time.Minute},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := answers(tc.answers...)
				c := connect(t, s)
				start := time.Now()
				err := tc.call(t.Context(), c)
				took := time.Since(start)
				if (err == nil) != tc.ok || len(s.requests()) != tc.requests {
					t.Errorf("%d requests, err %v; want %d requests, ok %v", len(s.requests()), err, tc.requests, tc.ok)
				}
				if took < tc.least || took > tc.most {
					t.Errorf("took %v, want %v to %v", took, tc.least, tc.most)
				}
			})
		})
	}
}

func TestLockPausesOtherWritesOfTheTypeOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		locked := true
		c := connect(t, transport(func(r *http.Request) (*http.Response, error) {
			if locked && strings.Contains(r.URL.Path, "/companies") && r.Method == http.MethodPost {
				locked = false
				return reply(r, 423, `{"message":"locked"}`), nil
			}
			if r.Method == http.MethodGet {
				return reply(r, 200, `{"results":[]}`), nil
			}
			return reply(r, 201, created), nil
		}))
		start := time.Now()
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := c.Create(t.Context(), "companies", nil); err != nil {
				t.Errorf("locked write: %v", err)
			}
		})
		synctest.Wait()
		after := func(what string, call func() error, least, most time.Duration) {
			wg.Go(func() {
				if err := call(); err != nil {
					t.Errorf("%s: %v", what, err)
				}
				if took := time.Since(start); took < least || took > most {
					t.Errorf("%s came after %v, want %v to %v", what, took, least, most)
				}
			})
		}
		after("a write of the type under another name", func() error {
			_, err := c.Create(t.Context(), "0-2", nil)
			return err
		}, 2*time.Second, 3*time.Second)
		after("a write of another type", func() error {
			_, err := c.Create(t.Context(), "contacts", nil)
			return err
		}, 0, time.Second)
		after("a read of the type", func() error {
			_, err := c.List(t.Context(), "companies", hubspot.ListRequest{})
			return err
		}, 0, time.Second)
		wg.Wait()
	})
}

// rotating is a token source whose tokens can be refused and replaced.
type rotating struct {
	mu      sync.Mutex
	token   string
	next    string
	renewed int
	err     error
}

func (s *rotating) Token(context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token, nil
}

func (s *rotating) Refresh(context.Context, string) error {
	time.Sleep(time.Second)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.renewed++
	if s.err == nil {
		s.token = s.next
	}
	return s.err
}

func TestRefusedTokenIsReplacedOnce(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		next    string
		err     error
		ok      bool
		renewed int
	}{
		{"replaced", "new-access-token", nil, true, 1},
		{"refused again", "other-token", nil, false, 5},
		{"cannot be replaced", "", errors.New("signed out"), false, 5},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				source := &rotating{token: "old-access-token", next: tc.next, err: tc.err}
				c := connect(t, transport(func(r *http.Request) (*http.Response, error) {
					if r.Header.Get("Authorization") != "Bearer new-access-token" {
						return reply(r, 401, `{"category":"EXPIRED_AUTHENTICATION"}`), nil
					}
					return reply(r, 201, created), nil
				}), func(cfg *hubspot.Config) { cfg.Tokens = source })
				var wg sync.WaitGroup
				for range 5 { // together: one refresh serves all of them
					wg.Go(func() {
						_, err := c.Create(t.Context(), "contacts", nil)
						if (err == nil) != tc.ok || err != nil && !hubspot.IsAuth(err) {
							t.Errorf("err = %v", err)
						}
					})
				}
				wg.Wait()
				if tc.ok && source.renewed != 1 || source.renewed > tc.renewed {
					t.Errorf("the token was replaced %d times", source.renewed)
				}
			})
		})
	}
}

func TestNoTokenIsKnown(t *testing.T) {
	t.Parallel()
	locked := errors.New("the keychain is locked")
	s := answers(says(200, `{}`))
	c := connect(t, s, func(cfg *hubspot.Config) { cfg.Tokens = noToken{locked} })
	_, err := c.Create(t.Context(), "contacts", nil)
	if !errors.Is(err, locked) || hubspot.Unknown(err) || len(s.requests()) > 0 {
		t.Errorf("err = %v, unknown %v, %d requests", err, hubspot.Unknown(err), len(s.requests()))
	}
}

type noToken struct{ err error }

func (n noToken) Token(context.Context) (string, error) { return "", n.err }

func TestGivingUpWhileWaitingKeepsTheAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, answers(says(423, `{"message":"locked"}`)))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Create(ctx, "contacts", nil)
		if !hubspot.IsLocked(err) || hubspot.Unknown(err) || time.Since(time.Now()) > time.Second {
			t.Errorf("err = %v, unknown %v", err, hubspot.Unknown(err))
		}
	})
}

func TestAnAttemptEndsByItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := connect(t, transport(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		}))
		start := time.Now()
		_, err := c.Create(t.Context(), "contacts", nil)
		if !errors.Is(err, context.DeadlineExceeded) || !hubspot.Unknown(err) {
			t.Errorf("err = %v, unknown %v", err, hubspot.Unknown(err))
		}
		if took := time.Since(start); took < 100*time.Second || took > 3*time.Minute {
			t.Errorf("it took %v", took)
		}
	})
}
