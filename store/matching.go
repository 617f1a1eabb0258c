package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The reasons why a row is not matched like any other.
const (
	MatchSeveral = "several" // several records have the row's match value
	MatchShared  = "shared"  // other rows have the same match value
	MatchTaken   = "taken"   // the record belongs to another row already
	MatchOther   = "other"   // the record bears the row's key, but other match values
	MatchSame    = "same"    // the row counts as one with another that has the same match value
	MatchChosen  = "chosen"  // the record that a person chose for the row is not there
)

// chosen is the match key of what people chose.
const chosen = -2

// Match is what matching found for an unlinked row.
type Match struct {
	RecordID string // "" when there is none, or a Reason
	Ord      int    // which match key; -1 is the sync key, -2 a person's choice
	Reason   string
	Others   string // records or rows in the way, at most ten of them, separated by commas
	Count    int    // how many are in the way
}

// readOthers reads what is in the way as matching keeps it: the number, then
// the names.
func (m *Match) readOthers(text string) (err error) {
	if count, names, ok := strings.Cut(text, " "); ok {
		m.Others = names
		m.Count, err = strconv.Atoi(count)
	}
	return err
}

// Shown is what is in the way as a person is shown it, and what a decision
// rests on.
func (m Match) Shown() string {
	if m.Count > 10 {
		return fmt.Sprintf("%s, … (%d)", m.Others, m.Count)
	}
	return m.Others
}

// MatchRows finds a record for each unlinked row of the source: by our sync
// key, then by the match keys in their order. The first key by which anything
// is found decides. Only a pair that is one to one is a match; all else is
// reported and never guessed. Rows that share a value count as one where they
// agree in every mapped field, or where duplicates is "first" or "last".
// Decisions about whole rows count where they were made on what is there now;
// the others are open again. keyOf gives the key that we would give the record
// of a row.
func (s *Store) MatchRows(ctx context.Context, syncID int64, keys int, duplicates string, keyOf func(rowKey string) string) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		if err := identifyByKey(tx, syncID, keyOf); err != nil {
			return err
		}
		if _, err := tx.Exec(releaseRulings, syncID); err != nil {
			return err
		}
		if _, err := tx.Exec(releaseFirst, syncID); err != nil {
			return err
		}
		if err := ruleTwins(tx, syncID, false); err != nil {
			return err
		}
		if err := match(tx, syncID, keys, duplicates); err != nil {
			return err
		}
		if any, err := s.rule(tx, syncID); err != nil || !any {
			return err
		}
		return match(tx, syncID, keys, duplicates)
	})
}

// identifyByKey keeps our keys of the rows without a link, where there is a
// record that bears one at all.
func identifyByKey(tx *sql.Tx, syncID int64, keyOf func(string) string) error {
	var any bool
	if err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM identity WHERE sync_id = ? AND side = 1 AND ord = -1)`, syncID).Scan(&any); err != nil || !any {
		return err
	}
	keys, err := unidentified(tx, syncID)
	if err != nil {
		return err
	}
	all := make([]identity, 0, len(keys))
	for _, key := range keys {
		all = append(all, identity{ord: -1, value: keyOf(key), key: key})
	}
	return identifyRows(tx, syncID, all)
}

func unidentified(tx *sql.Tx, syncID int64) ([]string, error) {
	rows, err := tx.Query(`SELECT r.key FROM row_seen r WHERE r.sync_id = ?1 AND r.gone = 0
		AND NOT EXISTS (SELECT 1 FROM link l WHERE l.sync_id = ?1 AND l.row_key = r.key)
		AND NOT EXISTS (SELECT 1 FROM identity i WHERE i.sync_id = ?1 AND i.side = 0 AND i.ref = r.key AND i.ord = -1)`, syncID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var keys []string
	for rows.Next() {
		var key string
		if err := rows.Scan(&key); err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, rows.Err()
}

func match(tx *sql.Tx, syncID int64, keys int, duplicates string) error {
	if _, err := tx.Exec(`DELETE FROM matched WHERE sync_id = ?`, syncID); err != nil {
		return err
	}
	for _, q := range []string{matchChosen, waitForChosen} {
		if _, err := tx.Exec(q, syncID); err != nil {
			return err
		}
	}
	for ord := -1; ord < keys; ord++ {
		if _, err := tx.Exec(matchByKey, syncID, ord, duplicates); err != nil {
			return err
		}
		if ord == -1 {
			if _, err := tx.Exec(doubtKeys, syncID); err != nil {
				return err
			}
		}
	}
	// Two rows that reach one record by different keys are no match either.
	const twice = `WHERE sync_id = ?1 AND record_id IN (SELECT record_id FROM matched WHERE sync_id = ?1 AND record_id <> '' GROUP BY record_id HAVING count(*) > 1)`
	if _, err := tx.Exec(`UPDATE matched SET others = '1 ' || (SELECT min(x.row_key) FROM matched x
		WHERE x.sync_id = ?1 AND x.record_id = matched.record_id AND x.row_key <> matched.row_key) `+twice, syncID); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE matched SET reason = 'taken', record_id = '' `+twice, syncID)
	return err
}

