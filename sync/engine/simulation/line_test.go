package simulation_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// mostLatency is the longest that a request or an answer travels.
const mostLatency = 150 * time.Millisecond

// look is when Syncline last saw a record.
type look struct {
	seq int
	at  time.Time
}

// line carries Syncline's requests to the portal, takes its time, and lets
// people act while they travel.
type line struct {
	w       *world
	inner   http.RoundTripper
	life    *life
	sum     hash.Hash
	seen    map[string]look
	looks   map[string][]int // events at which each record was read
	n       int
	short   int  // most entries of a page, 0 = as asked for
	late    bool // writes may take effect later than their connection ends
	objects string
	pending []pending
	making  int                  // requests that make records and that the portal is answering now
	sent    map[string][]pending // values that were sent to a property of a record
	under   map[int][]pending    // values of requests that the portal is answering now, by their number
	calls   []time.Time          // of the process, without searches
	unsure  map[string]time.Time // when a record was last written to by a request whose answer does not say what became of it
}

// pending is a value that was sent and did not arrive as far as anybody can see.
type pending struct {
	record, property, value string
	at                      time.Time
	look                    int // event of Syncline's last look at the record when it was sent
	seq                     int // the last event before it was sent
}

// heldBack is how long nothing else may be written where a request of unknown
// outcome may still arrive: two minutes, less the journey that Syncline does not know of.
const heldBack = 2*time.Minute - roundTrip

// updating are the values that a request brings to records.
func updating(path string, body []byte) (all []pending) {
	var batch struct {
		Inputs []struct {
			ID         string            `json:"id"`
			Properties map[string]string `json:"properties"`
		} `json:"inputs"`
	}
	if !strings.HasSuffix(path, "/batch/update") || json.Unmarshal(body, &batch) != nil {
		return nil
	}
	for _, in := range batch.Inputs {
		for _, p := range sortedKeys(in.Properties) {
			all = append(all, pending{record: in.ID, property: p, value: in.Properties[p], at: time.Now()})
		}
	}
	return all
}

// judgeLate: nothing is written that a request of unknown outcome could undo
// when it arrives after all (I18).
func (l *line) judgeLate(sent []pending) {
	for _, s := range sent {
		for _, p := range l.pending {
			if f, ok := l.w.ghost.byProperty(s.property); ok && p.record == s.record && p.property == s.property && !f.same(p.value, s.value) && s.at.Sub(p.at) < heldBack {
				l.w.ghost.fail("I18: record %s gets %s = %q, though %q was sent %v before and may still arrive", s.record, s.property, s.value, p.value, s.at.Sub(p.at))
			}
		}
	}
}

// judgeRate: in no ten seconds there are more calls than the portal allows (I17).
func (l *line) judgeRate(path string) {
	if strings.HasSuffix(path, "/search") {
		return // HubSpot counts them apart
	}
	now := time.Now()
	l.calls = append(slices.DeleteFunc(l.calls, func(at time.Time) bool { return now.Sub(at) >= 10*time.Second }), now)
	if len(l.calls) > l.w.burst {
		l.w.ghost.fail("I17: %d calls in ten seconds, and the portal allows %d", len(l.calls), l.w.burst)
	}
}

// lateComer finds the request of which a write comes that no connection carries
// any more; false for a write of a request under way.
func (l *line) lateComer(record string, f field, value string) (pending, bool) {
	is := func(p pending) bool { return p.record == record && p.property == f.property && f.same(p.value, value) }
	for _, sent := range l.under {
		if slices.ContainsFunc(sent, is) {
			return pending{}, false
		}
	}
	if i := slices.IndexFunc(l.pending, is); i >= 0 {
		return l.pending[i], true
	}
	return pending{}, false
}

// typedToo reports whether a person set a property to the very value that Syncline sent to it, after its last
// look and before that arrived.
func (l *line) typedToo(rec *thing, f field, edit held) bool {
	return edit.by == person && slices.ContainsFunc(l.sent[rec.id+" "+f.property], func(s pending) bool {
		return f.same(s.value, edit.value) && edit.seq > s.look && edit.seq <= s.seq
	})
}

// lostSight keeps what was sent and is nowhere to be seen after an answer that
// does not say what became of it.
func (l *line) lostSight(sent []pending, resp *http.Response, err error, before int) {
	if err == nil && (resp.StatusCode == http.StatusMultiStatus || resp.StatusCode >= 300 && resp.StatusCode < 500) {
		return // refused, of several what did not take effect
	}
	for _, s := range sent {
		if err != nil || resp.StatusCode >= 300 {
			l.unsure[s.record] = s.at
		}
		if rec, f, ok := l.w.ghost.of(s.record, s.property); ok && rec.cell(f.column).last().seq <= before && !f.same(rec.cell(f.column).now(), s.value) {
			l.pending = append(l.pending, s)
		}
	}
}

