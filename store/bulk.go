package store

import (
	"strconv"
	"strings"

	"syncline/sync/record"
)

// bulk is how many rows one statement takes: with more of them hardly anything
// is gained.
const bulk = 50

// inBulk gives all to do in pieces of one length, and what is left one by one,
// so that the statements that are made for them are two and stay prepared.
func inBulk[T any](all []T, do func([]T) error) error {
	for len(all) >= bulk {
		if err := do(all[:bulk]); err != nil {
			return err
		}
		all = all[bulk:]
	}
	for i := range all {
		if err := do(all[i : i+1]); err != nil {
			return err
		}
	}
	return nil
}

// marks are the places of n rows of some columns in a statement.
func marks(columns, n int) string {
	row := ",(" + strings.Repeat(",?", columns)[1:] + ")"
	return strings.Repeat(row, n)[1:]
}

// marksBeside are the places of n rows whose first columns, fixed of them, are
// the same: their values come once, before those of the rows.
func marksBeside(fixed, columns, n int) string {
	row := ",("
	for i := range fixed {
		row += "?" + strconv.Itoa(i+1) + ","
	}
	row += strings.Repeat("?,", columns)
	return strings.Repeat(row[:len(row)-1]+")", n)[1:]
}

// alike reports whether all are like the first.
func alike[T any](all []T, like func(a, b *T) bool) bool {
	for i := range all {
		if !like(&all[0], &all[i]) {
			return false
		}
	}
	return true
}

// numberList is a list of numbers as JSON.
func numberList[T int | int64](all []T) string {
	b := []byte{'['}
	for i, n := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(n), 10)
	}
	return string(append(b, ']'))
}

// jsonList is a list of texts as JSON. Bytes that are no UTF-8 become U+FFFD.
func jsonList[T ~string](all []T) string {
	b := []byte{'['}
	for i, t := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = record.Text(string(t)).AppendJSON(b)
	}
	return string(append(b, ']'))
}
