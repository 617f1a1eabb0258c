package excel

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"syncline/sync/record"
	"syncline/sync/source/localfile"
	"syncline/sync/source/tabular"
)

// layout is where in a workbook the rows stand.
type layout struct {
	info      fs.FileInfo // the file it was found in
	sheet     sheet
	header    tabular.Header
	headerRow int // 1-based
	left      int // column of the first header cell, 0-based
	tables    []table
	others    []string // the workbook's other sheets
}

// table is one of Excel's named tables on the sheet.
type table struct {
	part   string
	name   string
	area   area
	header bool
	totals int // rows of totals at its bottom
}

// opened is a workbook file that is open for reading.
type opened struct {
	*workbook
	file io.Closer
	info fs.FileInfo
}

func (o *opened) close() error { return o.file.Close() }

func openWorkbook(path string) (*opened, error) {
	f, info, err := localfile.Open(path)
	if err != nil {
		return nil, err
	}
	w, err := readWorkbook(f, info.Size())
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &opened{w, f, info}, nil
}

// Sheets returns the names of a workbook's worksheets, those that are shown
// first. Its errors name the file and say what it is instead of a workbook.
func Sheets(ctx context.Context, path string) ([]string, error) {
	w, err := openWorkbook(path)
	if err != nil {
		return nil, sentence(ctx, path, err)
	}
	defer w.close()
	var shown, hidden []string
	for _, s := range w.sheets {
		if s.Hidden {
			hidden = append(hidden, s.Name)
		} else {
			shown = append(shown, s.Name)
		}
	}
	return append(shown, hidden...), nil
}

// sentence names the file in an error of this package.
func sentence(ctx context.Context, path string, err error) error {
	var known *localfile.Error
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.As(err, &known) {
		return known
	}
	return &localfile.Error{Path: path, Msg: err.Error(), Err: err}
}

func detect(ctx context.Context, path, name string) (*layout, error) {
	w, err := openWorkbook(path)
	if err != nil {
		return nil, err
	}
	defer w.close()
	l := &layout{info: w.info}
	if l.sheet, err = w.find(name); err != nil {
		return nil, err
	}
	for _, s := range w.sheets {
		if s.Name != l.sheet.Name {
			l.others = append(l.others, s.Name)
		}
	}
	if err := w.loadStrings(); err != nil {
		return nil, err
	}
	if l.tables, err = w.tables(l.sheet.part); err != nil {
		return nil, err
	}
	if err := l.findHeader(ctx, w.workbook); err != nil {
		return nil, err
	}
	return l, nil
}

// tables reads the named tables of a sheet.
func (w *workbook) tables(sheetPart string) ([]table, error) {
	rels, err := w.relationships(sheetPart)
	if err != nil {
		return nil, err
	}
	var out []table
	for _, rel := range rels.List {
		if !strings.HasSuffix(rel.Type, "/table") || w.parts[rel.Target] == nil {
			continue
		}
		var t struct {
			XMLName xml.Name `xml:"table"`
			Name    string   `xml:"displayName,attr"`
			Ref     string   `xml:"ref,attr"`
			Header  *int     `xml:"headerRowCount,attr"`
			Totals  int      `xml:"totalsRowCount,attr"`
		}
		if err := w.decode(rel.Target, &t); err != nil {
			return nil, err
		}
		if a, ok := parseArea(t.Ref); ok {
			out = append(out, table{rel.Target, t.Name, a, t.Header == nil || *t.Header > 0, t.Totals})
		}
	}
	return out, nil
}

// findHeader takes the header of the sheet's table if it has just one, else
// the first row that is not empty.
func (l *layout) findHeader(ctx context.Context, w *workbook) error {
	r, err := w.openSheet(ctx, l.sheet.part, false)
	if err != nil {
		return err
	}
	defer r.close()
	var only *table
	if len(l.tables) == 1 && l.tables[0].header {
		only = &l.tables[0]
	}
	for {
		row, err := r.next()
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("has no cells in the sheet “%s”; write the column names into its first row, or choose another sheet", l.sheet.Name)
		}
		if err != nil {
			return err
		}
		if only != nil && row.num < only.area.top {
			continue
		}
		if found, err := l.readHeader(w, row, only); found || err != nil {
			return err
		}
	}
}

func (l *layout) readHeader(w *workbook, row *sheetRow, only *table) (found bool, err error) {
	var cells []string
	for _, c := range row.cells {
		if only != nil && (c.col < only.area.left || c.col > only.area.right) {
			continue
		}
		v, err := w.text(c)
		text := strings.TrimSpace(v.String())
		if errors.Is(err, errLongCell) || len(text) > tabular.MaxName {
			return false, tabular.LongName(ref(c.col, row.num))
		}
		if text == "" {
			continue
		}
		if cells == nil {
			l.left = c.col
		}
		if err := tabular.CheckWidth(c.col - l.left + 1); err != nil {
			return false, err
		}
		for len(cells) < c.col-l.left {
			cells = append(cells, "")
		}
		cells = append(cells, text)
	}
	l.headerRow = row.num
	l.header = tabular.NewHeader(cells, func(i int) string { return "Column " + columnLetters(l.left+i) })
	return cells != nil, nil
}

// right is the column of the last header cell.
func (l *layout) right() int { return l.left + len(l.header.Names) - 1 }

// totals reports whether a row belongs to the totals of a table.
func (l *layout) totals(row int) bool {
	for _, t := range l.tables {
		if row > t.area.bottom-t.totals && row <= t.area.bottom && l.covers(t) {
			return true
		}
	}
	return false
}

// covers reports whether a table shares columns with the header.
func (l *layout) covers(t table) bool { return t.area.left <= l.right() && t.area.right >= l.left }

// row reads a row's values. It has no fields when the row is none: the header
// or above it, totals, or empty. Columns that can't be read are absent from
// the fields, and named with the reason.
func (l *layout) row(w *workbook, r *sheetRow) (fields record.Values, broken, reasons []string) {
	if r.num <= l.headerRow || l.totals(r.num) {
		return nil, nil, nil
	}
	fields = make(record.Values, len(l.header.Names))
	filled, size := false, 0
	for _, name := range l.header.Names {
		fields[name] = record.None()
	}
	for _, c := range r.cells {
		if c.col < l.left || c.col > l.right() {
			continue
		}
		name := l.header.Names[c.col-l.left]
		if size > tabular.MaxRow {
			delete(fields, name)
			broken = append(broken, name)
			continue
		}
		v, err := w.text(c)
		if size += len(v.String()); size > tabular.MaxRow {
			delete(fields, name)
			broken, reasons = append(broken, name), append(reasons, tabular.LongRow(name))
			continue
		}
		if err != nil {
			delete(fields, name)
			broken = append(broken, name)
			reasons = append(reasons, fmt.Sprintf("%s %s (%s)", ref(c.col, r.num), err, name))
			continue
		}
		fields[name] = v
		filled = filled || !v.Empty()
	}
	if !filled && broken == nil {
		return nil, nil, nil
	}
	return fields, broken, reasons
}

func (l *layout) details() map[string]string {
	m := map[string]string{"sheet": l.sheet.Name, "header row": fmt.Sprint(l.headerRow)}
	if len(l.others) > 0 {
		m["other sheets"] = strings.Join(l.others, ", ")
	}
	if len(l.header.Renamed) > 0 {
		m["columns"] = strings.Join(l.header.Renamed, "; ")
	}
	for _, t := range l.tables {
		if t.totals > 0 && l.covers(t) {
			m["totals"] = fmt.Sprintf("The totals row of the table “%s” is not read.", t.name)
		}
	}
	return m
}
