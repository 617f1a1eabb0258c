package excel_test

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"syncline/sync/source/excel"
)

// formatted is a workbook with a number in each row, in its own format.
func formatted(t fataler, path string, cells []formattedCell) {
	f := excelize.NewFile()
	defer f.Close()
	fail := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	fail(f.SetSheetRow("Sheet1", "A1", &[]any{"Id", "Value"}))
	for i, c := range cells {
		fail(f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+2), &[]any{i, c.value}))
		style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &c.format})
		fail(err)
		at := fmt.Sprintf("B%d", i+2)
		fail(f.SetCellStyle("Sheet1", at, at, style))
	}
	fail(f.SaveAs(path))
}

type fataler interface{ Fatal(...any) }

type formattedCell struct {
	value  any
	format string
}

// read is what each cell is read as, and what is told: shown, behind, long, or
// nothing.
func (c formattedCell) read(t *testing.T) (value, told string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "book.xlsx")
	formatted(t, path, []formattedCell{c})
	first, notes, _ := strings.Cut(shownToTexts(t, excel.Options{Path: path, Key: []string{"Id"}, NoBlanks: true}), "\n")
	for sentence, name := range map[string]string{"read as they are shown": "shown ", "not read as shown": "behind ", "a number that is shown otherwise": "text ", "digits beyond 15 are lost": "long "} {
		if strings.Contains(notes, sentence) {
			told += name
		}
	}
	return strings.TrimPrefix(first, "0|"), strings.TrimSpace(told)
}

