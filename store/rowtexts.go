package store

import (
	"database/sql"
	"errors"

	"syncline/sync/record"
)

// rowTexts are the values and the cells of a row that was seen. The text of the
// cells leaves out what stands in that of the values, so that the two are only
// ever read and written together.
type rowTexts struct {
	values, cells record.Values
}

// rowTexts reads those of the row with a key; both are nil where it was never
// seen.
func (f *finisher) rowTexts(key string) (t rowTexts, err error) {
	var vals, raw string
	err = f.tx.QueryRow(`SELECT vals, raw FROM row_seen WHERE sync_id = ? AND key = ?`, f.syncID, key).Scan(&vals, &raw)
	if errors.Is(err, sql.ErrNoRows) {
		return t, nil
	}
	if err != nil {
		return t, err
	}
	t.values, t.cells, err = f.forms.parseRow(vals, raw)
	return t, err
}

// observeValues puts others in the place of the values of a row that was seen.
func (f *finisher) observeValues(key string, values record.Values) error {
	seen, err := f.rowTexts(key)
	if err != nil || seen.cells == nil {
		return err
	}
	vals, raw, err := f.forms.row(f.tx, values, seen.cells)
	if err != nil {
		return err
	}
	_, err = f.tx.Exec(`UPDATE row_seen SET hash = ?, vals = ?, raw = ?, made = 0, sound = 0 WHERE sync_id = ? AND key = ?`, f.hash(values), vals, raw, f.syncID, key)
	return err
}

// observeCells lays the cells that a write left behind over those of a row that
// was seen.
func (f *finisher) observeCells(key string, cells record.Values) error {
	seen, err := f.rowTexts(key)
	if err != nil || seen.cells == nil {
		return err
	}
	for column, v := range cells {
		seen.cells[column] = v
	}
	vals, raw, err := f.forms.row(f.tx, seen.values, seen.cells)
	if err != nil {
		return err
	}
	_, err = f.tx.Exec(`UPDATE row_seen SET vals = ?, raw = ?, made = 0, sound = 0 WHERE sync_id = ? AND key = ?`, vals, raw, f.syncID, key)
	return err
}
