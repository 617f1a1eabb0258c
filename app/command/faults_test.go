package command_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/content"
	"syncline/sync/hubspot/practice/practicetest"
)

// expectation is the file expect.json of a case: what is right, and how it
// shows.
type expectation struct {
	Right string `json:"right"` // a sentence
	Seen  string `json:"seen"`  // the public report that the case is made after
	// Pending says why the case is not answered rightly yet. Such a case must
	// still fail: whoever mends it takes the line out.
	Pending string `json:"pending"`
	// Reads are what the reads of steps.json come to, in their order; null
	// where it does not matter.
	Reads []any       `json:"reads"`
	Said  []utterance `json:"said"`
}

// utterance is what a step of a case must print.
type utterance struct {
	By   string   `json:"by"`   // the command; the n-th of them as "run 2"
	Exit *int     `json:"exit"` // nil: any
	All  []string `json:"all"`  // each stands somewhere in what it prints
	None []string `json:"none"` // none does
}

// steps are the file steps.json: what is done, and what is read at the end.
//
//	["api", method, path, body, name, [keys…]]  a call to the portal; the answer's id, or what the keys lead to, is {{name}} from then on
//	["define"]                                  puts the names into definition.yaml
//	["replace", from, to]                       copies a file of the case over another
//	["wait", seconds]                           nothing: the practice portal has no lag here
//	[command, flags…]                           a command on definition.yaml
//
// Reads:
//
//	["email", address, [properties…]]
//	["find", object, {property: value}, [properties…]]   sorted by their values
//	["get", path]
//	["cell", file, [cells…]]                    type and value of cells in a workbook's first sheet
//	["file", file]                              its text
type steps struct {
	Steps [][]any `json:"steps"`
	Reads [][]any `json:"reads"`
}

// Small inputs made after situations in public reports, each with what is right
// beside it: through the command line, on a practice portal of its own.
func TestFaultsThatRealFilesShowed(t *testing.T) {
	t.Parallel()
	const root = "testdata/faults"
	folders, err := os.ReadDir(root)
	if err != nil || len(folders) < 42 {
		t.Fatalf("%d cases, %v", len(folders), err)
	}
	for _, folder := range folders {
		t.Run(folder.Name(), func(t *testing.T) {
			t.Parallel()
			replay(t, filepath.Join(root, folder.Name()))
		})
	}
}

