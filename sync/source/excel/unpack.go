package excel

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"

	"syncline/sync/source/tabular"
)

// What a workbook may hold at most, in bytes of its unpacked parts. A zip can
// unpack to a thousand times its size, so that nothing of it is believed: the
// bytes are counted as they come.
const (
	maxPart      = 32 << 20  // of a part that is read as a whole, which is small in every real workbook
	maxUnpacked  = 4 << 30   // of a part that is streamed
	maxRatio     = 100       // to its packed size, once it is above freeRatio. Sheets of equal rows reach 40
	freeRatio    = 16 << 20  //
	maxTexts     = 256 << 20 // of the shared texts, which are held in memory
	maxTextCount = 16 << 20  //
	maxToken     = 8 << 20   // between two tags: eight times the longest cell, for its escapes
	maxRowXML    = 32 << 20  // of one row with its tags
	maxAround    = 128 << 20 // of what stands before or behind the rows, while it is kept to be copied
	maxAreas     = 1_000_000 // merged areas, and array formulas
	maxDirectory = 8 << 20   // of the zip's list of parts
)

// checkDirectory refuses a zip whose list of parts, which is read into memory
// before anything else, is longer than any workbook's. What is no zip passes:
// others say what it is.
func checkDirectory(f io.ReaderAt, size int64) error {
	const end, locator, most = 22, 20, 22 + 65535 + 20
	tail := make([]byte, min(size, most))
	if _, err := f.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	at := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if at < 0 || len(tail)-at < end {
		return nil
	}
	length := uint64(binary.LittleEndian.Uint32(tail[at+12:]))
	if at >= locator && bytes.HasPrefix(tail[at-locator:], []byte("PK\x06\x07")) {
		long := make([]byte, 56)
		if _, err := f.ReadAt(long, int64(binary.LittleEndian.Uint64(tail[at-locator+8:])&(1<<62-1))); err == nil && bytes.HasPrefix(long, []byte("PK\x06\x06")) {
			length = max(length, binary.LittleEndian.Uint64(long[40:]))
		}
	}
	if length > maxDirectory {
		return errors.New("lists more parts than any workbook has; open it in Excel and save it as “Excel Workbook (.xlsx)”")
	}
	return nil
}

// unpack opens a part. Reading it ends with a sentence where it unpacks to
// more than a table can.
func (w *workbook) unpack(f *zip.File) (io.ReadCloser, error) {
	r, err := f.Open()
	if err != nil {
		return nil, damaged(f.Name, err)
	}
	return &unpacked{ReadCloser: r, packed: min(int64(f.CompressedSize64&(1<<62-1)), w.size)}, nil
}

type unpacked struct {
	io.ReadCloser
	packed int64
	n      int64
}

func (u *unpacked) Read(p []byte) (int, error) {
	n, err := u.ReadCloser.Read(p)
	u.n += int64(n)
	switch {
	case u.n > maxUnpacked:
		return 0, fmt.Errorf("it unpacks to more than %d GB", maxUnpacked>>30)
	case u.n > freeRatio && u.n/maxRatio > u.packed:
		return 0, fmt.Errorf("it unpacks to more than %d times its size, which no table does", maxRatio)
	}
	return n, err
}

// errLongToken is text or a tag that goes on and on.
var errLongToken = errors.New("a text in it is too long")

// window remembers the bytes a decoder took since they were last taken out, so
// that parts of a document can be copied exactly.
type window struct {
	r     *bufio.Reader
	keep  bool
	bytes []byte
	base  int64 // offset of bytes[0] in the document
	token int   // bytes since the last token
}

// ReadByte makes the decoder read from the window without a buffer of its own.
func (w *window) ReadByte() (byte, error) {
	if w.token++; w.token > maxToken {
		return 0, errLongToken
	}
	b, err := w.r.ReadByte()
	if err == nil {
		if w.keep {
			w.bytes = append(w.bytes, b)
		} else {
			w.base++
		}
	}
	return b, err
}

// Read is never called: encoding/xml uses ReadByte where there is one.
func (w *window) Read(p []byte) (int, error) { return w.r.Read(p) }

// take returns the bytes up to an offset and forgets them. They are valid
// until the next read.
func (w *window) take(to int64) []byte {
	n := to - w.base
	out := w.bytes[:n]
	w.bytes, w.base = w.bytes[n:], to
	return out
}

// tokens reads a part tag by tag in bounded memory.
type tokens struct {
	win  *window
	dec  *xml.Decoder
	text []byte // of the element that is being read
}

func newTokens(r io.Reader, keep bool) *tokens {
	win := &window{r: bufio.NewReaderSize(r, 64<<10), keep: keep}
	return &tokens{win: win, dec: xml.NewDecoder(win)}
}

func (d *tokens) next() (xml.Token, error) {
	d.win.token = 0
	if len(d.win.bytes) > maxAround {
		return nil, fmt.Errorf("what stands beside its rows is larger than %d MB", maxAround>>20)
	}
	return d.dec.RawToken()
}

// add keeps text up to one byte more than a cell may have, by which it is
// known to be too long.
func (d *tokens) add(text []byte) {
	d.text = append(d.text, text[:min(len(text), tabular.MaxCell+1-len(d.text))]...)
}

// errLongCell is a cell that is longer than a cell may be.
var errLongCell = fmt.Errorf("holds more than %d MB; HubSpot takes 65,536 characters, so shorten it", tabular.MaxCell>>20)
