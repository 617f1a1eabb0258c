package hubspot

import (
	"context"
	"errors"
	"sync"
	"time"
)

// unit is what belongs together for the gates: calls that follow one another
// without waiting in between. It holds one slot of those for calls in flight,
// and a permit of the burst gate for each call that is still to come.
type unit struct {
	limiter *Limiter
	tries   *tries // of all calls, and of the units before that ended early

	mu       sync.Mutex
	reserved []*entry
	token    string // of all calls,
	got      time.Time
	over     bool
}

// tokenShared is how long the calls of a unit use the token that it began with
// without asking for it again. Sources replace a token minutes before it ends.
const tokenShared = 30 * time.Second

type unitKey struct{}

// unitOf returns the unit that a context belongs to, nil for none.
func unitOf(ctx context.Context) *unit {
	u, _ := ctx.Value(unitKey{}).(*unit)
	if u == nil {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.over {
		return nil
	}
	return u
}

// Unit makes one unit of the calls that f makes, one after the other, with the
// context that it is given: typically a batch read and the batch write that
// rests on it. The
// pause after a lock of the object type, the place among the calls in flight,
// the rate limit and the token are waited for on behalf of all of them before
// the first is sent, so that they follow each other as fast as f goes on: no
// more than a round trip lies between the moment of the read and that of the
// write.
//
// calls is how many requests there will be; see [BatchReadRequest.Calls]. What
// f does not use is given back when it returns; what it makes beyond them waits
// for the limit like any other call, as far as the limit is that small, too.
// Searches have a limit of their own.
//
// A call of a unit is not repeated by itself, because what was read before it
// ages meanwhile. Where it would have been, for a refusal that passes (429,
// 423, 477, 401) or a read without an answer, its error is one that [IsStale]:
// it changed nothing. f puts right what it noted about the call and returns the
// error, and Unit runs f again from its start, after the wait that is due and
// as often as a call alone is repeated. Any other error of f ends it, also one
// that is joined to it.
//
// f must make all its calls with its own context: one made with another may
// wait for the place that the unit holds. A unit inside a unit is an error.
func (c *Client) Unit(ctx context.Context, objectType string, calls int, f func(context.Context) error) error {
	op := "reach " + objectType
	if calls < 1 {
		return invalid(op, "a unit has at least one call, not %d", calls)
	}
	if unitOf(ctx) != nil {
		return invalid(op, "a unit of calls was begun inside another")
	}
	var t tries
	for {
		err := c.unit(ctx, op, objectType, calls, &t, f)
		stale := staleAlone(err)
		if stale == nil {
			return err
		}
		if sleep(ctx, stale.wait) != nil {
			return stale.err
		}
	}
}

// unit runs f in one unit.
func (c *Client) unit(ctx context.Context, op, objectType string, calls int, t *tries, f func(context.Context) error) error {
	u, err := c.limits.reserve(ctx, &request{op: op, objectType: objectType}, calls)
	if err != nil {
		return notSent(op, err)
	}
	defer u.close()
	// After the wait, which a token had before may not have outlived.
	token, err := c.tokens.Token(ctx)
	if err != nil {
		return &TokenError{Op: op, Err: err}
	}
	u.tries, u.token, u.got = t, token, time.Now()
	return f(context.WithValue(ctx, unitKey{}, u))
}

// reserve waits for the places of n calls, of which r stands for the writes.
func (l *Limiter) reserve(ctx context.Context, r *request, n int) (*unit, error) {
	if err := l.allow(ctx, r, n); err != nil {
		return nil, err
	}
	if err := l.waitUnlocked(ctx, r); err != nil {
		return nil, err
	}
	if err := l.burst.slots.take(ctx); err != nil {
		return nil, err
	}
	for {
		entries, err := l.burst.gate.hold(ctx, n)
		if err != nil {
			l.burst.slots.give(outcomeUnsent)
			return nil, err
		}
		if l.locked(r) <= 0 {
			return &unit{limiter: l, reserved: entries}, nil
		}
		// Another call met a lock while this one waited for the gate.
		l.burst.gate.cancel(entries...)
		if err := l.waitUnlocked(ctx, r); err != nil {
			l.burst.slots.give(outcomeUnsent)
			return nil, err
		}
	}
}

// acquire gives the permit of a call of the unit: one that was waited for, or
// beyond those one of the gate. The slot is the unit's.
func (u *unit) acquire(ctx context.Context) (*permit, error) {
	gate := u.limiter.burst.gate
	e := u.next()
	if e != nil {
		gate.send(e, time.Now())
	} else {
		var err error
		if e, err = gate.take(ctx); err != nil {
			return nil, err
		}
	}
	return &permit{limiter: u.limiter, lane: u.limiter.burst, entry: e, unit: u}, nil
}

// next takes one of the reserved permits, nil if there is none.
func (u *unit) next() *entry {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.reserved) == 0 {
		return nil
	}
	e := u.reserved[0]
	u.reserved = u.reserved[1:]
	return e
}

// close ends the unit and gives back what it holds.
func (u *unit) close() {
	u.mu.Lock()
	left := u.reserved
	u.reserved, u.over = nil, true
	u.mu.Unlock()
	u.limiter.burst.gate.cancel(left...)
	u.limiter.burst.slots.give(outcomeUnsent)
}

// share returns the token that the unit began with, while it is young.
func (u *unit) share() (string, bool) {
	if u == nil || time.Since(u.got) >= tokenShared {
		return "", false
	}
	return u.token, true
}

// staleError is the failure of a call of a unit that is repeated with the
// whole unit, after a wait.
type staleError struct {
	err  error
	wait time.Duration
}

func (e *staleError) Error() string { return e.err.Error() }
func (e *staleError) Unwrap() error { return e.err }

// staleAlone finds the staleError that err is or wraps, nil if there is none or
// something else went wrong besides.
func staleAlone(err error) *staleError {
	for ; err != nil; err = errors.Unwrap(err) {
		if stale, ok := err.(*staleError); ok { //nolint:errorlint // a joined error must not match
			return stale
		}
	}
	return nil
}

// IsStale reports that a call of a [Client.Unit] failed without any effect, and
// that the unit will be run again if the error is returned to it.
func IsStale(err error) bool {
	var e *staleError
	return errors.As(err, &e)
}
