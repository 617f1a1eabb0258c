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

// DeliverAgain lets the next plan deliver rows once more that were delivered.
func (s *Store) DeliverAgain(ctx context.Context, syncID int64, keys []string) error {
	return s.exec(ctx, `UPDATE delivery SET state = ? WHERE sync_id = ? AND row_key IN (SELECT value FROM json_each(?))`, plan.DeliveryAgain, syncID, jsonList(keys))
}

// keepDeliveries keeps what became of deliveries.
func keepDeliveries(tx *sql.Tx, syncID int64, runID string, now int64, outcomes []Outcome) error {
	for i := range outcomes {
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
