// Package csvfile is a source over a CSV file: any of the usual delimiters,
// quotes, encodings and line endings, found out from the file itself. Writing
// back keeps every byte of what is not changed.
//
// # Cells that look like formulas
//
// A value that a spreadsheet program would run as a formula is written with an
// apostrophe in front, and read without it (see Neutral); numbers and phone
// numbers such as +49 89 1234 are never touched.
//
// # What is written when
//
// Prepare writes the whole new file beside the old one; Commit renames it. The
// last versions are kept in the folder localfile.Backups beside the file.
package csvfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/localfile"
	"syncline/sync/source/tabular"
)

// Kind is the kind of this source in a definition.
const Kind = "csv"

// Options say how to use a file.
type Options struct {
	Path      string
	Key       []string       // the key columns; without any the file can only be read
	Modified  string         // the column with a row's time of change, "" for none
	Zone      *time.Location // of modification times without one, which nil leaves unknown
	Encoding  string         // one of Encodings by its name, "" is found out
	HeaderRow int            // the line with the column names, 0 is found out
	Blanks    []string       // words that mean "empty"
	NoBlanks  bool           // no word does
	// Limits are what the file may hold; nil is tabular.Standard.
	Limits *tabular.Limits
	// Replacer writes the file; nil is localfile.New().
	Replacer *localfile.Replacer
}

// Source is a CSV file. It reads the file anew for each call, and looks again
// at its form whenever it has been saved.
type Source struct {
	opts Options

	mu       sync.Mutex
	layout   *layout
	notes    []source.Note // of the last complete reading
	words    []string      // likewise, see source.Schema
	prepared bool          // a Prepare is neither committed nor discarded
}

