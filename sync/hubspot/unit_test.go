package hubspot_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"syncline/sync/hubspot"
	"syncline/sync/record"
)

// freshServer is a metered server that knows when each record was read last
// and how old that reading was when the record was written.
type freshServer struct {
	meteredServer
	refuse func(write int) *http.Response // an answer instead, for the n-th write

	guard  sync.Mutex
	read   map[string]time.Time // when the answer of the last read came
	ages   []time.Duration
	writes int
}

func (s *freshServer) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	id := string(body)[strings.Index(string(body), `"id":"`)+6:]
	id = id[:strings.Index(id, `"`)]
	writing := strings.HasSuffix(r.URL.Path, "/update")
	s.guard.Lock()
	var refused *http.Response
	if writing {
		s.ages = append(s.ages, time.Since(s.read[id]))
		if s.writes++; s.refuse != nil {
			refused = s.refuse(s.writes)
		}
	}
	s.guard.Unlock()
	resp, err := s.meteredServer.RoundTrip(r)
	switch {
	case err != nil || resp.StatusCode != http.StatusOK:
		return resp, err
	case refused != nil:
		return refused, nil
	case writing:
		return reply(r, 200, fmt.Sprintf(`{"status":"COMPLETE","results":[{"id":"%s","properties":{}}]}`, id)), nil
	}
	s.guard.Lock()
	s.read[id] = time.Now()
	s.guard.Unlock()
	answer := reply(r, 200, fmt.Sprintf(`{"status":"COMPLETE","results":[{"id":"%s","properties":{}}]}`, id))
	answer.Header = resp.Header
	return answer, nil
}

func newFreshServer(limit int) *freshServer {
	return &freshServer{meteredServer: meteredServer{limit: limit, window: 10 * time.Second,
		down: func() time.Duration { return 120 * time.Millisecond }}, read: map[string]time.Time{}}
}

// readAndWrite reads a record and writes it, as one unit.
func readAndWrite(ctx context.Context, c *hubspot.Client, id string) error {
	return c.Unit(ctx, "contacts", 2, func(ctx context.Context) error {
		if _, err := c.BatchRead(ctx, "contacts", hubspot.BatchReadRequest{IDs: []string{id}}); err != nil {
			return err
		}
		_, err := c.BatchUpdate(ctx, "contacts", []hubspot.UpdateInput{{ID: id, Properties: record.Values{"city": record.Text("Kiel")}, TraceID: "t"}})
		return err
	})
}

func TestAUnitsWriteFollowsItsReadAtOnce(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name           string
		limit, workers int
	}{
		{"a wide limit", 190, 8},
		{"a narrow limit", 12, 8},
		{"more units at once than places", 100, 40},
		{"one unit fills the limit", 2, 3},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newFreshServer(tc.limit)
				c := connect(t, s, func(cfg *hubspot.Config) { cfg.BurstLimit = tc.limit })
				var wg sync.WaitGroup
				span := 2 * time.Minute
				end := time.Now().Add(span)
				for w := range tc.workers {
					wg.Go(func() {
						for n := 0; time.Now().Before(end); n++ {
							if err := readAndWrite(t.Context(), c, fmt.Sprint(w)); err != nil {
								t.Errorf("worker %d: %v", w, err)
								return
							}
						}
					})
				}
				wg.Go(func() { // who makes single calls stands in the same queue
					for time.Now().Before(end) {
						if _, err := c.BatchRead(t.Context(), "contacts", hubspot.BatchReadRequest{IDs: []string{"single"}}); err != nil {
							t.Errorf("single: %v", err)
							return
						}
					}
				})
				wg.Wait()
				for i, age := range s.ages {
					if age != 0 {
						t.Fatalf("write %d of %d was sent %v after its read was answered", i+1, len(s.ages), age)
					}
				}
				if n, at := fullestWindow(s.arrivals, s.window); n > tc.limit || s.refused > 0 {
					t.Errorf("%d calls in the window from %v, %d refused; the limit is %d", n, at, s.refused, tc.limit)
				}
				permitted := float64(tc.limit) * span.Seconds() / 10
				if use := float64(len(s.arrivals)) / permitted; use < 0.9 && tc.workers >= 8 {
					t.Errorf("%d of %.0f permitted calls were made", len(s.arrivals), permitted)
				}
			})
		})
	}
}

func TestAUnitOfALimitOfOneGoesOnWithoutIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newFreshServer(1)
		c := connect(t, s, func(cfg *hubspot.Config) { cfg.BurstLimit = 1 })
		var wg sync.WaitGroup
		for w := range 3 {
			wg.Go(func() {
				if err := readAndWrite(t.Context(), c, fmt.Sprint(w)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if len(s.ages) != 3 {
			t.Errorf("%d writes", len(s.ages))
		}
	})
}

func TestARefusedWriteReadsAgain(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		status  int
		header  string
		atLeast time.Duration
	}{
		{429, "Retry-After: 3", 3 * time.Second},
		{423, "X: y", 2 * time.Second},
		{477, "Retry-After: 5", 5 * time.Second},
	} {
		t.Run(fmt.Sprint(tc.status), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newFreshServer(100)
				s.refuse = func(n int) *http.Response {
					if n > 2 {
						return nil
					}
					return reply(nil, tc.status, `{"status":"error","message":"later","policyName":"TEN_SECONDLY_ROLLING"}`, tc.header)
				}
				c := connect(t, s)
				start := time.Now()
				if err := readAndWrite(t.Context(), c, "1"); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(start); took < 2*tc.atLeast {
					t.Errorf("took %v; HubSpot asked for %v twice", took, tc.atLeast)
				}
				if len(s.ages) != 3 || len(s.arrivals) != 6 {
					t.Fatalf("%d writes among %d calls; want 3 of 6", len(s.ages), len(s.arrivals))
				}
				for _, age := range s.ages {
					if age != 0 {
						t.Errorf("a write was sent %v after its read", age)
					}
				}
			})
		})
	}
}

func TestAUnitThatIsRefusedForGoodEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newFreshServer(100)
		s.refuse = func(int) *http.Response { return reply(nil, 423, `{"message":"locked"}`) }
		c := connect(t, s)
		err := readAndWrite(t.Context(), c, "1")
		if !hubspot.IsLocked(err) || hubspot.IsStale(err) || hubspot.Unknown(err) {
			t.Errorf("a lock that stays: %v", err)
		}
		if len(s.ages) != 7 {
			t.Errorf("%d writes; a call alone is repeated six times", len(s.ages))
		}
	})
}

func TestAUnitGivesBackWhatItDidNotUse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newFreshServer(10)
		c := connect(t, s, func(cfg *hubspot.Config) { cfg.BurstLimit = 10 })
		sorry := errors.New("not today")
		start := time.Now()
		for range 100 {
			if err := c.Unit(t.Context(), "contacts", 4, func(context.Context) error { return sorry }); !errors.Is(err, sorry) {
				t.Fatal(err)
			}
		}
		for range 10 {
			if _, err := c.BatchRead(t.Context(), "contacts", hubspot.BatchReadRequest{IDs: []string{"1"}}); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took > 12*time.Second {
			t.Errorf("ten calls took %v after a hundred units that made none", took)
		}
	})
}

func TestAnErrorBesideARefusalEndsAUnit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newFreshServer(100)
		s.refuse = func(int) *http.Response { return reply(nil, 429, `{"message":"later"}`) }
		c := connect(t, s)
		disk := errors.New("the disk is full")
		err := c.Unit(t.Context(), "contacts", 1, func(ctx context.Context) error {
			_, err := c.BatchUpdate(ctx, "contacts", []hubspot.UpdateInput{{ID: "1", Properties: record.Values{"city": record.Text("")}}})
			return errors.Join(err, disk)
		})
		if !errors.Is(err, disk) || len(s.ages) != 1 {
			t.Errorf("%v after %d writes", err, len(s.ages))
		}
	})
}

func TestAUnitInsideAUnitIsRefused(t *testing.T) {
	t.Parallel()
	c := connect(t, newFreshServer(100))
	err := c.Unit(t.Context(), "contacts", 1, func(ctx context.Context) error {
		return c.Unit(ctx, "contacts", 1, func(context.Context) error { return nil })
	})
	if err == nil {
		t.Error("a unit that would wait for itself was let in")
	}
}

func TestAUnitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newFreshServer(2)
		c := connect(t, s, func(cfg *hubspot.Config) { cfg.BurstLimit = 2 })
		if err := readAndWrite(t.Context(), c, "1"); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		ran := false
		err := c.Unit(ctx, "contacts", 2, func(context.Context) error { ran = true; return nil })
		if !errors.Is(err, context.DeadlineExceeded) || hubspot.Unknown(err) || ran {
			t.Errorf("%v, run: %t", err, ran)
		}
		if err := readAndWrite(t.Context(), c, "1"); err != nil {
			t.Fatal(err)
		}
	})
}

func TestTheClockNeverGoesBackAndFollowsHubSpot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		// HubSpot's clock is an hour off, and the local one runs fast, by a second
		// in 10,000.
		begin := time.Now()
		ahead := begin.Add(time.Hour)
		truth := func() time.Time {
			passed := time.Since(begin)
			return ahead.Add(passed - passed/10_000)
		}
		rng := rand.New(rand.NewPCG(1, 2))
		c := connect(t, transport(func(r *http.Request) (*http.Response, error) {
			time.Sleep(time.Duration(rng.IntN(900)) * time.Millisecond)
			stamp := truth().UTC().Format(http.TimeFormat)
			time.Sleep(time.Duration(rng.IntN(900)) * time.Millisecond)
			return reply(r, 200, `{"results":[]}`, "Date: "+stamp), nil
		}))
		var last time.Time
		for range 2000 {
			if _, err := c.List(t.Context(), "contacts", hubspot.ListRequest{}); err != nil {
				t.Fatal(err)
			}
			now := c.Date()
			if now.Before(last) {
				t.Fatalf("the clock went back from %v to %v", last, now)
			}
			if off := truth().Sub(now); off < -20*time.Millisecond || off > 2*time.Second {
				t.Fatalf("the clock shows %v, HubSpot's %v", now, truth())
			}
			last = now
			time.Sleep(time.Duration(rng.IntN(60)) * time.Second)
		}
	})
}

func TestAProxysPageDoesNotSetTheClock(t *testing.T) {
	t.Parallel()
	c := connect(t, answers(
		says(404, `<html>who are you?</html>`, "Date: Fri, 01 Jan 2100 00:00:00 GMT", "Content-Type: text/html"),
		says(200, `{"results":[]}`, "Date: Mon, 02 Nov 2026 10:00:00 GMT"),
	))
	_, _ = c.List(t.Context(), "contacts", hubspot.ListRequest{})
	if !c.Date().IsZero() {
		t.Errorf("the proxy's page set the clock to %v", c.Date())
	}
	if _, err := c.List(t.Context(), "contacts", hubspot.ListRequest{}); err != nil {
		t.Fatal(err)
	}
	if got := c.Date(); got.Year() != 2026 {
		t.Errorf("the clock shows %v", got)
	}
}
