package store

import (
	"context"
	"database/sql"
	"iter"
	"time"

	"syncline/sync/plan"
	"syncline/sync/record"
)

// AttentionGroup is how many rows failed for the same cause.
type AttentionGroup struct {
	SyncID   int64
	SyncName string
	Path     string // of the sync's definition
	Class    plan.Class
	Cause    string
	GivenUp  bool // listed apart
	Count    int
}

// AttentionGroups counts the failed rows of all syncs that are not hidden by
// class and cause: first those that Syncline stopped, then those refused, and at
// the end those given up.
func (s *Store) AttentionGroups(ctx context.Context) ([]AttentionGroup, error) {
	return list(ctx, s.read, func(row interface{ Scan(...any) error }) (AttentionGroup, error) {
		var g AttentionGroup
		return g, row.Scan(&g.SyncID, &g.SyncName, &g.Path, &g.Class, &g.Cause, &g.GivenUp, &g.Count)
	}, `SELECT a.sync_id, y.name, y.path, a.class, a.cause, a.given_up <> 0 AS given, count(*) AS n FROM attention a JOIN sync y ON y.id = a.sync_id
		WHERE y.hidden = 0 AND y.parent = 0 GROUP BY a.sync_id, a.class, a.cause, given ORDER BY given, a.class = 'refused', a.class, n DESC, a.cause`)
}

// AttentionHead is what of a failed row says which group it belongs to.
type AttentionHead struct {
	ID        int64
	SyncID    int64
	SyncName  string
	Path      string // of the sync's definition
	Class     plan.Class
	Cause     string
	Message   string
	GivenUp   bool
	Suggested bool // a value is known that would do
}

// AttentionHeads yields the failed rows of all syncs that are not hidden, each
// sync's in the source's order.
func (s *Store) AttentionHeads(ctx context.Context) iter.Seq2[AttentionHead, error] {
	return stream(ctx, s.read, func(rows *sql.Rows) (AttentionHead, error) {
		var h AttentionHead
		return h, rows.Scan(&h.ID, &h.SyncID, &h.SyncName, &h.Path, &h.Class, &h.Cause, &h.Message, &h.GivenUp, &h.Suggested)
	}, `SELECT a.id, a.sync_id, y.name, y.path, a.class, a.cause, a.message, a.given_up <> 0, a.suggested <> '[]' FROM attention a JOIN sync y ON y.id = a.sync_id
		WHERE y.hidden = 0 AND y.parent = 0 ORDER BY a.sync_id, a.line, a.id`)
}

// AttentionIDs returns the ids of a group's failed rows, in the source's order.
func (s *Store) AttentionIDs(ctx context.Context, g AttentionGroup) ([]int64, error) {
	return list(ctx, s.read, func(row interface{ Scan(...any) error }) (int64, error) {
		var id int64
		err := row.Scan(&id)
		return id, err
	}, `SELECT id FROM attention WHERE sync_id = ? AND class = ? AND cause = ? AND (given_up <> 0) = ? ORDER BY line, id`, g.SyncID, g.Class, g.Cause, g.GivenUp)
}

// AttentionByID returns the failed rows with these ids, in the order of
// AttentionIDs.
func (s *Store) AttentionByID(ctx context.Context, ids []int64) ([]Attention, error) {
	return list(ctx, s.read, scanAttention, `SELECT `+attentionColumns+` FROM attention WHERE id IN (SELECT value FROM json_each(?)) ORDER BY line, id`, numberList(ids))
}

