package hubspot

import (
	"context"
	"sync"
	"time"
)

// dailyProbe is how often one call goes out although the budget looks used up:
// only an answer can show that it was filled again.
const dailyProbe = 15 * time.Minute

// dailyGate keeps a share of the portal's daily budget for its other apps. The
// budget is the portal's, and every answer tells what all of them left of it.
type dailyGate struct {
	mu        sync.Mutex
	reserve   float64
	max, left int
	known     bool
	seen      time.Time // when max and left were told
	until     time.Time // the budget is used up until then
	probed    time.Time
	zone      *time.Location // the portal's, in which the day ends; nil when unknown
}

type reserveKey struct{}

// UseReserve returns a context whose calls may also spend the share of the
// daily budget that is kept for other apps. It is for what must not wait: a
// person's own check, or finding out what became of a write.
func UseReserve(ctx context.Context) context.Context {
	return context.WithValue(ctx, reserveKey{}, true)
}

func reserveAllowed(ctx context.Context) bool { return ctx.Value(reserveKey{}) != nil }

// check says why n calls must not be sent now, or nil.
func (d *dailyGate) check(now time.Time, n int) *DailyLimitError {
	d.mu.Lock()
	defer d.mu.Unlock()
	kept := int(d.reserve * float64(d.max))
	switch {
	case now.Before(d.until):
		return &DailyLimitError{Max: d.max, Remaining: 0, Reserve: kept, Until: d.until}
	case !d.known || d.left-n >= kept:
		return nil
	case d.zone != nil && !now.Before(nextMidnight(d.seen, d.zone)):
		d.known = false // a new day began; the next answer tells its budget
		return nil
	case now.Sub(d.seen) >= dailyProbe && now.Sub(d.probed) >= dailyProbe:
		d.probed = now
		return nil
	}
	return &DailyLimitError{Max: d.max, Remaining: d.left, Reserve: kept, Until: d.reopens()}
}

// reopens is when the next call may go out at the earliest.
func (d *dailyGate) reopens() time.Time {
	probe := d.seen.Add(dailyProbe)
	if next := d.probed.Add(dailyProbe); next.After(probe) {
		probe = next
	}
	if d.zone != nil {
		if midnight := nextMidnight(d.seen, d.zone); midnight.Before(probe) {
			return midnight
		}
	}
	return probe
}

// spend counts one call before its answer tells the true figure.
func (d *dailyGate) spend() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.known && d.left > 0 {
		d.left--
	}
}

func (d *dailyGate) observe(now time.Time, max, left int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.max, d.left, d.known, d.seen = max, left, true, now
	if left > 0 {
		d.until = time.Time{}
	}
}

// exhausted enters a refusal for the daily limit.
func (d *dailyGate) exhausted(now time.Time, wait time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.left, d.seen = 0, now
	d.until = now.Add(dailyProbe)
	if wait > 0 {
		d.until = now.Add(min(wait, 24*time.Hour))
	}
	if d.zone != nil {
		if midnight := nextMidnight(now, d.zone); midnight.Before(d.until) {
			d.until = midnight
		}
	}
}

func (d *dailyGate) setZone(name string) {
	if name == "" {
		return
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return // without the zone the gate asks again every dailyProbe
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.zone = zone
}

func (d *dailyGate) budget() Daily {
	d.mu.Lock()
	defer d.mu.Unlock()
	return Daily{Max: d.max, Remaining: d.left, Known: d.known}
}

// nextMidnight is when the day of t ends in zone.
func nextMidnight(t time.Time, zone *time.Location) time.Time {
	y, m, day := t.In(zone).Date()
	return time.Date(y, m, day+1, 0, 0, 0, 0, zone)
}
