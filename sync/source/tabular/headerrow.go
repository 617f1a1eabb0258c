package tabular

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// HeaderRows is how many rows from the top are looked at for the header, empty
// ones aside.
const HeaderRows = 50

// Leading is one of a file's first rows.
type Leading struct {
	Cells []string
	// Grouped says that some cell of it reaches over several columns, as a
	// heading over headings does.
	Grouped bool
}

// FindHeader returns which of the first rows holds the names of the columns.
// Where the names of key columns are known, it is the first row that has all
// of them; the second one of two such rows that follow each other, which are
// merged. Else it is the first row, unless that is a title: a title is at most
// half as wide as a row below it that is full, of different short texts, and
// of what no data is made of.
func FindHeader(rows []Leading, key []string) int {
	if i := withNames(rows, key); i >= 0 {
		return i
	}
	width := 0
	for _, r := range rows {
		width = max(width, filled(r.Cells))
	}
	for i, r := range rows {
		n := filled(r.Cells)
		if i == 0 && !r.Grouped && (n > 1 && 2*n > width || width < 2) {
			return 0
		}
		if i > 0 && n > 1 && 5*n >= 4*width && !r.Grouped && namelike(r.Cells) && i+1 < max(len(rows), 2) && titles(rows[:i], n) {
			return i
		}
	}
	return 0
}

// withNames returns the row that has all of the names, or -1.
func withNames(rows []Leading, names []string) int {
	has := func(r Leading) bool {
		for _, name := range names {
			if !slices.ContainsFunc(r.Cells, func(c string) bool { return strings.TrimSpace(c) == name }) {
				return false
			}
		}
		return true
	}
	if len(names) == 0 {
		return -1
	}
	i := slices.IndexFunc(rows, has)
	if i >= 0 && rows[i].Grouped && i+1 < len(rows) && has(rows[i+1]) {
		return i + 1
	}
	return i
}

// titles reports whether rows are narrow beside one of n cells.
func titles(rows []Leading, n int) bool {
	for _, r := range rows {
		if 2*filled(r.Cells) > n && !r.Grouped {
			return false
		}
	}
	return true
}

func filled(cells []string) int {
	n := 0
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			n++
		}
	}
	return n
}

// namelike reports whether cells can be the names of columns: different, short,
// and neither numbers, addresses nor dates.
func namelike(cells []string) bool {
	seen := map[string]bool{}
	for _, c := range cells {
		name := strings.TrimSpace(c)
		if name == "" {
			continue
		}
		digits := strings.IndexFunc(name, unicode.IsDigit) >= 0
		letters := strings.IndexFunc(name, unicode.IsLetter) >= 0
		if seen[name] || utf8.RuneCountInString(name) > 60 || strings.Contains(name, "@") || digits && !letters || !letters && !strings.Contains(name, "#") ||
			strings.HasPrefix(c, " ") && strings.Contains(name, " ") {
			return false
		}
		seen[name] = true
	}
	return true
}
