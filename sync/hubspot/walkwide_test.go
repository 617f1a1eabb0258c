package hubspot_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/record"
)

// listed walks a list in windows and returns how often each record was shown.
func listed(t *testing.T, c *hubspot.Client, page func()) map[string]int {
	t.Helper()
	seen := map[string]int{}
	busy := make(chan struct{}, 1)
	err := c.ListWide(t.Context(), "contacts", hubspot.ListRequest{Properties: []string{"email"}}, func(records []record.Record) error {
		select {
		case busy <- struct{}{}:
		default:
			t.Error("two pages at once")
		}
		for _, r := range records {
			seen[r.ID]++
			if r.Properties["email"].String() == "" {
				t.Errorf("the record %s has no address", r.ID)
			}
		}
		page()
		<-busy
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

// fill makes n contacts.
func fill(t *testing.T, p *practice.Portal, n int) (ids []string) {
	t.Helper()
	for i := range n {
		id, err := p.Create("contacts", map[string]string{"email": fmt.Sprintf("p%d@example.com", i)})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

// A backfill uses nine tenths of what HubSpot permits at 19 calls a second and
// 300 ms for an answer, with hardly more calls than there are pages and hardly
// any that is refused, and shows every record once.
func TestABackfillUsesWhatHubSpotPermits(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("tens of thousands of records")
	}
	synctest.Test(t, func(t *testing.T) {
		const n, permitted = 60_000, 19
		p, c := practise(t, practice.Options{Latency: practice.Fixed(300 * time.Millisecond), Limits: practice.Limits{Burst: 190}})
		fill(t, p, n)
		began := time.Now()
		seen := listed(t, c, func() {})
		took := time.Since(began)
		if len(seen) != n {
			t.Fatalf("%d of %d records are shown", len(seen), n)
		}
		for id, times := range seen {
			if times != 1 {
				t.Fatalf("the record %s is shown %d times", id, times)
			}
		}
		calls := p.Calls()
		least := n / 100
		share := float64(calls.Total) / permitted / took.Seconds()
		useful := float64(least) / permitted / took.Seconds()
		t.Logf("%d calls, at least %d, in %s: %.3f of the permitted rate, %.3f of it for pages that must be read; %d refused", calls.Total, least, took, share, useful, calls.Throttled)
		if useful < 0.9 || float64(least)/float64(calls.Total) < 0.98 || calls.Throttled > calls.Total/5000 {
			t.Errorf("it uses %.3f of what is permitted, want 0.9; %d calls for %d pages, want 0.98; %d refused, want 0.02 %%", useful, calls.Total, least, calls.Throttled)
		}
	})
}

// Whoever takes long over a page holds up nothing but the next page: the time of a world in
// which all wait for it goes on.
func TestAPageThatTakesLongIsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 6_000
		p, c := practise(t, practice.Options{Latency: practice.Fixed(100 * time.Millisecond)})
		fill(t, p, n)
		if seen := listed(t, c, func() { time.Sleep(time.Second) }); len(seen) != n {
			t.Errorf("%d of %d records are shown", len(seen), n)
		}
	})
}

// What people do to the portal during a backfill hides none of the other
// records.
func TestABackfillAmongEditsShowsAllThatStays(t *testing.T) {
	t.Parallel()
	const n = 6_000
	for _, switches := range []practice.Switches{{}, {ShortPages: true}} {
		p, c := practise(t, practice.Options{Limits: practice.Limits{Burst: 1e9, Search: 1e9}, Switches: switches})
		ids := fill(t, p, n)
		pages, gone := 0, map[string]bool{}
		seen := listed(t, c, func() {
			pages++
			for i := range 3 { // some are archived, at places that jump about
				id := ids[(pages*977+i*1231)%n]
				if !gone[id] && p.Archive("contacts", id) == nil {
					gone[id] = true
				}
			}
			fillMore(t, p, pages)
		})
		for _, id := range ids {
			if seen[id] == 0 && !gone[id] {
				t.Errorf("the record %s was there all the time and is not shown", id)
			}
		}
	}
}

func fillMore(t *testing.T, p *practice.Portal, i int) {
	t.Helper()
	if _, err := p.Create("contacts", map[string]string{"email": fmt.Sprintf("more%d@example.com", i)}); err != nil {
		t.Error(err)
	}
}

// oddList is a portal of n contacts whose list has ways of its own.
type oddList struct {
	n      int
	opaque bool // the places of its pages are no ids
	deaf   bool // it begins where it likes when a place is not one that it gave
	skips  bool // it leaves out the first records after such a place, once
	ends   bool // it says too early that a page is the last, once
	strict bool // it refuses a place that it did not give

	mu      sync.Mutex
	given   map[string]bool
	skipped int
	ended   bool
}

func (o *oddList) serve(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost {
		return reply(r, http.StatusOK, fmt.Sprintf(`{"total":%d,"results":[{"id":"%d","properties":{}}]}`, o.n, o.n)), nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	after := r.URL.Query().Get("after")
	from := 1
	if after != "" {
		text := after
		if o.opaque {
			text = text[1:]
		}
		from, _ = strconv.Atoi(text)
	}
	if after != "" && !o.given[after] {
		switch {
		case o.strict:
			return reply(r, http.StatusBadRequest, `{"status":"error","message":"no such place"}`), nil
		case o.deaf:
			from = 1
		case o.skips && o.skipped < 3:
			o.skipped++
			from += 250
		}
	}
	body, to := "", min(from+100, o.n+1)
	for i := max(from, 1); i < to; i++ {
		body += fmt.Sprintf(`,{"id":"%d","properties":{"email":"p%d@example.com"}}`, i, i)
	}
	if body != "" {
		body = body[1:]
	}
	next := strconv.Itoa(to)
	if o.opaque {
		next = "x" + next
	}
	o.given[next] = true
	paging := fmt.Sprintf(`,"paging":{"next":{"after":"%s"}}`, next)
	if o.ends && !o.ended && from > 2000 && from < 2500 {
		o.ended, paging = true, ""
	}
	if to > o.n {
		paging = ""
	}
	return reply(r, http.StatusOK, `{"results":[`+body+`]`+paging+`}`), nil
}

// quick lets a client make as many calls as it likes.
func quick(cfg *hubspot.Config) { cfg.BurstLimit = 1_000_000 }

// A list that does not go by ids, or does not begin where it is told, is read
// all the same; and what a window leaves out is found at its joints.
func TestAListWithWaysOfItsOwnIsReadWhole(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]*oddList{
		"that goes by ids":              {},
		"whose places are no ids":       {opaque: true},
		"that begins where it likes":    {deaf: true},
		"that skips what it begins at":  {skips: true},
		"that ends too early in a part": {ends: true},
		"that refuses other places":     {strict: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o.n, o.given = 6_000, map[string]bool{}
			c := connect(t, transport(o.serve), quick)
			seen := listed(t, c, func() {})
			var lost []int
			for i := range o.n {
				if seen[strconv.Itoa(i+1)] == 0 {
					lost = append(lost, i+1)
				}
			}
			if len(lost) > 0 {
				t.Errorf("%d records are not shown, among them %v", len(lost), lost[:min(5, len(lost))])
			}
		})
	}
}

// A walk in windows ends with the first error, and when it is told to.
func TestAWalkInWindowsEndsWhenItIsTold(t *testing.T) {
	t.Parallel()
	o := &oddList{n: 6_000, given: map[string]bool{}}
	c := connect(t, transport(o.serve), quick)
	ctx, cancel := context.WithCancel(t.Context())
	pages := 0
	err := c.ListWide(ctx, "contacts", hubspot.ListRequest{}, func([]record.Record) error {
		if pages++; pages == 5 {
			cancel()
		}
		return nil
	})
	if err == nil || pages > 20 {
		t.Errorf("%d pages after it was told to end, error %v", pages, err)
	}
	full := fmt.Errorf("the disk is full")
	err = c.ListWide(t.Context(), "contacts", hubspot.ListRequest{}, func(records []record.Record) error {
		if slices.ContainsFunc(records, func(r record.Record) bool { return r.ID == "3000" }) {
			return full
		}
		return nil
	})
	if err == nil || err.Error() != full.Error() {
		t.Errorf("error %v", err)
	}
}
