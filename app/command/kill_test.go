package command_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"syncline/app"
	"syncline/store"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
)

// world is the real program against a practice portal on loopback.
type world struct {
	t      testing.TB
	bin    string
	dir    string
	portal *practice.Portal
	server *httptest.Server
	env    map[string]string // beside the token and the workspace
}

func newWorld(t testing.TB, o practice.Options) *world {
	t.Helper()
	w := &world{t: t, bin: binary(t), dir: t.TempDir(), portal: practicetest.New(t, o)}
	w.server = httptest.NewServer(w.portal)
	t.Cleanup(w.server.Close)
	return w
}

func (w *world) write(name, text string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// workspace is the folder of what the program keeps.
func (w *world) workspace() string { return filepath.Join(w.dir, "ws") }

func (w *world) command(ctx context.Context, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, w.bin, args...)
	c.Dir = w.dir
	c.Env = []string{"HOME=" + w.dir, "SYNCLINE_TOKEN=" + w.portal.Token(), "SYNCLINE_API_URL=" + w.server.URL, "SYNCLINE_WORKSPACE=" + w.workspace(),
		"DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent"}
	for name, value := range w.env {
		c.Env = append(c.Env, name+"="+value)
	}
	return c
}

// run does a command and returns its document and its exit status.
func (w *world) run(args ...string) (app.Report, int) {
	w.t.Helper()
	c := w.command(w.t.Context(), append(args, "--json")...)
	var stderr strings.Builder
	c.Stderr = &stderr
	out, err := c.Output()
	status := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		status = exit.ExitCode()
	} else if err != nil {
		w.t.Fatal(err)
	}
	var doc app.Report
	if jerr := json.Unmarshal(out, &doc); jerr != nil || status == 1 {
		w.t.Fatalf("%v: status %d, %v\n%s\n%s", args, status, jerr, out, stderr.String())
	}
	return doc, status
}

const customers = `syncline: 1
name: Customers
source: { kind: csv, path: customers.csv, key: [id] }
hubspot:
  object: contacts
  match: [ { field: Email, property: email } ]
direction: two-way
create: hubspot
fields:
  - { field: Email, property: email }
  - { field: First, property: firstname }
  - { field: Last, property: lastname }
`

// moment is when a process is killed: a while after the n-th exchange of a
// route, or after something happened in the folder of the file.
type moment struct {
	route string
	nth   int
	file  string // "draft": a draft of the file appears; "replaced": it takes the file's place
	after time.Duration
}

// moments cover a run from its first call to its last commit.
func moments(rng *rand.Rand, n int) moment {
	soon := time.Duration(rng.IntN(25)) * time.Millisecond
	switch n % 8 {
	case 0:
		return moment{route: "account-info", after: soon} // reading
	case 1:
		return moment{route: "GET objects/", nth: rng.IntN(4), after: 2 * soon} // reading, matching, planning
	case 2:
		return moment{route: "batch/create"} // before the answer is there
	case 3:
		return moment{route: "batch/create", after: soon}
	case 4:
		return moment{route: "batch/update", nth: rng.IntN(2)}
	case 5:
		return moment{route: "batch/update", nth: rng.IntN(2), after: soon}
	case 6:
		return moment{file: "draft", after: soon / 10}
	}
	return moment{file: "replaced", after: soon / 10}
}

// killer kills one process at its moment.
type killer struct {
	mu      sync.Mutex
	moment  moment
	process *os.Process
}

func (k *killer) aim(m moment, p *os.Process) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.moment, k.process = m, p
}

// observe is told of every exchange, before its answer travels back.
func (k *killer) observe(r practice.Request) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.process == nil || k.moment.route == "" || !strings.Contains(r.Route, k.moment.route) {
		return
	}
	if k.moment.nth--; k.moment.nth < 0 {
		k.strike()
	}
}

// strike kills the process after the moment's while.
func (k *killer) strike() {
	p := k.process
	k.process = nil
	if k.moment.after == 0 {
		_ = p.Kill()
		return
	}
	time.AfterFunc(k.moment.after, func() { _ = p.Kill() })
}

