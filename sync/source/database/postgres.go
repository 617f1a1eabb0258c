package database

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5" // PostgreSQL's driver of choice: MIT, kept by its author since 2013, honours libpq's variables and files
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"syncline/sync/record"
)

// postgres is PostgreSQL from version 12 on.
type postgres struct {
	// system tells one server's history from another's, so that a copy or a restored
	// backup is never asked about a transaction; "" where the server does not say.
	system string
}

const postgresSystem = `SELECT s.system_identifier::text || ' ' || c.timeline_id::text FROM pg_control_system() s, pg_control_checkpoint() c`

// openPostgres prepares connections. PG* variables, .pgpass and pg_service.conf
// fill what the address leaves open, as with psql.
func openPostgres(a Address, o Login, through Dial) (*sql.DB, error) {
	var words []string
	add := func(name, value string) {
		if value != "" {
			words = append(words, name+"='"+strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value)+"'")
		}
	}
	add("host", a.Host)
	add("dbname", a.Database)
	add("user", a.User)
	if a.Port != 0 {
		add("port", strconv.Itoa(a.Port))
	}
	if a.TLS != "" || a.Host != "" { // a service may say more of its own host
		add("sslmode", a.Mode())
	}
	cfg, err := pgx.ParseConfig(strings.Join(words, " "))
	if err != nil {
		var bad *pgconn.ParseConfigError
		if errors.As(err, &bad) {
			return nil, fmt.Errorf("the settings of the connection can't be used: %w", errors.Unwrap(bad))
		}
		return nil, err
	}
	if o.Password != "" {
		cfg.Password = o.Password
	}
	if through != nil {
		cfg.DialFunc = pgconn.DialFunc(through)
		cfg.LookupFunc = func(_ context.Context, host string) ([]string, error) { return []string{host}, nil } // the far end knows it
	}
	cfg.ConnectTimeout = connectTimeout
	cfg.RuntimeParams["application_name"] = "syncline"
	cfg.RuntimeParams["client_encoding"] = "UTF8" // else that of the database or of the role, in which ours would be other letters
	// Without prepared statements it works through poolers too, and each statement is one round trip.
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
	return stdlib.OpenDB(*cfg), nil
}

func (postgres) quote(name string) string { return quoted(name, `"`) }

func (postgres) literal(text string) string {
	if strings.Contains(text, `\`) {
		return " E" + quoted(strings.ReplaceAll(text, `\`, `\\`), `'`)
	}
	return quoted(text, `'`)
}

func (postgres) param(n int) string { return "$" + strconv.Itoa(n) }

func (p postgres) read(c *column) string {
	switch c.kind {
	case kindMoney:
		return p.quote(c.name) + "::numeric::text"
	case kindBinary:
		return "encode(" + p.quote(c.name) + ", 'hex')"
	}
	return p.quote(c.name) + "::text"
}

func (postgres) decode(_ *column, read any) record.Value {
	if s, ok := read.(string); ok {
		return record.Text(s)
	}
	return record.None()
}

func (p postgres) same(b *builder, c *column, v record.Value) {
	b.text(p.read(c), " IS NOT DISTINCT FROM ")
	if v.State() != record.Present {
		b.text("NULL")
		return
	}
	b.arg(v.String())
	b.text("::text")
}

func (p postgres) isKey(b *builder, c *column, text string) {
	b.text(p.quote(c.name), " = ")
	b.arg(text)
	b.text("::text::", c.base)
}

func (postgres) assign(b *builder, c *column, text *string) {
	if text == nil {
		b.text("NULL")
		return
	}
	if c.kind == kindBinary { // a row that is put back
		b.text("decode(")
		b.arg(*text)
		b.text("::text, 'hex')")
		return
	}
	b.arg(*text)
	if c.kind == kindMoney {
		b.text("::text::numeric")
	}
	b.text("::text::", c.base)
}

// The session's settings that texts depend on are set in each transaction, since
// a pooler may give every transaction another session.
const postgresForms = `SELECT set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO, YMD', true), set_config('IntervalStyle', 'iso_8601', true),
	set_config('extra_float_digits', '1', true), set_config('bytea_output', 'hex', true)`

func (postgres) beginRead(ctx context.Context, conn *sql.Conn) error {
	return execAll(ctx, conn, `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`, postgresForms)
}

