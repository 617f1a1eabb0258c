// Syncline keeps HubSpot and a team's own data in agreement. Without arguments
// it opens the window; with a command it works without one.
package main

import (
	"fmt"
	"os"
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
	if len(args) > 0 && args[0] != "demo" {
		os.Exit(command.Run(args, command.IO{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Getenv: os.Getenv}))
	}
	if runtime.GOOS == "linux" && os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		fmt.Fprintln(os.Stderr, "syncline: there is no display for the window; use a command instead, see syncline --help")
		os.Exit(1)
	}
	ui.Run(app.EnvironmentOf(os.Getenv), len(args) > 0, end)
}

// end ends the process with the window, whatever still waits in it.
func end(err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "syncline: %s\n", terminal.Line(app.Explain(err).String()))
		os.Exit(1)
	}
	os.Exit(0)
}
