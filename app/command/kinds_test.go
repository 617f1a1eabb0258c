package command_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/goccy/go-yaml"
	"golang.org/x/text/encoding/ianaindex"

	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/content"
	"syncline/sync/hubspot/practice/practicetest"
)

// kind is a file of testdata/kinds: inputs of one kind, with what is right of
// each. docs/values.md lists them.
type kind struct {
	Kind  string
	About string
	Cases []kindCase
}

// kindCase is an input: a file, or a text in the YAML itself, of which {n} is a
// number of its own.
type kindCase struct {
	Name    string
	By      string // the program that made the file
	Right   string // a sentence
	File    string // in testdata/kinds/files
	Text    string
	Charset string // of the text, UTF-8 where there is none
	Source  string // lines under source
	Object  string // contacts where there is none
	Match   string // "Email: email" where there is none
	Key     string // Id where there is none
	More    string // lines of the definition
	Fields  []string
	// Rows are what is right of rows, by their key: values by property, as the
	// record holds them then, or what the reason says of a row that is not
	// written.
	Rows map[string]any
	Says []string // each stands in what is printed
	Not  []string // none does
	Exit int
	Back string // what the file is afterwards
}

var updateKinds = flag.Bool("update-kinds", false, "write the table of docs/values.md anew")

func readKinds(t *testing.T) []kind {
	t.Helper()
	paths, err := filepath.Glob("testdata/kinds/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	var all []kind
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var k kind
		if err := yaml.UnmarshalWithOptions(text, &k, yaml.Strict()); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		all = append(all, k)
	}
	return all
}

// At least ten inputs of each kind, those of public reports aside, each with
// what is right beside it: through the command line.
func TestKindsOfInputs(t *testing.T) {
	t.Parallel()
	for _, k := range readKinds(t) {
		t.Run(k.Kind, func(t *testing.T) {
			t.Parallel()
			if len(k.Cases) < 10 {
				t.Errorf("there are %d inputs of the kind", len(k.Cases))
			}
			portal := practicetest.New(t, practice.Options{Seed: content.DemoSeed, Demo: true, Limits: practice.Limits{Burst: 100_000}})
			t.Cleanup(func() { _ = portal.Close() })
			server := httptest.NewServer(portal)
			t.Cleanup(server.Close)
			for i, c := range k.Cases {
				t.Run(c.Name, func(t *testing.T) {
					d := &desk{t: t, dir: t.TempDir(), portal: portal, url: server.URL, token: portal.Token()}
					c.run(d, strings.ToLower(strings.Map(onlyLetters, k.Kind))+fmt.Sprint(i))
				})
			}
		})
	}
}

func onlyLetters(r rune) rune {
	if r > 'z' || !unicode.IsLetter(r) {
		return -1
	}
	return r
}

// numbered puts the number of the case into a text.
func numbered(text, n string) string { return strings.ReplaceAll(text, "{n}", n) }

func (c kindCase) run(d *desk, n string) {
	d.t.Helper()
	name := cmp.Or(c.File, "in.csv")
	file := []byte(numbered(c.Text, n))
	if c.File != "" {
		var err error
		if file, err = os.ReadFile(filepath.Join("testdata/kinds/files", c.File)); err != nil {
			d.t.Fatal(err)
		}
	} else if c.Charset != "" {
		enc, err := ianaindex.IANA.Encoding(c.Charset)
		if err != nil {
			d.t.Fatal(err)
		}
		if file, err = enc.NewEncoder().Bytes(file); err != nil {
			d.t.Fatal(err)
		}
	}
	d.write(name, string(file))
	kind := "csv"
	if strings.HasPrefix(filepath.Ext(name), ".xls") {
		kind = "excel"
	}
	if ext := filepath.Ext(name); ext == ".json" || ext == ".ods" {
		kind = ext[1:]
	}
	field, property, _ := strings.Cut(cmp.Or(c.Match, "Email: email"), ": ")
	var b strings.Builder
	fmt.Fprintf(&b, "syncline: 1\nname: %q\nsource:\n  kind: %s\n  path: %q\n  key: [%q]\n%s", c.Name, kind, name, cmp.Or(c.Key, "Id"), indented(c.Source))
	fmt.Fprintf(&b, "hubspot:\n  object: %s\n  match: [ { field: %q, property: %s } ]\n", cmp.Or(c.Object, "contacts"), field, property)
	if !strings.Contains(c.More, "direction:") {
		b.WriteString("direction: to-hubspot\n")
	}
	if !strings.Contains(c.More, "create:") {
		b.WriteString("create: hubspot\n")
	}
	b.WriteString(c.More + "fields:\n")
	for _, f := range c.Fields {
		if column, property, ok := strings.Cut(f, ": "); ok && !strings.HasPrefix(f, "{") {
			f = fmt.Sprintf("{ field: %q, property: %s }", column, property)
		}
		b.WriteString("  - " + f + "\n")
	}
	d.write("definition.yaml", b.String())
	s := d.plain("run", d.path("definition.yaml"), "--json")
	var doc map[string]any
	if err := json.Unmarshal([]byte(s.out), &doc); s.out != "" && err != nil {
		d.t.Fatalf("%v\n%s\n%s", err, s.out, s.err)
	}
	c.judge(d, doc, s.status, strings.Join(texts(nil, "", doc), "\n")+"\n"+s.err, n)
}

