package excel

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"syncline/sync/source"
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
	chosen    bool     // nobody named the sheet
	around    around
	above     int      // rows with content above the header
	title     string   // the first text of those
	hidden    []string // columns that are hidden
	letters   []string // of those
}

// table is one of Excel's named tables on the sheet.
type table struct {
	part   string
	name   string
	area   area
	header bool
	totals int // rows of totals at its bottom
	// filter is the area of its filter, where that hides rows.
	filter   area
	filtered bool
}

// opened is a workbook file that is open for reading.
type opened struct {
	*workbook
	file io.Closer
	info fs.FileInfo
}

func (o *opened) close() error { return o.file.Close() }

func openWorkbook(path string, limits Limits) (*opened, error) {
	f, info, err := localfile.Open(path)
	if err != nil {
		return nil, err
	}
	w, err := readWorkbook(f, info.Size(), limits)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &opened{w, f, info}, nil
}

// Sheets returns the names of a workbook's worksheets, those that are shown
// first. Its errors name the file and say what it is instead of a workbook.
func Sheets(ctx context.Context, path string) ([]string, error) {
	w, err := openWorkbook(path, Standard)
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

func detect(ctx context.Context, o Options) (*layout, error) {
	w, err := openWorkbook(o.Path, *o.Limits)
	if err != nil {
		return nil, err
	}
	defer w.close()
	l := &layout{info: w.info}
	if l.sheet, err = w.find(o.Sheet); err != nil {
		return nil, err
	}
	l.chosen = o.Sheet == ""
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
	// The first rows come first: what is wrong with one has a plainer sentence.
	rows, hidden, err := l.readHeads(ctx, w.workbook, o)
	if err != nil {
		return nil, err
	}
	if l.around, err = w.readAround(ctx, l.sheet.part); err != nil {
		return nil, err
	}
	for _, t := range l.tables {
		if t.filtered {
			l.around.filters = append(l.around.filters, t.filter)
		}
	}
	if err := l.chooseHeader(rows, hidden, o); err != nil {
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
			Filter  struct {
				Ref     string     `xml:"ref,attr"`
				Columns []struct{} `xml:"filterColumn"`
			} `xml:"autoFilter"`
		}
		if err := w.decode(rel.Target, &t); err != nil {
			return nil, err
		}
		if a, ok := parseArea(t.Ref); ok {
			filter, filters := parseArea(t.Filter.Ref)
			out = append(out, table{rel.Target, t.Name, a, t.Header == nil || *t.Header > 0, t.Totals, filter, filters && len(t.Filter.Columns) > 0})
		}
	}
	return out, nil
}

// theTable is the sheet's table if it has just one, whose header is the sheet's.
func (l *layout) theTable(o Options) *table {
	if len(l.tables) == 1 && l.tables[0].header && o.HeaderRow == 0 {
		return &l.tables[0]
	}
	return nil
}

// readHeads reads the rows that may be the header, and the columns that are
// hidden.
func (l *layout) readHeads(ctx context.Context, w *workbook, o Options) (rows []*headRow, hidden []area, err error) {
	r, err := w.openSheet(ctx, l.sheet.part, false)
	if err != nil {
		return nil, nil, err
	}
	defer r.close()
	only := l.theTable(o)
	for len(rows) < tabular.HeaderRows {
		row, err := r.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		if only != nil && row.num < only.area.top || row.num < o.HeaderRow {
			continue
		}
		if h := readHead(w, row, only); len(h.cells) > 0 {
			rows = append(rows, h)
		}
		if only != nil && len(rows) > 0 || o.HeaderRow > 0 {
			break
		}
	}
	return rows, r.hidden, nil
}

// chooseHeader takes the header of the sheet's table if it has just one, else
// the row that the definition names, else the one that is found among the first
// rows.
func (l *layout) chooseHeader(rows []*headRow, hidden []area, o Options) error {
	switch {
	case o.HeaderRow > 0 && (len(rows) == 0 || rows[0].num != o.HeaderRow):
		return fmt.Errorf("has nothing in row %d of the sheet “%s”, where the definition says the header is (header-row)", o.HeaderRow, l.sheet.Name)
	case len(rows) == 0:
		return fmt.Errorf("has no cells in the sheet “%s”; write the column names into its first row, or choose another sheet", l.sheet.Name)
	}
	at := 0
	if l.theTable(o) == nil && o.HeaderRow == 0 {
		at = tabular.FindHeader(l.leading(rows), o.Key)
	}
	l.above = at
	if at > 0 {
		l.title = rows[0].cells[0].text
	}
	if err := l.takeHeader(rows[at]); err != nil {
		return err
	}
	for _, a := range hidden {
		for col := max(a.left, l.left); col <= min(a.right, l.right()); col++ {
			l.hidden, l.letters = append(l.hidden, l.header.Names[col-l.left]), append(l.letters, columnLetters(col))
		}
	}
	return nil
}

