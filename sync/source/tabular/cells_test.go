package tabular_test

import (
	"fmt"
	"strings"
	"testing"

	"syncline/sync/record"
	"syncline/sync/source/tabular"
)

func TestWhatATextInACellMeans(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, want string // want "" is nothing
		refused          string // part of the sentence
	}{
		{"plain", "Ann Lee", "Ann Lee", ""},
		{"spaces around a text are text", "  Ann ", "  Ann ", ""},
		{"beyond ASCII", "Zoë Åström-Ñuñez", "Zoë Åström-Ñuñez", ""},
		{"lines and tabs", "a\tb\r\nc", "a\tb\r\nc", ""},
		// Invisible.
		{"zero-width space at the end", "paste@example.com\u200b", "paste@example.com", ""},
		{"zero-width space inside", "pa\u200bste", "paste", ""},
		{"byte order mark inside", "Ann\ufeff Lee", "Ann Lee", ""},
		{"two byte order marks in front", "\ufeff\ufeffAnn", "Ann", ""},
		{"word joiner", "\u2060Ann\u2060", "Ann", ""},
		{"soft hyphen", "Donau\u00addampf", "Donaudampf", ""},
		{"marks of direction around an address", "\u200eann@example.com\u200f", "ann@example.com", ""},
		{"embedded direction", "\u202aann@example.com\u202c", "ann@example.com", ""},
		{"isolates", "\u2066+49 89 1234\u2069", "+49 89 1234", ""},
		{"joiner in ASCII", "a\u200db", "ab", ""},
		{"variation selector in ASCII", "a\ufe0fb", "ab", ""},
		{"joiners in emoji", "👩\u200d👩\u200d👧", "👩\u200d👩\u200d👧", ""},
		{"a flag", "🏳️\u200d🌈", "🏳️\u200d🌈", ""},
		{"a keycap", "1\ufe0f\u20e3", "1\ufe0f\u20e3", ""},
		{"Persian non-joiner", "می\u200cخواهم", "می\u200cخواهم", ""},
		{"Arabic with marks", "محمد \u200f(علي)\u200e", "محمد \u200f(علي)\u200e", ""},
		{"Hindi joiner", "क्\u200dष", "क्\u200dष", ""},
		{"Japanese of mails", "\x1b$B;3ED\x1b(B", "", "ISO-2022"},
		{"Japanese of mails without its end", "\x1b$B;3ED", "", "save the file as UTF-8"},
		{"only invisible", "\u200b\ufeff", "", ""},
		// Controls.
		{"unit separator in front", "\x1f030611", "030611", ""},
		{"start of heading behind", "Ann\x01", "Ann", ""},
		{"zeros behind", "Ann\x00\x00\x00", "Ann", ""},
		{"delete in front", "\x7fAnn", "Ann", ""},
		{"mixed around", "\x1f\u200b\x1fAnn\x00\u200b", "Ann", ""},
		{"zero inside", "Be\x00n", "", "U+0000"},
		{"bell inside", "be\all", "", "U+0007"},
		{"escape inside", "a\x1b[31mb", "", "U+001B"},
		{"vertical tab inside", "a\vb", "", "U+000B"},
		{"C1 inside", "M\u0081ller", "", "U+0081"},
		{"only controls", "\x00\x00", "", ""},
		// White space.
		{"spaces alone", "     ", "", ""},
		{"tabs alone", "\t\t", "", ""},
		{"no-break spaces alone", "\u00a0\u00a0", "", ""},
		{"ideographic space alone", "\u3000", "", ""},
		{"line ends alone", "\r\n\r\n", "", ""},
		{"mixed space alone", " \u2003\t\u00a0\n", "", ""},
		{"very many spaces", strings.Repeat(" ", 500), "", ""},
		// Errors of spreadsheets.
		{"not available", "#N/A", "", "shows #N/A"},
		{"reference", "#REF!", "", "shows #REF!"},
		{"name", " #NAME? ", "", "shows #NAME?"},
		{"value", "#VALUE!", "", "shows #VALUE!"},
		{"division", "#DIV/0!", "", "shows #DIV/0!"},
		{"spill", "#SPILL!", "", "shows #SPILL!"},
		{"German", "#NV", "", "shows #NV"},
		{"German value", "#WERT!", "", "shows #WERT!"},
		{"French", "#VALEUR!", "", "shows #VALEUR!"},
		{"Spanish", "#¿NOMBRE?", "", "shows #¿NOMBRE?"},
		{"Russian", "#ЗНАЧ!", "", "shows #ЗНАЧ!"},
		{"LibreOffice", "Err:508", "", "shows Err:508"},
		{"too narrow", "########", "", "shows ########"},
		{"Russian in Latin letters", "#H/Д", "", "shows #H/Д"},
		{"Russian in Cyrillic letters", "#Н/Д", "", "shows"},
		{"without its mark", "#REF", "", "shows #REF"},
		{"value without its mark", "#VALUE", "", "shows"},
		{"in small letters", "#n/a", "", "shows"},
		{"small with a mark", "#ref!", "", "shows"},
		{"of C", "1.#QNAN", "", "shows 1.#QNAN"},
		{"of C, negative", "-1.#IND00", "", "shows"},
		{"JavaScript's object", "[object Object]", "", "shows [object Object]"},
		{"JavaScript's date", "Invalid Date", "", "shows"},
		{"Google's wait", "Loading...", "", "shows Loading..."},
		{"a hash tag that is one", "#value", "#value", ""},
		{"an advertisement", "#AD", "#AD", ""},
		{"a list in brackets", "[a, b]", "[a, b]", ""},
		{"nil in capitals", "NIL", "NIL", ""}, // told
		{"a hash tag", "#sales", "#sales", ""},
		{"a number sign", "#12", "#12", ""},
		{"an apartment", "# 4", "# 4", ""},
		// Words for nothing.
		{"NULL", "NULL", "", "blanks: [NULL]"},
		{"null", " null ", "", "blanks: [null]"},
		{"a dump's", `\N`, "", `blanks: ["\\N"]`},
		{"in brackets", "(null)", "", `blanks: ["(null)"]`},
		{"a pivot's", "(blank)", "", `blanks: ["(blank)"]`},
		{"pandas", "NaN", "", "blanks: [NaN]"},
		{"pandas time", "NaT", "", "NaT"},
		{"pandas missing", "<NA>", "", "<NA>"},
		{"JavaScript", "undefined", "", "undefined"},
		{"a person called Null", "Null", "Null", ""},
		{"not available in words", "n/a", "n/a", ""},
		{"none", "none", "none", ""},
		{"a word within a text", "NULL and void", "NULL and void", ""},
		{"nullable", "nullable", "nullable", ""},
	}
	for _, test := range tests {
		got, err := tabular.NewCells(nil, false).Read("C", 1, test.text)
		switch {
		case test.refused != "" && (err == nil || !strings.Contains(err.Error(), test.refused)):
			t.Errorf("%s: %q is %q, %v; want a refusal with %q", test.name, test.text, got, err, test.refused)
		case test.refused == "" && (err != nil || got != test.want):
			t.Errorf("%s: %q is %q, %v; want %q", test.name, test.text, got, err, test.want)
		}
		if err != nil {
			continue
		}
		if again, err := tabular.NewCells(nil, false).Read("C", 1, got); err != nil || again != got {
			t.Errorf("%s: %q is read as %q once and as %q, %v twice", test.name, test.text, got, again, err)
		}
	}
}

