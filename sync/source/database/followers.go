package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"syncline/sync/source"
)

// A foreign key may delete or change rows of other tables when the row that they
// refer to is deleted. No plan shows those and no undo brings them back, so that a
// row which has some is not deleted.

// follower is a foreign key of another table that goes along with a deletion.
type follower struct {
	table   string // quoted
	name    string // of the table, for people
	key     string // the constraint's name, "" where it has none
	rule    string // CASCADE, SET NULL or SET DEFAULT
	columns []string
	refers  []string // the columns that they refer to; none is the primary key
}

// does says what would become of its rows.
func (f follower) does() string {
	key := ""
	if f.key != "" {
		key = "foreign key " + f.key + ", "
	}
	if f.rule == "CASCADE" {
		return fmt.Sprintf("would be deleted with it (%sON DELETE CASCADE)", key)
	}
	return fmt.Sprintf("would be changed with it (%sON DELETE %s)", key, f.rule)
}

// unfollowed refuses the deletion of a row that others would follow. The row is held
// meanwhile, where this user may, so that none is added.
func (b *batch) unfollowed(ctx context.Context, ch source.Change) error {
	if b.followers == nil {
		all, err := b.s.d.followers(ctx, b.conn, b.t)
		if err != nil {
			return err
		}
		b.followers = &all
	}
	if len(*b.followers) == 0 {
		return nil
	}
	if err := b.hold(ctx, ch); err != nil {
		return err
	}
	for _, f := range *b.followers {
		q := b.builder()
		q.text("SELECT count(*) FROM ", f.table, " WHERE ")
		refers := f.refers
		if len(refers) == 0 && b.t.primary {
			refers = b.t.keys[0]
		}
		q.text("(", b.names(f.columns), ") IN (SELECT ", b.names(refers), " FROM ", b.t.from(b.s.d), " WHERE ")
		if err := b.believed(q, ch.Key, ch.Expect); err != nil {
			return &rowError{err.Error()}
		}
		q.text(")")
		var n int
		if err := b.conn.QueryRowContext(ctx, q.String(), q.args...).Scan(&n); err != nil {
			why, _, row := b.s.d.refused(err)
			if row {
				return &rowError{fmt.Sprintf("rows of %s %s, and whether there are some can't be seen: %s. Grant SELECT on that table too", f.name, f.does(), why)}
			}
			return err
		}
		if n > 0 {
			return &rowError{fmt.Sprintf("%d of the rows of %s %s, which no plan shows: delete or move them there first", n, f.name, f.does())}
		}
	}
	return nil
}

func (b *batch) names(columns []string) string {
	all := make([]string, 0, len(columns))
	for _, c := range columns {
		all = append(all, b.s.d.quote(c))
	}
	return strings.Join(all, ", ")
}

// hold locks the row of a change, which a file needs not and some users may not.
func (b *batch) hold(ctx context.Context, ch source.Change) error {
	may := b.s.kind == MySQL
	for _, c := range b.t.columns {
		may = may || b.s.kind == Postgres && c.updates
	}
	if !may {
		return nil
	}
	q := b.builder()
	q.text("SELECT 1 FROM ", b.t.from(b.s.d), " WHERE ")
	if err := b.believed(q, ch.Key, ch.Expect); err != nil {
		return &rowError{err.Error()}
	}
	q.text(" FOR UPDATE")
	var one int
	err := b.conn.QueryRowContext(ctx, q.String(), q.args...).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

// collect reads foreign keys, one row for each column, in their order.
func collect(ctx context.Context, conn *sql.Conn, d dialect, q string, args ...any) (all []follower, err error) {
	rows, err := conn.QueryContext(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	last := ""
	for rows.Next() {
		var id, schema, table, key, rule, column string
		var refers sql.NullString
		if err := rows.Scan(&id, &schema, &table, &key, &rule, &column, &refers); err != nil {
			return nil, err
		}
		if id != last || len(all) == 0 {
			f := follower{table: d.quote(table), name: table, key: key, rule: rule}
			if schema != "" {
				f.table, f.name = d.quote(schema)+"."+f.table, schema+"."+table
			}
			all, last = append(all, f), id
		}
		f := &all[len(all)-1]
		f.columns = append(f.columns, column)
		if refers.Valid {
			f.refers = append(f.refers, refers.String)
		}
	}
	return all, rows.Err()
}

func (p postgres) followers(ctx context.Context, conn *sql.Conn, t *table) ([]follower, error) {
	return collect(ctx, conn, p, `SELECT c.oid::text, n.nspname, r.relname, c.conname, CASE c.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' ELSE 'SET DEFAULT' END, a.attname, f.attname
		FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace
		JOIN pg_class o ON o.oid = c.confrelid JOIN pg_namespace m ON m.oid = o.relnamespace
		CROSS JOIN LATERAL unnest(c.conkey, c.confkey) WITH ORDINALITY k(own, other, ord)
		JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.own JOIN pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = k.other
		WHERE c.contype = 'f' AND c.confdeltype IN ('c', 'n', 'd') AND c.conparentid = 0 AND m.nspname = $1::text AND o.relname = $2::text ORDER BY c.oid, k.ord`, t.schema, t.name)
}

func (m maria) followers(ctx context.Context, conn *sql.Conn, t *table) ([]follower, error) {
	return collect(ctx, conn, m, `SELECT CONCAT(k.CONSTRAINT_SCHEMA, '.', k.TABLE_NAME, '.', k.CONSTRAINT_NAME), k.TABLE_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME, r.DELETE_RULE, k.COLUMN_NAME, k.REFERENCED_COLUMN_NAME
		FROM information_schema.KEY_COLUMN_USAGE k JOIN information_schema.REFERENTIAL_CONSTRAINTS r
		ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND r.TABLE_NAME = k.TABLE_NAME
		WHERE k.REFERENCED_TABLE_SCHEMA = ? AND k.REFERENCED_TABLE_NAME = ? AND r.DELETE_RULE IN ('CASCADE', 'SET NULL', 'SET DEFAULT') ORDER BY 1, k.ORDINAL_POSITION`, t.schema, t.name)
}

func (l lite) followers(ctx context.Context, conn *sql.Conn, t *table) ([]follower, error) {
	return collect(ctx, conn, l, `SELECT m.name || ' ' || f.id, '', m.name, '', f.on_delete, f."from", f."to" FROM sqlite_schema m, pragma_foreign_key_list(m.name) f
		WHERE m.type = 'table' AND f."table" = ? COLLATE NOCASE AND f.on_delete IN ('CASCADE', 'SET NULL', 'SET DEFAULT') ORDER BY m.name, f.id, f.seq`, t.name)
}
