package command_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"syncline/app"
	"syncline/store"
	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/plan"
)

// crashSet is the real program between a set of three files and a portal: firms
// and clubs, people with their firms, and roles of people in clubs.
type crashSet struct {
	*world
	k      *killer
	rng    *rand.Rand
	firms  int
	people []int           // their firm, by person; -1 for none
	roles  map[string]bool // "firm person label"
	killed int
	aimed  int
	found  map[string]int // member that was at work -> times
}

const rolesByKey = `syncline: 1
name: Roles
source: { kind: csv, path: roles.csv, key: [id] }
associate:
  from: { object: companies, link: { sync: firms.yaml, field: firm } }
  to: { object: contacts, match: { field: email, property: email } }
  label: { field: label }
  remove-others: true
`

// A set is killed while it plans, makes records, joins them, and goes from one of
// its syncs to the next. Whatever was under way, the next one completes it: each
// firm and each person is there once, everybody has the firm and the roles that
// the files name and no others.
func TestKilledInTheMiddleOfASet(t *testing.T) {
	t.Parallel()
	k := &killer{}
	w := &crashSet{world: newWorld(t, practice.Options{Latency: practice.Fixed(2 * time.Millisecond), Limits: practice.Limits{Burst: 10_000}, Observe: k.observe}),
		k: k, rng: rand.New(rand.NewPCG(killSeed, 10)), roles: map[string]bool{}, found: map[string]int{}}
	w.write("all.yaml", "syncline: 1\nset: All\nsyncs: [roles.yaml, people.yaml, firms.yaml]\n")
	w.write("firms.yaml", strings.Replace(firmsByDomain, "create: hubspot\n", "create: hubspot\nguards: { creates: 100000 }\n", 1))
	w.write("people.yaml", strings.Replace(peopleByEmail, "create: hubspot\n", "create: hubspot\nguards: { creates: 100000 }\n", 1)+
		"  - { to: companies, match: { field: Domain, property: domain }, remove-others: true }\n")
	w.write("roles.yaml", rolesByKey)
	most := kills()
	for round := 0; w.killed < most; round++ {
		if round > 20+2*most {
			t.Fatalf("only %d of %d processes were killed at work", w.killed, w.aimed)
		}
		w.change()
		args := []string{"run", "all.yaml", "--yes"}
		if round%2 == 1 { // what is killed carries out a plan that was looked at
			doc, _ := w.run("preview", "all.yaml")
			args = append(args, "--plan", doc.Plan)
		}
		for range min(1+w.rng.IntN(3), most-w.killed) {
			w.aimed++
			if !w.strike(args) {
				break
			}
			w.killed++
			at, ended := w.at()
			if w.found[at]++; ended {
				break // it was killed on its way out
			}
		}
		if text := w.remaining(); text != "" {
			t.Fatalf("round %d:\n%s", round, text)
		}
		w.check(round)
	}
	t.Logf("killed %d processes at work, of %d; at work was: %v", w.killed, w.aimed, w.found)
	if most >= 40 && len(w.found) < 4 {
		t.Errorf("the moments are chosen badly: %v", w.found)
	}
}

// strike kills a run at a moment of one of its syncs; false when it ended before.
func (w *crashSet) strike(args []string) bool {
	soon := time.Duration(w.rng.IntN(2)*w.rng.IntN(12)) * time.Millisecond
	m := []moment{
		{route: "account-info", after: time.Duration(w.rng.IntN(400)) * time.Millisecond},
		{route: "companies/batch/create", after: soon},
		{route: "contacts/batch/create", after: soon},
		{route: "batch/create", nth: w.rng.IntN(5), after: soon},
		{route: "batch/read", nth: w.rng.IntN(8), after: soon},
		{route: "associations", nth: w.rng.IntN(10), after: soon},
	}[w.aimed%6]
	return w.killing(w.k, m, args...)
}

