package record

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Rule is a Comparison with what it needs to understand a value. Rules are
// values; their methods are pure and safe for concurrent use.
type Rule struct {
	Compare Comparison // "" compares as text
	// Region is the ISO 3166 alpha-2 code of the country that phone numbers
	// without a country code belong to; "" when there is none.
	Region string
	// Zone is where datetimes without a zone were written; nil is UTC.
	Zone *time.Location
	// Format is the form of dates and datetimes that are not in an ISO form,
	// such as DD.MM.YYYY (see ParseDateForm); "" when there are none.
	Format string
}

// Canonical returns the one form that all values the same as v have. It is
// total and idempotent. An empty value stays as it is; a value that its
// comparison cannot read (a number "n/a") keeps a text form, which is the same
// as nothing but itself.
func (r Rule) Canonical(v Value) Value {
	if v.Empty() {
		return v
	}
	return Text(r.canonical(v.String()))
}

// Same reports whether a and b mean the same under the rule. All empty values
// are the same. It is an equivalence.
func (r Rule) Same(a, b Value) bool {
	if a == b {
		return true
	}
	a, b = r.Canonical(a), r.Canonical(b)
	return a == b || a.Empty() && b.Empty()
}

// Readable reports whether the comparison understands the value: a number that
// is one, a date that is one. An empty value is, and so is any text.
func (r Rule) Readable(v Value) bool {
	if v.Empty() {
		return true
	}
	_, ok := r.read(v.String())
	return ok
}

func (r Rule) canonical(s string) string {
	if c, ok := r.read(s); ok {
		return c
	}
	return trimmed(s)
}

// read returns the canonical form of a text; ok is false when the comparison
// does not understand it.
func (r Rule) read(s string) (canonical string, ok bool) {
	switch r.Compare {
	case CompareTextFolded:
		return foldedText(s), true
	case CompareEmail:
		return readEmail(trimmed(s))
	case ComparePhone:
		return readPhone(trimmed(s), r.Region)
	case CompareURL:
		return readURL(trimmed(s))
	case CompareDomain:
		return readHost(trimmed(s))
	case CompareDate:
		return readDate(trimmed(s), r.Format)
	case CompareDateTime:
		return readDateTime(trimmed(s), r.Format, r.Zone)
	case CompareNumber:
		return readNumber(trimmed(s))
	case CompareBoolean:
		return readBoolean(trimmed(s))
	case CompareSet:
		return canonicalSet(s), true
	case CompareHTML:
		return canonicalHTML(s), true
	}
	return exactText(s), true
}

// exactText is the text in Unicode NFC with every line end as LF. Bytes that
// are no UTF-8 become U+FFFD, as they do when values are stored.
func exactText(s string) string {
	if plainASCII(s) {
		return s
	}
	s = strings.ToValidUTF8(s, string(utf8.RuneError))
	if strings.ContainsRune(s, '\r') {
		s = strings.ReplaceAll(s, "\r\n", "\n")
		s = strings.ReplaceAll(s, "\r", "\n")
	}
	return norm.NFC.String(s)
}

func plainASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf || s[i] == '\r' {
			return false
		}
	}
	return true
}

// trimmed is the exact text without surrounding space and without the marks
// that copying from web pages and chat programs leaves behind: byte order
// marks, zero-width spaces, marks of writing direction.
func trimmed(s string) string {
	s = exactText(s)
	if !plainASCII(s) {
		s = norm.NFC.String(strings.Map(func(r rune) rune {
			if invisible(r) {
				return -1
			}
			return r
		}, s))
	}
	return strings.TrimSpace(s)
}

// invisible reports whether a rune only steers layout. The zero-width joiner
// and non-joiner are not among them: they carry meaning in several scripts.
func invisible(r rune) bool {
	switch r {
	case '\u00ad', '\u200b', '\u2060', '\ufeff', '\u200e', '\u200f', '\u061c':
		return true
	}
	return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// TrimEdges is a text without space, control characters and invisible marks
// before and after it; what stands between stays as it is.
func TrimEdges(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || invisible(r) })
}

// Visible is a text without the characters that nobody sees and nothing needs:
// control characters other than tabs and line ends, byte order marks, and, in
// a text of one line, zero-width spaces, word joiners and soft hyphens too.
// Marks of writing direction, joiners and non-joiners stay, since several
// scripts need them, but not at the edges of the text.
func Visible(s string, lines bool) string {
	if printable(s) || !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || invisible(r) }) {
		return s
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return r
		case unicode.IsControl(r), r == '\ufeff':
			return -1
		case !lines && (r == '\u200b' || r == '\u2060' || r == '\u00ad'):
			return -1
		}
		return r
	}, s)
	return strings.TrimFunc(s, invisible)
}

// foldedText ignores case, runs of space and surrounding space (Unicode
// canonical caseless matching, chapter 3.13 of the standard).
func foldedText(s string) string {
	s = exactText(s)
	if !plainASCII(s) {
		// Lower case after folding, because the folder exchanges the two cases
		// of Cherokee.
		s = norm.NFC.String(strings.ToLower(cases.Fold().String(norm.NFD.String(s))))
	} else {
		s = strings.ToLower(s)
	}
	return collapsed(s)
}

// collapsed makes each run of space one space and trims.
func collapsed(s string) string {
	if !strings.ContainsFunc(s, unicode.IsSpace) {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}

// printable reports whether a text is of ASCII and all of it can be seen.
func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
