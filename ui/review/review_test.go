package review

import (
	"context"
	"database/sql"
	"path/filepath"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	_ "github.com/mattn/go-sqlite3"

	"syncline/app"
	"syncline/store"
	"syncline/sync/plan"
	"syncline/ui/look"
	"syncline/ui/shell"
	"syncline/ui/widgets"
)

// review is the screen of Review.
func (b *bench) review() *Screen { return b.W.ScreenOf(shell.PlaceReview).(*Screen) }

// reviewing is a window in Review after the first run of the sample.
func reviewing(t *testing.T) (*bench, *Screen) {
	t.Helper()
	b := withSample(t, look.Light)
	b.Tap("Run")
	b.Planned("the plan")
	b.Tap("Apply")
	b.Ran("the run")
	b.Tap("Decide")
	b.Until("the first conflict", func() bool { _, ok := b.review().currentConflict(); return ok })
	b.Settle()
	return b, b.review()
}

// all decides the whole group that is shown.
func (b *bench) all(r *Screen) {
	b.Helper()
	r.key(&fyne.KeyEvent{Name: fyne.KeyRight})
	r.rune('a')
	if d, ok := b.W.Win.Canvas().Overlays().Top().(*widgets.Dialog); ok {
		test.Tap(d.Primary)
	}
	b.Settle()
}

func TestReviewIsReadAnewEachTimeItIsOpened(t *testing.T) {
	b, r := reviewing(t)
	first := r.rows[0].Field
	b.all(r)
	b.W.GoTo(shell.PlaceHome)
	b.Settle()
	b.W.GoTo(shell.PlaceReview)
	b.Settle()
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
		b.Settle()
		if c, ok := r.currentConflict(); !ok || c.Field != r.rows[2].Field || r.group.Field != r.rows[2].Field {
			t.Fatalf("group %q shows conflicts of %q", r.group.Field, c.Field)
		}
		r.groups.Select(0)
		b.Settle()
	}
}

// Whatever is pressed last holds, in the window and in the workspace.
func TestDecisionsAreKeptInTheOrderInWhichTheyWereMade(t *testing.T) {
	b, r := reviewing(t)
	c, _ := r.currentConflict()
	for range 30 {
		r.list.Select(0)
		r.key(&fyne.KeyEvent{Name: fyne.KeyRight})
		r.Undo()
		b.Settle()
		now, err := b.W.App.Store.Conflicts(t.Context(), []int64{c.ID})
		if err != nil || len(now) != 1 || now[0].Choice != "" {
			t.Fatalf("the store holds %+v, %v", now, err)
		}
	}
}

