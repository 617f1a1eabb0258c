package record

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// dateTimeLayout is how HubSpot writes a datetime: UTC, to the millisecond.
const dateTimeLayout = "2006-01-02T15:04:05.000Z"

// ISODate writes the date of t, in t's own zone, as HubSpot takes it.
func ISODate(t time.Time) string {
	return fmt.Sprintf("%04d-%02d-%02d", t.Year(), int(t.Month()), t.Day())
}

// ISODateTime writes t as HubSpot takes it: UTC, cut to the millisecond.
func ISODateTime(t time.Time) string {
	return t.UTC().Truncate(time.Millisecond).Format(dateTimeLayout)
}

// readDate returns a civil date as YYYY-MM-DD. It reads ISO dates, ISO
// datetimes (the date as it is written, never moved by an offset), the eight
// digits YYYYMMDD, the form, and epoch milliseconds at exactly midnight UTC,
// which is how HubSpot gives older date properties.
func readDate(s, form string) (string, bool) {
	if c, ok := readISO(s); ok {
		return fmt.Sprintf("%04d-%02d-%02d", c.year, c.month, c.day), true
	}
	if form != "" {
		if f, err := ParseDateForm(form); err == nil {
			if t, ok := f.Read(s, time.UTC); ok {
				return ISODate(t), true
			}
		}
	} else if len(s) == 8 && allDigits(s) {
		c := civil{}
		if rest, ok := c.readDigits(s); ok && rest == "" && c.valid() {
			return fmt.Sprintf("%04d-%02d-%02d", c.year, c.month, c.day), true
		}
	}
	const day = 24 * 60 * 60 * 1000
	if ms, ok := readEpoch(s, 8); ok && ms%day == 0 && ms != 0 {
		return inYears(time.UnixMilli(ms).UTC(), ISODate)
	}
	return "", false
}

// readDateTime returns an instant as HubSpot writes it. It reads ISO datetimes
// and dates, the form, and epoch milliseconds. What has no offset is in the
// zone; a date alone is its first moment there.
func readDateTime(s, form string, zone *time.Location) (string, bool) {
	if c, ok := readISO(s); ok {
		t, ok := c.in(zone)
		if !ok {
			return "", false
		}
		return inYears(t, ISODateTime)
	}
	if form != "" {
		if f, err := ParseDateForm(form); err == nil {
			if t, ok := f.Read(s, zone); ok {
				return inYears(t, ISODateTime)
			}
		}
	}
	// Fewer digits could be a year, a serial number or epoch seconds.
	if ms, ok := readEpoch(s, 11); ok {
		return inYears(time.UnixMilli(ms), ISODateTime)
	}
	return "", false
}

// inYears writes a time whose year in UTC has four digits.
func inYears(t time.Time, write func(time.Time) string) (string, bool) {
	if y := t.UTC().Year(); y < 1 || y > 9999 {
		return "", false
	}
	return write(t), true
}

// readEpoch reads epoch milliseconds of low to 15 digits.
func readEpoch(s string, low int) (int64, bool) {
	d := strings.TrimPrefix(s, "-")
	if len(d) < low || len(d) > 15 || !allDigits(d) || d[0] == '0' {
		return 0, false
	}
	ms, err := strconv.ParseInt(s, 10, 64)
	return ms, err == nil
}

// ReadDate returns the civil date in the ISO forms (and epoch milliseconds)
// that the comparison date reads, as YYYY-MM-DD.
func ReadDate(s string) (string, bool) { return readDate(trimmed(s), "") }

// ReadDateTime returns the instant in the ISO forms (and epoch milliseconds)
// that the comparison datetime reads. What has no offset is in the zone; nil is
// UTC.
func ReadDateTime(s string, zone *time.Location) (time.Time, bool) {
	iso, ok := readDateTime(trimmed(s), "", zone)
	if !ok {
		return time.Time{}, false
	}
	t, err := time.Parse(dateTimeLayout, iso)
	return t, err == nil
}

// readISO reads YYYY-MM-DD, alone or followed by 'T' or a space and HH:mm,
// HH:mm:ss or with a fraction, and by an offset or " UTC".
func readISO(s string) (civil, bool) {
	var c civil
	rest, ok := c.readDashed(s)
	if !ok {
		return c, false
	}
	if rest == "" {
		return c, c.valid()
	}
	if rest[0] != 'T' && rest[0] != 't' && rest[0] != ' ' {
		return c, false
	}
	if rest, ok = c.readClock(rest[1:]); !ok {
		return c, false
	}
	if zone := strings.TrimPrefix(rest, " "); zone == "UTC" || zone == "GMT" {
		c.zoned, rest = true, ""
	} else if zone != "" {
		if rest, ok = c.readOffset(zone); !ok {
			return c, false
		}
	}
	return c, rest == "" && c.valid()
}

func (c *civil) readDashed(s string) (rest string, ok bool) {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return s, false
	}
	if _, ok := c.readDigits(s[:4] + s[5:7] + s[8:10]); !ok {
		return s, false
	}
	return s[10:], true
}

// readDigits reads YYYYMMDD.
func (c *civil) readDigits(s string) (rest string, ok bool) {
	if s, ok = digits(s, 4, 4, &c.year); !ok {
		return s, false
	}
	if s, ok = digits(s, 2, 2, &c.month); !ok {
		return s, false
	}
	return digits(s, 2, 2, &c.day)
}

// readClock reads HH:mm, HH:mm:ss and a fraction of any length.
func (c *civil) readClock(s string) (rest string, ok bool) {
	if s, ok = digits(s, 2, 2, &c.hour); !ok || s == "" || s[0] != ':' {
		return s, false
	}
	if s, ok = digits(s[1:], 2, 2, &c.minute); !ok {
		return s, false
	}
	if s == "" || s[0] != ':' {
		return s, true
	}
	if s, ok = digits(s[1:], 2, 2, &c.second); !ok {
		return s, false
	}
	if s == "" || s[0] != '.' && s[0] != ',' {
		return s, true
	}
	n := 1
	for scale := int(time.Second) / 10; n < len(s) && s[n] >= '0' && s[n] <= '9'; n++ {
		c.nanos += int(s[n]-'0') * scale
		scale /= 10
	}
	return s[n:], n > 1
}
