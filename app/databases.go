package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"syncline/app/vault"
	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/record"
	"syncline/sync/redact"
	"syncline/sync/source"
	"syncline/sync/source/database"
	"syncline/sync/source/localfile"
	"syncline/sync/source/tabular"
)

// Database is a connection to a database, as the workspace keeps it.
type Database = store.Database

// Tunnel is the SSH server on the way to a database.
type Tunnel = database.Tunnel

// Table is a table or view of a database, as a list shows it.
type Table = database.Table

// NewDatabase is a connection that is to be made.
type NewDatabase struct {
	Name     string
	Address  string  // postgres://user@host/database, mysql://…, or the path of a SQLite file
	Password string  // "" is none, or left to PGPASSWORD, .pgpass, MYSQL_PWD and .my.cnf
	Keep     bool    // in memory where the keychain can't keep the password
	Tunnel   *Tunnel // the SSH server on the way; nil is none
	New      bool    // one of the same name stays as it is, and is told of
	// Step is told what is under way, on the caller's goroutine; it may be nil.
	Step func(what string)
}

// DatabaseCheck is what a test of a connection found out.
type DatabaseCheck struct {
	Version string
	Weak    string // what its TLS mode does not protect from, "" is nothing
	Tables  int    // that this user may read
	// InMemory says that the password lives until the program ends.
	InMemory bool
}

// TryDatabase tests a connection that is to be made. Nothing is kept.
func (a *App) TryDatabase(ctx context.Context, n NewDatabase) (DatabaseCheck, error) {
	o, err := a.newOptions(ctx, n)
	if err != nil {
		return DatabaseCheck{}, err
	}
	check, err := checkDatabase(ctx, o, n.Step)
	return check, hide(err, n.Password)
}

// newOptions say how a connection that is to be made is opened. Without a password
// the one counts that is kept for exactly this address.
func (a *App) newOptions(ctx context.Context, n NewDatabase) (database.Options, error) {
	o, err := databaseOptions(n.Address)
	if err != nil {
		return o, err
	}
	if a.Book != nil && n.Password != "" {
		a.Book.Hide(n.Password)
	}
	if n.Password == "" && o.Address.Kind != database.SQLite {
		if o.Login, err = a.login(ctx, o.Address); err != nil {
			return o, err
		}
	} else {
		o.Login.Password = n.Password
	}
	o.Login.Tunnel = n.Tunnel
	if n.Tunnel != nil {
		if err := n.Tunnel.Check(); err != nil {
			return o, &UseError{Msg: err.Error()}
		}
	}
	return o, nil
}

// AddDatabase tests a connection and keeps it; its password goes to the keychain.
// Nothing is kept of one that does not work. One of the same name is replaced, unless
// n is to be a new one.
func (a *App) AddDatabase(ctx context.Context, n NewDatabase) (d Database, check DatabaseCheck, err error) {
	name, err := connectionName(n.Name)
	if err != nil {
		return d, check, err
	}
	if n.New {
		if err := a.nameIsFree(ctx, name); err != nil {
			return d, check, err
		}
	}
	o, err := a.newOptions(ctx, n)
	if err != nil {
		return d, check, err
	}
	if err := a.oneWay(ctx, name, addressOf(o), database.TunnelText(n.Tunnel)); err != nil {
		return d, check, err
	}
	if check, err = checkDatabase(ctx, o, n.Step); err != nil {
		return d, check, hide(err, n.Password)
	}
	var replaced Database
	d = Database{ID: "database-" + uuid.NewString(), Name: name, Kind: o.Address.Kind, Address: addressOf(o), Tunnel: database.TunnelText(n.Tunnel), Created: time.Now(), Checked: time.Now()}
	switch known, err := a.Store.Database(ctx, name); {
	case err == nil:
		d.ID, d.Created, replaced = known.ID, known.Created, known
	case !errors.Is(err, store.ErrNotFound):
		return d, check, err
	}
	if n.Password != "" {
		if err := a.SetSourceSecret(ctx, d.Address, n.Password, n.Keep); err != nil {
			return d, check, err
		}
		check.InMemory = a.Vault.InMemory(sourceSecret(d.Address))
	}
	if err := a.Store.SaveDatabase(ctx, d); err != nil {
		return d, check, err
	}
	if replaced.ID == "" || replaced.Address == d.Address {
		return d, check, nil
	}
	return d, check, a.forgetPassword(ctx, replaced)
}

// nameIsFree refuses a name that a connection has.
func (a *App) nameIsFree(ctx context.Context, name string) error {
	_, err := a.Store.Database(ctx, name)
	switch {
	case err == nil:
		return nameTaken(name)
	case errors.Is(err, store.ErrNotFound):
		return nil
	}
	return err
}

func nameTaken(name string) error {
	return &UseError{Msg: fmt.Sprintf("another connection is named %q: choose another name", name)}
}

