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
	"testing"
	"time"

	"syncline/app"
	"syncline/sync/hubspot/practice"
)

// world is the real program against a practice portal on loopback.
type world struct {
	t      testing.TB
	bin    string
	dir    string
	portal *practice.Portal
	server *httptest.Server
}

func newWorld(t testing.TB, o practice.Options) *world {
	t.Helper()
	w := &world{t: t, bin: binary(t), dir: t.TempDir(), portal: practice.New(o)}
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

func (w *world) command(ctx context.Context, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, w.bin, args...)
	c.Dir = w.dir
	c.Env = []string{"HOME=" + w.dir, "SYNCLINE_TOKEN=" + w.portal.Token(), "SYNCLINE_API_URL=" + w.server.URL, "SYNCLINE_WORKSPACE=" + filepath.Join(w.dir, "ws"),
		"DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent"}
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

// The program is killed a hundred times at random moments. Whatever was under
// way, the runs that follow complete it: no edit of either side is lost, no contact is
// made twice, no conflict appears that nobody made.
func TestKilledAtRandomMoments(t *testing.T) {
	t.Parallel()
	const rounds, kills, added = 10, 10, 60
	w := newWorld(t, practice.Options{Latency: practice.Fixed(4 * time.Millisecond)})
	w.write("sync.yaml", customers)
	w.write("customers.csv", "id,Email,First,Last\n")
	rng := rand.New(rand.NewPCG(1, 2))
	truth := map[string][2]string{} // email -> first, last
	rows, killed := 0, 0
	for round := range rounds {
		w.edit(round, added, &rows, truth)
		for range kills {
			ctx, cancel := context.WithCancel(t.Context())
			c := w.command(ctx, "run", "sync.yaml", "--json", "--yes")
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			timer := time.AfterFunc(time.Duration(rng.IntN(350))*time.Millisecond, func() { _ = c.Process.Kill() })
			err := c.Wait()
			timer.Stop()
			cancel()
			if err != nil && !c.ProcessState.Exited() {
				killed++
			}
		}
		doc, status := w.run("run", "sync.yaml", "--yes")
		if status != 0 || doc.Counts.Sum() != doc.Counts.Read || doc.Counts.Read != rows {
			t.Fatalf("round %d: status %d, %+v", round, status, doc.Counts)
		}
		w.verify(round, rows, truth)
	}
	t.Logf("killed %d of %d processes before they ended", killed, rounds*kills)
	if killed < rounds*kills/4 {
		t.Errorf("only %d processes were killed at work: the moments are chosen badly", killed)
	}
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
