package tabular_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/tabular"
)

func TestHeadersNameEveryColumnOnce(t *testing.T) {
	t.Parallel()
	tests := []struct {
		cells   []string
		names   []string
		renamed int
	}{
		{[]string{"Id", " Name "}, []string{"Id", "Name"}, 0},
		{[]string{"Id", "", ""}, []string{"Id", "Column 2", "Column 3"}, 2},
		{[]string{"A", "A", "A"}, []string{"A", "A (2)", "A (3)"}, 2},
		{[]string{"A", "A", "A (2)"}, []string{"A", "A (3)", "A (2)"}, 1},
		{[]string{"", "Column 1"}, []string{"Column 1 (2)", "Column 1"}, 1},
	}
	for _, test := range tests {
		h := header(test.cells...)
		if !cmp.Equal(h.Names, test.names) || len(h.Renamed) != test.renamed {
			t.Errorf("%q are called %q and %q, want %q", test.cells, h.Names, h.Renamed, test.names)
		}
		for i, name := range h.Names {
			if at, ok := h.Index(name); !ok || at != i {
				t.Errorf("%q: column %q is at %d, want %d", test.cells, name, at, i)
			}
		}
	}
}

func TestAMissingColumnNamesTheProbableOne(t *testing.T) {
	t.Parallel()
	columns := []string{"Customer ID", "E-Mail", "First name", "Zip"}
	tests := map[string]string{
		"customer_id": "Customer ID", "email": "E-Mail", "Frist name": "First name", "zip code": "", "Turnover": "", "x": "",
	}
	for name, want := range tests {
		if got := tabular.Near(name, columns); got != want {
			t.Errorf("%q is near %q, want %q", name, got, want)
		}
	}
	var bad *tabular.ColumnError
	err := header(columns...).Check("key", "Zip", "email")
	if !errors.As(err, &bad) || bad.Column != "email" || bad.Near != "E-Mail" {
		t.Errorf("got %v", err)
	}
	if err := header(columns...).Check("key", columns...); err != nil {
		t.Errorf("existing columns: %v", err)
	}
}

func TestProfileStopsAtItsSampleSize(t *testing.T) {
	t.Parallel()
	p := tabular.NewProfile(header("a", "b"))
	for i := range tabular.SampleSize + 500 {
		p.Add(record.Values{"a": record.Text(fmt.Sprint(i % 7)), "b": record.Text(strings.Repeat(" ", i%2))})
	}
	got := p.Columns()
	if a := got[0]; a.Sampled != tabular.SampleSize || a.Filled != tabular.SampleSize || a.Unique != 7 || !cmp.Equal(a.Samples, []string{"0", "1", "2"}) {
		t.Errorf("a is %+v", a)
	}
	if b := got[1]; b.Filled != 0 || b.Unique != 0 || b.Samples != nil {
		t.Errorf("b, which is blank, is %+v", b)
	}
}

func TestProfileStopsEarlierWhereRowsAreWideOrLong(t *testing.T) {
	t.Parallel()
	wide := make([]string, 4000)
	for i := range wide {
		wide[i] = fmt.Sprint("c", i)
	}
	p := tabular.NewProfile(header(wide...))
	for range tabular.SampleSize {
		p.Add(record.Values{"c1": record.Text("x")})
	}
	if got := p.Columns()[1]; !p.Full() || got.Sampled != 250 || got.Filled != 250 {
		t.Errorf("of 4,000 columns %d rows were looked at", got.Sampled)
	}
	p = tabular.NewProfile(header("a"))
	text := strings.Repeat("x", 1<<20)
	for range tabular.SampleSize {
		p.Add(record.Values{"a": record.Text(text)})
	}
	if got := p.Columns()[0]; !p.Full() || got.Sampled != 16 {
		t.Errorf("of rows of 1 MB %d were looked at", got.Sampled)
	}
}

// Naming them one by one, each after all names before it, took minutes.
func TestManyEqualNamesAreNamedWithoutTryingAllOfThem(t *testing.T) {
	cells := make([]string, tabular.Standard.Columns)
	for i := range cells {
		cells[i] = "Name"
	}
	allocs := testing.AllocsPerRun(1, func() {
		h := header(cells...)
		if last := h.Names[len(cells)-1]; last != "Name (4000)" {
			t.Errorf("the last one is called %q", last)
		}
	})
	if allocs > 20*float64(tabular.Standard.Columns) {
		t.Errorf("%v allocations for %d names", allocs, tabular.Standard.Columns)
	}
}

func TestParseModified(t *testing.T) {
	t.Parallel()
	berlin := time.FixedZone("CET", 3600)
	want := time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC)
	for _, s := range []string{"2026-11-24T05:00:00Z", "2026-11-24T06:00:00.000+01:00", "2026-11-24T06:00:00", "2026-11-24 06:00", "24.11.2026 06:00", " 24.11.2026 06:00:00 "} {
		if got := tabular.ParseModified(s, berlin); !got.Equal(want) {
			t.Errorf("%q is %v, want %v", s, got, want)
		}
	}
	// Without a zone, a time that names none is not known: it may be off by hours.
	for _, s := range []string{"2026-11-24T06:00:00", "2026-11-24 06:00", "2026-11-24", "24.11.2026 06:00", "2026-11-24 06:00:00 CET"} {
		if got := tabular.ParseModified(s, nil); !got.IsZero() {
			t.Errorf("%q is %v without a zone, want no time", s, got)
		}
		if !strings.HasSuffix(s, "CET") && !tabular.LacksZone(s) {
			t.Errorf("%q does not lack a zone", s)
		}
	}
	for _, s := range []string{"2026-11-24T05:00:00Z", "2026-11-24T06:00:00.000+01:00", "2026-11-24 05:00:00 UTC", "2026-11-24 06:00:00 +0100"} {
		if got := tabular.ParseModified(s, nil); !got.Equal(want) || tabular.LacksZone(s) {
			t.Errorf("%q is %v, lacks a zone: %v; want %v", s, got, tabular.LacksZone(s), want)
		}
	}
	for _, s := range []string{"", "soon", "31.02.2026", "12"} {
		if got := tabular.ParseModified(s, nil); !got.IsZero() {
			t.Errorf("%q is %v, want no time", s, got)
		}
	}
}

