package csvfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"syncline/sync/source/tabular"
)

// dialect is how a file separates and quotes its cells.
type dialect struct {
	delimiter byte
	quote     byte
	skipSpace bool // spaces behind a delimiter do not count, nor those behind a closing quote
}

// cell is where a cell stands in a record's raw bytes, its quotes included.
type cell struct {
	start, end int
	quoted     bool
	long       bool // longer than the limits: its bytes are not all there
}

// scanned is one record with the exact bytes it is made of, so that what is
// not changed can be written back as it was. It is valid until the next scan.
type scanned struct {
	raw   []byte // with the line ending; without what was dropped or spilled
	cells []cell // the first ones, as many as a header may have, and one
	count int    // of all cells
	eol   int    // length of the line ending at the end of raw: 0, 1 or 2
	line  int    // 1-based line on which the record starts
	flaw  string // what is wrong with its quotes, or ""
	gone  int    // bytes that were dropped, or spilled in front of raw
}

// blank reports whether the record is an empty line.
func (r *scanned) blank() bool {
	if len(r.cells) != 1 || r.cells[0].quoted || r.gone > 0 {
		return false
	}
	return len(bytes.TrimSpace(r.raw[r.cells[0].start:r.cells[0].end])) == 0
}

// isLong reports whether not all of the record is held.
func (r *scanned) isLong() bool {
	return r.gone > 0 || slices.ContainsFunc(r.cells, func(c cell) bool { return c.long })
}

// text returns a cell's content without its quotes, nothing of one that is
// longer than the limits.
func (r *scanned) text(i int, quote byte) string {
	c := r.cells[i]
	if c.long {
		return ""
	}
	if !c.quoted {
		return string(r.raw[c.start:c.end])
	}
	return unquote(r.raw[c.start:c.end], quote)
}

// unquote reads a cell that starts with a quote. What follows the closing
// quote, which only a flawed cell has, is kept as text.
func unquote(raw []byte, quote byte) string {
	raw = raw[1:]
	if i := bytes.IndexByte(raw, quote); i == len(raw)-1 {
		return string(raw[:i])
	}
	var b strings.Builder
	for len(raw) > 0 {
		i := bytes.IndexByte(raw, quote)
		if i < 0 {
			b.Write(raw)
			break
		}
		b.Write(raw[:i])
		if i+1 < len(raw) && raw[i+1] == quote {
			b.WriteByte(quote)
			raw = raw[i+2:]
			continue
		}
		b.Write(raw[i+1:])
		break
	}
	return b.String()
}

// openQuoteError is a quote that is never closed, or goes on over so many lines
// that it was not meant to. Everything up to its end would be one cell and the
// rows in it would be missing, so reading ends there.
type openQuoteError struct {
	line, cell int
	far        bool // it may be closed, far behind
	most       int  // what a cell may hold
}

func (e *openQuoteError) Error() string {
	if e.far {
		return fmt.Sprintf("the quote that opens on line %d (cell %d) goes on for more than %s of lines; close it or take it out, and try again", e.line, e.cell, tabular.Bytes(e.most))
	}
	return fmt.Sprintf("the quote that opens on line %d is never closed; close it or take it out, and try again", e.line)
}

// scanner cuts a stream of bytes, of which at least the ASCII part means what
// it says, into records. Unlike encoding/csv it keeps each record's bytes, up
// to the limits of a cell and a row. What is beyond them is dropped, or written
// to spill where there is one.
type scanner struct {
	r      io.Reader
	d      dialect
	limits tabular.Limits
	spill  io.Writer
	buf    []byte // buf[pos:] is not scanned yet
	pos    int
	err    error // of r, once it ended, or of spill
	line   int   // of buf[pos]
	rec    scanned
	from   int // where the present cell starts, counting what is gone
	check  int // the offset from pos at which the limits are looked at
}

const (
	chunk = 64 << 10 // how much is dropped at once
	reads = 4 * chunk
)

func newScanner(r io.Reader, d dialect, limits tabular.Limits) *scanner {
	return &scanner{r: r, d: d, limits: limits, buf: make([]byte, 0, chunk), line: 1}
}

// at returns the byte at an offset from pos, reading on as needed. ok is false
// at the end of the stream.
func (s *scanner) at(i int) (b byte, ok bool) {
	if s.pos+i < len(s.buf) {
		return s.buf[s.pos+i], true
	}
	for s.pos+i >= len(s.buf) {
		if s.err != nil {
			return 0, false
		}
		s.fill()
	}
	return s.buf[s.pos+i], true
}

func (s *scanner) fill() {
	if s.pos > 0 {
		n := copy(s.buf, s.buf[s.pos:])
		s.buf, s.pos = s.buf[:n], 0
	}
	if len(s.buf) == cap(s.buf) {
		s.buf = append(make([]byte, 0, 2*cap(s.buf)), s.buf...)
	}
	// Not more at once, because what is read ahead is moved when something is dropped.
	n, err := s.r.Read(s.buf[len(s.buf):min(cap(s.buf), len(s.buf)+reads)])
	s.buf = s.buf[:len(s.buf)+n]
	s.err = err
}

