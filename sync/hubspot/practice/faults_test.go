package practice_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"syncline/sync/hubspot/practice"
)

func TestScriptedFaults(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault     practice.Fault
		status    int // 0 = no answer
		committed int // contacts afterwards, of the two in the batch
		err       error
	}{
		"429":                {practice.Fault{Kind: practice.Throttle}, 429, 0, nil},
		"423":                {practice.Fault{Kind: practice.Locked}, 423, 0, nil},
		"477":                {practice.Fault{Kind: practice.Migrating}, 477, 0, nil},
		"503 before":         {practice.Fault{Kind: practice.ServerError, Status: 503}, 503, 0, nil},
		"500 after":          {practice.Fault{Kind: practice.ServerErrorAfter}, 500, 2, nil},
		"half":               {practice.Fault{Kind: practice.HalfCommitted, Status: 504}, 504, 1, nil},
		"reset before":       {practice.Fault{Kind: practice.Reset}, 0, 0, syscall.ECONNRESET},
		"reset after":        {practice.Fault{Kind: practice.ResetAfter}, 0, 2, syscall.ECONNRESET},
		"truncated":          {practice.Fault{Kind: practice.Truncated}, 201, 2, io.ErrUnexpectedEOF},
		"html before":        {practice.Fault{Kind: practice.HTML}, 502, 0, nil},
		"html after":         {practice.Fault{Kind: practice.HTMLAfter, Status: 524}, 524, 2, nil},
		"plain text":         {practice.Fault{Kind: practice.PlainText}, 429, 0, nil},
		"401 for no reason":  {practice.Fault{Kind: practice.Unauthorized}, 401, 0, nil},
		"expires meanwhile":  {practice.Fault{Kind: practice.MidExpiry}, 201, 2, nil},
		"other path":         {practice.Fault{Kind: practice.Reset, Path: "/companies/"}, 201, 2, nil},
		"other method":       {practice.Fault{Kind: practice.Reset, Method: "GET"}, 201, 2, nil},
		"passes calls first": {practice.Fault{Kind: practice.Reset, Skip: 1}, 201, 2, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := open(t, practice.Options{Faults: practice.Faults{Script: []practice.Fault{tt.fault}}})
			r, err := c.try("POST", "/crm/v3/objects/contacts/batch/create", inputs(newContact("a@example.com", ""), newContact("b@example.com", "")))
			if !errors.Is(err, tt.err) || r.status != tt.status {
				t.Errorf("got %d, %v; want %d, %v", r.status, err, tt.status, tt.err)
			}
			if n := c.portal.Count("contacts"); n != tt.committed {
				t.Errorf("%d contacts committed, want %d", n, tt.committed)
			}
			if strings.Contains(name, "html") && !strings.HasPrefix(r.header.Get("Content-Type"), "text/html") {
				t.Errorf("content type %s", r.header.Get("Content-Type"))
			}
			if tt.status == 477 && r.header.Get("Retry-After") == "" {
				t.Error("477 carries Retry-After")
			}
		})
	}
}

func TestHangingCallsEndWithTheCallersPatience(t *testing.T) {
	t.Parallel()
	for kind, committed := range map[practice.FaultKind]int{practice.Hang: 0, practice.HangAfter: 1} {
		synctest.Test(t, func(t *testing.T) {
			c := open(t, practice.Options{Faults: practice.Faults{Script: []practice.Fault{{Kind: kind}}}})
			c.http.Timeout = 20 * time.Second
			start := time.Now()
			_, err := c.try("POST", "/crm/v3/objects/contacts", `{"properties":{"firstname":"A"}}`)
			if err == nil || time.Since(start) != 20*time.Second {
				t.Errorf("after %v: %v", time.Since(start), err)
			}
			if n := c.portal.Count("contacts"); n != committed {
				t.Errorf("%d contacts, want %d", n, committed)
			}
		})
	}
}

func TestZombiesTakeEffectLater(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := open(t, practice.Options{Faults: practice.Faults{Script: []practice.Fault{{Kind: practice.Zombie, Delay: time.Minute}}}})
		start := time.Now()
		if _, err := c.try("POST", "/crm/v3/objects/contacts", `{"properties":{"firstname":"A"}}`); !errors.Is(err, syscall.ECONNRESET) {
			t.Fatal(err)
		}
		time.Sleep(59 * time.Second)
		if n := c.portal.Count("contacts"); n != 0 {
			t.Error("the call took effect too early")
		}
		time.Sleep(time.Hour)
		for _, v := range c.portal.Records("contacts") {
			if want := start.Add(time.Minute).UTC().Format("2006-01-02T15:04:05Z"); v["createdate"] != want {
				t.Errorf("created at %s, want %s", v["createdate"], want)
			}
		}
		if n := c.portal.Count("contacts"); n != 1 {
			t.Errorf("%d contacts", n)
		}
	})
}

