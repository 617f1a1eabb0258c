package transform

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/biter777/countries"
	"pgregory.net/rapid"

	"syncline/sync/record"
)

// TestMain moves the machine to a zone far from UTC, so that a use of local
// time shows.
func TestMain(m *testing.M) {
	time.Local = time.FixedZone("far away", -11*60*60)
	os.Exit(m.Run())
}

// steps are all transforms with many of their arguments.
func steps() []Step {
	all := []Step{
		step("phone", "region", "DE"), step("phone", "region", "US", "form", "national"), step("phone", "form", "international"),
		step("date", "format", "DD.MM.YYYY"), step("date", "to", "D.M.YY"), step("date", "format", "M/D/YY", "to", "DD.MM.YYYY"),
		step("datetime"), step("datetime", "format", "DD.MM.YYYY HH:mm", "zone", "America/New_York"), step("datetime", "to", "MM/DD/YYYY hh:mm A"),
		step("number", "decimal", ",", "group", "."), step("number", "to-decimal", ",", "to-group", "'"), step("number", "group", ","),
		step("boolean", "yes", "Ja!", "no", "Nein!"), step("boolean", "to-yes", "1", "to-no", "0"),
		step("country", "to", "alpha-2", "from", "name"), step("country", "to", "name", "from", "alpha-3"), step("country"),
		step("state", "from", "name"), step("state", "to", "name", "country", "DE", "from", "code"),
		step("split", "by", ","), step("split", "by", "x", "part", -2), step("join", "with", " | "), step("join", "fields", "First,Last"),
		step("replace", "find", " ", "with", "  "), step("prefix", "text", "ab", "remove", true), step("default", "field", "Last"),
		step("owner", "to", "email"), step("owner", "to", "name", "from", "name"), step("pipeline-stage", "to", "label"),
		step("pipeline-stage", "pipeline", "Renewals"), step("truncate", "", 2),
	}
	for _, spec := range Names() {
		all = append(all, spec.Example)
	}
	return all
}

func inputs() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.String(),
		rapid.StringOfN(rapid.RuneFrom([]rune("aAßİ \t\n\u00a0,.;:'’-/+()0159€$@%\u0301")), 0, 16, -1),
		rapid.StringMatching(`[+(]?[0-9]{2,5}[ /)-]?[0-9]{3,9}( x[0-9]{1,3})?`),
		rapid.StringMatching(`(0[1-9]|1[0-9])[./](0[1-9]|1[0-2])[./](19|20)?[0-9]{2}( [01][0-9]:[0-5][0-9]( [AP]M)?)?`),
		rapid.StringMatching(`(19|20)[0-9]{2}-(0[1-9]|1[0-2])-[0-2][0-9]([T ][01][0-9]:[0-5][0-9](:[0-5][0-9](\.[0-9]{3})?Z)?)?`),
		rapid.StringMatching(`-?[0-9]{1,3}([.,' ][0-9]{3}){0,2}([.,][0-9]{1,4})? ?€?`),
		rapid.StringMatching(`[a-c]{1,3}(, ?[a-c]{1,3}){0,3}`),
		rapid.StringMatching(`[a-c]{1,3}(;[a-c]{1,3}){0,3}`),
		rapid.SampledFrom([]string{
			"Ja!", "nein!", "yes", "0", "Germany", "DEU", "FR", "España", "Texas", "TX", "Bayern", "BY", "https://www.example.com/a", "a@b.de",
			"abc", "ada@example.com", "1001", "Charles Babbage", "Won", "won2", "Contract sent", "old@example.com",
		}),
	)
}

// TestEveryTransformIsTotal applies each transform to any text, and to the
// text that it made.
func TestEveryTransformIsTotal(t *testing.T) {
	t.Parallel()
	env, all := portal(t), steps()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom(all).Draw(t, "step")
		in := record.Text(fitting(s.Name).Draw(t, "value"))
		out, err := Chain{s}.Apply(in, env)
		if err != nil && out != in {
			t.Fatalf("%v: the refused value %q comes back as %q", s, in, out)
		}
		if again, err2 := (Chain{s}).Apply(in, env); again != out || (err == nil) != (err2 == nil) {
			t.Fatalf("%v: %q becomes %q and then %q", s, in, out, again)
		}
	})
}

