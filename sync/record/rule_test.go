package record

import (
	"testing"
	"time"
)

func berlin(t testing.TB) *time.Location {
	t.Helper()
	z, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// TestCanonical is the specification of every comparison: what it makes of a
// value that it reads.
func TestCanonical(t *testing.T) {
	t.Parallel()
	zone := berlin(t)
	for _, c := range []struct {
		rule     Rule
		in, want string
	}{
		{Rule{}, " Ünï \r\n", " Ünï \n"},
		{Rule{Compare: CompareText}, "e\u0301a", "éa"},
		{Rule{Compare: CompareText}, "a\r\nb\rc\n", "a\nb\nc\n"},
		{Rule{Compare: CompareText}, "a\xffb", "a\ufffdb"},

		{Rule{Compare: CompareTextFolded}, "  Straße\u00a0 Nr.\t5 ", "strasse nr. 5"},
		{Rule{Compare: CompareTextFolded}, "ΣΊΣΥΦΟΣ", "σίσυφοσ"},

		{Rule{Compare: CompareEmail}, "  Ada.Lovelace@Example.COM\u200b", "ada.lovelace@example.com"},
		{Rule{Compare: CompareEmail}, "info@Müller.de", "info@xn--mller-kva.de"},
		{Rule{Compare: CompareEmail}, "info@XN--MLLER-KVA.de", "info@xn--mller-kva.de"},

		{Rule{Compare: ComparePhone, Region: "DE"}, "030 / 1234567", "+49301234567"},
		{Rule{Compare: ComparePhone, Region: "de"}, "+49 (0)30 1234567", "+49301234567"},
		{Rule{Compare: ComparePhone, Region: "DE"}, "0049 30 1234567", "+49301234567"},
		{Rule{Compare: ComparePhone}, "+49 30 1234567", "+49301234567"},
		{Rule{Compare: ComparePhone, Region: "US"}, "(212) 555-0123 ext. 45", "+12125550123x45"},
		{Rule{Compare: ComparePhone, Region: "US"}, "tel:+1-212-555-0123;ext=45", "+12125550123x45"},
		{Rule{Compare: ComparePhone, Region: "IT"}, "06 698 12345", "+390669812345"},
		{Rule{Compare: ComparePhone}, "030 / 12 34 567", "0301234567"},
		{Rule{Compare: ComparePhone, Region: "US"}, "226-2649", "2262649"},
		{Rule{Compare: ComparePhone}, "٠٣٠ ١٢٣", "030123"},

		{Rule{Compare: CompareURL}, "HTTPS://WWW.Example.com/", "example.com"},
		{Rule{Compare: CompareURL}, "http://example.com:80/Path/?Q=1#", "example.com/Path?Q=1"},
		{Rule{Compare: CompareURL}, "example.com:8080/%7euser%2f", "example.com:8080/%7Euser%2F"},
		{Rule{Compare: CompareURL}, "www.www.example.com", "example.com"},
		{Rule{Compare: CompareURL}, "www.com", "www.com"},
		{Rule{Compare: CompareURL}, "bücher.example", "xn--bcher-kva.example"},

		{Rule{Compare: CompareDate}, "2026-02-28", "2026-02-28"},
		{Rule{Compare: CompareDate}, "2026-02-28 00:00:00", "2026-02-28"},
		{Rule{Compare: CompareDate}, "2026-02-28T23:30:00-08:00", "2026-02-28"},
		{Rule{Compare: CompareDate}, "1717027200000", "2024-05-30"},
		{Rule{Compare: CompareDate}, "-2208988800000", "1900-01-01"},
		{Rule{Compare: CompareDate}, "20240530", "2024-05-30"},
		{Rule{Compare: CompareDate, Format: "DD.MM.YYYY"}, "30.05.2024", "2024-05-30"},
		{Rule{Compare: CompareDate, Format: "DD.MM.YYYY", Zone: zone}, "2024-05-30", "2024-05-30"},

		{Rule{Compare: CompareDateTime}, "2020-02-29T03:30:17.000Z", "2020-02-29T03:30:17.000Z"},
		{Rule{Compare: CompareDateTime}, "1582947017000", "2020-02-29T03:30:17.000Z"},
		{Rule{Compare: CompareDateTime}, "2020-02-29 03:30:17.1239 UTC", "2020-02-29T03:30:17.123Z"},
		{Rule{Compare: CompareDateTime}, "2020-02-29T05:30:17+02:00", "2020-02-29T03:30:17.000Z"},
		{Rule{Compare: CompareDateTime}, "2026-07-01 12:00", "2026-07-01T12:00:00.000Z"},
		{Rule{Compare: CompareDateTime, Format: "DD.MM.YYYY"}, "01.07.2026", "2026-07-01T00:00:00.000Z"},
		{Rule{Compare: CompareDateTime, Zone: zone}, "2026-07-01 12:00", "2026-07-01T10:00:00.000Z"},
		{Rule{Compare: CompareDateTime, Zone: zone}, "2026-01-01", "2025-12-31T23:00:00.000Z"},
		{Rule{Compare: CompareDateTime, Zone: zone, Format: "D.M.YYYY HH:mm"}, "1.7.2026 12:00", "2026-07-01T10:00:00.000Z"},

		{Rule{Compare: CompareNumber}, "5.0", "5"},
		{Rule{Compare: CompareNumber}, "1E+3", "1000"},
		{Rule{Compare: CompareNumber}, "-0.00", "0"},
		{Rule{Compare: CompareNumber}, "+007.50", "7.5"},
		{Rule{Compare: CompareNumber}, ".5e-2", "0.005"},
		{Rule{Compare: CompareNumber}, "12345678901234567890.123456789", "12345678901234567890.123456789"},

		{Rule{Compare: CompareBoolean}, "TRUE", "true"},
		{Rule{Compare: CompareBoolean}, " Ja", "true"},
		{Rule{Compare: CompareBoolean}, "0", "false"},

		{Rule{Compare: CompareSet}, ";b; a ;b;;A", "A;a;b"},

		{Rule{Compare: CompareHTML}, "line 1\r\nline 2 & more", "line 1<br>line 2 &amp; more"},
		{Rule{Compare: CompareHTML}, `<div style="x"><p>line&nbsp;1</p><p>line <b>2</b> &amp; more</p></div>`, "line 1<br>line 2 &amp; more"},
		{Rule{Compare: CompareHTML}, `see <a href="https://x.org/a" rel="noopener">x.org/a</a>`, "see x.org/a"},
		{Rule{Compare: CompareHTML}, `see <a target=_blank href="https://x.org/a">our  site</a>.`, `see <a href="https://x.org/a">our site</a>.`},
		{Rule{Compare: CompareHTML}, "<p></p>", ""},
		{Rule{Compare: CompareHTML}, "e&#x301;t<b>e</b>\u0301", "été"},
		{Rule{Compare: CompareHTML}, `<a name="top">x</a><a href="/y"><img alt="z" src="z.png"></a>`, `x<a href="/y"><img src="z.png"></a>`},
		{Rule{Compare: CompareHTML}, "a &lt;b&gt; c<script>x</script>", "a &lt;b&gt; c"},
		{Rule{Compare: CompareHTML}, "I <3 you, if a <b then", "I &lt;3 you, if a &lt;b then"},
	} {
		if got := c.rule.Canonical(Text(c.in)); got != Text(c.want) {
			t.Errorf("%+v: %q becomes %q, want %q", c.rule, c.in, got, c.want)
		}
		if !c.rule.Readable(Text(c.in)) {
			t.Errorf("%+v: %q is not understood", c.rule, c.in)
		}
	}
}

// TestUnreadable shows what a comparison does not understand: it keeps its
// text and is the same as nothing else.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule   Rule
		values []string
	}{
		{Rule{Compare: CompareNumber}, []string{"n/a", "1,5", "1.2.3", "--1", "$5", "1e999999999", "0x10", "NaN", "Infinity", ".", "-", "e5", "1_000", "٣"}},
		{Rule{Compare: CompareBoolean}, []string{"maybe", "2", "truefalse", "x"}},
		{Rule{Compare: CompareDate}, []string{"2026-02-30", "31.12.2026", "2026", "0000-01-01", "1717027200001", "0", "2026-13-01", "20261301", "2026-01-01x", "45000"}},
		{Rule{Compare: CompareDateTime}, []string{"2026-02-30T00:00:00Z", "12:00", "2024", "1717027200", "2026-01-01T25:00", "2026-01-01T10:00:60Z"}},
		{Rule{Compare: CompareEmail}, []string{"ada", "@example.com", "ada@", "a b@example.com", "a@b@c", "a@b,c@d"}},
		{Rule{Compare: ComparePhone, Region: "DE"}, []string{"n/a", "030 123456 a", "1-800-FLOWERS", "see below", "*31#", "0301234567 / 0307654321"}},
		{Rule{Compare: CompareURL}, []string{"ftp://example.com", "hello", "mailto:a@b.de", "https://user@example.com", "a b.com", "javascript:alert(1)", "http://"}},
	} {
		seen := map[Value]string{}
		for _, v := range c.values {
			if c.rule.Readable(Text(v)) {
				t.Errorf("%s understands %q as %q", c.rule.Compare, v, c.rule.Canonical(Text(v)))
			}
			got := c.rule.Canonical(Text(v))
			if other, ok := seen[got]; ok {
				t.Errorf("%s takes %q for %q", c.rule.Compare, v, other)
			}
			seen[got] = v
		}
	}
}

