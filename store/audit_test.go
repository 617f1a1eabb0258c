package store_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"syncline/store"
	"syncline/sync/plan"
	"syncline/sync/record"
)

// creates begins a run that creates a record for each of n rows, and returns
// its operations.
func (w *world) creates(run string, n int) []store.Op {
	w.t.Helper()
	ctx := w.t.Context()
	items := make([]plan.Item, 0, n)
	ops := make([]store.Op, 0, n)
	for i := range n {
		key := fmt.Sprintf("%s-%d", run, i)
		items = append(items, plan.Item{N: i + 1, Kind: plan.ItemCreate, Fate: plan.FateCreated, RowKey: key, Reason: "no record matches this row"})
		ops = append(ops, store.Op{RunID: run, PlanID: "plan-" + run, SyncID: w.sync.ID, N: i + 1, Side: plan.HubSpot, Kind: plan.OpCreate, RowKey: key, SyncKey: "k" + key, Fields: values(key), Pre: record.Values{}, Batch: "b-" + run, TraceID: fmt.Sprintf("b-%s-%d", run, i), Sent: time.Now()})
	}
	ok(w.t, w.NewPlan(ctx, plan.Plan{ID: "plan-" + run, SyncID: w.sync.ID, Kind: plan.KindSync, Made: time.Now(), Pull: w.pull}))
	ok(w.t, w.AddItems(ctx, "plan-"+run, items))
	ok(w.t, w.StartRun(ctx, store.Run{ID: run, SyncID: w.sync.ID, PlanID: "plan-" + run, Kind: plan.KindRun, Started: time.Now()}))
	ok(w.t, w.BeginBatch(ctx, ops))
	return ops
}

// created are outcomes of creates, with what they wrote.
func created(ops []store.Op, written func(store.Op) []store.Audit) []store.Outcome {
	all := make([]store.Outcome, 0, len(ops))
	for i, op := range ops {
		id := fmt.Sprintf("9%s", strings.ReplaceAll(op.RowKey, "-", ""))
		v := values(op.RowKey)
		all = append(all, store.Outcome{Op: op, State: plan.OpDone, PlanID: op.PlanID, N: op.N, Fate: plan.FateCreated, Reason: "made", Verify: i%2 == 0, Version: time.UnixMilli(int64(1000 + i)),
			Link: &store.Link{RowKey: op.RowKey, RecordID: id, SyncKey: op.SyncKey}, Source: values(op.RowKey), HubSpot: values(op.RowKey + "@hub"),
			Record:     &store.RecordSeen{ID: id, Values: v, Updated: time.UnixMilli(int64(1000 + i)), Read: time.UnixMilli(5)},
			Identities: []store.Identity{{Ord: 0, New: op.RowKey}, {Ord: -1, New: op.SyncKey}}, Audit: written(op)})
	}
	return all
}

func text(s string) *string { return &s }

// allOf is what an operation may have written, the awkward too.
func allOf(op store.Op) []store.Audit {
	entry := store.Audit{RowKey: op.RowKey, RecordID: "9" + strings.ReplaceAll(op.RowKey, "-", ""), Side: plan.HubSpot, Action: plan.OpCreate, Why: "no record matches this row"}
	all := []store.Audit{entry}
	for field, after := range map[string]*string{"Email": text(`a "b" \ ` + op.RowKey + "\n"), "Name": text(""), "None": nil, "Bytes": text("x\xff\x00y"), "Last": text("é\u2028")} {
		e := entry
		e.Field, e.Property, e.Before, e.After, e.Why = field, strings.ToLower(field), text("was "+field), after, "new row"
		if field == "None" {
			e.Property, e.Before = "", nil
		}
		all = append(all, e)
	}
	slices.SortStableFunc(all, func(a, b store.Audit) int { return strings.Compare(a.Field, b.Field) })
	return all
}

func trailOf(t *testing.T, s *store.Store, run string) (all []store.Audit) {
	t.Helper()
	for a, err := range s.AuditOf(t.Context(), run) {
		ok(t, err)
		all = append(all, a)
	}
	return all
}

var asWritten = cmpopts.IgnoreFields(store.Audit{}, "ID", "RunID", "SyncID", "LinkID", "OpID", "At")

func TestWhatAnOperationWroteIsReadEntryByEntry(t *testing.T) {
	t.Parallel()
	for name, full := range map[string]bool{"with a form for them": false, "without room for another form": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ctx := t.Context()
			ops := w.creates("r", 3)
			if full {
				fill(t, w.Dir())
			}
			must[map[plan.Fate]int](t)(w.FinishBatch(ctx, w.sync.ID, "r", hash, created(ops, allOf)))
			var want []store.Audit
			for _, op := range ops {
				want = append(want, allOf(op)...)
			}
			got := trailOf(t, w.Store, "r")
			if diff := cmp.Diff(want, got, asWritten); diff != "" {
				t.Errorf("audit (-want +got)\n%s", diff)
			}
			for _, a := range got {
				if a.RunID != "r" || a.SyncID != w.sync.ID || a.LinkID == 0 || a.OpID == 0 || a.At.IsZero() {
					t.Errorf("an entry of nobody: %+v", a)
				}
			}
			trails := must[[]store.Trail](t)(w.Trails(ctx, "r", 0, 2, store.Part{}))
			if len(trails) != 2 || len(trails[0]) != 6 || len(trails[1]) != 6 {
				t.Errorf("trails = %+v", trails)
			}
			if diff := cmp.Diff([]string{"Bytes", "Email", "Last", "Name"}, must[[]string](t)(w.WroteFields(ctx, "r"))); diff != "" {
				t.Errorf("fields (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(allOf(ops[1]), must[[]store.Audit](t)(w.WrittenTo(ctx, w.sync.ID, ops[1].RowKey, "9r1", 0)), asWritten); diff != "" {
				t.Errorf("written to one record (-want +got)\n%s", diff)
			}
		})
	}
}