// forgetPassword deletes the password of a connection that has another address now, or
// is gone, where no other one has that address.
func (a *App) forgetPassword(ctx context.Context, d Database) error {
	if d.Kind == database.SQLite {
		return nil
	}
	all, err := a.Store.Databases(ctx)
	if err != nil || slices.ContainsFunc(all, func(o Database) bool { return o.ID != d.ID && o.Address == d.Address }) {
		return err
	}
	return a.DeleteSourceSecret(ctx, d.Address)
}

// oneWay refuses a second way to an address, since a definition names only the
// address.
func (a *App) oneWay(ctx context.Context, name, address, tunnel string) error {
	all, err := a.Store.Databases(ctx)
	if err != nil {
		return err
	}
	for _, d := range all {
		if d.Address == address && d.Tunnel != tunnel && !strings.EqualFold(d.Name, name) {
			return &UseError{Msg: fmt.Sprintf("the connection %q has the same address and goes another way: remove it first, or write the address otherwise", d.Name)}
		}
	}
	return nil
}

// hide takes a password out of what an error says.
func hide(err error, password string) error {
	if err == nil || password == "" || !strings.Contains(err.Error(), password) {
		return err
	}
	return errors.New(redact.One(password)(err.Error()))
}

// Databases returns the connections to databases, by name.
func (a *App) Databases(ctx context.Context) ([]Database, error) { return a.Store.Databases(ctx) }

// RemoveDatabase forgets a connection, and its password where no other one has the
// same address.
func (a *App) RemoveDatabase(ctx context.Context, name string) error {
	d, err := a.Store.Database(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return noDatabase(name)
	}
	if err != nil {
		return err
	}
	if err := a.forgetPassword(ctx, d); err != nil {
		return err
	}
	return a.Store.DeleteDatabase(ctx, d.ID)
}

func noDatabase(name string) error {
	return &UseError{Msg: fmt.Sprintf("there is no connection to a database named %q: “syncline database list” shows those that there are", redact.Secrets(name))}
}

// TestDatabase tries a connection, by its name or an address, and keeps how it is.
func (a *App) TestDatabase(ctx context.Context, name string) (DatabaseCheck, error) {
	o, err := a.databaseNamed(ctx, name)
	if err != nil {
		return DatabaseCheck{}, err
	}
	check, err := checkDatabase(ctx, o, nil)
	if d, known := a.Store.Database(ctx, name); known == nil {
		d.Checked, d.Health = time.Now(), ""
		if err != nil {
			d.Health = redact.Secrets(err.Error())
		}
		err = errors.Join(err, a.Store.SaveDatabase(ctx, d))
	}
	return check, err
}

func checkDatabase(ctx context.Context, o database.Options, step func(string)) (c DatabaseCheck, err error) {
	if step == nil {
		step = func(string) {}
	}
	switch {
	case o.Address.Kind == database.SQLite:
		step("Opening the file")
	case o.Login.Tunnel != nil:
		step("Going through " + o.Login.Tunnel.Server + " to " + o.Address.Place())
	default:
		step("Connecting to " + o.Address.Place())
	}
	s, err := database.OpenServer(ctx, o)
	if err != nil {
		return c, err
	}
	defer s.Close()
	if c.Version, err = s.Version(ctx); err != nil {
		return c, err
	}
	if o.Address.Kind != database.SQLite {
		c.Weak = o.Address.Weak()
	}
	step("Signed in; listing the tables")
	tables, err := s.Tables(ctx)
	c.Tables = len(tables)
	return c, err
}

// Tables lists the tables and views of a connection, by its name or an address,
// with about how many rows they have.
func (a *App) Tables(ctx context.Context, name string) ([]Table, error) {
	o, err := a.databaseNamed(ctx, name)
	if err != nil {
		return nil, err
	}
	o.ReadOnly = true
	s, err := database.OpenServer(ctx, o)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	return s.Tables(ctx)
}

// TableView is a table or query with what a person needs to choose it.
type TableView struct {
	source.Schema
	Keys [][]string   // that identify a row, the primary key first; none means that it can only be read
	Rows []record.Row // a sample
}

