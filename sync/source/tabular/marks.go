package tabular

import (
	"fmt"
	"sync"

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

// Numbers remembers which texts stood as numbers in the cells of files whose
// columns have other names where they are used, and would be other numbers by the
// signs of Marks. A nil one remembers nothing. It is safe for concurrent use.
type Numbers struct {
	marks Marks
	mu    sync.Mutex
	texts map[string]bool
}

// NewNumbers remembers what any of the signs would change; nil where there are none.
func NewNumbers(m Marks) *Numbers {
	if len(m) == 0 {
		return nil
	}
	return &Numbers{marks: m, texts: make(map[string]bool)}
}

// Note is told of a number that a cell holds as such.
func (n *Numbers) Note(number string) {
	if n == nil {
		return
	}
	for column := range n.marks {
		if n.marks.Check(column, number) != nil {
			n.mu.Lock()
			n.texts[number] = true
			n.mu.Unlock()
			return
		}
	}
}

// Check is that of Marks for a text that stood as a number in some cell. That
// another cell may hold the same text as such can't be told any more.
func (n *Numbers) Check(column, text string) error {
	if n == nil {
		return nil
	}
	n.mu.Lock()
	stood := n.texts[text]
	n.mu.Unlock()
	if !stood {
		return nil
	}
	return n.marks.Check(column, text)
}
