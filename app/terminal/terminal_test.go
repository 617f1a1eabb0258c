package terminal_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"syncline/app/terminal"
)

func TestVisible(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"": "",
		"plain, Ünïcödé 日本 👩‍👩‍👧":     "plain, Ünïcödé 日本 👩‍👩‍👧",
		"two\nlines\tand a tab":       "two\nlines\tand a tab",
		"\x1b[31mred\x1b]0;title\x07": "␛[31mred␛]0;title␇",
		"over\rwritten\b\b":           "over␍written␈␈",
		"nul\x00del\x7f":              "nul␀del\\u007f",
		"c1 \u009b31m":                `c1 \u009b31m`,
		"byte \x9b31m":                `byte \x9b31m`,
		"gpj.\u202eexe":               `gpj.\u202eexe`,
		"\u200e\u200f\u061c\u2066\u2067\u2068\u2069\u202a\u202b\u202c\u202d": `\u200e\u200f\u061c\u2066\u2067\u2068\u2069\u202a\u202b\u202c\u202d`,
		"line\u2028separator": `line\u2028separator`,
		"kept \ufffd":         "kept \ufffd",
	}
	for in, want := range tests {
		if got := terminal.Visible(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
	if got := terminal.Line("a\n\tb\x1b"); got != "a␊␉b␛" {
		t.Errorf("a line is shown as %q", got)
	}
}

// texts holds many characters that do something.
var texts = rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom([]rune("a\n\t\x00\x1b\x7f\u0085\u009b\u200e\u202e\u2066\u2028\ufffdü日"))),
	rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))

func TestNothingThatATerminalObeysIsLeft(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := texts.Draw(t, "text")
		shown := terminal.Visible(s)
		if !utf8.ValidString(shown) {
			t.Fatalf("%q is shown as bytes that are no text: %q", s, shown)
		}
		for _, r := range shown {
			if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029') {
				t.Fatalf("%q is shown with %U: %q", s, r, shown)
			}
		}
		if again := terminal.Visible(shown); again != shown {
			t.Fatalf("what is shown, %q, is shown as %q", shown, again)
		}
		if strings.Count(shown, "\n") != strings.Count(s, "\n") {
			t.Fatalf("%q has other lines than %q", shown, s)
		}
	})
}

func TestAJSONDocumentMeansTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := strings.ToValidUTF8(texts.Draw(t, "text"), "?")
		var doc bytes.Buffer
		enc := json.NewEncoder(&doc)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(map[string]string{s: s}); err != nil {
			t.Fatal(err)
		}
		var got map[string]string
		if err := json.Unmarshal([]byte(terminal.Visible(doc.String())), &got); err != nil || got[s] != s {
			t.Fatalf("%q became %q, %v", s, got, err)
		}
	})
}

func TestTheWriterShowsTheSameHoweverTextArrives(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := texts.Draw(t, "text")
		var out bytes.Buffer
		w := terminal.NewWriter(&out)
		for rest := []byte(s); len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "piece")
			if wrote, err := w.Write(rest[:n]); err != nil || wrote != n {
				t.Fatalf("%d of %d bytes, %v", wrote, n, err)
			}
			rest = rest[n:]
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if want := terminal.Visible(s); out.String() != want {
			t.Fatalf("%q was written as %q, want %q", s, out.String(), want)
		}
	})
}
