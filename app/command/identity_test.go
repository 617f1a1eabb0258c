package command_test

import (
	"encoding/json"
	"os"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
)

var idLine = regexp.MustCompile(`(?m)^id: ([2-9a-hjkmnp-z]{10})\r?\n`)

// id is the id in a document; there must be one, on a line of its own.
func (d *desk) id(name string) string {
	d.t.Helper()
	m := idLine.FindStringSubmatch(d.read(name))
	if m == nil {
		d.t.Fatalf("%s has no id:\n%s", name, d.read(name))
	}
	return m[1]
}

// settled runs the definition and expects that there is nothing to do.
func (d *desk) settled(name string, rows int) {
	d.t.Helper()
	before := d.portal.Calls().Writes
	s := d.do("run", d.path(name))
	if s.status != 0 || s.report.Counts.Unchanged != rows || s.report.Counts.Read != rows {
		d.t.Errorf("run %s: status %d, %+v\n%s", name, s.status, s.report.Counts, s.err)
	}
	if n := d.portal.Calls().Writes - before; n != 0 {
		d.t.Errorf("run %s: %d writes", name, n)
	}
}

func (d *desk) rename(from, to string) {
	d.t.Helper()
	if err := os.Rename(d.path(from), d.path(to)); err != nil {
		d.t.Fatal(err)
	}
}

func TestTheFirstRunWritesTheIDAndNothingElseIntoTheDocument(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	doc := "\ufeff# ours: keep\r\n" + strings.ReplaceAll(strings.Replace(contacts, "syncline: 1", "syncline: 1 # format", 1), "\n", "\r\n")
	d.write("sync.yaml", doc)
	if err := os.Chmod(d.path("sync.yaml"), 0o640); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"check", "preview", "preview"} {
		if s := d.do(command, "sync.yaml"); s.status != 0 {
			t.Fatalf("%s: %s", command, s.err)
		}
		if d.read("sync.yaml") != doc {
			t.Fatalf("%s wrote into the document:\n%q", command, d.read("sync.yaml"))
		}
	}
	d.run()
	got := d.read("sync.yaml")
	if idLine.ReplaceAllString(got, "") != doc || !strings.Contains(got, "syncline: 1 # format\r\nid: ") {
		t.Errorf("other bytes changed:\n%q", got)
	}
	if info, err := os.Stat(d.path("sync.yaml")); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o640 {
		t.Errorf("the mode is %v (%v)", info.Mode(), err)
	}
	if left, err := os.ReadDir(d.dir); err != nil || len(left) != 3 {
		t.Errorf("in the folder lie %v (%v)", left, err)
	}
	d.settled("sync.yaml", 2)
	if d.read("sync.yaml") != got {
		t.Error("the second run wrote into the document")
	}
}

