package csvfile

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// charset is how a file writes characters. Inside the package all text is
// UTF-8; decoding and encoding are inverse to each other byte for byte, except
// where lossy says otherwise.
type charset struct {
	name string
	bom  []byte
	enc  encoding.Encoding // nil for UTF-8
	// lossy: the file holds what is no text in this charset (a broken UTF-16
	// pair), so it can be read but not rewritten faithfully.
	lossy bool
}

var (
	utf8BOM    = []byte{0xEF, 0xBB, 0xBF}
	utf16leBOM = []byte{0xFF, 0xFE}
	utf16beBOM = []byte{0xFE, 0xFF}
	utf32leBOM = []byte{0xFF, 0xFE, 0, 0}
	utf32beBOM = []byte{0, 0, 0xFE, 0xFF}

	utf16le = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	utf16be = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
)

// reader returns the file's text after the byte order mark.
func (c charset) reader(r io.Reader) (io.Reader, error) {
	if _, err := io.CopyN(io.Discard, r, int64(len(c.bom))); err != nil {
		return nil, err
	}
	if c.enc == nil {
		return r, nil
	}
	return transform.NewReader(r, c.enc.NewDecoder()), nil
}

// writer returns a writer of the file's text; Close ends it but not w.
func (c charset) writer(w io.Writer) (io.WriteCloser, error) {
	if _, err := w.Write(c.bom); err != nil {
		return nil, err
	}
	if c.enc == nil {
		return keepOpen{w}, nil
	}
	return transform.NewWriter(w, c.enc.NewEncoder()), nil
}

type keepOpen struct{ io.Writer }

func (keepOpen) Close() error { return nil }

// check says why a text can't be written in the charset.
func (c charset) check(s string) error {
	if !utf8.ValidString(s) {
		return fmt.Errorf("the value holds bytes that are no text; replace them and try again")
	}
	if c.enc == nil || c.enc == utf16le || c.enc == utf16be {
		return nil
	}
	if _, err := c.enc.NewEncoder().String(s); err == nil {
		return nil
	}
	for _, r := range s {
		if _, err := c.enc.NewEncoder().String(string(r)); err != nil {
			shown := "“" + string(r) + "”"
			if !strconv.IsPrint(r) { // nobody would see it
				shown = fmt.Sprintf("U+%04X", r)
			}
			return fmt.Errorf("the character %s can't be written in this file, whose encoding is %s; save the file as UTF-8 and try again", shown, c.name)
		}
	}
	return nil
}

// one reports whether the charset is one of a country's, in which some bytes
// mean nothing.
func (c charset) one() bool { return c.enc != nil && c.enc != utf16le && c.enc != utf16be }

// detected is what was found out of a file's charset.
type detected struct {
	charset
	// guesses are what the bytes may say, where that is open: the charset is
	// that of the first.
	guesses []guess
	// guessed says that the charset was found by what it makes of the bytes, of
	// which sample is some.
	guessed bool
	odd     bool // it is UTF-8, with few characters, and those are odd
	sample  string
}

// detectCharset reads all of f. A byte order mark decides; else zero bytes in
// every other place mean UTF-16; else text is UTF-8, unless most of its
// characters beyond ASCII are not. Then the bytes are weighed, unless a name
// says what they are. A file that is UTF-8 throughout is hardly ever anything
// else: where its few characters are odd, it is told.
func detectCharset(f func() (io.Reader, error), name string) (detected, error) {
	r, err := f()
	if err != nil {
		return detected{}, err
	}
	c, n, err := unicodeCharset(r)
	if err != nil {
		return detected{}, err
	}
	if name != "" {
		if c, err = named(name, c, n); err != nil || !c.one() {
			return detected{charset: c}, err
		}
		return faithful(f, detected{charset: c})
	}
	const few = 8 // characters beyond ASCII, which may be ones of UTF-8 by chance
	if c.name != "" && (c.enc != nil || len(c.bom) > 0 || n.good == 0 || n.good >= few) {
		return detected{charset: c}, nil
	}
	if r, err = f(); err != nil {
		return detected{}, err
	}
	words, err := foreignWords(r)
	if err != nil {
		return detected{}, err
	}
	if c.name != "" && makesSense(words) {
		return detected{charset: c}, nil
	}
	// Some of it may be UTF-8 all the same, damaged.
	guesses := ranked(words, n.good > 0 || n.cut)
	if i := slices.IndexFunc(guesses, func(g guess) bool { return g.encoding.enc == nil }); i >= 0 && n.whole() && guesses[i].score+byChance(n.good) > guesses[0].score {
		return detected{charset: charset{name: "UTF-8"}, odd: true, sample: sample(guesses, guesses[i])}, nil
	}
	d := detected{charset: charset{name: display(guesses[0].encoding.Name), enc: guesses[0].encoding.enc}, guessed: guesses[0].encoding.enc != nil, sample: sample(guesses, guesses[0])}
	if !sure(guesses) {
		d.guesses = guesses
	}
	if !d.one() {
		return d, nil
	}
	return faithful(f, d)
}

