package tabular

import (
	"fmt"

	"syncline/sync/record"
)

// Marks are the signs in which the fields of a sync read the numbers of a
// column, by its name: those of the transform number, where they are not
// HubSpot's own.
type Marks map[string][]record.NumberMarks

// Check reports that a cell holds a number as such, which these signs would make
// another one of: 1.234 is a thousand times as much where a point parts
// thousands. The error is a sentence's end, of which the cell is the subject.
func (m Marks) Check(column, number string) error {
	for _, marks := range m[column] {
		read, ok := marks.Read(number)
		if rule := (record.Rule{Compare: record.CompareNumber}); !ok || rule.Canonical(record.Text(read)) == rule.Canonical(record.Text(number)) {
			continue
		}
		return fmt.Errorf("holds %s as a number and not as a text, and the transform number, which reads texts with %q as their decimal mark, would make %s of it; take decimal and group out of the transform, since numbers have no marks, or make a text of the cell",
			number, marks.Decimal, read)
	}
	return nil
}
