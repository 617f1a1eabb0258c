package database

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/tabular"
)

// writer makes the statements of changes to one table.
type writer struct {
	s     *Source
	t     *table
	shown bool // with the values in them, for people
}

func (w writer) builder() *builder { return &builder{d: w.s.d, shown: w.shown} }

// believed are the conditions that find the row of a change and hold only while
// it is as the change takes it to be.
func (w writer) believed(b *builder, key string, expect record.Values) error {
	parts, ok := splitKey(key, len(w.s.opts.Key))
	if !ok {
		return fmt.Errorf("“%s” is no key of %s", key, strings.Join(w.s.opts.Key, ", "))
	}
	for i, name := range w.s.opts.Key {
		c := w.t.byName[name]
		if i > 0 {
			b.text(" AND ")
		}
		w.s.d.isKey(b, c, parts[i])
		if c.kind == kindText || c.kind == kindDecimal { // to a collation other texts are the same
			b.text(" AND ")
			w.s.d.same(b, c, record.Text(parts[i]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(expect)) {
		b.text(" AND ")
		w.s.d.same(b, w.t.byName[name], expect[name])
	}
	return nil
}

// update is the statement of an update. Err is a refusal before the server is
// asked.
func (w writer) update(ch source.Change) (*builder, error) {
	b := w.builder()
	b.text("UPDATE ", w.t.or, w.t.from(w.s.d), " SET ")
	for i, name := range slices.Sorted(maps.Keys(ch.Fields)) {
		c := w.t.byName[name]
		if why := c.readOnly(); why != "" {
			return nil, fmt.Errorf("“%s” %s", name, why)
		}
		if i > 0 {
			b.text(", ")
		}
		b.text(w.s.d.quote(name), " = ")
		text, err := c.encode(ch.Fields[name], w.s.opts.Zone)
		if err != nil {
			return nil, err
		}
		w.s.d.assign(b, c, text)
	}
	b.text(" WHERE ")
	return b, w.believed(b, ch.Key, ch.Expect)
}

// insert is the statement of a new row; what is empty is left to the server.
func (w writer) insert(ch source.Change) (*builder, error) {
	b, values := w.builder(), w.builder()
	values.shown = w.shown
	var names []string
	overriding := ""
	for _, name := range slices.Sorted(maps.Keys(ch.Fields)) {
		c := w.t.byName[name]
		empty := ch.Fields[name].Empty()
		if empty && !ch.Back && (c.nullable || c.fills != "") {
			continue
		}
		switch {
		case c.numbered && c.inserts && ch.Back:
			overriding = " OVERRIDING SYSTEM VALUE"
		case c.made != "" && ch.Back: // the database makes it again
			continue
		case c.made != "" || !c.inserts:
			return nil, fmt.Errorf("“%s” can't be given a value in a new row", name)
		}
		text, err := c.encode(ch.Fields[name], w.s.opts.Zone)
		if empty && ch.Back && ch.Fields[name].State() == record.Present {
			text, err = new(string), nil // an empty text is not NULL
		}
		if err != nil {
			return nil, err
		}
		if len(names) > 0 {
			values.text(", ")
		}
		names = append(names, w.s.d.quote(name))
		w.s.d.assign(values, c, text)
	}
	for _, k := range w.s.opts.Key {
		if ch.Fields[k].Empty() && w.t.byName[k].fills == "" {
			return nil, fmt.Errorf("a new row needs a value in its key column “%s”", k)
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("a new row needs at least one value")
	}
	b.text("INSERT ", w.t.or, "INTO ", w.t.from(w.s.d), " (", strings.Join(names, ", "), ")", overriding, " VALUES (", values.String(), ")")
	b.args = values.args
	return b, nil
}

// remove is the statement of a deletion.
func (w writer) remove(ch source.Change) (*builder, error) {
	b := w.builder()
	b.text("DELETE FROM ", w.t.from(w.s.d), " WHERE ")
	return b, w.believed(b, ch.Key, ch.Expect)
}

// byKeys is the condition that finds the rows of keys.
func (w writer) byKeys(b *builder, keys []string) error {
	for i, key := range keys {
		if i > 0 {
			b.text(" OR ")
		}
		b.text("(")
		if err := w.believed(b, key, nil); err != nil {
			return err
		}
		b.text(")")
	}
	return nil
}

// returning adds the columns that a statement gives back of each row.
func (w writer) returning(b *builder, columns []*column) {
	b.text(" RETURNING ")
	b.list(len(columns), ", ", func(i int) { b.text(w.s.d.read(columns[i]), " AS ", w.s.d.quote(columns[i].name)) })
}

func (w writer) keyColumns() []*column {
	all := make([]*column, 0, len(w.s.opts.Key))
	for _, k := range w.s.opts.Key {
		all = append(all, w.t.byName[k])
	}
	return all
}

// checked refuses a change that names what is not there, and takes out of it
// what says nothing.
func (w writer) checked(ch source.Change) (source.Change, error) {
	ch.Fields, ch.Expect = present(ch.Fields), present(ch.Expect)
	for _, vs := range []record.Values{ch.Fields, ch.Expect} {
		if err := w.t.checkColumns("fields", slices.Sorted(maps.Keys(vs))...); err != nil {
			return ch, err
		}
	}
	return ch, nil
}

func present(vs record.Values) record.Values {
	out := make(record.Values, len(vs))
	for name, v := range vs {
		if v.State() != record.Absent {
			out[name] = v
		}
	}
	return out
}

// keyAfter is the key of a row after a change to it.
func (w writer) keyAfter(ch source.Change) string {
	parts, ok := splitKey(ch.Key, len(w.s.opts.Key))
	if !ok {
		return ch.Key
	}
	fields := record.Values{}
	for i, k := range w.s.opts.Key {
		fields[k] = record.Text(parts[i])
		if v, writes := ch.Fields[k]; writes {
			fields[k] = v
		}
	}
	return tabular.Key(w.s.opts.Key, fields)
}

// Statements are the changes as the database would be asked to carry them out,
// with the values in them, for people to read.
func (s *Source) Statements(changes []source.Change) []string {
	w := writer{s: s, t: s.t, shown: true}
	all := make([]string, 0, len(changes))
	for _, ch := range changes {
		ch, err := w.checked(ch)
		var b *builder
		if err == nil {
			switch ch.Kind {
			case source.Update:
				b, err = w.update(ch)
			case source.Insert:
				b, err = w.insert(ch)
			case source.Delete:
				b, err = w.remove(ch)
			}
		}
		if err != nil {
			all = append(all, "-- refused: "+strings.ReplaceAll(err.Error(), "\n", " "))
			continue
		}
		all = append(all, b.String()+";")
	}
	return all
}
