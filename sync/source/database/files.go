package database

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"database/sql/driver"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-sqlite3"

	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/tabular"
)

// Files is the kind of a source that joins files by a query.
const Files = "files"

// File is one of the files that a query joins.
type File struct {
	Name   string // of its table
	Title  string // of the file, for people
	Source source.Source
}

// FilesOptions name the files and the query.
type FilesOptions struct {
	Files    []File
	Query    string
	Key      []string
	Modified string
	Zone     *time.Location
	Marks    tabular.Marks    // in which the sync reads numbers
	Typed    *tabular.Numbers // what the files hold as numbers
}

// Joined are files as the tables of a query. It implements source.Source,
// source.Outliner and source.Teller.
//
// The tables are SQLite's, in memory and for one reading each: every reading sees the files as
// they are then. All their columns are texts, exactly as the file has them; in comparisons
// and when they are sorted, texts that are numbers go by what they count.
type Joined struct {
	opts    FilesOptions
	schemas []source.Schema

	mu   sync.Mutex
	read bool // the notes are about a complete reading
	t    *table
}

// OpenFiles describes the files and the query. Errors are sentences for a person. The
// files belong to what it returns, and are closed with it.
func OpenFiles(ctx context.Context, o FilesOptions) (*Joined, error) {
	j := &Joined{opts: o}
	for _, f := range o.Files {
		schema, err := source.Outline(ctx, f.Source)
		if err != nil {
			return nil, err
		}
		j.schemas = append(j.schemas, schema)
	}
	s, err := j.tables(ctx, false)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	j.t, err = s.table(ctx)
	return j, err
}

// where is the place of the query, for people.
func (j *Joined) where() string {
	names := make([]string, 0, len(j.opts.Files))
	for _, f := range j.opts.Files {
		names = append(names, f.Title)
	}
	return "the query on " + strings.Join(names, ", ")
}

// tables makes the tables, and with rows fills them. Closing what it returns drops them.
func (j *Joined) tables(ctx context.Context, rows bool) (_ *Source, err error) {
	place := "file:/" + rand.Text() + "?vfs=memdb"
	db := sql.OpenDB(&filesConnector{dsn: place})
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	for i, f := range j.opts.Files {
		if err := j.table(ctx, conn, f, j.schemas[i], rows); err != nil {
			return nil, err
		}
	}
	s := &Source{opts: Options{Query: j.opts.Query, Key: j.opts.Key, Modified: j.opts.Modified, Zone: j.opts.Zone, Marks: j.opts.Marks, typed: j.opts.Typed}, kind: SQLite, where: j.where(), d: joining{have: j.have()},
		db: sql.OpenDB(&filesConnector{dsn: place, query: true})}
	// The tables live as long as somebody is connected to them.
	keep, err := s.db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	s.keep = keep
	return s, nil
}

// table makes the table of a file.
func (j *Joined) table(ctx context.Context, conn *sql.Conn, f File, schema source.Schema, rows bool) error {
	names := make([]string, 0, len(schema.Columns))
	known := make(map[string]string)
	for _, c := range schema.Columns {
		if twin, twice := known[strings.ToLower(c.Name)]; twice {
			return &Error{Where: f.Title, Msg: fmt.Sprintf("has the columns “%s” and “%s”, which SQL does not tell apart; name one of them otherwise", twin, c.Name)}
		}
		known[strings.ToLower(c.Name)] = c.Name
		names = append(names, lite{}.quote(c.Name)+" TEXT COLLATE "+byCount)
	}
	if len(names) > maxFileColumns {
		return &Error{Where: f.Title, Msg: fmt.Sprintf("has %d columns; a query takes %d at most", len(names), maxFileColumns)}
	}
	if err := execAll(ctx, conn, "CREATE TABLE "+lite{}.quote(f.Name)+" ("+strings.Join(names, ", ")+")"); err != nil {
		return &Error{Where: f.Title, Msg: "can't become a table of the query: " + err.Error(), Err: err}
	}
	if !rows {
		return nil
	}
	return j.fill(ctx, conn, f, schema)
}

const maxFileColumns = 2000 // SQLite's own

