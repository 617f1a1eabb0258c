package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"iter"

	"syncline/sync/plan"
	"syncline/sync/record"
)

// Link is the remembered pair of a row and a record.
type Link struct {
	ID         int64
	RowKey     string
	RecordID   string // "" while its create is under way
	SyncKey    string
	State      plan.LinkState
	Why        string
	MergedInto string
}

// Base is what both sides held when they last agreed, by property; a property
// that is missing never agreed.
type Base struct {
	Source, HubSpot record.Values
	Whole           []byte // of all that the row held then, nil where that is not known; see Whole
}

// Pair is a link with what is known of both of its ends.
type Pair struct {
	Link   Link
	Row    *RowSeen    // nil: never seen; see GonePull for one that left the source
	Record *RecordSeen // nil: never read; see Gone for one that is no more
	Base   *Base       // nil: never agreed
	Undone []Undone    // what an undo took back and stays so
	ByKey  bool        // not linked: the record bears our key of the row, which this workspace did not give it
}

// Unlinked is a row without a link, with what matching found for it.
type Unlinked struct {
	Row    RowSeen
	Match  Match
	Record *RecordSeen // the matched one
	Undone []Undone    // its record, where an undo took that back
	// Alone says that nobody else is known to have one of the unique values that
	// the row brings: no record, and no other row.
	Alone bool
}

const rowColumns = `r.key, r.line, r.copies, r.vals, r.raw, r.modified, r.problem, r.gone, r.hash, r.changed, r.differ, r.digest, r.sound`
const recordColumns = `h.id, h.vals, h.updated, h.read_at, h.in_scope, h.gone, h.gone_pull, h.merged_into`

// rowScan and recordScan receive columns that are all NULL when an outer join
// found nothing.
type rowScan struct {
	forms                                    *forms
	key, vals, raw, problem, changed, digest sql.NullString
	line, copies, modified, gone, differ     sql.NullInt64
	sound                                    sql.NullInt64
	hash                                     []byte
}

func (r *rowScan) dest() []any {
	return []any{&r.key, &r.line, &r.copies, &r.vals, &r.raw, &r.modified, &r.problem, &r.gone, &r.hash, &r.changed, &r.differ, &r.digest, &r.sound}
}

func (r *rowScan) row() (*RowSeen, error) {
	if !r.key.Valid {
		return nil, nil
	}
	values, raw, err := r.forms.parseRow(r.vals.String, r.raw.String)
	if err != nil {
		return nil, err
	}
	return r.with(values, raw)
}

// bare is the row without its cells.
func (r *rowScan) bare() (*RowSeen, error) {
	values, err := r.forms.parseValues(r.vals.String)
	if err != nil {
		return nil, err
	}
	return r.with(values, nil)
}

func (r *rowScan) with(values, raw record.Values) (row *RowSeen, err error) {
	row = &RowSeen{Key: r.key.String, Line: int(r.line.Int64), Copies: int(r.copies.Int64), Values: values, Raw: raw, Modified: at(r.modified.Int64),
		GonePull: r.gone.Int64, Hash: r.hash, Differ: r.differ.Int64 == 1, Digest: r.digest.String, Sound: r.sound.Int64}
	if r.changed.String != "" {
		if row.Changed, err = parseChanged(r.changed.String); err != nil {
			return nil, err
		}
	}
	if r.problem.String != "" {
		err = json.Unmarshal([]byte(r.problem.String), &row.Problems)
	}
	return row, err
}

type recordScan struct {
	forms                          *forms
	id, vals, gone, merged         sql.NullString
	updated, read, scope, gonePull sql.NullInt64
}

func (r *recordScan) dest() []any {
	return []any{&r.id, &r.vals, &r.updated, &r.read, &r.scope, &r.gone, &r.gonePull, &r.merged}
}

func (r *recordScan) record() (*RecordSeen, error) {
	if !r.id.Valid {
		return nil, nil
	}
	values, err := r.forms.parseValues(r.vals.String)
	return &RecordSeen{ID: r.id.String, Values: values, Updated: at(r.updated.Int64), Read: at(r.read.Int64), InScope: r.scope.Int64 == 1,
		Gone: plan.Gone(r.gone.String), GonePull: r.gonePull.Int64, MergedInto: r.merged.String}, err
}