func replay(t *testing.T, folder string) {
	var want expectation
	var todo steps
	readJSON(t, filepath.Join(folder, "expect.json"), &want)
	readJSON(t, filepath.Join(folder, "steps.json"), &todo)
	if want.Right == "" || len(want.Said)+len(want.Reads) == 0 {
		t.Fatal("expect.json expects nothing")
	}
	c := newFaultCase(t, folder)
	for _, s := range todo.Steps {
		c.step(s)
	}
	faults := c.judge(want, todo.Reads)
	switch {
	case want.Pending != "" && len(faults) == 0:
		t.Errorf("it is answered rightly now: take “pending” out of its expect.json")
	case want.Pending != "":
		t.Skipf("not yet: %s\n%s", want.Pending, strings.Join(faults, "\n"))
	case len(faults) > 0:
		t.Errorf("%s\n%s\nwhat was said:\n%s", want.Right, strings.Join(faults, "\n"), c.all())
	}
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// faultCase is a case being replayed.
type faultCase struct {
	*desk
	names map[string]string // what {{name}} stands for
	heard []heard
}

// heard is what a command printed: the texts of its JSON document, a line
// each, and its standard error.
type heard struct {
	by     string
	status int
	text   string
}

func newFaultCase(t *testing.T, folder string) *faultCase {
	d := &desk{t: t, dir: t.TempDir(), portal: practicetest.New(t, practice.Options{Seed: content.DemoSeed, Demo: true, Limits: practice.Limits{Burst: 10_000}})}
	t.Cleanup(func() { _ = d.portal.Close() })
	server := httptest.NewServer(d.portal)
	t.Cleanup(server.Close)
	d.url, d.token = server.URL, d.portal.Token()
	if err := os.CopyFS(d.dir, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	return &faultCase{desk: d, names: map[string]string{}}
}

func (c *faultCase) all() string {
	var b strings.Builder
	for _, h := range c.heard {
		fmt.Fprintf(&b, "== %s: status %d\n%s\n", h.by, h.status, h.text)
	}
	return b.String()
}

// named puts the names into a part of steps.json.
func (c *faultCase) named(v any) any {
	switch v := v.(type) {
	case string:
		for name, value := range c.names {
			v = strings.ReplaceAll(v, "{{"+name+"}}", value)
		}
		return v
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = c.named(v[i])
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k := range v {
			out[k] = c.named(v[k])
		}
		return out
	}
	return v
}

func (c *faultCase) step(s []any) {
	c.t.Helper()
	s, _ = c.named(s).([]any)
	switch s[0] {
	case "wait":
	case "api":
		var body any
		if len(s) > 3 {
			body = s[3]
		}
		answer := c.api(s[1].(string), s[2].(string), body)
		if len(s) > 4 {
			keys := []any{"id"}
			if len(s) > 5 {
				keys = s[5].([]any)
			}
			v := any(answer)
			for _, k := range keys {
				v = v.(map[string]any)[k.(string)]
			}
			c.names[s[4].(string)] = fmt.Sprint(v)
		}
	case "define":
		c.write("definition.yaml", c.named(c.read("definition.yaml")).(string))
	case "replace":
		c.write(s[2].(string), c.read(s[1].(string)))
	default:
		args := []string{s[0].(string), c.path("definition.yaml")}
		for _, a := range s[1:] {
			args = append(args, a.(string))
		}
		c.command(args)
	}
}

func (c *faultCase) command(args []string) {
	c.t.Helper()
	s := c.plain(append(args, "--json")...)
	var doc any
	if s.out != "" {
		if err := json.Unmarshal([]byte(s.out), &doc); err != nil {
			c.t.Fatalf("%v: standard output is no JSON: %v\n%s\n%s", args, err, s.out, s.err)
		}
	}
	c.heard = append(c.heard, heard{by: args[0], status: s.status, text: strings.Join(texts(nil, "", doc), "\n") + "\n" + s.err})
}

// texts are the leaves of a JSON document, each with its path.
func texts(all []string, path string, v any) []string {
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			all = texts(all, path+"."+k, v[k])
		}
	case []any:
		for i := range v {
			all = texts(all, fmt.Sprintf("%s[%d]", path, i), v[i])
		}
	default:
		all = append(all, fmt.Sprintf("%s: %v", path, v))
	}
	return all
}

// api calls the portal, past the network.
func (c *faultCase) api(method, path string, body any) map[string]any {
	c.t.Helper()
	var sent io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		sent = bytes.NewReader(b)
	}
	r := httptest.NewRequestWithContext(c.t.Context(), method, path, sent)
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	c.portal.ServeHTTP(w, r)
	if w.Code == http.StatusNotFound {
		return nil
	}
	answer := map[string]any{}
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			c.t.Fatalf("%s %s: %d: %v\n%s", method, path, w.Code, err, w.Body)
		}
	}
	if w.Code >= 300 {
		c.t.Fatalf("%s %s: %d: %v", method, path, w.Code, answer)
	}
	return answer
}

