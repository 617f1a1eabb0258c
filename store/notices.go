package store

import (
	"context"
	"database/sql"
	"time"
)

// Notice says that something of a record changed, as HubSpot tells by its webhooks
// journal or a webhook. It tells no value: what the record holds is read from it.
type Notice struct {
	Object string // object type id
	Record string
	// Edges says that an association of the record changed, of which the record itself shows
	// nothing. An association is told of both of its records.
	Edges bool
}

// noticesKept is how long notices are kept. A sync whose last pull is older reads
// all records, and all associations, so that it needs none of them.
const noticesKept = 72 * time.Hour

// KeepNotices keeps that records of a portal changed: each sync of their object
// types reads them in its next pull, once, however often they are told of.
func (s *Store) KeepNotices(ctx context.Context, portalID int64, notices []Notice) error {
	return s.tx(ctx, func(tx *sql.Tx) error { return s.keepNotices(tx, portalID, notices) })
}

// keepNotices is KeepNotices as a part of what else is kept with them.
func (s *Store) keepNotices(tx *sql.Tx, portalID int64, notices []Notice) error {
	now := s.now()
	if _, err := tx.Exec(`DELETE FROM notice WHERE at < ?`, ms(now.Add(-noticesKept))); err != nil {
		return err
	}
	return inBulk(notices, func(some []Notice) error {
		const columns = 5
		args := make([]any, 0, columns*len(some))
		for _, n := range some {
			args = append(args, portalID, n.Object, n.Record, n.Edges, ms(now))
		}
		_, err := tx.Exec(`INSERT OR REPLACE INTO notice(portal_id, object, record_id, edges, at) VALUES`+marks(columns, len(some)), args...)
		return err
	})
}

// LastNotice is the number of the newest notice of any portal, 0 for none.
func (s *Store) LastNotice(ctx context.Context) (n int64, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'notice'`).Scan(&n)
	return n, err
}

// Noticed returns up to limit records of an object type that changed, or an
// association of theirs, by notices beyond one up to another, and the number of the
// last of them.
func (s *Store) Noticed(ctx context.Context, portalID int64, object string, edges bool, beyond, upTo int64, limit int) (ids []string, last int64, err error) {
	rows, err := s.read.QueryContext(ctx, noticedRecords, portalID, object, edges, beyond, upTo, limit)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&last, &id); err != nil {
			return nil, 0, err
		}
		ids = append(ids, id)
	}
	return ids, last, rows.Err()
}

const noticedRecords = `SELECT n, record_id FROM notice WHERE n > ?4 AND n <= ?5 AND portal_id = ?1 AND object = ?2 AND edges = ?3 ORDER BY n LIMIT ?6`

// NotSeenBy leaves out the records that a pull has seen.
func (s *Store) NotSeenBy(ctx context.Context, syncID, pull int64, ids []string) ([]string, error) {
	return list(ctx, s.read, scanText, `SELECT j.value FROM json_each(?3) j WHERE NOT EXISTS (SELECT 1 FROM record_seen h WHERE h.sync_id = ?1 AND h.id = j.value AND h.pull = ?2)`, syncID, pull, jsonList(ids))
}
