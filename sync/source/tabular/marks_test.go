package tabular_test

import (
	"strings"
	"testing"

	"syncline/sync/record"
	"syncline/sync/source/tabular"
)

// A number that stands as such in a cell has no marks: a transform for texts of
// another country must not make a thousand times as much of it.
func TestANumberThatMarksWouldChangeIsRefusedAndNoOther(t *testing.T) {
	t.Parallel()
	german, swiss := record.NumberMarks{Decimal: ",", Group: "."}, record.NumberMarks{Decimal: ".", Group: "'"}
	marks := tabular.Marks{"Amount": {german}, "Price": {swiss}, "Both": {swiss, german}}
	for _, c := range []struct{ column, number, says string }{
		{"Amount", "1.234", "1234 of it"},
		{"Amount", "-12.500", "-12500 of it"},
		{"Amount", "1234", ""},
		{"Amount", "12.5", ""}, // the transform refuses it
		{"Price", "1.234", ""},
		{"Both", "1.234", "1234 of it"},
		{"Other", "1.234", ""},
	} {
		err := marks.Check(c.column, c.number)
		switch {
		case c.says == "" && err != nil:
			t.Errorf("%s in %s is refused: %v", c.number, c.column, err)
		case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)):
			t.Errorf("%s in %s gives %v, which should say %q", c.number, c.column, err, c.says)
		}
	}
}
