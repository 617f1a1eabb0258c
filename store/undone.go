package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"syncline/sync/plan"
	"syncline/sync/record"
)

// Undone is one thing that an undo took back.
type Undone struct {
	Property string // "" = the record that was made for the row
	Side     plan.Side
	RunID    string        // the run that was undone
	UndoID   string        // the undo
	Raw      record.Values // of a record: the row's cells then
	Again    bool          // a person lets it be done again
}

const undoneJSON = `(SELECT json_group_array(json_object('p', u.property, 's', u.side, 'r', u.run_id, 'u', u.undo_id, 'w', u.raw, 'a', u.again))
	FROM undone u WHERE u.sync_id = ?1 AND u.row_key = `

// parseUndone reads what a query of undoneJSON returned.
func (s *Store) parseUndone(text string) ([]Undone, error) {
	if text == "" || text == "[]" {
		return nil, nil
	}
	var wire []struct {
		P, R, U, W string
		S          plan.Side
		A          int
	}
	if err := json.Unmarshal([]byte(text), &wire); err != nil {
		return nil, err
	}
	all := make([]Undone, 0, len(wire))
	for _, w := range wire {
		raw, err := s.forms.parseValues(w.W)
		if err != nil {
			return nil, err
		}
		all = append(all, Undone{Property: w.P, Side: w.S, RunID: w.R, UndoID: w.U, Raw: raw, Again: w.A != 0})
	}
	return all, nil
}

// purpose is what a plan is for, as far as ending its items depends on it.
type purpose struct {
	undo   bool
	undoOf string
	taken  bool // something was taken back by an undo and stays so
}

func purposeOf(tx *sql.Tx, syncID int64, planID string) (purpose, error) {
	var p purpose
	var kind plan.Purpose
	err := tx.QueryRow(`SELECT kind, undo_of, EXISTS (SELECT 1 FROM undone WHERE sync_id = ?) FROM plan WHERE id = ?`, syncID, planID).Scan(&kind, &p.undoOf, &p.taken)
	if errors.Is(err, sql.ErrNoRows) {
		return p, nil // an operation that is dropped names none
	}
	p.undo = kind == plan.KindUndo
	return p, err
}

// keepUndone notes what an outcome of an undo took back, and forgets what an
// outcome of another plan settled anew.
func (f *finisher) keepUndone(p purpose, o Outcome) error {
	key := o.Op.RowKey
	if o.Link != nil {
		key = o.Link.RowKey
	}
	if key == "" || !p.undo && !p.taken {
		return nil
	}
	forget := func(property string) error {
		// What this undo took back on the other side stands beside it.
		_, err := f.tx.Exec(`DELETE FROM undone WHERE sync_id = ? AND row_key = ? AND property = ? AND NOT (? AND undo_id = ?)`, f.syncID, key, property, p.undo, f.runID)
		return err
	}
	for property := range o.Source {
		if err := forget(property); err != nil {
			return err
		}
	}
	if !p.undo {
		if o.Link != nil {
			return forget("")
		}
		return nil
	}
	const put = `INSERT INTO undone(sync_id, row_key, property, side, run_id, undo_id, raw) VALUES(?,?,?,?,?,?,?)
		ON CONFLICT(sync_id, row_key, property, side) DO UPDATE SET run_id = excluded.run_id, undo_id = excluded.undo_id, raw = excluded.raw, again = 0`
	for _, a := range o.Audit {
		mark := a.Action == plan.OpUpdate && a.Side == plan.Source // of the row as a whole
		if a.Property == "" && a.Field != "" && !mark || a.Property != "" && a.Action == plan.OpArchive {
			continue // a cell of a row that went or came back as a whole
		}
		if a.Property == "" && a.Action == plan.OpCreate && a.Side == plan.HubSpot {
			continue
		}
		cells := "{}"
		if a.Property == "" {
			seen, err := f.rowTexts(key)
			if err != nil {
				return err
			}
			if cells, err = f.forms.values(f.tx, seen.cells); err != nil {
				return err
			}
		}
		if _, err := f.tx.Exec(put, f.syncID, key, a.Property, a.Side, p.undoOf, f.runID, cells); err != nil {
			return err
		}
	}
	return nil
}

// Redo lets what was taken back be done again, of a run that was undone or of
// an undo, and returns how many rows and fields that are.
func (s *Store) Redo(ctx context.Context, syncID int64, id string) (n int, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		res, err := tx.Exec(`UPDATE undone SET again = 1 WHERE sync_id = ?1 AND (run_id = ?2 OR undo_id = ?2)`, syncID, id)
		if err != nil {
			return err
		}
		changed, err := res.RowsAffected()
		n = int(changed)
		return err
	})
	return n, err
}

// UndoneRuns counts, by run, the rows and fields that undos took back and that
// stay so.
func (s *Store) UndoneRuns(ctx context.Context) (map[string]int, error) {
	type count struct {
		run string
		n   int
	}
	all, err := list(ctx, s.read, func(row interface{ Scan(...any) error }) (count, error) {
		var c count
		return c, row.Scan(&c.run, &c.n)
	}, `SELECT run_id, count(*) FROM undone WHERE again = 0 GROUP BY sync_id, run_id`)
	by := make(map[string]int, len(all))
	for _, c := range all {
		by[c.run] += c.n
	}
	return by, err
}