// ChangedPairs yields, in link order, the links where a side differs from its
// base, is gone, or has something undecided; with all it yields every link.
// Comparing is one join over hashes, so it stays in bounded memory.
func (s *Store) ChangedPairs(ctx context.Context, syncID int64, all bool) iter.Seq2[Pair, error] {
	const q = `SELECT l.id, l.row_key, coalesce(l.record_id, ''), coalesce(l.sync_key, ''), l.state, l.why, l.merged_into, b.src, b.rem, b.whole, ` + undoneJSON + `l.row_key), ` + rowColumns + `, ` + recordColumns + `
		FROM link l
		LEFT JOIN row_seen r ON r.sync_id = l.sync_id AND r.key = l.row_key
		LEFT JOIN record_seen h ON h.sync_id = l.sync_id AND h.id = l.record_id
		LEFT JOIN base b ON b.link_id = l.id
		WHERE l.sync_id = ?1 AND (?2 OR l.state <> 'active' OR r.key IS NULL OR r.gone > 0 OR h.id IS NULL OR h.gone <> '' OR r.problem <> '' OR r.copies > 1
			OR b.link_id IS NULL OR r.hash IS NOT b.src_hash OR h.hash IS NOT b.rem_hash
			OR EXISTS (SELECT 1 FROM conflict c INDEXED BY conflict_live WHERE c.sync_id = l.sync_id AND c.row_key = l.row_key AND c.state <> 'closed')
			OR EXISTS (SELECT 1 FROM flag f WHERE f.link_id = l.id)
			OR EXISTS (SELECT 1 FROM correction k WHERE k.sync_id = l.sync_id AND k.row_key = l.row_key AND k.lapsed_at = 0)
			OR EXISTS (SELECT 1 FROM attention a WHERE a.sync_id = l.sync_id AND a.row_key = l.row_key)
			OR EXISTS (SELECT 1 FROM undone u WHERE u.sync_id = l.sync_id AND u.row_key = l.row_key))
		ORDER BY l.id`
	return stream(ctx, s.read, func(rows *sql.Rows) (Pair, error) {
		var p Pair
		var src, rem sql.NullString
		var undone string
		var whole []byte
		r := rowScan{forms: s.forms}
		h := recordScan{forms: s.forms}
		dest := append([]any{&p.Link.ID, &p.Link.RowKey, &p.Link.RecordID, &p.Link.SyncKey, &p.Link.State, &p.Link.Why, &p.Link.MergedInto, &src, &rem, &whole, &undone}, r.dest()...)
		err := rows.Scan(append(dest, h.dest()...)...)
		if err != nil {
			return p, err
		}
		if p.Undone, err = s.parseUndone(undone); err != nil {
			return p, err
		}
		if p.Row, err = r.row(); err != nil {
			return p, err
		}
		if p.Record, err = h.record(); err != nil {
			return p, err
		}
		if src.Valid {
			if p.Base, err = s.parseBase(src.String, rem.String); err == nil {
				p.Base.Whole = whole
			}
		}
		return p, err
	}, q, syncID, all)
}

func (s *Store) parseBase(src, rem string) (*Base, error) {
	var b Base
	var err error
	if b.Source, err = s.forms.parseValues(src); err != nil {
		return nil, err
	}
	b.HubSpot, err = s.forms.parseValues(rem)
	return &b, err
}

