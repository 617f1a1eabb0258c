package definition_test

import (
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"syncline/sync/definition"
)

func TestValueMap(t *testing.T) {
	t.Parallel()
	m := definition.NewValueMap(
		definition.Pair{Field: "Active", Property: "customer"},
		definition.Pair{Field: "Live", Property: "customer"},
		definition.Pair{Field: "Ja", Property: "Y"},
		definition.Pair{Field: "JA", Property: "yes"},
		definition.Pair{Field: "", Property: "none"},
		definition.Pair{Field: "Gone", Property: ""},
	)
	tests := []struct {
		way  string
		find func(string) (string, bool)
		in   string
		want string
		ok   bool
	}{
		{"to", m.To, "Active", "customer", true},
		{"to", m.To, " active ", "customer", true},
		{"to", m.To, "Ja", "Y", true},
		{"to", m.To, "JA", "yes", true},
		{"to", m.To, "ja", "", false}, // either could be meant
		{"to", m.To, "", "none", true},
		{"to", m.To, "Gone", "", true},
		{"to", m.To, "Activ", "", false},
		{"from", m.From, "customer", "Active", true}, // the first one
		{"from", m.From, "CUSTOMER", "Active", true},
		{"from", m.From, "", "Gone", true},
		{"from", m.From, "lead", "", false},
	}
	for _, tt := range tests {
		if got, ok := tt.find(tt.in); got != tt.want || ok != tt.ok {
			t.Errorf("%s %q = %q, %v; want %q, %v", tt.way, tt.in, got, ok, tt.want, tt.ok)
		}
	}
}

func TestNoValueMap(t *testing.T) {
	t.Parallel()
	var m *definition.ValueMap
	if _, ok := m.To("a"); ok {
		t.Error("To found something")
	}
	if _, ok := m.From("a"); ok {
		t.Error("From found something")
	}
	if m.Pairs() != nil || !m.Equal(nil) || m.Equal(definition.NewValueMap()) {
		t.Error("a nil map is not just empty")
	}
}

// TestValueMapInverse: what an unambiguous map translates, it translates back.
func TestValueMapInverse(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfNDistinct(anyText(), 2, 20, rapid.ID).Draw(t, "words")
		var pairs []definition.Pair
		for i := 0; i+1 < len(words); i += 2 {
			pairs = append(pairs, definition.Pair{Field: words[i], Property: words[i+1]})
		}
		m := definition.NewValueMap(pairs...)
		for _, p := range pairs {
			there, ok := m.To(p.Field)
			if back, ok2 := m.From(there); !ok || !ok2 || there != p.Property || back != p.Field {
				t.Fatalf("%q became %q and came back as %q", p.Field, there, back)
			}
		}
	})
}

func TestLimit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in    string
		want  string // "" is refused
		of    int
		share int // of 1000
	}{
		{"1000", "1000", 1000, 1000}, {"0", "0", 0, 0}, {"20%", "20%", 0, 200}, {"20 %", "20%", 0, 200}, {"12.5%", "12.5%", 0, 125},
		{"0%", "0%", 0, 0}, {"100%", "100%", 0, 1000}, {"0.05%", "0.05%", 0, 0},
		{"", "", 0, 0}, {"-1", "", 0, 0}, {"+1", "", 0, 0}, {"1.5", "", 0, 0}, {"101%", "", 0, 0}, {"-1%", "", 0, 0}, {"%", "", 0, 0},
		{"NaN%", "", 0, 0}, {"1e1%", "", 0, 0}, {"ten", "", 0, 0}, {"1_000", "", 0, 0}, {"99999999999999999999", "", 0, 0},
	}
	for _, tt := range tests {
		l, err := definition.ParseLimit(tt.in)
		if tt.want == "" {
			if err == nil {
				t.Errorf("%q was taken as %v", tt.in, l)
			}
			continue
		}
		if err != nil || l.String() != tt.want || l.Of(1000) != tt.share {
			t.Errorf("%q = %v, of 1000 %d (%v); want %s, %d", tt.in, l, l.Of(1000), err, tt.want, tt.share)
		}
	}
}

func TestSourcePath(t *testing.T) {
	t.Parallel()
	absolute := filepath.Join(t.TempDir(), "a.csv")
	tests := []struct{ document, path, want string }{
		{"", "a.csv", "a.csv"},
		{filepath.Join("syncs", "s.yaml"), "data/a.csv", filepath.Join("syncs", "data", "a.csv")},
		{filepath.Join("syncs", "s.yaml"), "../a.csv", "a.csv"},
		{filepath.Join("syncs", "s.yaml"), absolute, absolute},
		{filepath.Join("syncs", "s.yaml"), "", ""},
	}
	for _, tt := range tests {
		d := definition.Definition{Path: tt.document, Source: definition.Source{Path: tt.path}}
		if got := d.SourcePath(); got != tt.want {
			t.Errorf("%q beside %q = %q, want %q", tt.path, tt.document, got, tt.want)
		}
	}
}
