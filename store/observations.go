package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"syncline/sync/plan"
	"syncline/sync/record"
)

// RowSeen is what a pull saw of one row of the source.
type RowSeen struct {
	Key      string
	Line     int
	Copies   int           // rows of this pull with the same key; this is the one that leads
	Differ   bool          // they do not agree in every mapped field
	Digest   string        // of what all of them hold, "" where there is one
	Hash     []byte        // of the canonical values; nil for a row with a problem
	RawHash  []byte        // of the raw cells
	Values   record.Values // property -> value, in the form in which both sides are compared
	Raw      record.Values // field -> cell
	Modified time.Time
	Changed  Changed           // when its values were changed, where that is asked for
	Problems map[string]string // property -> sentence; "" = the whole row
	Match    []string          // canonical value of each match key, "" = none
	Unique   []string          // its value of each unique property, in the form in which HubSpot tells them apart
	GonePull int64             // the pull of the complete read that first lacked it, 0 while it is there or unseen

	// Sound is the Reading.State in which all its values were found to be what HubSpot takes, in
	// the form in which it takes them; 0 = not known.
	Sound int64
	// Known says that the row need not be kept anew: it stands in the workspace as it is, and only
	// Key, Line and Modified are set here. See Reading.Known.
	Known Known
	// Anew rows are taken to values by every read: other things than their cells gave them some, or
	// something is to be said of them each time.
	Anew bool
}

// Changed is when the values of a row were changed, as far as the row's own
// times and the looks at it tell.
type Changed struct {
	// Spans are by property; a value that has none was never dated.
	Spans map[string]Span `json:"spans,omitempty"`
	// Rest is the hash of the cells that the sync does not use, "" where nobody asks for it.
	Rest string `json:"rest,omitempty"`
}

// Span is the time of a change, in milliseconds since 1970: not before From and
// not after To. Both are 0 where it is not known.
type Span struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}

// Times returns the bounds as times, zero where they are not known.
func (s Span) Times() (from, to time.Time) { return at(s.From), at(s.To) }

// NewSpan returns the span between two times.
func NewSpan(from, to time.Time) Span { return Span{From: ms(from), To: ms(to)} }

func parseChanged(text string) (c Changed, err error) {
	if text != "" {
		err = json.Unmarshal([]byte(text), &c)
	}
	return c, err
}

func (c Changed) none() bool { return len(c.Spans) == 0 && c.Rest == "" }

func (c Changed) text() (string, error) {
	if c.none() {
		return "", nil
	}
	b, err := json.Marshal(c)
	return string(b), err
}

// RowProblem is a row that could not be read.
type RowProblem struct {
	Line    int
	Key     string
	Message string
}

// RecordSeen is what a pull saw of one record.
type RecordSeen struct {
	ID         string
	Hash       []byte
	Values     record.Values
	Updated    time.Time
	Read       time.Time // when it was read from HubSpot
	InScope    bool      // passes the definition's filter
	Gone       plan.Gone // "" where it is there
	GonePull   int64     // the pull that first saw it gone
	MergedInto string
	Match      [][]string // canonical values of each match key (an e-mail may have several)
	Unique     [][]string // its values of each unique property, in the form in which HubSpot tells them apart
	SyncKey    string
}

// BeginPull starts a new pull and returns its number.
func (s *Store) BeginPull(ctx context.Context, syncID int64) (pull int64, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		return one(tx.QueryRow(`UPDATE sync SET pull = pull + 1 WHERE id = ? RETURNING pull`, syncID).Scan(&pull))
	})
	return pull, err
}

func problemText(problems map[string]string) (string, error) {
	if len(problems) == 0 {
		return "", nil
	}
	b, err := json.Marshal(problems)
	return string(b), err
}

