package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"
	"sync"

	"github.com/mattn/go-sqlite3"
)

// The tests of this package see every statement that reaches SQLite, and how
// often, by the folder of the workspace.

func init() {
	sql.Register("recorded", &recorder{})
	driverName = "recorded"
}

var (
	recording sync.Mutex
	recorded  = map[string]map[string]int{} // path of the database -> statement -> times
)

// Recorded returns the statements that reached the databases whose path
// contains a text, and how often each was carried out.
func Recorded(path string) map[string]int {
	recording.Lock()
	defer recording.Unlock()
	all := make(map[string]int)
	for at, statements := range recorded {
		if strings.Contains(at, path) {
			for q, n := range statements {
				all[q] += n
			}
		}
	}
	return all
}

type recorder struct{ sqlite3.SQLiteDriver }

func (r *recorder) Open(dsn string) (driver.Conn, error) {
	c, err := r.SQLiteDriver.Open(dsn)
	if err != nil {
		return nil, err
	}
	return &recordedConn{SQLiteConn: c.(*sqlite3.SQLiteConn), dsn: dsn}, nil
}

type recordedConn struct {
	*sqlite3.SQLiteConn
	dsn string
}

func (c *recordedConn) note(q string) {
	recording.Lock()
	defer recording.Unlock()
	if recorded[c.dsn] == nil {
		recorded[c.dsn] = make(map[string]int)
	}
	recorded[c.dsn][q]++
}

func (c *recordedConn) ExecContext(ctx context.Context, q string, args []driver.NamedValue) (driver.Result, error) {
	c.note(q)
	return c.SQLiteConn.ExecContext(ctx, q, args)
}

func (c *recordedConn) QueryContext(ctx context.Context, q string, args []driver.NamedValue) (driver.Rows, error) {
	c.note(q)
	return c.SQLiteConn.QueryContext(ctx, q, args)
}

func (c *recordedConn) Prepare(q string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), q)
}

func (c *recordedConn) PrepareContext(ctx context.Context, q string) (driver.Stmt, error) {
	s, err := c.SQLiteConn.PrepareContext(ctx, q)
	if err != nil {
		return nil, err
	}
	return &recordedStmt{SQLiteStmt: s.(*sqlite3.SQLiteStmt), conn: c, text: q}, nil
}

type recordedStmt struct {
	*sqlite3.SQLiteStmt
	conn *recordedConn
	text string
}

func (s *recordedStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	s.conn.note(s.text)
	return s.SQLiteStmt.ExecContext(ctx, args)
}

func (s *recordedStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	s.conn.note(s.text)
	return s.SQLiteStmt.QueryContext(ctx, args)
}
