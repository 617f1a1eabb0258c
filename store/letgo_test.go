package store_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncline/store"
	"syncline/sync/plan"
)

// ranAt says when a run began.
func (w *world) ranAt(run string, at time.Time, state plan.RunState) {
	w.t.Helper()
	raw(w.t, w.Dir(), fmt.Sprintf(`UPDATE run SET started_at = %d, state = '%s' WHERE id = '%s'`, at.UnixMilli(), state, run))
}

// wrote lets a run create n records, long ago.
func (w *world) wrote(run string, n int, at time.Time) {
	w.t.Helper()
	ops := w.creates(run, n)
	outcomes := created(ops, allOf)
	for i := range outcomes {
		outcomes[i].Verify = false
	}
	must[map[plan.Fate]int](w.t)(w.FinishBatch(w.t.Context(), w.sync.ID, run, hash, outcomes))
	w.ranAt(run, at, plan.RunDone)
	ok(w.t, w.SetPlanState(w.t.Context(), "plan-"+run, plan.Applied))
}

// What an old run wrote goes slice by slice when a person has chosen that, and
// from the first slice on the run says so. Links, bases and counts stay, and so
// does what a run wrote that waits for an answer or whose undo somebody has
// before them.
func TestWhatOldRunsWroteGoesByTheRule(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	const many = 3000
	long := time.Now().AddDate(-9, 0, 0)
	w.wrote("old", many, long)
	w.wrote("late", 3, time.Now().AddDate(0, 0, -10))
	w.wrote("undoing", 3, long)
	ok(t, w.NewPlan(ctx, plan.Plan{ID: "undo", SyncID: w.sync.ID, Kind: plan.KindUndo, UndoOf: "undoing", Made: time.Now()}))
	ops := w.creates("asked", 3)
	w.ranAt("asked", long, plan.RunDone)
	w.wrote("applying", 3, long)
	ok(t, w.SetPlanState(ctx, "plan-applying", plan.Applying))
	w.creates("interrupted", 3)
	w.ranAt("interrupted", long, plan.RunInterrupted)
	before := dump(t, w.Dir(), "link", "base", "record_seen", "identity", "form")
	if more := must[bool](t)(w.Tidy(ctx)); more {
		t.Error("something goes, though nobody chose that")
	}
	if n := must[int](t)(w.GoingChanges(ctx, 365)); n != 4 {
		t.Errorf("%d runs would go, want 4: old, undoing, asked and applying", n)
	}
	ok(t, w.SetKeeping(ctx, store.Keeping{Changes: 365}))
	slices := 0
	for left := 2 * many; must[bool](t)(w.Tidy(ctx)); slices++ {
		if r := must[store.Run](t)(w.Run(ctx, "old")); !r.LetGo {
			t.Fatal("a run of which a part is gone does not say so")
		}
		now := len(trailOf(t, w.Store, "old"))/6 + many
		if left-now > many {
			t.Errorf("%d went at once", left-now)
		}
		left = now
	}
	if slices < 5 {
		t.Errorf("all went in %d slices", slices)
	}
	for run, want := range map[string]int{"old": 0, "late": 18, "undoing": 18, "applying": 18} {
		r := must[store.Run](t)(w.Run(ctx, run))
		if got := len(trailOf(t, w.Store, run)); got != want || r.LetGo != (want == 0) {
			t.Errorf("%s has %d entries, want %d; let go: %t", run, got, want, r.LetGo)
		}
	}
	if left := must[[]store.Op](t)(w.SentOps(ctx, w.sync.ID)); len(left) != 6 {
		t.Errorf("%d operations wait for an answer, want 6", len(left))
	}
	if diff := cmp.Diff(before, dump(t, w.Dir(), "link", "base", "record_seen", "identity", "form")); diff != "" {
		t.Errorf("what stays (-before +after)\n%s", diff)
	}
	// What waited has its answer: then it goes too.
	must[map[plan.Fate]int](t)(w.FinishBatch(ctx, w.sync.ID, "asked", hash, []store.Outcome{{Op: ops[0], State: plan.OpDropped}, {Op: ops[1], State: plan.OpDropped}, {Op: ops[2], State: plan.OpDropped}}))
	for must[bool](t)(w.Tidy(ctx)) {
	}
	if r := must[store.Run](t)(w.Run(ctx, "asked")); !r.LetGo {
		t.Error("what was asked and is answered stays")
	}
}

// Rows and records that are gone go where nothing hangs on them.
func TestRowsAndRecordsThatAreGoneGoWithoutALink(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	for i, key := range []string{"free", "linked", "decided", "stays"} {
		w.row(key, i+1, key+"@x.com")
		w.record("9"+key, key+"@x.com")
	}
	w.link("linked", "9linked")
	ok(t, w.reading.End(ctx))
	w.next()
	w.row("stays", 1, "stays@x.com")
	ok(t, w.reading.End(ctx))
	for _, id := range []string{"9free", "9linked"} {
		ok(t, w.MarkGone(ctx, w.sync.ID, w.pull, id, "archived", ""))
	}
	raw(t, w.Dir(), `INSERT INTO ruling(sync_id, row_key, kind) VALUES(1, 'decided', 'out')`)
	w.planOf("plan", plan.Applied, time.Now().AddDate(0, 0, -400), 1)
	raw(t, w.Dir(), fmt.Sprintf(`UPDATE plan SET pull = %d WHERE id = 'plan'`, w.pull-1))
	keys := func(table, column string) string {
		var all []string
		for _, line := range dump(t, w.Dir(), table)[table] {
			for word := range strings.FieldsSeq(line) {
				if name, value, _ := strings.Cut(word, "="); name == column {
					all = append(all, value)
				}
			}
		}
		slices.Sort(all)
		return strings.Join(all, " ")
	}
	tidied := func() {
		raw(t, w.Dir(), `DELETE FROM meta WHERE key = 'gone-tidied'`)
		for must[bool](t)(w.Tidy(ctx)) {
		}
	}
	tidied()
	if got := keys("row_seen", "key"); got != "decided free linked stays" {
		t.Errorf("what was missed after the last plan of that time went: %s are left", got)
	}
	raw(t, w.Dir(), fmt.Sprintf(`UPDATE plan SET pull = %d WHERE id = 'plan'`, w.pull))
	tidied()
	if got := keys("row_seen", "key"); got != "decided linked stays" {
		t.Errorf("rows left: %s", got)
	}
	if got := keys("record_seen", "id"); got != "9decided 9linked 9stays" {
		t.Errorf("records left: %s", got)
	}
	if got := keys("identity", "ref"); strings.Contains(got, "9free") || !strings.Contains(got, "9linked") {
		t.Errorf("records are found by: %s", got)
	}
}
