// Package excel is a source over one sheet of an Excel workbook (.xlsx and
// .xlsm). Reading streams the sheet and tells texts, numbers, dates and
// booleans apart as the cells do.
//
// Writing edits the sheet's XML in place and copies every other part of the
// workbook as it is, compressed bytes included, so that nothing is lost that
// this package does not know: charts, comments, conditional formats, macros.
// (A library that parses a workbook and writes it anew drops what it does not
// model.) Formulas are never touched; where there are some, the workbook asks
// Excel to calculate anew when it opens it.
package excel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"sync"
	"time"

	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/localfile"
	"syncline/sync/source/tabular"
)

// Kind is the kind of this source in a definition.
const Kind = "excel"

// Options say how to use a workbook.
type Options struct {
	Path      string
	Sheet     string           // "" is the first sheet that is shown
	Key       []string         // the key columns; without any the workbook can only be read
	Modified  string           // the column with a row's time of change, "" for none
	Zone      *time.Location   // of the times in cells, which nil leaves unknown
	HeaderRow int              // the row with the column names, 0 is found out
	Blanks    []string         // words that mean "empty"
	NoBlanks  bool             // no word does
	Marks     tabular.Marks    // in which the sync reads numbers
	Typed     *tabular.Numbers // is told of the numbers that cells hold as such
	// Limits are what the file may hold; nil is Standard.
	Limits *Limits
	// Replacer writes the file; nil is localfile.New().
	Replacer *localfile.Replacer
}

// Source is a sheet of a workbook. It opens the workbook anew for each call,
// and looks again where the rows stand whenever it has been saved.
type Source struct {
	opts Options

	mu       sync.Mutex
	layout   *layout
	notes    []source.Note // of the last complete reading
	words    []string      // likewise, see source.Schema
	prepared bool          // a Prepare is neither committed nor discarded
}

// Open looks at the workbook and checks that the sheet and the columns that
// the options name are there. Errors are sentences that name the file.
func Open(ctx context.Context, opts Options) (*Source, error) {
	if opts.Limits == nil {
		opts.Limits = &Standard
	}
	if opts.Replacer == nil {
		opts.Replacer = localfile.New()
	}
	s := &Source{opts: opts}
	if _, err := s.look(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// look returns the layout, finding it out anew if the file is not the one last
// seen.
func (s *Source) look(ctx context.Context) (*layout, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.layout != nil && localfile.Unchanged(s.opts.Path, s.layout.info) == nil {
		return s.layout, nil
	}
	l, err := detect(ctx, s.opts)
	if err == nil {
		err = l.header.Check("key", s.opts.Key...)
	}
	if err == nil && s.opts.Modified != "" {
		err = l.header.Check("modified", s.opts.Modified)
	}
	if err != nil {
		return nil, sentence(ctx, s.opts.Path, err)
	}
	s.layout, s.notes = l, l.notes()
	return l, nil
}

// countLimit is the size in bytes up to which Describe counts the rows of a
// workbook: some 300,000 cells and a second of time.
const countLimit = 2 << 20

// Describe profiles the first rows, and counts them all unless the workbook is
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
			if row := (*source.RowError)(nil); !errors.As(err, &row) {
				return source.Schema{}, err
			}
			unreadable++
		}
		rows++
		profile.Add(row.Fields)
		if profile.Full() && l.info.Size() > countLimit {
			rows = -1
			break
		}
	}
	d := s.outline(l)
	if unreadable > 0 {
		d.Details["rows with errors"] = fmt.Sprint(unreadable)
	}
	d.Columns, d.Rows, d.Notes, d.Words = profile.Columns(), rows, s.Notes(), s.met()
	return d, nil
}

// Outline reads what tells the layout of the sheet.
func (s *Source) Outline(ctx context.Context) (source.Schema, error) {
	l, err := s.look(ctx)
	if err != nil {
		return source.Schema{}, err
	}
	return s.outline(l), nil
}

