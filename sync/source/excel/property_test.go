package excel_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"syncline/sync/source"
	"syncline/sync/source/excel"
	"syncline/sync/source/tabular"
)

// grid is a sheet as strings, the header first.
type grid [][]string

func (g grid) clone() grid {
	out := make(grid, len(g))
	for i, row := range g {
		out[i] = slices.Clone(row)
	}
	return out
}

// meant is the grid as it is read: white space alone is nothing.
func (g grid) meant() grid {
	out := g.clone()
	for _, row := range out {
		for i := range row {
			row[i] = meant(row[i])
		}
	}
	return out
}

func meant(s string) string {
	if strings.TrimSpace(s) == "" {
		return ""
	}
	return s
}

var (
	textCell   = rapid.StringOfN(rapid.RuneFrom([]rune("aZ09 äß€\"'<>&;\n\r\t=+-@_xA1")), 0, 10, -1)
	numberCell = rapid.Map(rapid.IntRange(-99999, 99999), func(n int) string { return fmt.Sprint(n) })
	dateCell   = rapid.Map(rapid.IntRange(61, 80000), func(n int) string {
		return time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n).Format("2006-01-02")
	})
	boolCell = rapid.SampledFrom([]string{"true", "false"})
)

// columns of the property's sheets: a key, and one of each kind.
var columns = []struct {
	name string
	gen  *rapid.Generator[string]
}{{"Key", nil}, {"Text", textCell}, {"Number", numberCell}, {"Day", dateCell}, {"Flag", boolCell}}

// Any changes to any sheet come out as if they had been made on the grid, and
// no other part of the workbook changes.
func TestAnyChangesToAnySheet(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "book.xlsx")
	rapid.Check(t, func(t *rapid.T) {
		g := drawGrid(t)
		saveGrid(t, path, g)
		s, err := excel.Open(t.Context(), excel.Options{Path: path, Key: []string{"Key"}, NoBlanks: true})
		check(t, err)
		if diff := cmp.Diff(g.meant(), readGrid(t, s)); diff != "" {
			t.Fatalf("read (-want +got):\n%s", diff)
		}
		want, changes := drawChanges(t, g)
		p, err := s.Prepare(t.Context(), changes)
		check(t, err)
		for i, o := range p.Outcomes() {
			if o.State != source.Done {
				t.Fatalf("change %d: %s %v", i, o.State, o.Err)
			}
			for name, v := range changes[i].Fields {
				if o.Now[name].String() != meant(v.String()) {
					t.Fatalf("change %d: %s reads back as %q, want %q", i, name, o.Now[name], v)
				}
			}
		}
		check(t, p.Commit(t.Context()))
		if diff := cmp.Diff(want.meant(), readGrid(t, s)); diff != "" {
			t.Fatalf("read back (-want +got):\n%s", diff)
		}
		// Excelize is the second opinion: texts, and kinds by their stored form.
		f, err := excelize.OpenFile(path)
		check(t, err)
		defer f.Close()
		for i, row := range want {
			at := fmt.Sprintf("B%d", i+1)
			got, err := f.GetCellValue("Sheet1", at)
			check(t, err)
			// Spaces alone are blank, whichever of the blanks a cell was given last.
			if text := strings.ReplaceAll(row[1], "\r", ""); strings.ReplaceAll(got, "\r", "") != text && meant(got) != meant(text) && !strings.Contains(row[1], "_x") {
				t.Fatalf("%s is %q for excelize, want %q", at, got, row[1])
			}
			if row[3] != "" && i > 0 {
				kind, err := f.GetCellType("Sheet1", fmt.Sprintf("D%d", i+1))
				check(t, err)
				if kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber {
					t.Fatalf("the date in row %d has the type %v", i+1, kind)
				}
			}
		}
	})
}

func drawGrid(t *rapid.T) grid {
	g := grid{nil}
	for _, c := range columns {
		g[0] = append(g[0], c.name)
	}
	for i := range rapid.IntRange(1, 6).Draw(t, "rows") {
		row := []string{fmt.Sprintf("k%d", i)}
		for _, c := range columns[1:] {
			cell := ""
			if i == 0 || rapid.IntRange(0, 3).Draw(t, "filled") > 0 { // the first row sets each column's kind
				cell = c.gen.Draw(t, c.name)
			}
			row = append(row, cell)
		}
		g = append(g, row)
	}
	return g
}

