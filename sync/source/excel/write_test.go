package excel_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/excel"
	"syncline/sync/source/localfile"
)

// rich is a workbook with much that a careless writer loses.
func rich(t *testing.T) string {
	return book(t, func(f *excelize.File) {
		row(f, 1, "Id", "Name", "Since", "Amount", "Active", "Total")
		dates, err := f.NewStyle(&excelize.Style{NumFmt: 14, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"FFEE00"}}})
		must(t, err)
		for i := 2; i <= 4; i++ {
			row(f, i, fmt.Sprintf("%03d", i-1), fmt.Sprintf("Person %d", i-1), 46000+i, 10*i, i%2 == 0)
			must(t, f.SetCellFormula("Sheet1", fmt.Sprintf("F%d", i), fmt.Sprintf("D%d*2", i)))
			must(t, f.SetCellStyle("Sheet1", fmt.Sprintf("C%d", i), fmt.Sprintf("C%d", i), dates))
		}
		must(t, f.SetColWidth("Sheet1", "B", "B", 33))
		must(t, f.AddComment("Sheet1", excelize.Comment{Cell: "B3", Author: "Anna", Text: "ask her"}))
		must(t, f.SetCellHyperLink("Sheet1", "B2", "https://example.com", "External"))
		red, err := f.NewConditionalStyle(&excelize.Style{Font: &excelize.Font{Color: "FF0000"}})
		must(t, err)
		must(t, f.SetConditionalFormat("Sheet1", "D2:D99", []excelize.ConditionalFormatOptions{{Type: "cell", Criteria: ">", Format: &red, Value: "20"}}))
		dv := excelize.NewDataValidation(true)
		dv.Sqref = "E2:E99"
		must(t, dv.SetDropList([]string{"TRUE", "FALSE"}))
		must(t, f.AddDataValidation("Sheet1", dv))
		must(t, f.SetPanes("Sheet1", &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
		_, err = f.NewSheet("Other")
		must(t, err)
		must(t, f.SetCellFormula("Other", "A1", "SUM(Sheet1!D:D)"))
		must(t, f.AddChart("Other", "C3", &excelize.Chart{Type: excelize.Col, Series: []excelize.ChartSeries{{Values: "Sheet1!$D$2:$D$4"}}}))
		must(t, f.SetDefinedName(&excelize.DefinedName{Name: "Amounts", RefersTo: "Sheet1!$D$2:$D$4"}))
	})
}

func TestAnUpdateChangesItsCellAndNothingElse(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		column, value string
		want          string // the new cell
		reads         string // "" is value
	}{
		"text":             {"Name", "Ann & <Bob>", `<c r="B3" t="inlineStr"><is><t>Ann &amp; &lt;Bob&gt;</t></is></c>`, ""},
		"text, spaces":     {"Name", " a\r\nb_x0041_ ", `<c r="B3" t="inlineStr"><is><t xml:space="preserve"> a_x000D_` + "\n" + `b_x005F_x0041_ </t></is></c>`, ""},
		"formula as text":  {"Name", "=1+1", `<c r="B3" t="inlineStr"><is><t>=1+1</t></is></c>`, ""},
		"date":             {"Since", "2026-11-24", `<c r="C3" s="1"><v>46350</v></c>`, ""},
		"date and time":    {"Since", "2026-11-24T06:00:00", `<c r="C3" s="1"><v>46350.25</v></c>`, ""},
		"number":           {"Amount", "12.50", `<c r="D3"><v>12.5</v></c>`, "12.5"},
		"zeros in front":   {"Amount", "007", `<c r="D3" t="inlineStr"><is><t>007</t></is></c>`, ""},
		"phone":            {"Amount", "+49891234", `<c r="D3" t="inlineStr"><is><t>+49891234</t></is></c>`, ""},
		"sixteen digits":   {"Amount", "1234567890123456", `<c r="D3" t="inlineStr"><is><t>1234567890123456</t></is></c>`, ""},
		"words in numbers": {"Amount", "many", `<c r="D3" t="inlineStr"><is><t>many</t></is></c>`, ""},
		"boolean":          {"Active", "TRUE", `<c r="E3" t="b"><v>1</v></c>`, "true"},
		"emptied":          {"Since", "", `<c r="C3" s="1"/>`, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := rich(t)
			before := parts(t, path)
			s := open(t, path, "Id")
			apply(t, s, update("002", test.column, test.value))
			after := parts(t, path)

			changed := map[string]bool{}
			for name := range after {
				changed[name] = before[name] != after[name]
			}
			for name, differs := range changed {
				if want := name == "xl/worksheets/sheet1.xml" || name == "xl/workbook.xml"; differs != want {
					t.Errorf("part %s changed: %v, want %v", name, differs, want)
				}
			}
			if len(before) != len(after) {
				t.Errorf("%d parts became %d", len(before), len(after))
			}
			if want, got := withCell(t, before["xl/worksheets/sheet1.xml"], test.want), after["xl/worksheets/sheet1.xml"]; got != want {
				t.Errorf("(-want +got):\n%s", cmp.Diff(strings.Split(want, "><"), strings.Split(got, "><")))
			}
			if !strings.Contains(after["xl/workbook.xml"], `fullCalcOnLoad="1"`) {
				t.Error("Excel is not asked to calculate anew")
			}
			wantText := test.reads
			if wantText == "" {
				wantText = test.value
			}
			if got := rows(t, s)[1].Fields[test.column].String(); got != wantText {
				t.Errorf("reads back as %q, want %q", got, wantText)
			}
			f, err := excelize.OpenFile(path)
			must(t, err)
			must(t, f.Close())
		})
	}
}

