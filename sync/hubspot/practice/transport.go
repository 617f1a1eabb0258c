package practice

import (
	"bytes"
	"context"
	"io"
	"maps"
	"mime"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// mostBody is the longest body that is read.
const mostBody = 16 << 20

// mostParts is the longest body of parts that is read: a bit more than the largest
// file.
const mostParts = importMostBytes + 1<<20

// Calls counts the API calls so far; the edits of persons do not count.
type Calls struct {
	Total     int
	Search    int
	Throttled int            // answered 429
	Writes    int            // calls that may change something
	Failed    int            // answered 400 or above, or not at all
	By        map[string]int // by method and route, as "POST objects/{type}/batch/read"
}

// Request is one API call as tests look at it.
type Request struct {
	Time      time.Time
	Method    string
	Path      string // with the query
	Route     string // as in Calls.By
	Status    int    // 0 when the caller got no answer
	TokenKind string // "" without a valid token
	Faulty    bool   // a fault hit it
}

// requestsKept is how many Requests remembers.
const requestsKept = 10_000

// Calls returns the counts so far.
func (p *Portal) Calls() Calls {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.traffic
	c.By = maps.Clone(c.By)
	return c
}

// Requests returns the last API calls, oldest first.
func (p *Portal) Requests() []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Request(nil), p.requests...)
}

// fate is how the exchange of a call ends.
type fate struct {
	answer *answer
	reset  bool // the connection ends without an answer
	cut    bool // the answer ends in the middle
	hang   bool // nothing comes until the caller gives up
}

// arrival is a call at HubSpot's door.
type arrival struct {
	*call
	route *route
	trait trait
	early *answer // when there is no route
	fault *Fault
	since time.Time
}

// handle lets a call take effect and decides what the caller gets. ctx is the
// caller's patience.
func (p *Portal) handle(ctx context.Context, c *call) fate {
	a := p.meet(c)
	if f := a.fault; f != nil && f.Kind == Late && !wait(ctx, f.Delay) {
		p.miss(a)
		return fate{reset: true}
	}
	if p.opt.Arrived != nil {
		p.opt.Arrived(Request{Time: p.now(), Method: c.method, Path: c.target, Route: c.route, Faulty: a.fault != nil})
	}
	if a.fault != nil && a.fault.Before != nil {
		a.fault.Before()
	}
	end, seen, mark := p.serve(a)
	if p.durable(mark) != nil {
		end = fate{answer: p.undurable()}
	}
	if a.fault != nil && a.fault.After != nil {
		a.fault.After()
	}
	if p.opt.Observe != nil {
		p.opt.Observe(seen)
	}
	return end
}

// meet finds out where a call goes and what goes wrong with it.
func (p *Portal) meet(c *call) arrival {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := arrival{call: c, since: p.now()}
	a.route, a.trait, a.early = p.locate(c)
	if a.early == nil {
		a.fault = p.drawFault(c, a.trait)
	}
	return a
}

// miss lets a late call, whose caller has gone, take effect at its time.
func (p *Portal) miss(a arrival) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settle()
	if p.authenticate(a.call) == nil {
		p.later(max(0, a.fault.Delay-p.now().Sub(a.since)), job{call: a.call, route: a.route})
	}
	p.record(a.call, a.trait, a.fault, fate{reset: true})
	p.keep()
}

func (p *Portal) serve(a arrival) (fate, Request, int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settle()
	end := p.settleFate(a.call, a.route, a.trait, a.fault, a.early)
	if end.answer != nil {
		p.decorate(end.answer, a.call, a.trait)
	}
	seen := p.record(a.call, a.trait, a.fault, end)
	return end, seen, p.keep()
}

// locate finds the route of a call; early is the answer when there is none.
func (p *Portal) locate(c *call) (rt *route, t trait, early *answer) {
	if len(c.target) > p.opt.Switches.URLLimit {
		return nil, public, page(http.StatusRequestURITooLong, longPage)
	}
	path, _, _ := strings.Cut(c.target, "?")
	segments, v, ok := canonical(path)
	if !ok || v == v4 && p.opt.Switches.NoNumberedV4Objects && segments[0] == "objects" && at(segments, 3) != "associations" {
		return nil, public, page(http.StatusNotFound, unknownPage)
	}
	rt, args, other := match(c.method, segments)
	switch {
	case rt == nil && other:
		return nil, public, p.refusal(notAllowed())
	case rt == nil:
		return nil, public, page(http.StatusNotFound, unknownPage)
	}
	c.version, c.args, c.route = v, args, rt.display
	return rt, rt.traits, nil
}

// settleFate authenticates, counts and executes a call, with a fault on top.
func (p *Portal) settleFate(c *call, rt *route, t trait, f *Fault, early *answer) fate {
	if early != nil {
		return fate{answer: early}
	}
	if f != nil && f.Kind == Reset {
		return fate{reset: true}
	}
	if t&public == 0 {
		if e := p.authenticate(c); e != nil {
			return fate{answer: p.refusal(e)}
		}
		if e := p.admit(c, t); e != nil {
			a := p.refusal(e)
			if p.opt.Switches.RetryAfter && e.retryAfter > 0 {
				a.header.Set("Retry-After", strconv.Itoa(int((e.retryAfter+time.Second-1)/time.Second)))
			}
			return fate{answer: a}
		}
	}
	if c.unread(t) {
		return fate{answer: &answer{status: http.StatusUnsupportedMediaType}}
	}
	if f == nil {
		return fate{answer: p.dispatch(c, rt)}
	}
	return p.hit(c, rt, f)
}