func TestAMovedDocumentIsTheSameSync(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	first := d.run().report
	d.rename("sync.yaml", "renamed.yaml")
	d.settled("renamed.yaml", 2)

	if err := os.Mkdir(d.path("other"), 0o700); err != nil {
		t.Fatal(err)
	}
	d.rename("renamed.yaml", "other/renamed.yaml")
	d.rename("customers.csv", "other/customers.csv")
	d.settled("other/renamed.yaml", 2)
	d.rename("other", "folder")
	for id, p := range d.portal.Records("contacts") {
		if p["firstname"] == "Ann" {
			if err := d.portal.Edit("contacts", id, map[string]string{"firstname": "Anna", "lastname": "Leigh"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	d.write("folder/customers.csv", strings.Replace(twoCustomers, "Ann,", "Annie,", 1))

	if s := d.do("undo", first.Run, "--yes"); s.status != 2 || !strings.Contains(s.err, "is not at") || !strings.Contains(s.err, "syncline check") {
		t.Errorf("undo without the document: status %d, %s", s.status, s.err)
	}
	s := d.do("run", d.path("folder/renamed.yaml"))
	if s.status != 3 || s.report.Counts.Conflict != 1 || s.report.Counts.Created != 0 {
		t.Fatalf("status %d, %+v", s.status, s.report.Counts)
	}
	if !strings.Contains(d.read("folder/customers.csv"), "Annie,Leigh") {
		t.Errorf("the base was lost: an edit of one side did not flow\n%s", d.read("folder/customers.csv"))
	}
	// What waited under the old path is found by the new one.
	d.rename("folder", "again")
	for _, command := range []string{"review", "attention"} {
		s := d.plain(command, d.path("again/renamed.yaml"))
		if s.status != 0 || command == "review" && !strings.Contains(s.out, "1 open conflict") {
			t.Errorf("%s: status %d\n%s%s", command, s.status, s.out, s.err)
		}
	}
	if s := d.do("undo", s.report.Run, "--yes"); s.status != 0 {
		t.Errorf("undo: status %d, %s", s.status, s.err)
	}
}

func TestACopiedDocumentIsAskedAbout(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	d.run()
	d.write("copy.yaml", d.read("sync.yaml"))
	before := d.portal.Calls().Writes
	for _, command := range []string{"check", "preview", "run", "review", "attention"} {
		s := d.plain(command, d.path("copy.yaml"))
		if s.status != 2 {
			t.Errorf("%s: status %d, want 2\n%s", command, s.status, s.err)
		}
		for _, want := range []string{"copy.yaml", "is a copy of", "sync.yaml", "syncline check FILE --new-id"} {
			if !strings.Contains(s.err, want) {
				t.Errorf("%s does not say %q:\n%s", command, want, s.err)
			}
		}
	}
	if n := d.portal.Calls().Writes - before; n != 0 {
		t.Errorf("%d writes", n)
	}
	d.settled("sync.yaml", 2) // the one it was copied from goes on

	if s := d.plain("check", d.path("copy.yaml"), "--new-id"); s.status != 0 {
		t.Fatalf("check --new-id: status %d, %s", s.status, s.err)
	}
	if d.id("copy.yaml") == d.id("sync.yaml") {
		t.Fatal("the copy kept its id")
	}
	if idLine.ReplaceAllString(d.read("copy.yaml"), "") != contacts {
		t.Errorf("other bytes changed:\n%s", d.read("copy.yaml"))
	}
	// It is a sync of its own, which finds the records by the match key.
	if s := d.do("run", d.path("copy.yaml")); s.status != 0 || s.report.Counts.Created != 0 {
		t.Errorf("run of the copy: status %d, %+v", s.status, s.report.Counts)
	}
	if n := d.portal.Count("contacts"); n != 2 {
		t.Errorf("%d contacts, want 2", n)
	}
	d.settled("sync.yaml", 2)
	d.settled("copy.yaml", 2)
}

func TestACopyWhoseOriginalIsGoneOrAnotherSyncIsTheSameSyncMoved(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	d.run()
	d.write("copy.yaml", d.read("sync.yaml"))
	if s := d.plain("check", "sync.yaml", "--new-id"); s.status != 0 {
		t.Fatalf("check --new-id: %s", s.err)
	}
	d.settled("copy.yaml", 2)
	// The original is a sync of its own now.
	if s := d.do("run", "sync.yaml"); s.status != 0 || s.report.Counts.Created != 0 {
		t.Errorf("status %d, %+v", s.status, s.report.Counts)
	}
}

func TestADocumentWithoutItsIDTakesUpThatOfItsPath(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	d.run()
	id := d.id("sync.yaml")
	d.write("sync.yaml", contacts)
	d.settled("sync.yaml", 2)
	if d.id("sync.yaml") != id {
		t.Errorf("it got another id: %s, not %s", d.id("sync.yaml"), id)
	}
}

func TestAnIDThatCameFromElsewhereIsThatOfThePath(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	if err := os.Chmod(d.path("sync.yaml"), 0o400); err != nil {
		t.Fatal(err)
	}
	d.run() // known by its path only
	if err := os.Chmod(d.path("sync.yaml"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.define("name: Customers\n", "id: k7q2m9xw4r\nname: Customers\n") // as a colleague's run wrote it
	d.settled("sync.yaml", 2)
	d.rename("sync.yaml", "moved.yaml")
	d.settled("moved.yaml", 2)
}

func TestADocumentThatCannotBeWrittenCountsByItsPath(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	if err := os.Chmod(d.path("sync.yaml"), 0o400); err != nil {
		t.Fatal(err)
	}
	const says = "it counts by its path"
	if s := d.plain("check", "sync.yaml"); s.status != 0 || !strings.Contains(s.out, says) {
		t.Errorf("check: status %d\n%s%s", s.status, s.out, s.err)
	}
	var doc struct {
		Notes []string `json:"notes"`
	}
	if err := json.Unmarshal([]byte(d.plain("check", "sync.yaml", "--json").out), &doc); err != nil || len(doc.Notes) != 1 || !strings.Contains(doc.Notes[0], says) {
		t.Errorf("check --json: %v, %v", doc, err)
	}
	d.run()
	if d.read("sync.yaml") != contacts {
		t.Errorf("it was written:\n%s", d.read("sync.yaml"))
	}
	d.settled("sync.yaml", 2)
	// In another workspace it finds the records that it made, by its key in them.
	if err := os.RemoveAll(d.path("workspace")); err != nil {
		t.Fatal(err)
	}
	d.write("customers.csv", "id,Email,First,Last\n1,,Ann,Lee\n2,,Bob,Stone\n") // no match key helps
	if s := d.do("run", "sync.yaml"); s.report.Counts.Created != 0 {
		t.Errorf("created %d", s.report.Counts.Created)
	}
	if n := d.portal.Count("contacts"); n != 2 {
		t.Errorf("%d contacts, want 2", n)
	}
}
