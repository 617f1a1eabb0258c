// Package datafile is a source over files that say themselves which characters and
// types they hold, and that are only read: Parquet and JSON, which programs write for
// programs, and OpenDocument spreadsheets.
package datafile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"strings"
	"sync"
	"time"

	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/localfile"
	"syncline/sync/source/packed"
	"syncline/sync/source/tabular"
)

// The kinds of this source in a definition.
const (
	JSON    = "json" // one object a line, or a list of objects
	Parquet = "parquet"
	ODS     = "ods" // a sheet of an OpenDocument spreadsheet
)

// Options say how to use a file.
type Options struct {
	Kind     string // JSON, Parquet or ODS
	Path     string
	Sheet    string           // ods: "" is the first sheet that is shown
	Key      []string         // the columns that identify a row
	Modified string           // the column with a row's time of change, "" for none
	Zone     *time.Location   // of modification times without one, which nil leaves unknown
	Blanks   []string         // words that mean "empty"
	NoBlanks bool             // no word does
	Marks    tabular.Marks    // in which the sync reads numbers
	Typed    *tabular.Numbers // is told of the numbers that cells hold as such
	// HeaderRow is, of an ods, the row with the column names; 0 is found out.
	HeaderRow int
	// Limits are what the file may hold; nil is tabular.Standard.
	Limits *tabular.Limits
}

// Source is such a file. It reads the file anew for each call, and looks again
// at its form whenever it has been saved.
type Source struct {
	opts   Options
	reader reader

	mu     sync.Mutex
	layout *layout
	notes  []source.Note // of the last complete reading
	words  []string      // likewise, see source.Schema
}

// reader is how one kind of file is read.
type reader interface {
	// look finds the columns.
	look(ctx context.Context, f *opened) (*layout, error)
	// rows hands on the rows in their order, until yield returns false. What it
	// yields is valid until it goes on.
	rows(ctx context.Context, f *opened, l *layout, yield func(*raw) bool) error
	// why says why the file is not written.
	why() string
}

// layout is what a file looks like.
type layout struct {
	info    fs.FileInfo
	packing packed.Packing
	header  tabular.Header
	paths   map[string]int         // the columns by the names that the file has for them
	types   map[string]record.Type // of the columns that have one in the file
	details map[string]string
	notes   []source.Note
	count   int64 // of the rows, -1 where the file does not say
	// Of a sheet: the row and the column where the header begins, and whether titles
	// stand above it.
	headerRow, left int
	guessed         bool
}

// raw is a row as the file has it.
type raw struct {
	line  int    // or its number, where the file has no lines
	cells []cell // in the order of the header
	flaw  string // what is wrong with all of it: "has 7 cells"
	// hidden says that a sheet does not show it; by a filter, where filtered says so.
	hidden, filtered bool
}

type cell struct {
	value string
	text  bool // it may hold words that mean something else
	flaw  string
	kind  odsKind // of a sheet: what is to be told of the value
	area  string  // of a sheet: that it is merged with
}

// opened is a file being read.
type opened struct {
	*os.File
	info    fs.FileInfo
	packing packed.Packing
	limits  tabular.Limits
}

// content is the file from its start, unpacked.
func (o *opened) content(ctx context.Context) (io.Reader, error) {
	r, err := o.packing.Open(o.File, o.info.Size())
	if err != nil {
		return nil, err
	}
	return localfile.Reader(ctx, r), nil
}

// Open looks at the file and checks that the columns the options name are
// there. Errors are sentences that name the file.
func Open(ctx context.Context, opts Options) (*Source, error) {
	if opts.Limits == nil {
		opts.Limits = &tabular.Standard
	}
	s := &Source{opts: opts, reader: jsonFormat{}}
	switch opts.Kind {
	case Parquet:
		s.reader = parquetFormat{}
	case ODS:
		s.reader = odsFormat{sheet: opts.Sheet, headerRow: opts.HeaderRow, key: opts.Key}
	}
	if _, err := s.look(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Source) open() (*opened, error) {
	f, info, err := localfile.Open(s.opts.Path)
	if err != nil {
		return nil, err
	}
	o := &opened{File: f, info: info, limits: *s.opts.Limits}
	if o.packing, err = packed.Find(f, info.Size()); err != nil {
		return nil, errors.Join(&localfile.Error{Path: s.opts.Path, Msg: err.Error(), Err: err}, f.Close())
	}
	return o, nil
}

// sentence names the file in an error that is the end of a sentence about it.
func (s *Source) sentence(ctx context.Context, err error) error {
	var known *localfile.Error
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &known):
		return err
	}
	return &localfile.Error{Path: s.opts.Path, Msg: err.Error(), Err: err}
}

