package record

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Guess returns the type that a column's samples agree on; empty samples do not
// count, and a column without a filled one is a string. A guess is careful: one
// sample that does not fit makes a string of it, and so do codes that only look
// like numbers (leading zeros, a plus sign, more digits than a number keeps,
// postcodes and customer numbers of one length). E-mail addresses are strings.
func Guess(samples []string) Type {
	filled := filledSamples(samples)
	if len(filled) == 0 {
		return TypeString
	}
	every := func(fits func(string) bool) bool {
		return !slices.ContainsFunc(filled, func(s string) bool { return !fits(s) })
	}
	if every(isBooleanWord) {
		return TypeBool
	}
	if form, ok := GuessDateForm(filled); ok {
		if form.Clock() {
			return TypeDateTime
		}
		return TypeDate
	}
	if every(isISODateTime) {
		return TypeDateTime
	}
	if _, ok := GuessNumberMarks(filled); ok {
		return TypeNumber
	}
	if every(looksLikePhone) {
		return TypePhone
	}
	return TypeString
}

func filledSamples(samples []string) []string {
	var filled []string
	for _, s := range samples {
		if s = trimmed(s); s != "" {
			filled = append(filled, s)
		}
	}
	return filled
}

// isBooleanWord leaves out 0 and 1, which are as often counts.
func isBooleanWord(s string) bool {
	_, ok := readBoolean(s)
	return ok && (s[0] < '0' || s[0] > '9')
}

// isISODateTime reports an ISO datetime in any of its spellings.
func isISODateTime(s string) bool {
	_, ok := readISO(s)
	return ok && len(s) > len("2006-01-02")
}

// guessedForms are the date forms that are recognised, in the order in which
// they are preferred where the samples fit several: the ISO forms, those that
// name the month, those whose mark tells the order (a dot, day first), and
// with a slash the day-first form after the month-first one only where some
// sample rules the latter out.
var guessedForms = dateForms(
	"YYYY-MM-DD", "YYYY-MM-DD HH:mm", "YYYY-MM-DD HH:mm:ss", "YYYY/MM/DD", "YYYY/MM/DD HH:mm:ss", "YYYY.MM.DD",
	"D.M.YYYY", "D.M.YYYY HH:mm", "D.M.YYYY HH:mm:ss", "D.M.YY",
	"D MMM YYYY", "D MMMM YYYY", "MMM D, YYYY", "MMMM D, YYYY", "D-MMM-YYYY", "D-MMM-YY",
	"M/D/YYYY", "M/D/YYYY HH:mm", "M/D/YYYY HH:mm:ss", "M/D/YYYY h:mm A", "M/D/YYYY h:mm:ss A", "M/D/YY",
	"D/M/YYYY", "D/M/YYYY HH:mm", "D/M/YYYY HH:mm:ss", "D/M/YY",
	"D-M-YYYY", "M-D-YYYY",
)

// fixedForms are the two-digit spellings of forms with D and M.
var fixedForms = strings.NewReplacer("D", "DD", "M", "MM")

func dateForms(texts ...string) []DateForm {
	forms := make([]DateForm, len(texts))
	for i, t := range texts {
		f, err := ParseDateForm(t)
		if err != nil {
			panic(err) // a form in this file is wrong; the tests would never pass
		}
		forms[i] = f
	}
	return forms
}

// GuessDateForm returns a form that every filled sample has, with two-digit day
// and month where all of them are written so. Where 03/04/2026 leaves open which
// is the month, the month-first form is returned; Ambiguous tells.
func GuessDateForm(samples []string) (DateForm, bool) {
	filled := filledSamples(samples)
	if len(filled) == 0 {
		return DateForm{}, false
	}
	for _, f := range guessedForms {
		if !readsAll(f, filled) {
			continue
		}
		if !strings.Contains(f.text, "MMM") && !strings.Contains(f.text, "DD") {
			if fixed, err := ParseDateForm(fixedForms.Replace(f.text)); err == nil && readsAll(fixed, filled) {
				return fixed, true
			}
		}
		return f, true
	}
	return DateForm{}, false
}

func readsAll(f DateForm, samples []string) bool {
	for _, s := range samples {
		if _, ok := f.Read(s, time.UTC); !ok {
			return false
		}
	}
	return true
}

// Ambiguous reports whether the samples fit the form with day and month
// exchanged as well, so that a person has to say which is which.
func (f DateForm) Ambiguous(samples []string) bool {
	if strings.Contains(f.text, "MMM") || strings.Contains(f.text, ".") || strings.HasPrefix(f.text, "Y") {
		return false
	}
	other, err := ParseDateForm(strings.NewReplacer("DD", "MM", "MM", "DD", "D", "M", "M", "D").Replace(f.text))
	return err == nil && readsAll(other, filledSamples(samples))
}

// NumberMarks are the signs of a notation for numbers.
type NumberMarks struct {
	Decimal string // "." or ","
	Group   string // ",", ".", " ", "'" or "" for none
}

var numberMarks = []NumberMarks{{".", ""}, {".", ","}, {",", "."}, {",", ""}, {".", "'"}, {",", " "}, {".", " "}}

