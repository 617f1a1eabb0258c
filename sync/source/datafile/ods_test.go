package datafile_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/datafile"
	"syncline/sync/source/localfile"
)

// open reads all rows of a spreadsheet by their first column, and what is wrong with them.
func readODS(t *testing.T, o datafile.Options) (map[string]record.Values, []string, source.Schema) {
	t.Helper()
	o.Kind = datafile.ODS
	s, err := datafile.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	schema, err := s.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]record.Values{}
	var wrong []string
	for row, err := range s.Rows(t.Context(), time.Time{}) {
		var bad *source.RowError
		if err != nil && !errors.As(err, &bad) {
			t.Fatal(err)
		}
		if err != nil {
			wrong = append(wrong, err.Error())
		}
		all[row.Fields[schema.Columns[0].Name].String()] = row.Fields
	}
	return all, wrong, schema
}

// testdata/people.ods was written by LibreOffice 7.4.
func TestASpreadsheetOfLibreOfficeIsReadByWhatItsCellsHold(t *testing.T) {
	t.Parallel()
	path := filepath.Join("testdata", "people.ods")
	sheets, err := datafile.Sheets(t.Context(), path)
	if err != nil || !slices.Equal(sheets, []string{"People", "Secret"}) {
		t.Errorf("its sheets are %v (%v), those that are shown first", sheets, err)
	}
	all, wrong, schema := readODS(t, datafile.Options{Path: path, Key: []string{"Id"}})
	if schema.HeaderRow != 4 || !schema.Guessed || schema.Details["sheet"] != "People" || schema.Abilities.Update || !strings.Contains(schema.Abilities.Why, "save it as an Excel workbook") {
		t.Errorf("it is described as %+v", schema)
	}
	want := map[string]string{"Company": "Acme", "Zip": "00501", "Invoice": "INV-0007", "Amount": "1234567", "Rate": "0.15", "Born": "2024-02-29", "Seen": "2026-03-29T02:30:00",
		"At": "14:30:05", "Ok": "true", "Note": "one two   x\nline", "Sum": "0.3"}
	for name, value := range want {
		if got := all["1"][name].String(); got != value {
			t.Errorf("%s is read as %q, want %q", name, got, value)
		}
	}
	if second := all["2"]; second["Company"].String() != "Acme" || second["Zip"].String() != "00123" || second["Amount"].String() != "-5.5" || !second["Sum"].Empty() {
		t.Errorf("the second row is %v", second)
	}
	told := strings.Join(wrong, "\n")
	for _, what := range []string{"“Sum” shows #DIV/0!", "more than 15 digits (4111111111111111)", "total"} {
		if !strings.Contains(strings.ToLower(told), strings.ToLower(what)) {
			t.Errorf("it is not told that a cell %s:\n%s", what, told)
		}
	}
	if len(wrong) != 3 {
		t.Errorf("%d rows are refused:\n%s", len(wrong), told)
	}
	if hidden, _, _ := readODS(t, datafile.Options{Path: path, Sheet: "Secret"}); len(hidden) != 0 {
		t.Errorf("the sheet Secret has the rows %v", hidden)
	}
}

const odsHead = `<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>`