// TestIdempotent applies each transform that cleans or normalises twice.
func TestIdempotent(t *testing.T) {
	t.Parallel()
	env := portal(t)
	all := []Step{
		step("trim"), step("collapse-spaces"), step("lower"), step("upper"), step("title"), step("phone", "", "DE"),
		step("phone", "region", "DE", "form", "international"), step("date", "", "DD.MM.YYYY"), step("datetime", "", "DD.MM.YYYY HH:mm"),
		step("number"), step("boolean"), step("country"), step("country", "", "alpha-2"), step("country", "", "alpha-3"),
		step("state"), step("state", "", "name"), step("url-domain"), step("truncate", "", 3), step("default", "", "x"),
		step("owner"), step("owner", "to", "name"), step("pipeline-stage", "", "Sales"), step("pipeline-stage", "to", "label", "pipeline", "Sales"),
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom(all).Draw(t, "step")
		in := record.Text(fitting(s.Name).Draw(t, "value"))
		once, err := Chain{s}.Apply(in, env)
		if err != nil {
			return
		}
		if twice, err := (Chain{s}).Apply(once, env); err != nil || twice != once {
			t.Fatalf("%v: %q becomes %q and that becomes %q, %v", s, in, once, twice, err)
		}
	})
}

// TestThereAndBack takes values there, back, and there again: the second time
// they arrive at the same value. Where the chain is not lossy, the way back
// gives the very text.
func TestThereAndBack(t *testing.T) {
	t.Parallel()
	env, all := portal(t), steps()
	var invertible []Step
	for _, s := range all {
		if _, ok := (Chain{s}).Inverse(); ok {
			invertible = append(invertible, s)
		}
	}
	cleaners := []Step{step("trim"), step("collapse-spaces")}
	for _, s := range invertible {
		t.Run(s.Name+"-"+s.Describe(), func(t *testing.T) {
			t.Parallel()
			went := 0
			rapid.Check(t, func(t *rapid.T) {
				c := Chain{s}
				if rapid.Bool().Draw(t, "cleaned") {
					c = Chain{rapid.SampledFrom(cleaners).Draw(t, "by"), s}
				}
				if thereAndBack(t, c, record.Text(fitting(s.Name).Draw(t, "value")), env) {
					went++
				}
			})
			// Few draws may all be of other forms: known ones follow until one goes.
			known := fitting(s.Name)
			for i := 0; went == 0; i++ {
				if i == 2000 {
					t.Fatal("no value goes there and back")
				}
				if thereAndBack(t, Chain{s}, record.Text(known.Example(i)), env) {
					went++
				}
			}
		})
	}
}

// thereAndBack reports whether the value could go.
func thereAndBack(t interface{ Fatalf(string, ...any) }, c Chain, in record.Value, env Env) bool {
	back, ok := c.Inverse()
	if !ok {
		t.Fatalf("%v has no way back, but its steps have", c)
	}
	for _, s := range back {
		if err := Check(s); err != nil {
			t.Fatalf("the way back of %v: %v", c, err)
		}
	}
	there, err := c.Apply(in, env)
	if err != nil {
		return false
	}
	home, err := back.Apply(there, env)
	if err != nil {
		return false // HubSpot's value has no form in the column, which is said
	}
	if !c.Lossy() && home != in {
		t.Fatalf("%v is not lossy, but %q comes back from %q as %q", c, in, there, home)
	}
	again, err := c.Apply(home, env)
	if err == nil && c[len(c)-1].Name == "datetime" {
		// A form may leave out the seconds, and an hour that the clock runs
		// through twice: what it can hold stays.
		again, err = back.Apply(again, env)
		there = home
	}
	if err != nil || again != there {
		t.Fatalf("%v: %q goes there as %q, back as %q, and there as %q, %v", c, in, there, home, again, err)
	}
	return true
}

