package csvfile

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
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
	if c.enc != charmap.Windows1252 {
		return nil
	}
	for _, r := range s {
		if _, ok := charmap.Windows1252.EncodeRune(r); !ok {
			return fmt.Errorf("the character “%c” can't be written in this file, whose encoding is Windows-1252; save the file as UTF-8 and try again", r)
		}
	}
	return nil
}

// detectCharset reads all of r. A byte order mark decides; else zero bytes in
// every other place mean UTF-16; else text that is not UTF-8 is Windows-1252,
// unless most of its characters beyond ASCII are UTF-8 and only few broken.
func detectCharset(r io.Reader) (charset, error) {
	br := bufio.NewReaderSize(r, 256<<10)
	head, err := br.Peek(64 << 10)
	if err != nil && !errors.Is(err, io.EOF) {
		return charset{}, err
	}
	switch {
	case bytes.HasPrefix(head, utf32leBOM), bytes.HasPrefix(head, utf32beBOM):
		return charset{}, fmt.Errorf("is in the encoding UTF-32, which Syncline does not read; save it as “CSV UTF-8” and try again")
	case bytes.HasPrefix(head, utf8BOM):
		return charset{name: "UTF-8 with byte order mark", bom: utf8BOM}, noBinary(br)
	case bytes.HasPrefix(head, utf16leBOM):
		return detectPairs(br, charset{name: "UTF-16 LE with byte order mark", bom: utf16leBOM, enc: utf16le}, binary.LittleEndian)
	case bytes.HasPrefix(head, utf16beBOM):
		return detectPairs(br, charset{name: "UTF-16 BE with byte order mark", bom: utf16beBOM, enc: utf16be}, binary.BigEndian)
	}
	switch even, odd := zeros(head); {
	case odd > len(head)/8 && even < odd/8:
		return detectPairs(br, charset{name: "UTF-16 LE", enc: utf16le}, binary.LittleEndian)
	case even > len(head)/8 && odd < even/8:
		return detectPairs(br, charset{name: "UTF-16 BE", enc: utf16be}, binary.BigEndian)
	}
	good, bad, err := countUTF8(br)
	switch {
	case err != nil:
		return charset{}, err
	case bad > good:
		return charset{name: "Windows-1252", enc: charmap.Windows1252}, nil
	}
	return charset{name: "UTF-8"}, nil
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

func noBinary(r io.Reader) error {
	_, _, err := countUTF8(r)
	return err
}

// countUTF8 counts the characters beyond ASCII that are and are not UTF-8.
func countUTF8(r io.Reader) (good, bad int, err error) {
	buf := make([]byte, 256<<10)
	kept := 0
	for {
		n, err := r.Read(buf[kept:])
		if bytes.IndexByte(buf[kept:kept+n], 0) >= 0 {
			return 0, 0, errBinary
		}
		b := buf[:kept+n]
		for len(b) > 0 && (err != nil || utf8.FullRune(b)) {
			if b[0] < utf8.RuneSelf {
				b = b[ascii(b):]
				continue
			}
			c, size := utf8.DecodeRune(b)
			if c == utf8.RuneError && size == 1 {
				bad++
			} else {
				good++
			}
			b = b[size:]
		}
		if err == io.EOF {
			return good, bad, nil
		}
		if err != nil {
			return 0, 0, err
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
	for {
		n, err := io.ReadFull(r, buf)
		for i := 0; i+1 < n; i += 2 {
			u := order.Uint16(buf[i:])
			low := u >= 0xDC00 && u < 0xE000
			c.lossy = c.lossy || low != high
			high = u >= 0xD800 && u < 0xDC00
			if u == 0 {
				return c, errBinary
			}
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			c.lossy = c.lossy || high || n%2 == 1
			return c, nil
		}
		if err != nil {
			return c, err
		}
	}
}
