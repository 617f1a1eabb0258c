package hubspot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"syncline/sync/redact"
)

// Error is an answer of HubSpot's that is not the one asked for. Only Status
// and Op are always set.
type Error struct {
	Op            string // "update contacts"
	Status        int    // HTTP status; for one input of a batch, the one it would have had alone
	Category      string // VALIDATION_ERROR, CONFLICT, OBJECT_NOT_FOUND, MISSING_SCOPES, …
	SubCategory   string
	Message       string // HubSpot's words, or ours when the answer was not HubSpot's JSON
	CorrelationID string // names the request to HubSpot's support
	Policy        string // the limit a 429 hit: TEN_SECONDLY_ROLLING, SECONDLY, DAILY
	Details       []Detail
	Context       map[string][]string
	// RequiredScopes are the scopes of which at least one is needed (403).
	RequiredScopes []string
	// RetryAfter is what the answer asked to wait; 0 when it did not say.
	RetryAfter time.Duration
	// Unreadable is set when the answer was not the JSON it should have been:
	// cut off, a web page, a proxy's text.
	Unreadable bool

	cause error // why the answer could not be read
}

// Unwrap gives the reason why an answer could not be read, for errors.Is with
// context.Canceled and the like.
func (e *Error) Unwrap() error { return e.cause }

// Detail is one finding inside an Error, often about one property.
type Detail struct {
	Message     string
	Code        string // PROPERTY_DOESNT_EXIST, INVALID_OPTION, READ_ONLY_VALUE, …
	SubCategory string
	Property    string
	Context     map[string][]string
}

// maxErrorText bounds an error's text: the message for a wrong option lists
// all the options there are.
const maxErrorText = 600

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "hubspot: %s: %d", e.Op, e.Status)
	if e.Category != "" {
		b.WriteString(" " + e.Category)
	}
	if m := shorten(e.message(), maxErrorText); m != "" {
		b.WriteString(": " + m)
	}
	if e.CorrelationID != "" {
		b.WriteString(" (correlation id " + e.CorrelationID + ")")
	}
	return redact.Secrets(b.String())
}

// LogValue tells what a log may know: nothing that repeats a value of a
// record, as HubSpot's messages do.
func (e *Error) LogValue() slog.Value {
	attrs := []slog.Attr{slog.String("op", e.Op), slog.Int("status", e.Status)}
	for _, a := range []struct{ name, value string }{
		{"category", e.Category}, {"subCategory", e.SubCategory}, {"policy", e.Policy}, {"correlation", e.CorrelationID},
	} {
		if a.value != "" {
			attrs = append(attrs, slog.String(a.name, a.value))
		}
	}
	var findings []string
	for _, d := range e.Details {
		if finding := strings.TrimSpace(d.Code + " " + d.Property); finding != "" && len(findings) < 10 {
			findings = append(findings, finding)
		}
	}
	if len(findings) > 0 {
		attrs = append(attrs, slog.Any("findings", findings))
	}
	if len(e.RequiredScopes) > 0 {
		attrs = append(attrs, slog.Any("scopes", e.RequiredScopes))
	}
	if e.Unreadable {
		attrs = append(attrs, slog.Bool("unreadable", true))
	}
	return slog.GroupValue(attrs...)
}

// message prefers the details: the top message repeats them as raw JSON.
func (e *Error) message() string {
	if len(e.Details) == 0 || !strings.Contains(e.Message, "[{") {
		return e.Message
	}
	seen := make([]string, 0, len(e.Details))
	for _, d := range e.Details {
		if d.Message != "" && !slices.Contains(seen, d.Message) {
			seen = append(seen, d.Message)
		}
	}
	return strings.Join(seen, "; ")
}

// existingID finds the record that already holds a unique value: "Contact
// already exists. Existing ID: 482701" and "36943177921 already has that
// value".
var existingID = regexp.MustCompile(`Existing ID: (\d+)|(\d+) already has that value`)

