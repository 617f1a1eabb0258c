package hubspot

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"time"
)

// How often a call is repeated by itself, and how long one wait may be; beyond
// that the caller decides.
const (
	maxThrottled = 10 // after 429
	maxLocked    = 6  // after 423
	maxMigrating = 3  // after 477
	maxAttempts  = 5  // of a read, after 5xx or no answer

	maxPatience = 2 * time.Minute
	backoffBase = 500 * time.Millisecond
	backoffCap  = 30 * time.Second
	lockPause   = 2 * time.Second // HubSpot's locks last 2 s

	// statusMigrating is HubSpot's own: the portal's data is on the move.
	statusMigrating = 477
)

// tries counts what a call went through.
type tries struct {
	throttled, locked, migrating, failed int
	refreshed                            bool
	token                                string // used by the newest attempt
}

// again decides whether a failed attempt is followed by another, and after
// what wait. What is certain not to have happened may always be repeated,
// anything else only if it is a read. The error that comes back is the one to
// report when there is no other attempt.
func (c *Client) again(ctx context.Context, r *request, err error, t *tries) (time.Duration, bool, error) {
	if ctx.Err() != nil || IsNoToken(err) {
		return 0, false, err
	}
	if IsAuth(err) {
		again, err := c.renew(ctx, r, err, t)
		return 0, again, err
	}
	wait, again := c.againSame(r, err, t)
	return wait, again, err
}

// againSame decides about an attempt with the same token.
func (c *Client) againSame(r *request, err error, t *tries) (time.Duration, bool) {
	var lost *TransportError
	if errors.As(err, &lost) {
		return c.againRead(r, 0, t)
	}
	e := asError(err)
	if e == nil {
		return 0, false // not from HubSpot: no budget, a bad request
	}
	if e.RetryAfter > maxPatience || errors.Is(err, errTooLarge) {
		return 0, false
	}
	switch {
	case e.Status == http.StatusTooManyRequests:
		t.throttled++
		if IsDaily(err) || r.quota && IsQuota(err) || t.throttled > maxThrottled {
			return 0, false
		}
		// The gate is closed for what HubSpot asked; those who were refused
		// before also keep apart from each other.
		return c.backoff(t.throttled - 1), true
	case e.Status == http.StatusLocked:
		t.locked++
		if t.locked > maxLocked {
			return 0, false
		}
		wait := max(e.RetryAfter, lockPause*time.Duration(t.locked))
		c.limits.pause(r.objectType, wait)
		return wait, true
	case e.Status == statusMigrating:
		t.migrating++
		return max(e.RetryAfter, lockPause), t.migrating <= maxMigrating
	case e.Status >= 500 || e.Status < 300 || errors.Is(err, io.ErrUnexpectedEOF): // asked again, the answer may be whole
		return c.againRead(r, e.RetryAfter, t)
	}
	return 0, false
}

// againRead repeats a read whose outcome does not matter.
func (c *Client) againRead(r *request, wait time.Duration, t *tries) (time.Duration, bool) {
	limit := maxAttempts
	if r.attempts > 0 {
		limit = r.attempts
	}
	t.failed++
	if !r.read || t.failed >= limit {
		return 0, false
	}
	return max(wait, c.backoff(t.failed)), true
}

// backoff is exponential with full jitter; nothing for the first time.
func (c *Client) backoff(n int) time.Duration {
	if n <= 0 {
		return 0
	}
	ceiling := min(float64(backoffCap), float64(backoffBase)*math.Pow(2, float64(n-1)))
	return time.Duration(c.jitter() * ceiling)
}

// renew replaces a token that HubSpot refused, once per call, and reports
// whether another attempt makes sense: a call that was refused with 401 did
// nothing. Calls that were refused together wait for one refresh.
func (c *Client) renew(ctx context.Context, r *request, refused error, t *tries) (bool, error) {
	source, ok := c.tokens.(Refresher)
	if !ok || t.refreshed {
		return false, refused
	}
	t.refreshed = true
	select {
	case c.refresh <- struct{}{}:
	case <-ctx.Done():
		return false, refused
	}
	defer func() { <-c.refresh }()
	if token, err := c.tokens.Token(ctx); err == nil && token != t.token {
		return true, refused // somebody else's refusal replaced it meanwhile
	}
	err := source.Refresh(ctx, t.token)
	switch {
	case err == nil:
		return true, refused
	case temporary(err):
		return false, &TokenError{Op: r.op, Err: err} // it says nothing about the sign-in
	}
	return false, &TokenError{Op: r.op, Err: errors.Join(err, refused)}
}