// withCell replaces the cell that has the same reference.
func withCell(t *testing.T, sheet, cell string) string {
	t.Helper()
	open := cell[:strings.Index(cell[4:], `"`)+4]
	ref := cell[6 : 6+2]
	from := strings.Index(sheet, `<c r="`+ref+`"`)
	if from < 0 {
		t.Fatalf("no cell %s (%s)", ref, open)
	}
	end := strings.Index(sheet[from:], "</c>") + len("</c>")
	return sheet[:from] + cell + sheet[from+end:]
}

func TestAnInsertGoesBelowTheLastRowInItsStyle(t *testing.T) {
	t.Parallel()
	path := rich(t)
	before := parts(t, path)
	s := open(t, path, "Id")
	out := apply(t, s,
		insert("Id", "004", "Name", "Dora", "Since", "2026-01-02", "Amount", "5", "Active", "false"),
		insert("Id", "005", "Since", "soon"))
	after := parts(t, path)
	want := `<row r="5"><c r="A5" t="inlineStr"><is><t>004</t></is></c><c r="B5" t="inlineStr"><is><t>Dora</t></is></c>` +
		`<c r="C5" s="1"><v>46024</v></c><c r="D5"><v>5</v></c><c r="E5" t="b"><v>0</v></c><c r="F5"/></row>` +
		`<row r="6"><c r="A6" t="inlineStr"><is><t>005</t></is></c><c r="B6"/><c r="C6" s="1" t="inlineStr"><is><t>soon</t></is></c><c r="D6"/><c r="E6"/><c r="F6"/></row>`
	wantSheet := strings.Replace(before["xl/worksheets/sheet1.xml"], "</sheetData>", want+"</sheetData>", 1)
	gotSheet := after["xl/worksheets/sheet1.xml"]
	if i := strings.Index(wantSheet, "<dimension"); i >= 0 {
		if !strings.Contains(gotSheet, `<dimension ref="A1:F6"/>`) && !strings.Contains(gotSheet, `<dimension ref="A1:F6"></dimension>`) {
			t.Errorf("the sheet declares %s", gotSheet[i:i+40])
		}
		j := i + strings.Index(wantSheet[i:], ">") + 1
		k := strings.Index(gotSheet[i:], ">") + i + 1
		wantSheet, gotSheet = wantSheet[:i]+wantSheet[j:], gotSheet[:i]+gotSheet[k:]
	}
	if gotSheet != wantSheet {
		t.Errorf("(-want +got):\n%s", cmp.Diff(strings.Split(wantSheet, "><"), strings.Split(gotSheet, "><")))
	}
	if out[0].Key != "004" || out[0].Now["Since"] != record.Text("2026-01-02") || out[0].Now["Total"] != record.None() {
		t.Errorf("outcome %+v", out[0])
	}
	if got := len(rows(t, s)); got != 5 {
		t.Errorf("%d rows, want 5", got)
	}
}

