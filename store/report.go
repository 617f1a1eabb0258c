package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"

	"syncline/sync/plan"
)

// Identity is what names this workspace, made when it is first asked for. It is
// no secret.
func (s *Store) Identity(ctx context.Context) (string, error) {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails: crypto/rand ends the program instead
	var id string
	err := s.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec(`INSERT OR IGNORE INTO meta VALUES('identity', ?)`, hex.EncodeToString(b[:])); err != nil {
			return err
		}
		return tx.QueryRow(`SELECT value FROM meta WHERE key = 'identity'`).Scan(&id)
	})
	return id, err
}

// KeepDocument keeps the text of a definition as a plan was made of it and
// returns its SHA-256 in hex.
func (s *Store) KeepDocument(ctx context.Context, text string) (string, error) {
	sum := sha256.Sum256([]byte(text))
	hash := hex.EncodeToString(sum[:])
	return hash, s.exec(ctx, `INSERT OR IGNORE INTO document VALUES(?, ?)`, hash, text)
}

// Document returns the text with this hash.
func (s *Store) Document(ctx context.Context, hash string) (string, error) {
	var text string
	err := s.read.QueryRowContext(ctx, `SELECT text FROM document WHERE hash = ?`, hash).Scan(&text)
	return text, one(err)
}

// OpsOf counts a run's operations by side, kind and state, such as "hubspot
// update done".
func (s *Store) OpsOf(ctx context.Context, runID string) (map[string]int, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT side || ' ' || kind || ' ' || state, count(*) FROM op WHERE run_id = ? GROUP BY 1`, runID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	ops := make(map[string]int)
	for rows.Next() {
		var what string
		var n int
		if err := rows.Scan(&what, &n); err != nil {
			return nil, err
		}
		ops[what] = n
	}
	return ops, rows.Err()
}

// DisplacedBy returns the conflicts about edits that a run's writes fell upon,
// also the settled ones.
func (s *Store) DisplacedBy(ctx context.Context, runID string) ([]Conflict, error) {
	return list(ctx, s.read, scanConflict, `SELECT `+conflictColumns+conflictTables+`WHERE c.opened_run = ? AND c.cause IN (?, ?, ?) ORDER BY c.id`, runID, plan.CauseDisplaced, plan.CauseOverwritten, plan.CauseArchivedOver)
}
