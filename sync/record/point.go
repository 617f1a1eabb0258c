package record

import (
	"regexp"
	"strings"
)

// Point is what the numbers of a column tell of the point in them.
type Point uint8

// The kinds of Point.
const (
	NoPoint      Point = iota // no number has a point of which it is a question
	DecimalPoint              // some are as no thousands are: 12.5, 0.250, 1234.567
	OpenPoint                 // all may be thousands, such as 1.000 and 12.500
)

var (
	// thousands are numbers that are as many ones or as many thousands.
	thousands = regexp.MustCompile(`^[+-]?[1-9][0-9]{0,2}\.[0-9]{3}$`)
	pointed   = regexp.MustCompile(`^[+-]?[0-9]*\.[0-9]+$`)
)

// Thousands reports whether a number may be thousands to who writes them with a
// point, and a number with three places to who does not. What stands around the
// digits, such as a currency, does not count.
func Thousands(s string) bool { return thousands.MatchString(onlyNumber(s)) }

// PointOf tells what the samples show. Where some have a comma for their
// decimal mark, the point of others stays open: it stands between thousands.
func PointOf(samples []string) Point {
	found := NoPoint
	for _, s := range samples {
		switch number := onlyNumber(s); {
		case thousands.MatchString(number):
			found = OpenPoint
		case pointed.MatchString(number):
			return DecimalPoint
		}
	}
	return found
}

// onlyNumber is what is left of a text without what stands around a number.
func onlyNumber(s string) string {
	s = strings.TrimFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '.' && r != '+' && r != '-' })
	sign := ""
	if s != "" && (s[0] == '+' || s[0] == '-') {
		sign, s = s[:1], strings.TrimLeftFunc(s[1:], func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	}
	return sign + strings.TrimRight(s, "+-.")
}
