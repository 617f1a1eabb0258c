package excel_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/excel"
)

// shown is what a workbook says: its rows and refusals, a line each, then its
// notes but for those that concern texts alone.
func shown(t *testing.T, o excel.Options) string {
	t.Helper()
	all, _, _ := strings.Cut(shownToTexts(t, o), "for texts ")
	return all
}

// shownToTexts is shown with the notes that concern texts behind it.
func shownToTexts(t *testing.T, o excel.Options) string {
	t.Helper()
	s, err := excel.Open(t.Context(), o)
	if err != nil {
		return "error " + strings.ReplaceAll(err.Error(), o.Path, "FILE")
	}
	schema, err := s.Describe(t.Context())
	must(t, err)
	var b strings.Builder
	for r, err := range s.Rows(t.Context(), time.Time{}) {
		var bad *source.RowError
		if err != nil && !errors.As(err, &bad) {
			t.Fatal(err)
		}
		var cells []string
		for _, c := range schema.Columns {
			cells = append(cells, r.Fields[c.Name].String())
		}
		fmt.Fprintf(&b, "%s\n", strings.Join(cells, "|"))
		if bad != nil {
			fmt.Fprintf(&b, "  refused %q: %s\n", bad.Columns, bad.Msg)
		}
	}
	texts := ""
	for _, n := range s.Notes() {
		if n.Texts {
			texts += "for texts " + n.Text + "\n"
			continue
		}
		fmt.Fprintf(&b, "note %s\n", n.Text)
	}
	return b.String() + texts
}

func TestNumbersThatAreIdentifiersAreReadAsShown(t *testing.T) {
	t.Parallel()
	cases := []struct {
		format string
		value  any
		want   string
	}{
		{"00000", 1234, "01234"}, {"00000", 501, "00501"}, {"00000", 90210, "90210"}, {"00000", 123456, "123456"}, {"00000", 0, "00000"},
		{"00000-0000", 12345678, "01234-5678"}, {"000-00-0000", 12345678, "012-34-5678"}, {"0000 0000", 12345678, "1234 5678"},
		{"(000) 000-0000", 5550100123, "(555) 010-0123"}, {`"+47 "00000000`, 22334455, "+47 22334455"}, {"+0", 4922334455, "+4922334455"},
		{`"K-"0`, 17, "K-17"}, {`"CUST-"00000`, 42, "CUST-00042"}, {`\K\-0000`, 7, "K-0007"}, {`"INV"#`, 99, "INV99"}, {"[Red]00000", 12, "00012"},
		{"00000;-00000", 12, "00012"}, {`00"."00"."00`, 10203, "01.02.03"},
		// Amounts are the number behind.
		{"0.00", 1234.5678, "1234.5678"}, {"#,##0", 1234567, "1234567"}, {`0" days"`, 5, "5"}, {`"EUR "0`, 5, "5"}, {`"kr"0`, 5, "5"}, {`"$"0`, 5, "5"}, {`[$€-407] #,##0.00`, 99.5, "99.5"},
		{"0%", 0.15, "0.15"}, {"0.00E+00", 1500000, "1500000"}, {`# ?/?`, 0.5, "0.5"}, {"#\\ ##0", 12345, "12345"}, {"0", 7, "7"}, {"00000", 12.5, "12.5"}, {"00.0", 1.5, "1.5"},
	}
	path := book(t, func(f *excelize.File) {
		row(f, 1, "Id", "Value")
		for i, c := range cases {
			row(f, i+2, i, c.value)
			style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &c.format})
			must(t, err)
			at := fmt.Sprintf("B%d", i+2)
			must(t, f.SetCellStyle("Sheet1", at, at, style))
		}
	})
	s := open(t, path, "Id")
	for i, r := range rows(t, s) {
		if got := r.Fields["Value"].String(); got != cases[i].want {
			t.Errorf("%v in %s is %q, want %q", cases[i].value, cases[i].format, got, cases[i].want)
		}
	}
	if notes := fmt.Sprint(s.Notes()); !strings.Contains(notes, "read as they are shown") || !strings.Contains(notes, "01234 in row 2") {
		t.Error(notes)
	}
}