func indented(lines string) string {
	if lines = strings.TrimRight(lines, "\n"); lines == "" {
		return ""
	}
	return "  " + strings.ReplaceAll(lines, "\n", "\n  ") + "\n"
}

func (c kindCase) judge(d *desk, doc map[string]any, status int, said, n string) {
	d.t.Helper()
	fault := func(format string, args ...any) { d.t.Errorf("%s\n"+format, append([]any{c.Right}, args...)...) }
	if status != c.Exit {
		fault("exit status %d, right is %d", status, c.Exit)
	}
	rows := map[string]map[string]any{}
	listed, _ := doc["rows"].([]any)
	for _, r := range listed {
		row := r.(map[string]any)
		key, _ := row["key"].(string)
		rows[key] = row
	}
	for _, key := range slices.Sorted(maps.Keys(c.Rows)) {
		row := rows[key]
		reason, _ := row["reason"].(string)
		id, _ := row["record"].(string)
		switch want := c.Rows[key].(type) {
		case string:
			if !strings.Contains(reason, want) || row["fate"] == "created" {
				fault("row %s is %v (%s), and its reason should say %q", key, row["fate"], reason, want)
			}
		case map[string]any:
			holds, _ := d.portal.Record(cmp.Or(c.Object, "contacts"), id)
			for _, property := range slices.Sorted(maps.Keys(want)) {
				value, there := holds[property]
				if w := want[property]; w == nil && there && value != "" || w != nil && value != numbered(fmt.Sprint(w), n) {
					fault("row %s (%v, %s): %s is %q, right is %v", key, row["fate"], reason, property, value, w)
				}
			}
		}
	}
	for _, part := range c.Says {
		if !strings.Contains(said, part) {
			fault("it does not say %q", part)
		}
	}
	for _, part := range c.Not {
		if strings.Contains(said, part) {
			fault("it says %q", part)
		}
	}
	if c.Back != "" {
		if back := d.read(cmp.Or(c.File, "in.csv")); back != numbered(c.Back, n) {
			fault("the file is now\n%swhich should be\n%s", back, numbered(c.Back, n))
		}
	}
	if d.t.Failed() {
		d.t.Logf("what was said:\n%s", said)
	}
}

// docs/values.md lists the kinds as they are tested.
func TestTheTableOfKindsIsAsTested(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	for _, k := range readKinds(t) {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n| input | made by | what is right |\n|---|---|---|\n", k.Kind, strings.TrimSpace(k.About))
		for _, c := range k.Cases {
			fmt.Fprintf(&b, "| %s | %s | %s |\n", cell(c.Name), cell(cmp.Or(c.By, "hand")), cell(c.Right))
		}
	}
	const path, mark = "../../docs/values.md", "<!-- the kinds, as app/command/testdata/kinds has them -->\n"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, table, _ := strings.Cut(string(text), mark)
	if *updateKinds {
		if err := os.WriteFile(path, []byte(head+mark+b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if table != b.String() {
		t.Errorf("%s does not list the kinds as they are tested: go test ./app/command -run TestTheTableOfKinds -update-kinds", path)
	}
}

func cell(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", `\|`)
}
