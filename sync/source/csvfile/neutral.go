package csvfile

import (
	"regexp"
	"strings"
)

// harmless are texts that start like a formula and can be none, because
// nothing in them can name a function, a cell or a program: phone numbers,
// with an extension if need be, and signed numbers.
var harmless = regexp.MustCompile(`^[+-][0-9 ().,/%-]*( ?(x|ext\.?) ?[0-9]+)?$`)

// guarded are numbers that programs guard with an apostrophe so that a
// spreadsheet keeps the zeros in front, or all digits: '01234, '4111111111111111.
// Two digits are a year: '99.
var guarded = regexp.MustCompile(`^(0[0-9 ./()-]+|[0-9][0-9 ./()-]{2,})$`)

// quoted is the formula of a text, for the same end: ="01234".
var quoted = regexp.MustCompile(`^="((?:[^"]|"")*)"$`)

// Neutral returns the text to put into a CSV cell so that no spreadsheet
// program takes it for a formula (OWASP, "CSV Injection"): a text that starts
// with = + - @, a tab or a line end, or a full-width form of these, gets
// an apostrophe in front, unless it is a mere number or phone number. So
// that Original can undo it, the apostrophe is also added where the same text
// with apostrophes in front would be read back as another one.
func Neutral(s string) string {
	if formulaLike(s) || strings.HasPrefix(s, "'") && guarded.MatchString(strings.TrimLeft(s, "'")) {
		return "'" + s
	}
	return s
}

// Original undoes Neutral: Original(Neutral(s)) == s for every s. It also undoes
// the two ways in which other programs keep the zeros of a number.
func Original(s string) string {
	if rest, ok := strings.CutPrefix(s, "'"); ok && (formulaLike(rest) || guarded.MatchString(strings.TrimLeft(rest, "'"))) {
		return rest
	}
	if strings.HasPrefix(s, "=") {
		if m := quoted.FindStringSubmatch(s); m != nil {
			return strings.ReplaceAll(m[1], `""`, `"`)
		}
	}
	return s
}

// neutralLike is Neutral for a text that takes the place of another one. Where
// that stood in a form that keeps the zeros of a number, the text does too, since
// the next spreadsheet would take them away.
func neutralLike(was, text string) string {
	switch {
	case was == "" || !guarded.MatchString(text) || !keepsZeros(was, Original(was)):
	case was[0] == '=':
		return `="` + text + `"`
	case was[0] == '\'':
		return "'" + text
	}
	return Neutral(text)
}

// keepsZeros reports whether a cell's text stands in a form that only keeps the
// digits of a number.
func keepsZeros(written, text string) bool {
	return written != text && (written[0] == '=' || !formulaLike(text))
}

// formulaLike reports whether s, apostrophes in front aside, could be taken
// for a formula.
func formulaLike(s string) bool {
	s = strings.TrimLeft(s, "'")
	if s == "" {
		return false
	}
	for _, start := range []string{"=", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(s, start) {
			return true
		}
	}
	return (s[0] == '+' || s[0] == '-') && !harmless.MatchString(s)
}
