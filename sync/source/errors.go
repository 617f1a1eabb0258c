package source

import (
	"errors"
	"fmt"
)

// ErrMoved is returned by Prepared.Commit when the source changed since
// Prepare; nothing was written.
var ErrMoved = errors.New("the source changed while it was being written")

// ErrUnconfirmed is returned by Prepared.Commit when the changes took effect as
// far as can be seen, but are not known to outlast a loss of power: Version
// tells later which of the two it is.
var ErrUnconfirmed = errors.New("the source was written, but that is not confirmed")

// RowError is a row that could not be read; the rows after it can.
type RowError struct {
	Line int    // 1-based line in the file, 0 where there are none
	Msg  string // "has 7 cells, the header has 5"
	// Columns are the columns that could not be read when the others could:
	// the row that comes with the error lacks or doubts only these, so that it
	// can be used where none of them is needed. Nil condemns the whole row.
	Columns []string
}

func (e *RowError) Error() string {
	if e.Line == 0 {
		return "a row " + e.Msg
	}
	return fmt.Sprintf("line %d %s", e.Line, e.Msg)
}

// ReadOnlyError says why a source can't be written now.
type ReadOnlyError struct {
	Location string
	Msg      string // a sentence: what is in the way and what to do
	Err      error
}

func (e *ReadOnlyError) Error() string { return fmt.Sprintf("%s: %s", e.Location, e.Msg) }

// Unwrap returns the cause.
func (e *ReadOnlyError) Unwrap() error { return e.Err }
