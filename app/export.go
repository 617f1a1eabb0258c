package app

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"syncline/sync/plainfile"
	"syncline/sync/plan"
	"syncline/sync/source/csvfile"
)

// exportHead names the columns of an exported plan.
var exportHead = []string{"Fate", "Row", "Line", "Record", "Name", "Field", "Property", "Written to", "Old", "New", "Base", "Source", "HubSpot", "Reason"}

// ExportPlan writes a plan, or what its run did, as a table with one line per
// changed field into a CSV or Excel file, by the name's ending. No cell can be
// taken for a formula. The file appears whole or not at all. It returns the
// number of lines below the head.
func (a *App) ExportPlan(ctx context.Context, planID, path string) (int, error) {
	if pl, err := a.Store.Plan(ctx, planID); err == nil && pl.Bare {
		return 0, errors.New(a.rowsGone(ctx, planID))
	}
	begun, err := a.begun(ctx, planID)
	if err != nil {
		return 0, err
	}
	return exportFile(path, exportHead, exported(a.Store.Items(ctx, planID), begun))
}

// exported turns items into lines. An item without changes gets one line.
func exported(items iter.Seq2[plan.Item, error], begun bool) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for it, err := range items {
			if err != nil {
				yield(nil, err)
				return
			}
			line := ""
			if it.Line > 0 {
				line = strconv.Itoa(it.Line)
			}
			row := reportRow(it, begun)
			head := []string{FateWords(row.Fate, begun), it.RowKey, line, it.RecordID, it.Name}
			if len(row.Fields) == 0 && !yield(append(head, "", "", "", "", "", "", "", "", row.Reason), nil) {
				return
			}
			for _, f := range row.Fields {
				cells := append(head[:len(head):len(head)], f.Field, f.Property, string(f.Side), text(f.Old), text(f.New), text(f.Base), text(f.Source), text(f.HubSpot), why(row, f))
				if !yield(cells, nil) {
					return
				}
			}
		}
	}
}

// why is the reason of a field; of a row that could not be written, what was in the
// way, which the decision for a field does not know.
func why(row ReportRow, f ReportField) string {
	if row.Fate != plan.FateFailed || row.Reason == "" || strings.Contains(f.Reason, row.Reason) {
		return f.Reason
	}
	return strings.TrimSpace(row.Reason + " " + f.Reason)
}

// FateWords is a fate for people: what a plan would do, before a run has begun
// with it, and what was done after.
func FateWords(f plan.Fate, begun bool) string {
	switch {
	case f == plan.FateToDo:
		return "to do"
	case !begun && (f == plan.FateCreated || f == plan.FateUpdated || f == plan.FateAssociated):
		return "would be " + string(f)
	}
	return string(f)
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// exportFile writes a table, in the form that the name's ending says.
func exportFile(path string, head []string, lines iter.Seq2[[]string, error]) (int, error) {
	write := writeCSV
	switch strings.ToLower(filepath.Ext(path)) {
	case ".csv":
	case ".xlsx":
		write = writeExcel
	default:
		return 0, fmt.Errorf("%s: an export is a .csv or an .xlsx file: give it one of these endings", filepath.Base(path))
	}
	return wholeFile(path, func(w io.Writer) (int, error) { return write(w, head, lines) })
}

// wholeFile writes a file beside its place and then renames it there. It
// returns what write returns.
func wholeFile(path string, write func(io.Writer) (int, error)) (n int, err error) {
	var other *plainfile.KindError
	if err := plainfile.Check(path); errors.As(err, &other) {
		return 0, fmt.Errorf("the export was not written: %s is %s, not an ordinary file: choose another name", path, other.What)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".syncline-export-*")
	if err != nil {
		return 0, fmt.Errorf("the export can't be written there: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("the export was not written: %w", err), os.Remove(tmp.Name()))
		}
	}()
	if n, err = write(tmp); err != nil {
		return 0, errors.Join(err, tmp.Close())
	}
	if err := errors.Join(tmp.Sync(), tmp.Close()); err != nil {
		return 0, err
	}
	return n, os.Rename(tmp.Name(), path)
}

// writeCSV writes UTF-8 with a byte order mark, without which Excel takes the
// file for the system's old encoding.
func writeCSV(w io.Writer, head []string, lines iter.Seq2[[]string, error]) (int, error) {
	buf := bufio.NewWriter(w)
	if _, err := buf.WriteString("\ufeff"); err != nil {
		return 0, err
	}
	c := csv.NewWriter(buf)
	if err := c.Write(head); err != nil {
		return 0, err
	}
	n := 0
	for cells, err := range lines {
		if err != nil {
			return n, err
		}
		for i := range cells {
			cells[i] = csvfile.Neutral(cells[i])
		}
		if err := c.Write(cells); err != nil {
			return n, err
		}
		n++
	}
	c.Flush()
	return n, errors.Join(c.Error(), buf.Flush())
}

// The limits of a worksheet.
const (
	maxSheetRows = 1_048_576
	maxCellText  = 32_767
)

// writeExcel writes one sheet of texts, which no program takes for formulas.
func writeExcel(w io.Writer, head []string, lines iter.Seq2[[]string, error]) (n int, err error) {
	book := excelize.NewFile()
	defer func() { err = errors.Join(err, book.Close()) }()
	sheet := book.GetSheetName(0)
	s, err := book.NewStreamWriter(sheet)
	if err != nil {
		return 0, err
	}
	if err := s.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return 0, err
	}
	put := func(row int, cells []string) error {
		values := make([]any, len(cells))
		for i, c := range cells {
			values[i] = cut(c, maxCellText)
		}
		return s.SetRow("A"+strconv.Itoa(row), values)
	}
	if err := put(1, head); err != nil {
		return 0, err
	}
	for cells, err := range lines {
		if err != nil {
			return n, err
		}
		if n+2 > maxSheetRows {
			return n, fmt.Errorf("a worksheet has no more than %d rows: export a .csv file instead", maxSheetRows)
		}
		if err := put(n+2, cells); err != nil {
			return n, err
		}
		n++
	}
	if err := s.Flush(); err != nil {
		return n, err
	}
	return n, book.Write(w)
}

// cut shortens a text to what a cell holds, and shows that it did.
func cut(s string, limit int) string {
	r := []rune(s)
	if len(r) <= limit {
		return s
	}
	return string(r[:limit-1]) + "…"
}