// watch strikes when the file's moment comes; it ends when the process has.
func (k *killer) watch(dir, name string, ended <-chan error) error {
	before, _ := os.Stat(filepath.Join(dir, name))
	stale, _ := filepath.Glob(filepath.Join(dir, "."+name+"*")) // of processes killed earlier
	tick := time.NewTicker(500 * time.Microsecond)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			return err
		case <-tick.C:
		}
		k.mu.Lock()
		drafts, _ := filepath.Glob(filepath.Join(dir, "."+name+"*"))
		now, _ := os.Stat(filepath.Join(dir, name))
		if k.process != nil && (k.moment.file == "draft" && len(drafts) > len(stale) || k.moment.file == "replaced" && !os.SameFile(before, now)) {
			k.strike()
		}
		k.mu.Unlock()
	}
}

// killSeed makes the same edits and the same choice of moments each time; what a
// process does in them depends on the machine.
const killSeed = 20261128

// The program is killed again and again in the middle of its work, up to three
// times in a row. Whatever was under way, the next run completes it: no edit of
// either side is lost, no contact is made twice, no conflict appears that
// nobody made.
func TestKilledInTheMiddleOfWork(t *testing.T) {
	t.Parallel()
	most := kills()
	k := &killer{}
	// With HubSpot's burst limit the many processes would mostly wait.
	w := newWorld(t, practice.Options{Latency: practice.Fixed(4 * time.Millisecond), Limits: practice.Limits{Burst: 10_000}, Observe: k.observe})
	w.write("sync.yaml", customers)
	w.write("customers.csv", "id,Email,First,Last\n")
	rng := rand.New(rand.NewPCG(killSeed, 2))
	truth := map[string][2]string{} // email -> first, last
	rows, killed, aimed := 0, 0, 0
	found := map[string]int{}
	// What a moment meets depends on the machine: the killing goes on until each
	// kind of interruption was met.
	for round := 0; killed < most || notMet(found) != ""; round++ {
		if round > 4*max(most, 25) {
			t.Fatalf("%d of %d processes were killed at work, so that the next one found %v; the moments are chosen badly, as none left %s", killed, aimed, found, notMet(found))
		}
		added := 3 + rng.IntN(5)
		if round%5 == 0 {
			added = 120 // more than one batch
		}
		w.edit(round, added, &rows, truth)
		for range min(1+rng.IntN(3), max(most-killed, 1)) {
			aimed++
			if !w.kill(k, moments(rng, aimed)) {
				break // it came to its end: there is nothing left to disturb
			}
			killed++
			found[w.interrupted()]++
		}
		doc, status := w.run("run", "sync.yaml", "--yes")
		if status != 0 || doc.Counts.Sum() != doc.Counts.Read || doc.Counts.Read != rows {
			t.Fatalf("seed %d, round %d: status %d, %+v", killSeed, round, status, doc.Counts)
		}
		w.verify(round, rows, truth)
	}
	t.Logf("seed %d: killed %d processes at work, of %d; what the next one found: %v", killSeed, killed, aimed, found)
}

// notMet is a kind of interruption that no process has left yet.
func notMet(found map[string]int) string {
	for _, what := range []string{"nothing begun", "creates of unknown outcome", "updates of unknown outcome", "the file's write of unknown outcome"} {
		if found[what] == 0 {
			return what
		}
	}
	return ""
}

// kill starts a run and kills it at a moment; false when it ended before.
func (w *world) kill(k *killer, m moment) bool {
	w.t.Helper()
	return w.killing(k, m, "run", "sync.yaml", "--yes")
}

// killing is kill with another command.
func (w *world) killing(k *killer, m moment, args ...string) bool {
	w.t.Helper()
	c := w.command(w.t.Context(), append(args, "--json")...)
	k.aim(moment{}, nil)
	before := w.portal.Calls().Total
	if err := c.Start(); err != nil {
		w.t.Fatal(err)
	}
	k.aim(m, c.Process)
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	_ = k.watch(w.dir, "customers.csv", ended) // the state tells how it ended
	k.aim(moment{}, nil)
	if c.ProcessState.Exited() && c.ProcessState.ExitCode() != 0 {
		w.t.Errorf("a run that was not killed ended with status %d", c.ProcessState.ExitCode())
	}
	return !c.ProcessState.Exited() && w.portal.Calls().Total > before
}

