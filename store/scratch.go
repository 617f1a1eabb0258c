package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// scratchName begins the folders of scratch copies inside the workspace.
const scratchName = "scratch-"

// scratchAge is the age at which a folder whose program is gone may go; before
// that its program may just be about to lock it.
const scratchAge = time.Minute

// Scratch is a copy of what the workspace knows of one sync: its links, its
// bases and what people decided about whole rows. Both sides can be read into
// it and matched without the workspace being touched. It stands in a file, so
// that it is not bounded by memory, and Close removes it. With syncID 0 it is
// empty.
func (s *Store) Scratch(ctx context.Context, syncID int64) (*Store, error) {
	s.sweepScratch()
	dir, err := os.MkdirTemp(s.dir, scratchName)
	if err != nil {
		return nil, describe(s.dir, err)
	}
	c := &Store{dir: dir, now: s.now, scratch: true, shared: scratchLock(dir)}
	if _, err = c.shared.TryLock(); err == nil {
		err = c.openScratch(ctx)
	}
	if err == nil && syncID != 0 {
		err = c.copySync(ctx, filepath.Join(s.dir, File), syncID)
	}
	if err != nil {
		return nil, errors.Join(describe(dir, err), c.Close())
	}
	return c, nil
}

// ScratchFolder makes a folder inside the workspace for files that are not kept,
// and returns what removes it. A killed program's is removed by a later one.
func (s *Store) ScratchFolder() (dir string, remove func() error, err error) {
	s.sweepScratch()
	if dir, err = os.MkdirTemp(s.dir, scratchName); err != nil {
		return "", nil, describe(s.dir, err)
	}
	l := scratchLock(dir)
	if _, err := l.TryLock(); err != nil {
		return "", nil, errors.Join(describe(dir, err), os.RemoveAll(dir))
	}
	return dir, func() error { return errors.Join(l.Unlock(), os.RemoveAll(dir)) }, nil
}

func scratchLock(dir string) *flock.Flock {
	return flock.New(filepath.Join(dir, "scratch.lock"), flock.SetPermissions(0o600))
}

// sweepScratch removes what killed programs left behind. It fails silently: a
// folder too many harms nobody.
func (s *Store) sweepScratch() {
	left, _ := filepath.Glob(filepath.Join(s.dir, scratchName+"*"))
	for _, dir := range left {
		info, err := os.Stat(dir)
		if err != nil || time.Since(info.ModTime()) < scratchAge {
			continue
		}
		l := scratchLock(dir)
		if alone, err := l.TryLock(); err == nil && alone {
			_ = l.Unlock()
			_ = os.RemoveAll(dir)
		}
	}
}

func (s *Store) openScratch(ctx context.Context) (err error) {
	path := filepath.Join(s.dir, File)
	// It need not outlast anything.
	if s.write, err = sql.Open(driverName, dsn(path, "_cache_size=-32768")); err != nil {
		return err
	}
	s.write.SetMaxOpenConns(1)
	if _, err := s.write.ExecContext(ctx, `PRAGMA synchronous = OFF`); err != nil {
		return err
	}
	if err := migrate(ctx, s.write, func(int) error { return nil }); err != nil {
		return err
	}
	if _, err := s.write.ExecContext(ctx, `CREATE TABLE difference (n INTEGER PRIMARY KEY, doc TEXT NOT NULL) STRICT;
		CREATE TABLE in_filter (id TEXT PRIMARY KEY, updated INTEGER NOT NULL) STRICT, WITHOUT ROWID`); err != nil {
		return err
	}
	if s.read, err = sql.Open(driverName, dsn(path, "mode=ro&_query_only=1&_cache_size=-4096")); err != nil {
		return err
	}
	s.read.SetMaxOpenConns(4)
	return s.openForms(path)
}