func (postgres) beginWrite(ctx context.Context, conn *sql.Conn) error {
	// What a constraint would refuse at the commit is refused at once, so that only its row is.
	return execAll(ctx, conn, `BEGIN ISOLATION LEVEL READ COMMITTED`, postgresForms+
		fmt.Sprintf(`, set_config('lock_timeout', '%d', true), set_config('statement_timeout', '%d', true), set_config('idle_in_transaction_session_timeout', '%d', true)`,
			lockTimeout.Milliseconds(), statementTimeout.Milliseconds(), idleTimeout.Milliseconds()), `SET CONSTRAINTS ALL IMMEDIATE`)
}

// name is the transaction's number in the server's history.
func (p postgres) name(ctx context.Context, conn *sql.Conn) (string, error) {
	if p.system == "" {
		return "", nil
	}
	var id string
	err := conn.QueryRowContext(ctx, `SELECT txid_current()::text`).Scan(&id)
	return "pg " + p.system + " " + id, err
}

func (postgres) shared() string { return "" }

func (postgres) refused(err error) (why string, again, row bool) {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return "", false, false
	}
	why = e.Message
	switch {
	case e.ConstraintName != "" && !strings.Contains(why, e.ConstraintName):
		why += fmt.Sprintf(" (constraint %s)", e.ConstraintName)
	case e.ColumnName != "" && !strings.Contains(why, e.ColumnName):
		why += fmt.Sprintf(" (column %s)", e.ColumnName)
	}
	switch {
	case e.Code == "40001", e.Code == "40P01": // serialization, deadlock
		return why, true, false
	case e.Code == "55P03": // lock_not_available
		return "another program holds the row; " + why, false, true
	case e.Code == "57014": // query_canceled: statement_timeout
		return tookTooLong + why, false, true
	}
	switch e.Code[:2] {
	case "57", "53", "58", "08", "XX", "25":
		return why, false, false // the server's, not the row's
	}
	return why, false, true
}

func (postgres) explain(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		switch e.Code {
		case "28P01", "28000":
			return refusesSignIn + e.Message + ". Check the user and the password"
		case "3D000":
			return e.Message + ". Check the name of the database"
		case "42501":
			return e.Message + ". Ask its administrator for the right, or let “syncline database grants” show what is needed"
		case "25006":
			return "is read-only: " + e.Message
		case "53300":
			return "takes no more connections now: " + e.Message + ". Try again later"
		case "57014":
			return "took longer than it lets this user take: " + e.Message + ". Ask its administrator for a longer statement_timeout for this user, or read less with a query"
		case "57P01", "57P02", "57P03", "25P03":
			return "ended the connection: " + e.Message + ". Run again when the server is up"
		}
		return e.Message
	}
	return ""
}

func (postgres) returns() bool { return true }

func (postgres) kindOf(native string) kind {
	switch native {
	case "INT2", "INT4", "INT8", "OID":
		return kindInteger
	case "NUMERIC":
		return kindDecimal
	case "FLOAT8":
		return kindFloat
	case "FLOAT4":
		return kindSingle
	case "BOOL":
		return kindBool
	case "DATE":
		return kindDate
	case "TIME", "TIMETZ":
		return kindTime
	case "TIMESTAMP":
		return kindCivil
	case "TIMESTAMPTZ":
		return kindInstant
	case "BYTEA":
		return kindBinary
	case "790":
		return kindMoney
	}
	return kindText
}

// postgresKind is the kind of a type by its name in the catalogue.
func postgresKind(base, category string) kind {
	switch base {
	case "smallint", "integer", "bigint":
		return kindInteger
	case "numeric":
		return kindDecimal
	case "double precision":
		return kindFloat
	case "real":
		return kindSingle
	case "boolean":
		return kindBool
	case "date":
		return kindDate
	case "time without time zone", "time with time zone":
		return kindTime
	case "timestamp without time zone":
		return kindCivil
	case "timestamp with time zone":
		return kindInstant
	case "bytea":
		return kindBinary
	case "money":
		return kindMoney
	case "json", "jsonb", "xml", "tsvector", "tsquery":
		return kindOther
	}
	switch category {
	case "E":
		return kindEnum
	case "A", "C", "R", "G": // arrays, composites, ranges, geometry
		return kindOther
	}
	return kindText
}

