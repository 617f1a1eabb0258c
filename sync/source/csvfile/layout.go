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

	"syncline/sync/source"
	"syncline/sync/source/localfile"
	"syncline/sync/source/packed"
	"syncline/sync/source/tabular"
)

// layout is what was found out about a file's form.
type layout struct {
	info    fs.FileInfo // the file it was found in
	packing packed.Packing
	limits  tabular.Limits
	charset charset
	dialect dialect
	sep     bool // the first line is Excel's "sep=;" directive
	wrapped bool // lines stand in quotes as a whole
	header  tabular.Header
	quoted  []bool // whether each header cell stands in quotes
	eol     string // the line ending of the header, "\n" when it has none
	// headerLine is the line on which the header starts, and above how many rows
	// were passed over for it; title is the first text of those.
	headerLine, above int
	title             string
	found             detected // of the charset
}

// sampleSize is how many bytes of text the delimiter is guessed from.
const sampleSize = 256 << 10

// detect reads the whole file once for its encoding and its start for the rest.
func detect(ctx context.Context, o Options) (*layout, error) {
	f, info, err := localfile.Open(o.Path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	l := &layout{info: info, limits: *o.Limits}
	if l.packing, err = packed.Find(f, info.Size()); err != nil {
		return nil, sentence(ctx, o.Path, err)
	}
	// Each has its own place, so that two can be read side by side.
	opened := func() (io.Reader, error) { return l.content(ctx, f, info.Size()) }
	if l.found, err = detectCharset(opened, o.Encoding); err != nil {
		return nil, sentence(ctx, o.Path, err)
	}
	l.charset = l.found.charset
	text, sample, err := l.start(opened)
	if err == nil && isWrapped(sample, len(sample) < sampleSize, o) {
		l.wrapped = true
		text, sample, err = l.start(opened)
	}
	if err != nil {
		return nil, sentence(ctx, o.Path, err)
	}
	if err := l.detectDialect(fromLine(sample, o.HeaderRow), len(sample) < sampleSize, o.Key); err != nil {
		return nil, sentence(ctx, o.Path, err)
	}
	if d, ok := sepDirective(sample); ok {
		l.sep, l.dialect = true, dialect{delimiter: d, quote: '"'}
	}
	if err := l.findHeader(sample, len(sample) < sampleSize, o); err != nil {
		return nil, sentence(ctx, o.Path, err)
	}
	if err := l.readHeader(io.MultiReader(bytes.NewReader(sample), text)); err != nil {
		return nil, sentence(ctx, o.Path, err)
	}
	return l, nil
}

// start reads the first part of the text, and returns it with the rest.
func (l *layout) start(opened func() (io.Reader, error)) (rest io.Reader, sample []byte, err error) {
	file, err := opened()
	if err != nil {
		return nil, nil, err
	}
	if rest, err = l.text(file); err != nil {
		return nil, nil, err
	}
	sample, err = io.ReadAll(io.LimitReader(rest, sampleSize))
	return rest, sample, err
}

// content is the file, unpacked.
func (l *layout) content(ctx context.Context, f io.ReaderAt, size int64) (io.Reader, error) {
	r, err := l.packing.Open(f, size)
	if err != nil {
		return nil, err
	}
	return localfile.Reader(ctx, r), nil
}

// text is what is in the file's bytes.
func (l *layout) text(file io.Reader) (io.Reader, error) {
	text, err := l.charset.reader(file)
	if err != nil || !l.wrapped {
		return text, err
	}
	return newUnwrapper(text, l.limits), nil
}

// fromLine is a text from a line on, counted from 1; 0 is the first too.
func fromLine(text []byte, line int) []byte {
	for ; line > 1; line-- {
		at := bytes.IndexAny(text, "\r\n")
		if at < 0 {
			return nil
		}
		if bytes.HasPrefix(text[at:], []byte("\r\n")) {
			at++
		}
		text = text[at+1:]
	}
	return text
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

var delimiters = []byte{',', ';', '\t', '|', '^'}

// detectDialect takes the dialect under which some record has the names of the
// key columns, then the one under which most records have as many cells as the
// first one, then the one with the most cells. complete says that the sample is
// the whole file.
func (l *layout) detectDialect(sample []byte, complete bool, key []string) error {
	best := score{}
	l.dialect = dialect{delimiter: ',', quote: '"'}
	for _, quote := range quotes(sample) {
		for _, delimiter := range delimiters {
			for _, skip := range []bool{false, true} {
				d := dialect{delimiter, quote, skip}
				if s := judge(sample, complete, d, l.limits, key); s.better(best) {
					best, l.dialect = s, d
				}
			}
		}
	}
	return nil
}

// sepDirective reads the line "sep=;" that Excel writes and obeys, with any
// sign, also where a program has put it in quotes.
func sepDirective(sample []byte) (byte, bool) {
	line := sample
	if at := bytes.IndexAny(sample, "\r\n"); at >= 0 {
		line = sample[:at]
	}
	line = bytes.Trim(line, "\" ")
	if len(line) != 5 || !strings.EqualFold(string(line[:4]), "sep=") {
		return 0, false
	}
	d := line[4]
	letter := d >= 'a' && d <= 'z' || d >= 'A' && d <= 'Z' || d >= '0' && d <= '9'
	return d, !letter && d < utf8.RuneSelf && d != '"' && d != '\''
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
	keyed bool    // some record has the names of the key columns, or none are known
	share float64 // of the records that are as wide as the first and without a flaw
	cells int     // of the first record
}

func (s score) better(than score) bool {
	if !s.known || !than.known {
		return s.known
	}
	if s.keyed != than.keyed {
		return s.keyed
	}
	// One column fits every file, so a wider reading wins unless it hardly fits at all.
	if (s.cells > 1) != (than.cells > 1) {
		const hardly = 0.3
		if s.cells > 1 {
			return s.share >= hardly || s.share > than.share
		}
		return than.share < hardly && than.share <= s.share
	}
	if s.share != than.share {
		return s.share > than.share
	}
	return s.cells > than.cells
}

func judge(sample []byte, complete bool, d dialect, limits tabular.Limits, key []string) score {
	sc := newScanner(bytes.NewReader(sample), d, limits)
	var widths []int // of the records
	var sound []bool // whether each is without a flaw
	all := 0
	keyed := false
	for len(widths) < tabular.SampleSize {
		rec, err := sc.next()
		if err != nil {
			if !errors.Is(err, io.EOF) && complete {
				all += max(1, len(widths)) // a quote left open explains nothing after it
			}
			break
		}
		if rec.blank() {
			continue
		}
		if !complete && rec.eol == 0 {
			break // cut by the end of the sample
		}
		keyed = keyed || len(widths) < tabular.HeaderRows && rec.flaw == "" && rec.names(key, d.quote)
		widths = append(widths, rec.count)
		sound = append(sound, rec.flaw == "" && !rec.spacedQuotes(d.quote))
	}
	all += len(widths)
	if all == 0 {
		return score{known: complete, keyed: keyed, share: 0, cells: 1}
	}
	width := usual(widths)
	fits := 0.0
	for i := range widths {
		switch {
		case !sound[i]:
		case widths[i] == width:
			fits++
		case widths[i] > 1 && widths[i] < width:
			fits += 0.5 // cells at its end may be missing
		}
	}
	if width == 1 && !sound[0] {
		fits = 0 // a header that is torn is none
	}
	return score{true, keyed, fits / float64(all), width}
}

// usual is the width of the first record; where that is a title of one cell,
// the width that most of those below it have.
func usual(widths []int) int {
	if len(widths) == 0 {
		return 1
	}
	if widths[0] > 1 {
		return widths[0]
	}
	counts := map[int]int{}
	for _, w := range widths {
		counts[w]++
	}
	best := widths[0]
	for _, w := range widths {
		if w > 1 && (best == 1 || counts[w] > counts[best]) && counts[w] > 1 {
			best = w
		}
	}
	if best > 1 && 2*counts[best] < len(widths) {
		return widths[0]
	}
	return best
}

// names reports whether the record has a cell for each of the names.
func (r *scanned) names(names []string, quote byte) bool {
	return len(names) == 0 || tabular.Names(names, len(r.cells), func(i int) string { return r.text(i, quote) })
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
	sc := newScanner(text, l.dialect, l.limits)
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
	if err := l.limits.CheckWidth(rec.count); err != nil {
		return err
	}
	cells := make([]string, len(rec.cells))
	l.quoted = make([]bool, len(rec.cells))
	for i := range cells {
		if cells[i] = l.headerText(rec, i); rec.cells[i].long || len(cells[i]) > l.limits.Name {
			return l.limits.LongName(fmt.Sprintf("cell %d", i+1))
		}
		l.quoted[i] = rec.cells[i].quoted
	}
	l.header = tabular.NewHeader(cells, func(i int) string { return fmt.Sprintf("Column %d", i+1) })
	l.eol = string(rec.raw[len(rec.raw)-rec.eol:])
	if l.eol == "" {
		l.eol = "\n"
	}
	return nil
}

// findHeader finds out on which line the header starts.
func (l *layout) findHeader(sample []byte, complete bool, o Options) error {
	sc := newScanner(bytes.NewReader(sample), l.dialect, l.limits)
	var rows []tabular.Leading
	var lines []int
	skip := l.sep
	for len(rows) < tabular.HeaderRows {
		rec, err := sc.next()
		if err != nil || !complete && rec.eol == 0 && len(rows) > 0 {
			break
		}
		if skip || rec.blank() {
			skip = false
			continue
		}
		row := tabular.Leading{}
		for i := range rec.cells {
			row.Cells = append(row.Cells, tabular.Visible(strings.TrimRight(l.headerText(rec, i), " ")))
		}
		rows, lines = append(rows, row), append(lines, rec.line)
	}
	if len(rows) == 0 {
		return nil // readHeader says so
	}
	at := tabular.FindHeader(rows, o.Key)
	if l.dialect.delimiter != 0 && len(o.Key) == 0 && loose(rows) {
		at = 0
	}
	if o.HeaderRow > 0 {
		at = 0
		for at < len(lines) && lines[at] < o.HeaderRow {
			at++
		}
		if at == len(lines) || lines[at] != o.HeaderRow {
			return fmt.Errorf("has no row that starts on line %d, where the definition says the header is (header-row)", o.HeaderRow)
		}
	}
	l.headerLine, l.above = lines[at], at
	for _, c := range rows[0].Cells {
		if l.title == "" && at > 0 {
			l.title = strings.TrimSpace(c)
		}
	}
	return nil
}

// loose reports whether rows are sentences that a comma parts, rather than
// cells: the first is one, and behind each comma there is a space.
func loose(rows []tabular.Leading) bool {
	if len(rows[0].Cells) > 1 {
		return false
	}
	for _, r := range rows {
		for i, c := range r.Cells {
			if i > 0 && strings.HasPrefix(c, " ") {
				return true
			}
		}
	}
	return false
}

// headerText is a cell of the header, or above it.
func (l *layout) headerText(rec *scanned, i int) string {
	text := rec.text(i, l.dialect.quote)
	if rec.line == 1 && i == 0 {
		text = strings.TrimPrefix(text, "ï»¿") // a mark that was read as Windows-1252 and saved as UTF-8
	}
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	return text
}

// skipToHeader scans to the header.
func (l *layout) skipToHeader(sc *scanner) (*scanned, error) {
	for {
		rec, err := sc.next()
		if err != nil {
			return nil, err
		}
		if !rec.blank() && rec.line >= l.headerLine {
			return rec, nil
		}
	}
}

// notes are what is to be told of the form.
func (l *layout) notes(o Options) []source.Note {
	var notes []source.Note
	if l.packing.Kind != "" {
		name := ""
		if l.packing.Name != "" && l.packing.Name != "." {
			name = " (" + l.packing.Name + ")"
		}
		notes = append(notes, source.Note{Text: fmt.Sprintf("The source is %s: what it holds%s is read, and is not written.", l.packing.Called(), name)})
	}
	if l.found.guessed && len(l.found.guesses) == 0 {
		notes = append(notes, source.Note{Text: fmt.Sprintf("The file does not say how it writes characters. It is read as %s, which alone makes sense (“%s”).", l.charset.name, l.found.sample)})
	}
	if l.found.odd {
		notes = append(notes, source.Note{Text: fmt.Sprintf("The file does not say how it writes characters. It is read as UTF-8 (“%s”); write encoding: under source if it is another one.", l.found.sample)})
	}
	if l.wrapped {
		notes = append(notes, source.Note{Text: "Lines of the file stand in quotes as a whole, as a spreadsheet saves them that takes another mark for the delimiter: they are read as what is within the quotes."})
	}
	if l.above > 0 && o.HeaderRow == 0 {
		notes = append(notes, source.Note{Text: fmt.Sprintf("The names of the columns are taken from line %d; what stands above them (“%s”) is passed over. Write header-row: %d under source to settle it.", l.headerLine, short(l.title), l.headerLine)})
	}
	return notes
}

// open is what has to be answered first.
func (l *layout) open() []source.Open {
	if len(l.found.guesses) == 0 {
		return nil
	}
	all := choices(l.found.guesses)
	var readings []string
	for _, c := range all[:min(6, len(all))] {
		readings = append(readings, fmt.Sprintf("%s: %s", c.Value, c.Sample))
	}
	return []source.Open{{Key: "encoding", Choices: all, Msg: fmt.Sprintf("can't be told for certain from the file: its characters may be read in several ways. "+
		"Find the one that is right, and write for example encoding: %s under source. The likeliest are %s. If none is right, save the file as “CSV UTF-8” in the program that it comes from.", all[0].Value, strings.Join(readings, "; "))}}
}

func short(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// details are the facts worth showing a person.
func (l *layout) details() map[string]string {
	m := map[string]string{
		"encoding":    l.charset.name,
		"delimiter":   delimiterName(l.dialect.delimiter),
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

func delimiterName(d byte) string {
	name, ok := map[byte]string{',': "comma", ';': "semicolon", '\t': "tab", '|': "vertical bar", '^': "caret"}[d]
	if !ok {
		return string(rune(d))
	}
	return name
}
