package engine_test

import (
	"bufio"
	"context"
	"database/sql"
	"encoding/csv"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"syncline/sync/engine"
	"syncline/sync/hubspot/practice"
)

// speedRows is how many rows the benchmarks of our own work have, unless
// SYNCLINE_BENCH_ROWS tells.
func speedRows() int {
	if n, err := strconv.Atoi(os.Getenv("SYNCLINE_BENCH_ROWS")); err == nil && n > 0 {
		return n
	}
	return 100_000
}

// eight is a sync of eight fields, one of them a number and one a date.
const eight = `
syncline: 1
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
  - { field: Phone, property: phone }
  - { field: Company, property: company }
  - { field: City, property: city }
  - { field: Zip, property: zip }
  - { field: Title, property: jobtitle }
`

// customers writes n rows. By edition one in a hundred of them differs, or every
// one where that is below zero.
func customers(path string, n, edition int) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	fmt.Fprintln(w, "id,Email,First,Last,Phone,Company,City,Zip,Title")
	for i := range n {
		title := "Engineer"
		if edition != 0 && (edition < 0 || i%100 == 0) {
			title = fmt.Sprintf("Engineer %d", edition)
		}
		fmt.Fprintf(w, "%d,customer%d@firm%d.com,Given%d,Family%d,+4930%07d,Firm %d,City %d,%05d,%s\n", i+1, i, i%997, i%5000, i%7919, i, i%997, i%113, i%99999, title)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}

// spent is the processor time of this process.
func spent() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// baseline is what can't be saved: the same file read and its rows put into one
// table in one transaction.
func baseline(b *testing.B, path string) (cpu time.Duration) {
	b.Helper()
	began := spent()
	dir := b.TempDir()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, "baseline.db")+"?_journal_mode=WAL")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(bufio.NewReaderSize(f, 1<<20))
	r.ReuseRecord = true
	head, err := r.Read()
	if err != nil {
		b.Fatal(err)
	}
	marks := strings.TrimSuffix(strings.Repeat("?,", len(head)), ",")
	tx, err := db.Begin()
	if err != nil {
		b.Fatal(err)
	}
	if _, err := tx.Exec(`CREATE TABLE t (a, b, c, d, e, f, g, h, i)`); err != nil {
		b.Fatal(err)
	}
	put, err := tx.Prepare(`INSERT INTO t VALUES(` + marks + `)`)
	if err != nil {
		b.Fatal(err)
	}
	defer put.Close()
	args := make([]any, len(head))
	for {
		cells, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			b.Fatal(err)
		}
		for i, c := range cells {
			args[i] = c
		}
		if _, err := put.Exec(args...); err != nil {
			b.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
	return spent() - began
}

// machine is what the figures were taken on.
func machine() string {
	text := fmt.Sprintf("%d cores, %s", runtime.NumCPU(), runtime.Version())
	for path, head := range map[string]string{"/proc/cpuinfo": "model name", "/proc/meminfo": "MemTotal"} {
		b, _ := os.ReadFile(path) // of a system that has none there is less to say
		for line := range strings.Lines(string(b)) {
			if name, what, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == head {
				text += ", " + strings.Join(strings.Fields(what), " ")
				break
			}
		}
	}
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		text += ", load " + strings.Fields(string(load))[0]
	}
	return text
}

