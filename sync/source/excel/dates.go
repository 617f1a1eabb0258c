package excel

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Excel counts days from the start of 1900, in which it believes in a 29
// February, or in the 1904 system from 1904-01-01. Before March 1900 the
// count is therefore one less than from 1899-12-30.
var (
	epoch1900 = time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	epoch1904 = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
)

const (
	dateText     = "2006-01-02"
	dateTimeText = "2006-01-02T15:04:05"
	millis       = 24 * 60 * 60 * 1000 // per day
)

// temporalText returns a serial number as text in the form that its format
// asks for: a day, a local day and time, or a time. ok is false for a number
// that is no point in time, which Excel shows as ####.
func temporalText(serial float64, f form, date1904 bool) (text string, ok bool) {
	ms := int64(math.Round(serial * millis))
	if serial < 0 || serial >= 2958466 { // 10000-01-01
		return "", false
	}
	if f == formElapsed || f == formTime && ms < millis {
		return clockText(ms), true
	}
	t, ok := serialTime(ms, date1904)
	switch {
	case !ok:
		return "", false
	case f == formDate && ms%millis == 0:
		return t.Format(dateText), true
	case ms%1000 != 0:
		return t.Format(dateTimeText + ".000"), true
	}
	return t.Format(dateTimeText), true
}

func clockText(ms int64) string {
	s := fmt.Sprintf("%02d:%02d:%02d", ms/3600000, ms/60000%60, ms/1000%60)
	if ms%1000 != 0 {
		s += fmt.Sprintf(".%03d", ms%1000)
	}
	return s
}

func serialTime(ms int64, date1904 bool) (time.Time, bool) {
	day, clock := int(ms/millis), time.Duration(ms%millis)*time.Millisecond
	epoch := epoch1900
	switch {
	case date1904:
		epoch = epoch1904
	case day == 0, day == 60: // 1900-01-00, and 1900-02-29, which never was
		return time.Time{}, false
	case day < 60:
		day++
	}
	return epoch.AddDate(0, 0, day).Add(clock), true // a Duration of all the days would overflow
}

// serialText is the inverse of temporalText: the number for a text in one of
// its forms. A date and time with a zone loses the zone, not the local time.
func serialText(text string, date1904 bool) (number string, ok bool) {
	text = strings.TrimSpace(text)
	for _, layout := range []string{dateText, dateTimeText + ".999", "2006-01-02 15:04:05.999", "2006-01-02T15:04", "2006-01-02 15:04", dateTimeText + ".999Z07:00"} {
		t, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		days, ok := dayNumber(t, date1904)
		clock := t.Sub(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())).Milliseconds()
		return serial(days*millis + clock), ok
	}
	if ms, ok := clockMillis(text); ok {
		return serial(ms), true
	}
	return "", false
}

func dayNumber(t time.Time, date1904 bool) (int64, bool) {
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	epoch := epoch1900
	if date1904 {
		epoch = epoch1904
	}
	days := (day.Unix() - epoch.Unix()) / (24 * 60 * 60)
	if !date1904 && days <= 60 {
		days--
	}
	return days, t.Year() <= 9999 && (days > 0 || date1904 && days == 0)
}

// beyondDay reports whether a text is a time without a date that a format would show
// as another one: 25:00 is 1:00 to a format of times of day.
func beyondDay(text string, f form) bool {
	ms, ok := clockMillis(strings.TrimSpace(text))
	return ok && ms >= millis && f != formElapsed
}

func clockMillis(text string) (int64, bool) {
	parts := strings.Split(text, ":")
	if len(parts) != 2 && len(parts) != 3 {
		return 0, false
	}
	h, err := strconv.ParseUint(parts[0], 10, 24)
	m, err2 := strconv.ParseUint(parts[1], 10, 8)
	if err != nil || err2 != nil || m > 59 || len(parts[1]) != 2 {
		return 0, false
	}
	s := 0.0
	if len(parts) == 3 {
		var err error
		if s, err = strconv.ParseFloat(parts[2], 64); err != nil || !(s >= 0 && s < 60) || len(parts[2]) < 2 {
			return 0, false
		}
	}
	return int64(h)*3600000 + int64(m)*60000 + int64(math.Round(s*1000)), true
}

// serial writes days as Excel stores them: with up to 17 digits.
func serial(ms int64) string {
	return strconv.FormatFloat(float64(ms)/millis, 'f', -1, 64)
}
