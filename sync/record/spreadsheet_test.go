package record_test

import (
	"testing"

	"syncline/sync/record"
)

func TestNumbersInScientificNotation(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]record.Notation{
		"4.479E+11": record.SurelyScientific, "4,479e+11": record.SurelyScientific, "4E+11": record.SurelyScientific, "-4.479E+11": record.SurelyScientific,
		"4.479E11": record.SurelyScientific, "4.4790E11": record.SurelyScientific, "4.5E3": record.SurelyScientific, "4,5e3": record.SurelyScientific, "44.79E10": record.SurelyScientific,
		"5e10": record.SurelyScientific, " 9E15 ": record.SurelyScientific, "12.5E+4": record.SurelyScientific, "4479E+8": record.SurelyScientific, "4.9E010": record.SurelyScientific,
		"4.479E-11": record.SurelyScientific, ".5E3": record.SurelyScientific, "4.E11": record.SurelyScientific, "4.479E 11": record.NotScientific,
		"4479E8": record.MaybeScientific, "12E5": record.MaybeScientific, "1E5": record.MaybeScientific, "12E34": record.MaybeScientific, "0E10": record.MaybeScientific,
		"E+12": record.NotScientific, "12E": record.NotScientific, "1.2.3E4": record.NotScientific, "1E5F": record.NotScientific, "12E3456": record.NotScientific, "": record.NotScientific, "123": record.NotScientific,
	} {
		if got := record.Scientific(s); got != want {
			t.Errorf("%q: %d, want %d", s, got, want)
		}
	}
}

func TestWholeNumbersWithPlaces(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"301234567.0": "301234567", "4917612345678.00": "4917612345678", "+491761234567.0": "+491761234567", "00501.0": "00501", " 12345,0 ": "12345", "12345.000": "12345", "030 1234567.0": "030 1234567",
		"030.123.00": "", "30.12.0": "", "1.0.0": "", "12.5": "", "12.": "", "a.0": "", ".0": "", "12345": "", "": "", "1,234.0": "", "10": "", "192.168.0.0": "", "12.0": "", "1.0": "",
	} {
		got, ok := record.WholeNumber(s)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q, %v; want %q", s, got, ok, want)
		}
	}
	for s, want := range map[string]string{"301234567.0": "+49301234567", "+4917612345678.00": "+4917612345678", "+491761234567.0": "+491761234567", "030/1234567.0": "+49301234567", "030.123.45.60": "+49301234560"} {
		got, _, ok := record.E164(s, "DE")
		if got != want || !ok {
			t.Errorf("%q: %q, %v; want %q", s, got, ok, want)
		}
	}
	phone := record.Rule{Compare: record.ComparePhone, Region: "DE"}
	if !phone.Same(record.Text("+491761234567.0"), record.Text("+49 176 1234567")) {
		t.Error("a number that a program wrote with a place is another number")
	}
}
