package command_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"syncline/app"
	"syncline/app/vault/vaulttest"
	"syncline/sync/hubspot/practice"
)

// companies is the definition of the other sync of a set.
const companies = `syncline: 1
name: Firms
source: { kind: csv, path: firms.csv, key: [id] }
hubspot:
  object: companies
  match: [ { field: Domain, property: domain } ]
direction: two-way
create: hubspot
fields:
  - { field: Domain, property: domain }
  - { field: Name, property: name }
`

const threeFirms = "id,Domain,Name\na,one.example,One\nb,two.example,Two\nc,three.example,Three\n"

// setDoc is a set's document, as outsiders read it.
type setDoc struct {
	Set   string
	Run   string
	Plan  string
	State string
	Notes []string
	Runs  []struct {
		Document string
		app.Report
		Exit     int
		Error    *problem
		Problems []struct{ Message string }
		Scopes   []struct{ Scope string }
		Equal    bool
	}
}

// newSetDesk is a desk with a set of two syncs: all.yaml.
func newSetDesk(t *testing.T, o practice.Options) *desk {
	t.Helper()
	d := newDesk(t, o)
	d.write("firms.yaml", companies)
	d.write("firms.csv", threeFirms)
	d.write("all.yaml", "syncline: 1\nset: Both\nsyncs: [firms.yaml, sync.yaml]\n")
	return d
}

// set carries out a command on a set, with --json, which must end with this
// status.
func (d *desk) set(status int, args ...string) (setDoc, said) {
	d.t.Helper()
	for i, a := range args {
		if a == "all.yaml" {
			args[i] = d.path(a)
		}
	}
	s := d.plain(append(args, "--json")...)
	if s.status != status {
		d.t.Errorf("%v: status %d, want %d\n%.2000s\n%s", args, s.status, status, s.out, s.err)
	}
	var doc setDoc
	if err := json.Unmarshal([]byte(s.out), &doc); err != nil {
		d.t.Fatalf("%v: standard output is no JSON document: %v\n%s\n%s", args, err, s.out, s.err)
	}
	return doc, s
}

// came says what each sync of a set came to: "firms.yaml done 3+0".
func (s setDoc) came() string {
	var all []string
	for _, r := range s.Runs {
		all = append(all, fmt.Sprintf("%s %s %d+%d=%d", r.Document, r.State, r.Counts.Created, r.Counts.Updated, r.Counts.Read))
	}
	return strings.Join(all, ", ")
}

func (d *desk) counts(firms, people int) {
	d.t.Helper()
	if f, p := d.portal.Count("companies"), d.portal.Count("contacts"); f != firms || p != people {
		d.t.Errorf("%d companies and %d contacts, want %d and %d", f, p, firms, people)
	}
}

