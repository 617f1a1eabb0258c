package database

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/go-sql-driver/mysql" // the driver that the field uses: MPL-2.0, kept by a team since 2012

	"syncline/sync/record"
)

// maria is MySQL and MariaDB, told apart by the server's version.
type maria struct {
	mariaDB bool
}

// openMySQL prepares connections. MYSQL_PWD and the client's section of .my.cnf
// fill what the address leaves open, as with the mysql program.
func openMySQL(a Address, o Login, through Dial) (*sql.DB, error) {
	files, err := readClientFiles(o)
	if err != nil {
		return nil, err
	}
	a = files.complete(a)
	if o.Password == "" {
		o.Password = files.password(a, o)
	}
	cfg := mysql.NewConfig()
	cfg.User, cfg.Passwd, cfg.DBName = a.User, o.Password, a.Database
	cfg.Net, cfg.Addr = "tcp", net.JoinHostPort(orElse(a.Host, "localhost"), strconv.Itoa(orPort(a.Port, 3306)))
	if a.Socket() {
		cfg.Net, cfg.Addr = "unix", a.Host
	}
	cfg.Timeout = connectTimeout
	cfg.InterpolateParams = true // one round trip for each statement, and values as the server writes them
	cfg.ClientFoundRows = true   // an update that changes nothing has found its row all the same
	cfg.Collation = "utf8mb4_general_ci"
	cfg.Logger = silent{}
	cfg.ConnectionAttributes = "program_name:syncline"
	if err := secureMySQL(cfg, a); err != nil {
		return nil, err
	}
	if through != nil {
		cfg.DialFunc = through
	}
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// secureMySQL sets the encryption by the TLS mode in force.
func secureMySQL(cfg *mysql.Config, a Address) error {
	name := a.Host
	switch a.Mode() {
	case TLSPrefer:
		cfg.AllowFallbackToPlaintext = true
		cfg.TLS = &tls.Config{InsecureSkipVerify: true} //nolint:gosec // the mode says so, and the screen says what it means
		if a.Local() {
			cfg.TLS, cfg.AllowFallbackToPlaintext = nil, false
		}
	case TLSRequire:
		cfg.TLS = &tls.Config{InsecureSkipVerify: true} //nolint:gosec // the mode says so, and the screen says what it means
	case TLSVerifyCA:
		cfg.TLS = &tls.Config{InsecureSkipVerify: true, VerifyConnection: func(s tls.ConnectionState) error { //nolint:gosec // all but the name is verified here
			between := x509.NewCertPool()
			for _, c := range s.PeerCertificates[1:] {
				between.AddCert(c)
			}
			_, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{Intermediates: between})
			return err
		}}
	case TLSVerifyFull:
		cfg.TLS = &tls.Config{ServerName: name, MinVersion: tls.VersionTLS12}
	}
	return nil
}

type silent struct{}

// Print implements the driver's logger: what matters comes as an error.
func (silent) Print(...any) {}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

func orPort(port, other int) int {
	if port == 0 {
		return other
	}
	return port
}

func (maria) quote(name string) string { return quoted(name, "`") }

