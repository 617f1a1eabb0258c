package csvfile_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/csvfile"
	"syncline/sync/source/tabular"
)

func TestRowsUnderstandTheFormsPeopleSave(t *testing.T) {
	t.Parallel()
	want := []map[string]string{
		{"Id": "1", "Name": "Grüße, Zoë", "Note": "two\nlines"},
		{"Id": "2", "Name": `Joe "Ace" Doe`, "Note": ""},
	}
	const plain = "Id,Name,Note\n1,\"Grüße, Zoë\",\"two\nlines\"\n2,\"Joe \"\"Ace\"\" Doe\",\n"
	semicolon := "Id;Name;Note\n1;Grüße, Zoë;\"two\nlines\"\n2;\"Joe \"\"Ace\"\" Doe\";\n"
	tests := map[string][]byte{
		"comma, LF":                 []byte(plain),
		"no final newline":          []byte(strings.TrimSuffix(plain, "\n")),
		"semicolon":                 []byte(semicolon),
		"tab":                       []byte(strings.ReplaceAll(semicolon, ";", "\t")),
		"vertical bar":              []byte(strings.ReplaceAll(semicolon, ";", "|")),
		"sep directive":             []byte("sep=;\r\n" + semicolon),
		"everything quoted":         []byte("\"Id\",\"Name\",\"Note\"\n\"1\",\"Grüße, Zoë\",\"two\nlines\"\n\"2\",\"Joe \"\"Ace\"\" Doe\",\"\"\n"),
		"spaces before quotes":      []byte("\"Id\", \"Name\", \"Note\"\n\"1\", \"Grüße, Zoë\", \"two\nlines\"\n\"2\", \"Joe \"\"Ace\"\" Doe\", \"\"\n"),
		"UTF-8 with BOM":            append([]byte{0xEF, 0xBB, 0xBF}, plain...),
		"UTF-16 LE with BOM":        append([]byte{0xFF, 0xFE}, encode(t, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), semicolon)...),
		"UTF-16 BE with BOM":        append([]byte{0xFE, 0xFF}, encode(t, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), semicolon)...),
		"UTF-16 LE without BOM":     encode(t, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), plain),
		"UTF-16 BE without BOM":     encode(t, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), plain),
		"Windows-1252":              encode(t, charmap.Windows1252, semicolon),
		"empty lines in all places": []byte("\n\n" + strings.ReplaceAll(plain, "2,", "\n \n2,") + "\n\n,,\n\n"),
	}
	for name, content := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, write(t, content), "Id")
			if diff := cmp.Diff(want, texts(t, s)); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLineEndingsMayBeOfAnyKind(t *testing.T) {
	t.Parallel()
	for _, eol := range []string{"\n", "\r\n", "\r"} {
		content := strings.Join([]string{"a,b", "1,\"x" + eol + "y\"", "2,z", ""}, eol)
		s := open(t, write(t, []byte(content)), "a")
		want := []map[string]string{{"a": "1", "b": "x" + eol + "y"}, {"a": "2", "b": "z"}}
		if diff := cmp.Diff(want, texts(t, s)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", eol, diff)
		}
		var lines []int
		for row, err := range s.Rows(t.Context(), time.Time{}) {
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, row.Line)
		}
		if diff := cmp.Diff([]int{2, 4}, lines); diff != "" {
			t.Errorf("%q lines (-want +got):\n%s", eol, diff)
		}
	}
}

