package excel_test

import (
	"archive/zip"
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"syncline/sync/source"
	"syncline/sync/source/excel"
	"syncline/sync/source/tabular"
)

// shrink makes the short form of these tests: workbooks and limits are that many
// times smaller, each bound is met all the same.
func shrink() int {
	if testing.Short() {
		return 64
	}
	return 1
}

func limits() *excel.Limits {
	l := excel.Standard
	for _, n := range []*int{&l.Cell, &l.Row, &l.Part, &l.FreeRatio, &l.Texts, &l.TextCount, &l.Token, &l.RowXML, &l.Around, &l.Areas, &l.Directory} {
		*n /= shrink()
	}
	return &l
}

// sized writes the limits of a sentence as they are here.
func sized(s string) string {
	l := limits()
	return strings.NewReplacer("more than 1 MB", "more than "+tabular.Bytes(l.Cell), "longer than 8 MB", "longer than "+tabular.Bytes(l.Row), "more than 8 MB", "more than "+tabular.Bytes(l.Token),
		"32 MB", tabular.Bytes(l.RowXML), "1000000 areas", fmt.Sprint(l.Areas)+" areas").Replace(s)
}

// A zip unpacks to a thousand times its size. Whatever a workbook holds, a
// bounded part of it is held, and a sentence says what is wrong and where.
// These tests do not run in parallel: they count what is allocated.

// bomb is a workbook in which one part is made piece by piece.
func bomb(t *testing.T, part string, write func(w *bufio.Writer)) string {
	t.Helper()
	t.Cleanup(debug.FreeOSMemory)
	all := parts(t, book(t, func(f *excelize.File) {
		row(f, 1, "Id", "Note", "City")
		row(f, 2, "1", "a", "Ulm")
	}))
	path := filepath.Join(t.TempDir(), "bomb.xlsx")
	f, err := os.Create(path)
	must(t, err)
	z := zip.NewWriter(f)
	all[part] = ""
	for name, text := range all {
		w, err := z.Create(name)
		must(t, err)
		if name != part {
			_, err = io.WriteString(w, text)
			must(t, err)
			continue
		}
		buf := bufio.NewWriterSize(w, 1<<20)
		write(buf)
		must(t, buf.Flush())
	}
	must(t, errors.Join(z.Close(), f.Close()))
	return path
}

func repeat(w io.StringWriter, s string, bytes int) {
	piece := strings.Repeat(s, max(1, 4096/len(s)))
	for bytes /= shrink(); bytes > 0; bytes -= len(piece) {
		_, _ = w.WriteString(piece) // Flush tells
	}
}

const (
	sheetPart   = "xl/worksheets/sheet1.xml"
	sheetStart  = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c t="inlineStr"><is><t>Id</t></is></c><c t="inlineStr"><is><t>Note</t></is></c><c t="inlineStr"><is><t>City</t></is></c></row>`
	sheetEnd    = `</sheetData></worksheet>`
	stringsHead = `<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">`
)

// sheetOf is a sheet with a header and what write puts below it.
func sheetOf(write func(w *bufio.Writer)) func(*bufio.Writer) {
	return func(w *bufio.Writer) {
		w.WriteString(sheetStart)
		write(w)
		w.WriteString(sheetEnd)
	}
}

// noteOf is a row whose note is made piece by piece.
func noteOf(write func(w *bufio.Writer)) func(*bufio.Writer) {
	return sheetOf(func(w *bufio.Writer) {
		w.WriteString(`<row r="2"><c t="str"><v>1</v></c><c t="str"><v>`)
		write(w)
		w.WriteString(`</v></c><c t="str"><v>Ulm</v></c></row><row r="3"><c t="str"><v>2</v></c></row>`)
	})
}

func allocating(t *testing.T, limit int, f func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	if got := (after.TotalAlloc - before.TotalAlloc) >> 20; got > uint64(limit) {
		t.Errorf("%d MB were allocated, more than %d", got, limit)
	}
}

// readAll describes the workbook and reads it, and returns the keys, the row
// errors, and the error that ended the reading.
func readAll(t *testing.T, path string) (keys []string, bad []*source.RowError, err error) {
	t.Helper()
	s, err := excel.Open(t.Context(), excel.Options{Path: path, Key: []string{"Id"}, Limits: limits()})
	if err != nil {
		return nil, nil, err
	}
	if _, err := s.Describe(t.Context()); err != nil {
		return nil, nil, err
	}
	for row, err := range s.Rows(t.Context(), time.Time{}) {
		var one *source.RowError
		if errors.As(err, &one) {
			bad = append(bad, one)
		} else if err != nil {
			return keys, bad, err
		}
		keys = append(keys, row.Key)
	}
	return keys, bad, nil
}

