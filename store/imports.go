package store

import (
	"context"
	"database/sql"
)

// ImportBatch begins the batches of operations that are sent to HubSpot together,
// as one import. The batch is what the import is found by again.
const ImportBatch = "i-"

// SentImport is a batch of an import whose outcome is not known.
type SentImport struct {
	Batch string
	RunID string
	Ops   int
}

// SentImports returns the imports whose outcome is not known, the earliest first.
func (s *Store) SentImports(ctx context.Context, syncID int64) ([]SentImport, error) {
	return list(ctx, s.write, func(row interface{ Scan(...any) error }) (i SentImport, err error) {
		err = row.Scan(&i.Batch, &i.RunID, &i.Ops)
		return i, err
	}, `SELECT batch, min(run_id), count(*) FROM op WHERE sync_id = ? AND state = 'sent' AND substr(batch, 1, 2) = '`+ImportBatch+`' GROUP BY batch ORDER BY min(id)`, syncID)
}

// SentOfBatch returns up to limit operations of a batch whose outcome is not
// known, beyond the one with the id after.
func (s *Store) SentOfBatch(ctx context.Context, syncID int64, batch string, after int64, limit int) ([]Op, error) {
	return list(ctx, s.write, s.scanOp, `SELECT `+opColumns+` FROM op WHERE sync_id = ? AND state = 'sent' AND batch = ? AND id > ? ORDER BY id LIMIT ?`, syncID, batch, after, limit)
}

// OpsByID returns operations by their ids.
func (s *Store) OpsByID(ctx context.Context, ids []int64) ([]Op, error) {
	return list(ctx, s.write, s.scanOp, `SELECT `+opColumns+` FROM op WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id`, numberList(ids))
}

const createsInDoubt = `SELECT DISTINCT o.row_key FROM json_each(?2) j CROSS JOIN op o ON o.sync_id = ?1 AND o.doubt = 1 AND o.kind = 'create' AND o.row_key = j.value`

// CreatesInDoubt is CreateInDoubt for many rows: those of which it is so.
func (s *Store) CreatesInDoubt(ctx context.Context, syncID int64, rowKeys []string) (map[string]bool, error) {
	rows, err := s.write.QueryContext(ctx, createsInDoubt, syncID, jsonList(rowKeys))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return setOf(rows)
}

func setOf(rows *sql.Rows) (map[string]bool, error) {
	all := make(map[string]bool)
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		all[text] = true
	}
	return all, rows.Err()
}
