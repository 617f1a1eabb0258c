package command_test

import (
	"strings"
	"testing"

	"syncline/sync/hubspot/practice"
)

// What archives asks first, also on the command line; the number is said.
func TestUndoArchivesOnlyWithYes(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	run := d.run().report.Run
	s := d.do("undo", run)
	if s.status != 4 || d.portal.Count("contacts") != 2 || len(s.report.Guards) != 1 || s.report.Guards[0].Count != 2 {
		t.Errorf("status %d, %d contacts, %+v", s.status, d.portal.Count("contacts"), s.report.Guards)
	}
	for _, want := range []string{"archive 2 records", "--yes"} {
		if !strings.Contains(s.err, want) {
			t.Errorf("it does not say %q: %s", want, s.err)
		}
	}
	if s = d.do("undo", run, "--yes"); s.status != 0 || d.portal.Count("contacts") != 0 || s.report.Counts.Archived != 2 {
		t.Errorf("status %d, %+v\n%s", s.status, s.report.Counts, s.err)
	}
	if s.report.Run == "" || s.report.Run == run {
		t.Errorf("the undo's own run is %q, the undone one %q", s.report.Run, run)
	}
	if s := d.do("undo", s.report.Run); s.status != 0 || s.report.Counts.Skipped != 2 {
		t.Errorf("the undo of the undo: status %d, %+v", s.status, s.report.Counts)
	}
}

func TestAnUndoneRunIsDoneAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	run := d.run().report.Run
	undo := d.do("undo", run, "--yes").report.Run
	s := d.run()
	if s.status != 0 || s.report.Counts.Skipped != 2 || len(s.report.Rows) != 2 || !strings.Contains(s.report.Rows[0].Reason, undo) {
		t.Errorf("status %d, %+v, %+v", s.status, s.report.Counts, s.report.Rows)
	}
	if s := d.do("run", "sync.yaml", "--redo", run); s.status != 0 || s.report.Counts.Created != 2 || d.portal.Count("contacts") != 2 {
		t.Errorf("status %d, %+v\n%s", s.status, s.report.Counts, s.err)
	}
	d.writesNothing(0, 0)
	for _, args := range [][]string{{"--redo", run}, {"--redo", "run-1"}, {"--redo", run, "--plan", "plan-1"}} {
		if s := d.do(append([]string{"run", "sync.yaml"}, args...)...); s.status != 2 || s.err == "" {
			t.Errorf("%v: status %d, %s", args, s.status, s.err)
		}
	}
}

func TestPartsOfARunAreUndone(t *testing.T) {
	t.Parallel()
	d := newDesk(t, practice.Options{})
	d.run()
	d.write("customers.csv", "id,Email,First,Last\n1,ann@example.com,Anna,Leigh\n2,bob@example.com,Robert,Stein\n")
	run := d.run().report.Run
	if s := d.do("undo", run, "--field", "First", "--row", "2"); s.status != 0 || s.report.Counts.Updated != 1 || s.report.Counts.Read != 1 {
		t.Errorf("status %d, %+v\n%s", s.status, s.report.Counts, s.err)
	}
	_, ann := d.one("ann@example.com")
	_, bob := d.one("bob@example.com")
	if got := []string{ann["firstname"], ann["lastname"], bob["firstname"], bob["lastname"]}; strings.Join(got, " ") != "Anna Leigh Bob Stein" {
		t.Errorf("they are %v", got)
	}
	if s := d.do("undo", run, "--field", "Fist"); s.status != 2 || !strings.Contains(s.err, `"First"`) {
		t.Errorf("status %d, %s", s.status, s.err)
	}
	if s := d.do("undo", run, "--row", "3"); s.status != 2 || !strings.Contains(s.err, `"3"`) {
		t.Errorf("status %d, %s", s.status, s.err)
	}
}
