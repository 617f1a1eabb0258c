package app

import (
	"context"
	"errors"
	"hash/maphash"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"syncline/app/suggest"
	"syncline/sync/definition"
	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/opener"
)

// hashSeed makes the hashes of this process. With 64 bits, two of a million
// values fall together once in 37 million readings; the figures are shown to a
// person and decide nothing.
var hashSeed = maphash.MakeSeed()

// tick is after how many rows progress is told.
const tick = 1000

// RowKeyCount is what all rows of a source show about their key.
type RowKeyCount struct {
	Rows       int // read, unreadable ones included
	Unreadable int
	Empty      int // rows without a value in their key
	Shared     int // rows whose key another row has too: none of them takes part
}

// Clone copies a draft, so that one that is shown can be changed elsewhere.
func (d *Draft) Clone() *Draft {
	c, def := *d, *d.Definition
	def.Source.Key = slices.Clone(def.Source.Key)
	def.HubSpot.Match = slices.Clone(def.HubSpot.Match)
	def.Fields = slices.Clone(def.Fields)
	def.Associations = slices.Clone(def.Associations)
	c.Definition = &def
	c.Rows = slices.Clone(d.Rows)
	return &c
}

// Problems are what keeps the draft from working, by what is known of its
// source and of its object type.
func (d *Draft) Problems() []definition.Problem {
	columns := make([]string, 0, len(d.Schema.Columns))
	for _, c := range d.Schema.Columns {
		columns = append(columns, c.Name)
	}
	return definition.Check(d.Definition, columns, d.Properties)
}

// Sheets are the sheets of the workbook at path, nil when it has none or can't
// be read. They can be chosen from also when the first one can't be read.
func Sheets(path string) []string {
	_, sheets, err := opener.Detect(path)
	if err != nil {
		return nil
	}
	return sheets
}

// SuggestRowKey judges the columns as keys of the source's rows, the best
// first.
func (d *Draft) SuggestRowKey() []suggest.RowKey { return suggest.RowKeys(d.Schema.Columns) }

// GuessObject says which object type the rows seem to be, and why.
func (d *Draft) GuessObject() suggest.Object {
	return suggest.GuessObject(d.Schema.Columns, d.names()...)
}

// GuessOwn is the object type of the portal's own that the name of the file or sheet
// says: nothing in a column tells what people called theirs.
func (d *Draft) GuessOwn(types []Offer) (suggest.Object, bool) {
	for _, t := range types {
		if !t.Custom() || t.Barred != "" {
			continue
		}
		if o, ok := suggest.Named(d.names(), t.Name, t.Label, t.LabelSingular, t.Singular); ok {
			return o, true
		}
	}
	return suggest.Object{}, false
}

// names are what people called the rows.
func (d *Draft) names() []string {
	s := d.Definition.Source
	switch {
	case s.Table != "":
		return []string{s.Table[strings.LastIndex(s.Table, ".")+1:]}
	case s.Object != "":
		return []string{s.Object}
	case s.Path == "":
		return nil
	}
	return []string{filepath.Base(s.Path), s.Sheet}
}

// SetRowKey gives the draft its row key and modified column and counts over
// all rows whether the key identifies them. The progress function gets the
// rows read so far; it may be nil and is called on this goroutine.
func (a *App) SetRowKey(ctx context.Context, d *Draft, key []string, modified string, progress func(rows int)) (RowKeyCount, error) {
	d.Definition.Source.Key, d.Definition.Source.Modified = slices.Clone(key), modified
	var n RowKeyCount
	src, err := d.app.openSource(ctx, d.Definition)
	if err != nil {
		return n, err
	}
	defer src.Close()
	if d.Schema, err = src.Describe(ctx); err != nil {
		return n, err
	}
	copies := make(map[uint64]int32)
	for row, err := range src.Rows(ctx, time.Time{}) {
		if n.Rows++; progress != nil && n.Rows%tick == 0 {
			progress(n.Rows)
		}
		switch bad := (*source.RowError)(nil); {
		case errors.As(err, &bad):
			n.Unreadable++
		case err != nil:
			return n, err
		case row.Key == "":
			n.Empty++
		default:
			copies[maphash.String(hashSeed, row.Key)]++
		}
	}
	for c := range maps.Values(copies) {
		if c > 1 {
			n.Shared += int(c)
		}
	}
	return n, ctx.Err()
}

// UseKeptKey gives the draft a key that the source itself keeps unique, so that
// nothing has to be counted.
func (d *Draft) UseKeptKey(key []string, modified string) RowKeyCount {
	d.Definition.Source.Key, d.Definition.Source.Modified = slices.Clone(key), modified
	rows := d.Schema.Rows
	if rows < 0 {
		rows = len(d.Rows)
	}
	return RowKeyCount{Rows: rows}
}

// RowName is what people would call a row: what the suggested pairs hold of
// the record's name, else its first filled cells.
func (d *Draft) RowName(cells record.Values) string {
	fieldOf := make(map[string]string, len(d.Pairs))
	for _, p := range d.Pairs {
		fieldOf[p.Property] = p.Field
	}
	var name string
	for _, p := range d.Object.Primary {
		v := cells[fieldOf[p]].String()
		if fieldOf[p] == "" || v == "" || (p == d.Object.Email && name != "") {
			continue
		}
		name = joinNonEmpty(" ", name, v)
	}
	if f := fieldOf["company"]; f != "" {
		name = joinNonEmpty(", ", name, cells[f].String())
	}
	if name != "" {
		return name
	}
	n := 0
	for _, c := range d.Schema.Columns {
		if v := cells[c.Name].String(); v != "" && n < 3 {
			name, n = joinNonEmpty(", ", name, v), n+1
		}
	}
	return name
}

func joinNonEmpty(by, a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + by + b
}
