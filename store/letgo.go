package store

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
)

// Whether what a run wrote is kept: run.let_go.
const (
	changesKept  = 0
	changesGoing = 1
	changesGone  = 2
)

// tidyChanges drops a slice of what an old run wrote, field by field, and of
// its operations. From the first slice on the run counts as one that can't be
// undone: never is a part of it.
func (s *Store) tidyChanges(ctx context.Context, keep Keeping) (more bool, err error) {
	// Most of the time nothing goes, and others may want to write: it is looked for by reading.
	if _, err := s.letGo(ctx, s.read, keep); errors.Is(err, ErrNotFound) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	return true, s.tx(ctx, func(tx *sql.Tx) error {
		run, err := s.letGo(ctx, tx, keep) // an undo may have been planned since
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE run SET let_go = ? WHERE id = ?`, changesGoing, run); err != nil {
			return err
		}
		for _, q := range []string{
			`DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE run_id = ? LIMIT ?)`,
			`DELETE FROM op WHERE id IN (SELECT id FROM op WHERE run_id = ? LIMIT ?)`,
		} {
			res, err := tx.Exec(q, run, slice)
			if err != nil {
				return err
			}
			if n, err := res.RowsAffected(); err != nil || n > 0 {
				return err
			}
		}
		_, err = tx.Exec(`UPDATE run SET let_go = ? WHERE id = ?`, changesGone, run)
		return err
	})
}

// nextLetGo finds the oldest run whose time has come. What still waits for an
// answer or is to be read back, a plan under way and an undo that somebody has
// before them need what it wrote. A part of a run goes after it: they are undone
// together.
const nextLetGo = `SELECT r.id FROM run r WHERE r.let_go = 0 AND r.started_at < ? AND r.state NOT IN ('running', 'interrupted')
	AND NOT EXISTS (SELECT 1 FROM op o WHERE o.sync_id = r.sync_id AND o.state = 'sent' AND o.run_id = r.id)
	AND NOT EXISTS (SELECT 1 FROM op o WHERE o.sync_id = r.sync_id AND o.verify = 1 AND o.run_id = r.id)
	AND NOT EXISTS (SELECT 1 FROM op o WHERE o.sync_id = r.sync_id AND o.doubt = 1 AND o.run_id = r.id)
	AND NOT EXISTS (SELECT 1 FROM plan p WHERE p.id = r.plan_id AND p.state = 'applying')
	AND NOT EXISTS (SELECT 1 FROM run q WHERE q.id = r.part_of AND q.let_go = 0)
	AND NOT EXISTS (SELECT 1 FROM plan p WHERE p.sync_id = r.sync_id AND p.undo_of = r.id AND p.state IN ('making', 'ready', 'applying'))
	ORDER BY r.started_at LIMIT 1`

func (s *Store) letGo(ctx context.Context, db interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}, keep Keeping) (run string, err error) {
	err = db.QueryRowContext(ctx, `SELECT id FROM run WHERE let_go = 1 LIMIT 1`).Scan(&run)
	if errors.Is(err, sql.ErrNoRows) && keep.Changes > 0 {
		err = db.QueryRowContext(ctx, nextLetGo, s.before(keep.Changes)).Scan(&run)
	}
	return run, one(err)
}

// LetGoOf reports whether it is kept no longer what the run of a plan wrote.
func (s *Store) LetGoOf(ctx context.Context, planID string) (gone bool, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM run WHERE plan_id = ? AND let_go > 0)`, planID).Scan(&gone)
	return gone, err
}

// LetGoRuns returns the runs of syncs of a portal's object type of which it is kept no longer what they
// wrote, the newest first.
func (s *Store) LetGoRuns(ctx context.Context, portalID int64, object string) ([]Run, error) {
	return list(ctx, s.read, scanRun, `SELECT `+runColumns+runTables+`WHERE r.let_go > 0 AND y.portal_id = ? AND y.object = ? ORDER BY r.started_at DESC, r.rowid DESC`, portalID, object)
}

// GoingChanges counts the runs, undos among them, that could be undone no more
// if what runs wrote were kept for so many days.
func (s *Store) GoingChanges(ctx context.Context, days int) (n int, err error) {
	if days <= 0 {
		return 0, nil
	}
	err = s.read.QueryRowContext(ctx, `SELECT count(*) FROM run WHERE let_go = 0 AND part_of = '' AND started_at < ? AND state NOT IN ('running', 'interrupted')`, s.before(days)).Scan(&n)
	return n, err
}

// gonePage is how many rows or records go in one transaction: each is looked at
// from several sides.
const gonePage = 500

