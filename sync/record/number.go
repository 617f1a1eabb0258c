package record

import "strings"

// maxExponent bounds the exponent of a number, so that its decimal form stays
// short. A 64-bit float, which is what HubSpot keeps, ends at 308.
const maxExponent = 400

// readNumber returns the exact decimal form of a number without exponent, plus
// sign, leading or trailing zeros: "1E+3" is 1000, "-0.0" is 0. The decimal
// mark is a point and there is no grouping; other notations are the business
// of the source or of a transform. Nothing is rounded.
func readNumber(s string) (string, bool) {
	negative, digits, point, ok := splitNumber(s)
	if !ok {
		return "", false
	}
	return decimal(negative, digits, point), true
}

// splitNumber reads sign, digits and exponent: the value is 0.digits × 10^point.
func splitNumber(s string) (negative bool, digits string, point int, ok bool) {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		negative, s = s[0] == '-', s[1:]
	}
	exponent := 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		if exponent, ok = readExponent(s[i+1:]); !ok {
			return false, "", 0, false
		}
		s = s[:i]
	}
	whole, fraction, _ := strings.Cut(s, ".")
	if whole == "" && fraction == "" || !allDigits(whole) || !allDigits(fraction) {
		return false, "", 0, false
	}
	return negative, whole + fraction, len(whole) + exponent, true
}

func readExponent(s string) (int, bool) {
	negative := false
	if s != "" && (s[0] == '-' || s[0] == '+') {
		negative, s = s[0] == '-', s[1:]
	}
	if s == "" || !allDigits(s) {
		return 0, false
	}
	n := 0
	for i := range len(s) {
		if n = n*10 + int(s[i]-'0'); n > maxExponent {
			return 0, false
		}
	}
	if negative {
		n = -n
	}
	return n, true
}

// decimal writes 0.digits × 10^point.
func decimal(negative bool, digits string, point int) string {
	kept := strings.TrimLeft(digits, "0")
	point -= len(digits) - len(kept)
	kept = strings.TrimRight(kept, "0")
	if kept == "" {
		return "0"
	}
	var b strings.Builder
	if negative {
		b.WriteByte('-')
	}
	switch {
	case point <= 0:
		b.WriteString("0.")
		b.WriteString(strings.Repeat("0", -point))
		b.WriteString(kept)
	case point >= len(kept):
		b.WriteString(kept)
		b.WriteString(strings.Repeat("0", point-len(kept)))
	default:
		b.WriteString(kept[:point])
		b.WriteByte('.')
		b.WriteString(kept[point:])
	}
	return b.String()
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