// WroteSource reports whether a run wrote to the source.
func (s *Store) WroteSource(ctx context.Context, runID string) (yes bool, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM op WHERE run_id = ? AND side = 'source' AND state = 'done')`, runID).Scan(&yes)
	return yes, err
}

// Made is what is known of the record that a run made for a row.
type Made struct {
	Version time.Time // HubSpot's time of the record right after it; zero: not known
	Later   []Audit   // what was written to the record later, in order
}

// Made tells what is known of a record that a run made, whatever its row is by now.
func (s *Store) Made(ctx context.Context, runID, recordID string) (Made, error) {
	var m Made
	var syncID, op, last, version int64
	err := s.write.QueryRowContext(ctx, `SELECT coalesce(max(sync_id), 0), coalesce(max(CASE WHEN property = '' AND action = 'create' THEN op_id END), 0), coalesce(max(id), 0)
		FROM audit WHERE record_id = ? AND side = 'hubspot' AND run_id = ? AND edge = ''`, recordID, runID).Scan(&syncID, &op, &last)
	if err == nil {
		err = s.write.QueryRowContext(ctx, `SELECT coalesce((SELECT post_version FROM op WHERE id = ?), 0)`, op).Scan(&version)
	}
	if err != nil {
		return m, err
	}
	m.Version = at(version)
	m.Later, err = s.WroteRecord(ctx, syncID, recordID, last)
	return m, err
}

// LinkVersions returns HubSpot's times of the records of links right after our
// last writes to them, or when they were linked; where it is not known, none.
func (s *Store) LinkVersions(ctx context.Context, links []int64) (map[int64]time.Time, error) {
	rows, err := s.write.QueryContext(ctx, `SELECT id, version FROM link WHERE version <> 0 AND id IN (SELECT value FROM json_each(?))`, numberList(links))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	versions := make(map[int64]time.Time)
	for rows.Next() {
		var id, version int64
		if err := rows.Scan(&id, &version); err != nil {
			return nil, err
		}
		versions[id] = at(version)
	}
	return versions, rows.Err()
}

// archived forgets a link whose record an undo archived, so that its row is
// matched anew when it is offered again; or makes a tomb of it, with the reason
// why. The record is not taken for a live one until a pull shows it again.
func archived(tx *sql.Tx, syncID, linkID int64, o Outcome) error {
	if o.Forget {
		if _, err := tx.Exec(`DELETE FROM link WHERE id = ?`, linkID); err != nil {
			return err
		}
	} else if _, err := tx.Exec(`UPDATE link SET state = 'tomb', why = ? WHERE id = ?`, o.Tomb, linkID); err != nil {
		return err
	}
	if o.Op.Kind == plan.OpDelete {
		return nil // its row went, not the record
	}
	_, err := tx.Exec(`UPDATE record_seen SET gone = 'archived', gone_pull = pull WHERE sync_id = ? AND id = ? AND gone = ''`, syncID, o.Op.RecordID)
	return err
}

// RowSeenBy returns a row as a pull, or one before it, saw it last; nil where
// none did or it was changed since.
func (s *Store) RowSeenBy(ctx context.Context, syncID int64, key string, pull int64) (*RowSeen, error) {
	r := rowScan{forms: s.forms}
	err := s.write.QueryRowContext(ctx, `SELECT `+rowColumns+` FROM row_seen r WHERE r.sync_id = ? AND r.key = ? AND r.gone = 0 AND r.pull <= ?`, syncID, key, pull).Scan(r.dest()...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return r.row()
}

// RowsSeen returns the rows of the source with these keys, as they were seen last.
func (s *Store) RowsSeen(ctx context.Context, syncID int64, keys []string) (map[string]RowSeen, error) {
	return s.rowsSeen(ctx, syncID, keys, ` AND r.gone = 0`)
}

// RowsEverSeen returns the rows with these keys, also those that have left the
// source.
func (s *Store) RowsEverSeen(ctx context.Context, syncID int64, keys []string) (map[string]RowSeen, error) {
	return s.rowsSeen(ctx, syncID, keys, "")
}

func (s *Store) rowsSeen(ctx context.Context, syncID int64, keys []string, which string) (map[string]RowSeen, error) {
	rows, err := list(ctx, s.write, func(row interface{ Scan(...any) error }) (RowSeen, error) {
		r := rowScan{forms: s.forms}
		if err := row.Scan(r.dest()...); err != nil {
			return RowSeen{}, err
		}
		seen, err := r.row()
		if err != nil {
			return RowSeen{}, err
		}
		return *seen, nil
	}, `SELECT `+rowColumns+` FROM row_seen r WHERE r.sync_id = ? AND r.key IN (SELECT value FROM json_each(?))`+which, syncID, jsonList(keys))
	by := make(map[string]RowSeen, len(rows))
	for _, r := range rows {
		by[r.Key] = r
	}
	return by, err
}

// UndoneRows returns, of rows whose record an undo took away for as long as they
// do not change, what took it.
func (s *Store) UndoneRows(ctx context.Context, syncID int64, rowKeys []string) (map[string]Undone, error) {
	type taken struct {
		row string
		Undone
	}
	all, err := list(ctx, s.write, func(row interface{ Scan(...any) error }) (taken, error) {
		var t taken
		return t, row.Scan(&t.row, &t.RunID, &t.UndoID)
	}, `SELECT j.value, u.run_id, u.undo_id FROM json_each(?2) j CROSS JOIN undone u ON u.sync_id = ?1 AND u.row_key = `+leadOf+` WHERE u.property = '' AND u.again = 0`, syncID, jsonList(rowKeys))
	by := make(map[string]Undone, len(all))
	for _, t := range all {
		by[t.row] = t.Undone
	}
	return by, err
}