func TestRaggedRowsAreReportedAndReadingGoesOn(t *testing.T) {
	t.Parallel()
	s := open(t, write(t, []byte("a,b,c\n1,x,y\n2,x\n3,x,y,z\n\"4\"5,x,y\n6,x,y\n")), "a")
	var got []string
	for row, err := range s.Rows(t.Context(), time.Time{}) {
		var bad *source.RowError
		switch {
		case errors.As(err, &bad):
			got = append(got, fmt.Sprintf("%s: line %d %s", row.Key, bad.Line, bad.Msg))
		case err != nil:
			t.Fatal(err)
		default:
			got = append(got, row.Key)
		}
	}
	want := []string{
		"1",
		"2", // the cells that it lacks are empty
		"3: line 4 has 4 cells, the header has 3",
		"45: line 5 has text after the closing quote of cell 1; inside quotes, write a quote twice",
		"6",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAQuoteLeftOpenEndsTheReadingWithItsLine(t *testing.T) {
	t.Parallel()
	s := open(t, write(t, []byte("a,b\n1,x\n2,\"y\n3,z\n4,z\n")), "a")
	var last error
	rows := 0
	for _, err := range s.Rows(t.Context(), time.Time{}) {
		if last = err; err == nil {
			rows++
		}
	}
	if last == nil || rows != 1 || !strings.Contains(last.Error(), "opens on line 3 is never closed") {
		t.Errorf("%d rows, then %v; want 1 row, then the quote on line 3", rows, last)
	}
}

func TestBrokenCharactersCondemnOnlyTheirColumn(t *testing.T) {
	t.Parallel()
	s := open(t, write(t, []byte("a,b,c\n1,äöü,é\n2,\xff,é\n")), "a")
	var bad *source.RowError
	for _, err := range s.Rows(t.Context(), time.Time{}) {
		if err != nil && !errors.As(err, &bad) {
			t.Fatal(err)
		}
	}
	if bad == nil || bad.Line != 3 || !cmp.Equal(bad.Columns, []string{"b"}) {
		t.Errorf("got %+v, want column b of line 3", bad)
	}
}

func TestOpenSaysWhatIsWrongWithAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	tests := map[string]struct {
		path string
		key  []string
		want string
	}{
		"missing":      {filepath.Join(dir, "no.csv"), nil, "is not there"},
		"missing dir":  {filepath.Join(dir, "no", "no.csv"), nil, "does not exist"},
		"folder":       {dir, nil, "is a folder"},
		"empty":        {write(t, nil), nil, "is empty"},
		"only spaces":  {write(t, []byte("\n \n")), nil, "has no text"},
		"binary":       {write(t, []byte("a,b\x00\x01\x02")), nil, "is not a text file"},
		"UTF-32":       {write(t, []byte{0xFF, 0xFE, 0, 0, 'a', 0, 0, 0}), nil, "UTF-32"},
		"key missing":  {write(t, []byte("customer_id,b\n1,2\n")), []string{"customerid"}, "did you mean “customer_id”?"},
		"key and list": {write(t, []byte("customer_id,b\n1,2\n")), []string{"zzz"}, "The columns are: customer_id, b."},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := csvfile.Open(t.Context(), csvfile.Options{Path: test.path, Key: test.key})
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), test.path) {
				t.Errorf("got %v, want %q and the path", err, test.want)
			}
		})
	}
	_, err := csvfile.Open(t.Context(), csvfile.Options{Path: tests["key and list"].path, Key: []string{"zzz"}})
	var column *tabular.ColumnError
	if !errors.As(err, &column) || column.Column != "zzz" {
		t.Errorf("a missing key column is %v, want a *tabular.ColumnError", err)
	}
}