// look returns the file's layout, finding it out anew if the file is not the
// one last seen.
func (s *Source) look(ctx context.Context) (*layout, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.layout != nil && localfile.Unchanged(s.opts.Path, s.layout.info) == nil {
		return s.layout, nil
	}
	f, err := s.open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	l, err := s.reader.look(ctx, f)
	if err == nil {
		err = l.header.Check("key", s.opts.Key...)
	}
	if err == nil && s.opts.Modified != "" {
		err = l.header.Check("modified", s.opts.Modified)
	}
	if err != nil {
		return nil, s.sentence(ctx, err)
	}
	l.info, l.packing = f.info, f.packing
	if l.packing.Kind != "" {
		l.details["packed"] = l.packing.Called()
	}
	for _, renamed := range l.header.Renamed {
		l.notes = append(l.notes, source.Note{Text: strings.ToUpper(renamed[:1]) + renamed[1:] + "."})
	}
	s.layout, s.notes = l, l.notes
	return l, nil
}

// countLimit is the size in bytes up to which Describe counts the rows of a
// file that does not say how many it has.
const countLimit = 32 << 20

// Describe profiles the first rows, and counts them all unless the file is very
// large.
func (s *Source) Describe(ctx context.Context) (source.Schema, error) {
	l, err := s.look(ctx)
	if err != nil {
		return source.Schema{}, err
	}
	profile := tabular.NewProfile(l.header)
	rows, unreadable := 0, 0
	for row, err := range s.Rows(ctx, time.Time{}) {
		if err != nil {
			if bad := (*source.RowError)(nil); !errors.As(err, &bad) {
				return source.Schema{}, err
			}
			unreadable++
		}
		rows++
		profile.Add(row.Fields)
		if profile.Full() && (l.count >= 0 || l.info.Size() > countLimit) {
			rows = int(l.count)
			break
		}
	}
	d := s.outline(l)
	if unreadable > 0 {
		d.Details["rows with errors"] = fmt.Sprint(unreadable)
	}
	d.Columns, d.Rows, d.Notes, d.Words = profile.Columns(), rows, s.Notes(), s.met()
	for i := range d.Columns {
		if t, ok := l.types[d.Columns[i].Name]; ok {
			d.Columns[i].Type = t
		}
	}
	return d, nil
}

// Outline reads what tells the columns.
func (s *Source) Outline(ctx context.Context) (source.Schema, error) {
	l, err := s.look(ctx)
	if err != nil {
		return source.Schema{}, err
	}
	return s.outline(l), nil
}

func (s *Source) outline(l *layout) source.Schema {
	details := map[string]string{}
	for k, v := range l.details {
		details[k] = v
	}
	return source.Schema{Kind: s.opts.Kind, Location: s.opts.Path, Columns: l.header.Columns(), Rows: -1, Identity: l.header.Identity(),
		Abilities: source.Abilities{Why: s.reader.why()}, Details: details, HeaderRow: l.headerRow, Guessed: l.guessed}
}

// Notes are about the last complete reading.
func (s *Source) Notes() []source.Note {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.notes
}

func (s *Source) met() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.words
}