func (maria) literal(text string) string {
	return quoted(strings.ReplaceAll(text, `\`, `\\`), `'`)
}

func (maria) param(int) string { return "?" }

func (m maria) read(c *column) string {
	name := m.quote(c.name)
	switch c.kind {
	case kindSingle:
		return "CAST(" + name + " + 0e0 AS CHAR)"
	case kindBit:
		return "CAST(" + name + " + 0 AS CHAR)"
	case kindBinary:
		return "LOWER(HEX(" + name + "))"
	}
	return "CAST(" + name + " AS CHAR)"
}

func (maria) decode(c *column, read any) record.Value {
	var s string
	switch v := read.(type) {
	case []byte:
		s = string(v)
	case string:
		s = v
	default:
		return record.None()
	}
	switch c.kind {
	case kindDate, kindCivil, kindInstant:
		if strings.HasPrefix(s, "0000-00-00") {
			return record.None() // MySQL's "no date"
		}
		if c.kind == kindInstant {
			s += "+00:00"
		}
	case kindSingle:
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			s = strconv.FormatFloat(f, 'g', -1, 32)
		}
	case kindSet:
		s = strings.ReplaceAll(s, ",", ";")
	}
	return record.Text(s)
}

func (m maria) same(b *builder, c *column, v record.Value) {
	name := m.quote(c.name)
	text := v.String()
	switch {
	case v.State() != record.Present && (c.kind == kindDate || c.kind == kindCivil || c.kind == kindInstant):
		b.text("(", name, " IS NULL OR CAST(", name, " AS CHAR) LIKE '0000-00-00%')")
		return
	case v.State() != record.Present:
		b.text(name, " IS NULL")
		return
	case c.kind == kindInstant:
		text = strings.TrimSuffix(text, "+00:00")
	case c.kind == kindSet:
		text = strings.ReplaceAll(text, ";", ",")
	case c.kind == kindSingle:
		if f, err := strconv.ParseFloat(text, 32); err == nil {
			b.text("(", name, " + 0e0) <=> ")
			b.arg(f)
			b.text(" + 0e0")
			return
		}
	}
	// Byte by byte: to a collation other letters and spaces at the end are the same.
	b.text("CAST(", m.read(c), " AS BINARY) <=> CAST(")
	b.arg(text)
	b.text(" AS BINARY)")
}

func (m maria) isKey(b *builder, c *column, text string) {
	b.text(m.quote(c.name), " = ")
	switch c.kind {
	case kindInteger: // a text would be compared as a number with 53 bits
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			b.arg(n)
			return
		}
		if n, err := strconv.ParseUint(text, 10, 64); err == nil {
			b.arg(n)
			return
		}
	case kindDecimal:
		b.text("CAST(")
		b.arg(text)
		b.text(" AS ", strings.ReplaceAll(strings.ReplaceAll(c.native, " unsigned", ""), " zerofill", ""), ")")
		return
	case kindInstant:
		text = strings.TrimSuffix(text, "+00:00")
	}
	b.arg(text)
}

func (maria) assign(b *builder, c *column, text *string) {
	if text == nil {
		b.text("NULL")
		return
	}
	switch c.kind {
	case kindInstant:
		b.arg(strings.TrimSuffix(*text, "+00:00"))
		return
	case kindBit:
		b.text("CAST(")
		b.arg(*text)
		b.text(" AS UNSIGNED)")
		return
	case kindBinary: // a row that is put back
		b.text("UNHEX(")
		b.arg(*text)
		b.text(")")
		return
	}
	b.arg(*text)
}

const mariaForms = `SET SESSION time_zone = '+00:00', SESSION sql_mode = CONCAT_WS(',', REPLACE(REPLACE(@@SESSION.sql_mode, 'PAD_CHAR_TO_FULL_LENGTH', ''), 'EMPTY_STRING_IS_NULL', ''), 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION')`

func (maria) beginRead(ctx context.Context, conn *sql.Conn) error {
	return execAll(ctx, conn, mariaForms, `SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ`, `START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY`)
}

func (m maria) beginWrite(ctx context.Context, conn *sql.Conn) error {
	limits := fmt.Sprintf(`SET SESSION innodb_lock_wait_timeout = %d, SESSION lock_wait_timeout = %d`, int(lockTimeout.Seconds()), int(lockTimeout.Seconds()))
	if m.mariaDB {
		limits += fmt.Sprintf(`, SESSION max_statement_time = %d, SESSION idle_transaction_timeout = %d`, int(statementTimeout.Seconds()), int(idleTimeout.Seconds()))
	}
	return execAll(ctx, conn, mariaForms, limits, `SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED`, `START TRANSACTION`)
}

// name is nothing: these servers don't tell later what became of a transaction.
func (maria) name(context.Context, *sql.Conn) (string, error) { return "", nil }

func (maria) shared() string { return " LOCK IN SHARE MODE" }

func (maria) refused(err error) (why string, again, row bool) {
	var e *mysql.MySQLError
	if !errors.As(err, &e) {
		return "", false, false
	}
	switch e.Number {
	case 1213: // deadlock: all of the transaction was rolled back
		return e.Message, true, false
	case 1205: // lock wait timeout
		return "another program holds the row; " + e.Message, false, true
	case 1969, 3024, 1317: // statement timeout, query interrupted
		return tookTooLong + e.Message, false, true
	case 1040, 1053, 1114, 1021, 1290, 1836, 2006, 2013: // the server's, not the row's
		return e.Message, false, false
	}
	return e.Message, false, true
}

