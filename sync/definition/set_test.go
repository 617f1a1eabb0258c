package definition_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"syncline/sync/definition"
)

// linked is a document of a sync that has links to these other ones.
func linked(to ...string) string {
	doc := document("{ field: Email, property: email }")
	if len(to) > 0 {
		doc += "associations:\n"
	}
	for _, sync := range to {
		doc += "  - { to: companies, link: { sync: " + sync + ", field: Account } }\n"
	}
	return doc
}

// folder writes documents, and loads the set among them.
func folder(t *testing.T, docs map[string]string) *definition.Set {
	t.Helper()
	dir := t.TempDir()
	for name, text := range docs {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	doc, err := definition.LoadDocument(filepath.Join(dir, "all.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if doc.Set == nil || doc.Definition != nil {
		t.Fatalf("it was not taken for a set: %+v", doc)
	}
	return doc.Set
}

func ordered(s *definition.Set) (definition.Ordered, error) {
	all, err := s.Load()
	if err != nil {
		return definition.Ordered{}, err
	}
	return s.Order(all, definition.Exists, strings.EqualFold)
}

// TestLoadDocument: one file holds one sync or one set.
func TestLoadDocument(t *testing.T) {
	t.Parallel()
	doc, err := definition.LoadDocument("testdata/valid/full.yaml")
	if err != nil || doc.Set != nil || doc.Definition == nil || doc.Definition.ID != "k7q2m9xw4r" {
		t.Errorf("a definition: %+v, %v", doc, err)
	}
	doc, err = definition.ParseDocument([]byte("syncline: 1\nset: All\nsyncs: [b.yaml, sub/a.yaml]\n"), filepath.Join("sets", "all.yaml"))
	if err != nil || doc.Definition != nil || doc.Set == nil {
		t.Fatalf("a set: %+v, %v", doc, err)
	}
	s := doc.Set
	if s.Name != "All" || !slices.Equal(s.Syncs, []string{"b.yaml", "sub/a.yaml"}) || s.SyncPath(1) != filepath.Join("sets", "sub", "a.yaml") || s.Line("syncs[1]") != 3 {
		t.Errorf("%+v", s)
	}
	for _, text := range []string{"", "syncline: 1\nset: [", "syncline: 9\nset: A\nsyncs: [a.yaml]\n", "hello\n"} {
		if doc, err := definition.ParseDocument([]byte(text), ""); err == nil || doc.Set != nil || doc.Definition != nil {
			t.Errorf("%q was read: %+v, %v", text, doc, err)
		}
	}
	if _, err := definition.LoadDocument(filepath.Join(t.TempDir(), "none.yaml")); !errors.As(err, new(*definition.FileError)) {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestBrokenSets(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, doc string
		want      []string
	}{
		{"no name", "syncline: 1\nsyncs: [a.yaml]\n", []string{"set: is missing: write what the set is called."}},
		{"an empty name", "syncline: 1\nset:\nsyncs: [a.yaml]\n", []string{"line 2: set: has no value. Write one, or take the line out."}},
		{"no syncs", "syncline: 1\nset: All\n", []string{"syncs: is missing: list the documents of the syncs, such as [accounts.yaml, people.yaml]."}},
		{"an empty list", "syncline: 1\nset: All\nsyncs: []\n", []string{"line 3: syncs: is an empty list. Fill it, or take the line out."}},
		{"the same twice", "syncline: 1\nset: All\nsyncs:\n  - a.yaml\n  - b.yaml\n  - ./a.yaml\n", []string{`line 6: syncs[2]: "./a.yaml" is named already, as number 1. Keep one of the two.`}},
		{"an unknown key", "syncline: 1\nset: All\nsync: [a.yaml]\n", []string{`line 3: sync: there is no key "sync" here. Did you mean "syncs"?`}},
		{"keys of a definition", "syncline: 1\nset: All\nname: All\nsyncs: [a.yaml]\ndirection: two-way\n", []string{
			"line 3: name: has no meaning in a set, which only has a name and the documents of its syncs. Write it into one of those, and take it out here.",
			"line 5: direction: has no meaning in a set, which only has a name and the documents of its syncs. Write it into one of those, and take it out here."}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := definition.ParseDocument([]byte(tt.doc), "all.yaml")
			if diff := cmp.Diff(tt.want, lines(problems(t, err))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestSetOrder: a sync comes after those that it has links to, and else where
// the set has it.
func TestSetOrder(t *testing.T) {
	t.Parallel()
	s := folder(t, map[string]string{
		"all.yaml":            "syncline: 1\nset: All\nsyncs: [roles.yaml, people.yaml, sales/deals.yaml, notes.yaml, accounts.yaml]\n",
		"roles.yaml":          "syncline: 1\nsource: { kind: csv, path: r.csv, key: [Id] }\nassociate:\n  from: { object: deals, link: { sync: sales/deals.yaml, field: Deal } }\n  to: { object: contacts, link: { sync: people.yaml, field: Person } }\n",
		"people.yaml":         linked("accounts.yaml", "people.yaml"), // a person's manager is another row
		"sales/deals.yaml":    linked("../accounts.yaml", "../people.yaml", "../elsewhere.yaml"),
		"notes.yaml":          linked(),
		"accounts.yaml":       linked(),
		"elsewhere.yaml":      linked(),
		"sales/accounts.yaml": linked("nothing.yaml"), // of the same name, and not in the set
	})
	got, err := ordered(s)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"accounts.yaml", "people.yaml", "sales/deals.yaml", "roles.yaml", "notes.yaml"}, got.Names); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for i, d := range got.Syncs {
		if !strings.HasSuffix(filepath.ToSlash(d.Path), got.Names[i]) {
			t.Errorf("%s is called %s", d.Path, got.Names[i])
		}
	}
	if diff := cmp.Diff([]string{"sales/deals.yaml rests on ../elsewhere.yaml, which is not in this set: it is taken as its own last run left it."}, got.Notes); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestSetOrderOfWhatIsFoundByAMatchProperty: a sync comes after those that make
// what it finds by a property, unless they rest on it.
func TestSetOrderOfWhatIsFoundByAMatchProperty(t *testing.T) {
	t.Parallel()
	const head = "syncline: 1\nsource: { kind: csv, path: a.csv, key: [Id] }\ndirection: to-hubspot\n"
	firms := head + "create: hubspot\nhubspot: { object: companies, match: [ { field: Domain, property: domain } ] }\nfields: [ { field: Domain, property: domain } ]\n"
	people := head + "create: hubspot\nhubspot: { object: contacts, match: [ { field: Email, property: email } ] }\nfields: [ { field: Email, property: email } ]\n"
	toFirms := "associations: [ { to: COMPANIES, match: { field: Firm, property: domain } } ]\n"
	toPeople := "associations: [ { to: contacts, match: { field: Owner, property: email } } ]\n"
	tests := map[string]struct {
		firms, people string
		order         []string
		again         string
	}{
		"they make what is found":         {firms, people + toFirms, []string{"firms.yaml", "people.yaml"}, ""},
		"they make none":                  {strings.Replace(firms, "create: hubspot", "create: none", 1), people + toFirms, []string{"people.yaml", "firms.yaml"}, ""},
		"they give it no such value":      {strings.Replace(firms, "fields: [ { field: Domain, property: domain }", "fields: [ { field: Domain, property: name }", 1), people + toFirms, []string{"people.yaml", "firms.yaml"}, ""},
		"each makes what the other finds": {firms + toPeople, people + toFirms, []string{"firms.yaml", "people.yaml"}, "firms.yaml"},
		"it would make them itself":       {firms + strings.Replace(toPeople, "email }", "email }, create-missing: true", 1), people + toFirms, []string{"people.yaml", "firms.yaml"}, "people.yaml"},
		"they rest on it by a link":       {firms + "associations: [ { to: contacts, link: { sync: people.yaml, field: Owner } } ]\n", people + toFirms, []string{"people.yaml", "firms.yaml"}, "people.yaml"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := ordered(folder(t, map[string]string{"all.yaml": "syncline: 1\nset: All\nsyncs: [people.yaml, firms.yaml]\n", "firms.yaml": tt.firms, "people.yaml": tt.people}))
			if err != nil || !slices.Equal(got.Names, tt.order) || strings.Join(got.Again, " ") != tt.again || len(got.Notes) != len(got.Again) {
				t.Errorf("%v, %v, %q, %v", got.Names, got.Again, got.Notes, err)
			}
		})
	}
}

func TestSetsThatCannotWork(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		docs map[string]string
		want []string
	}{
		{"a circle", map[string]string{"a.yaml": linked("b.yaml"), "b.yaml": linked("c.yaml"), "c.yaml": linked("b.yaml")},
			[]string{"all.yaml: line 3: syncs: these syncs rest on each other in a circle: b.yaml → c.yaml → b.yaml. Take one of these links out of its document; a sync of its own can make those associations after both."}},
		{"a link to nothing", map[string]string{"a.yaml": linked(), "b.yaml": linked("a.yaml", "aa.yaml"), "c.yaml": linked()},
			[]string{`b.yaml: line 11: associations[1].link.sync: there is no document aa.yaml beside this one. Did you mean "a.yaml"?`}},
		{"a document that is not there", map[string]string{"a.yaml": linked(), "c.yaml": linked()},
			[]string{"all.yaml: line 3: syncs[1]: is not there; check the name of the definition and the folder."}},
		{"a set in a set", map[string]string{"a.yaml": linked(), "b.yaml": "syncline: 1\nset: More\nsyncs: [x.yaml, y.yaml]\n", "c.yaml": linked()},
			[]string{`all.yaml: line 3: syncs[1]: "b.yaml" is a set itself, and a set holds no sets. Name its syncs here instead: x.yaml, y.yaml.`}},
		{"several at once", map[string]string{"a.yaml": "syncline: 1\n", "b.yaml": "syncline: 1\ncolour: red\n"},
			[]string{"all.yaml: line 3: syncs[2]: is not there", "a.yaml has 4 problems", "b.yaml has 5 problems"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.docs["all.yaml"] = "syncline: 1\nset: All\nsyncs: [a.yaml, b.yaml, c.yaml]\n"
			_, err := ordered(folder(t, tt.docs))
			if err == nil || !errors.As(err, new(*definition.Error)) {
				t.Fatalf("got %v", err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v\nwant %s", err, want)
				}
			}
		})
	}
}

// TestSetOrderOfAnyLinks: whatever links there are, each sync is placed once
// and after what it rests on, or a circle is named that is one.
func TestSetOrderOfAnyLinks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 8).Draw(t, "syncs")
		s := &definition.Set{Name: "All", Path: "all.yaml"}
		for i := range n {
			s.Syncs = append(s.Syncs, fmt.Sprintf("%d.yaml", i))
		}
		var all []*definition.Definition
		links := map[string][]string{}
		for i := range n {
			d := &definition.Definition{Path: s.Syncs[i]}
			for _, to := range rapid.SliceOfN(rapid.SampledFrom(s.Syncs), 0, 2).Draw(t, "links") {
				d.Associations = append(d.Associations, definition.Association{To: "x", End: definition.End{Link: definition.LinkKey{Sync: to, Field: "k"}}})
				if to != s.Syncs[i] {
					links[s.Syncs[i]] = append(links[s.Syncs[i]], to)
				}
			}
			all = append(all, d)
		}
		got, err := s.Order(all, func(string) bool { t.Fatal("asked for a file outside of the set"); return false }, strings.EqualFold)
		if err != nil {
			_, text, _ := strings.Cut(err.Error(), "in a circle: ")
			text, _, _ = strings.Cut(text, ". Take")
			circle := strings.Split(text, " → ")
			for i := range len(circle) - 1 {
				if !slices.Contains(links[circle[i]], circle[i+1]) {
					t.Fatalf("%s does not rest on %s: %v", circle[i], circle[i+1], err)
				}
			}
			if len(circle) < 3 || circle[0] != circle[len(circle)-1] {
				t.Fatalf("this is no circle: %v", err)
			}
			return
		}
		if diff := cmp.Diff(s.Syncs, slices.Sorted(slices.Values(got.Names))); diff != "" {
			t.Fatalf("not each once: %v", got.Names)
		}
		for i, name := range got.Names {
			for _, on := range links[name] {
				if slices.Index(got.Names, on) > i {
					t.Fatalf("%s comes before %s, on which it rests: %v", name, on, got.Names)
				}
			}
		}
	})
}
