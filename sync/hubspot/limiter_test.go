package hubspot_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"syncline/sync/hubspot"
)

// meteredServer counts calls as HubSpot does: at most limit in any window,
// refusals counted or not, and headers that tell what is left.
type meteredServer struct {
	limit        int
	window       time.Duration
	countRefused bool
	silent       bool // no headers, as for searches
	uplink, down func() time.Duration

	mu       sync.Mutex
	arrivals []time.Time // of all calls
	counted  []time.Time
	refused  int
	foreign  []time.Time
}

func (s *meteredServer) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.uplink != nil {
		time.Sleep(s.uplink())
	}
	s.mu.Lock()
	now := time.Now()
	s.arrivals = append(s.arrivals, now)
	within := s.use(now)
	ok := within < s.limit
	if ok || s.countRefused {
		s.counted = append(s.counted, now)
	}
	if !ok {
		s.refused++
	}
	left := max(0, s.limit-within-1)
	s.mu.Unlock()
	if s.down != nil {
		time.Sleep(s.down())
	}
	var headers []string
	if !s.silent {
		headers = []string{
			fmt.Sprintf("X-HubSpot-RateLimit-Max: %d", s.limit),
			fmt.Sprintf("X-HubSpot-RateLimit-Remaining: %d", left),
			fmt.Sprintf("X-HubSpot-RateLimit-Interval-Milliseconds: %d", s.window.Milliseconds()),
		}
	}
	if !ok {
		return reply(r, 429, `{"status":"error","message":"You have reached your ten_secondly_rolling limit.","errorType":"RATE_LIMIT","policyName":"TEN_SECONDLY_ROLLING"}`, headers...), nil
	}
	return reply(r, 200, `{"results":[]}`, headers...), nil
}

func (s *meteredServer) use(now time.Time) int {
	n := 0
	for _, list := range [][]time.Time{s.counted, s.foreign} {
		for i := len(list) - 1; i >= 0 && now.Sub(list[i]) < s.window; i-- {
			n++
		}
	}
	return n
}

// drive keeps workers busy with calls for a while of virtual time and returns
// how many of them came back without an error.
func drive(t *testing.T, c *hubspot.Client, workers int, span time.Duration) int {
	t.Helper()
	var wg sync.WaitGroup
	var mu sync.Mutex
	done := 0
	end := time.Now().Add(span)
	for range workers {
		wg.Go(func() {
			for time.Now().Before(end) {
				if _, err := c.List(t.Context(), "contacts", hubspot.ListRequest{}); err != nil {
					t.Errorf("List: %v", err)
					return
				}
				mu.Lock()
				if time.Now().Before(end) {
					done++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return done
}

func TestBurstGateHoldsTheLimitAndUsesIt(t *testing.T) {
	t.Parallel()
	// At zero uplink jitter no window holds more than the limit, whatever the
	// answers take, and the permitted rate is used.
	rapid.Check(t, func(rt *rapid.T) {
		limit := rapid.SampledFrom([]int{30, 100, 110, 190, 250}).Draw(rt, "limit")
		known := rapid.Bool().Draw(rt, "known") // or learned from headers
		base := rapid.IntRange(1, 300).Draw(rt, "base ms")
		spread := rapid.IntRange(1, 300).Draw(rt, "spread ms")
		seed := rapid.Uint64().Draw(rt, "seed")
		start := limit
		if !known {
			start = rapid.IntRange(1, limit).Draw(rt, "start")
		}
		span := 45 * time.Second

		server := &meteredServer{limit: limit, window: 10 * time.Second}
		var done int
		synctest.Test(t, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 1))
			var mu sync.Mutex
			server.down = func() time.Duration {
				mu.Lock()
				defer mu.Unlock()
				return time.Duration(base+rng.IntN(spread)) * time.Millisecond
			}
			c := connect(t, server, func(cfg *hubspot.Config) { cfg.BurstLimit = start })
			done = drive(t, c, 40, span)
		})
		if server.refused > 0 {
			rt.Fatalf("%d calls were refused", server.refused)
		}
		if n, at := fullestWindow(server.arrivals, server.window); n > limit {
			rt.Fatalf("%d calls in the window from %v, limit %d", n, at, limit)
		}
		permitted := float64(limit) * span.Seconds() / server.window.Seconds()
		if use := float64(done) / permitted; use < 0.95 {
			rt.Fatalf("%d of %.0f permitted calls: %.3f", done, permitted, use)
		}
	})
}

// fullestWindow returns the largest number of times in any half-open window.
func fullestWindow(times []time.Time, window time.Duration) (int, time.Time) {
	slices.SortFunc(times, time.Time.Compare)
	most, at, first := 0, time.Time{}, 0
	for i, t := range times {
		for t.Sub(times[first]) >= window {
			first++
		}
		if n := i - first + 1; n > most {
			most, at = n, times[first]
		}
	}
	return most, at
}

func TestBurstGateOnARealLine(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name         string
		countRefused bool
	}{
		{"refusals are free", false},
		{"refusals count", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				rng := rand.New(rand.NewPCG(7, 7))
				var mu sync.Mutex
				draw := func(base, mean float64) time.Duration {
					mu.Lock()
					defer mu.Unlock()
					ms := base + rng.ExpFloat64()*mean
					if rng.IntN(100) == 0 {
						ms += 300 // a spike
					}
					return time.Duration(ms * float64(time.Millisecond))
				}
				server := &meteredServer{
					limit: 190, window: 10 * time.Second, countRefused: tc.countRefused,
					uplink: func() time.Duration { return draw(25, 15) },
					down:   func() time.Duration { return draw(150, 150) },
				}
				c := connect(t, server, func(cfg *hubspot.Config) { cfg.BurstLimit = 190 })
				span := 10 * time.Minute
				done := drive(t, c, 24, span)
				use := float64(done) / (190 * span.Seconds() / 10)
				share := float64(server.refused) / float64(len(server.arrivals))
				t.Logf("%.2f %% of the permitted rate, %d of %d calls refused (%.3f %%)", 100*use, server.refused, len(server.arrivals), 100*share)
				if use < 0.975 || share > 0.0005 {
					t.Errorf("use %.4f, refused %.5f; want at least 0.975 and at most 0.0005", use, share)
				}
				if got := c.Traffic(); got.Throttled != server.refused || got.Total != len(server.arrivals) {
					t.Errorf("Traffic = %+v, the server saw %d calls and refused %d", got, len(server.arrivals), server.refused)
				}
			})
		})
	}
}

