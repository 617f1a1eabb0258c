package record_test

import (
	"testing"

	"syncline/sync/record"
)

func TestPointOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		samples []string
		want    record.Point
	}{
		{nil, record.NoPoint},
		{[]string{"1000", "", "x"}, record.NoPoint},
		{[]string{"1.000"}, record.OpenPoint},
		{[]string{"1.000", "250", "-12.500"}, record.OpenPoint},
		{[]string{"1.000 €", "EUR 2.500"}, record.OpenPoint},
		{[]string{"1.000", "2,5"}, record.OpenPoint}, // a decimal comma proves no decimal point
		{[]string{"1.000", "0.250"}, record.DecimalPoint},
		{[]string{"1.000", "12.5"}, record.DecimalPoint},
		{[]string{"1.000", "1234.567"}, record.DecimalPoint},
		{[]string{"1.000.000", "2.000.000"}, record.NoPoint}, // no number with a decimal point: refused as such
		{[]string{"1.000,50"}, record.NoPoint},
		{[]string{"1.0.0", "10.10.2020"}, record.NoPoint},
	} {
		if got := record.PointOf(c.samples); got != c.want {
			t.Errorf("PointOf(%q) = %v, want %v", c.samples, got, c.want)
		}
	}
}

func TestThousands(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"1.000": true, " 12.500 ": true, "-999.999": true, "1.000 €": true, "$ -1.000": true, "(1.000)": true, "1.000%": true,
		"": false, "1": false, "0.500": false, "1.0000": false, "1234.567": false, "1.00": false, "1.000.000": false, "1,000": false, "abc": false,
	} {
		if got := record.Thousands(s); got != want {
			t.Errorf("Thousands(%q) = %v", s, got)
		}
	}
}
