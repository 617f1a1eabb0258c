package hubspot

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// HubSpot's limits until its headers tell the portal's own: 100 calls in any
// 10 s is the smallest burst there is, 5 searches a second hold for every
// portal, and searches answer without headers.
const (
	defaultBurst   = 100
	burstWindow    = 10 * time.Second
	searchBurst    = 5
	searchWindow   = time.Second
	formBurst      = 50 // submissions of forms, on a host of their own (facts 10.5)
	formBlock      = time.Minute
	defaultReserve = 0.20
)

// Limiter holds the gates that every call passes: the daily budget, the pauses
// after a lock (423), the number of calls at once, and the send-time ledger of
// the burst or the search limit. It is safe for concurrent use, and should be
// shared by the clients of one portal that use the same token. Waiting ends
// with the context; no lock is held while waiting.
type Limiter struct {
	burst  lane
	search lane
	forms  lane
	daily  *dailyGate

	mu        sync.Mutex
	paused    map[string]time.Time // object type -> no writes before
	total     int
	searches  int
	throttled int
	failed    int
	latency   latency // of calls of the burst bucket that were answered
}

// NewLimiter returns a limiter for one token. burst is how many calls may be
// made per 10 s until HubSpot's headers tell, 0 for the default of 100;
// reserve as in [Config].
func NewLimiter(burst int, reserve float64) *Limiter {
	if burst <= 0 {
		burst = defaultBurst
	}
	switch {
	case reserve == 0:
		reserve = defaultReserve
	case reserve < 0:
		reserve = 0
	}
	return &Limiter{
		burst: newLane(gateSettings{
			limit: burst, window: burstWindow,
			slack: 150 * time.Millisecond, step: 50 * time.Millisecond, maxSlack: burstWindow,
			pause: burstWindow / 20, calm: 30 * burstWindow,
		}),
		// Uplink jitter is large against a window of one second, so the
		// search gate spends more of it on slack, and gives way quickly to
		// other apps: the bucket is the portal's, not the token's.
		search: newLane(gateSettings{
			limit: searchBurst, window: searchWindow,
			slack: 180 * time.Millisecond, step: 200 * time.Millisecond, maxSlack: 4 * time.Second,
			pause: searchWindow / 2, calm: 15 * searchWindow,
		}),
		// Ten refusals in one second close the forms' host for a minute, so that the gate
		// keeps well away from the limit.
		forms: newLane(gateSettings{
			limit: formBurst, window: burstWindow,
			slack: 300 * time.Millisecond, step: 100 * time.Millisecond, maxSlack: burstWindow,
			pause: burstWindow / 2, calm: 30 * burstWindow,
		}),
		daily:  &dailyGate{reserve: reserve},
		paused: make(map[string]time.Time),
	}
}

// lane is what the calls of one bucket pass. Searches have slots of their own,
// so that those who wait for their narrow gate do not hold up the rest.
type lane struct {
	slots *slots
	gate  *gate
}

func newLane(s gateSettings) lane { return lane{slots: newSlots(), gate: newGate(s)} }

// bucket is the budget that a call draws on.
type bucket int

const (
	burstBucket bucket = iota
	searchBucket
	formBucket // is not counted against the daily budget
)

// permit allows one attempt, from the moment it is given. It must be finished.
type permit struct {
	limiter *Limiter
	lane    lane
	entry   *entry
	unit    *unit // whose slot it uses; nil for a slot of its own
}

// acquire waits until one attempt of r may be sent.
func (l *Limiter) acquire(ctx context.Context, r *request) (*permit, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p, err := l.permit(ctx, r)
	if err != nil {
		return nil, err
	}
	if r.bucket != formBucket {
		l.daily.spend()
	}
	l.mu.Lock()
	l.total++
	if r.bucket == searchBucket {
		l.searches++
	}
	l.mu.Unlock()
	return p, nil
}

func (l *Limiter) permit(ctx context.Context, r *request) (*permit, error) {
	if u := unitOf(ctx); u != nil && u.limiter == l && r.bucket == burstBucket {
		return u.acquire(ctx)
	}
	if err := l.allow(ctx, r, 1); err != nil {
		return nil, err
	}
	if err := l.waitUnlocked(ctx, r); err != nil {
		return nil, err
	}
	lane := l.burst
	switch r.bucket {
	case burstBucket:
	case searchBucket:
		lane = l.search
	case formBucket:
		lane = l.forms
	}
	if err := lane.slots.take(ctx); err != nil {
		return nil, err
	}
	e, err := lane.gate.take(ctx)
	if err != nil {
		lane.slots.give(outcomeUnsent)
		return nil, err
	}
	return &permit{limiter: l, lane: lane, entry: e}, nil
}

