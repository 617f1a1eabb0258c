package command_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"syncline/sync/hubspot/practice"
)

// Anybody's data is printed: names of syncs, columns, files and portals, cells
// and what HubSpot answers. Nothing of it may act on the terminal.
func TestNoCommandPrintsWhatATerminalObeys(t *testing.T) {
	t.Parallel()
	const evil = "\x1b[2J\x1b]0;owned\x07\u009b31m\u202egnp.\u2066\u200f\x7f"
	d := newDesk(t, practice.Options{})
	d.define("name: Customers", `name: "Evil\e[2J\u202E name"`)
	d.write("customers.csv", "id,Email,First,Last\n"+
		"1"+evil+",ann@example.com,Ann"+evil+",Lee\n2"+evil+",nobody"+evil+",Bob"+evil+",\n3"+evil+",c@example.com,Cid,Lee,too,many"+evil+"\n")
	d.write("evil.yaml", strings.Replace(contacts, "direction: two-way", "direction: \"side\\e[2J\\u202Eways\"", 1))
	for _, args := range [][]string{
		{"check", "sync.yaml"}, {"preview", "sync.yaml"}, {"run", "sync.yaml"}, {"runs"}, {"attention", "sync.yaml"}, {"review", "sync.yaml"},
		{"check", d.path("evil.yaml")}, {"check", d.path("no" + evil + ".yaml")}, {evil}, {"undo", evil}, {"review", "sync.yaml", "--field", evil}, {"run", "sync.yaml", "--" + evil},
		{"portals"}, {"disconnect", evil}, {"practice", "--listen", evil},
	} {
		for _, more := range [][]string{nil, {"--json"}} {
			s := d.plain(append(append([]string{}, args...), more...)...)
			for _, r := range s.out + s.err {
				if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
					t.Errorf("%q prints %U:\n%q\n%q", append(args, more...), r, s.out, s.err)
					break
				}
			}
			if more != nil && s.out != "" && !json.Valid([]byte(s.out)) {
				t.Errorf("%q prints no JSON: %q", args, s.out)
			}
		}
	}
	if s := d.do("preview", "sync.yaml"); s.report.Sync != "Evil\x1b[2J\u202e name" {
		t.Errorf("the document says that the sync is called %q", s.report.Sync)
	}
}