// ExistingID returns the id of the record that stands in the way of a
// conflicting write, "" when HubSpot did not name it.
func (e *Error) ExistingID() string {
	if ids := e.Context["existingId"]; len(ids) > 0 {
		return ids[0]
	}
	if m := existingID.FindStringSubmatch(e.Message); m != nil {
		return m[1] + m[2]
	}
	return ""
}

// TransportError is a request without an answer.
type TransportError struct {
	Op   string
	Sent bool // bytes of the request may have reached HubSpot
	Err  error
}

func (e *TransportError) Error() string {
	return fmt.Sprintf("hubspot: %s: no answer: %s", e.Op, redact.Secrets(e.Err.Error()))
}

// Unwrap gives the cause, for errors.Is with context.Canceled and the like.
func (e *TransportError) Unwrap() error { return e.Err }

// DailyLimitError says that a call was not sent because the portal's daily
// budget is used up, or used up to the share that is left for other apps.
type DailyLimitError struct {
	Op        string
	Max       int // 0 when HubSpot did not tell
	Remaining int
	Reserve   int       // calls kept back for other apps
	Until     time.Time // when the client will ask again
}

func (e *DailyLimitError) Error() string {
	if e.Max == 0 {
		return fmt.Sprintf("hubspot: %s: the portal's daily API budget is used up; it is filled again at midnight in the portal's time zone", e.Op)
	}
	return fmt.Sprintf("hubspot: %s: %d of today's %d API calls are left, and %d are kept for the portal's other apps; the budget is filled again at midnight in the portal's time zone",
		e.Op, e.Remaining, e.Max, e.Reserve)
}

func hasStatus(err error, status int) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == status
}

// IsAuth reports that HubSpot does not accept the token (401), or gives no new
// one before a person has consented again.
func IsAuth(err error) bool {
	var e *OAuthError
	return hasStatus(err, http.StatusUnauthorized) || errors.As(err, &e) && e.SignInNeeded()
}

// IsScopes reports that the token lacks a scope (403 MISSING_SCOPES); which
// one is in Error.RequiredScopes.
func IsScopes(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == http.StatusForbidden &&
		(e.Category == "MISSING_SCOPES" || len(e.RequiredScopes) > 0)
}

// IsNotFound reports that HubSpot does not have what was asked for. A web page
// that says 404 does not count: a wrong address must not look like a record
// that is gone.
func IsNotFound(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == http.StatusNotFound && !e.Unreadable
}

// IsUnserved reports that HubSpot has no such call: a page that says so, or 405.
func IsUnserved(err error) bool {
	var e *Error
	return errors.As(err, &e) && (e.Status == http.StatusNotFound && e.Unreadable || e.Status == http.StatusMethodNotAllowed)
}

// IsForbidden reports that HubSpot understood and does not allow it: 403, for
// whatever reason.
func IsForbidden(err error) bool { return answered(err, http.StatusForbidden) }

// IsUnknownPair reports that HubSpot knows no such object type, or no
// association between two of them: 400 or 404, by the endpoint.
func IsUnknownPair(err error) bool {
	return answered(err, http.StatusBadRequest) || answered(err, http.StatusNotFound)
}

func answered(err error, status int) bool {
	var e *Error
	return errors.As(err, &e) && !e.Unreadable && e.Status == status
}

// IsRateLimited reports that HubSpot refused the call for a limit (429), the
// daily one included.
func IsRateLimited(err error) bool { return hasStatus(err, http.StatusTooManyRequests) }

// IsDaily reports that the daily budget is used up, or used up to the reserve.
func IsDaily(err error) bool {
	var stop *DailyLimitError
	if errors.As(err, &stop) {
		return true
	}
	var e *Error
	return errors.As(err, &e) && e.Status == http.StatusTooManyRequests &&
		(e.Policy == "DAILY" || strings.Contains(e.Message, "daily limit"))
}

// IsNoObjectType reports that the portal has no object type of that name or id.
func IsNoObjectType(err error) bool {
	var e *Error
	return errors.As(err, &e) && !e.Unreadable && e.Status >= 400 && e.Status < 500 && strings.Contains(e.Message, "Unable to infer object type")
}