func TestATableGrowsWithItsRows(t *testing.T) {
	t.Parallel()
	path := book(t, func(f *excelize.File) {
		row(f, 1, "A report")
		row(f, 3, "Id", "Name")
		row(f, 4, "a", "Ann")
		must(t, f.AddTable("Sheet1", &excelize.Table{Range: "A3:B4", Name: "People"}))
	})
	s := open(t, path, "Id")
	apply(t, s, insert("Id", "b", "Name", "Bob"))
	f, err := excelize.OpenFile(path)
	must(t, err)
	defer f.Close()
	tables, err := f.GetTables("Sheet1")
	must(t, err)
	if len(tables) != 1 || tables[0].Range != "A3:B5" {
		t.Errorf("tables %+v, want one over A3:B5", tables)
	}
	if part := parts(t, path)["xl/tables/table1.xml"]; strings.Count(part, `ref="A3:B5"`) != 2 {
		t.Errorf("the table and its filter do not both cover A3:B5: %s", part)
	}
}

func TestCellsThatAreNotTheirOwnAreRefused(t *testing.T) {
	t.Parallel()
	path := edit(t, book(t, func(f *excelize.File) {
		row(f, 1, "Id", "Name", "Since", "Total", "Spill")
		row(f, 2, "a", "Ann", 46350, 1, 5)
		row(f, 3, "b", nil, 46350, 1, 5)
		style, err := f.NewStyle(&excelize.Style{NumFmt: 14})
		must(t, err)
		must(t, f.SetCellStyle("Sheet1", "C2", "C3", style))
		must(t, f.MergeCell("Sheet1", "B2", "B3"))
		must(t, f.SetCellFormula("Sheet1", "D3", "1+1"))
	}), "xl/worksheets/sheet1.xml", `<c r="E2"><v>`, `<c r="E2"><f t="array" ref="E2:E3">{5;5}</f><v>`)
	tests := map[string]struct{ column, value, want string }{
		"formula":       {"Total", "3", "Total in D3 is calculated by a formula"},
		"array formula": {"Spill", "3", "Spill in E3 is filled by a formula for E2:E3"},
		"merged":        {"Name", "Bob", "Name in B3 is merged into B2:B3"},
		"no date":       {"Since", "soon", "“soon” is not a date"},
		"clock in date": {"Since", "06:00:00", "“06:00:00” is not a date"},
		"too long":      {"Name", strings.Repeat("x", 32768), ""},
		"not text":      {"Name", "\xff", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, path, "Id")
			p := prepare(t, s, update("b", test.column, test.value))
			o := p.Outcomes()[0]
			if o.State != source.Refused || o.Err == nil || !strings.Contains(o.Err.Error(), test.want) {
				t.Errorf("got %s, %v", o.State, o.Err)
			}
			if p.Before() != p.After() {
				t.Error("nothing changes, and yet the versions differ")
			}
			must(t, p.Discard())
		})
	}
}

