// Package redact takes secrets and personal data out of texts, by their shape
// and, for secrets that have none, by what the process knows.
package redact

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What stands in the place of what was taken out.
const (
	Hidden = "[hidden]"
	Email  = "[e-mail]"
	Phone  = "[phone]"
)

// shape is a form that a secret takes in a text; with is what replaces it.
type shape struct {
	hint string // stands, in small letters, in every text that has it
	form *regexp.Regexp
	with string
}

// shapes of secrets: HubSpot's tokens (facts §1.4, §1.8), headers, and
// addresses with a password. A name or a scheme stays, for the reader.
var shapes = []shape{
	{"pat-", regexp.MustCompile(`(?i)\bpat-[a-z0-9]+-[a-z0-9-]{6,}`), Hidden},
	// Refresh tokens and codes.
	{"-", regexp.MustCompile(`(?i)\b(?:na|eu|ap|au|ca|jp)\d{1,2}-[a-z0-9]{2,}(?:-[a-z0-9]{2,})+`), Hidden},
	// JSON web tokens.
	{"eyj", regexp.MustCompile(`\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*`), Hidden},
	{"authorization", regexp.MustCompile(`(?i)\b((?:proxy-)?authorization)(\\?["']?\s*[:=]\s*\[?\\?["']?)(?:(?:bearer|basic|digest|token)\s+)?[^\s,;"'}\]\\]+`), "$1$2" + Hidden},
	{"bearer", regexp.MustCompile(`(?i)\b(bearer)(\s+|%20|\+)[a-z0-9._~+/=%-]{12,}`), "$1 " + Hidden},
	{"cookie", regexp.MustCompile(`(?i)\b((?:set-)?cookie)(\\?["']?\s*:\s*)[^\r\n"]+`), "$1$2" + Hidden},
	{"@", regexp.MustCompile(`(?i)\b([a-z][a-z0-9+.-]*:/{2,})[^\s/?#"'<>]*@`), "$1" + Hidden + "@"},
	// Passwords with a slash in them, and MySQL's addresses.
	{"@", regexp.MustCompile(`(?i)\b([a-z][a-z0-9+.-]{2,}:/+)[^\s:/?#"'<>]*:[^\s"'<>]*@`), "$1" + Hidden + "@"},
	{"(", regexp.MustCompile(`(?i)[^\s:/@"'=\[\]]+:[^\s"']*@((?:tcp|tcp4|tcp6|unix)?\()`), Hidden + "@$1"},
}

// paramHints stand in every text that param or grant may find something in.
var (
	paramHints = []string{"token", "secret", "passw", "pwd", "hapikey", "api", "verifier", "assertion"}
	grantHints = []string{"code", "state"}
)

func hasAny(s string, hints []string) bool {
	return slices.ContainsFunc(hints, func(h string) bool { return strings.Contains(s, h) })
}

// param is a name with its value, in a query, a form, JSON or a header.
var param = regexp.MustCompile(`(?i)([\w.-]*(?:token|secret|passw(?:or)?d|pwd|hapikey|api[_-]?key|verifier|assertion)[\w-]*)` +
	`(\\?["']?\s*(?:=>|=|:|%3D|%3A(?:%20)?)(\s*))` +
	`(\\"(?:[^"\\]|\\[^"])*(?:\\")?|"(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s&,;"'}\]]+)`)

// grant is the answer of a sign-in: a code and a state, as parameters.
var grant = regexp.MustCompile(`(?i)(^|[?&\s"'#]|%26|%3F)(code|state|code_challenge)(=|%3D)([^\s&"'<>]+)`)

// Secrets takes out everything that has the shape of a secret. Names, e-mail
// addresses and prose stay: the result is for the person whose data it is.
func Secrets(s string) string { return secrets(s, false) }

// secrets hides, with strict, also a word after "token: " that may be prose.
func secrets(s string, strict bool) string {
	small := strings.ToLower(s)
	for _, f := range shapes {
		if strings.Contains(small, f.hint) {
			s = f.form.ReplaceAllString(s, f.with)
		}
	}
	if hasAny(small, paramHints) {
		s = param.ReplaceAllStringFunc(s, func(m string) string { return params(m, strict) })
	}
	if hasAny(small, grantHints) {
		s = grant.ReplaceAllString(s, "$1$2$3"+Hidden)
	}
	return s
}

// params hides the value of a parameter, unless it is prose.
func params(m string, strict bool) string {
	g := param.FindStringSubmatch(m)
	name, sep, blank, value := g[1], g[2], g[3], g[4]
	prose := strings.HasSuffix(strings.TrimSpace(sep), ":") && blank != "" && !strings.ContainsAny(value[:1], "\"'\\")
	if prose && !strict && !never.MatchString(name) && !random(value) || strings.HasPrefix(value, Hidden) {
		return m
	}
	return name + sep + Hidden
}

// never are the names after which nobody writes prose.
var never = regexp.MustCompile(`(?i)secret|passw|pwd|hapikey`)

