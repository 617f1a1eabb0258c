// Syncline keeps HubSpot and a team's own data in agreement. Without arguments
// it opens the window, with a file it opens the window on that; with a command it
// works without one.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	_ "time/tzdata" // zones where the system has none, as on Windows

	"syncline/app"
	"syncline/app/command"
	"syncline/app/locale"
	"syncline/app/terminal"
	"syncline/ui"
)

func main() {
	locale.Restore()
	args := os.Args[1:]
	start, window := startOf(args)
	if !window {
		os.Exit(command.Run(args, command.IO{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Getenv: os.Getenv}))
	}
	if runtime.GOOS == "linux" && os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		fmt.Fprintln(os.Stderr, "syncline: there is no display for the window; use a command instead, see syncline --help")
		os.Exit(1)
	}
	ui.Run(app.EnvironmentOf(os.Getenv), start, end)
}

// startOf tells whether arguments open the window, and on what.
func startOf(args []string) (start ui.Start, window bool) {
	switch {
	case len(args) == 0:
		return ui.Start{}, true
	case args[0] == "demo" && len(args) == 1:
		return ui.Start{Demo: true}, true
	}
	for _, arg := range args {
		path, err := filepath.Abs(arg)
		if err != nil || !isFile(path) || command.Is(arg) {
			return ui.Start{}, false
		}
		start.Files = append(start.Files, path)
	}
	return start, true
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// end ends the process with the window, whatever still waits in it.
func end(err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "syncline: %s\n", terminal.Line(app.Explain(err).String()))
		os.Exit(1)
	}
	os.Exit(0)
}