// allow says whether the daily budget has room for n calls like r.
func (l *Limiter) allow(ctx context.Context, r *request, n int) error {
	if r.vital || r.bucket == formBucket || reserveAllowed(ctx) {
		return nil
	}
	if stop := l.daily.check(time.Now(), n); stop != nil {
		stop.Op = r.op
		return stop
	}
	return nil
}

// waitUnlocked waits while writes to the object type of r are paused.
func (l *Limiter) waitUnlocked(ctx context.Context, r *request) error {
	if r.read || r.objectType == "" {
		return nil
	}
	for {
		wait := l.locked(r)
		if wait <= 0 {
			return nil
		}
		if err := sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// locked is how long writes to the object type of r are paused yet.
func (l *Limiter) locked(r *request) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Until(l.paused[r.objectType])
}

// pause keeps writes of an object type back for d, after a 423.
func (l *Limiter) pause(objectType string, d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until := time.Now().Add(d); until.After(l.paused[objectType]) {
		l.paused[objectType] = until
	}
}

// outcome is what an attempt tells the gates.
type outcome int

const (
	outcomeOK        outcome = iota // answered, whatever HubSpot said
	outcomeUnsent                   // it never left; the permit goes back at once
	outcomeOverload                 // 423, 5xx, or no answer
	outcomeThrottled                // 429
)

// finish gives the permit back with what the attempt showed. header is nil
// when there was no answer; err is the answer's error, if any.
func (p *permit) finish(o outcome, header http.Header, err *Error) {
	l, now := p.limiter, time.Now()
	gate := p.lane.gate
	if p.unit == nil {
		p.lane.slots.give(o)
	} else {
		p.lane.slots.note(o) // the unit gives the slot back
	}
	if o == outcomeUnsent {
		gate.cancel(p.entry)
		return
	}
	answered := header != nil
	if answered && gate == l.burst.gate {
		l.mu.Lock()
		l.latency.add(now.Sub(p.entry.sent))
		l.mu.Unlock()
	}
	gate.settle(p.entry, now, answered)
	if answered {
		if n, window, left, ok := burstHeaders(header); ok && gate == l.burst.gate {
			gate.learn(p.entry, now, n, left, window)
		}
		if n, left, ok := dailyHeaders(header); ok {
			l.daily.observe(now, n, left)
		}
	}
	if o == outcomeOverload {
		l.mu.Lock()
		l.failed++
		l.mu.Unlock()
	}
	if o != outcomeThrottled {
		return
	}
	l.mu.Lock()
	l.throttled++
	l.mu.Unlock()
	if IsDaily(err) {
		l.daily.exhausted(now, err.RetryAfter)
		return
	}
	wait := err.RetryAfter
	if gate == l.forms.gate && err.Unreadable { // "error code: 1015", which is no word of the API's
		wait = max(wait, formBlock)
	}
	gate.throttle(p.entry, now, wait)
}

// Traffic returns the calls that passed the limiter and what is left of the
// limits now. Skew is left out: it belongs to a client.
func (l *Limiter) Traffic() Traffic { return l.traffic(time.Now()) }

func (l *Limiter) traffic(now time.Time) Traffic {
	l.mu.Lock()
	t := Traffic{Total: l.total, Search: l.searches, Throttled: l.throttled, Failed: l.failed}
	l.mu.Unlock()
	t.Burst = l.burst.gate.budget(now)
	t.Daily = l.daily.budget()
	return t
}

// burstHeaders reads the limit of the short window; ok is false when the
// answer does not tell it, as search answers do not.
func burstHeaders(h http.Header) (limit int, window time.Duration, remaining int, ok bool) {
	limit, okLimit := headerInt(h, "X-HubSpot-RateLimit-Max")
	remaining, okLeft := headerInt(h, "X-HubSpot-RateLimit-Remaining")
	ms, okWindow := headerInt(h, "X-HubSpot-RateLimit-Interval-Milliseconds")
	if !okWindow {
		ms = int(burstWindow / time.Millisecond)
	}
	// A window or limit that is out of all proportion is not believed.
	ok = okLimit && okLeft && limit > 0 && ms >= 100 && ms <= 600_000
	return limit, time.Duration(ms) * time.Millisecond, remaining, ok
}

func dailyHeaders(h http.Header) (limit, remaining int, ok bool) {
	limit, okLimit := headerInt(h, "X-HubSpot-RateLimit-Daily")
	remaining, okLeft := headerInt(h, "X-HubSpot-RateLimit-Daily-Remaining")
	return limit, remaining, okLimit && okLeft && limit > 0
}

func headerInt(h http.Header, name string) (int, bool) {
	n, err := strconv.Atoi(strings.TrimSpace(h.Get(name)))
	return n, err == nil && n >= 0
}

// sleep waits for d, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
