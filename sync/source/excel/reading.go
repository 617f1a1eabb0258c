package excel

import (
	"fmt"
	"slices"
	"strings"

	"syncline/sync/record"
	"syncline/sync/source/tabular"
)

// reading turns the rows of a sheet, which come in order, into records.
type reading struct {
	*layout
	book  *workbook
	cells *tabular.Cells
	marks tabular.Marks // in which the sync reads numbers
	typed *tabular.Numbers
	// areas are the merged areas that reach into the rows, by their first row;
	// open are those that the present row is in.
	areas []area
	open  []merging
}

// merging is a merged area with what its first cell holds.
type merging struct {
	area
	value record.Value
	err   error
}

func newReading(l *layout, w *workbook, cells *tabular.Cells, marks tabular.Marks) *reading {
	r := &reading{layout: l, book: w, cells: cells, marks: marks}
	for _, a := range l.around.merged {
		if a.bottom > l.headerRow && a.left <= l.right() && a.right >= l.left && (a.bottom > a.top || a.right > a.left) {
			r.areas = append(r.areas, a)
		}
	}
	slices.SortStableFunc(r.areas, func(a, b area) int { return a.top - b.top })
	return r
}

// row reads a row's values. It has no fields when the row is none: the header
// or above it, totals, or empty. Columns that can't be used are absent from
// the fields, and named with the reason.
func (r *reading) row(row *sheetRow) (fields record.Values, broken, reasons []string) {
	if row.num <= r.headerRow || r.totals(row.num) {
		return nil, nil, nil
	}
	names := r.header.Names
	fields = make(record.Values, len(names))
	for _, name := range names {
		fields[name] = record.None()
	}
	refuse := func(name, reason string) {
		delete(fields, name)
		broken = append(broken, name)
		if reason != "" {
			reasons = append(reasons, reason)
		}
	}
	filled, size := false, 0
	for _, c := range row.cells {
		if c.col < r.left || c.col > r.right() {
			continue
		}
		name := names[c.col-r.left]
		if size > r.book.limits.Row {
			refuse(name, "")
			continue
		}
		v, err := r.value(c, row.num, name)
		if size += len(v.String()); size > r.book.limits.Row {
			refuse(name, r.book.limits.LongRow(name))
			continue
		}
		if err != nil {
			refuse(name, fmt.Sprintf("%s %s (%s)", ref(c.col, row.num), err, name))
			continue
		}
		fields[name] = v
		filled = filled || !v.Empty()
	}
	r.enter(row)
	if !filled && broken == nil {
		return nil, nil, nil
	}
	r.fill(row.num, fields, refuse)
	switch {
	case r.inFilter(row):
		r.cells.Tally.Filtered(row.num)
	case row.hidden:
		r.cells.Tally.Hidden(row.num)
	}
	return fields, broken, reasons
}

func (r *reading) inFilter(row *sheetRow) bool {
	return row.hidden && slices.ContainsFunc(r.around.filters, func(a area) bool { return row.num > a.top && row.num <= a.bottom })
}

// value reads a cell, and counts what is to be told of it.
func (r *reading) value(c sheetCell, row int, name string) (record.Value, error) {
	if c.formula && c.value == "" && c.inline == "" && c.kind != "str" {
		return record.None(), fmt.Errorf("holds a formula without a result, because the program that wrote the workbook did not calculate it; open the workbook in Excel and save it")
	}
	if c.formula && r.book.uncalculated && strings.TrimSpace(c.value) == "0" {
		return record.None(), fmt.Errorf("holds a formula that was never calculated; open the workbook in Excel and save it")
	}
	v, err := r.book.text(c)
	if err != nil {
		return v, err
	}
	if stored := strings.TrimSpace(c.value); (c.kind == "" || c.kind == "n") && tooLong(stored) && !isRound(v.String()) && !r.book.styles.form(c.style).temporal() {
		return record.None(), fmt.Errorf("holds a number of more than 15 digits (%s), and Excel makes zeros of those beyond 15, so that it may not be what was entered; format the cell as text and enter the number again", v)
	}
	switch c.kind {
	case "s", "str", "inlineStr":
		if v.Empty() {
			return v, nil
		}
		text, err := r.cells.Read(name, row, v.String())
		if err != nil || text == "" {
			return record.None(), err
		}
		if record.Thousands(text) {
			r.cells.Tally.Thousands(name, row, text)
		}
		return record.Text(text), nil
	case "b":
		r.cells.Tally.Bool(name, row, v.String())
	case "", "n":
		r.typed.Note(v.String())
		if err := r.marks.Check(name, v.String()); err != nil {
			return record.None(), err
		}
		r.tell(c, row, name, v.String())
	}
	return v, nil
}

