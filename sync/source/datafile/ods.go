package datafile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"syncline/sync/source"
	"syncline/sync/source/localfile"
	"syncline/sync/source/packed"
	"syncline/sync/source/tabular"
)

// odsFormat reads a sheet of an OpenDocument spreadsheet (.ods), as LibreOffice
// writes it: a zip whose content.xml holds each cell with its type, its value and the
// text that is shown of it.
type odsFormat struct {
	sheet     string // "" is the first one that is shown
	headerRow int    // 0 is found out
	key       []string
}

func (odsFormat) why() string {
	return "Syncline does not write OpenDocument spreadsheets; save it as an Excel workbook (.xlsx) to have values written back."
}

// spreadsheet is what a part of such a file says of it, which is the first one as a rule.
const spreadsheet = "application/vnd.oasis.opendocument.spreadsheet"

// IsODS reports whether a file that begins so is an OpenDocument spreadsheet.
func IsODS(head []byte) bool {
	return strings.Contains(string(head[:min(len(head), 200)]), "mimetype"+spreadsheet)
}

// HoldsODS reports whether a zip is an OpenDocument spreadsheet that does not begin so,
// as some programs write it.
func HoldsODS(f io.ReaderAt, size int64) bool {
	says, err := packed.Part(f, size, "mimetype")
	if err != nil {
		return false
	}
	head, err := io.ReadAll(io.LimitReader(says, 200))
	return err == nil && strings.TrimSpace(string(head)) == spreadsheet
}

// Sheets returns the names of the sheets of an OpenDocument spreadsheet, those that
// are shown first. Errors name the file.
func Sheets(ctx context.Context, path string) ([]string, error) {
	s := &Source{opts: Options{Kind: ODS, Path: path, Limits: &tabular.Standard}}
	f, err := s.open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var shown, hidden []string
	err = eachSheet(ctx, f, func(name string, isHidden bool, _ *odsReader) (bool, error) {
		if isHidden {
			hidden = append(hidden, name)
		} else {
			shown = append(shown, name)
		}
		return true, nil
	})
	if err != nil {
		return nil, s.sentence(ctx, err)
	}
	return append(shown, hidden...), nil
}

// eachSheet reads the content and stops at each sheet, which do may read.
func eachSheet(ctx context.Context, f *opened, do func(name string, hidden bool, r *odsReader) (more bool, err error)) error {
	if manifest, err := packed.Part(f.File, f.info.Size(), "META-INF/manifest.xml"); err == nil {
		head, err := io.ReadAll(io.LimitReader(manifest, 1<<20))
		if err == nil && strings.Contains(string(head), "encryption-data") {
			return errors.New("is protected by a password; save a copy of it without one")
		}
	}
	content, err := packed.Part(f.File, f.info.Size(), "content.xml")
	if err != nil {
		return err
	}
	r := newODSReader(localfile.Reader(ctx, content), f.limits)
	hidden := map[string]bool{} // styles of sheets
	style := ""
	for {
		start, err := r.start()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		switch start.Name.Local {
		case "style":
			style = attr(start, "name")
		case "table-properties":
			hidden[style] = attr(start, "display") == "false"
		case "table":
			more, err := do(attr(start, "name"), hidden[attr(start, "style-name")], r)
			if err != nil || !more {
				return err
			}
			if err := r.leave(start.depth); err != nil {
				return err
			}
		}
	}
}

// within reads the rows of the sheet that is meant.
func (o odsFormat) within(ctx context.Context, f *opened, row func(*odsRow) bool) (sheet string, err error) {
	var names []string
	found := false
	err = eachSheet(ctx, f, func(name string, hidden bool, r *odsReader) (bool, error) {
		names = append(names, name)
		if o.sheet != name && (o.sheet != "" || hidden) {
			return true, nil
		}
		found, sheet = true, name
		return false, r.rows(row)
	})
	switch {
	case err != nil || found:
		return sheet, err
	case len(names) == 0:
		return "", errors.New("has no sheet")
	case o.sheet == "":
		return "", fmt.Errorf("has only hidden sheets: name one under source (sheet): %s", strings.Join(names, ", "))
	}
	return "", fmt.Errorf("has no sheet “%s”. Its sheets are: %s", o.sheet, strings.Join(names, ", "))
}