// fitting draws what a transform is for, and anything.
func fitting(name string) *rapid.Generator[string] {
	var g *rapid.Generator[string]
	switch name {
	case "date", "datetime":
		g = rapid.OneOf(
			rapid.StringMatching(`(0[1-9]|1[0-2])[./](0[1-9]|1[0-2])[./](19|20)?[0-9]{2}( [01][0-9]:[0-5][0-9]( [AP]M)?)?`),
			rapid.StringMatching(`(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9])( [01][0-9]:[0-5][0-9]:00)?`),
		)
	case "boolean":
		g = rapid.SampledFrom([]string{"Ja!", "Nein!", "yes", "NO", "0", "1", "true", "Active", "closed"})
	case "country":
		g = rapid.SampledFrom([]string{"Germany", "DEU", "fr", "España", "Uk", "Vietnam", "us", "Korea"})
	case "state":
		g = rapid.SampledFrom([]string{"texas", "TX", "Bayern", "by", "Bavaria", "ca"})
	case "owner":
		g = rapid.SampledFrom([]string{"ada@example.com", "1001", "Charles Babbage", "old@example.com"})
	case "pipeline-stage":
		g = rapid.SampledFrom([]string{"Won", "won2", "Contract sent", "lost"})
	case "number":
		g = rapid.StringMatching(`-?[0-9]{1,3}([.,][0-9]{3}){0,2}([.,][0-9]{1,4})? ?€?`)
	case "phone":
		g = rapid.StringMatching(`(\+49 ?|0)30[ /-]?[0-9]{6,8}`)
	case "prefix", "suffix":
		g = rapid.StringMatching(`(ab)?[a-c]{0,4}`)
	default:
		return inputs()
	}
	return rapid.OneOf(g, g, inputs())
}

func TestWaysBack(t *testing.T) {
	t.Parallel()
	env := portal(t)
	for _, c := range []struct {
		chain          Chain
		in, there, out string
		lossy          bool
	}{
		{Chain{step("prefix", "", "C-")}, "1", "C-1", "1", false},
		{Chain{step("prefix", "", "C-"), step("suffix", "", "!")}, "1", "C-1!", "1", false},
		{Chain{step("prefix", "", "C-"), step("prefix", "", "ID ")}, "1", "ID C-1", "1", false},
		{Chain{step("date", "", "DD.MM.YYYY")}, "31.12.2026", "2026-12-31", "31.12.2026", true},
		{Chain{step("date", "", "D.M.YYYY")}, "01.02.2026", "2026-02-01", "1.2.2026", true},
		{Chain{step("trim"), step("date", "", "DD.MM.YYYY")}, " 31.12.2026", "2026-12-31", "31.12.2026", true},
		{Chain{step("datetime", "", "DD.MM.YYYY HH:mm")}, "01.07.2026 12:00", "2026-07-01T10:00:00.000Z", "01.07.2026 12:00", true},
		{Chain{step("number", "decimal", ",", "group", ".")}, "1.234,50", "1234.5", "1.234,5", true},
		{Chain{step("boolean", "yes", "Ja", "no", "Nein")}, "Ja", "true", "Ja", true},
		{Chain{step("country", "to", "alpha-2", "from", "name")}, "Germany", "DE", "Germany", true},
		{Chain{step("state", "from", "name")}, "Texas", "TX", "Texas", true},
		{Chain{step("split", "", ",")}, "a, b", "a;b", "a, b", true},
		{Chain{step("join", "", " / ")}, "a;b", "a / b", "a;b", true},
		{Chain{step("owner", "from", "name")}, "Ada Lovelace", "1001", "Ada Lovelace", true},
		{Chain{step("owner")}, "Ada Lovelace", "1001", "ada@example.com", true},
		{Chain{step("pipeline-stage")}, "Lost", "lost2", "Lost", true},
		{Chain{step("lower")}, "ADA", "ada", "ada", true},
		{Chain{}, "x", "x", "x", false},
	} {
		there, err := c.chain.Apply(record.Text(c.in), env)
		if err != nil || there.String() != c.there {
			t.Errorf("%v: %q goes there as %q, %v, want %q", c.chain, c.in, there, err, c.there)
			continue
		}
		back, ok := c.chain.Inverse()
		if !ok {
			t.Errorf("%v has no way back", c.chain)
			continue
		}
		out, err := back.Apply(there, env)
		if err != nil || out.String() != c.out {
			t.Errorf("%v: %q comes back as %q, %v, want %q", c.chain, c.there, out, err, c.out)
		}
		if c.chain.Lossy() != c.lossy {
			t.Errorf("%v: lossy is not %v", c.chain, c.lossy)
		}
	}
	for _, s := range []Step{
		step("url-domain"), step("email-domain"), step("truncate", "", 3), step("replace", "find", "a"), step("split", "by", ",", "part", 1),
		step("join", "fields", "Last"), step("country"), step("state"),
	} {
		if _, ok := (Chain{step("trim"), s}).Inverse(); ok || !(Chain{s}).Lossy() {
			t.Errorf("%v has a way back", s)
		}
	}
}

