package ui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"syncline/sync/plan"
	"syncline/ui/look"
	"syncline/ui/widgets"
)

// lines are the texts of the one-line parts on the current screen.
func (b *bench) lines() map[string]bool {
	all := map[string]bool{}
	for _, p := range allOf[*widgets.Paragraph](b.w.current.content()) {
		all[p.Text] = true
	}
	for _, p := range allOf[*widgets.IconText](b.w.current.content()) {
		all[p.Text] = true
	}
	return all
}

// setHome opens Home and waits for the card of a set.
func (b *bench) setHome() {
	b.Helper()
	b.w.goTo(placeHome)
	b.until("the set’s card", func() bool { return b.button("Open") != nil })
}

// Home shows a set with its syncs in one card, and what of it waits.
func TestHomeShowsASetWithItsSyncs(t *testing.T) {
	for name, mode := range looks() {
		t.Run(name, func(t *testing.T) {
			b, s := withSet(t, mode)
			b.setHome()
			b.settle()
			b.picture("home-set-fresh-"+name, 1280, 800)
			if got := b.lines(); !got["Salesforce to HubSpot"] || !got["Deals with contacts"] || !got["Not previewed"] || !got["Accounts"] {
				t.Errorf("Home says %v", got)
			}
			b.tap("Preview")
			b.worked(s)
			b.setHome()
			b.settle()
			b.picture("home-set-plan-"+name, 1024, 640)
			if !b.lines()["288 changes wait for your approval"] {
				t.Errorf("Home says %v", b.lines())
			}
			b.tap("Open")
			b.until("the set", func() bool { return b.w.current == screen(s) && s.state.Plan != nil })
			b.tap("Apply 288 changes")
			b.worked(s)
			b.setHome()
			b.settle()
			b.picture("home-set-done-"+name, 1280, 800)
			if got := b.lines(); !got["6 need attention"] || !got["0 pending"] {
				t.Errorf("Home says %v", got)
			}
		})
	}
}