// memory is an Editor over a slice, row n standing on line n.
type memory []record.Values

func (m *memory) Value(line int, column string) record.Value { return (*m)[line][column] }

func (m *memory) Set(line int, vs record.Values) (record.Values, error) {
	if vs["b"] == record.Text("bad") {
		return nil, errors.New("bad")
	}
	for name, v := range vs {
		(*m)[line][name] = v
	}
	return vs, nil
}

func (m *memory) Append(vs record.Values) (record.Values, error) {
	*m = append(*m, vs)
	return vs, nil
}

func (m *memory) Remove(line int) (record.Values, error) {
	was := (*m)[line]
	(*m)[line] = nil
	return was, nil
}

func TestChangesDependOnWhatCameBefore(t *testing.T) {
	t.Parallel()
	up := func(key string, fields, expect record.Values) source.Change {
		return source.Change{Kind: source.Update, Key: key, Fields: fields, Expect: expect}
	}
	del := func(key string, expect record.Values) source.Change {
		return source.Change{Kind: source.Delete, Key: key, Expect: expect}
	}
	v := func(kv ...string) record.Values {
		vs := record.Values{}
		for i := 0; i < len(kv); i += 2 {
			vs[kv[i]] = record.Text(kv[i+1])
		}
		return vs
	}
	in := func(kv ...string) source.Change { return source.Change{Kind: source.Insert, Fields: v(kv...)} }
	tests := map[string]struct {
		changes []source.Change
		want    string // states and keys
	}{
		"expectation met":                 {[]source.Change{up("1", v("b", "y"), v("b", "x"))}, "done 1"},
		"absent, null and blank are one":  {[]source.Change{up("2", v("b", "y"), record.Values{"b": record.None(), "a": record.Text("2")})}, "done 2"},
		"second sees the first":           {[]source.Change{up("1", v("b", "y"), nil), up("1", v("b", "z"), v("b", "x")), up("1", v("b", "z"), v("b", "y"))}, "done 1, moved 1, done 1"},
		"absent values write nothing":     {[]source.Change{up("1", record.Values{"b": {}}, nil)}, "done 1"},
		"new key is known at once":        {[]source.Change{up("1", v("a", "7"), nil), up("7", v("b", "y"), nil), up("1", v("b", "y"), nil)}, "done 7, done 7, moved 1"},
		"new key is another row's":        {[]source.Change{up("1", v("a", "2"), nil)}, "refused 1"},
		"new key is a coming row's":       {[]source.Change{up("1", v("a", "9"), nil), in("a", "9")}, "refused 1, done 9"},
		"inserted twice":                  {[]source.Change{in("a", "9"), in("a", "9")}, "done 9, refused 9"},
		"insert of a key that is there":   {[]source.Change{in("a", "1")}, "refused 1"},
		"insert of a key given just now":  {[]source.Change{up("1", v("a", "7"), nil), in("a", "7")}, "refused 1, done 7"},
		"refused by the file":             {[]source.Change{up("1", v("b", "bad"), nil), up("1", v("b", "y"), v("b", "x"))}, "refused 1, done 1"},
		"keys are trimmed":                {[]source.Change{in("a", " 9 "), up("9", v("b", "y"), nil)}, "done 9, moved 9"},
		"same key is no change of key":    {[]source.Change{up("1", v("a", "1", "b", "y"), nil)}, "done 1"},
		"deleted as expected":             {[]source.Change{del("1", v("b", "x")), up("1", v("b", "y"), nil)}, "done 1, moved 1"},
		"deleted and not as expected":     {[]source.Change{del("1", v("b", "z"))}, "moved 1"},
		"deleted and inserted again":      {[]source.Change{del("1", nil), in("a", "1")}, "done 1, done 1"},
		"a key that two rows have":        {[]source.Change{del("3", nil)}, "refused 3"},
		"expectation of a missing column": {[]source.Change{up("1", v("b", "y"), v("z", ""))}, "refused 1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := &memory{nil, v("a", "1", "b", "x"), v("a", "2", "b", ""), v("a", "3"), v("a", "3"), v("a", "")}
			c := tabular.NewChanges(header("a", "b"), []string{"a"}, test.changes)
			for line, row := range *m {
				c.Saw(tabular.Key([]string{"a"}, row), line)
			}
			var got []string
			for i, o := range c.Apply(m) {
				got = append(got, string(o.State)+" "+o.Key)
				if (o.Err != nil) != (o.State == source.Refused) {
					t.Errorf("change %d is %s with the error %v", i, o.State, o.Err)
				}
			}
			if s := strings.Join(got, ", "); s != test.want {
				t.Errorf("got %s, want %s", s, test.want)
			}
		})
	}
}

func header(cells ...string) tabular.Header {
	return tabular.NewHeader(cells, func(i int) string { return fmt.Sprintf("Column %d", i+1) })
}
