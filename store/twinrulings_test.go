package store_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"syncline/store"
	"syncline/sync/plan"
)

// said is a decision about two of a world's rows and records: "row 1" or "record 9".
func (w *world) said(a, b string, v store.Verdict) store.Twin {
	return store.Twin{PortalID: 1, Object: "0-1", SyncID: w.sync.ID, A: store.TwinEnd(a), B: store.TwinEnd(b), Verdict: v, By: "me", At: time.UnixMilli(1)}
}

func (w *world) say(a, b string, v store.Verdict) {
	w.t.Helper()
	ok(w.t, w.PutTwin(w.t.Context(), w.said(a, b, v)))
}

// kinds are the rulings of a world by row: "take 9", "same 1".
func (w *world) kinds() map[string]string {
	w.t.Helper()
	all := map[string]string{}
	for key, r := range must[map[string]store.Ruling](w.t)(w.Rulings(w.t.Context(), w.sync.ID)) {
		all[key] = strings.TrimSpace(string(r.Kind) + " " + r.Lead)
	}
	return all
}

// A row that is the same as a record and as another row brings both to the record: neither decision
// takes the place of the other, in whatever order they come.
func TestDecisionsAboutTheSameRowHoldBesideEachOther(t *testing.T) {
	t.Parallel()
	for _, turned := range []bool{false, true} {
		w := newWorld(t)
		w.row("L", 1, "l@x.com")
		w.row("R", 2, "r@x.com")
		w.record("9", "nine@x.com")
		pairs := [][2]string{{"row R", "record 9"}, {"row R", "row L"}}
		if turned {
			slices.Reverse(pairs)
		}
		for _, p := range pairs {
			w.say(p[0], p[1], store.TwinSame)
		}
		if got := w.matched(1); got["L"].RecordID != "9" || w.kinds()["R"] != "same L" {
			t.Errorf("%v, %v", got, w.kinds())
		}
	}
}

// releasing is a world in which each two of n rows are the same and each has a record, and all of that
// as it is listed.
func releasing(t testing.TB, n int) (*world, []store.RuledRow) {
	w := newWorld(t)
	for i := range n {
		w.row(fmt.Sprint(2*i), 2*i+1, fmt.Sprintf("p%d@x.com", 2*i))
		w.row(fmt.Sprint(2*i+1), 2*i+2, fmt.Sprintf("p%d@x.com", 2*i+1))
	}
	w.record("9", "nine@x.com")
	for i := range n {
		w.say(fmt.Sprintf("row %d", 2*i), fmt.Sprintf("row %d", 2*i+1), store.TwinSame)
	}
	rows := must[[]store.RuledRow](t)(w.RuledRows(t.Context()))
	if len(rows) != n {
		t.Fatalf("%d decisions are listed of %d", len(rows), n)
	}
	return w, rows
}

// What is worked out of all decisions is worked out once for those that are taken back together.
func TestManyDecisionsAreTakenBackAtOnce(t *testing.T) {
	t.Parallel()
	const n = 20
	w, rows := releasing(t, n)
	before := store.Recorded(w.Dir())
	ok(t, w.Release(t.Context(), rows))
	if left := must[[]store.RuledRow](t)(w.RuledRows(t.Context())); len(left) != 0 || len(w.kinds()) != 0 {
		t.Errorf("it holds still: %v, %v", left, w.kinds())
	}
	for q, times := range store.Recorded(w.Dir()) {
		if strings.HasPrefix(q, "SELECT") && times-before[q] > 5 {
			t.Errorf("%d times for %d decisions: %s", times-before[q], n, q)
		}
	}
}

// BenchmarkRelease takes back a thousand decisions about two rows each.
func BenchmarkRelease(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		w, rows := releasing(b, 1000)
		b.StartTimer()
		ok(b, w.Release(b.Context(), rows))
	}
}

