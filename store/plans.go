package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"iter"
	"strings"
	"time"

	"syncline/sync/plan"
)

const planColumns = `id, sync_id, kind, undo_of, state, made_at, pull, hash, summary, revision, revised_hash, going`

func scanPlan(row interface{ Scan(...any) error }) (plan.Plan, error) {
	var p plan.Plan
	var made int64
	var going int
	var summary string
	err := row.Scan(&p.ID, &p.SyncID, &p.Kind, &p.UndoOf, &p.State, &made, &p.Pull, &p.Hash, &summary, &p.Revision, &p.RevisedHash, &going)
	p.Made, p.Summary, p.Bare = at(made), json.RawMessage(summary), going > 0
	return p, one(err)
}

// NewPlan starts a plan. Plans of the same sync that were never applied and
// are older than the newest three go: small ones at once, others with Tidy.
func (s *Store) NewPlan(ctx context.Context, p plan.Plan) error {
	const old = ` WHERE sync_id = ?1 AND state IN ('making', 'ready', 'stale')
		AND id NOT IN (SELECT id FROM plan WHERE sync_id = ?1 AND state IN ('making', 'ready', 'stale') ORDER BY made_at DESC, rowid DESC LIMIT 3)`
	return s.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec(`DELETE FROM plan`+old+` AND NOT EXISTS (SELECT 1 FROM plan_item WHERE plan_number = plan.number AND n > ?2)`, p.SyncID, slice); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE plan SET going = ?2`+old, p.SyncID, goingAltogether); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO plan(id, sync_id, kind, undo_of, state, made_at, pull, number) SELECT ?,?,?,?,'making',?,?, 1 + coalesce(max(number), 0) FROM plan`,
			p.ID, p.SyncID, p.Kind, p.UndoOf, ms(p.Made), p.Pull)
		return err
	})
}

// ofPlan are the items of the plan with an id.
const ofPlan = `plan_number = (SELECT number FROM plan WHERE id = ?)`

func planNumber(tx *sql.Tx, planID string) (number int64, err error) {
	err = one(tx.QueryRow(`SELECT number FROM plan WHERE id = ?`, planID).Scan(&number))
	return number, err
}

// AddItems appends items to a plan that is being made.
func (s *Store) AddItems(ctx context.Context, planID string, items []plan.Item) error {
	const put, same, each = `INSERT INTO plan_item(plan_number, kind, fate, reason, link_id, record_id, read_at, n, row_key, line, name, fields) VALUES`, 7, 5
	return s.tx(ctx, func(tx *sql.Tx) error {
		number, err := planNumber(tx, planID)
		if err != nil {
			return err
		}
		return inBulk(items, func(some []plan.Item) error {
			places, once := marks(same+each, len(some)), false
			if len(some) > 1 && alike(some, alikeItems) { // new records, most of all
				places, once = marksBeside(same, each, len(some)), true
			}
			args := make([]any, 0, (same+each)*len(some))
			for i := range some {
				it := &some[i]
				edits, err := s.forms.edits(tx, it.Edits)
				if err != nil {
					return err
				}
				if i == 0 || !once {
					args = append(args, number, string(it.Kind), string(it.Fate), it.Reason, it.LinkID, it.RecordID, ms(it.ReadAt))
				}
				args = append(args, it.N, it.RowKey, it.Line, it.Name, edits)
			}
			_, err := tx.Exec(put+places, args...)
			return err
		})
	})
}

// alikeItems reports whether two items differ in no more than their row, name
// and edits.
func alikeItems(a, b *plan.Item) bool {
	return a.Kind == b.Kind && a.Fate == b.Fate && a.Reason == b.Reason && a.LinkID == b.LinkID && a.RecordID == b.RecordID && a.ReadAt.Equal(b.ReadAt)
}

// FreezePlan ends the making of a plan: items is the hash of its items, which
// with the summary gives the plan's own.
func (s *Store) FreezePlan(ctx context.Context, id, items string, summary any) error {
	text, err := json.Marshal(summary)
	if err != nil {
		return err
	}
	return s.tx(ctx, func(tx *sql.Tx) error {
		p, err := scanPlan(tx.QueryRow(`SELECT `+planColumns+` FROM plan WHERE id = ?`, id))
		if err != nil {
			return err
		}
		p.Summary = text
		_, err = tx.Exec(`UPDATE plan SET state = 'ready', hash = ?, summary = ? WHERE id = ?`, plan.Seal(items, p), string(text), id)
		return err
	})
}

