// Package database is the databases of SQLite, PostgreSQL, MySQL and MariaDB as
// sources: a table or a view by its name, or a query, which can only be read.
//
// What differs from server to server is in a file of its own for each; the rest
// is one. Every value is a text that the server itself wrote, so that none loses
// digits, and every change says what it believes to stand there.
package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/localfile"
	"syncline/sync/source/tabular"
)

// Options name a database and what of it is the source.
type Options struct {
	Address Address // of a server
	Path    string  // sqlite: the file
	Table   string  // as it is called, with its schema where it needs one; or
	Query   string  // a SELECT, which can only be read

	Key      []string       // the key columns
	Modified string         // the column with a row's time of change, "" for none
	Zone     *time.Location // of times without one; nil is not known
	// Use are the columns that are read beside the key; nil is all that may be read.
	Use []string
	// ReadOnly says that nothing will be written.
	ReadOnly bool

	Login Login
	// Marks are those in which the sync reads numbers.
	Marks tabular.Marks
	typed *tabular.Numbers // of the files that are the tables
}

// Login is what opens a connection beside its address. It holds secrets: it is
// kept in memory only.
type Login struct {
	Password string
	Tunnel   *Tunnel // the SSH server on the way; nil is none
	// Home and Getenv are for tests: where .my.cnf and MYSQL_PWD are looked for.
	Home   string
	Getenv func(string) string
}

// Source is an opened table, view or query. It implements source.Source,
// source.Rowwise and source.Outliner.
type Source struct {
	opts  Options
	kind  string
	where string // for people
	d     dialect
	db    *sql.DB
	line  *tunnel
	keep  *sql.Conn // holds tables in memory; nil elsewhere

	mu   sync.Mutex
	t    *table
	open *prepared // which excludes another one
}

// Error is a database that can't be used, in a sentence for a person.
type Error struct {
	Where string
	Msg   string
	Err   error
	// SignIn says that the server refused the user or the password.
	SignIn bool
}

func (e *Error) Error() string { return e.Where + ": " + e.Msg }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Server is a database that is open, whatever table is meant.
type Server struct {
	Where  string
	d      dialect
	db     *sql.DB
	tunnel *tunnel
}

// Close ends its connections.
func (s *Server) Close() error {
	err := s.db.Close()
	if s.tunnel != nil {
		s.tunnel.close()
	}
	return err
}

// OpenServer connects to a database. Errors are sentences for a person.
func OpenServer(ctx context.Context, o Options) (*Server, error) {
	var s Server
	var err error
	var through Dial // nil is the network itself
	if o.Login.Tunnel != nil {
		if o.Address.Socket() || o.Address.Kind == SQLite {
			return nil, &Error{Where: o.Address.Place(), Msg: "is a file of this machine, to which no SSH server leads"}
		}
		s.tunnel = &tunnel{t: *o.Login.Tunnel, login: o.Login}
		through = s.tunnel.dial
	}
	switch o.Address.Kind {
	case SQLite:
		s.Where, s.d = o.Path, lite{o.Path}
		s.db, err = openSQLite(o.Path, o.Query != "", o.ReadOnly)
	case Postgres:
		s.Where, s.d = o.Address.Place(), postgres{}
		s.db, err = openPostgres(o.Address, o.Login, through)
	case MySQL:
		s.Where, s.d = o.Address.Place(), maria{}
		s.db, err = openMySQL(o.Address, o.Login, through)
	default:
		return nil, fmt.Errorf("a database of the kind “%s” is not known; the kinds are %s", o.Address.Kind, strings.Join(Kinds, ", "))
	}
	if err != nil {
		return nil, s.sentence(err)
	}
	s.db.SetMaxOpenConns(4)
	s.db.SetConnMaxIdleTime(time.Minute)
	if err := s.meet(ctx); err != nil {
		return nil, errors.Join(s.sentence(err), s.Close())
	}
	return &s, nil
}

