package excel

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"syncline/sync/source/localfile"
	"syncline/sync/source/tabular"
)

// Excel's limits (“Excel specifications and limits”).
const (
	maxRows    = 1_048_576
	maxColumns = 16_384
	maxText    = 32_767 // UTF-16 units in a cell
)

// sheetRow is a row element with where it stands in the part.
type sheetRow struct {
	num        int   // 1-based
	start, end int64 // of the whole element
	open       int64 // behind the start tag
	cells      []sheetCell
	hidden     bool
}

// sheetCell is a cell element as it stands in the file.
type sheetCell struct {
	col        int // 0-based
	start, end int64
	style      int
	kind       string // the attribute t: "" and n number, s shared, str, inlineStr, b, e, d
	formula    bool
	constant   bool   // the formula is TRUE() or FALSE(), as LibreOffice saves booleans
	array      string // the cells that an array formula or a data table fills
	value      string // of v
	inline     string // of is
}

// sheetReader reads a worksheet part from front to back.
type sheetReader struct {
	*tokens
	part   io.Closer
	name   string
	row    sheetRow
	inData bool
	at     string // the cell that is being read, "" outside of one
	// dimension is where the start tag of <dimension> stands; zero if none.
	dimension [2]int64
	dataEnd   int64  // of </sheetData>, its start
	hidden    []area // columns, of all rows
	// What stands behind the rows, known after the last one.
	merged    []area
	protected bool
	rules     []*rule
}

func (w *workbook) openSheet(ctx context.Context, part string, keep bool) (*sheetReader, error) {
	f := w.parts[part]
	if f == nil {
		return nil, damaged(part, fmt.Errorf("it is missing"))
	}
	r, err := w.unpack(f)
	if err != nil {
		return nil, err
	}
	return &sheetReader{tokens: newTokens(localfile.Reader(ctx, r), keep, &w.limits), part: r, name: part}, nil
}

func (r *sheetReader) close() error { return r.part.Close() }

// next returns the next row element, valid until the following call, and
// io.EOF behind the last one, when the rest of the part has been read too.
func (r *sheetReader) next() (*sheetRow, error) {
	row, err := r.advance()
	switch {
	case errors.Is(err, errLongToken) && r.at != "":
		err = fmt.Errorf("holds more than %s in %s, which no cell does; shorten it, or open the workbook in Excel and save it again", tabular.Bytes(r.limits.Token), r.at)
	case err != nil && !errors.Is(err, io.EOF):
		err = damaged(r.name, unexpectedEnd(err))
	}
	return row, err
}

