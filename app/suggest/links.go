package suggest

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strings"

	"syncline/sync/record"
	"syncline/sync/source"
)

// linkSeed makes the hashes by which values of tables are compared. Two of a
// million values fall together once in millions of readings; the figures are
// shown to a person, and what is linked is found anew by every run.
var linkSeed = maphash.MakeSeed()

// Distinct are the different values of a column over all rows.
type Distinct struct {
	Counts map[uint64]int // rows by the value's hash; nil where there were too many
	Filled int            // rows with a value
	Plain  bool           // all of them are short whole numbers, as counters are
}

// mostCompared is how many different values of a column are compared.
const mostCompared = 1_000_000

// Add counts a value.
func (d *Distinct) Add(value string) {
	value = record.Trimmed(value)
	if value == "" {
		return
	}
	if d.Filled == 0 {
		d.Plain = true
	}
	d.Filled++
	d.Plain = d.Plain && len(value) <= 6 && strings.Trim(value, "0123456789") == ""
	if d.Filled == 1 {
		d.Counts = make(map[uint64]int)
	}
	if d.Counts == nil {
		return
	}
	if d.Counts[maphash.String(linkSeed, value)]++; len(d.Counts) > mostCompared {
		d.Counts = nil
	}
}

// unique reports whether every row has a value and none repeats.
func (d *Distinct) unique(rows int) bool {
	return d != nil && d.Counts != nil && d.Filled == rows && len(d.Counts) == rows && rows > 0
}

// Table is a sheet or file, as far as links between tables rest on it.
type Table struct {
	Name    string // of the file or sheet
	Object  string // the object type that its rows seem to be, "" where nothing says so
	Columns []source.Column
	Rows    int
	Values  map[string]*Distinct // by column
}

// Link says that the cells of a column name rows of another table by its key.
type Link struct {
	From   int // the table that has the column
	Column string
	To     int // the table whose keys it holds; From itself for rows that name each other
	Named  int // rows whose cell is a key there
	Filled int // rows with a value in the column
}

// TableKeys chooses for each table the column that identifies its rows: of those
// that never repeat the one that most cells of other tables name, else the one
// that looks most like a key. A column that is called like another table names
// that one's rows, though it may not repeat. It is "" where no column is unique.
func TableKeys(tables []Table) []string {
	keys := make([]string, len(tables))
	for i, t := range tables {
		named := -1
		for _, k := range RowKeys(t.Columns) {
			if !t.Values[k.Column].unique(t.Rows) || saysAnother(tables, i, k.Column) {
				continue
			}
			n := 0
			for from, other := range tables {
				if from == i {
					continue
				}
				for _, c := range other.Columns {
					if l, ok := link(tables, from, c.Name, i, k.Column); ok {
						n += l.Named
					}
				}
			}
			if n > named {
				named, keys[i] = n, k.Column
			}
		}
	}
	return keys
}

// Links finds the columns whose cells are keys of rows of the tables, each
// column at most once: that of the table which most of its cells name. keys are
// the key columns, "" for a table that none can be linked to.
func Links(tables []Table, keys []string) []Link {
	var out []Link
	for from, t := range tables {
		for _, c := range t.Columns {
			if c.Name == keys[from] {
				continue
			}
			var best Link
			for to := range tables {
				if l, ok := link(tables, from, c.Name, to, keys[to]); ok && l.Named > best.Named {
					best = l
				}
			}
			if best.Named > 0 {
				out = append(out, best)
			}
		}
	}
	return out
}

// link compares a column with the key of a table. Most of its cells must be
// keys there; counters, such as quantities, and single hits are links only where
// the column's name says so too.
func link(tables []Table, from int, column string, to int, key string) (Link, bool) {
	mine, theirs := tables[from].Values[column], tables[to].Values[key]
	l := Link{From: from, Column: column, To: to}
	if key == "" || mine == nil || theirs == nil || mine.Counts == nil || theirs.Counts == nil || from == to && column == key {
		return l, false
	}
	l.Filled = mine.Filled
	for value, rows := range mine.Counts {
		if theirs.Counts[value] > 0 {
			l.Named += rows
		}
	}
	says := columnSays(column, tables[to], key)
	switch {
	case l.Named == 0:
		return l, false
	case mine.Plain && !says:
		return l, false
	case says:
		return l, 10*l.Named >= l.Filled
	}
	return l, 2*l.Named >= l.Filled && l.Named >= 3
}