func TestBurstGateGivesWayToOthersOfTheToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &meteredServer{
			limit: 100, window: 10 * time.Second,
			down: func() time.Duration { return 200 * time.Millisecond },
		}
		stop := make(chan struct{})
		var wg sync.WaitGroup
		blocked := 0 // after the first windows, in which nobody can know of it
		start := time.Now()
		wg.Go(func() { // another program: 4 calls a second
			tick := time.NewTicker(250 * time.Millisecond)
			defer tick.Stop()
			for {
				select {
				case <-stop:
					return
				case <-tick.C:
				}
				server.mu.Lock()
				if now := time.Now(); server.use(now) < server.limit {
					server.foreign = append(server.foreign, now)
				} else if now.Sub(start) > 30*time.Second {
					blocked++
				}
				server.mu.Unlock()
			}
		})
		c := connect(t, server)
		drive(t, c, 12, 5*time.Minute)
		close(stop)
		wg.Wait()
		calls := len(server.arrivals)
		t.Logf("%d calls, %d refused; the other made %d, %d refused", calls, server.refused, len(server.foreign), blocked)
		if share := float64(server.refused) / float64(calls); share > 0.01 {
			t.Errorf("%d of %d calls were refused", server.refused, calls)
		}
		if total := calls - server.refused + len(server.foreign); total < 2700 {
			t.Errorf("both together made %d calls of 3000 permitted", total)
		}
		if blocked > 10 {
			t.Errorf("the other program was refused %d times", blocked)
		}
	})
}

func TestSearchGateHoldsFiveASecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &meteredServer{
			limit: 5, window: time.Second, silent: true,
			down: func() time.Duration { return 400 * time.Millisecond },
		}
		c := connect(t, server)
		var wg sync.WaitGroup
		end := time.Now().Add(time.Minute)
		for range 6 {
			wg.Go(func() {
				for time.Now().Before(end) {
					if _, err := c.Search(t.Context(), "contacts", hubspot.SearchRequest{}); err != nil {
						t.Errorf("Search: %v", err)
						return
					}
				}
			})
		}
		wg.Wait()
		if server.refused > 0 {
			t.Errorf("%d searches were refused", server.refused)
		}
		if n := len(server.arrivals); n < 240 || n > 310 {
			t.Errorf("%d searches in a minute; want at least 80 %% of 300", n)
		}
		if got := c.Traffic().Search; got != len(server.arrivals) {
			t.Errorf("Traffic counts %d searches, the server %d", got, len(server.arrivals))
		}
	})
}

func TestSearchesDoNotHoldUpOtherCalls(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &meteredServer{limit: 100, window: 10 * time.Second}
		c := connect(t, server)
		var wg sync.WaitGroup
		for range 100 { // 20 s worth of searches
			wg.Go(func() { _, _ = c.Search(t.Context(), "contacts", hubspot.SearchRequest{}) })
		}
		synctest.Wait()
		start := time.Now()
		if _, err := c.List(t.Context(), "contacts", hubspot.ListRequest{}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("the list waited %v behind searches", took)
		}
		wg.Wait()
	})
}

