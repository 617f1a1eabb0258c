package hubspot

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Bounds on what is sent and read. No figure of HubSpot's is known; these are
// far beyond a full batch of long texts.
const (
	maxRequestBody  = 16 << 20
	maxResponseBody = 64 << 20
	usualBody       = 32 << 10
	maxErrorBody    = 1 << 20 // of what is not the answer; more is not read
)

// request is one call, before it is known how many attempts it takes.
type request struct {
	op         string // "update contacts": what errors and logs call it
	method     string
	path       string // escaped
	public     string // the path for logs, where path holds a value of a record
	query      url.Values
	body       any // encoded as JSON; nil for none
	out        any // decoded from JSON; nil when the answer's content does not matter
	objectType string
	bucket     bucket
	read       bool  // changes nothing, so it may be repeated after any failure
	vital      bool  // sent even when the daily budget is at the reserve
	attempts   int   // of a read, after failures; 0 for the default
	quota      bool  // it has a limit of its own, which some seconds of patience do not lift
	form       *form // sent instead of a JSON body
}

// answer is what a successful call brought besides its body.
type answer struct {
	status int
	date   time.Time // HubSpot's clock, by the Date header
}

// do carries a call out, with as many attempts as it takes and may take.
func (c *Client) do(ctx context.Context, r *request) (answer, error) {
	body, err := encode(r)
	if err != nil {
		return answer{}, err
	}
	t, u := &tries{}, unitOf(ctx)
	if u != nil {
		t = u.tries
	}
	for attempt := 1; ; attempt++ {
		a, x, err := c.attempt(ctx, r, body, t)
		x.Attempt = attempt
		if err == nil {
			c.report(x)
			return a, nil
		}
		wait, again, err := c.again(ctx, r, err, t)
		x.Again, x.Wait = again, wait
		c.report(x)
		if !again {
			return answer{}, err
		}
		if u != nil {
			return answer{}, &staleError{err: err, wait: wait}
		}
		if sleep(ctx, wait) != nil {
			// What happened stays what it was; that it was given up is known
			// to the caller, whose context it is.
			return answer{}, err
		}
	}
}

// attempt sends the request once, through the gates, and says what came of it.
func (c *Client) attempt(ctx context.Context, r *request, body []byte, t *tries) (answer, Exchange, error) {
	x := Exchange{Op: r.op, Method: r.method, Path: cmp.Or(r.public, r.path)}
	// A token is had before there is a place, so that none is held while one is
	// refreshed, and again after the wait for it, which it may not have outlived.
	if _, err := c.token(ctx); err != nil {
		x.Err = &TokenError{Op: r.op, Err: err}
		return answer{}, x, x.Err
	}
	asked := time.Now()
	p, err := c.limits.acquire(ctx, r)
	start := time.Now()
	x.Waited = start.Sub(asked)
	if err != nil {
		x.Err = notSent(r.op, err)
		return answer{}, x, x.Err
	}
	token, err := c.token(ctx)
	if err != nil {
		p.finish(outcomeUnsent, nil, nil)
		x.Err = &TokenError{Op: r.op, Err: err}
		return answer{}, x, x.Err
	}
	t.token = token
	start = time.Now()
	resp, content, err := c.exchange(ctx, r, body, token) //nolint:bodyclose // exchange has read and closed it
	a, err := c.conclude(r, resp, content, err, token)
	if e := asError(err); e == nil || !e.Unreadable {
		// A page that a proxy made has a proxy's clock.
		c.clock.observe(dateOf(resp), start, time.Now())
	}
	p.finish(outcomeOf(err), headerOf(resp), asError(err))
	x.Duration, x.Err = time.Since(start), err
	if resp != nil {
		x.Status, x.CorrelationID = resp.StatusCode, cleaner(token)(resp.Header.Get("X-HubSpot-Correlation-Id"))
	}
	return a, x, err
}

// token gives the token for a request: that of the unit it belongs to, so that
// nothing is waited for inside one.
func (c *Client) token(ctx context.Context) (string, error) {
	if token, ok := unitOf(ctx).share(); ok {
		return token, nil
	}
	return c.tokens.Token(ctx)
}

