package command_test

import (
	"encoding/csv"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"syncline/sync/hubspot/practice"
)

// crashDefinition has everything in play: both directions, creates, archives of
// rows that left, and a field about which people disagree.
const crashDefinition = `syncline: 1
name: Customers
source: { kind: csv, path: customers.csv, key: [id] }
hubspot:
  object: contacts
  match: [ { field: Email, property: email } ]
direction: two-way
create: hubspot
delete: { row-gone: archive }
guards: { archives: 100%, updates: 100%, creates: 100000 }
fields:
  - { field: Email, property: email }
  - { field: First, property: firstname }
  - { field: Last, property: lastname }
  - { field: Title, property: jobtitle }
`

// customer is what each side must hold in the end.
type customer struct {
	first, last         string
	undoneFirst         string // what HubSpot holds since an undo, "" = first
	fileTitle, hubTitle string // different ones wait in Review
}

// crashWorld is the real program among people who edit, disagree, remove rows
// and take runs back.
type crashWorld struct {
	*world
	k         *killer
	rng       *rand.Rand
	customers map[string]*customer // by e-mail
	born      int
	killed    int
	aimed     int
	found     map[string]int
}

// kills is how many processes each test kills: make crash asks for a thousand,
// and a test kills more than asked for until each kind of interruption was met.
func kills() int {
	if n, err := strconv.Atoi(os.Getenv("SYNCLINE_CRASH_KILLS")); err == nil {
		return n
	}
	if testing.Short() {
		return 10
	}
	return 40
}

// The program is killed while it creates, updates, archives, writes the file
// back, and takes a run back. Whatever was under way, the next one completes it:
// each edit is on both sides, each disagreement waits in Review with both values
// untouched, and no contact is lost or made twice.
func TestKilledWithConflictsArchivesAndUndoInPlay(t *testing.T) {
	t.Parallel()
	k := &killer{}
	seed := uint64(killSeed)
	if s, err := strconv.ParseUint(os.Getenv("SYNCLINE_CRASH_SEED"), 10, 64); err == nil {
		seed = s
	}
	w := &crashWorld{world: newWorld(t, practice.Options{Latency: practice.Fixed(3 * time.Millisecond), Limits: practice.Limits{Burst: 10_000}, Observe: k.observe}),
		k: k, rng: rand.New(rand.NewPCG(seed, 3)), customers: map[string]*customer{}, found: map[string]int{}}
	w.write("sync.yaml", crashDefinition)
	w.write("customers.csv", "id,Email,First,Last,Title\n")
	most := kills()
	for round := 0; w.killed < most; round++ {
		if round > 20+most {
			t.Fatalf("only %d of %d processes were killed at work", w.killed, w.aimed)
		}
		undone := round > 0 && round%4 == 0
		w.people(round, !undone)
		w.disturb(most, "run", "sync.yaml")
		w.complete(round)
		if undone {
			w.takeBack(round, most)
		}
		w.check(round)
		if round%3 == 2 {
			w.review()
			w.disturb(most, "run", "sync.yaml")
			w.complete(round)
			w.check(round)
		}
	}
	t.Logf("seed %d: killed %d processes at work, of %d; what the next one found: %v", seed, w.killed, w.aimed, w.found)
}

// people make a round of edits. Where an undo follows, they only change what
// the file brings to HubSpot.
func (w *crashWorld) people(round int, all bool) {
	w.t.Helper()
	rows := w.file()
	for i, r := range rows[1:] {
		if i%5 == round%5 {
			c := w.customers[r[1]]
			r[2] = fmt.Sprintf("File%d-%d", round, i)
			c.first, c.undoneFirst = r[2], ""
		}
	}
	if all {
		edited := w.disagree(round, rows)
		rows = slices.DeleteFunc(rows, func(r []string) bool {
			gone := r[0] != "id" && w.rng.IntN(12) == 0 && !edited[r[1]] && w.customers[r[1]].fileTitle == w.customers[r[1]].hubTitle && w.customers[r[1]].undoneFirst == ""
			if gone {
				delete(w.customers, r[1])
			}
			return gone
		})
		for range 2 + w.rng.IntN(6) {
			w.born++
			r := []string{strconv.Itoa(w.born), fmt.Sprintf("p%d@example.com", w.born), fmt.Sprintf("First%d", w.born), fmt.Sprintf("Last%d", w.born), ""}
			w.customers[r[1]] = &customer{first: r[2], last: r[3]}
			rows = append(rows, r)
		}
	}
	var b strings.Builder
	if err := csv.NewWriter(&b).WriteAll(rows); err != nil {
		w.t.Fatal(err)
	}
	w.write("customers.csv", b.String())
}