func (maria) explain(err error) string {
	var e *mysql.MySQLError
	if !errors.As(err, &e) {
		return ""
	}
	switch e.Number {
	case 1045, 1698, 1044:
		// What the server says of a password looks like one, and would be hidden with what follows.
		said := strings.NewReplacer(" (using password: YES)", "", " (using password: NO)", ", and no password was given").Replace(e.Message)
		return refusesSignIn + said + ". Check the user, the password and the name of the database"
	case 1142, 1143:
		return e.Message + ". Ask its administrator for the right, or let “syncline database grants” show what is needed"
	case 1290, 1836:
		return "is read-only: " + e.Message
	case 1969, 3024, 1317:
		return "took longer than it lets this user take: " + e.Message + ". Ask its administrator for a longer max_statement_time (MySQL: max_execution_time), or read less with a query"
	case 1053, 1927:
		return "ended the connection: " + e.Message + ". Run again when the server is up"
	}
	return e.Message
}

func (m maria) returns() bool { return m.mariaDB }

func (maria) kindOf(native string) kind {
	return mariaKind(strings.ToLower(strings.TrimPrefix(native, "UNSIGNED ")))
}

// mariaKind is the kind of a type by its name in the catalogue.
func mariaKind(name string) kind {
	switch name {
	case "tinyint", "smallint", "mediumint", "int", "bigint", "year":
		return kindInteger
	case "decimal":
		return kindDecimal
	case "double":
		return kindFloat
	case "float":
		return kindSingle
	case "bit":
		return kindBit
	case "date":
		return kindDate
	case "time":
		return kindTime
	case "datetime":
		return kindCivil
	case "timestamp":
		return kindInstant
	case "enum":
		return kindEnum
	case "set":
		return kindSet
	case "json", "geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon", "geometrycollection", "vector":
		return kindOther
	case "binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob":
		return kindBinary
	}
	return kindText
}

func (m maria) table(ctx context.Context, conn *sql.Conn, name string) (*table, error) {
	const q = `SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, COALESCE(ENGINE, '') FROM information_schema.TABLES
		WHERE TABLE_SCHEMA = CASE WHEN ? = '' THEN DATABASE() ELSE ? END AND TABLE_NAME = ?`
	t := &table{what: "table"}
	var kind, engine string
	for _, s := range splits(name) {
		err := conn.QueryRowContext(ctx, q, s[0], s[0], s[1]).Scan(&t.schema, &t.name, &kind, &engine)
		if err == nil {
			break
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return nil, err
		}
	}
	switch {
	case t.name == "":
		all, err := m.tables(ctx, conn)
		if err != nil {
			return nil, err
		}
		return nil, noTable(name, all)
	case kind == "VIEW" || kind == "SYSTEM VIEW":
		t.what, t.fixed = "view", fmt.Sprintf("%s is a view, whose rows have no key that the database keeps unique; name the table behind it", t.full())
	case !slices.Contains([]string{"InnoDB", "ROCKSDB", "TokuDB", "ndbcluster"}, engine):
		t.fixed = fmt.Sprintf("%s is kept by the engine %s, which can't take a change back; turn it into InnoDB first", t.full(), engine)
	}
	if err := m.writable(ctx, conn, t); err != nil {
		return nil, err
	}
	if err := m.columns(ctx, conn, t); err != nil {
		return nil, err
	}
	if err := m.keys(ctx, conn, t); err != nil {
		return nil, err
	}
	// The server looks at the right and does nothing, but for that it may not be within a
	// transaction for reading.
	if err := execAll(ctx, conn, `ROLLBACK`); err != nil {
		return nil, err
	}
	t.deletes = m.mayDelete(ctx, conn, t)
	return t, nil
}

// writable says of a server that is only read why its tables are.
func (maria) writable(ctx context.Context, conn *sql.Conn, t *table) error {
	var readOnly bool
	const q = `SELECT @@GLOBAL.read_only AND NOT EXISTS (SELECT 1 FROM information_schema.USER_PRIVILEGES
		WHERE REPLACE(GRANTEE, '\'', '') = CURRENT_USER() AND PRIVILEGE_TYPE IN ('SUPER', 'READ ONLY ADMIN', 'READ_ONLY ADMIN'))`
	if err := conn.QueryRowContext(ctx, q).Scan(&readOnly); err != nil {
		return err
	}
	if readOnly && t.fixed == "" {
		t.fixed = "this server is only read (read_only is on), as replicas are; name the one that is written to in the address"
	}
	return nil
}

