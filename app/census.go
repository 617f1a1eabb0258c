package app

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"syncline/sync/record"
	"syncline/sync/source"
)

// ValueCount is a value of a column and in how many rows it stands.
type ValueCount struct {
	Value string
	Rows  int
}

// mostDistinct is how many different values of a column are kept: every value
// map is smaller, and a column of e-mail addresses must not fill the memory.
const mostDistinct = 10_000

// All columns together keep no more values and no more of their text than
// these, as a table of thousands of columns or of long texts would.
const (
	mostValues = 1_000_000
	mostText   = 64 << 20
)

// Census is what the rows of a source hold, column by column. It does not
// change once it is made.
type Census struct {
	Rows    int
	columns map[string]*counted
	kept    int // values, of all columns
	text    int // their length
}

type counted struct {
	values []ValueCount // the commonest first, else as they came
	more   bool         // there are different values beyond those kept
	at     map[string]int
}

func newCensus() *Census { return &Census{columns: make(map[string]*counted)} }

func (c *Census) add(row record.Row) {
	c.Rows++
	for name, v := range row.Fields {
		if v.Empty() {
			continue
		}
		col := c.columns[name]
		if col == nil {
			col = &counted{at: make(map[string]int)}
			c.columns[name] = col
		}
		text := v.String()
		if i, ok := col.at[text]; ok {
			col.values[i].Rows++
			continue
		}
		if len(col.values) == mostDistinct || c.kept == mostValues || c.text >= mostText {
			col.more = true
			continue
		}
		c.kept, c.text = c.kept+1, c.text+len(text)
		col.at[text] = len(col.values)
		col.values = append(col.values, ValueCount{text, 1})
	}
}

// done sorts what was counted.
func (c *Census) done() *Census {
	for _, col := range c.columns {
		col.at = nil
		sortCounts(col.values)
	}
	return c
}

func sortCounts(values []ValueCount) {
	slices.SortStableFunc(values, func(a, b ValueCount) int { return cmp.Compare(b.Rows, a.Rows) })
}

// Values are the different values of a column, the commonest first; all says
// whether there are no others. The slice must not be changed.
func (c *Census) Values(column string) (values []ValueCount, all bool) {
	col := c.columns[column]
	if col == nil {
		return nil, true
	}
	return col.values, !col.more
}

// censusOf counts the rows of a sample.
func censusOf(rows []record.Row) *Census {
	c := newCensus()
	for _, row := range rows {
		c.add(row)
	}
	return c.done()
}

// Census counts the values of all rows of the draft's source. Rows that can't
// be read are left out.
func (d *Draft) Census(ctx context.Context) (*Census, error) {
	src, err := d.app.openSource(ctx, d.Definition)
	if err != nil {
		return nil, err
	}
	defer src.Close()
	c := newCensus()
	for row, err := range src.Rows(ctx, time.Time{}) {
		var bad *source.RowError
		if errors.As(err, &bad) {
			continue
		}
		if err != nil {
			return nil, err
		}
		c.add(row)
	}
	return c.done(), nil
}
