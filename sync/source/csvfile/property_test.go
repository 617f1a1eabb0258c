package csvfile_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	std "unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/csvfile"
	"syncline/sync/source/tabular"
)

func TestOriginalUndoesNeutral(t *testing.T) {
	t.Parallel()
	gen := rapid.OneOf(rapid.String(), rapid.StringMatching(`'{0,3}[=+@\t\r\n＝-]?[0-9A-Za-z (!|'=]{0,8}`))
	rapid.Check(t, func(t *rapid.T) {
		s := gen.Draw(t, "value")
		n := csvfile.Neutral(s)
		if got := csvfile.Original(n); got != s {
			t.Fatalf("%q was written as %q and read as %q", s, n, got)
		}
		if n != "" && strings.ContainsRune("=@\t\r\n", rune(n[0])) {
			t.Fatalf("%q was written as %q, which may be a formula", s, n)
		}
	})
}

func TestNeutralTouchesOnlyWhatCouldBeAFormula(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"":                         "",
		"+49 89 1234":              "+49 89 1234",
		"+1 (415) 555-0100 x12":    "+1 (415) 555-0100 x12",
		"-12.50":                   "-12.50",
		"-5%":                      "-5%",
		"'+49 89 1234":             "'+49 89 1234",
		"a=b":                      "a=b",
		"'tis":                     "'tis",
		"=1+1":                     "'=1+1",
		"'=1+1":                    "''=1+1",
		"@SUM(A1)":                 "'@SUM(A1)",
		"+SUM(A1)":                 "'+SUM(A1)",
		"-2+3+cmd|' /C calc'!A0":   "'-2+3+cmd|' /C calc'!A0",
		"+1-A1":                    "'+1-A1",
		"\t=1":                     "'\t=1",
		"\n=1":                     "'\n=1",
		"＝1+1":                     "'＝1+1",
		"+1|2":                     "'+1|2",
		"- a remark with a dash":   "'- a remark with a dash",
		"--":                       "--",
		"+49 89 1234 ext. 5":       "+49 89 1234 ext. 5",
		"@anna@example.com":        "'@anna@example.com",
		"=HYPERLINK(\"http://x\")": "'=HYPERLINK(\"http://x\")",
	}
	for in, want := range tests {
		if got := csvfile.Neutral(in); got != want {
			t.Errorf("Neutral(%q) = %q, want %q", in, got, want)
		}
	}
}

// form is a way to write a CSV file.
type form struct {
	delimiter string
	eol       string
	quoteAll  bool
	final     bool
	encoding  encoding.Encoding
}

func drawForm(t *rapid.T) form {
	return form{
		delimiter: rapid.SampledFrom([]string{",", ";", "\t", "|"}).Draw(t, "delimiter"),
		eol:       rapid.SampledFrom([]string{"\n", "\r\n", "\r"}).Draw(t, "line ending"),
		quoteAll:  rapid.Bool().Draw(t, "quote all"),
		final:     rapid.Bool().Draw(t, "final newline"),
		encoding: rapid.SampledFrom([]encoding.Encoding{
			encoding.Nop, unicode.UTF8BOM, charmap.Windows1252,
			unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), unicode.UTF16(unicode.BigEndian, unicode.UseBOM),
		}).Draw(t, "encoding"),
	}
}

