package command_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"syncline/app"
	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
)

// many is how many rows the program must take in a bounded memory, in MB.
const (
	many     = 100_000
	mostPeak = 300
)

// manyPeople are rows whose first names begin with a word.
func manyPeople(n int, first string) string {
	var b strings.Builder
	b.WriteString("id,Email,First,Last\n")
	for i := range n {
		fmt.Fprintf(&b, "%d,person.number%d@example.com,%s%d,Last%d\n", i, i, first, i, i)
	}
	return b.String()
}

// BenchmarkProgram measures the real program on 100,000 rows, against a
// practice portal in this process that answers at once and has no burst limit;
// what HubSpot allows (5 searches a second) still holds. The
// resident memory is the program's alone; the time holds the portal's work too, on
// the same processors.
func BenchmarkProgram(b *testing.B) {
	unlimited := practice.Limits{Burst: 1e6, Daily: 1e9}
	b.Run("preview-new", func(b *testing.B) {
		w := newWorld(b, practice.Options{Limits: unlimited})
		w.write("sync.yaml", customers)
		w.write("customers.csv", manyPeople(many, "First"))
		w.load(b, engine.Counts{Read: many, Created: many}, w.forget, "preview", "sync.yaml")
	})
	w := newWorld(b, practice.Options{Limits: unlimited})
	w.write("sync.yaml", customers)
	w.write("customers.csv", manyPeople(many, "First"))
	b.Run("run-new", func(b *testing.B) {
		w.load(b, engine.Counts{Read: many, Created: many}, func() {}, "run", "sync.yaml", "--yes")
	})
	b.Run("preview-matched", func(b *testing.B) {
		w.load(b, engine.Counts{Read: many, Unchanged: many}, w.forget, "preview", "sync.yaml")
	})
	b.Run("run-matched", func(b *testing.B) {
		w.load(b, engine.Counts{Read: many, Unchanged: many}, w.forget, "run", "sync.yaml")
	})
	b.Run("run-unchanged", func(b *testing.B) {
		w.load(b, engine.Counts{Read: many, Unchanged: many}, func() {}, "run", "sync.yaml")
	})
	edits := 0
	edit := func() {
		edits++
		w.write("customers.csv", manyPeople(many, "Edit"+strconv.Itoa(edits)+"-"))
	}
	b.Run("preview-changed", func(b *testing.B) {
		w.load(b, engine.Counts{Read: many, Updated: many}, edit, "preview", "sync.yaml")
	})
	b.Run("run-changed", func(b *testing.B) {
		w.load(b, engine.Counts{Read: many, Updated: many}, edit, "run", "sync.yaml", "--yes")
	})
}

// forget drops the workspace.
func (w *world) forget() {
	if err := os.RemoveAll(filepath.Join(w.dir, "ws")); err != nil {
		w.t.Fatal(err)
	}
}

// load does a command again and again, each time after something was made
// ready for it, and reports what it took.
func (w *world) load(b *testing.B, want engine.Counts, ready func(), args ...string) {
	peak, calls := 0, 0
	for b.Loop() {
		b.StopTimer()
		ready()
		b.StartTimer()
		hwm, doc := w.measured(b, args...)
		if doc.Counts != want {
			b.Fatalf("%v: %+v, want %+v", args, doc.Counts, want)
		}
		peak, calls = max(peak, hwm), calls+doc.Calls.Total
	}
	b.ReportMetric(float64(peak), "MB-peak")
	b.ReportMetric(float64(calls)/float64(b.N), "calls")
	b.ReportMetric(float64(want.Read*b.N)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(0, "ns/op")
	if peak > mostPeak {
		b.Errorf("%v took %d MB, more than %d", args, peak, mostPeak)
	}
}

// measured carries out a command in a process of its own and returns the most
// memory that it had resident, in MB, and its document. Its rows are not kept.
func (w *world) measured(t testing.TB, args ...string) (peak int, doc app.Report) {
	t.Helper()
	c := w.command(t.Context(), append(args, "--json")...)
	var stderr strings.Builder
	c.Stderr = &stderr
	out, err := os.Create(filepath.Join(w.dir, "out.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	c.Stdout = out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	// The kernel keeps the peak, so that asking now and then misses only what grows in the last
	// moment. (The peak that wait4 tells is no use: it starts from that of the parent.)
	ask := time.NewTicker(20 * time.Millisecond)
	defer ask.Stop()
	for {
		select {
		case err = <-ended:
			text, rerr := os.ReadFile(out.Name())
			if rerr != nil {
				t.Fatal(rerr)
			}
			if jerr := json.Unmarshal(text, &doc); jerr != nil || err != nil {
				t.Fatalf("%v: %v, %v\n%s", args, err, jerr, stderr.String())
			}
			doc.Rows = nil
			return peak, doc
		case <-ask.C:
			peak = max(peak, residentPeak(c.Process.Pid))
		}
	}
}

// residentPeak is the most memory that a process has had resident so far, in
// MB; 0 when it is gone.
func residentPeak(pid int) int {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b), "VmHWM:")
	kb, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	n, _ := strconv.Atoi(kb)
	return n >> 10
}
