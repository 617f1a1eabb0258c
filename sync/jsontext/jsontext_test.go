package jsontext_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"syncline/sync/jsontext"
)

// texts are texts with everything that JSON escapes, and bytes that are none.
func texts() *rapid.Generator[string] {
	odd := rapid.SampledFrom([]string{"\"", "\\", "\b", "\f", "\n", "\r", "\t", "\x00", "\x1f", "\x7f", "<", ">", "&", "\u2028", "\u2029", "\xff", "\xc3", "é", "😀", "\uFFFD", "plain", ""})
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.OneOf(odd, rapid.String()), 0, 8).Draw(t, "parts"), "")
	})
}

func TestTextsAreWrittenAsTheStandardLibraryDoes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := texts().Draw(t, "s")
		want, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if got := jsontext.AppendHTMLText(nil, s); !bytes.Equal(got, want) {
			t.Errorf("%q: %s, want %s", s, got, want)
		}
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(strings.ToValidUTF8(s, string(utf8.RuneError))); err != nil {
			t.Fatal(err)
		}
		// ToValidUTF8 makes one mark of a run of bad bytes; texts come valid to where that matters.
		if got := string(jsontext.AppendText(nil, strings.ToValidUTF8(s, string(utf8.RuneError)))); got+"\n" != b.String() {
			t.Errorf("%q: %s, want %s", s, got, b.String())
		}
	})
}

func TestWhatWasWrittenIsRead(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := strings.ToValidUTF8(texts().Draw(t, "s"), "?")
		n := rapid.Int64().Draw(t, "n")
		number, _ := json.Marshal(n)
		for _, text := range [][]byte{jsontext.AppendText(nil, s), jsontext.AppendHTMLText(nil, s)} {
			r := jsontext.NewReader("[" + string(text) + ",null," + string(number) + "]")
			r.Expect('[')
			if got := r.Text(); got != s {
				t.Errorf("%q, want %q", got, s)
			}
			r.Expect(',')
			if !r.Null() || !r.Next(',') || r.Int() != n || !r.Next(']') || r.End() != nil {
				t.Errorf("%s: %v", text, r.Err())
			}
		}
	})
}

func TestDamageIsFound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := string(jsontext.AppendText(nil, texts().Draw(t, "s")))
		cut := text[:rapid.IntRange(0, len(text)-1).Draw(t, "cut")]
		r := jsontext.NewReader(cut)
		if got := r.Text(); r.End() == nil {
			t.Errorf("%q is read as %q", cut, got)
		}
	})
	for _, bad := range []string{"", "x", `"a`, `"\x"`, `"a"b`} {
		r := jsontext.NewReader(bad)
		_ = r.Text()
		if r.End() == nil {
			t.Errorf("%q is read", bad)
		}
	}
	r := jsontext.NewReader("9223372036854775808")
	if r.Int(); r.End() == nil {
		t.Error("a number beyond the range is read")
	}
}