func TestRatesFollowTheSeed(t *testing.T) {
	t.Parallel()
	trace := func(seed uint64) string {
		clock := newClock()
		c := open(t, practice.Options{Seed: seed, Now: clock.now, SearchLag: practice.HeavyTail(time.Second, time.Hour, 0.1),
			Faults: practice.Faults{Throttle: 0.05, Locked: 0.02, ServerError: 0.05, ServerErrorAfter: 0.05, HalfCommitted: 0.05, Reset: 0.05, ResetAfter: 0.05, Truncated: 0.05, HTML: 0.02, Zombie: 0.05}})
		var b strings.Builder
		for i := range 300 {
			r, err := c.try("POST", "/crm/v3/objects/contacts/batch/create", inputs(newContact(fmt.Sprintf("a%d@example.com", i), ""), newContact(fmt.Sprintf("b%d@example.com", i), "")))
			fmt.Fprintln(&b, r.status, err != nil, r.raw)
			clock.advance(100)
			s, _ := c.try("POST", "/crm/v3/objects/contacts/search", `{"limit":200}`)
			fmt.Fprintln(&b, s.raw)
		}
		return b.String()
	}
	one, again, other := trace(1), trace(1), trace(2)
	if one != again {
		t.Error("the same seed gives two worlds")
	}
	if one == other {
		t.Error("two seeds give the same world")
	}
}

func TestLatencyAndGivingUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := open(t, practice.Options{Latency: practice.Fixed(2 * time.Second)})
		start := time.Now()
		c.contact(props{"firstname": "A"})
		if d := time.Since(start); d != 2*time.Second {
			t.Errorf("took %v", d)
		}
		for wait, want := range map[time.Duration]int{500 * time.Millisecond: 1, 1500 * time.Millisecond: 2} {
			ctx, cancel := context.WithTimeout(t.Context(), wait)
			req := c.request("POST", "/crm/v3/objects/contacts", `{"properties":{"firstname":"A"}}`).WithContext(ctx)
			before := c.portal.Count("contacts")
			if _, err := c.http.Do(req); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error %v", err)
			}
			cancel()
			if n := c.portal.Count("contacts") - before + 1; n != want {
				t.Errorf("given up after %v: %d took effect, want %d", wait, n-1, want-1)
			}
		}
	})
}

func TestOverRealSockets(t *testing.T) {
	t.Parallel()
	p := practice.New(practice.Options{})
	srv := httptest.NewServer(p)
	defer srv.Close()
	for kind, want := range map[practice.FaultKind]bool{practice.ResetAfter: false, practice.Truncated: false, practice.ServerError: true} {
		p.SetFaults(practice.Faults{Script: []practice.Fault{{Kind: kind}}})
		req, _ := (&client{t: t, token: p.Token()}).request("POST", "/crm/v3/objects/contacts", `{"properties":{"firstname":"A"}}`), 0
		req.URL.Scheme, req.URL.Host = "http", strings.TrimPrefix(srv.URL, "http://")
		resp, err := srv.Client().Do(req)
		if err == nil {
			_, err = io.ReadAll(resp.Body)
			resp.Body.Close()
		}
		if (err == nil) != want {
			t.Errorf("fault %d: %v", kind, err)
		}
	}
	if n := p.Count("contacts"); n != 2 {
		t.Errorf("%d contacts", n)
	}
}

func TestLongURLsAreRefusedWithAPage(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	r := c.do("GET", "/crm/v3/objects/contacts?properties="+strings.Repeat("x", 9000), nil).want(t, 414)
	if !strings.HasPrefix(r.header.Get("Content-Type"), "text/html") {
		t.Errorf("content type %s", r.header.Get("Content-Type"))
	}
}