// What does not agree with earlier decisions is refused, and says with which; then all is as it was.
func TestADecisionThatDoesNotAgreeWithEarlierOnesIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.row("L", 1, "l@x.com")
	w.row("R", 2, "r@x.com")
	w.record("8", "eight@x.com")
	w.record("9", "nine@x.com")
	w.say("row R", "record 9", store.TwinSame)
	w.say("row L", "row R", store.TwinSame)
	before := w.kinds()
	var opposed *store.TwinOpposedError
	if err := w.PutTwin(t.Context(), w.said("row L", "record 9", store.TwinDifferent)); !errors.As(err, &opposed) || len(opposed.Steps) != 2 {
		t.Errorf("%v", err)
	}
	var links *store.TwinLinksError
	if err := w.PutTwin(t.Context(), w.said("row L", "record 8", store.TwinSame)); !errors.As(err, &links) || links.RecordA != "8" || links.RecordB != "9" {
		t.Errorf("%v", err)
	}
	if after := w.kinds(); !maps.Equal(before, after) {
		t.Errorf("%v became %v", before, after)
	}
	ok(t, w.ForgetTwin(t.Context(), w.said("row L", "row R", store.TwinSame)))
	w.say("row L", "record 9", store.TwinDifferent)
	if err := w.PutTwin(t.Context(), w.said("row L", "row R", store.TwinSame)); !errors.As(err, &opposed) || opposed.A != "record 9" || opposed.B != "row L" {
		t.Errorf("%v", err)
	}
}

// Taking back that a row and a record are different leaves alone what a run found of the two.
func TestWhatARunKeepsApartStaysApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.row("1", 1, "a@x.com")
	w.record("9", "a@x.com")
	ok(t, w.KeepApart(t.Context(), w.sync.ID, "1", "9"))
	w.say("row 1", "record 9", store.TwinDifferent)
	ok(t, w.ForgetTwin(t.Context(), w.said("row 1", "record 9", "")))
	if got := w.matched(1); len(got) != 0 {
		t.Errorf("%v", got)
	}
	var opposed *store.TwinOpposedError
	if err := w.PutTwin(t.Context(), w.said("row 1", "record 9", store.TwinSame)); !errors.As(err, &opposed) {
		t.Errorf("%v", err)
	}
	ok(t, w.Release(t.Context(), []store.RuledRow{{SyncID: w.sync.ID, RowKey: "1", Kind: plan.RuleNot, Lead: "9"}}))
	if got := w.matched(1); got["1"].RecordID != "9" {
		t.Errorf("%v", got)
	}
}

// Which of the rows with one key leads, and which record they have, are two decisions.
func TestTheFirstOfRowsWithOneKeyMayHaveAChosenRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.row("1", 1, "a@x.com")
	w.record("9", "nine@x.com")
	w.say("row 1", "record 9", store.TwinSame)
	pl := plan.Plan{ID: "p", SyncID: w.sync.ID, Kind: plan.KindSync, Made: time.Now(), Pull: w.pull}
	ok(t, w.NewPlan(t.Context(), pl))
	ok(t, w.AddItems(t.Context(), pl.ID, []plan.Item{{N: 1, Kind: plan.ItemSkip, Fate: plan.FateSkipped, RowKey: "1"}}))
	must[map[plan.Fate]int](t)(w.FinishBatch(t.Context(), w.sync.ID, "run", hash, []store.Outcome{{PlanID: pl.ID, N: 1, Fate: plan.FateSkipped, Rulings: []store.Ruling{{RowKey: "1", Kind: plan.RuleFirst, Lead: "digest"}}}}))
	if got := w.matched(1); got["1"].RecordID != "9" {
		t.Errorf("%v", got)
	}
	if got := must[map[string]string](t)(w.FirstRows(t.Context(), w.sync.ID)); got["1"] != "digest" {
		t.Errorf("%v", got)
	}
}

