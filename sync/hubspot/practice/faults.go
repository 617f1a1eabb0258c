package practice

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// FaultKind is a way in which a call goes wrong.
type FaultKind int

// The kinds of faults. Kinds named After happen when the call has taken
// effect, the others before it could.
const (
	Throttle         FaultKind = iota // 429; Policy chooses the body
	Locked                            // 423: wait at least two seconds
	Migrating                         // 477 with Retry-After
	ServerError                       // Status, 500 if none, as JSON
	ServerErrorAfter                  // the same, but the call has taken effect
	HalfCommitted                     // the same, but half of the batch has taken effect
	Reset                             // the connection ends before the call arrives
	ResetAfter                        // the connection ends before the answer arrives
	Truncated                         // the answer ends in the middle
	HTML                              // Status, 502 if none, with an HTML body
	HTMLAfter                         // the same, but the call has taken effect
	PlainText                         // 429 with the text "error code: 1015"
	Hang                              // no answer until the caller gives up
	HangAfter                         // the same, but the call has taken effect
	Zombie                            // the connection ends at once, and the call takes effect Delay later
	Unauthorized                      // 401 although the token is valid
	MidExpiry                         // the token expires with this call
	Late                              // the call arrives Delay later; a caller that waits gets its answer then
	Undisturbed                       // nothing: the entry is there for its Before and After
)

// Fault is one thing that goes wrong. To lose a request before it arrives, use
// Reset; to lose the answer of one that took effect, ResetAfter; to have one
// take effect when its caller has long gone on, Zombie, or Late with a Delay
// beyond the caller's patience; to have a person act at a certain moment,
// Undisturbed with Before or After, which work with every other kind, too.
type Fault struct {
	Kind FaultKind
	// Method and Path limit the calls it hits: the path as sent contains Path.
	Method, Path string
	Writes       bool          // hits only calls that may change something: with Skip, the n-th write
	Skip         int           // matching calls that pass first
	Times        int           // matching calls it hits; 0 = 1, negative = all
	Status       int           // of ServerError and HTML kinds
	Policy       string        // of Throttle: TEN_SECONDLY_ROLLING (default), SECONDLY, DAILY
	RetryAfter   time.Duration // sent as a header when not zero
	Delay        time.Duration // of Zombie and Late
	// Before is run when the call arrives and has not taken effect, After when
	// it has or has failed to, before the answer travels back. Both are run
	// without any lock held, by the caller's goroutine: they may edit as a
	// person, wait, or make calls of their own.
	Before, After func()
}

// Faults is what goes wrong: a script, whose entries are tried in order, and
// seeded rates (0 to 1) for the calls that the script leaves alone.
type Faults struct {
	Script []Fault

	Throttle, Locked, Migrating                  float64
	ServerError, ServerErrorAfter, HalfCommitted float64
	Reset, ResetAfter, Truncated                 float64
	HTML, HTMLAfter, Hang, HangAfter, Zombie     float64

	ZombieDelay Delay // of rated zombies; nil = 30 s
	// WritesOnly spares calls that change nothing from the rates.
	WritesOnly bool
}

type faultState struct {
	Faults
	script []Fault
}

func (f *faultState) set(x Faults) {
	f.Faults = x
	f.script = slices.Clone(x.Script)
	for i := range f.script {
		if f.script[i].Times == 0 {
			f.script[i].Times = 1
		}
	}
}

// SetFaults replaces all faults.
func (p *Portal) SetFaults(f Faults) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults.set(f)
}