// TestCountriesUnderstandThemselves reads every country in each form that is
// written.
func TestCountriesUnderstandThemselves(t *testing.T) {
	t.Parallel()
	n := 0
	for _, c := range countries.All() {
		code := c.Alpha2()
		if gone[code] || len(code) != 2 {
			continue
		}
		n++
		for _, form := range placeForms {
			written, err := Chain{step("country", "to", form)}.Apply(record.Text(code), Env{})
			if err != nil {
				t.Errorf("%s: %v", code, err)
				continue
			}
			read, err := Chain{step("country", "to", "alpha-2")}.Apply(written, Env{})
			if err != nil || read.String() != code {
				t.Errorf("%s is written as %q, which is read as %q, %v", code, written, read, err)
			}
		}
		if read, err := (Chain{step("country", "to", "alpha-2")}).Apply(record.Text(c.String()), Env{}); err != nil || read.String() != code {
			t.Errorf("%s is called %q, which is read as %q, %v", code, c, read, err)
		}
	}
	if n < 240 {
		t.Errorf("there are only %d countries", n)
	}
}

func TestStatesUnderstandThemselves(t *testing.T) {
	t.Parallel()
	for country, all := range states {
		for _, st := range all {
			for _, text := range []string{st.code, st.name, st.other} {
				if text == "" {
					continue
				}
				got, err := Chain{step("state", "country", country)}.Apply(record.Text(text), Env{})
				if err != nil || got.String() != st.code {
					t.Errorf("%q of %s is read as %q, %v", text, country, got, err)
				}
			}
		}
	}
}

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
	env := portal(t)
	for _, encoded := range list {
		raw, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			raw = []byte(encoded)
		}
		for _, s := range steps() {
			in := record.Text(string(raw))
			out, err := Chain{s}.Apply(in, env)
			if err != nil && out != in {
				t.Errorf("%v: the refused value %q comes back as %q", s, in, out)
			}
		}
	}
}

func BenchmarkApply(b *testing.B) {
	env := portal(b)
	for _, c := range []struct {
		name  string
		chain Chain
		in    string
	}{
		{"trim-lower", Chain{step("trim"), step("lower")}, " Ada@Example.com "},
		{"title", Chain{step("title")}, "ADA LOVELACE"},
		{"phone", Chain{step("phone", "", "DE")}, "030 / 1234567"},
		{"date", Chain{step("date", "", "DD.MM.YYYY")}, "31.12.2026"},
		{"datetime", Chain{step("datetime", "format", "DD.MM.YYYY HH:mm", "zone", "Europe/Berlin")}, "31.12.2026 10:00"},
		{"number", Chain{step("number", "decimal", ",", "group", ".")}, "1.234,50 €"},
		{"country", Chain{step("country", "", "alpha-2")}, "Deutschland"},
		{"state", Chain{step("state")}, "New York"},
		{"owner", Chain{step("owner")}, "charles@example.com"},
	} {
		b.Run(c.name, func(b *testing.B) {
			v := record.Text(c.in)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.chain.Apply(v, env); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
