package tabular

import (
	"fmt"

	"syncline/sync/record"
)

// Limits are what a file may hold at most, in bytes where nothing else is said,
// so that no file can fill the memory, by accident or on purpose. Only the
// number of rows has no limit.
type Limits struct {
	Columns int // in a header
	Name    int // the longest column name
	Cell    int // the longest cell
	Row     int // all cells of a row together
}

// Standard are the limits of every file; tests use smaller ones.
var Standard = Limits{
	// Above twice what an object of HubSpot's can have: 1,000 properties of one's
	// own and a few hundred of HubSpot's.
	Columns: 4_000,
	// Surveys put whole questions there.
	Name: 10_000,
	// HubSpot takes 65,536 characters.
	Cell: 1 << 20,
	Row:  8 << 20,
}

// CheckWidth refuses a header that is too wide to be one. columns may be a
// count that was broken off behind the limit.
func (l Limits) CheckWidth(columns int) error {
	if columns <= l.Columns {
		return nil
	}
	return fmt.Errorf("has more than %s columns in its header, which no object of HubSpot's could take; take out the columns that are not needed, or check that the header is one", thousands(l.Columns))
}

// LongName is a column name beyond the limit, and where it stands.
func (l Limits) LongName(at string) error {
	return fmt.Errorf("has a name of more than %s characters in the header (%s); shorten it, or check that the header is one", thousands(l.Name), at)
}

// LongCell is what a row error says of a cell beyond the limit. at is where it
// stands: "cell 3", "C5".
func (l Limits) LongCell(column, at string) string {
	return fmt.Sprintf("holds more than %s in the column “%s” (%s); HubSpot takes 65,536 characters, so shorten it", Bytes(l.Cell), column, at)
}

// LongRow is what a row error says of a row beyond the limit, whose cells from a
// column on were not read.
func (l Limits) LongRow(column string) string {
	return fmt.Sprintf("is longer than %s, and was not read from the column “%s” on; shorten its cells", Bytes(l.Row), column)
}

// Bytes writes a limit in its largest whole unit.
func Bytes[N int | int64](n N) string {
	switch {
	case n>>30 > 0:
		return fmt.Sprintf("%d GB", n>>30)
	case n >= 1<<20:
		return fmt.Sprintf("%d MB", n>>20)
	}
	return fmt.Sprintf("%d KB", n>>10)
}

// thousands writes a limit with its separators.
func thousands(n int) string { return fmt.Sprintf("%d,%03d", n/1000, n%1000) }

// Size is the length of a row's texts, for those who hold several rows at once.
func Size(fields record.Values) int {
	n := 0
	for _, v := range fields {
		n += len(v.String())
	}
	return n
}
