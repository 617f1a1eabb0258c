package record

import (
	"errors"
	"time"
)

// Why a time of day names no single moment in a zone.
var (
	ErrNoDate       = errors.New("it is no date in this form")
	ErrSkippedHour  = errors.New("the clocks skip this hour there, where summer time begins")
	ErrRepeatedHour = errors.New("the clocks show this hour twice there, where summer time ends; write it with its offset, such as 2026-10-25T02:30:00+02:00")
)

// ReadMoment is Read that refuses hours that a change of the clock skips or
// repeats in the zone: they name no moment, or two. The error is one of
// ErrNoDate, ErrSkippedHour and ErrRepeatedHour. A form without a time of day
// has no such hours.
func (f DateForm) ReadMoment(s string, zone *time.Location) (time.Time, error) {
	c, ok := f.read(s)
	if !ok {
		return time.Time{}, ErrNoDate
	}
	return c.moment(zone, f.Clock())
}

// ReadMoment is ReadDateTime that refuses hours that a change of the clock
// skips or repeats in the zone, with the errors of DateForm.ReadMoment. zoned
// reports whether the text itself says its offset, or needs none.
func ReadMoment(s string, zone *time.Location) (t time.Time, zoned bool, err error) {
	s = trimmed(s)
	if c, ok := readISO(s); ok {
		t, err = c.moment(zone, len(s) > len(time.DateOnly))
		return t, c.zoned, err
	}
	if t, ok := ReadDateTime(s, zone); ok {
		return t, true, nil
	}
	return time.Time{}, false, ErrNoDate
}

// moment is in, with the doubts about the hour as errors.
func (c civil) moment(zone *time.Location, clock bool) (time.Time, error) {
	t, ok := c.in(zone)
	switch {
	case !ok:
		return t, ErrNoDate
	case c.zoned || zone == nil || !clock:
		return t, nil
	}
	_, before := t.Add(-24 * time.Hour).Zone()
	_, after := t.Add(24 * time.Hour).Zone()
	if before == after {
		return t, nil
	}
	wall := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	if want, _ := c.in(time.UTC); !want.Equal(wall) {
		return t, ErrSkippedHour
	}
	_, now := t.Zone()
	other := before
	if now == before {
		other = after
	}
	twin := wall.Add(-time.Duration(other) * time.Second).In(zone)
	if _, offset := twin.Zone(); offset == other {
		return t, ErrRepeatedHour
	}
	return t, nil
}

// The seconds since 1970 that are told from milliseconds by their digits: ten
// of them are the years 2001 to 2286, and as milliseconds the first months of
// 1970, which nobody means.
const secondDigits = 10

// ReadUnixSeconds reads seconds since 1970 as billing systems and scripts
// write them: ten digits.
func ReadUnixSeconds(s string) (time.Time, bool) {
	s = trimmed(s)
	if len(s) != secondDigits {
		return time.Time{}, false
	}
	n, ok := readEpoch(s, secondDigits)
	if !ok || n < 0 {
		return time.Time{}, false
	}
	return time.Unix(n, 0).UTC(), true
}

// CivilDate is a date or time as it is written.
type CivilDate struct {
	Day      string // YYYY-MM-DD as written, never moved by the offset
	Clock    bool   // a time of day stands behind it
	Midnight bool   // and is 00:00:00, or there is none
	Zoned    bool   // its offset from UTC is said
}

// ReadCivilDate reads the ISO forms as they are written.
func ReadCivilDate(s string) (CivilDate, bool) {
	s = trimmed(s)
	c, ok := readISO(s)
	if !ok {
		return CivilDate{}, false
	}
	day, _ := readDate(s, "")
	return CivilDate{Day: day, Clock: len(s) > len(time.DateOnly), Zoned: c.zoned,
		Midnight: c.hour == 0 && c.minute == 0 && c.second == 0 && c.nanos == 0}, true
}

// Trimmed is a text without surrounding space, in Unicode NFC, and without the
// invisible marks that copying from web pages and chat programs leaves behind.
// It is the form in which everything but plain text is compared.
func Trimmed(s string) string { return trimmed(s) }
