package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
	"time"
)

// The fates of a row or record: each that takes part has exactly one.
const (
	FateCreated   = "created"
	FateUpdated   = "updated"
	FateUnchanged = "unchanged"
	FateConflict  = "conflict"
	FateSkipped   = "skipped"
	FateFailed    = "failed"
)

// The kinds of plan items.
const (
	ItemCreate       = "create"        // a record for a row
	ItemUpdate       = "update"        // writes to either side, and fields agreed on the way
	ItemLink         = "link"          // nothing to write: both sides agree, or bases move
	ItemSourceCreate = "source-create" // a row for a record
	ItemArchive      = "archive"       // the record of a row that left the source
	ItemConflict     = "conflict"      // nothing to write: all that changed waits for a person
	ItemSkip         = "skip"
	ItemInvalid      = "invalid" // stopped by Syncline before anything was sent
)

// The actions of an Edit.
const (
	EditAdopt    = "adopt"    // both sides hold the same: the base moves
	EditHubSpot  = "hubspot"  // New is written to the record
	EditSource   = "source"   // New is written to the row
	EditConflict = "conflict" // waits for a person
	EditDrift    = "drift"    // the side that does not own the field changed; left alone
	EditKeep     = "keep"     // a person decided to leave both sides as they are
)

// Edit is what a plan does with one field. Values are nil where there is none.
type Edit struct {
	Field    string  `json:"f,omitempty"`
	Property string  `json:"p"`
	Action   string  `json:"a"`
	Reason   string  `json:"why,omitempty"`
	Cause    string  `json:"c,omitempty"` // groups conflicts
	Source   *string `json:"s,omitempty"` // the row's value, in the form in which both sides are compared
	HubSpot  *string `json:"h,omitempty"` // the record's
	BaseSrc  *string `json:"bs,omitempty"`
	BaseRem  *string `json:"bh,omitempty"`
	Agreed   bool    `json:"ag,omitempty"` // there is a base
	Old      *string `json:"o,omitempty"`  // what stands in the target, in the target's form
	New      *string `json:"n,omitempty"`  // what is written to the target, in its form
	Choice   int64   `json:"ch,omitempty"` // the decided conflict that this carries out
}

// Item is one line of a plan.
type Item struct {
	N        int
	Kind     string
	Fate     string
	Reason   string
	LinkID   int64
	RowKey   string
	RecordID string
	Line     int
	Name     string
	Edits    []Edit
	ReadAt   time.Time // when the record's values were read
	Excluded bool
	Done     string // the fate it came to when applied, "" = not applied
	Outcome  string // why, where it is not the planned one
}

// Came is the fate that the item came to: the outcome where it was applied,
// skipped where it was taken out, the planned fate elsewhere.
func (it Item) Came() string {
	switch {
	case it.Done != "":
		return it.Done
	case it.Excluded && it.Fate != FateConflict: // what waits in Review goes on to wait
		return FateSkipped
	}
	return it.Fate
}

// Why is the reason of the fate that the item came to.
func (it Item) Why() string {
	switch {
	case it.Done != "" && it.Outcome != "":
		return it.Outcome
	case it.Done == "" && it.Excluded:
		return "taken out of the plan"
	}
	return it.Reason
}

// Plan is a list of changes that a run would make.
type Plan struct {
	ID     string
	SyncID int64
	Kind   string // sync, undo
	UndoOf string
	State  string // making, ready, applying, applied, stale
	Made   time.Time
	Pull   int64
	Hash   string
	// Summary is the engine's: counts, guard rails, estimates.
	Summary json.RawMessage
}

const planColumns = `id, sync_id, kind, undo_of, state, made_at, pull, hash, summary`

func scanPlan(row interface{ Scan(...any) error }) (Plan, error) {
	var p Plan
	var made int64
	var summary string
	err := row.Scan(&p.ID, &p.SyncID, &p.Kind, &p.UndoOf, &p.State, &made, &p.Pull, &p.Hash, &summary)
	p.Made, p.Summary = at(made), json.RawMessage(summary)
	return p, one(err)
}