// SeeRecords keeps a page of records in one commit.
func (s *Store) SeeRecords(ctx context.Context, syncID, pull int64, records []RecordSeen) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		known, err := recordsKnown(tx, syncID, records)
		if err != nil {
			return err
		}
		var fresh []RecordSeen
		for _, r := range records {
			old, ok := known[r.ID]
			switch {
			case !ok:
				known[r.ID] = recordKnown{} // a page may show one twice
				fresh = append(fresh, r)
			case old.as(r):
				if _, err := tx.Exec(`UPDATE record_seen SET pull = ?, read_at = ? WHERE sync_id = ? AND id = ?`, pull, ms(r.Read), syncID, r.ID); err != nil {
					return err
				}
			default:
				if err := s.insertRecords(tx, syncID, pull, fresh); err != nil {
					return err
				}
				fresh = fresh[:0]
				if err := s.seeAnew(tx, syncID, pull, r); err != nil {
					return err
				}
			}
		}
		return s.insertRecords(tx, syncID, pull, fresh)
	})
}

// recordKnown is what tells whether a record is as it was seen.
type recordKnown struct {
	hash    []byte
	updated int64
	inScope bool
	there   bool
}

func (k recordKnown) as(r RecordSeen) bool {
	return k.there && k.updated == ms(r.Updated) && k.inScope == r.InScope && bytes.Equal(k.hash, r.Hash)
}

func recordsKnown(tx *sql.Tx, syncID int64, records []RecordSeen) (map[string]recordKnown, error) {
	ids := make([]string, len(records))
	for i := range records {
		ids[i] = records[i].ID
	}
	rows, err := tx.Query(`SELECT h.id, h.hash, h.updated, h.in_scope, h.gone = '' FROM json_each(?2) j CROSS JOIN record_seen h ON h.sync_id = ?1 AND h.id = j.value`, syncID, jsonList(ids))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	known := make(map[string]recordKnown, len(records))
	for rows.Next() {
		var id string
		var k recordKnown
		if err := rows.Scan(&id, &k.hash, &k.updated, &k.inScope, &k.there); err != nil {
			return nil, err
		}
		known[id] = k
	}
	return known, rows.Err()
}

// insertRecords keeps records that were never seen.
func (s *Store) insertRecords(tx *sql.Tx, syncID, pull int64, records []RecordSeen) error {
	const put, columns = `INSERT INTO record_seen(sync_id, id, hash, pull, updated, read_at, in_scope, vals) VALUES`, 8
	err := inBulk(records, func(some []RecordSeen) error {
		args := make([]any, 0, columns*len(some))
		for _, r := range some {
			vals, err := s.forms.values(tx, r.Values)
			if err != nil {
				return err
			}
			args = append(args, syncID, r.ID, r.Hash, pull, ms(r.Updated), ms(r.Read), r.InScope, vals)
		}
		_, err := tx.Exec(put+marks(columns, len(some)), args...)
		return err
	})
	if err != nil {
		return err
	}
	var all []identity
	for i := range records {
		all = append(all, records[i].identities()...)
	}
	return identifyRecords(tx, syncID, all)
}

