package tabular

import (
	"fmt"
	"slices"

	"syncline/sync/record"
	"syncline/sync/source"
)

// kind is what may have to be told of cells.
type kind uint8

const (
	kindInvisible kind = iota
	kindGarbled
	kindEntity
	kindEscaped
	kindLiteral
	kindLineEnd
	kindLikeError
	kindFormula
	kindThousands
	kindBlankWord
	kindBlankCase
	kindProtected
	kindShort
	kindMerged
	kindShown
	kindBehind
	kindAmount
	kindDay
	kindBool
	kindPart
	kindLong
	kindHidden
	kindHiddenColumn
	kindFiltered
	kindKey
)

// Tally counts what was done to cells, by kind and column.
type Tally struct {
	order  []tallied
	counts map[tallied]*count
	words  []string // met that may mean "nothing"
	blanks []string // of the definition
}

type tallied struct {
	kind   kind
	column string
}

type count struct {
	n     int
	line  int    // of the first one
	first string // what it was
}

func (t *Tally) add(k kind, column string, line int, what string) {
	key := tallied{k, column}
	c := t.counts[key]
	if c == nil {
		if t.counts == nil {
			t.counts = map[tallied]*count{}
		}
		c = &count{line: line, first: what}
		t.counts[key] = c
		t.order = append(t.order, key)
	}
	c.n++
}

// meet remembers a word that may mean "nothing".
func (t *Tally) meet(word string) {
	if !slices.Contains(t.words, word) {
		t.words = append(t.words, word)
	}
}

// Protected counts a cell whose text stood in a form that keeps zeros.
func (t *Tally) Protected(column string, line int, written string) {
	t.add(kindProtected, column, line, written)
}

// Formula counts a cell of a text file that holds a formula.
func (t *Tally) Formula(column string, line int, written string) {
	t.add(kindFormula, column, line, written)
}

// Thousands counts a text that may be thousands, in a column that may hold
// numbers.
func (t *Tally) Thousands(column string, row int, text string) {
	t.add(kindThousands, column, row, text)
}

// Short counts a row with fewer cells than the header.
func (t *Tally) Short(line int) { t.add(kindShort, "", line, "") }

// Merged counts cells that got their value from the merged area they are in.
func (t *Tally) Merged(column string, row int, area string) { t.add(kindMerged, column, row, area) }

// Shown counts numbers that were read as their format shows them.
func (t *Tally) Shown(column string, row int, what string) { t.add(kindShown, column, row, what) }

// Behind counts numbers that were read as they are, though their format may show
// something else.
func (t *Tally) Behind(column string, row int, format string) {
	t.add(kindBehind, column, row, format)
}

// Amount counts numbers that are read as they are, and that their format shows
// with a unit, in per cent, with other places, in groups.
func (t *Tally) Amount(column string, row int, what string) { t.add(kindAmount, column, row, what) }

// Day counts dates and times, which a text gets in one form, however they are shown.
func (t *Tally) Day(column string, row int, read string) { t.add(kindDay, column, row, read) }

// Bool counts booleans, which a text gets in small letters, however they are shown.
func (t *Tally) Bool(column string, row int, read string) { t.add(kindBool, column, row, read) }

// Part counts dates of which their format shows a part.
func (t *Tally) Part(column string, row int, read string) { t.add(kindPart, column, row, read) }

// Long counts numbers with more digits than a workbook keeps.
func (t *Tally) Long(column string, row int, read string) { t.add(kindLong, column, row, read) }

// Hidden counts a hidden row that was read, Filtered one that a filter hides.
func (t *Tally) Hidden(row int) { t.add(kindHidden, "", row, "") }

// Filtered counts a row that a filter hides.
func (t *Tally) Filtered(row int) { t.add(kindFiltered, "", row, "") }

// Keys counts cells of the row key that hold a number as spreadsheets show one that is
// too long for its column.
func (t *Tally) Keys(key []string, fields record.Values, row int) {
	for _, column := range key {
		if text := fields[column].String(); record.Scientific(text) == record.SurelyScientific {
			t.add(kindKey, column, row, text)
		}
	}
}

// HiddenColumn notes a hidden column that is read.
func (t *Tally) HiddenColumn(column, letters string) { t.add(kindHiddenColumn, column, 0, letters) }

// Notes says what was counted, once per kind and column.
func (t *Tally) Notes() []source.Note {
	var notes []source.Note
	for _, k := range t.order {
		text := t.counts[k].sentence(k)
		if k.kind == kindBlankWord {
			text += " " + t.advice()
		}
		notes = append(notes, source.Note{Column: k.column, Text: text, Numbers: k.kind == kindThousands, Texts: k.kind == kindAmount || k.kind == kindDay || k.kind == kindBool})
	}
	if len(t.words) > 1 && !slices.ContainsFunc(t.order, func(k tallied) bool { return k.kind == kindBlankWord }) {
		notes = append(notes, source.Note{Text: fmt.Sprintf("The file holds %d words by which programs write “nothing”. %s", len(t.words), t.advice())})
	}
	return notes
}

// advice is what to do about the words that may mean "nothing": about all of
// the file, since the definition has one list.
func (t *Tally) advice() string {
	verb := "it means"
	if len(t.words) > 1 {
		verb = "they mean"
	}
	return fmt.Sprintf("If %s empty, write blanks: %s under source; if not, blanks: [].", verb, yamlList(t.blanks, t.words...))
}