// Open looks at the file and checks that the columns the options name are
// there. Errors are sentences that name the file.
func Open(ctx context.Context, opts Options) (*Source, error) {
	if opts.Limits == nil {
		opts.Limits = &tabular.Standard
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

// look returns the file's layout, finding it out anew if the file is not the
// one last seen.
func (s *Source) look(ctx context.Context) (*layout, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.layout != nil && localfile.Unchanged(s.opts.Path, s.layout.info) == nil {
		return s.layout, nil
	}
	l, err := detect(ctx, s.opts)
	if err != nil {
		return nil, err
	}
	if err := l.header.Check("key", s.opts.Key...); err != nil {
		return nil, &localfile.Error{Path: s.opts.Path, Msg: err.Error(), Err: err}
	}
	if s.opts.Modified != "" {
		if err := l.header.Check("modified", s.opts.Modified); err != nil {
			return nil, &localfile.Error{Path: s.opts.Path, Msg: err.Error(), Err: err}
		}
	}
	s.layout, s.notes = l, l.notes(s.opts)
	return l, nil
}

// countLimit is the size in bytes up to which Describe counts the rows of a
// file, which takes well under a second.
const countLimit = 64 << 20

// Describe profiles the first rows, and counts them all unless the file is
// very large.
func (s *Source) Describe(ctx context.Context) (source.Schema, error) {
	l, err := s.look(ctx)
	if err != nil {
		return source.Schema{}, err
	}
	profile := tabular.NewProfile(l.header)
	profile.Texts = true
	rows, ragged := 0, 0
	for row, err := range s.Rows(ctx, time.Time{}) {
		if err != nil && !isRowError(err) {
			return source.Schema{}, err
		}
		rows++
		if err != nil {
			ragged++
		} else {
			profile.Add(row.Fields)
		}
		if profile.Full() && l.info.Size() > countLimit {
			rows = -1
			break
		}
	}
	d := s.outline(l)
	if ragged > 0 {
		d.Details["unreadable rows"] = fmt.Sprint(ragged)
	}
	d.Columns, d.Rows, d.Notes, d.Words = profile.Columns(), rows, s.Notes(), s.met()
	return d, nil
}

// Outline reads the header and what tells the layout.
func (s *Source) Outline(ctx context.Context) (source.Schema, error) {
	l, err := s.look(ctx)
	if err != nil {
		return source.Schema{}, err
	}
	return s.outline(l), nil
}

func (s *Source) outline(l *layout) source.Schema {
	return source.Schema{
		Kind: Kind, Location: s.opts.Path, Columns: l.header.Columns(), Texts: true, Rows: -1, Identity: l.header.Identity(), Abilities: s.abilities(l),
		Details: l.details(), Open: l.open(), HeaderRow: l.headerLine, Guessed: l.above > 0 && s.opts.HeaderRow == 0,
	}
}

func isRowError(err error) bool {
	var row *source.RowError
	return errors.As(err, &row)
}

func (s *Source) abilities(l *layout) source.Abilities {
	if why := s.cannotWrite(l); why != "" {
		return source.Abilities{Why: why}
	}
	return source.Abilities{Insert: true, Update: true, Delete: true}
}

// cannotWrite says why the file as it is can't be rewritten, or "".
func (s *Source) cannotWrite(l *layout) string {
	switch {
	case len(s.opts.Key) == 0:
		return "No key column is chosen, so a row to change could not be found again."
	case l.packing.Kind != "":
		return "It is " + l.packing.Called() + ", in which Syncline writes nothing; unpack it and name the file inside."
	case l.wrapped:
		return "Lines of the file stand in quotes as a whole, so that it can only be read; save it as a CSV file whose cells are separate, and try again."
	case l.charset.lossy:
		return "The file holds characters that are broken in its encoding (" + l.charset.name + "), which rewriting would damage further; save it as UTF-8 and try again."
	}
	return ""
}

// Notes are about the last complete reading.
func (s *Source) Notes() []source.Note {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.notes
}

// Rows streams the file's rows. A row without any value is passed over. since
// is ignored: whoever edits a file by hand does not touch its time column, so
// only a whole reading misses nothing. Cells that a row lacks at its end are
// empty, and empty ones that it has too many of are nothing. A row with more
// than the header's number of cells comes with a *source.RowError, and so does
// one with cells that can't be used (see tabular.Cells), with text that is
// broken in the file's encoding, or with more text than a row may have; and the
// last row where it seems to be a total.
func (s *Source) Rows(ctx context.Context, _ time.Time) iter.Seq2[record.Row, error] {
	return func(yield func(record.Row, error) bool) {
		l, err := s.look(ctx)
		if err != nil {
			yield(record.Row{}, err)
			return
		}
		f, info, err := localfile.Open(s.opts.Path)
		if err != nil {
			yield(record.Row{}, err)
			return
		}
		defer f.Close()
		if err := localfile.Unchanged(s.opts.Path, l.info); err != nil {
			yield(record.Row{}, err)
			return
		}
		var sc *scanner
		content, err := l.content(ctx, f, info.Size())
		if err == nil {
			sc, err = l.body(content)
		}
		cells := tabular.NewCells(s.opts.Blanks, s.opts.NoBlanks)
		tail := tabular.Tail{Names: l.header.Names}
		for err == nil {
			var rec *scanned
			if rec, err = sc.next(); err != nil {
				break
			}
			row, bad := s.row(l, rec, cells)
			if len(row.Fields) > 0 && !tail.Add(row, bad, yield) {
				return
			}
		}
		if errors.Is(err, io.EOF) {
			if !tail.End(yield) {
				return
			}
			tail = tabular.Tail{}
			if err = localfile.Unchanged(s.opts.Path, info); err == nil {
				s.tell(append(l.notes(s.opts), cells.Tally.Notes()...), cells.Words())
				return
			}
		}
		if tail.Flush(yield) {
			yield(record.Row{}, sentence(ctx, s.opts.Path, err))
		}
	}
}

func (s *Source) tell(notes []source.Note, words []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes, s.words = notes, words
}

func (s *Source) met() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.words
}

// refused are the columns of a row that can't be used, and why.
type refused struct {
	columns, reasons []string
}

func (r *refused) add(column, reason string) {
	r.columns, r.reasons = append(r.columns, column), append(r.reasons, reason)
}

// row reads a record. It has no fields when every cell is empty. Columns that
// can't be used are absent from them.
func (s *Source) row(l *layout, rec *scanned, read *tabular.Cells) (record.Row, error) {
	if rec.blank() {
		return record.Row{}, nil
	}
	names := l.header.Names
	row := record.Row{Line: rec.line, Fields: make(record.Values, len(names))}
	for _, name := range names[min(len(rec.cells), len(names)):] {
		row.Fields[name] = record.Text("")
	}
	filled := s.surplus(l, rec)
	var bad refused
	var long []string
	at := 0 // of the first long cell
	for i := range min(len(rec.cells), len(names)) {
		if rec.cells[i].long {
			if filled, long = true, append(long, names[i]); len(long) == 1 {
				at = i
			}
			continue
		}
		text, err := s.value(l, rec, i, read)
		if err != nil {
			filled = true
			bad.add(names[i], err.Error()+where(err, names[i], i))
			continue
		}
		filled = filled || text != ""
		row.Fields[names[i]] = record.Text(text)
	}
	if !filled {
		return record.Row{}, nil
	}
	row.Key = tabular.Key(s.opts.Key, row.Fields)
	read.Tally.Keys(s.opts.Key, row.Fields, rec.line)
	if s.opts.Modified != "" {
		row.Modified = tabular.ParseModified(row.Fields[s.opts.Modified].String(), s.opts.Zone)
	}
	switch {
	case rec.flaw != "":
		return row, &source.RowError{Line: rec.line, Msg: rec.flaw}
	case l.otherMark(rec) != 0:
		return row, &source.RowError{Line: rec.line, Msg: fmt.Sprintf("has one cell, which seems to be a row whose cells are parted by a %s, where the header has a %s; write it as the others are", delimiterName(l.otherMark(rec)), delimiterName(l.dialect.delimiter))}
	case rec.count > len(names) && s.surplus(l, rec):
		return row, &source.RowError{Line: rec.line, Msg: fmt.Sprintf("has %s, the header has %d", cells(rec.count), len(names))}
	case len(long) > 1:
		return row, &source.RowError{Line: rec.line, Columns: append(long, bad.columns...), Msg: l.limits.LongRow(long[0])}
	case len(long) > 0:
		return row, &source.RowError{Line: rec.line, Columns: append(long, bad.columns...), Msg: l.limits.LongCell(long[0], fmt.Sprintf("cell %d", at+1))}
	case len(bad.columns) > 0:
		return row, &source.RowError{Line: rec.line, Columns: bad.columns, Msg: tabular.Some(bad.reasons)}
	}
	if rec.count < len(names) {
		read.Tally.Short(rec.line)
	}
	return row, nil
}

// where says in which cell something is wrong.
func where(err error, name string, i int) string {
	if errors.As(err, new(noTextError)) {
		return fmt.Sprintf(" in %s (cell %d)", name, i+1)
	}
	return fmt.Sprintf(" (cell %d, “%s”)", i+1, name)
}

// noTextError is a cell with bytes that mean nothing in the file's encoding.
type noTextError struct{ charset string }

func (e noTextError) Error() string { return fmt.Sprintf("holds bytes that are no %s text", e.charset) }

// value reads a cell.
func (s *Source) value(l *layout, rec *scanned, i int, read *tabular.Cells) (string, error) {
	written := rec.text(i, l.dialect.quote)
	if !utf8.ValidString(written) || strings.ContainsRune(written, utf8.RuneError) && (l.charset.one() || l.charset.enc == nil) {
		return "", l.brokenText(written)
	}
	name := l.header.Names[i]
	text := Original(written)
	if keepsZeros(written, text) {
		read.Tally.Protected(name, rec.line, short(written))
	}
	if len(written) > 1 && written[0] == '=' && text == written {
		read.Tally.Formula(name, rec.line, short(written))
	}
	return read.Read(name, rec.line, text)
}

// brokenText says what is wrong with a text that is none.
func (l *layout) brokenText(text string) error {
	if l.charset.enc == nil && utf8.ValidString(text) {
		return fmt.Errorf("holds the sign � (U+FFFD), with which a program has replaced a letter that it could not read; put the letter there")
	}
	return noTextError{l.charset.name}
}

// otherMark is the delimiter of a row that has another one than the file, 0 of
// any other row.
func (l *layout) otherMark(rec *scanned) byte {
	const least = 3 // columns: two may be a text with a comma
	if rec.count != 1 || rec.cells[0].quoted || rec.isLong() || len(l.header.Names) < least {
		return 0
	}
	for _, d := range delimiters {
		if d != l.dialect.delimiter && bytes.Count(rec.raw, []byte{d}) == len(l.header.Names)-1 {
			return d
		}
	}
	return 0
}

// surplus reports whether a record has cells with content beyond the header's.
func (s *Source) surplus(l *layout, rec *scanned) bool {
	n := len(l.header.Names)
	if rec.count <= n {
		return false
	}
	if rec.count > len(rec.cells) || rec.gone > 0 {
		return true // it has so many that they are not all known
	}
	for i := n; i < len(rec.cells); i++ {
		if rec.cells[i].long || strings.TrimSpace(rec.text(i, l.dialect.quote)) != "" {
			return true
		}
	}
	return false
}

func cells(n int) string {
	if n == 1 {
		return "1 cell"
	}
	return fmt.Sprintf("%d cells", n)
}

// body returns a scanner behind the header.
func (l *layout) body(file io.Reader) (*scanner, error) {
	text, err := l.text(file)
	if err != nil {
		return nil, err
	}
	sc := newScanner(text, l.dialect, l.limits)
	_, err = l.skipToHeader(sc)
	return sc, err
}

// Version is the hex SHA-256 of the file.
func (s *Source) Version(ctx context.Context) (string, error) {
	return localfile.Hash(ctx, s.opts.Path)
}

// Close has nothing to release; files are open only while they are read.
func (s *Source) Close() error { return nil }
