package excel_test

import (
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"syncline/sync/source"
)

// Excel asks the rules of a cell of people alone: what a program writes stands there,
// and the list beside it lacks it.
func TestWhatARuleOfTheSheetForbidsIsNotWritten(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rule           func(*testing.T, *excelize.DataValidation)
		value, refused string // "" is written
	}{
		"in the list":                       {drop("Open", "Won"), "Won", ""},
		"not in the list":                   {drop("Open", "Won"), "Lost", "Status in B2: “Lost” is not in the list of what the cell may hold (Open, Won)"},
		"another case, in a rule":           {drop("Open", "Won"), "won", "“won” is not in the list"},
		"another case, in a range":          {listAt("$E$1:$E$2"), "won", ""},
		"in a range":                        {listAt("$E$1:$E$2"), "Won", ""},
		"not in a range":                    {listAt("$E$1:$E$2"), "Lost", "“Lost” is not in the list of what the cell may hold (Open, Won)"},
		"on another sheet":                  {listAt("'My ''lists'!$A$1:$A$9"), "Lost", "(Open, Won, 5)"},
		"whole columns":                     {listAt("'My ''lists'!$A:$A"), "Lost", "(Open, Won, 5)"},
		"a number in a range":               {listAt("'My ''lists'!$A$1:$A$9"), "5", ""},
		"under a name":                      {listAt("Statuses"), "Lost", "(Open, Won, 5)"},
		"under a name, allowed":             {listAt("Statuses"), "Open", ""},
		"entries that a formula gives":      {listAt("INDIRECT($A$1)"), "Lost", ""},
		"emptied":                           {drop("Open", "Won"), "", ""},
		"a list that Excel does not insist": {quiet(drop("Open", "Won")), "Lost", "“Lost” is not in the list"},
		"a number within":                   {numbers(excelize.DataValidationTypeWhole), "7", ""},
		"a number beyond":                   {numbers(excelize.DataValidationTypeWhole), "70", "“70” is not what the cell may hold (a whole number from 1 to 10)"},
		"a number with places":              {numbers(excelize.DataValidationTypeWhole), "7.5", "a whole number from 1 to 10"},
		"a decimal with places":             {numbers(excelize.DataValidationTypeDecimal), "7.5", ""},
		"a text for a number":               {numbers(excelize.DataValidationTypeDecimal), "seven", "a number from 1 to 10"},
		"Excel does not insist":             {quiet(numbers(excelize.DataValidationTypeDecimal)), "70", ""},
		"a text too long":                   {numbers(excelize.DataValidationTypeTextLength), "eleven chars", "a text of a length from 1 to 10"},
		"a text in its length":              {numbers(excelize.DataValidationTypeTextLength), "ten chars", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := book(t, func(f *excelize.File) {
				row(f, 1, "Id", "Status", "Note", nil, "Open")
				row(f, 2, "1", nil, nil, nil, "Won")
				_, err := f.NewSheet("My 'lists")
				must(t, err)
				must(t, f.SetSheetCol("My 'lists", "A1", &[]any{"Open", "Won", 5}))
				must(t, f.SetDefinedName(&excelize.DefinedName{Name: "Statuses", RefersTo: "'My ''lists'!$A$1:$A$9"}))
				dv := excelize.NewDataValidation(true)
				dv.SetError(excelize.DataValidationErrorStyleStop, "No", "No")
				dv.Sqref = "D9 B2:B99"
				test.rule(t, dv)
				must(t, f.AddDataValidation("Sheet1", dv))
			})
			if test.value == "" {
				path = edit(t, path, "xl/worksheets/sheet1.xml", "<c r=\"E2\"", `<c r="B2" t="inlineStr"><is><t>Old</t></is></c><c r="E2"`)
			}
			s := open(t, path, "Id")
			p := prepare(t, s, source.Change{Kind: source.Update, Key: "1", Fields: values("Status", test.value, "Note", "n"), Types: nil})
			must(t, p.Commit(t.Context()))
			o := p.Outcomes()[0]
			said := ""
			if err := o.Left["Status"]; err != nil {
				said = err.Error()
			}
			if o.State != source.Done || (said == "") != (test.refused == "") || !strings.Contains(said, test.refused) {
				t.Errorf("%s, %q, want %q", o.State, said, test.refused)
			}
			got := rows(t, s)[0].Fields
			if want := test.value; test.refused == "" && got["Status"].String() != want || test.refused != "" && !got["Status"].Empty() {
				t.Errorf("the cell holds %q", got["Status"])
			}
			if got["Note"].String() != "n" {
				t.Errorf("the other cell holds %q", got["Note"])
			}
		})
	}
}

// Rules that name another sheet stand behind the rows in a form of their own where
// Excel 2010 and later wrote them.
func TestARuleInTheNewerFormIsReadToo(t *testing.T) {
	t.Parallel()
	path := book(t, func(f *excelize.File) {
		row(f, 1, "Id", "Status")
		row(f, 2, "1", "Open")
		_, err := f.NewSheet("Lists")
		must(t, err)
		must(t, f.SetSheetCol("Lists", "A1", &[]any{"Open", "Won"}))
	})
	path = edit(t, path, "xl/worksheets/sheet1.xml", "</worksheet>", `<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"><x14:dataValidations count="1" xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><x14:dataValidation type="list" allowBlank="1" showErrorMessage="1"><x14:formula1><xm:f>Lists!$A$1:$A$2</xm:f></x14:formula1><xm:sqref>B2:B9</xm:sqref></x14:dataValidation></x14:dataValidations></ext></extLst></worksheet>`)
	s := open(t, path, "Id")
	p := prepare(t, s, update("1", "Status", "Lost"), insert("Id", "2", "Status", "Won"), insert("Id", "3", "Status", "Lost"))
	defer func() { must(t, p.Discard()) }()
	var states []string
	for _, o := range p.Outcomes() {
		states = append(states, string(o.State))
	}
	if got := strings.Join(states, " "); got != "refused done refused" || !strings.Contains(p.Outcomes()[2].Err.Error(), "not in the list of what the cell may hold (Open, Won)") {
		t.Errorf("%s, %v", got, p.Outcomes()[2].Err)
	}
}

func drop(entries ...string) func(*testing.T, *excelize.DataValidation) {
	return func(t *testing.T, dv *excelize.DataValidation) { must(t, dv.SetDropList(entries)) }
}

func listAt(formula string) func(*testing.T, *excelize.DataValidation) {
	return func(_ *testing.T, dv *excelize.DataValidation) { dv.SetSqrefDropList(formula) }
}

func numbers(kind excelize.DataValidationType) func(*testing.T, *excelize.DataValidation) {
	return func(t *testing.T, dv *excelize.DataValidation) {
		must(t, dv.SetRange(1, 10, kind, excelize.DataValidationOperatorBetween))
	}
}

func quiet(rule func(*testing.T, *excelize.DataValidation)) func(*testing.T, *excelize.DataValidation) {
	return func(t *testing.T, dv *excelize.DataValidation) {
		rule(t, dv)
		dv.ShowErrorMessage = false
	}
}
