package database

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"syncline/sync/record"
)

// Servers round, cut and guess what does not fit a column, many without a word. What
// they would make another value of is refused before it is sent.

// anyPlaces is the places of a column that does not limit them.
const anyPlaces = -1

// fit is an encoded value as the column takes it without changing it, or why it
// doesn't.
func (c *column) fit(text string) (string, error) {
	switch c.kind {
	case kindInteger, kindBit:
		return c.fitWhole(text)
	case kindDecimal, kindMoney:
		return text, c.fitDecimal(text)
	case kindEnum, kindSet:
		return text, c.fitOptions(text)
	case kindDate, kindCivil, kindInstant, kindTime:
		return c.fitTime(text)
	case kindText:
		return text, c.fitText(text)
	}
	return text, nil
}

// decimal is the exact decimal form of a number.
func decimal(text string) (string, bool) {
	rule, v := record.Rule{Compare: record.CompareNumber}, record.Text(text)
	return rule.Canonical(v).String(), rule.Readable(v)
}

func (c *column) fitWhole(text string) (string, error) {
	exact, ok := decimal(text)
	if !ok || c.lite() { // the server judges
		return text, c.fitLite(text)
	}
	switch {
	case strings.Contains(exact, "."):
		return text, fmt.Errorf("“%s” takes whole numbers, not %s: round it with a step, or let the column keep more", c.name, text)
	case c.kind == kindBit && exact[0] == '-':
		return text, fmt.Errorf("“%s” holds bits, which no number below 0 is: %s", c.name, text)
	case strings.HasPrefix(c.native, "year") && len(exact) != 4 && exact != "0":
		return text, fmt.Errorf("“%s” takes a year of four digits, not %s", c.name, text)
	case strings.ContainsAny(text, ".eE"):
		return exact, nil
	}
	return text, nil
}

func (c *column) fitDecimal(text string) error {
	if c.lite() {
		return c.fitLite(text)
	}
	exact, ok := decimal(text)
	_, places, _ := strings.Cut(exact, ".")
	if ok && c.places != anyPlaces && len(places) > c.places {
		return fmt.Errorf("“%s” keeps %s after the point, and %s has more: round it with a step, or let the column keep more", c.name, digits(c.places), text)
	}
	return nil
}

func digits(n int) string {
	if n == 1 {
		return "1 digit"
	}
	return fmt.Sprintf("%d digits", n)
}

// fitOptions refuses numbers that are no option: MySQL takes them for the place of
// one in its list.
func (c *column) fitOptions(text string) error {
	for part := range strings.SplitSeq(text, ",") {
		if c.kind == kindEnum {
			part = text
		}
		_, number := decimal(part)
		known := false
		for _, o := range c.options {
			known = known || o == part
		}
		if number && !known {
			return fmt.Errorf("“%s” has no option %q; its options are: %s", c.name, part, strings.Join(c.options, ", "))
		}
	}
	return nil
}

var (
	timeBegins = map[kind]*regexp.Regexp{
		kindDate: regexp.MustCompile(`^(\d{4}|-?infinity$)`), kindCivil: regexp.MustCompile(`^(\d{4}|-?infinity$)`), kindInstant: regexp.MustCompile(`^(\d{4}|-?infinity$)`),
		kindTime: regexp.MustCompile(`^-?\d+:\d\d`),
	}
	fraction = regexp.MustCompile(`\.\d+`)
)

// fitTime refuses what a server reads as another day than is written, such as
// today or 26-1-2, and cuts a moment to the fraction of a second that is kept, which
// some servers would round to the next.
func (c *column) fitTime(text string) (string, error) {
	if c.lite() {
		return text, nil
	}
	if !timeBegins[c.kind].MatchString(text) {
		how := "2026-10-25"
		if c.kind == kindTime {
			how = "14:30:00"
		}
		return text, fmt.Errorf("“%s” takes what is written as %s, not %q", c.name, how, text)
	}
	if (c.kind == kindCivil || c.kind == kindInstant) && c.places != anyPlaces {
		text = fraction.ReplaceAllStringFunc(text, func(f string) string {
			return strings.TrimSuffix(f[:min(len(f), 1+c.places)], ".")
		})
	}
	return text, nil
}

func (c *column) fitText(text string) error {
	if c.lite() {
		return c.fitLite(text)
	}
	if strings.HasPrefix(c.native, "char") && !strings.HasPrefix(c.native, "character varying") {
		text = strings.TrimRight(text, " ") // which it does not tell from its own
	}
	if n := utf8.RuneCountInString(text); c.length > 0 && n > c.length {
		return fmt.Errorf("“%s” takes at most %d characters, and these are too long with %d", c.name, c.length, n)
	}
	return nil
}

// lite reports whether the column is one of SQLite.
func (c *column) lite() bool { return c.affinity != "" }

// liteNumber is what SQLite takes for a number in a column that prefers them.
var liteNumber = regexp.MustCompile(`^[ \t\n\v\f\r]*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[ \t\n\v\f\r]*$`)

// fitLite refuses what SQLite would keep as another number or text than it is
// given, since the declared type of a column prefers numbers.
func (c *column) fitLite(text string) error {
	if c.affinity == "TEXT" || c.affinity == "BLOB" || !liteNumber.MatchString(text) {
		return nil
	}
	exact, ok := decimal(strings.Trim(text, " \t\n\v\f\r"))
	keeps := exact
	if _, err := strconv.ParseInt(exact, 10, 64); err != nil {
		f, err := strconv.ParseFloat(exact, 64)
		if err != nil {
			return nil //nolint:nilerr // longer than any number: it stays a text
		}
		keeps = realText(f)
	}
	kept, _ := decimal(keeps)
	switch {
	case c.kind == kindText && keeps != text:
		return fmt.Errorf("“%s” is declared as %s, of which SQLite makes numbers, so that %q would become %s: let its type be TEXT", c.name, c.native, text, keeps)
	case ok && kept != exact && c.kind != kindFloat:
		return fmt.Errorf("“%s” would keep %s in place of %s: SQLite keeps 15 digits of a number that is no integer. Round it with a step, or let the type of the column be TEXT", c.name, keeps, text)
	}
	return nil
}