// What is written back into such a cell is a number again.
func TestAnIdentifierStaysANumberInItsCell(t *testing.T) {
	t.Parallel()
	path := book(t, func(f *excelize.File) {
		row(f, 1, "Id", "Zip", "Number")
		row(f, 2, "a", 1234, 17)
		for at, format := range map[string]string{"B2": "00000", "C2": `"K-"0000`} {
			style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
			must(t, err)
			must(t, f.SetCellStyle("Sheet1", at, at, style))
		}
	})
	s := open(t, path, "Id")
	apply(t, s, update("a", "Zip", "00501", "Number", "K-0042"), insert("Id", "b", "Zip", "00077", "Number", "other"))
	if got := []string{raw(t, path, "B2"), raw(t, path, "C2"), raw(t, path, "B3"), raw(t, path, "C3")}; !cmp.Equal(got, []string{"501", "42", "77", "other"}) {
		t.Errorf("stored %q", got)
	}
	var got []string
	for _, r := range rows(t, s) {
		got = append(got, r.Fields["Zip"].String()+" "+r.Fields["Number"].String())
	}
	if !cmp.Equal(got, []string{"00501 K-0042", "00077 other"}) {
		t.Errorf("read back %q", got)
	}
}

func TestNumbersHaveExcelsFifteenDigits(t *testing.T) {
	t.Parallel()
	a, b := 0.1, 0.2 // not constants, which are exact
	cases := map[float64]string{a + b: "0.3", 1.1: "1.1", 1e-7: "0.0000001", 1234.5678: "1234.5678", 99.99 * 3: "299.97", -(a + b): "-0.3",
		1 - 0.9: "0.1", 1e21: "1000000000000000000000", 123456789.123456: "123456789.123456", 8.41 - 7: "1.41"}
	path := book(t, func(f *excelize.File) {
		row(f, 1, "Id", "Value")
		i := 2
		for v := range cases {
			row(f, i, fmt.Sprint(v), v)
			i++
		}
	})
	for _, r := range rows(t, open(t, path, "Id")) {
		var v float64
		_, err := fmt.Sscan(r.Key, &v)
		must(t, err)
		if got := r.Fields["Value"].String(); got != cases[v] {
			t.Errorf("%s is %q, want %q", r.Key, got, cases[v])
		}
	}
}

// What excelize does not write: all digits that a calculation leaves.
func TestTheNoiseOfACalculationIsLeftOut(t *testing.T) {
	t.Parallel()
	for stored, want := range map[string]string{"0.30000000000000004": "0.3", "434.99999999999994": "435", "0.66666666666666663": "0.666666666666667", "1.1000000000000001": "1.1",
		"1.4100000000000001": "1.41", "-0.30000000000000004": "-0.3", "4.9999999999999996E-2": "0.05", "1E-3": "0.001", "123456789012345": "123456789012345", "100.00000000000001": "100"} {
		path := edit(t, book(t, func(f *excelize.File) {
			row(f, 1, "Id", "Value")
			row(f, 2, "a", 1)
		}), "xl/worksheets/sheet1.xml", `<c r="B2"><v>1</v></c>`, `<c r="B2"><f>A1</f><v>`+stored+`</v></c>`)
		if got := rows(t, open(t, path, "Id"))[0].Fields["Value"].String(); got != want {
			t.Errorf("%s is %q, want %q", stored, got, want)
		}
	}
}