// interrupted tells what a killed process left for the next one to settle. It
// looks at a copy of the workspace, so that the next one finds it untouched; the
// copy lasts as long as the look.
func (w *world) interrupted() string {
	w.t.Helper()
	left := filepath.Join(w.dir, "left")
	if err := os.CopyFS(left, os.DirFS(w.workspace())); err != nil {
		w.t.Fatal(err)
	}
	defer func() {
		if err := os.RemoveAll(left); err != nil {
			w.t.Error(err)
		}
	}()
	ctx := w.t.Context()
	db, err := store.Open(ctx, left)
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	all, err := db.Syncs(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	if len(all) == 0 {
		return "nothing begun"
	}
	ops, err := db.SentOps(ctx, all[0].ID)
	if err != nil {
		w.t.Fatal(err)
	}
	if len(ops) > 0 {
		last := ops[len(ops)-1]
		if last.Side == "source" {
			return "the file's write of unknown outcome"
		}
		return string(last.Kind) + "s of unknown outcome"
	}
	_, err = db.Interrupted(ctx, all[0].ID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return "nothing begun"
	case err != nil:
		w.t.Fatal(err)
	}
	return "a plan applied in part"
}

// edit makes a round of edits: new rows, and changes to other records on each
// side.
func (w *world) edit(round, added int, rows *int, truth map[string][2]string) {
	w.t.Helper()
	records := w.file()
	for i, r := range records[1:] {
		if i%9 != round%9 {
			continue
		}
		r[2] = fmt.Sprintf("File%d-%d", round, i)
		truth[r[1]] = [2]string{r[2], truth[r[1]][1]}
	}
	for id, p := range w.portal.Records("contacts") {
		n, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(p["email"], "p"), "@example.com"))
		if n%7 != round%7 {
			continue
		}
		last := fmt.Sprintf("Hub%d-%d", round, n)
		if err := w.portal.Edit("contacts", id, map[string]string{"lastname": last}); err != nil {
			w.t.Fatal(err)
		}
		truth[p["email"]] = [2]string{truth[p["email"]][0], last}
	}
	for range added {
		*rows++
		r := []string{strconv.Itoa(*rows), fmt.Sprintf("p%d@example.com", *rows), fmt.Sprintf("First%d", *rows), fmt.Sprintf("Last%d", *rows)}
		truth[r[1]] = [2]string{r[2], r[3]}
		records = append(records, r)
	}
	var b strings.Builder
	if err := csv.NewWriter(&b).WriteAll(records); err != nil {
		w.t.Fatal(err)
	}
	w.write("customers.csv", b.String())
}

func (w *world) file() [][]string {
	w.t.Helper()
	b, err := os.ReadFile(filepath.Join(w.dir, "customers.csv"))
	if err != nil {
		w.t.Fatal(err)
	}
	records, err := csv.NewReader(strings.NewReader(string(b))).ReadAll()
	if err != nil {
		w.t.Fatal(err)
	}
	return records
}

func (w *world) verify(round, rows int, truth map[string][2]string) {
	w.t.Helper()
	if n := w.portal.Count("contacts"); n != rows {
		w.t.Fatalf("round %d: %d contacts for %d rows", round, n, rows)
	}
	for _, p := range w.portal.Records("contacts") {
		if got := [2]string{p["firstname"], p["lastname"]}; got != truth[p["email"]] {
			w.t.Errorf("round %d: HubSpot has %v for %s, want %v", round, got, p["email"], truth[p["email"]])
		}
	}
	for _, r := range w.file()[1:] {
		if got := [2]string{r[2], r[3]}; got != truth[r[1]] {
			w.t.Errorf("round %d: the file has %v for %s, want %v", round, got, r[1], truth[r[1]])
		}
	}
}