// client reads the portal as another program would.
func (w *world) client() *hubspot.Client {
	w.t.Helper()
	c, err := hubspot.New(hubspot.Config{Tokens: hubspot.StaticToken(w.portal.Token()), Transport: w.portal.Transport()})
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// remaining runs the set to its end and tells what is left to do, "" for nothing.
func (w *crashSet) remaining() string {
	w.t.Helper()
	c := w.command(w.t.Context(), "run", "all.yaml", "--yes", "--json")
	var stderr strings.Builder
	c.Stderr = &stderr
	out, err := c.Output()
	if err == nil {
		return ""
	}
	var doc struct {
		Runs []struct {
			Document     string
			Counts       app.Report
			Rows         []json.RawMessage
			Associations []json.RawMessage
		}
	}
	text := fmt.Sprintf("%v\n%s", err, stderr.String())
	if jerr := json.Unmarshal(out, &doc); jerr != nil {
		return fmt.Sprintf("%s\n%v\n%s", text, jerr, out)
	}
	for _, r := range doc.Runs {
		text += fmt.Sprintf("\n%s: %+v\n%s\n%s", r.Document, r.Counts.Counts, r.Rows, r.Associations)
	}
	return text
}

// at tells which sync of the set a killed process left in the middle, and whether
// the run of the set had come to its end.
func (w *crashSet) at() (name string, ended bool) {
	w.t.Helper()
	db, err := store.Open(w.t.Context(), w.workspace())
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	all, err := db.Syncs(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, y := range all {
		if _, err := db.Interrupted(w.t.Context(), y.ID); err == nil {
			return y.Name, false
		}
	}
	last, err := db.SetRuns(w.t.Context(), 1)
	if err != nil {
		w.t.Fatal(err)
	}
	return "none", len(last) > 0 && last[0].State == plan.RunDone
}

// change changes the files: more firms and people, people who change their firm,
// roles that come and go.
func (w *crashSet) change() {
	w.firms += 1 + w.rng.IntN(3)
	for range 1 + w.rng.IntN(4) {
		w.people = append(w.people, w.rng.IntN(w.firms))
	}
	for range 1 + w.rng.IntN(4) {
		w.people[w.rng.IntN(len(w.people))] = w.rng.IntN(w.firms+1) - 1
	}
	for range 2 + w.rng.IntN(5) {
		key := fmt.Sprintf("%d %d %s", w.rng.IntN(w.firms), w.rng.IntN(len(w.people)), []string{"Adviser", "Owner", "Board 🎩"}[w.rng.IntN(3)])
		if w.roles[key] {
			delete(w.roles, key)
		} else {
			w.roles[key] = true
		}
	}
	var firms, people, roles strings.Builder
	firms.WriteString("id,Domain,Name\n")
	for i := range w.firms {
		fmt.Fprintf(&firms, "f%d,f%d.com,Firm %d\ng%d,g%d.com,Club %d\n", i, i, i, i, i, i)
	}
	people.WriteString("id,Email,Domain\n")
	for i, f := range w.people {
		fmt.Fprintf(&people, "%d,p%d@example.com,%s\n", i, i, domainOf(f))
	}
	roles.WriteString("id,firm,email,label\n")
	for _, key := range slices.Sorted(maps.Keys(w.roles)) {
		f, p, label := roleOf(key)
		fmt.Fprintf(&roles, "%s,g%d,p%d@example.com,%s\n", strings.ReplaceAll(key, " ", "-"), f, p, label)
	}
	w.write("firms.csv", firms.String())
	w.write("people.csv", people.String())
	w.write("roles.csv", roles.String())
}

func domainOf(firm int) string {
	if firm < 0 {
		return ""
	}
	return fmt.Sprintf("f%d.com", firm)
}

func roleOf(key string) (firm, person int, label string) {
	if _, err := fmt.Sscan(key, &firm, &person); err != nil {
		panic(err)
	}
	return firm, person, strings.SplitN(key, " ", 3)[2]
}

func (w *crashSet) check(round int) {
	w.t.Helper()
	want := map[string]bool{}
	for p, f := range w.people {
		if f >= 0 {
			want[fmt.Sprintf("p%d@example.com f%d.com ", p, f)] = true
		}
	}
	for key := range w.roles {
		f, p, label := roleOf(key)
		want[fmt.Sprintf("p%d@example.com g%d.com %s", p, f, label)] = true
	}
	got := map[string]bool{}
	domains := map[string]string{}
	for id, c := range w.portal.Records("companies") {
		domains[id] = c["domain"]
	}
	emails := map[string]string{}
	for id, p := range w.portal.Records("contacts") {
		emails[id] = p["email"]
	}
	read, err := w.client().BatchReadAssociations(w.t.Context(), "contacts", "companies", slices.Sorted(maps.Keys(emails)))
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range read.Edges {
		labels := 0
		for _, x := range e.Types {
			if x.Label != "" && x.Label != "Primary" {
				labels++
				got[emails[e.From]+" "+domains[e.To]+" "+x.Label] = true
			}
		}
		if labels == 0 {
			got[emails[e.From]+" "+domains[e.To]+" "] = true
		}
	}
	if !maps.Equal(got, want) {
		w.t.Fatalf("round %d: HubSpot has\n%v\nwant\n%v", round, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
	if f, p := w.portal.Count("companies"), w.portal.Count("contacts"); f != 2*w.firms || p != len(w.people) {
		w.t.Fatalf("round %d: %d companies for %d firms and as many clubs, %d contacts for %d people", round, f, w.firms, p, len(w.people))
	}
}
