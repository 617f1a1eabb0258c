package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"syncline/sync/hubspot/practice"
)

const people = `syncline: 1
name: People
source: { kind: csv, path: people.csv, key: [id] }
hubspot:
  object: contacts
  match: [ { field: Email, property: email } ]
direction: two-way
create: hubspot
fields:
  - { field: Email, property: email }
  - { field: First, property: firstname }
  - { field: Last, property: lastname }
  - { field: City, property: city }
`

const peopleRows = `id,Email,First,Last,City
1,ann@example.com,Ann,Lee,Graz
2,bob@example.com,Bob,Stone,Linz
3,cleo@example.com,Cleo,Park,
4,dora@example.com,Dora,Fox,Bern
5,eve at example,Eve,Hill,Rome
6,finn@example.com,Finn,Oak,Oslo
7,gil@example.com,Gil,Ash,Brno
`

const firms = `syncline: 1
name: Firms
source: { kind: csv, path: firms.csv, key: [no] }
hubspot:
  object: companies
  match: [ { field: Domain, property: domain } ]
direction: two-way
create: hubspot
fields:
  - { field: Domain, property: domain }
  - { field: Name, property: name }
`

const firmRows = `no,Domain,Name
A,alpha.example.com,Alpha
B,beta.example.com,Beta
C,gamma.example.com,Gamma
`

const later = `syncline: 1
name: Later
source: { kind: csv, path: later.csv, key: [id] }
hubspot:
  object: contacts
  match: [ { field: Email, property: email } ]
direction: to-hubspot
create: hubspot
fields:
  - { field: Email, property: email }
  - { field: Last, property: lastname }
`

const laterRows = `id,Email,Last
L1,kim@example.com,Kent
L2,leo@example.com,Lund
L3,dora@example.com,Fox
`

const gone = `syncline: 1
name: Gone
source: { kind: csv, path: gone.csv, key: [no] }
hubspot:
  object: companies
  match: [ { field: Domain, property: domain } ]
direction: to-hubspot
create: hubspot
delete: { row-gone: archive }
fields:
  - { field: Domain, property: domain }
  - { field: Name, property: name }
`

const goneRows = `no,Domain,Name
X,xi.example.com,Xi
Y,ypsilon.example.com,Ypsilon
Z,zeta.example.com,Zeta
`

const staff = `syncline: 1
name: Staff
source: { kind: csv, path: staff.csv, key: [nr] }
hubspot:
  object: contacts
  match: [ { field: Email, property: email } ]
direction: to-hubspot
create: hubspot
fields:
  - { field: Email, property: email }
  - { field: Last, property: lastname }
associations:
  - to: companies
    match: { field: Firm, property: domain }
`

const staffRows = `nr,Email,Last,Firm
S1,hal@alpha.example.com,Hall,alpha.example.com
S2,ida@alpha.example.com,Ivey,alpha.example.com
S3,joe@beta.example.com,Jones,beta.example.com
`

// job is a portal, a folder and the program.
type job struct {
	bin     string
	portal  *practice.Portal
	server  *httptest.Server
	undone  string // the run that was undone
	plan    string // the plan that was stored and not applied
	both    string // the run that wrote to both sides
	killed  string // the run that was killed
	staffed string // the run that associated; "" where the program knows no associations

	mu   sync.Mutex
	kill func() // when the next records were created, before that is told
}

func newJob(bin string) (*job, error) {
	j := &job{bin: bin}
	var err error
	j.portal, err = practice.Open(filepath.Join(home, "hubspot.portal"), practice.Options{Seed: 7, Observe: j.observe})
	if err != nil {
		return nil, err
	}
	j.server = httptest.NewServer(j.portal)
	return j, nil
}

