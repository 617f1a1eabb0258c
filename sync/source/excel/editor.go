package excel

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"syncline/sync/record"
	"syncline/sync/source/tabular"
)

// class is what kind of content a column mostly holds.
type class uint8

const (
	classText class = iota
	classNumber
	classBool
	classTemporal
	classes
)

// editor holds the edits of one preparation. It is a tabular.Editor.
type editor struct {
	book   *workbook
	layout *layout
	read   *tabular.Cells         // as what a text is read back
	rows   map[int]*heldRow       // those that changes concern
	counts [][classes]int         // per column, the cells of each class
	dates  []int                  // per column, the style of its last date
	last   int                    // the last row with a value, or the header
	styles []int                  // per column, the style in that row
	below  map[int][]int          // formulas in rows further down, which hold no value
	arrays []area                 // filled by array formulas and data tables
	merged []area                 // known once the whole sheet is read
	rules  []*rule                // likewise
	edits  map[int]rowEdits       // what to write, by row
	added  int                    // rows appended
	calc   bool                   // the sheet has formulas
	adds   int                    // rows to append at most
	types  map[string]record.Type // of what is written, by column
	zone   *time.Location         // of the times in cells, nil where it is not known
	// newStyles are number formats that the workbook has no style of, which are
	// added behind the styles that it has.
	newStyles []int
}

// heldRow is a row as the sheet has it, with the values after the edits so far.
type heldRow struct {
	fields record.Values
	cells  map[int]sheetCell // by column
}

// rowEdits are new cells by column.
type rowEdits map[int]newCell

// newCell is a cell to write.
type newCell struct {
	kind  string // "" for a number or nothing, "b", "d", "inlineStr"
	value string // "" empties the cell
	style int
}

func (h *heldRow) has(col int) bool {
	_, ok := h.cells[col]
	return ok
}

func newEditor(w *workbook, l *layout, read *tabular.Cells) *editor {
	n := len(l.header.Names)
	return &editor{book: w, layout: l, read: read, rows: map[int]*heldRow{}, edits: map[int]rowEdits{}, below: map[int][]int{}, types: map[string]record.Type{},
		counts: make([][classes]int, n), dates: make([]int, n), styles: make([]int, n), last: l.headerRow}
}

// sawRow learns from a row what its columns hold. It is called for all rows.
func (e *editor) sawRow(r *sheetRow, isRow bool) {
	for _, c := range r.cells {
		e.calc = e.calc || c.formula
		if c.array != "" {
			if a, ok := parseArea(c.array); ok && len(e.arrays) < e.book.limits.Areas {
				e.arrays = append(e.arrays, a)
			}
		}
		if !isRow && c.formula && r.num > e.last && r.num <= e.last+e.adds && !e.layout.totals(r.num) {
			e.below[r.num] = append(e.below[r.num], c.col)
		}
	}
	if !isRow {
		return
	}
	e.last = r.num
	clear(e.below)
	clear(e.styles)
	for _, c := range r.cells {
		i := c.col - e.layout.left
		if i < 0 || i >= len(e.styles) {
			continue
		}
		e.styles[i] = c.style
		if k, ok := e.book.class(c); ok {
			e.counts[i][k]++
			if k == classTemporal {
				e.dates[i] = c.style
			}
		}
	}
}

// class is what a filled cell holds; ok is false for an empty one or an error.
func (w *workbook) class(c sheetCell) (class, bool) {
	switch {
	case c.kind == "e", c.value == "" && c.kind != "inlineStr":
		return 0, false
	case c.kind == "b":
		return classBool, true
	case c.kind == "d", (c.kind == "" || c.kind == "n") && w.styles.form(c.style).temporal():
		return classTemporal, true
	case c.kind == "" || c.kind == "n":
		return classNumber, true
	}
	return classText, true
}

