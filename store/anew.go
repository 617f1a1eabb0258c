package store

import (
	"context"
	"database/sql"
	"encoding/json"

	"syncline/sync/record"
)

// StartAnew takes properties out of what the pairs of a sync agreed on, and then
// remembers how they are mapped from now on: a pair that the run does not reach must
// not be judged by what its fields were under another map. It goes slice by slice;
// where it is cut off, the old map still counts, and it begins once more.
func (s *Store) StartAnew(ctx context.Context, syncID int64, properties []string, hash Hash, mapping map[string]string) error {
	text, err := json.Marshal(mapping)
	if err != nil {
		return err
	}
	for after, more := "", len(properties) > 0; more; {
		if after, more, err = s.startAnew(ctx, syncID, after, properties, hash); err != nil {
			return err
		}
	}
	return s.exec(ctx, `UPDATE sync SET mapping = ? WHERE id = ?`, string(text), syncID)
}

// agreedPage finds the bases of a slice of pairs.
const agreedPage = `SELECT l.row_key, b.link_id, b.src, b.rem FROM link l CROSS JOIN base b ON b.link_id = l.id WHERE l.sync_id = ? AND l.row_key > ? ORDER BY l.row_key LIMIT ?`

// agreed is what a pair agreed on.
type agreed struct {
	row      string
	link     int64
	src, rem string
}

// startAnew does a slice of pairs, and returns the last of them and whether there
// may be more.
func (s *Store) startAnew(ctx context.Context, syncID int64, after string, properties []string, hash Hash) (last string, more bool, err error) {
	all, err := list(ctx, s.write, func(row interface{ Scan(...any) error }) (p agreed, err error) {
		return p, row.Scan(&p.row, &p.link, &p.src, &p.rem)
	}, agreedPage, syncID, after, slice)
	if err != nil || len(all) == 0 {
		return "", false, err
	}
	return all[len(all)-1].row, len(all) == slice, s.tx(ctx, func(tx *sql.Tx) error {
		return inBulk(all, func(some []agreed) error { return s.without(tx, some, properties, hash) })
	})
}

// without takes properties out of what some pairs agreed on.
func (s *Store) without(tx *sql.Tx, some []agreed, properties []string, hash Hash) error {
	args := make([]any, 0, 5*len(some))
	dropped := false
	for _, p := range some {
		base, err := s.parseBase(p.src, p.rem)
		if err != nil {
			return err
		}
		for _, values := range []record.Values{base.Source, base.HubSpot} {
			for _, property := range properties {
				_, there := values[property]
				dropped = dropped || there
				delete(values, property)
			}
		}
		src, err := s.forms.values(tx, base.Source)
		if err != nil {
			return err
		}
		rem, err := s.forms.values(tx, base.HubSpot)
		if err != nil {
			return err
		}
		args = append(args, p.link, hash(base.Source), hash(base.HubSpot), src, rem)
	}
	if !dropped {
		return nil
	}
	_, err := tx.Exec(`UPDATE base SET src_hash = v.column2, rem_hash = v.column3, src = v.column4, rem = v.column5 FROM (VALUES `+marks(5, len(some))+`) v WHERE base.link_id = v.column1`, args...)
	return err
}
