// Package command is the command line: the same use-cases as the window,
// without a display.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"syncline/app"
	"syncline/app/terminal"
	"syncline/app/vault"
	"syncline/sync/definition"
)

// IO is where a command reads and writes.
type IO struct {
	In       io.Reader
	Out, Err io.Writer
	Getenv   func(string) string
	// Keychain, Browse and Ports are as in app.Environment.
	Keychain vault.Keychain
	Browse   func(address string) error
	Ports    []int
}

// flags are those that every command knows.
type flags struct {
	json                 bool
	summary              bool
	lane                 string
	pull                 string
	yes                  bool
	portal               string
	workspace            string
	plan                 string
	redo                 string
	field                string
	fields               []string
	rows                 []string
	syncs                []string
	take                 string
	listen               string
	state                string
	passwordStdin        bool
	user                 string
	stdin                bool
	newID                bool
	scopes               []string
	lifetime             time.Duration
	redirects            []string
	set                  []string
	sent                 bool
	html                 string
	verify               bool
	redact               bool
	into                 string
	to                   string
	portalID             int64
	out                  string
	ssh, sshKey, sshJump string
	where, properties    []string
	csv                  string

	hookListen, public, webhook string
	list                        string
	secretStdin                 bool
}

// call is one command being carried out.
type call struct {
	IO
	flags
	args []string
	app  *app.App
}

// Run carries out a command line and returns the exit status.
func Run(args []string, std IO) int {
	// Whatever is printed passes here, so that no print can forget it.
	out, errs := terminal.NewWriter(std.Out), terminal.NewWriter(std.Err)
	defer func() { _, _ = out.Flush(), errs.Flush() }() // a terminal that is gone needs no last byte
	std.Out, std.Err = out, errs
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ended := make(chan struct{})
	defer close(ended)
	go end(ctx, stop, ended)
	kind, name, err := newTree(ctx, std, args).execute()
	if err != nil {
		c := &call{IO: std}
		// The flags were not all read, so that --json may not have been.
		c.json = slices.Contains(args, "--json")
		return c.fail(name, err)
	}
	return int(kind)
}

// patience is how long a command may take to end in order after a signal: what
// it waits for may be a disk or a terminal that does not answer.
const patience = 10 * time.Second

// end lets signals always end a command: a second one ends it at once, as
// without us, and the first one does when its patience is over. What was
// written until then is accounted for as after any other death.
func end(ctx context.Context, stop func(), ended <-chan struct{}) {
	select {
	case <-ended:
		return
	case <-ctx.Done():
	}
	stop()
	select {
	case <-ended:
	case <-time.After(patience):
		os.Exit(int(app.Failed))
	}
}

func (c *call) carryOut(ctx context.Context, v verb) (kind app.Kind, err error) {
	if v.open && !c.verify { // a stranger checks a report without a workspace
		env := app.EnvironmentOf(c.Getenv)
		env.Keychain, env.Browse, env.Ports = c.Keychain, c.Browse, c.Ports
		if c.workspace != "" {
			env.Workspace = c.workspace
		}
		if c.app, err = app.Open(ctx, env); err != nil {
			return app.Failed, err
		}
		defer func() { err = errors.Join(err, c.app.Close()) }()
		if note := c.app.Store.Note(); note != "" {
			fmt.Fprintln(c.Err, plainly(note))
		}
	}
	return v.run(ctx, c)
}

// ways are those out of an error that a command has beyond the window's.
var ways = map[app.Cause]string{
	app.NoApp:        "A command takes the app from SYNCLINE_CLIENT_ID and SYNCLINE_CLIENT_SECRET; with --token-stdin, connect reads a token from standard input",
	app.NoKeychain:   "A command without a keychain can be given a token by SYNCLINE_TOKEN",
	app.NoPortal:     "A command can be given a token by SYNCLINE_TOKEN",
	app.WhichPortal:  "A command takes the portal from --portal",
	app.Copied:       "A command does it with: syncline check FILE --new-id",
	app.TokenRefused: "If the token came from SYNCLINE_TOKEN, set another",
}

// explain is app.Explain with the command line's own ways out.
func explain(err error) app.Explanation {
	e := app.Explain(err)
	switch way := ways[e.Cause]; {
	case e.Do == "":
		e.Do = way
	case way != "":
		e.Do += ". " + way
	}
	return e
}

// fail says what went wrong and returns the exit status.
func (c *call) fail(name string, err error) int {
	e := explain(err)
	if c.json {
		doc := map[string]any{"state": "failed", "exit": int(e.Kind), "error": errorObject(e)}
		var scope *app.ScopeError
		if errors.As(err, &scope) {
			doc["scopes"] = needs(scope.Needs)
		}
		_ = c.document(doc) // the status tells that it failed
	}
	fmt.Fprintf(c.Err, "%s: %s\n", strings.TrimSpace("syncline "+name), explained(err))
	return int(e.Kind)
}

// explained is an error as a person reads it.
func explained(err error) string {
	text := explain(err).String()
	if !errors.As(err, new(*definition.Error)) { // which has a line for each problem
		text = terminal.Line(text)
	}
	return text
}

// errorObject is an error as JSON has it.
func errorObject(e app.Explanation) map[string]any {
	return map[string]any{"message": e.What, "means": e.Means, "do": e.Do, "correlationId": e.CorrelationID}
}

// needs lists scopes as JSON has them.
func needs(all []app.Need) []map[string]any {
	list := make([]map[string]any, 0, len(all))
	for _, n := range all {
		list = append(list, map[string]any{"scope": n.Scope, "missing": n.Missing, "optional": n.Optional, "why": n.Why, "line": n.Line, "key": n.Part})
	}
	return list
}

// document prints one JSON document.
func (c *call) document(v any) error { return encode(c.Out, v) }
