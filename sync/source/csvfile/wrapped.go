package csvfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"syncline/sync/source/tabular"
)

// A spreadsheet that takes another mark for the delimiter reads each line as one
// cell, and saves it so: "1,""Smith, Ann"",Oslo" is the line 1,"Smith, Ann",Oslo
// in quotes as a whole. Lines that need no quotes stay as they were.

// wholeLine is a line that the record is in quotes, without these. What follows
// them may be empty cells.
func wholeLine(rec *scanned, quote byte) (line []byte, ok bool) {
	raw := bytes.TrimRight(rec.raw[:len(rec.raw)-rec.eol], " \t;,|")
	if len(raw) < 2 || raw[0] != quote || raw[len(raw)-1] != quote || rec.isLong() {
		return nil, false
	}
	for inner := raw[1 : len(raw)-1]; ; {
		i := bytes.IndexByte(inner, quote)
		if i < 0 {
			return append(line, inner...), true
		}
		if i+1 == len(inner) || inner[i+1] != quote {
			return nil, false // the quote closes a cell
		}
		line = append(line, inner[:i+1]...)
		inner = inner[i+2:]
	}
}

// unwrapper reads a text whose lines stand in quotes as a whole.
type unwrapper struct {
	sc   *scanner
	left []byte
	err  error
}

func newUnwrapper(text io.Reader, limits tabular.Limits) *unwrapper {
	return &unwrapper{sc: newScanner(text, dialect{quote: '"'}, limits)}
}

func (u *unwrapper) Read(p []byte) (int, error) {
	for len(u.left) == 0 && u.err == nil {
		var rec *scanned
		if rec, u.err = u.sc.next(); u.err != nil {
			break
		}
		u.left = rec.raw
		switch line, ok := wholeLine(rec, '"'); {
		case ok:
			u.left = append(line, rec.raw[len(rec.raw)-rec.eol:]...)
		case rec.isLong():
			u.err = fmt.Errorf("has a line of more than %s (line %d)", tabular.Bytes(u.sc.limits.Cell), rec.line)
			u.left = nil
		}
	}
	if len(u.left) == 0 {
		return 0, u.err
	}
	n := copy(p, u.left)
	u.left = u.left[n:]
	return n, nil
}

// isWrapped reports whether the lines of a sample stand in quotes as a whole:
// then they are rows of several cells, and as they are one cell each.
func isWrapped(sample []byte, complete bool, o Options) bool {
	sc := newScanner(bytes.NewReader(sample), dialect{quote: '"'}, *o.Limits)
	var first []byte // the header as it stands
	var whole [][]byte
	lines := 0
	for lines < tabular.SampleSize {
		rec, err := sc.next()
		if err != nil || !complete && rec.eol == 0 {
			break
		}
		if _, sep := sepDirective(rec.raw); sep || len(bytes.TrimSpace(rec.raw)) == 0 {
			continue
		}
		if lines++; lines == 1 {
			first = bytes.Clone(rec.raw)
		}
		if line, ok := wholeLine(rec, '"'); ok {
			whole = append(whole, line)
		}
	}
	if len(whole) == 0 {
		return false
	}
	text, err := io.ReadAll(newUnwrapper(bytes.NewReader(sample), *o.Limits))
	if err != nil && !errors.Is(err, io.EOF) {
		return false
	}
	within := layout{limits: *o.Limits}
	_ = within.detectDialect(text, complete, nil)
	s := judge(text, complete, within.dialect, *o.Limits, nil)
	const mostly = 0.8
	if s.cells < 2 || s.share < mostly || s.cells == 2 && 2*len(whole) < lines-1 {
		return false
	}
	// As the lines are, they are less of a table.
	asTheyAre := layout{limits: *o.Limits}
	_ = asTheyAre.detectDialect(sample, complete, nil)
	if now := judge(sample, complete, asTheyAre.dialect, *o.Limits, nil); now.cells > 1 && now.share >= s.share {
		return false
	}
	for _, line := range whole {
		if bytes.Count(line, []byte{within.dialect.delimiter}) < s.cells-1 {
			return false // a row of its first cell
		}
	}
	// One column of texts with a comma in each is what it is where the key says so.
	return len(o.Key) != 1 || !bytes.Contains(first, append(append([]byte{'"'}, o.Key[0]...), '"'))
}