func TestLateCallsArriveAndAreAnsweredLater(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		patience time.Duration
		status   int
	}{"a caller that waits": {time.Hour, 201}, "a caller that has gone": {10 * time.Second, 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := open(t, practice.Options{Faults: practice.Faults{Script: []practice.Fault{{Kind: practice.Late, Delay: time.Minute}}}})
				c.http.Timeout = tt.patience
				start := time.Now()
				r, err := c.try("POST", "/crm/v3/objects/contacts", `{"properties":{"firstname":"A"}}`)
				if r.status != tt.status || (err == nil) != (tt.status != 0) {
					t.Errorf("%d, %v", r.status, err)
				}
				time.Sleep(59*time.Second - time.Since(start))
				if n := c.portal.Count("contacts"); n != 0 && tt.status == 0 {
					t.Error("it arrived too early")
				}
				time.Sleep(2 * time.Minute)
				if n := c.portal.Count("contacts"); n != 1 {
					t.Errorf("%d contacts", n)
				}
				for _, v := range c.portal.Records("contacts") {
					if want := start.Add(time.Minute).UTC().Format("2006-01-02T15:04:05Z"); v["createdate"] != want {
						t.Errorf("created at %s, want %s", v["createdate"], want)
					}
				}
			})
		})
	}
}

func TestAPersonActsAtACertainMoment(t *testing.T) {
	t.Parallel()
	c := open(t, practice.Options{})
	id := c.contact(props{"firstname": "A", "lastname": "L"})
	edit := func(last string) func() {
		return func() {
			if err := c.portal.Edit("contacts", id, map[string]string{"lastname": last}); err != nil {
				t.Error(err)
			}
		}
	}
	read := func() string {
		return c.do("GET", "/crm/v3/objects/contacts/"+id+"?properties=lastname", nil).want(t, 200).text("properties.lastname")
	}
	patch := func() string {
		return c.do("PATCH", "/crm/v3/objects/contacts/"+id, `{"properties":{"firstname":"B"}}`).want(t, 200).text("properties.lastname")
	}
	// The answer tells what the write found; the edit after it shows in the next.
	c.portal.SetFaults(practice.Faults{Script: []practice.Fault{
		{Kind: practice.Undisturbed, Writes: true, Skip: 1, Before: edit("before"), After: edit("after")},
	}})
	patch()
	if got := read(); got != "L" {
		t.Errorf("after the first write: %q", got)
	}
	r := c.do("PATCH", "/crm/v3/objects/contacts/"+id, `{"properties":{"lastname":"ours"}}`).want(t, 200)
	if r.text("properties.lastname") != "ours" {
		t.Errorf("the write answered %q", r.text("properties.lastname"))
	}
	if got := read(); got != "after" {
		t.Errorf("after the second write: %q", got)
	}
	h := c.do("GET", "/crm/v3/objects/contacts/"+id+"?propertiesWithHistory=lastname", nil)
	var all []string
	for i := range h.count("propertiesWithHistory.lastname") {
		all = append(all, h.text(fmt.Sprintf("propertiesWithHistory.lastname.%d.value", i)))
	}
	if got := strings.Join(all, ", "); got != "after, ours, before, L" {
		t.Errorf("history: %s", got)
	}
}

func TestAPortalWhoseClockDiffers(t *testing.T) {
	t.Parallel()
	clock := newClock()
	for _, skew := range []time.Duration{-time.Hour, time.Hour} {
		c := open(t, practice.Options{Now: clock.now, Skew: skew})
		id := c.contact(props{"firstname": "A"})
		r := c.do("GET", "/crm/v3/objects/contacts/"+id, nil)
		if got, want := r.header.Get("Date"), clock.now().Add(skew).UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT"); got != want {
			t.Errorf("Date %s, want %s", got, want)
		}
		if got, want := r.text("createdAt"), clock.now().Add(skew).UTC().Format("2006-01-02T15:04"); !strings.HasPrefix(got, want) {
			t.Errorf("created at %s, want %s", got, want)
		}
	}
}

func TestArrivalsAreToldBeforeTheyTakeEffect(t *testing.T) {
	t.Parallel()
	var c *client
	var counts []int
	c = open(t, practice.Options{Arrived: func(r practice.Request) {
		if r.Method == "POST" {
			counts = append(counts, c.portal.Count("contacts"))
		}
	}})
	c.contact(props{"firstname": "A"})
	c.contact(props{"firstname": "B"})
	if fmt.Sprint(counts) != "[0 1]" {
		t.Errorf("contacts at each arrival: %v", counts)
	}
}
