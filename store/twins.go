package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"syncline/sync/plan"
	"syncline/sync/record"
)

// Verdict is what a person said of two rows or records that look like one.
type Verdict string

// The verdicts.
const (
	TwinSame      Verdict = "same"
	TwinDifferent Verdict = "different"
)

// TwinEnd names a row or a record in a Twin.
type TwinEnd string

// RowEnd is the row with a key.
func RowEnd(key string) TwinEnd { return TwinEnd("row " + key) }

// RecordEnd is the record with an id.
func RecordEnd(id string) TwinEnd { return TwinEnd("record " + id) }

// Row returns the key of a row; false where the end is a record.
func (e TwinEnd) Row() (string, bool) { return strings.CutPrefix(string(e), "row ") }

// Record returns the id of a record; false where the end is a row.
func (e TwinEnd) Record() (string, bool) { return strings.CutPrefix(string(e), "record ") }

// Twin is a decision about two rows or records that look like one.
type Twin struct {
	PortalID int64
	Object   string // object type id
	SyncID   int64  // 0 where both are records
	A, B     TwinEnd
	Verdict  Verdict
	By       string
	At       time.Time
	// Joined tells of a row and a record that a match key joins: where they are different, the row
	// gets a record of its own, without the values that HubSpot keeps unique.
	Joined bool
}

func (t Twin) ordered() Twin {
	if t.A > t.B {
		t.A, t.B = t.B, t.A
	}
	return t
}

// Twins returns the decisions about a sync's rows and about a portal's records.
func (s *Store) Twins(ctx context.Context, portalID int64, object string, syncID int64) ([]Twin, error) {
	return list(ctx, s.read, scanTwin, `SELECT `+twinColumns+` FROM twin WHERE portal_id = ? AND object = ? AND sync_id IN (0, ?)`, portalID, object, syncID)
}

const twinColumns = `portal_id, object, sync_id, a, b, verdict, decided_by, decided_at, joined`

func scanTwin(row interface{ Scan(...any) error }) (t Twin, err error) {
	var when int64
	err = row.Scan(&t.PortalID, &t.Object, &t.SyncID, &t.A, &t.B, &t.Verdict, &t.By, &when, &t.Joined)
	t.At = at(when)
	return t, err
}

// PutTwin keeps a decision beside all others, in the place of an earlier one about the same two. A row
// and a record that are the same are matched, and those that are different never are; rows that are
// the same count as one. What does not agree with earlier decisions is refused: a TwinOpposedError, or
// a TwinLinksError where two records would be one. Plans that were made before and not begun with are
// not applied any more.
func (s *Store) PutTwin(ctx context.Context, t Twin) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		o := t.ordered()
		if err := dropTwin(tx, o); err != nil {
			return err
		}
		if o.SyncID != 0 {
			if err := opposed(tx, o); err != nil {
				return err
			}
		}
		if err := addTwin(tx, o); err != nil || o.SyncID == 0 {
			return err
		}
		return twinsChanged(tx, o.SyncID)
	})
}

// ForgetTwin takes a decision back, with what followed of it for plans that are not applied yet.
func (s *Store) ForgetTwin(ctx context.Context, t Twin) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		if err := dropTwin(tx, t.ordered()); err != nil || t.SyncID == 0 {
			return err
		}
		a, aRow := t.A.Row()
		b, bRow := t.B.Row()
		if aRow && bRow { // runs kept it with the row, once
			if _, err := tx.Exec(`DELETE FROM ruling WHERE sync_id = ?1 AND kind = ?2 AND pending = 0 AND (row_key = ?3 AND lead = ?4 OR row_key = ?4 AND lead = ?3)`, t.SyncID, plan.RuleSame, a, b); err != nil {
				return err
			}
		}
		return twinsChanged(tx, t.SyncID)
	})
}

func addTwin(tx *sql.Tx, t Twin) error {
	_, err := tx.Exec(`INSERT INTO twin(portal_id, object, sync_id, a, b, verdict, decided_by, decided_at, joined) VALUES(?,?,?,?,?,?,?,?,?)`,
		t.PortalID, t.Object, t.SyncID, t.A, t.B, t.Verdict, t.By, ms(t.At), t.Joined)
	if key, id := rowAndRecord(t); err == nil && t.Verdict == TwinDifferent && key != "" && id != "" {
		_, err = tx.Exec(`INSERT OR IGNORE INTO apart(sync_id, row_key, record_id, at, twin) VALUES(?,?,?,?,1)`, t.SyncID, key, id, ms(t.At))
	}
	return err
}

func dropTwin(tx *sql.Tx, t Twin) error {
	_, err := tx.Exec(`DELETE FROM twin WHERE portal_id = ? AND object = ? AND sync_id = ? AND a = ? AND b = ?`, t.PortalID, t.Object, t.SyncID, t.A, t.B)
	if key, id := rowAndRecord(t); err == nil && key != "" && id != "" {
		_, err = tx.Exec(`DELETE FROM apart WHERE sync_id = ? AND row_key = ? AND record_id = ? AND twin = 1`, t.SyncID, key, id)
	}
	return err
}

// twinsChanged carries the decisions about a sync's rows into its matching.
func twinsChanged(tx *sql.Tx, syncID int64) error {
	if err := ruleTwins(tx, syncID, true); err != nil {
		return err
	}
	return staleReady(tx, syncID)
}