func drawChanges(t *rapid.T, g grid) (grid, []source.Change) {
	want := g.clone()
	var changes []source.Change
	for range rapid.IntRange(1, 5).Draw(t, "changes") {
		c := rapid.IntRange(1, len(columns)-1).Draw(t, "column")
		value := ""
		if rapid.IntRange(0, 4).Draw(t, "filled") > 0 {
			value = columns[c].gen.Draw(t, "value")
		}
		if rapid.Bool().Draw(t, "insert") {
			row := make([]string, len(columns))
			row[0], row[c] = fmt.Sprintf("new%d", len(want)), value
			want = append(want, row)
			changes = append(changes, source.Change{Kind: source.Insert, Fields: values("Key", row[0], columns[c].name, value)})
			continue
		}
		i := rapid.IntRange(1, len(g)-1).Draw(t, "row")
		changes = append(changes, source.Change{Kind: source.Update, Key: g[i][0],
			Fields: values(columns[c].name, value), Expect: values(columns[c].name, meant(want[i][c]))})
		if meant(value) != meant(want[i][c]) { // else nothing changes
			want[i][c] = value
		}
	}
	return want, changes
}

func saveGrid(t *rapid.T, path string, g grid) {
	f := excelize.NewFile()
	defer f.Close()
	dates, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	check(t, err)
	for i, row := range g {
		for j, cell := range row {
			at, err := excelize.CoordinatesToCellName(j+1, i+1)
			check(t, err)
			switch {
			case cell == "":
			case i > 0 && j == 2:
				n, err := strconv.ParseInt(cell, 10, 64)
				check(t, err)
				check(t, f.SetCellInt("Sheet1", at, n))
			case i > 0 && j == 3:
				day, err := time.Parse("2006-01-02", cell)
				check(t, err)
				check(t, f.SetCellValue("Sheet1", at, day))
				check(t, f.SetCellStyle("Sheet1", at, at, dates))
			case i > 0 && j == 4:
				check(t, f.SetCellBool("Sheet1", at, cell == "true"))
			default:
				check(t, f.SetCellStr("Sheet1", at, escapeForExcelize(cell)))
			}
		}
	}
	check(t, f.SaveAs(path))
}

// escapeForExcelize writes characters that XML can't hold as Excel does, which
// excelize leaves to its caller.
func escapeForExcelize(s string) string {
	s = strings.ReplaceAll(s, "_x", "_x005F_x")
	return strings.NewReplacer("\x01", "_x0001_", "\r", "_x000D_").Replace(s)
}

func readGrid(t *rapid.T, s source.Source) grid {
	g := grid{nil}
	for _, c := range columns {
		g[0] = append(g[0], c.name)
	}
	for r, err := range s.Rows(t.Context(), time.Time{}) {
		check(t, err)
		var row []string
		for _, c := range columns {
			row = append(row, r.Fields[c.name].String())
		}
		g = append(g, row)
	}
	return g
}

func check(t *rapid.T, err error) {
	if err != nil {
		t.Fatal(err)
	}
}

func TestNaughtyStringsSurviveAWriteBack(t *testing.T) {
	t.Parallel()
	root := os.Getenv("SYNCLINE_TESTDATA")
	if root == "" {
		t.Skip("SYNCLINE_TESTDATA is not set")
	}
	data, err := os.ReadFile(filepath.Join(root, "reference", "blns.json"))
	must(t, err)
	var naughty []string
	must(t, json.Unmarshal(data, &naughty))
	path := book(t, func(f *excelize.File) {
		row(f, 1, "Id", "Value")
		for i := range naughty {
			row(f, i+2, fmt.Sprint(i), "x")
		}
	})
	var changes []source.Change
	for i, s := range naughty {
		changes = append(changes, update(fmt.Sprint(i), "Value", s))
	}
	s := open(t, path, "Id")
	p := prepare(t, s, changes...)
	want, done, same := map[string]string{}, 0, 0
	for i, o := range p.Outcomes() {
		key, text := changes[i].Key, naughty[i]
		switch {
		case o.State == source.Done:
			done++
			if want[key] = o.Now["Value"].String(); want[key] == text {
				same++
			}
		case tabular.MeansNothing(text) || strings.ContainsFunc(text, unicode.IsControl):
			want[key] = "x" // as it was
		default:
			t.Errorf("%q: %s %v", text, o.State, o.Err)
		}
	}
	if len(changes)-done > 12 || done-same > 30 {
		t.Errorf("of %d strings %d were written, %d as they are", len(changes), done, same)
	}
	must(t, p.Commit(t.Context()))
	for _, r := range rows(t, s) {
		if got := r.Fields["Value"].String(); got != want[r.Key] {
			t.Errorf("%q became %q", want[r.Key], got)
		}
	}
	f, err := excelize.OpenFile(path)
	must(t, err)
	must(t, f.Close())
}

