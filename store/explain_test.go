package store_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mattn/go-sqlite3"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/engine"
	"syncline/sync/hubspot"
	"syncline/sync/hubspot/practice"
	"syncline/sync/hubspot/practice/practicetest"
	"syncline/sync/plan"
	"syncline/sync/source/opener"
)

const everything = `
syncline: 1
name: Everything
source: { kind: csv, path: rows.csv, key: [id], modified: changed }
hubspot:
  object: contacts
  match: [ { field: Email, property: email } ]
direction: two-way
create: both
delete: { row-gone: archive, record-gone: delete }
fields:
  - { field: id, property: jobtitle }
  - { field: Email, property: email }
  - { field: First, property: firstname }
  - { field: Last, property: lastname, conflict: newest }
associations:
  - { to: companies, match: { field: First, property: name }, create-missing: true, remove-others: true }
`

// life is a workspace in which an engine does all that it can.
type life struct {
	t      *testing.T
	dir    string
	portal *practice.Portal
	lines  []string
}

func (l *life) do(f func(ctx context.Context, e *engine.Engine) (engine.Result, error)) engine.Result {
	l.t.Helper()
	ctx := l.t.Context()
	ok(l.t, os.WriteFile(filepath.Join(l.dir, "rows.csv"), []byte("id,Email,First,Last,changed\n"+strings.Join(l.lines, "\n")+"\n"), 0o600))
	ok(l.t, os.WriteFile(filepath.Join(l.dir, "sync.yaml"), []byte(everything), 0o600))
	db := must[*store.Store](l.t)(store.Open(ctx, filepath.Join(l.dir, "workspace")))
	defer db.Close()
	d := must[*definition.Definition](l.t)(definition.Load(filepath.Join(l.dir, "sync.yaml")))
	src, err := opener.Open(ctx, opener.Options{Kind: d.Source.Kind, Path: d.SourcePath(), Key: d.Source.Key, Modified: d.Source.Modified})
	ok(l.t, err)
	defer src.Close()
	client := must[*hubspot.Client](l.t)(hubspot.New(hubspot.Config{Tokens: hubspot.StaticToken(l.portal.Token()), Transport: l.portal.Transport(), Reserve: -1}))
	res, err := f(ctx, &engine.Engine{Store: db, Client: client, Source: src, Definition: d, Confirmed: true})
	ok(l.t, err)
	b, err := os.ReadFile(filepath.Join(l.dir, "rows.csv"))
	ok(l.t, err)
	l.lines = strings.Split(strings.TrimSpace(string(b)), "\n")[1:]
	return res
}

func (l *life) run() engine.Result {
	return l.do(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, "") })
}

func (l *life) each(from, to int, change func(cells []string)) {
	for i := from; i < to; i++ {
		cells := strings.Split(l.lines[i], ",")
		change(cells)
		l.lines[i] = strings.Join(cells, ",")
	}
}

