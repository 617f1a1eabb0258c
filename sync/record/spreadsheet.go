package record

import (
	"strconv"
	"strings"
	"time"
)

// Notation tells how surely a text is a number in scientific notation.
type Notation uint8

// The degrees of Notation.
const (
	NotScientific Notation = iota
	// MaybeScientific is 12E5: such a number, or a code of letters and digits.
	MaybeScientific
	SurelyScientific
)

// Scientific tells whether a text is a number as spreadsheets and programs
// write one that is long, such as 4.479E+11: what identifier or phone number it
// was is lost. A point, the sign of the exponent, or one digit before an
// exponent of two (which is how programs write it) make it sure.
func Scientific(s string) Notation {
	if strings.IndexByte(s, 'E') < 0 && strings.IndexByte(s, 'e') < 0 || isLetter(s[len(s)-1]) {
		return NotScientific // as most texts show at a glance
	}
	s = strings.TrimLeft(strings.ToUpper(trimmed(s)), "+-")
	mantissa, exponent, ok := strings.Cut(s, "E")
	if !ok {
		return NotScientific
	}
	unsigned := strings.TrimLeft(exponent, "+-")
	whole, fraction, pointed := strings.Cut(strings.Replace(mantissa, ",", ".", 1), ".")
	signs := len(exponent) - len(unsigned)
	if signs > 1 || len(unsigned) < 1 || len(unsigned) > 3 || !allDigits(unsigned) || whole+fraction == "" || !allDigits(whole) || !allDigits(fraction) {
		return NotScientific
	}
	switch {
	case pointed, exponent[0] == '+', signs > 0 && len(whole) == 1, len(whole) == 1 && whole != "0" && len(unsigned) == 2:
		return SurelyScientific
	}
	return MaybeScientific
}

// WholeNumber returns the digits of a whole number that a program has written
// with places, such as 4917612345678.0, as it does with numbers in a column that
// has empty cells. Short ones are left alone, which may be versions (1.0) or
// amounts, and so is what has more than one point, as phone numbers may.
func WholeNumber(s string) (string, bool) {
	if strings.IndexByte(s, '.') < 0 && strings.IndexByte(s, ',') < 0 {
		return "", false
	}
	s = trimmed(s)
	at := strings.LastIndexAny(s, ".,")
	if at < 0 {
		return "", false
	}
	whole, zeros := s[:at], s[at+1:]
	if zeros == "" || strings.Trim(zeros, "0") != "" || strings.ContainsAny(whole, ".,") {
		return "", false
	}
	digits := 0 // right before the point
	for digits < len(whole) && whole[len(whole)-1-digits] >= '0' && whole[len(whole)-1-digits] <= '9' {
		digits++
	}
	before := whole[:len(whole)-digits]
	switch pure := before == "" || before == "+"; {
	case len(zeros) > 2 && digits < 4: // 12.000 is twelve thousand to many
		return "", false
	case pure && digits >= 3, digits >= 5 && strings.Trim(before, "+0123456789 ()-/\u00a0") == "":
		return whole, true
	}
	return "", false
}

// isLetter reports whether a byte is a letter of ASCII.
func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

// SpreadsheetDay is the day that a number means in a spreadsheet, where it is one
// of 1954 to 2119: those before and after are more likely something else.
func SpreadsheetDay(s string) (day time.Time, ok bool) {
	n, err := strconv.ParseFloat(trimmed(s), 64)
	if err != nil || n < 20_000 || n > 80_000 {
		return time.Time{}, false
	}
	return time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(n)), true
}
