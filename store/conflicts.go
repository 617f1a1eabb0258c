package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"syncline/sync/plan"
)

// Conflict is one open or decided disagreement.
type Conflict struct {
	ID       int64
	SyncID   int64
	SyncName string
	RowKey   string
	RecordID string
	Name     string // of the record, for people
	Field    string
	Property string     // "" = which record the row belongs to
	Edge     *plan.Edge // the association that it is about, nil for a field or record
	Cause    plan.Cause // groups the queue
	Reason   string
	Base     *string // nil = never agreed
	Source   string
	HubSpot  string
	SrcMeta  string
	RemMeta  string
	State    plan.ConflictState
	Choice   plan.Choice
	Value    string
	Opened   time.Time
	OpenedBy string // run
	Decided  time.Time
	Person   string
	// Again says that it was decided, and that what the decision rested on moved
	// before it could be carried out: a person has to look once more.
	Again bool
	// Seen is what a decision rests on besides Base, Source and HubSpot.
	Seen string
}

// Decision is what was decided about a conflict as one text. Whether it is open again is no part of
// that: the rulings of the plan under way may open one that the same plan carries out.
func (c Conflict) Decision() string { return string(c.Choice) + " " + c.Value }

// carriedOut closes a conflict of which that is decided still.
const carriedOut = `UPDATE conflict SET state = 'closed', closed_at = ?1, closed_why = 'carried out' WHERE id = ?2 AND (?3 = '' OR choice || ' ' || value = ?3)`

// DecidedNow returns what is decided now about some conflicts. Those that were carried
// out are left out.
func (s *Store) DecidedNow(ctx context.Context, ids []int64) (map[int64]string, error) {
	all, err := list(ctx, s.write, func(row interface{ Scan(...any) error }) (c Conflict, err error) {
		return c, row.Scan(&c.ID, &c.Choice, &c.Value)
	}, `SELECT id, choice, value FROM conflict WHERE id IN (SELECT value FROM json_each(?)) AND closed_why <> 'carried out'`, numberList(ids))
	now := make(map[int64]string, len(all))
	for _, c := range all {
		now[c.ID] = c.Decision()
	}
	return now, err
}

const conflictColumns = `c.id, c.sync_id, y.name, c.row_key, c.record_id, c.name, c.field, c.property, c.cause, c.reason, c.base, c.src, c.rem, c.src_meta, c.rem_meta, c.state, c.choice, c.value, c.opened_at, c.opened_run, c.decided_at, c.decided_by, c.edge, c.again, c.seen`
const conflictTables = ` FROM conflict c JOIN sync y ON y.id = c.sync_id `

func scanConflict(row interface{ Scan(...any) error }) (Conflict, error) {
	var c Conflict
	var opened, decided int64
	var edge string
	err := row.Scan(&c.ID, &c.SyncID, &c.SyncName, &c.RowKey, &c.RecordID, &c.Name, &c.Field, &c.Property, &c.Cause, &c.Reason, &c.Base, &c.Source, &c.HubSpot,
		&c.SrcMeta, &c.RemMeta, &c.State, &c.Choice, &c.Value, &opened, &c.OpenedBy, &decided, &c.Person, &edge, &c.Again, &c.Seen)
	if err != nil {
		return c, one(err)
	}
	c.Opened, c.Decided = at(opened), at(decided)
	c.Edge, err = parseEdge(edge)
	return c, err
}

// edgeText is an association as a column keeps it, "" for none.
func edgeText(e *plan.Edge) string {
	if e == nil {
		return ""
	}
	b, _ := json.Marshal(e) // texts and numbers only: can't fail
	return string(b)
}

func parseEdge(text string) (*plan.Edge, error) {
	if text == "" {
		return nil, nil
	}
	var e plan.Edge
	err := json.Unmarshal([]byte(text), &e)
	return &e, err
}

