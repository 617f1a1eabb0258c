package hubspot

import (
	"context"
	"slices"
	"sync"
	"time"
)

// gate lets at most limit calls into any window. It is a ledger of send times:
// each call holds a permit that comes back at response+window or at
// sent+window+slack, whichever is earlier.
//
// Returned at response+window, the ledger is exact for any latency: of the
// calls in a window of the server's clock, every earlier one was answered, and
// so arrived, less than a window before the last was sent, and still held its
// permit then. The slack trades that for speed: it is enough as long as the
// way up varies by less, and costs slack/(window+slack) of the rate. Refused
// calls hold a permit like the others, because some servers count them.
//
// When more than half of the permits are out, calls are also spaced evenly, so
// that a server that counts in fixed or coarser windows sees no bursts.
type gate struct {
	// turn is held by the caller that waits for the next permit; the others
	// queue for it in order. It is a channel so that nobody sleeps on a lock.
	turn    chan struct{}
	changed chan struct{} // wakes the holder of turn when a permit may be free sooner

	mu     sync.Mutex
	set    gateSettings
	slack  time.Duration
	ledger []*entry
	last   time.Time // the newest send

	closedUntil time.Time
	reacted     time.Time // the newest reaction to a 429
	calmSince   time.Time // since when the slack has not changed
	foreign     []foreignUse
}

type gateSettings struct {
	limit    int           // calls per window
	window   time.Duration // as the server counts
	slack    time.Duration // at first, and at least
	step     time.Duration // how much a 429 adds to the slack
	maxSlack time.Duration
	pause    time.Duration // how long a 429 closes the gate
	calm     time.Duration // time without a 429 after which the slack shrinks
}

// entry is one call in the ledger.
type entry struct {
	sent time.Time
	back time.Time // when its permit comes back
	own  int       // our calls in the window that ended when it was sent, itself included
	held bool      // not sent yet: its permit is kept for it until it is sent or cancelled
}

// foreignUse is how many calls of the window somebody else made.
type foreignUse struct {
	at time.Time
	n  int
}

func newGate(s gateSettings) *gate {
	return &gate{
		turn:    make(chan struct{}, 1),
		changed: make(chan struct{}, 1),
		set:     s,
		slack:   s.slack,
	}
}

// take waits for a permit. The call must be sent at once after it.
func (g *gate) take(ctx context.Context) (*entry, error) {
	entries, err := g.hold(ctx, 1)
	if err != nil {
		return nil, err
	}
	g.send(entries[0], time.Now())
	return entries[0], nil
}

