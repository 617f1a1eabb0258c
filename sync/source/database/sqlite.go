package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/mattn/go-sqlite3" // SQLite's own code, as the workspace uses it: MIT

	"syncline/sync/plainfile"
	"syncline/sync/record"
	"syncline/sync/source/localfile"
)

// lite is a SQLite file that another program keeps. Nothing about it is changed
// but rows: neither its journal mode nor its other settings.
type lite struct {
	path string
}

// openSQLite prepares connections to a file. Only rows may be read of one opened
// for a query: it may come from somebody else.
func openSQLite(path string, query, readOnly bool) (*sql.DB, error) {
	if err := checkSQLite(path); err != nil {
		return nil, err
	}
	mode := "rw"
	if readOnly || query || !writableFile(path) {
		mode = "ro"
	}
	dsn := "file:" + strings.NewReplacer("?", "%3f", "#", "%23", "%", "%25").Replace(path) + fmt.Sprintf("?mode=%s&_busy_timeout=%d&_foreign_keys=1", mode, lockTimeout.Milliseconds())
	return sql.OpenDB(&liteConnector{dsn: dsn, query: query}), nil
}

// liteConnector makes connections that for a query may do nothing but read.
type liteConnector struct {
	dsn   string
	query bool
}

// Connect implements driver.Connector.
func (c *liteConnector) Connect(context.Context) (driver.Conn, error) {
	conn, err := c.Driver().Open(c.dsn)
	if err != nil || !c.query {
		return conn, err
	}
	if lc, ok := conn.(*sqlite3.SQLiteConn); ok {
		lc.RegisterAuthorizer(func(op int, _, _, _ string) int {
			switch op {
			case sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_TRANSACTION, 33: // 33 is SQLITE_RECURSIVE
				return sqlite3.SQLITE_OK
			}
			return sqlite3.SQLITE_DENY
		})
	}
	return conn, nil
}

// Driver implements driver.Connector.
func (c *liteConnector) Driver() driver.Driver { return &sqlite3.SQLiteDriver{} }

func writableFile(path string) bool {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return false
	}
	return f.Close() == nil
}

// checkSQLite refuses what is no SQLite file, what a newer SQLite wrote, and what
// lies on a share, where locks don't hold and two programs damage the file.
func checkSQLite(path string) error {
	fail := func(msg string, err error) error { return &localfile.Error{Path: path, Msg: msg, Err: err} }
	f, info, err := plainfile.Open(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fail("is not there; check the name, or choose the file again if it was moved", err)
	case errors.Is(err, os.ErrPermission):
		return fail("may not be read by you; ask its owner for read permission", err)
	case err != nil:
		return fail("is no file that can be opened as a database", err)
	}
	defer f.Close()
	var head [100]byte
	if _, err := io.ReadFull(f, head[:]); err != nil || string(head[:16]) != "SQLite format 3\x00" {
		if info.Size() == 0 {
			return fail("is empty; a database has at least one table", nil)
		}
		return &localfile.Error{Path: path, Msg: "is no SQLite database, or an encrypted one", Misnamed: true}
	}
	if head[18] > 2 || head[19] > 2 {
		return fail(fmt.Sprintf("is of a newer format of SQLite (%d) than this program knows; update Syncline, or export the table", max(head[18], head[19])), nil)
	}
	if share := onShare(path); share != "" {
		return fail(fmt.Sprintf("lies on a share (%s), where SQLite's locks don't hold and two programs can damage the file; copy it to a disk of this computer", share), nil)
	}
	return nil
}

func (lite) quote(name string) string { return quoted(name, `"`) }

func (lite) literal(text string) string { return quoted(text, `'`) }

func (lite) param(int) string { return "?" }

// read is an expression, since the driver would take a bare column's values by
// its declared type for times and booleans.
func (l lite) read(c *column) string { return "+" + l.quote(c.name) }

