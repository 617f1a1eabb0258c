package plan

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"syncline/sync/plan"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/shell/shelltest"
	"syncline/ui/widgets"
)

// editable is a row of the plan that writes a field to HubSpot, and the field.
func (b *bench) editable(p *Screen, property string) (row int) {
	b.Helper()
	for i := range p.pages.IDs {
		b.Until("the row", func() bool { _, ok := p.pages.At(i); return ok })
		it, _ := p.pages.At(i)
		for _, e := range it.Edits {
			if e.Action == plan.EditHubSpot && e.Property == property && it.Kind == plan.ItemUpdate {
				p.grid.Select(i)
				return i
			}
		}
	}
	b.Fatalf("no row of the plan writes %s", property)
	return -1
}

// fieldOf is the entry of a dialog over its field's name.
func entries(b *bench) []*widgets.Entry {
	b.Helper()
	return shelltest.EntriesIn(b.Dialog("the values").Content)
}

// A value is edited in the plan: what HubSpot would refuse stays in the dialog,
// what it takes becomes a revision with a hash, and is what is written.
func TestAValueIsEditedInThePlan(t *testing.T) {
	b := withSample(t, look.Light)
	b.Tap("Preview")
	p := b.plan("the plan")
	b.Settle()
	frozen := p.stamp
	row := b.editable(p, "city")
	b.Settle()
	it, _ := p.pages.At(row)
	p.grid.OnActivated(row)
	d := b.Dialog("the values")
	if !d.Primary.Disabled() {
		t.Error("nothing is changed, and it can be kept")
	}
	b.Picture("plan-edit", 1280, 800)
	fields := entries(b)
	which := -1
	at := 0
	for _, e := range it.Edits {
		if !e.Writes() {
			continue
		}
		if e.Property == "city" && e.Action == plan.EditHubSpot {
			which = at
		}
		at++
	}
	fields[which].SetText(strings.Repeat("x", 70000))
	test.Tap(d.Primary)
	b.Settle()
	if !b.Open() || fields[which].Problem == "" {
		t.Fatalf("a text of 70,000 characters was taken, the problem is %q", fields[which].Problem)
	}
	if p.stamp != frozen {
		t.Errorf("what was refused made a revision: %+v", p.stamp)
	}
	fields[which].SetText("Edited in the plan")
	test.Tap(d.Primary)
	b.Settle()
	if b.Open() {
		t.Fatalf("the dialog stays: %s", fields[which].Problem)
	}
	if p.stamp.Revision != frozen.Revision+1 || p.stamp.Hash == frozen.Hash || !strings.Contains(p.header.State, "Revision 1 of "+p.view.ID+" by you, hash "+p.stamp.Hash[:8]) {
		t.Errorf("the plan is %+v and says %q", p.stamp, p.header.State)
	}
	now, _ := p.pages.At(row)
	if !edited(now) || !strings.Contains(p.secondLine(now), "edited by you") {
		t.Errorf("the row does not say that it was edited: %q", p.secondLine(now))
	}
	b.Picture("plan-edited", 1280, 800)
	b.Tap("Apply")
	b.Ran("the run")
	items, err := b.W.App.ItemsByID(t.Context(), p.view.ID, []int{it.N})
	if err != nil || len(items) != 1 || items[0].Done != plan.FateUpdated {
		t.Fatalf("the row came to %+v, %v", items, err)
	}
	for _, e := range items[0].Edits {
		if e.Property == "city" && e.Writes() && str(e.New) != "Edited in the plan" {
			t.Errorf("%q was written", str(e.New))
		}
	}
}

// A new plan in the place of one that was changed keeps what was changed, and
// says so.
func TestANewPlanKeepsWhatWasTakenOutAndEdited(t *testing.T) {
	b := withSample(t, look.Light)
	b.Tap("Preview")
	p := b.plan("the plan")
	b.Settle()
	row := b.editable(p, "city")
	it, _ := p.pages.At(row)
	if _, err := b.W.App.EditItem(t.Context(), p.view.ID, it.N, plan.Put{Side: plan.HubSpot, Property: "city", Value: "Kept across plans"}); err != nil {
		t.Fatal(err)
	}
	out := 0
	if row == 0 {
		out = 1
	}
	gone, _ := p.pages.At(out)
	p.toggle(out)
	b.Settle()
	b.Tap("Make a new plan")
	b.Until("another plan", func() bool { q, ok := b.W.Current().(*Screen); return ok && q.view.ID != p.view.ID })
	again := b.plan("the new plan")
	b.Settle()
	b.Picture("plan-carried-over", 1280, 800)
	if again.apply.Text != "Apply 183 changes" {
		t.Errorf("the button says %q", again.apply.Text)
	}
	said := shelltest.Texts(again.sums)
	for _, want := range []string{"1 row stays out of this plan", "1 edit was taken over"} {
		if !strings.Contains(said, want) {
			t.Errorf("the plan does not say %q: %q", want, said)
		}
	}
	for i := range again.pages.IDs {
		b.Until("the row", func() bool { _, ok := again.pages.At(i); return ok })
		now, _ := again.pages.At(i)
		switch now.RowKey {
		case gone.RowKey:
			if !now.Excluded {
				t.Errorf("%s is in the new plan", now.Name)
			}
		case it.RowKey:
			if !edited(now) {
				t.Errorf("the edit of %s is lost", now.Name)
			}
		}
	}
}