// hold remembers a row that changes may concern.
func (e *editor) hold(r *sheetRow, fields record.Values) {
	held := &heldRow{fields: fields, cells: make(map[int]sheetCell, len(r.cells))}
	for _, c := range r.cells {
		held.cells[c.col] = c
	}
	e.rows[r.num] = held
}

// Value returns what stands in a cell after the edits so far.
func (e *editor) Value(row int, column string) record.Value { return e.rows[row].fields[column] }

// Set edits a row.
func (e *editor) Set(row int, values record.Values) (record.Values, error) {
	held := e.rows[row]
	edits := rowEdits{}
	now := make(record.Values, len(values))
	for name, v := range values {
		i, _ := e.layout.header.Index(name)
		col := e.layout.left + i
		cell, was := held.cells[col], held.fields[name]
		if v == was || v.Empty() && was.Empty() && was.State() != record.Absent {
			now[name] = was
			continue
		}
		if err := e.writable(row, col, name, cell.formula && !cell.constant); err != nil {
			return nil, err
		}
		n, back, err := e.cell(cell, row, i, v)
		if err == nil {
			err = e.allowed(row, col, n, back)
		}
		if err != nil {
			return nil, fmt.Errorf("%s in %s: %w", name, ref(col, row), err)
		}
		edits[col], now[name] = n, back
	}
	if len(edits) > 0 {
		if e.edits[row] == nil {
			e.edits[row] = rowEdits{}
		}
		maps.Copy(e.edits[row], edits)
	}
	maps.Copy(held.fields, now)
	return now, nil
}

// writable refuses cells whose content is not their own.
func (e *editor) writable(row, col int, name string, formula bool) error {
	at := ref(col, row)
	if formula {
		return fmt.Errorf("%s in %s is calculated by a formula, which is not overwritten; let this field flow to HubSpot only, or replace the formula by its value", name, at)
	}
	if len(e.arrays) == e.book.limits.Areas {
		return fmt.Errorf("the sheet has more than %d array formulas, so that what they fill can't be told; let this field flow to HubSpot only", e.book.limits.Areas)
	}
	for _, a := range e.arrays {
		if a.contains(row, col) {
			return fmt.Errorf("%s in %s is filled by a formula for %s, which is not overwritten; let this field flow to HubSpot only", name, at, a)
		}
	}
	for _, a := range e.merged {
		switch {
		case !a.contains(row, col):
		case row != a.top || col != a.left:
			return fmt.Errorf("%s in %s is merged into %s, so Excel would not show a value there; unmerge the cells and run again", name, at, a)
		case a.bottom > a.top: // it would change the other rows, which nobody changed
			return fmt.Errorf("%s in %s is merged into %s, and what stands there counts for each of these rows; unmerge the cells and run again", name, at, a)
		}
	}
	return nil
}

// Remove empties the cells of a row. The sheet's row itself stays, since
// formulas, names and formats elsewhere count rows.
func (e *editor) Remove(row int) (record.Values, error) {
	was := maps.Clone(e.rows[row].fields)
	empty := make(record.Values, len(was))
	for name, v := range was {
		if !v.Empty() {
			empty[name] = record.Text("")
		}
	}
	if _, err := e.Set(row, empty); err != nil {
		return nil, err
	}
	return was, nil
}

