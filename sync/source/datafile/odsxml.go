package datafile

import (
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"syncline/sync/source/tabular"
)

const (
	tokenMost = 8 << 20 // bytes of one tag or text
	deepestIn = 200     // elements within each other
	repeated  = 1 << 24 // how often a row may be repeated: more than a sheet has
	columnsOf = 1 << 14 // what a sheet has
)

// merged is the flaw of a cell that reaches over several columns.
const merged = "is merged over several columns, so that it can't be told whose value it is; split the cells"

// odsReader reads content.xml element by element, in bounded memory.
type odsReader struct {
	in     *limitedReader
	dec    *xml.Decoder
	depth  int
	limits tabular.Limits
}

type limitedReader struct {
	r *bufio.Reader
	n int
}

var errLongXML = errors.New("holds a text that is longer than a cell may be")

// ReadByte makes the decoder read without a buffer of its own.
func (l *limitedReader) ReadByte() (byte, error) {
	if l.n++; l.n > tokenMost {
		return 0, errLongXML
	}
	return l.r.ReadByte()
}

// Read is never called: encoding/xml uses ReadByte where there is one.
func (l *limitedReader) Read(p []byte) (int, error) { return l.r.Read(p) }

func newODSReader(r io.Reader, limits tabular.Limits) *odsReader {
	in := &limitedReader{r: bufio.NewReaderSize(r, 64<<10)}
	return &odsReader{in: in, dec: xml.NewDecoder(in), limits: limits}
}

func (r *odsReader) token() (xml.Token, error) {
	r.in.n = 0
	t, err := r.dec.Token()
	var syntax *xml.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return nil, errors.New("is damaged: its content is no complete XML; open it in LibreOffice and save it again")
	case err != nil:
		return nil, err
	}
	switch t.(type) {
	case xml.StartElement:
		if r.depth++; r.depth > deepestIn {
			return nil, errors.New("is damaged: its elements stand within each other without an end")
		}
	case xml.EndElement:
		r.depth--
	}
	return t, nil
}

// element is a start with its place.
type element struct {
	xml.StartElement
	depth int
}

// start goes on to the next element that begins.
func (r *odsReader) start() (element, error) {
	for {
		t, err := r.token()
		if err != nil {
			return element{}, err
		}
		if s, ok := t.(xml.StartElement); ok {
			return element{s, r.depth}, nil
		}
	}
}

// leave passes over what is left of the element that began at a depth.
func (r *odsReader) leave(depth int) error {
	for r.depth >= depth {
		if _, err := r.token(); err != nil {
			return err
		}
	}
	return nil
}

func attr(e element, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func count(e element, name string) int {
	n, err := strconv.Atoi(attr(e, name))
	if err != nil || n < 1 {
		return 1
	}
	return n
}

// odsRow is a row with its cells that are not empty.
type odsRow struct {
	num        int
	cells      []placed
	visibility string    // "collapse" and "filter" are hidden
	unseen     []columns // of the sheet, that are hidden
}

// columns are some of a sheet, the last one not included.
type columns struct{ from, to int }

type placed struct {
	cell
	col int
}

func (r *odsRow) kept() *odsRow { return &odsRow{r.num, slices.Clone(r.cells), r.visibility, r.unseen} }

// spanning is a cell that reaches down over rows.
type spanning struct {
	cell cell
	rows int
}

// rows reads the rows of the sheet that has begun.
func (r *odsReader) rows(yield func(*odsRow) bool) error {
	inside := r.depth
	row := &odsRow{}
	down := map[int]spanning{}
	num, col := 0, 0
	for r.depth >= inside {
		t, err := r.token()
		if err != nil {
			return err
		}
		s, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		e := element{s, r.depth}
		switch s.Name.Local {
		case "table-row":
			times := count(e, "number-rows-repeated")
			row.visibility = attr(e, "visibility")
			if err := r.row(e, row, down, num+1); err != nil {
				return fmt.Errorf("in row %d: %w", num+1, err)
			}
			if len(row.cells) > 0 && times > repeated {
				return fmt.Errorf("repeats row %d more often than a sheet has rows", num+1)
			}
			for n := 0; n < times && len(row.cells) > 0; n++ {
				row.num = num + n + 1
				if !yield(row) {
					return nil
				}
			}
			num += times
		case "table-column":
			times := min(count(e, "number-columns-repeated"), columnsOf)
			if v := attr(e, "visibility"); (v == "collapse" || v == "filter") && len(row.unseen) < columnsOf {
				row.unseen = append(row.unseen, columns{col, col + times})
			}
			col += times
		case "table-header-rows", "table-rows", "table-row-group", "table-columns", "table-header-columns", "table-column-group":
		default: // columns, shapes, forms, changes that were tracked
			if err := r.leave(e.depth); err != nil {
				return err
			}
		}
	}
	return nil
}

// row reads the cells of a row.
func (r *odsReader) row(e element, row *odsRow, down map[int]spanning, num int) error {
	row.cells = row.cells[:0]
	size := 0
	for col := 0; r.depth >= e.depth; {
		t, err := r.token()
		if err != nil {
			return err
		}
		s, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		c := element{s, r.depth}
		if s.Name.Local != "table-cell" && s.Name.Local != "covered-table-cell" {
			if err := r.leave(c.depth); err != nil {
				return err
			}
			continue
		}
		times := min(count(c, "number-columns-repeated"), columnsOf)
		var v cell
		if s.Name.Local == "covered-table-cell" {
			if v, err = down[col].cell, r.leave(c.depth); err != nil {
				return err
			}
			if at := down[col]; at.rows > 1 {
				down[col] = spanning{at.cell, at.rows - 1}
			} else {
				delete(down, col)
			}
			if times > 1 {
				v = cell{}
			}
		} else if v, err = r.cell(c); err != nil {
			return err
		}
		if wide, high := count(c, "number-columns-spanned"), count(c, "number-rows-spanned"); wide > 1 && v != (cell{}) {
			v.flaw = merged
		} else if high > 1 && col < columnsOf && v != (cell{}) {
			v.area = fmt.Sprintf("%s%d:%s%d", letters(col), num, letters(col), num+high-1)
			down[col] = spanning{v, high - 1}
		}
		for n := 0; v != (cell{}) && n < times && col+n < columnsOf; n++ {
			if size += len(v.value); size > r.limits.Row {
				return errors.New(r.limits.LongRow(letters(col)))
			}
			row.cells = append(row.cells, placed{v, col + n})
		}
		col += times
	}
	return nil
}