func (s *Source) outline(l *layout) source.Schema {
	abilities := source.Abilities{Insert: true, Update: true, Delete: true}
	if len(s.opts.Key) == 0 {
		abilities = source.Abilities{Why: noKey}
	}
	return source.Schema{
		Kind: Kind, Location: s.opts.Path, Columns: l.header.Columns(), Rows: -1, Identity: l.header.Identity(), Abilities: abilities,
		Details: l.details(), HeaderRow: l.headerRow, Guessed: l.above > 0,
	}
}

const noKey = "No key column is chosen, so a row to change could not be found again."

// Notes are about the last complete reading.
func (s *Source) Notes() []source.Note {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.notes
}

// Rows streams the sheet's rows below its header. Empty rows and the totals of
// a table are passed over; hidden and filtered rows are read. since is
// ignored, because whoever edits a workbook does not touch its time column. A
// row with cells that can't be used comes with a *source.RowError that names
// the columns: cells that show an error such as #N/A, formulas without a
// result, cells that are merged over several columns, and what tabular.Cells
// refuses. So does the last row where it seems to be a total.
func (s *Source) Rows(ctx context.Context, _ time.Time) iter.Seq2[record.Row, error] {
	return func(yield func(record.Row, error) bool) {
		l, err := s.look(ctx)
		if err != nil {
			yield(record.Row{}, err)
			return
		}
		w, r, err := s.start(ctx, l)
		if err != nil {
			yield(record.Row{}, sentence(ctx, s.opts.Path, err))
			return
		}
		defer w.close()
		defer r.close()
		read := newReading(l, w.workbook, tabular.NewCells(s.opts.Blanks, s.opts.NoBlanks), s.opts.Marks)
		read.typed = s.opts.Typed
		tail := tabular.Tail{Names: l.header.Names}
		for {
			raw, err := r.next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				if tail.Flush(yield) {
					yield(record.Row{}, sentence(ctx, s.opts.Path, err))
				}
				return
			}
			row, bad := s.row(read, raw)
			if row.Fields != nil && !tail.Add(row, bad, yield) {
				return
			}
		}
		if !tail.End(yield) {
			return
		}
		if err := localfile.Unchanged(s.opts.Path, w.info); err != nil {
			yield(record.Row{}, err)
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.notes, s.words = append(l.notes(), read.cells.Tally.Notes()...), read.cells.Words()
	}
}

func (s *Source) met() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.words
}

// start opens the sheet that l describes for reading.
func (s *Source) start(ctx context.Context, l *layout) (*opened, *sheetReader, error) {
	w, err := openWorkbook(s.opts.Path, *s.opts.Limits)
	if err != nil {
		return nil, nil, err
	}
	var r *sheetReader
	if err = localfile.Unchanged(s.opts.Path, l.info); err == nil {
		if err = w.loadStrings(); err == nil {
			r, err = w.openSheet(ctx, l.sheet.part, false)
		}
	}
	if err != nil {
		w.close()
		return nil, nil, err
	}
	return w, r, nil
}

// row reads a row; it has no fields when it is none.
func (s *Source) row(read *reading, raw *sheetRow) (record.Row, error) {
	fields, broken, reasons := read.row(raw)
	if fields == nil {
		return record.Row{}, nil
	}
	row := record.Row{Line: raw.num, Fields: fields, Key: tabular.Key(s.opts.Key, fields)}
	read.cells.Tally.Keys(s.opts.Key, fields, raw.num)
	if s.opts.Modified != "" {
		row.Modified = tabular.ParseModified(fields[s.opts.Modified].String(), s.opts.Zone)
	}
	if broken != nil {
		return row, &source.RowError{Line: raw.num, Columns: broken, Msg: "has an error: " + tabular.Some(reasons)}
	}
	return row, nil
}

// Version is the hex SHA-256 of the file.
func (s *Source) Version(ctx context.Context) (string, error) {
	return localfile.Hash(ctx, s.opts.Path)
}

// Close has nothing to release; the workbook is open only while it is read.
func (s *Source) Close() error { return nil }
