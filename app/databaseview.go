package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"syncline/store"
	"syncline/sync/definition"
	"syncline/sync/source"
	"syncline/sync/source/database"
)

// DatabaseForm is the address of a database in parts, as a form asks for them.
type DatabaseForm struct {
	Kind string // sqlite, postgres, mysql
	Path string // of a SQLite file
	// Host is a name, a number or a socket, or a whole address that somebody gave; then
	// the others only fill in what it leaves out.
	Host, Port, Database, User string
	TLS                        string // "" lets the host decide
}

// Address is the address in one text. Errors name the field to put right.
func (f DatabaseForm) Address() (string, error) {
	if f.Kind == database.SQLite {
		if strings.TrimSpace(f.Path) == "" {
			return "", &UseError{Msg: "choose the SQLite file first"}
		}
		return f.Path, nil
	}
	a := database.Address{Kind: f.Kind}
	host := strings.TrimSpace(f.Host)
	if strings.Contains(host, "://") {
		o, err := databaseOptions(host)
		if err != nil {
			return "", err
		}
		if o.Address.Kind != f.Kind {
			return "", &UseError{Msg: fmt.Sprintf("this is an address of %s: choose that above", DatabaseKindName(o.Address.Kind))}
		}
		a = o.Address
	} else {
		if host == "" {
			return "", &UseError{Msg: "write the host: the name or number of the machine that the database is on, such as db.example.com, or localhost"}
		}
		if name, port, ok := strings.Cut(host, ":"); ok && !strings.Contains(port, ":") && f.Port == "" {
			host, f.Port = name, port
		}
		a.Host = host
	}
	if port := strings.TrimSpace(f.Port); port != "" {
		n, err := strconv.Atoi(port)
		if err != nil || n < 1 || n > 65535 {
			return "", &UseError{Msg: fmt.Sprintf("%q is no port: write a number from 1 to 65535, or leave it empty for the usual one", port)}
		}
		a.Port = n
	}
	a.Database, a.User, a.TLS = cmp.Or(strings.TrimSpace(f.Database), a.Database), cmp.Or(strings.TrimSpace(f.User), a.User), cmp.Or(f.TLS, a.TLS)
	if a.Database == "" {
		return "", &UseError{Msg: "write the name of the database: one server has several"}
	}
	if _, err := database.ParseAddress(a.Kind, a.String()); err != nil {
		return "", &UseError{Msg: "the address " + err.Error()}
	}
	return a.String(), nil
}

// Weak says what the form's TLS mode does not protect from, "" where nothing is to be
// said, or the form is not filled in.
func (f DatabaseForm) Weak() string {
	text, err := f.Address()
	if err != nil || f.Kind == database.SQLite {
		return ""
	}
	a, err := database.ParseAddress(f.Kind, text)
	if err != nil {
		return ""
	}
	return a.Weak()
}

// FormOf is the form that gives a connection's address.
func FormOf(d Database) DatabaseForm {
	f := DatabaseForm{Kind: d.Kind}
	if d.Kind == database.SQLite {
		f.Path = d.Address
		return f
	}
	a, err := database.ParseAddress(d.Kind, d.Address)
	if err != nil {
		f.Host = d.Address
		return f
	}
	f.Host, f.Database, f.User, f.TLS = a.Host, a.Database, a.User, a.TLS
	if a.Port != 0 {
		f.Port = strconv.Itoa(a.Port)
	}
	return f
}

// DatabaseTrouble says why a database could not be reached or used, without the place that
// the one who asked knows, and what to do; "" where that is not the database's.
func DatabaseTrouble(err error) (what, do string) {
	var e *database.Error
	switch {
	case !errors.As(err, &e):
		return "", ""
	case e.SignIn:
		return "The server refuses the user or the password", "It says: " + strings.TrimPrefix(e.Msg, "refuses the sign-in: ") + "."
	}
	if strings.HasPrefix(e.Msg, "the query ") {
		return e.Msg, ""
	}
	for _, verb := range []string{"can't ", "has ", "is ", "did ", "may ", "lies ", "refuses "} {
		if strings.HasPrefix(e.Msg, verb) { // a sentence without its subject
			first, rest, _ := strings.Cut(e.Msg, ": ")
			return "The database " + first, rest
		}
	}
	return "The database answers: " + e.Msg, ""
}

// DatabaseKindName is what people call a kind of database.
func DatabaseKindName(kind string) string {
	return cmp.Or(map[string]string{database.SQLite: "SQLite", database.Postgres: "PostgreSQL", database.MySQL: "MySQL or MariaDB"}[kind], kind)
}

// DatabaseView is a connection to a database with what a person wants to know of it.
type DatabaseView struct {
	Database
	Place  string  // its address, for people
	Tunnel *Tunnel // the SSH server on the way; nil is none
	Weak   string  // what its TLS mode does not protect from, "" is nothing
	// InMemory says that the password lives until the program ends.
	InMemory bool
	Syncs    []DatabaseUse // that read or write it
}

// DatabaseUse is a sync with a table of a database.
type DatabaseUse struct {
	Sync, Path, Table string
	Query             bool
}

