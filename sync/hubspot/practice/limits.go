package practice

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Window is how the ten-second limit counts.
type Window int

// The ways to count that have been seen or are suspected. What HubSpot does is
// not documented beyond the policy's name, TEN_SECONDLY_ROLLING.
const (
	Rolling        Window = iota // accepted calls of the last ten seconds
	RollingRejects               // the same, but rejected calls count too
	FixedWindow                  // accepted calls since the last full ten seconds
	SecondBuckets                // accepted calls in the present and the last ten whole seconds
)

// Limits are the portal's call limits (facts 2.1). Zero values mean HubSpot's.
type Limits struct {
	Off    bool
	Burst  int // per token's app and ten seconds; 0 = 100, and 110 for OAuth apps
	Window Window
	Daily  int // per account, private apps and service keys together; 0 = 250,000
	Search int // per account and second; 0 = 5
	// Associations is how many association calls of the day there may be per
	// account, beside the daily limit; 0 = 500,000.
	Associations int
	// ImportRows is how many rows of an import are written per second, ExportRows how many an
	// export reads; 0 = 2,000 and 20,000. ExportFile is how many rows a file of an export holds; 0 = 1,000,000.
	ImportRows, ExportRows, ExportFile int
	JournalFile                        int // events of a file of the webhooks journal; 0 = 10,000
	// DailyUsed is what other apps had spent of the day when the portal was made.
	DailyUsed int
}

// burstSpan is the width of the burst window, and what the headers say it is.
const burstSpan = 10 * time.Second

// limiter counts calls against the limits.
type limiter struct {
	limits Limits
	bursts map[int64]*meter // by app
	search meter
	day    string // the day that used and linked belong to
	used   int
	linked int // association calls
}

// meter is the calls that still count, oldest first.
type meter struct {
	times []time.Time
}

func (l *limiter) set(x Limits) {
	if l.bursts == nil {
		l.bursts = make(map[int64]*meter)
		l.used = x.DailyUsed
	}
	l.limits = x
}

// SetLimits changes the limits; what was spent stays spent.
func (p *Portal) SetLimits(l Limits) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.limiter.set(l)
}

// Spend counts calls of other programs that use the same token, now.
func (p *Portal) Spend(token string, calls int) {
	p.mu.Lock()
	defer p.leave()
	t := p.tokens[digestOf(token)]
	if t == nil {
		return
	}
	now := p.present()
	m := p.limiter.burst(t)
	m.expire(p.limiter.limits.Window, now)
	for range calls {
		m.times = append(m.times, now)
	}
	p.limiter.daily(now.In(p.zone))
	p.limiter.used += calls
}

func (l *limiter) burst(t *Token) *meter {
	m := l.bursts[t.AppID]
	if m == nil {
		m = &meter{}
		l.bursts[t.AppID] = m
	}
	return m
}

func (l *limiter) burstSize(t *Token) int {
	switch {
	case l.limits.Burst > 0:
		return l.limits.Burst
	case t.Kind == OAuth:
		return 110
	}
	return 100
}

// daily returns what the day has used and may use, beginning a new day when
// the account's clock has passed midnight.
func (l *limiter) daily(local time.Time) (used, most int) {
	day := local.Format(time.DateOnly)
	if l.day != "" && l.day != day {
		l.used, l.linked = 0, 0
	}
	l.day = day
	return l.used, orNumber(l.limits.Daily, 250_000)
}

// expire forgets the calls that no longer count.
func (m *meter) expire(w Window, now time.Time) {
	var first time.Time // calls before it are forgotten
	switch w {
	case FixedWindow:
		first = now.Truncate(burstSpan)
	case SecondBuckets:
		first = now.Truncate(time.Second).Add(-burstSpan)
	default:
		first = now.Add(-burstSpan).Add(time.Nanosecond)
	}
	m.forget(first)
}

// since counts the calls from a moment on.
func (m *meter) since(moment time.Time) int {
	i, _ := slices.BinarySearchFunc(m.times, moment, time.Time.Compare)
	return len(m.times) - i
}

func (m *meter) forget(before time.Time) {
	i, _ := slices.BinarySearchFunc(m.times, before, time.Time.Compare)
	m.times = slices.Delete(m.times, 0, i)
}

