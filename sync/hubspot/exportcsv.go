package hubspot

import (
	"bufio"
	"errors"
	"io"
)

// cells reads a file of comma-separated values as it stands (RFC 4180): what is
// between quotes is the value, byte for byte. The standard library's reader makes
// one line end of another within a value, which would then not be the record's.
type cells struct {
	in     *bufio.Reader
	row    []string
	text   []byte // of the row, one cell after the other
	ends   []int  // of the cells in it
	quoted bool   // a cell of the row was in quotes
}

// rowMost is the most bytes of one row: HubSpot's longest values, for many columns.
const rowMost = 64 << 20

var (
	errQuote  = errors.New("a quotation mark stands where none may")
	errOpen   = errors.New("it ends within a value")
	errTooBig = errors.New("a row is larger than any record")
)

// newCells reads a file in UTF-8, with or without a byte order mark.
func newCells(in io.Reader) *cells {
	c := &cells{in: bufio.NewReaderSize(in, 64<<10)}
	if mark, err := c.in.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = c.in.Discard(3) // they are there
	}
	return c
}

// next returns the cells of the next row, which hold until the one after it is
// read. Lines with nothing on them are passed over. io.EOF is the end.
func (c *cells) next() ([]string, error) {
	for {
		if err := c.line(); err != nil {
			return nil, err
		}
		if len(c.ends) > 1 || len(c.text) > 0 || c.quoted {
			break
		}
	}
	text, from := string(c.text), 0
	c.row = c.row[:0]
	for _, end := range c.ends {
		c.row = append(c.row, text[from:end])
		from = end
	}
	return c.row, nil
}

// line takes in a row.
func (c *cells) line() error {
	c.text, c.ends, c.quoted = c.text[:0], c.ends[:0], false
	for begun := false; ; begun = true {
		last, err := c.cell(begun)
		if err != nil {
			return err
		}
		c.ends = append(c.ends, len(c.text))
		if last {
			return nil
		}
	}
}

// cell takes in a cell and what ends it, and reports whether it is the row's last.
// begun tells that the row has one before it, so that it may not just end here.
func (c *cells) cell(begun bool) (last bool, err error) {
	b, err := c.in.ReadByte()
	switch {
	case err == io.EOF && begun:
		return true, nil
	case err != nil:
		return false, err
	case b == '"':
		c.quoted = true
		return c.quotedCell()
	}
	for ; ; b, err = c.in.ReadByte() {
		switch {
		case err == io.EOF:
			return true, nil
		case err != nil:
			return false, err
		case b == ',':
			return false, nil
		case b == '\n':
			return true, nil
		case b == '\r' && c.follows('\n'):
			return true, nil
		case b == '"':
			return false, errQuote
		case len(c.text) > rowMost:
			return false, errTooBig
		}
		c.text = append(c.text, b)
	}
}

// quotedCell takes in a cell whose quotation mark was read.
func (c *cells) quotedCell() (last bool, err error) {
	for {
		some, err := c.in.ReadSlice('"')
		c.text = append(c.text, some...)
		switch {
		case len(c.text) > rowMost:
			return false, errTooBig
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err == io.EOF:
			return false, errOpen
		case err != nil:
			return false, err
		}
		b, err := c.in.ReadByte()
		if err == nil && b == '"' {
			continue // two of them are one
		}
		c.text = c.text[:len(c.text)-1]
		switch {
		case err == io.EOF, err == nil && b == '\n', err == nil && b == '\r' && c.follows('\n'):
			return true, nil
		case err != nil:
			return false, err
		case b == ',':
			return false, nil
		}
		return false, errQuote
	}
}

// follows takes a byte if it is the next one.
func (c *cells) follows(want byte) bool {
	next, err := c.in.Peek(1)
	if err != nil || next[0] != want {
		return false
	}
	_, err = c.in.Discard(1)
	return err == nil
}
