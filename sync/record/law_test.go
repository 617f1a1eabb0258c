package record

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// TestMain moves the machine to a zone far from UTC, so that a use of local
// time shows.
func TestMain(m *testing.M) {
	time.Local = time.FixedZone("far away", -11*60*60)
	os.Exit(m.Run())
}

// rules are one of every comparison, with and without its circumstances.
func rules(t testing.TB) []Rule {
	zone := berlin(t)
	rs := []Rule{
		{Compare: ComparePhone, Region: "DE"}, {Compare: ComparePhone, Region: "US"}, {Compare: ComparePhone, Region: "IT"},
		{Compare: ComparePhone, Region: "BR"}, {Compare: ComparePhone, Region: "nowhere"},
		{Compare: CompareDate, Format: "DD.MM.YYYY", Zone: zone}, {Compare: CompareDate, Format: "no form"},
		{Compare: CompareDateTime, Zone: zone}, {Compare: CompareDateTime, Format: "M/D/YYYY h:mm A", Zone: zone},
	}
	for _, c := range append(Comparisons(), "") {
		rs = append(rs, Rule{Compare: c})
	}
	return rs
}

// texts draws texts of every kind that comparisons care about, and any text.
func texts() *rapid.Generator[string] {
	digits := rapid.StringMatching(`[+(]?[0-9]{0,6}[ ./()-]?[0-9]{0,9}( ?(x|ext\.|#) ?[0-9]{1,4})?`)
	return rapid.OneOf(
		rapid.String(),
		rapid.StringOfN(rapid.RuneFrom([]rune("aAßıİſK\u212b\u0345\u0301\u0338ǰŉ \t\r\n\u00a0\u200b\u202e;,.<>&@/:?#%+-0159eExXäÄ")), 0, 24, -1),
		digits,
		rapid.StringMatching(`[+-]?[0-9]{0,20}\.?[0-9]{0,20}([eE][+-]?[0-9]{1,4})?`),
		rapid.StringMatching(`[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?`),
		rapid.StringMatching(`-?[0-9]{6,15}`),
		rapid.StringMatching(`[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{4}( [0-9]{1,2}:[0-9]{2}( [AP]M)?)?`),
		rapid.StringMatching(`(https?://|HTTP://|ftp://)?(www\.){0,2}[A-Za-zäÖ-]{1,6}\.[a-z]{2,3}\.?(:[0-9]{0,4})?(/[a-zA-Z%0-9/]{0,8}){0,2}(\?[a-z=%2f]{0,5})?(#[a-z]{0,3})?`),
		rapid.StringMatching(`[A-Za-z.+]{1,8}@([A-Za-zßé]{1,6}\.|xn--[a-z0-9-]{1,8}\.){1,2}[a-z]{2}`),
		rapid.StringMatching(`(;? ?[aAbBcé]{1,3} ?){0,5};?`),
		rapid.StringMatching(`((<(p|br|b|div|/p|/b|/div|/a|li|script|/script|textarea|!--|img src="?[a-z:/.]{0,4}"?|a href="?[a-z:/.]{0,6}"?) ?/?>?)|[a-z &;<>\x{338}\x{301}\n\r]{0,6}|&(lt|gt|amp|nbsp|quot|#60|#x338);?){0,10}`),
		rapid.SampledFrom([]string{"true", "Ja", "0", "1.0", "off", "", " ", "\u00a0", "null", "12345678901234567890"}),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 12), func(b []byte) string { return string(b) }),
	)
}

func states() *rapid.Generator[Value] {
	return rapid.OneOf(rapid.Map(texts(), Text), rapid.SampledFrom([]Value{{}, None(), Text("")}))
}

