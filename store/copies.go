package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// copy keeps a row whose key an earlier row of the same read bears: the one
// with the id.
func (p *rowPage) copy(r *RowSeen, id int64) error {
	var line int
	var differ bool
	var hash, raw []byte
	var digest, bad string
	err := p.tx.QueryRow(`SELECT line, hash, raw_hash, differ, digest, problem FROM row_seen WHERE rowid = ?`, id).Scan(&line, &hash, &raw, &differ, &digest, &bad)
	if err != nil {
		return err
	}
	if digest == "" {
		digest = hex.EncodeToString(raw)
	}
	sum := sha256.Sum256(append([]byte(digest), r.RawHash...))
	digest = hex.EncodeToString(sum[:16])
	if len(r.Problems) > 0 || bad != "" { // not all of what they mean is known
		differ = differ || (bad != "") != (len(r.Problems) > 0) || !bytes.Equal(raw, r.RawHash)
	} else {
		differ = differ || !bytes.Equal(hash, r.Hash)
	}
	other := r.Line
	if p.Last {
		other = line
		if err := p.lead(r, id); err != nil {
			return err
		}
	}
	if _, err := p.tx.Exec(`INSERT OR IGNORE INTO row_copy VALUES(?,?,?)`, p.syncID, r.Key, other); err != nil {
		return err
	}
	_, err = p.tx.Exec(`UPDATE row_seen SET copies = copies + 1, differ = ?, digest = ? WHERE rowid = ?`, differ, digest, id)
	return err
}

// lead puts a row in the place of the one with its key that led until now.
func (p *rowPage) lead(r *RowSeen, id int64) error {
	if err := p.rewrite(r, id, ""); err != nil {
		return err
	}
	p.matched = slices.DeleteFunc(p.matched, func(m *RowSeen) bool { return m.Key == r.Key })
	p.matched, p.stale = append(p.matched, r), append(p.stale, r.Key)
	return nil
}

// CopyLines returns the lines of the rows that bear a key beside the row that
// leads.
func (s *Store) CopyLines(ctx context.Context, syncID int64, key string) ([]int, error) {
	return list(ctx, s.write, func(row interface{ Scan(...any) error }) (int, error) {
		var n int
		err := row.Scan(&n)
		return n, err
	}, `SELECT line FROM row_copy WHERE sync_id = ? AND key = ? ORDER BY line`, syncID, key)
}
