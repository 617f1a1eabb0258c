package hubspot

import (
	"math"
	"time"
)

// Bounds on the batches under way that InFlight advises.
const (
	minInFlight = 4
	maxInFlight = 24
)

// latency is how long answers take, as a mean in which the newest fifth counts
// most. It is guarded by the limiter's lock.
type latency struct{ mean time.Duration }

func (l *latency) add(d time.Duration) {
	if l.mean == 0 {
		l.mean = d
		return
	}
	l.mean += (d - l.mean) / 5
}

// InFlight is how many batches are worth having under way at once: as many as
// the permitted rate lets be sent while an answer is awaited (Little's law), at
// least 4 and at most 24, and not more than the calls that HubSpot answers at
// once without locks and errors of its gateway. It changes with every answer.
func (c *Client) InFlight() int { return c.limits.inFlight() }

func (l *Limiter) inFlight() int {
	l.mu.Lock()
	mean := l.latency.mean
	l.mu.Unlock()
	burst := l.burst.gate.budget(time.Now())
	n := minInFlight
	if burst.Window > 0 {
		// One more than the law asks for keeps the line full while a page is written down.
		n = int(math.Ceil(float64(burst.Max)*mean.Seconds()/burst.Window.Seconds())) + 1
	}
	return max(1, min(max(minInFlight, n), maxInFlight, l.burst.slots.most()))
}

// most is how many calls may be in flight.
func (s *slots) most() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int(s.limit)
}