// NewPlan starts a plan. Plans of the same sync that were never applied and
// are older than the newest three are dropped.
func (s *Store) NewPlan(ctx context.Context, p Plan) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec(`DELETE FROM plan WHERE sync_id = ?1 AND state IN ('making', 'ready', 'stale')
			AND id NOT IN (SELECT id FROM plan WHERE sync_id = ?1 AND state IN ('making', 'ready', 'stale') ORDER BY made_at DESC, rowid DESC LIMIT 3)`, p.SyncID); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO plan(id, sync_id, kind, undo_of, state, made_at, pull) VALUES(?,?,?,?,'making',?,?)`,
			p.ID, p.SyncID, p.Kind, p.UndoOf, ms(p.Made), p.Pull)
		return err
	})
}

// AddItems appends items to a plan that is being made.
func (s *Store) AddItems(ctx context.Context, planID string, items []Item) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		put, err := tx.Prepare(`INSERT INTO plan_item(plan_id, n, kind, fate, reason, link_id, row_key, record_id, line, name, fields, read_at) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)`)
		if err != nil {
			return err
		}
		defer put.Close()
		for _, it := range items {
			edits, err := json.Marshal(append([]Edit{}, it.Edits...))
			if err != nil {
				return err
			}
			if _, err := put.Exec(planID, it.N, it.Kind, it.Fate, it.Reason, it.LinkID, it.RowKey, it.RecordID, it.Line, it.Name, string(edits), ms(it.ReadAt)); err != nil {
				return err
			}
		}
		return nil
	})
}

// FreezePlan ends the making of a plan: hash is that of its items.
func (s *Store) FreezePlan(ctx context.Context, id, hash string, summary any) error {
	text, err := json.Marshal(summary)
	if err != nil {
		return err
	}
	return s.exec(ctx, `UPDATE plan SET state = 'ready', hash = ?, summary = ? WHERE id = ?`, hash, string(text), id)
}

// SetPlanState moves a plan on.
func (s *Store) SetPlanState(ctx context.Context, id, state string) error {
	return s.exec(ctx, `UPDATE plan SET state = ? WHERE id = ?`, state, id)
}

// Plan returns one plan.
func (s *Store) Plan(ctx context.Context, id string) (Plan, error) {
	return scanPlan(s.read.QueryRowContext(ctx, `SELECT `+planColumns+` FROM plan WHERE id = ?`, id))
}

// LastPlan returns the newest plan of a sync in one of the states.
func (s *Store) LastPlan(ctx context.Context, syncID int64, states ...string) (Plan, error) {
	return scanPlan(s.read.QueryRowContext(ctx, `SELECT `+planColumns+` FROM plan WHERE sync_id = ? AND instr(?, state) > 0 ORDER BY made_at DESC, rowid DESC LIMIT 1`,
		syncID, strings.Join(states, " ")))
}

const itemColumns = `n, kind, fate, reason, link_id, row_key, record_id, line, name, fields, read_at, excluded, done, outcome`

func scanItem(row interface{ Scan(...any) error }) (Item, error) {
	var it Item
	var edits string
	var read int64
	err := row.Scan(&it.N, &it.Kind, &it.Fate, &it.Reason, &it.LinkID, &it.RowKey, &it.RecordID, &it.Line, &it.Name, &edits, &read, &it.Excluded, &it.Done, &it.Outcome)
	if err != nil {
		return it, one(err)
	}
	it.ReadAt = at(read)
	return it, json.Unmarshal([]byte(edits), &it.Edits)
}

// Items yields a plan's items in order.
func (s *Store) Items(ctx context.Context, planID string) iter.Seq2[Item, error] {
	return stream(ctx, s.read, func(rows *sql.Rows) (Item, error) { return scanItem(rows) },
		`SELECT `+itemColumns+` FROM plan_item WHERE plan_id = ? ORDER BY n`, planID)
}

// Todo returns the next items of the kinds that are neither applied nor excluded, after
// item n, at most limit of them.
func (s *Store) Todo(ctx context.Context, planID string, after, limit int, kinds ...string) ([]Item, error) {
	return list(ctx, s.write, scanItem, `SELECT `+itemColumns+` FROM plan_item
		WHERE plan_id = ? AND n > ? AND done = '' AND excluded = 0 AND kind IN (SELECT value FROM json_each(?)) ORDER BY n LIMIT ?`,
		planID, after, jsonList(kinds), limit)
}

func jsonList(all []string) string {
	b, _ := json.Marshal(append([]string{}, all...))
	return string(b)
}

// ItemFilter limits a page of a plan.
type ItemFilter struct {
	Fates []string // none = all
	Text  string   // in name, row key or record id
	// Outcome goes by the fate that an item came to when the plan was applied,
	// instead of the planned one.
	Outcome bool
}

// outcome is what an item came to where it was applied, and what is planned
// for it elsewhere.
const outcome = `CASE WHEN done <> '' THEN done WHEN excluded AND fate <> 'conflict' THEN 'skipped' ELSE fate END`

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
	}, `SELECT n FROM plan_item WHERE plan_id = ?`+more+` ORDER BY n`, append([]any{planID}, args...)...)
}

// ItemsByID returns the items with these numbers, in order.
func (s *Store) ItemsByID(ctx context.Context, planID string, ns []int) ([]Item, error) {
	b, err := json.Marshal(ns)
	if err != nil {
		return nil, err
	}
	return list(ctx, s.read, scanItem, `SELECT `+itemColumns+` FROM plan_item WHERE plan_id = ? AND n IN (SELECT value FROM json_each(?)) ORDER BY n`, planID, string(b))
}

// ExcludeItems takes items out of a plan or puts them back, before it is
// applied. Items that write nothing stay: what they tell goes on to hold.
func (s *Store) ExcludeItems(ctx context.Context, planID string, ns []int, excluded bool) error {
	b, err := json.Marshal(ns)
	if err != nil {
		return err
	}
	return s.tx(ctx, func(tx *sql.Tx) error {
		var state string
		if err := tx.QueryRow(`SELECT state FROM plan WHERE id = ?`, planID).Scan(&state); err != nil {
			return one(err)
		}
		if state != "ready" {
			return fmt.Errorf("the plan %s is %s and can't be changed any more", planID, state)
		}
		_, err := tx.Exec(`UPDATE plan_item SET excluded = ? WHERE plan_id = ? AND n IN (SELECT value FROM json_each(?)) AND kind NOT IN ('link', 'conflict', 'skip', 'invalid')`, excluded, planID, string(b))
		return err
	})
}

// Fates counts a plan's items: by the fate they came to where they were
// applied, skipped where they were excluded, and by the planned fate elsewhere.
func (s *Store) Fates(ctx context.Context, planID string) (map[string]int, error) {
	rows, err := s.write.QueryContext(ctx, `SELECT `+outcome+` AS f, count(*) FROM plan_item WHERE plan_id = ? GROUP BY f`, planID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	fates := make(map[string]int)
	for rows.Next() {
		var f string
		var n int
		if err := rows.Scan(&f, &n); err != nil {
			return nil, err
		}
		fates[f] = n
	}
	return fates, rows.Err()
}
