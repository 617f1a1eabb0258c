package ui

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"syncline/app"
	"syncline/sync/plan"
	"syncline/ui/look"
	"syncline/ui/widgets"
)

// reviewing is a window in Review after the first run of the sample.
func reviewing(t *testing.T) (*bench, *review) {
	t.Helper()
	b := withSample(t, look.Light)
	b.tap("Run")
	b.plan("the plan")
	b.tap("Apply")
	b.ended("the run")
	b.tap("Decide")
	b.until("the first conflict", func() bool { _, ok := b.w.review.currentConflict(); return ok })
	b.settle()
	return b, b.w.review
}

// all decides the whole group that is shown.
func (b *bench) all(r *review) {
	b.Helper()
	r.key(&fyne.KeyEvent{Name: fyne.KeyRight})
	r.rune('a')
	if d, ok := b.w.win.Canvas().Overlays().Top().(*widgets.Dialog); ok {
		test.Tap(d.Primary)
	}
	b.settle()
}

func TestReviewIsReadAnewEachTimeItIsOpened(t *testing.T) {
	b, r := reviewing(t)
	first := r.rows[0].Field
	b.all(r)
	b.w.goTo(placeHome)
	b.settle()
	b.w.goTo(placeReview)
	b.settle()
	if r.rows[0].Field == first || r.group.Field != r.rows[0].Field {
		t.Fatalf("row 0 is %q, the group shown is %q", r.rows[0].Field, r.group.Field)
	}
	c, ok := r.currentConflict()
	if !ok || c.Field != r.rows[0].Field || r.decided[c.ID] != "" {
		t.Errorf("the first conflict is of %q, decided %q", c.Field, r.decided[c.ID])
	}
}

func TestQuickMovesEndInTheGroupThatIsSelected(t *testing.T) {
	b, r := reviewing(t)
	for range 20 {
		r.groups.Select(1)
		r.groups.Select(2)
		b.settle()
		if c, ok := r.currentConflict(); !ok || c.Field != r.rows[2].Field || r.group.Field != r.rows[2].Field {
			t.Fatalf("group %q shows conflicts of %q", r.group.Field, c.Field)
		}
		r.groups.Select(0)
		b.settle()
	}
}

// Whatever is pressed last holds, in the window and in the workspace.
func TestDecisionsAreKeptInTheOrderInWhichTheyWereMade(t *testing.T) {
	b, r := reviewing(t)
	c, _ := r.currentConflict()
	for range 30 {
		r.list.Select(0)
		r.key(&fyne.KeyEvent{Name: fyne.KeyRight})
		r.undo()
		b.settle()
		now, err := b.w.app.Store.Conflicts(t.Context(), []int64{c.ID})
		if err != nil || len(now) != 1 || now[0].Choice != "" {
			t.Fatalf("the store holds %+v, %v", now, err)
		}
	}
}

func TestNothingIsRetriedThatDoesNotWaitAnyMore(t *testing.T) {
	b, _ := reviewing(t)
	b.w.openAttention()
	b.settle()
	if b.w.failed.retry.Text != "Retry 4 rows" {
		t.Fatalf("the button says %q", b.w.failed.retry.Text)
	}
	groups, err := b.w.app.Store.AttentionGroups(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := b.w.app.Store.ClearAttention(t.Context(), groups[0].SyncID, "another plan"); err != nil {
		t.Fatal(err)
	}
	b.w.goTo(placeHome)
	b.w.openAttention()
	b.settle()
	if n, err := b.w.app.Store.AttentionCount(t.Context(), 0); err != nil || n != 0 {
		t.Fatalf("%d rows wait, %v", n, err)
	}
	if !b.w.failed.retry.Disabled() || len(b.w.failed.pages.ids) != 0 {
		t.Errorf("the button says %q", b.w.failed.retry.Text)
	}
}

// A proposal stands beside its conflict and decides nothing until it is taken over.
func TestAProposalIsTakenOverByAButton(t *testing.T) {
	b, r := reviewing(t)
	c, _ := r.currentConflict()
	if _, err := b.w.app.Propose(t.Context(), []app.Proposal{{Conflict: c.ID, Choice: plan.ChooseHubSpot, Why: "HubSpot’s value was entered later, and by the person who owns the record.", Proposer: "an assistant"}}); err != nil {
		t.Fatal(err)
	}
	b.w.goTo(placeHome)
	b.settle()
	b.w.goTo(placeReview)
	b.until("the proposal", func() bool { return b.button("Take it over") != nil })
	b.picture("review-proposal", 1440, 900)
	if c, _ := r.currentConflict(); r.decided[c.ID] != "" {
		t.Fatal("it is decided already")
	}
	b.tap("Take it over")
	b.settle()
	all, err := b.w.app.ConflictsByID(t.Context(), []int64{c.ID})
	if err != nil || len(all) != 1 || all[0].State != plan.ConflictDecided || all[0].Choice != plan.ChooseHubSpot {
		t.Errorf("%v %+v", err, all)
	}
}
