package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"

	"syncline/sync/record"
)

// A row is deleted because its record is gone only if all of it is what it was
// when both last agreed, mapped or not. What it was then is kept as a hash
// beside the base, for the syncs that delete rows.

// Whole is the hash of all that a row holds: of the cells that the sync uses,
// and of the others by what rest says of them. It is nil where rest is not
// known. Empty cells count as none.
func Whole(raw record.Values, rest string) []byte {
	if rest == "" {
		return nil
	}
	filled := make(record.Values, len(raw))
	for column, v := range raw {
		if !v.Empty() {
			filled[column] = record.Text(v.String())
		}
	}
	sum := sha256.Sum256([]byte(rest + filled.JSON()))
	return sum[:16]
}

// KeepWhole says whether it is kept what rows hold as a whole: of names what
// their hashes are made of, "" is for not at all. Hashes of something else
// count no more.
func (s *Store) KeepWhole(ctx context.Context, syncID int64, of string) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		res, err := tx.Exec(`UPDATE sync SET whole_of = ?2, whole_all = 0 WHERE id = ?1 AND whole_of <> ?2`, syncID, of)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		_, err = tx.Exec(`UPDATE base SET whole = NULL WHERE link_id IN (SELECT id FROM link WHERE sync_id = ?)`, syncID)
		return err
	})
}

// AdoptWhole takes what the rows hold now for what they agreed on, once, for the
// pairs of which it is not known and whose row and record are both there and in
// agreement. Later it is kept whenever they agree.
func (s *Store) AdoptWhole(ctx context.Context, syncID int64) error {
	var todo bool
	if err := s.write.QueryRowContext(ctx, `SELECT whole_of <> '' AND whole_all = 0 FROM sync WHERE id = ?`, syncID).Scan(&todo); err != nil || !todo {
		return one(err)
	}
	for after := int64(0); ; {
		last, err := s.adoptWhole(ctx, syncID, after)
		if err != nil {
			return err
		}
		if last == 0 {
			return s.exec(ctx, `UPDATE sync SET whole_all = 1 WHERE id = ?`, syncID)
		}
		after = last
	}
}

const wholePage = 1000

// adoptWhole takes a page of pairs and returns the last of them, 0 after the end.
func (s *Store) adoptWhole(ctx context.Context, syncID, after int64) (last int64, err error) {
	type pair struct {
		link               int64
		agree              bool
		vals, raw, changed string
	}
	err = s.tx(ctx, func(tx *sql.Tx) error {
		all, err := list(ctx, s.read, func(row interface{ Scan(...any) error }) (p pair, err error) {
			return p, row.Scan(&p.link, &p.agree, &p.vals, &p.raw, &p.changed)
		}, `SELECT l.id, l.state = 'active' AND b.whole IS NULL AND r.gone = 0 AND h.gone = '' AND r.hash IS b.src_hash, r.vals, r.raw, r.changed FROM link l
			JOIN base b ON b.link_id = l.id
			JOIN row_seen r ON r.sync_id = l.sync_id AND r.key = l.row_key
			JOIN record_seen h ON h.sync_id = l.sync_id AND h.id = l.record_id
			WHERE l.sync_id = ? AND l.id > ? ORDER BY l.id LIMIT ?`, syncID, after, wholePage)
		for _, p := range all {
			if last = p.link; err == nil && p.agree {
				err = s.keepWhole(tx, p.link, p.vals, p.raw, p.changed)
			}
		}
		return err
	})
	return last, err
}

// keepWhole keeps what a row holds as what it agreed on.
func (s *Store) keepWhole(tx *sql.Tx, link int64, valsText, rawText, changedText string) error {
	_, raw, err := s.forms.parseRow(valsText, rawText)
	if err != nil {
		return err
	}
	changed, err := parseChanged(changedText)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE base SET whole = ? WHERE link_id = ?`, Whole(raw, changed.Rest), link)
	return err
}

// keepWhole keeps what the row of an outcome holds now, where the pair agreed
// and that is kept at all. Of a row that was just made all is known.
func (f *finisher) keepWhole(linkID int64, o Outcome) error {
	if !f.whole || linkID == 0 || (o.Link == nil && len(o.Source)+len(o.HubSpot) == 0) {
		return nil
	}
	if o.Rest != "" {
		_, err := f.tx.Exec(`UPDATE base SET whole = ? WHERE link_id = ?`, Whole(o.RowRaw, o.Rest), linkID)
		return err
	}
	var vals, raw, changed string
	err := f.tx.QueryRow(`SELECT r.vals, r.raw, r.changed FROM link l JOIN row_seen r ON r.sync_id = l.sync_id AND r.key = l.row_key WHERE l.id = ? AND r.gone = 0`, linkID).Scan(&vals, &raw, &changed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Store.keepWhole(f.tx, linkID, vals, raw, changed)
}
