package record

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// DateForm is a way to write dates and datetimes, such as DD.MM.YYYY HH:mm. Its
// parts are
//
//	YYYY YY          year; YY is 1969 to 2068
//	MMMM MMM MM M    month: March, Mar, 03, 3 (names in English)
//	DD D             day
//	HH H hh h        hour, of 24 and of 12
//	A                AM or PM
//	mm ss SSS        minute, second, millisecond
//	Z                offset from UTC: +02:00, or Z
//
// M, D, H and h read one or two digits. Anything in [brackets], the letter T
// and every other character that is no letter stands for itself.
type DateForm struct {
	text  string
	parts []formPart
	has   map[byte]bool // the kinds of part, by the first letter of the token
}

type formPart struct {
	token   string // "" for a literal
	literal string
}

// formTokens are the parts of a form, longest first within a letter.
var formTokens = []string{"YYYY", "YY", "MMMM", "MMM", "MM", "M", "DD", "D", "HH", "H", "hh", "h", "A", "mm", "ss", "SSS", "Z"}

// ParseDateForm reads a form. The error says what is wrong with it and what to
// write instead.
func ParseDateForm(s string) (DateForm, error) {
	f := DateForm{text: s, has: make(map[byte]bool)}
	for rest := s; rest != ""; {
		part, n, err := nextFormPart(rest)
		if err != nil {
			return DateForm{}, fmt.Errorf("%q is not a date form: %w", s, err)
		}
		if part.token != "" {
			c := kindOfToken(part.token)
			if f.has[c] {
				return DateForm{}, fmt.Errorf("%q is not a date form: %s says a second time what another part says", s, part.token)
			}
			f.has[c] = true
		}
		f.parts = append(f.parts, part)
		rest = rest[n:]
	}
	return f, f.complete()
}

// kindOfToken is what two tokens have in common that say the same.
func kindOfToken(token string) byte {
	if token[0] == 'h' {
		return 'H'
	}
	return token[0]
}

func (f DateForm) complete() error {
	for _, need := range []struct {
		kind byte
		hint string
	}{{'Y', "the year (YYYY)"}, {'M', "the month (MM)"}, {'D', "the day (DD)"}} {
		if !f.has[need.kind] {
			hint := ""
			if need.kind == 'M' && f.has['m'] {
				hint = "; mm is the minute"
			}
			return fmt.Errorf("%q is not a date form: it lacks %s%s, as in DD.MM.YYYY", f.text, need.hint, hint)
		}
	}
	twelve := slices.ContainsFunc(f.parts, func(p formPart) bool { return p.token == "hh" || p.token == "h" })
	if twelve && !f.has['A'] {
		return fmt.Errorf("%q is not a date form: hh is the hour of twelve and needs A for AM or PM; the hour of 24 is HH", f.text)
	}
	if f.has['A'] && !twelve {
		return fmt.Errorf("%q is not a date form: A for AM or PM goes with hh, not with HH", f.text)
	}
	return nil
}

func nextFormPart(s string) (formPart, int, error) {
	for _, t := range formTokens {
		if strings.HasPrefix(s, t) {
			return formPart{token: t}, len(t), nil
		}
	}
	if s[0] == '[' {
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return formPart{}, 0, fmt.Errorf("the bracket [ is not closed")
		}
		return formPart{literal: s[1:end]}, end + 1, nil
	}
	r, n := utf8.DecodeRuneInString(s)
	if unicode.IsLetter(r) && r != 'T' {
		word := s[:len(s)-len(strings.TrimLeft(s, string(r)))]
		return formPart{}, 0, fmt.Errorf("%q means nothing in it%s; its parts are YYYY, MM, DD, HH, mm, ss", word, formHint(r))
	}
	if unicode.IsDigit(r) {
		return formPart{}, 0, fmt.Errorf("it holds the digit %q; write the form, not a date: YYYY-MM-DD", r)
	}
	return formPart{literal: s[:n]}, n, nil
}

func formHint(r rune) string {
	switch r {
	case 'y', 'J', 'j', 'a':
		return ", the year is YYYY"
	case 'd', 'T', 't':
		return ", the day is DD"
	case 'm':
		return ", the month is MM and the minute mm"
	case 's', 'S':
		return ", the second is ss and the millisecond SSS"
	}
	return ""
}

// String returns the form as it was written.
func (f DateForm) String() string { return f.text }

// Clock reports whether the form has a time of day.
func (f DateForm) Clock() bool { return f.has['H'] }

// Zoned reports whether the form says the offset from UTC.
func (f DateForm) Zoned() bool { return f.has['Z'] }

// Exact reports whether a written date of any year reads back as itself.
func (f DateForm) Exact() bool {
	for _, p := range f.parts {
		if p.token == "YY" {
			return false
		}
	}
	return true
}

// Read reads a text in the form, whole. A time without an offset is in the
// zone; nil is UTC. A date that does not exist, such as 31.02.2026, is refused.
func (f DateForm) Read(s string, zone *time.Location) (time.Time, bool) {
	c, ok := f.read(s)
	if !ok {
		return time.Time{}, false
	}
	return c.in(zone)
}

func (f DateForm) read(s string) (c civil, ok bool) {
	c = civil{year: 1, month: 1, day: 1}
	for _, p := range f.parts {
		if s, ok = c.readPart(p, s); !ok {
			return c, false
		}
	}
	return c, s == ""
}

// Write writes the time in the form, in the time's own zone.
func (f DateForm) Write(t time.Time) string {
	var b strings.Builder
	for _, p := range f.parts {
		b.WriteString(writePart(p, t))
	}
	return b.String()
}

func writePart(p formPart, t time.Time) string {
	hour12 := (t.Hour()+11)%12 + 1
	switch p.token {
	case "":
		return p.literal
	case "YYYY":
		return fmt.Sprintf("%04d", t.Year())
	case "YY":
		return fmt.Sprintf("%02d", t.Year()%100)
	case "MMMM":
		return t.Month().String()
	case "MMM":
		return t.Month().String()[:3]
	case "MM":
		return fmt.Sprintf("%02d", int(t.Month()))
	case "M":
		return strconv.Itoa(int(t.Month()))
	case "DD":
		return fmt.Sprintf("%02d", t.Day())
	case "D":
		return strconv.Itoa(t.Day())
	case "HH":
		return fmt.Sprintf("%02d", t.Hour())
	case "H":
		return strconv.Itoa(t.Hour())
	case "hh":
		return fmt.Sprintf("%02d", hour12)
	case "h":
		return strconv.Itoa(hour12)
	case "A":
		return t.Format("PM")
	case "mm":
		return fmt.Sprintf("%02d", t.Minute())
	case "ss":
		return fmt.Sprintf("%02d", t.Second())
	case "SSS":
		return fmt.Sprintf("%03d", t.Nanosecond()/int(time.Millisecond))
	}
	return t.Format("Z07:00")
}
