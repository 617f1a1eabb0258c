package command_test

import (
	"encoding/json"
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
)

// names are the names of a desk's two companies and the first names of its two people.
func (d *desk) names() string {
	var all []string
	for _, domain := range []string{"one.example", "two.example"} {
		_, p := d.oneOf("companies", "domain", domain)
		all = append(all, p["name"])
	}
	for _, email := range []string{"ann@example.com", "bob@example.com"} {
		_, p := d.one(email)
		all = append(all, p["firstname"]+" "+p["lastname"])
	}
	return strings.Join(all, ", ")
}

// Of the run of a set some syncs, fields or rows are taken back in one go; the rest
// stays, and the run of the set is not taken for one that was undone.
func TestPartsOfASetsRunAreUndoneInOneGo(t *testing.T) {
	t.Parallel()
	changed := func(t *testing.T) (*desk, string) {
		d := newSetDesk(t, practice.Options{})
		d.set(0, "run", "all.yaml")
		d.write("firms.csv", "id,Domain,Name\na,one.example,Uno\nb,two.example,Due\nc,three.example,Three\n")
		d.write("customers.csv", "id,Email,First,Last\n1,ann@example.com,Anna,Leigh\n2,bob@example.com,Robert,Stein\n")
		run, _ := d.set(0, "run", "all.yaml", "--yes")
		if d.names() != "Uno, Due, Anna Leigh, Robert Stein" {
			t.Fatal(d.names())
		}
		return d, run.Run
	}
	for name, c := range map[string]struct {
		args []string
		want string
		runs int
	}{
		"one sync by its name":     {[]string{"--sync", "Firms"}, "One, Two, Anna Leigh, Robert Stein", 1},
		"one sync by its document": {[]string{"--sync", "sync.yaml"}, "Uno, Due, Ann Lee, Bob Stone", 1},
		"a field that one has":     {[]string{"--field", "First"}, "Uno, Due, Ann Leigh, Bob Stein", 1},
		"fields of both":           {[]string{"--field", "Last", "--field", "name"}, "One, Two, Anna Lee, Robert Stone", 2},
		"rows of both":             {[]string{"--row", "a", "--row", "2"}, "One, Due, Anna Leigh, Bob Stone", 2},
		"a field in a row":         {[]string{"--field", "First", "--row", "2"}, "Uno, Due, Anna Leigh, Bob Stein", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, run := changed(t)
			doc, s := d.set(0, append([]string{"undo", run}, c.args...)...)
			if got := d.names(); got != c.want || len(doc.Runs) != c.runs {
				t.Errorf("%q, %d runs, want %q, %d\n%s", got, len(doc.Runs), c.want, c.runs, s.err)
			}
			var list struct {
				Sets []struct{ Run, UndoOf, Part string }
			}
			if err := json.Unmarshal([]byte(d.plain("runs", "--json").out), &list); err != nil || list.Sets[0].Run != doc.Run || list.Sets[0].Part == "" {
				t.Errorf("%v, %+v", err, list.Sets)
			}
			// The rest can be taken back later, and what was is not written again.
			d.set(0, "run", "all.yaml", "--yes")
			if got := d.names(); got != c.want {
				t.Errorf("the next run made it %q", got)
			}
			d.set(0, "undo", run)
			if got := d.names(); got != "One, Two, Ann Lee, Bob Stone" {
				t.Errorf("undone as a whole it is %q", got)
			}
		})
	}
	d, run := changed(t)
	for _, args := range [][]string{{"--sync", "Deals"}, {"--field", "Fist"}, {"--row", "9"}, {"--sync", "Firms", "--field", "First"}, {"--row", "a", "--field", "First"}} {
		if s := d.do(append([]string{"undo", run}, args...)...); s.status != 2 || d.names() != "Uno, Due, Anna Leigh, Robert Stein" || s.problem.Message == "" {
			t.Errorf("%v: status %d, %q, %s", args, s.status, d.names(), s.out)
		}
	}
}
