package app

import (
	"time"

	"syncline/sync/hubspot"
)

// usualAnswer is how long HubSpot takes to answer a call, as measured from
// workstations in Europe and America; an estimate can use no better figure
// before the first call.
const usualAnswer = 350 * time.Millisecond

// Estimate is what a number of calls would cost a portal.
type Estimate struct {
	Calls  int // all of them, reading back included
	Verify int // of them, for reading back what was written
	Took   time.Duration
	Limit  int // the portal's daily limit of calls, 0 where HubSpot has not told it yet
}

// Traffic returns the calls that this process made to a connection and what is
// left of its limits; false before the first call.
func (a *App) Traffic(connectionID string) (hubspot.Traffic, bool) {
	a.mu.Lock()
	limiter := a.limiters[connectionID]
	a.mu.Unlock()
	if limiter == nil {
		return hubspot.Traffic{}, false
	}
	return limiter.Traffic(), true
}

// estimate tells what calls would cost a connection.
func (a *App) estimate(connectionID string, calls int) Estimate {
	e := Estimate{Calls: calls, Took: time.Duration(calls) * usualAnswer}
	t, ok := a.Traffic(connectionID)
	if !ok {
		return e
	}
	if b := t.Burst; b.Max > 0 {
		e.Took = max(e.Took, time.Duration(float64(calls)/float64(b.Max)*float64(b.Window)))
	}
	if t.Daily.Known {
		e.Limit = t.Daily.Max
	}
	return e
}