func TestSheetsThatMayNotBeWritten(t *testing.T) {
	t.Parallel()
	simple := func(f *excelize.File) {
		row(f, 1, "Id", "Name")
		row(f, 2, "a", "Ann")
	}
	tests := map[string]struct {
		path string
		want string
	}{
		"protected": {book(t, func(f *excelize.File) {
			simple(f)
			must(t, f.ProtectSheet("Sheet1", &excelize.SheetProtectionOptions{Password: "x"}))
		}), "“Sheet1” is protected"},
		"signed": {add(t, book(t, simple), "_xmlsignatures/sig1.xml", "<x/>"), "digital signature"},
	}
	open1 := book(t, simple)
	must(t, os.WriteFile(filepath.Join(filepath.Dir(open1), "~$"+filepath.Base(open1)), append([]byte{4}, "Anna"...), 0o600))
	tests["open in Excel"] = struct {
		path string
		want string
	}{open1, "is open in Excel"}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := open(t, test.path, "Id").Prepare(t.Context(), []source.Change{update("a", "Name", "Bob")})
			var ro *source.ReadOnlyError
			if !errors.As(err, &ro) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// Other programs write the same sheet in other words.
func TestSheetsOfOtherWriters(t *testing.T) {
	t.Parallel()
	base := book(t, func(f *excelize.File) {
		row(f, 1, "Id", "Name")
		row(f, 2, "a", "Ann")
	})
	sheets := map[string]string{
		"no references": `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` +
			`<row><c t="inlineStr"><is><t>Id</t></is></c><c t="inlineStr"><is><t>Name</t></is></c></row>` +
			`<row><c t="str"><v>a</v></c><c t="inlineStr"><is><r><t>An</t></r><r><rPr><b/></rPr><t>n</t></r><rPh sb="0" eb="1"><t>no</t></rPh></is></c></row></sheetData></worksheet>`,
		"prefixed, with white space": `<?xml version="1.0"?><x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
 <x:sheetData>
  <x:row r="1"> <x:c r="A1" t="inlineStr"><x:is><x:t>Id</x:t></x:is></x:c> <x:c r="B1" t="inlineStr"><x:is><x:t>Name</x:t></x:is></x:c> </x:row>
  <x:row r="2"> <x:c r="A2" t="inlineStr"><x:is><x:t>a</x:t></x:is></x:c> <x:c r="B2" t="inlineStr"><x:is><x:t>Ann</x:t></x:is></x:c> </x:row>
  <x:row r="4"/>
 </x:sheetData>
</x:worksheet>`,
	}
	for name, sheet := range sheets {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := set(t, base, "xl/worksheets/sheet1.xml", sheet)
			s := open(t, path, "Id")
			if got := rows(t, s); len(got) != 1 || got[0].Fields["Name"] != record.Text("Ann") {
				t.Fatalf("read %v", got)
			}
			apply(t, s, update("a", "Name", "Zoë"), insert("Id", "b", "Name", "Bob"), insert("Id", "c", "Name", "Cleo"))
			f, err := excelize.OpenFile(path)
			must(t, err)
			defer f.Close()
			got, err := f.GetRows("Sheet1")
			must(t, err)
			if diff := cmp.Diff([][]string{{"Id", "Name"}, {"a", "Zoë"}, {"b", "Bob"}, {"c", "Cleo"}}, got); diff != "" && !strings.Contains(sheet, "<x:") {
				t.Errorf("(-want +got):\n%s", diff)
			}
			var names []string
			for _, r := range rows(t, s) {
				names = append(names, r.Fields["Name"].String())
			}
			if diff := cmp.Diff([]string{"Zoë", "Bob", "Cleo"}, names); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCommitRefusesAWorkbookThatMoved(t *testing.T) {
	t.Parallel()
	path := rich(t)
	s := open(t, path, "Id")
	p := prepare(t, s, update("001", "Name", "X"))
	f, err := excelize.OpenFile(path)
	must(t, err)
	must(t, f.SetCellStr("Sheet1", "B2", "edited"))
	must(t, f.Save())
	must(t, f.Close())
	if err := p.Commit(t.Context()); !errors.Is(err, source.ErrMoved) {
		t.Errorf("got %v, want ErrMoved", err)
	}
	if got := rows(t, s)[0].Fields["Name"].String(); got != "edited" {
		t.Errorf("somebody's edit became %q", got)
	}
}

func TestACellAddedToARowTakesTheHintOfItsSpanAway(t *testing.T) {
	t.Parallel()
	path := edit(t, book(t, func(f *excelize.File) {
		row(f, 1, "Id", "Name", "City")
		row(f, 2, "a")
	}), "xl/worksheets/sheet1.xml", `<row r="2"`, `<row r="2" spans="1:1" ht="20"`)
	apply(t, open(t, path, "Id"), update("a", "City", "Bonn"))
	sheet := parts(t, path)["xl/worksheets/sheet1.xml"]
	if !strings.Contains(sheet, `<row r="2" ht="20"`) || !strings.Contains(sheet, `<c r="C2" t="inlineStr"><is><t>Bonn</t></is></c></row>`) {
		t.Errorf("the row became %s", sheet[strings.Index(sheet, `<row r="2"`):])
	}
}

// A sheet prepared with formulas below its rows keeps them.
func TestAnInsertKeepsFormulasThatWaitBelow(t *testing.T) {
	t.Parallel()
	path := book(t, func(f *excelize.File) {
		row(f, 1, "Id", "Double")
		row(f, 2, "a")
		row(f, 3, "b")
		for i := 2; i <= 9; i++ {
			must(t, f.SetCellFormula("Sheet1", fmt.Sprintf("B%d", i), fmt.Sprintf(`IF(A%d="","",2)`, i)))
		}
	})
	s := open(t, path, "Id")
	p := prepare(t, s, insert("Id", "c", "Double", "5"), insert("Id", "d"))
	if o := p.Outcomes()[0]; o.State != source.Refused || !strings.Contains(o.Err.Error(), "B4 is calculated by a formula") {
		t.Errorf("got %s %v, want a refusal", o.State, o.Err)
	}
	if o := p.Outcomes()[1]; o.State != source.Done {
		t.Errorf("got %s %v", o.State, o.Err)
	}
	must(t, p.Commit(t.Context()))
	f, err := excelize.OpenFile(path)
	must(t, err)
	defer f.Close()
	for i := 2; i <= 9; i++ {
		if formula, err := f.GetCellFormula("Sheet1", fmt.Sprintf("B%d", i)); err != nil || formula == "" {
			t.Errorf("B%d lost its formula: %v", i, err)
		}
	}
	if got, _ := f.GetCellValue("Sheet1", "A4"); got != "d" {
		t.Errorf("A4 is %q, want d", got)
	}
}

// The new content is made from what was read, or not at all.
func TestAWorkbookSavedDuringThePreparationIsNoticed(t *testing.T) {
	t.Parallel()
	path := rich(t)
	other, err := os.ReadFile(rich(t))
	must(t, err)
	r := localfile.New()
	r.Disk = saveOnCreate{localfile.OS{}, func() { must(t, os.WriteFile(path, append(other, 0), 0o600)) }}
	s, err := excel.Open(t.Context(), excel.Options{Path: path, Key: []string{"Id"}, Replacer: r})
	must(t, err)
	if _, err := s.Prepare(t.Context(), []source.Change{update("001", "Name", "X")}); !errors.Is(err, source.ErrMoved) {
		t.Errorf("got %v, want ErrMoved", err)
	}
}

// saveOnCreate is a disk on which somebody saves when the temporary file is
// made.
type saveOnCreate struct {
	localfile.Disk
	save func()
}

func (d saveOnCreate) Create(name string, mode os.FileMode) (localfile.WriteFile, error) {
	d.save()
	return d.Disk.Create(name, mode)
}

// A cell that shows times of day can't hold more hours than a day has: 25:00 would be
// shown as 1:00, and be read as a day of 1900.
func TestHoursBeyondADayNeedAFormatThatShowsThem(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ format, value, want, refused string }{
		"a time":                        {"h:mm", "12:45", "12:45:00", ""},
		"a time with seconds":           {"h:mm:ss", "7:05:09", "07:05:09", ""},
		"hours beyond a day":            {"h:mm", "25:00", "", "“25:00” is longer than a day"},
		"hours beyond a day, in [h]":    {"[h]:mm", "25:00", "25:00:00", ""},
		"no time":                       {"h:mm", "noon", "", "is not a date or time"},
		"a time where days are":         {"yyyy-mm-dd", "12:45", "", "is not a date or time"},
		"hours beyond a day, in a date": {"yyyy-mm-dd hh:mm", "25:00", "", "“25:00” is longer than a day"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, book(t, func(f *excelize.File) {
				row(f, 1, "Id", "At")
				row(f, 2, "1", 46000.25)
				style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &c.format})
				must(t, err)
				must(t, f.SetCellStyle("Sheet1", "B2", "B2", style))
			}), "Id")
			p := prepare(t, s, update("1", "At", c.value))
			must(t, p.Commit(t.Context()))
			o := p.Outcomes()[0]
			if c.refused != "" {
				if o.Err == nil || !strings.Contains(o.Err.Error(), c.refused) {
					t.Errorf("%s: %v", o.State, o.Err)
				}
				return
			}
			if got := rows(t, s)[0].Fields["At"].String(); o.State != source.Done || got != c.want {
				t.Errorf("%s %v: reads back as %q", o.State, o.Err, got)
			}
		})
	}
}