// Append adds a row below the last one, in its style.
func (e *editor) Append(values record.Values) (record.Values, error) {
	row := e.last + e.added + 1
	if row > maxRows {
		return nil, fmt.Errorf("the sheet is full: Excel holds %d rows", maxRows)
	}
	for _, t := range e.layout.tables {
		if t.totals > 0 && e.layout.covers(t) && row > t.area.bottom-t.totals {
			return nil, fmt.Errorf("the table “%s” ends with a totals row, and there is no empty row above it; switch its totals row off (Table Design, Total Row), or insert empty rows above it", t.name)
		}
	}
	edits := rowEdits{}
	now := make(record.Values, len(values))
	for i, name := range e.layout.header.Names {
		col, v := e.layout.left+i, values[name]
		formula := contains(e.below[row], col)
		if v.Empty() {
			now[name] = record.None()
			if !formula {
				edits[col] = newCell{style: e.styles[i]}
			}
			continue
		}
		if err := e.writable(row, col, name, formula); err != nil {
			return nil, err
		}
		n, back, err := e.cell(sheetCell{style: e.styles[i]}, row, i, v)
		if err == nil {
			err = e.allowed(row, col, n, back)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		edits[col], now[name] = n, back
	}
	e.edits[row] = edits
	e.added++
	return now, nil
}

func contains(cols []int, col int) bool {
	for _, c := range cols {
		if c == col {
			return true
		}
	}
	return false
}

// cell makes the new content of a cell in a row and column i, and says what it will be
// read back as. The cell keeps its kind where the value allows it: a date
// stays a date, a number that a value can be without loss stays a number. An
// empty cell takes after its own format, and else after its column.
func (e *editor) cell(was sheetCell, row, i int, v record.Value) (newCell, record.Value, error) {
	text := v.String()
	if text == "" {
		return newCell{style: was.style}, record.None(), nil
	}
	if err := checkText(text); err != nil {
		return newCell{}, v, err
	}
	form := e.book.styles.form(was.style)
	kind, filled := e.book.class(was)
	if !filled {
		if kind = e.columnClass(i, form); kind == classText && form != formText && e.wantsNumber(row, e.layout.left+i) {
			kind = classNumber
		}
		switch {
		case kind != classTemporal || form.temporal():
		case e.zone == nil && isMoment(text) && e.counts[i][classTemporal] == 0:
			kind = classText // as a text it keeps its zone
		default:
			was.style = e.dateStyle(i, text)
			form = e.book.styles.form(was.style)
		}
	}
	n := newCell{kind: "inlineStr", value: text, style: was.style}
	masked, other := "", false // other: the format would show another value
	if m := e.book.styles.mask(was.style); m != nil {
		masked, _ = m.number(text)
		_, of := m.show(text)
		other = masked == "" && (of == identifier || of == word)
	}
	switch {
	case form == formText:
	case masked != "":
		n.kind, n.value = "", masked
	case kind == classTemporal, form.temporal():
		local, err := e.local(text)
		if was.kind == "d" && isMoment(was.value) {
			local, err = text, nil // it has its zone in the cell
		}
		if err != nil {
			return n, v, err
		}
		number, ok := serialText(local, e.book.date1904)
		switch {
		case ok && was.kind == "d":
			n.kind, n.value = "d", local
		case ok && isTemporal(number, form, e.book.date1904) && !beyondDay(local, form):
			n.kind, n.value = "", number
		case ok && filled && beyondDay(local, form):
			return n, v, fmt.Errorf("“%s” is longer than a day, and the cell's format shows times of day; give it the format [h]:mm, or format it as text", clip(text))
		case filled && kind == classTemporal && isDay(text):
			return n, v, fmt.Errorf("“%s” is a day that Excel does not know, which counts from %s on; format the cell as text", clip(text), firstDay(e.book.date1904))
		case filled && kind == classTemporal:
			return n, v, fmt.Errorf("“%s” is not a date or time in the form 2026-11-24, 2026-11-24T06:00:00 or 06:00:00, and the cell holds one; map the field with a date transform, or format the cell as text", clip(text))
		}
	case kind == classBool && (strings.EqualFold(text, "true") || strings.EqualFold(text, "false")):
		n.kind, n.value = "b", map[bool]string{true: "1", false: "0"}[strings.EqualFold(text, "true")]
	case kind == classNumber && !other && plainNumber(text):
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return n, v, err
		}
		// A text of its own, such as a version 1.50, keeps its zeros.
		t := e.types[e.layout.header.Names[i]]
		if number := decimal(f); number == text || t == "" || t == record.TypeNumber {
			n.kind, n.value = "", number
		}
	}
	back, err := e.book.text(sheetCell{kind: n.kind, value: n.value, inline: n.value, style: n.style})
	if err == nil && n.kind == "inlineStr" {
		var seen string
		if seen, err = e.read.Back(back.String()); err != nil {
			return n, v, fmt.Errorf("the value %w", err)
		}
		if back = record.Text(seen); seen == "" {
			back = record.None()
		}
	}
	return n, back, err
}