// disagree edits HubSpot, and some titles on both sides. It returns whom: their
// rows stay, since a record that was edited outlives its row.
func (w *crashWorld) disagree(round int, rows [][]string) (edited map[string]bool) {
	w.t.Helper()
	edited = map[string]bool{}
	live := map[string]bool{}
	for _, r := range rows[1:] {
		live[r[1]] = true
	}
	for id, p := range w.portal.Records("contacts") {
		c := w.customers[p["email"]]
		if c == nil || !live[p["email"]] {
			continue
		}
		edit := map[string]string{}
		if w.rng.IntN(6) == 0 {
			c.last = fmt.Sprintf("Hub%d-%s", round, id)
			edit["lastname"] = c.last
		}
		if w.rng.IntN(9) == 0 && c.fileTitle == c.hubTitle {
			c.hubTitle, c.fileTitle = fmt.Sprintf("H%d-%s", round, id), fmt.Sprintf("F%d-%s", round, id)
			edit["jobtitle"] = c.hubTitle
			i := slices.IndexFunc(rows, func(r []string) bool { return r[1] == p["email"] })
			rows[i][4] = c.fileTitle
		}
		if len(edit) == 0 {
			continue
		}
		edited[p["email"]] = true
		if err := w.portal.Edit("contacts", id, edit); err != nil {
			w.t.Fatal(err)
		}
	}
	return edited
}

// moment is one of a plain run's, or any other, at random or when records are
// archived.
func (w *crashWorld) moment() moment {
	switch w.aimed % 5 {
	case 0:
		return moment{route: "account-info", after: time.Duration(w.rng.IntN(200)) * time.Millisecond}
	case 1:
		return moment{route: "batch/archive", after: time.Duration(w.rng.IntN(2)*w.rng.IntN(20)) * time.Millisecond}
	}
	return moments(w.rng, w.aimed)
}

// disturb starts a command and kills it, a run up to three times: an undo that
// died asks for a run first.
func (w *crashWorld) disturb(most int, args ...string) {
	w.t.Helper()
	times := 1
	if args[0] == "run" {
		times += w.rng.IntN(3)
	}
	for range min(times, most-w.killed) {
		w.aimed++
		c := w.command(w.t.Context(), append(args, "--json", "--yes")...)
		var stderr strings.Builder
		c.Stderr = &stderr
		w.k.aim(moment{}, nil)
		before := w.portal.Calls().Total
		if err := c.Start(); err != nil {
			w.t.Fatal(err)
		}
		w.k.aim(w.moment(), c.Process)
		ended := make(chan error, 1)
		go func() { ended <- c.Wait() }()
		_ = w.k.watch(w.dir, "customers.csv", ended) // the state tells how it ended
		w.k.aim(moment{}, nil)
		if c.ProcessState.Exited() {
			if code := c.ProcessState.ExitCode(); code != 0 && code != 3 {
				w.t.Errorf("%v was not killed and ended with status %d: %s", args, code, stderr.String())
			}
			return // there is nothing left to disturb
		}
		if w.portal.Calls().Total > before {
			w.killed++
			w.found[w.interrupted()]++
		}
	}
}