func (c *count) sentence(k tallied) string {
	cells := counted(c.n, "cell", "cells")
	rows := counted(c.n, "row", "rows")
	switch k.kind {
	case kindInvisible:
		return fmt.Sprintf("In the column “%s” the invisible characters of %s are left out (the first is %s on line %d).", k.column, cells, c.first, c.line)
	case kindGarbled:
		return fmt.Sprintf("In the column “%s” %s that a program may have read in a wrong encoding before (the first is %s on line %d): correct such cells where they come from.", k.column, there(c.n, cells), c.first, c.line)
	case kindEntity:
		return fmt.Sprintf("In the column “%s” %s with letters as web pages write them (the first is %s on line %d): they are taken as they stand; correct them where they come from.", k.column, there(c.n, cells), c.first, c.line)
	case kindEscaped:
		return fmt.Sprintf("In the column “%s” %s in which a program may have written letters in signs (the first is %s on line %d): they are taken as they stand; correct them where they come from.", k.column, there(c.n, cells), c.first, c.line)
	case kindLiteral:
		return fmt.Sprintf("In the column “%s” %s with a text, list or object as programs write it, or a field that one has not filled in (the first is %s on line %d): it is taken as it stands; export the plain text.", k.column, there(c.n, cells), c.first, c.line)
	case kindLineEnd:
		return fmt.Sprintf("In the column “%s” %s with a line end that few programs show (the first is %s on line %d): it is taken as it stands; put a space or an ordinary line end there.", k.column, there(c.n, cells), c.first, c.line)
	case kindLikeError:
		return fmt.Sprintf("In the column “%s” %s that may be an error of a spreadsheet (the first is %s on line %d): it is taken as a text; correct it where it comes from.", k.column, there(c.n, cells), c.first, c.line)
	case kindFormula:
		return fmt.Sprintf("In the column “%s” %s with a formula, which nothing calculates in a CSV file (the first is %s on line %d): each is taken as a text; export the results.", k.column, there(c.n, cells), c.first, c.line)
	case kindThousands:
		return fmt.Sprintf("In the column “%s” %s with a text such as %s (row %d), which is read as a number with three places; if thousands are meant, make numbers of such cells in Excel, or add the transform { number: { decimal: \",\", group: \".\" } }.", k.column, there(c.n, cells), c.first, c.line)
	case kindBlankWord:
		return fmt.Sprintf("In the column “%s” %s with a word that may mean “nothing” (the first is “%s” on line %d): it is taken as a word.",
			k.column, there(c.n, cells), c.first, c.line)
	case kindBlankCase:
		return fmt.Sprintf("In the column “%s” %s taken as empty, whose word is listed under blanks in another case (the first is “%s” on line %d).", k.column, are(c.n, cells), c.first, c.line)
	case kindProtected:
		return fmt.Sprintf("In the column “%s” %s written in a form that keeps zeros (the first is %s on line %d): the form is taken off.", k.column, are(c.n, cells), c.first, c.line)
	case kindShort:
		return fmt.Sprintf("%s shorter than the header (the first is line %d): missing cells count as empty.", are(c.n, rows), c.line)
	case kindMerged:
		return fmt.Sprintf("In the column “%s” %s merged with others (the first area is %s): each gets the value of its area.", k.column, are(c.n, cells), c.first)
	case kindShown:
		return fmt.Sprintf("In the column “%s” %s read as they are shown, not as the number behind (the first is %s in row %d).", k.column, are(c.n, cells), c.first, c.line)
	case kindBehind:
		return fmt.Sprintf("In the column “%s” %s in a number format that is not read as shown (the first is %s in row %d): the number behind it is read.", k.column, are(c.n, cells), c.first, c.line)
	case kindAmount:
		return fmt.Sprintf("In the column “%s”, which flows to a text, %s a number that is shown otherwise (the first is read as %s, in row %d): the number is taken, without its unit, its grouping or zeros at its end; for what is shown, make texts of such cells.", k.column, hold(c.n, cells), c.first, c.line)
	case kindDay:
		return fmt.Sprintf("In the column “%s”, which flows to a text, %s a date or time (the first is read as %s, in row %d): it is written in this form, however it is shown.", k.column, hold(c.n, cells), c.first, c.line)
	case kindBool:
		return fmt.Sprintf("In the column “%s”, which flows to a text, %s true or false as spreadsheets know them (the first is read as %s, in row %d): they are written in this form, however they are shown.", k.column, hold(c.n, cells), c.first, c.line)
	case kindPart:
		return fmt.Sprintf("In the column “%s” %s with a date or time of which Excel shows a part only (the first is %s in row %d): all of it is read.", k.column, there(c.n, cells), c.first, c.line)
	case kindLong:
		return fmt.Sprintf("In the column “%s” %s with a number of more than 15 digits (the first is read as %s in row %d): workbooks keep 15, and digits beyond 15 are lost; write such numbers as texts.", k.column, there(c.n, cells), c.first, c.line)
	case kindKey:
		return fmt.Sprintf("In the column “%s”, by which rows are known, %s with a number as a spreadsheet shows one that is too long for its column (the first is %s on line %d): its last digits are lost, so that other rows may seem to be this one. Format the column as text there and export it anew.", k.column, there(c.n, cells), c.first, c.line)
	case kindHidden:
		return fmt.Sprintf("%s hidden (the first is row %d) and read like the others.", are(c.n, rows), c.line)
	case kindFiltered:
		return fmt.Sprintf("%s hidden by a filter (the first is row %d) and read like the others.", are(c.n, rows), c.line)
	case kindHiddenColumn:
		return fmt.Sprintf("The column “%s” (%s) is hidden and read like the others.", k.column, c.first)
	}
	return ""
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func are(n int, what string) string {
	if n == 1 {
		return what + " is"
	}
	return what + " are"
}

func hold(n int, what string) string {
	if n == 1 {
		return what + " holds"
	}
	return what + " hold"
}

func there(n int, what string) string {
	if n == 1 {
		return "there is " + what
	}
	return "there are " + what
}