func TestWhatFormatsMakeOfNumbers(t *testing.T) {
	t.Parallel()
	cases := []struct {
		value              any
		format, want, told string
	}{
		// Sections by condition.
		{501, "[<=99999]00000;00000-0000", "00501", "shown"}, {5010001, "[<=99999]00000;00000-0000", "00501-0001", "shown"},
		{501, "[>=0]00000", "00501", "shown"}, {-501, "[>=0]00000", "-501", "behind"}, {501, "[Red][<1000]00000;0", "00501", "shown"}, {5010, "[Red][<1000]00000;0", "5010", ""},
		{5551234, "[<=9999999]000-0000;(000) 000-0000", "555-1234", "shown"}, {301234567, "[<=9999999]###-####;(###) ###-####", "(30) 123-4567", "shown"}, {5551234, "[<=9999999]###-####;(###) ###-####", "555-1234", "shown"},
		{5, "[<10]00;[<100]000;0000", "05", "shown"}, {50, "[<10]00;[<100]000;0000", "050", "shown"}, {500, "[<10]00;[<100]000;0000", "0500", "shown"},
		{5, "[<>5]00;000", "005", "shown"}, {5, "[>1]00;00;000", "05", "shown"}, {0, "[>1]00;00;000", "0", "behind"},
		// Colours and languages.
		{501, "[$-409]00000", "00501", "shown"}, {4711, "[$-407]00000", "04711", "shown"}, {501, "[Color10]00000", "00501", "shown"}, {501, "[$-F800]00000", "501", "behind"}, {501, "[$-D000409]00000", "501", "behind"}, {501, "[DBNum1]00000", "501", "behind"},
		// Literals with digits and letters.
		{1234567, `"0"0`, "01234567", "shown"}, {501, `"0"General`, "0501", "shown"}, {42, `\00`, "042", "shown"}, {0, `"0"General`, "00", "shown"}, {2000, `"0"#`, "02000", "shown"}, {5, `"49"0`, "495", "shown"},
		{42, "[$A-409]000", "A042", "shown"}, {42, `"A"0;"B"0;"C"0`, "A42", "shown"}, {-42, `"A"0;"B"0;"C"0`, "B42", "shown"}, {0, `"A"0;"B"0;"C"0`, "C0", "shown"},
		{42, `"#"0`, "#42", "shown"}, {42, `0"-A"`, "42-A", "shown"}, {42, `"#"0"/24"`, "#42/24", "shown"}, {42, `0000"/24"`, "0042/24", "shown"}, {42, `00" DE"`, "42 DE", "shown"}, {42, `"K;"0`, "K;42", "shown"}, {42, `"[x]"0`, "[x]42", "shown"},
		{3, `"Tier "0`, "Tier 3", "shown"}, {17, `"Kunde Nr. "0`, "Kunde Nr. 17", "shown"}, {7, `"PAM/PM "00`, "PAM/PM 07", "shown"}, {42, `"K"?0`, "K42", "shown"}, {42, "'0'0", "'4'2", "shown"},
		// What may mean either is told.
		{3, `"Total "0`, "3", "behind"}, {3, `"Tier "0.0`, "3", "behind"}, {3, `"CUP-"0`, "3", "behind"}, {3, `"R"0`, "3", "behind"}, {5, `0"/10"`, "5", "behind"}, {5, `0"0"`, "5", "behind"}, {1.5, `"K"0.0`, "1.5", "behind"}, {12.5, "00000", "12.5", "behind"}, {12, "*00", "12", "behind"}, {7, "[$£-809]000", "7", "behind"},
		{42, "!K0", "42", "behind"}, {150000000000, `"0"General`, "150000000000", "behind"}, {7, ";;;", "7", "behind"}, {0, "00000;;", "0", "behind"},
		// Dividers.
		{5551234, "###-####", "555-1234", "shown"}, {12345678, "## ## ## ##", "12 34 56 78", "shown"}, {1234567, `00\ 00\ 000`, "12 34 567", "shown"},
		// Words alone.
		{1, `"Yes";;"No"`, "Yes", "shown"}, {0, `"Yes";;"No"`, "No", "shown"}, {-1, `"Yes";;"No"`, "-1", "behind"}, {1, `[=1]"Active";[=0]"Inactive"`, "Active", "shown"}, {0, `[=1]"Active";[=0]"Inactive"`, "Inactive", "shown"}, {2, `[=1]"Active";[=0]"Inactive"`, "2", "behind"},
		{0, `[=0]"free";0.00`, "0", "behind"}, {5, `[=0]"free";0.00`, "5", "text"},
		// Below zero.
		{-5, "00000", "-00005", "shown"}, {-501, "00000;[Red]-00000", "-00501", "shown"}, {501, "00000;[Red]-00000", "00501", "shown"}, {-501, "00000_);(00000)", "(00501)", "shown"}, {-5, `"K-"0`, "-K-5", "shown"},
		// Amounts are the number behind; of a text it is told that it is shown otherwise.
		{5, `"€"0.00`, "5", "text"}, {1234.5, `#,##0.00 "EUR"`, "1234.5", "text"}, {-5, "0;(0)", "-5", "text"}, {-5, "0;[Red]-0", "-5", ""}, {0.15, "0%", "0.15", "text"}, {12345, "0,", "12345", "text"}, {12345678, `0.0,,"M"`, "12345678", "text"}, {5, `0" kg"`, "5", "text"}, {5, `General"kg"`, "5", "text"},
		{5, "[$€-407] #,##0", "5", "text"}, {5, "[$€-407] 0", "5", "text"}, {5, "[$kr-414] 0", "5", "text"}, {5, `"kr "0`, "5", "text"}, {5, `"EUR "0;"EUR -"0`, "5", "text"}, {-5, `"EUR "0;"EUR -"0`, "-5", "text"}, {5, `"US$"0`, "5", "text"},
		{0, `_("$"* #,##0_);_("$"* (#,##0);_("$"* "-"_);_(@_)`, "0", "text"}, {0, `_-* #,##0.00\ "kr"_-;-* #,##0.00\ "kr"_-;_-* "-"??\ "kr"_-;_-@_-`, "0", "text"}, {0, `_-"kr"* #,##0_-;-"kr"* #,##0_-;_-"kr"* "-"_-;_-@_-`, "0", "text"}, {7, `_-* #,##0_-;-* #,##0_-;_-* "-"_-;_-@_-`, "7", ""},
		{1234567, `#\.###\.##0`, "1234567", "text"}, {1234567, `##\,##\,##0`, "1234567", "text"}, {1234567, `#'###'##0`, "1234567", "text"}, {1, `[=1]0" day";0" days"`, "1", "text"}, {1500, `[>=1000]0.0,"k";0`, "1500", "text"}, {5, "General;-General;0", "5", ""}, {1.5, "+0.00;-0.00", "1.5", "text"}, {0.5, "# ?/?", "0.5", "text"}, {12, "?????0", "12", ""},
		{2.1, "0.00", "2.1", "text"}, {2.25, "0.00", "2.25", ""}, {2.345, "0.00", "2.345", "text"}, {999, "#,##0", "999", ""}, {1000, "#,##0", "1000", "text"}, {2, "0", "2", ""}, {2.5, "0.0#", "2.5", ""},
		{45000, "yyyy-mm-dd", "2023-03-15", ""}, {45000, "[$-407]d. mmm yyyy", "2023-03-15", ""}, {1.5, "[h]:mm", "36:00:00", ""},
	}
	for _, c := range cases {
		t.Run(fmt.Sprint(c.value, " ", c.format), func(t *testing.T) {
			t.Parallel()
			if got, told := (formattedCell{c.value, c.format}).read(t); got != c.want || told != c.told {
				t.Errorf("%v in %s is %q (%s), want %q (%s)", c.value, c.format, got, told, c.want, c.told)
			}
		})
	}
}