// TestDifferent lists values that must stay apart, because taking one for the
// other would hide an edit.
func TestDifferent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule Rule
		a, b string
	}{
		{Rule{}, "Ada", "ada"},
		{Rule{}, "Ada", "Ada "},
		{Rule{}, "a", "a\n"},
		{Rule{Compare: CompareTextFolded}, "ab", "a b"},
		{Rule{Compare: CompareEmail}, "a.b@example.com", "ab@example.com"},
		{Rule{Compare: ComparePhone, Region: "DE"}, "+49301234567", "+49301234567 x1"},
		{Rule{Compare: ComparePhone, Region: "DE"}, "+49301234567", "+1 301 234 5678"},
		{Rule{Compare: ComparePhone, Region: "IT"}, "+39 06 69812345", "+39 6 69812345"},
		{Rule{Compare: CompareURL}, "example.com/A", "example.com/a"},
		{Rule{Compare: CompareURL}, "shop.example.com", "example.com"},
		{Rule{Compare: CompareURL}, "example.com?a=1", "example.com?a=2"},
		{Rule{Compare: CompareURL}, "example.com/a%2Fb", "example.com/a/b"},
		{Rule{Compare: CompareDate}, "2026-01-01", "2026-01-02"},
		{Rule{Compare: CompareDateTime}, "2026-01-01T00:00:00.001Z", "2026-01-01T00:00:00.002Z"},
		{Rule{Compare: CompareNumber}, "0.1", "0.10000000000000001"},
		{Rule{Compare: CompareNumber}, "9007199254740993", "9007199254740992"},
		{Rule{Compare: CompareBoolean}, "true", "false"},
		{Rule{Compare: CompareBoolean}, "false", ""},
		{Rule{Compare: CompareSet}, "a;b", "a"},
		{Rule{Compare: CompareSet}, "a", "A"},
		{Rule{Compare: CompareHTML}, "a b", "a<br>b"},
		{Rule{Compare: CompareHTML}, `<a href="https://x.org">here</a>`, `<a href="https://y.org">here</a>`},
		{Rule{Compare: CompareHTML}, "ab", "a b"},
		{Rule{Compare: CompareHTML}, "see <b", "see <c"},
	} {
		if c.rule.Same(Text(c.a), Text(c.b)) {
			t.Errorf("%s takes %q and %q for the same: both %q", c.rule.Compare, c.a, c.b, c.rule.Canonical(Text(c.a)))
		}
	}
}

