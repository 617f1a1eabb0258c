package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"syncline/app"
	"syncline/assets"
	"syncline/ui/look"
	"syncline/ui/widgets"
)

// withSample is a window whose workspace holds the demo's sync.
func withSample(t *testing.T, mode look.Mode) *bench {
	t.Helper()
	b := newBench(t, mode, true)
	_, sample, err := assets.WriteSample(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := b.w.app.AddSync(t.Context(), sample); err != nil {
		t.Fatal(err)
	}
	b.w.goTo(placeHome)
	b.until("the sync’s card", func() bool { return b.button("Run") != nil })
	return b
}

// button is the visible button with a text on the current screen, or nil.
func (b *bench) button(text string) *widgets.Button {
	return findButton(b.w.current.content(), text)
}

func findButton(o fyne.CanvasObject, text string) *widgets.Button {
	if !o.Visible() {
		return nil
	}
	var inside []fyne.CanvasObject
	switch o := o.(type) {
	case *widgets.Button:
		if strings.HasPrefix(o.Text, text) {
			return o
		}
		return nil
	case *fyne.Container:
		inside = o.Objects
	case fyne.Widget:
		inside = test.WidgetRenderer(o).Objects()
	}
	for _, child := range inside {
		if found := findButton(child, text); found != nil {
			return found
		}
	}
	return nil
}

// findRow is the first portal in a list, or nil.
func findRow(o fyne.CanvasObject) *widgets.PortalRow {
	var inside []fyne.CanvasObject
	switch o := o.(type) {
	case *widgets.PortalRow:
		return o
	case *fyne.Container:
		inside = o.Objects
	case fyne.Widget:
		inside = test.WidgetRenderer(o).Objects()
	}
	for _, child := range inside {
		if found := findRow(child); found != nil {
			return found
		}
	}
	return nil
}

// tap presses the button with a text, which must be there and enabled.
func (b *bench) tap(text string) {
	b.Helper()
	found := b.button(text)
	if found == nil {
		b.Fatalf("%T has no button %q", b.w.current, text)
	}
	if found.Disabled() {
		b.Fatalf("the button %q can't be pressed: %s", text, found.Reason)
	}
	test.Tap(found)
}

func (b *bench) plan(what string) *planScreen {
	b.Helper()
	b.until(what, func() bool {
		p, ok := b.w.current.(*planScreen)
		return ok && len(p.pages.ids) > 0
	})
	return b.w.current.(*planScreen)
}

func (b *bench) ended(what string) *runScreen {
	b.Helper()
	b.until(what, func() bool {
		s, ok := b.w.current.(*runScreen)
		if ok && s.ended && b.w.lastErr != nil {
			b.Fatal(b.w.lastErr)
		}
		return ok && s.ended && s.header.Primary != nil
	})
	return b.w.current.(*runScreen)
}

// A newcomer previews, applies and reviews with nothing but the primary
// buttons and the keys that the screens show.
func TestWalkFromThePlanToTheLastDecision(t *testing.T) {
	b := withSample(t, look.Light)
	b.tap("Preview")
	plan := b.plan("the plan")
	planned := plan.view.Summary.Counts
	if planned.Created == 0 || planned.Updated == 0 || planned.Conflict == 0 || planned.Failed == 0 {
		t.Fatalf("the sample shows too little: %+v", planned)
	}
	if sum := planned.Created + planned.Updated + planned.Unchanged + planned.Conflict + planned.Skipped + planned.Failed; sum != planned.Read {
		t.Fatalf("the fates add up to %d of %d", sum, planned.Read)
	}

	b.settle()
	b.picture("guide-plan", 1280, 800)

	b.tap("Apply 184 changes")
	done := b.ended("the run")
	b.picture("guide-run", 1280, 800)
	if done.header.Title != "Done: Billing customers to contacts" {
		t.Errorf("the title is %q", done.header.Title)
	}
	run, err := done.job.Result()
	if err != nil || run.Counts.Created != planned.Created || run.Counts.Updated != planned.Updated {
		t.Fatalf("the run came to %+v, %v; the plan was %+v", run.Counts, err, planned)
	}

	b.tap("Decide 18 conflicts")
	b.until("the first conflict", func() bool { _, ok := b.w.review.currentConflict(); return ok })
	r := b.w.review
	b.settle()
	b.picture("guide-review", 1280, 800)
	if focused := b.w.win.Canvas().Focused(); focused == nil {
		t.Error("no part of Review has the keyboard")
	}
	fields, identities := 0, 0
	for row, g := range r.rows {
		r.groups.Select(row)
		b.until("the group", func() bool { c, ok := r.currentConflict(); return ok && c.Cause == g.Cause && c.Field == g.Field })
		choice := 'a'
		if g.Cause.Identity() {
			// Which row is meant is for a person to say, one by one.
			for range g.Count {
				r.rune('/')
				identities++
			}
			continue
		}
		r.key(&fyne.KeyEvent{Name: fyne.KeyRight})
		r.rune(choice)
		if d, ok := b.w.win.Canvas().Overlays().Top().(*widgets.Dialog); ok {
			test.Tap(d.Primary)
		}
		fields += g.Count
	}
	b.until("all decisions to be kept", func() bool { return r.apply.Text == "Apply 18 decisions" })
	if fields != 15 || identities != 3 {
		t.Errorf("%d fields and %d identities were decided", fields, identities)
	}

	b.tap("Apply 18 decisions")
	again := b.plan("the plan of the decisions")
	if c := again.view.Summary.Counts; c.Conflict != 0 || c.Created != 0 {
		t.Errorf("the plan of the decisions is %+v", c)
	}
	b.tap("Apply")
	b.ended("the run of the decisions")
	if n, err := b.w.app.Store.OpenConflicts(t.Context(), 0); err != nil || n != 0 {
		t.Errorf("%d conflicts are open, %v", n, err)
	}
}

// Undoing is a few presses away from the history and leaves the file and the
// portal as they were.
func TestUndoFromTheHistory(t *testing.T) {
	b, h := ranOnce(t, look.Light)
	p := b.undoing(h.rows[0].ID)
	if !p.apply.Disabled() {
		t.Fatal("100 records are archived without their number being typed")
	}
	p.guards[0].Entry().SetText("100")
	b.tap("Undo ")
	undone := b.ended("the undo")
	if undone.header.Title != "Undone: Billing customers to contacts" {
		t.Errorf("the title is %q", undone.header.Title)
	}
	res, err := undone.job.Result()
	if err != nil {
		t.Fatal(err)
	}
	if res.Counts.Archived != 100 {
		t.Errorf("%d records were archived", res.Counts.Archived)
	}
	// The load stays undone until a person lets it be done again.
	b.w.goTo(placeRuns)
	b.until("the undo in the history", func() bool { s := b.w.current.(*runs); return len(s.rows) == 2 && !s.undo.Disabled() })
	s := b.w.current.(*runs)
	b.settle()
	b.picture("guide-runs", 1280, 800)
	if !s.again.Disabled() {
		t.Error("an undo can be done again")
	}
	s.grid.Select(1)
	b.until("the run", func() bool { return !s.again.Disabled() })
	b.tap("Do it again")
	again := b.plan("the plan of what was taken back")
	if again.view.Summary.Counts.Created != 100 {
		t.Errorf("the plan would create %d", again.view.Summary.Counts.Created)
	}
	b.home()
	b.settle()
	b.picture("guide-home", 1280, 800)
}

// The row's box and the box over all rows take rows out of the plan, and the
// button says how many changes are left.
func TestRowsAreTakenOutOfThePlan(t *testing.T) {
	b := withSample(t, look.Light)
	b.tap("Preview")
	p := b.plan("the plan")
	b.until("the first row", func() bool { _, ok := p.pages.at(0); return ok })
	p.toggle(0)
	b.until("one change less", func() bool { return p.apply.Text == "Apply 183 changes" })
	p.toggleAll(false)
	b.until("no change", func() bool { return p.apply.Text == "Apply 0 changes" })
	p.toggleAll(true)
	b.until("all changes", func() bool { return p.apply.Text == "Apply 184 changes" })
}

// Every screen keeps its primary button in sight in the smallest window, in
// both themes.
func TestScreensInTheSmallestWindow(t *testing.T) {
	for name, mode := range map[string]look.Mode{"light": look.Light, "dark": look.DarkMode} {
		t.Run(name, func(t *testing.T) {
			b := withSample(t, mode)
			b.w.win.Resize(fyne.NewSize(look.MinWidth, look.MinHeight))
			b.inSight("home-"+name, b.button("New sync"))
			b.tap("Preview")
			p := b.plan("the plan")
			b.settle()
			b.inSight("plan-"+name, p.apply)
			b.tap("Apply")
			done := b.ended("the run")
			b.inSight("run-"+name, done.header.Primary)
			b.tap("Decide")
			b.until("the conflicts", func() bool { _, ok := b.w.review.currentConflict(); return ok })
			b.settle()
			b.inSight("review-"+name, b.w.review.apply)
			b.w.openAttention()
			b.until("the failed rows", func() bool { return len(b.w.failed.pages.ids) > 0 })
			b.settle()
			b.inSight("attention-"+name, b.w.failed.retry)
			for i, p := range []place{placeRuns, placeConnections, placeSettings} {
				b.w.goTo(p)
				b.settle()
				name := []string{"runs", "connections", "settings"}[i] + "-" + name
				if h := b.w.current.head(); h.Primary != nil {
					b.inSight(name, h.Primary)
				}
				b.picture(name, look.MinWidth, look.MinHeight)
			}
		})
	}
}

// inSight fails unless a button is wholly inside the window.
func (b *bench) inSight(name string, button *widgets.Button) {
	b.Helper()
	b.picture(name, look.MinWidth, look.MinHeight)
	if button == nil {
		b.Fatalf("%s has no primary button", name)
	}
	at := b.w.fyne.Driver().AbsolutePositionForObject(button)
	if end := at.Add(button.Size()); at.X < 0 || at.Y < 0 || end.X > look.MinWidth || end.Y > look.MinHeight || button.Size().IsZero() {
		b.Errorf("%s: the button %q stands at %v, %v large", name, button.Text, at, button.Size())
	}
}

// An error that ends a run says what happened and what to do on its screen, and
// stays reachable in the status bar.
func TestRunThatCannotStartSaysWhy(t *testing.T) {
	b := withSample(t, look.Light)
	if _, err := b.w.app.SignOut(t.Context(), app.PracticeName); err != nil {
		t.Fatal(err)
	}
	b.tap("Preview")
	b.until("the end", func() bool { s, ok := b.w.current.(*runScreen); return ok && s.ended })
	s := b.w.current.(*runScreen)
	if !strings.HasPrefix(s.header.Title, "No plan was made") || b.button("Open Connections") == nil || b.w.lastErr == nil {
		t.Errorf("the screen says %q, the error is %v", s.header.Title, b.w.lastErr)
	}
}

// Rows that write nothing have no box, and keep their fate when all others are
// taken out: conflicts wait in Review, refused rows in Needs attention.
func TestAllRowsOutLeavesConflictsAndRefusedRowsWaiting(t *testing.T) {
	b := withSample(t, look.Light)
	b.tap("Preview")
	p := b.plan("the plan")
	b.settle()
	p.toggle(0)
	p.toggle(0)
	p.toggle(0)
	if p.apply.Text != "Apply 183 changes" {
		t.Errorf("after three quick toggles the button says %q", p.apply.Text)
	}
	p.toggleAll(false)
	b.settle()
	if p.apply.Text != "Apply 0 changes" {
		t.Errorf("the button says %q", p.apply.Text)
	}
	b.tap("Apply 0 changes")
	b.until("the end", func() bool { s, ok := b.w.current.(*runScreen); return ok && s.ended })
	res, err := b.w.current.(*runScreen).job.Result()
	if err != nil {
		t.Fatal(err)
	}
	if c := res.Counts; c.Created != 0 || c.Updated != 0 || c.Skipped != 184 || c.Conflict != 18 || c.Failed != 4 {
		t.Errorf("the run came to %+v", c)
	}
}