func TestASetIsOneJob(t *testing.T) {
	t.Parallel()
	d := newSetDesk(t, practice.Options{})
	doc, _ := d.set(0, "check", "all.yaml")
	if doc.Set != "Both" || len(doc.Runs) != 2 || doc.Runs[0].Document != "firms.yaml" || doc.Runs[1].Sync != "Customers" || len(doc.Runs[0].Problems) != 0 || len(doc.Runs[0].Scopes) == 0 {
		t.Errorf("check: %+v", doc)
	}
	doc, _ = d.set(0, "preview", "all.yaml")
	if doc.came() != "firms.yaml planned 3+0=3, sync.yaml planned 2+0=2" || doc.Plan == "" || doc.Run != "" || doc.State != "planned" || len(doc.Runs[1].Rows) != 2 {
		t.Errorf("preview: %s, %+v", doc.came(), doc)
	}
	d.counts(0, 0)
	doc, _ = d.set(0, "run", "all.yaml", "--plan", doc.Plan)
	if doc.came() != "firms.yaml done 3+0=3, sync.yaml done 2+0=2" || !strings.HasPrefix(doc.Run, "set-") || doc.State != "done" {
		t.Errorf("run: %s, %+v", doc.came(), doc)
	}
	d.counts(3, 2)
	first := doc.Run
	if doc, _ = d.set(0, "run", "all.yaml"); doc.came() != "firms.yaml done 0+0=3, sync.yaml done 0+0=2" || doc.Run == first {
		t.Errorf("second run: %s, %s", doc.came(), doc.Run)
	}
	if doc, _ = d.set(0, "reconcile", "all.yaml"); len(doc.Runs) != 2 || !doc.Runs[0].Equal || !doc.Runs[1].Equal || doc.Runs[1].Document != "sync.yaml" {
		t.Errorf("reconcile: %+v", doc)
	}
	d.set(4, "undo", first)
	d.counts(3, 2)
	doc, _ = d.set(0, "undo", first, "--yes")
	if len(doc.Runs) != 2 || doc.Runs[0].Sync != "Customers" || doc.Runs[0].Counts.Archived != 2 || doc.Runs[1].Sync != "Firms" || doc.Runs[1].Counts.Archived != 3 {
		t.Errorf("undo, the last one first: %+v", doc)
	}
	d.counts(0, 0)
	if doc, _ = d.set(0, "run", "all.yaml"); doc.Runs[0].Counts.Skipped != 3 || doc.Runs[1].Counts.Skipped != 2 {
		t.Errorf("what an undo took back stays so: %+v", doc)
	}
	if doc, _ = d.set(0, "run", "all.yaml", "--redo", first); doc.came() != "firms.yaml done 3+0=3, sync.yaml done 2+0=2" {
		t.Errorf("done again: %s", doc.came())
	}
	d.counts(3, 2)
}

func TestTheRunsOfASetAreListedTogetherAndReportedAsOne(t *testing.T) {
	t.Parallel()
	d := newSetDesk(t, practice.Options{})
	d.run() // by itself
	run, _ := d.set(0, "run", "all.yaml")
	var list struct {
		Runs []struct{ Run, Sync, Set string }
		Sets []struct{ Run, Set, State, Kind string }
	}
	if err := json.Unmarshal([]byte(d.plain("runs", "--json").out), &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Sets) != 1 || list.Sets[0].Run != run.Run || list.Sets[0].Set != "Both" || list.Sets[0].State != "done" || list.Sets[0].Kind != "run" {
		t.Errorf("sets: %+v", list.Sets)
	}
	var of []string
	for _, r := range list.Runs {
		of = append(of, r.Set)
	}
	if !slices.Equal(of, []string{run.Run, run.Run, ""}) {
		t.Errorf("the runs are of the sets %q", of)
	}
	if text := d.plain("runs").out; !strings.Contains(text, run.Run) || !strings.Contains(text, "set Both") {
		t.Errorf("runs: %s", text)
	}

	keychain := &vaulttest.Keychain{}
	s := d.with(keychain, "report", run.Run, "--json")
	var report struct {
		Form   int `json:"syncline_set_report"`
		Set    string
		Counts struct{ Created, Unchanged, Read int }
		Runs   []struct {
			Run, Sync string
			AddUp     string `json:"counts_add_up"`
			Changes   []struct{ Property string }
		}
		Signature struct {
			Value string `json:"signature"`
		}
	}
	if err := json.Unmarshal([]byte(s.out), &report); err != nil {
		t.Fatalf("%v\n%s\n%s", err, s.out, s.err)
	}
	if report.Form != 1 || report.Set != "Both" || report.Counts.Created != 3 || report.Counts.Unchanged != 2 || report.Counts.Read != 5 || len(report.Runs) != 2 ||
		report.Runs[0].Sync != "Firms" || len(report.Runs[0].Changes) == 0 || report.Runs[1].AddUp != "yes" || report.Signature.Value == "" {
		t.Errorf("%+v\n%s", report, s.err)
	}
	d.write("report.json", s.out)
	if v := d.with(keychain, "report", "--verify", d.path("report.json")); v.status != 0 {
		t.Errorf("it does not hold: %s %s", v.out, v.err)
	}
	d.write("report.json", strings.Replace(s.out, "three.example", "other.example", 1))
	if v := d.with(keychain, "report", "--verify", d.path("report.json")); v.status != 1 {
		t.Errorf("a changed one holds: %s %s", v.out, v.err)
	}
	if s := d.with(keychain, "report", run.Run, "--html", d.path("report.html")); s.status != 0 {
		t.Errorf("%s %s", s.out, s.err)
	}
	if page := d.read("report.html"); !strings.Contains(page, "Firms") || !strings.Contains(page, "Customers") || !strings.Contains(page, "three.example") || strings.Count(page, "<h1>") != 3 {
		t.Errorf("%.3000s", page)
	}
	if v := d.with(keychain, "report", "--verify", d.path("report.html")); v.status != 0 {
		t.Errorf("the page does not hold: %s %s", v.out, v.err)
	}
}