// find returns the number of a relation, 0 where it is not there, and the tables that
// inherit from it.
func (p postgres) find(ctx context.Context, conn *sql.Conn, name string) (oid int64, schema, table, relkind, heirs string, err error) {
	const q = `SELECT c.oid::bigint, n.nspname, c.relname, c.relkind::text, coalesce((SELECT string_agg(h.relname, ', ') FROM pg_inherits i JOIN pg_class h ON h.oid = i.inhrelid WHERE i.inhparent = c.oid), '') FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r','p','v','m','f') AND c.relname = $2::text AND CASE WHEN $1::text = '' THEN pg_table_is_visible(c.oid) ELSE n.nspname = $1::text END`
	for _, s := range splits(name) {
		err = conn.QueryRowContext(ctx, q, s[0], s[1]).Scan(&oid, &schema, &table, &relkind, &heirs)
		if err == nil || !errors.Is(err, sql.ErrNoRows) {
			return oid, schema, table, relkind, heirs, err
		}
	}
	return 0, "", "", "", "", nil
}

const postgresColumns = `SELECT a.attname, a.attnotnull, a.attidentity::text, a.attgenerated::text, coalesce(pg_get_expr(d.adbin, d.adrelid), ''),
	format_type(a.atttypid, a.atttypmod), quote_ident(tn.nspname) || '.' || quote_ident(t.typname), format_type(b.oid, NULL), b.typcategory::text, b.typtype::text,
	coalesce(nullif(t.typtypmod, -1), a.atttypmod), CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE 0 END::bigint,
	coalesce((SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = b.oid), '[]')::text,
	has_column_privilege(a.attrelid, a.attnum, 'SELECT'), has_column_privilege(a.attrelid, a.attnum, 'UPDATE'), has_column_privilege(a.attrelid, a.attnum, 'INSERT'), t.typnotnull
	FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace tn ON tn.oid = t.typnamespace JOIN pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
	LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
	WHERE a.attrelid = $1::bigint::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`

const postgresKeys = `SELECT i.indisprimary, (SELECT json_agg(a.attname ORDER BY k.ord) FROM unnest(i.indkey::smallint[]) WITH ORDINALITY k(num, ord) JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num WHERE k.ord <= i.indnkeyatts)::text
	FROM pg_index i WHERE i.indrelid = $1::bigint::oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
	AND NOT EXISTS (SELECT 1 FROM unnest(i.indkey::smallint[]) WITH ORDINALITY k(num, ord) JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num WHERE k.ord <= i.indnkeyatts AND NOT a.attnotnull)
	ORDER BY i.indisprimary DESC, i.indexrelid`

