package tabular

import (
	"fmt"
	"strings"

	"syncline/sync/record"
	"syncline/sync/source"
)

// Tail hands rows on, one behind, so that the last one is known as such: where
// it adds up the table it is refused. A row that repeats the header is refused
// wherever it stands. Both are no records, and which of them is meant as one
// only a person can tell.
type Tail struct {
	Names []string // of the columns
	row   record.Row
	err   error
	held  bool
}

// Add takes a row and hands on the one before. It returns what yield does.
func (t *Tail) Add(row record.Row, err error, yield func(record.Row, error) bool) bool {
	if err == nil && t.repeats(row) {
		err = &source.RowError{Line: row.Line, Msg: "repeats the names of the columns and is no record; take it out"}
	}
	before, failed, held := t.row, t.err, t.held
	t.row, t.err, t.held = row, err, true
	return !held || yield(before, failed)
}

// Flush hands on the row that is held, where reading ends before the end.
func (t *Tail) Flush(yield func(record.Row, error) bool) bool { return !t.held || yield(t.row, t.err) }

// End hands on the last row.
func (t *Tail) End(yield func(record.Row, error) bool) bool {
	if !t.held {
		return true
	}
	if t.err == nil {
		cells := make([]string, len(t.Names))
		for i, name := range t.Names {
			cells[i] = t.row.Fields[name].String()
		}
		if word, ok := IsTotal(cells); ok {
			t.err = &source.RowError{Line: t.row.Line, Msg: fmt.Sprintf("seems to add up the table (“%s”) and to be no record; take it out of the file", word)}
		}
	}
	return yield(t.row, t.err)
}

func (t *Tail) repeats(row record.Row) bool {
	if len(t.Names) < 2 {
		return false
	}
	for _, name := range t.Names {
		if strings.TrimSpace(row.Fields[name].String()) != name {
			return false
		}
	}
	return true
}

// Some lists the first reasons: a row may have thousands.
func Some(reasons []string) string {
	const most = 5
	if n := len(reasons) - most; n > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(reasons[:most], ", "), n)
	}
	return strings.Join(reasons, ", ")
}