func (lite) decode(c *column, read any) record.Value {
	switch v := read.(type) {
	case int64:
		return record.Text(strconv.FormatInt(v, 10))
	case float64:
		return record.Text(realText(v))
	case string:
		return record.Text(v)
	case []byte:
		if c.kind != kindBinary {
			return record.Text(bytesHere + hex.EncodeToString(v))
		}
		return record.Text(hex.EncodeToString(v))
	}
	return record.None()
}

// bytesHere begins what is read of bytes in a column that is not one of bytes. It is
// no text, so that the cell is left out and told.
const bytesHere = "\xff"

// realText is the shortest text of a number that is no integer to SQLite.
func realText(f float64) string {
	s := strconv.FormatFloat(f, 'g', -1, 64)
	if f == math.Trunc(f) && math.Abs(f) < 1e15 {
		s = strconv.FormatFloat(f, 'f', 1, 64)
	}
	return s
}

// same compares without regard to a column's collation, and where a column may hold
// whatever it likes by what its cell really holds.
func (l lite) same(b *builder, c *column, v record.Value) {
	name, text := l.quote(c.name), v.String()
	n, noInteger := strconv.ParseInt(text, 10, 64)
	f, number := liteFloat(text)
	switch {
	case v.State() != record.Present:
		b.text(name, " IS NULL")
	case c.affinity == "BLOB", math.IsInf(f, 0) && c.affinity != "TEXT":
		l.sameAny(b, name, text, f, number)
	case c.affinity == "TEXT" || !number:
		b.text(name, " = ")
		b.arg(text)
		b.text(" COLLATE BINARY")
	case noInteger == nil && strconv.FormatInt(n, 10) == text:
		b.text(name, " = ")
		b.arg(n)
	default:
		b.text(name, " = ")
		b.arg(f)
	}
}

// liteFloat reads a number as SQLite does, which takes words such as nan and inf for
// texts; an infinite one is what realText made of it.
func liteFloat(text string) (float64, bool) {
	if text == "+Inf" || text == "-Inf" {
		f, err := strconv.ParseFloat(text, 64)
		return f, err == nil
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil && liteNumber.MatchString(text)
}

func (lite) sameAny(b *builder, name, text string, number float64, isNumber bool) {
	b.text("CASE typeof(", name, ") WHEN 'text' THEN ", name, " = ")
	b.arg(text)
	b.text(" COLLATE BINARY WHEN 'integer' THEN CAST(", name, " AS TEXT) = ")
	b.arg(text)
	if isNumber {
		b.text(" WHEN 'real' THEN ", name, " = ")
		b.arg(number)
	}
	b.text(" WHEN 'blob' THEN lower(hex(", name, ")) = ")
	b.arg(text)
	b.text(" ELSE 0 END")
}

func (l lite) isKey(b *builder, c *column, text string) {
	f, number := liteFloat(text)
	if c.affinity != "BLOB" || !number {
		b.text(l.quote(c.name), " = ")
		b.arg(text) // the column's affinity takes it to a number where it is one
		return
	}
	b.text(l.quote(c.name), " IN (") // a column without a type has texts and numbers
	b.arg(text)
	b.text(", ")
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		b.arg(n)
	} else {
		b.arg(f)
	}
	b.text(")")
}

func (l lite) assign(b *builder, c *column, text *string) {
	if text == nil {
		b.text("NULL")
		return
	}
	if c.kind == kindBinary { // a row that is put back
		if bytes, err := hex.DecodeString(*text); err == nil {
			b.arg(bytes)
			return
		}
	}
	if c.affinity != "BLOB" {
		b.arg(*text)
		return
	}
	// A column without a type keeps what it is given: numbers stay numbers.
	if n, err := strconv.ParseInt(*text, 10, 64); err == nil && strconv.FormatInt(n, 10) == *text {
		b.text("CASE typeof(", l.quote(c.name), ") WHEN 'text' THEN ")
		b.arg(*text)
		b.text(" ELSE ")
		b.arg(n)
		b.text(" END")
		return
	}
	b.arg(*text)
}

