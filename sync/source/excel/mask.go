package excel

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/xuri/nfp"
	"golang.org/x/text/currency"
)

// mask is a number format by which a number is an identifier rather than an
// amount: it has zeros in front ("00000"), or a prefix of its own ("K-"0). The
// identifier is what Excel shows, 01234 or K-17, and not the number behind it.
// An amount is the number, however many digits of it are shown.
type mask struct {
	parts  []maskPart
	places int // of digits
}

// maskPart is a literal, or a place for a digit where it is "".
type maskPart struct {
	literal string
	zero    bool // the place shows a zero where the number has no digit
}

// maskOf reads a format code; nil is any other format.
func maskOf(code string) *mask {
	parser := nfp.NumberFormatParser()
	sections := parser.Parse(code)
	if len(sections) == 0 {
		return nil
	}
	m := &mask{}
	zeros, prefix := 0, ""
	for _, token := range sections[0].Items {
		switch token.TType {
		case nfp.TokenTypeLiteral:
			if m.places == 0 {
				prefix += token.TValue
			}
			m.parts = append(m.parts, maskPart{literal: token.TValue})
		case nfp.TokenTypeZeroPlaceHolder, nfp.TokenTypeHashPlaceHolder:
			zero := token.TType == nfp.TokenTypeZeroPlaceHolder
			for range token.TValue {
				m.parts = append(m.parts, maskPart{zero: zero})
				m.places++
				if zero {
					zeros++
				}
			}
		case nfp.TokenTypeColor, nfp.TokenTypeAlignment:
		default: // a decimal point, thousands, a percentage, a currency, a condition …
			return nil
		}
	}
	if m.places == 0 || zeros < 2 && !names(prefix) {
		return nil
	}
	return m
}

// names reports whether a prefix makes an identifier of a number: it has
// letters, is joined to the number, and is no currency; or it is the plus of a
// phone number.
func names(prefix string) bool {
	text := strings.TrimSpace(prefix)
	if strings.HasPrefix(text, "+") {
		return true
	}
	letters := strings.TrimFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
	if letters == "" || strings.HasSuffix(prefix, " ") {
		return false
	}
	if _, err := currency.ParseISO(letters); err == nil {
		return false
	}
	switch strings.ToLower(letters) {
	case "kr", "zł", "kč", "ft", "lei", "rs", "r", "rm", "nt", "hk", "us", "ca", "au", "a", "s", "fr", "din", "km", "tl", "лв", "ca.":
		return false
	}
	return true
}

// show writes a whole number as the format does; ok is false for another one.
func (m *mask) show(stored string) (text string, ok bool) {
	n, err := strconv.ParseFloat(stored, 64)
	if err != nil || n < 0 || n != float64(int64(n)) || n >= 1e15 {
		return "", false
	}
	digits := strconv.FormatInt(int64(n), 10)
	if n == 0 {
		digits = ""
	}
	var b strings.Builder
	left := m.places // places from here on
	for _, p := range m.parts {
		if p.literal != "" {
			b.WriteString(p.literal)
			continue
		}
		if left == m.places && len(digits) > left { // what has no place stands in front
			b.WriteString(digits[:len(digits)-left])
			digits = digits[len(digits)-left:]
		}
		switch {
		case len(digits) >= left:
			b.WriteByte(digits[len(digits)-left])
		case p.zero:
			b.WriteByte('0')
		}
		left--
	}
	return strings.TrimSpace(b.String()), true
}

// number is the inverse of show.
func (m *mask) number(text string) (stored string, ok bool) {
	rest := text
	for _, p := range m.parts { // digits of literals are none of the number's
		if p.literal != "" {
			rest = strings.Replace(rest, strings.TrimSpace(p.literal), "", 1)
		}
	}
	digits := strings.TrimLeft(strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, rest), "0")
	if digits == "" {
		digits = "0"
	}
	shown, ok := m.show(digits)
	return digits, ok && shown == text
}
