package excel

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// mask is a number format by which a number is an identifier or a word rather
// than an amount: it has zeros in front ("00000"), a prefix or a suffix of its
// own ("K-"0), dividers as phone numbers have them (000-0000), or words alone
// ("Yes";;"No"). The identifier is what Excel shows, 01234 or K-17, and not the
// number behind it. An amount is the number, however its format shows it.
type mask struct {
	code     string
	sections []masked
}

// masked is a section with what it makes of numbers.
type masked struct {
	section
	sense sense
}

// sense is what a section makes of a number.
type sense uint8

const (
	amount     sense = iota // the number behind
	identifier              // what is shown
	word                    // what is shown, which has no digit of the number
	open                    // the number behind, and that is told: the format may mean either
)

// maskOf reads a format code; nil is one without a word about numbers.
func maskOf(code string) *mask {
	if strings.TrimSpace(code) == "" {
		return nil
	}
	m := &mask{code: code}
	for _, s := range parseFormat(code) {
		if s.texts || len(m.sections) == 3 {
			break // for texts
		}
		m.sections = append(m.sections, masked{s, s.senseOf()})
	}
	amounts := slices.ContainsFunc(m.sections, func(s masked) bool { return s.sense == amount || s.sense == open })
	for i := range m.sections {
		s := &m.sections[i]
		if s.sense != word || !amounts {
			continue
		}
		// What a list of amounts shows for some of them, such as a dash for zero.
		if s.sense = amount; said(s.words()) && !currencyWord(letters(s.words())) {
			s.sense = open
		}
	}
	return m
}

// dresses reports whether Excel shows an amount otherwise than it is read: with a
// unit or a currency, in per cent, with zeros behind it, rounded, in groups.
// That is nothing to a number, but to a text.
func (m *mask) dresses(read string) bool {
	n, err := strconv.ParseFloat(read, 64)
	if err != nil {
		return false
	}
	s, _, ok := m.pick(n)
	if !ok || s.recast || s.words() != "" && (s.words() != "-" || n >= 0) {
		return true
	}
	_, fraction, _ := strings.Cut(read, ".")
	if s.general() {
		return false
	}
	return len(fraction) < s.least || len(fraction) > s.most || s.grouping && math.Abs(n) >= 1000
}

func (s *section) words() string {
	var b strings.Builder
	for _, p := range s.parts {
		b.WriteString(p.literal)
	}
	return strings.TrimSpace(b.String())
}

// said reports whether a text has letters or digits.
func said(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) >= 0
}

func (s *section) senseOf() sense {
	if s.dated {
		return open // in another section than the first, else it is a date
	}
	if s.places == 0 && !s.scaled {
		if s.strange {
			return open
		}
		return word
	}
	prefix, between, suffix := s.around()
	before, behind := senseOfPrefix(prefix), senseOfSuffix(suffix)
	of := amount
	switch {
	case s.foreign && s.zeros < 2, s.scaled && strings.HasPrefix(strings.TrimSpace(prefix), "+"):
		return amount
	case before == identifier, behind == identifier, !s.scaled && (s.zeros >= 2 || s.divides(between)):
		of = identifier
	case !s.scaled && (before == open || behind == open || s.strange):
		of = open
	}
	if of == identifier && (s.scaled || s.foreign || s.strange) {
		of = open
	}
	return of
}

// divides reports whether what stands between places divides an identifier,
// such as the dashes of a phone number, and not the thousands of an amount.
func (s *section) divides(between string) bool {
	if between == "" {
		return false
	}
	return strings.Trim(between, " \u00a0\u2009\u202f.,'’·") != "" || !s.grouped()
}

// senseOfPrefix judges what stands before a number. It makes an identifier of it
// where it has letters, is joined to the number, and is no currency; or digits;
// or is a number sign, or the plus of a phone number. A word with a space behind
// it is part of a name ("Tier "0), but for labels of amounts ("Total "0).
func senseOfPrefix(prefix string) sense {
	text := strings.TrimSpace(prefix)
	name := letters(text)
	joined := !strings.HasSuffix(prefix, " ")
	switch {
	case strings.HasPrefix(text, "+"):
		return identifier
	case currencySymbol(text):
		return amount
	case strings.IndexFunc(text, unicode.IsDigit) >= 0, text == "#", text == "№":
		return identifier
	case name == "", strings.EqualFold(text, "ca."):
		return amount
	case currencyWord(name):
		if strings.IndexAny(text, "-_/#") > 0 && joined && !strings.Contains(text, " ") || len(name) == 1 && joined {
			return open // CUP- and R may be either
		}
		return amount
	case !joined && ofAmounts[strings.ToLower(name)]:
		return open
	}
	return identifier
}

