package datafile_test

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"syncline/sync/source"
	"syncline/sync/source/datafile"
	"syncline/sync/source/tabular"
)

// told is what a file says: its columns, its rows and refusals, a line each, then
// its notes.
func told(t testing.TB, o datafile.Options) string {
	t.Helper()
	s, err := datafile.Open(t.Context(), o)
	if err != nil {
		return "error " + strings.ReplaceAll(err.Error(), o.Path, "FILE")
	}
	defer s.Close()
	schema, err := s.Describe(t.Context())
	if err != nil {
		return "error " + strings.ReplaceAll(err.Error(), o.Path, "FILE")
	}
	var b strings.Builder
	var names []string
	for _, c := range schema.Columns {
		names = append(names, c.Name+":"+string(c.Type))
	}
	fmt.Fprintf(&b, "%s\n", strings.Join(names, "|"))
	for r, err := range s.Rows(t.Context(), time.Time{}) {
		var bad *source.RowError
		if err != nil && !errors.As(err, &bad) {
			fmt.Fprintf(&b, "error %s\n", strings.ReplaceAll(err.Error(), o.Path, "FILE"))
			break
		}
		var cells []string
		for _, c := range schema.Columns {
			cells = append(cells, r.Fields[c.Name].String())
		}
		fmt.Fprintf(&b, "%s\n", strings.Join(cells, "|"))
		if bad != nil {
			fmt.Fprintf(&b, "  refused %q: %s\n", bad.Columns, bad.Error())
		}
	}
	for _, n := range s.Notes() {
		fmt.Fprintf(&b, "note %s\n", n.Text)
	}
	return b.String()
}

