package excel

import (
	"bufio"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"syncline/sync/source/localfile"
)

// rewriteSheet copies the sheet's XML with the edits; every byte outside the
// edited cells stays, but for the size that the sheet declares.
func (e *editor) rewriteSheet(ctx context.Context, out io.Writer) error {
	r, err := e.book.openSheet(ctx, e.layout.sheet.part, true)
	if err != nil {
		return err
	}
	defer r.close()
	w := &sheetWriter{editor: e, r: r, out: bufio.NewWriterSize(out, 64<<10), pending: slices.Sorted(maps.Keys(e.edits))}
	if err := w.run(); err != nil {
		return err
	}
	return w.out.Flush()
}

type sheetWriter struct {
	*editor
	r         *sheetReader
	out       *bufio.Writer
	pending   []int // rows still to edit, in order
	prefix    string
	dimension bool // the declared size has been passed
}

func (w *sheetWriter) run() error {
	for {
		row, err := w.r.next()
		if !w.dimension {
			w.dimension = true
			w.writeDimension()
		}
		if errors.Is(err, io.EOF) {
			w.flush(w.r.dataEnd)
			w.newRows(maxRows + 1)
			_, err := w.out.Write(w.r.win.bytes)
			return err
		}
		if err != nil {
			return err
		}
		w.flush(row.start)
		if w.prefix == "" {
			w.prefix = tagPrefix(w.r.win.bytes)
		}
		w.newRows(row.num)
		raw := w.r.win.take(row.end)
		if len(w.pending) > 0 && w.pending[0] == row.num {
			w.editRow(row, raw)
			w.pending = w.pending[1:]
		} else {
			w.out.Write(raw) // bufio keeps the error for Flush
		}
	}
}

// flush copies what was read up to an offset.
func (w *sheetWriter) flush(to int64) { w.out.Write(w.r.win.take(to)) }

// tagPrefix is the namespace prefix of a start tag, with its colon.
func tagPrefix(tag []byte) string {
	name := bytes.TrimPrefix(tag, []byte("<"))
	name = name[:bytes.IndexAny(name, " \t\r\n/>")]
	return string(name[:bytes.IndexByte(name, ':')+1])
}

// writeDimension copies the start of the sheet, and makes the declared size
// take in new cells: some readers believe it.
func (w *sheetWriter) writeDimension() {
	at := w.r.dimension
	if at[1] == 0 {
		return
	}
	w.flush(at[0])
	tag := w.r.win.take(at[1])
	if a, ok := parseArea(attribute(tag, "ref")); ok {
		grown := a
		for row, cells := range w.edits {
			held := w.editor.rows[row]
			for col := range cells {
				if held != nil && held.has(col) {
					continue
				}
				grown.top, grown.bottom = min(grown.top, row), max(grown.bottom, row)
				grown.left, grown.right = min(grown.left, col), max(grown.right, col)
			}
		}
		if grown != a {
			tag = setAttribute(tag, "ref", grown.String())
		}
	}
	w.out.Write(tag)
}

// newRows writes the edited rows before a row number that the sheet lacks.
func (w *sheetWriter) newRows(before int) {
	for len(w.pending) > 0 && w.pending[0] < before {
		num := w.pending[0]
		w.pending = w.pending[1:]
		fmt.Fprintf(w.out, `<%srow r="%d">`, w.prefix, num)
		for _, col := range slices.Sorted(maps.Keys(w.edits[num])) {
			w.cell(col, num, w.edits[num][col])
		}
		fmt.Fprintf(w.out, `</%srow>`, w.prefix)
	}
}

