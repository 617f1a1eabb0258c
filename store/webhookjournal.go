package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"
)

// Journal is how far the webhooks journal of a portal was read.
type Journal struct {
	Place string                    // offset of the part that was read last, "" where there was none
	Read  time.Time                 // HubSpot's, when its end was reached last
	Types map[string]JournalTelling // by object type id
}

// JournalTelling is what the journal tells of an object type.
type JournalTelling struct {
	Since int64    `json:"since"`          // HubSpot's time in milliseconds, from which on it tells everything
	With  []string `json:"with,omitempty"` // the object types of which it tells associations with it
}

// ErrJournalMoved says that another process read on in the journal meanwhile.
var ErrJournalMoved = errors.New("the journal was read on meanwhile")

// Journal returns how far the journal of a portal was read; the zero value is not at
// all.
func (s *Store) Journal(ctx context.Context, portalID int64) (j Journal, err error) {
	var read int64
	var types string
	err = s.write.QueryRowContext(ctx, `SELECT place, read_at, types FROM journal WHERE portal_id = ?`, portalID).Scan(&j.Place, &read, &types)
	if errors.Is(err, sql.ErrNoRows) {
		return Journal{}, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(types), &j.Types)
	}
	j.Read = at(read)
	return j, err
}

// KeepJournal keeps how far a portal's journal was read together with what it told, in
// one commit, if it is still where was says; else it returns ErrJournalMoved.
func (s *Store) KeepJournal(ctx context.Context, portalID int64, was, now Journal, notices []Notice) error {
	types, err := json.Marshal(now.Types)
	if err != nil {
		return err
	}
	return s.tx(ctx, func(tx *sql.Tx) error {
		var place string
		switch err := tx.QueryRow(`SELECT place FROM journal WHERE portal_id = ?`, portalID).Scan(&place); {
		case err != nil && !errors.Is(err, sql.ErrNoRows):
			return err
		case place != was.Place:
			return ErrJournalMoved
		}
		if _, err := tx.Exec(`INSERT OR REPLACE INTO journal(portal_id, place, read_at, types) VALUES(?,?,?,?)`, portalID, now.Place, ms(now.Read), string(types)); err != nil {
			return err
		}
		return s.keepNotices(tx, portalID, notices)
	})
}

// FollowJournal says whether the journal is followed for a connection.
func (s *Store) FollowJournal(ctx context.Context, connectionID string, on bool) error {
	if !on {
		return s.exec(ctx, `DELETE FROM journal_follow WHERE connection_id = ?`, connectionID)
	}
	return s.exec(ctx, `INSERT OR IGNORE INTO journal_follow(connection_id) VALUES(?)`, connectionID)
}

// FollowsJournal reports whether the journal is followed for a connection.
func (s *Store) FollowsJournal(ctx context.Context, connectionID string) (on bool, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM journal_follow WHERE connection_id = ?)`, connectionID).Scan(&on)
	return on, err
}

// NoticedCount counts the records of an object type that changed by notices beyond one
// up to another.
func (s *Store) NoticedCount(ctx context.Context, portalID int64, object string, beyond, upTo int64) (n int, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT count(*) FROM notice WHERE n > ?3 AND n <= ?4 AND portal_id = ?1 AND object = ?2 AND edges = 0`, portalID, object, beyond, upTo).Scan(&n)
	return n, err
}
