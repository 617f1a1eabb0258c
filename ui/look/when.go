package look

import (
	"strings"
	"time"
)

// When is a time as people say it: "Today, 09:14", "Yesterday, 18:02",
// "14 Nov", with the year only when it is another one.
func When(t, now time.Time) string {
	if t.IsZero() {
		return "never"
	}
	t, now = t.Local(), now.Local()
	day := func(x time.Time) time.Time { return time.Date(x.Year(), x.Month(), x.Day(), 0, 0, 0, 0, time.UTC) }
	switch day(now).Sub(day(t)) {
	case 0:
		return "Today, " + t.Format("15:04")
	case 24 * time.Hour:
		return "Yesterday, " + t.Format("15:04")
	}
	if t.Year() == now.Year() {
		return t.Format("2 Jan")
	}
	return t.Format("2 Jan 2006")
}

// WhenInside is When within a sentence: "today, 09:14".
func WhenInside(t, now time.Time) string {
	s := When(t, now)
	return strings.ToLower(s[:1]) + s[1:]
}

// Took is a duration as people say it: "1 min 12 s".
func Took(d time.Duration) string {
	d = d.Round(time.Second)
	switch {
	case d < time.Second:
		return "under 1 s"
	case d < time.Minute:
		return Number(int(d.Seconds())) + " s"
	case d < time.Hour:
		return Number(int(d.Minutes())) + " min " + Number(int(d.Seconds())%60) + " s"
	}
	return Number(int(d.Hours())) + " h " + Number(int(d.Minutes())%60) + " min"
}