// PutConflicts opens conflicts or brings the live ones of the same row and
// property up to date. A decision stands only for what it was made on: when any
// of that changed since, the conflict is open again and says so.
func (s *Store) PutConflicts(ctx context.Context, runID string, conflicts []Conflict) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		for _, c := range conflicts {
			_, err := tx.Exec(`INSERT INTO conflict(sync_id, row_key, record_id, name, field, property, cause, reason, base, src, rem, src_meta, rem_meta, edge, seen, state, opened_run, opened_at)
				VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,'open',?,?)
				ON CONFLICT(sync_id, row_key, property, edge) WHERE state <> 'closed' DO UPDATE SET
				again = CASE WHEN `+unmoved+` THEN again WHEN state = 'decided' THEN 1 ELSE again END,
				state = CASE WHEN `+unmoved+` THEN state ELSE 'open' END, seen = excluded.seen,
				record_id = excluded.record_id, name = excluded.name, cause = excluded.cause, reason = excluded.reason, field = excluded.field,
				base = excluded.base, src = excluded.src, rem = excluded.rem, src_meta = excluded.src_meta, rem_meta = excluded.rem_meta`,
				c.SyncID, c.RowKey, c.RecordID, c.Name, c.Field, c.Property, c.Cause, c.Reason, c.Base, c.Source, c.HubSpot, c.SrcMeta, c.RemMeta, edgeText(c.Edge), c.Seen, runID, ms(s.now()))
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// unmoved tells that a conflict is about what it was about before.
const unmoved = `src IS excluded.src AND rem IS excluded.rem AND base IS excluded.base AND seen IS excluded.seen AND cause IS excluded.cause`

// LiveConflicts returns the conflicts of a sync that are open or decided, by row key.
func (s *Store) LiveConflicts(ctx context.Context, syncID int64) (map[string][]Conflict, error) {
	by := make(map[string][]Conflict)
	all, err := list(ctx, s.read, scanConflict, `SELECT `+conflictColumns+conflictTables+`WHERE c.sync_id = ? AND c.state <> 'closed' ORDER BY c.id`, syncID)
	for _, c := range all {
		by[c.RowKey] = append(by[c.RowKey], c)
	}
	return by, err
}

// LiveConflictsOf returns the conflicts of one row that are open or decided.
func (s *Store) LiveConflictsOf(ctx context.Context, syncID int64, rowKey string) ([]Conflict, error) {
	return list(ctx, s.write, scanConflict, `SELECT `+conflictColumns+conflictTables+`WHERE c.sync_id = ? AND c.row_key = ? AND c.state <> 'closed' ORDER BY c.id`, syncID, rowKey)
}

// CloseConflicts closes those that are no conflict any more.
func (s *Store) CloseConflicts(ctx context.Context, ids []int64, why string) error {
	return s.exec(ctx, `UPDATE conflict SET state = 'closed', closed_at = ?, closed_why = ? WHERE id IN (SELECT value FROM json_each(?))`, ms(s.now()), why, numberList(ids))
}

// ConflictFilter limits the review queue.
type ConflictFilter struct {
	SyncID  int64  // with its parts; 0 = all
	Field   string // field or property
	Cause   plan.Cause
	Decided bool // also the decided ones
}

func (f ConflictFilter) where() (string, []any) {
	q := `WHERE (?1 = 0 OR c.sync_id = ?1 OR y.parent = ?1) AND (?2 = '' OR c.field = ?2 OR c.property = ?2) AND (?3 = '' OR c.cause = ?3) AND (c.state = 'open' OR (?4 AND c.state = 'decided'))`
	return q, []any{f.SyncID, f.Field, f.Cause, f.Decided}
}

// ConflictIDs returns the ids in the review queue, by cause and then in order.
func (s *Store) ConflictIDs(ctx context.Context, f ConflictFilter) ([]int64, error) {
	where, args := f.where()
	return list(ctx, s.read, func(row interface{ Scan(...any) error }) (int64, error) {
		var id int64
		err := row.Scan(&id)
		return id, err
	}, `SELECT c.id`+conflictTables+where+` ORDER BY c.cause, c.id`, args...)
}

// Conflicts returns conflicts by id, in the queue's order.
func (s *Store) Conflicts(ctx context.Context, ids []int64) ([]Conflict, error) {
	return list(ctx, s.read, scanConflict, `SELECT `+conflictColumns+conflictTables+`WHERE c.id IN (SELECT value FROM json_each(?)) ORDER BY c.cause, c.id`, numberList(ids))
}

// ConflictGroup is a group of the review queue.
type ConflictGroup struct {
	SyncID   int64
	SyncName string
	Cause    plan.Cause
	Field    string
	Count    int
}

// ConflictGroups returns the open conflicts by sync, cause and field, the
// largest group first.
func (s *Store) ConflictGroups(ctx context.Context, syncID int64) ([]ConflictGroup, error) {
	return list(ctx, s.read, func(row interface{ Scan(...any) error }) (ConflictGroup, error) {
		var g ConflictGroup
		return g, row.Scan(&g.SyncID, &g.SyncName, &g.Cause, &g.Field, &g.Count)
	}, `SELECT c.sync_id, y.name, c.cause, c.field, count(*) AS n`+conflictTables+`WHERE c.state = 'open' AND (?1 = 0 OR c.sync_id = ?1 OR y.parent = ?1) GROUP BY 1, 3, 4 ORDER BY n DESC, 3, 4`, syncID)
}

// OpenConflicts counts the open conflicts of a sync with its parts, or of all with 0.
func (s *Store) OpenConflicts(ctx context.Context, syncID int64) (int, error) {
	var n int
	err := s.read.QueryRowContext(ctx, `SELECT count(*)`+conflictTables+`WHERE c.state = 'open' AND (?1 = 0 OR c.sync_id = ?1 OR y.parent = ?1)`, syncID).Scan(&n)
	return n, err
}

// Decide keeps a person's choice for conflicts; it takes effect when the sync
// is run. Choice "" takes a decision back. What the choice can't settle stays
// open: Cause.Option says it.
func (s *Store) Decide(ctx context.Context, ids []int64, choice plan.Choice, value, person string) error {
	if choice != "" && !choice.Known() {
		return fmt.Errorf("a conflict can't be settled by %q: choose source, hubspot, base or a value", choice)
	}
	state := plan.ConflictDecided
	beyond := []plan.Cause{}
	if choice == "" {
		state = plan.ConflictOpen
	} else {
		beyond = slices.DeleteFunc(plan.Causes(), func(c plan.Cause) bool { _, ok := c.Option(choice); return ok })
	}
	causes, err := json.Marshal(beyond)
	if err != nil {
		return err
	}
	return s.exec(ctx, `UPDATE conflict SET state = ?, choice = ?, value = ?, decided_at = ?, decided_by = ?, again = 0
		WHERE state <> 'closed' AND id IN (SELECT value FROM json_each(?)) AND cause NOT IN (SELECT value FROM json_each(?))`,
		state, choice, value, ms(s.now()), person, numberList(ids), string(causes))
}