// live goes through previews, runs, decisions, undos, retries and reports.
func (l *life) live(rows int) {
	for i := range rows {
		l.lines = append(l.lines, fmt.Sprintf("%d,p%d@example.com,First%d,Last%d,2026-01-01T00:00:00Z", i, i, i, i))
	}
	l.lines[3] = strings.Replace(l.lines[3], "p3@", "<p3@>;", 1)
	l.lines = append(l.lines, l.lines[0], strings.Replace(l.lines[1], "First", "Other", 1))
	l.run()
	ids := map[string]string{}
	for id, p := range l.portal.Records("contacts") {
		ids[p["jobtitle"]] = id
	}
	for i := range rows / 2 { // conflicts, and edits of either side
		if id := ids[fmt.Sprint(i)]; id != "" {
			ok(l.t, l.portal.Edit("contacts", id, map[string]string{"firstname": "Theirs", "lastname": "Theirs"}))
		}
	}
	l.each(0, rows/2, func(c []string) { c[2] = "Ours" + c[0] })
	l.each(rows/2, rows-10, func(c []string) { c[2] = "Ours" + c[0] })
	l.run()
	l.do(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
		open := must[[]int64](l.t)(e.Store.ConflictIDs(ctx, store.ConflictFilter{}))
		if len(open) < rows/3 {
			l.t.Fatalf("only %d conflicts", len(open))
		}
		must[[]store.Conflict](l.t)(e.Store.Conflicts(ctx, open))
		return engine.Result{}, e.Store.Decide(ctx, open, plan.ChooseSource, "", "me")
	})
	decided := l.run()
	for i := rows - 10; i < rows-5; i++ { // records go, rows go, records come
		ok(l.t, l.portal.Archive("contacts", ids[fmt.Sprint(i)]))
		must[string](l.t)(l.portal.Create("contacts", map[string]string{"email": fmt.Sprintf("n%d@example.com", i), "jobtitle": fmt.Sprintf("9%03d", i)}))
	}
	l.lines = append(l.lines[:20], l.lines[25:]...)
	preview := l.do(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Preview(ctx) })
	l.lines[30] = strings.Replace(l.lines[30], "Last", "Later", 1)
	gone := l.do(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Run(ctx, preview.PlanID) })
	l.run()
	for _, run := range []engine.Result{gone, decided} {
		undone := l.do(func(ctx context.Context, e *engine.Engine) (engine.Result, error) { return e.Undo(ctx, run.RunID) })
		l.run()
		l.do(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
			return engine.Result{}, e.Redo(ctx, undone.RunID)
		})
		l.run()
	}
	l.do(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
		failed := must[[]store.Attention](l.t)(e.Store.AttentionOf(ctx, 1))
		var keys []string
		for _, a := range failed {
			keys = append(keys, a.RowKey)
		}
		return e.Retry(ctx, keys)
	})
	l.do(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
		r, err := e.Reconcile(ctx)
		if err == nil {
			err = r.Close()
		}
		return engine.Result{}, err
	})
	l.do(func(ctx context.Context, e *engine.Engine) (engine.Result, error) {
		for _, err := range e.Store.AuditOf(ctx, decided.RunID) {
			ok(l.t, err)
		}
		return engine.Result{}, e.Store.CheckPlan(ctx, decided.PlanID)
	})
}

// small are what may be scanned: tables that don't grow with the rows of a
// source, and what a statement makes for itself.
var small = regexp.MustCompile(`^((meta|connection|sync|y|plan|p|run|plan_change|document|form|workspace\.form|telling|mine|sharing|found|judged|json_each|j|v|CONSTANT ROW|\d+ CONSTANT ROWS?|\d+-ROW VALUES CLAUSE)\b|\(subquery|r USING INDEX run_(sync|started)$)`)

// ownNames are names that statements give to results of their own.
var ownNames = map[string]string{"m": "FROM mine m", "s": "JOIN sharing s", "f": ") f)", "ordered": "LIMIT -1) ordered"}