// meet makes the first connection.
func (s *Server) meet(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*connectTimeout)
	defer cancel()
	if _, ok := s.d.(maria); !ok {
		if _, ok := s.d.(lite); ok { // a file is opened by its first statement
			return s.within(ctx, func(conn *sql.Conn) error {
				var n int
				return conn.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema`).Scan(&n)
			})
		}
		var system string
		if err := s.db.PingContext(ctx); err != nil {
			return err
		}
		if err := s.db.QueryRowContext(ctx, postgresSystem).Scan(&system); err == nil { // some servers let nobody ask
			s.d = postgres{system: system}
		}
		return nil
	}
	var version string
	if err := s.db.QueryRowContext(ctx, `SELECT VERSION()`).Scan(&version); err != nil {
		return err
	}
	s.d = maria{mariaDB: strings.Contains(strings.ToLower(version), "mariadb")}
	return nil
}

// sentence is an error as a person reads it, with the place.
func (s *Server) sentence(err error) error {
	var file *localfile.Error
	var own *Error
	if err == nil || errors.As(err, &file) || errors.As(err, &own) || errors.Is(err, context.Canceled) {
		return err
	}
	if s.d != nil {
		if msg := s.d.explain(err); msg != "" {
			return &Error{Where: s.Where, Msg: msg, Err: err, SignIn: strings.HasPrefix(msg, refusesSignIn)}
		}
	}
	return &Error{Where: s.Where, Msg: unreachable(err), Err: err}
}

// within runs f with a connection and a transaction for reading, which is ended.
func (s *Server) within(ctx context.Context, f func(*sql.Conn) error) (err error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := s.d.beginRead(ctx, conn); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rollback(conn)) }()
	return f(conn)
}

// Open opens a table or query as a source. Errors are sentences for a person that
// name the place: no way to it, a refused sign-in, a missing table, or a
// *tabular.ColumnError.
func Open(ctx context.Context, o Options) (*Source, error) {
	server, err := OpenServer(ctx, o)
	if err != nil {
		return nil, err
	}
	s := &Source{opts: o, kind: o.Address.Kind, where: server.Where, d: server.d, db: server.db, line: server.tunnel}
	if _, err := s.table(ctx); err != nil {
		return nil, errors.Join(err, server.Close())
	}
	return s, nil
}

func (s *Source) server() *Server { return &Server{Where: s.where, d: s.d, db: s.db, tunnel: s.line} }

// table describes the table once.
func (s *Source) table(ctx context.Context) (*table, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.t != nil {
		return s.t, nil
	}
	t, err := s.server().describe(ctx, s.opts.Table, s.opts.Query)
	if err != nil {
		return nil, err
	}
	for use, names := range map[string][]string{"key": s.opts.Key, "modified": {s.opts.Modified}} {
		names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == "" })
		if err := t.checkColumns(use, names...); err != nil {
			return nil, &Error{Where: t.full() + " in " + s.where, Msg: err.Error(), Err: err}
		}
	}
	s.t = t
	return t, nil
}

// describe reads the catalogue.
func (s *Server) describe(ctx context.Context, name, query string) (t *table, err error) {
	err = s.within(ctx, func(conn *sql.Conn) error {
		if query != "" {
			t, err = s.ofQuery(ctx, conn, query)
			return err
		}
		t, err = s.d.table(ctx, conn, name)
		return err
	})
	if err != nil {
		return nil, s.sentence(err)
	}
	if len(t.readable()) == 0 {
		return nil, &Error{Where: s.Where, Msg: fmt.Sprintf("no column of %s may be read by this user of the database (it lacks the right SELECT)", t.full())}
	}
	return t, nil
}

// ofQuery describes a query by what it would give.
func (s *Server) ofQuery(ctx context.Context, conn *sql.Conn, query string) (*table, error) {
	t := &table{name: "the query", query: query, what: "query", fixed: "it is a query, which can only be read; name the table instead"}
	rows, err := conn.QueryContext(ctx, "SELECT * FROM "+t.from(s.d)+" LIMIT 0")
	if err != nil {
		_, files := s.d.(joining) // which says more of its tables
		if why, _, refused := s.d.refused(err); refused && !files && !strings.HasPrefix(why, tookTooLong) {
			err = &Error{Where: s.Where, Msg: "the query does not work: " + why + ". It has to be one SELECT, with nothing after its semicolon", Err: err}
		}
		return nil, err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	if twin, err := s.twin(ctx, conn, t); err != nil || twin != "" {
		if err == nil {
			err = s.twice(twin)
		}
		return nil, err
	}
	for _, c := range types {
		name := c.DatabaseTypeName()
		if t.byName[c.Name()] != nil {
			return nil, s.twice(c.Name())
		}
		t.add(&column{name: c.Name(), native: strings.ToLower(name), kind: s.d.kindOf(name), nullable: true, readable: true, places: anyPlaces})
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	if d, ok := s.d.(joining); ok {
		t.checked, err = d.checked(ctx, conn, t)
	}
	return t, err
}

func (s *Server) twice(column string) error {
	return &Error{Where: s.Where, Msg: fmt.Sprintf("the query gives two columns the name “%s”; name one of them otherwise with AS", column)}
}

// twin is a name that a query gives to two columns where the server tells them
// apart by itself when the query stands within another one: SQLite makes x:1 of the
// second x.
func (s *Server) twin(ctx context.Context, conn *sql.Conn, t *table) (string, error) {
	switch s.d.(type) {
	case lite, joining:
	default:
		return "", nil
	}
	rows, err := conn.QueryContext(ctx, t.query) // nothing is read of it
	if err != nil {
		return "", err
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		return "", err
	}
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return name, nil
		}
	}
	return "", rows.Err()
}

// Outline implements source.Outliner.
func (s *Source) Outline(ctx context.Context) (source.Schema, error) {
	t, err := s.table(ctx)
	if err != nil {
		return source.Schema{}, err
	}
	schema := source.Schema{Kind: s.kind, Location: s.location(t), Rows: -1, Identity: t.identity(), Abilities: t.abilities(s.opts.Key), Details: s.details(t)}
	for _, c := range t.readable() {
		schema.Columns = append(schema.Columns, c.source())
		if c.kind == kindCivil && s.opts.Zone == nil {
			schema.Open = append(schema.Open, source.Open{Column: c.name, Key: "zone",
				Msg: fmt.Sprintf("“%s” holds times without a zone. Say which one they are in, such as zone: Europe/Berlin (or zone: UTC).", c.name)})
		}
	}
	return schema, nil
}

func (s *Source) location(t *table) string {
	if t.query != "" {
		return "a query on " + s.where
	}
	return t.full() + " in " + s.where
}

// details are facts worth showing.
func (s *Source) details(t *table) map[string]string {
	details := map[string]string{"what": t.what}
	if len(t.keys) > 0 {
		var all []string
		for _, k := range t.keys {
			all = append(all, strings.Join(k, ", "))
		}
		details["keys"] = strings.Join(all, "; ")
	}
	if s.kind != SQLite {
		details["tls"] = s.opts.Address.Mode()
		if weak := s.opts.Address.Weak(); weak != "" {
			details["warning"] = weak
		}
	}
	return details
}

// Describe implements source.Source.
func (s *Source) Describe(ctx context.Context) (source.Schema, error) {
	schema, err := s.Outline(ctx)
	if err != nil {
		return schema, err
	}
	names := make([]string, 0, len(schema.Columns))
	for _, c := range schema.Columns {
		names = append(names, c.Name)
	}
	profile := tabular.NewProfile(tabular.Header{Names: names})
	err = s.server().within(ctx, func(conn *sql.Conn) error {
		for row, err := range s.read(ctx, conn, s.t, s.t.readable(), fmt.Sprintf(" LIMIT %d", tabular.SampleSize)) {
			if err != nil {
				return err
			}
			profile.Add(row)
		}
		return conn.QueryRowContext(ctx, "SELECT count(*) FROM "+s.t.from(s.d)).Scan(&schema.Rows)
	})
	if err != nil {
		return schema, s.server().sentence(err)
	}
	for i, sampled := range profile.Columns() {
		c := &schema.Columns[i]
		c.Sampled, c.Filled, c.Unique, c.Samples = sampled.Sampled, sampled.Filled, sampled.Unique, sampled.Samples
		if c.Type == record.TypeString || s.kind == SQLite { // whose columns hold what they like
			c.Type = sampled.Type
		}
	}
	return schema, nil
}

// Version implements source.Source: a database has no cheap name for what it
// holds.
func (*Source) Version(context.Context) (string, error) { return "", nil }

// Close implements source.Source.
func (s *Source) Close() error {
	s.mu.Lock()
	open := s.open
	s.mu.Unlock()
	var err error
	if open != nil {
		err = open.Discard()
	}
	if s.keep != nil {
		err = errors.Join(err, s.keep.Close())
	}
	return errors.Join(err, s.server().Close())
}

// execAll carries out statements one after the other.
func execAll(ctx context.Context, conn *sql.Conn, statements ...string) error {
	for _, q := range statements {
		if _, err := conn.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// rollback ends a transaction, also where the caller has given up. A connection
// that can't even do that is not used again.
func rollback(conn *sql.Conn) error {
	ctx, cancel := context.WithTimeout(context.Background(), lockTimeout)
	defer cancel()
	if _, err := conn.ExecContext(ctx, `ROLLBACK`); err != nil {
		_ = conn.Raw(func(any) error { return errBadConn })
	}
	return nil
}

var (
	_ source.Source   = (*Source)(nil)
	_ source.Rowwise  = (*Source)(nil)
	_ source.Outliner = (*Source)(nil)
)
