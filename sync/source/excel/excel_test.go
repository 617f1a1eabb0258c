package excel_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/excel"
)

func TestCellsAreReadAsWhatTheyAre(t *testing.T) {
	t.Parallel()
	path := book(t, func(f *excelize.File) {
		row(f, 1, "Id", "What", "Value")
		day := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
		cells := []struct {
			what   string
			value  any
			format string
		}{
			{"text", "plain", ""},
			{"text of digits", "007", ""},
			{"text with spaces", "  x\ny ", ""},
			{"integer", 42, ""},
			{"long integer", 491701234567, ""},
			{"fraction", 1.1, ""},
			{"rounded for display", 1234.5678, "0.00"},
			{"percent", 0.125, "0%"},
			{"money", 99.5, `[$€-407] #,##0.00;[Red]-[$€-407] #,##0.00`},
			{"true", true, ""},
			{"false", false, ""},
			{"date", 46350, "yyyy-mm-dd"},
			{"German date", 46350, `dd\.mm\.yyyy`},
			{"long date", 46350, `[$-F800]dddd\,\ mmmm\ dd\,\ yyyy`},
			{"month", 46350, "mmm yy"},
			{"date and time", 46350.25, "yyyy-mm-dd hh:mm"},
			{"date format, time within", 46350.75, "yyyy-mm-dd"},
			{"midnight in a date and time", 46350, `m/d/yy h:mm`},
			{"millisecond", 46350 + 1.5/86400, "yyyy-mm-dd hh:mm:ss.000"},
			{"time", 0.25, "hh:mm"},
			{"time AM/PM", 0.75, "h:mm AM/PM"},
			{"minutes", 0.25, "mm:ss"},
			{"duration", 1.5, "[h]:mm:ss"},
			{"exponent is no date", 1500000, "0.00E+00"},
			{"red is no date", 5, `[Red]0`},
			{"quoted d is no date", 5, `0" days"`},
			{"text format", "12", "@"},
			{"Go time", day, ""},
		}
		for i, c := range cells {
			row(f, i+2, i, c.what, c.value)
			if c.format != "" {
				style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &c.format})
				must(t, err)
				at := fmt.Sprintf("C%d", i+2)
				must(t, f.SetCellStyle("Sheet1", at, at, style))
			}
		}
	})
	want := map[string]string{
		"text": "plain", "text of digits": "007", "text with spaces": "  x\ny ", "integer": "42",
		"long integer": "491701234567", "fraction": "1.1", "rounded for display": "1234.5678", "percent": "0.125",
		"money": "99.5", "true": "true", "false": "false",
		"date": "2026-11-24", "German date": "2026-11-24", "long date": "2026-11-24", "month": "2026-11-24",
		"date and time": "2026-11-24T06:00:00", "date format, time within": "2026-11-24T18:00:00",
		"midnight in a date and time": "2026-11-24T00:00:00", "millisecond": "2026-11-24T00:00:01.500",
		"time": "06:00:00", "time AM/PM": "18:00:00", "minutes": "06:00:00", "duration": "36:00:00",
		"exponent is no date": "1500000", "red is no date": "5", "quoted d is no date": "5", "text format": "12",
		"Go time": "2026-11-24",
	}
	got := map[string]string{}
	for _, r := range rows(t, open(t, path, "Id")) {
		got[r.Fields["What"].String()] = r.Fields["Value"].String()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestThe1904DateSystem(t *testing.T) {
	t.Parallel()
	path := book(t, func(f *excelize.File) {
		on := true
		must(t, f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &on}))
		row(f, 1, "Id", "Day")
		row(f, 2, "a", 44888)
		style, err := f.NewStyle(&excelize.Style{NumFmt: 14})
		must(t, err)
		must(t, f.SetCellStyle("Sheet1", "B2", "B2", style))
	})
	s := open(t, path, "Id")
	if got := rows(t, s)[0].Fields["Day"].String(); got != "2026-11-24" {
		t.Errorf("read %s, want 2026-11-24", got)
	}
	apply(t, s, update("a", "Day", "2026-12-01"))
	if got := raw(t, path, "B2"); got != "44895" {
		t.Errorf("wrote %s, want 44895", got)
	}
}

func TestAbsentEmptyAndWhereTheRowsAre(t *testing.T) {
	t.Parallel()
	path := book(t, func(f *excelize.File) {
		must(t, f.SetCellStr("Sheet1", "C3", "Id"))
		must(t, f.SetCellStr("Sheet1", "E3", "Name"))
		must(t, f.SetCellStr("Sheet1", "C5", "a"))
		must(t, f.SetCellStr("Sheet1", "B5", "a note beside"))
		must(t, f.SetCellStr("Sheet1", "E7", "no key"))
		must(t, f.SetRowVisible("Sheet1", 7, false))
		style, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
		must(t, err)
		must(t, f.SetCellStyle("Sheet1", "C8", "E40", style)) // formatted and empty
	})
	s := open(t, path, "Id")
	want := []record.Row{
		{Line: 5, Key: "a", Fields: record.Values{"Id": record.Text("a"), "Column D": record.None(), "Name": record.None()}},
		{Line: 7, Key: "", Fields: record.Values{"Id": record.None(), "Column D": record.None(), "Name": record.Text("no key")}},
	}
	if diff := cmp.Diff(want, rows(t, s), cmp.Comparer(func(a, b record.Value) bool { return a == b })); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	schema, err := s.Describe(t.Context())
	must(t, err)
	if schema.Rows != 2 || schema.Details["header row"] != "3" || schema.Details["columns"] == "" {
		t.Errorf("%d rows, details %v", schema.Rows, schema.Details)
	}
}

