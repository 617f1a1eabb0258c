package record

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDateForms(t *testing.T) {
	t.Parallel()
	zone := berlin(t)
	for _, c := range []struct{ form, in, want string }{
		{"DD.MM.YYYY", "31.12.2026", "2026-12-31T00:00:00+01:00"},
		{"D.M.YY", "1.2.68", "2068-02-01T00:00:00+01:00"},
		{"D.M.YY", "01.12.69", "1969-12-01T00:00:00+01:00"},
		{"MM/DD/YYYY hh:mm A", "07/04/2026 12:05 am", "2026-07-04T00:05:00+02:00"},
		{"M/D/YYYY h:mm A", "7/4/2026 12:05 PM", "2026-07-04T12:05:00+02:00"},
		{"D. MMMM YYYY", "4. July 2026", "2026-07-04T00:00:00+02:00"},
		{"DD-MMM-YY", "04-JUL-26", "2026-07-04T00:00:00+02:00"},
		{"YYYY-MM-DDTHH:mm:ss.SSSZ", "2026-07-04T10:00:00.250-05:00", "2026-07-04T10:00:00.25-05:00"},
		{"YYYYMMDD", "20260704", "2026-07-04T00:00:00+02:00"},
		{"[am] DD.MM.YYYY [um] HH:mm [Uhr]", "am 04.07.2026 um 10:30 Uhr", "2026-07-04T10:30:00+02:00"},
	} {
		f, err := ParseDateForm(c.form)
		if err != nil {
			t.Errorf("%s: %v", c.form, err)
			continue
		}
		got, ok := f.Read(c.in, zone)
		if want, err := time.Parse(time.RFC3339Nano, c.want); err != nil || !ok || !got.Equal(want) {
			t.Errorf("%s reads %q as %v, %v, want %s", c.form, c.in, got, ok, c.want)
		}
	}
}

func TestDateFormsRefuse(t *testing.T) {
	t.Parallel()
	for form, values := range map[string][]string{
		"DD.MM.YYYY":      {"31.02.2026", "1.2.2026", "01.02.26", "01.02.2026 ", "01.13.2026", "01/02/2026", "00.01.2026", "01.01.0000", ""},
		"M/D/YYYY h:mm A": {"7/4/2026 13:05 PM", "7/4/2026 0:05 AM", "7/4/2026 10:05"},
		"YYYY-MM-DDZ":     {"2026-07-04", "2026-07-04+25:00", "2026-07-04+02:0"},
	} {
		f, err := ParseDateForm(form)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range values {
			if got, ok := f.Read(v, nil); ok {
				t.Errorf("%s reads %q as %v", form, v, got)
			}
		}
	}
}

// TestWrongForms shows that the error says what to write.
func TestWrongForms(t *testing.T) {
	t.Parallel()
	for form, want := range map[string]string{
		"":                 "it lacks the year",
		"yyyy-mm-dd":       `"yyyy" means nothing in it, the year is YYYY`,
		"DD.mm.YYYY":       "lacks the month (MM); mm is the minute",
		"dd.MM.YYYY":       "the day is DD",
		"TT.MM.JJJJ":       "the year is YYYY",
		"HH:mm":            "lacks the year",
		"DD.MM.YYYY MM":    "a second time",
		"DD.MM.YYYY hh:mm": "needs A",
		"DD.MM.YYYY HH A":  "goes with hh",
		"DD.MM.YYYY [x":    "not closed",
		"2026-01-31":       "write the form, not a date",
		"DD.MM.YYYY HH h":  "a second time",
	} {
		if _, err := ParseDateForm(form); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: the error is %v, want it to say %q", form, err, want)
		}
	}
}

func TestFormsReadWhatTheyWrite(t *testing.T) {
	t.Parallel()
	zone := berlin(t)
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom(guessedForms).Draw(t, "form")
		at := time.Date(1970, 1, 1, 0, 0, 0, 0, zone).Add(time.Duration(rapid.IntRange(0, 3_000_000_000).Draw(t, "seconds")) * time.Second)
		s := f.Write(at)
		back, ok := f.Read(s, zone)
		if !ok || f.Write(back) != s {
			t.Fatalf("%s writes %v as %q and reads %v, %v", f, at, s, back, ok)
		}
		if ISODate(back) != ISODate(at) {
			t.Fatalf("%s moves %v to %v", f, at, back)
		}
	})
}

func TestFormsAreTotal(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		form := rapid.StringOfN(rapid.RuneFrom([]rune("YMDHhmsSAZT.-/: [x]ä")), 0, 16, -1).Draw(t, "form")
		if f, err := ParseDateForm(form); err == nil {
			f.Read(rapid.String().Draw(t, "text"), nil)
			f.Write(time.Unix(0, 0))
		}
	})
}