// matchChosen takes the records that people chose. Of several rows that one was chosen for, the one gets
// it that was decided about in Review, else the first. After a merge of records a row may be one with the
// survivor by what was said of the one, and different from it by what was said of the other.
const matchChosen = `INSERT INTO matched SELECT sync_id, row_key, lead, -2, '', '' FROM (
	SELECT k.sync_id, k.row_key, k.lead, row_number() OVER (PARTITION BY k.lead ORDER BY k.pending <> 1, s.line, k.row_key) AS nth FROM ruling k
	JOIN record_seen r ON r.sync_id = k.sync_id AND r.id = k.lead AND r.gone = ''
	JOIN row_seen s ON s.sync_id = k.sync_id AND s.key = k.row_key AND s.gone = 0
	WHERE k.sync_id = ?1 AND k.kind = 'take'
	AND NOT EXISTS (SELECT 1 FROM link l WHERE l.sync_id = ?1 AND l.row_key = k.row_key)
	AND NOT EXISTS (SELECT 1 FROM link l WHERE l.sync_id = ?1 AND l.record_id = k.lead)
	AND NOT (k.pending = 2 AND EXISTS (SELECT 1 FROM apart a WHERE a.sync_id = ?1 AND a.row_key = k.row_key AND a.record_id = k.lead AND a.twin = 1))) WHERE nth = 1`

// waitForChosen lets the other rows wait for a person: their record is another row's by now, or not there.
// Matched by their keys, or made anew, they would be there twice.
const waitForChosen = `INSERT INTO matched SELECT sync_id, row_key, '', -2, CASE WHEN holder <> '' THEN 'taken' ELSE 'chosen' END, '1 ' || CASE WHEN holder <> '' THEN holder ELSE lead END FROM (
	SELECT k.sync_id, k.row_key, k.lead, coalesce((SELECT l.row_key FROM link l WHERE l.sync_id = ?1 AND l.record_id = k.lead),
		(SELECT m.row_key FROM matched m WHERE m.sync_id = ?1 AND m.record_id = k.lead), '') AS holder FROM ruling k
	JOIN row_seen s ON s.sync_id = k.sync_id AND s.key = k.row_key AND s.gone = 0
	WHERE k.sync_id = ?1 AND (k.kind = 'take' AND k.pending = 2 OR k.kind = 'claim' AND k.ord = -2)
	AND NOT EXISTS (SELECT 1 FROM link l WHERE l.sync_id = ?1 AND l.row_key = k.row_key)
	AND NOT EXISTS (SELECT 1 FROM matched m WHERE m.sync_id = ?1 AND m.row_key = k.row_key))`

// doubtKeys doubts records that bear a row's key and no match value of it,
// where both have values: a copied or restored file reuses keys for others.
const doubtKeys = `UPDATE matched SET reason = 'other', others = '1 ' || record_id, record_id = '' WHERE sync_id = ?1 AND ord = -1 AND record_id <> ''
	AND EXISTS (SELECT 1 FROM identity a INDEXED BY identity_ref JOIN identity b INDEXED BY identity_ref ON b.sync_id = a.sync_id AND b.side = 1 AND b.ref = matched.record_id AND b.ord = a.ord
		WHERE a.sync_id = ?1 AND a.side = 0 AND a.ref = matched.row_key AND a.ord BETWEEN 0 AND 99)
	AND NOT EXISTS (SELECT 1 FROM identity a INDEXED BY identity_ref JOIN identity b INDEXED BY identity_ref ON b.sync_id = a.sync_id AND b.side = 1 AND b.ref = matched.record_id AND b.ord = a.ord AND b.value = a.value
		WHERE a.sync_id = ?1 AND a.side = 0 AND a.ref = matched.row_key AND a.ord BETWEEN 0 AND 99)`