func TestAWorkbookThatFillsTheMemoryIsRefused(t *testing.T) {
	tests := map[string]struct {
		part  string
		write func(w *bufio.Writer)
		want  string
	}{
		"a row of 48 MB": {sheetPart, sheetOf(func(w *bufio.Writer) {
			w.WriteString(`<row r="2">`)
			noise := uint32(1)
			for range 48 << 20 / 16 / shrink() { // hardly compressible
				noise = noise*1664525 + 1013904223
				fmt.Fprintf(w, "<x y='%08x'/>", noise)
			}
		}), "row 2 is longer than 32 MB"},
		"a cell of 24 MB":       {sheetPart, noteOf(func(w *bufio.Writer) { repeat(w, "x", 24<<20) }), "holds more than 8 MB in B2"},
		"a cell of many pieces": {sheetPart, noteOf(func(w *bufio.Writer) { repeat(w, "x<!-- -->", 20<<20) }), "unpacks to more than 100 times its size"},
		"a tag of 48 MB":        {sheetPart, sheetOf(func(w *bufio.Writer) { w.WriteString(`<row r="2" spans="`); repeat(w, "x", 20<<20) }), "a text in it is too long"},
		"a row without an end":  {sheetPart, sheetOf(func(w *bufio.Writer) { w.WriteString(`<row r="2">`); repeat(w, "<x/>", 20<<20) }), "unpacks to more than 100 times its size"},
		"cells without an end":  {sheetPart, sheetOf(func(w *bufio.Writer) { w.WriteString(`<row r="2">`); repeat(w, "<c/>", 10<<20*(shrink()/8+1)) }), "row 2 has more than 16384 cells"},
		"blanks before the rows": {sheetPart, func(w *bufio.Writer) {
			w.WriteString("<worksheet>")
			repeat(w, "<a/>", 24<<20)
		}, "unpacks to more than 100 times its size"},
		"equal rows of nothing": {sheetPart, sheetOf(func(w *bufio.Writer) { repeat(w, "<row/>", 20<<20) }), "unpacks to more than 100 times its size"},
		"a header too wide": {sheetPart, func(w *bufio.Writer) {
			w.WriteString(`<worksheet><sheetData><row r="1">`)
			for i := range 5000 {
				fmt.Fprintf(w, `<c t="str"><v>C%d</v></c>`, i)
			}
			w.WriteString("</row></sheetData></worksheet>")
		}, "has more than 4,000 columns in its header"},
		"a name too long": {sheetPart, func(w *bufio.Writer) {
			w.WriteString(`<worksheet><sheetData><row r="1"><c t="str"><v>`)
			repeat(w, "x", 20<<10*shrink())
			w.WriteString("</v></c></row></sheetData></worksheet>")
		}, "has a name of more than 10,000 characters in the header (A1)"},
		"merged areas": {sheetPart, func(w *bufio.Writer) {
			w.WriteString(sheetStart + "</sheetData>")
			for i := range limits().Areas + 1 {
				fmt.Fprintf(w, `<mergeCell ref="A%d:B%d"/>`, i%999_999+1, i%999_999+1)
			}
		}, "it merges more than 1000000 areas"},
		"a shared text of 24 MB": {"xl/sharedStrings.xml", func(w *bufio.Writer) {
			w.WriteString(stringsHead + "<si><t>")
			repeat(w, "x", 24<<20)
			w.WriteString("</t></si></sst>")
		}, "a text in it is too long"},
		"shared texts of nothing": {"xl/sharedStrings.xml", func(w *bufio.Writer) { w.WriteString(stringsHead); repeat(w, "<si/>", 20<<20) }, "unpacks to more than 100 times its size"},
		"styles of 24 MB":         {"xl/styles.xml", func(w *bufio.Writer) { w.WriteString("<styleSheet>"); repeat(w, "<xf/>", 24<<20) }, "unpacks to more than 100 times its size"},
		"a workbook of 24 MB":     {"xl/workbook.xml", func(w *bufio.Writer) { w.WriteString("<workbook>"); repeat(w, "<x/>", 24<<20) }, "unpacks to more than 100 times its size"},
		"relations of 24 MB":      {"_rels/.rels", func(w *bufio.Writer) { w.WriteString("<Relationships>"); repeat(w, "<Relationship/>", 24<<20) }, "unpacks to more than 100 times its size"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := bomb(t, test.part, test.write)
			limit := 600
			if strings.HasSuffix(name, " of nothing") || name == "merged areas" {
				limit = 2000 // a tag costs some hundred bytes for a moment
			}
			allocating(t, limit, func() {
				_, _, err := readAll(t, path)
				if err == nil || !strings.Contains(err.Error(), sized(test.want)) || !strings.Contains(err.Error(), path) {
					t.Errorf("got %v, want “%s” and the path", err, test.want)
				}
			})
		})
	}
}