// Every statement that the engine makes in its whole life finds its rows by an
// index, and those that it makes row by row by more than the sync, the plan or
// the run: else a run of many rows is quadratic.
func TestEveryStatementOfARunFindsItsRowsByAnIndex(t *testing.T) {
	t.Parallel()
	const rows = 120
	l := &life{t: t, dir: t.TempDir(), portal: practicetest.New(t, practice.Options{})}
	l.live(rows)
	statements := store.Recorded(l.dir)
	if len(statements) < 100 {
		t.Fatalf("only %d statements were seen", len(statements))
	}
	db := must[*sql.DB](t)(sql.Open("sqlite3", filepath.Join(l.dir, "workspace", store.File)))
	defer db.Close()
	conn := must[*sql.Conn](t)(db.Conn(t.Context()))
	defer conn.Close()
	_, err := conn.ExecContext(t.Context(), `ATTACH DATABASE ? AS workspace`, filepath.Join(l.dir, "workspace", store.File))
	ok(t, err)
	verb := regexp.MustCompile(`(?i)^\s*(SELECT|WITH|INSERT|UPDATE|DELETE)`)
	_, err = conn.ExecContext(t.Context(), `CREATE TEMP TABLE difference (n INTEGER PRIMARY KEY, doc TEXT); CREATE TEMP TABLE in_filter (id TEXT PRIMARY KEY, updated INTEGER)`) // of the copy that reconciling reads into
	ok(t, err)
	explained := 0
	ok(t, conn.Raw(func(c any) error {
		for _, q := range sortedKeys(statements) {
			if !verb.MatchString(q) {
				continue
			}
			steps, err := explain(c.(*sqlite3.SQLiteConn), q)
			if err != nil {
				t.Errorf("%v\n%s", err, q)
				continue
			}
			explained++
			for _, step := range steps {
				if why := grows(step.does, q, step.perRow || statements[q] >= rows); why != "" {
					t.Errorf("%s: %s, %d times\n%s", why, step.does, statements[q], q)
				}
			}
		}
		return nil
	}))
	t.Logf("%d statements explained", explained)
}

func TestStepsThatGrowWithTheRowsAreFound(t *testing.T) {
	t.Parallel()
	for step, want := range map[string]bool{
		"SCAN attention": true, "SCAN h": true, "SCAN m": true, "SCAN row_seen USING COVERING INDEX row_seen_key": true,
		"SEARCH attention USING INDEX attention_row (sync_id=?)":               true,
		"SEARCH attention USING INDEX attention_row (sync_id=? AND row_key=?)": false,
		"SEARCH op USING INDEX op_run (run_id=?)":                              true,
		"SEARCH conflict USING INTEGER PRIMARY KEY (rowid=?)":                  false,
		"SCAN json_each VIRTUAL TABLE INDEX 1:":                                false, "SCAN sync": false,
	} {
		if got := grows(step, "SELECT", true) != ""; got != want {
			t.Errorf("%s: %t", step, got)
		}
	}
}

// grows says why a step of a statement costs more the more rows there are, ""
// where it does not.
func grows(step, q string, perRow bool) string {
	if rest, scan := strings.CutPrefix(step, "SCAN "); scan {
		name, _, _ := strings.Cut(rest, " ")
		if own := ownNames[name]; small.MatchString(rest) || own != "" && strings.Contains(q, own) {
			return ""
		}
		return "a scan"
	}
	if strings.Contains(q, "ref = ") && regexp.MustCompile(`PRIMARY KEY \(sync_id=\? AND side=\?( AND ord[<>].*)?\)$`).MatchString(step) {
		return "all values of a side, for those of one row or record"
	}
	by := regexp.MustCompile(`^SEARCH (\w+) .*\((sync_id|plan_id|run_id|state)=\?\)$`).FindStringSubmatch(step)
	if perRow && by != nil && !small.MatchString(by[1]) {
		return "all rows of a " + by[2] + ", row by row"
	}
	return ""
}

// step is one of those of which a statement consists.
type step struct {
	does   string
	perRow bool // anew for each row of another step
}

func explain(c *sqlite3.SQLiteConn, q string) (steps []step, err error) {
	s, err := c.Prepare("EXPLAIN QUERY PLAN " + q)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	rows, err := s.Query(make([]driver.Value, s.NumInput())) //nolint:staticcheck // the driver's own, for the number of its arguments
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	row := make([]driver.Value, 4)
	within := make(map[int64]bool) // a subquery that is carried out row by row, by the id of the step
	for {
		switch err := rows.Next(row); {
		case errors.Is(err, io.EOF):
			return steps, nil
		case err != nil:
			return nil, err
		}
		does := fmt.Sprint(row[3])
		perRow := within[row[1].(int64)]
		within[row[0].(int64)] = perRow || strings.HasPrefix(does, "CORRELATED ")
		steps = append(steps, step{does, perRow})
	}
}

func sortedKeys(m map[string]int) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