// A decision about a record goes on to hold for the one that it was merged into; where two rows of which
// was said that they are different come to one record by it, one waits.
func TestDecisionsFollowAMergeOfRecords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, key := range []string{"1", "2", "3"} {
		w.row(key, i+1, key+"@x.com")
	}
	for _, id := range []string{"7", "8", "9"} {
		w.record(id, "of"+id+"@x.com")
	}
	w.say("row 1", "record 7", store.TwinSame)
	w.say("row 2", "record 8", store.TwinSame)
	w.say("row 1", "row 2", store.TwinDifferent)
	w.say("row 3", "record 7", store.TwinDifferent)
	ok(t, w.PutTwin(t.Context(), store.Twin{PortalID: 1, Object: "0-1", A: "record 7", B: "record 9", Verdict: store.TwinDifferent}))
	w.record("70", "3@x.com")
	for _, id := range []string{"7", "8"} {
		ok(t, w.MarkGone(t.Context(), w.sync.ID, w.pull, id, plan.GoneMerged, "70"))
		ok(t, w.FollowMerge(t.Context(), 1, "0-1", id, "70"))
	}
	got := w.matched(1)
	if got["1"].RecordID != "70" || got["2"].Reason != store.MatchTaken || got["2"].Others != "1" || got["3"] != (store.Match{}) {
		t.Errorf("%+v", got)
	}
	for _, want := range []string{"record 70 row 1 same", "record 70 row 2 same", "record 70 row 3 different", "row 1 row 2 different", "record 70 record 9 different"} {
		if !slices.Contains(w.told(), want) {
			t.Errorf("%q is not among %v", want, w.told())
		}
	}
}

// told are a world's decisions.
func (w *world) told() (all []string) {
	w.t.Helper()
	for _, t := range must[[]store.Twin](w.t)(w.Twins(w.t.Context(), 1, "0-1", w.sync.ID)) {
		all = append(all, fmt.Sprint(t.A, " ", t.B, " ", t.Verdict))
	}
	slices.Sort(all)
	return all
}

// A row whose record is archived, unknown, or another row's by now waits for a person, whatever its keys
// find: made anew, the record would be there twice.
func TestARowWaitsWhoseChosenRecordItCannotHave(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		setup func(*world)
		want  store.Match
	}{
		"archived":       {func(w *world) { ok(w.t, w.MarkGone(w.t.Context(), w.sync.ID, w.pull, "9", plan.GoneArchived, "")) }, store.Match{Ord: -2, Reason: store.MatchChosen, Others: "9", Count: 1}},
		"unknown":        {func(*world) {}, store.Match{Ord: -2, Reason: store.MatchChosen, Others: "9", Count: 1}},
		"another row's":  {func(w *world) { w.record("9", "n@x.com"); w.row("0", 1, "n@x.com"); w.link("0", "9") }, store.Match{Ord: -2, Reason: store.MatchTaken, Others: "0", Count: 1}},
		"of a row gone":  {func(w *world) { w.record("9", "n@x.com"); w.link("0", "9") }, store.Match{Ord: -2, Reason: store.MatchTaken, Others: "0", Count: 1}},
		"there, hidden ": {func(w *world) { w.record("9", "n@x.com") }, store.Match{Ord: -2, RecordID: "9"}},
	} {
		w := newWorld(t)
		w.row("1", 2, "a@x.com")
		w.record("8", "a@x.com")
		w.say("row 1", "record 9", store.TwinSame)
		tt.setup(w)
		if got := w.matched(1)["1"]; got != tt.want {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
	}
}