// DescribeTable describes a table or a query of a connection, by its name or an
// address: columns, keys, what can be written, and a sample of its rows.
func (a *App) DescribeTable(ctx context.Context, name, table, query string) (v TableView, err error) {
	o, err := a.databaseNamed(ctx, name)
	if err != nil {
		return v, err
	}
	server, err := database.OpenServer(ctx, o)
	if err != nil {
		return v, err
	}
	if v.Schema, v.Keys, err = server.Schema(ctx, table, query); err != nil {
		return v, errors.Join(err, server.Close())
	}
	if err := server.Close(); err != nil {
		return v, err
	}
	if len(v.Keys) > 0 {
		o.Key = v.Keys[0]
	}
	o.Table, o.Query = table, query
	src, err := database.Open(ctx, o)
	if err != nil {
		return v, err
	}
	defer src.Close()
	if v.Schema, err = src.Describe(ctx); err != nil {
		return v, err
	}
	size := 0
	for row, err := range src.Rows(ctx, time.Time{}) {
		var bad *source.RowError
		if err != nil && !errors.As(err, &bad) {
			return v, err
		}
		v.Rows = append(v.Rows, row)
		if size += tabular.Size(row.Fields); len(v.Rows) == sampleRows || size >= sampleBytes {
			break
		}
	}
	return v, nil
}

// NewTableDraft begins a sync of a table, or of a query, of a connection, by its
// name or an address. The key is the table's primary or first unique one.
func (a *App) NewTableDraft(ctx context.Context, name, table, query string) (*Draft, error) {
	o, err := a.databaseNamed(ctx, name)
	if err != nil {
		return nil, err
	}
	server, err := database.OpenServer(ctx, o)
	if err != nil {
		return nil, err
	}
	_, keys, err := server.Schema(ctx, table, query)
	if ended := errors.Join(err, server.Close()); ended != nil {
		return nil, ended
	}
	d := &definition.Definition{Name: cmp.Or(table, "Query"), Source: definition.Source{Kind: o.Address.Kind, Path: o.Path, Table: table, Query: query}, Direction: definition.TwoWay, Create: definition.CreateHubSpot}
	if o.Address.Kind != database.SQLite {
		d.Source.DSN = o.Address.String()
	}
	if len(keys) > 0 {
		d.Source.Key = keys[0]
	}
	if query != "" || len(keys) == 0 {
		d.Direction = definition.ToHubSpot
	}
	draft := &Draft{Definition: d, app: a, RowKeys: keys}
	err = draft.readSource(ctx)
	return draft, err
}

// databaseNamed is how a connection is opened, by its name or an address.
func (a *App) databaseNamed(ctx context.Context, name string) (database.Options, error) {
	d, err := a.Store.Database(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		if !strings.Contains(name, "://") && localfileMissing(name) {
			return database.Options{}, noDatabase(name)
		}
		d.Address, err = name, nil
	}
	if err != nil {
		return database.Options{}, err
	}
	o, err := databaseOptions(d.Address)
	if err == nil && o.Address.Kind != database.SQLite {
		o.Login, err = a.login(ctx, o.Address)
	}
	return o, err
}

func localfileMissing(path string) bool {
	f, _, err := localfile.Open(path)
	if err != nil {
		return true
	}
	return f.Close() != nil
}

// databaseOptions reads an address, or the path of a file of SQLite.
func databaseOptions(text string) (database.Options, error) {
	scheme, _, ok := strings.Cut(text, "://")
	var kind string
	switch {
	case !ok:
		path, err := filepath.Abs(text)
		return database.Options{Path: path, Address: database.Address{Kind: database.SQLite}}, err
	case scheme == "postgres" || scheme == "postgresql":
		kind = database.Postgres
	case scheme == "mysql" || scheme == "mariadb":
		kind = database.MySQL
	default:
		return database.Options{}, &UseError{Msg: fmt.Sprintf("%q is no address of a database: write postgres://user@host/database, mysql://user@host/database, or the path of a SQLite file", redact.Secrets(text))}
	}
	address, err := database.ParseAddress(kind, text)
	if err != nil {
		return database.Options{}, &UseError{Msg: "the address of the database " + err.Error()}
	}
	return database.Options{Address: address}, nil
}

func addressOf(o database.Options) string {
	if o.Address.Kind == database.SQLite {
		return o.Path
	}
	return o.Address.String()
}

// login is what opens a connection to an address beside it. The password is the
// one of this process, or that which was kept for exactly this address: a
// definition that names another host, user or TLS mode is not given it. Without
// one the drivers look at their own variables and files.
func (a *App) login(ctx context.Context, address database.Address) (database.Login, error) {
	var l database.Login
	all, err := a.Store.Databases(ctx)
	if err != nil {
		return l, err
	}
	for _, d := range all {
		if d.Address == address.String() {
			if l.Tunnel, err = database.ParseTunnel(d.Tunnel); err != nil {
				return l, err
			}
		}
	}
	if l.Password = a.Env.SourcePassword; l.Password != "" {
		if a.Book != nil {
			a.Book.Hide(l.Password)
		}
		return l, nil
	}
	secret, err := a.SourceSecret(ctx, address.String())
	switch {
	case err == nil:
		l.Password = secret
	case errors.Is(err, vault.ErrNotFound) || vault.MayKeep(err): // no keychain: perhaps no password is needed
	default:
		return l, err
	}
	return l, nil
}