// UnlinkedRows yields the rows of the source without a link, in its order. The
// cells are left out of those of which there is nothing more to say: rows of
// their own key, without a problem, that match nothing.
func (s *Store) UnlinkedRows(ctx context.Context, syncID int64) iter.Seq2[Unlinked, error] {
	// What is sorted are only the numbers of the rows, which stand one beside the other: the rows
	// themselves may be more than the memory holds. LIMIT keeps SQLite from leaving out the order.
	const q = `SELECT m.record_id, m.ord, m.reason, m.others, CASE WHEN ?4 THEN ` + undoneJSON + `r.key) ELSE '' END, ordered.id, ` + rowColumns + `, ` + recordColumns + `
		FROM (SELECT o.rowid AS id FROM row_seen o WHERE o.rowid BETWEEN ?2 AND ?3 AND +o.sync_id = ?1 AND o.gone = 0
			AND NOT EXISTS (SELECT 1 FROM link l WHERE l.sync_id = ?1 AND l.row_key = o.key) ORDER BY o.line, o.key LIMIT -1) ordered
		CROSS JOIN row_seen r ON r.rowid = ordered.id
		LEFT JOIN matched m ON m.sync_id = r.sync_id AND m.row_key = r.key
		LEFT JOIN record_seen h ON h.sync_id = r.sync_id AND h.id = m.record_id`
	var first, last int64
	var undone bool
	err := s.read.QueryRowContext(ctx, `SELECT coalesce(min(rowid), 0), coalesce(max(rowid), 0), EXISTS (SELECT 1 FROM undone WHERE sync_id = ?1) FROM row_seen INDEXED BY row_seen_key WHERE sync_id = ?1`, syncID).Scan(&first, &last, &undone)
	var contested rowSet
	if err == nil {
		contested, err = s.contested(ctx, syncID)
	}
	if err != nil {
		return func(yield func(Unlinked, error) bool) { yield(Unlinked{}, err) }
	}
	var record, reason, others sql.NullString
	var ord sql.NullInt64
	var taken string
	var id int64
	r, h := rowScan{forms: s.forms}, recordScan{forms: s.forms}
	dest := append(append([]any{&record, &ord, &reason, &others, &taken, &id}, r.dest()...), h.dest()...)
	return stream(ctx, s.read, func(rows *sql.Rows) (u Unlinked, err error) {
		if err := rows.Scan(dest...); err != nil {
			return u, err
		}
		u.Alone = !contested.has(id)
		if u.Undone, err = s.parseUndone(taken); err != nil {
			return u, err
		}
		read := r.bare
		if ord.Valid || len(u.Undone) > 0 || r.copies.Int64 > 1 || r.problem.String != "" {
			read = r.row
		}
		row, err := read()
		if err != nil {
			return u, err
		}
		u.Row, u.Match = *row, Match{RecordID: record.String, Ord: int(ord.Int64), Reason: reason.String}
		if err := u.Match.readOthers(others.String); err != nil {
			return u, err
		}
		u.Record, err = h.record()
		return u, err
	}, q, syncID, first, last, undone)
}

// Claims yields the unlinked rows whose record belongs to another row, with
// that row's link: what becomes of both is one decision.
func (s *Store) Claims(ctx context.Context, syncID int64) iter.Seq2[Claim, error] {
	const q = `SELECT m.row_key, l.id, l.row_key, coalesce(l.record_id, ''), l.state, b.src, b.rem, ` + rowColumns + `, n.hash, n.line FROM matched m
		JOIN row_seen n ON n.sync_id = m.sync_id AND n.key = m.row_key
		JOIN link l ON l.sync_id = m.sync_id AND l.row_key = substr(m.others, 3)
		LEFT JOIN row_seen r ON r.sync_id = l.sync_id AND r.key = l.row_key
		LEFT JOIN base b ON b.link_id = l.id
		WHERE m.sync_id = ? AND m.reason = 'taken' ORDER BY m.row_key`
	return stream(ctx, s.read, func(rows *sql.Rows) (Claim, error) {
		var c Claim
		var src, rem sql.NullString
		r := rowScan{forms: s.forms}
		dest := append([]any{&c.RowKey, &c.Holder.Link.ID, &c.Holder.Link.RowKey, &c.Holder.Link.RecordID, &c.Holder.Link.State, &src, &rem}, r.dest()...)
		err := rows.Scan(append(dest, &c.Hash, &c.Line)...)
		if err != nil {
			return c, err
		}
		if c.Holder.Row, err = r.row(); err == nil && src.Valid {
			c.Holder.Base, err = s.parseBase(src.String, rem.String)
		}
		return c, err
	}, q, syncID)
}

// Claim is a row whose record belongs to another row.
type Claim struct {
	RowKey string
	Line   int
	Hash   []byte // of its mapped values
	Holder Pair   // the other row and its link; Record is not filled
}