// Nobody knows what was entered where Excel has made zeros of its last digits. A
// round number is one.
func TestDigitsBeyondExcelsAreRefused(t *testing.T) {
	t.Parallel()
	for stored, want := range map[string]string{"12345678901234567": "refused", "1.2345678901234567E+16": "refused", "1.234567890123457e+18": "refused", "-1234567890123456": "refused", "4111111111111110": "refused", "1000000000000010": "refused",
		"999999999999999": "", "123456789012345": "", "0.30000000000000004": "", "1E+15": "digits beyond 15 are lost", "1.234E+20": "digits beyond 15 are lost", "5000000000000000": "digits beyond 15 are lost"} {
		path := edit(t, book(t, func(f *excelize.File) {
			row(f, 1, "Id", "Value")
			row(f, 2, "a", 1)
		}), "xl/worksheets/sheet1.xml", `<c r="B2"><v>1</v></c>`, `<c r="B2"><v>`+stored+`</v></c>`)
		got := shown(t, excel.Options{Path: path, Key: []string{"Id"}})
		for _, words := range []string{"refused", "digits beyond 15 are lost"} {
			if strings.Contains(got, words) != (want == words) {
				t.Errorf("%s, which should be %q:\n%s", stored, want, got)
			}
		}
	}
}

// Any whole number in any format of an identifier is read as its digits stand in
// the places, worked out here in another way: backwards, by digits.
func TestAnyIdentifierIsReadAsShown(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "book.xlsx")
	text := rapid.StringOfN(rapid.RuneFrom([]rune("Kz07-/#ß; ")), 0, 4, -1)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(-99999999, 99999999).Draw(t, "number")
		places := rapid.IntRange(2, 10).Draw(t, "places")
		format := rapid.SampledFrom([]string{"", "[Red]", "[$-409]"}).Draw(t, "before")
		digits, want := strconv.Itoa(max(n, -n)), ""
		var literals []string
		for range places + 1 {
			literal := text.Draw(t, "literal")
			if rapid.IntRange(0, 2).Draw(t, "none") > 0 {
				literal = ""
			}
			literals = append(literals, literal)
		}
		for i, literal := range literals {
			if literal != "" {
				format += `"` + literal + `"`
			}
			if i < places {
				format += "0"
			}
		}
		digits = strings.Repeat("0", max(0, places-len(digits))) + digits
		for i := places; i >= 0; i-- {
			want = literals[i] + want
			if i > 0 {
				from := len(digits) - 1
				if i == 1 {
					from = 0
				}
				digits, want = digits[:from], digits[from:]+want
			}
		}
		if want = strings.TrimSpace(want); n < 0 {
			want = "-" + want
		}
		formatted(t, path, []formattedCell{{n, format}})
		s, err := excel.Open(t.Context(), excel.Options{Path: path, Key: []string{"Id"}, NoBlanks: true})
		check(t, err)
		for r, err := range s.Rows(t.Context(), time.Time{}) {
			check(t, err)
			if got := r.Fields["Value"].String(); got != want {
				t.Fatalf("%d in %s is %q, want %q", n, format, got, want)
			}
		}
	})
}