// random reports whether a word looks like no word and like no small number.
func random(word string) bool {
	return len(word) >= 24 || len(word) >= 6 && strings.ContainsFunc(word, unicode.IsDigit)
}

// opaque hides runs of characters that may be tokens without a shape of their
// own, as HubSpot's OAuth access tokens are: long, and with capitals, small
// letters and digits, which the hashes and ids of this program do not have
// together.
func opaque(s string) string {
	const long = 32
	if len(s) < long {
		return s
	}
	var b strings.Builder
	from := 0
	for i := 0; i < len(s); {
		var upper, lower, digit bool
		start := i
	run:
		for ; i < len(s); i++ {
			switch c := s[i]; {
			case 'A' <= c && c <= 'Z':
				upper = true
			case 'a' <= c && c <= 'z':
				lower = true
			case '0' <= c && c <= '9':
				digit = true
			case !strings.ContainsRune("_+/=-", rune(c)):
				break run
			}
		}
		if i-start >= long && upper && lower && digit {
			b.WriteString(s[from:start] + Hidden)
			from = i
		}
		if i == start {
			i++
		}
	}
	return b.String() + s[from:]
}

// address is an e-mail address, written out or in a web address.
var address = regexp.MustCompile(`(?i)(?:"[^"\s]+"|[^\s@<>"'(),;:=/?&\[\]{}|\\]+)(?:@|%40)[^\s@<>"'(),;:/?&=\[\]{}|\\]+`)

// Personal takes out secrets, e-mail addresses and phone numbers: the result
// may be read by strangers. It takes out too much rather than too little.
func Personal(s string) string {
	s = opaque(secrets(s, true))
	if strings.Contains(s, "@") || strings.Contains(s, "%40") {
		s = address.ReplaceAllStringFunc(s, func(m string) string {
			if strings.HasPrefix(m, Hidden) || strings.HasPrefix(m, "@") {
				return m
			}
			return Email
		})
	}
	return phones(s)
}

// quoted is a value that an error of this program or of HubSpot's repeats.
var quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|“[^”]*”|„[^“”]*[“”]|«[^»]*»|\x60[^\x60]*\x60`)

// Quotes takes out what stands between quotation marks, which in an error is
// often a value of somebody's data.
func Quotes(s string) string { return quoted.ReplaceAllString(s, `"…"`) }

// secretNames are the names under which a secret stands.
var secretNames = regexp.MustCompile(`(?i)(token|secret|passw|pwd|hapikey|api[_-]?key|verifier|assertion|authorization|cookie|dsn|credential)|^(code|state|pin)$`)

// personalNames are the names under which personal data stands.
var personalNames = regexp.MustCompile(`(?i)e-?mail|phone|mobile|^fax$`)

// Names reports whether a field of that name holds a secret or personal data,
// whatever its value looks like.
func Names(field string) bool {
	return secretNames.MatchString(field) || personalNames.MatchString(field)
}

// number may be a phone number: digits with what people put between them.
var number = regexp.MustCompile(`\+?\(?\d[\d\s().\x{a0}/\x{2010}-\x{2015}-]{4,}\d`)

var (
	dated   = regexp.MustCompile(`^\d{4}-\d{2}(-\d{2}|$)|^\d{1,2}[./]\d{1,2}[./]\d{2,4}\b`)
	decimal = regexp.MustCompile(`^\d+\.\d+$`)
	ip      = regexp.MustCompile(`^\d{1,3}(\.\d{1,3}){3}$`)
)

// phones takes out phone numbers. A bare run of digits counts only when it
// begins as no id does.
func phones(s string) string {
	digits := 0
	for i := range len(s) {
		if '0' <= s[i] && s[i] <= '9' {
			digits++
		}
	}
	if digits < 7 {
		return s
	}
	var b strings.Builder
	from := 0
	for _, at := range number.FindAllStringIndex(s, -1) {
		if phone(s, at[0], at[1]) {
			b.WriteString(s[from:at[0]] + Phone)
			from = at[1]
		}
	}
	return b.String() + s[from:]
}

func phone(s string, start, end int) bool {
	text := s[start:end]
	digits := 0
	bare := true
	for _, r := range text {
		switch {
		case unicode.IsDigit(r):
			digits++
		case r != '+':
			bare = false
		}
	}
	if digits < 7 || digits > 17 {
		return false
	}
	if text[0] == '+' {
		return true
	}
	// A part of an id, of a path or of a word is none.
	before, _ := utf8.DecodeLastRuneInString(s[:start])
	after, _ := utf8.DecodeRuneInString(s[end:])
	if inWord(before) || before == '/' || before == '-' || before == '.' || after == '_' || unicode.IsDigit(after) {
		return false
	}
	switch {
	case dated.MatchString(text), decimal.MatchString(text), ip.MatchString(text):
		return false
	case bare:
		return text[0] == '0' && digits >= 8 && !inWord(after)
	}
	return true
}

func inWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
