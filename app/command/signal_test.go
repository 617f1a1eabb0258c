//go:build !windows

package command_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	"syncline/sync/hubspot/practice"
)

// Ctrl-C, or a computer that shuts down, at every exchange with the portal one
// after the other: the command ends in order with a sentence, and the next one
// completes the work.
func TestAnInterruptionAtEveryExchangeLosesNothing(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var process *os.Process
	count, stopAt := 0, 0
	w := newWorld(t, practice.Options{Observe: func(practice.Request) {
		mu.Lock()
		defer mu.Unlock()
		if count++; process != nil && count == stopAt {
			_ = process.Signal([]os.Signal{syscall.SIGINT, syscall.SIGTERM}[stopAt%2])
			process = nil
		}
	}})
	w.write("sync.yaml", customers)
	w.write("customers.csv", "id,Email,First,Last\n")
	truth := map[string][2]string{}
	rows := 0
	for n := 1; n < 100; n++ {
		w.edit(n, 3, &rows, truth)
		c := w.command(t.Context(), "run", "sync.yaml", "--json", "--yes")
		var stdout, stderr strings.Builder
		c.Stdout, c.Stderr = &stdout, &stderr
		mu.Lock()
		count, stopAt = 0, n
		if err := c.Start(); err != nil {
			mu.Unlock()
			t.Fatal(err)
		}
		process = c.Process
		mu.Unlock()
		err := c.Wait()
		var exit *exec.ExitError
		mu.Lock()
		sent := process == nil
		process = nil
		mu.Unlock()
		var doc struct {
			State string
			Error problem
		}
		if jerr := json.Unmarshal([]byte(stdout.String()), &doc); jerr != nil {
			t.Fatalf("at exchange %d: %v, no document: %v\n%s\n%s", n, err, jerr, stdout.String(), stderr.String())
		}
		switch {
		case err == nil: // it came too late to matter
		case !errors.As(err, &exit) || exit.ExitCode() != 1 || doc.Error.Message != "Stopped" || !strings.Contains(doc.Error.Means, "Nothing is lost"):
			t.Errorf("at exchange %d: %v, %+v\n%s", n, err, doc, stderr.String())
		}
		if doc, status := w.run("run", "sync.yaml", "--yes"); status != 0 || doc.Counts.Read != rows || doc.Counts.Sum() != rows {
			t.Errorf("after exchange %d: status %d, %+v", n, status, doc.Counts)
		}
		w.verify(n, rows, truth)
		if !sent {
			t.Logf("%d exchanges", n-1)
			return
		}
	}
}
