package store

import (
	"context"
	"database/sql"

	"syncline/sync/plan"
)

// Flag is a mark that a run has set on a record or row whose other end is gone.
type Flag struct {
	LinkID int64
	Side   plan.Side // which was marked
	Name   string    // property or column
	Before *string   // what stood there, nil = nothing
	Value  string    // what the run wrote
	RunID  string
}

// Flags returns the marks of a sync by link.
func (s *Store) Flags(ctx context.Context, syncID int64) (map[int64]Flag, error) {
	all, err := list(ctx, s.write, func(row interface{ Scan(...any) error }) (Flag, error) {
		var f Flag
		return f, row.Scan(&f.LinkID, &f.Side, &f.Name, &f.Before, &f.Value, &f.RunID)
	}, `SELECT f.link_id, f.side, f.name, f.before, f.value, f.run_id FROM flag f WHERE f.sync_id = ?`, syncID)
	by := make(map[int64]Flag, len(all))
	for _, f := range all {
		by[f.LinkID] = f
	}
	return by, err
}

func flag(tx *sql.Tx, linkID int64, o Outcome) error {
	if o.Unflag {
		if _, err := tx.Exec(`DELETE FROM flag WHERE link_id = ?`, linkID); err != nil {
			return err
		}
	}
	if o.Flag == nil {
		return nil
	}
	f := o.Flag
	_, err := tx.Exec(`INSERT OR REPLACE INTO flag(link_id, sync_id, side, name, before, value, run_id) SELECT id, sync_id, ?2, ?3, ?4, ?5, ?6 FROM link WHERE id = ?1`, linkID, f.Side, f.Name, f.Before, f.Value, f.RunID)
	return err
}
