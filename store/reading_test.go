package store_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"syncline/store"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// reader reads a source as the engine does: rows that are known are not taken
// to values.
type reader struct {
	*world
	taken []string // keys of the rows that were
	last  bool     // of rows with the same key the last one leads
}

type line struct{ key, cell string }

func (r *reader) read(by string, lines ...line) {
	r.t.Helper()
	ctx := r.t.Context()
	r.taken = nil
	r.pull = must[int64](r.t)(r.BeginPull(ctx, r.sync.ID))
	reading := must[*store.Reading](r.t)(r.BeginRows(ctx, r.sync.ID, r.pull, []byte(by)))
	reading.Last = r.last
	for page := range slices.Chunk(lines, 3) {
		keys, hashes := make([]string, len(page)), make([][]byte, len(page))
		for i, l := range page {
			keys[i], hashes[i] = l.key, hash(values(l.cell))
		}
		known := must[[]store.Known](r.t)(reading.Known(ctx, keys, hashes))
		whole := func(i int) store.RowSeen {
			r.taken = append(r.taken, page[i].key)
			raw, v := values(page[i].cell), values(by+page[i].cell)
			return store.RowSeen{Key: page[i].key, Line: i, Hash: hash(v), RawHash: hash(raw), Values: v, Raw: raw, Match: []string{page[i].cell}}
		}
		rows := make([]store.RowSeen, len(page))
		for i, l := range page {
			if rows[i] = (store.RowSeen{Key: l.key, Line: i, Known: known[i]}); known[i].ID == 0 {
				rows[i] = whole(i)
			}
		}
		ok(r.t, reading.See(ctx, rows, nil, whole))
	}
	ok(r.t, reading.End(ctx))
}

func (r *reader) has(key, email string, copies int) {
	r.t.Helper()
	got := must[store.SeenPair](r.t)(r.SeenPair(r.t.Context(), r.sync.ID, key, ""))
	if got.Row == nil || got.Row.GonePull != 0 || got.Row.Values["email"].String() != email || got.Row.Copies != copies {
		r.t.Errorf("row %q is %+v, want %q in %d copies", key, got.Row, email, copies)
	}
}

func (r *reader) took(want ...string) {
	r.t.Helper()
	if !slices.Equal(r.taken, want) {
		r.t.Errorf("taken to values: %q, want %q", r.taken, want)
	}
}

func TestARowThatIsAsItWasIsNotTakenToValuesAgain(t *testing.T) {
	t.Parallel()
	r := &reader{world: newWorld(t)}
	a, b, c := line{"1", "a@x"}, line{"2", "b@x"}, line{"3", "c@x"}
	r.read("old ", a, b, c)
	r.took("1", "2", "3")
	r.read("old ", c, a, b) // in another order
	r.took()
	r.read("old ", a, line{"2", "new@x"}, c)
	r.took("2")
	r.has("1", "old a@x", 1)
	r.has("2", "old new@x", 1)
	r.read("new ", a, b, c)
	r.took("1", "2", "3")
	r.has("1", "new a@x", 1)

	// A row that left and returns is looked at.
	r.read("new ", a, c)
	r.read("new ", a, b, c)
	r.took("2")
	// So is one that stands there twice now, and is again when it stands there once.
	r.read("new ", a, b, c, b)
	r.has("2", "new b@x", 2)
	r.read("new ", a, b, c)
	r.has("2", "new b@x", 1)
	r.took("2")
	r.read("new ", a, b, c)
	r.took()
}

// What the workspace knows of a row by other means than its cells is no reason
// to pass over it once they count no more.
func TestARowWhoseValuesCameFromElsewhereIsTakenToValuesAgain(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	r := &reader{world: newWorld(t)}
	a := line{"1", "a@x"}
	r.read("", a)
	r.record("9", "a@x")
	r.link("1", "9")
	r.read("", a)
	r.took()
	// We wrote to the source, and somebody put the old cell back.
	v := values("ours@x")
	pl := plan.Plan{ID: "p", SyncID: r.sync.ID, Kind: plan.KindSync, Pull: r.pull}
	ok(t, r.NewPlan(ctx, pl))
	ok(t, r.AddItems(ctx, pl.ID, []plan.Item{{N: 1, Kind: plan.ItemUpdate, Fate: plan.FateUpdated, RowKey: "1"}}))
	must[map[plan.Fate]int](t)(r.FinishBatch(ctx, r.sync.ID, "run", hash, []store.Outcome{{PlanID: "p", N: 1, Fate: plan.FateUpdated, Link: &store.Link{RowKey: "1", RecordID: "9"}, RowValues: v}}))
	r.read("", a)
	r.took("1")
	r.has("1", "a@x", 1)
	// A person corrected a cell, and takes that back.
	ok(t, r.Correct(ctx, store.Correction{SyncID: r.sync.ID, RowKey: "1", Field: "email", Value: "b@x", Cell: "a@x"}))
	r.read("", a)
	r.took("1")
}

