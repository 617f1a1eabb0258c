package ui

import (
	"fmt"
	"os"
	"testing"
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