// IsNotShown reports that the account does not have an object type's product, or
// that the token's user may not see its records: HubSpot says the same of both.
func IsNotShown(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Status == http.StatusForbidden && strings.Contains(e.Message, "permissions to view object type")
}

// IsLocked reports that HubSpot held a lock on the object type (423).
func IsLocked(err error) bool { return hasStatus(err, http.StatusLocked) }

// IsConflict reports that a unique value belongs to another record already:
// 409, or 400 for unique properties other than a contact's e-mail.
// Error.ExistingID may name the record.
func IsConflict(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	return e.Status == http.StatusConflict ||
		e.Status == http.StatusBadRequest && strings.Contains(e.Message, "already has that value")
}

// Unknown reports that nobody can tell from err whether a write happened:
// bytes may have left and no answer came, or a 5xx, or an answer that cannot
// be read. Any 4xx is known not to have happened, and so is a call that was
// given up before it was sent.
func Unknown(err error) bool {
	var t *TransportError
	if IsNoToken(err) {
		return false // the token was asked for, the write was not
	}
	if errors.As(err, &t) {
		return t.Sent
	}
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	return e.Status < 400 || e.Status >= 500
}

// newError reads the answer to a request that failed, which may repeat the
// request's token.
func newError(op string, resp *http.Response, body []byte, token string) *Error {
	clean := cleaner(token)
	e := &Error{Op: op, Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header)}
	var w wireError
	if err := json.Unmarshal(body, &w); err != nil || !looksLikeObject(body) {
		e.Unreadable = true
		if looksLikeObject(body) {
			e.cause = io.ErrUnexpectedEOF // HubSpot's, and a part of it is missing
		}
		e.Message = describeBody(resp, []byte(clean(string(body))))
	} else {
		var inner wireError
		if json.Unmarshal([]byte(w.Message), &inner) == nil && inner.Message != "" && w.Category == "" {
			w = inner // the API of property groups puts one error into the message of another
		}
		w.clean(clean)
		e.fill(w)
	}
	if e.CorrelationID == "" {
		e.CorrelationID = clean(resp.Header.Get("X-HubSpot-Correlation-Id"))
	}
	return e
}

func looksLikeObject(body []byte) bool {
	return bytes.HasPrefix(bytes.TrimSpace(body), []byte("{"))
}

// fill copies what an error body says.
func (e *Error) fill(w wireError) {
	e.Category = string(w.Category)
	e.SubCategory = string(w.SubCategory)
	e.Message = string(w.Message)
	e.CorrelationID = string(w.CorrelationID)
	e.Policy = string(w.PolicyName)
	e.Context = contextMap(w.Context)
	e.RequiredScopes = append(e.RequiredScopes, w.Context["requiredGranularScopes"]...)
	for _, d := range w.Errors {
		e.Details = append(e.Details, Detail{
			Message:     string(d.Message),
			Code:        string(d.Code),
			SubCategory: string(d.SubCategory),
			Property:    firstOf(d.Context["propertyName"]),
			Context:     contextMap(d.Context),
		})
		e.RequiredScopes = append(e.RequiredScopes, d.Context["requiredGranularScopes"]...)
	}
	// HubSpot lists no more than three apart from the message.
	if all := embeddedDetails(e.Message); len(all) > len(e.Details) {
		e.Details = all
	}
}

// embeddedDetails reads the list that HubSpot puts into the message of a
// validation error; inside a batch it is the only place that names the
// property.
func embeddedDetails(message string) []Detail {
	i := strings.Index(message, "[{")
	if i < 0 {
		return nil
	}
	var list []struct {
		Message text `json:"message"`
		Error   text `json:"error"`
		Name    text `json:"name"`
	}
	if json.NewDecoder(strings.NewReader(message[i:])).Decode(&list) != nil {
		return nil
	}
	out := make([]Detail, len(list))
	for i, d := range list {
		out[i] = Detail{Message: string(d.Message), Code: string(d.Error), Property: string(d.Name)}
	}
	return out
}