// fill writes a file's rows into its table.
func (j *Joined) fill(ctx context.Context, conn *sql.Conn, f File, schema source.Schema) (err error) {
	if err := execAll(ctx, conn, "BEGIN"); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, rollback(conn))
		}
	}()
	into, err := conn.PrepareContext(ctx, "INSERT INTO "+lite{}.quote(f.Name)+" VALUES (?"+strings.Repeat(", ?", len(schema.Columns)-1)+")")
	if err != nil {
		return err
	}
	defer into.Close()
	values := make([]any, len(schema.Columns))
	for row, err := range f.Source.Rows(ctx, time.Time{}) {
		var bad *source.RowError
		if errors.As(err, &bad) {
			// Without it a row of another file could seem to have lost its counterpart.
			return &Error{Where: f.Title, Msg: bad.Error() + ". A query can't tell which rows this one belongs to: correct it in the file", Err: err}
		}
		if err != nil {
			return err
		}
		for i, c := range schema.Columns {
			values[i] = nil
			if v := row.Fields[c.Name]; !v.Empty() {
				values[i] = v.String()
			}
		}
		if _, err := into.ExecContext(ctx, values...); err != nil {
			return j.overfull(f, err)
		}
	}
	if err := into.Close(); err != nil {
		return err
	}
	return j.overfull(f, execAll(ctx, conn, "COMMIT"))
}

// overfull says it in words where the files together don't fit in memory.
func (j *Joined) overfull(f File, err error) error {
	var full sqlite3.Error
	if errors.As(err, &full) && (full.Code == sqlite3.ErrFull || full.Code == sqlite3.ErrNomem) {
		return &Error{Where: f.Title, Msg: "does not fit beside the other files: a query joins files of up to 1 GB in all. Put them into a SQLite database and name that", Err: err}
	}
	return err
}

// have says which tables and columns there are.
func (j *Joined) have() string {
	var all []string
	for i, f := range j.opts.Files {
		names := make([]string, 0, len(j.schemas[i].Columns))
		for _, c := range j.schemas[i].Columns {
			names = append(names, c.Name)
		}
		if more := len(names) - 12; more > 0 {
			names = append(names[:12], fmt.Sprintf("and %d more", more))
		}
		all = append(all, fmt.Sprintf("%s (%s)", f.Name, strings.Join(names, ", ")))
	}
	return strings.Join(all, "; ")
}

// Outline implements source.Outliner.
func (j *Joined) Outline(context.Context) (source.Schema, error) {
	schema := source.Schema{Kind: Files, Location: j.where(), Rows: -1, Identity: j.t.identity(), Abilities: j.t.abilities(j.opts.Key), Details: map[string]string{"what": j.t.what}}
	schema.Abilities.Why = "it is a query on files, which can only be read"
	for _, c := range j.t.readable() {
		c := c.source()
		c.Native = ""
		schema.Columns = append(schema.Columns, c)
	}
	for i, s := range j.schemas {
		schema.Texts = schema.Texts || s.Texts
		for _, q := range s.Open {
			q.Column, q.Key, q.Msg = "", Files+"."+j.opts.Files[i].Name+"."+q.Key, j.opts.Files[i].Title+": "+q.Msg
			schema.Open = append(schema.Open, q)
		}
		for _, w := range s.Words {
			if !slices.Contains(schema.Words, w) {
				schema.Words = append(schema.Words, w)
			}
		}
	}
	return schema, nil
}

// Describe implements source.Source.
func (j *Joined) Describe(ctx context.Context) (source.Schema, error) {
	schema, err := j.Outline(ctx)
	if err != nil {
		return schema, err
	}
	s, err := j.tables(ctx, true)
	if err != nil {
		return schema, err
	}
	defer s.Close()
	seen, err := s.Describe(ctx)
	if err != nil {
		return schema, j.sumsTexts(ctx, err)
	}
	schema.Rows, schema.Columns = seen.Rows, seen.Columns
	for i := range schema.Columns {
		schema.Columns[i].Native = ""
	}
	return schema, nil
}

