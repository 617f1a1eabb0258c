package tabular

import (
	"fmt"

	"syncline/sync/record"
)

// What a file may hold at most, in bytes where nothing else is said, so that
// no file can fill the memory, by accident or on purpose. Only the number of
// rows has no limit.
const (
	// MaxColumns is above twice what an object of HubSpot's can have: 1,000
	// properties of one's own and a few hundred of HubSpot's.
	MaxColumns = 4_000
	// MaxName is the longest column name: surveys put whole questions there.
	MaxName = 10_000
	// MaxCell is the longest cell. HubSpot takes 65,536 characters.
	MaxCell = 1 << 20
	// MaxRow is all cells of a row together.
	MaxRow = 8 << 20
)

// CheckWidth refuses a header that is too wide to be one. columns may be a
// count that was broken off behind MaxColumns.
func CheckWidth(columns int) error {
	if columns <= MaxColumns {
		return nil
	}
	return fmt.Errorf("has more than %s columns in its header, which no object of HubSpot's could take; take out the columns that are not needed, or check that the header is one", thousands(MaxColumns))
}

// LongName is a column name beyond MaxName, and where it stands.
func LongName(at string) error {
	return fmt.Errorf("has a name of more than %s characters in the header (%s); shorten it, or check that the header is one", thousands(MaxName), at)
}

// LongCell is what a row error says of a cell beyond MaxCell. at is where it
// stands: "cell 3", "C5".
func LongCell(column, at string) string {
	return fmt.Sprintf("holds more than %d MB in the column “%s” (%s); HubSpot takes 65,536 characters, so shorten it", MaxCell>>20, column, at)
}

// LongRow is what a row error says of a row beyond MaxRow, whose cells from a
// column on were not read.
func LongRow(column string) string {
	return fmt.Sprintf("is longer than %d MB, and was not read from the column “%s” on; shorten its cells", MaxRow>>20, column)
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
