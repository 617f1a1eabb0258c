package mapping

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"syncline/sync/record"
	"syncline/sync/transform"
)

// Tally counts what was guessed, left out and repaired in the rows of a pull,
// so that each kind is said once. The zero Tally is ready; it is not safe for
// concurrent use.
type Tally struct {
	kinds map[tallied]*sample
	count int
}

type tallied struct {
	column string
	remark transform.Remark
}

type sample struct {
	rows int
	cell string
}

// Note counts a remark about a column, with a cell that shows what is meant.
func (t *Tally) Note(column, cell string, r transform.Remark) {
	if t.kinds == nil {
		t.kinds = make(map[tallied]*sample)
	}
	t.count++
	k := tallied{column, r}
	if s := t.kinds[k]; s != nil {
		s.rows++
		return
	}
	t.kinds[k] = &sample{1, cell}
}

// Count is how many remarks were noted.
func (t *Tally) Count() int { return t.count }

// Add counts what another tally counted of later rows.
func (t *Tally) Add(later *Tally) {
	if t.kinds == nil {
		t.kinds = make(map[tallied]*sample)
	}
	t.count += later.count
	for k, l := range later.kinds {
		if s := t.kinds[k]; s != nil {
			s.rows += l.rows
			continue
		}
		t.kinds[k] = &sample{l.rows, l.cell}
	}
}

func (t *Tally) note(f *Field, cells record.Values, r transform.Remark) {
	if f == nil {
		return
	}
	cell := cells[f.Column()].String()
	if r == transform.RemarkInvisible {
		r += transform.Remark(": " + strings.Join(unseen(cell), ", "))
	}
	t.Note(f.Title(), cell, r)
}

// unseen names the characters of a cell that nobody sees.
func unseen(cell string) []string {
	var names []string
	seen := record.Visible(cell, false)
	for _, r := range cell {
		name := fmt.Sprintf("%U", r)
		if !strings.ContainsRune(seen, r) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// Notes are the sentences, by column.
func (t *Tally) Notes() []string {
	keys := make([]tallied, 0, len(t.kinds))
	for k := range t.kinds {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b tallied) int {
		return cmp.Or(cmp.Compare(a.column, b.column), cmp.Compare(a.remark, b.remark))
	})
	notes := make([]string, 0, len(keys))
	for _, k := range keys {
		s := t.kinds[k]
		rows := "1 row"
		if s.rows > 1 {
			rows = fmt.Sprintf("%d rows", s.rows)
		}
		note := fmt.Sprintf("“%s”: %s (%s", k.column, k.remark, rows)
		if s.cell != "" {
			note += ", such as " + shortened(s.cell)
		}
		notes = append(notes, note+").")
	}
	return notes
}