// A run of a set that was killed is offered to be gone on with, and comes to its
// end with what was approved.
func TestASetThatWasKilledIsOfferedToResume(t *testing.T) {
	b, s := withSet(t, look.Light)
	b.tap("Preview")
	b.worked(s)
	// As a process leaves it that was killed before the first sync began.
	r := setRunOf(s)
	if err := b.w.app.Store.BeginSetRun(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	b.setHome()
	b.settle()
	b.picture("home-set-killed", 1280, 800)
	b.tap("Show")
	b.until("the way to go on", func() bool { return b.w.current == screen(s) && s.interrupted() && s.header.Primary != nil })
	b.settle()
	b.picture("set-killed", 1280, 800)
	if s.header.Primary.Text != "Resume" {
		t.Fatalf("the button says %q", s.header.Primary.Text)
	}
	b.tap("Resume")
	b.worked(s)
	if l := s.state.Last; l == nil || l.ID != r.ID || l.State != plan.RunDone || l.Counts.Created != 192 {
		t.Errorf("it came to %+v", l)
	}
}

// A set's document that is dropped on the window is shown before it is taken in.
func TestASetIsImported(t *testing.T) {
	b, s := withSet(t, look.Light)
	if err := b.w.app.HideSet(t.Context(), s.path); err != nil {
		t.Fatal(err)
	}
	delete(b.w.sets, s.path)
	b.w.importDefinition(s.path)
	b.until("the question", func() bool { return b.w.win.Canvas().Overlays().Top() != nil })
	b.picture("set-import", 1280, 800)
	d := b.w.win.Canvas().Overlays().Top().(*widgets.Dialog)
	if d.Primary.Text != "Import 4 syncs" {
		t.Errorf("the button says %q", d.Primary.Text)
	}
	d.Primary.OnTapped()
	b.until("the set", func() bool { k, ok := b.w.current.(*setScreen); return ok && k.known })
	if got := filepath.Base(b.w.current.(*setScreen).path); got != "set.yaml" {
		t.Errorf("it opened %s", got)
	}
}

// A plan or a run that is stopped says so, writes no more, and is gone on with.
func TestASetIsStoppedAndGoesOn(t *testing.T) {
	b, s := withSet(t, look.Light)
	b.tap("Preview")
	b.tap("Stop")
	b.until("the end of the planning", func() bool { return s.job == nil && s.ended != nil })
	b.settle()
	b.picture("set-stopped-plan", 1024, 640)
	if s.state.Plan != nil || s.state.Last != nil || len(s.notes.Objects) != 1 {
		t.Fatalf("after the stop there is the plan %v", s.state.Plan)
	}
	b.tap("Preview")
	b.worked(s)
	b.tap("Apply 288 changes")
	b.until("the second sync", func() bool { return s.job == nil || s.snap.At > 0 })
	b.tap("Stop")
	b.until("the end of the run", func() bool { return s.job == nil && s.ended != nil })
	b.settle()
	b.picture("set-stopped", 1024, 640)
	if !s.interrupted() || s.header.Primary.Text != "Resume" || !s.header.Primary.Visible() {
		t.Fatalf("the run stands as %+v", s.state.Last)
	}
	b.tap("Resume")
	b.worked(s)
	if l := s.state.Last; l.State != plan.RunDone || l.Counts.Created != 192 || l.Counts.Associated != 164 {
		t.Errorf("it came to %+v", l.Counts)
	}
}

// A new plan takes over what a person took out of the one that waits, if asked.
func TestANewPlanOfASetTakesChangesOver(t *testing.T) {
	b, s := withSet(t, look.Light)
	b.tap("Preview")
	b.worked(s)
	s.graph.Select(b.cardOf(s, "Accounts"))
	b.tap("Open its plan")
	p := b.plan("the plan of the firms")
	b.settle()
	p.toggle(0)
	b.settle()
	p.header.OnBack()
	b.settle()
	b.tap("Make a new plan")
	d := b.dialog("the question")
	if d.Primary.Text != "Take it over" || len(d.Others) != 2 {
		t.Fatalf("the dialog offers %q and %d more", d.Primary.Text, len(d.Others))
	}
	d.Primary.OnTapped()
	b.worked(s)
	// Five associations with the firm that is out wait for it now.
	if s.apply.Text != "Apply 282 changes" {
		t.Errorf("the new plan is %q", s.apply.Text)
	}
}

// A set whose documents can't be read any more says which, and nothing of it can
// be applied.
func TestASetWhoseDocumentIsGoneSaysSo(t *testing.T) {
	b, s := withSet(t, look.Light)
	b.tap("Preview")
	b.worked(s)
	if err := os.Remove(s.state.Syncs[0].Path); err != nil {
		t.Fatal(err)
	}
	s.show()
	b.settle()
	b.picture("set-broken", 1024, 640)
	if s.known || s.foot.Visible() || b.button("Read again") == nil {
		t.Errorf("what can't be read can be applied: %v", s.foot.Visible())
	}
	b.w.goTo(placeHome)
	b.until("the set’s card", func() bool { return b.lines()["Its documents can’t be read as they are"] })
	b.picture("home-set-broken", 1024, 640)
}

// A sync that can't be planned is named with what to do, on its card too.
func TestASyncThatFailsStopsTheSet(t *testing.T) {
	b, s := withSet(t, look.Light)
	file := filepath.Join(filepath.Dir(s.path), "people.csv")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	b.tap("Preview")
	b.until("the end of the planning", func() bool { return s.job == nil && s.ended != nil })
	b.settle()
	b.picture("set-failed", 1024, 640)
	if c := s.graph.Cards[b.cardOf(s, "People")]; c.Note != "It failed: see above" || s.state.Plan != nil {
		t.Errorf("the card says %q", c.Note)
	}
	said := texts(s.notes)
	if !strings.Contains(said, "people.csv: is not there") || !strings.Contains(said, "roles.yaml") {
		t.Errorf("the screen says %q", said)
	}
	if err := os.WriteFile(file, []byte(setFiles()["people.csv"]), 0o600); err != nil {
		t.Fatal(err)
	}
	b.tap("Preview")
	b.worked(s)
	if s.state.Plan == nil || s.apply.Text != "Apply 288 changes" {
		t.Errorf("with the file back the plan is %q", s.apply.Text)
	}
}