// profile begins a profile of what is measured in the folder that
// SYNCLINE_BENCH_PROFILES names, if it names one; the function ends it.
func profile(b *testing.B) (end func()) {
	b.Helper()
	dir := os.Getenv("SYNCLINE_BENCH_PROFILES")
	if dir == "" {
		return func() {}
	}
	f, err := os.Create(filepath.Join(dir, filepath.Base(b.Name())+".prof"))
	if err != nil {
		b.Fatal(err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		b.Fatal(err)
	}
	return func() {
		pprof.StopCPUProfile()
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// swift is a portal without limits, that answers at once.
var swift = practice.Options{Limits: practice.Limits{Burst: 1e9, Daily: 1e12, Search: 1e9}}

// ownPortal names the environment that makes this program the portal of a benchmark.
const ownPortal = "SYNCLINE_BENCH_PORTAL"

// TestThePortalOfABenchmark is the portal of BenchmarkOwnWork, in a process of
// its own: it ends with its standard input.
func TestThePortalOfABenchmark(t *testing.T) {
	if os.Getenv(ownPortal) == "" {
		t.Skip("only for a benchmark, which starts it")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	portal := practice.New(swift)
	server := &http.Server{Handler: portal}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(l)
	}()
	fmt.Printf("%s %s %s\n", ownPortal, l.Addr(), portal.Token())
	_, _ = io.Copy(io.Discard, os.Stdin)
	server.Close()
	<-done
}

// apart starts a portal in a process of its own, so that its work and its
// memory are not counted as ours; what it takes to talk to it is.
func apart(b *testing.B, s *stage) {
	b.Helper()
	cmd := exec.Command(os.Args[0], "-test.run", "^TestThePortalOfABenchmark$", "-test.v")
	cmd.Env = append(os.Environ(), ownPortal+"=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	said := bufio.NewScanner(out)
	for said.Scan() {
		if words := strings.Fields(said.Text()); len(words) == 3 && words[0] == ownPortal {
			s.url, s.token = "http://"+words[1], words[2]
			break
		}
	}
	if s.url == "" {
		b.Fatal("the portal did not start")
	}
	b.Cleanup(func() {
		in.Close()
		_, _ = io.Copy(io.Discard, out)
		if err := cmd.Wait(); err != nil {
			b.Error(err)
		}
	})
}

// BenchmarkOwnWork tells the processor time and the place on the disk that
// Syncline itself takes for a row, with a portal that answers at once, has no
// limits and is a process of its own: its work is not counted, the talk with it
// is. Beside it stands what reading the file into one table takes in the same
// process, right before and after, and how many times that it is: other
// programs slow both down.
func BenchmarkOwnWork(b *testing.B) {
	n := speedRows()
	world := func(b *testing.B) *stage {
		s := newStage(b, swift, eight, "")
		apart(b, s)
		s.yes = true
		if err := customers(s.file, n, 0); err != nil {
			b.Fatal(err)
		}
		return s
	}
	preview := func(s *stage) engine.Result {
		res, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Preview(ctx) })
		if err != nil {
			b.Fatal(err)
		}
		return res
	}
	measure := func(b *testing.B, s *stage, work func() engine.Result) {
		b.Helper()
		before := baseline(b, s.file)
		end := profile(b)
		cpu, began := spent(), time.Now()
		res := work()
		cpu = spent() - cpu
		end()
		b.ReportMetric(float64(cpu.Microseconds())/float64(n), "µs-cpu/row")
		b.ReportMetric(float64(n)/time.Since(began).Seconds(), "rows/s")
		var size int64
		for _, name := range []string{"syncline.db", "syncline.db-wal"} {
			if info, err := os.Stat(filepath.Join(s.workspace, name)); err == nil {
				size += info.Size()
			}
		}
		b.ReportMetric(float64(size)/float64(n), "B/row")
		if to := os.Getenv("SYNCLINE_BENCH_KEEP"); to != "" {
			if err := os.CopyFS(to, os.DirFS(s.workspace)); err != nil {
				b.Fatal(err)
			}
		}
		beside := (before + baseline(b, s.file)) / 2
		b.ReportMetric(float64(beside.Microseconds())/float64(n), "µs-cpu-baseline/row")
		b.ReportMetric(float64(cpu)/float64(beside), "times-baseline")
		b.ReportMetric(0, "ns/op")
		b.Logf("%+v, %d calls; %s", res.Counts, res.Calls.Total, machine())
	}
	b.Run("preview-new", func(b *testing.B) {
		for b.Loop() {
			s := world(b)
			measure(b, s, func() engine.Result { return preview(s) })
		}
	})
	// How long a person who opens a preview waits for its first rows, and for what becomes of them,
	// in processor time: the rows come with the first page that is read.
	b.Run("first-rows", func(b *testing.B) {
		for b.Loop() {
			s := world(b)
			var progress engine.Progress
			var rows, fates time.Duration
			began := spent()
			s.at = func(string) {
				first := progress.Snapshot().First
				if rows == 0 && len(first) > 0 {
					rows = spent() - began
				}
				if fates == 0 && len(first) > 0 && first[0].Fate != "" {
					fates = spent() - began
				}
			}
			_, err := s.with(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
				e.Progress = &progress
				return e.Preview(ctx)
			})
			if err != nil || rows == 0 || fates == 0 {
				b.Fatalf("%v; rows after %s, what becomes of them after %s", err, rows, fates)
			}
			b.ReportMetric(float64(rows.Milliseconds()), "ms-cpu-to-rows")
			b.ReportMetric(float64(fates.Milliseconds()), "ms-cpu-to-fates")
			b.ReportMetric(0, "ns/op")
			b.Logf("%d rows; %s", n, machine())
		}
	})
	b.Run("preview-again", func(b *testing.B) {
		for b.Loop() {
			s := world(b)
			preview(s)
			measure(b, s, func() engine.Result { return preview(s) })
		}
	})
	b.Run("create", func(b *testing.B) {
		for b.Loop() {
			s := world(b)
			measure(b, s, s.run)
		}
	})
	b.Run("unchanged", func(b *testing.B) {
		for b.Loop() {
			s := world(b)
			s.run()
			measure(b, s, func() engine.Result { return preview(s) })
		}
	})
	b.Run("update-1-percent", func(b *testing.B) {
		for b.Loop() {
			s := world(b)
			s.run()
			if err := customers(s.file, n, 1); err != nil {
				b.Fatal(err)
			}
			measure(b, s, s.run)
		}
	})
	b.Run("update-all", func(b *testing.B) {
		for b.Loop() {
			s := world(b)
			s.run()
			if err := customers(s.file, n, -1); err != nil {
				b.Fatal(err)
			}
			measure(b, s, s.run)
		}
	})
}
