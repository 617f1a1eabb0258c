package store_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"syncline/store"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// op is a write of one value, under a name that gives its form.
func (w *world) op(name, trace string) store.Op {
	return store.Op{RunID: "run", SyncID: w.sync.ID, PlanID: "p", Side: plan.HubSpot, Kind: plan.OpUpdate, LinkID: 1, RecordID: "9", RowKey: "1",
		Fields: record.Values{name: record.Text("sent")}, Pre: record.Values{}, Batch: "b", TraceID: trace, Sent: time.UnixMilli(1)}
}

// What a commit that failed made of forms is none: what is written after it, or
// beside it, can be read.
func TestAFormOfACommitThatFailedIsNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	ok(t, w.StartRun(ctx, store.Run{ID: "run", SyncID: w.sync.ID, Kind: plan.KindRun, Started: time.UnixMilli(1)}))
	ok(t, w.BeginBatch(ctx, []store.Op{w.op("first", "taken")}))
	var all sync.WaitGroup
	for i := range 40 {
		name := strings.Repeat("n", i/4+1) // several that fail and several that don't share a form
		all.Go(func() {
			if i%2 == 0 {
				if err := w.BeginBatch(ctx, []store.Op{w.op(name, "taken")}); err == nil {
					t.Error("a trace id is given twice")
				}
				return
			}
			if err := w.BeginBatch(ctx, []store.Op{w.op(name, "t"+strings.Repeat("x", i))}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	ok(t, w.Close())
	again := must[*store.Store](t)(store.Open(ctx, w.Dir()))
	defer again.Close()
	ops := must[[]store.Op](t)(again.SentOps(ctx, w.sync.ID))
	if len(ops) != 21 {
		t.Fatalf("%d operations, want 21", len(ops))
	}
	for _, o := range ops {
		for name, v := range o.Fields {
			if v.String() != "sent" {
				t.Errorf("%s is %q", name, v)
			}
		}
	}
}

// What is kept of a row is what was seen of it, whether its cells are the values
// that they became or not, and whatever the two are called.
func TestARowIsKeptAsItWasSeen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	texts := []record.Value{record.Text("Ann"), record.Text("Ann"), record.Text("12"), record.Text(""), record.None(), {}, record.Text("\"<é"), record.Text("x")}
	want := map[string]store.RowSeen{}
	var keys []string
	for i := range 8 * 8 * 8 {
		for names, of := range [][2][]string{{{"a", "b"}, {"A", "B", "C"}}, {{"a", "b"}, {"a", "b"}}, {{"b"}, {"a", "b"}}, {{}, {"A"}}} {
			r := store.RowSeen{Key: strings.Repeat("k", names+1) + string(rune('0'+i)), Line: i, Values: record.Values{}, Raw: record.Values{}}
			for nth, name := range of[0] {
				r.Values[name] = texts[i>>(3*nth)%8]
			}
			for nth, name := range of[1] {
				r.Raw[name] = texts[i>>(3*(2-nth))%8]
			}
			r.Hash, r.RawHash = hash(r.Values), hash(r.Raw)
			want[r.Key], keys = r, append(keys, r.Key)
			w.see(r)
		}
	}
	same := func(a, b record.Values) bool {
		for name := range a {
			if a[name] != b[name] {
				return false
			}
		}
		return len(a) == len(b)
	}
	for key, got := range must[map[string]store.RowSeen](t)(w.RowsSeen(t.Context(), w.sync.ID, keys)) {
		r := want[key]
		if !same(r.Values, got.Values) || !same(r.Raw, got.Raw) {
			t.Errorf("%s: %v and %v, want %v and %v", key, got.Values, got.Raw, r.Values, r.Raw)
		}
		delete(want, key)
	}
	if len(want) > 0 {
		t.Errorf("%d rows are not there", len(want))
	}
}
