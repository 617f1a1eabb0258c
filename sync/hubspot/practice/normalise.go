package practice

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/net/publicsuffix"
)

// maxText is the longest property value in characters (facts 6.3).
const maxText = 65_536

// warning tells that a value was not stored as it was sent (2026-09 on).
type warning struct {
	Category string         `json:"category"`
	Context  warningContext `json:"context"`
	Message  string         `json:"message"`
}

type warningContext struct {
	PropertyName    string `json:"propertyName"`
	RawValue        string `json:"rawValue"`
	NormalizedValue string `json:"normalizedValue"`
}

// normalised is what becomes of one value: the value to store, or an error
// with its code; silent drops the value without an error.
type normalised struct {
	value   string
	code    string
	message string
	warn    *warning
}

func bad(code, format string, args ...any) normalised {
	return normalised{code: code, message: fmt.Sprintf(format, args...)}
}

// normalise checks a value by the type of its property and gives the form in
// which HubSpot stores it. current is the present value, for appending.
func (p *Portal) normalise(k *kind, d *property, raw, current string, v apiVersion) normalised {
	if raw == "" {
		return normalised{}
	}
	if n := p.characters(raw); n > maxText {
		return bad(p.tooLong(), "%s: the value is too long: %d characters, %d are allowed", d.Name, n, maxText)
	}
	switch d.Type {
	case "number":
		return p.normaliseNumber(d, raw)
	case "bool":
		return p.normaliseBool(d, raw)
	case "date":
		return p.normaliseDate(d, raw, v)
	case "datetime":
		return normaliseInstant(raw)
	case "enumeration":
		return p.normaliseOptions(d, raw, current)
	}
	return p.normaliseText(k, d, raw)
}

// characters is how long a text is.
func (p *Portal) characters(s string) int {
	if len(s) <= maxText {
		return len(s) // no more characters than bytes, whichever way they are counted
	}
	n := 0
	for _, r := range s {
		if n++; r > 0xFFFF && p.opt.Switches.LengthInUTF16 {
			n++
		}
	}
	return n
}

func (p *Portal) tooLong() string {
	if p.opt.Switches.LongTextUnnamed {
		return "INVALID_LENGTH"
	}
	return "PROPERTY_VALUE_TOO_LONG"
}

func (p *Portal) normaliseText(k *kind, d *property, raw string) normalised {
	sw := p.opt.Switches
	if k.name == "contacts" && d.Name == "email" {
		return normaliseEmail(raw)
	}
	if k.name == "companies" && d.Name == "domain" {
		raw = hostOf(raw)
	}
	if sw.TrimText {
		raw = strings.TrimSpace(raw)
	}
	if sw.FormatPhones && (d.FieldType == "phonenumber" || d.Type == "phone_number") {
		raw = digitsOnly(raw)
	}
	if d.FieldType == "html" || d.Name == "hs_note_body" || d.Name == "hs_email_html" {
		raw = sanitise(raw)
	}
	return normalised{value: raw}
}

// hostOf is the host in what was given for a company's domain: an address loses
// its scheme, "www.", port, path, query and fragment. What holds no host stays.
func hostOf(raw string) string {
	text := strings.ToLower(strings.TrimSpace(raw))
	_, host, address := strings.Cut(text, "//")
	if !address {
		host = text
	}
	if i := strings.IndexAny(host, "/?#"); i >= 0 {
		host = host[:i]
	}
	if i := strings.LastIndexByte(host, '@'); i >= 0 && address {
		host = host[i+1:]
	}
	host, _, _ = strings.Cut(host, ":")
	if host = strings.TrimPrefix(host, "www."); host == "" {
		return text
	}
	return host
}

func digitsOnly(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '+' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

var (
	activeElement = regexp.MustCompile(`(?is)<(script|style|iframe|object)\b.*?(</(script|style|iframe|object)\s*>|$)`)
	eventHandler  = regexp.MustCompile(`(?i)\s+on[a-z]+\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)`)
)

// sanitise drops active content from HTML, as HubSpot does (facts 8, 12.24).
func sanitise(html string) string {
	if !strings.Contains(html, "<") {
		return html
	}
	return eventHandler.ReplaceAllString(activeElement.ReplaceAllString(html, ""), "")
}

var (
	emailLocal = regexp.MustCompile("^[a-z0-9!#$%&'*+/=?^_`{|}~\\x{80}-\\x{10ffff}-]+(\\.[a-z0-9!#$%&'*+/=?^_`{|}~\\x{80}-\\x{10ffff}-]+)*$")
	emailHost  = regexp.MustCompile(`^([\p{L}\p{N}]([\p{L}\p{N}-]*[\p{L}\p{N}])?\.)+[\p{L}][\p{L}\p{N}-]*$`)
)

// normaliseEmail lower-cases and trims an address and refuses what HubSpot
// refuses: bad syntax and top-level domains that do not exist, such as .test.
func normaliseEmail(raw string) normalised {
	email := strings.ToLower(strings.TrimSpace(raw))
	local, host, ok := strings.Cut(email, "@")
	unseen := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }
	if !ok || strings.ContainsFunc(email, unseen) || len(local) > 64 || len(host) > 253 || !emailLocal.MatchString(local) || !emailHost.MatchString(host) {
		return bad("INVALID_EMAIL", "Email address %s is invalid", raw)
	}
	tld := host[strings.LastIndexByte(host, '.')+1:]
	if suffix, icann := publicsuffix.PublicSuffix("x." + tld); !icann && !strings.Contains(suffix, ".") && isASCII(tld) {
		return bad("INVALID_EMAIL", "Email address %s is invalid", raw)
	}
	return normalised{value: email}
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 127 })
}