func newLine(w *world) *line {
	return &line{w: w, inner: w.portal.Transport(), sum: sha256.New(), seen: map[string]look{}, sent: map[string][]pending{}, under: map[int][]pending{}, unsure: map[string]time.Time{}, looks: map[string][]int{}, objects: "/" + w.object}
}

func (l *line) looked(id string) look { return l.seen[id] }

// madeUp are the parts of a request that are made of randomness on purpose.
var madeUp = regexp.MustCompile(`"objectWriteTraceId":"[^"]*"|[0-9a-f]{8}-[a-z2-7]{26}`)

// RoundTrip implements http.RoundTripper.
func (l *line) RoundTrip(req *http.Request) (*http.Response, error) {
	life := l.life
	if life.dead {
		return nil, errDead
	}
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, err
		}
	}
	l.judgeRate(req.URL.Path)
	l.n++
	r := l.w.rng("line", strconv.Itoa(l.n))
	fmt.Fprintf(l.sum, "%s %s\n%s\n", req.Method, req.URL.RequestURI(), madeUp.ReplaceAll(body, nil))
	what := req.Method + " " + req.URL.Path
	l.w.await(life, "before "+what)
	time.Sleep(time.Duration(r.Int64N(int64(mostLatency))))
	if life.dead {
		for _, s := range updating(req.URL.Path, body) { // who comes after can't know that it never left
			l.unsure[s.record] = s.at
		}
		return nil, errDead
	}
	if strings.HasSuffix(req.URL.Path, "/batch/archive") {
		l.w.interfere(r, body)
	}
	l.shorten(req, &body)
	req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	l.w.trace(">> %s %s", what, body)
	before, sent := l.w.ghost.seq, updating(req.URL.Path, body)
	for i := range sent {
		sent[i].look, sent[i].seq = l.looked(sent[i].record).seq, before
		to := sent[i].record + " " + sent[i].property
		l.sent[to] = append(l.sent[to], sent[i])
	}
	l.judgeLate(sent)
	number := l.n
	l.under[number] = sent
	makes := strings.HasSuffix(req.URL.Path, "/batch/create")
	if makes {
		l.making++
	}
	resp, err := l.inner.RoundTrip(req)
	delete(l.under, number)
	if makes {
		l.making--
	}
	l.lostSight(sent, resp, err, before)
	if err == nil {
		err = l.answered(req, resp, before)
		if a, ok := resp.Body.(*answer); ok && a.err != nil { // it broke off, and does not say what became of it either
			for _, s := range sent {
				l.unsure[s.record] = s.at
			}
		}
	}
	l.w.await(life, "after "+what)
	time.Sleep(time.Duration(r.Int64N(int64(mostLatency))))
	if life.dead {
		return nil, errDead
	}
	return resp, err
}

// answered keeps which records an answer showed as they are.
func (l *line) answered(req *http.Request, resp *http.Response, seq int) error {
	text, err := io.ReadAll(resp.Body)
	if resp.StatusCode >= 400 { // and something on the way tells what it was asked
		text = bytes.ReplaceAll(text, []byte(`"message":"internal error"`), fmt.Appendf(nil, `"message":"internal error after %s"`, req.Header.Get("Authorization")))
	}
	l.w.trace("<< %d %.300s", resp.StatusCode, text)
	resp.Body = &answer{bytes.NewReader(text), err}
	path := req.URL.Path
	reads := req.Method == http.MethodGet && strings.HasSuffix(path, l.objects) || strings.HasSuffix(path, l.objects+"/batch/read")
	if err != nil || !reads {
		return nil
	}
	var page struct {
		Results []struct {
			ID string `json:"id"`
		} `json:"results"`
	}
	if json.Unmarshal(text, &page) == nil {
		for _, rec := range page.Results {
			l.seen[rec.ID] = look{seq, time.Now()}
			l.looks[rec.ID] = append(l.looks[rec.ID], seq)
		}
	}
	return nil
}

// answer is a body that ends as the portal's did.
type answer struct {
	*bytes.Reader
	err error
}

func (a *answer) Read(p []byte) (int, error) {
	n, err := a.Reader.Read(p)
	if err == io.EOF && a.err != nil {
		err = a.err
	}
	return n, err
}

func (a *answer) Close() error { return nil }

var limits = regexp.MustCompile(`"limit":\d+`)

// shorten makes pages shorter than they were asked for: only paging says
// whether there are more.
func (l *line) shorten(req *http.Request, body *[]byte) {
	if l.short == 0 {
		return
	}
	if strings.HasSuffix(req.URL.Path, "/search") {
		*body = limits.ReplaceAll(*body, fmt.Appendf(nil, `"limit":%d`, l.short))
		return
	}
	if q := req.URL.Query(); q.Has("limit") {
		q.Set("limit", strconv.Itoa(l.short))
		req.URL.RawQuery = q.Encode()
	}
}
