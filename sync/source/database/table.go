package database

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"syncline/sync/source"
	"syncline/sync/source/tabular"
)

// table is a table, a view or a query, as the catalogue describes it.
type table struct {
	schema, name string // without quotes; schema "" where the server has none
	query        string // in place of the name
	checked      string // the query as it is carried out, where it is another text
	what         string // "table", "view", "query"
	columns      []*column
	byName       map[string]*column
	keys         [][]string // unique without nulls, the primary key first
	primary      bool       // the first key is the primary one
	// fixed says why none of it can be written, "" where it can.
	fixed   string
	deletes bool // the role may delete rows
	// or is what stands after UPDATE and INSERT, so that a constraint refuses.
	or string
}

func (t *table) add(c *column) {
	if t.byName == nil {
		t.byName = make(map[string]*column)
	}
	t.columns, t.byName[c.name] = append(t.columns, c), c
}

// full is the name as a definition has it.
func (t *table) full() string {
	if t.schema == "" || t.query != "" {
		return t.name
	}
	return t.schema + "." + t.name
}

// from is what a statement reads from or writes to.
func (t *table) from(d dialect) string {
	switch {
	case t.query != "":
		return "(" + strings.TrimRight(strings.TrimSpace(cmp.Or(t.checked, t.query)), "; \t\r\n") + "\n) AS " + d.quote("q")
	case t.schema == "":
		return d.quote(t.name)
	}
	return d.quote(t.schema) + "." + d.quote(t.name)
}

// readable are the columns that the role may read.
func (t *table) readable() []*column {
	return slices.DeleteFunc(slices.Clone(t.columns), func(c *column) bool { return !c.readable })
}

// identity changes when the table becomes another one.
func (t *table) identity() string {
	names := make([]string, 0, len(t.columns))
	for _, c := range t.columns {
		names = append(names, c.name)
	}
	slices.Sort(names) // their order means nothing
	sum := sha256.Sum256([]byte(t.full() + "\x00" + t.query + "\x00" + strings.Join(names, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// unkeyed says why a key can't lead back to one row, "" where it can: only the
// server's own uniqueness is a promise.
func (t *table) unkeyed(key []string) string {
	want := slices.Sorted(slices.Values(key))
	var all []string
	for _, k := range t.keys {
		if slices.Equal(want, slices.Sorted(slices.Values(k))) {
			return ""
		}
		all = append(all, strings.Join(k, ", "))
	}
	if len(all) == 0 {
		return fmt.Sprintf("the %s %s has no primary key and no unique key without nulls, so it can't be told which row a change is for; give it a primary key", t.what, t.full())
	}
	return fmt.Sprintf("%s is no primary or unique key of %s; its keys are: %s", strings.Join(key, ", "), t.full(), strings.Join(all, "; "))
}

// abilities say what can be written by a key.
func (t *table) abilities(key []string) source.Abilities {
	why := t.fixed
	if why == "" {
		why = t.unkeyed(key)
	}
	if why != "" {
		return source.Abilities{Why: why}
	}
	can := source.Abilities{Delete: t.deletes, Insert: true}
	for _, c := range t.columns {
		can.Update = can.Update || c.readOnly() == ""
		switch {
		case !slices.Contains(key, c.name):
		case !c.readable:
			return source.Abilities{Why: fmt.Sprintf("its key column “%s” may not be read by this user of the database", c.name)}
		case !c.inserts && c.fills == "" || c.kind == kindOther || c.kind == kindBinary:
			can.Insert = false
		}
	}
	if !slices.ContainsFunc(t.columns, func(c *column) bool { return c.inserts }) {
		can.Insert = false
	}
	switch {
	case !can.Update:
		can.Why = fmt.Sprintf("no column of %s may be changed by this user of the database", t.full())
	case !can.Insert:
		can.Why = fmt.Sprintf("this user of the database may not add rows to %s (it lacks the right INSERT)", t.full())
	case !can.Delete:
		can.Why = fmt.Sprintf("this user of the database may not delete rows of %s (it lacks the right DELETE)", t.full())
	}
	return can
}

// checkColumns returns a *tabular.ColumnError for a name that is no readable column.
func (t *table) checkColumns(use string, names ...string) error {
	var have []string
	for _, c := range t.readable() {
		have = append(have, c.name)
	}
	for _, name := range names {
		if !slices.Contains(have, name) {
			return &tabular.ColumnError{Column: name, Use: use, Columns: have, Near: tabular.Near(name, have)}
		}
	}
	return nil

}

// splits are the ways to read a table's name as schema and name, the whole of
// it first.
func splits(name string) [][2]string {
	all := [][2]string{{"", name}}
	for i, r := range name {
		if r == '.' && i > 0 && i < len(name)-1 {
			all = append(all, [2]string{name[:i], name[i+1:]})
		}
	}
	return all
}

// noTable says that a table is not there, and which one was probably meant.
func noTable(name string, all []Table) error {
	var full, short []string
	for _, t := range all {
		full = append(full, t.Full())
		if t.Schema != "" && !strings.Contains(name, ".") {
			short = append(short, t.Name)
		}
	}
	names := slices.Concat(full, short)
	msg := fmt.Sprintf("has no table or view “%s”, or this user of the database may not see it", name)
	if near := tabular.Near(name, names); near != "" {
		return fmt.Errorf("%s; did you mean “%s”?", msg, near)
	}
	if len(names) == 0 {
		return fmt.Errorf("%s. There are none that it may see", msg)
	}
	return fmt.Errorf("%s. There are: %s", msg, strings.Join(full[:min(len(full), 20)], ", "))
}
