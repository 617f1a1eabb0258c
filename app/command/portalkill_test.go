package command_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http/httptest"
	"testing"
	"time"

	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
)

// portalWorld is the real program between two portals, both of which outlive it.
type portalWorld struct {
	*world
	other       *practice.Portal
	here, there *killer           // what each portal is asked
	truth       map[string]string // address -> first and last name
	people      int
}

func newPortalWorld(t *testing.T) *portalWorld {
	t.Helper()
	w := &portalWorld{here: &killer{}, there: &killer{}, truth: map[string]string{}}
	o := practice.Options{PortalID: 111, Latency: practice.Fixed(3 * time.Millisecond), Limits: practice.Limits{Burst: 10_000}, Observe: w.here.observe}
	w.world = newWorld(t, o)
	o.PortalID, o.Observe = 222, w.there.observe
	w.other = practicetest.New(t, o)
	server := httptest.NewServer(w.other)
	t.Cleanup(server.Close)
	w.env = map[string]string{"SYNCLINE_SOURCE_TOKEN": w.other.Token(), "SYNCLINE_SOURCE_API_URL": server.URL}
	w.write("sync.yaml", fromSandbox+"  - { field: lastname, property: lastname }\n")
	return w
}

// add makes people who are on one side only.
func (w *portalWorld) add(p *practice.Portal, n int) {
	w.t.Helper()
	for range n {
		w.people++
		email := fmt.Sprintf("p%d@example.com", w.people)
		if _, err := p.Create("contacts", map[string]string{"email": email, "firstname": "First", "lastname": "Last"}); err != nil {
			w.t.Fatal(err)
		}
		w.truth[email] = "First Last"
	}
}

// edits are those of a round: new people on both sides, first names here and last
// names there, of the same people now and then.
func (w *portalWorld) edits(rng *rand.Rand, round int) {
	w.t.Helper()
	w.add(w.portal, 1+rng.IntN(3))
	w.add(w.other, 1+rng.IntN(3))
	rename := func(p *practice.Portal, property, name string, every, at int) {
		for id, c := range p.Records("contacts") {
			var n int
			if _, err := fmt.Sscanf(c["email"], "p%d@", &n); err != nil {
				w.t.Fatal(err)
			}
			if n%every != at%every {
				continue
			}
			if err := p.Edit("contacts", id, map[string]string{property: name}); err != nil {
				w.t.Fatal(err)
			}
			var first, last string
			if _, err := fmt.Sscanf(w.truth[c["email"]], "%s %s", &first, &last); err != nil {
				w.t.Fatal(err)
			}
			if property == "firstname" {
				first = name
			} else {
				last = name
			}
			w.truth[c["email"]] = first + " " + last
		}
	}
	// A request without an answer may arrive for a while, and what would undo it waits: a
	// name is not changed again soon.
	rename(w.portal, "firstname", fmt.Sprintf("Here%d", round), 29, round)
	rename(w.other, "lastname", fmt.Sprintf("There%d", round), 31, round)
}

// kill starts a run and kills it at a moment of one of the portals.
func (w *portalWorld) kill(rng *rand.Rand, n int) bool {
	w.t.Helper()
	at, other := w.here, w.there
	if n%2 == 0 {
		at, other = other, at
	}
	other.aim(moment{}, nil)
	soon := time.Duration(rng.IntN(25)) * time.Millisecond
	m := []moment{
		{route: "batch/create"}, // before the answer is there
		{route: "batch/create", after: soon},
		{route: "batch/update"},
		{route: "batch/update", after: soon},
		{route: "GET objects/", nth: rng.IntN(2), after: 3 * soon}, // reading, matching, planning
	}[n/2%5]
	return w.world.kill(at, m)
}

// rest runs until nothing is left and compares both sides with the truth.
func (w *portalWorld) rest(round int) {
	w.t.Helper()
	doc, status := w.run("run", "sync.yaml", "--yes")
	if status != 0 || doc.Counts.Sum() != doc.Counts.Read {
		w.t.Fatalf("round %d: status %d, %+v\n%v", round, status, doc.Counts, rowsIn(doc))
	}
	if doc, status = w.run("run", "sync.yaml", "--yes"); status != 0 || doc.Counts.Unchanged != w.people {
		w.t.Fatalf("round %d did not come to rest: status %d, %+v\n%v", round, status, doc.Counts, rowsIn(doc))
	}
	for name, p := range map[string]*practice.Portal{"here": w.portal, "there": w.other} {
		got := map[string]string{}
		for _, c := range p.Records("contacts") {
			got[c["email"]] = c["firstname"] + " " + c["lastname"]
		}
		if p.Count("contacts") != w.people || !maps.Equal(got, w.truth) {
			w.t.Fatalf("round %d: %s are %d contacts:\n%v\nwant %d:\n%v", round, name, p.Count("contacts"), got, w.people, w.truth)
		}
	}
}

// The program is killed again and again between two portals, while it creates and
// updates on either side. Whatever it was doing, the next run settles it: nobody is
// lost, nobody is made twice, no name is written over, and nothing waits that
// nobody made.
func TestKilledBetweenTwoPortals(t *testing.T) {
	t.Parallel()
	most := kills()
	met := func(found map[string]int) bool {
		return found["creates of unknown outcome"]+found["updates of unknown outcome"] > 0 && found["the file's write of unknown outcome"] > 0
	}
	w := newPortalWorld(t)
	w.add(w.other, 40)
	w.add(w.portal, 20)
	rng := rand.New(rand.NewPCG(killSeed, 11))
	killed, aimed, round := 0, 0, 0
	found := map[string]int{}
	for ; killed < most || !met(found); round++ { // which moment a kill meets depends on the machine
		if round > 3*max(most, 40) {
			t.Fatalf("%d of %d processes were killed at work, and what the next one found was %v: none was killed in the middle of a write to each side", killed, aimed, found)
		}
		w.edits(rng, round)
		for range min(1+rng.IntN(2), max(most-killed, 1)) {
			aimed++
			if !w.kill(rng, aimed) {
				break // it came to its end: there is nothing left to disturb
			}
			killed++
			found[w.interrupted()]++
		}
		w.rest(round)
	}
	t.Logf("killed %d processes of %d in %d rounds with %d people; what the next one found: %v", killed, aimed, round, w.people, found)
}