func (r *sheetReader) advance() (*sheetRow, error) {
	if r.dataEnd > 0 {
		return nil, io.EOF
	}
	for {
		start := r.dec.InputOffset()
		token, err := r.tokens.next()
		if err != nil {
			return nil, unexpectedEnd(err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			switch {
			case r.inData && t.Name.Local == "row":
				return &r.row, r.readRow(t, start)
			case t.Name.Local == "sheetData":
				r.inData = true
			case t.Name.Local == "col" && !r.inData && isTrue(attr(t, "hidden")):
				from, err := strconv.Atoi(attr(t, "min"))
				to, err2 := strconv.Atoi(attr(t, "max"))
				if err == nil && err2 == nil && len(r.hidden) < maxColumns {
					r.hidden = append(r.hidden, area{1, from - 1, maxRows, to - 1})
				}
			case t.Name.Local == "dimension" && !r.inData:
				r.dimension = [2]int64{start, r.dec.InputOffset()}
			}
		case xml.EndElement:
			if t.Name.Local == "sheetData" {
				r.dataEnd = start
				return nil, r.readTail()
			}
		}
	}
}

// readTail reads what stands behind the rows, and returns io.EOF.
func (r *sheetReader) readTail() error {
	for {
		token, err := r.tokens.next()
		if err != nil {
			return err
		}
		if t, ok := token.(xml.StartElement); ok {
			switch t.Name.Local {
			case "mergeCell":
				if len(r.merged) == r.limits.Areas {
					return fmt.Errorf("it merges more than %d areas", r.limits.Areas)
				}
				if a, ok := parseArea(attr(t, "ref")); ok {
					r.merged = append(r.merged, a)
				}
			case "dataValidation":
				if err := r.readRule(t); err != nil {
					return err
				}
			case "sheetProtection":
				r.protected = r.protected || isTrue(attr(t, "sheet"))
			}
		}
	}
}

func (r *sheetReader) readRow(t xml.StartElement, start int64) error {
	num := r.row.num + 1
	if s := attr(t, "r"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < num || n > maxRows {
			return fmt.Errorf("row number %q after row %d", s, r.row.num)
		}
		num = n
	}
	r.row = sheetRow{num: num, start: start, open: r.dec.InputOffset(), cells: r.row.cells[:0], hidden: isTrue(attr(t, "hidden"))}
	for {
		at := r.dec.InputOffset()
		if err := r.checkRow(at); err != nil {
			return err
		}
		token, err := r.tokens.next()
		if err != nil {
			return unexpectedEnd(err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if t.Name.Local == "c" {
				if err := r.readCell(t, at); err != nil {
					return err
				}
			}
		case xml.EndElement:
			if t.Name.Local == "row" {
				r.row.end = r.dec.InputOffset()
				return nil
			}
		}
	}
}

// checkRow refuses a row that goes on and on up to an offset.
func (r *sheetReader) checkRow(at int64) error {
	if at-r.row.start > int64(r.limits.RowXML) {
		return fmt.Errorf("row %d is longer than %s", r.row.num, tabular.Bytes(r.limits.RowXML))
	}
	return nil
}

func (r *sheetReader) readCell(t xml.StartElement, start int64) error {
	c := sheetCell{start: start}
	if n := len(r.row.cells); n > 0 {
		c.col = r.row.cells[n-1].col + 1
	}
	for _, a := range t.Attr {
		switch {
		case a.Name.Space != "":
		case a.Name.Local == "r":
			col, _, ok := parseRef(a.Value)
			if !ok || col < c.col {
				return fmt.Errorf("cell reference %q in row %d", a.Value, r.row.num)
			}
			c.col = col
		case a.Name.Local == "s":
			c.style, _ = strconv.Atoi(a.Value)
		case a.Name.Local == "t":
			c.kind = a.Value
		}
	}
	if c.col >= maxColumns {
		return fmt.Errorf("row %d has more than %d cells", r.row.num, maxColumns)
	}
	r.at = ref(c.col, r.row.num)
	if err := r.readContent(&c); err != nil {
		return err
	}
	r.at = ""
	c.end = r.dec.InputOffset()
	r.row.cells = append(r.row.cells, c)
	return nil
}

// readContent reads up to the end of a cell.
func (r *sheetReader) readContent(c *sheetCell) error {
	inValue, inFormula := false, false
	r.text = r.text[:0]
	for {
		if err := r.checkRow(r.dec.InputOffset()); err != nil {
			return err
		}
		token, err := r.tokens.next()
		if err != nil {
			return unexpectedEnd(err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "v":
				inValue = true
			case "is":
				if c.inline, err = r.richText("is"); err != nil {
					return err
				}
				r.text = r.text[:0]
			case "f":
				c.formula, inFormula = true, attr(t, "t") == ""
				if kind := attr(t, "t"); kind == "array" || kind == "dataTable" {
					c.array = attr(t, "ref")
				}
			}
		case xml.CharData:
			if inValue || inFormula {
				r.add(t)
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "f":
				if inFormula {
					c.constant = isConstant(string(r.text))
				}
				inFormula, r.text = false, r.text[:0]
			case "v":
				inValue = false
				c.value, r.text = string(r.text), r.text[:0]
			case "c":
				return nil
			}
		}
	}
}

// isConstant reports whether a formula is nothing but a boolean. LibreOffice makes
// one of every boolean cell of a workbook that it opens, and saves it so.
func isConstant(formula string) bool {
	return strings.EqualFold(formula, "TRUE()") || strings.EqualFold(formula, "FALSE()")
}

func attr(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// area is a rectangle of cells, rows 1-based, columns 0-based, ends included.
type area struct{ top, left, bottom, right int }

func (a area) contains(row, col int) bool {
	return row >= a.top && row <= a.bottom && col >= a.left && col <= a.right
}

func (a area) String() string {
	if a.top == a.bottom && a.left == a.right {
		return ref(a.left, a.top)
	}
	return ref(a.left, a.top) + ":" + ref(a.right, a.bottom)
}

// parseArea reads "A1:C9" or "A1".
func parseArea(s string) (area, bool) {
	from, to, isRange := strings.Cut(s, ":")
	if !isRange {
		to = from
	}
	left, top, ok := parseRef(from)
	right, bottom, ok2 := parseRef(to)
	return area{top, left, bottom, right}, ok && ok2
}

// parseRef reads "BC23" as column 54 and row 23.
func parseRef(s string) (col, row int, ok bool) {
	i := 0
	for ; i < len(s) && s[i] >= 'A' && s[i] <= 'Z' && i < 4; i++ {
		col = col*26 + int(s[i]-'A') + 1
	}
	row, err := strconv.Atoi(s[i:])
	if i == 0 || err != nil || col > maxColumns || row < 1 || row > maxRows {
		return 0, 0, false
	}
	return col - 1, row, true
}

// ref is the inverse of parseRef.
func ref(col, row int) string { return columnLetters(col) + strconv.Itoa(row) }

func columnLetters(col int) string {
	var b [3]byte
	i := len(b)
	for col++; col > 0; col = (col - 1) / 26 {
		i--
		b[i] = byte('A' + (col-1)%26)
	}
	return string(b[i:])
}