// Whoever previews from Home while a changed plan waits says what becomes of the
// changes.
func TestPreviewingOverAChangedPlanAsks(t *testing.T) {
	b := withSample(t, look.Light)
	b.Tap("Preview")
	p := b.plan("the plan")
	b.Until("the first row", func() bool { _, ok := p.pages.At(0); return ok })
	p.toggle(0)
	b.Settle()
	b.Home()
	b.Tap("Preview")
	d := b.Dialog("the question")
	b.Picture("plan-changed-waits", 1280, 800)
	if len(d.Others) != 2 || d.Primary.Text != "Take it over" {
		t.Fatalf("the dialog offers %q", d.Primary.Text)
	}
	test.Tap(d.Primary)
	b.Until("another plan", func() bool { q, ok := b.W.Current().(*Screen); return ok && q.view.ID != p.view.ID })
	if q := b.W.Current().(*Screen); q.apply.Text != "Apply 183 changes" {
		t.Errorf("the button says %q", q.apply.Text)
	}
}

// Whatever is applied is what the screen shows: a row that was taken out a moment
// before is not written, and a plan whose change could not be kept is not applied.
func TestWhatWasTakenOutIsNotWrittenHoweverSoonThePlanIsApplied(t *testing.T) {
	b := withSample(t, look.Light)
	b.Tap("Preview")
	p := b.plan("the plan")
	b.Settle()
	it, _ := p.pages.At(0)
	hold := make(chan struct{})
	b.holding(hold, nil)
	p.toggle(0)
	b.Tap("Apply")
	if !p.apply.Disabled() || b.W.Current() != shell.Screen(p) {
		t.Error("the plan is applied while a change of it is being kept")
	}
	close(hold)
	b.Ran("the run")
	items, err := b.W.App.ItemsByID(t.Context(), p.view.ID, []int{it.N})
	if err != nil || len(items) != 1 || !items[0].Excluded || items[0].Done != "" {
		t.Errorf("the row that was taken out came to %+v, %v", items, err)
	}
}

func TestAPlanWhoseChangeCouldNotBeKeptIsNotApplied(t *testing.T) {
	b := withSample(t, look.Light)
	b.Tap("Preview")
	p := b.plan("the plan")
	b.Settle()
	hold := make(chan struct{})
	b.holding(hold, errors.New("the disk is full"))
	b.Tap("Apply")
	close(hold)
	b.Settle()
	if b.W.Current() != shell.Screen(p) || len(b.W.App.Running()) > 0 || p.apply.Disabled() {
		t.Errorf("%T is shown, %d jobs run, the button says %q", b.W.Current(), len(b.W.App.Running()), p.apply.Reason)
	}
}

// holding keeps the queue of changes until hold is closed; what is kept there ends
// with err.
func (b *bench) holding(hold chan struct{}, err error) {
	shell.InOrder(b.W, func(context.Context) (struct{}, error) { <-hold; return struct{}{}, err }, func(struct{}) {}, func(error) {})
}

// Whoever cancels while values are being kept gets none of them, also where they
// had been kept by then; and what is put back as it was is no edit any more.
func TestCancellingAnEditLeavesThePlanAsItWas(t *testing.T) {
	b := withSample(t, look.Light)
	b.Tap("Preview")
	p := b.plan("the plan")
	b.Settle()
	row := b.editable(p, "city")
	it, _ := p.pages.At(row)
	for name, late := range map[string]bool{"before it is kept": false, "after it is kept": true} {
		p.grid.OnActivated(row)
		d := b.Dialog("the values")
		for i, e := range entries(b) {
			if writtenBy(it)[i].Property == "city" {
				e.SetText("Not meant")
			}
		}
		hold := make(chan struct{})
		if late {
			close(hold)
		}
		b.holding(hold, nil)
		test.Tap(d.Primary)
		for late && !b.W.Idle() {
			runtime.Gosched() // until it is kept; the window does not know yet
		}
		d.Cancel()
		if !late {
			close(hold)
		}
		b.Settle()
		now, err := b.W.App.ItemsByID(t.Context(), p.view.ID, []int{it.N})
		if err != nil || len(now) != 1 || edited(now[0]) || b.Open() {
			t.Fatalf("%s: %+v, %v", name, now, err)
		}
		if shown, _ := p.pages.At(row); edited(shown) {
			t.Errorf("%s: the screen shows an edit", name)
		}
		for i, e := range now[0].Edits {
			if str(e.New) != str(it.Edits[i].New) || e.Reason != it.Edits[i].Reason {
				t.Errorf("%s: %s is %q, %s", name, e.Property, str(e.New), e.Reason)
			}
		}
		if err := b.W.App.Store.CheckPlan(t.Context(), p.view.ID); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// writtenBy are the edits of a row that write something, as the dialog lists them.
func writtenBy(it plan.Item) (all []plan.Edit) {
	for _, e := range it.Edits {
		if e.Writes() {
			all = append(all, e)
		}
	}
	return all
}