// PlanApplied says that all of a plan is applied by a run, which agrees on nothing any
// more from then on, though it may be cut off before it keeps its own end.
func (s *Store) PlanApplied(ctx context.Context, id, runID string, when time.Time) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec(`UPDATE run SET ended_at = ? WHERE id = ?`, ms(when), runID); err != nil {
			return err
		}
		_, err := tx.Exec(`UPDATE plan SET state = ? WHERE id = ?`, plan.Applied, id)
		return err
	})
}

// SetPlanState moves a plan on.
func (s *Store) SetPlanState(ctx context.Context, id string, state plan.State) error {
	return s.exec(ctx, `UPDATE plan SET state = ? WHERE id = ?`, state, id)
}

// OutdatePlans ends the plans of a sync that wait to be applied, but for the one that
// is being applied now: what they were made of is no more. An undo is made of the
// audit trail, and looks at each value that it takes back.
func (s *Store) OutdatePlans(ctx context.Context, syncID int64, now string) error {
	return s.exec(ctx, `UPDATE plan SET state = ? WHERE sync_id = ? AND kind = 'sync' AND state = ? AND id <> ?`, plan.Stale, syncID, plan.Ready, now)
}

// Plan returns one plan.
func (s *Store) Plan(ctx context.Context, id string) (plan.Plan, error) {
	return scanPlan(s.read.QueryRowContext(ctx, `SELECT `+planColumns+` FROM plan WHERE id = ?`, id))
}

// LastPlan returns the newest plan of a sync in one of the states. Those of
// undos do not count: nobody finds them by the sync.
func (s *Store) LastPlan(ctx context.Context, syncID int64, states ...plan.State) (plan.Plan, error) {
	return scanPlan(s.read.QueryRowContext(ctx, `SELECT `+planColumns+` FROM plan WHERE sync_id = ? AND kind = 'sync' AND state IN (SELECT value FROM json_each(?)) ORDER BY made_at DESC, rowid DESC LIMIT 1`,
		syncID, jsonList(states)))
}

const itemColumns = `n, kind, fate, reason, link_id, row_key, record_id, line, name, coalesce(resolved, edited, fields), read_at, excluded, done, outcome`

func (s *Store) scanItem(row interface{ Scan(...any) error }) (plan.Item, error) {
	var it plan.Item
	var edits string
	var read int64
	err := row.Scan(&it.N, &it.Kind, &it.Fate, &it.Reason, &it.LinkID, &it.RowKey, &it.RecordID, &it.Line, &it.Name, &edits, &read, &it.Excluded, &it.Done, &it.Outcome)
	if err != nil {
		return it, one(err)
	}
	it.ReadAt = at(read)
	it.Edits, err = s.forms.parseEdits(edits)
	return it, err
}

// Items yields a plan's items in order.
func (s *Store) Items(ctx context.Context, planID string) iter.Seq2[plan.Item, error] {
	return stream(ctx, s.read, func(rows *sql.Rows) (plan.Item, error) { return s.scanItem(rows) },
		`SELECT `+itemColumns+` FROM plan_item WHERE `+ofPlan+` ORDER BY n`, planID)
}

// FrozenItems yields a plan's items in order as they were when it was frozen:
// without what became of them since.
func (s *Store) FrozenItems(ctx context.Context, planID string) iter.Seq2[plan.Item, error] {
	return stream(ctx, s.read, func(rows *sql.Rows) (plan.Item, error) { return s.scanItem(rows) },
		`SELECT n, kind, fate, reason, link_id, row_key, record_id, line, name, fields, read_at, 0, '', '' FROM plan_item WHERE `+ofPlan+` ORDER BY n`, planID)
}

// Todo returns the next items of the kinds that are neither applied nor excluded, after
// item n, at most limit of them.
func (s *Store) Todo(ctx context.Context, planID string, after, limit int, kinds ...plan.Kind) ([]plan.Item, error) {
	return list(ctx, s.write, s.scanItem, `SELECT `+itemColumns+` FROM plan_item
		WHERE `+ofPlan+` AND n > ? AND done = '' AND excluded = 0 AND kind IN (SELECT value FROM json_each(?)) ORDER BY n LIMIT ?`,
		planID, after, jsonList(kinds), limit)
}

// ItemFilter limits a page of a plan.
type ItemFilter struct {
	Fates []plan.Fate // none = all
	Text  string      // in name, row key or record id
	// Outcome goes by what became of an item when the plan was applied, instead
	// of the planned fate.
	Outcome bool
}

// outcome is what became of an item in a run of its plan: plan.Item.Reached.
const outcome = `CASE WHEN done <> '' THEN done WHEN excluded AND fate <> 'conflict' THEN 'skipped' WHEN excluded THEN fate ELSE 'to-do' END`

