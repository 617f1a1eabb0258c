// Syncline keeps HubSpot and a team's own data in agreement. Without arguments
// it opens the window; with a command it works without one.
package main

import (
	"os"

	"syncline/app/command"
)

func main() {
	os.Exit(command.Run(os.Args[1:], command.IO{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Getenv: os.Getenv}))
}