// draw decides what goes wrong with a call, nil for nothing.
func (p *Portal) drawFault(c *call, t trait) *Fault {
	path, _, _ := strings.Cut(c.target, "?")
	for i := range p.faults.script {
		f := &p.faults.script[i]
		if f.Times == 0 || f.Method != "" && f.Method != c.method || !strings.Contains(path, f.Path) || f.Writes && t&writing == 0 {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		if f.Times > 0 {
			f.Times--
		}
		hit := *f
		return &hit
	}
	if t&free != 0 || p.faults.WritesOnly && t&writing == 0 {
		return nil
	}
	return p.drawRated()
}

func (p *Portal) drawRated() *Fault {
	x := &p.faults.Faults
	rates := []struct {
		rate float64
		kind FaultKind
	}{{x.Throttle, Throttle}, {x.Locked, Locked}, {x.Migrating, Migrating}, {x.ServerError, ServerError}, {x.ServerErrorAfter, ServerErrorAfter},
		{x.HalfCommitted, HalfCommitted}, {x.Reset, Reset}, {x.ResetAfter, ResetAfter}, {x.Truncated, Truncated}, {x.HTML, HTML},
		{x.HTMLAfter, HTMLAfter}, {x.Hang, Hang}, {x.HangAfter, HangAfter}, {x.Zombie, Zombie}}
	sum := 0.0
	for _, r := range rates {
		sum += r.rate
	}
	if sum == 0 {
		return nil
	}
	at := p.rng.Float64()
	for _, r := range rates {
		if at -= r.rate; at < 0 {
			f := &Fault{Kind: r.kind}
			switch r.kind {
			case ServerError, ServerErrorAfter, HalfCommitted:
				f.Status = []int{500, 502, 503, 504, 524}[p.rng.IntN(5)]
			case Zombie:
				f.Delay = 30 * time.Second
				if x.ZombieDelay != nil {
					f.Delay = x.ZombieDelay.draw(p.rng)
				}
			}
			return f
		}
	}
	return nil
}

// commits reports whether the call takes effect despite the fault, at once.
func (f *Fault) commits() bool {
	switch f.Kind {
	case ServerErrorAfter, HalfCommitted, ResetAfter, Truncated, HTMLAfter, HangAfter, MidExpiry, Late, Undisturbed:
		return true
	}
	return false
}

// answer is what the caller gets instead; nil when it gets the real answer or
// none at all.
func (p *Portal) faultAnswer(f *Fault) *answer {
	var a *answer
	switch f.Kind {
	case Throttle:
		a = p.refusal(p.throttleFault(f))
	case Locked:
		a = p.refusal(refuse(http.StatusLocked, "", "The record is locked by another request. Please wait at least two seconds and try again."))
	case Migrating:
		a = p.refusal(refuse(477, "", "Migration in progress"))
		if f.RetryAfter == 0 {
			f.RetryAfter = 30 * time.Second
		}
	case ServerError, ServerErrorAfter, HalfCommitted:
		a = p.refusal(refuse(orNumber(f.Status, 500), "", "internal error"))
	case HTML, HTMLAfter:
		status := orNumber(f.Status, 502)
		a = page(status, "<html><head><title>"+strconv.Itoa(status)+" "+http.StatusText(status)+"</title></head><body><center><h1>"+
			strconv.Itoa(status)+" "+http.StatusText(status)+"</h1></center><hr><center>cloudflare</center></body></html>")
	case PlainText:
		a = page(http.StatusTooManyRequests, "error code: 1015")
		a.header.Set("Content-Type", "text/plain")
	case Unauthorized:
		a = p.refusal(expired(p.present(), time.UnixMilli(0)))
	default:
		return nil
	}
	if f.RetryAfter > 0 {
		if a.header == nil {
			a.header = http.Header{}
		}
		a.header.Set("Retry-After", strconv.Itoa(int((f.RetryAfter+time.Second-1)/time.Second)))
	}
	return a
}

func (p *Portal) throttleFault(f *Fault) *apiError {
	switch f.Policy {
	case "SECONDLY":
		return p.throttledSearch()
	case "DAILY":
		return p.throttled("You have reached your daily limit.", "DAILY", "")
	}
	return p.throttled("You have reached your ten_secondly_rolling limit.", "TEN_SECONDLY_ROLLING",
		"publicapi:private_app-api-calls-ten-secondly:"+itoa(p.opt.PortalID)+":"+itoa(defaultAppID))
}

func orNumber(n, normal int) int {
	if n == 0 {
		return normal
	}
	return n
}
