package store

import (
	"context"
	"database/sql"
	"maps"
	"slices"
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
	Kind     plan.Ruling // out, same, first, wait, take, apart, not, or other
	Lead     string      // same: the row that leads; take: the row's record; not: the record that is not the row's; other: the row that is another one
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
	}, `SELECT r.sync_id, y.name, y.path, r.row_key, r.kind, r.lead, coalesce(c.name, ''), max(coalesce(c.decided_at, 0), r.said) AS decided, CASE WHEN coalesce(c.decided_at, 0) >= r.said THEN coalesce(c.decided_by, '') ELSE r.by END
		FROM (SELECT sync_id, row_key, kind, lead, 0 AS said, '' AS by FROM ruling k WHERE pending IN (0, 2)
			AND NOT (kind IN ('take', 'apart') AND EXISTS (SELECT 1 FROM link l WHERE l.sync_id = k.sync_id AND l.row_key = k.row_key))
			UNION ALL SELECT sync_id, row_key, 'first', '', 0, '' FROM first_row
			UNION ALL SELECT DISTINCT sync_id, row_key, 'not', record_id, 0, '' FROM apart WHERE twin < 2
			UNION ALL SELECT sync_id, substr(b, length('row ') + 1), 'other', substr(a, length('row ') + 1), decided_at, decided_by FROM twin
				WHERE verdict = 'different' AND a LIKE 'row %' AND b LIKE 'row %') r
		JOIN sync y ON y.id = r.sync_id AND y.hidden = 0
		LEFT JOIN conflict c ON c.id = (SELECT max(id) FROM conflict o WHERE o.sync_id = r.sync_id AND o.row_key = r.row_key AND o.property = '' AND o.edge = '' AND o.choice <> '' AND r.kind <> 'other')
		ORDER BY decided DESC, r.sync_id, r.row_key`)
}

// Release takes back what was decided about rows: the next plan looks at each
// as if nothing had been decided. Two that look like one are asked about again.
func (s *Store) Release(ctx context.Context, rows []RuledRow) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		said := make(map[int64]map[TwinEnd][]Twin) // by sync: what is said of each row or record
		for _, r := range rows {
			if said[r.SyncID] == nil {
				all, err := list(ctx, tx, scanTwin, `SELECT `+twinColumns+` FROM twin WHERE sync_id = ?`, r.SyncID)
				if err != nil {
					return err
				}
				said[r.SyncID] = byEnd(all)
			}
			if err := release(tx, r, said[r.SyncID][RowEnd(r.RowKey)]); err != nil {
				return err
			}
		}
		for _, id := range slices.Sorted(maps.Keys(said)) {
			if err := twinsChanged(tx, id); err != nil {
				return err
			}
		}
		return nil
	})
}

func byEnd(twins []Twin) map[TwinEnd][]Twin {
	said := make(map[TwinEnd][]Twin, 2*len(twins))
	for _, t := range twins {
		said[t.A] = append(said[t.A], t)
		if t.B != t.A {
			said[t.B] = append(said[t.B], t)
		}
	}
	return said
}

// release takes one decision back; said is what is said of its row.
func release(tx *sql.Tx, r RuledRow, said []Twin) error {
	row, drop := RowEnd(r.RowKey), func(Twin) bool { return false }
	q, args := `DELETE FROM ruling WHERE sync_id = ? AND row_key = ? AND pending = 0 AND kind = ?`, []any{r.SyncID, r.RowKey, r.Kind}
	switch r.Kind {
	case plan.RuleFirst:
		q, args = `DELETE FROM first_row WHERE sync_id = ? AND row_key = ?`, args[:2]
	case plan.RuleNot:
		q, args[2] = `DELETE FROM apart WHERE sync_id = ? AND row_key = ? AND record_id = ?`, r.Lead
		drop = func(t Twin) bool { return t.Verdict == TwinDifferent && t.A == RecordEnd(r.Lead) && t.B == row }
	case RuleOther:
		drop = func(t Twin) bool { return t.Verdict == TwinDifferent && t.A == RowEnd(r.Lead) && t.B == row }
	case plan.RuleApart:
		drop = func(t Twin) bool { return t.Joined && t.B == row }
	case plan.RuleSame, RuleTake:
		drop = func(t Twin) bool { return t.Verdict == TwinSame }
	}
	if _, err := tx.Exec(q, args...); err != nil {
		return err
	}
	for _, t := range said {
		if !drop(t) {
			continue
		}
		if err := dropTwin(tx, t); err != nil {
			return err
		}
	}
	return nil
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