// checkLaws holds one value against the laws of a rule: total (it returns),
// idempotent, in valid text, and kept by storage.
func checkLaws(t interface {
	Helper()
	Errorf(string, ...any)
}, r Rule, v Value) {
	t.Helper()
	once := r.Canonical(v)
	if twice := r.Canonical(once); twice != once {
		t.Errorf("%+v: %q becomes %q and that becomes %q", r, v, once, twice)
	}
	if v.Empty() && once != v {
		t.Errorf("%+v: the empty value %v became %v", r, v, once)
	}
	if !utf8.ValidString(once.String()) {
		t.Errorf("%+v: %q becomes the invalid text %q", r, v, once)
	}
	if !r.Same(v, once) || !r.Same(once, v) || !r.Same(v, v) {
		t.Errorf("%+v: %q is not the same as itself", r, v)
	}
	if r.Readable(v) && !r.Readable(once) {
		t.Errorf("%+v: %q is read, its form %q is not", r, v, once)
	}
	stored, err := ParseValues(Values{"x": once}.JSON())
	if err != nil || r.Canonical(stored["x"]) != once {
		t.Errorf("%+v: %q is stored as %q (%v)", r, once, stored["x"], err)
	}
	raw, err := ParseValues(Values{"x": v}.JSON())
	if err != nil || !r.Same(raw["x"], v) {
		t.Errorf("%+v: %q is not the same after storage, %q (%v)", r, v, raw["x"], err)
	}
}

func TestLaws(t *testing.T) {
	t.Parallel()
	for _, r := range rules(t) {
		t.Run(fmt.Sprintf("%s-%s-%s", r.Compare, r.Region, strings.ReplaceAll(r.Format, "/", "-")), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) { checkLaws(t, r, states().Draw(t, "value")) })
		})
	}
}

// TestSamenessIsAnEquivalence draws values that are often the same.
func TestSamenessIsAnEquivalence(t *testing.T) {
	t.Parallel()
	rs := rules(t)
	rapid.Check(t, func(t *rapid.T) {
		r := rapid.SampledFrom(rs).Draw(t, "rule")
		vs := rapid.SliceOfN(states(), 1, 3).Draw(t, "values")
		for _, v := range vs {
			vs = append(vs, r.Canonical(v), Text(" "+strings.ToUpper(v.String())+"\n"))
		}
		for _, a := range vs {
			for _, b := range vs {
				if r.Same(a, b) != r.Same(b, a) {
					t.Fatalf("%+v: sameness of %q and %q depends on their order", r, a, b)
				}
				for _, c := range vs {
					if r.Same(a, b) && r.Same(b, c) && !r.Same(a, c) {
						t.Fatalf("%+v: %q, %q and %q: the first two and the last two are the same", r, a, b, c)
					}
				}
			}
		}
	})
}

// TestEveryRune holds the Unicode code points, alone and after a letter, against
// the laws of the comparisons that look at single runes; of the large blocks of
// characters that are all alike, one in 37.
func TestEveryRune(t *testing.T) {
	t.Parallel()
	var runes []rune
	for char := rune(1); char < 0x20000; char++ {
		if alike := char >= 0x3400 && char < 0xa000 || char >= 0xac00 && char < 0xf900 || char >= 0x12000 && char < 0x1d000; !alike || char%37 == 0 {
			runes = append(runes, char)
		}
	}
	for _, c := range []Comparison{CompareText, CompareTextFolded, CompareEmail, CompareHTML, CompareSet, ComparePhone} {
		t.Run(string(c), func(t *testing.T) {
			t.Parallel()
			r := Rule{Compare: c}
			for _, char := range runes {
				for _, s := range []string{string(char), "a" + string(char) + "b@c" + string(char) + ".de"} {
					once := r.Canonical(Text(s))
					if twice := r.Canonical(once); twice != once {
						t.Fatalf("%U: %q becomes %q and that becomes %q", char, s, once, twice)
					}
				}
			}
		})
	}
}