func (f form) cell(s string) string {
	s = csvfile.Neutral(s)
	if f.quoteAll || strings.ContainsAny(s, "\"\r\n"+f.delimiter) || s != "" && strings.TrimSpace(s) == "" {
		return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}

func (f form) text(rows [][]string) string {
	var lines []string
	for _, row := range rows {
		var cells []string
		for _, c := range row {
			cells = append(cells, f.cell(c))
		}
		lines = append(lines, strings.Join(cells, f.delimiter))
	}
	text := strings.Join(lines, f.eol)
	if f.final {
		text += f.eol
	}
	return text
}

// alphabet is of characters that every encoding has and that matter to CSV.
var cellText = rapid.StringOfN(rapid.RuneFrom([]rune("aZ09 äß€é\"',;|\t\n\r=+-@x_")), 0, 12, -1)

func drawTable(t *rapid.T) [][]string {
	width := rapid.IntRange(2, 5).Draw(t, "width")
	table := [][]string{{"Key"}}
	for i := 1; i < width; i++ {
		table[0] = append(table[0], fmt.Sprintf("Spalte ß%d", i))
	}
	for i := range rapid.IntRange(1, 8).Draw(t, "rows") {
		row := []string{fmt.Sprintf("k%d", i)}
		for range width - 1 {
			row = append(row, cellText.Draw(t, "cell"))
		}
		table = append(table, row)
	}
	return table
}

// Whatever the form, the cells come out as they went in, and a set of changes
// results in the very bytes that writing the changed table in that form gives.
func TestAnyTableInAnyFormRoundTripsThroughChanges(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "table.csv")
	rapid.Check(t, func(t *rapid.T) {
		f, table := drawForm(t), drawTable(t)
		save(t, path, f, table)
		o := csvfile.Options{Path: path, Key: []string{"Key"}, NoBlanks: true}
		if f.encoding == charmap.Windows1252 {
			o.Encoding = "windows-1252" // such texts look like no language's
		}
		s, err := csvfile.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(meant(table), readTable(t, s, table[0])); diff != "" {
			t.Fatalf("read (-want +got):\n%s", diff)
		}

		want := [][]string{}
		for _, row := range table {
			want = append(want, slices.Clone(row))
		}
		var changes []source.Change
		for range rapid.IntRange(1, 4).Draw(t, "changes") {
			value, column := cellText.Draw(t, "new value"), rapid.IntRange(1, len(table[0])-1).Draw(t, "column")
			if rapid.Bool().Draw(t, "insert") {
				row := make([]string, len(table[0]))
				row[0], row[column] = fmt.Sprintf("new%d", len(want)), value
				want = append(want, row)
				changes = append(changes, source.Change{Kind: source.Insert, Fields: values("Key", row[0], table[0][column], value)})
				continue
			}
			i := rapid.IntRange(1, len(table)-1).Draw(t, "row")
			changes = append(changes, source.Change{Kind: source.Update, Key: table[i][0],
				Fields: values(table[0][column], value), Expect: values(table[0][column], meant(want)[i][column])})
			if meant([][]string{{value}})[0][0] != meant(want)[i][column] { // else nothing changes
				want[i][column] = value
			}
		}
		p, err := s.Prepare(t.Context(), changes)
		if err != nil {
			t.Fatal(err)
		}
		for i, o := range p.Outcomes() {
			if o.State != source.Done {
				t.Fatalf("change %d: %s %v", i, o.State, o.Err)
			}
		}
		if err := p.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(meant(want), readTable(t, s, table[0])); diff != "" {
			t.Fatalf("read back (-want +got):\n%s", diff)
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		wantBytes, err := f.encoding.NewEncoder().Bytes([]byte(f.likeNeighbours(table, want)))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(wantBytes), string(got)); diff != "" {
			t.Fatalf("bytes (-want +got):\n%s", diff)
		}
	})
}

// meant is a table as it is read: white space alone is nothing.
func meant(table [][]string) [][]string {
	out := make([][]string, len(table))
	for i, row := range table {
		out[i] = slices.Clone(row)
		for j := range row {
			if strings.TrimSpace(row[j]) == "" {
				out[i][j] = ""
			}
		}
	}
	return out
}

// likeNeighbours is the text of want, with the quotes that changed and new
// cells take over from the cell they replace or stand below.
func (f form) likeNeighbours(was, want [][]string) string {
	quoted := func(row []string, i int) bool { return strings.HasPrefix(f.cell(row[i]), `"`) }
	var lines []string
	for n, row := range want {
		like := was[min(n, len(was)-1)]
		var cells []string
		for i, c := range row {
			g := f
			g.quoteAll = f.quoteAll || quoted(like, i)
			cells = append(cells, g.cell(c))
		}
		lines = append(lines, strings.Join(cells, f.delimiter))
	}
	text := strings.Join(lines, f.eol)
	if f.final {
		text += f.eol
	}
	return text
}

