package transform

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"syncline/sync/record"
)

// Both kinds of date take a form to read (format) and one to write (to). Not
// given, each is the form that HubSpot has, so that a step with only a format
// leads to HubSpot and its inverse, with only a to, leads back.
var dateTransforms = []*transform{
	{
		Spec: Spec{
			Name:        "date",
			Description: "Reads a date in a form and writes it as HubSpot takes it. Dates in the form 2026-12-31 are read in any case. A time of day is left out.",
			Args: []Arg{
				{Name: "format", Kind: KindFormat, Scalar: true, Description: "the form it is in, such as DD.MM.YYYY; without it 2026-12-31"},
				{Name: "zone", Kind: KindZone, Description: "where the day is meant when the form has an offset, such as Europe/Berlin"},
				{Name: "to", Kind: KindFormat, Description: "the form to write, such as DD.MM.YYYY; without it 2026-12-31"},
			},
			Example: Step{Name: "date", Args: map[string]any{"format": "DD.MM.YYYY"}}, Input: "31.12.2026", Output: "2026-12-31",
		},
		apply:    applyDate,
		inverse:  func(a args) way { return turned("date", a) },
		describe: func(a args) string { return describeDate("dates", a) },
	},
	{
		Spec: Spec{
			Name:        "datetime",
			Description: "Reads a date and time in a form and writes it as HubSpot takes it, in UTC. ISO forms such as 2026-12-31T23:59:00Z are read in any case.",
			Args: []Arg{
				{Name: "format", Kind: KindFormat, Scalar: true, Description: "the form it is in, such as DD.MM.YYYY HH:mm; without it an ISO form"},
				{Name: "zone", Kind: KindZone, Description: "where times without an offset are meant, such as Europe/Berlin"},
				{Name: "to", Kind: KindFormat, Description: "the form to write, in the zone; without it 2026-12-31T23:59:00.000Z"},
			},
			Example: Step{Name: "datetime", Args: map[string]any{"format": "DD.MM.YYYY HH:mm", "zone": "Europe/Berlin"}}, Input: "01.07.2026 12:00", Output: "2026-07-01T10:00:00.000Z",
		},
		apply:    applyDateTime,
		inverse:  func(a args) way { return turned("datetime", a) },
		describe: func(a args) string { return describeDate("times", a) },
	},
}

// turned exchanges the forms of a step.
func turned(name string, a args) way {
	with := make(map[string]any)
	if a.has("format") {
		with["to"] = a.text("format")
	}
	if a.has("to") {
		with["format"] = a.text("to")
	}
	if a.has("zone") {
		with["zone"] = a.text("zone")
	}
	return via(name, with)
}

func describeDate(what string, a args) string {
	text := "reads " + what
	if a.has("format") {
		text += " in the form " + a.text("format")
	}
	if a.has("zone") {
		text += " in " + a.text("zone")
	}
	if a.has("to") {
		text = strings.Replace(text, "reads "+what, "reads "+what+" and writes them as "+a.text("to"), 1)
	}
	return text
}

// location is the zone of the step, else of the run.
func location(a args, env *Env) *time.Location {
	if a.has("zone") {
		if z, err := zone(a.text("zone")); err == nil {
			return z
		}
	}
	if env.Zone != nil {
		return env.Zone
	}
	return time.UTC
}

func applyDate(s string, a args, env *Env) (string, error) {
	day, err := readDay(s, a, env)
	if err != nil || !a.has("to") {
		return day, err
	}
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return "", fmt.Errorf("%s is not a date that can be written as %s", quoted(s), a.text("to"))
	}
	return write(s, t, a)
}

// readDay returns the day as YYYY-MM-DD.
func readDay(s string, a args, env *Env) (string, error) {
	s = strings.TrimSpace(s)
	if !a.has("format") {
		if t, ok := record.ReadUnixSeconds(s); ok {
			return secondsDay(s, t, a, env)
		}
		if c, ok := record.ReadCivilDate(s); ok && !c.Midnight {
			env.remark(RemarkClock)
		}
		if day, ok := record.ReadDate(s); ok {
			return day, nil
		}
		return "", fmt.Errorf("%s is not a date in the form YYYY-MM-DD; if it is in another form, say so with format", quoted(s))
	}
	form, err := dateForm(a.text("format"))
	if err != nil {
		return "", err
	}
	if t, ok := form.Read(s, location(a, env)); ok {
		if form.Zoned() && a.has("zone") {
			t = t.In(location(a, env))
		}
		if !form.Exact() {
			env.remark(RemarkYears)
		}
		return record.ISODate(t), nil
	}
	if isISO(s) {
		if day, ok := record.ReadDate(s); ok {
			return day, nil
		}
	}
	return "", notInForm(s, "date", a)
}

