package store

import (
	"context"
	"time"

	"syncline/sync/plan"
)

// Upload is a file that a sync uploaded, or found where it would have.
type Upload struct {
	Place  string // the folder in HubSpot, and who can see it
	Sum    string // SHA-256 of its content, in hexadecimal
	FileID string // HubSpot's; "" while it is on its way
	Ours   bool   // we uploaded it; else it was there already
	At     time.Time
}

// Upload returns what is known of the upload of a content to a place, or ErrNotFound.
func (s *Store) Upload(ctx context.Context, syncID int64, place, sum string) (Upload, error) {
	u := Upload{Place: place, Sum: sum}
	var when int64
	err := s.write.QueryRowContext(ctx, `SELECT file_id, ours, at FROM upload WHERE sync_id = ? AND place = ? AND sum = ?`, syncID, place, sum).Scan(&u.FileID, &u.Ours, &when)
	u.At = at(when)
	return u, one(err)
}

// KeepUpload keeps what is known of an upload, in the place of what was known.
func (s *Store) KeepUpload(ctx context.Context, syncID int64, u Upload) error {
	_, err := s.write.ExecContext(ctx, `INSERT INTO upload(sync_id, place, sum, file_id, ours, at) VALUES(?,?,?,?,?,?)
		ON CONFLICT(sync_id, place, sum) DO UPDATE SET file_id = excluded.file_id, ours = excluded.ours, at = excluded.at`, syncID, u.Place, u.Sum, u.FileID, u.Ours, ms(u.At))
	return err
}

// ForgetUpload forgets the uploads of a file that is not there any more.
func (s *Store) ForgetUpload(ctx context.Context, syncID int64, fileID string) error {
	_, err := s.write.ExecContext(ctx, `DELETE FROM upload WHERE sync_id = ? AND file_id = ?`, syncID, fileID)
	return err
}

// FreeFiles are those of the files that this workspace uploaded and that no row of
// any of its syncs has attached, other than the rows named of this sync.
func (s *Store) FreeFiles(ctx context.Context, syncID int64, fileIDs, except []string) ([]string, error) {
	return list(ctx, s.write, func(row interface{ Scan(...any) error }) (id string, err error) {
		err = row.Scan(&id)
		return id, err
	}, `SELECT DISTINCT file_id FROM upload u WHERE sync_id = ?1 AND ours = 1 AND file_id IN (SELECT value FROM json_each(?2))
		AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.file_id = u.file_id AND d.state <> ?4
			AND NOT (d.sync_id = ?1 AND d.row_key IN (SELECT value FROM json_each(?3))))`, syncID, jsonList(fileIDs), jsonList(except), plan.DeliveryUndone)
}
