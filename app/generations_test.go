package app_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"syncline/app"
)

func TestMain(m *testing.M) {
	// What the program keeps outside of workspaces is not kept with the user's own.
	dir, err := os.MkdirTemp("", "syncline-config-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Setenv("XDG_CONFIG_HOME", dir)
	status := m.Run()
	os.RemoveAll(dir)
	os.Exit(status)
}

// TestAnOldCopyIsFoundByWhatIsKeptOutside: the number of runs stands in a file
// of the user's that nobody else reads, and a workspace that is behind it is
// told to be old; a damaged file stops nothing.
func TestAnOldCopyIsFoundByWhatIsKeptOutside(t *testing.T) {
	t.Parallel()
	ctx, dir := t.Context(), t.TempDir()
	path, config, workspace := filepath.Join(dir, "sync.yaml"), filepath.Join(dir, "config"), filepath.Join(dir, "ws")
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("sync.yaml", logged)
	run := func(mail string) (notes string) {
		t.Helper()
		write("people.csv", "id,Mail,Phone,Stage\n1,"+mail+",+49 30 1234567,lead\n")
		a, err := app.Open(ctx, app.Environment{Workspace: workspace, Config: config})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		if _, err := a.ConnectPractice(ctx); err != nil {
			t.Fatal(err)
		}
		s, err := a.OpenSync(ctx, path, app.Options{Confirmed: true})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		res, err := s.Run(ctx, "")
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(res.Notes, " ")
	}
	const old = "put back from a copy"
	run("ann@example.com")
	kept := t.TempDir()
	if err := os.CopyFS(kept, os.DirFS(workspace)); err != nil {
		t.Fatal(err)
	}
	if notes := run("anna@example.com"); strings.Contains(notes, old) {
		t.Errorf("a second run is told %q", notes)
	}
	file := filepath.Join(config, "generations.json")
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if err := os.RemoveAll(workspace); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(workspace, os.DirFS(kept)); err != nil {
		t.Fatal(err)
	}
	if notes := run("ann@example.com"); !strings.Contains(notes, old) {
		t.Errorf("an old copy is told %q", notes)
	}
	if err := os.WriteFile(file, []byte(`{"version":1,"ru`), 0o600); err != nil {
		t.Fatal(err)
	}
	if notes := run("ann@example.com"); !strings.Contains(notes, "can't be read") || strings.Contains(notes, old) {
		t.Errorf("with a damaged file it is told %q", notes)
	}
	if notes := run("anne@example.com"); notes != "" {
		t.Errorf("after that it is told %q", notes)
	}
}
