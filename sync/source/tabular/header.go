// Package tabular is what sources with a header row share: naming the columns,
// finding the key columns, profiling a sample, and matching changes to rows.
package tabular

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"syncline/sync/record"
	"syncline/sync/source"
)

// Header is a header row with every column named once.
type Header struct {
	Names []string // in the file's order, unique, not empty
	// Renamed says in words which names were made up, in the file's order.
	Renamed []string
	index   map[string]int
}

// Columns are the columns of a source with this header, before any row is read.
func (h Header) Columns() []source.Column {
	columns := make([]source.Column, len(h.Names))
	for i, name := range h.Names {
		columns[i].Name = name
	}
	return columns
}

// columnName is the name that a cell of a header gives: what is seen in it, in
// one line, without the white space around it.
func columnName(cell string) string {
	name := Visible(cell)
	if strings.ContainsAny(name, "\n\r\t\v\f\u2028\u2029") {
		parts := strings.FieldsFunc(name, func(r rune) bool { return strings.ContainsRune("\n\r\t\v\f\u2028\u2029", r) })
		for i := range parts {
			parts[i] = strings.TrimSpace(parts[i])
		}
		name = strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), " ")
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Zs, r) {
			return ' '
		}
		return r
	}, name))
}

// Names reports whether n cells have each of the names.
func Names(names []string, n int, cell func(int) string) bool {
	for _, name := range names {
		found := false
		for i := 0; i < n && !found; i++ {
			found = columnName(cell(i)) == name
		}
		if !found {
			return false
		}
	}
	return true
}

// NewHeader names the columns of a header row. A name loses what can't be seen
// in it, line breaks, and the white space around it. An empty one becomes what unnamed returns for its index; a
// repeated one gets " (2)", " (3)" and so on, so that the first keeps its name.
func NewHeader(cells []string, unnamed func(i int) string) Header {
	h := Header{Names: make([]string, len(cells)), index: make(map[string]int, len(cells))}
	taken := make(map[string]bool, len(cells))
	next := map[string]int{} // the number to try first, by name: a name may stand a thousand times
	for _, cell := range cells {
		taken[columnName(cell)] = true
	}
	for i, cell := range cells {
		name := columnName(cell)
		given := name
		if name == "" {
			given = unnamed(i)
			name, next[given] = free(given, max(1, next[given]), taken)
			h.Renamed = append(h.Renamed, fmt.Sprintf("%s has no name and is called “%s” here", given, name))
		} else if _, dup := h.index[name]; dup {
			name, next[given] = free(given, max(2, next[given]), taken)
			h.Renamed = append(h.Renamed, fmt.Sprintf("the name “%s” stands twice, and the second one is called “%s” here", given, name))
		}
		taken[name] = true
		h.Names[i] = name
		h.index[name] = i
	}
	return h
}

// free returns name, or the first of "name (n)", "name (n+1)" … not taken, and
// the number behind it; n < 2 tries the name itself first.
func free(name string, n int, taken map[string]bool) (string, int) {
	if n < 2 {
		if !taken[name] {
			return name, 2
		}
		n = 2
	}
	for ; ; n++ {
		if try := fmt.Sprintf("%s (%d)", name, n); !taken[try] {
			return try, n + 1
		}
	}
}

// Index returns a column's position.
func (h Header) Index(name string) (int, bool) {
	i, ok := h.index[name]
	return i, ok
}

// Identity changes with the header's names and not with the rows.
func (h Header) Identity() string {
	sum := sha256.Sum256([]byte(strings.Join(h.Names, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// ColumnError is a column that a source was told to use and does not have.
type ColumnError struct {
	Column  string
	Use     string   // "key", "modified"
	Columns []string // those that exist
	Near    string   // the existing one that was probably meant, or ""
}

func (e *ColumnError) Error() string {
	s := fmt.Sprintf("has no column “%s”, which the definition names under “%s”", e.Column, e.Use)
	if e.Near != "" {
		s += fmt.Sprintf("; did you mean “%s”?", e.Near)
	}
	if e.Near == "" {
		s += "."
	}
	return s + " The columns are: " + list(e.Columns)
}

// Check returns a *ColumnError for the first name that is no column.
func (h Header) Check(use string, names ...string) error {
	for _, name := range names {
		if _, ok := h.index[name]; !ok {
			return &ColumnError{Column: name, Use: use, Columns: h.Names, Near: Near(name, h.Names)}
		}
	}
	return nil
}

// list joins names for a sentence, cut after the first twenty.
func list(names []string) string {
	const most = 20
	if len(names) > most {
		return fmt.Sprintf("%s and %d more.", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ") + "."
}

// Near returns the name that was probably meant by an unknown one: equal
// without regard to case, spaces and punctuation, or few letters away.
func Near(name string, names []string) string {
	want := fold(name)
	best, bestDistance := "", 1+max(1, len(want)/3)
	for _, n := range names {
		if d := distance(want, fold(n)); d < bestDistance {
			best, bestDistance = n, d
		}
	}
	return best
}

func fold(s string) []rune {
	return slices.DeleteFunc([]rune(strings.ToLower(s)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}

// distance is Levenshtein's edit distance.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, ra := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j, rb := range b {
			cost := diagonal
			if ra != rb {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

// Key is the row key of a row's fields over the key columns, "" when a part is
// empty or there is no key column.
func Key(columns []string, fields record.Values) string {
	if len(columns) == 0 {
		return ""
	}
	parts := make([]string, len(columns))
	for i, c := range columns {
		parts[i] = fields[c].String()
	}
	key, ok := record.KeyOf(parts...)
	if !ok {
		return ""
	}
	return key
}
