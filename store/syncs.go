package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"syncline/sync/plan"
)

// Sync is what the workspace knows of one sync.
type Sync struct {
	ID  int64
	UID string // the id in its document: with the portal and the object what makes it the same sync
	// Written tells that the document holds the UID. Until then the sync is known by its Path.
	Written        bool
	Profile        string // what our keys of created records begin with; it never changes
	Generation     int64  // counts the runs that wrote; see SetGeneration
	Restored       bool   // the workspace was put back to an older state, and no run was applied since; see SetRestored
	Name           string
	Path           string // where the document was last seen
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
	// Parent is the sync for whose associations this one finds the other ends, 0 for a
	// sync of its own; Part names them.
	Parent int64
	Part   string
	// EdgesAt is when all associations were last compared, EdgesRun the number of Runs then.
	EdgesAt  time.Time
	EdgesRun int
	// Noticed is the number of the last notice that a run was applied of; see Notice.
	Noticed int64
}

const syncColumns = `id, ident, uid, uid_written, profile, generation, restored, name, path, definition, portal_id, object, sync_key, mapping, source_identity, source_rows, pull, runs, watermark, full_at, full_run, created_at, hidden, parent, part, edges_at, edges_run, noticed`

func scanSync(row interface{ Scan(...any) error }) (Sync, error) {
	var y Sync
	var ident, mapping string
	var watermark, full, created, edges int64
	err := row.Scan(&y.ID, &ident, &y.UID, &y.Written, &y.Profile, &y.Generation, &y.Restored, &y.Name, &y.Path, &y.Definition, &y.PortalID, &y.Object, &y.SyncKey, &mapping,
		&y.SourceIdentity, &y.SourceRows, &y.Pull, &y.Runs, &watermark, &full, &y.FullRun, &created, &y.Hidden, &y.Parent, &y.Part, &edges, &y.EdgesRun, &y.Noticed)
	if err != nil {
		return Sync{}, one(err)
	}
	if y.Profile == "" {
		y.Profile = profileOf(ident)
	}
	y.Watermark, y.FullAt, y.Created, y.EdgesAt = at(watermark), at(full), at(created), at(edges)
	return y, json.Unmarshal([]byte(mapping), &y.Mapping)
}

// EnsureSync returns the sync of a document, made or brought up to date with
// y's name, path and definition. It is the one with y's UID, portal and object,
// wherever the document lay before. A document without an id, or with one that
// came into it elsewhere, is that of the sync last seen at its path. A new sync
// gets y's UID, or else that of the same document with another portal or
// object, or else fresh.
func (s *Store) EnsureSync(ctx context.Context, y Sync, fresh string) (Sync, error) {
	var id int64
	err := s.tx(ctx, func(tx *sql.Tx) error {
		was, err := documentSync(tx, y)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		uid := cmp.Or(y.UID, was.UID)
		if uid == "" {
			err := tx.QueryRow(`SELECT uid FROM sync WHERE path = ? AND uid <> '' ORDER BY id DESC LIMIT 1`, y.Path).Scan(&uid)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
			uid = cmp.Or(uid, fresh)
		}
		ident := identOf(uid, y.PortalID, y.Object)
		if was.ID == 0 {
			return tx.QueryRow(`INSERT INTO sync(ident, uid, uid_written, profile, name, path, definition, portal_id, object, created_at) VALUES(?,?,?,?,?,?,?,?,?,?) RETURNING id`,
				ident, uid, y.UID != "", profileOf(ident), y.Name, y.Path, y.Definition, y.PortalID, y.Object, ms(s.now())).Scan(&id)
		}
		id = was.ID
		_, err = tx.Exec(`UPDATE sync SET ident = ?, uid = ?, uid_written = ?, profile = ?, name = ?, path = ?, definition = ?, hidden = 0 WHERE id = ?`,
			ident, uid, y.UID != "" || was.Written, was.Profile, y.Name, y.Path, y.Definition, id)
		return err
	})
	if err != nil {
		return Sync{}, err
	}
	return scanSync(s.write.QueryRowContext(ctx, `SELECT `+syncColumns+` FROM sync WHERE id = ?`, id))
}

// GiveObject gives a sync the id of its object type, which was not there when it
// was planned first.
func (s *Store) GiveObject(ctx context.Context, y Sync, object string) error {
	return s.exec(ctx, `UPDATE sync SET object = ?, ident = ? WHERE id = ?`, object, identOf(y.UID, y.PortalID, object), y.ID)
}

