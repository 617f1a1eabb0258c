package definition_test

import (
	"math"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"syncline/sync/definition"
	"syncline/sync/record"
	"syncline/sync/redact"
	"syncline/sync/transform"
)

// fatal is what *testing.T and *rapid.T share.
type fatal interface {
	Helper()
	Fatalf(format string, args ...any)
}

// roundTrip writes a definition and reads it again.
func roundTrip(t fatal, d *definition.Definition) {
	t.Helper()
	doc, err := d.YAML()
	if err != nil {
		t.Fatalf("write: %v", err)
	}
	again, err := definition.Parse(doc, d.Path)
	if err != nil {
		t.Fatalf("what was written cannot be read: %v\n%s", err, doc)
	}
	if diff := cmp.Diff(d, again, same); diff != "" {
		t.Fatalf("it came back as another one (-written +read)\n%s\n%s", diff, doc)
	}
	twice, err := again.YAML()
	if err != nil || string(twice) != string(doc) {
		t.Fatalf("written twice, it is written differently (%v):\n%s\n%s", err, doc, twice)
	}
	if d.Hash() != again.Hash() || d.MappingHash() != again.MappingHash() {
		t.Fatalf("it came back with another hash")
	}
}

// TestYAML: what is written reads like the format's description.
func TestYAML(t *testing.T) {
	t.Parallel()
	d, err := definition.Load("testdata/valid/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got, err := d.YAML()
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/full.canonical.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestYAMLRefusesBrokenText(t *testing.T) {
	t.Parallel()
	d := definition.Definition{Name: "M\xfcller"}
	if _, err := d.YAML(); err == nil {
		t.Error("text that is not UTF-8 was written")
	}
}

// TestRoundTrip: any definition comes back from its document as it was.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) { roundTrip(t, anyDefinition().Draw(t, "definition")) })
	rapid.Check(t, func(t *rapid.T) { roundTrip(t, anyAssociating().Draw(t, "associations")) })
}

// anyText is mean to YAML writers: words with a meaning, numbers, punctuation,
// spaces at the ends, line ends, and characters of every kind.
func anyText() *rapid.Generator[string] {
	nasty := []string{"yes", "No", "null", "~", "true", "1", "1.0", "0x1F", "1e3", "+49", "007", "2026-11-24", "-", "- a", "?", ": ", "a: b", "a #b", "#", "*a", "&a", "!a",
		"|", ">", "%a", "@a", "`a`", "'", `"`, `\`, "{}", "[a]", "a, b", " a", "a ", "\ta", "a\nb", "\n", "a\r\nb", ".", "..", "...", "---", "<<", ".5", ".inf", "=", "\u0085", "\u2028", "\ufeff", "é", "e\u0301", "日本", "😀", "\x7f", "\x01", "a:b", "a-b", "a  b", "\u00a0"}
	return rapid.OneOf(rapid.SampledFrom(nasty), rapid.StringN(1, 12, 40),
		rapid.StringMatching(`[A-Za-z_][A-Za-z0-9_ ]{0,10}[a-z]`)).Filter(func(s string) bool { return !strings.ContainsRune(s, 0) })
}

func anyDefinition() *rapid.Generator[*definition.Definition] {
	return rapid.Custom(func(t *rapid.T) *definition.Definition {
		text := anyText()
		// One that looks like a secret is refused as the name of a connection.
		connectionName := text.Filter(func(s string) bool { return redact.Secrets(s) == s })
		directions := rapid.SampledFrom([]definition.Direction{definition.ToHubSpot, definition.FromHubSpot, definition.TwoWay})
		d := &definition.Definition{
			ID:   rapid.SampledFrom([]string{"", definition.NewID(), "billing-customers", "1234567890", "true"}).Draw(t, "id"),
			Name: text.Draw(t, "name"),
			Source: definition.Source{Kind: "csv", Path: text.Draw(t, "path"),
				Key: rapid.SliceOfNDistinct(text, 1, 3, rapid.ID).Draw(t, "key"), Modified: maybe(t, text, "modified"),
				Zone: rapid.SampledFrom([]string{"", "UTC", "America/Argentina/Buenos_Aires"}).Draw(t, "zone")},
			HubSpot: definition.HubSpot{Portal: maybe(t, connectionName, "portal"), Object: text.Draw(t, "object"),
				Match: rapid.SliceOfN(anyMatch(), 1, 3).Draw(t, "match"), Filter: rapid.SliceOfN(rapid.Map(rapid.SliceOfN(anyFilter(), 1, 3),
					func(f []definition.Filter) definition.FilterGroup { return f }), 0, 3).Draw(t, "filter")},
			Direction: directions.Draw(t, "direction"),
			Create:    rapid.SampledFrom([]definition.Create{definition.CreateNone, definition.CreateHubSpot, definition.CreateSource, definition.CreateBoth}).Draw(t, "create"),
			Delete: definition.Delete{RowGone: rapid.SampledFrom([]string{"ignore", "archive", "flag"}).Draw(t, "row gone"),
				RecordGone: rapid.SampledFrom([]string{"ignore", "delete", "flag"}).Draw(t, "record gone")},
			Duplicates: rapid.SampledFrom([]definition.Duplicates{definition.DuplicatesReview, definition.DuplicatesFirst, definition.DuplicatesLast}).Draw(t, "duplicates"),
			Verify:     rapid.SampledFrom([]definition.Verify{definition.VerifyAuto, definition.VerifyAll, definition.VerifySample, definition.VerifyNone}).Draw(t, "verify"),
			Fields:     rapid.SliceOfN(anyField(), 1, 4).Draw(t, "fields"),
			Guards:     definition.Guards{Creates: anyLimit(t), Updates: anyLimit(t), Clears: anyLimit(t), Archives: anyLimit(t)},
		}
		if d.Delete.RowGone == "flag" || rapid.Bool().Draw(t, "flag record") {
			d.Delete.FlagRecord = &definition.FlagRecord{Property: text.Draw(t, "flag property"), Value: text.Draw(t, "flag value")}
		}
		if d.Delete.RecordGone == "flag" || rapid.Bool().Draw(t, "flag row") {
			d.Delete.FlagRow = &definition.FlagRow{Field: text.Draw(t, "flag field"), Value: text.Draw(t, "flag value")}
		}
		if rapid.Bool().Draw(t, "workbook") {
			d.Source.Kind, d.Source.Sheet = "excel", maybe(t, text, "sheet")
		}
		for range rapid.IntRange(0, 2).Draw(t, "associations") {
			a := definition.Association{To: text.Draw(t, "to"), End: anyEnd().Draw(t, "end"), Split: maybe(t, text, "split"),
				Label: anyLabel().Draw(t, "label"), RemoveOthers: rapid.Bool().Draw(t, "remove")}
			a.CreateMissing = a.End.Link.Sync == "" && rapid.Bool().Draw(t, "make")
			d.Associations = append(d.Associations, a)
		}
		return d
	})
}

// anyAssociating is a definition whose rows are associations.
func anyAssociating() *rapid.Generator[*definition.Definition] {
	return rapid.Custom(func(t *rapid.T) *definition.Definition {
		d, end := anyDefinition().Draw(t, "definition"), func(name string) definition.AssociateEnd {
			return definition.AssociateEnd{Object: anyText().Draw(t, name), End: anyEnd().Draw(t, name+" end")}
		}
		d.Associate = &definition.Associate{From: end("from"), To: end("to"), Label: anyLabel().Draw(t, "label"), RemoveOthers: rapid.Bool().Draw(t, "remove")}
		d.HubSpot = definition.HubSpot{Portal: d.HubSpot.Portal, Object: d.Associate.From.Object}
		d.Direction, d.Create, d.Duplicates = definition.ToHubSpot, definition.CreateNone, definition.DuplicatesReview
		d.Delete, d.Fields, d.Associations = definition.Delete{RowGone: "ignore", RecordGone: "ignore"}, nil, nil
		return d
	})
}

func anyEnd() *rapid.Generator[definition.End] {
	return rapid.Custom(func(t *rapid.T) definition.End {
		if rapid.Bool().Draw(t, "by link") {
			return definition.End{Link: definition.LinkKey{Sync: anyText().Draw(t, "sync"), Field: anyText().Draw(t, "key")}}
		}
		return definition.End{Match: anyMatch().Draw(t, "match")}
	})
}

func anyLabel() *rapid.Generator[definition.Label] {
	return rapid.Custom(func(t *rapid.T) definition.Label {
		if rapid.Bool().Draw(t, "the same for all") {
			return definition.Label{Name: maybe(t, anyText(), "name")}
		}
		values := rapid.MapOfN(anyText(), rapid.OneOf(rapid.Just(""), anyText()), 0, 9).Draw(t, "values")
		return definition.Label{Field: anyText().Draw(t, "column"), Values: values}
	})
}

func maybe(t *rapid.T, g *rapid.Generator[string], label string) string {
	if rapid.Bool().Draw(t, "has "+label) {
		return g.Draw(t, label)
	}
	return ""
}

func anyMatch() *rapid.Generator[definition.MatchKey] {
	return rapid.Custom(func(t *rapid.T) definition.MatchKey {
		return definition.MatchKey{Field: anyText().Draw(t, "field"), Property: anyText().Draw(t, "property")}
	})
}

func anyFilter() *rapid.Generator[definition.Filter] {
	return rapid.Custom(func(t *rapid.T) definition.Filter {
		text := anyText()
		f := definition.Filter{Property: text.Draw(t, "property"), Operator: rapid.SampledFrom([]string{"EQ", "BETWEEN", "IN", "HAS_PROPERTY"}).Draw(t, "operator")}
		switch f.Operator {
		case "EQ":
			f.Value = text.Draw(t, "value")
		case "BETWEEN":
			f.Value, f.HighValue = text.Draw(t, "value"), text.Draw(t, "high value")
		case "IN":
			f.Values = rapid.SliceOfN(text, 1, 3).Draw(t, "values")
		}
		return f
	})
}

func anyLimit(t *rapid.T) *definition.Limit {
	switch rapid.IntRange(0, 2).Draw(t, "limit") {
	case 1:
		return &definition.Limit{Count: rapid.IntRange(0, math.MaxInt32).Draw(t, "count")}
	case 2:
		return &definition.Limit{Percent: float64(rapid.IntRange(0, 1000).Draw(t, "share")) / 10, Share: true}
	}
	return nil
}

func anyField() *rapid.Generator[definition.Field] {
	return rapid.Custom(func(t *rapid.T) definition.Field {
		text := anyText()
		f := definition.Field{Field: text.Draw(t, "field"), Property: text.Draw(t, "property"),
			Direction: rapid.SampledFrom([]definition.Direction{definition.ToHubSpot, definition.FromHubSpot, definition.TwoWay}).Draw(t, "direction"),
			Compare:   rapid.SampledFrom(append(record.Comparisons(), "")).Draw(t, "compare"),
			Conflict:  rapid.SampledFrom([]definition.Policy{definition.Review, definition.TakeSource, definition.TakeHubSpot, definition.Newest}).Draw(t, "conflict"),
			Unmapped:  "reject", Blank: "ignore"}
		if rapid.IntRange(0, 3).Draw(t, "constant") == 0 {
			v := rapid.OneOf(rapid.Just(""), text).Draw(t, "constant's value")
			f.Constant, f.Field, f.Direction = &v, "", definition.ToHubSpot
			return f
		}
		f.Blank = rapid.SampledFrom([]string{"ignore", "clear"}).Draw(t, "blank")
		if rapid.Bool().Draw(t, "has values") {
			var pairs []definition.Pair
			targets := rapid.SliceOfNDistinct(text, 1, 9, rapid.ID).Draw(t, "targets")
			for i, v := range rapid.SliceOfNDistinct(text, len(targets), len(targets), rapid.ID).Draw(t, "values") {
				pairs = append(pairs, definition.Pair{Field: v, Property: targets[i]})
			}
			f.Values = definition.NewValueMap(pairs...)
			f.Unmapped = rapid.SampledFrom([]string{"reject", "keep", "blank"}).Draw(t, "unmapped")
		}
		if rapid.Bool().Draw(t, "has transforms") {
			f.ToHubSpot = transform.Chain{{Name: "trim"}, {Name: "phone", Args: map[string]any{"region": "DE"}}}
			if f.Direction == definition.ToHubSpot {
				f.ToHubSpot = append(f.ToHubSpot, transform.Step{Name: "prefix", Args: map[string]any{"": text.Draw(t, "prefix")}},
					transform.Step{Name: "truncate", Args: map[string]any{"": rapid.IntRange(1, 99).Draw(t, "length")}})
			} else {
				f.FromHubSpot = transform.Chain{{Name: "lower"}}
			}
		}
		return f
	})
}

// TestHash: it changes with what a sync means, and with nothing else.
func TestHash(t *testing.T) {
	t.Parallel()
	load := func() *definition.Definition {
		d, err := definition.Load("testdata/valid/full.yaml")
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	tests := []struct {
		name          string
		change        func(*definition.Definition)
		hash, mapping bool // changes
	}{
		{"id", func(d *definition.Definition) { d.ID = "x" }, false, false},
		{"name", func(d *definition.Definition) { d.Name = "x" }, false, false},
		{"verification", func(d *definition.Definition) { d.Verify = definition.VerifyAll }, false, false},
		{"duplicates", func(d *definition.Definition) { d.Duplicates = definition.DuplicatesLast }, true, false},
		{"flag of records", func(d *definition.Definition) { d.Delete.FlagRecord.Value = "x" }, true, false},
		{"flag of rows", func(d *definition.Definition) { d.Delete.FlagRow = nil }, true, false},
		{"zone", func(d *definition.Definition) { d.Source.Zone = "UTC" }, true, true},
		{"portal", func(d *definition.Definition) { d.HubSpot.Portal = "x" }, false, false},
		{"guards", func(d *definition.Definition) { d.Guards = definition.Guards{} }, false, false},
		{"path of the document", func(d *definition.Definition) { d.Path = "elsewhere.yaml" }, false, false},
		{"direction", func(d *definition.Definition) { d.Direction = definition.ToHubSpot }, true, false},
		{"create", func(d *definition.Definition) { d.Create = definition.CreateBoth }, true, false},
		{"delete", func(d *definition.Definition) { d.Delete.RowGone = "archive" }, true, false},
		{"match", func(d *definition.Definition) { d.HubSpot.Match = d.HubSpot.Match[:1] }, true, false},
		{"filter", func(d *definition.Definition) { d.HubSpot.Filter[0][0].Value = "lead" }, true, false},
		{"policy", func(d *definition.Definition) { d.Fields[0].Conflict = definition.Newest }, true, false},
		{"blank", func(d *definition.Definition) { d.Fields[0].Blank = "clear" }, true, false},
		{"association", func(d *definition.Definition) { d.Associations[0].RemoveOthers = true }, true, false},
		{"source", func(d *definition.Definition) { d.Source.Path = "other.csv" }, true, true},
		{"key", func(d *definition.Definition) { d.Source.Key = []string{"Email"} }, true, true},
		{"object", func(d *definition.Definition) { d.HubSpot.Object = "companies" }, true, true},
		{"property", func(d *definition.Definition) { d.Fields[1].Property = "mobilephone" }, true, true},
		{"comparison", func(d *definition.Definition) { d.Fields[1].Compare = record.CompareText }, true, true},
		{"transforms", func(d *definition.Definition) { d.Fields[1].ToHubSpot = nil }, true, true},
		{"value map", func(d *definition.Definition) {
			d.Fields[2].Values = definition.NewValueMap(definition.Pair{Field: "Active", Property: "lead"})
		}, true, true},
		{"constant", func(d *definition.Definition) { v := "x"; d.Fields[4].Constant = &v }, true, true},
	}
	before := load()
	for _, tt := range tests {
		d := load()
		tt.change(d)
		if changed := d.Hash() != before.Hash(); changed != tt.hash {
			t.Errorf("%s: the hash changed: %v, want %v", tt.name, changed, tt.hash)
		}
		if changed := d.MappingHash() != before.MappingHash(); changed != tt.mapping {
			t.Errorf("%s: the mapping hash changed: %v, want %v", tt.name, changed, tt.mapping)
		}
	}
}

// TestLargeValueMap: a map of ten thousand lines is read and written in
// reasonable time.
// A value map of ten times the entries takes about ten times the work, told by
// what is allocated.
//
//nolint:paralleltest // others would allocate too
func TestLargeValueMap(t *testing.T) {
	work := func(entries int) float64 {
		var b strings.Builder
		b.WriteString("syncline: 1\nname: Large\nsource: { kind: csv, path: a.csv, key: [id] }\nhubspot: { object: contacts, match: [{ field: A, property: a }] }\ndirection: two-way\nfields:\n  - field: A\n    property: a\n    values:\n")
		for i := range entries {
			b.WriteString("      Customer number " + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + itoa(i) + ": c" + itoa(i) + "\n")
		}
		return testing.AllocsPerRun(1, func() { roundTrip(t, parse(t, b.String())) })
	}
	if small, large := work(1_000), work(10_000); large > 15*small {
		t.Errorf("1,000 entries take %.0f allocations, 10,000 take %.0f", small, large)
	}
}

func itoa(n int) string {
	return string([]byte{byte('0' + n/1000), byte('0' + n/100%10), byte('0' + n/10%10), byte('0' + n%10)})
}
