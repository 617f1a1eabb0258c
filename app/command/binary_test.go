package command_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"syncline/sync/source/database/servertest"
)

// buildDir is where the program is built for the tests of this process.
var buildDir string

func TestMain(m *testing.M) {
	var err error
	if buildDir, err = os.MkdirTemp("", "syncline-test-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	// What the program keeps outside of workspaces is not kept with the user's own.
	os.Setenv("XDG_CONFIG_HOME", filepath.Join(buildDir, "config"))
	status := m.Run()
	servertest.Stop()
	os.RemoveAll(buildDir)
	os.Exit(status)
}

// build builds the program, once.
var build = sync.OnceValues(func() (string, error) {
	path := filepath.Join(buildDir, "syncline")
	out, err := exec.Command("go", "build", "-tags", "ci,migrated_fynedo", "-o", path, "syncline").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return path, nil
})

// binary returns the path of the program.
func binary(t testing.TB) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}
