package definition_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncline/sync/definition"
	"syncline/sync/record"
)

func TestTheReferenceIsTheGrammar(t *testing.T) {
	t.Parallel()
	if docs := os.Getenv("SYNCLINE_REFERENCE"); docs != "" {
		if err := os.WriteFile(filepath.Join(docs, "definition.md"), []byte(definition.Reference()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	doc, err := os.ReadFile("../../docs/definition.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(definition.Reference(), string(doc)); diff != "" {
		t.Errorf("docs/definition.md is not what the grammar takes (make reference):\n%s", diff)
	}
	if _, err := definition.Parse([]byte(definition.Whole), "whole.yaml"); err != nil {
		t.Errorf("its first example: %v", err)
	}
	for _, c := range record.Comparisons() {
		if c.Says() == "" {
			t.Errorf("nothing is said of the comparison %s", c)
		}
	}
}

// beside is what has to stand with a key, in place of what its part needs.
var beside = map[string]string{
	"source.sheet":                           "kind: excel, path: a.xlsx, key: [id]",
	"source.table":                           "kind: postgres, dsn: postgres://app@db/crm, key: [id]",
	"source.query":                           "kind: postgres, dsn: postgres://app@db/crm, key: [id]",
	"source.dsn":                             "kind: postgres, table: people, key: [id]",
	"source.portal":                          "kind: hubspot",
	"source.form":                            "kind: form-submissions",
	"source.object":                          "kind: hubspot, portal: Acme sandbox",
	"source.path":                            "kind: csv, key: [id]",
	"source.kind":                            "path: a.csv, key: [id]",
	"source.key":                             "kind: csv, path: a.csv",
	"source.files":                           "kind: files, query: select 1, key: [id]",
	"source.files.sheet":                     "path: a.xlsx",
	"hubspot.make":                           "object: machine, match: []",
	"hubspot.make.properties[].options":      "name: size, type: enumeration",
	"hubspot.make.properties[].type":         "name: size",
	"hubspot.make.display":                   "singular: Machine, plural: Machines, properties: [ { name: serial_number } ]",
	"hubspot.make.properties":                "singular: Machine, plural: Machines, display: serial_number",
	"hubspot.filter[][].operator":            "property: lifecyclestage, value: lead",
	"hubspot.filter[][].value":               "property: lifecyclestage, operator: EQ",
	"hubspot.filter[][].high-value":          "property: amount, operator: BETWEEN, value: 10",
	"hubspot.filter[][].values":              "property: lifecyclestage, operator: IN",
	"hubspot.filter[][].property":            "operator: EQ, value: lead",
	"delete.flag-record":                     "row-gone: flag",
	"delete.flag-row":                        "record-gone: flag",
	"fields[].constant":                      "property: lead_source",
	"fields[].unmapped":                      "field: A, property: a, values: { A: a }",
	"fields[].from-hubspot":                  "field: A, property: a, direction: two-way",
	"associations[].link":                    "to: contacts",
	"associations[].match":                   "to: contacts",
	"associate.from":                         "to: { object: contacts, match: { field: Email, property: email } }",
	"associate.to":                           "from: { object: deals, match: { field: Deal, property: deal_id } }",
	"associate.from, associate.to.link":      "object: deals",
	"hubspot, object: list-membership.link":  "object: list-membership, list: News, of: contacts",
	"hubspot, object: list-membership.match": "object: list-membership, list: News, of: contacts",
}

// needs is what a part needs besides the key at hand.
var needs = map[string][]string{
	"source":                           {"kind: csv", "path: a.csv", "key: [id]"},
	"source.files":                     {"path: a.csv"},
	"hubspot":                          {"object: contacts", "match: []"},
	"hubspot.make":                     {"singular: Machine", "plural: Machines", "display: serial_number", "properties: [ { name: serial_number } ]"},
	"hubspot.make.properties[]":        {"name: serial_number"},
	"hubspot, object: timeline-event":  {"object: timeline-event", "event: 7", "match: { field: E, property: email }"},
	"hubspot.timestamp":                {"field: A"},
	"hubspot.match[]":                  {"field: Email", "property: email"},
	"hubspot.filter[][]":               {"property: lifecyclestage", "operator: EQ", "value: lead"},
	"delete":                           {"row-gone: ignore"},
	"delete.flag-record":               {"property: jobtitle", "value: Gone"},
	"delete.flag-row":                  {"field: Active", "value: No"},
	"fields[]":                         {"field: A", "property: a"},
	"associations[]":                   {"to: companies", "match: { field: D, property: domain }"},
	"associations[].link":              {"sync: a.yaml", "field: A"},
	"associations[].label":             {"field: Role"},
	"associate":                        {"from: { object: deals, match: { field: D, property: d } }", "to: { object: contacts, match: { field: E, property: email } }"},
	"associate.from, associate.to":     {"object: deals", "match: { field: D, property: d }"},
	"guards":                           {"creates: 7"},
	"hubspot, object: list-membership": {"object: list-membership", "list: News", "of: contacts", "match: [ { field: E, property: email } ]"},
	"hubspot, object: form":            {"object: form", "form: Contact us"},
	"hubspot, object: file":            {"object: file", "of: contacts", "match: { field: E, property: email }", "file: F", "folder: /f"},
	"hubspot.page":                     {"uri: https://www.example.com"},
	"hubspot.consent":                  {"text: I agree"},
}

// documentWith is a document in which a part of the grammar holds these keys.
func documentWith(part, keys string) string {
	group := "{ " + keys + " }"
	doc := map[string]string{
		"syncline": "1", "direction": "to-hubspot",
		"source":  "{ kind: csv, path: a.csv, key: [id] }",
		"hubspot": "{ object: contacts, match: [] }",
		"fields":  "[ { field: A, property: a } ]",
	}
	associating := func(text string) {
		doc["associate"] = text
		delete(doc, "direction")
		delete(doc, "fields")
		delete(doc, "hubspot")
	}
	switch part {
	case "source", "hubspot", "delete", "guards":
		doc[part] = group
	case "hubspot, object: list-membership":
		doc["hubspot"] = group
		delete(doc, "direction")
		delete(doc, "fields")
	case "source.files":
		doc["source"] = "{ kind: files, query: select 1, key: [id], files: { a: " + group + " } }"
	case "hubspot.make":
		doc["hubspot"] = "{ object: machine, match: [], make: " + group + " }"
	case "hubspot.make.properties[]":
		// Another property names the record, so that this one may be of any kind.
		doc["hubspot"] = "{ object: machine, match: [], make: { singular: M, plural: Ms, display: title, properties: [ { name: title }, " + group + " ] } }"
	case "hubspot.page", "hubspot.consent":
		doc["hubspot"] = "{ object: form, form: Contact us, " + strings.TrimPrefix(part, "hubspot.") + ": " + group + " }"
	case "hubspot, object: timeline-event", "hubspot, object: form", "hubspot, object: file":
		doc["hubspot"] = group
	case "hubspot.timestamp":
		doc["hubspot"] = "{ object: timeline-event, event: 7, match: { field: E, property: email }, timestamp: " + group + " }"
	case "hubspot.match[]":
		doc["hubspot"] = "{ object: contacts, match: [ " + group + " ] }"
	case "hubspot.filter[][]":
		doc["hubspot"] = "{ object: contacts, match: [], filter: [ [ " + group + " ] ] }"
	case "delete.flag-record":
		doc["delete"] = "{ row-gone: flag, flag-record: " + group + " }"
	case "delete.flag-row":
		doc["delete"] = "{ record-gone: flag, flag-row: " + group + " }"
	case "fields[]":
		doc["fields"] = "[ " + group + " ]"
	case "associations[]":
		doc["associations"] = "[ " + group + " ]"
	case "associations[].link":
		doc["associations"] = "[ { to: companies, link: " + group + " } ]"
	case "associations[].label":
		doc["associations"] = "[ { to: companies, match: { field: D, property: domain }, label: " + group + " } ]"
	case "associate":
		associating(group)
	case "associate.from, associate.to":
		associating("{ from: " + group + ", to: { object: contacts, match: { field: E, property: email } } }")
	default:
		panic(part)
	}
	var b strings.Builder
	for _, name := range []string{"syncline", "source", "hubspot", "direction", "delete", "fields", "associations", "associate", "guards"} {
		if doc[name] != "" {
			fmt.Fprintf(&b, "%s: %s\n", name, doc[name])
		}
	}
	return b.String()
}

// TestEveryKeyOfTheReferenceIsAsItSays: each key's example is taken where it
// stands, what must be there is missed, what need not be there is not, and what
// holds without a key is what the reference says.
func TestEveryKeyOfTheReferenceIsAsItSays(t *testing.T) {
	t.Parallel()
	for _, k := range definition.Grammar() {
		if k.Part == "" {
			continue // TestTheDocumentsOwnKeysAreAsTheReferenceSays
		}
		part := k.Part + "." + k.Name
		var others []string
		for _, need := range needs[k.Part] {
			if !strings.HasPrefix(need, k.Name+":") {
				others = append(others, need)
			}
		}
		if with, ok := beside[part]; ok {
			others = []string{with}
		}
		full := documentWith(k.Part, strings.Join(append(slices.Clone(others), k.Name+": "+k.Example), ", "))
		d, err := definition.Parse([]byte(full), "")
		if err != nil {
			t.Errorf("%s: its example is refused: %v\n%s", part, err, full)
			continue
		}
		without := documentWith(k.Part, strings.Join(others, ", "))
		bare, err := definition.Parse([]byte(without), "")
		_, alternative := beside[part]
		switch {
		case k.Needed && err == nil:
			t.Errorf("%s must be there, and nobody misses it:\n%s", part, without)
		case !k.Needed && !alternative && err != nil:
			t.Errorf("%s need not be there, and is missed: %v\n%s", part, err, without)
		case k.Needed || err != nil || k.Words == nil:
		case !slices.Contains(k.Words, k.Without) && k.Without == "":
			t.Errorf("%s: what holds without it?", part)
		case slices.Contains(k.Words, k.Without):
			same, err := definition.Parse([]byte(documentWith(k.Part, strings.Join(append(others, k.Name+": "+k.Without), ", "))), "")
			if err != nil || same.Hash() != bare.Hash() {
				t.Errorf("%s: without it holds something else than %s, %v", part, k.Without, err)
			}
			if d.Hash() == bare.Hash() {
				t.Errorf("%s: its example says nothing", part)
			}
		}
		for _, word := range k.Words {
			doc := documentWith(k.Part, strings.Join(append(slices.Clone(others), k.Name+": "+word), ", "))
			if _, err := definition.Parse([]byte(doc), ""); err != nil && slices.ContainsFunc(problems(t, err), func(p definition.Problem) bool { return strings.Contains(p.Msg, "not possible here") }) {
				t.Errorf("%s: %s is refused: %v", part, word, err)
			}
		}
	}
}

// TestTheDocumentsOwnKeysAreAsTheReferenceSays does the same for the keys of the
// whole document.
func TestTheDocumentsOwnKeysAreAsTheReferenceSays(t *testing.T) {
	t.Parallel()
	base := map[string]string{}
	for _, k := range definition.Grammar() {
		if k.Part == "" && k.Needed {
			base[k.Name] = k.Example
		}
	}
	write := func(keys map[string]string) []byte {
		var b strings.Builder
		for _, k := range definition.Grammar() {
			if v := keys[k.Name]; k.Part == "" && v != "" {
				fmt.Fprintf(&b, "%s: %s\n", k.Name, v)
			}
		}
		return []byte(b.String())
	}
	for _, k := range definition.Grammar() {
		if k.Part != "" {
			continue
		}
		keys := map[string]string{}
		switch k.Name {
		case "set", "syncs":
			keys = map[string]string{"syncline": "1", "set": "All", "syncs": "[a.yaml]"}
		case "associate":
			keys = map[string]string{"syncline": "1", "source": base["source"]}
		default:
			for name, v := range base {
				keys[name] = v
			}
		}
		keys[k.Name] = k.Example
		if _, err := definition.ParseDocument(write(keys), ""); err != nil {
			t.Errorf("%s: its example is refused: %v\n%s", k.Name, err, write(keys))
		}
		delete(keys, k.Name)
		_, err := definition.ParseDocument(write(keys), "")
		if gone := k.Needed || k.Name == "set" || k.Name == "syncs" || k.Name == "associate"; gone != (err != nil) {
			t.Errorf("%s: without it: %v", k.Name, err)
		}
	}
}