// Whatever bytes a sheet consists of, reading it ends with rows or a sentence.
func FuzzSheet(f *testing.F) {
	base := excelize.NewFile()
	if err := base.SetSheetRow("Sheet1", "A1", &[]any{"Id", "Name"}); err != nil {
		f.Fatal(err)
	}
	buf, err := base.WriteToBuffer()
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		`<worksheet><dimension ref="A1:B2"/><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Id</t></is></c></row><row r="2"><c r="A2"><v>1</v></c></row></sheetData></worksheet>`,
		`<worksheet><sheetData><row><c t="s"><v>0</v></c><c t="s"><v>9</v></c></row><row><c t="e"><v>#N/A</v></c><c><f>A1</f><v>2</v></c></row><row/></sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells></worksheet>`,
		`<x:worksheet xmlns:x="y"><x:sheetData><x:row r="3"><x:c r="ZZ3" t="b"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>`,
	} {
		f.Add(seed, "value")
	}
	dir := f.TempDir()
	basePath := filepath.Join(dir, "base.xlsx")
	if err := os.WriteFile(basePath, buf.Bytes(), 0o600); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, sheet, value string) {
		path := set(t, basePath, "xl/worksheets/sheet1.xml", sheet)
		s, err := excel.Open(t.Context(), excel.Options{Path: path})
		if err != nil {
			return
		}
		schema, err := s.Describe(t.Context())
		if err != nil {
			return
		}
		key, last := schema.Columns[0].Name, schema.Columns[len(schema.Columns)-1].Name
		s = open(t, path, key)
		count := func() (n int, target string) {
			for r, err := range s.Rows(t.Context(), time.Time{}) {
				if n++; err == nil && r.Key != "" {
					target = r.Key
				}
			}
			return n, target
		}
		n, target := count()
		p, err := s.Prepare(t.Context(), []source.Change{update(target, last, value), insert(key, "never seen before")})
		if err != nil {
			return
		}
		must(t, p.Commit(t.Context()))
		want := n
		if p.Outcomes()[1].State == source.Done {
			want++
		}
		if got, _ := count(); got != want && last != key {
			t.Fatalf("%d rows became %d, want %d", n, got, want)
		}
		if o := p.Outcomes()[0]; o.State == source.Done && last != key {
			found := false
			for r, err := range s.Rows(t.Context(), time.Time{}) {
				found = found || err == nil && r.Key == o.Key && (r.Fields[last] == o.Now[last] || r.Fields[last].Empty() && o.Now[last].Empty())
			}
			if !found {
				t.Fatalf("%s should read back as %q", last, o.Now[last])
			}
		}
	})
}

func TestALargeSheetIsReadAndWrittenInBoundedMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("writes a large workbook")
	}
	path := filepath.Join(t.TempDir(), "large.xlsx")
	f := excelize.NewFile()
	w, err := f.NewStreamWriter("Sheet1")
	must(t, err)
	must(t, w.SetRow("A1", []any{"id", "name", "mail", "amount"}))
	const n = 100_000
	for i := range n {
		must(t, w.SetRow(fmt.Sprintf("A%d", i+2), []any{i, fmt.Sprintf("Person %d", i), fmt.Sprintf("p%d@example.com", i), float64(i) / 8}))
	}
	must(t, w.Flush())
	must(t, f.SaveAs(path))
	must(t, f.Close())
	runtime.GC()

	s := open(t, path, "id")
	const limit = 16 << 20
	base, peak, count := heap(), uint64(0), 0
	start := time.Now()
	for _, err := range s.Rows(t.Context(), time.Time{}) {
		must(t, err)
		if count++; count%10_000 == 0 {
			peak = max(peak, heap())
		}
	}
	read := time.Since(start)
	if count != n {
		t.Errorf("%d rows, want %d", count, n)
	}
	p := prepare(t, s, update("99999", "name", "The last"), insert("id", "100000"))
	peak = max(peak, heap())
	for _, o := range p.Outcomes() {
		if o.State != source.Done {
			t.Errorf("%s %v", o.State, o.Err)
		}
	}
	must(t, p.Discard())
	t.Logf("read in %v, read and prepared in %v, %d MB above %d MB", read, time.Since(start), (peak-min(peak, base))>>20, base>>20)
	if peak > base+limit {
		t.Errorf("%d MB more held, want less than %d", (peak-base)>>20, limit>>20)
	}
}

// heap is what is held at a moment. What waits to be collected is not, as that
// depends on how much of the processors the collector gets.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
