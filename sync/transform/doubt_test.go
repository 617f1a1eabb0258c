package transform_test

import (
	"strings"
	"testing"

	"syncline/sync/record"
	"syncline/sync/transform"
)

// A step understands what people type, and says in words what it can't know.
func TestStepsUnderstandOrSayWhyNot(t *testing.T) {
	t.Parallel()
	step := func(name string, kv ...any) transform.Chain {
		args := map[string]any{}
		for i := 0; i < len(kv); i += 2 {
			args[kv[i].(string)] = kv[i+1]
		}
		return transform.Chain{{Name: name, Args: args}}
	}
	american := step("datetime", "format", "M/D/YYYY h:mm A", "zone", "America/New_York")
	berlin := step("datetime", "format", "DD.MM.YYYY HH:mm", "zone", "Europe/Berlin")
	lisbon := step("datetime", "zone", "Europe/Lisbon")
	for _, c := range []struct {
		chain      transform.Chain
		text, want string // "!…" = refused, with these words
	}{
		{step("number"), "15%", "0.15"},
		{step("number"), "15 %", "0.15"},
		{step("number"), " 12.5% ", "0.125"},
		{step("number"), "-3%", "-0.03"},
		{step("number"), "(3%)", "-0.03"},
		{step("number"), "(3)%", "-0.03"},
		{step("number"), "100%", "1"},
		{step("number"), "0%", "0"},
		{step("number"), "0.5%", "0.005"},
		{step("number"), "150％", "1.5"},
		{step("number", "decimal", ",", "group", "."), "1.234,5 %", "12.345"},
		{step("number", "decimal", ","), "12,5%", "0.125"},
		{step("number"), "%", "!is not a number"},
		{step("number"), "15%%", "!is not a number"},
		{step("number"), "1E+2%", "!is not a number"},
		{step("number"), "five%", "!is not a number"},

		{step("country"), "Korea", "!South Korea or North Korea"},
		{step("country"), "Corée", "!South Korea or North Korea"},
		{step("country"), "South Korea", "South Korea"},
		{step("country"), "kr", "South Korea"},
		{step("phone", "region", "DE"), "301234567.0", "+49301234567"},
		{step("phone", "region", "DE"), "+4917612345678.00", "+4917612345678"},
		{step("phone", "region", "DE"), "4.479E11", "!not a phone number"},

		{american, "3/9/2025 2:30 AM", "!skip"},
		{american, "3/9/2025 2:00 AM", "!skip"},
		{american, "3/9/2025 2:59 AM", "!skip"},
		{american, "3/9/2025 1:59 AM", "2025-03-09T06:59:00.000Z"},
		{american, "3/9/2025 3:00 AM", "2025-03-09T07:00:00.000Z"},
		{american, "11/2/2025 1:30 AM", "!twice"},
		{american, "11/2/2025 1:00 AM", "!twice"},
		{american, "11/2/2025 2:00 AM", "2025-11-02T07:00:00.000Z"},
		{american, "11/2/2025 12:59 AM", "2025-11-02T04:59:00.000Z"},
		{american, "2025-11-02T01:30:00-05:00", "2025-11-02T06:30:00.000Z"},
		{berlin, "30.03.2025 02:30", "!Europe/Berlin"},
		{berlin, "30.03.2025 03:30", "2025-03-30T01:30:00.000Z"},
		{berlin, "26.10.2025 02:30", "!twice"},
		{berlin, "2025-03-30T02:30:00", "!skip"},
		{lisbon, "2025-03-30 01:30", "!skip"},
		{lisbon, "2025-10-26 01:30", "!twice"},
		{lisbon, "2025-06-01 12:00", "2025-06-01T11:00:00.000Z"},
		{step("datetime", "zone", "Australia/Lord_Howe"), "2025-10-05 02:15", "!skip"}, // half an hour
		{step("datetime", "zone", "Asia/Kolkata"), "2025-03-30 02:30", "2025-03-29T21:00:00.000Z"},
		{step("datetime"), "1740787200", "2025-03-01T00:00:00.000Z"},
		{step("datetime"), "1740787200000", "2025-03-01T00:00:00.000Z"},
		{step("datetime"), "14:30", "!is not a date and time"},

		{step("date"), "1740787200", "2025-03-01"},
		{step("date"), "1740790000", "!zone"},
		{step("date", "zone", "America/New_York"), "1740787200", "2025-02-28"},
		{step("date"), "2025-03-01T23:59:59-11:00", "2025-03-01"},
		{step("date"), "2025-03-01T00:00:00+14:00", "2025-03-01"},
		{step("date", "format", "DD.MM.YYYY"), "01.03.25", "!is not a date"},
		{step("date", "format", "DD.MM.YY"), "01.03.25", "2025-03-01"},
		{step("date", "format", "DD.MM.YY"), "01.03.69", "1969-03-01"},
		{step("date", "format", "DD.MM.YY"), "01.03.2025", "!is not a date"},

		{step("country"), "n/a", "!missing value"},
		{step("country"), "N/A", "!missing value"},
		{step("country"), "NULL", "!missing value"},
		{step("country"), `\N`, "!missing value"},
		{step("country"), "#N/A", "!missing value"},
		{step("country"), "nan", "!missing value"},
		{step("country"), "n.a.", "!missing value"},
		{step("country"), "(blank)", "!missing value"},
		{step("country"), "<NA>", "!missing value"},
		{step("country"), "undefined", "!missing value"},
		{step("country"), "none", "!not a country"},
		{step("country", "to", "alpha-2"), "Namibia", "NA"},
		{step("state"), "n/a", "!missing value"},

		{step("trim"), "\u200bAnn\u00a0", "Ann"},
		{step("trim"), "\x1f030611", "030611"},
		{step("trim"), "\ufeff\u3000x y\t", "x y"},
	} {
		got, err := c.chain.Apply(record.Text(c.text), transform.Env{})
		words, refused := strings.CutPrefix(c.want, "!")
		switch {
		case refused && (err == nil || !strings.Contains(err.Error(), words)):
			t.Errorf("%v %q: got %q, %v, want an error with %q", c.chain, c.text, got, err, words)
		case !refused && (err != nil || got.String() != c.want):
			t.Errorf("%v %q: got %q, %v, want %q", c.chain, c.text, got, err, c.want)
		}
	}
}

// What is read all the same, though it may mean something else, is told.
func TestDoubtfulPlacesAndNumbersAreTold(t *testing.T) {
	t.Parallel()
	step := func(name string, kv ...any) transform.Step {
		s := transform.Step{Name: name, Args: map[string]any{}}
		for i := 0; i < len(kv); i += 2 {
			s.Args[kv[i].(string)] = kv[i+1]
		}
		return s
	}
	for _, c := range []struct {
		step transform.Step
		text string
		want transform.Remark
	}{
		{step("phone", "region", "DE"), "12345", transform.RemarkNoPhone},
		{step("phone", "region", "DE"), "030 23125418", ""},
		{step("phone"), "+1 212 555 0142", ""},
		{step("country"), "Congo", transform.RemarkCongo},
		{step("country"), "CD", ""},
	} {
		var told transform.Remark
		_, err := transform.Chain{c.step}.Apply(record.Text(c.text), transform.Env{Remark: func(r transform.Remark) { told = r }})
		if err != nil || told != c.want {
			t.Errorf("%v %q: told %q (%v), want %q", c.step, c.text, told, err, c.want)
		}
	}
}