// Of the others only the first ten are named: where a thousand rows hold "none", each would name
// all of them, which is a million names. Before the names stands how many they are.
//
// Rows that share a value are one where they agree in every mapped field, where the definition
// says so, or where a person does: then the first in rank leads and the others follow it.
//
// Most values are of one row and no record, and are passed over first.
//
// ?1 sync, ?2 number of the key, ?3 duplicates.
const matchByKey = `
WITH telling AS (
  SELECT o.value FROM identity o WHERE o.sync_id = ?1 AND o.side = 0 AND o.ord = ?2 GROUP BY o.value
  HAVING count(*) > 1 OR EXISTS (SELECT 1 FROM identity h WHERE h.sync_id = ?1 AND h.side = 1 AND h.ord = ?2 AND h.value = o.value)
), mine AS (
  SELECT i.ref, i.value, r.hash, coalesce(k.kind, '') AS kind, row_number() OVER (PARTITION BY i.value ORDER BY r.line, i.ref) AS nth,
    row_number() OVER (PARTITION BY i.value ORDER BY coalesce(k.kind, '') <> 'lead', CASE ?3 WHEN 'last' THEN -r.line ELSE r.line END, i.ref) AS rank
  FROM telling CROSS JOIN identity i ON i.value = telling.value
  JOIN row_seen r ON r.sync_id = ?1 AND r.key = i.ref AND r.gone = 0
  LEFT JOIN ruling k ON k.sync_id = ?1 AND k.row_key = i.ref
  WHERE i.sync_id = ?1 AND i.side = 0 AND i.ord = ?2 AND coalesce(k.kind, '') NOT IN ('out', 'same', 'apart')
), sharing AS (
  SELECT value, count(*) AS rows, count(DISTINCT hash) = 1 OR ?3 <> 'review' OR max(kind IN ('lead', 'one')) AS are_one,
    max(CASE WHEN rank = 1 THEN ref END) AS lead, group_concat(CASE WHEN nth <= 10 THEN ref END, ', ') AS refs FROM mine GROUP BY value
), found AS (
  SELECT m.ref, m.value, s.rows, s.lead, s.refs, s.rows > 1 AND s.are_one AND m.rank > 1 AS follows,
    CASE WHEN s.rows = 1 OR s.are_one THEN 1 ELSE s.rows END AS rivals, count(h.ref) AS n, max(h.ref) AS rid
  FROM mine m JOIN sharing s ON s.value = m.value
  LEFT JOIN identity h ON h.sync_id = ?1 AND h.side = 1 AND h.ord = ?2 AND h.value = m.value
    AND EXISTS (SELECT 1 FROM record_seen q WHERE q.sync_id = ?1 AND q.id = h.ref AND q.gone = '' AND q.in_scope = 1)
    AND NOT EXISTS (SELECT 1 FROM apart a WHERE a.sync_id = ?1 AND a.row_key = m.ref AND a.record_id = h.ref)
  WHERE m.ref NOT IN (SELECT row_key FROM matched WHERE sync_id = ?1)
  GROUP BY m.ref
), judged AS (
  SELECT ref, value, n, rid, refs, rows, rivals, follows, lead,
    (SELECT l.row_key FROM link l WHERE l.sync_id = ?1 AND l.record_id = rid) AS holder,
    (SELECT x.row_key FROM matched x WHERE x.sync_id = ?1 AND x.record_id = rid) AS early
  FROM found
)
INSERT INTO matched
SELECT ?1, ref,
  CASE WHEN follows = 0 AND n = 1 AND rivals = 1 AND holder IS NULL AND early IS NULL THEN rid ELSE '' END, ?2,
  CASE WHEN follows THEN 'same' WHEN n > 1 THEN 'several' WHEN rivals > 1 THEN 'shared' WHEN n = 1 AND (holder IS NOT NULL OR early IS NOT NULL) THEN 'taken' ELSE '' END,
  CASE WHEN follows THEN '1 ' || lead WHEN n > 1 THEN n || ' ' || (SELECT group_concat(f.ref, ', ') FROM (SELECT h.ref FROM identity h
      WHERE h.sync_id = ?1 AND h.side = 1 AND h.ord = ?2 AND h.value = judged.value
      AND EXISTS (SELECT 1 FROM record_seen q WHERE q.sync_id = ?1 AND q.id = h.ref AND q.gone = '' AND q.in_scope = 1)
      AND NOT EXISTS (SELECT 1 FROM apart a WHERE a.sync_id = ?1 AND a.row_key = judged.ref AND a.record_id = h.ref)
      LIMIT 10) f)
    WHEN rivals > 1 THEN rows || ' ' || refs WHEN holder IS NOT NULL THEN '1 ' || holder WHEN early IS NOT NULL THEN '1 ' || early ELSE '' END
FROM judged WHERE n > 0 OR rivals > 1 OR follows`

