package store

import (
	"context"
	"database/sql"
	"time"

	"syncline/sync/plan"
)

// Delivery is a row that was delivered to what is no record.
type Delivery struct {
	RowKey   string
	State    plan.DeliveryState
	Hash     []byte // of the canonical values that were sent
	RemoteID string // HubSpot's id of what they became, "" where it has none
	Times    int    // how often it was sent on purpose: 1, and once more for each time that a person asked for it
	RunID    string
	At       time.Time
}

const deliveryColumns = `row_key, state, hash, remote_id, times, run_id, at`

func scanDelivery(row interface{ Scan(...any) error }) (Delivery, error) {
	var d Delivery
	var when int64
	err := row.Scan(&d.RowKey, &d.State, &d.Hash, &d.RemoteID, &d.Times, &d.RunID, &when)
	d.At = at(when)
	return d, one(err)
}

// Deliveries returns what is known of the deliveries of rows, by key.
func (s *Store) Deliveries(ctx context.Context, syncID int64, keys []string) (map[string]Delivery, error) {
	all, err := list(ctx, s.write, scanDelivery, `SELECT `+deliveryColumns+` FROM delivery WHERE sync_id = ? AND row_key IN (SELECT value FROM json_each(?))`, syncID, jsonList(keys))
	by := make(map[string]Delivery, len(all))
	for _, d := range all {
		by[d.RowKey] = d
	}
	return by, err
}

// DeliveryCount is how many rows of a sync were delivered.
func (s *Store) DeliveryCount(ctx context.Context, syncID int64) (n int, err error) {
	err = s.write.QueryRowContext(ctx, `SELECT count(*) FROM delivery WHERE sync_id = ? AND state = ?`, syncID, plan.DeliverySent).Scan(&n)
	return n, err
}

// DeliverAgain lets the next plan deliver rows that were delivered before, or of which
// nobody can tell it. What was sent of them is not asked for any more.
func (s *Store) DeliverAgain(ctx context.Context, syncID int64, keys []string) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.Exec(`UPDATE delivery SET state = ? WHERE sync_id = ? AND row_key IN (SELECT value FROM json_each(?))`, plan.DeliveryAgain, syncID, jsonList(keys)); err != nil {
			return err
		}
		return endDeliveries(tx, syncID, keys, plan.OpDropped, "a person let it be sent again")
	})
}

// TakeAsSent takes rows as delivered of which nobody can tell it, as they are now in the
// source, and returns how many those are.
func (s *Store) TakeAsSent(ctx context.Context, syncID int64, keys []string) (n int64, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		res, err := tx.Exec(`UPDATE delivery SET state = ?1, times = max(times, 1), hash = coalesce((SELECT r.hash FROM row_seen r WHERE r.sync_id = delivery.sync_id AND r.key = delivery.row_key), hash)
			WHERE sync_id = ?2 AND state = ?3 AND row_key IN (SELECT value FROM json_each(?4))`, plan.DeliverySent, syncID, plan.DeliveryDoubtful, jsonList(keys))
		if err != nil {
			return err
		}
		if n, err = res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM attention WHERE sync_id = ? AND row_key IN (SELECT value FROM json_each(?))`, syncID, jsonList(keys)); err != nil {
			return err
		}
		return endDeliveries(tx, syncID, keys, plan.OpDone, "a person took it as sent")
	})
	return n, err
}

// endDeliveries ends the operations of rows that were sent and whose outcome a person
// decided.
func endDeliveries(tx *sql.Tx, syncID int64, keys []string, state plan.OpState, why string) error {
	_, err := tx.Exec(`UPDATE op SET state = ?, err = ? WHERE sync_id = ? AND kind = 'deliver' AND state = 'sent' AND row_key IN (SELECT value FROM json_each(?))`, state, why, syncID, jsonList(keys))
	return err
}

// keepDeliveries keeps what became of deliveries, and of the notes that attach files.
func keepDeliveries(tx *sql.Tx, syncID int64, runID string, now int64, outcomes []Outcome) error {
	for i := range outcomes {
		if a := outcomes[i].Attachment; a != nil {
			if err := keepAttachment(tx, syncID, *a); err != nil {
				return err
			}
		}
		d := outcomes[i].Delivery
		if d == nil {
			continue
		}
		if _, err := tx.Exec(`INSERT INTO delivery(sync_id, row_key, state, hash, remote_id, times, run_id, at) VALUES(?,?,?,?,?,?,?,?)
			ON CONFLICT(sync_id, row_key) DO UPDATE SET state = excluded.state, hash = excluded.hash, remote_id = excluded.remote_id, times = excluded.times, run_id = excluded.run_id, at = excluded.at`,
			syncID, d.RowKey, d.State, d.Hash, d.RemoteID, d.Times, runID, now); err != nil {
			return err
		}
	}
	return nil
}
