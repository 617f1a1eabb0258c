package database

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"syncline/sync/record"
	"syncline/sync/source"
)

// kind is what the values of a column are, as far as it matters how they are
// read and written.
type kind uint8

const (
	kindText    kind = iota
	kindInteger      // exact, whatever its length
	kindDecimal      // exact
	kindFloat        // the shortest text that is this number
	kindSingle       // the same of four bytes
	kindBool         // true and false
	kindBit          // MySQL's bits, as a number
	kindDate         // a day
	kindTime         // a time of day
	kindCivil        // a day and a time without a zone
	kindInstant      // a moment
	kindEnum         // one of options
	kindSet          // several of options
	kindMoney        // PostgreSQL's, whose text depends on the server's language
	kindOther        // json, arrays, ranges: as the server writes them, never written
	kindBinary       // bytes, as hexadecimal digits, never written
)

// column is a column of a table, a view or a query.
type column struct {
	name     string
	kind     kind
	native   string // as the server calls its type: numeric(38,9)
	base     string // PostgreSQL: the type without its length, to cast to
	affinity string // SQLite: INTEGER, REAL, NUMERIC, TEXT, BLOB
	numbered bool   // PostgreSQL: GENERATED ALWAYS AS IDENTITY
	nullable bool
	fills    string // what the server puts where a new row leaves it out; "" is nothing
	made     string // why its values are the server's own: "is generated from other columns"
	length   int    // of texts, in characters; 0 is without a limit
	places   int    // after the point of a number or of seconds, or anyPlaces
	options  []string
	readable bool
	updates  bool // the role may update it
	inserts  bool // the role may give it a value in new rows
}

// numeric reports whether the column holds numbers as such.
func (c *column) numeric() bool {
	return slices.Contains([]kind{kindInteger, kindDecimal, kindFloat, kindSingle}, c.kind)
}

// readOnly says why an existing row's value can't be changed, "" where it can.
func (c *column) readOnly() string {
	switch {
	case c.made != "":
		return c.made
	case c.kind == kindBinary:
		return fmt.Sprintf("holds bytes (%s), which Syncline does not write", c.native)
	case c.kind == kindOther:
		return fmt.Sprintf("is of the type %s, which Syncline does not write", c.native)
	case c.kind == kindSet && slices.ContainsFunc(c.options, func(o string) bool { return strings.Contains(o, ";") }):
		return "has options with a semicolon, which HubSpot puts between several"
	case !c.updates:
		return "may not be changed by this user of the database (it lacks the right UPDATE)"
	}
	return ""
}

// source is the column as others see it.
func (c *column) source() source.Column {
	types := map[kind]record.Type{kindInteger: record.TypeNumber, kindDecimal: record.TypeNumber, kindFloat: record.TypeNumber, kindSingle: record.TypeNumber,
		kindBool: record.TypeBool, kindBit: record.TypeNumber, kindDate: record.TypeDate, kindCivil: record.TypeDateTime, kindInstant: record.TypeDateTime,
		kindEnum: record.TypeEnumeration, kindSet: record.TypeEnumeration, kindMoney: record.TypeNumber}
	t, ok := types[c.kind]
	if !ok {
		t = record.TypeString
	}
	return source.Column{Name: c.name, Type: t, Native: c.native, NotNull: !c.nullable, Fills: c.fills, Length: c.length, Options: slices.Clone(c.options), ReadOnly: c.readOnly(), NoInsert: !c.inserts || c.made != ""}
}

// civilForm is how times without a zone are written.
const (
	civilForm   = "2006-01-02 15:04:05.999999"
	instantForm = "2006-01-02 15:04:05.999999-07:00"
)

// encode takes a value to the text that the column is given; nil is NULL. zone
// is that of times without one, nil where it is not known.
func (c *column) encode(v record.Value, zone *time.Location) (*string, error) {
	text := v.String()
	if text == "" {
		switch {
		case c.nullable:
			return nil, nil
		case c.kind == kindText:
			return &text, nil
		}
		return nil, fmt.Errorf("“%s” can't be emptied, because the database takes no NULL there", c.name)
	}
	var err error
	switch c.kind {
	case kindBool:
		text, err = c.boolean(text, "true", "false")
	case kindInteger, kindBit, kindDecimal:
		if text == "true" || text == "false" {
			text, err = c.boolean(text, "1", "0")
		}
	case kindDate:
		text, err = c.day(text, zone)
	case kindCivil:
		text, err = c.civil(text, zone)
	case kindInstant:
		text, err = c.instant(text, zone)
	case kindSet:
		text = strings.ReplaceAll(text, ";", ",")
	}
	if err == nil {
		text, err = c.fit(text)
	}
	return &text, err
}

func (c *column) boolean(text, yes, no string) (string, error) {
	switch v := (record.Rule{Compare: record.CompareBoolean}).Canonical(record.Text(text)); v.String() {
	case "true":
		return yes, nil
	case "false":
		return no, nil
	}
	return text, fmt.Errorf("“%s” takes true or false, not %q", c.name, text)
}

// day takes a moment to its day in the zone; a day stays.
func (c *column) day(text string, zone *time.Location) (string, error) {
	civil, ok := record.ReadCivilDate(text)
	if !ok || !civil.Clock {
		return text, nil // the server judges
	}
	t, ok := moment(text, zone)
	if !civil.Zoned || civil.Midnight || !ok {
		return civil.Day, nil
	}
	return t.In(orUTC(zone)).Format(time.DateOnly), nil
}

func (c *column) civil(text string, zone *time.Location) (string, error) {
	civil, ok := record.ReadCivilDate(text)
	if !ok || !civil.Zoned {
		return text, nil
	}
	t, ok := moment(text, nil)
	switch {
	case !ok:
		return text, nil
	case zone == nil:
		return text, fmt.Errorf("“%s” holds times without a zone: say under source which one they are in, such as zone: Europe/Berlin", c.name)
	}
	return t.In(zone).Format(civilForm), nil
}

func (c *column) instant(text string, zone *time.Location) (string, error) {
	if t, ok := moment(text, zone); ok {
		return t.UTC().Format(instantForm), nil
	}
	return text, nil
}

// moment reads a time to the last digit that a server keeps of it.
func moment(text string, zone *time.Location) (time.Time, bool) {
	for _, form := range []string{time.RFC3339Nano, "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05Z07"} {
		if t, err := time.Parse(form, text); err == nil {
			return t, true
		}
	}
	for _, form := range []string{time.DateTime, "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(form, text, orUTC(zone)); err == nil {
			return t, true
		}
	}
	return record.ReadDateTime(text, zone)
}

func orUTC(zone *time.Location) *time.Location {
	if zone == nil {
		return time.UTC
	}
	return zone
}

// splitKey takes a row's key back to the values of n key columns; ok is false
// where it is no key of that many.
func splitKey(key string, n int) (parts []string, ok bool) {
	if n == 1 {
		return []string{key}, key != ""
	}
	var part strings.Builder
	for i := 0; i < len(key); i++ {
		switch {
		case key[i] == '\\' && i+1 < len(key):
			i++
			part.WriteByte(key[i])
		case key[i] == '|':
			parts = append(parts, part.String())
			part.Reset()
		default:
			part.WriteByte(key[i])
		}
	}
	parts = append(parts, part.String())
	return parts, len(parts) == n
}