// judge compares what came of a case with what is right.
func (c *faultCase) judge(want expectation, reads [][]any) (faults []string) {
	c.t.Helper()
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	if len(want.Reads) > 0 && len(want.Reads) != len(reads) {
		c.t.Fatalf("expect.json expects %d reads, steps.json has %d", len(want.Reads), len(reads))
	}
	for i := range want.Reads {
		if want.Reads[i] == nil {
			continue
		}
		if diff := cmp.Diff(want.Reads[i], c.readBack(c.named(reads[i]).([]any))); diff != "" {
			fault("read %v (- right, + here):\n%s", reads[i], diff)
		}
	}
	for _, w := range want.Said {
		h, ok := c.find(w.By)
		if !ok {
			c.t.Fatalf("expect.json: no step %q", w.By)
		}
		if w.Exit != nil && h.status != *w.Exit {
			fault("%s: exit status %d, right is %d", w.By, h.status, *w.Exit)
		}
		for _, part := range w.All {
			if !strings.Contains(h.text, part) {
				fault("%s does not say %q", w.By, part)
			}
		}
		for _, part := range w.None {
			if strings.Contains(h.text, part) {
				fault("%s says %q", w.By, part)
			}
		}
	}
	return faults
}

// find returns the step "run", or its second time, "run 2".
func (c *faultCase) find(by string) (heard, bool) {
	name, nth := by, 1
	if verb, n, ok := strings.Cut(by, " "); ok {
		name = verb
		if _, err := fmt.Sscan(n, &nth); err != nil {
			c.t.Fatal(err)
		}
	}
	for _, h := range c.heard {
		if h.by == name {
			if nth--; nth == 0 {
				return h, true
			}
		}
	}
	return heard{}, false
}

func (c *faultCase) readBack(r []any) any {
	c.t.Helper()
	switch r[0] {
	case "email":
		names := r[2].([]any)
		got := c.api("GET", "/crm/v3/objects/contacts/"+url.PathEscape(r[1].(string))+"?idProperty=email&properties="+joined(names), nil)
		if got == nil {
			return "no such contact"
		}
		return properties(got, names)
	case "find":
		var filters []any
		by := r[2].(map[string]any)
		for _, k := range slices.Sorted(maps.Keys(by)) {
			filters = append(filters, map[string]any{"propertyName": k, "operator": "EQ", "value": by[k]})
		}
		names := r[3].([]any)
		got := c.api("POST", "/crm/v3/objects/"+r[1].(string)+"/search", map[string]any{
			"filterGroups": []any{map[string]any{"filters": filters}}, "properties": names, "limit": 100})
		found := []any{}
		for _, x := range got["results"].([]any) {
			found = append(found, properties(x.(map[string]any), names))
		}
		slices.SortFunc(found, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		return found
	case "get":
		return any(c.api("GET", r[1].(string), nil))
	case "cell":
		return c.cells(r[1].(string), r[2].([]any))
	case "file":
		return c.read(r[1].(string))
	}
	c.t.Fatalf("steps.json: read %v is not known", r)
	return nil
}

func joined(names []any) string {
	var all []string
	for _, n := range names {
		all = append(all, n.(string))
	}
	return strings.Join(all, ",")
}

// properties takes some out of a record; what it lacks is null.
func properties(record map[string]any, names []any) map[string]any {
	all, _ := record["properties"].(map[string]any)
	out := map[string]any{}
	for _, n := range names {
		out[n.(string)] = all[n.(string)]
	}
	return out
}

// cells are cells of a workbook as "number 12.5", "boolean TRUE", "text Ann".
func (c *faultCase) cells(file string, names []any) map[string]any {
	c.t.Helper()
	book, err := excelize.OpenFile(c.path(file))
	if err != nil {
		c.t.Fatal(err)
	}
	defer book.Close()
	out := map[string]any{}
	for _, n := range names {
		name := n.(string)
		kind, err := book.GetCellType(book.GetSheetName(0), name)
		if err != nil {
			c.t.Fatal(err)
		}
		value, err := book.GetCellValue(book.GetSheetName(0), name, excelize.Options{RawCellValue: true})
		if err != nil {
			c.t.Fatal(err)
		}
		words := map[excelize.CellType]string{excelize.CellTypeUnset: "number", excelize.CellTypeNumber: "number", excelize.CellTypeBool: "boolean"}
		word := words[kind]
		if word == "" {
			word = "text"
		}
		out[name] = word + " " + value
	}
	return out
}