func (lite) beginRead(ctx context.Context, conn *sql.Conn) error {
	return execAll(ctx, conn, `BEGIN`)
}

func (lite) beginWrite(ctx context.Context, conn *sql.Conn) error {
	return execAll(ctx, conn, `BEGIN IMMEDIATE`)
}

// name is nothing: a file has no memory of its transactions, and an unfinished
// one is rolled back by whoever opens it next.
func (lite) name(context.Context, *sql.Conn) (string, error) { return "", nil }

func (lite) shared() string { return "" }

func (lite) refused(err error) (why string, again, row bool) {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return "", false, false
	}
	switch e.Code {
	case sqlite3.ErrConstraint, sqlite3.ErrMismatch, sqlite3.ErrTooBig, sqlite3.ErrRange, sqlite3.ErrError:
		return e.Error(), false, true
	}
	return e.Error(), false, false
}

func (l lite) explain(err error) string {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return ""
	}
	switch e.Code {
	case sqlite3.ErrBusy, sqlite3.ErrLocked:
		return "is locked by another program; close what it does there, and run again"
	case sqlite3.ErrNotADB:
		return "is no SQLite database, or an encrypted one"
	case sqlite3.ErrCorrupt:
		return "is damaged (" + e.Error() + "); restore a backup of it"
	case sqlite3.ErrReadonly, sqlite3.ErrPerm:
		return "may not be written by you, or its folder may not: " + e.Error()
	case sqlite3.ErrFull:
		return "can't be written, because its disk is full"
	case sqlite3.ErrCantOpen:
		return "can't be opened: " + e.Error() + ". A database in WAL mode needs a folder that may be written"
	}
	if strings.Contains(e.Error(), "unsupported file format") {
		return "is of a newer format of SQLite than this program knows; update Syncline, or export the table"
	}
	return e.Error()
}

func (lite) returns() bool { return true }

func (lite) kindOf(native string) kind { k, _ := liteKind(native); return k }

// liteKind is the kind of a declared type, and its affinity by SQLite's rules.
func liteKind(declared string) (kind, string) {
	d := strings.ToUpper(declared)
	has := func(parts ...string) bool {
		for _, p := range parts {
			if strings.Contains(d, p) {
				return true
			}
		}
		return false
	}
	affinity := "NUMERIC"
	switch {
	case has("INT"):
		affinity = "INTEGER"
	case has("CHAR", "CLOB", "TEXT"):
		affinity = "TEXT"
	case has("BLOB") || d == "" || d == "ANY":
		affinity = "BLOB"
	case has("REAL", "FLOAT", "DOUBLE"):
		affinity = "REAL"
	}
	switch {
	case has("DATETIME", "TIMESTAMP"):
		return kindCivil, affinity
	case d == "DATE":
		return kindDate, affinity
	case has("BOOL"):
		return kindInteger, affinity
	case affinity == "INTEGER":
		return kindInteger, affinity
	case affinity == "REAL":
		return kindFloat, affinity
	case affinity == "NUMERIC" && has("NUM", "DEC", "MONEY", "CURRENCY", "FIXED", "PRICE", "YEAR", "BIT"):
		return kindDecimal, affinity
	case has("BLOB"):
		return kindBinary, affinity
	}
	return kindText, affinity
}

// onConflict finds constraints by which SQLite would delete other rows, or write
// nothing, without a word, unless the statement says otherwise. It says so only there,
// since it would overrule what triggers say of their own statements.
var onConflict = regexp.MustCompile(`(?is)\bON\s+CONFLICT\s+(REPLACE|IGNORE|FAIL|ROLLBACK)\b`)

