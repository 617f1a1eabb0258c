package runs

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/shell/shelltest"
)

// ranSet is the history after a set was run once.
func ranSet(t *testing.T) (*bench, *runs) {
	t.Helper()
	sb, set := shelltest.WithSet(t, look.Light)
	b := &bench{sb}
	b.Tap("Preview")
	b.Rested(set)
	b.Tap("Apply ")
	b.Rested(set)
	b.W.GoTo(shell.PlaceRuns)
	b.Settle()
	return b, b.W.Current().(*runs)
}

// A run of a set is one line with what it came to as a whole, and opens to the runs of its syncs.
func TestARunOfASetIsOneLineThatOpens(t *testing.T) {
	b, s := ranSet(t)
	if len(s.lines) != 1 || len(s.Rows()) != 4 {
		t.Fatalf("%d lines for %d runs", len(s.lines), len(s.Rows()))
	}
	if s.name(s.lines[0]).Text != "Salesforce to HubSpot" || s.cell(0, 4).Text != "192" {
		t.Errorf("the line says %+v, %s created", s.name(s.lines[0]), s.cell(0, 4).Text)
	}
	b.Picture("runs-set", 1280, 800)
	b.Tap("Show its syncs")
	b.Picture("runs-set-open", 1280, 800)
	b.Picture("runs-set-open-1024", 1024, 640)
	if len(s.lines) != 5 || s.name(s.lines[1]).Text != "Accounts" || s.name(s.lines[1]).Indent != 1 {
		t.Fatalf("%d lines", len(s.lines))
	}
	s.grid.Select(2)
	b.Tap("See every change")
	b.Planned("the changes of one sync")
	b.W.GoTo(shell.PlaceRuns)
	b.Settle()
	if l, _ := s.current(); l.run.SyncName == "" || l.set != nil {
		t.Error("the line that was chosen is not the current one any more")
	}
	s.grid.Select(0)
	b.Tap("Hide its syncs")
	b.Tap("Report")
	b.Until("the report of the set", func() bool { return strings.HasPrefix(b.W.Current().Head().Title, "Report: Salesforce") })
	if shown := shelltest.Texts(b.W.Current().Content()); !strings.Contains(shown, "192 created") {
		t.Errorf("the report says %s", shown)
	}
}

// A run of a set is taken back from the history with all its parts, and offered again from there.
func TestARunOfASetIsUndoneFromTheHistory(t *testing.T) {
	b, s := ranSet(t)
	b.Tap("Undo this run")
	set := b.Set("the set")
	b.Rested(set)
	if h := b.W.Current().Head(); h.Title != "Undo: Salesforce to HubSpot" {
		t.Fatalf("the title is %q", h.Title)
	}
	b.Guard().Entry().SetText("124")
	b.Tap("Undo ")
	b.Rested(set)
	b.W.GoTo(shell.PlaceRuns)
	b.Settle()
	if len(s.lines) != 2 || s.name(s.lines[0]).Second == "" || !strings.HasPrefix(s.name(s.lines[0]).Second, "Undo of set-") {
		t.Fatalf("%d lines, the first is %+v", len(s.lines), s.name(s.lines[0]))
	}
	b.Picture("runs-set-undone", 1280, 800)
	s.grid.Select(0)
	if b.Button("Undo this").Reason == "" || b.Button("Do it again").Reason == "" {
		t.Error("the undo of a set can be undone or done again itself")
	}
	s.grid.Select(1)
	b.Tap("Do it again")
	b.Rested(set)
	if b.Button("Apply 288 changes") == nil {
		t.Error("what was taken back is not offered again")
	}
}

// What of a run of a set is taken back can be asked from the history too.
func TestAPartOfARunOfASetIsAskedFromTheHistory(t *testing.T) {
	b, s := ranSet(t)
	item := s.header.Menu[0]
	if item.Label != "Undo a part of this run…" {
		t.Fatalf("the menu begins with %q", item.Label)
	}
	item.Action()
	b.Settle()
	d := b.Dialog("which part")
	b.Picture("set-undo-part", 1280, 800)
	b.Picture("set-undo-part-1024", 1024, 640)
	if !d.Primary.Disabled() || len(shelltest.ChecksIn(d.Content)) != 4 {
		t.Errorf("%d syncs are offered", len(shelltest.ChecksIn(d.Content)))
	}
	test.Tap(d.Others[0])
}