// hit is a call that a fault hits after it was admitted.
func (p *Portal) hit(c *call, rt *route, f *Fault) fate {
	var real *answer
	c.half = f.Kind == HalfCommitted
	if f.commits() {
		real = p.dispatch(c, rt)
	}
	switch f.Kind {
	case Zombie:
		p.later(f.Delay, job{call: c, route: rt})
		return fate{reset: true}
	case ResetAfter:
		return fate{reset: true}
	case Hang, HangAfter:
		return fate{hang: true}
	case Truncated:
		return fate{answer: real, cut: true}
	case Late, Undisturbed:
		return fate{answer: real}
	case MidExpiry:
		if c.token != nil {
			c.token.ExpiresAt = p.present()
			p.changes.document(docTokens)
		}
		return fate{answer: real}
	}
	return fate{answer: p.faultAnswer(f)}
}

// decorate adds the headers that every answer carries.
func (p *Portal) decorate(a *answer, c *call, t trait) {
	if a.header == nil {
		a.header = make(http.Header, 12)
	}
	h := a.header
	if h.Get("Content-Type") == "" && len(a.body) > 0 {
		h.Set("Content-Type", "application/json;charset=utf-8")
	}
	id := h.Get("X-Hubspot-Correlation-Id")
	if id == "" {
		id = p.uuid7()
		h.Set("X-Hubspot-Correlation-Id", id)
	}
	h.Set("X-Request-Id", id)
	h.Set("Date", p.present().UTC().Format(http.TimeFormat))
	p.rateHeaders(h, c, t)
}

// record counts a call and remembers it.
func (p *Portal) record(c *call, t trait, f *Fault, end fate) Request {
	r := Request{Time: p.present(), Method: c.method, Path: c.target, Route: c.route, Faulty: f != nil}
	if c.token != nil {
		r.TokenKind = c.token.Kind.String()
	}
	if end.answer != nil && !end.cut {
		r.Status = end.answer.status
	}
	x := &p.traffic
	x.Total++
	if t&search != 0 {
		x.Search++
	}
	if t&writing != 0 {
		x.Writes++
	}
	if r.Status == http.StatusTooManyRequests {
		x.Throttled++
	}
	if r.Status == 0 || r.Status >= 400 {
		x.Failed++
	}
	if x.By == nil {
		x.By = make(map[string]int)
	}
	x.By[c.route]++
	if len(p.requests) >= requestsKept {
		p.requests = append(p.requests[:0], p.requests[requestsKept/2:]...)
	}
	p.requests = append(p.requests, r)
	return r
}

// latency draws the way there and back.
func (p *Portal) latency() (there, back time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := p.opt.Latency.draw(p.rng)
	return d / 2, d - d/2
}

func newCall(req *http.Request) (*call, error) {
	c := &call{method: req.Method, target: req.URL.RequestURI(), host: req.Host, query: req.URL.Query(), auth: req.Header.Get("Authorization"),
		kind: req.Header.Get("Content-Type")}
	c.form = strings.HasPrefix(c.kind, "application/x-www-form-urlencoded")
	if c.host == "" {
		c.host = req.URL.Host
	}
	if req.Body == nil {
		return c, nil
	}
	defer req.Body.Close()
	var err error
	most := int64(mostBody)
	if _, in := c.multipartOf(); in {
		most = mostParts
	}
	c.body, err = io.ReadAll(io.LimitReader(req.Body, most))
	return c, err
}

// unread reports a body that is not declared as what the route reads, to which
// the answer is an empty 415.
func (c *call) unread(t trait) bool {
	if _, in := c.multipartOf(); in && t&parts != 0 {
		return false
	}
	kind, _, err := mime.ParseMediaType(c.kind)
	return len(c.body) > 0 && !c.form && (err != nil || kind != "application/json")
}

// wait lets time pass; it reports false when the caller gave up meanwhile.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// patience is how long a hanging exchange lasts for a caller without a limit
// of its own.
const patience = 10 * time.Minute

// Transport returns a connection to the portal without any socket. A caller
// that gives up on the way there was never heard; one that gives up on the way
// back was.
func (p *Portal) Transport() http.RoundTripper { return transport{p} }

type transport struct{ portal *Portal }

// RoundTrip implements http.RoundTripper.
func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	c, err := newCall(req)
	if err != nil {
		return nil, err
	}
	there, back := t.portal.latency()
	if !wait(ctx, there) {
		return nil, context.Cause(ctx)
	}
	end := t.portal.handle(ctx, c)
	if end.hang {
		wait(ctx, patience)
		end.reset = true
	}
	if !wait(ctx, back) {
		return nil, context.Cause(ctx)
	}
	if end.reset {
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	}
	a := end.answer
	resp := &http.Response{Status: strconv.Itoa(a.status) + " " + http.StatusText(a.status), StatusCode: a.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header, ContentLength: int64(len(a.body)), Request: req, Body: io.NopCloser(bytes.NewReader(a.body))}
	if end.cut {
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(a.body[:len(a.body)/2]), broken{}))
	}
	return resp, nil
}

// broken is where a truncated body ends.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// ServeHTTP implements http.Handler.
func (p *Portal) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	ctx := req.Context()
	c, err := newCall(req)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	there, back := p.latency()
	if !wait(ctx, there) {
		panic(http.ErrAbortHandler)
	}
	end := p.handle(ctx, c)
	if end.hang {
		wait(ctx, patience)
		end.reset = true
	}
	if !wait(ctx, back) || end.reset {
		panic(http.ErrAbortHandler)
	}
	a := end.answer
	maps.Copy(w.Header(), a.header)
	if a.status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	if !end.cut {
		_, _ = w.Write(a.body) // a caller that left is no error of ours
		return
	}
	_, _ = w.Write(a.body[:len(a.body)/2])
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
	panic(http.ErrAbortHandler)
}
