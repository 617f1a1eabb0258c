package definition_test

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"syncline/sync/definition"
	"syncline/sync/transform"
)

var update = flag.Bool("update", false, "write the messages of testdata/broken anew")

// same compares definitions by what they say, not by where it stood.
var same = cmp.Options{cmpopts.IgnoreUnexported(definition.Definition{}), cmpopts.IgnoreFields(definition.Definition{}, "Path"), cmpopts.EquateEmpty()}

func parse(t *testing.T, doc string) *definition.Definition {
	t.Helper()
	d, err := definition.Parse([]byte(doc), "")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func problems(t *testing.T, err error) []definition.Problem {
	t.Helper()
	var e *definition.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a *definition.Error", err)
	}
	return e.Problems
}

// TestFullExample: the example of the format's description means what its
// comments say.
func TestFullExample(t *testing.T) {
	t.Parallel()
	d, err := definition.Load("testdata/valid/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	constant := "Billing import"
	count := func(n int) *definition.Limit { return &definition.Limit{Count: n} }
	field := func(f definition.Field) definition.Field {
		if f.Direction == "" {
			f.Direction = definition.TwoWay
		}
		if f.Conflict == "" {
			f.Conflict = definition.Review
		}
		f.Unmapped, f.Blank = "reject", "ignore"
		return f
	}
	want := &definition.Definition{
		ID:     "k7q2m9xw4r",
		Name:   "Billing customers to contacts",
		Source: definition.Source{Kind: "csv", Path: "customers.csv", Key: []string{"customer_id"}, Modified: "updated_at", Zone: "Europe/Berlin"},
		HubSpot: definition.HubSpot{Portal: "Acme production", Object: "contacts",
			Match:  []definition.MatchKey{{Field: "Email", Property: "email"}, {Field: "Legacy id", Property: "legacy_customer_id"}},
			Filter: []definition.FilterGroup{{{Property: "lifecyclestage", Operator: "NEQ", Value: "subscriber"}}}},
		Direction: definition.TwoWay,
		Create:    definition.CreateHubSpot,
		Delete: definition.Delete{RowGone: "ignore", FlagRecord: &definition.FlagRecord{Property: "customer_status", Value: "Gone"},
			RecordGone: "ignore", FlagRow: &definition.FlagRow{Field: "Active", Value: "no"}},
		Duplicates: definition.DuplicatesReview,
		Verify:     definition.VerifyAuto,
		Fields: []definition.Field{
			field(definition.Field{Field: "Email", Property: "email", Compare: "email"}),
			field(definition.Field{Field: "Phone", Property: "phone", Compare: "phone",
				ToHubSpot: transform.Chain{{Name: "trim"}, {Name: "phone", Args: map[string]any{"region": "DE"}}}}),
			field(definition.Field{Field: "Status", Property: "lifecyclestage", Direction: definition.ToHubSpot,
				Values: definition.NewValueMap(definition.Pair{Field: "Active", Property: "customer"}, definition.Pair{Field: "Trial", Property: "opportunity"})}),
			field(definition.Field{Field: "Plan", Property: "plan_name"}),
			field(definition.Field{Property: "lead_source", Constant: &constant, Direction: definition.ToHubSpot}),
		},
		Associations: []definition.Association{{To: "companies", End: definition.End{Match: definition.MatchKey{Field: "Company domain", Property: "domain"}},
			Label: definition.Label{Name: "Primary"}, CreateMissing: true}},
		Guards: definition.Guards{Creates: count(1000), Updates: &definition.Limit{Percent: 50, Share: true}, Clears: count(100), Archives: count(0)},
	}
	if diff := cmp.Diff(want, d, same); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got, want := d.SourcePath(), filepath.Join("testdata", "valid", "customers.csv"); got != want {
		t.Errorf("SourcePath = %q, want %q", got, want)
	}
	for part, line := range map[string]int{"id": 2, "name": 3, "source.key": 10, "source.key[0]": 10, "hubspot.match[1].property": 18, "hubspot.filter[0][0].operator": 20,
		"delete.flag-record.value": 25, "delete.flag-row": 27, "fields[2]": 39, "fields[2].values": 42, "associations[0].match.field": 51, "guards.archives": 59, "fields[9]": 0, "": 0} {
		if got := d.Line(part); got != line {
			t.Errorf("Line(%q) = %d, want %d", part, got, line)
		}
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	d, err := definition.Load("testdata/valid/minimal.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := &definition.Definition{
		Name:       "minimal", // the file's
		Source:     definition.Source{Kind: "csv", Path: "people.csv", Key: []string{"Email"}},
		HubSpot:    definition.HubSpot{Object: "contacts", Match: []definition.MatchKey{{Field: "Email", Property: "email"}}},
		Direction:  definition.ToHubSpot,
		Create:     definition.CreateNone,
		Delete:     definition.Delete{RowGone: "ignore", RecordGone: "ignore"},
		Duplicates: definition.DuplicatesReview,
		Verify:     definition.VerifyAuto,
		Fields: []definition.Field{{Field: "Email", Property: "email", Direction: definition.ToHubSpot, Conflict: definition.Review,
			Unmapped: "reject", Blank: "ignore"}},
	}
	if diff := cmp.Diff(want, d, same); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestTextStaysAsWritten: nothing that a person wrote becomes a number, a
// boolean or a date on the way.
func TestTextStaysAsWritten(t *testing.T) {
	t.Parallel()
	d, err := definition.Load("testdata/valid/odd-but-right.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got := append([]string{d.Name, d.Source.Path, d.Source.Sheet}, d.Source.Key...)
	for _, p := range d.Fields[1].Values.Pairs() {
		got = append(got, p.Field+" → "+p.Property)
	}
	want := []string{`Ä: "quoted" # no comment`, `C:\data\it's here.xlsx`, "2026-11", "007", "No",
		"1 → one", "1.0 → one point nought", "yes → sure", " → nothing", "null value → ", "Änderung → umlaut"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestTransformArguments(t *testing.T) {
	t.Parallel()
	d := parse(t, `
syncline: 1
source: { kind: csv, path: a.csv, key: [id] }
hubspot: { object: contacts, match: [{ field: A, property: a }] }
direction: to-hubspot
fields:
  - { field: A, property: a, to-hubspot: [{ prefix: +49 }, { prefix: 0049 }, { prefix: "49" }, { truncate: 20 }] }
  - { field: B, property: b, to-hubspot: lower }
`)
	want := transform.Chain{
		{Name: "prefix", Args: map[string]any{"": "+49"}}, {Name: "prefix", Args: map[string]any{"": "0049"}},
		{Name: "prefix", Args: map[string]any{"": "49"}}, {Name: "truncate", Args: map[string]any{"": 20}},
	}
	if diff := cmp.Diff(want, d.Fields[0].ToHubSpot); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(transform.Chain{{Name: "lower"}}, d.Fields[1].ToHubSpot); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestValid: every document in testdata/valid is read, and written and read
// again as the same.
func TestValid(t *testing.T) {
	t.Parallel()
	for _, path := range glob(t, "testdata/valid/*.yaml") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			d, err := definition.Load(path)
			if err != nil {
				t.Fatal(err)
			}
			roundTrip(t, d)
		})
	}
}

// TestBroken: every document in testdata/broken is refused with exactly the
// message beside it.
func TestBroken(t *testing.T) {
	t.Parallel()
	for _, path := range glob(t, "testdata/broken/*.yaml") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			_, err := definition.Load(path)
			if err == nil {
				t.Fatal("it was read")
			}
			problems(t, err)
			beside := strings.TrimSuffix(path, ".yaml") + ".txt"
			if *update {
				if err := os.WriteFile(beside, []byte(err.Error()+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, readErr := os.ReadFile(beside)
			if readErr != nil {
				t.Fatal(readErr)
			}
			if diff := cmp.Diff(string(want), err.Error()+"\n"); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Error("the message gives the password away")
			}
		})
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no documents in %s (%v)", pattern, err)
	}
	return paths
}

// TestEveryKeyMatters: misspelling any key is reported at its line, with the
// key that was meant.
func TestEveryKeyMatters(t *testing.T) {
	t.Parallel()
	full, err := os.ReadFile("testdata/valid/full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(full), "\n")
	for i, line := range lines {
		key, _, ok := strings.Cut(strings.TrimLeft(line, " -"), ":")
		if !ok || strings.HasPrefix(key, "#") || strings.HasPrefix(key, "{") || key == "syncline" {
			continue
		}
		broken := slices.Clone(lines)
		broken[i] = strings.Replace(line, key+":", key+"x:", 1)
		_, err := definition.Parse([]byte(strings.Join(broken, "\n")), "")
		if err == nil {
			t.Errorf("line %d: %q was taken", i+1, broken[i])
			continue
		}
		want := `there is no key "` + key + `x" here. Did you mean "` + key + `"?`
		if !slices.ContainsFunc(problems(t, err), func(p definition.Problem) bool { return p.Line == i+1 && p.Msg == want }) {
			t.Errorf("line %d: %q is not named: %v", i+1, broken[i], err)
		}
	}
}

func TestNotText(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, doc, want string }{
		{"Latin-1", "syncline: 1\nname: M\xfcller\n", "the definition: line 2: this line is not UTF-8 text. Save the document as UTF-8."},
		{"UTF-16", "\xff\xfes\x00y\x00", "the definition: line 1: this line is not UTF-8 text. Save the document as UTF-8."},
		{"zeros", "syncline: 1\x00", "the definition: the document has binary content, so it is not the definition of a sync."},
		{"long", strings.Repeat("a: b\n", 20_001), "the definition: the document has more than 20,000 lines, so it is not the definition of a sync."},
		{"huge", strings.Repeat("# a workbook?\n", 100_000), "the definition: the document is larger than 1 MB, so it is not the definition of a sync."},
		{"nothing", "", "the definition: the document is empty. A definition starts with the line: syncline: 1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := definition.Parse([]byte(tt.doc), ""); err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %v", err, tt.want)
			}
		})
	}
}

