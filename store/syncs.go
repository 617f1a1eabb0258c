package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"
)

// Sync is what the workspace knows of one sync.
type Sync struct {
	ID             int64
	Ident          string // definition path, portal and object: what makes it the same sync
	Name           string
	Path           string
	Definition     string
	PortalID       int64
	Object         string            // object type id
	SyncKey        string            // name of the unique property that holds our key, "" = none
	Mapping        map[string]string // property -> hash of how it was mapped when a plan was last applied
	SourceIdentity string
	SourceRows     int
	Pull           int64 // number of the last pull
	Runs           int   // runs applied
	Watermark      time.Time
	FullAt         time.Time
	FullRun        int
	Created        time.Time
	Hidden         bool
}

const syncColumns = `id, ident, name, path, definition, portal_id, object, sync_key, mapping, source_identity, source_rows, pull, runs, watermark, full_at, full_run, created_at, hidden`

func scanSync(row interface{ Scan(...any) error }) (Sync, error) {
	var y Sync
	var mapping string
	var watermark, full, created int64
	err := row.Scan(&y.ID, &y.Ident, &y.Name, &y.Path, &y.Definition, &y.PortalID, &y.Object, &y.SyncKey, &mapping,
		&y.SourceIdentity, &y.SourceRows, &y.Pull, &y.Runs, &watermark, &full, &y.FullRun, &created, &y.Hidden)
	if err != nil {
		return Sync{}, one(err)
	}
	y.Watermark, y.FullAt, y.Created = at(watermark), at(full), at(created)
	return y, json.Unmarshal([]byte(mapping), &y.Mapping)
}

// EnsureSync returns the sync with y's Ident, made or brought up to date with
// y's name, path and definition.
func (s *Store) EnsureSync(ctx context.Context, y Sync) (Sync, error) {
	err := s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.Exec(`INSERT INTO sync(ident, name, path, definition, portal_id, object, created_at) VALUES(?,?,?,?,?,?,?)
			ON CONFLICT(ident) DO UPDATE SET name = excluded.name, path = excluded.path, definition = excluded.definition, hidden = 0`,
			y.Ident, y.Name, y.Path, y.Definition, y.PortalID, y.Object, ms(s.now()))
		return err
	})
	if err != nil {
		return Sync{}, err
	}
	return scanSync(s.write.QueryRowContext(ctx, `SELECT `+syncColumns+` FROM sync WHERE ident = ?`, y.Ident))
}

// Sync returns one sync.
func (s *Store) Sync(ctx context.Context, id int64) (Sync, error) {
	return scanSync(s.read.QueryRowContext(ctx, `SELECT `+syncColumns+` FROM sync WHERE id = ?`, id))
}

// SyncsAt returns the syncs made from the definition at path, newest first.
func (s *Store) SyncsAt(ctx context.Context, path string) ([]Sync, error) {
	return s.syncs(ctx, `WHERE path = ? ORDER BY id DESC`, path)
}

// Syncs returns the syncs that are not hidden, by name.
func (s *Store) Syncs(ctx context.Context) ([]Sync, error) {
	return s.syncs(ctx, `WHERE hidden = 0 ORDER BY name, id`)
}

func (s *Store) syncs(ctx context.Context, where string, args ...any) ([]Sync, error) {
	return list(ctx, s.read, scanSync, `SELECT `+syncColumns+` FROM sync `+where, args...)
}

// HideSync removes a sync from Home; its history stays.
func (s *Store) HideSync(ctx context.Context, id int64) error {
	return s.exec(ctx, `UPDATE sync SET hidden = 1 WHERE id = ?`, id)
}

// SetSyncKey remembers the unique property that holds our key, "" for none.
func (s *Store) SetSyncKey(ctx context.Context, id int64, property string) error {
	return s.exec(ctx, `UPDATE sync SET sync_key = ? WHERE id = ?`, property, id)
}

// CommitWatermark ends an applied run: everything that HubSpot changed up to
// mark was seen, and the mapping is the one that bases were made with. It is
// the last write of a run.
func (s *Store) CommitWatermark(ctx context.Context, y Sync) error {
	mapping, err := json.Marshal(y.Mapping)
	if err != nil {
		return err
	}
	return s.exec(ctx, `UPDATE sync SET watermark = ?, full_at = ?, full_run = ?, mapping = ?, source_identity = ?, source_rows = ?, runs = runs + 1 WHERE id = ?`,
		ms(y.Watermark), ms(y.FullAt), y.FullRun, string(mapping), y.SourceIdentity, y.SourceRows, y.ID)
}

func (s *Store) exec(ctx context.Context, q string, args ...any) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, q, args...)
		return err
	})
}

// list reads all rows of a small result.
func list[T any](ctx context.Context, db *sql.DB, scan func(interface{ Scan(...any) error }) (T, error), q string, args ...any) ([]T, error) {
	rows, err := db.QueryContext(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}
