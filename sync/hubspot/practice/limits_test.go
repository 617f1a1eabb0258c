package practice_test

import (
	"testing"
	"testing/synctest"
	"time"

	"syncline/sync/hubspot/practice"
)

// get makes a cheap call and returns its status.
func (c *client) get() int { return c.do("GET", "/crm/v3/objects/contacts?limit=1", nil).status }

func TestTenSecondLimit(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		window practice.Window
		// after is what a call is answered at these seconds after ten calls
		// at 2.5 s and a rejected one at 4 s.
		after map[time.Duration]int
	}{
		"rolling":         {practice.Rolling, map[time.Duration]int{12400 * time.Millisecond: 429, 12500 * time.Millisecond: 200}},
		"rejects count":   {practice.RollingRejects, map[time.Duration]int{12400 * time.Millisecond: 429, 13 * time.Second: 200}},
		"fixed":           {practice.FixedWindow, map[time.Duration]int{9900 * time.Millisecond: 429, 10 * time.Second: 200}},
		"whole seconds":   {practice.SecondBuckets, map[time.Duration]int{12900 * time.Millisecond: 429, 13 * time.Second: 200}},
		"rejects go last": {practice.RollingRejects, map[time.Duration]int{12500 * time.Millisecond: 200}},
	} {
		for at, want := range tt.after {
			synctest.Test(t, func(t *testing.T) { // starts at a full second, 2000-01-01
				c := open(t, practice.Options{Limits: practice.Limits{Burst: 10, Window: tt.window}})
				start := time.Now()
				time.Sleep(2500 * time.Millisecond)
				for range 10 {
					if s := c.get(); s != 200 {
						t.Fatalf("%s: %d within the limit", name, s)
					}
				}
				time.Sleep(1500 * time.Millisecond)
				if s := c.get(); s != 429 {
					t.Fatalf("%s: %d above the limit", name, s)
				}
				time.Sleep(time.Until(start.Add(at)))
				if s := c.get(); s != want {
					t.Errorf("%s at %v: %d, want %d", name, at, s, want)
				}
			})
		}
	}
}

func TestRateHeadersAndBodies(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{Now: newClock().now, Limits: practice.Limits{Burst: 3, Daily: 100, DailyUsed: 90}, Switches: practice.Switches{RetryAfter: true}})
	r := c.do("GET", "/crm/v3/objects/contacts", nil).want(t, 200)
	for name, want := range map[string]string{"X-HubSpot-RateLimit-Max": "3", "X-HubSpot-RateLimit-Remaining": "2", "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
		"X-HubSpot-RateLimit-Daily": "100", "X-HubSpot-RateLimit-Daily-Remaining": "9", "Content-Type": "application/json;charset=utf-8", "Date": "Sun, 22 Nov 2026 09:00:00 GMT"} {
		if got := r.header.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	c.get()
	c.get()
	r = c.do("GET", "/crm/v3/objects/contacts", nil).want(t, 429)
	if r.text("message") != "You have reached your ten_secondly_rolling limit." || r.text("errorType") != "RATE_LIMIT" || r.text("policyName") != "TEN_SECONDLY_ROLLING" ||
		r.text("groupName") != "publicapi:private_app-api-calls-ten-secondly:50123456:2011410" || r.header.Get("Retry-After") != "10" {
		t.Errorf("body %s", r.raw)
	}
	if r.header.Get("X-HubSpot-Correlation-Id") != r.text("correlationId") || r.header.Get("X-Request-Id") != r.text("correlationId") {
		t.Error("the correlation id is in headers and body alike")
	}
	calls := c.portal.Calls()
	if calls.Total != 4 || calls.Throttled != 1 || calls.By["GET objects/{type}"] != 4 {
		t.Errorf("calls %+v", calls)
	}
}

func TestSearchHasItsOwnLimitAndNoHeaders(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := open(t, practice.Options{Limits: practice.Limits{Burst: 1000}})
		other := &client{t: t, portal: c.portal, token: c.portal.AddToken(practice.Token{}), http: c.http}
		search := func(c *client) result { return c.do("POST", "/crm/v3/objects/contacts/search", `{}`) }
		for i := range 5 {
			r := search([]*client{c, other}[i%2]).want(t, 200)
			for name := range r.header {
				if len(name) > 18 && name[:18] == "X-Hubspot-Ratelimi" {
					t.Errorf("search sends %s", name)
				}
			}
		}
		r := search(c).want(t, 429) // per account, whatever the token
		if r.text("category") != "RATE_LIMITS" || r.text("message") != "You have reached your secondly limit." || r.header.Get("Retry-After") != "" {
			t.Errorf("body %s", r.raw)
		}
		if r := c.do("GET", "/crm/v3/objects/contacts", nil).want(t, 200); r.header.Get("X-HubSpot-RateLimit-Remaining") != "999" {
			t.Error("searches do not count in the ten-second window")
		}
		time.Sleep(time.Second)
		search(c).want(t, 200)
	})
}

func TestDailyLimitEndsAtTheAccountsMidnight(t *testing.T) {
	t.Parallel()
	clock := newClock() // 04:00 in US/Eastern
	c := open(t, practice.Options{Now: clock.now, Limits: practice.Limits{Burst: 1000, Daily: 3}})
	for range 2 {
		if s := c.get(); s != 200 {
			t.Fatal(s)
		}
	}
	if r := c.do("GET", "/account-info/v3/api-usage/daily/private-apps", nil).want(t, 200); r.at("results.0.usageLimit") != 3.0 || r.at("results.0.currentUsage") != 3.0 ||
		r.text("results.0.resetsAt") != "2026-11-23T05:00:00Z" || r.text("results.0.fetchStatus") != "SUCCESS" {
		t.Errorf("body %s", r.raw)
	}
	r := c.do("GET", "/crm/v3/objects/contacts", nil).want(t, 429)
	if r.text("policyName") != "DAILY" || r.text("message") != "You have reached your daily limit." || r.text("requestId") == "" {
		t.Errorf("body %s", r.raw)
	}
	oauth := &client{t: t, portal: c.portal, http: c.http, token: c.portal.AddToken(practice.Token{Kind: practice.OAuth})}
	if r := oauth.do("GET", "/crm/v3/objects/contacts", nil).want(t, 200); r.header.Get("X-HubSpot-RateLimit-Daily") != "" || r.header.Get("X-HubSpot-RateLimit-Max") != "1000" {
		t.Errorf("OAuth apps have no daily limit: %v", r.header)
	}
	clock.advance(20 * 3600 * 1000)
	if s := c.get(); s != 200 {
		t.Errorf("the next day: %d", s)
	}
}

func TestPersonsDoNotSpendTheBudget(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{Now: newClock().now, Limits: practice.Limits{Burst: 2}})
	for range 20 {
		if _, err := c.portal.Create("contacts", props{"firstname": "A"}); err != nil {
			t.Fatal(err)
		}
	}
	if c.get() != 200 || c.portal.Calls().Total != 1 {
		t.Error("edits of persons count as calls")
	}
	c.portal.Spend(c.token, 1)
	if s := c.get(); s != 429 {
		t.Errorf("another program's calls count: %d", s)
	}
}