// Rows implements source.Source: what the query gives of the files as they are now.
func (j *Joined) Rows(ctx context.Context, since time.Time) iter.Seq2[record.Row, error] {
	return func(yield func(record.Row, error) bool) {
		s, err := j.tables(ctx, true)
		if err != nil {
			yield(record.Row{}, err)
			return
		}
		defer s.Close()
		j.mu.Lock()
		j.read = true
		j.mu.Unlock()
		for row, err := range s.Rows(ctx, since) {
			if err != nil {
				err = j.sumsTexts(ctx, err)
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// Version implements source.Source: that of all files together.
func (j *Joined) Version(ctx context.Context) (string, error) {
	sum := sha256.New()
	for _, f := range j.opts.Files {
		v, err := f.Source.Version(ctx)
		if err != nil || v == "" {
			return "", err
		}
		fmt.Fprintf(sum, "%s\x00%s\x00", f.Name, v)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// Notes implements source.Teller: what the files tell of themselves.
func (j *Joined) Notes() []source.Note {
	j.mu.Lock()
	defer j.mu.Unlock()
	var all []source.Note
	if !j.read {
		return nil
	}
	for _, f := range j.opts.Files {
		if teller, ok := f.Source.(source.Teller); ok {
			for _, n := range teller.Notes() {
				all = append(all, source.Note{Text: f.Title + ": " + n.Text})
			}
		}
	}
	if j.t.checked == "" {
		all = append(all, source.Note{Text: "Whether the query takes a text for a number, such as 12,50 for 12, can't be told."})
	}
	return all
}

// Prepare implements source.Source: a query is never written.
func (j *Joined) Prepare(context.Context, []source.Change) (source.Prepared, error) {
	return nil, &source.ReadOnlyError{Location: j.where(), Msg: "it is a query on files, which can only be read"}
}

// Close implements source.Source.
func (j *Joined) Close() error {
	var all error
	for _, f := range j.opts.Files {
		all = errors.Join(all, f.Source.Close())
	}
	return all
}

// byCount is the collation of all columns.
const byCount = "by_count"

// compareByCount compares texts that are numbers by what they count, before all
// others; what counts the same is told apart by its letters, so that 007 is not 7.
func compareByCount(a, b string) int {
	x, isX := number(a)
	y, isY := number(b)
	switch {
	case isX && isY:
		return cmp.Or(cmp.Compare(x, y), cmp.Compare(a, b))
	case isX:
		return -1
	case isY:
		return 1
	}
	return cmp.Compare(a, b)
}

func number(text string) (float64, bool) {
	if text == "" || text[0] != '-' && text[0] != '+' && text[0] != '.' && (text[0] < '0' || text[0] > '9') {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil && !math.IsInf(f, 0) && !strings.ContainsAny(text, "xX_")
}

// filesConnector makes connections to tables in memory.
type filesConnector struct {
	liteConnector
	dsn   string
	query bool
}

// Connect implements driver.Connector.
func (c *filesConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := (&liteConnector{dsn: c.dsn, query: c.query}).Connect(ctx)
	if err != nil {
		return nil, err
	}
	lc, ok := conn.(*sqlite3.SQLiteConn)
	if !ok {
		return nil, errors.Join(errors.New("SQLite's driver gives another connection than its own"), conn.Close())
	}
	if err := errors.Join(lc.RegisterCollation(byCount, compareByCount), lc.RegisterFunc(numberFunction, asNumber, true)); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// joining is SQLite for a query on files: what it says of errors is about files.
type joining struct {
	lite
	have string
}

func (d joining) explain(err error) string {
	var e sqlite3.Error
	if !errors.As(err, &e) {
		return ""
	}
	if e.Code == sqlite3.ErrAuth {
		return "may do nothing but read: write one SELECT"
	}
	if _, _, ok := noNumber(e.Error()); ok {
		return e.Error() // it becomes a sentence where the rows are at hand
	}
	return fmt.Sprintf("can't be carried out: %s. It has these tables: %s", e.Error(), d.have)
}

var (
	_ source.Source   = (*Joined)(nil)
	_ source.Outliner = (*Joined)(nil)
	_ source.Teller   = (*Joined)(nil)
)
