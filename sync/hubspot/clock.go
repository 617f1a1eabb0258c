package hubspot

import (
	"sync"
	"time"
)

// dateStep is the precision of an HTTP Date, which is cut to whole seconds.
const dateStep = time.Second

// mostFast is how many seconds the local clock needs to gain one at most.
const mostFast = 5000

// clock follows the server's clock by the Date headers of its answers. An
// answer that came back at received says that the clock showed at least its
// Date then; one that was asked for at sent, that it showed less than its Date
// and a second more then. Between answers the local clock only counts the
// time that passes; what it shows does not matter, nor that it is set.
type clock struct {
	mu    sync.Mutex
	known bool
	at    time.Time // what the server's clock showed at least,
	local time.Time // at this moment
	told  time.Time // the latest time given out
}

// observe enters the Date of an answer.
func (k *clock) observe(date, sent, received time.Time) {
	if date.IsZero() {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	least := date
	most := date.Add(dateStep + received.Sub(sent))
	if k.known {
		// The answer that travelled shortest tells most. One that contradicts it
		// shows that it was wrong.
		passed := received.Sub(k.local)
		guess := k.at.Add(passed - passed/mostFast)
		if guess.After(least) && !guess.After(most) {
			least = guess
		}
	}
	k.known, k.at, k.local = true, least, received
}

// now returns the server's clock, never less than it returned before.
func (k *clock) now() time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.known {
		return time.Time{}
	}
	if at := k.at.Add(time.Since(k.local)); at.After(k.told) {
		k.told = at
	}
	return k.told
}

// skew is the server's clock minus the local one.
func (k *clock) skew() time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.known {
		return 0
	}
	return k.at.Sub(k.local)
}