// columnSays reports whether a column's name speaks for a table: by the name of
// its file, its object type, or its key.
func columnSays(column string, t Table, key string) bool {
	if own := spellOf(key).compact; key != column && spellOf(column).compact == own && !idWords[own] {
		return true
	}
	known := map[string]bool{}
	for _, w := range split(t.Name) {
		known[singular(w)] = true
	}
	for _, o := range objectClues {
		if o.object == t.Object {
			for w := range set(o.names) {
				known[singular(w)] = true
			}
		}
	}
	return slices.ContainsFunc(spellOf(column).words, func(w string) bool { return !idWords[w] && known[singular(w)] })
}

// saysAnother reports whether a column of a table is called like another one and
// not like its own.
func saysAnother(tables []Table, at int, column string) bool {
	if columnSays(column, tables[at], column) {
		return false
	}
	for i, t := range tables {
		if i != at && columnSays(column, t, "") {
			return true
		}
	}
	return false
}

// singular takes the commonest plurals off a word.
func singular(w string) string {
	switch {
	case strings.HasSuffix(w, "ies") && len(w) > 4:
		return strings.TrimSuffix(w, "ies") + "y"
	case strings.HasSuffix(w, "s") && len(w) > 3 && !strings.HasSuffix(w, "ss"):
		return strings.TrimSuffix(w, "s")
	}
	return w
}

// Roles says how the rows of a table that are pairs of ids join others.
type Roles struct {
	From, To Link
	Label    string // the column whose values name the association, "" for none
	Reason   string // why, as a sentence without a full stop
}

// mostBeside is how many columns a table of pairs has beside its key and links.
const mostBeside = 8

// RolesOf recognises a table whose rows are pairs: it names rows of two tables,
// says nothing that a record would, and has few columns beside. links are those
// of Links.
func RolesOf(tables []Table, at int, key string, links []Link) (Roles, bool) {
	var mine []Link
	for _, l := range links {
		if l.From == at && l.To != at && 10*l.Filled >= 9*tables[at].Rows {
			mine = append(mine, l)
		}
	}
	if len(mine) != 2 {
		return Roles{}, false
	}
	var rest []source.Column
	for _, c := range tables[at].Columns {
		if c.Name != key && c.Name != mine[0].Column && c.Name != mine[1].Column {
			rest = append(rest, c)
		}
	}
	if len(rest) > mostBeside || saysARecord(rest) {
		return Roles{}, false
	}
	slices.SortStableFunc(mine, func(a, b Link) int {
		return cmp.Compare(leads(tables[a.To].Object), leads(tables[b.To].Object))
	})
	r := Roles{From: mine[0], To: mine[1], Label: labelColumn(rest, tables[at])}
	r.Reason = "Each row names one of “" + tables[mine[0].To].Name + "” and one of “" + tables[mine[1].To].Name + "”, and holds hardly anything else"
	return r, true
}

// saysARecord reports whether columns hold what makes a record: a name, an
// address, an amount.
func saysARecord(columns []source.Column) bool {
	for _, c := range columns {
		switch shapeOf(c.Samples, c.Type) {
		case shapeEmail, shapePhone, shapeURL:
			return true
		}
		if words := spellOf(c.Name).words; has(words, "name", "subject", "amount", "email", "phone", "price", "quantity", "domain", "title") && !has(words, "role", "job") {
			return true
		}
	}
	return false
}

// leads orders object types by where an association is usually read from.
func leads(object string) int {
	return slices.Index([]string{"deals", "tickets", "contacts", "companies"}, object)
}

// labelColumn is the column of pairs that most likely names the association: one
// whose name says so, with few different values.
func labelColumn(columns []source.Column, t Table) string {
	for _, c := range columns {
		d := t.Values[c.Name]
		if d == nil || d.Counts == nil || d.Filled == 0 || len(d.Counts) > 40 || shapeOf(c.Samples, c.Type) == shapeBoolean {
			continue
		}
		if has(spellOf(c.Name).words, "role", "label", "relationship", "relation", "function", "position", "type", "rolle", "funktion") {
			return c.Name
		}
	}
	return ""
}

// NamesRows reports whether the different values of a column's sample speak for
// naming rows of another sync by their key: named of them are keys there.
func NamesRows(c source.Column, values []string, sync, object string, named int) bool {
	of, plain := len(values), true
	for _, s := range values {
		plain = plain && len(s) <= 6 && strings.Trim(s, "0123456789") == ""
	}
	says := columnSays(c.Name, Table{Name: sync, Object: object}, "")
	switch {
	case of == 0 || c.Type == record.TypeBool || c.Type == record.TypeDate || c.Type == record.TypeDateTime:
		return false
	case says:
		return 2*named >= of
	}
	return !plain && named >= 3 && 10*named >= 8*of
}