// The status is the worst of all, and what a mistake in the last document
// would leave half done is not begun.
func TestASetWithAMistakeWritesNothing(t *testing.T) {
	t.Parallel()
	d := newSetDesk(t, practice.Options{})
	d.define("property: lastname", "property: lstname")
	for _, verb := range []string{"check", "run"} {
		doc, s := d.set(2, verb, "all.yaml")
		if len(doc.Runs) != 2 || doc.Runs[0].Error != nil || !strings.Contains(s.err, "lstname") {
			t.Errorf("%s: %+v\n%s", verb, doc, s.err)
		}
	}
	if w := d.portal.Calls().Writes; w != 0 {
		t.Errorf("%d writes were made", w)
	}
	doc, s := d.set(2, "preview", "all.yaml")
	if doc.came() != "firms.yaml planned 3+0=3, sync.yaml failed 0+0=0" || doc.Plan != "" || doc.Runs[1].Error == nil || doc.Runs[1].Exit != 2 || !strings.Contains(s.err, "sync.yaml") {
		t.Errorf("preview: %s %+v\n%s", doc.came(), doc, s.err)
	}
	if err := os.Remove(d.path("firms.csv")); err != nil {
		t.Fatal(err)
	}
	doc, _ = d.set(2, "check", "all.yaml")
	if doc.Runs[0].Error == nil || doc.Runs[0].Exit != 2 || len(doc.Runs[1].Problems) != 1 {
		t.Errorf("check goes on after a sync that can't be opened: %+v", doc)
	}
	for text, want := range map[string]string{
		"syncline: 1\nset: Both\nsyncs: [firms.yaml, gone.yaml]\n":          "line 3: syncs[1]: is not there",
		"syncline: 1\nset: Both\nsyncs: [firms.yaml, all.yaml]\n":           "is a set itself",
		"syncline: 1\nset: Both\nsyncs: [firms.yaml]\ndirection: two-way\n": "line 4: direction: has no meaning in a set",
	} {
		d.write("all.yaml", text)
		if s := d.plain("run", d.path("all.yaml"), "--json"); s.status != 2 || !strings.Contains(s.err, want) {
			t.Errorf("status %d, %s", s.status, s.err)
		}
	}
	if s := d.plain("attention", d.path("all.yaml")); s.status == 0 || s.err == "" {
		t.Errorf("attention of a set: status %d, %s", s.status, s.err)
	}
}