// A row that loses its link is matched again, though nothing about it changed.
func TestARowWithoutItsLinkIsMatchedAgain(t *testing.T) {
	t.Parallel()
	r := &reader{world: newWorld(t)}
	a := line{"1", "a@x"}
	r.record("9", "a@x")
	r.read("", a)
	r.link("1", "9")
	r.read("", a)
	ctx := t.Context()
	pl := plan.Plan{ID: "p", SyncID: r.sync.ID, Kind: plan.KindSync, Pull: r.pull}
	ok(t, r.NewPlan(ctx, pl))
	ok(t, r.AddItems(ctx, pl.ID, []plan.Item{{N: 1, Kind: plan.ItemArchive, Fate: plan.FateSkipped, RowKey: "1"}}))
	var link store.Pair
	for p, err := range r.ChangedPairs(ctx, r.sync.ID, true) {
		ok(t, err)
		link = p
	}
	must[map[plan.Fate]int](t)(r.FinishBatch(ctx, r.sync.ID, "run", hash, []store.Outcome{{PlanID: "p", N: 1, Fate: plan.FateSkipped, Op: store.Op{LinkID: link.Link.ID}, Drop: true}}))
	r.read("", a)
	r.took("1")
	if got := r.matched(1)["1"]; got.RecordID != "9" {
		t.Errorf("the row is matched with %+v, want record 9", got)
	}
}

// Whatever is read in whatever order, the workspace holds what the last read
// showed.
func TestTheWorkspaceHoldsWhatTheLastReadShowed(t *testing.T) {
	t.Parallel()
	w, n := newWorld(t), 0
	rapid.Check(t, func(rt *rapid.T) {
		r := &reader{world: &world{Store: w.Store, t: t, duplicates: "review"}}
		n++
		r.sync = must[store.Sync](t)(r.EnsureSync(t.Context(), store.Sync{Name: "A", Path: fmt.Sprint(n), PortalID: 1, Object: "0-1"}, fmt.Sprintf("aaaaaa%04d", n)))
		for range rapid.IntRange(1, 4).Draw(rt, "reads") {
			r.last = rapid.Bool().Draw(rt, "last leads")
			by := rapid.SampledFrom([]string{"x", "y"}).Draw(rt, "by")
			var lines []line
			want, copies := map[string]string{}, map[string]int{}
			for range rapid.IntRange(0, 8).Draw(rt, "rows") {
				l := line{rapid.SampledFrom([]string{"1", "2", "3", "4", "\xff", "a\x00b", "5"}).Draw(rt, "key"), fmt.Sprint(rapid.IntRange(0, 2).Draw(rt, "cell"))}
				lines = append(lines, l)
				if _, led := want[l.key]; !led || r.last {
					want[l.key] = by + l.cell
				}
				copies[l.key]++
			}
			r.read(by, lines...)
			for key, email := range want {
				r.has(key, email, copies[key])
			}
			if got := must[store.Tally](t)(r.Tally(t.Context(), r.sync.ID)); got.Rows != len(lines) {
				t.Errorf("%d rows, want %d", got.Rows, len(lines))
			}
		}
	})
}

// Values of every kind are read as they were kept, whatever stands around them.
func TestValuesAreKeptAsTheyAre(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rapid.Check(t, func(rt *rapid.T) {
		v := record.Values{}
		for _, name := range []string{"a", "b", "ü\"", "[", "9"} {
			switch rapid.IntRange(0, 3).Draw(rt, name) {
			case 0:
				v[name] = record.Text(rapid.SampledFrom([]string{"", "x", "[", "]", ",", "null", "0", "\"", "\\", "\u2028", "7[\"x\"]"}).Draw(rt, "text"))
			case 1:
				v[name] = record.None()
			case 2:
				v[name] = record.Value{}
			}
		}
		w.next()
		w.see(store.RowSeen{Key: "1", Hash: hash(v), RawHash: hash(v), Values: v, Raw: v})
		got := must[store.SeenPair](t)(w.SeenPair(t.Context(), w.sync.ID, "1", ""))
		if got.Row.Values.JSON() != v.JSON() || got.Row.Raw.JSON() != v.JSON() {
			rt.Errorf("%s and %s, want %s", got.Row.Values.JSON(), got.Row.Raw.JSON(), v.JSON())
		}
	})
}