// TestAwkwardTexts holds texts against the laws in which two normalisations
// meet.
func TestAwkwardTexts(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"e\u200b\u0301", "\ufeff\ufeff 5", "a\u202e\u0338b", "<\u0338b>", "&lt;\u0338", "&amp;lt;b&amp;gt;", "<b>&lt;</b>\u0338", "\u03b1\u0345\u0301",
		"\u1e9e", "\u0130", "\u01c5", "\r\r\n", "+0301234567", "+49 0 30 1234567", "0 0 30 1234567", "+390301234567", "8 800 555 35 35",
		"xn--a@xn--a.de", "a@xn--", "a@\u2126.de", "a@b\u3002de", "http://www.www.com", "http://www..com", "a.b:443/", "//a.b", "?a.b", "https:///",
		"-0", "+.0e0", "1e400", "1e-400", "00.00", "1e401", "9999-12-31T23:59:59.9999-14:00", "0001-01-01T00:00+14:00", "00000101",
		"86400000", "-86400000", "253402300800000", "<a href='x'>x</a>", "<a href='https://x.y/ab'>https://x.y/a</a>b", "<textarea><b></textarea>",
		"<plaintext><b>", "<!--", "<script>", "a<br", "</p", "<p\n>", "&#0;", "a\x00b",
	} {
		for _, r := range rules(t) {
			checkLaws(t, r, Text(s))
		}
	}
}

// TestNaughtyStrings runs the big list of naughty strings through every rule.
func TestNaughtyStrings(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("SYNCLINE_TESTDATA")
	if dir == "" {
		t.Skip("SYNCLINE_TESTDATA is not set")
	}
	data, err := os.ReadFile(filepath.Join(dir, "reference", "blns.json"))
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	if err := json.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	if len(list) < 100 {
		t.Fatalf("the list has only %d strings", len(list))
	}
	for _, encoded := range list {
		raw, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			raw = []byte(encoded)
		}
		for _, r := range rules(t) {
			checkLaws(t, r, Text(string(raw)))
			checkLaws(t, r, Text(strings.TrimSuffix(string(raw), "\n")))
		}
	}
}

// TestNumbersKeepTheirValue compares the canonical form with exact arithmetic.
func TestNumbersKeepTheirValue(t *testing.T) {
	t.Parallel()
	r := Rule{Compare: CompareNumber}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64().Draw(t, "number")
		scale := rapid.IntRange(0, 25).Draw(t, "scale")
		scientific := Text(fmt.Sprintf("%dE-%d", n, scale))
		digits := fmt.Sprintf("%026d", abs(n))
		sign := ""
		if n < 0 {
			sign = "-"
		}
		plain := Text(sign + digits[:len(digits)-scale] + "." + digits[len(digits)-scale:] + "000")
		if !r.Same(scientific, plain) {
			t.Fatalf("%q and %q are one number, but become %q and %q", scientific, plain, r.Canonical(scientific), r.Canonical(plain))
		}
		if next := Text(fmt.Sprintf("%dE-%d", n-1, scale)); n > -1<<63 && r.Same(scientific, next) {
			t.Fatalf("%q and %q are taken for one number", scientific, next)
		}
	})
}

func abs(n int64) uint64 {
	if n < 0 {
		return uint64(-(n + 1)) + 1
	}
	return uint64(n)
}

// TestDatesStayOnTheirDay writes a day in every form that is read as a date,
// in zones on both sides of UTC.
func TestDatesStayOnTheirDay(t *testing.T) {
	t.Parallel()
	zones := []string{"UTC", "Europe/Berlin", "America/Los_Angeles", "Pacific/Kiritimati", "Pacific/Apia"}
	rapid.Check(t, func(t *rapid.T) {
		day := time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 90_000).Draw(t, "day"))
		zone, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		want := Text(day.Format(time.DateOnly))
		for _, s := range []string{
			day.Format("20060102"), day.Format(time.RFC3339), day.Format("2006-01-02 15:04:05"), day.Format("02.01.2006"),
			day.Format(time.DateOnly) + "T23:59:59.999-11:00", day.Format(time.DateOnly) + " 00:00+14",
		} {
			r := Rule{Compare: CompareDate, Zone: zone}
			if s[2] == '.' {
				r.Format = "DD.MM.YYYY"
			}
			if got := r.Canonical(Text(s)); got != want {
				t.Fatalf("%q became %q in %s", s, got, zone)
			}
		}
		ms := day.UnixMilli()
		if got := (Rule{Compare: CompareDate, Zone: zone}).Canonical(Text(fmt.Sprint(ms))); ms != 0 && got != want {
			t.Fatalf("%d ms became %q, want %q", ms, got, want)
		}
	})
}