// notSent describes why a call never left: the daily budget, or a context that
// ended while it waited.
func notSent(op string, err error) error {
	var stop *DailyLimitError
	if errors.As(err, &stop) {
		return err
	}
	return &TransportError{Op: op, Err: err}
}

// exchange does one round trip. resp is nil when there was no answer; err with
// resp means that its body could not be read.
func (c *Client) exchange(ctx context.Context, r *request, body []byte, token string) (*http.Response, []byte, error) {
	patience := requestTimeout
	if r.form != nil {
		patience = transferTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	req, err := c.newRequest(ctx, r, body, token)
	if err != nil {
		return nil, nil, transportError(r.op, token, false, err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		// Only net/http's own transport is known to tell of its connections.
		_, tells := c.http.Transport.(*http.Transport)
		return nil, nil, transportError(r.op, token, connected.Load() || !tells, err)
	}
	defer resp.Body.Close()
	content, err := readBody(ctx, resp)
	return resp, content, err
}

func (c *Client) newRequest(ctx context.Context, r *request, body []byte, token string) (*http.Request, error) {
	address := c.base + r.path
	if r.bucket == formBucket {
		address = c.formsHost() + r.path
	}
	if len(r.query) > 0 {
		address += "?" + r.query.Encode()
	}
	var content io.Reader
	switch {
	case r.form != nil:
		file, err := r.form.open()
		if err != nil {
			return nil, err
		}
		content = file
	case body != nil:
		content = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, address, content)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	switch {
	case r.form != nil:
		req.ContentLength = r.form.size
		req.Header.Set("Content-Type", r.form.kind)
	case body != nil:
		req.Header.Set("Content-Type", "application/json")
	}
	return req, nil
}

// readBody reads an answer whole. net/http gunzips what it asked for itself;
// a transport of another kind may hand the compressed form through.
func readBody(ctx context.Context, resp *http.Response) ([]byte, error) {
	var body io.Reader = patient{ctx, resp.Body}
	if strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip") {
		z, err := gzip.NewReader(body)
		if err != nil {
			return nil, err
		}
		defer z.Close()
		body = z
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return io.ReadAll(io.LimitReader(body, maxErrorBody))
	}
	var content bytes.Buffer
	content.Grow(int(min(max(resp.ContentLength, usualBody), maxErrorBody)) + bytes.MinRead)
	_, err := content.ReadFrom(io.LimitReader(body, maxResponseBody+1))
	if err == nil && content.Len() > maxResponseBody {
		return nil, errTooLarge
	}
	return content.Bytes(), err
}

// patient ends a body that comes too slowly, whatever transport it comes from.
type patient struct {
	ctx  context.Context
	body io.Reader
}

func (p patient) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	return p.body.Read(b)
}

// conclude turns a round trip into an answer or an error.
func (c *Client) conclude(r *request, resp *http.Response, content []byte, err error, token string) (answer, error) {
	if resp == nil {
		return answer{}, err
	}
	a := answer{status: resp.StatusCode, date: dateOf(resp)}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return answer{}, newError(r.op, resp, content, token)
	}
	if err == nil && r.out != nil {
		err = decode(resp, content, r.out)
	}
	clean := cleaner(token)
	if err != nil {
		return answer{}, &Error{
			Op: r.op, Status: resp.StatusCode, Unreadable: true,
			Message:       clean(describeUnreadable(resp, []byte(clean(string(content[:min(len(content), maxErrorBody)]))), err)),
			CorrelationID: clean(resp.Header.Get("X-HubSpot-Correlation-Id")),
			cause:         interruption(err),
		}
	}
	if telling, ok := r.out.(interface{ clean(func(string) string) }); ok {
		telling.clean(clean)
	}
	return a, nil
}

// decode reads the answer to a successful call. Some calls are answered by 204
// without content in one version of the API, by 200 with some in another.
func decode(resp *http.Response, content []byte, out any) error {
	demanding, demands := out.(interface{ check(status int) error })
	if resp.StatusCode == http.StatusNoContent && !demands {
		return nil
	}
	if !looksLikeObject(content) {
		return errNotData
	}
	if !quickly(content, out) {
		if err := json.Unmarshal(content, out); err != nil {
			return err
		}
	}
	if demands {
		return demanding.check(resp.StatusCode)
	}
	return nil
}