func TestDescribeProfilesTheColumns(t *testing.T) {
	t.Parallel()
	s := open(t, write(t, []byte("Id;Name;;Name\r\n1;Ann;x;\r\n2;Bob;;\r\n3;Ann;;\r\n4;5\r\n6;7;8;9;10\r\n")), "Id")
	schema, err := s.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []source.Column
	for _, c := range schema.Columns {
		c.Type = "" // the guess has its own tests
		got = append(got, c)
	}
	want := []source.Column{
		{Name: "Id", Sampled: 4, Filled: 4, Unique: 4, Samples: []string{"1", "2", "3"}},
		{Name: "Name", Sampled: 4, Filled: 4, Unique: 3, Samples: []string{"Ann", "Bob", "5"}},
		{Name: "Column 3", Sampled: 4, Filled: 1, Unique: 1, Samples: []string{"x"}},
		{Name: "Name (2)", Sampled: 4},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
	wantDetails := map[string]string{
		"encoding": "UTF-8", "delimiter": "semicolon", "line ending": "CRLF", "unreadable rows": "1",
		"columns": "Column 3 has no name and is called “Column 3” here; the name “Name” stands twice, and the second one is called “Name (2)” here",
	}
	if diff := cmp.Diff(wantDetails, schema.Details); diff != "" {
		t.Errorf("details (-want +got):\n%s", diff)
	}
	if schema.Rows != 5 || !schema.Abilities.Insert || !schema.Abilities.Update || schema.Abilities.Incremental {
		t.Errorf("rows %d, abilities %+v", schema.Rows, schema.Abilities)
	}
}

func TestIdentityFollowsTheHeaderOnly(t *testing.T) {
	t.Parallel()
	identity := func(content string) string {
		schema, err := open(t, write(t, []byte(content)), "a").Describe(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return schema.Identity
	}
	if identity("a,b\n1,2\n") != identity("a;b\n1;3\n7;8\n") {
		t.Error("other rows made it another source")
	}
	if identity("a,b\n1,2\n") == identity("a,c\n1,2\n") {
		t.Error("another header left it the same source")
	}
}

func TestModifiedIsRead(t *testing.T) {
	t.Parallel()
	path := write(t, []byte("a,at\n1,2026-11-24T06:00:00+01:00\n2,2026-11-24 06:00\n3,soon\n"))
	zone := time.FixedZone("", -3600)
	s, err := csvfile.Open(t.Context(), csvfile.Options{Path: path, Key: []string{"a"}, Modified: "at", Zone: zone})
	if err != nil {
		t.Fatal(err)
	}
	var got []time.Time
	for row, err := range s.Rows(t.Context(), time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, row.Modified.UTC())
	}
	want := []time.Time{time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC), time.Date(2026, 11, 24, 7, 0, 0, 0, time.UTC), {}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAFileSavedInAnotherFormIsReadInThatForm(t *testing.T) {
	t.Parallel()
	path := write(t, []byte("a,b\n1,x\n"))
	s := open(t, path, "a")
	if err := os.WriteFile(path, append([]byte{0xFF, 0xFE}, encode(t, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "c;a\nq;7\n")...), 0o600); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]map[string]string{{"a": "7", "c": "q"}}, texts(t, s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// The shared data are files of three publishers; encoding/csv is the judge.
func TestRealFilesReadAsEncodingCSVReadsThem(t *testing.T) {
	t.Parallel()
	for _, path := range realFiles(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			content := strings.TrimPrefix(read(t, path), "\uFEFF")
			r := csv.NewReader(strings.NewReader(content))
			r.FieldsPerRecord, r.LazyQuotes = -1, true
			records, err := r.ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			s, err := csvfile.Open(t.Context(), csvfile.Options{Path: path})
			if err != nil {
				t.Fatal(err)
			}
			header := tabular.NewHeader(records[0], func(i int) string { return fmt.Sprintf("Column %d", i+1) })
			next := 1
			for row, err := range s.Rows(t.Context(), time.Time{}) {
				for strings.Join(records[next], "") == "" {
					next++
				}
				if (err != nil) != (len(records[next]) > len(records[0]) && strings.Join(records[next][len(records[0]):], "") != "") {
					t.Fatalf("line %d: %v, encoding/csv reads %d cells", row.Line, err, len(records[next]))
				}
				for i, name := range header.Names {
					want := ""
					if i < len(records[next]) {
						want = strings.ReplaceAll(csvfile.Original(records[next][i]), "\r\n", "\n")
					}
					if strings.TrimSpace(want) == "" { // white space alone is nothing
						want = ""
					}
					if got := strings.ReplaceAll(row.Fields[name].String(), "\r\n", "\n"); got != want {
						t.Fatalf("line %d, %s: %q, want %q", row.Line, name, got, want)
					}
				}
				next++
			}
			if next != len(records) {
				t.Errorf("%d records read, want %d", next, len(records))
			}
		})
	}
}

func encode(t *testing.T, enc encoding.Encoding, s string) []byte {
	t.Helper()
	b, err := enc.NewEncoder().Bytes([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t testing.TB, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func open(t testing.TB, path string, key ...string) *csvfile.Source {
	t.Helper()
	s, err := csvfile.Open(context.Background(), csvfile.Options{Path: path, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func texts(t *testing.T, s source.Source) []map[string]string {
	t.Helper()
	var out []map[string]string
	for row, err := range s.Rows(t.Context(), time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		m := map[string]string{}
		for name, v := range row.Fields {
			m[name] = v.String()
		}
		out = append(out, m)
	}
	return out
}

func values(kv ...string) record.Values {
	vs := record.Values{}
	for i := 0; i < len(kv); i += 2 {
		vs[kv[i]] = record.Text(kv[i+1])
	}
	return vs
}

func prepare(t testing.TB, s source.Source, changes ...source.Change) source.Prepared {
	t.Helper()
	p, err := s.Prepare(context.Background(), changes)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func commit(t testing.TB, p source.Prepared) {
	t.Helper()
	if err := p.Commit(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func version(t testing.TB, s source.Source) string {
	t.Helper()
	v, err := s.Version(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func realFiles(t testing.TB) []string {
	t.Helper()
	root := os.Getenv("SYNCLINE_TESTDATA")
	if root == "" {
		t.Skip("SYNCLINE_TESTDATA is not set")
	}
	paths, err := filepath.Glob(filepath.Join(root, "*", "*.csv"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no CSV files under %s: %v", root, err)
	}
	return paths
}