func TestACellThatIsTooLongCondemnsOnlyItsColumn(t *testing.T) {
	tests := map[string]struct {
		part  string
		write func(w *bufio.Writer)
	}{
		"in the sheet": {sheetPart, noteOf(func(w *bufio.Writer) { repeat(w, "x", 2<<20) })},
		"in pieces":    {sheetPart, noteOf(func(w *bufio.Writer) { repeat(w, "some text<!-- -->", 4<<20) })},
		"shared": {"xl/sharedStrings.xml", func(w *bufio.Writer) {
			w.WriteString(stringsHead)
			for _, text := range []string{"Id", "Note", "City", "1"} {
				w.WriteString("<si><t>" + text + "</t></si>")
			}
			w.WriteString("<si><t>")
			repeat(w, "x", 2<<20)
			w.WriteString("</t></si><si><t>Ulm</t></si></sst>")
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := bomb(t, test.part, test.write)
			allocating(t, 100, func() {
				keys, bad, err := readAll(t, path)
				must(t, err)
				if len(keys) == 0 || keys[0] != "1" || len(bad) != 1 || !strings.Contains(bad[0].Error(), sized("line 2 has an error: B2 holds more than 1 MB")) || len(bad[0].Columns) != 1 {
					t.Errorf("got the keys %q and %v", keys, bad)
				}
			})
		})
	}
}

// One text of 1 MB may be named by thousands of cells.
func TestARowOfManyReferencesToALongTextIsReadUpToItsLimit(t *testing.T) {
	all := bomb(t, "xl/sharedStrings.xml", func(w *bufio.Writer) {
		w.WriteString(stringsHead + "<si><t>Id</t></si><si><t>")
		repeat(w, "x", 1<<20-4096*shrink())
		w.WriteString("</t></si></sst>")
	})
	var sheet strings.Builder
	sheet.WriteString(`<worksheet><sheetData><row r="1">`)
	for i := range 4000 {
		fmt.Fprintf(&sheet, `<c t="str"><v>C%d</v></c>`, i)
	}
	sheet.WriteString(`</row><row r="2">` + strings.Repeat(`<c t="s"><v>1</v></c>`, 4000) + `</row></sheetData></worksheet>`)
	path := set(t, all, sheetPart, sheet.String())
	s, err := excel.Open(t.Context(), excel.Options{Path: path, Limits: limits()})
	must(t, err)
	allocating(t, 100, func() {
		for _, err := range s.Rows(t.Context(), time.Time{}) {
			var bad *source.RowError
			if !errors.As(err, &bad) || !strings.Contains(bad.Error(), sized("is longer than 8 MB, and was not read from the column ")) || len(bad.Columns) < 3900 {
				t.Errorf("got %v", err)
			}
		}
	})
}

func TestAZipOfAMillionPartsIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "parts.xlsx")
	f, err := os.Create(path)
	must(t, err)
	z := zip.NewWriter(f)
	for i := range 150_000 / shrink() {
		_, err := z.CreateHeader(&zip.FileHeader{Name: fmt.Sprintf("xl/a/part/%08d.xml", i)})
		must(t, err)
	}
	must(t, z.Close())
	must(t, f.Close())
	allocating(t, 10, func() {
		if _, _, err := readAll(t, path); err == nil || !strings.Contains(err.Error(), "lists more parts than any workbook has") {
			t.Errorf("got %v", err)
		}
	})
}

// The other sheets are searched for formulas when a workbook is written back.
func TestWritingBackDoesNotUnpackABombInAnotherSheet(t *testing.T) {
	path := bomb(t, "xl/worksheets/sheet2.xml", func(w *bufio.Writer) { repeat(w, "          ", 20<<20) })
	path = edit(t, path, "xl/workbook.xml", "</sheets>", `<sheet xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" name="Other" sheetId="9" r:id="rIdX"/></sheets>`)
	path = edit(t, path, "xl/_rels/workbook.xml.rels", "</Relationships>", `<Relationship Id="rIdX" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet2.xml"/></Relationships>`)
	s, err := excel.Open(t.Context(), excel.Options{Path: path, Key: []string{"Id"}, Limits: limits()})
	must(t, err)
	if _, err := s.Prepare(t.Context(), []source.Change{update("1", "City", "Rom")}); err == nil || !strings.Contains(err.Error(), "unpacks to more than 100 times its size") {
		t.Errorf("got %v", err)
	}
}
