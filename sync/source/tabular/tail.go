package tabular

import (
	"fmt"
	"regexp"
	"strings"

	"syncline/sync/record"
	"syncline/sync/source"
)

// Tail hands rows on, one behind, so that the last one is known as such. A row
// that adds up the table, is a remark below it, or repeats the header is refused. Both are no records, and which of them is meant as one
// only a person can tell.
type Tail struct {
	Names []string // of the columns
	row   record.Row
	err   error
	held  bool
	cells []string // of the held row
}

// Add takes a row and hands on the one before. It returns what yield does.
func (t *Tail) Add(row record.Row, err error, yield func(record.Row, error) bool) bool {
	if err == nil && t.repeats(row) {
		err = &source.RowError{Line: row.Line, Msg: "repeats the names of the columns and is no record; take it out"}
	}
	if err == nil && t.ruler(row) {
		err = &source.RowError{Line: row.Line, Msg: "is a line of dashes and no record; take it out"}
	}
	if t.held && t.err == nil {
		t.err = t.total(false)
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
		t.err = t.total(true)
	}
	return yield(t.row, t.err)
}

// total says that the held row is no record, as far as can be seen.
func (t *Tail) total(last bool) error {
	t.cells = t.cells[:0]
	for _, name := range t.Names {
		t.cells = append(t.cells, t.row.Fields[name].String())
	}
	word, ok := IsTotal(t.cells, last)
	if !ok {
		return nil
	}
	what := "add up the table"
	if footers.MatchString(word) {
		what = "be a remark below the table"
	}
	return &source.RowError{Line: t.row.Line, Msg: fmt.Sprintf("seems to %s (“%s”) and to be no record; take it out of the file", what, word)}
}

func (t *Tail) repeats(row record.Row) bool {
	if len(t.Names) < 2 {
		return false
	}
	for _, name := range t.Names {
		// A column of a name that stands twice has a number of its own.
		if cell := columnName(row.Fields[name].String()); cell != name && !(cell != "" && numberOf.MatchString(name) && strings.HasPrefix(name, cell+" (")) {
			return false
		}
	}
	return true
}

var (
	numberOf = regexp.MustCompile(` \(\d+\)$`)
	dashes   = regexp.MustCompile(`^:?[-=_+*]{2,}:?$`)
)

// ruler reports a line between header and rows, as printed tables have one.
func (t *Tail) ruler(row record.Row) bool {
	filled := 0
	for _, name := range t.Names {
		text := strings.TrimSpace(row.Fields[name].String())
		if text == "" {
			continue
		}
		if filled++; !dashes.MatchString(text) {
			return false
		}
	}
	return filled > 1 || filled == 1 && len(t.Names) == 1
}

// Some lists the first reasons: a row may have thousands.
func Some(reasons []string) string {
	const most = 5
	if n := len(reasons) - most; n > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(reasons[:most], ", "), n)
	}
	return strings.Join(reasons, ", ")
}
