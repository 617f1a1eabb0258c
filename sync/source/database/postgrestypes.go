package database

import (
	"context"
	"database/sql"
	"encoding/json"
)

// modify takes over what the modifier of a type says: the length of a text, the
// places of a number or of seconds.
func (c *column) modify(base string, mod int) {
	switch base {
	case "character varying", "character":
		if mod > 4 {
			c.length = mod - 4
		}
	case "numeric":
		if places := ((mod-4)&0x7ff ^ 0x400) - 0x400; mod >= 4 && places >= 0 {
			c.places = places
		}
	case "timestamp without time zone", "timestamp with time zone", "time without time zone", "time with time zone":
		if mod >= 0 {
			c.places = mod
		}
	case "money":
		c.places = 2
	case "name":
		c.length = 63
	case `"char"`:
		c.length = 1
	}
}

const postgresGround = `SELECT format_type(b.oid, NULL), b.typcategory::text, b.typtype::text, t.typtypmod, b.oid::bigint, t.typnotnull,
	coalesce((SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = b.oid), '[]')::text
	FROM pg_type t JOIN pg_type b ON b.oid = t.typbasetype WHERE t.oid = $1::bigint::oid`

// ground makes of a domain over domains what the innermost one is.
func (postgres) ground(ctx context.Context, conn *sql.Conn, c *column, domain int64) error {
	for typtype := "d"; typtype == "d"; {
		var base, category, options string
		var mod int
		var notNull bool
		if err := conn.QueryRowContext(ctx, postgresGround, domain).Scan(&base, &category, &typtype, &mod, &domain, &notNull, &options); err != nil {
			return err
		}
		c.nullable = c.nullable && !notNull
		if typtype == "d" {
			continue
		}
		c.kind = postgresKind(base, category)
		if typtype == "r" || typtype == "m" || typtype == "c" {
			c.kind = kindOther
		}
		c.modify(base, mod)
		if err := json.Unmarshal([]byte(options), &c.options); err != nil {
			return err
		}
	}
	return nil
}
