package csvfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// dialect is how a file separates and quotes its cells.
type dialect struct {
	delimiter byte
	quote     byte
	skipSpace bool // spaces between a delimiter and a quote do not count
}

// maxRecord bounds the memory of one record, in bytes. HubSpot's longest text
// property takes 65,536 characters, so a real row is far below it; what is
// above is a quote that is never closed.
const maxRecord = 16 << 20

// cell is where a cell stands in a record's raw bytes, its quotes included.
type cell struct {
	start, end int
	quoted     bool
}

// scanned is one record with the exact bytes it is made of, so that what is
// not changed can be written back as it was. It is valid until the next scan.
type scanned struct {
	raw   []byte // with the line ending
	cells []cell
	eol   int    // length of the line ending at the end of raw: 0, 1 or 2
	line  int    // 1-based line on which the record starts
	flaw  string // what is wrong with its quotes, or ""
}

// blank reports whether the record is an empty line.
func (r *scanned) blank() bool {
	if len(r.cells) != 1 || r.cells[0].quoted {
		return false
	}
	return len(bytes.TrimSpace(r.raw[r.cells[0].start:r.cells[0].end])) == 0
}

// text returns a cell's content without its quotes.
func (r *scanned) text(i int, quote byte) string {
	c := r.cells[i]
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

// openQuoteError is a quote that is never closed. Everything after it would be
// one cell, so reading ends there.
type openQuoteError struct{ line int }

func (e *openQuoteError) Error() string {
	return fmt.Sprintf("the quote that opens on line %d is never closed; close it or take it out, and try again", e.line)
}

// scanner cuts a stream of bytes, of which at least the ASCII part means what
// it says, into records. Unlike encoding/csv it keeps each record's bytes.
type scanner struct {
	r    io.Reader
	d    dialect
	buf  []byte // buf[pos:] is not scanned yet
	pos  int
	err  error // of r, once it ended
	line int   // of buf[pos]
	rec  scanned
}

func newScanner(r io.Reader, d dialect) *scanner {
	return &scanner{r: r, d: d, buf: make([]byte, 0, 64<<10), line: 1}
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
	n, err := s.r.Read(s.buf[len(s.buf):cap(s.buf)])
	s.buf = s.buf[:len(s.buf)+n]
	s.err = err
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
	if s.d.skipSpace {
		j := i
		for b, ok := s.at(j); ok && b == ' '; b, ok = s.at(j) {
			j++
		}
		if b, ok := s.at(j); ok && b == s.d.quote {
			c.start, i = j, j
		}
	}
	if b, ok := s.at(i); ok && b == s.d.quote {
		c.quoted = true
		if i, err = s.quoted(i); err != nil {
			return 0, false, err
		}
		c.end = i
		if s.d.skipSpace {
			for b, ok := s.at(i); ok && b == ' '; b, ok = s.at(i) {
				i++
			}
		}
	}
	after := i
	for {
		b, ok := s.at(i)
		if !ok || b == s.d.delimiter || b == '\n' || b == '\r' {
			if c.quoted && i > after && s.rec.flaw == "" {
				s.rec.flaw = fmt.Sprintf("has text after the closing quote of cell %d; inside quotes, write a quote twice", len(s.rec.cells)+1)
			}
			if !c.quoted || i > after {
				c.end = i
			}
			s.rec.cells = append(s.rec.cells, c)
			if ok && b == s.d.delimiter {
				return i + 1, true, nil
			}
			return i, false, nil
		}
		if i > maxRecord {
			return 0, false, fmt.Errorf("the row on line %d is longer than %d MB; this is not a table Syncline can read", s.rec.line, maxRecord>>20)
		}
		i++
	}
}

// quoted scans from an opening quote at i to behind its closing one.
func (s *scanner) quoted(i int) (int, error) {
	opened := s.line
	for i++; ; i++ {
		b, ok := s.at(i)
		switch {
		case !ok && !errors.Is(s.err, io.EOF):
			return 0, s.err
		case !ok || i > maxRecord:
			return 0, &openQuoteError{opened}
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
