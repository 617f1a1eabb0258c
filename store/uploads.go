package store

import (
	"context"
	"database/sql"
	"time"
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

// ofPortal are the syncs of the portal that a sync is of.
const ofPortal = `(SELECT id FROM sync WHERE portal_id = (SELECT portal_id FROM sync WHERE id = ?1))`

// ForgetUpload forgets the uploads of a file that is not in the sync's portal any more.
func (s *Store) ForgetUpload(ctx context.Context, syncID int64, fileID string) error {
	_, err := s.write.ExecContext(ctx, `DELETE FROM upload WHERE file_id = ?2 AND file_id <> '' AND sync_id IN `+ofPortal, syncID, fileID)
	return err
}

// FreeFiles are those of the files that this workspace uploaded and that no note of any of its
// syncs has attached, other than the notes named of this sync; none while another sync is
// attaching files.
func (s *Store) FreeFiles(ctx context.Context, syncID int64, fileIDs, except []string) ([]string, error) {
	return list(ctx, s.write, func(row interface{ Scan(...any) error }) (id string, err error) {
		err = row.Scan(&id)
		return id, err
	}, freeFiles, syncID, jsonList(fileIDs), jsonList(except))
}

const freeFiles = `SELECT DISTINCT u.file_id FROM upload u WHERE u.file_id <> '' AND u.ours = 1 AND u.file_id IN (SELECT value FROM json_each(?2)) AND u.sync_id IN ` + ofPortal + `
	AND NOT EXISTS (SELECT 1 FROM attachment a WHERE a.file_id = u.file_id AND a.gone = 0 AND NOT (a.sync_id = ?1 AND a.note_id IN (SELECT value FROM json_each(?3))))
	AND NOT EXISTS (SELECT 1 FROM op o WHERE o.state = 'sent' AND o.kind = 'deliver' AND o.sync_id <> ?1 AND o.sync_id IN (SELECT x.sync_id FROM upload x))`

// Attachment is a note that attaches a file to a record.
type Attachment struct {
	NoteID   string
	RowKey   string
	RecordID string // of the record, "" where that is not known
	FileID   string // HubSpot's
	Sum      string // SHA-256 of what was attached, in hexadecimal; "" where that is not known
	// Size and Changed are those of the file on this computer as it was read, zero where that is not
	// known.
	Size    int64
	Changed time.Time
	Gone    bool // it was taken back
}

// Attachments returns what is known of notes of a sync, by their ids.
func (s *Store) Attachments(ctx context.Context, syncID int64, noteIDs []string) (map[string]Attachment, error) {
	all, err := list(ctx, s.write, func(row interface{ Scan(...any) error }) (a Attachment, err error) {
		var when int64
		err = row.Scan(&a.NoteID, &a.RowKey, &a.RecordID, &a.FileID, &a.Sum, &a.Size, &when, &a.Gone)
		a.Changed = at(when)
		return a, err
	}, `SELECT note_id, row_key, record_id, file_id, sum, size, changed, gone FROM attachment WHERE sync_id = ? AND note_id IN (SELECT value FROM json_each(?))`, syncID, jsonList(noteIDs))
	by := make(map[string]Attachment, len(all))
	for _, a := range all {
		by[a.NoteID] = a
	}
	return by, err
}

// SumOf returns the sum of what a file of HubSpot holds that this sync uploaded or found, or
// ErrNotFound.
func (s *Store) SumOf(ctx context.Context, syncID int64, fileID string) (sum string, err error) {
	err = s.write.QueryRowContext(ctx, `SELECT sum FROM upload WHERE file_id = ? AND file_id <> '' AND sync_id = ? LIMIT 1`, fileID, syncID).Scan(&sum)
	return sum, one(err)
}

func keepAttachment(tx *sql.Tx, syncID int64, a Attachment) error {
	_, err := tx.Exec(`INSERT INTO attachment(sync_id, note_id, row_key, record_id, file_id, sum, size, changed, gone) VALUES(?,?,?,?,?,?,?,?,?)
		ON CONFLICT(sync_id, note_id) DO UPDATE SET gone = excluded.gone`, syncID, a.NoteID, a.RowKey, a.RecordID, a.FileID, a.Sum, a.Size, ms(a.Changed), a.Gone)
	return err
}
