package store

import (
	"context"
	"encoding/json"

	"syncline/sync/plan"
)

// AttentionGroup is how many rows failed for the same cause.
type AttentionGroup struct {
	SyncID   int64
	SyncName string
	Path     string // of the sync's definition
	Class    plan.Class
	Cause    string
	Count    int
}

// AttentionGroups counts the failed rows of all syncs that are not hidden by
// class and cause: first those that Syncline stopped, then those refused.
func (s *Store) AttentionGroups(ctx context.Context) ([]AttentionGroup, error) {
	return list(ctx, s.read, func(row interface{ Scan(...any) error }) (AttentionGroup, error) {
		var g AttentionGroup
		return g, row.Scan(&g.SyncID, &g.SyncName, &g.Path, &g.Class, &g.Cause, &g.Count)
	}, `SELECT a.sync_id, y.name, y.path, a.class, a.cause, count(*) AS n FROM attention a JOIN sync y ON y.id = a.sync_id
		WHERE y.hidden = 0 GROUP BY a.sync_id, a.class, a.cause ORDER BY a.class = 'refused', a.class, n DESC, a.cause`)
}

// AttentionIDs returns the ids of a group's failed rows, in the source's order.
func (s *Store) AttentionIDs(ctx context.Context, g AttentionGroup) ([]int64, error) {
	return list(ctx, s.read, func(row interface{ Scan(...any) error }) (int64, error) {
		var id int64
		err := row.Scan(&id)
		return id, err
	}, `SELECT id FROM attention WHERE sync_id = ? AND class = ? AND cause = ? ORDER BY line, id`, g.SyncID, g.Class, g.Cause)
}

// AttentionByID returns the failed rows with these ids, in the order of
// AttentionIDs.
func (s *Store) AttentionByID(ctx context.Context, ids []int64) ([]Attention, error) {
	b, err := json.Marshal(append([]int64{}, ids...))
	if err != nil {
		return nil, err
	}
	return list(ctx, s.read, scanAttention, `SELECT `+attentionColumns+` FROM attention WHERE id IN (SELECT value FROM json_each(?)) ORDER BY line, id`, string(b))
}

// AttentionCount is how many rows failed, of one sync or with 0 of all that
// are not hidden.
func (s *Store) AttentionCount(ctx context.Context, syncID int64) (int, error) {
	var n int
	err := s.read.QueryRowContext(ctx, `SELECT count(*) FROM attention a JOIN sync y ON y.id = a.sync_id WHERE CASE WHEN ?1 = 0 THEN y.hidden = 0 ELSE y.id = ?1 END`, syncID).Scan(&n)
	return n, err
}