// secondsDay is the day of a moment in the zone of the step or the run. Without
// one only midnight UTC is surely a day.
func secondsDay(s string, t time.Time, a args, env *Env) (string, error) {
	env.remark(RemarkSeconds)
	if a.has("zone") || env.Zone != nil {
		return record.ISODate(t.In(location(a, env))), nil
	}
	if t.Hour() != 0 || t.Minute() != 0 || t.Second() != 0 {
		return "", fmt.Errorf("%s is the moment %s in Unix seconds, and which day that is depends on the zone: say it with zone", quoted(s), t.Format(time.RFC3339))
	}
	return record.ISODate(t), nil
}

// isISO reports whether a text has the outline of an ISO date, which is what
// spreadsheets give for cells that are dates whatever form they show.
func isISO(s string) bool { return len(s) >= 10 && s[4] == '-' && s[7] == '-' }

func applyDateTime(s string, a args, env *Env) (string, error) {
	where := location(a, env)
	t, err := readInstant(strings.TrimSpace(s), a, env)
	if err != nil {
		return "", err
	}
	if a.has("to") {
		return write(s, t.In(where), a)
	}
	if y := t.UTC().Year(); y < 1 || y > 9999 {
		return "", fmt.Errorf("%s is in the year %d, which HubSpot cannot hold", quoted(s), y)
	}
	return record.ISODateTime(t), nil
}

func readInstant(s string, a args, env *Env) (time.Time, error) {
	where := location(a, env)
	if a.has("format") {
		form, err := dateForm(a.text("format"))
		if err != nil {
			return time.Time{}, err
		}
		t, err := form.ReadMoment(s, where)
		switch {
		case err == nil:
			env.tellGuesses(a, form.Zoned(), form.Exact())
			return t, nil
		case !errors.Is(err, record.ErrNoDate):
			return t, fmt.Errorf("%s in %s is no time of day: %w", quoted(s), where, err)
		case !isISO(s):
			return t, notInForm(s, "date and time", a)
		}
	}
	if t, ok := record.ReadUnixSeconds(s); ok {
		env.remark(RemarkSeconds)
		return t, nil
	}
	t, zoned, err := record.ReadMoment(s, where)
	switch {
	case err == nil:
		env.tellGuesses(a, zoned, true)
		return t, nil
	case !errors.Is(err, record.ErrNoDate):
		return t, fmt.Errorf("%s in %s is no time of day: %w", quoted(s), where, err)
	case a.has("format"):
		return t, notInForm(s, "date and time", a)
	}
	return t, fmt.Errorf("%s is not a date and time in the form YYYY-MM-DD HH:mm:ss; if it is in another form, say so with format", quoted(s))
}

// notInForm says that a text is not in the form of a step, and what it may be
// instead.
func notInForm(s, what string, a args) error {
	text := fmt.Sprintf("%s is not a %s in the form %s", quoted(s), what, a.text("format"))
	found, ok := record.GuessDateForm([]string{s})
	day, numbered := record.SpreadsheetDay(s)
	switch {
	case ok && found.String() == turnedAround(a.text("format")):
		return fmt.Errorf("%s: it is one in the form %s; if the whole column is in that form, its other days are read wrongly", text, found)
	case ok && found.String() != a.text("format"):
		return fmt.Errorf("%s; it looks like one in the form %s", text, found)
	case numbered:
		return fmt.Errorf("%s; as the day number of a spreadsheet it would be %s: format the column as a date there", text, day.Format(time.DateOnly))
	case strings.Contains(s, "24:00"):
		return fmt.Errorf("%s; a day ends where the next one begins: write its 00:00", text)
	}
	return fmt.Errorf("%s; correct it where it comes from, or empty it", text)
}

// turnedAround is a form with day and month in each other's place, as guesses
// write it.
func turnedAround(form string) string {
	return strings.NewReplacer("DD", "MM", "MM", "DD", "D", "M", "M", "D").Replace(form)
}

// tellGuesses says what a form leaves open.
func (e *Env) tellGuesses(a args, zoned, exact bool) {
	if !zoned && !a.has("zone") && e.Zone == nil {
		e.remark(RemarkUTC)
	}
	if !exact {
		e.remark(RemarkYears)
	}
}

// write writes a time in the form to, and refuses what the form cannot hold: a
// two-digit year reads back as another one for the years before 1969.
func write(s string, t time.Time, a args) (string, error) {
	form, err := dateForm(a.text("to"))
	if err != nil {
		return "", err
	}
	text := form.Write(t)
	if !form.Exact() {
		if back, ok := form.Read(text, t.Location()); !ok || back.Year() != t.Year() {
			return "", fmt.Errorf("%s cannot be written as %s, which has no room for the year %d", quoted(s), form, t.Year())
		}
	}
	return text, nil
}