// seeAnew keeps a record that was seen before as it is now.
func (s *Store) seeAnew(tx *sql.Tx, syncID, pull int64, r RecordSeen) error {
	vals, err := s.forms.values(tx, r.Values)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE record_seen SET hash = ?, pull = ?, updated = ?, read_at = ?, stood = 0, in_scope = ?, gone = '', gone_pull = 0, merged_into = '', vals = ? WHERE sync_id = ? AND id = ?`,
		r.Hash, pull, ms(r.Updated), ms(r.Read), r.InScope, vals, syncID, r.ID); err != nil {
		return err
	}
	return identify(tx, syncID, r)
}

// SeeMore keeps a page of records that the pull did not show: new ones, and
// those that changed since. Of one that is observed as it is only that
// observation counts.
func (s *Store) SeeMore(ctx context.Context, syncID, pull int64, records []RecordSeen) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		put, err := tx.Prepare(`INSERT INTO record_seen(sync_id, id, hash, pull, updated, read_at, in_scope, vals) VALUES(?,?,?,?,?,?,?,?)
			ON CONFLICT(sync_id, id) DO UPDATE SET hash = excluded.hash, updated = excluded.updated, read_at = excluded.read_at, stood = 0, gone = '', gone_pull = 0, merged_into = '', vals = excluded.vals
			WHERE updated <> excluded.updated OR gone <> ''`)
		if err != nil {
			return err
		}
		defer put.Close()
		for _, r := range records {
			vals, err := s.forms.values(tx, r.Values)
			if err != nil {
				return err
			}
			res, err := put.Exec(syncID, r.ID, r.Hash, pull, ms(r.Updated), ms(r.Read), r.InScope, vals)
			if err != nil {
				return err
			}
			if n, _ := res.RowsAffected(); n == 0 {
				continue
			}
			if err := identify(tx, syncID, r); err != nil {
				return err
			}
		}
		return nil
	})
}

// identify keeps by what a record is matched, in the place of what was kept.
func identify(tx *sql.Tx, syncID int64, r RecordSeen) error {
	if _, err := tx.Exec(`DELETE FROM identity WHERE sync_id = ? AND side = 1 AND ref = ?`, syncID, r.ID); err != nil {
		return err
	}
	return identifyRecords(tx, syncID, r.identities())
}

// identities are the values by which a record is matched.
func (r RecordSeen) identities() []identity {
	var all []identity
	for ord, values := range append([][]string{{r.SyncKey}}, r.Match...) {
		for _, value := range values {
			if value != "" {
				all = withIdentity(all, ord-1, value, r.ID)
			}
		}
	}
	for nth, values := range r.Unique {
		for _, value := range values {
			if value != "" {
				all = withIdentity(all, UniqueOrd+nth, value, r.ID)
			}
		}
	}
	return all
}

// ForgetRecords drops all observations of records, for a definition whose
// mapping or match keys changed: the next pull reads them all. A plan of an
// earlier pull is no longer of the latest one.
func (s *Store) ForgetRecords(ctx context.Context, syncID int64) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		for _, q := range []string{
			`DELETE FROM record_seen WHERE sync_id = ?`,
			`DELETE FROM identity WHERE sync_id = ? AND side = 1`,
			`UPDATE sync SET watermark = 0, pull = pull + 1 WHERE id = ?`,
		} {
			if _, err := tx.Exec(q, syncID); err != nil {
				return err
			}
		}
		return nil
	})
}

// KnownAt returns, of the given records, when each known one was last changed
// as observed.
func (s *Store) KnownAt(ctx context.Context, syncID int64, ids []string) (map[string]time.Time, error) {
	rows, err := s.read.QueryContext(ctx, recordsKnownAt, syncID, jsonList(ids))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	known := make(map[string]time.Time)
	for rows.Next() {
		var id string
		var updated int64
		if err := rows.Scan(&id, &updated); err != nil {
			return nil, err
		}
		known[id] = at(updated)
	}
	return known, rows.Err()
}

// InScopeAmong tells which of some records were seen to pass the filter.
func (s *Store) InScopeAmong(ctx context.Context, syncID int64, ids []string) (map[string]bool, error) {
	all, err := list(ctx, s.read, scanText, `SELECT id FROM record_seen WHERE sync_id = ? AND gone = '' AND in_scope = 1 AND id IN (SELECT value FROM json_each(?))`, syncID, jsonList(ids))
	in := make(map[string]bool, len(all))
	for _, id := range all {
		in[id] = true
	}
	return in, err
}

// ChangedRows counts the linked rows of the source that differ from their base.
func (s *Store) ChangedRows(ctx context.Context, syncID int64) (n int, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT count(*) FROM link l JOIN row_seen r ON r.sync_id = l.sync_id AND r.key = l.row_key AND r.gone = 0
		JOIN base b ON b.link_id = l.id WHERE l.sync_id = ?1 AND l.state = 'active' AND r.hash IS NOT b.src_hash`, syncID).Scan(&n)
	return n, err
}

// Recent are the records that are known to have changed in a window.
type Recent struct {
	Count       int
	First, Last time.Time // of their changes
	// Stood is the time until which each of them is known to be as it was observed:
	// HubSpot's time of its reading back after a write, else that of its change.
	Stood time.Time
	// Moved are those, of whatever time, that are known not to be as observed.
	Moved []string
}