// inputError reads one entry of a batch's errors.
func inputError(op string, w wireError) *Error {
	e := &Error{Op: op, Status: http.StatusMultiStatus}
	e.fill(w)
	switch e.Category {
	case "VALIDATION_ERROR":
		e.Status = http.StatusBadRequest
	case "OBJECT_NOT_FOUND":
		e.Status = http.StatusNotFound
	case "CONFLICT", "OBJECT_ALREADY_EXISTS":
		e.Status = http.StatusConflict
	case "MISSING_SCOPES":
		e.Status = http.StatusForbidden
	case "RATE_LIMITS":
		e.Status = http.StatusTooManyRequests
	}
	return e
}

// describeBody says what came instead of HubSpot's JSON.
func describeBody(resp *http.Response, body []byte) string {
	s := strings.TrimSpace(string(body))
	kind := strings.ToLower(resp.Header.Get("Content-Type"))
	switch {
	case s == "" && resp.StatusCode == http.StatusUnsupportedMediaType:
		return "HubSpot did not take the request for JSON; a proxy or a security program in between may have changed it"
	case s == "" && resp.StatusCode >= 400:
		return fmt.Sprintf("HubSpot refused the request (%d %s) and did not say why", resp.StatusCode, http.StatusText(resp.StatusCode))
	case s == "":
		return "HubSpot's answer had no content"
	case strings.Contains(kind, "html") || strings.HasPrefix(strings.ToLower(s), "<!doctype") || strings.HasPrefix(strings.ToLower(s), "<html"):
		m := "a web page came instead of data; HubSpot may be disturbed, or a proxy or a sign-in page of the network stands in between"
		if title := pageTitle(s); title != "" {
			m += ` (its title: "` + title + `")`
		}
		return m
	case looksLikeObject(body):
		return "HubSpot's answer was cut off or damaged"
	default:
		return `the answer was not data but the text "` + shorten(oneLine(s), 120) + `"`
	}
}

var titleTag = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)

func pageTitle(page string) string {
	m := titleTag.FindStringSubmatch(page)
	if m == nil {
		return ""
	}
	return shorten(oneLine(m[1]), 80)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func shorten(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n]) + "…"
}

func firstOf(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// transportError wraps what the transport returned. Its text never holds the
// token, nor the address's query, which may name a person.
func transportError(op, token string, sent bool, err error) *TransportError {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	var dns *net.DNSError
	var dial *net.OpError
	if errors.As(err, &dns) || errors.As(err, &dial) && dial.Op == "dial" {
		sent = false
	}
	if s, clean := err.Error(), cleaner(token); clean(s) != s {
		// A cause that spells a secret is not handed on.
		switch {
		case errors.Is(err, context.Canceled):
			err = context.Canceled
		case errors.Is(err, context.DeadlineExceeded):
			err = context.DeadlineExceeded
		default:
			err = errors.New(clean(s))
		}
	}
	return &TransportError{Op: op, Sent: sent, Err: err}
}

// cleaner takes secrets out of a text that may have come from anywhere: those
// that have a shape, and the very token of the request, which may have none.
func cleaner(token string) func(string) string {
	own := redact.One(token)
	return func(s string) string { return redact.Secrets(own(s)) }
}

// clean takes secrets out of everything that an error body says.
func (w *wireError) clean(f func(string) string) {
	for _, t := range []*text{&w.Message, &w.CorrelationID, &w.Category, &w.SubCategory, &w.ErrorType, &w.PolicyName} {
		*t = text(f(string(*t)))
	}
	w.Context = cleanContext(w.Context, f)
	for i := range w.Errors {
		d := &w.Errors[i]
		for _, t := range []*text{&d.Message, &d.Code, &d.In, &d.SubCategory} {
			*t = text(f(string(*t)))
		}
		d.Context = cleanContext(d.Context, f)
	}
}

func cleanContext(in map[string]texts, f func(string) string) map[string]texts {
	if in == nil {
		return nil
	}
	out := make(map[string]texts, len(in))
	for name, values := range in {
		for i := range values {
			values[i] = f(values[i])
		}
		out[f(name)] = values
	}
	return out
}

// invalid is an error about a call that was not made.
func invalid(op, format string, args ...any) error {
	return fmt.Errorf("hubspot: %s: "+format, append([]any{op}, args...)...)
}