func TestASetStopsAtItsFirstFailureAndGoesOnLater(t *testing.T) {
	t.Parallel()
	d := newSetDesk(t, practice.Options{})
	d.write("all.yaml", "syncline: 1\nset: Both\nsyncs: [firms.yaml, sync.yaml, more.yaml]\n")
	d.write("more.yaml", strings.NewReplacer("Customers", "More", "customers.csv", "more.csv").Replace(contacts))
	d.write("more.csv", "id,Email,First,Last\n9,zoe@example.com,Zoe,Zed\n")
	d.set(0, "run", "all.yaml")
	d.counts(3, 3)
	d.write("firms.csv", strings.Replace(threeFirms, "One", "Uno", 1))
	d.write("customers.csv", twoCustomers+manyCustomers(300)) // beyond a guard rail
	d.write("more.csv", "id,Email,First,Last\n9,zoe@example.com,Zoe,Zett\n")
	doc, s := d.set(4, "run", "all.yaml")
	if doc.came() != "firms.yaml done 0+1=3, sync.yaml stopped 300+0=302, more.yaml not begun 0+0=0" || doc.State != "stopped" || len(doc.Runs[1].Guards) == 0 {
		t.Errorf("%s %+v", doc.came(), doc.Notes)
	}
	if !strings.Contains(s.err, "sync.yaml: stopped by a guard rail") || !strings.Contains(s.err, "--yes") || !strings.Contains(strings.Join(doc.Notes, " "), "more.yaml") {
		t.Errorf("it does not say so: %s, %v", s.err, doc.Notes)
	}
	d.counts(3, 3)
	again, _ := d.set(0, "run", "all.yaml", "--yes")
	if again.came() != "firms.yaml done 0+0=3, sync.yaml done 300+0=302, more.yaml done 0+1=1" || again.Run != doc.Run {
		t.Errorf("gone on with: %s, as %s", again.came(), again.Run)
	}
	// The undo is one of both attempts.
	d.set(0, "undo", doc.Run, "--yes")
	d.counts(3, 3)
	for _, r := range d.portal.Records("companies") {
		if r["name"] == "Uno" {
			t.Error("what the first attempt wrote stays")
		}
	}
}

// What a plan of a set does not hold is not written.
func TestThePlanOfASetIsAppliedOrNothing(t *testing.T) {
	t.Parallel()
	d := newSetDesk(t, practice.Options{})
	d.set(0, "run", "all.yaml")
	d.write("customers.csv", twoCustomers+manyCustomers(300))
	d.write("firms.csv", threeFirms+"d,four.example,Four\n")
	plan, _ := d.set(0, "preview", "all.yaml")
	d.write("firms.csv", threeFirms+"d,four.example,Four\ne,five.example,Five\n")
	doc, s := d.set(4, "run", "all.yaml", "--plan", plan.Plan)
	if doc.came() != "firms.yaml not begun 0+0=0, sync.yaml stopped 300+0=302" || !strings.Contains(s.err, "sync.yaml") {
		t.Errorf("%s\n%s", doc.came(), s.err)
	}
	d.counts(3, 2)
	doc, _ = d.set(0, "run", "all.yaml", "--plan", plan.Plan, "--yes")
	if doc.came() != "firms.yaml done 1+0=4, sync.yaml done 300+0=302" {
		t.Errorf("%s", doc.came())
	}
	d.counts(4, 302)
	for name, args := range map[string][]string{"applied already": {"--plan", plan.Plan}, "no plan": {"--plan", "setplan-1"}, "no run": {"--redo", "set-1"}} {
		if s := d.plain(append([]string{"run", d.path("all.yaml")}, args...)...); s.status != 2 || s.err == "" {
			t.Errorf("%s: status %d, %s", name, s.status, s.err)
		}
	}
	plan, _ = d.set(0, "preview", "all.yaml")
	d.define("name: Customers", "name: Customers\nduplicates: first")
	if s := d.plain("run", d.path("all.yaml"), "--plan", plan.Plan); s.status != 2 || !strings.Contains(s.err, "sync.yaml was changed") {
		t.Errorf("changed since: status %d, %s", s.status, s.err)
	}
	d.counts(4, 302)
}

func TestTwoDocumentsOfASetMayNotBeTheSameSync(t *testing.T) {
	t.Parallel()
	d := newSetDesk(t, practice.Options{})
	for _, name := range []string{"firms.yaml", "sync.yaml"} {
		d.write(name, strings.Replace(d.read(name), "syncline: 1\n", "syncline: 1\nid: abcdefghij\n", 1))
	}
	if s := d.plain("run", d.path("all.yaml")); s.status != 2 || !strings.Contains(s.err, "is a copy of") || !strings.Contains(s.err, filepath.Base("sync.yaml")) {
		t.Errorf("status %d, %s", s.status, s.err)
	}
	if w := d.portal.Calls().Writes; w != 0 {
		t.Errorf("%d writes were made", w)
	}
}
