package sets

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"syncline/store"
	"syncline/sync/plan"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/shell/shelltest"
	"syncline/ui/widgets"
	"syncline/ui/wording"
)

// withSet is a window whose workspace holds the set of setFiles, with the set's
// screen in front.
func withSet(t *testing.T, mode look.Mode) (*bench, *Screen) {
	t.Helper()
	b, s := shelltest.WithSet(t, mode)
	return &bench{b}, s.(*Screen)
}

// worked waits until the set's job has ended and its screen shows what came.
func (b *bench) worked(s *Screen) {
	b.Helper()
	b.Until("the set's job", func() bool { return s.job == nil && s.ended != nil })
	if s.ended.err != nil {
		b.Fatal(s.ended.err)
	}
	b.Settle()
}

// cardOf is the place of the card with a title.
func (b *bench) cardOf(s *Screen, title string) int {
	b.Helper()
	for i, c := range s.graph.Cards {
		if c.Title == title {
			return i
		}
	}
	b.Fatalf("there is no card %q among %+v", title, s.graph.Cards)
	return -1
}

// A set goes from its first look to its undo with one approval each.
func TestASetFromItsFirstLookToItsUndo(t *testing.T) {
	for name, mode := range shelltest.Looks() {
		t.Run(name, func(t *testing.T) {
			b, s := withSet(t, mode)
			b.Picture("set-fresh-"+name, 1280, 800)
			b.Tap("Preview")
			b.Picture("set-planning-"+name, 1280, 800)
			b.worked(s)
			b.Picture("set-plan-"+name, 1280, 800)
			b.Picture("set-plan-1024-"+name, 1024, 640)
			if s.state.Plan == nil || s.apply.Text != "Apply 288 changes" {
				t.Fatalf("the button says %q, the plan comes to %+v", s.apply.Text, s.state.Plan.Counts())
			}
			s.graph.Select(b.cardOf(s, "Contacts → Companies"))
			b.Picture("set-edges-"+name, 1024, 640)
			s.graph.Select(b.cardOf(s, "People"))
			b.Picture("set-sync-"+name, 1280, 800)
			if mode == look.Light {
				b.Picture("guide-set", 1280, 800)
			}
			b.Tap("Apply 288 changes")
			b.Until("the run to show how far it is", func() bool { return s.job == nil || len(s.snap.Members) == 4 && s.snap.At > 1 })
			b.Picture("set-running-"+name, 1280, 800)
			b.worked(s)
			b.Picture("set-done-"+name, 1280, 800)
			if r := s.state.Last; r == nil || r.State != plan.RunDone || r.Counts.Associated != 164 || r.Counts.Created != 192 {
				t.Fatalf("the run came to %+v", r.Counts)
			}
			b.Tap("Report")
			b.Until("the report", func() bool { _, ok := b.W.Current().(*setReportScreen); return ok })
			b.Picture("set-report-"+name, 1280, 800)
			b.W.Current().Head().OnBack()
			b.Settle()
			b.Tap("Undo the last run")
			b.worked(s)
			b.Picture("set-undo-"+name, 1280, 800)
			b.Picture("set-undo-1024-"+name, 1024, 640)
			if mode == look.Light {
				b.Picture("guide-set-undo", 1280, 800)
			}
			if !s.apply.Disabled() || len(s.rails) != 1 || s.rails[0].Count != 124 {
				t.Fatalf("124 records are archived; the rails are %+v", s.rails)
			}
			s.rails[0].Entry().SetText("124")
			b.Tap("Undo ")
			b.worked(s)
			b.Picture("set-undone-"+name, 1280, 800)
			if s.state.Undo == nil || s.state.Undo.State != plan.RunDone || s.undo != nil {
				t.Errorf("the undo is %+v", s.state.Undo)
			}
			b.Tap("Do it again")
			b.worked(s)
			if s.state.Plan == nil || s.apply.Text != "Apply 288 changes" {
				t.Errorf("what was taken back is offered as %q", s.apply.Text)
			}
		})
	}
}

// Some syncs of the last run are taken back; the rest stays, and the run of the set can
// still be taken back.
func TestAPartOfTheLastRunOfASetIsUndone(t *testing.T) {
	b, s := withSet(t, look.Light)
	b.Tap("Preview")
	b.worked(s)
	b.Tap("Apply ")
	b.worked(s)
	if !s.canUndoPart() {
		t.Fatalf("no part can be undone of %+v", s.state.Last)
	}
	s.askPart(s.state.Last.ID)
	b.Settle()
	d, ok := b.W.Win.Canvas().Overlays().Top().(*widgets.Dialog)
	if !ok || !d.Primary.Disabled() {
		t.Fatal("nothing asks which part")
	}
	b.Picture("set-undo-part-light", 1024, 640)
	boxes := shelltest.ChecksIn(d.Content)
	if len(boxes) < 3 {
		t.Fatalf("%d syncs are offered", len(boxes))
	}
	boxes[len(boxes)-1].OnChanged(true)
	d.Primary.Tapped(nil)
	b.worked(s)
	b.Picture("set-undo-part-plan-light", 1024, 640)
	if v := s.shown(); v == nil || len(v.Members) != 1 {
		t.Fatalf("the plan is %+v", v)
	}
	b.Tap("Undo ")
	b.worked(s)
	if s.state.Undo != nil || s.state.Last == nil || b.Button("Undo the last run") == nil {
		t.Errorf("the set counts as undone: %+v", s.state.Undo)
	}
}

