package record

import (
	"strings"
	"testing"
)

func TestGuess(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		samples string
		want    Type
	}{
		{"", TypeString},
		{" | ", TypeString},
		{"yes|No||yes", TypeBool},
		{"TRUE|FALSE", TypeBool},
		{"Ja|nein", TypeBool},
		{"0|1|1", TypeNumber},
		{"yes|no|unknown", TypeString},
		{"1|2|3", TypeNumber},
		{"-1.50|0|0.25", TypeNumber},
		{"1.234,50|12,00", TypeNumber},
		{"1,234.50|12.00", TypeNumber},
		{"1'234.50|12.00", TypeNumber},
		{"1 234,50|12,00", TypeNumber},
		{"1.5|1,5|2", TypeString},
		{"007|12", TypeString},
		{"+1|2", TypeString},
		{"1e5|2e5", TypeString},
		{"80044|60606|60607|10115", TypeString},
		{"60601|60602|60603|60604|60605|60606|60607|60608|60609|60611|60612|60613|60614|60615|60616|60617|60618|60619|60621|6062", TypeString},
		{"60601|60602|6060", TypeNumber},
		{"50000|60000|75000|80000", TypeNumber},
		{"4711001|4711002|4711003", TypeString},
		{"1234567890123456|1", TypeString},
		{"4711|n/a", TypeString},
		{"2026-01-31|2025-12-01", TypeDate},
		{"31.01.2026|1.2.2026", TypeDate},
		{"01/31/2026|02/01/2026", TypeDate},
		{"31/01/2026|01/02/2026", TypeDate},
		{"4 Jul 2026|15 Aug 2026", TypeDate},
		{"2026-01-31 10:00|2025-12-01 11:30", TypeDateTime},
		{"2026-01-31T10:00:00Z|2025-12-01T11:30:00.5+02:00", TypeDateTime},
		{"2026-01-31|2025-02-30", TypeString},
		{"1717027200000|1717027200001|1717027200002", TypeString},
		{"ada@example.com|b@example.com", TypeString},
		{"+49 30 1234567|+1 212 555 0123", TypePhone},
		{"(212) 555-0123|212-555-0199", TypePhone},
		{"030 1234567|0171/1234567", TypePhone},
		{"2125550123|2125550199", TypeNumber},
		{"123-45-6789|987-65-4321", TypeString},
		{"978-3-16-148410-0|978-0-306-40615-7", TypeString},
		{"DE-1|DE-2", TypeString},
	} {
		if got := Guess(strings.Split(c.samples, "|")); got != c.want {
			t.Errorf("%s: a column of %s, want %s", c.samples, got, c.want)
		}
	}
}

func TestGuessDateForm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		samples, want string
		ambiguous     bool
	}{
		{"2026-01-31", "YYYY-MM-DD", false},
		{"31.01.2026|01.02.2026", "DD.MM.YYYY", false},
		{"31.1.2026|01.02.2026", "D.M.YYYY", false},
		{"01/31/2026|02/01/2026", "MM/DD/YYYY", false},
		{"31/01/2026|01/02/2026", "DD/MM/YYYY", false},
		{"03/04/2026|05/06/2026", "MM/DD/YYYY", true},
		{"3/4/2026 1:05 PM", "M/D/YYYY h:mm A", true},
		{"July 4, 2026", "MMMM D, YYYY", false},
		{"soon", "", false},
	} {
		samples := strings.Split(c.samples, "|")
		f, ok := GuessDateForm(samples)
		if f.String() != c.want || ok != (c.want != "") {
			t.Errorf("%s: the form is %q, %v, want %q", c.samples, f, ok, c.want)
		}
		if ok && f.Ambiguous(samples) != c.ambiguous {
			t.Errorf("%s: ambiguous is not %v", c.samples, c.ambiguous)
		}
	}
}

func TestNumberMarks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		marks    NumberMarks
		in, want string
	}{
		{NumberMarks{",", "."}, "1.234.567,50", "1234567.50"},
		{NumberMarks{",", "."}, "-12,5", "-12.5"},
		{NumberMarks{",", "."}, "1.5", ""},
		{NumberMarks{".", ","}, "1,5", ""},
		{NumberMarks{".", ","}, "1,234", "1234"},
		{NumberMarks{".", ""}, "1E+3", "1E+3"},
		{NumberMarks{",", " "}, "1\u202f234,5", "1234.5"},
		{NumberMarks{".", "'"}, "1’234.5", "1234.5"},
		{NumberMarks{".", ","}, ",123", ""},
		{NumberMarks{".", ","}, "12,34,567.89", "1234567.89"},
		{NumberMarks{".", ","}, "1,23,456", "123456"},
		{NumberMarks{".", ","}, "12,34", ""},
		{NumberMarks{".", ","}, "123,45,678", ""},
		{NumberMarks{",", "."}, "12.34.567", ""},
		{NumberMarks{".", ""}, "١٢٣٫٥", "123.5"},
		{NumberMarks{".", ","}, "１，２３４．５", "1234.5"},
		{NumberMarks{",", "."}, "१.२३४,५", "1234.5"},
		{NumberMarks{".", ""}, "½", ""},
		{NumberMarks{".", ""}, "𝟟𝟚", "72"},
		{NumberMarks{".", ","}, "12 EUR", ""},
	} {
		if got, ok := c.marks.Read(c.in); got != c.want || ok != (c.want != "") {
			t.Errorf("%+v reads %q as %q, %v, want %q", c.marks, c.in, got, ok, c.want)
		}
	}
}