// interruption keeps those causes that callers ask for.
func interruption(err error) error {
	for _, known := range []error{errTooLarge, context.Canceled, context.DeadlineExceeded, io.ErrUnexpectedEOF} {
		if errors.Is(err, known) {
			return known
		}
	}
	return nil
}

// errTooLarge ends an answer that may have no end. Asking again would bring the
// same.
var errTooLarge = malformed(fmt.Sprintf("HubSpot's answer is larger than %d MB and is not read to its end; long texts in many properties make it so, leave some out", maxResponseBody>>20))

var errNotData = errors.New("not data")

func describeUnreadable(resp *http.Response, content []byte, err error) string {
	var wrongType *json.UnmarshalTypeError
	var wrong malformed
	switch {
	case errors.As(err, &wrong):
		return string(wrong)
	case errors.As(err, &wrongType):
		return fmt.Sprintf("HubSpot's answer has another form than expected (%s where %s was expected, at %q)",
			wrongType.Value, wrongType.Type, wrongType.Field)
	case errors.Is(err, errNotData):
		return describeBody(resp, content)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("HubSpot's answer did not come to its end within %d s", requestTimeout/time.Second)
	}
	return "HubSpot's answer was cut off or damaged"
}

// report tells the observer of an exchange.
func (c *Client) report(x Exchange) {
	if c.observe != nil {
		c.observe(x)
	}
}

// outcomeOf says what an attempt's result means to the gates.
func outcomeOf(err error) outcome {
	var t *TransportError
	if errors.As(err, &t) {
		switch {
		case !t.Sent:
			return outcomeUnsent
		case errors.Is(err, context.Canceled):
			return outcomeOK // given up by us: nothing is known about HubSpot
		}
		return outcomeOverload
	}
	e := asError(err)
	switch {
	case e == nil:
		return outcomeOK
	case e.Status == http.StatusTooManyRequests:
		return outcomeThrottled
	case e.Status == http.StatusLocked || e.Status >= 500:
		return outcomeOverload
	}
	return outcomeOK
}

func asError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

func headerOf(resp *http.Response) http.Header {
	if resp == nil {
		return nil
	}
	return resp.Header
}

// dateOf is when an answer was given, by the clock of who gave it; zero when
// there was none, or none that said.
func dateOf(resp *http.Response) time.Time {
	date, err := http.ParseTime(headerOf(resp).Get("Date"))
	if err != nil {
		return time.Time{}
	}
	return date
}

// retryAfter reads the header in either of its forms.
func retryAfter(h http.Header) time.Duration {
	s := strings.TrimSpace(h.Get("Retry-After"))
	if s == "" {
		return 0
	}
	if seconds, err := strconv.ParseFloat(s, 64); err == nil {
		if seconds <= 0 || seconds > 7*24*3600 {
			return 0
		}
		return time.Duration(seconds * float64(time.Second))
	}
	if at, err := http.ParseTime(s); err == nil {
		// Against HubSpot's own clock where it is told.
		now := time.Now()
		if date, err := http.ParseTime(h.Get("Date")); err == nil {
			now = date
		}
		return max(0, at.Sub(now))
	}
	return 0
}

// encode returns the body as it is sent.
func encode(r *request) ([]byte, error) {
	if r.body == nil {
		return nil, nil
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r.body); err != nil {
		return nil, invalid(r.op, "the request cannot be written as JSON: %v", err)
	}
	if b.Len() > maxRequestBody {
		return nil, invalid(r.op, "the request has %d MB, more than %d MB; send fewer records at once", b.Len()>>20, maxRequestBody>>20)
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// segments joins a path from its parts, each escaped. An empty part would
// silently address something else, so it is refused.
func segments(op string, parts ...string) (string, error) {
	var b strings.Builder
	for _, p := range parts {
		if p == "" || p == "." || p == ".." {
			return "", invalid(op, "an id or a name in the request is empty or %q", p)
		}
		b.WriteByte('/')
		b.WriteString(url.PathEscape(p))
	}
	return b.String(), nil
}
