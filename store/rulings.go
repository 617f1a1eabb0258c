package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"syncline/sync/plan"
	"syncline/sync/record"
)

// The kinds of rulings that are pending only, beside those of plan.Ruling:
// they steer the matching of the plan that carries the decision out.
const (
	ruleLead  plan.Ruling = "lead"  // of the rows that share a value this one leads
	ruleOne   plan.Ruling = "one"   // the rows that share a value are one, the first leads
	RuleTake  plan.Ruling = "take"  // the row gets the record Lead
	RuleOther plan.Ruling = "other" // of a RuledRow: the row and the row Lead are two
	RuleClaim plan.Ruling = "claim" // the row gets the record of the row that has it
)

// Ruling is what a decision about a whole row means for the matching: in force
// until the row leaves the source or has another match value, or pending while
// the plan that carries it out is not applied. What was said of two that look
// like one gives rulings too, anew for each matching.
type Ruling struct {
	RowKey   string
	Kind     plan.Ruling
	Lead     string // with plan.RuleSame the row that leads
	Conflict int64  // pending: the decided conflict, 0 = in force
}

// Rulings returns the rulings of a sync by row key.
func (s *Store) Rulings(ctx context.Context, syncID int64) (map[string]Ruling, error) {
	all, err := list(ctx, s.write, func(row interface{ Scan(...any) error }) (Ruling, error) {
		var r Ruling
		return r, row.Scan(&r.RowKey, &r.Kind, &r.Lead, &r.Conflict)
	}, `SELECT row_key, kind, lead, conflict FROM ruling WHERE sync_id = ?`, syncID)
	by := make(map[string]Ruling, len(all))
	for _, r := range all {
		by[r.RowKey] = r
	}
	return by, err
}

// FirstRows returns, for keys that several rows have and of which the first
// leads by a decision, what these rows were when it was made.
func (s *Store) FirstRows(ctx context.Context, syncID int64) (map[string]string, error) {
	rows, err := s.write.QueryContext(ctx, `SELECT row_key, digest FROM first_row WHERE sync_id = ?`, syncID)
	if err != nil {
		return nil, err
	}
	return pairs(rows)
}

const releaseFirst = `DELETE FROM first_row WHERE sync_id = ?1 AND NOT EXISTS (SELECT 1 FROM row_seen r WHERE r.sync_id = ?1 AND r.key = row_key AND r.gone = 0)`

// releaseRulings drops those that hold no more: the row left the source or has
// another match value, or the row that leads is gone.
const releaseRulings = `DELETE FROM ruling WHERE sync_id = ?1 AND (pending = 1
	OR NOT EXISTS (SELECT 1 FROM row_seen r WHERE r.sync_id = ?1 AND r.key = row_key AND r.gone = 0)
	OR (kind = 'same' AND NOT EXISTS (SELECT 1 FROM row_seen r WHERE r.sync_id = ?1 AND r.key = lead AND r.gone = 0))
	OR (value <> '' AND NOT EXISTS (SELECT 1 FROM link l WHERE l.sync_id = ?1 AND l.row_key = ruling.row_key)
		AND NOT EXISTS (SELECT 1 FROM identity i WHERE i.sync_id = ?1 AND i.side = 0 AND i.ord = ruling.ord AND i.value = ruling.value AND i.ref = row_key)))`

// decidedRow is a decision about which record an unlinked row belongs to,
// with what matching finds for the row now.
type decidedRow struct {
	id              int64
	key             string
	cause           plan.Cause
	field, src, rem string
	choice          plan.Choice
	value           string
	raw             record.Values
	match           Match
	ord             int
	others          string
	ident           string // the value that matching went by
}