func (p postgres) table(ctx context.Context, conn *sql.Conn, name string) (*table, error) {
	// Names of types outside of the catalogue come with their schema then.
	oid, schema, rel, relkind, heirs, err := p.find(ctx, conn, name)
	if err != nil {
		return nil, err
	}
	if oid == 0 {
		all, err := p.tables(ctx, conn)
		if err != nil {
			return nil, err
		}
		return nil, noTable(name, all)
	}
	t := &table{schema: schema, name: rel, what: "table"}
	switch relkind {
	case "v":
		t.what, t.fixed = "view", fmt.Sprintf("%s is a view, whose rows have no key that the database keeps unique; name the table behind it", t.full())
	case "m":
		t.what, t.fixed = "view", fmt.Sprintf("%s is a materialized view, which can only be read; name the table behind it", t.full())
	case "r":
		if heirs != "" {
			t.fixed = fmt.Sprintf("rows of %s inherit from it, over which no key of %s is unique; name one of the tables", heirs, t.full())
		}
	case "f":
		t.fixed = fmt.Sprintf("%s is a foreign table, whose rows have no key that the database keeps unique; sync with the database that it stands in", t.full())
	}
	if err := p.writable(ctx, conn, t); err != nil {
		return nil, err
	}
	if err := execAll(ctx, conn, `SELECT set_config('search_path', 'pg_catalog', true)`); err != nil {
		return nil, err
	}
	rows, err := conn.QueryContext(ctx, postgresColumns, oid)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	nested := map[*column]int64{} // domains over domains, by the inner one
	for rows.Next() {
		c := &column{places: anyPlaces}
		var notNull, domainNotNull bool
		var mod int
		var domain int64
		var identity, generated, def, base, category, typtype, options string
		if err := rows.Scan(&c.name, &notNull, &identity, &generated, &def, &c.native, &c.base, &base, &category, &typtype, &mod, &domain, &options,
			&c.readable, &c.updates, &c.inserts, &domainNotNull); err != nil {
			return nil, err
		}
		c.nullable, c.kind = !notNull && !domainNotNull, postgresKind(base, category)
		if typtype == "r" || typtype == "m" || typtype == "c" {
			c.kind = kindOther
		}
		switch {
		case generated != "":
			c.made, c.fills = "is generated from other columns ("+def+")", "its generated value"
		case identity == "a":
			c.numbered = true
			c.made, c.fills = "is numbered by the database itself (GENERATED ALWAYS AS IDENTITY)", "the next number"
		case identity == "d":
			c.fills = "the next number"
		case def != "":
			c.fills = "a default (" + def + ")"
		}
		if err := json.Unmarshal([]byte(options), &c.options); err != nil {
			return nil, err
		}
		c.modify(base, mod)
		if typtype == "d" {
			nested[c] = domain
		}
		t.add(c)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for c, domain := range nested {
		if err := p.ground(ctx, conn, c, domain); err != nil {
			return nil, err
		}
	}
	if err := p.keys(ctx, conn, oid, t); err != nil {
		return nil, err
	}
	return t, conn.QueryRowContext(ctx, `SELECT has_table_privilege($1::bigint::oid, 'DELETE')`, oid).Scan(&t.deletes)
}

// writable says of a server that is only read why its tables are.
func (postgres) writable(ctx context.Context, conn *sql.Conn, t *table) error {
	var replica, readOnly bool
	if err := conn.QueryRowContext(ctx, `SELECT pg_is_in_recovery(), current_setting('default_transaction_read_only') = 'on'`).Scan(&replica, &readOnly); err != nil {
		return err
	}
	switch {
	case t.fixed != "":
	case replica:
		t.fixed = "this server is a replica, which can only be read; name its primary in the address"
	case readOnly:
		t.fixed = "this user's transactions only read (default_transaction_read_only is on); name another user, or ask the administrator to turn it off"
	}
	return nil
}

func (postgres) keys(ctx context.Context, conn *sql.Conn, oid int64, t *table) error {
	rows, err := conn.QueryContext(ctx, postgresKeys, oid)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var primary bool
		var names string
		var key []string
		if err := rows.Scan(&primary, &names); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(names), &key); err != nil {
			return err
		}
		t.primary = t.primary || primary
		t.keys = append(t.keys, key)
	}
	return rows.Err()
}

func (postgres) tables(ctx context.Context, conn *sql.Conn) ([]Table, error) {
	return listTables(ctx, conn, `SELECT n.nspname, c.relname, CASE WHEN c.relkind IN ('v','m') THEN 'view' ELSE 'table' END, CASE WHEN c.relkind IN ('r','p','m') THEN c.reltuples::bigint ELSE -1 END
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r','p','v','m','f') AND NOT c.relispartition AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_%'
		AND has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT') ORDER BY n.nspname = 'public' DESC, 1, 2`)
}

// came asks what became of a transaction by its name.
func (p postgres) came(ctx context.Context, conn *sql.Conn, name string) (string, error) {
	words := strings.Fields(name)
	if len(words) != 4 || words[0] != "pg" {
		return "", nil
	}
	var now string
	if err := conn.QueryRowContext(ctx, postgresSystem).Scan(&now); err != nil {
		return "", err
	}
	if now != words[1]+" "+words[2] {
		return "", nil // another server, or its past
	}
	var status sql.NullString
	if err := conn.QueryRowContext(ctx, `SELECT txid_status($1::text::bigint)`, words[3]).Scan(&status); err != nil {
		return "", nil //nolint:nilerr // too old or never given out here: the rows tell
	}
	return status.String, nil
}

const (
	connectTimeout   = 15 * time.Second
	statementTimeout = 30 * time.Second
	idleTimeout      = 60 * time.Second
)

// lockTimeout is how long a row may be held by another program before its change is
// refused; a variable for tests alone.
var lockTimeout = 5 * time.Second

// Dial opens a connection to a host and port, such as through a tunnel.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)