// editRow writes a row that the sheet has, with some cells replaced or added.
func (w *sheetWriter) editRow(row *sheetRow, raw []byte) {
	edits := w.edits[row.num]
	cols := slices.Sorted(maps.Keys(edits))
	open, rest := raw[:row.open-row.start], raw[row.open-row.start:]
	empty := bytes.HasSuffix(open, []byte("/>"))
	if added := len(cols) > 0 && !covered(row, cols); added {
		open = removeAttribute(open, "spans") // only a hint, and now perhaps a wrong one
	}
	if empty {
		open = append(bytes.TrimRight(bytes.TrimSuffix(open, []byte("/>")), " "), '>')
	}
	w.out.Write(open)
	pos := row.open
	for _, c := range row.cells {
		for len(cols) > 0 && cols[0] < c.col {
			w.copyRow(rest, row, &pos, c.start)
			w.cell(cols[0], row.num, edits[cols[0]])
			cols = cols[1:]
		}
		if len(cols) > 0 && cols[0] == c.col {
			w.copyRow(rest, row, &pos, c.start)
			w.cell(c.col, row.num, edits[c.col])
			cols, pos = cols[1:], c.end
		}
	}
	if len(row.cells) > 0 {
		w.copyRow(rest, row, &pos, row.cells[len(row.cells)-1].end)
	}
	for _, col := range cols {
		w.cell(col, row.num, edits[col])
	}
	if empty {
		fmt.Fprintf(w.out, `</%srow>`, w.prefix)
		return
	}
	w.copyRow(rest, row, &pos, row.end)
}

// copyRow copies a row's bytes from pos up to an offset.
func (w *sheetWriter) copyRow(rest []byte, row *sheetRow, pos *int64, to int64) {
	if to > *pos {
		w.out.Write(rest[*pos-row.open : to-row.open])
		*pos = to
	}
}

// covered reports whether the row has a cell in each of the columns.
func covered(row *sheetRow, cols []int) bool {
	for _, col := range cols {
		if !slices.ContainsFunc(row.cells, func(c sheetCell) bool { return c.col == col }) {
			return false
		}
	}
	return true
}

func (w *sheetWriter) cell(col, row int, c newCell) {
	p := w.prefix
	fmt.Fprintf(w.out, `<%sc r="%s"`, p, ref(col, row))
	if c.style != 0 {
		fmt.Fprintf(w.out, ` s="%d"`, c.style)
	}
	switch {
	case c.value == "":
		w.out.WriteString("/>")
	case c.kind == "inlineStr":
		space := ""
		if strings.TrimSpace(c.value) != c.value || strings.Contains(c.value, "\n") {
			space = ` xml:space="preserve"`
		}
		fmt.Fprintf(w.out, ` t="inlineStr"><%[1]sis><%[1]st%[2]s>%[3]s</%[1]st></%[1]sis></%[1]sc>`, p, space, escape(c.value))
	default:
		if c.kind != "" {
			fmt.Fprintf(w.out, ` t="%s"`, c.kind)
		}
		fmt.Fprintf(w.out, `><%[1]sv>%[2]s</%[1]sv></%[1]sc>`, p, escape(c.value))
	}
}

// attributePattern finds an attribute in a start tag.
func attributePattern(name string) *regexp.Regexp {
	return regexp.MustCompile(`\s` + name + `\s*=\s*("[^"]*"|'[^']*')`)
}

func attribute(tag []byte, name string) string {
	m := attributePattern(name).FindSubmatch(tag)
	if m == nil {
		return ""
	}
	return string(m[1][1 : len(m[1])-1])
}

// setAttribute sets an attribute of a start tag to a value that needs no
// escaping, and leaves the rest of the tag as it is.
func setAttribute(tag []byte, name, value string) []byte {
	set := ` ` + name + `="` + value + `"`
	if at := attributePattern(name).FindIndex(tag); at != nil {
		return slices.Concat(tag[:at[0]], []byte(set), tag[at[1]:])
	}
	end := bytes.LastIndexByte(tag, '>')
	if end > 0 && tag[end-1] == '/' {
		end--
	}
	return slices.Concat(bytes.TrimRight(tag[:end], " \t\r\n"), []byte(set), tag[end:])
}

func removeAttribute(tag []byte, name string) []byte {
	if at := attributePattern(name).FindIndex(tag); at != nil {
		return slices.Concat(tag[:at[0]], tag[at[1]:])
	}
	return slices.Clone(tag)
}

