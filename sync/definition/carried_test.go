package definition_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"syncline/sync/definition"
)

// whole is a document in which every key has a line of its own and a value
// that is not its default, as far as the keys go together.
const whole = `syncline: 1
id: k7q2m9xw4r
name: Whole
source:
  kind: excel
  path: a.xlsx
  sheet: One
  key: [id]
  modified: changed
  zone: Europe/Berlin
  header-row: 4
  blanks: [NULL]
hubspot:
  portal: Acme
  object: contacts
  match:
    - { field: Email, property: email }
  filter:
    - - { property: lifecyclestage, operator: EQ, value: lead }
direction: two-way
create: both
delete:
  row-gone: flag
  flag-record: { property: jobtitle, value: Gone }
  record-gone: flag
  flag-row: { field: Active, value: "no" }
duplicates: first
verify: all
fields:
  - field: Email
    property: email
    direction: to-hubspot
    compare: text
    conflict: source
    values: { A: a }
    unmapped: keep
    blank: clear
    to-hubspot: [trim]
  - field: Name
    property: name
    from-hubspot: [trim]
  - property: lead_source
    constant: Import
associations:
  - to: companies
    match: { field: Company domain, property: domain }
    label: Primary
    create-missing: true
    remove-others: true
  - to: contacts
    link: { sync: people.yaml, field: Person ids }
    split: ";"
guards:
  creates: 1
  updates: 2
  clears: 3
  archives: 4
`

// without are the keys that don't change what a sync means. Each says what
// carries it out.
var without = map[string]string{
	"syncline":        "the version of the format, which Parse checks",
	"id":              "what links hang on: the workspace",
	"name":            "what people call it: every list",
	"hubspot.portal":  "the connection that is opened: app.OpenSync",
	"verify":          "how much is read back after a write: the engine",
	"guards":          "the keys in it",
	"guards.creates":  "the guard rails of a plan: the engine",
	"guards.updates":  "likewise",
	"guards.clears":   "likewise",
	"guards.archives": "likewise",
}

// TestEveryKeyIsCarriedOutOrRefused: each key of the grammar changes what the
// definition means, or is one of those that say what else they do, or is
// refused where it stands. Nothing is taken in silence.
func TestEveryKeyIsCarriedOutOrRefused(t *testing.T) {
	t.Parallel()
	d := parse(t, whole)
	seen := map[string]bool{}
	for i, line := range strings.Split(whole, "\n") {
		key, _, ok := strings.Cut(strings.TrimLeft(line, " -"), ":")
		if !ok || strings.HasPrefix(strings.TrimLeft(line, " -"), "{") {
			continue
		}
		part := partAt(t, d, key, i+1)
		seen[part] = true
		if without[general(part)] != "" {
			continue
		}
		again, err := definition.Parse([]byte(removed(whole, i)), "")
		if err == nil && again.Hash() == d.Hash() {
			t.Errorf("line %d: taking %s out changes nothing", i+1, part)
		}
	}
	for part := range without {
		if !seen[part] {
			t.Errorf("%s does not stand in the document", part)
		}
	}
	for section, keys := range definition.GrammarKeys() {
		for _, key := range keys {
			part := strings.TrimPrefix(section+"."+key, ".")
			if !slices.ContainsFunc(keysOf(seen), func(s string) bool { return general(s) == part }) && !refused(t, section, key) {
				t.Errorf("%s is neither carried out nor refused", part)
			}
		}
	}
}

// partAt is the name of the part whose key stands in a line.
func partAt(t *testing.T, d *definition.Definition, key string, line int) string {
	t.Helper()
	for _, up := range []string{"", "source.", "hubspot.", "delete.", "guards.", "fields[0].", "fields[1].", "fields[2].", "associations[0].", "associations[1]."} {
		if d.Line(up+key) == line {
			return up + key
		}
	}
	t.Fatalf("what is %q in line %d?", key, line)
	return ""
}

func general(part string) string {
	return strings.NewReplacer("[0]", "[]", "[1]", "[]", "[2]", "[]").Replace(part)
}

func keysOf(m map[string]bool) []string {
	var all []string
	for k := range m {
		all = append(all, k)
	}
	return all
}

func TestEveryKeyOfAFileThatAQueryJoinsCounts(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/valid/files.yaml")
	if err != nil {
		t.Fatal(err)
	}
	hash, lines := parse(t, string(text)).Hash(), 0
	for i, line := range strings.Split(string(text), "\n") {
		if !strings.HasPrefix(line, "    ") || strings.Contains(line, "JOIN") {
			continue
		}
		lines++
		if again, err := definition.Parse([]byte(removed(string(text), i)), ""); err == nil && again.Hash() == hash {
			t.Errorf("taking %q out changes nothing", line)
		}
	}
	if lines != 9 {
		t.Errorf("%d lines were looked at", lines)
	}
}

// removed is the document without a line and what is indented under it.
func removed(doc string, at int) string {
	all := strings.Split(doc, "\n")
	indent := func(s string) int { return len(s) - len(strings.TrimLeft(s, " -")) }
	end := at + 1
	if !strings.HasPrefix(strings.TrimLeft(all[at], " "), "- ") {
		for end < len(all) && indent(all[end]) > indent(all[at]) {
			end++
		}
		return strings.Join(slices.Delete(slices.Clone(all), at, end), "\n")
	}
	all[at] = strings.Repeat(" ", indent(all[at])-2) + "-" // the element stays
	return strings.Join(all, "\n")
}

// refused tells whether a document with the key is refused at the key's line.
func refused(t *testing.T, section, key string) bool {
	t.Helper()
	value := map[string]string{"dsn": "postgres://app@db/crm", "table": "people", "query": "select 1", "object": "contacts", "portal": "Other", "form": "Contact us", "header-row": "4",
		"encoding": "windows-1250", "blanks": "[NULL]", "associate": "{ from: {}, to: {} }", "set": "All", "syncs": "[a.yaml]", "files": "{ a: a.csv }",
		"associations": "[{ to: companies, match: { field: Domain, property: domain } }]"}[key]
	if value == "" {
		t.Fatalf("what is a value of %s %s?", section, key)
	}
	var kinds []string
	switch {
	case section == "":
		kinds = []string{whole + key + ": " + value + "\n"}
	default: // each kind of source that takes the key
		for _, kind := range []string{"excel", "csv", "sqlite", "postgres", "mysql", "hubspot"} {
			kinds = append(kinds, strings.Replace(whole, "  kind: excel\n", "  kind: "+kind+"\n  "+key+": "+value+"\n", 1))
		}
	}
	for _, doc := range kinds {
		_, err := definition.Parse([]byte(doc), "")
		if err == nil || !slices.ContainsFunc(problems(t, err), func(p definition.Problem) bool { return p.Line > 0 }) {
			return false
		}
	}
	return true
}