func TestNothingIsRetriedThatDoesNotWaitAnyMore(t *testing.T) {
	b, _ := reviewing(t)
	b.W.Rooms.Attention()
	b.Settle()
	if retry := b.Button("Retry"); retry.Text != "Retry 4 rows" {
		t.Fatalf("the button says %q", retry.Text)
	}
	groups, err := b.W.App.Store.AttentionGroups(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := b.W.App.Store.ClearAttention(t.Context(), groups[0].SyncID, "another plan"); err != nil {
		t.Fatal(err)
	}
	b.W.GoTo(shell.PlaceHome)
	b.W.Rooms.Attention()
	b.Settle()
	if n, err := b.W.App.Store.AttentionCount(t.Context(), 0); err != nil || n != 0 {
		t.Fatalf("%d rows wait, %v", n, err)
	}
	if retry := b.Button("Retry"); !retry.Disabled() || b.Button("Retry 4") != nil || len(b.Grids()) != 0 {
		t.Errorf("the button says %q, %d lists are shown", retry.Text, len(b.Grids()))
	}
}

// A proposal stands beside its conflict and decides nothing until it is taken over.
func TestAProposalIsTakenOverByAButton(t *testing.T) {
	b, r := reviewing(t)
	c, _ := r.currentConflict()
	if _, err := b.W.App.Propose(t.Context(), []app.Proposal{{Conflict: c.ID, Choice: plan.ChooseHubSpot, Why: "HubSpot’s value was entered later, and by the person who owns the record.", Proposer: "an assistant"}}); err != nil {
		t.Fatal(err)
	}
	b.W.GoTo(shell.PlaceHome)
	b.Settle()
	b.W.GoTo(shell.PlaceReview)
	b.Until("the proposal", func() bool { return b.Button("Take it over") != nil })
	b.Picture("review-proposal", 1440, 900)
	if c, _ := r.currentConflict(); r.decided[c.ID] != "" {
		t.Fatal("it is decided already")
	}
	b.Tap("Take it over")
	b.Settle()
	all, err := b.W.App.ConflictsByID(t.Context(), []int64{c.ID})
	if err != nil || len(all) != 1 || all[0].State != plan.ConflictDecided || all[0].Choice != plan.ChooseHubSpot {
		t.Errorf("%v %+v", err, all)
	}
}

// holding keeps the queue of decisions until hold is closed.
func (b *bench) holding(hold chan struct{}) {
	shell.InOrder(b.W, func(context.Context) (struct{}, error) { <-hold; return struct{}{}, nil }, func(struct{}) {}, nil)
}

// refuse lets no decision be kept until the test lets it again.
func (b *bench) refuse(refused bool) {
	b.Helper()
	do := "DROP TRIGGER refuse"
	if refused {
		do = "CREATE TRIGGER refuse BEFORE UPDATE OF choice ON conflict BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
	}
	db, err := sql.Open("sqlite3", filepath.Join(b.W.App.Store.Dir(), store.File))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(do); err != nil {
		b.Fatal(err)
	}
}

// What was decided a moment ago is in the plan of the decisions.
func TestApplyingWaitsForDecisionsThatAreBeingKept(t *testing.T) {
	b, r := reviewing(t)
	r.key(&fyne.KeyEvent{Name: fyne.KeyRight})
	b.Settle()
	hold := make(chan struct{})
	b.holding(hold)
	c, _ := r.currentConflict()
	r.key(&fyne.KeyEvent{Name: fyne.KeyRight})
	b.Tap("Apply 1 decision")
	close(hold)
	b.Planned("the plan")
	now, err := b.W.App.ConflictsByID(t.Context(), []int64{c.ID})
	if err != nil || len(now) != 1 || now[0].State != plan.ConflictDecided {
		t.Errorf("%+v, %v", now, err)
	}
}

// Review shows what was decided before it was left, however soon it is opened again.
func TestWhatIsBeingDecidedIsNotListedAsOpen(t *testing.T) {
	b, r := reviewing(t)
	c, _ := r.currentConflict()
	hold := make(chan struct{})
	b.holding(hold)
	r.key(&fyne.KeyEvent{Name: fyne.KeyRight})
	b.W.GoTo(shell.PlaceHome)
	b.W.GoTo(shell.PlaceReview)
	close(hold)
	b.Settle()
	if slices.Contains(r.pages.IDs, c.ID) {
		t.Error("a conflict that was decided is listed as open")
	}
}

// A decision that can't be kept is open again and nothing that U could take back; one
// that can't be taken back holds, and can be taken back later.
func TestWhatCouldNotBeKeptIsShownAsItIs(t *testing.T) {
	b, r := reviewing(t)
	c, _ := r.currentConflict()
	key := func(do func()) {
		t.Helper()
		do()
		b.Settle()
		if d, ok := b.W.Win.Canvas().Overlays().Top().(*widgets.Dialog); ok {
			d.Close()
		}
	}
	right := func() { r.key(&fyne.KeyEvent{Name: fyne.KeyRight}) }
	b.refuse(true)
	key(right)
	if r.decided[c.ID] != "" || len(r.done) != 0 || len(r.settled) != 0 {
		t.Errorf("%q is decided, %d can be taken back, %d groups are settled", r.decided[c.ID], len(r.done), len(r.settled))
	}
	b.refuse(false)
	r.groups.Select(0)
	b.Settle()
	r.list.Select(0)
	key(right)
	b.refuse(true)
	key(r.Undo)
	if r.decided[c.ID] != plan.ChooseHubSpot || len(r.done) != 1 {
		t.Errorf("%q is decided, %d can be taken back", r.decided[c.ID], len(r.done))
	}
	b.refuse(false)
	key(r.Undo)
	if n := b.open(c.ID); r.decided[c.ID] != "" || n != 1 {
		t.Errorf("%q is decided, %d are open", r.decided[c.ID], n)
	}
}

// open is how many of these conflicts are open.
func (b *bench) open(ids ...int64) (n int) {
	b.Helper()
	all, err := b.W.App.ConflictsByID(b.Context(), ids)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range all {
		if c.State == plan.ConflictOpen {
			n++
		}
	}
	return n
}

// U goes back decision by decision, to what had been decided before each.
func TestDecisionsAreTakenBackOneByOne(t *testing.T) {
	b, r := conflicting(t, 15)
	ids := slices.Clone(r.pages.IDs)
	r.key(&fyne.KeyEvent{Name: fyne.KeyRight})
	r.list.Select(0)
	r.key(&fyne.KeyEvent{Name: fyne.KeyLeft})
	r.key(&fyne.KeyEvent{Name: fyne.KeyLeft})
	b.Settle()
	if n := b.open(ids...); n != 1 {
		t.Fatalf("%d are open", n)
	}
	for i, want := range []plan.Choice{plan.ChooseSource, plan.ChooseHubSpot, ""} {
		r.Undo()
		b.Settle()
		all, err := b.W.App.ConflictsByID(t.Context(), ids[:1])
		if err != nil || all[0].Choice != want || r.decided[ids[0]] != want {
			t.Errorf("after %d the first is %q and shown as %q, %v", i+1, all[0].Choice, r.decided[ids[0]], err)
		}
	}
	if n := b.open(ids...); n != 3 || len(r.done) != 0 {
		t.Errorf("%d are open, %d can be taken back", n, len(r.done))
	}
}