// GuessNumberMarks returns the notation in which every filled sample is a
// number; ok is false where there is none, or where the samples are codes.
func GuessNumberMarks(samples []string) (NumberMarks, bool) {
	filled := filledSamples(samples)
	if len(filled) == 0 {
		return NumberMarks{}, false
	}
	for _, m := range numberMarks {
		plain := make([]string, len(filled))
		fits := true
		for i, s := range filled {
			if plain[i], fits = m.Read(s); !fits || !isQuantity(plain[i]) {
				fits = false
				break
			}
		}
		if fits {
			return m, !areCodes(plain)
		}
	}
	return NumberMarks{}, false
}

// typedMarks are the marks that typesetters and spreadsheets use for those on
// a keyboard: spaces that do not break, the minus sign, the apostrophe.
var typedMarks = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u2212", "-", "\u2019", "'")

// Read returns the number in the notation with a decimal point and without
// grouping, not further changed. Groups are of three digits, or it is none:
// 1.5 in a notation that groups by points is refused, not read as 15. With commas
// they may be those of India, 12,34,567. The digits may be of any script.
func (m NumberMarks) Read(s string) (string, bool) {
	s = m.ofScript(typedMarks.Replace(s))
	sign := ""
	if s != "" && (s[0] == '-' || s[0] == '+') {
		sign, s = s[:1], s[1:]
	}
	whole, fraction, cut := strings.Cut(s, m.Decimal)
	exponent := ""
	if i := strings.IndexAny(s, "eE"); i >= 0 && m.Decimal == "." {
		whole, fraction, cut = strings.Cut(s[:i], ".")
		exponent = s[i:]
	}
	if m.Group != "" && strings.Contains(whole, m.Group) {
		groups := strings.Split(whole, m.Group)
		if !inGroups(groups, 3, 3) && (m.Group != "," || !inGroups(groups, 2, 2)) {
			return "", false
		}
		whole = strings.Join(groups, "")
	}
	if !allDigits(whole) || !allDigits(fraction) || whole == "" && fraction == "" {
		return "", false
	}
	if cut {
		whole += "."
	}
	text := sign + whole + fraction + exponent
	_, ok := readNumber(text)
	return text, ok
}

// inGroups reports whether digits stand in groups: the last one of three, those
// before it of a size, and the first one of at most as many.
func inGroups(groups []string, size, first int) bool {
	last := len(groups) - 1
	for i, g := range groups {
		if i == 0 && (g == "" || len(g) > first) || i == last && len(g) != 3 || i > 0 && i < last && len(g) != size {
			return false
		}
	}
	return true
}

// ofScript writes the digits and marks of other scripts as a keyboard has them.
func (m NumberMarks) ofScript(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '٫':
			b.WriteString(m.Decimal)
		case r == '٬':
			b.WriteString(m.Group)
		case r >= '！' && r <= '～': // full width
			b.WriteRune(r - '！' + '!')
		case unicode.Is(unicode.Nd, r):
			b.WriteByte(digit(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// digit is a decimal digit of any script: the digits of each are in a row, from
// its zero, and no script's zero follows another one's nine but in mathematics.
func digit(r rune) byte {
	if r >= 0x1D7CE && r <= 0x1D7FF {
		return '0' + byte((r-0x1D7CE)%10)
	}
	zero := r
	for unicode.Is(unicode.Nd, zero-1) {
		zero--
	}
	return '0' + byte((r-zero)%10)
}

// isQuantity reports whether a number is written as people write amounts.
func isQuantity(s string) bool {
	if s[0] == '+' || strings.ContainsAny(s, "eE") {
		return false
	}
	s = strings.TrimPrefix(s, "-")
	if len(s) > 1 && s[0] == '0' && s[1] != '.' {
		return false
	}
	return len(strings.Trim(strings.Replace(s, ".", "", 1), "0")) <= 15
}

// areCodes reports whether whole numbers look like postcodes or customer
// numbers: several different ones of one length of five digits or more, of
// which few are round. One in twenty may be of another length, as a mistyped
// postcode is.
func areCodes(numbers []string) bool {
	round := 0
	distinct := make(map[string]bool)
	lengths := make(map[int]int)
	for _, n := range numbers {
		if !allDigits(n) {
			return false
		}
		if n[len(n)-1] == '0' {
			round++
		}
		distinct[n] = true
		lengths[len(n)]++
	}
	usual := 0
	for length, count := range lengths {
		if length >= 5 {
			usual = max(usual, count)
		}
	}
	return len(distinct) >= 3 && round*2 < len(numbers) && usual*20 >= len(numbers)*19
}

// looksLikePhone asks for a plus, or for punctuation or a leading zero around
// the right count of digits.
func looksLikePhone(s string) bool {
	main, _ := splitExtension(s)
	d := dialled(main)
	n := len(d)
	switch {
	case n == 0:
		return false
	case d[0] == '+':
		return n >= 9 && n <= 16
	case len(main) == n && d[0] != '0':
		return false // digits only
	case d[0] == '0':
		return n >= 8 && n <= 15
	}
	return n == 10 || n == 11
}