func TestRetryAfterClosesTheGateForEveryone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := answers(
			says(429, `{"policyName":"TEN_SECONDLY_ROLLING"}`, "Retry-After: 7"),
			says(200, `{"results":[]}`),
		)
		c := connect(t, s)
		start := time.Now()
		if _, err := c.List(t.Context(), "contacts", hubspot.ListRequest{}); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took < 7*time.Second || took > 8*time.Second {
			t.Errorf("took %v; HubSpot asked for 7 s", took)
		}
	})
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &meteredServer{limit: 1, window: 10 * time.Second}
		c := connect(t, server, func(cfg *hubspot.Config) { cfg.BurstLimit = 1 })
		if _, err := c.List(t.Context(), "contacts", hubspot.ListRequest{}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := c.Create(ctx, "contacts", nil)
		if err == nil || time.Since(start) != time.Second {
			t.Fatalf("after %v: %v", time.Since(start), err)
		}
		if hubspot.Unknown(err) {
			t.Errorf("a write that never left is unknown: %v", err)
		}
		if got := len(server.arrivals); got != 1 {
			t.Errorf("the server saw %d calls", got)
		}
	})
}

func TestWaitersThatGiveUpLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &meteredServer{limit: 5, window: time.Second}
		c := connect(t, server)
		search := func(ctx context.Context) error {
			_, err := c.Search(ctx, "contacts", hubspot.SearchRequest{})
			return err
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		var wg sync.WaitGroup
		for range 200 {
			wg.Go(func() {
				if err := search(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("search: %v", err)
				}
			})
		}
		wg.Wait()
		start := time.Now()
		for range 10 {
			if err := search(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took > 4*time.Second {
			t.Errorf("10 searches took %v after others gave up", took)
		}
	})
}

func TestDailyBudgetStopsAtTheReserve(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		left := 1003
		calls := 0
		c := connect(t, transport(func(r *http.Request) (*http.Response, error) {
			calls++
			left--
			if r.URL.Path == "/account-info/"+hubspot.APIVersion+"/details" {
				return reply(r, 200, `{"portalId":1,"timeZone":"America/New_York"}`), nil
			}
			return reply(r, 200, `{"results":[]}`,
				"X-HubSpot-RateLimit-Daily: 5000", fmt.Sprintf("X-HubSpot-RateLimit-Daily-Remaining: %d", left)), nil
		}))
		list := func() error {
			_, err := c.List(t.Context(), "contacts", hubspot.ListRequest{})
			return err
		}
		for range 3 {
			if err := list(); err != nil {
				t.Fatal(err)
			}
		}
		err := list() // 1000 of 5000 are left: the reserve of 20 %
		if !hubspot.IsDaily(err) || hubspot.Unknown(err) || calls != 3 {
			t.Fatalf("at the reserve: %v after %d calls", err, calls)
		}
		if want := "hubspot: list contacts: 1000 of today's 5000 API calls are left, and 1000 are kept for the portal's other apps"; !strings.HasPrefix(err.Error(), want) {
			t.Errorf("text %q", err)
		}
		if got := c.Traffic().Daily; got != (hubspot.Daily{Max: 5000, Remaining: 1000, Known: true}) {
			t.Errorf("Traffic().Daily = %+v", got)
		}

		// A person's own check and the recovery of writes go on.
		if _, err := c.Account(t.Context()); err != nil {
			t.Errorf("Account: %v", err)
		}
		if _, err := c.List(hubspot.UseReserve(t.Context()), "contacts", hubspot.ListRequest{}); err != nil {
			t.Errorf("List on the reserve: %v", err)
		}
		// After a while one call asks whether the budget was filled again.
		left = 5001
		time.Sleep(16 * time.Minute)
		if err := list(); err != nil {
			t.Errorf("after 16 min: %v", err)
		}
		if err := list(); err != nil {
			t.Errorf("with a new budget: %v", err)
		}
	})
}

func TestDailyRefusalIsNotRepeated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := answers(
			says(200, `{"portalId":1,"timeZone":"Europe/Dublin"}`),
			says(429, `{"status":"error","message":"You have reached your daily limit.","errorType":"RATE_LIMIT","policyName":"DAILY"}`),
			says(200, `{"results":[]}`),
		)
		c := connect(t, s)
		if _, err := c.Account(t.Context()); err != nil {
			t.Fatal(err)
		}
		list := func() error {
			_, err := c.List(t.Context(), "contacts", hubspot.ListRequest{})
			return err
		}
		if err := list(); !hubspot.IsDaily(err) || !hubspot.IsRateLimited(err) {
			t.Fatalf("first: %v", err)
		}
		if err := list(); !hubspot.IsDaily(err) || len(s.requests()) != 2 {
			t.Fatalf("second: %v after %d requests", err, len(s.requests()))
		}
		time.Sleep(16 * time.Minute)
		if err := list(); err != nil {
			t.Errorf("later: %v", err)
		}
	})
}