// ofAmounts are words before amounts, which are no part of them.
var ofAmounts = map[string]bool{"total": true, "subtotal": true, "sum": true, "amount": true, "price": true, "cost": true, "approx": true, "about": true, "up to": true, "from": true, "over": true, "under": true,
	"gesamt": true, "summe": true, "betrag": true, "preis": true, "circa": true, "etwa": true, "bis": true, "ab": true, "somme": true, "montant": true, "prix": true, "importe": true, "suma": true, "totale": true, "importo": true}

// senseOfSuffix judges what stands behind a number: a unit leaves it an amount,
// as in 0" kg".
func senseOfSuffix(suffix string) sense {
	first, rest := "", ""
	if suffix != "" {
		r := []rune(suffix)
		first, rest = string(r[0]), string(r[1:])
	}
	switch {
	case first == "":
		return amount
	case (first == "-" || first == "_" || first == "#") && said(rest):
		return identifier
	case first == "/" && said(rest), first >= "0" && first <= "9":
		return open
	}
	return amount
}

// pick finds the section for a number, and whether a minus stands before what
// it shows; ok is false where Excel has none for it, or may choose otherwise.
func (m *mask) pick(n float64) (s *masked, minus, ok bool) {
	at := func(i int) *masked { return &m.sections[i] }
	count := len(m.sections)
	if !slices.ContainsFunc(m.sections, func(s masked) bool { return s.condition != nil }) {
		switch {
		case n < 0 && count > 1:
			return at(1), false, true
		case n == 0 && count > 2:
			return at(2), false, true
		}
		return at(0), n < 0, true
	}
	switch {
	case at(0).condition == nil:
		return nil, false, false
	case at(0).condition.holds(n):
		s = at(0)
	case count == 1:
		return nil, false, false
	case at(1).condition == nil:
		if s = at(1); count > 2 {
			return nil, false, false
		}
	case at(1).condition.holds(n):
		s = at(1)
	case count > 2:
		s = at(2)
	default:
		return nil, false, false
	}
	// Whether a minus is shown depends on the conditions.
	return s, false, n >= 0 || s.places == 0
}

// show writes a number as the format does. The sense is amount, or open, where
// the number itself is to be read.
func (m *mask) show(stored string) (text string, of sense) {
	n, err := strconv.ParseFloat(stored, 64)
	if err != nil {
		return "", amount
	}
	s, minus, ok := m.pick(n)
	if !ok {
		return "", open
	}
	switch s.sense {
	case word:
		if text = s.words(); text == "" {
			return "", open // the number is hidden
		}
		if minus {
			text = "-" + text
		}
		return text, word
	case identifier:
		if n != math.Trunc(n) || math.Abs(n) >= 1e15 || math.Abs(n) >= 1e11 && s.general() {
			return "", open
		}
		text = s.write(strconv.FormatInt(int64(math.Abs(n)), 10))
		if minus {
			text = "-" + text
		}
		return text, identifier
	}
	return "", s.sense
}

// general: Excel shows no more than 11 digits of such a number.
func (s *section) general() bool {
	return slices.ContainsFunc(s.parts, func(p part) bool { return p.place == 'G' })
}

// write puts digits into the places.
func (s *section) write(digits string) string {
	if digits == "0" && !s.general() {
		digits = ""
	}
	var b strings.Builder
	left := s.places // places from here on
	for _, p := range s.parts {
		if p.place == 0 {
			b.WriteString(p.literal)
			continue
		}
		if left == s.places && len(digits) > left { // what has no place stands in front
			b.WriteString(digits[:len(digits)-left])
			digits = digits[len(digits)-left:]
		}
		switch {
		case len(digits) >= left:
			b.WriteByte(digits[len(digits)-left])
		case p.place == '0':
			b.WriteByte('0')
		case p.place == '?':
			b.WriteByte(' ')
		}
		left--
	}
	return strings.TrimSpace(b.String())
}

// number is the inverse of show: the number that is shown as a text.
func (m *mask) number(text string) (stored string, ok bool) {
	var candidates []string
	for i := range m.sections {
		s := &m.sections[i]
		switch s.sense {
		case identifier:
			digits := s.digits(text)
			candidates = append(candidates, digits, "-"+digits)
		case word:
			candidates = append(candidates, "1", "0", "-1")
			if c := s.condition; c != nil {
				for _, n := range []float64{c.operand, c.operand + 1, c.operand - 1} {
					candidates = append(candidates, decimal(n))
				}
			}
		}
	}
	for _, c := range candidates {
		if shown, of := m.show(c); (of == identifier || of == word) && shown == text {
			return c, true
		}
	}
	return "", false
}

// digits takes a number out of what is shown of it; digits of literals are none
// of the number's.
func (s *section) digits(text string) string {
	for _, p := range s.parts {
		if p.literal != "" {
			text = strings.Replace(text, strings.TrimSpace(p.literal), "", 1)
		}
	}
	digits := strings.TrimLeft(strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text), "0")
	if digits == "" {
		return "0"
	}
	return digits
}
