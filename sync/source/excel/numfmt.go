package excel

import (
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/currency"
)

// section is one of the parts of a number format that semicolons divide: it
// says how the numbers look that it is for (ECMA-376 part 1, 18.8.31).
type section struct {
	condition *condition // nil where the section has none
	parts     []part
	places    int // of digits; General is one
	zeros     int // of the places that show a zero where the number has no digit

	scaled   bool // has a point, thousands, a percentage, an exponent, a fraction
	grouping bool // has a comma
	recast   bool // shows another number than the one behind: a percentage, an exponent, a fraction
	point    bool // has a decimal point, after which stand
	least    int  // digits that are always shown
	most     int  // and digits that are shown at most
	dated    bool // has a code of dates and times
	foreign  bool // has a currency in brackets
	strange  bool // has what is not read here: other digits, filling, system dates
	texts    bool // is for texts
}

// part is a literal, or a place for digits.
type part struct {
	literal string
	place   rune // '0', '#', '?' or 'G' for General; 0 for a literal
}

// condition says which numbers a section is for, as in [<=99999].
type condition struct {
	operator string
	operand  float64
}

func (c condition) holds(n float64) bool {
	switch c.operator {
	case "<":
		return n < c.operand
	case "<=":
		return n <= c.operand
	case ">":
		return n > c.operand
	case ">=":
		return n >= c.operand
	case "=":
		return n == c.operand
	}
	return n != c.operand
}

// parseFormat reads the sections of a format code. Library nfp, which reads the
// codes of dates, takes digits within quotes for places, so that it can't tell
// "0"0 from 00.
func parseFormat(code string) []section {
	s := &section{}
	sections := []*section{s}
	runes := []rune(strings.TrimSpace(code))
	for i := 0; i < len(runes); {
		if runes[i] == ';' {
			s = &section{}
			sections = append(sections, s)
			i++
			continue
		}
		i += s.take(runes[i:])
	}
	out := make([]section, len(sections))
	for i, s := range sections {
		out[i] = *s
	}
	return out
}

// take reads what stands first in the rest of a code, and returns its length.
func (s *section) take(rest []rune) int {
	r := rest[0]
	next := func() string { return string(rest[1:min(2, len(rest))]) }
	switch {
	case r == '"' || r == '[':
		end := map[rune]rune{'"': '"', '[': ']'}[r]
		n := 1
		for n < len(rest) && rest[n] != end {
			n++
		}
		if inner := string(rest[1:n]); r == '"' {
			s.literal(inner)
		} else {
			s.bracket(inner)
		}
		return min(n+1, len(rest))
	case r == '\\':
		s.literal(next())
		return 2
	case r == '_': // as wide as the next character
		s.literal(" ")
		return 2
	case r == '*': // the next character as often as the column is wide
		s.strange = s.strange || next() != " "
		return 2
	case r == '0' || r == '#' || r == '?':
		s.place(r)
	case strings.ContainsRune(".,%/", r):
		s.scaled = true
		s.point = s.point || r == '.'
		s.grouping = s.grouping || r == ','
		s.recast = s.recast || r == '%' || r == '/'
	case r == '@':
		s.texts = true
	case r == '!': // escapes the next character in some countries
		s.strange = true
	case len(rest) >= 7 && strings.EqualFold(string(rest[:7]), "general"):
		s.place('G')
		return 7
	case (r == 'E' || r == 'e') && s.places > 0 && (next() == "+" || next() == "-"):
		s.scaled, s.recast = true, true
		return 2
	case strings.ContainsRune("abdeghmrsy", unicode.ToLower(r)):
		s.dated = true
	default:
		s.literal(string(r))
	}
	return 1
}

func (s *section) literal(text string) {
	if text != "" {
		s.parts = append(s.parts, part{literal: text})
	}
}

func (s *section) place(r rune) {
	s.parts = append(s.parts, part{place: r})
	s.places++
	if r == '0' {
		s.zeros++
	}
	if s.point {
		s.most++
		if r == '0' {
			s.least = s.most
		}
	}
}

// bracket reads what stands within [ and ]: a colour, a condition, a currency
// with a language, a duration.
func (s *section) bracket(inner string) {
	lower := strings.ToLower(inner)
	switch {
	case strings.HasPrefix(inner, "$"):
		symbol, language := inner[1:], ""
		if i := strings.LastIndex(symbol, "-"); i >= 0 {
			symbol, language = symbol[:i], symbol[i+1:]
		}
		// A long language names other digits; F800 and F400 the system's date and time.
		s.strange = s.strange || len(language) > 4 || strings.EqualFold(language, "F800") || strings.EqualFold(language, "F400")
		s.foreign = s.foreign || currencySymbol(symbol) || currencyWord(letters(symbol))
		s.literal(symbol)
	case strings.ContainsAny(inner[:min(1, len(inner))], "<>="):
		operand := strings.TrimLeft(inner, "<>=")
		n, err := strconv.ParseFloat(strings.TrimSpace(operand), 64)
		s.strange = s.strange || err != nil
		s.condition = &condition{inner[:len(inner)-len(operand)], n}
	case colour(lower):
	case lower != "" && (strings.Trim(lower, "h") == "" || strings.Trim(lower, "m") == "" || strings.Trim(lower, "s") == ""):
		s.dated = true
	default:
		s.strange = true
	}
}

func colour(name string) bool {
	switch name {
	case "black", "blue", "cyan", "green", "magenta", "red", "white", "yellow":
		return true
	}
	number, ok := strings.CutPrefix(name, "color")
	return ok && strings.Trim(number, " 0123456789") == ""
}

// around returns the literals before the first place, between places, and
// behind the last one.
func (s *section) around() (prefix, between, suffix string) {
	seen := 0
	for _, p := range s.parts {
		switch {
		case p.place != 0:
			seen++
		case seen == 0:
			prefix += p.literal
		case seen == s.places:
			suffix += p.literal
		default:
			between += p.literal
		}
	}
	return prefix, between, suffix
}

// grouped reports whether the places are divided as amounts are: three digits
// behind each divider, or two but for the last group, as in India.
func (s *section) grouped() bool {
	var groups []int
	n := 0
	for _, p := range s.parts {
		if p.place != 0 {
			n++
			continue
		}
		if n > 0 {
			groups = append(groups, n)
		}
		n = 0
	}
	if n > 0 {
		groups = append(groups, n)
	}
	last := len(groups) - 1
	if groups[last] != 3 || groups[0] > 3 {
		return false
	}
	for _, g := range groups[1:last] {
		if g != 3 && g != 2 {
			return false
		}
	}
	return true
}

// letters is a text without what stands around its letters.
func letters(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return !unicode.IsLetter(r) })
}

func currencySymbol(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return unicode.Is(unicode.Sc, r) }) >= 0
}

// currencyWord reports whether a word is a currency, by its code or as it is
// written before amounts.
func currencyWord(word string) bool {
	if _, err := currency.ParseISO(word); err == nil {
		return true
	}
	switch strings.ToLower(word) {
	case "kr", "zł", "kč", "ft", "lei", "rs", "r", "rm", "s", "fr", "din", "km", "tl", "лв":
		return true
	}
	return false
}
