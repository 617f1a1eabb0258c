package store

import (
	"context"
	"database/sql"
	"time"
)

// Webhook is where the events of a portal are received on this computer, with what came. Its
// secret is in the keychain.
type Webhook struct {
	ConnectionID string
	Active       bool
	Listen       string // the loopback address
	Path         string // on it
	URL          string // the target as HubSpot has it

	Taken      int // events
	Repeated   int // that had come before
	Aside      int // of portals that are not connected, or not about records
	Refused    int // requests that were not answered with success
	LastAt     time.Time
	LastType   string // such as contact.propertyChange
	RefusedAt  time.Time
	RefusedWhy string
}

const webhookColumns = `connection_id, active, listen, path, url, taken, repeated, aside, refused, last_at, last_type, refused_at, refused_why`

func scanWebhook(row interface{ Scan(...any) error }) (Webhook, error) {
	var w Webhook
	var last, refused int64
	err := row.Scan(&w.ConnectionID, &w.Active, &w.Listen, &w.Path, &w.URL, &w.Taken, &w.Repeated, &w.Aside, &w.Refused, &last, &w.LastType, &refused, &w.RefusedWhy)
	w.LastAt, w.RefusedAt = at(last), at(refused)
	return w, one(err)
}

// SaveWebhook makes or changes where a portal's events are received. What came stays.
func (s *Store) SaveWebhook(ctx context.Context, w Webhook) error {
	return s.exec(ctx, `INSERT INTO webhook(connection_id, active, listen, path, url) VALUES(?,?,?,?,?)
		ON CONFLICT(connection_id) DO UPDATE SET active = excluded.active, listen = excluded.listen, path = excluded.path, url = excluded.url`,
		w.ConnectionID, w.Active, w.Listen, w.Path, w.URL)
}

// Webhooks returns all, also those that are off.
func (s *Store) Webhooks(ctx context.Context) ([]Webhook, error) {
	return list(ctx, s.read, scanWebhook, `SELECT `+webhookColumns+` FROM webhook ORDER BY connection_id`)
}

// Webhook returns that of a connection, or ErrNotFound.
func (s *Store) Webhook(ctx context.Context, connectionID string) (Webhook, error) {
	return scanWebhook(s.read.QueryRowContext(ctx, `SELECT `+webhookColumns+` FROM webhook WHERE connection_id = ?`, connectionID))
}

// Event is one event of a webhook.
type Event struct {
	Sum      string // tells it from every other one
	PortalID int64
	Type     string
	Notices  []Notice
}

// eventsKept is how long an event is known again: HubSpot sends one for up to 24 hours.
const eventsKept = 48 * time.Hour

// KeepEvents keeps what the events of one request say, in one commit: each of them once, however
// often it comes. Events of portals without a connection are put aside, as are those about no
// record. strange is how many more were in it that nobody understands.
func (s *Store) KeepEvents(ctx context.Context, connectionID string, events []Event, strange int) error {
	return s.tx(ctx, func(tx *sql.Tx) error {
		now := s.now()
		if _, err := tx.Exec(`DELETE FROM webhook_event WHERE at < ?`, ms(now.Add(-eventsKept))); err != nil {
			return err
		}
		connected, err := connectedPortals(ctx, tx)
		if err != nil {
			return err
		}
		taken, repeated, aside, last := 0, 0, strange, ""
		notices := make(map[int64][]Notice)
		for _, e := range events {
			if !connected[e.PortalID] || len(e.Notices) == 0 {
				aside++
				continue
			}
			res, err := tx.Exec(`INSERT OR IGNORE INTO webhook_event(sum, at) VALUES(?,?)`, e.Sum, ms(now))
			if err != nil {
				return err
			}
			if n, _ := res.RowsAffected(); n == 0 {
				repeated++
				continue
			}
			taken, last = taken+1, e.Type
			notices[e.PortalID] = append(notices[e.PortalID], e.Notices...)
		}
		for portal, some := range notices {
			if err := s.keepNotices(tx, portal, some); err != nil {
				return err
			}
		}
		_, err = tx.Exec(`UPDATE webhook SET taken = taken + ?2, repeated = repeated + ?3, aside = aside + ?4,
			last_at = CASE WHEN ?5 <> '' THEN ?6 ELSE last_at END, last_type = CASE WHEN ?5 <> '' THEN ?5 ELSE last_type END WHERE connection_id = ?1`,
			connectionID, taken, repeated, aside, last, ms(now))
		return err
	})
}

func connectedPortals(ctx context.Context, tx *sql.Tx) (map[int64]bool, error) {
	all, err := list(ctx, tx, func(row interface{ Scan(...any) error }) (id int64, err error) {
		err = row.Scan(&id)
		return id, err
	}, `SELECT portal_id FROM connection`)
	connected := make(map[int64]bool, len(all))
	for _, id := range all {
		connected[id] = true
	}
	return connected, err
}

// KeepRefusals counts requests to a webhook that were refused, the last one with the reason.
func (s *Store) KeepRefusals(ctx context.Context, connectionID string, n int, why string) error {
	return s.exec(ctx, `UPDATE webhook SET refused = refused + ?, refused_at = ?, refused_why = ? WHERE connection_id = ?`, n, ms(s.now()), why, connectionID)
}