// TestLineEnds: the line of a problem is that of the document, whatever its
// lines end with, and comments in it.
func TestLineEnds(t *testing.T) {
	t.Parallel()
	doc := "# ours\nsyncline: 1 # format\n\n# the name\nname: A # short\nsource: { kind: csv, path: a.csv, key: [id] }\ncolour: red\n" +
		"hubspot: { object: contacts, match: [{ field: Email, property: email }] }\ndirection: to-hubspot # only\nfields: [{ field: Email, property: email }]\n"
	for _, end := range []string{"\n", "\r\n", "\r"} {
		for _, mark := range []string{"", "\ufeff"} {
			_, err := definition.Parse([]byte(mark+strings.ReplaceAll(doc, "\n", end)), "")
			if ps := problems(t, err); len(ps) != 1 || ps[0].Line != 7 {
				t.Errorf("%q %q: %v, want a problem in line 7", mark, end, err)
			}
		}
	}
}

func TestLoadMissingFile(t *testing.T) {
	t.Parallel()
	if _, err := definition.Load(filepath.Join(t.TempDir(), "none.yaml")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want that the file does not exist", err)
	}
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{
		"postgres://app@db/crm":                       false,
		"postgres://app:hunter2@db/crm":               true,
		"postgres://app:hun%20ter2@db:5432/crm":       true,
		"postgres://app@db/crm?sslmode=require":       false,
		"postgres://db/crm?user=app&password=hunter2": true,
		"host=db user=app dbname=crm":                 false,
		"host=db user=app password=hunter2":           true,
		"host=db user=app PASSWORD = 'hunter2'":       true,
		"app@tcp(db:3306)/crm":                        false,
		"app:hunter2@tcp(db:3306)/crm":                true,
		"app:hunter2@/crm":                            true,
		"app@tcp(db:3306)/crm?parseTime=true":         false,
	}
	for dsn, refused := range tests {
		_, err := definition.Parse([]byte(`
syncline: 1
source: { kind: mysql, dsn: "`+dsn+`", table: t, key: [id] }
hubspot: { object: contacts, match: [{ field: A, property: a }] }
direction: to-hubspot
fields: [{ field: A, property: a }]
`), "")
		if (err != nil) != refused {
			t.Errorf("%s: got %v, want refused: %v", dsn, err, refused)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the message gives the password away: %v", dsn, err)
		}
	}
}