// limit is the offset up to which the bytes of a cell that starts at an offset
// are kept. It lies before the start when the row is full.
func (s *scanner) limit(start int) int { return min(start+s.limits.Cell, s.limits.Row) }

// shed lets go of what lies beyond the limits before i, and returns what i has
// become.
func (s *scanner) shed(i int, c *cell) int {
	c.long = true
	if s.spill != nil {
		if _, err := s.spill.Write(s.buf[s.pos : s.pos+i]); err != nil {
			s.buf, s.err = s.buf[:s.pos+i], err
		}
		s.rec.gone += i
		s.pos += i
		s.check, c.start = chunk, 0
		return 0
	}
	kept := s.limit(c.start)
	s.buf = append(s.buf[:s.pos+kept], s.buf[s.pos+i:]...)
	s.rec.gone += i - kept
	s.check, c.start = kept+chunk, min(c.start, kept)
	return kept
}

// next returns the next record, io.EOF after the last.
func (s *scanner) next() (*scanned, error) {
	if _, ok := s.at(0); !ok {
		return nil, s.err
	}
	s.rec = scanned{cells: s.rec.cells[:0], line: s.line}
	i, more := 0, true
	for more {
		var err error
		if i, more, err = s.cell(i); err != nil {
			return nil, err
		}
	}
	s.rec.eol = s.eol(i)
	if s.rec.eol > 0 {
		s.line++
	}
	i += s.rec.eol
	if s.err != nil && !errors.Is(s.err, io.EOF) {
		return nil, s.err
	}
	s.rec.raw = s.buf[s.pos : s.pos+i : s.pos+i]
	s.pos += i
	return &s.rec, nil
}

// cell scans one cell from offset i. It returns the offset after the cell and
// its delimiter, and whether another cell follows in the record.
func (s *scanner) cell(i int) (next int, more bool, err error) {
	c := cell{start: i}
	s.from, s.check = i+s.rec.gone, s.limit(i)+chunk
	if s.d.skipSpace {
		j := i
		for b, ok := s.at(j); ok && b == ' ' && j-i < chunk; b, ok = s.at(j) {
			j++
		}
		c.start, i = j, j
		s.from, s.check = i+s.rec.gone, s.limit(i)+chunk
	}
	if b, ok := s.at(i); ok && b == s.d.quote {
		c.quoted = true
		if i, err = s.quoted(i, &c); err != nil {
			return 0, false, err
		}
		c.end = i
		if s.d.skipSpace {
			for b, ok := s.at(i); ok && b == ' ' && i < c.end+chunk; b, ok = s.at(i) {
				i++
			}
		}
	}
	after := i
	for {
		b, ok := s.at(i)
		if !ok || b == s.d.delimiter || b == '\n' || b == '\r' {
			if c.quoted && i > after && s.rec.flaw == "" {
				s.rec.flaw = fmt.Sprintf("has text after the closing quote of cell %d; inside quotes, write a quote twice", s.rec.count+1)
			}
			if !c.quoted || i > after {
				c.end = i
			}
			c.long = c.long || i > s.limit(c.start)
			s.rec.count++
			if len(s.rec.cells) <= s.limits.Columns { // no header has names for more
				s.rec.cells = append(s.rec.cells, c)
			}
			if ok && b == s.d.delimiter {
				return i + 1, true, nil
			}
			return i, false, nil
		}
		if i++; i >= s.check {
			i = s.shed(i, &c)
			after, c.end = min(after, i), min(c.end, i)
		}
	}
}

// quoted scans from an opening quote at i to behind its closing one.
func (s *scanner) quoted(i int, c *cell) (int, error) {
	opened := s.line
	for i++; ; i++ {
		if i >= s.check {
			i = s.shed(i, c)
		}
		b, ok := s.at(i)
		long := i+s.rec.gone-s.from > s.limits.Cell
		switch {
		case !ok && !errors.Is(s.err, io.EOF):
			return 0, s.err
		case !ok, long && s.line > opened:
			return 0, &openQuoteError{opened, s.rec.count + 1, ok, s.limits.Cell}
		case b == s.d.quote:
			if b, ok := s.at(i + 1); !ok || b != s.d.quote {
				return i + 1, nil
			}
			i++
		case b == '\n' || b == '\r':
			i += s.eol(i) - 1
			s.line++
		}
	}
}

// eol is the length of the line ending at i, 0 if there is none.
func (s *scanner) eol(i int) int {
	b, ok := s.at(i)
	switch {
	case ok && b == '\n':
		return 1
	case ok && b == '\r':
		if b, ok := s.at(i + 1); ok && b == '\n' {
			return 2
		}
		return 1
	}
	return 0
}
