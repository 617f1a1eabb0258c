package excel_test

import (
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/excel"
)

// One sheet with a cell in the form that another program gives it.
func foreign(t *testing.T, cell string) string {
	return set(t, book(t, func(f *excelize.File) { row(f, 1, "Id", "Value") }), "xl/worksheets/sheet1.xml",
		`<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`+
			`<row r="1"><c r="A1" t="inlineStr"><is><t>Id</t></is></c><c r="B1" t="inlineStr"><is><t>Value</t></is></c></row>`+
			`<row r="2"><c r="A2" t="inlineStr"><is><t>a</t></is></c>`+cell+`</row></sheetData></worksheet>`)
}

// LibreOffice makes a formula of every boolean of a workbook that it opens. It
// is written over as the value that it is; any other formula is not.
func TestABooleanThatLibreOfficeSavedIsWritten(t *testing.T) {
	t.Parallel()
	for formula, writes := range map[string]bool{`<f aca="false">FALSE()</f>`: true, `<f>TRUE()</f>`: true, `<f>NOT(TRUE())</f>`: false, `<f t="shared" si="0"/>`: false} {
		path := foreign(t, `<c r="B2" t="b">`+formula+`<v>0</v></c>`)
		s := open(t, path, "Id")
		p := prepare(t, s, update("a", "Value", "true"))
		o := p.Outcomes()[0]
		must(t, p.Commit(t.Context()))
		switch {
		case !writes && (o.State != source.Refused || !strings.Contains(o.Err.Error(), "calculated by a formula")):
			t.Errorf("%s: %s, %v", formula, o.State, o.Err)
		case writes && !strings.Contains(parts(t, path)["xl/worksheets/sheet1.xml"], `<c r="B2" t="b"><v>1</v></c>`):
			t.Errorf("%s stayed", formula)
		}
	}
}

// A cell whose time is a text as ISO 8601 has it (strict workbooks, SheetJS)
// keeps what it says of zones.
func TestATimeThatStandsAsATextKeepsItsForm(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	must(t, err)
	for was, c := range map[string]struct {
		zone *time.Location
		want string
	}{
		"2026-03-01T10:30:00":      {berlin, "2026-12-24T19:00:00"},
		"2026-03-01T10:30:00.000Z": {nil, "2026-12-24T18:00:00Z"},
	} {
		path := foreign(t, `<c r="B2" t="d"><v>`+was+`</v></c>`)
		s, err := excel.Open(t.Context(), excel.Options{Path: path, Key: []string{"Id"}, Zone: c.zone})
		must(t, err)
		if o := apply(t, s, update("a", "Value", "2026-12-24T18:00:00Z"))[0]; o.Now["Value"] != record.Text(c.want) {
			t.Errorf("%s became %s", was, o.Now["Value"])
		}
		if !strings.Contains(parts(t, path)["xl/worksheets/sheet1.xml"], `<c r="B2" t="d"><v>`+c.want+`</v></c>`) {
			t.Errorf("%s did not become %s", was, c.want)
		}
	}
}

// What stands in a merged cell counts for each of its rows, so that a change of
// one row would be one of rows that nobody changed.
func TestACellMergedOverRowsIsNotWritten(t *testing.T) {
	t.Parallel()
	path := book(t, func(f *excelize.File) {
		row(f, 1, "Id", "Region", "Note")
		row(f, 2, "a", "North", "x")
		row(f, 3, "b", nil, "y")
		must(t, f.MergeCell("Sheet1", "B2", "B3"))
		must(t, f.MergeCell("Sheet1", "C2", "D2"))
	})
	s := open(t, path, "Id")
	p := prepare(t, s, update("a", "Region", "West", "Note", "z"))
	o := p.Outcomes()[0]
	if o.State != source.Done || o.Now["Note"] != record.Text("z") || o.Left["Region"] == nil || !strings.Contains(o.Left["Region"].Error(), "counts for each of these rows") {
		t.Errorf("got %s, %v, %v", o.State, o.Now, o.Left)
	}
	must(t, p.Discard())
}

func TestADayBeforeExcelsFirstOneIsRefusedAsSuch(t *testing.T) {
	t.Parallel()
	path := book(t, func(f *excelize.File) {
		row(f, 1, "Id", "Since")
		row(f, 2, "a", 46350)
		style, err := f.NewStyle(&excelize.Style{NumFmt: 14})
		must(t, err)
		must(t, f.SetCellStyle("Sheet1", "B2", "B2", style))
	})
	s := open(t, path, "Id")
	p := prepare(t, s, update("a", "Since", "1899-12-31"))
	if o := p.Outcomes()[0]; o.State != source.Refused || !strings.Contains(o.Err.Error(), "counts from 1900-01-01 on") {
		t.Errorf("got %s, %v", o.State, o.Err)
	}
	must(t, p.Discard())
}

// In a column of numbers a text that is none to the letter stays one.
func TestATextKeepsTheZerosThatANumberLacks(t *testing.T) {
	t.Parallel()
	path := book(t, func(f *excelize.File) {
		row(f, 1, "Id", "Version", "Amount")
		row(f, 2, "a", 1.5, 1.5)
	})
	s := open(t, path, "Id")
	ch := update("a", "Version", "1.60", "Amount", "1.60")
	ch.Types = map[string]record.Type{"Version": record.TypeString, "Amount": record.TypeNumber}
	if o := apply(t, s, ch)[0]; o.Now["Version"] != record.Text("1.60") || o.Now["Amount"] != record.Text("1.6") {
		t.Errorf("they became %v", o.Now)
	}
}
