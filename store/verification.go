package store

import (
	"context"
	"database/sql"
	"time"
)

// The values of op.verify.
const (
	verifyNone = 0 // not to be read back
	verifyDue  = 1
	verifyDone = 2 // read back with its history
)

// OpsToVerify returns the next writes to HubSpot that are to be read back, after
// operation after, at most limit of them, of whatever run of the sync.
func (s *Store) OpsToVerify(ctx context.Context, syncID, after int64, limit int) ([]Op, error) {
	return list(ctx, s.write, s.scanOp, `SELECT `+opColumns+` FROM op WHERE sync_id = ? AND verify = 1 AND id > ? ORDER BY id LIMIT ?`, syncID, after, limit)
}

// Verified keeps that operations were read back, or with false that they are
// not going to be.
func (s *Store) Verified(ctx context.Context, ids []int64, read bool) error {
	if len(ids) == 0 {
		return nil
	}
	state := verifyNone
	if read {
		state = verifyDone
	}
	return s.exec(ctx, verifyOps, state, numberList(ids))
}

const verifyOps = `UPDATE op SET verify = ? WHERE id IN (SELECT value FROM json_each(?))`

// ReadBack is Verified for writes whose records were asked for by their ids: updated
// tells when each that was there was last changed. The records that are not as our
// writes left them count as changed until they are read again, wherever the next
// pull begins to search; of the others it is kept that they stood at HubSpot's
// time of this look.
func (s *Store) ReadBack(ctx context.Context, syncID int64, ops []int64, ids []string, updated map[string]time.Time, when time.Time) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		moved, stood, err := movedSince(tx, syncID, ids, updated)
		if err != nil {
			return err
		}
		if len(moved) > 0 {
			if _, err := tx.Exec(moveRecords, syncID, jsonList(moved)); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(standRecords, ms(when), syncID, jsonList(stood)); err != nil {
			return err
		}
		_, err = tx.Exec(verifyOps, verifyDone, numberList(ops))
		return err
	})
}

// movedSince tells which of the records that are known are as they were observed.
func movedSince(tx *sql.Tx, syncID int64, ids []string, updated map[string]time.Time) (moved, stood []string, err error) {
	rows, err := tx.Query(recordsKnownAt, syncID, jsonList(ids))
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var known int64
		if err := rows.Scan(&id, &known); err != nil {
			return nil, nil, err
		}
		if now, ok := updated[id]; !ok || now.After(at(known)) {
			moved = append(moved, id)
		} else {
			stood = append(stood, id)
		}
	}
	return moved, stood, rows.Err()
}

// Verification is how much of what a run wrote to HubSpot was read back with
// its history.
type Verification struct {
	Read int // read back and judged
	Due  int // left to the next run
}

// VerificationOf counts the read-backs of a run's writes.
func (s *Store) VerificationOf(ctx context.Context, runID string) (Verification, error) {
	var v Verification
	err := s.read.QueryRowContext(ctx, `SELECT coalesce(sum(verify = ?2), 0), coalesce(sum(verify = ?3), 0) FROM op WHERE run_id = ?1`, runID, verifyDone, verifyDue).Scan(&v.Read, &v.Due)
	return v, err
}

// DoubtfulRecords returns the records to which something was sent after a time
// that was found not to have arrived: it may arrive yet.
func (s *Store) DoubtfulRecords(ctx context.Context, syncID int64, after time.Time) (map[string]bool, error) {
	ids, err := list(ctx, s.write, scanText, `SELECT record_id FROM op WHERE sync_id = ? AND doubt = 1 AND sent_at > ? AND record_id <> ''`, syncID, ms(after))
	doubtful := make(map[string]bool, len(ids))
	for _, id := range ids {
		doubtful[id] = true
	}
	return doubtful, err
}

const updatesInDoubt = `SELECT ` + opColumns + ` FROM op WHERE sync_id = ? AND doubt = 1 AND side = 'hubspot' AND kind = 'update' AND sent_at > ?`

// UpdatesInDoubt returns the updates of records that were sent after a time and
// found not to have arrived: they may arrive yet.
func (s *Store) UpdatesInDoubt(ctx context.Context, syncID int64, after time.Time) ([]Op, error) {
	return list(ctx, s.write, s.scanOp, updatesInDoubt, syncID, ms(after))
}

// RowUpdatesInDoubt is UpdatesInDoubt for rows of the source.
func (s *Store) RowUpdatesInDoubt(ctx context.Context, syncID int64, after time.Time) ([]Op, error) {
	return list(ctx, s.write, s.scanOp, `SELECT `+opColumns+` FROM op WHERE sync_id = ? AND doubt = 1 AND side = 'source' AND kind = 'update' AND sent_at > ?`, syncID, ms(after))
}

// RowBecame gives the link of a row to another one that it lives on in, with what
// waits for a decision. It reports false, and changes nothing, where the other one
// is not there or has a link.
func (s *Store) RowBecame(ctx context.Context, syncID int64, row, into string) (followed bool, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		res, err := tx.Exec(`UPDATE link SET row_key = ?3, moved = 1 WHERE sync_id = ?1 AND row_key = ?2 AND state = 'active'
			AND EXISTS (SELECT 1 FROM row_seen WHERE sync_id = ?1 AND key = ?3 AND gone = 0)
			AND NOT EXISTS (SELECT 1 FROM link WHERE sync_id = ?1 AND row_key = ?3)`, syncID, row, into)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if err != nil || n == 0 {
			return err
		}
		followed = true
		_, err = tx.Exec(`UPDATE conflict SET row_key = ?3 WHERE sync_id = ?1 AND row_key = ?2 AND state <> 'closed'`, syncID, row, into)
		return err
	})
	return followed, err
}

const createInDoubt = `SELECT count(*) FROM op WHERE sync_id = ? AND doubt = 1 AND kind = 'create' AND row_key = ?`

// CreateInDoubt reports whether a create for a row was sent and its outcome was
// not known for a time: a record that is found may be of it.
func (s *Store) CreateInDoubt(ctx context.Context, syncID int64, rowKey string) (bool, error) {
	var n int
	err := s.write.QueryRowContext(ctx, createInDoubt, syncID, rowKey).Scan(&n)
	return n > 0, err
}

// OpsOnRecord returns all writes of a sync to a record that took effect, or may
// have. It is asked only of records of which a write was in doubt.
func (s *Store) OpsOnRecord(ctx context.Context, syncID int64, recordID string) ([]Op, error) {
	return list(ctx, s.write, s.scanOp, `SELECT `+opColumns+` FROM op WHERE sync_id = ? AND record_id = ? AND side = 'hubspot' ORDER BY id`, syncID, recordID)
}
