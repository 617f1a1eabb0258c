package sets

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"syncline/sync/plan"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/shell/shelltest"
	"syncline/ui/widgets"
)

// lines are the texts of the one-line parts on the current screen.
func (b *bench) lines() map[string]bool {
	all := map[string]bool{}
	for _, p := range shelltest.AllOf[*widgets.Paragraph](b.W.Current().Content()) {
		all[p.Text] = true
	}
	for _, p := range shelltest.AllOf[*widgets.IconText](b.W.Current().Content()) {
		all[p.Text] = true
	}
	return all
}

// setHome opens Home and waits for the card of a set.
func (b *bench) setHome() {
	b.Helper()
	b.W.GoTo(shell.PlaceHome)
	b.Until("the set’s card", func() bool { return b.Button("Open") != nil })
}

// Home shows a set with its syncs in one card, and what of it waits.
func TestHomeShowsASetWithItsSyncs(t *testing.T) {
	for name, mode := range shelltest.Looks() {
		t.Run(name, func(t *testing.T) {
			b, s := withSet(t, mode)
			b.setHome()
			b.Settle()
			b.Picture("home-set-fresh-"+name, 1280, 800)
			if got := b.lines(); !got["Salesforce to HubSpot"] || !got["Deals with contacts"] || !got["Not previewed"] || !got["Accounts"] {
				t.Errorf("Home says %v", got)
			}
			b.Tap("Preview")
			b.worked(s)
			b.setHome()
			b.Settle()
			b.Picture("home-set-plan-"+name, 1024, 640)
			if !b.lines()["288 changes wait for your approval"] {
				t.Errorf("Home says %v", b.lines())
			}
			b.Tap("Open")
			b.Until("the set", func() bool { return b.W.Current() == shell.Screen(s) && s.state.Plan != nil })
			b.Tap("Apply 288 changes")
			b.worked(s)
			b.setHome()
			b.Settle()
			b.Picture("home-set-done-"+name, 1280, 800)
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
	b.Tap("Preview")
	b.worked(s)
	// As a process leaves it that was killed before the first sync began.
	r := setRunOf(s)
	if err := b.W.App.Store.BeginSetRun(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	b.setHome()
	b.Settle()
	b.Picture("home-set-killed", 1280, 800)
	b.Tap("Show")
	b.Until("the way to go on", func() bool { return b.W.Current() == shell.Screen(s) && s.interrupted() && s.header.Primary != nil })
	b.Settle()
	b.Picture("set-killed", 1280, 800)
	if s.header.Primary.Text != "Resume" {
		t.Fatalf("the button says %q", s.header.Primary.Text)
	}
	b.Tap("Resume")
	b.worked(s)
	if l := s.state.Last; l == nil || l.ID != r.ID || l.State != plan.RunDone || l.Counts.Created != 192 {
		t.Errorf("it came to %+v", l)
	}
}

// A set's document that is dropped on the window is shown before it is taken in.
func TestASetIsImported(t *testing.T) {
	b, s := withSet(t, look.Light)
	if err := b.W.App.HideSet(t.Context(), s.path); err != nil {
		t.Fatal(err)
	}
	delete(s.w.sets, s.path)
	b.W.Rooms.Dropped(shelltest.Uris(s.path))
	b.Until("the question", func() bool { return b.W.Win.Canvas().Overlays().Top() != nil })
	b.Picture("set-import", 1280, 800)
	d := b.W.Win.Canvas().Overlays().Top().(*widgets.Dialog)
	if d.Primary.Text != "Import 4 syncs" {
		t.Errorf("the button says %q", d.Primary.Text)
	}
	d.Primary.OnTapped()
	b.Until("the set", func() bool { k, ok := b.W.Current().(*Screen); return ok && k.known })
	if got := filepath.Base(b.W.Current().(*Screen).path); got != "set.yaml" {
		t.Errorf("it opened %s", got)
	}
}

// A plan or a run that is stopped says so, writes no more, and is gone on with.
func TestASetIsStoppedAndGoesOn(t *testing.T) {
	b, s := withSet(t, look.Light)
	b.Tap("Preview")
	b.Tap("Stop")
	b.Until("the end of the planning", func() bool { return s.job == nil && s.ended != nil })
	b.Settle()
	b.Picture("set-stopped-plan", 1024, 640)
	if s.state.Plan != nil || s.state.Last != nil || len(s.notes.Objects) != 1 {
		t.Fatalf("after the stop there is the plan %v", s.state.Plan)
	}
	b.Tap("Preview")
	b.worked(s)
	b.Tap("Apply 288 changes")
	b.Until("the second sync", func() bool { return s.job == nil || s.snap.At > 0 })
	b.Tap("Stop")
	b.Until("the end of the run", func() bool { return s.job == nil && s.ended != nil })
	b.Settle()
	b.Picture("set-stopped", 1024, 640)
	if !s.interrupted() || s.header.Primary.Text != "Resume" || !s.header.Primary.Visible() {
		t.Fatalf("the run stands as %+v", s.state.Last)
	}
	b.Tap("Resume")
	b.worked(s)
	if l := s.state.Last; l.State != plan.RunDone || l.Counts.Created != 192 || l.Counts.Associated != 164 {
		t.Errorf("it came to %+v", l.Counts)
	}
}

// A new plan takes over what a person took out of the one that waits, if asked.
func TestANewPlanOfASetTakesChangesOver(t *testing.T) {
	b, s := withSet(t, look.Light)
	b.Tap("Preview")
	b.worked(s)
	s.graph.Select(b.cardOf(s, "Accounts"))
	b.Tap("Open its plan")
	p := b.Planned("the plan of the firms")
	b.Settle()
	b.Grids()[0].OnChecked(0)
	b.Settle()
	p.Head().OnBack()
	b.Settle()
	b.Tap("Make a new plan")
	d := b.Dialog("the question")
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
	b.Tap("Preview")
	b.worked(s)
	if err := os.Remove(s.state.Syncs[0].Path); err != nil {
		t.Fatal(err)
	}
	s.Show()
	b.Settle()
	b.Picture("set-broken", 1024, 640)
	if s.known || s.foot.Visible() || b.Button("Read again") == nil {
		t.Errorf("what can't be read can be applied: %v", s.foot.Visible())
	}
	b.W.GoTo(shell.PlaceHome)
	b.Until("the set’s card", func() bool { return b.lines()["Its documents can’t be read as they are"] })
	b.Picture("home-set-broken", 1024, 640)
}

// A sync that can't be planned is named with what to do, on its card too.
func TestASyncThatFailsStopsTheSet(t *testing.T) {
	b, s := withSet(t, look.Light)
	file := filepath.Join(filepath.Dir(s.path), "people.csv")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	b.Tap("Preview")
	b.Until("the end of the planning", func() bool { return s.job == nil && s.ended != nil })
	b.Settle()
	b.Picture("set-failed", 1024, 640)
	if c := s.graph.Cards[b.cardOf(s, "People")]; c.Note != "It failed: see above" || s.state.Plan != nil {
		t.Errorf("the card says %q", c.Note)
	}
	said := shelltest.Texts(s.notes)
	if !strings.Contains(said, "people.csv: is not there") || !strings.Contains(said, "roles.yaml") {
		t.Errorf("the screen says %q", said)
	}
	if err := os.WriteFile(file, []byte(shelltest.SetFiles()["people.csv"]), 0o600); err != nil {
		t.Fatal(err)
	}
	b.Tap("Preview")
	b.worked(s)
	if s.state.Plan == nil || s.apply.Text != "Apply 288 changes" {
		t.Errorf("with the file back the plan is %q", s.apply.Text)
	}
}