func save(t *rapid.T, path string, f form, table [][]string) {
	content, err := f.encoding.NewEncoder().Bytes([]byte(f.text(table)))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func readTable(t *rapid.T, s source.Source, header []string) [][]string {
	out := [][]string{header}
	for row, err := range s.Rows(t.Context(), time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		var cells []string
		for _, name := range header {
			cells = append(cells, row.Fields[name].String())
		}
		out = append(out, cells)
	}
	return out
}

// The naughty strings survive as cells: what they are read back as is said when
// they are written, and what could not be read back is refused.
func TestNaughtyStringsSurviveAWriteBack(t *testing.T) {
	t.Parallel()
	root := os.Getenv("SYNCLINE_TESTDATA")
	if root == "" {
		t.Skip("SYNCLINE_TESTDATA is not set")
	}
	var naughty []string
	if err := json.Unmarshal([]byte(read(t, filepath.Join(root, "reference", "blns.json"))), &naughty); err != nil {
		t.Fatal(err)
	}
	content := "Key,Value\n"
	var changes []source.Change
	want := map[string]string{}
	for i, s := range naughty {
		if strings.Contains(s, "\x00") {
			continue
		}
		key := fmt.Sprint(i)
		content += key + ",x\n"
		changes = append(changes, source.Change{Kind: source.Update, Key: key, Fields: values("Value", s)})
		want[key] = s
	}
	s := open(t, write(t, []byte(content)), "Key")
	p := prepare(t, s, changes...)
	done, same := 0, 0
	for i, o := range p.Outcomes() {
		key, text := changes[i].Key, changes[i].Fields["Value"].String()
		switch {
		case o.State == source.Done:
			done++
			if want[key] = o.Now["Value"].String(); want[key] == text {
				same++
			}
		case tabular.MeansNothing(text) || strings.ContainsFunc(text, std.IsControl):
			want[key] = "x" // as it was
		default:
			t.Errorf("%q: %s %v", text, o.State, o.Err)
		}
	}
	if len(changes)-done > 12 || done-same > 30 {
		t.Errorf("of %d strings %d were written, %d as they are", len(changes), done, same)
	}
	commit(t, p)
	got := map[string]string{}
	for _, row := range texts(t, s) {
		got[row["Key"]] = row["Value"]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// One changed cell in a real file changes the bytes of that cell only.
func TestOneCellOfARealFile(t *testing.T) {
	t.Parallel()
	for _, original := range realFiles(t) {
		t.Run(filepath.Base(original), func(t *testing.T) {
			t.Parallel()
			content := read(t, original)
			path := write(t, []byte(content))
			schema, err := open(t, path).Describe(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var key string
			for _, c := range schema.Columns {
				if c.Filled > 500 && c.Filled == c.Unique || c.Filled == schema.Rows && c.Unique == c.Filled {
					key = c.Name
					break
				}
			}
			if key == "" {
				t.Logf("no column is a key among %d: nothing to write by", len(schema.Columns))
				return
			}
			column := schema.Columns[len(schema.Columns)-1].Name
			s := open(t, path, key)
			n, target := 0, ""
			for row, err := range s.Rows(t.Context(), time.Time{}) {
				if n++; err == nil && n == schema.Rows/2 {
					target = row.Key
				}
			}
			const mark = "Zoë says “changed”"
			p := prepare(t, s, source.Change{Kind: source.Update, Key: target, Fields: record.Values{column: record.Text(mark)}})
			if o := p.Outcomes()[0]; o.State != source.Done {
				t.Fatalf("key %q: %s %v", target, o.State, o.Err)
			}
			commit(t, p)
			got := read(t, path)
			at := strings.Index(got, mark)
			head, tail := got[:at], got[at+len(mark):]
			if !strings.HasPrefix(content, head) || !strings.HasSuffix(content, tail) || len(content)-len(head)-len(tail) > 4000 {
				t.Errorf("more than the cell changed: %d bytes were %d", len(got), len(content))
			}
		})
	}
}

func FuzzRowsNeverPanicAndWritingNothingChangesNothing(f *testing.F) {
	for _, seed := range []string{
		"a,b\n1,2\n", "a;b\r\n\"1\";\"x\"\"y\"\r\n", "sep=|\na|b\n1|2", "\xEF\xBB\xBFa\tb\n1\t\n\n", "\xFF\xFEa\x00,\x00b\x00\n\x001\x00,\x00",
		"a, \"b\"\n1, \"2\"\n", "'a','b'\n'1','2'\n", "a,b\n\"1,2\n", "a,b\n1,\xE4\n", "a\r1\r\r2", "\"\"\n\"\"\"\n", "a,a,\n,,\n1,2,3,4\n",
	} {
		f.Add([]byte(seed), "new")
	}
	f.Fuzz(func(t *testing.T, content []byte, value string) {
		path := filepath.Join(t.TempDir(), "fuzz.csv")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := csvfile.Open(t.Context(), csvfile.Options{Path: path})
		if err != nil {
			return
		}
		schema, err := s.Describe(t.Context())
		if err != nil {
			return
		}
		key, last := schema.Columns[0].Name, schema.Columns[len(schema.Columns)-1].Name
		if s, err = csvfile.Open(t.Context(), csvfile.Options{Path: path, Key: []string{key}}); err != nil {
			t.Fatal(err)
		}
		var before []record.Row
		var target string
		for row, err := range s.Rows(t.Context(), time.Time{}) {
			if before = append(before, row); err == nil && row.Key != "" {
				target = row.Key
			}
		}
		p, err := s.Prepare(t.Context(), []source.Change{{Kind: source.Update, Key: target, Fields: values(last, value)}})
		if err != nil {
			return
		}
		if err := p.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		o := p.Outcomes()[0]
		if o.State != source.Done {
			if read(t, path) != string(content) {
				t.Fatalf("%s, and yet the file changed", o.State)
			}
			return
		}
		if !utf8.ValidString(value) {
			t.Fatal("bytes that are no text were written")
		}
		i := 0
		for row, err := range s.Rows(t.Context(), time.Time{}) {
			if i >= len(before) {
				t.Fatalf("a row appeared: %v, %v", row, err)
			}
			for name, v := range before[i].Fields {
				want := v
				if before[i].Key == target && name == last {
					want = o.Now[last]
				}
				if row.Fields[name] != want {
					t.Fatalf("row %d, %s: %q, want %q", i, name, row.Fields[name], want)
				}
			}
			i++
		}
		if i != len(before) {
			t.Fatalf("%d rows of %d are left", i, len(before))
		}
	})
}

// A large file streams: the memory in use does not follow its size.
func TestReadingAndWritingAreBoundedInMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("writes a large file")
	}
	path := filepath.Join(t.TempDir(), "large.csv")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	const rows = 1_000_000
	line := []byte("id,name,mail,city,phone\n")
	for i := range rows {
		if line = fmt.Appendf(line, "%d,Person %d,p%d@example.com,\"Springfield, IL\",+1 555 %07d\n", i, i, i, i); len(line) > 1<<20 {
			if _, err := f.Write(line); err != nil {
				t.Fatal(err)
			}
			line = line[:0]
		}
	}
	if _, err := f.Write(line); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	s := open(t, path, "id")
	const limit = 16 << 20
	n, peak := 0, uint64(0)
	for _, err := range s.Rows(t.Context(), time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n%100_000 == 0 {
			peak = max(peak, heap())
		}
	}
	if n != rows {
		t.Errorf("%d rows, want %d", n, rows)
	}
	p := prepare(t, s, source.Change{Kind: source.Update, Key: "999999", Fields: values("name", "The last")})
	peak = max(peak, heap())
	if o := p.Outcomes()[0]; o.State != source.Done {
		t.Errorf("%s %v", o.State, o.Err)
	}
	if err := p.Discard(); err != nil {
		t.Error(err)
	}
	t.Logf("peak %d MB", peak>>20)
	if peak > limit {
		t.Errorf("%d MB held, want less than %d", peak>>20, limit>>20)
	}
}

// heap is what is held at a moment. What waits to be collected is not, as that
// depends on how much of the processors the collector gets.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