// complete lets runs come to their end: a second one because a row is gone only
// when it was missed twice.
func (w *crashWorld) complete(round int) string {
	w.t.Helper()
	id := ""
	for range 2 {
		doc, status := w.run("run", "sync.yaml", "--yes")
		if status != 0 && status != 3 || doc.Counts.Sum() != doc.Counts.Read {
			w.t.Fatalf("round %d: status %d, %+v", round, status, doc.Counts)
		}
		id = doc.Run
	}
	return id
}

// takeBack makes one more edit of each customer in the file, runs, and takes
// that run back, killed on the way. HubSpot then holds what it held before, and
// the file what the person typed.
func (w *crashWorld) takeBack(round, most int) {
	w.t.Helper()
	rows := w.file()
	edited := map[string]string{}
	for i, r := range rows[1:] {
		if c := w.customers[r[1]]; i%3 == 0 && c.undoneFirst == "" {
			edited[r[1]], c.first = c.first, fmt.Sprintf("Again%d-%d", round, i)
			r[2] = c.first
		}
	}
	var b strings.Builder
	if err := csv.NewWriter(&b).WriteAll(rows); err != nil {
		w.t.Fatal(err)
	}
	w.write("customers.csv", b.String())
	doc, status := w.run("run", "sync.yaml", "--yes")
	if status != 0 && status != 3 {
		w.t.Fatalf("round %d: status %d, %+v", round, status, doc.Counts)
	}
	w.disturb(most, "undo", doc.Run)
	w.complete(round) // brings an undo that died to its end
	if _, status := w.run("undo", doc.Run, "--yes"); status != 0 && status != 3 {
		w.t.Fatalf("round %d: the undo ended with status %d", round, status)
	}
	w.complete(round)
	for email, first := range edited {
		w.customers[email].undoneFirst = first
	}
}

// review settles every open conflict for the file.
func (w *crashWorld) review() {
	w.t.Helper()
	c := w.command(w.t.Context(), "review", "sync.yaml", "--take", "source", "--json")
	if out, err := c.CombinedOutput(); err != nil && c.ProcessState.ExitCode() != 3 {
		w.t.Fatalf("review: %v\n%s", err, out)
	}
	for _, c := range w.customers {
		c.hubTitle = c.fileTitle
	}
}

// check compares both sides with what must be there.
func (w *crashWorld) check(round int) {
	w.t.Helper()
	if n := w.portal.Count("contacts"); n != len(w.customers) {
		w.t.Errorf("round %d: %d contacts for %d customers", round, n, len(w.customers))
	}
	for _, p := range w.portal.Records("contacts") {
		c := w.customers[p["email"]]
		if c == nil {
			w.t.Errorf("round %d: %s is in HubSpot, its row left", round, p["email"])
			continue
		}
		want := customer{first: c.first, last: c.last, hubTitle: c.hubTitle}
		if c.undoneFirst != "" {
			want.first = c.undoneFirst
		}
		if got := (customer{first: p["firstname"], last: p["lastname"], hubTitle: p["jobtitle"]}); got != want {
			w.t.Errorf("round %d: HubSpot has %+v for %s, want %+v", round, got, p["email"], want)
		}
	}
	left := maps.Clone(w.customers)
	for _, r := range w.file()[1:] {
		c := w.customers[r[1]]
		if c == nil {
			w.t.Errorf("round %d: row %v came back", round, r)
			continue
		}
		delete(left, r[1])
		if got, want := (customer{first: r[2], last: r[3], fileTitle: r[4]}), (customer{first: c.first, last: c.last, fileTitle: c.fileTitle}); got != want {
			w.t.Errorf("round %d: the file has %+v for %s, want %+v", round, got, r[1], want)
		}
	}
	if len(left) > 0 {
		w.t.Errorf("round %d: these customers left the file: %v", round, slices.Collect(maps.Keys(left)))
	}
	if w.t.Failed() {
		c := w.command(w.t.Context(), "run", "sync.yaml", "--json", "--yes")
		out, _ := c.CombinedOutput()
		w.t.Logf("one more run says: %s", out)
		w.t.FailNow()
	}
}