func (m maria) mayDelete(ctx context.Context, conn *sql.Conn, t *table) bool {
	rows, err := conn.QueryContext(ctx, "EXPLAIN DELETE FROM "+t.from(m)+" WHERE 1 = 0")
	if err != nil {
		return false
	}
	defer rows.Close()
	for rows.Next() { // what it says is of no interest
	}
	return rows.Err() == nil
}

func (m maria) columns(ctx context.Context, conn *sql.Conn, t *table) error {
	rows, err := conn.QueryContext(ctx, `SELECT COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, COALESCE(CHARACTER_MAXIMUM_LENGTH, 0), COALESCE(DATETIME_PRECISION, NUMERIC_SCALE, -1), EXTRA, PRIVILEGES
		FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION`, t.schema, t.name)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		c := &column{}
		var data, nullable, extra, rights string
		var def sql.NullString
		var length uint64
		if err := rows.Scan(&c.name, &data, &c.native, &nullable, &def, &length, &c.places, &extra, &rights); err != nil {
			return err
		}
		c.kind, c.nullable = mariaKind(data), nullable == "YES"
		if c.kind == kindText && length < 1<<24 {
			c.length = int(length)
		}
		if c.kind == kindEnum || c.kind == kindSet {
			c.options = mariaOptions(c.native)
		}
		extra = strings.ToLower(extra)
		switch {
		case strings.Contains(extra, "stored generated") || strings.Contains(extra, "virtual generated") || strings.Contains(extra, "persistent"):
			c.made, c.fills = "is generated from other columns", "its generated value"
		case strings.Contains(extra, "auto_increment"):
			c.fills = "the next number"
		case def.Valid && def.String != "NULL":
			c.fills = "a default (" + def.String + ")"
		}
		for _, right := range strings.Split(rights, ",") {
			switch strings.TrimSpace(right) {
			case "select":
				c.readable = true
			case "insert":
				c.inserts = true
			case "update":
				c.updates = true
			}
		}
		t.add(c)
	}
	return rows.Err()
}

// mariaOptions reads the options out of enum('a','b”c').
func mariaOptions(native string) (options []string) {
	_, rest, _ := strings.Cut(native, "(")
	for {
		_, after, ok := strings.Cut(rest, "'")
		if !ok {
			return options
		}
		var one strings.Builder
		i := 0
		for ; i < len(after); i++ {
			if after[i] == '\'' {
				if i+1 < len(after) && after[i+1] == '\'' {
					i++
				} else {
					break
				}
			}
			one.WriteByte(after[i])
		}
		options, rest = append(options, one.String()), after[min(i+1, len(after)):]
	}
}

func (maria) keys(ctx context.Context, conn *sql.Conn, t *table) error {
	rows, err := conn.QueryContext(ctx, `SELECT INDEX_NAME, COLUMN_NAME, COALESCE(SUB_PART, 0), NULLABLE FROM information_schema.STATISTICS
		WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND NON_UNIQUE = 0 ORDER BY INDEX_NAME <> 'PRIMARY', INDEX_NAME, SEQ_IN_INDEX`, t.schema, t.name)
	if err != nil {
		return err
	}
	defer rows.Close()
	var last string
	broken := false
	var key []string
	end := func() {
		if len(key) > 0 && !broken {
			t.keys = append(t.keys, key)
			t.primary = t.primary || last == "PRIMARY"
		}
		key, broken = nil, false
	}
	for rows.Next() {
		var index, nullable string
		var name sql.NullString
		var part int
		if err := rows.Scan(&index, &name, &part, &nullable); err != nil {
			return err
		}
		if index != last {
			end()
			last = index
		}
		key = append(key, name.String)
		broken = broken || part > 0 || nullable == "YES" || !name.Valid
	}
	end()
	return rows.Err()
}

func (maria) tables(ctx context.Context, conn *sql.Conn) ([]Table, error) {
	return listTables(ctx, conn, `SELECT TABLE_SCHEMA, TABLE_NAME, CASE WHEN TABLE_TYPE LIKE '%VIEW' THEN 'view' ELSE 'table' END, CAST(COALESCE(TABLE_ROWS, -1) AS SIGNED)
		FROM information_schema.TABLES WHERE TABLE_SCHEMA NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys') ORDER BY TABLE_SCHEMA <> COALESCE(DATABASE(), ''), 1, 2`)
}