func TestBlanksOfTheDefinition(t *testing.T) {
	t.Parallel()
	tests := []struct {
		blanks []string
		none   bool
		text   string
		want   string
	}{
		{[]string{"NULL", `\N`, "n/a"}, false, "NULL", ""},
		{[]string{"NULL", `\N`, "n/a"}, false, `\N`, ""},
		{[]string{"NULL", `\N`, "n/a"}, false, " n/a ", ""},
		{[]string{"NULL"}, false, "null", ""}, // case does not matter
		{[]string{"NULL", "n/a"}, false, "N/A", ""},
		{[]string{"NULL"}, false, "n/a", "n/a"}, // told
		{[]string{"KEINE"}, false, "keine", ""},
		{nil, true, "NaN", "NaN"},
		{[]string{"#N/A"}, false, "#N/A", ""}, // also an error
		{[]string{"-"}, false, "-", ""},
		{[]string{"keine Angabe"}, false, "keine Angabe", ""},
		{[]string{"不明"}, false, "不明", ""},
		{nil, true, "NULL", "NULL"},
		{nil, true, `\N`, `\N`},
		{nil, true, "   ", ""},
	}
	for _, test := range tests {
		got, err := tabular.NewCells(test.blanks, test.none).Read("C", 1, test.text)
		if err != nil || got != test.want {
			t.Errorf("with blanks %q, %q is %q, %v; want %q", test.blanks, test.text, got, err, test.want)
		}
	}
	if _, err := tabular.NewCells(nil, true).Read("C", 1, "#N/A"); err == nil {
		t.Error("an error is taken as a word because no word is a blank")
	}
}