func (p *Portal) normaliseNumber(d *property, raw string) normalised {
	text := strings.TrimSpace(raw)
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || strings.ContainsAny(text, "xXpP_nNiI") {
		return bad("INVALID_INTEGER", "%s was not a valid number", raw)
	}
	if d.owner() {
		return p.normaliseOwner(text)
	}
	if p.opt.Switches.RewriteNumbers {
		text = strconv.FormatFloat(n, 'f', -1, 64)
	}
	return normalised{value: text}
}

func (p *Portal) normaliseBool(d *property, raw string) normalised {
	text := strings.TrimSpace(raw)
	if p.opt.Switches.LooseBooleans {
		text = strings.ToLower(text)
	}
	if text != "true" && text != "false" {
		return invalidOption(d, raw)
	}
	return normalised{value: text}
}

func (p *Portal) normaliseOwner(raw string) normalised {
	for _, o := range p.owners {
		if o.ID == raw && (!o.Archived || p.opt.Switches.InactiveOwnersAllowed) {
			return normalised{value: raw}
		}
	}
	return bad("INVALID_OWNER_ID", "%s was not a valid owner ID", raw)
}

// normaliseOptions checks an enumeration. A leading ";" adds to what is there
// instead of replacing it (facts 6.3).
func (p *Portal) normaliseOptions(d *property, raw, current string) normalised {
	if d.owner() {
		return p.normaliseOwner(raw)
	}
	if !d.multiple() {
		if !d.ExternalOptions && !d.allowed[raw] {
			return invalidOption(d, raw)
		}
		return normalised{value: raw}
	}
	var set []string
	if strings.HasPrefix(raw, ";") && current != "" {
		set = strings.Split(current, ";")
	}
	for v := range strings.SplitSeq(raw, ";") {
		if v == "" {
			continue
		}
		if !d.ExternalOptions && !d.allowed[v] {
			return invalidOption(d, v)
		}
		if !slices.Contains(set, v) {
			set = append(set, v)
		}
	}
	return normalised{value: strings.Join(set, ";")}
}

func invalidOption(d *property, raw string) normalised {
	var list []string
	for _, o := range d.Options {
		list = append(list, fmt.Sprintf("label: %q\nvalue: %q\ndisplay_order: %d\nhidden: %t\nread_only: false\n",
			o.Label, o.Value, o.DisplayOrder, o.Hidden))
	}
	return bad("INVALID_OPTION", "%s was not one of the allowed options: [%s]", raw, strings.Join(list, ", "))
}

const day = 24 * 60 * 60 * 1000 // ms

// mostSeconds bounds the numbers that 2026-09 takes for seconds instead of
// milliseconds when they are no midnight: 1653 to 2286 in seconds.
const mostSeconds = 10_000_000_000

// normaliseDate takes a calendar day, or a moment at midnight UTC. Before
// 2026-09 any other moment is refused; from then on it is cut to its day with
// a warning (facts 3.5).
func (p *Portal) normaliseDate(d *property, raw string, v apiVersion) normalised {
	text := strings.TrimSpace(raw)
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return normalised{value: t.Format(time.DateOnly)}
	}
	ms, ok := moment(text)
	if !ok {
		return bad("INVALID_DATE", "%s was not a valid date", raw)
	}
	plain := text == strconv.FormatInt(ms, 10)
	if plain && ms%day != 0 && v.normalisesDates() && -mostSeconds < ms && ms < mostSeconds {
		ms *= 1000
	}
	midnight := ms - ((ms%day)+day)%day
	value := time.UnixMilli(midnight).UTC().Format(time.DateOnly)
	if midnight == ms && text == strconv.FormatInt(ms, 10) {
		return normalised{value: value}
	}
	if !v.normalisesDates() {
		if midnight == ms && p.opt.Switches.MidnightISODates {
			return normalised{value: value}
		}
		if midnight != ms {
			t := time.UnixMilli(ms).UTC()
			return bad("INVALID_DATE", "%s is at %d:%d:%d.%d UTC, not midnight!", raw, t.Hour(), t.Minute(), t.Second(), t.Nanosecond()/1e6)
		}
		return bad("INVALID_DATE", "%s was not a valid date", raw)
	}
	return normalised{value: value, warn: &warning{Category: "PROPERTY_VALUE_NORMALIZED", Message: d.Name + " was normalized",
		Context: warningContext{PropertyName: d.Name, RawValue: raw, NormalizedValue: strconv.FormatInt(midnight, 10)}}}
}

func normaliseInstant(raw string) normalised {
	ms, ok := moment(strings.TrimSpace(raw))
	if !ok {
		return bad("INVALID_LONG", "%s was not a valid long.", raw)
	}
	return normalised{value: instant(ms)}
}

// moment reads epoch milliseconds or ISO 8601, for writes and filters alike.
func moment(s string) (ms int64, ok bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, true
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04Z07:00", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UnixMilli(), true
		}
	}
	return 0, false
}