func (s *Store) decidedRows(tx *sql.Tx, syncID int64) ([]decidedRow, error) {
	rows, err := tx.Query(`SELECT c.id, c.row_key, c.cause, c.field, c.src, c.rem, c.choice, c.value, r.vals, r.raw, m.record_id, m.ord, m.reason, m.others,
			coalesce((SELECT i.value FROM identity i WHERE i.sync_id = c.sync_id AND i.side = 0 AND i.ref = c.row_key AND i.ord = m.ord LIMIT 1), '')
		FROM conflict c
		JOIN row_seen r ON r.sync_id = c.sync_id AND r.key = c.row_key AND r.gone = 0
		JOIN matched m ON m.sync_id = c.sync_id AND m.row_key = c.row_key
		WHERE c.sync_id = ? AND c.state = 'decided' AND c.property = '' AND c.edge = ''
		AND c.cause IN ('identity-several', 'identity-shared', 'identity-taken', 'identity-other', 'identity-chosen') ORDER BY c.id`, syncID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []decidedRow
	for rows.Next() {
		var d decidedRow
		var vals, raw string
		if err := rows.Scan(&d.id, &d.key, &d.cause, &d.field, &d.src, &d.rem, &d.choice, &d.value, &vals, &raw, &d.match.RecordID, &d.ord, &d.match.Reason, &d.others, &d.ident); err != nil {
			return nil, err
		}
		if err := d.match.readOthers(d.others); err != nil {
			return nil, err
		}
		if _, d.raw, err = s.forms.parseRow(vals, raw); err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, rows.Err()
}

// stands reports whether the decision was made on what is there now: the same
// cause, the same match value, and the same records or rows in the way.
func (d *decidedRow) stands() bool {
	if d.raw[d.field].String() != d.src {
		return false
	}
	if d.cause == plan.CauseOther && d.match.Reason == "" {
		return d.match.RecordID == d.rem
	}
	return "identity-"+d.match.Reason == string(d.cause) && d.match.Shown() == d.rem
}

// ruling is what the decision means for the matching.
func (d *decidedRow) ruling(tx *sql.Tx, syncID int64) (kind plan.Ruling, lead string, err error) {
	switch d.choice {
	case plan.ChooseSkip, plan.ChooseBase:
		return plan.RuleOut, "", nil
	case plan.ChooseApart:
		return plan.RuleApart, "", nil
	}
	switch d.cause {
	case plan.CauseShared:
		if d.choice == plan.ChooseHubSpot {
			return ruleOne, "", nil
		}
		return ruleLead, "", nil
	case plan.CauseSeveral:
		switch d.choice {
		case plan.ChooseValue:
			return RuleTake, d.value, nil
		case plan.ChooseHubSpot:
			err = tx.QueryRow(`SELECT h.ref FROM identity h JOIN record_seen q ON q.sync_id = ?1 AND q.id = h.ref AND q.gone = '' AND q.in_scope = 1
				WHERE h.sync_id = ?1 AND h.side = 1 AND h.ord = ?2 AND h.value = ?3
				AND NOT EXISTS (SELECT 1 FROM link l WHERE l.sync_id = ?1 AND l.record_id = h.ref)
				ORDER BY length(h.ref), h.ref LIMIT 1`, syncID, d.ord, d.ident).Scan(&lead)
			return RuleTake, lead, one(err)
		}
		return plan.RuleApart, "", nil
	case plan.CauseOther:
		if d.choice == plan.ChooseSource {
			return RuleTake, d.rem, nil
		}
		return plan.RuleApart, "", nil
	}
	if d.choice == plan.ChooseHubSpot {
		return plan.RuleSame, d.match.Others, nil
	}
	// Where no link has the record yet, it is matched to the row; a link moves.
	var linked bool
	if err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM link WHERE sync_id = ? AND row_key = ?)`, syncID, d.match.Others).Scan(&linked); err != nil {
		return plan.RuleNone, "", err
	}
	if kind = RuleTake; linked {
		kind = RuleClaim
	}
	if linked && d.ord != chosen {
		return kind, "", nil
	}
	err = tx.QueryRow(`SELECT lead FROM ruling WHERE sync_id = ?1 AND row_key = ?2 AND kind = 'take' AND ?3 = -2
		UNION ALL SELECT ref FROM identity WHERE sync_id = ?1 AND side = 1 AND ord = ?3 AND value = ?4 LIMIT 1`, syncID, d.key, d.ord, d.ident).Scan(&lead)
	return kind, lead, one(err)
}

// rule turns the decisions that stand into pending rulings, and opens those
// again that rest on something that moved. It reports whether there are any.
func (s *Store) rule(tx *sql.Tx, syncID int64) (any bool, err error) {
	decided, err := s.decidedRows(tx, syncID)
	if err != nil {
		return false, err
	}
	for _, d := range decided {
		ok := d.stands()
		kind, lead := plan.RuleNone, ""
		if ok && d.cause == plan.CauseChosen && d.choice == plan.ChooseSource {
			if err := freed(tx, syncID, d); err != nil {
				return any, err
			}
			any = true
			continue
		}
		if ok {
			kind, lead, err = d.ruling(tx, syncID)
			if err == nil && kind == plan.RuleApart {
				lead, err = keyBearer(tx, syncID, d.key)
			}
			if errors.Is(err, ErrNotFound) {
				ok = false
			} else if err != nil {
				return any, err
			}
		}
		if !ok {
			if _, err := tx.Exec(`UPDATE conflict SET state = 'open', again = 1 WHERE id = ?`, d.id); err != nil {
				return any, err
			}
			continue
		}
		if _, err := tx.Exec(`INSERT OR REPLACE INTO ruling(sync_id, row_key, kind, lead, ord, value, pending, conflict) VALUES(?,?,?,?,?,?,1,?)`,
			syncID, d.key, kind, lead, d.ord, d.ident, d.id); err != nil {
			return any, err
		}
		any = true
	}
	return any, nil
}

// freed takes back what was said of a row whose record is not there any more.
func freed(tx *sql.Tx, syncID int64, d decidedRow) error {
	if err := freeTwins(tx, syncID, d.key); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE conflict SET state = 'closed', closed_at = decided_at, closed_why = 'carried out' WHERE id = ?`, d.id)
	return err
}