// tell counts a number that is not what it seems: by its format, or by its
// length.
func (r *reading) tell(c sheetCell, row int, name, read string) {
	stored := strings.TrimSpace(c.value)
	if stored == "" {
		return
	}
	if f := r.book.styles.format(c.style); f.form.temporal() {
		if f.form == formDate && f.part || f.form == formTime && strings.Contains(read, "T") {
			r.cells.Tally.Part(name, row, read)
		}
		r.cells.Tally.Day(name, row, read)
		return
	}
	if m := r.book.styles.mask(c.style); m != nil {
		switch _, of := m.show(stored); {
		case of == open:
			r.cells.Tally.Behind(name, row, m.code)
		case of != amount && read != stored:
			r.cells.Tally.Shown(name, row, read)
		case of == amount && m.dresses(read):
			r.cells.Tally.Amount(name, row, read+" in "+m.code)
		}
	}
	if tooLong(stored) {
		r.cells.Tally.Long(name, row, read)
	}
}

// enter opens the merged areas that start in a row, and closes those that
// ended above it.
func (r *reading) enter(row *sheetRow) {
	r.open = slices.DeleteFunc(r.open, func(m merging) bool { return m.bottom < row.num })
	for len(r.areas) > 0 && r.areas[0].top <= row.num {
		m := merging{area: r.areas[0]}
		r.areas = r.areas[1:]
		if m.bottom < row.num {
			continue
		}
		for _, c := range row.cells {
			if c.col == m.left && row.num == m.top && c.col >= r.left && c.col <= r.right() {
				m.value, m.err = r.value(c, row.num, r.header.Names[c.col-r.left])
			}
		}
		r.open = append(r.open, m)
	}
}

// fill gives the cells of merged areas the value of their area, down a column.
// An area over several columns leaves open what the further ones hold, and one
// over all of them is a heading.
func (r *reading) fill(row int, fields record.Values, refuse func(name, reason string)) {
	for _, m := range r.open {
		if m.right > m.left {
			r.wide(m, row, fields, refuse)
			continue
		}
		name := r.header.Names[m.left-r.left]
		v, known := fields[name]
		if row == m.top || !known || !v.Empty() {
			continue
		}
		if m.err != nil {
			refuse(name, fmt.Sprintf("%s %s (%s)", ref(m.left, m.top), m.err, name))
			continue
		}
		if m.value.Empty() {
			continue
		}
		fields[name] = m.value
		r.cells.Tally.Merged(name, row, m.String())
	}
}

// wide refuses the columns of an area over several ones that are not its first.
func (r *reading) wide(m merging, row int, fields record.Values, refuse func(name, reason string)) {
	said := false
	for col := max(m.left, r.left); col <= min(m.right, r.right()); col++ {
		name := r.header.Names[col-r.left]
		if v, known := fields[name]; !known || col == m.left && row == m.top || !v.Empty() {
			continue
		}
		reason := ""
		if !said {
			said = true
			reason = fmt.Sprintf("%s is merged into %s, over several columns, so that what it holds is open; unmerge these cells (%s)", ref(col, row), m, name)
		}
		refuse(name, reason)
	}
}