func put(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestObjectsOfJSONAreRows(t *testing.T) {
	t.Parallel()
	const three = "id:number|name:string|vip:bool\n1|Zoë|true\n2|Ben|false\n"
	cases := map[string]struct{ content, want string }{
		"lines":                         {"{\"id\":1,\"name\":\"Zoë\",\"vip\":true}\n{\"id\":2,\"name\":\"Ben\",\"vip\":false}\n", three},
		"lines of Windows, no last one": {"\xEF\xBB\xBF{\"id\":1,\"name\":\"Zo\\u00eb\",\"vip\":true}\r\n\r\n{\"id\":2,\"vip\":false,\"name\":\"Ben\"}", three},
		"a list":                        {"[\n {\"id\":1,\"name\":\"Zoë\",\"vip\":true},\n {\"id\":2,\"name\":\"Ben\",\"vip\":false}\n]\n", three},
		"objects over several lines":    {"{\n\"id\":1,\"name\":\"Zoë\",\"vip\":true}\n{\"id\":2,\"name\":\"Ben\",\n\"vip\":false}\n", three},
		"one object":                    {`{"id":1,"name":"Ann"}`, "id:number|name:string\n1|Ann\n"},
		"a column that comes later":     {"{\"id\":1}\n{\"id\":2,\"name\":\"Ben\"}", "id:number|name:string\n1|\n2|Ben\n"},
		"null":                          {"{\"id\":1,\"name\":null}\n{\"id\":2,\"name\":\"\"}\n{\"id\":null,\"name\":null}", "id:number|name:string\n1|\n2|\n"},
		"objects within":                {"{\"id\":1,\"at\":{\"city\":\"Bonn\",\"geo\":{\"lat\":50.7}}}\n{\"id\":2,\"at\":null}", "id:number|at.city:string|at.geo.lat:number\n1|Bonn|50.7\n2||\n"},
		"lists":                         {`{"id":1,"tags":["a","b",3,true,null],"none":[]}`, "id:number|tags:string|none:string\n1|a;b;3;true|\n"},
		"numbers with all digits":       {"{\"id\":9007199254740993,\"n\":12345678901234567890.123456789}\n{\"id\":1e3,\"n\":-1.50E-3}\n{\"id\":12,\"n\":0.10}", "id:string|n:string\n9007199254740993|12345678901234567890.123456789\n1000|-0.0015\n12|0.10\n"},
		"a mark of direction":           {`{"id":1,"name":"שלום"}`, "id:number|name:string\n1|שלום\n"},

		"a damaged line harms no other": {"{\"id\":1}\n{\"id\":\n[1]\n{\"id\":3}", "id:number\n1\n\n  refused []: line 2 is no JSON: unexpected end of JSON input (character 6)\n\n  refused []: line 3 is no object of names and values\n3\n"},
		"broken characters":             {"{\"id\":1,\"name\":\"Zo\xEB\"}\n{\"id\":2,\"name\":\"Zo\\ud800\"}", "id:number|name:string\n|\n  refused []: line 1 holds characters that are broken in UTF-8, which JSON is written in; save the file in UTF-8\n2|\n  refused [\"name\"]: line 2 has an error: “name” holds a character that was broken on its way (�); correct it where it comes from\n"},
		"a name that stands twice":      {`{"id":1,"name":"a","name":"b"}`, "id:number|name:string\n1|\n  refused [\"name\"]: line 1 has an error: “name” stands twice in its object\n"},
		"a list of objects":             {"{\"id\":1,\"items\":[{\"sku\":1}]}\n{\"id\":2}", "id:number|items:string\n1|\n  refused [\"items\"]: line 1 has an error: “items” is a list of objects, which no property takes; rows of their own belong into a file of their own\n2|\n"},
		"a list with a semicolon":       {`{"id":1,"tags":["a;b"]}`, "id:number|tags:string\n1|\n  refused [\"tags\"]: line 1 has an error: “tags” is a list with a semicolon in one of its texts, by which HubSpot parts options\n"},
		"a word for nothing":            {`{"id":1,"name":"NULL"}`, "id:number|name:string\n1|\n  refused [\"name\"]: line 1 has an error: “name” holds “NULL”, by which programs write “nothing”; if it means empty, write blanks: [NULL] under source, and if it is meant as a word, blanks: []\n~"},
		"huge numbers":                  {`{"id":1,"n":1e999999}`, "id:number|n:string\n1|\n  refused [\"n\"]: line 1 has an error: “n” holds the number 1e999999, which no property takes\n"},
		"deep objects":                  {`{"id":1,"a":` + strings.Repeat(`{"a":`, 12) + "1" + strings.Repeat("}", 13), "id:string\n\n  refused []: line 1 has objects within objects, more than 8 deep\n"},

		"a list within an object": {"{\"total\":2,\"results\":[{\"id\":1},{\"id\":2}]}", "error FILE: is one object and not a list of rows; its list “results” may be meant: save that list alone, from [ to ]"},
		"nothing":                 {"[]", "error FILE: holds no object with a value"},
		"texts":                   {`["a","b"]`, "error FILE: holds no object with a value"},
		"UTF-16":                  {"\xFF\xFE{\x00", "error FILE: is written in UTF-16, and JSON is UTF-8; save it so"},
		"no JSON":                 {"id,name", "error FILE: is no JSON of rows: it begins neither with { nor with ["},
		"a list that was cut off": {`[{"id":1},{"id":2}`, "error FILE: ends in the middle: it was cut off; export or copy it again"},
		"a list that goes on":     {`[{"id":1}] {"id":2}`, "error FILE: goes on behind the end of its list; it should be one list"},
		"a damaged list":          {`[{"id":1},{"id":}]`, "error FILE: is damaged JSON (entry 2: invalid character '}' looking for beginning of value); export it again"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, start := strings.CutSuffix(c.want, "~")
			got := told(t, datafile.Options{Kind: datafile.JSON, Path: put(t, "rows.json", c.content), Key: nil})
			if got != c.want && !(start && strings.HasPrefix(got, want)) {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestAPackedExportIsRead(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte("{\"id\":1}\n{\"id\":2}\n")); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if got := told(t, datafile.Options{Kind: datafile.JSON, Path: put(t, "rows.jsonl.gz", b.String())}); got != "id:number\n1\n2\n" {
		t.Error(got)
	}
}

// No file fills the memory: what is longer than a row may be is refused, in lines
// alone.
func TestLongRowsAreRefused(t *testing.T) {
	t.Parallel()
	limits := &tabular.Limits{Columns: 3, Name: 20, Cell: 40, Row: 60}
	long := strings.Repeat("x", 50)
	for name, c := range map[string]struct{ content, want string }{
		"a cell":        {"{\"id\":1,\"a\":\"" + long + "\"}\n{\"id\":2}", "refused [\"a\"]: line 1 has an error: “a” is longer than"},
		"a line":        {"{\"id\":1,\"a\":\"" + strings.Repeat("x", 300) + "\"}\n{\"id\":2}", "refused []: line 1 is longer than"},
		"an entry":      {"[{\"id\":1,\"a\":\"" + strings.Repeat("x", 90_000) + "\"}]", "error FILE: holds an entry longer than"},
		"many columns":  {`{"a":1,"b":1,"c":1,"d":1}`, "more than 0,003 columns"},
		"a long column": {`{"` + long + `":1}`, "in the header (column 1)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := told(t, datafile.Options{Kind: datafile.JSON, Path: put(t, "a.json", c.content), Limits: limits}); !strings.Contains(got, c.want) {
				t.Errorf("got\n%s\nwant %s", got, c.want)
			}
		})
	}
}

func TestADataFileIsNotWritten(t *testing.T) {
	t.Parallel()
	s, err := datafile.Open(t.Context(), datafile.Options{Kind: datafile.JSON, Path: put(t, "a.json", `{"id":1}`), Key: []string{"id"}})
	if err != nil {
		t.Fatal(err)
	}
	schema, err := s.Outline(t.Context())
	if err != nil || schema.Abilities.Update || schema.Abilities.Why == "" {
		t.Errorf("%+v, %v", schema.Abilities, err)
	}
	var readOnly *source.ReadOnlyError
	if _, err := s.Prepare(t.Context(), nil); !errors.As(err, &readOnly) {
		t.Errorf("got %v", err)
	}
}

// Any flat object of texts comes out as it went in, in each of the forms.
func TestJSONComesOutAsItWentIn(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "rows.json")
	text := rapid.StringOfN(rapid.RuneFrom([]rune("aZ0 é\"\\/\n\t😀ß{}[],:;.")), 1, 12, -1)
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.MapOfN(rapid.SampledFrom([]string{"a", "b", "c d"}), text.Filter(func(s string) bool { return strings.TrimSpace(s) != "" && strings.TrimSpace(s) == s }), 1, 3), 1, 5).Draw(t, "rows")
		list, err := json.Marshal(rows)
		if err != nil {
			t.Fatal(err)
		}
		var lines strings.Builder
		for _, row := range rows {
			line, err := json.Marshal(row)
			if err != nil {
				t.Fatal(err)
			}
			lines.Write(append(line, '\n'))
		}
		indented, err := json.MarshalIndent(rows, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		for _, content := range []string{string(list), lines.String(), string(indented)} {
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := datafile.Open(t.Context(), datafile.Options{Kind: datafile.JSON, Path: path, NoBlanks: true})
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for row, err := range s.Rows(t.Context(), time.Time{}) {
				if err != nil {
					t.Fatalf("%v in %s", err, content)
				}
				for name, want := range rows[n] {
					if got := row.Fields[name].String(); got != want {
						t.Fatalf("%s is %q, want %q in %s", name, got, want, content)
					}
				}
				n++
			}
			if n != len(rows) {
				t.Fatalf("%d rows, want %d", n, len(rows))
			}
		}
	})
}

func FuzzJSON(f *testing.F) {
	for _, seed := range []string{`{"a":1}`, "[{\"a\":[1,\"b\"]},\n{}]", "{\"a\":{\"b\":null}}\n{", `[`, "\xEF\xBB\xBF{}", `[[[[{}]]]]`, `{"a":"\ud800"}`} {
		f.Add([]byte(seed))
	}
	path := filepath.Join(f.TempDir(), "fuzz.json")
	f.Fuzz(func(t *testing.T, content []byte) {
		if len(content) == 0 {
			return
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		told(t, datafile.Options{Kind: datafile.JSON, Path: path})
	})
}
