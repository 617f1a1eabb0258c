// Workspaces lets the program of a release do a practice job, and keeps the
// workspace that it leaves, with what is in it, for the tests of every later
// program (store/testdata/workspaces).
//
//	go run .ci/workspaces/*.go -program ./bin/syncline -release 0.1.0 -into store/testdata/workspaces
//
// The job is the same for every release: rows are created, found, edited on both
// sides and refused; conflicts are decided and left open; a run is undone; another
// one is killed while HubSpot's answer travels. Where the program knows
// associations there are such too. Its portal is today's practice portal.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// home is where the job is done: paths stay in a workspace, and shall say nothing
// of the machine that it was made on.
const home = "/tmp/ada"

func main() {
	program := flag.String("program", "", "the `file` of the release's program")
	release := flag.String("release", "", "its `number`, which names what is kept")
	into := flag.String("into", "store/testdata/workspaces", "the `folder` to keep it in")
	flag.Parse()
	if *program == "" || *release == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := workspace(*program, *release, *into); err != nil {
		fmt.Fprintln(os.Stderr, "workspaces:", err)
		os.Exit(1)
	}
}

func workspace(program, release, into string) error {
	bin, err := filepath.Abs(program)
	if err != nil {
		return err
	}
	// Two of them at a time would take each other's folder.
	if err := os.Mkdir(home, 0o700); err != nil {
		return err
	}
	defer os.RemoveAll(home)
	j, err := newJob(bin)
	if err != nil {
		return err
	}
	defer j.server.Close()
	if err := j.do(); err != nil {
		return fmt.Errorf("%s: %w", release, err)
	}
	if err := j.portal.Close(); err != nil {
		return err
	}
	notes, err := look(j)
	if err != nil {
		return err
	}
	said, err := exec.Command(bin, "version").Output() //nolint:gosec // the program that was named
	if err != nil {
		return err
	}
	notes.Release, notes.Program = release, strings.TrimSpace(string(said))
	if err := keep(into, release, notes); err != nil {
		return err
	}
	fmt.Printf("%s: format %d, %d links, %d written values, %d open conflicts\n", release, notes.Format, len(notes.Links), len(notes.Audit), len(notes.Conflicts))
	return nil
}
