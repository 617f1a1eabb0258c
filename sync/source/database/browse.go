package database

import (
	"context"
	"database/sql"
	"fmt"

	"syncline/sync/source"
)

// Table is a table or view of a database, as a list shows it.
type Table struct {
	Schema, Name string
	What         string // table or view
	Rows         int    // about how many, -1 where that is not known
}

// Full is the name as a definition has it.
func (t Table) Full() string {
	if t.Schema == "" {
		return t.Name
	}
	return t.Schema + "." + t.Name
}

// Tables lists the tables and views that the user of the database may read,
// those of its own schema first. The counts are the server's estimates.
func (s *Server) Tables(ctx context.Context) (all []Table, err error) {
	err = s.within(ctx, func(conn *sql.Conn) error {
		all, err = s.d.tables(ctx, conn)
		if err != nil {
			return err
		}
		for i := range all {
			if _, ok := s.d.(lite); ok && all[i].What == "table" { // which keeps no estimates
				if err := conn.QueryRowContext(ctx, "SELECT count(*) FROM "+s.d.quote(all[i].Name)).Scan(&all[i].Rows); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return all, s.sentence(err)
}

// Schema describes a table or query for a key, which may be none: its columns and
// what can be written.
func (s *Server) Schema(ctx context.Context, name, query string) (schema source.Schema, keys [][]string, err error) {
	t, err := s.describe(ctx, name, query)
	if err != nil {
		return schema, nil, err
	}
	var key []string
	if len(t.keys) > 0 {
		key = t.keys[0]
	}
	schema = source.Schema{Location: fmt.Sprintf("%s in %s", t.full(), s.Where), Rows: -1, Identity: t.identity(), Abilities: t.abilities(key), Details: map[string]string{"what": t.what}}
	for _, c := range t.readable() {
		schema.Columns = append(schema.Columns, c.source())
	}
	return schema, t.keys, nil
}

// Version is what the server calls itself.
func (s *Server) Version(ctx context.Context) (version string, err error) {
	q := `SELECT version()`
	if _, ok := s.d.(lite); ok {
		q = `SELECT 'SQLite ' || sqlite_version()`
	}
	err = s.sentence(s.db.QueryRowContext(ctx, q).Scan(&version))
	return version, err
}

func listTables(ctx context.Context, conn *sql.Conn, q string) (all []Table, err error) {
	rows, err := conn.QueryContext(ctx, q)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var t Table
		if err := rows.Scan(&t.Schema, &t.Name, &t.What, &t.Rows); err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, rows.Err()
}