// RecentRecords returns what is known to have changed from a time to another,
// both included.
func (s *Store) RecentRecords(ctx context.Context, syncID int64, from, to time.Time) (Recent, error) {
	var r Recent
	var first, last, stood int64
	err := s.read.QueryRowContext(ctx, `SELECT count(*), coalesce(min(updated), 0), coalesce(max(updated), 0), coalesce(min(max(updated, stood)), 0) FROM record_seen WHERE sync_id = ? AND gone = '' AND updated BETWEEN ? AND ?`,
		syncID, ms(from), ms(to)).Scan(&r.Count, &first, &last, &stood)
	if err != nil {
		return r, err
	}
	r.First, r.Last, r.Stood = at(first), at(last), at(stood)
	r.Moved, err = list(ctx, s.read, scanText, `SELECT id FROM record_seen WHERE sync_id = ? AND gone = '' AND updated = 0`, syncID)
	return r, err
}

// OutsideYet are records that were read by id before a search showed them, which
// tells whether they pass the filter.
func (s *Store) OutsideYet(ctx context.Context, syncID int64) (ids []string, read map[string]time.Time, err error) {
	read = make(map[string]time.Time)
	ids, err = list(ctx, s.read, func(row interface{ Scan(...any) error }) (id string, err error) {
		var when int64
		err = row.Scan(&id, &when)
		read[id] = at(when)
		return id, err
	}, `SELECT id, read_at FROM record_seen WHERE sync_id = ? AND gone = '' AND updated = 0 AND in_scope = 0 ORDER BY id`, syncID)
	return ids, read, err
}

// RecordsMoved remembers that records are not as they were observed: they count
// as changed until they are read again.
func (s *Store) RecordsMoved(ctx context.Context, syncID int64, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	return s.exec(ctx, moveRecords, syncID, jsonList(ids))
}

const (
	recordsKnownAt = `SELECT id, updated FROM record_seen WHERE sync_id = ? AND gone = '' AND id IN (SELECT value FROM json_each(?))`
	moveRecords    = `UPDATE record_seen SET updated = 0 WHERE sync_id = ? AND id IN (SELECT value FROM json_each(?))`
	standRecords   = `UPDATE record_seen SET stood = max(stood, ?) WHERE sync_id = ? AND id IN (SELECT value FROM json_each(?))`
)

// RecordsStood remembers HubSpot's time at which records were read back and were
// as observed.
func (s *Store) RecordsStood(ctx context.Context, syncID int64, ids []string, when time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	return s.exec(ctx, standRecords, ms(when), syncID, jsonList(ids))
}

// Unseen returns the linked records that a pull of all records did not show
// and that are not known to be gone, and drops the unlinked ones.
func (s *Store) Unseen(ctx context.Context, syncID, pull int64) ([]string, error) {
	err := s.tx(ctx, func(tx *sql.Tx) error {
		const unlinked = `FROM record_seen WHERE sync_id = ?1 AND pull < ?2 AND NOT EXISTS (SELECT 1 FROM link WHERE sync_id = ?1 AND record_id = id)`
		if _, err := tx.Exec(`DELETE FROM identity WHERE sync_id = ?1 AND side = 1 AND ref IN (SELECT id `+unlinked+`)`, syncID, pull); err != nil {
			return err
		}
		_, err := tx.Exec(`DELETE `+unlinked, syncID, pull)
		return err
	})
	if err != nil {
		return nil, err
	}
	return list(ctx, s.write, scanText, `SELECT l.record_id FROM link l LEFT JOIN record_seen r ON r.sync_id = l.sync_id AND r.id = l.record_id
		WHERE l.sync_id = ? AND l.record_id IS NOT NULL AND l.state IN ('active', 'pending', 'tomb') AND (r.id IS NULL OR (r.pull < ? AND r.gone = '')) ORDER BY l.id`, syncID, pull)
}

