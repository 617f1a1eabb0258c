package opener_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/database"
	"syncline/sync/source/opener"
	"syncline/sync/source/tabular"
)

// joined writes files and opens a query on them; a file is called as its table.
func joined(t *testing.T, query string, files map[string]string) (source.Source, string, error) {
	t.Helper()
	dir := t.TempDir()
	o := opener.Options{Kind: database.Files, Query: query, Key: []string{"id"}}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		o.Files = append(o.Files, opener.File{Name: strings.TrimSuffix(name, filepath.Ext(name)), Path: filepath.Join(dir, name)})
	}
	s, err := opener.Open(t.Context(), o)
	if err == nil {
		t.Cleanup(func() { s.Close() })
	}
	return s, dir, err
}

func rowsOf(t *testing.T, s source.Source) (all []string) {
	t.Helper()
	schema, err := source.Outline(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	for row, err := range s.Rows(t.Context(), time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		var cells []string
		for _, c := range schema.Columns {
			cells = append(cells, row.Fields[c.Name].String())
		}
		all = append(all, strings.Join(cells, "|"))
	}
	return all
}

var orders = map[string]string{
	"people.csv": "id,name,city\n007,Ann,Bern\n8,Bob,\n10,Cy,Ulm\n",
	"orders.jsonl": `{"person":"007","amount":"9.10"}
{"person":"007","amount":"100"}
{"person":"10","amount":"20"}
`,
}

func TestAQueryJoinsFilesAndKeepsEveryTextAsItIs(t *testing.T) {
	t.Parallel()
	s, dir, err := joined(t, `SELECT p.id, p.name, p.city, max(o.amount) AS most FROM people p LEFT JOIN orders o ON o.person = p.id GROUP BY p.id;`, orders)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"007|Ann|Bern|100", "8|Bob||", "10|Cy|Ulm|20"}, rowsOf(t, s)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	before, err := s.Version(t.Context())
	if err != nil || before == "" {
		t.Fatalf("%q %v", before, err)
	}
	// Each reading sees the files as they are then.
	if err := os.WriteFile(filepath.Join(dir, "people.csv"), []byte("id,name,city\n8,Rob,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"8|Rob||"}, rowsOf(t, s)); diff != "" {
		t.Errorf("after an edit (-want +got)\n%s", diff)
	}
	if after, err := s.Version(t.Context()); err != nil || after == before {
		t.Errorf("%q is as before: %v", after, err)
	}
	schema, err := s.Describe(t.Context())
	if err != nil || schema.Rows != 1 || schema.Abilities.Update || !strings.Contains(schema.Abilities.Why, "only be read") {
		t.Errorf("%+v %v", schema, err)
	}
	var readOnly *source.ReadOnlyError
	if _, err := s.Prepare(t.Context(), nil); !errors.As(err, &readOnly) {
		t.Errorf("it can be written: %v", err)
	}
}

func TestNumbersInFilesAreComparedByWhatTheyCount(t *testing.T) {
	t.Parallel()
	for where, want := range map[string][]string{
		"amount > 20":             {"100"},
		"amount = '20'":           {"20"},
		"amount BETWEEN 9 AND 20": {"9.10", "20"},
	} {
		s, _, err := joined(t, "SELECT amount, amount AS id FROM orders WHERE "+where+" ORDER BY amount", map[string]string{"orders.jsonl": orders["orders.jsonl"]})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, row := range rowsOf(t, s) {
			got = append(got, strings.Split(row, "|")[0])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", where, diff)
		}
	}
}

func TestAQueryOnFilesThatCannotWorkSaysWhy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ query, file, text, want string }{
		{"SELECT id, nam FROM people", "", "", "people (id, name, city)"},
		{"SELECT * FROM peeple", "", "", "no such table: peeple"},
		{"SELECT id, name, city AS name FROM people", "", "", "two columns the name “name”"},
		{"DELETE FROM people", "", "", "can't be carried out"},
		{"SELECT id FROM people; DROP TABLE people", "", "", "can't be carried out"},
		{"SELECT id, readfile('/etc/passwd') AS x FROM people", "", "", "no such function"},
		{"SELECT name FROM people", "", "", "id"},
		{"SELECT id FROM people", "twins.csv", "Id,ID\n1,2\n", "does not tell apart"},
		{"SELECT id FROM people", "pic.csv", "\x89PNG\r\n", "is a picture"},
	} {
		files := map[string]string{"people.csv": orders["people.csv"]}
		if c.file != "" {
			files[c.file] = c.text
		}
		if _, _, err := joined(t, c.query, files); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.query, err, c.want)
		}
	}
}

// A row that can't be read could be the counterpart of any other.
func TestAnUnreadableRowStopsAQueryOnFiles(t *testing.T) {
	t.Parallel()
	s, _, err := joined(t, "SELECT id FROM people", map[string]string{"people.csv": "id,name\n1,Ann\n2,Bob,more,and,more\n"})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range s.Rows(t.Context(), time.Time{}) {
		if err == nil || !strings.Contains(err.Error(), "people.csv: line 3") {
			t.Errorf("got %v", err)
		}
	}
}

// A number that a file or the query itself holds as such has no marks of a
// country: read as a text of Germany, 1.234 would be a thousand times as much.
func TestANumberOfAJoinIsNeverReadByTheMarksOfTexts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"people.csv": "id,said\n1,\"1.234,5\"\n2,2.345\n",
		"o.jsonl":    `{"person":1,"n":1.234,"said":"7.654"}` + "\n" + `{"person":2,"n":12.5,"said":"8.765"}` + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	german := []record.NumberMarks{{Decimal: ",", Group: "."}}
	for query, want := range map[string][]string{
		"SELECT id, said AS a FROM people":                                    {"1 1.234,5", "2 2.345"},
		"SELECT person AS id, said AS a FROM o":                               {"1 7.654", "2 8.765"},
		"SELECT person AS id, n AS a FROM o":                                  {"1 refused", "2 12.5"},
		"SELECT p.id, o.n AS a FROM people p JOIN o ON o.person = p.id":       {"1 refused", "2 12.5"},
		"SELECT person AS id, sum(n) AS a FROM o GROUP BY person":             {"1 refused", "2 12.5"},
		"SELECT person AS id, n AS a FROM (SELECT person, n * 2 AS n FROM o)": {"1 refused", "2 25.0"},
	} {
		s, err := opener.Open(t.Context(), opener.Options{Kind: database.Files, Query: query, Key: []string{"id"}, Marks: tabular.Marks{"a": german},
			Files: []opener.File{{Name: "people", Path: filepath.Join(dir, "people.csv")}, {Name: "o", Path: filepath.Join(dir, "o.jsonl")}}})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for row, err := range s.Rows(t.Context(), time.Time{}) {
			text := row.Fields["a"].String()
			if err != nil && strings.Contains(err.Error(), "as a number and not as a text") {
				text = "refused"
			}
			got = append(got, row.Key+" "+text)
		}
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", query, diff)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