func (f ItemFilter) where() (string, []any) {
	q, args := "", []any{}
	if len(f.Fates) > 0 {
		fate := "fate"
		if f.Outcome {
			fate = outcome
		}
		q += ` AND ` + fate + ` IN (SELECT value FROM json_each(?))`
		args = append(args, jsonList(f.Fates))
	}
	if f.Text != "" {
		q += ` AND (name LIKE ? ESCAPE '\' OR row_key LIKE ? ESCAPE '\' OR record_id = ?)`
		like := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(f.Text) + "%"
		args = append(args, like, like, f.Text)
	}
	return q, args
}

// ItemIDs returns the numbers of a plan's items that pass the filter, in order.
func (s *Store) ItemIDs(ctx context.Context, planID string, f ItemFilter) ([]int, error) {
	more, args := f.where()
	return list(ctx, s.read, func(row interface{ Scan(...any) error }) (int, error) {
		var n int
		err := row.Scan(&n)
		return n, err
	}, `SELECT n FROM plan_item WHERE `+ofPlan+``+more+` ORDER BY n`, append([]any{planID}, args...)...)
}

// ItemsByID returns the items with these numbers, in order.
func (s *Store) ItemsByID(ctx context.Context, planID string, ns []int) ([]plan.Item, error) {
	return list(ctx, s.read, s.scanItem, `SELECT `+itemColumns+` FROM plan_item WHERE `+ofPlan+` AND n IN (SELECT value FROM json_each(?)) ORDER BY n`, planID, numberList(ns))
}

// ExcludeItems takes items out of a plan or puts them back, before it is
// applied, as a revision of it. Items that write nothing stay: what they tell
// goes on to hold.
func (s *Store) ExcludeItems(ctx context.Context, planID string, ns []int, excluded bool) error {
	change := plan.Change{What: plan.ChangeInclude, Items: ns}
	if excluded {
		change.What = plan.ChangeExclude
	}
	return s.tx(ctx, func(tx *sql.Tx) (err error) {
		change.Items, err = list(ctx, tx, func(row interface{ Scan(...any) error }) (n int, err error) {
			err = row.Scan(&n)
			return n, err
		}, `SELECT n FROM plan_item WHERE `+ofPlan+` AND n IN (SELECT value FROM json_each(?)) AND kind NOT IN ('link', 'conflict', 'skip', 'invalid') AND excluded <> ? ORDER BY n`, planID, numberList(ns), excluded)
		if err != nil || len(change.Items) == 0 {
			return err // they are so already: there is nothing to take back either
		}
		if err := s.revise(tx, planID, change); err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE plan_item SET excluded = ? WHERE `+ofPlan+` AND n IN (SELECT value FROM json_each(?))`, excluded, planID, numberList(change.Items))
		return err
	})
}

// Excluded counts by their fates the items that were taken out of a plan.
func (s *Store) Excluded(ctx context.Context, planID string) (map[plan.Fate]int, error) {
	return s.countFates(ctx, `SELECT fate, count(*) FROM plan_item WHERE `+ofPlan+` AND excluded GROUP BY fate`, planID)
}

// Fates counts what became of a plan's items in a run of it: by the fate they
// came to, skipped where they were excluded, and plan.FateToDo where they were
// not reached. Items about associations alone are not counted: their rows are.
func (s *Store) Fates(ctx context.Context, planID string) (map[plan.Fate]int, error) {
	return s.countFates(ctx, `SELECT `+outcome+` AS f, count(*) FROM plan_item WHERE `+ofPlan+` AND kind <> 'edges' GROUP BY f`, planID)
}

// Work counts the items of a plan that write, without those that were taken
// out: all, and how many of them are still to do.
func (s *Store) Work(ctx context.Context, planID string) (all, left int, err error) {
	kinds := []plan.Kind{plan.ItemCreate, plan.ItemUpdate, plan.ItemSourceCreate, plan.ItemSourceDelete, plan.ItemArchive, plan.ItemEdges, plan.ItemEdgeRow, plan.ItemDeliver, plan.ItemRecall}
	err = s.write.QueryRowContext(ctx, `SELECT count(*), count(*) FILTER (WHERE done = '') FROM plan_item
		WHERE `+ofPlan+` AND excluded = 0 AND kind IN (SELECT value FROM json_each(?))`, planID, jsonList(kinds)).Scan(&all, &left)
	return all, left, err
}

func (s *Store) countFates(ctx context.Context, query, planID string) (map[plan.Fate]int, error) {
	rows, err := s.write.QueryContext(ctx, query, planID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	fates := make(map[plan.Fate]int)
	for rows.Next() {
		var f plan.Fate
		var n int
		if err := rows.Scan(&f, &n); err != nil {
			return nil, err
		}
		fates[f] = n
	}
	return fates, rows.Err()
}
