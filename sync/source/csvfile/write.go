package csvfile

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"sync"

	"syncline/sync/record"
	"syncline/sync/source"
	"syncline/sync/source/localfile"
	"syncline/sync/source/tabular"
)

// Prepare writes the changed file beside the old one.
func (s *Source) Prepare(ctx context.Context, changes []source.Change) (source.Prepared, error) {
	if err := s.begin(); err != nil {
		return nil, err
	}
	p, err := s.prepare(ctx, changes)
	if err != nil {
		s.end()
		return nil, err
	}
	return p, nil
}

// begin excludes another preparation, and forgets what the file looked like.
func (s *Source) begin() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.prepared {
		return &source.ReadOnlyError{Location: s.opts.Path, Msg: "is being written already; wait until that is done"}
	}
	s.prepared, s.layout = true, nil
	return nil
}

func (s *Source) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.prepared = false
}

func (s *Source) prepare(ctx context.Context, changes []source.Change) (*prepared, error) {
	l, err := s.look(ctx)
	if err != nil {
		return nil, err
	}
	if why := s.cannotWrite(l); why != "" {
		return nil, &source.ReadOnlyError{Location: s.opts.Path, Msg: why}
	}
	if err := localfile.Lock(s.opts.Path); err != nil {
		return nil, err
	}
	e := &editor{layout: l, cells: tabular.NewCells(s.opts.Blanks, s.opts.NoBlanks), rows: map[int]*heldRow{}}
	matching := tabular.NewChanges(l.header, s.opts.Key, changes)
	before, err := s.read(ctx, l, e, matching)
	if err != nil {
		return nil, err
	}
	p := &prepared{source: s, outcomes: matching.Apply(e)}
	if !e.changed() {
		p.Staged = s.opts.Replacer.Unchanged(s.opts.Path, before)
		return p, nil
	}
	p.Staged, err = s.opts.Replacer.Stage(ctx, s.opts.Path, before, func(w io.Writer) error {
		return e.rewrite(ctx, s.opts.Path, before, w)
	})
	return p, err
}