// What Review settles about such a row is carried out: it is another's after all, gets its record, or is
// matched as if nothing had been said.
func TestAPersonSettlesWhatBecomesOfARowWhoseRecordIsGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	w.row("1", 1, "a@x.com")
	w.record("8", "a@x.com")
	w.say("row 1", "record 9", store.TwinSame)
	w.matched(1)
	ok(t, w.PutConflicts(ctx, "run", []store.Conflict{{SyncID: w.sync.ID, RowKey: "1", Cause: plan.CauseChosen, HubSpot: "9"}}))
	ids := must[[]int64](t)(w.ConflictIDs(ctx, store.ConflictFilter{}))
	ok(t, w.Decide(ctx, ids, "skip", "", "me"))
	if w.matched(1); w.kinds()["1"] != "out" {
		t.Errorf("left out: %v", w.kinds())
	}
	ok(t, w.Decide(ctx, ids, "source", "", "me"))
	if got := w.matched(1)["1"]; got.RecordID != "8" || len(w.told()) != 0 {
		t.Errorf("%+v, %v", got, w.told())
	}
}

// A row that left the source leads nobody, and what is the same as it gets its record.
func TestARowThatIsGoneLeadsNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.row("1", 1, "a@x.com")
	w.row("2", 2, "b@x.com")
	w.record("9", "n@x.com")
	w.say("row 1", "record 9", store.TwinSame)
	w.say("row 1", "row 2", store.TwinSame)
	w.next()
	w.row("2", 2, "b@x.com")
	w.record("9", "n@x.com")
	ok(t, w.reading.End(t.Context()))
	if got := w.matched(1); got["2"].RecordID != "9" {
		t.Errorf("%+v, %v", got, w.kinds())
	}
}

// Whatever is said in whatever order, also between merges and reads: what was accepted is kept until it is
// taken back, one of two that do not agree is refused, and the next matching makes nobody twice.
func TestNoDecisionIsLostAndNoRecordIsDoubled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		w.sync = must[store.Sync](t)(w.EnsureSync(t.Context(), store.Sync{Name: "A", Path: fmt.Sprintf("/%d.yaml", n), PortalID: 1, Object: fmt.Sprintf("0-%d", n)}, fmt.Sprintf("sync %d", n)))
		w.next()
		newTwinCheck(w, r).run()
	})
}

// twinCheck is a world beside which it is remembered what was said.
type twinCheck struct {
	*world
	r      *rapid.T
	object string
	same   map[[2]string]bool // what is said, by the two
	into   map[string]string  // records that were merged
	linked map[string]string
	gone   map[string]bool
}

func newTwinCheck(w *world, r *rapid.T) *twinCheck {
	c := &twinCheck{world: w, r: r, object: w.sync.Object, same: map[[2]string]bool{}, into: map[string]string{}, linked: map[string]string{}, gone: map[string]bool{}}
	for i := range 4 {
		// Some rows are joined with records by their addresses.
		c.row(fmt.Sprint(i), i+1, fmt.Sprintf("%d@x.com", i))
		c.record(fmt.Sprint(10+i), fmt.Sprintf("%d@x.com", i+rapid.IntRange(0, 1).Draw(r, "another")*10))
	}
	if key := rapid.IntRange(0, 7).Draw(r, "linked"); key < 4 {
		c.link(fmt.Sprint(key), "13")
		c.linked[fmt.Sprint(key)] = "13"
	}
	return c
}

func (c *twinCheck) run() {
	ends := []string{"row 0", "row 1", "row 2", "row 3", "record 10", "record 11", "record 12", "record 13"}
	for range rapid.IntRange(1, 10).Draw(c.r, "decisions") {
		two := []string{rapid.SampledFrom(ends[:4]).Draw(c.r, "a"), rapid.SampledFrom(ends).Draw(c.r, "b")}
		if slices.Sort(two); two[0] == two[1] {
			continue
		}
		switch do := rapid.IntRange(0, 9).Draw(c.r, "do"); do {
		case 0:
			c.merge()
		case 1:
			c.forget(two[0], two[1])
		default:
			c.decide(two[0], two[1], do > 4)
		}
		c.compare()
	}
	c.check()
}

func (c *twinCheck) twin(a, b string, v store.Verdict) store.Twin {
	t := c.said(a, b, v)
	t.Object, t.Joined = c.object, v == store.TwinDifferent && strings.HasPrefix(a, "record") && rapid.Bool().Draw(c.r, "joined")
	return t
}