// What is taken out of the plan of one sync is not written when the set is
// approved, and the number on the button says so before.
func TestWhatIsTakenOutOfOneSyncIsOutOfTheSet(t *testing.T) {
	b, s := withSet(t, look.Light)
	b.Tap("Preview")
	b.worked(s)
	s.graph.Select(b.cardOf(s, "Accounts"))
	b.Tap("Open its plan")
	b.Planned("the plan of the firms")
	if apply := b.Button("Apply"); apply != nil || b.Button(wording.BackToSet) == nil {
		t.Errorf("the plan of one sync of a set can be applied by itself: %v", apply)
	}
	b.Settle()
	b.Grids()[0].OnChecked(0)
	b.Settle()
	b.Tap(wording.BackToSet)
	b.Until("one change less", func() bool { return b.W.Current() == shell.Screen(s) && s.apply.Text == "Apply 287 changes" })
	b.Tap("Apply 287 changes")
	b.worked(s)
	if r := s.run(0); r == nil || r.Counts.Created != 23 || r.Counts.Skipped != 1 {
		t.Errorf("the firms came to %+v", r)
	}
}

// A card is opened by a click on the chosen one, and with Enter.
func TestACardOpensItsPlan(t *testing.T) {
	b, s := withSet(t, look.Light)
	b.Tap("Preview")
	b.worked(s)
	b.W.Win.Canvas().Focus(s.graph)
	s.graph.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	s.graph.Select(b.cardOf(s, "Opportunities"))
	s.graph.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	p := b.Planned("the plan of the deals")
	if p.View().Sync.Name != "Opportunities" {
		t.Errorf("the plan is of %s", p.View().Sync.Name)
	}
	p.Head().OnBack()
	if b.W.Current() != shell.Screen(s) {
		t.Errorf("the way back leads to %T", b.W.Current())
	}
}

// setRunOf is a run of the set with the plan that waits.
func setRunOf(s *Screen) store.SetRun {
	return store.SetRun{ID: "set-killed", Name: s.state.Name, Path: s.state.Path, Kind: plan.KindRun, Plan: s.state.PlanID, Started: s.state.Made.Add(time.Second)}
}

// Fields and rows of a run of a set are chosen from lists of what it wrote, and only those are taken
// back, also where the plan of that is made anew.
func TestFieldsAndRowsOfARunOfASetAreTakenBack(t *testing.T) {
	b, s := withSet(t, look.Light)
	b.Tap("Preview")
	b.worked(s)
	b.Tap("Apply ")
	b.worked(s)
	s.askPart(s.state.Last.ID)
	b.Settle()
	d := b.Dialog("which part")
	choose := func(button string, find ...string) {
		shelltest.FindButton(d.Content, button).Tapped(nil)
		b.Settle()
		p := b.Dialog(button)
		b.Picture("set-undo-"+strings.ToLower(strings.Fields(button)[1][:4]), 1280, 800)
		entry := shelltest.EntriesIn(p.Content)[0]
		for _, text := range find {
			entry.SetText(text)
			entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
		}
		p.Primary.Tapped(nil)
		b.Settle()
	}
	choose("Choose fields…", "City")
	choose("Choose rows…", "A01", "A02")
	b.Picture("set-undo-chosen", 1280, 800)
	shown := shelltest.Texts(d.Content)
	if !strings.Contains(shown, "City") || d.Primary.Disabled() {
		t.Fatalf("the dialog says %s", shown)
	}
	d.Primary.Tapped(nil)
	b.worked(s)
	want := s.taken.Part
	if len(want.Fields) != 1 || len(want.Rows) != 2 || len(want.Syncs) != 0 {
		t.Fatalf("the part is %+v", want)
	}
	for range 2 { // the second time made anew
		if v := s.shown(); len(v.Members) != 1 || v.Members[0].Undo.Cells != 2 || v.Members[0].Undo.Archived != 0 {
			t.Fatalf("the plan is of %+v", v.Members)
		}
		if !strings.Contains(s.header.State, "field City; rows ") {
			t.Errorf("the screen says %q", s.header.State)
		}
		b.Tap("Make a new plan")
		b.worked(s)
	}
	b.Tap("Undo ")
	b.worked(s)
	if s.state.Undo != nil || b.Button("Undo the last run") == nil {
		t.Error("the set counts as undone")
	}
}
