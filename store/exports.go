package store

import (
	"context"
	"time"
)

// PullExport is an export that a pull started and has not read to its end.
type PullExport struct {
	ID    string    // HubSpot's
	Asked string    // hash of what it was asked for
	Since time.Time // HubSpot's time right before it was started: what changed after it may be missing
}

// PullExport returns the export that a pull of the sync started, or ErrNotFound.
func (s *Store) PullExport(ctx context.Context, syncID int64) (x PullExport, err error) {
	var since int64
	err = s.write.QueryRowContext(ctx, `SELECT export_id, asked, since FROM pull_export WHERE sync_id = ?`, syncID).Scan(&x.ID, &x.Asked, &since)
	x.Since = at(since)
	return x, one(err)
}

// KeepPullExport keeps an export before it is waited for, so that a pull which is
// cut off goes on with it.
func (s *Store) KeepPullExport(ctx context.Context, syncID int64, x PullExport) error {
	return s.exec(ctx, `INSERT OR REPLACE INTO pull_export(sync_id, export_id, asked, since) VALUES(?,?,?,?)`, syncID, x.ID, x.Asked, ms(x.Since))
}

// ForgetPullExport forgets the export of a pull that has read all records.
func (s *Store) ForgetPullExport(ctx context.Context, syncID int64) error {
	return s.exec(ctx, `DELETE FROM pull_export WHERE sync_id = ?`, syncID)
}

// SeenBy counts the records that a pull has seen and that are there.
func (s *Store) SeenBy(ctx context.Context, syncID, pull int64) (n int, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT count(*) FROM record_seen WHERE sync_id = ? AND pull = ? AND gone = ''`, syncID, pull).Scan(&n)
	return n, err
}
