package store

import (
	"context"
	"time"
)

// Database is a connection to a database. Its password lives in the keychain,
// under its address.
type Database struct {
	ID      string
	Name    string
	Kind    string // sqlite, postgres, mysql
	Address string // without the password; of sqlite the file
	Tunnel  string // the SSH server on the way, as JSON; "" is none
	Health  string // "" is well, else a sentence
	Created time.Time
	Checked time.Time
}

const databaseColumns = `id, name, kind, address, tunnel, health, created, checked`

func scanDatabase(row interface{ Scan(...any) error }) (Database, error) {
	var d Database
	var created, checked int64
	err := row.Scan(&d.ID, &d.Name, &d.Kind, &d.Address, &d.Tunnel, &d.Health, &created, &checked)
	d.Created, d.Checked = at(created), at(checked)
	return d, one(err)
}

// SaveDatabase makes or replaces the connection with d's ID.
func (s *Store) SaveDatabase(ctx context.Context, d Database) error {
	return s.exec(ctx, `INSERT INTO database(`+databaseColumns+`) VALUES(?,?,?,?,?,?,?,?) ON CONFLICT(id) DO UPDATE SET name = excluded.name, kind = excluded.kind,
		address = excluded.address, tunnel = excluded.tunnel, health = excluded.health, checked = excluded.checked`,
		d.ID, d.Name, d.Kind, d.Address, d.Tunnel, d.Health, ms(d.Created), ms(d.Checked))
}

// Databases returns all connections to databases, by name.
func (s *Store) Databases(ctx context.Context) ([]Database, error) {
	return list(ctx, s.read, scanDatabase, `SELECT `+databaseColumns+` FROM database ORDER BY name`)
}

// Database returns the connection of that name, whatever its case.
func (s *Store) Database(ctx context.Context, name string) (Database, error) {
	return scanDatabase(s.read.QueryRowContext(ctx, `SELECT `+databaseColumns+` FROM database WHERE name = ?`, name))
}

// DeleteDatabase forgets a connection; the syncs made with it stay.
func (s *Store) DeleteDatabase(ctx context.Context, id string) error {
	return s.exec(ctx, `DELETE FROM database WHERE id = ?`, id)
}