func (j *job) observe(r practice.Request) {
	if !strings.Contains(r.Path, "batch/create") {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.kill != nil {
		j.kill()
		j.kill = nil
	}
}

// said is what a command printed.
type said struct {
	Run    string         `json:"run"`
	Plan   string         `json:"plan"`
	State  string         `json:"state"`
	Counts map[string]int `json:"counts"`
	Runs   []struct {
		ID    string `json:"id"`
		Kind  string `json:"kind"`
		State string `json:"state"`
	} `json:"runs"`
	Settled int `json:"settled"`
}

func (j *job) command(args ...string) *exec.Cmd {
	c := exec.Command(j.bin, append(args, "--json", "--yes")...)
	c.Dir = home
	c.Env = []string{"HOME=" + home, "USER=ada", "LANG=en_US.UTF-8", "TZ=UTC", "XDG_CONFIG_HOME=" + filepath.Join(home, "config"),
		"SYNCLINE_TOKEN=" + j.portal.Token(), "SYNCLINE_API_URL=" + j.server.URL, "SYNCLINE_WORKSPACE=" + filepath.Join(home, "workspace"),
		"DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent"}
	return c
}

// ask does a command, which must end with status 0 or 3.
func (j *job) ask(args ...string) (s said, err error) {
	c := j.command(args...)
	var out, told bytes.Buffer
	c.Stdout, c.Stderr = &out, &told
	var exit *exec.ExitError
	if err = c.Run(); errors.As(err, &exit) && exit.ExitCode() == 3 {
		err = nil
	}
	if err != nil {
		return s, fmt.Errorf("%v: %w\n%s%s", args, err, out.String(), told.String())
	}
	return s, json.Unmarshal(out.Bytes(), &s)
}

func (j *job) run(name string) (said, error) { return j.ask("run", name) }

func write(name, text string) error {
	return os.WriteFile(filepath.Join(home, name), []byte(text), 0o600)
}

// edit changes a text of a file as a person does.
func edit(name, old, new string) error {
	text, err := os.ReadFile(filepath.Join(home, name))
	if err != nil {
		return err
	}
	if strings.Count(string(text), old) != 1 {
		return fmt.Errorf("%q does not stand in %s once:\n%s", old, name, text)
	}
	return write(name, strings.Replace(string(text), old, new, 1))
}

// inHubSpot changes the record that has a value.
func (j *job) inHubSpot(object, by, value string, now map[string]string) error {
	for id, p := range j.portal.Records(object) {
		if p[by] == value {
			return j.portal.Edit(object, id, now)
		}
	}
	return fmt.Errorf("no record of %s has the %s %s", object, by, value)
}

func (j *job) do() error {
	for _, part := range []func() error{j.load, j.bothWays, j.decide, j.takeBack, j.correct, j.firms, j.archive, j.staff, j.store, j.settle} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

// load creates records, finds one, and has a row that HubSpot would refuse.
func (j *job) load() error {
	if _, err := j.portal.Create("contacts", map[string]string{"email": "dora@example.com", "firstname": "Dora", "lastname": "Fox", "phone": "+41 31 000 00 00"}); err != nil {
		return err
	}
	err := errors.Join(write("people.yaml", people), write("people.csv", peopleRows), write("firms.yaml", firms), write("firms.csv", firmRows))
	if err != nil {
		return err
	}
	s, err := j.run("people.yaml")
	if err == nil && (s.Counts["created"] != 5 || s.Counts["failed"] != 1) {
		err = fmt.Errorf("the first run: %v", s.Counts)
	}
	return err
}

// bothWays is the run that writes to both sides, and finds two conflicts.
func (j *job) bothWays() error {
	err := errors.Join(
		edit("people.csv", "Ann,Lee", "Anna,Lee"),
		j.inHubSpot("contacts", "email", "bob@example.com", map[string]string{"lastname": "Rock"}),
		edit("people.csv", "Cleo,Park", "Clio,Park"),
		j.inHubSpot("contacts", "email", "cleo@example.com", map[string]string{"firstname": "Cléo"}),
		edit("people.csv", "Finn,Oak", "Finn,Oaks"),
		j.inHubSpot("contacts", "email", "finn@example.com", map[string]string{"lastname": "Oakes"}))
	if err != nil {
		return err
	}
	s, err := j.run("people.yaml")
	if err == nil && s.Counts["conflict"] != 2 {
		err = fmt.Errorf("the run both ways: %v", s.Counts)
	}
	j.both = s.Run
	return err
}

// decide settles one of the two conflicts, and carries that out.
func (j *job) decide() error {
	s, err := j.ask("review", "people.yaml", "--field", "First", "--take", "hubspot")
	if err != nil {
		return err
	}
	if s.Settled != 1 {
		return fmt.Errorf("%d conflicts were settled", s.Settled)
	}
	_, err = j.run("people.yaml")
	return err
}

// takeBack undoes a run. What it took back stays in the source, but for early
// programs, which would write it again.
func (j *job) takeBack() error {
	if err := edit("people.csv", "Gil,Ash", "Gil,Ashe"); err != nil {
		return err
	}
	s, err := j.run("people.yaml")
	if err != nil {
		return err
	}
	j.undone = s.Run
	if _, err := j.ask("undo", s.Run); err != nil {
		return err
	}
	if format, err := formatOf(); err != nil || format >= undoing {
		return err
	}
	return edit("people.csv", "Gil,Ashe", "Gil,Ash")
}

// correct puts a value in the place of a cell, where the program can.
func (j *job) correct() error {
	if format, err := formatOf(); err != nil || format < correcting {
		return err
	}
	if err := edit("people.csv", "7,gil", "8,hope at example,Hope,Mill,Kiel\n7,gil"); err != nil {
		return err
	}
	if _, err := j.run("people.yaml"); err != nil {
		return err
	}
	s, err := j.ask("retry", "people.yaml", "--row", "8", "--set", "Email=hope@example.com")
	if err == nil && s.Counts["created"] != 1 {
		err = fmt.Errorf("the retry: %v", s.Counts)
	}
	return err
}

// archive lets a row leave, whose record goes.
func (j *job) archive() error {
	if err := errors.Join(write("gone.yaml", gone), write("gone.csv", goneRows)); err != nil {
		return err
	}
	if _, err := j.run("gone.yaml"); err != nil {
		return err
	}
	if err := edit("gone.csv", "Y,ypsilon.example.com,Ypsilon\n", ""); err != nil {
		return err
	}
	if _, err := j.run("gone.yaml"); err != nil {
		return err
	}
	if n := j.portal.Count("companies"); n != 6 {
		return fmt.Errorf("a row is gone, and there are %d companies", n)
	}
	return nil
}

// store leaves a plan that nobody has applied.
func (j *job) store() error {
	if err := errors.Join(write("later.yaml", later), write("later.csv", laterRows)); err != nil {
		return err
	}
	s, err := j.ask("preview", "later.yaml")
	if err == nil && s.Counts["created"] != 2 {
		err = fmt.Errorf("the plan to keep: %v", s.Counts)
	}
	j.plan = s.Plan
	return err
}

// firms leaves work open: a run that was killed while HubSpot's answer travelled,
// and a decision that no run has carried out.
func (j *job) firms() error {
	if _, err := j.run("firms.yaml"); err != nil {
		return err
	}
	err := errors.Join(edit("firms.csv", "Alpha", "Alpha AG"),
		j.inHubSpot("companies", "domain", "alpha.example.com", map[string]string{"name": "Alpha Ltd"}))
	if err != nil {
		return err
	}
	s, err := j.run("firms.yaml")
	if err != nil {
		return err
	}
	if s.Counts["conflict"] != 1 {
		return fmt.Errorf("the run of firms: %v", s.Counts)
	}
	if err := errors.Join(edit("firms.csv", "Beta", "Beta KG"), edit("firms.csv", "C,", "D,delta.example.com,Delta\nC,")); err != nil {
		return err
	}
	c := j.command("run", "firms.yaml")
	dead := make(chan error, 1)
	if err := c.Start(); err != nil {
		return err
	}
	j.mu.Lock()
	j.kill = func() { dead <- errors.Join(c.Process.Kill(), wait(c)) }
	j.mu.Unlock()
	if err := <-dead; err != nil {
		return err
	}
	if j.portal.Count("companies") != 4 {
		return fmt.Errorf("there are %d companies", j.portal.Count("companies"))
	}
	if s, err = j.ask("review", "firms.yaml", "--take", "source"); err == nil && s.Settled != 1 {
		err = fmt.Errorf("%d conflicts of firms were settled", s.Settled)
	}
	return err
}

// wait waits for the end of a program that was killed.
func wait(c *exec.Cmd) error {
	var exit *exec.ExitError
	if err := c.Wait(); !errors.As(err, &exit) {
		return fmt.Errorf("the run came to its end before it was killed: %w", err)
	}
	return nil
}

// staff associates, where the program can.
func (j *job) staff() error {
	if format, err := formatOf(); err != nil || format < associating {
		return err
	}
	if err := errors.Join(write("staff.yaml", staff), write("staff.csv", staffRows)); err != nil {
		return err
	}
	s, err := j.run("staff.yaml")
	if err == nil && s.Counts["created"] != len(strings.Split(staffRows, "\n"))-2 {
		err = fmt.Errorf("the run that associates: %v", s.Counts)
	}
	j.staffed = s.Run
	return err
}

// settle runs until there is nothing more to write, by the program itself.
func (j *job) settle() error {
	for range 4 {
		before := j.portal.Calls().Writes
		if _, err := j.run("people.yaml"); err != nil {
			return err
		}
		if j.portal.Calls().Writes == before {
			return nil
		}
	}
	return errors.New("it goes on writing")
}
