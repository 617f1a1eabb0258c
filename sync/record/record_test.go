package record

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestKeyOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		parts []string
		want  string
		ok    bool
	}{
		{[]string{" 4711 "}, "4711", true},
		{[]string{`a|b\c`}, `a|b\c`, true},
		{[]string{"DE", "4711"}, "DE|4711", true},
		{[]string{`a|b`, `c\`}, `a\|b|c\\`, true},
		{[]string{"DE", " \t"}, "", false},
		{[]string{""}, "", false},
		{nil, "", false},
	} {
		if got, ok := KeyOf(c.parts...); got != c.want || ok != c.ok {
			t.Errorf("the key of %q is %q, %v, want %q, %v", c.parts, got, ok, c.want, c.ok)
		}
	}
}

// TestKeysTellRowsApart draws parts from the characters that are special.
func TestKeysTellRowsApart(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 4).Draw(t, "parts")
		part := rapid.StringMatching(`[|\\a]{1,4}`)
		a := rapid.SliceOfN(part, n, n).Draw(t, "a")
		b := rapid.SliceOfN(part, n, n).Draw(t, "b")
		ka, _ := KeyOf(a...)
		kb, _ := KeyOf(b...)
		if (ka == kb) != cmp.Equal(a, b) {
			t.Fatalf("%q and %q have the keys %q and %q", a, b, ka, kb)
		}
	})
}

func TestValuesJSON(t *testing.T) {
	t.Parallel()
	vs := Values{"b": Text("x<y & \"z\"\n"), "a": None(), "gone": Value{}, "ä": Text("")}
	const want = `{"a":null,"b":"x<y & \"z\"\n","ä":""}`
	if got := vs.JSON(); got != want {
		t.Errorf("the text is %s, want %s", got, want)
	}
	if got := (Values{}).JSON(); got != "{}" {
		t.Errorf("no values are written as %s", got)
	}
	for _, bad := range []string{"{", "[]", `{"a":1}`, `{"a":"x"}}`} {
		if _, err := ParseValues(bad); err == nil {
			t.Errorf("%s is read without an error", bad)
		}
	}
	if vs, err := ParseValues(""); err != nil || len(vs) != 0 {
		t.Errorf("the empty text is read as %v, %v", vs, err)
	}
}

func TestValuesSurviveStorage(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		valid := rapid.Map(texts(), func(s string) string { return strings.ToValidUTF8(s, "?") })
		vs := Values(rapid.MapOfN(valid, rapid.OneOf(rapid.Map(valid, Text), rapid.Just(None())), 0, 6).Draw(t, "values"))
		back, err := ParseValues(vs.JSON())
		if err != nil {
			t.Fatal(err)
		}
		if !cmp.Equal(vs, back, cmp.AllowUnexported(Value{})) {
			t.Fatalf("%v became %v", vs, back)
		}
		if back.JSON() != vs.JSON() || !bytes.Equal(Hash(back), Hash(vs)) {
			t.Fatalf("the text or the hash of %v is not stable", vs)
		}
	})
}

func TestHash(t *testing.T) {
	t.Parallel()
	a := Hash(Values{"a": Text("1"), "b": Value{}})
	if len(a) != 16 || !bytes.Equal(a, Hash(Values{"a": Text("1")})) {
		t.Errorf("absent values count: %x", a)
	}
	for _, other := range []Values{nil, {"a": Text("2")}, {"a": None()}, {"a": Text("")}, {"b": Text("1")}, {"a": Text("1"), "b": None()}} {
		if bytes.Equal(a, Hash(other)) {
			t.Errorf("%v has the hash of another", other)
		}
	}
}

func TestSplitSet(t *testing.T) {
	t.Parallel()
	if got := SplitSet("; b;a ;;b"); !cmp.Equal(got, []string{"a", "b"}) {
		t.Errorf("the options are %q", got)
	}
	if got := SplitSet(" ; "); len(got) != 0 {
		t.Errorf("an empty set has the options %q", got)
	}
	if got := JoinSet([]string{"b", "a"}); got != "a;b" {
		t.Errorf("joined: %q", got)
	}
}

func TestE164(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, region, number, extension string }{
		{"030 1234567", "DE", "+49301234567", ""},
		{"212.555.0123 x9", "us", "+12125550123", "9"},
		{"030 1234567", "", "", ""},
		{"5551234", "US", "", ""},
		{"12", "DE", "", ""},
		{"call me", "DE", "", ""},
		{"", "DE", "", ""},
	} {
		number, extension, ok := E164(c.in, c.region)
		if number != c.number || extension != c.extension || ok != (c.number != "") {
			t.Errorf("%q in %q is %q, %q, %v", c.in, c.region, number, extension, ok)
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	m := memory{limit: 8}
	made := 0
	get := func(key string) string {
		s, _ := m.get(key, func() (string, bool) { made++; return "=" + key, true })
		return s
	}
	for i := range 1000 {
		key := strings.Repeat("k", i%60)
		if got := get(key); got != "="+key {
			t.Fatalf("%q is remembered as %q", key, got)
		}
		if n := len(m.young) + len(m.elder); n > 16 {
			t.Fatalf("%d entries are kept", n)
		}
	}
	made = 0
	for range 10 {
		get("again")
	}
	if made != 1 {
		t.Errorf("a repeated key was made %d times", made)
	}
}
