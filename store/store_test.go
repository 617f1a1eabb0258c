package store_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncline/store"
	"syncline/sync/plan"
	"syncline/sync/record"
)

func open(t testing.TB) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// world is a store with one sync in which a pull has begun.
type world struct {
	*store.Store
	t    testing.TB
	sync store.Sync
	pull int64

	duplicates string
	reading    *store.Reading
}

func newWorld(t testing.TB) *world {
	s := open(t)
	w := &world{Store: s, t: t, duplicates: "review"}
	w.sync = must[store.Sync](t)(s.EnsureSync(t.Context(), store.Sync{Name: "A", Path: "/a.yaml", PortalID: 1, Object: "0-1"}, "aaaaaaaaaa"))
	w.next()
	return w
}

// next begins another complete read.
func (w *world) next() {
	w.pull = must[int64](w.t)(w.BeginPull(w.t.Context(), w.sync.ID))
	w.reading = must[*store.Reading](w.t)(w.BeginRows(w.t.Context(), w.sync.ID, w.pull, []byte("map")))
}

// see keeps a row as a read shows it.
func (w *world) see(r store.RowSeen) {
	w.t.Helper()
	ok(w.t, w.reading.See(w.t.Context(), []store.RowSeen{r}, nil, nil))
}

func hash(v record.Values) []byte {
	sum := sha256.Sum256([]byte(v.JSON()))
	return sum[:16]
}

func values(email string) record.Values { return record.Values{"email": record.Text(email)} }

// row sees a row that differs from every other one.
func (w *world) row(key string, line int, match ...string) {
	w.t.Helper()
	w.rowWith(key, line, key, match...)
}

func (w *world) rowWith(key string, line int, name string, match ...string) {
	w.t.Helper()
	v := values(match[0])
	v["name"] = record.Text(name)
	w.see(store.RowSeen{Key: key, Line: line, Hash: hash(v), RawHash: hash(v), Values: v, Raw: v, Match: match})
}

func (w *world) record(id string, match ...string) {
	w.t.Helper()
	var all [][]string
	for _, m := range match {
		all = append(all, strings.Fields(m))
	}
	v := values(match[0])
	ok(w.t, w.SeeRecords(w.t.Context(), w.sync.ID, w.pull, []store.RecordSeen{{ID: id, Hash: hash(v), Values: v, InScope: true, Match: all, Updated: time.UnixMilli(1)}}))
}

func (w *world) link(key, id string) {
	w.t.Helper()
	pl := plan.Plan{ID: fmt.Sprintf("p-%d-%s", w.sync.ID, key), SyncID: w.sync.ID, Kind: plan.KindSync, Made: time.Now(), Pull: w.pull}
	ok(w.t, w.NewPlan(w.t.Context(), pl))
	ok(w.t, w.AddItems(w.t.Context(), pl.ID, []plan.Item{{N: 1, Kind: plan.ItemLink, Fate: plan.FateUnchanged, RowKey: key}}))
	v := values("agreed")
	must[map[plan.Fate]int](w.t)(w.FinishBatch(w.t.Context(), w.sync.ID, "run", hash, []store.Outcome{{PlanID: pl.ID, N: 1, Fate: plan.FateUnchanged, Link: &store.Link{RowKey: key, RecordID: id}, Source: v, HubSpot: v}}))
}

func (w *world) matched(keys int) map[string]store.Match {
	w.t.Helper()
	ok(w.t, w.MatchRows(w.t.Context(), w.sync.ID, keys, w.duplicates, func(key string) string { return "ours-" + key }))
	all := map[string]store.Match{}
	for u, err := range w.UnlinkedRows(w.t.Context(), w.sync.ID) {
		ok(w.t, err)
		if u.Match != (store.Match{}) {
			all[u.Row.Key] = u.Match
		}
	}
	return all
}