// Rows streams the file's rows. A row without any value is passed over; since is
// ignored. A row that can't be read, in part or at all, comes with a
// *source.RowError.
func (s *Source) Rows(ctx context.Context, _ time.Time) iter.Seq2[record.Row, error] {
	return func(yield func(record.Row, error) bool) {
		l, err := s.look(ctx)
		if err != nil {
			yield(record.Row{}, err)
			return
		}
		f, err := s.open()
		if err != nil {
			yield(record.Row{}, err)
			return
		}
		defer f.Close()
		if err := localfile.Unchanged(s.opts.Path, l.info); err != nil {
			yield(record.Row{}, err)
			return
		}
		cells := tabular.NewCells(s.opts.Blanks, s.opts.NoBlanks)
		stopped := false
		give := func(row record.Row, bad error) bool {
			stopped = stopped || !yield(row, bad)
			return !stopped
		}
		tail := tabular.Tail{Names: l.header.Names}
		err = s.reader.rows(ctx, f, l, func(r *raw) bool {
			row, bad := s.row(l, r, cells)
			switch {
			case len(row.Fields) == 0 && bad == nil:
				return true
			case l.headerRow > 0: // below a sheet stand totals
				return tail.Add(row, bad, give)
			}
			return give(row, bad)
		})
		switch {
		case stopped:
		case err != nil:
			tail.Flush(give)
		default:
			tail.End(give)
		}
		if err == nil && !stopped {
			err = localfile.Unchanged(s.opts.Path, f.info)
		}
		switch {
		case stopped:
		case err != nil:
			yield(record.Row{}, s.sentence(ctx, err))
		default:
			s.mu.Lock()
			s.notes, s.words = append(l.notes[:len(l.notes):len(l.notes)], cells.Tally.Notes()...), cells.Words()
			s.mu.Unlock()
		}
	}
}

// row reads a row. It has no fields when it holds nothing. Columns that can't be
// used are absent from them.
func (s *Source) row(l *layout, r *raw, read *tabular.Cells) (record.Row, error) {
	row := record.Row{Line: r.line, Fields: make(record.Values, len(l.header.Names))}
	if r.flaw != "" {
		return row, &source.RowError{Line: r.line, Msg: r.flaw}
	}
	filled, size := false, 0
	var columns, reasons []string
	refuse := func(name, reason string) {
		columns, reasons = append(columns, name), append(reasons, fmt.Sprintf("“%s” %s", name, reason))
	}
	for i, name := range l.header.Names {
		c := r.cells[i]
		size += len(c.value)
		switch {
		case c.flaw != "":
			refuse(name, c.flaw)
			continue
		case len(c.value) > s.opts.Limits.Cell:
			refuse(name, fmt.Sprintf("is longer than %s; HubSpot takes 65,536 characters, so shorten it", tabular.Bytes(s.opts.Limits.Cell)))
			continue
		case size > s.opts.Limits.Row:
			return row, &source.RowError{Line: r.line, Msg: s.opts.Limits.LongRow(name)}
		case c.text:
			text, err := read.Read(name, r.line, c.value)
			if err != nil {
				refuse(name, err.Error())
				continue
			}
			c.value = text
		}
		if !c.text {
			s.opts.Typed.Note(c.value)
		}
		if err := s.opts.Marks.Check(name, c.value); !c.text && err != nil {
			refuse(name, err.Error())
			continue
		}
		filled = filled || c.value != ""
		row.Fields[name] = record.Text(c.value)
		c.tell(&read.Tally, name, r.line)
	}
	switch {
	case !filled && columns == nil:
		return record.Row{}, nil
	case columns != nil:
		r.tell(&read.Tally)
		row.Key = tabular.Key(s.opts.Key, row.Fields)
		return row, &source.RowError{Line: r.line, Columns: columns, Msg: "has an error: " + tabular.Some(reasons)}
	}
	r.tell(&read.Tally)
	row.Key = tabular.Key(s.opts.Key, row.Fields)
	if s.opts.Modified != "" {
		row.Modified = tabular.ParseModified(row.Fields[s.opts.Modified].String(), s.opts.Zone)
	}
	return row, nil
}

// Version is the hex SHA-256 of the file.
func (s *Source) Version(ctx context.Context) (string, error) {
	return localfile.Hash(ctx, s.opts.Path)
}

// Prepare refuses: these files are only read.
func (s *Source) Prepare(context.Context, []source.Change) (source.Prepared, error) {
	return nil, &source.ReadOnlyError{Location: s.opts.Path, Msg: s.reader.why()}
}

// Close has nothing to release; the file is open only while it is read.
func (s *Source) Close() error { return nil }