// spreadsheet writes a file of the parts, by name and content.
func spreadsheet(t *testing.T, parts ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i+1 < len(parts); i += 2 {
		method := zip.Deflate
		if parts[i] == "mimetype" {
			method = zip.Store
		}
		w, err := z.CreateHeader(&zip.FileHeader{Name: parts[i], Method: method})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(parts[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "a.ods")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func sheetOf(rows string) string {
	return odsHead + `<table:table table:name="S">` + rows + `</table:table></office:spreadsheet></office:body></office:document-content>`
}

func text(s string) string {
	return `<table:table-cell office:value-type="string"><text:p>` + s + `</text:p></table:table-cell>`
}

func oneRow(cells ...string) string {
	return `<table:table-row>` + strings.Join(cells, "") + `</table:table-row>`
}

const mime = "application/vnd.oasis.opendocument.spreadsheet"

func TestWhatIsRepeatedGroupedNotedOrMergedInASpreadsheetStandsWhereItBelongs(t *testing.T) {
	t.Parallel()
	rows := `<table:shapes><table:table-row/></table:shapes><table:table-column table:number-columns-repeated="16384"/><table:table-header-rows>` + oneRow(text("Id"), text("Name"), text("Note")) + `</table:table-header-rows>` +
		`<table:table-row-group>` + oneRow(text("a"), `<table:table-cell table:number-columns-repeated="2" office:value-type="string"><office:annotation><text:p>remark</text:p></office:annotation><text:p>same</text:p></table:table-cell>`) + `</table:table-row-group>` +
		oneRow(text("b"), `<table:table-cell table:number-columns-spanned="2" office:value-type="string"><text:p>wide</text:p></table:table-cell>`, `<table:covered-table-cell/>`) +
		`<table:table-row table:number-rows-repeated="3">` + text("c") + text("thrice") + `</table:table-row>` +
		`<table:table-row table:number-rows-repeated="1048500"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>` +
		oneRow(text("d"), `<table:table-cell table:formula="of:=A1"/>`)
	path := spreadsheet(t, "mimetype", mime, "content.xml", sheetOf(rows))
	s, err := datafile.Open(t.Context(), datafile.Options{Kind: datafile.ODS, Path: path, Key: []string{"Id"}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for row, err := range s.Rows(t.Context(), time.Time{}) {
		line := fmt.Sprintf("%d %s %s %s", row.Line, row.Fields["Id"], row.Fields["Name"], row.Fields["Note"])
		if err != nil {
			line += "! " + err.Error()
		}
		got = append(got, strings.TrimSpace(line))
	}
	want := []string{"2 a same same", "3 b", "4 c thrice", "5 c thrice", "6 c thrice", "1048507 d"}
	for i := range want {
		if i >= len(got) || !strings.HasPrefix(got[i], want[i]) {
			t.Fatalf("the rows are %q, want %q", got, want)
		}
	}
	if !strings.Contains(got[1], "is merged over several columns") || !strings.Contains(got[5], "nothing has calculated") || len(got) != 6 {
		t.Errorf("the rows are %q", got)
	}
}

func TestASpreadsheetThatCanNotBeReadIsRefusedWithWhatToDo(t *testing.T) {
	t.Parallel()
	small := sheetOf(oneRow(text("Id")) + oneRow(text("a")))
	deep := odsHead + strings.Repeat("<text:p>", 100_000)
	for name, c := range map[string]struct {
		says  string
		parts []string
		sheet string
	}{
		"a password":             {"is protected by a password", []string{"mimetype", mime, "META-INF/manifest.xml", "<manifest:encryption-data/>", "content.xml", "\x00\x01"}, ""},
		"no content":             {"is damaged", []string{"mimetype", mime}, ""},
		"half of the content":    {"is no complete XML", []string{"mimetype", mime, "content.xml", small[:len(small)-110]}, ""},
		"another sheet":          {"Its sheets are: S", []string{"mimetype", mime, "content.xml", small}, "T"},
		"an empty sheet":         {"has no cells", []string{"mimetype", mime, "content.xml", sheetOf("")}, ""},
		"elements without end":   {"within each other", []string{"mimetype", mime, "content.xml", deep}, ""},
		"a text without end":     {"longer than a cell may be", []string{"mimetype", mime, "content.xml", odsHead + `<table:table table:name="` + strings.Repeat("x", 9<<20)}, ""},
		"a row without end":      {"more often than a sheet has rows", []string{"mimetype", mime, "content.xml", sheetOf(`<table:table-row table:number-rows-repeated="999999999">` + text("a") + `</table:table-row>`)}, ""},
		"a header without end":   {"columns in its header", []string{"mimetype", mime, "content.xml", sheetOf(oneRow(`<table:table-cell table:number-columns-repeated="16384" office:value-type="string"><text:p>a</text:p></table:table-cell>`))}, ""},
		"an entity of a billion": {"is no complete XML", []string{"mimetype", mime, "content.xml", `<!DOCTYPE a [<!ENTITY b "x">]>` + strings.Replace(small, "<text:p>a", "<text:p>&b;", 1)}, ""},
	} {
		path := spreadsheet(t, c.parts...)
		s, err := datafile.Open(t.Context(), datafile.Options{Kind: datafile.ODS, Path: path, Sheet: c.sheet})
		if err == nil {
			for _, err = range s.Rows(t.Context(), time.Time{}) {
				if err != nil {
					break
				}
			}
		}
		var known *localfile.Error
		if err == nil || !errors.As(err, &known) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is told of a workbook is told of a spreadsheet too: what is hidden, merged, or
// read in another form than it is shown in.
func TestWhatIsHiddenOrMergedInASpreadsheetIsTold(t *testing.T) {
	t.Parallel()
	row := func(attributes string, cells ...string) string {
		return `<table:table-row ` + attributes + `>` + strings.Join(cells, "") + `</table:table-row>`
	}
	path := spreadsheet(t, "META-INF/manifest.xml", "<manifest/>", "mimetype", mime, "content.xml", sheetOf(
		`<table:table-column/><table:table-column-group><table:table-columns><table:table-column table:number-columns-repeated="2" table:visibility="collapse"/></table:table-columns></table:table-column-group><table:table-column/>`+
			row("", text("Id"), text("Firm"), text("Zip"), text("Ok"))+
			row(`table:visibility="filter"`, text("1"), `<table:table-cell table:number-rows-spanned="2" office:value-type="string"><text:p>Acme</text:p></table:table-cell>`,
				`<table:table-cell office:value-type="float" office:value="501"><text:p>00501</text:p></table:table-cell>`, `<table:table-cell office:value-type="boolean" office:boolean-value="true"><text:p>WAHR</text:p></table:table-cell>`)+
			row(`table:visibility="collapse"`, text("2"), `<table:covered-table-cell/>`, `<table:table-cell office:value-type="date" office:date-value="2026-03-01"><text:p>1.3.26</text:p></table:table-cell>`)+
			row("", text("3"), text("Bell"), `<table:table-cell/>`, `<table:table-cell table:formula="of:=FALSE()" office:value-type="float" office:value="0"><text:p>FALSCH</text:p></table:table-cell>`)))
	s, err := datafile.Open(t.Context(), datafile.Options{Kind: datafile.ODS, Path: path, Key: []string{"Id"}})
	if err != nil {
		t.Fatal(err)
	}
	schema, err := s.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, n := range schema.Notes {
		told = append(told, n.Text)
	}
	for _, want := range []string{
		"The column “Firm” (B) is hidden and read like the others.", "The column “Zip” (C) is hidden",
		"1 row is hidden by a filter (the first is row 2)", "1 row is hidden (the first is row 3)", "“Firm” 2 cells are merged with others (the first area is B2:B3)",
		"“Zip” 1 cell is read as they are shown, not as the number behind (the first is 00501 in row 2)", "“Zip”, which flows to a text, 1 cell holds a date or time (the first is read as 2026-03-01",
		"“Ok”, which flows to a text, 2 cells hold true or false",
	} {
		if !strings.Contains(strings.Join(told, "\n"), want) {
			t.Errorf("it is not told: %s\n%s", want, strings.Join(told, "\n"))
		}
	}
	if len(told) != 8 {
		t.Errorf("told:\n%s", strings.Join(told, "\n"))
	}
}
