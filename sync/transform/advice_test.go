package transform_test

import (
	"strings"
	"testing"

	"syncline/sync/record"
	"syncline/sync/transform"
)

// A text that a step can't read is refused with what to do about it.
func TestARefusalOfNumberAndDateSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ step, with, in, says string }{
		{"number", ".", "CHF 5", "take this out with the transform replace"},
		{"number", ".", "5.25-", "put it in front"},
		{"number", ".", "1/2", "correct it"},
		{"number", ".", "1.234,5", `it looks like one with decimal: ","`},
		{"date", "DD.MM.YYYY", "29.2.2024", "it looks like one in the form D.M.YYYY"},
		{"date", "MM/DD/YYYY", "13/02/2024", "its other days are read wrongly"},
		{"date", "DD.MM.YYYY", "45351", "the day number of a spreadsheet it would be 2024-02-29"},
		{"date", "DD.MM.YYYY", "31.04.2024", "correct it where it comes from"},
		{"datetime", "DD.MM.YYYY HH:mm", "29.02.2024 24:00", "write its 00:00"},
	} {
		name := map[bool]string{true: "decimal", false: "format"}[c.step == "number"]
		_, err := transform.Chain{{Name: c.step, Args: map[string]any{name: c.with}}}.Apply(record.Text(c.in), transform.Env{})
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s of %q says %v, which should say %q", c.step, c.in, err, c.says)
		}
	}
}