// FuzzParse: whatever stands in a document, Parse returns, and with a
// definition or with problems that have a message.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/valid/*.yaml", "testdata/broken/*.yaml"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := definition.Parse(data, "fuzz.yaml")
		if err == nil {
			roundTrip(t, d)
			return
		}
		for _, p := range problems(t, err) {
			if p.Msg == "" || p.Line < 0 {
				t.Errorf("problem without a message or a place: %+v", p)
			}
		}
	})
}

// A definition holds no secret, in whatever place somebody puts one.
func TestSecretsInOtherPlacesAreRefused(t *testing.T) {
	t.Parallel()
	for where, lines := range map[string][2]string{
		"hubspot.portal": {"kind: csv, path: a.csv", "portal: pat-na1-11111111-2222-3333-4444-hunter2hunter, "},
		"source.path":    {`kind: csv, path: "postgres://app:hunter2@db/crm"`, ""},
	} {
		_, err := definition.Parse([]byte(`
syncline: 1
source: { `+lines[0]+`, key: [id] }
hubspot: { `+lines[1]+`object: contacts, match: [{ field: A, property: a }] }
direction: to-hubspot
fields: [{ field: A, property: a }]
`), "")
		if err == nil || !strings.Contains(err.Error(), where) || !strings.Contains(err.Error(), "Take it out") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", where, err)
		}
	}
}
