package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"syncline/app"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/shell/shelltest"
	"syncline/ui/widgets"
)

// A newcomer previews, applies and reviews with nothing but the primary
// buttons and the keys that the screens show.
func TestWalkFromThePlanToTheLastDecision(t *testing.T) {
	b := withSample(t, look.Light)
	b.Tap("Preview")
	plan := b.Planned("the plan")
	planned := plan.View().Summary.Counts
	if planned.Created == 0 || planned.Updated == 0 || planned.Conflict == 0 || planned.Failed == 0 {
		t.Fatalf("the sample shows too little: %+v", planned)
	}
	if sum := planned.Created + planned.Updated + planned.Unchanged + planned.Conflict + planned.Skipped + planned.Failed; sum != planned.Read {
		t.Fatalf("the fates add up to %d of %d", sum, planned.Read)
	}

	b.Settle()
	b.Picture("guide-plan", 1280, 800)

	b.Tap("Apply 184 changes")
	done := b.Ran("the run")
	b.Picture("guide-run", 1280, 800)
	if done.Head().Title != "Done: Billing customers to contacts" {
		t.Errorf("the title is %q", done.Head().Title)
	}
	run, err := done.Job().Result()
	if err != nil || run.Counts.Created != planned.Created || run.Counts.Updated != planned.Updated {
		t.Fatalf("the run came to %+v, %v; the plan was %+v", run.Counts, err, planned)
	}

	b.Tap("Decide 18 conflicts")
	r := b.reviewing("the first conflict")
	b.Settle()
	b.Picture("guide-review", 1280, 800)
	if focused := b.W.Win.Canvas().Focused(); focused == nil {
		t.Error("no part of Review has the keyboard")
	}
	fields, identities := 0, 0
	for row, g := range r.Groups() {
		all := b.Grids() // a pane comes behind what it is beside
		groups, list := all[len(all)-1], all[len(all)-2]
		groups.Select(row)
		b.Until("the group", func() bool { c, ok := r.Conflict(); return ok && c.Cause == g.Cause && c.Field == g.Field })
		choice := 'a'
		if g.Cause.Identity() {
			// Which row is meant is for a person to say, one by one.
			for range g.Count {
				list.OnRune('/')
				identities++
			}
			continue
		}
		list.OnKey(&fyne.KeyEvent{Name: fyne.KeyRight})
		list.OnRune(choice)
		if d, ok := b.W.Win.Canvas().Overlays().Top().(*widgets.Dialog); ok {
			test.Tap(d.Primary)
		}
		fields += g.Count
	}
	b.Until("all decisions to be kept", func() bool { return r.Head().Primary.Text == "Apply 18 decisions" })
	if fields != 15 || identities != 3 {
		t.Errorf("%d fields and %d identities were decided", fields, identities)
	}

	b.Tap("Apply 18 decisions")
	again := b.Planned("the plan of the decisions")
	if c := again.View().Summary.Counts; c.Conflict != 0 || c.Created != 0 {
		t.Errorf("the plan of the decisions is %+v", c)
	}
	b.Tap("Apply")
	b.Ran("the run of the decisions")
	if n, err := b.W.App.Store.OpenConflicts(t.Context(), 0); err != nil || n != 0 {
		t.Errorf("%d conflicts are open, %v", n, err)
	}
}

// Undoing is a few presses away from the history and leaves the file and the
// portal as they were.
func TestUndoFromTheHistory(t *testing.T) {
	b := withSample(t, look.Light)
	h := b.RanOnce()
	b.Tap("Undo this")
	b.Until("the plan of the undo", func() bool {
		p, ok := b.W.Current().(shelltest.Plan)
		return ok && p.View().UndoOf == h.Rows()[0].ID && p.Rows() > 0
	})
	b.Settle()
	if !b.Button("Undo ").Disabled() {
		t.Fatal("100 records are archived without their number being typed")
	}
	b.Guard().Entry().SetText("100")
	b.Tap("Undo ")
	undone := b.Ran("the undo")
	if undone.Head().Title != "Undone: Billing customers to contacts" {
		t.Errorf("the title is %q", undone.Head().Title)
	}
	res, err := undone.Job().Result()
	if err != nil {
		t.Fatal(err)
	}
	if res.Counts.Archived != 100 {
		t.Errorf("%d records were archived", res.Counts.Archived)
	}
	// The load stays undone until a person lets it be done again.
	b.W.GoTo(shell.PlaceRuns)
	b.Until("the undo in the history", func() bool {
		undo := b.Button("Undo this")
		return len(b.W.Current().(shelltest.History).Rows()) == 2 && undo != nil && !undo.Disabled()
	})
	b.Settle()
	b.Picture("guide-runs", 1280, 800)
	if !b.Button("Do it again").Disabled() {
		t.Error("an undo can be done again")
	}
	b.Grids()[0].Select(1)
	b.Until("the run", func() bool { return !b.Button("Do it again").Disabled() })
	b.Tap("Do it again")
	again := b.Planned("the plan of what was taken back")
	if again.View().Summary.Counts.Created != 100 {
		t.Errorf("the plan would create %d", again.View().Summary.Counts.Created)
	}
	b.Home()
	b.Settle()
	b.Picture("guide-home", 1280, 800)
}

