package command_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"syncline/app"
	"syncline/app/command"
	"syncline/app/vault"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
)

// desk is what somebody at a terminal has: a folder with a definition and a
// file, a workspace, and a portal. Commands run in this process, by the same
// function as the program's.
type desk struct {
	t      testing.TB
	dir    string
	portal *practice.Portal
	url    string
	token  string
	env    map[string]string // beside the token and the workspace
	// keychain keeps secrets; nil is the system's, which a test has none of.
	keychain vault.Keychain
}

// contacts is the definition that most cases start from.
const contacts = `syncline: 1
name: Customers
source: { kind: csv, path: customers.csv, key: [id] }
hubspot:
  object: contacts
  match: [ { field: Email, property: email } ]
direction: two-way
create: hubspot
fields:
  - { field: Email, property: email }
  - { field: First, property: firstname }
  - { field: Last, property: lastname }
`

const twoCustomers = "id,Email,First,Last\n1,ann@example.com,Ann,Lee\n2,bob@example.com,Bob,Stone\n"

func newDesk(t testing.TB, o practice.Options) *desk {
	t.Helper()
	d := &desk{t: t, dir: t.TempDir(), portal: practicetest.New(t, practicetest.Unhurried(o))}
	server := httptest.NewServer(d.portal)
	t.Cleanup(server.Close)
	d.url, d.token = server.URL, d.portal.Token()
	d.write("sync.yaml", contacts)
	d.write("customers.csv", twoCustomers)
	return d
}

// folder puts an empty folder in the place of a file.
func (d *desk) folder(name string) {
	d.t.Helper()
	if err := errors.Join(os.RemoveAll(d.path(name)), os.Mkdir(d.path(name), 0o700)); err != nil {
		d.t.Fatal(err)
	}
}

// lock makes a file unreadable.
func (d *desk) lock(name string) {
	d.t.Helper()
	if err := os.Chmod(d.path(name), 0); err != nil {
		d.t.Fatal(err)
	}
}

// answers replaces the portal by one that gives every call the same answer.
func (d *desk) answers(status int, body string) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json;charset=utf-8")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body)) // a client that is gone does not read it
	}))
	d.t.Cleanup(server.Close)
	d.url = server.URL
}

func (d *desk) path(name string) string { return filepath.Join(d.dir, name) }

func (d *desk) write(name, text string) {
	d.t.Helper()
	if err := os.WriteFile(d.path(name), []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) read(name string) string {
	d.t.Helper()
	b, err := os.ReadFile(d.path(name))
	if err != nil {
		d.t.Fatal(err)
	}
	return string(b)
}

// define replaces parts of the definition: old, new, old, new, …
func (d *desk) define(oldNew ...string) {
	d.t.Helper()
	text := d.read("sync.yaml")
	for i := 0; i < len(oldNew); i += 2 {
		if strings.Count(text, oldNew[i]) != 1 {
			d.t.Fatalf("%q does not stand in the definition once", oldNew[i])
		}
		text = strings.Replace(text, oldNew[i], oldNew[i+1], 1)
	}
	d.write("sync.yaml", text)
}

// said is what a command left behind.
type said struct {
	status   int
	out, err string
	report   app.Report
	problem  problem
}

// problem is the error object of a JSON document.
type problem struct {
	Message       string `json:"message"`
	Means         string `json:"means"`
	Do            string `json:"do"`
	CorrelationID string `json:"correlationId"`
}

// sqlite changes the workspace behind the program's back.
func (d *desk) sqlite(query string) {
	d.t.Helper()
	db, err := sql.Open("sqlite3", filepath.Join(d.path("workspace"), "syncline.db"))
	if err == nil {
		_, err = db.Exec(query)
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

// do carries out a command on the desk's definition, with --json.
func (d *desk) do(args ...string) said {
	d.t.Helper()
	s := d.plain(append(args, "--json")...)
	if s.out == "" {
		return s
	}
	var doc struct {
		app.Report
		Error problem `json:"error"`
	}
	dec := json.NewDecoder(strings.NewReader(s.out))
	if err := dec.Decode(&doc); err != nil {
		d.t.Fatalf("%v: standard output is no JSON: %v\n%s\n%s", args, err, s.out, s.err)
	}
	if dec.More() {
		d.t.Errorf("%v: there is more than one document on standard output:\n%s", args, s.out)
	}
	s.report, s.problem = doc.Report, doc.Error
	return s
}

// plain carries out a command for people.
func (d *desk) plain(args ...string) said {
	d.t.Helper()
	var out, err bytes.Buffer
	for i, a := range args {
		if a == "sync.yaml" {
			args[i] = d.path(a)
		}
	}
	status := command.Run(args, command.IO{In: strings.NewReader(""), Out: &out, Err: &err, Getenv: d.getenv, Keychain: d.keychain})
	return said{status: status, out: out.String(), err: err.String()}
}

// getenv is the environment of the desk's commands.
func (d *desk) getenv(name string) string {
	env := map[string]string{"SYNCLINE_TOKEN": d.token, "SYNCLINE_API_URL": d.url, "SYNCLINE_WORKSPACE": d.path("workspace")}
	maps.Copy(env, d.env)
	return env[name]
}

// run runs the sync, which must come to its end and whose fates must add up.
func (d *desk) run() said {
	d.t.Helper()
	s := d.do("run", "sync.yaml")
	if s.status != 0 && s.status != 3 {
		d.t.Fatalf("run: status %d\n%.1000s\n%s", s.status, s.out, s.err)
	}
	if c := s.report.Counts; c.Sum() != c.Read {
		d.t.Errorf("the fates do not add up: %+v", c)
	}
	return s
}

// quiet drops what a server logs of refused connections.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

func mustTime(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// manyCustomers are lines of further people.
func manyCustomers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "m%d,m%d@example.com,First%d,Last%d\n", i, i, i, i)
	}
	return b.String()
}