func (l lite) table(ctx context.Context, conn *sql.Conn, name string) (*table, error) {
	var kind, text string
	err := conn.QueryRowContext(ctx, `SELECT type, coalesce(sql, '') FROM sqlite_schema WHERE type IN ('table', 'view') AND name = ?`, name).Scan(&kind, &text)
	if errors.Is(err, sql.ErrNoRows) {
		all, err := l.tables(ctx, conn)
		if err != nil {
			return nil, err
		}
		return nil, noTable(name, all)
	}
	if err != nil {
		return nil, err
	}
	t := &table{name: name, what: kind, deletes: true}
	if onConflict.MatchString(text) {
		t.or = "OR ABORT "
	}
	switch {
	case kind == "view":
		t.fixed = fmt.Sprintf("%s is a view, whose rows have no key that the database keeps unique; name the table behind it", name)
	case strings.HasPrefix(strings.ToUpper(text), "CREATE VIRTUAL"):
		t.fixed = fmt.Sprintf("%s is a virtual table, which only the program that made it can write", name)
	case !writableFile(l.path):
		t.fixed = fmt.Sprintf("%s may not be written by you", filepath.Base(l.path))
	}
	if err := l.columns(ctx, conn, t); err != nil {
		return nil, err
	}
	return t, l.keys(ctx, conn, t)
}

func (l lite) columns(ctx context.Context, conn *sql.Conn, t *table) error {
	rows, err := conn.QueryContext(ctx, `SELECT name, type, "notnull", coalesce(dflt_value, ''), pk, hidden FROM pragma_table_xinfo(?) ORDER BY cid`, t.name)
	if err != nil {
		return err
	}
	defer rows.Close()
	primary := map[int]string{}
	for rows.Next() {
		c := &column{readable: true, updates: true, inserts: true, places: anyPlaces}
		var notNull bool
		var def string
		var pk, hidden int
		if err := rows.Scan(&c.name, &c.native, &notNull, &def, &pk, &hidden); err != nil {
			return err
		}
		c.kind, c.affinity = liteKind(c.native)
		c.nullable = !notNull && pk == 0
		switch {
		case hidden >= 2:
			c.made, c.fills = "is generated from other columns", "its generated value"
		case hidden == 1:
			continue
		case def != "":
			c.fills = "a default (" + def + ")"
		}
		if pk > 0 {
			primary[pk] = c.name
		}
		t.add(c)
	}
	if len(primary) > 0 {
		key := make([]string, 0, len(primary))
		for i := 1; i <= len(primary); i++ {
			key = append(key, primary[i])
		}
		t.keys, t.primary = append(t.keys, key), true
		if c := t.byName[key[0]]; len(key) == 1 && strings.EqualFold(c.native, "INTEGER") {
			c.fills = "the next number"
		}
	}
	return rows.Err()
}

func (lite) keys(ctx context.Context, conn *sql.Conn, t *table) error {
	rows, err := conn.QueryContext(ctx, `SELECT l.name, i.name FROM pragma_index_list(?) l, pragma_index_info(l.name) i WHERE l."unique" AND NOT l.partial AND l.origin <> 'pk' ORDER BY l.seq, i.seqno`, t.name)
	if err != nil {
		return err
	}
	defer rows.Close()
	last := ""
	var key []string
	whole := true
	end := func() {
		if len(key) > 0 && whole {
			t.keys = append(t.keys, key)
		}
		key, whole = nil, true
	}
	for rows.Next() {
		var index string
		var name sql.NullString
		if err := rows.Scan(&index, &name); err != nil {
			return err
		}
		if index != last {
			end()
			last = index
		}
		c := t.byName[name.String]
		whole = whole && c != nil && !c.nullable
		key = append(key, name.String)
	}
	end()
	return rows.Err()
}

func (l lite) tables(ctx context.Context, conn *sql.Conn) ([]Table, error) {
	return listTables(ctx, conn, `SELECT '', name, type, -1 FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY name`)
}