// UnlinkedRecords yields the records in scope that neither a link nor the
// matching gave to a row, and for which no row waits: whose such a record is, is
// for a person to say.
func (s *Store) UnlinkedRecords(ctx context.Context, syncID int64) iter.Seq2[RecordSeen, error] {
	const q = `SELECT ` + recordColumns + ` FROM record_seen h WHERE h.sync_id = ?1 AND h.gone = '' AND h.in_scope = 1
		AND NOT EXISTS (SELECT 1 FROM link l WHERE l.sync_id = ?1 AND l.record_id = h.id)
		AND NOT EXISTS (SELECT 1 FROM matched m WHERE m.sync_id = ?1 AND m.record_id = h.id)
		AND NOT EXISTS (SELECT 1 FROM identity t JOIN identity i ON i.sync_id = t.sync_id AND i.side = 0 AND i.ord = t.ord AND i.value = t.value
			JOIN matched m ON m.sync_id = i.sync_id AND m.row_key = i.ref AND m.ord = i.ord AND m.reason IN ('several', 'shared', 'taken', 'other')
			WHERE t.sync_id = ?1 AND t.side = 1 AND t.ref = h.id
			AND NOT EXISTS (SELECT 1 FROM apart a WHERE a.sync_id = ?1 AND a.row_key = m.row_key AND a.record_id = h.id))
		ORDER BY length(h.id), h.id`
	return stream(ctx, s.read, func(rows *sql.Rows) (RecordSeen, error) {
		h := recordScan{forms: s.forms}
		if err := rows.Scan(h.dest()...); err != nil {
			return RecordSeen{}, err
		}
		r, err := h.record()
		if err != nil {
			return RecordSeen{}, err
		}
		return *r, nil
	}, q, syncID)
}

// KeepMatch links a row with the record that a plan matched it with, before
// anything has been written, unless the row or the record has a link by now.
func (s *Store) KeepMatch(ctx context.Context, syncID int64, runID, rowKey, recordID string) error {
	return s.exec(ctx, `INSERT OR IGNORE INTO link(sync_id, row_key, record_id, created_run, state) VALUES(?,?,?,?,'pending')`, syncID, rowKey, recordID, runID)
}

// RelinkRecord points the link of a record at the one that it was merged into.
func (s *Store) RelinkRecord(ctx context.Context, syncID int64, recordID, into string) error {
	return s.exec(ctx, `UPDATE link SET record_id = ?3, merged_into = '' WHERE sync_id = ?1 AND record_id = ?2`, syncID, recordID, into)
}

// Freeze takes a link out of syncing until a person looked at it.
func (s *Store) Freeze(ctx context.Context, linkID int64, why string) error {
	return s.exec(ctx, `UPDATE link SET state = 'frozen', why = ? WHERE id = ?`, why, linkID)
}

// RecordHolder returns the row key that a record is linked to.
func (s *Store) RecordHolder(ctx context.Context, syncID int64, recordID string) (string, error) {
	var key string
	err := s.read.QueryRowContext(ctx, `SELECT row_key FROM link WHERE sync_id = ? AND record_id = ?`, syncID, recordID).Scan(&key)
	return key, one(err)
}

// LinkedAmong returns those of some records that a row is linked to.
func (s *Store) LinkedAmong(ctx context.Context, syncID int64, records []string) ([]string, error) {
	return list(ctx, s.write, scanText, `SELECT record_id FROM link WHERE sync_id = ? AND record_id IN (SELECT value FROM json_each(?)) ORDER BY id`, syncID, jsonList(records))
}

// PlannedFor is RecordHolder of a link that is still to be made: the key of the row
// that an item of a plan, of those left to do, gives the record to; "" where the
// source gives the new row its key.
func (s *Store) PlannedFor(ctx context.Context, planID, recordID string) (string, error) {
	var key string
	err := s.read.QueryRowContext(ctx, `SELECT row_key FROM plan_item WHERE `+ofPlan+` AND kind IN ('link', 'update', 'source-create') AND done = '' AND excluded = 0
		AND link_id = 0 AND record_id = ? LIMIT 1`, planID, recordID).Scan(&key)
	return key, one(err)
}