func TestMergedCellsAreFilledAndTold(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		merged []string
		rows   [][]any
		want   string
	}{
		{"down", []string{"A2:A4"}, [][]any{{"Co", "Id"}, {"Fjord", "a"}, {nil, "b"}, {nil, "c"}}, "Fjord|a\nFjord|b\nFjord|c\nnote In the column “Co” 2 cells are merged with others (the first area is A2:A4): each gets the value of its area.\n"},
		{"two areas", []string{"A2:A3", "A4:A5"}, [][]any{{"Co", "Id"}, {"X", "a"}, {nil, "b"}, {"Y", "c"}, {nil, "d"}}, "X|a\nX|b\nY|c\nY|d\nnote In the column “Co” 2 cells are merged with others (the first area is A2:A3): each gets the value of its area.\n"},
		{"a number", []string{"A2:A3"}, [][]any{{"N", "Id"}, {12.5, "a"}, {nil, "b"}}, "12.5|a\n12.5|b\nnote~"},
		{"an empty area", []string{"A2:A3"}, [][]any{{"Co", "Id"}, {nil, "a"}, {nil, "b"}}, "|a\n|b\n"},
		{"over rows that are empty else", []string{"A2:A9"}, [][]any{{"Co", "Id"}, {"X", "a"}, {nil, "b"}}, "X|a\nX|b\nnote~"},
		{"of the last column", []string{"B2:B3"}, [][]any{{"Id", "Co"}, {"a", "X"}, {"b", nil}}, "a|X\nb|X\nnote~"},
		{"the key", []string{"A2:A3"}, [][]any{{"Id", "Co"}, {"a", "X"}, {nil, "Y"}}, "a|X\na|Y\nnote~"},
		{"across", []string{"A2:B2"}, [][]any{{"First", "Last", "Id"}, {"Ann", nil, "a"}, {"Ben", "Lee", "b"}}, "Ann||a\n  refused [\"Last\"]: has an error: B2 is merged into A2:B2, over several columns, so that what it holds is open; unmerge these cells (Last)\nBen|Lee|b\n"},
		{"a block", []string{"A2:B3"}, [][]any{{"First", "Last", "Id"}, {"Ann", nil, "a"}, {nil, nil, "b"}}, "Ann||a\n  refused [\"Last\"]~"},
		{"beside the table", []string{"D2:D3"}, [][]any{{"Id", "Co"}, {"a", "X", nil, "note"}, {"b", "Y"}}, "a|X\nb|Y\n"},
		{"of the header", []string{"A1:A2"}, [][]any{{"Id", "Co"}, {nil, "x"}, {"b", "Y"}}, "|x\nb|Y\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := book(t, func(f *excelize.File) {
				for i, cells := range test.rows {
					row(f, i+1, cells...)
				}
				for _, area := range test.merged {
					from, to, _ := strings.Cut(area, ":")
					must(t, f.MergeCell("Sheet1", from, to))
				}
			})
			got := shown(t, excel.Options{Path: path})
			want, _, cut := strings.Cut(test.want, "~")
			if got != want && !(cut && strings.HasPrefix(got, want)) {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestAFormulaWithoutAResultIsAnError(t *testing.T) {
	t.Parallel()
	sheet := func(cell string) string {
		return edit(t, book(t, func(f *excelize.File) {
			row(f, 1, "Id", "Value")
			row(f, 2, "a", "x")
		}), "xl/worksheets/sheet1.xml", `<c r="B2" t="s"><v>3</v></c>`, cell)
	}
	for cell, want := range map[string]string{
		`<c r="B2"><f>A2&amp;"x"</f><v></v></c>`:                    "B2 holds a formula without a result",
		`<c r="B2"><f>1+1</f></c>`:                                  "B2 holds a formula without a result",
		`<c r="B2" t="n"><f>1+1</f><v/></c>`:                        "B2 holds a formula without a result",
		`<c r="B2"><f t="shared" si="0"/></c>`:                      "B2 holds a formula without a result",
		`<c r="B2"><f t="array" ref="B2:B2">SUM(1)</f><v> </v></c>`: "",
		`<c r="B2" t="str"><f>""</f><v></v></c>`:                    "", // Excel's empty text
		`<c r="B2" t="str"><f>IF(1,"","")</f></c>`:                  "",
		`<c r="B2"><f>1+1</f><v>2</v></c>`:                          "",
		`<c r="B2" t="e"><f>NA()</f><v>#N/A</v></c>`:                "B2 shows #N/A",
		`<c r="B2" t="str"><f>"#REF!"</f><v>#REF!</v></c>`:          "B2 shows #REF!",
		`<c r="B2" t="b"><f>TRUE()</f><v>1</v></c>`:                 "",
		`<c r="B2" t="inlineStr"><is><t>#VALUE!</t></is></c>`:       "B2 shows #VALUE!",
		`<c r="B2" t="inlineStr"><is><t>NULL</t></is></c>`:          "B2 holds “NULL”",
	} {
		got := shown(t, excel.Options{Path: sheet(cell), Key: []string{"Id"}})
		if refused := strings.Contains(got, "refused [\"Value\"]"); refused != (want != "") || !strings.Contains(got, want) {
			t.Errorf("%s:\n%s\nwant %q", cell, got, want)
		}
	}
}

func TestHiddenRowsAndColumnsAreReadAndTold(t *testing.T) {
	t.Parallel()
	path := book(t, func(f *excelize.File) {
		row(f, 1, "Id", "Name", "City")
		for i, n := range []string{"Ann", "Ben", "Cid", "Dag"} {
			row(f, i+2, i, n, "Oslo")
		}
		must(t, f.SetRowVisible("Sheet1", 3, false))
		must(t, f.SetRowVisible("Sheet1", 4, false))
		must(t, f.SetColVisible("Sheet1", "B", false))
	})
	got := shown(t, excel.Options{Path: path})
	want := "0|Ann|Oslo\n1|Ben|Oslo\n2|Cid|Oslo\n3|Dag|Oslo\nnote The column “Name” (B) is hidden and read like the others.\nnote 2 rows are hidden (the first is row 3) and read like the others.\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTheHeaderIsFoundInASheet(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		merged []string
		rows   [][]any
		o      excel.Options
		want   string
	}{
		{"two header rows", []string{"A1:B1"}, [][]any{{"Person", nil, "Address"}, {"Email", "First", "City"}, {"a@x.no", "Ann", "Oslo"}}, excel.Options{}, "a@x.no|Ann|Oslo\nnote The names of the columns are taken from row 2 of the sheet “Sheet1”; what stands above them (“Person”) is passed over. Write header-row: 2 under source to settle it.\n"},
		{"a title", nil, [][]any{{"Report"}, {}, {"Email", "First"}, {"a@x.no", "Ann"}}, excel.Options{}, "a@x.no|Ann\nnote The names of the columns are taken from row 3~"},
		{"a merged title", []string{"A1:C1"}, [][]any{{"Report"}, {"Email", "First", "City"}, {"a@x.no", "Ann", "Oslo"}}, excel.Options{}, "a@x.no|Ann|Oslo\nnote~"},
		{"merged down and across", []string{"A1:A2", "B1:C1"}, [][]any{{"Email", "Name"}, {nil, "First", "Last"}, {"a@x.no", "Ann", "Lee"}}, excel.Options{}, "a@x.no|Ann|Lee\nnote~"},
		{"the same, with the key", []string{"A1:A2", "B1:C1"}, [][]any{{"Email", "Name"}, {nil, "First", "Last"}, {"a@x.no", "Ann", "Lee"}}, excel.Options{Key: []string{"Email"}}, "a@x.no|Ann|Lee\nnote~"},
		{"said", nil, [][]any{{"a", "b"}, {"c", "d"}, {"Email", "First"}, {"a@x.no", "Ann"}}, excel.Options{HeaderRow: 3}, "a@x.no|Ann\n"},
		{"said where nothing is", nil, [][]any{{"a", "b"}, {}, {"Email", "First"}}, excel.Options{HeaderRow: 2}, "error FILE: has nothing in row 2 of the sheet “Sheet1”~"},
		{"by the key", nil, [][]any{{"a", "b"}, {"c", "d"}, {"Email", "First"}, {"a@x.no", "Ann"}}, excel.Options{Key: []string{"Email"}}, "a@x.no|Ann\nnote~"},
		{"a total", nil, [][]any{{"Email", "Sum"}, {"a@x.no", 1}, {"Total", 1}}, excel.Options{}, "a@x.no|1\nTotal|1\n  refused []: seems to add up the table (“Total”)~"},
		{"spaces alone and words", nil, [][]any{{"Email", "First", "City"}, {"a@x.no", "   ", "n/a"}}, excel.Options{Blanks: []string{"n/a"}}, "a@x.no||\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.o.Path = book(t, func(f *excelize.File) {
				for i, cells := range test.rows {
					if len(cells) > 0 {
						row(f, i+1, cells...)
					}
				}
				for _, area := range test.merged {
					from, to, _ := strings.Cut(area, ":")
					must(t, f.MergeCell("Sheet1", from, to))
				}
			})
			got := shown(t, test.o)
			want, _, cut := strings.Cut(test.want, "~")
			if got != want && !(cut && strings.HasPrefix(got, want)) {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// What HubSpot knows the type of becomes a cell of that type where the column
// has none of its own.
func TestWhatIsWrittenTakesAfterItsType(t *testing.T) {
	t.Parallel()
	path := book(t, func(f *excelize.File) {
		row(f, 1, "Id", "Fee", "VIP", "Since", "Seen", "Zip", "Mixed", "Text")
		row(f, 2, "a")
		row(f, 3, "b", nil, nil, nil, nil, nil, "x")
	})
	s := open(t, path, "Id")
	types := map[string]record.Type{"Fee": record.TypeNumber, "VIP": record.TypeBool, "Since": record.TypeDate, "Seen": record.TypeDateTime, "Zip": record.TypeString, "Mixed": record.TypeNumber, "Text": record.TypeNumber}
	change := func(c source.Change) source.Change { c.Types = types; return c }
	apply(t, s, change(update("a", "Fee", "12.5", "VIP", "true", "Since", "2026-11-24", "Seen", "2026-11-24T06:00:00", "Zip", "1234", "Mixed", "7", "Text", "none of it")),
		change(insert("Id", "c", "Fee", "3", "VIP", "false", "Since", "2026-11-25", "Seen", "2026-11-25T12:30:00")))
	f, err := excelize.OpenFile(path)
	must(t, err)
	defer f.Close()
	for at, want := range map[string]string{"B2": "12.5", "C2": "TRUE", "D2": "11-24-26", "E2": "11/24/26 06:00", "F2": "1234", "G2": "7", "H2": "none of it", "B4": "3", "C4": "FALSE", "D4": "11-25-26"} {
		got, err := f.GetCellValue("Sheet1", at)
		must(t, err)
		if got != want {
			t.Errorf("%s shows %q, want %q", at, got, want)
		}
	}
	for at, want := range map[string]excelize.CellType{"B2": excelize.CellTypeUnset, "C2": excelize.CellTypeBool, "D2": excelize.CellTypeUnset, "F2": excelize.CellTypeInlineString, "G2": excelize.CellTypeInlineString, "H2": excelize.CellTypeInlineString} {
		got, err := f.GetCellType("Sheet1", at)
		must(t, err)
		if got != want {
			t.Errorf("%s has the type %v, want %v", at, got, want)
		}
	}
	want := "a|12.5|true|2026-11-24|2026-11-24T06:00:00|1234|7|none of it\nb||||||x|\nc|3|false|2026-11-25|2026-11-25T12:30:00|||\n"
	if got := shown(t, excel.Options{Path: path}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestARefusedCellHoldsBackNoOther(t *testing.T) {
	t.Parallel()
	path := edit(t, book(t, func(f *excelize.File) {
		row(f, 1, "Id", "Sum", "Name")
		row(f, 2, "a", 1, "Ann")
	}), "xl/worksheets/sheet1.xml", `<c r="B2"><v>1</v></c>`, `<c r="B2"><f>1+0</f><v>1</v></c>`)
	s := open(t, path, "Id")
	p := prepare(t, s, update("a", "Sum", "2", "Name", "Bea"))
	if o := p.Outcomes()[0]; o.State != source.Done || o.Left["Sum"] == nil || !strings.Contains(o.Left["Sum"].Error(), "B2 is calculated by a formula") || o.Now["Name"].String() != "Bea" {
		t.Fatalf("%+v", o)
	}
	must(t, p.Commit(t.Context()))
	if got := rows(t, s)[0]; got.Fields["Name"].String() != "Bea" || got.Fields["Sum"].String() != "1" {
		t.Errorf("%v", got)
	}
}

// Workbooks that other programs wrote; testdata/programs/README says how.
func TestWorkbooksOfOtherPrograms(t *testing.T) {
	t.Parallel()
	for name, want := range programs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := shown(t, excel.Options{Path: "testdata/programs/" + name, Key: []string{"Id"}}); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

var programs = map[string]string{
	"openpyxl.xlsx": `1|ann@example.com|01234|0.3|2023-03-15T18:00:00|true|Fjord AS|
  refused ["Full"]: has an error: H2 holds a formula without a result, because the program that wrote the workbook did not calculate it; open the workbook in Excel and save it (Full)
2|ben@example.com|00501|435|2024-02-29|false|Fjord AS|
  refused ["Full"]: has an error: H3 holds a formula without a result, because the program that wrote the workbook did not calculate it; open the workbook in Excel and save it (Full)
3|cid@example.com|90210|12.5|||Fjord AS|
note The column “Fee” (D) is hidden and read like the others.
note In the column “Zip” 2 cells are read as they are shown, not as the number behind (the first is 01234 in row 2).
note In the column “Company” 2 cells are merged with others (the first area is G2:G4): each gets the value of its area.
note 1 row is hidden (the first is row 3) and read like the others.
`,
	"xlsxwriter.xlsx": `1|01234|K-0017|2023-03-15T00:00:00|
  refused ["Calc"]: has an error: E4 holds a formula that was never calculated; open the workbook in Excel and save it (Calc)
2|99501|K-4711|2023-03-15T18:00:00|3
note The names of the columns are taken from row 3 of the sheet “Sheet1”; what stands above them (“Customer report 2026”) is passed over. Write header-row: 3 under source to settle it.
note In the column “Zip” 1 cell is read as they are shown, not as the number behind (the first is 01234 in row 4).
note In the column “Number” 2 cells are read as they are shown, not as the number behind (the first is K-0017 in row 4).
note 1 row is hidden by a filter (the first is row 5) and read like the others.
`,
	"libreoffice.xlsx": `1|ann@example.com|01234|0.3|2023-03-15T18:00:00|true|Fjord AS|ann@example.com
2|ben@example.com|00501|435|2024-02-29|false|Fjord AS|ben@example.com
3|cid@example.com|90210|12.5|||Fjord AS|
note The column “Fee” (D) is hidden and read like the others.
note In the column “Zip” 2 cells are read as they are shown, not as the number behind (the first is 01234 in row 2).
note In the column “Company” 2 cells are merged with others (the first area is G2:G4): each gets the value of its area.
note 1 row is hidden (the first is row 3) and read like the others.
`,
	"libreoffice-names.xlsx": `1|Dvořák|01234
2|Růžička|00501
3|Šťastný|99501
4|Kovářová|11000
5|Černý|12000
`,
	"gnumeric.xlsx": `1|ann@example.com|01234|0.3|2023-03-15T18:00:00|true|Fjord AS|ann@example.com
2|ben@example.com|00501|435|2024-02-29|false|Fjord AS|ben@example.com
3|cid@example.com|90210|12.5|||Fjord AS|
note The column “Fee” (D) is hidden and read like the others.
note In the column “Zip” 2 cells are read as they are shown, not as the number behind (the first is 01234 in row 2).
note In the column “Company” 2 cells are merged with others (the first area is G2:G4): each gets the value of its area.
note 1 row is hidden (the first is row 3) and read like the others.
`,
	"gnumeric-text.xlsx": `1|ann@example.com|1234|Zoë, Åse
2|ben@example.com|501|0123
3|cid@example.com|99501|2
`,
}