// Rows and records that are no more, that have no link and that nobody has
// anything to decide about, or has decided something about, serve nothing: one
// that comes back is seen anew. ?1 is the sync, ?2 the last pull before the time.
const (
	goneRowsOf = `SELECT r.rowid FROM row_seen r INDEXED BY row_gone WHERE r.sync_id = ?1 AND r.gone > 0 AND r.gone <= ?2
		AND NOT EXISTS (SELECT 1 FROM link l WHERE l.sync_id = ?1 AND l.row_key = r.key)
		AND NOT EXISTS (SELECT 1 FROM undone u WHERE u.sync_id = ?1 AND u.row_key = r.key)
		AND NOT EXISTS (SELECT 1 FROM ruling k WHERE k.sync_id = ?1 AND k.row_key = r.key)
		AND NOT EXISTS (SELECT 1 FROM ruling k WHERE k.sync_id = ?1 AND k.lead = r.key)
		AND NOT EXISTS (SELECT 1 FROM twin t WHERE t.sync_id = ?1 AND t.a = 'row ' || r.key)
		AND NOT EXISTS (SELECT 1 FROM twin t WHERE t.sync_id = ?1 AND t.b = 'row ' || r.key)
		AND NOT EXISTS (SELECT 1 FROM correction c WHERE c.sync_id = ?1 AND c.row_key = r.key)
		AND NOT EXISTS (SELECT 1 FROM attention t WHERE t.sync_id = ?1 AND t.row_key = r.key)
		AND NOT EXISTS (SELECT 1 FROM conflict c INDEXED BY conflict_live WHERE c.sync_id = ?1 AND c.row_key = r.key AND c.state <> 'closed')
		AND NOT EXISTS (SELECT 1 FROM edge e WHERE e.sync_id = ?1 AND e.row_key = r.key) LIMIT ?3`
	goneRecordsOf = `SELECT h.rowid FROM record_seen h INDEXED BY record_gone WHERE h.sync_id = ?1 AND h.gone <> '' AND h.gone IN ('archived', 'erased') AND h.gone_pull <= ?2
		AND NOT EXISTS (SELECT 1 FROM link l WHERE l.sync_id = ?1 AND l.record_id = h.id)
		AND NOT EXISTS (SELECT 1 FROM ruling k WHERE k.sync_id = ?1 AND k.lead = h.id)
		AND NOT EXISTS (SELECT 1 FROM edge e WHERE e.sync_id = ?1 AND e.from_record = h.id) LIMIT ?3`
)

// tidyGone drops a slice of what is no more. It looks once a day: what may not
// go is looked at every time.
func (s *Store) tidyGone(ctx context.Context, keep Keeping) (more bool, err error) {
	if keep.Gone <= 0 {
		return false, nil
	}
	var last int64
	err = s.read.QueryRowContext(ctx, `SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'gone-tidied'`).Scan(&last)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	if last > s.before(1) {
		return false, nil
	}
	type due struct{ sync, pull int64 }
	all, err := list(ctx, s.read, func(row interface{ Scan(...any) error }) (d due, err error) {
		return d, row.Scan(&d.sync, &d.pull)
	}, `SELECT y.id, (SELECT max(p.pull) FROM plan p WHERE p.sync_id = y.id AND p.made_at < ?) AS last FROM sync y WHERE last > 0`, s.before(keep.Gone))
	if err != nil {
		return false, err
	}
	for _, d := range all {
		for of, drops := range map[string][]string{
			goneRowsOf: {`DELETE FROM row_seen WHERE rowid IN (SELECT value FROM json_each(?))`},
			goneRecordsOf: {
				`DELETE FROM identity WHERE (sync_id, side, ref) IN (SELECT sync_id, 1, id FROM record_seen WHERE rowid IN (SELECT value FROM json_each(?)))`,
				`DELETE FROM record_seen WHERE rowid IN (SELECT value FROM json_each(?))`,
			},
		} {
			if more, err := s.dropGone(ctx, of, drops, d.sync, d.pull); more || err != nil {
				return more, err
			}
		}
	}
	return false, s.exec(ctx, `INSERT INTO meta VALUES('gone-tidied', ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value`, strconv.FormatInt(ms(s.now()), 10))
}

func (s *Store) dropGone(ctx context.Context, of string, drops []string, syncID, pull int64) (more bool, err error) {
	found := func(db interface {
		QueryContext(context.Context, string, ...any) (*sql.Rows, error)
	}) (ids []int64, err error) {
		rows, err := db.QueryContext(ctx, of, syncID, pull, gonePage)
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		for rows.Next() {
			var id int64
			if err := rows.Scan(&id); err != nil {
				return nil, err
			}
			ids = append(ids, id)
		}
		return ids, rows.Err()
	}
	// Most of the time nothing goes, and others may want to write: it is looked for by reading.
	if ids, err := found(s.read); err != nil || len(ids) == 0 {
		return false, err
	}
	return true, s.tx(ctx, func(tx *sql.Tx) error {
		ids, err := found(tx) // a run may have changed it since
		if err != nil {
			return err
		}
		for _, drop := range drops {
			if _, err := tx.Exec(drop, numberList(ids)); err != nil {
				return err
			}
		}
		return nil
	})
}
