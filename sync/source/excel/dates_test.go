package excel

import (
	"math"
	"strconv"
	"testing"
)

func TestDatesAsExcelCountsThem(t *testing.T) {
	t.Parallel()
	tests := []struct {
		serial   float64
		form     form
		date1904 bool
		want     string // "" is no point in time
	}{
		{1, formDate, false, "1900-01-01"},
		{59, formDate, false, "1900-02-28"},
		{60, formDate, false, ""}, // 29 February 1900, which never was
		{61, formDate, false, "1900-03-01"},
		{46350, formDate, false, "2026-11-24"},
		{2958465, formDate, false, "9999-12-31"},
		{2958466, formDate, false, ""},
		{-1, formDate, false, ""},
		{0, formDate, false, ""},
		{0, formDate, true, "1904-01-01"},
		{44888, formDate, true, "2026-11-24"},
		{46350.999999, formDateTime, false, "2026-11-24T23:59:59.914"},
		{0.5, formTime, false, "12:00:00"},
		{46350.5, formTime, false, "2026-11-24T12:00:00"},
		{2.5, formElapsed, false, "60:00:00"},
		{0.0000000116, formTime, false, "00:00:00.001"},
	}
	for _, test := range tests {
		got, ok := temporalText(test.serial, test.form, test.date1904)
		if got != test.want || ok != (test.want != "") {
			t.Errorf("%v (form %d, 1904 %v) is %q, want %q", test.serial, test.form, test.date1904, got, test.want)
		}
	}
}

func TestEveryDayRoundTrips(t *testing.T) {
	t.Parallel()
	for _, date1904 := range []bool{false, true} {
		for day := 1; day < 2958466-1462; day += 97 {
			for _, serial := range []float64{float64(day), float64(day) + 0.25, float64(day) + 45296.789/86400} {
				text, ok := temporalText(serial, formDateTime, date1904)
				if !ok {
					if day != 60 || date1904 {
						t.Fatalf("%v is no date", serial)
					}
					continue
				}
				back, ok := serialText(text, date1904)
				n, err := strconv.ParseFloat(back, 64)
				if !ok || err != nil || math.Abs(n-serial) > 0.0005/86400 {
					t.Fatalf("%v is %s, which is %s again (1904: %v)", serial, text, back, date1904)
				}
				if again, _ := temporalText(n, formDateTime, date1904); again != text {
					t.Fatalf("%s was written as %s and reads as %s", text, back, again)
				}
			}
		}
	}
}

func TestTextsThatAreDatesAndTimes(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"2026-11-24": "46350", "2026-11-24T06:00:00": "46350.25", "2026-11-24 06:00": "46350.25", "2026-11-24T06:00:00Z": "46350.25",
		"2026-11-24T06:00:00.000+02:00": "46350.25", "1900-02-28": "59", "06:00": "0.25", "36:00:00": "1.5",
		"": "", "soon": "", "24.11.2026": "", "2026-02-30": "", "6:0": "", "06:60": "", "06:00:61": "", "1899-12-31": "", "06:00:-1": "", "1:2:3:4": "",
	}
	for text, want := range tests {
		if got, ok := serialText(text, false); ok != (want != "") || ok && got != want {
			t.Errorf("%q is %q (%v), want %q", text, got, ok, want)
		}
	}
}

func TestFormsOfNumberFormats(t *testing.T) {
	t.Parallel()
	tests := map[string]form{
		"General": formNumber, "0.00": formNumber, "#,##0.00_);[Red](#,##0.00)": formNumber, `0" d"`: formNumber, `0\d`: formNumber,
		"0.00E+00": formNumber, "[Blue]0": formNumber, "# ?/?": formNumber, "": formNumber, `[$EUR] 0`: formNumber, "[>=100]0;0.0": formNumber,
		"yyyy-mm-dd": formDate, "m/d/yy": formDate, "mmm yy": formDate, "mmmm": formDate, "dddd": formDate, `[$-407]d\. mmmm yyyy;@`: formDate,
		`yyyy"年"m"月"d"日"`: formDate, "YYYY-MM-DD": formDate, "m": formDate,
		"yyyy-mm-dd hh:mm": formDateTime, "m/d/yy h:mm": formDateTime, "dd.mm.yyyy hh:mm:ss.000": formDateTime,
		"h:mm": formTime, "h:mm AM/PM": formTime, "mm:ss": formTime, "mm:ss.0": formTime, "ss": formTime, "hh": formTime,
		"[h]:mm:ss": formElapsed, "[mm]:ss": formElapsed, "[ss]": formElapsed,
		"@": formText,
	}
	for code, want := range tests {
		if got := formOf(code); got != want {
			t.Errorf("%q has the form %d, want %d", code, got, want)
		}
	}
}

func TestReferences(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		ref      string
		col, row int
	}{{"A1", 0, 1}, {"Z9", 25, 9}, {"AA10", 26, 10}, {"ZZ1", 701, 1}, {"AAA1", 702, 1}, {"XFD1048576", 16383, 1048576}} {
		col, row, ok := parseRef(test.ref)
		if !ok || col != test.col || row != test.row || ref(col, row) != test.ref {
			t.Errorf("%s is column %d, row %d, and back %s", test.ref, col, row, ref(col, row))
		}
	}
	for _, bad := range []string{"", "A", "1", "a1", "A0", "XFE1", "A1048577", "A-1", "AAAA1", "$A$1"} {
		if _, _, ok := parseRef(bad); ok {
			t.Errorf("%q passes for a reference", bad)
		}
	}
}

func TestExcelsEscapes(t *testing.T) {
	t.Parallel()
	for plain, escaped := range map[string]string{
		"a\rb": "a_x000D_b", "_x0041_": "_x005F_x0041_", "_x004_": "_x004_", "__x000D_": "__x005F_x000D_", "a\x00": "a_x0000_",
	} {
		if got := escape(plain); got != escaped {
			t.Errorf("%q is written as %q, want %q", plain, got, escaped)
		}
		if got := unescape(escaped); got != plain {
			t.Errorf("%q is read as %q, want %q", escaped, got, plain)
		}
	}
}