func TestMatchingIsOneToOneOrNotAtAll(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		setup func(*world)
		keys  int
		want  map[string]store.Match
	}{
		{"one row, one record", func(w *world) { w.row("1", 1, "a@x.com"); w.record("9", "a@x.com") }, 1,
			map[string]store.Match{"1": {RecordID: "9"}}},
		{"no record", func(w *world) { w.row("1", 1, "a@x.com"); w.record("9", "b@x.com") }, 1, map[string]store.Match{}},
		{"a secondary address counts", func(w *world) { w.row("1", 1, "a@x.com"); w.record("9", "b@x.com a@x.com") }, 1,
			map[string]store.Match{"1": {RecordID: "9"}}},
		{"rows that share a value are not merged", func(w *world) { w.row("1", 1, "a@x.com"); w.row("2", 2, "a@x.com"); w.record("9", "a@x.com") }, 1,
			map[string]store.Match{"1": {Reason: "shared", Others: "1, 2", Count: 2}, "2": {Reason: "shared", Others: "1, 2", Count: 2}}},
		{"rows that share a value no record has", func(w *world) { w.row("1", 1, "a@x.com"); w.row("2", 2, "a@x.com") }, 1,
			map[string]store.Match{"1": {Reason: "shared", Others: "1, 2", Count: 2}, "2": {Reason: "shared", Others: "1, 2", Count: 2}}},
		{"several records", func(w *world) { w.row("1", 1, "a@x.com"); w.record("8", "a@x.com"); w.record("9", "a@x.com") }, 1,
			map[string]store.Match{"1": {Reason: "several", Others: "8, 9", Count: 2}}},
		{"the record belongs to another row", func(w *world) { w.link("0", "9"); w.row("1", 1, "a@x.com"); w.record("9", "a@x.com") }, 1,
			map[string]store.Match{"1": {Reason: "taken", Others: "0", Count: 1}}},
		{"an empty value matches nothing", func(w *world) { w.row("1", 1, ""); w.row("2", 2, ""); w.record("9", "") }, 1, map[string]store.Match{}},
		{"the second key is asked when the first finds nothing", func(w *world) { w.row("1", 1, "a@x.com", "L1"); w.record("9", "b@x.com", "L1") }, 2,
			map[string]store.Match{"1": {RecordID: "9", Ord: 1}}},
		{"the first key that finds something decides", func(w *world) {
			w.row("1", 1, "a@x.com", "L1")
			w.record("8", "a@x.com", "")
			w.record("9", "b@x.com", "L1")
		}, 2, map[string]store.Match{"1": {RecordID: "8"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tt.setup(w)
			if diff := cmp.Diff(tt.want, w.matched(tt.keys)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestOfManyOthersOnlyTheFirstTenAreNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := 1; i <= 12; i++ {
		w.row(fmt.Sprintf("row %d", i), i, "none", fmt.Sprintf("L%d", i))
		w.record(fmt.Sprint(100+i), "", "several")
	}
	w.row("13", 13, "", "several")
	all := w.matched(2)
	if m := all["row 12"]; m.Count != 12 || m.Others != "row 1, row 2, row 3, row 4, row 5, row 6, row 7, row 8, row 9, row 10" {
		t.Errorf("%+v", m)
	}
	if m := all["13"]; m.Reason != store.MatchSeveral || m.Count != 12 || strings.Count(m.Others, ", ") != 9 {
		t.Errorf("%+v", m)
	}
	// Each of the twelve may be the row's record, so none is brought to the source as a new row.
	for r, err := range w.UnlinkedRecords(t.Context(), w.sync.ID) {
		ok(t, err)
		t.Errorf("record %s counts as one that no row wants", r.ID)
	}
}

func TestAPersonSettlesWhichRowIsMeant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.row("1", 1, "a@x.com")
	w.row("2", 2, "a@x.com")
	w.record("9", "a@x.com")
	w.matched(1)
	ok(t, w.PutConflicts(t.Context(), "run", []store.Conflict{{SyncID: w.sync.ID, RowKey: "1", Cause: "identity-shared", HubSpot: "1, 2"}, {SyncID: w.sync.ID, RowKey: "2", Cause: "identity-shared", HubSpot: "1, 2"}}))
	ids := must[[]int64](t)(w.ConflictIDs(t.Context(), store.ConflictFilter{}))
	ok(t, w.Decide(t.Context(), ids[1:], "skip", "", "me"))
	if diff := cmp.Diff(map[string]store.Match{"1": {RecordID: "9"}}, w.matched(1)); diff != "" {
		t.Errorf("with row 2 left out (-want +got)\n%s", diff)
	}
	ok(t, w.Decide(t.Context(), ids, "", "", ""))
	ok(t, w.Decide(t.Context(), ids[1:], "source", "", "me"))
	if got := w.matched(1)["2"]; got.RecordID != "9" {
		t.Errorf("row 2 was chosen and got %+v", got)
	}
	if err := w.KeepApart(t.Context(), w.sync.ID, "2", "9"); err != nil {
		t.Fatal(err)
	}
	if got := w.matched(1)["2"]; got.RecordID != "" {
		t.Errorf("row 2 and record 9 were kept apart and got %+v", got)
	}
}

func TestRowsThatAgreeInEveryFieldCountAsOne(t *testing.T) {
	t.Parallel()
	for duplicates, want := range map[string]map[string]store.Match{
		"review": {"1": {RecordID: "9"}, "2": {Reason: "same", Others: "1", Count: 1}},
		"last":   {"2": {RecordID: "9"}, "1": {Reason: "same", Others: "2", Count: 1}},
	} {
		w := newWorld(t)
		w.rowWith("1", 1, "x", "a@x.com")
		w.rowWith("2", 2, "x", "a@x.com")
		w.record("9", "a@x.com")
		w.duplicates = duplicates
		if diff := cmp.Diff(want, w.matched(1)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", duplicates, diff)
		}
	}
}

// A read of what changed only sees little: what it does not see is as it was.
func TestWhatWasNotSeenIsNotGone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	w.row("1", 1, "a@x.com")
	w.row("2", 2, "b@x.com")
	w.record("9", "b@x.com")
	ok(t, w.reading.End(ctx))
	w.pull = must[int64](t)(w.BeginPull(ctx, w.sync.ID))
	w.reading = must[*store.Reading](t)(w.ReadSomeRows(ctx, w.sync.ID, w.pull, []byte("map")))
	w.rowWith("1", 1, "new", "a@x.com")
	if got := must[store.Tally](t)(w.Tally(ctx, w.sync.ID)); got.Rows != 2 {
		t.Errorf("%d rows, want 2", got.Rows)
	}
	if diff := cmp.Diff(map[string]store.Match{"2": {RecordID: "9"}}, w.matched(1)); diff != "" {
		t.Errorf("an unseen row no longer matches (-want +got)\n%s", diff)
	}
	w.next()
	w.row("1", 1, "a@x.com")
	ok(t, w.reading.End(ctx))
	first := w.pull
	w.next()
	w.row("1", 1, "a@x.com")
	ok(t, w.reading.End(ctx))
	if got := must[store.SeenPair](t)(w.SeenPair(ctx, w.sync.ID, "2", "")); got.Row == nil || got.Row.GonePull != first {
		t.Errorf("row 2 is %+v, want gone since pull %d", got.Row, first)
	}
	w.next()
	w.row("2", 2, "b@x.com")
	if got := must[store.SeenPair](t)(w.SeenPair(ctx, w.sync.ID, "2", "")); got.Row.GonePull != 0 {
		t.Error("a row that is back counts as gone")
	}
}

func TestOnlyPairsWithNewsAreCompared(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	see := func(key, id, source, hubspot string) {
		s, h := values(source), values(hubspot)
		w.see(store.RowSeen{Key: key, Hash: hash(s), RawHash: hash(s), Values: s, Raw: s})
		ok(t, w.SeeRecords(ctx, w.sync.ID, w.pull, []store.RecordSeen{{ID: id, Hash: hash(h), Values: h, InScope: true}}))
	}
	for _, n := range []string{"1", "2", "3", "4", "5"} {
		w.link(n, n+"0")
	}
	w.next()
	see("1", "10", "agreed", "agreed")
	see("2", "20", "new", "agreed")
	see("3", "30", "agreed", "new")
	see("4", "40", "agreed", "agreed")
	// Row 5 left the source.
	see("9", "50", "x", "agreed")
	ok(t, w.PutConflicts(ctx, "run", []store.Conflict{{SyncID: w.sync.ID, RowKey: "4", Property: "email"}}))
	var got []string
	for p, err := range w.ChangedPairs(ctx, w.sync.ID, false) {
		ok(t, err)
		got = append(got, p.Link.RowKey)
		if (p.Row == nil) != (p.Link.RowKey == "5") {
			t.Errorf("row %s: %+v", p.Link.RowKey, p.Row)
		}
	}
	if diff := cmp.Diff([]string{"2", "3", "4", "5"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestADecisionStandsOnlyForTheValuesItWasMadeOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	c := store.Conflict{SyncID: w.sync.ID, RowKey: "1", Field: "Email", Property: "email", Source: "a", HubSpot: "b"}
	ok(t, w.PutConflicts(ctx, "r1", []store.Conflict{c}))
	ids := must[[]int64](t)(w.ConflictIDs(ctx, store.ConflictFilter{Field: "Email"}))
	ok(t, w.Decide(ctx, ids, "source", "", "me"))
	ok(t, w.PutConflicts(ctx, "r2", []store.Conflict{c}))
	if got := must[[]store.Conflict](t)(w.Conflicts(ctx, ids)); got[0].State != "decided" {
		t.Errorf("the same values made it %s", got[0].State)
	}
	c.HubSpot = "c"
	ok(t, w.PutConflicts(ctx, "r3", []store.Conflict{c}))
	if got := must[[]store.Conflict](t)(w.Conflicts(ctx, ids)); got[0].State != "open" {
		t.Errorf("a value that nobody has seen left it %s", got[0].State)
	}
}

// A choice that a cause does not have settles nothing: the conflict stays open.
func TestAChoiceThatCannotSettleAConflictLeavesItOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	all := []store.Conflict{
		{SyncID: w.sync.ID, RowKey: "1", Field: "id", Property: "row_id", Cause: plan.CauseKey, Source: "1", HubSpot: "2"},
		{SyncID: w.sync.ID, RowKey: "1", Field: "Email", Property: "email", Cause: plan.CauseBothChanged, Source: "a", HubSpot: "b"},
	}
	ok(t, w.PutConflicts(ctx, "r1", all))
	ids := must[[]int64](t)(w.ConflictIDs(ctx, store.ConflictFilter{}))
	ok(t, w.Decide(ctx, ids, plan.ChooseHubSpot, "", "me"))
	if left := must[[]int64](t)(w.ConflictIDs(ctx, store.ConflictFilter{})); len(left) != 1 {
		t.Fatalf("%v of %v stay open", left, ids)
	}
	ok(t, w.Decide(ctx, ids, plan.ChooseSource, "", "me"))
	if left := must[[]int64](t)(w.ConflictIDs(ctx, store.ConflictFilter{})); len(left) != 0 {
		t.Errorf("%v stay open", left)
	}
}

func TestRowsWithTheSameKeyAreCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.row("1", 1, "a@x.com")
	w.row("1", 2, "b@x.com")
	for u, err := range w.UnlinkedRows(t.Context(), w.sync.ID) {
		ok(t, err)
		if u.Row.Copies != 2 {
			t.Errorf("copies = %d, want 2", u.Row.Copies)
		}
	}
	tally := must[store.Tally](t)(w.Tally(t.Context(), w.sync.ID))
	if tally.Rows != 2 {
		t.Errorf("rows = %d, want 2", tally.Rows)
	}
}

func TestTheJournalSurvivesAndIsSettledOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	ok(t, w.NewPlan(ctx, plan.Plan{ID: "p", SyncID: w.sync.ID, Kind: plan.KindSync, Made: time.Now(), Pull: w.pull}))
	ok(t, w.AddItems(ctx, "p", []plan.Item{{N: 1, Kind: plan.ItemCreate, Fate: plan.FateCreated, RowKey: "1"}}))
	ok(t, w.StartRun(ctx, store.Run{ID: "r", SyncID: w.sync.ID, PlanID: "p", Kind: plan.KindRun, Started: time.Now()}))
	ops := []store.Op{{RunID: "r", PlanID: "p", SyncID: w.sync.ID, N: 1, Side: plan.HubSpot, Kind: plan.OpCreate, RowKey: "1", SyncKey: "k", Fields: values("a"), Pre: record.Values{}, Batch: "b", TraceID: "b-1", Sent: time.Now()}}
	ok(t, w.BeginBatch(ctx, ops))
	sent := must[[]store.Op](t)(w.SentOps(ctx, w.sync.ID))
	if len(sent) != 1 || sent[0].LinkID == 0 || sent[0].Fields["email"] != record.Text("a") {
		t.Fatalf("sent = %+v", sent)
	}
	v := values("a")
	came := must[map[plan.Fate]int](t)(w.FinishBatch(ctx, w.sync.ID, "r", hash, []store.Outcome{{Op: sent[0], State: plan.OpDone, PlanID: "p", N: 1, Fate: plan.FateCreated,
		Link: &store.Link{RowKey: "1", RecordID: "77", SyncKey: "k"}, Source: v, HubSpot: v, Audit: []store.Audit{{RowKey: "1", RecordID: "77", Side: plan.HubSpot, Action: plan.OpCreate}}}}))
	if left := must[[]store.Op](t)(w.SentOps(ctx, w.sync.ID)); len(left) != 0 {
		t.Errorf("still sent: %+v", left)
	}
	if diff := cmp.Diff(map[plan.Fate]int{plan.FateCreated: 1, plan.FateToDo: -1}, came); diff != "" {
		t.Errorf("came (-want +got)\n%s", diff)
	}
	fates := must[map[plan.Fate]int](t)(w.Fates(ctx, "p"))
	if diff := cmp.Diff(map[plan.Fate]int{plan.FateCreated: 1}, fates); diff != "" {
		t.Errorf("fates (-want +got)\n%s", diff)
	}
	n := 0
	for a, err := range w.AuditOf(ctx, "r") {
		ok(t, err)
		n++
		if a.RecordID != "77" || a.LinkID == 0 {
			t.Errorf("audit = %+v", a)
		}
	}
	if n != 1 {
		t.Errorf("%d audit rows, want 1", n)
	}
}

func TestOnlyOneProcessRunsASync(t *testing.T) {
	t.Parallel()
	s := open(t)
	release := must[func()](t)(s.Lease(1))
	if _, err := s.Lease(1); !errors.Is(err, store.ErrBusy) {
		t.Errorf("a second lease gave %v", err)
	}
	release()
	release = must[func()](t)(s.Lease(1))
	release()
}

func TestAnInterruptedProgramLeavesAWorkspaceThatOpens(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := must[*store.Store](t)(store.Open(t.Context(), dir))
	y := must[store.Sync](t)(s.EnsureSync(t.Context(), store.Sync{Name: "A"}, "aaaaaaaaaa"))
	ok(t, s.StartRun(t.Context(), store.Run{ID: "r", SyncID: y.ID, Kind: plan.KindRun, Started: time.Now()}))
	// A kill leaves the file as it is and lets go of the locks.
	crashed := t.TempDir()
	for _, name := range []string{store.File, store.File + "-wal"} {
		b := must[[]byte](t)(os.ReadFile(filepath.Join(dir, name)))
		ok(t, os.WriteFile(filepath.Join(crashed, name), b, 0o600))
	}
	ok(t, s.Close())
	again := must[*store.Store](t)(store.Open(t.Context(), crashed))
	defer again.Close()
	if r := must[store.Run](t)(again.Run(t.Context(), "r")); r.State != "interrupted" {
		t.Errorf("the run is %s, want interrupted", r.State)
	}
}

func TestAFileOfANewerProgramIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db := must[*sql.DB](t)(sql.Open("sqlite3", filepath.Join(dir, store.File)))
	_, err := db.Exec(`PRAGMA user_version = 999`)
	ok(t, err)
	ok(t, db.Close())
	_, err = store.Open(context.Background(), dir)
	if err == nil || !strings.Contains(err.Error(), "newer Syncline") {
		t.Errorf("got %v", err)
	}
}