func TestEmptyValues(t *testing.T) {
	t.Parallel()
	empties := []Value{{}, None(), Text("")}
	for _, compare := range append(Comparisons(), "") {
		r := Rule{Compare: compare, Region: "DE"}
		for _, a := range empties {
			if got := r.Canonical(a); got != a {
				t.Errorf("%s: the state of %v became %v", compare, a.State(), got.State())
			}
			for _, b := range empties {
				if !r.Same(a, b) {
					t.Errorf("%s: empty values in the states %v and %v differ", compare, a.State(), b.State())
				}
			}
			if r.Same(a, Text("x")) {
				t.Errorf("%s: an empty value is the same as x", compare)
			}
		}
	}
	if blank := (Rule{Compare: CompareNumber}); !blank.Same(Text(" \u00a0"), None()) {
		t.Error("a blank number differs from none")
	}
}

func TestDefaultComparison(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		p    Property
		want Comparison
	}{
		{Property{Name: "firstname", Type: TypeString, FieldType: "text"}, CompareText},
		{Property{Name: "email", Type: TypeString, FieldType: "text"}, CompareEmail},
		{Property{Name: "work_email", Type: TypeString, FieldType: "text"}, CompareEmail},
		{Property{Name: "hs_additional_emails", Type: TypeEnumeration, FieldType: "checkbox"}, CompareSet},
		{Property{Name: "phone", Type: TypeString, FieldType: "phonenumber"}, ComparePhone},
		{Property{Name: "mobilephone", Type: TypeString, FieldType: "text"}, ComparePhone},
		{Property{Name: "fax_line", Type: TypePhone, FieldType: "phonenumber"}, ComparePhone},
		{Property{Name: "website", Type: TypeString, FieldType: "text"}, CompareURL},
		{Property{Name: "domain", Type: TypeString, FieldType: "text"}, CompareURL},
		{Property{Name: "notes_html", Type: TypeString, FieldType: "html"}, CompareHTML},
		{Property{Name: "amount", Type: TypeNumber, FieldType: "number"}, CompareNumber},
		{Property{Name: "ready", Type: TypeBool, FieldType: "booleancheckbox"}, CompareBoolean},
		{Property{Name: "ready2", Type: TypeEnumeration, FieldType: "booleancheckbox"}, CompareBoolean},
		{Property{Name: "closedate", Type: TypeDateTime, FieldType: "date"}, CompareDateTime},
		{Property{Name: "birthday", Type: TypeDate, FieldType: "date"}, CompareDate},
		{Property{Name: "colours", Type: TypeEnumeration, FieldType: "checkbox"}, CompareSet},
		{Property{Name: "lifecyclestage", Type: TypeEnumeration, FieldType: "radio"}, CompareText},
		{Property{Name: "blob", Type: TypeJSON}, CompareText},
	} {
		if got := DefaultComparison(c.p); got != c.want {
			t.Errorf("%s: %s, want %s", c.p.Name, got, c.want)
		}
	}
}

func TestParseComparison(t *testing.T) {
	t.Parallel()
	for _, c := range Comparisons() {
		if got, ok := ParseComparison(string(c)); !ok || got != c {
			t.Errorf("%s is not read back", c)
		}
	}
	for _, s := range []string{"", "Text", "fuzzy"} {
		if _, ok := ParseComparison(s); ok {
			t.Errorf("%q is a comparison", s)
		}
	}
}
