package store

import (
	"context"
	"database/sql"
	"time"

	"syncline/sync/plan"
)

// RuledRow is a row about which a decision goes on to hold, run after run.
type RuledRow struct {
	SyncID   int64
	SyncName string
	Path     string // of the sync's definition
	RowKey   string
	Name     string      // of the row, as it was shown when it was decided; "" where that is not known
	Kind     plan.Ruling // out, same, wait, take, or not
	Lead     string      // same: the row that leads; take: the row's record; not: the record that is not the row's
	Decided  time.Time   // zero where it is not known
	Person   string
}

// RuledRows returns the rows of all syncs that are not hidden about which a
// decision is in force, the newest decision first.
func (s *Store) RuledRows(ctx context.Context) ([]RuledRow, error) {
	return list(ctx, s.read, func(row interface{ Scan(...any) error }) (RuledRow, error) {
		var r RuledRow
		var decided int64
		err := row.Scan(&r.SyncID, &r.SyncName, &r.Path, &r.RowKey, &r.Kind, &r.Lead, &r.Name, &decided, &r.Person)
		r.Decided = at(decided)
		return r, err
	}, `SELECT r.sync_id, y.name, y.path, r.row_key, r.kind, r.lead, coalesce(c.name, ''), coalesce(c.decided_at, 0) AS decided, coalesce(c.decided_by, '')
		FROM (SELECT sync_id, row_key, kind, lead FROM ruling k WHERE pending = 0
			AND NOT (kind IN ('take', 'apart') AND EXISTS (SELECT 1 FROM link l WHERE l.sync_id = k.sync_id AND l.row_key = k.row_key))
			UNION ALL SELECT sync_id, row_key, 'not', record_id FROM apart) r
		JOIN sync y ON y.id = r.sync_id AND y.hidden = 0
		LEFT JOIN conflict c ON c.id = (SELECT max(id) FROM conflict o WHERE o.sync_id = r.sync_id AND o.row_key = r.row_key AND o.property = '' AND o.edge = '' AND o.choice <> '')
		ORDER BY decided DESC, r.sync_id, r.row_key`)
}

// Release takes back that a row is left out, counts as one with another, waits
// for its record, or is kept apart from one: the next plan looks at it as if
// nothing had been decided.
func (s *Store) Release(ctx context.Context, rows []RuledRow) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		for _, r := range rows {
			q := `DELETE FROM ruling WHERE sync_id = ? AND row_key = ? AND pending = 0 AND kind = ?`
			args := []any{r.SyncID, r.RowKey, r.Kind}
			if r.Kind == plan.RuleNot {
				q, args = `DELETE FROM apart WHERE sync_id = ? AND row_key = ? AND record_id = ?`, []any{r.SyncID, r.RowKey, r.Lead}
			}
			if _, err := tx.Exec(q, args...); err != nil {
				return err
			}
			// Two that look like one are asked about again.
			lead := RecordEnd(r.Lead)
			if r.Kind == plan.RuleSame {
				lead = RowEnd(r.Lead)
			}
			if _, err := tx.Exec(`DELETE FROM twin WHERE sync_id = ?1 AND (a = ?2 AND b = ?3 OR a = ?3 AND b = ?2)`, r.SyncID, RowEnd(r.RowKey), lead); err != nil {
				return err
			}
		}
		return nil
	})
}

// Candidates returns the records that the last matching found for a row and
// that belong to no other row, the oldest first and at most fifty.
func (s *Store) Candidates(ctx context.Context, syncID int64, rowKey string) ([]string, error) {
	return list(ctx, s.read, scanText, `SELECT DISTINCT h.ref FROM matched m
		JOIN identity i ON i.sync_id = m.sync_id AND i.side = 0 AND i.ref = m.row_key AND i.ord = m.ord
		JOIN identity h ON h.sync_id = m.sync_id AND h.side = 1 AND h.ord = m.ord AND h.value = i.value
		JOIN record_seen q ON q.sync_id = m.sync_id AND q.id = h.ref AND q.gone = '' AND q.in_scope = 1
		WHERE m.sync_id = ?1 AND m.row_key = ?2
		AND NOT EXISTS (SELECT 1 FROM link l WHERE l.sync_id = ?1 AND l.record_id = h.ref)
		AND NOT EXISTS (SELECT 1 FROM apart a WHERE a.sync_id = ?1 AND a.row_key = ?2 AND a.record_id = h.ref)
		ORDER BY length(h.ref), h.ref LIMIT 50`, syncID, rowKey)
}
