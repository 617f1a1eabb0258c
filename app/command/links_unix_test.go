//go:build unix

package command_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
)

func noted(s said, text string) bool {
	return slices.ContainsFunc(s.report.Notes, func(n string) bool { return strings.Contains(n, text) })
}

// What HubSpot changed of the first customer.
func (d *desk) editFirst() {
	d.t.Helper()
	for id, p := range d.portal.Records("contacts") {
		if p["email"] == "ann@example.com" {
			if err := d.portal.Edit("contacts", id, map[string]string{"firstname": "Anna"}); err != nil {
				d.t.Fatal(err)
			}
		}
	}
}

// A new version of a file comes under one name. Another name would keep the
// old content without a word, so that such a file is not written.
func TestAFileWithTwoNamesIsToldAndNotWritten(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	d.run()
	if err := os.Link(d.path("customers.csv"), d.path("other.csv")); err != nil {
		t.Fatal(err)
	}
	if s := d.do("preview", "sync.yaml"); !noted(s, "has 2 names (hard links)") {
		t.Errorf("the preview notes %q", s.report.Notes)
	}
	if s := d.plain("check", "sync.yaml"); !strings.Contains(s.out, "has 2 names (hard links)") {
		t.Errorf("check says %q", s.out)
	}
	d.editFirst()
	s := d.plain("run", "sync.yaml")
	if d.read("customers.csv") != twoCustomers || d.read("other.csv") != twoCustomers || !strings.Contains(s.out+s.err, "hard links") {
		t.Errorf("status %d: %s%s\n%s", s.status, s.out, s.err, d.read("customers.csv"))
	}
	if err := os.Remove(d.path("other.csv")); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time our own backup is a name of the old version
		if s := d.do("run", "sync.yaml"); s.status != 0 || noted(s, "hard links") {
			t.Errorf("with one name: status %d: %s%s", s.status, s.out, s.err)
		}
	}
	if !strings.Contains(d.read("customers.csv"), "Anna") {
		t.Errorf("the edit did not arrive: %s", d.read("customers.csv"))
	}
}

func TestASymbolicLinkIsFollowedAndKept(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	if err := os.Rename(d.path("customers.csv"), d.path("real.csv")); err != nil {
		t.Fatal(err)
	}
	d.link("real.csv", "customers.csv")
	d.run()
	d.editFirst()
	d.run()
	if to, err := os.Readlink(d.path("customers.csv")); err != nil || to != "real.csv" || !strings.Contains(d.read("real.csv"), "Anna") {
		t.Errorf("the link leads to %q, %v: %s", to, err, d.read("real.csv"))
	}
}

func TestASourceOutsideOfTheDefinitionsFolderIsNamed(t *testing.T) {
	t.Parallel()
	elsewhere := filepath.Join(t.TempDir(), "theirs.csv")
	if err := os.WriteFile(elsewhere, []byte(twoCustomers), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, make := range map[string]func(*desk){
		"by its path": func(d *desk) { d.define("path: customers.csv", "path: "+elsewhere) },
		"by a link":   func(d *desk) { d.link(elsewhere, "customers.csv") },
	} {
		d := newDesk(t, practice.Options{})
		make(d)
		if s := d.do("preview", "sync.yaml"); !noted(s, "reads and writes a file outside of its definition's folder: "+elsewhere) {
			t.Errorf("%s: the preview notes %q", name, s.report.Notes)
		}
	}
	d := newDesk(t, practice.Options{})
	if s := d.do("preview", "sync.yaml"); noted(s, "outside") {
		t.Errorf("a file beside the definition is noted: %q", s.report.Notes)
	}
}

func TestTimesWithoutAZoneAreToldAndDecideNothing(t *testing.T) {
	t.Parallel()
	const note = "The column “Changed” has times without a zone: say zone: (such as Europe/Berlin) under source"
	for zone, told := range map[string]bool{"": true, ", zone: Europe/Berlin": false} {
		d := newDesk(t, practice.Options{})
		d.define("key: [id] }", "key: [id], modified: Changed"+zone+" }")
		d.write("customers.csv", "id,Email,First,Last,Changed\n1,ann@example.com,Ann,Lee,2026-11-24 06:00\n")
		if s := d.do("preview", "sync.yaml"); noted(s, note) != told {
			t.Errorf("with the zone %q: %q", zone, s.report.Notes)
		}
	}
}

func TestAnOpenWorkspaceIsTold(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	d.do("runs")
	if err := os.Chmod(d.path("workspace"), 0o777); err != nil {
		t.Fatal(err)
	}
	if s := d.do("preview", "sync.yaml"); !noted(s, "was open to other users") || !strings.Contains(s.err, "was open to other users") {
		t.Errorf("it says %q and %q", s.report.Notes, s.err)
	}
}
