package simulation_test

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"syncline/store"
)

// play lets a world live from its beginning to its rest, and returns what its
// ghost has against the engine.
func play(t *testing.T, seed uint64, dir string) (w *world) {
	synctest.Test(t, func(t *testing.T) {
		w = newWorld(t, seed, dir)
		defer w.stopReading()
		w.trace("%s\n%s", w.describe(), w.definition)
		for n := range w.rounds {
			w.round(n)
			if len(w.ghost.failed) > 0 {
				return
			}
		}
		w.settle()
	})
	return w
}

// round is a while in which people work, Syncline runs, and people react.
func (w *world) round(n int) {
	r := w.rng("round", strconv.Itoa(n))
	for range r.IntN(6) {
		w.act(r, false)
		time.Sleep(time.Duration(r.IntN(40)) * time.Second)
	}
	if w.small < 0 && happens("long pauses") && chance(w.rng("while", strconv.Itoa(n)), 0.5) {
		time.Sleep(20 * time.Minute) // more than a pull of changes looks back
	}
	w.weather(chance(r, 0.7))
	defer w.weather(false)
	switch {
	case n > 0 && happens("undo") && chance(r, 0.15):
		w.undo(r)
	case len(w.undoneRuns) > 0 && happens("redo") && chance(r, 0.3):
		w.redo(r)
	case n > 0 && happens("stored plans") && chance(r, 0.25):
		w.previewAndRun(r)
	default:
		w.run()
	}
	if chance(r, 0.6) {
		w.decide(r)
	}
	if chance(r, 0.2) {
		w.retry()
	}
	if w.mistakes {
		w.correct(w.rng("correct", strconv.Itoa(n)))
	}
}

// emptyWorkspace is a workspace that was just made, for worlds to begin with.
var workspaceOnce struct {
	sync.Mutex
	dir string
}

func emptyWorkspace(t testing.TB) string {
	t.Helper()
	return workspaceOnce.dir
}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp(shm(), "syncline-worlds")
	if err != nil {
		panic(err)
	}
	workspaceOnce.dir = filepath.Join(dir, "workspace")
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// shm is where files need no disk, "" where there is none.
func shm() string {
	if f, err := os.Stat("/dev/shm"); err == nil && f.IsDir() {
		return "/dev/shm"
	}
	return ""
}

func worldDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(shm(), "syncline-world") //nolint:usetesting // in memory where the system has that
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// worlds is how many are played.
func worlds() uint64 {
	if n, err := strconv.ParseUint(os.Getenv("SYNCLINE_SIM_WORLDS"), 10, 64); err == nil {
		return n
	}
	if testing.Short() {
		return 20
	}
	return 200
}

// lost is set by the first world that failed.
var lost atomic.Bool

// In every world every person's edit is on both sides, was replaced by a later
// edit, a decision or a rule that names the winner, or waits in Review; nothing
// is made twice; and when people rest, so does Syncline.
func TestNoWorldLosesAnEditOrDoublesARecord(t *testing.T) {
	t.Parallel()
	prepare(t)
	first, n := uint64(0), worlds()
	if s, err := strconv.ParseUint(os.Getenv("SYNCLINE_SIM_FIRST"), 10, 64); err == nil {
		first = s
	}
	seed, chosen := os.Getenv("SYNCLINE_SIM_SEED"), false
	if s, err := strconv.ParseUint(seed, 10, 64); err == nil {
		first, n, chosen = s, 1, true
	}
	for s := first; s < first+n; s++ {
		t.Run(strconv.FormatUint(s, 10), func(t *testing.T) {
			t.Parallel()
			if os.Getenv("SYNCLINE_SIM_FIRST_ONLY") != "" && lost.Load() {
				t.Skip("another world failed, which is enough")
			}
			w := play(t, s, worldDir(t))
			if chosen {
				t.Logf("the whole trace:\n%s", strings.Join(w.log, "\n"))
			}
			if len(w.ghost.failed) > 0 {
				lost.Store(true)
				t.Errorf("seed %d:\n%s", s, strings.Join(w.ghost.failed, "\n"))
			}
		})
	}
}

// The same seed gives the same requests in the same order, and the same end (I20).
func TestTheSameSeedIsTheSameWorld(t *testing.T) {
	t.Parallel()
	prepare(t)
	for s := uint64(0); s < 10; s++ {
		t.Run(strconv.FormatUint(s, 10), func(t *testing.T) {
			t.Parallel()
			dir := worldDir(t)
			var sums, logs []string
			for range 2 {
				place := filepath.Join(dir, "world")
				if err := os.Mkdir(place, 0o700); err != nil {
					t.Fatal(err)
				}
				w := play(t, s, place)
				sums = append(sums, hex.EncodeToString(w.line.sum.Sum(nil)))
				logs = append(logs, strings.Join(w.log, "\n"))
				if err := os.RemoveAll(place); err != nil {
					t.Fatal(err)
				}
			}
			if sums[0] != sums[1] {
				t.Errorf("seed %d made other requests the second time; the first difference:\n%s", s, firstDifference(logs[0], logs[1]))
			}
		})
	}
}

func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if madeUp.ReplaceAllString(x[i], "") != madeUp.ReplaceAllString(y[i], "") {
			return strings.Join(x[max(0, i-3):i+1], "\n") + "\n--\n" + y[i]
		}
	}
	return "one of them goes on"
}

// prepare makes the empty workspace.
func prepare(t *testing.T) {
	t.Helper()
	workspaceOnce.Lock()
	defer workspaceOnce.Unlock()
	if _, err := os.Stat(workspaceOnce.dir); err == nil {
		return
	}
	db, err := store.Open(t.Context(), workspaceOnce.dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