// AttentionCount is how many rows failed and were not given up, of one sync or with 0 of all that
// are not hidden.
func (s *Store) AttentionCount(ctx context.Context, syncID int64) (int, error) {
	var n int
	err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM attention a JOIN sync y ON y.id = a.sync_id WHERE a.given_up = 0 AND CASE WHEN ?1 = 0 THEN y.hidden = 0 AND y.parent = 0 ELSE y.id = ?1 END`, syncID).Scan(&n)
	return n, err
}

// Attention is a row that failed.
type Attention struct {
	ID       int64
	SyncID   int64
	RowKey   string
	RecordID string
	Edge     *plan.Edge // the association that it is about, nil for a row
	Name     string
	Line     int
	Class    plan.Class
	Cause    string
	Message  string
	Detail   string
	Payload  []byte // hash of what was refused
	FirstRun string
	LastRun  string
	Tries    int
	At       time.Time
	// Suggested is JSON: the values that would do, where they are known.
	Suggested []byte
	GivenUp   time.Time // it is not tried until its row changes; zero where it is
	GivenBy   string
}

// keyless tells the records apart for which no row could be made: those have
// neither a row key nor a line.
const keyless = `CASE WHEN row_key = '' AND line = 0 THEN record_id ELSE '' END`

func addAttention(tx *sql.Tx, syncID int64, runID string, a Attention, now int64) error {
	_, err := tx.Exec(`INSERT INTO attention(sync_id, row_key, record_id, name, line, class, cause, message, detail, payload, first_run, last_run, at, edge) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)
		ON CONFLICT(sync_id, row_key, line, edge, (`+keyless+`)) DO UPDATE SET record_id = excluded.record_id, name = excluded.name, class = excluded.class, cause = excluded.cause,
		suggested = '[]', given_up = 0, message = excluded.message, detail = excluded.detail, payload = excluded.payload, last_run = excluded.last_run, tries = tries + 1`,
		syncID, a.RowKey, a.RecordID, a.Name, a.Line, a.Class, a.Cause, a.Message, a.Detail, a.Payload, runID, runID, now, edgeText(a.Edge))
	return err
}

// AttentionOf returns the failed rows of a sync, by cause.
func (s *Store) AttentionOf(ctx context.Context, syncID int64) ([]Attention, error) {
	return list(ctx, s.read, scanAttention, `SELECT `+attentionColumns+` FROM attention WHERE sync_id = ? ORDER BY cause, line, id`, syncID)
}

// Refused returns the keys of the rows that HubSpot or the source refused.
func (s *Store) Refused(ctx context.Context, syncID int64) (map[string]bool, error) {
	keys, err := list(ctx, s.write, scanText, `SELECT row_key FROM attention WHERE sync_id = ? AND class = 'refused' AND given_up = 0`, syncID)
	refused := make(map[string]bool, len(keys))
	for _, key := range keys {
		refused[key] = true
	}
	return refused, err
}

const attentionColumns = `id, sync_id, row_key, record_id, name, line, class, cause, message, detail, payload, first_run, last_run, tries, at, edge, suggested, given_up, given_by`

func scanAttention(row interface{ Scan(...any) error }) (Attention, error) {
	var a Attention
	var when, given int64
	var edge, suggested string
	err := row.Scan(&a.ID, &a.SyncID, &a.RowKey, &a.RecordID, &a.Name, &a.Line, &a.Class, &a.Cause, &a.Message, &a.Detail, &a.Payload, &a.FirstRun, &a.LastRun, &a.Tries, &when, &edge, &suggested, &given, &a.GivenBy)
	a.GivenUp, a.Suggested = at(given), []byte(suggested)
	if err != nil {
		return a, err
	}
	a.At = at(when)
	a.Edge, err = parseEdge(edge)
	return a, err
}

// Retry takes failed rows up again that were given up; the others are tried by
// every run anyway.
func (s *Store) Retry(ctx context.Context, ids []int64) error {
	return s.exec(ctx, `UPDATE attention SET given_up = 0, given_by = '', given_on = NULL, payload = NULL WHERE id IN (SELECT value FROM json_each(?))`, numberList(ids))
}

// GiveUp leaves failed rows alone until their cells change in the source. Rows
// without a key can't be told again and stay as they are; it returns how many
// were given up.
func (s *Store) GiveUp(ctx context.Context, ids []int64, person string) (n int64, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		res, err := tx.Exec(`UPDATE attention SET given_up = ?, given_by = ?,
			given_on = (SELECT raw_hash FROM row_seen r WHERE r.sync_id = attention.sync_id AND r.key = attention.row_key)
			WHERE row_key <> '' AND id IN (SELECT value FROM json_each(?))`, ms(s.now()), person, numberList(ids))
		if err != nil {
			return err
		}
		n, err = res.RowsAffected()
		return err
	})
	return n, err
}

// LiftGivenUp takes up the rows whose cells are not those that were given up
// on, and returns the reasons of those that stay, by row key.
func (s *Store) LiftGivenUp(ctx context.Context, syncID int64) (map[string]string, error) {
	err := s.exec(ctx, `UPDATE attention SET given_up = 0, given_by = '', given_on = NULL WHERE sync_id = ?1 AND given_up <> 0 AND NOT EXISTS
		(SELECT 1 FROM row_seen r WHERE r.sync_id = ?1 AND r.key = attention.row_key AND r.gone = 0 AND r.raw_hash IS attention.given_on)`, syncID)
	if err != nil {
		return nil, err
	}
	left, err := list(ctx, s.write, scanAttention, `SELECT `+attentionColumns+` FROM attention WHERE sync_id = ? AND given_up <> 0`, syncID)
	by := make(map[string]string, len(left))
	for _, a := range left {
		by[a.RowKey] = a.Message
	}
	return by, err
}

// Unsuggested yields the failed rows of a run with their cells, for which
// values may be known that would do.
func (s *Store) Unsuggested(ctx context.Context, syncID int64, runID string) iter.Seq2[AttentionCells, error] {
	return stream(ctx, s.read, func(rows *sql.Rows) (AttentionCells, error) {
		var c AttentionCells
		var vals, raw string
		if err := rows.Scan(&c.ID, &vals, &raw); err != nil {
			return c, err
		}
		var err error
		_, c.Cells, err = s.forms.parseRow(vals, raw)
		return c, err
	}, `SELECT a.id, r.vals, r.raw FROM attention a JOIN row_seen r ON r.sync_id = a.sync_id AND r.key = a.row_key WHERE a.sync_id = ? AND a.last_run = ?`, syncID, runID)
}

// AttentionCells is a failed row with its cells.
type AttentionCells struct {
	ID    int64
	Cells record.Values
}

// Suggest keeps, as JSON by id, the values that would do for failed rows.
func (s *Store) Suggest(ctx context.Context, suggested map[int64][]byte) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		for id, doc := range suggested {
			if _, err := tx.Exec(`UPDATE attention SET suggested = ? WHERE id = ?`, string(doc), id); err != nil {
				return err
			}
		}
		return nil
	})
}

// ClearAttention drops the failed rows of a sync that the plan has as failed
// no longer.
func (s *Store) ClearAttention(ctx context.Context, syncID int64, planID string) error {
	const items = `(SELECT i.row_key, i.line, i.kind IN ('edges', 'edge-row'), ` + keyless + ` FROM plan_item i WHERE i.plan_number = (SELECT number FROM plan WHERE id = ?2) AND `
	return s.exec(ctx, `DELETE FROM attention WHERE sync_id = ?1 AND given_up = 0 AND (row_key, line, edge <> '', `+keyless+`) NOT IN `+items+`(i.fate = 'failed' OR i.done = 'failed'))
		AND (class <> 'blocked' OR (row_key, line, edge <> '', `+keyless+`) NOT IN `+items+`i.kind = 'conflict'))`, syncID, planID)
}