// byChance is how unlikely it is that so many characters of another encoding
// are ones of UTF-8 throughout, as a logarithm. Pairs of bytes may be; several
// of them are not.
func byChance(good int) float64 { return min(4*float64(good), certain) }

// named is the charset with a name in a definition, of a file that looks like
// one of Unicode's, or none.
func named(name string, seen charset, n census) (charset, error) {
	e, ok := encodingNamed(name)
	if !ok {
		return charset{}, fmt.Errorf("can't be read in the encoding %q, which is not known", name)
	}
	c := charset{name: display(name), enc: e.enc}
	switch {
	case len(seen.bom) > 0 && seen.enc != c.enc:
		return charset{}, fmt.Errorf("starts with the mark of %s, and the definition says encoding: %s; take that line out", strings.TrimSuffix(seen.name, " with byte order mark"), name)
	case len(seen.bom) > 0:
		return seen, nil
	case seen.enc != nil && c.enc == seen.enc: // UTF-16 without a mark
		return seen, nil
	case seen.enc != nil:
		return charset{}, fmt.Errorf("is in the encoding %s, and the definition says encoding: %s; take that line out", seen.name, name)
	case c.one() && n.good > 0 && n.bad == 0:
		return charset{}, fmt.Errorf("is UTF-8 now, and the definition says encoding: %s, in which it would be garbled; take that line out", name)
	}
	return c, nil
}

// faithful marks a charset as lossy where the file would not come out of it as
// it went in.
func faithful(f func() (io.Reader, error), d detected) (detected, error) {
	was, err := f()
	if err != nil {
		return d, err
	}
	again, err := f()
	if err != nil {
		return d, err
	}
	coded := transform.NewReader(transform.NewReader(again, d.enc.NewDecoder()), d.enc.NewEncoder())
	same, err := equal(was, coded)
	d.lossy = !same
	return d, err
}

// equal reports whether two readers give the same bytes. An error of the second
// makes them different.
func equal(a, b io.Reader) (bool, error) {
	const size = 64 << 10
	p, q := make([]byte, size), make([]byte, size)
	for {
		n, err := io.ReadFull(a, p)
		m, other := io.ReadFull(b, q)
		switch {
		case err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
			return false, err
		case n != m || !bytes.Equal(p[:n], q[:m]) || other != nil && !errors.Is(other, io.EOF) && !errors.Is(other, io.ErrUnexpectedEOF):
			return false, nil
		case err != nil:
			return true, nil
		}
	}
}

// display writes an encoding's name as people know it.
func display(name string) string {
	switch {
	case strings.HasPrefix(name, "windows-"):
		return "Windows-" + name[len("windows-"):]
	case name == "macintosh":
		return "Mac Roman"
	case name == "x-mac-cyrillic":
		return "Mac Cyrillic"
	case name == "shift-jis":
		return "Shift-JIS"
	case name == "utf-16le":
		return "UTF-16 LE"
	case name == "utf-16be":
		return "UTF-16 BE"
	case name == "big5":
		return "Big5"
	case strings.HasPrefix(name, "cp"):
		return name
	}
	return strings.ToUpper(name)
}