// The row's box and the box over all rows take rows out of the plan, and the
// button says how many changes are left.
func TestRowsAreTakenOutOfThePlan(t *testing.T) {
	b := withSample(t, look.Light)
	b.Tap("Preview")
	p := b.Planned("the plan")
	b.Until("the first row", func() bool { _, ok := p.Item(0); return ok })
	b.Grids()[0].OnChecked(0)
	b.Until("one change less", func() bool { return b.Button("Apply").Text == "Apply 183 changes" })
	b.Grids()[0].OnCheckedAll(false)
	b.Until("no change", func() bool { return b.Button("Apply").Text == "Apply 0 changes" })
	b.Grids()[0].OnCheckedAll(true)
	b.Until("all changes", func() bool { return b.Button("Apply").Text == "Apply 184 changes" })
}

// Every screen keeps its primary button in sight in the smallest window, in
// both themes.
func TestScreensInTheSmallestWindow(t *testing.T) {
	for name, mode := range map[string]look.Mode{"light": look.Light, "dark": look.DarkMode} {
		t.Run(name, func(t *testing.T) {
			b := withSample(t, mode)
			b.W.Win.Resize(fyne.NewSize(look.MinWidth, look.MinHeight))
			b.InSight("home-"+name, b.Button("New sync"))
			b.Tap("Preview")
			b.Planned("the plan")
			b.Settle()
			b.InSight("plan-"+name, b.Button("Apply"))
			b.Tap("Apply")
			done := b.Ran("the run")
			b.InSight("run-"+name, done.Head().Primary)
			b.Tap("Decide")
			r := b.reviewing("the conflicts")
			b.Settle()
			b.InSight("review-"+name, r.Head().Primary)
			b.W.Rooms.Attention()
			b.Until("the failed rows", func() bool { all := b.Grids(); return len(all) == 2 && all[0].Length() > 0 })
			b.Settle()
			b.InSight("attention-"+name, b.W.Current().Head().Primary)
			for i, p := range []shell.Place{shell.PlaceRuns, shell.PlaceConnections, shell.PlaceSettings} {
				b.W.GoTo(p)
				b.Settle()
				name := []string{"runs", "connections", "settings"}[i] + "-" + name
				if h := b.W.Current().Head(); h.Primary != nil {
					b.InSight(name, h.Primary)
				}
				b.Picture(name, look.MinWidth, look.MinHeight)
			}
		})
	}
}

// An error that ends a run says what happened and what to do on its screen, and
// stays reachable in the status bar.
func TestRunThatCannotStartSaysWhy(t *testing.T) {
	b := withSample(t, look.Light)
	if _, err := b.W.App.SignOut(t.Context(), app.PracticeName); err != nil {
		t.Fatal(err)
	}
	b.Tap("Preview")
	b.Until("the end", func() bool { s, ok := b.W.Current().(shelltest.Run); return ok && s.Ended() })
	if title := b.W.Current().Head().Title; !strings.HasPrefix(title, "No plan was made") || b.Button("Open Connections") == nil || b.W.LastError() == nil {
		t.Errorf("the screen says %q, the error is %v", title, b.W.LastError())
	}
}

// Rows that write nothing have no box, and keep their fate when all others are
// taken out: conflicts wait in Review, refused rows in Needs attention.
func TestAllRowsOutLeavesConflictsAndRefusedRowsWaiting(t *testing.T) {
	b := withSample(t, look.Light)
	b.Tap("Preview")
	b.Planned("the plan")
	b.Settle()
	b.Grids()[0].OnChecked(0)
	b.Grids()[0].OnChecked(0)
	b.Grids()[0].OnChecked(0)
	if b.Button("Apply").Text != "Apply 183 changes" {
		t.Errorf("after three quick toggles the button says %q", b.Button("Apply").Text)
	}
	b.Grids()[0].OnCheckedAll(false)
	b.Settle()
	if b.Button("Apply").Text != "Apply 0 changes" {
		t.Errorf("the button says %q", b.Button("Apply").Text)
	}
	b.Tap("Apply 0 changes")
	b.Until("the end", func() bool { s, ok := b.W.Current().(shelltest.Run); return ok && s.Ended() })
	res, err := b.W.Current().(shelltest.Run).Job().Result()
	if err != nil {
		t.Fatal(err)
	}
	if c := res.Counts; c.Created != 0 || c.Updated != 0 || c.Skipped != 184 || c.Conflict != 18 || c.Failed != 4 {
		t.Errorf("the run came to %+v", c)
	}
}

// reviewFace is what the walks see of Review.
type reviewFace interface {
	shell.Screen
	Groups() []app.ConflictGroup
	Conflict() (app.Conflict, bool)
}

// reviewing waits until Review shows a conflict.
func (b *bench) reviewing(what string) reviewFace {
	b.Helper()
	r := b.W.ScreenOf(shell.PlaceReview).(reviewFace)
	b.Until(what, func() bool { _, ok := r.Conflict(); return ok })
	return r
}