// GoneRows returns the keys of the rows of active links that left the source.
func (s *Store) GoneRows(ctx context.Context, syncID int64) ([]string, error) {
	return list(ctx, s.write, scanText, `SELECT r.key FROM row_seen r JOIN link l ON l.sync_id = r.sync_id AND l.row_key = r.key
		WHERE r.sync_id = ? AND r.gone > 0 AND l.state = 'active' ORDER BY r.key`, syncID)
}

// MatchesOf returns by which values of match keys a record is found, in New.
func (s *Store) MatchesOf(ctx context.Context, syncID int64, recordID string) ([]Identity, error) {
	return list(ctx, s.write, func(row interface{ Scan(...any) error }) (i Identity, err error) {
		return i, row.Scan(&i.Ord, &i.New)
	}, `SELECT ord, value FROM identity WHERE sync_id = ? AND side = 1 AND ref = ? AND ord BETWEEN 0 AND ?`, syncID, recordID, UniqueOrd-1)
}

// RowsMatching returns the keys of rows without a record that have a value of a
// match key, some of them.
func (s *Store) RowsMatching(ctx context.Context, syncID int64, m Identity) ([]string, error) {
	return list(ctx, s.write, scanText, `SELECT ref FROM identity WHERE sync_id = ? AND side = 0 AND ord = ? AND value = ? ORDER BY ref LIMIT 5`, syncID, m.Ord, m.New)
}

// GoneRecords returns the records of active links that are known to be gone
// for some other reason than a merge.
func (s *Store) GoneRecords(ctx context.Context, syncID int64) ([]string, error) {
	return list(ctx, s.write, scanText, `SELECT h.id FROM record_seen h JOIN link l ON l.sync_id = h.sync_id AND l.record_id = h.id
		WHERE h.sync_id = ? AND h.gone <> '' AND h.gone <> 'merged' AND l.state = 'active' ORDER BY h.id`, syncID)
}

func scanText(row interface{ Scan(...any) error }) (string, error) {
	var t string
	err := row.Scan(&t)
	return t, err
}

// MarkGone says what became of a record that is no longer there: archived,
// erased, or merged into another one.
func (s *Store) MarkGone(ctx context.Context, syncID, pull int64, id string, how plan.Gone, mergedInto string) error {
	return s.exec(ctx, `INSERT INTO record_seen(sync_id, id, hash, pull, updated, read_at, gone, gone_pull, merged_into, vals) VALUES(?1, ?2, x'', ?3, 0, 0, ?4, ?3, ?5, '{}')
		ON CONFLICT(sync_id, id) DO UPDATE SET gone_pull = CASE WHEN gone = '' THEN ?3 ELSE gone_pull END, gone = ?4, merged_into = ?5`,
		syncID, id, pull, how, mergedInto)
}

// RowProblems returns the rows that could not be read.
func (s *Store) RowProblems(ctx context.Context, syncID int64) ([]RowProblem, error) {
	return list(ctx, s.read, func(row interface{ Scan(...any) error }) (RowProblem, error) {
		var p RowProblem
		return p, row.Scan(&p.Line, &p.Key, &p.Message)
	}, `SELECT line, key, message FROM row_problem WHERE sync_id = ? ORDER BY line`, syncID)
}

// Tally is what both sides hold as far as they were seen.
type Tally struct {
	Rows    int // in the source, with those that can't be read and the copies
	Records int // in scope and not gone
	Links   int // active
}

// Tally counts what both sides hold as far as they were seen.
func (s *Store) Tally(ctx context.Context, syncID int64) (Tally, error) {
	var t Tally
	err := s.read.QueryRowContext(ctx, `SELECT
		(SELECT coalesce(sum(copies), 0) FROM row_seen WHERE sync_id = ?1 AND gone = 0) + (SELECT count(*) FROM row_problem WHERE sync_id = ?1),
		(SELECT count(*) FROM record_seen WHERE sync_id = ?1 AND gone = '' AND in_scope = 1),
		(SELECT count(*) FROM link WHERE sync_id = ?1 AND state = 'active')`, syncID).Scan(&t.Rows, &t.Records, &t.Links)
	return t, err
}