// unicodeCharset finds out whether the file is in one of Unicode's encodings;
// one without a name is not.
func unicodeCharset(r io.Reader) (charset, census, error) {
	br := bufio.NewReaderSize(r, 256<<10)
	head, err := br.Peek(64 << 10)
	if err != nil && !errors.Is(err, io.EOF) {
		return charset{}, census{}, err
	}
	switch {
	case bytes.HasPrefix(head, utf32leBOM), bytes.HasPrefix(head, utf32beBOM):
		return charset{}, census{}, fmt.Errorf("is in the encoding UTF-32, which Syncline does not read; save it as “CSV UTF-8” and try again")
	case bytes.HasPrefix(head, utf8BOM):
		n, err := count(br)
		return charset{name: "UTF-8 with byte order mark", bom: marks(head, utf8BOM)}, n, err
	case bytes.HasPrefix(head, utf16leBOM):
		c, err := detectPairs(br, charset{name: "UTF-16 LE with byte order mark", bom: marks(head, utf16leBOM), enc: utf16le}, binary.LittleEndian)
		return c, census{}, err
	case bytes.HasPrefix(head, utf16beBOM):
		c, err := detectPairs(br, charset{name: "UTF-16 BE with byte order mark", bom: marks(head, utf16beBOM), enc: utf16be}, binary.BigEndian)
		return c, census{}, err
	}
	switch even, odd := zeros(head); {
	case odd > len(head)/8 && even < odd/8:
		c, err := detectPairs(br, charset{name: "UTF-16 LE", enc: utf16le}, binary.LittleEndian)
		return c, census{}, err
	case even > len(head)/8 && odd < even/8:
		c, err := detectPairs(br, charset{name: "UTF-16 BE", enc: utf16be}, binary.BigEndian)
		return c, census{}, err
	}
	n, err := count(br)
	// A few wrong bytes are damage of a file in UTF-8; many are another encoding.
	if err != nil || 3*n.bad > n.good && !n.whole() {
		return charset{}, n, err
	}
	return charset{name: "UTF-8"}, n, nil
}

// marks are the byte order marks at the start: some programs put one more in
// front each time they save.
func marks(head, mark []byte) []byte {
	n := 0
	for bytes.HasPrefix(head[n:], mark) {
		n += len(mark)
	}
	return head[:n:n]
}

// zeros counts the zero bytes at even and odd offsets.
func zeros(b []byte) (even, odd int) {
	for i, c := range b {
		if c == 0 {
			if i%2 == 0 {
				even++
			} else {
				odd++
			}
		}
	}
	return even, odd
}

var errBinary = fmt.Errorf("is not a text file; choose a CSV file or an Excel workbook")

// census counts what a file is made of.
type census struct {
	good, bad int  // the characters beyond ASCII that are and are not UTF-8
	cut       bool // the file ends within one that may be UTF-8, which counts as bad
	controls  int  // the bytes that no text has
	total     int  // all bytes
}

// binary reports whether that is no text at all. One wrong byte condemns no
// file: its row is refused.
func (n census) binary() bool { return n.controls*10 > n.total }

// whole reports whether all characters are UTF-8, but for one that the end of
// the file cuts off.
func (n census) whole() bool { return n.bad == 0 || n.cut && n.bad == 1 && n.good > 0 }

// count counts what a file is made of.
func count(r io.Reader) (n census, err error) {
	buf := make([]byte, 256<<10)
	kept := 0
	for {
		read, err := r.Read(buf[kept:])
		n.total += read
		for _, b := range buf[kept : kept+read] {
			if b < ' ' && b != '\t' && b != '\n' && b != '\r' && b != '\f' && b != '\v' || b == 0x7F {
				n.controls++
			}
		}
		b := buf[:kept+read]
		for len(b) > 0 && (err != nil || utf8.FullRune(b)) {
			if b[0] < utf8.RuneSelf {
				b = b[ascii(b):]
				continue
			}
			c, size := utf8.DecodeRune(b)
			if c == utf8.RuneError && size == 1 {
				if n.bad++; !utf8.FullRune(b) {
					n.cut = true
					break // the end
				}
			} else {
				n.good++
			}
			b = b[size:]
		}
		if err == io.EOF {
			if n.binary() {
				return n, errBinary
			}
			return n, nil
		}
		if err != nil {
			return n, err
		}
		kept = copy(buf, b)
	}
}

// ascii is the length of the ASCII text that b starts with.
func ascii(b []byte) int {
	for i, c := range b {
		if c >= utf8.RuneSelf {
			return i
		}
	}
	return len(b)
}

// detectPairs marks a UTF-16 file as lossy when it holds half a pair or half a
// unit.
func detectPairs(r io.Reader, c charset, order binary.ByteOrder) (charset, error) {
	buf := make([]byte, 64<<10)
	high := false
	var seen census
	for {
		n, err := io.ReadFull(r, buf)
		seen.total += n / 2
		for i := 0; i+1 < n; i += 2 {
			u := order.Uint16(buf[i:])
			low := u >= 0xDC00 && u < 0xE000
			c.lossy = c.lossy || low != high
			high = u >= 0xD800 && u < 0xDC00
			if u < ' ' && u != '\t' && u != '\n' && u != '\r' {
				seen.controls++
			}
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			if seen.binary() {
				return c, errBinary
			}
			c.lossy = c.lossy || high || n%2 == 1
			return c, nil
		}
		if err != nil {
			return c, err
		}
	}
}