func (c *twinCheck) decide(a, b string, same bool) {
	v := store.TwinDifferent
	if same {
		v = store.TwinSame
	}
	err := c.PutTwin(c.t.Context(), c.twin(a, b, v))
	var opposed *store.TwinOpposedError
	var links *store.TwinLinksError
	switch {
	case err == nil:
		c.same[[2]string{a, b}] = same
	case !errors.As(err, &opposed) && !errors.As(err, &links):
		c.r.Fatal(err)
	}
}

func (c *twinCheck) forget(a, b string) {
	if err := c.ForgetTwin(c.t.Context(), c.twin(a, b, "")); err != nil {
		c.r.Fatal(err)
	}
	delete(c.same, [2]string{a, b})
}

// merge merges two records that no row is linked to, as HubSpot does.
func (c *twinCheck) merge() {
	if len(c.into) > 0 {
		return
	}
	ctx := c.t.Context()
	c.record("20", "merged@x.com")
	for _, id := range []string{"10", "11"} {
		c.into[id] = "20"
		if err := errors.Join(c.MarkGone(ctx, c.sync.ID, c.pull, id, plan.GoneMerged, "20"), c.FollowMerge(ctx, 1, c.object, id, "20")); err != nil {
			c.r.Fatal(err)
		}
	}
	moved := map[[2]string]bool{}
	for two, same := range c.same {
		if id, ok := strings.CutPrefix(two[0], "record "); ok && c.into[id] != "" {
			two[0] = "record 20"
		}
		moved[two] = moved[two] || same
	}
	c.same = moved
}

// compare holds what is kept against what was said.
func (c *twinCheck) compare() {
	twins, err := c.Twins(c.t.Context(), 1, c.object, c.sync.ID)
	if err != nil {
		c.r.Fatal(err)
	}
	kept := map[[2]string]bool{}
	for _, t := range twins {
		kept[[2]string{string(t.A), string(t.B)}] = t.Verdict == store.TwinSame
	}
	if !maps.Equal(kept, c.same) {
		c.r.Fatalf("said %v, kept %v", c.same, kept)
	}
}

// fates are what the next run makes of each row: the record that it goes on with, or that would be made
// of it, or "" of one that waits.
func (c *twinCheck) fates() map[string]string {
	matched, rulings := c.matched(1), must[map[string]store.Ruling](c.t)(c.Rulings(c.t.Context(), c.sync.ID))
	all := map[string]string{}
	for i := range 4 {
		key := fmt.Sprint(i)
		m, r := matched[key], rulings[key]
		switch {
		case c.linked[key] != "":
			all[key] = c.linked[key]
		case r.Kind == plan.RuleSame:
			all[key] = "same " + r.Lead
		case m.RecordID != "":
			all[key] = m.RecordID
		case m.Reason != "":
			all[key] = ""
		default:
			all[key] = "new of " + key
		}
	}
	for key, fate := range all {
		if lead, ok := strings.CutPrefix(fate, "same "); ok {
			if all[key] = all[lead]; strings.HasPrefix(all[lead], "same ") {
				c.r.Fatalf("row %s counts as one with row %s, which does not lead: %v", key, lead, all)
			}
		}
	}
	return all
}

func (c *twinCheck) check() {
	fates := c.fates()
	for two, same := range c.same {
		b := strings.TrimPrefix(two[1], "row ")
		if id, ok := strings.CutPrefix(two[0], "record "); ok {
			if fate := fates[b]; same && fate != id && fate != "" || !same && fate == id {
				c.r.Fatalf("%v is %v, and the rows become %v", two, same, fates)
			}
			continue
		}
		a := strings.TrimPrefix(two[0], "row ")
		if x, y := fates[a], fates[b]; same && x != y && x != "" && y != "" {
			c.r.Fatalf("%v are the same, and the rows become %v", two, fates)
		}
	}
}
