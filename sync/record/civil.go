package record

import (
	"strings"
	"time"
)

// civil is a date and time as written, before it is known to exist.
type civil struct {
	year, month, day     int
	hour, minute, second int
	nanos                int
	half                 byte // 'A' or 'P' for an hour of twelve, 0 otherwise
	zoned                bool
	offset               int // seconds east of UTC, when zoned
}

// valid reports whether the date exists in the Gregorian calendar, in the
// years 1 to 9999, and the time on a clock.
func (c civil) valid() bool {
	if c.year < 1 || c.year > 9999 || c.month < 1 || c.month > 12 || c.day < 1 || c.day > 31 {
		return false
	}
	if c.hour > 23 || c.minute > 59 || c.second > 59 {
		return false
	}
	d := time.Date(c.year, time.Month(c.month), c.day, 0, 0, 0, 0, time.UTC)
	return d.Day() == c.day
}

// in returns the instant; a time without an offset is in the zone, nil is UTC.
func (c civil) in(zone *time.Location) (time.Time, bool) {
	if c.half != 0 {
		if c.hour < 1 || c.hour > 12 {
			return time.Time{}, false
		}
		if c.hour %= 12; c.half == 'P' {
			c.hour += 12
		}
	}
	if !c.valid() {
		return time.Time{}, false
	}
	switch {
	case c.zoned && c.offset == 0:
		zone = time.UTC
	case c.zoned:
		zone = time.FixedZone("", c.offset)
	case zone == nil:
		zone = time.UTC
	}
	return time.Date(c.year, time.Month(c.month), c.day, c.hour, c.minute, c.second, c.nanos, zone), true
}

// readPart reads one part of a form off the front of s.
func (c *civil) readPart(p formPart, s string) (rest string, ok bool) {
	switch p.token {
	case "":
		return strings.CutPrefix(s, p.literal)
	case "YYYY":
		return digits(s, 4, 4, &c.year)
	case "YY":
		if s, ok = digits(s, 2, 2, &c.year); c.year < 69 {
			c.year += 100
		}
		c.year += 1900
		return s, ok
	case "MMMM", "MMM":
		return c.readMonth(s, p.token == "MMMM")
	case "MM":
		return digits(s, 2, 2, &c.month)
	case "M":
		return digits(s, 1, 2, &c.month)
	case "DD":
		return digits(s, 2, 2, &c.day)
	case "D":
		return digits(s, 1, 2, &c.day)
	case "HH", "hh":
		return digits(s, 2, 2, &c.hour)
	case "H", "h":
		return digits(s, 1, 2, &c.hour)
	case "A":
		return c.readHalf(s)
	case "mm":
		return digits(s, 2, 2, &c.minute)
	case "ss":
		return digits(s, 2, 2, &c.second)
	case "SSS":
		s, ok = digits(s, 3, 3, &c.nanos)
		c.nanos *= int(time.Millisecond)
		return s, ok
	}
	return c.readOffset(s)
}

func (c *civil) readMonth(s string, whole bool) (string, bool) {
	for m := time.January; m <= time.December; m++ {
		name := m.String()
		if !whole {
			name = name[:3]
		}
		if len(s) >= len(name) && strings.EqualFold(s[:len(name)], name) {
			c.month = int(m)
			return s[len(name):], true
		}
	}
	return s, false
}

func (c *civil) readHalf(s string) (string, bool) {
	if len(s) < 2 || s[1]|0x20 != 'm' || s[0]|0x20 != 'a' && s[0]|0x20 != 'p' {
		return s, false
	}
	c.half = s[0] &^ 0x20
	return s[2:], true
}

// readOffset reads Z, +02:00, +0200 or +02.
func (c *civil) readOffset(s string) (string, bool) {
	if s == "" {
		return s, false
	}
	if s[0]|0x20 == 'z' {
		c.zoned, c.offset = true, 0
		return s[1:], true
	}
	if s[0] != '+' && s[0] != '-' {
		return s, false
	}
	hours, minutes := 0, 0
	rest, ok := digits(s[1:], 2, 2, &hours)
	if !ok {
		return s, false
	}
	if after, colon := strings.CutPrefix(rest, ":"); colon || rest != "" && rest[0] >= '0' && rest[0] <= '9' {
		if rest, ok = digits(after, 2, 2, &minutes); !ok {
			return s, false
		}
	}
	if hours > 14 || minutes > 59 {
		return s, false
	}
	c.zoned, c.offset = true, hours*3600+minutes*60
	if s[0] == '-' {
		c.offset = -c.offset
	}
	return rest, true
}

// digits reads at least low and at most high ASCII digits off the front of s.
func digits(s string, low, high int, into *int) (rest string, ok bool) {
	n, i := 0, 0
	for i < len(s) && i < high && s[i] >= '0' && s[i] <= '9' {
		n = n*10 + int(s[i]-'0')
		i++
	}
	if i < low {
		return s, false
	}
	*into = n
	return s[i:], true
}