// keyBearer is the record that bears the key that we would give a row's
// record, "" where none does: a new record needs another key then.
func keyBearer(tx *sql.Tx, syncID int64, rowKey string) (id string, err error) {
	err = tx.QueryRow(`SELECT h.ref FROM identity i JOIN identity h ON h.sync_id = i.sync_id AND h.side = 1 AND h.ord = -1 AND h.value = i.value
		WHERE i.sync_id = ? AND i.side = 0 AND i.ref = ? AND i.ord = -1`, syncID, rowKey).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return id, err
}

// keepRuling puts a ruling in force.
func keepRuling(tx *sql.Tx, syncID int64, r Ruling) error {
	switch r.Kind {
	case plan.RuleFirst:
		_, err := tx.Exec(`INSERT OR REPLACE INTO first_row VALUES(?,?,?)`, syncID, r.RowKey, r.Lead)
		return err
	case plan.RuleApart:
		return freeTwins(tx, syncID, r.RowKey) // a later decision than that it is the same as a record
	}
	_, err := tx.Exec(`INSERT INTO ruling(sync_id, row_key, kind, lead) VALUES(?1,?2,?3,?4)
		ON CONFLICT DO UPDATE SET kind = excluded.kind, lead = excluded.lead, pending = 0, conflict = 0
		WHERE NOT (pending = 2 AND kind = excluded.kind AND lead = excluded.lead)`, syncID, r.RowKey, r.Kind, r.Lead) // what follows of what was said of two stays so, to go with that
	return err
}

// Successors returns the records in scope that have a match value and belong
// to no row, at most ten.
func (s *Store) Successors(ctx context.Context, syncID int64, rowKey string, ord int, value string) ([]string, error) {
	return list(ctx, s.read, scanText, `SELECT h.ref FROM identity h JOIN record_seen q ON q.sync_id = ?1 AND q.id = h.ref AND q.gone = '' AND q.in_scope = 1
		WHERE h.sync_id = ?1 AND h.side = 1 AND h.ord = ?3 AND h.value = ?4
		AND NOT EXISTS (SELECT 1 FROM link l WHERE l.sync_id = ?1 AND l.record_id = h.ref)
		AND NOT EXISTS (SELECT 1 FROM matched m WHERE m.sync_id = ?1 AND m.record_id = h.ref)
		AND NOT EXISTS (SELECT 1 FROM apart a WHERE a.sync_id = ?1 AND a.row_key = ?2 AND a.record_id = h.ref)
		ORDER BY length(h.ref), h.ref LIMIT 10`, syncID, rowKey, ord, value)
}

// MergesLedTo keeps that the records which were merged into one of the given ones
// live on in another one by now.
func (s *Store) MergesLedTo(ctx context.Context, syncID int64, into string, through []string) error {
	ids, err := json.Marshal(through)
	if err != nil {
		return err
	}
	return s.exec(ctx, `UPDATE record_seen SET merged_into = ?2 WHERE sync_id = ?1 AND gone = 'merged' AND merged_into <> ?2
		AND (merged_into IN (SELECT value FROM json_each(?3)) OR id IN (SELECT value FROM json_each(?3)))`, syncID, into, string(ids))
}

// RowsMergedInto returns the keys of the present rows whose records were merged
// into another one.
func (s *Store) RowsMergedInto(ctx context.Context, syncID int64, recordID string) ([]string, error) {
	return list(ctx, s.read, scanText, `SELECT r.key FROM record_seen q JOIN link l ON l.sync_id = ?1 AND l.record_id = q.id
		JOIN row_seen r ON r.sync_id = ?1 AND r.key = l.row_key AND r.gone = 0
		WHERE q.sync_id = ?1 AND q.gone = 'merged' AND q.merged_into = ?2 ORDER BY r.key LIMIT 10`, syncID, recordID)
}

// RowsOf returns the keys of the present rows that are linked to some records,
// without one of them.
func (s *Store) RowsOf(ctx context.Context, syncID int64, records []string, without string) ([]string, error) {
	return list(ctx, s.read, scanText, `SELECT r.key FROM link l JOIN row_seen r ON r.sync_id = ?1 AND r.key = l.row_key AND r.gone = 0
		WHERE l.sync_id = ?1 AND l.record_id IN (SELECT value FROM json_each(?2)) AND l.row_key <> ?3 ORDER BY r.key LIMIT 10`, syncID, jsonList(records), without)
}

// CloseOthers closes the live conflicts of a sync that are not among keep:
// what they were about is over.
func (s *Store) CloseOthers(ctx context.Context, syncID int64, keep []int64, why string) error {
	return s.exec(ctx, `UPDATE conflict SET state = 'closed', closed_at = ?, closed_why = ? WHERE sync_id = ? AND state IN ('open', 'decided')
		AND id NOT IN (SELECT value FROM json_each(?))`, ms(s.now()), why, syncID, numberList(keep))
}
