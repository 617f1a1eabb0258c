package hubspot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
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
	return redact(b.String())
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
	return fmt.Sprintf("hubspot: %s: no answer: %s", e.Op, redact(e.Err.Error()))
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

// newError reads the answer to a request that failed.
func newError(op string, resp *http.Response, body []byte) *Error {
	e := &Error{Op: op, Status: resp.StatusCode, RetryAfter: retryAfter(resp.Header)}
	var w wireError
	if err := json.Unmarshal(body, &w); err != nil || !looksLikeObject(body) {
		e.Unreadable = true
		e.Message = describeBody(resp, body)
	} else {
		e.fill(w)
	}
	if e.CorrelationID == "" {
		e.CorrelationID = resp.Header.Get("X-HubSpot-Correlation-Id")
	}
	return e
}

func looksLikeObject(body []byte) bool {
	return strings.HasPrefix(strings.TrimSpace(string(body)), "{")
}

// fill copies what an error body says.
func (e *Error) fill(w wireError) {
	e.Category = string(w.Category)
	e.SubCategory = string(w.SubCategory)
	e.Message = redact(string(w.Message))
	e.CorrelationID = string(w.CorrelationID)
	e.Policy = string(w.PolicyName)
	e.Context = contextMap(w.Context)
	e.RequiredScopes = append(e.RequiredScopes, w.Context["requiredGranularScopes"]...)
	for _, d := range w.Errors {
		e.Details = append(e.Details, Detail{
			Message:     redact(string(d.Message)),
			Code:        string(d.Code),
			SubCategory: string(d.SubCategory),
			Property:    firstOf(d.Context["propertyName"]),
			Context:     contextMap(d.Context),
		})
		e.RequiredScopes = append(e.RequiredScopes, d.Context["requiredGranularScopes"]...)
	}
	if len(e.Details) == 0 {
		e.Details = embeddedDetails(e.Message)
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
	case s == "":
		return "HubSpot's answer had no content"
	case strings.Contains(kind, "html") || strings.HasPrefix(strings.ToLower(s), "<!doctype") || strings.HasPrefix(strings.ToLower(s), "<html"):
		m := "a web page came instead of data; HubSpot may be disturbed, or a proxy or a sign-in page of the network stands in between"
		if title := pageTitle(s); title != "" {
			m += ` (its title: "` + redact(title) + `")`
		}
		return m
	case looksLikeObject(body):
		return "HubSpot's answer was cut off or damaged"
	default:
		return `the answer was not data but the text "` + redact(shorten(oneLine(s), 120)) + `"`
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
	if s := err.Error(); redact(hide(s, token)) != s {
		// A cause that spells a secret is not handed on.
		switch {
		case errors.Is(err, context.Canceled):
			err = context.Canceled
		case errors.Is(err, context.DeadlineExceeded):
			err = context.DeadlineExceeded
		default:
			err = errors.New(redact(hide(s, token)))
		}
	}
	return &TransportError{Op: op, Sent: sent, Err: err}
}

// secrets are the shapes a secret takes in a text: HubSpot's tokens, an
// authorization header, and the parameters that carry keys.
var secrets = []*regexp.Regexp{
	regexp.MustCompile(`(?i)\bpat-[a-z0-9]+-[a-z0-9-]{6,}`),
	regexp.MustCompile(`(?i)\bbearer\s+[a-z0-9._~+/=-]{12,}`),
	regexp.MustCompile(`(?i)\bauthorization["']?\s*[:=]\s*[^\s,;"'}\]]+`),
	regexp.MustCompile(`(?i)\b(hapikey|access_token|refresh_token|client_secret|id_token|tokenKey|code_verifier)["']?\s*[:=]\s*["']?[^\s&,;"'}\]]+`),
}

// redact removes secrets from a text that may have come from anywhere.
func redact(s string) string {
	for _, re := range secrets {
		s = re.ReplaceAllString(s, "[hidden]")
	}
	return s
}

// hide removes the very token of a request; OAuth tokens have no shape that
// redact could know.
func hide(s, token string) string {
	if len(token) < 8 {
		return s
	}
	return strings.ReplaceAll(s, token, "[hidden]")
}

// invalid is an error about a call that was not made.
func invalid(op, format string, args ...any) error {
	return fmt.Errorf("hubspot: %s: "+format, append([]any{op}, args...)...)
}
