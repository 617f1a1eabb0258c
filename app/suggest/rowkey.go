package suggest

import (
	"cmp"
	"slices"

	"syncline/sync/record"
	"syncline/sync/source"
)

// RowKey is a column that could identify a row within its source.
type RowKey struct {
	Column  string
	Verdict Verdict
	Reason  string // a sentence without a full stop
}

// RowKeys judges all columns by their samples, the best first and else in the
// order of the columns. Only the first one may be Best.
func RowKeys(columns []source.Column) []RowKey {
	type judged struct {
		RowKey
		id bool
	}
	all := make([]judged, 0, len(columns))
	for _, c := range columns {
		j := judged{id: wordsNameAnID(c.Name)}
		j.Column = c.Name
		j.Verdict, j.Reason = judgeRowKey(c, j.id)
		all = append(all, j)
	}
	slices.SortStableFunc(all, func(a, b judged) int {
		return cmp.Or(cmp.Compare(a.Verdict, b.Verdict), -compareBool(a.id, b.id))
	})
	keys := make([]RowKey, len(all))
	for i, j := range all {
		keys[i] = j.RowKey
	}
	if len(keys) > 0 && keys[0].Verdict == Good {
		keys[0].Verdict = Best
	}
	return keys
}

func wordsNameAnID(name string) bool {
	for _, w := range split(name) {
		if idWords[w] {
			return true
		}
	}
	return false
}

// judgeRowKey wants what every row has and no two rows share; names, dates and
// amounts change or repeat sooner or later even where the sample shows none.
func judgeRowKey(c source.Column, id bool) (Verdict, string) {
	m := MeasureOf(c)
	switch {
	case m.Filled == 0:
		return NotAKey, "Empty in every row looked at"
	case m.Fill() < 0.9:
		return NotAKey, "Some rows have no value"
	case repeats(m) > 0.05:
		return NotAKey, "Many rows share a value"
	case m.Filled < m.Rows:
		return Weak, "Some rows have no value"
	case m.Duplicates() > 0:
		return Weak, "Some rows share a value"
	case id:
		return Good, "Always filled, never repeated"
	}
	switch shapeOf(c.Samples, c.Type) {
	case shapeEmail:
		return Good, "Always filled, never repeated, but people change their address"
	case shapeDate, shapeDateTime, shapeBoolean, shapePhone:
		return Weak, "Never repeated so far, but it may be"
	}
	if c.Type == record.TypeNumber {
		return Weak, "Never repeated so far, but it looks like an amount"
	}
	return Weak, "Never repeated so far, but its name does not say that it never will be"
}