// fill leaves no room for another form.
func fill(t *testing.T, dir string) {
	t.Helper()
	raw(t, dir, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO form(text) SELECT 'x' || i FROM n`)
}

// raw changes the workspace behind the store's back.
func raw(t testing.TB, dir, q string) {
	t.Helper()
	db := must[*sql.DB](t)(sql.Open("sqlite3", filepath.Join(dir, store.File)))
	defer db.Close()
	_, err := db.Exec(q)
	ok(t, err)
}

func TestEntriesOfEarlierVersionsAreReadBesideNewOnes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ops := w.creates("r", 1)
	raw(t, w.Dir(), `INSERT INTO audit(run_id, sync_id, link_id, row_key, record_id, side, field, property, action, before, after, why, op_id, at) VALUES
		('r', 1, 1, 'r-0', '9r0', 'hubspot', '', '', 'create', NULL, NULL, 'earlier', 1, 5), ('r', 1, 1, 'r-0', '9r0', 'hubspot', 'Phone', 'phone', 'create', NULL, '1', 'earlier', 1, 5)`)
	must[map[plan.Fate]int](t)(w.FinishBatch(t.Context(), w.sync.ID, "r", hash, created(ops, allOf)))
	var fields []string
	for _, a := range trailOf(t, w.Store, "r") {
		fields = append(fields, a.Field)
	}
	if diff := cmp.Diff([]string{"", "Phone", "", "Bytes", "Email", "Last", "Name", "None"}, fields); diff != "" {
		t.Errorf("fields (-want +got)\n%s", diff)
	}
	if got := must[[]string](t)(w.WroteFields(t.Context(), "r")); !slices.Contains(got, "Phone") || !slices.Contains(got, "Email") {
		t.Errorf("fields = %v", got)
	}
}

// What a batch leaves is the same whether its outcomes are ended together or
// each by itself.
func TestABatchLeavesWhatItsOutcomesLeave(t *testing.T) {
	t.Parallel()
	const n = 120
	left := func(together bool) map[string][]string {
		w := newWorld(t)
		ctx := t.Context()
		ops := w.creates("r", n)
		outcomes := created(ops, allOf)
		// Some say more than most do, and the second pair of outcomes is of the same pair.
		outcomes[7].Aside = true
		outcomes[60].Attention = &store.Attention{RowKey: ops[60].RowKey, Class: plan.ClassRefused, Cause: "no", Message: "no"}
		outcomes[60].Fate = plan.FateFailed
		outcomes = append(outcomes, store.Outcome{Op: ops[3], State: plan.OpDone, PlanID: "plan-r", N: 4, Fate: plan.FateUpdated, Link: outcomes[3].Link, Source: record.Values{"more": record.Text("x")}, HubSpot: record.Values{"more": record.Text("y")},
			Record: &store.RecordSeen{ID: outcomes[3].Record.ID, Values: record.Values{"more": record.Text("y")}, Updated: time.UnixMilli(9), Read: time.UnixMilli(9)}, Identities: []store.Identity{{Ord: 0, Old: ops[3].RowKey, New: "moved"}}})
		if together {
			must[map[plan.Fate]int](t)(w.FinishBatch(ctx, w.sync.ID, "r", hash, outcomes))
		} else {
			for _, o := range outcomes {
				must[map[plan.Fate]int](t)(w.FinishBatch(ctx, w.sync.ID, "r", hash, []store.Outcome{o}))
			}
		}
		return dump(t, w.Dir(), "link", "base", "record_seen", "identity", "op", "plan_item", "attention", "audit")
	}
	if diff := cmp.Diff(left(false), left(true)); diff != "" {
		t.Errorf("one by one, and (+) together\n%s", diff)
	}
}

// dump is what tables hold, but for times of this machine.
func dump(t *testing.T, dir string, tables ...string) map[string][]string {
	t.Helper()
	db := must[*sql.DB](t)(sql.Open("sqlite3", filepath.Join(dir, store.File)))
	defer db.Close()
	all := make(map[string][]string)
	for _, table := range tables {
		all[table] = rowsOf(t, db, table)
		if len(all[table]) == 0 {
			t.Errorf("%s is empty", table)
		}
	}
	return all
}

// formNumber leads what is kept in a form; which number it got depends on the
// order.
var formNumber = regexp.MustCompile(`=\d+\[`)

func rowsOf(t *testing.T, db *sql.DB, table string) (all []string) {
	t.Helper()
	rows, err := db.Query(`SELECT * FROM ` + table)
	ok(t, err)
	defer rows.Close()
	columns := must[[]string](t)(rows.Columns())
	for rows.Next() {
		cells := make([]any, len(columns))
		at := make([]any, len(columns))
		for i := range cells {
			at[i] = &cells[i]
		}
		ok(t, rows.Scan(at...))
		line := ""
		for i, name := range columns {
			if !strings.HasSuffix(name, "at") {
				line += fmt.Sprintf("%s=%v ", name, cells[i])
			}
		}
		all = append(all, formNumber.ReplaceAllString(line, "=form["))
	}
	ok(t, rows.Err())
	slices.Sort(all)
	return all
}