// KeepApart remembers that a row and a record are not the same, so that they
// are never matched again.
func (s *Store) KeepApart(ctx context.Context, syncID int64, rowKey, recordID string) error {
	return s.exec(ctx, `INSERT OR IGNORE INTO apart(sync_id, row_key, record_id, at) VALUES(?,?,?,?)`, syncID, rowKey, recordID, ms(time.Now()))
}

// RecordsThere returns, for unlinked rows by key, a record that exists for them
// as far as is known: the one that the last matching found, or that stands in
// its way, or one out of the filter's scope with the same match value.
func (s *Store) RecordsThere(ctx context.Context, syncID int64) (map[string]string, error) {
	ords, err := ordsOf(ctx, s.write, syncID, 0)
	if err != nil {
		return nil, err
	}
	rows, err := s.write.QueryContext(ctx, `SELECT row_key, CASE WHEN record_id <> '' THEN record_id ELSE substr(others, instr(others, ' ') + 1) END FROM matched
			WHERE sync_id = ?1 AND (record_id <> '' OR reason IN ('several', 'taken'))
		UNION ALL `+outside, syncID, ords)
	if err != nil {
		return nil, err
	}
	return pairs(rows)
}

// Unmatched counts the rows that have neither a link nor a match.
func (s *Store) Unmatched(ctx context.Context, syncID int64) (n int, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT count(*) FROM row_seen r WHERE r.sync_id = ?1 AND r.gone = 0
		AND NOT EXISTS (SELECT 1 FROM link l WHERE l.sync_id = r.sync_id AND l.row_key = r.key)
		AND NOT EXISTS (SELECT 1 FROM matched m WHERE m.sync_id = r.sync_id AND m.row_key = r.key)`, syncID).Scan(&n)
	return n, err
}

// Outside returns, for unlinked rows by key, a record that has their match
// value and does not pass the filter.
func (s *Store) Outside(ctx context.Context, syncID int64) (map[string]string, error) {
	ords, err := ordsOf(ctx, s.read, syncID, 0)
	if err != nil {
		return nil, err
	}
	rows, err := s.read.QueryContext(ctx, outside, syncID, ords)
	if err != nil {
		return nil, err
	}
	return pairs(rows)
}

const outside = `SELECT i.ref, h.ref FROM record_seen q
	CROSS JOIN identity h ON h.sync_id = q.sync_id AND h.side = 1 AND h.ref = q.id
	CROSS JOIN identity i ON i.sync_id = q.sync_id AND i.side = 0 AND i.ord IN (SELECT value FROM json_each(?2)) AND i.value = h.value
		AND (i.ord = h.ord OR h.also > 0 AND i.ord = h.also OR i.also > 0 AND i.also IN (h.ord, h.also))
	WHERE q.sync_id = ?1 AND q.in_scope = 0 AND q.gone = ''`

func pairs(rows *sql.Rows) (map[string]string, error) {
	defer rows.Close()
	all := make(map[string]string)
	for rows.Next() {
		var a, b string
		if err := rows.Scan(&a, &b); err != nil {
			return nil, err
		}
		all[a] = b
	}
	return all, rows.Err()
}
