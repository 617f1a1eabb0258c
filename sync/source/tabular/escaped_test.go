package tabular

import "testing"

func TestEscapedLettersAreToldFromTexts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"M%C3%BCller": "Müller", "J%FCrgen": "Jürgen", "K%c3%b6ln S%C3%BCd": "Köln Süd", "M=C3=BCller": "Müller", `M\u00fcller`: "Müller", `Ann \ud83d\ude00`: "Ann 😀", `M\xfcller`: "Müller", `K\xc3\xb6ln`: "Köln",
		`K\303\266ln`: "Köln", "=?utf-8?Q?Bj=C3=B6rk?=": "Björk", "=?UTF-8?B?TcO8bGxlcg==?=": "Müller", "Zo+AOs-": "Zoë", "Zo+AOs": "Zoë", "Jos+AOk, Garc+AO0-a": "José, García", "M+APw-ller": "Müller", `O\'Neill`: "O'Neill", `the \"best\"`: `the "best"`, `one\r\ntwo`: "one two",
		// What is meant as it stands.
		"100%": "", "50%Deal": "", "10 %": "", "%20": "", "a%20b": "", "https://x.com/M%C3%BCller": "", "x.com/?q=M%C3%BCller": "", "+49 30 1234": "", "+49-30-1234": "", "C++-Builder": "", "A+B-C": "", "X+AMD-1": "", "a=b": "",
		"name=Deborah": "", "E=MC2": "", `C:\users\u00fcber`: "", `\\server\xfc`: "", `AC\DC`: "", `a\b`: "", `\N`: "", "+ABC-": "", "+ABC": "", "B+AMD": "", "M+APwller": "", "=SUM(A1)": "", "Müller": "", "1+1=2": "", "%": "", `\`: "", "": "",
	} {
		got, ok := escaped(text)
		if !ok {
			got = ""
		}
		if got != want || ok != (want != "") {
			t.Errorf("%q may have been %q (%v), want %q", text, got, ok, want)
		}
	}
}

func TestWhatProgramsWriteWithItsSignsIsToldFromTexts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"b'Ann'": true, `u"Ann"`: true, `["Ann"]`: true, "['Ann', 'Bob']": true, `{"a":1}`: true, "('Ulm',)": true,
		"Bob": false, "[Ann]": false, "(Ann)": false, "'Ann'": false, "b": false, "": false, "[]": false, "but \"no\"": false, "(see 'x')": false, "{a}": false,
	} {
		if got := isLiteral(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	for word, want := range map[string]bool{
		"#BRAK!": true, "#СТОЙН!": true, "#VRIJEDNOST!": true, "#ŠTEV!": true, "#名前?": true, "#DIV/00!": true,
		"#sales!": false, "#1!": false, "#A!": false, "#SALES": false, "WOW!": false, "#Wow!": false, "#!": false, "": false,
	} {
		if got := likeError(word); got != want {
			t.Errorf("%q: %v", word, got)
		}
	}
}

// Most cells have none of all that, and pay nothing for it.
func TestAnOrdinaryCellIsReadWithoutAllocating(t *testing.T) {
	c := NewCells(nil, false)
	for _, text := range []string{"Ann", "+49 30 1234567", "ann@example.com", "2024-01-05", "1234.50", "Springfield, IL"} {
		if n := testing.AllocsPerRun(100, func() { _, _ = c.Read("A", 1, text) }); n > 0 {
			t.Errorf("%q takes %v allocations", text, n)
		}
	}
}
