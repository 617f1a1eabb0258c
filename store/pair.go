package store

import (
	"context"
	"database/sql"
	"errors"

	"syncline/sync/plan"
)

// SeenPair is what the last pull saw of a row and of the record that it is
// linked to. Either is nil where it was not seen.
type SeenPair struct {
	Row    *RowSeen
	Record *RecordSeen
}

// SeenPair returns what the last pull saw of the row with this key and of a
// record; with recordID "" of the record that the row is linked to.
func (s *Store) SeenPair(ctx context.Context, syncID int64, rowKey, recordID string) (SeenPair, error) {
	var p SeenPair
	r := rowScan{forms: s.forms}
	h := recordScan{forms: s.forms}
	err := s.read.QueryRowContext(ctx, `SELECT `+rowColumns+`, `+recordColumns+` FROM (SELECT ?1 AS sync_id, ?2 AS key) v
		LEFT JOIN link l ON l.sync_id = v.sync_id AND l.row_key = v.key
		LEFT JOIN row_seen r ON r.sync_id = v.sync_id AND r.key = v.key
		LEFT JOIN record_seen h ON h.sync_id = v.sync_id AND h.id = CASE WHEN ?3 <> '' THEN ?3 ELSE l.record_id END LIMIT 1`, syncID, rowKey, recordID).Scan(append(r.dest(), h.dest()...)...)
	if errors.Is(err, sql.ErrNoRows) {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	if p.Row, err = r.row(); err != nil {
		return p, err
	}
	p.Record, err = h.record()
	return p, err
}

// PairNow returns all that is known of a row and the record that it is linked
// to, or of the given one where it has no link yet. A link that is given is the row's
// where it has none under its key: the row is about to go on with it.
func (s *Store) PairNow(ctx context.Context, syncID, link int64, rowKey, recordID string) (Pair, error) {
	p := Pair{Link: Link{RowKey: rowKey, RecordID: recordID, State: plan.LinkActive}}
	var src, rem sql.NullString
	var undone string
	var whole []byte
	err := s.write.QueryRowContext(ctx, `SELECT l.id, coalesce(l.record_id, ?3), coalesce(l.sync_key, ''), l.state, l.why, l.merged_into, b.src, b.rem, b.whole, `+undoneJSON+`l.row_key)
		FROM link l LEFT JOIN base b ON b.link_id = l.id WHERE l.sync_id = ?1 AND (l.row_key = ?2 OR l.id = ?4) ORDER BY l.row_key = ?2 DESC LIMIT 1`, syncID, rowKey, recordID, link).
		Scan(&p.Link.ID, &p.Link.RecordID, &p.Link.SyncKey, &p.Link.State, &p.Link.Why, &p.Link.MergedInto, &src, &rem, &whole, &undone)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return p, err
	}
	if p.Undone, err = s.parseUndone(undone); err != nil {
		return p, err
	}
	if src.Valid {
		if p.Base, err = s.parseBase(src.String, rem.String); err != nil {
			return p, err
		}
		p.Base.Whole = whole
	}
	seen, err := s.SeenPair(ctx, syncID, rowKey, p.Link.RecordID)
	p.Row, p.Record = seen.Row, seen.Record
	return p, err
}

// DecidedGroup is how many decided conflicts of a sync wait to be carried out
// by its next run.
type DecidedGroup struct {
	SyncID   int64
	SyncName string
	Path     string
	Count    int
}

// Decided counts the decisions that wait, by sync, most first.
func (s *Store) Decided(ctx context.Context) ([]DecidedGroup, error) {
	return list(ctx, s.read, func(row interface{ Scan(...any) error }) (DecidedGroup, error) {
		var g DecidedGroup
		return g, row.Scan(&g.SyncID, &g.SyncName, &g.Path, &g.Count)
	}, `SELECT o.id, o.name, o.path, count(*) AS n`+conflictTables+`JOIN sync o ON o.id = CASE WHEN y.parent <> 0 THEN y.parent ELSE y.id END
		WHERE c.state = 'decided' AND o.hidden = 0 GROUP BY o.id ORDER BY n DESC, o.name`)
}

// OpenProperties returns the properties of a row that are in open or decided
// conflicts.
func (s *Store) OpenProperties(ctx context.Context, syncID int64, rowKey string) (map[string]bool, error) {
	names, err := list(ctx, s.read, func(row interface{ Scan(...any) error }) (string, error) {
		var name string
		err := row.Scan(&name)
		return name, err
	}, `SELECT property FROM conflict WHERE sync_id = ? AND row_key = ? AND state <> 'closed' AND edge = ''`, syncID, rowKey)
	if err != nil {
		return nil, err
	}
	open := make(map[string]bool, len(names))
	for _, n := range names {
		open[n] = true
	}
	return open, nil
}
