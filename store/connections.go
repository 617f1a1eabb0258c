package store

import (
	"context"
	"encoding/json"
	"time"
)

// Connection is a portal that was connected. Its secret lives in the keychain
// under its ID.
type Connection struct {
	ID          string
	Name        string
	Kind        string // practice, token, oauth
	PortalID    int64
	PortalName  string
	AccountType string // STANDARD, SANDBOX, DEVELOPER_TEST, …
	APIURL      string
	UIDomain    string
	AppID       int64
	Scopes      []string
	Health      string // "" is well, else a sentence
	Created     time.Time
	Checked     time.Time
}

const connectionColumns = `id, name, kind, portal_id, portal_name, account_type, api_url, ui_domain, app_id, scopes, health, created_at, checked_at`

func scanConnection(row interface{ Scan(...any) error }) (Connection, error) {
	var c Connection
	var scopes string
	var created, checked int64
	err := row.Scan(&c.ID, &c.Name, &c.Kind, &c.PortalID, &c.PortalName, &c.AccountType, &c.APIURL, &c.UIDomain, &c.AppID, &scopes, &c.Health, &created, &checked)
	if err != nil {
		return Connection{}, one(err)
	}
	c.Created, c.Checked = at(created), at(checked)
	return c, json.Unmarshal([]byte(scopes), &c.Scopes)
}

// SaveConnection makes or replaces the connection with c's ID.
func (s *Store) SaveConnection(ctx context.Context, c Connection) error {
	scopes, err := json.Marshal(append([]string{}, c.Scopes...))
	if err != nil {
		return err
	}
	return s.exec(ctx, `INSERT INTO connection(`+connectionColumns+`) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)
		ON CONFLICT(id) DO UPDATE SET name = excluded.name, kind = excluded.kind, portal_id = excluded.portal_id, portal_name = excluded.portal_name,
		account_type = excluded.account_type, api_url = excluded.api_url, ui_domain = excluded.ui_domain, app_id = excluded.app_id,
		scopes = excluded.scopes, health = excluded.health, checked_at = excluded.checked_at`,
		c.ID, c.Name, c.Kind, c.PortalID, c.PortalName, c.AccountType, c.APIURL, c.UIDomain, c.AppID, string(scopes), c.Health, ms(c.Created), ms(c.Checked))
}

// Connections returns all connections by name.
func (s *Store) Connections(ctx context.Context) ([]Connection, error) {
	return list(ctx, s.read, scanConnection, `SELECT `+connectionColumns+` FROM connection ORDER BY name`)
}

// Connection returns the connection of that name, whatever its case.
func (s *Store) Connection(ctx context.Context, name string) (Connection, error) {
	return scanConnection(s.read.QueryRowContext(ctx, `SELECT `+connectionColumns+` FROM connection WHERE name = ?`, name))
}

// DeleteConnection forgets a connection; the syncs made with it stay.
func (s *Store) DeleteConnection(ctx context.Context, id string) error {
	return s.exec(ctx, `DELETE FROM connection WHERE id = ?`, id)
}
