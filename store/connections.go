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

	// Of a connection by sign-in; empty for others.
	ClientID    string   // of the app that signed in
	AskedScopes []string // those that the consent was required for, without the optional ones
	UserID      int64    // who consented
	UserEmail   string
	HubDomain   string

	// FormerNames are names it had before: definitions may still use them.
	FormerNames []string
}

const connectionColumns = `id, name, kind, portal_id, portal_name, account_type, api_url, ui_domain, app_id, scopes, health, created_at, checked_at,
	client_id, asked_scopes, user_id, user_email, hub_domain, former_names`

func scanConnection(row interface{ Scan(...any) error }) (Connection, error) {
	var c Connection
	var scopes, asked, former string
	var created, checked int64
	err := row.Scan(&c.ID, &c.Name, &c.Kind, &c.PortalID, &c.PortalName, &c.AccountType, &c.APIURL, &c.UIDomain, &c.AppID, &scopes, &c.Health, &created, &checked,
		&c.ClientID, &asked, &c.UserID, &c.UserEmail, &c.HubDomain, &former)
	if err != nil {
		return Connection{}, one(err)
	}
	c.Created, c.Checked = at(created), at(checked)
	for _, list := range []struct {
		text string
		into *[]string
	}{{scopes, &c.Scopes}, {asked, &c.AskedScopes}, {former, &c.FormerNames}} {
		if err := json.Unmarshal([]byte(list.text), list.into); err != nil {
			return Connection{}, err
		}
	}
	return c, nil
}

// SaveConnection makes or replaces the connection with c's ID.
func (s *Store) SaveConnection(ctx context.Context, c Connection) error {
	var lists [3]string
	for i, list := range [][]string{c.Scopes, c.AskedScopes, c.FormerNames} {
		text, err := json.Marshal(append([]string{}, list...))
		if err != nil {
			return err
		}
		lists[i] = string(text)
	}
	return s.exec(ctx, `INSERT INTO connection(`+connectionColumns+`) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
		ON CONFLICT(id) DO UPDATE SET name = excluded.name, kind = excluded.kind, portal_id = excluded.portal_id, portal_name = excluded.portal_name,
		account_type = excluded.account_type, api_url = excluded.api_url, ui_domain = excluded.ui_domain, app_id = excluded.app_id,
		scopes = excluded.scopes, health = excluded.health, checked_at = excluded.checked_at, client_id = excluded.client_id,
		asked_scopes = excluded.asked_scopes, user_id = excluded.user_id, user_email = excluded.user_email, hub_domain = excluded.hub_domain,
		former_names = excluded.former_names`,
		c.ID, c.Name, c.Kind, c.PortalID, c.PortalName, c.AccountType, c.APIURL, c.UIDomain, c.AppID, lists[0], c.Health, ms(c.Created), ms(c.Checked),
		c.ClientID, lists[1], c.UserID, c.UserEmail, c.HubDomain, lists[2])
}

// SaveCheck keeps what a check of the connection with c's ID found out: how it
// is and what HubSpot tells of its portal and its secret. What a person did
// since c was read stays, a new name or a disconnection.
func (s *Store) SaveCheck(ctx context.Context, c Connection) error {
	scopes, err := json.Marshal(append([]string{}, c.Scopes...))
	if err != nil {
		return err
	}
	return s.exec(ctx, `UPDATE connection SET portal_name = ?, account_type = ?, ui_domain = ?, app_id = ?, scopes = ?, user_id = ?, user_email = ?, hub_domain = ?,
		health = ?, checked_at = ? WHERE id = ?`,
		c.PortalName, c.AccountType, c.UIDomain, c.AppID, string(scopes), c.UserID, c.UserEmail, c.HubDomain, c.Health, ms(c.Checked), c.ID)
}

// SetHealth keeps how a connection is: "" is well, else a sentence.
func (s *Store) SetHealth(ctx context.Context, id, health string) error {
	return s.exec(ctx, `UPDATE connection SET health = ? WHERE id = ?`, health, id)
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