func rowAndRecord(t Twin) (key, id string) {
	for _, e := range []TwinEnd{t.A, t.B} {
		if k, ok := e.Row(); ok {
			key = k
		}
		if r, ok := e.Record(); ok {
			id = r
		}
	}
	return key, id
}

// staleReady keeps plans from being applied that were made before a decision.
func staleReady(tx *sql.Tx, syncID int64) error {
	_, err := tx.Exec(`UPDATE plan SET state = ? WHERE sync_id = ? AND state = ?`, plan.Stale, syncID, plan.Ready)
	return err
}

// LinkedRecords returns the records of a sync's rows that are linked, by row key.
func (s *Store) LinkedRecords(ctx context.Context, syncID int64) (map[string]string, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT row_key, record_id FROM link WHERE sync_id = ? AND record_id IS NOT NULL`, syncID)
	if err != nil {
		return nil, err
	}
	return pairs(rows)
}

// Merge is a merge of two records at a person's word.
type Merge struct {
	ID         int64
	PortalID   int64
	Object     string // object type id
	Kept, Gone string // ids: the record whose values win, and the other one
	Survivor   string // the id of what came of it, "" before
	State      plan.OpState
	Err        string
	Person     string
	// KeptBefore and GoneBefore are what both held before it.
	KeptBefore, GoneBefore map[string]string
	Began, Ended           time.Time
}

// MergeOpenError says that a merge of one of the records has been sent, and what became of it is not
// known yet.
type MergeOpenError struct {
	Kept, Gone string
	Began      time.Time
}

func (e *MergeOpenError) Error() string {
	return "it is not known yet whether the records " + e.Kept + " and " + e.Gone + " were merged"
}

// BeginMerge keeps a merge that is about to be sent, before a byte of it leaves, and sets its ID. While
// another one of either record is open it is a MergeOpenError: sent twice, or the other way round, two
// merges could take effect.
func (s *Store) BeginMerge(ctx context.Context, m *Merge) error {
	kept, err := json.Marshal(m.KeptBefore)
	if err != nil {
		return err
	}
	gone, err := json.Marshal(m.GoneBefore)
	if err != nil {
		return err
	}
	m.State = plan.OpSent
	return s.tx(ctx, func(tx *sql.Tx) error {
		var open MergeOpenError
		var began int64
		err := tx.QueryRow(`SELECT kept, gone, began_at FROM record_merge WHERE portal_id = ?1 AND object = ?2 AND state = 'sent'
			AND (kept IN (?3, ?4) OR gone IN (?3, ?4)) ORDER BY id DESC LIMIT 1`, m.PortalID, m.Object, m.Kept, m.Gone).Scan(&open.Kept, &open.Gone, &began)
		if err == nil {
			open.Began = at(began)
			return &open
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		return tx.QueryRow(`INSERT INTO record_merge(portal_id, object, kept, gone, state, person, kept_before, gone_before, began_at) VALUES(?,?,?,?,?,?,?,?,?) RETURNING id`,
			m.PortalID, m.Object, m.Kept, m.Gone, m.State, m.Person, string(kept), string(gone), ms(m.Began)).Scan(&m.ID)
	})
}

// EndMerge keeps what came of a merge. Decisions about either record are about the survivor from then on.
func (s *Store) EndMerge(ctx context.Context, m Merge) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec(`UPDATE record_merge SET state = ?, survivor = ?, error = ?, ended_at = ? WHERE id = ?`, m.State, m.Survivor, m.Err, ms(m.Ended), m.ID); err != nil || m.State != plan.OpDone {
			return err
		}
		for _, id := range []string{m.Gone, m.Kept} {
			if err := followMerge(ctx, tx, m.PortalID, m.Object, id, m.Survivor); err != nil {
				return err
			}
		}
		return nil
	})
}

// Merges returns the merges of a portal's records of a type, the newest first; open ones only where
// their answer never came.
func (s *Store) Merges(ctx context.Context, portalID int64, object string, open bool) ([]Merge, error) {
	return list(ctx, s.write, func(row interface{ Scan(...any) error }) (Merge, error) {
		m := Merge{PortalID: portalID, Object: object}
		var kept, gone string
		var began, ended int64
		err := row.Scan(&m.ID, &m.Kept, &m.Gone, &m.Survivor, &m.State, &m.Err, &m.Person, &kept, &gone, &began, &ended)
		if err != nil {
			return m, err
		}
		m.Began, m.Ended = at(began), at(ended)
		if err := json.Unmarshal([]byte(kept), &m.KeptBefore); err != nil {
			return m, err
		}
		return m, json.Unmarshal([]byte(gone), &m.GoneBefore)
	}, `SELECT id, kept, gone, survivor, state, error, person, kept_before, gone_before, began_at, ended_at FROM record_merge
		WHERE portal_id = ?1 AND object = ?2 AND (NOT ?3 OR state = 'sent') ORDER BY id DESC`, portalID, object, open)
}

// Texts are the values of a record that are there.
func Texts(values record.Values) map[string]string {
	texts := make(map[string]string, len(values))
	for name, v := range values {
		if !v.Empty() {
			texts[name] = v.String()
		}
	}
	return texts
}
