package mapping

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"syncline/sync/record"
	"syncline/sync/transform"
)

// noDays are those that programs write where they know none: the first and last
// days that Excel, Access, Unix, SQL Server, Oracle and SAP can write.
var noDays = record.NewWordSet("1899-12-30", "1899-12-31", "1900-01-01", "1904-01-01", "1601-01-01", "1753-01-01", "1970-01-01", "1000-01-01", "2099-12-31", "2999-12-31", "9999-12-31", "9999-01-01", "4712-12-31")

// The days between which few are mistyped: a birthday may be long ago, and a
// contract may end late.
const (
	longAgo  = "1850"
	farAhead = "2150"
)

// doubtDay tells of a day that may be none, or of another calendar.
func (f *Field) doubtDay(day string, env transform.Env) {
	switch {
	case f.meant(day):
	case noDays.Has(day):
		remark(env, transform.RemarkNoDay)
	case day < longAgo, day > farAhead:
		remark(env, transform.RemarkFarDay)
	}
}

// mixesScripts reports whether an address has letters of Latin and of a script
// whose letters look like them, in one part of it, or digits of other widths.
func mixesScripts(address string) bool {
	if strings.IndexFunc(address, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
		return false
	}
	for part := range strings.FieldsFuncSeq(address, func(r rune) bool { return strings.ContainsRune("@.-_+", r) }) {
		latin, other := false, false
		for _, r := range part {
			switch {
			case unicode.Is(unicode.Latin, r) && r < '！':
				latin = true
			case unicode.In(r, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee), r >= '！' && r <= '～', unicode.Is(unicode.Nd, r) && r >= utf8.RuneSelf:
				other = true
			}
		}
		if latin && other {
			return true
		}
	}
	return false
}

// thousands is how spreadsheets show a number that is none of a phone.
var thousands = regexp.MustCompile(`^[0-9]{1,3}([,.'][0-9]{3}){2,}$`)

// oddPhone reports a text for a phone number that looks like an amount or a
// link, or has no digit.
func oddPhone(text string) bool {
	lower := strings.ToLower(text)
	return strings.HasPrefix(lower, "tel:") || strings.HasPrefix(lower, "callto:") || strings.Contains(lower, "@") ||
		!strings.ContainsFunc(text, unicode.IsDigit) || thousands.MatchString(text)
}
