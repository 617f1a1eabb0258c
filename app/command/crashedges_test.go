package command_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"syncline/sync/hubspot/practice"
)

// edgesDefinition associates people with their companies, makes those that
// HubSpot lacks, and removes what it made once the file names it no more.
const edgesDefinition = `syncline: 1
name: People
source: { kind: csv, path: customers.csv, key: [id] }
hubspot: { object: contacts, match: [ { field: Email, property: email } ] }
direction: to-hubspot
create: hubspot
guards: { updates: 100%, creates: 100000 }
fields:
  - { field: Email, property: email }
associations:
  - to: companies
    match: { field: Domains, property: domain }
    split: ";"
    create-missing: true
    remove-others: true
`

// crashEdges is the real program between a file of people with the domains of
// their companies and people who associate in HubSpot what the file does not name.
type crashEdges struct {
	*world
	k      *killer
	rng    *rand.Rand
	cells  []map[string]bool // person -> domains in the file
	named  map[string]bool   // every domain that the file ever had when a run ended
	hand   map[string]bool   // pairs that a person made
	killed int
	aimed  int
	found  map[string]int
}

func pairOf(person int, domain string) string {
	return fmt.Sprintf("p%d@example.com %s", person, domain)
}

// The program is killed while it reads, creates and removes associations, and
// makes the companies that they need. Whatever was under way, the next one
// completes it: what the file names is associated, what it names no more is not,
// nothing that a person associated is touched, and no company is made twice.
func TestKilledWithAssociationsInPlay(t *testing.T) {
	t.Parallel()
	k := &killer{}
	w := &crashEdges{world: newWorld(t, practice.Options{Latency: practice.Fixed(3 * time.Millisecond), Limits: practice.Limits{Burst: 10_000}, Observe: k.observe}),
		k: k, rng: rand.New(rand.NewPCG(killSeed, 5)), named: map[string]bool{}, hand: map[string]bool{}, found: map[string]int{}}
	w.write("sync.yaml", edgesDefinition)
	w.write("customers.csv", "id,Email,Domains\n")
	most := kills()
	for round := 0; w.killed < most; round++ {
		if round > 20+most {
			t.Fatalf("only %d of %d processes were killed at work", w.killed, w.aimed)
		}
		w.people()
		for range min(1+w.rng.IntN(3), most-w.killed) {
			w.aimed++
			if !w.kill(w.k, w.moment()) {
				break // it came to its end: there is nothing left to disturb
			}
			w.killed++
			w.found[w.interrupted()]++
		}
		doc, status := w.run("run", "sync.yaml", "--yes")
		if status != 0 || doc.Counts.Sum() != doc.Counts.Read {
			t.Fatalf("round %d: status %d, %+v", round, status, doc.Counts)
		}
		w.check(round)
		w.associate()
	}
	t.Logf("killed %d processes at work, of %d; what the next one found: %v", w.killed, w.aimed, w.found)
}

// moment is mostly one of those at which associations are read or written.
func (w *crashEdges) moment() moment {
	soon := time.Duration(w.rng.IntN(2)*w.rng.IntN(12)) * time.Millisecond
	switch w.aimed % 5 {
	case 0:
		return moment{route: "account-info", after: time.Duration(w.rng.IntN(150)) * time.Millisecond}
	case 1:
		return moment{route: "batch/create", nth: w.rng.IntN(3), after: soon}
	}
	return moment{route: "associations", nth: w.rng.IntN(5), after: soon}
}

// people change the file: new people, and domains that come and go.
func (w *crashEdges) people() {
	for range 1 + w.rng.IntN(4) {
		w.cells = append(w.cells, map[string]bool{})
	}
	for range 3 + w.rng.IntN(8) {
		domains, d := w.cells[w.rng.IntN(len(w.cells))], fmt.Sprintf("d%d.com", w.rng.IntN(5+len(w.cells)/2))
		if domains[d] {
			delete(domains, d)
		} else {
			domains[d] = true
		}
	}
	var b strings.Builder
	b.WriteString("id,Email,Domains\n")
	for p, domains := range w.cells {
		fmt.Fprintf(&b, "%d,p%d@example.com,%s\n", p, p, strings.Join(slices.Sorted(maps.Keys(domains)), ";"))
	}
	w.write("customers.csv", b.String())
}

// associate lets a person associate somebody with a company that the file names
// nowhere.
func (w *crashEdges) associate() {
	w.t.Helper()
	domain := fmt.Sprintf("hand%d.com", len(w.hand))
	company, err := w.portal.Create("companies", map[string]string{"domain": domain})
	if err != nil {
		w.t.Fatal(err)
	}
	want := fmt.Sprintf("p%d@example.com", w.rng.IntN(len(w.cells)))
	for id, p := range w.portal.Records("contacts") {
		if p["email"] != want {
			continue
		}
		if err := w.portal.Associate("contacts", id, "companies", company, ""); err != nil {
			w.t.Fatal(err)
		}
	}
	w.hand[want+" "+domain] = true
}

func (w *crashEdges) check(round int) {
	w.t.Helper()
	want := maps.Clone(w.hand)
	for p, domains := range w.cells {
		for d := range domains {
			want[pairOf(p, d)], w.named[d] = true, true
		}
	}
	domains := map[string]string{}
	for id, c := range w.portal.Records("companies") {
		domains[id] = c["domain"]
	}
	got := map[string]bool{}
	for id, p := range w.portal.Records("contacts") {
		for _, to := range w.portal.Associated("contacts", id, "companies") {
			got[p["email"]+" "+domains[to]] = true
		}
	}
	if !maps.Equal(got, want) {
		w.t.Fatalf("round %d: HubSpot has\n%v\nwant\n%v", round, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
	if n := w.portal.Count("contacts"); n != len(w.cells) {
		w.t.Fatalf("round %d: %d contacts for %d rows", round, n, len(w.cells))
	}
	seen := map[string]bool{}
	for _, d := range domains {
		if seen[d] {
			w.t.Fatalf("round %d: two companies are %s", round, d)
		}
		seen[d] = true
	}
	if n := w.portal.Count("companies"); n != len(w.named)+len(w.hand) {
		w.t.Fatalf("round %d: %d companies for %d domains of the file and %d by hand", round, n, len(w.named), len(w.hand))
	}
}