func TestASheetIsChosenByNameOrTheFirstShown(t *testing.T) {
	t.Parallel()
	path := book(t, func(f *excelize.File) {
		row(f, 1, "hidden")
		for _, name := range []string{"People", "Places"} {
			_, err := f.NewSheet(name)
			must(t, err)
			must(t, f.SetCellStr(name, "A1", name))
		}
		f.SetActiveSheet(1)
		must(t, f.SetSheetVisible("Sheet1", false))
	})
	for sheet, want := range map[string]string{"": "People", "Places": "Places", "Sheet1": "hidden"} {
		s, err := excel.Open(t.Context(), excel.Options{Path: path, Sheet: sheet})
		must(t, err)
		schema, err := s.Describe(t.Context())
		must(t, err)
		if got := schema.Columns[0].Name; got != want {
			t.Errorf("sheet %q has the column %s, want %s", sheet, got, want)
		}
	}
	names, err := excel.Sheets(t.Context(), path)
	must(t, err)
	if diff := cmp.Diff([]string{"People", "Places", "Sheet1"}, names); diff != "" {
		t.Errorf("sheets (-want +got):\n%s", diff)
	}
	_, err = excel.Open(t.Context(), excel.Options{Path: path, Sheet: "Poeple"})
	if err == nil || !strings.Contains(err.Error(), "did you mean “People”?") {
		t.Errorf("got %v, want the near miss", err)
	}
}

func TestCellErrorsCondemnOnlyTheirColumn(t *testing.T) {
	t.Parallel()
	path := edit(t, book(t, func(f *excelize.File) {
		row(f, 1, "Id", "Name", "Rate")
		row(f, 2, "a", "Ann", 1)
		row(f, 3, "b", "Bob", 2)
	}), "xl/worksheets/sheet1.xml", `<c r="C2"><v>1</v></c>`, `<c r="C2" t="e"><f>1/0</f><v>#DIV/0!</v></c>`)
	s := open(t, path, "Id")
	var good []string
	var bad *source.RowError
	for r, err := range s.Rows(t.Context(), time.Time{}) {
		if err == nil {
			good = append(good, r.Key)
		} else if !errors.As(err, &bad) {
			t.Fatal(err)
		} else if r.Fields["Name"] != record.Text("Ann") || r.Fields["Rate"].State() != record.Absent {
			t.Errorf("the row came as %v", r.Fields)
		}
	}
	if bad == nil || bad.Line != 2 || !cmp.Equal(bad.Columns, []string{"Rate"}) || !strings.Contains(bad.Msg, "C2 shows #DIV/0!") || !cmp.Equal(good, []string{"b"}) {
		t.Errorf("got %v and the rows %v", bad, good)
	}
}

func TestOpenSaysWhatIsWrongWithAWorkbook(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, content, 0o600))
		return path
	}
	good := book(t, func(f *excelize.File) { row(f, 1, "Id", "Customer name") })
	plain, err := os.ReadFile(good)
	must(t, err)
	locked, err := excelize.Encrypt(plain, &excelize.Options{Password: "secret"})
	must(t, err)
	tests := map[string]struct {
		path string
		key  []string
		want string
	}{
		"missing":      {filepath.Join(dir, "no.xlsx"), nil, "is not there"},
		"folder":       {dir, nil, "is a folder"},
		"empty file":   {put("empty.xlsx", nil), nil, "is empty"},
		"not Excel":    {put("text.xlsx", []byte("Id,Name\n1,Ann\n")), nil, "is not an Excel workbook, whatever its name says"},
		"password":     {put("locked.xlsx", locked), nil, "is protected with a password"},
		"cut off":      {put("cut.xlsx", plain[:len(plain)/2]), nil, "is a damaged workbook"},
		"OpenDocument": {put("a.ods", zipOf(t, "mimetype", "x", "content.xml", "x")), nil, "is an OpenDocument file"},
		"Word":         {put("a.docx", zipOf(t, "word/document.xml", "x")), nil, "is a Word or PowerPoint file"},
		"zip":          {put("a.zip", zipOf(t, "customers.csv", "x")), nil, "is a zip file without a workbook"},
		"blank sheet":  {book(t, func(*excelize.File) {}), nil, "has no cells in the sheet “Sheet1”"},
		"key":          {good, []string{"customername"}, "did you mean “Customer name”? The columns are: Id, Customer name."},
		"broken XML":   {edit(t, good, "xl/worksheets/sheet1.xml", "</row>", ""), nil, "is a damaged workbook (xl/worksheets/sheet1.xml"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := excel.Open(t.Context(), excel.Options{Path: test.path, Key: test.key})
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), test.path) {
				t.Errorf("got %v, want %q and the path", err, test.want)
			}
		})
	}
}

func TestTotalsAreNoRowsAndStayInPlace(t *testing.T) {
	t.Parallel()
	path := edit(t, book(t, func(f *excelize.File) {
		row(f, 1, "Id", "Amount")
		row(f, 2, "a", 1)
		row(f, 3, "Total", 1)
		must(t, f.AddTable("Sheet1", &excelize.Table{Range: "A1:B3", Name: "Amounts"}))
	}), "xl/tables/table1.xml", ` ref="A1:B3"`, ` ref="A1:B3" totalsRowCount="1"`)
	s := open(t, path, "Id")
	if got := rows(t, s); len(got) != 1 || got[0].Key != "a" {
		t.Errorf("rows %v, want only a", got)
	}
	p := prepare(t, s, insert("Id", "b"))
	if o := p.Outcomes()[0]; o.State != source.Refused || !strings.Contains(o.Err.Error(), "“Amounts” ends with a totals row") {
		t.Errorf("got %s %v, want a refusal", o.State, o.Err)
	}
}
