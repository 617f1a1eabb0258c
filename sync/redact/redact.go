// Package redact takes secrets and personal data out of texts, by their shape
// and, for secrets that have none, by what the process knows.
package redact

import (
	"regexp"
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
	form *regexp.Regexp
	with string
}

// shapes of secrets: HubSpot's tokens (facts §1.4, §1.8), headers, and
// addresses with a password. A name or a scheme stays, for the reader.
var shapes = []shape{
	{regexp.MustCompile(`(?i)\bpat-[a-z0-9]+-[a-z0-9-]{6,}`), Hidden},
	{regexp.MustCompile(`(?i)\b(?:na|eu|ap|au|ca|jp)\d{1,2}-[a-z0-9]{2,}(?:-[a-z0-9]{2,})+`), Hidden}, // refresh tokens and codes
	{regexp.MustCompile(`\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*`), Hidden},                                    // JSON web tokens
	{regexp.MustCompile(`(?i)\b((?:proxy-)?authorization)(\\?["']?\s*[:=]\s*\[?\\?["']?)(?:(?:bearer|basic|digest|token)\s+)?[^\s,;"'}\]\\]+`), "$1$2" + Hidden},
	{regexp.MustCompile(`(?i)\b(bearer)(\s+|%20|\+)[a-z0-9._~+/=%-]{12,}`), "$1 " + Hidden},
	{regexp.MustCompile(`(?i)\b((?:set-)?cookie)(\\?["']?\s*:\s*)[^\r\n"]+`), "$1$2" + Hidden},
	{regexp.MustCompile(`(?i)\b([a-z][a-z0-9+.-]*:/{2,})[^\s/?#"'<>]*@`), "$1" + Hidden + "@"},
	{regexp.MustCompile(`(?i)\b([a-z][a-z0-9+.-]*:/{2,})[^\s:/?#"'<>]*:[^\s"'<>]*@`), "$1" + Hidden + "@"}, // passwords with slashes
	{regexp.MustCompile(`(?i)[^\s:/@"'=\[\]]+:[^\s"']*@((?:tcp|tcp4|tcp6|unix)?\()`), Hidden + "@$1"},      // MySQL's form
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
	if s == "" {
		return s
	}
	for _, f := range shapes {
		s = f.form.ReplaceAllString(s, f.with)
	}
	s = param.ReplaceAllStringFunc(s, func(m string) string {
		g := param.FindStringSubmatch(m)
		name, sep, blank, value := g[1], g[2], g[3], g[4]
		prose := strings.HasSuffix(strings.TrimSpace(sep), ":") && blank != "" && !strings.ContainsAny(value[:1], `"'\`)
		if prose && !strict && !random(value) || strings.HasPrefix(value, Hidden) {
			return m
		}
		return name + sep + Hidden
	})
	return grant.ReplaceAllString(s, "$1$2$3"+Hidden)
}

// random reports whether a word looks like no word.
func random(word string) bool {
	return len(word) >= 24 || strings.ContainsFunc(word, unicode.IsDigit)
}

// opaque is a run of characters that may be a token without a shape of its
// own, as HubSpot's OAuth access tokens are.
var opaque = regexp.MustCompile(`[A-Za-z0-9_+/=-]{32,}`)

// mixed reports whether a run has capitals, small letters and digits, which
// the hashes and ids of this program do not have together.
func mixed(run string) bool {
	return strings.ContainsFunc(run, unicode.IsUpper) && strings.ContainsFunc(run, unicode.IsLower) && strings.ContainsFunc(run, unicode.IsDigit)
}

// address is an e-mail address, written out or in a web address.
var address = regexp.MustCompile(`(?i)(?:"[^"\s]+"|[^\s@<>"'(),;:=/?&\[\]{}|\\]+)(?:@|%40)[^\s@<>"'(),;:/?&=\[\]{}|\\]+`)

// Personal takes out secrets, e-mail addresses and phone numbers: the result
// may be read by strangers. It takes out too much rather than too little.
func Personal(s string) string {
	if s == "" {
		return s
	}
	s = secrets(s, true)
	s = opaque.ReplaceAllStringFunc(s, func(run string) string {
		if mixed(run) {
			return Hidden
		}
		return run
	})
	s = address.ReplaceAllStringFunc(s, func(m string) string {
		if strings.HasPrefix(m, Hidden) || strings.HasPrefix(m, "@") {
			return m
		}
		return Email
	})
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