// DatabaseViews returns the connections to databases with their syncs. It asks nobody.
func (a *App) DatabaseViews(ctx context.Context) ([]DatabaseView, error) {
	all, err := a.Store.Databases(ctx)
	if err != nil {
		return nil, err
	}
	uses, err := a.databaseUses(ctx)
	if err != nil {
		return nil, err
	}
	views := make([]DatabaseView, 0, len(all))
	for _, d := range all {
		v := DatabaseView{Database: d, Place: d.Address, Syncs: uses[d.Address]}
		if d.Kind != database.SQLite {
			address, err := database.ParseAddress(d.Kind, d.Address)
			if err == nil {
				v.Place, v.Weak = address.Place(), address.Weak()
			}
			if v.Tunnel, err = database.ParseTunnel(d.Tunnel); err != nil {
				return nil, err
			}
			v.InMemory = a.Vault.InMemory(sourceSecret(d.Address))
		}
		views = append(views, v)
	}
	return views, nil
}

// databaseUses are the syncs that use databases, by the address.
func (a *App) databaseUses(ctx context.Context) (map[string][]DatabaseUse, error) {
	syncs, err := a.Store.Syncs(ctx)
	if err != nil {
		return nil, err
	}
	all := make(map[string][]DatabaseUse)
	for _, y := range syncs {
		d, err := definition.Parse([]byte(y.Definition), y.Path)
		if err != nil || !slices.Contains(database.Kinds, d.Source.Kind) {
			continue
		}
		address, err := definitionAddress(d)
		if err != nil {
			continue // its check says so
		}
		all[address] = append(all[address], DatabaseUse{Sync: y.Name, Path: y.Path, Table: d.Source.Table, Query: d.Source.Query != ""})
	}
	return all, nil
}

// definitionAddress is the address of a definition's database in the form in which
// connections keep it.
func definitionAddress(d *definition.Definition) (string, error) {
	if d.Source.Kind == database.SQLite {
		return filepath.Abs(d.SourcePath())
	}
	address, err := database.ParseAddress(d.Source.Kind, d.Source.DSN)
	return address.String(), err
}

// RenameDatabase gives a connection another name. Definitions name the address and
// go on to find it.
func (a *App) RenameDatabase(ctx context.Context, name, to string) error {
	to, err := connectionName(to)
	if err != nil {
		return err
	}
	d, err := a.Store.Database(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return noDatabase(name)
	}
	if err != nil {
		return err
	}
	switch other, err := a.Store.Database(ctx, to); {
	case err == nil && other.ID != d.ID:
		return nameTaken(to)
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return err
	}
	d.Name = to
	return a.Store.SaveDatabase(ctx, d)
}

// DatabaseRights is what a sync needs of its database and does not have.
type DatabaseRights struct {
	DatabaseUse
	Lacks []string // sentences; none where it has all it needs
	// Script gives a user what the sync needs and nothing beyond it; "" of a query and of
	// SQLite, where a file's own rights decide.
	Script string
}

// DatabaseRights asks a database, by the name of its connection, what its user may do
// with the tables of its syncs.
func (a *App) DatabaseRights(ctx context.Context, name string) ([]DatabaseRights, error) {
	d, err := a.Store.Database(ctx, name)
	if errors.Is(err, store.ErrNotFound) {
		return nil, noDatabase(name)
	}
	if err != nil {
		return nil, err
	}
	uses, err := a.databaseUses(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]DatabaseRights, 0, len(uses[d.Address]))
	for _, use := range uses[d.Address] {
		r := DatabaseRights{DatabaseUse: use}
		doc, err := definition.Load(use.Path)
		if err != nil {
			r.Lacks = []string{err.Error()}
			all = append(all, r)
			continue
		}
		if r.Lacks, err = a.lackingRights(ctx, doc); err != nil {
			return nil, err
		}
		if d.Kind != database.SQLite && !use.Query {
			if r.Script, err = a.Grants(ctx, use.Path, ""); err != nil {
				r.Script = ""
			}
		}
		all = append(all, r)
	}
	return all, nil
}

// lackingRights says what a sync can't do with its table.
func (a *App) lackingRights(ctx context.Context, d *definition.Definition) ([]string, error) {
	src, err := a.openSyncSource(ctx, d)
	var unusable *database.Error
	if errors.As(err, &unusable) {
		return []string{unusable.Msg}, nil
	}
	if err != nil {
		return nil, err
	}
	defer src.Close()
	schema, err := source.Outline(ctx, src)
	if err != nil {
		return nil, err
	}
	var lacks []string
	has := func(name string) int {
		return slices.IndexFunc(schema.Columns, func(c source.Column) bool { return c.Name == name })
	}
	for _, name := range d.Columns() {
		if has(name) < 0 {
			lacks = append(lacks, fmt.Sprintf("the column %s is not there, or may not be read", name))
		}
	}
	for _, f := range d.Fields {
		if at := has(f.Field); f.Flows(definition.FromHubSpot) && at >= 0 && schema.Columns[at].ReadOnly != "" {
			lacks = append(lacks, fmt.Sprintf("the column %s %s", f.Field, schema.Columns[at].ReadOnly))
		}
	}
	can := schema.Abilities
	switch {
	case !writesSource(d):
	case !can.Update && !can.Insert && !can.Delete && can.Why != "" && len(lacks) == 0:
		lacks = append(lacks, can.Why)
	case len(lacks) > 0 && !can.Update: // what the columns lack says it
	case d.Create.InSource() && !can.Insert, d.Delete.RecordGone == "delete" && !can.Delete:
		lacks = append(lacks, can.Why)
	}
	return lacks, nil
}