// read goes through the file once, telling matching each key and e the rows
// that matter. It returns the file's hash.
func (s *Source) read(ctx context.Context, l *layout, e *editor, matching *tabular.Changes) (string, error) {
	f, info, err := localfile.Open(s.opts.Path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	if !localfile.Same(l.info, info) {
		return "", source.ErrMoved
	}
	h := sha256.New()
	sc, err := l.body(io.TeeReader(localfile.Reader(ctx, f), h))
	if err != nil {
		return "", sentence(ctx, s.opts.Path, err)
	}
	e.lastLine, e.style = sc.rec.line, l.quoted
	cells := tabular.NewCells(s.opts.Blanks, s.opts.NoBlanks)
	for {
		rec, err := sc.next()
		if errors.Is(err, io.EOF) {
			return hex.EncodeToString(h.Sum(nil)), nil
		}
		if err != nil {
			return "", sentence(ctx, s.opts.Path, err)
		}
		row, bad := s.row(l, rec, cells)
		if len(row.Fields) == 0 {
			continue
		}
		e.sawRow(rec, bad)
		if matching.Saw(row.Key, row.Line) {
			e.rows[row.Line] = &heldRow{fields: row.Fields, bad: bad, long: rec.isLong()}
		}
	}
}

// editor holds the edits of one preparation. It is a tabular.Editor.
type editor struct {
	layout   *layout
	cells    *tabular.Cells
	rows     map[int]*heldRow // by line, those that changes concern
	appended [][]string       // by column
	lastLine int              // of the last row, or of the header
	style    []bool           // which cells of the last row stand in quotes
}

type heldRow struct {
	fields record.Values // as they are after the edits so far
	bad    error         // why the row can't be read
	long   bool          // not all of it is held
	edits  map[int]string
	gone   bool // taken out
}

func (e *editor) sawRow(rec *scanned, bad error) {
	e.lastLine = rec.line
	if bad != nil {
		return
	}
	style := make([]bool, len(e.layout.header.Names))
	for i := range min(len(rec.cells), len(style)) {
		style[i] = rec.cells[i].quoted
	}
	e.style = style
}

func (e *editor) changed() bool {
	for _, row := range e.rows {
		if len(row.edits) > 0 || row.gone {
			return true
		}
	}
	return len(e.appended) > 0
}

// Value returns what stands in a cell after the edits so far.
func (e *editor) Value(line int, column string) record.Value { return e.rows[line].fields[column] }

// Set edits a row.
func (e *editor) Set(line int, values record.Values) (record.Values, error) {
	row := e.rows[line]
	if err := e.whole(row); err != nil {
		return nil, err
	}
	now := make(record.Values, len(values))
	edits := map[int]string{}
	for name, v := range values {
		back, err := e.check(name, v.String())
		if err != nil {
			return nil, err
		}
		if now[name] = back; row.fields[name] == back {
			continue
		}
		i, _ := e.layout.header.Index(name)
		edits[i] = v.String()
	}
	if row.edits == nil {
		row.edits = map[int]string{}
	}
	maps.Copy(row.edits, edits)
	maps.Copy(row.fields, now)
	return now, nil
}

// whole says why a row can't be edited. Cells that can't be used stand in the
// way of nothing but themselves.
func (e *editor) whole(row *heldRow) error {
	var bad *source.RowError
	if row.bad != nil && (row.long || !errors.As(row.bad, &bad) || bad.Columns == nil) {
		return fmt.Errorf("%w; correct the line first", row.bad)
	}
	return nil
}

// Append adds a row.
func (e *editor) Append(values record.Values) (record.Values, error) {
	row := make([]string, len(e.layout.header.Names))
	now := make(record.Values, len(values))
	for i, name := range e.layout.header.Names {
		row[i] = values[name].String()
		back, err := e.check(name, row[i])
		if err != nil {
			return nil, err
		}
		now[name] = back
	}
	e.appended = append(e.appended, row)
	return now, nil
}

// Remove takes a row out, with its line ending.
func (e *editor) Remove(line int) (record.Values, error) {
	row := e.rows[line]
	if row.bad != nil {
		return nil, fmt.Errorf("%w; correct the line first", row.bad)
	}
	row.gone = true
	return maps.Clone(row.fields), nil
}

// check says why a text can't be written into a column, or as what it will be
// read.
func (e *editor) check(name, text string) (record.Value, error) {
	if err := e.layout.charset.check(text); err != nil {
		return record.None(), fmt.Errorf("%s: %w", name, err)
	}
	if strings.IndexByte(text, 0) >= 0 {
		return record.None(), fmt.Errorf("%s: the value holds a zero character, which a text file can't; remove it and try again", name)
	}
	back, err := e.cells.Back(text)
	if err != nil {
		return record.None(), fmt.Errorf("%s: the value %w", name, err)
	}
	return record.Text(back), nil
}

// rewrite copies the file to w with the edits. The file must still have the
// hash before.
func (e *editor) rewrite(ctx context.Context, path, before string, w io.Writer) error {
	f, _, err := localfile.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	text, err := e.layout.charset.reader(io.TeeReader(localfile.Reader(ctx, f), h))
	if err != nil {
		return err
	}
	out, err := e.layout.charset.writer(w)
	if err != nil {
		return err
	}
	sc := newScanner(text, e.layout.dialect, e.layout.limits)
	sc.spill = out
	err = e.copy(sc, out)
	if closed := out.Close(); err == nil {
		err = closed
	}
	if err == nil && hex.EncodeToString(h.Sum(nil)) != before {
		err = source.ErrMoved
	}
	return err
}

func (e *editor) copy(sc *scanner, out io.Writer) error {
	var buf []byte
	for {
		rec, err := sc.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		buf = append(buf[:0], rec.raw...)
		row := e.rows[rec.line]
		gone := row != nil && row.gone
		switch {
		case gone:
			buf = buf[:0]
		case row != nil && len(row.edits) > 0:
			buf = e.edited(buf[:0], rec, row.edits)
		}
		if rec.line == e.lastLine {
			buf = e.withAppended(buf, rec.eol > 0 || gone) // the line before ends with one
		}
		if _, err := out.Write(buf); err != nil {
			return err
		}
	}
}

// edited appends the record's bytes with some cells replaced.
func (e *editor) edited(buf []byte, rec *scanned, edits map[int]string) []byte {
	from := 0
	for i, c := range rec.cells {
		text, edit := edits[i]
		if !edit {
			continue
		}
		buf = append(buf, rec.raw[from:c.start]...)
		buf = e.layout.render(buf, neutralLike(rec.text(i, e.layout.dialect.quote), text), c.quoted)
		from = c.end
	}
	end := len(rec.raw) - rec.eol
	buf = append(buf, rec.raw[from:end]...)
	// Cells that a short row lacks are added up to the last one that is written.
	last := -1
	for i := range edits {
		last = max(last, i)
	}
	for i := len(rec.cells); i <= last; i++ {
		buf = append(buf, e.layout.dialect.delimiter)
		buf = e.layout.render(buf, Neutral(edits[i]), false)
	}
	return append(buf, rec.raw[end:]...)
}

// withAppended appends the new rows behind the last one, which may lack a line
// ending; then the file goes on lacking a final one.
func (e *editor) withAppended(buf []byte, ended bool) []byte {
	for _, row := range e.appended {
		if !ended {
			buf = append(buf, e.layout.eol...)
		}
		for i, text := range row {
			if i > 0 {
				buf = append(buf, e.layout.dialect.delimiter)
			}
			buf = e.layout.render(buf, Neutral(text), e.style[i])
		}
		if ended {
			buf = append(buf, e.layout.eol...)
		}
	}
	return buf
}

// render appends a cell's text: in quotes if the one before was or if it must be.
func (l *layout) render(buf []byte, text string, quoted bool) []byte {
	d := l.dialect
	if !quoted && text != "" {
		quoted = strings.IndexByte(text, d.delimiter) >= 0 || strings.IndexByte(text, d.quote) >= 0 ||
			strings.ContainsAny(text, "\r\n") || strings.TrimSpace(text) == ""
	}
	if !quoted {
		return append(buf, text...)
	}
	buf = append(buf, d.quote)
	for i := range len(text) {
		if text[i] == d.quote {
			buf = append(buf, d.quote)
		}
		buf = append(buf, text[i])
	}
	return append(buf, d.quote)
}

// prepared is a staged file with its outcomes.
type prepared struct {
	*localfile.Staged
	source   *Source
	outcomes []source.Outcome
	once     sync.Once // the end of the exclusion of other preparations
}

// Outcomes has one entry per change.
func (p *prepared) Outcomes() []source.Outcome { return p.outcomes }

// Commit renames the new file over the old one.
func (p *prepared) Commit(ctx context.Context) error {
	defer p.once.Do(p.source.end)
	err := p.Staged.Commit(ctx)
	if errors.Is(err, source.ErrMoved) {
		return source.ErrMoved
	}
	return err
}

// Discard removes the new file if it was not committed.
func (p *prepared) Discard() error {
	defer p.once.Do(p.source.end)
	return p.Staged.Discard()
}