// growTable gives a table, and the filter over it, another area.
func growTable(data []byte, to area) ([]byte, error) {
	return editTags(data, func(depth int, name string, tag []byte) []byte {
		if depth == 0 || depth == 1 && name == "autoFilter" {
			return setAttribute(tag, "ref", to.String())
		}
		return nil
	})
}

// recalculate makes Excel calculate all formulas when it opens the workbook,
// because their stored results are older than the edits.
func recalculate(data []byte) ([]byte, error) {
	done := false
	out, err := editTags(data, func(depth int, name string, tag []byte) []byte {
		if depth != 1 || name != "calcPr" {
			return nil
		}
		done = true
		return setAttribute(tag, "fullCalcOnLoad", "1")
	})
	if err != nil || done {
		return out, err
	}
	// calcPr stands behind these, of which sheets is always there (ECMA-376 part 1, 18.2.27).
	end, prefix := int64(-1), ""
	d := xml.NewDecoder(bytes.NewReader(data))
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if t, ok := token.(xml.EndElement); ok {
			switch t.Name.Local {
			case "sheets", "functionGroups", "externalReferences", "definedNames":
				end = d.InputOffset()
				if prefix = ""; t.Name.Space != "" {
					prefix = t.Name.Space + ":"
				}
			}
		}
	}
	if end < 0 {
		return nil, fmt.Errorf("it lists no sheets")
	}
	return slices.Concat(data[:end], []byte("<"+prefix+`calcPr fullCalcOnLoad="1"/>`), data[end:]), nil
}

// editTags calls edit for each start tag with its depth and local name, and
// puts what it returns, unless nil, in the tag's place.
func editTags(data []byte, edit func(depth int, name string, tag []byte) []byte) ([]byte, error) {
	var out []byte
	d := xml.NewDecoder(bytes.NewReader(data))
	depth, copied := 0, int64(0)
	for {
		start := d.InputOffset()
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return append(out, data[copied:]...), nil
		}
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			end := d.InputOffset()
			if tag := edit(depth, t.Name.Local, data[start:end]); tag != nil {
				out = append(append(out, data[copied:start]...), tag...)
				copied = end
			}
			depth++
		case xml.EndElement:
			depth--
		}
	}
}

// formulaTags are how a formula element starts, with or without a prefix.
var formulaTags = [][]byte{[]byte("<f>"), []byte("<f "), []byte("<f/"), []byte(":f>"), []byte(":f "), []byte(":f/")}

// hasFormulas reports whether any sheet may hold a formula. A text that looks
// like the tag is taken for one, which costs Excel a calculation.
func (w *workbook) hasFormulas(ctx context.Context, e *editor) (bool, error) {
	if e.calc {
		return true, nil
	}
	for name := range w.parts {
		if strings.HasSuffix(name, "/calcChain.xml") {
			return true, nil
		}
	}
	for _, s := range w.sheets {
		if s.part == e.layout.sheet.part || w.parts[s.part] == nil {
			continue
		}
		found, err := w.containsAny(ctx, s.part, formulaTags)
		if found || err != nil {
			return found, err
		}
	}
	return false, nil
}

// containsAny streams a part in search of short byte sequences.
func (w *workbook) containsAny(ctx context.Context, part string, what [][]byte) (bool, error) {
	f, err := w.unpack(w.parts[part])
	if err != nil {
		return false, err
	}
	defer f.Close()
	const overlap = 2 // one less than the longest sequence
	r := localfile.Reader(ctx, f)
	buf := make([]byte, 64<<10)
	kept := 0
	for {
		n, err := r.Read(buf[kept:])
		chunk := buf[:kept+n]
		for _, seq := range what {
			if bytes.Contains(chunk, seq) {
				return true, nil
			}
		}
		if err == io.EOF {
			return false, nil
		}
		if err != nil {
			return false, damaged(part, err)
		}
		kept = copy(buf, chunk[max(0, len(chunk)-overlap):])
	}
}