// What is written back into a cell of words is a number again.
func TestAWordStaysANumberInItsCell(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]string{`"Yes";;"No"`: "0", `[=1]"Yes";[=0]"No"`: "0", `[=7]"No";"Yes"`: "7", `"Yes";"No"`: "-1"} {
		path := filepath.Join(t.TempDir(), "book.xlsx")
		formatted(t, path, []formattedCell{{1, format}})
		s := open(t, path, "Id")
		apply(t, s, update("0", "Value", "No"))
		if got := raw(t, path, "B2"); got != want {
			t.Errorf("%s stores %q, want %q", format, got, want)
		}
		if got := rows(t, s)[0].Fields["Value"].String(); got != "No" {
			t.Errorf("%s reads %q back", format, got)
		}
	}
}

// A value that the format would show as another one is written as a text.
func TestAWrittenValueIsNotShownAsAnother(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]string{"00000": "501", `"K-"0`: "501", `"Yes";;"No"`: "501", `"Tier "0`: "501", "0": "501"} {
		path := filepath.Join(t.TempDir(), "book.xlsx")
		formatted(t, path, []formattedCell{{1, format}})
		s := open(t, path, "Id")
		apply(t, s, update("0", "Value", want))
		if got := rows(t, s)[0].Fields["Value"].String(); got != want {
			t.Errorf("%s reads %q back, want %q", format, got, want)
		}
	}
}

// A date of which Excel shows the month alone is told; a number that is no date
// in the format of one is refused, as Excel shows it as ######.
func TestDatesThatAreShownInPartOrNotAtAll(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value        float64
		format, want string
	}{
		{45352, "mmm\\-yy", "a|2024-03-01\nnote~a part only"}, {45352, "yyyy", "a|2024-03-01\nnote~a part only"}, {1.5, "hh:mm", "a|1900-01-01T12:00:00\nnote~a part only"}, {45352, `yyyy" d "`, "a|2024-03-01\nnote~a part only"},
		{45352, "dd/mm/yyyy", "a|2024-03-01\n"}, {45352, "d", "a|2024-03-01\n"}, {0.5, "hh:mm", "a|12:00:00\n"},
		{-5, "yyyy-mm-dd", "~no"}, {0, "dd.mm.yyyy", "~holds the number 0 in the format of a date"}, {60, "yyyy-mm-dd", "~holds the number 60"}, {5000000, "yyyy-mm-dd", "~holds the number 5000000"},
	} {
		path := book(t, func(f *excelize.File) {
			row(f, 1, "Id", "Value")
			row(f, 2, "a", c.value)
			style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &c.format})
			must(t, err)
			must(t, f.SetCellStyle("Sheet1", "B2", "B2", style))
		})
		got := shown(t, excel.Options{Path: path, Key: []string{"Id"}})
		start, holds, _ := strings.Cut(c.want, "~")
		if !strings.HasPrefix(got, start) || !strings.Contains(got, holds) || holds == "" && got != start {
			t.Errorf("%v in %s:\n%s\nwant %s", c.value, c.format, got, c.want)
		}
	}
}
