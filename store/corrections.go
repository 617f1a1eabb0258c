package store

import (
	"context"
	"database/sql"
	"time"
)

// Correction is a value that a person put in the place of a cell. It stands
// beside the source and counts as long as the cell holds what the person saw.
type Correction struct {
	SyncID int64
	RowKey string
	Field  string
	Value  string
	Cell   string // what stood in the source when it was made
	By     string
	At     time.Time
	Lapsed time.Time // when the cell was found changed, zero while it counts
}

// Correct keeps corrections in the place of earlier ones, all or none, and takes
// up their rows where these were given up.
func (s *Store) Correct(ctx context.Context, all ...Correction) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		for _, c := range all {
			if _, err := tx.Exec(`INSERT OR REPLACE INTO correction(sync_id, row_key, field, value, cell, by, at) VALUES(?,?,?,?,?,?,?)`,
				c.SyncID, c.RowKey, c.Field, c.Value, c.Cell, c.By, ms(s.now())); err != nil {
				return err
			}
			if _, err := tx.Exec(`UPDATE row_seen SET made = 0 WHERE sync_id = ? AND key = ?`, c.SyncID, c.RowKey); err != nil {
				return err
			}
			if _, err := tx.Exec(`UPDATE attention SET given_up = 0 WHERE sync_id = ? AND row_key = ?`, c.SyncID, c.RowKey); err != nil {
				return err
			}
		}
		return nil
	})
}

// Uncorrect takes a correction back: the row is read from its cells again.
func (s *Store) Uncorrect(ctx context.Context, syncID int64, rowKey, field string) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec(`DELETE FROM correction WHERE sync_id = ? AND row_key = ? AND field = ?`, syncID, rowKey, field); err != nil {
			return err
		}
		_, err := tx.Exec(`UPDATE row_seen SET made = 0 WHERE sync_id = ? AND key = ?`, syncID, rowKey)
		return err
	})
}

// Corrections returns those of a sync by row key: all, or those that count.
func (s *Store) Corrections(ctx context.Context, syncID int64, all bool) (map[string][]Correction, error) {
	found, err := list(ctx, s.write, func(row interface{ Scan(...any) error }) (Correction, error) {
		var c Correction
		var when, lapsed int64
		err := row.Scan(&c.SyncID, &c.RowKey, &c.Field, &c.Value, &c.Cell, &c.By, &when, &lapsed)
		c.At, c.Lapsed = at(when), at(lapsed)
		return c, err
	}, `SELECT sync_id, row_key, field, value, cell, by, at, lapsed_at FROM correction WHERE sync_id = ? AND (? OR lapsed_at = 0) ORDER BY row_key, field`, syncID, all)
	by := make(map[string][]Correction)
	for _, c := range found {
		by[c.RowKey] = append(by[c.RowKey], c)
	}
	return by, err
}

// EndCorrections drops the corrections that the source has taken over, and
// marks those whose cell was changed to something else as lapsed.
func (s *Store) EndCorrections(ctx context.Context, taken, lapsed []Correction) error {
	if len(taken)+len(lapsed) == 0 {
		return nil
	}
	return s.tx(ctx, func(tx *sql.Tx) error {
		for _, c := range taken {
			if _, err := tx.Exec(`DELETE FROM correction WHERE sync_id = ? AND row_key = ? AND field = ?`, c.SyncID, c.RowKey, c.Field); err != nil {
				return err
			}
		}
		for _, c := range lapsed {
			if _, err := tx.Exec(`UPDATE correction SET lapsed_at = ? WHERE sync_id = ? AND row_key = ? AND field = ?`, ms(s.now()), c.SyncID, c.RowKey, c.Field); err != nil {
				return err
			}
		}
		return nil
	})
}