// admit counts a call or refuses it with one of the 429 bodies.
func (p *Portal) admit(c *call, t trait) *apiError {
	l := &p.limiter
	now := p.present()
	if l.limits.Off || t&free != 0 {
		return nil
	}
	counted := c.token.Kind != OAuth
	used, most := l.daily(now.In(p.zone))
	if counted && used >= most {
		e := p.throttled("You have reached your daily limit.", "DAILY", "")
		e.retryAfter = midnight(now.In(p.zone)).Sub(now)
		return e
	}
	if t&association != 0 {
		if l.linked >= orNumber(l.limits.Associations, 500_000) {
			e := p.throttled("You have reached your daily limit.", "DAILY", "")
			e.retryAfter = midnight(now.In(p.zone)).Sub(now)
			return e
		}
		l.linked++
	}
	e := p.admitWindow(c, t, now)
	if counted && (e == nil || p.opt.Switches.RejectedCountDaily) {
		l.used++
	}
	return e
}

func (p *Portal) admitWindow(c *call, t trait, now time.Time) *apiError {
	l := &p.limiter
	if t&search != 0 {
		most := orNumber(l.limits.Search, 5)
		l.search.forget(now.Add(-time.Second).Add(time.Nanosecond))
		if len(l.search.times) >= most {
			e := p.throttledSearch()
			e.retryAfter = time.Second
			return e
		}
		l.search.times = append(l.search.times, now)
		return nil
	}
	if t&association != 0 && p.opt.Switches.AssociationsExempt {
		return nil
	}
	m := l.burst(c.token)
	m.expire(l.limits.Window, now)
	full := len(m.times) >= l.burstSize(c.token)
	if !full || l.limits.Window == RollingRejects {
		m.times = append(m.times, now)
	}
	if !full {
		return nil
	}
	e := p.throttled("You have reached your ten_secondly_rolling limit.", "TEN_SECONDLY_ROLLING",
		fmt.Sprintf("publicapi:private_app-api-calls-ten-secondly:%d:%d", p.opt.PortalID, c.token.AppID))
	e.retryAfter = burstSpan
	return e
}

func (p *Portal) throttled(message, policy, group string) *apiError {
	return &apiError{Status: http.StatusTooManyRequests, errorBody: errorBody{Message: message, ErrorType: "RATE_LIMIT", PolicyName: policy, GroupName: group}}
}

// throttledSearch is the 429 of searches, which is not like the others: all
// recorded ones have a message and a category only.
func (p *Portal) throttledSearch() *apiError {
	e := p.throttled("You have reached your secondly limit.", "SECONDLY", "publicapi:crm:search:oauth:"+itoa(p.opt.PortalID))
	if !p.opt.Switches.SearchThrottleTyped {
		e.ErrorType, e.PolicyName, e.GroupName, e.Category = "", "", "", "RATE_LIMITS"
	}
	return e
}

// rateHeaders are on every answer but search's; the daily ones are not sent to
// OAuth apps.
func (p *Portal) rateHeaders(h http.Header, c *call, t trait) {
	l := &p.limiter
	if l.limits.Off || t&free != 0 || c.token == nil {
		return
	}
	defer p.dailyHeaders(h, c, t)
	if t&search != 0 {
		return
	}
	m := l.burst(c.token)
	m.expire(l.limits.Window, p.present())
	most := l.burstSize(c.token)
	h.Set("X-HubSpot-RateLimit-Interval-Milliseconds", strconv.FormatInt(burstSpan.Milliseconds(), 10))
	h.Set("X-HubSpot-RateLimit-Max", strconv.Itoa(most))
	h.Set("X-HubSpot-RateLimit-Remaining", strconv.Itoa(max(0, most-len(m.times))))
	h.Set("X-HubSpot-RateLimit-Secondly", strconv.Itoa(most/10))
	h.Set("X-HubSpot-RateLimit-Secondly-Remaining", strconv.Itoa(max(0, most/10-m.since(p.present().Truncate(time.Second)))))
}

func (p *Portal) dailyHeaders(h http.Header, c *call, t trait) {
	if c.token.Kind == OAuth || t&search != 0 && !p.opt.Switches.SearchesTellDaily {
		return
	}
	used, daily := p.limiter.daily(p.present().In(p.zone))
	h.Set("X-HubSpot-RateLimit-Daily", strconv.Itoa(daily))
	h.Set("X-HubSpot-RateLimit-Daily-Remaining", strconv.Itoa(max(0, daily-used)))
}