// SyncKeyLinks returns, of the links whose rows may have had another key before,
// those that hold some of our keys, by key.
func (s *Store) SyncKeyLinks(ctx context.Context, syncID int64, keys []string) (map[string]Link, error) {
	all, err := list(ctx, s.write, func(row interface{ Scan(...any) error }) (Link, error) {
		var l Link
		return l, row.Scan(&l.ID, &l.RowKey, &l.SyncKey)
	}, `SELECT id, row_key, sync_key FROM link WHERE sync_id = ? AND moved = 1 AND sync_key IN (SELECT value FROM json_each(?))`, syncID, jsonList(keys))
	by := make(map[string]Link, len(all))
	for _, l := range all {
		by[l.SyncKey] = l
	}
	return by, err
}

// BearsKey reports whether a record bears our key of a row.
func (s *Store) BearsKey(ctx context.Context, syncID int64, recordID string) (yes bool, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM identity WHERE sync_id = ? AND side = 1 AND ref = ? AND ord = -1)`, syncID, recordID).Scan(&yes)
	return yes, err
}

// KeyHolders returns, of the records without a link that bear our key of a row which
// has another record, that row's link, by record. It goes through the keys of all
// records once, and where there are such records through all links.
func (s *Store) KeyHolders(ctx context.Context, syncID int64) (map[string]Link, error) {
	const stray = `SELECT t.value, t.ref FROM identity t WHERE t.sync_id = ?1 AND t.side = 1 AND t.ord = -1
		AND NOT EXISTS (SELECT 1 FROM link l WHERE l.sync_id = ?1 AND l.record_id = t.ref)`
	by := make(map[string]Link)
	keys, err := list(ctx, s.read, func(row interface{ Scan(...any) error }) (i identity, err error) {
		return i, row.Scan(&i.value, &i.key)
	}, stray, syncID)
	if err != nil || len(keys) == 0 {
		return by, err
	}
	bearers := make(map[string][]string, len(keys)) // records by key
	for _, i := range keys {
		bearers[i.value] = append(bearers[i.value], i.key)
	}
	for l, err := range stream(ctx, s.read, func(rows *sql.Rows) (l Link, err error) {
		return l, rows.Scan(&l.RowKey, &l.RecordID, &l.SyncKey)
	}, `SELECT l.row_key, l.record_id, l.sync_key FROM link l WHERE l.sync_id = ?1 AND l.record_id IS NOT NULL AND l.sync_key IN (SELECT value FROM (`+stray+`))`, syncID) {
		if err != nil {
			return nil, err
		}
		for _, record := range bearers[l.SyncKey] {
			by[record] = l
		}
	}
	return by, nil
}

// RowRecords returns the records that rows are linked to, by row key.
func (s *Store) RowRecords(ctx context.Context, syncID int64, keys []string) (map[string]string, error) {
	all, err := list(ctx, s.write, func(row interface{ Scan(...any) error }) (l Link, err error) {
		return l, row.Scan(&l.RowKey, &l.RecordID)
	}, `SELECT l.row_key, l.record_id FROM json_each(?2) j CROSS JOIN link l ON l.sync_id = ?1 AND l.row_key = j.value WHERE l.state = 'active' AND l.record_id <> ''`, syncID, jsonList(keys))
	by := make(map[string]string, len(all))
	for _, l := range all {
		by[l.RowKey] = l.RecordID
	}
	return by, err
}

// AgreedSince returns which of some links another plan brought to agreement after
// the one with planID was made.
func (s *Store) AgreedSince(ctx context.Context, planID string, links []int64) (map[int64]bool, error) {
	all, err := list(ctx, s.write, func(row interface{ Scan(...any) error }) (id int64, err error) {
		err = row.Scan(&id)
		return id, err
	},
		`SELECT b.link_id FROM json_each(?2) j CROSS JOIN base b ON b.link_id = j.value CROSS JOIN run r ON r.id = b.agreed_run
		WHERE r.plan_id <> ?1 AND max(r.started_at, r.ended_at) >= (SELECT made_at FROM plan WHERE id = ?1)`, planID, numberList(links))
	since := make(map[int64]bool, len(all))
	for _, id := range all {
		since[id] = true
	}
	return since, err
}

// LinkedRecord returns the record that a row is linked to.
func (s *Store) LinkedRecord(ctx context.Context, syncID int64, rowKey string) (string, error) {
	var id string
	err := s.read.QueryRowContext(ctx, `SELECT coalesce(record_id, '') FROM link WHERE sync_id = ? AND row_key = ?`, syncID, rowKey).Scan(&id)
	return id, one(err)
}

// RecordsByRow returns the records that rows are linked to.
func (s *Store) RecordsByRow(ctx context.Context, syncID int64, rowKeys []string) (map[string]string, error) {
	if len(rowKeys) == 0 {
		return nil, nil
	}
	rows, err := s.write.QueryContext(ctx, `SELECT row_key, record_id FROM link WHERE sync_id = ? AND record_id IS NOT NULL AND row_key IN (SELECT value FROM json_each(?))`, syncID, jsonList(rowKeys))
	if err != nil {
		return nil, err
	}
	return pairs(rows)
}

// RecordsOf returns the records of links.
func (s *Store) RecordsOf(ctx context.Context, links []int64) (map[int64]string, error) {
	type pair struct {
		link   int64
		record string
	}
	all, err := list(ctx, s.write, func(row interface{ Scan(...any) error }) (p pair, err error) {
		return p, row.Scan(&p.link, &p.record)
	}, `SELECT id, coalesce(record_id, '') FROM link WHERE id IN (SELECT value FROM json_each(?))`, numberList(links))
	by := make(map[int64]string, len(all))
	for _, p := range all {
		by[p.link] = p.record
	}
	return by, err
}

// stream yields the rows of a large result one by one.
func stream[T any](ctx context.Context, db *sql.DB, scan func(*sql.Rows) (T, error), q string, args ...any) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		rows, err := db.QueryContext(ctx, q, args...)
		if err != nil {
			yield(none, err)
			return
		}
		defer rows.Close()
		for rows.Next() {
			v, err := scan(rows)
			if !yield(v, err) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(none, err)
		}
	}
}

const basesOf = `SELECT link_id, src, rem, whole FROM base WHERE link_id IN (SELECT value FROM json_each(?))`

// Bases returns the bases of links.
func (s *Store) Bases(ctx context.Context, links []int64) (map[int64]Base, error) {
	rows, err := s.write.QueryContext(ctx, basesOf, numberList(links))
	if err != nil {
		return nil, err
	}
	bases := make(map[int64]Base)
	return bases, s.scanBases(rows, bases)
}

// scanBases reads bases by their links, and closes the rows.
func (s *Store) scanBases(rows *sql.Rows, into map[int64]Base) error {
	defer rows.Close()
	for rows.Next() {
		var id int64
		var src, rem string
		var whole []byte
		if err := rows.Scan(&id, &src, &rem, &whole); err != nil {
			return err
		}
		base, err := s.parseBase(src, rem)
		if err != nil {
			return err
		}
		base.Whole = whole
		into[id] = *base
	}
	return rows.Err()
}

// Links are pairs by either of their ends, whatever their state.
type Links struct {
	ByRecord, ByRow map[string]Link
}

// LinksNow returns the pairs of which some records or rows are an end now. The number of a
// link that is no more may be that of another one by now, so that only its ends tell a pair.
func (s *Store) LinksNow(ctx context.Context, syncID int64, records, rows []string) (Links, error) {
	links := Links{ByRecord: make(map[string]Link, len(records)), ByRow: make(map[string]Link, len(rows))}
	for _, end := range []struct {
		column string
		of     []string
	}{{"record_id", records}, {"row_key", rows}} {
		all, err := list(ctx, s.write, func(row interface{ Scan(...any) error }) (l Link, err error) {
			return l, row.Scan(&l.ID, &l.RowKey, &l.RecordID, &l.State, &l.Why)
		}, `SELECT id, row_key, coalesce(record_id, ''), state, why FROM link WHERE sync_id = ? AND `+end.column+` IN (SELECT value FROM json_each(?))`, syncID, jsonList(end.of))
		if err != nil {
			return links, err
		}
		for _, l := range all {
			links.ByRow[l.RowKey] = l
			if l.RecordID != "" {
				links.ByRecord[l.RecordID] = l
			}
		}
	}
	return links, nil
}