// FindSync returns the sync of a document as EnsureSync would, and makes none.
func (s *Store) FindSync(ctx context.Context, y Sync) (was Sync, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		was, err = documentSync(tx, y)
		return err
	})
	return was, err
}

// documentSync finds the sync that a document describes.
func documentSync(tx *sql.Tx, y Sync) (Sync, error) {
	find := func(where, arg string) (Sync, error) {
		return scanSync(tx.QueryRow(`SELECT `+syncColumns+` FROM sync WHERE `+where+` AND portal_id = ? AND object = ? ORDER BY id DESC LIMIT 1`, arg, y.PortalID, y.Object))
	}
	if y.UID == "" {
		return find(`path = ?`, y.Path)
	}
	was, err := find(`uid = ?`, y.UID)
	if errors.Is(err, ErrNotFound) {
		return find(`uid_written = 0 AND path = ?`, y.Path)
	}
	return was, err
}

// identOf is what makes it the same sync. Before documents had ids, the path
// stood in the id's place.
func identOf(uid string, portalID int64, object string) string {
	return fmt.Sprintf("%s|%d|%s", uid, portalID, object)
}

// profileOf is what the keys of the records begin with that a sync creates. It
// is made once: a sync that was known by its path keeps the one of its path.
func profileOf(ident string) string {
	sum := sha256.Sum256([]byte(ident))
	return hex.EncodeToString(sum[:4])
}

// SyncsOf returns the syncs of the document with this id, newest first: one for
// each portal and object that it was used with.
func (s *Store) SyncsOf(ctx context.Context, uid string) ([]Sync, error) {
	if uid == "" {
		return nil, nil
	}
	return s.syncs(ctx, `WHERE uid = ? ORDER BY id DESC`, uid)
}

// MoveSync remembers where the document with this id lies now.
func (s *Store) MoveSync(ctx context.Context, uid, path string) error {
	return s.exec(ctx, `UPDATE sync SET path = ? WHERE uid = ?`, path, uid)
}

// WroteUID remembers that the documents at path hold the id of their syncs, so
// that another id there is another sync.
func (s *Store) WroteUID(ctx context.Context, path string) error {
	return s.exec(ctx, `UPDATE sync SET uid_written = 1 WHERE path = ?`, path)
}

// SetRestored remembers that the workspace is older than the sync's last run,
// until a run has been applied, and drops the plans that were made before.
func (s *Store) SetRestored(ctx context.Context, id int64) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `UPDATE sync SET restored = 1 WHERE id = ?`, id); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE plan SET state = ? WHERE sync_id = ? AND state <> ?`, plan.Stale, id, plan.Applied)
		return err
	})
}

// SetGeneration moves the number of a sync's runs up to n. It is the same as
// the one that is kept outside of the workspace, as long as the workspace was
// not put back to an older state.
func (s *Store) SetGeneration(ctx context.Context, id, n int64) error {
	return s.exec(ctx, `UPDATE sync SET generation = ? WHERE id = ? AND generation < ?`, n, id, n)
}

// Sync returns one sync.
func (s *Store) Sync(ctx context.Context, id int64) (Sync, error) {
	return scanSync(s.read.QueryRowContext(ctx, `SELECT `+syncColumns+` FROM sync WHERE id = ?`, id))
}

// SyncsAt returns the syncs made from the definition at path, newest first.
func (s *Store) SyncsAt(ctx context.Context, path string) ([]Sync, error) {
	return s.syncs(ctx, `WHERE path = ? ORDER BY id DESC`, path)
}

// Syncs returns the syncs that are not hidden and no part of another, by name.
func (s *Store) Syncs(ctx context.Context) ([]Sync, error) {
	return s.syncs(ctx, `WHERE hidden = 0 AND parent = 0 ORDER BY name, id`)
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
	return s.exec(ctx, `UPDATE sync SET watermark = ?, full_at = ?, full_run = ?, mapping = ?, source_identity = ?, source_rows = ?, noticed = ?, runs = runs + 1, restored = 0 WHERE id = ?`,
		ms(y.Watermark), ms(y.FullAt), y.FullRun, string(mapping), y.SourceIdentity, y.SourceRows, y.Noticed, y.ID)
}

func (s *Store) exec(ctx context.Context, q string, args ...any) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, q, args...)
		return err
	})
}

// querier is the database, or a transaction in it.
type querier interface {
	QueryContext(ctx context.Context, q string, args ...any) (*sql.Rows, error)
}

// list reads all rows of a small result.
func list[T any](ctx context.Context, db querier, scan func(interface{ Scan(...any) error }) (T, error), q string, args ...any) ([]T, error) {
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
