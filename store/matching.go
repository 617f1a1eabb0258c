package store

import (
	"context"
	"database/sql"
	"time"
)

// The reasons why a row can't be matched without a person.
const (
	MatchSeveral = "several" // several records have the row's match value
	MatchShared  = "shared"  // other rows have the same match value
	MatchTaken   = "taken"   // the record belongs to another row already
)

// Match is what matching found for an unlinked row.
type Match struct {
	RecordID string // "" when there is none, or a Reason
	Ord      int    // which match key; -1 is the sync key
	Reason   string
	Others   string // records or rows in the way, at most ten of them, separated by commas
	Count    int    // how many are in the way
}

// MatchRows finds a record for each unlinked row of the pull: by our sync key,
// then by the match keys in their order. The first key by which anything is
// found decides. Only a pair that is one to one is a match; all else is
// reported and never guessed. A person's decisions about whole rows (property
// "" in the queue) count: a row left out no longer stands in the way, and a
// chosen record is taken.
func (s *Store) MatchRows(ctx context.Context, syncID, pull int64, keys int) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec(`DELETE FROM matched WHERE sync_id = ?`, syncID); err != nil {
			return err
		}
		if _, err := tx.Exec(`INSERT INTO matched SELECT c.sync_id, c.row_key, c.value, -2, '', '' FROM conflict c
			JOIN record_seen r ON r.sync_id = c.sync_id AND r.id = c.value AND r.gone = ''
			WHERE c.sync_id = ?1 AND c.property = '' AND c.state = 'decided' AND c.choice = 'value'
			AND NOT EXISTS (SELECT 1 FROM link l WHERE l.sync_id = ?1 AND (l.row_key = c.row_key OR l.record_id = c.value))
			GROUP BY c.value HAVING count(*) = 1`, syncID); err != nil {
			return err
		}
		for ord := -1; ord < keys; ord++ {
			if _, err := tx.Exec(matchByKey, syncID, ord, pull); err != nil {
				return err
			}
		}
		// Two rows that reach one record by different keys are no match either.
		_, err := tx.Exec(`UPDATE matched SET reason = 'taken', others = '1 ' || record_id, record_id = '' WHERE sync_id = ?1 AND record_id <> '' AND record_id IN
			(SELECT record_id FROM matched WHERE sync_id = ?1 AND record_id <> '' GROUP BY record_id HAVING count(*) > 1)`, syncID)
		return err
	})
}

// Of the others only the first ten are named: where a thousand rows hold "none", each would name
// all of them, which is a million names. Before the names stands how many they are.
//
// ?1 sync, ?2 number of the key, ?3 pull.
const matchByKey = `
WITH chosen AS (
  SELECT row_key, choice FROM conflict WHERE sync_id = ?1 AND property = '' AND state = 'decided'
), mine AS (
  SELECT i.ref, i.value, coalesce(c.choice, '') AS choice, row_number() OVER (PARTITION BY i.value ORDER BY r.line) AS nth FROM identity i
  JOIN row_seen r ON r.sync_id = ?1 AND r.key = i.ref AND r.pull = ?3 AND r.copies = 1
  LEFT JOIN chosen c ON c.row_key = i.ref
  WHERE i.sync_id = ?1 AND i.side = 0 AND i.ord = ?2 AND coalesce(c.choice, '') <> 'skip'
), sharing AS (
  SELECT value, count(*) AS rows, sum(choice = 'source') AS picked, group_concat(CASE WHEN nth <= 10 THEN ref END, ', ') AS refs FROM mine GROUP BY value
), found AS (
  SELECT m.ref, m.value, s.rows, s.picked, m.choice, s.refs, count(h.ref) AS n, max(h.ref) AS rid
  FROM mine m JOIN sharing s ON s.value = m.value
  LEFT JOIN identity h ON h.sync_id = ?1 AND h.side = 1 AND h.ord = ?2 AND h.value = m.value
    AND EXISTS (SELECT 1 FROM record_seen q WHERE q.sync_id = ?1 AND q.id = h.ref AND q.gone = '' AND q.in_scope = 1)
    AND NOT EXISTS (SELECT 1 FROM apart a WHERE a.sync_id = ?1 AND a.row_key = m.ref AND a.record_id = h.ref)
  WHERE m.ref NOT IN (SELECT row_key FROM matched WHERE sync_id = ?1)
  GROUP BY m.ref
), judged AS (
  SELECT ref, value, n, rid, refs, rows,
    (SELECT l.row_key FROM link l WHERE l.sync_id = ?1 AND l.record_id = rid) AS holder,
    (SELECT 1 FROM matched x WHERE x.sync_id = ?1 AND x.record_id = rid) AS early,
    CASE WHEN rows = 1 THEN 1 WHEN choice = 'source' AND picked = 1 THEN 1 ELSE rows END AS rivals
  FROM found
)
INSERT INTO matched
SELECT ?1, ref,
  CASE WHEN n = 1 AND rivals = 1 AND holder IS NULL AND early IS NULL THEN rid ELSE '' END, ?2,
  CASE WHEN n > 1 THEN 'several' WHEN rivals > 1 THEN 'shared' WHEN n = 1 AND (holder IS NOT NULL OR early IS NOT NULL) THEN 'taken' ELSE '' END,
  CASE WHEN n > 1 THEN n || ' ' || (SELECT group_concat(f.ref, ', ') FROM (SELECT h.ref FROM identity h
      WHERE h.sync_id = ?1 AND h.side = 1 AND h.ord = ?2 AND h.value = judged.value
      AND EXISTS (SELECT 1 FROM record_seen q WHERE q.sync_id = ?1 AND q.id = h.ref AND q.gone = '' AND q.in_scope = 1)
      AND NOT EXISTS (SELECT 1 FROM apart a WHERE a.sync_id = ?1 AND a.row_key = judged.ref AND a.record_id = h.ref)
      LIMIT 10) f)
    WHEN rivals > 1 THEN rows || ' ' || refs WHEN holder IS NOT NULL THEN '1 ' || holder ELSE '' END
FROM judged WHERE n > 0 OR rivals > 1`

// KeepApart remembers that a row and a record are not the same, so that they
// are never matched again.
func (s *Store) KeepApart(ctx context.Context, syncID int64, rowKey, recordID string) error {
	return s.exec(ctx, `INSERT OR IGNORE INTO apart VALUES(?,?,?,?)`, syncID, rowKey, recordID, ms(time.Now()))
}
