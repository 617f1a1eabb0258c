package hubspot

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Bounds on the calls in flight. HubSpot states no limit; it answers too many
// at once with locks (423) and gateway errors.
const (
	startConcurrency = 16
	minConcurrency   = 2
	maxConcurrency   = 32
)

// slots bounds the calls in flight: a little more after each success, a third
// fewer after an overload (at most once a second).
type slots struct {
	mu      sync.Mutex
	limit   float64
	used    int
	waiting []chan struct{} // closed when a slot is handed over; first come, first served
	cut     time.Time
}

func newSlots() *slots { return &slots{limit: startConcurrency} }

func (s *slots) take(ctx context.Context) error {
	s.mu.Lock()
	if s.used < int(s.limit) && len(s.waiting) == 0 {
		s.used++
		s.mu.Unlock()
		return nil
	}
	mine := make(chan struct{})
	s.waiting = append(s.waiting, mine)
	s.mu.Unlock()
	select {
	case <-mine:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := slices.Index(s.waiting, mine); i >= 0 {
		s.waiting = slices.Delete(s.waiting, i, i+1)
	} else {
		// The slot came at the same moment: pass it on.
		s.used--
		s.hand()
	}
	return ctx.Err()
}

// give frees a slot, with what its call showed.
func (s *slots) give(o outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.adapt(o)
	s.used--
	s.hand()
}

// note enters what a call showed that keeps its slot for another.
func (s *slots) note(o outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.adapt(o)
	s.hand()
}

func (s *slots) adapt(o outcome) {
	switch o {
	case outcomeOverload:
		if now := time.Now(); now.Sub(s.cut) >= time.Second {
			s.limit, s.cut = max(minConcurrency, s.limit*2/3), now
		}
	case outcomeOK:
		s.limit = min(maxConcurrency, s.limit+1/s.limit)
	}
}

// hand gives free slots to those who wait longest.
func (s *slots) hand() {
	for s.used < int(s.limit) && len(s.waiting) > 0 {
		close(s.waiting[0])
		s.waiting = s.waiting[1:]
		s.used++
	}
}