func (o odsFormat) look(ctx context.Context, f *opened) (*layout, error) {
	l := &layout{details: map[string]string{}, count: -1}
	var rows []*odsRow
	sheet, err := o.within(ctx, f, func(r *odsRow) bool {
		if r.num >= o.headerRow && len(r.cells) > 0 {
			rows = append(rows, r.kept())
		}
		return len(rows) < tabular.HeaderRows && (o.headerRow == 0 || r.num < o.headerRow)
	})
	switch {
	case err != nil:
		return nil, err
	case o.headerRow > 0 && (len(rows) == 0 || rows[0].num != o.headerRow):
		return nil, fmt.Errorf("has nothing in row %d of the sheet “%s”, where the definition says the header is (header-row)", o.headerRow, sheet)
	case len(rows) == 0:
		return nil, fmt.Errorf("has no cells in the sheet “%s”; write the column names into its first row, or choose another sheet", sheet)
	}
	at := 0
	if o.headerRow == 0 {
		at = tabular.FindHeader(leading(rows), o.key)
	}
	h := rows[at]
	l.left = h.cells[0].col
	width := h.cells[len(h.cells)-1].col - l.left + 1
	if err := f.limits.CheckWidth(width); err != nil {
		return nil, err
	}
	cells := make([]string, width)
	for _, c := range h.cells {
		if len(c.value) > f.limits.Name {
			return nil, f.limits.LongName(fmt.Sprintf("column %d", c.col+1))
		}
		cells[c.col-l.left] = c.value
	}
	l.header = tabular.NewHeader(cells, func(i int) string { return "Column " + letters(l.left+i) })
	l.headerRow, l.guessed = h.num, at > 0
	l.notes = append(l.notes, h.hiddenColumns(l)...)
	l.details["sheet"], l.details["header row"] = sheet, fmt.Sprint(h.num)
	if at > 0 {
		l.notes = append(l.notes, source.Note{Text: fmt.Sprintf("The names of the columns are taken from row %d of the sheet “%s”; what stands above them is passed over. Write header-row: %d under source to settle it.", h.num, sheet, h.num)})
	}
	return l, nil
}

// hiddenColumns tells of the columns that the sheet does not show.
func (r *odsRow) hiddenColumns(l *layout) []source.Note {
	var tally tabular.Tally
	for i, name := range l.header.Names {
		if slices.ContainsFunc(r.unseen, func(s columns) bool { return l.left+i >= s.from && l.left+i < s.to }) {
			tally.HiddenColumn(name, letters(l.left+i))
		}
	}
	return tally.Notes()
}

// tell counts a row that the sheet does not show.
func (r *raw) tell(tally *tabular.Tally) {
	switch {
	case r.filtered:
		tally.Filtered(r.line)
	case r.hidden:
		tally.Hidden(r.line)
	}
}

// leading are rows as they are looked at for the header.
func leading(rows []*odsRow) []tabular.Leading {
	out := make([]tabular.Leading, len(rows))
	for i, r := range rows {
		for _, c := range r.cells {
			out[i].Cells = append(out[i].Cells, c.value)
			out[i].Grouped = out[i].Grouped || c.flaw == merged
		}
	}
	return out
}

// letters are the name of a column, as spreadsheets show it.
func letters(col int) string {
	name := ""
	for col++; col > 0; col = (col - 1) / 26 {
		name = string(rune('A'+(col-1)%26)) + name
	}
	return name
}

func (o odsFormat) rows(ctx context.Context, f *opened, l *layout, yield func(*raw) bool) error {
	out := &raw{cells: make([]cell, len(l.header.Names))}
	_, err := o.within(ctx, f, func(r *odsRow) bool {
		if r.num <= l.headerRow {
			return true
		}
		clear(out.cells)
		out.line, out.hidden, out.filtered = r.num, r.visibility == "collapse", r.visibility == "filter"
		for _, c := range r.cells {
			if i := c.col - l.left; i >= 0 && i < len(out.cells) {
				out.cells[i] = c.cell
			}
		}
		return yield(out)
	})
	return err
}
