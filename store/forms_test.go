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