// copySync copies a sync out of the workspace's file, which it only reads.
func (s *Store) copySync(ctx context.Context, workspace string, syncID int64) error {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, `ATTACH DATABASE ? AS workspace`, "file:"+escaped(workspace)+"?mode=ro"); err != nil {
		return err
	}
	for _, q := range []string{
		`INSERT INTO main.form SELECT * FROM workspace.form`,
		`INSERT INTO main.sync SELECT * FROM workspace.sync WHERE id = ?1`,
		`INSERT INTO main.link SELECT * FROM workspace.link WHERE sync_id = ?1 AND state <> 'pending'`,
		`INSERT INTO main.base SELECT * FROM workspace.base WHERE link_id IN (SELECT id FROM main.link)`,
		`INSERT INTO main.apart SELECT * FROM workspace.apart WHERE sync_id = ?1`,
		`INSERT INTO main.correction SELECT * FROM workspace.correction WHERE sync_id = ?1`,
		`INSERT INTO main.conflict SELECT * FROM workspace.conflict WHERE sync_id = ?1 AND property = '' AND state = 'decided'`,
	} {
		if _, err := conn.ExecContext(ctx, q, syncID); err != nil {
			return err
		}
	}
	_, err = conn.ExecContext(ctx, `DETACH DATABASE workspace`)
	return err
}

func (s *Store) closeScratch() error {
	var err error
	if s.read != nil {
		err = s.read.Close()
	}
	if s.lookup != nil {
		err = errors.Join(err, s.lookup.Close())
	}
	if s.write != nil {
		err = errors.Join(err, s.write.Close())
	}
	return errors.Join(err, s.shared.Unlock(), os.RemoveAll(s.dir))
}

// KeepDifferences appends documents to a scratch copy.
func (s *Store) KeepDifferences(ctx context.Context, docs []json.RawMessage) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		for _, doc := range docs {
			if _, err := tx.Exec(`INSERT INTO difference(doc) VALUES(?)`, string(doc)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Differences yields the documents of a scratch copy in the order in which they came.
func (s *Store) Differences(ctx context.Context) iter.Seq2[json.RawMessage, error] {
	return stream(ctx, s.read, func(rows *sql.Rows) (json.RawMessage, error) {
		var doc string
		err := rows.Scan(&doc)
		return json.RawMessage(doc), err
	}, `SELECT doc FROM difference ORDER BY n`)
}

// PassFilter notes in a scratch copy the records that the search shows to pass
// the definition's filter, as of when they were changed.
func (s *Store) PassFilter(ctx context.Context, updated map[string]time.Time) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		for id, when := range updated {
			if _, err := tx.Exec(`INSERT OR REPLACE INTO in_filter VALUES(?, ?)`, id, ms(when)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Passing returns, of these records, those noted by PassFilter.
func (s *Store) Passing(ctx context.Context, ids []string) (map[string]time.Time, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT id, updated FROM in_filter WHERE id IN (SELECT value FROM json_each(?))`, jsonList(ids))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	passing := make(map[string]time.Time)
	for rows.Next() {
		var id string
		var updated int64
		if err := rows.Scan(&id, &updated); err != nil {
			return nil, err
		}
		passing[id] = at(updated)
	}
	return passing, rows.Err()
}

// SetScope says whether a record that was seen passes the filter.
func (s *Store) SetScope(ctx context.Context, syncID int64, id string, inScope bool) error {
	return s.exec(ctx, `UPDATE record_seen SET in_scope = ? WHERE sync_id = ? AND id = ?`, inScope, syncID, id)
}

// Lonely yields the records in scope that no row has: neither by a link nor by
// matching.
func (s *Store) Lonely(ctx context.Context, syncID int64) iter.Seq2[RecordSeen, error] {
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
	}, `SELECT `+recordColumns+` FROM record_seen h WHERE h.sync_id = ?1 AND h.gone = '' AND h.in_scope = 1
		AND NOT EXISTS (SELECT 1 FROM link l WHERE l.sync_id = ?1 AND l.record_id = h.id)
		AND NOT EXISTS (SELECT 1 FROM matched m WHERE m.sync_id = ?1 AND m.record_id = h.id)
		ORDER BY length(h.id), h.id`, syncID)
}
