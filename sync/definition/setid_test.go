package definition_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"syncline/sync/definition"
)

const rest = "source: { kind: csv, path: a.csv, key: [id] }\nhubspot: { object: contacts, match: [{ field: Email, property: email }] }\ndirection: to-hubspot\nfields: [{ field: id, property: email }]\n"

// TestSetID: the id is a line of its own below the format version, or takes
// the place of another one, and every other byte stays.
func TestSetID(t *testing.T) {
	t.Parallel()
	const id = "k7q2m9xw4r"
	crlf := func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }
	tests := []struct{ name, doc, want string }{
		{"a plain document", "syncline: 1\nname: A\n" + rest, "syncline: 1\nid: " + id + "\nname: A\n" + rest},
		{"comments and blank lines", "# our sync\n\nsyncline: 1   # format\n\n# the name\nname: A # id: none\n" + rest,
			"# our sync\n\nsyncline: 1   # format\nid: " + id + "\n\n# the name\nname: A # id: none\n" + rest},
		{"a byte order mark and CRLF", "\ufeff" + crlf("syncline: 1\nname: A\n"+rest), "\ufeff" + crlf("syncline: 1\nid: "+id+"\nname: A\n"+rest)},
		{"the format version at the end", "name: A\n" + rest + "syncline: 1", "name: A\n" + rest + "syncline: 1\nid: " + id},
		{"the same with CRLF", crlf("name: A\n" + rest + "syncline: 1"), crlf("name: A\n" + rest + "syncline: 1\nid: " + id)},
		{"an indented document", "  syncline: 1\n  " + strings.ReplaceAll(strings.TrimSuffix(rest, "\n"), "\n", "\n  ") + "\n",
			"  syncline: 1\n  id: " + id + "\n  " + strings.ReplaceAll(strings.TrimSuffix(rest, "\n"), "\n", "\n  ") + "\n"},
		{"a document start", "---\nsyncline: 1\n" + rest, "---\nsyncline: 1\nid: " + id + "\n" + rest},
		{"quotes", "\"syncline\": '1'\n" + rest, "\"syncline\": '1'\nid: " + id + "\n" + rest},
		{"braces", "{ syncline: 1, " + strings.ReplaceAll(strings.TrimSuffix(rest, "\n"), "\n", ", ") + " }\n",
			"{ syncline: 1, id: " + id + ", " + strings.ReplaceAll(strings.TrimSuffix(rest, "\n"), "\n", ", ") + " }\n"},
		{"another id", "syncline: 1\nid: abcdefghjk   # ours: abcdefghjk\nname: A\n" + rest, "syncline: 1\nid: " + id + "   # ours: abcdefghjk\nname: A\n" + rest},
		{"another id between quotes", "syncline: 1\nname: A\n" + rest + "'id' : \"2345678923\"\n", "syncline: 1\nname: A\n" + rest + "'id' : \"" + id + "\"\n"},
		{"the same id", "syncline: 1\nid: " + id + "\n" + rest, "syncline: 1\nid: " + id + "\n" + rest},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := definition.SetID([]byte(tt.doc), id)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != tt.want {
				t.Errorf("got\n%q\nwant\n%q", got, tt.want)
			}
			if !definition.HasID(got, id) || definition.HasID([]byte(tt.doc), "abcdefghjx") {
				t.Error("HasID does not see it")
			}
		})
	}
}

// TestSetIDWhereThereIsNoPlace: a document in an odd form is left alone, with a
// sentence that says what to do.
func TestSetIDWhereThereIsNoPlace(t *testing.T) {
	t.Parallel()
	for _, doc := range []string{"? syncline\n: 1\n" + rest, "syncline:\n  1\n" + rest} {
		got, err := definition.SetID([]byte(doc), "k7q2m9xw4r")
		if err == nil {
			if !definition.HasID(got, "k7q2m9xw4r") {
				t.Errorf("%q became %q", doc, got)
			}
			continue
		}
		if !strings.Contains(err.Error(), "Add the line") && !strings.Contains(err.Error(), "problem") && !strings.Contains(err.Error(), "key") {
			t.Errorf("%q: %v", doc, err)
		}
	}
	if _, err := definition.SetID([]byte("syncline: 1\n"), "k7q2m9xw4r"); err == nil {
		t.Error("a document that can't be read was given an id")
	}
}

// TestHasIDWhileItIsEdited: a document that can't be read at the moment still
// says which sync it is.
func TestHasIDWhileItIsEdited(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]bool{
		"syncline: 1\nid: k7q2m9xw4r\nnam":                    true,
		"syncline: 1\r\nid: k7q2m9xw4r # ours\r\nsource: [":   true,
		"syncline: 1\n'id': \"k7q2m9xw4r\"\n":                 true,
		"syncline: 1\nid: k7q2m9xw4rr\n":                      false,
		"syncline: 1\nname: id k7q2m9xw4r\n":                  false,
		"syncline: 1\n# id: k7q2m9xw4r\n":                     false,
		"syncline: 1\nsource: { note: 1, nid: k7q2m9xw4r }\n": false,
	} {
		if got := definition.HasID([]byte(doc), "k7q2m9xw4r"); got != want {
			t.Errorf("%q: %v", doc, got)
		}
	}
}

// TestSetIDInEveryDocument: in all documents of testdata, and in all that the
// program writes, only one line comes to be there.
func TestSetIDInEveryDocument(t *testing.T) {
	t.Parallel()
	check := func(t fatal, doc []byte) {
		got, err := definition.SetID(doc, "k7q2m9xw4r")
		if err != nil {
			t.Fatalf("%v\n%s", err, doc)
		}
		if n := bytes.Count(got, []byte("\n")) - bytes.Count(doc, []byte("\n")); n != 0 && n != 1 {
			t.Fatalf("%d lines came to be there:\n%s", n, got)
		}
	}
	for _, path := range glob(t, "testdata/valid/*.yaml") {
		doc, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		check(t, doc)
	}
	rapid.Check(t, func(t *rapid.T) {
		doc, err := anyDefinition().Draw(t, "definition").YAML()
		if err != nil {
			t.Fatalf("%v", err)
		}
		check(t, doc)
	})
}

// TestNewID: ids are ten letters and digits that nobody misreads, and never
// the same.
func TestNewID(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 10_000 {
		id := definition.NewID()
		if len(id) != 10 || strings.Trim(id, "23456789abcdefghjkmnpqrstuvwxyz") != "" || seen[id] {
			t.Fatalf("%q", id)
		}
		seen[id] = true
	}
}