func TestAFileWhoseMigrationsReadDifferentlyIsRefused(t *testing.T) {
	t.Parallel()
	for _, tamper := range []string{
		`UPDATE meta SET value = 'another text' WHERE key = 'migration.1'`,
		`DELETE FROM meta WHERE key = 'migration.2'`,
	} {
		dir := t.TempDir()
		ok(t, must[*store.Store](t)(store.Open(t.Context(), dir)).Close())
		ok(t, must[*store.Store](t)(store.Open(t.Context(), dir)).Close()) // the same program opens it again
		db := must[*sql.DB](t)(sql.Open("sqlite3", filepath.Join(dir, store.File)))
		_, err := db.Exec(tamper)
		ok(t, err)
		ok(t, db.Close())
		_, err = store.Open(t.Context(), dir)
		if err == nil || !strings.Contains(err.Error(), "another build of Syncline") {
			t.Errorf("%s: got %v", tamper, err)
		}
	}
}

func TestADamagedFileIsSaidToBe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ok(t, os.WriteFile(filepath.Join(dir, store.File), []byte(strings.Repeat("no database ", 1000)), 0o600))
	_, err := store.Open(t.Context(), dir)
	if err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("got %v", err)
	}
}

// A row that goes on with the record of a link under a new key is told by that link, until it
// has one under its key.
func TestAPairUnderANewKeyIsTheOneOfItsLink(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.next()
	w.row("02", 2, "a@example.com")
	w.record("9", "a@example.com")
	w.link("2", "9")
	links := must[store.Links](t)(w.LinksNow(t.Context(), w.sync.ID, []string{"9"}, nil))
	id := links.ByRecord["9"].ID
	if p := must[store.Pair](t)(w.PairNow(t.Context(), w.sync.ID, id, "02", "9")); p.Link.ID != id || p.Link.RowKey != "02" || p.Row == nil || p.Record == nil {
		t.Errorf("%+v", p)
	}
	if p := must[store.Pair](t)(w.PairNow(t.Context(), w.sync.ID, 0, "02", "9")); p.Link.ID != 0 {
		t.Errorf("%+v", p)
	}
}
