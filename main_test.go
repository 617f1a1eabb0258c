package main

import (
	"os"
	"path/filepath"
	"testing"

	"syncline/app/command"
)

// A file that is named opens the window on it; a command is a command whatever
// files lie in the folder.
func TestWhatArgumentsOpen(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, name := range append(command.Names(), "help", "version", "completion", "exit-status", "recipe", "database", "a.csv", "b.yaml") {
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, words := range [][]string{{"run"}, {"help"}, {"version"}, {"recipe"}, {"database"}, {"completion"}, {"run", "b.yaml"}, {"nothing"}, {"a.csv", "nothing"}, {"--json"}, {"demo", "x"}} {
		if _, window := startOf(words); window {
			t.Errorf("%v opens the window", words)
		}
	}
	for _, words := range [][]string{{}, {"demo"}, {"a.csv"}, {filepath.Join(dir, "b.yaml")}, {"a.csv", "b.yaml"}} {
		start, window := startOf(words)
		if !window || start.Demo != (len(words) > 0 && words[0] == "demo") || !start.Demo && len(start.Files) != len(words) {
			t.Errorf("%v: %+v %v", words, start, window)
		}
	}
}
