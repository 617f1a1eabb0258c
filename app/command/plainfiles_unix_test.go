//go:build unix

package command_test

import (
	"bufio"
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"syncline/sync/hubspot/practice"
)

// pipe puts a named pipe in the place of a file. Whoever opens it waits for
// somebody who never comes.
func (d *desk) pipe(name string) {
	d.t.Helper()
	if err := os.Remove(d.path(name)); err != nil && !errors.Is(err, os.ErrNotExist) {
		d.t.Fatal(err)
	}
	if err := syscall.Mkfifo(d.path(name), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) link(to, name string) {
	d.t.Helper()
	_ = os.Remove(d.path(name))
	if err := os.Symlink(to, d.path(name)); err != nil {
		d.t.Fatal(err)
	}
}

func TestOnlyOrdinaryFilesAreRead(t *testing.T) {
	t.Parallel()
	mustSay(t, []mistake{
		{"a named pipe as the source", func(d *desk) { d.pipe("customers.csv") }, 2, []string{"customers.csv", "is not an ordinary file but a named pipe", "choose a CSV file"}},
		{"a device as the source", func(d *desk) { d.link("/dev/zero", "customers.csv") }, 2, []string{"customers.csv", "is not an ordinary file but a device"}},
		{"a device as a workbook", func(d *desk) { d.link("/dev/zero", "customers.csv"); d.define("kind: csv", "kind: excel") }, 2, []string{"is not an ordinary file but a device"}},
		{"a folder as the source", func(d *desk) { d.folder("customers.csv") }, 2, []string{"is a folder; choose a file in it"}},
		{"a named pipe as the definition", func(d *desk) { d.pipe("sync.yaml") }, 2, []string{"sync.yaml", "is not an ordinary file"}},
		{"a device as the definition", func(d *desk) { d.link("/dev/zero", "sync.yaml") }, 2, []string{"is not an ordinary file"}},
	})
}

// The files that office programs leave beside an open one are looked into too.
func TestAPipeInThePlaceOfALockFileIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	d.run()
	d.pipe("~$customers.csv")
	d.write("customers.csv", strings.Replace(twoCustomers, "Ann,Lee", ",Lee", 1))
	if s := d.do("run", "sync.yaml"); s.status != 0 && s.status != 3 && s.status != 1 {
		t.Errorf("status %d: %s", s.status, s.err)
	}
}

func TestTheWorkspaceIsNotMadeOfPipes(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"syncline.db", "workspace.lock"} {
		d := newDesk(t, practice.Options{})
		if err := os.Mkdir(d.path("workspace"), 0o700); err != nil {
			t.Fatal(err)
		}
		d.pipe("workspace/" + name)
		if s := d.plain("runs"); s.status != 1 || !strings.Contains(s.err, "is a named pipe, not an ordinary file") {
			t.Errorf("%s: status %d: %s", name, s.status, s.err)
		}
	}
	d := newDesk(t, practice.Options{})
	d.pipe("portal")
	if s := d.plain("practice", "--state", d.path("portal")); s.status != 1 || !strings.Contains(s.err, "is a named pipe, not an ordinary file: name another file") {
		t.Errorf("the practice portal's: status %d: %s", s.status, s.err)
	}
}

// A command that waits for a token which never comes ends by a signal.
func TestASignalEndsACommandThatWaitsForItsInput(t *testing.T) {
	t.Parallel()
	for _, signal := range []os.Signal{syscall.SIGINT, syscall.SIGTERM} {
		w := newWorld(t, practice.Options{})
		c := w.command(t.Context(), "connect", "Acme", "--token-stdin")
		in, err := c.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		errs, err := c.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		for { // until the workspace is there it may not know the signal yet
			if _, err := os.Stat(w.dir + "/ws/workspace.lock"); err == nil {
				break
			}
			if err := c.Process.Signal(syscall.Signal(0)); err != nil {
				t.Fatalf("it ended by itself: %v", err)
			}
			time.Sleep(time.Millisecond)
		}
		if err := c.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		said, _ := io.ReadAll(bufio.NewReader(errs))
		if _ = c.Wait(); c.ProcessState.ExitCode() != 1 || !strings.Contains(string(said), "Stopped") {
			t.Errorf("%v: status %d: %s", signal, c.ProcessState.ExitCode(), said)
		}
	}
}