// isMoment reports whether a text is a time with a zone.
func isMoment(text string) bool {
	_, err := time.Parse(time.RFC3339Nano, text)
	return err == nil
}

// isDay reports whether a text begins with a day.
func isDay(text string) bool {
	_, err := time.Parse(dateText, text[:min(len(text), len(dateText))])
	return err == nil
}

// firstDay is the first day that the cells of a workbook can hold.
func firstDay(date1904 bool) string {
	if date1904 {
		return epoch1904.Format(dateText)
	}
	return "1900-01-01"
}

// local is a text as the cells of a workbook have it, which know no zones: a
// moment is the time that the clocks of the source's zone show then.
func (e *editor) local(text string) (string, error) {
	t, err := time.Parse(time.RFC3339Nano, text)
	switch {
	case err != nil:
		return text, nil
	case e.zone == nil:
		return "", fmt.Errorf("“%s” is a moment, and the times of a workbook have no zone; say zone: (such as Europe/Berlin) under source", clip(text))
	}
	local := t.In(e.zone).Format(dateTimeText + ".999")
	if back, _, err := record.ReadMoment(local, e.zone); err != nil || !back.Equal(t.Truncate(time.Millisecond)) {
		return "", fmt.Errorf("“%s” is in an hour that the clocks of %s show twice, so that a cell can't hold it; format the cell as text", clip(text), e.zone)
	}
	return local, nil
}

// dateStyle is the style of a column's dates: that of its last one, else one
// that the workbook has, else a new one.
func (e *editor) dateStyle(i int, text string) int {
	if e.dates[i] != 0 {
		return e.dates[i]
	}
	want, number := formDate, 14 // as the reader's country writes a day
	if strings.Contains(text, ":") {
		want, number = formDateTime, 22
	}
	for k, f := range e.book.styles {
		if f.form == want {
			return k
		}
	}
	if e.book.stylesPart == "" {
		return 0
	}
	e.newStyles = append(e.newStyles, number)
	e.book.styles = append(e.book.styles, format{form: want})
	return len(e.book.styles) - 1
}

// columnClass is what an empty cell of a column is to become: what its format
// says, or the class that all filled cells of the column have in common, or
// where there are none the type of what is written.
func (e *editor) columnClass(i int, f form) class {
	if f == formText {
		return classText
	}
	if f.temporal() {
		return classTemporal
	}
	common, any := classText, false
	for k, n := range e.counts[i] {
		if n == 0 {
			continue
		}
		any = true
		if class(k) == classText || common != classText {
			return classText
		}
		common = class(k)
	}
	if any {
		return common
	}
	switch e.types[e.layout.header.Names[i]] {
	case record.TypeNumber:
		return classNumber
	case record.TypeBool:
		return classBool
	case record.TypeDate, record.TypeDateTime:
		return classTemporal
	}
	return classText
}

func isTemporal(number string, f form, date1904 bool) bool {
	n, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return false
	}
	_, ok := temporalText(n, f, date1904)
	return ok
}

func checkText(s string) error {
	if !utf8.ValidString(s) {
		return fmt.Errorf("the value holds bytes that are no text; replace them and try again")
	}
	if len(s) > maxText {
		if n := len(utf16.Encode([]rune(s))); n > maxText {
			return fmt.Errorf("the value has %d characters, and a cell holds %d; shorten it with the transform “truncate”", n, maxText)
		}
	}
	return nil
}

func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