// headRow is a row that may hold the names of the columns: its cells that are
// not empty, and the first thing that is wrong with it.
type headRow struct {
	num   int
	cells []headCell
	err   error
}

type headCell struct {
	col  int
	text string
}

func readHead(w *workbook, row *sheetRow, only *table) *headRow {
	h := &headRow{num: row.num}
	for _, c := range row.cells {
		if only != nil && (c.col < only.area.left || c.col > only.area.right) {
			continue
		}
		v, err := w.text(c)
		text := strings.TrimSpace(tabular.Visible(v.String()))
		if errors.As(err, new(longCellError)) || len(text) > w.limits.Name {
			h.fail(w.limits.LongName(ref(c.col, row.num)))
			text = "…"
		}
		if text == "" {
			continue
		}
		if len(h.cells) > 0 && w.limits.CheckWidth(c.col-h.cells[0].col+1) != nil {
			h.fail(w.limits.CheckWidth(c.col - h.cells[0].col + 1))
			return h
		}
		h.cells = append(h.cells, headCell{c.col, text})
	}
	return h
}

func (h *headRow) fail(err error) {
	if h.err == nil {
		h.err = err
	}
}

// leading are the rows as they are looked at for the header: a cell that
// reaches down over several rows stands in each.
func (l *layout) leading(rows []*headRow) []tabular.Leading {
	out := make([]tabular.Leading, len(rows))
	for i, h := range rows {
		for _, a := range l.around.merged {
			if a.right > a.left && h.num >= a.top && h.num <= a.bottom && h.at(a.left) >= 0 {
				out[i].Grouped = true
			}
			if a.bottom > a.top && h.num > a.top && h.num <= a.bottom && h.at(a.left) < 0 {
				for _, up := range rows[:i] {
					if k := up.at(a.left); up.num == a.top && k >= 0 {
						h.cells = append(h.cells, headCell{a.left, up.cells[k].text})
					}
				}
			}
		}
		slices.SortStableFunc(h.cells, func(a, b headCell) int { return a.col - b.col })
		for _, c := range h.cells {
			out[i].Cells = append(out[i].Cells, c.text)
		}
	}
	return out
}

func (h *headRow) at(col int) int {
	return slices.IndexFunc(h.cells, func(c headCell) bool { return c.col == col })
}

func (l *layout) takeHeader(h *headRow) error {
	if h.err != nil {
		return h.err
	}
	var cells []string
	l.left = h.cells[0].col
	for _, c := range h.cells {
		for len(cells) < c.col-l.left {
			cells = append(cells, "")
		}
		cells = append(cells, c.text)
	}
	l.headerRow = h.num
	l.header = tabular.NewHeader(cells, func(i int) string { return "Column " + columnLetters(l.left+i) })
	return nil
}

// notes are what is to be told of the form.
func (l *layout) notes() []source.Note {
	var notes []source.Note
	if l.above > 0 {
		notes = append(notes, source.Note{Text: fmt.Sprintf("The names of the columns are taken from row %d of the sheet “%s”; what stands above them (“%s”) is passed over. Write header-row: %d under source to settle it.",
			l.headerRow, l.sheet.Name, clip(l.title), l.headerRow)})
	}
	if l.chosen && len(l.others) > 0 {
		notes = append(notes, source.Note{Text: fmt.Sprintf("The workbook has %d sheets, and the first that is shown, “%s”, is read. Write sheet: %s under source to settle it, or name another one there (%s).",
			len(l.others)+1, l.sheet.Name, strconv.Quote(l.sheet.Name), tabular.Some(l.others))})
	}
	var tally tabular.Tally
	for i, name := range l.hidden {
		tally.HiddenColumn(name, l.letters[i])
	}
	return append(notes, tally.Notes()...)
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