// hold waits for n permits at once, or as many as the gate has in all, and
// keeps them. Each call must be entered with send when it is sent, or cancelled.
func (g *gate) hold(ctx context.Context, n int) ([]*entry, error) {
	select {
	case g.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-g.turn }()
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		entries, wait := g.try(time.Now(), n)
		if entries != nil {
			return entries, nil
		}
		if err := g.await(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// await sleeps for d, until something changed, or until ctx ends.
func (g *gate) await(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-g.changed:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// try enters n calls into the ledger, or says how long to wait before trying
// again.
func (g *gate) try(now time.Time, n int) ([]*entry, time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.prune(now)
	if wait := g.closedUntil.Sub(now); wait > 0 {
		return nil, wait
	}
	capacity := g.capacity(now)
	n = min(n, capacity)
	if short := len(g.ledger) + n - capacity; short > 0 {
		return nil, g.nthBack(now, short-1).Sub(now)
	}
	if apart := g.spacing(capacity); apart > 0 {
		if wait := g.last.Add(apart).Sub(now); wait > 0 {
			return nil, wait
		}
		// Calls that follow each other at once are paid for with the distance
		// of the next.
		g.last = now.Add(time.Duration(n-1) * apart)
	}
	entries := make([]*entry, n)
	for i := range entries {
		entries[i] = &entry{held: true}
	}
	g.ledger = append(g.ledger, entries...)
	return entries, 0
}

// send enters that a held call is sent now.
func (g *gate) send(e *entry, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	e.held = false
	e.sent, e.back = now, now.Add(g.set.window+g.slack)
	for _, other := range g.ledger {
		if !other.held && now.Sub(other.sent) < g.set.window {
			e.own++
		}
	}
	if now.After(g.last) {
		g.last = now
	}
}

// prune drops the calls whose permits are back, and lets the slack shrink in
// calm times.
func (g *gate) prune(now time.Time) {
	g.ledger = slices.DeleteFunc(g.ledger, func(e *entry) bool { return !e.held && !e.back.After(now) })
	if g.slack > g.set.slack && now.Sub(g.calmSince) >= g.set.calm {
		g.slack = max(g.set.slack, g.slack*9/10)
		g.calmSince = now
	}
}

// nthBack returns when the n+1st permit from now comes back. Of a held one it
// is not known; who waits is woken when it is.
func (g *gate) nthBack(now time.Time, n int) time.Time {
	backs := make([]time.Time, len(g.ledger))
	for i, e := range g.ledger {
		backs[i] = e.back
		if e.held {
			backs[i] = now.Add(g.set.window + g.slack)
		}
	}
	slices.SortFunc(backs, time.Time.Compare)
	return backs[n]
}

// spacing returns how far calls must keep apart. The pace is a little faster
// than the ledger's, which decides in the long run.
func (g *gate) spacing(capacity int) time.Duration {
	if len(g.ledger) < (capacity+1)/2 {
		return 0
	}
	return (g.set.window + g.slack) * 95 / 100 / time.Duration(capacity)
}

// capacity is the limit less what others of the same token use. At least a
// tenth of the limit stays ours.
func (g *gate) capacity(now time.Time) int {
	return max(1, g.set.limit/10, g.set.limit-g.foreignCalls(now))
}

// foreignCalls estimates what others use of the window. Jitter makes single
// samples too high, so only a window whose tenth percentile shows somebody is
// believed; then the ninetieth is kept free for them.
func (g *gate) foreignCalls(now time.Time) int {
	g.foreign = slices.DeleteFunc(g.foreign, func(f foreignUse) bool { return now.Sub(f.at) >= g.set.window })
	if len(g.foreign) == 0 {
		return 0
	}
	n := make([]int, len(g.foreign))
	for i, f := range g.foreign {
		n[i] = f.n
	}
	slices.Sort(n)
	if n[len(n)/10] < 3 {
		return 0
	}
	return n[len(n)*9/10]
}

// settle enters that a call is over. An answered one may give its permit back
// sooner.
func (g *gate) settle(e *entry, now time.Time, answered bool) {
	g.mu.Lock()
	if back := now.Add(g.set.window); answered && back.Before(e.back) {
		e.back = back
	}
	g.mu.Unlock()
	g.wake()
}

// cancel takes calls that never left out of the ledger.
func (g *gate) cancel(entries ...*entry) {
	g.mu.Lock()
	g.ledger = slices.DeleteFunc(g.ledger, func(e *entry) bool { return slices.Contains(entries, e) })
	g.mu.Unlock()
	g.wake()
}

// learn takes over what the headers of the answer to e say.
func (g *gate) learn(e *entry, now time.Time, limit, remaining int, window time.Duration) {
	g.mu.Lock()
	g.set.limit, g.set.window = limit, window
	g.foreign = append(g.foreign, foreignUse{at: now, n: max(0, limit-remaining-e.own)})
	g.mu.Unlock()
	g.wake()
}

// throttle reacts to a 429. The refusals of calls that were sent before the
// last reaction belong to the same episode and change nothing more, except
// that a longer wait that the server asks for is kept.
func (g *gate) throttle(e *entry, now time.Time, wait time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !e.sent.Before(g.reacted) {
		pause, step := g.set.pause, g.set.step
		if !g.reacted.IsZero() && now.Sub(g.reacted) < 3*g.set.window {
			// It was not enough.
			pause, step = g.set.window/2, 4*step
		}
		g.slack = min(g.slack+step, g.set.maxSlack)
		g.reacted, g.calmSince = now, now
		wait = max(wait, pause)
	}
	if until := now.Add(wait); until.After(g.closedUntil) {
		g.closedUntil = until
	}
}

// wake lets the waiting caller look again. It never blocks.
func (g *gate) wake() {
	select {
	case g.changed <- struct{}{}:
	default:
	}
}

func (g *gate) budget(now time.Time) Burst {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.prune(now)
	return Burst{
		Max:       g.set.limit,
		Remaining: max(0, g.capacity(now)-len(g.ledger)),
		Window:    g.set.window,
	}
}
