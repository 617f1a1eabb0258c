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
	"sort"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/pflag" // GNU-style flags anywhere on the line: BSD, kept by the cobra authors

	"syncline/app"
	"syncline/app/terminal"
	"syncline/app/vault"
	"syncline/sync/definition"
	"syncline/sync/redact"
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
	json      bool
	summary   bool
	yes       bool
	portal    string
	workspace string
	plan      string
	redo      string
	field     string
	fields    []string
	rows      []string
	take      string
	listen    string
	state     string
	stdin     bool
	newID     bool
	scopes    []string
	lifetime  time.Duration
	redirects []string
	set       []string
	html      string
	verify    bool
}

// call is one command being carried out.
type call struct {
	IO
	flags
	args []string
	app  *app.App
}

// verb is one command.
type verb struct {
	args  string // "FILE"
	min   int
	what  string
	flags []string // beyond the common ones
	open  bool     // needs the workspace
	run   func(context.Context, *call) (app.Kind, error)
}

var verbs = map[string]verb{
	"check":      {"FILE", 1, "reports every problem of a definition or a set, without writing; with --new-id gives a copied one an id of its own first", []string{"new-id"}, true, check},
	"preview":    {"FILE", 1, "makes the plan and prints it; writes nothing to either side", []string{"summary"}, true, preview},
	"run":        {"FILE", 1, "plans and applies; with --plan applies exactly that stored plan; with --redo offers again what the undo of a run took back", []string{"plan", "redo", "summary"}, true, run},
	"review":     {"FILE", 1, "lists open conflicts; with --take settles those selected", []string{"field", "take"}, true, review},
	"undo":       {"RUN_ID", 1, "reverts a run, keeping and listing edits made since; with --field and --row only those", []string{"fields", "rows", "summary"}, true, undo},
	"runs":       {"", 0, "history", nil, true, runs},
	"attention":  {"FILE", 1, "failed rows with causes", nil, true, attention},
	"reconcile":  {"FILE", 1, "reads both sides and proves them equal, or lists every difference; writes nothing", nil, true, reconcile},
	"report":     {"RUN_ID", 1, "the signed report of a run; with --verify checks one, which is a file then", []string{"html", "verify"}, true, report},
	"retry":      {"FILE", 1, "tries failed rows again, with --set corrected", []string{"rows", "set"}, true, retry},
	"practice":   {"", 0, "serves the practice portal", []string{"listen", "state", "token-lifetime", "redirect-url"}, false, servePractice},
	"connect":    {"NAME", 1, "connects a portal by the browser; with --token-stdin by a token on standard input", []string{"token-stdin", "scopes"}, true, connect},
	"portals":    {"", 0, "lists connections with portal id, kind, health and scopes", nil, true, portals},
	"disconnect": {"NAME", 1, "revokes a connection's sign-in and forgets its secret", nil, true, disconnect},
}

// Names returns the commands in order.
func Names() []string {
	names := make([]string, 0, len(verbs))
	for name := range verbs {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
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
	name := args[0]
	v, ok := verbs[name]
	if !ok {
		if name == "help" || name == "--help" || name == "-h" {
			usage(std.Out)
			return 0
		}
		if name == "version" || name == "--version" {
			fmt.Fprintln(std.Out, "syncline", app.Version)
			return 0
		}
		fmt.Fprintf(std.Err, "syncline: %q is no command\n\n", redact.Secrets(name))
		usage(std.Err)
		return int(app.WrongUse)
	}
	c := &call{IO: std}
	if err := c.parse(name, v, args[1:]); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			return 0
		}
		// The flags were not all read, so that --json may not have been.
		c.json = c.json || slices.Contains(args, "--json")
		return c.fail(name, &app.UseError{Msg: err.Error()})
	}
	kind, err := c.carryOut(ctx, v)
	if err != nil {
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

func usage(w io.Writer) {
	fmt.Fprintln(w, "syncline               opens the window")
	fmt.Fprintln(w, "syncline demo          opens the window on the practice portal, with a sample workbook")
	for _, name := range Names() {
		v := verbs[name]
		fmt.Fprintf(w, "syncline %-22s %s\n", strings.TrimSpace(name+" "+v.args), v.what)
	}
	fmt.Fprint(w, "\nFlags: --json, --yes, --portal NAME, --workspace DIR\nEnvironment: SYNCLINE_TOKEN, SYNCLINE_API_URL, SYNCLINE_AUTHORIZE_URL, SYNCLINE_CLIENT_ID, SYNCLINE_CLIENT_SECRET, SYNCLINE_WORKSPACE\n"+
		"Exit status: 0 done, 1 failed, 2 wrong use or a definition that cannot work, 3 done with conflicts or failed rows left, 4 stopped by a guard rail, 5 sign-in needed or scopes missing\n")
}

func (c *call) parse(name string, v verb, args []string) error {
	f := pflag.NewFlagSet(name, pflag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.BoolVar(&c.json, "json", false, "")
	f.BoolVar(&c.yes, "yes", false, "")
	f.StringVar(&c.portal, "portal", "", "")
	f.StringVar(&c.workspace, "workspace", "", "")
	for _, own := range v.flags {
		switch own {
		case "plan":
			f.StringVar(&c.plan, own, "", "")
		case "summary":
			f.BoolVar(&c.summary, own, false, "")
		case "redo":
			f.StringVar(&c.redo, own, "", "")
		case "fields":
			f.StringArrayVar(&c.fields, "field", nil, "")
		case "rows":
			f.StringArrayVar(&c.rows, "row", nil, "")
		case "field":
			f.StringVar(&c.field, own, "", "")
		case "take":
			f.StringVar(&c.take, own, "", "")
		case "state":
			f.StringVar(&c.state, own, "", "")
		case "listen":
			f.StringVar(&c.listen, own, "127.0.0.1:0", "")
		case "token-stdin":
			f.BoolVar(&c.stdin, own, false, "")
		case "token-lifetime":
			f.DurationVar(&c.lifetime, own, 30*time.Minute, "")
		case "redirect-url":
			f.StringArrayVar(&c.redirects, own, nil, "")
		case "new-id":
			f.BoolVar(&c.newID, own, false, "")
		case "html":
			f.StringVar(&c.html, own, "", "")
		case "verify":
			f.BoolVar(&c.verify, own, false, "")
		case "set":
			f.StringArrayVar(&c.set, own, nil, "")
		case "scopes":
			f.StringSliceVar(&c.scopes, own, nil, "")
		}
	}
	if err := f.Parse(args); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			fmt.Fprintf(c.Out, "syncline %s %s: %s\n", name, v.args, v.what)
		}
		return err
	}
	c.args = f.Args()
	if len(c.args) != v.min {
		return fmt.Errorf("wants %s: syncline %s", plural(v.min), strings.TrimSpace(name+" "+v.args))
	}
	return nil
}

func plural(n int) string {
	switch n {
	case 0:
		return "no argument"
	case 1:
		return "one argument"
	}
	return fmt.Sprintf("%d arguments", n)
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
	fmt.Fprintf(c.Err, "syncline %s: %s\n", name, explained(err))
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
