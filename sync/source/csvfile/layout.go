package csvfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"unicode/utf8"

	"syncline/sync/source/localfile"
	"syncline/sync/source/tabular"
)

// layout is what was found out about a file's form.
type layout struct {
	info    fs.FileInfo // the file it was found in
	charset charset
	dialect dialect
	sep     bool // the first line is Excel's "sep=;" directive
	header  tabular.Header
	quoted  []bool // whether each header cell stands in quotes
	eol     string // the line ending of the header, "\n" when it has none
}

// sampleSize is how many bytes of text the delimiter is guessed from.
const sampleSize = 256 << 10

// detect reads the whole file once for its encoding and its start for the rest.
func detect(ctx context.Context, path string) (*layout, error) {
	f, info, err := localfile.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	l := &layout{info: info}
	if l.charset, err = detectCharset(localfile.Reader(ctx, f)); err != nil {
		return nil, sentence(ctx, path, err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	text, err := l.charset.reader(localfile.Reader(ctx, f))
	if err != nil {
		return nil, sentence(ctx, path, err)
	}
	sample, err := io.ReadAll(io.LimitReader(text, sampleSize))
	if err != nil {
		return nil, sentence(ctx, path, err)
	}
	if err := l.detectDialect(sample, len(sample) < sampleSize); err != nil {
		return nil, sentence(ctx, path, err)
	}
	if err := l.readHeader(io.MultiReader(bytes.NewReader(sample), text)); err != nil {
		return nil, sentence(ctx, path, err)
	}
	return l, nil
}

// sentence names the file in an error of this package.
func sentence(ctx context.Context, path string, err error) error {
	var known *localfile.Error
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.As(err, &known) {
		return err
	}
	return &localfile.Error{Path: path, Msg: err.Error(), Err: err}
}

var delimiters = []byte{',', ';', '\t', '|'}

// detectDialect takes the dialect under which most records have as many cells
// as the first one, then the one with the most cells. complete says that the
// sample is the whole file.
func (l *layout) detectDialect(sample []byte, complete bool) error {
	if d, ok := sepDirective(sample); ok {
		l.sep = true
		l.dialect = dialect{delimiter: d, quote: '"'}
		return nil
	}
	best := score{}
	l.dialect = dialect{delimiter: ',', quote: '"'}
	for _, quote := range quotes(sample) {
		for _, delimiter := range delimiters {
			for _, skip := range []bool{false, true} {
				d := dialect{delimiter, quote, skip}
				if s := judge(sample, complete, d); s.better(best) {
					best, l.dialect = s, d
				}
			}
		}
	}
	return nil
}

// sepDirective reads the line "sep=;" that Excel writes and obeys.
func sepDirective(sample []byte) (byte, bool) {
	line, _, _ := bytes.Cut(sample, []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	if len(line) == 5 && strings.EqualFold(string(line[:4]), "sep=") {
		return line[4], bytes.IndexByte(delimiters, line[4]) >= 0
	}
	return 0, false
}

// quotes are the quotes to try: the apostrophe only where the first line both
// starts and ends with one, because it is common in names.
func quotes(sample []byte) []byte {
	line, _, _ := bytes.Cut(bytes.TrimLeft(sample, "\r\n"), []byte("\n"))
	line = bytes.TrimSpace(line)
	if len(line) > 1 && line[0] == '\'' && line[len(line)-1] == '\'' {
		return []byte{'\'', '"'}
	}
	return []byte{'"'}
}

// score says how well a dialect explains a sample.
type score struct {
	known bool
	share float64 // of the records that are as wide as the first and without a flaw
	cells int     // of the first record
}

func (s score) better(than score) bool {
	if !s.known || !than.known {
		return s.known
	}
	// One column fits every file, so a wider reading wins unless it hardly fits at all.
	if (s.cells > 1) != (than.cells > 1) {
		const hardly = 0.3
		if s.cells > 1 {
			return s.share >= hardly
		}
		return than.share < hardly
	}
	if s.share != than.share {
		return s.share > than.share
	}
	return s.cells > than.cells
}

func judge(sample []byte, complete bool, d dialect) score {
	sc := newScanner(bytes.NewReader(sample), d)
	width, fits, all := 0, 0, 0
	for all < tabular.SampleSize {
		rec, err := sc.next()
		if err != nil {
			if !errors.Is(err, io.EOF) && complete {
				all += max(1, all) // a quote left open explains nothing after it
			}
			break
		}
		if rec.blank() {
			continue
		}
		if !complete && rec.eol == 0 {
			break // cut by the end of the sample
		}
		if width == 0 {
			width = rec.count
		}
		all++
		if rec.count == width && rec.flaw == "" && !rec.spacedQuotes(d.quote) {
			fits++
		}
	}
	if all == 0 {
		return score{known: complete, share: 0, cells: max(1, width)}
	}
	return score{true, float64(fits) / float64(all), width}
}

// spacedQuotes reports whether some cell is in quotes but for spaces in front,
// which the other skipSpace reads better.
func (r *scanned) spacedQuotes(quote byte) bool {
	for _, c := range r.cells {
		text := r.raw[c.start:c.end]
		if c.quoted || len(text) == 0 || text[0] != ' ' {
			continue
		}
		text = bytes.TrimSpace(text)
		if len(text) > 1 && text[0] == quote && text[len(text)-1] == quote {
			return true
		}
	}
	return false
}

func (l *layout) readHeader(text io.Reader) error {
	sc := newScanner(text, l.dialect)
	rec, err := l.skipToHeader(sc)
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("has no text; it needs at least a line with the column names")
	}
	if err != nil {
		return err
	}
	if rec.flaw != "" {
		return fmt.Errorf("the header on line %d %s", rec.line, rec.flaw)
	}
	if err := tabular.CheckWidth(rec.count); err != nil {
		return err
	}
	cells := make([]string, len(rec.cells))
	l.quoted = make([]bool, len(rec.cells))
	for i := range cells {
		if cells[i] = rec.text(i, l.dialect.quote); rec.cells[i].long || len(cells[i]) > tabular.MaxName {
			return tabular.LongName(fmt.Sprintf("cell %d", i+1))
		}
		l.quoted[i] = rec.cells[i].quoted
		if !utf8.ValidString(cells[i]) {
			cells[i] = strings.ToValidUTF8(cells[i], "\uFFFD")
		}
	}
	l.header = tabular.NewHeader(cells, func(i int) string { return fmt.Sprintf("Column %d", i+1) })
	l.eol = string(rec.raw[len(rec.raw)-rec.eol:])
	if l.eol == "" {
		l.eol = "\n"
	}
	return nil
}

// skipToHeader scans to the header, over a "sep=" line and empty lines.
func (l *layout) skipToHeader(sc *scanner) (*scanned, error) {
	skip := l.sep
	for {
		rec, err := sc.next()
		if err != nil {
			return nil, err
		}
		if skip {
			skip = false
			continue
		}
		if !rec.blank() {
			return rec, nil
		}
	}
}

// details are the facts worth showing a person.
func (l *layout) details() map[string]string {
	m := map[string]string{
		"encoding":    l.charset.name,
		"delimiter":   map[byte]string{',': "comma", ';': "semicolon", '\t': "tab", '|': "vertical bar"}[l.dialect.delimiter],
		"line ending": map[string]string{"\n": "LF", "\r\n": "CRLF", "\r": "CR"}[l.eol],
	}
	if l.dialect.quote != '"' {
		m["quote"] = "apostrophe"
	}
	if len(l.header.Renamed) > 0 {
		m["columns"] = strings.Join(l.header.Renamed, "; ")
	}
	return m
}