// A list of blanks says nothing of the words that it lacks.
func TestWordsBesideTheListedOnes(t *testing.T) {
	t.Parallel()
	c := tabular.NewCells([]string{"NULL", "n/a"}, false)
	for text, want := range map[string]string{
		"NaN": "blanks: [NULL, n/a, NaN]", "<NA>": `blanks: [NULL, n/a, "<NA>"]`, `\N`: `blanks: [NULL, n/a, "\\N"]`, "(Null)": "programs", "#N/A": "shows", "<Blank>": "programs",
	} {
		if got, err := c.Read("C", 1, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is %q, %v; want a refusal with %q", text, got, err, want)
		}
	}
	c = tabular.NewCells([]string{"NULL", "n/a"}, false)
	for i, text := range []string{"None", "-", "Null", "N/A", "null", "NULL", "NIL"} {
		if _, err := c.Read("C", i+2, text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	var got []string
	for _, n := range c.Tally.Notes() {
		got = append(got, n.Text)
	}
	want := []string{
		"In the column “C” there are 3 cells with a word that may mean “nothing” (the first is “None” on line 2): it is taken as a word. If they mean empty, write blanks: [NULL, n/a, None, \"-\", NIL] under source; if not, blanks: [].",
		"In the column “C” 3 cells are taken as empty, whose word is listed under blanks in another case (the first is “Null” on line 4).",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	c = tabular.NewCells(nil, false)
	for i, text := range []string{"NULL", "(blank)"} {
		if _, err := c.Read("C", i+2, text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
	if notes := c.Tally.Notes(); len(notes) != 1 || !strings.Contains(notes[0].Text, `blanks: [NULL, "(blank)"]`) {
		t.Errorf("two words of programs: %+v", notes)
	}
}

func TestWhatWasDoneIsToldOncePerKindAndColumn(t *testing.T) {
	t.Parallel()
	c := tabular.NewCells(nil, false)
	for i, text := range []string{"a\u200b", "b\u200b", "\x1fc", "n/a", "N/A", "fine"} {
		if _, err := c.Read("City", i+2, text); err != nil {
			t.Fatal(err)
		}
	}
	c.Tally.Short(9)
	var got []string
	for _, n := range c.Tally.Notes() {
		got = append(got, n.Column+"| "+n.Text)
	}
	want := []string{
		"City| In the column “City” the invisible characters of 3 cells are left out (the first is U+200B on line 2).",
		"City| In the column “City” there are 2 cells with a word that may mean “nothing” (the first is “n/a” on line 5): it is taken as a word. If they mean empty, write blanks: [n/a, N/A] under source; if not, blanks: [].",
		"| 1 row is shorter than the header (the first is line 9): missing cells count as empty.",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestTheHeaderIsFoundUnderTitles(t *testing.T) {
	t.Parallel()
	rows := func(lines ...string) []tabular.Leading {
		var out []tabular.Leading
		for _, l := range lines {
			grouped := strings.HasPrefix(l, "*")
			out = append(out, tabular.Leading{Cells: strings.Split(strings.TrimPrefix(l, "*"), "|"), Grouped: grouped})
		}
		return out
	}
	tests := []struct {
		name string
		rows []tabular.Leading
		key  string
		want int
	}{
		{"no title", rows("Email|First|City", "a@x.no|Ann|Oslo"), "", 0},
		{"one title", rows("Customer report", "Email|First|City", "a@x.no|Ann|Oslo"), "", 1},
		{"title and date", rows("Customer report", "Generated 2026-01-05", "Email|First", "a@x.no|Ann"), "", 2},
		{"title with a value beside", rows("Generated by:|admin", "Email|First|City|Zip|Note", "a@x.no|Ann|Oslo|1|x"), "", 1},
		{"padded title", rows("Report||||", "Email|First|City|Zip|Note", "a@x.no|Ann|Oslo|1|x"), "", 1},
		{"groups above", rows("*Person||Address", "Email|First|City", "a@x.no|Ann|Oslo"), "", 1},
		{"groups above, key known", rows("Person||Address", "Email|First|City", "a@x.no|Ann|Oslo"), "Email", 1},
		{"merged down, key in both", rows("*Email|Name|", "Email|First|Last", "a@x.no|Ann|Lee"), "Email", 1},
		{"an unnamed column is no title", rows("Email||City", "Ann|Mrs|Oslo", "Bob|Mr|Rom"), "", 0},
		{"one column", rows("Email", "a@x.no", "b@x.no"), "", 0},
		{"data under a title without header", rows("Report", "a@x.no|Ann|12", "b@x.no|Ben|13"), "", 0},
		{"only numbers below", rows("Report", "1|2|3", "4|5|6"), "", 0},
		{"repeated names are data", rows("Report", "Ann|Ann|Ann", "Bob|Bob|Bob"), "", 0},
		{"key far below", rows("a|b|c", "d|e|f", "g|h|i", "Id|Name|City", "1|Ann|Oslo"), "Id", 3},
		{"key nowhere", rows("a|b|c", "d|e|f"), "Id", 0},
		{"empty", nil, "", 0},
	}
	for _, test := range tests {
		var key []string
		if test.key != "" {
			key = []string{test.key}
		}
		if got := tabular.FindHeader(test.rows, key); got != test.want {
			t.Errorf("%s: row %d, want %d", test.name, got, test.want)
		}
	}
}

func TestTotals(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{
		"Total||300": true, "total:|12|13": true, "Grand Total||": true, "|Summe|1.234,50": true, "Gesamt|||99": true, "Итого||5": true, "合計|3": true, "Suma total|1|2": true,
		"TOTAL|||€ 300.00": true, "Total|ann@example.com|": false, "Total|Paris|12": false, "Totalenergies|1|2": false, "Ann|1|2": false, "|||": false, "Sum|1": true,
	} {
		if _, got := tabular.IsTotal(strings.Split(line, "|"), true); got != want {
			t.Errorf("%q: %v, want %v", line, got, want)
		}
	}
}

func TestTotalsAndFootersAnywhere(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]bool{
		"Subtotal|3": true, "Total|3": true, "Total (2)|": true, "Count: 2|": true, "Average|1.5": true, "2 records|": true, "(1 rows affected)||": true, "Generated by Acme CRM|": true, "End of report|": true,
		"*** End of report ***|": true, "Page 1 of 3|": true, "Exported on 2024-01-05|": true, "3 Zeilen|": true, "|Grand total:|3": true,
		"Total|": false, "Suma|491761234567": false, "Max|491761234567": false, "Ann|": false, "Generated Solutions Ltd|": false, "Total|Paris": false, "End of the World Bar|": false,
		"3 Rivers|": false, "Page|": false, "Count Dracula|3": false, "Exported|": false, "24 Items Inc|": false,
	} {
		if _, got := tabular.IsTotal(strings.Split(line, "|"), false); got != want {
			t.Errorf("%q: %v, want %v", line, got, want)
		}
	}
}

func TestRowsBelowATable(t *testing.T) {
	t.Parallel()
	tail := tabular.Tail{Names: []string{"Name", "N"}}
	var got []string
	yield := func(r record.Row, err error) bool {
		got = append(got, fmt.Sprint(r.Line, err != nil))
		return true
	}
	for i, cells := range [][2]string{{"Ann", "1"}, {"Subtotal", "1"}, {"Bo", "2"}, {"Total", "3"}, {"Generated by CRM", ""}} {
		tail.Add(record.Row{Line: i + 2, Fields: record.Values{"Name": record.Text(cells[0]), "N": record.Text(cells[1])}}, nil, yield)
	}
	tail.End(yield)
	if want := "[2 false 3 true 4 false 5 true 6 true]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}
